package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// hold keeps the writer busy until release is called, so that what is written meanwhile forms one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	started, go_ := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		var once sync.Once
		done <- s.write(context.Background(), func(*Tx) error {
			once.Do(func() { close(started) })
			<-go_
			return nil
		})
	}()
	<-started
	return sync.OnceFunc(func() {
		close(go_)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// put writes one row that can be counted.
func put(n int) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO counters (org, name, last) VALUES ($1, $2, 1)`, 7, fmt.Sprintf("row %d", n))
		return err
	}
}

func rows(t *testing.T, s *Store) (n int) {
	t.Helper()
	err := s.read(context.Background(), func(tx *Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM counters WHERE org = $1`, 7).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// group submits writes 0 to n-1 while the writer is held, all waiting in its queue, and gives their errors.
func group(t *testing.T, s *Store, n int, fn func(i int) (context.Context, func(*Tx) error), beforeRelease func(ended func(i int))) []error {
	t.Helper()
	release := hold(t, s)
	defer release()
	errs, done := make([]error, n), make([]chan struct{}, n)
	var wg sync.WaitGroup
	for i := range n {
		ctx, f := fn(i)
		done[i] = make(chan struct{})
		wg.Go(func() {
			defer close(done[i])
			errs[i] = s.write(ctx, f)
		})
	}
	for deadline := time.Now().Add(10 * time.Second); s.Stats().Queued < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the writes do not reach the queue")
		}
	}
	if beforeRelease != nil {
		beforeRelease(func(i int) { <-done[i] })
	}
	release()
	wg.Wait()
	return errs
}

// A setting counts for the next write of the same transaction, and no longer than the change lasts.
func TestASettingCountsForTheNextOfAGroup(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	primary := func(into *string) func(*Tx) error {
		return func(tx *Tx) error {
			o, err := tx.org(who.Org)
			if err == nil {
				*into = o.PrimaryIdentifier
			}
			return err
		}
	}
	var before, within, after string
	if err := s.read(ctx, primary(&before)); err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	var wg sync.WaitGroup
	for i, fn := range []func(*Tx) error{
		func(tx *Tx) error {
			return errors.Join(tx.putSetting(who.Org, "primary-identifier", "email"), tx.changed())
		},
		primary(&within),
		func(tx *Tx) error {
			return errors.Join(tx.putSetting(who.Org, "primary-identifier", "externalId"), tx.changed(), fault.BadRequest.New())
		},
		primary(&after),
	} {
		wg.Go(func() {
			if err := s.write(ctx, fn); (err == nil) == (i == 2) {
				t.Errorf("write %d: %v", i, err)
			}
		})
		for deadline := time.Now().Add(10 * time.Second); s.Stats().Queued <= i; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the writes do not reach the queue")
			}
		}
	}
	release()
	wg.Wait()
	if before == "email" || within != "email" || after != "email" {
		t.Errorf("%q before, %q within, %q after what was refused", before, within, after)
	}
}

func TestAGroupIsOneCommit(t *testing.T) {
	s := openTest(t)
	before := s.Stats()
	errs := group(t, s, 64, func(i int) (context.Context, func(*Tx) error) { return context.Background(), put(i) }, nil)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	after := s.Stats()
	if n := after.Commits - before.Commits; n != 2 { // the write that held the writer, then all the others
		t.Errorf("64 writes took %d commits", n-1)
	}
	if rows(t, s) != 64 {
		t.Errorf("%d rows", rows(t, s))
	}
}

