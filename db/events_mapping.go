package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// EventMapping defines which pushed events a transformer accepts, and the names they use.
type EventMapping struct {
	Mapped []string                     `json:"mapped,omitempty"` // of defaultTransformer: the definitions that it takes
	Events map[string]string            `json:"events,omitempty"` // of others: the name that is pushed → the definition
	Fields map[string]map[string]string `json:"fields,omitempty"` // definition → the name that is pushed → its field
}

const defaultTransformer = "defaultTransformer"

// SetEventMapping replaces the mapping of a transformer; nil removes it. Without a mapping, the default transformer accepts every
// definition.
func (s *Store) SetEventMapping(ctx context.Context, who Who, transformer string, m *EventMapping) (struct{}, error) {
	return once(ctx, s, who, func(tx *Tx) (out struct{}, err error) {
		if _, err := tx.orgToChange(who.Org); err != nil {
			return out, err
		}
		before, err := tx.eventMapping(who.Org, transformer)
		if err != nil {
			return out, err
		}
		was := sql.NullString{Valid: before != nil}
		if before != nil {
			was.String = toJSON(map[string]any{transformer: before})
		}
		if m == nil && before == nil {
			return out, nil
		}
		if m == nil {
			if _, err := tx.Exec(`DELETE FROM event_mappings WHERE org = $1 AND transformer = $2`, who.Org, transformer); err != nil {
				return out, err
			}
			return out, tx.auditRow(who, "eventMapping.end", "eventMapping", 0, was, "{}")
		}
		is, err := tx.canonicalMapping(who.Org, *m)
		if err != nil {
			return out, err
		}
		if _, err := tx.Exec(`INSERT INTO event_mappings (org, transformer, mapping, modified_on, modified_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (org, transformer) DO UPDATE SET mapping = excluded.mapping, modified_on = excluded.modified_on, modified_by = excluded.modified_by`,
			who.Org, transformer, toJSON(is), tx.now, who.Till); err != nil {
			return out, err
		}
		return out, tx.auditRow(who, "eventMapping.set", "eventMapping", 0, was, toJSON(map[string]any{transformer: is}))
	})
}

// canonicalMapping gives a mapping with the names as definitions spell them, or says what is wrong with it.
func (tx *Tx) canonicalMapping(org int64, m EventMapping) (out EventMapping, err error) {
	for i, name := range m.Mapped {
		d, err := tx.liveDefinition(org, name, fmt.Sprintf("body: eventsMapped[%d]", i))
		if err != nil {
			return out, err
		}
		if !slices.Contains(out.Mapped, d.Name) {
			out.Mapped = append(out.Mapped, d.Name)
		}
	}
	const at = "body: webEngageTransformerData."
	out.Events, out.Fields = map[string]string{}, map[string]map[string]string{}
	reached := map[string]EventDefinition{}
	for _, pushed := range slices.Sorted(maps.Keys(m.Events)) {
		d, err := tx.liveDefinition(org, m.Events[pushed], at+"eventMapper")
		if err != nil {
			return out, err
		}
		out.Events[pushed], reached[fold(d.Name)] = d.Name, d
	}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		d, ok := reached[fold(name)]
		if !ok {
			return out, fault.EventUnknown.With("name", name).At(at + "eventFieldMapper")
		}
		taken, fields := map[string]bool{}, map[string]string{}
		for _, pushed := range slices.Sorted(maps.Keys(m.Fields[name])) {
			to := m.Fields[name][pushed]
			wrong := func(reason string) error {
				return fault.EventFieldInvalid.With("field", to, "reason", reason).At(at + "eventFieldMapper")
			}
			if to != d.customerField().Name && !slices.ContainsFunc(d.Fields, func(f EventField) bool { return f.Name == to }) {
				return out, wrong("the event " + d.Name + " has no such field")
			}
			if taken[to] {
				return out, wrong("two values go to it")
			}
			taken[to], fields[pushed] = true, to
		}
		out.Fields[d.Name] = fields
	}
	return out, nil
}

// eventMapping is the mapping of a transformer, nil when it has none.
func (tx *Tx) eventMapping(org int64, transformer string) (m *EventMapping, err error) {
	var text string
	err = tx.QueryRow(`SELECT mapping FROM event_mappings WHERE org = $1 AND transformer = $2`, org, transformer).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal([]byte(text), &m)
}

// takes reports whether the default transformer accepts events of a name. A nil m accepts all.
func (m *EventMapping) takes(name string) bool {
	return m == nil || slices.ContainsFunc(m.Mapped, func(n string) bool { return fold(n) == fold(name) })
}

func unmapped(name string) error {
	return fault.EventTransformerInvalid.With("reason", "its mapping does not take the event "+name).At("body")
}

// transform renames what a webhook pushed to the names of a definition. A value that the mapping does not name keeps its name.
func (tx *Tx) transform(org int64, transformer string, in *EventInput) error {
	m, err := tx.eventMapping(org, transformer)
	if err != nil {
		return err
	}
	if transformer == defaultTransformer {
		if !m.takes(in.Name) {
			return unmapped(in.Name)
		}
		return nil
	}
	name := ""
	if m != nil {
		name = m.Events[in.Name]
	}
	if name == "" {
		return unmapped(in.Name)
	}
	values := maps.Clone(in.Attributes)
	for pushed := range m.Fields[name] {
		delete(values, pushed)
	}
	for pushed, to := range m.Fields[name] {
		if v, ok := in.Attributes[pushed]; ok {
			values[to] = v
		}
	}
	in.Name, in.Attributes = name, values
	return nil
}
