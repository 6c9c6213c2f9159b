package db

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The rules of points as functions of values. Points and amounts are in thousandths everywhere.

// maxPoints is the most that a balance, and so anything that is added to it, may be.
const maxPoints = 9007199254740991

// never is the end of a batch that does not expire.
const never = maxPoints

// ProgramRules are what one version of a program says.
type ProgramRules struct {
	Name string `json:"name"`

	Rate     int64 `json:"rate"`     // millionths of a point for one unit of the currency
	Decimals int   `json:"decimals"` // of points, when they are awarded, redeemed and transferred

	Value   int64 `json:"value"`             // millionths of the currency's unit that one point is worth
	Minimum int64 `json:"minimum,omitempty"` // points of one redemption, at least; 0: any
	Maximum int64 `json:"maximum,omitempty"` // at most; 0: any

	ExpireDays int    `json:"expireDays,omitempty"` // days that points live; 0: for ever
	Tiers      []Tier `json:"tiers"`                // by From, the first from 0

	Coupons []BillCoupon `json:"coupons,omitempty"` // that bills give
}

// Tier is a rank of customers by the points that they have earned.
type Tier struct {
	Name string `json:"name"`
	From int64  `json:"from"` // points earned and not taken back
}

// BillCoupon says that a bill gives a coupon of a series.
type BillCoupon struct {
	Series  int64 `json:"series"`
	Minimum int64 `json:"minimum,omitempty"` // amount of the bill, at least; 0: any
}

// due says whether a bill of an amount gives the coupon.
func (c BillCoupon) due(amount int64) bool { return amount > 0 && amount >= c.Minimum }

// earned gives the points of an amount: raw as the rate says, awarded floored to the decimals of the program.
func (p *ProgramRules) earned(amount int64) (raw, awarded int64) {
	raw = scale(amount, p.Rate)
	return raw, raw - raw%p.step()
}

// step is the smallest part of a point that is awarded.
func (p *ProgramRules) step() int64 { return []int64{1000, 100, 10, 1}[p.Decimals] }

// worth gives the amount that points stand for.
func (p *ProgramRules) worth(points int64) int64 { return scale(points, p.Value) }

// scale multiplies by millionths and floors; what would pass all bounds stays at maxPoints.
func scale(n, millionths int64) int64 {
	if n <= 0 || millionths <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(n), uint64(millionths))
	if hi >= 1_000_000 {
		return maxPoints
	}
	q, _ := bits.Div64(hi, lo, 1_000_000)
	return int64(min(q, maxPoints))
}

// expiry is the moment from which points of a day are gone: the end of the day that lies the program's days after it, in the
// zone of the org.
func (p *ProgramRules) expiry(awarded int64, zone *time.Location) int64 {
	if p.ExpireDays == 0 {
		return never
	}
	t := time.UnixMilli(awarded).In(zone)
	return StartOfDay(t.Year(), t.Month(), t.Day()+p.ExpireDays+1, zone).UnixMilli()
}

// lastDay is the last day on which points that expire then can be used.
func lastDay(expires int64, zone *time.Location) string {
	return time.UnixMilli(expires - 1).In(zone).Format(time.DateOnly)
}

// tier gives the place in Tiers of a customer who has earned points.
func (p *ProgramRules) tier(points int64) int {
	at := 0
	for i, t := range p.Tiers {
		if points >= t.From {
			at = i
		}
	}
	return at
}

// batch is points that came together and expire together.
type batch struct {
	id, customer      int64
	awarded, expires  int64
	points, remaining int64
	bill              int64 // 0 for none
}

func (b batch) due(now int64) bool { return b.expires <= now }

// move is what an event does to one batch; below zero it takes.
type move struct{ batch, points int64 }

// expiring gives what is due of the batches.
func expiring(batches []batch, now int64) (parts []move) {
	for _, b := range batches {
		if b.due(now) && b.remaining > 0 {
			parts = append(parts, move{b.id, -b.remaining})
		}
	}
	return parts
}

// spend takes points from the batches that are alive: those that expire first before the others, of these those awarded first.
// short is what was not there.
func spend(batches []batch, points, now int64) (parts []move, short int64) {
	return take(batches, points, now, func(a, b batch) int {
		return cmp.Or(cmp.Compare(a.expires, b.expires), cmp.Compare(a.awarded, b.awarded), cmp.Compare(a.id, b.id))
	})
}

