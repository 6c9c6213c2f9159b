package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// FetchPointsRedeemable is GET /v2/points/isRedeemable.
func (a *API) FetchPointsRedeemable(ctx context.Context, r gen.FetchPointsRedeemableRequestObject) (gen.FetchPointsRedeemableResponseObject, error) {
	q := r.Params
	ref, err := lookupRef(q.IdentifierName, q.IdentifierValue, q.Source, q.AccountId)
	if err != nil {
		return nil, err
	}
	if err := theProgram(q.ProgramId, "query: programId"); err != nil {
		return nil, err
	}
	asked, err := points(gen.ReadPoints(q.Points), "query: points")
	if err != nil {
		return nil, err
	}
	p, err := a.store.PointsRedeemable(ctx, who(ctx), ref, asked)
	if err != nil {
		return nil, err
	}
	if is(q.IssueOtp) && p.Redeemable {
		ws, err := a.issueCode(ctx, func() (*db.Confirmation, error) {
			return a.store.ConfirmRedemption(ctx, who(ctx), db.CustomerRef{ID: p.Customer}, asked)
		})
		if err != nil {
			return nil, err
		}
		p.Warnings = append(p.Warnings, ws...)
	}
	return gen.FetchPointsRedeemable200JSONResponse{Warnings: warnings(p.Warnings), Errors: []gen.Status{}, Data: []gen.RedeemabilityItem{{
		CustomerId: p.Customer, Points: gen.Points(p.Points), Redeemable: p.Redeemable, PointsRedeemValue: gen.Amount(p.Value), PointsToCurrencyRatio: gen.Ratio(p.Ratio),
		AvailablePoints: gen.Points(p.Available),
	}}}, nil
}

// RedeemPoints is POST /v2/points/redeem.
func (a *API) RedeemPoints(ctx context.Context, r gen.RedeemPointsRequestObject) (gen.RedeemPointsResponseObject, error) {
	b := r.Body
	if err := theProgram(b.ProgramId, "body: programId"); err != nil {
		return nil, err
	}
	ref, err := identifierRef(b.Identifier.Type, string(b.Identifier.Value), "body: identifier")
	if err != nil {
		return nil, err
	}
	asked, err := points(b.Points, "body: points")
	if err != nil {
		return nil, err
	}
	out, err := a.store.RedeemPoints(ctx, who(ctx), db.RedeemInput{Customer: ref, Points: asked, Number: text(b.TransactionNumber), Reference: loose(b.ExternalReferenceNumber),
		Note: text(b.Notes), Code: confirmationCode(b.ValidationCode)})
	if err != nil {
		return nil, err
	}
	return gen.RedeemPoints200JSONResponse(pointsRedeemed(out)), nil
}

// RedeemPointsOfCustomer is POST /v2/customers/{id}/redemptions.
func (a *API) RedeemPointsOfCustomer(ctx context.Context, r gen.RedeemPointsOfCustomerRequestObject) (gen.RedeemPointsOfCustomerResponseObject, error) {
	b := r.Body
	if t := text(b.RedemptionType); t != "" && !strings.EqualFold(t, "POINTS") {
		return nil, badRequest("body: redemptionType", "must be POINTS")
	}
	asked, err := points(b.Points, "body: points")
	if err != nil {
		return nil, err
	}
	out, err := a.store.RedeemPoints(ctx, who(ctx), db.RedeemInput{Customer: db.CustomerRef{ID: r.Id}, Points: asked, Number: text(b.TransactionNumber),
		Reference: loose(b.ExternalReferenceNumber), Note: text(b.Notes), Code: confirmationCode(b.ValidationCode),
		DryRun: b.Commit != nil && !is(b.Commit)})
	if err != nil {
		return nil, err
	}
	return gen.RedeemPointsOfCustomer200JSONResponse(pointsRedeemed(out)), nil
}

