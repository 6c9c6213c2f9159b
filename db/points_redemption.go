package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/arteriole/arteriole/fault"
)

// Redemption is points that a customer has spent.
type Redemption struct {
	ID        string `json:"id"`
	Customer  int64  `json:"customer"`
	Event     int64  `json:"event"`
	At        int64  `json:"at"` // ms
	Points    int64  `json:"points"`
	Value     int64  `json:"value"`    // thousandths of the currency
	Reversed  int64  `json:"reversed"` // of Points
	Number    string `json:"number"`   // of the bill, as the till said
	Reference string `json:"reference"`
	Bill      int64  `json:"bill"` // 0 for none
	Note      string `json:"note"`
	Till      int64  `json:"till"`

	Fields map[string]string `json:"fields"`
}

// redemption reads a redemption, or gives ErrNotFound.
func (tx *Tx) redemption(org int64, id string) (r Redemption, err error) {
	var reference sql.NullString
	var bill sql.NullInt64
	var fields string
	err = tx.QueryRow(`SELECT id, customer, event, at, points, value, reversed, number, reference, bill, note, fields, till FROM points_redemptions WHERE org = $1 AND id = $2`, org, id).
		Scan(&r.ID, &r.Customer, &r.Event, &r.At, &r.Points, &r.Value, &r.Reversed, &r.Number, &reference, &bill, &r.Note, &fields, &r.Till)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	if err != nil {
		return r, err
	}
	r.Reference, r.Bill = reference.String, bill.Int64
	return r, json.Unmarshal([]byte(fields), &r.Fields)
}

// redemptionOf reads a redemption of the customer that a request names at a place. The faults are those of find, RedemptionNotFound,
// and RedemptionOfOther.
func (tx *Tx) redemptionOf(o *orgConfig, org int64, ref CustomerRef, id, place string) (r Redemption, found Outcome, err error) {
	if found, err = tx.find(o, org, ref); err != nil {
		return r, found, err
	}
	if r, err = tx.redemption(org, id); errors.Is(err, ErrNotFound) {
		return r, found, fault.RedemptionNotFound.With("id", id).At("body: redemptionId")
	} else if err != nil {
		return r, found, err
	}
	holder, err := tx.survivorOf(org, r.Customer)
	if err == nil && holder != found.ID {
		err = fault.RedemptionOfOther.At(place)
	}
	return r, found, err
}

// RedemptionChange is what is said of a redemption later.
type RedemptionChange struct {
	Redemption string
	Customer   CustomerRef
	Number     *string // of the bill
	Bill       int64   // its id, 0: as it was
	Note       *string
	Fields     map[string]string // nil: as they are
}

// UpdateRedemption says more of a redemption. Only what is given changes.
func (s *Store) UpdateRedemption(ctx context.Context, who Who, in RedemptionChange) (PointsRedeemed, error) {
	return once(ctx, s, who, func(tx *Tx) (PointsRedeemed, error) { return tx.updateRedemption(who, in) })
}

func (tx *Tx) updateRedemption(who Who, in RedemptionChange) (out PointsRedeemed, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	r, found, err := tx.redemptionOf(o, who.Org, in.Customer, in.Redemption, "body: entity")
	if err != nil {
		return out, err
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
		if err := tx.isBillOf(who.Org, in.Bill, found.ID, "body: billId"); err != nil {
			return out, err
		}
		r.Bill = in.Bill
	}
	_, err = tx.Exec(`UPDATE points_redemptions SET number = $3, note = $4, fields = $5, bill = $6 WHERE org = $1 AND id = $2`, who.Org, r.ID, r.Number, r.Note, toJSON(r.Fields), orNull(r.Bill))
	if err != nil {
		return out, err
	}
	out = PointsRedeemed{Redemption: r, Warnings: found.Warnings}
	return out, tx.auditRow(who, "points.updateRedemption", "points", found.ID, sql.NullString{String: before, Valid: true}, toJSON(map[string]any{"redemption": r.ID, "number": r.Number, "bill": r.Bill}))
}

// isBillOf refuses the id of what is no bill of a customer.
func (tx *Tx) isBillOf(org, bill, customer int64, place string) error {
	var owner int64
	err := tx.QueryRow(`SELECT coalesce(c.merged_into, c.id) FROM transactions t JOIN customers c ON c.org = t.org AND c.id = t.customer WHERE t.org = $1 AND t.id = $2`, org, bill).Scan(&owner)
	if errors.Is(err, sql.ErrNoRows) || err == nil && owner != customer {
		return fault.NotThisCustomersBill.With("id", bill).At(place)
	}
	return err
}
