package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// RegisterCustomer is POST /v2/customers.
func (a *API) RegisterCustomer(ctx context.Context, r gen.RegisterCustomerRequestObject) (gen.RegisterCustomerResponseObject, error) {
	in, err := registration(r.Params.Source, r.Params.AccountId, r.Body)
	if err != nil {
		return nil, err
	}
	out, err := a.store.RegisterCustomer(ctx, who(ctx), in.Source, in.Account, in.Profile, in.Customer)
	if err != nil {
		return nil, err
	}
	return gen.RegisterCustomer200JSONResponse(writeResult(out)), nil
}

// UpdateCustomerDetails is PUT /v2/customers/{id}.
func (a *API) UpdateCustomerDetails(ctx context.Context, r gen.UpdateCustomerDetailsRequestObject) (gen.UpdateCustomerDetailsResponseObject, error) {
	profile, in, err := updateInput(r.Body)
	if err != nil {
		return nil, err
	}
	out, err := a.store.UpdateCustomer(ctx, who(ctx), r.Id, r.Params.Source, text(r.Params.AccountId), profile, in)
	if err != nil {
		return nil, err
	}
	return gen.UpdateCustomerDetails200JSONResponse(writeResult(out)), nil
}

// UpdateCustomerDetailsByIdentifier is PUT /v2/customers/lookup.
func (a *API) UpdateCustomerDetailsByIdentifier(ctx context.Context, r gen.UpdateCustomerDetailsByIdentifierRequestObject) (gen.UpdateCustomerDetailsByIdentifierResponseObject, error) {
	id, err := lookupIdentifier(r.Params.IdentifierName, r.Params.IdentifierValue)
	if err != nil {
		return nil, err
	}
	profile, in, err := updateInput(r.Body)
	if err != nil {
		return nil, err
	}
	out, err := a.store.UpdateCustomerByIdentifier(ctx, who(ctx), id, r.Params.Source, text(r.Params.AccountId), profile, in)
	if err != nil {
		return nil, err
	}
	return gen.UpdateCustomerDetailsByIdentifier200JSONResponse(writeResult(out)), nil
}

// UpdateCustomerIdentifiers is POST /v2/customers/{id}/changeIdentifier.
func (a *API) UpdateCustomerIdentifiers(ctx context.Context, r gen.UpdateCustomerIdentifiersRequestObject) (gen.UpdateCustomerIdentifiersResponseObject, error) {
	add, err := identifiers(r.Body.Add, "body: add")
	if err != nil {
		return nil, err
	}
	remove, err := identifiers(r.Body.Remove, "body: remove")
	if err != nil {
		return nil, err
	}
	if len(add)+len(remove) == 0 {
		return nil, fault.BadRequest.With("reason", "must hold an identifier in add or remove").At("body")
	}
	out, err := a.store.ChangeIdentifiers(ctx, who(ctx), r.Id, r.Params.Source, text(r.Params.AccountId), db.IdentifierChange{Add: add, Remove: remove})
	if err != nil {
		return nil, err
	}
	return gen.UpdateCustomerIdentifiers200JSONResponse{CreatedId: out.ID, Success: true, Warnings: warnings(out.Warnings)}, nil
}

