package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/fault"
)

// firstCustomer is the id that a new org gives first.
const firstCustomer = 1001

// Outcome of a change: the customer who has it now, and the warnings.
type Outcome struct {
	ID       int64
	Warnings []*fault.Fault
}

// RegisterCustomer adds a customer, or combines the profile with the one customer who has one of its identifiers in another source
// (openapi.yaml, Register Customer). It never changes an existing profile.
func (s *Store) RegisterCustomer(ctx context.Context, who Who, source, account string, p ProfileInput, in CustomerInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (Outcome, error) { return tx.register(who, source, account, p, in) })
}

func (tx *Tx) register(who Who, source, account string, p ProfileInput, in CustomerInput) (out Outcome, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	at, src, err := o.place(source, account, fault.SourceInvalid)
	if f, ok := fault.Of(err); ok && in.SourceInProfile {
		return out, f.At("body: profiles[0]." + strings.TrimPrefix(f.Place(), "query: "))
	}
	if err != nil {
		return out, err
	}
	generate := o.givesExternalID(at.Source, p.Identifiers)
	ids, warnings, err := tx.identifiersToRegister(o, who.Org, p.Identifiers, generate)
	if err != nil {
		return out, err
	}
	createDate, err := o.createDate(in.CreateDate, tx.now)
	if err != nil {
		return out, err
	}
	createdBy := who.Till
	if in.CreatedBy != "" {
		if createdBy = o.tillID[strings.ToLower(in.CreatedBy)]; createdBy == 0 {
			return out, fault.RegistrationTillInvalid.At("body: loyaltyInfo.attributionV2.createdBy")
		}
	}
	if err := tx.refuseErased(o, who.Org, ids); err != nil {
		return out, err
	}
	verdict, err := tx.decideRegistration(who.Org, at, ids)
	if err != nil {
		return out, err
	}
	out.Warnings = append(verdict.warnings, warnings...)
	var before *Customer
	if out.ID = verdict.combine; out.ID != 0 {
		if before, err = tx.customer(o, who.Org, out.ID); err != nil {
			return out, err
		}
	}
	if generate && !before.hasExternalID() {
		given, err := tx.generateExternalID(o, who.Org)
		if err != nil {
			return out, err
		}
		ids = append(ids, Identifier{"externalId", given})
	}
	if before != nil {
		w, err := tx.combine(o, who, before, at, src, p, ids, in)
		out.Warnings = append(out.Warnings, w...)
		return out, err
	}
	c := &Customer{LoyaltyType: cmp.Or(in.LoyaltyType, "loyalty"), CreateDate: o.time(createDate), CreatedFrom: strings.ToLower(at.Source), CreatedBy: o.by(createdBy)}
	w, err := tx.addCustomer(o, who, c, at, src, p, ids, verdict.conflicts, in)
	out.ID, out.Warnings = c.ID, append(out.Warnings, w...)
	return out, err
}

// addCustomer stores a new customer, c, with one profile. What is written is audited as it stands in c, without being read again.
func (tx *Tx) addCustomer(o *orgConfig, who Who, c *Customer, at Place, src Source, p ProfileInput, ids []Identifier, conflicts []int64, in CustomerInput) (warnings []*fault.Fault, err error) {
	fields, associated, unusable, err := o.stated(nil, in)
	if err != nil {
		return nil, err
	}
	if c.ID, err = tx.next(who.Org, "customers", firstCustomer); err != nil {
		return nil, err
	}
	c.ExtendedFields, c.AssociatedWith = fields, o.tills[associated.Int64].Code
	_, err = tx.Exec(`INSERT INTO customers (org, id, loyalty_type, create_date, extended_fields, associated_with, created_on, created_by, modified_on, modified_by, created_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $9, $10)`,
		who.Org, c.ID, c.LoyaltyType, c.CreateDate.UnixMilli(), fieldsJSON(fields), associated, tx.now, c.CreatedBy.ID, who.Till, c.CreatedFrom)
	if err != nil {
		return nil, err
	}
	profile, warnings, err := tx.addProfile(o, who, c.ID, at, src, p, ids, conflicts)
	if err != nil {
		return nil, err
	}
	c.Profiles = []Profile{profile}
	if err := tx.auditCustomer(o, who, "customer.register", nil, c); err != nil {
		return nil, err
	}
	return append(warnings, unusable...), tx.tell(o, who, toldCustomerRegistered, c.ID, map[string]any{})
}

