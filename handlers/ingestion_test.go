package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// working is a world whose server also works on jobs.
func working(t testing.TB, tweak ...func(*Config)) *world {
	w := newWorld(t, tweak...)
	w.work()
	return w
}

// work starts the server's work beside requests; it ends with the test, before the store does.
func (w *world) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.server.Work(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	w.t.Cleanup(stop)
	return stop
}

// job makes a job and sends its file.
func (w *world) job(ask, media, file string, headers ...string) int64 {
	w.t.Helper()
	a := w.call("POST", "/v2/dataIngestion/jobs", ask)
	if a.status != 202 {
		w.t.Fatalf("%d %s", a.status, a.body)
	}
	id := int64(a.get(w.t, "createdId").(float64))
	if a := w.call("PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%d/file", id), file, append(headers, "Content-Type: "+media)...); a.status != 200 {
		w.t.Fatalf("%d %s", a.status, a.body)
	}
	return id
}

// ended waits for the end of a job and gives it.
func (w *world) ended(id int64) map[string]any {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		j := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d", id), "").get(w.t, "data").([]any)[0].(map[string]any)
		if j["finishedOn"] != nil {
			return j
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the job does not end: %v", j)
		}
	}
}

// outcomes are the rows of a job: number, entity and codes.
func (w *world) outcomes(id int64) (out []string) {
	w.t.Helper()
	var page struct {
		Data []struct {
			RowNumber        int
			EntityId         int64
			Errors, Warnings []struct{ Code int }
		}
	}
	a := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/rows?limit=100", id), "")
	if err := json.Unmarshal([]byte(a.body), &page); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range page.Data {
		line := fmt.Sprintf("%d: %d", r.RowNumber, r.EntityId)
		for _, e := range r.Errors {
			line += fmt.Sprintf(" E%d", e.Code)
		}
		for _, e := range r.Warnings {
			line += fmt.Sprintf(" W%d", e.Code)
		}
		out = append(out, line)
	}
	return out
}

const manyKinds = `{"profiles":[{"firstName":"Lena","identifiers":[{"type":"mobile","value":"9845000100"}]}]}
{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000100"}]}]}

{"profiles":[{"identifiers":[{"type":"email","value":"nobody"}]}]}
not json
{"profiles":[{"identifiers":[{"type":"mobile","value":true}]}]}
["profiles"]
{"profiles":[],"profiles":[]}
{"profiles":[{"source":"MARTJACK","identifiers":[{"type":"mobile","value":"9845000100"},{"type":"martjackId","value":"MJ-7"}]}]}
{"profiles":[{"source":"WECHAT","accountId":"22233","identifiers":[{"type":"wechat","value":"oLENA"},{"type":"email","value":"x"}]}]}`

// Rows of every kind: each has its own error, and the others are as if it were not there.
func TestRowsStandAlone(t *testing.T) {
	w := working(t)
	id := w.job(`{"profile":"customer-register","source":"instore"}`, "application/x-ndjson", manyKinds)
	j := w.ended(id)
	want := []string{"1: 1007", "2: 0 E8006", "3: 0 E8005", "4: 0 E9707", "5: 0 E400", "6: 0 E9707", "7: 0 E9707", "8: 1007 W8050", "9: 1008 W8055"}
	if got := w.outcomes(id); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for key, n := range map[string]float64{"totalUploadedCount": 9, "actualRowCount": 9, "processedCount": 9, "successCount": 3, "warningCount": 2, "errorCount": 6} {
		if j[key] != n {
			t.Errorf("%s is %v, want %v", key, j[key], n)
		}
	}
	for outcome, n := range map[string]int{"error": 6, "warning": 2, "success": 1} {
		if a := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/rows?outcome=%s", id, outcome), ""); len(a.get(t, "data").([]any)) != n {
			t.Errorf("%s: %s", outcome, a.body)
		}
	}
	// The error file, sent again as it is to a new job, gives the same errors; what was right is not there.
	file := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/errorFile", id), "", "Accept: text/csv")
	again := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, "text/csv", file.body)
	w.ended(again)
	if got, want := w.outcomes(again), []string{"1: 0 E8006", "2: 0 E8005", "3: 0 E9707", "4: 0 E400", "5: 0 E9707", "6: 0 E9707"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if entries, err := os.ReadDir(w.store.Path() + ".uploads"); err != nil || len(entries) != 0 {
		t.Errorf("files are left: %v, %v", entries, err)
	}
}

