package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// RequestMerges is POST /v2/requests.
func (a *API) RequestMerges(ctx context.Context, r gen.RequestMergesRequestObject) (gen.RequestMergesResponseObject, error) {
	approve := is(r.Params.ClientAutoApprove)
	if approve && callOf(ctx).caller.role != "admin" { // as for Approve or Reject a Merge
		return nil, fault.Forbidden.At("query: client_auto_approve")
	}
	items, err := bulk(ctx, *r.Body, func(in gen.MergeRequestInput) (db.MergeAsk, error) {
		return db.MergeAsk{Victim: in.Victim.Id, Survivor: in.Survivor.Id, Comments: strings.TrimSpace(text(in.Comments))}, requestType(in.Type, in.BaseType)
	}, func(in []db.MergeAsk) ([]db.Item[db.MergeRequest], error) {
		return a.store.RequestMerges(ctx, who(ctx), in, approve)
	})
	if err != nil {
		return nil, err
	}
	switch out := mergeRequestItems(items); a.bulkStatus(out.FailureCount, out.TotalCount) {
	case 200:
		return gen.RequestMerges200JSONResponse(out), nil
	case 201:
		return gen.RequestMerges201JSONResponse(out), nil
	default:
		return gen.RequestMerges400JSONResponse{Items: out}, nil
	}
}

// DecideMerges is PUT /v2/requests.
func (a *API) DecideMerges(ctx context.Context, r gen.DecideMergesRequestObject) (gen.DecideMergesResponseObject, error) {
	items, err := bulk(ctx, *r.Body, func(in gen.MergeDecisionInput) (d db.MergeDecision, err error) {
		if err := requestType(in.Type, in.BaseType); err != nil {
			return d, err
		}
		d = db.MergeDecision{ID: in.Id, Status: strings.ToUpper(in.Status)}
		if in.Comments != nil {
			trimmed := strings.TrimSpace(*in.Comments)
			d.Comments = &trimmed
		}
		if !slices.Contains(db.RequestStatuses, d.Status) {
			return d, badRequest("body: status", "must be PENDING, APPROVED or REJECTED")
		}
		return d, nil
	}, func(in []db.MergeDecision) ([]db.Item[db.MergeRequest], error) {
		return a.store.DecideMerges(ctx, who(ctx), in)
	})
	if err != nil {
		return nil, err
	}
	switch out := mergeRequestItems(items); a.bulkStatus(out.FailureCount, out.TotalCount) {
	case 200:
		return gen.DecideMerges200JSONResponse(out), nil
	case 201:
		return gen.DecideMerges201JSONResponse(out), nil
	default:
		return gen.DecideMerges400JSONResponse{Items: out}, nil
	}
}

// ListMergeRequests is GET /v2/requests.
func (a *API) ListMergeRequests(ctx context.Context, r gen.ListMergeRequestsRequestObject) (gen.ListMergeRequestsResponseObject, error) {
	q := r.Params
	f, _, err := a.requestFilter(gen.FetchChangeRequestsParams{Status: q.Status, Limit: q.Limit, Offset: q.Offset})
	if err != nil {
		return nil, err
	}
	p, err := a.store.MergeRequests(ctx, who(ctx), 0, f)
	if err != nil {
		return nil, err
	}
	return gen.ListMergeRequests200JSONResponse(mergeRequestList(p, f, true)), nil
}

// FetchChangeRequests is GET /v2/customers/{id}/changeRequest.
func (a *API) FetchChangeRequests(ctx context.Context, r gen.FetchChangeRequestsRequestObject) (gen.FetchChangeRequestsResponseObject, error) {
	f, merges, err := a.requestFilter(r.Params)
	if err != nil {
		return nil, err
	}
	p, err := a.store.MergeRequestsOfCustomer(ctx, who(ctx), r.Id, f)
	if err != nil {
		return nil, err
	}
	return gen.FetchChangeRequests200JSONResponse(mergeRequestList(p, f, merges)), nil
}

// FetchChangeRequestsByIdentifier is GET /v2/customers/lookup/changeRequest.
func (a *API) FetchChangeRequestsByIdentifier(ctx context.Context, r gen.FetchChangeRequestsByIdentifierRequestObject) (gen.FetchChangeRequestsByIdentifierResponseObject, error) {
	q := r.Params
	id, err := lookupIdentifier(q.IdentifierName, q.IdentifierValue)
	if err != nil {
		return nil, err
	}
	f, merges, err := a.requestFilter(gen.FetchChangeRequestsParams{ChangeType: q.ChangeType, Status: q.Status, StartDate: q.StartDate, EndDate: q.EndDate, StartId: q.StartId, EndId: q.EndId, Limit: q.Limit, Offset: q.Offset})
	if err != nil {
		return nil, err
	}
	p, err := a.store.MergeRequestsByIdentifier(ctx, who(ctx), id, text(q.Source), text(q.AccountId), f)
	if err != nil {
		return nil, err
	}
	return gen.FetchChangeRequestsByIdentifier200JSONResponse(mergeRequestList(p, f, merges)), nil
}

