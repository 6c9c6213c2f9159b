package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// undoWindow is how long a merge can be undone; for so long, what that needs is kept.
const undoWindow = 30 * 24 * time.Hour

// Merge is one merge of two customers.
type Merge struct {
	ID        int64      `json:"id"`
	Victim    int64      `json:"victim"`
	Survivor  int64      `json:"survivor"`
	On        time.Time  `json:"on"`
	By        EntityRef  `json:"by"`
	RequestID string     `json:"requestId"`
	UndoUntil *time.Time `json:"undoUntil,omitempty"` // nil when nothing is kept to undo it with
	UndoneOn  *time.Time `json:"undoneOn,omitempty"`
	UndoneBy  *EntityRef `json:"undoneBy,omitempty"`
}

// MergePage is a part of the merges that were asked for, and how many there are.
type MergePage struct {
	Items []Merge
	Total int
}

// Merges lists the merges of the last 30 days, or all merges of one customer (0: of any), the newest first.
func (s *Store) Merges(ctx context.Context, who Who, customer int64, limit, offset int) (p MergePage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		p, err = tx.merges(who.Org, customer, limit, offset)
		return err
	})
	return p, err
}

// UndoMerge splits a merged customer into two again. It is refused if the merge is older than 30 days or already undone, if a
// later merge of the survivor stands in the way, or if it cannot be undone completely.
func (s *Store) UndoMerge(ctx context.Context, who Who, id int64) (Merge, error) {
	return once(ctx, s, who, func(tx *Tx) (Merge, error) { return tx.undoMerge(who, id) })
}

// PruneMerges deletes what is kept for merges that can no longer be undone, and returns for how many.
func (s *Store) PruneMerges(ctx context.Context) (n int64, err error) {
	const turn = 500 // merges in one turn of the writer
	for ctx.Err() == nil {
		var changed int64
		var old bool
		err := s.read(ctx, func(tx *Tx) error {
			return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM merges WHERE undo <> '' AND at < $1)`, tx.now-undoWindow.Milliseconds()).Scan(&old)
		})
		if err != nil || !old {
			return n, err
		}
		err = s.write(ctx, func(tx *Tx) error {
			res, err := tx.Exec(`UPDATE merges SET undo = '' WHERE (org, id) IN (SELECT org, id FROM merges WHERE undo <> '' AND at < $1 ORDER BY at LIMIT $2)`,
				tx.now-undoWindow.Milliseconds(), turn)
			if err != nil {
				return err
			}
			changed, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return n, err
		}
		n += changed
	}
	return n, ctx.Err()
}

// merging is a merge while it is done or undone.
type merging struct {
	o                *orgConfig
	who              Who
	id               int64 // of the merge
	at               int64 // when it was done, in milliseconds
	by               int64 // the till that did it
	victim, survivor *Customer
	changes          []RequestedChange // of identifiers, which need it and are made right after it; one in each place at most
}

// stamp says when something was changed last, and by which till.
type stamp struct {
	On int64 `json:"on"`
	By int64 `json:"by"`
}

// merge makes one customer of two that share no place: each part goes to the survivor, and the victim remains as a tombstone. What
// undoing needs is kept.
func (tx *Tx) merge(o *orgConfig, who Who, victim *Customer, survivorID int64, then []RequestedChange) error {
	survivor, err := tx.customer(o, who.Org, survivorID)
	if err != nil {
		return err
	}
	if err := tx.earnAllWaiting(o, who, victim.ID); err != nil {
		return err
	}
	id, err := tx.next(who.Org, "merges", 1)
	if err != nil {
		return err
	}
	m := &merging{o: o, who: who, id: id, at: tx.now, by: who.Till, victim: victim, survivor: survivor, changes: then}
	kept := map[string]any{}
	for _, p := range parts {
		if p.merge == nil {
			continue
		}
		keep, err := p.merge(tx, m)
		if err != nil {
			return err
		}
		if keep != nil {
			kept[p.name] = keep
		}
	}
	_, err = tx.Exec(`INSERT INTO merges (org, id, victim, survivor, at, till, request, undo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		who.Org, id, victim.ID, survivorID, tx.now, who.Till, who.RequestID, toJSON(kept))
	if err != nil {
		return err
	}
	if err := tx.auditMerged(o, who, "customer.merged", victim.ID, victim); err != nil {
		return err
	}
	if err := tx.auditMerged(o, who, "customer.survived", survivorID, survivor); err != nil {
		return err
	}
	return tx.tell(o, who, toldCustomerMerged, survivorID, map[string]any{"mergeId": id, "mergedCustomerId": victim.ID})
}

func (tx *Tx) undoMerge(who Who, id int64) (done Merge, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return done, err
	}
	done, undo, err := tx.mergeToUndo(o, who.Org, id)
	if err != nil {
		return done, err
	}
	kept := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(undo), &kept); err != nil {
		return done, err
	}
	m := &merging{o: o, who: who, id: id, at: done.On.UnixMilli(), by: done.By.ID}
	if m.victim, err = tx.customer(o, who.Org, done.Victim); err != nil {
		return done, err
	}
	if m.survivor, err = tx.customer(o, who.Org, done.Survivor); err != nil {
		return done, err
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i].undo == nil {
			continue
		}
		if err := parts[i].undo(tx, m, kept[parts[i].name]); err != nil {
			return done, err
		}
	}
	_, err = tx.Exec(`UPDATE merges SET undone_on = $3, undone_by = $4, undo = '' WHERE org = $1 AND id = $2`, who.Org, id, tx.now, who.Till)
	if err != nil {
		return done, err
	}
	if err := tx.auditMerged(o, who, "customer.restored", done.Victim, m.victim); err != nil {
		return done, err
	}
	if err := tx.auditMerged(o, who, "customer.parted", done.Survivor, m.survivor); err != nil {
		return done, err
	}
	for _, customer := range []int64{done.Victim, done.Survivor} {
		if err := tx.tell(o, who, toldCustomerUpdated, customer, map[string]any{"undoneMergeId": id}); err != nil {
			return done, err
		}
	}
	now, by := o.time(tx.now), o.by(who.Till)
	done.UndoUntil, done.UndoneOn, done.UndoneBy = nil, &now, &by
	return done, nil
}

