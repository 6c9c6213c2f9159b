package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/arteriole/arteriole/fault"
)

// Kitten of the vendor's sample page.
type Kitten struct {
	ID                   int64
	Name, Breed          string
	Fluffiness, Cuteness int
}

// Kittens lists the kittens that may be shown, by id: cats and adopted ones only when asked for.
func (s *Store) Kittens(ctx context.Context, who Who, cats, adopted bool) (ks []Kitten, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		ks = []Kitten{}
		return tx.Each(func(scan func(...any) error) error {
			var k Kitten
			err := scan(&k.ID, &k.Name, &k.Breed, &k.Fluffiness, &k.Cuteness)
			ks = append(ks, k)
			return err
		}, `SELECT id, name, breed, fluffiness, cuteness FROM kittens
			WHERE org = $1 AND (is_cat = 0 OR $2 = 1) AND (state = 'available' OR state = 'adopted' AND $3 = 1) ORDER BY id LIMIT 1000`, who.Org, bit(cats), bit(adopted))
	})
	return ks, err
}

// Kitten reads one, whether adopted or not.
func (s *Store) Kitten(ctx context.Context, who Who, id int64) (k Kitten, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		var state string
		err := tx.QueryRow(`SELECT id, name, breed, fluffiness, cuteness, state FROM kittens WHERE org = $1 AND id = $2`, who.Org, id).
			Scan(&k.ID, &k.Name, &k.Breed, &k.Fluffiness, &k.Cuteness, &state)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.KittenNotFound.With("id", id)
		case err != nil:
			return err
		case state == "hidden":
			return fault.KittenHidden.New()
		case state == "removed":
			return fault.KittenGone.With("id", id)
		case state == "teapot":
			return fault.KittenTeapot.With("id", id)
		}
		return nil
	})
	return k, err
}
