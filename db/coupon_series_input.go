package db

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// change applies what is stated, and validates the result.
func (c *CouponSeries) change(in SeriesInput, zone *time.Location) (err error) {
	bad := func(field, reason string) {
		if err == nil {
			err = seriesWrong(field, reason)
		}
	}
	assign(&c.Description, in.Description)
	assign(&c.DiscountCode, in.DiscountCode)
	assign(&c.DiscountValue, in.DiscountValue)
	assign(&c.DiscountUpto, in.DiscountUpto)
	if in.Code != nil {
		if c.Code = strings.TrimSpace(*in.Code); c.Code == "" {
			return fault.CouponSeriesCodeEmpty.At(seriesPlace("seriesCode"))
		}
	}
	if in.DiscountType != nil {
		c.DiscountType = strings.ToUpper(*in.DiscountType)
	}
	if c.DiscountType != "ABS" && c.DiscountType != "PERC" {
		bad("discountType", "must be ABS or PERC")
	}
	if c.DiscountType == "PERC" && c.DiscountValue > 100_000 {
		bad("discountValue", "must be at most 100 percent")
	}
	moment := func(field string, to *time.Time, sent *string, endOfDate bool) {
		if sent == nil {
			return
		}
		t, ok := seriesTime(*sent, zone, endOfDate)
		if !ok {
			bad(field, "cannot be read as a date or a date-time")
		}
		*to = t
	}
	moment("validTillDate", &c.ValidTill, in.ValidTill, true)
	moment("redemptionValidFrom", &c.RedemptionValidFrom, in.RedemptionValidFrom, false)
	if in.FixedExpiry != nil {
		if c.FixedExpiry = (time.Time{}); *in.FixedExpiry > 0 {
			c.FixedExpiry = time.UnixMilli(*in.FixedExpiry).In(zone)
		}
	}
	// 0 and below are no limit, but for the number of coupons and of redemptions, where 0 is none at all.
	orNone := func(to, sent *int64, none int64) {
		if assign(to, sent); sent != nil && *sent <= 0 {
			*to = none
		}
	}
	orNone(&c.ValidDays, in.ValidDays, -1)
	orNone(&c.MaxPerUser, in.MaxPerUser, -1)
	orNone(&c.MaxRedeemPerUser, in.MaxRedeemPerUser, -1)
	orNone(&c.MaxRedeemPerCoupon, in.MaxRedeemPerCoupon, -1)
	orNone(&c.MinBill, in.MinBill, -1)
	orNone(&c.MaxBill, in.MaxBill, -1)
	orNone(&c.DaysBetweenIssues, in.DaysBetweenIssues, 0)
	orNone(&c.DaysBetweenRedemptions, in.DaysBetweenRedemptions, 0)
	orNone(&c.RedemptionAfterDays, in.RedemptionAfterDays, 0)
	assign(&c.MaxCreate, in.MaxCreate)
	assign(&c.MaxRedeem, in.MaxRedeem)
	assign(&c.ExpiryValue, in.ExpiryValue)
	if in.ExpiryStrategy != nil {
		c.ExpiryStrategy = strings.ToUpper(*in.ExpiryStrategy)
	}
	switch c.ExpiryStrategy {
	case "SERIES_EXPIRY":
	case "DAYS", "MONTHS":
		if c.ExpiryValue <= 0 {
			bad("expiryStrategyValue", "must be 1 or more with this expiryStrategyType")
		}
	default:
		bad("expiryStrategyType", "must be SERIES_EXPIRY, DAYS or MONTHS")
	}
	if c.MaxBill >= 0 && c.MaxBill < c.MinBill {
		bad("maxBillAmount", "must not be below minBillAmount")
	}
	assign(&c.MultiplePerUser, in.MultiplePerUser)
	assign(&c.NoResend, in.NoResend)
	assign(&c.MultipleUse, in.MultipleUse)
	assign(&c.SameUserAgain, in.SameUserAgain)
	assign(&c.AnyUser, in.AnyUser)
	assign(&c.AlphaNumeric, in.AlphaNumeric)
	if in.RedemptionRange != nil {
		if r, ok := readRange(*in.RedemptionRange); ok {
			c.Range = r
		} else {
			bad("redemptionRange", "must be JSON with lists of whole numbers in dom, dow and hours, and nothing else")
		}
	}
	if in.Stores != nil {
		ids, ok := readIDs(*in.Stores)
		if c.Stores = ids; !ok {
			bad("storeIdsJson", "must be a JSON list of at most 100 ids of stores, or [-1]")
		}
	}
	if in.Exclusive != nil {
		ids, ok := readIDs(*in.Exclusive)
		if c.Exclusive = ids; !ok {
			return fault.CouponExclusiveInvalid.At(seriesPlace("mutualExclusiveSeriesIds"))
		}
	}
	least := int64(minCodeLength)
	if !c.AlphaNumeric {
		least = minDigitsLength
	}
	if in.CodeLength != nil {
		if c.CodeLength = *in.CodeLength; c.CodeLength < least || c.CodeLength > maxCodeLength {
			bad("randomCodeLength", fmt.Sprintf("must be from %d to %d", least, maxCodeLength))
		}
	}
	if c.CodeLength == 0 {
		c.CodeLength = least + 2
	}
	c.CodeLength = max(c.CodeLength, least)
	c.Kept.change(in.Kept)
	if err == nil && (c.MaxCreate >= 0 && c.MaxCreate < c.Issued || c.MaxRedeem >= 0 && c.MaxRedeem < c.Redeemed) {
		return fault.CouponLimitBelowUse.With("issued", c.Issued, "redeemed", c.Redeemed)
	}
	return err
}

