package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// older makes a database that has only the first n migrations, as an earlier program left it.
func older(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	d := open(path, "journal_mode(WAL)", "foreign_keys(1)")
	c, err := newConn(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range Migrations()[:n] {
		if err := apply(context.Background(), c, m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.exec(context.Background(), `INSERT INTO orgs (id, name, created_on) VALUES (77, 'kept', 1)`); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAMigrationTakesABackupFirst(t *testing.T) {
	path := older(t, 1)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	s, err := Open(context.Background(), path, Options{Progress: func(line string) { told = append(told, line) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if orgs, _, err := s.Orgs(context.Background()); err != nil || len(orgs) != 1 || orgs[0].Name != "kept" {
		t.Errorf("after the migration: %v, %v", orgs, err)
	}
	if v, err := SchemaVersion(context.Background(), path); err != nil || v != len(Migrations()) {
		t.Errorf("schema %d, %v", v, err)
	}
	copies, err := filepath.Glob(path + ".before-2-*")
	if err != nil || len(copies) != 1 {
		t.Fatalf("backups %v, %v", copies, err)
	}
	if v, err := SchemaVersion(context.Background(), copies[0]); err != nil || v != 1 {
		t.Errorf("the backup has schema %d, %v", v, err)
	}
	if len(told) != len(Migrations()) {
		t.Errorf("told %q", told)
	}
	if len(before) == 0 {
		t.Error("nothing was there before")
	}
}

func TestAMigrationNeedsTheDatabaseForItself(t *testing.T) {
	path := older(t, 1)
	lock, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), path, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("a command beside a server of an older version: %v", err)
	}
	if v, _ := SchemaVersion(context.Background(), path); v != 1 {
		t.Errorf("it migrated to %d all the same", v)
	}
	lock.Close()
}

// Nothing is migrated whose backup is not sound, and nothing is kept of that backup.
func TestAMigrationOfADamagedFileDoesNotBegin(t *testing.T) {
	path := older(t, 1)
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	zeroPage(t, path, st.Size()/4096/2)
	if _, err := Open(context.Background(), path, Options{}); err == nil || !strings.Contains(err.Error(), "the migration was not started") {
		t.Errorf("it began: %v", err)
	}
	if v, err := SchemaVersion(context.Background(), path); v != 1 {
		t.Errorf("schema %d, %v", v, err)
	}
	if left, _ := filepath.Glob(path + ".before*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A migration that was killed in between goes on where it was.
func TestAHalfDoneMigrationGoesOn(t *testing.T) {
	oneByOne(t)
	for n := range len(Migrations()) - 1 {
		s, err := Open(context.Background(), older(t, n+1), Options{})
		if err != nil {
			t.Fatalf("from schema %d: %v", n+1, err)
		}
		if _, err := s.EnsureDemo(context.Background()); err != nil {
			t.Errorf("from schema %d: %v", n+1, err)
		}
		s.Close()
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	oneByOne(t)
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	s, err := Open(context.Background(), good, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.EnsureDemo(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		spoil      func([]byte) []byte
	}{
		{"garbled header", "not an SQLite database", func(b []byte) []byte { copy(b, "garbage garbage!"); return b }},
		{"a text", "not an SQLite database", func([]byte) []byte { return []byte("hello") }},
		{"another program's", "another program", func(b []byte) []byte { copy(b[68:], "NOPE"); return b }},
		{"a newer schema", "newer version", func(b []byte) []byte { copy(b[60:], []byte{0, 0, 0, 99}); return b }},
		{"cut off", "is empty: restore a backup", func([]byte) []byte { return nil }},
		{"a zeroed schema page", "restore a backup", func(b []byte) []byte { clear(b[100:4096]); return b }},
	} {
		path := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-")+".db")
		spoiled := c.spoil(bytes.Clone(whole))
		if err := os.WriteFile(path, spoiled, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(context.Background(), path, Options{Serve: true})
		if err == nil {
			s.Close()
			t.Errorf("%s: opened", c.name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(after, spoiled) {
			t.Errorf("%s: the file was changed, %v", c.name, err)
		}
	}
	if _, err := Open(context.Background(), filepath.Join(dir, "no", "such.db"), Options{}); err == nil || !strings.Contains(err.Error(), "no folder") {
		t.Errorf("no folder: %v", err)
	}
}

func TestAFileThatMayNotBeWrittenIsSaidToBeSo(t *testing.T) {
	s := openTest(t)
	err := s.read(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec(`CREATE TABLE none (a INTEGER)`)
		return err
	})
	if said := explain("tea.db", err).Error(); code(err) != codeReadonly || !strings.HasSuffix(said, "must be allowed to write the file and its folder") {
		t.Errorf("%v: %s", err, said)
	}
}

func TestSettings(t *testing.T) {
	s := openTest(t)
	ctx := context.Background()
	if _, err := s.AddOrg(ctx, "tea", nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, value string
		ok         bool
	}{
		{"primary-identifier", "mobile", true}, {"primary-identifier", "none", true}, {"primary-identifier", "wechat", false},
		{"external-id-length", "12", true}, {"external-id-length", "65", false}, {"external-id-length", "-1", false}, {"external-id-length", "x", false},
		{"country-code", "65", true}, {"country-code", "", false}, {"country-code", "+65", false}, {"country-code", "1234", false},
		{"national-length", "8", true}, {"national-length", "0", true}, {"national-length", "14", false},
		{"time-zone", "Asia/Singapore", true}, {"time-zone", "Mars/Olympus", false}, {"time-zone", "Local", false}, {"time-zone", "", false},
		{"create-date-earliest", "2020-01-31", true}, {"create-date-earliest", "", true}, {"create-date-earliest", "31.1.2020", false},
		{"create-date-ahead", "48", true}, {"create-date-ahead", "-1", false},
		{"rate-limit", "2.5", true}, {"rate-limit", "", true}, {"rate-limit", "-1", false}, {"rate-limit", "NaN", false}, {"rate-limit", "Inf", false},
		{"rate-burst", "10", true}, {"rate-burst", "x", false},
		{"merge-mode", "approve", true}, {"merge-mode", "never", false},
		{"custom-fields", "a, b ,c", true},
		{"no-such-key", "", false},
	} {
		before := s.Changed()
		err := s.SetOrg(ctx, "tea", c.key, c.value)
		var refused Refusal
		if (err == nil) != c.ok || err != nil && !errors.As(err, &refused) {
			t.Errorf("%s %q: %v", c.key, c.value, err)
		}
		if moved := s.Changed() != before; moved != c.ok {
			t.Errorf("%s %q: changed %v", c.key, c.value, moved)
		}
	}
	o, err := s.OrgSettings(ctx, 1)
	if err != nil || o.CountryCode != "65" || o.TimeZone.String() != "Asia/Singapore" || fmt.Sprint(o.CustomFields) != "[a b c]" || !o.MergeNeedsApproval {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := s.AddOrg(ctx, "bad", map[string]string{"time-zone": "Nowhere"}); err == nil {
		t.Error("an org with a bad setting")
	}
	if orgs, _, err := s.Orgs(ctx); err != nil || len(orgs) != 1 {
		t.Errorf("it is there all the same: %v, %v", orgs, err)
	}
}

// A main file that is gone while its log is there was lost: it is not made anew.
func TestALostMainFileIsNotMadeAnew(t *testing.T) {
	oneByOne(t)
	ctx := context.Background()
	for name, lose := range map[string]func(string) error{
		"missing": os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"zeroed": func(path string) error {
			return os.WriteFile(path, append([]byte("SQLite format 3\x00"), make([]byte, 4080)...), 0o600)
		},
	} {
		path := filepath.Join(t.TempDir(), "a.db")
		s, err := Open(ctx, path, Options{Serve: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.EnsureDemo(ctx); err != nil {
			t.Fatal(err)
		}
		// As after a kill: the log is not folded in.
		wal, err := os.ReadFile(path + "-wal")
		if err != nil || len(wal) == 0 {
			t.Fatalf("no log: %v", err)
		}
		s.Close()
		if err := os.WriteFile(path+"-wal", wal, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := lose(path); err != nil {
			t.Fatal(err)
		}
		if again, err := Open(ctx, path, Options{Serve: true}); err == nil {
			again.Close()
			t.Errorf("%s: opened", name)
		} else if !strings.Contains(err.Error(), "rows may have been lost") {
			t.Errorf("%s: %v", name, err)
		}
		if kept, err := os.ReadFile(path + "-wal"); err != nil || !bytes.Equal(kept, wal) {
			t.Errorf("%s: the log was touched", name)
		}
	}
}

func TestAZeroedPageIsFoundAtTheStart(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.EnsureDemo(ctx); err != nil {
		t.Fatal(err)
	}
	s.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), 20*4096); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if s, err := Open(ctx, path, Options{Serve: true}); err == nil {
		s.Close()
		t.Error("a server started on it")
	} else if !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), "restore") {
		t.Error(err)
	}
}

func TestASecondNameOfAFileIsTheSameFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := Open(ctx, path, Options{Serve: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := filepath.Join(t.TempDir(), "b.db")
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	if again, err := Open(ctx, other, Options{Serve: true}); !errors.Is(err, ErrLocked) {
		if err == nil {
			again.Close()
		}
		t.Errorf("a second server under another name: %v", err)
	}
}

// Connections that read are opened when reads meet, never more than the option says, and closed with the store.
func TestReadersAreOpenedAsNeeded(t *testing.T) {
	ctx, must := context.Background(), mustOf(t)
	s, err := Open(ctx, filepath.Join(t.TempDir(), "t.db"), Options{NoSync: true, Readers: 3})
	must(err)
	one := func(tx *Tx) error { return tx.QueryRow(`SELECT 1`).Scan(new(int)) }
	for range 5 {
		must(s.read(ctx, one))
	}
	if n := len(s.unopened); n != 2 {
		t.Errorf("after reads one by one, %d of 3 are not opened, not 2", n)
	}
	var nest func(depth int) error
	nest = func(depth int) error {
		return s.read(ctx, func(tx *Tx) error {
			if depth == 3 {
				return one(tx)
			}
			return nest(depth + 1)
		})
	}
	must(nest(1))
	if n := len(s.unopened); n != 0 {
		t.Errorf("after three reads at once, %d of 3 are not opened", n)
	}
	must(s.read(ctx, func(*Tx) error {
		return s.read(ctx, func(*Tx) error {
			return s.read(ctx, func(*Tx) error {
				soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
				defer cancel()
				if err := s.read(soon, one); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("a fourth read beside three: %v", err)
				}
				return nil
			})
		})
	}))
	must(s.Close())
	if err := s.read(ctx, one); !errors.Is(err, errClosed) {
		t.Errorf("a read after the end: %v", err)
	}
}
