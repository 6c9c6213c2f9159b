package handlers

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
)

// A call is one request being served. It wraps the ResponseWriter for all later steps, and collects what log and metrics record.
type call struct {
	http.ResponseWriter
	ctx     context.Context
	id      string
	method  string
	start   time.Time
	address netip.Addr
	route   string // declared path, or "" for one that is not served
	op      *operation
	caller  caller
	sender  string // code of the till whose credentials it has, when it acts for another one
	// internal is a call that the server makes itself, for a caller who was admitted before (ingestion_run.go).
	internal bool
	form     bodyForm // of a bulk operation (lines.go)
	status   int      // 0 until the answer has begun
	bytes    int64
	fault    *fault.Fault
	cause    error
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// who returns the authenticated caller of a request.
func who(ctx context.Context) db.Who {
	if c := callOf(ctx); c != nil {
		return c.caller.Who
	}
	return db.Who{}
}

func (c *call) WriteHeader(status int) {
	if c.status == 0 && status >= 200 {
		c.status = status
		c.tellReplay(c.Header())
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *call) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// ServeHTTP is the path of every request: first what applies to all of them, then the API and the server's own pages through echo,
// or the site.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{ResponseWriter: w, ctx: r.Context(), id: requestID(r.Header), method: r.Method, start: s.cfg.Clock(), address: clientAddress(r, s.cfg.TrustedProxies)}
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	s.metrics.inFlight.Inc()
	defer s.done(c, r)
	s.commonHeaders(c.Header(), c, r)
	if err := s.gate(c, r); err != nil {
		s.fail(c, err)
	}
}

func (s *Server) commonHeaders(h http.Header, c *call, r *http.Request) {
	h.Set("X-Cap-Request-Id", c.id)
	h.Set("X-Cap-Requestid", c.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	if s.cfg.TLS || r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

var goodRequestID = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

// requestID returns the caller's id if it is well-formed; otherwise it makes one of 13 upper-case hex digits, as the vendor's are.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Cap-Request-Id", "X-Request-Id"} {
		if id := h.Get(name); goodRequestID.MatchString(id) {
			return id
		}
	}
	var b [8]byte
	rand.Read(b[:])
	return fmt.Sprintf("%013X", binary.BigEndian.Uint64(b[:])>>12)
}

// gate checks what can be checked before routing, then routes.
func (s *Server) gate(c *call, r *http.Request) error {
	if s.headersTooLarge(r) {
		return fault.HeadersTooLarge.New()
	}
	if r.ContentLength != 0 {
		// Bounds the time for the body, whether a handler reads it or the server discards it.
		http.NewResponseController(c).SetReadDeadline(time.Now().Add(s.cfg.BodyTimeout))
	}
	method, path := r.Method, collapse(r.URL.Path)
	if method == http.MethodHead {
		method = http.MethodGet // the server sends no body for it
	}
	method, path = s.paths.rewrite(method, path)
	declared, methods := s.paths.find(path)
	c.route = declared
	if declared == "" && !s.contract.roots[root(path)] {
		return s.site(c, r, path)
	}
	h := c.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	if s.cors(c, r, path, methods) {
		return nil
	}
	if s.contract.roots[root(path)] {
		v := s.addresses.take(neighbourhood(c.address), s.cfg.AddressRate, s.cfg.AddressBurst, c.start)
		if err := v.err(); err != nil {
			s.metrics.limited.WithLabelValues("address").Inc()
			return err
		}
	}
	switch {
	case !clean(path) || strings.Contains(strings.ToLower(r.URL.EscapedPath()), "%2f"):
		return badRequest("path", "is not well-formed")
	case declared == "":
		return fault.NotFound.New()
	case method == http.MethodOptions:
		h.Set("Allow", allow(s.paths.taken(path, methods)))
		c.WriteHeader(http.StatusNoContent)
		return nil
	case !slices.Contains(methods, method):
		h.Set("Allow", allow(s.paths.taken(path, methods)))
		return fault.MethodNotAllowed.New()
	case r.ContentLength > s.cfg.MaxBody && !s.contract.streams[method+" "+declared]:
		return fault.PayloadTooLarge.New()
	}
	url := *r.URL
	url.Path, url.RawPath = path, ""
	r.URL, r.Method = &url, method // r is ours since WithContext
	s.echo.ServeHTTP(c, r)
	return nil
}

// collapse replaces repeated slashes by one.
func collapse(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

func allow(methods []string) string {
	all := append([]string{http.MethodOptions}, methods...)
	if slices.Contains(methods, http.MethodGet) {
		all = append(all, http.MethodHead)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}

func (s *Server) headersTooLarge(r *http.Request) bool {
	size, count := len(r.Method)+len(r.RequestURI)+len(r.Host), 0
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + 4
			count++
		}
	}
	return size > s.cfg.MaxHeaderBytes || count > s.cfg.MaxHeaders
}

// outside sets scheme and host of a request to what the visitor used, as reported by a trusted proxy: texts of the site name the
// server by them.
func (s *Server) outside(r *http.Request) {
	if s.cfg.TLS || r.TLS != nil {
		r.URL.Scheme = "https"
	}
	if len(s.cfg.TrustedProxies) == 0 || !within(address(r.RemoteAddr), s.cfg.TrustedProxies) {
		return
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto == "http" || proto == "https" {
		r.URL.Scheme = proto
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" {
		r.Host = host
	}
}

// site serves the pages outside the API.
func (s *Server) site(c *call, r *http.Request, path string) error {
	switch {
	case !clean(path):
		return badRequest("path", "is not well-formed")
	case s.cfg.Site == nil:
		return fault.NotFound.New()
	case r.Method == http.MethodOptions:
		c.Header().Set("Allow", allow([]string{http.MethodGet}))
		c.WriteHeader(http.StatusNoContent)
		return nil
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		c.Header().Set("Allow", allow([]string{http.MethodGet}))
		return fault.MethodNotAllowed.New()
	case r.ContentLength != 0:
		c.Header().Set("Connection", "close") // nobody reads the body
	}
	url := *r.URL
	url.Path, url.RawPath = path, ""
	r.URL = &url
	s.outside(r)
	c.route = "site"
	w := &siteWriter{call: c, page: strings.Contains(r.Header.Get("Accept"), "text/html")}
	s.cfg.Site.ServeHTTP(w, r)
	if w.missing {
		return fault.NotFound.New()
	}
	return nil
}

// siteWriter suppresses the site's 404 page unless the caller accepts HTML: programs get the envelope for every unknown path.
type siteWriter struct {
	*call
	page, missing bool
}

func (w *siteWriter) WriteHeader(status int) {
	if status == http.StatusNotFound && !w.page && w.call.status == 0 {
		w.missing = true
		for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Etag", "Last-Modified"} {
			w.Header().Del(name)
		}
		return
	}
	w.call.WriteHeader(status)
}

func (w *siteWriter) Write(b []byte) (int, error) {
	if w.missing {
		return len(b), nil
	}
	return w.call.Write(b)
}
