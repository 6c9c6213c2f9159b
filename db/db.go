// Package db is the store of Arteriole: one SQLite file, a single writer with group commit, and a pool of read-only connections.
// Each exported method of Store is one transaction. The package knows nothing of HTTP; what a request can be refused for is a
// *fault.Fault.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	_ "time/tzdata" // the time zones of orgs must load on machines that have no zone files

	_ "modernc.org/sqlite"
)

// ErrNotFound means that what was asked for is not stored.
var ErrNotFound = errors.New("not found")

// applicationID marks the file as ours ("ARTE"), so that no command migrates another program's database.
const applicationID = 0x41525445

// Who is the caller: the first argument, after the context, of every method that acts for one.
type Who struct {
	Org       int64
	Till      int64 // the till that acts; 0 for a command
	TillCode  string
	RequestID string
	Sender    int64 // the till whose credentials were sent, if it acts for another one (see ActFor); else 0
	Client    int64 // the OAuth client; 0 for none
	Once      *Once // of an Idempotency-Key; nil for none
	Quiet     bool  // its changes are not sent to webhooks
	Admin     bool  // the credential is of role admin, or it is a command
}

// Options of a store. The zero value suits commands.
type Options struct {
	Serve    bool             // take the lock on the file that only one server at a time can hold
	Clock    func() time.Time // default time.Now
	Random   io.Reader        // the source of codes that must not be guessable; default crypto/rand
	Readers  int              // the most read-only connections; default 2 per processor, at least 4
	NoSync   bool             // synchronous=OFF, for tests of what that loses
	Progress func(string)     // called at each long step: the backup before a migration, the migration
}

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	path   string
	clock  func() time.Time
	random io.Reader
	lock   *os.File
	held   *os.File // the database itself, locked while serving
	writer *writer
	wconn  *conn
	// readers holds the idle read connections, and unopened one token for each connection not opened yet: opening one reads the
	// whole schema, which takes some milliseconds and memory.
	readers  chan *conn
	unopened chan struct{}
	// searches holds a token for each search that runs: they are the longest reads, and must leave connections to others.
	searches chan struct{}
	watch    *watcher
	// checkpoints is nil unless the store serves.
	checkpoints atomic.Pointer[checkpointer]
	loyalty     chan struct{} // signals work for WorkLoyalty
	erasures    chan struct{} // signals work for FinishErasures
	scrubbing   sync.Map      // the orgs that FinishErasures is working on
	orgs        orgCache
	turns       turns
	// confirmKey is the key of the MACs of confirmation codes. It lives as long as the store.
	confirmKey []byte
	guesses    guesses
	// keyPatience is how long a repeated request waits for the first one with its key.
	keyPatience   time.Duration
	erasePatience time.Duration
	closing       atomic.Bool
	gone          chan struct{}         // closed with the store
	failing       atomic.Pointer[error] // why the last write could not be stored; nil when it could
	trying        sync.Mutex            // held by room
	db            *sql.DB               // the writer's
	rdb           *sql.DB
}

