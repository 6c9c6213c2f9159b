package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Customer is one person, with what is known of them in each source.
type Customer struct {
	ID             int64             `json:"id"`
	LoyaltyType    string            `json:"loyaltyType"`
	CreateDate     time.Time         `json:"createDate"`
	CreatedFrom    string            `json:"createdFrom"` // the source of the registration, lower case
	ExtendedFields map[string]string `json:"extendedFields"`
	AssociatedWith string            `json:"associatedWith,omitempty"` // code of a till, "" for none
	CreatedBy      EntityRef         `json:"createdBy"`
	CreatedOn      time.Time         `json:"createdOn"`
	ModifiedBy     EntityRef         `json:"modifiedBy"`
	ModifiedOn     time.Time         `json:"modifiedOn"`
	MergedInto     int64             `json:"mergedInto,omitempty"` // the survivor, when this is the victim of a merge
	Purchases      int64             `json:"-"`                    // what was bought and kept, in thousandths; only Found has it
	Profiles       []Profile         `json:"profiles"`
}

// Profile is a customer in one place.
type Profile struct {
	Place
	UserID      int64              `json:"userId"`
	FirstName   string             `json:"firstName"`
	LastName    string             `json:"lastName"`
	Fields      map[string]string  `json:"fields"`
	Identifiers []StoredIdentifier `json:"identifiers"`
	Channels    []Channel          `json:"channels"`
	Conflicts   []int64            `json:"conflicts"` // customers who held these identifiers in other sources, left as they were
	CreatedOn   time.Time          `json:"createdOn"`
	CreatedBy   EntityRef          `json:"createdBy"`
	ModifiedOn  time.Time          `json:"modifiedOn"`
	ModifiedBy  EntityRef          `json:"modifiedBy"`
}

// StoredIdentifier is an identifier of a profile.
type StoredIdentifier struct {
	Identifier
	MergedFrom int64 `json:"mergedFrom,omitempty"` // the victim who brought it in a merge, 0 for none
}

// Channel is a way to reach a customer.
type Channel struct {
	Type       string            `json:"type"`
	Value      string            `json:"value"`
	Primary    bool              `json:"primary"`
	Verified   bool              `json:"verified"`
	Subscribed bool              `json:"subscribed"`
	Meta       ChannelMeta       `json:"meta"`
	Attributes map[string]string `json:"attributes"`
}

// ChannelMeta says what is known of a channel.
type ChannelMeta struct {
	Residence      bool       `json:"residence"`
	Office         bool       `json:"office"`
	LastViewedDate *time.Time `json:"lastViewedDate,omitempty"`
}

func (m ChannelMeta) in(zone *time.Location) ChannelMeta {
	if m.LastViewedDate != nil {
		t := m.LastViewedDate.In(zone)
		m.LastViewedDate = &t
	}
	return m
}

func (c *Customer) profile(at Place) *Profile {
	for i := range c.Profiles {
		if c.Profiles[i].Place == at {
			return &c.Profiles[i]
		}
	}
	return nil
}

func (c *Customer) places() []Place {
	ps := make([]Place, len(c.Profiles))
	for i, p := range c.Profiles {
		ps[i] = p.Place
	}
	return ps
}

func (c *Customer) placed() (ids []placed) {
	for _, p := range c.Profiles {
		for _, id := range p.Identifiers {
			ids = append(ids, placed{id.Identifier, p.Place})
		}
	}
	return ids
}

func (p *Profile) identifiers() []Identifier {
	ids := make([]Identifier, len(p.Identifiers))
	for i, id := range p.Identifiers {
		ids[i] = id.Identifier
	}
	return ids
}

// Found is a customer, with how they were found.
type Found struct {
	Customer
	Warnings []*fault.Fault
	Points   *Points // when it was asked for, and the customer is in the program
	Embedded
}

// Customer reads a customer by id: all profiles, or the one of a source. The id of a merge's victim returns the survivor, with a
// warning (our rule 7).
func (s *Store) Customer(ctx context.Context, who Who, id int64, source, account string, embed ...string) (f Found, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		at, err := o.where(source, account, fault.DetailsSourceInvalid)
		if err != nil {
			return err
		}
		if f, err = tx.found(o, who.Org, id, at); err != nil {
			return err
		}
		return tx.embed(o, who.Org, &f, embed)
	})
	return f, err
}

