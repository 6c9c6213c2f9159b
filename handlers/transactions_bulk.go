package handlers

import (
	"context"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// bulkBill is an entry of AddTransactions.
type bulkBill struct {
	gen.TransactionRequest
	gen.TransactionParty
}

// bulkUpdate is an entry of UpdateTransactions.
type bulkUpdate struct {
	gen.TransactionFieldsUpdate
	gen.TransactionParty
}

// AddTransactions is POST /v2/transactions/bulk.
func (a *API) AddTransactions(ctx context.Context, r gen.AddTransactionsRequestObject) (gen.AddTransactionsResponseObject, error) {
	later := is(r.Params.UseAsync) || is(r.Params.XCAPDIRECTREPLAY)
	items, err := bulk(ctx, *r.Body, func(e bulkBill) (b db.Bill, err error) {
		if b, err = billInput(e.TransactionRequest); err != nil {
			return b, err
		}
		b.Skip = is(r.Params.SKIPDOWNSTREAM)
		b.Source, b.Account, b.IdentifierText = e.Source, text(e.AccountId), loose(e.IdentifierValue)
		b.IdentifierName, err = billIdentifier(text(e.IdentifierType), "body: identifierType")
		return b, err
	}, func(in []db.Bill) ([]db.Item[db.Added], error) {
		return a.store.AddTransactions(ctx, quiet(ctx, r.Params.SKIPDOWNSTREAM), in, later)
	})
	if err != nil {
		return nil, err
	}
	switch out := transactionItems(items); a.bulkStatus(out.FailureCount, out.TotalCount) {
	case 200:
		return gen.AddTransactions200JSONResponse(out), nil
	case 201:
		return gen.AddTransactions201JSONResponse(out), nil
	default:
		return gen.AddTransactions400JSONResponse{Items: out}, nil
	}
}

// UpdateTransactions is PUT /v2/transactions/bulk.
func (a *API) UpdateTransactions(ctx context.Context, r gen.UpdateTransactionsRequestObject) (gen.UpdateTransactionsResponseObject, error) {
	items, err := bulk(ctx, *r.Body, func(e bulkUpdate) (u db.BillUpdate, err error) {
		u = db.BillUpdate{Source: e.Source, Account: text(e.AccountId), IdentifierText: loose(e.IdentifierValue),
			CustomFields: extendedFields(e.CustomFields), ExtendedFields: extendedFields(e.ExtendedFields)}
		if e.Id != nil {
			u.ID = *e.Id
		}
		for _, l := range listed(e.LineItems) {
			line := db.LineUpdate{ItemCode: loose(l.ItemCode), ExtendedFields: extendedFields(l.ExtendedFields)}
			if l.Id != nil {
				line.ID = *l.Id
			}
			u.Lines = append(u.Lines, line)
		}
		u.IdentifierName, err = billIdentifier(text(e.IdentifierType), "body: identifierType")
		return u, err
	}, func(in []db.BillUpdate) ([]db.Item[db.Outcome], error) {
		return a.store.UpdateTransactions(ctx, who(ctx), in)
	})
	if err != nil {
		return nil, err
	}
	out := gen.UpdatedItems{Response: make([]gen.UpdatedItem, len(items)), TotalCount: len(items), FailureCount: failures(items)}
	for i, it := range items {
		out.Response[i] = gen.UpdatedItem{EntityId: idOrNone(it.Value.ID), Errors: warnings(itemErrors(it.Fault)), Warnings: warnings(inItem(it.Value.Warnings, i))}
	}
	switch a.bulkStatus(out.FailureCount, out.TotalCount) {
	case 200:
		return gen.UpdateTransactions200JSONResponse(out), nil
	case 201:
		return gen.UpdateTransactions201JSONResponse(out), nil
	default:
		return gen.UpdateTransactions400JSONResponse{Items: out}, nil
	}
}

func transactionItems(items []db.Item[db.Added]) gen.TransactionItems {
	out := gen.TransactionItems{Response: make([]gen.TransactionItem, len(items)), TotalCount: len(items), FailureCount: failures(items)}
	for i, it := range items {
		e := gen.TransactionItem{Errors: warnings(itemErrors(it.Fault)), Warnings: []gen.Status{}}
		if it.Fault == nil {
			stored := storedTransaction(it.Value)
			e.EntityId, e.Result, e.Warnings = &it.Value.ID, &stored, warnings(inItem(it.Value.Warnings, i))
		}
		out.Response[i] = e
	}
	return out
}

// storedTransaction is a bill as it was stored, in the words of the request.
func storedTransaction(a db.Added) gen.StoredTransaction {
	s := gen.StoredTransaction{
		Type: a.Type, ReturnType: orNone(a.ReturnType), Source: a.Source, AccountId: a.Account,
		IdentifierType: orNone(a.Identifier.Type), IdentifierValue: orNone(a.Identifier.Value),
		BillNumber: a.Number, BillAmount: gen.Amount(a.Amount), BillingDate: gen.Time{Time: a.BillingDate.In(time.UTC)},
		GrossAmount: (*gen.Amount)(a.Gross), Discount: (*gen.Amount)(a.Discount), Note: orNone(a.Note), NotInterestedReason: orNone(a.NotInterestedReason),
		DeliveryStatus: orNone(a.Delivery), OutlierStatus: a.Outlier, LineItemsV2: make([]gen.LineItemDetails, len(a.Lines)),
		PaymentModes: paymentModes(a.PaymentModes), CustomFields: fieldValues(a.CustomFields), ExtendedFields: fieldValues(a.ExtendedFields),
		SideEffects: sideEffects(a.SideEffects),
	}
	for i, l := range a.Lines {
		s.LineItemsV2[i] = lineItem(a.Transaction, l).Details
	}
	return s
}
