package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

func registerOne(t testing.TB, s *Store, who Who, i int) {
	t.Helper()
	first := fmt.Sprintf("First%d", i)
	ids := []Identifier{{"email", fmt.Sprintf("a%d@example.org", i)}}
	if _, err := s.RegisterCustomer(context.Background(), who, "WEBSITE", "", ProfileInput{FirstName: &first, Identifiers: ids}, CustomerInput{}); err != nil {
		t.Fatal(err)
	}
}

// registered says how many of registerOne a store has, which must be the first ones without a gap.
func registered(t testing.TB, s *Store, who Who) int {
	t.Helper()
	has := func(i int) bool {
		_, err := s.LookupCustomer(context.Background(), who, Identifier{"email", fmt.Sprintf("a%d@example.org", i)}, "WEBSITE", "")
		if f, ok := fault.Of(err); err != nil && (!ok || f.Code != fault.CustomerNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	n := 0
	for has(n) {
		n++
	}
	for i := n + 1; i < n+20; i++ {
		if has(i) {
			t.Errorf("a%d is there, a%d is not", i, n)
		}
	}
	return n
}

// TestBackupUnderLoad takes backups beside a writer that never rests. Each has what was acknowledged before it began,
// and nothing that was not asked for when it ended.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	var asked, acknowledged atomic.Int64
	stop, ended := make(chan struct{}), make(chan struct{})
	plain := 0 // of copies of the file that are as good as a backup: the control
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			asked.Add(1)
			registerOne(t, s, who, i)
			acknowledged.Add(1)
		}
	}()
	for i := range 5 {
		to := filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", i))
		before := acknowledged.Load()
		if plainCopy(t, s.Path(), who, before) {
			plain++
		}
		c, err := Backup(context.Background(), s.Path(), to, nil)
		if err != nil {
			t.Fatal(err)
		}
		after := asked.Load()
		if c.Schema != len(Migrations()) || c.Bytes == 0 {
			t.Errorf("backup: %+v", c)
		}
		if _, problems := checkLines(t, to); len(problems) > 0 {
			t.Errorf("backup %d: %q", i, problems)
		}
		if !plainCopy(t, to, who, before) {
			t.Error("the judge of plain copies takes a backup for a bad one")
		}
		restored, err := Open(context.Background(), to, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := int64(registered(t, restored, who)); n < before || n > after {
			t.Errorf("backup %d has %d customers, want %d to %d", i, n, before, after)
		}
		restored.Close()
	}
	close(stop)
	<-ended
	if plain == 5 {
		t.Error("a plain copy of the file was as good as a backup each time: this test would not see a bad one")
	}
}

