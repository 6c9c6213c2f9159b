package db

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// However many jobs of an organization wait, those of others are worked on; and of each no more than its setting allows, those that have
// begun before others.
func TestAQueueHoldsUpNoOtherOrg(t *testing.T) {
	ctx := context.Background()
	s, who := openDemo(t)
	must := mustOf(t)
	other, err := s.AddOrg(ctx, "other", nil)
	must(err)
	must(s.EnableSources(ctx, "other", []string{"INSTORE"}))
	must(s.AddStore(ctx, "other", "store", ""))
	must(s.AddTill(ctx, "other", "store", "other.till", "admin", "x"))
	made, err := s.AddIngestionJob(ctx, who, IngestionAsk{Profile: "TRANSACTION", Format: "CSV", CSV: IngestionCSV{Delimiter: ","}})
	must(err)
	must(s.write(ctx, func(tx *Tx) error {
		j := made.Job
		one := func(org, id int64, status string) error {
			_, err := tx.Exec(`INSERT INTO ingestion_jobs (org, id, profile, format, source, account, dry_run, auto_start, external_reference, csv, status, till, created_on, updated_on)
				VALUES ($1, $2, 'TRANSACTION', 'CSV', '', '', 0, 1, '', $3, $4, $5, 1, 1)`, org, id, toJSON(j.CSV), status, j.Till)
			return err
		}
		for id := range int64(1100) {
			if err := one(1, 1000+id, JobQueued); err != nil {
				return err
			}
		}
		for _, id := range []int64{3000, 3001} {
			if err := one(1, id, JobStarted); err != nil {
				return err
			}
		}
		return one(other.ID, 1, JobQueued)
	}))
	must(s.SetOrg(ctx, "demo", "ingestion-jobs-at-once", "3"))
	jobs, err := s.IngestionWork(ctx)
	must(err)
	var got []string
	for _, j := range jobs {
		got = append(got, fmt.Sprint(j.Org, "/", j.ID, " ", j.Status))
	}
	if want := fmt.Sprint([]string{"1/3000 STARTED", "1/3001 STARTED", "1/1000 QUEUED", fmt.Sprint(other.ID, "/1 QUEUED")}); fmt.Sprint(got) != want {
		t.Errorf("%v are worked on, not %s", got, want)
	}
}

// Old jobs go by the setting of their own organization, however many jobs of another are older and kept longer.
func TestOldJobsGoByTheirOrg(t *testing.T) {
	ctx := context.Background()
	now := noon.UnixMilli()
	s, who := openDemo(t)
	must := mustOf(t)
	other, err := s.AddOrg(ctx, "other", nil)
	must(err)
	must(s.SetOrg(ctx, "demo", "ingestion-result-days", "90"))
	must(s.SetOrg(ctx, "other", "ingestion-result-days", "1"))
	ended := func(org, id int64, days float64, rows int) {
		t.Helper()
		must(s.write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO ingestion_jobs (org, id, profile, format, source, account, dry_run, auto_start, external_reference, csv, status, till, created_on, updated_on, finished_on)
				VALUES ($1, $2, 'TRANSACTION', 'NDJSON', '', '', 0, 1, '', '{}', 'FINISHED', $3, 1, 1, $4)`, org, id, who.Till, now-int64(days*24*3600_000))
			for n := range rows {
				if err == nil {
					_, err = tx.Exec(`INSERT INTO ingestion_rows (org, job, row, outcome, errors, warnings, raw) VALUES ($1, $2, $3, 'error', '[]', '[]', 'x')`, org, id, n+1)
				}
			}
			return err
		}))
	}
	for id := range int64(120) {
		ended(who.Org, 1000+id, 80, 1)
	}
	ended(who.Org, 2000, 91, 1)
	ended(other.ID, 10, 2, 2500)
	ended(other.ID, 11, 0.5, 1)
	left := func() string {
		t.Helper()
		var all []string
		must(s.read(ctx, func(tx *Tx) error {
			all = nil
			return tx.Each(func(scan func(...any) error) error {
				var org, jobs, rows int64
				err := scan(&org, &jobs, &rows)
				all = append(all, fmt.Sprintf("%d: %d jobs %d rows", org, jobs, rows))
				return err
			}, `SELECT org, count(*), (SELECT count(*) FROM ingestion_rows r WHERE r.org = j.org AND job >= 10) FROM ingestion_jobs j WHERE id >= 10 GROUP BY org ORDER BY org`)
		}))
		return strings.Join(all, ", ")
	}
	more, err := s.CleanIngestion(ctx)
	if got, want := left(), fmt.Sprintf("1: 121 jobs 120 rows, %d: 2 jobs 1501 rows", other.ID); err != nil || !more || got != want {
		t.Errorf("after one step %v, %v: %s, not %s", more, err, got, want)
	}
	for steps := 0; more && steps < 10; steps++ {
		more, err = s.CleanIngestion(ctx)
		must(err)
	}
	if got, want := left(), fmt.Sprintf("1: 120 jobs 120 rows, %d: 1 jobs 1 rows", other.ID); more || got != want {
		t.Errorf("in the end %v: %s, not %s", more, got, want)
	}
}

// The samples of the reference read job 1 of the demo, however long ago it was done.
func TestTheJobOfTheDemoStays(t *testing.T) {
	now := DemoTime.AddDate(5, 0, 0)
	s, who := openAt(t, &now)
	if more, err := s.CleanIngestion(t.Context()); more || err != nil {
		t.Error(more, err)
	}
	if _, err := s.IngestionJob(t.Context(), who, 1); err != nil {
		t.Error(err)
	}
}

// A job that has its file and that nobody starts ends after the days for which results are kept, and its file goes; one that waits
// for its file, and one whose file came later, do not.
func TestJobsThatNobodyStartsEnd(t *testing.T) {
	w := newRowsWorld(t) // two of its jobs wait with their files
	ctx := context.Background()
	w.must(w.s.SetOrg(ctx, "demo", "ingestion-result-days", "2"))
	made, err := w.s.AddIngestionJob(ctx, w.who, IngestionAsk{Profile: "TRANSACTION", Format: "NDJSON"})
	w.must(err)
	first, later := w.failed+1, w.failed+2
	since := func(id int64, ago time.Duration) {
		w.must(w.s.write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(`UPDATE ingestion_jobs SET created_on = 1, updated_on = $3 WHERE org = $1 AND id = $2`, w.who.Org, id, tx.now-ago.Milliseconds())
			return err
		}))
	}
	since(made.Job.ID, 50*time.Hour)
	since(first, 48*time.Hour)
	since(later, 47*time.Hour)
	for more, steps := true, 0; more; steps++ {
		if more, err = w.s.CleanIngestion(ctx); err != nil || steps > 20 {
			t.Fatal(steps, err)
		}
	}
	for id, want := range map[int64]string{made.Job.ID: "CREATED0 ", first: "ERRORED408 nobody started it within 2 days", later: "CREATED0 "} {
		j, err := w.s.IngestionJob(ctx, w.who, id)
		w.must(err)
		if got := fmt.Sprintf("%s%d %s", j.Status, j.ReasonCode, j.Reason); got != want {
			t.Errorf("job %d: %s, not %s", id, got, want)
		}
	}
	for i, want := range map[int]bool{1: false, 2: true} {
		if _, err := os.Stat(w.files[i]); (err == nil) != want {
			t.Errorf("file %d: %v", i, err)
		}
	}
}
