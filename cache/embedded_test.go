package cache_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/store"
)

// The test program is also the child process of the tests below.
var (
	childFile   = flag.String("cache-child-file", "", "run as a child that writes to this file")
	childFirst  = flag.Int("cache-child-first", 0, "the child's first entry")
	childRounds = flag.Int("cache-child-rounds", 0, "how many batches the child writes; 0 = until it is killed")
)

// childBatch is how many entries a child writes at once.
const childBatch = 5

func TestMain(m *testing.M) {
	flag.Parse()
	if *childFile != "" {
		if err := childWrite(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childWrite says on stdout how many entries are stored, after each batch.
func childWrite() error {
	db, moved, err := store.OpenSQLite(*childFile)
	if err != nil || moved != "" {
		return fmt.Errorf("open: %v, moved %q", err, moved)
	}
	s := cache.NewSQLite(db)
	for round := 0; *childRounds == 0 || round < *childRounds; round++ {
		var entries []cache.Entry
		for i := range childBatch {
			n := *childFirst + round*childBatch + i
			entries = append(entries, cache.Entry{Key: childKey(n), Value: value(n), TTL: time.Hour})
		}
		if err := s.SetMany(context.Background(), entries); err != nil {
			return err
		}
		fmt.Println(*childFirst + (round+1)*childBatch)
	}
	return errors.Join(s.Close(), db.Close())
}

func childKey(n int) (k cache.Key) {
	copy(k[:], fmt.Sprintf("child entry %020d", n))
	return k
}

func child(t *testing.T, file string, first, rounds int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-cache-child-file", file,
		"-cache-child-first", strconv.Itoa(first), "-cache-child-rounds", strconv.Itoa(rounds))
	cmd.Stderr = os.Stderr
	return cmd
}

func openSQLite(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, moved, err := store.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	if moved != "" {
		t.Fatalf("a damaged file was moved to %s", moved)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func wantChildren(t *testing.T, s cache.Store, first, end int) {
	t.Helper()
	var list []cache.Key
	var values [][]byte
	for n := first; n < end; n++ {
		list, values = append(list, childKey(n)), append(values, value(n))
	}
	want(t, s, list, values...)
}

// A process that is killed while it writes loses nothing that it has said is
// stored, three times over on one file.
func TestEmbeddedSurvivesKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "folder", store.File)
	first, total := 0, 0
	for life := range 3 {
		cmd := child(t, file, first, 0)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stored := first
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if stored, err = strconv.Atoi(strings.TrimSpace(lines.Text())); err != nil {
				t.Fatal(err)
			}
			// Each life ends at another place of the WAL, the last behind a checkpoint.
			if stored == first+childBatch*[]int{3, 40, 400}[life] {
				cmd.Process.Kill() // SIGKILL; what is in the pipe is still read
			}
		}
		cmd.Wait()
		if stored == first {
			t.Fatal("the child wrote nothing")
		}
		db := openSQLite(t, file)
		s := cache.NewSQLite(db)
		wantChildren(t, s, 0, stored)
		// What was not acknowledged is there whole or not at all.
		if got := get(t, s, []cache.Key{childKey(stored)}); got[0] != nil {
			wantChildren(t, s, stored, stored+childBatch)
		}
		total += stored - first
		first = stored
		s.Close()
		db.Close()
	}
	t.Logf("%d acknowledged entries were all there after 3 kills", total)
}

// A running server and the command line write to one file at once.
func TestEmbeddedSharedByProcesses(t *testing.T) {
	t.Parallel()
	const rounds = 60
	file := filepath.Join(t.TempDir(), store.File)
	children := []*exec.Cmd{child(t, file, 0, rounds), child(t, file, 10_000, rounds)}
	for _, c := range children { // before the file is made: three openers at once
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	db := openSQLite(t, file)
	s := cache.NewSQLite(db)
	t.Cleanup(func() { s.Close() })
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for r := range rounds {
				n := 20_000 + w*10_000 + r
				if err := s.SetMany(context.Background(), []cache.Entry{{Key: childKey(n), Value: value(n)}}); err != nil {
					t.Errorf("write beside two other processes: %v", err)
				}
				if _, err := s.GetMany(context.Background(), []cache.Key{childKey(n), childKey(r)}); err != nil {
					t.Errorf("read beside two other processes: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Errorf("child: %v", err)
		}
	}
	wantChildren(t, s, 0, rounds*childBatch)
	wantChildren(t, s, 10_000, 10_000+rounds*childBatch)
	wantChildren(t, s, 20_000, 20_000+rounds)
	wantChildren(t, s, 30_000, 30_000+rounds)
}

func TestEmbeddedSweep(t *testing.T) {
	t.Parallel()
	ctx, clock := context.Background(), newClock()
	db := openSQLite(t, filepath.Join(t.TempDir(), store.File))
	s := cache.NewSQLiteAt(db, clock.Now)
	t.Cleanup(func() { s.Close() })
	const short = cache.SweepBatch + 30
	var entries []cache.Entry
	for i := range short {
		entries = append(entries, cache.Entry{Key: key(t, i), Value: value(i), TTL: time.Minute})
	}
	entries = append(entries,
		cache.Entry{Key: key(t, short), Value: value(short), TTL: time.Hour},
		cache.Entry{Key: key(t, short+1), Value: value(short + 1)})
	set(t, s, entries...)

	steps := []struct {
		pass          time.Duration
		deleted, rows int
	}{
		{0, 0, short + 2},
		{time.Minute - time.Millisecond, 0, short + 2},
		{time.Millisecond, cache.SweepBatch, 32}, // a bounded batch
		{0, 30, 2},
		{0, 0, 2},
		{time.Hour, 1, 1}, // what lives for ever stays
	}
	for i, step := range steps {
		clock.Advance(step.pass)
		n, err := s.Sweep(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := db.QueryRow("SELECT count(*) FROM cache").Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if n != step.deleted || rows != step.rows {
			t.Errorf("step %d: %d deleted, %d left; want %d and %d", i, n, rows, step.deleted, step.rows)
		}
	}
	var plan string
	if err := db.QueryRow(`EXPLAIN QUERY PLAN SELECT rowid FROM cache WHERE expires > 0 AND expires <= 5 LIMIT 9`).
		Scan(new(int), new(int), new(int), &plan); err != nil || !strings.Contains(plan, "cache_expires") {
		t.Errorf("the sweeper does not use the index: %q, %v", plan, err)
	}
}

// The sweeper works by itself, in fake time, and ends with Close.
func TestEmbeddedSweepsInTheBackground(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), store.File)
	synctest.Test(t, func(t *testing.T) {
		db, _, err := store.OpenSQLite(file)
		if err != nil {
			t.Fatal(err)
		}
		s := cache.NewSQLiteSweeping(db, time.Now, time.Minute)
		var entries []cache.Entry
		for i := range 2*cache.SweepBatch + 10 {
			entries = append(entries, cache.Entry{Key: key(t, i), Value: value(i), TTL: time.Second})
		}
		set(t, s, append(entries, entry(t, 9999))...)
		time.Sleep(2 * time.Minute) // a sweep comes after half to one and a half of its time
		var rows int
		if err := db.QueryRow("SELECT count(*) FROM cache").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows left, error %v; want 1", rows, err)
		}
		if err := errors.Join(s.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestEmbeddedFailures(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	open := func(t *testing.T) (*sql.DB, *cache.SQLite, string) {
		file := filepath.Join(t.TempDir(), store.File)
		db := openSQLite(t, file)
		s := cache.NewSQLiteAt(db, time.Now)
		t.Cleanup(func() { s.Close() })
		set(t, s, entry(t, 1))
		return db, s, file
	}
	exec := func(t *testing.T, db *sql.DB, query string) {
		t.Helper()
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a full disk", func(t *testing.T) {
		t.Parallel()
		db, s, _ := open(t)
		db.SetMaxOpenConns(1) // the pragma holds for one connection
		exec(t, db, "PRAGMA max_page_count = 20")
		big := make([]byte, 200_000)
		if err := s.SetMany(ctx, []cache.Entry{entry(t, 2), {Key: key(t, 3), Value: big}}); !errors.Is(err, store.ErrFull) {
			t.Errorf("error %v, want ErrFull", err)
		}
		want(t, s, keys(t, 1, 2, 3), value(1), nil, nil) // nothing half done
		exec(t, db, "PRAGMA max_page_count = 20000")
		set(t, s, entry(t, 2))
		want(t, s, keys(t, 1, 2), value(1), value(2))
	})
	t.Run("a read-only database", func(t *testing.T) {
		t.Parallel()
		db, s, _ := open(t)
		db.SetMaxOpenConns(1)
		exec(t, db, "PRAGMA query_only = on")
		if err := s.SetMany(ctx, []cache.Entry{entry(t, 2)}); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("error %v, want ErrReadOnly", err)
		}
		want(t, s, keys(t, 1), value(1))
	})
	t.Run("another process holds the lock", func(t *testing.T) {
		t.Parallel()
		_, s, file := open(t)
		other := openSQLite(t, file)
		tx, err := other.Begin()
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(ctx, 60*time.Millisecond)
		defer cancel()
		started := time.Now()
		err = s.SetMany(short, []cache.Entry{entry(t, 2)})
		if took := time.Since(started); !errors.Is(err, store.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) || took > time.Second {
			t.Errorf("after %v: error %v, want ErrBusy and DeadlineExceeded", took, err)
		}
		want(t, s, keys(t, 1, 2), value(1), nil) // reads do not wait
		tx.Rollback()
		set(t, s, entry(t, 2))
		want(t, s, keys(t, 2), value(2))
	})
	t.Run("a file damaged while it is open", func(t *testing.T) {
		t.Parallel()
		db, s, file := open(t)
		var entries []cache.Entry
		for i := range 2000 {
			entries = append(entries, entry(t, i))
		}
		set(t, s, entries...)
		exec(t, db, "PRAGMA wal_checkpoint(TRUNCATE)")
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		info, _ := f.Stat()
		page := make([]byte, 4096)
		for i := range page {
			page[i] = 0xd5
		}
		for at := int64(5 * 4096); at < info.Size(); at += 4096 {
			f.WriteAt(page, at)
		}
		f.Close()
		if _, err := s.GetMany(ctx, keys(t, 1, 700, 1999)); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("error %v, want ErrCorrupt", err)
		}
		s.Close()
		db.Close()
		// The file is too large to be checked at every start; the reader's mark
		// has it checked at this one.
		db, moved, err := store.OpenSQLite(file)
		if err != nil || moved == "" {
			t.Fatalf("moved to %q, error %v", moved, err)
		}
		defer db.Close()
		fresh := cache.NewSQLiteAt(db, time.Now)
		defer fresh.Close()
		want(t, fresh, keys(t, 1), nil)
		set(t, fresh, entry(t, 1))
	})
	t.Run("a database that is closed first", func(t *testing.T) {
		t.Parallel()
		db, s, _ := open(t)
		db.Close()
		if _, err := s.GetMany(ctx, keys(t, 1)); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("GetMany: error %v, want ErrClosed", err)
		}
		if err := s.SetMany(ctx, []cache.Entry{entry(t, 1)}); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("SetMany: error %v, want ErrClosed", err)
		}
	})
}
