package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// ErrLocked means that another server has the database open.
var ErrLocked = errors.New("a server is already running")

// Migration is one step of the schema. Version counts from 1 and is kept in the file's user_version.
type Migration struct {
	Version int
	Name    string
	sql     string
}

// Migrations in the order they are applied.
func Migrations() []Migration {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	ms := make([]Migration, len(names))
	for i, n := range names { // Glob sorts
		b, err := migrationFiles.ReadFile(n)
		if err != nil {
			panic(err)
		}
		number, name, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(n, "migrations/"), ".sql"), "_")
		if v, err := strconv.Atoi(number); err != nil || v != i+1 {
			panic("migrations are numbered from 1 without a gap: " + n)
		}
		ms[i] = Migration{i + 1, name, string(b)}
	}
	return ms
}

// SchemaVersion reads the version of the schema in the file at path, without changing it. A file that does not
// exist is version 0.
func SchemaVersion(ctx context.Context, path string) (int, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err := (&Store{}).checkFile(path); err != nil {
		return 0, err
	}
	d := open(path, "busy_timeout(10000)", "query_only(1)")
	defer d.Close()
	c, err := newConn(ctx, d)
	if err != nil {
		return 0, explain(path, err)
	}
	v, err := userVersion(ctx, c)
	if err != nil {
		return 0, explain(path, err)
	}
	return v, nil
}

func userVersion(ctx context.Context, c *conn) (v int, err error) {
	err = c.queryRow(ctx, `PRAGMA user_version`).Scan(&v)
	return v, err
}

// migrate brings the schema up to date. Each step commits together with its number, so an interrupted migration continues at the
// next start. An existing database is backed up first, and no server may be using it.
func (s *Store) migrate(ctx context.Context, c *conn, o Options) (err error) {
	all := Migrations()
	have, err := userVersion(ctx, c)
	if err != nil {
		return explain(s.path, err)
	}
	if have == len(all) {
		// A kill may have come between the last step and its end.
		var settled bool
		if err := c.queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1')`).Scan(&settled); err != nil {
			return explain(s.path, err)
		}
		if !settled {
			return s.settle(ctx, c)
		}
		return nil
	}
	if have > len(all) {
		return fmt.Errorf("%s has schema %d, but this program only supports up to %d: use the newer version", s.path, have, len(all))
	}
	if !o.Serve {
		lock, err := lockFile(s.path)
		if err != nil {
			return fmt.Errorf("the database needs a migration from schema %d to %d: %w", have, len(all), err)
		}
		defer lock.Close()
	}
	tell := o.Progress
	if tell == nil {
		tell = func(string) {}
	}
	if have > 0 {
		to := fmt.Sprintf("%s.before-%d-%s", s.path, all[have].Version, s.clock().UTC().Format("20060102T150405"))
		tell(fmt.Sprintf("backing up to %s before the migration", to))
		if _, err := Backup(ctx, s.path, to, nil); err != nil {
			return fmt.Errorf("the migration was not started, as its backup failed: %w", err)
		}
	}
	defer func() {
		if err == nil {
			err = s.settle(ctx, c)
		}
	}()
	for _, m := range all[have:] {
		start := time.Now()
		if err := apply(ctx, c, m); err != nil {
			return fmt.Errorf("migration %d (%s) failed and changed nothing: %w", m.Version, m.Name, err)
		}
		if have > 0 {
			tell(fmt.Sprintf("migration %d (%s) done in %s", m.Version, m.Name, time.Since(start).Round(time.Millisecond)))
		}
	}
	return nil
}

func apply(ctx context.Context, c *conn, m Migration) (err error) {
	// Two commands may find the same empty file: the second waits here, and then has nothing to do.
	if _, err := c.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			c.exec(context.Background(), `ROLLBACK`)
		}
	}()
	have, err := userVersion(ctx, c)
	if err != nil || have >= m.Version {
		c.exec(ctx, `ROLLBACK`)
		return err
	}
	script := m.sql + fmt.Sprintf("\nPRAGMA user_version = %d;\nPRAGMA application_id = %d;", m.Version, applicationID)
	if _, err := c.c.ExecContext(ctx, script); err != nil {
		return err
	}
	_, err = c.exec(ctx, `COMMIT`)
	return err
}