// plainCopy says of a plain copy of a database's file whether it is sound and has that many of registerOne.
func plainCopy(t *testing.T, path string, who Who, many int64) bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(to)
	defer d.Close()
	var sound string
	var n int64
	if err := d.QueryRow(`PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		return false
	}
	err = d.QueryRow(`SELECT count(*) FROM identifiers WHERE org = $1 AND value GLOB 'a[0-9]*@example.org'`, who.Org).Scan(&n)
	return err == nil && n >= many
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	s, _ := openDemo(t)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name     string
		ctx      context.Context
		from, to string
		want     string
	}{
		{"file that is there", context.Background(), s.Path(), taken, "already exists and will not be overwritten"},
		{"no database", context.Background(), filepath.Join(dir, "none.db"), filepath.Join(dir, "b"), "there is no database"},
		{"no folder", context.Background(), s.Path(), filepath.Join(dir, "none", "b"), "there is no folder"},
		{"not a database", context.Background(), taken, filepath.Join(dir, "b"), "is not an SQLite database"},
		{"interrupted", cancelled, s.Path(), filepath.Join(dir, "b"), "canceled"},
	} {
		_, err := Backup(c.ctx, c.from, c.to, func(done, total int64) {})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	left, err := os.ReadDir(dir)
	if len(left) != 1 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if b, err := os.ReadFile(taken); string(b) != "mine" || err != nil {
		t.Errorf("the file that was there: %q, %v", b, err)
	}
}

func TestBackupOfADamagedDatabase(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	s, _ := openDemo(t)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := Backup(context.Background(), s.Path(), copied, nil); err != nil {
		t.Fatal(err)
	}
	zeroPage(t, copied, 12)
	to := filepath.Join(t.TempDir(), "b")
	if _, err := Backup(context.Background(), copied, to, nil); err == nil || !strings.Contains(err.Error(), "was discarded") {
		t.Errorf("err %v", err)
	}
	if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup was kept: %v", err)
	}
}

func TestRestore(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	ctx := context.Background()
	s, who := openDemo(t)
	registerOne(t, s, who, 0)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if _, err := Backup(ctx, s.Path(), backup, nil); err != nil {
		t.Fatal(err)
	}
	registerOne(t, s, who, 1)

	if _, err := Restore(ctx, s.Path(), s.Path(), noon, nil); err == nil || !strings.Contains(err.Error(), "is the database itself") {
		t.Errorf("restore of itself: %v", err)
	}
	if _, err := Restore(ctx, s.Path(), backup, noon, nil); err == nil || !strings.Contains(err.Error(), "a command is using the database") {
		t.Errorf("restore beside another command: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	server, err := Open(ctx, s.Path(), Options{Serve: true, Clock: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(ctx, s.Path(), backup, noon, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("restore beside a server: %v", err)
	}
	server.Close()

	// What a server that was killed leaves: rows that are in the WAL alone.
	leaveWAL(t, s.Path(), `INSERT INTO kittens (org, id, name, breed, fluffiness, cuteness, state) VALUES (1, 99, 'Late', 'x', 1, 1, 'available')`)

	c, err := Restore(ctx, s.Path(), backup, noon, func(done, total int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if want := s.Path() + ".replaced-20260203T120000Z"; c.Kept != want || c.Schema != len(Migrations()) {
		t.Errorf("restored %+v, want kept as %s", c, want)
	}
	for path, want := range map[string]int{s.Path(): 1, c.Kept: 2} {
		again, err := Open(ctx, path, Options{Clock: s.clock})
		if err != nil {
			t.Fatal(err)
		}
		if n := registered(t, again, who); n != want {
			t.Errorf("%s has %d customers, want %d", path, n, want)
		}
		if _, err := again.Kitten(ctx, who, 99); (err == nil) != (path == c.Kept) {
			t.Errorf("%s: the row of the WAL: %v", path, err)
		}
		again.Close()
		if _, problems := checkLines(t, path); len(problems) > 0 {
			t.Errorf("%s: %q", path, problems)
		}
	}
	c, err = Restore(ctx, s.Path(), backup, noon, nil) // in the same second
	if want := s.Path() + ".replaced-20260203T120000Z-2"; c.Kept != want || err != nil {
		t.Errorf("restored %+v, %v, want kept as %s", c, err, want)
	}
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	if c, err := Restore(ctx, fresh, backup, noon, nil); c.Kept != "" || err != nil {
		t.Errorf("restored to a new place: %+v, %v", c, err)
	}
}

// leaveWAL runs a statement and leaves the files as a kill would: copied while a connection is open, and put back.
func leaveWAL(t *testing.T, path, statement string) {
	t.Helper()
	d := open(path, "journal_mode(WAL)")
	if _, err := d.Exec(statement); err != nil {
		t.Fatal(err)
	}
	kept := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %d bytes, %v", suffix, len(b), err)
		}
		kept[path+suffix] = b
	}
	d.Close()
	for name, b := range kept {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRestoreOverRuins: what cannot be opened is kept as it is, and its WAL does not get into the new database.
func TestRestoreOverRuins(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	ctx := context.Background()
	s, _ := openDemo(t)
	dir := t.TempDir()
	backup, ruin := filepath.Join(dir, "backup.db"), filepath.Join(dir, "ruin.db")
	if _, err := Backup(ctx, s.Path(), backup, nil); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(ruin+suffix, []byte(strings.Repeat("ruin ", 2000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Restore(ctx, ruin, backup, noon, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		if b, err := os.ReadFile(c.Kept + suffix); !strings.HasPrefix(string(b), "ruin") || err != nil {
			t.Errorf("kept%s: %d bytes, %v", suffix, len(b), err)
		}
	}
	if _, err := os.Stat(ruin + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the WAL of the ruin: %v", err)
	}
	if _, problems := checkLines(t, ruin); len(problems) > 0 {
		t.Errorf("restored: %q", problems)
	}
}

func TestRestoreRefuses(t *testing.T) {
	oneByOne(t)
	t.Parallel()
	ctx := context.Background()
	s, _ := openDemo(t)
	path := s.Path()
	dir := t.TempDir()
	backup := filepath.Join(dir, "backup.db")
	if _, err := Backup(ctx, path, backup, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, change func(path string)) string {
		to := filepath.Join(dir, name)
		if _, err := Backup(ctx, backup, to, nil); err != nil {
			t.Fatal(err)
		}
		change(to)
		return to
	}
	sql := func(q string) func(string) {
		return func(path string) {
			d := open(path)
			defer d.Close()
			if _, err := d.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct{ name, file, want string }{
		{"missing", filepath.Join(dir, "none"), "there is no file"},
		{"zeroed page", with("zeroed", func(p string) { zeroPage(t, p, 12) }), "cannot be restored"},
		{"garbled header", with("header", func(p string) { zeroPage(t, p, 1) }), "cannot be restored"},
		{"cut", with("cut", func(p string) { os.Truncate(p, 4096*7) }), "cannot be restored"},
		{"empty", with("empty", func(p string) { os.Truncate(p, 0) }), "it is not an Arteriole database"},
		{"of another program", with("other", sql(`PRAGMA application_id = 7`)), "it is not an Arteriole database"},
		{"newer schema", with("newer", sql(`PRAGMA user_version = 999`)), "it has schema 999, but this program only supports up to"},
	} {
		_, err := Restore(ctx, path, c.file, noon, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the database has changed (%v)", err)
	}
	left, _ := filepath.Glob(path + ".*")
	if len(left) != 1 || left[0] != path+".lock" {
		t.Errorf("left behind: %q", left)
	}
}
