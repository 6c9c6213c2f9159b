package db

import (
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The limits of a series of coupons (openapi.yaml, Create Coupon Series; our rules 81 to 87) as functions of values.

// SeriesLimits are the rules of a series. A zero time, and a number of -1, mean no limit.
type SeriesLimits struct {
	ValidTill      time.Time // the last moment of the series: nothing is issued or redeemed after it
	FixedExpiry    time.Time // the last moment of its coupons
	ValidDays      int64     // days that a coupon is valid after its issue
	ExpiryStrategy string    // SERIES_EXPIRY, DAYS or MONTHS, of ExpiryValue
	ExpiryValue    int64

	MaxCreate         int64 // coupons of the series
	MaxPerUser        int64 // coupons of one customer, where several are allowed
	DaysBetweenIssues int64 // 0: none
	MultiplePerUser   bool  // a customer may have several coupons of the series
	NoResend          bool  // a customer who may have one only is refused, not given the same again

	MaxRedeem              int64 // redemptions of the series
	MaxRedeemPerUser       int64 // redemptions of one customer in the series
	MaxRedeemPerCoupon     int64 // where MultipleUse
	MultipleUse            bool  // a coupon can be redeemed more than once
	SameUserAgain          bool  // also by the same customer
	AnyUser                bool  // also by others than the one it was issued to
	DaysBetweenRedemptions int64 // of one customer in the series, 0: none
	RedemptionValidFrom    time.Time
	RedemptionAfterDays    int64 // after the issue, 0: at once
	Range                  RedemptionRange
	MinBill, MaxBill       int64   // thousandths
	Stores                 []int64 // nil: every one
}

// RedemptionRange says when coupons can be redeemed, in the org's time zone. An empty list is any.
type RedemptionRange struct {
	DOM   []int `json:"dom,omitempty"`   // days of the month, 1 to 31
	DOW   []int `json:"dow,omitempty"`   // days of the week, 0 (Sunday) to 6
	Hours []int `json:"hours,omitempty"` // 0 to 23
}

func (r RedemptionRange) holds(t time.Time) bool {
	in := func(list []int, v int) bool { return len(list) == 0 || slices.Contains(list, v) }
	return in(r.DOM, t.Day()) && in(r.DOW, int(t.Weekday())) && in(r.Hours, t.Hour())
}

// issueCase is what an issue depends on. Times are in the org's zone.
type issueCase struct {
	SeriesLimits
	series     int64
	now        time.Time
	issued     int64     // coupons of the series
	waiting    int64     // codes of the series that wait, when the new coupon takes none of them
	held       int64     // of them the customer's, in whatever state
	live       int64     // id of the customer's newest one that can still be redeemed, 0: none
	lastIssued time.Time // the customer's last one; zero: none
	excluded   int64     // a series that excludes this one, of which the customer has a coupon that can still be redeemed
}

// decideIssue returns the id of the coupon that the customer has and keeps, 0 for a new one, or why none is issued. The first
// matching rule decides (our rule 81): the end of the series, the coupon there is, the customer's limits, the exclusions, the
// limit of the series.
func decideIssue(c issueCase) (keep int64, refused *fault.Fault) {
	not := func(reason string) (int64, *fault.Fault) {
		return 0, fault.CouponNotIssued.With("series", c.series, "reason", reason)
	}
	most := c.MaxPerUser
	if !c.MultiplePerUser {
		most = 1
	}
	switch {
	case over(c.ValidTill, c.now):
		return 0, fault.CouponSeriesExpired.With("series", c.series)
	case most == 1 && c.live != 0 && !c.NoResend:
		return c.live, nil
	case most >= 0 && c.held >= most:
		return not("the customer has as many as one may have")
	case c.DaysBetweenIssues > 0 && !c.lastIssued.IsZero() && daysApart(c.lastIssued, c.now) < c.DaysBetweenIssues:
		return not("the customer got one too recently")
	case c.excluded != 0:
		return not("the customer has a coupon of a series that excludes it")
	case c.MaxCreate >= 0 && c.issued >= c.MaxCreate:
		return not("all of the series are issued")
	case c.MaxCreate >= 0 && c.issued+c.waiting >= c.MaxCreate:
		return not("all of the series are issued, or wait with codes of their own")
	}
	return 0, nil
}

// expiry is the last moment of a coupon by its own limits, zero for none; the series may end earlier.
func (l *SeriesLimits) expiry(issued time.Time) time.Time {
	end := l.FixedExpiry
	sooner := func(t time.Time) {
		if end.IsZero() || t.Before(end) {
			end = t
		}
	}
	if l.ValidDays > 0 {
		sooner(endOfDay(issued, 0, int(l.ValidDays)))
	}
	switch l.ExpiryStrategy {
	case "DAYS":
		sooner(endOfDay(issued, 0, int(l.ExpiryValue)))
	case "MONTHS":
		sooner(endOfDay(issued, int(l.ExpiryValue), 0))
	}
	return end
}

// uses is how often a coupon of the series can be redeemed, -1 for any number of times.
func (l *SeriesLimits) uses() int64 {
	if !l.MultipleUse {
		return 1
	}
	return l.MaxRedeemPerCoupon
}

// redemptionCase is what a redemption depends on. Times are in the org's zone.
type redemptionCase struct {
	SeriesLimits
	code     string
	series   int64
	owner    int64 // whom it was issued to, after merges
	customer int64 // who redeems
	fraud    bool  // marked so
	issuedOn time.Time
	expires  time.Time // of the coupon itself; zero: never
	maxUses  int64     // of the coupon, -1: any number
	uses     int64
	at       time.Time
	store    int64
	bill     int64 // thousandths, -1: not said

	redeemed int64 // redemptions of the series
	byUser   int64 // of them the customer's
	again    int64 // of these, of this coupon
	sameBill bool  // the customer redeemed this coupon on this very bill
	nearest  int64 // days to the nearest redemption of the customer in the series, -1: none
}

// decideRedemption returns why the customer cannot redeem the coupon, or nil. The first matching rule decides (our rule 81): who
// redeems, whose coupon it is, the ends of series and coupon, then time, store and amount, then what is used up.
func decideRedemption(c redemptionCase) *fault.Fault {
	of := func(code *fault.Code) *fault.Fault { return code.With("code", c.code, "series", c.series) }
	switch {
	case c.fraud:
		return fault.CouponFraud.With("id", c.customer)
	case !c.AnyUser && c.owner != c.customer:
		return of(fault.CouponOfAnother)
	case over(c.ValidTill, c.at):
		return of(fault.CouponSeriesExpired)
	case over(c.expires, c.at):
		return of(fault.CouponExpired)
	case c.at.Before(c.issuedOn) && daysApart(c.issuedOn, c.at) > 0,
		c.at.Before(c.RedemptionValidFrom),
		c.RedemptionAfterDays > 0 && daysApart(c.issuedOn, c.at) < c.RedemptionAfterDays,
		!c.Range.holds(c.at):
		return of(fault.CouponOutsideRange)
	case len(c.Stores) > 0 && !slices.Contains(c.Stores, c.store):
		return of(fault.CouponNotAtStore)
	case c.bill >= 0 && (c.MinBill >= 0 && c.bill < c.MinBill || c.MaxBill >= 0 && c.bill > c.MaxBill):
		return of(fault.CouponBillOutside)
	case c.maxUses >= 0 && c.uses >= c.maxUses:
		return of(fault.CouponUsed)
	case c.MaxRedeem >= 0 && c.redeemed >= c.MaxRedeem:
		return of(fault.CouponSeriesUsed)
	case c.again > 0 && (!c.SameUserAgain || c.sameBill):
		return of(fault.CouponNotAgain)
	case c.MaxRedeemPerUser >= 0 && c.byUser >= c.MaxRedeemPerUser:
		return of(fault.CouponUserLimit)
	case c.DaysBetweenRedemptions > 0 && c.nearest >= 0 && c.nearest < c.DaysBetweenRedemptions:
		return of(fault.CouponTooSoon)
	}
	return nil
}

// over reports whether an end has passed; its own moment still counts.
func over(end, now time.Time) bool { return !end.IsZero() && now.After(end) }

// daysApart counts calendar days in the zone of the times, not hours: from late on Monday to early on Tuesday is one (our rule
// 83).
func daysApart(a, b time.Time) int64 {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	d := day(b).Sub(day(a)) / (24 * time.Hour)
	return int64(max(d, -d))
}

// endOfDay is the last millisecond of a day some months and days after t, in its zone. A month that is too short ends sooner.
func endOfDay(t time.Time, months, days int) time.Time {
	y, m, d := t.Date()
	if months > 0 {
		last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		m, d = m+time.Month(months), min(d, last)
	}
	return StartOfDay(y, m, d+days+1, t.Location()).Add(-time.Millisecond)
}
