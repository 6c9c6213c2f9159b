package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
	"github.com/arteriole/arteriole/webhook"
)

// CreateWebhook is POST /v2/webhooks.
func (a *API) CreateWebhook(ctx context.Context, r gen.CreateWebhookRequestObject) (gen.CreateWebhookResponseObject, error) {
	if err := webhook.CheckURL(r.Body.Url, a.cfg.WebhookPrivate); err != nil {
		return nil, fault.WebhookUrlInvalid.With("reason", err.Error()).At("body: url")
	}
	for i, e := range r.Body.Events {
		if !slices.Contains(db.WebhookEvents, e) || slices.Contains(r.Body.Events[:i], e) {
			return nil, fault.WebhookEventUnknown.At(fmt.Sprintf("body: events[%d]", i))
		}
	}
	w, err := a.store.AddWebhook(ctx, who(ctx), r.Body.Url, r.Body.Events)
	if err != nil {
		return nil, err
	}
	return gen.CreateWebhook200JSONResponse{Entity: a.webhook(w), Secret: w.Secret, Warnings: []gen.Status{}}, nil
}

// FetchWebhooks is GET /v2/webhooks.
func (a *API) FetchWebhooks(ctx context.Context, r gen.FetchWebhooksRequestObject) (gen.FetchWebhooksResponseObject, error) {
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	list, total, err := a.store.Webhooks(ctx, who(ctx), p)
	if err != nil {
		return nil, err
	}
	out := gen.FetchWebhooks200JSONResponse{Pagination: gen.Pagination{Limit: p.Limit, Offset: p.Offset, Total: total}, Data: make([]gen.Webhook, len(list)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, w := range list {
		out.Data[i] = a.webhook(w)
	}
	return out, nil
}

// DisableWebhook is PUT /v2/webhooks/{webhookId}/disable.
func (a *API) DisableWebhook(ctx context.Context, r gen.DisableWebhookRequestObject) (gen.DisableWebhookResponseObject, error) {
	w, err := a.store.DisableWebhook(ctx, who(ctx), r.WebhookId)
	if err != nil {
		return nil, err
	}
	return gen.DisableWebhook200JSONResponse{Entity: a.webhook(w), Warnings: []gen.Status{}}, nil
}

// FetchWebhookDeliveries is GET /v2/webhooks/{webhookId}/deliveries.
func (a *API) FetchWebhookDeliveries(ctx context.Context, r gen.FetchWebhookDeliveriesRequestObject) (gen.FetchWebhookDeliveriesResponseObject, error) {
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	status := ""
	if r.Params.Status != nil {
		if status = strings.ToUpper(*r.Params.Status); !slices.Contains(db.WebhookStates, status) {
			return nil, badRequest("query: status", "is not a state of a delivery")
		}
	}
	list, total, err := a.store.Deliveries(ctx, who(ctx), r.WebhookId, status, p)
	if err != nil {
		return nil, err
	}
	return gen.FetchWebhookDeliveries200JSONResponse{Pagination: gen.Pagination{Limit: p.Limit, Offset: p.Offset, Total: total}, Data: deliveries(list), Warnings: []gen.Status{}, Errors: []gen.Status{}}, nil
}

// ReplayWebhookDeliveries is POST /v2/webhooks/{webhookId}/replay.
func (a *API) ReplayWebhookDeliveries(ctx context.Context, r gen.ReplayWebhookDeliveriesRequestObject) (gen.ReplayWebhookDeliveriesResponseObject, error) {
	list, err := a.store.ReplayDeliveries(ctx, who(ctx), r.WebhookId, r.Body.EventIds)
	if err != nil {
		return nil, err
	}
	return gen.ReplayWebhookDeliveries200JSONResponse{Data: deliveries(list), Warnings: []gen.Status{}, Errors: []gen.Status{}}, nil
}

func (a *API) webhook(w db.Webhook) gen.Webhook {
	out := gen.Webhook{WebhookId: w.ID, Url: w.URL, Events: w.Events, IsActive: w.DisabledOn == nil, CreatedOn: gen.Time{Time: w.CreatedOn},
		CreatedBy: entityRef(w.CreatedBy), Failures: w.Failures, Pending: w.Pending}
	if w.DisabledOn != nil {
		by := entityRef(w.DisabledBy)
		out.DisabledOn, out.DisabledBy = &gen.Time{Time: *w.DisabledOn}, &by
	} else if w.RestsUntil.After(a.cfg.Clock()) {
		out.RestsUntil = &gen.Time{Time: w.RestsUntil}
	}
	return out
}

func deliveries(list []db.Delivery) []gen.WebhookDelivery {
	out := make([]gen.WebhookDelivery, len(list))
	for i, d := range list {
		o := gen.WebhookDelivery{EventId: d.Event, Event: d.Kind, OccurredOn: gen.Time{Time: d.OccurredOn}, Status: d.Status, Attempts: d.Attempts, Body: json.RawMessage(d.Body)}
		if d.LastOn != nil {
			o.LastAttemptOn = &gen.Time{Time: *d.LastOn}
		}
		if d.Status == db.DeliveryPending {
			o.NextAttemptOn = &gen.Time{Time: d.NextOn}
		}
		if d.Answer != 0 {
			o.LastAnswer = &list[i].Answer
		}
		if d.Problem != "" {
			o.Problem = &list[i].Problem
		}
		out[i] = o
	}
	return out
}
