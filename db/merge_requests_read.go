package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// MergeRequestFilter says which requests are listed.
type MergeRequestFilter struct {
	Status          string // "" for any
	From, To        string // when it was added, as sent; "" for no bound
	FirstID, LastID int64  // 0 for no bound
	Limit, Offset   int
}

// MergeRequestPage is a part of the requests that were asked for, and how many there are, up to 10,000.
type MergeRequestPage struct {
	Items    []MergeRequest
	Total    int
	Warnings []*fault.Fault
}

// MergeRequests lists the requests of an org, or those that a customer is part of (0: all), newest first.
func (s *Store) MergeRequests(ctx context.Context, who Who, customer int64, f MergeRequestFilter) (p MergeRequestPage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		p, err = tx.mergeRequests(o, who.Org, customer, f)
		return err
	})
	return p, err
}

// MergeRequestsOfCustomer lists the requests that a customer is part of. MergedCustomer, for the id of a merge's victim.
func (s *Store) MergeRequestsOfCustomer(ctx context.Context, who Who, customer int64, f MergeRequestFilter) (p MergeRequestPage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if _, err := tx.present(o, who.Org, customer); err != nil {
			return err
		}
		p, err = tx.mergeRequests(o, who.Org, customer, f)
		return err
	})
	return p, err
}

// MergeRequestsByIdentifier is MergeRequestsOfCustomer for the customer who has an identifier.
func (s *Store) MergeRequestsByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string, f MergeRequestFilter) (p MergeRequestPage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		found, err := tx.lookup(o, who.Org, source, account, identifier, fault.LookupSourceInvalid)
		if err != nil {
			return err
		}
		p, err = tx.mergeRequests(o, who.Org, found.ID, f)
		p.Warnings = found.Warnings
		return err
	})
	return p, err
}

func (tx *Tx) mergeRequests(o *orgConfig, org, customer int64, f MergeRequestFilter) (p MergeRequestPage, err error) {
	from, to, err := f.span(o)
	if err != nil {
		return p, err
	}
	last := f.LastID
	if last == 0 {
		last = math.MaxInt64
	}
	p.Items = []MergeRequest{}
	read := func(scan func(...any) error) error {
		r, err := scanMergeRequest(o, scan)
		p.Items = append(p.Items, r)
		return err
	}
	const bounds = ` AND ($2 = '' OR status = $2) AND added_on >= $3 AND added_on <= $4 AND id >= $5 AND id <= $6`
	args := []any{org, f.Status, from, to, f.FirstID, last}
	of := ` WHERE org = $1` + bounds
	switch {
	case customer != 0:
		of = ` WHERE org = $1 AND id IN (SELECT id FROM merge_requests WHERE org = $1 AND victim = $7 UNION ALL SELECT id FROM merge_requests WHERE org = $1 AND survivor = $7)` + bounds
		args = append(args, customer)
	case f.Status != "": // by the index
		of = ` WHERE org = $1 AND status = $2 AND added_on >= $3 AND added_on <= $4 AND id >= $5 AND id <= $6`
	}
	if err := tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM merge_requests`+of+` LIMIT 10000) AS some`, args...).Scan(&p.Total); err != nil {
		return p, err
	}
	page := ` ORDER BY id DESC LIMIT $7 OFFSET $8`
	if customer != 0 {
		page = ` ORDER BY id DESC LIMIT $8 OFFSET $9`
	}
	return p, tx.Each(read, `SELECT `+mergeRequestColumns+` FROM merge_requests`+of+page, append(args, f.Limit, f.Offset)...)
}

// span reads the days or times between which requests were added; a day as the end is included.
func (f *MergeRequestFilter) span(o *orgConfig) (from, to int64, err error) {
	from, to = math.MinInt64, math.MaxInt64
	for _, d := range []struct {
		sent, name string
		to         *int64
		parse      func(string, *time.Location) (time.Time, bool)
	}{{f.From, "startDate", &from, parseTime}, {f.To, "endDate", &to, parseEnd}} {
		if d.sent == "" {
			continue
		}
		t, ok := d.parse(d.sent, o.TimeZone)
		if !ok {
			return from, to, fault.BadRequest.With("reason", "must be a date").At("query: " + d.name)
		}
		*d.to = t.UnixMilli()
	}
	return from, to, nil
}

const mergeRequestColumns = `id, victim, survivor, status, change, comments, one_step, coalesce(merge, 0), added_on, added_by, updated_on, updated_by`

func scanMergeRequest(o *orgConfig, scan func(...any) error) (r MergeRequest, err error) {
	var change string
	var added, adder, updated, updater int64
	err = scan(&r.ID, &r.Victim, &r.Survivor, &r.Status, &change, &r.Comments, &r.OneStep, &r.Merge, &added, &adder, &updated, &updater)
	if err != nil {
		return r, err
	}
	r.AddedOn, r.AddedBy, r.UpdatedOn, r.UpdatedBy = o.time(added), o.by(adder), o.time(updated), o.by(updater)
	return r, json.Unmarshal([]byte(change), &r.Asked)
}

func (tx *Tx) mergeRequest(o *orgConfig, org, id int64) (r MergeRequest, err error) {
	r, err = scanMergeRequest(o, tx.QueryRow(`SELECT `+mergeRequestColumns+` FROM merge_requests WHERE org = $1 AND id = $2`, org, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.MergeRequestNotFound.With("id", id)
	}
	return r, err
}

// mergeRequestsPart closes what waited for this merge, and what the merge has made pointless. Undoing it opens nothing again: a
// request that was rejected can be.
var mergeRequestsPart = part{
	name: "requests",
	merge: func(tx *Tx, m *merging) (any, error) {
		_, err := tx.Exec(`UPDATE merge_requests SET status = CASE WHEN survivor = $3 THEN 'APPROVED' ELSE 'REJECTED' END, merge = CASE WHEN survivor = $3 THEN $6 END,
			updated_on = $4, updated_by = $5 WHERE org = $1 AND status = 'PENDING' AND victim = $2`, m.who.Org, m.victim.ID, m.survivor.ID, tx.now, m.who.Till, m.id)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(`UPDATE merge_requests SET status = 'REJECTED', updated_on = $3, updated_by = $4 WHERE org = $1 AND status = 'PENDING' AND survivor = $2`,
			m.who.Org, m.victim.ID, tx.now, m.who.Till)
		return nil, err
	},
	erase:  eraseMergeRequests,
	export: exportMergeRequests,
}
