package samples

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

const origin = "http://localhost:8080"

var till = Till("store.server", "server123")

// Each has a golden file in testdata with the sample of every language.
var golden = map[string]Request{
	"get":    {Method: "GET", URL: origin + "/api/kittens/2", Auth: "meowmeowmeow"},
	"bare":   {Method: "DELETE", URL: "https://api.example.org"},
	"query":  {Method: "GET", URL: origin + "/v2/customers/search?q=Jos%C3%A9+%2B+%25%24%27x%27&limit=1&offset=10", Auth: till},
	"repeat": {Method: "GET", URL: origin + "/v2/customers?id=1&id=[2]&q", Auth: till},
	"post": {Method: "POST", URL: origin + "/v2/customers?source=WECHAT&accountId=22233", Auth: till, Body: []byte(`{
		"profiles": [{
			"firstName": "Lena", "fields": {"Favorite Tea": "Darjeeling", "Nickname": null},
			"identifiers": [{"type": "mobile", "value": "9845000100"}, {"type": "email", "value": "Lena.Brandt@example.org"}],
			"commChannels": [{"type": "wechat", "value": "ojOPTwFOX-aBmdRlE9MHptPjt2w19", "primary": true, "verified": false}]
		}],
		"extendedFields": {}, "tags": [], "amount": 120.50, "loyaltyInfo": {"attributionV2": {"createDate": "2016-06-23T19:11:18+08:00"}}
	}`)},
	"nasty": {
		Method: "PUT", URL: origin + "/v2/customers/1001?source=INSTORE&q=%00%E2%80%AE", Auth: till,
		Headers: []Header{{"X-Nasty", "it's \"50%\" of $HOME, `x`, #{y} and \\"}, {"X-Empty", ""}},
		Body: []byte(`{"__proto__": "O'Brien said \"hi\"", "#{x}": "#{1} #$0 #@a # C#", "$x": "${x} $x {$x} $(x) %s %{x}",
			"a\\b": "back\\slash \\n and a \n newline, \t tab, \u0000 NUL, \u007f DEL, \u2028, \u202e, \ufeff, 😀, \u00a0, \u200d",
			"0": {"1": "` + "`x`" + `"}, "": "</script><!-- ?> \"\"\" ''' 你好 São Tomé"}`),
	},
	"text":    {Method: "POST", URL: origin + "/v2/customers", Auth: till, Body: []byte(`{"profiles": [{"fields": {"Favorite Color": “Green”}}], "it's": "\"`)},
	"control": {Method: "POST", URL: origin + "/v2/customers", Auth: till, Body: []byte("{\"100%\":\t\"O'Brien\x01\\\"\n")},
}

func TestGolden(t *testing.T) {
	for name, r := range golden {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, l := range Languages() {
				s := sample(t, l, r)
				fmt.Fprintf(&b, "==== %s\n%s\n", l.ID, s)
			}
			compare(t, name, b.String())
		})
	}
	t.Run("authorization", func(t *testing.T) {
		var b strings.Builder
		for _, l := range Languages() {
			s, err := l.Authorization("store.server", "server123")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "==== %s\n%s\n", l.ID, s)
		}
		compare(t, "authorization", b.String())
	})
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew:\n%s", path, got)
	}
}

