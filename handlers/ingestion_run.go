package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// The engine of ingestion jobs. Each row becomes the request of its API call, and goes through the same router, validation and
// handler, in the name of the caller who sent the file.
//
// Several rows are one transaction of the store's writer (db.Batch): their effects, their outcomes and the job's position in the
// file commit together, so that after a kill each row has happened once or not at all. Between two batches the writer serves other
// callers.
const (
	rowsOfTurn    = 256             // at most
	ingestionRest = 5 * time.Second // between looks for work that other processes may have made
	ingestionWait = time.Second     // after the store could not take a turn
	rowTries      = 10              // of a turn that the store cannot take, before its first row is given up
)

// Work runs ingestion jobs until ctx ends.
func (s *Server) Work(ctx context.Context) {
	open := map[[2]int64]*openJob{}
	defer func() {
		for _, j := range open {
			j.close()
		}
	}()
	cleaned := time.Time{}
	for ctx.Err() == nil {
		jobs, err := s.store.IngestionWork(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("ingestion jobs could not be read", "cause", err.Error())
		}
		here := map[[2]int64]bool{}
		for _, j := range jobs {
			if ctx.Err() != nil {
				return
			}
			key := [2]int64{j.Org, j.ID}
			here[key] = true
			if open[key] == nil {
				open[key] = &openJob{s: s}
			}
			open[key].turn(ctx, j)
		}
		for key, j := range open {
			if !here[key] {
				j.close()
				delete(open, key)
				s.removeFile(ctx, key[0], key[1])
			}
		}
		rest := ingestionRest
		if s.cfg.Clock().Sub(cleaned) > time.Minute {
			more, err := s.store.CleanIngestion(ctx)
			if err != nil && ctx.Err() == nil {
				s.log.Error("old ingestion jobs were not removed", "cause", err.Error())
			}
			if more {
				rest = 10 * time.Millisecond
			} else {
				cleaned = s.cfg.Clock()
			}
		}
		if len(jobs) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(rest):
		}
	}
}

// openJob is a job being worked on, with its file open at the next row.
type openJob struct {
	s       *Server
	file    *os.File
	rows    *db.RowReader
	records *csvRows
	pending []pendingRow // read and not done
	ended   bool         // the file has no more
	tries   int
	// erasures is the org's number of erasures when the pending rows were read.
	erasures int64
}

type pendingRow struct {
	number int64
	raw    string
	long   bool
	end    int64           // where the next one begins
	kept   json.RawMessage // why it failed, of a row that is not there to be tried again
}

func (o *openJob) close() {
	if o.file != nil {
		o.file.Close()
	}
	*o = openJob{s: o.s}
}

// turn processes the next rows of a job.
func (o *openJob) turn(ctx context.Context, j db.IngestionJob) {
	if o.erasures != j.Erasures { // what was read before may tell of somebody
		o.close()
		o.erasures = j.Erasures
	}
	if err := o.fill(ctx, j); err != nil {
		f, ok := fault.Of(err)
		switch {
		case !ok:
			o.end(ctx, j, fault.IngestionFileMissing, "its file is not there or cannot be read", err)
		case f.Code == fault.Unavailable:
			o.rest(ctx)
		default:
			o.end(ctx, j, f.Code, f.Text(), nil)
		}
		return
	}
	most := rowsOfTurn
	if o.tries > 0 {
		most = 1 // whatever it was that the turn before could not do
	}
	var done int
	var finished bool
	err := o.s.store.Batch(ctx, func(ctx context.Context) (err error) {
		done, finished, err = o.do(ctx, j.Org, j.ID, most)
		return err
	})
	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrErased): // cancelled meanwhile; to be read anew
		o.close()
	case err != nil && ctx.Err() != nil:
	case err != nil:
		o.tries++
		o.s.log.Warn("rows of an ingestion job could not be done", "org", j.Org, "job", j.ID, "try", o.tries, "cause", err.Error())
		o.rest(ctx)
	default:
		o.tries = 0
		o.pending = o.pending[done:]
		if finished {
			o.close()
			o.s.removeFile(ctx, j.Org, j.ID)
		}
	}
}

func (o *openJob) rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(ingestionWait):
	}
}

