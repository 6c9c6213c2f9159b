package handlers

import (
	"context"
	"maps"
	"slices"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// FetchEventMetaFields is GET /v2/events/meta_fields.
func (a *API) FetchEventMetaFields(context.Context, gen.FetchEventMetaFieldsRequestObject) (gen.FetchEventMetaFieldsResponseObject, error) {
	out := gen.FetchEventMetaFields200JSONResponse{Data: []gen.EventMetaField{}, Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for _, typ := range db.EventFieldTypes() {
		f := gen.EventMetaField{Type: typ, Attributes: []gen.EventMetaAttribute{}}
		kinds := db.EventAttributesOf(typ)
		for _, name := range slices.Sorted(maps.Keys(kinds)) {
			f.Attributes = append(f.Attributes, gen.EventMetaAttribute{Name: name, ValueType: kinds[name]})
		}
		out.Data = append(out.Data, f)
	}
	return out, nil
}

// FetchEventAdapters is GET /v2/events/adapters_meta.
func (a *API) FetchEventAdapters(context.Context, gen.FetchEventAdaptersRequestObject) (gen.FetchEventAdaptersResponseObject, error) {
	out := gen.FetchEventAdapters200JSONResponse{Data: []gen.EventAdapter{}, Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for _, t := range db.EventTransformers() {
		out.Data = append(out.Data, gen.EventAdapter{TransformerType: t, MappingRequired: t != "defaultTransformer"})
	}
	return out, nil
}

// SetEventMapping is POST /v2/events/adapter_mapping.
func (a *API) SetEventMapping(ctx context.Context, r gen.SetEventMappingRequestObject) (gen.SetEventMappingResponseObject, error) {
	t, ok := db.ParseEventTransformer(r.Body.TransformerType)
	if !ok {
		return nil, transformerUnknown()
	}
	var m *db.EventMapping // nil: none from now on
	switch data := r.Body.WebEngageTransformerData; {
	case t == "defaultTransformer":
		if r.Body.EventsMapped != nil {
			m = &db.EventMapping{Mapped: *r.Body.EventsMapped}
		}
	case data == nil:
		return nil, badRequest("body: webEngageTransformerData", "is required")
	default:
		m = &db.EventMapping{Events: data.EventMapper}
		if data.EventFieldMapper != nil {
			m.Fields = *data.EventFieldMapper
		}
		for pushed := range m.Events {
			if len(pushed) > 400 || !clean(pushed) {
				return nil, badRequest("body: webEngageTransformerData.eventMapper", "has a name that is too long or not well-formed")
			}
		}
		for _, fields := range m.Fields {
			for pushed := range fields {
				if len(pushed) > 400 || !clean(pushed) {
					return nil, badRequest("body: webEngageTransformerData.eventFieldMapper", "has a name that is too long or not well-formed")
				}
			}
		}
	}
	if _, err := a.store.SetEventMapping(ctx, who(ctx), t, m); err != nil {
		return nil, err
	}
	return gen.SetEventMapping200JSONResponse(eventsDone()), nil
}

func transformerUnknown() error {
	return fault.EventTransformerInvalid.With("reason", "it is missing or unknown").At("body: transformerType")
}