func TestJobsOfOtherProfiles(t *testing.T) {
	w := working(t)
	id := w.job(`{"profile":"CUSTOMER_UPDATE","source":"INSTORE"}`, "application/x-ndjson", `{"id":1001,"profiles":[{"firstName":"Ash"}]}
{"identifierName":"mobile","identifierValue":919845000003,"profiles":[{"lastName":"I."}]}
{"identifierName":"mobile","identifierValue":"9999999999","profiles":[{"lastName":"I."}]}
{"profiles":[{"lastName":"I."}]}
{"id":"../1001","profiles":[]}
{"id":1001,"source":"WECHAT","accountId":"22232","profiles":[{"firstName":"Asha"}]}`)
	w.ended(id)
	if got, want := w.outcomes(id), []string{"1: 1001", "2: 1003", "3: 0 E8015", "4: 0 E9707", "5: 0 E400", "6: 1001"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	id = w.job(`{"profile":"IDENTIFIER_CHANGE","source":"INSTORE"}`, "application/x-ndjson", `{"id":1001,"add":[{"type":"mobile","value":"9845000111"}]}
{"identifierName":"mobile","identifierValue":"9845000111","add":[{"type":"email","value":"a@example.org"}],"remove":[{"type":"mobile","value":"9845000111"}]}
{"identifierName":"mobile","identifierValue":"9845000111","add":[]}`)
	w.ended(id)
	if got, want := w.outcomes(id), []string{"1: 1001", "2: 1001", "3: 0 E8015"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCSVJobs(t *testing.T) {
	for name, c := range map[string]struct {
		csv, file string
		want      []string
	}{
		"header names the places": {`{}`, "profiles[0].firstName,profiles[0].identifiers[0].type,profiles[0].identifiers[0].value\r\n\"Le\"\"na,\r\nB\",mobile,9845000100\r\nX,mobile,\r\nY\r\nZ,email,z@example.org",
			[]string{"1: 1007", "2: 0 E400", "3: 0 E9707", "4: 1008"}},
		"columns":    {`{"delimiter":";","hasHeader":false,"columns":{"profiles[0].identifiers[0].value":1},"constants":{"profiles[0].identifiers[0].type":"mobile"}}`, "a;9845000100\nb;9845000100\nc\n", []string{"1: 1007", "2: 0 E8006", "3: 0 E9707"}},
		"skipped":    {`{"skipTop":1,"skipBottom":1,"constants":{"profiles[0].identifiers[0].type":"mobile"}}`, "A report\nprofiles[0].identifiers[0].value\n9845000100\nTotal 1\n", []string{"1: 1007"}},
		"open quote": {`{}`, "profiles[0].identifiers[0].type,profiles[0].identifiers[0].value\nmobile,\"9845000100\nmobile,9845000101\n", []string{"1: 0 E9707", "2: 1007"}},
		"stray quotes": {`{"delimiter":";"}`, "\ufeffprofiles[0].firstName;profiles[0].identifiers[0].type;profiles[0].identifiers[0].value\n12\" Ann;mobile;9845000100\nBea;mobile;9845000101\n\"Cid\" C.;mobile;9845000102\n\"D;\nD.\";mobile;9845000103\n",
			[]string{"1: 0 E9707", "2: 1007", "3: 0 E9707", "4: 1008"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := working(t)
			id := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE","format":"CSV","csv":`+c.csv+`}`, "text/csv", c.file)
			w.ended(id)
			if got := w.outcomes(id); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			// The error file is CSV of the same columns, and can be sent again to a job with the same parameters.
			file := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/errorFile", id), "", "Accept: text/csv")
			failed := strings.Count(strings.Join(c.want, " "), "E")
			if failed == 0 || strings.Contains(c.csv, "skip") {
				return
			}
			again := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE","format":"CSV","csv":`+c.csv+`}`, "text/csv", file.body)
			w.ended(again)
			if got := w.outcomes(again); len(got) != failed {
				t.Errorf("%q from\n%s", got, file.body)
			}
		})
	}
}

// A dry run says what would be, and changes nothing.
func TestDryRun(t *testing.T) {
	w := working(t)
	before, err := w.store.Rows(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	id := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE","dryRun":true}`, "application/x-ndjson", manyKinds)
	w.ended(id)
	want := []string{"1: 1007", "2: 1007", "3: 0 E8005", "4: 0 E9707", "5: 0 E400", "6: 0 E9707", "7: 0 E9707", "8: 1007", "9: 1007 W8055"}
	if got := w.outcomes(id); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	after, err := w.store.Rows(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for table := range after {
		if n := after[table] - before[table]; n != 0 && table != "ingestion_jobs" && table != "ingestion_rows" && table != "audit" && table != "counters" || table == "audit" && n != 2 {
			t.Errorf("%d rows more in %s", n, table)
		}
	}
}

func TestJobsLife(t *testing.T) {
	w := newWorld(t) // nobody works
	id := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, "application/x-ndjson", "{}\n")
	at := fmt.Sprintf("/v2/dataIngestion/jobs/%d", id)
	a := w.call("GET", at, "")
	if a.header.Get("Retry-After") != "2" || a.header.Get("ETag") == "" {
		t.Errorf("%v", a.header)
	}
	if b := w.call("GET", at, "", "If-None-Match: "+a.header.Get("ETag")); b.status != 304 || b.body != "" {
		t.Errorf("%d %s", b.status, b.body)
	}
	w.want(409, []int{9706}, "POST", at+"/start", "")
	w.want(200, nil, "POST", at+"/cancel", "")
	if b := w.call("GET", at, "", "If-None-Match: "+a.header.Get("ETag")); b.status != 200 || b.header.Get("Retry-After") != "" {
		t.Errorf("%d %s", b.status, b.body)
	}
	w.want(409, []int{9706}, "POST", at+"/cancel", "")
	w.want(409, []int{9706}, "POST", at+"/retryFailed", "")
	for _, path := range []string{"", "/rows", "/errorFile", "/successFile"} {
		w.want(404, []int{9705}, "GET", "/v2/dataIngestion/jobs/99"+path, "")
	}
	for _, what := range []string{"start", "cancel", "retryFailed"} {
		w.want(404, []int{9705}, "POST", "/v2/dataIngestion/jobs/99/"+what, "")
	}
	w.want(400, []int{9701}, "GET", "/v2/dataIngestion/jobs?profile=X", "")
	for _, list := range []string{"/v2/dataIngestion/jobs?", "/v2/dataIngestion/jobs/1/rows?"} {
		w.want(400, []int{8100}, "GET", list+"offset=-1", "")
		w.want(400, []int{8101}, "GET", list+"limit=0", "")
		w.want(400, []int{8102}, "GET", list+"limit=101", "")
	}
	w.want(400, []int{400}, "GET", "/v2/dataIngestion/jobs/1/rows?outcome=x", "")
	w.want(400, []int{400}, "GET", "/v2/dataIngestion/jobs?uploadStatus=x", "")
}

// What failed can be sent once more.
func TestRetryFailed(t *testing.T) {
	w := working(t)
	id := w.job(`{"profile":"CUSTOMER_REGISTER"}`, "application/x-ndjson", `{"profiles":[{"source":"TMALL","identifiers":[{"type":"mobile","value":"9845000100"}]}]}
{"profiles":[{"source":"INSTORE","identifiers":[{"type":"mobile","value":"9845000101"}]}]}
{"profiles":[{"source":"JD","identifiers":[{"type":"mobile","value":"9845000102"}]}]}`)
	w.ended(id)
	if got, want := w.outcomes(id), []string{"1: 0 E8003", "2: 1007", "3: 0 E8003"}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	if err := w.store.EnableSources(context.Background(), "demo", []string{"TMALL"}); err != nil {
		t.Fatal(err)
	}
	w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/retryFailed", id), "")
	j := w.ended(id)
	if got, want := w.outcomes(id), []string{"1: 1008", "2: 1007", "3: 0 E8003"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if j["successCount"] != 2.0 || j["errorCount"] != 1.0 {
		t.Errorf("%v", j)
	}
}

// What fails of an error file that was corrected is as the row was at first: it can be tried again, and be corrected once more.
func TestErrorFilesOfErrorFiles(t *testing.T) {
	for _, c := range []struct{ name, ask, media, file, errors string }{
		{"csv", `{"profile":"CUSTOMER_REGISTER","format":"CSV"}`, "text/csv", "rowNumber,code,message,profiles[0].source,profiles[0].firstName,profiles[0].identifiers[0].type,profiles[0].identifiers[0].value\n" +
			"7,8005,no,TMALL,\"An,na\",mobile,9845000201\n9,8005,no,INSTORE,x,mobile,9845000202\n",
			"rowNumber,code,message,profiles[0].source,profiles[0].firstName,profiles[0].identifiers[0].type,profiles[0].identifiers[0].value\n" +
				"1,8003,%s,TMALL,\"An,na\",mobile,9845000201\n"},
		{"by place", `{"profile":"CUSTOMER_REGISTER","format":"CSV","csv":{"delimiter":";","columns":{"profiles[0].identifiers[0].value":0},"constants":{"profiles[0].source":"TMALL","profiles[0].identifiers[0].type":"mobile"}}}`, "text/csv",
			"rowNumber;code;message;number\n7;8005;no;9845000211\n", "rowNumber;code;message;number\n1;8003;%s;9845000211\n"},
		{"json", `{"profile":"CUSTOMER_REGISTER"}`, "text/csv", "rowNumber,code,message,line\n7,8005,no,\"{\"\"profiles\"\":[{\"\"source\"\":\"\"TMALL\"\",\"\"identifiers\"\":[{\"\"type\"\":\"\"mobile\"\",\"\"value\"\":\"\"9845000221\"\"}]}]}\"\n",
			"rowNumber,code,message,line\n1,8003,%s,\"{\"\"profiles\"\":[{\"\"source\"\":\"\"TMALL\"\",\"\"identifiers\"\":[{\"\"type\"\":\"\"mobile\"\",\"\"value\"\":\"\"9845000221\"\"}]}]}\"\n"},
	} {
		w := working(t)
		id := w.job(c.ask, c.media, c.file)
		w.ended(id)
		at := fmt.Sprintf("/v2/dataIngestion/jobs/%d", id)
		for range 2 {
			message := w.call("GET", at+"/rows?limit=1", "").get(t, "data").([]any)[0].(map[string]any)["errors"].([]any)[0].(map[string]any)["message"].(string)
			if a := w.call("GET", at+"/errorFile", ""); a.body != fmt.Sprintf(c.errors, message) {
				t.Errorf("%s: the error file is\n%s\nnot\n%s", c.name, a.body, fmt.Sprintf(c.errors, message))
			}
			w.want(200, nil, "POST", at+"/retryFailed", "")
			w.ended(id)
		}
		if err := w.store.EnableSources(t.Context(), "demo", []string{"TMALL"}); err != nil {
			t.Fatal(err)
		}
		w.want(200, nil, "POST", at+"/retryFailed", "")
		w.ended(id)
		if got := w.outcomes(id); len(got) == 0 || strings.Contains(got[0], "E") {
			t.Errorf("%s: tried again it is %q", c.name, got)
		}
	}
}

// However many columns a file has, and however deep they go: a row costs no more than its cells.
func TestManyColumns(t *testing.T) {
	w := working(t)
	header := func(columns int, name string) string {
		var b strings.Builder
		for i := range columns - 1 {
			fmt.Fprintf(&b, name+",", i)
		}
		return b.String() + "id\n"
	}
	const ask = `{"profile":"CUSTOMER_UPDATE","format":"CSV","source":"INSTORE"}`
	id := int64(w.want(202, nil, "POST", "/v2/dataIngestion/jobs", ask).get(t, "createdId").(float64))
	put := func(want int, file string) {
		t.Helper()
		if a := w.call("PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%d/file", id), file, "Content-Type: text/csv"); a.status != want || want == 400 && !slices.Equal(a.codes(), []int{9708}) {
			t.Fatalf("%d %s, want %d", a.status, a.body, want)
		}
	}
	row := strings.Repeat("x,", 1000) + "1003\n"
	put(400, header(1001, "a%d")+row)
	// In ratio to the same cells in flat columns, since the race detector allocates for itself.
	cost := func(name string) uint64 {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		j := w.ended(w.job(ask, "text/csv", header(1000, name)+strings.Repeat(row[2:], 20)))
		runtime.ReadMemStats(&after)
		if j["actualRowCount"] != 20.0 {
			t.Fatalf("%v, want 20 rows", j)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	flat := cost("a%d")
	deep := cost("a%d[99][99][99][99][99][99][99]")
	t.Logf("20 rows: %d MB flat, %d MB deep", flat>>20, deep>>20)
	if deep > 8*flat { // a container for each bracket
		t.Errorf("20 rows of deep columns cost %d MB, of flat ones %d MB", deep>>20, flat>>20)
	}
	rows, err := newCSVRows(db.IngestionCSV{Delimiter: ","}, []byte("l[9].a,l[2],m[1][3],l[9].b,m[1][1],m[0],n[0]"), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := rows.row([]byte("1,2,3,4,5,,")); err != nil || fmt.Sprint(got) != "map[l:[2 map[a:1 b:4]] m:[[5 3]]]" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestUploads(t *testing.T) {
	w := working(t)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, `{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000100"}]}]}`)
	z.Close()
	id := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, "application/x-ndjson", zipped.String(), "Content-Encoding: gzip")
	w.ended(id)
	if got := w.outcomes(id); !slices.Equal(got, []string{"1: 1007"}) {
		t.Errorf("%q", got)
	}
	upload := func(want, code int, body string, headers ...string) {
		t.Helper()
		made := w.call("POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE","autoStart":"false"}`)
		a := w.call("PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%v/file", made.get(t, "createdId")), body, headers...)
		if a.status != want || code != 0 && !slices.Equal(a.codes(), []int{code}) {
			t.Errorf("%v: %d %s, want %d %d", headers, a.status, a.body, want, code)
		}
	}
	upload(400, 400, "no gzip", "Content-Type: application/x-ndjson", "Content-Encoding: gzip")
	upload(400, 400, zipped.String()[:zipped.Len()-9], "Content-Type: application/x-ndjson", "Content-Encoding: gzip")
	upload(415, 415, "x", "Content-Type: application/x-ndjson", "Content-Encoding: br")
	upload(415, 415, "x", "Content-Type: application/json")
	upload(400, 9702, "a,b\n1,2\n", "Content-Type: text/csv")
	upload(400, 9703, "", "Content-Type: application/x-ndjson")
	if err := w.store.SetOrg(context.Background(), "demo", "ingestion-max-megabytes", "1"); err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetOrg(context.Background(), "demo", "ingestion-max-rows", "3"); err != nil {
		t.Fatal(err)
	}
	upload(413, 9704, strings.Repeat(" ", 1<<20+1), "Content-Type: application/x-ndjson")
	upload(413, 9704, "1\n2\n3\n4", "Content-Type: application/x-ndjson")
	upload(200, 0, "1\n2\n3", "Content-Type: application/x-ndjson")
	var bomb bytes.Buffer
	z = gzip.NewWriter(&bomb)
	z.Write(make([]byte, 64<<20))
	z.Close()
	upload(413, 9704, bomb.String(), "Content-Type: application/x-ndjson", "Content-Encoding: gzip")
	var empty bytes.Buffer // a file of which nothing comes out, from members that are empty
	gzip.NewWriter(&empty).Close()
	upload(400, 400, strings.Repeat(empty.String(), 4<<20/empty.Len()), "Content-Type: application/x-ndjson", "Content-Encoding: gzip")
	form := func(want int, codes []int, parts string) {
		t.Helper()
		a := w.call("POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", strings.ReplaceAll(parts, "\n", "\r\n"), "Content-Type: multipart/form-data; boundary=b")
		if a.status != want || !slices.Equal(a.codes(), codes) {
			t.Errorf("%d %s, want %d %v", a.status, a.body, want, codes)
		}
	}
	const file = "--b\nContent-Disposition: form-data; name=\"file\"; filename=\"a.ndjson\"\n\n"
	form(400, []int{400}, "--b\nContent-Disposition: form-data; name=\"dryRun\"\n\nmaybe\n"+file+"1\n--b--\n")
	form(400, []int{400}, file+"1")
	for _, h := range []string{"multipart/form-data", "multipart/form-data; boundary="} {
		if a := w.call("POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", "abc", "Content-Type: "+h); a.status != 400 && a.status != 415 {
			t.Errorf("%s: %d %s", h, a.status, a.body)
		}
	}
	form(400, []int{9703}, file+"\n--b--\n")
	form(413, []int{9704}, file+strings.Repeat("1\n", 4)+"--b--\n")
	form(400, []int{9708}, "--b\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\n\nprofiles[,b\n1,2\n--b--\n")
	form(400, []int{400}, strings.Replace(file, "a.ndjson", "a.csv.gz", 1)+zipped.String()+"\n--b--\n")
	upload(400, 400, zipped.String(), "Content-Type: application/x-ndjson")
	for _, csv := range []string{`{"columns":{"x":2}}`, `{"hasHeader":false,"columns":{"x":0,"y":2}}`} {
		form(400, []int{9708}, "--b\nContent-Disposition: form-data; name=\"csv\"\n\n"+csv+"\n--b\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\n\na,b\n1,2\n--b--\n")
	}
	form(202, nil, "--b\nContent-Disposition: form-data; name=\"externalReference\"\n\nr\n"+file+"1\n--b--\n")
	form(202, nil, "--b\nContent-Disposition: form-data; name=\"externalReference\"\n\nr\n"+file+"1\n--b--\n")
	for _, other := range []string{file + "1\n2\n", file + "2\n", file + "1\n\n", strings.Replace(file, "a.ndjson", "b.ndjson", 1) + "1\n"} {
		form(409, []int{9709}, "--b\nContent-Disposition: form-data; name=\"externalReference\"\n\nr\n"+other+"--b--\n")
	}
	form(400, []int{400}, file+"1\n--b\nContent-Disposition: form-data; name=\"dryRun\"\n\nmaybe\n--b--\n")
	form(400, []int{400}, file+"1\n"+file+"1\n--b--\n")
	form(400, []int{400}, file+"1\n"+strings.Repeat("--b\nContent-Disposition: form-data; name=\"source\"\n\nINSTORE\n", 20)+"--b--\n")
	form(400, []int{400}, strings.Replace(file, "a.ndjson", strings.Repeat("a", 256), 1)+"1\n--b--\n")
	form(409, []int{9709}, "--b\nContent-Disposition: form-data; name=\"externalReference\"\n\nr\n--b\nContent-Disposition: form-data; name=\"dryRun\"\n\ntrue\n"+file+"1\n--b--\n")
}

// The parts of a form are held to the schema that the same job has as JSON: nothing larger or longer gets in by the form.
func TestAFormIsHeldToTheSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for part, codes := range map[string][]int{
		`csv:{"skipTop":1001}`:                         {400},
		`csv:{"skipTop":9000000000000000000}`:          {400},
		`csv:{"skipBottom":1001}`:                      {400},
		`csv:{"skipTop":-1}`:                           {400},
		`csv:{"delimiter":",,"}`:                       {400},
		`csv:{"columns":{"a":"b"}}`:                    {400},
		`csv:[]`:                                       {400},
		`csv:{"skipTop":1000}`:                         {9703}, // it is shorter
		"accountId:" + strings.Repeat("a", 65):         {400},
		"externalReference:" + strings.Repeat("a", 65): {400},
		"source:" + strings.Repeat("a", 65):            {400},
		"dryRun:perhaps":                               {400},
	} {
		name, value, _ := strings.Cut(part, ":")
		form := "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\na\n1\n\r\n--b--\r\n"
		if a := w.call("POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form, "Content-Type: multipart/form-data; boundary=b"); a.status != 400 || !slices.Equal(a.codes(), codes) {
			t.Errorf("%.60s: %d %s", part, a.status, a.body)
		}
	}
}

// A reference is for one file: the same bytes give the job there is, whichever way they came, other bytes are refused, and leave nothing.
func TestAReferenceIsForOneFile(t *testing.T) {
	t.Parallel()
	const ask, row = `{"profile":"CUSTOMER_REGISTER","source":"INSTORE","externalReference":"r"}`, `{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000777"}]}]}` + "\n"
	part := func(name, value string) string {
		return "--teahouse\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	form := func(file string) string {
		return part(`file"; filename="a.ndjson`, file) + part("source", "INSTORE") + part("externalReference", "r") + "--teahouse--\r\n"
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(row))
	z.Close()
	for how, first := range map[string]func(w *world){
		"form": func(w *world) { w.want(202, nil, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(row)) },
		"file": func(w *world) { w.job(ask, "application/x-ndjson", row, "X-CAP-FILE-NAME: a.ndjson") },
		"compressed": func(w *world) {
			w.job(ask, "application/x-ndjson", zipped.String(), "X-CAP-FILE-NAME: a.ndjson", "Content-Encoding: gzip")
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t) // where no job is worked on
			first(w)
			before := w.want(200, nil, "GET", "/v2/dataIngestion/jobs?limit=100", "").body
			all := func() (names []string) {
				left, err := os.ReadDir(w.store.Path() + ".uploads")
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range left {
					names = append(names, f.Name())
				}
				return names
			}
			files := all()
			other := strings.Replace(row, "777", "778", 1)
			w.want(202, nil, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(row))
			w.want(409, []int{9709}, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(other))
			if a := w.call("POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(other), "Idempotency-Key: k"); a.status != 409 || !slices.Equal(a.codes(), []int{9709}) {
				t.Errorf("%d %s", a.status, a.body)
			}
			w.want(409, []int{9709}, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(row+"\n"))
			w.want(200, nil, "POST", "/v2/dataIngestion/jobs", ask)
			w.want(409, []int{9706}, "PUT", "/v2/dataIngestion/jobs/3/file", other)
			if after := w.want(200, nil, "GET", "/v2/dataIngestion/jobs?limit=100", "").body; after != before {
				t.Errorf("%s\nwas\n%s", after, before)
			}
			if left := all(); !slices.Equal(left, files) || len(files) != 1 {
				t.Errorf("%q, were %q", left, files)
			}
			w.work()
			w.ended(3)
			w.want(202, nil, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(row)) // also when its file is gone
			w.want(409, []int{9709}, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form(other))
			if left := all(); len(left) != 0 {
				t.Errorf("%q are left", left)
			}
		})
	}
}

// The rows of a job are those of who sends them: under their limits, in their name, and to an end with their credentials.
func TestRowsAreTheirSenders(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"file", "externalReference", "retryFailed"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			till := w.as(basicOf("store.till1", "123"))
			id := int64(w.want(202, nil, "POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER","source":"INSTORE","externalReference":"r","autoStart":true}`).get(t, "createdId").(float64))
			const row = `{"profiles":[{"identifiers":[{"type":"mobile","value":"9845000777"}]}]}` + "\n"
			job := fmt.Sprintf("/v2/dataIngestion/jobs/%d", id)
			switch how {
			case "file":
				till.want(200, nil, "PUT", job+"/file", row)
			case "externalReference":
				part := func(name, value string) string {
					return "--teahouse\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
				}
				till.want(202, nil, "POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", part("source", "INSTORE")+part("externalReference", "r")+part(`file"; filename="a.ndjson`, row)+"--teahouse--\r\n")
			case "retryFailed":
				if err := w.store.SetOrg(t.Context(), "demo", "primary-identifier", "email"); err != nil {
					t.Fatal(err)
				}
				w.want(200, nil, "PUT", job+"/file", row)
				stop := w.work()
				w.ended(id)
				stop()
				if err := w.store.SetOrg(t.Context(), "demo", "primary-identifier", "none"); err != nil {
					t.Fatal(err)
				}
				till.want(200, nil, "POST", job+"/retryFailed", "")
			}
			if a := w.want(200, nil, "GET", job, ""); !strings.Contains(a.body, `"createdBy":{"code":"store.till1"`) {
				t.Errorf("%s", a.body)
			}
			if err := w.store.DisableTill(t.Context(), "demo", "store.till1"); err != nil {
				t.Fatal(err)
			}
			w.work()
			if j := w.ended(id); j["uploadStatus"] != "ERRORED" {
				t.Errorf("with credentials that have ended: %v", j)
			}
		})
	}
}

// What says how a file is worked through holds behind the file too.
func TestTheFileOfAFormComesFirst(t *testing.T) {
	w := working(t)
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	file := part(`file"; filename="a.csv`, "who,mobile\n,9845000777") // the places are in csv
	options := part("source", "INSTORE") + part("skipDownstream", "true") + part("externalReference", "night") +
		part("csv", `{"hasHeader":false,"skipTop":1,"columns":{"profiles[0].identifiers[0].value":1},"constants":{"profiles[0].identifiers[0].type":"mobile"}}`)
	upload := func(form string) map[string]any {
		t.Helper()
		a := w.call("POST", "/v2/dataIngestion/upload/CUSTOMER_REGISTER", form+"--b--\r\n", "Content-Type: multipart/form-data; boundary=b")
		if a.status != 202 {
			t.Fatal(a.status, a.body)
		}
		return w.ended(int64(a.get(t, "createdId").(float64)))
	}
	const lookup = "/v2/customers/lookup?source=INSTORE&identifierName=mobile&identifierValue=9845000777"
	dry := upload(file + part("dryRun", "true") + strings.Replace(options, "night", "dry", 1))
	if dry["dryRun"] != true || dry["successCount"] != 1.0 || dry["source"] != "INSTORE" {
		t.Errorf("%v", dry)
	}
	w.want(404, []int{8015}, "GET", lookup, "")
	j := upload(file + options)
	if j["dryRun"] != false || j["skipDownstream"] != true || j["externalReference"] != "night" || j["format"] != "CSV" || j["successCount"] != 1.0 {
		t.Errorf("%v", j)
	}
	if again := upload(options + file); again["jobId"] != j["jobId"] {
		t.Errorf("%v", again)
	}
	w.want(200, nil, "GET", lookup, "")
	if left, err := filepath.Glob(w.store.Path() + ".uploads/*.csv"); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
}

// An upload that stops, or is slower than the rate, is given up; what came of it is not left.
func TestASlowUploadIsGivenUp(t *testing.T) {
	w := newWorld(t)
	made := w.call("POST", "/v2/dataIngestion/jobs", `{"profile":"CUSTOMER_REGISTER"}`)
	r, wr := io.Pipe()
	req, err := http.NewRequest("PUT", fmt.Sprintf("%s/v2/dataIngestion/jobs/%v/file", w.url, made.get(t, "createdId")), r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {demoTill}, "Content-Type": {"application/x-ndjson"}}
	go func() {
		io.WriteString(wr, "{}\n")
		wr.CloseWithError(io.ErrUnexpectedEOF)
	}()
	if res, err := httpClient.Do(req); err == nil {
		res.Body.Close()
		t.Errorf("%d", res.StatusCode)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		files, err := filepath.Glob(w.store.Path() + ".uploads/*")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left: %q", files)
		}
	}
}

// Old jobs are removed also while others are at work.
func TestOldJobsGoBesideOthersAtWork(t *testing.T) {
	w := newWorld(t)
	if err := w.store.SetOrg(context.Background(), "demo", "ingestion-result-days", "1"); err != nil {
		t.Fatal(err)
	}
	id := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, "application/x-ndjson", strings.Repeat("1\n", 100_000))
	w.work()
	for {
		old := w.call("GET", "/v2/dataIngestion/jobs/1", "")
		if j := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d", id), ""); strings.Contains(j.body, "finishedOn") {
			t.Fatalf("the other job has ended: %s", j.body)
		}
		if old.status == 404 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// The file of a job that was cancelled is gone at once, whether the job waited, had just been taken up, or is at work; and the work
// goes on with the next.
func TestTheFileOfACancelledJobGoes(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	files := func() int {
		t.Helper()
		all, err := os.ReadDir(w.store.Path() + ".uploads")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	cancel := func(id int64) {
		t.Helper()
		w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/cancel", id), "")
	}
	const ask = `{"profile":"CUSTOMER_REGISTER","source":"INSTORE"%s}`
	waits := w.job(fmt.Sprintf(ask, `,"autoStart":false`), "application/x-ndjson", manyKinds)
	queued := w.job(fmt.Sprintf(ask, ""), "application/x-ndjson", manyKinds)
	jobs, err := w.store.IngestionWork(context.Background())
	if err != nil || len(jobs) != 1 || files() != 2 {
		t.Fatal(jobs, err, files())
	}
	cancel(waits)
	cancel(queued)
	if n := files(); n != 0 {
		t.Errorf("%d files are left of jobs that were never at work", n)
	}
	(&openJob{s: w.server}).turn(context.Background(), jobs[0]) // of which it does not know yet that it was cancelled
	stop := w.work()
	for range 5 {
		long := w.job(fmt.Sprintf(ask, ""), "application/x-ndjson", strings.Repeat("1\n", 50_000))
		for {
			if j := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d", long), ""); strings.Contains(j.body, `"STARTED"`) {
				break
			} else if strings.Contains(j.body, "finishedOn") {
				t.Fatal(j.body)
			}
		}
		cancel(long)
		if n := files(); n != 0 && runtime.GOOS != "windows" {
			t.Errorf("%d files are left of a job at work", n)
		}
		next := w.job(fmt.Sprintf(ask, ""), "application/x-ndjson", "1\n")
		if j := w.ended(next); j["uploadStatus"] != "FINISHED" {
			t.Errorf("the next: %v", j)
		}
		if j := w.ended(long); j["uploadStatus"] != "CANCELLED" || len(j["errors"].([]any)) != 0 {
			t.Errorf("%v", j)
		}
	}
	stop()
	if n := files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if text := log.String(); strings.Contains(text, "ERROR") || strings.Contains(text, "WARN") {
		t.Error(text)
	}
}

// A till that was disabled does nothing more, neither by its jobs.
func TestAJobEndsWithItsTill(t *testing.T) {
	w := newWorld(t)
	id := w.job(`{"profile":"CUSTOMER_REGISTER","source":"INSTORE"}`, "application/x-ndjson", manyKinds)
	if err := w.store.DisableTill(context.Background(), "demo", "store.server"); err != nil {
		t.Fatal(err)
	}
	stop := w.work()
	other := w.as(basicOf("store.till1", "123"))
	const why = "[map[code:401 message:the till or the client that made it was ended status:false]]"
	if j := other.ended(id); j["uploadStatus"] != "ERRORED" || j["processedCount"] != 0.0 || fmt.Sprint(j["errors"]) != why {
		t.Errorf("%v", j)
	}
	stop()
	if left, err := os.ReadDir(w.store.Path() + ".uploads"); err != nil || len(left) > 0 {
		t.Errorf("its file is left: %v, %v", left, err)
	}
}

// A job whose file is lost or spoilt says which of them it is.
func TestAJobSaysWhyItCannotGoOn(t *testing.T) {
	w := newWorld(t)
	for why, spoil := range map[string]func(file string) error{
		"[map[code:9703 message:its file is not there or cannot be read status:false]]": os.Remove,
		"[map[code:9703 message:The file is missing or has no row status:false]]":       func(file string) error { return os.Truncate(file, 0) },
		"[map[code:9708 message:The columns do not fit: (x) is not a place in a row status:false]]": func(file string) error {
			return os.WriteFile(file, []byte("[x],b\n1,2\n"), 0o600)
		},
	} {
		id := w.job(`{"profile":"CUSTOMER_REGISTER","format":"CSV","source":"INSTORE"}`, "text/csv", "a,b\n1,2\n")
		dir := w.store.Path() + ".uploads"
		all, err := os.ReadDir(dir)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if err := spoil(filepath.Join(dir, all[0].Name())); err != nil {
			t.Fatal(err)
		}
		stop := w.work()
		j := w.ended(id)
		stop()
		if j["uploadStatus"] != "ERRORED" || fmt.Sprint(j["errors"]) != strings.NewReplacer("(", "[", ")", "]").Replace(why) {
			t.Errorf("%v, want %s", j, why)
		}
	}
}

// A row of bills is its single call: the same points, the same refusals, the same order.
func TestJobsOfTransactions(t *testing.T) {
	w := working(t)
	id := w.job(`{"profile":"TRANSACTION","source":"INSTORE"}`, "application/x-ndjson", `{"type":"REGULAR","identifierType":"mobile","identifierValue":919845000001,"billNumber":"N-1","billAmount":"100.50"}
{"type":"REGULAR","identifierType":"mobile","identifierValue":"919845000001","billNumber":"N-1","billAmount":"100.50"}
{"type":"RETURN","returnType":"FULL","identifierType":"mobile","identifierValue":"919845000001","billNumber":"N-1","billAmount":"100.50"}
{"type":"REGULAR","identifierType":"mobile","identifierValue":"9999999999","billNumber":"N-2","billAmount":1}
{"type":"REGULAR","billNumber":"N-3","billAmount":1}`)
	w.ended(id)
	got := w.outcomes(id)
	for i, want := range []string{"1: ", "2: 0 E604", "3: ", "4: 0 E8015", "5: 0 E606"} {
		if len(got) != 5 || !strings.HasPrefix(got[i], want) || strings.HasSuffix(want, " ") && strings.Contains(got[i], "E") {
			t.Errorf("%q", got)
		}
	}
}
