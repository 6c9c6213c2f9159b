package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Within a batch a refusal undoes its own write alone, reads see what the batch has written, and what is Undone leaves nothing.
func TestABatchIsOneTurn(t *testing.T) {
	s := openTest(t)
	var before, after int
	err := s.Batch(t.Context(), func(ctx context.Context) error {
		if err := s.write(ctx, put(1)); err != nil {
			return err
		}
		err := s.write(ctx, func(tx *Tx) error { return errors.Join(put(2)(tx), fault.BadRequest.New()) })
		if !fault.Is(err, fault.BadRequest) {
			t.Errorf("a refused write: %v", err)
		}
		count := func(n *int) error {
			return s.read(ctx, func(tx *Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM counters WHERE org = $1`, 7).Scan(n)
			})
		}
		if err := count(&before); err != nil {
			return err
		}
		if err := Undone(ctx, func() {
			if err := s.write(ctx, put(3)); err != nil {
				t.Error(err)
			}
		}); err != nil {
			return err
		}
		return count(&after)
	})
	if err != nil || before != 1 || after != 1 || rows(t, s) != 1 {
		t.Errorf("%d and %d rows within, %d afterwards, %v", before, after, rows(t, s), err)
	}
}

// An error that is no refusal loses the whole batch, whether its write is followed by others or not.
func TestABatchIsLostWhole(t *testing.T) {
	s := openTest(t)
	boom := errors.New("boom")
	err := s.Batch(t.Context(), func(ctx context.Context) error {
		for i, fn := range []func(*Tx) error{put(1), func(*Tx) error { return boom }, put(2)} {
			if err := s.write(ctx, fn); (err != nil) != (i > 0) {
				t.Errorf("write %d: %v", i, err)
			}
		}
		return nil
	})
	if !errors.Is(err, boom) || rows(t, s) != 0 {
		t.Errorf("%d rows are left, %v", rows(t, s), err)
	}
}

// Whoever comes during a batch shares its commit, and a refusal of theirs leaves it alone; when what they do loses the transaction,
// the batch is done anew without them.
func TestABatchLetsOthersIn(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		fn            func(*Tx) error
		want          error
		commits, rows int64
		times         int
	}{
		"stored":  {put(2), nil, 1, 2, 1},
		"refused": {func(tx *Tx) error { return errors.Join(put(2)(tx), fault.BadRequest.New()) }, fault.BadRequest.New(), 1, 1, 1},
		"lost":    {func(tx *Tx) error { return errors.Join(put(2)(tx), boom) }, boom, 1, 1, 2},
	} {
		s := openTest(t)
		before, times, other := s.Stats().Commits, 0, make(chan error, 1)
		err := s.Batch(t.Context(), func(ctx context.Context) error {
			if times++; times == 1 {
				if !s.GoesOn(0) {
					t.Error("a batch that nobody waits for ends")
				}
				go func() { other <- s.write(context.Background(), c.fn) }()
				for deadline := time.Now().Add(10 * time.Second); s.Stats().Queued == 0 && time.Now().Before(deadline); {
					time.Sleep(time.Millisecond)
				}
				if s.GoesOn(0) {
					t.Error("a batch goes on though somebody waits")
				}
			}
			return s.write(ctx, put(1))
		})
		if got := <-other; err != nil || (got == nil) != (c.want == nil) || errors.Is(c.want, boom) && !errors.Is(got, boom) {
			t.Errorf("%s: %v, the other: %v", name, err, got)
		}
		if n := s.Stats().Commits - before; n != c.commits || rows(t, s) != int(c.rows) || times != c.times {
			t.Errorf("%s: %d commits, %d rows, done %d times", name, n, rows(t, s), times)
		}
	}
}

// The log of a serving store begins anew while it is written to without a rest: it does not grow with what is written.
func TestTheLogIsBounded(t *testing.T) {
	oneByOne(t)
	path := copyOf(t, emptyFile)
	s, err := Open(t.Context(), path, Options{Serve: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	blob := make([]byte, 3000)
	written := int64(0)
	for i := range 400 {
		err := s.write(t.Context(), func(tx *Tx) error {
			for k := range 200 {
				if _, err := tx.Exec(`INSERT INTO counters (org, name, last) VALUES ($1, $2, 1)`, 7, fmt.Sprintf("%d %d %x", i, k, blob[:1500])); err != nil {
					return err
				}
				written += 3000
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	st, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	// A commit that finds a checkpoint under way leaves its own to the next one. Without any, the log has some 380 MB here.
	if most := int64(writerCheckpoint) * 4200 * 2; st.Size() > most {
		t.Errorf("%d bytes were written, and the log has %d", written, st.Size())
	}
	p := s.checkpoints.Load()
	if p.idle(t.Context()); p.conn == nil {
		t.Error("no checkpoint was made beside the writer")
	}
}

// Those who are let in wait no longer than a group may take: the rest has a transaction of its own.
func TestABatchLetsInForAWhile(t *testing.T) {
	s := openTest(t)
	const n = 40
	var runs atomic.Int64
	var wg sync.WaitGroup
	before := s.Stats()
	err := s.Batch(t.Context(), func(ctx context.Context) error {
		for i := range n {
			wg.Go(func() {
				err := s.write(context.Background(), func(tx *Tx) error {
					runs.Add(1)
					time.Sleep(groupDeadline / 10)
					return put(i)(tx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		for deadline := time.Now().Add(10 * time.Second); s.Stats().Queued < n && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		return s.write(ctx, put(n))
	})
	wg.Wait()
	after := s.Stats()
	if err != nil || runs.Load() != n || rows(t, s) != n+1 || after.Alone != before.Alone || after.Commits-before.Commits < 4 {
		t.Errorf("%v: %d runs, %d rows, %d alone, %d commits", err, runs.Load(), rows(t, s), after.Alone-before.Alone, after.Commits-before.Commits)
	}
}

// While a checkpoint runs, a batch waits if others write, and does not if nobody does.
func TestABatchWaitsForTheCheckpoint(t *testing.T) {
	s, err := Open(t.Context(), copyOf(t, emptyFile), Options{Serve: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := s.checkpoints.Load()
	p.copying <- struct{}{} // as while one runs
	nothing := func(context.Context) error { return nil }
	s.writer.shared.Store(0)
	if err := s.Batch(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	s.writer.shared.Store(time.Now().Add(time.Hour).UnixMilli())
	ran := make(chan error, 1)
	go func() { ran <- s.Batch(t.Context(), nothing) }()
	select {
	case err := <-ran:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	<-p.copying
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
}
