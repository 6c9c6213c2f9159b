package db

import (
	"fmt"
	"testing"
)

// The answer to a new bill is made of what was written, without reading it: it must be what a reader gets.
func TestABillIsAnsweredAsItIsStored(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	must, customer := mustOf(t), w.newcomers(1)[0]
	for key, value := range map[string]string{"unmatched-returns": "allow", "outlier-amount": "4000"} {
		must(w.SetOrg(w.ctx, "demo", key, value))
	}
	whole := saleOf(customer, "W-1", 4, 500)
	whole.Gross, whole.Discount, whole.Note, whole.DeliveryStatus, whole.Currency = ptr(int64(2_100_000)), ptr(int64(100_000)), "a note", "PLACED", "inr"
	whole.CustomFields, whole.ExtendedFields = map[string]string{"a/b": "1", "none": ""}, map[string]string{"c": "2"}
	whole.PaymentModes = []PaymentMode{{Mode: "CASH", Value: 2_000_000, Attributes: map[string]string{"drawer": "3"}}, {}}
	whole.Promotions, whole.AppliedPromotions = []string{"p"}, []string{}
	whole.BillingDate, whole.CreateDate, whole.By = "2026-01-20T23:30:00-05:00", "2026-01-19", w.who.TillCode
	no := false
	whole.Lines = append(whole.Lines, BillLine{ItemCode: "CUP", Serial: "7", Quantity: ptr(int64(1500)), Rate: ptr(int64(1000)), Description: "a cup", Returnable: &no, ReturnableDays: ptr(int64(-7)),
		Attributes: map[string]string{}, CustomFields: map[string]string{"x": "y"}, ExtendedFields: map[string]string{"z": "1"}, Parts: []BillPart{{List: "comboDetails", ItemCode: "SAUCER", Quantity: 1000}}, Promotions: []string{}},
		BillLine{ItemCode: "POT", ReturnableDays: ptr(int64(3)), Parts: []BillPart{}})
	anonymous := saleOf(customer, "N-1", 1, 10)
	anonymous.Type, anonymous.IdentifierName, anonymous.IdentifierText = "NOT_INTERESTED", "", ""
	mixed := saleOf(customer, "M-1", 5, 500)
	mixed.Lines = append(mixed.Lines, BillLine{Type: "RETURN", ItemCode: "TEA", Quantity: ptr(int64(1000)), ParentBillNumber: "W-1"})
	back := saleOf(customer, "W-1", 1, 500)
	back.Type, back.ReturnType = "RETURN", returnLineItem
	unknown := saleOf(customer, "U-1", 1, 500)
	unknown.Type, unknown.ReturnType = "RETURN", returnFull
	for i, c := range []struct {
		bill  Bill
		later bool
	}{{bill: whole}, {bill: anonymous}, {bill: mixed}, {bill: mixed, later: true}, {bill: back}, {bill: unknown}, {bill: saleOf(customer, "L", 1, 100), later: true}, {bill: saleOf(customer, "O", 9, 500)}} {
		if !c.bill.isReturn() {
			c.bill.Number += fmt.Sprint("-", i)
		}
		if c.bill.Number == "W-1-0" {
			c.bill.Number = "W-1"
		}
		out, err := w.AddTransaction(w.ctx, w.who, c.bill, c.later)
		if err != nil {
			t.Errorf("bill %d: %v", i, err)
			continue
		}
		f, err := w.Transaction(w.ctx, w.who, out.ID, "")
		must(err)
		if got, want := toJSON(out.Transaction), toJSON(f.Transaction); got != want {
			t.Errorf("bill %d\n answered %s\n stored   %s", i, got, want)
		}
	}
}
