package build

import (
	"fmt"
	"strings"
	"testing"
)

const small = `openapi: 3.0.3
info: {title: T, version: '1', description: "# Introduction\n\nText"}
security: [{till: []}]
tags: [{name: things, description: D}, {name: Errors, description: E}]
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    post:
      tags: [things]
      operationId: makeThing
      summary: Make a Thing
      description: Makes it.
      x-fault-codes: [BadRequest, Odd]
      parameters:
        - {name: q, in: query, x-fault: {required: Odd, any: BadRequest}, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}}
      responses:
        '200': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}}
        default: {$ref: '#/components/responses/Failure'}
      x-examples:
        - {name: one, path: {id: 1}, steps: [makeThing/one], body: {name: it}, answer: {name: it}}
components:
  securitySchemes: {till: {type: http, scheme: basic}}
  responses: {Failure: {description: F, content: {application/json: {schema: {type: object, properties: {errors: {type: array, items: {type: object}}}}}}}}
  schemas:
    Tree:
      type: object
      properties:
        name: {type: string, maxLength: 9}
        left: {$ref: '#/components/schemas/Tree'}
        branches: {type: array, items: {$ref: '#/components/schemas/Tree'}}
        named: {type: object, additionalProperties: {allOf: [{$ref: '#/components/schemas/Tree'}]}}
        either: {oneOf: [{$ref: '#/components/schemas/Tree'}, {type: string}]}
x-faults:
  - {family: http, code: 400, name: BadRequest, status: 400, as: [error], message: Bad, help: Mend it}
  - {family: things, code: 7, name: Odd, status: 409, as: [error, warning], message: "Odd {what}", help: H}
`

func change(t *testing.T, from, to string) []byte {
	t.Helper()
	if !strings.Contains(small, from) {
		t.Fatalf("%q is not in the small spec", from)
	}
	return []byte(strings.Replace(small, from, to, 1))
}

func TestRecursion(t *testing.T) {
	doc, page := document(t, []byte(small))
	ids := withID(doc)
	for id, wants := range map[string]string{
		"make-a-thing-body-left":     "make-a-thing-body",
		"make-a-thing-body-branches": "make-a-thing-body",
		"make-a-thing-body-named":    "make-a-thing-body",
		"make-a-thing-body-either":   "make-a-thing-body",
	} {
		if ids[id] == nil || !links(ids[id], wants) {
			t.Errorf("%s does not refer to %s", id, wants)
		}
	}
	if ids["make-a-thing-body-left-name"] != nil {
		t.Error("the tree goes on below itself")
	}
	if len(page) > 30000 {
		t.Errorf("%d bytes", len(page))
	}
}

