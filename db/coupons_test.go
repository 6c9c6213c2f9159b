package db

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/arteriole/arteriole/fault"
)

// Whatever is issued, redeemed, taken back and merged: the counters are the numbers of the rows, no limit is overstepped, and what
// can be redeemed agrees with what is then redeemed.
func TestCouponCounters(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	customers := []int64{1001, 1002, 1003}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		limit := func(name string, most int) *int64 {
			v := int64(rapid.IntRange(0, most).Draw(rt, name)) - 1
			return &v
		}
		yes := func(name string) *bool {
			b := rapid.Bool().Draw(rt, name)
			return &b
		}
		name := fmt.Sprint("series ", n)
		sr, err := s.AddCouponSeries(ctx, who, SeriesInput{Description: &name, MaxCreate: limit("create", 6), MaxRedeem: limit("redeem", 6), MaxPerUser: limit("user", 4),
			MaxRedeemPerUser: limit("byUser", 4), MaxRedeemPerCoupon: limit("coupon", 4), MultiplePerUser: yes("several"), MultipleUse: yes("uses"), SameUserAgain: yes("again"),
			AnyUser: yes("anybody"), NoResend: yes("no resend")})
		if err != nil {
			rt.Fatal(err)
		}
		type redeemed struct{ id, coupon, customer int64 }
		var coupons []Coupon
		var standing []redeemed
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			customer := rapid.SampledFrom(customers).Draw(rt, "customer")
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				out, err := s.IssueCoupons(ctx, who, sr.ID, CouponCustomer{ID: customer}, rapid.IntRange(1, 2).Draw(rt, "count"), "")
				if err != nil && !fault.Is(err, fault.CouponNotIssued) {
					rt.Fatal(err)
				}
				for _, c := range out.Coupons {
					if c.Customer != customer {
						rt.Fatalf("given to %d, not to %d", c.Customer, customer)
					}
					if !slices.ContainsFunc(coupons, func(k Coupon) bool { return k.ID == c.ID }) {
						coupons = append(coupons, c)
					}
				}
			case 1, 2:
				if len(coupons) == 0 {
					continue
				}
				ref := CouponRef{ID: rapid.SampledFrom(coupons).Draw(rt, "coupon").ID}
				could, err := s.CouponsRedeemable(ctx, who, []CouponRef{ref}, CouponCustomer{ID: customer})
				if err != nil {
					rt.Fatal(err)
				}
				out, err := s.RedeemCoupons(ctx, who, RedeemAsk{Coupons: []CouponRef{ref}, User: CouponCustomer{ID: customer}, Number: fmt.Sprint(n, "-", i), Amount: 1000})
				if err != nil {
					rt.Fatal(err)
				}
				it := out.Items[0]
				if (it.Fault == nil) != (could.Items[0].Fault == nil) || it.Fault != nil && it.Fault.Code != could.Items[0].Fault.Code {
					rt.Fatalf("said %v, did %v", could.Items[0].Fault, it.Fault)
				}
				if it.Fault == nil {
					standing = append(standing, redeemed{it.ID, ref.ID, customer})
				}
			case 3:
				if len(standing) == 0 {
					continue
				}
				k := rapid.IntRange(0, len(standing)-1).Draw(rt, "redemption")
				id := standing[k].id
				standing = slices.Delete(standing, k, k+1)
				if err := s.ReactivateCoupons(ctx, who, []int64{id}); err != nil {
					rt.Fatal(err)
				}
				if err := s.ReactivateCoupons(ctx, who, []int64{id}); !fault.Is(err, fault.CouponRedemptionUnknown) {
					rt.Fatalf("taken back twice: %v", err)
				}
			}
		}
		now, err := s.CouponSeriesByID(ctx, who, []int64{sr.ID})
		if err != nil {
			rt.Fatal(err)
		}
		got := now[0]
		if got.Issued != int64(len(coupons)) || got.Redeemed != int64(len(standing)) {
			rt.Fatalf("issued %d of %d, redeemed %d of %d", got.Issued, len(coupons), got.Redeemed, len(standing))
		}
		within := func(what string, limit, n int64) {
			if limit >= 0 && n > limit {
				rt.Fatalf("%s: %d of %d", what, n, limit)
			}
		}
		within("maxCreate", got.MaxCreate, got.Issued)
		within("maxRedeem", got.MaxRedeem, got.Redeemed)
		byUser, byCoupon, held, again := map[int64]int64{}, map[int64]int64{}, map[int64]int64{}, map[[2]int64]int64{}
		for _, r := range standing {
			byUser[r.customer]++
			byCoupon[r.coupon]++
			again[[2]int64{r.coupon, r.customer}]++
		}
		for _, c := range coupons {
			held[c.Customer]++
		}
		for _, c := range customers {
			within("maxRedemptionsInSeriesPerUser", got.MaxRedeemPerUser, byUser[c])
			if got.MultiplePerUser {
				within("maxVouchersPerUser", got.MaxPerUser, held[c])
			} else {
				within("one voucher", 1, held[c])
			}
		}
		for k, uses := range again {
			if !got.SameUserAgain {
				within(fmt.Sprint("same user ", k), 1, uses)
			}
		}
		for _, c := range coupons {
			list, err := s.Coupons(ctx, who, CouponQuery{IDs: []int64{c.ID}}, 1, 0)
			if err != nil || len(list) != 1 {
				rt.Fatal(list, err)
			}
			if left := list[0].Left; list[0].Redemptions != byCoupon[c.ID] || left >= 0 && left != got.uses()-byCoupon[c.ID] || left < 0 && got.uses() >= 0 {
				rt.Fatalf("coupon %d: %d redemptions, %d left, want %d", c.ID, list[0].Redemptions, left, byCoupon[c.ID])
			}
		}
	})
	checkFinds(t, s, nil)
}

