package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

// IngestionWork returns the jobs to work on: of each org the oldest, as many as its setting allows. While an org's files are
// searched after an erasure, none of its jobs is returned.
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

// erasures returns the number of erasures of an org, and whether its files are still being searched after one.
func (tx *Tx) erasures(org int64) (n int64, looking bool, err error) {
	err = tx.QueryRow(`SELECT coalesce((SELECT erasures FROM erasure_keys WHERE org = $1), 0), EXISTS (SELECT 1 FROM erasure_scrubs WHERE org = $1)`, org).Scan(&n, &looking)
	return n, looking, err
}

// ErrErased means that somebody was erased since rows of a file were read. They may hold data of that person and must be read
// again.
var ErrErased = errors.New("somebody was erased since the rows were read")

// BeginIngestion reads a job within a batch, before its next rows are processed. erasures is the number at which they were read.
// who is the caller in whose name they are processed; who.Till is 0 if the job cannot go on because its till, the till that sent
// it, or its client was disabled. The errors are ErrErased, and ErrNotFound for a job that is not to be worked on any more.
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

// RecordIngestion stores, within a batch, the outcomes of rows and the job's position: in the same transaction as the rows'
// effects. end means that there are no more rows.
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

// keepInSandbox empties a row before it is stored, once a sandbox has kept enough of them. The first reason of each failure is
// kept.
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

// countInSandbox adds to a counter with a limit, and reports whether that fits; what does not fit is not added.
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

// FailIngestion ends a job that cannot go on, with a code and a reason. ErrNotFound, if it has ended already. Its file is removed
// by RemoveIngestionFile, once nobody has it open.
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

// RemoveIngestionFile removes the file of a job that has ended, and does nothing for one that has not. Some systems cannot remove
// an open file: whoever works on a job calls this once more after closing it.
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
