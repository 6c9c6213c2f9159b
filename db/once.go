package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/arteriole/arteriole/fault"
)

const (
	keptFor     = 24 * time.Hour   // what a request with an Idempotency-Key was answered
	keyPatience = 10 * time.Second // of a repeat that waits for the first
	forgetStep  = 500              // kept answers that one turn of the writer throws away
)

// Once is the Idempotency-Key of a request (our rule 19): a repeat with the same key and the same content gets the first answer,
// and changes nothing.
type Once struct {
	Method, Path, Key string // a key counts within one org, method and path
	Hash              string // SHA-256 of the request's content, in hex: another content under the same key is refused
	Replayed          bool   // set when the answer is an earlier request's
}

// And adds to the hash what is known only later: the content of a streamed body.
func (o *Once) And(more ...any) {
	sum := sha256.Sum256([]byte(o.Hash + toJSON(more)))
	o.Hash = hex.EncodeToString(sum[:])
}

// once is write for a change that an API caller asked for, and every such change goes through it. fn gives the answer, which must
// survive JSON. With who.Once the answer is stored in the same savepoint as the effect. A fault is an answer too, one without an
// effect; faults of HTTP itself, such as Unavailable, pass and are not kept.
func once[T any](ctx context.Context, s *Store, who Who, fn func(*Tx) (T, error)) (out T, err error) {
	return onceAfter(ctx, s, who, nil, fn)
}

// onceAfter is once with a step before it, in transactions of its own, which a repeat skips.
func onceAfter[T any](ctx context.Context, s *Store, who Who, before func() error, fn func(*Tx) (T, error)) (out T, err error) {
	if who.Once == nil {
		if before != nil {
			if err := before(); err != nil {
				return out, err
			}
		}
		err = s.write(ctx, func(tx *Tx) error {
			out, err = fn(tx)
			return err
		})
		return out, err
	}
	end, err := s.turns.take(ctx, turn{who.Org, who.Once.Method, who.Once.Path, who.Once.Key}, s.keyPatience)
	if err != nil {
		return out, err
	}
	defer end()
	var refused error
	var replayed bool
	if before != nil {
		err := s.read(ctx, func(tx *Tx) (err error) {
			var nothing T
			out = nothing
			replayed, refused, err = tx.kept(who, &out)
			return err
		})
		if err != nil {
			return out, err
		}
		if replayed {
			who.Once.Replayed = true
			return out, refused
		}
		if err := before(); err != nil {
			return out, err
		}
	}
	err = s.write(ctx, func(tx *Tx) (err error) {
		var nothing T
		out = nothing
		if replayed, refused, err = tx.kept(who, &out); err != nil || replayed {
			return err
		}
		refused = tx.alone(func(tx *Tx) (err error) {
			out, err = fn(tx)
			return err
		})
		if f, ok := fault.Of(refused); refused != nil && (!ok || f.Family == "http" || f.Code == fault.IngestionFilesFull) {
			return refused
		}
		return tx.keep(who, out, refused)
	})
	if err != nil {
		return out, err
	}
	who.Once.Replayed = replayed
	return out, refused
}

// kept looks up the answer to an earlier request with this key: a result is decoded into out, a fault returned as refused.
func (tx *Tx) kept(who Who, out any) (found bool, refused, err error) {
	var hash, answer string
	var failed bool
	err = tx.QueryRow(`SELECT hash, failed, answer FROM idempotency WHERE org = $1 AND key = $2 AND method = $3 AND path = $4 AND at > $5`,
		who.Org, who.Once.Key, who.Once.Method, who.Once.Path, tx.now-keptFor.Milliseconds()).Scan(&hash, &failed, &answer)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil, nil
	case err != nil:
		return false, nil, err
	case hash != who.Once.Hash:
		return false, nil, fault.Conflict.With("reason", "this key came before with another request").At("header: Idempotency-Key")
	case !failed:
		return true, nil, json.Unmarshal([]byte(answer), out)
	}
	f := new(fault.Fault)
	return true, f, json.Unmarshal([]byte(answer), f)
}

// keep stores an answer in the transaction of its effect. A sandbox keeps at most as many as the changes it may make.
func (tx *Tx) keep(who Who, out any, refused error) error {
	o, err := tx.org(who.Org)
	if err != nil {
		return err
	}
	if o.maxChanges > 0 {
		var n int64
		if err := tx.QueryRow(`SELECT count(*) FROM idempotency WHERE org = $1`, who.Org).Scan(&n); err != nil {
			return err
		}
		if n >= o.maxChanges {
			return fault.SandboxFull.New()
		}
	}
	failed := 0
	if f, ok := fault.Of(refused); ok {
		failed, out = 1, f
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("an answer cannot be kept: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO idempotency (org, key, method, path, hash, at, request, failed, answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (org, key, method, path) DO UPDATE SET hash = excluded.hash, at = excluded.at, request = excluded.request, failed = excluded.failed, answer = excluded.answer`,
		who.Org, who.Once.Key, who.Once.Method, who.Once.Path, who.Once.Hash, tx.now, who.RequestID, failed, string(answer))
	return err
}

// Forget deletes answers older than keptFor, and returns how many.
func (s *Store) Forget(ctx context.Context) (n int64, err error) {
	for ctx.Err() == nil {
		var gone int64
		err := s.write(ctx, func(tx *Tx) error {
			r, err := tx.Exec(`DELETE FROM idempotency WHERE (org, key, method, path) IN
				(SELECT org, key, method, path FROM idempotency WHERE at <= $1 ORDER BY at LIMIT $2)`, tx.now-keptFor.Milliseconds(), forgetStep)
			if err != nil {
				return err
			}
			gone, err = r.RowsAffected()
			return err
		})
		if n += gone; err != nil || gone < forgetStep {
			return n, err
		}
	}
	return n, ctx.Err()
}

// turns holds the requests with a key that are running in this process. A repeat waits until the first has ended, and then finds
// its answer.
type turns struct {
	mu      sync.Mutex
	running map[turn]chan struct{} // closed when the first has ended
}

type turn struct {
	org               int64
	method, path, key string
}

func (ts *turns) take(ctx context.Context, t turn, patience time.Duration) (end func(), err error) {
	ts.mu.Lock()
	first, busy := ts.running[t]
	if !busy {
		if ts.running == nil {
			ts.running = map[turn]chan struct{}{}
		}
		ended := make(chan struct{})
		ts.running[t] = ended
		ts.mu.Unlock()
		return func() {
			ts.mu.Lock()
			delete(ts.running, t)
			ts.mu.Unlock()
			close(ended)
		}, nil
	}
	ts.mu.Unlock()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-first:
		return func() {}, nil
	case <-limit.C:
		return nil, fault.Conflict.With("reason", "the first request with this key has not ended yet").At("header: Idempotency-Key").After(time.Second)
	case <-ctx.Done():
		return nil, unavailable(ctx.Err())
	}
}
