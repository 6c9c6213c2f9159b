package db

import (
	"math/big"
	"slices"
	"strconv"

	"github.com/arteriole/arteriole/fault"
)

// The rules of returns (openapi.yaml, Add Transaction, Returns) as functions of rows. Money and quantities are thousandths.

// The ways to give a bill back.
const (
	returnFull      = "FULL"
	returnAmount    = "AMOUNT"
	returnLineItem  = "LINE_ITEM"
	returnCancelled = "CANCELLED"
)

// sale is a bill as a return finds it.
type sale struct {
	bought, returned int64
	by               string // how something of it was given back already, "" for nothing
	lines            []saleLine
}

// saleLine is what one line sold, and what of it was given back.
type saleLine struct {
	id                               int64
	item, serial                     string
	quantity, amount                 int64
	returnedQuantity, returnedAmount int64
}

func (l *saleLine) leftQuantity() int64 { return l.quantity - l.returnedQuantity }
func (l *saleLine) leftAmount() int64   { return l.amount - l.returnedAmount }

// returning is what a return asks for. amount nil: what its lines are worth.
type returning struct {
	by     string
	amount *int64
	lines  []returningLine
	place  string // of amount in the request
}

type returningLine struct {
	item, serial string
	quantity     int64
	amount       *int64 // nil: its share of what the line cost
	place        string
}

// returned is what becomes of the sale: what it gives back, by how much its lines shrink, and the style it has from then on.
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

