//go:build unix

package db

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An export holds no snapshot of the database while it reads a file, here from a pipe that gives nothing until it may.
func TestAnExportReadsFilesBesideTheDatabase(t *testing.T) {
	w := newRowsWorld(t)
	w.must(os.Remove(w.files[1]))
	w.must(syscall.Mkfifo(w.files[1], 0o600))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var out Export
	ended := make(chan error, 1)
	go func() {
		var err error
		out, err = w.s.ExportCustomer(ctx, w.who, w.person)
		ended <- err
	}()
	pipe, err := os.OpenFile(w.files[1], os.O_WRONLY, 0) // waits for the reader
	w.must(err)
	var readers []*conn
	for range cap(w.s.readers) {
		c, err := w.s.reader(ctx)
		if err != nil {
			t.Errorf("only %d of %d readers are free: %v", len(readers), cap(w.s.readers), err)
			break
		}
		readers = append(readers, c)
	}
	for _, c := range readers {
		w.s.readers <- c
	}
	_, err = pipe.WriteString(strings.Join(personRows(w.person), "\n") + "\n")
	w.must(err)
	w.must(pipe.Close())
	w.must(<-ended)
	if rows, _ := out.Data["ingestion"].([]ExportedRow); len(rows) != 2*len(personRows(0))+1 {
		t.Errorf("%d rows", len(rows))
	}
}
