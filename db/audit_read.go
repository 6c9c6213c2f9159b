package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// AuditEntry is one change, as of a customer: who made it, when, and what it was before and after.
type AuditEntry struct {
	ID       int64     `json:"-"`
	Kind     string    `json:"-"` // of what was changed
	Subject  int64     `json:"-"` // its id
	Customer int64     `json:"customer"`
	On       time.Time `json:"on"`
	By       EntityRef `json:"by"`
	// SentBy is the till whose credentials sent it, when it acted for another one (By).
	SentBy    *EntityRef   `json:"sentBy,omitempty"`
	Client    *AuditClient `json:"client,omitempty"`
	RequestID string       `json:"requestId"` // "" for a command
	Action    string       `json:"action"`
	Changes   []Change     `json:"changes"`
}

// AuditClient is the OAuth client that sent a change.
type AuditClient struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// AuditPage is a part of the changes that were asked for, and how many there are.
type AuditPage struct {
	Items    []AuditEntry
	Total    int
	Warnings []*fault.Fault
}

// Audit lists the changes of a customer, the newest first. It follows nobody: who was merged or erased has a trail of their own.
func (s *Store) Audit(ctx context.Context, who Who, customer int64, limit, offset int) (p AuditPage, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		p, err = tx.auditPage(who.Org, customer, limit, offset)
		return err
	})
	return p, err
}

func (tx *Tx) auditPage(org, customer int64, limit, offset int) (p AuditPage, err error) {
	o, err := tx.org(org)
	if err != nil {
		return p, err
	}
	var survivor sql.NullInt64
	err = tx.QueryRow(`SELECT merged_into FROM customers WHERE org = $1 AND id = $2`, org, customer).Scan(&survivor)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.CustomerNotFound.With("type", "id", "value", customer)
	}
	if err != nil {
		return p, err
	}
	if p, err = tx.auditOf(o, org, customer, limit, offset); err == nil && survivor.Valid {
		p.Warnings = append(p.Warnings, fault.MergedCustomer.With("id", customer, "survivor", survivor.Int64))
	}
	return p, err
}

// auditKinds are what a command lists the changes of, beside those of customers, and the kinds of rows that belong to it.
var auditKinds = map[string][]string{
	"coupons":      {"couponSeries", "couponCode", "coupon", "couponRedemption"},
	"events":       {"eventDefinition", "eventMapping", "eventWebhook"},
	"jobs":         {"ingestionJob"},
	"points":       {"points"},
	"programs":     {"program"},
	"settings":     {"org", "source", "source account"},
	"signing":      {"signing key"},
	"tills":        {"till", "store", "client", "key"},
	"transactions": {"transaction"},
	"webhooks":     {"webhook"},
}

// auditOfServer is what is changed for every org alike, whose rows are of org 0.
const auditOfServer = "signing"

// auditOfCustomer are the kinds of rows whose subject is a customer.
const auditOfCustomer = `('customer', 'points')`

// AuditKinds are the names that AuditOfKind takes, sorted.
func AuditKinds() []string { return slices.Sorted(maps.Keys(auditKinds)) }

// AuditOfKind lists the changes of one of AuditKinds in an org, newest first; those of signing keys are of every org. A Refusal, when
// there is no such kind.
func (s *Store) AuditOfKind(ctx context.Context, who Who, of string, limit, offset int) (p AuditPage, err error) {
	kinds := auditKinds[of]
	if kinds == nil {
		return p, Refusal("unknown kind; kinds: " + strings.Join(AuditKinds(), ", "))
	}
	list := toJSON(kinds)
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(who.Org)
		if err != nil {
			return err
		}
		org := who.Org
		if of == auditOfServer {
			org = 0
		}
		p = AuditPage{Items: []AuditEntry{}}
		if err := tx.QueryRow(`SELECT count(*) FROM audit WHERE org = $1 AND kind IN (SELECT value FROM json_each($2))`, org, list).Scan(&p.Total); err != nil {
			return err
		}
		return tx.auditRows(o, &p, `a.kind IN (SELECT value FROM json_each($2))`, org, list, limit, offset)
	})
	return p, err
}

// auditOf reads the trail of one id.
func (tx *Tx) auditOf(o *orgConfig, org, customer int64, limit, offset int) (p AuditPage, err error) {
	p.Items = []AuditEntry{}
	if err := tx.QueryRow(`SELECT count(*) FROM audit WHERE org = $1 AND kind IN `+auditOfCustomer+` AND subject = $2`, org, customer).Scan(&p.Total); err != nil {
		return p, err
	}
	return p, tx.auditRows(o, &p, `a.kind IN `+auditOfCustomer+` AND a.subject = $2`, org, customer, limit, offset)
}

// auditRows reads the changes of an org that fit a condition, of which $2 is which.
func (tx *Tx) auditRows(o *orgConfig, p *AuditPage, fits string, org int64, which any, limit, offset int) error {
	return tx.Each(func(scan func(...any) error) error {
		var a AuditEntry
		var at, till, sender, client int64
		var name string
		var before, after sql.NullString
		if err := scan(&a.ID, &a.Kind, &a.Subject, &at, &till, &sender, &client, &name, &a.RequestID, &a.Action, &before, &after); err != nil {
			return err
		}
		a.On, a.By = o.time(at), o.by(till)
		if sender != 0 {
			by := o.by(sender)
			a.SentBy = &by
		}
		if client != 0 {
			a.Client = &AuditClient{client, name}
		}
		if a.Kind == "customer" || a.Kind == "points" {
			a.Customer = a.Subject
		}
		var err error
		a.Changes, err = Changes(before, after)
		p.Items = append(p.Items, a)
		return err
	}, `SELECT a.id, a.kind, a.subject, a.at, a.till, a.sender, a.client, coalesce(c.name, ''), a.request, a.action, a.before, a.after
		FROM audit a LEFT JOIN clients c ON c.org = a.org AND c.id = a.client WHERE a.org = $1 AND `+fits+`
		ORDER BY a.id DESC LIMIT $3 OFFSET $4`, org, which, limit, offset)
}
