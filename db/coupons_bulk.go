package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/arteriole/arteriole/fault"
)

// IssuedItem is what became of one series of a bulk issue.
type IssuedItem struct {
	Series int64
	Coupon Coupon
	Fault  *fault.Fault // why there is none
}

// IssueCouponsOf issues one coupon of each of several series to a customer, each by itself.
func (s *Store) IssueCouponsOf(ctx context.Context, who Who, series []int64, source, account string, to CouponCustomer) ([]IssuedItem, error) {
	return once(ctx, s, who, func(tx *Tx) (out []IssuedItem, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return nil, err
		}
		at, err := o.where(source, account, fault.CouponIssueSourceInvalid)
		if err != nil {
			return nil, err
		}
		customer, err := tx.couponCustomer(o, who.Org, at, to, couponRefBody)
		if err != nil {
			return nil, err
		}
		for _, id := range series {
			item := IssuedItem{Series: id}
			err := tx.alone(func(tx *Tx) error {
				coupons, _, err := tx.issue(o, who, id, customer, 1, "")
				if err == nil {
					item.Coupon = coupons[0]
				}
				return err
			})
			if item.Fault, err = asRefusal(err); err != nil {
				return nil, err
			}
			out = append(out, item)
		}
		return out, nil
	})
}

// errUndone rolls back a dry run, or a request that failed in part.
var errUndone = Refusal("undone")

// RedeemAllCoupons redeems all of a customer's coupons on a bill, or none: if one fails, all do. A dry run reports the outcome and
// changes nothing.
func (s *Store) RedeemAllCoupons(ctx context.Context, who Who, ask RedeemAsk, dry bool) (CouponRedemption, error) {
	return once(ctx, s, who, func(tx *Tx) (out CouponRedemption, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		customer, at, err := tx.couponRedeemer(o, who, ask)
		if err != nil {
			return out, err
		}
		failed := false
		err = tx.alone(func(tx *Tx) error {
			for _, ref := range ask.Coupons {
				var item Redeemed
				err := tx.alone(func(tx *Tx) (err error) {
					item, err = tx.redeem(o, who, ref, customer, ask, at)
					return err
				})
				if item.Fault, err = asRefusal(err); err != nil {
					return err
				}
				failed = failed || item.Fault != nil
				out.Items = append(out.Items, item)
			}
			if failed || dry {
				return errUndone
			}
			return nil
		})
		if err != nil && !errors.Is(err, errUndone) {
			return out, err
		}
		for i := range out.Items {
			item := &out.Items[i]
			if failed || dry {
				item.ID = 0
			}
			if failed && item.Fault == nil {
				item.Fault = fault.CouponPartnerFailed.With("code", item.Code)
			}
		}
		return out, tx.customerInto(o, who.Org, customer, &out.Customer)
	})
}

