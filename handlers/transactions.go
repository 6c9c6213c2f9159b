package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// AddTransaction is POST /v2/transactions.
func (a *API) AddTransaction(ctx context.Context, r gen.AddTransactionRequestObject) (gen.AddTransactionResponseObject, error) {
	b, err := billInput(*r.Body)
	if err != nil {
		return nil, err
	}
	b.Source, b.Account, b.IdentifierText = r.Params.Source, text(r.Params.AccountId), text(r.Params.IdentifierValue)
	if b.IdentifierName, err = billIdentifier(text(r.Params.IdentifierName), "query: identifierName"); err != nil {
		return nil, err
	}
	b.Skip = is(r.Params.SKIPDOWNSTREAM)
	later := is(r.Params.UseAsync) || is(r.Params.XCAPDIRECTREPLAY)
	out, err := a.store.AddTransaction(ctx, quiet(ctx, r.Params.SKIPDOWNSTREAM), b, later)
	if err != nil {
		return nil, err
	}
	return gen.AddTransaction200JSONResponse(transactionResult(out, is(r.Params.RawSideEffects))), nil
}

// quiet is the caller, whose changes tell nobody when the header SKIP-DOWNSTREAM says so.
func quiet(ctx context.Context, skip *bool) db.Who {
	w := who(ctx)
	w.Quiet = w.Quiet || is(skip)
	return w
}

// UpdateTransaction is PUT /v2/transactions.
func (a *API) UpdateTransaction(ctx context.Context, r gen.UpdateTransactionRequestObject) (gen.UpdateTransactionResponseObject, error) {
	n := &billReader{}
	u := db.BillUpdate{
		Source: r.Params.Source, Account: text(r.Params.AccountId), IdentifierText: text(r.Params.IdentifierValue),
		Number:         strings.TrimSpace(loose(r.Body.Number)),
		DeliveryStatus: n.word(r.Body.DeliveryStatus, db.ParseDeliveryStatus, fault.BillStatusInvalid, "body: deliveryStatus"),
		CustomFields:   extendedFields(r.Body.CustomFields),
		ExtendedFields: extendedFields(r.Body.ExtendedFields),
		Promotions:     listed(r.Body.LoyaltyPromotionIdentifiers),
		Till:           text(r.Body.TillCode),
		WithPoints:     strings.EqualFold(text(r.Params.Points), "MLP"),
	}
	if r.Body.Id != nil {
		u.ID = *r.Body.Id
	}
	var err error
	if u.IdentifierName, err = billIdentifier(text(r.Params.IdentifierName), "query: identifierName"); err != nil {
		return nil, err
	}
	if n.err != nil {
		return nil, n.err
	}
	out, err := a.store.UpdateTransaction(ctx, who(ctx), u)
	if err != nil {
		return nil, err
	}
	answer := gen.UpdateTransaction200JSONResponse{Warnings: warnings(out.Warnings), Errors: []gen.Status{}}
	if out.Points != nil {
		answer.LoyaltyDetails = some(loyaltyDetails(*out.Points).Data)
	}
	return answer, nil
}

// GetTransaction is GET /v2/transactions/{id}.
func (a *API) GetTransaction(ctx context.Context, r gen.GetTransactionRequestObject) (gen.GetTransactionResponseObject, error) {
	typ := text(r.Params.Type)
	if typ != "" {
		var ok bool
		if typ, ok = db.ParseBillType(typ); !ok {
			return nil, fault.LineTypeInvalid.At("query: type")
		}
	}
	f, err := a.store.Transaction(ctx, who(ctx), r.Id, typ)
	if err != nil {
		return nil, err
	}
	return gen.GetTransaction200JSONResponse(transaction(f, is(r.Params.Tenders))), nil
}

// billIdentifier reads the type of the identifier that names a bill's customer; "" is nobody.
func billIdentifier(name, place string) (string, error) {
	if name == "" || strings.EqualFold(name, "id") {
		return strings.ToLower(name), nil
	}
	t, ok := db.ParseIdentifierType(name)
	if !ok {
		return "", fault.IdentifierNameInvalid.At(place)
	}
	return t, nil
}

