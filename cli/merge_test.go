package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// withDemo is a database with the demo organization, and a function that runs a command on it and compares what it says.
func withDemo(t *testing.T) (s *db.Store, run func(code int, said string, args ...string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo.db")
	s, err := db.Open(context.Background(), path, db.Options{NoSync: true})
	if err == nil {
		_, err = s.EnsureDemo(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, func(code int, said string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		a := &app{stdout: &out, stderr: &out}
		got := a.run(context.Background(), append([]string{"--db", path}, args...))
		if got != code || !regexp.MustCompile(`^`+said+`$`).MatchString(out.String()) {
			t.Errorf("%q: %d\n%s\nwant %d\n%s", args, got, out.String(), code, said)
		}
	}
}

func TestMergeCommands(t *testing.T) {
	s, run := withDemo(t)
	run(0, "no merges\n", "merge", "list", "--org", "demo")
	who := db.Who{Org: 1, Till: 2}
	if _, err := s.ChangeIdentifiers(context.Background(), who, 1002, "ECOMMERCE", "", db.IdentifierChange{Add: []db.Identifier{{Type: "mobile", Value: "919845000001"}}}); err != nil {
		t.Fatal(err)
	}
	const at = `20[0-9-]+T[0-9:]+Z`
	run(0, "ID  CUSTOMER  INTO  ON +BY +UNDO\n2   1002      1001  "+at+"  store.till1  until "+at+"\n", "merge", "list", "--org", "demo")
	run(0, "undid merge 2 of demo: 1002 and 1001 are two customers again\n", "merge", "undo", "--org", "demo", "2")
	run(0, "ID  CUSTOMER  INTO  ON +BY +UNDO\n2   1002      1001  "+at+"  store.till1  undone "+at+"\n", "merge", "list", "--org", "demo", "--customer", "1001")
	run(0, "ID  CUSTOMER  INTO  ON +BY +UNDO\n1   1006      1003  "+at+"  store.server  too old\n", "merge", "list", "--org", "demo", "--customer", "1006")
	run(1, "arteriole: Merge 2 was undone before\n", "merge", "undo", "--org", "demo", "2")
	run(1, "arteriole: Merge 1 can no longer be undone\n", "merge", "undo", "--org", "demo", "1")
	run(1, "arteriole: The organization has no merge 9: see `arteriole merge list`\n", "merge", "undo", "--org", "demo", "9")
	run(2, "arteriole: \"two\" is not a merge id: see `arteriole merge list`\n", "merge", "undo", "--org", "demo", "two")
	run(1, "arteriole: there is no org \"none\".*\n", "merge", "list", "--org", "none")
}

func TestMergeRequestCommands(t *testing.T) {
	s, run := withDemo(t)
	ctx := context.Background()
	run(0, "no requests\n", "merge", "requests", "--org", "demo")
	if err := s.SetOrg(ctx, "demo", "merge-mode", "approve"); err != nil {
		t.Fatal(err)
	}
	who := db.Who{Org: 1, Till: 2}
	if _, err := s.ChangeIdentifiers(ctx, who, 1002, "ECOMMERCE", "", db.IdentifierChange{Add: []db.Identifier{{Type: "mobile", Value: "919845000001"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestMerges(ctx, who, []db.MergeAsk{{Victim: 1005, Survivor: 1003, Comments: "the same \x1b person"}}, false); err != nil {
		t.Fatal(err)
	}
	const at = `20[0-9-]+T[0-9:]+Z`
	const head = `ID  CUSTOMER  INTO  STATUS +ASKED +BY +FOR +COMMENTS *\n`
	first := `1   1002      1001  %s +` + at + `  store.till1  \+mobile 919845000001 *\n`
	second := `2   1005      1003  %s +` + at + `  store.till1  the merge +the same \\x1b person\n`
	run(0, head+fmt.Sprintf(second, "PENDING")+fmt.Sprintf(first, "PENDING"), "merge", "requests", "--org", "demo")
	run(0, "request 2 of demo: customers 1005 and 1003 remain separate\n", "merge", "reject", "--org", "demo", "2")
	run(1, "arteriole: Request 2 is REJECTED, which does not allow this\n", "merge", "approve", "--org", "demo", "2")
	run(0, head+fmt.Sprintf(first, "PENDING"), "merge", "requests", "--org", "demo")
	run(0, "request 2 of demo: the merge of 1005 into 1003 waits for approval\n", "merge", "reopen", "--org", "demo", "2")
	run(0, "request 1 of demo: merged customer 1002 into 1001, as merge 2\n", "merge", "approve", "--org", "demo", "--comments", "seen", "1")
	run(0, head+fmt.Sprintf(strings.Replace(first, ` *\n`, ` +seen\n`, 1), "APPROVED"), "merge", "requests", "--org", "demo", "--status", "all", "--customer", "1001")
	run(0, "undid merge 2 of demo: 1002 and 1001 are two customers again\n", "merge", "undo", "--org", "demo", "2")
	run(1, "arteriole: The organization has no request 9: see `arteriole merge requests`\n", "merge", "approve", "--org", "demo", "9")
	run(2, "arteriole: \"two\" is not a request id: see `arteriole merge requests`\n", "merge", "approve", "--org", "demo", "two")
	run(2, "arteriole: --status must be pending, approved, rejected or all\n", "merge", "requests", "--org", "demo", "--status", "open")
	run(1, "arteriole: there is no org \"none\".*\n", "merge", "requests", "--org", "none")
}

func TestAuditCommand(t *testing.T) {
	s, run := withDemo(t)
	name := "Ravi\x1bndra"
	who := db.Who{Org: 1, Till: 2, RequestID: "R-1"}
	if _, err := s.UpdateCustomer(context.Background(), who, 1002, "ECOMMERCE", "", &db.ProfileInput{FirstName: &name, Fields: map[string]string{"a\x1bb": "1"}}, db.CustomerInput{}); err != nil {
		t.Fatal(err)
	}
	const at = `20[0-9-]+T[0-9:]+Z`
	run(0, at+`  customer.update  by store.till1  request R-1
  profiles/ECOMMERCE/fields/a\\x1bb: - → "1"
  profiles/ECOMMERCE/firstName: "Ravi" → "Ravi\\u001bndra"
and 1 older ones: continue with --offset 1
`, "audit", "--org", "demo", "--customer", "1002", "--limit", "1")
	run(0, `Customer 1006 was merged into 1003
2026-01-05T04:30:00Z  customer.merged  by store.server  request DEMO
  mergedInto: - → 1003
(  profiles/FACEBOOK.*
)+`+`2026-01-05T04:30:00Z  customer.register  by store.server  request DEMO
(  .*
)+`, "audit", "--org", "demo", "--customer", "1006")
	run(1, "arteriole: No customer of the organization has id 9999: find the id with Fetch Customer ID of the API, by mobile number or e-mail address\n", "audit", "--org", "demo", "--customer", "9999")
	run(2, "arteriole: --customer and --limit must be 1 or more, --offset 0 or more\n", "audit", "--org", "demo", "--customer", "0")

	run(0, "(.*\n)+", "webhook", "add", "--org", "demo", "https://shop.example/hook?token=zqtoken", "customer.merged")
	run(0, at+"  webhook.add  webhook 1  by a command\n  events: - → \\[\"customer.merged\"\\]\n", "audit", "--org", "demo", "--of", "webhooks")
	run(0, "(.*\n)+", "till", "disable", "--org", "demo", "store.till1")
	run(0, at+`  till.disable  till \d+  by a command
  code: - → "store.till1"
and \d+ older ones: continue with --offset 1
`, "audit", "--org", "demo", "--of", "tills", "--limit", "1")
	run(0, "(.*\n)*", "org", "set", "demo", "bill-number-days", "30")
	run(0, at+`  org.set  org 1  by a command
  bill-number-days: (.*)"30"
and \d+ older ones: continue with --offset 1
`, "audit", "--org", "demo", "--of", "settings", "--limit", "1")
	run(2, "arteriole: --of is \"cats\": it must be coupons, events, jobs, points, programs, settings, signing, tills, transactions or webhooks\n", "audit", "--org", "demo", "--of", "cats")
	run(1, "arteriole: there is no org \"none\".*\n", "audit", "--org", "none", "--of", "tills")
	run(2, "arteriole: give --customer or --of\n", "audit", "--org", "demo")
	run(2, "arteriole: give --customer or --of\n", "audit", "--org", "demo", "--of", "tills", "--customer", "1001")
}

func TestExportAndErase(t *testing.T) {
	s, run := withDemo(t)
	run(0, `(?s)\{
  "id": 1003,
  "ids": \[
    1003,
    1006
  \],.*"Meera".*noor\.khan@example\.org.*\}
`, "customer", "export", "--org", "demo", "1003")
	run(2, "arteriole: erasing customer 1003 cannot be undone: confirm with --sure\n", "customer", "erase", "--org", "demo", "1003")
	run(0, "erased the data of customer 1003 of demo, including 1006, merged into them\nrewrote the database\n", "customer", "erase", "--org", "demo", "--sure", "1003")
	file, err := os.ReadFile(s.Path())
	if err != nil || bytes.Contains(file, []byte("noor.khan")) || bytes.Contains(file, []byte("Meera")) {
		t.Errorf("the file still has them; %v", err)
	}
	run(1, "arteriole: The data of customer 1006 was erased\n", "customer", "export", "--org", "demo", "1006")
	run(1, "arteriole: The data of customer 1003 was erased\n", "customer", "erase", "--org", "demo", "--sure", "1003")
	run(0, "rewrote the database\n", "rewrite")
	run(1, "arteriole: No customer of the organization has id 77: find the id with Fetch Customer ID .*\n", "customer", "export", "--org", "demo", "77")
	run(2, `arteriole: "x" is not a customer id`+"\n", "customer", "export", "--org", "demo", "x")
}
