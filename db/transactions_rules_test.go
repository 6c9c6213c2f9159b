package db

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/arteriole/arteriole/fault"
)

func n(units int64) *int64 { v := units * 1000; return &v }

// Which return may follow which: every pair of the table in openapi.yaml.
func TestReturnAfterReturn(t *testing.T) {
	one := []saleLine{{id: 1, item: "A", quantity: 2000, amount: 200_000}}
	part := []saleLine{{id: 1, item: "A", quantity: 2000, amount: 200_000, returnedQuantity: 1000, returnedAmount: 100_000}}
	gone := []saleLine{{id: 1, item: "A", quantity: 2000, amount: 200_000, returnedQuantity: 2000, returnedAmount: 200_000}}
	for _, before := range []struct {
		name string
		sale sale
		want map[string]int
	}{
		{"nothing", sale{bought: 200_000, lines: one}, map[string]int{"AMOUNT": 0, "LINE_ITEM": 0, "FULL": 0, "CANCELLED": 0}},
		{"AMOUNT, a part", sale{bought: 200_000, returned: 1000, by: "AMOUNT", lines: one}, map[string]int{"AMOUNT": 0, "LINE_ITEM": 632, "FULL": 639, "CANCELLED": 639}},
		{"LINE_ITEM, a part", sale{bought: 200_000, returned: 100_000, by: "LINE_ITEM", lines: part}, map[string]int{"AMOUNT": 635, "LINE_ITEM": 0, "FULL": 639, "CANCELLED": 639}},
		{"AMOUNT, all", sale{bought: 200_000, returned: 200_000, by: "AMOUNT", lines: one}, map[string]int{"AMOUNT": 633, "LINE_ITEM": 633, "FULL": 633, "CANCELLED": 633}},
		{"LINE_ITEM, all", sale{bought: 200_000, returned: 200_000, by: "LINE_ITEM", lines: gone}, map[string]int{"AMOUNT": 633, "LINE_ITEM": 633, "FULL": 633, "CANCELLED": 633}},
		{"LINE_ITEM, all for nothing", sale{returned: 0, by: "LINE_ITEM", lines: gone}, map[string]int{"AMOUNT": 633, "LINE_ITEM": 633, "FULL": 633, "CANCELLED": 633}},
		{"FULL", sale{bought: 200_000, returned: 200_000, by: "FULL", lines: gone}, map[string]int{"AMOUNT": 633, "LINE_ITEM": 633, "FULL": 633, "CANCELLED": 633}},
		{"FULL, for nothing", sale{by: "FULL"}, map[string]int{"AMOUNT": 633, "LINE_ITEM": 633, "FULL": 633, "CANCELLED": 633}},
		{"CANCELLED", sale{bought: 200_000, returned: 200_000, by: "CANCELLED", lines: gone}, map[string]int{"AMOUNT": 633, "LINE_ITEM": 633, "FULL": 633, "CANCELLED": 614}},
	} {
		for now, want := range before.want {
			ask := returning{by: now, amount: n(1)}
			if now == "LINE_ITEM" {
				ask.lines = []returningLine{{item: "A", quantity: 1000}}
			}
			_, err := decideReturn(before.sale, ask, false)
			if got := number(err); got != want {
				t.Errorf("%s, then %s: %d, want %d", before.name, now, got, want)
			}
		}
	}
}

func number(err error) int {
	if f, ok := fault.Of(err); ok {
		return f.Number
	}
	return 0
}

