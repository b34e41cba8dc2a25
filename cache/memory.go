package cache

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// memoryOverhead is what an entry takes beside its value, in bytes: key, slice
// header, node, its places in the hash table and the eviction queues; some 160
// as measured.
const memoryOverhead = 192

// weigh says what an entry takes in memory, in bytes. Go's allocator rounds
// large values up to its next size, by a sixteenth on average; the rest is
// held by TestMemoryIsBounded.
func weigh(_ Key, h held) uint32 {
	size := int64(cap(h.value))
	return uint32(min(size+size/16+memoryOverhead, math.MaxUint32))
}

// Memory is a [Store] in this process, bounded in bytes. What is used least
// goes first (W-TinyLFU), so an entry may be gone before its time, and when
// the cache is full a new one may be turned away.
type Memory struct {
	entries *otter.Cache[Key, held] // nil: nothing is kept
	maxAge  time.Duration
	closed  atomic.Bool
}

type held struct {
	value []byte
	ttl   time.Duration
}

// NewMemory returns a store that holds at most maxBytes, overhead included (a
// maxBytes of 0 or less holds nothing), and no entry for longer than maxAge,
// whatever its TTL; 0 = no such limit.
func NewMemory(maxBytes int64, maxAge time.Duration) *Memory {
	m := &Memory{maxAge: maxAge}
	if maxBytes <= 0 {
		return m
	}
	m.entries = otter.Must(&otter.Options[Key, held]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       weigh,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[Key, held]) time.Duration {
			return e.Value.ttl
		}),
	})
	return m
}

// GetMany implements [Store].
func (m *Memory) GetMany(ctx context.Context, keys []Key) ([][]byte, error) {
	values := make([][]byte, len(keys))
	if err := m.ready(ctx); err != nil || m.entries == nil {
		return values, err
	}
	for i, k := range keys {
		if h, ok := m.entries.GetIfPresent(k); ok {
			values[i] = h.value
		}
	}
	return values, nil
}

// SetMany implements [Store].
func (m *Memory) SetMany(ctx context.Context, entries []Entry) error {
	if err := m.ready(ctx); err != nil || m.entries == nil {
		return err
	}
	for _, e := range entries {
		if e.TTL >= 0 {
			m.entries.Set(e.Key, m.hold(e.Value, e.TTL))
		}
	}
	return nil
}

// fill keeps what was found elsewhere, unless a newer value has come in the
// meantime.
func (m *Memory) fill(key Key, value []byte) {
	if m.entries != nil && !m.closed.Load() {
		m.entries.SetIfAbsent(key, m.hold(value, 0))
	}
}

func (m *Memory) hold(value []byte, ttl time.Duration) held {
	if value == nil {
		value = []byte{}
	}
	if ttl == 0 || (m.maxAge > 0 && ttl > m.maxAge) {
		ttl = m.maxAge
	}
	if ttl == 0 {
		ttl = math.MaxInt64
	}
	return held{value, ttl}
}

// Close implements [Store] and frees the memory.
func (m *Memory) Close() error {
	if m.closed.Swap(true) || m.entries == nil {
		return nil
	}
	m.entries.StopAllGoroutines()
	m.entries.InvalidateAll()
	return nil
}

func (m *Memory) ready(ctx context.Context) error {
	if m.closed.Load() {
		return ErrClosed
	}
	return ctx.Err()
}
