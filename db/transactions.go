package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Transaction is a bill or a return as it is stored. Amounts and quantities are thousandths.
type Transaction struct {
	ID             int64
	Customer       int64 // whose it is: the survivor, when that customer was merged; 0 for nobody
	Type           string
	ReturnType     string // "" for a sale
	Number         string
	BillingDate    time.Time
	Amount         int64
	Gross          *int64
	Discount       *int64
	Bought         int64 // of a sale: what was bought; of a mixed bill, what boughtMixed says
	Returned       int64 // of that, what was given back since
	ReturnedBy     string
	Outlier        string
	Delivery       string
	CustomFields   map[string]string
	ExtendedFields map[string]string
	BillDetails
	Store, Till EntityRef // whom it counts for
	Attributed  time.Time
	CreatedOn   time.Time
	CreatedBy   EntityRef
	ModifiedOn  time.Time
	ModifiedBy  EntityRef
	Waiting     bool // for its points
	Lines       []TransactionLine
}

// BillDetails are what of a bill is only shown.
type BillDetails struct {
	Note                string        `json:"note,omitempty"`
	NotInterestedReason string        `json:"notInterestedReason,omitempty"`
	Currency            string        `json:"currency,omitempty"`
	LocalCurrency       bool          `json:"localCurrency,omitempty"`
	PaymentModes        []PaymentMode `json:"paymentModes,omitempty"`
	PointsRedemptions   []string      `json:"pointsRedemptions,omitempty"`
	CouponRedemptions   []int64       `json:"couponRedemptions,omitempty"`
	Promotions          []string      `json:"promotions,omitempty"`
	AppliedPromotions   []string      `json:"appliedPromotions,omitempty"`
	PromotionEvaluation string        `json:"promotionEvaluation,omitempty"`
	Source              string        `json:"source,omitempty"`
	Account             string        `json:"account,omitempty"`
	Identifier          Identifier    `json:"identifier,omitzero"` // as sent
}

// TransactionLine is a line of a bill.
type TransactionLine struct {
	ID                               int64
	Type                             string
	ItemCode, Serial                 string
	Quantity, Amount                 int64
	Rate, Value, Discount            *int64
	ReturnedQuantity, ReturnedAmount int64
	ExtendedFields                   map[string]string
	LineDetails
}

// LineDetails are what of a line is only shown.
type LineDetails struct {
	Description      string            `json:"description,omitempty"`
	NotReturnable    bool              `json:"notReturnable,omitempty"`
	ReturnableDays   *int64            `json:"returnableDays,omitempty"` // nil: no bound
	Attributes       map[string]string `json:"attributes,omitempty"`
	CustomFields     map[string]string `json:"customFields,omitempty"`
	ImageURL         string            `json:"imgUrl,omitempty"`
	ReturnType       string            `json:"returnType,omitempty"`
	ParentBillNumber string            `json:"parentBillNumber,omitempty"`
	Parts            []BillPart        `json:"parts,omitempty"`
	Promotions       []string          `json:"promotions,omitempty"`
}

func (b *newBill) details() BillDetails {
	d := BillDetails{b.Note, b.NotInterestedReason, b.Currency, b.LocalCurrency, b.PaymentModes, b.PointsRedemptions, b.CouponRedemptions,
		b.Promotions, b.AppliedPromotions, b.PromotionEvaluation, b.profile.Source, b.profile.Account, Identifier{}}
	if b.anywhere {
		d.Source = "OTHERS"
	}
	if b.customer != 0 {
		d.Identifier = Identifier{b.IdentifierName, b.IdentifierText}
	}
	return d
}

func (l *newLine) details() LineDetails {
	return LineDetails{l.Description, l.Returnable != nil && !*l.Returnable, l.ReturnableDays, l.Attributes, l.CustomFields, l.ImageURL,
		l.ReturnType, l.ParentBillNumber, l.Parts, l.Promotions}
}

// FoundTransaction is a bill with what goes with it.
type FoundTransaction struct {
	Transaction
	LifetimePurchases int64 // of its customer, now
}

// Transaction reads a bill by id; typ is "" for a bill of any type.
func (s *Store) Transaction(ctx context.Context, who Who, id int64, typ string) (f FoundTransaction, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		f, err = tx.foundTransaction(o, who.Org, id, typ)
		return err
	})
	return f, err
}

func (tx *Tx) foundTransaction(o *orgConfig, org, id int64, typ string) (f FoundTransaction, err error) {
	t, err := tx.transaction(o, org, id)
	if errors.Is(err, ErrNotFound) || err == nil && typ != "" && t.Type != typ {
		return f, fault.TransactionNotFound.With("id", id)
	}
	if err != nil {
		return f, err
	}
	f = FoundTransaction{Transaction: *t}
	if t.Customer != 0 {
		f.LifetimePurchases, err = tx.lifetimePurchases(org, t.Customer)
	}
	return f, err
}

