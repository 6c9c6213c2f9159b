package db

import (
	"fmt"

	"github.com/arteriole/arteriole/fault"
)

// issueForBill issues the coupons that the program gives for a bill of an amount. All limits of their series apply, and a refusal
// is a warning of the bill. Returns do not take coupons back (our rule 114).
func (tx *Tx) issueForBill(o *orgConfig, who Who, rules *ProgramRules, customer, amount int64) (effects []SideEffect, warnings []*fault.Fault, err error) {
	for _, c := range rules.Coupons {
		if !c.due(amount) {
			continue
		}
		coupons, _, err := tx.issue(o, who, c.Series, customer, 1, "")
		if fault.Is(err, fault.Unavailable) { // no code was found: the bill can be sent again
			return nil, nil, err
		}
		refused, err := asRefusal(err)
		if err != nil {
			return nil, nil, err
		}
		if refused != nil {
			warnings = append(warnings, refused)
			continue
		}
		k := coupons[0]
		effects = append(effects, SideEffect{Type: "coupon", Customer: customer, Coupon: k.ID, Series: k.Series, Code: k.Code, ValidTill: k.ValidTill,
			Description: k.Description, Discount: k.DiscountCode, Kind: k.DiscountType, Value: k.Value})
	}
	return effects, warnings, nil
}

// seriesExist refuses a program whose coupons are of a series that the org does not have.
func (tx *Tx) seriesExist(org int64, rules *ProgramRules) error {
	for i, c := range rules.Coupons {
		var there bool
		if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM coupon_series WHERE org = $1 AND id = $2)`, org, c.Series).Scan(&there); err != nil {
			return err
		}
		if !there {
			return Refusal(fmt.Sprintf("coupons[%d].series is %d: the organization has no such coupon series", i, c.Series))
		}
	}
	return nil
}
