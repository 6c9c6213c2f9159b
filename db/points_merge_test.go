package db

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// joins merges the customer with an e-mail address into the customer who has it in another source.
func (w *pointsWorld) joins(victim int64, source string, into string) int64 {
	w.t.Helper()
	out, err := w.ChangeIdentifiers(context.Background(), w.who, victim, source, "", IdentifierChange{Add: []Identifier{{"email", into}}})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.Merges(context.Background(), w.who, victim, 1, 0)
	if err != nil || len(p.Items) != 1 || p.Items[0].Victim != victim || p.Items[0].Survivor != out.ID {
		w.t.Fatal(p, err)
	}
	return p.Items[0].ID
}

func TestAMergeBringsPointsAndItsUndoingTakesThem(t *testing.T) {
	oneByOne(t)
	ctx := context.Background()
	// 1002 is Ravi in ECOMMERCE, 1005 Tomoko in MARTJACK.
	prepare := func(t *testing.T) (*pointsWorld, int64, int64) {
		w := newPointsWorld(t)
		bill := w.buys(1002, 1000)
		w.buys(1005, 400)
		*w.now = w.now.Add(time.Hour)
		w.buys(1002, 200)
		w.spends(1002, 30_000)
		return w, w.joins(1002, "ECOMMERCE", "tomoko.sato@example.org"), bill
	}
	w, id, _ := prepare(t)
	w.holds(1002, "0 0 0 0 0 0")
	w.holds(1005, "130000 160000 30000 0 0 0")
	w.sound()
	if _, err := w.UndoMerge(ctx, w.who, id); err != nil {
		t.Fatal(err)
	}
	w.holds(1002, "90000 120000 30000 0 0 0")
	w.holds(1005, "40000 40000 0 0 0 0")
	w.sound()

	// The survivor's own points may go, in the order in which they expire; the victim's may not.
	w, id, _ = prepare(t)
	w.spends(1005, 70_000) // the first of the victim's batches holds 70, and expires as early as the survivor's
	w.holds(1005, "60000 160000 100000 0 0 0")
	_, err := w.UndoMerge(ctx, w.who, id)
	faultIs(t, err, fault.MergePointsSpent)
	w.holds(1005, "60000 160000 100000 0 0 0")

	// A bill of the victim is returned from the survivor's points; then the two cannot be told apart.
	w, id, bill := prepare(t)
	if _, err := w.returns(1005, bill, 1000, 900); err != nil {
		t.Fatal(err)
	}
	w.holds(1005, "120000 160000 30000 0 10000 0")
	_, err = w.UndoMerge(ctx, w.who, id)
	faultIs(t, err, fault.MergePointsSpent)
	w.sound()

	// What expires between belongs to whom it came from.
	w, id, _ = prepare(t)
	*w.now = w.now.AddDate(0, 0, 20)
	later := w.buys(1005, 10)
	_ = later
	if err := w.do(func(tx *Tx, o *orgConfig) error {
		_, err := tx.Exec(`UPDATE points_batches SET expires_on = $1 WHERE customer = 1005 AND remaining = 70000`, tx.now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.holds(1005, "61000 161000 30000 70000 0 0")
	if _, err := w.UndoMerge(ctx, w.who, id); err != nil {
		t.Fatal(err)
	}
	w.holds(1002, "20000 120000 30000 70000 0 0")
	w.holds(1005, "41000 41000 0 0 0 0")
	w.sound()
}

// The batches keep their dates.
func TestMergedPointsExpireWhenTheyWouldHave(t *testing.T) {
	w := newPointsWorld(t)
	w.buys(1002, 1000)
	*w.now = w.now.AddDate(0, 0, 100)
	w.buys(1005, 100)
	w.joins(1002, "ECOMMERCE", "tomoko.sato@example.org")
	w.holds(1005, "110000 110000 0 0 0 0")
	*w.now = time.Date(2027, 2, 3, 18, 30, 0, 0, time.UTC)
	w.holds(1005, "10000 110000 0 100000 0 0")
	var dates []string
	err := w.do(func(tx *Tx, o *orgConfig) error {
		bs, err := tx.batches(1, 1005, never)
		for _, b := range bs {
			dates = append(dates, lastDay(b.expires, o.TimeZone))
		}
		return err
	})
	if got := fmt.Sprint(dates); err != nil || got != "[2027-05-14]" {
		t.Error(got, err)
	}
	w.sound()
}

// What was done with the points of somebody who was merged is read of the survivor, and adds up to what they have; undone, it is
// the victim's alone again.
func TestTheHistoryOfPointsFollowsAMerge(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	c := w.newcomers(3)
	w.buys(c[0], 1000)
	w.buys(c[1], 500)
	w.spends(c[0], 20_000)
	if _, err := w.TransferPoints(ctx, w.who, TransferInput{From: CustomerRef{ID: c[0]}, To: CustomerRef{ID: c[2]}, Points: 10_000}); err != nil {
		t.Fatal(err)
	}
	read := func(customer int64) (events, transfers int, sum int64) {
		t.Helper()
		list, _, err := w.LoyaltyEvents(ctx, w.who, CustomerRef{ID: customer})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			sum += e.Points
		}
		gave, _, err := w.Transfers(ctx, w.who, CustomerRef{ID: customer})
		if err != nil {
			t.Fatal(err)
		}
		l, err := w.LedgerInfo(ctx, w.who, LedgerQuery{Customer: CustomerRef{ID: customer}, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		ledger := int64(0)
		for _, e := range l.Entries {
			ledger += e.Points
		}
		p, err := w.PointsOf(ctx, w.who, CustomerRef{ID: customer})
		if err != nil || sum != p.Balance || ledger != p.Balance {
			t.Errorf("customer %d has %d; the events add up to %d, the ledger to %d; %v", customer, p.Balance, sum, ledger, err)
		}
		return len(list), len(gave), sum
	}
	e0, t0, s0 := read(c[0])
	e1, t1, s1 := read(c[1])
	id, err := w.merges(c[0], c[1])
	if err != nil {
		t.Fatal(err)
	}
	// The victim's registration is not listed, both sides of the merge are.
	if e, tr, s := read(c[1]); e != e0-1+e1+2 || tr != t0+t1 || tr != 1 || s != s0+s1 {
		t.Errorf("%d events, %d transfers, %d; before %d+%d, %d+%d, %d+%d", e, tr, s, e0, e1, t0, t1, s0, s1)
	}
	if _, err := w.UndoMerge(ctx, w.who, id); err != nil {
		t.Fatal(err)
	}
	if _, tr, s := read(c[0]); tr != t0 || s != s0 {
		t.Errorf("%d transfers, %d", tr, s)
	}
	if _, tr, s := read(c[1]); tr != t1 || s != s1 {
		t.Errorf("%d transfers, %d", tr, s)
	}
}

// Whoever a merge brought into the programme leaves it with its undoing, unless they were said to be in it or have earned since.
func TestUndoingAMergeLeavesMembersIn(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		since func(w *pointsWorld)
		want  string
	}{
		"nothing": {func(*pointsWorld) {}, "non_loyalty"},
		"a name": {func(w *pointsWorld) {
			w.says(1004, ProfileInput{FirstName: ptr("Q")}, CustomerInput{})
		}, "non_loyalty"},
		"said": {func(w *pointsWorld) {
			w.says(1004, ProfileInput{}, CustomerInput{LoyaltyType: "loyalty"})
		}, "loyalty"},
		"earned": {func(w *pointsWorld) { w.buys(1004, 1000) }, "loyalty"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newPointsWorld(t)
			w.buys(1005, 400)
			*w.now = w.now.Add(time.Hour) // what the survivor earns expires as early, and is spent later
			other, err := w.Customer(ctx, w.who, 1004, "", "")
			if err != nil || other.LoyaltyType != "non_loyalty" {
				t.Fatal(other.LoyaltyType, err)
			}
			items, err := w.RequestMerges(ctx, w.who, []MergeAsk{{Victim: 1005, Survivor: 1004}}, true)
			if err != nil || items[0].Fault != nil {
				t.Fatal(items, err)
			}
			c.since(w)
			p, err := w.Merges(ctx, w.who, 1005, 1, 0)
			if err != nil || len(p.Items) != 1 {
				t.Fatal(p, err)
			}
			if _, err := w.UndoMerge(ctx, w.who, p.Items[0].ID); err != nil {
				t.Fatal(err)
			}
			after, err := w.Customer(ctx, w.who, 1004, "", "")
			if err != nil || after.LoyaltyType != c.want {
				t.Errorf("%s, want %s, %v", after.LoyaltyType, c.want, err)
			}
			w.sound()
		})
	}
}

func (w *pointsWorld) says(id int64, p ProfileInput, in CustomerInput) {
	w.t.Helper()
	if _, err := w.UpdateCustomer(context.Background(), w.who, id, "INSTORE", "", &p, in); err != nil {
		w.t.Fatal(err)
	}
}
