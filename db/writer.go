package db

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The writer is one goroutine. It takes all writes that wait and commits them as one transaction, each in a savepoint, so that
// they share the cost of one sync. It never uses a request's context: one that ends in the middle of a statement would roll back
// the whole transaction, and the neighbours' writes with it.
const (
	maxGroup         = 128              // writes in one transaction
	maxQueue         = 4096             // waiting writes; further ones block until their context ends
	groupDeadline    = 2 * time.Second  // after this time, a transaction takes no more writes
	runaway          = 10 * time.Second // after this time, a transaction is aborted
	shortBatch       = 2 * time.Millisecond
	longBatch        = 50 * time.Millisecond
	lately           = time.Second
	forgivenStepBack = 2 * time.Second // a clock set back by no more than this is treated as standing still
)

var errClosed = errors.New("the store is closed")

// Refusal tells the person at the command line why a command changed nothing.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// A write is queued, then running or cancelled, whichever comes first.
const (
	queued int32 = iota
	running
	cancelled
)

type write struct {
	fn    func(*Tx) error
	now   bool // is stored even while the clock is behind
	batch bool // takes long: writes that arrive meanwhile join its transaction
	state atomic.Int32
	err   error
	done  chan struct{}
}

type writer struct {
	s     *Store
	c     *conn
	dog   *watchdog
	limit time.Duration // of a transaction
	queue chan *write
	mu    sync.RWMutex // held for reading while sending on queue, for writing while closing it
	shut  bool
	ended chan struct{}
	last  atomic.Int64 // the youngest time stored, in milliseconds
	// copied is the number of changes of rows when a checkpoint was last asked for.
	copied int64
	fold   atomic.Bool  // the log is long, and nearly all of it is in the file
	shared atomic.Int64 // when the last write came that was not a batch, in milliseconds

	commits, members, alone atomic.Int64
}

func startWriter(s *Store, c *conn) (*writer, error) {
	dog, err := newWatchdog(c)
	if err != nil {
		return nil, err
	}
	w := &writer{s: s, c: c, dog: dog, limit: runaway, queue: make(chan *write, maxQueue), ended: make(chan struct{})}
	var last int64
	if err := c.queryRow(context.Background(), `SELECT last_ms FROM meta WHERE id = 1`).Scan(&last); err != nil {
		return nil, explain(s.path, err)
	}
	w.last.Store(last)
	go func() {
		defer dog.close()
		w.run()
	}()
	return w, nil
}

// write runs fn in the next transaction and returns once that is durable. fn may run more than once, so it must set its results,
// never add to them. An error of fn undoes what it wrote, and nothing else. When ctx ends while the write still waits, it is
// skipped; once it runs, its outcome is awaited.
func (s *Store) write(ctx context.Context, fn func(*Tx) error) error {
	if b := batchOf(ctx); b != nil {
		return b.write(fn)
	}
	return s.writer.submit(ctx, &write{fn: fn, done: make(chan struct{})})
}

// revoke is write for what takes a right away: it does not wait while the clock is behind, and is stamped with the youngest stored
// time.
func (s *Store) revoke(ctx context.Context, fn func(*Tx) error) error {
	return s.writer.submit(ctx, &write{fn: fn, now: true, done: make(chan struct{})})
}

func (w *writer) submit(ctx context.Context, m *write) error {
	w.mu.RLock()
	if w.shut {
		w.mu.RUnlock()
		return unavailable(errClosed)
	}
	select {
	case w.queue <- m:
		w.mu.RUnlock()
	case <-ctx.Done():
		w.mu.RUnlock()
		return unavailable(ctx.Err())
	}
	select {
	case <-m.done:
	case <-ctx.Done():
		if m.state.CompareAndSwap(queued, cancelled) {
			return unavailable(ctx.Err())
		}
		<-m.done
	}
	return m.err
}

