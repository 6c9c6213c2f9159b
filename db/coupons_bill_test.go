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

// gives sets a program whose bills give coupons.
func (w *pointsWorld) gives(coupons ...BillCoupon) {
	w.t.Helper()
	p := DemoProgram()
	p.Coupons = coupons
	if _, err := w.SetProgram(context.Background(), "demo", ProgramFile{Rules: p}); err != nil {
		w.t.Fatal(err)
	}
	*w.now = w.now.Add(time.Minute)
}

// billed adds a bill, and tells the coupons that came of it and the codes of its warnings.
func (w *pointsWorld) billed(customer, amount int64, later bool) (got string) {
	w.t.Helper()
	w.bill++
	amount *= 1000
	b := Bill{Source: "OTHERS", IdentifierName: "id", IdentifierText: fmt.Sprint(customer), Type: "REGULAR", Number: fmt.Sprint(w.bill), Amount: amount}
	out, err := w.AddTransaction(context.Background(), w.who, b, later)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range out.SideEffects {
		if e.Type == "coupon" {
			got += fmt.Sprintf("coupon %d of %d for %d, ", e.Coupon, e.Series, e.Customer)
		}
	}
	for _, f := range out.Warnings {
		got += fmt.Sprintf("%s, ", f.Name)
	}
	return got
}

// Each limit of a series on issuing holds for a bill, too, and refuses the coupon, not the bill.
func TestABillGivesCoupons(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, c := range []struct {
		name   string
		series SeriesInput
		bills  []string // what the bills of 1001 give, one after the other
	}{
		{"one for each bill", SeriesInput{MultiplePerUser: ptr(true)}, []string{"coupon 11 of 10 for 1001, ", "coupon 12 of 10 for 1001, "}},
		{"the same again", SeriesInput{}, []string{"coupon 11 of 10 for 1001, ", "coupon 11 of 10 for 1001, "}},
		{"one and no more", SeriesInput{NoResend: ptr(true)}, []string{"coupon 11 of 10 for 1001, ", "CouponNotIssued, "}},
		{"so many for one", SeriesInput{MultiplePerUser: ptr(true), MaxPerUser: ptr(int64(2))}, []string{"coupon 11 of 10 for 1001, ", "coupon 12 of 10 for 1001, ", "CouponNotIssued, "}},
		{"so many in all", SeriesInput{MultiplePerUser: ptr(true), MaxCreate: ptr(int64(1))}, []string{"coupon 11 of 10 for 1001, ", "CouponNotIssued, "}},
		{"days between", SeriesInput{MultiplePerUser: ptr(true), DaysBetweenIssues: ptr(int64(2))}, []string{"coupon 11 of 10 for 1001, ", "CouponNotIssued, "}},
		{"has ended", SeriesInput{ValidTill: ptr("2020-01-01")}, []string{"CouponSeriesExpired, "}},
		{"excluded", SeriesInput{Exclusive: ptr("[1]")}, []string{"CouponNotIssued, "}}, // 1001 has one of series 1
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newPointsWorld(t)
			c.series.Description = &c.name
			if _, err := w.AddCouponSeries(ctx, w.who, c.series); err != nil {
				t.Fatal(err)
			}
			w.gives(BillCoupon{Series: 10, Minimum: 500_000})
			if got := w.billed(1001, 499, false); got != "" {
				t.Errorf("a bill below the minimum: %s", got)
			}
			for i, want := range c.bills {
				if got := w.billed(1001, 500, false); got != want {
					t.Errorf("bill %d: %s, want %s", i, got, want)
				}
			}
			w.sound()
		})
	}
}

