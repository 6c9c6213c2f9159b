package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// FetchTill is GET /v2/organization/till.
func (a *API) FetchTill(ctx context.Context, r gen.FetchTillRequestObject) (gen.FetchTillResponseObject, error) {
	t, err := a.store.OrgTill(ctx, who(ctx), r.Params.Code)
	if err != nil {
		return nil, err
	}
	return gen.FetchTill200JSONResponse(till(t)), nil
}

// FetchTillById is GET /v2/organization/till/{tillId}.
func (a *API) FetchTillById(ctx context.Context, r gen.FetchTillByIdRequestObject) (gen.FetchTillByIdResponseObject, error) {
	t, err := a.store.OrgTillByID(ctx, who(ctx), r.TillId)
	if err != nil {
		return nil, err
	}
	return gen.FetchTillById200JSONResponse(till(t)), nil
}

// customFieldScopes are what custom fields may belong to; customers have the first, bills the second.
var customFieldScopes = []string{"loyalty_registration", "loyalty_transaction", "customer_feedback", "customer_preferences", "store_custom_fields",
	"points_redemption", "voucher_redemption", "check_in_feedback", "customer_card"}

// FetchCustomFields is GET /v2/organization/customFields.
func (a *API) FetchCustomFields(ctx context.Context, r gen.FetchCustomFieldsRequestObject) (gen.FetchCustomFieldsResponseObject, error) {
	scope := strings.ToLower(text(r.Params.Scope))
	if scope != "" && !slices.Contains(customFieldScopes, scope) {
		return nil, badRequest("query: scope", "is not a scope")
	}
	res := gen.FetchCustomFields200JSONResponse{Data: []gen.CustomField{}, Warnings: warnings(nil), Errors: []gen.Status{}}
	settings, err := a.store.OrgSettings(ctx, who(ctx).Org)
	if err != nil {
		return nil, err
	}
	for i, names := range [][]string{settings.CustomFields, settings.BillCustomFields} {
		if scope != "" && scope != customFieldScopes[i] {
			continue
		}
		for _, name := range names {
			res.Data = append(res.Data, gen.CustomField{Name: name, Label: name, Type: "text", DataType: "STRING", Scope: customFieldScopes[i]})
		}
	}
	return res, nil
}

// FetchSourceTypes is GET /v2/meta/sources.
func (a *API) FetchSourceTypes(context.Context, gen.FetchSourceTypesRequestObject) (gen.FetchSourceTypesResponseObject, error) {
	res := gen.FetchSourceTypes200JSONResponse{Data: []gen.SourceType{}, Warnings: warnings(nil), Errors: []gen.Status{}}
	for _, s := range db.Sources() {
		res.Data = append(res.Data, gen.SourceType{Id: int(s.ID), Name: s.Name, CommChannels: s.Channels})
	}
	slices.SortFunc(res.Data, func(a, b gen.SourceType) int { return a.Id - b.Id })
	return res, nil
}

// AddSourceAccount is POST /v2/org/{orgId}/sources.
func (a *API) AddSourceAccount(ctx context.Context, r gen.AddSourceAccountRequestObject) (gen.AddSourceAccountResponseObject, error) {
	configs, err := sourceConfigs(r.Body.Configs)
	if err != nil {
		return nil, err
	}
	in := db.SourceAccountInput{Name: &r.Body.Name, Account: &r.Body.SourceAccountIdentifier, Source: &r.Body.SourceTypeName, ToMirror: (*bool)(r.Body.ToMirror), Configs: configs}
	out, err := a.store.CreateSourceAccount(ctx, who(ctx), r.OrgId, in)
	if err != nil {
		return nil, err
	}
	return gen.AddSourceAccount200JSONResponse(sourceAccount(ctx, out)), nil
}

