package db

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const teaProgram = `name: Tea points
from: 2026-04-01
earn:
  points-per-unit: 0.1
redeem:
  value-of-a-point: 0.5
  minimum: 10
  maximum: 5000
expire:
  after-days: 365
tiers:
  - {name: Silver, from: 0}
  - name: Gold
    from: 1000
  - {name: Platinum, from: 5000}
coupons:
  - {series: 1, minimum-amount: 10000}
  - {series: 3, minimum-amount: 20000}
  - {series: 5, minimum-amount: 20000}
`

func TestParseProgram(t *testing.T) {
	f, err := ParseProgram([]byte(teaProgram))
	if err != nil {
		t.Fatal(err)
	}
	want := ProgramFile{DemoProgram(), "2026-04-01"}
	want.Rules.Name = "Tea points"
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	all := ProgramFile{ProgramRules{Name: `Tea "points": #1`, Rate: 1_250_001, Decimals: 3, Value: 1, Minimum: 1, Maximum: 2,
		ExpireDays: 9, Tiers: []Tier{{"all", 0}, {"some, few", 10_001}}, Coupons: []BillCoupon{{1_000_000_000_000, 0}, {2, 500_050}}}, "2030-12-31"}
	for _, f := range []ProgramFile{want, all, {Rules: DemoProgram()}} {
		again, err := ParseProgram([]byte(f.Text()))
		if err != nil {
			t.Fatal(err, f.Text())
		}
		if diff := cmp.Diff(f, again); diff != "" {
			t.Errorf("%s\n%s", f.Text(), diff)
		}
	}
}

func TestParseProgramIsStrict(t *testing.T) {
	change := func(old, new string) string {
		if !strings.Contains(teaProgram, old) {
			t.Fatalf("no %q in the file", old)
		}
		return strings.Replace(teaProgram, old, new, 1)
	}
	for _, c := range []struct{ text, want string }{
		{"", "the program file is empty"},
		{"- a", "line 1: the file must be keys with values"},
		{"name: [", "the program file is not valid YAML: line 1: did not find expected node content"},
		{teaProgram + "---\nname: x\n", "the program file must contain a single document"},
		{change("name: Tea points\n", ""), "line 1: name is missing"},
		{change("Tea points", "''"), "line 1: name must be 1 to 100 characters"},
		{change("Tea points", "~"), "line 1: name must be a single value"},
		{change("2026-04-01", "soon"), "line 2: from must be a date such as 2026-04-01"},
		{change("  points-per-unit: 0.1", "  points-per-euro: 0.1"), "line 4: earn.points-per-euro is not a key of a program"},
		{change("0.1", "-0.1"), "line 4: earn.points-per-unit must be a number from 0 to 1000 with at most 6 decimals"},
		{change("0.1", "1e3"), "line 4: earn.points-per-unit must be a number from 0 to 1000 with at most 6 decimals"},
		{change("0.1", "0.1234567"), "line 4: earn.points-per-unit must be a number from 0 to 1000 with at most 6 decimals"},
		{change("0.1", "1001"), "line 4: earn.points-per-unit must be a number from 0 to 1000 with at most 6 decimals"},
		{change("0.1", "0.1\n  decimals: 4"), "line 5: earn.decimals must be a whole number from 0 to 3"},
		{change("earn:\n  points-per-unit: 0.1", "earn: 0.1"), "line 3: earn must be keys with values"},
		{change("  minimum: 10\n", "  minimum: 10\n  minimum: 20\n"), "line 8: redeem.minimum is given twice"},
		{change("minimum: 10\n", "minimum: 6000\n"), "line 6: redeem.maximum must be at least the minimum"},
		{change("minimum: 10\n", "minimum: 0.0001\n"), "line 7: redeem.minimum must be a number from 0 to 1000000000000 with at most 3 decimals"},
		{change("  value-of-a-point: 0.5\n", ""), "line 6: redeem.value-of-a-point is missing"},
		{change("365", "36501"), "line 10: expire.after-days must be a whole number from 0 to 36500"},
		{change("365", "1.5"), "line 10: expire.after-days must be a whole number from 0 to 36500"},
		{change("from: 0}", "from: 1}"), "line 12: tiers[0].from must be 0, since every customer is in a tier"},
		{change("1000", "0"), "line 13: tiers[1].from must be more than that of the tier before"},
		{change("Gold", "[]"), "line 13: tiers[1].name must be a single value"},
		{change("{name: Silver, from: 0}", "Silver"), "line 12: tiers[0] must be keys with values"},
		{change("series: 5", "series: 1"), "line 19: coupons[2].series must be one that the list does not have yet"},
		{change("series: 5", "serie: 5"), "line 19: coupons[2].serie is not a key of a program"},
		{change("series: 5, ", ""), "line 19: coupons[2].series is missing"},
		{change("series: 5", "series: TEA10"), "line 19: coupons[2].series must be a whole number from 0 to 1000000000000"},
		{change("5, minimum-amount: 20000", "5, minimum-amount: 20000.0001"), "line 19: coupons[2].minimum-amount must be a number from 0 to 1000000000000 with at most 3 decimals"},
		{change("coupons:\n  - {series: 1, minimum-amount: 10000}\n  - {series: 3, minimum-amount: 20000}\n  - {series: 5, minimum-amount: 20000}", "coupons: []"), "line 16: coupons must be a list of 1 to 10 series"},
		{strings.Repeat("# tea\n", 20_000), "the program file must be at most 64 KiB"},
	} {
		if _, err := ParseProgram([]byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%s\ngot  %v\nwant %s", c.text[:min(len(c.text), 400)], err, c.want)
		}
	}
}

func FuzzParseProgram(f *testing.F) {
	f.Add([]byte(teaProgram))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("tiers: [{name: a, from: 0}, {name: b, from: 1}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParseProgram(text)
		if err != nil {
			return
		}
		again, err := ParseProgram([]byte(p.Text()))
		if err != nil || cmp.Diff(p, again) != "" {
			t.Errorf("%s\n%v %s", p.Text(), err, cmp.Diff(p, again))
		}
	})
}
