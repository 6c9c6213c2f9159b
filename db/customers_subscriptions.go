package db

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// The channels of subscriptions in the order of the answer, each with the type of the communication channel it goes by.
var subscriptionChannels = []struct{ name, channel string }{
	{"SMS", "mobile"}, {"EMAIL", "email"}, {"WECHAT", "wechat"}, {"WHATSAPP", "whatsapp"}, {"IOS", "ios"}, {"ANDROID", "android"}, {"LINE", "line"},
}

var subscriptionPriorities = []string{"TRANS", "BULK"}

// ParseSubscriptionChannel gives the canonical name of a channel: MOBILE is SMS.
func ParseSubscriptionChannel(sent string) (string, bool) {
	for _, c := range subscriptionChannels {
		if k := vocabularyKey(sent); k == vocabularyKey(c.name) || k == c.channel {
			return c.name, true
		}
	}
	return "", false
}

// ParseSubscriptionPriority gives TRANS or BULK.
func ParseSubscriptionPriority(sent string) (string, bool) {
	i := slices.IndexFunc(subscriptionPriorities, func(p string) bool { return vocabularyKey(p) == vocabularyKey(sent) })
	if i < 0 {
		return "", false
	}
	return subscriptionPriorities[i], true
}

// Subscription says whether messages of a kind may go to a customer by a channel of one profile.
type Subscription struct {
	Place
	Channel, Priority string
	OptedIn           bool
}

// Subscriptions are those of a customer, with what was not as asked.
type Subscriptions struct {
	List     []Subscription
	Warnings []*fault.Fault
}

// SetSubscriptions stores subscriptions. One whose source the customer has no profile in is left out with a warning; when none
// is left, that is the error. One without a source is of INSTORE, or else of the customer's first profile.
func (s *Store) SetSubscriptions(ctx context.Context, who Who, id int64, asked []Subscription, reason string) (Subscriptions, error) {
	return once(ctx, s, who, func(tx *Tx) (out Subscriptions, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		return tx.setSubscriptions(o, who, id, asked, reason)
	})
}

// SetSubscriptionsByIdentifier is SetSubscriptions for the customer who has an identifier in that place, which is the place of
// subscriptions without one too.
func (s *Store) SetSubscriptionsByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string, asked []Subscription, reason string) (Subscriptions, error) {
	return once(ctx, s, who, func(tx *Tx) (out Subscriptions, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		at, _, err := o.place(source, account, fault.SourceInvalid)
		if err != nil {
			return out, err
		}
		found, err := tx.lookup(o, who.Org, source, account, identifier, fault.SourceInvalid)
		if err != nil {
			return out, err
		}
		asked := slices.Clone(asked)
		for i := range asked {
			if asked[i].Source == "" {
				asked[i].Place = at
			}
		}
		out, err = tx.setSubscriptions(o, who, found.ID, asked, reason)
		out.Warnings = append(found.Warnings, out.Warnings...)
		return out, err
	})
}

func (tx *Tx) setSubscriptions(o *orgConfig, who Who, id int64, asked []Subscription, reason string) (out Subscriptions, err error) {
	c, err := tx.toWrite(o, who.Org, id)
	if err != nil {
		return out, err
	}
	have, err := tx.subscriptions(who.Org, c)
	if err != nil {
		return out, err
	}
	var failed []*fault.Fault
	changed := false
	for i, a := range asked {
		why := "the customer has no profile in its source and account"
		if a.Source == "" {
			if len(c.Profiles) > 0 {
				a.Place = c.Profiles[0].Place
			}
			if c.profile(Place{Source: "INSTORE"}) != nil {
				a.Place = Place{Source: "INSTORE"}
			}
		} else if at, _, err := o.place(a.Source, a.Account, fault.SourceInvalid); err == nil {
			a.Place = at
		} else {
			why = "its source or account is unknown or not active"
		}
		out.List = append(out.List, a)
		if c.profile(a.Place) == nil {
			failed = append(failed, fault.SubscriptionFailed.With("reason", why).At("body: subscriptions["+strconv.Itoa(i)+"]"))
			continue
		}
		now, err := tx.setSubscription(who, id, have, a, reason)
		if err != nil {
			return out, err
		}
		changed = changed || now
	}
	if len(failed) == len(asked) {
		return out, failed[0]
	}
	out.Warnings = failed
	if !changed {
		return out, nil
	}
	now, err := tx.subscriptions(who.Org, c)
	if err != nil {
		return out, err
	}
	was, is := subscriptionFields(have), subscriptionFields(now)
	dropEqual(was, is)
	if err := tx.tell(o, who, toldCustomerUpdated, id, map[string]any{}); err != nil {
		return out, err
	}
	return out, tx.auditRow(who, "customer.subscriptions", "customer", id, sql.NullString{String: toJSON(was), Valid: true}, toJSON(is))
}

