package db

import (
	"context"
	"fmt"
	"time"
)

// ProgramPreview says what another version of a program would do, had it been in force for recent bills and were it in force
// for the balances of today. Points and amounts are in thousandths.
type ProgramPreview struct {
	Begins time.Time
	Days   int

	Bills              int64
	Amount             int64
	Earned, WouldEarn  int64
	Cost, WouldCost    int64 // amount that the earned points are worth
	Covers             int   // of Days: those since the first bill, at least 1; 0 without any
	More, Less         int64 // bills that would earn more, or less
	Coupons, WouldGive int64 // coupons that bills give, as far as the limits of their series let them
	Customers          int64 // with points
	Points             int64
	Worth, WouldBe     int64 // amount that the points of today are worth
	May, WouldMay      int64 // customers whose points suffice for a redemption
	Tiers, WouldTiers  []TierCount
	Expires, WouldLive string // how long points live
}

// TierCount is how many customers with points are in a tier.
type TierCount struct {
	Name      string
	Customers int64
}

// PreviewProgram changes nothing. days is how far back bills are looked at.
func (s *Store) PreviewProgram(ctx context.Context, org string, f ProgramFile, days int) (v ProgramPreview, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		named, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		o, err := tx.org(named.ID)
		if err != nil {
			return err
		}
		begins, err := o.begins(f, tx.now)
		if err != nil {
			return err
		}
		if err := tx.seriesExist(named.ID, &f.Rules); err != nil {
			return err
		}
		old := &ProgramRules{Tiers: []Tier{{"none", 0}}}
		if p := o.program(tx.now); p != nil {
			old = &p.Rules
		}
		v = ProgramPreview{Begins: time.UnixMilli(begins).In(o.TimeZone), Days: days, Expires: old.life(), WouldLive: f.Rules.life()}
		if err := tx.previewBills(o, named.ID, old, &f.Rules, tx.now-int64(days)*24*time.Hour.Milliseconds(), &v); err != nil {
			return err
		}
		return tx.previewBalances(named.ID, old, &f.Rules, &v)
	})
	return v, err
}

func (p *ProgramRules) life() string {
	switch {
	case p.Rate == 0 && p.Value == 0:
		return "no program"
	case p.ExpireDays == 0:
		return "for ever"
	}
	return fmt.Sprintf("%d days", p.ExpireDays)
}

// Year scales what bills of Covers days gave to 365 days.
func (v *ProgramPreview) Year(n int64) int64 {
	if v.Covers == 0 {
		return 0
	}
	return int64(float64(n) / float64(v.Covers) * 365) // an estimate: no more than 15 digits of it mean anything
}

func (tx *Tx) previewBills(o *orgConfig, org int64, old, rules *ProgramRules, since int64, v *ProgramPreview) error {
	first := tx.now
	err := tx.Each(func(scan func(...any) error) error {
		var amount, awarded, billed, version int64
		if err := scan(&amount, &awarded, &billed, &version); err != nil {
			return err
		}
		v.Coupons += o.programVersion(version).Rules.coupons(amount)
		v.WouldGive += rules.coupons(amount)
		first = min(first, billed)
		_, would := rules.earned(amount)
		v.Bills, v.Amount, v.Earned, v.WouldEarn = v.Bills+1, v.Amount+amount, v.Earned+awarded, v.WouldEarn+would
		switch {
		case would > awarded:
			v.More++
		case would < awarded:
			v.Less++
		}
		return nil
	}, `SELECT amount, awarded, billed_on, version FROM points_earnings WHERE org = $1 AND billed_on >= $2`, org, since)
	if v.Bills > 0 {
		v.Covers = max(1, int((tx.now-first)/(24*time.Hour).Milliseconds())+1)
		v.Covers = min(v.Covers, v.Days)
	}
	v.Cost, v.WouldCost = old.worth(v.Earned), rules.worth(v.WouldEarn)
	return err
}

func (tx *Tx) previewBalances(org int64, old, rules *ProgramRules, v *ProgramPreview) error {
	due, err := tx.duePoints(org)
	if err != nil {
		return err
	}
	was, would := make([]int64, len(old.Tiers)), make([]int64, len(rules.Tiers))
	err = tx.Each(func(scan func(...any) error) error {
		a := account{}
		if err := scan(&a.customer, &a.balance, &a.lifetime, &a.returned); err != nil {
			return err
		}
		points := a.balance - due[a.customer]
		if points <= 0 && a.lifetime == 0 {
			return nil
		}
		v.Customers++
		v.Points += points
		v.Worth += old.worth(points)
		v.WouldBe += rules.worth(points)
		if old.suffices(points) {
			v.May++
		}
		if rules.suffices(points) {
			v.WouldMay++
		}
		was[old.tier(a.tierPoints())]++
		would[rules.tier(a.tierPoints())]++
		return nil
	}, `SELECT customer, balance, lifetime, returned FROM points_accounts WHERE org = $1`, org)
	for i, t := range old.Tiers {
		v.Tiers = append(v.Tiers, TierCount{t.Name, was[i]})
	}
	for i, t := range rules.Tiers {
		v.WouldTiers = append(v.WouldTiers, TierCount{t.Name, would[i]})
	}
	return err
}

// coupons is how many a bill of an amount gives.
func (p *ProgramRules) coupons(amount int64) (n int64) {
	for _, c := range p.Coupons {
		if c.due(amount) {
			n++
		}
	}
	return n
}

// suffices says whether so many points can be redeemed, as far as the program decides it.
func (p *ProgramRules) suffices(points int64) bool {
	return points > 0 && points >= p.Minimum && p.Value > 0
}

// duePoints are those that have expired and are not written off yet, by customer.
func (tx *Tx) duePoints(org int64) (map[int64]int64, error) {
	due := map[int64]int64{}
	err := tx.Each(func(scan func(...any) error) error {
		var customer, points int64
		err := scan(&customer, &points)
		due[customer] += points
		return err
	}, `SELECT customer, remaining FROM points_batches WHERE org = $1 AND remaining > 0 AND expires_on <= $2`, org, tx.now)
	return due, err
}
