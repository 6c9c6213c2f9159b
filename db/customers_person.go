package db

import "time"

// subscriptionsPart: subscriptions follow their profiles, and the log stays with whom it is about.
var subscriptionsPart = part{name: "subscriptions", erase: eraseSubscriptions, export: exportSubscriptions}

func eraseSubscriptions(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		for _, q := range []string{`DELETE FROM subscriptions WHERE org = $1 AND customer = $2`, `DELETE FROM subscription_log WHERE org = $1 AND customer = $2`} {
			if _, err := tx.Exec(q, e.who.Org, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// ExportedSubscription is a change of a subscription, in an export.
type ExportedSubscription struct {
	Customer int64 `json:"customer"`
	Place
	Channel  string    `json:"channel"`
	Priority string    `json:"priority"`
	OptedIn  bool      `json:"optedIn"`
	Reason   string    `json:"reason"`
	On       time.Time `json:"on"`
	By       EntityRef `json:"by"`
}

func exportSubscriptions(tx *Tx, e *exporting) (any, error) {
	all := []ExportedSubscription{}
	for _, id := range e.ids {
		err := tx.Each(func(scan func(...any) error) error {
			s := ExportedSubscription{Customer: id}
			var at, till int64
			err := scan(&at, &s.Source, &s.Account, &s.Channel, &s.Priority, &s.OptedIn, &s.Reason, &till)
			s.On, s.By = e.o.time(at), e.o.by(till)
			all = append(all, s)
			return err
		}, `SELECT at, source, account, channel, priority, opted_in, reason, till FROM subscription_log WHERE org = $1 AND customer = $2 ORDER BY id`, e.org, id)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// eraseStatus leaves which statuses there were and when, and takes away the reasons, which people have written.
func eraseStatus(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		if _, err := tx.Exec(`UPDATE customer_statuses SET reason = '' WHERE org = $1 AND customer = $2`, e.who.Org, id); err != nil {
			return err
		}
	}
	return nil
}

// ExportedStatus is a status that a customer was given, in an export.
type ExportedStatus struct {
	Customer  int64     `json:"customer"`
	Label     string    `json:"label"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	CreatedOn time.Time `json:"createdOn"`
	On        time.Time `json:"on"`
	By        EntityRef `json:"by"`
}

func exportStatus(tx *Tx, e *exporting) (any, error) {
	all := []ExportedStatus{}
	for _, id := range e.ids {
		err := tx.Each(func(scan func(...any) error) error {
			s := ExportedStatus{Customer: id}
			var at, on, till int64
			err := scan(&at, &s.Label, &s.Status, &s.Reason, &on, &till)
			s.On, s.CreatedOn, s.By = e.o.time(at), e.o.time(on), e.o.by(till)
			all = append(all, s)
			return err
		}, `SELECT at, label, status, reason, created_on, till FROM customer_statuses WHERE org = $1 AND customer = $2 ORDER BY id`, e.org, id)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
