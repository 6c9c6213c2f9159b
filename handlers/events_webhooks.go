package handlers

import (
	"context"
	"crypto/rand"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

const (
	pushAddress   = "/v2/events/push/"
	shownWebhooks = 1000 // secrets that can be answered to a repeat
)

// CreateEventWebhook is POST /v2/events/webhook. The secret is stored nowhere: a repeat with the same Idempotency-Key gets it from
// memory, and an error once this process has ended.
func (a *API) CreateEventWebhook(ctx context.Context, r gen.CreateEventWebhookRequestObject) (gen.CreateEventWebhookResponseObject, error) {
	transformer, ok := db.ParseEventTransformer(r.Body.TransformerType)
	if !ok {
		return nil, transformerUnknown()
	}
	secret := rand.Text() // 130 bits
	w, err := a.store.AddEventWebhook(ctx, who(ctx), transformer, r.Body.TillCode, db.HashKey(secret))
	if err != nil {
		return nil, err
	}
	if once := callOf(ctx).caller.Once; once != nil && once.Replayed {
		var known bool
		if secret, known = a.secrets.get(w.Hash); !known {
			return nil, fault.EventWebhookExists.With("transformer", w.Transformer).At("body: transformerType")
		}
	} else {
		a.secrets.put(w.Hash, secret)
	}
	return gen.CreateEventWebhook200JSONResponse{WebHookId: w.ID, TransformerType: w.Transformer, TillCode: w.Till.Code, WebHookUri: pushAddress + secret, Warnings: []gen.Status{}}, nil
}

// FetchEventWebhooks is GET /v2/events/webhooks.
func (a *API) FetchEventWebhooks(ctx context.Context, r gen.FetchEventWebhooksRequestObject) (gen.FetchEventWebhooksResponseObject, error) {
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	list, err := a.store.EventWebhooks(ctx, who(ctx), p)
	if err != nil {
		return nil, err
	}
	out := gen.FetchEventWebhooks200JSONResponse{Data: make([]gen.EventWebhook, len(list)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, w := range list {
		out.Data[i] = eventWebhook(w)
	}
	return out, nil
}

// DisableEventWebhook is PUT /v2/events/webhook/disable.
func (a *API) DisableEventWebhook(ctx context.Context, r gen.DisableEventWebhookRequestObject) (gen.DisableEventWebhookResponseObject, error) {
	if _, err := a.store.DisableEventWebhook(ctx, who(ctx), r.Body.WebHookId); err != nil {
		return nil, err
	}
	return gen.DisableEventWebhook200JSONResponse(eventsDone()), nil
}

func eventWebhook(w db.EventWebhook) gen.EventWebhook {
	return gen.EventWebhook{WebHookId: w.ID, TransformerType: w.Transformer, TillCode: w.Till.Code, IsActive: !w.Disabled, CreatedOn: gen.Time{Time: w.CreatedOn}}
}
