package cache_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dubhashi/cache"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// trips counts what goes to the server: a pipeline is one round trip.
type trips struct {
	mu        sync.Mutex
	single    int
	pipelines []int // commands in each
}

func (h *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.mu.Lock()
		h.single++
		h.mu.Unlock()
		return next(ctx, cmd)
	}
}

func (h *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.mu.Lock()
		h.pipelines = append(h.pipelines, len(cmds))
		h.mu.Unlock()
		return next(ctx, cmds)
	}
}

func (h *trips) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := fmt.Sprintf("%d single, pipelines %v", h.single, h.pipelines)
	h.single, h.pipelines = 0, nil
	return s
}

func TestRedisTakesOneRoundTrip(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := openRedis(t, server.URL())
	hook := &trips{}
	client.AddHook(hook)
	s := cache.NewRedis(client)
	defer s.Close()

	var entries []cache.Entry
	var list []cache.Key
	for i := range 20 {
		entries, list = append(entries, entry(t, i)), append(list, key(t, i))
	}
	get(t, s, list[:1]) // opens the connection, with a greeting that counts, too
	hook.take()
	set(t, s, entries...)
	if got := hook.take(); got != "0 single, pipelines [20]" {
		t.Errorf("a write of 20: %s", got)
	}
	// The server's own counts, over that one connection.
	before := info(t, client, "total_reads_processed")
	hook.take()
	get(t, s, list)
	if got := hook.take(); got != "0 single, pipelines [20]" {
		t.Errorf("a read of 20: %s", got)
	}
	if n := info(t, client, "total_reads_processed") - before - 1; n != 1 { // the INFO itself is a read, too
		t.Errorf("the server read %d times from its sockets for one pipeline", n)
	}
	if n := info(t, client, "cmdstat_get:calls"); n != 21 {
		t.Errorf("%d GETs, want 1 and 20", n)
	}
	for _, name := range []string{"cmdstat_mget:calls", "errorstat_ERR:count"} {
		if n := info(t, client, name); n != 0 {
			t.Errorf("%s is %d, want 0", name, n)
		}
	}
	hook.take()
	get(t, s, nil)
	set(t, s)
	if got := hook.take(); got != "0 single, pipelines []" {
		t.Errorf("empty calls: %s", got)
	}
}

// info reads one number of INFO, 0 when it is not there.
func info(t *testing.T, client redis.UniversalClient, name string) int {
	t.Helper()
	text, err := client.Info(context.Background(), "everything").Result()
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(regexp.QuoteMeta(name) + `[:=](\d+)`).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRedisHoldsTTLs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := cache.NewRedis(openRedis(t, server.URL()))
	set(t, s,
		cache.Entry{Key: key(t, 1), Value: value(1)},
		cache.Entry{Key: key(t, 2), Value: value(2), TTL: 1500 * time.Millisecond},
		cache.Entry{Key: key(t, 3), Value: value(3), TTL: 720 * time.Hour})
	for i, bounds := range [][2]int{{-1, -1}, {1000, 1500}, {2591990000, 2592000000}} {
		ms, err := strconv.Atoi(server.Do("PTTL", key(t, i+1).String()))
		if err != nil || ms < bounds[0] || ms > bounds[1] {
			t.Errorf("key %d lives %d ms more, want %v; error %v", i+1, ms, bounds, err)
		}
	}
}

// A key that fails does not take its neighbours with it.
func TestRedisForeignValue(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := cache.NewRedis(openRedis(t, server.URL()))
	set(t, s, entry(t, 1), entry(t, 3))
	server.Do("RPUSH", key(t, 2).String(), "a list")
	got, err := s.GetMany(context.Background(), keys(t, 1, 2, 3))
	if err == nil || got[0] == nil || got[1] != nil || got[2] == nil {
		t.Errorf("error %v, found %t %t %t", err, got[0] != nil, got[1] != nil, got[2] != nil)
	}
}

