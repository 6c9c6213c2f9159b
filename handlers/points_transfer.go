package handlers

import (
	"context"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// FetchPointsTransferability is POST /v2/points/isTransferrable.
func (a *API) FetchPointsTransferability(ctx context.Context, r gen.FetchPointsTransferabilityRequestObject) (gen.FetchPointsTransferabilityResponseObject, error) {
	in, err := transferInput(r.Body)
	if err != nil {
		return nil, err
	}
	t, err := a.store.PointsTransferable(ctx, who(ctx), in)
	if err != nil {
		return nil, err
	}
	if is(r.Body.IssueOtp) && t.Transferable {
		ws, err := a.issueCode(ctx, func() (*db.Confirmation, error) { return a.store.ConfirmTransfer(ctx, who(ctx), in) })
		if err != nil {
			return nil, err
		}
		t.Warnings = append(t.Warnings, ws...)
	}
	return gen.FetchPointsTransferability200JSONResponse{Warnings: warnings(t.Warnings), Errors: []gen.Status{}, Data: []gen.Transferability{{
		PointsTobeTransferred: gen.Points(t.Points), TransferFrom: customer(t.From), TransferTo: customer(t.To), Transferrable: t.Transferable,
	}}}, nil
}

// TransferPoints is POST /v2/points/transfer.
func (a *API) TransferPoints(ctx context.Context, r gen.TransferPointsRequestObject) (gen.TransferPointsResponseObject, error) {
	in, err := transferInput(r.Body)
	if err != nil {
		return nil, err
	}
	t, err := a.store.TransferPoints(ctx, who(ctx), in)
	if err != nil {
		return nil, err
	}
	return gen.TransferPoints200JSONResponse{Data: []gen.PointsTransfer{transfer(t)}, Warnings: warnings(t.Warnings), Errors: []gen.Status{}}, nil
}

// FetchPointsTransfers is GET /v2/customers/{id}/pointsTransfers.
func (a *API) FetchPointsTransfers(ctx context.Context, r gen.FetchPointsTransfersRequestObject) (gen.FetchPointsTransfersResponseObject, error) {
	l, err := a.transfers(ctx, db.CustomerRef{ID: r.Id})
	if err != nil {
		return nil, err
	}
	return gen.FetchPointsTransfers200JSONResponse(l), nil
}

// FetchPointsTransfersByIdentifier is GET /v2/points/transfer.
func (a *API) FetchPointsTransfersByIdentifier(ctx context.Context, r gen.FetchPointsTransfersByIdentifierRequestObject) (gen.FetchPointsTransfersByIdentifierResponseObject, error) {
	ref, err := lookupRef(r.Params.IdentifierName, r.Params.IdentifierValue, r.Params.Source, r.Params.AccountId)
	if err != nil {
		return nil, err
	}
	l, err := a.transfers(ctx, ref)
	if err != nil {
		return nil, err
	}
	return gen.FetchPointsTransfersByIdentifier200JSONResponse(l), nil
}

func (a *API) transfers(ctx context.Context, ref db.CustomerRef) (out gen.TransferList, err error) {
	list, ws, err := a.store.Transfers(ctx, who(ctx), ref)
	if err != nil {
		return out, err
	}
	out = gen.TransferList{Data: make([]gen.PointsTransfer, len(list)), Warnings: warnings(ws), Errors: []gen.Status{}}
	for i, t := range list {
		out.Data[i] = transfer(t)
	}
	return out, nil
}

func transfer(t db.Transfer) gen.PointsTransfer {
	out := gen.PointsTransfer{
		TransferId: t.ID, PointsTransferDate: plainTime(t.At), PointsTransferred: gen.Points(t.Points), TransferType: "DEDUCTION", Notes: t.Note, ProgramName: t.Program,
		TransferredFrom: gen.PersonRef{UserId: t.From.ID, FirstName: t.From.First, LastName: t.From.Last},
		TransferredTo:   gen.PersonRef{UserId: t.To.ID, FirstName: t.To.First, LastName: t.To.Last},
		FromEntityId:    t.From.ID, FromEntityType: aCustomer, ToEntityId: t.To.ID, ToEntityType: aCustomer,
	}
	if t.Added {
		out.TransferType = "ADDITION"
	}
	return out
}

func transferInput(b *gen.TransferRequest) (in db.TransferInput, err error) {
	if err := theProgram(b.ProgramId, "body: programId"); err != nil {
		return in, err
	}
	if in.From, err = identifierRef(b.FromCustomerIdentifier.Type, string(b.FromCustomerIdentifier.Value), "body: fromCustomerIdentifier"); err != nil {
		return in, err
	}
	if in.To, err = identifierRef(b.ToCustomerIdentifier.Type, string(b.ToCustomerIdentifier.Value), "body: toCustomerIdentifier"); err != nil {
		return in, err
	}
	in.Note, in.Code = text(b.Notes), confirmationCode(b.Code)
	in.Points, err = points(b.PointsTobeTransferred, "body: pointsTobeTransferred")
	return in, err
}
