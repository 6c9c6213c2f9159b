package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// EventDefinition is the stored definition of the events of a name.
type EventDefinition struct {
	EventDefinitionInput
	ID        int64
	UUID      string
	CreatedOn time.Time
	Published bool // an event of it came
	Standard  bool // made from the list of standard events
	Mapped    bool // the default transformer takes it; only of EventDefinitions
	Disabled  bool
}

// AddEventDefinition makes a definition.
func (s *Store) AddEventDefinition(ctx context.Context, who Who, in EventDefinitionInput) (struct{}, error) {
	return once(ctx, s, who, func(tx *Tx) (struct{}, error) { return struct{}{}, tx.addEventDefinition(who, in, "body: eventName") })
}

// addEventDefinition creates a definition; place is where the request states its name.
func (tx *Tx) addEventDefinition(who Who, in EventDefinitionInput, place string) error {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return err
	}
	if in, err = in.canonical(); err != nil {
		return err
	}
	if err := tx.roomForDefinition(o, who.Org); err != nil {
		return err
	}
	id, err := tx.next(who.Org, "event_definitions", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO event_definitions (org, id, uuid, name, name_key, label, description, actions, fields, created_on, created_by, modified_on, modified_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $11)`,
		who.Org, id, definitionUUID(id, in.Name), in.Name, fold(in.Name), in.Label, in.Description, toJSON(in.Actions), toJSON(in.Fields), tx.now, who.Till)
	if taken(err) {
		return fault.EventExists.With("name", in.Name).At(place).Because(err)
	}
	if err != nil {
		return err
	}
	return tx.auditRow(who, "eventDefinition.add", "eventDefinition", id, sql.NullString{}, toJSON(in.audited()))
}

func (tx *Tx) roomForDefinition(o *orgConfig, org int64) error {
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM event_definitions WHERE org = $1 AND disabled_on IS NULL`, org).Scan(&n); err != nil {
		return err
	}
	if n >= o.EventDefinitions {
		return fault.EventDefinitionsFull.With("max", o.EventDefinitions)
	}
	return nil
}

// ReplaceEventDefinition replaces the content of a definition. What published events depend on cannot change.
func (s *Store) ReplaceEventDefinition(ctx context.Context, who Who, in EventDefinitionInput) (struct{}, error) {
	return once(ctx, s, who, func(tx *Tx) (out struct{}, err error) {
		if _, err := tx.orgToChange(who.Org); err != nil {
			return out, err
		}
		if in, err = in.canonical(); err != nil {
			return out, err
		}
		d, err := tx.liveDefinition(who.Org, in.Name, "body: eventName")
		if err != nil {
			return out, err
		}
		if d.Published {
			if err := d.frozen(&in); err != nil {
				return out, err
			}
		}
		in.Name = d.Name // the first spelling stays
		_, err = tx.Exec(`UPDATE event_definitions SET label = $3, description = $4, actions = $5, fields = $6, modified_on = $7, modified_by = $8 WHERE org = $1 AND id = $2`,
			who.Org, d.ID, in.Label, in.Description, toJSON(in.Actions), toJSON(in.Fields), tx.now, who.Till)
		if err != nil {
			return out, err
		}
		was, now, err := differing(sql.NullString{String: toJSON(d.audited()), Valid: true}, toJSON(in.audited()))
		if err != nil {
			return out, err
		}
		return out, tx.auditRow(who, "eventDefinition.replace", "eventDefinition", d.ID, was, now)
	})
}

// DisableEventDefinition stops events of a name from being accepted: for good, unless it is a standard one, which
// EnableStandardEvent brings back.
func (s *Store) DisableEventDefinition(ctx context.Context, who Who, name string) (struct{}, error) {
	return once(ctx, s, who, func(tx *Tx) (out struct{}, err error) {
		if _, err := tx.orgToChange(who.Org); err != nil {
			return out, err
		}
		d, err := tx.liveDefinition(who.Org, name, "query: event_name")
		if err != nil {
			return out, err
		}
		_, err = tx.Exec(`UPDATE event_definitions SET disabled_on = $3, modified_on = $3, modified_by = $4 WHERE org = $1 AND id = $2`, who.Org, d.ID, tx.now, who.Till)
		if err != nil {
			return out, err
		}
		return out, tx.auditRow(who, "eventDefinition.disable", "eventDefinition", d.ID, sql.NullString{String: `{"disabled":false}`, Valid: true}, `{"disabled":true}`)
	})
}

// EventDefinitions lists definitions in the order in which they were made.
func (s *Store) EventDefinitions(ctx context.Context, who Who, page Page) (list []EventDefinition, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		m, err := tx.eventMapping(who.Org, defaultTransformer)
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			d, err := scanDefinition(scan)
			d.Mapped = m.takes(d.Name)
			d.CreatedOn = d.CreatedOn.In(o.TimeZone)
			list = append(list, d)
			return err
		}, `SELECT `+definitionColumns+` FROM event_definitions WHERE org = $1 ORDER BY id LIMIT $2 OFFSET $3`, who.Org, page.Limit, page.Offset)
	})
	return list, err
}

const definitionColumns = `id, uuid, name, label, description, actions, fields, created_on, published_on IS NOT NULL, disabled_on IS NOT NULL, standard`

func scanDefinition(scan func(...any) error) (d EventDefinition, err error) {
	var actions, fields string
	var created int64
	if err := scan(&d.ID, &d.UUID, &d.Name, &d.Label, &d.Description, &actions, &fields, &created, &d.Published, &d.Disabled, &d.Standard); err != nil {
		return d, err
	}
	d.CreatedOn = time.UnixMilli(created)
	return d, errors.Join(json.Unmarshal([]byte(actions), &d.Actions), json.Unmarshal([]byte(fields), &d.Fields))
}

// liveDefinition finds a definition that accepts events, by its name in any case.
func (tx *Tx) liveDefinition(org int64, name, place string) (d EventDefinition, err error) {
	d, err = scanDefinition(tx.QueryRow(`SELECT `+definitionColumns+` FROM event_definitions WHERE org = $1 AND name_key = $2`, org, fold(name)).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return d, fault.EventUnknown.With("name", name).At(place)
	case err == nil && d.Disabled:
		return d, fault.EventDisabled.With("name", d.Name).At(place)
	}
	return d, err
}

// audited are the fields of a definition that the audit trail tells of.
func (in *EventDefinitionInput) audited() map[string]any {
	all := map[string]any{"eventName": in.Name, "actions": in.Actions}
	for _, f := range in.Fields {
		all["fields/"+step(f.Name)] = f
	}
	for name, v := range map[string]string{"label": in.Label, "description": in.Description} {
		if v != "" {
			all[name] = v
		}
	}
	return all
}

// definitionUUID is deterministic, so that the printed examples hold on every machine. It is no secret.
func definitionUUID(id int64, name string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "event definition %d: %s", id, fold(name)))
	return formUUID(sum[:16], 8)
}

// newUUID is a random one (RFC 9562, version 4).
func (s *Store) newUUID() (string, error) {
	var b [16]byte
	_, err := io.ReadFull(s.random, b[:])
	return formUUID(b[:], 4), err
}

func formUUID(b []byte, version byte) string {
	b[6], b[8] = b[6]&0x0f|version<<4, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
