package db

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// SandboxLimits bound what visitors can do with the organizations they are given.
type SandboxLimits struct {
	Lifetime time.Duration // then it is thrown away
	Changes  int           // that one sandbox takes
	Rate     float64       // requests a second of one till
	Burst    int
	Most     int // sandboxes at a time
}

// Sandbox is a visitor's own organization, with the ids of the printed examples. Only here are its passwords in plain text.
type Sandbox struct {
	Till, Password   string
	Till2, Password2 string
	KittensKey       string
	Expires          time.Time
}

var makingSandbox sync.Mutex // one at a time: each hashes two passwords

// AddSandbox creates a sandbox. If there are too many, the fault is Unavailable, with the time until the next one expires.
func (s *Store) AddSandbox(ctx context.Context, limits SandboxLimits) (b Sandbox, err error) {
	name := "sandbox-" + strings.ToLower(rand.Text()[:10])
	b = Sandbox{Till: name[8:] + ".server", Password: rand.Text(), Till2: name[8:] + ".till1", Password2: rand.Text(), KittensKey: rand.Text()}
	makingSandbox.Lock()
	if err := ctx.Err(); err != nil {
		makingSandbox.Unlock()
		return b, unavailable(err)
	}
	hash1, hash2 := HashPassword(md5Hex(b.Password)), HashPassword(md5Hex(b.Password2))
	makingSandbox.Unlock()
	err = s.write(ctx, func(tx *Tx) error {
		var n int
		var first int64
		if err := tx.QueryRow(`SELECT count(*), coalesce(min(expires_on), 0) FROM sandboxes`).Scan(&n, &first); err != nil {
			return err
		}
		if n >= limits.Most {
			return fault.Unavailable.Because(errors.New("as many sandboxes as may be are in use")).After(max(time.Minute, time.UnixMilli(first).Sub(time.UnixMilli(tx.now))))
		}
		o, err := tx.makeFixture(fixture{org: name, server: b.Till, till1: b.Till2, hash1: hash1, hash2: hash2, key: HashKey(b.KittensKey), webhook: HashKey(rand.Text()),
			settings: map[string]string{"rate-limit": fmt.Sprint(limits.Rate), "rate-burst": fmt.Sprint(limits.Burst),
				"ingestion-max-megabytes": "1", "ingestion-max-rows": "1000", "ingestion-files-waiting": "10"}})
		if err != nil {
			return err
		}
		var changes int64 // the fixture's own do not count
		if err := tx.QueryRow(`SELECT last FROM counters WHERE org = $1 AND name = 'audit'`, o.ID).Scan(&changes); err != nil {
			return err
		}
		b.Expires = time.UnixMilli(tx.now).Add(limits.Lifetime)
		_, err = tx.Exec(`INSERT INTO sandboxes (org, expires_on, max_changes) VALUES ($1, $2, $3)`, o.ID, b.Expires.UnixMilli(), changes+int64(limits.Changes))
		return err
	})
	return b, err
}

// tablesOfOrg are the tables with an org, in the order in which rows can be deleted: those that refer to others first.
var tablesOfOrg = []string{
	"webhook_deliveries", "webhook_events", "webhooks",
	"events", "event_webhooks", "event_mappings", "event_definitions",
	"coupon_redemptions", "coupon_codes", "coupons", "coupon_exclusions", "coupon_series",
	"ingestion_rows", "ingestion_jobs",
	"loyalty_queue", "transaction_returns", "transaction_lines", "transactions", "purchases",
	"confirmations", "points_accounts", "points_ledger", "points_batches", "points_redemptions", "points_transfers", "points_earnings", "points_events", "programs",
	"subscriptions", "subscription_log", "customer_statuses",
	"erased_identifiers", "erasure_scrubs", "erasure_keys", "search_terms", "channels", "identifiers", "identifier_log", "merge_requests", "merges", "profiles", "customers", "kittens",
	"api_keys", "clients", "till_lookups", "tills", "stores", "source_accounts", "sources", "org_settings", "audit", "idempotency", "counters", "sandboxes"}

