package handlers

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// CreateEventDefinition is POST /v2/events.
func (a *API) CreateEventDefinition(ctx context.Context, r gen.CreateEventDefinitionRequestObject) (gen.CreateEventDefinitionResponseObject, error) {
	if _, err := a.store.AddEventDefinition(ctx, who(ctx), eventDefinition(r.Body)); err != nil {
		return nil, err
	}
	return gen.CreateEventDefinition200JSONResponse(eventsDone()), nil
}

// ReplaceEventDefinition is PUT /v2/events.
func (a *API) ReplaceEventDefinition(ctx context.Context, r gen.ReplaceEventDefinitionRequestObject) (gen.ReplaceEventDefinitionResponseObject, error) {
	if _, err := a.store.ReplaceEventDefinition(ctx, who(ctx), eventDefinition(r.Body)); err != nil {
		return nil, err
	}
	return gen.ReplaceEventDefinition200JSONResponse(eventsDone()), nil
}

// FetchEventDefinitions is GET /v2/events.
func (a *API) FetchEventDefinitions(ctx context.Context, r gen.FetchEventDefinitionsRequestObject) (gen.FetchEventDefinitionsResponseObject, error) {
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	list, err := a.store.EventDefinitions(ctx, who(ctx), p)
	if err != nil {
		return nil, err
	}
	out := gen.FetchEventDefinitions200JSONResponse{Data: make([]gen.EventMapping, len(list)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, d := range list {
		out.Data[i] = gen.EventMapping{ClickEventsMeta: eventMeta(d), DefaultTransformerMappping: d.Mapped}
	}
	return out, nil
}

// DisableEvent is PUT /v2/events/disable.
func (a *API) DisableEvent(ctx context.Context, r gen.DisableEventRequestObject) (gen.DisableEventResponseObject, error) {
	if _, err := a.store.DisableEventDefinition(ctx, who(ctx), r.Params.EventName); err != nil {
		return nil, err
	}
	return gen.DisableEvent200JSONResponse(eventsDone()), nil
}

func eventsDone() gen.EventsDone {
	return gen.EventsDone{Warnings: []gen.Status{}, Errors: []gen.Status{}}
}

func eventDefinition(b *gen.EventDefinitionRequest) db.EventDefinitionInput {
	in := db.EventDefinitionInput{Name: b.EventName, Label: strings.TrimSpace(text(b.Label)), Description: strings.TrimSpace(text(b.Description)), Actions: b.Actions}
	if b.Fields == nil {
		return in
	}
	for _, f := range *b.Fields {
		field := db.EventField{Name: f.Name, Type: f.Type, Attributes: map[string]db.EventAttribute{}}
		if at := f.Attributes; at != nil {
			for name, v := range map[string]*gen.EventAttribute{"isRequired": at.IsRequired, "addCustomerIfNotExists": at.AddCustomerIfNotExists, "identifierType": at.IdentifierType,
				"source": at.Source, "accountId": at.AccountId, "regex": at.Regex, "isUniqueKeyField": at.IsUniqueKeyField, "isPsiData": at.IsPsiData, "enumValues": at.EnumValues} {
				if v != nil {
					field.Attributes[name] = db.EventAttribute{ValueType: text(v.ValueType), Value: v.Value}
				}
			}
		}
		in.Fields = append(in.Fields, field)
	}
	return in
}

func eventMeta(d db.EventDefinition) gen.EventMeta {
	out := gen.EventMeta{EventId: d.UUID, EventName: d.Name, EventType: "USEREVENT", Actions: d.Actions, Fields: make([]gen.EventField, len(d.Fields)),
		Status: "UNPUBLISHED", TestStatus: "NOT_VERIFIED", Label: d.Label, Description: d.Description, Date: d.CreatedOn.UnixMilli(), StandardEvent: d.Standard}
	if d.Published {
		out.Status, out.TestStatus = "PUBLISHED", "VERIFIED"
	}
	if d.Disabled {
		out.Status = "DISABLED"
	}
	for i, f := range d.Fields {
		get := func(name string) *gen.EventAttribute {
			v, ok := f.Attributes[name]
			if !ok {
				return nil
			}
			return &gen.EventAttribute{ValueType: &v.ValueType, Value: v.Value}
		}
		out.Fields[i] = gen.EventField{Name: f.Name, Type: f.Type, Attributes: &gen.EventAttributes{IsRequired: get("isRequired"), AddCustomerIfNotExists: get("addCustomerIfNotExists"),
			IdentifierType: get("identifierType"), Source: get("source"), AccountId: get("accountId"), Regex: get("regex"), IsUniqueKeyField: get("isUniqueKeyField"), IsPsiData: get("isPsiData"), EnumValues: get("enumValues")}}
	}
	return out
}

// FetchEventStatus is GET /v2/events/running_status.
func (a *API) FetchEventStatus(ctx context.Context, r gen.FetchEventStatusRequestObject) (gen.FetchEventStatusResponseObject, error) {
	id, err := eventID(r.Params.EventId, "query: eventId")
	if err != nil {
		return nil, err
	}
	list, err := a.store.EventsByID(ctx, who(ctx), id)
	if err != nil {
		return nil, err
	}
	out := gen.FetchEventStatus200JSONResponse{Id: id, OrgId: who(ctx).Org, EventName: list[0].Name, StateList: []gen.EventState{}, Warnings: []gen.Status{}}
	for _, e := range list {
		for _, s := range e.States() {
			out.StateList = append(out.StateList, gen.EventState{Status: s.Status, Message: s.Message, Date: gen.Time{Time: e.Received}})
		}
	}
	return out, nil
}

// FetchEvent is GET /v2/events/event_data.
func (a *API) FetchEvent(ctx context.Context, r gen.FetchEventRequestObject) (gen.FetchEventResponseObject, error) {
	id, err := eventID(r.Params.Id, "query: id")
	if err != nil {
		return nil, err
	}
	list, err := a.store.EventsByID(ctx, who(ctx), id)
	if err != nil {
		return nil, err
	}
	return gen.FetchEvent200JSONResponse(eventList(ctx, list)), nil
}

// FetchCustomerEvents is GET /v2/events/event_data/{userId}.
func (a *API) FetchCustomerEvents(ctx context.Context, r gen.FetchCustomerEventsRequestObject) (gen.FetchCustomerEventsResponseObject, error) {
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	list, err := a.store.CustomerEvents(ctx, who(ctx), r.UserId, p)
	if err != nil {
		return nil, err
	}
	return gen.FetchCustomerEvents200JSONResponse(eventList(ctx, list)), nil
}

func eventList(ctx context.Context, list []db.Event) gen.EventList {
	out := gen.EventList{Data: make([]gen.Event, len(list)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	hide := callOf(ctx).caller.role != "admin"
	for i, e := range list {
		values := gen.FieldValues{}
		for name, v := range e.Attributes {
			if values[name] = v; hide && slices.Contains(e.Hidden, name) {
				values[name] = "***"
			}
		}
		one := gen.Event{OrgId: who(ctx).Org, Date: gen.Time{Time: e.At}, EventName: e.Name, EventId: e.EventID, Source: e.Source, AccountId: e.Account,
			TillCode: e.Till.Code, AdditonalAttributes: values, Status: e.Outcome}
		if e.Customer != 0 {
			one.UserId = &list[i].Customer
		}
		out.Data[i] = one
	}
	return out
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// eventID reads a UUID, in lower case.
func eventID(sent, place string) (string, error) {
	id := strings.ToLower(strings.TrimSpace(sent))
	if !uuidForm.MatchString(id) {
		return "", fault.BadRequest.With("reason", "must be a UUID").At(place)
	}
	return id, nil
}