// What one return takes of a sale of two A for 200, one of which is a serial, and a B for 50, less a discount of 10 on the bill.
func TestDecideReturn(t *testing.T) {
	fresh := func() sale {
		return sale{bought: 240_000, lines: []saleLine{
			{id: 1, item: "A", quantity: 3000, amount: 200_000}, {id: 2, item: "A", serial: "S1", quantity: 1000, amount: 90_000}, {id: 3, item: "B", quantity: 1000, amount: 50_000}}}
	}
	some := fresh()
	some.by, some.returned, some.lines[0].returnedQuantity, some.lines[0].returnedAmount = "LINE_ITEM", 66_666, 1000, 66_666
	dear := fresh()
	dear.by, dear.returned, dear.lines[0].returnedQuantity, dear.lines[0].returnedAmount = "LINE_ITEM", 190_000, 1000, 190_000
	A := func(quantity int64, amount *int64) returningLine {
		return returningLine{item: "A", quantity: quantity, amount: amount, place: "l"}
	}
	for _, tt := range []struct {
		name      string
		sale      sale
		ask       returning
		unmatched bool
		want      string // amount, lines
		code      int
	}{
		{"full", fresh(), returning{by: "FULL", amount: n(240)}, false, "240000 [{1 3000 200000} {2 1000 90000} {3 1000 50000}]", 0},
		{"full of less gives all", fresh(), returning{by: "FULL", amount: n(1)}, false, "240000 [{1 3000 200000} {2 1000 90000} {3 1000 50000}]", 0},
		{"full of more", fresh(), returning{by: "FULL", amount: n(241)}, false, "", 630},
		{"cancelled", fresh(), returning{by: "CANCELLED"}, false, "240000 [{1 3000 200000} {2 1000 90000} {3 1000 50000}]", 0},
		{"amount", fresh(), returning{by: "AMOUNT", amount: n(240)}, false, "240000 []", 0},
		{"too much", fresh(), returning{by: "AMOUNT", amount: n(241)}, false, "", 630},
		{"no lines", fresh(), returning{by: "LINE_ITEM", amount: n(1)}, false, "", 679},
		{"nothing of a line", fresh(), returning{by: "LINE_ITEM", amount: n(0), lines: []returningLine{A(0, nil)}}, false, "", 679},
		{"nothing of an unknown line", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{{item: "C", amount: n(40)}}}, true, "", 679},
		{"nothing of one line and something of another", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(0, nil), {item: "B", quantity: 1000}}}, false, "35294 [{3 1000 50000}]", 0},
		{"one of three", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(1000, nil)}}, false, "47058 [{1 1000 66666}]", 0},
		{"one of three, for nothing", fresh(), returning{by: "LINE_ITEM", amount: n(0), lines: []returningLine{A(1000, nil)}}, false, "47058 [{1 1000 66666}]", 0},
		{"the second of three", some, returning{by: "LINE_ITEM", lines: []returningLine{A(1000, nil)}}, false, "47059 [{1 1000 66667}]", 0},
		{"the second of three, of which one came back for nearly all", dear, returning{by: "LINE_ITEM", lines: []returningLine{A(1000, nil)}}, false, "47059 [{1 1000 10000}]", 0},
		{"for more than is left of the line", dear, returning{by: "LINE_ITEM", lines: []returningLine{A(1000, n(11))}}, false, "", 678},
		{"over two lines", fresh(), returning{by: "LINE_ITEM", amount: n(200), lines: []returningLine{A(4000, nil)}}, false, "204705 [{1 3000 200000} {2 1000 90000}]", 0},
		{"the serial", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{{item: "A", serial: "S1", quantity: 1000}}}, false, "63529 [{2 1000 90000}]", 0},
		{"twice in one", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(1000, nil), A(1000, nil)}}, false, "94117 [{1 2000 133333}]", 0},
		{"twice in one, too many", fresh(), returning{by: "LINE_ITEM", amount: n(1), lines: []returningLine{A(3000, nil), A(2000, nil)}}, false, "", 629},
		{"less than the share", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(1000, n(10))}}, false, "47058 [{1 1000 10000}]", 0},
		{"more than bought", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(5000, nil)}}, false, "", 626},
		{"more than left", some, returning{by: "LINE_ITEM", lines: []returningLine{A(4000, nil)}}, false, "", 629},
		{"line for more", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(1000, n(201))}}, false, "", 678},
		{"bill for more than its lines", fresh(), returning{by: "LINE_ITEM", amount: n(67), lines: []returningLine{A(1000, nil)}}, false, "", 630},
		{"all lines, without an amount", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(4000, nil), {item: "B", quantity: 1000}}}, false, "240000 [{1 3000 200000} {2 1000 90000} {3 1000 50000}]", 0},
		{"all lines for the bill", fresh(), returning{by: "LINE_ITEM", amount: n(240), lines: []returningLine{A(4000, nil), {item: "B", quantity: 1000}}}, false, "240000 [{1 3000 200000} {2 1000 90000} {3 1000 50000}]", 0},
		{"unknown", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{{item: "C", quantity: 1000}}}, false, "", 688},
		{"unknown comes before negative", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(-1, nil), {item: "C", quantity: 1000}}}, false, "", 688},
		{"too many comes before too dear", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(1000, n(999)), A(9000, nil)}}, false, "", 626},
		{"too dear, whatever comes after it", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(1000, n(999)), {item: "B", quantity: 1000}}}, false, "", 678},
		{"negative comes before too many", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{A(9000, nil), A(-1, nil)}}, false, "", 627},
		{"unknown, let through", fresh(), returning{by: "LINE_ITEM", amount: n(100), lines: []returningLine{A(1000, nil), {item: "C", quantity: 1000, amount: n(40)}}}, true, "60000 [{1 1000 66666}]", 0},
		{"unknown of a sale without lines, let through", sale{bought: 100_000}, returning{by: "LINE_ITEM", amount: n(0), lines: []returningLine{{item: "C", quantity: 1000, amount: n(40)}}}, true, "0 []", 0},
		{"unknown alone, let through", fresh(), returning{by: "LINE_ITEM", lines: []returningLine{{item: "C", quantity: 1000, amount: n(40)}}}, true, "0 []", 0},
	} {
		out, err := decideReturn(tt.sale, tt.ask, tt.unmatched)
		got := ""
		if err == nil {
			got = fmt.Sprint(out.amount, " ", out.lines)
		}
		if got != tt.want || number(err) != tt.code {
			t.Errorf("%s: %s %v, want %s %d", tt.name, got, err, tt.want, tt.code)
		}
		if err != nil {
			continue
		}
		var of, lines int64 // of the sale's lines, by each line of the return and by each line of the sale
		var outside []string
		for i, l := range tt.ask.lines {
			switch {
			case l.item != "C":
				of += out.given[i]
			case out.given[i] != *l.amount:
				t.Errorf("%s: line %d is worth %d, want %d as it says", tt.name, i, out.given[i], *l.amount)
			}
			if l.item == "C" {
				outside = append(outside, fmt.Sprint(fault.ReturnLineUnmatched.At(l.place+".itemCode")))
			}
		}
		for _, l := range out.lines {
			lines += l.amount
		}
		binds := tt.ask.by
		if binds == returnLineItem && len(out.lines) == 0 {
			binds = tt.sale.by
		}
		if tt.ask.by == returnLineItem && of != lines || out.by != binds {
			t.Errorf("%s: bound to %q, want %q; the lines are worth %d where %d is taken", tt.name, out.by, binds, of, lines)
		}
		if want := fmt.Sprint(outside); fmt.Sprint(out.warnings) != want {
			t.Errorf("%s: warnings %v, want %s", tt.name, out.warnings, want)
		}
	}
}

