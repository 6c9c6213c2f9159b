package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"

	"github.com/arteriole/arteriole/fault"
)

// The result codes of SQLite that decide something here (https://www.sqlite.org/rescode.html).
const (
	codeBusy       = 5
	codeLocked     = 6
	codeInterrupt  = 9
	codeReadonly   = 8
	codeIO         = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCantOpen   = 14
	codeConstraint = 19
	codeNotADB     = 26
	codeUnique     = 2067
	codePrimaryKey = 1555
)

func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// taken reports a violated unique or primary key: the database decides uniqueness, and tells it by its extended code.
func taken(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == codeUnique || e.Code() == codePrimaryKey)
}

// Tx is one transaction. All rows that it writes carry the same time, now (milliseconds).
type Tx struct {
	ctx    context.Context
	c      *conn
	s      *Store
	now    int64
	over   func() error // why its time is up, nil when it is not; nil for no limit
	dry    bool         // a dry run: everything is rolled back
	reads  bool         // a snapshot: what it has read stays as it is
	config int64        // meta.config when the transaction began: configuration cached at this number is committed; 0 for not read
	moved  *bool        // whether the writer's transaction may have changed meta.config since; nil where nothing does
}

// Exec runs a statement. The query must be a constant text, since it is prepared once and kept.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	if err := tx.may(args); err != nil {
		return nil, err
	}
	return tx.c.exec(tx.ctx, query, args...)
}

// QueryRow reads one row.
func (tx *Tx) QueryRow(query string, args ...any) row {
	if err := tx.may(args); err != nil {
		return row{err: err}
	}
	return tx.c.queryRow(tx.ctx, query, args...)
}

// Each reads rows and calls f for each. f may not run statements: the rows are still open.
func (tx *Tx) Each(f func(scan func(...any) error) error, query string, args ...any) error {
	if err := tx.may(args); err != nil {
		return err
	}
	return tx.c.each(tx.ctx, f, query, args...)
}

// column reads rows of one column.
func column[V any](tx *Tx, query string, args ...any) (all []V, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var v V
		err := scan(&v)
		all = append(all, v)
		return err
	}, query, args...)
	return all, err
}

// may refuses a statement after the transaction's time is up, and one with a boolean argument: columns hold 0 or 1, and PostgreSQL
// would not take true for them (see bit).
func (tx *Tx) may(args []any) error {
	if tx.over != nil {
		if err := tx.over(); err != nil {
			return err
		}
	}
	for i, a := range args {
		if _, isBool := a.(bool); isBool {
			return fmt.Errorf("argument %d of a statement is a boolean", i+1)
		}
	}
	return nil
}

// next gives the next id of a kind within an org, counted from start.
func (tx *Tx) next(org int64, kind string, start int64) (id int64, err error) {
	return tx.reserve(org, kind, start, 1)
}

// reserve takes the next n ids of a kind within an org, counted from start, and gives the last of them.
func (tx *Tx) reserve(org int64, kind string, start int64, n int) (last int64, err error) {
	err = tx.QueryRow(`INSERT INTO counters (org, name, last) VALUES ($1, $2, $3)
		ON CONFLICT (org, name) DO UPDATE SET last = counters.last + $4 RETURNING last`, org, kind, start+int64(n)-1, n).Scan(&last)
	return last, err
}

// changed tells every process that its cached credentials and settings may be stale.
func (tx *Tx) changed() error {
	if tx.moved != nil {
		*tx.moved = true
	}
	_, err := tx.Exec(`UPDATE meta SET config = config + 1 WHERE id = 1`)
	return err
}

// read runs fn on a snapshot of the database. ctx limits the wait for a connection and the statements. Like a write's, fn may not
// add to what it gives back: it sets it.
func (s *Store) read(ctx context.Context, fn func(*Tx) error) error {
	if b := batchOf(ctx); b != nil {
		return b.read(fn)
	}
	c, err := s.reader(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer func() { s.readers <- c }()
	if _, err := c.exec(context.Background(), `BEGIN`); err != nil {
		return unavailable(err)
	}
	defer c.exec(context.Background(), `ROLLBACK`)
	// The statements do not get ctx: the driver would start a goroutine for each of them.
	defer c.dog.follow(ctx)()
	err = fn(&Tx{ctx: context.Background(), c: c, s: s, now: s.clock().UnixMilli(), over: ctx.Err, reads: true})
	if err != nil && code(err) == codeInterrupt && ctx.Err() != nil {
		err = ctx.Err()
	}
	return storeError(err)
}

// reader takes a read connection; the caller puts it back into readers. A new one is opened only when all are in use.
func (s *Store) reader(ctx context.Context) (*conn, error) {
	select {
	case <-s.gone: // also when a connection is free
		return nil, errClosed
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	case <-s.unopened:
		c, err := newConn(context.Background(), s.rdb)
		if err == nil {
			if c.dog, err = newWatchdog(c); err != nil {
				c.close()
			}
		}
		if err != nil {
			s.unopened <- struct{}{}
		}
		return c, err
	case <-s.gone:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// storeError turns what the database cannot do at the moment into Unavailable. Faults and ErrNotFound stay as they are.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	switch code(err) {
	case codeBusy, codeLocked, codeInterrupt, codeReadonly, codeIO, codeFull, codeCantOpen:
		return unavailable(err)
	}
	if errors.Is(err, errRunaway) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return unavailable(err)
	}
	return err
}

func unavailable(err error) error {
	if f, ok := fault.Of(err); ok {
		return f
	}
	return fault.Unavailable.Because(err).After(time.Second)
}
