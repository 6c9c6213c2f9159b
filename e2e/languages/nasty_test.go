package languages

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/site/build/samples"
)

// What strings are made of: all that means something in one of the languages.
var pieces = append(strings.Split(`' " \ / # $ % & ( ) * + , - ; : < = > ? @ [ ] ^ { | } ~ !`, " "),
	"`", " ", "  ", "\n", "\r", "\r\n", "\t", "\x00", "\x01", "\x1b", "\x7f", "\u0080", "\u0085", "\u00a0", "\u00ad", "\u2028", "\u2029",
	"\ufeff", "\ufffd", "\uffff", "\u200d", "\u202e", "\u0301", "\u3000", "ä", "ß", "İ", "你好", "😀", "👩‍💻", "\U0001d11e", "\U0010ffff", "\ue000",
	"#{x}", "#$0", "#@a", "#@@a", "${x}", "$x", "$(id)", "{$x}", "`id`", "%s", "%d", "%%", "%{x}", "%41", "+", "&amp;", "&a=b",
	`\n`, `\u0041`, `\ud83d`, `\x41`, `\101`, `\'`, `\"`, `\\`, `\$`, `\u{41}`, "'''", `"""`, "\nJSON\n", "JSON", "\nEOF\n", "<<A", "?>", "<?php ",
	"</script>", "<!--", "//", "/*", "*/", "# x", "; rm", "||", "&&", "!!", "!x", "~", "*", "@file", "-x", "__proto__", "constructor",
	"null", "true", "0", "1", "-1", "007", "1e3", "nil", "None", "class", "if", "a", "bc", "Z")

type nasty struct{ *rand.Rand }

