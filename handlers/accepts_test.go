package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// What is accepted without the general validator, the validator accepts as well.
func TestAcceptedParametersAreValid(t *testing.T) {
	t.Parallel()
	c, err := compileOnce()
	if err != nil {
		t.Fatal(err)
	}
	values := []string{"", " ", "a", "ALL", "2026-02-03", "x@example.org", "0", "1", "-1", "007", "10", "100", "101", "1000", "1001", "100000", "9007199254740992",
		"9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "true", "null", "a,b", "é", "\u00a0", "%"}
	for _, n := range []int{2, 20, 32, 33, 64, 65, 128, 129, 255, 256, 1000, 5000} {
		values = append(values, strings.Repeat("x", n), strings.Repeat("é", n), strings.Repeat("😀", n), strings.Repeat("9", n))
	}
	accepted := map[string]int{}
	for _, op := range c.operations {
		for _, p := range op.params {
			for _, v := range values {
				if p.wrongForm(v) != "" || !p.accepts(v) {
					continue
				}
				accepted[p.spec.In+" "+p.kind]++
				r := httptest.NewRequest(op.method, "/", nil)
				r.Header.Set(p.spec.Name, v)
				err := openapi3filter.ValidateParameter(context.Background(), &openapi3filter.RequestValidationInput{
					Request: r, PathParams: map[string]string{p.spec.Name: v}, QueryParams: url.Values{p.spec.Name: {v}}, Options: filterOptions}, p.spec)
				if err != nil {
					t.Errorf("%s: %s: %q: %v", op.id, p.place, v, err)
				}
			}
		}
	}
	for _, kind := range []string{
		openapi3.ParameterInPath + " " + openapi3.TypeInteger, openapi3.ParameterInPath + " " + openapi3.TypeString,
		openapi3.ParameterInQuery + " " + openapi3.TypeInteger, openapi3.ParameterInQuery + " " + openapi3.TypeString,
		openapi3.ParameterInHeader + " " + openapi3.TypeString,
	} {
		if accepted[kind] == 0 {
			t.Errorf("no %s was accepted", kind)
		}
	}
}

// bodies are the bodies of the contract's examples, by operationId, and for bulk operations their items.
func bodies(t testing.TB) map[string][]string {
	out := map[string][]string{}
	for _, e := range readExamples(t) {
		text := e.Raw
		if e.Body != nil {
			b, err := json.Marshal(e.Body)
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if text != "" {
			out[e.operation] = append(out[e.operation], text)
		}
	}
	return out
}

// judged are the nodes by which the bodies of an operation are judged: the body, or of a bulk operation an item.
func judged(op *operation) *node {
	if op.bulk {
		return op.body.items
	}
	return op.body
}

// The bodies of examples, with any other value at any place of them: what is recognized without the validator, it accepts as well. Of
// the examples that it accepts, most are recognized.
func TestAcceptedBodiesAreValid(t *testing.T) {
	t.Parallel()
	c, err := compileOnce()
	if err != nil {
		t.Fatal(err)
	}
	long := func(s string, n int) string { return strings.Repeat(s, n) }
	others := []any{nil, true, "", " ", "x", "2026-02-03", "true", "1.5", json.Number("0"), json.Number("-1"), json.Number("1.5"), json.Number("1e3"), json.Number("-0"),
		json.Number("9007199254740993"), json.Number("9223372036854775808"), json.Number("1e400"), json.Number("-" + long("9", 400)), []any{}, []any{nil}, []any{"x", json.Number("1")},
		map[string]any{}, map[string]any{"x": nil}, map[string]any{"value": "x"}}
	for _, n := range []int{21, 65, 101, 201, 256, 1001, 4097} {
		others = append(others, long("x", n), long("é", n/2+1), long("😀", n/4+1), long("9", n))
		list, object := []any{}, map[string]any{}
		for i := range min(n, 201) {
			list, object[strconv.Itoa(i)] = append(list, map[string]any{}), "x"
		}
		others = append(others, list, object)
	}
	recognized, refused, left, whole := 0, 0, 0, 0
	for id, texts := range bodies(t) {
		op := c.operation(id)
		if op.body == nil {
			continue
		}
		n := judged(op)
		check := func(v any, what string) {
			good := n.good.accepts(v)
			err := n.schema.VisitJSON(v, visitOptions...)
			if good && err != nil {
				t.Errorf("%s: %s is accepted: %v", id, what, err)
			}
			if good {
				recognized++
			} else if err != nil {
				refused++
			}
			if what == "" && err == nil {
				whole++
				if !good {
					left++
				}
			}
		}
		for _, text := range texts[:min(len(texts), 5)] {
			value, err := parseJSON([]byte(text), 100)
			if err != nil {
				continue
			}
			items := []any{value}
			if list, ok := value.([]any); ok && op.bulk {
				items = list
			}
			for _, item := range items {
				if rename(n, n, item, nil) != nil {
					continue
				}
				check(item, "")
				atEachPlace(item, func(set func(any)) {
					for _, v := range others {
						set(v)
						check(item, fmt.Sprintf("%.300v", item))
					}
				})
			}
		}
	}
	if recognized == 0 || refused == 0 || left*5 > whole {
		t.Errorf("%d recognized, %d refused; %d of %d good examples left to the validator", recognized, refused, left, whole)
	}
}

// atEachPlace calls f for each place in a value, with what sets another value there, and puts the old one back.
func atEachPlace(value any, f func(set func(any))) {
	switch v := value.(type) {
	case []any:
		for i, old := range v {
			atEachPlace(old, f)
			f(func(x any) { v[i] = x })
			v[i] = old
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			old := v[key]
			atEachPlace(old, f)
			f(func(x any) { v[key] = x })
			delete(v, key)
			f(func(any) {})
			v[key] = old
		}
	}
}

// What is recognized without the validator, it accepts as well.
func FuzzBody(f *testing.F) {
	c, err := compileOnce()
	if err != nil {
		f.Fatal(err)
	}
	ops := slices.DeleteFunc(slices.Clone(c.operations), func(op *operation) bool { return op.body == nil })
	slices.SortFunc(ops, func(a, b *operation) int { return strings.Compare(a.id, b.id) })
	examples := bodies(f)
	for i, op := range ops {
		for _, text := range examples[op.id][:min(2, len(examples[op.id]))] {
			f.Add(uint8(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text string) {
		value, err := parseJSON([]byte(text), 50)
		if err != nil {
			return
		}
		op := ops[int(i)%len(ops)]
		for _, n := range []*node{op.body, judged(op)} {
			if n.good.accepts(value) {
				if err := n.schema.VisitJSON(value, visitOptions...); err != nil {
					t.Fatalf("%s: %s: %v", op.id, text, err)
				}
			}
		}
	})
}
