package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// checkFolder reports a missing folder before the lock file or SQLite fail with a less helpful error.
func checkFolder(path string) error {
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no folder %s for the database: create it, or give another file with --db", filepath.Dir(path))
	}
	return nil
}

// checkFile refuses a file that is not one of our databases, before SQLite touches it.
func (s *Store) checkFile(path string) error {
	lost := func(what string) error {
		if st, err := os.Stat(path + "-wal"); err == nil && st.Size() > 0 {
			return fmt.Errorf("%s %s, but its log %s-wal is there: rows may have been lost; put the file back or restore a backup, or move the log away to start afresh", path, what, path)
		}
		return nil
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return cmp.Or(checkFolder(path), lost("is missing"))
	}
	if err != nil {
		return fmt.Errorf("cannot open the database: %w", err)
	}
	defer f.Close()
	head := make([]byte, 100)
	n, err := f.Read(head)
	if errors.Is(err, io.EOF) { // a truncated database must not be silently recreated
		return cmp.Or(lost("is empty"), fmt.Errorf("%s is empty: restore a backup with `arteriole restore`, or remove the file to start afresh", path))
	}
	if err != nil {
		return fmt.Errorf("cannot read the database: %w", err)
	}
	if n < 100 || string(head[:16]) != "SQLite format 3\x00" {
		return fmt.Errorf("%s is not an SQLite database, or its header is damaged: restore a backup with `arteriole restore`", path)
	}
	if id := uint32(head[68])<<24 | uint32(head[69])<<16 | uint32(head[70])<<8 | uint32(head[71]); id != applicationID && id != 0 {
		return fmt.Errorf("%s is a database of another program: give another file with --db", path)
	} else if id == 0 {
		return lost("holds nothing of ours")
	}
	return nil
}

// explain turns SQLite's error about an unusable file into one line that says what to do.
func explain(path string, err error) error {
	switch code(err) {
	case codeCorrupt, codeNotADB:
		return fmt.Errorf("%s is damaged (%w): restore a backup with `arteriole restore`", path, err)
	case codeReadonly, codeCantOpen:
		return fmt.Errorf("cannot use the database %s (%w): whoever runs the command must be allowed to write the file and its folder", path, err)
	}
	return fmt.Errorf("cannot use the database %s: %w", path, err)
}

// maxQuickCheck is the largest file of which a server checks every page before it starts: some 100 ms.
const maxQuickCheck = 64 << 20

// quickCheck refuses a damaged file. Larger files are left to `arteriole check`, which checks more.
func quickCheck(ctx context.Context, path string, c *conn) error {
	if st, err := os.Stat(path); err != nil || st.Size() > maxQuickCheck {
		return err
	}
	var result string
	if err := c.queryRow(ctx, `PRAGMA quick_check(1)`).Scan(&result); err != nil {
		return explain(path, err)
	}
	if result != "ok" {
		return fmt.Errorf("%s is damaged (quick_check: %s): restore a backup with `arteriole restore`", path, strings.ReplaceAll(result, "\n", " "))
	}
	return nil
}

// checkVersion refuses an SQLite older than 3.51.3, whose WAL reset can corrupt a database.
func checkVersion(ctx context.Context, c *conn) error {
	var v string
	if err := c.queryRow(ctx, `SELECT sqlite_version()`).Scan(&v); err != nil {
		return err
	}
	if !atLeast(v, 3, 51, 3) {
		return fmt.Errorf("SQLite %s is too old: 3.51.3 or later is needed", v)
	}
	return nil
}

func atLeast(version string, want ...int) bool {
	for i, p := range strings.Split(version, ".") {
		n, err := strconv.Atoi(p)
		if err != nil || i >= len(want) {
			return err == nil
		}
		if n != want[i] {
			return n > want[i]
		}
	}
	return true
}