// billInput reads a bill. What it refuses is wrong in itself; the store judges the rest.
func billInput(r gen.TransactionRequest) (b db.Bill, err error) {
	n := &billReader{}
	b = db.Bill{
		Type:                n.word(&r.Type, db.ParseBillType, fault.BillTypeInvalid, "body: type"),
		ReturnType:          n.word(r.ReturnType, db.ParseReturnType, fault.ReturnTypeInvalid, "body: returnType"),
		Number:              strings.TrimSpace(loose(r.BillNumber)),
		Amount:              *n.number(&r.BillAmount, "body: billAmount"),
		Gross:               n.number(r.GrossAmount, "body: grossAmount"),
		Discount:            n.number(r.Discount, "body: discount"),
		BillingDate:         text(r.BillingDate),
		PurchaseTime:        text(r.PurchaseTime),
		Note:                text(r.Note),
		NotInterestedReason: text(r.NotInterestedReason),
		DeliveryStatus:      n.word(r.DeliveryStatus, db.ParseDeliveryStatus, fault.BillStatusInvalid, "body: deliveryStatus"),
		OutlierStatus:       n.word(r.OutlierStatus, db.ParseOutlierStatus, fault.BillStatusInvalid, "body: outlierStatus"),
		Currency:            text(r.CurrencyCode),
		LocalCurrency:       is(r.AddWithLocalCurrency),
		CustomFields:        extendedFields(r.CustomFields),
		ExtendedFields:      extendedFields(r.ExtendedFields),
		Promotions:          listed(r.LoyaltyPromotionIdentifiers),
		AppliedPromotions:   listed(r.AppliedPromotionIdentifiers),
		PromotionEvaluation: text(r.PromotionEvaluationId),
	}
	if r.Id != nil {
		b.SaleID = *r.Id
	}
	if at := r.Attribution; at != nil {
		b.CreateDate = text(at.CreateDate)
		if at.CreatedBy != nil {
			b.By, b.ByType = at.CreatedBy.Code, text(at.CreatedBy.Type)
		}
	}
	if red := r.Redemptions; red != nil {
		for _, id := range listed(red.PointsRedemptions) {
			b.PointsRedemptions = append(b.PointsRedemptions, string(id))
		}
		b.CouponRedemptions = listed(red.CouponRedemptions)
	}
	for i, m := range listed(r.PaymentModes) {
		p := db.PaymentMode{Mode: strings.TrimSpace(text(m.Mode)), Notes: text(m.Notes), Attributes: extendedFields(m.Attributes)}
		if v := n.number(m.Value, "body: paymentModes["+strconv.Itoa(i)+"].value"); v != nil {
			p.Value = *v
		}
		b.PaymentModes = append(b.PaymentModes, p)
	}
	for i, l := range listed(r.LineItemsV2) {
		b.Lines = append(b.Lines, n.line(l, "body: lineItemsV2["+strconv.Itoa(i)+"]"))
	}
	return b, n.err
}

// billReader reads the values of a bill, and keeps the first that is wrong.
type billReader struct{ err error }

func (n *billReader) wrong(err error) {
	if n.err == nil {
		n.err = err
	}
}

func (n *billReader) word(sent *string, parse func(string) (string, bool), wrong *fault.Code, place string) string {
	if sent == nil {
		return ""
	}
	w, ok := parse(*sent)
	if !ok {
		n.wrong(wrong.At(place))
	}
	return w
}

func (n *billReader) number(sent *gen.LooseAmount, place string) *int64 {
	if sent == nil {
		return nil
	}
	if !sent.Valid || sent.Amount > db.MaxAmount || sent.Amount < -db.MaxAmount {
		n.wrong(fault.AmountInvalid.At(place))
	}
	return (*int64)(&sent.Amount)
}

func (n *billReader) line(r gen.LineItemRequest, place string) db.BillLine {
	l := db.BillLine{
		Type:             n.word(r.Type, db.ParseBillType, fault.LineTypeInvalid, place+".type"),
		ReturnType:       n.word(r.ReturnType, db.ParseReturnType, fault.LineReturnTypeInvalid, place+".returnType"),
		ItemCode:         strings.TrimSpace(string(r.ItemCode)),
		Description:      text(r.Description),
		Serial:           loose(r.Serial),
		Quantity:         n.number(r.Qty, place+".qty"),
		Amount:           n.number(r.Amount, place+".amount"),
		Rate:             n.number(r.Rate, place+".rate"),
		Value:            n.number(r.Value, place+".value"),
		Discount:         n.number(r.Discount, place+".discount"),
		Returnable:       (*bool)(r.Returnable),
		Attributes:       extendedFields(r.Attributes),
		CustomFields:     extendedFields(r.CustomFields),
		ExtendedFields:   extendedFields(r.ExtendedFields),
		ImageURL:         text(r.ImgUrl),
		ParentBillNumber: strings.TrimSpace(loose(r.ParentBillNumber)),
		PurchaseTime:     text(r.PurchaseTime),
		Promotions:       listed(r.AppliedPromotionIdentifiers),
	}
	if r.ReturnableDays != nil {
		days := int64(*r.ReturnableDays)
		l.ReturnableDays = &days
	}
	if l.ReturnType == "CANCELLED" {
		n.wrong(fault.LineReturnTypeInvalid.At(place + ".returnType"))
	}
	if l.ItemCode == "" || len([]rune(l.ItemCode)) > 100 {
		n.wrong(fault.BadRequest.With("reason", "must have 1 to 100 characters").At(place + ".itemCode"))
	}
	if r.Attributes != nil {
		for name, v := range *r.Attributes {
			if !v.Valid {
				n.wrong(fault.LineAttributeInvalid.With("name", name).At(place + ".attributes"))
			}
		}
	}
	for _, parts := range []struct {
		list string
		sent *[]gen.LinePartRequest
	}{{"comboDetails", r.ComboDetails}, {"addOnDetails", r.AddOnDetails}, {"splitDetails", r.SplitDetails}} {
		for i, p := range listed(parts.sent) {
			at := place + "." + parts.list + "[" + strconv.Itoa(i) + "]"
			part := db.BillPart{List: parts.list, ItemCode: loose(p.ItemCode), Description: text(p.Description), Type: text(p.ComboType)}
			for _, v := range []struct {
				to   *int64
				sent *gen.LooseAmount
				key  string
			}{{&part.Quantity, p.Quantity, ".quantity"}, {&part.Rate, p.Rate, ".rate"}, {&part.Value, p.Value, ".value"}} {
				if read := n.number(v.sent, at+v.key); read != nil {
					*v.to = *read
				}
			}
			l.Parts = append(l.Parts, part)
		}
	}
	return l
}
