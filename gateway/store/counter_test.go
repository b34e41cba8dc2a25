package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// counter is what both do.
type counter interface {
	Allow(ctx context.Context, who string, limit int) (left int, reset time.Duration, err error)
	Add(ctx context.Context, who string, day int64, add, limits map[string]int64) (at int64, now map[string]int64, over string, err error)
	Days(ctx context.Context, who string, n int) (today int64, days []map[string]int64, err error)
	Keeps(ctx context.Context) error
	Close() error
}

// counterOpener opens one more counter of the same numbers, which it keeps for
// three days.
type counterOpener func(t testing.TB, now func() time.Time) counter

var counterBackends = []struct {
	name  string
	start func(t testing.TB) counterOpener
}{
	{"SQLite", func(t testing.TB) counterOpener {
		path := filepath.Join(t.TempDir(), store.File)
		return func(t testing.TB, now func() time.Time) counter {
			db, _, err := store.OpenSQLite(path)
			if err != nil {
				t.Fatal(err)
			}
			c := store.NewCounterAt(db, 3, now, time.Hour)
			t.Cleanup(func() { _ = c.Close(); _ = db.Close() })
			return c
		}
	}},
	{"one server", func(t testing.TB) counterOpener { return countedInRedis(redistest.Start(t).URL()) }},
	{"cluster", func(t testing.TB) counterOpener { return countedInRedis(redistest.StartCluster(t, 3).URL()) }},
	{"Sentinel", func(t testing.TB) counterOpener { return countedInRedis(sentinelURL(t)) }},
}

func countedInRedis(url string) counterOpener {
	return func(t testing.TB, now func() time.Time) counter {
		c := store.NewRedisCounterAt(client(t, url), 3, now, time.Hour)
		c.Budget = 10 * time.Second
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		test func(t *testing.T, open func() counter, c *clock)
	}{
		{"a minute's limit", allowsALimit},
		{"no window holds more", allowsNoWindowMore},
		{"many replicas at once", allowsOverReplicas},
		{"a clock that goes back", allowsAfterTheClock},
		{"a day's numbers", addsADay},
		{"limits of a day", addsWithinLimits},
		{"limits of a day, many at once", addsOverReplicas},
		{"days go by", addsOverDays},
	}
	for _, backend := range counterBackends {
		t.Run(backend.name, func(t *testing.T) {
			t.Parallel()
			open := backend.start(t)
			for _, row := range rows {
				t.Run(row.name, func(t *testing.T) {
					t.Parallel()
					c := &clock{}
					row.test(t, func() counter { return open(t, c.now) }, c)
				})
			}
		})
	}
}

func mustAllow(t testing.TB, c counter, who string, limit int) (int, time.Duration) {
	t.Helper()
	left, reset, err := c.Allow(context.Background(), who, limit)
	if err != nil {
		t.Fatal(err)
	}
	return left, reset
}

func allowsALimit(t *testing.T, open func() counter, clock *clock) {
	c, who := open(), "limit"
	clock.pass(200 * time.Millisecond) // into a bucket
	for i := range 3 {
		first := time.Duration(60-10*i) * time.Second // until the first is a minute old
		if left, reset := mustAllow(t, c, who, 3); left != 2-i || reset < first || reset > first+time.Second {
			t.Errorf("request %d: left %d, reset %v", i, left, reset)
		}
		clock.pass(10 * time.Second)
	}
	left, reset := mustAllow(t, c, who, 3)
	if left != -1 || reset < 30*time.Second || reset > 31*time.Second {
		t.Errorf("one too many: left %d, reset %v", left, reset)
	}
	if left, _ := mustAllow(t, c, "limit of another", 3); left != 2 {
		t.Errorf("another caller: left %d", left)
	}
	clock.pass(reset - time.Millisecond)
	if left, again := mustAllow(t, c, who, 3); left != -1 || again > time.Millisecond {
		t.Errorf("a moment too early: left %d, reset %v", left, again)
	}
	clock.pass(time.Millisecond)
	if left, reset := mustAllow(t, c, who, 3); left != 0 || reset < 9*time.Second || reset > 10*time.Second {
		t.Errorf("after the wait: left %d, reset %v", left, reset)
	}
	if left, reset := mustAllow(t, c, who, 2); left != -1 || reset < 19*time.Second || reset > 20*time.Second {
		t.Errorf("a lower limit waits for two: left %d, reset %v", left, reset)
	}
	clock.pass(time.Hour)
	if left, _ := mustAllow(t, c, who, 3); left != 2 {
		t.Errorf("after an hour: left %d", left)
	}
}

