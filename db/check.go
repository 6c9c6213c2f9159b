package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/arteriole/arteriole/fault"
)

// SQLiteVersion is the version of SQLite that is compiled in.
func SQLiteVersion() string { return sqlite3.SQLITE_VERSION }

// CheckReport hears what Check does while it does it.
type CheckReport struct {
	Begin    func(what string)
	Progress func(done, total int64)
	Problem  func(text string)                                // at most maxProblems for each thing checked; no identifier or name stands in it
	End      func(what string, n int64, of string, bad int64) // n things were looked at, bad problems found
}

// maxProblems is how many problems of a kind are told one by one.
const maxProblems = 100

// snapshot opens a database that is up to date to be read, as it is at one moment, beside a running server. done ends it.
func snapshot(ctx context.Context, path string) (tx *Tx, done func(), err error) {
	if err := Exists(path); err != nil {
		return nil, nil, err
	}
	cn, end, err := openConn(ctx, path, "busy_timeout(10000)", "query_only(1)", "cache_size(-16000)")
	if err != nil {
		return nil, nil, explain(path, err)
	}
	version, err := userVersion(ctx, cn)
	if want := len(Migrations()); err == nil && version != want {
		end()
		return nil, nil, Refusal(fmt.Sprintf("%s has schema %d, but this program has schema %d: see `arteriole migrate status`", path, version, want))
	}
	if err == nil {
		_, err = cn.exec(ctx, `BEGIN`)
	}
	if err != nil {
		end()
		return nil, nil, explain(path, err)
	}
	return &Tx{ctx: ctx, c: cn, s: &Store{path: path}}, func() {
		cn.exec(context.Background(), `ROLLBACK`)
		end()
	}, nil
}

// Check looks at the whole database, as it is at one moment, without changing it: the file, and the rules that rows keep
// among each other. It works beside a running server. An error says that it could not look, not that it found problems.
func Check(ctx context.Context, path string, report CheckReport) (problems int64, err error) {
	tx, done, err := snapshot(ctx, path)
	if err != nil {
		return 0, err
	}
	defer done()
	c := &checker{tx: tx, report: report}
	if err := c.run("integrity of the file", "pages", (*checker).integrity); err != nil || c.problems > 0 {
		return c.problems, err // rows of a damaged file say nothing
	}
	for _, check := range checks {
		if err := c.run(check.what, check.of, check.look); err != nil {
			return c.problems, err
		}
	}
	return c.problems, nil
}

// checks are the rules of the store that a constraint of the schema cannot hold alone.
var checks = []struct {
	what, of string
	look     func(*checker) (n int64, err error)
}{
	{"foreign keys", "tables", (*checker).foreignKeys},
	{"settings of orgs can be read", "orgs", (*checker).settings},
	{"passwords of tills can be checked", "tills", (*checker).passwords},
	{"keys that sign tokens can be read", "signing keys", (*checker).signingKeys},
	{"counters are up to date", "counters", (*checker).counters},
	{"no row is newer than the clock mark", "customers", (*checker).times},
	{"customers have a profile", "customers", (*checker).haveProfiles},
	{"merged customers point at a survivor", "merged customers", (*checker).victims},
	{"erased customers are gone", "erased customers", (*checker).erased},
	{"identifiers belong to a customer", "identifiers", (*checker).identifiers},
	{"profiles can be read", "profiles", (*checker).profiles},
	{"programs can be read", "versions", (*checker).programs},
	{"ledgers of points add up", "ledger rows", (*checker).ledgers},
	{"responses kept for repeats can be read", "answers", (*checker).answers},
	{"the audit trail can be read", "audit rows", (*checker).audit},
	{"returns match their sales", "returns", (*checker).returns},
	{"purchases match the bills", "bills", (*checker).purchases},
	{"no points of bills were given up", "waiting bills", (*checker).loyaltyQueue},
	{"coupon counts are correct", "coupons", (*checker).coupons},
	{"search index matches the profiles", "search terms", (*checker).searchTerms},
}

