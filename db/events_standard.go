package db

import (
	"context"
	"database/sql"
	"slices"

	"github.com/arteriole/arteriole/fault"
)

// standardEvents are definitions to begin with.
var standardEvents = []EventDefinitionInput{
	{Name: "ProductViewed", Label: "Product viewed", Description: "A customer looks at a product", Actions: []string{"EIConsumer"}, Fields: []EventField{
		needed(EventField{Name: "product", Type: "productSku"}), {Name: "brand", Type: "productBrand"}, {Name: "category", Type: "productCategory"}}},
	{Name: "CartAbandoned", Label: "Cart abandoned", Description: "A customer leaves a cart behind", Actions: []string{"EIConsumer"}, Fields: []EventField{
		unique(needed(EventField{Name: "cart", Type: "string"})), {Name: "value", Type: "double"}}},
	{Name: "StoreVisited", Label: "Store visited", Description: "A customer comes to a store", Actions: []string{"EIConsumer"}, Fields: []EventField{
		needed(EventField{Name: "till", Type: "tillCode"})}},
}

func needed(f EventField) EventField { return f.with("isRequired") }
func unique(f EventField) EventField { return f.with("isUniqueKeyField") }

func (f EventField) with(attribute string) EventField {
	all := map[string]EventAttribute{attribute: {"Boolean", "true"}}
	for name, a := range f.Attributes {
		all[name] = a
	}
	f.Attributes = all
	return f
}

// EventAttributesOf are the attributes that a field of a type can have, and the kind of their values.
func EventAttributesOf(fieldType string) map[string]string {
	out := map[string]string{}
	for name, kind := range eventAttributeTypes {
		value := map[string]string{"Boolean": "true", "ENUM": "mobile"}[kind]
		if name == "source" {
			value = "INSTORE"
		}
		if name == "enumValues" {
			value = "x"
		}
		f := EventField{Name: "x", Type: fieldType, Attributes: map[string]EventAttribute{name: {kind, value}}}
		if fieldType == "enum" {
			f.Attributes["enumValues"] = EventAttribute{"String", "x"}
		}
		if _, err := f.canonicalAttributes(); err == nil {
			out[name] = kind
		}
	}
	return out
}

// StandardEvents are the definitions to begin with, and the names of those that the org has enabled.
func (s *Store) StandardEvents(ctx context.Context, who Who) (all []EventDefinitionInput, enabled []string, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		enabled, err = column[string](tx, `SELECT name FROM event_definitions WHERE org = $1 AND standard = 1 AND disabled_on IS NULL`, who.Org)
		return err
	})
	return slices.Clone(standardEvents), enabled, err
}

// EnableStandardEvent makes a definition of the standard event of a name. One that was disabled takes events again as it is: its
// name is taken, and there is no other way back.
func (s *Store) EnableStandardEvent(ctx context.Context, who Who, name string) (struct{}, error) {
	const place = "query: event_name"
	return once(ctx, s, who, func(tx *Tx) (out struct{}, err error) {
		i := slices.IndexFunc(standardEvents, func(in EventDefinitionInput) bool { return fold(in.Name) == fold(name) })
		if i < 0 {
			return out, fault.EventUnknown.With("name", name).At(place)
		}
		d, err := tx.liveDefinition(who.Org, name, place)
		if fault.Is(err, fault.EventDisabled) && d.Standard {
			return out, tx.enableAgain(who, d)
		}
		if err := tx.addEventDefinition(who, standardEvents[i], place); err != nil {
			return out, err
		}
		_, err = tx.Exec(`UPDATE event_definitions SET standard = 1 WHERE org = $1 AND name_key = $2`, who.Org, fold(name))
		return out, err
	})
}

func (tx *Tx) enableAgain(who Who, d EventDefinition) error {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return err
	}
	if err := tx.roomForDefinition(o, who.Org); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE event_definitions SET disabled_on = NULL, modified_on = $3, modified_by = $4 WHERE org = $1 AND id = $2`, who.Org, d.ID, tx.now, who.Till)
	if err != nil {
		return err
	}
	return tx.auditRow(who, "eventDefinition.enable", "eventDefinition", d.ID, sql.NullString{String: `{"disabled":true}`, Valid: true}, `{"disabled":false}`)
}