// end fails a job that cannot go on, unless it was cancelled meanwhile, which has removed its file. cause goes to the log.
func (o *openJob) end(ctx context.Context, j db.IngestionJob, code *fault.Code, reason string, cause error) {
	o.close()
	err := o.s.store.FailIngestion(ctx, j.Org, j.ID, code, reason)
	switch {
	case errors.Is(err, db.ErrNotFound):
	case err == nil:
		if cause != nil {
			o.s.log.Error("the file of an ingestion job cannot be read", "org", j.Org, "job", j.ID, "cause", cause.Error())
		}
		o.s.removeFile(ctx, j.Org, j.ID)
	case ctx.Err() == nil:
		o.s.log.Error("an ingestion job could not be ended", "org", j.Org, "job", j.ID, "cause", err.Error())
		o.rest(ctx)
	}
}

// removeFile removes the file of a job that is closed, when it has ended.
func (s *Server) removeFile(ctx context.Context, org, job int64) {
	if err := s.store.RemoveIngestionFile(context.WithoutCancel(ctx), org, job); err != nil {
		s.log.Warn("the file of an ingestion job was not removed", "org", org, "job", job, "cause", err.Error())
	}
}

// fill reads the next rows of the file, or the failed rows of a job that is retried.
func (o *openJob) fill(ctx context.Context, j db.IngestionJob) error {
	if len(o.pending) > 0 {
		return nil
	}
	isCSV := j.Format == "CSV"
	if j.Retrying {
		rows, err := o.s.store.FailedRows(ctx, j, rowsOfTurn)
		if err != nil {
			return err
		}
		if isCSV && o.records == nil {
			if o.records, err = newCSVRows(j.CSV, csvHeader(j), false); err != nil {
				return err
			}
		}
		for _, r := range rows {
			p := pendingRow{number: r.Row, raw: r.Raw}
			if r.Raw == "" { // it was too long, or told of somebody who was erased
				p.kept = r.Errors
			}
			o.pending = append(o.pending, p)
		}
		o.ended = len(rows) < rowsOfTurn
		return nil
	}
	if o.rows == nil {
		f, err := o.s.store.OpenIngestionFile(&j)
		if err != nil {
			return err
		}
		o.file = f
		if o.rows, o.records, err = openRows(f, j, filepath.Ext(j.File) == ".csv", j.NextOffset); err != nil {
			return err
		}
	}
	for n := j.NextRow; len(o.pending) < rowsOfTurn && !o.ended; n++ {
		if n > j.Total {
			o.ended = true
			break
		}
		row, long, err := o.rows.Next()
		if errors.Is(err, io.EOF) {
			o.ended = true
			break
		}
		if err != nil {
			return err
		}
		o.pending = append(o.pending, pendingRow{number: n, raw: string(row), long: long, end: o.rows.Offset})
	}
	o.ended = o.ended || len(o.pending) > 0 && o.pending[len(o.pending)-1].number >= j.Total
	return nil
}

// do processes rows within a batch. It returns how many, and whether they were the last.
func (o *openJob) do(ctx context.Context, org, id int64, most int) (done int, finished bool, err error) {
	j, who, err := o.s.store.BeginIngestion(ctx, org, id, o.erasures)
	if err != nil {
		return 0, false, err
	}
	if who.Till == 0 {
		return 0, false, o.s.store.FailIngestion(ctx, org, id, fault.Unauthorized, "the till or the client that made it was ended")
	}
	p, ok := ingestionProfile(j.Profile)
	if !ok {
		return 0, false, o.s.store.FailIngestion(ctx, org, id, fault.IngestionProfileUnknown, "its profile is not served any more")
	}
	who.RequestID = fmt.Sprintf("job-%d", j.ID)
	var outcomes []db.IngestionRow
	for start := time.Now(); done < len(o.pending) && done < most && (done == 0 || o.s.store.GoesOn(time.Since(start))); done++ {
		row := o.pending[done]
		var out db.IngestionRow
		later := false
		work := func() { out, later = o.row(ctx, who, j, p, row) }
		switch {
		case o.tries >= rowTries:
			out = failedRow(row, fault.Internal.New())
		case j.DryRun:
			if err := db.Undone(ctx, work); err != nil {
				return 0, false, err
			}
		default:
			work()
		}
		if later {
			return 0, false, errors.New("the server was too busy for a row")
		}
		outcomes = append(outcomes, out)
		if !j.Retrying {
			j.NextOffset = row.end
		}
	}
	finished = o.ended && done == len(o.pending)
	return done, finished, o.s.store.RecordIngestion(ctx, j, outcomes, finished)
}

