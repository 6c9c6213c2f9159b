package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// loyalty does for a stored bill what concerns points: it ties redemptions to the bill, gives points for what was bought, now or
// later, and takes back those of what was returned. A mixed bill has a single effect, so its points never wait: otherwise those
// that it earns would be missing where those of its return are taken (our rule 135).
func (tx *Tx) loyalty(o *orgConfig, who Who, b *newBill, later bool) (effects []SideEffect, err error) {
	if len(b.PointsRedemptions)+len(b.CouponRedemptions) > 0 {
		if err := tx.tieRedemptions(who, b.customer, b.id, b.PointsRedemptions, b.CouponRedemptions); err != nil {
			return nil, err
		}
	}
	switch {
	case b.Type != "REGULAR" || b.customer == 0 || b.outlier != "NORMAL" || b.Skip:
	case later && !b.givesBack():
		_, err := tx.Exec(`INSERT INTO loyalty_queue (org, bill, added_on, till, request) VALUES ($1, $2, $3, $4, $5)`, who.Org, b.id, tx.now, who.Till, who.RequestID)
		if err != nil {
			return nil, err
		}
		b.waits = true
		b.warnings = append(b.warnings, fault.PointsQueued.New())
	default:
		var ws []*fault.Fault
		if effects, ws, err = tx.earn(o, who, earning{Customer: b.customer, Transaction: b.id, BillingDate: b.date, Amount: b.bought}); err != nil {
			return nil, err
		}
		b.warnings = append(b.warnings, ws...)
	}
	for _, r := range b.returns {
		if r.sale == nil || r.sale.typ != "REGULAR" || r.sale.outlier != "NORMAL" {
			continue
		}
		// Points that the sale still waits for are given first; otherwise there would be nothing to take back.
		if _, err := tx.earnWaiting(o, who, r.sale.id, r.amount); err != nil {
			return nil, err
		}
		took, ws, err := tx.takeBack(o, who, takeBack{Customer: b.customer, Sale: r.sale.id, Return: b.id, SaleDate: r.sale.date,
			AmountBefore: r.sale.bought - r.sale.returned, AmountLeft: r.sale.bought - r.sale.returned - r.amount})
		if err != nil {
			return nil, err
		}
		effects, b.warnings = append(effects, took...), append(b.warnings, ws...)
	}
	return net(effects), nil
}

// givesBack reports whether the bill returns something of a known bill.
func (b *newBill) givesBack() bool {
	return slices.ContainsFunc(b.returns, func(r newReturn) bool { return r.sale != nil })
}

// net combines several effects on a customer's points into one.
func net(effects []SideEffect) (out []SideEffect) {
	at := map[int64]int{}
	for _, e := range effects {
		if i, ok := at[e.Customer]; ok && e.Type == "points" {
			out[i].Awarded += e.Awarded
			out[i].Raw += e.Raw
			continue
		} else if e.Type == "points" {
			at[e.Customer] = len(out)
		}
		out = append(out, e)
	}
	return out
}

// earnFor gives the points of a bill that waited for them to whoever owns it now. What was returned while they waited earns nothing.
// returning is the amount being returned right now, which is taken back from these points.
func (tx *Tx) earnFor(o *orgConfig, who Who, bill, returning int64) ([]SideEffect, []*fault.Fault, error) {
	b := earning{Transaction: bill}
	err := tx.QueryRow(`SELECT coalesce(c.merged_into, c.id), t.billing_date, t.bought - t.returned + $3 FROM transactions t JOIN customers c ON c.org = t.org AND c.id = t.customer
		WHERE t.org = $1 AND t.id = $2`, who.Org, bill, returning).Scan(&b.Customer, &b.BillingDate, &b.Amount)
	if err != nil {
		return nil, nil, err
	}
	return tx.earn(o, who, b)
}

