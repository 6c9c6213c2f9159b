package gen

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// example is one call of x-examples, with all that it needs and the whole answer.
type example struct {
	Name, Summary, Raw string
	Path, Query        map[string]any
	Headers, Settings  map[string]string
	Body, Answer       any
	Steps, Shows       []string
	Status             int
}

// notShown need what no example can bring: more than 10,000 customers, a sandbox, 30 days, and
// an organization without a program.
var notShown = []string{"SearchTotalCapped", "SandboxFull", "MergeTooOld", "ProgramMissing"}

// shownOnce are given by every write in one and the same way, before its own rules: one example for all of them shows each. That
// every write gives them is tested in handlers.
var shownOnce = []string{"AttributionTypeMissing", "AttributionTillInvalid"}

// body is what the example sends, nil for nothing or for what is no JSON.
func (e *example) body(op *operation) any {
	if e.Raw != "" || op.spec.RequestBody == nil {
		return nil
	}
	if e.Body != nil {
		return plain(e.Body)
	}
	if named := op.spec.RequestBody.Value.GetMediaType("application/json").Examples[e.Name]; named != nil {
		return plain(named.Value.Value)
	}
	return nil
}

func (e *example) answer(op *operation) any {
	if e.Answer != nil {
		return plain(e.Answer)
	}
	if declared := op.declared(e.Status); declared != nil && declared.Examples[e.Name] != nil {
		return plain(declared.Examples[e.Name].Value.Value)
	}
	return nil
}

// declared is the body of an answer with a status, 0 for 200; nil when only the default fits.
func (op *operation) declared(status int) *openapi3.MediaType {
	r := op.spec.Responses.Status(max(status, 200))
	if r == nil {
		return nil
	}
	return r.Value.Content.Get("application/json")
}

// failed says whether an answer is that of a request that failed as a whole.
func failed(answer any) bool {
	m, ok := answer.(map[string]any)
	return ok && len(m) == 1 && m["errors"] != nil
}

