package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// records is what both keepers do.
type records interface {
	Get(ctx context.Context, space, id string) ([]byte, int64, error)
	Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error)
	Delete(ctx context.Context, space, id string) (bool, error)
	List(ctx context.Context, space, cursor string, limit int) ([]string, [][]byte, string, error)
	Close() error
}

// clock is a time that a test moves.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.offset.Load()))
}
func (c *clock) pass(d time.Duration) { c.offset.Add(int64(d)) }

// opener opens one more keeper of the same records.
type opener func(t testing.TB, now func() time.Time, every time.Duration) records

var kvBackends = []struct {
	name  string
	start func(t testing.TB) opener
}{
	{"SQLite", func(t testing.TB) opener {
		path := filepath.Join(t.TempDir(), store.File)
		return func(t testing.TB, now func() time.Time, every time.Duration) records {
			db, _, err := store.OpenSQLite(path)
			if err != nil {
				t.Fatal(err)
			}
			k := store.NewKVAt(db, now, every)
			t.Cleanup(func() { _ = k.Close(); _ = db.Close() })
			return k
		}
	}},
	{"one server", func(t testing.TB) opener { return overRedis(redistest.Start(t).URL()) }},
	{"cluster", func(t testing.TB) opener { return overRedis(redistest.StartCluster(t, 3).URL()) }},
	{"Sentinel", func(t testing.TB) opener { return overRedis(sentinelURL(t)) }},
}

func sentinelURL(t testing.TB) string {
	master := redistest.Start(t)
	return "redis+sentinel://" + redistest.StartSentinel(t, master, "main").Addr() + "/main"
}

func overRedis(url string) opener {
	return func(t testing.TB, now func() time.Time, every time.Duration) records {
		k := store.NewRedisKVAt(client(t, url), now, every)
		t.Cleanup(func() { _ = k.Close() })
		return k
	}
}

func TestKV(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		test func(t *testing.T, k records, c *clock)
	}{
		{"versions", kvVersions},
		{"odd names", kvNames},
		{"times to live", kvExpires},
		{"list", kvLists},
		{"list while records come and go", kvListsMoving},
		{"values of megabytes", kvBig},
		{"one of many writers wins", kvRaces},
		{"bounds", kvBounds},
		{"bounds of many writers", kvBoundsRaced},
	}
	for _, backend := range kvBackends {
		t.Run(backend.name, func(t *testing.T) {
			t.Parallel()
			open := backend.start(t)
			for _, row := range rows {
				t.Run(row.name, func(t *testing.T) {
					t.Parallel()
					c := &clock{}
					row.test(t, open(t, c.now, time.Hour), c)
				})
			}
		})
	}
}

func mustPut(t testing.TB, k records, space, id, value string, ttl time.Duration, version int64) bool {
	t.Helper()
	done, err := k.Put(context.Background(), space, id, []byte(value), ttl, version)
	if err != nil {
		t.Fatalf("put %s: %v", id, err)
	}
	return done
}

func mustGet(t testing.TB, k records, space, id string) (string, int64) {
	t.Helper()
	value, version, err := k.Get(context.Background(), space, id)
	if err != nil {
		t.Fatalf("get %s: %v", id, err)
	}
	if (value == nil) != (version == 0) {
		t.Fatalf("get %s: value %v beside version %d", id, value, version)
	}
	return string(value), version
}

func mustDelete(t testing.TB, k records, space, id string) bool {
	t.Helper()
	was, err := k.Delete(context.Background(), space, id)
	if err != nil {
		t.Fatalf("delete %s: %v", id, err)
	}
	return was
}

// mustList gives all ids, page by page.
func mustList(t testing.TB, k records, space string, limit int) (all []string) {
	t.Helper()
	for cursor := ""; ; {
		ids, values, next, err := k.List(context.Background(), space, cursor, limit)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		if len(ids) > limit || len(ids) != len(values) {
			t.Fatalf("list: %d ids and %d values, at most %d asked", len(ids), len(values), limit)
		}
		all = append(all, ids...)
		if next == "" {
			return all
		}
		cursor = next
	}
}

