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
	Customer  PointsCustomer
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
				return tx.find(o, who.Org, in.Customer, fault.CustomerNotFound, fault.MergedCustomer)
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
	found, err := tx.find(o, who.Org, in.Customer, fault.CustomerNotFound, fault.MergedCustomer)
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
func (s *Store) PointsRedeemable(ctx context.Context, who Who, ref PointsCustomer, points int64) (out Redeemability, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		found, err := tx.find(o, who.Org, ref, fault.CustomerNotFound, fault.MergedCustomer)
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

// ReverseInput is a reversal that is asked for.
type ReverseInput struct {
	Redemption string
	Points     *int64 // thousandths; nil for all that is left
	Customer   PointsCustomer
}

// Reversed is a reversal that was made.
type Reversed struct {
	ID         int64          `json:"id"`
	Redemption string         `json:"redemption"`
	Customer   int64          `json:"customer"`
	Asked      int64          `json:"asked"`
	Points     int64          `json:"points"`
	Expired    int64          `json:"expired"` // of Points: what had expired in between, and so is gone
	Warnings   []*fault.Fault `json:"warnings"`
}

// ReversePoints gives back points that were redeemed, all that is left of them or a part; what was taken last comes back first.
// Points whose time has passed meanwhile come back expired.
func (s *Store) ReversePoints(ctx context.Context, who Who, in ReverseInput) (Reversed, error) {
	return once(ctx, s, who, func(tx *Tx) (Reversed, error) { return tx.reverse(who, in) })
}

func (tx *Tx) reverse(who Who, in ReverseInput) (out Reversed, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	found, err := tx.find(o, who.Org, in.Customer, fault.CustomerNotFound, fault.MergedCustomer)
	if err != nil {
		return out, err
	}
	r, err := tx.redemption(who.Org, in.Redemption)
	if errors.Is(err, ErrNotFound) {
		return out, fault.RedemptionNotFound.With("id", in.Redemption).At("body: redemptionId")
	} else if err != nil {
		return out, err
	}
	holder, err := tx.survivorOf(who.Org, r.Customer)
	if err != nil {
		return out, err
	}
	left := r.Points - r.Reversed
	points := left
	if in.Points != nil {
		points = *in.Points
	}
	switch {
	case holder != found.ID:
		return out, fault.RedemptionOfOther.At("body: identifier")
	case left == 0:
		return out, fault.RedemptionReversed.With("id", r.ID)
	case points <= 0 || points > left:
		return out, fault.ReversePointsInvalid.With("max", Decimal(left)).At("body: pointsToBeReversed")
	}
	w, err := tx.openWallet(who.Org, holder)
	if err != nil {
		return out, err
	}
	taken, err := tx.movesOf(who.Org, r.Event)
	if err != nil {
		return out, err
	}
	out = Reversed{Redemption: r.ID, Customer: holder, Asked: points, Points: points, Warnings: found.Warnings}
	if out.ID, err = tx.pointsEvent(who, event{customer: holder, kind: "REVERSE", redemption: r.ID}); err != nil {
		return out, err
	}
	parts, err := tx.restore(&w, out.ID, giveBack(taken, r.Reversed, points))
	if err != nil {
		return out, err
	}
	if err := tx.post(&w, out.ID, "REVERSE", parts); err != nil {
		return out, err
	}
	if out.Expired, err = tx.writeOffNow(who, &w); err != nil {
		return out, err
	}
	if _, err := tx.Exec(`UPDATE points_redemptions SET reversed = reversed + $3 WHERE org = $1 AND id = $2`, who.Org, r.ID, points); err != nil {
		return out, err
	}
	return out, tx.auditRow(who, "points.reverse", "points", holder, sql.NullString{}, toJSON(map[string]any{"redemption": r.ID, "points": Decimal(points), "balance": Decimal(w.balance)}))
}

// movesOf gives what an event did to batches, in its order.
func (tx *Tx) movesOf(org, event int64) (moves []move, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var m move
		err := scan(&m.batch, &m.points)
		moves = append(moves, m)
		return err
	}, `SELECT batch, points FROM points_ledger WHERE org = $1 AND event = $2 ORDER BY seq`, org, event)
	return moves, err
}

