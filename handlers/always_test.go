package handlers

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// Programs that expect 200 with every answer get it in this mode (our rule 16): the family http keeps its status, all other
// faults answer 200, and the bodies are the same to the byte. TestEveryExample holds each example that fails against this too.

// statusAlways200 is what a failed answer's status becomes in that mode.
func statusAlways200(t testing.TB, o *documented, a answer) int {
	t.Helper()
	if !a.failed() {
		return 200 // parts of a bulk body, all of them refused
	}
	for _, c := range fault.All {
		if c.Number == a.codes()[0] && c.Status == a.status && c.Error && slices.Contains(o.faults, c.Name) {
			if c.Family == "http" {
				return a.status
			}
			return 200
		}
	}
	t.Fatalf("no fault of %s: %d %s", o.op.OperationID, a.status, a.body)
	return 0
}

// always200 is a second server over the store of w, in that mode. It knows the credentials that w has verified.
func (w *world) always200() *world {
	w.t.Helper()
	cfg := w.server.cfg
	cfg.AlwaysOK = true
	s, err := New(w.store, cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	s.auth = w.server.auth
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	h := s.HTTP("")
	go h.Serve(l)
	w.t.Cleanup(func() { h.Close() })
	c := *w
	c.url, c.server, c.free = "http://"+l.Addr().String(), s, true
	return &c
}

// failsAlike sends an example that has failed to a server in that mode. It wrote nothing, so that it fails again.
func (e *example) failsAlike(w *world, a answer) {
	w.t.Helper()
	always := e.send(w.always200())
	if want := statusAlways200(w.t, contractDoc().find(e.method, e.path), a); always.status != want || always.body != a.body {
		w.t.Errorf("in the mode always200: %d %s, want %d %s", always.status, always.body, want, a.body)
	}
}

// Every declared fault, where an error becomes HTTP: also those that no example can show.
func TestEveryFaultAlways200(t *testing.T) {
	oneByOne(t)
	fail := func(always bool, c *fault.Code) *httptest.ResponseRecorder {
		s := &Server{cfg: Config{AlwaysOK: always}, log: slog.New(slog.DiscardHandler)}
		r := httptest.NewRecorder()
		s.fail(&call{ResponseWriter: r, ctx: context.Background()}, c.New())
		return r
	}
	errors := 0
	for _, c := range fault.All {
		if !c.Error {
			continue
		}
		errors++
		honest, always, want := fail(false, c), fail(true, c), http.StatusOK
		if c.Family == "http" {
			want = c.Status
		}
		if honest.Code != c.Status || always.Code != want || always.Body.String() != honest.Body.String() || honest.Body.Len() == 0 {
			t.Errorf("%s: honest %d %s, always200 %d %s", c.Name, honest.Code, honest.Body, always.Code, always.Body)
		}
		h, a := honest.Header(), always.Header()
		if h.Get("Retry-After") != a.Get("Retry-After") || h.Get("Content-Type") != a.Get("Content-Type") || h.Get("Cache-Control") != a.Get("Cache-Control") {
			t.Errorf("%s: headers %v and %v", c.Name, h, a)
		}
	}
	if errors < 150 {
		t.Errorf("only %d errors are declared", errors)
	}
	// Each of them but these is an example's whole answer, which was sent in both modes, or stands in a part of one.
	notSent := []string{"SandboxFull", "MergeTooOld", "ProgramMissing"}
	sent := map[string]bool{}
	for _, e := range readExamples(t) {
		b, err := json.Marshal(e.Answer)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range (answer{body: string(b)}).codes() {
			for _, c := range fault.All {
				sent[c.Name] = sent[c.Name] || c.Number == code && slices.Contains(e.Shows, c.Name)
			}
		}
	}
	for _, c := range fault.All {
		if c.Error && c.Family != "http" && sent[c.Name] == slices.Contains(notSent, c.Name) {
			t.Errorf("%s: by an example %v, among those that none shows %v", c.Name, sent[c.Name], !sent[c.Name])
		}
	}
}
