package db

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/arteriole/arteriole/fault"
)

// storedSale is a bill that something can be given back of.
type storedSale struct {
	sale
	id, customer int64 // the customer it is kept for, 0 for nobody
	owner        int64 // whose it is now: the survivor, when that customer was merged
	number       string
	typ          string
	date         int64
	outlier      string
	store, till  int64
}

// decideReturns decides what the bill gives back: of one sale or, by the return lines of a mixed bill, of several.
func (tx *Tx) decideReturns(o *orgConfig, org int64, b *newBill) error {
	if b.isReturn() {
		amount := b.Amount
		ask := returning{by: b.ReturnType, amount: &amount, place: "body: billAmount", byPlace: "body: returnType"}
		lines := make([]int, len(b.lines))
		for i := range lines {
			lines[i] = i
		}
		r, err := tx.decideOne(o, org, b, saleNamed{b.Number, b.SaleID, b.PurchaseTime, "body", "body: purchaseTime"}, ask, lines)
		if err != nil {
			return err
		}
		if r.sale != nil {
			b.Amount, b.Number = r.amount, r.sale.number
		}
		if b.Number == "" { // an unknown id, let through
			b.Number = strconv.FormatInt(b.SaleID, 10)
		}
		b.returns = []newReturn{r}
		return nil
	}
	b.bought = b.Amount
	for i := range b.lines {
		l := &b.lines[i]
		if !l.isReturn(&b.Bill) || slices.ContainsFunc(b.lines[:i], func(e newLine) bool { return e.isReturn(&b.Bill) && e.ParentBillNumber == l.ParentBillNumber }) {
			continue
		}
		ask := returning{by: cmp.Or(l.ReturnType, returnLineItem)}
		var lines []int
		var stated, when int64
		said, purchased, from := false, "", i // the line that says it
		for j := i; j < len(b.lines); j++ {
			e := &b.lines[j]
			if !e.isReturn(&b.Bill) || e.ParentBillNumber != l.ParentBillNumber {
				continue
			}
			if cmp.Or(e.ReturnType, returnLineItem) != ask.by {
				return fault.LineReturnTypeInvalid.At("body: lineItemsV2[" + strconv.Itoa(j) + "].returnType")
			}
			if e.PurchaseTime != "" { // all of a number are of one sale
				t, ok := parseTime(e.PurchaseTime, o.TimeZone)
				if !ok || purchased != "" && t.Unix() != when {
					return fault.ReturnBeforePurchase.At("body: lineItemsV2[" + strconv.Itoa(j) + "].purchaseTime")
				}
				purchased, when, from = e.PurchaseTime, t.Unix(), j
			}
			lines = append(lines, j)
			if e.Amount != nil {
				stated, said = stated+*e.Amount, true
			}
		}
		place := "body: lineItemsV2[" + strconv.Itoa(i) + "]"
		ask.byPlace = place + ".returnType"
		if ask.place = place + ".amount"; ask.by != returnLineItem && said {
			ask.amount = &stated
		}
		if ask.by == returnAmount && stated == 0 {
			return fault.AmountInvalid.At(ask.place)
		}
		r, err := tx.decideOne(o, org, b, saleNamed{l.ParentBillNumber, 0, purchased, place, "body: lineItemsV2[" + strconv.Itoa(from) + "].purchaseTime"}, ask, lines)
		if err != nil {
			return err
		}
		b.returns = append(b.returns, r)
	}
	if len(b.returns) == 0 {
		return nil
	}
	b.bought = b.boughtMixed()
	return o.boundBought(b)
}

// boughtMixed is what a bill with return lines bought: what was paid, in money and in goods of known bills, but no more than its
// other lines sold, since the rest was paid out. If a line has no price, what it sold is unknown, and the money that was paid
// counts in any case (our rule 124).
func (b *newBill) boughtMixed() int64 {
	paid, sold, priced := b.Amount, int64(0), true
	for _, r := range b.returns {
		if r.sale != nil {
			paid += r.amount
		}
	}
	for i := range b.lines {
		if l := &b.lines[i]; !l.isReturn(&b.Bill) {
			sold += l.amount
			priced = priced && l.priced()
		}
	}
	if !priced {
		sold = max(sold, b.Amount)
	}
	return min(paid, sold)
}

// saleNamed is how a request names the sale that is returned.
type saleNamed struct {
	number       string
	id           int64
	purchaseTime string
	place        string
	timePlace    string // of purchaseTime
}

