package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

const (
	webhookLife  = 3 * 24 * time.Hour  // a delivery is tried for so long
	webhookKept  = 7 * 24 * time.Hour  // and can be looked at and replayed for so long
	webhookWaits = 30 * 24 * time.Hour // what was not tried yet is kept for so long
	webhookRests = 5                   // failures in a row, after which a webhook rests
	maxRest      = 5 * time.Minute
	maxPause     = time.Hour
)

// Delivery is one change for one webhook.
type Delivery struct {
	Org, Webhook, Event int64
	Customer            int64
	Kind                string // one of WebhookEvents
	Body                string // JSON
	OccurredOn          time.Time
	Status              string // one of WebhookStates
	Attempts            int64
	LastOn              *time.Time // of the last attempt
	NextOn              time.Time  // of the next, while it is pending
	Answer              int64      // HTTP status of the last answer, 0 for none
	Problem             string     // of the last attempt; "" for none

	URL, Secret string // only of DueDeliveries
}

// A delivery that waits behind another of its customer is not sent before that one.
const selectDelivery = `SELECT d.org, d.webhook, d.event, d.customer, e.event, e.body, e.at, d.status, d.attempts, d.last_at,
	CASE WHEN d.head = 1 OR d.status <> 'PENDING' THEN d.next_at ELSE max(d.next_at, ifnull((SELECT x.next_at FROM webhook_deliveries x
		WHERE x.org = d.org AND x.webhook = d.webhook AND x.customer = d.customer AND x.customer <> 0 AND x.head = 1), 0)) END, d.answer, d.problem
	FROM webhook_deliveries d JOIN webhook_events e ON e.org = d.org AND e.id = d.event WHERE d.org = $1 AND d.webhook = $2`

func scanDelivery(zone *time.Location, scan func(...any) error) (d Delivery, err error) {
	var at, next int64
	var last sql.NullInt64
	err = scan(&d.Org, &d.Webhook, &d.Event, &d.Customer, &d.Kind, &d.Body, &at, &d.Status, &d.Attempts, &last, &next, &d.Answer, &d.Problem)
	d.OccurredOn, d.NextOn = time.UnixMilli(at).In(zone), time.UnixMilli(next).In(zone)
	if last.Valid {
		on := time.UnixMilli(last.Int64).In(zone)
		d.LastOn = &on
	}
	return d, err
}

// Deliveries lists the deliveries of a webhook, newest first, in one state or in any (""), with their number, counted up to
// 10,000.
func (s *Store) Deliveries(ctx context.Context, who Who, webhook int64, status string, p Page) (ds []Delivery, total int, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		ds = []Delivery{}
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if _, err := tx.webhook(o, who.Org, webhook); err != nil {
			return err
		}
		each := func(scan func(...any) error) error {
			d, err := scanDelivery(o.TimeZone, scan)
			ds = append(ds, d)
			return err
		}
		if status == "" {
			if err := tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE org = $1 AND webhook = $2 LIMIT 10000)`, who.Org, webhook).Scan(&total); err != nil {
				return err
			}
			return tx.Each(each, selectDelivery+` ORDER BY d.event DESC LIMIT $3 OFFSET $4`, who.Org, webhook, p.Limit, p.Offset)
		}
		if err := tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE org = $1 AND webhook = $2 AND status = $3 LIMIT 10000)`, who.Org, webhook, status).Scan(&total); err != nil {
			return err
		}
		return tx.Each(each, selectDelivery+` AND d.status = $5 ORDER BY d.event DESC LIMIT $3 OFFSET $4`, who.Org, webhook, p.Limit, p.Offset, status)
	})
	return ds, total, err
}

