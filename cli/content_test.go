package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// What one database exports another imports, by commands alone, and exports again as the same bytes.
func TestExportAndImport(t *testing.T) {
	dir := t.TempDir()
	demo, run := withDemo(t)
	who := db.Who{Org: 1, Till: 1}
	for _, code := range []string{"CARD-1", "CARD-2"} { // one waits, one is issued
		if _, err := demo.AddCouponCode(t.Context(), who, 2, code); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := demo.IssueCoupons(t.Context(), who, 2, db.CouponCustomer{ID: 1001}, 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.SetEventMapping(t.Context(), who, "webEngageTransformer", &db.EventMapping{Events: map[string]string{"Tasted": "TeaTasting"}}); err != nil {
		t.Fatal(err)
	}
	first, second := filepath.Join(dir, "first.ndjson.gz"), filepath.Join(dir, "second.ndjson.gz")
	run(0, "exported [0-9]+ rows of demo to .+\n", "export", "--org", "demo", first)
	run(1, "arteriole: .+ already exists: give a new file\n", "export", "--org", "demo", first)
	run(1, "arteriole: there is no org \"none\".*\n", "export", "--org", "none", filepath.Join(dir, "none"))
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("an export that failed has left a file")
	}
	if st, err := os.Stat(first); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	path := filepath.Join(dir, "copy.db")
	s, err := db.Open(context.Background(), path, db.Options{NoSync: true})
	if err == nil {
		_, err = s.AddOrg(context.Background(), "Tea House", nil)
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := (&app{stdout: &out, stderr: &out}).run(context.Background(), append([]string{"--db", path}, args...)); got != want {
			t.Errorf("%q: %d\n%s", args, got, out.String())
		}
		return out.String()
	}
	said(0, "import", "--org", "Tea House", first)
	said(1, "import", "--org", "Tea House", first)
	said(0, "export", "--org", "Tea House", second)
	said(0, "org", "add", "Twin")
	if got := said(1, "import", "--org", "Twin", first); !strings.Contains(got, "till store.server belongs to another organization on this server: import into another database; nothing was imported") {
		t.Error(got)
	}
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(second)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("%d bytes came back as %d, %v", len(a), len(b), err)
	}
	said(0, "check")
	if list := said(0, "till", "list", "--org", "Tea House"); !strings.Contains(list, "store.server") || strings.Contains(list, "disabled") {
		t.Errorf("the imported tills:\n%s", list)
	}
	imported(t, path)
}

