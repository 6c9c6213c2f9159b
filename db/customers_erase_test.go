package db

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// After an erasure and the rewriting of the file, nothing that the person ever was called or reached by is in the file or the log
// beside it, whatever happened before: changes, merges, merges undone, requests. Everybody else is there as before.
func TestErasureLeavesNoTrace(t *testing.T) {
	oneByOne(t)
	s, who := openDemo(t)
	ctx := context.Background()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// Enough others that rows move between pages.
	for i := range 300 {
		n := fmt.Sprintf("Other%d", i)
		must(s.RegisterCustomer(ctx, who, "WEBSITE", "", ProfileInput{FirstName: &n, Identifiers: []Identifier{{"mobile", fmt.Sprint(919000000000 + i*7919%300)}}}, CustomerInput{}))
	}
	person := func(n int, source, account string) int64 {
		t.Helper()
		p := ProfileInput{FirstName: ptr(fmt.Sprintf("Zqfirst%d", n)), LastName: ptr(fmt.Sprintf("Zqlast%d", n)), Fields: map[string]string{"Favorite": fmt.Sprintf("zqfield%d", n)},
			Identifiers: []Identifier{{"email", fmt.Sprintf("zqmail%d@example.org", n)}, {"mobile", fmt.Sprintf("91777000000%d", n)}},
			Channels:    []ChannelInput{{Type: "whatsapp", Value: fmt.Sprintf("zqwhatsapp%d", n), Attributes: map[string]string{"a": fmt.Sprintf("zqattribute%d", n)}}}}
		out, err := s.RegisterCustomer(ctx, who, source, account, p, CustomerInput{ExtendedFields: map[string]string{"e": fmt.Sprintf("zqextended%d", n)}})
		must(nil, err)
		return out.ID
	}
	asked := who // an answer that is kept for repeats names the address that nobody has yet
	asked.Once = &Once{Method: "PUT", Path: "/v2/customers/lookup", Key: "K", Hash: strings.Repeat("0", 64)}
	_, err := s.UpdateCustomerByIdentifier(ctx, asked, Identifier{"email", "zqmail1@example.org"}, "INSTORE", "", &ProfileInput{}, CustomerInput{})
	if !fault.Is(err, fault.CustomerNotFound) {
		t.Fatal(err)
	}
	a, b := person(1, "INSTORE", ""), person(2, "ECOMMERCE", "")
	must(s.UpdateCustomer(ctx, who, a, "INSTORE", "", &ProfileInput{FirstName: ptr("Zqformer")}, CustomerInput{}))
	must(s.UpdateCustomer(ctx, who, a, "INSTORE", "", &ProfileInput{FirstName: ptr("Zqfirst1")}, CustomerInput{}))
	// b asks for a merge into a, which is approved; then b is merged into a, undone, and merged for good.
	must(nil, s.SetOrg(ctx, "demo", "merge-mode", "approve"))
	must(s.ChangeIdentifiers(ctx, who, b, "ECOMMERCE", "", IdentifierChange{Add: []Identifier{{"mobile", "917770000001"}}}))
	must(nil, s.SetOrg(ctx, "demo", "merge-mode", "auto"))
	merge := func(id int64, source string, identifier Identifier, into int64) {
		t.Helper()
		out, err := s.ChangeIdentifiers(ctx, who, id, source, "", IdentifierChange{Add: []Identifier{identifier}, Remove: []Identifier{{"email", "zqmail2@example.org"}}})
		if err != nil || out.ID != into {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	merge(b, "ECOMMERCE", Identifier{"mobile", "917770000001"}, a)
	must(s.UndoMerge(ctx, who, 2))
	// Others asked to merge the two, and said why.
	for _, ask := range []MergeAsk{{1005, a, "zqcomment of 1005"}, {a, 1002, "zqcomment of 1"}} {
		items, err := s.RequestMerges(ctx, who, []MergeAsk{ask}, false)
		must(nil, err)
		if items[0].Fault != nil {
			t.Fatal(items[0].Fault)
		}
	}
	said := "zqcomment at the end"
	must(s.DecideMerge(ctx, Who{Org: 1}, MergeDecision{ID: 3, Status: RequestRejected, Comments: &said}))
	// Before the merge for good, b was somebody else's for a while: whose rows told of b.
	merge(b, "ECOMMERCE", Identifier{"martjackId", "MJ-1005"}, 1005)
	must(s.UndoMerge(ctx, who, 3))
	must(s.ChangeIdentifiers(ctx, who, 1001, "INSTORE", "", IdentifierChange{Add: []Identifier{{"externalId", "ARTE-1"}}}))
	merge(b, "ECOMMERCE", Identifier{"mobile", "917770000001"}, a)

	others := func() (all []string) {
		for id := int64(1001); id < a; id++ {
			f, err := s.Customer(ctx, who, id, "", "")
			must(nil, err)
			all = append(all, toJSON(f))
		}
		return all
	}
	export, err := s.ExportCustomer(ctx, who, a)
	must(nil, err)
	kept := toJSON(export)
	for _, want := range []string{"Zqfirst1", "Zqfirst2", "Zqformer", "Zqlast1", "zqmail1@example.org", "917770000001", "zqfield2", "zqextended1", "zqwhatsapp1", "zqattribute2", "zqcomment at the end"} {
		if !strings.Contains(kept, want) {
			t.Errorf("the export lacks %s", want)
		}
	}
	values := func() (found []string) {
		for _, file := range []string{s.Path(), s.Path() + "-wal"} {
			data, err := os.ReadFile(file)
			must(nil, err)
			data = bytes.ToLower(data)
			for _, v := range []string{"zqfirst", "zqlast", "zqformer", "zqmail", "91777000000", "777000000", "zqfield", "zqextended", "zqwhatsapp", "zqattribute", "zqcomment"} {
				if n := bytes.Count(data, []byte(v)); n > 0 {
					found = append(found, fmt.Sprintf("%s %d times", v, n))
				}
			}
		}
		return found
	}
	if found := values(); len(found) < 10 {
		t.Fatalf("before the erasure the file has only %q", found)
	}
	before := others()
	e, err := s.EraseCustomer(ctx, who, a)
	if err != nil || !slices.Equal(e.IDs, []int64{a, b}) {
		t.Fatalf("%+v, %v", e, err)
	}
	if since, err := s.RewriteNeeded(ctx); err != nil || since.IsZero() {
		t.Errorf("rewriting is needed since %v, %v", since, err)
	}
	if done, err := s.Rewrite(ctx); err != nil || !done {
		t.Fatalf("rewritten: %v, %v", done, err)
	}
	if since, err := s.RewriteNeeded(ctx); err != nil || !since.IsZero() {
		t.Errorf("rewriting is needed since %v, %v", since, err)
	}
	if found := values(); len(found) > 0 {
		t.Errorf("the file still has %q", found)
	}
	if !slices.Equal(before, others()) {
		t.Error("somebody else was changed")
	}
	if errs := checkSound(t, s); len(errs) > 0 {
		t.Error(errs)
	}

	for _, id := range []int64{a, b} {
		_, err := s.Customer(ctx, who, id, "", "")
		_, err2 := s.UpdateCustomer(ctx, who, id, "INSTORE", "", &ProfileInput{FirstName: ptr("x")}, CustomerInput{})
		_, err3 := s.ExportCustomer(ctx, who, id)
		_, err4 := s.EraseCustomer(ctx, who, id)
		for _, err := range []error{err, err2, err3, err4} {
			if !fault.Is(err, fault.CustomerErased) {
				t.Errorf("customer %d: %v", id, err)
			}
		}
		trail, err := s.Audit(ctx, who, id, 100, 0)
		if err != nil || trail.Total < 3 || trail.Items[0].Action != "customer.erased" {
			t.Errorf("trail: %+v, %v", trail, err)
		}
		for _, entry := range trail.Items {
			if len(entry.Changes) > 0 {
				t.Errorf("the trail of %d tells: %+v", id, entry)
			}
		}
	}
	if _, err := s.UndoMerge(ctx, who, 4); !fault.Is(err, fault.CustomerErased) {
		t.Errorf("undo: %v", err)
	}
	if list, err := s.Merges(ctx, Who{Org: 1}, a, 10, 0); err != nil || list.Total != 2 || list.Items[0].UndoUntil != nil {
		t.Errorf("merges: %+v, %v", list, err)
	}
}

// Who asked for the identifier of a person who was erased no longer has it in their own trail.
func TestErasureOfWhoWasAskedFor(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	if err := s.SetOrg(ctx, "demo", "merge-mode", "approve"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeIdentifiers(ctx, who, 1002, "ECOMMERCE", "", IdentifierChange{Add: []Identifier{{"mobile", "919845000001"}}}); err != nil {
		t.Fatal(err)
	}
	for _, erased := range []bool{false, true} {
		p, err := s.Audit(ctx, who, 1002, 10, 0)
		if err != nil || strings.Contains(toJSON(p), "919845000001") == erased {
			t.Errorf("erased %v: %s, %v", erased, toJSON(p), err)
		}
		if !erased {
			if _, err := s.EraseCustomer(ctx, who, 1001); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Who was erased is known when they come again, in any source, until somebody else has the identifier.
func TestErasedPersonsAreKnown(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	register := func(source string, ids ...Identifier) error {
		_, err := s.RegisterCustomer(ctx, who, source, "", ProfileInput{Identifiers: ids}, CustomerInput{})
		return err
	}
	asha, mail := Identifier{"mobile", "+91 98450 00001"}, Identifier{"email", "Asha.Rao@example.org"}
	if _, err := s.EraseCustomerAndRows(ctx, Who{Org: 1}, 1001); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"INSTORE", "WEBSITE"} {
		for _, id := range []Identifier{asha, mail} {
			if err := register(source, id, Identifier{"externalId", "NEW-1"}); !fault.Is(err, fault.RegisterErased) || strings.Contains(err.Error(), id.Value) {
				t.Errorf("%s %s: %v", source, id.Type, err)
			}
		}
	}
	if _, err := s.LookupCustomer(ctx, who, asha, "", ""); !fault.Is(err, fault.CustomerNotFound) {
		t.Errorf("lookup: %v", err)
	}
	// The number goes to another person, and is theirs.
	if _, err := s.ChangeIdentifiers(ctx, who, 1002, "ECOMMERCE", "", IdentifierChange{Add: []Identifier{asha}}); err != nil {
		t.Fatal(err)
	}
	if out, err := s.RegisterCustomer(ctx, who, "INSTORE", "", ProfileInput{Identifiers: []Identifier{asha}}, CustomerInput{}); err != nil || out.ID != 1002 {
		t.Errorf("the new holder: %+v, %v", out, err)
	}
	if err := register("INSTORE", mail); !fault.Is(err, fault.RegisterErased) {
		t.Errorf("the other identifier: %v", err)
	}
	// Another org has a key of its own, and knows nothing of it.
	if _, err := s.AddOrg(ctx, "other", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.EnableSources(ctx, "other", []string{"INSTORE"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RegisterCustomer(ctx, Who{Org: 2}, "INSTORE", "", ProfileInput{Identifiers: []Identifier{mail}}, CustomerInput{}); err != nil {
		t.Error(err)
	}
}

// The trail of a customer is what was done to them, with what differs.
func TestAuditTrail(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	if _, err := s.UpdateCustomer(ctx, who, 1002, "ECOMMERCE", "", &ProfileInput{FirstName: ptr("Ravindra")}, CustomerInput{}); err != nil {
		t.Fatal(err)
	}
	p, err := s.Audit(ctx, who, 1002, 1, 0)
	if err != nil || p.Total != 2 || len(p.Items) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	got := p.Items[0]
	want := []Change{{"profiles/ECOMMERCE/firstName", json.RawMessage(`"Ravi"`), json.RawMessage(`"Ravindra"`)}}
	if got.Action != "customer.update" || got.By.Code != "store.server" || got.RequestID != "TEST" || !got.On.Equal(noon) || toJSON(got.Changes) != toJSON(want) {
		t.Errorf("%+v", got)
	}
	if p, err = s.Audit(ctx, Who{Org: 1}, 1002, 10, 1); err != nil || len(p.Items) != 1 || p.Items[0].Action != "customer.register" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := s.Audit(ctx, who, 9999, 1, 0); !fault.Is(err, fault.CustomerNotFound) {
		t.Error(err)
	}
}

// A number that the server made, and that became somebody's external id, goes from the trail with them; those of others stay.
func TestErasureReachesGeneratedExternalIDs(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	must := mustOf(t)
	must(s.SetOrg(ctx, "demo", "card-numbers", "ALL"))
	var numbers []string
	for range 2 {
		n, err := s.GenerateExternalID(ctx, who)
		must(err)
		numbers = append(numbers, n)
	}
	out, err := s.RegisterCustomer(ctx, who, "INSTORE", "", ProfileInput{Identifiers: []Identifier{{"mobile", "9000000001"}, {"externalId", numbers[0]}}}, CustomerInput{})
	must(err)
	trail := func() string {
		t.Helper()
		p, err := s.AuditOfKind(ctx, Who{Org: 1}, "settings", 100, 0)
		must(err)
		return toJSON(p)
	}
	if got := trail(); !strings.Contains(got, numbers[0]) || !strings.Contains(got, numbers[1]) {
		t.Fatal(got)
	}
	_, err = s.EraseCustomer(ctx, who, out.ID)
	must(err)
	if got := trail(); strings.Contains(got, numbers[0]) || !strings.Contains(got, numbers[1]) || strings.Count(got, "external id.generate") != 2 {
		t.Error(got)
	}
}

// Of answers that are kept for repeats, those go that tell of the person however they were typed, within answers to several too.
func TestErasureReachesRefusalsAsTyped(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	ask := func(key string, mobile string) {
		t.Helper()
		asked := who
		asked.Once = &Once{Method: "PUT", Path: "/v2/customers/lookup", Key: key, Hash: strings.Repeat("0", 64)}
		_, err := s.UpdateCustomerByIdentifier(ctx, asked, Identifier{"mobile", mobile}, "INSTORE", "", &ProfileInput{}, CustomerInput{})
		if !fault.Is(err, fault.CustomerNotFound) {
			t.Fatal(err)
		}
	}
	ask("theirs", "0 98450 12345")
	ask("another's", "0 98450 12346")
	type item struct {
		ID    int64
		Fault *fault.Fault
	}
	several := who
	several.Once = &Once{Method: "POST", Path: "/v2/customers/bulk", Key: "several", Hash: strings.Repeat("0", 64)}
	_, err := once(ctx, s, several, func(*Tx) ([]item, error) {
		return []item{{7, nil}, {0, fault.CustomerNotFound.With("type", "mobile", "value", "+91 (98450) 12345")}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	kept := func() (keys string) {
		t.Helper()
		if err := s.read(ctx, func(tx *Tx) error {
			return tx.QueryRow(`SELECT coalesce(group_concat(key, ', '), '') FROM (SELECT key FROM idempotency WHERE org = 1 ORDER BY key)`).Scan(&keys)
		}); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	out, err := s.RegisterCustomer(ctx, who, "INSTORE", "", ProfileInput{Identifiers: []Identifier{{"mobile", "9845012345"}}}, CustomerInput{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kept(), "another's, several, theirs"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if _, err := s.EraseCustomer(ctx, who, out.ID); err != nil {
		t.Fatal(err)
	}
	if got, want := kept(), "another's"; got != want {
		t.Errorf("after the erasure there is %s, want %s", got, want)
	}
}
