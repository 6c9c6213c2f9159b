package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/arteriole/arteriole/db"
)

const registerLena = `{"profiles":[{"firstName":"Lena","identifiers":[{"type":"mobile","value":"9845000055"}]}]}`

// Every POST and PUT happens once under a key, and refuses the key for another request.
func TestEveryChangeHappensOnce(t *testing.T) {
	for _, s := range samples(t) {
		u, err := url.Parse(s.path)
		if err != nil {
			t.Fatal(err)
		}
		if contractDoc().find(s.method, u.Path).op.Parameters.GetByInAndName("header", headerKey) == nil { // a test of gen says which may
			continue
		}
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			me := s.after(w).in(w)
			first := me.call(s.method, s.path, s.body, "Idempotency-Key: k")
			rows, err := w.store.Rows(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			again := me.call(s.method, s.path, s.body, "Idempotency-Key: k", "X-Request-Id: another")
			if again.status != first.status || again.body != first.body || first.header.Get("Idempotent-Replayed") != "" ||
				again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("X-Cap-Request-Id") != "another" {
				t.Errorf("%d %s\nagain %d %s %v", first.status, first.body, again.status, again.body, again.header)
			}
			if after, err := w.store.Rows(context.Background()); err != nil || fmt.Sprint(after) != fmt.Sprint(rows) {
				t.Errorf("rows before and after the repeat\n%v\n%v, %v", rows, after, err)
			}
			// Another request has used the key.
			path := u.Path
			if strings.HasPrefix(path, pushAddress) {
				path = "sha256:" + db.HashKey(path)
			}
			other := db.Who{Org: 1, Till: 1, Once: &db.Once{Method: s.method, Path: path, Key: "used", Hash: strings.Repeat("0", 64)}}
			if _, err := w.store.UpdateCustomer(context.Background(), other, 1005, "MARTJACK", "", nil, db.CustomerInput{LoyaltyType: "loyalty"}); err != nil {
				t.Fatal(err)
			}
			if a := me.call(s.method, s.path, s.body, "Idempotency-Key: used"); a.status != 409 || !slices.Equal(a.codes(), []int{409}) || a.header.Get("Retry-After") != "" {
				t.Errorf("a used key: %d %s %v", a.status, a.body, a.header)
			}
		})
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const register = "/v2/customers?source=INSTORE"
	const made = `{"createdId":1007,"sideEffects":[],"warnings":[]}`
	const used = `{"errors":[{"status":false,"code":409,"message":"The request conflicts with another: this key came before with another request (header: Idempotency-Key)"}]}`
	const exists = `{"errors":[{"status":false,"code":8006,"message":`
	for _, step := range []struct {
		what, method, path, body, key string
		status                        int
		want                          string // the answer, or the beginning of it
		replayed                      bool
	}{
		{"no valid request costs no key", "POST", register, `{"profiles":[]}`, "a", 400, `{"errors":`, false},
		{"the first", "POST", register, registerLena, "a", 200, made, false},
		{"the same", "POST", register, registerLena, "a", 200, made, true},
		{"with blanks and another order of keys", "POST", register, `{ "profiles": [{"identifiers":[{"value":"9845000055","type":"mobile"}], "firstName":"Lena"}]}`, "a", 200, made, true},
		{"keys of the query in another spelling", "POST", "//v2/customers?SOURCE=INSTORE&x=1", registerLena, "a", 200, made, true},
		{"another body", "POST", register, strings.Replace(registerLena, "Lena", "Lina", 1), "a", 409, used, false},
		{"a number for a text", "POST", register, strings.Replace(registerLena, `"9845000055"`, `9845000055`, 1), "a", 409, used, false},
		{"another query", "POST", "/v2/customers?source=ECOMMERCE", registerLena, "a", 409, used, false},
		{"a fault", "POST", register, registerLena, "b", 409, exists, false},
		{"the fault again", "POST", register, registerLena, "b", 409, exists, true},
		{"an update", "PUT", "/v2/customers/1007?source=INSTORE", registerLena, "a", 200, made, false},
		{"the update by its alias", "POST", "/v2/customers/1007?source=INSTORE", registerLena, "a", 200, made, true},
		{"the longest key", "POST", register, registerLena, strings.Repeat("k", 255), 409, exists, false},
		{"a longer one", "POST", register, registerLena, strings.Repeat("k", 256), 400, `{"errors":[{"status":false,"code":400,"message":"header: Idempotency-Key must have at most 255 characters"}]}`, false},
	} {
		a := w.call(step.method, step.path, step.body, "Idempotency-Key: "+step.key)
		if a.status != step.status || !strings.HasPrefix(a.body, step.want) || (a.header.Get("Idempotent-Replayed") == "true") != step.replayed {
			t.Errorf("%s: %d %s %v", step.what, a.status, a.body, a.header)
		}
	}
	req, err := http.NewRequest("POST", w.url+register, strings.NewReader(registerLena))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {demoTill}, "Content-Type": {"application/json"}, "Idempotency-Key": {"a", "b"}}
	res, err := httpClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if a := readAnswer(t, res); a.status != 400 {
		t.Errorf("two keys: %d %s", a.status, a.body)
	}
	if a := w.call("POST", register, registerLena, "Idempotency-Key: "); a.status != 400 {
		t.Errorf("an empty key: %d %s", a.status, a.body)
	}
	// In bulk the order of keys does not count either.
	const many, bulk = "/v2/customers/bulk?source=INSTORE", `[{"profiles":[{"firstName":"A","identifiers":[{"type":"mobile","value":"9000000001"}]}]},{"profiles":[]}]`
	first := w.call("POST", many, bulk, "Idempotency-Key: many")
	again := w.call("POST", many, strings.Replace(bulk, `"type":"mobile","value":"9000000001"`, `"value": "9000000001", "type": "mobile"`, 1), "Idempotency-Key: many")
	if first.status != 201 || again.status != 201 || first.body != again.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("bulk: %d %s\nagain: %d %s", first.status, first.body, again.status, again.body)
	}
	if a := w.call("POST", many, strings.Replace(bulk, "9000000001", "9000000002", 1), "Idempotency-Key: many"); a.status != 409 || a.codes()[0] != 409 {
		t.Errorf("bulk, another item: %d %s", a.status, a.body)
	}
	// A read takes no notice of it.
	for range 2 {
		if a := w.call("GET", "/v2/customers/1007", "", "Idempotency-Key: a"); a.status != 200 || a.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("a read: %d %v", a.status, a.header)
		}
	}
}