type checker struct {
	tx       *Tx
	report   CheckReport
	problems int64 // of all checks
	bad      int64 // of the running one
}

func (c *checker) run(what, of string, look func(*checker) (int64, error)) error {
	c.report.Begin(what)
	c.bad = 0
	n, err := look(c)
	switch code(err) {
	case codeCorrupt, codeNotADB:
		c.problem("%v", err)
		err = nil
	}
	if err != nil {
		return fmt.Errorf("the check stopped at %q: %w", what, err)
	}
	if c.bad > maxProblems {
		c.report.Problem(fmt.Sprintf("… and %d more", c.bad-maxProblems))
	}
	c.problems += c.bad
	c.report.End(what, n, of, c.bad)
	return nil
}

func (c *checker) problem(format string, args ...any) {
	if c.bad++; c.bad <= maxProblems {
		c.report.Problem(fmt.Sprintf(format, args...))
	}
}

func (c *checker) count(query string, args ...any) (n int64, err error) {
	err = c.tx.QueryRow(query, args...).Scan(&n)
	return n, err
}

// each tells a problem for each row of an org, an id and a text.
func (c *checker) each(query string, format string, args ...any) error {
	return c.tx.Each(func(scan func(...any) error) error {
		var org, id int64
		var text string
		if err := scan(&org, &id, &text); err != nil {
			return err
		}
		c.problem(format, org, id, text)
		return nil
	}, query, args...)
}

func (c *checker) integrity() (int64, error) {
	err := c.tx.Each(func(scan func(...any) error) error {
		var line string
		err := scan(&line)
		if err == nil && line != "ok" {
			c.problem("%s", line)
		}
		return err
	}, `PRAGMA integrity_check(100)`)
	if err != nil || c.bad > 0 {
		return 0, err
	}
	return c.count(`PRAGMA page_count`)
}

func (c *checker) foreignKeys() (int64, error) {
	err := c.tx.Each(func(scan func(...any) error) error {
		var table, parent string
		var rowid, key any
		if err := scan(&table, &rowid, &parent, &key); err != nil {
			return err
		}
		c.problem("a row of %s points at a row of %s that is not there", table, parent)
		return nil
	}, `PRAGMA foreign_key_check`)
	if err != nil {
		return 0, err
	}
	return c.count(`SELECT count(*) FROM sqlite_schema WHERE type = 'table'`)
}

func (c *checker) orgs() ([]int64, error) {
	return column[int64](c.tx, `SELECT id FROM orgs ORDER BY id`)
}

func (c *checker) settings() (int64, error) {
	orgs, err := c.orgs()
	if err != nil {
		return 0, err
	}
	for _, org := range orgs {
		values, err := c.tx.settings(org)
		if err != nil {
			return 0, err
		}
		if err := errors.Join(knownSettings(values), settingsError(values)); err != nil {
			c.problem("org %d: %v", org, err)
		}
	}
	return int64(len(orgs)), nil
}

func settingsError(values map[string]string) error {
	_, err := parseSettings(values)
	return err
}

func (c *checker) passwords() (n int64, err error) {
	err = c.tx.Each(func(scan func(...any) error) error {
		var org, id int64
		var phc string
		if err := scan(&org, &id, &phc); err != nil {
			return err
		}
		n++
		if _, ok := parsePasswordHash(phc); !ok {
			c.problem("org %d: till %d has a password that nothing can match: give it a new one with `arteriole till password`", org, id)
		}
		return nil
	}, `SELECT org, id, password FROM tills`)
	return n, err
}

func (c *checker) signingKeys() (n int64, err error) {
	err = c.tx.Each(func(scan func(...any) error) error {
		var id int64
		var text string
		if err := scan(&id, &text); err != nil {
			return err
		}
		n++
		if _, err := parseSigningKey(text); err != nil {
			c.problem("signing key %d cannot be read: `arteriole client rotate-keys --end-tokens` makes another", id)
		}
		return nil
	}, `SELECT id, private FROM signing_keys`)
	return n, err
}

