package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/runtime"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// Bulk operations (x-bulk: true in openapi.yaml) take an array whose items succeed and fail one by one.
//
// The gate judges the body as a whole: its size, that it is strict JSON and an array, and how many items it has. The limits
// are those of the schema, and x-fault beside them names the faults (minItems, maxItems, type). The items are left as they
// came, as json.RawMessage, and each is validated and decoded alone, here, so that one wrong type fails one item:
//
//	schema:
//	  type: array
//	  minItems: 1
//	  maxItems: 100
//	  x-fault: {maxItems: BatchTooLarge}
//	  items: {x-go-type: json.RawMessage, allOf: [{$ref: '#/components/schemas/RegisterRequest'}]}
//
// What is valid then goes to the store in one call, which is one turn of its writer (db/bulk.go). The handler is
//
//	items, err := bulk(ctx, *r.Body, convert, func(in []In) ([]db.Item[Out], error) { return a.store.Many(ctx, who(ctx), in) })
//	…
//	switch a.bulkStatus(failures(items), len(items)) {
//	case 201: …
//
// where convert makes the store's argument of one decoded item, or says what is wrong with it. An item's fault has its place
// as in a request of its own, with the item's number before: "body: [3].profiles[0].identifiers".

// bulk decodes each item of a body as a T and passes the good ones to run together. The result has the order of the body, with the
// faults of each item; an error concerns the whole request.
func bulk[T, In, Out any](ctx context.Context, body []json.RawMessage, convert func(T) (In, error), run func([]In) ([]db.Item[Out], error)) ([]db.Item[Out], error) {
	op := callOf(ctx).op
	out := make([]db.Item[Out], len(body))
	var good []In
	var places []int
	for i, raw := range body {
		in, err := item(op, raw, convert)
		if err == nil {
			good, places = append(good, in), append(places, i)
			continue
		}
		f := asFault(err)
		if f.Status >= 500 {
			return nil, err
		}
		out[i].Fault = f.InItem(i)
	}
	if len(good) == 0 {
		return out, nil
	}
	done, err := run(good)
	if err != nil {
		return nil, err
	}
	for k, d := range done {
		if d.Fault != nil {
			d.Fault = d.Fault.InItem(places[k])
		}
		out[places[k]] = d
	}
	return out, nil
}

// item validates and decodes one item. The place of its fault is within the item.
func item[T, In any](op *operation, raw json.RawMessage, convert func(T) (In, error)) (in In, err error) {
	value, err := parseJSON(raw, len(raw)) // the gate has seen to its depth
	if err != nil {
		return in, err
	}
	n := op.body.items
	if err := rename(n, n, value, nil); err != nil {
		return in, err
	}
	if err := n.validate(value); err != nil {
		return in, refuse(n, "body", err)
	}
	var t T
	if err := runtime.BindJSONValue(value, &t); err != nil {
		return in, misfit(n, value)
	}
	return convert(t)
}

func failures[T any](items []db.Item[T]) (n int) {
	for _, it := range items {
		if it.Fault != nil {
			n++
		}
	}
	return n
}

// bulkStatus is 200 when all items went well, 201 when some failed, and 400 when all did, unless business errors answer 200.
func (a *API) bulkStatus(failed, of int) int {
	switch {
	case failed == 0 || failed == of && a.cfg.AlwaysOK:
		return http.StatusOK
	case failed == of:
		return http.StatusBadRequest
	}
	return http.StatusCreated
}

// itemErrors is the list of errors of an item, empty when it went well.
func itemErrors(f *fault.Fault) []*fault.Fault {
	if f == nil {
		return nil
	}
	return []*fault.Fault{f}
}

// inItem moves warnings to their item of a bulk body.
func inItem(ws []*fault.Fault, i int) []*fault.Fault {
	out := make([]*fault.Fault, len(ws))
	for k, w := range ws {
		out[k] = w.InItem(i)
	}
	return out
}

// splitBody is the gate's part: it returns the items of a body as raw JSON, or what is wrong with the body as a whole.
func (op *operation) splitBody(data []byte, maxDepth int, form bodyForm) ([]any, error) {
	schema := plain(op.body.schema)
	most := maxJSONValues
	if schema.MaxItems != nil {
		most = int(*schema.MaxItems)
	}
	wrong := func(keyword string) error {
		return refuse(op.body, "body", &openapi3.SchemaError{Schema: schema, SchemaField: keyword})
	}
	items, err := form.split(data, maxDepth, most)
	switch {
	case errors.Is(err, errNoArray):
		return nil, wrong("type")
	case errors.Is(err, errManyItems):
		return nil, wrong("maxItems")
	case err != nil:
		return nil, err
	case len(items) < int(schema.MinItems):
		return nil, wrong("minItems")
	}
	return items, nil
}

var (
	errNoArray   = errors.New("not an array")
	errManyItems = errors.New("more items than allowed")
)

// splitJSON splits an array into its items, each strict JSON by the rules of parseJSON, which bound each item by itself. It stops
// at the first item above the limit.
func splitJSON(data []byte, maxDepth, most int) (items []any, err error) {
	p, err := newJSONParser(data, maxDepth)
	if err != nil {
		return nil, err
	}
	if p.peek() != '[' {
		if _, err := p.whole(); err != nil {
			return nil, err
		}
		return nil, errNoArray
	}
	p.pos++
	p.space()
	if p.peek() == ']' {
		p.pos++
		return nil, p.end()
	}
	for {
		p.space()
		start := p.pos
		p.values = 0
		if _, err := p.value(1); err != nil {
			return nil, err
		}
		if len(items) == most {
			return nil, errManyItems
		}
		items = append(items, json.RawMessage(data[start:p.pos]))
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return items, p.end()
		default:
			return nil, p.fail("a comma or a closing bracket is expected here")
		}
	}
}
