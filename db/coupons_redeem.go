package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// CouponRef names a coupon by its code, in any case, or by its id.
type CouponRef struct {
	Code string
	ID   int64
}

// RedeemAsk is what a request to redeem coupons states for all of them.
type RedeemAsk struct {
	Coupons []CouponRef
	Source  string // "" for every source
	Account string
	User    CouponCustomer
	Number  string // of the bill
	Amount  int64  // of the bill, thousandths
	Time    string // as sent, "" for now
}

// Redeemed is the outcome for one coupon. Fault is why it was not redeemed, nil if it was.
type Redeemed struct {
	ID     int64  // of the redemption, 0 for none
	Code   string // of the coupon, as stored, or as sent when there is none
	Coupon Coupon // zero when there is none
	Fault  *fault.Fault

	Series CouponSeries // zero when there is none
	ByUser int64        // redemptions of the coupon by the customer that stand
}

// CouponRedemption is the answer to a request about several coupons.
type CouponRedemption struct {
	Customer Customer
	Items    []Redeemed // in the order of the request
}

const (
	firstRedemption = 1
	redeemAhead     = 5 * time.Minute     // how far a till's clock may be ahead of ours
	redeemPast      = 31 * 24 * time.Hour // how long ago a coupon may have been redeemed, where bill-date-past does not say
)

// CouponsRedeemable checks for each coupon whether the customer could redeem it now, without regard to the amount of a bill.
func (s *Store) CouponsRedeemable(ctx context.Context, who Who, coupons []CouponRef, user CouponCustomer) (out CouponRedemption, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		out = CouponRedemption{}
		customer, err := tx.couponCustomer(o, who.Org, nil, user, "query")
		if err != nil {
			return err
		}
		if err := repeated(coupons, "query: code"); err != nil {
			return err
		}
		for _, ref := range coupons {
			item, _, err := tx.judge(o, who, ref, customer, RedeemAsk{Amount: -1}, o.time(tx.now))
			if item.Fault, err = asRefusal(err); err != nil {
				return err
			}
			out.Items = append(out.Items, item)
		}
		return tx.customerInto(o, who.Org, customer, &out.Customer)
	})
	return out, err
}

// RedeemCoupons redeems coupons of a customer on a bill, each by itself.
func (s *Store) RedeemCoupons(ctx context.Context, who Who, ask RedeemAsk) (CouponRedemption, error) {
	return once(ctx, s, who, func(tx *Tx) (out CouponRedemption, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		customer, at, err := tx.couponRedeemer(o, who, ask)
		if err != nil {
			return out, err
		}
		for _, ref := range ask.Coupons {
			var item Redeemed
			err := tx.alone(func(tx *Tx) (err error) {
				item, err = tx.redeem(o, who, ref, customer, ask, at)
				return err
			})
			if item.Fault, err = asRefusal(err); err != nil {
				return out, err
			}
			out.Items = append(out.Items, item)
		}
		return out, tx.customerInto(o, who.Org, customer, &out.Customer)
	})
}

// couponRedeemer finds the customer who redeems, and the time of the redemption.
func (tx *Tx) couponRedeemer(o *orgConfig, who Who, ask RedeemAsk) (customer int64, at time.Time, err error) {
	place, err := o.where(ask.Source, ask.Account, fault.SourceInvalid)
	if err != nil {
		return 0, at, err
	}
	if customer, err = tx.couponCustomer(o, who.Org, place, ask.User, "body: user"); err != nil {
		return 0, at, err
	}
	if err := repeated(ask.Coupons, "body: redemptionRequestList"); err != nil {
		return 0, at, err
	}
	at = o.time(tx.now)
	if ask.Time != "" {
		t, ok := parseTime(ask.Time, o.TimeZone)
		past := redeemPast
		if o.BillPastDays > 0 {
			past = time.Duration(o.BillPastDays) * 24 * time.Hour
		}
		if !ok || t.After(at.Add(redeemAhead)) || t.Before(at.Add(-past)) {
			return 0, at, fault.CouponRedemptionDateInvalid.At("body: redemptionTime")
		}
		at = t.In(o.TimeZone)
	}
	return customer, at, nil
}

// repeated refuses a request that names a coupon twice.
func repeated(refs []CouponRef, place string) error {
	seen := map[CouponRef]bool{}
	for _, r := range refs {
		r.Code = CouponCode(r.Code)
		if seen[r] {
			return fault.CouponTwice.With("code", r.String()).At(place)
		}
		seen[r] = true
	}
	return nil
}

// String is the coupon as it was named.
func (r CouponRef) String() string {
	if r.Code != "" {
		return r.Code
	}
	return fmt.Sprint(r.ID)
}

