package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// EventInput is an event as it was sent.
type EventInput struct {
	Name            string
	ID              string // a UUID in lower case, "" to be given one
	Time            string // a date and time, "" for now
	Identifier      Identifier
	Source, Account string
	Till            string // code, "" for the caller's
	Attributes      map[string]string

	pushed  bool  // flat: the customer is named by a field of the definition
	webhook int64 // by which it was pushed
}

// AddedEvent is what became of an event.
type AddedEvent struct {
	ID       string
	Customer int64
	Warnings []*fault.Fault
}

// AddEvents processes events one after the other in one transaction; each stands alone.
func (s *Store) AddEvents(ctx context.Context, who Who, in []EventInput) ([]Item[AddedEvent], error) {
	return bulk(ctx, s, who, len(in), func(tx *Tx, i int) (AddedEvent, error) {
		var t eventTrace
		return tx.addEvent(who, in[i], &t)
	})
}

// newEvent is an event being added.
type newEvent struct {
	EventInput
	d        EventDefinition
	values   map[string]string
	key      string
	customer int64
	at       int64
	till     int64
	outcome  string
}

// The outcomes of events.
const (
	eventDone      = "DONE"
	eventDuplicate = "DUPLICATE"
	eventFailed    = "FAILED"
)

// addEvent validates and stores an event. t records what it passed and where it failed.
func (tx *Tx) addEvent(who Who, in EventInput, t *eventTrace) (out AddedEvent, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	if err := tx.roomForEvent(o, who.Org); err != nil {
		return out, err
	}
	e := newEvent{EventInput: in, outcome: eventDone}
	if e.d, err = tx.liveDefinition(who.Org, in.Name, in.place("eventName")); err != nil {
		return out, err
	}
	if err := tx.judgeEvent(o, who, &e, t, &out); err != nil {
		return out, err
	}
	if out.ID = e.ID; e.ID == "" {
		if out.ID, err = tx.s.newUUID(); err != nil {
			return out, err
		}
	}
	if t.Of, e.customer, err = tx.sameEvent(who.Org, e.ID); err != nil {
		return out, err
	}
	if t.Of == "" {
		w, err := tx.customerOfEvent(o, who, &e, t)
		if err != nil {
			return out, err
		}
		out.Warnings = append(out.Warnings, w...)
		if e.key = e.d.uniqueKey(e.values); e.key != "" {
			if t.Of, err = tx.equalEvent(who.Org, &e); err != nil {
				return out, err
			}
		}
	}
	if out.Customer = e.customer; t.Of != "" {
		e.outcome = eventDuplicate
		out.Warnings = append(out.Warnings, fault.EventDuplicate.With("id", t.Of))
	} else {
		t.Actions = e.d.Actions
		if !e.d.Published {
			if _, err := tx.Exec(`UPDATE event_definitions SET published_on = $3 WHERE org = $1 AND id = $2`, who.Org, e.d.ID, tx.now); err != nil {
				return out, err
			}
		}
	}
	return out, tx.storeEvent(who.Org, out.ID, &e, t)
}

// place is the place of a part of the event, for faults.
func (in *EventInput) place(name string) string {
	if in.pushed {
		return "body"
	}
	return "body: " + name
}

// roomForEvent bounds the events of a sandbox, whose changes are otherwise counted by audit rows; events leave none.
func (tx *Tx) roomForEvent(o *orgConfig, org int64) error {
	if o.maxChanges == 0 {
		return nil
	}
	var n int64
	if err := tx.QueryRow(`SELECT count(*) FROM events WHERE org = $1`, org).Scan(&n); err != nil {
		return err
	}
	if n >= o.maxChanges {
		return fault.SandboxFull.New()
	}
	return nil
}

