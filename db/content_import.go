package db

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxContentLine is the longest line of a file to import, in bytes.
const maxContentLine = 16 << 20

// maxContentShapes bounds the number of prepared statements: rows leave out NULL columns, so each combination of columns needs its
// own.
const maxContentShapes = 1000

// ImportOrg reads what ExportOrg wrote into an org that has no customers, bills, series of coupons or programs yet. The whole file
// is one transaction, committed only if everything that Check verifies holds afterwards. The store must have been opened with
// Serve, since a server's own writes would wait all the while. progress is called with the number of rows read. A Refusal names
// the line that cannot be read. Tills that the org lacks are created with a password that nobody knows.
func (s *Store) ImportOrg(ctx context.Context, org string, from io.Reader, progress func(rows int64)) (rows int64, err error) {
	cn, done, err := openConn(ctx, s.path, "busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-64000)")
	if err != nil {
		return 0, explain(s.path, err)
	}
	defer done()
	if _, err := cn.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return 0, explain(s.path, err)
	}
	defer func() {
		if err != nil {
			cn.exec(context.Background(), `ROLLBACK`)
		}
	}()
	tx := &Tx{ctx: ctx, c: cn, s: s, now: s.clock().UnixMilli()}
	o, err := tx.orgNamed(org)
	if err != nil {
		return 0, err
	}
	in := &contentReader{tx: tx, org: o.ID, tables: map[string]contentTable{}}
	if err := in.mayImport(org); err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 1<<16), maxContentLine)
	n := 0
	for lines.Scan() {
		n++
		switch err := in.line(lines.Bytes()); {
		case errors.As(err, new(Refusal)):
			return 0, Refusal(fmt.Sprintf("line %d: %v; nothing was imported", n, err))
		case code(err) == codeConstraint:
			return 0, Refusal(fmt.Sprintf("line %d: it conflicts with existing data (%v); nothing was imported", n, err))
		case err != nil:
			return 0, explain(s.path, err)
		}
		if n%1000 == 0 {
			progress(in.rows)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return 0, Refusal(fmt.Sprintf("line %d is longer than %d MiB; nothing was imported", n+1, maxContentLine>>20))
	} else if err != nil {
		return 0, fmt.Errorf("the file cannot be read after line %d (%w); nothing was imported", n, err)
	}
	if !in.ended {
		return 0, Refusal("the file is incomplete: its last line is missing; nothing was imported")
	}
	if err := in.finish(); err != nil {
		return 0, err
	}
	if _, err := cn.exec(ctx, `COMMIT`); err != nil {
		return 0, explain(s.path, err)
	}
	return in.rows, nil
}

// contentReader puts lines where they belong.
type contentReader struct {
	tx           *Tx
	org          int64
	tables       map[string]contentTable
	rows         int64
	begun, ended bool
	password     string // of tills that are made: the hash of one that nobody knows
}

