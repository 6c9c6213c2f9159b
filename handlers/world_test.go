package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// noon is the time of the tests' clock, after everything in the demo organization.
var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// demoFile is a database with the demo organization, made once and copied for each test.
var demoFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "arteriole")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "demo.db")
	s, err := db.Open(context.Background(), path, db.Options{Clock: at(noon), NoSync: true})
	if err != nil {
		return nil, err
	}
	if _, err := s.EnsureDemo(context.Background()); err != nil {
		return nil, err
	}
	if _, err := s.SigningKey(context.Background()); err != nil { // made once, since that takes a while
		return nil, err
	}
	if err := s.Close(); err != nil { // the last connection folds the WAL into the file
		return nil, err
	}
	return os.ReadFile(path)
})

var specBytes = sync.OnceValue(func() []byte {
	b, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		panic(err)
	}
	return b
})

// world is a server over a real listener and a real file, with the demo organization; every answer of it is held against
// the contract.
type world struct {
	t      testing.TB
	url    string
	server *Server
	store  *db.Store
	auth   string // Authorization of the requests, "" for none
	free   bool   // answers are not held against the contract, as they are those of the mode always200
}

func newWorld(t testing.TB, tweak ...func(*Config)) *world {
	t.Helper()
	b, err := demoFile()
	if err != nil {
		t.Fatal(err)
	}
	return worldOf(t, b, tweak...)
}

// worldOf serves a copy of a database; no bytes are a new one.
func worldOf(t testing.TB, b []byte, tweak ...func(*Config)) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	if b != nil {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Defaults()
	cfg.Spec, cfg.Version, cfg.Log, cfg.Clock = specBytes, "test", slog.New(slog.DiscardHandler), at(noon)
	cfg.Rate, cfg.AddressRate = 0, 0
	for _, f := range tweak {
		f(&cfg)
	}
	store, err := db.Open(context.Background(), path, db.Options{Clock: cfg.Clock, NoSync: true, Readers: 4})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := s.HTTP("")
	go h.Serve(l)
	t.Cleanup(func() {
		h.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, url: "http://" + l.Addr().String(), server: s, store: store, auth: demoTill}
}

// as is the same world for another caller.
func (w *world) as(auth string) *world {
	c := *w
	c.auth = auth
	return &c
}

// answer is what came back, checked.
type answer struct {
	status int
	header http.Header
	body   string
}

// codes of the errors and the warnings, in order: those of the whole, then those of its parts.
func (a answer) codes() (codes []int) {
	var v any
	json.Unmarshal([]byte(a.body), &v)
	for _, list := range []string{"errors", "warnings"} {
		for _, item := range listedIn(v, list) {
			if n, ok := item["code"].(float64); ok {
				codes = append(codes, int(n))
			}
		}
	}
	return codes
}

// listedIn collects the entries of every list of errors or of warnings in an answer.
func listedIn(v any, list string) (items []map[string]any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			items = append(items, listedIn(x, list)...)
		}
	case map[string]any:
		if all, ok := v[list].([]any); ok {
			for _, x := range all {
				m, _ := x.(map[string]any)
				items = append(items, m)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key != list {
				items = append(items, listedIn(v[key], list)...)
			}
		}
	}
	return items
}

// failed says whether the body is that of a request that failed as a whole.
func (a answer) failed() bool {
	var m map[string]any
	json.Unmarshal([]byte(a.body), &m)
	return a.status >= 400 && len(m) == 1 && m["errors"] != nil
}

func (a answer) get(t testing.TB, key string) any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return m[key]
}

var httpClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: 30 * time.Second}

// call sends a request and holds the answer against the contract.
func (w *world) call(method, path, body string, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if w.auth != "" {
		req.Header.Set("Authorization", w.auth)
	}
	if body != "" {
		req.Header.Set("Content-Type", mediaOf(req))
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		req.Header.Set(k, v)
	}
	res, err := httpClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	a := readAnswer(w.t, res)
	if w.free {
		return a
	}
	if err := holdAgainstContract(req, a); err != nil {
		w.t.Errorf("%s %s: %d %s\n%v", method, path, a.status, a.body, err)
	}
	return a
}

