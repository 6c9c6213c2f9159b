package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Use is a redemption of a coupon that was not taken back.
type Use struct {
	ID     int64
	At     time.Time
	Number string // of the bill
	Till   EntityRef
}

// HeldCoupon is a coupon of a customer with its redemptions.
type HeldCoupon struct {
	Coupon
	Series CouponSeries // only where it was asked for
	Uses   []Use        // the newest, at most maxUsesShown
}

// CouponPage is a part of a list of coupons.
type CouponPage struct {
	Customer Customer // only where it was asked for
	Total    int
	Items    []HeldCoupon
}

// CouponFilter chooses coupons of a customer; nil is either.
type CouponFilter struct {
	Expired  *bool
	Redeemed *bool // at least once
}

// maxUsesShown is how many redemptions of a coupon are listed.
const maxUsesShown = 20

// CustomerCoupons reads the coupons of a customer, the newest first. With series, each carries its series.
func (s *Store) CustomerCoupons(ctx context.Context, who Who, ref CouponCustomer, place string, filter CouponFilter, series bool, limit, offset int) (p CouponPage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		p = CouponPage{}
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		customer, err := tx.couponCustomer(o, who.Org, nil, ref, place)
		if err != nil {
			return err
		}
		if err := tx.customerInto(o, who.Org, customer, &p.Customer); err != nil {
			return err
		}
		if err := tx.couponsOf(o, who.Org, customer, filter, limit, offset, &p); err != nil {
			return err
		}
		known := map[int64]CouponSeries{}
		for i := range p.Items {
			it := &p.Items[i]
			if it.Uses, err = tx.usesOf(o, who.Org, it.ID); err != nil {
				return err
			}
			if !series {
				continue
			}
			if _, ok := known[it.Coupon.Series]; !ok {
				if known[it.Coupon.Series], err = tx.series(o, who.Org, it.Coupon.Series); err != nil {
					return err
				}
			}
			it.Series = known[it.Coupon.Series]
		}
		return nil
	})
	return p, err
}

const couponsWhere = ` WHERE c.org = $1 AND c.customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)
	AND ($4 = -1 OR $4 = CASE WHEN c.valid_till < $3 OR s.valid_till < $3 THEN 1 ELSE 0 END)
	AND ($5 = -1 OR $5 = CASE WHEN c.uses > 0 THEN 1 ELSE 0 END)`

func (tx *Tx) couponsOf(o *orgConfig, org, customer int64, filter CouponFilter, limit, offset int, p *CouponPage) error {
	expired, redeemed := either(filter.Expired), either(filter.Redeemed)
	err := tx.QueryRow(`SELECT count(*) FROM coupons c JOIN coupon_series s ON s.org = c.org AND s.id = c.series`+couponsWhere,
		org, customer, tx.now, expired, redeemed).Scan(&p.Total)
	if err != nil {
		return err
	}
	return tx.Each(func(scan func(...any) error) error {
		c, err := o.scanCoupon(scan)
		p.Items = append(p.Items, HeldCoupon{Coupon: c})
		return err
	}, `SELECT `+couponColumns+couponsWhere+` ORDER BY c.id DESC LIMIT $6 OFFSET $7`, org, customer, tx.now, expired, redeemed, limit, offset)
}

// either is a filter as SQL takes it: 1, 0, or -1 for both.
func either(b *bool) int {
	switch {
	case b == nil:
		return -1
	case *b:
		return 1
	}
	return 0
}

func (tx *Tx) usesOf(o *orgConfig, org, coupon int64) (uses []Use, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var u Use
		var at, till int64
		err := scan(&u.ID, &at, &u.Number, &till)
		u.At, u.Till = o.time(at), o.by(till)
		uses = append(uses, u)
		return err
	}, `SELECT id, at, number, till FROM coupon_redemptions WHERE org = $1 AND coupon = $2 AND reversed_on IS NULL ORDER BY id DESC LIMIT $3`, org, coupon, maxUsesShown)
	return uses, err
}

// liveCoupons counts the coupons of a customer that their own limits still allow to redeem, and reads at most so many of them:
// those that expire first; those that never expire come last.
func (tx *Tx) liveCoupons(o *orgConfig, org, customer int64, most int) (total int, list []Coupon, err error) {
	const where = ` WHERE c.org = $1 AND c.customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)
		AND (c.max_uses = -1 OR c.uses < c.max_uses) AND (c.valid_till IS NULL OR c.valid_till >= $3) AND (s.valid_till IS NULL OR s.valid_till >= $3)`
	err = tx.QueryRow(`SELECT count(*) FROM coupons c JOIN coupon_series s ON s.org = c.org AND s.id = c.series`+where, org, customer, tx.now).Scan(&total)
	if err != nil {
		return 0, nil, err
	}
	err = tx.Each(func(scan func(...any) error) error {
		c, err := o.scanCoupon(scan)
		list = append(list, c)
		return err
	}, `SELECT `+couponColumns+where+` ORDER BY CASE WHEN c.valid_till IS NULL AND s.valid_till IS NULL THEN 1 ELSE 0 END,
		CASE WHEN c.valid_till IS NULL OR s.valid_till < c.valid_till THEN s.valid_till ELSE c.valid_till END, c.id LIMIT $4`, org, customer, tx.now, most)
	return total, list, err
}

