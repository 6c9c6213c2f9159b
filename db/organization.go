package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arteriole/arteriole/fault"
)

const maxSourceAccounts = 1000 // of one org

// SourceAccount is an account of a source that has several.
type SourceAccount struct {
	ID               int64
	UUID             string // 32 hex digits
	Source           Source
	Account          string // the account id of requests and profiles
	Name             string
	ToMirror, Active bool
	Configs          map[string]string // may hold secrets: for an admin only
	CreatedOn, SetOn time.Time         // in the org's time zone
}

// SourceAccountInput is what an administrator states of an account; nil means not stated.
type SourceAccountInput struct {
	Name, Account    *string
	ToMirror, Active *bool
	Configs          map[string]string
	Source           *string // any spelling
}

// OrgTill finds a till of the caller's org by its code, disabled ones too.
func (s *Store) OrgTill(ctx context.Context, who Who, code string) (Till, error) {
	return s.ownTill(ctx, `t.org = $1 AND t.code = $2`, who.Org, strings.ToLower(strings.TrimSpace(code)))
}

// OrgTillByID is OrgTill for an id.
func (s *Store) OrgTillByID(ctx context.Context, who Who, id int64) (Till, error) {
	return s.ownTill(ctx, `t.org = $1 AND t.id = $2`, who.Org, id)
}

func (s *Store) ownTill(ctx context.Context, where string, args ...any) (t Till, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		t, err = tx.till(where, args...)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return t, fault.TillUnknown.With("till", args[1])
	}
	return t, err
}

// CreateSourceAccount adds an account to a source that has several, and enables the source. org is the id in the address.
func (s *Store) CreateSourceAccount(ctx context.Context, who Who, org int64, in SourceAccountInput) (SourceAccount, error) {
	return once(ctx, s, who, func(tx *Tx) (a SourceAccount, err error) {
		o, err := tx.ownOrgToChange(who, org)
		if err != nil {
			return a, err
		}
		src, ok := ParseSource(*in.Source)
		switch {
		case !ok:
			return a, fault.BadRequest.With("reason", "must be one of "+strings.Join(SourceNames(), ", ")).At("body: sourceTypeName")
		case !src.Accounts:
			return a, fault.SourceWithoutAccounts.With("source", src.Name).At("body: sourceTypeName")
		}
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM source_accounts WHERE org = $1`, who.Org).Scan(&n); err != nil {
			return a, err
		}
		if n >= maxSourceAccounts {
			return a, fault.BadRequest.With("reason", fmt.Sprintf("is one too many: an organization has at most %d accounts", maxSourceAccounts)).At("body")
		}
		if !o.sources[src.Name] {
			if err := tx.switchOn(who, src); err != nil {
				return a, err
			}
		}
		a = SourceAccount{UUID: newUUID(), Source: src, Active: true, Configs: map[string]string{}}
		if err := a.set(in); err != nil {
			return a, err
		}
		a.CreatedOn, a.SetOn = time.UnixMilli(tx.now).In(o.TimeZone), time.UnixMilli(tx.now).In(o.TimeZone)
		a.ID, err = tx.insertAccount(who, a)
		return a, err
	})
}

// ChangeSourceAccount changes an account. Its account id cannot change while a profile uses it (our rule 35).
func (s *Store) ChangeSourceAccount(ctx context.Context, who Who, org int64, uuid string, in SourceAccountInput) (SourceAccount, error) {
	return once(ctx, s, who, func(tx *Tx) (a SourceAccount, err error) {
		o, err := tx.ownOrgToChange(who, org)
		if err != nil {
			return a, err
		}
		before, err := tx.sourceAccount(o, who.Org, uuid)
		if err != nil {
			return a, err
		}
		if in.Source != nil {
			if src, ok := ParseSource(*in.Source); !ok || src.Name != before.Source.Name {
				return a, fault.BadRequest.With("reason", "must be the source of the account, which cannot change").At("body: sourceTypeName")
			}
		}
		a = before
		if err := a.set(in); err != nil {
			return a, err
		}
		if a.Account != before.Account {
			var used bool
			err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM profiles WHERE org = $1 AND account = $2 AND account <> '' AND source = $3)`,
				who.Org, before.Account, before.Source.Name).Scan(&used)
			if err != nil {
				return a, err
			}
			if used {
				return a, fault.SourceAccountInUse.At("body: sourceAccountIdentifier")
			}
		}
		a.SetOn = time.UnixMilli(tx.now).In(o.TimeZone)
		_, err = tx.Exec(`UPDATE source_accounts SET account = $3, name = $4, to_mirror = $5, configs = $6, active = $7, modified_on = $8 WHERE org = $1 AND id = $2`,
			who.Org, a.ID, a.Account, a.Name, bit(a.ToMirror), toJSON(a.Configs), bit(a.Active), tx.now)
		if taken(err) {
			return a, fault.SourceAccountTaken.With("source", a.Source.Name, "account", a.Account).At("body: sourceAccountIdentifier")
		}
		if err != nil {
			return a, err
		}
		was := sql.NullString{String: toJSON(before.fields()), Valid: true}
		return a, errors.Join(tx.auditRow(who, "source.change", "source account", a.ID, was, toJSON(a.fields())), tx.changed())
	})
}