// restore says where points that come back go: into the batch that they were taken from, or, when that was another customer's who
// was merged since, into a new one with the same dates.
func (tx *Tx) restore(w *wallet, event int64, back []move) (parts []move, err error) {
	for _, m := range back {
		var b batch
		var bill sql.NullInt64
		err := tx.QueryRow(`SELECT id, customer, awarded_on, expires_on, points, remaining, bill FROM points_batches WHERE org = $1 AND id = $2`, w.org, m.batch).
			Scan(&b.id, &b.customer, &b.awarded, &b.expires, &b.points, &b.remaining, &bill)
		if err != nil {
			return nil, err
		}
		b.bill = bill.Int64
		if b.customer != w.customer {
			b.points = m.points
			if m, err = tx.addBatch(w, event, b); err != nil {
				return nil, err
			}
		} else if w.batch(b.id) == nil {
			w.batches = append(w.batches, b)
		}
		parts = append(parts, m)
	}
	return parts, nil
}

// RedemptionChange is what is said of a redemption later.
type RedemptionChange struct {
	Redemption string
	Customer   PointsCustomer
	Number     *string // of the bill
	Bill       int64   // its id, 0: as it was
	Note       *string
	Fields     map[string]string // nil: as they are
}

// UpdateRedemption says more of a redemption. Only what is given changes.
func (s *Store) UpdateRedemption(ctx context.Context, who Who, in RedemptionChange) (PointsRedeemed, error) {
	return once(ctx, s, who, func(tx *Tx) (out PointsRedeemed, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		found, err := tx.find(o, who.Org, in.Customer, fault.CustomerNotFound, fault.MergedCustomer)
		if err != nil {
			return out, err
		}
		r, err := tx.redemption(who.Org, in.Redemption)
		if errors.Is(err, ErrNotFound) {
			return out, fault.RedemptionNotFound.With("id", in.Redemption).At("body: redemptionId")
		} else if err != nil {
			return out, err
		}
		holder, err := tx.survivorOf(who.Org, r.Customer)
		if err != nil {
			return out, err
		}
		if holder != found.ID {
			return out, fault.RedemptionOfOther.At("body: entity")
		}
		before := toJSON(map[string]any{"redemption": r.ID, "number": r.Number, "bill": r.Bill})
		if in.Number != nil {
			r.Number = *in.Number
		}
		if in.Note != nil {
			r.Note = *in.Note
		}
		if in.Fields != nil {
			r.Fields = in.Fields
		}
		if in.Bill != 0 {
			var owner int64
			err := tx.QueryRow(`SELECT coalesce(c.merged_into, c.id) FROM transactions t JOIN customers c ON c.org = t.org AND c.id = t.customer WHERE t.org = $1 AND t.id = $2`, who.Org, in.Bill).Scan(&owner)
			if errors.Is(err, sql.ErrNoRows) || err == nil && owner != holder {
				return out, fault.NotThisCustomersBill.With("id", in.Bill).At("body: billId")
			} else if err != nil {
				return out, err
			}
			r.Bill = in.Bill
		}
		_, err = tx.Exec(`UPDATE points_redemptions SET number = $3, note = $4, fields = $5, bill = $6 WHERE org = $1 AND id = $2`, who.Org, r.ID, r.Number, r.Note, toJSON(r.Fields), orNull(r.Bill))
		if err != nil {
			return out, err
		}
		out = PointsRedeemed{Redemption: r, Warnings: found.Warnings}
		return out, tx.auditRow(who, "points.updateRedemption", "points", holder, sql.NullString{String: before, Valid: true}, toJSON(map[string]any{"redemption": r.ID, "number": r.Number, "bill": r.Bill}))
	})
}
