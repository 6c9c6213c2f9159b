package db

import (
	"context"
	"time"
)

// cleanStep is how many events one transaction deletes.
const cleanStep = 500

// ForgetEvents deletes events older than the number of days that their org has set, and returns how many. A deleted event is no
// longer recognized when it is repeated. It can be interrupted at any time.
func (s *Store) ForgetEvents(ctx context.Context) (n int64, err error) {
	type old struct{ org, before int64 }
	var orgs []old
	err = s.read(ctx, func(tx *Tx) error {
		orgs = nil
		all, err := column[int64](tx, `SELECT id FROM orgs ORDER BY id`)
		if err != nil {
			return err
		}
		for _, id := range all {
			o, err := tx.org(id)
			if err != nil {
				return err
			}
			orgs = append(orgs, old{id, tx.now - int64(o.EventDays)*24*time.Hour.Milliseconds()})
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, o := range orgs {
		for ctx.Err() == nil {
			more, err := s.oldEvents(ctx, o.org, o.before)
			if err != nil {
				return n, err
			}
			if !more {
				break
			}
			var gone int64
			err = s.write(ctx, func(tx *Tx) error {
				r, err := tx.Exec(`DELETE FROM events WHERE org = $1 AND received <= $2 AND id IN (SELECT id FROM events WHERE org = $1 ORDER BY id LIMIT $3)`, o.org, o.before, cleanStep)
				if err != nil {
					return err
				}
				gone, err = r.RowsAffected()
				return err
			})
			if n += gone; err != nil || gone == 0 {
				return n, err
			}
		}
	}
	return n, ctx.Err()
}

// oldEvents looks only at the oldest event: ids and times of receipt increase together.
func (s *Store) oldEvents(ctx context.Context, org, before int64) (more bool, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM (SELECT received FROM events WHERE org = $1 ORDER BY id LIMIT 1) WHERE received <= $2)`, org, before).Scan(&more)
	})
	return more, err
}
