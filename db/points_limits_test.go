package db

import (
	"context"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// A till that acts for others has one till's day in all, and so has each till that others act for.
func TestADayOfATillThatActsForOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	for _, till := range []string{"three", "four"} {
		if err := w.AddTill(ctx, "demo", "store", till, "till", HashPassword("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetOrg(ctx, "demo", "redeem-till-day", "100"); err != nil {
		t.Fatal(err)
	}
	var last PointsRedeemed
	step := func(what string, till, sender, points int64, want *fault.Code) {
		t.Helper()
		*w.now = w.now.Add(time.Minute)
		out, err := w.RedeemPoints(ctx, Who{Org: 1, Till: till, Sender: sender, RequestID: "TEST"}, RedeemInput{Customer: CustomerRef{ID: 1001}, Points: points * 1000})
		if want != nil {
			faultIs(t, err, want)
		} else if err != nil {
			t.Errorf("%s: %v", what, err)
		} else {
			last = out
		}
	}
	step("the sender for till 2", 2, 1, 60, nil)
	step("more than is left of both days", 2, 1, 41, fault.RedeemTillDay)
	step("the sender for another till, whose day is whole", 3, 1, 41, fault.RedeemTillDay)
	step("the sender for itself", 1, 0, 41, fault.RedeemTillDay)
	step("what is left of the sender's day", 3, 1, 40, nil)
	step("nothing is left of it", 4, 1, 10, fault.RedeemTillDay)
	step("till 2 itself, which the sender has used", 2, 0, 41, fault.RedeemTillDay)
	step("another sender for till 2", 2, 4, 41, fault.RedeemTillDay)
	step("another sender for till 3", 3, 4, 60, nil)
	step("till 4, which sent that", 4, 0, 41, fault.RedeemTillDay)
	step("till 2 itself, what is left", 2, 0, 40, nil)
	// What is given back was not spent.
	if _, err := w.ReversePoints(ctx, w.who, ReverseInput{Redemption: last.ID, Customer: CustomerRef{ID: 1001}}); err != nil {
		t.Fatal(err)
	}
	step("till 2 again", 2, 0, 40, nil)
	*w.now = w.now.AddDate(0, 0, 1)
	step("the next day", 3, 1, 100, nil)
	step("all of that", 2, 1, 10, fault.RedeemTillDay)
	w.sound()
}

// A day is that of the organization's time zone, from its first millisecond to its last, and what was given back was not spent on it.
func TestTheDayOfACustomerAndOfATill(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for limit, full := range map[string]*fault.Code{"redeem-customer-day": fault.RedeemCustomerDay, "redeem-till-day": fault.RedeemTillDay} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			w := newPointsWorld(t)
			if err := w.SetOrg(ctx, "demo", limit, "50"); err != nil {
				t.Fatal(err)
			}
			zone, err := time.LoadLocation("Asia/Kolkata")
			if err != nil {
				t.Fatal(err)
			}
			y, m, d := w.now.In(zone).Date()
			day := func(n int, of time.Duration) { *w.now = time.Date(y, m, d+n, 0, 0, 0, 0, zone).Add(of) }
			redeem := func(points int64, want *fault.Code) (id string) {
				t.Helper()
				out, err := w.RedeemPoints(ctx, w.who, RedeemInput{Customer: CustomerRef{ID: 1001}, Points: points * 1000})
				if want != nil {
					faultIs(t, err, want)
				} else if err != nil {
					t.Error(err)
				}
				return out.ID
			}
			day(1, 0) // the first millisecond of a day is of that day
			id := redeem(40, nil)
			day(1, 10*time.Hour)
			redeem(11, full)
			if _, err := w.ReversePoints(ctx, w.who, ReverseInput{Redemption: id, Customer: CustomerRef{ID: 1001}, Points: ptr(int64(30_000))}); err != nil {
				t.Fatal(err)
			}
			redeem(41, full)
			redeem(40, nil)
			day(2, -time.Millisecond) // and so is the last
			redeem(10, full)
			day(2, 0)
			redeem(50, nil)
			redeem(10, full)
			w.sound()
		})
	}
}
