package db

import (
	"context"
	"encoding/json"
)

// IngestionRow is what became of one row.
type IngestionRow struct {
	Row              int64
	Entity           int64 // the id of what it made or changed, 0 for none
	Errors, Warnings json.RawMessage
	Raw              string // the row as it came, of a row that failed
}

func (r *IngestionRow) outcome() string {
	switch {
	case string(r.Errors) != "[]":
		return "error"
	case string(r.Warnings) != "[]":
		return "warning"
	}
	return "success"
}

// IngestionRows reads what became of the rows of a job, in their order. outcome is "error", "warning", "success" or "all".
func (s *Store) IngestionRows(ctx context.Context, who Who, id int64, outcome string, limit, offset int) (rows []IngestionRow, total int64, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		rows = nil
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		j, err := tx.ingestionJob(o, who.Org, id)
		if err != nil {
			return err
		}
		each := func(scan func(...any) error) error {
			r, err := scanIngestionRow(scan)
			rows = append(rows, r)
			return err
		}
		switch outcome { // the counters of the job are its rows' (arteriole check), and cheaper
		case "all":
			total = j.Processed()
			return tx.Each(each, `SELECT `+ingestionRowColumns+` FROM ingestion_rows WHERE org = $1 AND job = $2 ORDER BY row LIMIT $3 OFFSET $4`, who.Org, id, limit, offset)
		case "error":
			total = j.Failed
		case "warning":
			total = j.Warned
		default:
			total = j.Succeeded - j.Warned
		}
		return tx.Each(each, `SELECT `+ingestionRowColumns+` FROM ingestion_rows WHERE org = $1 AND job = $2 AND outcome = $3 ORDER BY row LIMIT $4 OFFSET $5`, who.Org, id, outcome, limit, offset)
	})
	return rows, total, err
}

// EachIngestionRow gives the rows of a job that failed, or those that did not, a bounded number at a time.
func (s *Store) EachIngestionRow(ctx context.Context, who Who, id int64, failed bool, f func(IngestionRow) error) error {
	const step = 500
	for after := int64(0); ; {
		var rows []IngestionRow
		err := s.read(ctx, func(tx *Tx) (err error) {
			rows, err = tx.rowsAfter(who.Org, id, after, failed, step)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := f(r); err != nil {
				return err
			}
			after = r.Row
		}
		if len(rows) < step {
			return nil
		}
	}
}

func (tx *Tx) rowsAfter(org, job, after int64, failed bool, most int) (rows []IngestionRow, err error) {
	each := func(scan func(...any) error) error {
		r, err := scanIngestionRow(scan)
		rows = append(rows, r)
		return err
	}
	if failed {
		err = tx.Each(each, `SELECT `+ingestionRowColumns+` FROM ingestion_rows WHERE org = $1 AND job = $2 AND outcome = 'error' AND row > $3 ORDER BY row LIMIT $4`, org, job, after, most)
	} else {
		err = tx.Each(each, `SELECT `+ingestionRowColumns+` FROM ingestion_rows WHERE org = $1 AND job = $2 AND row > $3 AND outcome <> 'error' ORDER BY row LIMIT $4`, org, job, after, most)
	}
	return rows, err
}

const ingestionRowColumns = `row, coalesce(entity, 0), errors, warnings, raw`

func scanIngestionRow(scan func(...any) error) (r IngestionRow, err error) {
	var errs, warnings string
	err = scan(&r.Row, &r.Entity, &errs, &warnings, &r.Raw)
	r.Errors, r.Warnings = json.RawMessage(errs), json.RawMessage(warnings)
	return r, err
}

func (tx *Tx) recordRow(j *IngestionJob, r *IngestionRow) error {
	outcome := r.outcome()
	if outcome != "error" {
		r.Raw = ""
	}
	if j.Retrying { // it had failed before
		j.Failed--
	}
	switch outcome {
	case "error":
		j.Failed++
	case "warning":
		j.Succeeded, j.Warned = j.Succeeded+1, j.Warned+1
	default:
		j.Succeeded++
	}
	entity := orNull(r.Entity)
	_, err := tx.Exec(`INSERT INTO ingestion_rows (org, job, row, outcome, entity, errors, warnings, raw) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (org, job, row) DO UPDATE SET outcome = excluded.outcome, entity = excluded.entity, errors = excluded.errors, warnings = excluded.warnings, raw = excluded.raw`,
		j.Org, j.ID, r.Row, outcome, entity, string(r.Errors), string(r.Warnings), r.Raw)
	return err
}

// FailedRows are the next failed rows of a job that is retrying.
func (s *Store) FailedRows(ctx context.Context, j IngestionJob, most int) (rows []IngestionRow, err error) {
	err = s.read(ctx, func(tx *Tx) (err error) {
		rows, err = tx.rowsAfter(j.Org, j.ID, j.NextRow-1, true, most)
		return err
	})
	return rows, err
}
