package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestStrictJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	accepted := map[string]any{
		`{}`:                                   map[string]any{},
		` [1, -2.50e+3 ,true,null] `:           []any{json.Number("1"), json.Number("-2.50e+3"), true, nil},
		`"\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t"`: "é😀\"\\/\b\f\n\r\t",
		`{"role":"user","ROLE":"admin"}`:       map[string]any{"role": "user", "ROLE": "admin"},
		`{"a":{"a":1}}`:                        map[string]any{"a": map[string]any{"a": json.Number("1")}},
		`null`:                                 nil,
		`0`:                                    json.Number("0"),
		"\"\u2028\uFFFD\"":                     "\u2028\uFFFD",
	}
	for in, want := range accepted {
		got, err := parseJSON([]byte(in), 64)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", in, got, err, want)
		}
	}
	if _, err := parseJSON([]byte(nested(64)), 64); err != nil {
		t.Errorf("64 levels: %v", err)
	}

	refused := []struct{ in, want string }{
		{``, "line 1 column 1: a JSON value is missing"},
		{" \n ", "line 2 column 2: a JSON value is missing"},
		{"\xEF\xBB\xBF{}", "line 1 column 1: a byte order mark is not JSON"},
		{`{"a":1,"a":1}`, "line 1 column 8: a key is given twice in one object"},
		{`{"a":1,"\u0061":2}`, "line 1 column 8: a key is given twice in one object"},
		{`{} {}`, "line 1 column 4: text after the end of the JSON value"},
		{"{}\n\nx", "line 3 column 1: text after the end of the JSON value"},
		{"{\"é\":\"\xff\"}", "line 1 column 7: not valid UTF-8"},
		{`"\ud800"`, "line 1 column 2: half a surrogate pair inside a string"},
		{`"\udc00\ud800"`, "line 1 column 2: half a surrogate pair inside a string"},
		{`"\ud800x"`, "line 1 column 2: half a surrogate pair inside a string"},
		{"\"\xed\xa0\x80\"", "line 1 column 2: not valid UTF-8"},
		{`"a\u0000"`, "line 1 column 3: a NUL character inside a string"},
		{"\"a\x00\"", "line 1 column 3: a control character inside a string"},
		{"\"a\n\"", "line 1 column 3: a control character inside a string"},
		{nested(65), "line 1 column 65: nested deeper than 64 levels"},
		{strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000), "line 1 column 321: nested deeper than 64 levels"},
		{`1e101`, "line 1 column 1: a number is too large"},
		{`1e99999999999999999999`, "line 1 column 1: a number is too large"},
		{strings.Repeat("9", 65), "line 1 column 1: a number is too large"},
		{`01`, "line 1 column 2: text after the end of the JSON value"},
		{`+1`, "line 1 column 1: a JSON value is expected here"},
		{`.5`, "line 1 column 1: a JSON value is expected here"},
		{`1.`, "line 1 column 3: a digit is expected here"},
		{`-`, "line 1 column 2: a digit is expected here"},
		{`NaN`, "line 1 column 1: a JSON value is expected here"},
		{`{"a":“Green”}`, "line 1 column 6: a JSON value is expected here"},
		{`{a:1}`, "line 1 column 2: a key in double quotes is expected here"},
		{`{"a" 1}`, "line 1 column 6: a colon is expected here"},
		{`{"a":1,}`, "line 1 column 8: a key in double quotes is expected here"},
		{`[1,]`, "line 1 column 4: a JSON value is expected here"},
		{`[1 2]`, "line 1 column 4: a comma or a closing bracket is expected here"},
		{`{"a":1`, "line 1 column 7: a comma or a closing brace is expected here"},
		{`"a`, "line 1 column 3: a string has no end"},
		{`"\`, "line 1 column 2: a string has no end"},
		{`"\x41"`, "line 1 column 2: an unknown escape inside a string"},
		{`"\u00g0"`, "line 1 column 2: an unknown escape inside a string"},
		{`"\u+123"`, "line 1 column 2: an unknown escape inside a string"},
		{"// c\n{}", "line 1 column 1: a JSON value is expected here"},
		{"[" + strings.Repeat("0,", maxJSONValues) + "0]", "line 1 column 20000: too many values"},
		{"\v1", "line 1 column 1: a JSON value is expected here"},
	}
	for _, row := range refused {
		name := row.in[:min(len(row.in), 40)]
		v, err := parseJSON([]byte(row.in), 64)
		var je *jsonError
		if !errors.As(err, &je) || err.Error() != row.want {
			t.Errorf("%s: %v, %v; want %s", name, v, err, row.want)
		}
	}
}

// What the gate accepts, encoding/json accepts, with the same value.
func FuzzStrictJSON(f *testing.F) {
	for _, s := range []string{
		`{"profiles":[{"identifiers":[{"type":"email","value":"a@example.com"}]}]}`,
		`[1,-0,0.1e+5,1E2,"\u00e9\ud83d\ude00\ud800",null,true,false]`, `{"a":1,"a":2}`, `{"a":1} x`,
		"\xEF\xBB\xBF{}", `"\u0000"`, `"\/\b"`, `[[[[]]]]`, `1e400`, "\"\xed\xa0\x80\"", ` `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := parseJSON(in, 64)
		if err != nil {
			var je *jsonError
			if !errors.As(err, &je) || je.line < 1 || je.column < 1 || je.reason == "" {
				t.Fatalf("%q: %#v", in, err)
			}
			return
		}
		dec := json.NewDecoder(bytes.NewReader(in))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("%q: accepted, but encoding/json says %v", in, err)
		}
		if dec.More() {
			t.Fatalf("%q: accepted with trailing data", in)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %#v, encoding/json reads %#v", in, got, want)
		}
	})
}

func BenchmarkStrictJSON(b *testing.B) {
	body := []byte(`{"profiles":[{"firstName":"Tom","lastName":"Sawyer","fields":{"Favorite Color":"Green"},` +
		`"identifiers":[{"type":"email","value":"tom@example.com"}],"commChannels":[{"type":"wechat","value":"x","primary":"true"}]}]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseJSON(body, 64); err != nil {
			b.Fatal(err)
		}
	}
}
