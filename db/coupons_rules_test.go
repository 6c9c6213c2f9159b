package db

import (
	"fmt"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

var kolkata = func() *time.Location {
	l, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		panic(err)
	}
	return l
}()

// onTime is a moment in the org's zone: Tuesday, 3 February 2026, 17:30.
var onTime = time.Date(2026, 2, 3, 17, 30, 0, 0, kolkata)

// A coupon that can be redeemed, with every limit set and kept.
func fineRedemption() redemptionCase {
	return redemptionCase{
		SeriesLimits: SeriesLimits{ValidTill: onTime, MaxRedeem: 5, MaxRedeemPerUser: 3, MultipleUse: true, SameUserAgain: true, DaysBetweenRedemptions: 2,
			RedemptionValidFrom: onTime, RedemptionAfterDays: 3, MinBill: 100, MaxBill: 100, Stores: []int64{1},
			Range: RedemptionRange{DOM: []int{3}, DOW: []int{2}, Hours: []int{17}}},
		code: "C", series: 1, owner: 1001, customer: 1001, issuedOn: onTime.AddDate(0, 0, -3), expires: onTime, maxUses: 4, uses: 3, at: onTime, store: 1, bill: 100,
		redeemed: 4, byUser: 2, again: 1, nearest: 2,
	}
}

// limitsOfRedemption are the ways to break each limit, in the order in which they count.
var limitsOfRedemption = []struct {
	what string
	code *fault.Code
	set  func(*redemptionCase)
}{
	{"another's", fault.CouponOfAnother, func(c *redemptionCase) { c.owner = 1002 }},
	{"series over", fault.CouponSeriesExpired, func(c *redemptionCase) { c.ValidTill = onTime.Add(-time.Millisecond) }},
	{"coupon over", fault.CouponExpired, func(c *redemptionCase) { c.expires = onTime.Add(-time.Millisecond) }},
	{"before the day of the issue", fault.CouponOutsideRange, func(c *redemptionCase) { c.issuedOn = onTime.AddDate(0, 0, 1) }},
	{"before its time", fault.CouponOutsideRange, func(c *redemptionCase) { c.RedemptionValidFrom = onTime.Add(time.Millisecond) }},
	{"too soon after the issue", fault.CouponOutsideRange, func(c *redemptionCase) { c.RedemptionAfterDays = 4 }},
	{"day of the month", fault.CouponOutsideRange, func(c *redemptionCase) { c.Range.DOM = []int{1, 31} }},
	{"day of the week", fault.CouponOutsideRange, func(c *redemptionCase) { c.Range.DOW = []int{0, 1, 3, 4, 5, 6} }},
	{"hour", fault.CouponOutsideRange, func(c *redemptionCase) { c.Range.Hours = []int{12, 18} }},
	{"store", fault.CouponNotAtStore, func(c *redemptionCase) { c.store = 2 }},
	{"bill too small", fault.CouponBillOutside, func(c *redemptionCase) { c.MinBill = 101 }},
	{"bill too large", fault.CouponBillOutside, func(c *redemptionCase) { c.MaxBill = 99 }},
	{"coupon used up", fault.CouponUsed, func(c *redemptionCase) { c.uses = 4 }},
	{"series used up", fault.CouponSeriesUsed, func(c *redemptionCase) { c.redeemed = 5 }},
	{"same customer", fault.CouponNotAgain, func(c *redemptionCase) { c.SameUserAgain = false }},
	{"same bill", fault.CouponNotAgain, func(c *redemptionCase) { c.sameBill = true }},
	{"customer's limit", fault.CouponUserLimit, func(c *redemptionCase) { c.byUser = 3 }},
	{"days between", fault.CouponTooSoon, func(c *redemptionCase) { c.nearest = 1 }},
}

func TestDecideRedemption(t *testing.T) {
	if f := decideRedemption(fineRedemption()); f != nil {
		t.Fatal(f)
	}
	for i, a := range limitsOfRedemption {
		c := fineRedemption()
		a.set(&c)
		if f := decideRedemption(c); f == nil || f.Code != a.code {
			t.Errorf("%s: %v", a.what, f)
		}
		// In pairs, whichever is set first, the earlier one of the list counts.
		for _, b := range limitsOfRedemption[i+1:] {
			for _, order := range [][2]func(*redemptionCase){{a.set, b.set}, {b.set, a.set}} {
				c := fineRedemption()
				order[0](&c)
				order[1](&c)
				if f := decideRedemption(c); f == nil || f.Code != a.code {
					t.Errorf("%s and %s: %v, want %s", a.what, b.what, f, a.code.Name)
				}
			}
		}
	}
}

