package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Till is a credential of an org. Its code is the user name.
type Till struct {
	Org, ID, StoreID int64
	Code, StoreCode  string
	Name             string // for people; the code where none was given
	Role             string // till, admin or read
	Password         string // PHC string of the hash of the md5 of the password
	Disabled         bool
	Demo             bool
	CreatedOn        time.Time
	DisabledOn       time.Time // zero when it is not
}

// Roles that a till may have: the API of its org, the same and its administration, or reads only.
var Roles = []string{"till", "admin", "read"}

// TillByCode reads a till by its user name, in any case. ErrNotFound, if there is none.
func (s *Store) TillByCode(ctx context.Context, code string) (t Till, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		t, err = tx.till(`t.code = $1`, strings.ToLower(code))
		return err
	})
	return t, err
}

const selectTill = `SELECT t.org, t.id, t.store, t.code, s.code, t.name, t.role, t.password, t.disabled_on, t.demo, t.created_on
	FROM tills t JOIN stores s ON s.org = t.org AND s.id = t.store WHERE `

func scanTill(scan func(...any) error) (t Till, err error) {
	var at int64
	var disabled sql.NullInt64
	err = scan(&t.Org, &t.ID, &t.StoreID, &t.Code, &t.StoreCode, &t.Name, &t.Role, &t.Password, &disabled, &t.Demo, &at)
	if t.CreatedOn = time.UnixMilli(at); t.Name == "" {
		t.Name = t.Code
	}
	if t.Disabled = disabled.Valid; t.Disabled {
		t.DisabledOn = time.UnixMilli(disabled.Int64)
	}
	return t, err
}

func (tx *Tx) till(where string, args ...any) (Till, error) {
	t, err := scanTill(tx.QueryRow(selectTill+where, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return t, ErrNotFound
	}
	return t, err
}

// Tills lists the tills of an org.
func (s *Store) Tills(ctx context.Context, org string) (ts []Till, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		ts = nil
		return tx.Each(func(scan func(...any) error) error {
			t, err := scanTill(scan)
			ts = append(ts, t)
			return err
		}, selectTill+`t.org = $1 ORDER BY t.id`, o.ID)
	})
	return ts, err
}

// HasDemoTills says whether any org has tills whose passwords are printed in the reference.
func (s *Store) HasDemoTills(ctx context.Context) (has bool, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM tills WHERE demo = 1 AND disabled_on IS NULL) OR EXISTS (SELECT 1 FROM api_keys WHERE demo = 1 AND revoked_on IS NULL)
			OR EXISTS (SELECT 1 FROM clients WHERE demo = 1 AND revoked_on IS NULL)`).Scan(&has)
	})
	return has, err
}

// AddStore adds a store to an org. The external ids are those that other systems use for it; at most three, "" for none.
func (s *Store) AddStore(ctx context.Context, org, code, name string, externalIDs ...string) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		if err := tx.addStore(o.ID, code, name, externalIDs...); err != nil {
			return err
		}
		return tx.changed()
	})
}

// SetStoreExternalID sets one of the ids, 0 to 2, that other systems use for a store; "" removes it.
func (s *Store) SetStoreExternalID(ctx context.Context, org, code string, number int, id string) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		var store int64
		err = tx.QueryRow(`SELECT id FROM stores WHERE org = $1 AND code = $2`, o.ID, strings.ToLower(code)).Scan(&store)
		if errors.Is(err, sql.ErrNoRows) {
			return Refusal(fmt.Sprintf("the org %q has no store %q: see `arteriole store list`", o.Name, code))
		}
		if err != nil {
			return err
		}
		return tx.setStoreExternalID(o.ID, store, number, id)
	})
}

// storeExternalIDs are the columns of the ids.
var storeExternalIDs = []string{"external_id", "external_id_1", "external_id_2"}

func (tx *Tx) setStoreExternalID(org, store int64, number int, id string) error {
	if id != "" && !headerText.MatchString(id) {
		return Refusal("an external id of a store is sent in headers: it must be 1 to 100 printable ASCII characters, without leading or trailing spaces")
	}
	column := storeExternalIDs[number]
	_, err := tx.Exec(`UPDATE stores SET `+column+` = $3 WHERE org = $1 AND id = $2`, org, store, id)
	if taken(err) {
		return Refusal(fmt.Sprintf("another store of the org already has the %s %q", strings.ReplaceAll(column, "_", " "), id))
	}
	if err != nil {
		return err
	}
	return tx.auditRow(Who{Org: org}, "store.externalId", "store", store, sql.NullString{}, toJSON(map[string]string{column: id}))
}

func (tx *Tx) addStore(org int64, code, name string, externalIDs ...string) error {
	if err := checkName("the code of a store", code); err != nil {
		return err
	}
	if utf8.RuneCountInString(name) > 100 || hasControl(name) {
		return Refusal("the name of a store must be at most 100 characters")
	}
	id, err := tx.next(org, "stores", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO stores (org, id, code, name, created_on) VALUES ($1, $2, $3, $4, $5)`, org, id, strings.ToLower(code), name, tx.now)
	if taken(err) {
		return Refusal(fmt.Sprintf("the org already has a store %q: choose another code; see `arteriole store list`", strings.ToLower(code)))
	}
	if err != nil {
		return err
	}
	if err := tx.auditRow(Who{Org: org}, "store.add", "store", id, sql.NullString{}, toJSON(map[string]string{"code": strings.ToLower(code)})); err != nil {
		return err
	}
	for number, external := range externalIDs {
		if external == "" {
			continue
		}
		if err := tx.setStoreExternalID(org, id, number, external); err != nil {
			return err
		}
	}
	return nil
}