// TestHostileText puts what HTML minds into every text of the spec.
func TestHostileText(t *testing.T) {
	const evil = `</code></pre></section><script>alert(1)</script><img src=x onerror=alert(1)> "quoted' style="a" &lt; {{.}} javascript:x [x](javascript:alert(1))`
	quoted := "'" + strings.ReplaceAll(evil, "'", "''") + "'"
	for _, from := range []string{
		"title: T", "version: '1'", `"# Introduction\n\nText"`, "description: D", "description: E", "summary: Make a Thing",
		"description: Makes it.", "name: it}, answer", "name: it}}", "name: q,", "description: Made", "message: Bad", "help: Mend it",
		"family: things", "/things/{id}:", "name: one,", "path: {id: 1}", "name: {type: string",
	} {
		key, _, keyed := strings.Cut(from, ": ")
		to := key + ": " + quoted
		switch {
		case strings.HasPrefix(from, "name: it}"):
			to += strings.TrimPrefix(from, "name: it")
		case strings.HasSuffix(from, ","):
			to += ","
		case from == "/things/{id}:":
			to = quoted + ":"
		case from == "path: {id: 1}":
			to = "path: {id: " + quoted + "}"
		case from == "name: {type: string":
			to = quoted + ": {type: string"
		case !keyed:
			to = `"# Introduction\n\n` + strings.ReplaceAll(evil, `"`, `\"`) + `"`
		}
		t.Run(from, func(t *testing.T) {
			text := change(t, from, to)
			if from == "/things/{id}:" { // a path that no request can be sent to is refused
				if _, err := Site(Source{Spec: text}); err == nil {
					t.Error("it is drawn")
				}
				return
			}
			if strings.HasPrefix(from, "name: one") {
				text = []byte(strings.Replace(string(text), "steps: [makeThing/one], ", "", 1))
			}
			doc, page := document(t, text)
			mild, _ := document(t, []byte(strings.NewReplacer(quoted, "x", strings.ReplaceAll(evil, `"`, `\"`), "x").Replace(string(text))))
			// Markdown makes a link of its own of the last word.
			if n, was := len(elements(doc)), len(elements(mild)); n > was+16 {
				t.Errorf("%d elements, and %d without", n, was)
			}
			if !strings.Contains(string(page), "quoted") {
				t.Error("the text is nowhere")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"no YAML", "openapi: 3.0.3", "openapi: [", "did not find"},
		{"no mapping", small, "- a\n", "the document is not a mapping"},
		{"missing ref", "{$ref: '#/components/responses/Failure'}", "{$ref: '#/components/responses/Fail'}", `$ref "#/components/responses/Fail" leads nowhere`},
		{"foreign ref", "'#/components/schemas/Tree'}}}}", "'https://example.org/a'}}}}", "leads out of the document"},
		{"circle", "Tree:\n      type: object", "Tree:\n      $ref: '#/components/schemas/Tree'", "turns in a circle"},
		{"allOf circle", "Tree:\n      type: object", "Tree:\n      allOf: [{$ref: '#/components/schemas/Tree'}]", "allOf nests too deep"},
		{"oneOf circle", "Tree:\n      type: object", "Tree:\n      oneOf: [{$ref: '#/components/schemas/Tree'}]", ""},
		{"unknown code", "[BadRequest, Odd]", "[BadRequest, Even]", `10: makeThing: 14: no fault is named "Even"`},
		{"unknown x-fault", "any: BadRequest", "any: Even", "x-fault: any: Even"},
		{"code twice", "name: Odd", "name: BadRequest", "BadRequest stands twice"},
		{"no operationId", "operationId: makeThing", "x: y", "operationId and summary are needed"},
		{"undeclared tag", "{name: things, description: D}, ", "", "tag things is not declared"},
		{"undeclared scheme", "{till: {type", "{tall: {type", "security scheme till is not declared"},
		{"unknown step", "steps: [makeThing/one]", "steps: [makeThing/two]", `there is no example "makeThing/two"`},
		{"heading in a field", "name: {type: string,", `name: {description: "# No", type: string,`, "a heading has no place here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Site(Source{Spec: change(t, tt.from, tt.to)})
			if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestIndented(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{`{a: 1}`, "{\n  \"a\": 1\n}"},
		{`{a: {b: 1, c: [x, 2]}}`, "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": [\"x\", 2]\n  }\n}"},
		{`{a: {}, b: [], c: null, d: ~, e: "007", f: 2016-06-23, g: yes, h: true, i: 0x10, j: 1e3}`,
			"{\n  \"a\": {},\n  \"b\": [],\n  \"c\": null,\n  \"d\": null,\n  \"e\": \"007\",\n  \"f\": \"2016-06-23\",\n  \"g\": \"yes\",\n  \"h\": true,\n  \"i\": 16,\n  \"j\": 1e3\n}"},
		{`{z: 1, a: "<&\u00e9\u0000", big: 9007199254740993}`, "{\n  \"z\": 1,\n  \"a\": \"<&é\\u0000\",\n  \"big\": 9007199254740993\n}"},
	} {
		n, err := parse([]byte(tt.yaml))
		if err != nil {
			t.Fatal(err)
		}
		if got := indented(n); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.yaml, got, tt.want)
		}
	}
}

func TestBetween(t *testing.T) {
	for _, tt := range []struct{ low, high, one, many, want string }{
		{"1", "255", " character", " characters", "1 to 255 characters"},
		{"", "1", " entry", " entries", "at most 1 entry"},
		{"0", "20", " entry", " entries", "at most 20 entries"},
		{"1", "1", " entry", " entries", "exactly 1 entry"},
		{"2", "", " entry", " entries", "at least 2 entries"},
		{"0", "2147483647", "", "", "0 to 2,147,483,647"},
		{"0", "", "", "", "0 or more"},
		{"", "-1.5", "", "", "at most -1.5"},
		{"1", "9007199254740991", "", "", "1 to 2⁵³ − 1"},
	} {
		if got := between(tt.low, tt.high, tt.one, tt.many); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestProse(t *testing.T) {
	s := &spec{ids: &ids{}, faults: []*fault{
		{Family: "http", Number: 404}, {Family: "a", Number: 404}, {Family: "a", Number: 8006}, {Family: "a", Number: 1006}, {Family: "b", Number: 600}, {Family: "c", Number: 600},
	}}
	link := func(id, text string) string { return `<a href="#code-` + id + `">` + text + `</a>` }
	for _, tt := range []struct{ in, want string }{
		{"is error 404.", "<p>is error " + link("http-404", "404") + ".</p>"},
		{"8006, 9999", "<p>" + link("a-8006", "8006") + ", 9999</p>"},
		{"customer 1006, warning\n1006", "<p>customer 1006, warning\n" + link("a-1006", "1006") + "</p>"},
		{"(1006, 8006)", "<p>(" + link("a-1006", "1006") + ", " + link("a-8006", "8006") + ")</p>"},
		{"error 600 of two families", "<p>error 600 of two families</p>"},
		{"`error 8006` and [8006](#x)", `<p><code>error 8006</code> and <a href="#x">8006</a></p>`},
		{"*our rule*, *other*", `<p><em class="ours">our rule</em>, <em>other</em></p>`},
		{"`a: b`", `<p class="line"><code>a: b</code></p>`},
		{"<b>raw</b>", "<p><!-- raw HTML omitted -->raw<!-- raw HTML omitted --></p>"},
		{"> **Warning.** Hot", `<div class="nt care" role="note">` + noticeIcon(`<path d="M8 1.5 15 14H1zM8 6.2v3.6M8 12v.1"></path>`) + "\n<p><strong>Warning.</strong> Hot</p>\n</div>"},
	} {
		got, err := s.prose(tt.in, nil)
		if err != nil || string(got) != tt.want {
			t.Errorf("%q: got %s, want %s (%v)", tt.in, got, tt.want, err)
		}
	}
	if got, _ := s.prose("error 404", []*fault{s.faults[1]}); !strings.Contains(string(got), "code-a-404") {
		t.Errorf("the operation's own code comes first: %s", got)
	}
}

func TestIDs(t *testing.T) {
	var i ids
	for _, want := range []string{"a", "a-2", "a-3"} {
		if got := i.take("a"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, tt := range [][2]string{{"Fetch Customer ID", "fetch-customer-id"}, {"  A/b — C! ", "a-b-c"}, {"Über", "über"}} {
		if got := kebab(tt[0]); got != tt[1] {
			t.Errorf("got %s, want %s", got, tt[1])
		}
	}
}
