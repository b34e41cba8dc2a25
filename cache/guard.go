package cache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"dubhashi/gateway/store"
)

const (
	// grace is what a store gets beyond its budget to bring back what it has
	// found, as when one node of a cluster hangs and the others have answered.
	grace = 10 * time.Millisecond
	// maxHung bounds the calls that were given up and have not come back, as on
	// a disk that hangs. Beyond it nothing is asked.
	maxHung = 256
	// probeKeys bounds what a probe asks for.
	probeKeys = 16
)

// GuardOptions are the limits of [Guard]; a zero field means its default.
type GuardOptions struct {
	Read     time.Duration // longest GetMany; default 100 ms (SQLite 500 ms)
	Write    time.Duration // longest SetMany; default 150 ms (SQLite 2 s). A caller's earlier deadline wins
	Failures int           // failures in a row after which the store counts as down; default 3
	Wait     time.Duration // from then to the first probe; doubled after each that fails; default 250 ms
	MaxWait  time.Duration // longest wait between probes; default 3 s

	// Notify, if set, is told of each change of state once, with the error that
	// brought it about (nil for Up). It must not block or call the store.
	Notify func(State, error)
}

// State is what [Guarded] knows of its store.
type State int

const (
	Up       State = iota // the store answers
	Down                  // it does not: reads are misses and writes are dropped, both at once
	Refusing              // it reads and takes no writes: full or read-only
)

func (s State) String() string { return [...]string{"up", "down", "refusing writes"}[s] }

// GuardStats counts what has happened since the start.
type GuardStats struct {
	Reads, Writes  uint64 // calls that went to the store
	Errors         uint64 // of these, those that failed, timeouts included
	Timeouts       uint64
	Skipped        uint64 // reads answered as misses because the store was down
	Dropped        uint64 // writes dropped because of it
	Refused        uint64 // writes that a living store did not take: full, read-only, locked
	Opened, Probes uint64 // times the store was found down; probes sent since
}

// Guarded is a [Store] that costs its callers a bounded time. A call that
// takes longer than its budget is given up and counts as a failure, as an
// error does; after a few failures in a row the store counts as down, and
// nothing is asked of it but a probe in the background, one at a time, until
// one succeeds. So an outage costs a few callers one budget each, all others
// nothing, and nobody waits for the store's return.
//
// What a caller cancels is not held against the store, nor is a write that a
// living store refuses.
type Guarded struct {
	inner Store
	o     GuardOptions

	failures atomic.Int32 // in a row
	down     atomic.Bool
	hung     atomic.Int64

	mu       sync.Mutex // guards the rest and orders the notices
	wait     time.Duration
	timer    *time.Timer
	sample   []Key // of the call that showed the store down; a probe asks for them again
	refusing atomic.Bool
	closed   bool

	root   context.Context // of probes
	cancel context.CancelFunc
	probes sync.WaitGroup

	reads, writes, errs, timeouts, skipped, dropped, refused, opened, probed atomic.Uint64
}

// patient is a store that has its own idea of how long a call may take.
type patient interface {
	budget() (read, write time.Duration)
}

