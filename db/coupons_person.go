package db

import (
	"encoding/json"
	"time"
)

// couponsPart: coupons and redemptions stay with the customer whom they were made for, and are found through the survivor of a
// merge.
var couponsPart = part{name: "coupons", erase: eraseCoupons, export: exportCoupons}

// eraseCoupons takes away what people have written beside redemptions. The coupons stay, so that the numbers of their series are
// right.
func eraseCoupons(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		if _, err := tx.Exec(`UPDATE coupon_redemptions SET custom_fields = '{}' WHERE org = $1 AND customer = $2 AND custom_fields <> '{}'`, e.who.Org, id); err != nil {
			return err
		}
	}
	return nil
}

// ExportedCoupons are the coupons of a person, and what the person has redeemed, also of others' coupons.
type ExportedCoupons struct {
	Coupons     []ExportedCoupon     `json:"coupons"`
	Redemptions []ExportedRedemption `json:"redemptions"`
}

// ExportedCoupon is a coupon of a person.
type ExportedCoupon struct {
	ID          int64     `json:"id"`
	Series      int64     `json:"series"`
	Code        string    `json:"code"`
	IssuedOn    time.Time `json:"issuedOn"`
	IssuedBy    EntityRef `json:"issuedBy"`
	ValidTill   time.Time `json:"validTill,omitzero"`
	Redemptions int64     `json:"redemptions"`
}

// ExportedRedemption is a redemption of a coupon.
type ExportedRedemption struct {
	ID           int64           `json:"id"`
	Coupon       int64           `json:"coupon"`
	Series       int64           `json:"series"`
	Number       string          `json:"number"`
	BillAmount   json.RawMessage `json:"billAmount"`
	On           time.Time       `json:"on"`
	By           EntityRef       `json:"by"`
	Reactivated  bool            `json:"reactivated"`
	CustomFields json.RawMessage `json:"customFields"`
}

func exportCoupons(tx *Tx, e *exporting) (any, error) {
	out := ExportedCoupons{Coupons: []ExportedCoupon{}, Redemptions: []ExportedRedemption{}}
	var p CouponPage
	if err := tx.couponsOf(e.o, e.org, e.customer.ID, CouponFilter{}, everything, 0, &p); err != nil {
		return nil, err
	}
	for _, c := range p.Items {
		out.Coupons = append(out.Coupons, ExportedCoupon{c.ID, c.Coupon.Series, c.Code, c.IssuedOn, c.IssuedBy, c.ValidTill, c.Redemptions})
	}
	for _, id := range e.ids {
		err := tx.Each(func(scan func(...any) error) error {
			var r ExportedRedemption
			var amount, at, till int64
			var fields string
			err := scan(&r.ID, &r.Coupon, &r.Series, &r.Number, &amount, &at, &till, &r.Reactivated, &fields)
			r.BillAmount, r.On, r.By, r.CustomFields = json.RawMessage(Decimal(amount)), e.o.time(at), e.o.by(till), json.RawMessage(fields)
			out.Redemptions = append(out.Redemptions, r)
			return err
		}, `SELECT id, coupon, series, number, bill_amount, at, till, reversed_on IS NOT NULL, custom_fields FROM coupon_redemptions
			WHERE org = $1 AND customer = $2 ORDER BY id`, e.org, id)
		if err != nil {
			return nil, err
		}
	}
	if len(out.Coupons)+len(out.Redemptions) == 0 {
		return nil, nil
	}
	return out, nil
}
