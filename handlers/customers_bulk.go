package handlers

import (
	"context"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// RegisterCustomersInBulk is POST /v2/customers/bulk.
func (a *API) RegisterCustomersInBulk(ctx context.Context, r gen.RegisterCustomersInBulkRequestObject) (gen.RegisterCustomersInBulkResponseObject, error) {
	items, err := bulk(ctx, *r.Body, func(b gen.RegisterRequest) (db.Registration, error) {
		return registration(r.Params.Source, r.Params.AccountId, &b)
	}, func(in []db.Registration) ([]db.Item[db.Found], error) {
		return a.store.RegisterCustomers(ctx, who(ctx), in)
	})
	if err != nil {
		return nil, err
	}
	switch out := customerItems(items); a.bulkStatus(failures(items), len(items)) {
	case 200:
		return gen.RegisterCustomersInBulk200JSONResponse(out), nil
	case 201:
		return gen.RegisterCustomersInBulk201JSONResponse(out), nil
	default:
		return gen.RegisterCustomersInBulk400JSONResponse{Items: out}, nil
	}
}

// FetchCustomersInBulk is POST /v2/bulk/getCustomers.
func (a *API) FetchCustomersInBulk(ctx context.Context, r gen.FetchCustomersInBulkRequestObject) (gen.FetchCustomersInBulkResponseObject, error) {
	items, err := bulk(ctx, *r.Body, func(id gen.Id) (int64, error) { return id, nil }, func(ids []int64) ([]db.Item[db.Found], error) {
		return a.store.Customers(ctx, who(ctx), ids, text(r.Params.Source), text(r.Params.AccountId))
	})
	if err != nil {
		return nil, err
	}
	switch out := (gen.CustomerList{Data: customerItems(items)}); a.bulkStatus(failures(items), len(items)) {
	case 200:
		return gen.FetchCustomersInBulk200JSONResponse(out), nil
	case 201:
		return gen.FetchCustomersInBulk201JSONResponse(out), nil
	default:
		return gen.FetchCustomersInBulk400JSONResponse{Items: out}, nil
	}
}

func customerItems(items []db.Item[db.Found]) gen.CustomerItems {
	out := make(gen.CustomerItems, len(items))
	for i, it := range items {
		out[i] = gen.CustomerItem{Success: it.Fault == nil, Errors: warnings(itemErrors(it.Fault)), Warnings: []gen.Status{}}
		if it.Fault == nil {
			it.Value.Warnings = inItem(it.Value.Warnings, i)
			entity := customer(it.Value)
			out[i].Entity, out[i].Warnings = &entity, entity.Warnings
		}
	}
	return out
}