// ReplayDeliveries sends deliveries of a webhook again, whatever their state, by the ids of their events. WebhookDeliveryNotFound
// names the first that is not kept; then none is sent.
func (s *Store) ReplayDeliveries(ctx context.Context, who Who, webhook int64, events []int64) (ds []Delivery, err error) {
	return once(ctx, s, who, func(tx *Tx) (ds []Delivery, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return nil, err
		}
		w, err := tx.webhook(o, who.Org, webhook)
		if err != nil {
			return nil, err
		}
		if w.DisabledOn != nil {
			return nil, fault.WebhookNotFound.With("id", webhook)
		}
		for _, id := range events {
			var customer int64
			err := tx.QueryRow(`UPDATE webhook_deliveries SET status = 'PENDING', attempts = 0, next_at = $4, head = head OR customer = 0 WHERE org = $1 AND webhook = $2 AND event = $3 RETURNING customer`,
				who.Org, webhook, id, tx.now).Scan(&customer)
			if errors.Is(err, sql.ErrNoRows) {
				err = fault.WebhookDeliveryNotFound.With("id", id)
			}
			if err != nil {
				return nil, err
			}
			if err := tx.markHead(who.Org, webhook, customer); err != nil {
				return nil, err
			}
			d, err := scanDelivery(o.TimeZone, tx.QueryRow(selectDelivery+` AND d.event = $3`, who.Org, webhook, id).Scan)
			if err != nil {
				return nil, err
			}
			ds = append(ds, d)
		}
		return ds, tx.auditRow(who, "webhook.replay", "webhook", webhook, sql.NullString{}, toJSON(map[string]any{"deliveries": len(events)}))
	})
}

// DueDeliveries returns what may be sent now: of each webhook that does not rest, at most each, and of each customer only the
// oldest pending delivery, so that they arrive in order; those of nobody do not wait for each other. Sandboxes send nothing: a
// visitor could have the server call any address.
func (s *Store) DueDeliveries(ctx context.Context, each int) (due []Delivery, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		due = nil
		var ws []Delivery
		if err := tx.Each(func(scan func(...any) error) error {
			var w Delivery
			err := scan(&w.Org, &w.Webhook, &w.URL, &w.Secret)
			ws = append(ws, w)
			return err
		}, `SELECT org, id, url, secret FROM webhooks WHERE disabled_on IS NULL AND rests_until <= $1 AND org NOT IN (SELECT org FROM sandboxes)`, tx.now); err != nil {
			return err
		}
		for _, w := range ws {
			if err := tx.Each(func(scan func(...any) error) error {
				d, err := scanDelivery(time.UTC, scan)
				d.URL, d.Secret = w.URL, w.Secret
				due = append(due, d)
				return err
			}, selectDelivery+` AND d.head = 1 AND d.next_at <= $3
				ORDER BY d.next_at, d.event LIMIT $4`, w.Org, w.Webhook, tx.now, each); err != nil {
				return err
			}
		}
		return nil
	})
	return due, err
}

