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

	waiters int               // guarded by flights.mu
	bells   []chan<- struct{} // rung when it settles; guarded by flights.mu
	work    *work             // set under flights.mu before the work begins
	call    uint64            // the call that brings it, as far as is known: as work
	remote  bool              // another replica brought the value; the work's own until done
	written bool              // its value was given to the store; the work's own
	wrote   <-chan struct{}   // closed when the store has it; nil: it was given nothing. The work's own until it ended
	leased  bool              // its lease is held; the work's own
}

// work is one goroutine that will settle some flights.
type work struct {
	cancel context.CancelFunc
	open   int // flights not settled that somebody waits for; guarded by flights.mu
}

// flights is the table of what is being asked for now.
type flights struct {
	mu   sync.Mutex
	open map[cache.Key]*flight
	next uint64
}

// join gives each unit its flight and tells which of them the caller leads and
// has to see done. All are joined at once, so that of identical requests one
// leads everything. fresh: a settled flight does not count.
func (t *flights) join(units []*unit, fresh bool) (led []*unit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range units {
		var lead bool
		if u.flight, lead = t.joinOne(u.key, fresh); lead {
			u.state = Miss
			led = append(led, u)
		} else {
			u.state = Shared
		}
	}
	return led
}

func (t *flights) joinOne(key cache.Key, fresh bool) (f *flight, lead bool) {
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

// flightsOf gives the units' flights and keys.
func flightsOf(units []*unit) ([]*flight, []cache.Key) {
	list, keys := make([]*flight, len(units)), make([]cache.Key, len(units))
	for i, u := range units {
		list[i], keys[i] = u.flight, u.key
	}
	return list, keys
}

// newFlight is a flight that nobody else can join.
func newFlight() *flight { return &flight{done: make(chan struct{}), waiters: 1} }

// begin ties flights to the work that settles them, also such as another work
// hands on; of these, nobody may be waiting any more.
func (t *flights) begin(cancel context.CancelFunc, list []*flight) *work {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	w := &work{cancel: cancel}
	for _, f := range list {
		if f.waiters > 0 {
			w.open++
			f.work.close()
		}
		f.work, f.call = w, t.next
	}
	if w.open == 0 {
		cancel()
	}
	return w
}

// close takes a flight that was waited for off its work, if it had one. When
// nobody waits for any other, the work is cancelled; flights.mu is held.
func (w *work) close() {
	if w == nil {
		return
	}
	if w.open--; w.open == 0 {
		w.cancel()
	}
}

// of gives those of the flights that are still tied to a work.
func (t *flights) of(w *work, keys []cache.Key, list []*flight) (itsKeys []cache.Key, its []*flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, f := range list {
		if f.work == w {
			itsKeys, its = append(itsKeys, keys[i]), append(its, f)
		}
	}
	return itsKeys, its
}

// divide says which of a work's flights one call brings.
func (t *flights) divide(calls [][]*flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, list := range calls {
		t.next++
		for _, f := range list {
			f.call = t.next
		}
	}
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
	f.work.close()
}

// listen gives a bell that rings when any of the units' flights has settled since.
func (t *flights) listen(units []*unit) <-chan struct{} {
	bell := make(chan struct{}, 1)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range units {
		if u.flight != nil {
			u.flight.bells = append(u.flight.bells, bell)
		}
	}
	return bell
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
	for _, bell := range f.bells {
		select {
		case bell <- struct{}{}:
		default: // it rings already
		}
	}
	f.bells = nil
	if f.waiters > 0 {
		f.work.close() // of what is left nobody may be waiting for anything
	}
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

// unwritten gives an entry for each value that the store was not yet given, counts it
// as given, and takes over the leases of these. wrote tells when the store has them.
func (t *flights) unwritten(list []*flight, keys []cache.Key, entry func(cache.Key, *value) cache.Entry, wrote <-chan struct{}) (entries []cache.Entry, held []cache.Key) {
	t.mu.Lock() // parts of one work may write at the same time
	defer t.mu.Unlock()
	for i, f := range list {
		if f.value != nil && !f.written {
			f.written, f.wrote = true, wrote
			entries = append(entries, entry(keys[i], f.value))
			held = append(held, leased(keys[i:i+1], list[i:i+1])...)
		}
	}
	return entries, held
}
