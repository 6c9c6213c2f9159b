package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/arteriole/arteriole/db"
)

// ProfileNames are the profiles of ingestion, sorted.
func ProfileNames() (names []string) {
	for _, p := range profiles {
		names = append(names, p.name)
	}
	slices.Sort(names)
	return names
}

// Ingest makes a job of a file for a command, as POST /v2/dataIngestion/upload/{profile} does for a till, by that very path. fields
// are the parts of the form beside the file. The error is the answer's message.
func (s *Server) Ingest(ctx context.Context, who db.Who, profile string, fields map[string]string, name string, file io.Reader) (id int64, err error) {
	settings, err := s.store.OrgSettings(ctx, who.Org)
	if err != nil {
		return 0, err
	}
	read, write := io.Pipe()
	defer read.Close()
	form := multipart.NewWriter(write)
	go func() {
		write.CloseWithError(func() error {
			for _, k := range slices.Sorted(maps.Keys(fields)) {
				if err := form.WriteField(k, fields[k]); err != nil {
					return err
				}
			}
			part, err := form.CreateFormFile("file", filepath.Base(name))
			if err != nil {
				return err
			}
			if _, err := io.Copy(part, file); err != nil {
				return err
			}
			return form.Close()
		}())
	}()
	who.Admin = true
	out := &recorded{header: http.Header{}}
	header := http.Header{"Content-Type": {form.FormDataContentType()}}
	s.asCaller(ctx, caller{Who: who, role: "till", settings: settings}, out, "POST", "/v2/dataIngestion/upload/"+url.PathEscape(profile), nil, header, read)
	var answer struct {
		CreatedID int64 `json:"createdId"`
		Errors    []struct{ Message string }
	}
	if err := json.Unmarshal(out.body.Bytes(), &answer); err != nil {
		return 0, fmt.Errorf("the server answered %d", out.status)
	}
	if len(answer.Errors) > 0 {
		return 0, errors.New(answer.Errors[0].Message)
	}
	return answer.CreatedID, nil
}

// FailedRowsTo writes the rows of a job that failed, as its error file has them, to be corrected and sent again.
func (s *Server) FailedRowsTo(ctx context.Context, who db.Who, id int64, w io.Writer) error {
	out := &passed{Writer: w, header: http.Header{}}
	s.asCaller(ctx, caller{Who: who, role: "till"}, out, "GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/errorFile", id), nil, http.Header{}, nil)
	if out.err != nil {
		return out.err
	}
	if out.status != http.StatusOK {
		return fmt.Errorf("the failed rows cannot be read: %d", out.status)
	}
	return nil
}

// passed hands an answer on while it is written.
type passed struct {
	io.Writer
	header http.Header
	status int
	err    error
}

func (p *passed) Header() http.Header    { return p.header }
func (p *passed) WriteHeader(status int) { p.status = status }

func (p *passed) Write(b []byte) (int, error) {
	if p.status == 0 {
		p.status = http.StatusOK
	}
	n, err := p.Writer.Write(b)
	p.err = errors.Join(p.err, err)
	return n, err
}
