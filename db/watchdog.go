package db

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

var errRunaway = errors.New("a write took too long and was ended")

// watchdog aborts what runs on a connection for longer than a limit. A context with a deadline would do so too, but the driver
// starts a goroutine for each statement under one, which is a third of the cost of a registration.
type watchdog struct {
	db  uintptr // sqlite3*
	tls *libc.TLS

	mu    sync.Mutex
	timer *time.Timer // nil: nothing is watched
	late  bool
}

// newWatchdog takes the handle of the database from the driver's connection by reflection: the driver does not export it.
func newWatchdog(c *conn) (*watchdog, error) {
	v := reflect.ValueOf(c.driver)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		if f := v.Elem().FieldByName("db"); f.Kind() == reflect.Uintptr && f.Uint() != 0 {
			return &watchdog{db: uintptr(f.Uint()), tls: libc.NewTLS()}, nil
		}
	}
	return nil, fmt.Errorf("the SQLite driver is not the one this program was made for: %T", c.driver)
}

// watch starts a limit; end stops it.
func (w *watchdog) watch(limit time.Duration) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = false
	var timer *time.Timer
	timer = time.AfterFunc(limit, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.timer != timer {
			return // it has ended meanwhile
		}
		w.late = true
		sqlite3.Xsqlite3_interrupt(w.tls, w.db)
		timer.Reset(10 * time.Millisecond) // a statement that was just about to start has not heard it
	})
	w.timer = timer
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		timer.Stop()
		w.timer = nil
	}
}

// follow aborts what runs when ctx ends; end stops it.
func (w *watchdog) follow(ctx context.Context) (end func()) {
	var unwatch func()
	begun := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		unwatch = w.watch(0)
		close(begun)
	})
	return func() {
		if !stop() {
			<-begun
			unwatch()
		}
	}
}

// over returns errRunaway when the limit has passed, for what runs too long between statements.
func (w *watchdog) over() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.late {
		return errRunaway
	}
	return nil
}

// close frees the resources. Nothing may be watched any more.
func (w *watchdog) close() { w.tls.Close() }