// found reads a customer by id, or the survivor of a merge, with all profiles or the one in a place.
func (tx *Tx) found(o *orgConfig, org, id int64, at *Place) (f Found, err error) {
	c, err := tx.customer(o, org, id)
	if errors.Is(err, ErrNotFound) {
		return f, fault.CustomerNotFound.With("type", "id", "value", id)
	} else if err != nil {
		return f, err
	}
	f = Found{Customer: *c}
	if c.MergedInto != 0 {
		if c, err = tx.customer(o, org, c.MergedInto); err != nil {
			return f, err
		}
		f.Customer = *c
		f.Warnings = append(f.Warnings, fault.MergedCustomer.With("id", id, "survivor", c.ID))
	}
	if f.Purchases, err = tx.lifetimePurchases(org, f.ID); err != nil {
		return f, err
	}
	return f, f.only(at)
}

// CustomerByIdentifier reads the customer who has an identifier, in a source or in any.
func (s *Store) CustomerByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string, embed ...string) (f Found, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		at, err := o.where(source, account, fault.DetailsSourceInvalid)
		if err != nil {
			return err
		}
		found, err := tx.lookup(o, who.Org, source, account, identifier, fault.DetailsSourceInvalid)
		if err != nil {
			return err
		}
		c, err := tx.customer(o, who.Org, found.ID)
		if err != nil {
			return err
		}
		f = Found{Customer: *c, Warnings: found.Warnings}
		if f.Purchases, err = tx.lifetimePurchases(who.Org, f.ID); err != nil {
			return err
		}
		if err := f.only(at); err != nil {
			return err
		}
		return tx.embed(o, who.Org, &f, embed)
	})
	return f, err
}

// only drops all profiles but the one of a place, if a place was requested.
func (f *Found) only(at *Place) error {
	if at == nil {
		return nil
	}
	p := f.profile(*at)
	if p == nil {
		return fault.NotInSource.With("source", at.Source)
	}
	f.Profiles = []Profile{*p}
	return nil
}

// LookupCustomer returns the id of the customer who has an identifier, in a source or in any.
func (s *Store) LookupCustomer(ctx context.Context, who Who, identifier Identifier, source, account string) (out Outcome, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		out, err = tx.lookup(o, who.Org, source, account, identifier, fault.LookupSourceInvalid)
		return err
	})
	return out, err
}

// lookup finds a customer by the exact normalised value. Without a source it looks everywhere; of several customers it returns the
// one with the lowest id, with a warning (our rule 15).
func (tx *Tx) lookup(o *orgConfig, org int64, source, account string, id Identifier, invalid *fault.Code) (out Outcome, err error) {
	at, err := o.where(source, account, invalid)
	if err != nil {
		return out, err
	}
	value, ok := o.known(id.Type, id.Value)
	if !ok {
		return out, fault.CustomerNotFound.With("type", id.Type, "value", id.Value) // nobody can have it
	}
	holders, err := tx.holders(org, []Identifier{{id.Type, value}}, 0)
	if err != nil {
		return out, err
	}
	if len(holders) == 0 {
		return out, fault.CustomerNotFound.With("type", id.Type, "value", id.Value)
	}
	var found *holder
	several := false
	for i, h := range holders {
		if at != nil && h.place != *at {
			continue
		}
		if found != nil && h.customer != found.customer {
			several = true
		}
		if found == nil || h.customer < found.customer {
			found = &holders[i]
		}
	}
	if found == nil {
		return out, fault.NotInSource.With("source", at.Source)
	}
	out.ID = found.customer
	if several {
		out.Warnings = append(out.Warnings, fault.SeveralCustomers.With("id", found.customer))
	}
	if found.mergedFrom != 0 {
		out.Warnings = append(out.Warnings, fault.MergedCustomer.With("id", found.mergedFrom, "survivor", found.customer))
	}
	return out, nil
}

// where is place for reads: no source, or ALL, means everywhere (nil).
func (o *orgConfig) where(source, account string, invalid *fault.Code) (*Place, error) {
	if source == "" || vocabularyKey(source) == "all" {
		return nil, nil
	}
	at, _, err := o.place(source, account, invalid)
	return &at, err
}

