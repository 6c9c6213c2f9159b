package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// TransferInput is a transfer that is asked for.
type TransferInput struct {
	From, To CustomerRef
	Points   int64 // thousandths
	Note     string
	Code     string // by which the giver confirms it, "" when not said
}

// Transfer is points that one customer gave to another.
type Transfer struct {
	ID       int64          `json:"id"`
	At       time.Time      `json:"at"`
	Points   int64          `json:"points"`
	From     PersonName     `json:"from"`
	To       PersonName     `json:"to"`
	Note     string         `json:"note"`
	Program  string         `json:"program"` // its name
	Added    bool           `json:"added"`   // seen from the one who got them
	Warnings []*fault.Fault `json:"warnings"`
}

// TransferPoints moves points from one customer to another. They keep the dates on which they expire.
func (s *Store) TransferPoints(ctx context.Context, who Who, in TransferInput) (out Transfer, err error) {
	var try func() error
	if in.Code != "" {
		try = func() error {
			return s.countTry(ctx, who, confirmTransfer, func(tx *Tx, o *orgConfig) (Outcome, error) {
				from, _, err := tx.parties(o, who.Org, in)
				return from, err
			})
		}
	}
	return onceAfter(ctx, s, who, try, func(tx *Tx) (Transfer, error) { return tx.transfer(who, in) })
}