// ReactivateCoupons takes back redemptions, all or none, so that their coupons can be redeemed again.
func (s *Store) ReactivateCoupons(ctx context.Context, who Who, redemptions []int64) error {
	_, err := once(ctx, s, who, func(tx *Tx) (struct{}, error) {
		if _, err := tx.orgToChange(who.Org); err != nil {
			return struct{}{}, err
		}
		for _, id := range redemptions {
			r, err := tx.couponRedemption(who.Org, id, "body: redemptionIds")
			if err != nil {
				return struct{}{}, err
			}
			_, err = tx.Exec(`UPDATE coupon_redemptions SET reversed_on = $3, reversed_by = $4 WHERE org = $1 AND id = $2`, who.Org, id, tx.now, who.Till)
			if err != nil {
				return struct{}{}, err
			}
			if err := tx.countRedemption(who.Org, r.coupon, r.series, -1); err != nil {
				return struct{}{}, err
			}
			if err := tx.auditRow(who, "coupon.reactivate", "couponRedemption", id, sql.NullString{}, toJSON(map[string]any{"coupon": r.coupon})); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}

// BillOfRedemption is what a request says of the bill of a redemption; nil is not said.
type BillOfRedemption struct {
	Redemption   int64
	Number       *string
	Amount       int64 // thousandths
	Bill         *int64
	CustomFields map[string]string
}

// AttachBills records the bills of redemptions, all or none. user names the customer who redeemed, if stated.
func (s *Store) AttachBills(ctx context.Context, who Who, bills []BillOfRedemption, user *CouponCustomer) error {
	_, err := once(ctx, s, who, func(tx *Tx) (struct{}, error) { return struct{}{}, tx.attachBills(who, bills, user) })
	return err
}

func (tx *Tx) attachBills(who Who, bills []BillOfRedemption, user *CouponCustomer) error {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return err
	}
	customer := int64(0)
	if user != nil {
		if customer, err = tx.couponCustomer(o, who.Org, nil, *user, "body: user"); err != nil {
			return err
		}
	}
	for i, b := range bills {
		r, err := tx.couponRedemption(who.Org, b.Redemption, "body: redemptions")
		if err != nil {
			return err
		}
		if customer != 0 && r.customer != customer {
			return fault.CouponRedemptionUnknown.With("id", b.Redemption).At("body: redemptions")
		}
		number, bill := r.number, r.bill
		if b.Number != nil {
			number = *b.Number
		}
		if b.Bill != nil {
			if err := tx.isBillOf(who.Org, *b.Bill, r.customer, fmt.Sprintf("body: redemptions[%d].billId", i)); err != nil {
				return err
			}
			bill = sql.NullInt64{Int64: *b.Bill, Valid: true}
		}
		fields := r.fields
		if b.CustomFields != nil {
			fields = toJSON(b.CustomFields)
		}
		_, err = tx.Exec(`UPDATE coupon_redemptions SET number = $3, bill_amount = $4, bill = $5, custom_fields = $6 WHERE org = $1 AND id = $2`,
			who.Org, b.Redemption, number, b.Amount, bill, fields)
		if err != nil {
			return err
		}
		// What people write stays out of the trail: only how much it was.
		before := toJSON(map[string]any{"number": r.number, "billAmount": Decimal(r.amount), "bill": r.bill.Int64, "customFields": len(r.fields)})
		after := toJSON(map[string]any{"number": number, "billAmount": Decimal(b.Amount), "bill": bill.Int64, "customFields": len(fields)})
		was, now, err := differing(sql.NullString{String: before, Valid: true}, after)
		if err != nil {
			return err
		}
		if err := tx.auditRow(who, "coupon.attachBill", "couponRedemption", b.Redemption, was, now); err != nil {
			return err
		}
	}
	return nil
}

// redemptionRow is a redemption that stands.
type redemptionRow struct {
	coupon, series, customer int64 // customer after merges
	number, fields           string
	amount                   int64
	bill                     sql.NullInt64
}

// redemption reads one that was not taken back.
func (tx *Tx) couponRedemption(org, id int64, place string) (r redemptionRow, err error) {
	err = tx.QueryRow(`SELECT r.coupon, r.series, coalesce(m.merged_into, r.customer), r.number, r.custom_fields, r.bill_amount, r.bill
		FROM coupon_redemptions r JOIN customers m ON m.org = r.org AND m.id = r.customer
		WHERE r.org = $1 AND r.id = $2 AND r.reversed_on IS NULL`, org, id).
		Scan(&r.coupon, &r.series, &r.customer, &r.number, &r.fields, &r.amount, &r.bill)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.CouponRedemptionUnknown.With("id", id).At(place)
	}
	return r, err
}

// tieCouponRedemptions ties earlier redemptions of coupons to a bill. They must be the customer's, not taken back, and on no other
// bill.
func (tx *Tx) tieCouponRedemptions(who Who, customer, transaction int64, ids []int64) error {
	for _, id := range ids {
		r, err := tx.couponRedemption(who.Org, id, "")
		if fault.Is(err, fault.CouponRedemptionUnknown) || err == nil && (r.customer != customer || r.bill.Valid && r.bill.Int64 != transaction) {
			return fault.BillRedemptionInvalid.With("id", id).At("body: redemptions.couponRedemptions")
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE coupon_redemptions SET bill = $3 WHERE org = $1 AND id = $2`, who.Org, id, transaction); err != nil {
			return err
		}
	}
	return nil
}
