package db

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Export is all that is kept of one person. Data has an entry for each resource that has anything.
type Export struct {
	ID   int64          `json:"id"`
	IDs  []int64        `json:"ids"` // the customer, and those who were merged into them
	On   time.Time      `json:"exportedOn"`
	Data map[string]any `json:"data"`
}

// ExportCustomer reads all data of a person: of the customer, and of everybody who was merged into them.
func (s *Store) ExportCustomer(ctx context.Context, who Who, id int64) (out Export, err error) {
	var e *exporting
	err = s.read(ctx, func(tx *Tx) error {
		out, e, err = tx.exportCustomer(who.Org, id)
		return err
	})
	if err != nil {
		return out, err
	}
	rows, err := s.exportRows(ctx, e)
	if len(rows) > 0 {
		out.Data[ingestionPart.name] = rows
	}
	return out, err
}

// exporting is an export while it is made.
type exporting struct {
	o        *orgConfig
	org      int64
	customer *Customer
	ids      []int64 // the customer, and those who were merged into them
}

func (tx *Tx) exportCustomer(org, id int64) (out Export, e *exporting, err error) {
	o, err := tx.org(org)
	if err != nil {
		return out, nil, err
	}
	e = &exporting{o: o, org: org, ids: []int64{id}}
	e.customer, err = tx.customer(o, org, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return out, nil, fault.CustomerNotFound.With("type", "id", "value", id)
	case err != nil:
		return out, nil, err
	case e.customer.MergedInto != 0:
		return out, nil, fault.MergedCustomer.With("id", id, "survivor", e.customer.MergedInto)
	}
	victims, err := tx.victimsOf(org, id)
	if err != nil {
		return out, nil, err
	}
	e.ids = append(e.ids, victims...)
	out = Export{ID: id, IDs: e.ids, On: o.time(tx.now), Data: map[string]any{}}
	for _, p := range parts {
		if p.export == nil {
			continue
		}
		v, err := p.export(tx, e)
		if err != nil {
			return out, nil, err
		}
		if list := reflect.ValueOf(v); v == nil || list.Kind() == reflect.Slice && list.Len() == 0 {
			continue
		}
		out.Data[p.name] = v
	}
	return out, e, nil
}

const everything = math.MaxInt32 // rows

// exportCustomer has the profiles within.
func exportCustomer(_ *Tx, e *exporting) (any, error) {
	c := *e.customer
	c.Profiles = slices.Clone(c.Profiles)
	for i := range c.Profiles {
		if p := &c.Profiles[i]; p.Channels == nil {
			p.Channels = []Channel{}
		}
	}
	return c, nil
}

// LoggedIdentifiers is an entry of the vendor's log of identifier changes.
type LoggedIdentifiers struct {
	ID       int64 `json:"id"`
	Customer int64 `json:"customer"`
	Place
	Action      string       `json:"action"` // ADD, REMOVE or COMBINE
	Identifiers []Identifier `json:"identifiers"`
	On          time.Time    `json:"on"`
	By          EntityRef    `json:"by"`
}

func exportIdentifierLog(tx *Tx, e *exporting) (any, error) {
	all := []LoggedIdentifiers{}
	for _, id := range e.ids {
		err := tx.Each(func(scan func(...any) error) error {
			l := LoggedIdentifiers{Customer: id}
			var at, till int64
			var ids string
			if err := scan(&l.ID, &at, &l.Source, &l.Account, &l.Action, &ids, &till); err != nil {
				return err
			}
			l.On, l.By = e.o.time(at), e.o.by(till)
			err := json.Unmarshal([]byte(ids), &l.Identifiers)
			all = append(all, l)
			return err
		}, `SELECT id, at, source, account, action, identifiers, till FROM identifier_log WHERE org = $1 AND customer = $2 ORDER BY id`, e.org, id)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func exportMerges(tx *Tx, e *exporting) (any, error) {
	all, seen := []Merge{}, map[int64]bool{}
	for _, id := range e.ids {
		p, err := tx.merges(e.org, id, everything, 0)
		if err != nil {
			return nil, err
		}
		for _, m := range p.Items {
			if !seen[m.ID] {
				seen[m.ID] = true
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// exportedRequest is a merge that was asked for.
type exportedRequest struct {
	ID       int64           `json:"id"`
	Victim   int64           `json:"victim"`
	Survivor int64           `json:"survivor"`
	Status   string          `json:"status"`
	Asked    json.RawMessage `json:"asked"`
	Comments string          `json:"comments,omitempty"`
	AddedOn  time.Time       `json:"addedOn"`
	AddedBy  EntityRef       `json:"addedBy"`
}

// exportMergeRequests has what was asked in the name of this person; what others asked about them says who the others are.
func exportMergeRequests(tx *Tx, e *exporting) (any, error) {
	all := []exportedRequest{}
	for _, id := range e.ids {
		err := tx.Each(func(scan func(...any) error) error {
			r := exportedRequest{Victim: id}
			var asked string
			var on, by int64
			err := scan(&r.ID, &r.Survivor, &r.Status, &asked, &r.Comments, &on, &by)
			r.Asked, r.AddedOn, r.AddedBy = json.RawMessage(asked), e.o.time(on), e.o.by(by)
			all = append(all, r)
			return err
		}, `SELECT id, survivor, status, change, comments, added_on, added_by FROM merge_requests WHERE org = $1 AND victim = $2 ORDER BY id`, e.org, id)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func exportAudit(tx *Tx, e *exporting) (any, error) {
	all := []AuditEntry{}
	for _, id := range e.ids {
		p, err := tx.auditOf(e.o, e.org, id, everything, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
	}
	return all, nil
}
