package cache_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dubhashi/cache"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// backend is one store under test and a way to let its time pass.
type backend struct {
	cache.Store
	pass func(d time.Duration)
}

// TestStores is the one suite that every backend passes. A backend makes what
// its rows share once, and a store of its own for each row.
func TestStores(t *testing.T) {
	t.Parallel()
	backends := []struct {
		name string
		make func(t *testing.T) func(t *testing.T) backend
	}{
		{"memory", func(*testing.T) func(*testing.T) backend {
			return func(*testing.T) backend {
				return backend{cache.NewMemory(64<<20, time.Hour), time.Sleep}
			}
		}},
		{"embedded", func(*testing.T) func(*testing.T) backend {
			return func(t *testing.T) backend {
				clock := newClock()
				return backend{cache.NewSQLiteAt(openSQLite(t, filepath.Join(t.TempDir(), store.File)), clock.Now), clock.Advance}
			}
		}},
		{"redis", func(t *testing.T) func(*testing.T) backend {
			client := openRedis(t, redistest.Start(t).URL())
			return func(*testing.T) backend { return backend{cache.NewRedis(client), time.Sleep} }
		}},
		{"redis cluster", func(t *testing.T) func(*testing.T) backend {
			client := openRedis(t, redistest.StartCluster(t, 3).URL())
			return func(*testing.T) backend { return backend{cache.NewRedis(client), time.Sleep} }
		}},
		{"redis behind sentinel", func(t *testing.T) func(*testing.T) backend {
			sentinel := redistest.StartSentinel(t, redistest.Start(t), "main")
			client := openRedis(t, "redis+sentinel://"+sentinel.Addr()+"/main")
			return func(*testing.T) backend { return backend{cache.NewRedis(client), time.Sleep} }
		}},
		{"tiered", func(*testing.T) func(*testing.T) backend {
			return func(t *testing.T) backend {
				clock := newClock()
				db := openSQLite(t, filepath.Join(t.TempDir(), store.File))
				tiered := cache.NewTiered(cache.NewMemory(64<<20, time.Hour), cache.NewSQLiteAt(db, clock.Now))
				return backend{tiered, func(d time.Duration) { clock.Advance(d); time.Sleep(d) }}
			}
		}},
		{"tiered without a first level", func(*testing.T) func(*testing.T) backend {
			return func(t *testing.T) backend {
				clock := newClock()
				db := openSQLite(t, filepath.Join(t.TempDir(), store.File))
				return backend{cache.NewTiered(nil, cache.NewSQLiteAt(db, clock.Now)), clock.Advance}
			}
		}},
		{"guarded", func(*testing.T) func(*testing.T) backend {
			return func(t *testing.T) backend {
				clock := newClock()
				db := openSQLite(t, filepath.Join(t.TempDir(), store.File))
				guarded := cache.Guard(cache.NewSQLiteAt(db, clock.Now), cache.GuardOptions{Read: time.Minute, Write: time.Minute})
				return backend{guarded, clock.Advance}
			}
		}},
		{"guarded redis", func(t *testing.T) func(*testing.T) backend {
			client := openRedis(t, redistest.Start(t).URL())
			return func(*testing.T) backend {
				return backend{cache.Guard(cache.NewRedis(client), cache.GuardOptions{Read: time.Minute, Write: time.Minute}), time.Sleep}
			}
		}},
	}
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			open := b.make(t)
			for _, row := range suite {
				t.Run(row.name, func(t *testing.T) {
					t.Parallel()
					s := open(t)
					t.Cleanup(func() { s.Close() })
					row.run(t, s)
				})
			}
		})
	}
}

