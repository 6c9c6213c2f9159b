package db

import (
	"context"
	"sync"
)

// watcher reads, on a connection of its own, the number that every change of credentials or settings increments, by whichever
// process. (PRAGMA data_version would show changes of other processes, but changes with each of our own writes too.)
type watcher struct {
	mu     sync.Mutex
	conn   *conn
	seen   uint64
	closed bool
}

// close waits for a running look: requests that a shutdown has cut off may go on for a moment.
func (w *watcher) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return w.conn.close()
}

// Changed returns a number that changes when credentials, settings, stores, tills or sources may have changed, in this process or
// another. What was cached at another number is stale.
func (s *Store) Changed() uint64 {
	w := s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	var n int64
	if w.closed {
		w.seen++ // nothing remembered is safe; the next read tells why
		return w.seen | 1<<63
	}
	if err := w.conn.queryRow(context.Background(), `SELECT config FROM meta WHERE id = 1`).Scan(&n); err != nil {
		w.seen++ // as above
		return w.seen | 1<<63
	}
	w.seen = uint64(n)
	return w.seen
}
