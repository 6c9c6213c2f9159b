package db

import (
	"database/sql"
	"strings"
)

// transactionsPart: bills stay with the customer whom they were made for, and are found through the survivor of a merge.
var transactionsPart = part{name: "transactions", erase: eraseTransactions, export: exportTransactions}

func (tx *Tx) billsOf(org, customer int64) ([]int64, error) {
	return column[int64](tx, `SELECT id FROM transactions WHERE org = $1 AND customer = $2 ORDER BY billing_date, id`, org, customer)
}

// eraseTransactions leaves what was sold, when and for how much, and takes away what people have written beside it, and by which
// identifier the customer was named.
func eraseTransactions(tx *Tx, e *erasing) error {
	org := e.who.Org
	for _, customer := range e.ids {
		bills, err := tx.billsOf(org, customer)
		if err != nil {
			return err
		}
		for _, id := range bills {
			t, err := tx.transaction(e.o, org, id)
			if err != nil {
				return err
			}
			d := t.BillDetails
			d.Note, d.NotInterestedReason, d.Identifier = "", "", Identifier{}
			if _, err := tx.Exec(`UPDATE transactions SET details = $3, custom_fields = '{}', extended_fields = '{}' WHERE org = $1 AND id = $2`, org, id, toJSON(d)); err != nil {
				return err
			}
			for _, l := range t.Lines {
				l.CustomFields = nil
				_, err := tx.Exec(`UPDATE transaction_lines SET details = $4, extended_fields = '{}' WHERE org = $1 AND bill = $2 AND id = $3`, org, id, l.ID, toJSON(l.LineDetails))
				if err != nil {
					return err
				}
			}
			if err := tx.eraseBillAudit(org, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseBillAudit takes the fields that people write out of the trail of a bill.
func (tx *Tx) eraseBillAudit(org, bill int64) error {
	type row struct {
		id            int64
		before, after sql.NullString
	}
	var rows []row
	err := tx.Each(func(scan func(...any) error) error {
		var r row
		err := scan(&r.id, &r.before, &r.after)
		rows = append(rows, r)
		return err
	}, `SELECT id, before, after FROM audit WHERE org = $1 AND kind = 'transaction' AND subject = $2`, org, bill)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, column := range []*sql.NullString{&r.before, &r.after} {
			fields, err := readFields(*column)
			if err != nil {
				return err
			}
			for name := range fields {
				if strings.Contains("/"+name, "/customFields/") || strings.Contains("/"+name, "/extendedFields/") {
					delete(fields, name)
				}
			}
			if column.Valid {
				column.String = toJSON(fields)
			}
		}
		if _, err := tx.Exec(`UPDATE audit SET before = $3, after = $4 WHERE org = $1 AND id = $2`, org, r.id, r.before, r.after); err != nil {
			return err
		}
	}
	return nil
}

func exportTransactions(tx *Tx, e *exporting) (any, error) {
	all := []*Transaction{}
	for _, customer := range e.ids {
		bills, err := tx.billsOf(e.org, customer)
		if err != nil {
			return nil, err
		}
		for _, id := range bills {
			t, err := tx.transaction(e.o, e.org, id)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
	}
	return all, nil
}
