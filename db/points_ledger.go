package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// PointsEvent is something that happened to a customer's points.
type PointsEvent struct {
	ID       int64
	Customer int64
	At       time.Time
	Name     string // as the vendor calls it
	Points   int64  // thousandths, in sum
	Bill     int64  // 0 for none
	Number   string // of the bill
	Date     time.Time
	Amount   int64 // thousandths
	Till     EntityRef
	Store    string // its code
	Note     string
	Program  string // name of the program at that time
}

// eventNames are the vendor's words, where there are some.
var eventNames = map[string]string{
	"EARN": "TransactionAdd", "RETURN": "ReturnBill", "REDEEM": "PointsRedemption", "REVERSE": "PointsRedemptionReversal", "EXPIRE": "PointsExpiry",
	"ADJUST": "PointsAdjustment", "TRANSFER_OUT": "PointsTransfer", "TRANSFER_IN": "PointsTransfer", "MERGE_OUT": "CustomerMerge", "MERGE_IN": "CustomerMerge",
}

// maxEvents is how many events are listed, the newest first.
const maxEvents = 100

// LoyaltyEvents lists what happened to a customer in the program, the newest first: at most 100 events of points, and the
// registration, whose ID is 0.
func (s *Store) LoyaltyEvents(ctx context.Context, who Who, ref CustomerRef) (list []PointsEvent, warnings []*fault.Fault, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		list, warnings = nil, nil
		o, found, err := tx.orgAndCustomer(who, ref)
		if err != nil {
			return err
		}
		warnings = found.Warnings
		if list, err = tx.events(o, who.Org, found.ID, 0, tx.now+1, maxEvents, 0); err != nil || len(list) == maxEvents {
			return err
		}
		var at int64
		if err := tx.QueryRow(`SELECT created_on FROM customers WHERE org = $1 AND id = $2`, who.Org, found.ID).Scan(&at); err != nil {
			return err
		}
		list = append(list, PointsEvent{Customer: found.ID, At: o.time(at), Name: "CustomerRegistration"})
		return nil
	})
	return list, warnings, err
}

// events reads events of a customer, and of those who were merged into them, between two times, the newest first.
func (tx *Tx) events(o *orgConfig, org, customer, from, to int64, limit, offset int) (list []PointsEvent, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		e := PointsEvent{Customer: customer}
		var at, till int64
		var kind string
		var bill sql.NullInt64
		if err := scan(&e.ID, &at, &kind, &bill, &till, &e.Note, &e.Points); err != nil {
			return err
		}
		e.At, e.Name, e.Bill, e.Till = o.time(at), eventNames[kind], bill.Int64, o.by(till)
		if kind == "EARN" && !bill.Valid {
			e.Name = "PointsAward"
		}
		if p := o.program(at); p != nil {
			e.Program = p.Rules.Name
		}
		list = append(list, e)
		return nil
	}, `SELECT e.id, e.at, e.kind, e.bill, e.till, e.note, coalesce((SELECT sum(l.points) FROM points_ledger l WHERE l.org = e.org AND l.event = e.id), 0)
		FROM points_events e WHERE e.org = $1 AND e.`+andVictims+` AND e.at >= $3 AND e.at < $4 ORDER BY e.id DESC LIMIT $5 OFFSET $6`,
		org, customer, from, to, limit, offset)
	return list, err
}

// LedgerQuery chooses a part of a ledger. Times are as sent, "" for the default.
type LedgerQuery struct {
	Customer    CustomerRef
	Start, End  string
	Entry       string // CREDIT or DEBIT, "" for both
	Limit, Page int    // Page counts from 0
}

// Ledger is a part of a customer's ledger.
type Ledger struct {
	Customer   PersonName
	ExternalID string
	Program    *Program
	Closing    int64 // the balance at the end of the time asked about, in thousandths
	Entries    []PointsEvent
	Total      int
	Warnings   []*fault.Fault
}

// maxLedgerSpan bounds the time that one look at a ledger covers.
const maxLedgerSpan = 30 // days