func (w *writer) stop() {
	w.mu.Lock()
	if !w.shut {
		w.shut = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	for m := range w.queue {
		for m != nil {
			var group []*write
			group, m = w.gather(m)
			w.do(group)
			if w.fold.CompareAndSwap(true, false) {
				_ = checkpoint(w.c)
			}
		}
	}
}

// gather takes what waits. A batch is a group of its own: next is a batch that was found behind others, which need not wait for
// it.
func (w *writer) gather(first *write) (group []*write, next *write) {
	group = []*write{first}
	if !first.batch {
		w.shared.Store(time.Now().UnixMilli())
	}
	for !first.batch && len(group) < maxGroup {
		select {
		case m, ok := <-w.queue:
			if !ok {
				return group, nil
			}
			if m.batch {
				return group, m
			}
			group = append(group, m)
		default:
			return group, nil
		}
	}
	return group, nil
}

// do runs a group to its end. No member gets its answer before the commit: even a refusal may rest on a neighbour's uncommitted
// row.
func (w *writer) do(group []*write) {
	live := group[:0]
	for _, m := range group {
		if m.state.CompareAndSwap(queued, running) {
			live = append(live, m)
		}
	}
	if d := w.s.behind(); d > 0 {
		live = w.wait(live, d)
	}
	for len(live) > 0 {
		ran, err := w.transaction(live, true)
		switch {
		case err == nil:
		case len(ran) == 1:
			ran[0].err = w.failed(err)
		default:
			// An error that is no refusal took the neighbours' rows with it: each member runs again alone.
			for _, m := range ran {
				w.alone.Add(1)
				if _, err := w.transaction([]*write{m}, false); err != nil {
					m.err = w.failed(err)
				}
			}
		}
		for _, m := range ran {
			close(m.done)
		}
		live = live[min(len(ran), len(live)):]
	}
}

// wait refuses the members that cannot be stored while the clock is behind by d, and returns the others.
func (w *writer) wait(ms []*write, d time.Duration) (live []*write) {
	for _, m := range ms {
		if m.now {
			live = append(live, m)
			continue
		}
		w.refused([]*write{m}, fmt.Errorf("the clock runs %s behind the youngest row", d.Round(time.Second)), d)
		close(m.done)
	}
	return live
}

// transaction runs members and commits them. ran are those that it took: fewer than all if they took long, more if join let others
// in during a batch. On an error, nothing is stored.
func (w *writer) transaction(ms []*write, join bool) (ran []*write, err error) {
	ctx := context.Background()
	if _, err := w.c.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		w.refused(ms, err, time.Second)
		return ms, nil
	}
	commit := false
	defer func() {
		if !commit {
			// SQLite may have rolled back by itself, as it does when the disk is full; saying so again is an error without meaning.
			w.c.exec(ctx, `ROLLBACK`)
		}
	}()
	// Another process may have written since: its rows may be younger than what we remember.
	var last, config, changes int64
	if err := w.c.queryRow(ctx, `SELECT last_ms, config, total_changes() FROM meta WHERE id = 1`).Scan(&last, &config, &changes); err != nil {
		return ms, err
	}
	if p := w.s.checkpoints.Load(); p != nil && changes-w.copied >= checkpointChanges {
		w.copied = changes
		p.want()
	}
	now := max(w.s.clock().UnixMilli(), w.last.Load(), last)
	unwatch := w.dog.watch(w.limit)
	defer unwatch()
	start, wrote := time.Now(), false
	given, letIn, moved := len(ms), 0, false
	for n := 0; n < len(ms) && (n == 0 || n >= given || time.Since(start) < groupDeadline); n++ {
		m := ms[n]
		if m.err, err = w.member(m, &Tx{ctx: ctx, c: w.c, s: w.s, now: now, config: config, moved: &moved, over: w.dog.over}, len(ms) > 1); err != nil {
			return ms, err
		}
		wrote = wrote || m.err == nil
		ran = ms[:n+1]
		if join && m.batch && wrote {
			letIn = min(len(w.queue), maxGroup-given)
		}
		if letIn > 0 && time.Since(start) < groupDeadline {
			letIn--
			ms = w.joined(ms)
		}
	}
	if !wrote {
		return ran, nil
	}
	if _, err := w.c.exec(ctx, `UPDATE meta SET last_ms = $1 WHERE id = 1`, now); err != nil {
		return ran, err
	}
	unwatch() // a commit is not ended half way
	if err := w.dog.over(); err != nil {
		return ran, err
	}
	if _, err := w.c.exec(ctx, `COMMIT`); err != nil {
		return ran, err
	}
	commit = true
	w.last.Store(now)
	w.commits.Add(1)
	w.members.Add(int64(len(ran)))
	if why := w.s.failing.Load(); why != nil && code(*why) != codeFull { // where one small write finds room, the next may not: Ready tells
		w.s.failing.CompareAndSwap(why, nil)
	}
	return ran, nil
}

