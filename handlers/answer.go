package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/fault"
)

// statusGone is logged for a caller that hung up before the answer.
const statusGone = 499

// failure is the body of every error; nothing else is added to it.
type failure struct {
	Errors []failureItem `json:"errors"`
}

type failureItem struct {
	Status  bool   `json:"status"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// fail is the only place that turns an error into HTTP. Once an answer has begun, the error can only be logged.
func (s *Server) fail(c *call, err error) {
	if errors.Is(err, context.Canceled) && c.ctx.Err() != nil {
		if c.status == 0 {
			c.status = statusGone
		}
		return
	}
	if c.status != 0 {
		if c.ctx.Err() == nil { // else it could not be written because nobody reads it
			c.cause = err
		}
		return
	}
	f := asFault(err)
	if c.fault = f; f.Status >= 500 {
		c.cause = f.Unwrap()
	}
	status := f.Status
	if s.cfg.AlwaysOK && f.Family != "http" {
		status = http.StatusOK
	}
	h := c.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	switch f.Code {
	case fault.Unauthorized:
		if c.op != nil {
			h["Www-Authenticate"] = c.op.challenges
			if c.op.schemes == 0 { // what was wrong stood in the body; the header must be there all the same
				h.Set("WWW-Authenticate", `Secret realm="arteriole"`)
			}
		}
	case fault.RequestTimeout, fault.PayloadTooLarge, fault.HeadersTooLarge:
		h.Set("Connection", "close") // the rest of the request is not worth reading
	}
	if f.Code == fault.TooManyRequests || f.Code == fault.Unavailable || f.RetryAfter() > 0 {
		h.Set("Retry-After", wholeSeconds(max(f.RetryAfter(), time.Second)))
	}
	writeJSON(c, status, failure{[]failureItem{{Code: f.Number, Message: f.Text()}}})
}

// writeJSON writes a small value as the whole answer. HTML is not escaped: no browser treats the answer as a page (nosniff), and
// people read it.
func writeJSON(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // our own plain structs
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// asFault returns the fault that an error is answered with. An unexpected error becomes Internal, with the error as its cause,
// which is logged and never sent.
func asFault(err error) *fault.Fault {
	var he *echo.HTTPError
	f, ok := fault.Of(err)
	switch {
	case ok && f.Status < 400:
		return fault.Internal.Because(fmt.Errorf("a warning was returned as an error: %w", err))
	case ok:
		return f
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return fault.Unavailable.Because(err)
	case errors.Is(err, errBodyTaken):
		return fault.BadRequest.With("reason", "has a value of another form than its place takes").At("body").Because(err)
	case errors.As(err, &he):
		return fromEcho(he)
	}
	return fault.Internal.Because(err)
}

// fromEcho maps the errors of echo and the generated wrappers. Validation runs before them and is stricter, so hardly any are
// left.
func fromEcho(he *echo.HTTPError) *fault.Fault {
	switch he.Code {
	case http.StatusBadRequest:
		f := fault.BadRequest.With("reason", "has a value of another form than its place takes").Because(he)
		if m, ok := he.Message.(string); ok {
			if name, ok := strings.CutPrefix(m, "Invalid format for parameter "); ok {
				name, _, _ = strings.Cut(name, ":")
				f.At("parameter: " + name)
			}
		}
		return f
	case http.StatusNotFound:
		return fault.NotFound.New()
	case http.StatusMethodNotAllowed:
		return fault.MethodNotAllowed.New()
	case http.StatusRequestEntityTooLarge:
		return fault.PayloadTooLarge.New()
	case http.StatusUnsupportedMediaType:
		return notJSON()
	}
	return fault.Internal.Because(he)
}
