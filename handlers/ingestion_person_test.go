package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// A row of somebody who was erased is empty, and tried again it fails as before; in a file that waits it fails; sent once more it
// is not kept.
func TestRowsOfSomebodyErased(t *testing.T) {
	w := working(t)
	const ask = `{"profile":"CUSTOMER_REGISTER","source":"INSTORE"%s}`
	const file = `{"profiles":[{"firstName":"Asha","identifiers":[{"type":"mobile","value":"98450-00001"}]}]}` + "\n" +
		`{"profiles":[{"firstName":"Meera","identifiers":[{"type":"mobile","value":"9845000003"}]}]}` + "\n"
	failed := w.job(fmt.Sprintf(ask, ""), "application/x-ndjson", file)
	w.ended(failed)
	waiting := w.job(fmt.Sprintf(ask, `,"autoStart":false`), "application/x-ndjson", file)
	rows := func(id int64) string {
		w.t.Helper()
		a := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/rows", id), "")
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return a.body
	}
	if got := rows(failed); !strings.Contains(got, "98450-00001") || strings.Join(w.outcomes(failed), "; ") != "1: 0 E8006; 2: 0 E8006" {
		t.Fatal(got)
	}
	w.want(200, nil, "POST", "/v2/customers/1001/erase", "")
	w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/retryFailed", failed), "")
	w.ended(failed)
	w.want(200, nil, "POST", fmt.Sprintf("/v2/dataIngestion/jobs/%d/start", waiting), "")
	w.ended(waiting)
	again := w.job(fmt.Sprintf(ask, ""), "application/x-ndjson", file)
	w.ended(again)
	for id, code := range map[int64]string{failed: `"code":8109`, waiting: ``, again: `"code":8026`} {
		got := rows(id)
		if strings.Contains(got, "98450-00001") || strings.Contains(got, "Asha") || !strings.Contains(got, "Meera") || !strings.Contains(got, code) || strings.Contains(got, "KiB") || !strings.Contains(got, `"total":2`) {
			t.Errorf("job %d: %s", id, got)
		}
		a := w.call("GET", fmt.Sprintf("/v2/dataIngestion/jobs/%d/errorFile", id), "")
		if a.status != 200 || strings.Contains(a.body, "Asha") || !strings.Contains(a.body, "Meera") {
			t.Errorf("job %d: %d %s", id, a.status, a.body)
		}
	}
	if a := w.call("GET", "/v2/customers/1001", ""); a.status != 410 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// What a job has read of a file before an erasure, it does not do after it: the file is read anew, without the row.
func TestRowsThatWereReadBeforeAnErasure(t *testing.T) {
	for _, all := range []bool{false, true} { // of its rows were read, and none is left in the buffer of its reader
		w := newWorld(t)
		first := `{"id":1003,"profiles":[{"firstName":"First"}]}` + "\n"
		note := `{"id":1003,"profiles":[{"lastName":"of asha.rao@example.org"}]}` + "\n"
		lines := first + note
		if !all {
			lines = strings.Repeat(first, rowsOfTurn) + note
		}
		id := w.job(`{"profile":"CUSTOMER_UPDATE","source":"INSTORE"}`, "application/x-ndjson", lines)
		jobs, err := w.store.IngestionWork(t.Context())
		if err != nil || len(jobs) != 1 {
			t.Fatal(jobs, err)
		}
		o := &openJob{s: w.server}
		if all {
			if err := o.fill(t.Context(), jobs[0]); err != nil || len(o.pending) != 2 {
				t.Fatal(err, len(o.pending))
			}
		} else {
			for range rowsOfTurn {
				o.turn(t.Context(), jobs[0])
				if jobs, err = w.store.IngestionWork(t.Context()); err != nil || len(jobs) != 1 {
					t.Fatal(jobs, err)
				}
				if jobs[0].Processed() == rowsOfTurn {
					break
				}
			}
			if jobs[0].Processed() != rowsOfTurn || len(o.pending) != 0 {
				t.Fatal(jobs[0].Processed(), len(o.pending))
			}
		}
		w.want(200, nil, "POST", "/v2/customers/1001/erase", "")
		if !all {
			if jobs, err = w.store.IngestionWork(t.Context()); err != nil || len(jobs) != 1 {
				t.Fatal(jobs, err)
			}
		}
		o.turn(t.Context(), jobs[0])
		o.close()
		w.work()
		if j := w.ended(id); j["errorCount"] != 1.0 || j["processedCount"] != float64(strings.Count(lines, "\n")) {
			t.Errorf("%v", j)
		}
		if a := w.want(200, nil, "GET", "/v2/customers/1003", ""); strings.Contains(a.body, "asha.rao") || !strings.Contains(a.body, "First") {
			t.Errorf("%s", a.body)
		}
	}
}
