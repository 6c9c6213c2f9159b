package db

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncRange writes what is changed of a part of a file to the disk, and waits for it.
func syncRange(f *os.File, at, length int64) error {
	return unix.SyncFileRange(int(f.Fd()), at, length, unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
}