// earnWaiting gives the points of a bill that waits for them. No caller waits for an answer, so what would be a warning, such as a
// refused coupon, goes into the audit trail of the bill.
func (tx *Tx) earnWaiting(o *orgConfig, who Who, bill, returning int64) ([]SideEffect, error) {
	var waits bool
	err := tx.QueryRow(`DELETE FROM loyalty_queue WHERE org = $1 AND bill = $2 AND failed = '' RETURNING 1`, who.Org, bill).Scan(&waits)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	effects, warnings, err := tx.earnFor(o, who, bill, returning)
	if err != nil || len(warnings) == 0 {
		return effects, err
	}
	type warning struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	var told []warning
	for _, f := range warnings {
		told = append(told, warning{f.Number, f.Text()})
	}
	return effects, tx.auditRow(who, "transaction.loyalty", "transaction", bill, sql.NullString{}, toJSON(map[string]any{"warnings": told}))
}

// earnAllWaiting gives a customer the points that their bills, and those of customers merged into them, wait for. It runs before a
// merge: points given after it would stay with the survivor when the merge is undone, while the bill goes back.
func (tx *Tx) earnAllWaiting(o *orgConfig, who Who, customer int64) error {
	bills, err := column[int64](tx, `SELECT q.bill FROM loyalty_queue q JOIN transactions t ON t.org = q.org AND t.id = q.bill WHERE q.org = $1 AND t.`+andVictims+` ORDER BY q.added_on, q.bill`, who.Org, customer)
	if err != nil {
		return err
	}
	for _, bill := range bills {
		if _, err := tx.earnWaiting(o, who, bill, 0); err != nil {
			return err
		}
	}
	return nil
}

const (
	loyaltyBatch    = 32 // bills of one turn of the writer
	loyaltyAttempts = 10 // of one bill, before it is left for the operator
)

// WorkLoyalty gives the points that bills wait for, oldest first, until none waits, and returns how many it gave. Interrupted, it
// continues with the next call. A bill that fails is tried once per call, does not stop the others, and after the last attempt is
// marked, which Check reports.
func (s *Store) WorkLoyalty(ctx context.Context) (done int, err error) {
	tried := []string{}
	for ctx.Err() == nil {
		var waiting []waitingBill
		err := s.read(ctx, func(tx *Tx) error {
			waiting = nil
			return tx.Each(func(scan func(...any) error) error {
				var w waitingBill
				err := scan(&w.who.Org, &w.bill, &w.who.Till, &w.who.RequestID)
				waiting = append(waiting, w)
				return err
			}, `SELECT org, bill, till, request FROM loyalty_queue WHERE failed = '' AND org || ' ' || bill NOT IN (SELECT value FROM json_each($2))
				ORDER BY added_on, org, bill LIMIT $1`, loyaltyBatch, toJSON(tried))
		})
		if err != nil || len(waiting) == 0 {
			return done, err
		}
		given := 0
		err = s.write(ctx, func(tx *Tx) error {
			given = 0
			for _, w := range waiting {
				if err := tx.alone(w.earn); err != nil {
					if !refusal(err) {
						return err
					}
					if err := tx.loyaltyFailed(w, err); err != nil {
						return err
					}
					continue
				}
				given++
			}
			return nil
		})
		for _, w := range waiting {
			tried = append(tried, fmt.Sprint(w.who.Org, " ", w.bill))
		}
		if err == nil {
			done += given
			continue
		}
		if f, ok := fault.Of(err); ok && f.Code == fault.Unavailable {
			return done, err
		}
		// One of them has brought the turn down: each alone.
		for _, w := range waiting {
			own := s.write(ctx, w.earn)
			if own == nil {
				done++
				continue
			}
			if err := s.write(ctx, func(tx *Tx) error { return tx.loyaltyFailed(w, own) }); err != nil {
				return done, err
			}
		}
	}
	return done, ctx.Err()
}

type waitingBill struct {
	who  Who
	bill int64
}

func (w waitingBill) earn(tx *Tx) error {
	o, err := tx.org(w.who.Org)
	if err != nil {
		return err
	}
	_, err = tx.earnWaiting(o, w.who, w.bill, 0)
	return err
}

