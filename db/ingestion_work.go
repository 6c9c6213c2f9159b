package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// UploadFolder creates the folder for the files of jobs, beside the database and private like it, and gives its path.
func (s *Store) UploadFolder() (string, error) {
	dir := s.uploadFolder()
	return dir, os.MkdirAll(dir, 0o700)
}

func (s *Store) uploadFolder() string { return s.path + ".uploads" }

// uploadPath is the path of a file in the folder; a name from elsewhere does not lead out of it.
func (s *Store) uploadPath(file string) string {
	return filepath.Join(s.uploadFolder(), filepath.Base(file))
}

// OpenIngestionFile opens the file of a job for reading.
func (s *Store) OpenIngestionFile(j *IngestionJob) (*os.File, error) {
	return os.Open(s.uploadPath(j.File))
}

// IngestionWork gives the jobs that the server has to work on: of each org at most as many as its setting allows, the oldest first.
// While files of an org are looked through after an erasure, none of its jobs goes on.
func (s *Store) IngestionWork(ctx context.Context) (jobs []IngestionJob, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		jobs = nil
		orgs, err := column[int64](tx, `SELECT id FROM orgs WHERE EXISTS (SELECT 1 FROM ingestion_jobs WHERE status = 'STARTED' AND org = orgs.id)
			OR EXISTS (SELECT 1 FROM ingestion_jobs WHERE status = 'QUEUED' AND org = orgs.id) ORDER BY id`)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			erasures, looking, err := tx.erasures(org)
			if err != nil {
				return err
			}
			if looking {
				continue
			}
			o, err := tx.org(org)
			if err != nil {
				return err
			}
			left := o.IngestionJobsAtOnce
			for _, status := range []string{JobStarted, JobQueued} { // a queue of any length is not read beyond what is worked on
				if err := tx.Each(func(scan func(...any) error) error {
					j, err := scanIngestionJob(nil, scan)
					j.Erasures = erasures
					jobs = append(jobs, j)
					left--
					return err
				}, `SELECT `+ingestionColumns+` FROM ingestion_jobs WHERE status = '`+status+`' AND org = $1 ORDER BY id LIMIT $2`, org, left); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return jobs, err
}

// erasures counts those of an org, and says whether its files are still looked through after one.
func (tx *Tx) erasures(org int64) (n int64, looking bool, err error) {
	err = tx.QueryRow(`SELECT coalesce((SELECT erasures FROM erasure_keys WHERE org = $1), 0), EXISTS (SELECT 1 FROM erasure_scrubs WHERE org = $1)`, org).Scan(&n, &looking)
	return n, looking, err
}

// ErrErased says that somebody was erased since rows of a file were read: they may tell of them, and are to be read anew.
var ErrErased = errors.New("somebody was erased since the rows were read")

// BeginIngestion reads a job within a batch, for its next rows, which were read after so many erasures: ErrErased when there was
// another one, ErrNotFound when the job is no longer to be worked on. who is in whose
// name the rows are done. When the till that it acts for or the one that sent it was disabled, or the client was revoked, the job
// cannot go on: then who.Till is 0.
func (s *Store) BeginIngestion(ctx context.Context, org, id, erasures int64) (j IngestionJob, who Who, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(org)
		if err != nil {
			return err
		}
		if j, err = tx.ingestionJob(o, org, id); err != nil {
			return err
		}
		if j.Status != JobQueued && j.Status != JobStarted {
			return ErrNotFound
		}
		switch n, looking, err := tx.erasures(org); {
		case err != nil:
			return err
		case n != erasures || looking:
			return ErrErased
		}
		who = Who{Org: org, Till: j.Till, TillCode: j.CreatedBy.Code, Sender: j.Sender, Client: j.Client, Quiet: j.SkipDownstream}
		ended := !o.active(who.Till) || who.Sender != 0 && !o.active(who.Sender)
		if !ended && who.Client != 0 {
			err = tx.QueryRow(`SELECT revoked_on IS NOT NULL FROM clients WHERE org = $1 AND id = $2`, org, who.Client).Scan(&ended)
		}
		if ended {
			who.Till = 0
		}
		return err
	})
	return j, who, err
}

// RecordIngestion stores within a batch what became of rows, and where the job goes on: in the same transaction as what the
// rows did. end says that there are no rows after these.
func (s *Store) RecordIngestion(ctx context.Context, j IngestionJob, rows []IngestionRow, end bool) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.org(j.Org)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			if r.outcome() == "error" {
				if err := tx.keepNoErased(o, &j, r); err != nil {
					return err
				}
			}
			if err := tx.keepInSandbox(o, &j, r); err != nil {
				return err
			}
			if err := tx.recordRow(&j, r); err != nil {
				return err
			}
			j.NextRow = r.Row + 1
		}
		now := time.UnixMilli(tx.now)
		if j.StartedOn == nil {
			j.StartedOn = &now
		}
		j.Status = JobStarted
		if end {
			j.Status, j.Retrying, j.FinishedOn = JobFinished, false, &now
			if err := tx.tellJob(&j); err != nil {
				return err
			}
		}
		return tx.putIngestionJob(&j)
	})
}