const transactionColumns = `SELECT t.id, coalesce(c.merged_into, t.customer, 0), t.type, t.return_type, t.number, t.billing_date, t.amount, t.gross, t.discount,
	t.bought, t.returned, t.returned_by, t.outlier, t.delivery, t.details, t.custom_fields, t.extended_fields, t.store, t.till, t.attributed_on,
	t.created_on, t.created_by, t.modified_on, t.modified_by
	FROM transactions t LEFT JOIN customers c ON c.org = t.org AND c.id = t.customer `

// transaction reads one bill with its lines, or gives ErrNotFound.
func (tx *Tx) transaction(o *orgConfig, org, id int64) (*Transaction, error) {
	t, err := o.scanTransaction(tx.QueryRow(transactionColumns+`WHERE t.org = $1 AND t.id = $2`, org, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM loyalty_queue WHERE org = $1 AND bill = $2)`, org, id).Scan(&t.Waiting); err != nil {
		return nil, err
	}
	t.Lines = []TransactionLine{}
	return t, tx.Each(func(scan func(...any) error) error {
		var l TransactionLine
		var details, extended string
		err := scan(&l.ID, &l.Type, &l.ItemCode, &l.Serial, &l.Quantity, &l.Amount, &l.Rate, &l.Value, &l.Discount, &l.ReturnedQuantity, &l.ReturnedAmount, &details, &extended)
		if err := errors.Join(err, fromJSON(details, &l.LineDetails), fromJSON(extended, &l.ExtendedFields)); err != nil {
			return err
		}
		t.Lines = append(t.Lines, l)
		return nil
	}, `SELECT id, type, item_code, serial, quantity, amount, rate, value, discount, returned_quantity, returned_amount, details, extended_fields
		FROM transaction_lines WHERE org = $1 AND bill = $2 ORDER BY id`, org, id)
}

func (o *orgConfig) scanTransaction(scan func(...any) error) (*Transaction, error) {
	t := &Transaction{}
	var date, store, till, attributed, createdOn, createdBy, modifiedOn, modifiedBy int64
	var details, custom, extended string
	err := scan(&t.ID, &t.Customer, &t.Type, &t.ReturnType, &t.Number, &date, &t.Amount, &t.Gross, &t.Discount, &t.Bought, &t.Returned, &t.ReturnedBy,
		&t.Outlier, &t.Delivery, &details, &custom, &extended, &store, &till, &attributed, &createdOn, &createdBy, &modifiedOn, &modifiedBy)
	if err != nil {
		return nil, err
	}
	t.BillingDate, t.Attributed, t.CreatedOn, t.ModifiedOn = o.time(date), o.time(attributed), o.time(createdOn), o.time(modifiedOn)
	t.Store, t.Till, t.CreatedBy, t.ModifiedBy = o.stores[store], o.by(till), o.by(createdBy), o.by(modifiedBy)
	return t, errors.Join(fromJSON(details, &t.BillDetails), fromJSON(custom, &t.CustomFields), fromJSON(extended, &t.ExtendedFields))
}

// nameOf gives a customer's name: in the place that was named, else in the first profile that has one.
func (tx *Tx) nameOf(org, customer int64, at Place) (first, last string, err error) {
	found := false
	err = tx.Each(func(scan func(...any) error) error {
		var p Place
		var f, l string
		err := scan(&p.Source, &p.Account, &f, &l)
		if here := p == at; here || !found && f+l != "" {
			first, last, found = f, l, true
			if here {
				at = Place{"-", "-"} // nothing takes its place
			}
		}
		return err
	}, `SELECT source, account, first_name, last_name FROM profiles WHERE org = $1 AND customer = $2 ORDER BY position`, org, customer)
	return first, last, err
}

// fields are those of a bill that Change names.
func (t *Transaction) fields() map[string]any {
	fields := map[string]any{"type": t.Type, "number": t.Number, "amount": t.Amount, "billingDate": t.BillingDate, "outlierStatus": t.Outlier,
		"till": t.Till.ID, "lines": len(t.Lines)}
	put := func(name string, value any, there bool) {
		if there {
			fields[name] = value
		}
	}
	put("returnType", t.ReturnType, t.ReturnType != "")
	put("customer", t.Customer, t.Customer != 0)
	put("deliveryStatus", t.Delivery, t.Delivery != "")
	put("promotions", t.Promotions, len(t.Promotions) > 0)
	for k, v := range t.CustomFields {
		fields["customFields/"+step(k)] = v
	}
	for k, v := range t.ExtendedFields {
		fields["extendedFields/"+step(k)] = v
	}
	for _, l := range t.Lines {
		for k, v := range l.ExtendedFields {
			fields["lines/"+strconv.FormatInt(l.ID, 10)+"/extendedFields/"+step(k)] = v
		}
	}
	return fields
}