// OrgStore is a store of an org, in which its tills stand.
type OrgStore struct {
	ID          int64
	Code, Name  string
	Tills       int       // that are not disabled
	ExternalIDs [3]string // "" for none
	CreatedOn   time.Time
}

// Stores lists the stores of an org.
func (s *Store) Stores(ctx context.Context, org string) (list []OrgStore, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			var st OrgStore
			var at int64
			err := scan(&st.ID, &st.Code, &st.Name, &st.Tills, &st.ExternalIDs[0], &st.ExternalIDs[1], &st.ExternalIDs[2], &at)
			st.CreatedOn = time.UnixMilli(at)
			list = append(list, st)
			return err
		}, `SELECT id, code, name, (SELECT count(*) FROM tills t WHERE t.org = s.org AND t.store = s.id AND t.disabled_on IS NULL), external_id, external_id_1, external_id_2, created_on
			FROM stores s WHERE org = $1 ORDER BY id`, o.ID)
	})
	return list, err
}

// AddTill adds a till to a store. hash is the HashPassword of the md5 of its password.
func (s *Store) AddTill(ctx context.Context, org, store, code, role, hash string) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		if err := tx.addTill(o.ID, store, code, role, hash, false); err != nil {
			return err
		}
		return tx.changed()
	})
}

func (tx *Tx) addTill(org int64, store, code, role, hash string, demo bool) error {
	if err := checkName("the code of a till", code); err != nil {
		return err
	}
	if len(code) > 64 {
		return Refusal("the code of a till must be at most 64 characters")
	}
	if !slices.Contains(Roles, role) {
		return Refusal("the role of a till must be till, admin or read")
	}
	var storeID int64
	err := tx.QueryRow(`SELECT id FROM stores WHERE org = $1 AND code = $2`, org, strings.ToLower(store)).Scan(&storeID)
	if errors.Is(err, sql.ErrNoRows) {
		return Refusal(fmt.Sprintf("the org has no store %q: add it with `arteriole store add`", store))
	}
	if err != nil {
		return err
	}
	id, err := tx.next(org, "tills", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO tills (org, id, store, code, role, password, demo, created_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		org, id, storeID, strings.ToLower(code), role, hash, bit(demo), tx.now)
	if taken(err) {
		return Refusal(fmt.Sprintf("there is already a till %q on this server, in this org or another: its code is the user name, choose another", strings.ToLower(code)))
	}
	if err != nil {
		return err
	}
	return tx.auditRow(Who{Org: org}, "till.add", "till", id, sql.NullString{}, toJSON(map[string]string{"code": strings.ToLower(code), "role": role}))
}

// SetTillPassword replaces the password of a till; the old one is refused at once.
func (s *Store) SetTillPassword(ctx context.Context, org, code, hash string) error {
	return s.changeTill(ctx, org, code, "till.password", func(tx *Tx, t Till) error {
		if t.Disabled {
			return Refusal(fmt.Sprintf("the till %q is disabled: add another one", t.Code))
		}
		_, err := tx.Exec(`UPDATE tills SET password = $3, demo = 0 WHERE org = $1 AND id = $2`, t.Org, t.ID, hash)
		return err
	})
}

// DisableTill disables a till for good, at once. It remains the author of what it did.
func (s *Store) DisableTill(ctx context.Context, org, code string) error {
	return s.changeTill(ctx, org, code, "till.disable", func(tx *Tx, t Till) error {
		if t.Disabled {
			return Refusal(fmt.Sprintf("the till %q is already disabled", t.Code))
		}
		_, err := tx.Exec(`UPDATE tills SET disabled_on = $3 WHERE org = $1 AND id = $2`, t.Org, t.ID, tx.now)
		return err
	})
}

func (s *Store) changeTill(ctx context.Context, org, code, action string, change func(*Tx, Till) error) error {
	return s.revoke(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		t, err := tx.tillNamed(o, code)
		if err != nil {
			return err
		}
		if err := change(tx, t); err != nil {
			return err
		}
		if err := tx.auditRow(Who{Org: o.ID}, action, "till", t.ID, sql.NullString{}, toJSON(map[string]string{"code": t.Code})); err != nil {
			return err
		}
		return tx.changed()
	})
}

// tillNamed reads a till of an org by its code. A Refusal, if there is none.
func (tx *Tx) tillNamed(o Org, code string) (Till, error) {
	t, err := tx.till(`t.org = $1 AND t.code = $2`, o.ID, strings.ToLower(code))
	if errors.Is(err, ErrNotFound) {
		err = Refusal(fmt.Sprintf("the org %q has no till %q: see `arteriole till list`", o.Name, code))
	}
	return t, err
}