// Requests at odd times: in no minute are more than the limit admitted, and
// over the whole the limit is used.
func allowsNoWindowMore(t *testing.T, open func() counter, clock *clock) {
	const limit = 40
	c, random := open(), rand.New(rand.NewPCG(1, 2))
	var admitted []time.Time
	start := clock.now()
	for clock.now().Sub(start) < 10*time.Minute {
		if left, _ := mustAllow(t, c, "windows", limit); left >= 0 {
			admitted = append(admitted, clock.now())
		}
		clock.pass(time.Duration(random.IntN(1800)) * time.Millisecond)
	}
	for i := limit; i < len(admitted); i++ {
		if gap := admitted[i].Sub(admitted[i-limit]); gap < time.Minute {
			t.Fatalf("%d requests within %v", limit+1, gap)
		}
	}
	if len(admitted) < 10*limit*98/100 {
		t.Errorf("%d admitted in ten minutes, the limit is %d a minute", len(admitted), limit)
	}
}

func allowsOverReplicas(t *testing.T, open func() counter, clock *clock) {
	const limit = 50
	var admitted atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		c := open()
		for range 6 {
			wg.Go(func() {
				for range 10 {
					left, _, err := c.Allow(context.Background(), "replicas", limit)
					if err != nil {
						t.Error(err)
					}
					if left >= 0 {
						admitted.Add(1)
					}
				}
			})
		}
	}
	wg.Wait()
	if n := admitted.Load(); n != limit {
		t.Errorf("three replicas admitted %d, the limit is %d", n, limit)
	}
}

func allowsAfterTheClock(t *testing.T, open func() counter, clock *clock) {
	c := open()
	for _, back := range []time.Duration{time.Second, time.Minute, 90 * time.Second, 1000 * time.Hour} {
		clock.pass(10 * back)
		for range 2 {
			mustAllow(t, c, "clock", 2)
		}
		clock.pass(-back)
		for waited := time.Duration(0); ; {
			left, reset := mustAllow(t, c, "clock", 2)
			if left >= 0 {
				break
			}
			clock.pass(max(reset, time.Millisecond))
			if waited += max(reset, time.Millisecond); waited > 3*time.Minute {
				t.Fatalf("the clock went back by %v, and nothing is admitted for %v", back, waited)
			}
		}
	}
}

type numbers = map[string]int64

func mustAdd(t testing.TB, c counter, who string, day int64, add, limits numbers) (int64, numbers, string) {
	t.Helper()
	at, now, over, err := c.Add(context.Background(), who, day, add, limits)
	if err != nil {
		t.Fatal(err)
	}
	return at, now, over
}

func mustDays(t testing.TB, c counter, who string, n int) (int64, []numbers) {
	t.Helper()
	today, days, err := c.Days(context.Background(), who, n)
	if err != nil {
		t.Fatal(err)
	}
	return today, days
}

func addsADay(t *testing.T, open func() counter, clock *clock) {
	c, who := open(), "a day: शब्द"
	if _, days := mustDays(t, c, who, 2); !reflect.DeepEqual(days, []numbers{{}, {}}) {
		t.Errorf("an unknown caller has %v", days)
	}
	day, now, over := mustAdd(t, c, who, 0, numbers{"chars": 5, "calls": 1, "big": 1 << 52}, nil)
	if over != "" || !reflect.DeepEqual(now, numbers{"chars": 5, "calls": 1, "big": 1 << 52}) || day != 20781 {
		t.Errorf("day %d, %v, over %q", day, now, over)
	}
	mustAdd(t, c, who, day, numbers{"chars": 7, "big": 1}, nil)
	mustAdd(t, c, who, 0, numbers{"calls": -4}, nil)
	today, days := mustDays(t, c, who, 1)
	if today != day || !reflect.DeepEqual(days, []numbers{{"chars": 12, "calls": 0, "big": 1<<52 + 1}}) {
		t.Errorf("day %d: %v", today, days)
	}
	if _, days := mustDays(t, c, "another", 1); len(days[0]) != 0 {
		t.Errorf("another caller has %v", days)
	}
}

