package db

import (
	"strconv"
	"time"
)

// What audit rows tell of coupons, their series and programs: by the names that requests and files use, amounts as decimals, and
// nothing that is not set.

type auditFields map[string]any

func (f auditFields) text(name, v string) {
	if v != "" {
		f[name] = v
	}
}

func (f auditFields) amount(name string, thousandths int64) {
	if thousandths > 0 {
		f[name] = Decimal(thousandths)
	}
}

// limit keeps a number that is not none: where that is -1, 0 is a limit too.
func (f auditFields) limit(name string, v, none int64) {
	if v != none {
		f[name] = v
	}
}

func (f auditFields) time(name string, t time.Time) {
	if !t.IsZero() {
		f[name] = t
	}
}

func (f auditFields) yes(name string, v bool) {
	if v {
		f[name] = true
	}
}

func (c *Coupon) fields() auditFields {
	f := auditFields{"seriesId": c.Series, "code": c.Code, "customer": c.Customer, "discountType": c.DiscountType}
	f.text("discountCode", c.DiscountCode)
	f.amount("discountValue", c.Value)
	f.amount("discountUpto", c.Upto)
	f.time("validTill", c.ValidTill)
	return f
}

// fields leave out what counts coupons: it is no change of the series.
func (c *CouponSeries) fields() auditFields {
	f := auditFields{"description": c.Description, "discountType": c.DiscountType, "expiryStrategyType": c.ExpiryStrategy, "randomCodeLength": c.CodeLength}
	f.text("seriesCode", c.Code)
	f.text("discountCode", c.DiscountCode)
	f.amount("discountValue", c.DiscountValue)
	f.amount("discountUpto", c.DiscountUpto)
	f.amount("minBillAmount", c.MinBill)
	f.amount("maxBillAmount", c.MaxBill)
	f.time("validTillDate", c.ValidTill)
	f.time("fixedExpiryDate", c.FixedExpiry)
	f.time("redemptionValidFrom", c.RedemptionValidFrom)
	f.limit("validDaysFromCreation", c.ValidDays, -1)
	f.limit("expiryStrategyValue", c.ExpiryValue, 0)
	f.limit("maxCreate", c.MaxCreate, -1)
	f.limit("maxRedeem", c.MaxRedeem, -1)
	f.limit("maxVouchersPerUser", c.MaxPerUser, -1)
	f.limit("minDaysBetweenVouchers", c.DaysBetweenIssues, 0)
	f.limit("maxRedemptionsInSeriesPerUser", c.MaxRedeemPerUser, -1)
	f.limit("redemptionPerCouponMaxLimit", c.MaxRedeemPerCoupon, -1)
	f.limit("minDaysBetweenRedemption", c.DaysBetweenRedemptions, 0)
	f.limit("redemptionValidAfterDays", c.RedemptionAfterDays, 0)
	f.yes("isMultipleVouchersPerUserAllowed", c.MultiplePerUser)
	f.yes("doNotResendExistingVoucher", c.NoResend)
	f.yes("isMultipleUseAllowed", c.MultipleUse)
	f.yes("sameUserMultipleRedeem", c.SameUserAgain)
	f.yes("anyUser", c.AnyUser)
	f.yes("alphaNumeric", c.AlphaNumeric)
	if r := c.Range; len(r.DOM)+len(r.DOW)+len(r.Hours) > 0 {
		f["redemptionRange"] = r
	}
	if len(c.Stores) > 0 {
		f["storeIdsJson"] = c.Stores
	}
	if len(c.Exclusive) > 0 {
		f["mutualExclusiveSeriesIds"] = c.Exclusive
	}
	c.Kept.audited(f)
	return f
}

func (k *SeriesKept) audited(f auditFields) {
	for name, v := range map[string]*string{"discountOn": k.DiscountOn, "clientHandlingType": k.ClientHandlingType, "seriesType": k.SeriesType,
		"ownedBy": k.OwnedBy, "smsTemplate": k.SMSTemplate, "info": k.Info, "tag": k.Tag, "termsAndConditions": k.Terms} {
		if v != nil {
			f.text(name, *v)
		}
	}
	f.yes("isSMSDisabled", k.SMSDisabled != nil && *k.SMSDisabled)
	if k.CampaignID != nil {
		f["campaignId"] = *k.CampaignID
	}
	for name, v := range k.Properties {
		f["customPropertyMap/"+step(name)] = v
	}
}

func (p *ProgramRules) fields() auditFields {
	f := auditFields{"name": p.Name, "earn/points-per-unit": millionths(p.Rate), "redeem/value-of-a-point": millionths(p.Value)}
	f.limit("earn/decimals", int64(p.Decimals), 0)
	f.amount("redeem/minimum", p.Minimum)
	f.amount("redeem/maximum", p.Maximum)
	f.limit("expire/after-days", int64(p.ExpireDays), 0)
	tiers := []map[string]string{} // a list: two may have one name
	for _, t := range p.Tiers {
		tiers = append(tiers, map[string]string{"name": t.Name, "from": Decimal(t.From)})
	}
	f["tiers"] = tiers
	for _, c := range p.Coupons {
		f["coupons/"+strconv.FormatInt(c.Series, 10)] = Decimal(c.Minimum)
	}
	return f
}
