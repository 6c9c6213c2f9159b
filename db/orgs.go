package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Org is a tenant.
type Org struct {
	ID        int64
	Name      string
	Demo      bool
	CreatedOn time.Time
}

var names = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$`) // their length is bounded beside it: {0,99} would be four megabytes of program

// checkName refuses names that cannot be told apart on a screen or typed at a prompt.
func checkName(what, name string) error {
	if !names.MatchString(name) || utf8.RuneCountInString(name) > 100 || name != strings.Join(strings.Fields(name), " ") {
		return Refusal(fmt.Sprintf("%s must be 1 to 100 letters, digits, single spaces or . _ @ -, beginning with a letter or digit and not ending with a space", what))
	}
	return nil
}

// AddOrg creates an org. settings override the defaults (x-org-settings).
func (s *Store) AddOrg(ctx context.Context, name string, settings map[string]string) (o Org, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		o, err = tx.addOrg(name, settings, false)
		return err
	})
	return o, err
}

func (tx *Tx) addOrg(name string, settings map[string]string, demo bool) (Org, error) {
	if err := checkName("the name of an org", name); err != nil {
		return Org{}, err
	}
	if err := knownSettings(settings); err != nil {
		return Org{}, err
	}
	id, err := tx.next(0, "orgs", 1)
	if err != nil {
		return Org{}, err
	}
	_, err = tx.Exec(`INSERT INTO orgs (id, name, demo, created_on) VALUES ($1, $2, $3, $4)`, id, name, bit(demo), tx.now)
	if taken(err) {
		return Org{}, Refusal(fmt.Sprintf("there is already an org %q: choose another name; see `arteriole org list`", name))
	}
	if err != nil {
		return Org{}, err
	}
	for k, v := range settings {
		if err := tx.putSetting(id, k, v); err != nil {
			return Org{}, err
		}
	}
	if _, err := parseSettings(settings); err != nil {
		return Org{}, err
	}
	return Org{id, name, demo, time.UnixMilli(tx.now)}, errors.Join(tx.auditRow(Who{Org: id}, "org.add", "org", id, sql.NullString{}, toJSON(shownSettings(settings))), tx.changed())
}

func knownSettings(settings map[string]string) error {
	for k := range settings {
		if !slices.ContainsFunc(Settings(), func(s Setting) bool { return s.Key == k }) {
			return Refusal(fmt.Sprintf("there is no setting %q: see `arteriole org set --help`", k))
		}
	}
	return nil
}

func (tx *Tx) putSetting(org int64, key, value string) error {
	_, err := tx.Exec(`INSERT INTO org_settings (org, key, value) VALUES ($1, $2, $3) ON CONFLICT (org, key) DO UPDATE SET value = excluded.value`, org, key, value)
	return err
}

// SetOrg changes a setting of an org, at once and in every process.
func (s *Store) SetOrg(ctx context.Context, name, key, value string) error {
	return s.write(ctx, func(tx *Tx) error {
		if err := knownSettings(map[string]string{key: value}); err != nil {
			return err
		}
		o, err := tx.orgNamed(name)
		if err != nil {
			return err
		}
		values, err := tx.settings(o.ID)
		if err != nil {
			return err
		}
		before, had := values[key]
		if err := tx.mayChange(o, key, value, values); err != nil {
			return err
		}
		values[key] = value
		if _, err := parseSettings(values); err != nil {
			return err
		}
		if err := tx.putSetting(o.ID, key, value); err != nil {
			return err
		}
		if err := tx.auditRow(Who{Org: o.ID}, "org.set", "org", o.ID, sql.NullString{String: toJSON(map[string]string{key: ShownSetting(key, before)}), Valid: had}, toJSON(map[string]string{key: ShownSetting(key, value)})); err != nil {
			return err
		}
		return tx.changed()
	})
}

// mayChange refuses to change how mobile numbers are read once some are stored: the same number would then exist in two forms, and
// one person under two ids.
func (tx *Tx) mayChange(o Org, key, value string, values map[string]string) error {
	if key != "country-code" && key != "national-length" || value == settingOr(values, key) {
		return nil
	}
	var stored bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM identifiers WHERE org = $1 AND type = 'mobile')`, o.ID).Scan(&stored)
	if err == nil && stored {
		err = Refusal(fmt.Sprintf("%s of the org %q can no longer be changed, as it has customers whose mobile numbers were read with it", key, o.Name))
	}
	return err
}

// settingOr gives a setting, or its default when it is not set.
func settingOr(values map[string]string, key string) string {
	if v, ok := values[key]; ok {
		return v
	}
	for _, s := range settings {
		if s.Key == key {
			return s.Default
		}
	}
	panic("no such setting: " + key)
}

// ShownSetting is the value of a setting for people and logs, with secrets masked.
func ShownSetting(key, value string) string {
	if value != "" && slices.ContainsFunc(settings, func(s Setting) bool { return s.Key == key && s.Type == "secret" }) {
		return "(secret)"
	}
	return value
}

func shownSettings(values map[string]string) map[string]string {
	shown := map[string]string{}
	for key, value := range values {
		shown[key] = ShownSetting(key, value)
	}
	return shown
}

func (tx *Tx) settings(org int64) (map[string]string, error) {
	values := map[string]string{}
	err := tx.Each(func(scan func(...any) error) error {
		var k, v string
		err := scan(&k, &v)
		values[k] = v
		return err
	}, `SELECT key, value FROM org_settings WHERE org = $1`, org)
	return values, err
}

// Orgs lists all orgs with the settings that differ from their defaults.
func (s *Store) Orgs(ctx context.Context) (orgs []Org, settings []map[string]string, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		orgs, settings = nil, nil
		err := tx.Each(func(scan func(...any) error) error {
			var o Org
			var at int64
			err := scan(&o.ID, &o.Name, &o.Demo, &at)
			o.CreatedOn = time.UnixMilli(at)
			orgs = append(orgs, o)
			return err
		}, `SELECT id, name, demo, created_on FROM orgs ORDER BY id`)
		if err != nil {
			return err
		}
		for _, o := range orgs {
			values, err := tx.settings(o.ID)
			if err != nil {
				return err
			}
			settings = append(settings, shownSettings(values))
		}
		return nil
	})
	return orgs, settings, err
}

// OrgNamed returns the id of the org with a name. A Refusal, if there is none.
func (s *Store) OrgNamed(ctx context.Context, name string) (id int64, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(name)
		id = o.ID
		return err
	})
	return id, err
}

// orgNamed reads an org by its name. A Refusal, if there is none.
func (tx *Tx) orgNamed(name string) (o Org, err error) {
	var at int64
	err = tx.QueryRow(`SELECT id, name, demo, created_on FROM orgs WHERE name = $1`, name).Scan(&o.ID, &o.Name, &o.Demo, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return o, Refusal(fmt.Sprintf("there is no org %q: see `arteriole org list`", name))
	}
	o.CreatedOn = time.UnixMilli(at)
	return o, err
}

// OrgSettings reads and judges the settings of an org.
func (s *Store) OrgSettings(ctx context.Context, org int64) (settings OrgSettings, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.org(org)
		if err != nil {
			return err
		}
		settings = o.OrgSettings
		return nil
	})
	return settings, err
}
