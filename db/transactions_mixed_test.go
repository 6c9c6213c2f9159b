package db

import (
	"fmt"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// What bills earn that give back something of a bill of four pots for 1000 each, which has earned 400 points.
func TestMixedBills(t *testing.T) {
	t.Parallel()
	sold := func(pieces, price int64) BillLine {
		return BillLine{ItemCode: "CUP", Quantity: ptr(pieces * 1000), Rate: ptr(price * 1000)}
	}
	back := func(pieces int64) BillLine {
		return BillLine{Type: "RETURN", ItemCode: "TEA", Quantity: ptr(pieces * 1000), ParentBillNumber: "Q-1"}
	}
	unknown := func(amount int64) BillLine {
		return BillLine{Type: "RETURN", ReturnType: returnAmount, ItemCode: "TEA", Amount: ptr(amount * 1000), ParentBillNumber: "Q-0"}
	}
	noPrice := BillLine{ItemCode: "CUP"}
	few := map[string]string{"bill-amount-max": "5000", "outlier-amount": "4000"}
	for _, c := range []struct {
		name     string
		settings map[string]string
		paid     int64
		lines    []BillLine
		status   string // as sent
		points   int64  // the effect of the bill
		kept     int64  // what was bought and kept in the end
		outlier  bool
		refused  *fault.Code
	}{
		{name: "an exchange", lines: []BillLine{sold(2, 500), back(1)}, kept: 4000},
		{name: "an exchange for more", paid: 1000, lines: []BillLine{sold(2, 1000), back(1)}, points: 100, kept: 5000},
		{name: "an exchange for less", lines: []BillLine{sold(1, 500), back(2)}, points: -150, kept: 2500},
		{name: "all of it, in parts of two lines", lines: []BillLine{back(1), sold(4, 1000), back(3)}, kept: 4000},
		{name: "nothing is sold", lines: []BillLine{back(4)}, points: -400},
		{name: "nothing is sold, and what was paid out is said", paid: 4000, lines: []BillLine{back(4)}, points: -400},
		{name: "a discount on the bill", paid: 500, lines: []BillLine{sold(2, 1000), back(1)}, points: 50, kept: 4500},
		{name: "more was paid than the lines cost", paid: 3000, lines: []BillLine{sold(2, 1000), back(1)}, points: 100, kept: 5000},
		{name: "a line without a price", paid: 300, lines: []BillLine{noPrice, back(1)}, points: -70, kept: 3300},
		{name: "one without and one with", paid: 300, lines: []BillLine{noPrice, sold(2, 600), back(1)}, points: 20, kept: 4200},
		{name: "a line without a price, and nothing was paid", lines: []BillLine{noPrice, back(4)}, points: -400},
		{name: "of an unknown bill", settings: few, lines: []BillLine{unknown(999_999)}, kept: 4000},
		{name: "of an unknown bill, for something", lines: []BillLine{sold(1, 500), unknown(500)}, kept: 4000},
		{name: "of an unknown bill, for something and money", paid: 200, lines: []BillLine{sold(1, 500), unknown(300)}, points: 20, kept: 4200},
		{name: "within the bounds", settings: few, paid: 3000, lines: []BillLine{sold(4, 1000), back(1)}, points: 300, kept: 7000},
		{name: "an outlier", settings: few, paid: 3500, lines: []BillLine{sold(9, 500), back(1)}, points: -100, kept: 3000, outlier: true},
		{name: "an outlier that is said to be none", settings: few, paid: 3500, lines: []BillLine{sold(9, 500), back(1)}, status: "NORMAL", points: 350, kept: 7500},
		{name: "above the maximum", settings: few, paid: 2000, lines: []BillLine{sold(6, 1000), back(4)}, kept: 4000, refused: fault.AmountInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newPointsWorld(t)
			customer := w.newcomers(1)[0]
			if _, err := w.AddTransaction(w.ctx, w.who, saleOf(customer, "Q-1", 4, 1000), false); err != nil {
				t.Fatal(err)
			}
			for key, value := range c.settings {
				if err := w.SetOrg(w.ctx, "demo", key, value); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.SetOrg(w.ctx, "demo", "unmatched-returns", "allow"); err != nil {
				t.Fatal(err)
			}
			b := saleOf(customer, "Q-2", 0, 0)
			b.Amount, b.Lines, b.OutlierStatus = c.paid*1000, c.lines, c.status
			out, err := w.AddTransaction(w.ctx, w.who, b, false)
			if f, ok := fault.Of(err); c.refused == nil && err != nil || c.refused != nil && (!ok || f.Code != c.refused) {
				t.Fatalf("%v, want %v", err, c.refused)
			}
			var points int64
			for _, e := range out.SideEffects {
				points += e.Awarded
			}
			warned := false
			for _, f := range out.Warnings {
				warned = warned || f.Code == fault.BillIsOutlier
			}
			if points != c.points*1000 || warned != c.outlier || err == nil && (out.Outlier == "OUTLIER") != c.outlier {
				t.Errorf("%s points, status %s, warned %t; want %d, an outlier %t", Decimal(points), out.Outlier, warned, c.points, c.outlier)
			}
			err = w.do(func(tx *Tx, o *orgConfig) error {
				p, err := tx.points(o, w.who.Org, customer)
				if got, want := fmt.Sprint(p.Balance, p.Purchases), fmt.Sprint((400+c.points)*1000, c.kept*1000); got != want {
					t.Errorf("points and purchases are %s, want %s", got, want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			w.sound()
		})
	}
}

// A mixed bill that is asked to wait for its points does not: what it takes back comes from what it earns, as at once.
func TestAMixedBillDoesNotWait(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	customer := w.newcomers(1)[0]
	if _, err := w.AddTransaction(w.ctx, w.who, saleOf(customer, "Q-1", 4, 1000), false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RedeemPoints(w.ctx, w.who, RedeemInput{Customer: CustomerRef{ID: customer}, Points: 400_000}); err != nil {
		t.Fatal(err)
	}
	b := saleOf(customer, "Q-2", 2, 2000)
	b.Lines = append(b.Lines, BillLine{Type: "RETURN", ItemCode: "TEA", Quantity: ptr(int64(4000)), ParentBillNumber: "Q-1"})
	b.Amount = 0
	out, err := w.AddTransaction(w.ctx, w.who, b, true)
	if err != nil || len(out.SideEffects) != 1 || out.SideEffects[0].Awarded != 0 || len(out.Warnings) != 0 || out.Waiting {
		t.Errorf("%v, effects %+v, warnings %v, it waits: %t", err, out.SideEffects, out.Warnings, out.Waiting)
	}
	// One that gives back nothing that is known has nothing to wait for, and waits.
	if err := w.SetOrg(w.ctx, "demo", "unmatched-returns", "allow"); err != nil {
		t.Fatal(err)
	}
	b = saleOf(customer, "Q-3", 1, 1000)
	b.Lines = append(b.Lines, BillLine{Type: "RETURN", ItemCode: "TEA", Amount: ptr(int64(0)), ParentBillNumber: "Q-0"})
	if out, err = w.AddTransaction(w.ctx, w.who, b, true); err != nil || !out.Waiting || len(out.SideEffects) != 0 {
		t.Errorf("%v, effects %+v, it waits: %t", err, out.SideEffects, out.Waiting)
	}
	if n, err := w.WorkLoyalty(w.ctx); n != 1 || err != nil {
		t.Error(n, err)
	}
	w.sound()
}

// What one customer has bought is bounded, so that nobody's sums pass what can be read, and a bill beyond it is refused.
func TestPurchasesAreBounded(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	customer := w.newcomers(1)[0]
	bill := func(number string, amount int64) error {
		b := saleOf(customer, number, 0, 0)
		b.Lines, b.Amount = nil, amount
		_, err := w.AddTransaction(w.ctx, w.who, b, false)
		return err
	}
	for i := range int64(maxPurchases / MaxAmount) {
		if err := bill(fmt.Sprint("L-", i), MaxAmount); err != nil {
			t.Fatal(err)
		}
	}
	rest := int64(maxPurchases % MaxAmount)
	faultIs(t, bill("M-1", rest+1), fault.AmountInvalid)
	if err := bill("M-2", rest); err != nil {
		t.Error(err)
	}
	faultIs(t, bill("M-3", 1), fault.AmountInvalid)
	back := returnOf(customer, 0, returnAmount, 0, 5)
	back.Number = "M-2"
	if _, err := w.AddTransaction(w.ctx, w.who, back, false); err != nil {
		t.Error(err)
	}
	if err := bill("M-4", 5000); err != nil {
		t.Error(err)
	}
	w.sound()
}

// The lines of one number come back of one sale, whichever of them says which; and what is wrong with a line is told of the line.
func TestSaleOfReturnedLines(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	customer := w.newcomers(1)[0]
	if err := w.SetOrg(w.ctx, "demo", "bill-number-days", "1"); err != nil {
		t.Fatal(err)
	}
	dates := []string{"2026-01-10 12:00:00", "2026-01-20 12:00:00"} // the last one is meant where nothing is said
	var sales []int64
	for _, date := range dates {
		b := saleOf(customer, "Q-1", 4, 1000)
		b.BillingDate = date
		out, err := w.AddTransaction(w.ctx, w.who, b, false)
		if err != nil {
			t.Fatal(err)
		}
		sales = append(sales, out.ID)
	}
	mixed := func(times ...string) error {
		w.bill++
		b := saleOf(customer, fmt.Sprint("M", w.bill), 4, 1000)
		for _, when := range times {
			b.Lines = append(b.Lines, BillLine{Type: "RETURN", ItemCode: "TEA", ParentBillNumber: "Q-1", PurchaseTime: when})
		}
		_, err := w.AddTransaction(w.ctx, w.who, b, false)
		return err
	}
	returned := func(want ...int64) {
		t.Helper()
		for i, id := range sales {
			f, err := w.Transaction(w.ctx, w.who, id, "")
			if err != nil || f.Returned != want[i]*1000 {
				t.Errorf("of sale %d %d was returned, want %d; %v", i, f.Returned, want[i]*1000, err)
			}
		}
	}
	for _, c := range []struct {
		times []string
		wrong string // place of the refusal
		want  [2]int64
	}{
		{[]string{"", ""}, "", [2]int64{0, 2000}},
		{[]string{"", dates[0]}, "", [2]int64{2000, 2000}},
		{[]string{dates[0], "2026-01-10T12:00:00+05:30"}, "", [2]int64{4000, 2000}},
		{[]string{dates[0], dates[1]}, "body: lineItemsV2[2].purchaseTime", [2]int64{4000, 2000}},
		{[]string{"", "2026-01-11"}, "body: lineItemsV2[2].purchaseTime", [2]int64{4000, 2000}},
		{[]string{dates[1], "soon"}, "body: lineItemsV2[2].purchaseTime", [2]int64{4000, 2000}},
		{[]string{dates[0]}, "body: lineItemsV2[1].returnType", [2]int64{4000, 2000}}, // all of it is gone
	} {
		f, _ := fault.Of(mixed(c.times...))
		if place := ""; f != nil {
			if place = f.Place(); place != c.wrong {
				t.Errorf("%q: %v at %s", c.times, f, place)
			}
		} else if c.wrong != "" {
			t.Errorf("%q: let through", c.times)
		}
		returned(c.want[:]...)
	}
}

// A return of lines that the sale does not have takes nothing from it, and so it can still be returned in any way.
func TestUnknownLinesBindNoSale(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	customer := w.newcomers(1)[0]
	if err := w.SetOrg(w.ctx, "demo", "unmatched-returns", "allow"); err != nil {
		t.Fatal(err)
	}
	for i, by := range []string{returnFull, returnCancelled, returnAmount, returnLineItem} {
		sold, err := w.AddTransaction(w.ctx, w.who, saleOf(customer, fmt.Sprint("Q-", i), 4, 1000), false)
		if err != nil {
			t.Fatal(err)
		}
		wrong := returnOf(customer, sold.ID, returnLineItem, 1, 0)
		wrong.Lines[0].ItemCode = "CUP"
		if out, err := w.AddTransaction(w.ctx, w.who, wrong, false); err != nil || len(out.Warnings) != 1 || out.Warnings[0].Code != fault.ReturnLineUnmatched {
			t.Errorf("before %s: %v, warnings %v", by, err, out.Warnings)
		}
		if _, err := w.AddTransaction(w.ctx, w.who, returnOf(customer, sold.ID, by, 4, 4000), false); err != nil {
			t.Errorf("%s: %v", by, err)
		}
	}
	w.sound()
}
