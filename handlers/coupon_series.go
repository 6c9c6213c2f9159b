package handlers

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// CreateCouponSeries is POST /v2/coupon/series.
func (a *API) CreateCouponSeries(ctx context.Context, r gen.CreateCouponSeriesRequestObject) (gen.CreateCouponSeriesResponseObject, error) {
	in, err := seriesInput(r.Body.CouponSeriesV2)
	if err != nil {
		return nil, err
	}
	s, err := a.store.AddCouponSeries(ctx, who(ctx), in)
	if err != nil {
		return nil, err
	}
	return gen.CreateCouponSeries200JSONResponse(seriesResult(ctx, s)), nil
}

// UpdateCouponSeries is PUT /v2/coupon/series/{id}.
func (a *API) UpdateCouponSeries(ctx context.Context, r gen.UpdateCouponSeriesRequestObject) (gen.UpdateCouponSeriesResponseObject, error) {
	in, err := seriesInput(r.Body.CouponSeriesV2)
	if err != nil {
		return nil, err
	}
	s, err := a.store.ChangeCouponSeries(ctx, who(ctx), r.Id, in)
	if err != nil {
		return nil, err
	}
	return gen.UpdateCouponSeries200JSONResponse(seriesResult(ctx, s)), nil
}

// FetchCouponSeries is GET /v2/coupon/series.
func (a *API) FetchCouponSeries(ctx context.Context, r gen.FetchCouponSeriesRequestObject) (gen.FetchCouponSeriesResponseObject, error) {
	ids, err := listedIDs(inOne(r.Params.Ids), "query: ids")
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fault.CouponFilterMissing.At("query: ids")
	}
	list, err := a.store.CouponSeriesByID(ctx, who(ctx), ids)
	if err != nil {
		return nil, err
	}
	res := gen.FetchCouponSeries200JSONResponse{Entity: make([]gen.CouponSeries, len(list)), Warnings: []gen.Status{}}
	for i, s := range list {
		res.Entity[i] = series(ctx, s)
	}
	return res, nil
}

// maxListed is how many ids or codes a query may list.
const maxListed = 100

// inOne is a parameter that was sent several times as if it had been sent once, with commas between.
func inOne(sent *[]string) *string {
	if sent == nil {
		return nil
	}
	one := strings.Join(*sent, ",")
	return &one
}

// listedIDs reads ids with commas between.
func listedIDs(sent *string, place string) (ids []int64, err error) {
	for _, part := range listedTexts(sent) {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil || id < 1 || id > maxID {
			return nil, fault.BadRequest.With("reason", "must be ids in digits, with commas between").At(place)
		}
		ids = append(ids, id)
	}
	if len(ids) > maxListed {
		return nil, fault.BadRequest.With("reason", "may have at most "+strconv.Itoa(maxListed)+" ids").At(place)
	}
	return ids, nil
}

const maxID = 1<<53 - 1

