package db

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checkFile runs Check and gives what was checked and what was found, line by line.
func checkLines(t *testing.T, path string) (done, problems []string) {
	t.Helper()
	n, err := Check(context.Background(), path, CheckReport{
		Begin:    func(string) {},
		Progress: func(done, total int64) {},
		Problem:  func(text string) { problems = append(problems, text) },
		End: func(what string, n int64, of string, bad int64) {
			done = append(done, fmt.Sprintf("%s: %d %s, %d bad", what, n, of, bad))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if int(n) != len(problems) {
		t.Errorf("%d problems counted, %d told", n, len(problems))
	}
	return done, problems
}

// damage changes the database as no code of ours would.
func damage(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	d := open(s.path, "busy_timeout(10000)", "foreign_keys(0)")
	defer d.Close()
	for _, q := range statements {
		if _, err := d.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func TestCheckOfASoundDatabase(t *testing.T) {
	t.Parallel()
	s, _ := openDemo(t)
	done, problems := checkLines(t, s.Path())
	if len(problems) > 0 {
		t.Errorf("problems: %q", problems)
	}
	looked := []string{"integrity of the file: ", "foreign keys: "}
	for _, c := range checks[1:] {
		looked = append(looked, c.what+": ")
	}
	for i, line := range done {
		if i >= len(looked) || !strings.HasPrefix(line, looked[i]) || !strings.HasSuffix(line, ", 0 bad") {
			t.Errorf("checked %q, want %q and nothing bad", line, looked[min(i, len(looked)-1)])
		}
	}
	if len(done) != len(looked) {
		t.Errorf("%d things checked, want %d", len(done), len(looked))
	}
	for _, count := range []string{"integrity of the file: 0", ": 0 tables", ": 0 orgs", ": 0 tills", ": 0 counters", ": 0 customers", ": 0 merged", ": 0 identifiers", ": 0 profiles", ": 0 search"} {
		if i := slices.IndexFunc(done, func(line string) bool { return strings.Contains(line, count) }); i >= 0 {
			t.Errorf("nothing was looked at: %q", done[i])
		}
	}
}

// TestCheckFinds breaks each rule by hand: the control of every check.
func TestCheckFinds(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage string
		want   []string
	}{
		{"foreign key", `INSERT INTO source_accounts (org, id, uuid, source, account, name, created_on, modified_on) VALUES (1, 0, '0f8b6c2d4a1e4c7f9b3a5d6e7f801234', 'LINE', 'x', 'x', 0, 0)`,
			[]string{"a row of source_accounts points at a row of sources that is not there"}},
		{"setting that means nothing", `INSERT INTO org_settings (org, key, value) VALUES (1, 'merge-mode', 'often')`,
			[]string{"org 1: merge-mode must be auto or approve", "org 1: not checked, since its settings cannot be read"}},
		{"unknown setting", `INSERT INTO org_settings (org, key, value) VALUES (1, 'colour', 'blue')`,
			[]string{"org 1: there is no setting \"colour\": see `arteriole org set --help`"}},
		{"password", `UPDATE tills SET password = 'secret' WHERE id = 2`,
			[]string{"org 1: till 2 has a password that nothing can match: give it a new one with `arteriole till password`"}},
		{"counter behind", `UPDATE counters SET last = 1002 WHERE name = 'customers'`,
			[]string{"org 1: the counter of customers is behind id 1006"}},
		{"counter gone", `DELETE FROM counters WHERE name IN ('orgs', 'tills')`,
			[]string{"org 0: the counter of orgs is behind id 1", "org 1: the counter of tills is behind id 2"}},
		{"younger than the clock's mark", `UPDATE customers SET modified_on = (SELECT last_ms FROM meta) + 1 WHERE id = 1001`,
			[]string{"org 1: customer 1001 is younger than the youngest write that is on record"}},
		{"mark in the future", `UPDATE meta SET last_ms = 32503680000000`,
			[]string{"the youngest write is in the future: set the clock of this machine"}},
		{"customer without profile", `INSERT INTO customers (org, id, loyalty_type, create_date, created_on, created_by, modified_on, modified_by, created_from) VALUES (1, 900, 'loyalty', 0, 0, 1, 0, 1, 'instore')`,
			[]string{"org 1: customer 900 has no profile"}},
		{"chain of merges", `UPDATE customers SET merged_into = 1006, merged_on = 1, merged_by = 1 WHERE id = 1002`, []string{
			"org 1: customer 1002 is merged into 1006, who is merged as well",
			"org 1: customer 1002 is merged and still has a profile in ECOMMERCE",
			"org 1: customer 1002 is merged and still has an identifier: email in ECOMMERCE"}},
		{"survivor gone", `UPDATE customers SET merged_into = 5 WHERE id = 1006`, []string{
			"a row of customers points at a row of customers that is not there",
			"org 1: customer 1006 is merged into 5, who is not there"}},
		{"identifier of nobody", `INSERT INTO identifiers (org, type, value, source, account, customer, position, created_on) VALUES (1, 'email', 'x@example.org', 'INSTORE', '', 42, 1, 0)`, []string{
			"a row of identifiers points at a row of profiles that is not there",
			"org 1: customer 42 is not there and has an identifier: email in INSTORE",
			"org 1: customer 42 has an identifier without a profile: email in INSTORE"}},
		{"place that there is not", `UPDATE profiles SET account = 'x' WHERE customer = 1002; DELETE FROM identifiers WHERE customer = 1002; DELETE FROM search_terms WHERE customer = 1002; UPDATE profiles SET first_name = '', last_name = '' WHERE customer = 1002`,
			[]string{"org 1: customer 1002 has a profile in a place that there is not: ECOMMERCE/x"}},
		{"fields", `UPDATE profiles SET fields = '{' WHERE customer = 1002`,
			[]string{"org 1: customer 1002 has fields that cannot be read in ECOMMERCE"}},
		{"audit row", `UPDATE audit SET after = '{' WHERE id = 3`, []string{"org 1: audit row 3 cannot be read"}},
		{"kept answer", `INSERT INTO idempotency (org, key, method, path, hash, at, request, failed, answer)
			VALUES (1, 'k', 'POST', '/v2/customers', '0000000000000000000000000000000000000000000000000000000000000000', 0, '', 1, '{"family":"customers","code":1}')`,
			[]string{"org 1: an answer of /v2/customers that was kept for repeats cannot be read"}},
		{"search term missing", `DELETE FROM search_terms WHERE term = 'ravi'`,
			[]string{"org 1: customer 1002 is not found by firstName in ECOMMERCE"}},
		{"search term too much", `INSERT INTO search_terms (org, term, customer, source, account, kind) VALUES (1, 'ravindra', 1002, 'ECOMMERCE', '', 'firstName')`,
			[]string{"org 1: customer 1002 is still found by a firstName in ECOMMERCE that is not theirs"}},
		{"search term of another", `UPDATE search_terms SET customer = 1001 WHERE term = 'ravi'`, []string{
			"org 1: customer 1002 is not found by firstName in ECOMMERCE",
			"org 1: customer 1001 is still found by a firstName in ECOMMERCE that is not theirs"}},
		{"search term of no org", `INSERT INTO search_terms (org, term, customer, source, account, kind) VALUES (7, 'x', 1, 'INSTORE', '', 'firstName')`,
			[]string{"org 7: customer 1 is still found by a firstName in INSTORE that is not theirs"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _ := openDemo(t)
			damage(t, s, c.damage)
			_, problems := checkLines(t, s.Path())
			for i, p := range problems {
				if before, after, ok := strings.Cut(p, " in the future"); ok { // how far changes as time goes by
					problems[i] = before[:strings.LastIndex(before, " is ")] + " is in the future" + after
				}
			}
			if !slices.Equal(problems, c.want) {
				t.Errorf("found:\n%s\nwant:\n%s", strings.Join(problems, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestCheckFindsAZeroedPage(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	s, _ := openDemo(t)
	to := filepath.Join(t.TempDir(), "copy.db")
	if _, err := Backup(context.Background(), s.Path(), to, nil); err != nil {
		t.Fatal(err)
	}
	zeroPage(t, to, 12)
	_, problems := checkLines(t, to)
	if len(problems) == 0 {
		t.Error("nothing found")
	}
}

// zeroPage overwrites a page of a database file, counted from 1.
func zeroPage(t *testing.T, path string, page int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, 4096), (page-1)*4096); err != nil {
		t.Fatal(err)
	}
}

func TestCheckOfPages(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	s, who := openDemo(t)
	before, _ := checkLines(t, s.Path())
	for i := range checkPage + 10 {
		name, at := fmt.Sprintf("N%d", i), "ECOMMERCE"
		if i%2 == 0 {
			at = "WEBSITE"
		}
		ids := []Identifier{{"email", fmt.Sprintf("n%d@example.org", i)}}
		if _, err := s.RegisterCustomer(context.Background(), who, at, "", ProfileInput{FirstName: &name, Identifiers: ids}, CustomerInput{}); err != nil {
			t.Fatal(err)
		}
	}
	done, problems := checkLines(t, s.Path())
	terms := func(lines []string) (n int) {
		fmt.Sscanf(lines[len(lines)-1], "search index matches the profiles: %d search terms, 0 bad", &n)
		return n
	}
	if n := terms(done) - terms(before); len(problems) > 0 || n != 2*(checkPage+10) {
		t.Errorf("problems %q, %d terms more", problems, n)
	}
	damage(t, s, `INSERT INTO search_terms (org, term, customer, source, account, kind) SELECT org, 'zz', customer, source, account, 'lastName' FROM profiles`,
		`DELETE FROM search_terms WHERE kind = 'email'`)
	var profiles, emails int64
	err := s.read(context.Background(), func(tx *Tx) error {
		return tx.QueryRow(`SELECT (SELECT count(*) FROM profiles), (SELECT count(*) FROM identifiers WHERE type = 'email')`).Scan(&profiles, &emails)
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := Check(context.Background(), s.Path(), CheckReport{Begin: func(string) {}, Progress: func(int64, int64) {}, Problem: func(string) {}, End: func(string, int64, string, int64) {}})
	if n != profiles+emails || err != nil {
		t.Errorf("%d problems and %v, want %d", n, err, profiles+emails)
	}
}
