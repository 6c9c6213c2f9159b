package handlers

import (
	"strconv"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

func transactionResult(out db.Added, raw bool) gen.TransactionResult {
	res := gen.TransactionResult{CreatedId: out.ID, Warnings: warnings(out.Warnings), Errors: []gen.Status{}, SideEffects: sideEffects(out.SideEffects)}
	if out.Customer != 0 {
		res.CustomerInfo = &gen.CustomerInfo{FirstName: out.FirstName, LastName: out.LastName}
	}
	if raw {
		list := rawSideEffects(out)
		res.RawSideEffects = &list
	}
	return res
}

func sideEffects(effects []db.SideEffect) []gen.SideEffect {
	out := make([]gen.SideEffect, len(effects))
	for i, e := range effects {
		out[i] = gen.SideEffect{Type: e.Type}
		if e.Customer != 0 {
			out[i].CustomerId = &e.Customer
		}
		user := "USER"
		out[i].EntityType = &user
		switch e.Type {
		case "points":
			out[i].AwardedPoints, out[i].RawAwardedPoints = (*gen.Amount)(&e.Awarded), (*gen.Amount)(&e.Raw)
		case "coupon":
			engine, discount := "PE", discountCode(e.Discount)
			out[i].Id, out[i].CouponType, out[i].CouponCode, out[i].TrimmedCouponCode = &e.Coupon, &engine, &e.Code, &e.Code
			out[i].ValidTill, out[i].Description, out[i].DiscountCode = timeOrAbsent(e.ValidTill), &e.Description, &discount
			out[i].DiscountType, out[i].DiscountValue = &e.Kind, (*gen.Amount)(&e.Value)
		}
	}
	return out
}

// rawSideEffects are flat: text by name.
func rawSideEffects(out db.Added) []gen.FieldValues {
	list := []gen.FieldValues{}
	for _, e := range out.SideEffects {
		switch {
		case e.Type == "points" && e.Awarded > 0:
			raw := gen.FieldValues{"type": "AWARD", "awardOn": "BILL", "billNumber": out.Number, "sourceType": "TRANSACTION",
				"sourceId": strconv.FormatInt(out.ID, 10), "points": db.Decimal(e.Awarded), "programId": strconv.Itoa(db.ProgramID),
				"awardedOn": out.BillingDate.Format(time.RFC3339), "awardedOnMillis": epochMillis(out.BillingDate)}
			if !e.Expires.IsZero() {
				raw["expiryDate"], raw["expiryDateMillis"] = e.Expires.Format(time.RFC3339), epochMillis(e.Expires)
			}
			list = append(list, raw)
		case e.Type == "coupon":
			raw := gen.FieldValues{"type": "PE_ISSUE_VOUCHER", "voucherCode": e.Code, "voucherId": strconv.FormatInt(e.Coupon, 10),
				"voucherSeriesId": strconv.FormatInt(e.Series, 10), "userId": strconv.FormatInt(e.Customer, 10)}
			if !e.ValidTill.IsZero() {
				raw["expiryDate"] = e.ValidTill.Format(time.RFC3339)
			}
			list = append(list, raw)
		}
	}
	return list
}

func epochMillis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func transaction(f db.FoundTransaction, tenders bool) gen.Transaction {
	t := gen.Transaction{
		Id: f.ID, CustomerId: idOrNone(f.Customer), Type: f.Type, ReturnType: orNone(f.ReturnType), OutlierStatus: f.Outlier, DeliveryStatus: orNone(f.Delivery),
		Attribution: billAttribution(f.Transaction),
		BillDetails: gen.BillDetails{
			Amount: gen.Amount(f.Amount), BillingStore: entityRef(f.Store), BillNumber: f.Number, BillingTime: gen.Time{Time: f.BillingDate},
			Discount: (*gen.Amount)(f.Discount), GrossAmount: (*gen.Amount)(f.Gross), Note: orNone(f.Note), NotInterestedReason: orNone(f.NotInterestedReason),
			CurrencyCode: orNone(f.Currency), ReturnDetails: returnDetails(f.Transaction), NiReturnDetails: gen.NoDetails{},
			InvalidBill: f.Outlier == "DELETED" || f.Outlier == "FAILED",
		},
		CustomFields: f.CustomFields, ExtendedFields: f.ExtendedFields,
		LineItems:      make([]gen.LineItem, len(f.Lines)),
		AutoUpdateTime: gen.Time{Time: f.ModifiedOn}, LifeTimePurchases: gen.Amount(f.LifetimePurchases),
		IgnorePoints: f.Outlier != "NORMAL", ReturnDetails: returnDetails(f.Transaction), NiReturnDetails: gen.NoDetails{},
		Async: f.Waiting, UseV2: true, AddWithLocalCurrency: f.LocalCurrency, Warnings: warnings(nil),
	}
	for i, l := range f.Lines {
		t.LineItems[i] = lineItem(f.Transaction, l)
		if l.Type == "REGULAR" || l.Type == "NOT_INTERESTED" {
			t.BasketSize += gen.Quantity(l.Quantity)
		}
	}
	if tenders {
		modes := paymentModes(f.PaymentModes)
		t.PaymentModes = &modes
	}
	return t
}

func billAttribution(t db.Transaction) gen.Attribution {
	return gen.Attribution{
		CreateDate: gen.Time{Time: t.Attributed}, CreatedBy: entityRef(t.Till),
		ModifiedDate: gen.Time{Time: t.ModifiedOn}, ModifiedBy: entityRef(t.ModifiedBy),
	}
}

func paymentModes(stored []db.PaymentMode) []gen.PaymentMode {
	modes := make([]gen.PaymentMode, len(stored))
	for i, m := range stored {
		modes[i] = gen.PaymentMode{Id: m.ID, Mode: m.Mode, Amount: gen.Amount(m.Value), Notes: m.Notes, Attributes: fieldValues(m.Attributes)}
	}
	return modes
}

func returnDetails(t db.Transaction) gen.ReturnDetails {
	return gen.ReturnDetails{Canceled: t.ReturnedBy == "CANCELLED", Amount: gen.Amount(t.Returned), ReturnType: orNone(t.ReturnedBy)}
}

func lineItem(t db.Transaction, l db.TransactionLine) gen.LineItem {
	out := gen.LineItem{
		Id: l.ID, CustomerId: idOrNone(t.Customer), Type: l.Type, OutlierStatus: t.Outlier, Valid: true, NiReturn: l.Type == "NOT_INTERESTED_RETURN",
		Details: gen.LineItemDetails{
			ItemCode: l.ItemCode, Description: orNone(l.Description), Qty: gen.Quantity(l.Quantity), Amount: gen.Amount(l.Amount),
			Rate: (*gen.Amount)(l.Rate), Value: (*gen.Amount)(l.Value), Discount: (*gen.Amount)(l.Discount), Serial: orNone(l.Serial), ImgUrl: orNone(l.ImageURL),
			Returnable: !l.NotReturnable, ReturnableDays: -1, ParentBillNumber: orNone(l.ParentBillNumber),
			Attributes: fieldValues(l.Attributes), CustomFields: fieldValues(l.CustomFields), ExtendedFields: fieldValues(l.ExtendedFields),
		},
		ReturnDetails:       gen.LineReturnDetails{Qty: gen.Quantity(l.ReturnedQuantity), Amount: gen.Amount(l.ReturnedAmount)},
		ReturnLineItemsDtos: []gen.NoDetails{}, NiReturnLineItemsDtos: []gen.NoDetails{},
		ComboDetails: []gen.LinePart{}, AddonDetails: []gen.LinePart{}, SplitItemsDetails: []gen.LinePart{},
	}
	if l.ReturnableDays != nil {
		out.Details.ReturnableDays = *l.ReturnableDays
	}
	for _, p := range l.Parts {
		part := gen.LinePart{ItemCode: p.ItemCode, Description: orNone(p.Description), ComboType: orNone(p.Type), Quantity: gen.Quantity(p.Quantity), Rate: gen.Amount(p.Rate), Value: gen.Amount(p.Value)}
		switch p.List {
		case "comboDetails":
			out.ComboDetails = append(out.ComboDetails, part)
		case "addOnDetails":
			out.AddonDetails = append(out.AddonDetails, part)
		default:
			out.SplitItemsDetails = append(out.SplitItemsDetails, part)
		}
	}
	return out
}

func fieldValues(m map[string]string) gen.FieldValues {
	if m == nil {
		return gen.FieldValues{}
	}
	return m
}
