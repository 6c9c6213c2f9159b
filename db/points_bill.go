package db

import (
	"database/sql"
	"errors"

	"github.com/arteriole/arteriole/fault"
)

// What a bill has to do with points. Each function runs inside the transaction that stores the bill.

// earning is a bill, or the sale lines of a mixed one, that may earn points.
type earning struct {
	Customer, Transaction int64
	BillingDate           int64 // ms
	Amount                int64 // thousandths of the currency: what was bought
}

// takeBack is a return of what may have earned points.
type takeBack struct {
	Customer, Sale, Return   int64
	SaleDate                 int64 // ms
	AmountBefore, AmountLeft int64 // of the sale, before and after this return
}

// earn gives the points and the coupons of a bill by the version of the program that is in force at its billing date (decision
// 27). Without one it earns nothing, with a warning; a customer outside the program earns nothing.
func (tx *Tx) earn(o *orgConfig, who Who, b earning) (effects []SideEffect, warnings []*fault.Fault, err error) {
	p := o.program(b.BillingDate)
	if p == nil {
		return nil, []*fault.Fault{fault.NoProgram.New()}, nil
	}
	enrolled, err := tx.enrolled(who.Org, b.Customer)
	if err != nil || !enrolled {
		return nil, nil, err
	}
	raw, awarded := p.Rules.earned(b.Amount)
	if awarded, err = tx.award(o, who, b.Customer, &p.Rules, awarded, b.BillingDate, event{kind: "EARN", bill: b.Transaction}); err != nil {
		return nil, nil, err
	}
	_, err = tx.Exec(`INSERT INTO points_earnings (org, bill, customer, version, billed_on, amount, raw, awarded, kept, taken) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0)`,
		who.Org, b.Transaction, b.Customer, p.Version, b.BillingDate, max(0, b.Amount), raw, awarded)
	if err != nil {
		return nil, nil, err
	}
	if awarded > 0 {
		gives := SideEffect{Type: "points", Customer: b.Customer, Awarded: awarded, Raw: raw}
		if end := p.Rules.expiry(b.BillingDate, o.TimeZone); end != never {
			gives.Expires = o.time(end - 1)
		}
		effects = []SideEffect{gives}
	}
	coupons, warnings, err := tx.issueForBill(o, who, &p.Rules, b.Customer, b.Amount)
	return append(effects, coupons...), warnings, err
}

// award gives a customer points in a batch of their own that lives as long as the program says, from a time on. It gives what
// there is room for, and says how much.
func (tx *Tx) award(o *orgConfig, who Who, customer int64, rules *ProgramRules, points, from int64, what event) (int64, error) {
	w, err := tx.openToAdd(who.Org, customer)
	if points = min(points, w.room()); err != nil || points <= 0 {
		return 0, err
	}
	what.customer = customer
	e, err := tx.pointsEvent(who, what)
	if err != nil {
		return 0, err
	}
	got, err := tx.addBatch(&w, e, batch{awarded: from, expires: rules.expiry(from, o.TimeZone), points: points, bill: what.bill})
	if err != nil {
		return 0, err
	}
	if err := tx.post(&w, e, what.kind, []move{got}); err != nil {
		return 0, err
	}
	_, err = tx.writeOffNow(who, &w)
	return points, err
}

// enrolled says whether a customer is in the loyalty program.
func (tx *Tx) enrolled(org, customer int64) (enrolled bool, err error) {
	err = tx.QueryRow(`SELECT loyalty_type = 'loyalty' FROM customers WHERE org = $1 AND id = $2`, org, customer).Scan(&enrolled)
	return enrolled, err
}

// takeBack takes back what the returned part of a sale has earned: what it earned, less what the version of the program that it
// earned by gives for the amount that is left. The points come from the customer's oldest batches; when there are
// too few, they are spent, and nothing is returned.
func (tx *Tx) takeBack(o *orgConfig, who Who, r takeBack) (effects []SideEffect, warnings []*fault.Fault, err error) {
	var b earnedBill
	var version, rawWas int64
	err = tx.QueryRow(`SELECT version, raw, awarded, kept, taken FROM points_earnings WHERE org = $1 AND bill = $2`, who.Org, r.Sale).
		Scan(&version, &rawWas, &b.awarded, &b.kept, &b.taken)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil // it was added without a program, or for a customer outside it
	}
	if err != nil {
		return nil, nil, err
	}
	// What has expired by now counts as expired, also when nobody has written it off yet.
	w, err := tx.openWallet(who.Org, r.Customer)
	if err != nil {
		return nil, nil, err
	}
	err = tx.QueryRow(`SELECT coalesce(sum(expired), 0) FROM points_batches WHERE org = $1 AND bill = $2`, who.Org, r.Sale).Scan(&b.expired)
	if err != nil {
		return nil, nil, err
	}
	rules := &o.programVersion(version).Rules
	rawLeft, kept := rules.earned(r.AmountLeft)
	kept = min(kept, b.kept)
	points := b.returned(kept)
	_, err = tx.Exec(`UPDATE points_earnings SET kept = $3, taken = taken + $4 WHERE org = $1 AND bill = $2`, who.Org, r.Sale, kept, points)
	if err != nil || points == 0 {
		return nil, nil, err
	}
	parts, short := takeOldest(w.batches, points, tx.now)
	if short > 0 {
		return nil, nil, fault.PointsSpent.With("points", Decimal(points))
	}
	e, err := tx.pointsEvent(who, event{customer: r.Customer, kind: "RETURN", bill: r.Return, sale: r.Sale})
	if err != nil {
		return nil, nil, err
	}
	if err := tx.post(&w, e, "RETURN", parts); err != nil {
		return nil, nil, err
	}
	rawBefore, _ := rules.earned(r.AmountBefore)
	return []SideEffect{{Type: "points", Customer: r.Customer, Awarded: -points, Raw: rawLeft - rawBefore}}, nil, nil
}

// tieRedemptions says which bill earlier redemptions belong to.
func (tx *Tx) tieRedemptions(who Who, customer, transaction int64, points []string, coupons []int64) error {
	for _, id := range points {
		r, err := tx.redemption(who.Org, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			if r.Customer, err = tx.survivorOf(who.Org, r.Customer); err != nil {
				return err
			}
		}
		if err != nil || r.Customer != customer || r.Reversed == r.Points || r.Bill != 0 && r.Bill != transaction {
			return fault.BillRedemptionInvalid.With("id", id).At("body: redemptions.pointsRedemptions")
		}
		if _, err := tx.Exec(`UPDATE points_redemptions SET bill = $3 WHERE org = $1 AND id = $2`, who.Org, id, transaction); err != nil {
			return err
		}
	}
	return tx.tieCouponRedemptions(who, customer, transaction, coupons)
}

// survivorOf gives whom a customer was merged into, or the customer.
func (tx *Tx) survivorOf(org, customer int64) (id int64, err error) {
	err = tx.QueryRow(`SELECT coalesce(merged_into, id) FROM customers WHERE org = $1 AND id = $2`, org, customer).Scan(&id)
	return id, err
}
