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

// MaxTokenLife is the longest that an access token of any client lives.
const MaxTokenLife = time.Hour

// Client is an OAuth client of an org: a program that gets access tokens for its key and secret, and acts for a till.
type Client struct {
	Org, ID   int64
	Key, Name string
	Secret    string // HashKey of it
	Till      int64  // it acts for
	TillCode  string
	Role      string // one of Roles
	TTL       time.Duration
	Revoked   bool // it, or its till, is refused
	Demo      bool
	CreatedOn time.Time
	RevokedOn time.Time // zero when it is not, be it that its till is
}

// ClientByKey reads a client by its key. ErrNotFound, if there is none.
func (s *Store) ClientByKey(ctx context.Context, key string) (Client, error) {
	return s.client(ctx, `c.key = $1`, key)
}

// ClientByID reads the client that a token names. ErrNotFound, if there is none.
func (s *Store) ClientByID(ctx context.Context, org, id int64) (Client, error) {
	return s.client(ctx, `c.org = $1 AND c.id = $2`, org, id)
}

func (s *Store) client(ctx context.Context, where string, args ...any) (c Client, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		c, err = scanClient(tx.QueryRow(selectClient+where, args...).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	return c, err
}

const selectClient = `SELECT c.org, c.id, c.key, c.name, c.secret, c.till, t.code, c.role, c.ttl, c.demo, c.created_on, c.revoked_on, t.disabled_on IS NOT NULL
	FROM clients c JOIN tills t ON t.org = c.org AND t.id = c.till WHERE `

func scanClient(scan func(...any) error) (c Client, err error) {
	var at, ttl int64
	var revoked sql.NullInt64
	err = scan(&c.Org, &c.ID, &c.Key, &c.Name, &c.Secret, &c.Till, &c.TillCode, &c.Role, &ttl, &c.Demo, &at, &revoked, &c.Revoked)
	c.TTL, c.CreatedOn = time.Duration(ttl)*time.Second, time.UnixMilli(at)
	if revoked.Valid {
		c.Revoked, c.RevokedOn = true, time.UnixMilli(revoked.Int64)
	}
	return c, err
}

// Clients lists the clients of an org.
func (s *Store) Clients(ctx context.Context, org string) (cs []Client, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		cs = nil
		return tx.Each(func(scan func(...any) error) error {
			c, err := scanClient(scan)
			cs = append(cs, c)
			return err
		}, selectClient+`c.org = $1 ORDER BY c.id`, o.ID)
	})
	return cs, err
}

// AddClient stores a new client that acts for a till, named by its code. Of c it takes Key, Name, Secret (a HashKey), Role and
// TTL.
func (s *Store) AddClient(ctx context.Context, org, till string, c Client) error {
	return s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		if err := tx.addClient(o.ID, till, c); err != nil {
			return err
		}
		return tx.changed()
	})
}

func (tx *Tx) addClient(org int64, till string, c Client) error {
	switch {
	case utf8.RuneCountInString(c.Name) > 100 || hasControl(c.Name):
		return Refusal("the name of a client must be at most 100 characters")
	case !slices.Contains(Roles, c.Role):
		return Refusal("the role of a client must be till, admin or read")
	case c.TTL < time.Minute || c.TTL > MaxTokenLife || c.TTL%time.Second != 0:
		return Refusal("the lifetime of tokens must be 1 to 60 minutes, in whole seconds")
	}
	t, err := tx.till(`t.org = $1 AND t.code = $2`, org, strings.ToLower(till))
	if errors.Is(err, ErrNotFound) || err == nil && t.Disabled {
		return Refusal(fmt.Sprintf("the org has no active till %q: see `arteriole till list`", till))
	}
	if err != nil {
		return err
	}
	id, err := tx.next(org, "clients", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO clients (org, id, key, secret, name, till, role, ttl, demo, created_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		org, id, c.Key, c.Secret, c.Name, t.ID, c.Role, int64(c.TTL/time.Second), bit(c.Demo), tx.now)
	if taken(err) {
		return Refusal("there is already a client with this key")
	}
	if err != nil {
		return err
	}
	return tx.auditRow(Who{Org: org}, "client.add", "client", id, sql.NullString{},
		toJSON(map[string]string{"key": c.Key, "name": c.Name, "till": t.Code, "role": c.Role, "ttl": c.TTL.String()}))
}

// RevokeClient revokes a client and all its tokens, at once and for good.
func (s *Store) RevokeClient(ctx context.Context, org, key string) error {
	return s.revoke(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		var id int64
		err = tx.QueryRow(`UPDATE clients SET revoked_on = $3 WHERE org = $1 AND key = $2 AND revoked_on IS NULL RETURNING id`, o.ID, key, tx.now).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return Refusal(fmt.Sprintf("the org %q has no client %q that is still valid: see `arteriole client list`", o.Name, key))
		}
		if err != nil {
			return err
		}
		if err := tx.auditRow(Who{Org: o.ID}, "client.revoke", "client", id, sql.NullString{}, toJSON(map[string]string{"key": key})); err != nil {
			return err
		}
		return tx.changed()
	})
}
