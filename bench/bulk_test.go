package bench

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// The tables that a registration writes to, the column with the customer's id, and which of the rows are customers'.
var registered = []struct{ table, customer, of string }{
	{"customers", "id", "true"}, {"profiles", "customer", "true"}, {"identifiers", "customer", "true"}, {"search_terms", "customer", "true"}, {"channels", "customer", "true"},
	{"audit", "subject", "kind = 'customer'"},
}

// bulkLimit is the customers in a second that BenchmarkBulkLimit found in this run, 0 when it did not run.
var bulkLimit float64

// BenchmarkBulkLimit stores the very rows of many registrations with nothing else to do: no decisions, no HTTP, one
// transaction, prepared statements, one sync at the end. It is the limit that a registration's rate is compared with.
func BenchmarkBulkLimit(b *testing.B) {
	const customers = 10_000
	rows := rowsOf(b, database(b, customers), customers)
	var took time.Duration
	for range b.N {
		took += insertAll(b, rows)
	}
	n := float64(b.N * customers)
	bulkLimit = n / took.Seconds()
	b.ReportMetric(bulkLimit, "customers/s")
	b.ReportMetric(float64(b.N*len(rows))/took.Seconds(), "rows/s")
	b.ReportMetric(0, "ns/op")
}

type insert struct {
	query string
	args  []any
}

// rowsOf reads the rows of the seeded customers, customer by customer, as a registration writes them.
func rowsOf(b *testing.B, path string, customers int) (all []insert) {
	b.Helper()
	d, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	byCustomer := make([][]insert, customers)
	for _, t := range registered {
		rows, err := d.Query(fmt.Sprintf(`SELECT %s, * FROM %s WHERE org = 1 AND %s >= %d AND %s`, t.customer, t.table, t.customer, firstSeeded, t.of))
		if err != nil {
			b.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			b.Fatal(err)
		}
		query := fmt.Sprintf(`INSERT INTO %s VALUES (?%s)`, t.table, strings.Repeat(", ?", len(names)-2))
		for rows.Next() {
			values := make([]any, len(names))
			into := make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				b.Fatal(err)
			}
			n := values[0].(int64) - firstSeeded
			byCustomer[n] = append(byCustomer[n], insert{query, values[1:]})
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
	}
	for _, of := range byCustomer {
		all = append(all, of...)
	}
	return all
}

func insertAll(b *testing.B, rows []insert) time.Duration {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bulk.db")
	s, err := db.Open(context.Background(), path, db.Options{})
	if err == nil {
		_, err = s.EnsureDemo(context.Background())
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	d, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	start := time.Now()
	tx, err := d.Begin()
	if err != nil {
		b.Fatal(err)
	}
	prepared := map[string]*sql.Stmt{}
	for _, r := range rows {
		st := prepared[r.query]
		if st == nil {
			if st, err = tx.Prepare(r.query); err != nil {
				b.Fatal(err)
			}
			prepared[r.query] = st
		}
		if _, err := st.Exec(r.args...); err != nil {
			b.Fatal(r.query, err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
