package db

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// The rules of returns (openapi.yaml, Add Transaction, Returns) as functions of rows. Money and quantities are thousandths.

// The ways to return a bill.
const (
	returnFull      = "FULL"
	returnAmount    = "AMOUNT"
	returnLineItem  = "LINE_ITEM"
	returnCancelled = "CANCELLED"
)

// sale is the state of a bill before a return.
type sale struct {
	bought, returned int64
	by               string // how something of it was given back already, "" for nothing
	lines            []saleLine
}

// saleLine is what a line sold, and what of it has been returned.
type saleLine struct {
	id                               int64
	item, serial                     string
	quantity, amount                 int64
	returnedQuantity, returnedAmount int64
}

func (l *saleLine) leftQuantity() int64 { return l.quantity - l.returnedQuantity }
func (l *saleLine) leftAmount() int64   { return l.amount - l.returnedAmount }

// returning is a requested return. A nil amount means the value of its lines.
type returning struct {
	by     string
	amount *int64
	lines  []returningLine
	place  string // of amount in the request

	byPlace string // of by in the request
}

type returningLine struct {
	item, serial string
	quantity     int64
	amount       *int64 // nil: its share of what the line cost
	place        string
}

// returned is the result for the sale: the amount given back, what is taken from each line, and the way of returning that it is
// bound to from now on.
type returned struct {
	amount   int64
	by       string
	lines    []lineReturned
	given    []int64 // of LINE_ITEM: what each returned line is worth
	warnings []*fault.Fault
}

type lineReturned struct {
	line             int64
	quantity, amount int64
}

// decideReturn decides what a return takes from a sale, or why it is refused. With unmatched, lines that the sale does not have
// are accepted with a warning and take nothing from it.
func decideReturn(s sale, r returning, unmatched bool) (out returned, err error) {
	if c := returnExcluded(s.state(), r.by); c != nil {
		return out, c.At(r.byPlace)
	}
	out.by = r.by
	left := s.bought - s.returned
	switch r.by {
	case returnFull, returnCancelled:
		for i := range s.lines {
			l := &s.lines[i]
			out.lines = append(out.lines, lineReturned{l.id, l.leftQuantity(), l.leftAmount()})
		}
		if r.amount != nil && *r.amount > left {
			return out, fault.ReturnAmountTooHigh.At(r.place)
		}
		out.amount = left
		return out, nil
	case returnAmount:
		if *r.amount > left {
			return out, fault.ReturnAmountTooHigh.At(r.place)
		}
		out.amount = *r.amount
		return out, nil
	}
	if !slices.ContainsFunc(r.lines, func(l returningLine) bool { return l.quantity != 0 }) { // a return of nothing would exclude others
		return out, fault.ReturnLinesMissing.At("body: lineItemsV2")
	}
	var worth, full, outside int64 // of what the sale's lines give, what they cost, and of lines that the sale does not have
	taken := slices.Clone(s.lines)
	matched := make([][]*saleLine, len(r.lines))
	for i, l := range r.lines { // the checks of one kind come before those of the next (our rule 51)
		if matched[i] = match(taken, l); len(matched[i]) > 0 {
			continue
		}
		if !unmatched {
			return out, fault.ReturnLineUnmatched.At(l.place + ".itemCode")
		}
		out.warnings = append(out.warnings, fault.ReturnLineUnmatched.At(l.place+".itemCode"))
		if l.amount != nil {
			outside += *l.amount
		}
	}
	for _, l := range r.lines {
		if l.quantity < 0 {
			return out, fault.QuantityNegative.At(l.place + ".qty")
		}
	}
	var dear error // the first line for too much: quantities have their turn before
	for i, l := range r.lines {
		if len(matched[i]) == 0 {
			out.given = append(out.given, 0)
			if l.amount != nil {
				out.given[i] = *l.amount
			}
			continue
		}
		took, cost, err := takeLine(matched[i], l)
		if fault.Is(err, fault.ReturnLineAmountTooHigh) {
			dear, l.amount = cmp.Or(dear, err), nil
			took, cost, err = takeLine(matched[i], l)
		}
		if err != nil {
			return out, err
		}
		before := worth
		full += cost
		for _, t := range took {
			worth += t.amount
		}
		out.given = append(out.given, worth-before)
		out.lines = append(out.lines, took...)
	}
	if dear != nil {
		return out, dear
	}
	out.lines = sumLines(out.lines)
	if r.amount != nil {
		if *r.amount > worth+outside {
			return out, fault.ReturnAmountTooHigh.At(r.place)
		}
		if out.amount = max(0, *r.amount-outside); out.amount > left {
			return out, fault.ReturnAmountTooHigh.At(r.place)
		}
	}
	if len(out.lines) == 0 { // nothing is taken: the sale is bound to nothing
		out.by = s.by
		return out, nil
	}
	// However little is refunded, the lines are gone, and with them what was paid for them.
	out.amount = min(left, max(out.amount, s.paid(taken, full, left)))
	return out, nil
}

