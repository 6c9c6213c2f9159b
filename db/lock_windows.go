package db

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the lock that only one server at a time may hold. It ends with the process, whatever happens to it.
func lockFile(path string) (*os.File, error) { return flockFile(path+".lock", path) }

// flockFile locks a file; path is the database that it stands for.
func flockFile(name, path string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot create the lock of the database: %w", err)
	}
	if name == path {
		return f, nil // a lock of the file itself would be mandatory here, and keep SQLite out
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return nil, fmt.Errorf("%w on %s: stop it, or give another file with --db", ErrLocked, path)
		}
		return nil, fmt.Errorf("cannot lock the database: %w", err)
	}
	return f, nil
}
