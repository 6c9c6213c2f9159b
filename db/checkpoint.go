package db

import (
	"context"
	"os"
	"sync/atomic"
	"time"
)

// A checkpoint copies the log into the file, with syncs of both: tens of milliseconds that a commit would spend while others
// wait for it. A serving store does it beside the writer, on a connection of its own. That never sees the end of the log while
// writing goes on, and a log begins anew only when all of it is in the file and synced: when it has become long, what was copied
// is written to the disk piece by piece, so that no commit's sync stands behind thousands of pages, and then the writer copies
// the few pages that were left, between two transactions. While others write, jobs stand still during all this. What SQLite does
// by itself at a commit comes late, and only when this cannot keep up: it bounds the log.
const (
	checkpointChanges = 4000  // rows changed since the last one
	foldedLog         = 16000 // pages of the log, of 4 KiB, from which on the writer copies the rest
	writerCheckpoint  = 32000 // pages at which a commit copies all
)

type checkpointer struct {
	conn    *conn    // nil until the first is due
	file    *os.File // the database, for syncs alone; nil where nothing is synced
	due     chan struct{}
	copying chan struct{} // full while a checkpoint runs
	gone    <-chan struct{}
	ended   chan struct{}
}

// startCheckpointer makes the checkpoints that are asked for. fold asks the writer for the rest of a long log; gone is closed
// when there is no time left to go gently.
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

// idle waits for the end of a checkpoint that runs.
func (p *checkpointer) idle(ctx context.Context) {
	select {
	case p.copying <- struct{}{}:
		<-p.copying
	case <-ctx.Done():
	case <-p.gone:
	}
}

// syncGently writes the pages of the file that are still in the system's memory to the disk, a piece at a time. It is no promise:
// the checkpoint that ends the log syncs the file itself, and is told of every page that could not be written.
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

// checkpoint copies what it can without waiting for anybody, and gives the pages of the log. What fails here (a full disk,
// another process at it) is tried again, and fails a write when it lasts.
func checkpoint(c *conn) (pages int) {
	var busy, moved int
	if err := c.queryRow(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &pages, &moved); err != nil {
		return 0
	}
	return pages
}

// want asks for a checkpoint; one that is asked for already is enough.
func (p *checkpointer) want() {
	select {
	case p.due <- struct{}{}:
	default:
	}
}

// close waits for the checkpoint that runs. Nothing may want one any more.
func (p *checkpointer) close() error {
	close(p.due)
	<-p.ended
	if p.conn == nil {
		return nil
	}
	return p.conn.close()
}
