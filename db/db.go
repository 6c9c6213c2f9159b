// Package db is the store of Arteriole: one SQLite file, one writer that commits in groups, a pool of
// read-only connections. One exported method is one transaction. It knows nothing of HTTP.
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

// ErrNotFound says that what was asked for is not stored.
var ErrNotFound = errors.New("not found")

// applicationID marks the file as ours ("ARTE"), so that a command never migrates somebody else's database.
const applicationID = 0x41525445

// Who asks: the first argument after the context of every method that acts for a caller.
type Who struct {
	Org       int64
	Till      int64 // 0: a command
	TillCode  string
	RequestID string
	Sender    int64 // the till whose credential it was, when it acts for another one (Till, see ActFor); else 0
	Client    int64 // the OAuth client; 0 for none
	Once      *Once // nil: every request is its own
	Quiet     bool  // webhooks are not told of what it changes
	Admin     bool  // the credential is of role admin, or it is a command
}

// Options of a store. The zero value is right for commands.
type Options struct {
	Serve    bool             // takes the lock of the file: only one server at a time
	Clock    func() time.Time // default time.Now
	Random   io.Reader        // of codes that nobody may guess; default crypto/rand
	Readers  int              // read-only connections; default 2 per processor, at least 4
	NoSync   bool             // synchronous=OFF, for tests that show what it loses
	Progress func(string)     // told of long steps (backup before a migration, migration)
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
	// readers are the connections that nobody reads with just now; unopened has a place for each that was not needed yet. A
	// connection reads the whole schema before its first statement: some milliseconds, and memory.
	readers  chan *conn
	unopened chan struct{}
	// searches has a place for each search that may run at a time.
	searches chan struct{}
	watch    *watcher
	// checkpoints is nil unless the store serves.
	checkpoints atomic.Pointer[checkpointer]
	loyalty     chan struct{} // something waits for WorkLoyalty
	erasures    chan struct{} // something waits for FinishErasures
	scrubbing   sync.Map      // orgs that it is about
	orgs        orgCache
	turns       turns
	// confirmKey is that of the MACs of confirmation codes.
	confirmKey []byte
	guesses    guesses
	// keyPatience is how long a repeat waits for the first request with its key.
	keyPatience   time.Duration
	erasePatience time.Duration
	closing       atomic.Bool
	gone          chan struct{}         // closed with the store
	failing       atomic.Pointer[error] // why the last write could not be stored; nil when it could
	trying        sync.Mutex            // held by room
	db            *sql.DB               // the writer's
	rdb           *sql.DB
}

// Open opens the database at path, makes it when it is absent, and brings its schema up to date. A schema
// that is older is migrated after a backup beside the file, for which no server may be running.
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
	// A new file is its owner's alone: SQLite would let everybody read it, and gives the files beside it the same rights. What
	// is wrong with the path is told when it is opened.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		f.Close()
	}
	if o.Serve {
		// The file itself, too: it may have other names.
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
	// What a savepoint may have to take back stays in memory; what a migration sorts may not.
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

// Close waits for the writes that were accepted and the reads that run, then closes the file. Whatever comes later is refused.
func (s *Store) Close() error {
	if !s.closing.CompareAndSwap(false, true) {
		return nil
	}
	close(s.gone)
	if s.writer != nil {
		s.writer.stop()
	}
	var errs []error
	// A checked-out connection outlives its pool, and keeps the last one from folding the WAL into the file. Reads that
	// are under way end first.
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