func addsWithinLimits(t *testing.T, open func() counter, clock *clock) {
	c, who := open(), "limits"
	limits := numbers{"chars": 10, "cost": 100}
	if _, _, over := mustAdd(t, c, who, 0, numbers{"chars": 6, "cost": 100}, limits); over != "" {
		t.Errorf("what fits is over %s", over)
	}
	if _, now, over := mustAdd(t, c, who, 0, numbers{"chars": 5, "cost": 0}, limits); over != "chars" || now["chars"] != 6 {
		t.Errorf("over %q, at %v", over, now)
	}
	if _, now, over := mustAdd(t, c, who, 0, numbers{"chars": 4, "cost": 1}, limits); over != "cost" || now["cost"] != 100 || now["chars"] != 6 {
		t.Errorf("over %q, at %v", over, now)
	}
	if _, _, over := mustAdd(t, c, who, 0, numbers{"chars": 5, "cost": 1}, limits); over != "chars" {
		t.Errorf("over both: %q", over)
	}
	mustAdd(t, c, who, 0, numbers{"cost": 20}, nil)
	if _, _, over := mustAdd(t, c, who, 0, numbers{"chars": 1}, limits); over != "cost" {
		t.Errorf("a number that nothing is added to may be over: %q", over)
	}
	mustAdd(t, c, who, 0, numbers{"cost": -20}, nil)
	both := numbers{"cost+held": 110} // 100 of it are used
	if _, _, over := mustAdd(t, c, who, 0, numbers{"held": 10}, both); over != "" {
		t.Errorf("of a sum: over %q", over)
	}
	if _, _, over := mustAdd(t, c, who, 0, numbers{"held": 1, "chars": 1}, both); over != "cost+held" {
		t.Errorf("over a sum: %q", over)
	}
	if _, _, over := mustAdd(t, c, who, 0, numbers{"cost": 10, "held": -10}, both); over != "" {
		t.Errorf("from one part to the other: over %q", over)
	}
	if _, days := mustDays(t, c, who, 1); !reflect.DeepEqual(days[0], numbers{"chars": 6, "cost": 110, "held": 0}) {
		t.Errorf("counted %v", days)
	}
	mustAdd(t, c, who, 0, numbers{"cost": -10}, nil)
	if _, now, over := mustAdd(t, c, who, 0, numbers{"chars": 4}, limits); over != "" || now["chars"] != 10 {
		t.Errorf("over %q, at %v", over, now)
	}
}

func addsOverReplicas(t *testing.T, open func() counter, clock *clock) {
	var done atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		c := open()
		for range 5 {
			wg.Go(func() {
				for range 10 {
					_, _, over, err := c.Add(context.Background(), "many", 0, numbers{"chars": 7}, numbers{"chars": 500})
					if err != nil {
						t.Error(err)
					}
					if over == "" {
						done.Add(1)
					}
				}
			})
		}
	}
	wg.Wait()
	if _, days := mustDays(t, open(), "many", 1); done.Load() != 71 || days[0]["chars"] != 497 {
		t.Errorf("%d of 7 fit into 500; counted %v", done.Load(), days)
	}
}

func addsOverDays(t *testing.T, open func() counter, clock *clock) {
	c, who := open(), "days"
	first, _, _ := mustAdd(t, c, who, 0, numbers{"n": 1}, numbers{"n": 1})
	clock.pass(12*time.Hour - time.Millisecond) // 23:59:59.999
	if _, _, over := mustAdd(t, c, who, 0, numbers{"n": 1}, numbers{"n": 1}); over != "n" {
		t.Errorf("before midnight: over %q", over)
	}
	clock.pass(time.Millisecond)
	if day, _, over := mustAdd(t, c, who, 0, numbers{"n": 1}, numbers{"n": 1}); over != "" || day != first+1 {
		t.Errorf("after midnight: day %d, over %q", day, over)
	}
	mustAdd(t, c, who, first, numbers{"n": 10}, nil)
	if today, days := mustDays(t, c, who, 3); today != first+1 || !reflect.DeepEqual(days, []numbers{{"n": 1}, {"n": 11}, {}}) {
		t.Errorf("day %d: %v", today, days)
	}
	clock.pass(24 * time.Hour)
	mustAdd(t, c, who, 0, numbers{"n": 3}, nil)
	if _, days := mustDays(t, c, who, 3); !reflect.DeepEqual(days, []numbers{{"n": 3}, {"n": 1}, {"n": 11}}) {
		t.Errorf("the third day: %v", days)
	}
}