// combine gives a customer a profile in a further place.
func (tx *Tx) combine(o *orgConfig, who Who, before *Customer, at Place, src Source, p ProfileInput, ids []Identifier, in CustomerInput) (warnings []*fault.Fault, err error) {
	if in.LoyaltyType == "non_loyalty" {
		in.LoyaltyType = "" // joining a source takes nobody out of the programme
	}
	_, warnings, err = tx.addProfile(o, who, before.ID, at, src, p, ids, nil)
	if err != nil {
		return nil, err
	}
	if err := tx.logIdentifiers(who, before.ID, at, "COMBINE", ids); err != nil {
		return nil, err
	}
	w, err := tx.updateCustomer(o, who, before, in)
	if err != nil {
		return nil, err
	}
	if err := tx.audit(o, who, "customer.combine", before.ID, before); err != nil {
		return nil, err
	}
	return append(warnings, w...), tx.tell(o, who, toldCustomerUpdated, before.ID, map[string]any{})
}

// identifiersToRegister are the valid ones of those sent, at least one, and one of the org's primary type. generated says that the
// customer may be given an external id besides.
func (tx *Tx) identifiersToRegister(o *orgConfig, org int64, sent []Identifier, generated bool) (ids []Identifier, warnings []*fault.Fault, err error) {
	ids, warnings, err = tx.validIdentifiers(o, org, sent, "profiles[0].identifiers")
	if err != nil {
		return nil, nil, err
	}
	if !(generated && o.PrimaryIdentifier == "externalId") {
		if err := o.needPrimary(sent, ids); err != nil {
			return nil, nil, err
		}
	}
	if len(ids) == 0 {
		reason := "none of those sent follows the rules of its type"
		if len(sent) == 0 {
			reason = "none was sent"
		}
		return nil, nil, fault.NoValidIdentifier.With("reason", reason).At("body: profiles[0].identifiers")
	}
	return ids, warnings, nil
}

// decideRegistration reads what the decision table of Register Customer asks for, and asks it.
func (tx *Tx) decideRegistration(org int64, at Place, ids []Identifier) (verdict registration, err error) {
	holders, err := tx.holders(org, ids, 0)
	if err != nil {
		return verdict, err
	}
	var failed error
	verdict, err = decideRegistration(at, holders, func(customer int64) bool {
		has, err := tx.hasProfile(org, customer, at)
		failed = errors.Join(failed, err)
		return has
	})
	return verdict, cmp.Or(failed, err)
}

// UpdateCustomer changes a customer's profile in one place, and what is stated of the customer as a whole. Only what is given
// changes. Identifiers only name the profile; ChangeIdentifiers changes them.
func (s *Store) UpdateCustomer(ctx context.Context, who Who, id int64, source, account string, p *ProfileInput, in CustomerInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (out Outcome, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		return tx.update(o, who, id, source, account, p, in)
	})
}

// UpdateCustomerByIdentifier is UpdateCustomer for the customer who has an identifier in that place.
func (s *Store) UpdateCustomerByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string, p *ProfileInput, in CustomerInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (out Outcome, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		found, err := tx.lookup(o, who.Org, source, account, identifier, fault.SourceInvalid)
		if err != nil {
			return out, err
		}
		out, err = tx.update(o, who, found.ID, source, account, p, in)
		out.Warnings = append(found.Warnings, out.Warnings...)
		return out, err
	})
}