// mediaOf is the type that a body has unless it is said: JSON, or what the operation streams.
func mediaOf(req *http.Request) string {
	if op := contractDoc().find(req.Method, req.URL.Path); op != nil && op.streams() {
		media := op.op.Extensions["x-stream"].([]any)[0].(string)
		if media == "multipart/form-data" {
			media += "; boundary=teahouse"
		}
		return media
	}
	return "application/json"
}

func (o *documented) streams() bool { return o.op.Extensions["x-stream"] != nil }

func readAnswer(t testing.TB, res *http.Response) answer {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

// want sends a request and compares status and codes.
func (w *world) want(status int, codes []int, method, path, body string) answer {
	w.t.Helper()
	a := w.call(method, path, body)
	if a.status != status || !slices.Equal(a.codes(), codes) {
		w.t.Fatalf("%s %s %.2000s\ngot  %d %v %.4000s\nwant %d %v", method, path, body, a.status, a.codes(), a.body, status, codes)
	}
	return a
}

// The document, with a plain router of its own: the operation of a request is not taken from the server's word.
type contractText struct {
	doc *openapi3.T
	ops []documented
}

type documented struct {
	method string
	path   []string
	op     *openapi3.Operation
	faults []string
}

var contractDoc = sync.OnceValue(func() *contractText {
	doc, err := openapi3.NewLoader().LoadFromData(specBytes())
	if err != nil {
		panic(err)
	}
	d := &contractText{doc: doc}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := documented{method: method, path: strings.Split(path, "/"), op: op}
			for _, f := range op.Extensions["x-fault-codes"].([]any) {
				o.faults = append(o.faults, f.(string))
			}
			d.ops = append(d.ops, o)
		}
	}
	// Literal paths before those with parameters.
	slices.SortFunc(d.ops, func(a, b documented) int {
		return strings.Count(strings.Join(a.path, "/"), "{") - strings.Count(strings.Join(b.path, "/"), "{")
	})
	return d
})

func (d *contractText) find(method, path string) *documented {
	parts := strings.Split(path, "/")
next:
	for i, o := range d.ops {
		if o.method != method || len(o.path) != len(parts) {
			continue
		}
		for k, p := range o.path {
			if !strings.HasPrefix(p, "{") && p != parts[k] {
				continue next
			}
		}
		return &d.ops[i]
	}
	return nil
}

// seen is what the tests of this run have reached: operation and fault, operation and status.
var seen struct {
	sync.Mutex
	faults   map[string]bool
	statuses map[string]bool
}

// holdAgainstContract checks an answer: its envelope and its codes, and its body where the request is an operation's.
func holdAgainstContract(req *http.Request, a answer) error {
	if a.status >= 500 && a.status != 503 {
		return fmt.Errorf("a 5xx")
	}
	if id := a.header.Get("X-Cap-Request-Id"); id == "" || a.header.Get("X-Cap-Requestid") != id {
		return fmt.Errorf("request ids %q and %q", id, a.header.Get("X-Cap-Requestid"))
	}
	op := contractDoc().find(req.Method, req.URL.Path)
	if a.status == 405 {
		return contractDoc().holdMethod(req, a)
	}
	bulk := op != nil && (op.op.Extensions["x-bulk"] == true || op.op.Extensions["x-partial"] != nil)
	if a.status >= 400 && (!bulk || a.failed()) {
		return op.holdFailure(a)
	}
	if op == nil || a.status == 204 {
		return nil
	}
	seen.Lock()
	seen.statuses[fmt.Sprint(op.op.OperationID, " ", a.status)] = true
	seen.Unlock()
	if a.status == 304 {
		return nil
	}
	declared := op.op.Responses.Status(a.status)
	if declared == nil {
		return fmt.Errorf("%s does not declare the status %d", op.op.OperationID, a.status)
	}
	if media := declared.Value.Content.Get("application/json"); media == nil {
		if declared.Value.Content[a.header.Get("Content-Type")] == nil {
			return fmt.Errorf("an answer of the type %s", a.header.Get("Content-Type"))
		}
		return nil
	}
	var value any
	dec := json.NewDecoder(strings.NewReader(a.body))
	if err := dec.Decode(&value); err != nil {
		return err
	}
	schema := declared.Value.Content.Get("application/json").Schema.Value
	if err := schema.VisitJSON(value, openapi3.VisitAsResponse()); err != nil {
		return err
	}
	if err := undeclared(schema, value, "body"); err != nil {
		return err
	}
	if op.op.Extensions["x-row-results"] == true {
		return op.rows(value)
	}
	errs := listedIn(value, "errors")
	if len(errs) > 0 && (!bulk || a.status == 200) {
		return fmt.Errorf("errors in a success")
	}
	if err := op.listed(errs, func(c *fault.Code) bool { return c.Error }); err != nil {
		return err
	}
	return op.listed(listedIn(value, "warnings"), func(c *fault.Code) bool { return c.Warning })
}

