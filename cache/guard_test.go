package cache_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/store"
)

const ms = time.Millisecond

var errBroken = errors.New("broken")

func broken(context.Context) error { return errBroken }

// hangs waits for its context, as a client with timeouts does.
func hangs(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// deaf waits for d and does not look at its context.
func deaf(d time.Duration) func(context.Context) error {
	return func(context.Context) error { time.Sleep(d); return nil }
}

// notices collects what a guard tells, as "up", "down: CAUSE", ….
type notices struct {
	mu   sync.Mutex
	list []string
}

func (n *notices) take(s cache.State, err error) {
	line := s.String()
	if err != nil {
		line += ": " + err.Error()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, line)
}

func (n *notices) told() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.list)
}

// read makes one read and says how long it took and what came of it.
func read(t *testing.T, s cache.Store, ctx context.Context) (time.Duration, error) {
	t.Helper()
	started := time.Now()
	got, err := s.GetMany(ctx, keys(t, 1, 2))
	if len(got) != 2 {
		t.Errorf("%d values for 2 keys", len(got))
	}
	return time.Since(started), err
}

func TestGuardBoundsEveryCall(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name     string
		does     func(context.Context) error
		took     time.Duration // exactly, in fake time
		err      error
		timeouts uint64
	}{
		{"in time", deaf(99 * ms), 99 * ms, nil, 0},
		{"an error at once", broken, 0, errBroken, 0},
		{"a client that keeps the deadline", hangs, 100 * ms, cache.ErrTimeout, 1},
		{"a little late", deaf(105 * ms), 105 * ms, nil, 0},
		{"a client that does not", deaf(time.Second), 100*ms + cache.Grace, cache.ErrTimeout, 1},
		{"one that panics", func(context.Context) error { panic("at the disk") }, 0, nil, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				inner := newScript()
				inner.held[key(t, 1)] = value(1)
				inner.does(row.does, row.does)
				g := cache.Guard(inner, cache.GuardOptions{Write: 100 * ms})
				defer g.Close()
				took, err := read(t, g, context.Background())
				started := time.Now()
				werr := g.SetMany(context.Background(), []cache.Entry{entry(t, 5)})
				wtook := time.Since(started)
				if row.name == "one that panics" {
					if err == nil || werr == nil {
						t.Error("a panic is no error")
					}
					err, werr = nil, nil
				}
				if took != row.took || wtook != row.took || !errors.Is(err, row.err) || !errors.Is(werr, row.err) {
					t.Errorf("read took %v, error %v; write took %v, error %v; want %v and %v", took, err, wtook, werr, row.took, row.err)
				}
				if s := g.Stats(); s.Timeouts != 2*row.timeouts || s.Reads != 1 || s.Writes != 1 {
					t.Errorf("stats %+v", s)
				}
				time.Sleep(2 * time.Second) // lets what was given up end
			})
		})
	}
}

func TestGuardOpensAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		inner, told := newScript(), &notices{}
		inner.held[key(t, 1)] = value(1)
		g := cache.Guard(inner, cache.GuardOptions{Notify: told.take})
		defer g.Close()
		read(t, g, ctx)
		inner.does(hangs, hangs)

		// It is found out by three calls of a budget each, reads and writes alike.
		for i := range 3 {
			if g.Down() {
				t.Fatalf("down after %d failures", i)
			}
			if i == 1 {
				if err := g.SetMany(ctx, []cache.Entry{entry(t, 3)}); !errors.Is(err, cache.ErrTimeout) {
					t.Errorf("write: %v", err)
				}
				continue
			}
			if took, err := read(t, g, ctx); took != 100*time.Millisecond || !errors.Is(err, cache.ErrTimeout) {
				t.Errorf("read %d took %v, error %v", i, took, err)
			}
		}
		// Then nothing costs anything.
		if !g.Down() {
			t.Fatal("not down after three failures")
		}
		opened, asked := time.Now(), inner.reads()
		for range 100 {
			if took, err := read(t, g, ctx); took != 0 || !errors.Is(err, cache.ErrDown) {
				t.Fatalf("took %v, error %v", took, err)
			}
			if err := g.SetMany(ctx, []cache.Entry{entry(t, 3)}); !errors.Is(err, cache.ErrDown) {
				t.Fatalf("write: %v", err)
			}
		}
		if inner.reads() != asked {
			t.Error("the store was asked although it is down")
		}
		// Probes go out 0.25 s after, then 0.5, 1, 2 and 3 s after the end of
		// the last, one at a time, for what failed last.
		var at []time.Duration
		for time.Since(opened) < 12*time.Second {
			before := inner.reads()
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			if inner.reads() > before {
				at = append(at, time.Since(opened).Truncate(50*time.Millisecond))
			}
		}
		if want := []time.Duration{250 * ms, 850 * ms, 1950 * ms, 4050 * ms, 7150 * ms, 10250 * ms}; !slices.Equal(at, want) {
			t.Errorf("probes at %v, want %v", at, want)
		}
		if got := inner.last(); !slices.Equal(got, keys(t, 1, 2)) {
			t.Errorf("the probe asks for %d keys, want the two that failed", len(got))
		}
		// It comes back: nobody but the probe is asked to find out.
		inner.does(nil, nil)
		back := time.Now()
		for g.Down() {
			took, err := read(t, g, ctx)
			if g.Down() && (took != 0 || !errors.Is(err, cache.ErrDown)) { // it may have come back in this moment
				t.Fatalf("took %v, error %v", took, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(back); took > 4*time.Second {
			t.Errorf("it took %v to notice", took)
		}
		want(t, g, keys(t, 1, 2), value(1), nil)

		// One failure more is no outage: the count began anew.
		inner.does(broken, nil)
		read(t, g, ctx)
		if g.Down() {
			t.Error("down after one failure")
		}
		if want := []string{"down: " + fmt.Errorf("%w: %w", cache.ErrTimeout, context.DeadlineExceeded).Error(), "up"}; !slices.Equal(told.told(), want) {
			t.Errorf("told %q, want %q", told.told(), want)
		}
		s := g.Stats()
		if s.Opened != 1 || s.Dropped != 100 || s.Skipped < 100 || s.Errors != 4 || s.Timeouts != 3 || s.Probes != 7 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestGuardSuccessResetsTheCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := newScript()
		g := cache.Guard(inner, cache.GuardOptions{})
		defer g.Close()
		for range 5 {
			inner.does(broken, nil)
			read(t, g, context.Background())
			read(t, g, context.Background())
			inner.does(nil, nil)
			read(t, g, context.Background())
		}
		if g.Down() || g.Stats().Errors != 10 {
			t.Errorf("down %t, stats %+v", g.Down(), g.Stats())
		}
	})
}

