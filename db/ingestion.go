package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The states of an ingestion job (openapi.yaml, Create an Ingestion Job).
const (
	JobCreated   = "CREATED"   // waits for its file
	JobQueued    = "QUEUED"    // has it, and waits for its turn
	JobStarted   = "STARTED"   // is at work
	JobFinished  = "FINISHED"  // every row has its outcome
	JobErrored   = "ERRORED"   // cannot go on; Reason says why
	JobCancelled = "CANCELLED" // was stopped by a caller
)

// IngestionStatuses in the order of a job's life.
var IngestionStatuses = []string{JobCreated, JobQueued, JobStarted, JobFinished, JobErrored, JobCancelled}

// IngestionAsk is a request for a job.
type IngestionAsk struct {
	Profile, Format   string // as the contract spells them
	Source, Account   string // for rows that name none
	DryRun, AutoStart bool
	SkipDownstream    bool   // rows give nothing and tell nobody, as with the header SKIP-DOWNSTREAM
	ExternalReference string // "" for none
	Series            int64  // whose coupons the file is for, 0 for none
	CSV               IngestionCSV
}

// IngestionCSV defines how the columns of a CSV file become a row.
type IngestionCSV struct {
	Delimiter           string            `json:"delimiter"` // one character
	HasHeader           bool              `json:"hasHeader"`
	SkipTop, SkipBottom int               `json:",omitempty"`
	Columns             map[string]int    `json:"columns,omitempty"`   // place in the row → column, from 0; none: the header names the places
	Constants           map[string]string `json:"constants,omitempty"` // place in the row → what stands there in every row
}

// IngestionJob is a job as it is stored.
type IngestionJob struct {
	IngestionAsk
	Org, ID    int64
	Status     string
	Reason     string // why it is ERRORED
	ReasonCode int    // the number of the fault that this is; 0 for none
	Retrying   bool   // goes through the failed rows once more
	Till       int64  // whose rows they are: who made the job, then who sent its file or had it tried again
	Sender     int64  // the till that sent it, when it acts for another one; else 0
	Client     int64  // the OAuth client; 0 for none
	CreatedBy  EntityRef
	CreatedOn  time.Time
	UpdatedOn  time.Time
	StartedOn  *time.Time
	FinishedOn *time.Time
	FileName   string   // as the caller named it
	File       string   // its name in the folder of uploads, "" when it is not there
	FileHash   string   // of what is in it, when the job has an external reference
	Header     []string // the columns of a CSV file
	Total      int64    // rows in the file
	NextRow    int64    // from 1
	NextOffset int64    // where it begins in the file, in bytes
	Succeeded  int64    // with warnings or without
	Warned     int64
	Failed     int64
	Erasures   int64 // that the org has had, of a job to be worked on
}

// Processed is how many rows have an outcome.
func (j *IngestionJob) Processed() int64 { return j.Succeeded + j.Failed }

// Ended reports that the job is over, unless it is retried.
func (j *IngestionJob) Ended() bool {
	return j.Status == JobFinished || j.Status == JobErrored || j.Status == JobCancelled
}

// NewIngestionJob is the answer to AddIngestionJob.
type NewIngestionJob struct {
	Job   IngestionJob
	Again bool // the external reference had made it before
}

// IngestionFile is a file in the folder of uploads.
type IngestionFile struct {
	Name   string   // as the caller named it
	File   string   // in the folder
	Hash   string   // of what is in it, SHA-256 in hex
	Header []string // the columns of a CSV file
	Rows   int64
}

// AddIngestionJob creates a job, or returns the one that the same external reference and parameters have created before.
// Forbidden, if its rows take a role that the caller lacks.
func (s *Store) AddIngestionJob(ctx context.Context, who Who, ask IngestionAsk) (NewIngestionJob, error) {
	if !mayIngest(who, ask.Profile) {
		return NewIngestionJob{}, fault.Forbidden.New()
	}
	return once(ctx, s, who, func(tx *Tx) (NewIngestionJob, error) { return tx.addIngestionJob(who, ask) })
}

