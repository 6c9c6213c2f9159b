package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// What redemptionStatus says of a whole request.
const (
	couponsFine   = 700
	couponsNotAll = 780
)

// IsCouponRedeemable is GET /v2/coupon/is_redeemable.
func (a *API) IsCouponRedeemable(ctx context.Context, r gen.IsCouponRedeemableRequestObject) (gen.IsCouponRedeemableResponseObject, error) {
	p := r.Params
	details := strings.EqualFold(text(p.Details), "true") || strings.EqualFold(text(p.Details), "extended")
	if !details && text(p.Details) != "" && !strings.EqualFold(text(p.Details), "false") {
		return nil, fault.BadRequest.With("reason", "is not one of the values it can have").At("query: details")
	}
	codes := listedTexts(&p.Code)
	switch {
	case len(codes) == 0:
		return nil, fault.CouponNotNamed.At("query: code")
	case len(codes) > maxListed:
		return nil, fault.CouponsTooMany.With("max", maxListed).At("query: code")
	}
	refs := make([]db.CouponRef, len(codes))
	for i, c := range codes {
		refs[i].Code = c
	}
	out, err := a.store.CouponsRedeemable(ctx, who(ctx), refs, queryUser(p.Id, p.Mobile, p.Email, p.ExternalId))
	if err != nil {
		return nil, err
	}
	res := gen.IsCouponRedeemable200JSONResponse{Customer: couponCustomer(out.Customer), Redemption: make([]gen.CouponRedeemable, len(out.Items)), Warnings: []gen.Status{}}
	failed := 0
	for i, it := range out.Items {
		item := gen.CouponRedeemable{Code: it.Code, IsRedeemable: it.Fault == nil, NumberOfRedemptionsByUser: it.ByUser, Warnings: warnings(itemErrors(it.Fault)), RedemptionStatus: couponStatus(it.Fault)}
		if it.Fault != nil {
			failed++
		}
		if it.Coupon.ID != 0 {
			absolute, left := it.Coupon.DiscountType == "ABS", it.Coupon.Left
			item.IsAbsolute, item.RedemptionsLeft = &absolute, &left
			if details {
				s := series(ctx, it.Series)
				item.Couponseries = &s
			}
		}
		res.Redemption[i] = item
	}
	res.RedemptionStatus = wholeStatus(failed)
	return res, nil
}

// RedeemCoupons is POST /v2/coupon/redeem.
func (a *API) RedeemCoupons(ctx context.Context, r gen.RedeemCouponsRequestObject) (gen.RedeemCouponsResponseObject, error) {
	ask, err := redeemAsk(gen.CouponRedeemTogetherRequest(*r.Body))
	if err != nil {
		return nil, err
	}
	out, err := a.store.RedeemCoupons(ctx, who(ctx), ask)
	if err != nil {
		return nil, err
	}
	if len(out.Items) == 1 && out.Items[0].Fault != nil {
		return nil, out.Items[0].Fault
	}
	res := gen.CouponRedemptions{Redemption: make([]gen.CouponRedeemed, len(out.Items)), Customer: couponCustomer(out.Customer), Warnings: []gen.Status{}}
	failed := 0
	for i, it := range out.Items {
		res.Redemption[i] = redeemed(it)
		if it.Fault != nil {
			failed++
		}
	}
	res.RedemptionStatus = wholeStatus(failed)
	switch {
	case failed == 0 || failed == len(out.Items) && a.cfg.AlwaysOK:
		return gen.RedeemCoupons200JSONResponse(res), nil
	case failed < len(out.Items):
		return gen.RedeemCoupons201JSONResponse(res), nil
	}
	return refusedRedemptions{out.Items[0].Fault.Status, res}, nil
}

// refusedRedemptions is the answer of a request all of whose several coupons were refused: the status is that of the first.
type refusedRedemptions struct {
	status int
	body   gen.CouponRedemptions
}

