package db

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPreviewProgram(t *testing.T) {
	w := newPointsWorld(t)
	ctx := context.Background()
	w.buys(1005, 12_345) // 1234 points
	w.buys(1002, 75)     // 7
	*w.now = w.now.AddDate(0, 0, 40)
	w.buys(1003, 509) // 50
	w.buys(1003, 3)   // 0
	next := DemoProgram()
	next.Rate, next.Value, next.Minimum, next.ExpireDays = 50_000, 1_000_000, 5_000, 0
	next.Tiers = []Tier{{"Member", 0}, {"Friend", 50_000}}
	next.Coupons = []BillCoupon{{2, 0}, {3, 509_000}, {4, 509_001}}
	v, err := w.PreviewProgram(ctx, "demo", ProgramFile{Rules: next, From: "2026-12-01"}, 30)
	if err != nil {
		t.Fatal(err)
	}
	zone, _ := time.LoadLocation("Asia/Kolkata")
	want := ProgramPreview{
		Begins: time.Date(2026, 12, 1, 0, 0, 0, 0, zone), Days: 30,
		Bills: 2, Amount: 512_000, Earned: 50_000, WouldEarn: 25_000, Cost: 25_000, WouldCost: 25_000, Covers: 1, Less: 1, WouldGive: 3,
		Customers: 4, Points: 3_446_000, Worth: 1_723_000, WouldBe: 3_446_000, May: 3, WouldMay: 4,
		Tiers:      []TierCount{{"Silver", 2}, {"Gold", 2}, {"Platinum", 0}},
		WouldTiers: []TierCount{{"Member", 1}, {"Friend", 3}},
		Expires:    "365 days", WouldLive: "for ever",
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	if got := v.Year(v.Earned); got != 365*50_000 {
		t.Errorf("%d thousandths in a year", got)
	}
	// Points that have expired are not counted, written off or not.
	*w.now = w.now.AddDate(1, 0, 0).AddDate(0, 0, -30)
	if v, err = w.PreviewProgram(ctx, "demo", ProgramFile{Rules: next}, 30); err != nil || v.Points != 50_000 || v.Customers != 4 || v.Bills != 0 {
		t.Errorf("%+v %v", v, err)
	}
	// Coupons are counted by the version that the bill has earned by.
	if v, err = w.PreviewProgram(ctx, "demo", ProgramFile{Rules: next}, 3660); err != nil || v.Coupons != 1 || v.WouldGive != 5+3+2 {
		t.Errorf("%+v %v", v, err)
	}
}
