package handlers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// uploadIdentifiers are where the identifiers of a file of coupons go in a row of COUPON_ISSUE.
var uploadIdentifiers = map[string]string{"MOBILE": "customer.mobile", "EXTERNAL_ID": "customer.externalId", "EMAIL": "customer.email", "USER_ID": "customer.id", "NOT_TAGGED": ""}

// couponForm is the form of an upload. Its file comes before or after what says how it is to be read.
type couponForm struct {
	file       *upload
	identifier string // a key of uploadIdentifiers
	column     int
}

// UploadCoupons is POST /coupon/api/v1/upload/file/{couponSeriesId}: a job of rows that issue coupons, or keep codes.
func (a *API) UploadCoupons(ctx context.Context, r gen.UploadCouponsRequestObject) (gen.UploadCouponsResponseObject, error) {
	if _, err := a.store.CouponSeriesByID(ctx, who(ctx), []int64{r.CouponSeriesId}); err != nil {
		return nil, err
	}
	var form couponForm
	defer func() { form.file.done() }()
	if err := a.couponForm(ctx, r.Body, &form); err != nil {
		return nil, err
	}
	ask, err := couponAsk(r.CouponSeriesId, &form)
	if err != nil {
		return nil, err
	}
	form.file.asks(ctx, form.identifier, form.column)
	file, err := a.counted(ctx, form.file, ask)
	if err != nil {
		return nil, err
	}
	made, err := a.store.AddIngestionUpload(ctx, who(ctx), ask, file)
	if err != nil {
		return nil, err
	}
	form.file.keptIn(made.Job)
	a.work()
	return gen.UploadCoupons200JSONResponse(couponUploads(ctx, r.CouponSeriesId, []db.IngestionJob{made.Job})), nil
}

// couponForm reads the parts of a form.
func (a *API) couponForm(ctx context.Context, from *multipart.Reader, form *couponForm) (err error) {
	form.file, err = formParts(from, form.value, func(part *multipart.Part, name string) (*upload, error) { return a.save(ctx, part, name, true) })
	if err == nil && form.identifier == "" {
		return identifierUnknown()
	}
	return err
}

func identifierUnknown() error {
	return badRequest("body: customerIdentifier", "must be MOBILE, EXTERNAL_ID, EMAIL, USER_ID or NOT_TAGGED")
}

func (f *couponForm) value(part *multipart.Part) error {
	const most = 100
	b, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return formError(err)
	}
	value := strings.TrimSpace(string(b))
	switch part.FormName() {
	case "customerIdentifier":
		f.identifier = strings.ToUpper(value)
		if _, ok := uploadIdentifiers[f.identifier]; !ok {
			return identifierUnknown()
		}
	case "customerIdentifierColumn":
		if value == "" {
			return nil
		}
		if f.column, err = strconv.Atoi(value); err != nil || f.column < 0 {
			return badRequest("body: customerIdentifierColumn", "must be a whole number from 0")
		}
	}
	return nil
}

// couponAsk says which column of a file is which.
func couponAsk(series int64, form *couponForm) (ask db.IngestionAsk, err error) {
	ask = db.IngestionAsk{Profile: "COUPON_ISSUE", Format: "CSV", AutoStart: true, Series: series,
		CSV: db.IngestionCSV{Delimiter: ",", HasHeader: true, Columns: map[string]int{}, Constants: map[string]string{"seriesId": strconv.FormatInt(series, 10)}}}
	wrong := func(reason string) (db.IngestionAsk, error) {
		return ask, fault.IngestionColumnsInvalid.With("reason", reason)
	}
	if _, err := form.file.Seek(0, io.SeekStart); err != nil {
		return ask, fault.Unavailable.Because(err)
	}
	first, long, err := db.NewRowReader(form.file, ',', 0).Next()
	switch {
	case errors.Is(err, io.EOF):
		return ask, fault.IngestionFileMissing.New()
	case err != nil:
		return ask, fault.Unavailable.Because(err)
	case long:
		return wrong("the header cannot be read")
	}
	// Any names will do, so its places are not looked at: all that counts is how many there are.
	file, err := newCSVRows(db.IngestionCSV{Delimiter: ",", Columns: map[string]int{"any": 0}}, bytes.Clone(first), false)
	if err != nil {
		return ask, err
	}
	width := len(file.header)
	if form.identifier == "NOT_TAGGED" {
		ask.Profile, ask.CSV.Columns["code"] = "COUPON_CODE", 0
		if width != 1 {
			return wrong("a file of codes alone has one column")
		}
		return ask, nil
	}
	switch {
	case width > 2:
		return wrong("a file of coupons has one or two columns")
	case form.column >= width:
		return wrong("there is no such customerIdentifierColumn")
	case width == 2:
		ask.CSV.Columns["code"] = 1 - form.column
	}
	ask.CSV.Columns[uploadIdentifiers[form.identifier]] = form.column
	return ask, nil
}

// FetchCouponUploads is GET /coupon/api/v1/upload/getUploadStatus/{couponSeriesId}.
func (a *API) FetchCouponUploads(ctx context.Context, r gen.FetchCouponUploadsRequestObject) (gen.FetchCouponUploadsResponseObject, error) {
	p, err := a.page(100, r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	jobs, err := a.store.CouponUploads(ctx, who(ctx), r.CouponSeriesId, p)
	if err != nil {
		return nil, err
	}
	return gen.FetchCouponUploads200JSONResponse(couponUploads(ctx, r.CouponSeriesId, jobs)), nil
}

func couponUploads(ctx context.Context, series int64, jobs []db.IngestionJob) gen.CouponUploads {
	out := gen.CouponUploads{Success: true, Status: 200, Result: gen.CouponUploadsOfSeries{OrgId: who(ctx).Org, CouponSeriesId: series, UploadJobStatuses: make([]gen.CouponUpload, len(jobs))}}
	for i, j := range jobs {
		k := ingestionJob(j)
		one := gen.CouponUpload{JobId: j.ID, UploadStatus: j.Status, CreatedOn: strconv.FormatInt(j.CreatedOn.UnixMilli(), 10), UpdatedOn: strconv.FormatInt(j.UpdatedOn.UnixMilli(), 10),
			ErrorFileUrl: k.ErrorFileUrl, SuccessFileUrl: k.SuccessFileUrl, UploadedFileName: j.FileName, TotalUploadedCount: j.Total, ActualRowCount: j.Processed(), ErrorCount: j.Failed}
		if j.Status == db.JobQueued || j.Status == db.JobCreated {
			one.UploadStatus = db.JobStarted
		}
		out.Result.UploadJobStatuses[i] = one
	}
	if len(jobs) > 0 {
		out.Result.FileName = jobs[0].FileName
	}
	return out
}