// What a sandbox keeps of the rows of its files, which are no changes, as those are counted.
const (
	maxSandboxRows = 5000    // that its files may have in all
	maxSandboxRaw  = 2 << 20 // bytes of rows that failed, and of errors and warnings
)

// keepInSandbox empties a row, before it is kept, when a sandbox has kept enough of them. Why it failed is kept of each.
func (tx *Tx) keepInSandbox(o *orgConfig, j *IngestionJob, r *IngestionRow) error {
	if o.maxChanges == 0 || j.Retrying { // one that is retried was counted before
		return nil
	}
	outcome := r.outcome()
	if outcome == "success" {
		return nil
	}
	size := len(r.Errors) + len(r.Warnings)
	if outcome == "error" {
		size += len(r.Raw)
	}
	fits, err := tx.countInSandbox(j.Org, "ingestion_raw", int64(size), maxSandboxRaw)
	if err != nil || fits {
		return err
	}
	r.Raw = ""
	for _, list := range []*json.RawMessage{&r.Errors, &r.Warnings} {
		var items []json.RawMessage
		if err := json.Unmarshal(*list, &items); err != nil {
			return err
		}
		*list = json.RawMessage(toJSON(items[:min(1, len(items))]))
	}
	return nil
}

// countInSandbox counts up to a limit, and says whether so many more fit; those that do not are not counted.
func (tx *Tx) countInSandbox(org int64, name string, more, most int64) (bool, error) {
	if more > most {
		return false, nil
	}
	var n int64
	err := tx.QueryRow(`INSERT INTO counters (org, name, last) VALUES ($1, $2, $3)
		ON CONFLICT (org, name) DO UPDATE SET last = counters.last + excluded.last WHERE counters.last + excluded.last <= $4 RETURNING last`, org, name, more, most).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// FailIngestion ends a job that cannot go on, and says why, with a code: ErrNotFound when it has ended already. Its file goes with
// RemoveIngestionFile, once nobody has it open.
func (s *Store) FailIngestion(ctx context.Context, org, id int64, code *fault.Code, reason string) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.org(org)
		if err != nil {
			return err
		}
		j, err := tx.ingestionJob(o, org, id)
		switch {
		case fault.Is(err, fault.IngestionJobNotFound):
			return ErrNotFound
		case err != nil:
			return err
		case j.FinishedOn != nil:
			return ErrNotFound
		}
		return tx.failJob(&j, code, reason)
	})
}

func (tx *Tx) failJob(j *IngestionJob, code *fault.Code, reason string) error {
	now := time.UnixMilli(tx.now)
	j.Status, j.ReasonCode, j.Reason, j.FinishedOn = JobErrored, code.Number, reason, &now
	if err := tx.tellJob(j); err != nil {
		return err
	}
	return tx.putIngestionJob(j)
}

// RemoveIngestionFile removes the file of a job that has ended; of one that has not, it does nothing. Not every system removes a
// file that is open: whoever works on a job calls this once more after closing its file.
func (s *Store) RemoveIngestionFile(ctx context.Context, org, id int64) error {
	var j IngestionJob
	err := s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(org)
		if err != nil {
			return err
		}
		j, err = tx.ingestionJob(o, org, id)
		return err
	})
	if errors.Is(err, ErrNotFound) || fault.Is(err, fault.IngestionJobNotFound) { // thrown away with its file
		return nil
	}
	if err != nil {
		return err
	}
	return s.removeFileOf(&j)
}

func (s *Store) removeFileOf(j *IngestionJob) error {
	if j.FinishedOn == nil || j.File == "" {
		return nil
	}
	err := os.Remove(s.uploadPath(j.File))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// CleanIngestion removes what is no longer needed: files older than a day that no job needs, as a crash leaves them, and, after the
// org's setting of days, jobs with their rows. Jobs whose file nobody has started for so long it ends. Of each org it does a bounded piece at a
// time and says whether more is left.
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

// oldIngestion are the orgs that have jobs to be removed or ended.
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

// oldJob is the job of an org that ended first, when that is as long ago as its setting says; else 0.
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

// forgottenJob is a job of an org that has had its file for as long as results are kept, and was not started; else 0.
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

// dropOldJob removes some rows of the oldest job of an org, and after the last of them the job.
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

// uploadPatience is how long a file may lie that no job names: its upload is under way.
const uploadPatience = 24 * time.Hour
