package handlers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// ingestionForm is the form of an upload. The file may come before or after the values.
type ingestionForm struct {
	values map[string]any
	file   *upload
}

// ingestionForm reads the parts of a form.
func (a *API) ingestionForm(ctx context.Context, from *multipart.Reader, form *ingestionForm) (err error) {
	form.file, err = formParts(from, func(part *multipart.Part) error { return formValue(form.values, part) }, func(part *multipart.Part, name string) (*upload, error) {
		isCSV := strings.HasPrefix(strings.ToLower(part.Header.Get("Content-Type")), "text/csv") || strings.EqualFold(filepath.Ext(name), ".csv")
		rows := bufio.NewReader(part)
		format := "NDJSON"
		if isCSV && !failedJSON(rows) {
			format = "CSV"
		}
		form.values["format"] = format
		return a.save(ctx, rows, name, isCSV)
	})
	return err
}

// formParts reads a form of values and one file, which save stores. A stored file is returned even with an error.
func formParts(from *multipart.Reader, value func(*multipart.Part) error, save func(part *multipart.Part, name string) (*upload, error)) (file *upload, err error) {
	const most = 20
	for n := 0; ; n++ {
		part, err := from.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return file, formError(err)
		}
		if n == most {
			return file, badRequest("body", fmt.Sprintf("must have at most %d parts", most))
		}
		if part.FormName() != "file" {
			if err := value(part); err != nil {
				return file, err
			}
			continue
		}
		if file != nil {
			return file, badRequest("body: file", "stands there twice")
		}
		name := part.FileName()
		if !goodFileName(name) {
			return nil, badRequest("body: file", "has a name that is too long or not well-formed")
		}
		if file, err = save(part, name); err != nil {
			return nil, err
		}
	}
	if file == nil {
		return nil, fault.IngestionFileMissing.New()
	}
	return file, nil
}

func goodFileName(name string) bool { return len(name) <= 255 && clean(name) }

// failedJSON reports whether a file is the error file of a job with JSON rows.
func failedJSON(from *bufio.Reader) bool {
	header := strings.Join(append(slices.Clone(errorColumns), "line"), ",")
	b, err := from.Peek(len(header) + 1)
	return err == nil && string(b[:len(header)]) == header && (b[len(header)] == '\n' || b[len(header)] == '\r')
}

func formError(err error) error {
	if _, ok := fault.Of(err); ok {
		return err
	}
	return badRequest("body", "is not a well-formed form")
}

// formValue reads one of the values of the form.
func formValue(values map[string]any, part *multipart.Part) error {
	const most = 20_000
	b, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return formError(err)
	}
	name, value := part.FormName(), string(b)
	at := "body: " + name
	if len(b) > most || !clean(value) {
		return badRequest(at, "is too long or not well-formed")
	}
	switch name {
	case "source", "accountId", "externalReference", "dryRun", "skipDownstream":
		values[name] = value
	case "csv":
		if _, err := parseJSON(b, 8); err != nil {
			return badRequest(at, "must be JSON as in Create an Ingestion Job")
		}
		values[name] = json.RawMessage(b)
	}
	return nil
}

// ingestionRequest makes the request of Create an Ingestion Job from the values of a form, and validates it by the schema of that
// operation.
func (a *API) ingestionRequest(values map[string]any) (body gen.IngestionJobRequest, err error) {
	b, err := json.Marshal(values)
	if err != nil {
		return body, err
	}
	if _, err := a.cfg.contract.operation("createIngestionJob").parseBody(b, a.cfg.MaxDepth, inList); err != nil {
		return body, err
	}
	if json.Unmarshal(b, &body) != nil {
		return body, badRequest("body: csv", "must be JSON as in Create an Ingestion Job")
	}
	return body, nil
}
