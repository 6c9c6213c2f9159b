package handlers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/webhook"
)

const (
	webhookRest    = 500 * time.Millisecond // between looks for what may be sent
	webhooksAtOnce = 32                     // messages on their way
	perWebhook     = 8                      // of one webhook: one that stalls holds no more of them
	perOrg         = 8                      // of one organization, for the same reason
)

// SendWebhooks delivers the messages of the outbox until ctx ends. send makes one attempt and must end by itself.
func (s *Server) SendWebhooks(ctx context.Context, send func(context.Context, webhook.Message) error) {
	type lane struct{ org, webhook, customer, event int64 } // event for what is nobody's: it has no order
	type hook struct{ org, webhook int64 }
	var mu sync.Mutex
	lanes, busy, busyOrg := map[lane]bool{}, map[hook]int{}, map[int64]int{} // on their way
	places := make(chan struct{}, webhooksAtOnce)
	ended := make(chan struct{}, 1)
	var running sync.WaitGroup
	defer running.Wait()
	tick := time.NewTicker(webhookRest)
	defer tick.Stop()
	for ctx.Err() == nil {
		mu.Lock()
		were := maps.Clone(lanes) // what ends after this is in due as it was before
		mu.Unlock()
		due, err := s.store.DueDeliveries(ctx, perWebhook)
		if err != nil && ctx.Err() == nil {
			s.log.Error("webhooks could not be read", "cause", err.Error())
		}
		rand.Shuffle(len(due), func(i, j int) { due[i], due[j] = due[j], due[i] }) // of a customer there is one at a time
		for _, d := range due {
			l, h := lane{org: d.Org, webhook: d.Webhook, customer: d.Customer}, hook{d.Org, d.Webhook}
			if d.Customer == 0 {
				l.event = d.Event
			}
			mu.Lock()
			free := !were[l] && busy[h] < perWebhook && busyOrg[d.Org] < perOrg
			if free {
				select {
				case places <- struct{}{}:
					lanes[l] = true
					busy[h]++
					busyOrg[d.Org]++
				default:
					free = false
				}
			}
			mu.Unlock()
			if !free {
				continue
			}
			running.Go(func() {
				s.deliver(ctx, send, d)
				mu.Lock()
				delete(lanes, l)
				if busy[h]--; busy[h] == 0 {
					delete(busy, h)
				}
				if busyOrg[d.Org]--; busyOrg[d.Org] == 0 {
					delete(busyOrg, d.Org)
				}
				mu.Unlock()
				<-places
				select {
				case ended <- struct{}{}:
				default:
				}
			})
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-ended:
		}
	}
}

// deliver makes one attempt and records its outcome. An attempt interrupted by a shutdown does not count.
func (s *Server) deliver(ctx context.Context, send func(context.Context, webhook.Message) error, d db.Delivery) {
	err := send(ctx, webhook.Message{Org: d.Org, URL: d.URL, Secret: d.Secret, Event: d.Kind, ID: fmt.Sprintf("%d-%d-%d", d.Org, d.Webhook, d.Event), Body: []byte(d.Body)})
	if err != nil && ctx.Err() != nil {
		return
	}
	answer, problem, outcome := 0, "", "delivered"
	if err != nil {
		outcome = "unreached"
		problem = webhook.Reason(err)
		var status *webhook.StatusError
		if errors.As(err, &status) {
			answer, outcome = status.Status, "refused"
		}
		s.log.Warn("a webhook's delivery failed", "org", d.Org, "webhook", d.Webhook, "event", d.Event, "attempt", d.Attempts+1, "error", webhook.Detail(err))
	}
	s.metrics.webhooks.WithLabelValues(outcome).Inc()
	if err := s.store.EndDelivery(context.WithoutCancel(ctx), d, answer, problem); err != nil {
		s.log.Error("how a webhook's delivery ended was not kept: it is made again", "webhook", d.Webhook, "event", d.Event, "cause", err.Error())
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
