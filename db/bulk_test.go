package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

func TestItemsFailAlone(t *testing.T) {
	s := openTest(t)
	ctx, who := context.Background(), Who{Org: 7}
	before := s.Stats()
	items, err := bulk(ctx, s, who, 5, func(tx *Tx, i int) (int, error) {
		if err := put(i)(tx); err != nil {
			return 0, err
		}
		if i%2 == 1 { // after it has written
			return 99, fault.NothingChanged.With("i", i)
		}
		return i * 10, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range items {
		if i%2 == 1 && (it.Value != 0 || it.Fault == nil || it.Fault.Code != fault.NothingChanged) || i%2 == 0 && (it.Value != i*10 || it.Fault != nil) {
			t.Errorf("item %d: %+v", i, it)
		}
	}
	if n := rows(t, s); n != 3 {
		t.Errorf("%d rows of 3", n)
	}
	if n := s.Stats().Commits - before.Commits; n != 1 {
		t.Errorf("%d commits", n)
	}

	// What is no fault undoes all of them.
	boom := errors.New("boom")
	for name, bad := range map[string]func() error{"an error": func() error { return boom }, "a panic": func() error { panic(boom) }} {
		_, err = bulk(ctx, s, who, 5, func(tx *Tx, i int) (int, error) {
			if i == 3 {
				return 0, bad()
			}
			return 0, put(100 + i)(tx)
		})
		if err == nil || rows(t, s) != 3 {
			t.Errorf("%s: %v, %d rows", name, err, rows(t, s))
		}
	}
}

// A bulk request among neighbours in one group: its items and theirs stand or fall each alone.
func TestItemsAmongNeighbours(t *testing.T) {
	s := openTest(t)
	errs := group(t, s, 3, func(i int) (context.Context, func(*Tx) error) {
		if i != 1 {
			return context.Background(), put(i)
		}
		return context.Background(), func(tx *Tx) error {
			_, err := each(tx, 4, time.Minute, func(tx *Tx, k int) (int, error) {
				if err := put(10 + k)(tx); err != nil || k != 2 {
					return 0, err
				}
				return 0, fault.NothingChanged.New()
			})
			return err
		}
	}, nil)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s); n != 5 {
		t.Errorf("%d rows of 5", n)
	}
}

func TestItemsThatTakeTooLong(t *testing.T) {
	s := openTest(t)
	var items []Item[int]
	err := s.write(context.Background(), func(tx *Tx) (err error) {
		items, err = each(tx, 4, 500*time.Millisecond, func(tx *Tx, i int) (int, error) {
			if i == 1 {
				time.Sleep(510 * time.Millisecond)
			}
			return i + 1, put(i)(tx)
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range items {
		if i < 2 && (it.Fault != nil || it.Value != i+1) || i >= 2 && (it.Fault == nil || it.Fault.Code != fault.Unavailable) {
			t.Errorf("item %d: %+v", i, it)
		}
	}
	if n := rows(t, s); n != 2 {
		t.Errorf("%d rows of 2", n)
	}
}
