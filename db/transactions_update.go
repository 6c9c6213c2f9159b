package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/fault"
)

// BillUpdate is what may change of a bill: all else of it is as it was made.
type BillUpdate struct {
	Source, Account                string
	IdentifierName, IdentifierText string
	ID                             int64  // 0: by Number
	Number                         string // of several with it, the last one counts
	DeliveryStatus                 string // "" : as it was; so are nil fields
	CustomFields, ExtendedFields   map[string]string
	Promotions                     []string
	Till                           string // code of the till that it counts for
	Lines                          []LineUpdate
	WithPoints                     bool // answer where the customer stands with points
}

// BillUpdated is a bill that was changed. Points is nil when it was not asked for, and for a customer outside the program.
type BillUpdated struct {
	Outcome
	Points *Points
}

// LineUpdate is what may change of a line: the one of an id, or all of an item.
type LineUpdate struct {
	ID             int64
	ItemCode       string
	ExtendedFields map[string]string
}

// UpdateTransaction changes a bill of a customer.
func (s *Store) UpdateTransaction(ctx context.Context, who Who, u BillUpdate) (BillUpdated, error) {
	return once(ctx, s, who, func(tx *Tx) (out BillUpdated, err error) {
		if out.Outcome, err = tx.updateBill(who, u); err != nil || !u.WithPoints {
			return out, err
		}
		o, err := tx.org(who.Org)
		if err != nil {
			return out, err
		}
		t, err := tx.transaction(o, who.Org, out.ID)
		if err != nil {
			return out, err
		}
		p, err := tx.points(o, who.Org, t.Customer)
		if err == nil && p.Enrolled {
			out.Points = &p
		}
		return out, err
	})
}

// UpdateTransactions is UpdateTransaction for many, each by itself, in one turn of the writer.
func (s *Store) UpdateTransactions(ctx context.Context, who Who, us []BillUpdate) ([]Item[Outcome], error) {
	return bulk(ctx, s, who, len(us), func(tx *Tx, i int) (Outcome, error) { return tx.updateBill(who, us[i]) })
}

func (tx *Tx) updateBill(who Who, u BillUpdate) (out Outcome, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	anywhere := vocabularyKey(u.Source) == "others"
	if !anywhere {
		if _, _, err := o.place(u.Source, u.Account, fault.SourceInvalid); err != nil {
			return out, err
		}
	}
	if u.IdentifierName == "" || strings.TrimSpace(u.IdentifierText) == "" {
		return out, fault.BillIdentifierMissing.New()
	}
	if u.ID == 0 && u.Number == "" {
		return out, fault.BillUnnamed.At("body")
	}
	found, err := tx.billCustomer(o, who.Org, &Bill{Source: u.Source, Account: u.Account, IdentifierName: u.IdentifierName, IdentifierText: u.IdentifierText}, anywhere)
	if err != nil {
		return out, err
	}
	out.Warnings = found.Warnings
	if out.ID, err = tx.billOf(who.Org, found.ID, u); err != nil {
		return out, err
	}
	before, err := tx.transaction(o, who.Org, out.ID)
	if err != nil {
		return out, err
	}
	custom, ws := o.customFields(u.CustomFields, out.Warnings, "body: customFields")
	extended, ws := o.extendedFields(u.ExtendedFields, ws, "body: extendedFields")
	out.Warnings = ws
	d := before.BillDetails
	if u.Promotions != nil {
		d.Promotions = u.Promotions
	}
	store, till := before.Store.ID, before.Till.ID
	if u.Till != "" {
		if till = o.tillID[strings.ToLower(u.Till)]; till == 0 {
			return out, fault.BillTillInvalid.At("body: tillCode")
		}
		store = o.storeOf[till]
		if err := tx.moveNumber(o, who.Org, before, store, till); err != nil {
			return out, err
		}
	}
	custom, extended = joined(before.CustomFields, custom), joined(before.ExtendedFields, extended)
	if len(custom) > maxFields || len(extended) > maxFields {
		return out, tooMany("fields of a kind on a bill", maxFields, "body")
	}
	_, err = tx.Exec(`UPDATE transactions SET delivery = $3, custom_fields = $4, extended_fields = $5, details = $6, store = $7, till = $8, modified_on = $9, modified_by = $10
		WHERE org = $1 AND id = $2`, who.Org, out.ID, cmp.Or(u.DeliveryStatus, before.Delivery), toJSON(custom), toJSON(extended), toJSON(d), store, till, tx.now, who.Till)
	if err != nil {
		return out, err
	}
	if out.Warnings, err = tx.updateLines(o, who.Org, before, u.Lines, out.Warnings); err != nil {
		return out, err
	}
	after, err := tx.transaction(o, who.Org, out.ID)
	if err != nil {
		return out, err
	}
	was, is := before.fields(), after.fields()
	dropEqual(was, is)
	return out, tx.auditRow(who, "transaction.update", "transaction", out.ID, sql.NullString{String: toJSON(was), Valid: true}, toJSON(is))
}