// FetchCustomersByPartialStrings is GET /v2/customers/search.
func (a *API) FetchCustomersByPartialStrings(ctx context.Context, r gen.FetchCustomersByPartialStringsRequestObject) (gen.FetchCustomersByPartialStringsResponseObject, error) {
	q := strings.TrimSpace(r.Params.Q)
	if q == "" {
		return nil, fault.BadRequest.With("reason", "must not be empty").At("query: q")
	}
	p, err := a.page(10, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	m, err := a.store.SearchCustomers(ctx, who(ctx), q, text(r.Params.AccountId), p.Limit, p.Offset)
	if err != nil {
		return nil, err
	}
	res := gen.FetchCustomersByPartialStrings200JSONResponse{
		Pagination: gen.Pagination{Limit: p.Limit, Offset: p.Offset, Total: m.Total},
		Data:       make([]gen.SearchHit, len(m.Items)),
		Warnings:   warnings(m.Warnings),
		Errors:     []gen.Status{},
	}
	for i, it := range m.Items {
		res.Data[i] = searchHit(it)
	}
	return res, nil
}

// FetchCustomerId is GET /v2/customers/lookup.
func (a *API) FetchCustomerId(ctx context.Context, r gen.FetchCustomerIdRequestObject) (gen.FetchCustomerIdResponseObject, error) {
	id, err := lookupIdentifier(r.Params.IdentifierName, r.Params.IdentifierValue)
	if err != nil {
		return nil, err
	}
	out, err := a.store.LookupCustomer(ctx, who(ctx), id, text(r.Params.Source), text(r.Params.AccountId))
	if err != nil {
		return nil, err
	}
	return gen.FetchCustomerId200JSONResponse{Entity: out.ID, Warnings: warnings(out.Warnings)}, nil
}

// FetchCustomerDetails is GET /v2/customers/{id}.
func (a *API) FetchCustomerDetails(ctx context.Context, r gen.FetchCustomerDetailsRequestObject) (gen.FetchCustomerDetailsResponseObject, error) {
	f, err := a.store.Customer(ctx, who(ctx), r.Id, text(r.Params.Source), text(r.Params.AccountId), embedded(r.Params.Embed)...)
	if err != nil {
		return nil, err
	}
	return gen.FetchCustomerDetails200JSONResponse(customer(f)), nil
}

// FetchCustomerDetailsByIdentifier is GET /v2/customers/lookup/customerDetails.
func (a *API) FetchCustomerDetailsByIdentifier(ctx context.Context, r gen.FetchCustomerDetailsByIdentifierRequestObject) (gen.FetchCustomerDetailsByIdentifierResponseObject, error) {
	id, err := lookupIdentifier(r.Params.IdentifierName, r.Params.IdentifierValue)
	if err != nil {
		return nil, err
	}
	f, err := a.store.CustomerByIdentifier(ctx, who(ctx), id, text(r.Params.Source), text(r.Params.AccountId), embedded(r.Params.Embed)...)
	if err != nil {
		return nil, err
	}
	return gen.FetchCustomerDetailsByIdentifier200JSONResponse(customer(f)), nil
}

func lookupIdentifier(name, value string) (db.Identifier, error) {
	t, ok := db.ParseIdentifierType(name)
	if !ok {
		return db.Identifier{}, fault.IdentifierNameInvalid.At("query: identifierName")
	}
	if strings.TrimSpace(value) == "" {
		return db.Identifier{}, fault.LookupIdentifierMissing.At("query: identifierValue")
	}
	return db.Identifier{Type: t, Value: value}, nil
}

// registration reads what a registration asks, with the source and the account of the address, which may be nil.
func registration(source, account *string, b *gen.RegisterRequest) (in db.Registration, err error) {
	p := b.Profiles[0]
	in.Source, in.Account = text(source), text(account)
	fromProfile := in.Source == "" // the address wins; the profile's own source counts only when it names none
	if fromProfile {
		in.Source, in.Account = text(p.Source), text(p.AccountId)
	}
	if in.Source == "" {
		return in, fault.SourceMissing.At("query: source")
	}
	if in.Profile, err = profileInput(p); err != nil {
		return in, err
	}
	in.Customer, err = registrationInput(b)
	in.Customer.SourceInProfile = fromProfile
	return in, err
}

func registrationInput(b *gen.RegisterRequest) (in db.CustomerInput, err error) {
	if l := b.LoyaltyInfo; l != nil {
		if in.LoyaltyType, err = loyaltyType(l.LoyaltyType); err != nil {
			return in, err
		}
		if at := l.AttributionV2; at != nil {
			in.CreateDate = text(at.CreateDate)
			if at.CreatedBy != nil {
				in.CreatedBy = at.CreatedBy.Code
			}
		}
	}
	in.ExtendedFields, in.AssociatedWith = extendedFields(b.ExtendedFields), text(b.AssociatedWith)
	return in, nil
}

func updateInput(b *gen.UpdateRequest) (profile *db.ProfileInput, in db.CustomerInput, err error) {
	if b.Profiles != nil && len(*b.Profiles) > 0 {
		p, err := profileInput((*b.Profiles)[0])
		if err != nil {
			return nil, in, err
		}
		profile = &p
	}
	if b.LoyaltyInfo != nil {
		if in.LoyaltyType, err = loyaltyType(b.LoyaltyInfo.LoyaltyType); err != nil {
			return nil, in, err
		}
	}
	in.ExtendedFields, in.AssociatedWith = extendedFields(b.ExtendedFields), text(b.AssociatedWith)
	return profile, in, nil
}

func profileInput(p gen.ProfileRequest) (in db.ProfileInput, err error) {
	in = db.ProfileInput{FirstName: p.FirstName, LastName: p.LastName}
	if in.Identifiers, err = identifiers(p.Identifiers, "body: profiles[0].identifiers"); err != nil {
		return in, err
	}
	if p.Fields != nil {
		in.Fields = map[string]string{}
		for k, v := range *p.Fields {
			if !v.Valid {
				return in, fault.CustomFieldInvalid.With("name", k).At("body: profiles[0].fields")
			}
			in.Fields[k] = v.Text
		}
	}
	if p.CommChannels == nil {
		return in, nil
	}
	for i, c := range *p.CommChannels {
		t, ok := db.ParseChannelType(c.Type)
		if !ok {
			return in, fault.ChannelInvalid.At("body: profiles[0].commChannels[" + strconv.Itoa(i) + "].type")
		}
		ch := db.ChannelInput{Type: t, Value: string(c.Value), Primary: (*bool)(c.Primary), Verified: (*bool)(c.Verified), Subscribed: (*bool)(c.Subscribed)}
		if c.Meta != nil {
			ch.Meta = &db.ChannelMetaInput{
				Residence: (*bool)(c.Meta.Residence), Office: (*bool)(c.Meta.Office), LastViewedDate: c.Meta.LastViewedDate,
			}
		}
		if c.Attributes != nil {
			ch.Attributes = map[string]string{}
			for k, v := range *c.Attributes {
				if !v.Valid {
					return in, fault.BadRequest.With("reason", "must hold only strings, whole numbers and booleans").At("body: profiles[0].commChannels[" + strconv.Itoa(i) + "].attributes")
				}
				ch.Attributes[k] = v.Text
			}
		}
		in.Channels = append(in.Channels, ch)
	}
	return in, nil
}

func identifiers(sent *[]gen.IdentifierRequest, place string) (ids []db.Identifier, err error) {
	if sent == nil {
		return nil, nil
	}
	for i, id := range *sent {
		t, ok := db.ParseIdentifierType(id.Type)
		if !ok {
			return nil, fault.BadRequest.With("reason", "must be one of "+strings.Join(db.IdentifierTypes(), ", ")).At(place + "[" + strconv.Itoa(i) + "].type")
		}
		ids = append(ids, db.Identifier{Type: t, Value: string(id.Value)})
	}
	return ids, nil
}

// extendedFields keeps names whose values cannot be read, with no value: the store leaves them out with a warning.
func extendedFields(sent *gen.Fields) map[string]string {
	if sent == nil {
		return nil
	}
	fields := map[string]string{}
	for k, v := range *sent {
		fields[k] = v.Text
	}
	return fields
}

func loyaltyType(sent *string) (string, error) {
	switch l := strings.ToLower(text(sent)); l {
	case "", "loyalty", "non_loyalty":
		return l, nil
	}
	return "", fault.BadRequest.With("reason", "must be loyalty or non_loyalty").At("body: loyaltyInfo.loyaltyType")
}

func writeResult(out db.Outcome) gen.WriteResult {
	return gen.WriteResult{CreatedId: out.ID, Warnings: warnings(out.Warnings), SideEffects: []gen.SideEffect{}}
}

// embedded reads a list with commas, in any case and with quotation marks, as published samples have them.
func embedded(list *string) (names []string) {
	for name := range strings.SplitSeq(text(list), ",") {
		names = append(names, strings.ToLower(strings.Trim(name, " \"'”“")))
	}
	return names
}

func customer(f db.Found) gen.Customer {
	c := gen.Customer{
		Id:             f.ID,
		Profiles:       make([]gen.Profile, len(f.Profiles)),
		ExtendedFields: f.ExtendedFields,
		Segments:       map[string]any{},
		Warnings:       warnings(f.Warnings),
		LoyaltyInfo: gen.LoyaltyInfo{
			LoyaltyType: f.LoyaltyType, LifetimePurchases: gen.Amount(f.Purchases),
			AttributionV2: gen.AttributionV2{
				CreateDate:        gen.Time{Time: f.CreateDate},
				CreatedBy:         entityRef(f.CreatedBy),
				CreatedFromSource: f.CreatedFrom,
				ModifiedBy:        entityRef(f.ModifiedBy),
				ModifiedDate:      gen.Time{Time: f.ModifiedOn},
			},
		},
	}
	if f.AssociatedWith != "" {
		c.AssociatedWith = &f.AssociatedWith
	}
	for i, p := range f.Profiles {
		c.Profiles[i] = profile(p)
	}
	embedInto(&c, f)
	return c
}

// embedInto adds what was asked for beside the customer.
func embedInto(c *gen.Customer, f db.Found) {
	if p := f.Points; p != nil {
		if f.Summary {
			s := pointsSummary(*p)
			c.PointsSummary = &s
		}
		if f.Program {
			c.LoyaltyProgramDetails = some(loyaltyDetails(*p).Data)
		}
		if f.Schedule {
			c.ExpirySchedules = some(expirySchedules(*p))
		}
	}
	if f.Promotions {
		none := []gen.NoDetails{}
		c.PromotionalPoints = &gen.PromotionalPoints{CustomerPromotionType: none, TransactionPromotionType: none, LineitemPromotionType: none}
	}
	if f.Expired != nil {
		c.ExpiredPoints = some(expirySchedules(db.Points{Expiring: f.Expired}))
	}
	if f.Embedded.Subscriptions != nil {
		c.SubscriptionInfo = &gen.SubscriptionInfo{Subscriptions: subscriptions(f.Embedded.Subscriptions)}
	}
	if f.Embedded.Status != nil {
		c.CustomerStatus = &gen.CustomerStatus{Label: f.Embedded.Status.Label, Status: f.Embedded.Status.Status}
	}
}

func profile(p db.Profile) gen.Profile {
	out := gen.Profile{
		UserId: p.UserID, Source: p.Source, AccountId: p.Account, FirstName: p.FirstName, LastName: p.LastName,
		Fields:                 p.Fields,
		Identifiers:            make([]gen.Identifier, len(p.Identifiers)),
		CommChannels:           make([]gen.CommChannel, len(p.Channels)),
		ConflictingProfileList: p.Conflicts,
		AutoUpdateTime:         gen.Time{Time: p.ModifiedOn},
		Attribution: gen.Attribution{
			CreateDate: gen.Time{Time: p.CreatedOn}, CreatedBy: entityRef(p.CreatedBy),
			ModifiedDate: gen.Time{Time: p.ModifiedOn}, ModifiedBy: entityRef(p.ModifiedBy),
		},
	}
	for i, id := range p.Identifiers {
		out.Identifiers[i] = gen.Identifier{Type: id.Type, Value: id.Value}
	}
	for i, c := range p.Channels {
		out.CommChannels[i] = gen.CommChannel{
			Type: c.Type, Value: c.Value, Primary: c.Primary, Verified: c.Verified, Subscribed: c.Subscribed, Attributes: c.Attributes,
			Meta: gen.ChannelMeta{Residence: c.Meta.Residence, Office: c.Meta.Office},
		}
		if at := c.Meta.LastViewedDate; at != nil {
			out.CommChannels[i].Meta.LastViewedDate = &gen.Time{Time: *at}
		}
	}
	return out
}

func searchHit(m db.Match) gen.SearchHit {
	h := gen.SearchHit{UserId: m.UserID, MatchedIdentifiers: make([]gen.MatchedIdentifier, len(m.Identifiers)), Profiles: make([]gen.SearchProfile, len(m.Profiles))}
	for i, id := range m.Identifiers {
		h.MatchedIdentifiers[i] = gen.MatchedIdentifier{IdType: id.Type, IdValue: id.Value, Source: id.Source, AccountId: id.Account}
	}
	for i, p := range m.Profiles {
		h.Profiles[i] = gen.SearchProfile{Source: p.Source, FirstName: p.FirstName, LastName: p.LastName}
	}
	return h
}
