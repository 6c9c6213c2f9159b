package handlers

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// randomContent does all examples that write, in an order by chance, and then bills, redemptions and merges by chance, in one
// organization: whatever they are answered, it must not be a fault of the server.
func randomContent(t *testing.T, seed uint64) *world {
	t.Helper()
	w := newWorld(t)
	rng := rand.New(rand.NewPCG(seed, 0))
	examples := readExamples(t)
	var keys []string
	for k, e := range examples {
		if e.method != "GET" && e.operation != "generateToken" {
			keys = append(keys, k)
		}
	}
	// Whatever the order of the examples leaves of it: a merge that waits, and a bill whose points do.
	for _, mode := range []string{"approve", "auto"} {
		if err := w.store.SetOrg(context.Background(), "demo", "merge-mode", mode); err != nil {
			t.Fatal(err)
		}
		if mode == "approve" {
			w.change(1005, "MARTJACK", "email:ravi.menon@example.org", "")
		}
	}
	w.call("POST", "/v2/transactions?source=INSTORE&identifierName=id&identifierValue=1001", `{"type":"REGULAR","billNumber":"LATER-1","billAmount":10}`, "X-CAP-DIRECT-REPLAY: true")
	slices.Sort(keys)
	rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, k := range keys {
		if a := examples[k].send(w); a.status >= 500 {
			t.Fatalf("%s: %d %s", k, a.status, a.body)
		}
	}
	for i := range 300 {
		if i == 150 && seed%2 == 1 {
			if err := w.store.SetOrg(context.Background(), "demo", "merge-mode", "approve"); err != nil {
				t.Fatal(err)
			}
		}
		customer, source := 1001+rng.IntN(20), []string{"INSTORE", "WEBSITE", "ECOMMERCE"}[rng.IntN(3)]
		var a answer
		switch rng.IntN(5) {
		case 0:
			a = w.call("POST", "/v2/customers?source="+source, fmt.Sprintf(`{"profiles":[{"firstName":"N%d \u2028 <&> \"q\"","fields":{"note":"[1,{}]"},"identifiers":[{"type":"email","value":"n%d@example.org"}]}]}`, i, rng.IntN(40)))
		case 1:
			a = w.call("POST", fmt.Sprintf("/v2/customers/%d/changeIdentifier?source=%s", customer, source), fmt.Sprintf(`{"add":[{"type":"email","value":"n%d@example.org"}]}`, rng.IntN(40)))
		case 2:
			a = w.call("POST", fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", customer), fmt.Sprintf(`{"type":"REGULAR","billNumber":"X-%d","billAmount":%d.5,"lineItemsV2":[{"itemCode":"tea","qty":2,"amount":10}]}`, i, 1+rng.IntN(5000)))
		case 3:
			a = w.call("POST", fmt.Sprintf("/v2/transactions?source=INSTORE&identifierName=id&identifierValue=%d", customer), fmt.Sprintf(`{"type":"RETURN","returnType":"AMOUNT","billNumber":"X-%d","billAmount":%d}`, rng.IntN(i+1), 1+rng.IntN(100)))
		case 4:
			if rng.IntN(3) == 0 {
				a = w.call("POST", "/v2/points/transfer", fmt.Sprintf(`{"pointsTobeTransferred":20,"fromCustomerIdentifier":{"type":"id","value":%d},"toCustomerIdentifier":{"type":"id","value":%d}}`, customer, 1001+rng.IntN(20)))
				break
			}
			a = w.call("POST", "/v2/points/redeem", fmt.Sprintf(`{"points":%d,"identifier":{"type":"id","value":"%d"}}`, 10+rng.IntN(50), customer))
		}
		if a.status >= 500 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	// Examples may erase everybody whose subscriptions they set.
	id := w.want(200, nil, "POST", "/v2/customers?source=INSTORE", `{"profiles":[{"identifiers":[{"type":"mobile","value":"9845098765"}]}]}`).get(t, "createdId")
	w.want(200, nil, "POST", fmt.Sprintf("/v2/customers/%v/subscriptions", id), `{"subscriptions":[{"channel":"SMS","priority":"BULK","type":"OPTOUT"}]}`)
	return w
}

// What is exported and imported into an empty organization of another database is exported as the same bytes, and is sound.
func TestContentComesBackEqual(t *testing.T) {
	oneByOne(t)
	ctx, quiet := context.Background(), func(int64, int64) {}
	seen := map[string]bool{}
	for seed := range uint64(4) {
		w := randomContent(t, seed)
		var first, second bytes.Buffer
		rows, err := db.ExportOrg(ctx, w.store.Path(), "demo", &first, quiet)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "copy.db")
		s, err := db.Open(ctx, path, db.Options{Serve: true, NoSync: true, Clock: at(noon)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddOrg(ctx, "copy", nil); err != nil {
			t.Fatal(err)
		}
		refusedContent(t, s, first.String())
		if n, err := s.ImportOrg(ctx, "copy", bytes.NewReader(first.Bytes()), func(int64) {}); err != nil || n != rows {
			t.Fatalf("%d rows of %d, %v", n, rows, err)
		}
		if _, err := s.ImportOrg(ctx, "copy", bytes.NewReader(first.Bytes()), func(int64) {}); err == nil || !strings.Contains(err.Error(), "copy already has customers") {
			t.Errorf("a second import: %v", err)
		}
		if _, err := db.ExportOrg(ctx, path, "copy", &second, quiet); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			was, is := strings.Split(first.String(), "\n"), strings.Split(second.String(), "\n")
			for i := range min(len(was), len(is)) {
				if was[i] != is[i] {
					t.Fatalf("line %d\n%s\ncame back as\n%s", i+1, was[i], is[i])
				}
			}
			t.Fatalf("%d lines came back as %d", len(was), len(is))
		}
		if n, err := db.Check(ctx, path, db.CheckReport{Begin: func(string) {}, Progress: quiet, Problem: func(p string) { t.Error(p) }, End: func(string, int64, string, int64) {}}); n > 0 || err != nil {
			t.Errorf("%d problems, %v", n, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(first.String()) {
			table, _, _ := strings.Cut(strings.TrimPrefix(line, `{"`), `"`)
			seen[table] = true
		}
	}
	for _, table := range db.ContentTables() {
		if !seen[table] {
			t.Errorf("there were no %s to export", table)
		}
	}
}

// refusedContent imports files that are not what an export wrote: each is refused with its line, and leaves nothing.
func refusedContent(t *testing.T, s *db.Store, whole string) {
	t.Helper()
	lines := strings.SplitAfter(whole, "\n")
	swap := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("there is no %s to spoil", old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	for text, want := range map[string]string{
		"":                                     "its last line is missing",
		strings.Join(lines[1:], ""):            "line 1: it is not the head",
		strings.Join(lines[:len(lines)-2], ""): "its last line is missing",
		whole[:len(whole)/2]:                   "line ",
		whole + lines[1]:                       "there is more data after the last line",
		strings.Join(slices.Delete(slices.Clone(lines), len(lines)-3, len(lines)-2), ""): "rows",
		swap(`"schema":`, `"schema":9`):                                                 "another version",
		swap(`{"customers":`, `{"orgs":`):                                               `there is no table "orgs"`,
		swap(`{"customers":{"id":`, `{"customers":{"org":7,"id":`):                      `there is no column "org" in customers`,
		swap(`{"customers":{"id":1001`, `{"customers":{"id":"1001"`):                    "customers.id has a value of the wrong type",
		swap(`"extended_fields":{}`, `"extended_fields":"x"`):                           "extended_fields has a value of the wrong type",
		swap(`{"customers":{"id":1002`, `{"customers":{"id":1001`):                      "it conflicts with",
		swap(`{"points_accounts":{"customer":1001`, `{"points_accounts":{"customer":9`): "it conflicts with",
		swap(`"first_name":"`, `"first_name":"\u0000`):                                  "profiles.first_name has a value of the wrong type",
		"[]\n":                     "line 1: it is not an object",
		"{} {}\n":                  "line 1: it is not an object",
		"\x00\xff":                 "line 1: it is not an object",
		strings.Repeat("[", 1<<20): "line 1: it is not an object",
	} {
		_, err := s.ImportOrg(context.Background(), "copy", strings.NewReader(text), func(int64) {})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing was imported") {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if n, err := db.ExportOrg(context.Background(), s.Path(), "copy", out, func(int64, int64) {}); err != nil || n > 1 {
		t.Errorf("%d rows are left of refused imports, %v", n, err)
	}
}
