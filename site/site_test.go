package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

func get(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var from io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	data, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func policy(t *testing.T) string {
	t.Helper()
	_, policy := load(Files())
	if !strings.Contains(policy, "script-src 'self' 'sha256-") {
		t.Fatal(policy)
	}
	return policy
}

// The policy lets the pages' inline script run, and no other.
func TestPolicyNamesTheScript(t *testing.T) {
	inline := regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	for _, path := range []string{"/", "/operations/getKitten", "/guides/merging"} {
		all := inline.FindAllStringSubmatch(body(t, get(t, "GET", path)), -1)
		if len(all) != 1 {
			t.Fatalf("%s: %d inline scripts", path, len(all))
		}
		sum := sha256.Sum256([]byte(all[0][1]))
		if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(policy(t), "'sha256-"+hash+"'") {
			t.Errorf("%s: %s is not in the policy", path, hash)
		}
	}
}

func TestBrotli(t *testing.T) {
	h := Handler()
	ask := func() *http.Response {
		r := httptest.NewRequest("GET", "/llms.txt", nil)
		r.Header.Set("Accept-Encoding", "br")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	want, tags := body(t, get(t, "GET", "/llms.txt")), map[string]bool{}
	for range 500 { // the best form comes when it is ready
		r := ask()
		data, err := io.ReadAll(brotli.NewReader(r.Body))
		if err != nil || string(data) != want {
			t.Fatal("another text", err)
		}
		if tags[r.Header.Get("ETag")] = true; strings.HasSuffix(r.Header.Get("ETag"), `-br"`) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("only %v", tags)
}

func TestServe(t *testing.T) {
	page := get(t, "GET", "/")
	html := body(t, page)
	sheet := "/" + regexp.MustCompile(`assets/site\.[0-9a-f]+\.css`).FindString(html)
	icon := "/" + regexp.MustCompile(`assets/icon\.[0-9a-f]+\.svg`).FindString(html)
	zipped := get(t, "GET", "/", "Accept-Encoding", "br;q=0.5, gzip;q=0.8")
	if got := body(t, zipped); got != html {
		t.Error("the compressed page is another one")
	}
	plainTag, gzipTag := page.Header.Get("ETag"), zipped.Header.Get("ETag")
	if plainTag == gzipTag || !strings.HasPrefix(plainTag, `"`) {
		t.Errorf("tags %s and %s: two representations need two strong tags", plainTag, gzipTag)
	}

	const forever = "public, max-age=31536000, immutable"
	for _, tt := range []struct {
		name, method, path      string
		headers                 []string
		status                  int
		contentType, cache, enc string
	}{
		{"page", "GET", "/", nil, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"head", "HEAD", "/", nil, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"head of gzip", "HEAD", "/", []string{"Accept-Encoding", "gzip"}, 200, "text/html; charset=utf-8", "no-cache", "gzip"},
		{"sheet", "GET", sheet, nil, 200, "text/css; charset=utf-8", forever, ""},
		{"icon", "GET", icon, []string{"Accept-Encoding", "gzip"}, 200, "image/svg+xml", forever, ""},
		{"any encoding", "GET", "/", []string{"Accept-Encoding", "*"}, 200, "text/html; charset=utf-8", "no-cache", "br"},
		{"gzip rather than br", "GET", "/", []string{"Accept-Encoding", "br;q=0.5, gzip"}, 200, "text/html; charset=utf-8", "no-cache", "gzip"},
		{"no br", "GET", "/", []string{"Accept-Encoding", "gzip, br;q=0"}, 200, "text/html; charset=utf-8", "no-cache", "gzip"},
		{"Markdown", "GET", "/", []string{"Accept", "text/markdown, text/html;q=0.5"}, 200, "text/markdown; charset=utf-8", "no-cache", ""},
		{"a browser", "GET", "/", []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"operation", "GET", "/operations/getKitten", nil, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"operation as a file", "GET", "/operations/getKitten.html", nil, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"operation, Markdown", "GET", "/operations/getKitten", []string{"Accept", "text/markdown"}, 200, "text/markdown; charset=utf-8", "no-cache", ""},
		{"operation as text", "GET", "/operations/getKitten.md", nil, 200, "text/markdown; charset=utf-8", "no-cache", ""},
		{"guide", "GET", "/guides/merging", nil, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"whole as text", "GET", "/reference.md", nil, 200, "text/markdown; charset=utf-8", "no-cache", ""},
		{"llms.txt", "GET", "/llms.txt", nil, 200, "text/plain; charset=utf-8", "no-cache", ""},
		{"Postman", "GET", "/arteriole.postman_collection.json", nil, 200, "application/json", "no-cache", ""},
		{"policy", "GET", "/policy.txt", nil, 404, "text/plain; charset=utf-8", "", ""},
		{"no gzip", "GET", "/", []string{"Accept-Encoding", "*, gzip;q=0, br;q=0"}, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"nothing but br", "GET", "/", []string{"Accept-Encoding", "br"}, 200, "text/html; charset=utf-8", "no-cache", "br"},
		{"known", "GET", "/", []string{"If-None-Match", `"other", W/` + plainTag}, 304, "", "no-cache", ""},
		{"known as gzip", "GET", "/", []string{"If-None-Match", gzipTag, "Accept-Encoding", "gzip"}, 304, "", "no-cache", ""},
		{"known, any", "GET", "/", []string{"If-None-Match", "*"}, 304, "", "no-cache", ""},
		{"known as another", "GET", "/", []string{"If-None-Match", gzipTag}, 200, "text/html; charset=utf-8", "no-cache", ""},
		{"unknown", "GET", "/nothing", nil, 404, "text/plain; charset=utf-8", "", ""},
		{"folder", "GET", "/assets/", nil, 404, "text/plain; charset=utf-8", "", ""},
		{"out of the site", "GET", "/assets/../../site.go", nil, 404, "text/plain; charset=utf-8", "", ""},
		{"post", "POST", "/", nil, 405, "text/plain; charset=utf-8", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := get(t, tt.method, tt.path, tt.headers...)
			got := []any{r.StatusCode, r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"), r.Header.Get("Content-Encoding")}
			for i, want := range []any{tt.status, tt.contentType, tt.cache, tt.enc} {
				if got[i] != want {
					t.Errorf("got %v, want %v", got[i], want)
				}
			}
			text := body(t, &http.Response{Body: r.Body, Header: http.Header{}})
			if (tt.method == "HEAD" || tt.status == 304) && text != "" {
				t.Errorf("a body of %d bytes", len(text))
			}
			if r.StatusCode == 200 && (r.Header.Get("Content-Length") == "" || r.Header.Get("ETag") == "") {
				t.Error("no length or no tag")
			}
			if r.StatusCode == 405 && r.Header.Get("Allow") != "GET, HEAD" {
				t.Error("no Allow")
			}
			for name, want := range map[string]string{
				"Content-Security-Policy": policy(t), "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			} {
				if r.Header.Get(name) != want {
					t.Errorf("%s: %q", name, r.Header.Get(name))
				}
			}
		})
	}
}

func TestTheContractIsTheFile(t *testing.T) {
	want, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(Contract(), want) {
		t.Error("it is not openapi.yaml: run make gen")
	}
}

func TestEveryFileHasAType(t *testing.T) {
	pages, _ := load(Files())
	for path, p := range pages {
		if p.contentType == "application/octet-stream" {
			t.Errorf("%s: typeOf does not know it", path)
		}
	}
}

// Texts name the server by the address that they were asked for at.
// A page is not compressed for one address after the other: whoever makes them up gets it as it is.
func TestManyAddressesCostNoCompression(t *testing.T) {
	h := Handler()
	get := func(host string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/reference.md", nil)
		r.Host = host
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(w.Header().Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: %d %v", host, w.Code, w.Header())
		}
		return w
	}
	at := time.Now().Add(time.Hour) // later than what other tests have asked for
	clock = func() time.Time { return at }
	defer func() { clock = time.Now }()
	if w := get("shop.example"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Error("the first is not compressed")
	}
	for i := range 3 {
		host := fmt.Sprintf("shop%d.example", i)
		if w := get(host); w.Header().Get("Content-Encoding") != "" || !strings.Contains(w.Body.String(), host) {
			t.Errorf("%s is compressed", host)
		}
	}
	if w := get("shop.example"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Error("the first is lost")
	}
	at = at.Add(variantPause)
	if w := get("shop0.example"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Error("a second later another is not compressed")
	}
}

func TestTextsNameTheServer(t *testing.T) {
	h := Handler()
	for _, tt := range []struct{ path, url, want string }{
		{"/reference.md", "http://api.example.com:81", "http://api.example.com:81/v2/customers"},
		{"/operations/getKitten.md", "https://api.example.com", "https://api.example.com/api/kittens/2"},
		{"/arteriole.postman_collection.json", "http://[::1]:80", `"value": "http://[::1]:80"`},
		{"/reference.md", "http://localhost:8080", "http://localhost:8080/v2/customers"},
		{"/reference.md", "http://evil\"host", "http://localhost:8080/v2/customers"},
	} {
		r := httptest.NewRequest("GET", tt.path, nil)
		scheme, host, _ := strings.Cut(tt.url, "://")
		r.Host, r.URL.Scheme = host, scheme
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		text := w.Body.String()
		if !strings.Contains(text, tt.want) || !strings.HasPrefix(tt.want, Server) && strings.Contains(text, Server) {
			t.Errorf("%s at %s does not say %s", tt.path, tt.url, tt.want)
		}
	}
}
