package db

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Event is an event as it is stored.
type Event struct {
	EventID         string
	Name            string
	Customer        int64 // after merges; 0 of a FAILED one
	At, Received    time.Time
	Source, Account string
	Till            EntityRef
	Attributes      map[string]string
	Outcome         string   // DONE, DUPLICATE or FAILED
	Hidden          []string // attributes that the definition marks as isPsiData
	trace           eventTrace
}

// States are the steps of its processing.
func (e *Event) States() []EventState { return e.trace.states(e.Name) }

// maxSameID is how many events of one event id are read.
const maxSameID = 100

// EventsByID reads the events that came with an event id: the one that had an effect, and its repeats.
func (s *Store) EventsByID(ctx context.Context, who Who, id string) (list []Event, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if list, err = tx.eventRows(o, `e.org = $1 AND e.event_id = $2 ORDER BY e.id LIMIT $3`, who.Org, id, maxSameID); err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.EventNotFound.With("id", id)
		}
		return nil
	})
	return list, err
}

// CustomerEvents reads the events of a customer, and of those who were merged into them, the last one first.
func (s *Store) CustomerEvents(ctx context.Context, who Who, id int64, page Page) (list []Event, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if _, err := tx.present(o, who.Org, id); err != nil {
			return err
		}
		list, err = tx.eventRows(o, `e.org = $1 AND e.`+andVictims+` ORDER BY e.id DESC LIMIT $3 OFFSET $4`, who.Org, id, page.Limit, page.Offset)
		return err
	})
	return list, err
}

// eventRows reads those that fit a condition, with $1 for the org.
func (tx *Tx) eventRows(o *orgConfig, fit string, args ...any) (list []Event, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var e Event
		var at, received, till int64
		var attributes, trace, fields string
		err := scan(&e.EventID, &e.Name, &e.Customer, &at, &received, &e.Source, &e.Account, &till, &attributes, &e.Outcome, &trace, &fields)
		if err != nil {
			return err
		}
		e.At, e.Received, e.Till = o.time(at), o.time(received), o.by(till)
		var all []EventField
		err = errors.Join(json.Unmarshal([]byte(attributes), &e.Attributes), json.Unmarshal([]byte(trace), &e.trace), json.Unmarshal([]byte(fields), &all))
		for _, f := range all {
			if f.is("isPsiData") {
				e.Hidden = append(e.Hidden, f.Name)
			}
		}
		list = append(list, e)
		return err
	}, `SELECT e.event_id, e.name, coalesce(c.merged_into, e.customer, 0), e.at, e.received, e.source, e.account, e.till, e.attributes, e.outcome, e.trace, coalesce(d.fields, '[]')
		FROM events e LEFT JOIN event_definitions d ON d.org = e.org AND d.id = e.definition LEFT JOIN customers c ON c.org = e.org AND c.id = e.customer
		WHERE `+fit, args...)
	return list, err
}
