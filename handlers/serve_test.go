package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/gen"
)

// The demo till of the reference, and its key for the kittens.
const (
	demoTill = "Basic c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3"
	demoKey  = "meowmeowmeow"
)

// running is a server behind a real listener, with the demo organization.
type running struct {
	*Server
	url   string
	store *db.Store
	log   *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func demoStore(t testing.TB) *db.Store {
	t.Helper()
	store, err := db.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), db.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if _, err := store.EnsureDemo(context.Background()); err != nil {
		t.Fatal(err)
	}
	return store
}

// serve starts the real API; tweak may change its limits.
func serve(t testing.TB, tweak func(*Config)) *running {
	t.Helper()
	store, log := demoStore(t), &lockedBuffer{}
	cfg := testConfig(specBytes, log, tweak)
	s, err := New(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, s, store, log)
}

func testConfig(spec func() []byte, log io.Writer, tweak func(*Config)) Config {
	cfg := Defaults()
	cfg.Spec, cfg.Version, cfg.Log = spec, "test", slog.New(slog.NewJSONHandler(log, nil))
	if tweak != nil {
		tweak(&cfg)
	}
	return cfg
}

func listen(t testing.TB, s *Server, store *db.Store, log *lockedBuffer) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := s.HTTP("")
	go h.Serve(l)
	t.Cleanup(func() { h.Close() })
	return &running{s, "http://" + l.Addr().String(), store, log}
}

// noRoutes registers no operation.
func noRoutes(gen.EchoRouter, map[string][]echo.MiddlewareFunc) {}

// A reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes a request with "Name: value" headers. Authorization is the demo
// till's unless one is given; "Authorization:" alone sends none.
func (r *running) send(t testing.TB, method, path, body string, headers ...string) reply {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, r.url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", demoTill)
	if strings.Contains(path, "/kittens") {
		req.Header.Set("Authorization", demoKey)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		if value = strings.TrimPrefix(value, " "); value == "" {
			req.Header.Del(name)
		} else {
			req.Header.Set(name, value)
		}
	}
	return r.do(t, req)
}

func (r *running) do(t testing.TB, req *http.Request) reply {
	t.Helper()
	res, err := gateClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{res.StatusCode, res.Header, string(b)}
	out.check(t, req.Method)
	return out
}

var gateClient = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// check is what holds for every answer.
func (r reply) check(t testing.TB, method string) {
	t.Helper()
	id := r.header.Get("X-Cap-Request-Id")
	if !goodRequestID.MatchString(id) || r.header.Get("X-Cap-Requestid") != id {
		t.Errorf("request ids %q and %q", id, r.header.Get("X-Cap-Requestid"))
	}
	if r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("X-Frame-Options") == "" || r.header.Get("Referrer-Policy") == "" {
		t.Errorf("security headers are missing: %v", r.header)
	}
	if r.status < 400 || method == http.MethodHead || strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		return
	}
	if r.status >= 500 && r.status != 503 {
		t.Errorf("status %d: %s", r.status, r.body)
	}
	if r.header.Get("Content-Type") != "application/json" {
		t.Errorf("a failure of type %q", r.header.Get("Content-Type"))
	}
	if r.status == 429 || r.status == 503 {
		if r.header.Get("Retry-After") == "" {
			t.Errorf("%d without Retry-After", r.status)
		}
	}
	if strings.Contains(r.body, `"status":"unavailable"`) || r.status == 400 && strings.HasPrefix(r.body, "[") { // health; a bulk request of which nothing is left
		return
	}
	var f struct {
		Errors []struct {
			Status  *bool
			Code    int
			Message string
		}
	}
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil || len(f.Errors) != 1 || f.Errors[0].Status == nil || *f.Errors[0].Status ||
		f.Errors[0].Code == 0 || f.Errors[0].Message == "" || strings.Contains(f.Errors[0].Message, "{") {
		t.Errorf("not the envelope of a failure (%v): %s", err, r.body)
	}
}

// message is the one error's.
func (r reply) message() string {
	var f failure
	if json.Unmarshal([]byte(r.body), &f) != nil || len(f.Errors) == 0 {
		return r.body
	}
	return f.Errors[0].Message
}

func (r reply) code() int {
	var f failure
	if json.Unmarshal([]byte(r.body), &f) != nil || len(f.Errors) == 0 {
		return 0
	}
	return f.Errors[0].Code
}

// raw writes bytes to a fresh connection and reads until the server closes it
// or a second passes.
func (r *running) raw(t testing.TB, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	go io.WriteString(c, text)
	b, _ := io.ReadAll(c)
	return string(b)
}