// rows notes the codes that rows of a job have; they may be those of any operation.
func (o *documented) rows(value any) error {
	data, _ := value.(map[string]any)["data"].([]any)
	for _, row := range data {
		errs, _ := row.(map[string]any)["errors"].([]any)
		for _, e := range errs {
			for _, c := range fault.All {
				if n, _ := e.(map[string]any)["code"].(float64); c.Number == int(n) && slices.Contains(o.faults, c.Name) {
					seen.Lock()
					seen.faults[o.op.OperationID+" "+c.Name] = true
					seen.Unlock()
				}
			}
		}
	}
	return nil
}

// holdMethod is holdFailure for a method that no operation of the path has: it counts for all of them.
func (d *contractText) holdMethod(req *http.Request, a answer) error {
	if err := (*documented)(nil).holdFailure(a); err != nil {
		return err
	}
	for _, method := range []string{"GET", "PUT", "POST"} {
		if o := d.find(method, req.URL.Path); o != nil {
			if err := o.holdFailure(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *documented) holdFailure(a answer) error {
	var b struct {
		Errors []json.RawMessage `json:"errors"`
	}
	dec := json.NewDecoder(strings.NewReader(a.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil || len(b.Errors) != 1 {
		return fmt.Errorf("not the envelope of a failure: %v", err)
	}
	var item struct {
		Status  *bool
		Code    *int
		Message *string
	}
	d := json.NewDecoder(bytes.NewReader(b.Errors[0]))
	d.DisallowUnknownFields()
	if err := d.Decode(&item); err != nil || item.Status == nil || *item.Status || item.Code == nil || item.Message == nil || *item.Message == "" {
		return fmt.Errorf("not an item of errors: %v", err)
	}
	if strings.Contains(*item.Message, "{") {
		return fmt.Errorf("a placeholder is left in the message")
	}
	if o == nil {
		return nil
	}
	return o.listed([]map[string]any{{"code": float64(*item.Code)}}, func(c *fault.Code) bool { return c.Error && c.Status == a.status })
}

// listed checks that each code is declared, of this kind, and listed by the operation; and remembers it.
func (o *documented) listed(items []map[string]any, kind func(*fault.Code) bool) error {
	for _, it := range items {
		code, _ := it["code"].(float64)
		n := int(code)
		found := false
		for _, c := range fault.All {
			if c.Number == n && kind(c) && slices.Contains(o.faults, c.Name) {
				found = true
				seen.Lock()
				seen.faults[o.op.OperationID+" "+c.Name] = true
				seen.Unlock()
			}
		}
		if !found {
			return fmt.Errorf("%s does not list the code %d in this use", o.op.OperationID, n)
		}
	}
	return nil
}

// undeclared finds a key of an answer that its schema does not name.
func undeclared(s *openapi3.Schema, v any, where string) error {
	if s.Type == nil && len(s.Properties)+len(s.AllOf) == 0 { // anything
		return nil
	}
	for _, choice := range s.OneOf {
		if choice.Value.VisitJSON(v, openapi3.VisitAsResponse()) == nil {
			return undeclared(choice.Value, v, where)
		}
	}
	for s.Type == nil && s.Properties == nil && len(s.AllOf) == 1 { // the wrapper of a $ref
		s = s.AllOf[0].Value
	}
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			if err := undeclared(s.Items.Value, e, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		for k, e := range v {
			p := property(s, k)
			if p == nil {
				return fmt.Errorf("%s.%s is not in the schema", where, k)
			}
			if err := undeclared(p, e, where+"."+k); err != nil {
				return err
			}
		}
	}
	return nil
}

func property(s *openapi3.Schema, name string) *openapi3.Schema {
	if p := s.Properties[name]; p != nil {
		return p.Value
	}
	for _, a := range s.AllOf {
		if p := property(a.Value, name); p != nil {
			return p
		}
	}
	if s.AdditionalProperties.Schema != nil {
		return s.AdditionalProperties.Schema.Value
	}
	return nil
}

// TestMain sees to it that a whole run reached every fault that every operation lists.
// oneByOne leaves a test out of short runs, as that under the race detector is: it makes thousands of calls one after the other, in
// which there is nothing to race, and which take many times as long there.
func oneByOne(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one call after the other: not in a short run")
	}
}

func TestMain(m *testing.M) {
	seen.faults, seen.statuses = map[string]bool{}, map[string]bool{}
	code := m.Run()
	if code == 0 && !testing.Short() && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" {
		code = unreached()
	}
	os.Exit(code)
}

func unreached() (code int) {
	for _, o := range contractDoc().ops {
		for _, f := range o.faults {
			if !seen.faults[o.op.OperationID+" "+f] {
				fmt.Printf("FAIL: no test reached %s of %s\n", f, o.op.OperationID)
				code = 1
			}
		}
		for status := range o.op.Responses.Map() {
			if status != "default" && !seen.statuses[o.op.OperationID+" "+status] {
				fmt.Printf("FAIL: no test reached status %s of %s\n", status, o.op.OperationID)
				code = 1
			}
		}
	}
	return code
}

// recorder takes routes down, to compare them with the contract.
type recorder struct {
	*echo.Echo
	routes []string
}

func (r *recorder) note(method, path string) *echo.Route {
	r.routes = append(r.routes, method+" "+path)
	return &echo.Route{}
}
func (r *recorder) GET(p string, _ echo.HandlerFunc, _ ...echo.MiddlewareFunc) *echo.Route {
	return r.note("GET", p)
}
func (r *recorder) PUT(p string, _ echo.HandlerFunc, _ ...echo.MiddlewareFunc) *echo.Route {
	return r.note("PUT", p)
}
func (r *recorder) POST(p string, _ echo.HandlerFunc, _ ...echo.MiddlewareFunc) *echo.Route {
	return r.note("POST", p)
}

// The router is the contract, in both directions: each route of the running server under /v2 and /api is an operation,
// and each operation is a route.
func TestTheRouterIsTheContract(t *testing.T) {
	store, err := db.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	cfg := Defaults()
	cfg.Spec = specBytes
	s, err := New(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var routes, operations []string
	for _, r := range s.echo.Routes() {
		if strings.HasPrefix(r.Path, "/v2") || strings.HasPrefix(r.Path, "/api") || strings.HasPrefix(r.Path, "/coupon") || strings.HasPrefix(r.Path, "/v3") {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	for _, o := range contractDoc().ops {
		path := slices.Clone(o.path) // other tests go on finding operations by it
		for i, p := range path {
			if strings.HasPrefix(p, "{") {
				path[i] = ":" + strings.Trim(p, "{}")
			}
		}
		operations = append(operations, o.method+" "+strings.Join(path, "/"))
	}
	slices.Sort(routes)
	slices.Sort(operations)
	if !slices.Equal(routes, operations) {
		t.Errorf("routes\n%s\noperations\n%s", strings.Join(routes, "\n"), strings.Join(operations, "\n"))
	}
	rec := &recorder{}
	gen.RegisterHandlers(rec, nil)
	slices.Sort(rec.routes)
	if !slices.Equal(rec.routes, operations) {
		t.Errorf("generated routes\n%s\noperations\n%s", strings.Join(rec.routes, "\n"), strings.Join(operations, "\n"))
	}
}
