package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// rowsWorld is a demo organization with jobs: one has failed rows, one has a file that waits, one was cancelled with its file.
type rowsWorld struct {
	*requestWorld
	person int64
	failed int64 // the job with rows
	files  []string
}

const otherRow = `{"profiles":[{"identifiers":[{"type":"mobile","value":"9000000077"},{"type":"email","value":"someone.else@example.org"}]}]}`

// personRows tell of the person in all ways in which a row may, a broken one among them.
func personRows(id int64) []string {
	return []string{
		`{"profiles":[{"firstName":"Zqname","identifiers":[{"type":"email","value":"ZQMAIL@Example.org"}]}]}`,
		`{"profiles":[{"identifiers":[{"type":"mobile","value":"+91 (77700) 00-001"}]}]}`,
		`{"identifierName":"mobile","identifierValue":7770000001,"billAmount":"zqamount"}`,
		`{"profiles":[{"identifiers":[{"type":"external_id","value":"Zq-1"}]}]}`,
		fmt.Sprintf(`{"id":%d,"profiles":[{"firstName":"Zqbyid"}]}`, id),
		fmt.Sprintf(`{"identifierName":"id","identifierValue":"%d","note":"zqbyidentifier"}`, id),
		`{"profiles":[{"note":"call zqmail@example.org at night"}]}`,
		`{"profiles":[{"identifiers":[{"type":"mobile","value":"7770000001"`,
		`7,8005,zqcell,zqmail@example.org`,
	}
}

