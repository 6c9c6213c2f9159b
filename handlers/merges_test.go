package handlers

import (
	"slices"
	"testing"
)

// A merge and its undo, as a caller sees them.
func TestUndoOfAMerge(t *testing.T) {
	w := newWorld(t)
	before := []any{w.profiles(1001), w.profiles(1002)}
	w.is("merged", w.change(1002, "ECOMMERCE", "mobile:919845000001", ""), ok(1001, 8051))
	w.want(409, []int{8069}, "PUT", "/v2/customers/1002?source=ECOMMERCE", `{"profiles":[{"firstName":"R"}]}`)
	w.is("what is said since", w.update(1001, "ECOMMERCE", `{"profiles":[{"firstName":"Ravindra"}]}`), ok(1001))
	w.is("a profile since", w.update(1001, "WEBSITE", `{"profiles":[{"firstName":"Asha"}]}`), ok(1001))
	w.want(200, nil, "POST", "/v2/merges/2/undo", "")
	w.is("the victim is back", w.details(1002, ""), ok(1002))
	w.is("found by their own", w.lookup("", "email:ravi.menon@example.org"), ok(1002))
	w.is("the number stays with its holder", w.lookup("", "mobile:9845000001"), ok(1001))
	if a, b := w.profiles(1001), w.profiles(1002); !slices.Equal(b, before[1].([]string)) || len(a) != 2 || a[0] != before[0].([]string)[0] || a[1] != "WEBSITE" {
		t.Errorf("%q %q", a, b)
	}
	if a := w.call("GET", "/v2/customers/1002", ""); !slices.Contains(firstNames(t, a), "Ravindra") {
		t.Errorf("what was said of the profile since is lost: %s", a.body)
	}
	w.is("and is written again", w.update(1002, "ECOMMERCE", `{"profiles":[{"firstName":"Ravi"}]}`), ok(1002))
	w.is("and merged again", w.change(1002, "ECOMMERCE", "mobile:919845000001", ""), ok(1001, 8051))
}

// firstNames are the first names of a customer's profiles.
func firstNames(t *testing.T, a answer) (all []string) {
	t.Helper()
	for _, p := range a.get(t, "profiles").([]any) {
		all = append(all, p.(map[string]any)["firstName"].(string))
	}
	return all
}

func TestAMergeOfLongAgo(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Clock = at(noon.AddDate(0, 0, 2)) })
	w.want(409, []int{9811}, "POST", "/v2/merges/1/undo", "")
	if a := w.want(200, nil, "GET", "/v2/merges?customerId=1003", ""); len(a.get(t, "data").([]any)) != 1 {
		t.Error(a.body)
	}
	if a := w.want(200, nil, "GET", "/v2/merges", ""); len(a.get(t, "data").([]any)) != 0 {
		t.Error(a.body)
	}
}
