package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// callDemo makes a call as the till of the demo, and gives what it answers.
func callDemo(t *testing.T, p *process, method, path, media, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Basic c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3"}, "Content-Type": {media}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	var m map[string]any
	if err != nil || answer.StatusCode >= 300 || json.Unmarshal(b, &m) != nil {
		t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, b)
	}
	return m
}

// killedJob is a job of a server that is killed again and again.
type killedJob struct {
	t         *testing.T
	dir, file string
	p         *process
}

func newKilledJob(t *testing.T) *killedJob {
	if testing.Short() {
		t.Skip("it kills processes, in which a race detector says nothing: not in a short run")
	}
	t.Parallel()
	k := &killedJob{t: t, dir: t.TempDir()}
	k.file = filepath.Join(k.dir, "test.db")
	k.run()
	return k
}

func (k *killedJob) run() {
	k.t.Helper()
	p, err := start(k.dir, append(os.Environ(), "ARTERIOLE_DB="+k.file), "--addr", "localhost:0", "--demo", "--rate", "0", "--address-rate", "0", "--log-level", "error")
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(p.kill)
	k.p = p
}

func (k *killedJob) call(method, path, body string) map[string]any {
	k.t.Helper()
	return callDemo(k.t, k.p, method, path, "application/json", body)
}

// the first id of a job after those of the demo
const newJob = "/v2/dataIngestion/jobs/3"

func (k *killedJob) status() map[string]any {
	k.t.Helper()
	return k.call("GET", newJob, "")["data"].([]any)[0].(map[string]any)
}

// processed is how many rows are done.
func (k *killedJob) processed() int {
	k.t.Helper()
	return int(k.status()["processedCount"].(float64))
}

// through makes a job of rows, kills the server so many times at random rows of it, waits for the job's end, and checks that each
// row was counted once and without a warning: a warning is what an event gets that came before.
func (k *killedJob) through(ask string, rows, kills int, row func(i int) string) {
	t := k.t
	t.Helper()
	var text strings.Builder
	for i := range rows {
		fmt.Fprintln(&text, row(i))
	}
	k.call("POST", "/v2/dataIngestion/jobs", ask)
	callDemo(t, k.p, "PUT", newJob+"/file", "application/x-ndjson", text.String())
	within := 0
	for i := range kills {
		// The next row is drawn from a share of what is left, so that the job outlives the last kill on a machine of any speed.
		done := k.processed()
		at := done + rand.N(max(1, (rows-done)/(kills-i+1)))
		for deadline := time.Now().Add(time.Minute); k.processed() < at; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("row %d is not reached: %v", at, k.status())
			}
		}
		time.Sleep(rand.N(5 * time.Millisecond)) // within a commit, too
		if k.processed() < rows {
			within++
		}
		k.p.kill()
		k.run()
	}
	if t.Logf("%d of %d kills were within the job", within, kills); within < kills*3/4 {
		t.Errorf("only %d kills were within the job", within)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		j := k.status()
		if j["uploadStatus"] == "FINISHED" {
			if j["successCount"] != float64(rows) || j["errorCount"] != 0.0 || j["warningCount"] != 0.0 || j["actualRowCount"] != float64(rows) {
				t.Errorf("%v: %v", j, k.call("GET", newJob+"/rows?outcome=error&limit=1", "")["data"])
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the job does not end: %v", j)
		}
	}
}