// What the caller does is not the store's fault.
func TestGuardAndItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := newScript()
		inner.does(deaf(time.Minute), nil)
		g := cache.Guard(inner, cache.GuardOptions{})
		defer g.Close()
		for range 5 { // callers who go: told at once, and not counted
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(10*time.Millisecond, cancel)
			if took, err := read(t, g, ctx); took != 10*time.Millisecond || !errors.Is(err, context.Canceled) {
				t.Errorf("took %v, error %v", took, err)
			}
		}
		for range 5 { // callers in a hurry
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			if took, err := read(t, g, ctx); took != 20*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("took %v, error %v", took, err)
			}
			cancel()
		}
		if g.Down() || g.Stats().Errors != 0 {
			t.Errorf("down %t, stats %+v", g.Down(), g.Stats())
		}
		for range 3 { // callers whose own budget is a fair one
			ctx, cancel := context.WithTimeout(context.Background(), 90*time.Millisecond)
			read(t, g, ctx)
			cancel()
		}
		if !g.Down() {
			t.Error("not down after three fair timeouts")
		}
		inner.does(nil, nil)
		time.Sleep(2 * time.Minute)
	})
}

// A store that lives and takes no writes goes on being read, and is told once.
func TestGuardRefusedWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		inner, told := newScript(), &notices{}
		g := cache.Guard(inner, cache.GuardOptions{Notify: told.take})
		defer g.Close()
		set(t, g, entry(t, 1))
		for _, refusal := range []error{store.ErrFull, store.ErrReadOnly, store.ErrBusy} {
			inner.does(nil, func(context.Context) error { return fmt.Errorf("%w: as it says", refusal) })
			for range 10 {
				if err := g.SetMany(ctx, []cache.Entry{entry(t, 2)}); !errors.Is(err, refusal) {
					t.Errorf("error %v, want %v", err, refusal)
				}
			}
			want(t, g, keys(t, 1, 2), value(1), nil)
		}
		inner.does(nil, nil)
		set(t, g, entry(t, 2))
		set(t, g, entry(t, 2))
		if g.Down() || g.Stats().Refused != 30 {
			t.Errorf("down %t, stats %+v", g.Down(), g.Stats())
		}
		if want := []string{"refusing writes: the store is full: as it says", "up"}; !slices.Equal(told.told(), want) {
			t.Errorf("told %q, want %q", told.told(), want)
		}
	})
}

// A store whose calls never come back does not collect goroutines without end.
func TestGuardBoundsWhatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := newScript()
		release := make(chan struct{})
		inner.does(func(context.Context) error { <-release; return nil }, nil)
		g := cache.Guard(inner, cache.GuardOptions{})
		for range cache.MaxHung + 100 {
			go read(t, g, context.Background())
		}
		time.Sleep(time.Second)
		before := inner.reads()
		time.Sleep(time.Hour) // no probe while so many hang
		if after := inner.reads(); after != before {
			t.Errorf("%d more calls went to a store that hangs", after-before)
		}
		close(release)
		inner.does(nil, nil)
		time.Sleep(4 * time.Second)
		if g.Down() {
			t.Error("still down")
		}
		g.Close()
	})
}

// Close ends a probe that waits and one that is under way.
func TestGuardClose(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 100 * ms, 300 * ms, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			inner := newScript()
			inner.does(hangs, nil)
			g := cache.Guard(inner, cache.GuardOptions{})
			for range 3 {
				read(t, g, context.Background())
			}
			time.Sleep(after)
			started := time.Now()
			if err := g.Close(); err != nil || time.Since(started) != 0 || !inner.closed {
				t.Errorf("%v after it went down: error %v in %v, inner closed %t", after, err, time.Since(started), inner.closed)
			}
			before := inner.reads()
			time.Sleep(time.Minute)
			if inner.reads() != before {
				t.Error("it probes after Close")
			}
		})
	}
}

// SQLite's own budgets: a write may wait for another process's.
func TestGuardTakesTheStoresBudget(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), store.File)
	db, other := openSQLite(t, file), openSQLite(t, file)
	g := cache.Guard(cache.NewSQLite(db), cache.GuardOptions{})
	defer g.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { tx.Rollback() })
	started := time.Now()
	set(t, g, entry(t, 1))
	if took := time.Since(started); took < 250*time.Millisecond {
		t.Errorf("the write did not wait: %v", took)
	}
	want(t, g, keys(t, 1), value(1))
}
