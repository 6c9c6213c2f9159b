package db

import (
	"context"
	"errors"
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// IdentifierChange is a requested change: what to remove first, and what to add then.
type IdentifierChange struct {
	Add    []Identifier `json:"add"`
	Remove []Identifier `json:"remove"`
}

// ChangeIdentifiers changes the identifiers of a customer's profile in one place. An identifier that one other customer
// holds elsewhere merges this customer into that one: who holds it already survives (openapi.yaml, Update Customer
// Identifiers).
func (s *Store) ChangeIdentifiers(ctx context.Context, who Who, id int64, source, account string, ask IdentifierChange) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (Outcome, error) { return tx.changeIdentifiers(who, id, source, account, ask) })
}

func (tx *Tx) changeIdentifiers(who Who, id int64, source, account string, ask IdentifierChange) (out Outcome, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	at, _, err := o.place(source, account, fault.SourceInvalid)
	if err != nil {
		return out, err
	}
	before, err := tx.customer(o, who.Org, id)
	if errors.Is(err, ErrNotFound) {
		return out, fault.UpdateCustomerNotFound.With("id", id)
	} else if err != nil {
		return out, err
	}
	if before.MergedInto != 0 {
		return out, fault.AlreadyMerged.With("id", id, "survivor", before.MergedInto)
	}
	if before.profile(at) == nil {
		return out, fault.NotInSource.With("source", at.Source)
	}
	remove := o.knownIdentifiers(ask.Remove) // what is not valid is not there to remove
	add, warnings, err := tx.validIdentifiers(o, who.Org, ask.Add, "add")
	if err != nil {
		return out, err
	}
	decided, err := tx.decideChange(o, who.Org, before, at, add, remove)
	if err != nil {
		return out, err
	}
	if slices.ContainsFunc(ask.Remove, func(id Identifier) bool { _, ok := o.known(id.Type, id.Value); return !ok }) && !slices.ContainsFunc(decided.warnings, isNothingChanged) {
		decided.warnings = append(decided.warnings, fault.NothingChanged.New())
	}
	out = Outcome{ID: id, Warnings: append(decided.warnings, warnings...)}
	if decided.survivor == 0 && len(decided.add)+len(decided.remove) == 0 {
		return out, nil
	}
	change := RequestedChange{at, IdentifierChange{decided.add, decided.remove}}
	switch {
	case decided.survivor == 0:
		if err := tx.applyChange(o, who, id, change); err != nil {
			return out, err
		}
		if err := tx.audit(o, who, "customer.changeIdentifier", id, before); err != nil {
			return out, err
		}
		return out, tx.tell(o, who, toldCustomerUpdated, id, map[string]any{})
	case o.MergeNeedsApproval:
		request, err := tx.requestMerge(who, id, decided.survivor, RequestedChange{at, IdentifierChange{add, remove}})
		out.Warnings = append([]*fault.Fault{fault.MergeAwaitsApproval.With("id", decided.survivor, "request", request)}, withoutMerged(out.Warnings)...)
		return out, err
	}
	out.ID = decided.survivor
	return out, tx.mergeAndChange(o, who, before, decided.survivor, []RequestedChange{change})
}

// mergeAndChange merges, and then makes the changes that need the merge, at most one in each place.
func (tx *Tx) mergeAndChange(o *orgConfig, who Who, victim *Customer, survivor int64, changes []RequestedChange) error {
	if err := tx.merge(o, who, victim, survivor, changes); err != nil {
		return err
	}
	for _, c := range changes { // the merge has left audit rows of both; these show what came after it
		before, err := tx.customer(o, who.Org, survivor)
		if err != nil {
			return err
		}
		if err := tx.applyChange(o, who, survivor, c); err != nil {
			return err
		}
		if err := tx.auditMerged(o, who, "customer.changeIdentifier", survivor, before); err != nil {
			return err
		}
	}
	return nil
}

func isNothingChanged(f *fault.Fault) bool { return f.Code == fault.NothingChanged }

func withoutMerged(ws []*fault.Fault) []*fault.Fault {
	return slices.DeleteFunc(ws, func(f *fault.Fault) bool { return f.Code == fault.Merged })
}

// decideChange reads what the decision table of Update Customer Identifiers asks for, and asks it.
func (tx *Tx) decideChange(o *orgConfig, org int64, c *Customer, at Place, add, remove []Identifier) (change, error) {
	var failed error
	others := map[int64]*Customer{c.ID: c}
	get := func(id int64) *Customer {
		if others[id] == nil {
			var err error
			if others[id], err = tx.customer(o, org, id); err != nil {
				failed, others[id] = err, &Customer{}
			}
		}
		return others[id]
	}
	decided, err := decideChange(c.ID, at, c.placed(), add, remove, o.PrimaryIdentifier,
		func(id Identifier) []holder {
			hs, err := tx.holders(org, []Identifier{id}, c.ID)
			if err != nil {
				failed = err
			}
			return hs
		},
		func(id int64) []Place { return get(id).places() },
		func(id int64, typ string) bool {
			return slices.ContainsFunc(get(id).placed(), func(p placed) bool { return p.Type == typ })
		})
	if failed != nil {
		return change{}, failed
	}
	return decided, err
}

// applyChange removes identifiers from a profile and adds others, keeping search terms, channels and log in step.
func (tx *Tx) applyChange(o *orgConfig, who Who, customer int64, c RequestedChange) error {
	at := c.Place
	now, err := tx.customer(o, who.Org, customer)
	if err != nil {
		return err
	}
	p := now.profile(at)
	if len(p.Identifiers)-len(c.Remove)+len(c.Add) > maxIdentifiers {
		return tooMany("identifiers in a profile", maxIdentifiers, "body: add")
	}
	if err := tx.dropTerms(who.Org, customer, at, o.terms(p.FirstName, p.LastName, p.identifiers())); err != nil {
		return err
	}
	if err := tx.removeIdentifiers(who.Org, at, c.Remove); err != nil {
		return err
	}
	if err := tx.addIdentifiers(who.Org, customer, at, c.Add); err != nil {
		return err
	}
	left := slices.DeleteFunc(p.identifiers(), func(id Identifier) bool { return slices.Contains(c.Remove, id) })
	if err := tx.addTerms(who.Org, customer, at, o.terms(p.FirstName, p.LastName, append(left, c.Add...))); err != nil {
		return err
	}
	if at.Source == "INSTORE" {
		if _, err := tx.deriveChannels(who.Org, customer, at, c.Add); err != nil {
			return err
		}
		for _, id := range c.Remove { // a number that is no longer the customer's may not be written to
			_, err := tx.Exec(`DELETE FROM channels WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4 AND type = $5 AND value = $6`,
				who.Org, customer, at.Source, at.Account, id.Type, id.Value)
			if err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(`UPDATE profiles SET modified_on = $5, modified_by = $6 WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4`,
		who.Org, customer, at.Source, at.Account, tx.now, who.Till)
	if err != nil {
		return err
	}
	if err := tx.touch(who, customer); err != nil {
		return err
	}
	if len(c.Remove) > 0 {
		if err := tx.logIdentifiers(who, customer, at, "REMOVE", c.Remove); err != nil {
			return err
		}
	}
	if len(c.Add) > 0 {
		return tx.logIdentifiers(who, customer, at, "ADD", c.Add)
	}
	return nil
}

func (tx *Tx) touch(who Who, customer int64) error {
	_, err := tx.Exec(`UPDATE customers SET modified_on = $3, modified_by = $4 WHERE org = $1 AND id = $2`, who.Org, customer, tx.now, who.Till)
	return err
}