// AddIngestionUpload is AddIngestionJob and AttachIngestionFile in one. A job that exists already keeps its file: compare the File
// of the returned job to see whether this one was attached.
func (s *Store) AddIngestionUpload(ctx context.Context, who Who, ask IngestionAsk, file IngestionFile) (NewIngestionJob, error) {
	if !mayIngest(who, ask.Profile) {
		return NewIngestionJob{}, fault.Forbidden.New()
	}
	return once(ctx, s, who, func(tx *Tx) (out NewIngestionJob, err error) {
		if out, err = tx.addIngestionJob(who, ask); err != nil {
			return out, err
		}
		if j := &out.Job; out.Again && (j.Status != JobCreated || j.File != "") {
			if j.FileName != file.Name || j.FileHash != file.Hash || j.Total != file.Rows || !slices.Equal(j.Header, file.Header) {
				err = fault.IngestionReferenceTaken.With("id", j.ID).At("body")
			}
			return out, err
		}
		out.Job, err = tx.attachIngestionFile(who, out.Job.ID, file)
		return out, err
	})
}

func (tx *Tx) addIngestionJob(who Who, ask IngestionAsk) (out NewIngestionJob, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return out, err
	}
	if ask.ExternalReference != "" {
		var id int64
		err := tx.QueryRow(`SELECT id FROM ingestion_jobs WHERE org = $1 AND external_reference = $2`, who.Org, ask.ExternalReference).Scan(&id)
		if err == nil {
			if out.Job, err = tx.ingestionJob(o, who.Org, id); err != nil {
				return out, err
			}
			if toJSON(out.Job.IngestionAsk) != toJSON(ask) {
				return out, fault.IngestionReferenceTaken.With("id", id).At("body: externalReference")
			}
			out.Again = true
			return out, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return out, err
		}
	}
	id, err := tx.next(who.Org, "ingestion_jobs", 1)
	if err != nil {
		return out, err
	}
	_, err = tx.Exec(`INSERT INTO ingestion_jobs (org, id, profile, format, source, account, dry_run, auto_start, external_reference, csv, status, till, created_on, updated_on, sender, client, coupon_series, skip_downstream)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17)`,
		who.Org, id, ask.Profile, ask.Format, ask.Source, ask.Account, bit(ask.DryRun), bit(ask.AutoStart), ask.ExternalReference, toJSON(ask.CSV), JobCreated, who.Till, tx.now, who.Sender, who.Client, ask.Series, bit(ask.SkipDownstream))
	if err != nil {
		return out, err
	}
	if err := tx.auditRow(who, "ingestion.create", "ingestionJob", id, sql.NullString{}, toJSON(map[string]string{"profile": ask.Profile})); err != nil {
		return out, err
	}
	out.Job, err = tx.ingestionJob(o, who.Org, id)
	return out, err
}

// IngestionJob reads a job. IngestionJobNotFound, if there is none.
func (s *Store) IngestionJob(ctx context.Context, who Who, id int64) (j IngestionJob, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		j, err = tx.ingestionJob(o, who.Org, id)
		return err
	})
	return j, err
}

// IngestionJobs lists jobs, the newest first. An empty profile or status is any.
func (s *Store) IngestionJobs(ctx context.Context, who Who, profile, status string, limit, offset int) (jobs []IngestionJob, total int, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		jobs = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		const fits = ` FROM ingestion_jobs WHERE org = $1 AND ($2 = '' OR profile = $2) AND ($3 = '' OR status = $3)`
		if err := tx.QueryRow(`SELECT count(*)`+fits, who.Org, profile, status).Scan(&total); err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			j, err := scanIngestionJob(o, scan)
			jobs = append(jobs, j)
			return err
		}, `SELECT `+ingestionColumns+fits+` ORDER BY id DESC LIMIT $4 OFFSET $5`, who.Org, profile, status, limit, offset)
	})
	return jobs, total, err
}

// CouponUploads lists the jobs that upload coupons of a series, newest first.
func (s *Store) CouponUploads(ctx context.Context, who Who, series int64, page Page) (jobs []IngestionJob, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		jobs = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if _, err := tx.series(o, who.Org, series); err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			j, err := scanIngestionJob(o, scan)
			jobs = append(jobs, j)
			return err
		}, `SELECT `+ingestionColumns+` FROM ingestion_jobs WHERE org = $1 AND coupon_series = $2 ORDER BY id DESC LIMIT $3 OFFSET $4`, who.Org, series, page.Limit, page.Offset)
	})
	return jobs, err
}

