package db

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

const signingBits = 2048

// SigningKey is a key of the server's own that signs access tokens.
type SigningKey struct {
	ID        string // kid: k1, k2, …
	Private   *rsa.PrivateKey
	CreatedOn time.Time
	RetiredOn time.Time // zero for the one that signs
}

// SigningKeys returns the current signing key, and those whose tokens may still be valid, youngest first. A server that has never
// signed has none; SigningKey creates it.
func (s *Store) SigningKeys(ctx context.Context) (keys []SigningKey, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		keys, err = tx.signingKeys()
		return err
	})
	return keys, err
}

// SigningKey returns the current signing key, creating it if there is none.
func (s *Store) SigningKey(ctx context.Context) (k SigningKey, err error) {
	keys, err := s.SigningKeys(ctx)
	if err != nil || len(keys) > 0 && keys[0].RetiredOn.IsZero() {
		return first(keys), err
	}
	private, err := newSigningKey() // before the transaction: it takes a while, and the writer waits for nobody
	if err != nil {
		return k, err
	}
	err = s.write(ctx, func(tx *Tx) error {
		keys, err := tx.signingKeys()
		if err != nil {
			return err
		}
		if k = first(keys); k.Private != nil && k.RetiredOn.IsZero() {
			return nil // another was quicker
		}
		k, err = tx.addSigningKey(private)
		return err
	})
	return k, err
}

// RotateSigningKey creates a new signing key and returns its id. Existing tokens stay valid until they expire; with endTokens they
// are revoked.
func (s *Store) RotateSigningKey(ctx context.Context, endTokens bool) (k SigningKey, err error) {
	private, err := newSigningKey()
	if err != nil {
		return k, err
	}
	err = s.write(ctx, func(tx *Tx) error {
		forgotten := tx.now - MaxTokenLife.Milliseconds()
		if endTokens {
			forgotten = tx.now
		}
		if _, err := tx.Exec(`UPDATE signing_keys SET retired_on = $1 WHERE retired_on IS NULL`, tx.now); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM signing_keys WHERE retired_on <= $1`, forgotten); err != nil {
			return err
		}
		k, err = tx.addSigningKey(private)
		return err
	})
	return k, err
}

func first(keys []SigningKey) (k SigningKey) {
	if len(keys) > 0 {
		k = keys[0]
	}
	return k
}

func (tx *Tx) signingKeys() (keys []SigningKey, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id, created int64
		var text string
		var retired sql.NullInt64
		if err := scan(&id, &text, &created, &retired); err != nil {
			return err
		}
		private, err := parseSigningKey(text)
		if err != nil {
			return fmt.Errorf("signing key %d: %w", id, err)
		}
		k := SigningKey{ID: fmt.Sprint("k", id), Private: private, CreatedOn: time.UnixMilli(created)}
		if retired.Valid {
			k.RetiredOn = time.UnixMilli(retired.Int64)
		}
		keys = append(keys, k)
		return nil
	}, `SELECT id, private, created_on, retired_on FROM signing_keys WHERE retired_on IS NULL OR retired_on > $1 ORDER BY id DESC`,
		tx.now-MaxTokenLife.Milliseconds())
	return keys, err
}

func (tx *Tx) addSigningKey(private *rsa.PrivateKey) (k SigningKey, err error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return k, err
	}
	id, err := tx.next(0, "signing_keys", 1)
	if err != nil {
		return k, err
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if _, err := tx.Exec(`INSERT INTO signing_keys (id, private, created_on) VALUES ($1, $2, $3)`, id, text, tx.now); err != nil {
		return k, err
	}
	k = SigningKey{ID: fmt.Sprint("k", id), Private: private, CreatedOn: time.UnixMilli(tx.now)}
	return k, errors.Join(tx.auditRow(Who{}, "signing.key", "signing key", id, sql.NullString{}, "{}"), tx.changed())
}

func newSigningKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, signingBits) }

func parseSigningKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is no RSA key")
	}
	return private, nil
}
