package db

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Page is a part of a list: at most Limit rows behind the first Offset.
type Page struct{ Limit, Offset int }

// IdentifierEntry is one change of a customer's identifiers: ADD, REMOVE, or COMBINE for those that came with a profile.
type IdentifierEntry struct {
	Place
	Customer    int64 // who had them then: the victim of a merge, perhaps
	Action      string
	Identifiers []Identifier
	At          time.Time
}

// IdentifierLog reads what became of a customer's identifiers, the last change first.
func (s *Store) IdentifierLog(ctx context.Context, who Who, of PointsCustomer, page Page) (log []IdentifierEntry, w []*fault.Fault, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		log = nil
		o, c, err := tx.orgAndCustomer(who, of)
		if err != nil {
			return err
		}
		w = c.Warnings
		return tx.Each(func(scan func(...any) error) error {
			var e IdentifierEntry
			var at int64
			var identifiers string
			if err := scan(&at, &e.Customer, &e.Source, &e.Account, &e.Action, &identifiers); err != nil {
				return err
			}
			e.At = o.time(at)
			log = append(log, e)
			return json.Unmarshal([]byte(identifiers), &log[len(log)-1].Identifiers)
		}, `SELECT at, customer, source, account, action, identifiers FROM identifier_log
			WHERE org = $1 AND `+andVictims+` ORDER BY id DESC LIMIT $3 OFFSET $4`, who.Org, c.ID, page.Limit, page.Offset)
	})
	return log, w, err
}

// andVictims finds the rows of customer $2 and of those who were merged into them. So a merge moves no logs, and undoing it has
// none to give back.
const andVictims = `customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)`

// present reads a customer whose sub-resource is asked for: the victim of a merge has none.
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

// toWrite is present for a change, which has a code of its own for an id that nobody has.
func (tx *Tx) toWrite(o *orgConfig, org, id int64) (*Customer, error) {
	c, err := tx.present(o, org, id)
	if fault.Is(err, fault.CustomerNotFound) {
		return nil, fault.UpdateCustomerNotFound.With("id", id)
	}
	return c, err
}
