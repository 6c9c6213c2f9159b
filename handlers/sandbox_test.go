package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

func newSandbox(t *testing.T, w *world) sandboxAnswer {
	t.Helper()
	a := w.as("").call("POST", "/sandbox", "")
	var b sandboxAnswer
	if err := json.Unmarshal([]byte(a.body), &b); err != nil || a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return b
}

func TestSandbox(t *testing.T) {
	limits := SandboxLimits()
	limits.Changes = 20
	w := newWorld(t, func(c *Config) { c.Sandbox = &limits })
	one, two := newSandbox(t, w), newSandbox(t, w)
	if one.Till == two.Till || one.Password == two.Password || one.KittensKey == two.KittensKey || !one.Expires.Equal(noon.Add(time.Hour)) || one.Seconds != 3600 {
		t.Errorf("%+v %+v", one, two)
	}
	a, b := w.as(basicOf(one.Till, one.Password)), w.as(basicOf(two.Till2, two.Password2))
	a.want(200, nil, "GET", "/v2/customers/1001", "")
	a.is("the ids of the printed examples", a.register("INSTORE", "mobile:9000000001"), ok(1007))
	b.is("nobody sees another's", b.lookup("", "mobile:9000000001"), no(404, 8015))
	b.is("nor in the demo", w.lookup("", "mobile:9000000001"), no(404, 8015))
	w.as(one.KittensKey).want(200, nil, "GET", "/api/kittens/2", "")

	// A sandbox takes so many changes, and reads on.
	for i := range 18 {
		a.is("a change", a.register("INSTORE", fmt.Sprintf("mobile:90000001%02d", i)), ok(int64(1008+i)))
	}
	a.is("the last change", a.change(1001, "INSTORE", "mobile:9000000999", ""), ok(1001))
	a.is("register", a.register("INSTORE", "mobile:9000000998"), no(403, 9803))
	a.is("update", a.update(1001, "INSTORE", `{"profiles":[{"firstName":"A"}]}`), no(403, 9803))
	a.is("change", a.change(1001, "INSTORE", "mobile:9000000997", ""), no(403, 9803))
	a.is("update by identifier", a.call("PUT", "/v2/customers/lookup?source=INSTORE&identifierName=mobile&identifierValue=9845000001", `{"profiles":[{"firstName":"A"}]}`).outcome("createdId"), no(403, 9803))
	a.want(403, []int{9803}, "POST", "/v2/merges/1/undo", "")
	a.want(403, []int{9803}, "POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER"}`)
	a.want(403, []int{9803}, "PUT", "/v2/dataIngestion/jobs/2/file", "{}")
	a.want(403, []int{9803}, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", "--teahouse\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{}\r\n--teahouse--\r\n")
	for _, what := range []string{"start", "cancel", "retryFailed"} {
		a.want(403, []int{9803}, "POST", "/v2/dataIngestion/jobs/1/"+what, "")
	}
	a.want(403, []int{9803}, "POST", "/v2/customers/1001/erase", "")
	a.want(403, []int{9803}, "POST", "/v2/transactions?source=INSTORE", `{"type":"NOT_INTERESTED","billNumber":"S-1","billAmount":1}`)
	for method, path := range map[string]string{"POST": "subscriptions", "PUT": "status"} {
		body := `{"label":"Fraud","reason":"x","subscriptions":[{"channel":"SMS","priority":"BULK","type":"OPTOUT"}]}`
		a.want(403, []int{9803}, method, "/v2/customers/1001/"+path, body)
		a.want(403, []int{9803}, method, "/v2/customers/lookup/"+path+"?source=INSTORE&identifierName=mobile&identifierValue=9845000001", body)
	}
	a.want(403, []int{9803}, "PUT", "/v2/transactions?source=INSTORE", `{"id":5001}`)
	a.want(400, []int{9803}, "POST", "/v2/transactions/bulk", `[{"type":"NOT_INTERESTED","source":"INSTORE","billNumber":"S-1","billAmount":1}]`)
	a.want(400, []int{9803}, "PUT", "/v2/transactions/bulk", `[{"source":"INSTORE","id":5001}]`)
	a.want(400, []int{9803}, "POST", "/v2/requests", mergeAsked(1002, 1001))
	a.want(400, []int{9803}, "PUT", "/v2/requests", mergeDecided(1, "REJECTED"))
	a.want(403, []int{9803}, "POST", "/v2/webhooks", `{"url":"https://shop.example/hook","events":["customer.erased"]}`)
	a.want(403, []int{9803}, "PUT", "/v2/webhooks/1/disable", "")
	a.want(403, []int{9803}, "POST", "/v2/webhooks/1/replay", `{"eventIds":[1]}`)
	a.want(200, nil, "GET", "/v2/customers/1001", "")
	b.is("another goes on", b.register("INSTORE", "mobile:9000000001"), ok(1007))

	if a := w.as("").call("POST", "/sandbox", "", "Sec-Fetch-Site: cross-site"); a.status != 403 {
		t.Errorf("from another site: %d", a.status)
	}
	if a := w.as("").call("POST", "/sandbox", ""); a.status != 200 {
		t.Errorf("the third: %d", a.status)
	}
	if a := w.as("").call("POST", "/sandbox", ""); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("the fourth in a minute: %d", a.status)
	}
	if a := w.call("GET", "/config.json", ""); a.status != 200 || a.body != `{"server":"","demo":null,"sandbox":true,"version":"test"}`+"\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A visitor may throw their sandbox away before its time, and nothing but that.
func TestSandboxThrownAwayByItsVisitor(t *testing.T) {
	limits := SandboxLimits()
	w := newWorld(t, func(c *Config) { c.Sandbox = &limits })
	mine, other := newSandbox(t, w), newSandbox(t, w)
	a, b := w.as(basicOf(mine.Till, mine.Password)), w.as(basicOf(other.Till, other.Password))
	a.is("a change", a.register("INSTORE", "mobile:9000000001"), ok(1007))
	for _, tt := range []struct {
		name   string
		as     *world
		status int
	}{
		{"nobody", w.as(""), 401}, {"a wrong password", w.as(basicOf(mine.Till, "x")), 401},
		{"the till of an organization that is no sandbox", w, 403}, {"mine", a, 204}, {"once more", a, 401},
	} {
		if got := tt.as.call("DELETE", "/sandbox", ""); got.status != tt.status {
			t.Errorf("%s: %d, want %d: %s", tt.name, got.status, tt.status, got.body)
		}
	}
	a.want(401, []int{401}, "GET", "/v2/customers/1001", "")
	b.want(200, nil, "GET", "/v2/customers/1001", "")
	w.want(200, nil, "GET", "/v2/customers/1001", "")
}

func TestNoSandboxUnlessAskedFor(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.ShowDemo = true })
	if a := w.as("").call("POST", "/sandbox", ""); a.status != 404 && a.status != 405 {
		t.Errorf("%d", a.status)
	}
	if a := w.call("GET", "/config.json", ""); a.body != `{"server":"","demo":{"till":"store.server","password":"server123","key":"meowmeowmeow"},"sandbox":false,"version":"test"}`+"\n" {
		t.Error(a.body)
	}
}

// A sandbox whose time is over leaves nothing behind, and takes nothing of others along.
func TestSandboxesAreThrownAway(t *testing.T) {
	now := noon
	store, err := db.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), db.Options{Clock: func() time.Time { return now }, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx := context.Background()
	if _, err := store.EnsureDemo(ctx); err != nil {
		t.Fatal(err)
	}
	before, err := store.Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	limits := SandboxLimits()
	limits.Most = 2
	for range 2 {
		if _, err := store.AddSandbox(ctx, limits); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.AddSandbox(ctx, limits); err == nil {
		t.Error("a third of two")
	}
	if n, err := store.DropSandboxes(ctx); n != 0 || err != nil {
		t.Errorf("before their time: %d, %v", n, err)
	}
	now = now.Add(limits.Lifetime)
	if n, err := store.DropSandboxes(ctx); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	after, err := store.Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for table, n := range after {
		if n != before[table] {
			t.Errorf("%s has %d rows, had %d", table, n, before[table])
		}
	}
	if len(after) < 18 {
		t.Errorf("only %d tables were counted", len(after))
	}
	if _, err := store.AddSandbox(ctx, limits); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

// inSandbox is a world, and one of its sandboxes, which takes as many requests as come.
func inSandbox(t *testing.T) (w, a *world) {
	t.Helper()
	limits := SandboxLimits()
	limits.Rate, limits.Burst = 1000, 10_000
	w = newWorld(t, func(c *Config) { c.Sandbox = &limits })
	b := newSandbox(t, w)
	return w, w.as(basicOf(b.Till, b.Password))
}

// The files of a sandbox are few and small, their failed rows are thrown away with it, and so are the files.
func TestFilesInASandbox(t *testing.T) {
	w, a := inSandbox(t)
	put := func(status int, codes []int, body string) int {
		t.Helper()
		id := int(a.want(202, nil, "POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE","autoStart":"false"}`).get(t, "createdId").(float64))
		if got := a.call("PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%d/file", id), body, "Content-Type: application/x-ndjson"); got.status != status || !slices.Equal(got.codes(), codes) {
			t.Errorf("%d %s", got.status, got.body)
		}
		return id
	}
	put(413, []int{9704}, strings.Repeat(" ", 1<<20+1))
	put(413, []int{9704}, strings.Repeat("1\n", 1001))
	first := put(200, nil, strings.Repeat("1\n", 1000))
	for range 9 {
		put(200, nil, "1\n")
	}
	put(409, []int{9725}, "1\n")
	a.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/cancel", first), "")
	last := put(200, nil, strings.Repeat("1\n", 700))
	files := func() int {
		all, err := os.ReadDir(w.store.Path() + ".uploads")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := files(); n < 10 {
		t.Errorf("%d files wait", n)
	}
	ctx, stop := context.WithCancel(t.Context())
	worked := make(chan struct{})
	go func() { defer close(worked); w.server.Work(ctx) }()
	a.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/start", last), "")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if j := a.want(200, nil, "GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d", last), ""); strings.Contains(j.body, `"FINISHED"`) {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(j.body)
		}
	}
	stop()
	<-worked
	if got := a.call("DELETE", "/sandbox", ""); got.status != 204 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if n := files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if rows, err := w.store.Rows(context.Background()); err != nil || rows["ingestion_rows"] > 10 || rows["sandboxes"] != 0 {
		t.Errorf("%d rows and %d sandboxes are left, %v", rows["ingestion_rows"], rows["sandboxes"], err)
	}
}

