package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// CleanIngestion removes what is no longer needed: files older than a day that no job has, as a crash leaves them, and jobs with
// their rows after the number of days that the org has set. After as many days it ends jobs whose file nobody has started. It does
// a bounded amount for each org, and reports whether more is left.
func (s *Store) CleanIngestion(ctx context.Context) (more bool, err error) {
	dir := s.uploadFolder()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if len(entries) > 0 {
		needed := map[string]bool{}
		err := s.read(ctx, func(tx *Tx) error {
			clear(needed)
			return tx.Each(func(scan func(...any) error) error {
				var file string
				err := scan(&file)
				needed[file] = true
				return err
			}, `SELECT file FROM ingestion_jobs WHERE file <> '' AND finished_on IS NULL`)
		})
		if err != nil {
			return false, err
		}
		for _, e := range entries {
			st, err := e.Info()
			if err != nil || needed[e.Name()] || time.Since(st.ModTime()) < uploadPatience {
				continue
			}
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
				return false, err
			}
		}
	}
	due, err := s.oldIngestion(ctx)
	errs := []error{err}
	for _, org := range due { // one that cannot go does not keep the others
		errs = append(errs, s.endForgotten(ctx, org), s.dropOldJob(ctx, org))
	}
	err = errors.Join(errs...)
	return len(due) > 0 && err == nil, err
}

// oldIngestion returns the orgs that have jobs to remove or end.
func (s *Store) oldIngestion(ctx context.Context) (due []int64, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		due = nil
		orgs, err := column[int64](tx, `SELECT id FROM orgs ORDER BY id`)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			old, err := tx.oldJob(org)
			if err != nil {
				return err
			}
			forgotten, err := tx.forgottenJob(org)
			if err != nil {
				return err
			}
			if old != 0 || forgotten != 0 {
				due = append(due, org)
			}
		}
		return nil
	})
	return due, err
}

// oldJob is the job of an org that ended first, if that is longer ago than the org keeps results; else 0.
func (tx *Tx) oldJob(org int64) (id int64, err error) {
	o, err := tx.org(org)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(`SELECT id FROM ingestion_jobs WHERE org = $1 AND finished_on <= $2 ORDER BY finished_on, id LIMIT 1`, org, tx.now-o.keepsResults()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, err
}

// forgottenJob is a job of an org that has had its file for as long as results are kept, and was never started; else 0.
func (tx *Tx) forgottenJob(org int64) (id int64, err error) {
	o, err := tx.org(org)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(`SELECT id FROM ingestion_jobs WHERE org = $1 AND file <> '' AND finished_on IS NULL AND status = 'CREATED' AND updated_on <= $2 ORDER BY id LIMIT 1`,
		org, tx.now-o.keepsResults()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, err
}

// endForgotten ends a job that nobody has started.
func (s *Store) endForgotten(ctx context.Context, org int64) error {
	var j IngestionJob
	err := s.write(ctx, func(tx *Tx) error {
		j = IngestionJob{}
		id, err := tx.forgottenJob(org)
		if err != nil || id == 0 {
			return err
		}
		o, err := tx.org(org)
		if err != nil {
			return err
		}
		if j, err = tx.ingestionJob(o, org, id); err != nil {
			return err
		}
		return tx.failJob(&j, fault.RequestTimeout, fmt.Sprintf("nobody started it within %d days", o.IngestionResultDays))
	})
	if err != nil {
		return err
	}
	return s.removeFileOf(&j)
}

// keepsResults is how long a job is kept after its end, in milliseconds.
func (o *orgConfig) keepsResults() int64 {
	return int64(o.IngestionResultDays) * 24 * time.Hour.Milliseconds()
}

// dropOldJob removes some rows of the org's oldest job, and once there are none left, the job.
func (s *Store) dropOldJob(ctx context.Context, org int64) error {
	return s.write(ctx, func(tx *Tx) error {
		id, err := tx.oldJob(org) // now, as it may be retried meanwhile
		if err != nil || id == 0 {
			return err
		}
		res, err := tx.Exec(`DELETE FROM ingestion_rows WHERE org = $1 AND job = $2 AND row <= (SELECT min(row) + 999 FROM ingestion_rows WHERE org = $1 AND job = $2)`, org, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		_, err = tx.Exec(`DELETE FROM ingestion_jobs WHERE org = $1 AND id = $2`, org, id)
		return err
	})
}

// uploadPatience is how long a file that no job has is taken for an upload in progress.
const uploadPatience = 24 * time.Hour
