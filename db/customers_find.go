package db

import (
	"database/sql"
	"errors"

	"github.com/arteriole/arteriole/fault"
)

// CustomerRef names a customer in a request: by id, or by an identifier, in a place or in any.
type CustomerRef struct {
	ID              int64 // 0: by Identifier
	Identifier      Identifier
	Source, Account string
}

// find returns the customer that a request names. The faults are CustomerNotFound, CustomerErased, and MergedCustomer for the
// id of a merge's victim; those of a wrong source or account are lookup's.
func (tx *Tx) find(o *orgConfig, org int64, ref CustomerRef) (Outcome, error) {
	return tx.findOr(o, org, ref, fault.CustomerNotFound, fault.MergedCustomer)
}

// orgAndCustomer reads the org of a caller and finds the customer that a request names.
func (tx *Tx) orgAndCustomer(who Who, ref CustomerRef) (o *orgConfig, found Outcome, err error) {
	if o, err = tx.org(who.Org); err != nil {
		return o, found, err
	}
	found, err = tx.find(o, who.Org, ref)
	return o, found, err
}

// findOr is find with other faults for an unknown customer and for a victim.
func (tx *Tx) findOr(o *orgConfig, org int64, ref CustomerRef, unknown, merged *fault.Code) (out Outcome, err error) {
	if ref.ID != 0 {
		return Outcome{ID: ref.ID}, tx.livingOr(org, ref.ID, unknown, merged)
	}
	out, err = tx.lookup(o, org, ref.Source, ref.Account, ref.Identifier, fault.LookupSourceInvalid)
	if fault.Is(err, fault.CustomerNotFound) {
		err = unknown.With("type", ref.Identifier.Type, "value", ref.Identifier.Value)
	}
	return out, err
}

// living refuses an id that nobody has (CustomerNotFound), that of a merge's victim (MergedCustomer), and that of an erased person
// (CustomerErased).
func (tx *Tx) living(org, id int64) error {
	return tx.livingOr(org, id, fault.CustomerNotFound, fault.MergedCustomer)
}

// livingOr is living with other faults for an unknown id and for that of a victim.
func (tx *Tx) livingOr(org, id int64, unknown, merged *fault.Code) error {
	var into, erased sql.NullInt64
	err := tx.QueryRow(`SELECT merged_into, erased_on FROM customers WHERE org = $1 AND id = $2`, org, id).Scan(&into, &erased)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return unknown.With("type", "id", "value", id)
	case err != nil:
		return err
	case erased.Valid:
		return fault.CustomerErased.With("id", id)
	case into.Valid:
		return merged.With("id", id, "survivor", into.Int64)
	}
	return nil
}

// andVictims selects the rows of customer $2 and of those merged into them, so that a merge need not move logs, and undoing it need
// not move them back.
const andVictims = `customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)`

// present reads a customer whose sub-resource is requested; the victim of a merge has none (MergedCustomer).
func (tx *Tx) present(o *orgConfig, org, id int64) (*Customer, error) {
	c, err := tx.customer(o, org, id)
	if errors.Is(err, ErrNotFound) {
		return nil, fault.CustomerNotFound.With("type", "id", "value", id)
	} else if err != nil {
		return nil, err
	}
	if c.MergedInto != 0 {
		return nil, fault.MergedCustomer.With("id", id, "survivor", c.MergedInto)
	}
	return c, nil
}

// toWrite is present for a change, for which an unknown id has a code of its own (UpdateCustomerNotFound).
func (tx *Tx) toWrite(o *orgConfig, org, id int64) (*Customer, error) {
	c, err := tx.present(o, org, id)
	if fault.Is(err, fault.CustomerNotFound) {
		return nil, fault.UpdateCustomerNotFound.With("id", id)
	}
	return c, err
}
