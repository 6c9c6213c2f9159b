package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// CouponCustomer names a customer in one or more ways, as sent. Empty values do not count; all others must lead to the same customer.
type CouponCustomer struct {
	ID                        int64
	Mobile, Email, ExternalID string
}

// Coupon is a coupon as its customer sees it.
type Coupon struct {
	ID, Series   int64
	Code         string
	Description  string
	DiscountCode string
	DiscountType string
	Value, Upto  int64 // thousandths
	Info         string
	Customer     int64 // after merges
	IssuedOn     time.Time
	IssuedBy     EntityRef
	ValidTill    time.Time // by its own limits or its series', whichever ends first; zero: no end
	Redemptions  int64
	Left         int64 // redemptions left of the coupon itself, -1: any number
}

// Issued is the result of issuing coupons.
type Issued struct {
	Coupons  []Coupon
	Series   CouponSeries
	Customer Customer
}

const (
	firstCoupon   = 1
	maxCodeTries  = 10 // for a code that nobody has
	codeLetters   = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	codeDigits    = "0123456789"
	couponRefBody = "body: customer"
)

// IssueCoupons issues coupons of a series to a customer, all of them or none. A customer who may hold only one, and has it, gets
// that one again unless the series says otherwise (NoResend). code is the code of a single coupon, "" for a generated one.
func (s *Store) IssueCoupons(ctx context.Context, who Who, series int64, to CouponCustomer, count int, code string) (Issued, error) {
	return once(ctx, s, who, func(tx *Tx) (out Issued, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		customer, err := tx.couponCustomer(o, who.Org, nil, to, couponRefBody)
		if err != nil {
			return out, err
		}
		out.Coupons, out.Series, err = tx.issue(o, who, series, customer, count, code)
		if err != nil {
			return out, err
		}
		c, err := tx.customer(o, who.Org, customer)
		if err != nil {
			return out, err
		}
		out.Customer = *c
		return out, nil
	})
}

// issue issues coupons of a series to a customer. With a code, count must be 1.
func (tx *Tx) issue(o *orgConfig, who Who, series, customer int64, count int, code string) (out []Coupon, sr CouponSeries, err error) {
	if sr, err = tx.series(o, who.Org, series); err != nil {
		return nil, sr, err
	}
	status, err := tx.customerStatus(who.Org, customer)
	if err != nil {
		return nil, sr, err
	}
	if status.Fraud {
		return nil, sr, fault.CouponFraud.With("id", customer)
	}
	c, err := tx.issueCase(o, who.Org, &sr, customer)
	if err != nil {
		return nil, sr, err
	}
	if code != "" {
		err := tx.QueryRow(`SELECT waiting FROM coupon_series WHERE org = $1 AND id = $2
			AND NOT EXISTS (SELECT 1 FROM coupon_codes WHERE org = $1 AND code = $3 AND series = $2 AND coupon IS NULL)`, who.Org, series, code).Scan(&c.waiting)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, sr, err
		}
	}
	for range count {
		keep, refused := decideIssue(c)
		if refused != nil {
			return nil, sr, refused
		}
		if keep != 0 && count == 1 {
			one, err := tx.coupon(o, who.Org, keep)
			if err == nil && code != "" && one.Code != code {
				err = fault.CouponNotIssued.With("series", series, "reason", "the customer has one with another code")
			}
			return []Coupon{one}, sr, err
		} else if keep != 0 {
			return nil, sr, fault.CouponNotIssued.With("series", series, "reason", "the customer can have one only")
		}
		id, err := tx.newCoupon(o, who, &sr, customer, code)
		if err != nil {
			return nil, sr, err
		}
		one, err := tx.coupon(o, who.Org, id)
		if err != nil {
			return nil, sr, err
		}
		if err := tx.auditRow(who, "coupon.issue", "coupon", id, sql.NullString{}, toJSON(one.fields())); err != nil {
			return nil, sr, err
		}
		out = append(out, one)
		c.issued++
		c.held++
		c.lastIssued = c.now
	}
	sr, err = tx.series(o, who.Org, series)
	return out, sr, err
}

