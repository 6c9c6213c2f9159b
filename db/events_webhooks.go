package db

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// EventWebhook is an address that accepts events without credentials.
type EventWebhook struct {
	ID          int64
	Transformer string
	Till        EntityRef // in whose name events come
	CreatedOn   time.Time
	Disabled    bool
	Hash        string // HashKey of the secret in the address
}

// AddEventWebhook creates a webhook whose secret has this HashKey. A transformer has one at a time (our rule 104).
func (s *Store) AddEventWebhook(ctx context.Context, who Who, transformer, till, hash string) (EventWebhook, error) {
	return once(ctx, s, who, func(tx *Tx) (w EventWebhook, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return w, err
		}
		return tx.addEventWebhook(o, who, transformer, till, hash)
	})
}

func (tx *Tx) addEventWebhook(o *orgConfig, who Who, transformer, till, hash string) (w EventWebhook, err error) {
	id := o.tillID[strings.ToLower(strings.TrimSpace(till))]
	if id == 0 {
		return w, fault.EventTillUnknown.At("body: tillCode")
	}
	if m, err := tx.eventMapping(who.Org, transformer); err != nil {
		return w, err
	} else if m == nil && transformer != defaultTransformer {
		return w, fault.EventTransformerInvalid.With("reason", "it has no mapping yet").At("body: transformerType")
	}
	w = EventWebhook{Transformer: transformer, Till: o.by(id), CreatedOn: o.time(tx.now), Hash: hash}
	if w.ID, err = tx.next(who.Org, "event_webhooks", 1); err != nil {
		return w, err
	}
	_, err = tx.Exec(`INSERT INTO event_webhooks (org, id, transformer, till, hash, created_on, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		who.Org, w.ID, transformer, id, hash, tx.now, who.Till)
	if taken(err) {
		return w, fault.EventWebhookExists.With("transformer", transformer).At("body: transformerType").Because(err)
	}
	if err != nil {
		return w, err
	}
	return w, tx.auditRow(who, "eventWebhook.add", "eventWebhook", w.ID, sql.NullString{}, toJSON(map[string]string{"transformerType": transformer, "tillCode": w.Till.Code}))
}

// EventWebhooks lists webhooks, those that were disabled too.
func (s *Store) EventWebhooks(ctx context.Context, who Who, page Page) (list []EventWebhook, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			var w EventWebhook
			var till, created int64
			err := scan(&w.ID, &w.Transformer, &till, &created, &w.Disabled)
			w.Till, w.CreatedOn = o.by(till), o.time(created)
			list = append(list, w)
			return err
		}, `SELECT id, transformer, till, created_on, disabled_on IS NOT NULL FROM event_webhooks WHERE org = $1 ORDER BY id LIMIT $2 OFFSET $3`, who.Org, page.Limit, page.Offset)
	})
	return list, err
}

// DisableEventWebhook ends a webhook, at once and for good.
func (s *Store) DisableEventWebhook(ctx context.Context, who Who, id int64) (w EventWebhook, err error) {
	return once(ctx, s, who, func(tx *Tx) (w EventWebhook, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return w, err
		}
		var till, created int64
		err = tx.QueryRow(`UPDATE event_webhooks SET disabled_on = $3 WHERE org = $1 AND id = $2 AND disabled_on IS NULL RETURNING id, transformer, till, created_on`, who.Org, id, tx.now).
			Scan(&w.ID, &w.Transformer, &till, &created)
		if errors.Is(err, sql.ErrNoRows) {
			return w, fault.EventWebhookNotFound.At("body: webHookId")
		}
		if err != nil {
			return w, err
		}
		w.Till, w.CreatedOn, w.Disabled = o.by(till), o.time(created), true
		return w, tx.auditRow(who, "eventWebhook.disable", "eventWebhook", id, sql.NullString{String: `{"disabled":false}`, Valid: true}, `{"disabled":true}`)
	})
}

// openWebhook finds the webhook of a secret, while it and its till are in use.
func (tx *Tx) openWebhook(hash string) (who Who, id int64, transformer string, err error) {
	var stored string
	var till int64
	err = tx.QueryRow(`SELECT org, id, till, hash, transformer FROM event_webhooks WHERE hash = $1 AND disabled_on IS NULL`, hash).Scan(&who.Org, &id, &till, &stored, &transformer)
	if errors.Is(err, sql.ErrNoRows) || err == nil && subtle.ConstantTimeCompare([]byte(stored), []byte(hash)) != 1 {
		return who, 0, "", fault.EventWebhookNotFound.New()
	}
	if err != nil {
		return who, 0, "", err
	}
	o, err := tx.org(who.Org)
	if err != nil {
		return who, 0, "", err
	}
	who.Till, who.TillCode = till, o.by(till).Code
	if o.tillID[strings.ToLower(who.TillCode)] != till { // disabled
		return who, 0, "", fault.EventWebhookNotFound.New()
	}
	return who, id, transformer, nil
}

// PushEvent accepts an event through a webhook, whose secret has this HashKey, with its name and values as sent. An invalid event
// is stored with its trace and without its values (our rule 105), and the returned id leads to it; so the faults are only those of
// the webhook. Of the caller only RequestID and Once are used.
func (s *Store) PushEvent(ctx context.Context, caller Who, hash, name string, values map[string]string) (id string, err error) {
	// Guesses of a secret must not reach the writer.
	var owner Who
	err = s.read(ctx, func(tx *Tx) (err error) {
		owner, _, _, err = tx.openWebhook(hash)
		return err
	})
	if err != nil {
		return "", err
	}
	owner.RequestID, owner.Once = caller.RequestID, caller.Once
	return once(ctx, s, owner, func(tx *Tx) (id string, err error) {
		who, webhook, transformer, err := tx.openWebhook(hash)
		if err != nil {
			return "", err
		}
		who.RequestID = caller.RequestID
		var t eventTrace
		var added AddedEvent
		in := EventInput{Name: name, Attributes: values, pushed: true, webhook: webhook}
		err = tx.alone(func(tx *Tx) (err error) {
			t = eventTrace{}
			e := in
			if err = tx.transform(who.Org, transformer, &e); err == nil {
				added, err = tx.addEvent(who, e, &t)
			}
			return err
		})
		id = added.ID
		f, ok := fault.Of(err)
		if err == nil || !ok || f.Family == "http" || f.Code == fault.SandboxFull {
			return id, err
		}
		// Invalid events are stored, and count, too.
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return "", err
		}
		if err := tx.roomForEvent(o, who.Org); err != nil {
			return "", err
		}
		if id, err = tx.s.newUUID(); err != nil {
			return "", err
		}
		t.Code = f.Number
		if !goodEventName(name) {
			in.Name = ""
		}
		failed := newEvent{EventInput: EventInput{Name: in.Name, webhook: webhook}, at: tx.now, till: who.Till, outcome: eventFailed}
		return id, tx.storeEvent(who.Org, id, &failed, &t)
	})
}