func (n nasty) text() string {
	var b strings.Builder
	for range n.IntN(6) {
		b.WriteString(pieces[n.IntN(len(pieces))])
	}
	if n.IntN(4) == 0 {
		if r := rune(n.IntN(0x110000)); r < 0xD800 || r > 0xDFFF {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// body is JSON with some hundred strings in it, as keys and as values.
func (n nasty) body(depth int) string {
	kind := n.IntN(12)
	if depth == 0 {
		kind = n.IntN(10)
	}
	if depth == 3 {
		kind = 10 + n.IntN(2)
	}
	switch kind {
	case 0:
		return []string{"0", "-1", "12.50", "0.1", "-0.0001", "9007199254740991", "9845000100", "999999999.999999"}[n.IntN(8)]
	case 1:
		return []string{"true", "false", "null", "{}", "[]"}[n.IntN(5)]
	case 10, 11:
		var parts []string
		seen := map[string]bool{}
		for range 1 + n.IntN(9)*depth {
			item := n.body(depth - 1)
			if kind == 10 {
				key := n.text()
				if seen[key] || strings.HasPrefix(key, "\x00") {
					continue
				}
				seen[key] = true
				item = encode(key) + ":" + item
			}
			parts = append(parts, item)
		}
		if kind == 10 {
			return "{" + strings.Join(parts, ", ") + "}"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return encode(n.text())
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

// What a language could take for something else.
var hard = []string{
	`{"0": "a", "1": "b"}`, `[{"0": {"1": 1}, "-1": 2, "00": 3}]`, `{"": {"": []}}`, `{}`, `[[], {}, [{}]]`, `"x"`, `0.00`, `[null]`,
	`{"__proto__": {"__proto__": "x"}, "constructor": 1, "toString": "y", "hasOwnProperty": null}`,
	`{"class": 1, "if": 2, "nil": 3, "None": 4, "null": 5, "true": 6, "__FILE__": 7, "self": 8, "A": 9, "_": 10, "a?": 11, "b!": 12}`,
	`{"a": "\\", "b": "'", "c": "\\'", "d": "\\\\'", "e": "\"", "f": "\n'''\n", "g": "#{1}\\#{1}#", "h": "$a", "i": "{$a}", "j": "\u007f\u0000"}`,
	"[\"\u0600\u061c\u0fff\u0378\"]",
}

// What cannot be a literal in each language, and so is sent to the letter.
var verbatim = []string{
	`{"a": 1, "a": 2}`, `"\ud800"`, `[1e3, 12345678901234567890, 1.000000000000000001]`, `{"\u0000a": "'", "1": 2}`, `null`,
	"@file", "'@file'", "%s%%\\n'", "\x01\\n\\101%s%%", " x ", "<<JSON\nJSON\n", "{\n'\n}", "\x00", "“é” ¥ 😀",
}

// request has nasty text wherever text may stand; the body of each third random one is no JSON.
func (n nasty) request(i int, server string) (r samples.Request, query url.Values) {
	r = samples.Request{Method: []string{"POST", "PUT", "GET", "PATCH", "DELETE"}[n.IntN(5)], Auth: "Basic c3Rv"}
	query = url.Values{}
	fixed := slices.Concat(hard, verbatim)
	for range n.IntN(5) {
		query.Set("x"+n.text(), n.text())
	}
	r.URL = server + "/" + url.PathEscape("x"+strings.Trim(n.text(), "./")) + "?" + query.Encode()
	var value strings.Builder
	for _, c := range n.text() + n.text() {
		if c >= ' ' && c <= '~' {
			value.WriteRune(c)
		}
	}
	r.Headers = []samples.Header{{Name: "X-Nasty", Value: "x" + value.String() + "x"}}
	if i < len(fixed) && r.Method == "GET" {
		r.Method = "POST"
	}
	if r.Method == "GET" || i >= len(fixed) && n.IntN(8) == 0 {
		return r, query
	}
	switch {
	case i < len(fixed):
		r.Body = []byte(fixed[i])
	case i%3 == 2:
		r.Body = []byte("x" + n.text() + n.text() + n.text())
	default:
		r.Body = []byte(n.body(3))
	}
	return r, query
}

// arrived is a request as a server sees it.
type arrived struct {
	method, path, header, body string
	query                      url.Values
}

// echo hands on what arrives.
func echo(t *testing.T) (server string, all <-chan arrived) {
	c := make(chan arrived, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		c <- arrived{r.Method, r.URL.Path, r.Header.Get("X-Nasty"), string(b), r.URL.Query()}
		io.WriteString(w, `{"done": true}`)
	}))
	t.Cleanup(s.Close)
	return s.URL, c
}

// Text of any kind, in path, query, header and body, arrives as it was given.
func TestTextArrivesUnchanged(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many programs")
	}
	for _, l := range samples.Languages() {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			server, all := echo(t)
			n := nasty{rand.New(rand.NewPCG(4, 2))}
			var requests []samples.Request
			var queries []url.Values
			for i := range len(hard) + len(verbatim) + 22 {
				r, q := n.request(i, server)
				requests, queries = append(requests, r), append(queries, q)
			}
			p := find(t, l.ID, server, texts(t, l, requests))
			for i, r := range requests {
				result := p.run(t, i)
				var got arrived
				select {
				case got = <-all:
				default: // nothing has
				}
				u, err := url.Parse(r.URL)
				if err != nil {
					t.Fatal(err)
				}
				var wrong []string
				compare := func(what string, got, want any) {
					if !reflect.DeepEqual(got, want) {
						wrong = append(wrong, fmt.Sprintf("%s\n  got  %q\n  want %q", what, got, want))
					}
				}
				compare("answer", strings.TrimSpace(result.printed), `{"done": true}`)
				compare("method", got.method, r.Method)
				compare("path", got.path, u.Path)
				compare("query", got.query, queries[i])
				compare("header", got.header, r.Headers[0].Value)
				var a, b any
				if !slices.Contains(verbatim, string(r.Body)) && json.Unmarshal(r.Body, &a) == nil && json.Unmarshal([]byte(got.body), &b) == nil {
					compare("body", b, a)
				} else {
					compare("body", got.body, string(r.Body))
				}
				if wrong != nil {
					t.Errorf("sample %d\n%s\nof\n%s\ncomplained\n%s", i, strings.Join(wrong, "\n"), p.texts[i], result.complaint)
				}
			}
		})
	}
}
