package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// noon is the time of the tests' clock: after everything in the demo organization.
var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// emptyFile and demoFile are databases of the newest schema, one with nothing in it: making them takes longer than most tests.
var (
	emptyFile = sync.OnceValues(func() ([]byte, error) { return fileWith(func(*Store) error { return nil }) })
	demoFile  = sync.OnceValues(func() ([]byte, error) {
		return fileWith(func(s *Store) error {
			made, err := s.EnsureDemo(context.Background())
			if err == nil && !made {
				err = errors.New("the demo was there before")
			}
			return err
		})
	})
)

func fileWith(fill func(*Store) error) ([]byte, error) {
	dir, err := os.MkdirTemp("", "arteriole")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "test.db")
	s, err := Open(context.Background(), path, Options{Clock: func() time.Time { return noon }})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(fill(s), s.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// copyOf is the path of a copy of emptyFile or demoFile.
func copyOf(t testing.TB, file func() ([]byte, error)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	b, err := file()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// oneByOne leaves a test out of short runs, as that under the race detector is: it makes thousands of changes one after the other,
// in which there is nothing to race, and which take many times as long there.
func oneByOne(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one change after the other: not in a short run")
	}
}

// mustOf ends a test with an error.
func mustOf(t testing.TB) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// openAt opens a copy of the demo with a clock that the test sets, and gives the till of the demo.
func openAt(t testing.TB, now *time.Time) (*Store, Who) {
	t.Helper()
	s, err := Open(t.Context(), copyOf(t, demoFile), Options{Clock: func() time.Time { return *now }, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, Who{Org: 1, Till: 1, TillCode: "store.server", RequestID: "TEST"}
}

func openTest(t testing.TB) *Store {
	t.Helper()
	return openCopy(t, emptyFile)
}

func openCopy(t testing.TB, file func() ([]byte, error)) *Store {
	t.Helper()
	s, err := Open(context.Background(), copyOf(t, file), Options{Clock: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openDemo(t testing.TB) (*Store, Who) {
	t.Helper()
	return openCopy(t, demoFile), Who{Org: 1, Till: 1, TillCode: "store.server", RequestID: "TEST"}
}