func kvVersions(t *testing.T, k records, c *clock) {
	const s = "versions"
	if _, v := mustGet(t, k, s, "a"); v != 0 {
		t.Errorf("an unknown record has version %d", v)
	}
	if mustPut(t, k, s, "a", "one", 0, 7) {
		t.Error("stored over a version that there is not")
	}
	if !mustPut(t, k, s, "a", "one", 0, 0) || mustPut(t, k, s, "a", "two", 0, 0) {
		t.Error("version 0 is a new record, once")
	}
	value, v1 := mustGet(t, k, s, "a")
	if value != "one" || v1 < 1 {
		t.Errorf("read %q, version %d", value, v1)
	}
	if !mustPut(t, k, s, "a", "", 0, v1) || mustPut(t, k, s, "a", "three", 0, v1) {
		t.Error("a version can be replaced once")
	}
	value, v2 := mustGet(t, k, s, "a")
	if value != "" || v2 <= v1 {
		t.Errorf("read %q, version %d after %d", value, v2, v1)
	}
	if !mustPut(t, k, s, "a", "four", 0, -1) {
		t.Error("-1 is any version")
	}
	if _, v3 := mustGet(t, k, s, "a"); v3 <= v2 {
		t.Errorf("version %d after %d", v3, v2)
	}
	if !mustDelete(t, k, s, "a") || mustDelete(t, k, s, "a") {
		t.Error("a record is deleted once")
	}
	c.pass(time.Millisecond)
	if !mustPut(t, k, s, "a", "anew", 0, 0) {
		t.Error("a deleted record cannot be made anew")
	}
	if mustPut(t, k, s, "a", "late", 0, v2) || mustPut(t, k, s, "a", "late", 0, v1) {
		t.Error("a version from before the deletion is taken for one of the new record")
	}
	if !mustPut(t, k, s, "b", "any", 0, -1) {
		t.Error("-1 is no record, too")
	}
}

func kvNames(t *testing.T, k records, c *clock) {
	names := []string{"", "a", "A", "a:b", "a}b", "{a}", "a\x00b", "शब्द", strings.Repeat("x", 5000), "*", "a b\nc"}
	for _, space := range names {
		for _, id := range names {
			mustPut(t, k, "names "+space, id, space+"|"+id, 0, 0)
		}
	}
	for _, space := range names {
		for _, id := range names {
			if value, _ := mustGet(t, k, "names "+space, id); value != space+"|"+id {
				t.Errorf("space %q, id %q: read %q", space, id, value)
			}
		}
		slices.Reverse(names)
		if got := mustList(t, k, "names "+space, 100); !slices.Equal(got, names) {
			t.Errorf("space %q lists %q", space, got)
		}
		slices.Reverse(names)
	}
}

func kvExpires(t *testing.T, k records, c *clock) {
	const s = "expires"
	mustPut(t, k, s, "short", "1", time.Minute, 0)
	mustPut(t, k, s, "long", "2", time.Hour, 0)
	mustPut(t, k, s, "ever", "3", 0, 0)
	mustPut(t, k, s, "renewed", "4", time.Minute, 0)
	mustPut(t, k, s, "kept", "5", time.Minute, 0)
	c.pass(59 * time.Second)
	if got := mustList(t, k, s, 10); !slices.Equal(got, []string{"kept", "renewed", "ever", "long", "short"}) {
		t.Errorf("before the end: %v", got)
	}
	mustPut(t, k, s, "renewed", "4", time.Minute, -1)
	mustPut(t, k, s, "kept", "5", 0, -1)
	_, old := mustGet(t, k, s, "short")
	c.pass(time.Second)
	if value, v := mustGet(t, k, s, "short"); v != 0 {
		t.Errorf("expired, and read %q", value)
	}
	if got := mustList(t, k, s, 1); !slices.Equal(got, []string{"kept", "renewed", "ever", "long"}) {
		t.Errorf("after it: %v", got)
	}
	if mustDelete(t, k, s, "short") {
		t.Error("an expired record was deleted")
	}
	if mustPut(t, k, s, "short", "6", time.Minute, old) || !mustPut(t, k, s, "short", "6", time.Minute, 0) {
		t.Error("an expired record is not as none")
	}
	if got := mustList(t, k, s, 10); !slices.Equal(got, []string{"short", "kept", "renewed", "ever", "long"}) {
		t.Errorf("made anew it is the newest: %v", got)
	}
	c.pass(24 * time.Hour)
	if got := mustList(t, k, s, 10); !slices.Equal(got, []string{"kept", "ever"}) {
		t.Errorf("what stays for ever: %v", got)
	}
}