// UpdateSourceAccount is PUT /v2/org/{orgId}/sources/{uuid}.
func (a *API) UpdateSourceAccount(ctx context.Context, r gen.UpdateSourceAccountRequestObject) (gen.UpdateSourceAccountResponseObject, error) {
	configs, err := sourceConfigs(r.Body.Configs)
	if err != nil {
		return nil, err
	}
	in := db.SourceAccountInput{Name: r.Body.Name, Account: r.Body.SourceAccountIdentifier, Source: r.Body.SourceTypeName, ToMirror: (*bool)(r.Body.ToMirror),
		Active: (*bool)(r.Body.IsActive), Configs: configs}
	out, err := a.store.ChangeSourceAccount(ctx, who(ctx), r.OrgId, r.Uuid, in)
	if err != nil {
		return nil, err
	}
	return gen.UpdateSourceAccount200JSONResponse(sourceAccount(ctx, out)), nil
}

// FetchSourceAccounts is GET /v2/org/{orgId}/sources.
func (a *API) FetchSourceAccounts(ctx context.Context, r gen.FetchSourceAccountsRequestObject) (gen.FetchSourceAccountsResponseObject, error) {
	list, err := a.store.SourceAccounts(ctx, who(ctx), r.OrgId)
	if err != nil {
		return nil, err
	}
	res := gen.FetchSourceAccounts200JSONResponse{Data: make([]gen.SourceAccountItem, len(list)), Warnings: warnings(nil), Errors: []gen.Status{}}
	for i, one := range list {
		res.Data[i] = sourceAccountItem(one)
	}
	return res, nil
}

// FetchSourceAccount is GET /v2/org/{orgId}/sources/{uuid}.
func (a *API) FetchSourceAccount(ctx context.Context, r gen.FetchSourceAccountRequestObject) (gen.FetchSourceAccountResponseObject, error) {
	out, err := a.store.SourceAccountByUUID(ctx, who(ctx), r.OrgId, r.Uuid)
	if err != nil {
		return nil, err
	}
	return gen.FetchSourceAccount200JSONResponse(sourceAccount(ctx, out)), nil
}

// GenerateExternalId is GET /v2/cardNumber.
func (a *API) GenerateExternalId(ctx context.Context, _ gen.GenerateExternalIdRequestObject) (gen.GenerateExternalIdResponseObject, error) {
	number, err := a.store.GenerateExternalID(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return gen.GenerateExternalId200JSONResponse{Entity: number, Warnings: warnings(nil)}, nil
}

func till(t db.Till) gen.Till {
	return gen.Till{Id: t.ID, Code: t.Code, Name: t.Name, Type: "TILL", IsActive: !t.Disabled, Warnings: warnings(nil)}
}

func sourceConfigs(sent *gen.Fields) (map[string]string, error) {
	if sent == nil {
		return nil, nil
	}
	configs := map[string]string{}
	for k, v := range *sent {
		if !v.Valid {
			return nil, fault.BadRequest.With("reason", "must hold only strings, whole numbers and booleans").At("body: configs")
		}
		configs[k] = v.Text
	}
	return configs, nil
}

// sourceAccount is an account with its configs, for those who may see them.
func sourceAccount(ctx context.Context, s db.SourceAccount) gen.SourceAccount {
	it := sourceAccountItem(s)
	out := gen.SourceAccount{Id: it.Id, Uuid: it.Uuid, Name: it.Name, SourceAccountIdentifier: it.SourceAccountIdentifier, ToMirror: it.ToMirror,
		SourceTypeId: it.SourceTypeId, SourceTypeName: it.SourceTypeName, IsActive: it.IsActive, CommChannels: it.CommChannels, Attribution: it.Attribution, Warnings: warnings(nil)}
	if c := callOf(ctx); c != nil && c.caller.role == "admin" {
		configs := gen.FieldValues(s.Configs)
		out.Configs = &configs
	}
	return out
}

func sourceAccountItem(s db.SourceAccount) gen.SourceAccountItem {
	return gen.SourceAccountItem{
		Id: s.ID, Uuid: s.UUID, Name: s.Name, SourceAccountIdentifier: s.Account, ToMirror: s.ToMirror, SourceTypeId: int(s.Source.ID), SourceTypeName: s.Source.Name,
		IsActive: s.Active, CommChannels: s.Source.Channels,
		Attribution: gen.AccountDates{CreateDate: s.CreatedOn.Format(time.DateOnly), ModifiedDate: s.SetOn.Format(time.DateOnly)},
	}
}
