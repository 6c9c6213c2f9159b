package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkIngestion works through a file of registrations, and registers live beside it, a call every 20 ms from one till: rows in
// a second, the server's memory at its highest, and how much later the live calls are answered than without the job.
func BenchmarkIngestion(b *testing.B) {
	for _, n := range chosen(b) {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			s := start(b, scratch(b, database(b, sizes[0])), false)
			defer s.stop(b)
			live, err := dial(s.addr, 1)
			if err != nil {
				b.Fatal(err)
			}
			for range 50 { // the password is known, and statements are prepared
				if err := registerFresh(live); err != nil {
					b.Fatal(err)
				}
			}
			file := rowsFile(b, n)
			b.ResetTimer()
			for range b.N {
				alone := paced(b, live, func(k int) bool { return k < 1000 })
				began := time.Now()
				id := ingest(b, s, file)
				highest := int64(0)
				done := make(chan time.Duration, 1)
				go func() {
					for !ended(b, s, id) {
						time.Sleep(200 * time.Millisecond)
					}
					done <- time.Since(began)
				}()
				var took time.Duration
				beside := paced(b, live, func(k int) bool {
					if k%50 == 0 {
						highest = max(highest, s.usage(b).RSS)
					}
					select {
					case took = <-done:
						return false
					default:
						return true
					}
				})
				highest = max(highest, s.usage(b).RSS)
				b.ReportMetric(float64(n)/took.Seconds(), "rows/s")
				b.ReportMetric(float64(highest)/1e6, "MB-resident")
				b.ReportMetric(float64(percentile(alone, 50).Microseconds()), "p50-alone-µs")
				b.ReportMetric(float64(percentile(beside, 50).Microseconds()), "p50-beside-µs")
				b.ReportMetric(float64(percentile(alone, 99).Microseconds()), "p99-alone-µs")
				b.ReportMetric(float64(percentile(beside, 99).Microseconds()), "p99-beside-µs")
				b.ReportMetric(float64(percentile(beside, 99))/float64(percentile(alone, 99)), "×-alone")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// paced makes a call every 20 ms while more says so, and gives how long each took.
func paced(b *testing.B, c *client, more func(k int) bool) (took []time.Duration) {
	b.Helper()
	next := time.Now()
	for k := 0; more(k); k++ {
		time.Sleep(time.Until(next))
		next = next.Add(20 * time.Millisecond)
		start := time.Now()
		if err := registerFresh(c); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	return took
}

func percentile(took []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

// rowsFile is a file of n registrations.
func rowsFile(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "rows.ndjson")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for range n {
		p := personOf(int(fresh.Add(1)))
		fmt.Fprintf(w, "{\"source\":\"INSTORE\",\"profiles\":[{\"firstName\":%q,\"lastName\":%q,\"identifiers\":[{\"type\":\"mobile\",\"value\":%q},{\"type\":\"email\",\"value\":%q}]}]}\n", p.first, p.last, p.mobile, p.email)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// job makes a call about a job and reads the first of data.
func job(b *testing.B, s *server, method, path, media string, body io.Reader) (j struct {
	JobID        int64
	UploadStatus string
	ErrorCount   int64
}) {
	b.Helper()
	r, err := http.NewRequest(method, "http://"+s.addr+path, body)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Content-Type", media)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		b.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	var all struct{ Data []json.RawMessage }
	if err = json.Unmarshal(text, &all); err == nil && len(all.Data) > 0 {
		err = json.Unmarshal(all.Data[0], &j)
	}
	if err != nil {
		b.Fatal(err)
	}
	return j
}

func ingest(b *testing.B, s *server, file string) int64 {
	b.Helper()
	made := job(b, s, "POST", "/v2/dataIngestion/jobs", "application/json", strings.NewReader(`{"profile":"CUSTOMER_REGISTER","format":"NDJSON","source":"INSTORE"}`))
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	job(b, s, "PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%d/file", made.JobID), "application/x-ndjson", f)
	return made.JobID
}

func ended(b *testing.B, s *server, id int64) bool {
	j := job(b, s, "GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d", id), "application/json", nil)
	if j.UploadStatus == "ERRORED" || j.ErrorCount > 0 {
		b.Errorf("%+v", j)
	}
	return j.UploadStatus == "FINISHED" || j.UploadStatus == "ERRORED"
}
