package db

import (
	"database/sql"
	"errors"
	"fmt"
)

// The ledger of points. All writes to it go through openWallet (which settles what has expired) and post.

// account is the state of a customer's points. balance includes points that have expired but are not written off yet.
type account struct {
	org, customer                                   int64
	seq, balance                                    int64
	lifetime, redeemed, expired, returned, adjusted int64
}

// tierPoints are the points that count for a tier: those earned and not taken back by returns (our rule 61).
func (a *account) tierPoints() int64 { return max(0, a.lifetime-a.returned) }

// room is how many more points a customer can hold.
func (a *account) room() int64 { return maxPoints - max(a.balance, a.lifetime) }

// readAccount reads the state of a customer's points. A customer without points has an empty account.
func (tx *Tx) readAccount(org, customer int64) (*account, error) {
	a := &account{org: org, customer: customer}
	var seq sql.NullInt64
	err := tx.QueryRow(`SELECT seq, balance, lifetime, redeemed, expired, returned, adjusted FROM points_accounts WHERE org = $1 AND customer = $2`, org, customer).
		Scan(&seq, &a.balance, &a.lifetime, &a.redeemed, &a.expired, &a.returned, &a.adjusted)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	a.seq = seq.Int64
	return a, err
}

// batches reads a customer's batches that hold points and expire until a time, including expired ones not written off yet, in the
// order in which they are spent.
func (tx *Tx) batches(org, customer, until int64) (bs []batch, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		b := batch{customer: customer}
		var bill sql.NullInt64
		err := scan(&b.id, &b.awarded, &b.expires, &b.points, &b.remaining, &bill)
		b.bill = bill.Int64
		bs = append(bs, b)
		return err
	}, `SELECT id, awarded_on, expires_on, points, remaining, bill FROM points_batches
		WHERE org = $1 AND customer = $2 AND remaining > 0 AND expires_on <= $3 ORDER BY expires_on, awarded_on, id`, org, customer, until)
	return bs, err
}

// wallet is an account with its live batches.
type wallet struct {
	*account
	batches []batch
}

// openWallet reads a customer's points for a change, after writing off what has expired.
func (tx *Tx) openWallet(org, customer int64) (wallet, error) {
	return tx.openUntil(org, customer, never)
}

// openToAdd is openWallet for a batch more: those that live on are not read, as there may be as many as bills.
func (tx *Tx) openToAdd(org, customer int64) (wallet, error) {
	return tx.openUntil(org, customer, tx.now)
}

func (tx *Tx) openUntil(org, customer, until int64) (w wallet, err error) {
	if w.account, err = tx.readAccount(org, customer); err != nil {
		return w, err
	}
	if w.batches, err = tx.batches(org, customer, until); err != nil {
		return w, err
	}
	return w, tx.writeOff(&w)
}

// writeOff removes expired points from the ledger, dated at the moments at which they expired. Nothing was written in between,
// since every write writes off first.
func (tx *Tx) writeOff(w *wallet) error {
	parts := expiring(w.batches, tx.now)
	for len(parts) > 0 {
		at, n := w.batch(parts[0].batch).expires, 1
		for n < len(parts) && w.batch(parts[n].batch).expires == at {
			n++
		}
		then := *tx
		then.now = at
		e, err := then.pointsEvent(Who{Org: w.org}, event{customer: w.customer, kind: "EXPIRE"})
		if err != nil {
			return err
		}
		if err := tx.post(w, e, "EXPIRE", parts[:n]); err != nil {
			return err
		}
		parts = parts[n:]
	}
	return nil
}

// writeOffNow is writeOff for points that had already expired when they came.
func (tx *Tx) writeOffNow(who Who, w *wallet) (expired int64, err error) {
	parts := expiring(w.batches, tx.now)
	if len(parts) == 0 {
		return 0, nil
	}
	e, err := tx.pointsEvent(who, event{customer: w.customer, kind: "EXPIRE"})
	if err != nil {
		return 0, err
	}
	for _, p := range parts {
		expired -= p.points
	}
	return expired, tx.post(w, e, "EXPIRE", parts)
}

