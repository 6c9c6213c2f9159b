package db

import (
	"context"
	"errors"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Item is what became of one item of a bulk request: its value, or the fault that undid it alone. It survives JSON, so that
// once can keep it.
type Item[T any] struct {
	Value T
	Fault *fault.Fault
}

// bulkDeadline is how long the items of one request may hold the writer. The contract bounds the number and the size of the
// items, so it is met only when something is wrong with the machine; those that are left then are Unavailable, each by itself,
// and what was done stays done.
const bulkDeadline = groupDeadline

// bulk does n items of one request in one turn of the writer, in their order, each in a savepoint of its own: a fault undoes
// its item alone. All of them, and the refusals too, are on disk together. Any other error than a fault undoes everything.
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
