package db

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Change is one field that an audit row tells of. Field is its path: steps joined by "/", in which a step's own "~" and "/" are
// written "~0" and "~1" as in a JSON Pointer. Before and After are JSON; nil where the field was not there.
//
// The fields of a customer are
//
//	loyaltyType, createDate, createdFrom, createdBy, associatedWith, mergedInto
//	extendedFields/NAME
//	profiles/SOURCE                           {} : the profile is there (SOURCE~1ACCOUNT where the source has accounts)
//	profiles/SOURCE/firstName, …/lastName, …/fields/NAME, …/conflicts
//	profiles/SOURCE/identifiers/TYPE/VALUE    {"mergedFrom": id}, or {}
//	profiles/SOURCE/channels/TYPE/VALUE       {"primary": true, "subscribed": true, …}: what is false or empty is left out
//
// An empty field is not there. Who changed the customer last, and when, stands in the row itself.
type Change struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Changes decodes the columns before and after of an audit row. Each is a JSON object of field and value, or NULL, and holds only
// fields that differ.
func Changes(before, after sql.NullString) ([]Change, error) {
	was, err := readFields(before)
	if err != nil {
		return nil, err
	}
	now, err := readFields(after)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(now)
	maps.Copy(all, was)
	changes := []Change{}
	for _, field := range slices.Sorted(maps.Keys(all)) {
		if !bytes.Equal(was[field], now[field]) {
			changes = append(changes, Change{field, was[field], now[field]})
		}
	}
	return changes, nil
}

func readFields(column sql.NullString) (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if column.String == "" {
		return fields, nil
	}
	return fields, json.Unmarshal([]byte(column.String), &fields)
}

// audit records a change of a customer, and refuses a customer who has grown beyond what one may hold.
func (tx *Tx) audit(o *orgConfig, who Who, action string, customer int64, before *Customer) error {
	after, err := tx.customer(o, who.Org, customer)
	if err != nil {
		return err
	}
	return tx.auditCustomer(o, who, action, before, after)
}

// auditCustomer is audit with the customer as they are after the change.
func (tx *Tx) auditCustomer(o *orgConfig, who Who, action string, before, after *Customer) error {
	if most := o.maxCustomer(); after.size() > most && (before == nil || after.size() > before.size()) {
		return fault.BadRequest.With("reason", "is too much: a customer can hold at most "+strconv.Itoa(most>>10)+" KiB in all").At("body")
	}
	return tx.auditFields(who, action, before, after)
}

// auditMerged is audit for a merge, which is not refused for the size of both customers together.
func (tx *Tx) auditMerged(o *orgConfig, who Who, action string, customer int64, before *Customer) error {
	after, err := tx.customer(o, who.Org, customer)
	if err != nil {
		return err
	}
	return tx.auditFields(who, action, before, after)
}

// auditFields records only the fields that differ: whole customers would make most of a large file copies. before is nil for a new
// customer.
func (tx *Tx) auditFields(who Who, action string, before, after *Customer) error {
	was, now := map[string]any{}, after.fields()
	if before != nil {
		was = before.fields()
	}
	dropEqual(was, now)
	return tx.auditRow(who, action, "customer", after.ID, sql.NullString{String: toJSON(was), Valid: before != nil}, toJSON(now))
}

// dropEqual removes from both sides of an audit row the fields whose values are the same JSON.
func dropEqual[V any](was, now map[string]V) {
	for field, v := range was {
		if n, ok := now[field]; ok && (reflect.DeepEqual(v, n) || toJSON(v) == toJSON(n)) {
			delete(was, field)
			delete(now, field)
		}
	}
}

