// Package samples writes a request as the code that people would write for it: curl,
// ruby, python, php, javascript, go, and the bare request itself.
//
// Every sample is a whole program (a whole command in the shell). It prints the body of
// the answer to standard output and nothing else; a status of 400 and above it also
// reports on standard error, and ends with an exit status that is not 0. The base address
// and the value of Authorization stand in it once, as they were given, so that a page can
// put others in their places.
package samples

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Request is what a sample sends.
type Request struct {
	Method  string   // GET, POST, PUT, PATCH or DELETE
	URL     string   // absolute, http or https, its query encoded
	Auth    string   // the value of Authorization, see Till; "": none
	Headers []Header // besides Authorization and Content-Type; one of these names here takes precedence
	Body    []byte   // JSON, sent as application/json; empty: none. Anything else in UTF-8 is sent as it is.
}

// Header is a header of a request. One without a value is not sent.
type Header struct{ Name, Value string }

// Till is the value of Authorization for a till: the header is ready in the samples, since
// the md5 that it needs is short in some languages and missing in browsers. Authorization
// shows how it is made.
func Till(user, password string) string {
	sum := md5.Sum([]byte(password))
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+hex.EncodeToString(sum[:])))
}

// Language is one that samples are written in.
type Language struct {
	ID    string // as in addresses and ids of the page
	Title string // as on its tab
	Lexer string // chroma's name for it; in "json" it holds for what follows the first empty line

	sample        func(*call) string
	authorization func(user, password string) string
}

// Languages are all languages, in the order of their tabs.
func Languages() []Language {
	return []Language{
		{"json", "JSON", "json", bare, bareAuthorization},
		{"shell", "shell", "bash", shell, shellAuthorization},
		{"ruby", "ruby", "ruby", ruby, rubyAuthorization},
		{"python", "python", "python", python, pythonAuthorization},
		{"php", "php", "php", php, phpAuthorization},
		{"javascript", "javascript", "javascript", javascript, javascriptAuthorization},
		{"go", "go", "go", golang, golangAuthorization},
	}
}

// Sample writes a request in the language, without a newline at the end. It refuses a
// request that some language could not send.
func (l Language) Sample(r Request) (string, error) {
	c, err := prepare(r)
	if err != nil {
		return "", fmt.Errorf("sample of %s %s: %w", r.Method, r.URL, err)
	}
	return strings.TrimSuffix(l.sample(c), "\n"), nil
}

// Authorization writes how the value of the header is made from a till's user name and
// password; what the program prints is Till's result.
func (l Language) Authorization(user, password string) (string, error) {
	for _, s := range []string{user, password} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return "", errors.New("user name and password have no control characters")
		}
	}
	return strings.TrimSuffix(l.authorization(user, password), "\n"), nil
}

// call is a request, taken apart for the writers.
type call struct {
	method  string
	base    string // the URL without what stands in query
	query   value  // an object of strings; without names: there is none, or base has it
	target  string // path and query, encoded
	headers []Header
	body    value  // JSON; kind 0: none, or text is the body
	text    string // the body, to be sent as it is
}

func (c *call) sends() bool { return c.body.kind != 0 || c.text != "" }

var (
	methods    = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	headerText = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
	notOfURL   = regexp.MustCompile(`[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]`)
)

func prepare(r Request) (*call, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "":
		return nil, errors.New("the URL is not an absolute one of http or https, without user and fragment")
	case !slices.Contains(methods, r.Method):
		return nil, errors.New("the method is none of " + strings.Join(methods, ", "))
	case r.Method == "GET" && len(r.Body) > 0:
		return nil, errors.New("a GET with a body")
	case !utf8.Valid(r.Body):
		return nil, errors.New("the body is not UTF-8")
	}
	c := &call{method: r.Method, base: u.Scheme + "://" + u.Host}
	path := percent(u.EscapedPath())
	c.target = path
	if u.RawQuery != "" {
		c.target += "?" + percent(u.RawQuery)
	}
	if path == "" {
		c.target = "/" + c.target
	}
	c.base += path
	if u.RawQuery != "" {
		var plain bool
		if c.query, plain = pairs(u.RawQuery); !plain {
			c.query, c.base = value{}, u.Scheme+"://"+u.Host+c.target
		}
	}

	headers := r.Headers
	has := func(name string) bool {
		return slices.ContainsFunc(r.Headers, func(h Header) bool { return strings.EqualFold(h.Name, name) })
	}
	if !has("Authorization") {
		headers = slices.Concat([]Header{{"Authorization", r.Auth}}, headers)
	}
	if len(r.Body) > 0 && !has("Content-Type") {
		headers = slices.Concat(headers, []Header{{"Content-Type", "application/json"}})
	}
	seen := map[string]bool{}
	for _, h := range headers {
		if h.Value == "" && len(r.Body) > 0 && strings.EqualFold(h.Name, "Content-Type") {
			return nil, errors.New("a body without Content-Type: most clients add one of their own")
		}
		if h.Value == "" {
			continue
		}
		if !headerName.MatchString(h.Name) || !headerText.MatchString(h.Value) || seen[strings.ToLower(h.Name)] {
			return nil, fmt.Errorf("the header %q: it stands twice, or is not of printable ASCII", h.Name)
		}
		seen[strings.ToLower(h.Name)] = true
		c.headers = append(c.headers, h)
	}

	var ok bool
	foreign := slices.ContainsFunc(r.Headers, func(h Header) bool { // a line of a body of lines may well be JSON
		return strings.EqualFold(h.Name, "Content-Type") && !strings.HasPrefix(strings.ToLower(h.Value), "application/json")
	})
	if c.body, ok = parse(r.Body); !ok || foreign || c.body.kind == 'n' { // python takes None for no body
		c.body, c.text = value{}, string(r.Body)
	}
	return c, nil
}

// percent escapes what a URL may not have or what curl takes for a pattern.
func percent(s string) string {
	return notOfURL.ReplaceAllStringFunc(s, func(c string) string {
		var b strings.Builder
		for _, x := range []byte(c) {
			fmt.Fprintf(&b, "%%%02X", x)
		}
		return b.String()
	})
}

// pairs reads a query as names and values. It fails where the names repeat or the query
// has another form: no language but Go has one usual way to write these.
func pairs(query string) (v value, ok bool) {
	v.kind = '{'
	for part := range strings.SplitSeq(query, "&") {
		name, text, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		t, err2 := url.QueryUnescape(text)
		if err1 != nil || err2 != nil || n == "" || !utf8.ValidString(n+t) || !strings.Contains(part, "=") || slices.Contains(v.names, n) {
			return value{}, false
		}
		v.names = append(v.names, n)
		v.items = append(v.items, value{kind: '"', text: t})
	}
	return v, true
}