var suite = []struct {
	name string
	run  func(t *testing.T, s backend)
}{
	{"values come in the order of the keys, misses between them", func(t *testing.T, s backend) {
		set(t, s, entry(t, 1), entry(t, 3), entry(t, 5))
		want(t, s, keys(t, 0, 5, 1, 2, 3, 4), nil, value(5), value(1), nil, value(3), nil)
	}},
	{"a key may stand twice in a read", func(t *testing.T, s backend) {
		set(t, s, entry(t, 1))
		want(t, s, keys(t, 1, 2, 1, 2), value(1), nil, value(1), nil)
	}},
	{"of two entries with one key the later wins", func(t *testing.T, s backend) {
		set(t, s, entry(t, 1), cache.Entry{Key: key(t, 1), Value: []byte("later")})
		want(t, s, keys(t, 1), []byte("later"))
	}},
	{"empty lists", func(t *testing.T, s backend) {
		set(t, s)
		want(t, s, nil)
	}},
	{"an empty value and a nil one are hits", func(t *testing.T, s backend) {
		set(t, s, cache.Entry{Key: key(t, 1), Value: []byte{}}, cache.Entry{Key: key(t, 2)})
		want(t, s, keys(t, 1, 2, 3), []byte{}, []byte{}, nil)
	}},
	{"any bytes", func(t *testing.T, s backend) {
		v := []byte("\x00\xff\r\n$-1\r\n'\"नमस्ते\x00")
		set(t, s, cache.Entry{Key: key(t, 1), Value: v})
		want(t, s, keys(t, 1), v)
	}},
	{"a thousand keys, every third missing", func(t *testing.T, s backend) {
		var entries []cache.Entry
		var all []cache.Key
		var values [][]byte
		for i := range 1000 {
			all = append(all, key(t, i))
			if i%3 == 0 {
				values = append(values, nil)
				continue
			}
			entries = append(entries, entry(t, i))
			values = append(values, value(i))
		}
		set(t, s, entries...)
		want(t, s, all, values...)
	}},
	{"sizes around the chunks of a statement", func(t *testing.T, s backend) {
		for _, n := range []int{1, 7, 8, 9, 32, 33, 127, 128, 129, 257} {
			set(t, s, entry(t, 0), entry(t, n-1))
			all := make([]cache.Key, n)
			values := make([][]byte, n)
			for i := range n {
				all[i] = key(t, i)
			}
			got := get(t, s, all)
			values[0], values[n-1] = value(0), value(n-1)
			if len(got) != n || !bytes.Equal(got[0], values[0]) || !bytes.Equal(got[n-1], values[n-1]) {
				t.Fatalf("%d keys: first or last not right", n)
			}
		}
	}},
	{"a value of 2 MiB", func(t *testing.T, s backend) {
		v := bytes.Repeat([]byte("0123456789abcdef"), 2<<20/16)
		set(t, s, cache.Entry{Key: key(t, 1), Value: v}, entry(t, 2))
		want(t, s, keys(t, 2, 1), value(2), v)
	}},
	{"an entry expires, its neighbour does not", func(t *testing.T, s backend) {
		set(t, s,
			cache.Entry{Key: key(t, 1), Value: value(1), TTL: 40 * time.Millisecond},
			cache.Entry{Key: key(t, 2), Value: value(2), TTL: time.Minute},
			cache.Entry{Key: key(t, 3), Value: value(3)})
		s.pass(60 * time.Millisecond)
		want(t, s, keys(t, 1, 2, 3), nil, value(2), value(3))
	}},
	{"an entry is there before it expires", func(t *testing.T, s backend) {
		set(t, s, cache.Entry{Key: key(t, 1), Value: value(1), TTL: 1500 * time.Millisecond})
		s.pass(10 * time.Millisecond)
		want(t, s, keys(t, 1), value(1))
	}},
	{"a negative TTL stores nothing", func(t *testing.T, s backend) {
		set(t, s, cache.Entry{Key: key(t, 1), Value: value(1), TTL: -1}, entry(t, 2))
		want(t, s, keys(t, 1, 2), nil, value(2))
		set(t, s, cache.Entry{Key: key(t, 1), Value: value(1), TTL: -time.Hour})
		want(t, s, keys(t, 1), nil)
	}},
	{"a TTL below a millisecond is none of for ever", func(t *testing.T, s backend) {
		set(t, s, cache.Entry{Key: key(t, 1), Value: value(1), TTL: time.Microsecond})
		s.pass(15 * time.Millisecond)
		want(t, s, keys(t, 1), nil)
	}},
	{"overwriting changes value and TTL", func(t *testing.T, s backend) {
		set(t, s, cache.Entry{Key: key(t, 1), Value: []byte("old"), TTL: 30 * time.Millisecond},
			cache.Entry{Key: key(t, 2), Value: []byte("old")})
		set(t, s, cache.Entry{Key: key(t, 1), Value: []byte("new")},
			cache.Entry{Key: key(t, 2), Value: []byte("new"), TTL: 30 * time.Millisecond})
		want(t, s, keys(t, 1), []byte("new"))
		s.pass(60 * time.Millisecond)
		want(t, s, keys(t, 1, 2), []byte("new"), nil)
	}},
	{"concurrent use", func(t *testing.T, s backend) {
		const workers, rounds = 8, 15
		var wg sync.WaitGroup
		var failed atomic.Int32
		for w := range workers {
			wg.Go(func() {
				for r := range rounds {
					// All write one shared key with the one value that it may
					// have, and keys of their own.
					own := 1000 + w*rounds + r
					err := again(func() error {
						return s.SetMany(context.Background(), []cache.Entry{entry(t, 1), entry(t, own)})
					})
					var got [][]byte
					if err == nil {
						err = again(func() (err error) {
							got, err = s.GetMany(context.Background(), keys(t, own, 1))
							return err
						})
					}
					if err != nil || !bytes.Equal(got[0], value(own)) || !bytes.Equal(got[1], value(1)) {
						t.Errorf("worker %d, round %d: %v, found %t %t", w, r, err, got[0] != nil, got[1] != nil)
						failed.Add(1)
						return
					}
				}
			})
		}
		wg.Wait()
		if failed.Load() > 0 {
			return
		}
		for w := range workers {
			want(t, s, keys(t, 1000+w*rounds, 1000+w*rounds+rounds-1), value(1000+w*rounds), value(1000+w*rounds+rounds-1))
		}
	}},
	{"a cancelled context", func(t *testing.T, s backend) {
		set(t, s, entry(t, 1))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		got, err := s.GetMany(ctx, keys(t, 1, 2))
		if !errors.Is(err, context.Canceled) || len(got) != 2 {
			t.Errorf("GetMany: %d values, error %v", len(got), err)
		}
		if err := s.SetMany(ctx, []cache.Entry{entry(t, 2)}); !errors.Is(err, context.Canceled) {
			t.Errorf("SetMany: error %v", err)
		}
		want(t, s, keys(t, 1, 2), value(1), nil)
	}},
	{"a deadline that has passed", func(t *testing.T, s backend) {
		ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
		defer cancel()
		if got, err := s.GetMany(ctx, keys(t, 1)); !errors.Is(err, context.DeadlineExceeded) || len(got) != 1 {
			t.Errorf("GetMany: %d values, error %v", len(got), err)
		}
	}},
	{"after Close", func(t *testing.T, s backend) {
		set(t, s, entry(t, 1))
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
		}
		got, err := s.GetMany(context.Background(), keys(t, 1, 2))
		if !errors.Is(err, cache.ErrClosed) || len(got) != 2 {
			t.Errorf("GetMany: %d values, error %v", len(got), err)
		}
		if err := s.SetMany(context.Background(), []cache.Entry{entry(t, 1)}); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("SetMany: error %v", err)
		}
	}},
	{"Close beside calls", func(t *testing.T, s backend) {
		set(t, s, entry(t, 1))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					got, err := s.GetMany(context.Background(), keys(t, 1))
					if err == nil && !bytes.Equal(got[0], value(1)) && got[0] != nil {
						t.Error("a wrong value")
					}
				}
			})
		}
		s.Close()
		wg.Wait()
	}},
}

