package db

import (
	"time"
)

// erasePoints takes away what people have written beside points; the ledger stays.
func erasePoints(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		for _, q := range []string{
			`UPDATE points_events SET note = '' WHERE org = $1 AND customer = $2`,
			`UPDATE points_redemptions SET note = '', fields = '{}' WHERE org = $1 AND customer = $2`,
			`UPDATE points_transfers SET note = '' WHERE org = $1 AND giver = $2`,
			`UPDATE points_transfers SET note = '' WHERE org = $1 AND taker = $2`,
		} {
			if _, err := tx.Exec(q, e.who.Org, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// exportedPoints are what happened to a customer's points, in thousandths.
type exportedPoints struct {
	Customer    int64     `json:"customer"`
	On          time.Time `json:"on"`
	Kind        string    `json:"kind"`
	Thousandths int64     `json:"thousandths"` // given, or taken when below 0
	Bill        int64     `json:"bill,omitempty"`
	Redemption  string    `json:"redemption,omitempty"`
	Transfer    int64     `json:"transfer,omitempty"`
	Note        string    `json:"note,omitempty"`
	By          EntityRef `json:"by"`
}

func exportPoints(tx *Tx, e *exporting) (any, error) {
	all := []exportedPoints{}
	for _, id := range e.ids {
		err := tx.Each(func(scan func(...any) error) error {
			p := exportedPoints{Customer: id}
			var at, till int64
			err := scan(&at, &p.Kind, &p.Thousandths, &p.Bill, &p.Redemption, &p.Transfer, &p.Note, &till)
			p.On, p.By = e.o.time(at), e.o.by(till)
			all = append(all, p)
			return err
		}, `SELECT at, kind, coalesce((SELECT sum(l.points) FROM points_ledger l WHERE l.org = v.org AND l.event = v.id AND l.customer = v.customer), 0),
			coalesce(bill, 0), coalesce(redemption, ''), coalesce(transfer, 0), note, till FROM points_events v WHERE v.org = $1 AND v.customer = $2 ORDER BY v.id`, e.org, id)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
