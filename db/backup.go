package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Copy describes a backup that was made or restored.
type Copy struct {
	Bytes  int64
	Schema int    // version
	Kept   string // restore: where the database that was there is now, "" when there was none
}

// Backup writes a consistent snapshot of the database at path to a new file. It works while a server runs, which continues to read
// and write. progress, if not nil, is called with the bytes written so far and the estimated total.
//
// It uses VACUUM INTO rather than SQLite's backup API: the copy is a single read transaction, so writers cannot make it restart;
// it is one plain file without a WAL; and it holds no pages of deleted rows.
func Backup(ctx context.Context, path, to string, progress func(done, total int64)) (c Copy, err error) {
	if err := Exists(path); err != nil {
		return c, err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return c, fmt.Errorf("cannot write the backup: %w", err)
		}
		return c, Refusal(fmt.Sprintf("%s already exists and will not be overwritten: give a new file", to))
	}
	if _, err := os.Stat(filepath.Dir(to)); errors.Is(err, fs.ErrNotExist) {
		return c, Refusal(fmt.Sprintf("there is no folder %s for the backup: create it, or give another file", filepath.Dir(to)))
	}
	temp, err := copyDatabase(ctx, path, to, progress)
	if err != nil {
		return c, fmt.Errorf("the backup failed and was discarded: %w", err)
	}
	defer os.Remove(temp) // nothing is there any more when all went well
	if c, err = inspect(ctx, temp, `PRAGMA quick_check(1)`); err != nil {
		return c, fmt.Errorf("the backup failed its check and was discarded: %w", err)
	}
	if err := putNew(temp, to); err != nil {
		return c, fmt.Errorf("cannot write the backup: %w", err)
	}
	return c, syncFolder(to)
}

// Exists returns why there is no database of ours at path, for commands that do not create one; nil if there is one.
func Exists(path string) error {
	_, folder := os.Stat(filepath.Dir(path)) // checkFile says that it is missing
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && folder == nil {
		return Refusal(fmt.Sprintf("there is no database %s: give another with --db, or create one with `arteriole org add` or `arteriole serve`", path))
	}
	return (&Store{}).checkFile(path)
}

// copyDatabase copies a database to a new temporary file in the folder of another, and syncs it.
func copyDatabase(ctx context.Context, from, beside string, progress func(done, total int64)) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(beside), filepath.Base(beside)+".part-*") // for its owner's eyes only
	if err != nil {
		return "", err
	}
	name := f.Name()
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(name)
			os.Remove(name + "-journal")
		}
	}()
	c, done, err := openConn(ctx, from, "busy_timeout(10000)", "cache_size(-16000)")
	if err != nil {
		return "", explain(from, err)
	}
	defer done()
	if progress != nil {
		var size int64
		err := c.queryRow(ctx, `SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&size)
		if err != nil {
			return "", explain(from, err)
		}
		defer watchSize(name, size, progress)()
	}
	if _, err := c.c.ExecContext(ctx, `VACUUM INTO ?`, name); err != nil {
		return "", explain(from, err)
	}
	return name, f.Sync()
}

// openConn opens one connection, which ends when done is called.
func openConn(ctx context.Context, path string, pragmas ...string) (c *conn, done func(), err error) {
	d := open(path, pragmas...)
	if c, err = newConn(ctx, d); err != nil {
		d.Close()
		return nil, nil, err
	}
	return c, func() {
		c.close()
		d.Close()
	}, nil
}

// watchSize reports the size of a growing file to progress, until the returned function is called.
func watchSize(path string, total int64, progress func(done, total int64)) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				if st, err := os.Stat(path); err == nil {
					progress(min(st.Size(), total), total)
				}
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// inspect checks that a file is a database of ours that this program can use, and sound as far as the given check tells.
func inspect(ctx context.Context, path, check string) (c Copy, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	c.Bytes = st.Size()
	cn, done, err := openConn(ctx, path, "busy_timeout(10000)", "query_only(1)")
	if err != nil {
		return c, err
	}
	defer done()
	var id int64
	if err := cn.queryRow(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return c, err
	}
	if id != applicationID {
		return c, errors.New("it is not an Arteriole database")
	}
	if c.Schema, err = userVersion(ctx, cn); err != nil {
		return c, err
	}
	if known := len(Migrations()); c.Schema < 1 || c.Schema > known {
		return c, fmt.Errorf("it has schema %d, but this program only supports up to %d: use the newer version", c.Schema, known)
	}
	var found string
	if err := cn.queryRow(ctx, check).Scan(&found); err != nil {
		return c, err
	}
	if found != "ok" {
		return c, errors.New(found)
	}
	return c, nil
}

// putNew gives a file its name, unless that name was taken in the meantime.
func putNew(temp, name string) error {
	err := os.Link(temp, name)
	if err == nil {
		return os.Remove(temp)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(temp, name) // a file system without hard links
}

// syncFolder makes a new name in the folder of a file survive a power failure.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // which cannot open a folder
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
