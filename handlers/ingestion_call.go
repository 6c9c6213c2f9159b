package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/arteriole/arteriole/db"
)

// internalCall makes a request of the server to itself, in the name of a caller admitted earlier.
func (s *Server) internalCall(ctx context.Context, who db.Who, r rowRequest) (status int, answer map[string]json.RawMessage) {
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return http.StatusBadRequest, nil
		}
	}
	out, header := &recorded{header: http.Header{}}, http.Header{}
	var from io.Reader
	if body != nil {
		header.Set("Content-Type", "application/json")
		from = bytes.NewReader(body)
	}
	if who.Quiet {
		header.Set("SKIP-DOWNSTREAM", "true")
	}
	s.asCaller(ctx, caller{Who: who, role: "till"}, out, r.method, r.path, r.query, header, from)
	if json.Unmarshal(out.body.Bytes(), &answer) != nil {
		return out.status, nil
	}
	return out.status, answer
}

// alonePart returns the single entry of an answer that lists its results, as Add Events does; any other answer as it is.
func alonePart(answer map[string]json.RawMessage) map[string]json.RawMessage {
	var list []map[string]json.RawMessage
	if json.Unmarshal(answer["response"], &list) != nil || len(list) != 1 {
		return answer
	}
	return list[0]
}

// asCaller makes a request for a caller who has already been authenticated. A body of unknown length is streamed.
func (s *Server) asCaller(ctx context.Context, as caller, out http.ResponseWriter, method, path string, query url.Values, header http.Header, body io.Reader) {
	c := &call{ResponseWriter: out, ctx: ctx, id: as.RequestID, method: method, start: s.cfg.Clock(), internal: true, caller: as}
	ctx = context.WithValue(ctx, callKey{}, c)
	req := (&http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query.Encode()}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Host: "localhost", Body: http.NoBody, RequestURI: path}).WithContext(ctx)
	switch b := body.(type) {
	case nil:
	case *bytes.Reader:
		req.Body, req.ContentLength = io.NopCloser(b), b.Size()
	default:
		req.Body, req.ContentLength = io.NopCloser(b), -1
	}
	s.echo.ServeHTTP(c, req)
	if c.cause != nil {
		s.log.Error("a call of the server's own failed", "request", as.RequestID, "cause", c.cause.Error())
	}
}

// recorded keeps an answer.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header { return r.header }

func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorded) WriteHeader(status int) { r.status = status }