// Whatever is returned in whatever order: never more than was bought, in all and of each line, and what was taken of the lines
// adds up.
func TestReturnsNeverExceedTheSale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 50_000)
		s := sale{bought: amount.Draw(t, "bought")}
		for i := range rapid.IntRange(0, 4).Draw(t, "lines") {
			s.lines = append(s.lines, saleLine{id: int64(i + 1), item: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "item"), quantity: rapid.Int64Range(0, 5_000).Draw(t, "quantity"), amount: amount.Draw(t, "amount")})
		}
		total := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "returns") {
			ask := returning{by: rapid.SampledFrom(returnTypes).Draw(t, "by")}
			if ask.by == returnAmount || rapid.Bool().Draw(t, "says") {
				v := rapid.Int64Range(1, 50_000).Draw(t, "asked")
				ask.amount = &v
			}
			for range rapid.IntRange(0, 3).Draw(t, "asked lines") {
				l := returningLine{item: rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "item"), quantity: rapid.Int64Range(-1, 6_000).Draw(t, "quantity")}
				if rapid.Bool().Draw(t, "says") {
					v := amount.Draw(t, "amount")
					l.amount = &v
				}
				ask.lines = append(ask.lines, l)
			}
			before := s.state()
			out, err := decideReturn(s, ask, rapid.Bool().Draw(t, "unmatched"))
			if err != nil {
				if _, ok := fault.Of(err); !ok {
					t.Fatal(err)
				}
				continue
			}
			if before == whole || before == neverWas {
				t.Fatalf("%s was let through on a sale that was returned", ask.by)
			}
			total += out.amount
			s.returned, s.by = s.returned+out.amount, out.by
			for _, r := range out.lines {
				l := &s.lines[r.line-1]
				l.returnedQuantity += r.quantity
				l.returnedAmount += r.amount
				if r.quantity < 0 || r.amount < 0 || l.quantity < l.returnedQuantity || l.amount < l.returnedAmount {
					t.Fatalf("line %+v after %+v", l, r)
				}
			}
			if out.amount < 0 || total > s.bought || total != s.returned {
				t.Fatalf("%d of %d was returned", total, s.bought)
			}
			if (ask.by == returnFull || ask.by == returnCancelled) && s.returned != s.bought {
				t.Fatalf("%s left %d", ask.by, s.bought-s.returned)
			}
		}
	})
}

// Shares of any cut add up.
func TestShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces, amount := rapid.Int64Range(1, MaxAmount).Draw(t, "pieces"), rapid.Int64Range(0, MaxAmount).Draw(t, "amount")
		var gone, sum int64
		for gone < pieces {
			q := rapid.Int64Range(1, pieces-gone).Draw(t, "q")
			sum, gone = sum+share(amount, gone, q, pieces), gone+q
			if sum > amount {
				t.Fatal("too much")
			}
			if q*1000 < pieces {
				q = pieces - gone
				if q > 0 {
					sum, gone = sum+share(amount, gone, q, pieces), gone+q
				}
			}
		}
		if sum != amount {
			t.Fatalf("%d of %d", sum, amount)
		}
	})
}

// A write may run a second time, when a neighbour of its group failed: it finds the bill as it was sent, and warns again.
func TestABillIsJudgedTheSameTwice(t *testing.T) {
	sent := Bill{PaymentModes: []PaymentMode{{Mode: "CARD", Attributes: map[string]string{"slip": "", "last4": "4242"}}}}
	for range 2 {
		b := newBill{Bill: sent}
		(&orgConfig{}).fields(&b)
		if got := codes(nil, b.warnings); got != "PaymentAttributeInvalid" {
			t.Errorf("warnings %q", got)
		}
	}
}
