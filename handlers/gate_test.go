package handlers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

const tom = `{"profiles":[{"firstName":"Tom","identifiers":[{"type":"email","value":"tom.new@example.com"}]}]}`

// TestSharpEdges sends what echo, oapi-codegen and encoding/json let through or answer wrongly when used as they come. None of it
// is stored, and none of it gives a 5xx.
func TestSharpEdges(t *testing.T) {
	s := serve(t, nil)
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	bodies := []struct {
		name, body, want string
	}{
		{"empty object", `{}`, "body: profiles is required"},
		{"null", `null`, "body must be an object"},
		{"a list", `[]`, "body must be an object"},
		{"no profile", `{"profiles":[]}`, "body: profiles must have at least 1 item"},
		{"two profiles", `{"profiles":[{"identifiers":[]},{"identifiers":[]}]}`, "body: profiles must have at most 1 item"},
		{"null profile", `{"profiles":[null]}`, "body: profiles[0] must be an object"},
		{"wrong case of a key", `{"Profiles":[{"identifiers":[{"type":"email","value":"a@example.com"}]}]}`, "body: profiles is required"},
		{"duplicate key", `{"profiles":[],` + tom[1:], "body: line 1 column 16 cannot be read: a key is given twice in one object"},
		{"trailing data", tom + `{}`, "body: line 1 column 98 cannot be read: text after the end of the JSON value"},
		{"invalid UTF-8", strings.Replace(tom, "Tom", "T\xffm", 1), "body: line 1 column 29 cannot be read: not valid UTF-8"},
		{"lone surrogate", strings.Replace(tom, "Tom", `\ud800`, 1), "body: line 1 column 28 cannot be read: half a surrogate pair inside a string"},
		{"NUL", strings.Replace(tom, "Tom", `\u0000`, 1), "body: line 1 column 28 cannot be read: a NUL character inside a string"},
		{"9000 levels", deep, "body: line 1 column 321 cannot be read: nested deeper than 64 levels"},
		{"a BOM", "\xef\xbb\xbf" + tom, "body: line 1 column 1 cannot be read: a byte order mark is not JSON"},
		{"huge number", strings.Replace(tom, `"tom.new@example.com"`, "1e400", 1), "body: line 1 column 72 cannot be read: a number is too large"},
		{"float for a string", strings.Replace(tom, `"tom.new@example.com"`, "1.5", 1), "body: profiles[0].identifiers[0].value must be a string or a whole number"},
		{"boolean for a string", strings.Replace(tom, `"Tom"`, "true", 1), "body: profiles[0].firstName must be a string"},
		{"curly quotes", strings.Replace(tom, `"Tom"`, "“Tom”", 1), "body: line 1 column 27 cannot be read: a JSON value is expected here"},
		{"text for a boolean", strings.Replace(tom, `"firstName"`, `"commChannels":[{"type":"email","value":"a@example.com","primary":"yes"}],"firstName"`, 1), "body: profiles[0].commChannels[0].primary must be true or false"},
		{"unknown type", strings.Replace(tom, `"email"`, `"foo"`, 1), "body: profiles[0].identifiers[0].type must be one of mobile, email, externalId, wechat, martjackId, fbId, unionId, cuid, tmall_uname, ali_uname, jd_uname, vip_uname, line, ecommId"},
		{"too long", strings.Replace(tom, "Tom", strings.Repeat("T", 3000), 1), "body: profiles[0].firstName must have at most 255 characters"},
	}
	for _, row := range bodies {
		t.Run(row.name, func(t *testing.T) {
			r := s.send(t, "POST", "/v2/customers?source=INSTORE", row.body)
			if r.status != 400 || r.code() != 400 || r.message() != row.want {
				t.Errorf("%d %s\nwant %s", r.status, r.body, row.want)
			}
		})
	}
	if r := s.send(t, "POST", "/v2/customers?source=INSTORE", ""); r.status != 400 || r.message() != "body is required" {
		t.Errorf("no body: %d %s", r.status, r.body)
	}
	// All of that wrote nothing: the address is still free.
	if r := s.send(t, "POST", "/v2/customers?source=INSTORE", tom); r.status != 200 {
		t.Errorf("a good body: %d %s", r.status, r.body)
	}
}

