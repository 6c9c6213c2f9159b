package db

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"

	"github.com/arteriole/arteriole/fault"
)

// Bill is a bill or a return, as sent, with its words in canonical spelling. Amounts and quantities are thousandths.
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

// isReturn reports whether a line gives something back. A line without a type has that of its bill.
func (l *BillLine) isReturn(b *Bill) bool {
	return l.Type == "RETURN" || l.Type == "NOT_INTERESTED_RETURN" || l.Type == "" && b.isReturn()
}

// check refuses what is wrong with a bill by itself. allowed are the ways to return that the org permits.
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
			if err := mayReturn(allowed, cmp.Or(l.ReturnType, returnLineItem)); err != nil {
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

// sold is the quantity and the amount of a line; the amount defaults to value (or rate times quantity) less discount. ok is false
// beyond MaxAmount.
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

// priced reports whether the line has a price.
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
