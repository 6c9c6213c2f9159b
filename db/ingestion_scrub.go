package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/arteriole/arteriole/fault"
)

// soughtErased searches for all whose data was erased and whose identifiers nobody has had since, by their hashes. An error of the
// store is left in failed.
func (tx *Tx) soughtErased(o *orgConfig, org int64, failed *error) *sought {
	p := &sought{o: o}
	p.has = func(id Identifier) bool {
		err := tx.refuseErased(o, org, []Identifier{id})
		if f, ok := fault.Of(err); ok && f.Code == fault.RegisterErased {
			p.instead = f
			return true
		}
		*failed = errors.Join(*failed, err)
		return false
	}
	p.hasID = func(id int64) (erased bool) {
		err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM customers WHERE org = $1 AND id = $2 AND erased_on IS NOT NULL)`, org, id).Scan(&erased)
		p.instead = fault.CustomerErased.With("id", id)
		*failed = errors.Join(*failed, err)
		return erased
	}
	return p
}

// emptied replaces a row with data of an erased person by what may be kept of it.
func (r *IngestionRow) emptied(f *fault.Fault) {
	type item struct {
		Status  bool   `json:"status"`
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	r.Raw, r.Errors = "", json.RawMessage(toJSON([]item{{false, f.Number, f.Text()}}))
}

// keepNoErased empties a failed row with data of an erased person, before it is stored.
func (tx *Tx) keepNoErased(o *orgConfig, j *IngestionJob, r *IngestionRow) error {
	if o.erasureKey == nil || r.Raw == "" {
		return nil
	}
	var failed error
	p := tx.soughtErased(o, j.Org, &failed)
	switch told := p.in(r.Raw, j); {
	case failed != nil:
		return failed
	case told:
		r.emptied(p.instead)
	case refusedAsErased(r.Errors): // by its id, or by a value that only the operation understands
		r.Raw = ""
	}
	return nil
}

// refusedAsErased reports whether a row failed because its customer was erased.
func refusedAsErased(errs json.RawMessage) bool {
	var items []struct{ Code int }
	if json.Unmarshal(errs, &items) != nil {
		return false
	}
	for _, it := range items {
		if it.Code == fault.CustomerErased.Number || it.Code == fault.RegisterErased.Number {
			return true
		}
	}
	return false
}

// scrub empties the rows of an org, in the database and in files, that hold data of the people.
func (s *Store) scrub(ctx context.Context, org int64, p *sought) error {
	var jobs []IngestionJob
	err := s.read(ctx, func(tx *Tx) (err error) {
		jobs, err = tx.jobsWithRows(org)
		return err
	})
	for i := 0; err == nil && i < len(jobs); i++ {
		j := &jobs[i]
		if j.File != "" { // first, so that no row comes from there after the rows were looked through
			err = s.scrubFile(ctx, j, p)
		}
		for after := int64(0); err == nil && after >= 0; {
			after, err = s.scrubRows(ctx, j, p, after)
		}
	}
	return err
}

// scrubStep is how many rows one step searches.
const scrubStep = 200

// scrubRows searches the next failed rows of a job after one, and returns the last row searched; -1 if there are no more.
func (s *Store) scrubRows(ctx context.Context, j *IngestionJob, p *sought, after int64) (last int64, err error) {
	var told []IngestionRow
	err = s.read(ctx, func(tx *Tx) error {
		told, last = nil, -1
		rows, err := tx.rowsAfter(j.Org, j.ID, after, true, scrubStep)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if last = r.Row; r.Raw != "" && p.in(r.Raw, j) {
				told = append(told, r)
				told[len(told)-1].emptied(p.instead)
			}
		}
		if len(rows) < scrubStep {
			last = -1
		}
		return nil
	})
	if err != nil || len(told) == 0 {
		return last, err
	}
	return last, s.write(ctx, func(tx *Tx) error {
		for _, r := range told {
			_, err := tx.Exec(`UPDATE ingestion_rows SET raw = '', errors = $4 WHERE org = $1 AND job = $2 AND row = $3 AND outcome = 'error'`, j.Org, j.ID, r.Row, string(r.Errors))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// scrubFile overwrites rows in the file of a job, or removes the file if the job has ended. The replacement is as long as the row,
// so that the offsets of the others stay valid, and fails when it is processed.
func (s *Store) scrubFile(ctx context.Context, j *IngestionJob, p *sought) error {
	if j.FinishedOn != nil {
		if err := s.removeFileOf(j); err != nil {
			return unavailable(err)
		}
		return nil
	}
	path := s.uploadPath(j.File)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) { // its job has ended meanwhile
		return nil
	}
	if err != nil {
		return unavailable(err)
	}
	defer f.Close()
	var piece []rowOfFile
	size := 0
	look := func() error {
		err := blank(ctx, f, j, p, piece)
		piece, size = piece[:0], 0
		return err
	}
	err = eachRowOf(f, j, func(r *RowReader, row []byte, long bool) error {
		at := rowOfFile{raw: string(row), start: r.start, bytes: len(row), long: long}
		if long { // of which no job makes anything
			at.bytes = int(r.Offset - r.start - 1)
		}
		piece = append(piece, at)
		if size += len(row); len(piece) == scrubStep || size >= scrubBytes {
			return look()
		}
		return nil
	})
	if err == nil {
		err = look()
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// scrubBytes is about how many bytes of a file one step searches.
const scrubBytes = 1 << 20

// rowOfFile is a row with its position in a file.
type rowOfFile struct {
	raw   string
	start int64
	bytes int
	long  bool
}

// blank overwrites those of some rows of a file that hold data of the people.
func blank(ctx context.Context, f io.WriterAt, j *IngestionJob, p *sought, rows []rowOfFile) error {
	for _, r := range rows {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !r.long && !p.in(r.raw, j) {
			continue
		}
		with, isCSV := bytes.Repeat([]byte{'x'}, r.bytes), filepath.Ext(j.File) == ".csv"
		if isCSV && r.bytes >= 3 { // so that no record before it, whose quotes never end, goes on over it
			with[1] = '"'
		}
		if !isCSV && r.bytes >= 2 {
			with = append(append([]byte{'{'}, bytes.Repeat([]byte{' '}, r.bytes-2)...), '}')
		}
		if _, err := f.WriteAt(with, r.start); err != nil {
			return err
		}
	}
	return nil
}

func eachRowOf(f io.Reader, j *IngestionJob, do func(r *RowReader, row []byte, long bool) error) error {
	comma := rune(0)
	if filepath.Ext(j.File) == ".csv" {
		comma = j.CSV.Comma()
	}
	for r := NewRowReader(f, comma, 0); ; {
		row, long, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(r, row, long)
		}
		if err != nil {
			return err
		}
	}
}

// toScrub records a person to look for until that is done, and counts the erasures, so that a job reads its rows again.
func (tx *Tx) toScrub(org int64, p person) error {
	if _, err := tx.Exec(`INSERT INTO erasure_scrubs (org, customer, sought) VALUES ($1, $2, $3)`, org, p.ID, toJSON(p)); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE erasure_keys SET erasures = erasures + 1 WHERE org = $1`, org)
	return err
}

