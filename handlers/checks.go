package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
)

// errCrowded is returned for a check that finds no place in the line.
var errCrowded = errors.New("too many passwords wait to be checked")

// The standings of addresses that wait for a check: a recent correct password goes first, a wrong one within the last minute goes
// last.
const (
	wrongLately = iota
	neverSeen
	rightLately
)

// checkLine runs at most checksAtOnce password checks; the others wait. Among the waiting addresses of the best standing, each has
// one turn after the other, so that nobody waits longer because another address asks more. When the line is full, the address of
// the lowest standing with the most entries loses one, unless the newcomer is no better.
type checkLine struct {
	mu        sync.Mutex
	running   int
	waiting   int
	addresses []*waitingAddress // in the order of their turns
}

type waitingAddress struct {
	from     netip.Addr
	standing int
	turns    []chan bool // each gets true for its turn, or false when its place is given away
}

// enter waits for a turn. Who enters without an error must leave.
func (l *checkLine) enter(ctx context.Context, from netip.Addr, standing int) error {
	turn, err := l.join(from, standing)
	if turn == nil {
		return err
	}
	select {
	case mine := <-turn:
		if !mine {
			return errCrowded
		}
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.addresses {
		if i := slices.Index(a.turns, turn); i >= 0 {
			l.remove(a, i)
			return ctx.Err()
		}
	}
	if <-turn { // it came in this moment
		l.next()
	}
	return ctx.Err()
}

// join takes a place in the line. A nil turn without an error means that no wait is needed.
func (l *checkLine) join(from netip.Addr, standing int) (turn chan bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running < checksAtOnce {
		l.running++
		return nil, nil
	}
	a := &waitingAddress{from: from}
	i := slices.IndexFunc(l.addresses, func(a *waitingAddress) bool { return a.from == from })
	if i >= 0 {
		a = l.addresses[i]
	}
	a.standing = standing
	if len(a.turns) >= checksOfAddress {
		return nil, errCrowded
	}
	if l.waiting >= checksWaiting {
		last := slices.MinFunc(l.addresses, func(a, b *waitingAddress) int {
			return cmp.Or(cmp.Compare(a.standing, b.standing), cmp.Compare(len(b.turns), len(a.turns)))
		})
		if last.standing > standing || last.standing == standing && len(last.turns) <= len(a.turns)+1 {
			return nil, errCrowded
		}
		youngest := len(last.turns) - 1
		last.turns[youngest] <- false
		l.remove(last, youngest)
	}
	if i < 0 {
		l.addresses = append(l.addresses, a)
	}
	turn = make(chan bool, 1)
	a.turns = append(a.turns, turn)
	l.waiting++
	return turn, nil
}

func (l *checkLine) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next()
}

// next passes the place of a finished check to the next in line.
func (l *checkLine) next() {
	if l.waiting == 0 {
		l.running--
		return
	}
	a := slices.MaxFunc(l.addresses, func(a, b *waitingAddress) int { return cmp.Compare(a.standing, b.standing) }) // the first of them
	a.turns[0] <- true
	l.remove(a, 0)
	if i := slices.Index(l.addresses, a); i >= 0 {
		l.addresses = append(slices.Delete(l.addresses, i, i+1), a)
	}
}

func (l *checkLine) remove(a *waitingAddress, i int) {
	a.turns = slices.Delete(a.turns, i, i+1)
	l.waiting--
	if len(a.turns) == 0 {
		l.addresses = slices.DeleteFunc(l.addresses, func(b *waitingAddress) bool { return a == b })
	}
}
