package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// FetchLedgerBalance is GET /v2/pointsLedger/getCustomerLedgerBalance.
func (a *API) FetchLedgerBalance(ctx context.Context, r gen.FetchLedgerBalanceRequestObject) (gen.FetchLedgerBalanceResponseObject, error) {
	q := r.Params
	ref, err := lookupRef(q.IdentifierName, q.IdentifierValue, q.Source, q.AccountId)
	if err != nil {
		return nil, err
	}
	regular, err := regularPoints(q.PointCategoryType)
	if err != nil {
		return nil, err
	}
	l, err := a.store.LedgerBalance(ctx, who(ctx), db.LedgerQuery{Customer: ref, End: text(q.EndDate)})
	if err != nil {
		return nil, err
	}
	out := gen.FetchLedgerBalance200JSONResponse{CustomerDetails: ledgerCustomer(l), Warnings: warnings(l.Warnings),
		LedgerDetails: gen.LedgerBalances{PageSize: 10, LedgerClosingBalance: []gen.ClosingBalance{}}}
	if d := &out.LedgerDetails; regular {
		d.TotalEntries, d.PageCount = 1, 1
		d.LedgerClosingBalance = append(d.LedgerClosingBalance, gen.ClosingBalance{PointsCategory: mainPoints, ProgramName: l.Program.Rules.Name, ProgramId: db.ProgramID, ClosingBalance: db.ThreeDecimals(l.Closing)})
	}
	return out, nil
}

// FetchLedgerInfo is GET /v2/pointsLedger/getCustomerLedgerInfo.
func (a *API) FetchLedgerInfo(ctx context.Context, r gen.FetchLedgerInfoRequestObject) (gen.FetchLedgerInfoResponseObject, error) {
	q := r.Params
	ref, err := lookupRef(q.IdentifierName, q.IdentifierValue, q.Source, q.AccountId)
	if err != nil {
		return nil, err
	}
	if err := theProgram(q.ProgramId, "query: programId"); err != nil {
		return nil, err
	}
	entry := strings.ToUpper(text(q.LedgerEntryType))
	if !slices.Contains([]string{"", "CREDIT", "DEBIT", "OPENING_BALANCE"}, entry) {
		return nil, fault.BadRequest.With("reason", "must be CREDIT, DEBIT or OPENING_BALANCE").At("query: ledgerEntryType")
	}
	regular, err := regularPoints(q.PointCategoryType)
	if err != nil {
		return nil, err
	}
	part, err := a.page(10, q.Limit, q.Offset)
	if err != nil {
		return nil, err
	}
	limit, page := part.Limit, part.Offset
	l, err := a.store.LedgerInfo(ctx, who(ctx), db.LedgerQuery{Customer: ref, Start: text(q.StartDate), End: text(q.EndDate), Entry: entry, Limit: limit, Page: page})
	if err != nil {
		return nil, err
	}
	if !regular || entry == "OPENING_BALANCE" {
		l.Entries, l.Total = nil, 0
	}
	out := gen.FetchLedgerInfo200JSONResponse{
		CustomerDetails: ledgerCustomer(l), LedgerEntries: make([]gen.LedgerEntry, len(l.Entries)), Warnings: warnings(l.Warnings),
		LedgerDetails: gen.LedgerPages{PageNumber: page, PageSize: limit, TotalEntries: l.Total, PageCount: (l.Total + limit - 1) / limit},
	}
	for i, e := range l.Entries {
		out.LedgerEntries[i] = ledgerEntry(e)
	}
	return out, nil
}

// regularPoints says whether a category is that of the points there are: none are promised, and none given by a trigger.
func regularPoints(category *string) (bool, error) {
	switch strings.ToUpper(text(category)) {
	case "", "REGULAR":
		return true, nil
	case "PROMISED", "TRIGGER_BASED":
		return false, nil
	}
	return false, badRequest("query: pointCategoryType", "must be REGULAR, PROMISED or TRIGGER_BASED")
}

func ledgerCustomer(l db.Ledger) gen.LedgerCustomer {
	c := gen.LedgerCustomer{UserId: l.Customer.ID, FirstName: l.Customer.First, LastName: l.Customer.Last, EntityType: aCustomer}
	if l.ExternalID != "" {
		c.ExternalId = &l.ExternalID
	}
	return c
}

func ledgerEntry(e db.PointsEvent) gen.LedgerEntry {
	kind, points := "CREDIT", e.Points
	if points < 0 {
		kind, points = "DEBIT", -points
	}
	out := gen.LedgerEntry{
		EventLogId: e.ID, EventName: e.Name, LedgerCreatedDate: plainTime(e.At) + ".0", NetPointsOnEvent: db.ThreeDecimals(e.Points), TillCode: e.Till.Code, Store: e.Store, StoreCode: e.Store,
		EntryDetails: []gen.LedgerEntryDetail{{LedgerEntryType: kind, Points: db.ThreeDecimals(points), PointsCategory: mainPoints, ProgramName: e.Program, ProgramId: db.ProgramID}},
	}
	if e.Bill != 0 {
		out.TransactionDetails = &gen.LedgerTransaction{TransactionId: e.Bill, TransactionNumber: orNone(e.Number)}
		if e.Number != "" {
			amount := gen.Amount(e.Amount)
			out.TransactionDetails.Date, out.TransactionDetails.Amount = &gen.Time{Time: e.Date}, &amount
		}
	}
	return out
}