func failedRow(row pendingRow, f *fault.Fault) db.IngestionRow {
	b, err := json.Marshal([]failureItem{{Code: f.Number, Message: f.Text()}})
	if err != nil {
		panic(err) // a plain struct
	}
	return db.IngestionRow{Row: row.number, Errors: b, Warnings: json.RawMessage("[]"), Raw: row.raw}
}

// row processes one row. later means that the server could not do it now, and that it can be tried again.
func (o *openJob) row(ctx context.Context, who db.Who, j db.IngestionJob, p *ingestionKind, row pendingRow) (out db.IngestionRow, later bool) {
	if row.kept != nil {
		return db.IngestionRow{Row: row.number, Errors: row.kept, Warnings: json.RawMessage("[]")}, false
	}
	requests, err := o.requests(j, p, row)
	if o.records != nil {
		row.raw = o.records.bare(row.raw)
	}
	if err != nil {
		return failedRow(row, asFault(err)), false
	}
	out = db.IngestionRow{Row: row.number, Errors: json.RawMessage("[]"), Raw: row.raw}
	entity := ""
	var warnings []json.RawMessage
	for _, r := range requests {
		if r.idFrom {
			r.path = strings.ReplaceAll(r.path, "{id}", entity)
		}
		status, answer := o.s.internalCall(ctx, who, r)
		if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests || answer == nil {
			return out, true
		}
		answer = alonePart(answer)
		var list []json.RawMessage
		json.Unmarshal(answer["warnings"], &list) // absent: none
		warnings = append(warnings, list...)
		if errs := answer["errors"]; len(errs) > 2 && string(errs) != "null" {
			out.Errors = errs
			break
		}
		key := p.entity
		if len(requests) > 1 && r.method == "GET" {
			key = "entity"
		}
		entity = string(answer[key])
	}
	out.Warnings = json.RawMessage("[]")
	if len(warnings) > 0 {
		out.Warnings, _ = json.Marshal(warnings) // of valid JSON
	}
	if string(out.Errors) == "[]" {
		out.Entity, _ = strconv.ParseInt(strings.Trim(entity, `"`), 10, 64) // 0: what has no number has no entity
	}
	return out, false
}

// requests turns a row into its requests.
func (o *openJob) requests(j db.IngestionJob, p *ingestionKind, row pendingRow) ([]rowRequest, error) {
	if row.long {
		return nil, fault.IngestionRowUnreadable.With("reason", fmt.Sprintf("it has more than %d KiB", db.MaxIngestionRow>>10))
	}
	raw := []byte(row.raw)
	var value any
	if o.records != nil {
		if !clean(row.raw) {
			return nil, fault.IngestionRowUnreadable.With("reason", "it is not UTF-8")
		}
		line, object, err := o.records.row(raw)
		if err != nil {
			return nil, err
		}
		if raw = line; object != nil {
			value = typed(o.s.bodyOf(p.operation), object)
		}
	}
	if value == nil {
		var err error
		var bad *jsonError
		if value, err = parseJSON(raw, o.s.cfg.MaxDepth); errors.As(err, &bad) {
			return nil, fault.IngestionRowUnreadable.With("reason", fmt.Sprintf("%s (line %d column %d)", bad.reason, bad.line, bad.column))
		}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fault.IngestionRowUnreadable.With("reason", "it is not an object")
	}
	at := rowPlace{cell(object, "source"), cell(object, "accountId")}
	if at.source == "" {
		at = rowPlace{j.Source, j.Account}
	}
	return p.requests(object, at)
}

// bodyOf is the body schema of an operation; of a bulk operation, that of one item.
func (s *Server) bodyOf(id string) *node {
	op := s.contract.operation(id)
	if op.bulk {
		return op.body.items
	}
	return op.body
}
