package handlers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// No tenant sees another. Whatever an org beside the demo is asked, with the demo's ids, identifiers and credentials' names, it
// answers as the same org does on a server that has no other, byte for byte.
func TestTenantsAreApart(t *testing.T) {
	oneByOne(t)
	prepare := func(beside bool) (*world, string) {
		w := worldOf(t, nil)
		if beside {
			w = newWorld(t)
		}
		ctx := context.Background()
		fatal := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.store.AddOrg(ctx, "other", nil)
		fatal(err)
		fatal(w.store.EnableSources(ctx, "other", []string{"INSTORE", "MARTJACK", "ECOMMERCE", "WEBSITE"}))
		for _, a := range []db.Place{{Source: "WECHAT", Account: "22232"}, {Source: "WECHAT", Account: "22233"}, {Source: "FACEBOOK", Account: "1234"}, {Source: "MOBILE_APP", Account: "400"}} {
			fatal(w.store.AddSourceAccount(ctx, "other", a.Source, a.Account))
		}
		fatal(w.store.AddStore(ctx, "other", "store", ""))
		hash := db.HashPassword(md5Of("another password"))
		fatal(w.store.AddTill(ctx, "other", "store", "other.till", "till", hash))
		_, err = w.store.AddKey(ctx, "other", "", db.HashKey("purr"))
		fatal(err)
		auth := basicOf("other.till", "another password")
		if beside {
			// The demo has gone on, with ids that the other org will give too.
			for i := range 5 {
				w.register("INSTORE", fmt.Sprintf("mobile:900000000%d", i))
			}
			w.change(1001, "INSTORE", "email:ravi.menon@example.org", "")
		}
		return w, auth
	}
	with, auth := prepare(true)
	without, _ := prepare(false)
	calls := samples(t)
	for _, e := range readExamples(t) { // every example, as the other org, on ids, identifiers and keys of the demo
		if e.Raw == "" && len(e.Steps)+len(e.Settings)+len(e.Headers) == 0 {
			calls = append(calls, e.sample(t))
		}
	}
	calls = append(calls, sample{id: "search", method: "GET", path: "/v2/customers/search?q=9"}, sample{id: "search", method: "GET", path: "/v2/customers/search?q=a"})
	slices.SortFunc(calls, func(a, b sample) int { return strings.Compare(a.id+a.path+a.body, b.id+b.path+b.body) })
	found := 0
	for _, c := range calls {
		if c.open {
			continue // whom it is about stands in the body
		}
		caller := auth
		if c.kittens {
			caller = "purr"
		}
		path := c.path
		if rest, ok := strings.CutPrefix(c.path, "/v2/org/1/"); ok {
			// Ids of organizations count over the whole server: the demo's is as unknown as one that is not there, and one's own
			// answers alike.
			demo, nobody := with.as(caller).call(c.method, c.path, c.body), with.as(caller).call(c.method, "/v2/org/77/"+rest, c.body)
			if demo.status != nobody.status || demo.body != strings.ReplaceAll(nobody.body, "organization 77", "organization 1") {
				t.Errorf("%s %s: %d %s, of nobody %d %s", c.method, c.path, demo.status, demo.body, nobody.status, nobody.body)
			}
			path = "/v2/org/2/" + rest
		}
		a, b := with.as(caller).call(c.method, path, c.body), without.as(caller).call(c.method, c.path, c.body)
		a.body, b.body = uuids.ReplaceAllString(a.body, "uuid"), uuids.ReplaceAllString(b.body, "uuid")
		if a.status != b.status || a.body != b.body {
			t.Errorf("%s %s %s\nbeside the demo: %d %s\nalone:           %d %s", c.method, c.path, c.body, a.status, a.body, b.status, b.body)
		}
		if a.status == 200 {
			found++
		}
	}
	// The comparison means something only where the calls do something.
	if found < 20 {
		t.Errorf("only %d of %d calls succeeded", found, len(calls))
	}
	if a := with.want(200, []int{8069}, "GET", "/v2/customers/1001", ""); !strings.Contains(a.body, "ravi.menon@example.org") {
		t.Errorf("the demo has lost its own: %s", a.body)
	}
}

var uuids = regexp.MustCompile(`[0-9a-f]{32}`)

// The words of openapi.yaml and those of the store are the same.
func TestVocabularies(t *testing.T) {
	values := func(name string) (vs []string) {
		for _, v := range contractDoc().doc.Components.Schemas[name].Value.Extensions["x-values"].([]any) {
			vs = append(vs, v.(string))
		}
		return vs
	}
	var sources []string
	for _, s := range db.Sources() {
		sources = append(sources, s.Name)
	}
	for _, c := range []struct {
		name string
		db   []string
	}{
		{"Source", sources}, {"SourceOrAll", append(slices.Clone(sources), "ALL")},
		{"CustomFieldScope", slices.Clone(customFieldScopes)}, {"LoyaltyType", []string{"loyalty", "non_loyalty"}},
		{"IdentifierType", db.IdentifierTypes()}, {"ChannelType", db.ChannelTypes()}, {"AttributionEntity", slices.Clone(db.Entities)},
		{"TransactionSource", append(slices.Clone(sources), "OTHERS")}, {"TransactionIdentifierType", append(db.IdentifierTypes(), "id")},
		{"BillType", db.BillTypes()}, {"ReturnType", db.ReturnTypes()}, {"DeliveryStatus", db.DeliveryStatuses()}, {"OutlierStatus", db.OutlierStatuses()},
		{"IngestionProfile", ProfileNames()}, {"IngestionStatus", slices.Clone(db.IngestionStatuses)},
		{"EventAction", db.EventActions()}, {"EventFieldType", db.EventFieldTypes()}, {"EventTransformer", db.EventTransformers()},
	} {
		got := values(c.name)
		slices.Sort(got)
		slices.Sort(c.db)
		if !slices.Equal(got, c.db) {
			t.Errorf("%s: openapi.yaml %q, store %q", c.name, got, c.db)
		}
	}
}
