package build

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// TestComplete reads openapi.yaml with another reader than the page does, and looks for
// everything that it finds.
func TestComplete(t *testing.T) {
	spec, err := openapi3.NewLoader().LoadFromData(source(t).Spec)
	if err != nil {
		t.Fatal(err)
	}
	pages := htmlPages(t)
	ids := withID(pages["index.html"])
	anchors := map[string]string{} // of codes, by name
	for _, entry := range list(spec.Extensions["x-faults"]) {
		f := entry.(map[string]any)
		id := "code-" + word(f["family"]) + "-" + word(f["code"])
		anchors[word(f["name"])] = id
		if ids[id] == nil {
			t.Errorf("no %s", id)
			continue
		}
		for _, want := range []string{word(f["code"]), word(f["help"])} {
			if !strings.Contains(textOf(ids[id]), want) {
				t.Errorf("%s does not say %q", id, want)
			}
		}
	}
	if len(anchors) == 0 {
		t.Fatal("no codes")
	}
	for _, entry := range list(spec.Extensions["x-org-settings"]) {
		if key := word(entry.(map[string]any)["key"]); withID(pages[setupPage])["setting-"+key] == nil {
			t.Errorf("no setting %s", key)
		}
	}
	contents := ids["contents"]
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			t.Run(op.OperationID, func(t *testing.T) {
				id := kebab(op.Summary)
				section := ids[id]
				if section == nil || section.DataAtom != atom.Section {
					t.Fatalf("no section %s", id)
				}
				button := elements(section, atom.Button)
				if !slices.ContainsFunc(button, func(b *html.Node) bool {
					return strings.HasPrefix(attribute(b, "aria-label"), "Try") && textOf(b) == "Try it"
				}) {
					t.Error("no button to try it")
				}
				if slot := elements(withID(pages["operations/"+op.OperationID+".html"])[id], atom.Div); !slices.ContainsFunc(slot, func(d *html.Node) bool { return attribute(d, "class") == "tryit" }) {
					t.Error("no place for the answer of a try")
				}
				own := withID(pages["operations/"+op.OperationID+".html"])
				var languages []string
				for _, pre := range elements(own[id], atom.Pre) {
					if lang := attribute(pre, "data-lang"); lang != "" && textOf(pre) != "" {
						languages = append(languages, lang)
					}
				}
				if got := strings.Join(languages, " "); got != "json shell ruby python php javascript go" {
					t.Errorf("samples in %s", got)
				}
				wantOperation(t, own, id, op)
				if !links(contents, id) {
					t.Error("not in the contents")
				}
				text := textOf(section)
				for _, want := range []string{op.Summary, method + path, op.OperationID} {
					if !strings.Contains(text, want) {
						t.Errorf("does not say %q", want)
					}
				}
				for _, name := range list(op.Extensions["x-fault-codes"]) {
					if !links(own[id], anchors[word(name)]) {
						t.Errorf("no link to %s", name)
					}
				}
			})
		}
	}
}

// wantOperation looks for everything in the operation's own page.
func wantOperation(t *testing.T, ids map[string]*html.Node, id string, op *openapi3.Operation) {
	t.Helper()
	for _, example := range list(op.Extensions["x-examples"]) {
		name := word(example.(map[string]any)["name"])
		if n := ids[id+"-example-"+kebab(name)]; n == nil {
			t.Errorf("no example %s", name)
		}
	}
	for _, p := range op.Parameters {
		field := id + "-" + p.Value.In + "-" + p.Value.Name
		wantField(t, ids, field, p.Value.Schema, p.Value.Required)
	}
	if op.RequestBody != nil {
		for _, media := range op.RequestBody.Value.Content {
			wantProperties(t, ids, id+"-body", media.Schema, nil)
		}
	}
	for status, r := range op.Responses.Map() {
		if status == "default" {
			continue
		}
		if status != "200" && op.Responses.Status(200) != nil { // in a bulk operation: it refers to the fields of the first
			if ids[id+"-answer-"+status] == nil {
				t.Errorf("no answer %s", status)
			}
			continue
		}
		for _, media := range r.Value.Content {
			wantProperties(t, ids, id+"-answer", media.Schema, nil)
		}
	}
}

// wantField looks for a field, what it says of itself, and the fields below it.
func wantField(t *testing.T, ids map[string]*html.Node, id string, ref *openapi3.SchemaRef, required bool) {
	t.Helper()
	n := ids[id]
	if n == nil {
		t.Errorf("no field %s", id)
		return
	}
	line := strings.NewReplacer(",", "", `"`, "").Replace(textOf(elements(n, atom.Div)[0]))
	if required && !strings.Contains(line, "required") {
		t.Errorf("%s is not marked as required", id)
	}
	for _, v := range slices.Concat(list(ref.Value.Extensions["x-values"]), ref.Value.Enum) {
		if !strings.Contains(line, word(v)) {
			t.Errorf("%s does not list %v", id, v)
		}
	}
	if d := ref.Value.Default; d != nil && !strings.Contains(line, "default "+word(d)) {
		t.Errorf("%s does not say its default %v", id, d)
	}
	if m := ref.Value.MaxLength; m != nil && ref.Value.Extensions["x-values"] == nil && !strings.Contains(line, strconv.FormatUint(*m, 10)+" character") {
		t.Errorf("%s does not say its limit %d: %s", id, *m, line)
	}
	if m := ref.Value.MaxItems; m != nil && !strings.Contains(line, strconv.FormatUint(*m, 10)) {
		t.Errorf("%s does not say its limit %d", id, *m)
	}
}

func wantProperties(t *testing.T, ids map[string]*html.Node, id string, ref *openapi3.SchemaRef, way []*openapi3.Schema) {
	t.Helper()
	if ref == nil || slices.Contains(way, ref.Value) || ids[id] != nil && strings.Contains(textOf(ids[id]), "has the fields of this one above") && len(elements(ids[id], atom.Ul)) == 0 {
		return // listed once
	}
	way = append(slices.Clip(way), ref.Value)
	for name, p := range ref.Value.Properties {
		required := strings.Contains(id, "-body") && slices.Contains(ref.Value.Required, name)
		wantField(t, ids, id+"-"+name, p, required)
		wantProperties(t, ids, id+"-"+name, p, way)
	}
	for _, inner := range slices.Concat(ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf, openapi3.SchemaRefs{ref.Value.Items}) {
		wantProperties(t, ids, id, inner, way)
	}
}

func list(v any) []any {
	all, _ := v.([]any)
	return all
}

func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func links(root *html.Node, id string) bool {
	return slices.ContainsFunc(elements(root, atom.A), func(a *html.Node) bool { return strings.HasSuffix(attribute(a, "href"), "#"+id) })
}
