package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

// StatusLabel is a word that an org uses for a customer's status, and what it means.
type StatusLabel struct {
	Label  string
	Status string // ACTIVE, SUSPENDED or DELETED
	Fraud  bool   // the customer may neither buy, nor redeem or transfer points, nor get or redeem coupons
}

// predefinedLabels are known to every org; the setting status-labels adds others. The first one is that of a customer who never
// got any.
var predefinedLabels = []StatusLabel{
	{"Active", "ACTIVE", false},
	{"Suspended", "SUSPENDED", false},
	{"Deleted", "DELETED", false},
	{"Fraud", "SUSPENDED", true},
}

// StatusInput is what a request says of a status.
type StatusInput struct {
	Label, Reason string
	CreatedOn     string // a date or a date and time, "" for now
}

// StatusEntry is a status that a customer has or had.
type StatusEntry struct {
	StatusLabel
	ID        int64
	Customer  int64  // who had it then: the victim of a merge, perhaps
	Previous  string // the label before, "" for the first
	Reason    string
	CreatedOn time.Time // as the request said
	At        time.Time
	By        EntityRef
	Current   bool
}

// SetStatus gives a customer a status.
func (s *Store) SetStatus(ctx context.Context, who Who, id int64, in StatusInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (out Outcome, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		return Outcome{ID: id}, tx.setStatus(o, who, id, in)
	})
}

// SetStatusByIdentifier is SetStatus for the customer who has an identifier in that place.
func (s *Store) SetStatusByIdentifier(ctx context.Context, who Who, identifier Identifier, source, account string, in StatusInput) (Outcome, error) {
	return once(ctx, s, who, func(tx *Tx) (out Outcome, err error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return out, err
		}
		if out, err = tx.lookup(o, who.Org, source, account, identifier, fault.SourceInvalid); err != nil {
			return out, err
		}
		return out, tx.setStatus(o, who, out.ID, in)
	})
}

func (tx *Tx) setStatus(o *orgConfig, who Who, id int64, in StatusInput) error {
	if _, err := tx.toWrite(o, who.Org, id); err != nil {
		return err
	}
	label, ok := o.statusLabel(in.Label)
	if !ok {
		return fault.StatusLabelInvalid.At("body: label")
	}
	on := tx.now
	if in.CreatedOn != "" {
		t, ok := parseTime(in.CreatedOn, o.TimeZone)
		if on = t.UnixMilli(); !ok || on > tx.now || on < 0 {
			return fault.BadRequest.With("reason", "must be a date that is not ahead").At("body: createdOn")
		}
	}
	if _, err := tx.addStatus(who, id, label, strings.TrimSpace(in.Reason), on); err != nil {
		return err
	}
	return tx.tell(o, who, toldCustomerUpdated, id, map[string]any{})
}

// statusLabel finds a label in any case.
func (o *orgConfig) statusLabel(sent string) (StatusLabel, bool) {
	for _, l := range slices.Concat(predefinedLabels, o.StatusLabels) {
		if vocabularyKey(l.Label) == vocabularyKey(sent) {
			return l, true
		}
	}
	return StatusLabel{}, false
}

// readStatusLabels reads the labels that an org adds: "Chargeback=FRAUD".
func readStatusLabels(list []string) (labels []StatusLabel, err error) {
	known := slices.Clone(predefinedLabels)
	for _, entry := range list {
		name, means, _ := strings.Cut(entry, "=")
		l := StatusLabel{Label: strings.TrimSpace(name), Status: strings.ToUpper(strings.TrimSpace(means))}
		if l.Status == "FRAUD" {
			l.Status, l.Fraud = "SUSPENDED", true
		}
		n := utf8.RuneCountInString(l.Label)
		taken := slices.ContainsFunc(known, func(k StatusLabel) bool { return vocabularyKey(k.Label) == vocabularyKey(l.Label) })
		if n < 1 || n > 100 || hasControl(l.Label) || taken || !slices.Contains([]string{"ACTIVE", "SUSPENDED", "DELETED"}, l.Status) {
			return nil, fmt.Errorf("%s is no new label with a meaning", entry)
		}
		known, labels = append(known, l), append(labels, l)
	}
	return labels, nil
}