// VisitRedeemCouponsResponse writes it.
func (r refusedRedemptions) VisitRedeemCouponsResponse(w http.ResponseWriter) error {
	b, err := json.Marshal(r.body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, err = w.Write(append(b, '\n'))
	return err
}

// RedeemCouponsTogether is POST /v2/coupon/bulk/redeem.
func (a *API) RedeemCouponsTogether(ctx context.Context, r gen.RedeemCouponsTogetherRequestObject) (gen.RedeemCouponsTogetherResponseObject, error) {
	ask, err := redeemAsk(*r.Body)
	if err != nil {
		return nil, err
	}
	ask.Source, ask.Account = r.Params.Source, text(r.Params.AccountId)
	dry := is(r.Params.IsRedeemable)
	out, err := a.store.RedeemAllCoupons(ctx, who(ctx), ask, dry)
	if err != nil {
		return nil, err
	}
	res := gen.CouponRedeemResults{Response: make([]gen.CouponRedeemResult, len(out.Items)), TotalCount: len(out.Items)}
	for i, it := range out.Items {
		res.Response[i] = gen.CouponRedeemResult{Errors: warnings(itemErrors(it.Fault)), Warnings: []gen.Status{}}
		if it.Fault != nil {
			res.FailureCount++
			continue
		}
		result := redeemed(it)
		res.Response[i].EntityId, res.Response[i].Result = result.Id, &result
	}
	if res.FailureCount > 0 && !a.cfg.AlwaysOK {
		return gen.RedeemCouponsTogether400JSONResponse{Items: res}, nil
	}
	return gen.RedeemCouponsTogether200JSONResponse(res), nil
}

// ReactivateCoupons is POST /v2/coupon/reactivate.
func (a *API) ReactivateCoupons(ctx context.Context, r gen.ReactivateCouponsRequestObject) (gen.ReactivateCouponsResponseObject, error) {
	if err := a.store.ReactivateCoupons(ctx, who(ctx), r.Body.RedemptionIds); err != nil {
		return nil, err
	}
	return gen.ReactivateCoupons200JSONResponse(couponsDone()), nil
}

// UpdateCouponRedemptions is PUT /v2/coupon/redeem.
func (a *API) UpdateCouponRedemptions(ctx context.Context, r gen.UpdateCouponRedemptionsRequestObject) (gen.UpdateCouponRedemptionsResponseObject, error) {
	var user *db.CouponCustomer
	if r.Body.User != nil {
		ref, err := couponUser(r.Body.User, "body: user")
		if err != nil {
			return nil, err
		}
		user = &ref
	}
	bills := make([]db.BillOfRedemption, len(r.Body.Redemptions))
	for i, b := range r.Body.Redemptions {
		n, err := amount(b.BillAmount, 0, "body: redemptions")
		if err != nil {
			return nil, err
		}
		fields, err := textFields(b.CustomFields, "body: redemptions")
		if err != nil {
			return nil, err
		}
		bills[i] = db.BillOfRedemption{Redemption: b.RedemptionId, Number: b.TransactionNumber, Amount: n, Bill: b.BillId, CustomFields: fields}
	}
	if err := a.store.AttachBills(ctx, who(ctx), bills, user); err != nil {
		return nil, err
	}
	return gen.UpdateCouponRedemptions200JSONResponse(couponsDone()), nil
}

func couponsDone() gen.CouponsDone {
	return gen.CouponsDone{Success: true, Warnings: []gen.Status{}, Errors: []gen.Status{}}
}

func redeemAsk(b gen.CouponRedeemTogetherRequest) (ask db.RedeemAsk, err error) {
	ask = db.RedeemAsk{Number: strings.TrimSpace(b.TransactionNumber), Time: strings.TrimSpace(text(b.RedemptionTime))}
	if ask.Number == "" {
		return ask, fault.CouponBillNumberMissing.At("body: transactionNumber")
	}
	if ask.Amount, err = amount(b.BillAmount, 0, "body: billAmount"); err != nil {
		return ask, err
	}
	if ask.User, err = couponUser(&b.User, "body: user"); err != nil {
		return ask, err
	}
	for _, c := range b.RedemptionRequestList {
		ref := db.CouponRef{Code: strings.TrimSpace(text((*string)(c.Code)))}
		if c.Id != nil {
			ref.ID = *c.Id
		}
		if ref == (db.CouponRef{}) {
			return ask, fault.CouponNotNamed.At("body: redemptionRequestList")
		}
		ask.Coupons = append(ask.Coupons, ref)
	}
	return ask, nil
}

func redeemed(it db.Redeemed) gen.CouponRedeemed {
	status := couponStatus(it.Fault)
	out := gen.CouponRedeemed{Code: it.Code, Errors: warnings(itemErrors(it.Fault)), Warnings: []gen.Status{}, RedemptionStatus: fullStatus(status.Status, status.Code, status.Message)}
	if it.ID != 0 {
		out.Id = &it.ID
	}
	if it.Coupon.ID != 0 {
		c := it.Coupon
		absolute, value, upto, discount := c.DiscountType == "ABS", gen.Amount(c.Value), gen.Amount(c.Upto), discountCode(c.DiscountCode)
		out.SeriesCode, out.IsAbsolute, out.CouponValue, out.DiscountValue, out.DiscountUpto = &c.Series, &absolute, &value, &value, &upto
		out.DiscountType, out.DiscountCode = &c.DiscountType, &discount
	}
	return out
}

func couponStatus(f *fault.Fault) gen.CouponStatus {
	if f == nil {
		return gen.CouponStatus{Status: true, Code: couponsFine, Message: "success"}
	}
	return gen.CouponStatus{Code: f.Number, Message: f.Text()}
}

func wholeStatus(failed int) gen.CouponStatus {
	if failed == 0 {
		return couponStatus(nil)
	}
	return gen.CouponStatus{Code: couponsNotAll, Message: "Not all coupons can be redeemed"}
}

func fullStatus(ok bool, code int, message string) gen.CouponFullStatus {
	return gen.CouponFullStatus{StatusCode: gen.CouponStatus{Status: ok, Code: code, Message: message}, Warnings: []gen.Status{}, WarningsAsStatusCode: []gen.CouponStatus{},
		Code: code, Message: message, Success: ok}
}
