package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/arteriole/arteriole/fault"
)

// Adjusted is an adjustment that was made.
type Adjusted struct {
	ID       int64          `json:"id"`
	Customer int64          `json:"customer"`
	Points   int64          `json:"points"` // thousandths; below 0: taken
	Balance  int64          `json:"balance"`
	Warnings []*fault.Fault `json:"warnings"`
}

// AdjustPoints gives a customer points, or takes some when they are below zero, for a reason that is kept with who did it.
func (s *Store) AdjustPoints(ctx context.Context, who Who, ref CustomerRef, points int64, reason string) (Adjusted, error) {
	return once(ctx, s, who, func(tx *Tx) (Adjusted, error) { return tx.adjust(who, ref, points, reason) })
}

func (tx *Tx) adjust(who Who, ref CustomerRef, points int64, reason string) (out Adjusted, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	found, err := tx.find(o, who.Org, ref)
	if err != nil {
		return out, err
	}
	if reason == "" {
		return out, fault.AdjustReasonMissing.At("body: reason")
	}
	p := o.program(tx.now)
	if p == nil {
		return out, fault.ProgramMissing.New()
	}
	enrolled, err := tx.enrolled(who.Org, found.ID)
	if err != nil {
		return out, err
	}
	if !enrolled {
		return out, fault.PointsNotLoyalty.With("id", found.ID)
	}
	if f := p.Rules.whole(max(points, -points)); f != nil {
		return out, f
	}
	w, err := tx.openWallet(who.Org, found.ID)
	if err != nil {
		return out, err
	}
	if points < 0 && -points > w.balance {
		return out, fault.PointsInsufficient.With("available", Decimal(w.balance))
	}
	if points > w.room() {
		return out, fault.PointsInvalid.New()
	}
	out = Adjusted{Customer: found.ID, Points: points, Warnings: found.Warnings}
	if out.ID, err = tx.pointsEvent(who, event{customer: found.ID, kind: "ADJUST", note: reason}); err != nil {
		return out, err
	}
	parts, short := spend(w.batches, max(0, -points), tx.now)
	if short > 0 {
		return out, errors.New("a balance has no batches")
	}
	if points > 0 {
		got, err := tx.addBatch(&w, out.ID, batch{awarded: tx.now, expires: p.Rules.expiry(tx.now, o.TimeZone), points: points})
		if err != nil {
			return out, err
		}
		parts = []move{got}
	}
	if err := tx.post(&w, out.ID, "ADJUST", parts); err != nil {
		return out, err
	}
	out.Balance = w.balance
	// The reason stands with the event, where an erasure finds it.
	return out, tx.auditRow(who, "points.adjust", "points", found.ID, sql.NullString{}, toJSON(map[string]any{"event": out.ID, "points": Decimal(points), "balance": Decimal(w.balance)}))
}