// fields are those of a customer that Change names, with their values.
func (c *Customer) fields() map[string]any {
	fields := map[string]any{"loyaltyType": c.LoyaltyType, "createDate": c.CreateDate, "createdFrom": c.CreatedFrom, "createdBy": c.CreatedBy.ID}
	put := func(name, value string) {
		if value != "" {
			fields[name] = value
		}
	}
	put("associatedWith", c.AssociatedWith)
	if c.MergedInto != 0 {
		fields["mergedInto"] = c.MergedInto
	}
	for k, v := range c.ExtendedFields {
		fields["extendedFields/"+step(k)] = v
	}
	for _, p := range c.Profiles {
		at := "profiles/" + step(p.Place.String())
		fields[at] = struct{}{}
		put(at+"/firstName", p.FirstName)
		put(at+"/lastName", p.LastName)
		for k, v := range p.Fields {
			fields[at+"/fields/"+step(k)] = v
		}
		if len(p.Conflicts) > 0 {
			fields[at+"/conflicts"] = p.Conflicts
		}
		for _, id := range p.Identifiers {
			fields[at+"/identifiers/"+step(id.Type)+"/"+step(id.Value)] = auditIdentifier{id.MergedFrom}
		}
		for _, ch := range p.Channels {
			fields[at+"/channels/"+step(ch.Type)+"/"+step(ch.Value)] = auditChannel{ch.Primary, ch.Verified, ch.Subscribed,
				ch.Meta.Residence, ch.Meta.Office, ch.Meta.LastViewedDate, ch.Attributes}
		}
	}
	return fields
}

type auditIdentifier struct {
	MergedFrom int64 `json:"mergedFrom,omitempty"`
}

type auditChannel struct {
	Primary        bool              `json:"primary,omitempty"`
	Verified       bool              `json:"verified,omitempty"`
	Subscribed     bool              `json:"subscribed,omitempty"`
	Residence      bool              `json:"residence,omitempty"`
	Office         bool              `json:"office,omitempty"`
	LastViewedDate *time.Time        `json:"lastViewedDate,omitempty"`
	Attributes     map[string]string `json:"attributes,omitempty"`
}

var stepEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func step(s string) string { return stepEscapes.Replace(s) }

// maxCustomer is the most bytes that one customer may hold: every change reads all of them.
func (o *orgConfig) maxCustomer() int {
	if o.maxChanges > 0 {
		return 16 << 10 // a sandbox, made by anybody
	}
	return 256 << 10
}

// size estimates the bytes that a customer holds: the text, and about as much again as overhead for each piece.
func (c *Customer) size() int {
	const piece = 40
	n := 0
	count := func(texts ...string) {
		n += piece
		for _, t := range texts {
			n += len(t)
		}
	}
	all := func(m map[string]string) {
		for k, v := range m {
			count(k, v)
		}
	}
	all(c.ExtendedFields)
	for _, p := range c.Profiles {
		count(p.Source, p.Account, p.FirstName, p.LastName)
		all(p.Fields)
		for _, id := range p.Identifiers {
			count(id.Type, id.Value)
		}
		for _, ch := range p.Channels {
			count(ch.Type, ch.Value)
			all(ch.Attributes)
		}
	}
	return n
}

// auditRow records a change of any kind. before and after are as Changes decodes them.
func (tx *Tx) auditRow(who Who, action, kind string, subject int64, before sql.NullString, after string) error {
	id, err := tx.next(who.Org, "audit", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO audit (org, id, at, till, sender, client, request, action, kind, subject, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		who.Org, id, tx.now, who.Till, who.Sender, who.Client, who.RequestID, action, kind, subject, before, after)
	return err
}

// logIdentifiers appends to the vendor's log of identifier changes (changeIdentifierLog).
func (tx *Tx) logIdentifiers(who Who, customer int64, at Place, action string, ids []Identifier) error {
	if ids == nil {
		ids = []Identifier{}
	}
	id, err := tx.next(who.Org, "identifier_log", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO identifier_log (org, id, at, customer, source, account, action, identifiers, till) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		who.Org, id, tx.now, customer, at.Source, at.Account, action, toJSON(ids), who.Till)
	return err
}