// CouponQuery asks for coupons; each list that is not empty must hold.
type CouponQuery struct {
	IssuedTo, IDs []int64
	Codes         []string
}

// Coupons reads coupons by id, by code and by customer, the newest first.
func (s *Store) Coupons(ctx context.Context, who Who, q CouponQuery, limit, offset int) (list []Coupon, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		list, err = tx.findCoupons(o, who.Org, q, limit, offset)
		return err
	})
	return list, err
}

func (tx *Tx) findCoupons(o *orgConfig, org int64, q CouponQuery, limit, offset int) (list []Coupon, err error) {
	wanted := func(c Coupon) bool {
		return holds(q.IssuedTo, c.Customer) && holds(q.IDs, c.ID) && holdsCode(q.Codes, c.Code)
	}
	if len(q.IDs) == 0 && len(q.Codes) == 0 {
		var p CouponPage
		for i, id := range q.IssuedTo {
			root, err := tx.root(org, id)
			if errors.Is(err, ErrNotFound) || slices.Contains(q.IssuedTo[:i], id) {
				continue
			} else if err != nil {
				return nil, err
			}
			if root != id {
				return nil, fault.MergedCustomer.With("id", id, "survivor", root)
			}
			if err := tx.couponsOf(o, org, id, CouponFilter{}, limit+offset, 0, &p); err != nil {
				return nil, err
			}
			if len(p.Items) >= limit+offset {
				break
			}
		}
		for _, it := range p.Items {
			list = append(list, it.Coupon)
		}
		return page(list, limit, offset), nil
	}
	seen := map[int64]bool{}
	add := func(id int64) error {
		c, err := tx.coupon(o, org, id)
		if errors.Is(err, sql.ErrNoRows) || err == nil && (seen[id] || !wanted(c)) {
			return nil
		}
		seen[id] = true
		list = append(list, c)
		return err
	}
	for _, id := range q.IDs {
		if err := add(id); err != nil {
			return nil, err
		}
	}
	for _, code := range q.Codes {
		var id int64
		err := tx.QueryRow(`SELECT id FROM coupons WHERE org = $1 AND code = $2`, org, CouponCode(code)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		} else if err != nil {
			return nil, err
		}
		if err := add(id); err != nil {
			return nil, err
		}
	}
	return page(list, limit, offset), nil
}

func page(list []Coupon, limit, offset int) []Coupon {
	list = list[min(offset, len(list)):]
	return list[:min(limit, len(list))]
}

func holds(list []int64, id int64) bool {
	for _, one := range list {
		if one == id {
			return true
		}
	}
	return len(list) == 0
}

func holdsCode(list []string, code string) bool {
	for _, one := range list {
		if CouponCode(one) == code {
			return true
		}
	}
	return len(list) == 0
}

// SeriesReport is what a report says of a series.
type SeriesReport struct {
	ID                int64
	Code, Description string
	Issued            int64
	Waiting           int64 // codes that coupons can still be issued with
	Redeemed          int64 // redemptions that stand
	Reactivated       int64 // redemptions that were taken back
	Unused            int64 // coupons that can still be redeemed, by their own limits
	Expired           int64 // coupons that ended without a redemption
	BillAmount        int64 // thousandths: the bills of the redemptions that stand
}

// ReportCoupons counts the coupons of an org by series.
func (s *Store) ReportCoupons(ctx context.Context, org string) (list []SeriesReport, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			var r SeriesReport
			err := scan(&r.ID, &r.Code, &r.Description, &r.Issued, &r.Waiting, &r.Redeemed, &r.Reactivated, &r.BillAmount, &r.Unused, &r.Expired)
			list = append(list, r)
			return err
		}, `SELECT s.id, s.code, s.description, s.issued, s.waiting, s.redeemed, coalesce(r.reversed, 0), coalesce(r.amount, 0), coalesce(c.unused, 0), coalesce(c.expired, 0)
			FROM coupon_series s
			LEFT JOIN (SELECT series, count(reversed_on) AS reversed, sum(CASE WHEN reversed_on IS NULL THEN bill_amount ELSE 0 END) AS amount
				FROM coupon_redemptions WHERE org = $1 GROUP BY series) r ON r.series = s.id
			LEFT JOIN (SELECT c.series AS series,
					sum(CASE WHEN (c.max_uses = -1 OR c.uses < c.max_uses) AND (c.valid_till IS NULL OR c.valid_till >= $2) AND (e.valid_till IS NULL OR e.valid_till >= $2) THEN 1 ELSE 0 END) AS unused,
					sum(CASE WHEN c.uses = 0 AND (c.valid_till < $2 OR e.valid_till < $2) THEN 1 ELSE 0 END) AS expired
				FROM coupons c JOIN coupon_series e ON e.org = c.org AND e.id = c.series WHERE c.org = $1 GROUP BY c.series) c ON c.series = s.id
			WHERE s.org = $1 ORDER BY s.id`, o.ID, tx.now)
	})
	return list, err
}
