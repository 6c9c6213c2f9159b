package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// An answer may list ten times as many bills as other rows.
const moreBills = 10

// ListCustomerTransactions is GET /v2/customers/{id}/transactions.
func (a *API) ListCustomerTransactions(ctx context.Context, r gen.ListCustomerTransactionsRequestObject) (gen.ListCustomerTransactionsResponseObject, error) {
	f, embed, err := a.billFilter(r.Params)
	if err != nil {
		return nil, err
	}
	f.Customer = r.Id
	p, err := a.store.Transactions(ctx, who(ctx), f)
	if err != nil {
		return nil, err
	}
	return gen.ListCustomerTransactions200JSONResponse(transactionPage(p, f, embed)), nil
}

// LookupCustomerTransactions is GET /v2/customers/lookup/transactions.
func (a *API) LookupCustomerTransactions(ctx context.Context, r gen.LookupCustomerTransactionsRequestObject) (gen.LookupCustomerTransactionsResponseObject, error) {
	p := r.Params
	f, embed, err := a.billFilter(gen.ListCustomerTransactionsParams{TransactionType: p.TransactionType, StartDate: p.StartDate, EndDate: p.EndDate, TransactionId: p.TransactionId,
		Number: p.Number, StartId: p.StartId, EndId: p.EndId, EntityType: p.EntityType, EntityCode: p.EntityCode, SortBy: p.SortBy, SortOrder: p.SortOrder, Limit: p.Limit, Offset: p.Offset, Embed: p.Embed})
	if err != nil {
		return nil, err
	}
	f.ByIdentifier, f.Source, f.Account, f.Identifier.Value = true, text(p.Source), text(p.AccountId), p.IdentifierValue
	if f.Identifier.Type, err = billIdentifier(p.IdentifierName, "query: identifierName"); err != nil {
		return nil, err
	}
	page, err := a.store.Transactions(ctx, who(ctx), f)
	if err != nil {
		return nil, err
	}
	return gen.LookupCustomerTransactions200JSONResponse(transactionPage(page, f, embed)), nil
}

// GetEarning is GET /v2/earning/{transactionId}.
func (a *API) GetEarning(ctx context.Context, r gen.GetEarningRequestObject) (gen.GetEarningResponseObject, error) {
	f, p, err := a.store.Earning(ctx, who(ctx), r.TransactionId)
	if err != nil {
		return nil, err
	}
	return gen.GetEarning200JSONResponse(earning(f, p)), nil
}

// billFilter reads what a list asks for, and what it wants beside the amounts.
func (a *API) billFilter(p gen.ListCustomerTransactionsParams) (f db.BillFilter, embed map[string]bool, err error) {
	bad := func(name, reason string) error { return badRequest("query: "+name, reason) }
	part, err := page(20, moreBills*a.cfg.PageMax, p.Limit, p.Offset)
	if err != nil {
		return f, nil, err
	}
	f = db.BillFilter{From: text(p.StartDate), To: text(p.EndDate), Number: strings.TrimSpace(text(p.Number)), Code: text(p.EntityCode), Limit: part.Limit, Offset: part.Offset}
	switch f.Type = strings.ToUpper(text(p.TransactionType)); f.Type {
	case "REGULAR", "RETURN":
	case "", "ALL":
		f.Type = ""
	default:
		return f, nil, bad("transactionType", "must be ALL, REGULAR or RETURN")
	}
	switch f.Entity = strings.ToUpper(text(p.EntityType)); f.Entity {
	case "", "STORE", "TILL":
	case "ZONE", "CONCEPT":
		return f, nil, bad("entityType", "must be STORE or TILL: an organization here has no zones and no concepts")
	default:
		return f, nil, bad("entityType", "must be STORE or TILL")
	}
	if by := strings.ToUpper(text(p.SortBy)); by != "" && by != "BILLING_TIME" {
		return f, nil, bad("sortBy", "must be BILLING_TIME")
	}
	switch order := strings.ToUpper(text(p.SortOrder)); order {
	case "", "ASC", "DESC":
		f.Ascending = order == "ASC"
	default:
		return f, nil, bad("sortOrder", "must be ASC or DESC")
	}
	if p.StartId != nil {
		f.FirstID = *p.StartId
	}
	if p.EndId != nil {
		f.LastID = *p.EndId
	}
	if ids := text(p.TransactionId); ids != "" {
		seen := map[int64]bool{}
		for s := range strings.SplitSeq(ids, ",") {
			id, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return f, nil, bad("transactionId", "must be ids with commas between")
			}
			if !seen[id] {
				f.IDs = append(f.IDs, id)
			}
			if seen[id] = true; len(f.IDs) > 100 {
				return f, nil, bad("transactionId", "must be at most 100 ids")
			}
		}
	}
	embed = map[string]bool{}
	for e := range strings.SplitSeq(strings.ToUpper(text(p.Embed)), ",") {
		switch e = strings.TrimSpace(e); e {
		case "":
		case "BILL_CF", "BILL_EF", "ATTRIBUTION", "PAYMENT_MODES", "CREDIT_NOTES", "BILL_STORE_DETAILS", "BILL_POINTS", "TRANSACTION_IDENTIFIER":
			embed[e] = true
		default:
			return f, nil, bad("embed", "holds something that cannot be embedded")
		}
	}
	f.WithPoints = embed["BILL_POINTS"]
	return f, embed, nil
}

