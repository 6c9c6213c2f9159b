package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Of a customer only the oldest delivery that is pending may be sent, whatever ends, fails, is sent again or is forgotten; and a failure changes
// its own delivery only, however many wait behind it.
func TestDeliveriesOfACustomerGoOneByOne(t *testing.T) {
	ctx := context.Background()
	now := noon
	s, who := openAt(t, &now)
	must := mustOf(t)
	w, err := s.AddWebhook(ctx, who, "https://shop.example/hook", []string{toldCustomerUpdated})
	must(err)
	tell := func(customer int64, times int) {
		t.Helper()
		must(s.write(ctx, func(tx *Tx) error {
			o, err := tx.org(1)
			for range times {
				if err == nil {
					err = tx.tell(o, who, toldCustomerUpdated, customer, map[string]any{})
				}
			}
			return err
		}))
	}
	due := func(what string, want ...int64) []Delivery {
		t.Helper()
		list, err := s.DueDeliveries(ctx, 8)
		must(err)
		slices.SortFunc(list, func(a, b Delivery) int { return int(a.Event - b.Event) })
		var got []int64
		for _, d := range list {
			got = append(got, d.Event)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %v may be sent, not %v", what, got, want)
		}
		var wrong int
		must(s.read(ctx, func(tx *Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM webhook_deliveries d WHERE head <> (status = 'PENDING' AND (customer = 0 OR NOT EXISTS (SELECT 1 FROM webhook_deliveries x
				WHERE x.org = d.org AND x.webhook = d.webhook AND x.customer = d.customer AND x.status = 'PENDING' AND x.event < d.event)))`).Scan(&wrong)
		}))
		if wrong != 0 {
			t.Fatalf("%s: %d deliveries are marked wrongly", what, wrong)
		}
		return list
	}
	state := func() (deliveries string, failures int64) {
		t.Helper()
		must(s.read(ctx, func(tx *Tx) error {
			if err := tx.QueryRow(`SELECT group_concat(event || ' ' || status || ' ' || attempts || ' ' || next_at) FROM webhook_deliveries WHERE event > 1`).Scan(&deliveries); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT failures FROM webhooks`).Scan(&failures)
		}))
		return
	}
	tell(1001, 20)
	tell(1002, 1)
	first := due("at first", 1, 21)[0]
	before, _ := state()
	must(s.EndDelivery(ctx, first, 500, "it is ill"))
	after, failures := state()
	if after != before || failures != 1 {
		t.Errorf("a failure changed others, or is not counted: %d\n%s\n%s", failures, before, after)
	}
	due("the oldest rests", 21)
	must(s.EndDelivery(ctx, first, 500, "it is ill"))
	must(s.EndDelivery(ctx, first, 200, ""))
	if again, failures := state(); again != before || failures != 1 {
		t.Errorf("an attempt that is known to have ended counted once more: %d %s", failures, again)
	}
	list, _, err := s.Deliveries(ctx, who, w.ID, DeliveryPending, Page{Limit: 100})
	must(err)
	for _, d := range list {
		if d.Customer == 1001 && !d.NextOn.Equal(now.Add(time.Second)) {
			t.Errorf("%d waits behind the oldest, and is shown as due at %s", d.Event, d.NextOn)
		}
	}
	now = now.Add(2 * time.Second)
	must(s.EndDelivery(ctx, due("it rested", 1, 21)[0], 200, ""))
	must(s.EndDelivery(ctx, due("one is there", 2, 21)[0], 200, ""))
	due("two are there", 3, 21)
	_, err = s.ReplayDeliveries(ctx, who, w.ID, []int64{2, 1, 5})
	must(err)
	due("sent again", 1, 21)
	now = now.Add(webhookLife)
	for range 4 {
		now = now.Add(maxPause)
		must(s.EndDelivery(ctx, due("after its life", 1, 21)[0], 500, "it is ill"))
	}
	now = now.Add(maxRest)
	due("given up", 2, 21)
	tell(1001, 2)
	now = noon.Add(webhookKept + time.Second)
	_, err = s.PruneWebhooks(ctx)
	must(err)
	due(fmt.Sprint("those that wait are there after ", webhookKept), 2, 21)
	now = noon.Add(webhookWaits + time.Second)
	_, err = s.PruneWebhooks(ctx)
	must(err)
	due(fmt.Sprint("the old ones are forgotten after ", webhookWaits), 22)
	for q := range s.writer.c.stmts {
		if !strings.Contains(q, "webhook_deliveries") || strings.HasPrefix(q, "DELETE") || strings.Contains(q, "LIMIT 1000") {
			continue
		}
		must(s.read(ctx, func(tx *Tx) error {
			return tx.Each(func(scan func(...any) error) error {
				var id, parent, notUsed int
				var detail string
				err := scan(&id, &parent, &notUsed, &detail)
				if strings.HasSuffix(detail, "(org=? AND webhook=?)") || strings.HasSuffix(detail, "status=?)") {
					t.Errorf("%s: goes through all that a webhook has, in\n%s", detail, q)
				}
				return err
			}, "EXPLAIN QUERY PLAN "+q, make([]any, strings.Count(q, "$"))...)
		}))
	}
}