// A full Redis (maxmemory, noeviction) takes no more and is read as before.
func TestRedisFull(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--maxmemory-policy", "noeviction")
	told := &notices{}
	g := cache.Guard(cache.NewRedis(openRedis(t, server.URL())), cache.GuardOptions{Notify: told.take, Read: time.Second, Write: time.Second})
	defer g.Close()
	set(t, g, entry(t, 1))
	server.Do("CONFIG", "SET", "maxmemory", "1")
	for range 5 {
		if err := g.SetMany(context.Background(), []cache.Entry{entry(t, 2), entry(t, 3)}); !errors.Is(err, store.ErrFull) {
			t.Errorf("error %v, want ErrFull", err)
		}
		want(t, g, keys(t, 1, 2), value(1), nil)
	}
	server.Do("CONFIG", "SET", "maxmemory", "0")
	set(t, g, entry(t, 2))
	want(t, g, keys(t, 1, 2), value(1), value(2))
	if g.Down() || len(told.told()) != 2 {
		t.Errorf("down %t, told %q; want one notice of the refusal and one of its end", g.Down(), told.told())
	}
}

func TestRedisReplicaTakesNoWrites(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	host, port, _ := net.SplitHostPort(master.Addr())
	replica := redistest.Start(t, "--replicaof", host+" "+port)
	s := cache.NewRedis(openRedis(t, replica.URL()))
	if err := s.SetMany(context.Background(), []cache.Entry{entry(t, 1)}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("error %v, want ErrReadOnly", err)
	}
}

// One node of a cluster hangs: what the others hold is found all the same,
// within the budget.
func TestClusterWithANodeThatHangs(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 3)
	g := cache.Guard(cache.NewRedis(openRedis(t, cluster.URL())), cache.GuardOptions{})
	defer g.Close()
	var entries []cache.Entry
	var list []cache.Key
	for i := range 60 {
		entries, list = append(entries, entry(t, i)), append(list, key(t, i))
	}
	set(t, g, entries...)
	get(t, g, list)
	cluster.Nodes[1].Pause()
	started := time.Now()
	got, err := g.GetMany(context.Background(), list)
	took := time.Since(started)
	cluster.Nodes[1].Resume()
	found := 0
	for _, v := range got {
		if v != nil {
			found++
		}
	}
	t.Logf("one of three nodes hangs: %d of 60 found after %v, error %v", found, took, err)
	if err == nil || took > 400*time.Millisecond {
		t.Errorf("after %v: error %v", took, err)
	}
	if found < 30 || found > 50 { // about two thirds
		t.Errorf("%d of 60 found although one of three nodes hangs", found)
	}
}

// How Redis fails, and what it may cost: nothing fails but the cache, no call
// takes longer than its budget, callers pay nothing while it is known to be
// down, and it is used again within 5 s of its return.
func TestRedisOutages(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		before func(s *redistest.Server) // nil: it serves at first
		fail   func(s *redistest.Server)
		mend   func(s *redistest.Server)
	}{
		{"absent at start", (*redistest.Server).Stop, nil, (*redistest.Server).Restart},
		{"kill -9", nil, (*redistest.Server).Kill, (*redistest.Server).Restart},
		{"stopped", nil, (*redistest.Server).Stop, (*redistest.Server).Restart},
		{"SIGSTOP", nil, (*redistest.Server).Pause, (*redistest.Server).Resume},
		{"CLIENT PAUSE", nil, func(s *redistest.Server) { s.Do("CLIENT", "PAUSE", "1500", "ALL") },
			func(*redistest.Server) {}}, // it ends by itself
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			if row.before != nil {
				row.before(server)
			}
			g := cache.Guard(cache.NewRedis(openRedis(t, server.URL())), cache.GuardOptions{})
			defer g.Close()
			load := newLoad(t, g)
			defer load.stop()
			if row.before == nil {
				set(t, g, load.entries...)
				load.until(t, "warm", 15*time.Second, func(c counts) bool { return c.calls > 200 && c.failed == 0 })
			}
			if row.fail != nil {
				row.fail(server)
			}
			found := load.until(t, "found out", 3*time.Second, func(counts) bool { return g.Down() })
			down := load.until(t, "down", 3*time.Second, func(c counts) bool { return c.calls > 500 && c.since > 700*time.Millisecond })
			if down.failed != down.calls {
				t.Errorf("%d of %d calls succeeded while it was down", down.calls-down.failed, down.calls)
			}
			row.mend(server)
			back := load.until(t, "back", 5*time.Second, func(c counts) bool { return !g.Down() && c.failed < c.calls })
			t.Logf("found out in %v (slowest call %v); down: %d calls, slowest %v; used again after %v",
				found.since.Round(time.Millisecond), found.slowest.Round(time.Millisecond),
				down.calls, down.slowest.Round(10*time.Microsecond), back.since.Round(time.Millisecond))
			// Generous: the machine runs other tests beside this.
			if found.slowest > 500*time.Millisecond {
				t.Errorf("a call took %v while the outage was found out", found.slowest)
			}
			if down.slowest > 150*time.Millisecond {
				t.Errorf("a call took %v while it was known to be down", down.slowest)
			}
		})
	}
}

