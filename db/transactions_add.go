package db

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The ids that a new org gives first.
const (
	firstTransaction = 5001
	firstLine        = 1
)

// Added is a bill that was stored, and what came of it.
type Added struct {
	Transaction
	SideEffects         []SideEffect
	FirstName, LastName string // of the customer, "" for nobody
	Warnings            []*fault.Fault
}

// AddTransaction stores a bill, a return, or a bill with return lines (openapi.yaml, Add Transaction). With later, WorkLoyalty
// gives the points of what was bought; what a return takes back is always taken at once, since that can be refused.
func (s *Store) AddTransaction(ctx context.Context, who Who, b Bill, later bool) (Added, error) {
	out, err := once(ctx, s, who, func(tx *Tx) (Added, error) { return tx.addBill(who, b, later) })
	if err == nil && later {
		s.wakeLoyalty()
	}
	return out, err
}

// AddTransactions is AddTransaction for many, each by itself, in one turn of the writer.
func (s *Store) AddTransactions(ctx context.Context, who Who, bills []Bill, later bool) ([]Item[Added], error) {
	out, err := bulk(ctx, s, who, len(bills), func(tx *Tx, i int) (Added, error) { return tx.addBill(who, bills[i], later) })
	if err == nil && later {
		s.wakeLoyalty()
	}
	return out, err
}

// newBill is a bill being added.
type newBill struct {
	Bill
	id, customer int64
	store, till  int64
	date         int64 // ms
	attributed   int64 // ms
	bought       int64
	outlier      string
	lines        []newLine
	returns      []newReturn
	warnings     []*fault.Fault
	profile      Place
	anywhere     bool // the source names no place
	waits        bool // for its points
}

type newLine struct {
	BillLine
	id               int64
	typ              string
	quantity, amount int64
}

// newReturn is what a bill gives back of one sale.
type newReturn struct {
	sale   *storedSale // nil: not known
	by     string
	binds  string // the way in which the sale can be returned from now on; "" when nothing is taken from it yet
	amount int64
	lines  []lineReturned
}

func (tx *Tx) addBill(who Who, sent Bill, later bool) (out Added, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	b := &newBill{Bill: sent}
	if b.anywhere = vocabularyKey(b.Source) == "others"; !b.anywhere {
		if b.profile, _, err = o.place(b.Source, b.Account, fault.SourceInvalid); err != nil {
			return out, err
		}
	}
	if err := b.check(o.Returns); err != nil {
		return out, err
	}
	if err := tx.identify(o, who.Org, b); err != nil {
		return out, err
	}
	if err := o.attribute(who, b, tx.now); err != nil {
		return out, err
	}
	if err := o.dates(b, tx.now); err != nil {
		return out, err
	}
	if err := o.amounts(b); err != nil {
		return out, err
	}
	if !b.isReturn() {
		store, till := o.numberPlace(b.store, b.till)
		if taken, err := tx.numberTaken(o, who.Org, b.Number, b.date, store, till); err != nil {
			return out, err
		} else if taken {
			return out, fault.BillNumberExists.With("number", b.Number).At("body: billNumber")
		}
	}
	o.fields(b)
	if err := tx.decideReturns(o, who.Org, b); err != nil {
		return out, err
	}
	if err := tx.storeBill(o, who, b); err != nil {
		return out, err
	}
	effects, err := tx.loyalty(o, who, b, later)
	if err != nil {
		return out, err
	}
	t := o.stored(who, b, tx.now)
	out = Added{Transaction: *t, SideEffects: effects, Warnings: b.warnings}
	if b.customer != 0 {
		if out.FirstName, out.LastName, err = tx.nameOf(who.Org, b.customer, b.profile); err != nil {
			return out, err
		}
	}
	if err := tx.tellBill(o, who, t, b.returns); err != nil {
		return out, err
	}
	return out, tx.auditRow(who, "transaction.add", "transaction", b.id, sql.NullString{}, toJSON(t.fields()))
}

// identify finds the customer of a bill.
func (tx *Tx) identify(o *orgConfig, org int64, b *newBill) error {
	if b.anonymous() {
		return nil
	}
	if b.IdentifierName == "" || strings.TrimSpace(b.IdentifierText) == "" {
		return fault.BillIdentifierMissing.New()
	}
	found, err := tx.billCustomer(o, org, &b.Bill, b.anywhere)
	if fault.Is(err, fault.CustomerNotFound) && o.UnknownCustomers && b.Type == "REGULAR" && !slices.ContainsFunc(b.Lines, func(l BillLine) bool { return l.isReturn(&b.Bill) }) {
		b.Type = "NOT_INTERESTED"
		for i := range b.Lines {
			b.Lines[i].Type = ""
		}
		b.warnings = append(b.warnings, fault.SavedAsNotInterested.New())
		return nil
	}
	if err != nil {
		return err
	}
	b.customer, b.warnings = found.ID, append(b.warnings, found.Warnings...)
	if b.Type == "REGULAR" { // returns are taken: goods come back
		if status, err := tx.customerStatus(org, b.customer); err != nil {
			return err
		} else if status.Fraud {
			return fault.BillOfFraud.With("id", b.customer)
		}
	}
	return nil
}