// paid is what was paid for lines that cost so much on their own: less if the bill as a whole was cheaper than its lines, and all
// that is left for the last of them.
func (s *sale) paid(taken []saleLine, cost, left int64) int64 {
	if !slices.ContainsFunc(taken, func(l saleLine) bool { return l.leftQuantity() > 0 }) {
		return left
	}
	var all int64
	for _, l := range s.lines {
		all += l.amount
	}
	if all <= s.bought {
		return cost
	}
	return share(s.bought, 0, cost, all)
}

// states of a sale, as a return finds it.
type returnState int

const (
	untouched    returnState = iota
	partByAmount             // by AMOUNT, and something is left
	partByLines              // by LINE_ITEM, and something is left
	whole                    // nothing is left
	neverWas                 // by CANCELLED
)

func (s *sale) state() returnState {
	left := slices.ContainsFunc(s.lines, func(l saleLine) bool { return l.leftQuantity() > 0 })
	switch {
	case s.by == "":
		return untouched
	case s.by == returnCancelled:
		return neverWas
	case s.by == returnFull, s.returned == s.bought && (s.bought > 0 || !left):
		return whole
	case s.by == returnLineItem:
		return partByLines
	}
	return partByAmount
}

// returnExcluded is the table of Returns in openapi.yaml: which return may follow which. nil: it may.
func returnExcluded(before returnState, now string) *fault.Code {
	switch before {
	case partByAmount:
		switch now {
		case returnLineItem:
			return fault.ReturnLinesAfterAmount
		case returnFull, returnCancelled:
			return fault.ReturnFullAfterPart
		}
	case partByLines:
		switch now {
		case returnAmount:
			return fault.ReturnAmountAfterLines
		case returnFull, returnCancelled:
			return fault.ReturnFullAfterPart
		}
	case whole:
		return fault.BillAlreadyReturned
	case neverWas:
		if now == returnCancelled {
			return fault.BillAlreadyCancelled
		}
		return fault.BillAlreadyReturned
	}
	return nil
}

// match finds the lines of a sale that a returned line can mean: those of the item, and of its serial number when it has one.
func match(lines []saleLine, r returningLine) (found []*saleLine) {
	for i := range lines {
		if lines[i].item == r.item && (r.serial == "" || lines[i].serial == r.serial) {
			found = append(found, &lines[i])
		}
	}
	return found
}

// takeLine takes a quantity from lines of one item, in order, with its share of their cost or the stated amount, and updates what
// is left on them. cost is the share of the cost, whatever amount was stated.
func takeLine(lines []*saleLine, r returningLine) (took []lineReturned, cost int64, err error) {
	var bought, left int64
	for _, l := range lines {
		bought, left = bought+l.quantity, left+l.leftQuantity()
	}
	quantity := r.quantity
	switch {
	case quantity > bought:
		return nil, 0, fault.ReturnQuantityAboveBought.At(r.place + ".qty")
	case quantity > left:
		return nil, 0, fault.ReturnQuantityAboveLeft.At(r.place + ".qty")
	}
	var room int64 // of the lines that are touched
	for _, l := range lines {
		q := min(quantity, l.leftQuantity())
		if q == 0 {
			continue
		}
		t := lineReturned{line: l.id, quantity: q, amount: share(l.amount, l.returnedQuantity, q, l.quantity)}
		cost += t.amount
		t.amount = min(t.amount, l.leftAmount())
		room += l.leftAmount()
		took, quantity = append(took, t), quantity-q
	}
	if r.amount != nil {
		if *r.amount > room {
			return nil, 0, fault.ReturnLineAmountTooHigh.At(r.place + ".amount")
		}
		rest := *r.amount
		for i := range took {
			l := lines[slices.IndexFunc(lines, func(l *saleLine) bool { return l.id == took[i].line })]
			took[i].amount = min(rest, l.leftAmount())
			rest -= took[i].amount
		}
	}
	for _, t := range took {
		l := lines[slices.IndexFunc(lines, func(l *saleLine) bool { return l.id == t.line })]
		l.returnedQuantity += t.quantity
		l.returnedAmount += t.amount
	}
	return took, cost, nil
}

// share is the cost of the next q of n pieces that together cost amount, when before of them are gone. However the pieces are
// split up, the shares add up to amount.
func share(amount, before, q, n int64) int64 {
	upTo := func(k int64) int64 {
		v := new(big.Int).Mul(big.NewInt(amount), big.NewInt(k))
		return v.Div(v, big.NewInt(n)).Int64()
	}
	return upTo(before+q) - upTo(before)
}

// sumLines makes one entry of several for one line.
func sumLines(all []lineReturned) (out []lineReturned) {
	for _, t := range all {
		if i := slices.IndexFunc(out, func(o lineReturned) bool { return o.line == t.line }); i >= 0 {
			out[i].quantity += t.quantity
			out[i].amount += t.amount
			continue
		}
		out = append(out, t)
	}
	return out
}