// LedgerBalance reads the balance of a customer at a time: the end asked for, or now.
func (s *Store) LedgerBalance(ctx context.Context, who Who, q LedgerQuery) (l Ledger, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		_, end, err := o.ledgerEnd(q.End, tx.now)
		if err != nil {
			return err
		}
		if l, err = tx.ledgerOf(o, who.Org, q.Customer); err != nil {
			return err
		}
		end = min(end, tx.now)
		// The ledger's last row until then, less what had expired by then and is not written off yet.
		err = tx.QueryRow(`SELECT l.balance FROM points_ledger l JOIN points_events e ON e.org = l.org AND e.id = l.event
			WHERE l.org = $1 AND l.customer = $2 AND e.at <= $3 ORDER BY l.seq DESC LIMIT 1`, who.Org, l.Customer.ID, end).Scan(&l.Closing)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		batches, err := tx.batches(who.Org, l.Customer.ID, never)
		for _, b := range batches {
			if b.due(end) {
				l.Closing -= b.remaining
			}
		}
		return err
	})
	return l, err
}

// LedgerInfo reads what happened to a customer's points in a span of at most 30 days, the newest first; by default the 7 days that
// end now.
func (s *Store) LedgerInfo(ctx context.Context, who Who, q LedgerQuery) (l Ledger, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		end, last, err := o.ledgerEnd(q.End, tx.now)
		if err != nil {
			return err
		}
		start, err := o.ledgerTime(q.Start, o.time(end).AddDate(0, 0, -7).UnixMilli(), "query: startDate")
		if err != nil {
			return err
		}
		if start > last {
			return fault.PointsDatesReversed.At("query: startDate")
		}
		if o.time(start).AddDate(0, 0, maxLedgerSpan).Before(o.time(end)) {
			return fault.PointsDateFar.At("query: startDate")
		}
		if l, err = tx.ledgerOf(o, who.Org, q.Customer); err != nil {
			return err
		}
		list, err := tx.events(o, who.Org, l.Customer.ID, start, last+1, maxLedgerEvents, 0)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(e PointsEvent) bool {
			return e.Points == 0 || q.Entry == "CREDIT" && e.Points < 0 || q.Entry == "DEBIT" && e.Points > 0
		})
		l.Total = len(list)
		first := min(q.Page*q.Limit, len(list))
		l.Entries = list[first:min(first+q.Limit, len(list))]
		for i := range l.Entries {
			if err := tx.storeOf(who.Org, &l.Entries[i]); err != nil {
				return err
			}
			if err := tx.billOfEvent(o, who.Org, &l.Entries[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

// maxLedgerEvents is how many events of a span are looked at.
const maxLedgerEvents = 10_000

func (tx *Tx) storeOf(org int64, e *PointsEvent) error {
	err := tx.QueryRow(`SELECT s.code FROM tills t JOIN stores s ON s.org = t.org AND s.id = t.store WHERE t.org = $1 AND t.id = $2`, org, e.Till.ID).Scan(&e.Store)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return err
}

func (tx *Tx) billOfEvent(o *orgConfig, org int64, e *PointsEvent) error {
	if e.Bill == 0 {
		return nil
	}
	var date int64
	err := tx.QueryRow(`SELECT number, billing_date, amount FROM transactions WHERE org = $1 AND id = $2`, org, e.Bill).Scan(&e.Number, &date, &e.Amount)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	e.Date = o.time(date)
	return err
}

// ledgerEnd reads until when a ledger is asked for: the moment that is named, and the last one that counts, as a day alone is meant
// whole.
func (o *orgConfig) ledgerEnd(sent string, now int64) (named, last int64, err error) {
	named, err = o.ledgerTime(sent, now, "query: endDate")
	last = named
	if end, ok := parseEnd(sent, o.TimeZone); ok {
		last = end.UnixMilli()
	}
	return named, last, err
}

func (o *orgConfig) ledgerTime(sent string, otherwise int64, place string) (int64, error) {
	if sent == "" {
		return otherwise, nil
	}
	t, ok := parseTime(sent, o.TimeZone)
	if !ok {
		return 0, fault.PointsDateInvalid.At(place)
	}
	return t.UnixMilli(), nil
}

func (tx *Tx) ledgerOf(o *orgConfig, org int64, ref CustomerRef) (l Ledger, err error) {
	found, err := tx.find(o, org, ref)
	if err != nil {
		return l, err
	}
	l.Warnings = found.Warnings
	if l.Customer, err = tx.name(org, found.ID); err != nil {
		return l, err
	}
	enrolled, err := tx.enrolled(org, found.ID)
	if err != nil {
		return l, err
	}
	if l.Program = o.program(tx.now); l.Program == nil || !enrolled {
		return l, fault.NotEnrolled.With("id", found.ID)
	}
	err = tx.QueryRow(`SELECT value FROM identifiers WHERE org = $1 AND customer = $2 AND type = 'externalId' ORDER BY source, account, position LIMIT 1`, org, found.ID).Scan(&l.ExternalID)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return l, err
}