// issueCase reads what an issue depends on.
func (tx *Tx) issueCase(o *orgConfig, org int64, sr *CouponSeries, customer int64) (issueCase, error) {
	c := issueCase{SeriesLimits: sr.SeriesLimits, series: sr.ID, now: o.time(tx.now), issued: sr.Issued}
	var last, live, excluded sql.NullInt64
	err := tx.QueryRow(`SELECT count(*), max(issued_on),
			max(CASE WHEN (valid_till IS NULL OR valid_till >= $4) AND (max_uses = -1 OR uses < max_uses) THEN id END)
		FROM coupons WHERE org = $1 AND series = $3
			AND customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)`, org, customer, sr.ID, tx.now).
		Scan(&c.held, &last, &live)
	if err != nil {
		return c, err
	}
	c.lastIssued, c.live = o.maybe(last), live.Int64
	err = tx.QueryRow(`SELECT max(c.series) FROM coupon_exclusions e
			JOIN coupons c ON c.org = e.org AND c.series = e.other
			JOIN coupon_series s ON s.org = c.org AND s.id = c.series
		WHERE e.org = $1 AND e.series = $3 AND (c.valid_till IS NULL OR c.valid_till >= $4) AND (s.valid_till IS NULL OR s.valid_till >= $4)
			AND (c.max_uses = -1 OR c.uses < c.max_uses)
			AND c.customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)`, org, customer, sr.ID, tx.now).Scan(&excluded)
	c.excluded = excluded.Int64
	return c, err
}

// newCoupon stores a coupon: with the given code, else with the next one uploaded for the series, else with a random unused one.
func (tx *Tx) newCoupon(o *orgConfig, who Who, sr *CouponSeries, customer int64, code string) (id int64, err error) {
	if code == "" {
		if code, err = tx.uploadedCode(who.Org, sr.ID); err != nil {
			return 0, err
		}
	}
	if code != "" {
		return tx.addCoupon(o, who, sr, customer, code)
	}
	for range maxCodeTries {
		code, err := randomCode(tx.s.random, sr.AlphaNumeric, int(sr.CodeLength))
		if err != nil {
			return 0, err
		}
		if id, err = tx.addCoupon(o, who, sr, customer, code); err == nil || !fault.Is(err, fault.CouponNotIssued) {
			return id, err
		}
	}
	return 0, fault.Unavailable.Because(errors.New("no free coupon code was found")).After(time.Second)
}

// addCoupon stores a coupon with a code. CouponNotIssued, if the code is taken.
func (tx *Tx) addCoupon(o *orgConfig, who Who, sr *CouponSeries, customer int64, code string) (id int64, err error) {
	waits, err := tx.freeCode(who.Org, sr.ID, code)
	if err != nil {
		return 0, err
	}
	if id, err = tx.next(who.Org, "coupons", firstCoupon); err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO coupons (org, id, series, code, customer, issued_on, issued_by, valid_till, max_uses, uses)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		who.Org, id, sr.ID, code, customer, tx.now, who.Till, timeOrNull(sr.expiry(o.time(tx.now))), sr.uses())
	if err != nil {
		return 0, err
	}
	if waits != 0 {
		if _, err := tx.Exec(`UPDATE coupon_codes SET coupon = $3 WHERE org = $1 AND id = $2`, who.Org, waits, id); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(`UPDATE coupon_series SET issued = issued + 1, last_issued = $3, waiting = waiting - $4 WHERE org = $1 AND id = $2`, who.Org, sr.ID, tx.now, bit(waits != 0))
	return id, err
}

// randomCode makes an unguessable code, without letters that look like digits and digits that look like letters.
func randomCode(random io.Reader, alphanumeric bool, length int) (string, error) {
	letters := codeDigits
	if alphanumeric {
		letters = codeLetters
	}
	var code strings.Builder
	b := make([]byte, 1)
	for code.Len() < length {
		if _, err := io.ReadFull(random, b); err != nil {
			return "", fmt.Errorf("random bytes: %w", err)
		}
		if n := len(letters); int(b[0]) < 256-256%n { // the rest would favour the first letters
			code.WriteByte(letters[int(b[0])%n])
		}
	}
	return code.String(), nil
}

