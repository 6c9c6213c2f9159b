package e2e

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arteriole/arteriole/site/build/samples"
)

// What the form writes in every language is what package samples writes, whose programs are
// run by its tests: for every example of the contract, and for what is hard to quote.
func TestSamplesOfTheForm(t *testing.T) {
	p := newWorld(t).at(t, "/", look{})
	p.try("getKitten")
	type operation struct {
		Method, Path string
		Auth         []string
		Examples     []struct {
			Name                 string
			Path, Query, Headers json.RawMessage
			Body                 json.RawMessage
			Raw                  *string
		}
	}
	var forms struct{ Operations map[string]operation }
	var got map[string]map[string]string
	parse := func(text string, to any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	parse(p.js(`async () => JSON.stringify(await (await fetch(document.querySelector("script[data-index]").dataset.forms)).json())`), &forms)
	parse(p.js(`async () => {
		`+written+`
		return JSON.stringify(Object.fromEntries(Object.entries(m.forms.operations).flatMap(([id, op]) =>
			op.examples.map(e => [id + "/" + e.name, all({...m.withCredentials(m.callOf(op, e), op), server: "http://localhost:8080"})]))))
	}`), &got)
	n := 0
	for id, op := range forms.Operations {
		for _, e := range op.Examples {
			r := samples.Request{Method: op.Method, URL: "http://localhost:8080" + op.Path}
			for _, kv := range pairs(t, e.Path) {
				r.URL = strings.ReplaceAll(r.URL, "{"+kv[0]+"}", url.PathEscape(kv[1]))
			}
			sep := "?"
			for _, kv := range pairs(t, e.Query) {
				r.URL += sep + escaped(kv[0]) + "=" + escaped(kv[1])
				sep = "&"
			}
			for _, kv := range pairs(t, e.Headers) {
				r.Headers = append(r.Headers, samples.Header{Name: kv[0], Value: kv[1]})
			}
			if len(op.Auth) > 0 {
				r.Auth = samples.Till("store.server", "server123")
				if op.Auth[0] == "key" {
					r.Auth = "meowmeowmeow"
				}
			}
			if e.Raw != nil {
				r.Body = []byte(*e.Raw)
			} else {
				r.Body = e.Body
			}
			for _, l := range samples.Languages() {
				want, err := l.Sample(r)
				if err != nil {
					t.Errorf("%s/%s: %v", id, e.Name, err)
					continue
				}
				n++
				if diff := cmp.Diff(want, got[id+"/"+e.Name][l.ID]); diff != "" {
					t.Errorf("%s/%s in %s (-package, +form):\n%s", id, e.Name, l.ID, diff)
				}
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d samples", n)
	}
}

// The same for values that are hard to quote, through the module alone.
func TestSamplesQuote(t *testing.T) {
	p := newWorld(t).at(t, "/?go", look{})
	p.try("getKitten")
	p.until(`performance.getEntriesByType("resource").some(e => e.name.includes("/samples."))`)
	for _, text := range []string{
		`it's`, `a"b\c`, "line\nbreak\ttab\r", "nul\x00bel\x07del\x7f", "#{x} #$y #@z `$(id)` ${x} %s %%", "日本 🐈 \u00ad \u200b \ufeff", "JSON\nJSON", "", " blank ", "<?php ?>", "</script>", "{id}", "a&b=c+d e", "!'()*;,/?:@",
	} {
		body, err := json.Marshal(map[string]any{"a": text, text: []any{text, 1, 0, -7, 1.5, true, nil, map[string]any{}, []any{}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []samples.Request{
			{Method: "POST", URL: "http://localhost:8080/v2/x", Auth: "Basic YTpi", Body: body},
			{Method: "GET", URL: "http://localhost:8080/v2/x?q=" + escaped(text) + "&other=" + escaped(text), Auth: "key"},
			{Method: "DELETE", URL: "http://localhost:8080/v2/x?q=" + escaped(text) + "&q=" + escaped(text)},
			{Method: "PUT", URL: "http://localhost:8080/v2/x?a=1", Body: []byte(`{"broken": ` + text)},
		} {
			u, err := url.Parse(r.URL)
			if err != nil {
				t.Fatal(err)
			}
			query, headers := [][2]string{}, [][2]string{}
			for part := range strings.SplitSeq(u.RawQuery, "&") {
				if k, v, ok := strings.Cut(part, "="); ok {
					k, _ = url.QueryUnescape(k)
					v, _ = url.QueryUnescape(v)
					query = append(query, [2]string{k, v})
				}
			}
			if r.Auth != "" {
				headers = append(headers, [2]string{"Authorization", r.Auth})
			}
			if len(r.Body) > 0 {
				headers = append(headers, [2]string{"Content-Type", "application/json"})
			}
			call, err := json.Marshal(map[string]any{"method": r.Method, "server": "http://localhost:8080", "path": "/v2/x", "query": query, "headers": headers, "body": string(r.Body)})
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]string
			if err := json.Unmarshal([]byte(p.js(`async call => { `+written+`; return JSON.stringify(all(JSON.parse(call))) }`, string(call))), &got); err != nil {
				t.Fatal(err)
			}
			for _, l := range samples.Languages() {
				want, err := l.Sample(r)
				if err != nil {
					continue // what some language cannot send has no sample; the form shows it in the rest
				}
				if diff := cmp.Diff(want, got[l.ID]); diff != "" {
					t.Errorf("%q by %s in %s (-package, +form):\n%s", text, r.Method, l.ID, diff)
				}
			}
		}
	}
}

// written is the module of the forms, and what gives a call in all languages.
const written = `const m = await import(new URL(document.querySelector("script[data-index]").dataset.tryit, document.baseURI))
	await m.loadLanguages()
	const all = call => Object.fromEntries(["json", "shell", "ruby", "python", "php", "javascript", "go"].map(l => [l, m.sample(call, l)]))`

func escaped(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// pairs reads an object of scalars in its order.
func pairs(t *testing.T, text json.RawMessage) [][2]string {
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var all [][2]string
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			text, ok := item.(string)
			if !ok {
				b, err := json.Marshal(item)
				if err != nil {
					t.Fatal(err)
				}
				text = string(b)
			}
			all = append(all, [2]string{key.(string), text})
		}
	}
	return all
}