// What is not kept any more is deleted, on disk and in Redis, and what is kept
// stays.
func TestCounterForgets(t *testing.T) {
	t.Parallel()
	c := &clock{}
	db := open(t, filepath.Join(t.TempDir(), store.File))
	onDisk := store.NewCounterAt(db, 3, c.now, 10*time.Millisecond)
	t.Cleanup(func() { _ = onDisk.Close() })
	rows := func() (n int) {
		t.Helper()
		if err := db.QueryRow("SELECT (SELECT count(*) FROM counts) + (SELECT count(*) FROM rates)").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	server := redistest.Start(t)
	inRedis := store.NewRedisCounterAt(client(t, server.URL()), 3, c.now, 10*time.Millisecond)
	inRedis.Budget = 10 * time.Second
	t.Cleanup(func() { _ = inRedis.Close() })
	for _, counter := range []counter{onDisk, inRedis} {
		for _, who := range []string{"a", "b", "c"} {
			mustAllow(t, counter, who, 10)
			mustAdd(t, counter, who, 0, numbers{"n": 1, "m": 2}, nil)
		}
	}
	c.pass(48 * time.Hour)
	soon(t, "the minutes' end on disk", 5*time.Second, func() bool { return rows() == 6 })
	for _, counter := range []counter{onDisk, inRedis} {
		mustAdd(t, counter, "a", 0, numbers{"n": 5}, nil)
	}
	c.pass(24 * time.Hour)
	soon(t, "the days' end on disk", 5*time.Second, func() bool { return rows() == 1 })
	soon(t, "the days' end in Redis", 5*time.Second, func() bool { return server.Do("DBSIZE") == "2" }) // a, and the list of its shard
	mustAdd(t, inRedis, "a", 0, numbers{"n": 1}, nil)
	mustAdd(t, onDisk, "a", 0, numbers{"n": 1}, nil)
	for _, counter := range []counter{onDisk, inRedis} {
		if _, days := mustDays(t, counter, "a", 5); !reflect.DeepEqual(days, []numbers{{"n": 1}, {"n": 5}, {}, {}, {}}) {
			t.Errorf("what is kept: %v", days)
		}
	}
}

// A caller's name does not stand in Redis, no key has a time to live, and a
// caller takes little whatever its limit is.
func TestCounterKeysInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	clock := &clock{}
	c := store.NewRedisCounterAt(client(t, server.URL()), 3, clock.now, time.Hour)
	c.Budget = 10 * time.Second
	t.Cleanup(func() { _ = c.Close() })
	for range 500 { // over ten minutes
		mustAllow(t, c, "secret", 1_000_000)
		clock.pass(1200 * time.Millisecond)
	}
	mustAdd(t, c, "secret", 0, numbers{"n": 1}, nil)
	keys := server.Do("EVAL", "return table.concat(redis.call('KEYS', '*'), ' ')", "0")
	if strings.Contains(keys, "secret") || strings.Count(keys, "dubhashi:{count") != 2 || strings.Count(keys, " ") != 1 {
		t.Errorf("keys: %s", keys)
	}
	for key := range strings.SplitSeq(keys, " ") {
		if ttl := server.Do("PTTL", key); ttl != "-1" {
			t.Errorf("%s lives for %s ms", key, ttl)
		}
		if !strings.HasSuffix(key, "expiry") {
			if n := server.Do("HLEN", key); len(n) > 2 {
				t.Errorf("a caller has %s fields", n)
			}
		}
	}
}

// A Redis that is gone costs a caller little and soon nothing; one that may
// evict is counted in and says so.
func TestCounterOfARedisInTrouble(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
	c := store.NewRedisCounter(client(t, server.URL()), 3)
	t.Cleanup(func() { _ = c.Close() })
	allow := func() (time.Duration, error) {
		started := time.Now()
		_, _, err := c.Allow(context.Background(), "x", 10)
		return time.Since(started), err
	}
	soon(t, "an answer", 5*time.Second, func() bool { _, err := allow(); return err == nil })
	soon(t, "the word that it evicts", 5*time.Second, func() bool {
		var e interface{ Evicts() bool }
		return errors.As(c.Keeps(context.Background()), &e) && e.Evicts()
	})
	server.Pause()
	soon(t, "an error at once", 10*time.Second, func() bool {
		took, err := allow()
		return err != nil && took < 20*time.Millisecond && !errors.Is(err, context.DeadlineExceeded)
	})
	for what, err := range map[string]error{
		"Keeps": c.Keeps(context.Background()),
		"Add":   func() error { _, _, _, err := c.Add(context.Background(), "x", 0, numbers{"n": 1}, nil); return err }(),
		"Days":  func() error { _, _, err := c.Days(context.Background(), "x", 1); return err }(),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	server.Resume()
	soon(t, "Redis found again", 10*time.Second, func() bool { _, err := allow(); return err == nil })
}

func BenchmarkCounter(b *testing.B) {
	for _, backend := range counterBackends[:2] {
		c := backend.start(b)(b, time.Now)
		b.Run(backend.name+"/Allow", func(b *testing.B) {
			for b.Loop() {
				mustAllow(b, c, "x", 1<<30)
			}
		})
		b.Run(backend.name+"/Add", func(b *testing.B) {
			for b.Loop() {
				mustAdd(b, c, "x", 0, numbers{"chars": 100, "promised": 5}, numbers{"chars": 1 << 40, "promised": 1 << 40, "cost": 1 << 40})
			}
		})
	}
}
