package handlers

import (
	"context"

	"github.com/arteriole/arteriole/gen"
)

// FetchCustomerAudit is GET /v2/customers/{id}/audit.
func (a *API) FetchCustomerAudit(ctx context.Context, r gen.FetchCustomerAuditRequestObject) (gen.FetchCustomerAuditResponseObject, error) {
	part, err := a.page(10, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	p, err := a.store.Audit(ctx, who(ctx), r.Id, part.Limit, part.Offset)
	if err != nil {
		return nil, err
	}
	res := gen.FetchCustomerAudit200JSONResponse{
		Pagination: gen.Pagination{Limit: part.Limit, Offset: part.Offset, Total: p.Total},
		Data:       make([]gen.AuditEntry, len(p.Items)),
		Warnings:   warnings(p.Warnings),
		Errors:     []gen.Status{},
	}
	for i, e := range p.Items {
		out := gen.AuditEntry{Customer: e.Customer, On: gen.Time{Time: e.On}, By: entityRef(e.By), RequestId: e.RequestID, Action: e.Action,
			Changes: make([]gen.AuditChange, len(e.Changes))}
		if e.SentBy != nil {
			by := entityRef(*e.SentBy)
			out.SentBy = &by
		}
		if e.Client != nil {
			out.Client = &gen.AuditClient{Id: e.Client.ID, Name: e.Client.Name}
		}
		for k, c := range e.Changes {
			out.Changes[k] = gen.AuditChange{Field: c.Field, Before: c.Before, After: c.After}
		}
		res.Data[i] = out
	}
	return res, nil
}

// ExportCustomer is GET /v2/customers/{id}/export.
func (a *API) ExportCustomer(ctx context.Context, r gen.ExportCustomerRequestObject) (gen.ExportCustomerResponseObject, error) {
	e, err := a.store.ExportCustomer(ctx, who(ctx), r.Id)
	if err != nil {
		return nil, err
	}
	return gen.ExportCustomer200JSONResponse{Id: e.ID, Ids: e.IDs, ExportedOn: gen.Time{Time: e.On}, Data: e.Data, Warnings: []gen.Status{}}, nil
}

// EraseCustomer is POST /v2/customers/{id}/erase.
func (a *API) EraseCustomer(ctx context.Context, r gen.EraseCustomerRequestObject) (gen.EraseCustomerResponseObject, error) {
	e, err := a.store.EraseCustomer(ctx, who(ctx), r.Id)
	if err != nil {
		return nil, err
	}
	return gen.EraseCustomer200JSONResponse{Entity: gen.Erasure{Id: e.ID, Erased: e.IDs, ErasedOn: gen.Time{Time: e.On}}, Warnings: []gen.Status{}}, nil
}