// sample writes one and checks what holds for all of them.
func sample(t testing.TB, l Language, r Request) string {
	t.Helper()
	s, err := l.Sample(r)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := l.Sample(r); again != s {
		t.Errorf("%s is another the second time", l.ID)
	}
	if !utf8.ValidString(s) || s == "" {
		t.Errorf("%s: %q", l.ID, s)
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	if base := u.Scheme + "://" + u.Host; l.ID != "json" && strings.Count(s, base) != 1 {
		t.Errorf("%s has %s not once:\n%s", l.ID, base, s)
	}
	if r.Auth != "" && strings.Count(s, r.Auth) != 1 {
		t.Errorf("%s has %s not once:\n%s", l.ID, r.Auth, s)
	}
	if l.ID == "json" {
		return s // what is sent as it is may hold anything
	}
	for line := range strings.Lines(s + "\n") {
		if strings.TrimRight(line, " \t\r\n")+"\n" != line {
			t.Errorf("%s: space at the end of %q", l.ID, line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\n' && !(r == '\t' && l.ID == "go") || r == 0x7F }) {
			t.Errorf("%s: a control character in %q", l.ID, line)
		}
	}
	return s
}

func TestRefused(t *testing.T) {
	good := Request{Method: "POST", URL: origin + "/x", Body: []byte("{}")}
	for name, spoil := range map[string]func(*Request){
		"relative":                 func(r *Request) { r.URL = "/x" },
		"scheme":                   func(r *Request) { r.URL = "ftp://localhost/x" },
		"user":                     func(r *Request) { r.URL = "http://a:b@localhost/x" },
		"fragment":                 func(r *Request) { r.URL += "#x" },
		"method":                   func(r *Request) { r.Method = "HEAD" },
		"GET with a body":          func(r *Request) { r.Method = "GET" },
		"not UTF-8":                func(r *Request) { r.Body = []byte("\xff") },
		"no type":                  func(r *Request) { r.Headers = []Header{{"content-type", ""}} },
		"header with a newline":    func(r *Request) { r.Headers = []Header{{"A", "b\nc"}} },
		"header name with a blank": func(r *Request) { r.Headers = []Header{{"A B", "c"}} },
		"header twice":             func(r *Request) { r.Headers = []Header{{"A", "b"}, {"a", "c"}} },
		"credential":               func(r *Request) { r.Auth = "kätzchen" },
	} {
		r := good
		spoil(&r)
		for _, l := range Languages() {
			if s, err := l.Sample(r); err == nil {
				t.Errorf("%s in %s:\n%s", name, l.ID, s)
			}
		}
	}
	for _, l := range Languages() {
		sample(t, l, good)
		if _, err := l.Authorization("a\nb", "c"); err == nil {
			t.Errorf("%s takes a user name with a newline", l.ID)
		}
	}
}

// A header of the request's own takes the place of the credential.
func TestOwnAuthorization(t *testing.T) {
	for _, l := range Languages() {
		for value, want := range map[string]int{"Basic Zm9v": 1, "": 0} {
			s, err := l.Sample(Request{Method: "GET", URL: origin + "/x", Auth: till, Headers: []Header{{"authorization", value}}})
			if err != nil || strings.Contains(s, till) || strings.Count(strings.ToLower(s), "authorization") != want {
				t.Errorf("%v\n%s", err, s)
			}
		}
	}
}

// What cannot be a literal in every language is sent as it stands.
func TestPlain(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a": [1, -2, 0, 0.00, 12.50, -0.0001, 9007199254740992, "x", true, null, {}]}`: true, `"x"`: true, `[]`: true, ` 7 `: true,
		`"\ud83d\ude00 \\ud83d"`: true, `"\ud83d"`: false, `"\ude00"`: false, `"\ud83d \ude00"`: false, `"\ud83d\ud83d\ude00"`: false,
		`9007199254740993`: false, `1e3`: false, `-0`: false, `0.00001`: false, `1.1234567890123456`: false,
		`{"a": 1, "a": 2}`: false, `{"\u0000a": 1}`: false, `{"a": 1} {}`: false, ``: false, `{`: false,
		strings.Repeat("[", 64) + strings.Repeat("]", 64): true, strings.Repeat("[", 65) + strings.Repeat("]", 65): false,
	} {
		if _, ok := parse([]byte(text)); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}

// FuzzSample takes any body and query. What can be checked without the languages is checked
// here; e2e/languages runs it.
func FuzzSample(f *testing.F) {
	for _, r := range golden {
		f.Add(string(r.Body), "it's")
	}
	f.Fuzz(func(t *testing.T, body, text string) {
		if !utf8.ValidString(body) || !utf8.ValidString(text) || strings.Contains(body+text, "http://localhost") {
			return
		}
		r := Request{Method: "POST", URL: "http://localhost/?q=" + url.QueryEscape(text), Body: []byte(body)}
		for _, l := range Languages() {
			s := sample(t, l, r)
			switch l.ID {
			case "json":
				_, sent, _ := strings.Cut(s, "\n\n")
				if sent != body && !sameJSON([]byte(sent), []byte(body)) {
					t.Errorf("%q became %q", body, sent)
				}
			case "go":
				if _, err := parser.ParseFile(token.NewFileSet(), "", s, 0); err != nil {
					t.Errorf("%v\n%s", err, s)
				}
			}
		}
	})
}

func sameJSON(a, b []byte) bool {
	var values [2]any
	for i, text := range [][]byte{a, b} {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if d.Decode(&values[i]) != nil {
			return false
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}