// mergeToUndo reads a merge and what was kept for it, or returns why it cannot be undone.
func (tx *Tx) mergeToUndo(o *orgConfig, org, id int64) (m Merge, undo string, err error) {
	var at, till int64
	var undone sql.NullInt64
	err = tx.QueryRow(`SELECT victim, survivor, at, till, request, undone_on, undo FROM merges WHERE org = $1 AND id = $2`, org, id).
		Scan(&m.Victim, &m.Survivor, &at, &till, &m.RequestID, &undone, &undo)
	m.ID, m.On, m.By = id, o.time(at), o.by(till)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return m, "", fault.MergeNotFound.With("id", id)
	case err != nil:
		return m, "", err
	case undone.Valid:
		return m, "", fault.MergeUndone.With("id", id)
	}
	if _, err := tx.customer(o, org, m.Survivor); err != nil { // who was erased has nothing to give back
		return m, "", err
	}
	switch {
	case undo == "" || at < tx.now-undoWindow.Milliseconds():
		return m, "", fault.MergeTooOld.With("id", id)
	}
	// The survivor may have become a victim, or have taken in others on top of this merge.
	var later int64
	err = tx.QueryRow(`SELECT max(id) FROM (SELECT id FROM merges WHERE org = $1 AND victim = $2 AND undone_on IS NULL
		UNION ALL SELECT id FROM merges WHERE org = $1 AND survivor = $2 AND undone_on IS NULL) AS of_both`, org, m.Survivor).Scan(&later)
	if err == nil && later > id {
		err = fault.MergeUndoOrder.With("id", id, "later", later)
	}
	return m, undo, err
}

func (tx *Tx) merges(org, customer int64, limit, offset int) (p MergePage, err error) {
	o, err := tx.org(org)
	if err != nil {
		return p, err
	}
	p.Items = []Merge{}
	read := func(scan func(...any) error) error {
		var m Merge
		var at, till int64
		var undone, by sql.NullInt64
		var kept bool
		if err := scan(&m.ID, &m.Victim, &m.Survivor, &at, &till, &m.RequestID, &undone, &by, &kept); err != nil {
			return err
		}
		m.On, m.By = o.time(at), o.by(till)
		if undone.Valid {
			t, e := o.time(undone.Int64), o.by(by.Int64)
			m.UndoneOn, m.UndoneBy = &t, &e
		}
		if until := at + undoWindow.Milliseconds(); kept && until >= tx.now {
			t := o.time(until)
			m.UndoUntil = &t
		}
		p.Items = append(p.Items, m)
		return nil
	}
	if customer == 0 {
		since := tx.now - undoWindow.Milliseconds()
		if err := tx.QueryRow(`SELECT count(*) FROM merges WHERE org = $1 AND at >= $2`, org, since).Scan(&p.Total); err != nil {
			return p, err
		}
		return p, tx.Each(read, `SELECT id, victim, survivor, at, till, request, undone_on, undone_by, undo <> '' FROM merges
			WHERE org = $1 AND at >= $2 ORDER BY at DESC, id DESC LIMIT $3 OFFSET $4`, org, since, limit, offset)
	}
	err = tx.QueryRow(`SELECT (SELECT count(*) FROM merges WHERE org = $1 AND victim = $2) + (SELECT count(*) FROM merges WHERE org = $1 AND survivor = $2)`,
		org, customer).Scan(&p.Total)
	if err != nil {
		return p, err
	}
	return p, tx.Each(read, `SELECT id, victim, survivor, at, till, request, undone_on, undone_by, undo <> '' FROM merges
		WHERE org = $1 AND id IN (SELECT id FROM merges WHERE org = $1 AND victim = $2 UNION ALL SELECT id FROM merges WHERE org = $1 AND survivor = $2)
		ORDER BY id DESC LIMIT $3 OFFSET $4`, org, customer, limit, offset)
}
