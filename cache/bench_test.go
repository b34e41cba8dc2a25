package cache_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// An article: 20 paragraphs of about 2 KB, out of a cache of 2,000 entries.
const (
	benchKeys    = 20
	benchEntries = 2000
)

func benchFill(b *testing.B, s cache.Store) [][]cache.Key {
	b.Helper()
	var articles [][]cache.Key
	for at := 0; at < benchEntries; at += benchKeys {
		var entries []cache.Entry
		var list []cache.Key
		for i := at; i < at+benchKeys; i++ {
			e := cache.Entry{Key: childKey(i), Value: value(i), TTL: time.Hour}
			entries, list = append(entries, e), append(list, e.Key)
		}
		set(b, s, entries...)
		articles = append(articles, list)
	}
	return articles
}

// BenchmarkGetMany reads one article from each backend, beside what the
// drivers take for the same without this package ("raw").
func BenchmarkGetMany(b *testing.B) {
	ctx := context.Background()
	run := func(name string, articles [][]cache.Key, read func(list []cache.Key) (int, error)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				found, err := read(articles[i%len(articles)])
				if err != nil || found != benchKeys {
					b.Fatalf("%d found, error %v", found, err)
				}
				i++
			}
		})
	}
	through := func(s cache.Store) func([]cache.Key) (int, error) {
		return func(list []cache.Key) (int, error) {
			got, err := s.GetMany(ctx, list)
			n := 0
			for _, v := range got {
				if v != nil {
					n++
				}
			}
			return n, err
		}
	}

	memory := cache.NewMemory(64<<20, time.Hour)
	articles := benchFill(b, memory)
	run("memory", articles, through(memory))

	client := openRedis(b, redistest.Start(b).URL())
	overRedis := cache.NewRedis(client)
	benchFill(b, overRedis)
	run("redis/raw pipeline of GETs", articles, func(list []cache.Key) (int, error) {
		pipe := client.Pipeline()
		for _, k := range list {
			pipe.Get(ctx, k.String())
		}
		replies, err := pipe.Exec(ctx)
		return len(replies), err
	})
	run("redis", articles, through(overRedis))
	run("redis/guarded", articles, through(cache.Guard(overRedis, cache.GuardOptions{Read: time.Second})))
	run("redis/tiered and guarded, all in the first level", articles,
		through(cache.NewTiered(memory, cache.Guard(overRedis, cache.GuardOptions{}))))

	db := openSQLite(b, filepath.Join(b.TempDir(), store.File))
	embedded := cache.NewSQLite(db)
	defer embedded.Close()
	benchFill(b, embedded)
	query, err := db.Prepare("SELECT value FROM cache WHERE key IN (?" + strings.Repeat(",?", benchKeys-1) + ")")
	if err != nil {
		b.Fatal(err)
	}
	defer query.Close()
	run("embedded/raw SQL", articles, func(list []cache.Key) (int, error) {
		args := make([]any, len(list))
		for i := range list {
			args[i] = list[i][:]
		}
		rows, err := query.Query(args...)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		n := 0
		for ; rows.Next(); n++ {
			var v []byte
			if err := rows.Scan(&v); err != nil {
				return n, err
			}
		}
		return n, rows.Err()
	})
	run("embedded", articles, through(embedded))
	run("embedded/guarded", articles, through(cache.Guard(embedded, cache.GuardOptions{})))

	none := make([]cache.Key, benchKeys)
	for i := range none {
		none[i] = childKey(1_000_000 + i)
	}
	b.Run("embedded/all missing", func(b *testing.B) {
		for b.Loop() {
			if _, err := embedded.GetMany(ctx, none); err != nil {
				b.Fatal(err)
			}
		}
	})
	fault := newScript()
	fault.does(broken, broken)
	down := cache.Guard(fault, cache.GuardOptions{Failures: 1, Wait: time.Hour})
	defer down.Close()
	down.GetMany(ctx, none)
	b.Run("guarded, down", func(b *testing.B) {
		for b.Loop() {
			down.GetMany(ctx, none)
		}
	})
}

// BenchmarkSetMany stores what one call to a model brings: six segments.
func BenchmarkSetMany(b *testing.B) {
	run := func(name string, s cache.Store) {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				entries := make([]cache.Entry, 6)
				for n := range entries {
					entries[n] = cache.Entry{Key: childKey(i), Value: value(i), TTL: time.Hour}
					i++
				}
				if err := s.SetMany(context.Background(), entries); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(i), "µs/entry")
		})
	}
	run("memory", cache.NewMemory(64<<20, time.Hour))
	run("redis", cache.NewRedis(openRedis(b, redistest.Start(b).URL())))
	embedded := cache.NewSQLite(openSQLite(b, filepath.Join(b.TempDir(), store.File)))
	defer embedded.Close()
	run("embedded", embedded)
}

// BenchmarkOpenSQLite opens files of several sizes, as each command does.
func BenchmarkOpenSQLite(b *testing.B) {
	for _, entries := range []int{0, 200, 20_000} {
		b.Run(fmt.Sprintf("%d entries", entries), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), store.File)
			db := openSQLite(b, path)
			s := cache.NewSQLite(db)
			for at := 0; at < entries; at += 200 {
				var batch []cache.Entry
				for i := at; i < at+200; i++ {
					batch = append(batch, cache.Entry{Key: childKey(i), Value: value(i)})
				}
				set(b, s, batch...)
			}
			s.Close()
			db.Close()
			for b.Loop() {
				db, _, err := store.OpenSQLite(path)
				if err != nil {
					b.Fatal(err)
				}
				db.Close()
			}
		})
	}
}
