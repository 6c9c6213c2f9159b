package handlers

import (
	"context"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// FetchIdentifierLog is GET /v2/customers/{id}/changeIdentifierLog.
func (a *API) FetchIdentifierLog(ctx context.Context, r gen.FetchIdentifierLogRequestObject) (gen.FetchIdentifierLogResponseObject, error) {
	log, err := a.identifierLog(ctx, db.CustomerRef{ID: r.Id}, r.Params.Limit, r.Params.Offset)
	return gen.FetchIdentifierLog200JSONResponse(log), err
}

// FetchIdentifierLogByIdentifier is GET /v2/customers/lookup/changeIdentifierLog.
func (a *API) FetchIdentifierLogByIdentifier(ctx context.Context, r gen.FetchIdentifierLogByIdentifierRequestObject) (gen.FetchIdentifierLogByIdentifierResponseObject, error) {
	of, err := queryRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	log, err := a.identifierLog(ctx, of, r.Params.Limit, r.Params.Offset)
	return gen.FetchIdentifierLogByIdentifier200JSONResponse(log), err
}

// identifierLog has no place for warnings but its entries: each has those of the lookup.
func (a *API) identifierLog(ctx context.Context, of db.CustomerRef, limit, offset *int) (gen.IdentifierLog, error) {
	p, err := a.page(100, limit, offset)
	if err != nil {
		return nil, err
	}
	log, w, err := a.store.IdentifierLog(ctx, who(ctx), of, p)
	if err != nil {
		return nil, err
	}
	out := make(gen.IdentifierLog, len(log))
	for i, e := range log {
		out[i] = gen.IdentifierChange{UserId: e.Customer, Source: e.Source, AccountId: e.Account, ActionType: e.Action,
			Identifiers: make([]gen.ChangedIdentifier, len(e.Identifiers)), CreatedDate: gen.Time{Time: e.At}, Warnings: warnings(w)}
		for k, id := range e.Identifiers {
			out[i].Identifiers[k] = gen.ChangedIdentifier{Source: e.Source, Type: id.Type, Value: id.Value, UserId: e.Customer}
		}
	}
	return out, nil
}

// UpdateStatus is PUT /v2/customers/{id}/status.
func (a *API) UpdateStatus(ctx context.Context, r gen.UpdateStatusRequestObject) (gen.UpdateStatusResponseObject, error) {
	out, err := a.store.SetStatus(ctx, who(ctx), r.Id, statusInput(r.Body))
	if err != nil {
		return nil, err
	}
	return gen.UpdateStatus200JSONResponse{CreatedId: out.ID, Warnings: warnings(out.Warnings)}, nil
}

// UpdateStatusByIdentifier is PUT /v2/customers/lookup/status.
func (a *API) UpdateStatusByIdentifier(ctx context.Context, r gen.UpdateStatusByIdentifierRequestObject) (gen.UpdateStatusByIdentifierResponseObject, error) {
	id, err := lookupIdentifier(r.Params.IdentifierName, r.Params.IdentifierValue)
	if err != nil {
		return nil, err
	}
	out, err := a.store.SetStatusByIdentifier(ctx, who(ctx), id, r.Params.Source, text(r.Params.AccountId), statusInput(r.Body))
	if err != nil {
		return nil, err
	}
	return gen.UpdateStatusByIdentifier200JSONResponse{CreatedId: out.ID, Warnings: warnings(out.Warnings)}, nil
}

// FetchStatusLog is GET /v2/customers/{id}/statusLog.
func (a *API) FetchStatusLog(ctx context.Context, r gen.FetchStatusLogRequestObject) (gen.FetchStatusLogResponseObject, error) {
	log, err := a.statusLog(ctx, db.CustomerRef{ID: r.Id}, r.Params.Limit, r.Params.Offset)
	return gen.FetchStatusLog200JSONResponse(log), err
}

// FetchStatusLogByIdentifier is GET /v2/customers/lookup/statusLog.
func (a *API) FetchStatusLogByIdentifier(ctx context.Context, r gen.FetchStatusLogByIdentifierRequestObject) (gen.FetchStatusLogByIdentifierResponseObject, error) {
	of, err := queryRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	log, err := a.statusLog(ctx, of, r.Params.Limit, r.Params.Offset)
	return gen.FetchStatusLogByIdentifier200JSONResponse(log), err
}

func (a *API) statusLog(ctx context.Context, of db.CustomerRef, limit, offset *int) (gen.StatusLog, error) {
	p, err := a.page(100, limit, offset)
	if err != nil {
		return gen.StatusLog{}, err
	}
	log, w, err := a.store.StatusLog(ctx, who(ctx), of, p)
	if err != nil {
		return gen.StatusLog{}, err
	}
	out := gen.StatusLog{Data: make([]gen.StatusEntry, len(log)), Warnings: warnings(w), Errors: []gen.Status{}}
	for i, e := range log {
		out.Data[i] = gen.StatusEntry{EntityId: e.Customer, Label: e.Label, Status: e.StatusLabel.Status, IsActive: e.Current, Reason: e.Reason,
			CreatedOn: gen.Time{Time: e.CreatedOn}, CreatedBy: e.By.ID, CreatedByUser: entityRef(e.By), AutoUpdateTime: gen.Time{Time: e.At}, Actions: []string{}}
		if e.Previous != "" {
			out.Data[i].PrevLabel = &e.Previous
		}
	}
	return out, nil
}

func statusInput(b *gen.StatusRequest) db.StatusInput {
	return db.StatusInput{Label: b.Label, Reason: b.Reason, CreatedOn: text(b.CreatedOn)}
}
