package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math/bits"

	"github.com/arteriole/arteriole/fault"
)

// RedeemInput is a redemption that is asked for.
type RedeemInput struct {
	Customer  CustomerRef
	Points    int64  // thousandths
	Number    string // of the bill, "" when not said
	Reference string // the caller's own number of the redemption, "" when not said
	Note      string
	Code      string // by which the customer confirms it, "" when not said
	DryRun    bool   // nothing is written, and no code needed
}

// PointsRedeemed is a redemption that was made, or that would be.
type PointsRedeemed struct {
	Redemption
	Balance  int64          `json:"balance"` // after it
	Ratio    int64          `json:"ratio"`   // millionths of the currency that one point is worth
	Warnings []*fault.Fault `json:"warnings"`
}

// RedeemPoints spends points of a customer, those that expire first before the others. With a reference that was used for the same
// customer and points it gives that redemption again, and changes nothing, unless points of it were given back.
func (s *Store) RedeemPoints(ctx context.Context, who Who, in RedeemInput) (out PointsRedeemed, err error) {
	var try func() error
	if in.Code != "" && !in.DryRun {
		try = func() error {
			return s.countTry(ctx, who, confirmRedeem, func(tx *Tx, o *orgConfig) (Outcome, error) {
				return tx.find(o, who.Org, in.Customer)
			})
		}
	}
	return onceAfter(ctx, s, who, try, func(tx *Tx) (PointsRedeemed, error) { return tx.redeemPoints(who, in) })
}