func kvLists(t *testing.T, k records, c *clock) {
	const s = "lists"
	if ids, _, next, err := k.List(context.Background(), s, "", 10); len(ids) != 0 || next != "" || err != nil {
		t.Errorf("an empty space lists %v, next %q, %v", ids, next, err)
	}
	var want []string
	for i := range 25 {
		id := fmt.Sprint("r", i)
		mustPut(t, k, s, id, "value of "+id, 0, 0)
		want = append([]string{id}, want...)
	}
	mustPut(t, k, s, "r3", "value of r3", 0, -1) // what is stored again keeps its place
	for _, limit := range []int{1, 7, 24, 25, 26, 100} {
		if got := mustList(t, k, s, limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %v", limit, got)
		}
	}
	ids, values, next, err := k.List(context.Background(), s, "", 25)
	if err != nil || next != "" {
		t.Errorf("all of them: next %q, %v", next, err)
	}
	for i, id := range ids {
		if string(values[i]) != "value of "+id {
			t.Errorf("%s holds %q", id, values[i])
		}
	}
	for _, cursor := range []string{"no cursor!", "-5", strings.Repeat("z", 40)} {
		if ids, _, _, err := k.List(context.Background(), s, cursor, 2); err != nil || !slices.Equal(ids, want[:2]) {
			t.Errorf("cursor %q: %v, %v", cursor, ids, err)
		}
	}
}

func kvListsMoving(t *testing.T, k records, c *clock) {
	const s = "moving"
	for i := range 10 {
		mustPut(t, k, s, fmt.Sprint(i), "x", 0, 0)
	}
	ids, _, next, err := k.List(context.Background(), s, "", 4)
	if err != nil || !slices.Equal(ids, []string{"9", "8", "7", "6"}) {
		t.Fatalf("%v, %v", ids, err)
	}
	mustPut(t, k, s, "new", "x", 0, 0)
	mustDelete(t, k, s, "6") // the cursor's own
	mustDelete(t, k, s, "4")
	ids, _, _, err = k.List(context.Background(), s, next, 4)
	if err != nil || !slices.Equal(ids, []string{"5", "3", "2", "1"}) {
		t.Errorf("after the cursor: %v, %v", ids, err)
	}
}

func kvBig(t *testing.T, k records, c *clock) {
	const s = "big"
	big := bytes.Repeat([]byte("मेगाबाइट\x00\n"), (11<<20)/25)
	for _, id := range []string{"a", "b"} {
		if done, err := k.Put(context.Background(), s, id, big, time.Hour, 0); !done || err != nil {
			t.Fatalf("put of %d bytes: %v, %v", len(big), done, err)
		}
	}
	mustPut(t, k, s, "small", "1", 0, 0)
	if value, _, err := k.Get(context.Background(), s, "a"); err != nil || !bytes.Equal(value, big) {
		t.Errorf("%d bytes came back of %d: %v", len(value), len(big), err)
	}
	ids, _, next, err := k.List(context.Background(), s, "", 100)
	if err != nil || len(ids) > 2 || next == "" {
		t.Errorf("a page holds %v, next %q, %v", ids, next, err)
	}
	if got := mustList(t, k, s, 100); !slices.Equal(got, []string{"small", "b", "a"}) {
		t.Errorf("listed %v", got)
	}
}

func kvRaces(t *testing.T, k records, c *clock) {
	const s = "races"
	count := func(version int64) (won int64) {
		var wins atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if done, err := k.Put(context.Background(), s, "x", []byte{byte(i)}, 0, version); err != nil {
					t.Error(err)
				} else if done {
					wins.Add(1)
				}
			})
		}
		wg.Wait()
		return wins.Load()
	}
	if n := count(0); n != 1 {
		t.Errorf("%d made the same record", n)
	}
	_, v := mustGet(t, k, s, "x")
	if n := count(v); n != 1 {
		t.Errorf("%d replaced the same version", n)
	}
}

// What has expired does not stay on the disk or in Redis.
func TestKVSweeps(t *testing.T) {
	t.Parallel()
	c := &clock{}
	db := open(t, filepath.Join(t.TempDir(), store.File))
	onDisk := store.NewKVAt(db, c.now, 10*time.Millisecond)
	t.Cleanup(func() { _ = onDisk.Close() })
	fill := func(k records) {
		for i := range 50 { // more than one batch
			mustPut(t, k, fmt.Sprint("space", i%5), fmt.Sprint(i), "a text that must go", time.Minute, 0)
		}
		mustPut(t, k, "space0", "ever", "stays", 0, 0)
	}
	fill(onDisk)
	c.pass(2 * time.Minute)
	soon(t, "an empty table", 5*time.Second, func() bool {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM kv").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n == 1
	})

	server := redistest.Start(t)
	inRedis := store.NewRedisKVAt(client(t, server.URL()), c.now, 10*time.Millisecond)
	t.Cleanup(func() { _ = inRedis.Close() })
	fill(inRedis)
	c.pass(2 * time.Minute)
	soon(t, "an empty Redis", 5*time.Second, func() bool { return server.Do("DBSIZE") == "2" }) // the one record and its index
	if value, _ := mustGet(t, inRedis, "space0", "ever"); value != "stays" {
		t.Errorf("swept too: %q", value)
	}
}