// mayIngest reports whether a caller may have jobs of a profile: adding coupon codes is for admins, as in AddCouponCode.
func mayIngest(who Who, profile string) bool { return profile != "COUPON_CODE" || who.Admin }

// AttachIngestionFile gives a job its file and starts it, unless the job is to be started by a call.
func (s *Store) AttachIngestionFile(ctx context.Context, who Who, id int64, file IngestionFile) (IngestionJob, error) {
	return once(ctx, s, who, func(tx *Tx) (IngestionJob, error) { return tx.attachIngestionFile(who, id, file) })
}

func (tx *Tx) attachIngestionFile(who Who, id int64, file IngestionFile) (IngestionJob, error) {
	return tx.changeJob(who, id, "ingestion.file", func(j *IngestionJob) error {
		if j.Status != JobCreated || j.File != "" {
			return fault.IngestionStateForbids.With("id", id, "status", j.Status)
		}
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		var waiting int
		if err := tx.QueryRow(`SELECT count(*) FROM ingestion_jobs WHERE org = $1 AND file <> '' AND finished_on IS NULL`, who.Org).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= o.IngestionFilesWaiting {
			return fault.IngestionFilesFull.With("most", o.IngestionFilesWaiting)
		}
		if o.maxChanges > 0 {
			fits, err := tx.countInSandbox(who.Org, "ingestion_rows", file.Rows, maxSandboxRows)
			if err != nil {
				return err
			}
			if !fits {
				return fault.SandboxFull.New()
			}
		}
		j.FileName, j.File, j.Header, j.Total = file.Name, file.File, file.Header, file.Rows
		if j.ExternalReference != "" {
			j.FileHash = file.Hash
		}
		j.runsFor(who)
		if j.AutoStart {
			j.Status = JobQueued
		}
		return nil
	})
}

// StartIngestion starts a job that has its file.
func (s *Store) StartIngestion(ctx context.Context, who Who, id int64) (IngestionJob, error) {
	return s.changeJob(ctx, who, id, "ingestion.start", func(tx *Tx, j *IngestionJob) error {
		switch {
		case j.Status != JobCreated:
			return fault.IngestionStateForbids.With("id", id, "status", j.Status)
		case j.File == "":
			return fault.IngestionFileMissing.With("id", id)
		}
		j.Status = JobQueued
		return nil
	})
}

// CancelIngestion stops a job and removes its file. Rows already processed keep their effects.
func (s *Store) CancelIngestion(ctx context.Context, who Who, id int64) (IngestionJob, error) {
	j, err := s.changeJob(ctx, who, id, "ingestion.cancel", func(tx *Tx, j *IngestionJob) error {
		if j.FinishedOn != nil {
			return fault.IngestionStateForbids.With("id", id, "status", j.Status)
		}
		at := time.UnixMilli(tx.now)
		j.Status, j.FinishedOn = JobCancelled, &at
		return tx.tellJob(j)
	})
	if err == nil {
		_ = s.removeFileOf(&j) // what cannot be removed is open, and goes when it is closed
	}
	return j, err
}

// RetryIngestion processes the failed rows of a finished job again.
func (s *Store) RetryIngestion(ctx context.Context, who Who, id int64) (IngestionJob, error) {
	return s.changeJob(ctx, who, id, "ingestion.retry", func(tx *Tx, j *IngestionJob) error {
		if j.Status != JobFinished || j.Failed == 0 {
			return fault.IngestionStateForbids.With("id", id, "status", j.Status)
		}
		j.Status, j.Retrying, j.FinishedOn, j.NextRow = JobQueued, true, nil, 1
		j.runsFor(who)
		return nil
	})
}

// runsFor makes the rows count as those of the caller who sends them, not of who created the job: the limits, revocation and name
// of that caller apply. Credentials that created the job for another till, and name none now, continue for that one.
func (j *IngestionJob) runsFor(who Who) {
	if who.Sender == 0 && who.Till == cmp.Or(j.Sender, j.Till) && who.Client == j.Client {
		return
	}
	j.Till, j.Sender, j.Client = who.Till, who.Sender, who.Client
}

// changeJob changes a job on behalf of a caller.
func (s *Store) changeJob(ctx context.Context, who Who, id int64, action string, change func(*Tx, *IngestionJob) error) (IngestionJob, error) {
	return once(ctx, s, who, func(tx *Tx) (IngestionJob, error) {
		return tx.changeJob(who, id, action, func(j *IngestionJob) error { return change(tx, j) })
	})
}

