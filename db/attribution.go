package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Acting is how a request names the till that it acts for (our rules 90 to 92): by a lookup of the org's own, or by what the
// till or its store is called here. One of Lookup and Entity is set.
type Acting struct {
	Lookup string // the type of a lookup
	Entity string // one of Entities; anything else is TILL
	Value  string
}

// Entities are what an access token's request can name a till by.
var Entities = []string{"TILL", "TILL_CODE", "STORE_CODE", "STORE_NAME", "STORE_EXTERNAL_ID", "STORE_EXTERNAL_ID_1", "STORE_EXTERNAL_ID_2"}

// Places of the two in a request, for the messages of refusals.
const (
	lookupTypeAt  = "header: X-CAP-API-ATTRIBUTION-LOOKUP-TYPE"
	lookupValueAt = "header: X-CAP-API-ATTRIBUTION-LOOKUP"
	entityCodeAt  = "header: X-CAP-API-ATTRIBUTION-ENTITY-CODE"
)

// ActFor gives who as one who acts for the till that how names: a till of the same org that is not disabled. Who really sent the
// request stays in Sender. The faults are BadRequest for a type of lookup that the org does not have, and AttributionTillInvalid.
func (s *Store) ActFor(ctx context.Context, who Who, how Acting) (Who, error) {
	err := s.read(ctx, func(tx *Tx) error {
		till, err := tx.actedFor(who, how)
		if err != nil {
			return err
		}
		if till.ID != who.Till {
			who.Sender, who.Till, who.TillCode = who.Till, till.ID, till.Code
		}
		return nil
	})
	return who, err
}

func (tx *Tx) actedFor(who Who, how Acting) (EntityRef, error) {
	if how.Lookup != "" {
		return tx.tillByLookup(who.Org, how.Lookup, how.Value)
	}
	entity := strings.ToUpper(how.Entity)
	if !slices.Contains(Entities, entity) {
		entity = "TILL"
	}
	invalid := fault.AttributionTillInvalid.With("type", entity, "value", how.Value).At(entityCodeAt)
	switch entity {
	case "TILL", "TILL_CODE":
		return tx.activeTill(invalid, `org = $1 AND code = $2`, who.Org, strings.ToLower(how.Value))
	case "STORE_CODE":
		return tx.tillOfStore(who, invalid, `code = $2`, strings.ToLower(how.Value))
	case "STORE_NAME":
		return tx.tillOfStore(who, invalid, `name = $2`, how.Value)
	}
	return tx.tillOfStore(who, invalid, strings.ToLower(strings.TrimPrefix(entity, "STORE_"))+` = $2`, how.Value)
}

