package db

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Erasure says what was erased.
type Erasure struct {
	ID  int64     `json:"id"`
	IDs []int64   `json:"ids"` // the customer, and those who were merged into them
	On  time.Time `json:"on"`
}

// EraseCustomer erases what is known of a person: the customer, and everybody merged into them. The ids remain as tombstones, with
// their bills. The file may hold copies in unused space until Rewrite.
func (s *Store) EraseCustomer(ctx context.Context, who Who, id int64) (Erasure, error) {
	var p *person
	out, err := once(ctx, s, who, func(tx *Tx) (e Erasure, err error) {
		p = nil
		e, p, err = tx.eraseCustomer(who, id)
		return e, err
	})
	if err == nil && p != nil {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.erasePatience)
		defer cancel()
		if s.finishErasures(soon, who.Org, *p) != nil { // the erasure itself stands
			select {
			case s.erasures <- struct{}{}:
			default:
			}
		}
	}
	return out, err
}

// erasePatience is how long an erasure waits until the rows of files have been searched; after that, the server completes it
// (FinishErasures).
const erasePatience = 2 * time.Second

// EraseCustomerAndRows is EraseCustomer for a command, which cannot rely on a server to complete it: it returns only when the rows of
// files have been searched.
func (s *Store) EraseCustomerAndRows(ctx context.Context, who Who, id int64) (e Erasure, err error) {
	var p *person
	err = s.write(ctx, func(tx *Tx) (err error) {
		e, p, err = tx.eraseCustomer(who, id)
		return err
	})
	if err != nil {
		return e, err
	}
	return e, s.finishErasures(ctx, who.Org, *p)
}

// erasing is an erasure while it is done.
type erasing struct {
	o        *orgConfig
	who      Who
	customer *Customer // as it was before
	ids      []int64   // the customer, and those who were merged into them
}

// eraseCustomer also gives whom to look for in the rows of files, once this is committed.
func (tx *Tx) eraseCustomer(who Who, id int64) (out Erasure, p *person, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, nil, err
	}
	e := &erasing{o: o, who: who, ids: []int64{id}}
	e.customer, err = tx.customer(o, who.Org, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return out, nil, fault.UpdateCustomerNotFound.With("id", id)
	case err != nil:
		return out, nil, err
	case e.customer.MergedInto != 0:
		return out, nil, fault.MergedCustomer.With("id", id, "survivor", e.customer.MergedInto)
	}
	victims, err := tx.victimsOf(who.Org, id)
	if err != nil {
		return out, nil, err
	}
	e.ids = append(e.ids, victims...)
	sought := personOf(e.customer, e.ids)
	if err := tx.rememberErased(e); err != nil {
		return out, nil, err
	}
	if err := tx.toScrub(who.Org, sought); err != nil {
		return out, nil, err
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i].erase == nil {
			continue
		}
		if err := parts[i].erase(tx, e); err != nil {
			return out, nil, err
		}
	}
	for _, id := range e.ids {
		if err := tx.auditRow(who, "customer.erased", "customer", id, sql.NullString{}, "{}"); err != nil {
			return out, nil, err
		}
	}
	if err := tx.tell(o, who, toldCustomerErased, id, map[string]any{"erasedCustomerIds": e.ids}); err != nil {
		return out, nil, err
	}
	if err := tx.toRewrite(o); err != nil {
		return out, nil, err
	}
	return Erasure{ID: id, IDs: e.ids, On: o.time(tx.now)}, &sought, nil
}

// toRewrite records that the file may hold copies of erased data. Erasures in sandboxes do not count: visitors must not cause
// rewrites.
func (tx *Tx) toRewrite(o *orgConfig) error {
	if o.maxChanges > 0 {
		return nil
	}
	_, err := tx.Exec(`UPDATE meta SET rewrite_since = $1 WHERE id = 1`, tx.now)
	return err
}

// victimsOf are those who were merged into a customer.
func (tx *Tx) victimsOf(org, id int64) ([]int64, error) {
	return column[int64](tx, `SELECT id FROM customers WHERE org = $1 AND merged_into = $2 ORDER BY id`, org, id)
}

// rememberErased keeps hashes of the identifiers, by which a later registration of the same person is recognized. The key is made
// at the org's first erasure and is stored in the same file: the hashes hide who was erased from readers of exports and logs, not
// from somebody who has the file and tries every number.
func (tx *Tx) rememberErased(e *erasing) error {
	o := e.o
	if o.erasureKey == nil {
		key := make([]byte, 32)
		rand.Read(key)
		if _, err := tx.Exec(`INSERT INTO erasure_keys (org, key) VALUES ($1, $2)`, e.who.Org, hex.EncodeToString(key)); err != nil {
			return err
		}
		if err := tx.changed(); err != nil {
			return err
		}
		now, err := tx.org(e.who.Org)
		if err != nil {
			return err
		}
		o = now
	}
	for _, p := range e.customer.placed() {
		_, err := tx.Exec(`INSERT INTO erased_identifiers (org, hash, customer) VALUES ($1, $2, $3) ON CONFLICT (org, hash) DO UPDATE SET customer = excluded.customer`,
			e.who.Org, o.erasedHash(p.Identifier), e.customer.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *orgConfig) erasedHash(id Identifier) string {
	mac := hmac.New(sha256.New, o.erasureKey)
	mac.Write([]byte(id.Type + "\x00" + id.Value))
	return hex.EncodeToString(mac.Sum(nil))
}

// refuseErased refuses to register a person whose data was erased. An identifier that somebody holds now is theirs.
func (tx *Tx) refuseErased(o *orgConfig, org int64, ids []Identifier) error {
	if o.erasureKey == nil {
		return nil
	}
	for _, id := range ids {
		var customer int64
		err := tx.QueryRow(`SELECT customer FROM erased_identifiers WHERE org = $1 AND hash = $2`, org, o.erasedHash(id)).Scan(&customer)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		holders, err := tx.holders(org, []Identifier{id}, 0)
		if err != nil {
			return err
		}
		if len(holders) == 0 {
			return fault.RegisterErased.With("type", id.Type, "id", customer)
		}
	}
	return nil
}
