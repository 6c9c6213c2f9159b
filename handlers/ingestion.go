package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// CreateIngestionJob is POST /v2/dataIngestion/jobs.
func (a *API) CreateIngestionJob(ctx context.Context, r gen.CreateIngestionJobRequestObject) (gen.CreateIngestionJobResponseObject, error) {
	ask, err := ingestionAsk(r.Body)
	if err != nil {
		return nil, err
	}
	made, err := a.store.AddIngestionJob(ctx, who(ctx), ask)
	if err != nil {
		return nil, err
	}
	answer := gen.IngestionJobCreated{CreatedId: made.Job.ID, Data: []gen.IngestionJob{ingestionJob(made.Job)}, Warnings: []gen.Status{}, Errors: []gen.Status{}}
	callOf(ctx).Header().Set("Location", jobAddress(made.Job.ID))
	if made.Again {
		return gen.CreateIngestionJob200JSONResponse(answer), nil
	}
	return gen.CreateIngestionJob202JSONResponse(answer), nil
}

// FetchIngestionJobs is GET /v2/dataIngestion/jobs.
func (a *API) FetchIngestionJobs(ctx context.Context, r gen.FetchIngestionJobsRequestObject) (gen.FetchIngestionJobsResponseObject, error) {
	profile, status := "", ""
	if r.Params.Profile != nil {
		p, ok := ingestionProfile(*r.Params.Profile)
		if !ok {
			return nil, fault.IngestionProfileUnknown.At("query: profile")
		}
		profile = p.name
	}
	if r.Params.UploadStatus != nil {
		status = strings.ToUpper(*r.Params.UploadStatus)
		if !slices.Contains(db.IngestionStatuses, status) {
			return nil, badRequest("query: uploadStatus", "is not a state of a job")
		}
	}
	p, err := a.page(10, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	jobs, total, err := a.store.IngestionJobs(ctx, who(ctx), profile, status, p.Limit, p.Offset)
	if err != nil {
		return nil, err
	}
	answer := gen.FetchIngestionJobs200JSONResponse{Pagination: gen.Pagination{Limit: p.Limit, Offset: p.Offset, Total: total}, Data: make([]gen.IngestionJob, len(jobs)), Warnings: []gen.Status{}, Errors: []gen.Status{}}
	for i, j := range jobs {
		answer.Data[i] = ingestionJob(j)
	}
	return answer, nil
}

// FetchIngestionJob is GET /v2/dataIngestion/jobs/{jobId}.
func (a *API) FetchIngestionJob(ctx context.Context, r gen.FetchIngestionJobRequestObject) (gen.FetchIngestionJobResponseObject, error) {
	j, err := a.store.IngestionJob(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	h := callOf(ctx).Header()
	tag := fmt.Sprintf(`"%d-%s-%d-%d"`, j.ID, j.Status, j.UpdatedOn.UnixMilli(), j.Processed())
	h.Set("ETag", tag)
	if j.FinishedOn == nil {
		h.Set("Retry-After", "2")
	}
	if text(r.Params.IfNoneMatch) == tag {
		return gen.FetchIngestionJob304Response{}, nil
	}
	return gen.FetchIngestionJob200JSONResponse(ingestionAnswer(j)), nil
}

// work tells the server that there may be something to do.
func (a *API) work() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// StartIngestionJob is POST /v2/dataIngestion/jobs/{jobId}/start.
func (a *API) StartIngestionJob(ctx context.Context, r gen.StartIngestionJobRequestObject) (gen.StartIngestionJobResponseObject, error) {
	j, err := a.store.StartIngestion(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	a.work()
	return gen.StartIngestionJob200JSONResponse(ingestionAnswer(j)), nil
}

// CancelIngestionJob is POST /v2/dataIngestion/jobs/{jobId}/cancel.
func (a *API) CancelIngestionJob(ctx context.Context, r gen.CancelIngestionJobRequestObject) (gen.CancelIngestionJobResponseObject, error) {
	j, err := a.store.CancelIngestion(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	return gen.CancelIngestionJob200JSONResponse(ingestionAnswer(j)), nil
}

// RetryIngestionJob is POST /v2/dataIngestion/jobs/{jobId}/retryFailed.
func (a *API) RetryIngestionJob(ctx context.Context, r gen.RetryIngestionJobRequestObject) (gen.RetryIngestionJobResponseObject, error) {
	j, err := a.store.RetryIngestion(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	a.work()
	return gen.RetryIngestionJob200JSONResponse(ingestionAnswer(j)), nil
}

// ingestionAsk reads what a caller wants.
func ingestionAsk(b *gen.IngestionJobRequest) (ask db.IngestionAsk, err error) {
	p, ok := ingestionProfile(b.Profile)
	if !ok {
		return ask, fault.IngestionProfileUnknown.At("body: profile")
	}
	ask = db.IngestionAsk{Profile: p.name, Format: "NDJSON", Source: text(b.Source), Account: text(b.AccountId), AutoStart: b.AutoStart == nil || bool(*b.AutoStart),
		DryRun: is(b.DryRun), SkipDownstream: is(b.SkipDownstream), ExternalReference: text(b.ExternalReference), CSV: db.IngestionCSV{Delimiter: ",", HasHeader: true}}
	if a := text(b.Atomicity); a != "" && !strings.EqualFold(a, "ROW") {
		return ask, badRequest("body: atomicity", "must be ROW")
	}
	if b.Format != nil {
		if ask.Format = strings.ToUpper(*b.Format); ask.Format != "NDJSON" && ask.Format != "CSV" {
			return ask, fault.IngestionFormatUnknown.At("body: format")
		}
	}
	if ask.Source != "" {
		src, ok := db.ParseSource(ask.Source)
		if !ok {
			return ask, badRequest("body: source", "must be one of "+strings.Join(db.SourceNames(), ", "))
		}
		ask.Source = src.Name
	}
	c := b.Csv
	if c == nil {
		return ask, nil
	}
	if d := text(c.Delimiter); d != "" {
		if strings.ContainsAny(d, "\"\r\n\ufffd") {
			return ask, fault.IngestionColumnsInvalid.With("reason", "this cannot stand between cells").At("body: csv.delimiter")
		}
		ask.CSV.Delimiter = d
	}
	if c.HasHeader != nil {
		ask.CSV.HasHeader = bool(*c.HasHeader)
	}
	ask.CSV.SkipTop, ask.CSV.SkipBottom = number(c.SkipTop, 0), number(c.SkipBottom, 0)
	if c.Columns != nil {
		ask.CSV.Columns = *c.Columns
	}
	if c.Constants != nil {
		ask.CSV.Constants = *c.Constants
	}
	for path, i := range ask.CSV.Columns {
		if i < 0 || i > 999 {
			return ask, fault.IngestionColumnsInvalid.With("reason", fmt.Sprintf("%s has a column below 0 or above 999", path)).At("body: csv.columns")
		}
	}
	if ask.Format == "CSV" && (len(ask.CSV.Columns) > 0 || len(ask.CSV.Constants) > 0) {
		if _, err := newCSVRows(ask.CSV, []byte("x"), false); err != nil && len(ask.CSV.Columns) > 0 {
			if f, ok := fault.Of(err); ok {
				return ask, f.At("body: csv.columns")
			}
			return ask, err
		}
	}
	return ask, nil
}

func ingestionAnswer(j db.IngestionJob) gen.IngestionJobAnswer {
	return gen.IngestionJobAnswer{Data: []gen.IngestionJob{ingestionJob(j)}, Warnings: []gen.Status{}, Errors: []gen.Status{}}
}

func jobAddress(id int64) string { return "/v2/dataIngestion/jobs/" + strconv.FormatInt(id, 10) }

func ingestionJob(j db.IngestionJob) gen.IngestionJob {
	out := gen.IngestionJob{
		JobId: j.ID, Profile: j.Profile, Format: j.Format, Source: j.Source, AccountId: j.Account, DryRun: j.DryRun, AutoStart: j.AutoStart, UploadStatus: j.Status,
		CreatedOn: gen.Time{Time: j.CreatedOn}, UpdatedOn: gen.Time{Time: j.UpdatedOn}, UploadedFileName: j.FileName, TotalUploadedCount: j.Total,
		ActualRowCount: j.Processed(), ProcessedCount: j.Processed(), SuccessCount: j.Succeeded, WarningCount: j.Warned, ErrorCount: j.Failed,
		CreatedBy: entityRef(j.CreatedBy), Errors: []gen.Status{},
	}
	if j.ExternalReference != "" {
		out.ExternalReference = &j.ExternalReference
	}
	if j.StartedOn != nil {
		out.StartedOn = &gen.Time{Time: *j.StartedOn}
	}
	if j.FinishedOn != nil {
		out.FinishedOn = &gen.Time{Time: *j.FinishedOn}
	}
	if j.SkipDownstream {
		out.SkipDownstream = &j.SkipDownstream
	}
	if address := jobAddress(j.ID) + "/errorFile"; j.Failed > 0 {
		out.ErrorFileUrl = &address
	}
	if address := jobAddress(j.ID) + "/successFile"; j.Succeeded > 0 {
		out.SuccessFileUrl = &address
	}
	if j.Reason != "" {
		out.Errors = append(out.Errors, gen.Status{Code: j.ReasonCode, Message: j.Reason})
	}
	return out
}
