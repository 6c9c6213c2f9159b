package handlers

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"github.com/arteriole/arteriole/db"
)

func TestDocumentPages(t *testing.T) {
	s := serve(t, nil)
	spec, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := s.send(t, "GET", "/openapi.yaml", "", "Authorization: ")
	if r.status != 200 || r.body != string(spec) || r.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("/openapi.yaml: %d, %d bytes, %v", r.status, len(r.body), r.header)
	}
	if again := s.send(t, "GET", "/openapi.yaml", "", "If-None-Match: "+r.header.Get("ETag")); again.status != 304 || again.body != "" {
		t.Errorf("If-None-Match: %d", again.status)
	}
	r = s.send(t, "GET", "/openapi.json", "", "Authorization: ")
	var fromJSON, fromYAML any
	if err := json.Unmarshal([]byte(r.body), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(spec, &fromYAML); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	json.Unmarshal(b, &fromYAML)
	if r.header.Get("Content-Type") != "application/json" || !reflect.DeepEqual(fromJSON, fromYAML) {
		t.Error("/openapi.json differs from the YAML")
	}
	if strings.Index(r.body, `"/v2/customers/search"`) > strings.Index(r.body, `"/v2/customers/lookup"`) {
		t.Error("/openapi.json is not in the order of the document")
	}
	if _, err := openapi3.NewLoader().LoadFromData([]byte(r.body)); err != nil {
		t.Errorf("/openapi.json: %v", err)
	}
}

func TestHealth(t *testing.T) {
	clock := &testClock{}
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), db.Options{NoSync: true, Clock: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.EnsureDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := &lockedBuffer{}
	s, err := newServer(store, testConfig(textOf(smallSpec), log, nil), noRoutes)
	if err != nil {
		t.Fatal(err)
	}
	run := listen(t, s, store, log)
	for _, path := range []string{"/healthz", "/readyz"} {
		if r := run.send(t, "GET", path, "", "Authorization: "); r.status != 200 || r.body != "{\"status\":\"ok\"}\n" {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	clock.advance(-time.Hour)
	r := run.send(t, "GET", "/readyz", "", "Authorization: ")
	if r.status != 503 || !strings.Contains(r.body, `"reason":"the clock is `) || r.header.Get("Retry-After") == "" {
		t.Errorf("clock behind: %d %s", r.status, r.body)
	}
	if r := run.send(t, "GET", "/healthz", "", "Authorization: "); r.status != 200 {
		t.Errorf("/healthz: %d", r.status)
	}
}

func TestMetrics(t *testing.T) {
	s := serve(t, func(c *Config) { c.MetricsOnMain, c.AddressBurst, c.AddressRate = true, 4, 0.001 })
	mine := prometheus.NewGauge(prometheus.GaugeOpts{Name: "arteriole_test", Help: "A test."})
	if err := s.Collect(mine); err != nil {
		t.Fatal(err)
	}
	if s.Collect(mine) == nil {
		t.Error("collected twice")
	}
	s.send(t, "GET", search, "")
	s.send(t, "GET", search, "", "Authorization: "+demoKey)
	s.send(t, "GET", "/v2/CallersOwnPath", "")
	s.send(t, "GET", "/api/kittens", "")
	s.send(t, "GET", "/api/kittens", "") // the fifth: too many for the address
	body := s.send(t, "GET", "/metrics", "", "Authorization: ").body
	for _, want := range []string{
		`arteriole_http_requests_total{class="2xx",operation="fetchCustomersByPartialStrings"} 1`,
		`arteriole_http_requests_total{class="4xx",operation="fetchCustomersByPartialStrings"} 1`,
		`arteriole_http_requests_total{class="2xx",operation="getAllKittens"} 1`,
		`arteriole_http_requests_total{class="4xx",operation="none"} 2`,
		`arteriole_http_request_seconds_count{class="2xx",operation="getAllKittens"} 1`,
		`arteriole_http_requests_in_flight 1`,
		`arteriole_rate_limited_total{by="address"} 1`,
		`arteriole_auth_failures_total{reason="malformed"} 1`,
		`arteriole_build_info{version="test"} 1`,
		"arteriole_test 0", "go_goroutines ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, hidden := range []string{"CallersOwnPath", demoKey, "store.server"} {
		if strings.Contains(body, hidden) {
			t.Errorf("the metrics have %s", hidden)
		}
	}
	off := serve(t, nil)
	if r := off.send(t, "GET", "/metrics", ""); r.status != 404 {
		t.Errorf("/metrics where it is off: %d", r.status)
	}
}

func TestSite(t *testing.T) {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<h1>home</h1>")
	})
	pages.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "17")
		w.WriteHeader(404)
		io.WriteString(w, "<h1>not here</h1>")
	})
	s := serve(t, func(c *Config) { c.Site, c.TLS = pages, true })
	if r := s.send(t, "GET", "/", ""); r.status != 200 || r.body != "<h1>home</h1>" || r.header.Get("Content-Security-Policy") != "" || r.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("/: %d %s %v", r.status, r.body, r.header)
	}
	if r := s.send(t, "HEAD", "/", ""); r.status != 200 || r.body != "" {
		t.Errorf("HEAD /: %d", r.status)
	}
	if r := s.send(t, "GET", "//nothing", "", "Accept: text/html,*/*"); r.status != 404 || r.body != "<h1>not here</h1>" {
		t.Errorf("a page for people: %d %s", r.status, r.body)
	}
	for _, path := range []string{"/nothing", "/v1/customers", "/metrics"} {
		if r := s.send(t, "GET", path, "", "Accept: application/json"); r.status != 404 || r.code() != 404 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	for _, path := range []string{"/v2/nothing", "/api", "/kittens/1/2"} { // never the site's, whatever is accepted
		if r := s.send(t, "GET", path, "", "Accept: text/html"); r.status != 404 || r.code() != 404 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if r := s.send(t, "POST", "/", "{}"); r.status != 405 || r.header.Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("POST /: %d %v", r.status, r.header)
	}
	if r := s.send(t, "OPTIONS", "/", ""); r.status != 204 || r.header.Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("OPTIONS /: %d", r.status)
	}
}

func TestHTTPHasEveryLimit(t *testing.T) {
	s := small(t, nil, nil)
	h := s.HTTP("localhost:0")
	for name, v := range map[string]int64{
		"ReadHeaderTimeout": int64(h.ReadHeaderTimeout), "ReadTimeout": int64(h.ReadTimeout), "WriteTimeout": int64(h.WriteTimeout),
		"IdleTimeout": int64(h.IdleTimeout), "MaxHeaderBytes": int64(h.MaxHeaderBytes),
	} {
		if v <= 0 {
			t.Errorf("%s is not set", name)
		}
	}
	if h.Addr != "localhost:0" || h.MaxHeaderBytes <= s.cfg.MaxHeaderBytes || h.ReadTimeout <= s.cfg.BodyTimeout+s.cfg.RequestTimeout {
		t.Errorf("%+v", h)
	}
	if _, err := newServer(s.store, Config{Spec: textOf(smallSpec)}, noRoutes); err == nil {
		t.Error("a server without limits is made")
	}
}