// Open opens the database at path, creating it if it does not exist, and migrates its schema. An older schema is backed up beside
// the file first; a migration needs the lock, so it fails with ErrLocked while a server runs. With o.Serve a second server fails
// with ErrLocked.
func Open(ctx context.Context, path string, o Options) (_ *Store, err error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Readers <= 0 {
		o.Readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	s := &Store{path: path, clock: o.Clock, random: o.Random, gone: make(chan struct{}),
		readers: make(chan *conn, o.Readers), unopened: make(chan struct{}, o.Readers),
		loyalty:  make(chan struct{}, 1),
		erasures: make(chan struct{}, 1),
		searches: make(chan struct{}, max(1, o.Readers/2)), keyPatience: keyPatience, erasePatience: erasePatience}
	for range o.Readers {
		s.unopened <- struct{}{}
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	s.confirmKey = make([]byte, 32)
	if _, err := rand.Read(s.confirmKey); err != nil {
		return nil, err
	}
	if err := checkFolder(path); err != nil {
		return nil, err
	}
	if o.Serve {
		if s.lock, err = lockFile(path); err != nil {
			return nil, err
		}
	}
	if err := s.checkFile(path); err != nil {
		return nil, err
	}
	// A new file is readable by its owner alone, unlike those that SQLite creates; SQLite gives the -wal and -shm files the same
	// mode. An error here comes again, with its reason, when SQLite opens the file.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		f.Close()
	}
	if o.Serve {
		// Lock the file itself as well: hard links give it other names.
		if s.held, err = flockFile(path, path); err != nil {
			return nil, err
		}
	}
	synchronous := "FULL"
	if o.NoSync {
		synchronous = "OFF"
	}
	// busy_timeout comes first: the connection must already wait when it switches to WAL.
	s.db = open(path, "busy_timeout(10000)", "journal_mode(WAL)", "synchronous("+synchronous+")", "foreign_keys(1)", "secure_delete(1)", "cache_size(-16000)")
	s.db.SetMaxOpenConns(1)
	wc, err := newConn(ctx, s.db)
	if err != nil {
		return nil, explain(path, err)
	}
	s.wconn = wc
	if err := checkVersion(ctx, wc); err != nil {
		return nil, err
	}
	if err := s.migrate(ctx, wc, o); err != nil {
		return nil, err
	}
	if o.Serve {
		if err := quickCheck(ctx, path, wc); err != nil {
			return nil, err
		}
	}
	// Savepoints keep their undo data in memory; a migration's sorts may use the disk.
	if _, err := wc.exec(ctx, `PRAGMA temp_store = MEMORY`); err != nil {
		return nil, explain(path, err)
	}
	s.rdb = open(path, "busy_timeout(10000)", "query_only(1)", "cache_size(-8000)")
	wt, err := newConn(ctx, s.rdb)
	if err != nil {
		return nil, explain(path, err)
	}
	s.watch = &watcher{conn: wt}
	if s.writer, err = startWriter(s, wc); err != nil || !o.Serve {
		return s, err
	}
	if _, err := wc.exec(ctx, fmt.Sprintf(`PRAGMA wal_autocheckpoint = %d`, writerCheckpoint)); err != nil {
		return nil, explain(path, err)
	}
	file := s.held
	if o.NoSync {
		file = nil
	}
	s.checkpoints.Store(startCheckpointer(func() (*conn, error) { return newConn(context.Background(), s.rdb) }, file, &s.writer.fold, s.gone))
	return s, nil
}

// Close waits for accepted writes and running reads, then closes the file. Later calls fail with Unavailable.
func (s *Store) Close() error {
	if !s.closing.CompareAndSwap(false, true) {
		return nil
	}
	close(s.gone)
	if s.writer != nil {
		s.writer.stop()
	}
	var errs []error
	// A checked-out connection outlives its pool, and would keep the last one from folding the WAL into the file: wait for running
	// reads.
	for range cap(s.readers) {
		select {
		case c := <-s.readers:
			errs = append(errs, c.close())
		case <-s.unopened:
		}
	}
	if p := s.checkpoints.Load(); p != nil {
		errs = append(errs, p.close())
	}
	if s.watch != nil {
		errs = append(errs, s.watch.close())
	}
	if s.wconn != nil {
		errs = append(errs, s.wconn.close())
	}
	for _, d := range []*sql.DB{s.rdb, s.db} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	for _, f := range []*os.File{s.held, s.lock} { // last: closing a file drops SQLite's own locks on it
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// Path of the database file.
func (s *Store) Path() string { return s.path }

func open(path string, pragmas ...string) *sql.DB {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	d, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		panic(err) // the driver is linked in; sql.Open fails for nothing else
	}
	d.SetConnMaxLifetime(0)
	return d
}