// mayImport refuses an org that has content, whose ids would collide.
func (in *contentReader) mayImport(name string) error {
	for _, table := range []string{"customers", "transactions", "coupon_series", "programs"} {
		var n int64
		if err := in.tx.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM `+table+` WHERE org = $1 LIMIT 1)`, in.org).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return Refusal(fmt.Sprintf("%s already has %s: import into a new organization, made with `arteriole org add`", name, strings.ReplaceAll(table, "_", " ")))
		}
	}
	return nil
}

func (in *contentReader) line(text []byte) error {
	if in.ended {
		return Refusal("there is more data after the last line")
	}
	var outer map[string]map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&outer); err != nil || len(outer) != 1 || d.More() {
		return Refusal("it is not an object with one table, as written by `arteriole export`")
	}
	for name, fields := range outer {
		switch {
		case !in.begun && name == "arteriole":
			return in.head(fields)
		case !in.begun:
			return Refusal("it is not the header of an export")
		case name == "end":
			if string(fields["rows"]) != fmt.Sprint(in.rows) {
				return Refusal(fmt.Sprintf("the file states %s rows, but %d were read", fields["rows"], in.rows))
			}
			in.ended = true
			return nil
		case !slices.Contains(contentTables, name):
			return Refusal(fmt.Sprintf("there is no table %.100q in an export", name))
		}
		return in.row(name, fields)
	}
	return nil
}

func (in *contentReader) head(fields map[string]json.RawMessage) error {
	var format, schema int
	if json.Unmarshal(fields["content"], &format) != nil || json.Unmarshal(fields["schema"], &schema) != nil {
		return Refusal("it is not the header of an export")
	}
	if format != contentFormat || schema > len(Migrations()) {
		return Refusal("the file was written by another version of Arteriole: import it with that version or a newer one")
	}
	in.begun = true
	return nil
}

func (in *contentReader) row(name string, fields map[string]json.RawMessage) (err error) {
	t, ok := in.tables[name]
	if !ok {
		if t, err = in.tx.contentTable(name); err != nil {
			return err
		}
		in.tables[name] = t
	}
	columns, values := []string{"org"}, []any{in.org}
	for i, column := range t.columns {
		raw, ok := fields[column]
		if !ok {
			continue
		}
		delete(fields, column)
		v, ok := contentValue(raw, t.types[i])
		if !ok {
			return Refusal(fmt.Sprintf("%s.%s has a value of the wrong type", name, column))
		}
		columns, values = append(columns, column), append(values, v)
	}
	for column := range fields {
		return Refusal(fmt.Sprintf("there is no column %.100q in %s", column, name))
	}
	in.rows++
	conflict := ""
	switch name {
	case "stores", "tills":
		there, err := in.known(name, columns, values)
		if err != nil || there {
			return err
		}
		if name == "tills" {
			if err := in.freeCode(values[slices.Index(columns, "code")]); err != nil {
				return err
			}
			if in.password == "" {
				secret := md5.Sum([]byte(rand.Text()))
				in.password = HashPassword(hex.EncodeToString(secret[:]))
			}
			columns, values = append(columns, "password"), append(values, in.password)
		}
	case "org_settings", "sources", "source_accounts", "counters":
		conflict = contentReplace(t)
	}
	if len(in.tx.c.stmts) > maxContentShapes {
		return Refusal("its rows leave out columns in more ways than an export does")
	}
	holders := make([]string, len(values))
	for i := range holders {
		holders[i] = fmt.Sprintf("$%d", i+1)
	}
	_, err = in.tx.Exec(`INSERT INTO `+name+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(holders, ", ")+`)`+conflict, values...)
	return err
}

// contentReplace lets a row take the place of one that every new org has.
func contentReplace(t contentTable) string {
	var set []string
	for _, c := range t.columns {
		switch {
		case t.name == "counters" && c == "last":
			set = append(set, "last = max(counters.last, excluded.last)")
		case !slices.Contains(t.key, c):
			set = append(set, c+" = excluded."+c)
		}
	}
	if len(set) == 0 {
		return ` ON CONFLICT DO NOTHING`
	}
	return ` ON CONFLICT (org, ` + strings.Join(t.key, ", ") + `) DO UPDATE SET ` + strings.Join(set, ", ")
}

// known reports whether a store or till exists already. One with the same id and another code is refused, since rows refer to it
// by the id.
func (in *contentReader) known(name string, columns []string, values []any) (bool, error) {
	i, j := slices.Index(columns, "id"), slices.Index(columns, "code")
	if i < 0 || j < 0 {
		return false, Refusal(name + " without id or code")
	}
	var code string
	err := in.tx.QueryRow(`SELECT code FROM `+name+` WHERE org = $1 AND id = $2`, in.org, values[i]).Scan(&code)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil && code != values[j] {
		err = Refusal(fmt.Sprintf("number %d of %s is %s here, but %v in the file: import into an organization without %s", values[i], name, code, values[j], name))
	}
	return err == nil, err
}

// freeCode refuses a till's code that another org has: callers identify themselves by it alone.
func (in *contentReader) freeCode(code any) error {
	var taken bool
	err := in.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM tills WHERE code = $1 AND org <> $2)`, code, in.org).Scan(&taken)
	if err == nil && taken {
		err = Refusal(fmt.Sprintf("till %v belongs to another organization on this server: import into another database", code))
	}
	return err
}

// contentValue reads a value for a column of a kind: an integer, a string, or JSON that the column holds as text.
func contentValue(raw json.RawMessage, kind string) (any, bool) {
	if kind == "INTEGER" {
		var n int64
		err := json.Unmarshal(raw, &n)
		return n, err == nil && string(raw) != "null"
	}
	if len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') {
		var b bytes.Buffer
		err := json.Compact(&b, raw)
		return b.String(), err == nil
	}
	if kind == kindJSON {
		return nil, false
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return nil, false
	}
	return *s, !strings.Contains(*s, "\x00")
}

// finish creates derived data, records the import in the audit trail, and runs all checks before the commit.
func (in *contentReader) finish() error {
	tx := in.tx
	values, err := tx.settings(in.org)
	if err != nil {
		return err
	}
	settings, err := parseSettings(values)
	if err != nil {
		return fmt.Errorf("a setting cannot be used (%w); nothing was imported", err)
	}
	c := &checker{tx: tx}
	for after := int64(0); ; {
		page, last, err := c.termsPage(settings, in.org, after)
		if err != nil {
			return err
		}
		for _, p := range page {
			if err := tx.addTerms(in.org, p.customer, p.at, p.terms); err != nil {
				return err
			}
		}
		if last == after {
			break
		}
		after = last
	}
	if _, err := tx.Exec(`UPDATE meta SET last_ms = max(last_ms, $1) WHERE id = 1`, tx.now); err != nil {
		return err
	}
	if err := tx.auditRow(Who{Org: in.org}, "org.import", "org", in.org, sql.NullString{}, toJSON(map[string]int64{"rows": in.rows})); err != nil {
		return err
	}
	if err := tx.changed(); err != nil {
		return err
	}
	problem := ""
	c.report = CheckReport{Begin: func(string) {}, Progress: func(int64, int64) {}, End: func(string, int64, string, int64) {},
		Problem: func(text string) {
			if problem == "" {
				problem = text
			}
		}}
	for _, check := range checks {
		if err := c.run(check.what, check.of, check.look); err != nil {
			return err
		}
	}
	if problem != "" {
		return Refusal(fmt.Sprintf("the data in the file is inconsistent (%s); nothing was imported", problem))
	}
	return nil
}
