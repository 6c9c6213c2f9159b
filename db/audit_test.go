package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

type auditRow struct {
	action        string
	subject       int64
	before, after sql.NullString
}

func auditRows(t *testing.T, s *Store, org int64) (rows []auditRow) {
	t.Helper()
	err := s.read(context.Background(), func(tx *Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var r auditRow
			err := scan(&r.action, &r.subject, &r.before, &r.after)
			rows = append(rows, r)
			return err
		}, `SELECT action, subject, before, after FROM audit WHERE org = $1 AND kind = 'customer' ORDER BY id`, org)
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// From the audit rows alone every customer is put together again, as they are now and as they were before each change.
func TestAuditRowsMakeTheCustomer(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	ctx := context.Background()
	text := func(s string) *string { return &s }
	yes := true
	register := func(source, account string, p ProfileInput, in CustomerInput) Outcome {
		t.Helper()
		out, err := s.RegisterCustomer(ctx, who, source, account, p, in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	update := func(id int64, source, account string, p *ProfileInput, in CustomerInput) {
		t.Helper()
		if _, err := s.UpdateCustomer(ctx, who, id, source, account, p, in); err != nil {
			t.Fatal(err)
		}
	}
	change := func(id int64, source string, ask IdentifierChange) Outcome {
		t.Helper()
		out, err := s.ChangeIdentifiers(ctx, who, id, source, "", ask)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a := register("INSTORE", "", ProfileInput{FirstName: text("Noor"), Fields: map[string]string{"a/b~c": "1"},
		Identifiers: []Identifier{{"mobile", "9800000001"}, {"email", "noor@example.org"}}}, CustomerInput{ExtendedFields: map[string]string{"hobby": "chess"}})
	b := register("WECHAT", "22232", ProfileInput{FirstName: text("Noor"), Identifiers: []Identifier{{"wechat", "noor-w"}, {"mobile", "9800000002"}}}, CustomerInput{LoyaltyType: "non_loyalty"})
	register("ECOMMERCE", "", ProfileInput{Identifiers: []Identifier{{"mobile", "9800000002"}}}, CustomerInput{AssociatedWith: who.TillCode})
	// A registration is audited as it was written, not as it is read: a channel that is sent twice, one that is an identifier too, a
	// date in another zone, and identifiers of two others.
	no, seen := false, "2026-01-31T23:30:00-05:00"
	register("INSTORE", "", ProfileInput{LastName: text(" Rao "), Identifiers: []Identifier{{"mobile", "9800000003"}, {"email", "rao@example.org"}}, Channels: []ChannelInput{
		{Type: "email", Value: "Rao@example.org", Subscribed: &no}, {Type: "line", Value: "rao", Primary: &yes}, {Type: "line", Value: "rao", Meta: &ChannelMetaInput{LastViewedDate: &seen}, Attributes: map[string]string{"x": "y"}},
	}}, CustomerInput{CreatedBy: who.TillCode, CreateDate: "2026-01-31", AssociatedWith: who.TillCode})
	register("MARTJACK", "", ProfileInput{Identifiers: []Identifier{{"mobile", "9800000001"}, {"mobile", "9800000003"}}}, CustomerInput{ExtendedFields: map[string]string{"a/b": "1"}})
	update(a.ID, "INSTORE", "", &ProfileInput{LastName: text("Khan"), Channels: []ChannelInput{{Type: "mobile", Value: "9800000001", Verified: &yes, Attributes: map[string]string{"x": "y"}}}}, CustomerInput{})
	update(a.ID, "INSTORE", "", &ProfileInput{LastName: text("")}, CustomerInput{})
	change(a.ID, "INSTORE", IdentifierChange{Add: []Identifier{{"externalId", "ARTE-77"}}, Remove: []Identifier{{"email", "noor@example.org"}}})
	change(b.ID, "ECOMMERCE", IdentifierChange{Add: []Identifier{{"email", "nk@example.org"}}})
	if out := change(b.ID, "ECOMMERCE", IdentifierChange{Add: []Identifier{{"externalId", "ARTE-77"}}}); out.ID != a.ID {
		t.Fatalf("%d did not merge into %d", b.ID, a.ID)
	}
	made := map[int64]map[string]json.RawMessage{}
	rows := auditRows(t, s, who.Org)
	for i, r := range rows {
		changes, err := Changes(r.before, r.after)
		if err != nil {
			t.Fatal(err)
		}
		if made[r.subject] == nil {
			if r.before.Valid {
				t.Errorf("row %d, %s: there is a before, and there was nothing", i, r.action)
			}
			made[r.subject] = map[string]json.RawMessage{}
		}
		if len(changes) == 0 && r.action != "customer.changeIdentifier" {
			t.Errorf("row %d, %s: nothing changed", i, r.action)
		}
		for _, c := range changes {
			if have := made[r.subject][c.Field]; string(have) != string(c.Before) {
				t.Errorf("row %d, %s of %s: before is %s, it was %s", i, r.action, c.Field, c.Before, have)
			}
			if made[r.subject][c.Field] = c.After; c.After == nil {
				delete(made[r.subject], c.Field)
			}
		}
	}
	err := s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		for id, have := range made {
			c, err := tx.customer(o, who.Org, id)
			if err != nil {
				return err
			}
			if got, want := toJSON(have), toJSON(c.fields()); got != want {
				t.Errorf("customer %d\n from the rows %s\n is            %s", id, got, want)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(made); n < 8 {
		t.Errorf("only %d customers", n)
	}
	// The words of two rows, whole: the update of a name, and the removal of it.
	updates := slices.DeleteFunc(rows, func(r auditRow) bool { return r.action != "customer.update" })[1:] // the first is the demo organization's
	for i, want := range []string{
		`{"profiles/INSTORE/channels/mobile/919800000001":{"subscribed":true}} {"profiles/INSTORE/channels/mobile/919800000001":{"verified":true,"subscribed":true,"attributes":{"x":"y"}},"profiles/INSTORE/lastName":"Khan"}`,
		`{"profiles/INSTORE/lastName":"Khan"} {}`,
	} {
		if got := updates[i].before.String + " " + updates[i].after.String; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Rows that were written when a customer was kept whole, or of another kind, are read in the same way.
func TestChanges(t *testing.T) {
	t.Parallel()
	null := func(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
	for _, c := range []struct {
		before, after string
		want          map[string]string
	}{
		{"", `{"code":"till9"}`, map[string]string{"code": ` → "till9"`}},
		{`{"id":1,"loyaltyType":"loyalty"}`, `{"id":1,"loyaltyType":"non_loyalty"}`, map[string]string{"loyaltyType": `"loyalty" → "non_loyalty"`}},
		{`{"lastName":"Khan"}`, "", map[string]string{"lastName": `"Khan" → `}},
		{"", "{}", map[string]string{}},
	} {
		changes, err := Changes(null(c.before), null(c.after))
		got := map[string]string{}
		for _, ch := range changes {
			got[ch.Field] = string(ch.Before) + " → " + string(ch.After)
		}
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s, %s: %v, %v", c.before, c.after, got, err)
		}
	}
	if _, err := Changes(null("{"), null("{}")); err == nil {
		t.Error("what is no JSON was read")
	}
}