func (k *SeriesKept) change(in SeriesKept) {
	retain(&k.DiscountOn, in.DiscountOn)
	retain(&k.ClientHandlingType, in.ClientHandlingType)
	retain(&k.SeriesType, in.SeriesType)
	retain(&k.OwnedBy, in.OwnedBy)
	retain(&k.SMSTemplate, in.SMSTemplate)
	retain(&k.SMSDisabled, in.SMSDisabled)
	retain(&k.Info, in.Info)
	retain(&k.Tag, in.Tag)
	retain(&k.CampaignID, in.CampaignID)
	retain(&k.Terms, in.Terms)
	if in.Properties != nil {
		k.Properties = in.Properties
	}
}

func assign[T any](to, sent *T) {
	if sent != nil {
		*to = *sent
	}
}

func retain[T any](to **T, sent *T) {
	if sent != nil {
		*to = sent
	}
}

func seriesPlace(field string) string { return "body: CouponSeriesV2." + field }

func seriesWrong(field, reason string) *fault.Fault {
	return fault.BadRequest.With("reason", reason).At(seriesPlace(field))
}

// seriesTime reads a date, or a date and time. A date alone means the whole day: its end, where something ends with it.
func seriesTime(sent string, zone *time.Location, endOfDate bool) (time.Time, bool) {
	if sent = strings.TrimSpace(sent); sent == "" {
		return time.Time{}, true
	}
	if digits(sent, 1, 15) { // milliseconds since 1970
		ms, err := strconv.ParseInt(sent, 10, 64)
		t := time.UnixMilli(ms).In(zone)
		return t, err == nil && t.Year() < 9999
	}
	parse := parseTime
	if endOfDate {
		parse = parseEnd
	}
	t, ok := parse(sent, zone)
	return t.In(zone), ok
}

// readRange reads the vendor's form of a range: JSON inside a string, in which -1 means any. Sunday is 0 or 7.
func readRange(sent string) (r RedemptionRange, ok bool) {
	if sent = strings.TrimSpace(sent); sent == "" {
		return r, true
	}
	d := json.NewDecoder(strings.NewReader(sent))
	d.DisallowUnknownFields() // a limit that is not known would be none
	if err := d.Decode(&r); err != nil {
		return r, false
	}
	if _, err := d.Token(); err != io.EOF {
		return r, false
	}
	clean := func(list []int, least, most int) ([]int, bool) {
		if len(list) > 100 {
			return nil, false
		}
		if slices.Contains(list, -1) || len(list) == 0 {
			return nil, true
		}
		slices.Sort(list)
		list = slices.Compact(list)
		return list, list[0] >= least && list[len(list)-1] <= most
	}
	for i, d := range r.DOW {
		if d == 7 {
			r.DOW[i] = 0
		}
	}
	var dom, dow, hours bool
	r.DOM, dom = clean(r.DOM, 1, 31)
	r.DOW, dow = clean(r.DOW, 0, 6)
	r.Hours, hours = clean(r.Hours, 0, 23)
	return r, dom && dow && hours
}

// readIDs reads the vendor's form of a list of ids: JSON inside a string. -1, or nothing, means every one.
func readIDs(sent string) (ids []int64, ok bool) {
	if sent = strings.TrimSpace(sent); sent == "" {
		return nil, true
	}
	if err := json.Unmarshal([]byte(sent), &ids); err != nil || len(ids) > maxSeriesList {
		return nil, false
	}
	if slices.Contains(ids, -1) {
		return nil, true
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids, len(ids) == 0 || ids[0] > 0
}

func keptInfo(kept string) (string, error) {
	var k SeriesKept
	err := json.Unmarshal([]byte(kept), &k)
	if k.Info == nil {
		return "", err
	}
	return *k.Info, err
}
