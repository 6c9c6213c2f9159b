package cli

import (
	"context"
	"regexp"
	"testing"

	"github.com/arteriole/arteriole/db"
)

func TestReportCoupons(t *testing.T) {
	s, run := withDemo(t)
	who := db.Who{Org: 1, Till: 1}
	formula := "=1+1, \"so\""
	sr, err := s.AddCouponSeries(context.Background(), who, db.SeriesInput{Description: &formula})
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"CARD-1", "CARD-2"} {
		if _, err := s.AddCouponCode(context.Background(), who, sr.ID, code); err != nil {
			t.Fatal(err)
		}
	}
	ask := db.RedeemAsk{Coupons: []db.CouponRef{{Code: "TEA7ASHA"}}, User: db.CouponCustomer{ID: 1001}, Number: "R-1", Amount: 640_500}
	out, err := s.RedeemCoupons(context.Background(), who, ask)
	if err != nil || out.Items[0].Fault != nil {
		t.Fatal(out, err)
	}
	run(0, regexp.QuoteMeta(`series,code,description,issued,waiting,redeemed,reactivated,unused,expired,bills
1,TEA10,10% off a bill of 200 or more,2,0,1,0,1,0,640.5
2,FIRSTCUP,"50 off, whoever brings it, once each",1,0,1,0,1,0,120
3,MONSOON,5 off in the rain,1,0,0,0,0,1,0
4,TODAY,5 off today or tomorrow,1,0,0,0,0,1,0
5,LAUNCH,5 off for the first who comes,1,0,0,0,1,0,0
6,WEEKLY,"5 off, once a week",1,0,0,0,1,0,0
7,BIRTHDAY,"5 off, once in a life",1,0,0,0,1,0,0
8,BRANCH,5 off in another store,1,0,0,0,1,0,0
9,CENTURY,5 off at the end of the century,1,0,0,0,1,0,0
10,,"'=1+1, ""so""",0,2,0,0,0,0,0
`), "report", "coupons", "--org", "demo", "--csv")
	if err := s.ReactivateCoupons(context.Background(), who, []int64{out.Items[0].ID}); err != nil {
		t.Fatal(err)
	}
	run(0, `SERIES +CODE +DESCRIPTION +ISSUED +WAITING +REDEEMED +REACTIVATED +UNUSED +EXPIRED +BILLS
1 +TEA10 +10% off a bill of 200 or more +2 +0 +0 +1 +2 +0 +0
(.*\n){9}`, "report", "coupons", "--org", "demo")
	run(1, "arteriole: there is no org \"none\".*\n", "report", "coupons", "--org", "none")
	if _, err := s.AddOrg(context.Background(), "new", nil); err != nil {
		t.Fatal(err)
	}
	run(0, "no series of coupons\n", "report", "coupons", "--org", "new")
	run(0, "series,code,description,issued,waiting,redeemed,reactivated,unused,expired,bills\n", "report", "coupons", "--org", "new", "--csv")
	run(0, "no points\n", "points", "liability", "--org", "new")
	run(0, "nothing happened to points\n", "points", "days", "--org", "new")
}