// loyaltyFailed counts an attempt; the last one marks the bill.
func (tx *Tx) loyaltyFailed(w waitingBill, why error) error {
	reason := "an error"
	if f, ok := fault.Of(why); ok {
		reason = f.Name
	}
	_, err := tx.Exec(`UPDATE loyalty_queue SET attempts = attempts + 1, failed = CASE WHEN attempts + 1 >= $4 THEN $3 ELSE '' END WHERE org = $1 AND bill = $2`,
		w.who.Org, w.bill, reason, loyaltyAttempts)
	return err
}

// WaitingBill is a bill that waits for its points.
type WaitingBill struct {
	ID, Customer int64 // whose it is: the survivor, when that customer was merged
	Number       string
	Since        time.Time
	Attempts     int
	Failed       string // why it is not tried any more, "" while it is
}

// WaitingBills lists the bills of an org that wait for their points, oldest first, at most limit (below 0: all), with their
// number.
func (s *Store) WaitingBills(ctx context.Context, org string, failedOnly bool, limit int) (list []WaitingBill, total int, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		list = nil
		if err := tx.QueryRow(`SELECT count(*) FROM loyalty_queue WHERE org = $1 AND (failed <> '' OR $2 = 0)`, o.ID, bit(failedOnly)).Scan(&total); err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			var w WaitingBill
			var since int64
			err := scan(&w.ID, &w.Customer, &w.Number, &since, &w.Attempts, &w.Failed)
			w.Since = time.UnixMilli(since)
			list = append(list, w)
			return err
		}, `SELECT q.bill, coalesce(c.merged_into, t.customer, 0), t.number, q.added_on, q.attempts, q.failed
			FROM loyalty_queue q JOIN transactions t ON t.org = q.org AND t.id = q.bill LEFT JOIN customers c ON c.org = t.org AND c.id = t.customer
			WHERE q.org = $1 AND (q.failed <> '' OR $2 = 0) ORDER BY q.added_on, q.bill LIMIT $3`, o.ID, bit(failedOnly), limit)
	})
	return list, total, err
}

// RetryLoyalty gives a bill the points that it waits for now, also after the last attempt, and returns how many. A failure counts
// as one more attempt. A Refusal, if the bill does not wait.
func (s *Store) RetryLoyalty(ctx context.Context, org string, bill int64) (points int64, err error) {
	var w waitingBill
	err = s.write(ctx, func(tx *Tx) error {
		points, w = 0, waitingBill{bill: bill}
		named, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		o, err := tx.orgToChange(named.ID)
		if err != nil {
			return err
		}
		before := struct {
			Attempts int    `json:"attempts"`
			Failed   string `json:"failed"`
		}{}
		err = tx.QueryRow(`SELECT till, request, attempts, failed FROM loyalty_queue WHERE org = $1 AND bill = $2`, named.ID, bill).
			Scan(&w.who.Till, &w.who.RequestID, &before.Attempts, &before.Failed)
		if errors.Is(err, sql.ErrNoRows) {
			return Refusal(fmt.Sprintf("transaction %d does not wait for points: see `arteriole loyalty list`", bill))
		}
		if err != nil {
			return err
		}
		w.who.Org = named.ID
		if err := tx.auditRow(Who{Org: named.ID}, "transaction.loyalty.retry", "transaction", bill, sql.NullString{String: toJSON(before), Valid: true}, "{}"); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE loyalty_queue SET failed = '' WHERE org = $1 AND bill = $2`, named.ID, bill); err != nil {
			return err
		}
		effects, err := tx.earnWaiting(o, w.who, bill, 0)
		for _, e := range effects {
			points += e.Awarded
		}
		return err
	})
	if f, ok := fault.Of(err); w.who.Org == 0 || err == nil || ctx.Err() != nil || ok && f.Code == fault.Unavailable {
		return points, err
	}
	return 0, errors.Join(err, s.write(ctx, func(tx *Tx) error { return tx.loyaltyFailed(w, err) }))
}

// wakeLoyalty signals LoyaltyWaits.
func (s *Store) wakeLoyalty() {
	select {
	case s.loyalty <- struct{}{}:
	default:
	}
}

// LoyaltyWaits receives when a bill has begun to wait for its points.
func (s *Store) LoyaltyWaits() <-chan struct{} { return s.loyalty }
