package handlers

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/argon2"
)

// cheapHash is db.HashPassword at a cost that tests can bear: what checks a password takes the cost that its hash names.
func cheapHash(password string) string {
	salt, b64 := []byte("salt of the tests"), base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, b64.EncodeToString(salt), b64.EncodeToString(argon2.IDKey([]byte(md5Of(password)), salt, 1, 8, 1, 32)))
}

const (
	byType   = headerLookupType + ": branch"
	byLookup = headerLookup + ": B 7"
	byCode   = headerEntityCode + ": Other.Till"
)

// acts is a world in which other.till (3) can be acted for, and gone.till (4) cannot. reader.till (5) may only read.
func acts(t testing.TB, tweak ...func(*Config)) *world {
	t.Helper()
	w, ctx := newWorld(t, tweak...), context.Background()
	hash := cheapHash(rolePassword)
	for _, till := range [][2]string{{"other.till", "admin"}, {"gone.till", "till"}, {"reader.till", "read"}} {
		if err := w.store.AddTill(ctx, "demo", "store", till[0], till[1], hash); err != nil {
			t.Fatal(err)
		}
	}
	for _, lookup := range [][2]string{{"B 7", "other.till"}, {"B 8", "gone.till"}} {
		if err := w.store.SetTillLookup(ctx, "demo", "Branch", lookup[0], lookup[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.DisableTill(ctx, "demo", "gone.till"); err != nil {
		t.Fatal(err)
	}
	_, err := w.store.AddOrg(ctx, "other", nil)
	if err == nil {
		err = w.store.AddStore(ctx, "other", "store", "")
	}
	if err == nil {
		err = w.store.AddTill(ctx, "other", "store", "foreign.till", "admin", hash)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// writes are the samples of the operations that take the headers; a test of gen says which those are.
func writes(t testing.TB) []sample {
	return slices.DeleteFunc(samples(t), func(s sample) bool {
		path, _, _ := strings.Cut(s.path, "?")
		return contractDoc().find(s.method, path).op.Parameters.GetByInAndName("header", headerEntityCode) == nil
	})
}

// Every write takes the headers, refuses what leads to no till that may be acted for, and lets the credentials alone decide.
func TestActingOfEveryWrite(t *testing.T) {
	oneByOne(t)
	for _, s := range writes(t) {
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			w := acts(t)
			s.after(w)
			token := "X-CAP-API-OAUTH-TOKEN: " + newClient(t, w, "store.server", "admin", time.Minute).token(t, w)
			reader := "Authorization: " + basicOf("reader.till", rolePassword)
			rows, err := w.store.Rows(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			till, client := "Authorization: "+demoTill, token
			for _, c := range []struct {
				what         string
				status, code int
				headers      []string
			}{
				{"no type", 400, 1061, []string{till, byLookup}},
				{"an unknown type", 400, 400, []string{till, headerLookupType + ": brunch", byLookup}},
				{"an unknown type alone", 400, 400, []string{till, headerLookupType + ": brunch"}},
				{"no value", 400, 91021, []string{till, byType}},
				{"an unknown value", 400, 91021, []string{till, byType, headerLookup + ": B 9"}},
				{"a value in another case", 400, 91021, []string{till, byType, headerLookup + ": b 7"}},
				{"a disabled till by a lookup", 400, 91021, []string{till, byType, headerLookup + ": B 8"}},
				{"an empty value", 400, 400, []string{till, byType, headerLookup + ": "}},
				{"a long value", 400, 400, []string{till, byType, headerLookup + ": " + strings.Repeat("x", 101)}},
				{"a till's code with a till's credentials", 400, 400, []string{till, byCode}},
				{"the old header with a till's credentials", 400, 400, []string{till, "X-CAP-API-ATTRIBUTION-TILL-CODE: other.till"}},
				{"a lookup with a token", 400, 400, []string{client, byType, byLookup}},
				{"a type of lookup with a token", 400, 400, []string{client, byType}},
				{"an unknown till", 400, 91021, []string{client, headerEntityCode + ": nobody.till"}},
				{"an unknown till by the old header", 400, 91021, []string{client, "X-CAP-API-ATTRIBUTION-TILL-CODE: nobody.till"}},
				{"a disabled till", 400, 91021, []string{client, headerEntityCode + ": gone.till"}},
				{"a till of another organization", 400, 91021, []string{client, headerEntityCode + ": foreign.till"}},
				{"an unknown store", 400, 91021, []string{client, headerEntityType + ": STORE_CODE", headerEntityCode + ": nowhere"}},
				{"a store's external id that no store has", 400, 91021, []string{client, headerEntityType + ": STORE_EXTERNAL_ID", headerEntityCode + ": store"}},
				{"a reader for an admin", 403, 403, []string{reader, byType, byLookup}},
			} {
				a := w.as("").call(s.method, s.path, s.body, c.headers...)
				if a.status != c.status || !a.failed() || a.codes()[0] != c.code {
					t.Errorf("%s: %d %s, want %d %d", c.what, a.status, a.body, c.status, c.code)
				}
				if c.what == "a till of another organization" {
					if b := w.as("").call(s.method, s.path, s.body, client, headerEntityCode+": nobody9.till"); strings.ReplaceAll(b.body, "nobody9", "foreign") != a.body {
						t.Errorf("another organization's till is told from none: %s %s", a.body, b.body)
					}
				}
			}
			if after, err := w.store.Rows(context.Background()); err != nil || fmt.Sprint(after) != fmt.Sprint(rows) {
				t.Errorf("refusals wrote something: %v\n%v, %v", rows, after, err)
			}
		})
	}
}

// What is written for another till is what that till would have written itself, in every row of every table, but for the
// columns that keep who really sent it.
func TestActingIsBeingTheOtherTill(t *testing.T) {
	oneByOne(t)
	for _, s := range writes(t) {
		t.Run(s.id, func(t *testing.T) {
			t.Parallel()
			do := func(headers func(w *world, token string) []string) (rows map[string][]string, sent []string) {
				w := acts(t)
				s.after(w)
				token := newClient(t, w, "store.server", "admin", time.Minute).token(t, w)
				a := w.as("").call(s.method, s.path, s.body, append(headers(w, token), "X-Request-Id: R")...)
				if a.status != 200 && a.status != 202 {
					t.Fatalf("%d %s", a.status, a.body)
				}
				return rowsOf(t, w.store.Path())
			}
			itself, by := do(func(*world, string) []string {
				return []string{"Authorization: " + basicOf("other.till", rolePassword)}
			})
			if slices.ContainsFunc(by, func(s string) bool { return s != "till 3 sender 0 client 0" }) {
				t.Errorf("itself: %q", by)
			}
			for what, how := range map[string]struct {
				headers func(w *world, token string) []string
				sent    string
			}{
				"by a lookup": {func(*world, string) []string {
					return []string{"Authorization: " + demoTill, headerLookupType + ": BRANCH", byLookup}
				}, "till 3 sender 1 client 0"},
				"by its code": {func(_ *world, token string) []string { return []string{"Authorization: Bearer " + token, byCode} }, "till 3 sender 1 client 2"},
			} {
				acting, sent := do(how.headers)
				for table := range acting {
					if diff := cmp.Diff(itself[table], acting[table]); diff != "" {
						t.Errorf("%s, %s (-itself +acting):\n%.3000s", what, table, diff)
					}
				}
				if len(sent) != len(by) || slices.ContainsFunc(sent, func(s string) bool { return s != how.sent }) {
					t.Errorf("%s: the audit says %q, want %d times %q", what, sent, len(by), how.sent)
				}
			}
		})
	}
}

// made anew with every request, and no matter of who sends it
var madeAnew = regexp.MustCompile(`\b[0-9a-f]{32}\b|\b[2-9A-HJ-NP-Z]{10}\b|testclient\d+|[0-9a-f]{64}|whsec_[A-Z2-7]{52}|-[A-Z2-7]{26}\b|\b[0-9A-F]{13}\b`)

// rowsOf reads all rows of a database file without the columns of who sent, and what those say of the request R in the audit.
func rowsOf(t testing.TB, path string) (rows map[string][]string, sent []string) {
	t.Helper()
	conn, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	each := func(query string, row func(columns []string, values []any)) {
		t.Helper()
		r, err := conn.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		columns, _ := r.Columns()
		for r.Next() {
			values, to := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				to[i] = &values[i]
			}
			if err := r.Scan(to...); err != nil {
				t.Fatal(err)
			}
			row(columns, values)
		}
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
	}
	var tables []string
	each(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`, func(_ []string, v []any) { tables = append(tables, v[0].(string)) })
	rows = map[string][]string{}
	for _, table := range tables {
		rows[table] = []string{}
		each(`SELECT * FROM `+table, func(columns []string, values []any) {
			var b strings.Builder
			for i, c := range columns {
				if c != "sender" && c != "client" {
					fmt.Fprintf(&b, "%s=%v ", c, values[i])
				}
			}
			rows[table] = append(rows[table], madeAnew.ReplaceAllString(b.String(), "…"))
		})
		slices.Sort(rows[table])
	}
	each(`SELECT till, sender, client FROM audit WHERE request = 'R'`, func(_ []string, v []any) {
		sent = append(sent, fmt.Sprintf("till %v sender %v client %v", v...))
	})
	return rows, sent
}

// A key belongs to what was asked for, and for whom; the rate and the log are the sender's.
func TestActingBesideTheRest(t *testing.T) {
	log := &lockedBuffer{}
	w := acts(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) })
	const register = "/v2/customers?source=INSTORE"
	for _, c := range []struct {
		what     string
		status   int
		replayed bool
		headers  []string
	}{
		{"the first", 200, false, []string{byType, byLookup}},
		{"again", 200, true, []string{byType, byLookup}},
		{"for another till", 409, false, []string{headerLookupType + ": storeNumber", headerLookup + ": 0042"}},
		{"for nobody else", 409, false, nil},
	} {
		a := w.call("POST", register, registerLena, append(c.headers, "Idempotency-Key: k")...)
		if a.status != c.status || (a.header.Get("Idempotent-Replayed") == "true") != c.replayed {
			t.Errorf("%s: %d %s", c.what, a.status, a.body)
		}
	}
	if !strings.Contains(log.String(), "till=other.till sender=store.server") {
		t.Errorf("the log: %s", log)
	}
	a := w.want(200, nil, "GET", "/v2/customers/1007/audit?limit=1", "")
	if !strings.Contains(a.body, `"by":{"code":"other.till","id":3,"name":"other.till","type":"TILL"}`) || !strings.Contains(a.body, `"sentBy":{"code":"store.server","id":1,"name":"store.server","type":"TILL"}`) {
		t.Errorf("the audit trail: %s", a.body)
	}
	// To act for oneself is nothing special.
	self := newClient(t, w, "store.server", "till", time.Minute).token(t, w)
	b := w.as("").call("PUT", "/v2/customers/1007?source=INSTORE", `{"loyaltyInfo":{"loyaltyType":"loyalty"},"profiles":[{"firstName":"Lina"}]}`, "Authorization: Bearer "+self, headerEntityCode+": STORE.SERVER", headerEntityType+": no such type")
	if a := w.want(200, nil, "GET", "/v2/customers/1007/audit?limit=1", ""); b.status != 200 || strings.Contains(a.body, "sentBy") || !strings.Contains(a.body, `"client":{"id":2,"name":"test"}`) {
		t.Errorf("for oneself: %d %s %s", b.status, b.body, a.body)
	}
	// Reads take no notice, and a read is no way to find out.
	if a := w.call("GET", "/v2/customers/1001", "", headerLookup+": B 7"); a.status != 200 {
		t.Errorf("a read: %d %s", a.status, a.body)
	}

	// However many tills a caller acts for, the rate is one.
	limited := acts(t, func(c *Config) { c.Rate, c.Burst = 0.001, 2 })
	for i, want := range []int{400, 400, 429} {
		if a := limited.call("POST", register, `{`, byType, headerLookup+": "+fmt.Sprint("B ", 7+i%2)); a.status != want {
			t.Errorf("request %d: %d %s", i, a.status, a.body)
		}
	}
}

// A job goes on for the till that it acts for, and ends with the credentials that sent it.
func TestJobsOfActingCallers(t *testing.T) {
	for _, end := range []string{"", "sender", "client", "other"} {
		w := acts(t)
		c := newClient(t, w, "store.till1", "till", time.Minute)
		token := "Authorization: Bearer " + c.token(t, w)
		a := w.as("").call("POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, token, byCode)
		if a.status != 200 && a.status != 201 && a.status != 202 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		a = w.as("").call("PUT", "/v2/dataIngestion/jobs/3/file", `{"profiles":[{"firstName":"Lena","identifiers":[{"type":"mobile","value":"9845000100"}]}]}`, token)
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		var err error
		switch end {
		case "sender":
			err = w.store.DisableTill(t.Context(), "demo", "store.till1")
		case "other":
			err = w.store.DisableTill(t.Context(), "demo", "other.till")
		case "client":
			err = w.store.RevokeClient(t.Context(), "demo", c.key)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.work()
		j := w.ended(3)
		if end != "" {
			if j["uploadStatus"] != "ERRORED" || j["processedCount"] != 0.0 {
				t.Errorf("without %s: %v", end, j)
			}
			continue
		}
		if j["uploadStatus"] != "FINISHED" || j["successCount"] != 1.0 {
			t.Fatalf("%v", j)
		}
		a = w.want(200, nil, "GET", "/v2/customers/1007/audit", "")
		if !strings.Contains(a.body, `"by":{"code":"other.till"`) || !strings.Contains(a.body, `"sentBy":{"code":"store.till1"`) || !strings.Contains(a.body, `"client":{"id":2`) {
			t.Errorf("%s", a.body)
		}
	}
}