// A server that restarts under load costs a few misses.
func TestRedisRestarts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	g := cache.Guard(cache.NewRedis(openRedis(t, server.URL())), cache.GuardOptions{})
	defer g.Close()
	load := newLoad(t, g)
	defer load.stop()
	set(t, g, load.entries...)
	load.until(t, "warm", 15*time.Second, func(c counts) bool { return c.calls > 200 && c.failed == 0 })
	server.Restart()
	back := load.until(t, "back", 5*time.Second, func(c counts) bool { return !g.Down() && c.failed < c.calls })
	set(t, g, load.entries...)
	want(t, g, load.keys[:1], load.entries[0].Value)
	t.Logf("used again after %v, slowest call %v, %d of %d calls failed", back.since, back.slowest, back.failed, back.calls)
}

// load is a number of readers and a writer that never rest for long.
type load struct {
	s       cache.Store
	entries []cache.Entry
	keys    []cache.Key
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	phase   atomic.Pointer[phase]
}

type phase struct {
	started       time.Time
	calls, failed atomic.Int64
	slowest       atomic.Int64
}

type counts struct {
	calls, failed  int64
	slowest, since time.Duration
}

func newLoad(t *testing.T, s cache.Store) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{s: s, cancel: cancel}
	for i := range 20 {
		l.entries, l.keys = append(l.entries, entry(t, i)), append(l.keys, key(t, i))
	}
	l.phase.Store(&phase{started: time.Now()})
	for i := range 4 {
		l.wg.Go(func() {
			for ctx.Err() == nil {
				p, started := l.phase.Load(), time.Now()
				var err error
				if i == 0 {
					err = s.SetMany(context.Background(), l.entries[:2])
				} else {
					_, err = s.GetMany(context.Background(), l.keys)
				}
				took := time.Since(started)
				p.calls.Add(1)
				if err != nil {
					p.failed.Add(1)
				}
				for old := p.slowest.Load(); int64(took) > old && !p.slowest.CompareAndSwap(old, int64(took)); old = p.slowest.Load() {
				}
				time.Sleep(2 * time.Millisecond) // a pace, not a wait for anything
			}
		})
	}
	return l
}

// until begins a phase and ends it when enough is true.
func (l *load) until(t *testing.T, name string, limit time.Duration, enough func(counts) bool) counts {
	t.Helper()
	p := &phase{started: time.Now()}
	l.phase.Store(p)
	for {
		c := counts{p.calls.Load(), p.failed.Load(), time.Duration(p.slowest.Load()), time.Since(p.started)}
		if enough(c) {
			return c
		}
		if c.since > limit {
			t.Fatalf("%s: not within %v (%d calls, %d failed)", name, limit, c.calls, c.failed)
		}
		time.Sleep(time.Millisecond)
	}
}

func (l *load) stop() { l.cancel(); l.wg.Wait() }