// scrubbed completes erasures. What was kept for them may have left copies in the file.
func (s *Store) scrubbed(ctx context.Context, org int64, people ...person) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.org(org)
		if err != nil {
			return err
		}
		for _, p := range people {
			if _, err := tx.Exec(`DELETE FROM erasure_scrubs WHERE org = $1 AND customer = $2`, org, p.ID); err != nil {
				return err
			}
		}
		return tx.toRewrite(o)
	})
}

// Erasures signals that an erasure is left to FinishErasures.
func (s *Store) Erasures() <-chan struct{} { return s.erasures }

// FinishErasures searches the rows of files for erased people, where that is not done. Several calls may run at a time: each org
// is handled by one of them, so that no org waits for the files of another.
func (s *Store) FinishErasures(ctx context.Context) error {
	left, err := s.unfinishedErasures(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var errs []error
	var running sync.WaitGroup
	for org := range left {
		if _, busy := s.scrubbing.LoadOrStore(org, true); busy {
			continue
		}
		running.Go(func() {
			defer s.scrubbing.Delete(org)
			for { // until nobody is left who was erased meanwhile
				left, err := s.unfinishedErasures(ctx)
				if err == nil && len(left[org]) > 0 {
					err = s.finishErasures(ctx, org, left[org]...)
				}
				if err != nil || len(left[org]) == 0 {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

func (s *Store) unfinishedErasures(ctx context.Context) (left map[int64][]person, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		left = map[int64][]person{}
		return tx.Each(func(scan func(...any) error) error {
			var org int64
			var sought string
			if err := scan(&org, &sought); err != nil {
				return err
			}
			var p person
			err := json.Unmarshal([]byte(sought), &p)
			left[org] = append(left[org], p)
			return err
		}, `SELECT org, sought FROM erasure_scrubs ORDER BY org, customer`)
	})
	return left, err
}

func (s *Store) finishErasures(ctx context.Context, org int64, people ...person) error {
	var o *orgConfig
	err := s.read(ctx, func(tx *Tx) (err error) {
		o, err = tx.org(org)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.scrub(ctx, org, soughtPeople(o, people...)); err != nil {
		return err
	}
	return s.scrubbed(ctx, org, people...)
}
