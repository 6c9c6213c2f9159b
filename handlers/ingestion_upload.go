package handlers

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// UploadIngestionFile is PUT /v2/dataIngestion/jobs/{jobId}/file.
func (a *API) UploadIngestionFile(ctx context.Context, r gen.UploadIngestionFileRequestObject) (gen.UploadIngestionFileResponseObject, error) {
	j, err := a.store.IngestionJob(ctx, who(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	if who(ctx).Once == nil && (j.Status != db.JobCreated || j.File != "") { // with a key it may be a repeat, which the file tells
		return nil, fault.IngestionStateForbids.With("id", j.ID, "status", j.Status)
	}
	isCSV := strings.HasPrefix(strings.ToLower(r.ContentType), "text/csv")
	if !isCSV && j.Format == "CSV" {
		return nil, fault.IngestionFormatUnknown.At("header: Content-Type")
	}
	name := text(r.Params.XCAPFILENAME)
	if !goodFileName(name) {
		return nil, badRequest("header: X-CAP-FILE-NAME", "is too long or not well-formed")
	}
	up, err := a.save(ctx, r.Body, name, isCSV)
	if err != nil {
		return nil, err
	}
	defer up.done()
	up.asks(ctx)
	file, err := a.counted(ctx, up, j.IngestionAsk)
	if err != nil {
		return nil, err
	}
	if j, err = a.store.AttachIngestionFile(ctx, who(ctx), j.ID, file); err != nil {
		return nil, err
	}
	up.keptIn(j)
	a.work()
	return gen.UploadIngestionFile200JSONResponse(ingestionAnswer(j)), nil
}

// IngestFile is POST /v2/dataIngestion/upload/{profile}.
func (a *API) IngestFile(ctx context.Context, r gen.IngestFileRequestObject) (gen.IngestFileResponseObject, error) {
	if _, ok := ingestionProfile(r.Profile); !ok {
		return nil, fault.IngestionProfileUnknown.At("path: profile")
	}
	form := ingestionForm{values: map[string]any{"profile": r.Profile}}
	defer func() { form.file.done() }()
	if err := a.ingestionForm(ctx, r.Body, &form); err != nil {
		return nil, err
	}
	body, err := a.ingestionRequest(form.values)
	if err != nil {
		return nil, err
	}
	ask, err := ingestionAsk(&body)
	if err != nil {
		return nil, err
	}
	form.file.asks(ctx, body)
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
	callOf(ctx).Header().Set("Location", jobAddress(made.Job.ID))
	return gen.IngestFile202JSONResponse{CreatedId: made.Job.ID, Data: []gen.IngestionJob{ingestionJob(made.Job)}, Warnings: []gen.Status{}, Errors: []gen.Status{}}, nil
}

// upload is a file on disk that no job has yet.
type upload struct {
	*os.File
	name  string // as the caller named it
	isCSV bool
	sum   hash.Hash // of what is in it
	kept  bool
	end   func() // gives its place back
}

// uploads counts the running uploads of each organization: nothing else bounds the number of files before a job has them.
type uploads struct {
	mu  sync.Mutex
	now map[int64]int
}

func (u *uploads) begin(org int64, most int) (end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.now[org] >= most {
		return nil, fault.IngestionFilesFull.With("most", most)
	}
	if u.now == nil {
		u.now = map[int64]int{}
	}
	u.now[org]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.now[org]--; u.now[org] == 0 {
			delete(u.now, org)
		}
	}, nil
}

// save writes a file to disk, within the limits of the org.
func (a *API) save(ctx context.Context, from io.Reader, name string, isCSV bool) (_ *upload, err error) {
	dir, err := a.store.UploadFolder()
	if err != nil {
		return nil, fault.Unavailable.Because(err)
	}
	form := ".ndjson"
	if isCSV {
		form = ".csv"
	}
	end, err := a.uploads.begin(who(ctx).Org, callOf(ctx).caller.settings.IngestionFilesWaiting)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%d-%s%s", who(ctx).Org, rand.Text(), form)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		end()
		return nil, fault.Unavailable.Because(err)
	}
	up := &upload{File: f, name: name, isCSV: isCSV, sum: sha256.New(), end: end}
	defer func() {
		if err != nil {
			up.done()
		}
	}()
	in := bufio.NewReader(arriving{from})
	if b, _ := in.Peek(2); string(b) == "\x1f\x8b" { // no text begins so; an error comes again
		return nil, badRequest("body", "has a compressed file; only what Content-Encoding names is decompressed, and no form")
	}
	from = io.TeeReader(in, up.sum)
	most := int64(callOf(ctx).caller.settings.IngestionMaxMegabytes) << 20
	n, err := io.Copy(f, io.LimitReader(from, most+1))
	if n > most {
		return nil, fault.IngestionFileTooLarge.With("most", fmt.Sprintf("%d MB", most>>20))
	}
	if err != nil {
		if _, ok := fault.Of(err); ok {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.Unavailable.Because(err) // the disk
	}
	if err := f.Sync(); err != nil {
		return nil, fault.Unavailable.Because(err)
	}
	return up, nil
}

// asks adds the file, and what came with it, to the content of a request with an Idempotency-Key: it is known only now.
func (up *upload) asks(ctx context.Context, more ...any) {
	if once := who(ctx).Once; once != nil {
		once.And(append(more, up.name, up.isCSV, up.sum.Sum(nil))...)
	}
}

// counted counts the rows of a saved file.
func (a *API) counted(ctx context.Context, up *upload, ask db.IngestionAsk) (db.IngestionFile, error) {
	rows, header, err := countRows(up, ask, int64(callOf(ctx).caller.settings.IngestionMaxRows))
	return db.IngestionFile{Name: up.name, File: filepath.Base(up.Name()), Hash: hex.EncodeToString(up.sum.Sum(nil)), Header: header, Rows: rows}, err
}

// keptIn records whether a job has the file now: if the call is a repeat, the job has that of the first one.
func (up *upload) keptIn(j db.IngestionJob) { up.kept = j.File == filepath.Base(up.Name()) }

// done closes a saved file, and removes it unless a job has it.
func (up *upload) done() {
	if up == nil {
		return
	}
	defer up.end()
	up.Close()
	if !up.kept {
		os.Remove(up.Name())
	}
}

// arriving marks errors of reading the upload as the caller's, unlike those of writing the file.
type arriving struct{ io.Reader }

func (a arriving) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	if _, ok := fault.Of(err); err != nil && err != io.EOF && !ok {
		err = badRequest("body", "ends too early or is not well-formed")
	}
	return n, err
}

