package db

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Liability is what an org owes its customers in points that expire in a month.
type Liability struct {
	Month     string // as 2026-12; "never" for points that do not expire
	Customers int64
	Points    int64 // thousandths
	Worth     int64 // thousandths of the currency, by the program in force
}

// PointsLiability reports the points that customers could spend now, by the month in which they expire.
func (s *Store) PointsLiability(ctx context.Context, org string) (list []Liability, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		named, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		o, err := tx.org(named.ID)
		if err != nil {
			return err
		}
		months, seen := map[string]*Liability{}, map[string]map[int64]bool{}
		err = tx.Each(func(scan func(...any) error) error {
			var customer, expires, remaining int64
			if err := scan(&customer, &expires, &remaining); err != nil {
				return err
			}
			month := "never"
			if expires != never {
				month = lastDay(expires, o.TimeZone)[:len("2026-12")]
			}
			if months[month] == nil {
				months[month], seen[month] = &Liability{Month: month}, map[int64]bool{}
			}
			months[month].Points += remaining
			if !seen[month][customer] {
				seen[month][customer] = true
				months[month].Customers++
			}
			return nil
		}, `SELECT customer, expires_on, remaining FROM points_batches WHERE org = $1 AND remaining > 0 AND expires_on > $2`, named.ID, tx.now)
		for _, l := range months {
			if p := o.program(tx.now); p != nil {
				l.Worth = p.Rules.worth(l.Points)
			}
			list = append(list, *l)
		}
		slices.SortFunc(list, func(a, b Liability) int { return strings.Compare(a.Month, b.Month) })
		return err
	})
	return list, err
}

// PointsDay is what happened to points at one till on one day, in thousandths.
type PointsDay struct {
	Day, Till                                                            string // the till's code; "" for the server and commands
	Earned, Returned, Redeemed, Reversed, Expired, Adjusted, Transferred int64
}

// PointsByDay reports what tills did with points on the last days, today included. Points expire on the last day of theirs, written off or not.
func (s *Store) PointsByDay(ctx context.Context, org string, days int) (list []PointsDay, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list = nil
		named, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		o, err := tx.org(named.ID)
		if err != nil {
			return err
		}
		today := o.time(tx.now)
		since := StartOfDay(today.Year(), today.Month(), today.Day()+1-days, o.TimeZone).UnixMilli()
		rows := map[[2]string]*PointsDay{}
		row := func(day, till string) *PointsDay {
			key := [2]string{day, till}
			if rows[key] == nil {
				rows[key] = &PointsDay{Day: day, Till: till}
			}
			return rows[key]
		}
		err = tx.Each(func(scan func(...any) error) error {
			var at, till, points, expires int64
			var kind string
			if err := scan(&at, &till, &kind, &points, &expires); err != nil {
				return err
			}
			day := o.time(at).Format(time.DateOnly)
			if kind == "EXPIRE" && at == expires { // when the day after begins
				if at == since {
					return nil
				}
				day = lastDay(expires, o.TimeZone)
			}
			r := row(day, o.by(till).Code)
			switch kind {
			case "EARN":
				r.Earned += points
			case "RETURN":
				r.Returned -= points
			case "REDEEM":
				r.Redeemed -= points
			case "REVERSE":
				r.Reversed += points
			case "EXPIRE":
				r.Expired -= points
			case "ADJUST":
				r.Adjusted += points
			case "TRANSFER_IN":
				r.Transferred += points
			}
			return nil
		}, `SELECT e.at, e.till, e.kind, l.points, b.expires_on FROM points_events e JOIN points_ledger l ON l.org = e.org AND l.event = e.id
			JOIN points_batches b ON b.org = l.org AND b.id = l.batch WHERE e.org = $1 AND e.at >= $2`, named.ID, since)
		if err != nil {
			return err
		}
		err = tx.Each(func(scan func(...any) error) error {
			var expires, points int64
			if err := scan(&expires, &points); err != nil {
				return err
			}
			row(lastDay(expires, o.TimeZone), o.by(0).Code).Expired += points
			return nil
		}, `SELECT expires_on, sum(remaining) FROM points_batches WHERE org = $1 AND remaining > 0 AND expires_on > $2 AND expires_on <= $3 GROUP BY expires_on`,
			named.ID, since, tx.now)
		for _, r := range rows {
			list = append(list, *r)
		}
		slices.SortFunc(list, func(a, b PointsDay) int { return strings.Compare(a.Day+"\x00"+a.Till, b.Day+"\x00"+b.Till) })
		return err
	})
	return list, err
}
