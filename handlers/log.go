package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// done ends every request, also one whose handler panicked: it answers what was
// not answered, then writes one line to the log and counts.
//
// The line has no query, no header, no body and no name that is not verified:
// what a till sends about customers, and what guessers try, stays out of it.
func (s *Server) done(c *call, r *http.Request) {
	p := recover()
	if p != nil && p != http.ErrAbortHandler {
		s.fail(c, fault.Internal.Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack())))
	}
	took := s.cfg.Clock().Sub(c.start)
	s.metrics.inFlight.Dec()
	s.metrics.count(c, took)
	s.write(c, r, took)
	if p != nil && (p == http.ErrAbortHandler || c.fault == nil) {
		panic(http.ErrAbortHandler) // the answer had begun: cut it, so that nobody takes it for whole
	}
}

func (s *Server) write(c *call, r *http.Request, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("id", c.id),
		slog.String("method", knownMethod(c.method)),
		slog.String("route", c.route),
		slog.Int("status", c.status),
		slog.Int64("bytes", c.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("address", c.address.String()),
	}
	if c.op != nil {
		attrs = append(attrs, slog.String("operation", c.op.id))
	}
	if c.caller.Org != 0 {
		attrs = append(attrs, slog.Int64("org", c.caller.Org))
	}
	if c.caller.TillCode != "" {
		attrs = append(attrs, slog.String("till", c.caller.TillCode))
	}
	if c.sender != "" {
		attrs = append(attrs, slog.String("sender", c.sender))
	}
	if c.fault != nil {
		attrs = append(attrs, slog.String("fault", c.fault.Family+" "+strconv.Itoa(c.fault.Number)))
	}
	if c.cause != nil {
		attrs = append(attrs, slog.String("cause", causeText(c.cause)))
		level = slog.LevelError
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// causeText is what the log records of a failure: the cause alone, without the message, which may repeat what a caller sent.
func causeText(err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		if f.Unwrap() == nil {
			return f.Name
		}
		return f.Name + ": " + causeText(f.Unwrap())
	}
	const most = 4000
	if text := err.Error(); len(text) > most {
		return text[:most]
	}
	return err.Error()
}

func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