func (tx *Tx) redeemPoints(who Who, in RedeemInput) (out PointsRedeemed, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	found, err := tx.find(o, who.Org, in.Customer)
	if err != nil {
		return out, err
	}
	out.Warnings = found.Warnings
	if in.Reference != "" && !in.DryRun {
		if again, err := tx.redeemedBefore(o, who.Org, found.ID, in); err != nil || again != nil {
			if again != nil {
				again.Warnings = found.Warnings
				return *again, nil
			}
			return out, err
		}
	}
	w, err := tx.openWallet(who.Org, found.ID)
	if err != nil {
		return out, err
	}
	rules, r, err := tx.redeemer(o, who, w.account)
	if err != nil {
		return out, err
	}
	if f := redeemable(rules, o.Points, r, in.Points); f != nil {
		return out, f
	}
	out.Redemption = Redemption{Customer: found.ID, At: tx.now, Points: in.Points, Value: rules.worth(in.Points), Number: in.Number, Reference: in.Reference, Note: in.Note, Till: who.Till, Fields: map[string]string{}}
	out.Balance, out.Ratio = w.balance-in.Points, rules.Value
	if in.DryRun {
		return out, nil
	}
	if err := tx.confirm(o, who, confirmed{confirmRedeem, found.ID, in.Points, 0}, in.Code); err != nil {
		return out, err
	}
	parts, short := spend(w.batches, in.Points, tx.now)
	if short > 0 {
		return out, errors.New("a balance has no batches")
	}
	n, err := tx.next(who.Org, "points_redemptions", 1)
	if err != nil {
		return out, err
	}
	out.ID = redemptionID(n)
	if out.Event, err = tx.pointsEvent(who, event{customer: found.ID, kind: "REDEEM", redemption: out.ID, note: in.Note}); err != nil {
		return out, err
	}
	if err := tx.post(&w, out.Event, "REDEEM", parts); err != nil {
		return out, err
	}
	_, err = tx.Exec(`INSERT INTO points_redemptions (org, id, customer, event, at, points, value, number, reference, note, till, sender) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		who.Org, out.ID, found.ID, out.Event, tx.now, in.Points, out.Value, in.Number, sql.NullString{String: in.Reference, Valid: in.Reference != ""}, in.Note, who.Till, who.Sender)
	if err != nil {
		return out, err
	}
	if err := tx.tell(o, who, toldPointsRedeemed, found.ID, map[string]any{"redemptionId": out.ID, "points": json.RawMessage(Decimal(in.Points)), "billNumber": in.Number}); err != nil {
		return out, err
	}
	return out, tx.auditRow(who, "points.redeem", "points", found.ID, sql.NullString{}, toJSON(map[string]any{"redemption": out.ID, "points": Decimal(in.Points), "balance": Decimal(w.balance)}))
}

// redeemedBefore gives the redemption that has the reference already, nil when none has.
func (tx *Tx) redeemedBefore(o *orgConfig, org, customer int64, in RedeemInput) (*PointsRedeemed, error) {
	var id string
	err := tx.QueryRow(`SELECT id FROM points_redemptions WHERE org = $1 AND reference = $2`, org, in.Reference).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &PointsRedeemed{}
	if out.Redemption, err = tx.redemption(org, id); err != nil {
		return nil, err
	}
	holder, err := tx.survivorOf(org, out.Customer)
	if err != nil {
		return nil, err
	}
	if holder != customer || out.Points != in.Points || out.Reversed > 0 { // what was given back does not stand
		return nil, fault.ReferenceUsed.With("id", id)
	}
	if p := o.program(out.At); p != nil {
		out.Ratio = p.Rules.Value
	}
	out.Customer = customer
	return out, tx.QueryRow(`SELECT balance FROM points_ledger WHERE org = $1 AND event = $2 ORDER BY seq DESC LIMIT 1`, org, out.Event).Scan(&out.Balance)
}

// redeemer reads what decides whether a customer may redeem. The rules are nil without a program.
func (tx *Tx) redeemer(o *orgConfig, who Who, a *account) (rules *ProgramRules, r redeemer, err error) {
	r = redeemer{id: a.customer, balance: a.balance, lifetime: a.lifetime}
	if p := o.program(tx.now); p != nil {
		rules = &p.Rules
	}
	if r.enrolled, err = tx.enrolled(who.Org, a.customer); err != nil {
		return rules, r, err
	}
	status, err := tx.customerStatus(who.Org, a.customer)
	if r.fraud = status.Fraud; err != nil {
		return rules, r, err
	}
	if o.Points.MinPurchases > 0 {
		if r.purchases, err = tx.lifetimePurchases(who.Org, a.customer); err != nil {
			return rules, r, err
		}
	}
	today := o.dayOf(tx.now)
	if o.Points.CustomerDay > 0 {
		err = tx.QueryRow(`SELECT coalesce(sum(points - reversed), 0) FROM points_redemptions WHERE org = $1 AND at >= $3 AND `+andVictims, who.Org, a.customer, today).Scan(&r.today)
		if err != nil {
			return rules, r, err
		}
	}
	if o.Points.TillDay > 0 {
		for _, till := range []int64{who.Till, who.Sender} { // whoever acts for other tills has no more than one till's day
			n, err := tx.redeemedBy(who.Org, till, today)
			if err != nil {
				return rules, r, err
			}
			r.atTill = max(r.atTill, n)
		}
	}
	return rules, r, err
}

// redeemedBy is what was redeemed since a time at a till, or by its credential for another one.
func (tx *Tx) redeemedBy(org, till, since int64) (points int64, err error) {
	if till == 0 {
		return 0, nil
	}
	err = tx.QueryRow(`SELECT (SELECT coalesce(sum(points - reversed), 0) FROM points_redemptions WHERE org = $1 AND till = $2 AND at >= $3) +
		(SELECT coalesce(sum(points - reversed), 0) FROM points_redemptions WHERE org = $1 AND sender = $2 AND sender <> 0 AND at >= $3 AND till <> $2)`, org, till, since).Scan(&points)
	return points, err
}

// redemptionID makes six letters and digits of a count, the same for each org and never twice: a number below 62^6, multiplied by
// a prime that has no factor with it.
func redemptionID(n int64) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	const all, factor = 62 * 62 * 62 * 62 * 62 * 62, 22_801_763_489
	hi, lo := bits.Mul64(uint64(n), factor)
	v := bits.Rem64(hi, lo, all)
	var b [6]byte
	for i := range b {
		b[i] = digits[v%62]
		v /= 62
	}
	return string(b[:])
}

// Redeemability is whether points could be redeemed now.
type Redeemability struct {
	Customer         int64
	Points, Value    int64 // thousandths; Value of the currency
	Available, Ratio int64 // Ratio in millionths
	Redeemable       bool
	Warnings         []*fault.Fault // with the reason when not
}

// PointsRedeemable asks what RedeemPoints would say, and changes nothing.
func (s *Store) PointsRedeemable(ctx context.Context, who Who, ref CustomerRef, points int64) (out Redeemability, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, found, err := tx.orgAndCustomer(who, ref)
		if err != nil {
			return err
		}
		out = Redeemability{Customer: found.ID, Points: points, Warnings: found.Warnings}
		p, err := tx.points(o, who.Org, found.ID)
		if err != nil {
			return err
		}
		rules, r, err := tx.redeemer(o, who, &account{org: who.Org, customer: found.ID, balance: p.Balance, lifetime: p.Lifetime})
		if err != nil {
			return err
		}
		out.Available = p.Balance
		if rules != nil {
			out.Ratio, out.Value = rules.Value, rules.worth(points)
		}
		if f := redeemable(rules, o.Points, r, points); f != nil {
			out.Warnings = append(out.Warnings, f)
			return nil
		}
		out.Redeemable = true
		return nil
	})
	return out, err
}