// DropSandboxes deletes expired sandboxes and returns how many. A failure of one does not stop the others.
func (s *Store) DropSandboxes(ctx context.Context) (n int, err error) {
	var over []int64
	err = s.read(ctx, func(tx *Tx) error {
		over, err = column[int64](tx, `SELECT org FROM sandboxes WHERE expires_on <= $1 ORDER BY expires_on LIMIT 1000`, tx.now)
		return err
	})
	errs := []error{err}
	for _, org := range over {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		if err := s.dropOrg(ctx, org); err != nil {
			errs = append(errs, err)
		} else {
			n++
		}
	}
	return n, errors.Join(errs...)
}

// DropSandbox deletes a sandbox before it expires. Forbidden, if the org is not a sandbox.
func (s *Store) DropSandbox(ctx context.Context, org int64) error {
	err := s.read(ctx, func(tx *Tx) error {
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM sandboxes WHERE org = $1`, org).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return fault.Forbidden.New()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.dropOrg(ctx, org)
}

// rowsOfStep are deleted in one transaction, so that other writes need not wait long.
const rowsOfStep = 5000

// dropOrg ends a sandbox. What failed of its files is not counted as changes, and goes in steps, after its jobs were ended; the
// number of changes that it takes bounds all else, which goes in one turn.
func (s *Store) dropOrg(ctx context.Context, org int64) error {
	for more, first := true, true; more; first = false {
		err := s.write(ctx, func(tx *Tx) error {
			if first {
				if _, err := tx.Exec(`UPDATE sandboxes SET expires_on = min(expires_on, $2) WHERE org = $1`, org, tx.now); err != nil {
					return err
				}
				if _, err := tx.Exec(`UPDATE ingestion_jobs SET status = $2, finished_on = $3, file = '' WHERE org = $1 AND finished_on IS NULL`, org, JobCancelled, tx.now); err != nil {
					return err
				}
			}
			res, err := tx.Exec(`DELETE FROM ingestion_rows WHERE org = $1 AND (job, row) IN (SELECT job, row FROM ingestion_rows WHERE org = $1 LIMIT $2)`, org, rowsOfStep)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			more = n == rowsOfStep
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.write(ctx, func(tx *Tx) error { return tx.dropOrg(org) }); err != nil {
		return err
	}
	files, err := filepath.Glob(s.path + ".uploads/" + fmt.Sprint(org) + "-*")
	errs := []error{err}
	for _, f := range files {
		if err := os.Remove(f); !errors.Is(err, os.ErrNotExist) { // whoever worked on it may have been faster
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (tx *Tx) dropOrg(org int64) error {
	// Victims refer to survivors in the same table.
	if _, err := tx.Exec(`UPDATE customers SET merged_into = NULL, merged_on = NULL WHERE org = $1 AND merged_into IS NOT NULL`, org); err != nil {
		return err
	}
	for _, table := range tablesOfOrg {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE org = $1`, org); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	if _, err := tx.Exec(`DELETE FROM orgs WHERE id = $1`, org); err != nil {
		return err
	}
	return tx.changed()
}

// orgToChange is org, for a change: a sandbox that has taken as many as it may takes no more.
func (tx *Tx) orgToChange(id int64) (*orgConfig, error) {
	o, err := tx.org(id)
	if err != nil || o.maxChanges == 0 {
		return o, err
	}
	var changes int64
	if err := tx.QueryRow(`SELECT last FROM counters WHERE org = $1 AND name = 'audit'`, id).Scan(&changes); err != nil {
		return o, err
	}
	if changes >= o.maxChanges {
		return o, fault.SandboxFull.New()
	}
	return o, nil
}

// Rows counts the rows of every table, for whoever wants to see that nothing was left or lost.
func (s *Store) Rows(ctx context.Context) (rows map[string]int64, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		tables, err := column[string](tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
		if err != nil {
			return err
		}
		rows = map[string]int64{}
		for _, t := range tables {
			var n int64
			if err := tx.QueryRow(`SELECT count(*) FROM ` + t).Scan(&n); err != nil {
				return err
			}
			rows[t] = n
		}
		return nil
	})
	return rows, err
}