// moveNumber refuses to bring a sale to a place where its number is used. It is asked for only where the sale does not stand yet: two
// that stand there since the org had another scope may both change.
func (tx *Tx) moveNumber(o *orgConfig, org int64, t *Transaction, store, till int64) error {
	store, till = o.numberPlace(store, till)
	if wasStore, wasTill := o.numberPlace(t.Store.ID, t.Till.ID); t.ReturnType != "" || store == wasStore && till == wasTill {
		return nil
	}
	taken, err := tx.numberTaken(o, org, t.Number, t.BillingDate.UnixMilli(), store, till)
	if err == nil && taken {
		err = fault.BillNumberExists.With("number", t.Number).At("body: tillCode")
	}
	return err
}

// updateLines sets extended fields of lines.
func (tx *Tx) updateLines(o *orgConfig, org int64, t *Transaction, lines []LineUpdate, ws []*fault.Fault) ([]*fault.Fault, error) {
	for i, u := range lines {
		place := "body: lineItems[" + strconv.Itoa(i) + "]"
		if u.ID == 0 && u.ItemCode == "" {
			return ws, fault.LineUnknown.At(place)
		}
		var extended map[string]string
		extended, ws = o.extendedFields(u.ExtendedFields, ws, place+".extendedFields")
		known := false
		for k := range t.Lines {
			l := &t.Lines[k]
			if u.ID != 0 && l.ID != u.ID || u.ID == 0 && l.ItemCode != u.ItemCode {
				continue
			}
			known = true
			l.ExtendedFields = joined(l.ExtendedFields, extended)
			if len(l.ExtendedFields) > maxFields {
				return ws, tooMany("extended fields on a line", maxFields, place)
			}
			if _, err := tx.Exec(`UPDATE transaction_lines SET extended_fields = $4 WHERE org = $1 AND bill = $2 AND id = $3`, org, t.ID, l.ID, toJSON(l.ExtendedFields)); err != nil {
				return ws, err
			}
		}
		if !known {
			return ws, fault.LineUnknown.At(place)
		}
	}
	return ws, nil
}

func joined(have, more map[string]string) map[string]string {
	all := maps.Clone(have)
	maps.Copy(all, more)
	return all
}

// billOf finds a bill of a customer.
func (tx *Tx) billOf(org, customer int64, u BillUpdate) (id int64, err error) {
	var owner int64
	var number string
	if u.ID != 0 {
		err = tx.QueryRow(`SELECT t.id, coalesce(c.merged_into, t.customer, 0), t.number FROM transactions t LEFT JOIN customers c ON c.org = t.org AND c.id = t.customer
			WHERE t.org = $1 AND t.id = $2`, org, u.ID).Scan(&id, &owner, &number)
		switch {
		case errors.Is(err, sql.ErrNoRows), err == nil && owner != customer:
			return 0, fault.NotThisCustomersBill.With("id", u.ID).At("body: id")
		case err == nil && u.Number != "" && number != u.Number:
			return 0, fault.NumberNotThisCustomers.With("number", u.Number).At("body: number")
		}
		return id, err
	}
	err = tx.QueryRow(`SELECT t.id FROM transactions t JOIN customers c ON c.org = t.org AND c.id = t.customer
		WHERE t.org = $1 AND t.number = $2 AND t.return_type = '' AND coalesce(c.merged_into, c.id) = $3 ORDER BY t.billing_date DESC, t.id DESC LIMIT 1`, org, u.Number, customer).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.NumberNotThisCustomers.With("number", u.Number).At("body: number")
	}
	return id, err
}