// A number that passes the schema but not the Go type must not get a second,
// lenient decode.
func TestNoSecondDecode(t *testing.T) {
	s := serve(t, nil)
	for _, n := range []string{"1.0", "1e3", "1e9"} {
		r := s.send(t, "POST", "/v2/customers?source=INSTORE", strings.Replace(tom, `"tom.new@example.com"`, n, 1))
		if r.status != 400 || r.message() != "body: profiles[0].identifiers[0].value must be written in digits alone, without a point or an exponent" {
			t.Errorf("%s: %d %s", n, r.status, r.body)
		}
	}
	r := s.send(t, "POST", "/v2/customers/bulk?source=INSTORE", "["+strings.Replace(tom, `"tom.new@example.com"`, "1e9", 1)+"]")
	if r.status != 400 || !strings.Contains(r.body, "body: [0].profiles[0].identifiers[0].value must be written in digits alone") {
		t.Errorf("in bulk: %d %s", r.status, r.body)
	}
}

func TestMethodsAndPaths(t *testing.T) {
	s := serve(t, func(c *Config) { c.MetricsOnMain = true })
	for _, row := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"PUT", "/v2/customers/search", 405, "GET, HEAD, OPTIONS"},
		{"DELETE", "/v2/customers/search?q=x", 405, "GET, HEAD, OPTIONS"},
		{"POST", "/v2/customers/search", 405, "GET, HEAD, OPTIONS"},
		{"GET", "/v2/customers", 405, "OPTIONS, POST"},
		{"DELETE", "/v2/customers/1001", 405, "GET, HEAD, OPTIONS, POST, PUT"},
		{"GET", "/v2/customers/1001/changeIdentifier", 405, "OPTIONS, POST"},
		{"PATCH", "/v2/customers/lookup", 405, "GET, HEAD, OPTIONS, POST, PUT"},
		{"BREW", "/api/kittens", 405, "GET, HEAD, OPTIONS"},
		{"TRACE", "/api/kittens", 405, "GET, HEAD, OPTIONS"},
		{"POST", "/healthz", 405, "GET, HEAD, OPTIONS"},
		{"POST", "/openapi.yaml", 405, "GET, HEAD, OPTIONS"},
		{"OPTIONS", "/v2/customers", 204, "OPTIONS, POST"},
		{"OPTIONS", "/v2/customers/1001", 204, "GET, HEAD, OPTIONS, POST, PUT"},
		{"OPTIONS", "/healthz", 204, "GET, HEAD, OPTIONS"},
		{"OPTIONS", "/v2/nothing", 404, ""},
		{"GET", "/v2/nothing", 404, ""},
		{"GET", "/v2", 404, ""},
		{"GET", "/v2/customers/", 404, ""},
		{"GET", "/v2/customers/1001/", 404, ""},
		{"GET", "/v2/customers/1001/nothing", 404, ""},
		{"GET", "/api/kittens/../kittens/1", 404, ""},
		{"GET", "/nothing", 404, ""},
		{"GET", "/kittens", 404, ""},
		{"GET", "/healthz", 200, ""},
		{"HEAD", "/healthz", 200, ""},
		{"GET", "/readyz", 200, ""},
		{"GET", "/metrics", 200, ""},
		{"HEAD", "/api/kittens", 200, ""},
		{"GET", "//api///kittens", 200, ""},
		{"GET", "/kittens/1", 200, ""},
		{"HEAD", "//kittens//1", 200, ""},
		{"GET", "/api/kittens/%31", 200, ""},
	} {
		t.Run(row.method+" "+row.path, func(t *testing.T) {
			r := s.send(t, row.method, row.path, "")
			if r.status != row.status || r.header.Get("Allow") != row.allow {
				t.Errorf("%d, Allow %q, %s", r.status, r.header.Get("Allow"), r.body)
			}
			if r.status >= 400 && r.code() != row.status && row.method != "HEAD" {
				t.Errorf("code %d", r.code())
			}
			if row.method == "HEAD" && (r.body != "" || r.header.Get("Content-Length") == "0") {
				t.Errorf("HEAD: %q %v", r.body, r.header)
			}
		})
	}
}