// decideOne finds a sale and decides what is given back of it. lines are indexes into b.lines.
func (tx *Tx) decideOne(o *orgConfig, org int64, b *newBill, named saleNamed, ask returning, lines []int) (r newReturn, err error) {
	r.by = ask.by
	purchased := int64(-1)
	if named.purchaseTime != "" {
		t, ok := parseTime(named.purchaseTime, o.TimeZone)
		if !ok {
			return r, fault.ReturnBeforePurchase.At(named.timePlace)
		}
		purchased = t.UnixMilli() / 1000
	}
	var ws []*fault.Fault
	if r.sale, ws, err = tx.findSale(org, b, named, purchased); err != nil {
		return r, err
	}
	b.warnings = append(b.warnings, ws...)
	if r.sale == nil {
		f := fault.BillNotFound.With("number", cmp.Or(named.number, strconv.FormatInt(named.id, 10))).At(named.place + at(named.place, numberKey(named)))
		if !o.UnmatchedReturns {
			return r, f
		}
		b.warnings = append(b.warnings, f)
		if ask.amount != nil {
			r.amount = *ask.amount
		} else {
			for _, i := range lines {
				r.amount += b.lines[i].amount
			}
		}
		return r, nil
	}
	if b.date < r.sale.date || purchased >= 0 && purchased != r.sale.date/1000 {
		return r, fault.ReturnBeforePurchase.At(named.timePlace)
	}
	if r.sale.lines, err = tx.saleLines(org, r.sale.id); err != nil {
		return r, err
	}
	if ask.by == returnLineItem {
		for _, i := range lines {
			l := &b.lines[i]
			ask.lines = append(ask.lines, returningLine{l.ItemCode, l.Serial, l.quantity, l.Amount, "body: lineItemsV2[" + strconv.Itoa(i) + "]"})
		}
	}
	decided, err := decideReturn(r.sale.sale, ask, o.UnmatchedReturns)
	if err != nil {
		return r, err
	}
	for k, i := range lines {
		if k < len(decided.given) {
			b.lines[i].amount = decided.given[k]
		}
	}
	b.warnings = append(b.warnings, decided.warnings...)
	r.amount, r.lines, r.binds = decided.amount, decided.lines, decided.by
	return r, nil
}

// at joins a key to a place that may be the whole body.
func at(place, key string) string {
	if place == "body" {
		return ": " + key
	}
	return "." + key
}

func numberKey(n saleNamed) string {
	switch {
	case n.place != "body":
		return "parentBillNumber"
	case n.id != 0:
		return "id"
	}
	return "billNumber"
}

// findSale finds the sale of the bill's customer (or of nobody) that a return names; nil for none. Of several with the number,
// the purchase time decides (in seconds, -1 when not said), then the place of the return, then the last one before the return.
func (tx *Tx) findSale(org int64, b *newBill, named saleNamed, purchased int64) (found *storedSale, ws []*fault.Fault, err error) {
	typ := "REGULAR"
	if b.Type == "NOT_INTERESTED_RETURN" {
		typ = "NOT_INTERESTED"
	}
	var all []*storedSale
	read := func(scan func(...any) error) error {
		s := &storedSale{}
		err := scan(&s.id, &s.customer, &s.owner, &s.number, &s.typ, &s.date, &s.outlier, &s.store, &s.till, &s.bought, &s.returned, &s.by)
		if s.owner == b.customer && s.typ == typ && (named.number == "" || s.number == named.number) {
			all = append(all, s)
		}
		return err
	}
	const columns = `SELECT t.id, coalesce(t.customer, 0), coalesce(c.merged_into, t.customer, 0), t.number, t.type, t.billing_date, t.outlier, t.store, t.till, t.bought, t.returned, t.returned_by
		FROM transactions t LEFT JOIN customers c ON c.org = t.org AND c.id = t.customer `
	if named.id != 0 {
		err = tx.Each(read, columns+`WHERE t.org = $1 AND t.id = $2`, org, named.id)
	} else {
		err = tx.Each(read, columns+`WHERE t.org = $1 AND t.number = $2 AND t.return_type = '' ORDER BY t.billing_date, t.id`, org, named.number)
	}
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	narrow := func(fits func(*storedSale) bool) {
		if few := slices.DeleteFunc(slices.Clone(all), func(s *storedSale) bool { return !fits(s) }); len(few) > 0 {
			all = few
		}
	}
	narrow(func(s *storedSale) bool { return s.date <= b.date })
	narrow(func(s *storedSale) bool { return s.date/1000 == purchased })
	narrow(func(s *storedSale) bool { return s.store == b.store })
	narrow(func(s *storedSale) bool { return s.till == b.till })
	if len(all) > 1 {
		ws = append(ws, fault.SeveralBills.With("number", named.number))
	}
	return all[len(all)-1], ws, nil
}

func (tx *Tx) saleLines(org, bill int64) (lines []saleLine, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var l saleLine
		var typ string
		err := scan(&l.id, &typ, &l.item, &l.serial, &l.quantity, &l.amount, &l.returnedQuantity, &l.returnedAmount)
		if typ == "REGULAR" || typ == "NOT_INTERESTED" {
			lines = append(lines, l)
		}
		return err
	}, `SELECT id, type, item_code, serial, quantity, amount, returned_quantity, returned_amount FROM transaction_lines WHERE org = $1 AND bill = $2 ORDER BY id`, org, bill)
	return lines, err
}
