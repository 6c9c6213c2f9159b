package db

import (
	"context"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// PointsOf reads where a customer stands in the program.
func (s *Store) PointsOf(ctx context.Context, who Who, ref CustomerRef) (p Points, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, found, err := tx.orgAndCustomer(who, ref)
		if err != nil {
			return err
		}
		p, err = tx.points(o, who.Org, found.ID)
		p.Warnings = found.Warnings
		return err
	})
	return p, err
}

// Wallet is what a customer has: points, and coupons that can still be redeemed.
type Wallet struct {
	Points
	Live    int      // coupons
	Coupons []Coupon // of them those that end first
}

// maxWalletCoupons is how many coupons a wallet lists.
const maxWalletCoupons = 20

// WalletOf reads points and coupons of a customer at one moment.
func (s *Store) WalletOf(ctx context.Context, who Who, ref CustomerRef) (w Wallet, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, found, err := tx.orgAndCustomer(who, ref)
		if err != nil {
			return err
		}
		if w.Points, err = tx.points(o, who.Org, found.ID); err != nil {
			return err
		}
		w.Warnings = found.Warnings
		w.Live, w.Coupons, err = tx.liveCoupons(o, who.Org, found.ID, maxWalletCoupons)
		return err
	})
	return w, err
}

// ExpiryQuery chooses days of an expiry schedule; "" for no bound.
type ExpiryQuery struct {
	Start, End   string // as 2026-12-31
	EarliestOnly bool
}

// maxSchedule is how far ahead a schedule can be asked for.
const maxSchedule = 100 // years

// PointsExpiry reads when which points of a customer expire, by day.
func (s *Store) PointsExpiry(ctx context.Context, who Who, ref CustomerRef, q ExpiryQuery) (p Points, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		today := time.UnixMilli(tx.now).In(o.TimeZone)
		if err := q.check(today); err != nil {
			return err
		}
		found, err := tx.find(o, who.Org, ref)
		if err != nil {
			return err
		}
		if p, err = tx.points(o, who.Org, found.ID); err != nil {
			return err
		}
		if !p.Enrolled {
			return fault.NotEnrolled.With("id", found.ID)
		}
		p.Warnings = found.Warnings
		p.Expiring = slices.DeleteFunc(p.Expiring, func(e Expiring) bool { return e.Day < q.Start || q.End != "" && e.Day > q.End })
		if q.EarliestOnly && len(p.Expiring) > 0 {
			first := p.Expiring[0].Day
			p.Expiring = slices.DeleteFunc(p.Expiring, func(e Expiring) bool { return e.Day != first })
		}
		return nil
	})
	return p, err
}

func (q ExpiryQuery) check(today time.Time) error {
	for _, d := range []struct{ day, place string }{{q.Start, "query: startDate"}, {q.End, "query: endDate"}} {
		if d.day == "" {
			continue
		}
		_, err := time.Parse(time.DateOnly, d.day)
		switch {
		case err != nil:
			return fault.PointsDateInvalid.At(d.place)
		case d.day < today.Format(time.DateOnly):
			return fault.PointsDatePast.At(d.place)
		case d.day > today.AddDate(maxSchedule, 0, 0).Format(time.DateOnly):
			return fault.PointsDateFar.At(d.place)
		}
	}
	if q.End != "" && q.Start > q.End {
		return fault.PointsDatesReversed.At("query: startDate")
	}
	return nil
}
