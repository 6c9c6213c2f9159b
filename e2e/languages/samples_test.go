package languages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"golang.org/x/net/html"

	"github.com/arteriole/arteriole/site"
	"github.com/arteriole/arteriole/site/build/samples"
)

// Every example of openapi.yaml is run in every language against a server with a fresh demo
// organization, and prints the documented answer.
func TestSamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many programs")
	}
	all := readExamples(t)
	byKey := map[string]*example{}
	for _, e := range all {
		byKey[e.key] = e
	}
	for _, l := range samples.Languages() {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			f := newFront(t)
			var requests []samples.Request
			for _, e := range all {
				requests = append(requests, e.request(t, f.URL))
			}
			p := find(t, l.ID, f.URL, texts(t, l, requests))
			unchanged := demoServer(t, nil) // for those that change nothing
			for i, e := range all {
				t.Run(e.key, func(t *testing.T) {
					behind := unchanged
					if e.writes() || e.Settings != nil || e.Steps != nil {
						behind = demoServer(t, e.Settings)
					}
					f.behind.Store(&behind)
					for _, s := range e.Steps {
						if byKey[s] == nil {
							t.Fatalf("there is no example %s to do first", s)
						}
						prepare(t, behind, byKey[s])
					}
					check(t, e, p.run(t, i), p.texts[i])
				})
			}
		})
	}
}

// texts are the samples of requests.
func texts(t *testing.T, l samples.Language, requests []samples.Request) (all []string) {
	t.Helper()
	for _, r := range requests {
		s, err := l.Sample(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// prepare makes a call that comes before another.
func prepare(t *testing.T, behind http.Handler, e *example) {
	t.Helper()
	r := e.request(t, "http://localhost")
	req := httptest.NewRequest(r.Method, r.URL, strings.NewReader(string(r.Body)))
	req.Header.Set("Authorization", r.Auth)
	req.Header.Set("Content-Type", "application/json")
	for _, h := range r.Headers {
		req.Header.Set(h.Name, h.Value)
	}
	w := httptest.NewRecorder()
	behind.ServeHTTP(w, req)
	if w.Code >= 400 {
		t.Fatalf("%s, done first: %s", e.key, w.Body)
	}
}

func check(t *testing.T, e *example, r result, text string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the sample:\n%s\nprinted:\n%s\nand complained:\n%s", text, r.printed, r.complaint)
		}
	}()
	if want := e.Status >= 400; r.failed != want || want && !strings.Contains(r.complaint, fmt.Sprint(e.Status)) {
		t.Errorf("failed: %v, with status %d", r.failed, e.Status)
	}
	if plain := e.Answer; plain.Kind == yaml.ScalarNode && plain.ShortTag() == "!!str" { // of a file
		if strings.TrimRight(r.printed, "\n") != strings.TrimRight(plain.Value, "\n") {
			t.Error("the file differs")
		}
		return
	}
	var got, want any
	if err := json.Unmarshal([]byte(r.printed), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(toJSON(t, e.Answer)), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(timeless(t, want), timeless(t, got)); diff != "" {
		t.Errorf("the answer differs (-documented +printed):\n%s", diff)
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(line); n > 130 && e.Raw == "" && !slices.ContainsFunc(strings.Fields(line), func(word string) bool { return len(word) > 100 }) { // what is sent to the letter stays on its line, and a long value
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

// What differs from run to run, and its form.
const aTime = `^(\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?|\d{13})$` // the last: milliseconds, as uploads of coupons have them

var varying = func() map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{
		"uuid": regexp.MustCompile(`^[0-9a-f]{32}$`), "requestId": regexp.MustCompile(`^.+$`), "accessToken": regexp.MustCompile(`^eyJ[\w-]+\.[\w-]+\.[\w-]+$`), "secret": regexp.MustCompile(`^whsec_[A-Z2-7]{52}$`), "webHookUri": regexp.MustCompile(`^/v2/events/push/[A-Z2-7]{26}$`),
	}
	for _, k := range strings.Fields("billingTime startedOn finishedOn updatedOn createDate createdOn modifiedDate modifiedOn autoUpdateTime lastViewedDate mergedOn addedOn undoUntil undoneOn on exportedOn erasedOn date") {
		all[k] = regexp.MustCompile(aTime)
	}
	return all
}()

// couponCode is the form of a code that a series makes by itself; those of the demo are shorter.
var (
	couponCode = regexp.MustCompile(`^[0-9A-Z]{10}$`)
	codes      = []string{"code", "couponCode", "trimmedCouponCode", "voucherCode"}
)

// timeless replaces times and what is random, which must have their forms, by a word.
func timeless(t *testing.T, v any) any {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = timeless(t, v[i])
		}
	case map[string]any:
		for k := range v {
			if s, ok := v[k].(string); ok && slices.Contains(codes, k) && couponCode.MatchString(s) {
				v[k] = "another each time"
				continue
			}
			if s, ok := v[k].(string); ok && varying[k] != nil {
				if !varying[k].MatchString(s) {
					t.Errorf("%s: %q", k, s)
				}
				v[k] = "another each time"
				continue
			}
			v[k] = timeless(t, v[k])
		}
	}
	return v
}

// Every sample that stands in the pages is one of those: none is written by hand.
func TestPrintedSamples(t *testing.T) {
	run := map[string]bool{}
	for _, l := range samples.Languages() {
		for _, e := range readExamples(t) {
			run[l.ID+" "+strings.ReplaceAll(texts(t, l, []samples.Request{e.request(t, "http://localhost:8080")})[0], "\r\n", "\n")] = true // as HTML has it
		}
	}
	printed := map[string]int{}
	for path, text := range site.Files() {
		if filepath.Ext(path) != ".html" {
			continue
		}
		page, err := html.Parse(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for n := range page.Descendants() {
			for _, a := range n.Attr {
				if n.Data == "pre" && a.Key == "data-lang" {
					printed[a.Val]++
					if s := content(n); !run[a.Val+" "+s] {
						t.Errorf("%s prints a sample in %s that is not run:\n%s", path, a.Val, s)
					}
				}
			}
		}
	}
	for _, l := range samples.Languages() {
		if printed[l.ID] < 10 {
			t.Errorf("only %d samples in %s were found", printed[l.ID], l.ID)
		}
	}
}

func content(n *html.Node) (s string) {
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			s += d.Data
		}
	}
	return s
}

// What the authentication's samples print is the header that opens the API.
func TestAuthorization(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many programs")
	}
	for _, l := range samples.Languages() {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			var texts []string
			users := [][2]string{{demoUser, demoPassword}, {"O'Brien \"$x\" #{x} `x` %s", `Grüße \n 😀 ${x} "' #$0`}}
			for _, u := range users {
				text, err := l.Authorization(u[0], u[1])
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, text)
			}
			if l.ID == "json" {
				if want := "Authorization: " + demoTill; texts[0] != want {
					t.Errorf("%s, want %s", texts[0], want)
				}
				return
			}
			p := find(t, l.ID, "", texts)
			for i, u := range users {
				if r := p.run(t, i); r.failed || r.printed != samples.Till(u[0], u[1])+"\n" {
					t.Errorf("%+v from\n%s", r, texts[i])
				}
			}
		})
	}
}