// listedTexts reads texts with commas between; empty ones do not count.
func listedTexts(sent *string) (list []string) {
	for part := range strings.SplitSeq(text(sent), ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func seriesInput(b gen.CouponSeriesInput) (in db.SeriesInput, err error) {
	in = db.SeriesInput{
		Code: b.SeriesCode, Description: b.Description, DiscountCode: b.DiscountCode, DiscountType: b.DiscountType,
		ValidTill: (*string)(b.ValidTillDate), RedemptionValidFrom: (*string)(b.RedemptionValidFrom), FixedExpiry: b.FixedExpiryDate,
		ValidDays: b.ValidDaysFromCreation, ExpiryStrategy: b.ExpiryStrategyType, ExpiryValue: b.ExpiryStrategyValue,
		MaxCreate: b.MaxCreate, MaxPerUser: b.MaxVouchersPerUser, DaysBetweenIssues: b.MinDaysBetweenVouchers,
		MaxRedeem: b.MaxRedeem, MaxRedeemPerUser: b.MaxRedemptionsInSeriesPerUser, MaxRedeemPerCoupon: b.RedemptionPerCouponMaxLimit,
		DaysBetweenRedemptions: b.MinDaysBetweenRedemption, RedemptionAfterDays: b.RedemptionValidAfterDays,
		MultiplePerUser: (*bool)(b.IsMultipleVouchersPerUserAllowed), NoResend: (*bool)(b.DoNotResendExistingVoucher),
		MultipleUse: (*bool)(b.IsMultipleUseAllowed), SameUserAgain: (*bool)(b.SameUserMultipleRedeem), AnyUser: (*bool)(b.AnyUser),
		RedemptionRange: b.RedemptionRange, Stores: b.StoreIdsJson, Exclusive: b.MutualExclusiveSeriesIds,
		AlphaNumeric: (*bool)(b.AlphaNumeric), CodeLength: b.RandomCodeLength,
		Kept: db.SeriesKept{DiscountOn: b.DiscountOn, ClientHandlingType: b.ClientHandlingType, SeriesType: b.SeriesType, OwnedBy: b.OwnedBy,
			SMSTemplate: b.SmsTemplate, SMSDisabled: (*bool)(b.IsSMSDisabled), Info: b.Info, Tag: b.Tag, CampaignID: b.CampaignId, Terms: b.TermsAndConditions},
	}
	if in.Stores == nil {
		in.Stores = b.RedeemAtStore
	}
	const at = "body: CouponSeriesV2."
	for _, m := range []struct {
		field string
		sent  *gen.LooseAmount
		to    **int64
		least gen.Amount
	}{
		{"discountValue", b.DiscountValue, &in.DiscountValue, 0}, {"discountUpto", b.DiscountUpto, &in.DiscountUpto, 0},
		{"minBillAmount", b.MinBillAmount, &in.MinBill, -1000}, {"maxBillAmount", b.MaxBillAmount, &in.MaxBill, -1000},
	} {
		if m.sent == nil {
			continue
		}
		n, err := amount(*m.sent, m.least, at+m.field)
		if err != nil {
			return in, err
		}
		*m.to = &n
	}
	in.Kept.Properties, err = textFields(b.CustomPropertyMap, at+"customPropertyMap")
	return in, err
}

// amount reads an amount in thousandths, not below the least.
func amount(sent gen.LooseAmount, least gen.Amount, place string) (int64, error) {
	if !sent.Valid || sent.Amount < least {
		return 0, fault.BadRequest.With("reason", "must be an amount in its bounds, with at most three decimals").At(place)
	}
	return int64(sent.Amount), nil
}

// textFields reads text by name; what is no text is refused.
func textFields(sent *gen.Fields, place string) (map[string]string, error) {
	if sent == nil {
		return nil, nil
	}
	fields := map[string]string{}
	for k, v := range *sent {
		if !v.Valid {
			return nil, fault.BadRequest.With("reason", "must hold only strings, whole numbers and booleans").At(place)
		}
		fields[k] = v.Text
	}
	return fields, nil
}

func seriesResult(ctx context.Context, s db.CouponSeries) gen.CouponSeries {
	out := series(ctx, s)
	out.Warnings = &gen.Warnings{}
	return out
}

func series(ctx context.Context, s db.CouponSeries) gen.CouponSeries {
	out := gen.CouponSeries{
		Id: s.ID, OrgId: who(ctx).Org, Description: s.Description, SeriesCode: orAbsent(s.Code), DiscountCode: orAbsent(s.DiscountCode),
		DiscountType: s.DiscountType, DiscountValue: gen.Amount(s.DiscountValue), DiscountUpto: gen.Amount(s.DiscountUpto),
		ValidTillDate: timeOrAbsent(s.ValidTill), FixedExpiryDate: millisOrAbsent(s.FixedExpiry), ValidDaysFromCreation: s.ValidDays,
		ExpiryStrategyType: s.ExpiryStrategy, ExpiryStrategyValue: s.ExpiryValue, MaxCreate: s.MaxCreate, MaxRedeem: s.MaxRedeem,
		MaxVouchersPerUser: s.MaxPerUser, MinDaysBetweenVouchers: s.DaysBetweenIssues, MaxRedemptionsInSeriesPerUser: s.MaxRedeemPerUser,
		MinDaysBetweenRedemption: s.DaysBetweenRedemptions, RedemptionPerCouponMaxLimit: s.MaxRedeemPerCoupon,
		RedemptionValidFrom: timeOrAbsent(s.RedemptionValidFrom), RedemptionValidAfterDays: s.RedemptionAfterDays,
		RedemptionRange: jsonText(map[string][]int{"dom": orAny(s.Range.DOM), "dow": orAny(s.Range.DOW), "hours": orAny(s.Range.Hours)}),
		MinBillAmount:   limitAmount(s.MinBill), MaxBillAmount: limitAmount(s.MaxBill), AnyUser: s.AnyUser, SameUserMultipleRedeem: s.SameUserAgain,
		IsMultipleUseAllowed: s.MultipleUse, IsMultipleVouchersPerUserAllowed: s.MultiplePerUser, DoNotResendExistingVoucher: s.NoResend,
		MutualExclusiveSeriesIds: "[]", StoreIdsJson: jsonText(orAny(s.Stores)), RedeemAtStore: jsonText(orAny(s.Stores)), AlphaNumeric: s.AlphaNumeric, RandomCodeLength: s.CodeLength,
		DiscountOn: s.Kept.DiscountOn, ClientHandlingType: s.Kept.ClientHandlingType, SeriesType: s.Kept.SeriesType, OwnedBy: s.Kept.OwnedBy,
		SmsTemplate: s.Kept.SMSTemplate, IsSMSDisabled: s.Kept.SMSDisabled, Info: s.Kept.Info, Tag: s.Kept.Tag, CampaignId: s.Kept.CampaignID,
		TermsAndConditions: s.Kept.Terms, NumIssued: s.Issued, NumRedeemed: s.Redeemed, LatestIssualTime: millisOrAbsent(s.LastIssued),
		LatestRedemptionTime: millisOrAbsent(s.LastRedeemed), CreatedOn: gen.Time{Time: s.CreatedOn}, CreatedBy: entityRef(s.CreatedBy), ModifiedOn: gen.Time{Time: s.ModifiedOn},
	}
	if len(s.Exclusive) > 0 {
		out.MutualExclusiveSeriesIds = jsonText(s.Exclusive)
	}
	if s.Kept.Properties != nil {
		properties := gen.FieldValues(s.Kept.Properties)
		out.CustomPropertyMap = &properties
	}
	return out
}

// limitAmount is an amount that is a limit: -1 for none.
func limitAmount(thousandths int64) gen.Amount {
	if thousandths < 0 {
		return -1000
	}
	return gen.Amount(thousandths)
}

// orAny writes a list in which nothing is any as the vendor does.
func orAny[T int | int64](list []T) []T {
	if len(list) == 0 {
		return []T{-1}
	}
	return list
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // lists of numbers
	}
	return string(b)
}

func orAbsent(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOrAbsent(t time.Time) *gen.Time {
	if t.IsZero() {
		return nil
	}
	return &gen.Time{Time: t}
}

func millisOrAbsent(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
