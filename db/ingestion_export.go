package db

import (
	"context"
	"encoding/json"
	"errors"
	"os"
)

// ExportedRow is a row with data of a person: a failed one that is kept, or one in a file not processed yet.
type ExportedRow struct {
	Job    int64           `json:"job"`
	Row    int64           `json:"row,omitempty"` // 0 in a file that waits
	Raw    string          `json:"raw"`
	Errors json.RawMessage `json:"errors,omitempty"`
}

// exportRows searches the rows of files. It holds no snapshot of the database meanwhile, since it may take long.
func (s *Store) exportRows(ctx context.Context, e *exporting) (all []ExportedRow, err error) {
	p := soughtPeople(e.o, personOf(e.customer, e.ids))
	var jobs []IngestionJob
	err = s.read(ctx, func(tx *Tx) (err error) {
		jobs, err = tx.jobsWithRows(e.org)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		j := &jobs[i]
		waiting, err := s.exportFile(ctx, j, p) // first: a row that fails meanwhile is among those
		if err != nil {
			return nil, err
		}
		err = s.EachIngestionRow(ctx, Who{Org: e.org}, j.ID, true, func(r IngestionRow) error {
			if p.in(r.Raw, j) {
				all = append(all, ExportedRow{j.ID, r.Row, r.Raw, r.Errors})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, waiting...)
	}
	return all, nil
}

func (s *Store) exportFile(ctx context.Context, j *IngestionJob, p *sought) (waiting []ExportedRow, err error) {
	if j.File == "" || j.FinishedOn != nil {
		return nil, nil
	}
	f, err := s.OpenIngestionFile(j)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	defer f.Close()
	err = eachRowOf(f, j, func(_ *RowReader, row []byte, long bool) error {
		if !long && p.in(string(row), j) {
			waiting = append(waiting, ExportedRow{Job: j.ID, Raw: string(row)})
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, unavailable(err)
	}
	return waiting, nil
}

// jobsWithRows returns the jobs of an org that hold rows as sent: failed ones, or in a file.
func (tx *Tx) jobsWithRows(org int64) (jobs []IngestionJob, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		j, err := scanIngestionJob(nil, scan)
		jobs = append(jobs, j)
		return err
	}, `SELECT `+ingestionColumns+` FROM ingestion_jobs WHERE org = $1 AND (failed > 0 OR file <> '') ORDER BY id`, org)
	return jobs, err
}
