package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Queue sends messages on a best-effort basis, off the path of requests: it holds a bounded number of them in memory, tries each a
// few times, and drops those that are too old. What must arrive needs the outbox in the database.
//
// Organizations do not hold each other up: each has a share of the memory and of the running attempts, and a message that waits
// for its next attempt takes neither a worker nor a turn.
type Queue struct {
	sender  *Sender
	log     *slog.Logger
	ctx     context.Context
	stop    context.CancelFunc
	done    sync.WaitGroup
	size    int // messages held
	workers int // attempts under way

	mu      sync.Mutex
	closed  bool
	held    int
	running int
	lanes   map[int64]*lane
	turn    []*lane // that have a message ready, the one that is next first
}

// lane holds the messages of one organization.
type lane struct {
	org           int64
	ready         []queued
	held, running int
}

type queued struct {
	Message
	until   time.Time
	attempt int
}

// retries are the pauses between attempts.
var retries = []time.Duration{500 * time.Millisecond, 2 * time.Second, 5 * time.Second}

// share is the part of a whole that one organization may take.
func share(whole int) int { return max(1, whole/4) }

// NewQueue makes a queue of up to size messages, with up to workers attempts running. With a nil log, nothing is logged.
func NewQueue(sender *Sender, size, workers int, log *slog.Logger) *Queue {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	q := &Queue{sender: sender, log: log, size: size, workers: workers, lanes: map[int64]*lane{}}
	q.ctx, q.stop = context.WithCancel(context.Background())
	return q
}

// Offer queues a message that is worth sending until a time; false means that there is no room. It never blocks.
func (q *Queue) Offer(m Message, until time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[m.Org]
	if q.closed || q.held >= q.size || l != nil && l.held >= share(q.size) {
		return false
	}
	if l == nil {
		l = &lane{org: m.Org}
		q.lanes[m.Org] = l
	}
	q.held++
	l.held++
	q.add(l, queued{Message: m, until: until})
	return true
}

// add makes a message ready. The caller holds q.mu.
func (q *Queue) add(l *lane, m queued) {
	if l.ready = append(l.ready, m); len(l.ready) == 1 {
		q.turn = append(q.turn, l)
	}
	q.next()
}

// next starts what can be started, taking one organization after the other. The caller holds q.mu.
func (q *Queue) next() {
	for looked := 0; looked < len(q.turn) && q.running < q.workers && !q.closed; {
		l := q.turn[0]
		q.turn = q.turn[1:]
		if l.running >= share(q.workers) {
			q.turn = append(q.turn, l)
			looked++
			continue
		}
		m := l.ready[0]
		if l.ready = l.ready[1:]; len(l.ready) > 0 {
			q.turn = append(q.turn, l)
		}
		looked = 0
		q.running++
		l.running++
		q.done.Go(func() { q.attempt(l, m) })
	}
}

// attempt tries a message once and schedules the next attempt after a pause.
func (q *Queue) attempt(l *lane, m queued) {
	again := q.send(&m)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	l.running--
	if again && !q.closed {
		time.AfterFunc(retries[m.attempt-1], func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.add(l, m)
		})
	} else {
		q.held--
		if l.held--; l.held == 0 {
			delete(q.lanes, l.org)
		}
	}
	q.next()
}

// send tries a message and reports whether another attempt is worthwhile.
func (q *Queue) send(m *queued) (again bool) {
	if !q.sender.clock().Before(m.until) {
		q.log.Warn("a message was not sent in time", "event", m.Event, "delivery", m.ID)
		return false
	}
	err := q.sender.Send(q.ctx, m.Message)
	if err == nil {
		return false
	}
	m.attempt++
	q.log.Warn("a message was not delivered", "event", m.Event, "delivery", m.ID, "attempt", m.attempt, "error", Detail(err))
	return m.attempt <= len(retries)
}

// Close aborts running attempts; waiting messages are lost.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.stop()
	q.done.Wait()
}