// countRows reads an uploaded file once: it checks the header and counts the rows.
func countRows(up *upload, ask db.IngestionAsk, most int64) (n int64, header []string, err error) {
	j, isCSV := db.IngestionJob{IngestionAsk: ask}, up.isCSV
	if _, err := up.Seek(0, io.SeekStart); err != nil {
		return 0, nil, fault.Unavailable.Because(err)
	}
	rows, records, err := openRows(up, j, isCSV, 0)
	if err != nil {
		return 0, nil, err
	}
	for {
		row, _, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, nil, fault.Unavailable.Because(err)
		}
		if n == 0 && records != nil {
			if err := records.fits(row); err != nil {
				return 0, nil, err
			}
		}
		if n++; n > most+int64(j.CSV.SkipBottom) {
			return 0, nil, fault.IngestionFileTooLarge.With("most", fmt.Sprintf("%d rows", most))
		}
	}
	if isCSV {
		n -= int64(j.CSV.SkipBottom)
	}
	if n <= 0 {
		return 0, nil, fault.IngestionFileMissing.New()
	}
	if records != nil {
		header = records.header
	}
	return n, header, nil
}

// openRows starts reading the rows of a file, at offset or, if that is 0, after the header.
func openRows(in io.ReadSeeker, j db.IngestionJob, isCSV bool, offset int64) (*db.RowReader, *csvRows, error) {
	comma := rune(0)
	if isCSV {
		comma = j.CSV.Comma()
	}
	rows := db.NewRowReader(in, comma, 0)
	var records *csvRows
	if isCSV {
		var header []byte
		for skip := j.CSV.SkipTop; skip > 0; skip-- {
			if _, _, err := rows.Next(); err != nil {
				break // told by what follows
			}
		}
		start := rows.Offset
		row, long, err := rows.Next()
		switch {
		case err == io.EOF:
			return nil, nil, fault.IngestionFileMissing.New()
		case err != nil || long:
			return nil, nil, fault.IngestionColumnsInvalid.With("reason", "the header cannot be read")
		case j.CSV.HasHeader || j.Format != "CSV" || bytes.HasPrefix(row, []byte(strings.Join(errorColumns, j.CSV.Delimiter))):
			header = slices.Clone(row)
		default: // it is the first row
			if _, err := in.Seek(start, io.SeekStart); err != nil {
				return nil, nil, err
			}
			rows = db.NewRowReader(in, comma, start)
		}
		if records, err = newCSVRows(j.CSV, header, j.Format != "CSV"); err != nil {
			return nil, nil, err
		}
	}
	if offset > 0 {
		if _, err := in.Seek(offset, io.SeekStart); err != nil {
			return nil, nil, err
		}
		rows = db.NewRowReader(in, comma, offset)
	}
	return rows, records, nil
}