// key is a key of its own for each test and number.
func key(t testing.TB, i int) cache.Key {
	return sha256.Sum256(fmt.Appendf(nil, "%s/%d", t.Name(), i))
}

func keys(t testing.TB, list ...int) []cache.Key {
	out := make([]cache.Key, len(list))
	for i, n := range list {
		out[i] = key(t, n)
	}
	return out
}

// value is about as long as a cached paragraph, and tells its number.
func value(i int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "[%d] the minister said on Tuesday; ", i), 60)
}

func entry(t testing.TB, i int) cache.Entry {
	return cache.Entry{Key: key(t, i), Value: value(i)}
}

func set(t testing.TB, s cache.Store, entries ...cache.Entry) {
	t.Helper()
	if err := again(func() error { return s.SetMany(context.Background(), entries) }); err != nil {
		t.Fatalf("SetMany of %d: %v", len(entries), err)
	}
}

func get(t testing.TB, s cache.Store, list []cache.Key) (got [][]byte) {
	t.Helper()
	err := again(func() (err error) {
		got, err = s.GetMany(context.Background(), list)
		return err
	})
	if err != nil {
		t.Fatalf("GetMany of %d: %v", len(list), err)
	}
	return got
}

// again repeats a call that timed out: the Redis client gives up after 150 ms,
// which a machine that runs all tests at once may take.
func again(call func() error) error {
	var err error
	for range 5 {
		if err = call(); err == nil || !isTimeout(err) {
			return err
		}
	}
	return err
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

func want(t testing.TB, s cache.Store, list []cache.Key, values ...[]byte) {
	t.Helper()
	got := get(t, s, list)
	if len(got) != len(list) {
		t.Fatalf("%d keys brought %d values", len(list), len(got))
	}
	for i := range got {
		if (got[i] == nil) != (values[i] == nil) || !bytes.Equal(got[i], values[i]) {
			t.Errorf("value %d: got %s, want %s", i, show(got[i]), show(values[i]))
		}
	}
}

func show(b []byte) string {
	if b == nil {
		return "a miss"
	}
	return fmt.Sprintf("%.20q (%d bytes)", b, len(b))
}

// clock is a clock that only Advance moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func openRedis(t testing.TB, url string) redis.UniversalClient {
	t.Helper()
	client, err := store.OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}