// statistics describe an org of a million customers to SQLite's planner. Without them it takes the first column of a primary key,
// the org, for selective, and scans the whole org where an index leads to one customer. They are fixed, so that plans do not
// change with the data. Each text is the number of rows, then the rows per value of each prefix of the index's columns.
var statistics = [][3]string{
	{"customers", "customers", "1000000 1000000 1"},
	{"customers", "customers_merged_into", "10000 10000 1 1"},
	{"profiles", "profiles", "1500000 1500000 2 1 1"},
	{"profiles", "profiles_account", "500000 500000 100000 100000"},
	{"identifiers", "identifiers", "2000000 2000000 600000 2 1 1"},
	{"identifiers", "identifiers_of", "2000000 2000000 2 2 2"},
	{"channels", "channels", "1500000 1500000 2 2 2 1 1"},
	{"search_terms", "search_terms", "5000000 5000000 3 1 1 1 1"},
	{"search_terms", "search_terms_account", "1000000 1000000 300000 3 1"},
	{"identifier_log", "identifier_log", "1000000 1000000 1"},
	{"identifier_log", "identifier_log_of", "1000000 1000000 2 1"},
	{"subscriptions", "subscriptions", "1000000 1000000 4 4 4 2 1"},
	{"subscription_log", "subscription_log", "1000000 1000000 1"},
	{"subscription_log", "subscription_log_of", "1000000 1000000 4 1"},
	{"customer_statuses", "customer_statuses", "100000 100000 1"},
	{"customer_statuses", "customer_statuses_of", "100000 100000 2 1"},
	{"merges", "merges", "10000 10000 1"},
	{"merges", "merges_recent", "10000 10000 1 1"},
	{"merges", "merges_victim", "10000 10000 1 1"},
	{"merges", "merges_survivor", "10000 10000 1 1"},
	{"merges", "merges_kept", "10000 10"},
	{"merge_requests", "merge_requests", "10000 10000 1"},
	{"merge_requests", "merge_requests_survivor", "10000 10000 2 1"},
	{"merge_requests", "merge_requests_pending", "10000 10000 1 1"},
	{"ingestion_jobs", "ingestion_jobs", "1000 100 1"},
	{"ingestion_jobs", "ingestion_jobs_reference", "1000 100 1"},
	{"ingestion_jobs", "ingestion_jobs_waiting", "10 5 2 1"},
	{"ingestion_jobs", "ingestion_jobs_ended", "1000 100 1 1"},
	{"ingestion_jobs", "ingestion_jobs_files", "50 10 1"},
	{"ingestion_rows", "ingestion_rows", "2000000 200000 2000 1"},
	{"ingestion_rows", "ingestion_rows_outcome", "2000000 200000 2000 700 1"},
	{"merge_requests", "merge_requests_by", "10000 10000 1 1"},
	{"merge_requests", "merge_requests_into", "10000 10000 1 1"},
	{"merge_requests", "merge_requests_status", "10000 10000 3000 1"},
	{"audit", "audit", "3000000 3000000 1"},
	{"audit", "audit_of", "3000000 3000000 1000000 3 1"},
	{"audit", "audit_generated", "100000 100000 1 1"},
	{"erased_identifiers", "erased_identifiers", "10000 10000 1"},
	{"clients", "clients", "100 10 1"},
	{"kittens", "kittens", "7 7 1"},
	{"coupon_series", "coupon_series", "1000 1000 1"},
	{"coupon_series", "coupon_series_code", "1000 1000 1"},
	{"coupon_exclusions", "coupon_exclusions", "1000 1000 3 1"},
	{"coupons", "coupons", "3000000 3000000 1"},
	{"coupons", "sqlite_autoindex_coupons_2", "3000000 3000000 1"},
	{"coupons", "coupons_of", "3000000 3000000 3 2 1"},
	{"coupon_redemptions", "coupon_redemptions", "2000000 2000000 1"},
	{"coupon_redemptions", "coupon_redemptions_coupon", "2000000 2000000 2 1"},
	{"coupon_redemptions", "coupon_redemptions_by", "2000000 2000000 3 1"},
	{"coupon_redemptions", "coupon_redemptions_of", "2000000 2000000 3 2 1"},
	{"event_definitions", "event_definitions", "100 100 1"},
	{"event_definitions", "sqlite_autoindex_event_definitions_2", "100 100 1"},
	{"event_webhooks", "event_webhooks", "100 10 1"},
	{"event_webhooks", "event_webhooks_live", "100 1 1"},
	{"events", "events", "3000000 3000000 1"},
	{"events", "events_id", "3000000 3000000 1 1"},
	{"events", "events_once", "3000000 3000000 1"},
	{"events", "events_unique", "2000000 2000000 7 3 1"},
	{"events", "events_of", "3000000 3000000 10 1"},
	{"programs", "programs", "10 10 1"},
	{"points_events", "points_events", "5000000 5000000 1"},
	{"points_events", "points_events_of", "5000000 5000000 10 1"},
	{"points_events", "points_events_redemption", "500000 500000 1"},
	{"points_batches", "points_batches", "4000000 4000000 1"},
	{"points_batches", "points_batches_live", "2000000 2000000 5 2 1 1"},
	{"points_batches", "points_batches_due", "2000000 2000000 4000"},
	{"points_batches", "points_batches_bill", "4000000 4000000 1"},
	{"points_ledger", "points_ledger", "6000000 6000000 12 1"},
	{"points_ledger", "sqlite_autoindex_points_ledger_2", "6000000 6000000 12 1 1"},
	{"points_ledger", "points_ledger_event", "6000000 6000000 1"},
	{"points_accounts", "points_accounts", "500000 500000 1"},
	{"points_earnings", "points_earnings", "4000000 4000000 1"},
	{"points_earnings", "points_earnings_billed", "4000000 4000000 10"},
	{"points_redemptions", "points_redemptions", "500000 500000 1"},
	{"points_redemptions", "points_redemptions_reference", "100000 100000 1"},
	{"points_redemptions", "points_redemptions_of", "500000 500000 5 1"},
	{"points_redemptions", "points_redemptions_till", "500000 500000 50000 1"},
	{"points_transfers", "points_transfers", "50000 50000 1"},
	{"points_transfers", "points_transfers_giver", "50000 50000 2 1"},
	{"points_transfers", "points_transfers_taker", "50000 50000 2 1"},
	{"transactions", "transactions", "1000000 1000000 1"},
	{"transactions", "transactions_of", "1000000 1000000 5 1 1"},
	{"transactions", "transactions_number", "1000000 1000000 2 1 1"},
	{"transaction_lines", "transaction_lines", "5000000 5000000 5 1"},
	{"transaction_returns", "transaction_returns", "50000 50000 1 1"},
	{"transaction_returns", "transaction_returns_by", "50000 50000 1 1"},
	{"purchases", "purchases", "300000 300000 1"},
	{"loyalty_queue", "loyalty_queue", "1000 1000 1"},
	{"loyalty_queue", "loyalty_queue_waiting", "1000 1"},
	{"idempotency", "idempotency", "1000000 1000000 1 1 1"},
	{"idempotency", "idempotency_at", "1000000 1 1 1 1 1"},
}

// settle ends a migration: it writes the planner's statistics, and folds the WAL into the main file. From then on, a missing or
// empty main file beside a WAL is known to be lost, not new.
func (s *Store) settle(ctx context.Context, c *conn) error {
	for _, q := range []string{`ANALYZE sqlite_schema`, `DELETE FROM sqlite_stat1`} {
		if _, err := c.c.ExecContext(ctx, q); err != nil {
			return explain(s.path, err)
		}
	}
	for _, r := range statistics {
		if _, err := c.c.ExecContext(ctx, `INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)`, r[0], r[1], r[2]); err != nil {
			return explain(s.path, err)
		}
	}
	for _, q := range []string{`ANALYZE sqlite_schema`, `PRAGMA wal_checkpoint(TRUNCATE)`} { // the first makes this connection read them
		if _, err := c.c.ExecContext(ctx, q); err != nil {
			return explain(s.path, err)
		}
	}
	return nil
}
