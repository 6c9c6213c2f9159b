package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestCORS(t *testing.T) {
	const docs = "https://docs.example.com"
	allowed := func(h http.Header) string { return h.Get("Access-Control-Allow-Origin") }
	plain := newWorld(t)
	if a := plain.call("GET", "/v2/customers/1001", "", "Origin: "+docs); allowed(a.header) != "" {
		t.Errorf("nobody was allowed, but %v", a.header)
	}
	w := newWorld(t, func(c *Config) { c.CORSOrigins = []string{docs} })
	if a := w.call("GET", "/v2/customers/1001", "", "Origin: "+docs); a.status != 200 || allowed(a.header) != docs || a.header.Get("Vary") != "Origin" ||
		!strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "X-CAP-REQUEST-ID") {
		t.Errorf("%d %v", a.status, a.header)
	}
	// A page may read why it was refused, too.
	if a := w.as("").call("GET", "/v2/customers/1001", "", "Origin: "+docs); a.status != 401 || allowed(a.header) != docs {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := w.as("").call("OPTIONS", "/v2/customers/1001", "", "Origin: "+docs, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization"); a.status != 204 ||
		allowed(a.header) != docs || !strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "PUT") || !strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "POST") || !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight: %d %v", a.status, a.header)
	}
	for _, origin := range []string{"https://evil.example.com", "null", docs + ".evil.example", "http://docs.example.com"} {
		if a := w.call("GET", "/v2/customers/1001", "", "Origin: "+origin); allowed(a.header) != "" {
			t.Errorf("%s may read", origin)
		}
		if a := w.as("").call("OPTIONS", "/v2/customers/1001", "", "Origin: "+origin, "Access-Control-Request-Method: PUT"); allowed(a.header) != "" || a.header.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s may ask", origin)
		}
	}
	if a := w.as("").call("OPTIONS", "/v2/customers/1001", ""); a.status != 204 || a.header.Get("Allow") == "" || a.header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("OPTIONS without an origin: %d %v", a.status, a.header)
	}
}

// A page elsewhere may send every header that an operation takes.
func TestEveryHeaderMayCross(t *testing.T) {
	contract, err := compileOnce()
	if err != nil {
		t.Fatal(err)
	}
	allowed, seen := strings.Split(corsRequestHeaders, ", "), 0
	for _, op := range contract.operations {
		for _, p := range op.params {
			if p.spec.In != openapi3.ParameterInHeader {
				continue
			}
			if seen++; !slices.Contains(allowed, p.spec.Name) {
				t.Errorf("%s takes %s, which no page elsewhere may send", op.id, p.spec.Name)
			}
		}
	}
	if seen == 0 {
		t.Error("no operation takes a header")
	}
}