// judge checks whether a customer can redeem a coupon. The item holds what is known of the coupon, even with an error.
func (tx *Tx) judge(o *orgConfig, who Who, ref CouponRef, customer int64, ask RedeemAsk, at time.Time) (item Redeemed, most int64, err error) {
	item.Code = ref.String()
	id := ref.ID
	if ref.Code != "" {
		err = tx.QueryRow(`SELECT id FROM coupons WHERE org = $1 AND code = $2`, who.Org, CouponCode(ref.Code)).Scan(&id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return item, 0, err
		}
	}
	if err == nil {
		item.Coupon, err = tx.coupon(o, who.Org, id)
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && ref.ID != 0 && ref.ID != id {
		item.Coupon = Coupon{}
		return item, 0, fault.CouponUnknown.With("code", ref.String())
	}
	if err != nil {
		return item, 0, err
	}
	item.Code = item.Coupon.Code
	if item.Series, err = tx.series(o, who.Org, item.Coupon.Series); err != nil {
		return item, 0, err
	}
	c := redemptionCase{SeriesLimits: item.Series.SeriesLimits, code: item.Code, series: item.Series.ID, owner: item.Coupon.Customer, customer: customer,
		issuedOn: item.Coupon.IssuedOn, uses: item.Coupon.Redemptions, at: at, bill: ask.Amount, redeemed: item.Series.Redeemed, nearest: -1}
	var own sql.NullInt64
	if err := tx.QueryRow(`SELECT valid_till, max_uses FROM coupons WHERE org = $1 AND id = $2`, who.Org, id).Scan(&own, &c.maxUses); err != nil {
		return item, 0, err
	}
	c.expires = o.maybe(own)
	status, err := tx.customerStatus(who.Org, customer)
	if c.fraud = status.Fraud; err != nil {
		return item, 0, err
	}
	if err := tx.QueryRow(`SELECT store FROM tills WHERE org = $1 AND id = $2`, who.Org, who.Till).Scan(&c.store); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return item, 0, err
	}
	var before, after sql.NullInt64
	var sameBill int64
	err = tx.QueryRow(`SELECT count(*), count(CASE WHEN coupon = $4 THEN 1 END), count(CASE WHEN coupon = $4 AND number = $5 AND number <> '' THEN 1 END),
			max(CASE WHEN at <= $6 THEN at END), min(CASE WHEN at > $6 THEN at END)
		FROM coupon_redemptions WHERE org = $1 AND series = $3 AND reversed_on IS NULL
			AND customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)`,
		who.Org, customer, item.Series.ID, id, ask.Number, at.UnixMilli()).Scan(&c.byUser, &c.again, &sameBill, &before, &after)
	if err != nil {
		return item, 0, err
	}
	for _, t := range []sql.NullInt64{before, after} {
		if d := daysApart(o.time(t.Int64), at); t.Valid && (c.nearest < 0 || d < c.nearest) {
			c.nearest = d
		}
	}
	item.ByUser, c.sameBill = c.again, sameBill > 0
	if f := decideRedemption(c); f != nil {
		return item, c.store, f
	}
	return item, c.store, nil
}

// redeem redeems one coupon.
func (tx *Tx) redeem(o *orgConfig, who Who, ref CouponRef, customer int64, ask RedeemAsk, at time.Time) (Redeemed, error) {
	item, store, err := tx.judge(o, who, ref, customer, ask, at)
	if err != nil {
		return item, err
	}
	if item.ID, err = tx.next(who.Org, "coupon_redemptions", firstRedemption); err != nil {
		return item, err
	}
	_, err = tx.Exec(`INSERT INTO coupon_redemptions (org, id, coupon, series, customer, at, created_on, till, store, number, bill_amount)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		who.Org, item.ID, item.Coupon.ID, item.Series.ID, customer, at.UnixMilli(), tx.now, who.Till, store, ask.Number, ask.Amount)
	if err != nil {
		return item, err
	}
	if err := tx.countRedemption(who.Org, item.Coupon.ID, item.Series.ID, 1); err != nil {
		return item, err
	}
	if item.Coupon, err = tx.coupon(o, who.Org, item.Coupon.ID); err != nil {
		return item, err
	}
	item.ByUser++
	if err := tx.tell(o, who, toldCouponRedeemed, customer, map[string]any{"redemptionId": item.ID, "couponId": item.Coupon.ID, "seriesId": item.Series.ID, "billNumber": ask.Number}); err != nil {
		return item, err
	}
	return item, tx.auditRow(who, "coupon.redeem", "couponRedemption", item.ID, sql.NullString{}, toJSON(map[string]any{
		"coupon": item.Coupon.ID, "customer": customer, "at": at, "number": ask.Number, "billAmount": Decimal(ask.Amount)}))
}

// countRedemption updates the counters of a coupon and its series.
func (tx *Tx) countRedemption(org, coupon, series, by int64) error {
	if _, err := tx.Exec(`UPDATE coupons SET uses = uses + $3 WHERE org = $1 AND id = $2`, org, coupon, by); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE coupon_series SET redeemed = redeemed + $3, last_redeemed = CASE WHEN $3 > 0 THEN $4 ELSE last_redeemed END
		WHERE org = $1 AND id = $2`, org, series, by, tx.now)
	return err
}

// asRefusal separates a fault, which is an answer, from a failure of the store.
func asRefusal(err error) (*fault.Fault, error) {
	if f, ok := fault.Of(err); ok && refusal(err) {
		return f, nil
	}
	return nil, err
}

func (tx *Tx) customerInto(o *orgConfig, org, id int64, to *Customer) error {
	c, err := tx.customer(o, org, id)
	if err == nil {
		*to = *c
	}
	return err
}
