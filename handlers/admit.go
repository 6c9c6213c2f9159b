package handlers

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/fault"
)

// operation is the middleware of one operation, between routing and its handler.
func (s *Server) operation(op *operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(e echo.Context) error {
			r := e.Request()
			ctx, cancel := s.timeout(r.Context(), op)
			defer cancel()
			r = r.WithContext(ctx)
			e.SetRequest(r)
			c := callOf(ctx)
			c.op = op
			if err := s.admit(c, r, op); err != nil {
				return err
			}
			if err := accepts(r.Header, op.answers); err != nil {
				return err
			}
			if op.stream != nil {
				if err := s.admitStream(e, c, op); err != nil {
					return err
				}
			}
			if op.lines {
				c.form = takeLines(r.Header)
			}
			if op.takesBody && r.ContentLength != 0 {
				if err := jsonBody(r.Header); err != nil {
					return err
				}
			}
			op.renameHeaders(r.Header)
			if err := s.validate(e, op); err != nil {
				return err
			}
			if err := s.actFor(c, r, op); err != nil {
				return err
			}
			once, err := op.onceOf(e)
			if err != nil {
				return err
			}
			c.caller.Once = once
			return next(e)
		}
	}
}

// admit authenticates the caller and counts the request against its rate.
func (s *Server) admit(c *call, r *http.Request, op *operation) (err error) {
	if c.internal {
		return nil
	}
	if c.caller, err = s.auth.caller(r.Context(), r, op, c.address); err != nil {
		return err
	}
	c.caller.RequestID = c.id
	limit, burst := s.cfg.Rate, s.cfg.Burst
	if op.schemes == 0 {
		v := s.strangers.take(neighbourhood(c.address), limit, burst, s.cfg.Clock())
		v.tell(c.Header())
		if err = v.err(); err != nil {
			s.metrics.limited.WithLabelValues("stranger").Inc()
		}
		return err
	}
	if own := c.caller.settings.RateLimit; own != nil {
		limit = *own
	}
	if own := c.caller.settings.RateBurst; own != nil {
		burst = *own
	}
	v := s.tills.take(tillKey{c.caller.Org, c.caller.Till, c.caller.Client, c.caller.key}, limit, burst, s.cfg.Clock())
	v.tell(c.Header())
	if err = v.err(); err != nil {
		s.metrics.limited.WithLabelValues("till").Inc()
	}
	return err
}

// tillKey identifies a rate: each client of a till has its own.
type tillKey struct{ org, till, client, key int64 }

// accepts refuses a caller that accepts neither JSON nor another media type of the operation. The most specific range decides.
func accepts(h http.Header, others []string) error {
	ranges := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(ranges) == "" {
		return nil
	}
	best, ok := 0, false
	for part := range strings.SplitSeq(ranges, ",") {
		name, params, _ := strings.Cut(part, ";")
		media := strings.ToLower(strings.TrimSpace(name))
		exact := map[string]int{"application/json": 3, "application/*": 2, "*/*": 1, "*": 1}[media]
		if slices.Contains(others, media) {
			exact = 3
		}
		if exact >= best && exact > 0 {
			ok = weight(params) > 0 || exact == best && ok
			best = exact
		}
	}
	if !ok {
		return fault.NotAcceptable.New()
	}
	return nil
}

// weight is the q of a media range, 1 if it is missing or unreadable.
func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
				return q
			}
		}
	}
	return 1
}

// jsonBody refuses a body that is not plain JSON in UTF-8.
func jsonBody(h http.Header) error {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != "application/json" || len(h.Values("Content-Type")) > 1 {
		return notJSON()
	}
	if charset, given := params["charset"]; given && !strings.EqualFold(charset, "utf-8") {
		return notJSON()
	}
	if encoding := strings.Join(h.Values("Content-Encoding"), ","); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return notJSON()
	}
	h.Set("Content-Type", "application/json")
	return nil
}

func notJSON() *fault.Fault {
	return fault.UnsupportedMediaType.With("types", "application/json in UTF-8 and not compressed")
}

// readBody reads the whole body, within the limits on size and time.
func (s *Server) readBody(e echo.Context) ([]byte, error) {
	r := e.Request()
	if r.ContentLength == 0 || r.Body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 {
		b.Grow(int(min(n, 64<<10)) + bytes.MinRead)
	}
	n, err := io.Copy(&b, io.LimitReader(r.Body, s.cfg.MaxBody+1))
	switch {
	case n > s.cfg.MaxBody:
		return nil, fault.PayloadTooLarge.New()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fault.RequestTimeout.New()
	case err != nil:
		return nil, badRequest("body", "ends too early or is not sent as announced")
	}
	// Otherwise the deadline would end the handler: the server keeps reading, to notice a caller that hangs up.
	http.NewResponseController(e.Response()).SetReadDeadline(time.Time{})
	return b.Bytes(), nil
}