// A till of an import can be used once it has a password.
func imported(t *testing.T, path string) {
	t.Helper()
	s, err := db.Open(context.Background(), path, db.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SetTillPassword(context.Background(), "Tea House", "store.server", db.HashPassword(strings.Repeat("0", 32))); err != nil {
		t.Error(err)
	}
	till, err := s.TillByCode(context.Background(), "store.server")
	if err != nil || till.Disabled || !db.CheckPassword(till.Password, strings.Repeat("0", 32)) {
		t.Errorf("%+v, %v", till, err)
	}
}

// onDemo runs command lines on a database with the demo organization, expects an exit code, and gives what was printed.
func onDemo(t *testing.T) (path string, said func(want int, args ...string) string) {
	path = filepath.Join(t.TempDir(), "demo.db")
	s, err := db.Open(context.Background(), path, db.Options{NoSync: true})
	if err == nil {
		_, err = s.EnsureDemo(context.Background())
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return path, func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := (&app{stdout: &out, stderr: &out}).run(context.Background(), append([]string{"--db", path}, args...)); got != want {
			t.Errorf("%q: %d\n%s", args, got, out.String())
		}
		return out.String()
	}
}

// The failed rows of a dry run stay when the next run cannot begin, and are not replaced while they are what it reads.
func TestFailedRowsAreNotLost(t *testing.T) {
	path, said := onDemo(t)
	dir := filepath.Dir(path)
	rows, failed := filepath.Join(dir, "rows.ndjson"), filepath.Join(dir, "failed.csv")
	write := func(text string) {
		if err := os.WriteFile(rows, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(file string, flags ...string) string {
		t.Helper()
		return said(1, slices.Concat([]string{"import", "--profile", "customer_register", "--till", "store.till1", "--source", "INSTORE", file}, flags)...)
	}
	write(strings.Repeat("{\"profiles\":[{\"identifiers\":[{\"type\":\"email\",\"value\":\"no\"}]}]}\n", 3))
	run(rows, "--dry-run", "--failed", failed)
	had, err := os.ReadFile(failed)
	if err != nil || bytes.Count(had, []byte("\n")) != 4 {
		t.Fatalf("%s, %v", had, err)
	}
	write("")
	run(rows, "--failed", failed)
	if b, err := os.ReadFile(failed); err != nil || !bytes.Equal(b, had) {
		t.Errorf("after a run that could not begin: %s, %v", b, err)
	}
	again := filepath.Join(dir, "again.csv")
	run(failed, "--dry-run", "--failed", again)
	if b, err := os.ReadFile(again); err != nil || !bytes.Equal(b, had) {
		t.Errorf("the same rows fail with %s, %v", b, err)
	}
	if got := run(failed, "--failed", failed); !strings.Contains(got, failed+" already exists: give a new file") {
		t.Error(got)
	}
	if got := run(failed, "--failed", again); !strings.Contains(got, "3 rows failed: saved to "+again) {
		t.Error(got)
	}
}

// A file of rows is worked through at once; what failed comes back as a file that can be corrected and imported.
func TestImportRows(t *testing.T) {
	path, said := onDemo(t)
	dir := filepath.Dir(path)
	rows, failed := filepath.Join(dir, "rows.ndjson"), filepath.Join(dir, "failed.csv")
	if err := os.WriteFile(rows, []byte(registration(1)+"\n{\"profiles\":[{\"identifiers\":[{\"type\":\"email\",\"value\":\"no\"}]}]}\n"+registration(2)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := []string{"import", "--profile", "customer_register", "--till", "store.till1", "--source", "INSTORE", rows}
	if got := said(1, append(ask, "--dry-run")...); !strings.Contains(got, "dry run: processed 3 rows") || !strings.Contains(got, "2 succeeded") || !strings.Contains(got, "  the first, row 2: error 8005, No valid identifier is left") || !strings.Contains(got, "1 row failed: add --failed FILE to save failed rows for correction, or") {
		t.Error(got)
	}
	// The file of a dry run is replaced by the next run of the same rows, unless it was changed.
	try := func(want string, flags ...string) {
		t.Helper()
		if got := said(1, slices.Concat(ask, []string{"--failed", failed}, flags)...); !strings.Contains(got, want) {
			t.Error(got)
		}
	}
	for range 2 {
		try("1 row failed: saved to "+failed+" with the error of each, and replaced by the next run", "--dry-run")
	}
	if b, err := os.ReadFile(failed); err != nil || os.WriteFile(failed, append(b, '\n'), 0o600) != nil {
		t.Fatal(err)
	}
	try(failed + " already exists: give a new file")
	try(failed+" already exists: give a new file", "--dry-run")
	if b, err := os.ReadFile(failed); err != nil || os.WriteFile(failed, b[:len(b)-1], 0o600) != nil {
		t.Fatal(err)
	}
	if got := said(1, append(ask, "--failed", failed)...); !strings.Contains(got, "processed 3 rows of "+rows+" as job 6: 2 succeeded, 1 failed") || !strings.Contains(got, "1 row failed: saved to "+failed) {
		t.Error(got)
	}
	try(failed + " already exists: give a new file")
	try(failed+" already exists: give a new file", "--dry-run")
	if b, err := os.ReadFile(failed); err != nil || !strings.Contains(string(b), `""no""`) || strings.Count(string(b), "\n") != 2 {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := os.ReadFile(failed); err == nil {
		corrected := filepath.Join(dir, "corrected.csv")
		if err := os.WriteFile(corrected, bytes.ReplaceAll(b, []byte(`""no""`), []byte(`""yes@example.org""`)), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := said(0, append(ask[:len(ask)-1:len(ask)-1], corrected)...); !strings.Contains(got, "processed 1 row ") || !strings.Contains(got, "1 succeeded, 0 failed") {
			t.Error(got)
		}
	}
	for want, args := range map[string][]string{
		"give --org for an export, or --profile":            {"import", rows},
		"--profile and --till must be given together":       {"import", "--profile", "TRANSACTION", rows},
		"--profile is \"NONE\": it must be COUPON_CODE,":    {"import", "--profile", "none", "--till", "store.till1", rows},
		"--source is \"MARS\": it must be INSTORE,":         {"import", "--profile", "TRANSACTION", "--till", "store.till1", "--source", "MARS", rows},
		"--dry-run is only for a file of rows":              {"import", "--org", "demo", "--dry-run", rows},
		"--skip-downstream is only for a file of rows":      {"import", "--org", "demo", "--skip-downstream", rows},
		"--source is only for a file of rows":               {"import", "--org", "demo", "--source", "INSTORE", rows},
		"--account is only for a file of rows":              {"import", "--org", "demo", "--account", "x", rows},
		"--failed is only for a file of rows":               {"import", "--org", "demo", "--failed", filepath.Join(dir, "none"), rows},
		"there is no till nobody: see `arteriole till list": {"import", "--profile", "TRANSACTION", "--till", "nobody", rows},
		"no such file":               {"import", "--org", "demo", filepath.Join(dir, "absent")},
		"demo already has customers": {"import", "--org", "demo", rows},
	} {
		code := 1
		if strings.HasPrefix(want, "give") || strings.HasPrefix(want, "--") {
			code = 2
		}
		if got := said(code, args...); !strings.Contains(got, want) {
			t.Errorf("%q: %s", args, got)
		}
	}
	// A file that cannot take the failed rows is refused before a row is done, and none stays that has nothing to say.
	more := filepath.Join(dir, "more.ndjson")
	if err := os.WriteFile(more, []byte(registration(3)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask[len(ask)-1] = more
	if got := said(1, append(ask, "--failed", failed)...); !strings.Contains(got, failed+" already exists: give a new file") {
		t.Error(got)
	}
	if b, err := os.ReadFile(failed); err != nil || len(b) == 0 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	said(0, "webhook", "add", "--org", "demo", "https://shop.example/hook", "customer.registered", "job.finished")
	nothing := filepath.Join(dir, "nothing.csv")
	if got := said(0, append(ask, "--failed", nothing)...); !strings.Contains(got, "1 succeeded, 0 failed") { // it was not done before
		t.Error(got)
	}
	if _, err := os.Stat(nothing); err == nil {
		t.Error("a file of failed rows stays without rows")
	}
	if got := said(0, "webhook", "deliveries", "--org", "demo", "1"); !regexp.MustCompile(`job.finished +-  `).MatchString(got) || !regexp.MustCompile(`customer.registered +1[0-9]+  `).MatchString(got) {
		t.Error(got)
	}
	serving, err := db.Open(context.Background(), path, db.Options{Serve: true, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer serving.Close()
	if got := said(1, ask...); !strings.Contains(got, "server") {
		t.Errorf("beside a server: %s", got)
	}
}
