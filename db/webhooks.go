package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The kinds of changes that are sent to webhooks.
const (
	toldCustomerRegistered  = "customer.registered"
	toldCustomerUpdated     = "customer.updated"
	toldCustomerMerged      = "customer.merged"
	toldCustomerErased      = "customer.erased"
	toldTransactionAdded    = "transaction.added"
	toldTransactionReturned = "transaction.returned"
	toldPointsRedeemed      = "points.redeemed"
	toldCouponRedeemed      = "coupon.redeemed"
	toldJobEnded            = "job.finished"
)

// WebhookEvents are all kinds of changes, in the order of the reference.
var WebhookEvents = []string{toldCustomerRegistered, toldCustomerUpdated, toldCustomerMerged, toldCustomerErased, toldTransactionAdded, toldTransactionReturned, toldPointsRedeemed, toldCouponRedeemed, toldJobEnded}

// maxWebhooks is how many enabled webhooks an org may have: each change is stored once for each of them.
const maxWebhooks = 20

// The states of a delivery.
const (
	DeliveryPending   = "PENDING"
	DeliveryDelivered = "DELIVERED"
	DeliveryFailed    = "FAILED" // given up; it can be replayed
)

// WebhookStates are all states of a delivery.
var WebhookStates = []string{DeliveryPending, DeliveryDelivered, DeliveryFailed}

// Webhook is an address that changes of an org are sent to.
type Webhook struct {
	ID         int64
	URL        string
	Events     []string
	Secret     string // only of one that was just made
	CreatedOn  time.Time
	CreatedBy  EntityRef
	DisabledOn *time.Time
	DisabledBy EntityRef
	Failures   int64     // attempts that failed since one did not
	RestsUntil time.Time // when nothing is sent before
	Pending    int64     // deliveries, counted up to 1,000
}

// orgWebhook is what a change has to know of a webhook.
type orgWebhook struct {
	id     int64
	events []string
}

func (tx *Tx) readWebhooks(o *orgConfig, org int64) error {
	return tx.Each(func(scan func(...any) error) error {
		var w orgWebhook
		var events string
		err := scan(&w.id, &events)
		if err == nil {
			err = json.Unmarshal([]byte(events), &w.events)
		}
		o.webhooks = append(o.webhooks, w)
		return err
	}, `SELECT id, events FROM webhooks WHERE org = $1 AND disabled_on IS NULL ORDER BY id`, org)
}

// tell stores a change for the webhooks of an org, in the transaction that makes it (an outbox). customer is whose change it is, 0
// for nobody's: the changes of one customer are delivered in their order, those of nobody in any.
func (tx *Tx) tell(o *orgConfig, who Who, event string, customer int64, data map[string]any) error {
	if who.Quiet {
		return nil
	}
	var id int64
	for _, w := range o.webhooks {
		if !slices.Contains(w.events, event) {
			continue
		}
		if id == 0 {
			var err error
			if id, err = tx.next(who.Org, "webhook_events", 1); err != nil {
				return err
			}
			if customer != 0 {
				data["customerId"] = customer
			}
			body := toJSON(map[string]any{"eventId": id, "event": event, "occurredOn": o.time(tx.now).Format(time.RFC3339), "data": data})
			if _, err := tx.Exec(`INSERT INTO webhook_events (org, id, at, event, customer, body) VALUES ($1, $2, $3, $4, $5, $6)`,
				who.Org, id, tx.now, event, customer, body); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO webhook_deliveries (org, webhook, event, customer, status, next_at, head) VALUES ($1, $2, $3, $4, 'PENDING', $5,
			NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE org = $1 AND webhook = $2 AND customer = $4 AND customer <> 0 AND head = 1))`,
			who.Org, w.id, id, customer, tx.now); err != nil {
			return err
		}
	}
	return nil
}

// tellBill tells of a bill as a sale or as a return; of a mixed one, as a sale and as a return of each sale of which it returns
// something.
func (tx *Tx) tellBill(o *orgConfig, who Who, t *Transaction, returns []newReturn) error {
	data := func(number string, amount int64) map[string]any {
		return map[string]any{"transactionId": t.ID, "billNumber": number, "type": t.Type, "billAmount": json.RawMessage(Decimal(amount)), "billingDate": t.BillingDate.In(o.TimeZone).Format(time.RFC3339)}
	}
	returned := func(number string, amount int64, by string) error {
		d := data(number, amount)
		d["returnType"] = by
		return tx.tell(o, who, toldTransactionReturned, t.Customer, d)
	}
	if t.ReturnType != "" {
		return returned(t.Number, t.Amount, t.ReturnType)
	}
	if err := tx.tell(o, who, toldTransactionAdded, t.Customer, data(t.Number, t.Amount)); err != nil {
		return err
	}
	for _, r := range returns {
		if r.sale == nil {
			continue
		}
		if err := returned(r.sale.number, r.amount, r.by); err != nil {
			return err
		}
	}
	return nil
}

// tellJob stores that an ingestion job has ended.
func (tx *Tx) tellJob(j *IngestionJob) error {
	o, err := tx.org(j.Org)
	if err != nil {
		return err
	}
	return tx.tell(o, Who{Org: j.Org, Till: j.Till}, toldJobEnded, 0, map[string]any{"jobId": j.ID, "profile": j.Profile, "uploadStatus": j.Status,
		"processedCount": j.Processed(), "successCount": j.Succeeded, "warningCount": j.Warned, "errorCount": j.Failed, "dryRun": j.DryRun})
}

// AddWebhook creates a webhook of an org, with a secret of its own. The caller checks that the address may be used.
// WebhooksTooMany, if the org has 20.
func (s *Store) AddWebhook(ctx context.Context, who Who, url string, events []string) (Webhook, error) {
	secret := "whsec_" + rand.Text() + rand.Text()
	return once(ctx, s, who, func(tx *Tx) (w Webhook, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return w, err
		}
		if len(o.webhooks) >= maxWebhooks {
			return w, fault.WebhooksTooMany.With("most", maxWebhooks)
		}
		id, err := tx.next(who.Org, "webhooks", 1)
		if err != nil {
			return w, err
		}
		if _, err := tx.Exec(`INSERT INTO webhooks (org, id, url, events, secret, created_on, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			who.Org, id, url, toJSON(events), secret, tx.now, who.Till); err != nil {
			return w, err
		}
		if err := tx.auditRow(who, "webhook.add", "webhook", id, sql.NullString{}, toJSON(map[string]any{"events": events})); err != nil {
			return w, err
		}
		if w, err = tx.webhook(o, who.Org, id); err != nil {
			return w, err
		}
		w.Secret = secret
		return w, tx.changed()
	})
}

