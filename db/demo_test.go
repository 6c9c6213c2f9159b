package db

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

// A demo that is made years later has what the samples need: points that are alive, and a coupon that is not.
func TestTheDemoStaysFresh(t *testing.T) {
	ctx := context.Background()
	for _, after := range []struct{ years, days int }{{0, 29}, {0, 364}, {1, 0}, {1, 1}, {7, 200}} {
		now := DemoTime.AddDate(after.years, 0, after.days)
		s, err := Open(ctx, filepath.Join(t.TempDir(), "demo.db"), Options{Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.EnsureDemo(ctx); err != nil {
			t.Fatal(err)
		}
		var points, made, rain int64
		err = s.read(ctx, func(tx *Tx) error {
			o, err := tx.org(1)
			if err != nil {
				return err
			}
			p, err := tx.points(o, 1, 1001)
			if err != nil {
				return err
			}
			points = p.Balance
			if err := tx.QueryRow(`SELECT valid_till FROM coupon_series WHERE org = 1 AND id = 3`).Scan(&rain); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT created_on FROM customers WHERE org = 1 AND id = 1001`).Scan(&made)
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := DemoTime.AddDate(after.years, 0, 0); points != 905_000 || made != want.UnixMilli() || rain <= want.UnixMilli() || rain > want.AddDate(0, 0, 2).UnixMilli() {
			t.Errorf("at %v: %d points, made at %d, rain until %d", now, points, made, rain)
		}
	}
}
