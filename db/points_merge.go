package db

import (
	"encoding/json"

	"github.com/arteriole/arteriole/fault"
)

// pointsPart takes the victim's points off its ledger and puts them on the survivor's, in batches of the same dates, so that
// nothing is lost and nothing counted twice: the ledger is append-only. The victim's ledger, bills and redemptions stay where they are and are
// found through the survivor.
var pointsPart = part{name: "points", merge: mergePoints, undo: undoPoints, erase: erasePoints, export: exportPoints}

type keptPoints struct {
	Event   int64       `json:"event"` // the survivor's: what came after it is younger
	Totals  totals      `json:"totals"`
	Batches []keptBatch `json:"batches"`
}

// totals are what an account has seen.
type totals struct {
	Lifetime int64 `json:"lifetime"`
	Redeemed int64 `json:"redeemed"`
	Expired  int64 `json:"expired"`
	Returned int64 `json:"returned"`
	Adjusted int64 `json:"adjusted"`
}

func (a *account) totals() totals {
	return totals{a.lifetime, a.redeemed, a.expired, a.returned, a.adjusted}
}

func (a *account) add(t totals, sign int64) {
	a.lifetime += sign * t.Lifetime
	a.redeemed += sign * t.Redeemed
	a.expired += sign * t.Expired
	a.returned += sign * t.Returned
	a.adjusted += sign * t.Adjusted
}

func (a *account) negative() bool {
	return min(a.lifetime, a.redeemed, a.expired, a.returned) < 0
}

// keptBatch is a batch of the victim and the one that the survivor got for it.
type keptBatch struct {
	From   int64 `json:"from"`
	To     int64 `json:"to"`
	Points int64 `json:"points"`
}

func mergePoints(tx *Tx, m *merging) (any, error) {
	org := m.who.Org
	victim, err := tx.openWallet(org, m.victim.ID)
	if err != nil {
		return nil, err
	}
	if victim.totals() == (totals{}) {
		return nil, nil
	}
	survivor, err := tx.openWallet(org, m.survivor.ID)
	if err != nil {
		return nil, err
	}
	k := keptPoints{Totals: victim.totals(), Batches: []keptBatch{}}
	out, err := tx.pointsEvent(m.who, event{customer: m.victim.ID, kind: "MERGE_OUT", other: m.survivor.ID})
	if err != nil {
		return nil, err
	}
	if k.Event, err = tx.pointsEvent(m.who, event{customer: m.survivor.ID, kind: "MERGE_IN", other: m.victim.ID}); err != nil {
		return nil, err
	}
	var take, give []move
	for _, b := range victim.batches {
		if b.remaining == 0 {
			continue
		}
		got, err := tx.addBatch(&survivor, k.Event, batch{awarded: b.awarded, expires: b.expires, points: b.remaining, bill: b.bill})
		if err != nil {
			return nil, err
		}
		take, give = append(take, move{b.id, -b.remaining}), append(give, got)
		k.Batches = append(k.Batches, keptBatch{b.id, got.batch, b.remaining})
	}
	return k, tx.movePoints(&victim, &survivor, out, k.Event, take, give, k.Totals)
}

// movePoints writes a merge, or its undoing, into two ledgers.
func (tx *Tx) movePoints(from, to *wallet, out, in int64, take, give []move, t totals) error {
	if err := tx.post(from, out, "MERGE_OUT", take); err != nil {
		return err
	}
	if err := tx.post(to, in, "MERGE_IN", give); err != nil {
		return err
	}
	from.add(t, -1)
	to.add(t, 1)
	if err := tx.storeAccount(from.account); err != nil {
		return err
	}
	return tx.storeAccount(to.account)
}

// undoPoints gives the points back, each into the batch that it came from. Of what has expired since, both know. What the survivor
// has spent cannot be given back, and what was reversed or returned of the victim's since cannot be told apart any more.
func undoPoints(tx *Tx, m *merging, kept []byte) error {
	if kept == nil {
		return nil
	}
	var k keptPoints
	if err := json.Unmarshal(kept, &k); err != nil {
		return err
	}
	org := m.who.Org
	survivor, err := tx.openWallet(org, m.survivor.ID)
	if err != nil {
		return err
	}
	victim, err := tx.openWallet(org, m.victim.ID)
	if err != nil {
		return err
	}
	spent := fault.MergePointsSpent.With("id", m.id)
	var touched bool
	// Those who were merged into the victim before count as the victim; at this point they are still the survivor's.
	err = tx.QueryRow(`WITH RECURSIVE family (id) AS (SELECT $3 UNION SELECT m.victim FROM merges m JOIN family f ON m.survivor = f.id WHERE m.org = $1 AND m.undone_on IS NULL)
		SELECT EXISTS (SELECT 1 FROM points_events e JOIN points_redemptions r ON r.org = e.org AND r.id = e.redemption
			WHERE e.org = $1 AND e.customer = $2 AND e.id > $4 AND e.kind = 'REVERSE' AND r.customer IN (SELECT id FROM family))
		OR EXISTS (SELECT 1 FROM points_events e JOIN points_earnings g ON g.org = e.org AND g.bill = e.sale
			WHERE e.org = $1 AND e.customer = $2 AND e.id > $4 AND e.kind = 'RETURN' AND g.customer IN (SELECT id FROM family))`,
		org, m.survivor.ID, m.victim.ID, k.Event).Scan(&touched)
	if err != nil {
		return err
	}
	if touched {
		return spent
	}
	out, err := tx.pointsEvent(m.who, event{customer: m.survivor.ID, kind: "MERGE_OUT", other: m.victim.ID})
	if err != nil {
		return err
	}
	in, err := tx.pointsEvent(m.who, event{customer: m.victim.ID, kind: "MERGE_IN", other: m.survivor.ID})
	if err != nil {
		return err
	}
	var take, give []move
	for _, b := range k.Batches {
		var remaining, expired int64
		err := tx.QueryRow(`SELECT remaining, expired FROM points_batches WHERE org = $1 AND id = $2`, org, b.To).Scan(&remaining, &expired)
		if err != nil {
			return err
		}
		if remaining+expired < b.Points {
			return spent
		}
		k.Totals.Expired += expired
		if remaining == 0 {
			continue
		}
		take, give = append(take, move{b.To, -remaining}), append(give, move{b.From, remaining})
	}
	if survivor.add(k.Totals, -1); survivor.negative() {
		return spent
	}
	survivor.add(k.Totals, 1)
	return tx.movePoints(&survivor, &victim, out, in, take, give, k.Totals)
}