// What is no limit, limits nothing.
func TestDecideRedemptionWithoutLimits(t *testing.T) {
	free := SeriesLimits{MaxRedeem: -1, MaxRedeemPerUser: -1, MaxRedeemPerCoupon: -1, MinBill: -1, MaxBill: -1}
	for name, c := range map[string]redemptionCase{
		"nothing set":        {SeriesLimits: free, owner: 1, customer: 1, at: onTime, maxUses: -1, uses: 99, redeemed: 99, byUser: 99, nearest: 0, bill: 1e15},
		"no bill":            {SeriesLimits: SeriesLimits{MaxRedeem: -1, MaxRedeemPerUser: -1, MinBill: 5, MaxBill: 6}, owner: 1, customer: 1, at: onTime, maxUses: -1, bill: -1, nearest: -1},
		"anybody":            {SeriesLimits: SeriesLimits{MaxRedeem: -1, MaxRedeemPerUser: -1, MinBill: -1, MaxBill: -1, AnyUser: true}, owner: 1, customer: 2, at: onTime, maxUses: 1, nearest: -1},
		"no earlier one":     {SeriesLimits: SeriesLimits{MaxRedeem: -1, MaxRedeemPerUser: -1, MinBill: -1, MaxBill: -1, DaysBetweenRedemptions: 9}, owner: 1, customer: 1, at: onTime, maxUses: 1, nearest: -1},
		"another's again":    {SeriesLimits: SeriesLimits{MaxRedeem: -1, MaxRedeemPerUser: -1, MinBill: -1, MaxBill: -1, MultipleUse: true}, owner: 1, customer: 1, at: onTime, maxUses: -1, uses: 3, nearest: -1},
		"the day of the end": {SeriesLimits: SeriesLimits{MaxRedeem: -1, MaxRedeemPerUser: -1, MinBill: -1, MaxBill: -1, ValidTill: endOfDay(onTime, 0, 0)}, owner: 1, customer: 1, at: onTime.Add(6*time.Hour + 29*time.Minute), maxUses: 1, nearest: -1},
	} {
		if f := decideRedemption(c); f != nil {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestDecideIssue(t *testing.T) {
	fine := func() issueCase {
		return issueCase{SeriesLimits: SeriesLimits{ValidTill: onTime, MaxCreate: 5, MaxPerUser: 3, DaysBetweenIssues: 2, MultiplePerUser: true},
			series: 1, now: onTime, issued: 4, held: 2, live: 7, lastIssued: onTime.AddDate(0, 0, -2)}
	}
	limits := []struct {
		what string
		keep int64
		code *fault.Code
		set  func(*issueCase)
	}{
		{"series over", 0, fault.CouponSeriesExpired, func(c *issueCase) { c.ValidTill = onTime.Add(-time.Millisecond) }},
		{"has the only one", 7, nil, func(c *issueCase) { c.MultiplePerUser = false }},
		{"has the only one of one", 7, nil, func(c *issueCase) { c.MaxPerUser = 1 }},
		{"as many as one may", 0, fault.CouponNotIssued, func(c *issueCase) { c.held = 3 }},
		{"too soon", 0, fault.CouponNotIssued, func(c *issueCase) { c.lastIssued = onTime.AddDate(0, 0, -1) }},
		{"excluded", 0, fault.CouponNotIssued, func(c *issueCase) { c.excluded = 9 }},
		{"all issued", 0, fault.CouponNotIssued, func(c *issueCase) { c.issued = 5 }},
		{"all issued or waiting", 0, fault.CouponNotIssued, func(c *issueCase) { c.waiting = 1 }},
	}
	is := func(what string, c issueCase, keep int64, code *fault.Code) {
		t.Helper()
		got, f := decideIssue(c)
		if got != keep || (f == nil) != (code == nil) || f != nil && f.Code != code {
			t.Errorf("%s: %d %v", what, got, f)
		}
	}
	is("fine", fine(), 0, nil)
	for i, a := range limits {
		c := fine()
		a.set(&c)
		is(a.what, c, a.keep, a.code)
		for _, b := range limits[i+1:] {
			c := fine()
			b.set(&c)
			a.set(&c)
			is(a.what+" and "+b.what, c, a.keep, a.code)
		}
	}
	c := fine()
	c.MultiplePerUser, c.NoResend = false, true
	is("refused, not resent", c, 0, fault.CouponNotIssued)
	c = fine()
	c.MultiplePerUser, c.live = false, 0
	is("the only one is used up", c, 0, fault.CouponNotIssued)
	c = fine()
	c.MultiplePerUser, c.held, c.live = false, 0, 0
	is("the first", c, 0, nil)
	c = fine()
	c.MaxCreate, c.issued = 0, 0
	is("none at all", c, 0, fault.CouponNotIssued)
	c = fine()
	c.MaxCreate, c.issued, c.MaxPerUser, c.held, c.DaysBetweenIssues, c.ValidTill = -1, 1e9, -1, 1e9, 0, time.Time{}
	is("no limits", c, 0, nil)
}

func TestCouponExpiry(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time {
		return time.Date(y, m, d+1, 0, 0, 0, 0, kolkata).Add(-time.Millisecond)
	}
	for _, c := range []struct {
		limits SeriesLimits
		issued time.Time
		want   time.Time
	}{
		{SeriesLimits{ValidDays: -1, ExpiryStrategy: "SERIES_EXPIRY", ValidTill: onTime}, onTime, time.Time{}},
		{SeriesLimits{ValidDays: 1, ExpiryStrategy: "SERIES_EXPIRY"}, onTime, day(2026, 2, 4)},
		{SeriesLimits{ValidDays: -1, ExpiryStrategy: "DAYS", ExpiryValue: 30}, onTime, day(2026, 3, 5)},
		{SeriesLimits{ValidDays: 10, ExpiryStrategy: "DAYS", ExpiryValue: 30}, onTime, day(2026, 2, 13)},
		{SeriesLimits{ValidDays: -1, ExpiryStrategy: "MONTHS", ExpiryValue: 1}, time.Date(2026, 1, 31, 0, 0, 0, 0, kolkata), day(2026, 2, 28)},
		{SeriesLimits{ValidDays: -1, ExpiryStrategy: "MONTHS", ExpiryValue: 13}, time.Date(2027, 1, 31, 23, 59, 0, 0, kolkata), day(2028, 2, 29)},
		{SeriesLimits{ValidDays: -1, ExpiryStrategy: "SERIES_EXPIRY", FixedExpiry: onTime}, onTime, onTime},
		{SeriesLimits{ValidDays: 1, ExpiryStrategy: "MONTHS", ExpiryValue: 1, FixedExpiry: onTime}, onTime, onTime},
	} {
		if got := c.limits.expiry(c.issued); !got.Equal(c.want) {
			t.Errorf("%+v: %s, want %s", c.limits, got, c.want)
		}
	}
}

func TestDaysApart(t *testing.T) {
	at := func(d, h int) time.Time { return time.Date(2026, 2, d, h, 0, 0, 0, kolkata) }
	for _, c := range []struct {
		a, b time.Time
		want int64
	}{{at(3, 0), at(3, 23), 0}, {at(3, 23), at(4, 0), 1}, {at(4, 0), at(3, 23), 1}, {at(1, 12), at(28, 12), 27}} {
		if got := daysApart(c.a, c.b); got != c.want {
			t.Errorf("%s %s: %d", c.a, c.b, got)
		}
	}
	zone, err := time.LoadLocation("Europe/Berlin") // where one day has 23 hours
	if err != nil {
		t.Fatal(err)
	}
	if got := daysApart(time.Date(2026, 3, 28, 12, 0, 0, 0, zone), time.Date(2026, 3, 30, 0, 0, 0, 0, zone)); got != 2 {
		t.Errorf("over the change of the clocks: %d", got)
	}
}

// The vendor's forms of lists and ranges inside strings.
func TestSeriesText(t *testing.T) {
	for in, want := range map[string]string{
		`{"dom":[-1],"dow":[-1],"hours":[-1]}`: `{[] [] []}`, ``: `{[] [] []}`, `{}`: `{[] [] []}`, `{"dow":[7,1,0]}`: `{[] [0 1] []}`,
		`{"dom":[31,1],"hours":[0,23]}`: `{[1 31] [] [0 23]}`, `{"dom":[0]}`: "no", `{"dom":[32]}`: "no", `{"dow":[8]}`: "no", `{"hours":[24]}`: "no", `{"dom":"1"}`: "no",
		`[1]`: "no", `{"dow":[1.5]}`: "no", `x`: "no", `{"months":[2]}`: "no", `{"dom":[1],"hour":[9]}`: "no", `{"dom":[1]} ]`: "no",
	} {
		r, ok := readRange(in)
		got := fmt.Sprint(r)
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{`[-1]`: "[] true", ``: "[] true", `[]`: "[] true", `[3,1,3]`: "[1 3] true", `[0]`: "[0] false", `["1"]`: "[] false", `1`: "[] false"} {
		ids, ok := readIDs(in)
		if got := fmt.Sprint(ids, ok); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// bytesOf gives the same bytes again and again.
type bytesOf []byte

func (b *bytesOf) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = (*b)[0]
		*b = append((*b)[1:], (*b)[0])
	}
	return len(p), nil
}

func TestRandomCode(t *testing.T) {
	all := make(bytesOf, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, alphanumeric := range []bool{true, false} {
		letters := codeLetters
		if !alphanumeric {
			letters = codeDigits
		}
		n := 256 / len(letters) * len(letters)
		b := append(bytesOf{}, all...)
		code, err := randomCode(&b, alphanumeric, n)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[rune]int{}
		for _, r := range code {
			seen[r]++
		}
		for _, r := range letters { // each letter as often as every other
			if seen[r] != n/len(letters) {
				t.Errorf("%c stands %d times", r, seen[r])
			}
		}
	}
	for _, r := range "01IO" {
		for _, l := range codeLetters {
			if l == r {
				t.Errorf("%c looks like another", r)
			}
		}
	}
}