func (tx *Tx) tillByLookup(org int64, typ, value string) (t EntityRef, err error) {
	folded := strings.ToLower(typ)
	var known bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM till_lookups WHERE org = $1 AND type = $2)`, org, folded).Scan(&known); err != nil {
		return t, err
	}
	if !known {
		return t, fault.BadRequest.With("reason", "is not a type of lookup that the organization has").At(lookupTypeAt)
	}
	invalid := fault.AttributionTillInvalid.With("type", typ, "value", cmp.Or(value, "without a value")).At(lookupValueAt)
	return tx.activeTill(invalid, `org = $1 AND id = (SELECT till FROM till_lookups WHERE org = $1 AND type = $2 AND value = $3)`, org, folded, value)
}

// tillOfStore gives a till of the one store that where finds, which begins with the org's id as $1: a store acts through the
// sender's own till if that stands in it, else through its first.
func (tx *Tx) tillOfStore(who Who, invalid error, where, value string) (t EntityRef, err error) {
	stores, err := column[int64](tx, `SELECT id FROM stores WHERE org = $1 AND `+where+` AND $2 <> '' ORDER BY id LIMIT 2`, who.Org, value)
	if err != nil {
		return t, err
	}
	if len(stores) != 1 { // two of one name are nobody's
		return t, invalid
	}
	return tx.activeTill(invalid, `org = $1 AND store = $2 ORDER BY CASE id WHEN $3 THEN 0 ELSE id END LIMIT 1`, who.Org, stores[0], who.Till)
}

// activeTill finds a till that is not disabled; else the error is invalid.
func (tx *Tx) activeTill(invalid error, where string, args ...any) (t EntityRef, err error) {
	err = tx.QueryRow(`SELECT id, code FROM tills WHERE disabled_on IS NULL AND `+where, args...).Scan(&t.ID, &t.Code)
	if errors.Is(err, sql.ErrNoRows) {
		err = invalid
	}
	return t, err
}

// TillLookup is what an org calls one of its tills elsewhere.
type TillLookup struct {
	Type, Value string
	Till        string // its code
	Disabled    bool   // the till, so that the lookup leads nowhere
	CreatedOn   time.Time
}

const maxTillLookups = 100_000 // of an org

// headerText is what a header can carry.
var headerText = regexp.MustCompile(`^[!-~]([ -~]{0,98}[!-~])?$`)

// SetTillLookup lets a value of a type of lookup lead to a till, in the place of the one it led to before.
func (s *Store) SetTillLookup(ctx context.Context, org, typ, value, till string) error {
	typ = strings.ToLower(typ)
	if len(typ) > 50 {
		return Refusal("the type of a lookup must be at most 50 characters")
	}
	if err := checkName("a type of lookup", typ); err != nil {
		return err
	}
	if !headerText.MatchString(typ) || !headerText.MatchString(value) {
		return Refusal("the type and value of a lookup are sent in headers: they must be 1 to 100 printable ASCII characters, without leading or trailing spaces")
	}
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		return tx.setTillLookup(o, typ, value, till)
	})
}

func (tx *Tx) setTillLookup(o Org, typ, value, till string) error {
	t, err := tx.tillNamed(o, till)
	if err != nil {
		return err
	}
	if t.Disabled {
		return Refusal(fmt.Sprintf("the till %q is disabled", t.Code))
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM till_lookups WHERE org = $1`, o.ID).Scan(&n); err != nil {
		return err
	}
	if n >= maxTillLookups {
		return Refusal(fmt.Sprintf("the org already has %d lookups, the maximum", n))
	}
	_, err = tx.Exec(`INSERT INTO till_lookups (org, type, value, till, created_on) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (org, type, value) DO UPDATE SET till = excluded.till, created_on = excluded.created_on`, o.ID, typ, value, t.ID, tx.now)
	if err != nil {
		return err
	}
	return tx.auditRow(Who{Org: o.ID}, "till.lookup.set", "till", t.ID, sql.NullString{}, toJSON(map[string]string{"type": typ, "value": value}))
}

// RemoveTillLookup ends a lookup.
func (s *Store) RemoveTillLookup(ctx context.Context, org, typ, value string) error {
	typ = strings.ToLower(typ)
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		var till int64
		err = tx.QueryRow(`DELETE FROM till_lookups WHERE org = $1 AND type = $2 AND value = $3 RETURNING till`, o.ID, typ, value).Scan(&till)
		if errors.Is(err, sql.ErrNoRows) {
			return Refusal(fmt.Sprintf("the org %q has no lookup of the type %q for %q: see `arteriole till lookup list`", o.Name, typ, value))
		}
		if err != nil {
			return err
		}
		return tx.auditRow(Who{Org: o.ID}, "till.lookup.remove", "till", till, sql.NullString{String: toJSON(map[string]string{"type": typ, "value": value}), Valid: true}, "{}")
	})
}

// TillLookups lists the lookups of an org by type and value.
func (s *Store) TillLookups(ctx context.Context, org string) (list []TillLookup, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		list = nil
		return tx.Each(func(scan func(...any) error) error {
			var l TillLookup
			var at int64
			err := scan(&l.Type, &l.Value, &l.Till, &l.Disabled, &at)
			l.CreatedOn = time.UnixMilli(at)
			list = append(list, l)
			return err
		}, `SELECT l.type, l.value, t.code, t.disabled_on IS NOT NULL, l.created_on FROM till_lookups l JOIN tills t ON t.org = l.org AND t.id = l.till
			WHERE l.org = $1 ORDER BY l.type, l.value`, o.ID)
	})
	return list, err
}