func transactionPage(p db.BillPage, f db.BillFilter, embed map[string]bool) gen.TransactionPage {
	order := "DESC"
	if f.Ascending {
		order = "ASC"
	}
	page := gen.TransactionPage{
		Pagination: gen.SortedPagination{Limit: f.Limit, Offset: f.Offset, Total: p.Total, SortBy: "BILLING_TIME", SortOrder: order},
		Data:       make([]gen.ListedTransaction, len(p.Items)), Warnings: warnings(p.Warnings), Errors: []gen.Status{},
	}
	for i, b := range p.Items {
		page.Data[i] = listedTransaction(b, embed)
	}
	return page
}

func listedTransaction(b db.FoundBill, embed map[string]bool) gen.ListedTransaction {
	t := gen.ListedTransaction{
		Id: b.ID, CustomerId: b.Customer, BillingTime: gen.Time{Time: b.BillingDate}, BillNumber: b.Number, Type: b.Type, ReturnType: orNone(b.ReturnType),
		Notes: orNone(b.Note), Amount: gen.Amount(b.Amount), GrossAmount: (*gen.Amount)(b.Gross), Discount: (*gen.Amount)(b.Discount), OutlierStatus: b.Outlier,
	}
	if embed["BILL_CF"] {
		t.CustomFields = (*gen.FieldValues)(&b.CustomFields)
	}
	if embed["BILL_EF"] {
		t.ExtendedFields = (*gen.FieldValues)(&b.ExtendedFields)
	}
	if embed["ATTRIBUTION"] {
		at := billAttribution(b.Transaction)
		t.Attribution = &at
	}
	if embed["PAYMENT_MODES"] {
		modes := paymentModes(b.PaymentModes)
		t.PaymentModes = &modes
	}
	if embed["BILL_STORE_DETAILS"] {
		store := entityRef(b.Store)
		t.BillingStore = &store
	}
	if embed["TRANSACTION_IDENTIFIER"] {
		ids := []gen.TransactionIdentifier{}
		if b.Identifier.Type != "" {
			ids = append(ids, gen.TransactionIdentifier{Type: b.Identifier.Type, Value: b.Identifier.Value})
		}
		t.TxnIdentifiers = &ids
	}
	if b.Points != nil {
		points := billPoints(b.Points)
		t.BillPoints = &points
	}
	return t
}

func billPoints(p *db.BillPoints) gen.BillPoints {
	none := []gen.NoDetails{}
	out := gen.BillPoints{PointsBreakup: []gen.PointsBreakup{}, AggregatedBillPoints: []gen.AggregatedPoints{}, AlternateCurrenciesBreakup: none, AggregatedBillAlternateCurrencies: none}
	if p.Earned {
		points := gen.Quantity(p.Issued)
		out.PointsBreakup = append(out.PointsBreakup, gen.PointsBreakup{ProgramName: p.Program, ProgramId: p.ProgramID,
			RegularPoints: []gen.RegularPoints{{Points: points, PointsAwardedType: "BILL"}}, PromisePoints: none, PromoPoints: none})
		out.AggregatedBillPoints = append(out.AggregatedBillPoints, gen.AggregatedPoints{ProgramName: p.Program, ProgramId: p.ProgramID, RegularPoints: gen.PointsSum{Points: points}})
	}
	return out
}

func earning(f db.FoundTransaction, p *db.BillPoints) gen.Transaction {
	t := transaction(f, true)
	earned := &gen.PointsEarningEntities{EntityId: t.CustomerId, EntityType: "customer", BillPoints: []gen.EarnRow{}}
	t.BillDetails.PointsEarningEntities = earned
	for i := range t.LineItems {
		t.LineItems[i].PointsEarningEntities = &gen.LinePointsEarningEntities{LineItemPoints: []gen.EarnRow{}}
	}
	if !p.Earned {
		return t
	}
	row := gen.EarnRow{
		ProgramId: p.ProgramID,
		CurrentPointsSummary: gen.CurrentPoints{AvailablePoints: gen.Quantity(p.Available), ExpiredPoints: gen.Quantity(p.Expired),
			RedeemedPoints: gen.Quantity(p.Redeemed), ReturnedPoints: gen.Quantity(p.Returned)},
		IssuedPointsSummary:  gen.IssuedPoints{RedeemablePointsIssued: gen.Quantity(p.Issued)},
		CurrentPointsBreakup: gen.CurrentPointsBreakup{RegularPointsInfo: []gen.RegularPointsInfo{}, PromotionalPointsInfo: []gen.NoDetails{}},
	}
	if p.Available > 0 {
		info := gen.RegularPointsInfo{Points: gen.Quantity(p.Available)}
		if !p.LastMoment.IsZero() {
			info.ExpiryDate = &gen.Time{Time: p.LastMoment}
		}
		row.CurrentPointsBreakup.RegularPointsInfo = append(row.CurrentPointsBreakup.RegularPointsInfo, info)
	}
	earned.BillPoints = append(earned.BillPoints, row)
	return t
}
