package handlers

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/fault"
)

// A streamed operation (x-stream in openapi.yaml lists its media types) gets its body as it arrives. Other limits apply to it: the
// handler bounds the size, and a minimum rate takes the place of the deadline.
const (
	uploadRate    = 16 << 10 // bytes a second on average, beyond the time for any other body
	uploadTimeout = 6 * time.Hour
)

// admitStream checks the media type of a streamed body and wraps the body in a reader that enforces the rate.
func (s *Server) admitStream(e echo.Context, c *call, op *operation) error {
	r := e.Request()
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(op.stream, media) || len(r.Header.Values("Content-Type")) > 1 {
		return fault.UnsupportedMediaType.With("types", strings.Join(op.stream, " or "))
	}
	if strings.HasPrefix(media, "multipart/") && params["boundary"] == "" {
		return badRequest("body", "has no boundary: the Content-Type must name it")
	}
	rc := http.NewResponseController(c)
	rc.SetWriteDeadline(time.Time{})
	body := &uploadReader{body: r.Body, control: rc, start: time.Now(), patience: s.cfg.BodyTimeout}
	switch encoding := strings.ToLower(strings.Join(r.Header.Values("Content-Encoding"), ",")); {
	case encoding == "" || encoding == "identity":
		r.Body = body
	case encoding == "gzip" && !strings.HasPrefix(media, "multipart/"):
		r.Body = &gunzipped{from: body}
	default:
		return fault.UnsupportedMediaType.With("types", "uncompressed, or with gzip where it is no form")
	}
	return nil
}

// uploadReader aborts an upload that is slower than uploadRate.
type uploadReader struct {
	body     io.ReadCloser
	control  *http.ResponseController
	start    time.Time
	patience time.Duration
	read     int64
}

func (u *uploadReader) Read(b []byte) (int, error) {
	u.control.SetReadDeadline(u.start.Add(u.patience + time.Duration(u.read)*time.Second/uploadRate))
	n, err := u.body.Read(b)
	u.read += int64(n)
	if err != nil { // what follows is not the upload's: the server notices a caller that hangs up
		u.control.SetReadDeadline(time.Time{})
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, fault.RequestTimeout.Because(err)
	case err != nil && err != io.EOF:
		return n, badRequest("body", "ends too early or is not sent as announced")
	}
	return n, err
}

func (u *uploadReader) Close() error { return u.body.Close() }

// gunzipped decompresses as it is read. Its reader bounds the output; it bounds itself how much input may give little output.
type gunzipped struct {
	from *uploadReader
	z    *gzip.Reader
	out  int64
}

// compressed is what gunzipped reads from.
type compressed struct{ *gunzipped }

func (c compressed) Read(b []byte) (int, error) {
	const slack = 1 << 20
	if c.from.read > 4*c.out+slack {
		return 0, badRequest("body", "is gzip that is much longer than what is in it")
	}
	return c.from.Read(b)
}

func (g *gunzipped) Read(b []byte) (n int, err error) {
	if g.z == nil {
		if g.z, err = gzip.NewReader(compressed{g}); err != nil {
			return 0, g.broken(err)
		}
	}
	n, err = g.z.Read(b)
	g.out += int64(n)
	return n, g.broken(err)
}

func (g *gunzipped) broken(err error) error {
	if _, ok := fault.Of(err); ok || err == nil || err == io.EOF && g.z != nil {
		return err
	}
	return badRequest("body", "is not well-formed gzip")
}

func (g *gunzipped) Close() error { return g.from.Close() }

// timeout bounds the work on a request.
func (s *Server) timeout(ctx context.Context, op *operation) (context.Context, context.CancelFunc) {
	if op.stream != nil {
		return context.WithTimeout(ctx, uploadTimeout)
	}
	return context.WithTimeout(ctx, s.cfg.RequestTimeout)
}