// customer reads a whole customer. ErrNotFound, or CustomerErased for a tombstone. A victim has no profiles.
func (tx *Tx) customer(o *orgConfig, org, id int64) (*Customer, error) {
	c := &Customer{ID: id}
	var extended string
	var createDate, createdOn, createdBy, modifiedOn, modifiedBy int64
	var associated, merged, erased sql.NullInt64
	err := tx.QueryRow(`SELECT loyalty_type, create_date, created_from, extended_fields, associated_with, created_on, created_by, modified_on, modified_by, merged_into, erased_on
		FROM customers WHERE org = $1 AND id = $2`, org, id).
		Scan(&c.LoyaltyType, &createDate, &c.CreatedFrom, &extended, &associated, &createdOn, &createdBy, &modifiedOn, &modifiedBy, &merged, &erased)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	case erased.Valid:
		return nil, fault.CustomerErased.With("id", id)
	}
	c.CreateDate, c.CreatedOn, c.ModifiedOn = o.time(createDate), o.time(createdOn), o.time(modifiedOn)
	c.CreatedBy, c.ModifiedBy = o.by(createdBy), o.by(modifiedBy)
	c.MergedInto = merged.Int64
	if associated.Valid {
		c.AssociatedWith = o.by(associated.Int64).Code
	}
	if err := fromJSON(extended, &c.ExtendedFields); err != nil {
		return nil, err
	}
	if err := tx.profiles(o, org, c); err != nil {
		return nil, err
	}
	if err := tx.identifiers(org, c); err != nil {
		return nil, err
	}
	return c, tx.channels(o, org, c)
}

func (tx *Tx) profiles(o *orgConfig, org int64, c *Customer) error {
	return tx.Each(func(scan func(...any) error) error {
		p := Profile{UserID: c.ID}
		var fields, conflicts string
		var createdOn, createdBy, modifiedOn, modifiedBy int64
		err := scan(&p.Source, &p.Account, &p.FirstName, &p.LastName, &fields, &conflicts, &createdOn, &createdBy, &modifiedOn, &modifiedBy)
		if err != nil {
			return err
		}
		p.CreatedOn, p.ModifiedOn, p.CreatedBy, p.ModifiedBy = o.time(createdOn), o.time(modifiedOn), o.by(createdBy), o.by(modifiedBy)
		if err := fromJSON(fields, &p.Fields); err != nil {
			return err
		}
		if err := fromJSON(conflicts, &p.Conflicts); err != nil {
			return err
		}
		c.Profiles = append(c.Profiles, p)
		return nil
	}, `SELECT source, account, first_name, last_name, fields, conflicts, created_on, created_by, modified_on, modified_by
		FROM profiles WHERE org = $1 AND customer = $2 ORDER BY position`, org, c.ID)
}

func (tx *Tx) identifiers(org int64, c *Customer) error {
	return tx.Each(func(scan func(...any) error) error {
		var at Place
		var id StoredIdentifier
		var from sql.NullInt64
		if err := scan(&at.Source, &at.Account, &id.Type, &id.Value, &from); err != nil {
			return err
		}
		id.MergedFrom = from.Int64
		p := c.profile(at)
		p.Identifiers = append(p.Identifiers, id)
		return nil
	}, `SELECT source, account, type, value, merged_from FROM identifiers WHERE org = $1 AND customer = $2 ORDER BY source, account, position`, org, c.ID)
}

func (tx *Tx) channels(o *orgConfig, org int64, c *Customer) error {
	return tx.Each(func(scan func(...any) error) error {
		var at Place
		var ch Channel
		var meta, attributes string
		if err := scan(&at.Source, &at.Account, &ch.Type, &ch.Value, &ch.Primary, &ch.Verified, &ch.Subscribed, &meta, &attributes); err != nil {
			return err
		}
		if err := fromJSON(meta, &ch.Meta); err != nil {
			return err
		}
		if err := fromJSON(attributes, &ch.Attributes); err != nil {
			return err
		}
		ch.Meta = ch.Meta.in(o.TimeZone)
		p := c.profile(at)
		p.Channels = append(p.Channels, ch)
		return nil
	}, `SELECT source, account, type, value, is_primary, verified, subscribed, meta, attributes
		FROM channels WHERE org = $1 AND customer = $2 ORDER BY source, account, position`, org, c.ID)
}

// time converts a stored time to the org's zone.
func (o *orgConfig) time(ms int64) time.Time { return time.UnixMilli(ms).In(o.TimeZone) }
