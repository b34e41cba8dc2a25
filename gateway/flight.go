package gateway

import (
	"context"
	"sync"
	"time"

	"dubhashi/cache"
)

// linger is how long a settled flight can still be joined after its value was
// written. It covers a request that missed the cache just before the write and
// comes to the table just after it: longer than a cache read may take.
const linger = 250 * time.Millisecond

// flight is one key being asked for. Whoever wants it waits for done; the last
// to leave before that cancels the work.
type flight struct {
	done  chan struct{}
	value *value // once done: the value, or why there is none
	fail  *Failure

	waiters int   // guarded by flights.mu
	work    *work // guarded by flights.mu
}

// work is one goroutine that will settle some flights.
type work struct {
	id     uint64
	cancel context.CancelFunc
	open   int // flights that somebody waits for; guarded by flights.mu
}

// flights is the table of what is being asked for now.
type flights struct {
	mu   sync.Mutex
	open map[cache.Key]*flight
	next uint64
}

// join gives the flight of a key and whether the caller leads it and has to
// see that it gets done. fresh: a settled flight does not count.
func (t *flights) join(key cache.Key, fresh bool) (f *flight, lead bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.open[key]; f != nil {
		select {
		case <-f.done:
			if !fresh {
				return f, false
			}
		default:
			f.waiters++
			return f, false
		}
	}
	f = newFlight()
	t.open[key] = f
	return f, true
}

// newFlight is a flight that nobody else can join.
func newFlight() *flight { return &flight{done: make(chan struct{}), waiters: 1} }

// begin ties flights that their leader still waits for to the work that
// settles them.
func (t *flights) begin(cancel context.CancelFunc, list []*flight) *work {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	w := &work{id: t.next, cancel: cancel, open: len(list)}
	for _, f := range list {
		f.work = w
	}
	return w
}

// leave takes a waiter off a flight. When nobody waits for any flight of the
// work any more, the work is cancelled.
func (t *flights) leave(key cache.Key, f *flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-f.done:
		return
	default:
	}
	f.waiters--
	if f.waiters > 0 {
		return
	}
	if t.open[key] == f {
		delete(t.open, key) // who comes now starts anew
	}
	if f.work != nil {
		if f.work.open--; f.work.open == 0 {
			f.work.cancel()
		}
	}
}

// settle ends a flight; a second call is without effect. A failure can not be
// joined any more.
func (t *flights) settle(key cache.Key, f *flight, v *value, fail *Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-f.done:
		return
	default:
	}
	f.value, f.fail = v, fail
	close(f.done)
	if fail != nil && t.open[key] == f {
		delete(t.open, key)
	}
}

// forget takes a settled flight off the table a little later.
func (t *flights) forget(keys []cache.Key, list []*flight) {
	time.AfterFunc(linger, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for i, key := range keys {
			if t.open[key] == list[i] {
				delete(t.open, key)
			}
		}
	})
}