// listed collects the entries of every list of errors or of warnings in an answer.
func listed(answer any, list string) (items []map[string]any) {
	switch v := answer.(type) {
	case []any:
		for _, x := range v {
			items = append(items, listed(x, list)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all, ok := v[key].([]any)
			if key != list || !ok {
				items = append(items, listed(v[key], list)...)
				continue
			}
			for _, x := range all {
				items = append(items, x.(map[string]any))
			}
		}
	}
	return items
}

// plain is a value as a JSON decoder gives it.
func plain(v any) (out any) {
	data := must(json.Marshal(v))
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

func TestExamples(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for id, op := range operations {
		names := map[string]bool{}
		for _, e := range op.Examples {
			bad := func(format string, a ...any) { t.Errorf("%s/%s: %s", id, e.Name, fmt.Sprintf(format, a...)) }
			if !kebab.MatchString(e.Name) || names[e.Name] || e.Summary == "" {
				bad("the name is not in kebab-case or stands twice, or there is no summary")
			}
			names[e.Name] = true
			checkCall(op, e, bad)
			checkAnswer(op, e, bad)
		}
		for _, status := range []int{200, 201, 202, 400} {
			if declared := op.declared(status); declared != nil {
				for name := range declared.Examples {
					if !names[name] {
						t.Errorf("%s: response example %s is no call", id, name)
					}
				}
			}
		}
		if op.spec.RequestBody == nil || op.spec.Extensions["x-stream"] != nil {
			continue
		}
		standard := op.spec.RequestBody.Value.GetMediaType("application/json").Examples
		for name, ex := range standard {
			if !names[name] || ex.Value.Summary == "" {
				t.Errorf("%s: request example %s is no call, or has no summary", id, name)
			}
		}
	}
}

// checkCall sees that the call can be made: parameters, body, settings and earlier steps.
func checkCall(op *operation, e example, bad func(string, ...any)) {
	for _, p := range op.spec.Parameters {
		if _, ok := e.Path[p.Value.Name]; p.Value.In == "path" && !ok {
			bad("no %s for the path", p.Value.Name)
		}
	}
	for name := range e.Query {
		if op.spec.Parameters.GetByInAndName("query", name) == nil {
			bad("no parameter %s", name)
		}
	}
	for key := range e.Settings {
		if !settings[key] {
			bad("no setting %s", key)
		}
	}
	for _, step := range e.Steps {
		id, name, _ := strings.Cut(step, "/")
		if operations[id] == nil || !slices.ContainsFunc(operations[id].Examples, func(x example) bool { return x.Name == name }) {
			bad("no step %s", step)
		}
	}
	if op.spec.RequestBody == nil {
		return
	}
	if op.spec.Extensions["x-stream"] != nil {
		if e.Raw == "" {
			bad("no body")
		}
		return
	}
	body := e.body(op)
	if body == nil && e.Raw == "" {
		bad("no body")
	}
	if body != nil && e.Status == 0 {
		if err := op.spec.RequestBody.Value.GetMediaType("application/json").Schema.Value.VisitJSON(body, openapi3.VisitAsRequest()); err != nil {
			bad("body: %v", err)
		}
	}
}

// checkAnswer sees that the answer fits its schema and shows the faults that it names, no others.
func checkAnswer(op *operation, e example, bad func(string, ...any)) {
	answer := e.answer(op)
	if _, plain := answer.(string); plain {
		if op.spec.Responses.Status(max(e.Status, 200)).Value.Content.Get("text/csv") == nil {
			bad("the answer is no JSON")
		}
		return
	}
	schema := spec.Components.Schemas["Failure"].Value
	if declared := op.declared(e.Status); declared != nil && !failed(answer) {
		schema = declared.Schema.Value
	}
	if err := schema.VisitJSON(answer, openapi3.VisitAsResponse()); err != nil {
		bad("answer: %v", err)
		return
	}
	unseen := map[string]bool{}
	for _, name := range e.Shows {
		if !slices.Contains(op.Codes, name) {
			bad("%s is not among the operation's codes", name)
		}
		unseen[name] = true
	}
	for _, list := range []string{"errors", "warnings"} {
		for _, item := range listed(answer, list) {
			f, ok := e.shown(item, list)
			if !ok && op.spec.Extensions["x-row-results"] == true {
				continue // rows have the codes of other operations
			}
			if !ok {
				bad("%v is not declared so, or not among shows", item)
				continue
			}
			if failed(answer) && f.Status != e.Status {
				bad("status %d, declared is %d", e.Status, f.Status)
			}
			delete(unseen, f.Name)
		}
	}
	if len(unseen) > 0 {
		bad("the answer does not show %v", unseen)
	}
}

// shown finds the fault of an entry of a list among those that the example shows.
func (e *example) shown(item map[string]any, list string) (declaredFault, bool) {
	for _, name := range e.Shows {
		f := faults[name]
		if float64(f.Code) == item["code"] && f.pattern().MatchString(item["message"].(string)) && slices.Contains(f.As, strings.TrimSuffix(list, "s")) {
			return f, true
		}
	}
	return declaredFault{}, false
}

// pattern matches the fault's message with any values, and with a place or without.
func (f declaredFault) pattern() *regexp.Regexp {
	const place = `(path|query|header|body)[^()]*`
	text := strings.ReplaceAll(regexp.QuoteMeta(f.Message), `\{place\}`, place)
	if text = regexp.MustCompile(`\\\{[A-Za-z]+\\\}`).ReplaceAllString(text, ".+"); !strings.HasPrefix(text, place) {
		text += `( \(` + place + `\))?`
	}
	return regexp.MustCompile(`^` + text + `$`)
}

func TestEveryFaultIsShown(t *testing.T) {
	once := map[string]int{} // by name: the operations that show it
	for id, op := range operations {
		shown := append([]string{}, notShown...)
		for _, e := range op.Examples {
			shown = append(shown, e.Shows...)
		}
		if id == "registerCustomer" {
			for _, name := range []string{"BadRequest", "Unauthorized"} {
				if !slices.Contains(shown, name) {
					t.Errorf("%s: no example shows %s", id, name)
				}
			}
		}
		for _, name := range op.Codes {
			if faults[name].Family != "http" && !slices.Contains(shown, name) && !slices.Contains(shownOnce, name) {
				t.Errorf("%s: no example shows %s", id, name)
			}
		}
		for _, name := range shownOnce {
			if slices.Contains(shown, name) {
				once[name]++
			}
		}
	}
	for _, name := range shownOnce {
		if once[name] != 1 {
			t.Errorf("%d examples show %s, not one", once[name], name)
		}
	}
}

// TestBothKindsAreShown: a fault that can be an error and a warning is shown as both.
func TestBothKindsAreShown(t *testing.T) {
	asError, asWarning := map[string]bool{}, map[string]bool{}
	for _, op := range operations {
		for _, e := range op.Examples {
			for list, seen := range map[string]map[string]bool{"errors": asError, "warnings": asWarning} {
				for _, item := range listed(e.answer(op), list) {
					f, _ := e.shown(item, list)
					seen[f.Name] = true
				}
			}
		}
	}
	for _, f := range page.Faults {
		if f.Family == "http" || slices.Contains(notShown, f.Name) {
			continue
		}
		if slices.Contains(f.As, "error") != asError[f.Name] || slices.Contains(f.As, "warning") != asWarning[f.Name] {
			t.Errorf("%s can be %v; shown as error %v, as warning %v", f.Name, f.As, asError[f.Name], asWarning[f.Name])
		}
	}
}