func newRowsWorld(t *testing.T) *rowsWorld {
	s, who := openDemo(t)
	w := &rowsWorld{requestWorld: &requestWorld{t, s, who}}
	ctx := context.Background()
	w.person = w.registered("INSTORE", "email:zqmail@example.org mobile:917770000001 externalId:Zq-1")
	job := func(auto bool) IngestionJob {
		made, err := s.AddIngestionJob(ctx, who, IngestionAsk{Profile: "CUSTOMER_UPDATE", Format: "NDJSON", AutoStart: auto, CSV: IngestionCSV{Delimiter: ",", HasHeader: true}})
		w.must(err)
		return made.Job
	}
	attach := func(j IngestionJob, ext string, lines []string) IngestionJob {
		dir, err := s.UploadFolder()
		w.must(err)
		name := fmt.Sprintf("%d%s", j.ID, ext)
		w.must(os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
		w.files = append(w.files, filepath.Join(dir, name))
		j, err = s.AttachIngestionFile(ctx, who, j.ID, IngestionFile{Name: "people", File: name, Rows: int64(len(lines))})
		w.must(err)
		return j
	}
	lines := append([]string{otherRow}, append(personRows(w.person), otherRow)...)
	j := attach(job(true), ".ndjson", lines)
	var rows []IngestionRow
	for i, raw := range lines {
		rows = append(rows, IngestionRow{Row: int64(i + 1), Errors: json.RawMessage(`[{"status":false,"code":8015,"message":"No customer of the organization has email zqmail@example.org"}]`), Warnings: json.RawMessage(`[]`), Raw: raw})
		if raw == otherRow {
			rows[i].Errors = json.RawMessage(`[{"status":false,"code":8005,"message":"none"}]`)
		}
	}
	w.must(s.RecordIngestion(ctx, j, rows, true))
	w.must(os.Remove(w.files[0]))
	w.failed = j.ID
	attach(job(false), ".ndjson", lines)
	attach(job(false), ".csv", []string{"rowNumber,code,message,line", "1,8005,\"zqcell\nof two lines\",\"{\"\"id\"\":" + fmt.Sprint(w.person) + "}\"", "2,8005,x,\"{\"\"id\"\":1003}\""})
	cancelled := attach(job(false), ".ndjson", lines)
	data, err := os.ReadFile(w.files[3])
	w.must(err)
	_, err = s.CancelIngestion(ctx, who, cancelled.ID)
	w.must(err)
	if _, err := os.Stat(w.files[3]); !os.IsNotExist(err) {
		t.Errorf("the file of a job that was cancelled: %v", err)
	}
	w.must(os.WriteFile(w.files[3], data, 0o600)) // as if a crash had come between
	return w
}

// traces looks for the person in everything on disk, and counts the bytes of the files that wait.
func (w *rowsWorld) traces() (found []string) {
	w.t.Helper()
	for _, path := range append([]string{w.s.Path(), w.s.Path() + "-wal"}, w.files...) {
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		w.must(err)
		for _, v := range []string{"zqmail", "zqname", "zqamount", "zqbyid", "zqcell", "zq-1", "7770000001", "77700) 00-001"} {
			if n := bytes.Count(bytes.ToLower(data), []byte(v)); n > 0 {
				found = append(found, fmt.Sprintf("%s: %s %d times", filepath.Base(path), v, n))
			}
		}
	}
	return found
}

// After an erasure no row of a file tells of the person: neither those that failed and are kept, nor those in files that wait.
// Rows of others are as they were, where they were.
func TestErasureReachesRowsOfFiles(t *testing.T) {
	oneByOne(t)
	w := newRowsWorld(t)
	ctx := context.Background()
	if found := w.traces(); len(found) < 15 {
		t.Fatalf("before the erasure there is only %q", found)
	}
	export, err := w.s.ExportCustomer(ctx, w.who, w.person)
	w.must(err)
	listed, _ := export.Data["ingestion"].([]ExportedRow)
	if want := 2*len(personRows(w.person)) + 1; len(listed) != want {
		t.Errorf("the export lists %d rows, want %d: %+v", len(listed), want, listed)
	}
	sizes := func() (all []int64) {
		for _, path := range w.files[1:3] {
			st, err := os.Stat(path)
			w.must(err)
			all = append(all, st.Size())
		}
		return all
	}
	before := sizes()
	_, err = w.s.EraseCustomer(ctx, w.who, w.person)
	w.must(err)
	if done, err := w.s.Rewrite(ctx); err != nil || !done {
		t.Fatal(done, err)
	}
	if found := w.traces(); len(found) > 0 {
		t.Errorf("there is still %q", found)
	}
	if after := sizes(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("sizes %v, then %v", before, after)
	}
	data, err := os.ReadFile(w.files[1])
	w.must(err)
	if bytes.Count(data, []byte(otherRow+"\n")) != 2 || bytes.Count(data, []byte("\n")) != len(personRows(0))+2 {
		t.Errorf("the file that waits is\n%s", data)
	}
	if data, err = os.ReadFile(w.files[2]); err != nil || !bytes.Contains(data, []byte(`"{""id"":1003}"`)) || !bytes.HasPrefix(data, []byte("rowNumber,code,message,line\n")) {
		t.Errorf("the other one is\n%s, %v", data, err)
	}
	rows, total, err := w.s.IngestionRows(ctx, w.who, w.failed, "error", 100, 0)
	w.must(err)
	empty := 0
	for _, r := range rows {
		switch {
		case r.Raw == "" && refusedAsErased(r.Errors):
			empty++
		case r.Raw != otherRow || !strings.Contains(string(r.Errors), "8005"):
			t.Errorf("row %d: %s %s", r.Row, r.Raw, r.Errors)
		}
	}
	if total != int64(len(personRows(0)))+2 || empty != len(personRows(0)) {
		t.Errorf("%d of %d rows are empty", empty, total)
	}
	if n := w.scrubs(); n != 0 {
		t.Errorf("%d erasures are not through", n)
	}
}

func (w *rowsWorld) scrubs() (n int64) {
	w.t.Helper()
	w.must(w.s.read(context.Background(), func(tx *Tx) error { return tx.QueryRow(`SELECT count(*) FROM erasure_scrubs`).Scan(&n) }))
	return n
}

// Rows that come after the erasure, since they were read before or are sent again, are not kept either.
func TestRowsOfErasedAreNotKept(t *testing.T) {
	w := newRowsWorld(t)
	ctx := context.Background()
	_, err := w.s.EraseCustomer(ctx, w.who, w.person)
	w.must(err)
	made, err := w.s.AddIngestionJob(ctx, w.who, IngestionAsk{Profile: "CUSTOMER_REGISTER", Format: "NDJSON", AutoStart: true, CSV: IngestionCSV{Delimiter: ","}})
	w.must(err)
	var rows []IngestionRow
	for i, raw := range append(personRows(w.person)[:4], otherRow, `{"profiles":[{"firstName":"Zqname"}],"id":1}`) {
		errs := `[{"status":false,"code":8005,"message":"of zqmail@example.org"}]`
		if i >= 4 {
			errs = `[{"status":false,"code":8005,"message":"none"}]`
		}
		if i == 5 {
			errs = `[{"status":false,"code":8109,"message":"The data of customer 1 was erased"}]`
		}
		rows = append(rows, IngestionRow{Row: int64(i + 1), Errors: json.RawMessage(errs), Warnings: json.RawMessage(`[]`), Raw: raw})
	}
	w.must(w.s.RecordIngestion(ctx, made.Job, rows, true))
	if _, err := w.s.Rewrite(ctx); err != nil {
		t.Fatal(err)
	}
	if found := w.traces(); len(found) > 0 {
		t.Errorf("there is %q", found)
	}
	kept, _, err := w.s.IngestionRows(ctx, w.who, made.Job.ID, "error", 10, 0)
	w.must(err)
	if kept[4].Raw != otherRow || !strings.Contains(string(kept[4].Errors), "8005") {
		t.Errorf("somebody else's row is %+v", kept[4])
	}
}

// An erasure that was cut off is finished by what is kept for that, which is gone then.
func TestErasureIsFinishedLater(t *testing.T) {
	w := newRowsWorld(t)
	ctx := context.Background()
	err := w.s.write(ctx, func(tx *Tx) error { // as EraseCustomer, without what comes after its transaction
		_, _, err := tx.eraseCustomer(w.who, w.person)
		return err
	})
	w.must(err)
	if n := w.scrubs(); n != 1 || len(w.traces()) == 0 {
		t.Fatalf("%d, %q", n, w.traces())
	}
	w.must(w.s.FinishErasures(ctx))
	if n := w.scrubs(); n != 0 {
		t.Errorf("%d erasures are not through", n)
	}
	rows, _, err := w.s.IngestionRows(ctx, w.who, w.failed, "error", 100, 0)
	w.must(err)
	var left []string
	for _, r := range rows {
		if r.Raw != "" {
			left = append(left, r.Raw)
		}
	}
	if fmt.Sprint(left) != fmt.Sprint([]string{otherRow, otherRow}) {
		t.Errorf("left are\n%s", strings.Join(left, "\n"))
	}
	if want := fault.CustomerErased.With("id", w.person).Text(); !strings.Contains(string(rows[2].Errors), want) {
		t.Errorf("%s", rows[2].Errors)
	}
	if done, err := w.s.Rewrite(ctx); err != nil || !done {
		t.Fatal(done, err)
	}
	if found := w.traces(); len(found) > 0 {
		t.Errorf("there is still %q", found)
	}
}

// An external id that is a key of rows, or a word that stands in rows of all, makes nobody else's rows those of its customer.
func TestErasureLeavesRowsOfStrangers(t *testing.T) {
	oneByOne(t)
	strangers := []string{
		`{"source":"INSTORE","profiles":[{"firstName":"Asha","firstname":"Asha","source":"website","identifiers":[{"type":"mobile","value":"9000000077"}]}]}`,
		`{"profiles":[{"firstName":"x","identifiers":[{"type":"externalId","value":"firstname-2"},{"type":"martjackId","value":"firstname"}]}],"source":"WEBSITE"}`,
		`{"profiles":[{"note":"the firstname of the profiles and their source"}]}`,
		`{"profiles":[{"firstname":"cut off","source":"INSTORE"`,
		`{firstname,source,profiles}`,
		`{"profiles":[{"note":"{\"firstname\":1,\"source\":2,\"profiles\":3}"}]}`,
	}
	const header, strangersCell = "firstname,source,profiles,mobile,id of theirs", "Asha,INSTORE,the profiles,9000000077,firstname-2"
	for _, id := range []string{"firstname", "source", "profiles", "WEBSITE"} {
		for _, later := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", id, later), func(t *testing.T) {
				s, who := openDemo(t)
				w := &rowsWorld{requestWorld: &requestWorld{t, s, who}}
				ctx := context.Background()
				person := w.registered("INSTORE", "externalId:"+id)
				theirs := []string{
					fmt.Sprintf(`{"profiles":[{"identifiers":[{"type":"external_id","value":" %s "}]}]}`, id),
					fmt.Sprintf(`{"identifierName":"externalId","identifierValue":"%s"}`, id),
				}
				if len(id) >= minMobileDigits {
					theirs = append(theirs, fmt.Sprintf(`{"profiles":[{"externalId":"%s"}]}`, id))
				}
				made, err := s.AddIngestionJob(ctx, who, IngestionAsk{Profile: "CUSTOMER_REGISTER", Format: "NDJSON", AutoStart: true, CSV: IngestionCSV{Delimiter: ","}})
				w.must(err)
				var rows []IngestionRow
				for i, raw := range append(theirs[:len(theirs):len(theirs)], strangers...) {
					rows = append(rows, IngestionRow{Row: int64(i + 1), Errors: json.RawMessage(`[{"status":false,"code":8005,"message":"none"}]`), Warnings: json.RawMessage(`[]`), Raw: raw})
				}
				w.must(s.RecordIngestion(ctx, made.Job, rows, true))
				waits, err := s.AddIngestionJob(ctx, who, IngestionAsk{Profile: "CUSTOMER_REGISTER", Format: "CSV", CSV: IngestionCSV{Delimiter: ",", HasHeader: true}})
				w.must(err)
				dir, err := s.UploadFolder()
				w.must(err)
				path := filepath.Join(dir, "waits.csv")
				cell := "Meera,INSTORE,,9000000078," + id
				w.must(os.WriteFile(path, []byte("\ufeff"+header+"\n"+strangersCell+"\n"+cell+"\n"), 0o600))
				_, err = s.AttachIngestionFile(ctx, who, waits.Job.ID, IngestionFile{Name: "people", File: "waits.csv", Header: strings.Split(header, ","), Rows: 2})
				w.must(err)

				export, err := s.ExportCustomer(ctx, who, person)
				w.must(err)
				var listed, want []string
				for _, r := range export.Data["ingestion"].([]ExportedRow) {
					listed = append(listed, r.Raw)
				}
				if want = append(theirs[:len(theirs):len(theirs)], cell); fmt.Sprint(listed) != fmt.Sprint(want) {
					t.Errorf("the export lists\n%s", strings.Join(listed, "\n"))
				}
				if later {
					w.must(s.write(ctx, func(tx *Tx) error {
						_, _, err := tx.eraseCustomer(who, person)
						return err
					}))
					w.must(s.FinishErasures(ctx))
				} else {
					_, err = s.EraseCustomer(ctx, who, person)
					w.must(err)
				}
				kept, _, err := s.IngestionRows(ctx, who, made.Job.ID, "error", 100, 0)
				w.must(err)
				var left []string
				for _, r := range kept {
					if r.Raw != "" {
						left = append(left, r.Raw)
					}
				}
				if fmt.Sprint(left) != fmt.Sprint(strangers) {
					t.Errorf("left are\n%s", strings.Join(left, "\n"))
				}
				data, err := os.ReadFile(path)
				w.must(err)
				if string(data) != "\ufeff"+header+"\n"+strangersCell+"\nx\""+strings.Repeat("x", len(cell)-2)+"\n" {
					t.Errorf("the file that waits is\n%s", data)
				}
			})
		}
	}
}

