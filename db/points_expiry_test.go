package db

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

var machineCustomers = []int64{1001, 1002, 1003, 1005}

// The job can be late, run twice and be stopped: what is written off is the same.
func TestExpiryJob(t *testing.T) {
	w := newPointsWorld(t)
	ctx := context.Background()
	for _, c := range machineCustomers {
		w.buys(c, 1000)
	}
	*w.now = w.now.AddDate(2, 0, 0)
	p, err := w.PointsOf(ctx, w.who, CustomerRef{ID: 1005})
	if err != nil || p.Balance != 0 || p.Expired != 100_000 {
		t.Error(p, err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := w.ExpirePoints(stopped); n != 0 || err == nil {
		t.Error(n, err)
	}
	if n, err := w.ExpirePoints(ctx); n != 4 || err != nil {
		t.Error(n, err)
	}
	if n, err := w.ExpirePoints(ctx); n != 0 || err != nil {
		t.Error(n, err)
	}
	again, err := w.PointsOf(ctx, w.who, CustomerRef{ID: 1005})
	if got, want := fmt.Sprint(again.Balance, again.Expired), fmt.Sprint(p.Balance, p.Expired); err != nil || got != want {
		t.Error(got, want, err)
	}
	list, _, err := w.LoyaltyEvents(ctx, w.who, CustomerRef{ID: 1005})
	if err != nil || list[0].Name != "PointsExpiry" || list[0].At.UTC().Format(time.RFC3339) != "2027-02-03T18:30:00Z" {
		t.Error(list, err)
	}
	w.sound()
}

// Every rule of a redemption, one by one and in their order.
func TestRedeemable(t *testing.T) {
	demo := DemoProgram()
	off := demo
	off.Value = 0
	endless := demo
	endless.Maximum = 0
	r := redeemer{id: 1, enrolled: true, balance: 1_000_000, lifetime: 2_000_000, purchases: 500_000}
	all := PointsSettings{Multiple: 5_000, MinBalance: 1_000_000, MinLifetime: 2_000_000, MinPurchases: 500_000, CustomerDay: 100_000, TillDay: 200_000}
	with := func(f func(*redeemer, *PointsSettings)) (redeemer, PointsSettings) {
		r, s := r, all
		f(&r, &s)
		return r, s
	}
	for _, c := range []struct {
		name   string
		p      *ProgramRules
		points int64
		f      func(*redeemer, *PointsSettings)
		want   *fault.Code
	}{
		{"all well", &demo, 100_000, func(*redeemer, *PointsSettings) {}, nil},
		{"no program", nil, 0, func(r *redeemer, s *PointsSettings) { r.enrolled = false }, fault.ProgramMissing},
		{"outside", &demo, 0, func(r *redeemer, s *PointsSettings) { r.enrolled, s.Off = false, true }, fault.PointsNotLoyalty},
		{"off", &demo, 0, func(r *redeemer, s *PointsSettings) { s.Off = true }, fault.RedeemOff},
		{"worth nothing", &off, 100_000, func(*redeemer, *PointsSettings) {}, fault.RedeemOff},
		{"zero", &demo, 0, func(*redeemer, *PointsSettings) {}, fault.PointsInvalid},
		{"below zero", &demo, -1000, func(*redeemer, *PointsSettings) {}, fault.PointsInvalid},
		{"beyond all", &demo, maxAsked + 1, func(*redeemer, *PointsSettings) {}, fault.PointsInvalid},
		{"the most that can be asked", &demo, maxAsked, func(*redeemer, *PointsSettings) {}, fault.RedeemTooMany},
		{"a part of a point", &demo, 100_001, func(*redeemer, *PointsSettings) {}, fault.PointsTooFine},
		{"fraud", &demo, 5_000, func(r *redeemer, s *PointsSettings) { r.fraud = true }, fault.RedeemFraud},
		{"no multiple", &demo, 101_000, func(*redeemer, *PointsSettings) {}, fault.RedeemNoMultiple},
		{"too few", &demo, 5_000, func(*redeemer, *PointsSettings) {}, fault.RedeemTooFew},
		{"the fewest", &demo, 10_000, func(*redeemer, *PointsSettings) {}, nil},
		{"too many", &demo, 5_005_000, func(*redeemer, *PointsSettings) {}, fault.RedeemTooMany},
		{"without a maximum", &endless, 999_000, func(r *redeemer, s *PointsSettings) { *s = PointsSettings{} }, nil},
		{"low balance", &demo, 100_000, func(r *redeemer, s *PointsSettings) { r.balance-- }, fault.RedeemBalanceLow},
		{"low lifetime", &demo, 100_000, func(r *redeemer, s *PointsSettings) { r.lifetime-- }, fault.RedeemLifetimeLow},
		{"low purchases", &demo, 100_000, func(r *redeemer, s *PointsSettings) { r.purchases-- }, fault.RedeemPurchasesLow},
		{"more than there is", &demo, 1_005_000, func(*redeemer, *PointsSettings) {}, fault.PointsInsufficient},
		{"the customer's day", &demo, 100_000, func(r *redeemer, s *PointsSettings) { r.today = 5_000 }, fault.RedeemCustomerDay},
		{"the till's day", &demo, 100_000, func(r *redeemer, s *PointsSettings) { r.atTill = 105_000 }, fault.RedeemTillDay},
		{"no bounds", &demo, 999_000, func(r *redeemer, s *PointsSettings) { *s = PointsSettings{} }, nil},
	} {
		r, s := with(c.f)
		f := redeemable(c.p, s, r, c.points)
		if c.want == nil && f != nil || c.want != nil && (f == nil || f.Code != c.want) {
			t.Errorf("%s: %v, want %v", c.name, f, c.want)
		}
	}
	for _, c := range []struct {
		today, atTill int64
		message       string
	}{
		{5_000, 0, "A customer may redeem 100 points in a day; 95 are left for today"},
		{105_000, 0, "A customer may redeem 100 points in a day; 0 are left for today"}, // the bound was lowered
		{0, 105_000, "At one till 200 points may be redeemed in a day; 95 are left for today"},
		{0, 300_000, "At one till 200 points may be redeemed in a day; 0 are left for today"},
	} {
		r, s := with(func(r *redeemer, _ *PointsSettings) { r.today, r.atTill = c.today, c.atTill })
		if f := redeemable(&demo, s, r, 100_000); f == nil || f.Text() != c.message {
			t.Errorf("%v, want %s", f, c.message)
		}
	}
}

func TestRedemptionIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for n := range int64(100_000) {
		id := redemptionID(n * 567_000)
		if seen[id] || len(id) != 6 {
			t.Fatalf("%d: %q", n, id)
		}
		seen[id] = true
	}
}
