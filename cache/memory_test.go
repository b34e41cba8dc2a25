package cache_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
)

func TestMemoryAge(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name     string
		ttl, age time.Duration
		there    time.Duration // the last time at which it is found
		gone     time.Duration // the first at which it is not
	}{
		{"the greatest age is shorter", time.Hour, time.Minute, time.Minute - 1, time.Minute},
		{"its own TTL is shorter", 10 * time.Second, time.Minute, 10*time.Second - 1, 10 * time.Second},
		{"below a second", 3 * time.Millisecond, time.Minute, 3*time.Millisecond - 1, 3 * time.Millisecond},
		{"for ever is the greatest age", 0, time.Minute, time.Minute - 1, time.Minute},
		{"no greatest age", time.Hour, 0, time.Hour - 1, time.Hour},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := cache.NewMemory(1<<20, row.age)
				defer m.Close()
				started := time.Now()
				set(t, m, cache.Entry{Key: key(t, 1), Value: value(1), TTL: row.ttl})
				time.Sleep(row.there / 2)
				want(t, m, keys(t, 1), value(1))
				time.Sleep(row.there - time.Since(started))
				want(t, m, keys(t, 1), value(1))
				time.Sleep(row.gone - time.Since(started))
				want(t, m, keys(t, 1), nil)
			})
		})
	}
	t.Run("for ever without a greatest age", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			m := cache.NewMemory(1<<20, 0)
			defer m.Close()
			set(t, m, entry(t, 1))
			time.Sleep(3 * time.Hour)
			want(t, m, keys(t, 1), value(1))
		})
	})
}

func TestMemoryOfNothing(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, -1} {
		m := cache.NewMemory(size, time.Minute)
		set(t, m, entry(t, 1))
		want(t, m, keys(t, 1), nil)
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What the process takes for a full cache is near to what it was allowed,
// whatever the size of the values. Not parallel: it measures the heap.
func TestMemoryIsBounded(t *testing.T) {
	const limit = 6 << 20
	for _, size := range []int{0, 100, 2000, 50_000} {
		t.Run(fmt.Sprintf("values of %d bytes", size), func(t *testing.T) {
			before := heap()
			m := cache.NewMemory(limit, time.Minute)
			n := 3 * limit / (size + 300)
			for i := range n {
				var k cache.Key
				copy(k[:], fmt.Sprintf("%d", i))
				if err := m.SetMany(context.Background(), []cache.Entry{{Key: k, Value: make([]byte, size)}}); err != nil {
					t.Fatal(err)
				}
			}
			counted := m.Bytes()
			taken := heap() - before
			t.Logf("%d entries offered; counted %.1f MiB, heap %.1f MiB of %d allowed", n, mib(counted), mib(taken), limit>>20)
			if counted > limit || counted < limit*9/10 {
				t.Errorf("counts %d bytes of %d", counted, limit)
			}
			if taken > limit*9/8 {
				t.Errorf("takes %d bytes of %d", taken, limit)
			}
			runtime.KeepAlive(m)
			m.Close()
		})
	}
}

func heap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

func mib(n uint64) float64 { return float64(n) / (1 << 20) }
