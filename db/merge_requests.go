package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// MergeRequest is a request to merge two customers, made by a caller, or by an identifier change that needs a merge where merges
// must be approved.
type MergeRequest struct {
	ID               int64
	Victim, Survivor int64
	Status           string
	Asked            []RequestedChange // what waits for the merge, in the order in which it was asked; none for a merge by itself
	Comments         string
	OneStep          bool  // it was approved as it was asked
	Merge            int64 // what it led to, 0 for none
	AddedOn          time.Time
	AddedBy          EntityRef
	UpdatedOn        time.Time
	UpdatedBy        EntityRef
}

// RequestedChange is an identifier change in one place.
type RequestedChange struct {
	Place
	IdentifierChange
}

// MergeAsk is a requested merge, in the direction that the caller states.
type MergeAsk struct {
	Victim, Survivor int64
	Comments         string
}

// RequestMerges requests merges, one after the other in one transaction. With approve, each is carried out at once.
func (s *Store) RequestMerges(ctx context.Context, who Who, asks []MergeAsk, approve bool) ([]Item[MergeRequest], error) {
	return bulk(ctx, s, who, len(asks), func(tx *Tx, i int) (r MergeRequest, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return r, err
		}
		victim, err := tx.mergeable(o, who.Org, asks[i].Victim, asks[i].Survivor, true)
		if err != nil {
			return r, sideOf(err)
		}
		id, err := tx.addMergeRequest(who, asks[i], nil, approve)
		if err != nil {
			return r, err
		}
		if approve {
			if err := tx.mergeAndChange(o, who, victim, asks[i].Survivor, nil); err != nil {
				return r, err
			}
		}
		return tx.mergeRequest(o, who.Org, id)
	})
}

// sideOf sets the place of a refusal to the side of the request that it is about.
func sideOf(err error) error {
	f, ok := fault.Of(err)
	if !ok {
		return err
	}
	switch f.Code {
	case fault.UpdateCustomerNotFound, fault.MergeVictimMerged, fault.MergePendingVictim:
		return f.At("body: victim.id")
	case fault.MergeSurvivorInvalid, fault.MergeSurvivorMerged, fault.MergePendingSurvivor:
		return f.At("body: survivor.id")
	}
	return err
}

// MergeDecision is a new Status for a request, as the contract names it. Comments replace those of the request; nil leaves them.
type MergeDecision struct {
	ID       int64
	Status   string
	Comments *string
}

// DecideMerges approves requests, which carries out the merge, rejects them, or puts rejected ones back to pending, one after the
// other in one transaction.
func (s *Store) DecideMerges(ctx context.Context, who Who, ds []MergeDecision) ([]Item[MergeRequest], error) {
	return bulk(ctx, s, who, len(ds), func(tx *Tx, i int) (MergeRequest, error) {
		r, err := tx.decideMerge(who, ds[i])
		if f, ok := fault.Of(err); ok && f.Code == fault.MergeRequestState {
			err = f.At("body: status")
		}
		return r, err
	})
}

// DecideMerge is DecideMerges for a single request.
func (s *Store) DecideMerge(ctx context.Context, who Who, d MergeDecision) (MergeRequest, error) {
	return once(ctx, s, who, func(tx *Tx) (MergeRequest, error) { return tx.decideMerge(who, d) })
}

func (tx *Tx) decideMerge(who Who, d MergeDecision) (r MergeRequest, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return r, err
	}
	if r, err = tx.mergeRequest(o, who.Org, d.ID); err != nil {
		return r, err
	}
	if err := judgeDecision(r.ID, r.Status, d.Status); err != nil {
		return r, err
	}
	if d.Comments != nil {
		r.Comments = *d.Comments
	}
	action := map[string]string{RequestApproved: "customer.mergeApproved", RequestRejected: "customer.mergeRejected", RequestPending: "customer.mergeReopened"}[d.Status]
	err = tx.auditRow(who, action, "customer", r.Victim, sql.NullString{}, toJSON(map[string]int64{"request": r.ID, "survivor": r.Survivor}))
	if err != nil {
		return r, err
	}
	switch d.Status {
	case RequestApproved:
		err = tx.approveMerge(o, who, r)
	case RequestPending:
		_, err = tx.mergeable(o, who.Org, r.Victim, r.Survivor, true)
	}
	if err != nil {
		return r, err
	}
	_, err = tx.Exec(`UPDATE merge_requests SET status = $3, comments = $4, updated_on = $5, updated_by = $6 WHERE org = $1 AND id = $2`,
		who.Org, r.ID, d.Status, r.Comments, tx.now, who.Till)
	if err != nil {
		return r, err
	}
	return tx.mergeRequest(o, who.Org, r.ID)
}

