package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/arteriole/arteriole/fault"
)

// AddedCode is a code added to a series, waiting to be issued.
type AddedCode struct {
	ID, Series int64
	Code       string
	Waiting    int64 // codes of the series that wait
}

// CouponCode gives the form in which codes are stored and compared: case and surrounding blanks do not count.
func CouponCode(sent string) string { return strings.ToUpper(strings.TrimSpace(sent)) }

// AddCouponCode adds a code to a series, whose coupons are issued with its added codes from now on, oldest first. Adding a waiting
// code to its series again changes nothing.
func (s *Store) AddCouponCode(ctx context.Context, who Who, series int64, code string) (AddedCode, error) {
	return once(ctx, s, who, func(tx *Tx) (out AddedCode, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		sr, err := tx.series(o, who.Org, series)
		if err != nil {
			return out, err
		}
		if over(sr.ValidTill, o.time(tx.now)) {
			return out, fault.CouponSeriesExpired.With("series", series)
		}
		out = AddedCode{Series: series, Code: code}
		if out.ID, err = tx.freeCode(who.Org, series, code); err != nil {
			return out, err
		}
		if err := tx.QueryRow(`SELECT waiting FROM coupon_series WHERE org = $1 AND id = $2`, who.Org, series).Scan(&out.Waiting); err != nil || out.ID != 0 {
			return out, err
		}
		if sr.MaxCreate >= 0 && sr.Issued+out.Waiting >= sr.MaxCreate {
			return out, fault.CouponNotIssued.With("series", series, "reason", fmt.Sprintf("it has the %d coupons that maxCreate allows, codes that wait among them", sr.MaxCreate))
		}
		out.Waiting++
		if out.ID, err = tx.next(who.Org, "coupon_codes", 1); err != nil {
			return out, err
		}
		if _, err := tx.Exec(`INSERT INTO coupon_codes (org, id, series, code, added_on, added_by) VALUES ($1, $2, $3, $4, $5, $6)`,
			who.Org, out.ID, series, code, tx.now, who.Till); err != nil {
			return out, err
		}
		if _, err := tx.Exec(`UPDATE coupon_series SET waiting = waiting + 1 WHERE org = $1 AND id = $2`, who.Org, series); err != nil {
			return out, err
		}
		return out, tx.auditRow(who, "coupon.addCode", "couponCode", out.ID, sql.NullString{}, toJSON(map[string]any{"series": series, "code": code}))
	})
}

// freeCode checks that a code can become a coupon of a series. wait is the id of the added code that it is, 0 for none.
// CouponNotIssued, if it is another coupon's or waits for another series. There is one writer, so nobody takes the code in
// between.
func (tx *Tx) freeCode(org, series int64, code string) (waits int64, err error) {
	var used bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM coupons WHERE org = $1 AND code = $2)`, org, code).Scan(&used); err != nil {
		return 0, err
	}
	var of int64
	err = tx.QueryRow(`SELECT id, series FROM coupon_codes WHERE org = $1 AND code = $2`, org, code).Scan(&waits, &of)
	if errors.Is(err, sql.ErrNoRows) {
		waits, err = 0, nil
	}
	if err == nil && (used || waits != 0 && of != series) {
		err = fault.CouponNotIssued.With("series", series, "reason", "the code is taken")
	}
	return waits, err
}

// uploadedCode is the next code added to a series, "" if it never had any: then codes are generated. Once all added codes are
// issued, nothing is: others are told the codes of such a series, and would not know a generated one (our rule 119).
func (tx *Tx) uploadedCode(org, series int64) (code string, err error) {
	err = tx.QueryRow(`SELECT code FROM coupon_codes WHERE org = $1 AND series = $2 AND coupon IS NULL ORDER BY id LIMIT 1`, org, series).Scan(&code)
	if !errors.Is(err, sql.ErrNoRows) {
		return code, err
	}
	var any bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM coupon_codes WHERE org = $1 AND series = $2)`, org, series).Scan(&any); err != nil || !any {
		return "", err
	}
	return "", fault.CouponNotIssued.With("series", series, "reason", "all codes that were added to it are issued")
}
