package db

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// A read ends with its context, and the next one on the same connection notices nothing of it.
func TestAReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	must := mustOf(t)
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "t.db"), Options{NoSync: true, Readers: 1})
	must(err)
	defer s.Close()
	for _, c := range []struct {
		name string
		fn   func(tx *Tx) error
	}{
		{"within a statement", func(tx *Tx) error {
			return tx.QueryRow(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`).Scan(new(int))
		}},
		{"between rows", func(tx *Tx) error {
			return tx.Each(func(scan func(...any) error) error { return scan(new(int)) },
				`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`)
		}},
		{"between statements", func(tx *Tx) error {
			for {
				if err := tx.QueryRow(`SELECT 1`).Scan(new(int)); err != nil {
					return err
				}
			}
		}},
	} {
		for range 5 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			if err := s.read(ctx, c.fn); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", c.name, err)
			}
			cancel()
			must(s.read(context.Background(), func(tx *Tx) error {
				for end := time.Now().Add(30 * time.Millisecond); time.Now().Before(end); {
					err := tx.QueryRow(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT count(*) FROM n`).Scan(new(int))
					if err != nil {
						return err
					}
				}
				return nil
			}))
		}
	}
}
