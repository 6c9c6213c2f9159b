package handlers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/gen"
)

// sample is a request that an operation answers with 200.
type sample struct {
	id, method, path, body string
	kittens                bool
	open                   bool       // takes no credentials
	stream                 bool       // takes its body as it arrives
	steps                  []*example // what must come before
	settings               map[string]string
}

// samples has one of each operation, taken from an example that succeeds, if possible without anything done before.
func samples(t testing.TB) (all []sample) {
	t.Helper()
	examples := readExamples(t)
	for _, needs := range []bool{false, true} {
		for _, key := range slices.Sorted(maps.Keys(examples)) {
			e := examples[key]
			if e.Status != 200 && e.Status != 202 || len(e.Steps)+len(e.Settings) > 0 != needs || slices.ContainsFunc(all, func(s sample) bool { return s.id == e.operation }) {
				continue
			}
			s := e.sample(t)
			s.settings = e.Settings
			for _, step := range e.Steps {
				s.steps = append(s.steps, examples[step])
			}
			all = append(all, s)
		}
	}
	if len(all) != len(contractDoc().ops) {
		t.Fatalf("samples of %d operations of %d", len(all), len(contractDoc().ops))
	}
	return all
}

func (e *example) sample(t testing.TB) sample {
	s := sample{id: e.operation, method: e.method, path: e.address(), kittens: e.kittens, open: e.open, stream: contractDoc().find(e.method, e.path).streams()}
	if s.stream {
		s.body = e.Raw
	}
	if e.Body != nil {
		b, err := json.Marshal(e.Body)
		if err != nil {
			t.Fatal(err)
		}
		s.body = string(b)
	}
	return s
}

// after does what must come before.
func (s sample) after(w *world) sample {
	w.t.Helper()
	for k, v := range s.settings {
		if err := w.store.SetOrg(context.Background(), "demo", k, v); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, e := range s.steps {
		if a := e.send(w); a.status >= 400 {
			w.t.Fatalf("%s/%s, done first: %d %s", e.operation, e.Name, a.status, a.body)
		}
	}
	return s
}

func (s sample) in(w *world) *world {
	switch {
	case s.kittens && w.auth == demoTill:
		return w.as(demoKey)
	case s.open:
		return w.as("")
	}
	return w
}

// Every operation gives the faults of the transport: each where it belongs, in the envelope.
func TestTransportFaultsOfEveryOperation(t *testing.T) {
	oneByOne(t)
	for _, s := range samples(t) {
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			me := s.in(w)
			plain := s.path
			if i := strings.IndexByte(plain, '?'); i >= 0 {
				plain = plain[:i]
			}
			check := func(what string, want int, a answer) {
				t.Helper()
				if a.status != want || len(a.codes()) != 1 || a.codes()[0] != want {
					t.Errorf("%s: %d %s, want %d", what, a.status, a.body, want)
				}
			}
			if !s.open {
				check("no credentials", 401, w.as("").call(s.method, s.path, s.body))
				if a := w.as("Basic x").call(s.method, s.path, s.body); a.header.Get("WWW-Authenticate") == "" {
					t.Error("401 without WWW-Authenticate")
				}
				other := demoTill // the credential of the other kind
				if !s.kittens {
					other = demoKey
				}
				c := *w
				c.auth = other
				check("the other kind of credential", 401, c.call(s.method, s.path, s.body))
			}
			check("another type asked for", 406, me.call(s.method, s.path, s.body, "Accept: image/png"))
			check("headers too large", 431, me.call(s.method, s.path, s.body, "X-Filler: "+strings.Repeat("x", 20_000)))
			check("a broken address", 400, me.call(s.method, plain+"?a=%zz", s.body))
			if a := me.call("DELETE", s.path, ""); a.status != 405 || !strings.Contains(a.header.Get("Allow"), s.method) {
				t.Errorf("DELETE: %d, Allow %q", a.status, a.header.Get("Allow"))
			}
			if !s.stream {
				check("a larger body than allowed", 413, me.call(s.method, s.path, strings.Repeat(" ", 1<<20+1)))
			}
			check("a body that does not arrive", 408, s.slow(t, me.auth))
			if s.body != "" {
				check("another type of body", 415, me.call(s.method, s.path, s.body, "Content-Type: text/plain"))
				if !s.stream {
					check("no JSON", 400, me.call(s.method, s.path, `{"a":1,"a":2}`))
				}
			}
			check("too many", 429, s.tooMany(t))
			check("a store that is closed", 503, s.closed(t))
		})
	}
}

// slow announces a body and sends none of it.
func (s sample) slow(t *testing.T, auth string) answer {
	w := newWorld(t, func(c *Config) { c.BodyTimeout = 50 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	req, err := http.NewRequest(s.method, w.url+s.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n", s.method, s.path, auth, mediaOf(req))
	res, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		t.Fatal(err)
	}
	a := readAnswer(t, res)
	if err := holdAgainstContract(req, a); err != nil {
		t.Errorf("%d %s\n%v", a.status, a.body, err)
	}
	return a
}

func (s sample) tooMany(t *testing.T) answer {
	w := newWorld(t, func(c *Config) { c.Rate, c.Burst = 0.001, 1 })
	me := s.in(w)
	me.call(s.method, s.path, s.body)
	a := me.call(s.method, s.path, s.body)
	if a.header.Get("Retry-After") == "" || a.header.Get("RateLimit-Limit") == "" || a.header.Get("RateLimit-Remaining") != "0" || a.header.Get("RateLimit-Reset") == "" {
		t.Errorf("429 with %v", a.header)
	}
	return a
}

// closed answers when the store has gone.
func (s sample) closed(t *testing.T) answer {
	w := newWorld(t)
	me := s.after(w).in(w)
	if a := me.call(s.method, s.path, s.body); a.status >= 300 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	a := me.call(s.method, s.path, s.body)
	if a.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	return a
}

// A bug in a handler is a plain 500: the cause is in the log, not in the answer.
func TestABugTellsNothing(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			log := &lockedBuffer{}
			cfg := testConfig(specBytes, log, nil)
			srv, err := newServer(w.store, cfg, func(r gen.EchoRouter, before map[string][]echo.MiddlewareFunc) {
				planted := gen.NewStrictHandler(&API{store: w.store, cfg: cfg}, []gen.StrictMiddlewareFunc{
					func(gen.StrictHandlerFunc, string) gen.StrictHandlerFunc {
						return func(echo.Context, any) (any, error) { panic("the planted secret") }
					}})
				gen.RegisterHandlersWithOptions(r, planted, gen.RegisterHandlersOptions{OperationMiddlewares: before})
			})
			if err != nil {
				t.Fatal(err)
			}
			r := listen(t, srv, w.store, log)
			req, err := http.NewRequest(s.method, r.url+s.path, strings.NewReader(s.body))
			if err != nil {
				t.Fatal(err)
			}
			if auth := s.in(w).auth; auth != "" {
				req.Header.Set("Authorization", auth)
			}
			if s.body != "" {
				req.Header.Set("Content-Type", mediaOf(req))
			}
			res, err := httpClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			a := readAnswer(t, res)
			if a.status != 500 || a.body != `{"errors":[{"status":false,"code":500,"message":"Something failed in the server"}]}`+"\n" {
				t.Errorf("%d %s", a.status, a.body)
			}
			if err := contractDoc().find(req.Method, req.URL.Path).holdFailure(a); err != nil {
				t.Error(err)
			}
			if !strings.Contains(log.String(), "the planted secret") {
				t.Errorf("the log does not say why: %s", log)
			}
		})
	}
}
