// Package demo opens stores with the demo organization for tests that begin anew hundreds of
// times: it is made once, and copied for each.
package demo

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/arteriole/arteriole/db"
)

// The till that the examples are sent as.
const (
	Till     = "store.server"
	Password = "server123"
)

// Template is a database with the demo organization, made at its first use.
type Template struct {
	clock func() time.Time
	file  func() ([]byte, error)
}

// New is a template by a clock, which its stores keep.
func New(clock func() time.Time) *Template {
	return &Template{clock, sync.OnceValues(func() ([]byte, error) { return file(clock) })}
}

func file(clock func() time.Time) ([]byte, error) {
	dir, err := os.MkdirTemp("", "arteriole")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "demo.db")
	s, err := db.Open(context.Background(), path, db.Options{Clock: clock, NoSync: true})
	if err != nil {
		return nil, err
	}
	if _, err := s.EnsureDemo(context.Background()); err != nil {
		return nil, err
	}
	// The same password, hashed in no time: each server checks it for the first time.
	salt := []byte("languages")
	key := argon2.IDKey(fmt.Appendf(nil, "%x", md5.Sum([]byte(Password))), salt, 1, 8, 1, 32)
	b64 := base64.RawStdEncoding
	hash := fmt.Sprintf("$argon2id$v=19$m=8,t=1,p=1$%s$%s", b64.EncodeToString(salt), b64.EncodeToString(key))
	if err := s.SetTillPassword(context.Background(), "demo", Till, hash); err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // the last connection folds the WAL into the file
		return nil, err
	}
	return os.ReadFile(path)
}

// Open opens a fresh copy, by as many readers as are asked for; it is closed with the test.
func (d *Template) Open(t testing.TB, readers int) *db.Store {
	t.Helper()
	data, err := d.file()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "demo.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := db.Open(context.Background(), path, db.Options{Clock: d.clock, NoSync: true, Readers: readers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
