package db

import "context"

type batchKey struct{}

// batchTurn is the transaction of a batch, carried by a context.
type batchTurn struct {
	tx   *Tx
	lost error // why it cannot be committed
}

// Batch runs fn as one transaction of the writer. Store methods that fn calls with the context it is given run inside it, one
// after the other: each write in a savepoint of its own, so that a refusal undoes that write alone, and each read sees what the
// batch has written so far.
//
// Nothing is durable before Batch returns nil. fn blocks the writer, so it must be short. It may run more than once, and must
// start from scratch each time.
func (s *Store) Batch(ctx context.Context, fn func(ctx context.Context) error) error {
	if p := s.checkpoints.Load(); p != nil && s.writer.sharedLately() {
		p.idle(ctx)
	}
	return s.writer.submit(ctx, &write{batch: true, done: make(chan struct{}), fn: func(tx *Tx) error {
		b := &batchTurn{tx: tx}
		if err := fn(context.WithValue(ctx, batchKey{}, b)); err != nil {
			return err
		}
		return b.lost
	}})
}

func batchOf(ctx context.Context) *batchTurn {
	b, _ := ctx.Value(batchKey{}).(*batchTurn)
	return b
}

// write is Store.write within the batch.
func (b *batchTurn) write(fn func(*Tx) error) error {
	if b.lost != nil {
		return unavailable(b.lost)
	}
	err := b.tx.alone(fn)
	if err != nil && !refusal(err) {
		b.lost = err
		return storeError(err)
	}
	return err
}

func (b *batchTurn) read(fn func(*Tx) error) error {
	if b.lost != nil {
		return unavailable(b.lost)
	}
	return storeError(fn(b.tx))
}

// Undone runs fn within the batch of ctx and rolls back all that it changed.
func Undone(ctx context.Context, fn func()) error {
	b := batchOf(ctx)
	if _, err := b.tx.Exec(`SAVEPOINT undone`); err != nil {
		return err
	}
	b.tx.dry = true
	defer func() { b.tx.dry = false }()
	fn()
	if b.lost != nil {
		return b.lost
	}
	if _, err := b.tx.Exec(`ROLLBACK TO undone`); err != nil {
		return err
	}
	_, err := b.tx.Exec(`RELEASE undone`)
	return err
}