// 50 clients send one request at the same time: with a key, or with a number that stands for itself, it has one effect and all get
// the same answer. The control: without either it has more, or more than one answer.
func TestManyCallsWithOneKey(t *testing.T) {
	t.Parallel()
	const customer = "/v2/transactions?source=INSTORE&identifierName=mobile&identifierValue=919845000001"
	for _, c := range []struct {
		name, path, body string
		points           float64 // what one of them does to the points of customer 1001
		many             int     // how many of 50 without a key have an effect
	}{
		{"registration", "/v2/customers?source=INSTORE", registerLena, 0, 1},
		{"bill", customer, `{"type":"REGULAR","billNumber":"FIFTY","billAmount":1000}`, 100, 1},
		{"redemption", "/v2/points/redeem", `{"points":10,` + asha + `}`, -10, 50},
		{"redemption by customer", "/v2/customers/1001/redemptions", `{"points":10}`, -10, 50},
		{"transfer", "/v2/points/transfer", strings.Replace(transfer1, "20", "10", 1), -10, 50},
		{"redemption with a reference", "/v2/points/redeem", `{"points":10,"externalReferenceNumber":"FIFTY",` + asha + `}`, -10, 0},
	} {
		for _, key := range []string{"Idempotency-Key: k", "X-No: key"} {
			t.Run(c.name+", "+key, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				before := w.balance(1001)
				var mu sync.Mutex
				bodies, replayed, well := map[string]int{}, 0, 0
				var wg sync.WaitGroup
				for range 50 {
					wg.Go(func() {
						a := w.call("POST", c.path, c.body, key)
						mu.Lock()
						defer mu.Unlock()
						bodies[a.body]++
						if a.header.Get("Idempotent-Replayed") == "true" {
							replayed++
						}
						if a.status == 200 {
							well++
						}
					})
				}
				wg.Wait()
				effects := float64(c.many)
				switch {
				case !strings.HasPrefix(key, "X"):
					if effects = 1; len(bodies) != 1 || replayed != 49 || well != 50 {
						t.Errorf("%v, %d replayed", bodies, replayed)
					}
				case c.many == 0: // the reference does it
					if effects = 1; len(bodies) != 1 || well != 50 {
						t.Errorf("%v", bodies)
					}
				case c.many == 1: // once done, the others are told so
					if len(bodies) != 2 || well != 1 {
						t.Errorf("%v", bodies)
					}
				case len(bodies) != 50 || well != 50:
					t.Errorf("%v", bodies)
				}
				if got := w.balance(1001); got != before+effects*c.points {
					t.Errorf("from %v to %v points", before, got)
				}
			})
		}
	}
}

// A refusal that passes is not kept: the same request gets in when there is room.
func TestAPassingRefusalIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.store.SetOrg(t.Context(), "demo", "ingestion-files-waiting", "1"); err != nil {
		t.Fatal(err)
	}
	upload := func(status int, key string) answer {
		t.Helper()
		a := w.call("POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", "--teahouse\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.ndjson\"\r\n\r\n{}\r\n--teahouse--\r\n", "Idempotency-Key: "+key)
		if a.status != status {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return a
	}
	first := upload(202, "a")
	upload(409, "b")
	w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%v/cancel", first.get(t, "createdId")), "")
	upload(202, "b")
}