// Of the failed rows of a sandbox 2 MB are kept in all. Of the others there is why they failed, also when they are tried again.
func TestFailedRowsInASandbox(t *testing.T) {
	w, a := inSandbox(t)
	a.work()
	row := `{"profiles":[{"firstName":"x","identifiers":[{"type":"email","value":"nobody"}]}],"note":"` + strings.Repeat("n", 250<<10) + `"}`
	ask := `{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`
	rows := func(id int64) (kept, all int) {
		t.Helper()
		data := a.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/rows?outcome=error&limit=100", id), "").get(t, "data").([]any)
		for _, r := range data {
			if r := r.(map[string]any); r["raw"] != nil {
				kept++
			} else if len(r["errors"].([]any)) == 0 {
				t.Errorf("%v", r)
			}
		}
		return kept, len(data)
	}
	total := 0
	var last int64
	for range 5 {
		last = a.job(ask, "application/x-ndjson", strings.Repeat(row+"\n", 4))
		a.ended(last)
		kept, all := rows(last)
		if total += kept; all != 4 {
			t.Errorf("%d rows of job %d", all, last)
		}
	}
	if want := 2 << 20 / len(row); total != want {
		t.Errorf("%d rows are kept whole, want %d", total, want)
	}
	for _, id := range []int64{last - 4, last} {
		kept, _ := rows(id)
		a.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/retryFailed", id), "")
		a.ended(id)
		if again, all := rows(id); again != kept || all != 4 {
			t.Errorf("job %d tried again: %d of %d rows are kept whole, not %d", id, again, all, kept)
		}
	}
	file := a.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/errorFile", last), "", "Accept: text/csv")
	if lines := strings.Split(strings.TrimSpace(file.body), "\n"); len(lines) != 5 || len(file.body) > 2000 {
		t.Errorf("the error file: %.2000s", file.body)
	}
	other := newSandbox(t, w)
	a = w.as(basicOf(other.Till, other.Password))
	id := a.job(ask, "application/x-ndjson", row)
	a.ended(id)
	if kept, _ := rows(id); kept != 1 {
		t.Error("another sandbox keeps nothing")
	}
	for range 9 { // nobody but sandboxes is bounded
		id = w.job(ask, "application/x-ndjson", row)
		w.ended(id)
	}
	a = w
	if kept, _ := rows(id); kept != 1 {
		t.Error("an organization keeps no more")
	}
}