// takeOldest takes points from the batches that are alive, the oldest first.
func takeOldest(batches []batch, points, now int64) (parts []move, short int64) {
	return take(batches, points, now, func(a, b batch) int {
		return cmp.Or(cmp.Compare(a.awarded, b.awarded), cmp.Compare(a.id, b.id))
	})
}

func take(batches []batch, points, now int64, order func(a, b batch) int) (parts []move, short int64) {
	batches = slices.Clone(batches)
	slices.SortFunc(batches, order)
	for _, b := range batches {
		if n := min(points, b.remaining); n > 0 && !b.due(now) {
			parts = append(parts, move{b.id, -n})
			points -= n
		}
	}
	return parts, points
}

// giveBack undoes part of a redemption: what was taken last comes back first, so that the points which live longest do. taken
// are the parts of the redemption in their order, below zero; reversed is what came back before.
func giveBack(taken []move, reversed, points int64) (parts []move) {
	for _, t := range slices.Backward(taken) {
		n := -t.points
		skip := min(reversed, n)
		reversed -= skip
		if n = min(n-skip, points); n > 0 {
			parts = append(parts, move{t.batch, n})
			points -= n
		}
	}
	return parts
}

// earnedBill is what a bill has earned and what became of it.
type earnedBill struct {
	awarded int64 // once
	kept    int64 // what it would earn for what was left of it after the last return
	taken   int64 // by returns
	expired int64 // of its own points
}

// returned says what a return takes when the bill would now earn kept. Points of the bill that have expired are not taken
// again.
func (b earnedBill) returned(kept int64) (take int64) {
	return max(0, min(b.kept-kept, b.awarded-b.taken-b.expired))
}

// redeemer is what decides whether a customer may redeem.
type redeemer struct {
	id                int64
	enrolled, fraud   bool
	balance, lifetime int64
	purchases         int64
	today, atTill     int64 // redeemed today by the customer, and at the till
}

// redeemable says why points cannot be redeemed, or nil. p is nil without a program. What is wrong with the request comes first,
// then what is wrong with the customer, then the bounds of the day.
func redeemable(p *ProgramRules, s PointsSettings, r redeemer, points int64) *fault.Fault {
	switch {
	case p == nil:
		return fault.ProgramMissing.New()
	case !r.enrolled:
		return fault.PointsNotLoyalty.With("id", r.id)
	case s.Off || p.Value == 0:
		return fault.RedeemOff.New()
	}
	if f := p.whole(points); f != nil {
		return f
	}
	switch {
	case r.fraud:
		return fault.RedeemFraud.With("id", r.id)
	case s.Multiple > 0 && points%s.Multiple != 0:
		return fault.RedeemNoMultiple.With("multiple", Decimal(s.Multiple))
	case points < p.Minimum:
		return fault.RedeemTooFew.With("min", Decimal(p.Minimum))
	case p.Maximum > 0 && points > p.Maximum:
		return fault.RedeemTooMany.With("max", Decimal(p.Maximum))
	case r.balance < s.MinBalance:
		return fault.RedeemBalanceLow.With("min", Decimal(s.MinBalance))
	case r.lifetime < s.MinLifetime:
		return fault.RedeemLifetimeLow.With("min", Decimal(s.MinLifetime))
	case r.purchases < s.MinPurchases:
		return fault.RedeemPurchasesLow.With("min", Decimal(s.MinPurchases))
	case points > r.balance:
		return fault.PointsInsufficient.With("available", Decimal(r.balance))
	case s.CustomerDay > 0 && points > s.CustomerDay-r.today:
		return fault.RedeemCustomerDay.With("max", Decimal(s.CustomerDay), "left", Decimal(max(0, s.CustomerDay-r.today)))
	case s.TillDay > 0 && points > s.TillDay-r.atTill:
		return fault.RedeemTillDay.With("max", Decimal(s.TillDay), "left", Decimal(max(0, s.TillDay-r.atTill)))
	}
	return nil
}

// maxAsked is the most points that one request may name: a billion.
const maxAsked = 1_000_000_000_000

// whole says why a number of points is none that the program deals in, or nil.
func (p *ProgramRules) whole(points int64) *fault.Fault {
	switch {
	case points <= 0 || points > maxAsked:
		return fault.PointsInvalid.New()
	case points%p.step() != 0:
		return fault.PointsTooFine.With("decimals", p.Decimals)
	}
	return nil
}
