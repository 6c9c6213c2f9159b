package handlers

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// headerEventID is the header in which the vendor answers the id of an event.
const headerEventID = "X-Cap-Hydra-Request-Id"

// AddEvents is POST /v2/dataIngestion/events. One event that does not stand in a list is a single call: its fault is the answer.
func (a *API) AddEvents(ctx context.Context, r gen.AddEventsRequestObject) (gen.AddEventsResponseObject, error) {
	add := func(in []db.EventInput) ([]db.Item[db.AddedEvent], error) {
		return a.store.AddEvents(ctx, who(ctx), in)
	}
	if callOf(ctx).form == alone {
		return a.addEvent(ctx, (*r.Body)[0], add)
	}
	items, err := bulk(ctx, *r.Body, eventInput, add)
	if err != nil {
		return nil, err
	}
	switch out := eventResults(items, inItem); a.bulkStatus(out.FailureCount, len(items)) {
	case 200:
		return gen.AddEvents200JSONResponse(out), nil
	case 201:
		return gen.AddEvents201JSONResponse(out), nil
	default:
		return gen.AddEvents400JSONResponse{Items: out}, nil
	}
}

func (a *API) addEvent(ctx context.Context, raw json.RawMessage, add func([]db.EventInput) ([]db.Item[db.AddedEvent], error)) (gen.AddEventsResponseObject, error) {
	in, err := item(callOf(ctx).op, raw, eventInput)
	if err != nil {
		return nil, err
	}
	items, err := add([]db.EventInput{in})
	if err != nil {
		return nil, err
	}
	if f := items[0].Fault; f != nil {
		return nil, f
	}
	callOf(ctx).Header().Set(headerEventID, items[0].Value.ID)
	return gen.AddEvents200JSONResponse(eventResults(items, func(ws []*fault.Fault, _ int) []*fault.Fault { return ws })), nil
}

func eventResults(items []db.Item[db.AddedEvent], place func([]*fault.Fault, int) []*fault.Fault) gen.EventResults {
	out := gen.EventResults{Response: make([]gen.EventResult, len(items)), TotalCount: len(items), FailureCount: failures(items)}
	for i, it := range items {
		out.Response[i] = gen.EventResult{Errors: warnings(itemErrors(it.Fault)), Warnings: warnings(place(it.Value.Warnings, i))}
		if it.Fault == nil {
			out.Response[i].EntityId, out.Response[i].Result = &items[i].Value.ID, &gen.EventCustomer{UserId: it.Value.Customer}
		}
	}
	return out
}

func eventInput(b gen.EventRequest) (in db.EventInput, err error) {
	in = db.EventInput{Name: b.EventName, Time: text(b.EventTime), Account: text(b.AccountId), Till: strings.TrimSpace(text(b.TillCode))}
	if b.EventId != nil {
		if in.ID, err = eventID(*b.EventId, "body: eventId"); err != nil {
			return in, err
		}
	}
	src, ok := db.ParseSource(b.Source)
	if !ok {
		return in, fault.SourceInvalid.With("reason", "is unknown").At("body: source")
	}
	in.Source = src.Name
	if in.Identifier.Type, ok = db.ParseIdentifierType(b.IdentifierType); !ok {
		return in, fault.IdentifierNameInvalid.At("body: identifierType")
	}
	if in.Identifier.Value = string(b.IdentifierValue); strings.TrimSpace(in.Identifier.Value) == "" {
		return in, fault.LookupIdentifierMissing.At("body: identifierValue")
	}
	if b.Attributes != nil {
		in.Attributes, err = eventValues(*b.Attributes, "body: attributes")
	}
	return in, err
}

// eventValues are the values of fields as text.
func eventValues(sent gen.EventValues, place string) (map[string]string, error) {
	values := make(map[string]string, len(sent))
	for name, v := range sent {
		if !v.Valid {
			return nil, fault.EventFieldInvalid.With("field", name, "reason", "a text, a number, true or false is expected").At(place)
		}
		values[name] = v.Text
	}
	return values, nil
}

// PushEvent is POST /v2/events/push/{hook}.
func (a *API) PushEvent(ctx context.Context, r gen.PushEventRequestObject) (gen.PushEventResponseObject, error) {
	sent := *r.Body
	name := sent["event_name"]
	delete(sent, "event_name")
	values, err := eventValues(sent, "body")
	if err != nil {
		return nil, err
	}
	id, err := a.store.PushEvent(ctx, db.Who{RequestID: callOf(ctx).id, Once: who(ctx).Once}, db.HashKey(r.Hook), name.Text, values)
	if err != nil {
		return nil, err
	}
	callOf(ctx).Header().Set(headerEventID, id)
	return gen.PushEvent200JSONResponse{Status: gen.PushStatus{Code: 1100, Message: "Event pushed to transformation state"}}, nil
}
