package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// A merge takes subscriptions along with their profiles, leaves the survivor its status but for a fraud's mark, and reads both
// logs as one; undoing it gives all of that back.
func TestMergesOfStatusAndSubscriptions(t *testing.T) {
	oneByOne(t)
	ctx := context.Background()
	for _, row := range []struct {
		victim, survivor  string // labels; "" for none
		merged, parted    string // the survivor's then
		entries, entriesA int    // of the survivor's log when merged and when parted
	}{
		{"", "", "Active", "Active", 0, 0},
		{"Suspended", "", "Active", "Active", 1, 0},
		{"", "Suspended", "Suspended", "Suspended", 1, 1},
		{"Fraud", "", "Fraud", "Active", 2, 2},
		{"Fraud", "Suspended", "Fraud", "Suspended", 3, 3},
		{"Suspended", "Fraud", "Fraud", "Fraud", 2, 1},
		{"Fraud", "Fraud", "Fraud", "Fraud", 2, 1},
	} {
		t.Run(row.victim+" into "+row.survivor, func(t *testing.T) {
			s, who := openDemo(t)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			const victim, survivor = 1002, 1001
			for id, label := range map[int64]string{victim: row.victim, survivor: row.survivor} {
				if label != "" {
					_, err := s.SetStatus(ctx, who, id, StatusInput{Label: label, Reason: "a reason"})
					must(err)
				}
			}
			out := Subscription{Place{Source: "ECOMMERCE"}, "EMAIL", "BULK", false}
			_, err := s.SetSubscriptions(ctx, who, victim, []Subscription{out}, "no campaigns")
			must(err)
			merged, err := s.ChangeIdentifiers(ctx, who, victim, "ECOMMERCE", "", IdentifierChange{Add: []Identifier{{"mobile", "919845000001"}}})
			must(err)
			if merged.ID != survivor {
				t.Fatalf("merged into %d", merged.ID)
			}
			check := func(when string, id int64, label string, entries int, has bool) {
				t.Helper()
				log, _, err := s.StatusLog(ctx, who, CustomerRef{ID: id}, Page{100, 0})
				must(err)
				current := "Active"
				for _, e := range log {
					if e.Current {
						current = e.Label
					}
				}
				if current != label || len(log) != entries {
					t.Errorf("%s: %s with %d entries, want %s with %d: %+v", when, current, len(log), label, entries, log)
				}
				subs, err := s.Subscriptions(ctx, who, id)
				must(err)
				changes, _, err := s.SubscriptionLog(ctx, who, CustomerRef{ID: id}, Page{100, 0})
				must(err)
				if slices.Contains(subs.List, out) != has || len(changes) == 1 != has {
					t.Errorf("%s: %+v, %+v", when, subs.List, changes)
				}
			}
			check("merged", survivor, row.merged, row.entries, true)
			for name, call := range map[string]func() error{
				"status": func() error {
					_, err := s.SetStatus(ctx, who, victim, StatusInput{Label: "Active", Reason: "x"})
					return err
				},
				"subscriptions": func() error { _, err := s.SetSubscriptions(ctx, who, victim, []Subscription{out}, ""); return err },
				"log": func() error {
					_, _, err := s.IdentifierLog(ctx, who, CustomerRef{ID: victim}, Page{100, 0})
					return err
				},
			} {
				if err := call(); !fault.Is(err, fault.MergedCustomer) {
					t.Errorf("%s of a victim: %v", name, err)
				}
			}
			_, err = s.UndoMerge(ctx, who, 2) // the demo has one
			must(err)
			check("parted", survivor, row.parted, row.entriesA, false)
			label := row.victim
			entries := 1
			if label == "" {
				label, entries = "Active", 0
			}
			check("the victim again", victim, label, entries, true)
		})
	}
}

func TestStatusLabels(t *testing.T) {
	for _, row := range []struct{ setting, want string }{
		{"", "[]"},
		{"Chargeback=FRAUD, On leave = suspended,VIP=ACTIVE,Gone=DELETED", "[{Chargeback SUSPENDED true} {On leave SUSPENDED false} {VIP ACTIVE false} {Gone DELETED false}]"},
		{"fraud=ACTIVE", "refused"},
		{"A=ACTIVE,a=DELETED", "refused"},
		{"A", "refused"},
		{"A=GOOD", "refused"},
		{"=ACTIVE", "refused"},
	} {
		o, err := parseSettings(map[string]string{"status-labels": row.setting})
		got := fmt.Sprint(o.StatusLabels)
		if err != nil {
			got = "refused"
		}
		if got != row.want {
			t.Errorf("%q: %s, want %s (%v)", row.setting, got, row.want, err)
		}
		for _, l := range o.StatusLabels {
			if found, ok := (&orgConfig{OrgSettings: o}).statusLabel(strings.ToUpper(l.Label)); !ok || found != l {
				t.Errorf("%q: %+v", l.Label, found)
			}
		}
	}
}