// SourceAccounts lists the accounts of an org, those that are switched off too.
func (s *Store) SourceAccounts(ctx context.Context, who Who, org int64) (list []SourceAccount, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.ownOrg(who, org)
		if err != nil {
			return err
		}
		list = nil
		return tx.Each(func(scan func(...any) error) error {
			a, err := scanAccount(o, scan)
			list = append(list, a)
			return err
		}, selectAccount+`org = $1 ORDER BY id`, who.Org)
	})
	return list, err
}

// SourceAccountByUUID gives one account.
func (s *Store) SourceAccountByUUID(ctx context.Context, who Who, org int64, uuid string) (a SourceAccount, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.ownOrg(who, org)
		if err != nil {
			return err
		}
		a, err = tx.sourceAccount(o, who.Org, uuid)
		return err
	})
	return a, err
}

// ownOrg is the caller's org, if the address names it. Another org might as well not exist.
func (tx *Tx) ownOrg(who Who, named int64) (*orgConfig, error) {
	if named != who.Org {
		return nil, fault.OrgUnknown.With("id", named).At("path: orgId")
	}
	return tx.org(who.Org)
}

func (tx *Tx) ownOrgToChange(who Who, named int64) (*orgConfig, error) {
	if _, err := tx.ownOrg(who, named); err != nil {
		return nil, err
	}
	return tx.orgToChange(who.Org)
}

const selectAccount = `SELECT id, uuid, source, account, name, to_mirror, configs, active, created_on, modified_on FROM source_accounts WHERE `

func scanAccount(o *orgConfig, scan func(...any) error) (a SourceAccount, err error) {
	var source, configs string
	var created, modified int64
	if err := scan(&a.ID, &a.UUID, &source, &a.Account, &a.Name, &a.ToMirror, &configs, &a.Active, &created, &modified); err != nil {
		return a, err
	}
	a.Source, _ = ParseSource(source)
	a.CreatedOn, a.SetOn = time.UnixMilli(created).In(o.TimeZone), time.UnixMilli(modified).In(o.TimeZone)
	return a, json.Unmarshal([]byte(configs), &a.Configs)
}

