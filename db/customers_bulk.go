package db

import (
	"context"

	"github.com/arteriole/arteriole/fault"
)

// Registration is one entry of a bulk registration.
type Registration struct {
	Source, Account string
	Profile         ProfileInput
	Customer        CustomerInput
}

// RegisterCustomers registers several customers one after the other in one transaction. Each is like a RegisterCustomer of its
// own, and returns the customer as of then.
func (s *Store) RegisterCustomers(ctx context.Context, who Who, in []Registration) ([]Item[Found], error) {
	return bulk(ctx, s, who, len(in), func(tx *Tx, i int) (f Found, err error) {
		out, err := tx.register(who, in[i].Source, in[i].Account, in[i].Profile, in[i].Customer)
		if err != nil {
			return f, err
		}
		o, err := tx.org(who.Org)
		if err != nil {
			return f, err
		}
		f, err = tx.found(o, who.Org, out.ID, nil)
		f.Warnings = out.Warnings
		return f, err
	})
}

// Customers is Customer for several ids. A wrong source or account fails the whole call.
func (s *Store) Customers(ctx context.Context, who Who, ids []int64, source, account string) (items []Item[Found], err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		at, err := o.where(source, account, fault.DetailsSourceInvalid)
		if err != nil {
			return err
		}
		items = make([]Item[Found], len(ids))
		for i, id := range ids {
			f, err := tx.found(o, who.Org, id, at)
			if failed, ok := fault.Of(err); ok {
				items[i].Fault = failed
			} else if err != nil {
				return err
			} else {
				items[i].Value = f
			}
		}
		return nil
	})
	return items, err
}
