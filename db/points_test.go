package db

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arteriole/arteriole/fault"
)

// pointsWorld is a store with the demo and a clock that tests move.
type pointsWorld struct {
	*Store
	t    testing.TB
	who  Who
	now  *time.Time
	path string
	bill int64
	ctx  context.Context // of the calls: in a batch, its own
}

func newPointsWorld(t testing.TB) *pointsWorld {
	t.Helper()
	w := &pointsWorld{t: t, who: Who{Org: 1, Till: 1, TillCode: "store.server", RequestID: "TEST"}, now: new(time.Time), path: copyOf(t, demoFile), bill: 900_000, ctx: context.Background()}
	*w.now = noon
	s, err := Open(context.Background(), w.path, Options{Clock: func() time.Time { return *w.now }, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Store = s
	return w
}

// do runs fn as a write of the org.
func (w *pointsWorld) do(fn func(tx *Tx, o *orgConfig) error) error {
	return w.write(w.ctx, func(tx *Tx) error {
		o, err := tx.org(w.who.Org)
		if err != nil {
			return err
		}
		return fn(tx, o)
	})
}

// buys earns for a bill of an amount in whole units, and gives its id.
func (w *pointsWorld) buys(customer, amount int64) int64 {
	w.t.Helper()
	w.bill++
	err := w.do(func(tx *Tx, o *orgConfig) error {
		_, _, err := tx.earn(o, w.who, earning{Customer: customer, Transaction: w.bill, BillingDate: tx.now, Amount: amount * 1000})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.bill
}

func (w *pointsWorld) returns(customer, bill, before, left int64) (effects []SideEffect, err error) {
	w.bill++
	err = w.do(func(tx *Tx, o *orgConfig) error {
		effects, _, err = tx.takeBack(o, w.who, takeBack{Customer: customer, Sale: bill, Return: w.bill, AmountBefore: before * 1000, AmountLeft: left * 1000})
		return err
	})
	return effects, err
}

// holds compares balance, lifetime, redeemed, expired, returned and adjusted, in thousandths, after what is due was written off.
func (w *pointsWorld) holds(customer int64, want string) {
	w.t.Helper()
	err := w.do(func(tx *Tx, o *orgConfig) error {
		a, err := tx.openWallet(w.who.Org, customer)
		if got := fmt.Sprint(a.balance, a.lifetime, a.redeemed, a.expired, a.returned, a.adjusted); got != want {
			w.t.Errorf("customer %d: %s, want %s", customer, got, want)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// sound runs the check of the whole database.
func (w *pointsWorld) sound() {
	w.t.Helper()
	_, err := Check(context.Background(), w.path, CheckReport{
		Begin: func(string) {}, Progress: func(int64, int64) {}, Problem: func(text string) {
			if !strings.Contains(text, "in the future") { // the tests' clock
				w.t.Error(text)
			}
		}, End: func(string, int64, string, int64) {},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func faultIs(t testing.TB, err error, c *fault.Code) {
	t.Helper()
	if f, ok := fault.Of(err); !ok || f.Code != c {
		t.Errorf("%v, want %s", err, c.Name)
	}
}

func TestABillEarnsAndAReturnTakesBack(t *testing.T) {
	w := newPointsWorld(t)
	var effects []SideEffect
	err := w.do(func(tx *Tx, o *orgConfig) (err error) {
		effects, _, err = tx.earn(o, w.who, earning{Customer: 1005, Transaction: 1, BillingDate: tx.now, Amount: 640_500})
		return err
	})
	last := time.Date(2027, 2, 3, 23, 59, 59, 999_000_000, kolkata)
	if diff := cmp.Diff([]SideEffect{{Type: "points", Customer: 1005, Awarded: 64_000, Raw: 64_050, Expires: last}}, effects); err != nil || diff != "" {
		t.Error(err, diff)
	}
	w.holds(1005, "64000 64000 0 0 0 0")
	// 640.50 less 320.00 would earn 32.05, so 32 are kept.
	effects, err = w.returnsExactly(1005, 1, 640_500, 320_500)
	if diff := cmp.Diff([]SideEffect{{Type: "points", Customer: 1005, Awarded: -32_000, Raw: -32_000}}, effects); err != nil || diff != "" {
		t.Error(err, diff)
	}
	w.holds(1005, "32000 64000 0 0 32000 0")
	effects, err = w.returnsExactly(1005, 1, 320_500, 0)
	if diff := cmp.Diff([]SideEffect{{Type: "points", Customer: 1005, Awarded: -32_000, Raw: -32_050}}, effects); err != nil || diff != "" {
		t.Error(err, diff)
	}
	w.holds(1005, "0 64000 0 0 64000 0")
	w.sound()
}

func (w *pointsWorld) returnsExactly(customer, bill, before, left int64) (effects []SideEffect, err error) {
	w.bill++
	err = w.do(func(tx *Tx, o *orgConfig) error {
		effects, _, err = tx.takeBack(o, w.who, takeBack{Customer: customer, Sale: bill, Return: w.bill, AmountBefore: before, AmountLeft: left})
		return err
	})
	return effects, err
}

func TestWhoEarnsNothing(t *testing.T) {
	w := newPointsWorld(t)
	w.buys(1004, 1000) // non_loyalty
	w.holds(1004, "0 0 0 0 0 0")
	if effects, err := w.returns(1004, w.bill, 1000, 0); err != nil || effects != nil {
		t.Error(effects, err)
	}
	w.buys(1005, 9) // 0.9 points
	w.holds(1005, "0 0 0 0 0 0")
	err := w.do(func(tx *Tx, o *orgConfig) error {
		_, warnings, err := tx.earn(o, w.who, earning{Customer: 1005, Transaction: 1, BillingDate: time.Date(2019, 12, 31, 12, 0, 0, 0, time.UTC).UnixMilli(), Amount: 1_000_000})
		if len(warnings) != 1 || warnings[0].Code != fault.NoProgram {
			t.Errorf("before the first version: %v", warnings)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	w.holds(1005, "0 0 0 0 0 0")
	w.sound()
}

// A bill earns by the version in force at its billing date, and a return keeps to it.
func TestABillHasTheVersionOfItsDate(t *testing.T) {
	w := newPointsWorld(t)
	ctx := context.Background()
	before := w.buys(1005, 1000)
	double := DemoProgram()
	double.Rate *= 2
	if p, err := w.SetProgram(ctx, "demo", ProgramFile{Rules: double, From: "2026-03-01"}); err != nil || p.Version != 2 {
		t.Fatal(p, err)
	}
	w.buys(1005, 1000)
	w.holds(1005, "200000 200000 0 0 0 0")
	*w.now = time.Date(2026, 2, 28, 18, 30, 0, 0, time.UTC) // midnight in Kolkata
	after := w.buys(1005, 1000)
	w.holds(1005, "400000 400000 0 0 0 0")
	if _, err := w.returns(1005, before, 1000, 500); err != nil {
		t.Error(err)
	}
	w.holds(1005, "350000 400000 0 0 50000 0")
	if _, err := w.returns(1005, after, 1000, 500); err != nil {
		t.Error(err)
	}
	w.holds(1005, "250000 400000 0 0 150000 0")
	all, now, err := w.Programs(ctx, "demo")
	if err != nil || len(all) != 2 || now != 1 {
		t.Error(all, now, err)
	}
	_, err = w.SetProgram(ctx, "demo", ProgramFile{Rules: double, From: "2026-02-28"})
	if err == nil || !strings.Contains(err.Error(), "only the first version may begin in the past") {
		t.Error(err)
	}
	if _, err := w.SetProgram(ctx, "demo", ProgramFile{Rules: double, From: "2026-03-01"}); err != nil { // today
		t.Error(err)
	}
	w.sound()
}

func TestPointsExpireAtTheEndOfTheDay(t *testing.T) {
	w := newPointsWorld(t)
	bill := w.buys(1005, 1000)
	end := time.Date(2027, 2, 3, 18, 30, 0, 0, time.UTC) // 365 days after, the end of the day in Kolkata
	*w.now = end.Add(-time.Millisecond)
	w.holds(1005, "100000 100000 0 0 0 0")
	*w.now = end
	w.holds(1005, "0 100000 0 100000 0 0")
	w.buys(1005, 100)
	// What has expired is not taken a second time.
	if effects, err := w.returns(1005, bill, 1000, 0); err != nil || effects != nil {
		t.Error(effects, err)
	}
	w.holds(1005, "10000 110000 0 100000 0 0")
	w.sound()
}

// Points that a return would take and that are spent: 637, and nothing is written.
func TestSpentPointsCannotBeTakenBack(t *testing.T) {
	w := newPointsWorld(t)
	first, second := w.buys(1005, 1000), w.buys(1005, 500)
	w.spends(1005, 120_000)
	w.holds(1005, "30000 150000 120000 0 0 0")
	_, err := w.returns(1005, first, 1000, 0)
	faultIs(t, err, fault.PointsSpent)
	if _, err := w.returns(1005, first, 1000, 700); err != nil { // 30 are there
		t.Error(err)
	}
	w.holds(1005, "0 150000 120000 0 30000 0")
	_, err = w.returns(1005, second, 500, 0)
	faultIs(t, err, fault.PointsSpent)
	w.sound()
}

// spends takes thousandths without asking any rule.
func (w *pointsWorld) spends(customer, points int64) {
	w.t.Helper()
	err := w.do(func(tx *Tx, o *orgConfig) error {
		a, err := tx.openWallet(w.who.Org, customer)
		if err != nil {
			return err
		}
		parts, short := spend(a.batches, points, tx.now)
		if short > 0 {
			return fmt.Errorf("%d are short", short)
		}
		e, err := tx.pointsEvent(w.who, event{customer: customer, kind: "REDEEM"})
		if err != nil {
			return err
		}
		return tx.post(&a, e, "REDEEM", parts)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// The schema itself refuses what does not add up: each of these statements is what a bug would write.
func TestTheSchemaHoldsTheBalance(t *testing.T) {
	w := newPointsWorld(t)
	w.buys(1005, 1000)
	for what, statement := range map[string]string{
		"a balance of its own":          `UPDATE points_accounts SET balance = balance + 1, lifetime = lifetime + 1 WHERE customer = 1005`,
		"parts that do not add up":      `UPDATE points_accounts SET redeemed = redeemed + 1 WHERE customer = 1005`,
		"more spent than there is":      `INSERT INTO points_ledger VALUES (1, 1005, 2, 1, 100000, -100001, -1, 1, 1)`,
		"a row that does not go on":     `INSERT INTO points_ledger VALUES (1, 1005, 2, 1, 99999, 1, 100000, 1, 1)`,
		"a row after a gap":             `INSERT INTO points_ledger VALUES (1, 1005, 3, 2, 100000, 1, 100001, 1, 1)`,
		"a second beginning":            `INSERT INTO points_ledger VALUES (1, 1005, 2, NULL, 0, 1, 1, 1, 1)`,
		"a sum that is none":            `INSERT INTO points_ledger VALUES (1, 1005, 2, 1, 100000, 1, 100002, 1, 1)`,
		"a changed row":                 `UPDATE points_ledger SET points = points + 1, balance = balance + 1 WHERE customer = 1005`,
		"a row taken away":              `DELETE FROM points_ledger WHERE customer = 1005`,
		"a batch below zero":            `UPDATE points_batches SET remaining = -1`,
		"a batch with more than it had": `UPDATE points_batches SET remaining = points + 1`,
		"an earning below zero":         `UPDATE points_earnings SET taken = -1`,
		"more taken than earned":        `UPDATE points_earnings SET taken = awarded + 1`,
	} {
		err := w.do(func(tx *Tx, o *orgConfig) error {
			_, err := tx.Exec(statement)
			return err
		})
		if code(err) != codeConstraint {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.holds(1005, "100000 100000 0 0 0 0")
	w.sound()
}

// The check finds what only it can: sums over rows.
func TestCheckOfPoints(t *testing.T) {
	oneByOne(t)
	for want, statement := range map[string]string{
		"org 1: batch 1 has a remainder that is not the sum of its rows: 1 thousandths":          `UPDATE points_batches SET remaining = 1`,
		"org 1: version 1 of the program cannot be read":                                         `UPDATE programs SET rules = '{'`,
		"org 1: customer 1005 has an account that stands before the end of its ledger, at row 1": `INSERT INTO points_ledger VALUES (1, 1005, 2, 1, 100000, -1, 99999, 1, 1)`,
		"org 1: customer 1005 has a ledger without an account, of 1 rows":                        `DELETE FROM points_accounts`,
		"org 1: the counter of points_batches is behind id 6":                                    `DELETE FROM counters WHERE name = 'points_batches'`,
	} {
		w := newPointsWorld(t)
		w.buys(1005, 1000)
		if err := w.do(func(tx *Tx, o *orgConfig) error { _, err := tx.Exec(statement); return err }); err != nil {
			t.Fatal(statement, err)
		}
		var problems []string
		_, err := Check(context.Background(), w.path, CheckReport{Begin: func(string) {}, Progress: func(int64, int64) {}, Problem: func(s string) { problems = append(problems, s) }, End: func(string, int64, string, int64) {}})
		if err != nil || !strings.Contains(strings.Join(problems, "\n"), want) {
			t.Errorf("%v %q, want %s", err, problems, want)
		}
	}
}

// Amounts at the bounds give no error of the database.
func TestPointsHaveABound(t *testing.T) {
	w := newPointsWorld(t)
	rich := DemoProgram()
	rich.Rate = 1_000_000_000
	if _, err := w.SetProgram(context.Background(), "demo", ProgramFile{Rules: rich}); err != nil {
		t.Fatal(err)
	}
	*w.now = w.now.Add(time.Second)
	for range 3 {
		w.buys(1005, maxPoints/1000)
	}
	w.holds(1005, fmt.Sprint(int64(maxPoints), int64(maxPoints), 0, 0, 0, 0))
	w.sound()
}

// A reference stands for a redemption as long as nothing of it was given back; then it is used up, and says so.
func TestAReferenceOfARedemptionThatWasGivenBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	c := w.newcomers(1)[0]
	w.buys(c, 1000)
	ask := RedeemInput{Customer: CustomerRef{ID: c}, Points: 50_000, Reference: "R-1"}
	first, err := w.RedeemPoints(ctx, w.who, ask)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.RedeemPoints(ctx, w.who, ask); err != nil || again.ID != first.ID {
		t.Errorf("%+v, %v", again, err)
	}
	dry := ask
	dry.DryRun = true
	if would, err := w.RedeemPoints(ctx, w.who, dry); err != nil || would.ID != "" || would.Balance != 0 {
		t.Errorf("a dry run: %+v, %v", would, err)
	}
	if _, err := w.ReversePoints(ctx, w.who, ReverseInput{Redemption: first.ID, Customer: CustomerRef{ID: c}, Points: ptr(int64(1_000))}); err != nil {
		t.Fatal(err)
	}
	_, err = w.RedeemPoints(ctx, w.who, ask)
	faultIs(t, err, fault.ReferenceUsed)
	w.sound()
}
