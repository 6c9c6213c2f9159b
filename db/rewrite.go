package db

import (
	"context"
	"database/sql"
	"os"
	"time"
)

// SQLite overwrites deleted data with zeros (secure_delete), but when it moves rows between pages, copies stay in unused space,
// and the WAL keeps older pages until it is folded in. After an erasure neither may hold anything of it, so the whole file is
// rewritten.

// RewriteNeeded returns since when erased data may have copies in the file; the zero time if it has none.
func (s *Store) RewriteNeeded(ctx context.Context) (since time.Time, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		var ms sql.NullInt64
		err := tx.QueryRow(`SELECT rewrite_since FROM meta WHERE id = 1`).Scan(&ms)
		if since = (time.Time{}); ms.Valid {
			since = time.UnixMilli(ms.Int64)
		}
		return err
	})
	return since, err
}

// Size of the database file in bytes.
func (s *Store) Size() (int64, error) {
	st, err := os.Stat(s.path)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Rewrite rewrites the file without deleted data, and empties the WAL. Reads continue meanwhile; writes wait, some seconds per
// gigabyte. done reports whether the WAL is empty: readers may prevent that, and then Rewrite must be called again.
func (s *Store) Rewrite(ctx context.Context) (done bool, err error) {
	if err := s.FinishErasures(ctx); err != nil {
		return false, err
	}
	since, err := s.RewriteNeeded(ctx)
	if err != nil {
		return false, err
	}
	cn, end, err := openConn(ctx, s.path, "busy_timeout(10000)", "synchronous(FULL)", "secure_delete(1)", "cache_size(-16000)")
	if err != nil {
		return false, explain(s.path, err)
	}
	defer end()
	if _, err := cn.exec(ctx, `VACUUM`); err != nil {
		return false, explain(s.path, err)
	}
	if done, err = emptyLog(ctx, cn); err != nil || !done || since.IsZero() {
		return done, err
	}
	// Unless something was erased meanwhile.
	err = s.write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`UPDATE meta SET rewrite_since = NULL WHERE id = 1 AND rewrite_since = $1`, since.UnixMilli())
		return err
	})
	return err == nil, err
}

// emptyLog folds the WAL into the file and truncates it, unless a reader still needs it.
func emptyLog(ctx context.Context, cn *conn) (bool, error) {
	var busy, pages, moved int
	err := cn.queryRow(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	return busy == 0, err
}