const selectWebhook = `SELECT id, url, events, created_on, created_by, disabled_on, disabled_by, failures, rests_until,
	(SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries d WHERE d.org = w.org AND d.webhook = w.id AND d.status = 'PENDING' LIMIT 1000)) FROM webhooks w WHERE org = $1`

func scanWebhook(o *orgConfig, scan func(...any) error) (w Webhook, err error) {
	var events string
	var created, by, rests int64
	var disabled, disabledBy sql.NullInt64
	if err := scan(&w.ID, &w.URL, &events, &created, &by, &disabled, &disabledBy, &w.Failures, &rests, &w.Pending); err != nil {
		return w, err
	}
	w.CreatedOn, w.CreatedBy, w.RestsUntil = o.time(created), o.by(by), o.time(rests)
	if disabled.Valid {
		at := o.time(disabled.Int64)
		w.DisabledOn, w.DisabledBy = &at, o.by(disabledBy.Int64)
	}
	return w, json.Unmarshal([]byte(events), &w.Events)
}

func (tx *Tx) webhook(o *orgConfig, org, id int64) (Webhook, error) {
	w, err := scanWebhook(o, tx.QueryRow(selectWebhook+` AND id = $2`, org, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return w, fault.WebhookNotFound.With("id", id)
	}
	return w, err
}

// Webhooks lists the webhooks of an org, disabled ones too, in the order of their creation, with their number.
func (s *Store) Webhooks(ctx context.Context, who Who, p Page) (ws []Webhook, total int, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		ws = []Webhook{}
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT count(*) FROM webhooks WHERE org = $1`, who.Org).Scan(&total); err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			w, err := scanWebhook(o, scan)
			ws = append(ws, w)
			return err
		}, selectWebhook+` ORDER BY id LIMIT $2 OFFSET $3`, who.Org, p.Limit, p.Offset)
	})
	return ws, total, err
}

// DisableWebhook disables a webhook: from now on nothing is stored for it or sent to it. Disabling it again changes nothing.
func (s *Store) DisableWebhook(ctx context.Context, who Who, id int64) (Webhook, error) {
	return once(ctx, s, who, func(tx *Tx) (w Webhook, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return w, err
		}
		if w, err = tx.webhook(o, who.Org, id); err != nil || w.DisabledOn != nil {
			return w, err
		}
		if _, err := tx.Exec(`UPDATE webhooks SET disabled_on = $3, disabled_by = $4 WHERE org = $1 AND id = $2`, who.Org, id, tx.now, who.Till); err != nil {
			return w, err
		}
		if err := tx.auditRow(who, "webhook.disable", "webhook", id, sql.NullString{}, "{}"); err != nil {
			return w, err
		}
		if w, err = tx.webhook(o, who.Org, id); err != nil {
			return w, err
		}
		return w, tx.changed()
	})
}