// What decides is the program at the date of the bill, and whether the bill earns at all.
func TestWhichBillsGiveCoupons(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	before := w.now.Add(-time.Hour).Format(time.RFC3339)
	w.gives(BillCoupon{Series: 2}, BillCoupon{Series: 6, Minimum: 1_000})
	for _, c := range []struct {
		name string
		b    Bill
		want int
	}{
		{"with a bill", Bill{Type: "REGULAR", Amount: 1_000}, 2},
		{"below a minimum", Bill{Type: "REGULAR", Amount: 999}, 1},
		{"nothing bought", Bill{Type: "REGULAR"}, 0},
		{"before the program", Bill{Type: "REGULAR", Amount: 1_000, BillingDate: before}, 0},
		{"an outlier", Bill{Type: "REGULAR", Amount: 1_000, OutlierStatus: "TEST"}, 0},
		{"not to earn", Bill{Type: "REGULAR", Amount: 1_000, Skip: true}, 0},
		{"nobody known", Bill{Type: "NOT_INTERESTED", Amount: 1_000}, 0},
		{"a return", Bill{Type: "RETURN", ReturnType: "AMOUNT", Amount: 1_000}, 0},
	} {
		c.b.Source, c.b.Number = "OTHERS", c.name
		if c.b.Type == "RETURN" {
			c.b.Number = "with a bill"
		}
		if c.b.Type != "NOT_INTERESTED" {
			c.b.IdentifierName, c.b.IdentifierText = "id", "1003"
		}
		out, err := w.AddTransaction(ctx, w.who, c.b, false)
		if err != nil {
			t.Fatal(c.name, err)
		}
		n := 0
		for _, e := range out.SideEffects {
			if e.Type == "coupon" {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s: %d coupons, want %d", c.name, n, c.want)
		}
	}
	if got := w.billed(1004, 5, false); got != "" { // outside the program
		t.Errorf("a customer who is not in it: %s", got)
	}
	list, err := w.Coupons(ctx, w.who, CouponQuery{IssuedTo: []int64{1003}}, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := map[int64]int64{}
	for _, c := range list {
		n[c.Series] += c.Left
	}
	// Of series 2, where one may have several, CUP4EVER and one of each bill; of series 6 one. The return has left them.
	if diff := cmp.Diff(map[int64]int64{2: -3, 6: -1}, n); diff != "" {
		t.Error(diff)
	}
	w.sound()
}

// A bill that waits for its points waits for its coupon, which comes once, to whoever has the bill then.
func TestAWaitingBillGivesItsCouponOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	w.gives(BillCoupon{Series: 2})
	if got := w.billed(1002, 100, true); got != "PointsQueued, " {
		t.Error(got)
	}
	held := func(customer int64) (codes []int64) {
		list, err := w.Coupons(ctx, w.who, CouponQuery{IssuedTo: []int64{customer}}, 100, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Series == 2 {
				codes = append(codes, c.ID)
			}
		}
		return codes
	}
	if got := held(1002); got != nil {
		t.Errorf("before: %v", got)
	}
	id := w.joins(1002, "ECOMMERCE", "tomoko.sato@example.org") // the merge comes before the work
	for range 2 {
		if _, err := w.WorkLoyalty(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]int64{11}, held(1005)); diff != "" {
		t.Error(diff)
	}
	if _, err := w.UndoMerge(ctx, w.who, id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{11}, held(1002)); diff != "" {
		t.Errorf("the bill is 1002's again, and so is its coupon: %s", diff)
	}
	if got := held(1005); got != nil {
		t.Errorf("after the undoing: %v", got)
	}
	w.sound()
}

// A coupon that is refused when nobody waits for an answer is told by the trail of the bill.
func TestALateRefusalIsTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newPointsWorld(t)
	if _, err := w.AddCouponSeries(ctx, w.who, SeriesInput{Description: ptr("one in all"), MultiplePerUser: ptr(true), MaxCreate: ptr(int64(1))}); err != nil {
		t.Fatal(err)
	}
	w.gives(BillCoupon{Series: 10})
	for range 2 {
		if got := w.billed(1001, 100, true); got != "PointsQueued, " {
			t.Error(got)
		}
	}
	if _, err := w.WorkLoyalty(ctx); err != nil {
		t.Fatal(err)
	}
	p, err := w.AuditOfKind(ctx, Who{Org: 1}, "transactions", 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range p.Items {
		if e.Action == "transaction.loyalty" {
			told = append(told, fmt.Sprint(e.Subject, " ", toJSON(e.Changes)))
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], `"code":722`) {
		t.Errorf("%q", told)
	}
	w.sound()
}

// A series that is not there is refused when the program is set, and when it is looked at before.
func TestAProgramNamesSeriesThatExist(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	f := ProgramFile{Rules: DemoProgram()}
	f.Rules.Coupons = []BillCoupon{{Series: 1}, {Series: 99}}
	const want = "coupons[1].series is 99: the organization has no such coupon series"
	if _, err := w.SetProgram(context.Background(), "demo", f); err == nil || err.Error() != want {
		t.Error(err)
	}
	if _, err := w.PreviewProgram(context.Background(), "demo", f, 30); err == nil || err.Error() != want {
		t.Error(err)
	}
}

// No code is free: the bill is not stored without its coupon, and can be sent again.
func TestABillWithoutAFreeCode(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	w.random = &bytesOf{0}
	w.gives(BillCoupon{Series: 2})
	if got := w.billed(1001, 100, false); got != "coupon 11 of 2 for 1001, " {
		t.Fatal(got)
	}
	_, err := w.AddTransaction(context.Background(), w.who, Bill{Source: "OTHERS", IdentifierName: "id", IdentifierText: "1001", Type: "REGULAR", Number: "none free", Amount: 1_000}, false)
	faultIs(t, err, fault.Unavailable)
	if w.random = ptr(bytesOf{1}); w.billed(1001, 1, false) == "" {
		t.Error("nothing is given afterwards")
	}
}