// approveMerge merges the two customers as they are now and makes the changes that waited for it. It is refused if it would no
// longer be the merge that was approved (our rule 96).
func (tx *Tx) approveMerge(o *orgConfig, who Who, r MergeRequest) error {
	victim, err := tx.mergeable(o, who.Org, r.Victim, r.Survivor, false)
	if err != nil {
		return err
	}
	needed := len(r.Asked) == 0
	var changes []RequestedChange
	for _, c := range netChanges(r.Asked) {
		if victim.profile(c.Place) == nil {
			return r.outdated("the profile is gone")
		}
		decided, err := tx.decideChange(o, who.Org, victim, c.Place, c.Add, c.Remove)
		if f, ok := fault.Of(err); ok {
			return r.outdated(f.Text())
		}
		if err != nil {
			return err
		}
		if decided.survivor != 0 && decided.survivor != r.Survivor {
			return r.outdated("the identifiers have changed hands")
		}
		needed = needed || decided.survivor == r.Survivor
		if len(decided.add)+len(decided.remove) > 0 {
			changes = append(changes, RequestedChange{c.Place, IdentifierChange{decided.add, decided.remove}})
		}
	}
	if !needed {
		return r.outdated("the identifiers have changed hands")
	}
	survivor, err := tx.customer(o, who.Org, r.Survivor)
	if err != nil {
		return err
	}
	if err := tx.mergeAndChange(o, who, victim, r.Survivor, changes); err != nil {
		return err
	}
	merged, err := tx.customer(o, who.Org, r.Survivor)
	if err != nil {
		return err
	}
	primary := func(p placed) bool { return p.Type == o.PrimaryIdentifier }
	had := slices.ContainsFunc(append(victim.placed(), survivor.placed()...), primary)
	if had && !slices.ContainsFunc(merged.placed(), primary) { // each change was judged by itself
		return r.outdated(fault.IdentifierProtected.New().Text())
	}
	return nil
}

func (r *MergeRequest) outdated(reason string) error {
	return fault.MergeRequestOutdated.With("id", r.ID, "reason", reason)
}

// mergeable reads the victim of a requested merge, or returns why it cannot be merged. wait is set if the merge is to wait for
// approval; then no other may be waiting.
func (tx *Tx) mergeable(o *orgConfig, org, victimID, survivorID int64, wait bool) (*Customer, error) {
	one := func(id int64) (*Customer, asked, error) {
		a := asked{id: id}
		c, err := tx.customer(o, org, id)
		if errors.Is(err, ErrNotFound) {
			return nil, a, nil
		}
		if err != nil {
			return nil, a, err
		}
		a.found, a.mergedInto, a.places = true, c.MergedInto, c.places()
		if wait {
			err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM merge_requests WHERE org = $1 AND victim = $2 AND status = 'PENDING')`, org, id).Scan(&a.pending)
		}
		return c, a, err
	}
	c, victim, err := one(victimID)
	if err != nil {
		return nil, err
	}
	_, survivor, err := one(survivorID)
	if err != nil {
		return nil, err
	}
	return c, judgeMerge(victim, survivor)
}

func (tx *Tx) addMergeRequest(who Who, ask MergeAsk, changes []RequestedChange, oneStep bool) (id int64, err error) {
	if id, err = tx.next(who.Org, "merge_requests", 1); err != nil {
		return 0, err
	}
	if changes == nil {
		changes = []RequestedChange{}
	}
	_, err = tx.Exec(`INSERT INTO merge_requests (org, id, victim, survivor, status, change, comments, one_step, added_on, added_by, updated_on, updated_by)
		VALUES ($1, $2, $3, $4, 'PENDING', $5, $6, $7, $8, $9, $8, $9)`,
		who.Org, id, ask.Victim, ask.Survivor, toJSON(changes), ask.Comments, bit(oneStep), tx.now, who.Till)
	if err != nil {
		return 0, err
	}
	fields := map[string]any{"request": id, "survivor": ask.Survivor}
	if len(changes) > 0 {
		fields["asked"] = changes[0]
	}
	return id, tx.auditRow(who, "customer.mergeRequested", "customer", ask.Victim, sql.NullString{}, toJSON(fields))
}

// maxRequested is how many changes may wait for one merge.
const maxRequested = 20

// requestMerge stores a change that needs a merge until that is approved, and returns the id of the request. Further changes are
// added to it: two customers have one request.
func (tx *Tx) requestMerge(who Who, victim, survivor int64, change RequestedChange) (id int64, err error) {
	var have string
	err = tx.QueryRow(`SELECT id, change FROM merge_requests WHERE org = $1 AND victim = $2 AND survivor = $3 AND status = 'PENDING'`, who.Org, victim, survivor).Scan(&id, &have)
	if errors.Is(err, sql.ErrNoRows) {
		return tx.addMergeRequest(who, MergeAsk{Victim: victim, Survivor: survivor}, []RequestedChange{change}, false)
	}
	if err != nil {
		return 0, err
	}
	var changes []RequestedChange
	if err := json.Unmarshal([]byte(have), &changes); err != nil {
		return 0, err
	}
	if slices.ContainsFunc(changes, func(c RequestedChange) bool { return toJSON(c) == toJSON(change) }) {
		return id, nil
	}
	if len(changes) >= maxRequested {
		return 0, tooMany("changes that wait for one merge", maxRequested, "body")
	}
	_, err = tx.Exec(`UPDATE merge_requests SET change = $3, updated_on = $4, updated_by = $5 WHERE org = $1 AND id = $2`,
		who.Org, id, toJSON(append(changes, change)), tx.now, who.Till)
	if err != nil {
		return 0, err
	}
	return id, tx.auditRow(who, "customer.mergeRequested", "customer", victim, sql.NullString{}, toJSON(map[string]any{"request": id, "survivor": survivor, "asked": change}))
}
