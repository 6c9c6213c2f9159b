package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// EnableSources switches sources on for an org.
func (s *Store) EnableSources(ctx context.Context, org string, sources []string) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		for _, name := range sources {
			if err := tx.enableSource(o.ID, name); err != nil {
				return err
			}
		}
		return tx.changed()
	})
}

// OrgSource is a source that an org has switched on.
type OrgSource struct {
	Source
	Active []string // accounts, where the source has several
}

// SourcesOf lists the sources that an org has switched on.
func (s *Store) SourcesOf(ctx context.Context, org string) (list []OrgSource, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		c, err := tx.org(o.ID)
		if err != nil {
			return err
		}
		for _, src := range Sources() {
			if !c.sources[src.Name] {
				continue
			}
			on := OrgSource{Source: src}
			for _, account := range slices.Sorted(maps.Keys(c.accounts[src.Name])) {
				if c.accounts[src.Name][account] {
					on.Active = append(on.Active, account)
				}
			}
			list = append(list, on)
		}
		return nil
	})
	return list, err
}

func (tx *Tx) enableSource(org int64, name string) error {
	src, ok := ParseSource(name)
	if !ok {
		return Refusal(fmt.Sprintf("unknown source %q; sources: %s", name, strings.Join(SourceNames(), ", ")))
	}
	return tx.switchOn(Who{Org: org}, src)
}

func (tx *Tx) switchOn(who Who, src Source) error {
	_, err := tx.Exec(`INSERT INTO sources (org, source, created_on) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, who.Org, src.Name, tx.now)
	if err != nil {
		return err
	}
	return tx.auditRow(who, "source.enable", "source", 0, sql.NullString{}, toJSON(map[string]string{"source": src.Name}))
}

// AddSourceAccount adds an account to a source that has several, and switches both on.
func (s *Store) AddSourceAccount(ctx context.Context, org, source, account string) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		if err := tx.addSourceAccount(o.ID, source, account, newUUID()); err != nil {
			return err
		}
		return tx.changed()
	})
}

// addSourceAccount adds an account, or switches on one that there is.
func (tx *Tx) addSourceAccount(org int64, source, account, uuid string) error {
	if err := tx.enableSource(org, source); err != nil {
		return err
	}
	src, _ := ParseSource(source)
	if !src.Accounts {
		return Refusal(fmt.Sprintf("%s has no accounts: `arteriole source enable` is enough", src.Name))
	}
	account = strings.TrimSpace(account)
	if n := utf8.RuneCountInString(account); n < 1 || n > 64 || hasControl(account) {
		return Refusal("an account id must be 1 to 64 characters")
	}
	r, err := tx.Exec(`UPDATE source_accounts SET active = 1, modified_on = $4 WHERE org = $1 AND source = $2 AND account = $3`, org, src.Name, account, tx.now)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return errors.Join(err, tx.auditRow(Who{Org: org}, "source.account", "source", 0, sql.NullString{}, toJSON(map[string]string{"source": src.Name, "account": account})))
	}
	_, err = tx.insertAccount(Who{Org: org}, SourceAccount{UUID: uuid, Source: src, Account: account, Name: account, Active: true, Configs: map[string]string{}})
	return err
}