// billCustomer finds the customer whom a bill names. The id of a merge's victim is refused; an identifier leads to the survivor.
func (tx *Tx) billCustomer(o *orgConfig, org int64, b *Bill, anywhere bool) (found Outcome, err error) {
	if b.IdentifierName == "id" {
		id, err := strconv.ParseInt(strings.TrimSpace(b.IdentifierText), 10, 64)
		if err != nil {
			return found, fault.CustomerNotFound.With("type", "id", "value", b.IdentifierText)
		}
		return Outcome{ID: id}, tx.living(org, id)
	}
	source := b.Source
	if anywhere {
		source = ""
	}
	return tx.lookup(o, org, source, b.Account, Identifier{b.IdentifierName, b.IdentifierText}, fault.SourceInvalid)
}

// attribute sets the till and store that a bill counts for: the caller's, unless the bill names others.
func (o *orgConfig) attribute(who Who, b *newBill, now int64) error {
	b.till, b.attributed = who.Till, now
	if b.CreateDate != "" {
		t, ok := parseTime(b.CreateDate, o.TimeZone)
		if !ok {
			return fault.BillDateInvalid.At("body: attribution.createDate")
		}
		b.attributed = t.UnixMilli()
	}
	b.store = o.storeOf[b.till]
	if b.By == "" {
		return nil
	}
	if strings.EqualFold(b.ByType, "STORE") {
		for id, s := range o.stores {
			if strings.EqualFold(s.Code, b.By) {
				b.store = id
				return nil
			}
		}
	} else if id := o.tillID[strings.ToLower(b.By)]; id != 0 {
		b.till, b.store = id, o.storeOf[id]
		return nil
	}
	return fault.BillTillInvalid.At("body: attribution.createdBy.code")
}

// dates reads when the bill was made, within the bounds of the org.
func (o *orgConfig) dates(b *newBill, now int64) error {
	b.date = now
	if b.BillingDate != "" {
		t, ok := parseTime(b.BillingDate, o.TimeZone)
		if !ok {
			return fault.BillDateInvalid.At("body: billingDate")
		}
		b.date = t.UnixMilli()
	}
	switch {
	case b.date > now+int64(o.BillAheadHours)*time.Hour.Milliseconds():
		return fault.BillDateAhead.With("hours", o.BillAheadHours).At("body: billingDate")
	case o.BillPastDays > 0 && b.date < now-int64(o.BillPastDays)*24*time.Hour.Milliseconds():
		return fault.BillDatePast.With("days", o.BillPastDays).At("body: billingDate")
	}
	return nil
}

// amounts checks the bill against the org's bounds, and computes what its lines sold.
func (o *orgConfig) amounts(b *newBill) error {
	if !b.isReturn() && (b.Amount < o.BillMin || o.BillMax > 0 && b.Amount > o.BillMax) {
		return fault.AmountInvalid.At("body: billAmount")
	}
	if b.Currency = strings.ToUpper(b.Currency); b.Currency != "" && o.Currency != "" && b.Currency != o.Currency {
		return fault.CurrencyConversionOff.With("currency", o.Currency).At("body: currencyCode")
	}
	switch {
	case b.Currency != "" && o.Currency == "":
		b.warnings = append(b.warnings, fault.NoBaseCurrency.At("body: currencyCode"))
	case b.Currency == "" && b.LocalCurrency:
		b.warnings = append(b.warnings, fault.NoBillCurrency.At("body: currencyCode"))
	}
	for i, l := range b.Lines {
		n := newLine{BillLine: l, typ: cmp.Or(l.Type, b.Type)}
		var ok bool
		if n.quantity, n.amount, ok = l.sold(); !ok {
			return fault.AmountInvalid.At("body: lineItemsV2[" + strconv.Itoa(i) + "].value")
		}
		b.lines = append(b.lines, n)
	}
	b.outlier = b.OutlierStatus
	if b.outlier == "" {
		b.outlier = "NORMAL"
		if o.isOutlier(b.Amount) {
			b.outlier = "OUTLIER"
		}
	}
	if b.outlier != "NORMAL" {
		b.warnings = append(b.warnings, fault.BillIsOutlier.With("status", b.outlier))
	}
	return nil
}

