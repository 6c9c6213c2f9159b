package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// conn is one connection with its prepared statements, used by one goroutine at a time. They run on the driver itself: what
// database/sql does for connections that many share costs as much as it takes to find a row by its key.
type conn struct {
	c      *sql.Conn   // holds the connection, so that database/sql leaves it alone
	driver driver.Conn // the same
	stmts  map[string]stmt
	args   []driver.NamedValue // of the last statement
	dog    *watchdog           // of a connection in readers
}

type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func newConn(ctx context.Context, d *sql.DB) (*conn, error) {
	c, err := d.Conn(ctx)
	if err != nil {
		return nil, err
	}
	cn := &conn{c: c, stmts: map[string]stmt{}}
	err = c.Raw(func(dc any) error {
		cn.driver = dc.(driver.Conn)
		return nil
	})
	if err != nil {
		c.Close()
		return nil, err
	}
	return cn, nil
}

func (c *conn) close() error {
	var errs []error
	for _, st := range c.stmts {
		errs = append(errs, st.Close())
	}
	if c.dog != nil {
		c.dog.close()
	}
	return errors.Join(append(errs, c.c.Close())...)
}

// prepare returns the statement of a query, and sets c.args for it.
func (c *conn) prepare(query string, args []any) (stmt, error) {
	st, ok := c.stmts[query]
	if !ok {
		prepared, err := c.driver.Prepare(query)
		if err != nil {
			return nil, err
		}
		st = prepared.(stmt)
		c.stmts[query] = st
	}
	c.args = c.args[:0]
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, fmt.Errorf("argument %d of a statement: %w", i+1, err)
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return st, nil
}

func (c *conn) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st, err := c.prepare(query, args)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, c.args)
}

func (c *conn) query(ctx context.Context, query string, args []any) (driver.Rows, error) {
	st, err := c.prepare(query, args)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, c.args)
}

func (c *conn) queryRow(ctx context.Context, query string, args ...any) row {
	rows, err := c.query(ctx, query, args)
	return row{rows, err}
}

// each calls f for each row.
func (c *conn) each(ctx context.Context, f func(scan func(...any) error) error, query string, args ...any) (err error) {
	rows, err := c.query(ctx, query, args)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	values := make([]driver.Value, len(rows.Columns()))
	scan := func(dest ...any) error { return scanAll(dest, values) }
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := rows.Next(values); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := f(scan); err != nil {
			return err
		}
	}
}

// row is the first row of a statement that runs. It must be scanned, which ends the statement.
type row struct {
	rows driver.Rows
	err  error
}

// Scan gives sql.ErrNoRows when there is none.
func (r row) Scan(dest ...any) (err error) {
	if r.err != nil {
		return r.err
	}
	defer func() {
		if closed := r.rows.Close(); err == nil {
			err = closed
		}
	}()
	values := make([]driver.Value, len(r.rows.Columns()))
	if err := r.rows.Next(values); err == io.EOF {
		return sql.ErrNoRows
	} else if err != nil {
		return err
	}
	return scanAll(dest, values)
}

func scanAll(dest []any, values []driver.Value) error {
	if len(dest) != len(values) {
		return fmt.Errorf("%d columns into %d places", len(values), len(dest))
	}
	for i, v := range values {
		if err := scanInto(dest[i], v); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// scanInto is fast for what the statements mostly read, and has the conversions of database/sql for the rest. A NULL needs a place
// that can hold it.
func scanInto(dest any, v driver.Value) error {
	n, isNumber := v.(int64)
	switch d := dest.(type) {
	case *int64:
		if isNumber {
			*d = n
			return nil
		}
		return convert(d, v)
	case *int:
		if isNumber && int64(int(n)) == n {
			*d = int(n)
			return nil
		}
		return convert(d, v)
	case *bool:
		if isNumber && (n == 0 || n == 1) {
			*d = n == 1
			return nil
		}
		return convert(d, v)
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
		return convert(d, v)
	case **int64:
		if *d = nil; v == nil {
			return nil
		}
		*d = new(int64)
		return scanInto(*d, v)
	case *any:
		*d = v
		return nil
	case sql.Scanner:
		return d.Scan(v)
	}
	return fmt.Errorf("a %T is read into a %T", v, dest)
}

func convert[T any](dest *T, v driver.Value) error {
	var n sql.Null[T]
	if err := n.Scan(v); err != nil {
		return err
	}
	if !n.Valid {
		return fmt.Errorf("a NULL is read into a %T", dest)
	}
	*dest = n.V
	return nil
}