func (tx *Tx) changeJob(who Who, id int64, action string, change func(*IngestionJob) error) (j IngestionJob, err error) {
	o, err := tx.orgToChange(who.Org)
	if err != nil {
		return j, err
	}
	if j, err = tx.ingestionJob(o, who.Org, id); err != nil {
		return j, err
	}
	if !mayIngest(who, j.Profile) {
		return j, fault.Forbidden.New()
	}
	before := j.Status
	if err := change(&j); err != nil {
		return j, err
	}
	if err := tx.putIngestionJob(&j); err != nil {
		return j, err
	}
	if err := tx.auditRow(who, action, "ingestionJob", id, sql.NullString{String: toJSON(map[string]string{"status": before}), Valid: true}, toJSON(map[string]string{"status": j.Status})); err != nil {
		return j, err
	}
	return tx.ingestionJob(o, who.Org, id)
}

const ingestionColumns = `id, profile, format, source, account, dry_run, auto_start, external_reference, csv, status, reason, retrying, till,
	created_on, updated_on, started_on, finished_on, file_name, file, header, total, next_row, next_offset, succeeded, warned, failed, org, sender, client, coupon_series, skip_downstream, file_hash, reason_code`

func scanIngestionJob(o *orgConfig, scan func(...any) error) (j IngestionJob, err error) {
	var csv, header string
	var created, updated int64
	var started, finished sql.NullInt64
	err = scan(&j.ID, &j.Profile, &j.Format, &j.Source, &j.Account, &j.DryRun, &j.AutoStart, &j.ExternalReference, &csv, &j.Status, &j.Reason, &j.Retrying, &j.Till,
		&created, &updated, &started, &finished, &j.FileName, &j.File, &header, &j.Total, &j.NextRow, &j.NextOffset, &j.Succeeded, &j.Warned, &j.Failed, &j.Org, &j.Sender, &j.Client, &j.Series, &j.SkipDownstream, &j.FileHash, &j.ReasonCode)
	if err != nil {
		return j, err
	}
	at := func(ms int64) time.Time {
		if o == nil {
			return time.UnixMilli(ms)
		}
		return o.time(ms)
	}
	j.CreatedOn, j.UpdatedOn = at(created), at(updated)
	if started.Valid {
		t := at(started.Int64)
		j.StartedOn = &t
	}
	if finished.Valid {
		t := at(finished.Int64)
		j.FinishedOn = &t
	}
	if o != nil {
		j.CreatedBy = o.by(j.Till)
	}
	return j, errors.Join(json.Unmarshal([]byte(csv), &j.CSV), json.Unmarshal([]byte(header), &j.Header))
}

func (tx *Tx) ingestionJob(o *orgConfig, org, id int64) (j IngestionJob, err error) {
	r := tx.QueryRow(`SELECT `+ingestionColumns+` FROM ingestion_jobs WHERE org = $1 AND id = $2`, org, id)
	if j, err = scanIngestionJob(o, r.Scan); errors.Is(err, sql.ErrNoRows) {
		return j, fault.IngestionJobNotFound.With("id", id)
	}
	return j, err
}

func (tx *Tx) putIngestionJob(j *IngestionJob) error {
	ms := func(t *time.Time) sql.NullInt64 {
		if t == nil {
			return sql.NullInt64{}
		}
		return sql.NullInt64{Int64: t.UnixMilli(), Valid: true}
	}
	_, err := tx.Exec(`UPDATE ingestion_jobs SET status = $3, reason = $4, retrying = $5, updated_on = $6, started_on = $7, finished_on = $8, file_name = $9, file = $10,
		total = $11, next_row = $12, next_offset = $13, succeeded = $14, warned = $15, failed = $16, header = $17, till = $18, sender = $19, client = $20, file_hash = $21, reason_code = $22 WHERE org = $1 AND id = $2`,
		j.Org, j.ID, j.Status, j.Reason, bit(j.Retrying), tx.now, ms(j.StartedOn), ms(j.FinishedOn), j.FileName, j.File, j.Total, j.NextRow, j.NextOffset, j.Succeeded, j.Warned, j.Failed, toJSON(j.Header), j.Till, j.Sender, j.Client, j.FileHash, j.ReasonCode)
	return err
}
