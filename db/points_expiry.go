package db

import (
	"context"
	"slices"
)

// expiryTurn is how many customers one turn of the writer takes.
const expiryTurn = 100

// ExpirePoints writes off what has expired, in turns of the writer that each take a few customers, and says of how many. Nothing
// depends on when it runs: reads leave out what has expired, and whoever changes a customer's points writes off first. It can be
// stopped at any time, and run again without harm.
func (s *Store) ExpirePoints(ctx context.Context) (n int, err error) {
	var orgs []int64
	err = s.read(ctx, func(tx *Tx) error {
		orgs, err = column[int64](tx, `SELECT id FROM orgs ORDER BY id`)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, org := range orgs {
		for ctx.Err() == nil {
			customers, err := s.dueCustomers(ctx, org)
			if err != nil {
				return n, err
			}
			if len(customers) == 0 {
				break
			}
			err = s.write(ctx, func(tx *Tx) error {
				for _, c := range customers {
					if _, err := tx.openWallet(org, c); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return n, err
			}
			n += len(customers)
		}
	}
	return n, ctx.Err()
}

func (s *Store) dueCustomers(ctx context.Context, org int64) (customers []int64, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		customers = nil
		return tx.Each(func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			if !slices.Contains(customers, id) {
				customers = append(customers, id)
			}
			return err
		}, `SELECT customer FROM points_batches WHERE org = $1 AND remaining > 0 AND expires_on <= $2 ORDER BY expires_on LIMIT $3`, org, tx.now, expiryTurn)
	})
	return customers, err
}
