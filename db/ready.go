package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// roomAhead is how many bytes must fit on a disk that was full before the store reports itself ready again.
const roomAhead = 1 << 20

// Ready returns why the store cannot take writes, or nil. After a failed write it tries one that changes nothing, so that space
// freed on a full disk is noticed without traffic.
func (s *Store) Ready(ctx context.Context) error {
	why := s.failing.Load()
	if why == nil {
		if err := s.read(ctx, func(tx *Tx) error {
			var one int
			return tx.QueryRow(`SELECT 1 FROM meta WHERE id = 1`).Scan(&one)
		}); err != nil {
			return fmt.Errorf("reads fail: %w", cause(err))
		}
		if d := s.behind(); d > 0 {
			return fmt.Errorf("the clock is %s behind the youngest row: writes wait until it has caught up", d.Round(time.Second))
		}
		return nil
	}
	if err := s.write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`UPDATE meta SET config = config WHERE id = 1`)
		return err
	}); err != nil {
		return fmt.Errorf("writes fail: %w", cause(err))
	}
	if code(*why) == codeFull {
		if err := s.room(); err != nil {
			return fmt.Errorf("writes fail: the disk is full")
		}
		s.failing.CompareAndSwap(why, nil)
	}
	return nil
}

// room tests whether roomAhead bytes fit beside the database.
func (s *Store) room() error {
	s.trying.Lock()
	defer s.trying.Unlock()
	f, err := os.OpenFile(s.path+".room", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, roomAhead))
	return errors.Join(err, f.Sync(), f.Close())
}

// behind is how far the clock is behind the youngest stored time, beyond what is tolerated; else 0.
func (s *Store) behind() time.Duration {
	if d := time.UnixMilli(s.writer.last.Load()).Sub(s.clock()); d > forgivenStepBack {
		return d
	}
	return 0
}

func cause(err error) error {
	if f, ok := fault.Of(err); ok && f.Unwrap() != nil {
		return f.Unwrap()
	}
	return err
}