// A wrong counter and a pair of exclusions with one side are found by the check.
func TestCheckFindsWrongCoupons(t *testing.T) {
	oneByOne(t)
	for _, c := range []struct{ query, problem string }{
		{`UPDATE coupon_series SET issued = 3 WHERE org = 1 AND id = 1`, "org 1: series 1 says that its coupons are 3 and not 2"},
		{`UPDATE coupon_series SET redeemed = 4 WHERE org = 1 AND id = 2`, "org 1: series 2 says that its redemptions are 4, which is not so"},
		{`UPDATE coupons SET uses = 7 WHERE org = 1 AND id = 2`, "org 1: coupon 2 says that its redemptions are 7, which is not so"},
		{`UPDATE coupon_redemptions SET series = 1 WHERE org = 1 AND id = 1`, "org 1: redemption 1 of a coupon is in another series than the coupon, which is in 2"},
		{`INSERT INTO coupon_exclusions (org, series, other) VALUES (1, 1, 2)`, "org 1: series 1 excludes series 2, but not the other way round"},
	} {
		s, _ := openDemo(t)
		if err := s.write(context.Background(), func(tx *Tx) error { _, err := tx.Exec(c.query); return err }); err != nil {
			t.Fatal(err)
		}
		checkFinds(t, s, []string{c.problem})
	}
}

// checkFinds runs the check and wants these problems to be among what it finds; with none, that it finds none.
func checkFinds(t *testing.T, s *Store, want []string) {
	t.Helper()
	var found []string
	n, err := Check(context.Background(), s.path, CheckReport{Begin: func(string) {}, Progress: func(int64, int64) {}, End: func(string, int64, string, int64) {},
		Problem: func(text string) { found = append(found, text) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 && n > 0 {
		t.Errorf("problems: %q", found)
	}
	for _, w := range want {
		if !slices.Contains(found, w) {
			t.Errorf("%q is not found: %q", w, found)
		}
	}
}

// The database itself holds the limits, whatever the code above it does.
func TestCouponConstraints(t *testing.T) {
	s, _ := openDemo(t)
	for _, q := range []string{
		`UPDATE coupons SET uses = 2 WHERE org = 1 AND id = 1`,
		`UPDATE coupons SET uses = -1 WHERE org = 1 AND id = 1`,
		`UPDATE coupons SET code = 'abcdefgh' WHERE org = 1 AND id = 1`,
		`UPDATE coupons SET code = 'CUP4EVER' WHERE org = 1 AND id = 1`,
		`UPDATE coupon_series SET issued = 2 WHERE org = 1 AND id = 5`,
		`UPDATE coupon_series SET redeemed = 2 WHERE org = 1 AND id = 5`,
		`UPDATE coupon_series SET code_key = 'monsoon' WHERE org = 1 AND id = 1`,
		`UPDATE coupon_series SET discount_value = 100001 WHERE org = 1 AND id = 1`,
		`UPDATE coupon_redemptions SET reversed_on = 5 WHERE org = 1 AND id = 1`,
	} {
		err := s.write(context.Background(), func(tx *Tx) error { _, err := tx.Exec(q); return err })
		if code(err) != codeConstraint {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// A code that is taken is not given again; when none is free within the tries, the request can be tried later.
func TestCouponCodesAreUnique(t *testing.T) {
	s, who := openDemo(t)
	s.random = &bytesOf{0}
	several := true
	name := "same bytes"
	sr, err := s.AddCouponSeries(context.Background(), who, SeriesInput{Description: &name, MultiplePerUser: &several})
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.IssueCoupons(context.Background(), who, sr.ID, CouponCustomer{ID: 1001}, 1, "")
	if err != nil || out.Coupons[0].Code != "2222222222" {
		t.Fatal(out, err)
	}
	if _, err := s.IssueCoupons(context.Background(), who, sr.ID, CouponCustomer{ID: 1001}, 1, ""); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	some := append(bytesOf{}, make([]byte, 20)...)
	s.random = ptr(append(some, 1))
	out, err = s.IssueCoupons(context.Background(), who, sr.ID, CouponCustomer{ID: 1001}, 1, "")
	if err != nil || out.Coupons[0].Code == "2222222222" {
		t.Fatal(out, err)
	}
}

// The coupons that a wallet shows: those that can still be redeemed, the ones that end first before the others.
func TestLiveCoupons(t *testing.T) {
	s, who := openDemo(t)
	err := s.read(context.Background(), func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		total, list, err := tx.liveCoupons(o, who.Org, 1001, 3)
		var codes []string
		for _, c := range list {
			codes = append(codes, c.Code)
		}
		if total != 6 || !slices.Equal(codes, []string{"TEA7ASHA", "LAUNCH22", "WEEKLY77"}) {
			t.Errorf("%d %q", total, codes)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