// setSubscription stores one, and says whether that changed anything.
func (tx *Tx) setSubscription(who Who, id int64, have []Subscription, a Subscription, reason string) (bool, error) {
	if slices.Contains(have, a) {
		return false, nil
	}
	_, err := tx.Exec(`INSERT INTO subscriptions (org, customer, source, account, channel, priority, opted_in, modified_on, modified_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (org, customer, source, account, channel, priority) DO UPDATE SET opted_in = excluded.opted_in, modified_on = excluded.modified_on, modified_by = excluded.modified_by`,
		who.Org, id, a.Source, a.Account, a.Channel, a.Priority, bit(a.OptedIn), tx.now, who.Till)
	if err != nil {
		return false, err
	}
	row, err := tx.next(who.Org, "subscription_log", 1)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(`INSERT INTO subscription_log (org, id, at, customer, source, account, channel, priority, opted_in, reason, till) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		who.Org, row, tx.now, id, a.Source, a.Account, a.Channel, a.Priority, bit(a.OptedIn), reason, who.Till)
	return true, err
}

// subscriptionFields are the fields of an audit row.
func subscriptionFields(list []Subscription) map[string]string {
	fields := map[string]string{}
	for _, s := range list {
		at := s.Source
		if s.Account != "" {
			at += "/" + s.Account
		}
		fields["subscriptions/"+stepEscapes.Replace(at)+"/"+s.Channel+"/"+s.Priority] = map[bool]string{true: "OPTIN", false: "OPTOUT"}[s.OptedIn]
	}
	return fields
}

// subscriptions of a customer: what was said, and for the channels of each profile that nothing was said of, whether one of them
// is subscribed.
func (tx *Tx) subscriptions(org int64, c *Customer) ([]Subscription, error) {
	said := map[Subscription]bool{} // with OptedIn false in the key
	err := tx.Each(func(scan func(...any) error) error {
		var s Subscription
		var in bool
		err := scan(&s.Source, &s.Account, &s.Channel, &s.Priority, &in)
		said[s] = in
		return err
	}, `SELECT source, account, channel, priority, opted_in FROM subscriptions WHERE org = $1 AND customer = $2`, org, c.ID)
	if err != nil {
		return nil, err
	}
	var all []Subscription
	for _, p := range c.Profiles {
		for _, ch := range subscriptionChannels {
			there, subscribed := false, false
			for _, have := range p.Channels {
				there = there || have.Type == ch.channel
				subscribed = subscribed || have.Type == ch.channel && have.Subscribed
			}
			for _, priority := range subscriptionPriorities {
				s := Subscription{Place: p.Place, Channel: ch.name, Priority: priority}
				in, ok := said[s]
				if !ok && !there {
					continue
				}
				s.OptedIn = in || !ok && subscribed
				all = append(all, s)
			}
		}
	}
	return all, nil
}

// Subscriptions reads the subscriptions of a customer, by profile.
func (s *Store) Subscriptions(ctx context.Context, who Who, id int64) (out Subscriptions, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		c, err := tx.present(o, who.Org, id)
		if err != nil {
			return err
		}
		out.List, err = tx.subscriptions(who.Org, c)
		return err
	})
	return out, err
}

// SubscriptionsByIdentifier is Subscriptions for the customer who has an identifier.
func (s *Store) SubscriptionsByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string) (out Subscriptions, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		found, err := tx.lookup(o, who.Org, source, account, identifier, fault.LookupSourceInvalid)
		if err != nil {
			return err
		}
		c, err := tx.customer(o, who.Org, found.ID)
		if err != nil {
			return err
		}
		out.Warnings = found.Warnings
		out.List, err = tx.subscriptions(who.Org, c)
		return err
	})
	return out, err
}

// SubscriptionEntry is one change of a subscription.
type SubscriptionEntry struct {
	Subscription
	Reason string
	At     time.Time
	By     EntityRef
}

// SubscriptionLog reads the changes of a customer's subscriptions, the last one first.
func (s *Store) SubscriptionLog(ctx context.Context, who Who, of CustomerRef, page Page) (log []SubscriptionEntry, w []*fault.Fault, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		log = nil
		o, c, err := tx.orgAndCustomer(who, of)
		if err != nil {
			return err
		}
		w = c.Warnings
		return tx.Each(func(scan func(...any) error) error {
			var e SubscriptionEntry
			var at, till int64
			err := scan(&at, &e.Source, &e.Account, &e.Channel, &e.Priority, &e.OptedIn, &e.Reason, &till)
			e.At, e.By = o.time(at), o.by(till)
			log = append(log, e)
			return err
		}, `SELECT at, source, account, channel, priority, opted_in, reason, till FROM subscription_log
			WHERE org = $1 AND `+andVictims+` ORDER BY id DESC LIMIT $3 OFFSET $4`, who.Org, c.ID, page.Limit, page.Offset)
	})
	return log, w, err
}