// ended stops the server, has its database checked, and opens it.
func (k *killedJob) ended() *db.Store {
	t := k.t
	t.Helper()
	if err := k.p.stop(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(k.file + ".uploads"); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
	if out, stderr, code := arteriole(k.dir, "check", "--db", k.file); code != 0 { // the ledger adds up
		t.Errorf("%d %s %s", code, out, stderr)
	}
	s, err := db.Open(context.Background(), k.file, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestAJobSurvivesKills kills the server twenty times at random moments of one ingestion job. Each row must have happened exactly
// once: a row that happened twice would have error 8006, one that was lost no customer.
func TestAJobSurvivesKills(t *testing.T) {
	k := newKilledJob(t)
	const rows = 8000
	k.through(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, rows, 20, func(i int) string {
		return fmt.Sprintf(`{"profiles":[{"identifiers":[{"type":"email","value":"row%d@example.org"}]}]}`, i)
	})
	s := k.ended()
	for i := range rows {
		out, err := s.LookupCustomer(context.Background(), db.Who{Org: 1}, db.Identifier{Type: "email", Value: fmt.Sprintf("row%d@example.org", i)}, "INSTORE", "")
		if err != nil || out.ID != int64(1007+i) { // in the order of the file, without a gap
			t.Fatalf("row %d is customer %d, %v", i+1, out.ID, err)
		}
	}
}

// TestRowsOfAllKindsSurviveKills has jobs of bills, coupons, redemptions and events, of two customers in turn, in a server that is
// killed again and again: each row has left its rows once, and points are what they must be.
func TestRowsOfAllKindsSurviveKills(t *testing.T) {
	customer := func(i int) int { return 1001 + i%2*2 }
	for _, c := range []struct {
		name, ask string
		rows      int
		prepare   func(k *killedJob, rows int)
		row       func(i int) string
		points    float64                           // that a row gives or takes
		left      func(rows int64) map[string]int64 // how many rows of tables there are more
	}{
		{"bills", `{"profile":"TRANSACTION","source":"INSTORE"}`, 1500, nil,
			func(i int) string {
				return fmt.Sprintf(`{"type":"REGULAR","identifierType":"id","identifierValue":%d,"billNumber":"K-%d","billAmount":100,"lineItemsV2":[{"itemCode":"TEA","qty":1,"rate":100,"value":100,"amount":100}]}`, customer(i), i)
			}, 10, func(n int64) map[string]int64 { return map[string]int64{"transactions": n, "transaction_lines": n} }},
		{"redemptions", `{"profile":"POINTS_REDEMPTION"}`, 2000,
			func(k *killedJob, rows int) {
				for i := range 2 {
					k.call("POST", "/v2/points/adjust", fmt.Sprintf(`{"points":%d,"reason":"x","identifier":{"type":"id","value":%d}}`, 10*rows, customer(i)))
				}
			}, func(i int) string {
				return fmt.Sprintf(`{"points":10,"identifier":{"type":"id","value":%d},"externalReferenceNumber":"K-%d"}`, customer(i), i)
			}, -10, func(n int64) map[string]int64 { return map[string]int64{"points_redemptions": n} }},
		{"coupons", `{"profile":"COUPON_ISSUE"}`, 2000,
			func(k *killedJob, _ int) {
				k.call("POST", "/v2/coupon/series", `{"CouponSeriesV2":{"description":"A series of a test","discountValue":5,"isMultipleVouchersPerUserAllowed":true}}`)
			}, func(i int) string { return fmt.Sprintf(`{"seriesId":10,"customer":{"id":%d}}`, customer(i)) },
			0, func(n int64) map[string]int64 { return map[string]int64{"coupons": n} }},
		{"events", `{"profile":"EVENT"}`, 2000, nil,
			func(i int) string {
				return fmt.Sprintf(`{"eventName":"TeaTasting","eventId":"00000000-0000-4000-8000-%012d","identifierType":"mobile","identifierValue":"91984500000%d","source":"INSTORE","attributes":{"tea":"Assam %d"}}`, i, customer(i)-1000, i)
			}, 0, func(n int64) map[string]int64 { return map[string]int64{"events": n} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKilledJob(t)
			if c.prepare != nil {
				c.prepare(k, c.rows)
			}
			balance := func(i int) float64 {
				return k.call("GET", fmt.Sprintf("/v2/customers/points/balance/%d", customer(i)), "")["totalPoints"].(float64)
			}
			points := [2]float64{balance(0), balance(1)}
			before := k.rows()
			k.through(c.ask, c.rows, 8, c.row)
			for i, had := range points {
				if got, want := balance(i), had+c.points*float64(c.rows)/2; got != want {
					t.Errorf("customer %d has %g points, want %g", customer(i), got, want)
				}
			}
			after := k.rows()
			for table, more := range c.left(int64(c.rows)) {
				if after[table]-before[table] != more {
					t.Errorf("%d more rows of %s, want %d", after[table]-before[table], table, more)
				}
			}
			k.ended()
		})
	}
}

// TestChangesSurviveKills has jobs that change two customers in turn, in a server that is killed again and again. Each row goes on
// from what the one before it has left of its customer, whose logs must tell of each row once, in order.
func TestChangesSurviveKills(t *testing.T) {
	const rows, kills = 2400, 5
	for _, c := range []struct {
		name, ask string
		row       func(customer, i int) string
		log       string                                       // of all that is kept of a customer
		reads     func(entry map[string]any) (logged []string) // what an entry tells, none of one that is not a row's
		is        func(i int) []string                         // what it must be of row i
	}{
		{"update", `{"profile":"CUSTOMER_UPDATE","source":"INSTORE"}`,
			func(customer, i int) string {
				return fmt.Sprintf(`{"id":%d,"profiles":[{"firstName":"Row %d"}]}`, customer, i)
			},
			"audit", func(entry map[string]any) (logged []string) {
				if entry["action"] != "customer.update" || entry["requestId"] != "job-3" {
					return nil
				}
				for _, c := range entry["changes"].([]any) {
					logged = append(logged, fmt.Sprint(c))
				}
				return logged
			},
			func(i int) []string {
				before := fmt.Sprintf("Row %d", i-2)
				if i < 2 {
					before = []string{"Asha", "Meera"}[i]
				}
				return []string{fmt.Sprintf("map[after:Row %d before:%s field:profiles/INSTORE/firstName]", i, before)}
			}},
		{"identifiers", `{"profile":"IDENTIFIER_CHANGE","source":"INSTORE"}`,
			func(customer, i int) string {
				remove := ""
				if i >= 2 {
					remove = fmt.Sprintf(`,"remove":[{"type":"externalId","value":"K-%d"}]`, i-2)
				}
				return fmt.Sprintf(`{"id":%d,"add":[{"type":"externalId","value":"K-%d"}]%s}`, customer, i, remove)
			},
			"identifierLog", func(entry map[string]any) (logged []string) {
				if logged = []string{fmt.Sprint(entry["action"], entry["identifiers"])}; !strings.Contains(logged[0], "value:K-") {
					return nil
				}
				return logged
			},
			func(i int) (both []string) {
				if i >= 2 {
					both = []string{fmt.Sprintf("REMOVE[map[type:externalId value:K-%d]]", i-2)}
				}
				return append(both, fmt.Sprintf("ADD[map[type:externalId value:K-%d]]", i))
			}},
		{"subscriptions", `{"profile":"SUBSCRIPTION"}`,
			func(customer, i int) string {
				return fmt.Sprintf(`{"id":%d,"reason":"row %d","subscriptions":[{"channel":"SMS","priority":"BULK","type":"%s"}]}`, customer, i, []string{"OPTOUT", "OPTIN"}[i/2%2])
			},
			"subscriptions", func(entry map[string]any) (logged []string) {
				return []string{fmt.Sprint(entry["reason"], " ", entry["optedIn"])}
			},
			func(i int) []string { return []string{fmt.Sprintf("row %d %t", i, i/2%2 == 1)} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKilledJob(t)
			k.through(c.ask, rows, kills, func(i int) string { return c.row(1001+i%2*2, i) })
			for of := range 2 {
				var got, want []string
				kept := k.call("GET", fmt.Sprintf("/v2/customers/%d/export", 1001+of*2), "")["data"].(map[string]any)
				for _, entry := range kept[c.log].([]any) {
					got = append(got, c.reads(entry.(map[string]any))...)
				}
				for i := of; i < rows; i += 2 {
					want = append(want, c.is(i)...)
				}
				if c.log == "audit" { // the latest first
					slices.Reverse(want)
				}
				if !slices.Equal(got, want) {
					n := 0
					for n < min(len(got), len(want)) && got[n] == want[n] {
						n++
					}
					t.Errorf("customer %d: %d entries, want %d; the first %d are right, and then comes %q", 1001+of*2, len(got), len(want), n, got[n:min(n+3, len(got))])
				}
			}
			k.ended()
		})
	}
}

// rows counts those of each table, beside the server.
func (k *killedJob) rows() map[string]int64 {
	k.t.Helper()
	s, err := db.Open(context.Background(), k.file, db.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.Rows(context.Background())
	if err != nil {
		k.t.Fatal(err)
	}
	return rows
}