// ReversePoints is POST /v2/points/reverse.
func (a *API) ReversePoints(ctx context.Context, r gen.ReversePointsRequestObject) (gen.ReversePointsResponseObject, error) {
	b := r.Body
	ref, err := identifierRef(b.Identifier.Type, string(b.Identifier.Value), "body: identifier")
	if err != nil {
		return nil, err
	}
	in := db.ReverseInput{Redemption: string(b.RedemptionId), Customer: ref}
	if b.PointsToBeReversed != nil {
		n, err := points(*b.PointsToBeReversed, "body: pointsToBeReversed")
		if f, ok := fault.Of(err); ok && f.Code == fault.PointsInvalid {
			n, err = 0, nil // which the store refuses with what could be reversed
		}
		if err != nil {
			return nil, err
		}
		in.Points = &n
	}
	out, err := a.store.ReversePoints(ctx, who(ctx), in)
	if err != nil {
		return nil, err
	}
	return gen.ReversePoints200JSONResponse{
		OrgId: who(ctx).Org, Identifier: gen.SentIdentifier{Type: b.Identifier.Type, Value: string(b.Identifier.Value)}, CustomerId: out.Customer,
		RedemptionId: out.Redemption, ReversalId: strconv.FormatInt(out.ID, 10), PointsToBeReversed: gen.Points(out.Asked), PointsReversed: gen.Points(out.Points),
		PointsReversedDetails: gen.ReversedDetails{Available: gen.Points(out.Points - out.Expired), Expired: gen.Points(out.Expired)}, Warnings: warnings(out.Warnings),
	}, nil
}

// UpdatePointsRedemption is PUT /v2/points/updateRedemption.
func (a *API) UpdatePointsRedemption(ctx context.Context, r gen.UpdatePointsRedemptionRequestObject) (gen.UpdatePointsRedemptionResponseObject, error) {
	b := r.Body
	ref, err := identifierRef(b.Entity.IdentifierType, string(b.Entity.IdentifierValue), "body: entity")
	if err != nil {
		return nil, err
	}
	in := db.RedemptionChange{Redemption: string(b.RedemptionId), Customer: ref, Number: b.BillNumber, Note: b.Purpose}
	if b.BillId != nil {
		in.Bill = *b.BillId
	}
	if b.CustomFields != nil {
		in.Fields = map[string]string{}
		for name, v := range *b.CustomFields {
			if !v.Valid {
				return nil, fault.BadRequest.With("reason", "must hold only strings, whole numbers and booleans").At("body: customFields")
			}
			in.Fields[name] = v.Text
		}
	}
	out, err := a.store.UpdateRedemption(ctx, who(ctx), in)
	if err != nil {
		return nil, err
	}
	return gen.UpdatePointsRedemption200JSONResponse{RedemptionId: out.ID, CustomerId: out.Customer, BillNumber: out.Number, BillId: idOrNone(out.Bill), Purpose: out.Note,
		CustomFields: out.Fields, Warnings: warnings(out.Warnings)}, nil
}

func pointsRedeemed(r db.PointsRedeemed) gen.RedeemResult {
	return gen.RedeemResult{RedemptionId: r.ID, PointsRedeemed: gen.Points(r.Points), RedeemedValue: gen.Amount(r.Value), Balance: gen.Points(r.Balance), CustomerId: r.Customer,
		ExternalReferenceNumber: r.Reference, Warnings: warnings(r.Warnings), Errors: []gen.Status{}}
}

// points reads how many points are asked for. 0 and less is for the store to refuse.
func points(p gen.LoosePoints, place string) (int64, error) {
	switch {
	case !p.Valid:
		return 0, fault.PointsInvalid.At(place)
	case p.TooFine:
		return 0, fault.PointsTooFine.With("decimals", 3).At(place)
	}
	return p.Thousandths, nil
}

// identifierRef names a customer by an identifier of a body, which may be the id.
func identifierRef(typ, value, place string) (ref db.CustomerRef, err error) {
	value = strings.TrimSpace(value)
	if strings.EqualFold(typ, "id") {
		if ref.ID = customerID(value); ref.ID == 0 {
			return ref, fault.PointsIdentifierInvalid.At(place)
		}
		return ref, nil
	}
	if strings.EqualFold(typ, "phone") {
		typ = "mobile"
	}
	t, ok := db.ParseIdentifierType(typ)
	if !ok || value == "" {
		return ref, fault.PointsIdentifierInvalid.At(place)
	}
	return db.CustomerRef{Identifier: db.Identifier{Type: t, Value: value}}, nil
}
