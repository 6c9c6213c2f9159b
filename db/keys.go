package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Key is a key of the kittens API.
type Key struct {
	Org, ID   int64
	Name      string
	Revoked   bool
	Demo      bool
	CreatedOn time.Time
	RevokedOn time.Time // zero when it is not
}

// HashKey returns what is stored of a key. Keys are random, so a plain hash reveals nothing.
func HashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// KeyByHash reads a key by its HashKey. ErrNotFound, if there is none.
func (s *Store) KeyByHash(ctx context.Context, hash string) (k Key, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		k, err = scanKey(tx.QueryRow(selectKey+`hash = $1`, hash).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	return k, err
}

const selectKey = `SELECT org, id, name, demo, created_on, revoked_on FROM api_keys WHERE `

func scanKey(scan func(...any) error) (k Key, err error) {
	var at int64
	var revoked sql.NullInt64
	err = scan(&k.Org, &k.ID, &k.Name, &k.Demo, &at, &revoked)
	k.CreatedOn = time.UnixMilli(at)
	if k.Revoked = revoked.Valid; k.Revoked {
		k.RevokedOn = time.UnixMilli(revoked.Int64)
	}
	return k, err
}

// Keys lists the keys of an org.
func (s *Store) Keys(ctx context.Context, org string) (ks []Key, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		return tx.Each(func(scan func(...any) error) error {
			k, err := scanKey(scan)
			ks = append(ks, k)
			return err
		}, selectKey+`org = $1 ORDER BY id`, o.ID)
	})
	return ks, err
}

// AddKey stores a new key of an org by its HashKey, and returns its id.
func (s *Store) AddKey(ctx context.Context, org, name, hash string) (id int64, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		if id, err = tx.addKey(o.ID, name, hash, false); err != nil {
			return err
		}
		return tx.changed()
	})
	return id, err
}

func (tx *Tx) addKey(org int64, name, hash string, demo bool) (int64, error) {
	if utf8.RuneCountInString(name) > 100 || hasControl(name) {
		return 0, Refusal("the name of a key must be at most 100 characters")
	}
	id, err := tx.next(org, "api_keys", 1)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO api_keys (org, id, hash, name, demo, created_on) VALUES ($1, $2, $3, $4, $5, $6)`, org, id, hash, name, bit(demo), tx.now)
	if taken(err) {
		return 0, Refusal("this key already exists")
	}
	if err != nil {
		return 0, err
	}
	return id, tx.auditRow(Who{Org: org}, "key.add", "key", id, sql.NullString{}, toJSON(map[string]string{"name": name}))
}

// RevokeKey revokes a key, at once and for good.
func (s *Store) RevokeKey(ctx context.Context, org string, id int64) error {
	return s.revoke(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		r, err := tx.Exec(`UPDATE api_keys SET revoked_on = $3 WHERE org = $1 AND id = $2 AND revoked_on IS NULL`, o.ID, id, tx.now)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, Refusal(fmt.Sprintf("the org %q has no key %d that is still valid: see `arteriole key list`", o.Name, id)))
		}
		if err := tx.auditRow(Who{Org: o.ID}, "key.revoke", "key", id, sql.NullString{}, "{}"); err != nil {
			return err
		}
		return tx.changed()
	})
}
