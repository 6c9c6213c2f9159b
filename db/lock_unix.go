//go:build unix

package db

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile takes the lock that only one server at a time may hold. It ends with the process, whatever happens to it.
func lockFile(path string) (*os.File, error) { return flockFile(path+".lock", path) }

// flockFile locks a file; path is the database that it stands for.
func flockFile(name, path string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot create the lock of the database: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w on %s: stop it, or give another file with --db", ErrLocked, path)
		}
		return nil, fmt.Errorf("cannot lock the database: %w", err)
	}
	return f, nil
}