// judgeEvent validates all of an event except its customer.
func (tx *Tx) judgeEvent(o *orgConfig, who Who, e *newEvent, t *eventTrace, out *AddedEvent) error {
	c := e.d.customerField()
	if e.pushed {
		e.Identifier = Identifier{cmp.Or(c.Attributes["identifierType"].Value, "mobile"), strings.TrimSpace(e.Attributes[c.Name])}
		e.Source, e.Account = cmp.Or(c.Attributes["source"].Value, "INSTORE"), c.Attributes["accountId"].Value
	}
	j, err := e.d.judge(e.Attributes, func(typ, code string) (there bool, err error) {
		if typ == "tillCode" {
			return o.tillID[strings.ToLower(code)] != 0, nil
		}
		err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM coupons WHERE org = $1 AND code = $2)`, who.Org, strings.ToUpper(code)).Scan(&there)
		return there, err
	})
	t.Fields, t.Failed = j.passed, j.failed
	if err != nil {
		return err
	}
	for _, name := range j.unknown {
		if !e.pushed || name != c.Name {
			out.Warnings = append(out.Warnings, fault.EventFieldUnknown.With("field", name).At("body: attributes"))
		}
	}
	e.values, e.at, e.till = j.values, tx.now, who.Till
	wrong := func(field, reason string) error {
		t.Failed = field
		return fault.EventFieldInvalid.With("field", field, "reason", reason).At(e.place(field))
	}
	if e.Time != "" {
		when, ok := parseTime(e.Time, o.TimeZone)
		if !ok || when.UnixMilli() < 0 || when.UnixMilli() > tx.now+eventAhead*time.Hour.Milliseconds() {
			return wrong("eventTime", "a date and time that is not ahead is expected")
		}
		e.at = when.UnixMilli()
	}
	code := e.Till
	for i := range e.d.Fields {
		if f := &e.d.Fields[i]; code == "" && f.Type == "tillCode" {
			code = e.values[f.Name]
		}
	}
	if code != "" {
		if e.till = o.tillID[strings.ToLower(code)]; e.till == 0 {
			return wrong("tillCode", "there is no such till")
		}
	}
	if e.pushed && e.Identifier.Value == "" {
		t.Failed = c.Name
		return fault.EventFieldMissing.With("field", c.Name).At("body")
	}
	return nil
}

// sameEvent finds the event that took effect under this id; "" for none.
func (tx *Tx) sameEvent(org int64, id string) (of string, customer int64, err error) {
	if id == "" {
		return "", 0, nil
	}
	err = tx.QueryRow(`SELECT event_id, customer FROM events WHERE org = $1 AND event_id = $2 AND outcome = 'DONE'`, org, id).Scan(&of, &customer)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return of, customer, err
}

// equalEvent finds the event with the same unique key that took effect for the customer, or for somebody merged into them.
func (tx *Tx) equalEvent(org int64, e *newEvent) (of string, err error) {
	err = tx.QueryRow(`SELECT event_id FROM events WHERE org = $1 AND `+andVictims+` AND definition = $3 AND unique_key = $4 AND outcome = 'DONE' ORDER BY id LIMIT 1`,
		org, e.customer, e.d.ID, e.key).Scan(&of)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return of, err
}

// customerOfEvent finds the customer of the event, or registers them if the definition says so: as Register Customer does, with a
// profile that has only the identifier.
func (tx *Tx) customerOfEvent(o *orgConfig, who Who, e *newEvent, t *eventTrace) (warnings []*fault.Fault, err error) {
	c := e.d.customerField()
	found, err := tx.lookup(o, who.Org, e.Source, e.Account, e.Identifier, fault.SourceInvalid)
	nobody := fault.Is(err, fault.CustomerNotFound) || fault.Is(err, fault.NotInSource)
	switch {
	case err == nil:
		e.customer = found.ID
		return found.Warnings, nil
	case nobody && c.is("addCustomerIfNotExists"):
		registered, err := tx.register(who, e.Source, e.Account, ProfileInput{Identifiers: []Identifier{e.Identifier}}, CustomerInput{})
		if err != nil {
			return nil, e.ofCustomer(err, t)
		}
		e.customer, t.Registered = registered.ID, true
		return inEvent(registered.Warnings, e), nil
	}
	return nil, e.ofCustomer(err, t)
}

// ofCustomer sets the place of a fault about the customer.
func (e *newEvent) ofCustomer(err error, t *eventTrace) error {
	f, ok := fault.Of(err)
	if !ok || f.Family == "http" {
		return err
	}
	if t.Failed = "identifierValue"; e.pushed {
		t.Failed = e.d.customerField().Name
	}
	return f.At(e.placeOfCustomer(f.Place()))
}

func (e *newEvent) placeOfCustomer(place string) string {
	for _, name := range []string{"source", "accountId"} {
		if strings.HasSuffix(place, name) {
			return e.place(name)
		}
	}
	return e.place("identifierValue")
}

func inEvent(warnings []*fault.Fault, e *newEvent) []*fault.Fault {
	for i, w := range warnings {
		if w.Place() != "" {
			warnings[i] = w.At(e.placeOfCustomer(w.Place()))
		}
	}
	return warnings
}

func (tx *Tx) storeEvent(org int64, id string, e *newEvent, t *eventTrace) error {
	row, err := tx.next(org, "events", 1)
	if err != nil {
		return err
	}
	if e.outcome != eventDone {
		e.key = ""
	}
	values := e.values
	if values == nil {
		values = map[string]string{}
	}
	_, err = tx.Exec(`INSERT INTO events (org, id, event_id, definition, name, customer, at, received, source, account, till, webhook, attributes, unique_key, outcome, trace)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		org, row, id, orNull(e.d.ID), cmp.Or(e.d.Name, e.Name), orNull(e.customer), e.at, tx.now, e.Source, e.Account, e.till, orNull(e.webhook), toJSON(values), e.key, e.outcome, toJSON(t))
	return err
}