// addStatus appends a status, and gives the id of its row.
func (tx *Tx) addStatus(who Who, customer int64, l StatusLabel, reason string, on int64) (int64, error) {
	before, err := tx.customerStatus(who.Org, customer)
	if err != nil {
		return 0, err
	}
	id, err := tx.next(who.Org, "customer_statuses", 1)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO customer_statuses (org, id, at, customer, label, status, fraud, previous, reason, created_on, till) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		who.Org, id, tx.now, customer, l.Label, l.Status, bit(l.Fraud), before.Label, reason, on, who.Till)
	if err != nil {
		return 0, err
	}
	was := sql.NullString{String: toJSON(map[string]string{"status": before.Label}), Valid: true}
	return id, tx.auditRow(who, "customer.status", "customer", customer, was, toJSON(map[string]string{"status": l.Label, "statusReason": reason}))
}

// customerStatus is the status that a customer has now. Whoever lets a customer buy, earn or redeem asks it: one with Fraud may
// not (618, 809).
func (tx *Tx) customerStatus(org, customer int64) (l StatusLabel, err error) {
	err = tx.QueryRow(`SELECT label, status, fraud FROM customer_statuses WHERE org = $1 AND customer = $2 ORDER BY id DESC LIMIT 1`, org, customer).
		Scan(&l.Label, &l.Status, &l.Fraud)
	if errors.Is(err, sql.ErrNoRows) {
		return predefinedLabels[0], nil
	}
	return l, err
}

// StatusLog reads the statuses of a customer, the last one first.
func (s *Store) StatusLog(ctx context.Context, who Who, of CustomerRef, page Page) (log []StatusEntry, w []*fault.Fault, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		log = nil
		o, c, err := tx.orgAndCustomer(who, of)
		if err != nil {
			return err
		}
		w = c.Warnings
		var last int64
		err = tx.QueryRow(`SELECT coalesce(max(id), 0) FROM customer_statuses WHERE org = $1 AND customer = $2`, who.Org, c.ID).Scan(&last)
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			var e StatusEntry
			var at, on, till int64
			err := scan(&e.ID, &at, &e.Customer, &e.Label, &e.Status, &e.Fraud, &e.Previous, &e.Reason, &on, &till)
			e.At, e.CreatedOn, e.By, e.Current = o.time(at), o.time(on), o.by(till), e.ID == last
			log = append(log, e)
			return err
		}, `SELECT id, at, customer, label, status, fraud, previous, reason, created_on, till FROM customer_statuses
			WHERE org = $1 AND `+andVictims+` ORDER BY id DESC LIMIT $3 OFFSET $4`, who.Org, c.ID, page.Limit, page.Offset)
	})
	return log, w, err
}

// statusPart keeps the survivor's status, with one exception: who was marked as fraud does not get rid of that by a merge.
var statusPart = part{name: "status", merge: mergeStatus, undo: undoStatus, erase: eraseStatus, export: exportStatus}

type keptStatus struct {
	Row int64       `json:"row"` // that the survivor got
	Was StatusLabel `json:"was"`
}

func mergeStatus(tx *Tx, m *merging) (any, error) {
	org := m.who.Org
	victim, err := tx.customerStatus(org, m.victim.ID)
	if err != nil || !victim.Fraud {
		return nil, err
	}
	survivor, err := tx.customerStatus(org, m.survivor.ID)
	if err != nil || survivor.Fraud {
		return nil, err
	}
	row, err := tx.addStatus(m.who, m.survivor.ID, victim, fmt.Sprintf("Customer %d was merged into this one", m.victim.ID), tx.now)
	return keptStatus{row, survivor}, err
}

// undoStatus gives the survivor the status back that it had, unless it got another one since.
func undoStatus(tx *Tx, m *merging, kept []byte) error {
	if kept == nil {
		return nil
	}
	var k keptStatus
	if err := json.Unmarshal(kept, &k); err != nil {
		return err
	}
	var last int64
	err := tx.QueryRow(`SELECT max(id) FROM customer_statuses WHERE org = $1 AND customer = $2`, m.who.Org, m.survivor.ID).Scan(&last)
	if err != nil || last != k.Row {
		return err
	}
	_, err = tx.addStatus(m.who, m.survivor.ID, k.Was, fmt.Sprintf("The merge with customer %d was undone", m.victim.ID), tx.now)
	return err
}
