package cache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
)

// script is a store over a map whose calls a test can delay, fail and count.
type script struct {
	mu     sync.Mutex
	held   map[cache.Key][]byte
	asked  [][]cache.Key
	sets   int
	get    func(ctx context.Context) error // before each read, if set
	put    func(ctx context.Context) error // before each write, if set
	closed bool
}

func newScript() *script { return &script{held: map[cache.Key][]byte{}} }

func (s *script) GetMany(ctx context.Context, list []cache.Key) ([][]byte, error) {
	s.mu.Lock()
	s.asked = append(s.asked, slices.Clone(list))
	get := s.get
	s.mu.Unlock()
	values := make([][]byte, len(list))
	if get != nil {
		if err := get(ctx); err != nil {
			return values, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range list {
		values[i] = s.held[k]
	}
	return values, nil
}

func (s *script) SetMany(ctx context.Context, entries []cache.Entry) error {
	s.mu.Lock()
	s.sets++
	put := s.put
	s.mu.Unlock()
	if put != nil {
		if err := put(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		s.held[e.Key] = e.Value
	}
	return nil
}

func (s *script) Close() error { s.closed = true; return nil }

func (s *script) reads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *script) last() []cache.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[len(s.asked)-1]
}

func (s *script) does(get, put func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.get, s.put = get, put
}

func TestTieredReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		second := newScript()
		s := cache.NewTiered(cache.NewMemory(1<<20, time.Minute), second)
		defer s.Close()
		second.held[key(t, 1)], second.held[key(t, 2)] = value(1), value(2)

		want(t, s, keys(t, 1, 9, 1, 2, 9), value(1), nil, value(1), value(2), nil)
		if got := second.asked[0]; !slices.Equal(got, keys(t, 1, 9, 2)) {
			t.Errorf("the second level was asked for %d keys, want each of 3 once", len(got))
		}
		want(t, s, keys(t, 1, 2), value(1), value(2))
		if second.reads() != 1 {
			t.Error("what the first level holds was asked of the second")
		}
		// Misses are not remembered.
		want(t, s, keys(t, 1, 9), value(1), nil)
		if got := second.asked[1]; !slices.Equal(got, keys(t, 9)) {
			t.Errorf("asked for %d keys, want the one that is missing", len(got))
		}
		// What another process overwrites is seen after the greatest age.
		second.held[key(t, 1)] = []byte("a correction")
		time.Sleep(time.Minute - time.Millisecond)
		want(t, s, keys(t, 1), value(1))
		time.Sleep(time.Millisecond)
		want(t, s, keys(t, 1), []byte("a correction"))
	})
}

// A read that was on its way when a newer value was written does not put the
// old one in front of it.
func TestTieredDoesNotFillOverANewerValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		second := newScript()
		second.held[key(t, 1)] = []byte("old")
		reading, goOn := make(chan struct{}), make(chan struct{})
		s := cache.NewTiered(cache.NewMemory(1<<20, time.Minute), slowReader{second, reading, goOn})
		defer s.Close()
		done := make(chan struct{})
		go func() { defer close(done); want(t, s, keys(t, 1), []byte("old")) }()
		<-reading
		set(t, s, cache.Entry{Key: key(t, 1), Value: []byte("new")})
		close(goOn)
		<-done
		want(t, s, keys(t, 1), []byte("new"))
	})
}

// slowReader reads, then waits before it answers.
type slowReader struct {
	cache.Store
	read, goOn chan struct{}
}

func (s slowReader) GetMany(ctx context.Context, list []cache.Key) ([][]byte, error) {
	values, err := s.Store.GetMany(ctx, list)
	close(s.read)
	<-s.goOn
	return values, err
}

func TestTieredWithAFailingSecond(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	second := newScript()
	second.does(func(context.Context) error { return broken }, func(context.Context) error { return broken })
	s := cache.NewTiered(cache.NewMemory(1<<20, time.Minute), second)
	if err := s.SetMany(context.Background(), []cache.Entry{entry(t, 1)}); !errors.Is(err, broken) {
		t.Errorf("SetMany: error %v", err)
	}
	want(t, s, keys(t, 1), value(1)) // the first level has it all the same
	got, err := s.GetMany(context.Background(), keys(t, 2, 1))
	if !errors.Is(err, broken) || len(got) != 2 || got[0] != nil || got[1] == nil {
		t.Errorf("GetMany: error %v and %d values; want what the first level has", err, len(got))
	}
	if s.Down() {
		t.Error("a store that cannot tell is called down")
	}
	if s.Close(); !second.closed {
		t.Error("Close did not close the second level")
	}
}
