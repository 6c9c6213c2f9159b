package db

import (
	"context"
	"database/sql"

	"github.com/arteriole/arteriole/fault"
)

// ReverseInput is a reversal that is asked for.
type ReverseInput struct {
	Redemption string
	Points     *int64 // thousandths; nil for all that is left
	Customer   CustomerRef
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
	r, found, err := tx.redemptionOf(o, who.Org, in.Customer, in.Redemption, "body: identifier")
	if err != nil {
		return out, err
	}
	left := r.Points - r.Reversed
	points := left
	if in.Points != nil {
		points = *in.Points
	}
	switch {
	case left == 0:
		return out, fault.RedemptionReversed.With("id", r.ID)
	case points <= 0 || points > left:
		return out, fault.ReversePointsInvalid.With("max", Decimal(left)).At("body: pointsToBeReversed")
	}
	if p := o.program(tx.now); p != nil && points < left && points%p.Rules.step() != 0 { // nobody could redeem the fraction again
		return out, fault.PointsTooFine.With("decimals", p.Rules.Decimals).At("body: pointsToBeReversed")
	}
	w, err := tx.openWallet(who.Org, found.ID)
	if err != nil {
		return out, err
	}
	taken, err := tx.movesOf(who.Org, r.Event)
	if err != nil {
		return out, err
	}
	out = Reversed{Redemption: r.ID, Customer: found.ID, Asked: points, Points: points, Warnings: found.Warnings}
	if out.ID, err = tx.pointsEvent(who, event{customer: found.ID, kind: "REVERSE", redemption: r.ID}); err != nil {
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
	return out, tx.auditRow(who, "points.reverse", "points", found.ID, sql.NullString{}, toJSON(map[string]any{"redemption": r.ID, "points": Decimal(points), "balance": Decimal(w.balance)}))
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