// A file that is sent again with its key is read, found to be the same, and thrown away: the job keeps the first. The form may be
// written in another way, but what it says may not change.
func TestAnUploadHappensOnce(t *testing.T) {
	t.Parallel()
	form := func(boundary string, parts ...string) string {
		var text strings.Builder
		for i := 0; i < len(parts); i += 2 {
			fmt.Fprintf(&text, "--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n", boundary, parts[i], parts[i+1])
		}
		return text.String() + "--" + boundary + "--\r\n"
	}
	const file, lena = `name="file"; filename="lena.ndjson"`, registerLena + "\n"
	const codes, card = `name="file"; filename="codes.csv"`, "mobile,code\r\n919845000003,card-1\r\n"
	for _, c := range []struct {
		name, method, path string
		first              []string   // a body and its headers
		same, others       [][]string // more of them
	}{
		{"in one call", "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER",
			[]string{form("a", `name="source"`, "INSTORE", file, lena), "Content-Type: multipart/form-data; boundary=a"},
			[][]string{
				{form("b", file, lena, `name="source"`, "INSTORE"), "Content-Type: multipart/form-data; boundary=b"},
			}, [][]string{
				{form("a", `name="source"`, "WEBSITE", file, lena), "Content-Type: multipart/form-data; boundary=a"},
				{form("a", `name="source"`, "INSTORE", file, strings.Replace(lena, "Lena", "Lina", 1)), "Content-Type: multipart/form-data; boundary=a"},
				{form("a", `name="source"`, "INSTORE", file, lena+lena), "Content-Type: multipart/form-data; boundary=a"},
				{form("a", `name="source"`, "INSTORE", `name="file"; filename="lina.ndjson"`, lena), "Content-Type: multipart/form-data; boundary=a"},
			}},
		{"of coupons", "POST", "/coupon/api/v1/upload/file/2",
			[]string{form("a", codes, card, `name="customerIdentifier"`, "MOBILE"), "Content-Type: multipart/form-data; boundary=a"},
			[][]string{
				{form("b", `name="customerIdentifier"`, "mobile", codes, card), "Content-Type: multipart/form-data; boundary=b"},
			}, [][]string{
				{form("a", codes, card, `name="customerIdentifier"`, "EXTERNAL_ID"), "Content-Type: multipart/form-data; boundary=a"},
				{form("a", codes, strings.Replace(card, "-1", "-2", 1), `name="customerIdentifier"`, "MOBILE"), "Content-Type: multipart/form-data; boundary=a"},
			}},
		{"of a job", "PUT", "/v2/dataIngestion/jobs/3/file",
			[]string{lena, "Content-Type: application/x-ndjson", "X-CAP-FILE-NAME: lena"},
			[][]string{
				{lena, "Content-Type: application/x-ndjson; charset=utf-8", "X-CAP-FILE-NAME: lena"},
			}, [][]string{
				{lena + lena, "Content-Type: application/x-ndjson", "X-CAP-FILE-NAME: lena"},
				{lena, "Content-Type: application/x-ndjson", "X-CAP-FILE-NAME: lina"},
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.method == "PUT" {
				w.want(202, nil, "POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`)
			}
			dir, err := w.store.UploadFolder()
			if err != nil {
				t.Fatal(err)
			}
			files := func() int {
				found, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				return len(found)
			}
			before := files()
			send := func(b []string, key string) answer {
				return w.call(c.method, c.path, b[0], append(b[1:len(b):len(b)], key)...)
			}
			first := send(c.first, "Idempotency-Key: k")
			if first.status >= 300 || files() != before+1 {
				t.Fatalf("%d %s, %d files", first.status, first.body, files()-before)
			}
			for _, b := range append(c.same, c.first) {
				if a := send(b, "Idempotency-Key: k"); a.status != first.status || a.body != first.body || a.header.Get("Idempotent-Replayed") != "true" || a.header.Get("Location") != first.header.Get("Location") {
					t.Errorf("again: %d %s %v\nwant %s", a.status, a.body, a.header, first.body)
				}
			}
			for _, b := range c.others {
				if a := send(b, "Idempotency-Key: k"); a.status != 409 || !slices.Equal(a.codes(), []int{409}) {
					t.Errorf("another one, %q: %d %s", b, a.status, a.body)
				}
			}
			if files() != before+1 {
				t.Errorf("%d files more, want 1", files()-before)
			}
			if c.method == "PUT" {
				w.call(c.method, c.path, c.first[0], c.first[1:]...)
			} else if a := w.call(c.method, c.path, c.first[0], c.first[1:]...); a.status != first.status || a.body == first.body || files() != before+2 {
				t.Errorf("without a key it is another one: %d %s, %d files", a.status, a.body, files()-before)
			}
		})
	}
}