// The files of a sandbox have 5000 rows in all, whatever becomes of them, and its warnings are bounded as failed rows are.
func TestRowsInASandbox(t *testing.T) {
	w, a := inSandbox(t)
	stop := a.work()
	var row strings.Builder
	for i := range 100 {
		fmt.Fprintf(&row, `%s"n%d":""`, []string{"", ","}[min(i, 1)], i)
	}
	ask := `{"profile":"CUSTOMER_UPDATE","source":"INSTORE","dryRun":true}`
	id := a.job(ask, "application/x-ndjson", strings.Repeat(`{"id":1001,"extendedFields":{`+row.String()+"}}\n", 300))
	if j := a.ended(id); j["warningCount"] != 300.0 {
		t.Fatal(j, a.outcomes(id))
	}
	stop()
	for place, want := range map[int]int{0: 100, 299: 1} {
		data := a.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/rows?outcome=warning&limit=1&offset=%d", id, place), "").get(t, "data").([]any)
		if n := len(data[0].(map[string]any)["warnings"].([]any)); n != want {
			t.Errorf("row %d has %d warnings, want %d", place+1, n, want)
		}
	}
	put := func(in *world, rows int) (status int, codes []int) {
		t.Helper()
		id := int64(in.want(202, nil, "POST", "/v2/dataIngestion/jobs", ask).get(t, "createdId").(float64))
		a := in.call("PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%d/file", id), strings.Repeat("1\n", rows), "Content-Type: application/x-ndjson")
		return a.status, a.codes()
	}
	for range 4 {
		if status, codes := put(a, 1000); status != 200 {
			t.Fatal(status, codes)
		}
	}
	for _, c := range []struct{ rows, status int }{{701, 403}, {700, 200}, {1, 403}} {
		if status, codes := put(a, c.rows); status != c.status || status == 403 && !slices.Equal(codes, []int{9803}) {
			t.Errorf("%d rows: %d %v, want %d", c.rows, status, codes, c.status)
		}
	}
	b := newSandbox(t, w)
	for _, other := range []*world{w, w.as(basicOf(b.Till, b.Password))} {
		if status, codes := put(other, 1000); status != 200 {
			t.Errorf("another organization: %d %v", status, codes)
		}
	}
	if left, err := os.ReadDir(w.store.Path() + ".uploads"); err != nil || len(left) != 7 {
		t.Errorf("%d files, want 7: %v", len(left), err)
	}
}

