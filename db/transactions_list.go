package db

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// BillFilter says which bills of a customer are meant. What is empty does not matter.
type BillFilter struct {
	Type            string // REGULAR or RETURN
	From, To        string // days or times, as sent; a day as To is meant whole
	IDs             []int64
	Number          string
	FirstID, LastID int64
	Entity, Code    string // STORE or TILL, and its code
	Ascending       bool
	Limit, Offset   int
	WithPoints      bool
	ByIdentifier    bool // the customer is named by Identifier, else by Customer
	Customer        int64
	Identifier      Identifier
	Source, Account string
	from, to        int64 // ms
	store, till     int64 // 0: any
}

// BillPage is a part of the bills that were asked for, and how many there are.
type BillPage struct {
	Items    []FoundBill
	Total    int
	Warnings []*fault.Fault
}

// FoundBill is a bill without its lines, and what it has earned.
type FoundBill struct {
	Transaction
	Points *BillPoints // nil when it was not asked for
}

// Transactions lists bills of a customer by billing date.
func (s *Store) Transactions(ctx context.Context, who Who, f BillFilter) (p BillPage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if p, err = tx.whoseBills(o, who.Org, &f); err != nil {
			return err
		}
		if err := f.read(o); err != nil {
			return err
		}
		if err := tx.listBills(o, who.Org, &f, &p); err != nil {
			return err
		}
		for i := range p.Items {
			if f.WithPoints {
				if p.Items[i].Points, err = tx.billPoints(o, who.Org, p.Items[i].ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return p, err
}

// whoseBills finds the customer. The id of a merge's victim is refused; an identifier leads to the survivor.
func (tx *Tx) whoseBills(o *orgConfig, org int64, f *BillFilter) (p BillPage, err error) {
	if !f.ByIdentifier {
		return p, tx.living(org, f.Customer)
	}
	b := &Bill{Source: f.Source, Account: f.Account, IdentifierName: f.Identifier.Type, IdentifierText: f.Identifier.Value}
	found, err := tx.billCustomer(o, org, b, false)
	f.Customer, p.Warnings = found.ID, found.Warnings
	return p, err
}

// read reads the dates and the place.
func (f *BillFilter) read(o *orgConfig) error {
	f.from, f.to = math.MinInt64, math.MaxInt64
	for _, d := range []struct {
		sent  string
		to    *int64
		name  string
		parse func(string, *time.Location) (time.Time, bool)
	}{{f.From, &f.from, "startDate", parseTime}, {f.To, &f.to, "endDate", parseEnd}} {
		if d.sent == "" {
			continue
		}
		t, ok := d.parse(d.sent, o.TimeZone)
		if !ok {
			return fault.BillQueryDateInvalid.At("query: " + d.name)
		}
		*d.to = t.UnixMilli()
	}
	if f.from > f.to {
		return fault.BillDatesReversed.At("query: startDate")
	}
	if f.LastID == 0 {
		f.LastID = math.MaxInt64
	}
	switch f.Entity {
	case "":
		return nil
	case "TILL":
		f.till = o.tillID[strings.ToLower(f.Code)]
	case "STORE":
		for id, s := range o.stores {
			if strings.EqualFold(s.Code, f.Code) {
				f.store = id
			}
		}
	}
	if f.till+f.store == 0 {
		return fault.BillTillInvalid.At("query: entityCode")
	}
	return nil
}

const billsWhere = `WHERE t.org = $1 AND t.customer IN (SELECT $2 UNION ALL SELECT id FROM customers WHERE org = $1 AND merged_into = $2)
	AND t.billing_date >= $3 AND t.billing_date <= $4 AND ($5 = '' OR t.type = $5) AND ($6 = '' OR t.number = $6) AND t.id >= $7 AND t.id <= $8
	AND ($9 = 0 OR t.store = $9) AND ($10 = 0 OR t.till = $10)`

func (tx *Tx) listBills(o *orgConfig, org int64, f *BillFilter, p *BillPage) error {
	args := func(first, last int64) []any {
		return []any{org, f.Customer, f.from, f.to, f.Type, f.Number, max(first, f.FirstID), min(last, f.LastID), f.store, f.till}
	}
	p.Items = []FoundBill{}
	read := func(scan func(...any) error) error {
		t, err := o.scanTransaction(scan)
		if err == nil {
			p.Items = append(p.Items, FoundBill{Transaction: *t})
		}
		return err
	}
	if len(f.IDs) > 0 {
		for _, id := range f.IDs {
			if err := tx.Each(read, transactionColumns+billsWhere+` ORDER BY t.billing_date, t.id`, args(id, id)...); err != nil {
				return err
			}
		}
		slices.SortFunc(p.Items, func(a, b FoundBill) int {
			c := a.BillingDate.Compare(b.BillingDate)
			if c == 0 {
				c = int(a.ID - b.ID)
			}
			if !f.Ascending {
				c = -c
			}
			return c
		})
		p.Total = len(p.Items)
		p.Items = p.Items[min(f.Offset, p.Total):min(f.Offset+f.Limit, p.Total)]
		return nil
	}
	all := args(0, math.MaxInt64)
	if err := tx.QueryRow(`SELECT count(*) FROM transactions t `+billsWhere, all...).Scan(&p.Total); err != nil {
		return err
	}
	order := ` ORDER BY t.billing_date DESC, t.id DESC LIMIT $11 OFFSET $12`
	if f.Ascending {
		order = ` ORDER BY t.billing_date, t.id LIMIT $11 OFFSET $12`
	}
	return tx.Each(read, transactionColumns+billsWhere+order, append(all, f.Limit, f.Offset)...)
}

// BillPoints are what a bill has earned, in thousandths of a point, and what became of it.
type BillPoints struct {
	Program    string
	ProgramID  int64
	Issued     int64
	Available  int64
	Expired    int64
	Returned   int64
	Redeemed   int64
	LastMoment time.Time // of what is available; the zero time for no end, or nothing
	Earned     bool      // it took part in a program, even for nothing
}

// billPoints reads what a bill has earned. Points that have expired and are not written off yet are expired here.
func (tx *Tx) billPoints(o *orgConfig, org, bill int64) (*BillPoints, error) {
	p := &BillPoints{}
	err := tx.Each(func(scan func(...any) error) error {
		var version int64
		err := scan(&version, &p.Issued, &p.Returned)
		if v := o.programVersion(version); v != nil {
			p.Program, p.ProgramID = v.Rules.Name, ProgramID
		}
		p.Earned = true
		return err
	}, `SELECT version, awarded, taken FROM points_earnings WHERE org = $1 AND bill = $2`, org, bill)
	if err != nil || !p.Earned {
		return p, err
	}
	err = tx.Each(func(scan func(...any) error) error {
		var remaining, expired, expires int64
		if err := scan(&remaining, &expired, &expires); err != nil {
			return err
		}
		if p.Expired += expired; expires <= tx.now {
			p.Expired += remaining
		} else if p.Available += remaining; remaining > 0 && expires < 1<<52 {
			p.LastMoment = o.time(expires - 1)
		}
		return nil
	}, `SELECT remaining, expired, expires_on FROM points_batches WHERE org = $1 AND bill = $2`, org, bill)
	p.Redeemed = max(0, p.Issued-p.Available-p.Expired-p.Returned)
	return p, err
}

// Earning reads a bill and what it has earned.
func (s *Store) Earning(ctx context.Context, who Who, id int64) (f FoundTransaction, p *BillPoints, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		if f, err = tx.foundTransaction(o, who.Org, id, ""); err != nil {
			return err
		}
		p, err = tx.billPoints(o, who.Org, id)
		return err
	})
	return f, p, err
}
