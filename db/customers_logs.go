package db

import (
	"context"
	"encoding/json"
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
func (s *Store) IdentifierLog(ctx context.Context, who Who, of CustomerRef, page Page) (log []IdentifierEntry, w []*fault.Fault, err error) {
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