// A caller's words do not stand in the names of keys, and no key has a time to
// live, for which a volatile policy would evict it.
func TestKVKeysInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru")
	k := store.NewRedisKV(client(t, server.URL()))
	t.Cleanup(func() { _ = k.Close() })
	mustPut(t, k, "secret/space", "secret-id", "text", time.Hour, 0)
	keys := server.Do("EVAL", "return table.concat(redis.call('KEYS', '*'), ' ')", "0")
	if strings.Contains(keys, "secret") || strings.Count(keys, "dubhashi:{kv") != 4 || strings.Count(keys, " ") != 3 {
		t.Errorf("keys: %s", keys)
	}
	for key := range strings.SplitSeq(keys, " ") {
		if ttl := server.Do("PTTL", key); ttl != "-1" {
			t.Errorf("%s lives for %s ms", key, ttl)
		}
	}
}

func TestKVOfARedisThatEvicts(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		args   []string
		evicts bool
	}{
		{"no limit of memory", []string{"--maxmemory", "0", "--maxmemory-policy", "allkeys-lru"}, false},
		{"noeviction", []string{"--maxmemory", "64mb", "--maxmemory-policy", "noeviction"}, false},
		{"volatile", []string{"--maxmemory", "64mb", "--maxmemory-policy", "volatile-ttl"}, false},
		{"no CONFIG", []string{"--maxmemory", "64mb", "--rename-command", "CONFIG", ""}, false},
		{"allkeys", []string{"--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lfu"}, true},
		{"no INFO", nil, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, row.args...)
			if row.name == "no INFO" {
				server.Do("ACL", "SETUSER", "default", "-info")
			}
			k := store.NewRedisKV(client(t, server.URL()))
			t.Cleanup(func() { _ = k.Close() })
			_, putErr := k.Put(context.Background(), "s", "i", []byte("x"), 0, -1)
			_, _, getErr := k.Get(context.Background(), "s", "i")
			_, delErr := k.Delete(context.Background(), "s", "i")
			_, _, _, listErr := k.List(context.Background(), "s", "", 5)
			for what, err := range map[string]error{"put": putErr, "get": getErr, "delete": delErr, "list": listErr} {
				var e interface{ Evicts() bool }
				if got := errors.As(err, &e) && e.Evicts(); got != row.evicts || !got && err != nil {
					t.Errorf("%s: error %v", what, err)
				}
			}
		})
	}
	t.Run("one node of a cluster", func(t *testing.T) {
		t.Parallel()
		cluster := redistest.StartCluster(t, 3)
		cluster.Nodes[2].Do("CONFIG", "SET", "maxmemory", "64mb", "maxmemory-policy", "allkeys-random")
		k := store.NewRedisKV(client(t, cluster.URL()))
		t.Cleanup(func() { _ = k.Close() })
		var e interface{ Evicts() bool }
		if _, _, err := k.Get(context.Background(), "s", "i"); !errors.As(err, &e) {
			t.Errorf("error %v", err)
		}
	})
}

// A store that cannot be used says why, and not that it evicts.
func TestKVOfAStoreInTrouble(t *testing.T) {
	t.Parallel()
	trouble := func(t *testing.T, k records, want error) {
		t.Helper()
		_, err := k.Put(context.Background(), "s", "i", []byte("x"), 0, -1)
		var e interface{ Evicts() bool }
		if err == nil || errors.As(err, &e) || want != nil && !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	t.Run("full", func(t *testing.T) {
		t.Parallel()
		k := store.NewRedisKV(client(t, redistest.Start(t, "--maxmemory", "1").URL()))
		t.Cleanup(func() { _ = k.Close() })
		trouble(t, k, store.ErrFull)
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		server := redistest.Start(t)
		k := store.NewRedisKV(client(t, server.URL()))
		t.Cleanup(func() { _ = k.Close() })
		mustPut(t, k, "s", "i", "x", 0, -1)
		server.Stop()
		trouble(t, k, nil)
		server.Restart()
		mustPut(t, k, "s", "i", "x", 0, -1)
	})
	t.Run("hung", func(t *testing.T) {
		t.Parallel()
		server := redistest.Start(t)
		k := store.NewRedisKV(client(t, server.URL()))
		t.Cleanup(func() { _ = k.Close() })
		mustPut(t, k, "s", "i", "x", 0, -1)
		server.Pause()
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if _, _, err := k.Get(ctx, "s", "i"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller's deadline: %v", err)
		}
		server.Resume()
	})
	t.Run("closed database", func(t *testing.T) {
		t.Parallel()
		db := open(t, filepath.Join(t.TempDir(), store.File))
		k := store.NewKV(db)
		t.Cleanup(func() { _ = k.Close() })
		_ = db.Close()
		trouble(t, k, nil)
	})
}
