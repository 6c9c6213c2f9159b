package handlers

import (
	"container/list"
	"sync"
)

// bounded is a map of at most max entries that forgets the least recently used one. Everything remembered about callers is in one
// of these.
type bounded[K comparable, V any] struct {
	mu    sync.Mutex
	max   int
	order *list.List // of entry, the youngest first
	byKey map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newBounded[K comparable, V any](max int) *bounded[K, V] {
	return &bounded[K, V]{max: max, order: list.New(), byKey: map[K]*list.Element{}}
}

// with calls f with the value of a key, a zero value for a new one, while holding the lock of the map.
func (b *bounded[K, V]) with(key K, f func(*V)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byKey[key]
	if e == nil {
		e = b.order.PushFront(&entry[K, V]{key: key})
		b.byKey[key] = e
		if b.order.Len() > b.max {
			oldest := b.order.Back()
			delete(b.byKey, oldest.Value.(*entry[K, V]).key)
			b.order.Remove(oldest)
		}
	}
	b.order.MoveToFront(e)
	f(&e.Value.(*entry[K, V]).value)
}

func (b *bounded[K, V]) get(key K) (v V, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byKey[key]
	if e == nil {
		return v, false
	}
	b.order.MoveToFront(e)
	return e.Value.(*entry[K, V]).value, true
}

func (b *bounded[K, V]) put(key K, v V) { b.with(key, func(old *V) { *old = v }) }

func (b *bounded[K, V]) drop(key K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byKey[key]; e != nil {
		delete(b.byKey, key)
		b.order.Remove(e)
	}
}

func (b *bounded[K, V]) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.order.Len()
}
