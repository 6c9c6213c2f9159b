package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// FetchIngestionRows is GET /v2/dataIngestion/jobs/{jobId}/rows.
func (a *API) FetchIngestionRows(ctx context.Context, r gen.FetchIngestionRowsRequestObject) (gen.FetchIngestionRowsResponseObject, error) {
	outcome := "all"
	if r.Params.Outcome != nil {
		if outcome = strings.ToLower(*r.Params.Outcome); !slices.Contains([]string{"error", "warning", "success", "all"}, outcome) {
			return nil, badRequest("query: outcome", "must be error, warning, success or all")
		}
	}
	p, err := a.page(10, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	rows, total, err := a.store.IngestionRows(ctx, who(ctx), r.JobId, outcome, p.Limit, p.Offset)
	if err != nil {
		return nil, err
	}
	answer := gen.FetchIngestionRows200JSONResponse{Pagination: gen.Pagination{Limit: p.Limit, Offset: p.Offset, Total: int(total)}, Data: make([]gen.IngestionRow, len(rows)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, row := range rows {
		out := gen.IngestionRow{RowNumber: row.Row, Errors: row.Errors, Warnings: row.Warnings}
		if row.Entity != 0 {
			out.EntityId = &row.Entity
		}
		if row.Raw != "" {
			out.Raw = &row.Raw
		}
		answer.Data[i] = out
	}
	return answer, nil
}

// FetchIngestionErrorFile is GET /v2/dataIngestion/jobs/{jobId}/errorFile.
func (a *API) FetchIngestionErrorFile(ctx context.Context, r gen.FetchIngestionErrorFileRequestObject) (gen.FetchIngestionErrorFileResponseObject, error) {
	j, err := a.store.IngestionJob(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	return gen.FetchIngestionErrorFile200TextcsvResponse{Body: streamed(func(w io.Writer) error { return a.writeErrorFile(ctx, w, j) })}, nil
}

func (a *API) writeErrorFile(ctx context.Context, w io.Writer, j db.IngestionJob) error {
	out := csv.NewWriter(w)
	header := append(slices.Clone(errorColumns), "line")
	if j.Format == "CSV" {
		out.Comma = j.CSV.Comma()
		header = append(slices.Clone(errorColumns), j.Header...)
		for path, i := range j.CSV.Columns { // of a file without a header
			for len(j.Header) == 0 && len(header) <= len(errorColumns)+i {
				header = append(header, "")
			}
			if len(j.Header) == 0 {
				header[len(errorColumns)+i] = path
			}
		}
	}
	out.Write(header)
	records := &csvRows{ask: j.CSV}
	err := a.store.EachIngestionRow(ctx, who(ctx), j.ID, true, func(row db.IngestionRow) error {
		var errs []failureItem
		if err := json.Unmarshal(row.Errors, &errs); err != nil || len(errs) == 0 {
			return fmt.Errorf("row %d of job %d has no error that can be read: %w", row.Row, j.ID, err)
		}
		record := []string{strconv.FormatInt(row.Row, 10), strconv.Itoa(errs[0].Code), errs[0].Message}
		cells := []string{row.Raw}
		if j.Format == "CSV" {
			if read, err := records.record([]byte(row.Raw)); err == nil {
				cells = read
			}
		}
		out.Write(append(record, cells...))
		return out.Error()
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

// FetchIngestionSuccessFile is GET /v2/dataIngestion/jobs/{jobId}/successFile.
func (a *API) FetchIngestionSuccessFile(ctx context.Context, r gen.FetchIngestionSuccessFileRequestObject) (gen.FetchIngestionSuccessFileResponseObject, error) {
	j, err := a.store.IngestionJob(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	return gen.FetchIngestionSuccessFile200TextcsvResponse{Body: streamed(func(w io.Writer) error {
		out := csv.NewWriter(w)
		out.Write([]string{"rowNumber", "entityId"})
		err := a.store.EachIngestionRow(ctx, who(ctx), j.ID, false, func(row db.IngestionRow) error {
			entity := ""
			if row.Entity != 0 {
				entity = strconv.FormatInt(row.Entity, 10)
			}
			out.Write([]string{strconv.FormatInt(row.Row, 10), entity})
			return out.Error()
		})
		out.Flush()
		return errors.Join(err, out.Error())
	})}, nil
}

// streamed gives what write writes as it is written. Whoever reads it closes it, which ends write.
func streamed(write func(io.Writer) error) io.ReadCloser {
	r, w := io.Pipe()
	go func() { w.CloseWithError(write(w)) }()
	return r
}

// csvHeader writes the header of a job's file anew, nil when it had none.
func csvHeader(j db.IngestionJob) []byte {
	if len(j.Header) == 0 {
		return nil
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.Comma = j.CSV.Comma()
	out.Write(j.Header) // into memory
	out.Flush()
	return b.Bytes()
}
