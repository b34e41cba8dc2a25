package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// name is what leases are of in these tests.
type name string

func (n name) String() string { return string(n) }

func names(n int) []name {
	list := make([]name, n)
	for i := range list {
		list[i] = name(fmt.Sprint("n", i))
	}
	return list
}

func client(t testing.TB, url string) redis.UniversalClient {
	t.Helper()
	c, err := store.OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func lease(t testing.TB, url string, lifetime time.Duration) *store.Lease[name] {
	t.Helper()
	l := store.NewLease[name](client(t, url), store.LeaseOptions{Lifetime: lifetime})
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// patiently asks again where a busy machine made a call late.
func patiently(call func() error) (err error) {
	for range 100 {
		if err = call(); !errors.Is(err, context.DeadlineExceeded) && (err == nil || !strings.Contains(err.Error(), "lately")) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// acquire gives the names that were got.
func acquire(t testing.TB, l *store.Lease[name], list ...name) (got []name) {
	t.Helper()
	var held []bool
	err := patiently(func() (err error) { held, err = l.Acquire(context.Background(), list); return err })
	if err != nil || len(held) != len(list) {
		t.Errorf("of %d leases %d are told of, error %v", len(list), len(held), err)
		return nil
	}
	for i, n := range list {
		if held[i] {
			got = append(got, n)
		}
	}
	return got
}

func release(t testing.TB, l *store.Lease[name], linger time.Duration, list ...name) {
	t.Helper()
	if err := l.Release(context.Background(), list, linger); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

// soon waits for what another process does in its own time.
func soon(t testing.TB, what string, within time.Duration, is func() bool) time.Duration {
	t.Helper()
	for started := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		took := time.Since(started)
		if is() {
			return took
		}
		if took > within {
			t.Fatalf("%s: not within %v", what, within)
		}
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	for _, row := range []struct{ name, url string }{
		{"one server", redistest.Start(t).URL()},
		{"cluster", redistest.StartCluster(t, 3).URL()},
		{"Sentinel", "redis+sentinel://" + redistest.StartSentinel(t, master, "main").Addr() + "/main"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			a, b := lease(t, row.url, time.Minute), lease(t, row.url, time.Minute)
			if got := acquire(t, a, "x", "y"); len(got) != 2 {
				t.Fatalf("of free leases %v were got", got)
			}
			if got := acquire(t, b, "y", "z", "x"); !slices.Equal(got, []name{"z"}) {
				t.Errorf("beside another's: got %v", got)
			}
			if got := acquire(t, a, "x"); len(got) != 1 {
				t.Error("the holder itself does not share its lease")
			}
			release(t, b, 0, "x", "y", "never held")
			release(t, a, 0, "x")
			if got := acquire(t, b, "x", "y"); len(got) != 0 {
				t.Errorf("released by others, or once of twice: %v", got)
			}
			release(t, a, 0, "x", "y")
			if got := acquire(t, b, "x", "y"); len(got) != 2 {
				t.Errorf("after the release: got %v", got)
			}
			release(t, b, 100*time.Millisecond, "x", "y")
			if got := acquire(t, a, "x", "y"); len(got) != 0 {
				t.Errorf("lingering: got %v", got)
			}
			soon(t, "the end of the lingering", 2*time.Second, func() bool { return len(acquire(t, a, "x", "y")) == 2 })
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			if got := acquire(t, b, "x", "y"); len(got) != 2 {
				t.Errorf("after the holder's Close: got %v", got)
			}
			if _, err := a.Acquire(context.Background(), []name{"q"}); err == nil {
				t.Error("closed, and it still acquires")
			}
			if got, err := b.Acquire(context.Background(), nil); len(got) != 0 || err != nil {
				t.Errorf("of nothing: %v, %v", got, err)
			}
		})
	}
}

// Of those who want the same leases at once, one gets them all, also over more
// keys than one script is given.
func TestLeaseAllOrNone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		url  string
		keys int
	}{
		{"one server", redistest.Start(t).URL(), 200},
		{"cluster", redistest.StartCluster(t, 3).URL(), 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			list := names(row.keys)
			got := make([]int, 8)
			var wg sync.WaitGroup
			for i := range got {
				l := lease(t, row.url, time.Minute)
				wg.Go(func() { got[i] = len(acquire(t, l, list...)) })
			}
			wg.Wait()
			slices.Sort(got)
			if sum := got[7]; sum != row.keys || got[6] != 0 {
				t.Errorf("they got %v of %d", got, row.keys)
			}
		})
	}
	l := lease(t, redistest.Start(t).URL(), time.Minute)
	if list := names(2500); len(acquire(t, l, list...)) != len(list) {
		t.Error("many keys: not all were got")
	}
}

// A lease lives as long as its holder, and ends with it.
func TestLeaseIsRenewedAndEndsWithItsHolder(t *testing.T) {
	t.Parallel()
	const lifetime = 600 * time.Millisecond
	server := redistest.Start(t)
	dies := client(t, server.URL())
	a, b := store.NewLease[name](dies, store.LeaseOptions{Lifetime: lifetime}), lease(t, server.URL(), lifetime)
	if len(acquire(t, a, "x")) != 1 {
		t.Fatal("not acquired")
	}
	for end := time.Now().Add(2 * lifetime); time.Now().Before(end); time.Sleep(lifetime / 10) {
		if len(acquire(t, b, "x")) != 0 {
			t.Fatal("it ended while its holder lived")
		}
	}
	server.Restart() // empty: the lease is gone, and the holder's next renewal brings it back
	soon(t, "the renewal after a restart", 2*time.Second, func() bool { return server.Do("EXISTS", "dubhashi:{lease}:x") == "1" })
	_ = dies.Close() // nothing of the holder reaches Redis any more
	took := soon(t, "the end of a dead holder's lease", lifetime+time.Second, func() bool { return len(acquire(t, b, "x")) == 1 })
	t.Logf("a dead holder's lease of %v ended after %v", lifetime, took)
	release(t, b, 0, "x")
	if got := server.Do("DBSIZE"); got != "0" {
		t.Errorf("%s keys are left behind", got)
	}
	_ = a.Close()
}

// Redis that is slow, gone or full costs a caller little and soon nothing.
func TestLeaseOfARedisInTrouble(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := lease(t, server.URL(), time.Minute)
	acquire(t, l, "x")
	take := func() (time.Duration, error) {
		started := time.Now()
		_, err := l.Acquire(context.Background(), []name{"y"})
		return time.Since(started), err
	}
	server.Pause()
	if took, err := take(); !errors.Is(err, context.DeadlineExceeded) || took > time.Second {
		t.Errorf("hung: error %v after %v", err, took)
	}
	soon(t, "an error at once", 5*time.Second, func() bool {
		took, err := take()
		return took < 20*time.Millisecond && err != nil && !errors.Is(err, context.DeadlineExceeded)
	})
	server.Resume()
	soon(t, "Redis found again", 10*time.Second, func() bool { _, err := take(); return err == nil })

	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for range 5 { // a caller's leaving says nothing of Redis
		if _, err := l.Acquire(gone, []name{"z"}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
	soon(t, "an answer after callers have left", time.Second, func() bool { _, err := take(); return err == nil })
	server.Do("CONFIG", "SET", "maxmemory", "1")
	err := patiently(func() error { _, err := l.Acquire(context.Background(), []name{"full"}); return err })
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("full: %v", err)
	}
}

// What stands in Redis is under the program's prefix and says what it is.
func TestLeaseKeys(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := lease(t, server.URL(), 0)
	acquire(t, l, "x")
	const key = "dubhashi:{lease}:x"
	if got := server.Do("GET", key); len(got) < 20 {
		t.Errorf("%s holds %q", key, got)
	}
	var left int
	if _, err := fmt.Sscan(server.Do("PTTL", key), &left); err != nil || left < 3000 || left > 4500 {
		t.Errorf("a lease lasts for %d ms: %v", left, err)
	}
}

func BenchmarkLease(b *testing.B) {
	l := lease(b, redistest.Start(b).URL(), 0)
	list := names(30)
	acquire(b, l, list...)
	for b.Loop() {
		acquire(b, l, list...)
	}
}