func (tx *Tx) sourceAccount(o *orgConfig, org int64, uuid string) (SourceAccount, error) {
	a, err := scanAccount(o, tx.QueryRow(selectAccount+`org = $1 AND uuid = $2`, org, strings.ToLower(uuid)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.SourceAccountUnknown.At("path: uuid")
	}
	return a, err
}

func (a *SourceAccount) set(in SourceAccountInput) error {
	if in.Name != nil {
		if a.Name = strings.TrimSpace(*in.Name); a.Name == "" || hasControl(a.Name) {
			return fault.BadRequest.With("reason", "must not be empty or have characters that nobody sees").At("body: name")
		}
	}
	if in.Account != nil {
		if a.Account = strings.TrimSpace(*in.Account); a.Account == "" || hasControl(a.Account) {
			return fault.BadRequest.With("reason", "must not be empty or have characters that nobody sees").At("body: sourceAccountIdentifier")
		}
	}
	if in.ToMirror != nil {
		a.ToMirror = *in.ToMirror
	}
	if in.Active != nil {
		a.Active = *in.Active
	}
	if in.Configs != nil {
		a.Configs = in.Configs
	}
	return nil
}

// fields are those for the audit trail: of configs, which may hold secrets, only the names.
func (a *SourceAccount) fields() map[string]any {
	return map[string]any{"source": a.Source.Name, "account": a.Account, "name": a.Name, "toMirror": a.ToMirror, "active": a.Active,
		"configs": slices.Sorted(maps.Keys(a.Configs))}
}

func (tx *Tx) insertAccount(who Who, a SourceAccount) (int64, error) {
	id, err := tx.next(who.Org, "source_accounts", 1)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO source_accounts (org, id, uuid, source, account, name, to_mirror, configs, active, created_on, modified_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		who.Org, id, a.UUID, a.Source.Name, a.Account, a.Name, bit(a.ToMirror), toJSON(a.Configs), bit(a.Active), tx.now)
	if taken(err) {
		return 0, fault.SourceAccountTaken.With("source", a.Source.Name, "account", a.Account).At("body: sourceAccountIdentifier")
	}
	if err != nil {
		return 0, err
	}
	return id, errors.Join(tx.auditRow(who, "source.account", "source account", id, sql.NullString{}, toJSON(a.fields())), tx.changed())
}

func newUUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// GenerateExternalID returns an external id that nobody in the org has, and never returns it again.
func (s *Store) GenerateExternalID(ctx context.Context, who Who) (string, error) {
	return once(ctx, s, who, func(tx *Tx) (string, error) {
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return "", err
		}
		if len(o.CardNumbers) == 0 {
			return "", fault.CardNumbersOff.New()
		}
		number, err := tx.generateExternalID(o, who.Org)
		if err != nil {
			return "", err
		}
		return number, tx.auditRow(who, "external id.generate", "org", who.Org, sql.NullString{}, generated(number))
	})
}

// generated is the audit trail's record of a generated number, until its holder is erased.
func generated(number string) string { return toJSON(map[string]string{"externalId": number}) }

// Generated external ids are ten-digit numbers from 1000000001 on, after the org's prefix. If the org has set a length, they count
// from 1 and are padded with zeros to that length.
const (
	cardDigits   = 10
	cardsBefore  = 1_000_000_000
	maxCardTries = 40
)

func (tx *Tx) generateExternalID(o *orgConfig, org int64) (string, error) {
	width, last := cardDigits, int64(cardsBefore)
	if o.ExternalIDLength > 0 {
		width, last = min(o.ExternalIDLength-utf8.RuneCountInString(o.ExternalIDPrefix), 15), 0
	}
	err := tx.QueryRow(`SELECT last FROM counters WHERE org = $1 AND name = 'external_ids'`, org).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	// Numbers that the org has assigned by itself are skipped in growing strides.
	for n, step, try := last+1, int64(1), 0; try < maxCardTries; n, step, try = n+step, step*2, try+1 {
		text := fmt.Sprintf("%0*d", max(width, 1), n)
		if len(text) > width {
			break
		}
		value, ok := o.normaliseExternalID(o.ExternalIDPrefix + strings.Repeat("0", max(0, o.ExternalIDLength-utf8.RuneCountInString(o.ExternalIDPrefix)-width)) + text)
		if !ok {
			break
		}
		var held bool
		err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM identifiers WHERE org = $1 AND type = 'externalId' AND value = $2)`, org, value).Scan(&held)
		if err != nil {
			return "", err
		}
		if held {
			continue
		}
		_, err = tx.Exec(`INSERT INTO counters (org, name, last) VALUES ($1, 'external_ids', $2) ON CONFLICT (org, name) DO UPDATE SET last = excluded.last`, org, n)
		return value, err
	}
	return "", fault.CardNumbersUsedUp.New()
}

// givesExternalID reports whether a registration without an external id gets one in this source.
func (o *orgConfig) givesExternalID(source string, sent []Identifier) bool {
	isExternal := func(id Identifier) bool { return id.Type == "externalId" }
	return (slices.Contains(o.CardNumbers, "ALL") || slices.Contains(o.CardNumbers, source)) && !slices.ContainsFunc(sent, isExternal)
}

// hasExternalID reports whether a customer has one in any source. nil is a new customer.
func (c *Customer) hasExternalID() bool {
	return c != nil && slices.ContainsFunc(c.Profiles, func(p Profile) bool {
		return slices.ContainsFunc(p.Identifiers, func(id StoredIdentifier) bool { return id.Type == "externalId" })
	})
}
