package db

import (
	"database/sql"
	"errors"
	"strconv"

	"github.com/arteriole/arteriole/fault"
)

// storeBill writes the bill, its lines, and what it gives back.
func (tx *Tx) storeBill(o *orgConfig, who Who, b *newBill) (err error) {
	if b.id, err = tx.next(who.Org, "transactions", firstTransaction); err != nil {
		return err
	}
	details, custom, extended := toJSON(b.details()), fieldsJSON(b.CustomFields), fieldsJSON(b.ExtendedFields)
	size := len(details) + len(custom) + len(extended)
	_, err = tx.Exec(`INSERT INTO transactions (org, id, customer, type, return_type, number, billing_date, amount, gross, discount, bought, outlier, delivery, details,
		custom_fields, extended_fields, store, till, attributed_on, created_on, created_by, modified_on, modified_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $20, $21)`,
		who.Org, b.id, orNull(b.customer), b.Type, b.ReturnType, b.Number, b.date, b.Amount, nullable(b.Gross), nullable(b.Discount),
		b.bought, b.outlier, b.DeliveryStatus, details, custom, extended, b.store, b.till, b.attributed, tx.now, who.Till)
	if err != nil {
		return err
	}
	if len(b.lines) > 0 {
		last, err := tx.reserve(who.Org, "transaction_lines", firstLine, len(b.lines))
		if err != nil {
			return err
		}
		for i := range b.lines {
			l := &b.lines[i]
			l.id = last - int64(len(b.lines)-1-i)
			details, extended := toJSON(l.details()), fieldsJSON(l.ExtendedFields)
			size += len(details) + len(extended) + len(l.ItemCode) + 100
			_, err := tx.Exec(`INSERT INTO transaction_lines (org, bill, id, type, item_code, serial, quantity, amount, rate, value, discount, details, extended_fields)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
				who.Org, b.id, l.id, l.typ, l.ItemCode, l.Serial, l.quantity, l.amount, nullable(l.Rate), nullable(l.Value), nullable(l.Discount), details, extended)
			if err != nil {
				return err
			}
		}
	}
	if most := o.maxCustomer(); size > most {
		return fault.BadRequest.With("reason", "is too much: a bill can hold at most "+strconv.Itoa(most>>10)+" KiB in all").At("body")
	}
	for _, r := range b.returns {
		if err := tx.storeReturn(who, b.id, r); err != nil {
			return err
		}
	}
	if b.customer == 0 || b.outlier != "NORMAL" {
		return nil
	}
	return tx.purchased(who.Org, b.customer, b.bought)
}

// stored is the bill as it was stored, without reading it again.
func (o *orgConfig) stored(who Who, b *newBill, now int64) *Transaction {
	t := &Transaction{ID: b.id, Customer: b.customer, Type: b.Type, ReturnType: b.ReturnType, Number: b.Number, BillingDate: o.time(b.date),
		Amount: b.Amount, Gross: b.Gross, Discount: b.Discount, Bought: b.bought, Outlier: b.outlier, Delivery: b.DeliveryStatus,
		CustomFields: b.CustomFields, ExtendedFields: b.ExtendedFields, BillDetails: b.details(), Store: o.stores[b.store], Till: o.by(b.till),
		Attributed: o.time(b.attributed), CreatedOn: o.time(now), CreatedBy: o.by(who.Till), ModifiedOn: o.time(now), ModifiedBy: o.by(who.Till),
		Waiting: b.waits, Lines: make([]TransactionLine, len(b.lines))}
	for i, l := range b.lines {
		t.Lines[i] = TransactionLine{ID: l.id, Type: l.typ, ItemCode: l.ItemCode, Serial: l.Serial, Quantity: l.quantity, Amount: l.amount,
			Rate: l.Rate, Value: l.Value, Discount: l.Discount, ExtendedFields: l.ExtendedFields, LineDetails: l.details()}
	}
	return t
}

// storeReturn writes what a bill gives back of a sale, and that the sale has less left.
func (tx *Tx) storeReturn(who Who, bill int64, r newReturn) error {
	if r.sale == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO transaction_returns (org, sale, bill, return_type, amount) VALUES ($1, $2, $3, $4, $5)`, who.Org, r.sale.id, bill, r.by, r.amount)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE transactions SET returned = returned + $3, returned_by = $4, modified_on = $5, modified_by = $6 WHERE org = $1 AND id = $2`,
		who.Org, r.sale.id, r.amount, r.binds, tx.now, who.Till)
	if err != nil {
		return err
	}
	for _, l := range r.lines {
		_, err := tx.Exec(`UPDATE transaction_lines SET returned_quantity = returned_quantity + $4, returned_amount = returned_amount + $5 WHERE org = $1 AND bill = $2 AND id = $3`,
			who.Org, r.sale.id, l.line, l.quantity, l.amount)
		if err != nil {
			return err
		}
	}
	if r.sale.customer == 0 || r.sale.outlier != "NORMAL" {
		return nil
	}
	return tx.purchased(who.Org, r.sale.customer, -r.amount)
}

// maxPurchases bounds what a customer has bought: what other programs can read as a number, and far from what a sum can hold.
const maxPurchases = maxPoints

// purchased adds to what a customer has bought.
func (tx *Tx) purchased(org, customer, amount int64) error {
	if amount < 0 { // what is given back was bought: the row is there
		_, err := tx.Exec(`UPDATE purchases SET amount = amount + $3 WHERE org = $1 AND customer = $2`, org, customer, amount)
		return err
	}
	var now int64
	err := tx.QueryRow(`INSERT INTO purchases (org, customer, amount) VALUES ($1, $2, $3)
		ON CONFLICT (org, customer) DO UPDATE SET amount = purchases.amount + excluded.amount WHERE purchases.amount <= $4 - excluded.amount RETURNING amount`,
		org, customer, amount, maxPurchases).Scan(&now)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.AmountInvalid.At("body: billAmount")
	}
	return err
}

// lifetimePurchases is what a customer has bought and kept, with what those bought who were merged into them.
func (tx *Tx) lifetimePurchases(org, customer int64) (amount int64, err error) {
	err = tx.QueryRow(`SELECT coalesce((SELECT amount FROM purchases WHERE org = $1 AND customer = $2), 0) + coalesce((SELECT sum(p.amount)
		FROM customers c JOIN purchases p ON p.org = c.org AND p.customer = c.id WHERE c.org = $1 AND c.merged_into = $2), 0)`, org, customer).Scan(&amount)
	return amount, err
}
