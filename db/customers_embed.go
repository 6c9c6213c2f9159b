package db

import "slices"

// Embedded is what was asked for beside a customer. Points has what is about points.
type Embedded struct {
	Summary, Program, Schedule, Promotions bool // which parts of Points
	Expired                                []Expiring
	Subscriptions                          []Subscription
	Status                                 *StatusLabel
}

// embed adds what was asked for beside a customer, by names in small letters. Other names mean nothing.
func (tx *Tx) embed(o *orgConfig, org int64, f *Found, names []string) error {
	has := func(any ...string) bool {
		return slices.ContainsFunc(any, func(name string) bool { return slices.Contains(names, name) })
	}
	f.Summary, f.Program, f.Schedule, f.Promotions = has("points"), has("mlp"), has("expiryschedules"), has("promotionalpoints")
	if f.Summary || f.Program || f.Schedule {
		p, err := tx.points(o, org, f.ID)
		if err != nil {
			return err
		}
		if p.Enrolled {
			f.Points = &p
		}
	}
	if has("expiredpoints") {
		var err error
		if f.Expired, err = tx.expiredPoints(o, org, f.ID); err != nil {
			return err
		}
	}
	if has("subscription", "subscriptions") {
		c, err := tx.customer(o, org, f.ID) // with all profiles, whatever source was asked for
		if err != nil {
			return err
		}
		if f.Subscriptions, err = tx.subscriptions(org, c); err != nil {
			return err
		}
		if f.Subscriptions == nil {
			f.Subscriptions = []Subscription{}
		}
	}
	if has("customerstatus") {
		s, err := tx.customerStatus(org, f.ID)
		if err != nil {
			return err
		}
		f.Status = &s
	}
	return nil
}

// maxExpired is how many days of expired points are answered, the last ones.
const maxExpired = 100

// expiredPoints reads what has expired of a customer's points, by day, the last day first; written off or not.
func (tx *Tx) expiredPoints(o *orgConfig, org, customer int64) (list []Expiring, err error) {
	list = []Expiring{}
	return list, tx.Each(func(scan func(...any) error) error {
		var expires int64
		e := Expiring{}
		err := scan(&expires, &e.Bill, &e.Points)
		e.Day = lastDay(expires, o.TimeZone)
		list = append(list, e)
		return err
	}, `SELECT expires_on, with_bill, sum(points) FROM (
			SELECT expires_on, bill IS NOT NULL AS with_bill, expired AS points FROM points_batches WHERE org = $1 AND `+andVictims+` AND expired > 0
			UNION ALL SELECT expires_on, bill IS NOT NULL, remaining FROM points_batches WHERE org = $1 AND customer = $2 AND remaining > 0 AND expires_on <= $3) AS gone
		GROUP BY expires_on, with_bill ORDER BY expires_on DESC, with_bill DESC LIMIT $4`, org, customer, tx.now, maxExpired)
}