// Mobiles and e-mail addresses are found within text as words of their own, in values only.
func TestPersonIsFoundInRows(t *testing.T) {
	s, who := openDemo(t)
	var p *sought
	err := s.read(context.Background(), func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		c := &Customer{ID: 7}
		c.Profiles = []Profile{{Identifiers: nil}}
		q := &c.Profiles[0]
		for _, id := range ids("mobile:919845000001 email:zqmail@example.org externalId:EXTERNAL-1 cuid:1234567") {
			q.Identifiers = append(q.Identifiers, StoredIdentifier{Identifier: id})
		}
		p = soughtPeople(o, personOf(c, []int64{7}))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]bool{
		`{"a":"+91 98450 00001"}`:                           true,
		`{"a":"98450-00001"}`:                               true,
		`{"a":9845000001}`:                                  true,
		`{"a":"call 9845000001, or +919845000001."}`:        true,
		`{"a":"Ph.No.09845000001"}`:                         true,
		`{"a":"00919845000001 at night"}`:                   true,
		`{"a":"0 98450 00001"}`:                             true,
		`{"a":"00 91 98450-00001"}`:                         true,
		`{"a":"0 98450 00002"}`:                             false,
		`{"a":"19845000001"}`:                               false,
		`{"a":"98450000012"}`:                               false,
		`{"a":"x9845000001"}`:                               false,
		`{"a":"9845000001.25"}`:                             false,
		`{"9845000001":"a","zqmail@example.org":1}`:         false,
		`{"a":"<ZQMAIL@example.org>. Bye"}`:                 true,
		`{"a":"write zqmail@example.org."}`:                 true,
		`{"a":"zqmail\u0040example.org"}`:                   true,
		`{"a":"my.zqmail@example.org"}`:                     false,
		`{"a":"my-zqmail@example.org"}`:                     false,
		`{"a":"myzqmail@example.org"}`:                      false,
		`{"a":"zqmail@example.org.in"}`:                     false,
		`{"a":"zqmail@example.organic"}`:                    false,
		`{"a":"zqmail@example.organic zqmail@example.org"}`: true,
		`{"a":" EXTERNAL-1 "}`:                              true,
		`{"a":"external-1"}`:                                false,
		`{"a":"of EXTERNAL-1"}`:                             false,
		`{"EXTERNAL-1":{"1234567":true}}`:                   false,
		`{"a":[[1234567]]}`:                                 true,
		`{"a":12345678}`:                                    false,
		`{"type":"EXTERNAL-1","value":"x"}`:                 false,
		`{"userId":1234567}`:                                false,
		`{"userId":7}`:                                      true,
		`{"a":"zqmail@example.org","a":"b"}`:                true,
		`{"zqmail@example.org":"b","zqmail@example.org":{"zqmail@example.org":["c"]}}`: false,
		`{"a":"call\n9845000001`:         true,
		`{"a":"+91 98450 00001`:          true,
		`{"a":"\u003czqmail@example.org`: true,
		`{"a":"xzqmail@example.org`:      false,
		`{"a":"EXTERNAL-1","b`:           false,
		`{EXTERNAL-1}`:                   false,
		`x,EXTERNAL-1,y`:                 true,
		`x,of EXTERNAL-1,y`:              false,
		`x,+91 98450 00001,y`:            true,
		`x,my.zqmail@example.org,y`:      false,
	} {
		if got := p.in(raw, &IngestionJob{IngestionAsk: IngestionAsk{Profile: "CUSTOMER_UPDATE", Format: "NDJSON", CSV: IngestionCSV{Delimiter: ","}}}); got != want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}

// Rows that issue coupons name the customer by id as well.
func TestErasureReachesRowsOfCoupons(t *testing.T) {
	oneByOne(t)
	s, who := openDemo(t)
	w := &requestWorld{t, s, who}
	ctx := context.Background()
	person := w.registered("INSTORE", "email:zqmail@example.org")
	raw := func(id int64) string { return fmt.Sprintf(`{"seriesId":99,"customer":{"id":%d}}`, id) }
	for _, ask := range []IngestionAsk{{Profile: "COUPON_ISSUE", Format: "NDJSON"}, {Profile: "COUPON_ISSUE", Format: "CSV", CSV: IngestionCSV{Delimiter: ",", Columns: map[string]int{"customer.id": 0}}}} {
		made, err := s.AddIngestionJob(ctx, who, ask)
		w.must(err)
		rows := []IngestionRow{}
		for i, id := range []int64{person, 1003} {
			row := IngestionRow{Row: int64(i + 1), Errors: json.RawMessage(`[{"status":false,"code":707,"message":"There is no coupon series 99"}]`), Warnings: json.RawMessage(`[]`), Raw: raw(id)}
			if ask.Format == "CSV" {
				row.Raw = fmt.Sprint(id)
			}
			rows = append(rows, row)
		}
		w.must(s.RecordIngestion(ctx, made.Job, rows, true))
	}
	_, err := s.EraseCustomer(ctx, who, person)
	w.must(err)
	w.must(s.read(ctx, func(tx *Tx) error {
		var kept string
		err := tx.QueryRow(`SELECT group_concat(raw, ' ') FROM (SELECT raw FROM ingestion_rows WHERE org = 1 AND raw <> '' ORDER BY job, row)`).Scan(&kept)
		if strings.Contains(kept, fmt.Sprint(person)) || !strings.Contains(kept, raw(1003)) || !strings.HasSuffix(kept, " 1003") {
			t.Errorf("of the rows there is %q", kept)
		}
		return err
	}))
}

// Whoever looks through a file holds no snapshot of the database meanwhile: the log could not begin anew for as long as that takes.
func TestFilesAreLookedThroughBesideTheDatabase(t *testing.T) {
	w := newRowsWorld(t)
	ctx := context.Background()
	var lines []string
	for range 40 * scrubStep {
		lines = append(lines, otherRow)
	}
	lines[5], lines[9*scrubStep] = personRows(w.person)[0], personRows(w.person)[1]
	w.must(os.WriteFile(w.files[1], []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	j, err := w.s.IngestionJob(ctx, w.who, w.failed+1)
	w.must(err)
	var p *sought
	w.must(w.s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(w.who.Org)
		if err != nil {
			return err
		}
		c, err := tx.customer(o, w.who.Org, w.person)
		p = soughtPeople(o, personOf(c, []int64{w.person}))
		return err
	}))
	var readers []*conn
	for range cap(w.s.readers) {
		c, err := w.s.reader(ctx)
		w.must(err)
		readers = append(readers, c)
	}
	defer func() {
		for _, c := range readers {
			w.s.readers <- c
		}
	}()
	soon, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	w.must(w.s.scrubFile(soon, &j, p)) // with nobody to read
	data, err := os.ReadFile(w.files[1])
	w.must(err)
	left := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(left) != len(lines) || bytes.Count(data, []byte(otherRow)) != len(lines)-2 || strings.TrimRight(left[5], " }") != "{" || len(left[5]) != len(lines[5]) {
		t.Errorf("%d lines, %q", len(left), left[5])
	}
}

// An erasure that takes long is answered before it has looked through all files: until that is done, no job of the org goes on, and
// one look finds all who were erased meanwhile, each by their own id.
func TestALongErasureIsAnsweredBefore(t *testing.T) {
	oneByOne(t)
	w := newRowsWorld(t)
	ctx := context.Background()
	second := w.registered("INSTORE", "email:second@example.org")
	made, err := w.s.AddIngestionJob(ctx, w.who, IngestionAsk{Profile: "CUSTOMER_UPDATE", Format: "NDJSON", AutoStart: true, CSV: IngestionCSV{Delimiter: ","}})
	w.must(err)
	dir, err := w.s.UploadFolder()
	w.must(err)
	path := filepath.Join(dir, "second.ndjson")
	text := `{"id":1003,"profiles":[{"note":"second@example.org"}]}` + "\n"
	w.must(os.WriteFile(path, []byte(text), 0o600))
	j, err := w.s.AttachIngestionFile(ctx, w.who, made.Job.ID, IngestionFile{Name: "second", File: "second.ndjson", Rows: 1})
	w.must(err)
	w.must(w.s.RecordIngestion(ctx, j, []IngestionRow{{Row: 1, Errors: json.RawMessage(`[{"code":8005}]`), Warnings: json.RawMessage(`[]`), Raw: text}}, false))
	work := func() []IngestionJob {
		t.Helper()
		jobs, err := w.s.IngestionWork(ctx)
		w.must(err)
		return jobs
	}
	before := work()
	if len(before) != 1 || before[0].ID != made.Job.ID {
		t.Fatalf("%+v", before)
	}
	begin := func(j IngestionJob) error {
		_, _, err := w.s.BeginIngestion(ctx, j.Org, j.ID, j.Erasures)
		return err
	}
	w.must(begin(before[0]))
	w.s.erasePatience = 0
	for n, id := range []int64{w.person, second} {
		_, err := w.s.EraseCustomer(ctx, w.who, id)
		w.must(err)
		if left := w.scrubs(); left != int64(n+1) || len(work()) != 0 || !errors.Is(begin(before[0]), ErrErased) {
			t.Errorf("%d erasures are left, jobs %v, %v", left, work(), begin(before[0]))
		}
	}
	select {
	case <-w.s.Erasures():
	default:
		t.Error("nobody was told")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != text {
		t.Errorf("the file was looked through: %s %v", data, err)
	}
	w.must(w.s.FinishErasures(ctx))
	if left := w.scrubs(); left != 0 {
		t.Errorf("%d erasures are left", left)
	}
	if data, err := os.ReadFile(path); err != nil || strings.Trim(string(data), " \n") != "{"+strings.Repeat(" ", len(text)-3)+"}" {
		t.Errorf("the file is %q %v", data, err)
	}
	for job, id := range map[int64]int64{w.failed: w.person, made.Job.ID: second} {
		rows, _, err := w.s.IngestionRows(ctx, w.who, job, "error", 2, 0)
		w.must(err)
		if want := fault.CustomerErased.With("id", id).Text(); !strings.Contains(string(rows[len(rows)-1].Errors), want) {
			t.Errorf("job %d: %s, want %s", job, rows[len(rows)-1].Errors, want)
		}
	}
	if !errors.Is(begin(before[0]), ErrErased) {
		t.Error("rows that were read before the erasures are done")
	}
	if after := work(); len(after) != 1 || begin(after[0]) != nil {
		t.Errorf("the job does not go on: %+v", after)
	}
	if done, err := w.s.Rewrite(ctx); err != nil || !done {
		t.Fatal(done, err)
	}
	if found := w.traces(); len(found) > 0 {
		t.Errorf("there is still %q", found)
	}
}

// Whose files take long keeps no other organization from being done with its own.
func TestErasuresOfOrganizationsDoNotWait(t *testing.T) {
	w := newRowsWorld(t)
	ctx := context.Background()
	other, err := w.s.AddOrg(ctx, "other", map[string]string{"country-code": "91", "national-length": "10", "time-zone": "Asia/Kolkata"})
	w.must(err)
	w.must(w.s.EnableSources(ctx, "other", []string{"INSTORE"}))
	out, err := w.s.RegisterCustomer(ctx, Who{Org: other.ID}, "INSTORE", "", ProfileInput{Identifiers: []Identifier{{"email", "a@example.org"}}}, CustomerInput{})
	w.must(err)
	w.s.erasePatience = 0
	for _, e := range []struct{ org, customer int64 }{{1, w.person}, {other.ID, out.ID}} {
		_, err := w.s.EraseCustomer(ctx, Who{Org: e.org, Till: 1}, e.customer)
		w.must(err)
	}
	left := func() map[int64][]person {
		t.Helper()
		left, err := w.s.unfinishedErasures(ctx)
		w.must(err)
		return left
	}
	w.s.scrubbing.Store(int64(1), true) // as when another run is about its files
	w.must(w.s.FinishErasures(ctx))
	if l := left(); len(l) != 1 || len(l[1]) != 1 {
		t.Errorf("%v", l)
	}
	w.s.scrubbing.Delete(int64(1))
	w.must(w.s.FinishErasures(ctx))
	if l := left(); len(l) != 0 {
		t.Errorf("%v", l)
	}
}
