package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// A commit that was acknowledged is on disk: each one syncs at least once. strace counts the calls of a real server. The
// control is the same server with synchronous=OFF, which hardly ever syncs; a test that could not tell them apart would
// show nothing.
func TestEveryCommitIsSynced(t *testing.T) {
	commits, syncs := syncsOf(t, false)
	t.Logf("synchronous=FULL: %d syncs for %d commits", syncs, commits)
	if syncs < commits {
		t.Errorf("%d commits and only %d syncs", commits, syncs)
	}
	commits, syncs = syncsOf(t, true)
	t.Logf("synchronous=OFF: %d syncs for %d commits", syncs, commits)
	if syncs*10 > commits {
		t.Errorf("without syncs there were still %d for %d commits", syncs, commits)
	}
}

// syncsOf counts the syncs of a server that takes registrations from 16 clients, and its commits.
func syncsOf(t *testing.T, noSync bool) (commits, syncs int64) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is not installed (Debian: strace)")
		}
		t.Skip("strace is not installed (Debian: strace): syncs are not counted")
	}
	if out, err := exec.Command(strace, "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: syncs are not counted: %s", out)
	}
	dir := t.TempDir()
	db, counts := filepath.Join(dir, "test.db"), filepath.Join(dir, "counts")
	if err := seed(t.Context(), db, 0); err != nil {
		t.Fatal(err)
	}
	s := start(t, db, noSync, strace, "-f", "--seccomp-bpf", "-c", "-o", counts, "-e", "trace=fsync,fdatasync")
	failed := make(chan error, 16)
	for i := range cap(failed) {
		go func() {
			c, err := dial(s.addr, i)
			for n := 0; err == nil && n < 50; n++ {
				err = registerFresh(c)
			}
			failed <- err
		}()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	commits = s.usage(t).Commits
	s.stop(t)
	text, err := os.ReadFile(counts)
	if err != nil {
		t.Fatal(err)
	}
	// % time     seconds  usecs/call     calls    errors syscall
	for line := range bytes.Lines(text) {
		f := bytes.Fields(line)
		if len(f) < 5 || (string(f[len(f)-1]) != "fsync" && string(f[len(f)-1]) != "fdatasync") {
			continue
		}
		n, err := strconv.ParseInt(string(f[3]), 10, 64)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", line, err))
		}
		syncs += n
	}
	return commits, syncs
}
