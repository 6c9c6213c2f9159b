package db

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// What is done to definitions and webhooks is in the audit trail, with what has changed and without the secret.
func TestEventsAreAudited(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	ctx := context.Background()
	definition := EventDefinitionInput{Name: "X", Label: "L", Actions: []string{"EIConsumer"}, Fields: []EventField{{Name: "a", Type: "string"}}}
	for _, do := range []func() error{
		func() error { _, err := s.AddEventDefinition(ctx, who, definition); return err },
		func() error {
			definition.Name, definition.Label, definition.Fields = "x", "", []EventField{{Name: "a", Type: "double"}}
			_, err := s.ReplaceEventDefinition(ctx, who, definition)
			return err
		},
		func() error { _, err := s.DisableEventDefinition(ctx, who, "X"); return err },
		func() error { _, err := s.DisableEventWebhook(ctx, who, 1); return err },
		func() error {
			_, err := s.AddEventWebhook(ctx, who, "defaultTransformer", "store.till1", HashKey("s"))
			return err
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := s.read(ctx, func(tx *Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var action, before, after string
			var subject, till int64
			err := scan(&action, &subject, &till, &before, &after)
			got = append(got, fmt.Sprintln(action, subject, till, before, after))
			return err
		}, `SELECT action, subject, till, coalesce(before, '-'), after FROM audit WHERE org = 1 AND kind IN ('eventDefinition', 'eventWebhook') AND request = 'TEST' ORDER BY id`)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`eventDefinition.add 2 1 - {"actions":["EIConsumer"],"eventName":"X","fields/a":{"name":"a","type":"string"},"label":"L"}` + "\n",
		`eventDefinition.replace 2 1 {"fields/a":{"name":"a","type":"string"},"label":"L"} {"fields/a":{"name":"a","type":"double"}}` + "\n",
		`eventDefinition.disable 2 1 {"disabled":false} {"disabled":true}` + "\n",
		`eventWebhook.disable 1 1 {"disabled":false} {"disabled":true}` + "\n",
		`eventWebhook.add 2 1 - {"tillCode":"store.till1","transformerType":"defaultTransformer"}` + "\n",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The database itself lets one event of an id, and of a unique key, have an effect.
func TestTheDatabaseKeepsEventsOnce(t *testing.T) {
	t.Parallel()
	s, _ := openDemo(t)
	for column, value := range map[string]string{"event_id": "event_id", "unique_key": "'00000000-0000-4000-8000-000000000001'"} {
		err := s.write(context.Background(), func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO events SELECT org, 99, ` + value + `, definition, name, customer, at, received, source, account, till, webhook, attributes,
				CASE WHEN '` + column + `' = 'event_id' THEN 'other' ELSE unique_key END, outcome, trace FROM events WHERE org = 1 AND id = 1`)
			return err
		})
		if !taken(err) {
			t.Errorf("a second event with the same %s: %v", column, err)
		}
	}
}
