package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Restore puts a copy of a backup in place of the database at path, or creates that. The whole backup is checked first, and is not
// changed. It fails with ErrLocked while a server runs. An existing database is kept, under a name with now.
func Restore(ctx context.Context, path, from string, now time.Time, progress func(done, total int64)) (c Copy, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link to the database is to stay one
	}
	backup, err := os.Stat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return c, Refusal(fmt.Sprintf("there is no file %s: give a backup made with `arteriole backup`", from))
	}
	if err != nil {
		return c, fmt.Errorf("cannot read the backup: %w", err)
	}
	present, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("cannot read the database: %w", err)
	}
	if present != nil && os.SameFile(backup, present) {
		return c, Refusal(fmt.Sprintf("%s is the database itself: give a backup of it", from))
	}
	if err := checkFolder(path); err != nil {
		return c, err
	}
	lock, err := lockFile(path)
	if err != nil {
		return c, err
	}
	defer lock.Close()
	if _, err := inspect(ctx, from, `PRAGMA integrity_check(1)`); err != nil {
		return c, fmt.Errorf("%s cannot be restored (%w): nothing was changed", from, err)
	}
	temp, err := copyDatabase(ctx, from, path, progress)
	if err != nil {
		return c, fmt.Errorf("the restore failed, nothing was changed: %w", err)
	}
	defer os.Remove(temp) // nothing is there any more when all went well
	if c, err = inspect(ctx, temp, `PRAGMA quick_check(1)`); err != nil {
		return c, fmt.Errorf("the restore failed, nothing was changed: the copy failed its check: %w", err)
	}
	if present != nil {
		if err := os.Chmod(temp, present.Mode().Perm()); err != nil {
			return c, err
		}
		if c.Kept, err = keep(ctx, path, now); err != nil {
			return c, fmt.Errorf("the restore failed, nothing was changed: %w", err)
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return c, fmt.Errorf("the restore failed: %w", err)
	}
	return c, syncFolder(path)
}

// keep gives the present database a second name, without leaving its own name empty at any moment: a server that starts after a
// crash must not find nothing and create a new one.
func keep(ctx context.Context, path string, now time.Time) (as string, err error) {
	as = path + ".replaced-" + now.UTC().Format("20060102T150405Z")
	for i := 2; ; i++ {
		if _, err := os.Lstat(as); errors.Is(err, fs.ErrNotExist) {
			break
		}
		as = fmt.Sprintf("%s.replaced-%s-%d", path, now.UTC().Format("20060102T150405Z"), i)
	}
	if (&Store{}).checkFile(path) == nil {
		if err := oneFile(ctx, path); err != nil {
			return "", err
		}
	}
	// What is left beside a damaged database must be moved away: SQLite would replay the WAL of one database into another.
	if err := os.Rename(path+"-wal", as+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err // it is made anew from the WAL
	}
	if err := os.Link(path, as); err != nil {
		return as, os.Rename(path, as) // a file system without hard links
	}
	return as, nil
}

// oneFile folds the WAL into the database and removes it, which also shows that no command has the file open. A damaged database
// is left as it is.
func oneFile(ctx context.Context, path string) error {
	c, done, err := openConn(ctx, path, "busy_timeout(2000)")
	if err == nil {
		_, err = c.c.ExecContext(ctx, `PRAGMA journal_mode = DELETE`)
		done()
	}
	switch code(err) {
	case codeBusy, codeLocked:
		return Refusal("a command is using the database: wait until it ends, then restore again")
	}
	return ctx.Err()
}
