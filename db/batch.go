package db

import "context"

type batchKey struct{}

// batchTurn is the turn of the writer that a context stands for.
type batchTurn struct {
	tx   *Tx
	lost error // why the turn cannot be committed
}

// Batch runs fn as one turn of the writer. Whatever methods of the store fn calls with the context that it is given, reads and
// writes, run within this turn, one after the other: a change in a savepoint of its own, so that its refusal undoes it alone, a
// read with all that the turn has written. Nothing is on disk before Batch returns nil. fn runs on the writer's goroutine, which
// serves nobody else meanwhile, so it must be short; it may run more than once, and must begin anew each time.
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

// Undone runs fn within the batch of ctx and undoes all that it changed.
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