func (tx *Tx) transfer(who Who, in TransferInput) (out Transfer, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	from, to, err := tx.parties(o, who.Org, in)
	if err != nil {
		return out, err
	}
	out = Transfer{At: o.time(tx.now), Points: in.Points, Note: in.Note, Warnings: append(from.Warnings, to.Warnings...)}
	giver, err := tx.openWallet(who.Org, from.ID)
	if err != nil {
		return out, err
	}
	taker, err := tx.openWallet(who.Org, to.ID)
	if err != nil {
		return out, err
	}
	p, f, err := tx.transferable(o, who.Org, from.ID, to.ID, giver.balance, taker.room(), in.Points)
	if err == nil && f != nil {
		err = f
	}
	if err != nil {
		return out, err
	}
	if err := tx.confirm(o, who, confirmed{confirmTransfer, from.ID, in.Points, to.ID}, in.Code); err != nil {
		return out, err
	}
	out.Program = p.Rules.Name
	if out.ID, err = tx.next(who.Org, "points_transfers", 1); err != nil {
		return out, err
	}
	_, err = tx.Exec(`INSERT INTO points_transfers (org, id, giver, taker, at, points, note, till) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		who.Org, out.ID, from.ID, to.ID, tx.now, in.Points, in.Note, who.Till)
	if err != nil {
		return out, err
	}
	take, short := spend(giver.batches, in.Points, tx.now)
	if short > 0 {
		return out, errors.New("a balance has no batches")
	}
	given, err := tx.pointsEvent(who, event{customer: from.ID, kind: "TRANSFER_OUT", transfer: out.ID, other: to.ID, note: in.Note})
	if err != nil {
		return out, err
	}
	taken, err := tx.pointsEvent(who, event{customer: to.ID, kind: "TRANSFER_IN", transfer: out.ID, other: from.ID, note: in.Note})
	if err != nil {
		return out, err
	}
	var give []move
	for _, m := range take {
		b := *giver.batch(m.batch)
		m, err := tx.addBatch(&taker, taken, batch{awarded: b.awarded, expires: b.expires, points: -m.points})
		if err != nil {
			return out, err
		}
		give = append(give, m)
	}
	if err := tx.post(&giver, given, "TRANSFER_OUT", take); err != nil {
		return out, err
	}
	if err := tx.post(&taker, taken, "TRANSFER_IN", give); err != nil {
		return out, err
	}
	if err := tx.names(who.Org, &out, from.ID, to.ID); err != nil {
		return out, err
	}
	row := toJSON(map[string]any{"transfer": out.ID, "from": from.ID, "to": to.ID, "points": Decimal(in.Points)})
	if err := tx.auditRow(who, "points.transferOut", "points", from.ID, sql.NullString{}, row); err != nil {
		return out, err
	}
	return out, tx.auditRow(who, "points.transferIn", "points", to.ID, sql.NullString{}, row)
}

func (tx *Tx) parties(o *orgConfig, org int64, in TransferInput) (from, to Outcome, err error) {
	if from, err = tx.findOr(o, org, in.From, fault.PointsCustomerNotFound, fault.TransferMerged); err != nil {
		return from, to, err
	}
	to, err = tx.findOr(o, org, in.To, fault.PointsCustomerNotFound, fault.TransferMerged)
	return from, to, err
}

// transferable says why points cannot go from one customer to another, or nil.
func (tx *Tx) transferable(o *orgConfig, org, from, to, balance, room, points int64) (p *Program, f *fault.Fault, err error) {
	if p = o.program(tx.now); p == nil {
		return nil, fault.ProgramMissing.New(), nil
	}
	if from == to {
		return p, fault.TransferToSelf.New(), nil
	}
	for _, c := range []int64{from, to} {
		enrolled, err := tx.enrolled(org, c)
		if err != nil {
			return p, nil, err
		}
		if !enrolled {
			return p, fault.PointsNotLoyalty.With("id", c), nil
		}
	}
	if f := p.Rules.whole(points); f != nil {
		return p, f, nil
	}
	for _, c := range []struct {
		id    int64
		fraud *fault.Code
	}{{from, fault.TransferFromFraud}, {to, fault.TransferToFraud}} {
		status, err := tx.customerStatus(org, c.id)
		if err != nil {
			return p, nil, err
		}
		if status.Fraud {
			return p, c.fraud.With("id", c.id), nil
		}
	}
	switch {
	case points > balance:
		return p, fault.PointsInsufficient.With("available", Decimal(balance)), nil
	case points > room:
		return p, fault.PointsInvalid.New(), nil
	}
	return p, nil, nil
}

func (tx *Tx) names(org int64, t *Transfer, from, to int64) (err error) {
	if t.From, err = tx.name(org, from); err != nil {
		return err
	}
	t.To, err = tx.name(org, to)
	return err
}

// Transferability is whether a transfer could be made now.
type Transferability struct {
	Points       int64
	From, To     Found
	Transferable bool
	Warnings     []*fault.Fault // with the reason when not
}

// PointsTransferable asks what TransferPoints would say, and changes nothing.
func (s *Store) PointsTransferable(ctx context.Context, who Who, in TransferInput) (out Transferability, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		from, to, err := tx.parties(o, who.Org, in)
		if err != nil {
			return err
		}
		out = Transferability{Points: in.Points, Warnings: append(from.Warnings, to.Warnings...)}
		for _, c := range []struct {
			id int64
			to *Found
		}{{from.ID, &out.From}, {to.ID, &out.To}} {
			found, err := tx.customer(o, who.Org, c.id)
			if err != nil {
				return err
			}
			*c.to = Found{Customer: *found}
		}
		giver, err := tx.points(o, who.Org, from.ID)
		if err != nil {
			return err
		}
		taker, err := tx.readAccount(who.Org, to.ID)
		if err != nil {
			return err
		}
		_, f, err := tx.transferable(o, who.Org, from.ID, to.ID, giver.Balance, taker.room(), in.Points)
		if err != nil {
			return err
		}
		if out.Transferable = f == nil; f != nil {
			out.Warnings = append(out.Warnings, f)
		}
		return nil
	})
	return out, err
}

// maxTransfers is how many transfers of a customer are listed, the newest first.
const maxTransfers = 100

// Transfers lists what a customer gave and got, and those who were merged into them.
func (s *Store) Transfers(ctx context.Context, who Who, ref CustomerRef) (list []Transfer, warnings []*fault.Fault, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list, warnings = nil, nil
		o, found, err := tx.orgAndCustomer(who, ref)
		if err != nil {
			return err
		}
		warnings = found.Warnings
		err = tx.Each(func(scan func(...any) error) error {
			var t Transfer
			var at int64
			var mine bool
			err := scan(&t.ID, &t.From.ID, &t.To.ID, &at, &t.Points, &t.Note, &mine)
			t.At = o.time(at)
			t.Added = mine
			if p := o.program(at); p != nil {
				t.Program = p.Rules.Name
			}
			list = append(list, t)
			return err
		}, `WITH theirs (customer) AS (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)
			SELECT id, giver, taker, at, points, note, added FROM (
				SELECT id, giver, taker, at, points, note, 0 AS added FROM points_transfers WHERE org = $1 AND giver IN (SELECT customer FROM theirs)
				UNION ALL SELECT id, giver, taker, at, points, note, 1 FROM points_transfers WHERE org = $1 AND taker IN (SELECT customer FROM theirs)) AS of_both
			ORDER BY id DESC, added LIMIT $3`, who.Org, found.ID, maxTransfers)
		if err != nil {
			return err
		}
		for i := range list {
			if err := tx.names(who.Org, &list[i], list[i].From.ID, list[i].To.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return list, warnings, err
}
