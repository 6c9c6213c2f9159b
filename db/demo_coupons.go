package db

import (
	"fmt"
	"time"
)

// makeDemoCoupons gives the org series with the limits that there are, and customers coupons whose codes are known.
func (tx *Tx) makeDemoCoupons(who Who) error {
	o, err := tx.org(who.Org)
	if err != nil {
		return err
	}
	text := func(s string) *string { return &s }
	number := func(n int64) *int64 { return &n }
	yes := true
	percent, fifty, five := number(10_000), number(50_000), number(5_000)
	for i, s := range []struct {
		in       SeriesInput
		code     string
		customer int64
	}{
		{SeriesInput{Code: text("TEA10"), Description: text("10% off a bill of 200 or more"), DiscountType: text("PERC"), DiscountValue: percent,
			DiscountUpto: number(150_000), MinBill: number(200_000), ValidTill: text("2099-12-31"), DiscountCode: text("TEA10")}, "TEA7ASHA", 1001},
		{SeriesInput{Code: text("FIRSTCUP"), Description: text("50 off, whoever brings it, once each"), DiscountValue: fifty, AnyUser: &yes, MultipleUse: &yes,
			MultiplePerUser: &yes}, "CUP4EVER", 1003},
		{SeriesInput{Code: text("MONSOON"), Description: text("5 off in the rain"), DiscountValue: five, ValidTill: text(o.time(tx.now).AddDate(0, 0, 1).Format(time.DateOnly))}, "RAIN2345", 1001},
		{SeriesInput{Code: text("TODAY"), Description: text("5 off today or tomorrow"), DiscountValue: five, ValidDays: number(1)}, "DAY23456", 1001},
		{SeriesInput{Code: text("LAUNCH"), Description: text("5 off for the first who comes"), DiscountValue: five, MaxCreate: number(1), MaxRedeem: number(1),
			MultipleUse: &yes, SameUserAgain: &yes}, "LAUNCH22", 1001},
		{SeriesInput{Code: text("WEEKLY"), Description: text("5 off, once a week"), DiscountValue: five, DaysBetweenRedemptions: number(7), MultipleUse: &yes,
			SameUserAgain: &yes}, "WEEKLY77", 1001},
		{SeriesInput{Code: text("BIRTHDAY"), Description: text("5 off, once in a life"), DiscountValue: five, MaxRedeemPerUser: number(1), MultipleUse: &yes,
			SameUserAgain: &yes}, "BIRTHDAY", 1001},
		{SeriesInput{Code: text("BRANCH"), Description: text("5 off in another store"), DiscountValue: five, Stores: text("[2]")}, "BRANCH22", 1001},
		{SeriesInput{Code: text("CENTURY"), Description: text("5 off at the end of the century"), DiscountValue: five, RedemptionValidFrom: text("2099-01-01")}, "NEXT2099", 1001},
	} {
		sr, err := tx.addSeries(who, s.in)
		if err != nil {
			return fmt.Errorf("demo series %d: %w", i+1, err)
		}
		if err := tx.demoCoupon(o, who, sr.ID, s.customer, s.code); err != nil {
			return err
		}
	}
	if err := tx.demoCoupon(o, who, 1, 1002, "TEA7RAVI"); err != nil {
		return err
	}
	_, err = tx.redeem(o, who, CouponRef{Code: "CUP4EVER"}, 1003, RedeemAsk{Number: "DEMO-1", Amount: 120_000}, o.time(tx.now))
	return err
}

func (tx *Tx) demoCoupon(o *orgConfig, who Who, series, customer int64, code string) error {
	sr, err := tx.series(o, who.Org, series)
	if err != nil {
		return err
	}
	_, err = tx.addCoupon(o, who, &sr, customer, code)
	return err
}