// joined adds a waiting write to the members: a call that arrived during a batch shares its commit, instead of waiting for that
// and then for its own.
func (w *writer) joined(ms []*write) []*write {
	if w.s.behind() > 0 {
		return ms
	}
	select {
	case m, ok := <-w.queue:
		if ok && m.state.CompareAndSwap(queued, running) {
			w.shared.Store(time.Now().UnixMilli())
			ms = append(ms, m)
		}
	default:
	}
	return ms
}

// member runs one write, inside a savepoint if it has neighbours. own is its answer; lost means that the transaction cannot go on.
func (w *writer) member(m *write, tx *Tx, neighbours bool) (own, lost error) {
	if neighbours {
		own = tx.alone(m.fn)
	} else {
		own = call(m.fn, tx)
	}
	if own != nil && !refusal(own) {
		return own, own
	}
	return own, nil
}

// alone runs fn in a savepoint: a refusal undoes what fn wrote, and nothing else. Any other error concerns the whole transaction
// and must be returned.
func (tx *Tx) alone(fn func(*Tx) error) error {
	if _, err := tx.Exec(`SAVEPOINT item`); err != nil {
		return err
	}
	own := call(fn, tx)
	if own != nil && !refusal(own) {
		return own
	}
	if own != nil {
		if _, err := tx.Exec(`ROLLBACK TO item`); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`RELEASE item`); err != nil {
		return err
	}
	return own
}

// refusal reports an error that leaves the transaction intact: a fault, a violated constraint, something not found.
func refusal(err error) bool {
	_, isFault := fault.Of(err)
	return isFault || errors.Is(err, ErrNotFound) || code(err) == codeConstraint || errors.As(err, new(Refusal))
}

// call runs fn and turns a panic into an error: one faulty write must not stop the writer.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

// refused fails a whole group that could not begin.
func (w *writer) refused(ms []*write, err error, after time.Duration) {
	w.failing(err)
	for _, m := range ms {
		m.err = fault.Unavailable.Because(err).After(after)
	}
}

// failed is the error that the caller gets for a write that could not be stored.
func (w *writer) failed(err error) error {
	err = storeError(err)
	if f, ok := fault.Of(err); ok && f.Code == fault.Unavailable {
		w.failing(err)
	}
	return err
}

func (w *writer) failing(err error) { w.s.failing.Store(&err) }

// GoesOn says whether a batch that has run for so long may go on with another row: not when a write waits for it, and only for a
// short time while others write now and then, since a write that arrives during the batch's commit waits for all its pages to be
// synced. When nobody else writes, batches are long: a commit costs as much as many rows.
func (s *Store) GoesOn(lasted time.Duration) bool {
	w := s.writer
	if len(w.queue) > 0 {
		return false
	}
	if w.sharedLately() {
		return lasted < shortBatch
	}
	return lasted < longBatch
}

// sharedLately reports whether a write other than a batch's came within the last second.
func (w *writer) sharedLately() bool {
	return time.Since(time.UnixMilli(w.shared.Load())) < lately
}

// Stats of the writer since it started.
type Stats struct {
	Commits int64 // transactions, each with at least one sync
	Writes  int64 // members of them
	Alone   int64 // members that ran again alone
	Queued  int   // waiting now
}

// Stats tells how much the writer has done.
func (s *Store) Stats() Stats {
	w := s.writer
	return Stats{w.commits.Load(), w.members.Load(), w.alone.Load(), len(w.queue)}
}