// As many files as may wait may be on their way at once; a place is free again when one has ended, however it did.
func TestUploadsAtOnceInASandbox(t *testing.T) {
	w, a := inSandbox(t)
	const row = `{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000100"}]}]}` + "\n"
	dir := w.store.Path() + ".uploads"
	type sending struct {
		pipe  *io.PipeWriter
		ended chan int
	}
	send := func(org *world) sending {
		id := int(org.want(202, nil, "POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE","autoStart":"false"}`).get(t, "createdId").(float64))
		r, pipe := io.Pipe()
		s := sending{pipe, make(chan int, 1)}
		req, err := http.NewRequest("PUT", fmt.Sprintf("%s/v2/dataIngestion/jobs/%d/file", org.url, id), r)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Authorization": {org.auth}, "Content-Type": {"application/x-ndjson"}}
		go func() {
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				s.ended <- 0
				return
			}
			answer.Body.Close()
			s.ended <- answer.StatusCode
		}()
		return s
	}
	lie := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if all, _ := os.ReadDir(dir); len(all) == n {
				return
			} else if time.Now().After(deadline) {
				t.Fatalf("%d files, not %d", len(all), n)
			}
		}
	}
	var all []sending
	for range 10 {
		s := send(a)
		fmt.Fprint(s.pipe, row)
		all = append(all, s)
	}
	lie(10)
	a.want(409, []int{9725}, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", uploadForm(row, "a.ndjson", "", ""))
	other := send(w)
	fmt.Fprint(other.pipe, row)
	lie(11)
	other.pipe.Close()
	if status := <-other.ended; status != 200 {
		t.Errorf("another organization: %d", status)
	}
	all[0].pipe.CloseWithError(errors.New("gone"))
	<-all[0].ended
	lie(10)
	s := send(a)
	fmt.Fprint(s.pipe, row)
	lie(11)
	for _, s := range append(all[1:], s) {
		s.pipe.Close()
		if status := <-s.ended; status != 200 {
			t.Errorf("%d", status)
		}
	}
}