// requestType refuses what is not asked here: merges are all that waits for approval.
func requestType(typ, base string) error {
	switch {
	case !strings.EqualFold(typ, "CHANGE_IDENTIFIER"):
		return fault.MergeRequestTypeInvalid.At("body: type")
	case !strings.EqualFold(base, "MERGE"):
		return fault.MergeRequestBaseInvalid.At("body: baseType")
	}
	return nil
}

// changeTypes are those that the contract knows.
var changeTypes = []string{"EMAIL", "MOBILE", "EXTERNAL_ID", "MERGE", "ADDRESS", "MOBILE_REALLOC", "COUPON", "POINTS", "TIER", "RETRO"}

// requestFilter reads what a list asks for. merges is false when it asks for changes of another type, which there are not.
func (a *API) requestFilter(q gen.FetchChangeRequestsParams) (f db.MergeRequestFilter, merges bool, err error) {
	f = db.MergeRequestFilter{Status: strings.ToUpper(text(q.Status)), From: text(q.StartDate), To: text(q.EndDate)}
	part, err := a.page(10, q.Limit, q.Offset)
	if err != nil {
		return f, false, err
	}
	f.Limit, f.Offset = part.Limit, part.Offset
	if q.StartId != nil {
		f.FirstID = *q.StartId
	}
	if q.EndId != nil {
		f.LastID = *q.EndId
	}
	if f.Status != "" && !slices.Contains(db.RequestStatuses, f.Status) {
		return f, false, badRequest("query: status", "must be PENDING, APPROVED or REJECTED")
	}
	typ := strings.ToUpper(text(q.ChangeType))
	if typ != "" && !slices.Contains(changeTypes, typ) {
		return f, false, badRequest("query: changeType", "must be one of "+strings.Join(changeTypes, ", "))
	}
	return f, typ == "" || typ == "MERGE", nil
}

func mergeRequestItems(items []db.Item[db.MergeRequest]) gen.MergeRequestItems {
	out := gen.MergeRequestItems{Response: make([]gen.MergeRequestItem, len(items)), TotalCount: len(items), FailureCount: failures(items)}
	for i, it := range items {
		e := gen.MergeRequestItem{Errors: warnings(itemErrors(it.Fault)), Warnings: []gen.Status{}}
		if it.Fault == nil {
			r := mergeRequest(it.Value)
			e.EntityId, e.Result = &it.Value.ID, &r
		}
		out.Response[i] = e
	}
	return out
}

func mergeRequestList(p db.MergeRequestPage, f db.MergeRequestFilter, merges bool) gen.MergeRequestList {
	if !merges {
		p.Items, p.Total = nil, 0
	}
	out := gen.MergeRequestList{Pagination: gen.Pagination{Limit: f.Limit, Offset: f.Offset, Total: p.Total}, Data: make([]gen.MergeRequest, len(p.Items)),
		Warnings: warnings(p.Warnings), Errors: []gen.Status{}}
	for i, r := range p.Items {
		out.Data[i] = mergeRequest(r)
	}
	return out
}

func mergeRequest(r db.MergeRequest) gen.MergeRequest {
	out := gen.MergeRequest{
		Id: r.ID, ChangeType: "MERGE", Status: r.Status, UserId: r.Victim, SecUserId: r.Survivor, Comments: r.Comments, OneStep: r.OneStep, MergeId: idOrNone(r.Merge),
		ChangeIdentifiers: gen.MergeRequestChange{Add: []gen.RequestedIdentifier{}, Remove: []gen.RequestedIdentifier{}},
		AddedOn:           gen.Time{Time: r.AddedOn}, AddedBy: entityRef(r.AddedBy), UpdatedOn: gen.Time{Time: r.UpdatedOn}, UpdatedBy: entityRef(r.UpdatedBy),
	}
	for _, c := range r.Asked {
		for _, id := range c.Add {
			out.ChangeIdentifiers.Add = append(out.ChangeIdentifiers.Add, gen.RequestedIdentifier{Source: c.Source, AccountId: c.Account, Type: id.Type, Value: id.Value})
		}
		for _, id := range c.Remove {
			out.ChangeIdentifiers.Remove = append(out.ChangeIdentifiers.Remove, gen.RequestedIdentifier{Source: c.Source, AccountId: c.Account, Type: id.Type, Value: id.Value})
		}
	}
	return out
}
