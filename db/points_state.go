package db

import (
	"database/sql"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Points is where a customer stands in the program, as it is now: what has expired is expired, written off or not. Points and
// amounts are in thousandths.
type Points struct {
	Customer int64
	Enrolled bool     // in a program that there is
	Program  *Program // the version in force; nil when not enrolled

	Balance, Lifetime, Redeemed, Expired, Returned, Adjusted int64
	Purchases                                                int64

	Tier, NextTier *TierInForce // NextTier is nil in the last one
	Expiring       []Expiring   // by day
	Warnings       []*fault.Fault
}

// TierInForce is a tier with its place, counted from 1.
type TierInForce struct {
	Number int
	Tier
}

// Expiring is points that expire at the end of a day.
type Expiring struct {
	Day    string // as 2026-12-31
	Points int64
	Bill   bool // earned with bills
}

// points reads where a customer stands.
func (tx *Tx) points(o *orgConfig, org, customer int64) (p Points, err error) {
	p = Points{Customer: customer}
	if p.Enrolled, err = tx.enrolled(org, customer); err != nil {
		return p, err
	}
	if p.Program = o.program(tx.now); p.Program == nil {
		p.Enrolled = false
	}
	if !p.Enrolled {
		p.Program = nil
		return p, nil
	}
	a, err := tx.readAccount(org, customer)
	if err != nil {
		return p, err
	}
	batches, err := tx.batches(org, customer, never)
	if err != nil {
		return p, err
	}
	for _, b := range batches {
		if b.due(tx.now) {
			a.balance -= b.remaining
			a.expired += b.remaining
			continue
		}
		if b.expires == never {
			continue
		}
		day, bill := lastDay(b.expires, o.TimeZone), b.bill != 0
		i := len(p.Expiring) - 1
		for i >= 0 && p.Expiring[i].Day == day && p.Expiring[i].Bill != bill {
			i--
		}
		if i < 0 || p.Expiring[i].Day != day {
			p.Expiring = append(p.Expiring, Expiring{Day: day, Bill: bill})
			i = len(p.Expiring) - 1
		}
		p.Expiring[i].Points += b.remaining
	}
	p.Balance, p.Lifetime, p.Redeemed, p.Expired, p.Returned, p.Adjusted = a.balance, a.lifetime, a.redeemed, a.expired, a.returned, a.adjusted
	if p.Purchases, err = tx.lifetimePurchases(org, customer); err != nil {
		return p, err
	}
	tiers := p.Program.Rules.Tiers
	at := p.Program.Rules.tier(a.tierPoints())
	p.Tier = &TierInForce{at + 1, tiers[at]}
	if at+1 < len(tiers) {
		p.NextTier = &TierInForce{at + 2, tiers[at+1]}
	}
	return p, nil
}

// Worth is what the points that can be spent are worth, in thousandths of the currency.
func (p Points) Worth() int64 { return p.Program.Rules.worth(p.Balance) }

// PersonName is what a transfer tells of a customer.
type PersonName struct {
	ID    int64  `json:"id"`
	First string `json:"first"`
	Last  string `json:"last"`
}

// name gives the names of a customer's first profile; a victim's are the survivor's.
func (tx *Tx) name(org, customer int64) (n PersonName, err error) {
	n.ID = customer
	at, err := tx.survivorOf(org, customer)
	if err != nil {
		return n, err
	}
	err = tx.QueryRow(`SELECT first_name, last_name FROM profiles WHERE org = $1 AND customer = $2 ORDER BY position LIMIT 1`, org, at).Scan(&n.First, &n.Last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n, err
}

// dayOf is when the day of a time begins in the org's zone.
func (o *orgConfig) dayOf(ms int64) int64 {
	t := time.UnixMilli(ms).In(o.TimeZone)
	return StartOfDay(t.Year(), t.Month(), t.Day(), o.TimeZone).UnixMilli()
}
