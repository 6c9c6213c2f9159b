package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// CouponSeries is a kind of coupon: its value, and the limits on issuing and redeeming it.
type CouponSeries struct {
	ID                        int64
	Code                      string // "" for none
	Description, DiscountCode string
	DiscountType              string // ABS or PERC
	DiscountValue             int64  // thousandths of the currency, or of a percent
	DiscountUpto              int64  // thousandths of the currency, 0: no cap
	SeriesLimits
	Exclusive    []int64 // series that exclude this one, and the other way round
	AlphaNumeric bool    // codes of letters and digits; else of digits
	CodeLength   int64
	Kept         SeriesKept
	Issued       int64 // coupons of it
	Redeemed     int64 // redemptions that were not taken back
	LastIssued   time.Time
	LastRedeemed time.Time
	CreatedOn    time.Time
	CreatedBy    EntityRef
	ModifiedOn   time.Time
	ModifiedBy   EntityRef
}

// SeriesKept are fields that a series stores for its callers and that have no effect here (our rule 85).
type SeriesKept struct {
	DiscountOn         *string           `json:"discountOn,omitempty"`
	ClientHandlingType *string           `json:"clientHandlingType,omitempty"`
	SeriesType         *string           `json:"seriesType,omitempty"`
	OwnedBy            *string           `json:"ownedBy,omitempty"`
	SMSTemplate        *string           `json:"smsTemplate,omitempty"`
	SMSDisabled        *bool             `json:"smsDisabled,omitempty"`
	Info               *string           `json:"info,omitempty"`
	Tag                *string           `json:"tag,omitempty"`
	CampaignID         *int64            `json:"campaignId,omitempty"`
	Terms              *string           `json:"terms,omitempty"`
	Properties         map[string]string `json:"properties,omitempty"`
}

// SeriesInput is what a request states of a series; nil means not stated.
type SeriesInput struct {
	Code, Description, DiscountCode, DiscountType *string
	DiscountValue, DiscountUpto                   *int64
	ValidTill, RedemptionValidFrom                *string // a date, a date and time, or "" for none
	FixedExpiry                                   *int64  // ms, below 1 for none
	ValidDays, ExpiryValue                        *int64
	ExpiryStrategy                                *string

	MaxCreate, MaxPerUser, DaysBetweenIssues        *int64
	MaxRedeem, MaxRedeemPerUser, MaxRedeemPerCoupon *int64
	DaysBetweenRedemptions, RedemptionAfterDays     *int64
	MinBill, MaxBill                                *int64
	MultiplePerUser, NoResend                       *bool
	MultipleUse, SameUserAgain, AnyUser             *bool
	RedemptionRange                                 *string // JSON: {"dom": [..], "dow": [..], "hours": [..]}
	Stores                                          *string // JSON: ids, [-1] for every one
	Exclusive                                       *string // JSON: ids
	AlphaNumeric                                    *bool
	CodeLength                                      *int64
	Kept                                            SeriesKept
}

const (
	firstSeries     = 1
	maxSeriesIDs    = 100 // asked for at a time
	maxSeriesList   = 100 // stores or exclusions of a series
	maxCodeLength   = 32
	minCodeLength   = 8
	minDigitsLength = 12 // of a code of digits alone: it must not be guessed
)

// AddCouponSeries makes a series.
func (s *Store) AddCouponSeries(ctx context.Context, who Who, in SeriesInput) (CouponSeries, error) {
	return once(ctx, s, who, func(tx *Tx) (CouponSeries, error) { return tx.addSeries(who, in) })
}

func (tx *Tx) addSeries(who Who, in SeriesInput) (out CouponSeries, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	out = CouponSeries{DiscountType: "ABS", AlphaNumeric: true, SeriesLimits: SeriesLimits{
		ValidDays: -1, ExpiryStrategy: "SERIES_EXPIRY", MaxCreate: -1, MaxRedeem: -1, MaxPerUser: -1, MaxRedeemPerUser: -1, MaxRedeemPerCoupon: -1,
		MinBill: -1, MaxBill: -1}}
	if in.Description == nil {
		return out, seriesWrong("description", "is required")
	}
	if err := out.change(in, o.TimeZone); err != nil {
		return out, err
	}
	if out.ID, err = tx.next(who.Org, "coupon_series", firstSeries); err != nil {
		return out, err
	}
	out.CreatedOn, out.CreatedBy = o.time(tx.now), o.by(who.Till)
	return tx.storeSeries(o, who, out, in.Exclusive != nil, sql.NullString{}, "couponSeries.add")
}

