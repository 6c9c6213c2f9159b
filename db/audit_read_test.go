package db

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whatever this package writes an audit row of can be read: as one of AuditKinds, or with its customer.
func TestEveryAuditKindIsListed(t *testing.T) {
	t.Parallel()
	listed := []string{"customer"}
	for _, kinds := range auditKinds {
		listed = append(listed, kinds...)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`\.auditRow\((?:\w+|Who\{[^}]*\}), (?:\w+|"[\w. ]+"), "([^"]+)"`)
	written := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		calls := call.FindAllStringSubmatch(string(text), -1)
		if n := strings.Count(string(text), ".auditRow("); n != len(calls) {
			t.Errorf("%s has %d calls of auditRow, of which %d name their kind", name, n, len(calls))
		}
		for _, c := range calls {
			if written++; !slices.Contains(listed, c[1]) {
				t.Errorf("%s writes audit rows of %q, which nothing lists", name, c[1])
			}
		}
	}
	if written < 40 {
		t.Errorf("only %d calls of auditRow were found", written)
	}
}

// Who gave points by a command stands in the trail of the customer, and no longer how many once the customer is erased.
func TestAuditOfPoints(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	ctx := context.Background()
	if _, err := s.AdjustPoints(ctx, who, CustomerRef{ID: 1001}, 20_000, "a test"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SigningKey(ctx); err != nil {
		t.Fatal(err)
	}
	newest := func(p AuditPage, err error) AuditEntry {
		t.Helper()
		if err != nil || len(p.Items) == 0 {
			t.Fatalf("%+v, %v", p, err)
		}
		return p.Items[0]
	}
	for _, a := range []AuditEntry{newest(s.Audit(ctx, who, 1001, 10, 0)), newest(s.AuditOfKind(ctx, Who{Org: 1}, "points", 10, 0))} {
		if a.Action != "points.adjust" || a.Customer != 1001 || a.By.ID != who.Till || !slices.ContainsFunc(a.Changes, func(c Change) bool { return c.Field == "points" && string(c.After) == `"20"` }) {
			t.Errorf("the trail ends with %+v", a)
		}
	}
	if a := newest(s.AuditOfKind(ctx, Who{Org: 1}, "signing", 10, 0)); a.Action != "signing.key" {
		t.Errorf("signing lists %+v", a)
	}
	if a := newest(s.AuditOfKind(ctx, Who{Org: 1}, "transactions", 10, 0)); a.Kind != "transaction" {
		t.Errorf("transactions lists %+v", a)
	}
	if _, err := s.EraseCustomer(ctx, who, 1001); err != nil {
		t.Fatal(err)
	}
	p, err := s.Audit(ctx, who, 1001, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range p.Items {
		if len(a.Changes) > 0 {
			t.Errorf("after the erasure %s says %+v", a.Action, a.Changes)
		}
	}
	if !slices.ContainsFunc(p.Items, func(a AuditEntry) bool { return a.Action == "points.adjust" }) {
		t.Error("points.adjust is gone")
	}
}

// The trail of coupons and programs speaks as requests and files do: amounts with their decimals, and nothing that is not set.
func TestAuditOfCoupons(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	ctx := context.Background()
	text, value, upto, none := "Tea", int64(15_000), int64(12_500), int64(0)
	sr, err := s.AddCouponSeries(ctx, who, SeriesInput{Description: &text, DiscountValue: &value, MaxCreate: &none})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeCouponSeries(ctx, who, sr.ID, SeriesInput{DiscountUpto: &upto, MaxCreate: &upto}); err != nil {
		t.Fatal(err)
	}
	issued, err := s.IssueCoupons(ctx, who, sr.ID, CouponCustomer{ID: 1001}, 1, "AUDITED-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RedeemCoupons(ctx, who, RedeemAsk{Coupons: []CouponRef{{Code: issued.Coupons[0].Code}}, User: CouponCustomer{ID: 1001}, Number: "A-1", Amount: 99_500}); err != nil {
		t.Fatal(err)
	}
	said := func(of string, n int) (all []string) {
		t.Helper()
		p, err := s.AuditOfKind(ctx, Who{Org: 1}, of, n, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range slices.Backward(p.Items) {
			line := a.Action
			for _, c := range a.Changes {
				if c.Field != "at" && c.Field != "coupon" && c.Field != "customer" {
					line += " " + c.Field + ":" + string(c.Before) + ">" + string(c.After)
				}
			}
			all = append(all, line)
		}
		return all
	}
	want := []string{
		`couponSeries.add alphaNumeric:>true description:>"Tea" discountType:>"ABS" discountValue:>"15" expiryStrategyType:>"SERIES_EXPIRY" maxCreate:>0 randomCodeLength:>10`,
		`couponSeries.change discountUpto:>"12.5" maxCreate:0>12500`,
		`coupon.issue code:>"AUDITED-1" discountType:>"ABS" discountUpto:>"12.5" discountValue:>"15" seriesId:>` + toJSON(sr.ID),
		`coupon.redeem billAmount:>"99.5" number:>"A-1"`,
	}
	if got := said("coupons", 4); !slices.Equal(got, want) {
		t.Errorf("the trail says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	program := func(name, minimum string) {
		t.Helper()
		f, err := ParseProgram([]byte("name: " + name + "\nearn: {points-per-unit: 0.05}\nredeem: {value-of-a-point: 0.25, minimum: " + minimum +
			"}\nexpire: {after-days: 0}\ntiers: [{name: All, from: 0}, {name: Gold, from: 500}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetProgram(ctx, "demo", f); err != nil {
			t.Fatal(err)
		}
	}
	program("First", "10")
	program("Second", "12.5")
	if got, want := said("programs", 1)[0], `program.set name:"First">"Second" redeem/minimum:"10">"12.5"`; got != want {
		t.Errorf("the trail says %s, want %s", got, want)
	}
	if f := (&ProgramRules{Rate: 50_000, Value: 250_000, Tiers: []Tier{{"All", 0}, {"Gold", 500_000}}, Coupons: []BillCoupon{{2, 1500}}}).fields(); toJSON(f) !=
		`{"coupons/2":"1.5","earn/points-per-unit":"0.05","name":"","redeem/value-of-a-point":"0.25","tiers":[{"from":"0","name":"All"},{"from":"500","name":"Gold"}]}` {
		t.Error(toJSON(f))
	}
}