// Guard returns s with its calls bounded in time and a circuit breaker.
func Guard(s Store, o GuardOptions) *Guarded {
	read, write := 100*time.Millisecond, 150*time.Millisecond
	if p, ok := s.(patient); ok {
		read, write = p.budget()
	}
	o.Read, o.Write = orDefault(o.Read, read), orDefault(o.Write, write)
	o.Failures = orDefault(o.Failures, 3)
	o.Wait = orDefault(o.Wait, 250*time.Millisecond)
	o.MaxWait = max(orDefault(o.MaxWait, 3*time.Second), o.Wait)
	if o.Notify == nil {
		o.Notify = func(State, error) {}
	}
	g := &Guarded{inner: s, o: o}
	g.root, g.cancel = context.WithCancel(context.Background())
	return g
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// GetMany implements [Store]. Its errors beside the store's own are [ErrDown]
// and [ErrTimeout]; the values found are there all the same.
func (g *Guarded) GetMany(ctx context.Context, keys []Key) ([][]byte, error) {
	if len(keys) == 0 {
		return [][]byte{}, g.open(ctx)
	}
	none := func(err error) ([][]byte, error) { return make([][]byte, len(keys)), err }
	if err := g.open(ctx); err != nil {
		return none(err)
	}
	if g.down.Load() || g.hung.Load() >= maxHung {
		g.skipped.Add(1)
		return none(ErrDown)
	}
	g.reads.Add(1)
	values, err := g.call(ctx, g.o.Read, keys, func(ctx context.Context) ([][]byte, error) {
		return g.inner.GetMany(ctx, keys)
	})
	if values == nil {
		return none(err)
	}
	return values, err
}

// SetMany implements [Store]. While the store is down it drops the entries and
// returns [ErrDown].
func (g *Guarded) SetMany(ctx context.Context, entries []Entry) error {
	if err := g.open(ctx); err != nil || len(entries) == 0 {
		return err
	}
	if g.down.Load() || g.hung.Load() >= maxHung {
		g.dropped.Add(1)
		return ErrDown
	}
	g.writes.Add(1)
	_, err := g.call(ctx, g.o.Write, []Key{entries[0].Key}, func(ctx context.Context) ([][]byte, error) {
		err := g.inner.SetMany(ctx, entries)
		if refuses(err) {
			return nil, refusal{err}
		}
		return nil, err
	})
	var no refusal
	if errors.As(err, &no) {
		g.refuse(no.error)
		return no.error
	}
	if err == nil && g.refusing.Load() {
		g.accept()
	}
	return err
}

// Down says whether the store counts as down: for readiness and warnings.
func (g *Guarded) Down() bool { return g.down.Load() }

// Stats returns the counts so far.
func (g *Guarded) Stats() GuardStats {
	return GuardStats{
		Reads: g.reads.Load(), Writes: g.writes.Load(),
		Errors: g.errs.Load(), Timeouts: g.timeouts.Load(),
		Skipped: g.skipped.Load(), Dropped: g.dropped.Load(), Refused: g.refused.Load(),
		Opened: g.opened.Load(), Probes: g.probed.Load(),
	}
}

// Close implements [Store]: it ends the probes and closes the guarded store.
func (g *Guarded) Close() error {
	g.mu.Lock()
	again := g.closed
	g.closed = true
	if g.timer != nil && g.timer.Stop() {
		g.probes.Done()
	}
	g.mu.Unlock()
	if again {
		return nil
	}
	g.cancel()
	g.probes.Wait()
	return g.inner.Close()
}

func (g *Guarded) open(ctx context.Context) error {
	if g.root.Err() != nil {
		return ErrClosed
	}
	return ctx.Err()
}

// call makes one bounded call and judges it. keys are a sample for the probe.
func (g *Guarded) call(ctx context.Context, budget time.Duration, keys []Key, ask func(context.Context) ([][]byte, error)) ([][]byte, error) {
	started := time.Now()
	values, err := g.bounded(ctx, budget, ask)
	switch {
	case err == nil:
		if g.failures.Load() != 0 {
			g.failures.Store(0)
		}
		return values, nil
	case errors.As(err, new(refusal)), errors.Is(err, ErrClosed):
		return values, err
	case ctx.Err() != nil && (errors.Is(ctx.Err(), context.Canceled) || time.Since(started) < budget/2):
		return values, err // the caller has gone, or left the store no time
	}
	g.errs.Add(1)
	if isTimeout(err) {
		g.timeouts.Add(1)
		if !errors.Is(err, ErrTimeout) {
			err = fmt.Errorf("%w: %w", ErrTimeout, err)
		}
	}
	if int(g.failures.Add(1)) >= g.o.Failures && !g.down.Load() {
		g.takeDown(keys, err)
	}
	return values, err
}

// bounded runs ask in a goroutine of its own, because not every wait below
// ends with a context: a disk may hang, a cluster client may be looking for its
// nodes.
func (g *Guarded) bounded(ctx context.Context, budget time.Duration, ask func(context.Context) ([][]byte, error)) ([][]byte, error) {
	type outcome struct {
		values [][]byte
		err    error
	}
	const running, ended, left = 0, 1, 2
	var state atomic.Int32
	done := make(chan outcome, 1)
	inner, cancel := context.WithTimeout(ctx, budget)
	go func() {
		defer cancel()
		var o outcome
		defer func() {
			if p := recover(); p != nil { // a driver's panic must not end the program
				o = outcome{err: fmt.Errorf("the store panicked: %v", p)}
			}
			done <- o
			if !state.CompareAndSwap(running, ended) {
				g.hung.Add(-1)
			}
		}()
		o.values, o.err = ask(inner)
	}()

	select {
	case o := <-done:
		return o.values, o.err
	case <-inner.Done():
	}
	if ctx.Err() == nil {
		late := time.NewTimer(grace)
		defer late.Stop()
		select {
		case o := <-done:
			return o.values, o.err
		case <-ctx.Done():
		case <-late.C:
		}
	}
	g.hung.Add(1)
	if !state.CompareAndSwap(running, left) {
		g.hung.Add(-1)
		o := <-done
		return o.values, o.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, ErrTimeout
}

// takeDown opens the circuit and sends the first probe on its way.
func (g *Guarded) takeDown(keys []Key, cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.down.Swap(true) {
		return
	}
	g.opened.Add(1)
	g.sample = slices.Clone(keys[:min(len(keys), probeKeys)])
	g.wait = g.o.Wait
	g.schedule()
	g.o.Notify(Down, cause)
}

// schedule sets the next probe; g.mu is held.
func (g *Guarded) schedule() {
	g.probes.Add(1)
	g.timer = time.AfterFunc(g.wait, func() {
		defer g.probes.Done()
		g.probe()
	})
}

// probe asks for what failed last. It is the only call while the store is
// down, and the next is set when it has ended.
func (g *Guarded) probe() {
	err := ErrDown
	if g.hung.Load() < maxHung {
		g.probed.Add(1)
		_, err = g.bounded(g.root, g.o.Read, func(ctx context.Context) ([][]byte, error) {
			return g.inner.GetMany(ctx, g.sample)
		})
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return
	}
	if err != nil {
		g.wait = min(2*g.wait, g.o.MaxWait)
		g.schedule()
		return
	}
	g.timer = nil
	g.failures.Store(0)
	g.down.Store(false)
	g.o.Notify(Up, nil)
}

// refusal carries the error of a write that a living store did not take past
// the judgement of call.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuses(err error) bool {
	return errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrReadOnly) || errors.Is(err, store.ErrBusy)
}

func (g *Guarded) refuse(err error) {
	g.refused.Add(1)
	if errors.Is(err, store.ErrBusy) || g.refusing.Load() {
		return // a lock passes by itself; the rest is told once
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.refusing.Swap(true) {
		g.o.Notify(Refusing, err)
	}
}

func (g *Guarded) accept() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refusing.Swap(false) {
		g.o.Notify(Up, nil)
	}
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		(errors.As(err, &network) && network.Timeout())
}
