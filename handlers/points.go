package handlers

import (
	"context"
	"fmt"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

const (
	aCustomer  = "CUSTOMER" // entityType
	mainPoints = "Main"     // pointsCategory
)

// FetchWallet is GET /v2/customers/{id}/wallet.
func (a *API) FetchWallet(ctx context.Context, r gen.FetchWalletRequestObject) (gen.FetchWalletResponseObject, error) {
	p, err := a.store.WalletOf(ctx, who(ctx), db.CustomerRef{ID: r.Id})
	if err != nil {
		return nil, err
	}
	w := gen.FetchWallet200JSONResponse{CustomerId: p.Customer, Warnings: warnings(p.Warnings), ActiveCoupons: p.Live, Coupons: make([]gen.CouponIssued, len(p.Coupons))}
	for i, c := range p.Coupons {
		w.Coupons[i] = coupon(c)
	}
	if p.Enrolled {
		s := pointsSummary(p.Points)
		w.PointsSummary, w.PointsValue = &s, gen.Amount(p.Worth())
		w.NextExpiry = nextExpiry(p.Points)
	}
	return w, nil
}

// FetchPointsBalance is GET /v2/customers/points/balance/{id}.
func (a *API) FetchPointsBalance(ctx context.Context, r gen.FetchPointsBalanceRequestObject) (gen.FetchPointsBalanceResponseObject, error) {
	p, err := a.pointsOf(ctx, db.CustomerRef{ID: r.Id}, r.Params.ProgramId)
	if err != nil {
		return nil, err
	}
	return gen.FetchPointsBalance200JSONResponse(pointsBalance(p)), nil
}

// FetchPointsBalanceByIdentifier is GET /v2/customers/lookup/points/balance.
func (a *API) FetchPointsBalanceByIdentifier(ctx context.Context, r gen.FetchPointsBalanceByIdentifierRequestObject) (gen.FetchPointsBalanceByIdentifierResponseObject, error) {
	ref, err := lookupRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	p, err := a.pointsOf(ctx, ref, r.Params.ProgramId)
	if err != nil {
		return nil, err
	}
	return gen.FetchPointsBalanceByIdentifier200JSONResponse(pointsBalance(p)), nil
}

// FetchLoyaltyDetails is GET /v2/customers/{id}/loyaltyDetails.
func (a *API) FetchLoyaltyDetails(ctx context.Context, r gen.FetchLoyaltyDetailsRequestObject) (gen.FetchLoyaltyDetailsResponseObject, error) {
	p, err := a.pointsOf(ctx, db.CustomerRef{ID: r.Id}, r.Params.ProgramId)
	if err != nil {
		return nil, err
	}
	return gen.FetchLoyaltyDetails200JSONResponse(loyaltyDetails(p)), nil
}

// FetchLoyaltyDetailsByIdentifier is GET /v2/customers/lookup/loyaltyDetails.
func (a *API) FetchLoyaltyDetailsByIdentifier(ctx context.Context, r gen.FetchLoyaltyDetailsByIdentifierRequestObject) (gen.FetchLoyaltyDetailsByIdentifierResponseObject, error) {
	ref, err := lookupRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	p, err := a.pointsOf(ctx, ref, r.Params.ProgramId)
	if err != nil {
		return nil, err
	}
	return gen.FetchLoyaltyDetailsByIdentifier200JSONResponse(loyaltyDetails(p)), nil
}

// FetchTierDetails is GET /v2/customers/{id}/tierDetails.
func (a *API) FetchTierDetails(ctx context.Context, r gen.FetchTierDetailsRequestObject) (gen.FetchTierDetailsResponseObject, error) {
	p, err := a.pointsOf(ctx, db.CustomerRef{ID: r.Id}, nil)
	if err != nil {
		return nil, err
	}
	return gen.FetchTierDetails200JSONResponse(tierDetails(p)), nil
}

// FetchTierDetailsByIdentifier is GET /v2/customers/lookup/tierDetails.
func (a *API) FetchTierDetailsByIdentifier(ctx context.Context, r gen.FetchTierDetailsByIdentifierRequestObject) (gen.FetchTierDetailsByIdentifierResponseObject, error) {
	ref, err := lookupRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	p, err := a.pointsOf(ctx, ref, nil)
	if err != nil {
		return nil, err
	}
	return gen.FetchTierDetailsByIdentifier200JSONResponse(tierDetails(p)), nil
}

// FetchPointsExpirySchedule is GET /v2/customers/{id}/pointsExpirySchedule.
func (a *API) FetchPointsExpirySchedule(ctx context.Context, r gen.FetchPointsExpiryScheduleRequestObject) (gen.FetchPointsExpiryScheduleResponseObject, error) {
	q := r.Params
	p, err := a.expirySchedule(ctx, db.CustomerRef{ID: r.Id}, q.ProgramId, q.FetchDataForAllPrograms, q.StartDate, q.EndDate, q.FetchEarliestExpiryOnly)
	if err != nil {
		return nil, err
	}
	return gen.FetchPointsExpirySchedule200JSONResponse(expirySchedule(p)), nil
}

// FetchPointsExpiryScheduleByIdentifier is GET /v2/customers/lookup/pointsExpirySchedule.
func (a *API) FetchPointsExpiryScheduleByIdentifier(ctx context.Context, r gen.FetchPointsExpiryScheduleByIdentifierRequestObject) (gen.FetchPointsExpiryScheduleByIdentifierResponseObject, error) {
	q := r.Params
	ref, err := lookupRef(q.IdentifierName, q.IdentifierValue, q.Source, q.AccountId)
	if err != nil {
		return nil, err
	}
	p, err := a.expirySchedule(ctx, ref, q.ProgramId, q.FetchDataForAllPrograms, q.StartDate, q.EndDate, q.FetchEarliestExpiryOnly)
	if err != nil {
		return nil, err
	}
	return gen.FetchPointsExpiryScheduleByIdentifier200JSONResponse(expirySchedule(p)), nil
}

// FetchPromisedPointsSchedule is GET /v2/customers/{id}/promisedPointsSchedule.
func (a *API) FetchPromisedPointsSchedule(ctx context.Context, r gen.FetchPromisedPointsScheduleRequestObject) (gen.FetchPromisedPointsScheduleResponseObject, error) {
	p, err := a.pointsOf(ctx, db.CustomerRef{ID: r.Id}, nil)
	if err != nil {
		return nil, err
	}
	return gen.FetchPromisedPointsSchedule200JSONResponse(promisedPoints(p)), nil
}

// FetchPromisedPointsScheduleByIdentifier is GET /v2/customers/lookup/promisedPointsSchedule.
func (a *API) FetchPromisedPointsScheduleByIdentifier(ctx context.Context, r gen.FetchPromisedPointsScheduleByIdentifierRequestObject) (gen.FetchPromisedPointsScheduleByIdentifierResponseObject, error) {
	ref, err := lookupRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	p, err := a.pointsOf(ctx, ref, nil)
	if err != nil {
		return nil, err
	}
	return gen.FetchPromisedPointsScheduleByIdentifier200JSONResponse(promisedPoints(p)), nil
}

// FetchLoyaltyEvents is GET /v2/customers/{id}/loyaltyEvents.
func (a *API) FetchLoyaltyEvents(ctx context.Context, r gen.FetchLoyaltyEventsRequestObject) (gen.FetchLoyaltyEventsResponseObject, error) {
	list, ws, err := a.store.LoyaltyEvents(ctx, who(ctx), db.CustomerRef{ID: r.Id})
	if err != nil {
		return nil, err
	}
	out := gen.FetchLoyaltyEvents200JSONResponse{Data: make([]gen.LoyaltyEvent, len(list)), Warnings: warnings(ws), Errors: []gen.Status{}}
	for i, e := range list {
		out.Data[i] = gen.LoyaltyEvent{
			Id: int(e.ID), CustomerId: e.Customer, Date: gen.Time{Time: e.At}, EventName: e.Name, OrgId: who(ctx).Org, Status: "SUCCESS",
			UniqueId: fmt.Sprintf("E%09d", e.ID),
		}
		if e.ID == 0 {
			out.Data[i].UniqueId = fmt.Sprintf("C%09d", e.Customer)
		}
	}
	return out, nil
}

// pointsOf reads where a customer stands in the one program that there is.
func (a *API) pointsOf(ctx context.Context, ref db.CustomerRef, program *gen.Id) (p db.Points, err error) {
	if err := theProgram(program, "query: programId"); err != nil {
		return p, err
	}
	p, err = a.store.PointsOf(ctx, who(ctx), ref)
	if err == nil && !p.Enrolled {
		err = fault.NotEnrolled.With("id", p.Customer)
	}
	return p, err
}

func (a *API) expirySchedule(ctx context.Context, ref db.CustomerRef, program *gen.Id, all *bool, start, end *string, earliest *bool) (p db.Points, err error) {
	if err := theProgram(program, "query: programId"); err != nil && !is(all) {
		return p, err
	}
	return a.store.PointsExpiry(ctx, who(ctx), ref, db.ExpiryQuery{Start: text(start), End: text(end), EarliestOnly: is(earliest)})
}

// theProgram refuses any program but the one that an org has.
func theProgram(id *gen.Id, place string) error {
	if id != nil && *id != db.ProgramID {
		return fault.ProgramUnknown.With("id", *id).At(place)
	}
	return nil
}

// lookupRef names a customer by the query of a lookup, whose identifier may be the id.
func lookupRef(name, value string, source, account *string) (ref db.CustomerRef, err error) {
	if strings.EqualFold(name, "id") {
		if ref.ID = customerID(value); ref.ID == 0 {
			return ref, fault.CustomerNotFound.With("type", "id", "value", value)
		}
		return ref, nil
	}
	return queryRef(name, value, source, account)
}

// queryRef names a customer by the query of a lookup.
func queryRef(name, value string, source, account *string) (db.CustomerRef, error) {
	id, err := lookupIdentifier(name, value)
	return db.CustomerRef{Identifier: id, Source: text(source), Account: text(account)}, err
}

// customerID reads an id in digits, or gives 0.
func customerID(text string) (id int64) {
	if len(text) == 0 || len(text) > 15 || strings.Trim(text, "0123456789") != "" {
		return 0
	}
	for _, d := range text {
		id = id*10 + int64(d-'0')
	}
	return id
}

func pointsSummary(p db.Points) gen.PointsSummary {
	s := gen.PointsSummary{
		Redeemed: gen.Points(p.Redeemed), Expired: gen.Points(p.Expired), Returned: gen.Points(p.Returned), Adjusted: gen.Points(p.Adjusted),
		LifetimePoints: gen.Points(p.Lifetime), LoyaltyPoints: gen.Points(p.Balance), CumulativePurchases: gen.Amount(p.Purchases), LoyaltyId: p.Customer,
		CurrentSlab: p.Tier.Name, SlabSNo: p.Tier.Number, NextSlabSerialNumber: -1,
	}
	if n := p.NextTier; n != nil {
		s.NextSlab, s.NextSlabSerialNumber, s.NextSlabDescription = n.Name, n.Number, n.Name+" from "+db.Decimal(n.From)+" points"
	}
	return s
}

func pointsBalance(p db.Points) gen.PointsBalance {
	return gen.PointsBalance{EntityId: p.Customer, EntityType: aCustomer, ProgramId: db.ProgramID, TotalPoints: gen.Points(p.Balance), MainPoints: gen.Points(p.Balance),
		Warnings: warnings(p.Warnings)}
}

func loyaltyDetails(p db.Points) gen.LoyaltyDetailsResult {
	s := pointsSummary(p)
	return gen.LoyaltyDetailsResult{Warnings: warnings(p.Warnings), Errors: []gen.Status{}, Data: []gen.LoyaltyDetails{{
		Redeemed: s.Redeemed, Expired: s.Expired, Returned: s.Returned, Adjusted: s.Adjusted, LifetimePoints: s.LifetimePoints, LoyaltyPoints: s.LoyaltyPoints,
		CumulativePurchases: s.CumulativePurchases, LoyaltyId: s.LoyaltyId, CurrentSlab: s.CurrentSlab, SlabSNo: s.SlabSNo, NextSlab: s.NextSlab,
		NextSlabSerialNumber: s.NextSlabSerialNumber, NextSlabDescription: s.NextSlabDescription,
		ProgramId: db.ProgramID, ProgramTitle: p.Program.Rules.Name, ProgramDescription: p.Program.Rules.Name, ProgramPointsToCurrencyRatio: gen.Ratio(p.Program.Rules.Value),
		TotalAvailablePoints: s.LoyaltyPoints, TotalReturnedPoints: s.Returned, LinkedPartnerPrograms: []gen.PartnerProgram{},
	}}}
}

func tierDetails(p db.Points) gen.TierDetails {
	t := gen.ProgramTier{ProgramId: db.ProgramID, CurrentTierName: p.Tier.Name, CurrentTierSerialNumber: p.Tier.Number, NextTierSerialNumber: -1}
	if n := p.NextTier; n != nil {
		t.NextTierName, t.NextTierSerialNumber = n.Name, n.Number
	}
	return gen.TierDetails{EntityId: p.Customer, EntityType: aCustomer, ProgramTiers: []gen.ProgramTier{t}, Warnings: warnings(p.Warnings)}
}

func expirySchedule(p db.Points) gen.ExpiryScheduleResult {
	return gen.ExpiryScheduleResult{Id: p.Customer, Profiles: []gen.Profile{}, LoyaltyInfo: gen.LoyaltyTypeInfo{LoyaltyType: "loyalty"}, Segments: map[string]any{},
		ExtendedFields: map[string]string{}, ExpirySchedules: expirySchedules(p), Warnings: warnings(p.Warnings)}
}

func expirySchedules(p db.Points) []gen.ExpirySchedule {
	all := make([]gen.ExpirySchedule, len(p.Expiring))
	for i, e := range p.Expiring {
		all[i] = gen.ExpirySchedule{Points: gen.Points(e.Points), ExpiryDate: e.Day, ProgramId: db.ProgramID, PointsType: "customer_promotions", ExpiryType: "fixed"}
		if e.Bill {
			all[i].PointsType = "bill_regular"
		}
	}
	return all
}

// nextExpiry is all that expires on the first day on which anything does, nil for nothing.
func nextExpiry(p db.Points) *gen.NextExpiry {
	var next *gen.NextExpiry
	for _, e := range p.Expiring {
		switch {
		case next == nil:
			next = &gen.NextExpiry{ExpiryDate: e.Day, Points: gen.Points(e.Points)}
		case next.ExpiryDate == e.Day:
			next.Points += gen.Points(e.Points)
		}
	}
	return next
}

func promisedPoints(p db.Points) gen.PromisedPoints {
	return gen.PromisedPoints{EntityId: p.Customer, EntityType: aCustomer, PromisedPointsScheduleList: []gen.PromisedPoint{}, TriggerBasedPointsList: []gen.PromisedPoint{},
		Warnings: warnings(p.Warnings)}
}