// decideReturn says what a return takes of a sale, or why it may not. With unmatched, lines that the sale does not have are
// let through with a warning; they take nothing of it.
func decideReturn(s sale, r returning, unmatched bool) (out returned, err error) {
	if c := returnExcluded(s.state(), r.by); c != nil {
		return out, c.At("body: returnType")
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
	if len(r.lines) == 0 {
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
	for i, l := range r.lines {
		if len(matched[i]) == 0 {
			out.given = append(out.given, 0)
			if l.amount != nil {
				out.given[i] = *l.amount
			}
			continue
		}
		took, cost, err := takeLine(matched[i], l)
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
	out.lines = sumLines(out.lines)
	if r.amount != nil {
		if *r.amount > worth+outside {
			return out, fault.ReturnAmountTooHigh.At(r.place)
		}
		if out.amount = max(0, *r.amount-outside); out.amount > left {
			return out, fault.ReturnAmountTooHigh.At(r.place)
		}
	}
	// However little is paid back, the lines are gone, and so is what was bought with them.
	if len(out.lines) > 0 {
		out.amount = min(left, max(out.amount, s.paid(taken, full, left)))
	}
	return out, nil
}

// paid is what was paid for lines that cost so much by themselves: less, when the bill as a whole was cheaper than its lines, and
// all that is left for the last of them.
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

// takeLine takes a quantity from lines of one item, in their order, with its share of what each cost or the amount that was
// said, and keeps on the lines what is left. cost is its share, whatever was said.
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

// share is what the next q of n pieces cost when before of them are gone and all cost amount: shares in any cut add up to the
// amount.
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

// Bill is a bill or a return, as sent. Its words are canonical; amounts and quantities are thousandths.
type Bill struct {
	Type, ReturnType               string
	Number                         string
	SaleID                         int64 // of the bill that is given back, 0 when not said
	Amount                         int64
	Gross, Discount                *int64
	BillingDate, PurchaseTime      string // as sent, "" when not said
	Note, NotInterestedReason      string
	DeliveryStatus, OutlierStatus  string
	Currency                       string
	LocalCurrency                  bool
	Lines                          []BillLine
	PaymentModes                   []PaymentMode
	PointsRedemptions              []string
	CouponRedemptions              []int64
	CustomFields, ExtendedFields   map[string]string // nil: none; a value of "" cannot be read
	CreateDate                     string            // of the attribution
	By, ByType                     string            // of the attribution: code of a till or a store, and which
	Promotions, AppliedPromotions  []string
	PromotionEvaluation            string
	Source, Account                string
	IdentifierName, IdentifierText string // "" when nobody is named
	Skip                           bool   // store what was bought and give nothing for it
}

// BillLine is a line of a bill, as sent.
type BillLine struct {
	Type, ReturnType               string // "" when not said
	ItemCode, Description, Serial  string
	Quantity, Amount, Rate         *int64
	Value, Discount                *int64
	Returnable                     *bool
	ReturnableDays                 *int64
	Attributes                     map[string]string
	CustomFields, ExtendedFields   map[string]string
	ImageURL                       string
	ParentBillNumber, PurchaseTime string
	Parts                          []BillPart
	Promotions                     []string
}

// BillPart is one part of a combination, an addition to a line or a piece of a split one.
type BillPart struct {
	List        string `json:"list"` // comboDetails, addOnDetails or splitDetails
	ItemCode    string `json:"itemCode"`
	Description string `json:"description,omitempty"`
	Type        string `json:"type,omitempty"`
	Quantity    int64  `json:"quantity"`
	Rate        int64  `json:"rate"`
	Value       int64  `json:"value"`
}

// PaymentMode says how a part of a bill was paid.
type PaymentMode struct {
	ID         int64             `json:"id"`
	Mode       string            `json:"mode"`
	Value      int64             `json:"value"`
	Notes      string            `json:"notes,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

func (b *Bill) isReturn() bool { return b.Type == "RETURN" || b.Type == "NOT_INTERESTED_RETURN" }
func (b *Bill) anonymous() bool {
	return b.Type == "NOT_INTERESTED" || b.Type == "NOT_INTERESTED_RETURN"
}

// isReturn says whether a line gives something back; one that says nothing is of its bill's type.
func (l *BillLine) isReturn(b *Bill) bool {
	return l.Type == "RETURN" || l.Type == "NOT_INTERESTED_RETURN" || l.Type == "" && b.isReturn()
}

// check is what a bill can be refused for without a look at anything stored. allowed are the ways to return that the org has.
func (b *Bill) check(allowed []string) error {
	if b.isReturn() {
		if b.ReturnType == "" || b.Type == "NOT_INTERESTED_RETURN" && b.ReturnType == returnCancelled {
			return fault.ReturnTypeInvalid.At("body: returnType")
		}
		if err := mayReturn(allowed, b.ReturnType); err != nil {
			return err
		}
		if b.Number == "" && b.SaleID == 0 {
			return fault.ReturnNumberMissing.At("body: billNumber")
		}
	} else if b.Number == "" {
		return fault.BillNumberInvalid.At("body: billNumber")
	}
	for _, n := range []struct {
		value *int64
		code  *fault.Code
		place string
	}{{&b.Amount, fault.BillAmountNegative, "billAmount"}, {b.Gross, fault.GrossNegative, "grossAmount"}, {b.Discount, fault.DiscountNegative, "discount"}} {
		if n.value != nil && *n.value < 0 {
			return n.code.At("body: " + n.place)
		}
	}
	if b.ReturnType == returnAmount && b.Amount == 0 {
		return fault.AmountInvalid.At("body: billAmount")
	}
	for i := range b.Lines {
		if err := b.checkLine(&b.Lines[i], "body: lineItemsV2["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
		if l := &b.Lines[i]; l.isReturn(b) && !b.isReturn() {
			if err := mayReturn(allowed, orElse(l.ReturnType, returnLineItem)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Bill) checkLine(l *BillLine, place string) error {
	for _, n := range []struct {
		value *int64
		code  *fault.Code
		place string
	}{{l.Amount, fault.LineAmountNegative, ".amount"}, {l.Value, fault.LineValueNegative, ".value"}, {l.Rate, fault.LineRateNegative, ".rate"}, {l.Discount, fault.LineDiscountNegative, ".discount"}} {
		if n.value != nil && *n.value < 0 {
			return n.code.At(place + n.place)
		}
	}
	if !l.isReturn(b) && l.Quantity != nil && *l.Quantity < 0 { // a returned line is checked later (our rule 51)
		return fault.QuantityNegative.At(place + ".qty")
	}
	switch {
	case l.Type == "":
	case b.isReturn() && l.Type != b.Type, b.anonymous() && !b.isReturn() && l.Type != b.Type, b.Type == "REGULAR" && l.Type != "REGULAR" && l.Type != "RETURN":
		return fault.LineTypeInvalid.At(place + ".type")
	}
	if l.isReturn(b) && !b.isReturn() && l.ParentBillNumber == "" {
		return fault.ReturnNumberMissing.At(place + ".parentBillNumber")
	}
	return nil
}

// mayReturn refuses what the org has switched off.
func mayReturn(allowed []string, by string) error {
	switch {
	case slices.Contains(allowed, by):
		return nil
	case len(allowed) == 0:
		return fault.ReturnsNotAllowed.New()
	case by == returnLineItem:
		return fault.LineReturnsNotAllowed.New()
	case by == returnAmount:
		return fault.AmountReturnsNotAllowed.New()
	}
	return fault.FullReturnsNotAllowed.New()
}

// quantity, and what the line costs when it does not say so: its value without its discount.
func (l *BillLine) sold() (quantity, amount int64, ok bool) {
	quantity = 1000
	if l.Quantity != nil {
		quantity = *l.Quantity
	}
	if l.Amount != nil {
		return quantity, *l.Amount, true
	}
	v := new(big.Int)
	switch {
	case l.Value != nil:
		v.SetInt64(*l.Value)
	case l.Rate != nil:
		v.Div(v.Mul(big.NewInt(*l.Rate), big.NewInt(quantity)), big.NewInt(1000))
	}
	if l.Discount != nil {
		v.Sub(v, big.NewInt(*l.Discount))
	}
	if v.Sign() < 0 {
		return quantity, 0, true
	}
	return quantity, v.Int64(), v.IsInt64() && v.Int64() <= MaxAmount
}

// priced says whether the line tells what it costs.
func (l *BillLine) priced() bool { return l.Amount != nil || l.Value != nil || l.Rate != nil }

// MaxAmount bounds every amount and quantity of a bill, in thousandths: a million millions.
const MaxAmount = 1_000_000_000_000_000

// The words of bills, spelled as they are answered.
var (
	billTypes        = []string{"REGULAR", "RETURN", "NOT_INTERESTED", "NOT_INTERESTED_RETURN"}
	returnTypes      = []string{returnFull, returnAmount, returnLineItem, returnCancelled}
	deliveryStatuses = []string{"PLACED", "PROCESSED", "SHIPPED", "DELIVERED", "RETURNED"}
	outlierStatuses  = []string{"NORMAL", "INTERNAL", "FRAUD", "OUTLIER", "TEST", "DELETED", "FAILED", "OTHER"}
)

// BillTypes, ReturnTypes, DeliveryStatuses and OutlierStatuses are all there are.
func BillTypes() []string        { return slices.Clone(billTypes) }
func ReturnTypes() []string      { return slices.Clone(returnTypes) }
func DeliveryStatuses() []string { return slices.Clone(deliveryStatuses) }
func OutlierStatuses() []string  { return slices.Clone(outlierStatuses) }

// ParseBillType and its like give the canonical spelling of a word, or false.
func ParseBillType(s string) (string, bool)       { return parseWord(billTypes, s) }
func ParseReturnType(s string) (string, bool)     { return parseWord(returnTypes, s) }
func ParseDeliveryStatus(s string) (string, bool) { return parseWord(deliveryStatuses, s) }
func ParseOutlierStatus(s string) (string, bool)  { return parseWord(outlierStatuses, s) }
