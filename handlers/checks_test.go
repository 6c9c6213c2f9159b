package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// Sixty-four addresses that guess all the time, each another till with each guess, do not keep out a client whose password is not
// remembered, wherever it comes from.
func TestGuessersDoNotKeepTheRightClientOut(t *testing.T) {
	s := serve(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	s.auth.nobody = strings.Replace(db.NoPassword(), "m=19456,t=2", "m=4096,t=1", 1) // a tenth of the work, for a tenth of the time
	ask := func(from, credential string) reply {
		return s.send(t, "GET", search, "", "Authorization: "+credential, "X-Forwarded-For: "+from)
	}
	ctx, stop := context.WithCancel(t.Context())
	var guessers sync.WaitGroup
	defer guessers.Wait()
	defer stop()
	for i := range 64 {
		guessers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				var two sync.WaitGroup // at a time, from each
				for k := range 2 {
					two.Go(func() { ask(fmt.Sprintf("10.0.0.%d", i), basicOf(fmt.Sprintf("till%d.%d.%d", i, n, k), "guess")) })
				}
				two.Wait()
			}
		})
	}
	waiting := func() int {
		s.auth.line.mu.Lock()
		defer s.auth.line.mu.Unlock()
		return s.auth.line.waiting
	}
	for deadline := time.Now().Add(20 * time.Second); waiting() < 100; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d guesses wait", waiting())
		}
	}
	for i := range 5 {
		from := fmt.Sprintf("192.0.2.%d", i)
		if i%2 == 1 {
			from = fmt.Sprintf("2001:db8:0:%d::1", i)
		}
		code := fmt.Sprint("shop", i)
		addTill(t, s.store, code, "till", "right")
		began := time.Now()
		if r := ask(from, basicOf(code, "right")); r.status != 200 {
			t.Errorf("%s: %d %s after %s", from, r.status, r.body, time.Since(began))
		}
	}
}

// Who gets which turn, when checksAtOnce checks run and others wait.
func TestTheLineOfChecks(t *testing.T) {
	at := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}) }
	full := func() *checkLine {
		l := &checkLine{}
		for range checksAtOnce {
			if turn, err := l.join(at(0), neverSeen); turn != nil || err != nil {
				t.Fatalf("the first have to wait: %v", err)
			}
		}
		return l
	}
	join := func(l *checkLine, address, standing int) chan bool {
		turn, err := l.join(at(address), standing)
		if err != nil {
			return nil
		}
		return turn
	}
	t.Run("turns", func(t *testing.T) {
		l := full()
		names, turns := []string{}, []chan bool{}
		for _, one := range []struct {
			name              string
			address, standing int
		}{{"a1", 1, neverSeen}, {"a2", 1, neverSeen}, {"a3", 1, neverSeen}, {"b1", 2, neverSeen}, {"b2", 2, neverSeen},
			{"guess", 3, wrongLately}, {"c1", 4, rightLately}, {"c2", 4, rightLately}, {"d1", 5, rightLately}} {
			names, turns = append(names, one.name), append(turns, join(l, one.address, one.standing))
		}
		var order []string
		for range turns {
			l.leave()
			for i, turn := range turns {
				select {
				case <-turn:
					order = append(order, names[i])
				default:
				}
			}
		}
		if got := strings.Join(order, " "); got != "c1 d1 c2 a1 b1 a2 b2 a3 guess" {
			t.Errorf("the turns are %s", got)
		}
		for range checksAtOnce {
			l.leave()
		}
		if l.running != 0 || l.waiting != 0 || len(l.addresses) != 0 {
			t.Errorf("in the end %d run, %d wait of %d addresses", l.running, l.waiting, len(l.addresses))
		}
	})
	t.Run("one address", func(t *testing.T) {
		l := full()
		for i := range checksOfAddress {
			if join(l, 1, rightLately) == nil {
				t.Fatalf("no place for %d", i)
			}
		}
		if join(l, 1, rightLately) != nil {
			t.Error("one address has more places than it may")
		}
	})
	t.Run("all places taken", func(t *testing.T) {
		l := full()
		var many []chan bool
		for range checksOfAddress {
			many = append(many, join(l, 1, neverSeen))
			join(l, 2, neverSeen)
		}
		for i := range checksWaiting - 2*checksOfAddress {
			join(l, 100+i, neverSeen)
		}
		if l.waiting != checksWaiting {
			t.Fatalf("%d wait", l.waiting)
		}
		if join(l, 3, neverSeen) == nil || l.waiting != checksWaiting {
			t.Error("an address that has no place gets none of one that has many")
		}
		select {
		case mine := <-many[checksOfAddress-1]:
			if mine {
				t.Error("the check whose place was given away has its turn")
			}
		default:
			t.Error("it was not the youngest of the address that has most")
		}
		if join(l, 3, wrongLately) != nil {
			t.Error("a guesser gets a place of others")
		}
		even := full()
		for i := range checksWaiting {
			join(even, 100+i, neverSeen)
		}
		if join(even, 1, neverSeen) != nil {
			t.Error("a place is given away to one that is no better")
		}
		if join(even, 1, rightLately) == nil || even.waiting != checksWaiting {
			t.Error("who was right lately gets no place of one of whom nothing is known")
		}
	})
	t.Run("one that goes away", func(t *testing.T) {
		l := full()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.enter(ctx, at(1), neverSeen); !errors.Is(err, context.Canceled) || l.waiting != 0 || len(l.addresses) != 0 {
			t.Errorf("%v, and %d wait", err, l.waiting)
		}
	})
}

// However turns, places given away and ends of patience meet, no more than checksAtOnce run, and in the end none is left.
func TestTheLineOfChecksUnderLoad(t *testing.T) {
	var l checkLine
	var running, most, in int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 2000 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*time.Millisecond)
			defer cancel()
			if l.enter(ctx, netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 40)}), i%3) != nil {
				return
			}
			mu.Lock()
			running, in = running+1, in+1
			most = max(most, running)
			mu.Unlock()
			time.Sleep(20 * time.Microsecond)
			mu.Lock()
			running--
			mu.Unlock()
			l.leave()
		})
	}
	wg.Wait()
	if most > checksAtOnce || in < checksAtOnce {
		t.Errorf("%d ran, %d of them at once", in, most)
	}
	if l.running != 0 || l.waiting != 0 || len(l.addresses) != 0 {
		t.Errorf("in the end %d run, %d wait of %d addresses", l.running, l.waiting, len(l.addresses))
	}
}
