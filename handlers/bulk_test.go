package handlers

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// What the gate says of a bulk body as a whole, before any item is looked at.
func TestBulkBodies(t *testing.T) {
	w := newWorld(t)
	const good = `{"profiles":[{"identifiers":[{"type":"mobile","value":"90000%05d"}]}]}`
	list := func(n int) string {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(good, i))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	deep := strings.Repeat("[", 64) + strings.Repeat("]", 64) // with the list around it one level too many
	for name, row := range map[string]struct {
		body   string
		status int
		codes  []int
	}{
		"no array":           {`{"profiles":[]}`, 400, []int{400}},
		"no array, no JSON":  {`{"a":1,"a":2}`, 400, []int{400}},
		"null":               {`null`, 400, []int{400}},
		"empty":              {`[]`, 400, []int{400}},
		"nothing":            {``, 400, []int{400}},
		"no end":             {`[` + fmt.Sprintf(good, 0), 400, []int{400}},
		"text after":         {list(1) + `x`, 400, []int{400}},
		"a comma too many":   {`[` + fmt.Sprintf(good, 0) + `,]`, 400, []int{400}},
		"a key twice":        {`[` + fmt.Sprintf(good, 0) + `,{"a":1,"a":2}]`, 400, []int{400}},
		"too deep":           {`[` + deep + `]`, 400, []int{400}},
		"not UTF-8":          {"[\"\xff\"]", 400, []int{400}},
		"one too many":       {list(101), 400, []int{1060}},
		"far too many":       {`[` + strings.Repeat("0,", 500_000) + `0]`, 400, []int{1060}},
		"an item of another": {`[7]`, 400, []int{400}},
		"nulls":              {`[null,null]`, 400, []int{400, 400}},
		"a name twice":       {`[{"profiles":[{"firstName":"a","Firstname":"b"}]}]`, 400, []int{400}},
		"as many as may be":  {list(100), 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if row.status != 200 {
				w.want(row.status, row.codes, "POST", "/v2/customers/bulk?source=INSTORE", row.body)
				return
			}
			newWorld(t).want(row.status, row.codes, "POST", "/v2/customers/bulk?source=INSTORE", row.body)
		})
	}
}

// The bound on how many values a body holds is one of each item.
func TestBulkItemsAreBoundedEach(t *testing.T) {
	w := newWorld(t)
	long := `{"more":[` + strings.Repeat("0,", 9_000) + `0],"profiles":[{"identifiers":[{"type":"mobile","value":"90000%05d"}]}]}`
	w.want(200, nil, "POST", "/v2/customers/bulk?source=INSTORE", "["+fmt.Sprintf(long, 1)+","+fmt.Sprintf(long, 2)+"]")
	long = `{"more":[` + strings.Repeat("0,", 10_000) + `0]}`
	w.want(400, []int{400}, "POST", "/v2/customers/bulk?source=INSTORE", "["+long+"]")
}

// Items are done in their order, in one turn: each sees those before it, and a failed one leaves nothing.
func TestBulkItemsInOrder(t *testing.T) {
	w := newWorld(t)
	before := w.store.Stats()
	a := w.want(201, []int{400, 8006, 8050, 8050}, "POST", "/v2/customers/bulk", `[
		{"profiles":[{"source":"INSTORE","firstName":"Lena","identifiers":[{"type":"mobile","value":"9845000100"}]}]},
		{"profiles":[{"source":"INSTORE","firstName":["Lena"],"identifiers":[{"type":"mobile","value":"9845000101"}]}]},
		{"profiles":[{"source":"MARTJACK","Firstname":"L.","identifiers":[{"type":"mobile","value":919845000100}]}]},
		{"profiles":[{"source":"INSTORE","firstName":"Lene","identifiers":[{"type":"mobile","value":"9845000102"},{"type":"mobile","value":"9845000100"}]}]},
		{"profiles":[{"source":"INSTORE","firstName":"Lars","identifiers":[{"type":"mobile","value":"9845000102"}]}]}]`)
	if n := w.store.Stats().Commits - before.Commits; n != 1 {
		t.Errorf("%d commits", n)
	}
	var items []struct {
		Success bool
		Entity  *struct {
			Id       int
			Profiles []struct{ FirstName string }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &items); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range items {
		if it.Success != (it.Entity != nil) {
			t.Errorf("%+v", it)
		}
		if it.Entity != nil {
			got = append(got, fmt.Sprint(it.Entity.Id, it.Entity.Profiles))
		}
	}
	if want := []string{"1007 [{Lena}]", "1007 [{Lena} {L.}]", "1008 [{Lars}]"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Where business errors answer 200, a bulk request of which nothing is left does too.
func TestBulkAlwaysOK(t *testing.T) {
	w := newWorld(t)
	for always, status := range map[bool]int{false: 400, true: 200} {
		a := &API{store: w.store}
		a.cfg.AlwaysOK = always
		for _, row := range [][3]int{{0, 3, 200}, {1, 3, 201}, {3, 3, status}} {
			if got := a.bulkStatus(row[0], row[1]); got != row[2] {
				t.Errorf("%d of %d failed: %d, want %d", row[0], row[1], got, row[2])
			}
		}
	}
}

// A sandbox that is full in the middle takes the items before.
func TestBulkFillsASandbox(t *testing.T) {
	limits := SandboxLimits()
	limits.Changes = 2
	w := newWorld(t, func(c *Config) { c.Sandbox = &limits })
	b := newSandbox(t, w)
	w.as(basicOf(b.Till, b.Password)).want(201, []int{9803, 9803}, "POST", "/v2/customers/bulk?source=INSTORE", `[
		{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000100"}]}]},
		{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000101"}]}]},
		{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000102"}]}]},
		{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000103"}]}]}]`)
}

// splitJSON takes what parseJSON takes, when that is an array, and its items are the same values.
func FuzzSplitJSON(f *testing.F) {
	for _, s := range []string{`[]`, ` [ 1 , "a" ] `, `[[1,2],{"a":[{}]},null]`, `[1,]`, `[1 2]`, `{}`, `[1]x`, "[\"\\ud800\"]", `[`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, err := parseJSON(data, 8)
		items, split := splitJSON(data, 8, maxJSONValues)
		list, isArray := whole.([]any)
		if err == nil != (split == nil || split == errNoArray) || err == nil && isArray != (split == nil) {
			t.Fatalf("%q: whole %v, split %v", data, err, split)
		}
		if split != nil {
			return
		}
		if len(items) != len(list) {
			t.Fatalf("%q: %d items of %d", data, len(items), len(list))
		}
		for i, it := range items {
			if v, err := parseJSON(it.(json.RawMessage), 8); err != nil || !reflect.DeepEqual(v, list[i]) {
				t.Fatalf("%q: item %d is %v, want %v (%v)", data, i, v, list[i], err)
			}
		}
	})
}