func (tx *Tx) update(o *orgConfig, who Who, id int64, source, account string, p *ProfileInput, in CustomerInput) (out Outcome, err error) {
	out.ID = id
	at, src, err := o.place(source, account, fault.SourceInvalid)
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
		return out, fault.MergedCustomer.With("id", id, "survivor", before.MergedInto)
	}
	if in.LoyaltyType == "non_loyalty" && before.LoyaltyType == "loyalty" {
		return out, fault.LoyaltyDowngrade.At("body: loyaltyInfo.loyaltyType")
	}
	if p == nil && in.nothing() {
		return out, nil
	}
	if p != nil {
		holders, err := tx.holders(who.Org, o.knownIdentifiers(p.Identifiers), id)
		if err != nil {
			return out, err
		}
		for _, h := range holders {
			if h.place == at {
				return out, fault.IdentifiersOfOtherProfile.With("id", h.customer).At("body: profiles[0].identifiers")
			}
		}
		if before.profile(at) == nil {
			_, out.Warnings, err = tx.addProfile(o, who, id, at, src, *p, nil, nil)
		} else {
			out.Warnings, err = tx.changeProfile(o, who, *before.profile(at), src, *p)
		}
		if err != nil {
			return out, err
		}
	}
	w, err := tx.updateCustomer(o, who, before, in)
	if err != nil {
		return out, err
	}
	out.Warnings = append(out.Warnings, w...)
	if err := tx.audit(o, who, "customer.update", id, before); err != nil {
		return out, err
	}
	return out, tx.tell(o, who, toldCustomerUpdated, id, map[string]any{})
}

// updateCustomer stores what is stated of the customer as a whole, and that the customer was changed.
func (tx *Tx) updateCustomer(o *orgConfig, who Who, before *Customer, in CustomerInput) (warnings []*fault.Fault, err error) {
	fields, associated, warnings, err := o.stated(before.ExtendedFields, in)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`UPDATE customers SET loyalty_type = $3, extended_fields = $4, associated_with = coalesce($5, associated_with), modified_on = $6, modified_by = $7
		WHERE org = $1 AND id = $2`, who.Org, before.ID, cmp.Or(in.LoyaltyType, before.LoyaltyType), toJSON(fields), associated, tx.now, who.Till)
	if err == nil && in.LoyaltyType == "loyalty" { // said by themselves, whatever a merge has made of them: its undoing leaves it
		_, err = tx.Exec(`UPDATE merges SET undo = json_set(undo, '$.customer.loyaltyType', 'loyalty') WHERE org = $1 AND survivor = $2 AND undone_on IS NULL AND undo <> ''`, who.Org, before.ID)
	}
	return warnings, err
}

// stated gives the extended fields that a customer with those before has after a request, and the till that it names. Warnings tell
// what cannot be used.
func (o *orgConfig) stated(before map[string]string, in CustomerInput) (fields map[string]string, associated sql.NullInt64, warnings []*fault.Fault, err error) {
	fields = maps.Clone(before)
	if fields == nil {
		fields = map[string]string{}
	}
	for _, k := range slices.Sorted(maps.Keys(in.ExtendedFields)) {
		v := in.ExtendedFields[k]
		if !allowed(o.ExtendedFields, k) || v == "" || v == "null" {
			warnings = append(warnings, fault.ExtendedFieldInvalid.With("name", k).At("body: extendedFields"))
			continue
		}
		fields[k] = v
	}
	if len(fields) > maxFields && len(fields) > len(before) { // a merge may have united more than one customer could gather
		return nil, associated, nil, tooMany("extended fields", maxFields, "body: extendedFields")
	}
	if in.AssociatedWith != "" {
		if t := o.tillID[strings.ToLower(in.AssociatedWith)]; t != 0 {
			associated = sql.NullInt64{Int64: t, Valid: true}
		} else {
			warnings = append(warnings, fault.AssociatedTillUnknown.With("till", in.AssociatedWith).At("body: associatedWith"))
		}
	}
	return fields, associated, warnings, nil
}

// holders returns who has any of the identifiers, in every place, except one customer.
func (tx *Tx) holders(org int64, ids []Identifier, except int64) (hs []holder, err error) {
	for _, id := range ids {
		err = tx.Each(func(scan func(...any) error) error {
			var h holder
			var from sql.NullInt64
			err := scan(&h.customer, &h.place.Source, &h.place.Account, &from)
			h.mergedFrom = from.Int64
			if h.customer != except {
				hs = append(hs, h)
			}
			return err
		}, `SELECT customer, source, account, merged_from FROM identifiers WHERE org = $1 AND type = $2 AND value = $3 ORDER BY source, account`, org, id.Type, id.Value)
		if err != nil {
			return nil, err
		}
	}
	return hs, nil
}

func (tx *Tx) hasProfile(org, customer int64, at Place) (has bool, err error) {
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM profiles WHERE org = $1 AND customer = $2 AND source = $3 AND account = $4)`,
		org, customer, at.Source, at.Account).Scan(&has)
	return has, err
}
