package handlers

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Whatever a query holds, it is refused with a 400 or read into clean values.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"", "userId=1&ids=1&ids=2", "&&USER_ID=%zz", "embed=%E2%80%9Cx%E2%80%9D", "olduid=3;x=%00", "kind==a&=b&kind", "userId=%ff"} {
		f.Add(q)
	}
	c, err := compile([]byte(smallSpec))
	if err != nil {
		f.Fatal(err)
	}
	var op *operation
	for _, o := range c.operations {
		if o.id == "putThing" {
			op = o
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := op.readQuery(raw)
		if err != nil {
			if f, ok := fault.Of(err); !ok || f.Status != 400 {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		for name, values := range q {
			if op.query[foldKey(name)] == nil || op.query[foldKey(name)].spec.Name != name || !clean(strings.Join(values, "")) {
				t.Fatalf("%q: %q %q", raw, name, values)
			}
		}
		if again, err := op.readQuery(q.Encode()); err != nil || again.Encode() != q.Encode() {
			t.Fatalf("%q reads as %q, that as %q, %v", raw, q.Encode(), again.Encode(), err)
		}
	})
}

// Whatever is sent, the answer is no 5xx, and a failure is the envelope.
func FuzzRequest(f *testing.F) {
	s := serve(f, func(c *Config) { c.Rate, c.AddressRate = 0, 0 })
	for _, path := range []string{"/v2/customers", "//v2/customers/1001", "/v2/customers/lookup/customerDetails", "/v2/customers/1001/changeIdentifier", "/v2/customers/bulk", "/kittens/1", "/v2/../x", "/%2f"} {
		f.Add("POST", path, "source=INSTORE&identifierName=mobile&identifierValue=919845000001", tom)
		f.Add("PUT", path, "source=WECHAT&accountId=22232", `{"add":[{"type":"mobile","value":919845000001}],"remove":[]}`)
		f.Add("GET", path, "q=a&limit=1", "")
		f.Add("POST", path, "source=INSTORE", "["+tom+",7]")
	}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		target := &url.URL{Scheme: "http", Host: "x", Path: path, RawQuery: query}
		r, err := http.NewRequest(method, "http://x/", strings.NewReader(body))
		if err != nil {
			return
		}
		r.URL, r.RequestURI, r.RemoteAddr = target, target.RequestURI(), "192.0.2.1:1"
		r.Header.Set("Authorization", demoTill)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		got := reply{w.Code, w.Header(), w.Body.String()}
		got.check(t, method)
		if got.status >= 500 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got.status == 200 && !json.Valid([]byte(got.body)) && !strings.HasPrefix(path, "/openapi.yaml") {
			t.Errorf("no JSON: %s", got.body)
		}
	})
}

// HTTP/2 has its own ways with deadlines and sizes.
func TestHTTP2(t *testing.T) {
	s := serve(t, func(c *Config) { c.BodyTimeout = 300 * time.Millisecond })
	front := httptest.NewUnstartedServer(nil)
	front.Config = s.HTTP("")
	front.EnableHTTP2 = true
	front.StartTLS()
	defer front.Close()
	h2 := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 10 * time.Second}
	send := func(body io.Reader, headers ...string) reply {
		req, _ := http.NewRequest("POST", front.URL+"/v2/customers?source=INSTORE", body)
		req.Header.Set("Authorization", demoTill)
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := h2.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		out := reply{res.StatusCode, res.Header, string(b)}
		out.check(t, "POST")
		if res.ProtoMajor != 2 || out.header.Get("Strict-Transport-Security") == "" {
			t.Errorf("HTTP/%d, %v", res.ProtoMajor, out.header)
		}
		return out
	}
	if r := send(strings.NewReader(tom)); r.status != 200 {
		t.Errorf("good: %d %s", r.status, r.body)
	}
	if r := send(strings.NewReader(strings.Repeat(" ", 1<<20+1))); r.status != 413 {
		t.Errorf("big: %d %s", r.status, r.body)
	}
	if r := send(io.MultiReader(strings.NewReader(strings.Repeat(" ", 1<<20+1)))); r.status != 413 {
		t.Errorf("big, no length: %d %s", r.status, r.body)
	}
	if r := send(strings.NewReader(tom), "X-Long", strings.Repeat("a", 20<<10)); r.status != 431 {
		t.Errorf("headers: %d %s", r.status, r.body)
	}
	slow, end := io.Pipe()
	defer end.Close()
	go end.Write([]byte("{"))
	if r := send(slow); r.status != 408 {
		t.Errorf("slow: %d %s", r.status, r.body)
	}
	time.Sleep(400 * time.Millisecond)
	if r := send(strings.NewReader(tom)); r.status != 409 {
		t.Errorf("after all that: %d %s", r.status, r.body)
	}
}
