package build

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func builtSite(t *testing.T) map[string][]byte {
	t.Helper()
	src, err := Load("../..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Site(src)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		all[f.Path] = f.Data
	}
	return all
}

func asset1(t *testing.T, files map[string][]byte, pattern string) []byte {
	t.Helper()
	for path, data := range files {
		if regexp.MustCompile(`^assets/` + pattern + `$`).MatchString(path) {
			return data
		}
	}
	t.Fatalf("no %s", pattern)
	return nil
}

// The search knows every operation, every code, every setting and every field that can be linked to, and
// leads to nothing else.
func TestSearchIndex(t *testing.T) {
	files := builtSite(t)
	page := files["index.html"]
	var rows [][5]string
	if err := json.Unmarshal(asset1(t, files, `search\.\w+\.json`), &rows); err != nil {
		t.Fatal(err)
	}
	whole := map[string]string{} // the pages of single operations, by the ids in them
	var places [][][]byte
	for path, data := range files {
		if strings.HasPrefix(path, "operations/") && strings.HasSuffix(path, ".html") {
			for _, m := range idOf.FindAllSubmatch(data, -1) {
				whole[string(m[1])] = path
			}
			places = append(places, regexp.MustCompile(`<li id="([^"]+)" data-path`).FindAllSubmatch(data, -1)...)
		}
	}
	links := map[string]bool{}
	for _, r := range rows {
		links[r[2]] = true
		if r[1] == "" || !slices.Contains([]string{"operation", "field", "code", "setting", "guide"}, r[0]) {
			t.Errorf("%q", r)
		}
		file, id, _ := strings.Cut(r[2], "#")
		there := bytes.Contains(files[cmp.Or(file, "index.html")], []byte(`id="`+id+`"`))
		if !there && file == "" { // the script puts it in place: it stands in the operation's own page
			_, there = whole[id]
		}
		if !there {
			t.Errorf("%s leads nowhere", r[2])
		}
	}
	for _, m := range append(places, regexp.MustCompile(`<section (?:class="own" )?id="([^"]+)" data-operation|<tr id="(code-[^"]+)"`).FindAllSubmatch(page, -1)...) {
		if id := string(slices.Concat(m[1:]...)); !links["#"+id] {
			t.Errorf("the search does not know %s", id)
		}
	}
	for _, m := range regexp.MustCompile(`<tr id="(setting-[^"]+)"`).FindAllSubmatch(files[setupPage], -1) {
		if !links[setupPage+"#"+string(m[1])] {
			t.Errorf("the search does not know %s", m[1])
		}
	}
	if bytes.Contains(page, []byte(indexName)) {
		t.Error("a page still has the working name of the index")
	}
}

// The forms have every operation with its parameters, and lead to its section.
func TestForms(t *testing.T) {
	files := builtSite(t)
	var forms formData
	if err := json.Unmarshal(asset1(t, files, `forms\.\w+\.json`), &forms); err != nil {
		t.Fatal(err)
	}
	page := string(files["index.html"])
	sections := regexp.MustCompile(`<section (?:class="own" )?id="([^"]+)" data-operation="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(sections) != len(forms.Operations) {
		t.Errorf("%d sections, %d forms", len(sections), len(forms.Operations))
	}
	for _, m := range sections {
		op, ok := forms.Operations[m[2]]
		if !ok || op.ID != m[1] {
			t.Errorf("the form of %s leads to %q, not to %q", m[2], op.ID, m[1])
		}
		if len(op.Examples) == 0 {
			t.Errorf("%s has no example to begin with", m[2])
		}
		for _, e := range op.Examples {
			for _, step := range e.Steps {
				id, name, _ := strings.Cut(step, "/")
				if !slices.ContainsFunc(forms.Operations[id].Examples, func(e formExample) bool { return e.Name == name }) {
					t.Errorf("%s/%s needs %s, which is not there", m[2], e.Name, step)
				}
			}
		}
		for number, to := range op.Codes {
			if !strings.Contains(page, `id="`+to.ID+`"`) {
				t.Errorf("code %s of %s leads nowhere", number, m[2])
			}
		}
	}
	var refs func(any)
	refs = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["ref"].(string); ok && forms.Schemas[ref] == nil {
				t.Errorf("the schema %s is missing", ref)
			}
			for _, inner := range v {
				refs(inner)
			}
		case []any:
			for _, inner := range v {
				refs(inner)
			}
		}
	}
	for _, op := range forms.Operations {
		if op.Body != nil {
			refs(op.Body.Schema)
		}
		for _, p := range op.Params {
			refs(p.Schema)
		}
	}
	for _, schema := range forms.Schemas {
		refs(map[string]any(schema))
	}
}

// The buttons of the codes name examples that there are.
func TestReproduceNamesExamples(t *testing.T) {
	files := builtSite(t)
	var forms formData
	if err := json.Unmarshal(asset1(t, files, `forms\.\w+\.json`), &forms); err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`data-operation="([^"]+)" data-example="([^"]+)"`).FindAllSubmatch(files["index.html"], -1)
	if len(all) < 40 {
		t.Errorf("only %d codes can be reproduced", len(all))
	}
	for _, m := range all {
		if !slices.ContainsFunc(forms.Operations[string(m[1])].Examples, func(e formExample) bool { return e.Name == string(m[2]) }) {
			t.Errorf("there is no %s/%s", m[1], m[2])
		}
	}
}

// What the pages load is named after its content, and what a script names is there.
func TestScriptsNameWhatIsThere(t *testing.T) {
	files := builtSite(t)
	for path, data := range files {
		if !strings.HasSuffix(path, ".js") {
			continue
		}
		for _, name := range regexp.MustCompile(`\./(\w+\.[0-9a-f]{12}\.\w+)`).FindAllSubmatch(data, -1) {
			if files["assets/"+string(name[1])] == nil {
				t.Errorf("%s loads %s, which is not there", path, name[1])
			}
		}
		if bytes.Contains(data, []byte("http://")) || bytes.Contains(data, []byte("https://")) || bytes.Contains(data, []byte("eval(")) {
			t.Errorf("%s names an outside host, or evaluates text", path)
		}
	}
}

// Without the types: a mistake of syntax is an error that says where.
func TestBundleSaysWhatIsWrong(t *testing.T) {
	if _, err := bundle("none.ts", nil); err == nil || !strings.Contains(err.Error(), "none.ts") {
		t.Errorf("a script that is not there gives %v", err)
	}
}
