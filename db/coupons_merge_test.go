package db

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/arteriole/arteriole/fault"
)

// What customers may have and redeem of a series counts for all who are one customer now: merges join it, and undoing one parts it
// again, in whatever order they happen.
func TestCouponLimitsFollowMerges(t *testing.T) {
	t.Parallel()
	w := newPointsWorld(t)
	n := 0
	did := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		n++
		draw := func(name string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(r, name) }
		*w.now = w.now.Add(time.Hour)
		customers := w.newcomers(4)
		perUser, redeemPerUser, again, anyUser := draw("per user", 1, 4), draw("redemptions per user", 1, 5), draw("again", 0, 1) == 1, draw("any user", 0, 1) == 1
		yes := true
		sr, err := w.AddCouponSeries(w.ctx, w.who, SeriesInput{Description: ptr(fmt.Sprint("merged ", n)), MaxPerUser: &perUser, MaxRedeemPerUser: &redeemPerUser, MultiplePerUser: &yes,
			MultipleUse: &yes, NoResend: &yes, SameUserAgain: &again, AnyUser: &anyUser})
		if err != nil {
			r.Fatal(err)
		}
		into := map[int64]int64{}
		root := func(c int64) int64 {
			for into[c] != 0 {
				c = into[c]
			}
			return c
		}
		living := func(name string) int64 { return root(rapid.SampledFrom(customers).Draw(r, name)) }
		type coupon struct{ id, owner int64 }
		type redeemed struct{ id, coupon, by int64 }
		type merge struct{ id, victim, survivor int64 }
		var coupons []coupon
		var standing []redeemed
		var merges []merge
		for range 40 {
			switch draw("what", 0, 7) {
			case 0, 1:
				c := living("customer")
				held := int64(0)
				for _, k := range coupons {
					if root(k.owner) == c {
						held++
					}
				}
				out, err := w.IssueCoupons(w.ctx, w.who, sr.ID, CouponCustomer{ID: c}, 1, "")
				if held >= perUser {
					if !fault.Is(err, fault.CouponNotIssued) {
						r.Fatalf("a customer with %d of %d coupons: %v", held, perUser, err)
					}
					did["not issued"]++
					continue
				}
				if err != nil {
					r.Fatal(err)
				}
				coupons = append(coupons, coupon{out.Coupons[0].ID, c})
			case 2, 3, 4:
				if len(coupons) == 0 {
					continue
				}
				k, c := rapid.SampledFrom(coupons).Draw(r, "coupon"), living("customer")
				if draw("owner", 0, 2) > 0 {
					c = root(k.owner)
				}
				var all, same int64
				for _, s := range standing {
					if root(s.by) == c {
						if all++; s.coupon == k.id {
							same++
						}
					}
				}
				var want *fault.Code
				switch {
				case !anyUser && root(k.owner) != c:
					want = fault.CouponOfAnother
				case same > 0 && !again:
					want = fault.CouponNotAgain
				case all >= redeemPerUser:
					want = fault.CouponUserLimit
				}
				out, err := w.RedeemCoupons(w.ctx, w.who, RedeemAsk{Coupons: []CouponRef{{ID: k.id}}, User: CouponCustomer{ID: c}, Amount: 1000})
				if err != nil {
					r.Fatal(err)
				}
				it := out.Items[0]
				if want == nil && it.Fault != nil || want != nil && (it.Fault == nil || it.Fault.Code != want) {
					r.Fatalf("%v, want %v", it.Fault, want)
				}
				if want != nil {
					did[want.Name]++
					continue
				}
				did["redeemed"]++
				standing = append(standing, redeemed{it.ID, k.id, c})
			case 5:
				if len(standing) == 0 {
					continue
				}
				i := int(draw("redemption", 0, int64(len(standing)-1)))
				if err := w.ReactivateCoupons(w.ctx, w.who, []int64{standing[i].id}); err != nil {
					r.Fatal(err)
				}
				standing = slices.Delete(standing, i, i+1)
			case 6:
				victim, survivor := living("victim"), living("survivor")
				if victim == survivor {
					continue
				}
				id, err := w.merges(victim, survivor)
				if err != nil {
					r.Fatal(err)
				}
				into[victim] = survivor
				merges = append(merges, merge{id, victim, survivor})
			case 7:
				if len(merges) == 0 {
					continue
				}
				last := len(merges) - 1 // which is always in order
				if _, err := w.UndoMerge(w.ctx, w.who, merges[last].id); err != nil {
					r.Fatal(err)
				}
				delete(into, merges[last].victim)
				merges = merges[:last]
				did["undone"]++
			}
		}
	})
	w.sound()
	t.Log(did)
	if did["redeemed"] < 300 { // fewer checks were asked for
		return
	}
	for _, what := range []string{"not issued", "CouponOfAnother", "CouponNotAgain", "CouponUserLimit", "undone"} {
		if did[what] == 0 {
			t.Errorf("%s did not happen", what)
		}
	}
}