// markHead marks the oldest pending delivery of a customer, and no other. Those of nobody (0) are marked as long as they are
// pending.
func (tx *Tx) markHead(org, webhook, customer int64) error {
	if customer == 0 {
		return nil
	}
	// This index must be used, whatever the planner prefers: never a scan of all deliveries of the webhook.
	const oldest = `(SELECT min(event) FROM webhook_deliveries INDEXED BY webhook_deliveries_of WHERE org = $1 AND webhook = $2 AND customer = $3 AND status = 'PENDING')`
	if _, err := tx.Exec(`UPDATE webhook_deliveries SET head = 0 WHERE org = $1 AND webhook = $2 AND customer = $3 AND customer <> 0 AND head = 1 AND event <> `+oldest, org, webhook, customer); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE webhook_deliveries SET head = 1 WHERE org = $1 AND webhook = $2 AND head = 0 AND event = `+oldest, org, webhook, customer)
	return err
}

// EndDelivery stores the outcome of an attempt, unless the delivery was replayed or ended meanwhile. answer is the HTTP status, 0
// for none; problem is "" if it was delivered. A failed delivery is tried again after pauses that grow to an hour, until three
// days after the change; later ones of its customer wait behind it. After five failures in a row a webhook rests, for up to five
// minutes at a time.
func (s *Store) EndDelivery(ctx context.Context, d Delivery, answer int, problem string) error {
	return s.write(ctx, func(tx *Tx) error {
		status, next := DeliveryDelivered, d.NextOn.UnixMilli()
		if problem != "" {
			problem = problem[:min(len(problem), 300)]
			pause := min(time.Second<<min(2*d.Attempts, 20), maxPause)
			status, next = DeliveryPending, tx.now+pause.Milliseconds()
			if tx.now-d.OccurredOn.UnixMilli() > webhookLife.Milliseconds() && d.Attempts > 2 {
				status = DeliveryFailed
			}
		}
		res, err := tx.Exec(`UPDATE webhook_deliveries SET status = $4, head = head AND $4 = 'PENDING', attempts = attempts + 1, last_at = $5, next_at = $6, answer = $7, problem = $8
			WHERE org = $1 AND webhook = $2 AND event = $3 AND status = 'PENDING' AND attempts = $9 AND next_at = $10`,
			d.Org, d.Webhook, d.Event, status, tx.now, next, answer, problem, d.Attempts, d.NextOn.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if status != DeliveryPending {
			if err := tx.markHead(d.Org, d.Webhook, d.Customer); err != nil {
				return err
			}
		}
		if problem == "" {
			_, err := tx.Exec(`UPDATE webhooks SET failures = 0, rests_until = 0 WHERE org = $1 AND id = $2 AND failures > 0`, d.Org, d.Webhook)
			return err
		}
		var failures int64
		if err := tx.QueryRow(`UPDATE webhooks SET failures = failures + 1 WHERE org = $1 AND id = $2 RETURNING failures`, d.Org, d.Webhook).Scan(&failures); err != nil {
			return err
		}
		if failures < webhookRests {
			return nil
		}
		rest := min(time.Second<<min(failures-webhookRests, 20), maxRest)
		_, err = tx.Exec(`UPDATE webhooks SET rests_until = $3 WHERE org = $1 AND id = $2`, d.Org, d.Webhook, tx.now+rest.Milliseconds())
		return err
	})
}

// What is as old as the first argument, but for what some webhook waits for that can still be sent to: that is kept until it is as old as the second.
const oldWebhookEvents = ` FROM webhook_events e WHERE at >= $3 AND at < $1 AND (at < $2 OR NOT EXISTS (SELECT 1 FROM webhook_deliveries d
	JOIN webhooks w ON w.org = d.org AND w.id = d.webhook WHERE d.org = e.org AND d.event = e.id AND d.status = 'PENDING' AND w.disabled_on IS NULL
		AND d.org NOT IN (SELECT org FROM sandboxes))) ORDER BY at`

// PruneWebhooks deletes changes that were delivered, or given up, a week ago, and returns how many. Those that were never tried,
// because the server was off or because they waited behind another, are kept for a month.
func (s *Store) PruneWebhooks(ctx context.Context) (n int64, err error) {
	const turn = 500
	var from int64 // what is older stays
	for ctx.Err() == nil {
		var gone int64
		args := func(tx *Tx) []any {
			return []any{tx.now - webhookKept.Milliseconds(), tx.now - webhookWaits.Milliseconds(), from}
		}
		err := s.read(ctx, func(tx *Tx) error {
			return tx.QueryRow(`SELECT at`+oldWebhookEvents+` LIMIT 1`, args(tx)...).Scan(&from)
		})
		if errors.Is(err, sql.ErrNoRows) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		err = s.write(ctx, func(tx *Tx) error {
			var heads [][3]int64 // of whom the oldest that was pending went
			if err := tx.Each(func(scan func(...any) error) error {
				var h [3]int64
				var head bool
				err := scan(&h[0], &h[1], &h[2], &head)
				if head {
					heads = append(heads, h)
				}
				return err
			}, `DELETE FROM webhook_deliveries WHERE (org, event) IN (SELECT org, id`+oldWebhookEvents+` LIMIT $4) RETURNING org, webhook, customer, head`,
				append(args(tx), turn)...); err != nil {
				return err
			}
			for _, h := range heads {
				if err := tx.markHead(h[0], h[1], h[2]); err != nil {
					return err
				}
			}
			// The same ones: the deliveries that went change nothing of others.
			res, err := tx.Exec(`DELETE FROM webhook_events WHERE (org, id) IN (SELECT org, id`+oldWebhookEvents+` LIMIT $4)`, append(args(tx), turn)...)
			if err != nil {
				return err
			}
			gone, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return n, err
		}
		n += gone
	}
	return n, ctx.Err()
}