// What is nobody's has no order: one that is refused holds up none of the others, neither those told later nor those sent again, nor those
// that waited before the migration.
func TestDeliveriesOfNobodyWaitForNone(t *testing.T) {
	ctx := context.Background()
	const migration = 27
	path := older(t, migration-1)
	d := open(path)
	c, err := newConn(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`INSERT INTO webhooks (org, id, url, events, secret, created_on, created_by) VALUES (77, 1, 'https://shop.example/hook', '["job.finished"]', 'whsec_old', 1, 1)`,
		`INSERT INTO counters (org, name, last) VALUES (77, 'webhook_events', 5)`,
		`INSERT INTO webhook_events (org, id, at, event, customer, body) SELECT 77, value, 1, 'job.finished', value / 4, '{}' FROM json_each('[1,2,3,4,5]')`,
		`INSERT INTO webhook_deliveries (org, webhook, event, customer, status, next_at, head) SELECT 77, 1, value, value / 4, iif(value = 2, 'DELIVERED', 'PENDING'), 1, value IN (1, 4) FROM json_each('[1,2,3,4,5]')`} {
		if _, err := c.exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(c.close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	now := noon
	s, err := Open(ctx, path, Options{Clock: func() time.Time { return now }, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	due := func(what string, want ...int64) (list []Delivery) {
		t.Helper()
		list, err := s.DueDeliveries(ctx, 8)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(list, func(a, b Delivery) int { return int(a.Event - b.Event) })
		var got []int64
		for _, d := range list {
			got = append(got, d.Event)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %v may be sent, not %v", what, got, want)
		}
		return list
	}
	first := due("what was there before", 1, 3, 4)[0]
	if err := s.EndDelivery(ctx, first, 500, "it is ill"); err != nil {
		t.Fatal(err)
	}
	due("one is refused", 3, 4)
	who := Who{Org: 77, Till: 1, RequestID: "TEST"}
	if err := s.write(ctx, func(tx *Tx) error {
		o, err := tx.org(77)
		for range 2 {
			if err == nil {
				err = tx.tell(o, who, toldJobEnded, 0, map[string]any{})
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	due("told after it", 3, 4, 6, 7)
	if _, err := s.ReplayDeliveries(ctx, who, 1, []int64{2}); err != nil {
		t.Fatal(err)
	}
	due("sent again", 2, 3, 4, 6, 7)
	list, _, err := s.Deliveries(ctx, who, 1, DeliveryPending, Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if waits := d.NextOn.After(now); waits != (d.Event == 1) {
			t.Errorf("%d is shown as due at %s", d.Event, d.NextOn)
		}
	}
}

// A server that was off for longer than changes are kept sends what waits before it gives up; what no one waits for goes after a week.
func TestWhatWasNeverSentIsNotForgotten(t *testing.T) {
	oneByOne(t)
	ctx := context.Background()
	now := noon
	s, who := openAt(t, &now)
	must := mustOf(t)
	var ids []int64
	for range 2 {
		w, err := s.AddWebhook(ctx, who, "https://shop.example/hook", []string{toldJobEnded})
		must(err)
		ids = append(ids, w.ID)
	}
	const changes = 1200 // more than go in one turn
	must(s.write(ctx, func(tx *Tx) error {
		o, err := tx.org(1)
		for range changes {
			if err == nil {
				err = tx.tell(o, who, toldJobEnded, 0, map[string]any{})
			}
		}
		if err == nil { // all but the first and those in the middle have arrived
			_, err = tx.Exec(`UPDATE webhook_deliveries SET status = 'DELIVERED', attempts = 1, head = 0 WHERE event NOT IN (1, 600) AND (webhook = $1 OR event % 2 = 0)`, ids[0])
		}
		return err
	}))
	prune := func(what string, want int64, waiting ...int64) {
		t.Helper()
		n, err := s.PruneWebhooks(ctx)
		must(err)
		var left []int64
		must(s.read(ctx, func(tx *Tx) error {
			left = nil
			return tx.Each(func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				left = append(left, id)
				return err
			}, `SELECT DISTINCT event FROM webhook_deliveries ORDER BY event LIMIT 5`)
		}))
		if n != want || !slices.Equal(left, waiting) {
			t.Errorf("%s: %d were forgotten, want %d; %v are there, want %v", what, n, want, left, waiting)
		}
	}
	now = noon.Add(8 * 24 * time.Hour)
	prune("both wait", changes/2-1, 1, 3, 5, 7, 9)
	_, err := s.DisableWebhook(ctx, who, ids[1])
	must(err)
	prune("one is disabled", changes/2-1, 1, 600)
	for range 4 {
		list, err := s.DueDeliveries(ctx, 8)
		must(err)
		slices.SortFunc(list, func(a, b Delivery) int { return int(a.Event - b.Event) })
		if len(list) != 2 || list[0].Event != 1 {
			t.Fatalf("%v may be sent", list)
		}
		prune("it is tried", 0, 1, 600)
		must(s.EndDelivery(ctx, list[0], 500, "it is ill"))
		now = now.Add(time.Minute)
	}
	prune("it was tried in vain", 1, 600)
	list, err := s.DueDeliveries(ctx, 8)
	must(err)
	must(s.EndDelivery(ctx, list[0], 200, ""))
	prune("it arrived", 1)
}