func (o *orgConfig) isOutlier(amount int64) bool {
	return o.OutlierAmount > 0 && amount > o.OutlierAmount
}

// boundBought checks what a mixed bill bought against the bounds of its amount, which can be small, or 0 (our rule 124).
func (o *orgConfig) boundBought(b *newBill) error {
	if o.BillMax > 0 && b.bought > o.BillMax {
		return fault.AmountInvalid.At("body: lineItemsV2")
	}
	if b.OutlierStatus == "" && b.outlier == "NORMAL" && o.isOutlier(b.bought) {
		b.outlier = "OUTLIER"
		b.warnings = append(b.warnings, fault.BillIsOutlier.With("status", b.outlier))
	}
	return nil
}

// numberPlace is where a bill number must be unique, by the org's setting: in a store, in a till, or, if both are 0, in the org.
func (o *orgConfig) numberPlace(store, till int64) (onlyStore, onlyTill int64) {
	switch o.NumberScope {
	case "store":
		return store, 0
	case "till":
		return 0, till
	}
	return 0, 0
}

// numberTaken reports whether a sale in a place of numberPlace has the number, within the org's days around date. As there is one
// writer, nothing comes between this look and the insert.
func (tx *Tx) numberTaken(o *orgConfig, org int64, number string, date, store, till int64) (taken bool, err error) {
	const ever = 1 << 50 // milliseconds
	from, to := date-ever, date+ever
	if o.NumberDays > 0 {
		window := int64(o.NumberDays) * 24 * time.Hour.Milliseconds()
		from, to = date-window, date+window
	}
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM transactions WHERE org = $1 AND number = $2 AND billing_date > $3 AND billing_date < $4
		AND return_type = '' AND ($5 = 0 OR store = $5) AND ($6 = 0 OR till = $6))`, org, number, from, to, store, till).Scan(&taken)
	return taken, err
}

// fields drops payment modes and fields that the org has not defined, each with a warning.
func (o *orgConfig) fields(b *newBill) {
	var modes []PaymentMode
	for i, m := range b.PaymentModes {
		place := "body: paymentModes[" + strconv.Itoa(i) + "]"
		if m.Mode == "" && m.Value == 0 && m.Notes == "" {
			continue // the vendor's samples send an empty one for none
		}
		if m.Mode == "" || !allowed(o.PaymentModes, m.Mode) {
			b.warnings = append(b.warnings, fault.PaymentModeUnknown.With("mode", m.Mode).At(place+".mode"))
			continue
		}
		m.Attributes, b.warnings = keepFields(m.Attributes, nil, b.warnings, func(name string) *fault.Fault {
			return fault.PaymentAttributeInvalid.With("name", name).At(place + ".attributes")
		})
		m.ID = int64(len(modes) + 1)
		modes = append(modes, m)
	}
	b.PaymentModes = modes
	b.CustomFields, b.warnings = o.customFields(b.CustomFields, b.warnings, "body: customFields")
	b.ExtendedFields, b.warnings = o.extendedFields(b.ExtendedFields, b.warnings, "body: extendedFields")
	for i := range b.lines {
		l, place := &b.lines[i], "body: lineItemsV2["+strconv.Itoa(i)+"]"
		l.CustomFields, b.warnings = o.customFields(l.CustomFields, b.warnings, place+".customFields")
		l.ExtendedFields, b.warnings = o.extendedFields(l.ExtendedFields, b.warnings, place+".extendedFields")
		if l.ReturnableDays != nil && *l.ReturnableDays < -1 {
			b.warnings = append(b.warnings, fault.ReturnableDaysInvalid.At(place+".returnableDays"))
			l.ReturnableDays = nil
		}
	}
}

func (o *orgConfig) customFields(fields map[string]string, ws []*fault.Fault, place string) (map[string]string, []*fault.Fault) {
	return keepFields(fields, o.BillCustomFields, ws, func(name string) *fault.Fault { return fault.BillCustomFieldInvalid.With("name", name).At(place) })
}

func (o *orgConfig) extendedFields(fields map[string]string, ws []*fault.Fault, place string) (map[string]string, []*fault.Fault) {
	return keepFields(fields, o.BillExtendedFields, ws, func(name string) *fault.Fault { return fault.BillExtendedFieldInvalid.With("name", name).At(place) })
}

func keepFields(fields map[string]string, known []string, ws []*fault.Fault, left func(name string) *fault.Fault) (map[string]string, []*fault.Fault) {
	kept := map[string]string{}
	for _, name := range sortedKeys(fields) {
		if fields[name] == "" || !allowed(known, name) {
			ws = append(ws, left(name))
			continue
		}
		kept[name] = fields[name]
	}
	return kept, ws
}