func TestPathIDs(t *testing.T) {
	s := serve(t, nil)
	for path, want := range map[string]string{
		"/v2/customers/abc":                     "path: id must be a whole number",
		"/v2/customers/+1":                      "path: id must be a whole number",
		"/v2/customers/-1":                      "path: id must be a whole number",
		"/v2/customers/1e3":                     "path: id must be a whole number",
		"/v2/customers/1.0":                     "path: id must be a whole number",
		"/v2/customers/%D9%A1":                  "path: id must be a whole number",
		"/v2/customers/0":                       "path: id must be at least 1",
		"/v2/customers/9007199254740992":        "path: id must be at most 9007199254740991",
		"/v2/customers/99999999999999999999999": "path: id must be at most 9007199254740991",
		"/kittens/abc":                          "path: id must be a whole number",
		"/v2/customers/%00":                     "path is not well-formed",
		"/v2/customers/%ff":                     "path is not well-formed",
		"/v2/customers/1%2f1":                   "path is not well-formed",
	} {
		if r := s.send(t, "GET", path, ""); r.status != 400 || r.message() != want {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

func TestAliases(t *testing.T) {
	s := serve(t, nil)
	body := `{"profiles":[{"Firstname":"Thomas","identifiers":[{"type":"email","value":"alias@example.com"}]}]}`
	r := s.send(t, "POST", "/v2/customers?SOURCE=INSTORE&&acount_Id=", body)
	if r.status != 200 {
		t.Fatalf("register: %d %s", r.status, r.body)
	}
	id := strings.TrimSuffix(strings.Split(strings.Split(r.body, `"createdId":`)[1], ",")[0], "}")
	for _, put := range []string{"/v2/customers/" + id + "?source=INSTORE", "/v2/customers/lookup?source=INSTORE&identifier_name=email&identifierValue=alias@example.com"} {
		r = s.send(t, "POST", put, `{"profiles":[{"Lastname":"Sawyer"}]}`)
		if r.status != 200 {
			t.Errorf("POST %s: %d %s", put, r.status, r.body)
		}
	}
	r = s.send(t, "GET", "/v2/customers/"+id+"?source=INSTORE", "")
	if !strings.Contains(r.body, `"firstName":"Thomas"`) || !strings.Contains(r.body, `"lastName":"Sawyer"`) {
		t.Errorf("after: %s", r.body)
	}
	r = s.send(t, "POST", "/v2/customers?source=INSTORE", strings.Replace(body, `"Firstname"`, `"firstName":"A","Firstname"`, 1))
	if r.status != 400 || r.message() != "body: profiles[0].firstName is given under two names" {
		t.Errorf("two names: %d %s", r.status, r.body)
	}
}

func TestQuery(t *testing.T) {
	s := serve(t, nil)
	for query, want := range map[string]string{
		"q=%zz":                         "query: q is not well-formed: percent escapes, UTF-8 and no NUL",
		"q=a%00b":                       "query: q is not well-formed: percent escapes, UTF-8 and no NUL",
		"q=%ff":                         "query: q is not well-formed: percent escapes, UTF-8 and no NUL",
		"%zz=1&q=a":                     "query has a key that is not well-formed",
		"x=%zz&q=a":                     "query is not well-formed: percent escapes, UTF-8 and no NUL",
		"q=a&q=b":                       "query: q is given twice",
		"q=a&Q=b":                       "query: q is given twice",
		"":                              "query: q is required",
		"q=":                            "query: q is required",
		"q=a&limit=x":                   "query: limit must be a whole number",
		"q=a&limit=%2B5":                "query: limit must be a whole number",
		"q=a&limit=1e1":                 "query: limit must be a whole number",
		"q=a&limit=":                    "query: limit must be a whole number",
		"limit=x":                       "query: q is required",
		"q=" + strings.Repeat("a", 256): "query: q must have at most 255 characters",
	} {
		r := s.send(t, "GET", "/v2/customers/search?"+query, "")
		if r.status != 400 || r.code() != 400 || r.message() != want {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	for query, want := range map[string]int{
		"q=a&limit=0": 8101, "q=a&limit=-99999999999999999999": 8101, "q=a&limit=101": 8102,
		"q=a&limit=99999999999999999999": 8102, "q=a&offset=-1": 8100,
	} {
		if r := s.send(t, "GET", "/v2/customers/search?"+query, ""); r.status != 400 || r.code() != want {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	for _, query := range []string{"q=a", "&&q=a&&", "Q=a&unknown=1&format=json", "q=a&q=a", "q=a&li_mit=5&OFFSET=0", "q=%25_"} {
		if r := s.send(t, "GET", "/v2/customers/search?"+query, ""); r.status != 200 {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	if r := s.send(t, "GET", "/api/kittens?include_cats=TRUE&AVAILABLE=False", ""); r.status != 200 {
		t.Errorf("booleans: %d %s", r.status, r.body)
	}
	if r := s.send(t, "GET", "/api/kittens?available=1", ""); r.status != 400 || r.message() != "query: available must be true or false" {
		t.Errorf("available=1: %d %s", r.status, r.body)
	}
}

func TestNegotiation(t *testing.T) {
	s := serve(t, nil)
	for accept, status := range map[string]int{
		"": 200, "*/*": 200, "application/json": 200, "Application/JSON; charset=utf-8": 200, "application/*;q=0.1": 200,
		"text/html, application/json;q=0.9": 200, "text/html, */*; q=.2": 200, "text/html, image/gif, *; q=.2, */*; q=.2": 200,
		"text/html": 406, "application/xml": 406, "application/json;q=0": 406, "application/json;q=0, */*": 406, "*/*;q=0": 406, "nonsense": 406,
		"application/json, application/json;q=0": 200,
	} {
		if r := s.send(t, "GET", "/api/kittens", "", "Accept: "+accept); r.status != status {
			t.Errorf("Accept %q: %d", accept, r.status)
		}
	}
	for contentType, status := range map[string]int{
		"application/json": 409, "application/json; charset=UTF-8": 409, "APPLICATION/JSON": 409,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=latin1": 415,
		"application/merge-patch+json": 415, "application/json; ;": 415, "multipart/form-data; boundary=x": 415,
	} {
		if status == 409 { // the first good one registers, the others find it there
			s.send(t, "POST", "/v2/customers?source=INSTORE", tom)
		}
		if r := s.send(t, "POST", "/v2/customers?source=INSTORE", tom, "Content-Type: "+contentType); r.status != status {
			t.Errorf("Content-Type %q: %d %s", contentType, r.status, r.body)
		}
	}
	for encoding, status := range map[string]int{"gzip": 415, "identity": 409, "identity, gzip": 415, "br": 415} {
		if r := s.send(t, "POST", "/v2/customers?source=INSTORE", tom, "Content-Encoding: "+encoding); r.status != status ||
			status == 415 && r.message() != "The body must be application/json in UTF-8 and not compressed" {
			t.Errorf("Content-Encoding %q: %d", encoding, r.status)
		}
	}
}

func TestRequestID(t *testing.T) {
	s := serve(t, nil)
	for _, path := range []string{"/healthz", "/v2/nothing", "/nothing", "/api/kittens", "/v2/customers/search"} {
		r := s.send(t, "GET", path, "", "Authorization: ", "X-CAP-REQUEST-ID: Ab.9_-", "X-Request-Id: other")
		if r.header.Get("X-Cap-Request-Id") != "Ab.9_-" {
			t.Errorf("%s: id %q", path, r.header.Get("X-Cap-Request-Id"))
		}
	}
	if r := s.send(t, "GET", "/healthz", "", "X-Request-Id: second"); r.header.Get("X-Cap-Request-Id") != "second" {
		t.Errorf("X-Request-Id is not taken")
	}
	seen := map[string]bool{}
	for _, bad := range []string{"", "with blank", strings.Repeat("a", 65), "<script>", "é"} {
		id := s.send(t, "GET", "/healthz", "", "X-CAP-REQUEST-ID: "+bad).header.Get("X-Cap-Request-Id")
		if len(id) != 13 || strings.Trim(id, "0123456789ABCDEF") != "" || seen[id] {
			t.Errorf("made id %q for %q", id, bad)
		}
		seen[id] = true
	}
}

func TestSizes(t *testing.T) {
	s := serve(t, nil)
	big := `{"profiles":"` + strings.Repeat("x", 1<<20) + `"}`
	if r := s.send(t, "POST", "/v2/customers?source=INSTORE", big); r.status != 413 || r.code() != 413 {
		t.Errorf("content-length: %d %s", r.status, r.body)
	}
	req, _ := http.NewRequest("POST", s.url+"/v2/customers?source=INSTORE", io.MultiReader(strings.NewReader(big)))
	req.Header.Set("Authorization", demoTill)
	req.Header.Set("Content-Type", "application/json")
	if r := s.do(t, req); r.status != 413 {
		t.Errorf("chunked: %d %s", r.status, r.body)
	}
	// A body where none is declared is read past, within the same bound.
	if r := s.send(t, "GET", "/api/kittens", `{"ignored":`); r.status != 200 {
		t.Errorf("GET with a body: %d %s", r.status, r.body)
	}
	if r := s.send(t, "GET", "/api/kittens", big); r.status != 413 {
		t.Errorf("GET with a big body: %d", r.status)
	}

	// Announced a gigabyte: refused at once, before a byte of it.
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	got := s.raw(t, "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: x\r\nAuthorization: "+demoTill+
		"\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{")
	if !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.Contains(got, `"code":413`) {
		t.Errorf("1 GB: %s", got)
	}
	runtime.ReadMemStats(&after)
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("1 GB: took %v", d)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 20<<20 {
		t.Errorf("1 GB: the heap grew by %d", grown)
	}

	// Headers: too long, too many, a long address; and past what net/http takes.
	for name, headers := range map[string]string{
		"long":   "X-Long: " + strings.Repeat("a", 17<<10) + "\r\n",
		"many":   strings.Repeat("X-A: b\r\n", 101),
		"spread": strings.Repeat("X-A: "+strings.Repeat("b", 500)+"\r\n", 40),
	} {
		got := s.raw(t, "GET /api/kittens HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+headers+"\r\n")
		if !strings.HasPrefix(got, "HTTP/1.1 431 ") || !strings.Contains(got, `"code":431`) || !strings.Contains(got, "X-Cap-Requestid") {
			t.Errorf("%s: %.300s", name, got)
		}
	}
	if r := s.send(t, "GET", "/v2/customers/search?q="+strings.Repeat("a", 17<<10), ""); r.status != 431 {
		t.Errorf("long address: %d", r.status)
	}
	got = s.raw(t, "GET /api/kittens HTTP/1.1\r\nHost: x\r\n"+strings.Repeat("X-Number: "+strings.Repeat("1", 90)+"\r\n", 20000)+"\r\n")
	if got != "" && !strings.HasPrefix(got, "HTTP/1.1 431 ") { // "" when the reset outruns the answer
		t.Errorf("2 MB of headers: %.300s", got)
	}
}

func TestSlowBodies(t *testing.T) {
	s := serve(t, func(c *Config) { c.BodyTimeout = 200 * time.Millisecond })
	for name, head := range map[string]string{
		"declared":     "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: x\r\nAuthorization: " + demoTill + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\"",
		"chunked":      "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: x\r\nAuthorization: " + demoTill + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a",
		"not declared": "GET /api/kittens HTTP/1.1\r\nHost: x\r\nAuthorization: " + demoKey + "\r\nContent-Length: 100\r\n\r\n{\"a\"",
	} {
		start := time.Now()
		got := s.raw(t, head)
		if !strings.HasPrefix(got, "HTTP/1.1 408 ") || !strings.Contains(got, `"code":408`) {
			t.Errorf("%s: %s", name, got)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: held for %v", name, d)
		}
	}
	// Without credentials nobody reads the body; the connection is let go all the same.
	start := time.Now()
	got := s.raw(t, "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\"")
	if !strings.HasPrefix(got, "HTTP/1.1 401 ") || time.Since(start) > 20*time.Second {
		t.Errorf("no credentials: %v %s", time.Since(start), got)
	}
	got = s.raw(t, "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: x\r\nAuthorization: "+demoTill+"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 400 ") {
		t.Errorf("bad chunk: %s", got)
	}
}

// A read deadline left on the connection would end the next, longer request.
func TestKeepAliveAfterBody(t *testing.T) {
	s := serve(t, func(c *Config) { c.BodyTimeout = 300 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i := range 3 {
		body := strings.Replace(tom, "tom.new", fmt.Sprintf("tom.new%d", i), 1)
		fmt.Fprintf(conn, "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", demoTill, len(body), body)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		if res.StatusCode != 200 || res.Close {
			t.Errorf("request %d: %d", i, res.StatusCode)
		}
		time.Sleep(400 * time.Millisecond)
	}
}
