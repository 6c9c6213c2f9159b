package db

import (
	"database/sql"
	"encoding/json"
	"errors"
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