func (w *wallet) batch(id int64) *batch {
	for i := range w.batches {
		if w.batches[i].id == id {
			return &w.batches[i]
		}
	}
	return nil
}

// event is what is kept of something that happened to points, beside the ledger's rows.
type event struct {
	customer                    int64
	kind                        string
	bill, sale, transfer, other int64 // 0 for none
	redemption                  string
	note                        string
}

func (tx *Tx) pointsEvent(who Who, e event) (id int64, err error) {
	if id, err = tx.next(who.Org, "points_events", 1); err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO points_events (org, id, customer, at, kind, bill, sale, redemption, transfer, other, note, till, request)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		who.Org, id, e.customer, tx.now, e.kind, orNull(e.bill), orNull(e.sale), sql.NullString{String: e.redemption, Valid: e.redemption != ""},
		orNull(e.transfer), orNull(e.other), e.note, who.Till, who.RequestID)
	return id, err
}

// addBatch adds a batch to the wallet, to be filled by post.
func (tx *Tx) addBatch(w *wallet, event int64, b batch) (move, error) {
	id, err := tx.next(w.org, "points_batches", 1)
	if err != nil {
		return move{}, err
	}
	_, err = tx.Exec(`INSERT INTO points_batches (org, id, customer, event, awarded_on, expires_on, points, remaining, bill) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`,
		w.org, id, w.customer, event, b.awarded, b.expires, b.points, orNull(b.bill))
	p := move{id, b.points}
	b.id, b.customer, b.remaining = id, w.customer, 0
	w.batches = append(w.batches, b)
	return p, err
}

// post writes what an event does to the batches of a wallet. The account moves with the ledger; the schema refuses rows that do
// not add up, and negative balances.
func (tx *Tx) post(w *wallet, event int64, kind string, parts []move) error {
	var sum int64
	for _, p := range parts {
		previous, opening := orNull(w.seq), w.balance
		w.seq++
		w.balance += p.points
		sum += p.points
		var expired int64
		if kind == "EXPIRE" {
			expired = -p.points
		}
		r, err := tx.Exec(`UPDATE points_batches SET remaining = remaining + $4, expired = expired + $5 WHERE org = $1 AND customer = $2 AND id = $3`,
			w.org, w.customer, p.batch, p.points, expired)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("batch %d is not one of customer %d", p.batch, w.customer))
		}
		_, err = tx.Exec(`INSERT INTO points_ledger (org, customer, seq, previous, opening, points, balance, event, batch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			w.org, w.customer, w.seq, previous, opening, p.points, w.balance, event, p.batch)
		if err != nil {
			return err
		}
		if b := w.batch(p.batch); b != nil {
			b.remaining += p.points
		}
	}
	switch kind {
	case "EARN":
		w.lifetime += sum
	case "RETURN":
		w.returned -= sum
	case "REDEEM", "REVERSE":
		w.redeemed -= sum
	case "EXPIRE":
		w.expired -= sum
	case "ADJUST", "TRANSFER_OUT", "TRANSFER_IN":
		w.adjusted += sum
	case "MERGE_OUT", "MERGE_IN":
		return nil // what the account has seen moves as a whole, and movePoints stores it
	default:
		return fmt.Errorf("no kind of event: %s", kind)
	}
	return tx.storeAccount(w.account)
}

func (tx *Tx) storeAccount(a *account) error {
	_, err := tx.Exec(`INSERT INTO points_accounts (org, customer, seq, balance, lifetime, redeemed, expired, returned, adjusted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (org, customer) DO UPDATE SET seq = excluded.seq, balance = excluded.balance, lifetime = excluded.lifetime, redeemed = excluded.redeemed,
			expired = excluded.expired, returned = excluded.returned, adjusted = excluded.adjusted`,
		a.org, a.customer, orNull(a.seq), a.balance, a.lifetime, a.redeemed, a.expired, a.returned, a.adjusted)
	return err
}
