package db

import (
	"context"
	"os"
	"sync/atomic"
	"time"
)

// A checkpoint copies the write-ahead log into the database file and syncs both: tens of milliseconds, which a commit would spend
// while others wait. So a serving store makes checkpoints on a connection of its own, beside the writer.
//
// Such a checkpoint never reaches the end of the log while writes continue, and SQLite restarts the log only once all of it is in
// the file and synced. So when the log has become long, the copied pages are first written to the disk piece by piece, so that no
// commit's sync waits for thousands of pages, and then the writer copies the few remaining pages between two transactions. Jobs
// pause during all this while others write. SQLite's own checkpoint at a commit comes late, only if this cannot keep up, and
// bounds the log.
const (
	checkpointChanges = 4000  // changed rows after which a checkpoint is due
	foldedLog         = 16000 // pages of the log (4 KiB each) above which the writer copies the rest
	writerCheckpoint  = 32000 // pages at which SQLite's own checkpoint runs at a commit
)

type checkpointer struct {
	conn    *conn    // nil until the first is due
	file    *os.File // the database, for syncs alone; nil where nothing is synced
	due     chan struct{}
	copying chan struct{} // full while a checkpoint runs
	gone    <-chan struct{}
	ended   chan struct{}
}

// startCheckpointer starts the goroutine that makes the checkpoints asked for by want. Setting fold asks the writer for the rest
// of a long log; a closed gone tells it to hurry.
func startCheckpointer(open func() (*conn, error), file *os.File, fold *atomic.Bool, gone <-chan struct{}) *checkpointer {
	p := &checkpointer{file: file, due: make(chan struct{}, 1), copying: make(chan struct{}, 1), gone: gone, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		for range p.due {
			if p.conn == nil {
				c, err := open()
				if err != nil {
					continue // as what fails in checkpoint
				}
				p.conn = c
			}
			p.copying <- struct{}{}
			if checkpoint(p.conn) > foldedLog {
				p.syncGently()
				fold.Store(true)
			}
			<-p.copying
		}
	}()
	return p
}

// idle waits until no checkpoint runs.
func (p *checkpointer) idle(ctx context.Context) {
	select {
	case p.copying <- struct{}{}:
		<-p.copying
	case <-ctx.Done():
	case <-p.gone:
	}
}

// syncGently writes the file's dirty pages to the disk, a piece at a time. It guarantees nothing: the checkpoint that ends the log
// syncs the whole file, and is told of every page that could not be written.
func (p *checkpointer) syncGently() {
	const (
		least, most = 16 << 10, 64 << 20 // bytes of a piece
		quick, slow = 500 * time.Microsecond, time.Millisecond
		longest     = 20 * time.Millisecond // of a pause
	)
	if p.file == nil {
		return
	}
	st, err := p.file.Stat()
	if err != nil {
		return
	}
	for at, piece := int64(0), int64(128<<10); at < st.Size(); {
		began := time.Now()
		if err := syncRange(p.file, at, piece); err != nil {
			return
		}
		at += piece
		took := time.Since(began)
		if took > slow {
			piece = max(piece/2, least)
		} else if took < quick {
			piece = min(2*piece, most)
		}
		select {
		case <-p.gone:
			return
		case <-time.After(min(2*took, longest)):
		}
	}
}

// checkpoint copies what it can without waiting for anybody, and returns the number of pages in the log. A failure (a full disk,
// another process using the file) is retried with the next one; if it lasts, writes fail.
func checkpoint(c *conn) (pages int) {
	var busy, moved int
	if err := c.queryRow(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &pages, &moved); err != nil {
		return 0
	}
	return pages
}

// want asks for a checkpoint.
func (p *checkpointer) want() {
	select {
	case p.due <- struct{}{}:
	default:
	}
}

// close waits for a running checkpoint. want must not be called any more.
func (p *checkpointer) close() error {
	close(p.due)
	<-p.ended
	if p.conn == nil {
		return nil
	}
	return p.conn.close()
}