// ChangeCouponSeries changes what is stated of a series; the rest stays.
func (s *Store) ChangeCouponSeries(ctx context.Context, who Who, id int64, in SeriesInput) (CouponSeries, error) {
	return once(ctx, s, who, func(tx *Tx) (out CouponSeries, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		if out, err = tx.series(o, who.Org, id); err != nil {
			return out, err
		}
		before := toJSON(out.fields())
		if err := out.change(in, o.TimeZone); err != nil {
			return out, err
		}
		return tx.storeSeries(o, who, out, in.Exclusive != nil, sql.NullString{String: before, Valid: true}, "couponSeries.change")
	})
}

// CouponSeriesByID reads series, in the order asked for.
func (s *Store) CouponSeriesByID(ctx context.Context, who Who, ids []int64) (list []CouponSeries, err error) {
	if len(ids) > maxSeriesIDs {
		return nil, fault.BadRequest.With("reason", fmt.Sprintf("may have at most %d ids", maxSeriesIDs)).At("query: ids")
	}
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		for _, id := range ids {
			one, err := tx.series(o, who.Org, id)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

const seriesColumns = `id, code, description, discount_code, discount_type, discount_value, discount_upto,
	valid_till, fixed_expiry, valid_days, expiry_strategy, expiry_value,
	max_create, max_redeem, max_per_user, days_between_issues, max_redeem_per_user, days_between_redemptions, max_redeem_per_coupon,
	redemption_valid_from, redemption_after_days, redemption_range, min_bill, max_bill,
	any_user, same_user_again, multiple_use, multiple_per_user, no_resend, stores, alphanumeric, code_length, kept,
	issued, redeemed, last_issued, last_redeemed, created_on, created_by, modified_on, modified_by`

// series reads one, or says that there is none.
func (tx *Tx) series(o *orgConfig, org, id int64) (c CouponSeries, err error) {
	var validTill, fixed, from, lastIssued, lastRedeemed sql.NullInt64
	var createdOn, createdBy, modifiedOn, modifiedBy int64
	var within, stores, kept string
	err = tx.QueryRow(`SELECT `+seriesColumns+` FROM coupon_series WHERE org = $1 AND id = $2`, org, id).Scan(
		&c.ID, &c.Code, &c.Description, &c.DiscountCode, &c.DiscountType, &c.DiscountValue, &c.DiscountUpto,
		&validTill, &fixed, &c.ValidDays, &c.ExpiryStrategy, &c.ExpiryValue,
		&c.MaxCreate, &c.MaxRedeem, &c.MaxPerUser, &c.DaysBetweenIssues, &c.MaxRedeemPerUser, &c.DaysBetweenRedemptions, &c.MaxRedeemPerCoupon,
		&from, &c.RedemptionAfterDays, &within, &c.MinBill, &c.MaxBill,
		&c.AnyUser, &c.SameUserAgain, &c.MultipleUse, &c.MultiplePerUser, &c.NoResend, &stores, &c.AlphaNumeric, &c.CodeLength, &kept,
		&c.Issued, &c.Redeemed, &lastIssued, &lastRedeemed, &createdOn, &createdBy, &modifiedOn, &modifiedBy)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.CouponSeriesUnknown.With("series", id)
	}
	if err != nil {
		return c, err
	}
	for _, j := range []struct {
		text string
		to   any
	}{{within, &c.Range}, {stores, &c.Stores}, {kept, &c.Kept}} {
		if err := json.Unmarshal([]byte(j.text), j.to); err != nil {
			return c, err
		}
	}
	c.ValidTill, c.FixedExpiry, c.RedemptionValidFrom = o.maybe(validTill), o.maybe(fixed), o.maybe(from)
	c.LastIssued, c.LastRedeemed = o.maybe(lastIssued), o.maybe(lastRedeemed)
	c.CreatedOn, c.CreatedBy, c.ModifiedOn, c.ModifiedBy = o.time(createdOn), o.by(createdBy), o.time(modifiedOn), o.by(modifiedBy)
	c.Exclusive, err = column[int64](tx, `SELECT other FROM coupon_exclusions WHERE org = $1 AND series = $2 ORDER BY other`, org, id)
	return c, err
}

// storeSeries writes a new or a changed series, and its exclusions when those were said.
func (tx *Tx) storeSeries(o *orgConfig, who Who, c CouponSeries, exclusions bool, before sql.NullString, action string) (CouponSeries, error) {
	c.ModifiedOn, c.ModifiedBy = o.time(tx.now), o.by(who.Till)
	if c.Stores == nil {
		c.Stores = []int64{}
	}
	_, err := tx.Exec(`INSERT INTO coupon_series (org, code_key, `+seriesColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
			$28, $29, $30, $31, $32, $33, $34, $35, 0, 0, NULL, NULL, $36, $37, $36, $37)
		ON CONFLICT (org, id) DO UPDATE SET code_key = excluded.code_key, code = excluded.code, description = excluded.description,
			discount_code = excluded.discount_code, discount_type = excluded.discount_type, discount_value = excluded.discount_value,
			discount_upto = excluded.discount_upto, valid_till = excluded.valid_till, fixed_expiry = excluded.fixed_expiry,
			valid_days = excluded.valid_days, expiry_strategy = excluded.expiry_strategy, expiry_value = excluded.expiry_value,
			max_create = excluded.max_create, max_redeem = excluded.max_redeem, max_per_user = excluded.max_per_user,
			days_between_issues = excluded.days_between_issues, max_redeem_per_user = excluded.max_redeem_per_user,
			days_between_redemptions = excluded.days_between_redemptions, max_redeem_per_coupon = excluded.max_redeem_per_coupon,
			redemption_valid_from = excluded.redemption_valid_from, redemption_after_days = excluded.redemption_after_days,
			redemption_range = excluded.redemption_range, min_bill = excluded.min_bill, max_bill = excluded.max_bill,
			any_user = excluded.any_user, same_user_again = excluded.same_user_again, multiple_use = excluded.multiple_use,
			multiple_per_user = excluded.multiple_per_user, no_resend = excluded.no_resend, stores = excluded.stores,
			alphanumeric = excluded.alphanumeric, code_length = excluded.code_length, kept = excluded.kept,
			modified_on = excluded.modified_on, modified_by = excluded.modified_by`,
		who.Org, fold(c.Code), c.ID, c.Code, c.Description, c.DiscountCode, c.DiscountType, c.DiscountValue, c.DiscountUpto,
		timeOrNull(c.ValidTill), timeOrNull(c.FixedExpiry), c.ValidDays, c.ExpiryStrategy, c.ExpiryValue,
		c.MaxCreate, c.MaxRedeem, c.MaxPerUser, c.DaysBetweenIssues, c.MaxRedeemPerUser, c.DaysBetweenRedemptions, c.MaxRedeemPerCoupon,
		timeOrNull(c.RedemptionValidFrom), c.RedemptionAfterDays, toJSON(c.Range), c.MinBill, c.MaxBill,
		bit(c.AnyUser), bit(c.SameUserAgain), bit(c.MultipleUse), bit(c.MultiplePerUser), bit(c.NoResend), toJSON(c.Stores), bit(c.AlphaNumeric), c.CodeLength, toJSON(c.Kept),
		tx.now, who.Till)
	if taken(err) {
		return c, fault.CouponSeriesCodeExists.With("code", c.Code).At(seriesPlace("seriesCode")).Because(err)
	}
	if err != nil {
		return c, err
	}
	if exclusions {
		if err := tx.storeExclusions(who.Org, c.ID, c.Exclusive); err != nil {
			return c, err
		}
	}
	if c, err = tx.series(o, who.Org, c.ID); err != nil {
		return c, err
	}
	was, now, err := differing(before, toJSON(c.fields()))
	if err != nil {
		return c, err
	}
	return c, tx.auditRow(who, action, "couponSeries", c.ID, was, now)
}

// storeExclusions sets the series that exclude one, keeping the pairs symmetric.
func (tx *Tx) storeExclusions(org, series int64, others []int64) error {
	for _, q := range []string{
		`DELETE FROM coupon_exclusions WHERE org = $1 AND other = $2 AND series IN (SELECT other FROM coupon_exclusions WHERE org = $1 AND series = $2)`,
		`DELETE FROM coupon_exclusions WHERE org = $1 AND series = $2`,
	} {
		if _, err := tx.Exec(q, org, series); err != nil {
			return err
		}
	}
	for _, other := range others {
		var there bool
		if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM coupon_series WHERE org = $1 AND id = $2)`, org, other).Scan(&there); err != nil {
			return err
		}
		if !there || other == series {
			return fault.CouponExclusiveInvalid.At(seriesPlace("mutualExclusiveSeriesIds"))
		}
		for _, pair := range [][2]int64{{series, other}, {other, series}} {
			if _, err := tx.Exec(`INSERT INTO coupon_exclusions (org, series, other) VALUES ($1, $2, $3)`, org, pair[0], pair[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// maybe converts a stored time to the org's zone, NULL to the zero time.
func (o *orgConfig) maybe(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return o.time(ms.Int64)
}

func timeOrNull(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// differing reduces two JSON objects, of which the first may be NULL, to the fields that differ.
func differing(before sql.NullString, after string) (sql.NullString, string, error) {
	was, err := readFields(before)
	if err != nil {
		return before, after, err
	}
	now, err := readFields(sql.NullString{String: after, Valid: true})
	if err != nil {
		return before, after, err
	}
	dropEqual(was, now)
	return sql.NullString{String: toJSON(was), Valid: before.Valid}, toJSON(now), nil
}