// counters: an id that was given out must never be given again.
func (c *checker) counters() (int64, error) {
	orgs, err := c.orgs()
	if err != nil {
		return 0, err
	}
	// The names of counters are those of their tables.
	const each = `SELECT (SELECT last FROM counters WHERE org = $1 AND name = '%[1]s'), (SELECT max(id) FROM %[1]s WHERE org = $1)`
	compare := func(org int64, name, query string, args ...any) error {
		var last, most *int64
		if err := c.tx.QueryRow(query, args...).Scan(&last, &most); err != nil {
			return err
		}
		if most != nil && (last == nil || *last < *most) {
			c.problem("org %d: the counter of %s is behind id %d", org, name, *most)
		}
		return nil
	}
	if err := compare(0, "orgs", `SELECT (SELECT last FROM counters WHERE org = 0 AND name = 'orgs'), (SELECT max(id) FROM orgs)`); err != nil {
		return 0, err
	}
	for _, org := range orgs {
		for _, table := range countedTables {
			if err := compare(org, table, fmt.Sprintf(each, table), org); err != nil {
				return 0, err
			}
		}
	}
	return c.count(`SELECT count(*) FROM counters`)
}

var countedTables = []string{"stores", "tills", "api_keys", "clients", "audit", "customers", "identifier_log", "merges", "merge_requests",
	"points_events", "points_batches", "points_transfers", "transactions", "transaction_lines", "source_accounts", "coupon_series", "coupons", "coupon_redemptions",
	"event_definitions", "event_webhooks", "events"}

func (c *checker) times() (int64, error) {
	last, err := c.count(`SELECT last_ms FROM meta WHERE id = 1`)
	if err != nil {
		return 0, err
	}
	err = c.each(`SELECT org, id, '' FROM customers WHERE modified_on > $1 OR created_on > $1`,
		"org %d: customer %d is younger than the youngest write that is on record%s", last)
	if err != nil {
		return 0, err
	}
	if ahead := time.Until(time.UnixMilli(last)); ahead > time.Minute {
		c.problem("the youngest write is %s in the future: set the clock of this machine", ahead.Round(time.Second))
	}
	return c.count(`SELECT count(*) FROM customers`)
}

func (c *checker) haveProfiles() (int64, error) {
	err := c.each(`SELECT c.org, c.id, '' FROM customers c WHERE c.merged_into IS NULL AND c.erased_on IS NULL AND NOT EXISTS
		(SELECT 1 FROM profiles p WHERE p.org = c.org AND p.customer = c.id)`, "org %d: customer %d has no profile%s")
	if err != nil {
		return 0, err
	}
	return c.count(`SELECT count(*) FROM customers WHERE merged_into IS NULL`)
}

func (c *checker) victims() (int64, error) {
	for _, q := range []struct{ query, format string }{
		{`SELECT v.org, v.id, v.merged_into FROM customers v LEFT JOIN customers s ON s.org = v.org AND s.id = v.merged_into
			WHERE v.merged_into IS NOT NULL AND s.id IS NULL`, "org %d: customer %d is merged into %s, who is not there"},
		{`SELECT v.org, v.id, v.merged_into FROM customers v JOIN customers s ON s.org = v.org AND s.id = v.merged_into
			WHERE s.merged_into IS NOT NULL`, "org %d: customer %d is merged into %s, who is merged as well"},
		{`SELECT v.org, v.id, p.source FROM customers v JOIN profiles p ON p.org = v.org AND p.customer = v.id
			WHERE v.merged_into IS NOT NULL`, "org %d: customer %d is merged and still has a profile in %s"},
	} {
		if err := c.each(q.query, q.format); err != nil {
			return 0, err
		}
	}
	return c.count(`SELECT count(*) FROM customers WHERE merged_into IS NOT NULL`)
}