// couponCustomer finds the customer that a request names, at a place or, if that is nil, anywhere.
func (tx *Tx) couponCustomer(o *orgConfig, org int64, at *Place, ref CouponCustomer, place string) (customer int64, err error) {
	if ref.ID != 0 {
		if customer, err = tx.root(org, ref.ID); errors.Is(err, ErrNotFound) {
			return 0, fault.CouponCustomerNotFound.At(place)
		} else if err != nil {
			return 0, err
		}
		if customer != ref.ID {
			return 0, fault.MergedCustomer.With("id", ref.ID, "survivor", customer)
		}
	}
	for _, id := range []Identifier{{"mobile", ref.Mobile}, {"email", ref.Email}, {"externalId", ref.ExternalID}} {
		if strings.TrimSpace(id.Value) == "" {
			continue
		}
		value, ok := o.known(id.Type, id.Value)
		var hs []holder
		if ok {
			if hs, err = tx.holders(org, []Identifier{{id.Type, value}}, 0); err != nil {
				return 0, err
			}
		}
		found := int64(0)
		for _, h := range hs {
			if at != nil && h.place != *at {
				continue
			}
			if found != 0 && h.customer != found { // whose coupon it would be is not for us to guess
				return 0, fault.CouponCustomerInvalid.With("reason", "several customers have the "+id.Type).At(place)
			}
			found = h.customer
		}
		if found == 0 {
			return 0, fault.CouponCustomerNotFound.At(place)
		}
		if customer != 0 && customer != found {
			return 0, fault.CouponCustomerInvalid.With("reason", "the values lead to different customers").At(place)
		}
		customer = found
	}
	if customer == 0 {
		return 0, fault.CouponCustomerInvalid.With("reason", "id, mobile, email or externalId is needed").At(place)
	}
	return customer, nil
}

// root is the customer that an id leads to: itself, or the survivor of its merge. ErrNotFound, or CustomerErased.
func (tx *Tx) root(org, customer int64) (id int64, err error) {
	var erased bool
	err = tx.QueryRow(`SELECT coalesce(merged_into, id), erased_on IS NOT NULL FROM customers WHERE org = $1 AND id = $2`, org, customer).Scan(&id, &erased)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, ErrNotFound
	case err == nil && erased:
		return 0, fault.CustomerErased.With("id", customer)
	}
	return id, err
}

const couponColumns = `c.id, c.series, c.code, s.description, s.discount_code, s.discount_type, s.discount_value, s.discount_upto, s.kept,
	coalesce(m.merged_into, c.customer), c.issued_on, c.issued_by, c.valid_till, s.valid_till, c.max_uses, c.uses
	FROM coupons c JOIN coupon_series s ON s.org = c.org AND s.id = c.series JOIN customers m ON m.org = c.org AND m.id = c.customer`

func (o *orgConfig) scanCoupon(scan func(...any) error) (c Coupon, err error) {
	var issuedOn, issuedBy, most int64
	var own, series sql.NullInt64
	var kept string
	err = scan(&c.ID, &c.Series, &c.Code, &c.Description, &c.DiscountCode, &c.DiscountType, &c.Value, &c.Upto, &kept,
		&c.Customer, &issuedOn, &issuedBy, &own, &series, &most, &c.Redemptions)
	if err != nil {
		return c, err
	}
	c.IssuedOn, c.IssuedBy, c.ValidTill, c.Left = o.time(issuedOn), o.by(issuedBy), o.maybe(own), -1
	if end := o.maybe(series); !end.IsZero() && (c.ValidTill.IsZero() || end.Before(c.ValidTill)) {
		c.ValidTill = end
	}
	if most >= 0 {
		c.Left = most - c.Redemptions
	}
	c.Info, err = keptInfo(kept)
	return c, err
}

func (tx *Tx) coupon(o *orgConfig, org, id int64) (Coupon, error) {
	return o.scanCoupon(tx.QueryRow(`SELECT `+couponColumns+` WHERE c.org = $1 AND c.id = $2`, org, id).Scan)
}
