package db

import (
	"context"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Item is the result of one item of a bulk request: its value, or the fault that undid it alone. It can be stored as JSON, for
// Idempotency-Key.
type Item[T any] struct {
	Value T
	Fault *fault.Fault
}

// bulkDeadline is how long the items of one request may hold the writer. The contract bounds the number and size of items, so it
// is reached only on a machine in trouble; the remaining items then fail with Unavailable, and those that were done stay done.
const bulkDeadline = groupDeadline

// bulk runs n items of one request in one transaction, in order, each in a savepoint of its own: a fault undoes its item alone.
// All items, refused ones too, become durable together. Any error that is not a fault undoes everything.
func bulk[T any](ctx context.Context, s *Store, who Who, n int, item func(tx *Tx, i int) (T, error)) ([]Item[T], error) {
	return once(ctx, s, who, func(tx *Tx) ([]Item[T], error) { return each(tx, n, bulkDeadline, item) })
}

func each[T any](tx *Tx, n int, deadline time.Duration, item func(tx *Tx, i int) (T, error)) ([]Item[T], error) {
	items := make([]Item[T], n)
	start := time.Now()
	for i := range items {
		if time.Since(start) >= deadline {
			items[i].Fault = fault.Unavailable.Because(errors.New("the items before it took too long")).After(time.Second)
			continue
		}
		err := tx.alone(func(tx *Tx) (err error) {
			items[i].Value, err = item(tx, i)
			return err
		})
		if f, ok := fault.Of(err); ok {
			items[i] = Item[T]{Fault: f}
		} else if err != nil {
			return nil, err
		}
	}
	return items, nil
}
