package handlers

import (
	"context"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// ListMerges is GET /v2/merges.
func (a *API) ListMerges(ctx context.Context, r gen.ListMergesRequestObject) (gen.ListMergesResponseObject, error) {
	part, err := a.page(10, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	var customer int64
	if r.Params.CustomerId != nil {
		customer = *r.Params.CustomerId
	}
	p, err := a.store.Merges(ctx, who(ctx), customer, part.Limit, part.Offset)
	if err != nil {
		return nil, err
	}
	res := gen.ListMerges200JSONResponse{
		Pagination: gen.Pagination{Limit: part.Limit, Offset: part.Offset, Total: p.Total},
		Data:       make([]gen.Merge, len(p.Items)),
		Warnings:   []gen.Status{},
		Errors:     []gen.Status{},
	}
	for i, m := range p.Items {
		res.Data[i] = merge(m)
	}
	return res, nil
}

// UndoMerge is POST /v2/merges/{id}/undo.
func (a *API) UndoMerge(ctx context.Context, r gen.UndoMergeRequestObject) (gen.UndoMergeResponseObject, error) {
	m, err := a.store.UndoMerge(ctx, who(ctx), r.Id)
	if err != nil {
		return nil, err
	}
	return gen.UndoMerge200JSONResponse{Entity: merge(m), Warnings: []gen.Status{}}, nil
}

func merge(m db.Merge) gen.Merge {
	out := gen.Merge{Id: m.ID, Victim: m.Victim, Survivor: m.Survivor, MergedOn: gen.Time{Time: m.On}, MergedBy: entityRef(m.By)}
	if m.UndoUntil != nil {
		out.UndoUntil = &gen.Time{Time: *m.UndoUntil}
	}
	if m.UndoneOn != nil {
		by := entityRef(*m.UndoneBy)
		out.UndoneOn, out.UndoneBy = &gen.Time{Time: *m.UndoneOn}, &by
	}
	return out
}
