package cli

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/arteriole/arteriole/db"
)

// Bills whose points could not be given are listed, told by check, and get them by a command; what was given back meanwhile, not.
func TestLoyaltyCommands(t *testing.T) {
	s, run := withDemo(t)
	ctx := context.Background()
	who := db.Who{Org: 1, Till: 2, RequestID: "R-1"}
	named := func(b db.Bill) db.Bill {
		b.Source, b.IdentifierName, b.IdentifierText = "ECOMMERCE", "id", "1002"
		return b
	}
	add := func(b db.Bill, later bool) int64 {
		t.Helper()
		out, err := s.AddTransaction(ctx, who, named(b), later)
		if err != nil {
			t.Fatal(err)
		}
		return out.ID
	}
	balance := func(want int64) {
		t.Helper()
		p, err := s.PointsOf(ctx, who, db.CustomerRef{ID: 1002})
		if err != nil || p.Balance != want*1000 {
			t.Errorf("%s points, %v; want %d", db.Decimal(p.Balance), err, want)
		}
	}
	// change is something other than the program that writes to the file.
	change := func(text string) {
		t.Helper()
		file, err := sql.Open("sqlite", s.Path())
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	works := func(times int) {
		t.Helper()
		for range times {
			if n, err := s.WorkLoyalty(ctx); n != 0 || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	run(0, "no bills\n", "loyalty", "list", "--org", "demo")
	run(0, "no bills\n", "loyalty", "retry", "--org", "demo", "--all")
	change(`CREATE TRIGGER in_the_way BEFORE INSERT ON points_batches BEGIN SELECT RAISE(ABORT, 'in the way'); END`)
	first := add(db.Bill{Type: "REGULAR", Number: "L-1", Amount: 1_000_000}, true)
	second := add(db.Bill{Type: "REGULAR", Number: "L-2", Amount: 500_000}, true)
	works(2)
	const at = `20[0-9-]+T[0-9:]+Z`
	const head = `ID +NUMBER  CUSTOMER  SINCE +TRIES  STATE\n`
	line := func(id int64, number string, tries int, state string) string {
		return fmt.Sprintf(`%d +%s +1002 +%s  %d +%s\n`, id, number, at, tries, state)
	}
	run(0, head+line(first, "L-1", 2, "waiting")+line(second, "L-2", 2, "waiting"), "loyalty", "list", "--org", "demo")
	run(0, "no bills\n", "loyalty", "list", "--org", "demo", "--failed")
	works(9)
	run(0, head+line(first, "L-1", 10, "failed: an error")+line(second, "L-2", 10, "failed: an error"), "loyalty", "list", "--org", "demo", "--failed")
	run(1, fmt.Sprintf("(?s).*problem: org 1: transaction %d has no points, since they could not be given: an error; `arteriole loyalty retry --org NAME %d` tries again\n.*Where a line names a command, run it.*", first, first), "check")
	run(1, "arteriole: .*in the way.*\n", "loyalty", "retry", "--org", "demo", fmt.Sprint(first))
	run(1, fmt.Sprintf("transaction %d: .*in the way.*\ntransaction %d: .*in the way.*\narteriole: 2 of 2 bills did not get their points\n", first, second), "loyalty", "retry", "--org", "demo", "--all")
	run(0, head+line(first, "L-1", 12, "failed: an error")+line(second, "L-2", 11, "failed: an error"), "loyalty", "list", "--org", "demo")
	add(db.Bill{Type: "RETURN", ReturnType: "AMOUNT", Number: "L-1", Amount: 300_000}, false)
	balance(0)
	change(`DROP TRIGGER in_the_way`)
	works(1) // the server tries them no more
	run(0, fmt.Sprintf("transaction %d of demo earned 70 points\n", first), "loyalty", "retry", "--org", "demo", fmt.Sprint(first))
	balance(70)
	run(1, fmt.Sprintf("arteriole: transaction %d does not wait for points: see `arteriole loyalty list`\n", first), "loyalty", "retry", "--org", "demo", fmt.Sprint(first))
	run(0, fmt.Sprintf("transaction %d of demo earned 50 points\n", second), "loyalty", "retry", "--org", "demo", "--all")
	balance(120)
	run(0, at+fmt.Sprintf(`  transaction.loyalty.retry  transaction %d  by a command
  attempts: 11 → -
  failed: "an error" → -
and \d+ older ones: continue with --offset 1
`, second), "audit", "--org", "demo", "--of", "transactions", "--limit", "1")
	// What comes back now is taken from what was given.
	add(db.Bill{Type: "RETURN", ReturnType: "AMOUNT", Number: "L-1", Amount: 200_000}, false)
	balance(100)
	run(0, "(?s).*no problems.*", "check")
	run(2, "arteriole: give bill ids, or --all\n", "loyalty", "retry", "--org", "demo")
	run(2, "arteriole: give bill ids, or --all\n", "loyalty", "retry", "--org", "demo", "--all", "1")
	run(2, "arteriole: \"L-1\" is not a bill id: see `arteriole loyalty list`\n", "loyalty", "retry", "--org", "demo", "L-1")
	run(1, "arteriole: there is no org \"none\".*\n", "loyalty", "list", "--org", "none")
	run(1, "arteriole: there is no org \"none\".*\n", "loyalty", "retry", "--org", "none", "1")
}
