package handlers

import (
	"context"
	"slices"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// FetchStandardEvents is GET /v2/events/standard_events_meta.
func (a *API) FetchStandardEvents(ctx context.Context, _ gen.FetchStandardEventsRequestObject) (gen.FetchStandardEventsResponseObject, error) {
	all, enabled, err := a.store.StandardEvents(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	out := gen.FetchStandardEvents200JSONResponse{Data: make([]gen.StandardEvent, len(all)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, in := range all {
		m := eventMeta(db.EventDefinition{EventDefinitionInput: in})
		out.Data[i] = gen.StandardEvent{EventName: m.EventName, Label: m.Label, Description: m.Description, Actions: m.Actions, Fields: m.Fields, Enabled: slices.Contains(enabled, in.Name)}
	}
	return out, nil
}

// EnableStandardEvent is POST /v2/events/standard_events/enable.
func (a *API) EnableStandardEvent(ctx context.Context, r gen.EnableStandardEventRequestObject) (gen.EnableStandardEventResponseObject, error) {
	if _, err := a.store.EnableStandardEvent(ctx, who(ctx), r.Params.EventName); err != nil {
		return nil, err
	}
	return gen.EnableStandardEvent200JSONResponse(eventsDone()), nil
}