func (c *checker) erased() (int64, error) {
	for _, q := range []struct{ query, format string }{
		{`SELECT e.org, e.id, p.source FROM customers e JOIN profiles p ON p.org = e.org AND p.customer = e.id WHERE e.erased_on IS NOT NULL`,
			"org %d: customer %d was erased and still has a profile in %s"},
		{`SELECT e.org, e.id, v.id FROM customers e JOIN customers v ON v.org = e.org AND v.merged_into = e.id
			WHERE e.erased_on IS NOT NULL AND v.erased_on IS NULL`, "org %d: customer %d was erased, but not %s, who was merged into them"},
	} {
		if err := c.each(q.query, q.format); err != nil {
			return 0, err
		}
	}
	return c.count(`SELECT count(*) FROM customers WHERE erased_on IS NOT NULL`)
}

func (c *checker) identifiers() (int64, error) {
	for _, q := range []struct{ query, format string }{
		{`SELECT i.org, i.customer, i.type || ' in ' || i.source FROM identifiers i LEFT JOIN customers c ON c.org = i.org AND c.id = i.customer
			WHERE c.id IS NULL`, "org %d: customer %d is not there and has an identifier: %s"},
		{`SELECT i.org, i.customer, i.type || ' in ' || i.source FROM identifiers i JOIN customers c ON c.org = i.org AND c.id = i.customer
			WHERE c.merged_into IS NOT NULL`, "org %d: customer %d is merged and still has an identifier: %s"},
		{`SELECT i.org, i.customer, i.type || ' in ' || i.source FROM identifiers i WHERE NOT EXISTS
			(SELECT 1 FROM profiles p WHERE p.org = i.org AND p.customer = i.customer AND p.source = i.source AND p.account = i.account)`,
			"org %d: customer %d has an identifier without a profile: %s"},
	} {
		if err := c.each(q.query, q.format); err != nil {
			return 0, err
		}
	}
	return c.count(`SELECT count(*) FROM identifiers`)
}

func (c *checker) profiles() (n int64, err error) {
	err = c.tx.Each(func(scan func(...any) error) error {
		var org, customer int64
		var at Place
		var fields, conflicts string
		if err := scan(&org, &customer, &at.Source, &at.Account, &fields, &conflicts); err != nil {
			return err
		}
		n++
		if src, ok := ParseSource(at.Source); !ok || src.Name != at.Source || src.Accounts != (at.Account != "") {
			c.problem("org %d: customer %d has a profile in a place that there is not: %s", org, customer, at)
		}
		if json.Unmarshal([]byte(fields), new(map[string]string)) != nil || json.Unmarshal([]byte(conflicts), new([]int64)) != nil {
			c.problem("org %d: customer %d has fields that cannot be read in %s", org, customer, at)
		}
		return nil
	}, `SELECT org, customer, source, account, fields, conflicts FROM profiles`)
	return n, err
}

func (c *checker) audit() (n int64, err error) {
	err = c.tx.Each(func(scan func(...any) error) error {
		var org, id int64
		var before, after sql.NullString
		if err := scan(&org, &id, &before, &after); err != nil {
			return err
		}
		n++
		if _, err := Changes(before, after); err != nil {
			c.problem("org %d: audit row %d cannot be read", org, id)
		}
		return nil
	}, `SELECT org, id, before, after FROM audit`)
	return n, err
}

func (c *checker) answers() (n int64, err error) {
	err = c.tx.Each(func(scan func(...any) error) error {
		var org int64
		var path, answer string
		var failed bool
		if err := scan(&org, &path, &failed, &answer); err != nil {
			return err
		}
		n++
		if !json.Valid([]byte(answer)) || failed && json.Unmarshal([]byte(answer), new(fault.Fault)) != nil {
			c.problem("org %d: an answer of %s that was kept for repeats cannot be read", org, path)
		}
		return nil
	}, `SELECT org, path, failed, answer FROM idempotency`)
	return n, err
}

// String names a place for people: WECHAT, or WECHAT/22232.
func (p Place) String() string {
	if p.Account == "" {
		return p.Source
	}
	return p.Source + "/" + p.Account
}