func TestOneCancelledAmong64(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(context.Background())
	errs := group(t, s, 64, func(i int) (context.Context, func(*Tx) error) {
		if i == 31 {
			return ctx, put(i)
		}
		return context.Background(), put(i)
	}, func(ended func(int)) {
		cancel()
		ended(31)
	})
	for i, err := range errs {
		if i == 31 != errors.Is(err, context.Canceled) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := rows(t, s); n != 63 {
		t.Errorf("%d rows of 63", n)
	}
}

// A context that ends while its own write runs must neither stop it nor hide its outcome.
func TestAContextThatEndsInTheMiddle(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(context.Background())
	errs := group(t, s, 64, func(i int) (context.Context, func(*Tx) error) {
		if i != 31 {
			return context.Background(), put(i)
		}
		return ctx, func(tx *Tx) error {
			cancel()
			return put(i)(tx)
		}
	}, nil)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if n := rows(t, s); n != 64 {
		t.Errorf("%d rows of 64", n)
	}
}

func TestAPanicInTheMiddle(t *testing.T) {
	s := openTest(t)
	errs := group(t, s, 64, func(i int) (context.Context, func(*Tx) error) {
		return context.Background(), func(tx *Tx) error {
			if err := put(i)(tx); err != nil || i != 31 {
				return err
			}
			panic("a bug")
		}
	}, nil)
	for i, err := range errs {
		if bad := err != nil && strings.Contains(err.Error(), "a bug"); bad != (i == 31) || err != nil && i != 31 {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := rows(t, s); n != 63 {
		t.Errorf("%d rows of 63: the panicking write left something, or took a neighbour along", n)
	}
	if s.Stats().Alone == 0 {
		t.Error("the group was not given up")
	}
}

func TestRefusalsLeaveTheGroupAlone(t *testing.T) {
	s := openTest(t)
	errs := group(t, s, 64, func(i int) (context.Context, func(*Tx) error) {
		return context.Background(), func(tx *Tx) error {
			if err := put(i % 32)(tx); err != nil { // the second half finds its rows taken
				return err
			}
			if i%32 == 5 {
				return fault.NothingChanged.New()
			}
			return nil
		}
	}, nil)
	ok := 0
	for i, err := range errs {
		switch _, isFault := fault.Of(err); {
		case err == nil:
			ok++
		case isFault != (i%32 == 5), !isFault && !taken(err):
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := rows(t, s); n != 31 || ok != 31 {
		t.Errorf("%d rows, %d successes; 31 of each are right", n, ok)
	}
	if n := s.Stats().Alone; n != 0 {
		t.Errorf("%d ran again alone", n)
	}
}

func TestAFullDiskInTheMiddle(t *testing.T) {
	s := openTest(t)
	var pages int
	if err := s.writer.c.queryRow(context.Background(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		var got int
		if err := s.writer.c.c.QueryRowContext(context.Background(), fmt.Sprintf(`PRAGMA max_page_count = %d`, n)).Scan(&got); err != nil || got != n {
			t.Fatalf("max_page_count %d: %d, %v", n, got, err)
		}
	}
	big := strings.Repeat("x", 9000)
	errs := group(t, s, 64, func(i int) (context.Context, func(*Tx) error) {
		return context.Background(), func(tx *Tx) error {
			if err := put(i)(tx); err != nil || i != 31 {
				return err
			}
			for k := range 20 {
				if _, err := tx.Exec(`INSERT INTO counters (org, name, last) VALUES (8, $1, 1)`, fmt.Sprint(k, big)); err != nil {
					return err
				}
			}
			return nil
		}
	}, func(func(int)) { limit(pages + 8) })
	for i, err := range errs {
		f, _ := fault.Of(err)
		if i == 31 && (f == nil || f.Code != fault.Unavailable || code(err) != codeFull || f.RetryAfter() <= 0) || i != 31 && err != nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if n := rows(t, s); n != 63 {
		t.Errorf("%d rows of 63", n)
	}
	// The store says so while it lasts, goes on reading, and goes on by itself once there is room.
	if _, err := s.AddOrg(context.Background(), "first", nil); err != nil {
		t.Fatal(err)
	}
	limit(mustPages(t, s))
	if err := s.write(context.Background(), func(tx *Tx) error {
		for k := range 20 {
			if _, err := tx.Exec(`INSERT INTO counters (org, name, last) VALUES (8, $1, 1)`, fmt.Sprint(k, big)); err != nil {
				return err
			}
		}
		return nil
	}); code(err) != codeFull {
		t.Fatalf("a write to a full disk: %v", err)
	}
	if s.failing.Load() == nil {
		t.Error("the store does not remember that it failed")
	}
	rows(t, s)
	limit(pages + 1000)
	if err := s.Ready(context.Background()); err != nil {
		t.Errorf("there is room again, but: %v", err)
	}
	if err := s.write(context.Background(), put(1000)); err != nil {
		t.Error(err)
	}
}

func mustPages(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.writer.c.queryRow(context.Background(), `PRAGMA page_count`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAClockSetBack(t *testing.T) {
	now := noon
	var mu sync.Mutex
	dir := t.TempDir()
	s, err := Open(context.Background(), dir+"/test.db", Options{Clock: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	to := func(at time.Time) { mu.Lock(); now = at; mu.Unlock() }
	if err := s.write(context.Background(), put(1)); err != nil {
		t.Fatal(err)
	}
	to(noon.Add(-time.Second)) // forgiven: rows keep the youngest time
	var got int64
	if err := s.write(context.Background(), func(tx *Tx) error { got = tx.now; return put(2)(tx) }); err != nil || got != noon.UnixMilli() {
		t.Errorf("a second back: %v at %d", err, got)
	}
	to(noon.Add(-time.Hour))
	err = s.write(context.Background(), put(3))
	if f, ok := fault.Of(err); !ok || f.Code != fault.Unavailable || f.RetryAfter() != time.Hour {
		t.Errorf("an hour back: %v", err)
	}
	if err := s.Ready(context.Background()); err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("ready: %v", err)
	}
	if n := rows(t, s); n != 2 {
		t.Errorf("%d rows of 2; reads go on", n)
	}
	to(noon.Add(time.Second))
	if err := s.write(context.Background(), put(3)); err != nil {
		t.Error(err)
	}
	if err := s.Ready(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestNothingIsAnsweredBeforeTheCommit(t *testing.T) {
	s := openTest(t)
	release := hold(t, s)
	defer release()
	first, second := make(chan error, 1), make(chan error, 1)
	inSecond, goOn := make(chan struct{}), make(chan struct{})
	go func() {
		first <- s.write(context.Background(), func(*Tx) error { return fault.NothingChanged.New() })
	}()
	for s.Stats().Queued < 1 {
		time.Sleep(time.Millisecond)
	}
	go func() {
		second <- s.write(context.Background(), func(tx *Tx) error { close(inSecond); <-goOn; return put(1)(tx) })
	}()
	for s.Stats().Queued < 2 {
		time.Sleep(time.Millisecond)
	}
	release()
	<-inSecond
	select {
	case err := <-first:
		t.Errorf("refused before the group was committed: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	if err := <-second; err != nil {
		t.Error(err)
	}
	if f, ok := fault.Of(<-first); !ok || f.Code != fault.NothingChanged {
		t.Error("the refusal is lost")
	}
}

func TestWritesAfterCloseAreRefused(t *testing.T) {
	s, err := Open(context.Background(), t.TempDir()+"/test.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.write(context.Background(), put(1)); !errors.Is(err, errClosed) {
		t.Errorf("%v", err)
	}
}

func TestTwoServersOnOneFile(t *testing.T) {
	path := t.TempDir() + "/test.db"
	s, err := Open(context.Background(), path, Options{Serve: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), path, Options{Serve: true}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second server: %v", err)
	}
	c, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatalf("a command beside the server: %v", err)
	}
	before := s.Changed()
	if _, err := c.AddOrg(context.Background(), "tea", nil); err != nil {
		t.Fatal(err)
	}
	if s.Changed() == before {
		t.Error("the server does not notice what the command changed")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again, err := Open(context.Background(), path, Options{Serve: true})
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	again.Close()
}

// A write that runs away, in one statement or in many, is ended by the writer; its neighbours lose nothing.
func TestAWriteThatRunsAway(t *testing.T) {
	for name, runs := range map[string]func(*Tx) error{
		"a query": func(tx *Tx) error {
			var n int64
			return tx.QueryRow(`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c`).Scan(&n)
		},
		"an insert": func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO counters (org, name, last) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT 8, n, 1 FROM c`)
			return err
		},
		"a loop": func(tx *Tx) error {
			for {
				if _, err := tx.Exec(`UPDATE meta SET config = config WHERE id = 1`); err != nil {
					return err
				}
			}
		},
		"one that heeds no error": func(tx *Tx) error {
			for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
				tx.Exec(`UPDATE meta SET config = config WHERE id = 1`)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t)
			s.writer.limit = 100 * time.Millisecond // before anything is sent to it
			start := time.Now()
			errs := group(t, s, 16, func(i int) (context.Context, func(*Tx) error) {
				if i == 7 {
					return context.Background(), func(tx *Tx) error { return errors.Join(put(i)(tx), runs(tx)) }
				}
				return context.Background(), put(i)
			}, nil)
			for i, err := range errs {
				if i == 7 != fault.Is(err, fault.Unavailable) || i != 7 && err != nil {
					t.Errorf("write %d: %v", i, err)
				}
			}
			if n := rows(t, s); n != 15 {
				t.Errorf("%d rows of 15", n)
			}
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("it took %s", took)
			}
			if err := s.write(context.Background(), put(99)); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// While the clock runs behind, taking a right away does not wait, and no row gets an older time.
func TestRevocationHasNoTimeToWait(t *testing.T) {
	var back atomic.Int64
	s, err := Open(context.Background(), t.TempDir()+"/test.db", Options{Clock: func() time.Time { return noon.Add(-time.Duration(back.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	if _, err := s.EnsureDemo(ctx); err != nil {
		t.Fatal(err)
	}
	back.Store(int64(time.Hour))
	if err := s.AddStore(ctx, "demo", "another", ""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("another write: %v", err)
	}
	if err := s.DisableTill(ctx, "demo", "store.till1"); err != nil {
		t.Error(err)
	}
	if err := s.SetTillPassword(ctx, "demo", "store.server", HashPassword(md5Hex("another"))); err != nil {
		t.Error(err)
	}
	if err := s.RevokeKey(ctx, "demo", 1); err != nil {
		t.Error(err)
	}
	var at int64
	err = s.read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT disabled_on FROM tills WHERE org = 1 AND code = 'store.till1'`).Scan(&at)
	})
	if err != nil || at != noon.UnixMilli() {
		t.Errorf("disabled at %s, %v", time.UnixMilli(at), err)
	}
}

// PostgreSQL takes no boolean for an integer, so nothing here may send one.
func TestBooleansAreBoundAsNumbers(t *testing.T) {
	s := openTest(t)
	for _, run := range []func(*Tx) error{
		func(tx *Tx) error { _, err := tx.Exec(`UPDATE meta SET config = $1`, true); return err },
		func(tx *Tx) error { return tx.QueryRow(`SELECT $1`, false).Scan(new(int)) },
		func(tx *Tx) error {
			return tx.Each(func(func(...any) error) error { return nil }, `SELECT $1, $2`, 1, false)
		},
	} {
		if err := s.write(context.Background(), run); err == nil || !strings.Contains(err.Error(), "is a boolean") {
			t.Error(err)
		}
	}
}
