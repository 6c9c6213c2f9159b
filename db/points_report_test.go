package db

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPointsReports(t *testing.T) {
	w := newPointsWorld(t)
	ctx := context.Background()
	bill := w.buys(1002, 1000)
	if _, err := w.returns(1002, bill, 1000, 500); err != nil {
		t.Fatal(err)
	}
	w.spends(1002, 20_000)
	list, err := w.PointsLiability(ctx, "demo")
	if err != nil {
		t.Fatal(err)
	}
	want := []Liability{{Month: "2027-01", Customers: 2, Points: 2_155_000, Worth: 1_077_500}, {Month: "2027-02", Customers: 1, Points: 30_000, Worth: 15_000}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	days, err := w.PointsByDay(ctx, "demo", 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]PointsDay{{Day: "2026-02-03", Till: "store.server", Earned: 100_000, Returned: 50_000, Redeemed: 20_000}}, days); diff != "" {
		t.Error(diff)
	}
	if _, err := w.PointsLiability(ctx, "nobody"); err == nil {
		t.Error("an org that there is not")
	}
}

// What has expired is reported on the last day of the points, as the schedule names it, whether the job has written it off or not.
func TestExpiredPointsAreOfTheirLastDay(t *testing.T) {
	w := newPointsWorld(t)
	ctx := context.Background()
	w.buys(1005, 1000)
	p, err := w.PointsExpiry(ctx, w.who, CustomerRef{ID: 1005}, ExpiryQuery{})
	if err != nil || len(p.Expiring) != 1 {
		t.Fatal(p.Expiring, err)
	}
	day := p.Expiring[0].Day
	next, err := time.ParseInLocation(time.DateOnly, day, time.FixedZone("", 5*3600+1800))
	if err != nil {
		t.Fatal(err)
	}
	next = next.AddDate(0, 0, 1)
	*w.now = next.Add(-time.Millisecond)
	expired := func(days int) (found []PointsDay) {
		t.Helper()
		list, err := w.PointsByDay(ctx, "demo", days)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if d.Expired != 0 {
				found = append(found, d)
			}
		}
		return found
	}
	if got := expired(2); len(got) != 0 {
		t.Errorf("before the day ends: %v", got)
	}
	want := []PointsDay{{Day: day, Expired: 100_000}}
	for _, at := range []time.Time{next, next.Add(time.Hour)} {
		*w.now = at
		if diff := cmp.Diff(want, expired(2)); diff != "" {
			t.Errorf("not written off at %s: %s", at, diff)
		}
		if got := expired(1); len(got) != 0 {
			t.Errorf("the day after, not written off: %v", got)
		}
	}
	if n, err := w.ExpirePoints(ctx); n == 0 || err != nil {
		t.Fatal(n, err)
	}
	if diff := cmp.Diff(want, expired(2)); diff != "" {
		t.Errorf("written off: %s", diff)
	}
	if got := expired(1); len(got) != 0 {
		t.Errorf("the day after, written off: %v", got)
	}
	w.sound()
}
