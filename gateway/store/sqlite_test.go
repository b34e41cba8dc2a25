package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway/store"
)

func open(t *testing.T, path string) *sql.DB {
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

func put(t *testing.T, db *sql.DB, n int) {
	t.Helper()
	if _, err := db.Exec("INSERT INTO cache (key, value, expires) VALUES (?, ?, 0)", []byte(strconv.Itoa(n)), make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, db *sql.DB, n int) {
	t.Helper()
	_, err := db.Exec(`WITH RECURSIVE counter (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counter WHERE i + 1 < ?1)
		INSERT INTO cache (key, value, expires) SELECT cast(i AS BLOB), zeroblob(1000), 0 FROM counter WHERE i < ?1`, n)
	if err != nil {
		t.Fatal(err)
	}
}

func rows(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT count(*) FROM cache").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOpenSQLite(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain", "with space", "per%41cent", "q?mark#hash", "देवनागरी", "amp&_pragma=x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && strings.ContainsAny(name, "?") {
				t.Skip("no such name on Windows")
			}
			folder := filepath.Join(t.TempDir(), "a", name)
			path := filepath.Join(folder, name+".db")
			db := open(t, path)
			put(t, db, 1)
			for p, mode := range map[string]os.FileMode{folder: 0o700, path: 0o600, path + "-wal": 0o600} {
				if info, err := os.Stat(p); err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != mode) {
					t.Errorf("%s: %v, error %v; want mode %v", p, info, err, mode)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if n := rows(t, open(t, path)); n != 1 {
				t.Errorf("%d rows after opening again, want 1", n)
			}
		})
	}
}

// Every connection has the settings, not only the first.
func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), store.File))
	want := map[string]string{
		"journal_mode": "wal", "busy_timeout": "5000", "synchronous": "1", "cache_size": "-4000",
		"user_version": "5", "foreign_keys": "1",
	}
	for i := range 3 {
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for name, value := range want {
			var got string
			if err := conn.QueryRowContext(context.Background(), "PRAGMA "+name).Scan(&got); err != nil || got != value {
				t.Errorf("connection %d: %s is %q, want %q; error %v", i, name, got, value, err)
			}
		}
	}
}

func TestSQLiteOfANewerVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), store.File)
	db := open(t, path)
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, moved, err := store.OpenSQLite(path); !errors.Is(err, store.ErrNewer) || moved != "" || !strings.Contains(err.Error(), path) {
		t.Errorf("moved to %q, error %v; want ErrNewer with the path", moved, err)
	}
}

func TestSQLiteDamage(t *testing.T) {
	t.Parallel()
	overwrite := func(at int64, n int) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt(bytes.Repeat([]byte{0xd5}, n), at); err != nil {
				t.Fatal(err)
			}
		}
	}
	damages := []struct {
		name string
		fill int // rows of 1 KB
		do   func(t *testing.T, path string)
		kept bool // no damage: nothing is moved
	}{
		{"none", 100, func(*testing.T, string) {}, true},
		{"an empty file", 0, func(t *testing.T, path string) {
			for _, p := range []string{path, path + "-wal", path + "-shm"} {
				os.Remove(p)
			}
			os.WriteFile(path, nil, 0o600)
		}, true},
		{"a file of another kind", 0, func(t *testing.T, path string) {
			os.WriteFile(path, bytes.Repeat([]byte("this is no database\n"), 500), 0o600)
		}, false},
		{"a short file of another kind", 0, func(t *testing.T, path string) {
			os.WriteFile(path, []byte("x"), 0o600)
		}, false},
		{"the header", 100, overwrite(0, 100), false},
		{"the schema", 100, overwrite(100, 3900), false},
		{"a page in the middle", 100, overwrite(10*4096, 4096), false},
		{"cut short", 2000, func(t *testing.T, path string) { os.Truncate(path, 50*4096) }, false},
		{"a large file with a reader's mark", 2000, func(t *testing.T, path string) {
			db := open(t, path)
			if err := store.MarkDamaged(context.Background(), db); err != nil {
				t.Fatal(err)
			}
			db.Close()
			overwrite(60*4096, 4096)(t, path)
		}, false},
		{"a mark alone", 2000, func(t *testing.T, path string) {
			db := open(t, path)
			store.MarkDamaged(context.Background(), db)
			db.Close()
		}, true},
	}
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), store.File)
			db := open(t, path)
			fill(t, db, d.fill)
			if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				t.Fatal(err)
			}
			db.Close()
			d.do(t, path)

			db, moved, err := store.OpenSQLite(path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if d.kept {
				if moved != "" || rows(t, db) != d.fill {
					t.Errorf("moved to %q, %d rows left of %d", moved, rows(t, db), d.fill)
				}
			} else {
				if !strings.HasPrefix(moved, path+".corrupt-") {
					t.Fatalf("moved to %q", moved)
				}
				if _, err := os.Stat(moved); err != nil {
					t.Error(err)
				}
				if n := rows(t, db); n != 0 {
					t.Errorf("%d rows in the new file", n)
				}
			}
			put(t, db, 10_000)
			db.Close()
			if again, moved, err := store.OpenSQLite(path); err != nil || moved != "" {
				t.Errorf("opened again: moved to %q, error %v", moved, err)
			} else {
				again.Close()
			}
			for _, left := range []string{".moving", ".damaged"} {
				if _, err := os.Stat(path + left); err == nil {
					t.Errorf("%s%s was left behind", path, left)
				}
			}
		})
	}
}

// Many openers of one damaged file: one moves it, all get the same new one.
func TestSQLiteDamageMovedOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, store.File)
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			db, _, err := store.OpenSQLite(path)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if _, err := db.Exec("INSERT INTO cache (key, value, expires) VALUES (?, '', 0)", []byte{byte(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	moved, err := filepath.Glob(path + ".corrupt-*")
	if err != nil || len(moved) != 1 {
		t.Errorf("moved to %q", moved)
	}
	if n := rows(t, open(t, path)); n != 6 {
		t.Errorf("%d of 6 rows in the new file", n)
	}
}

// A lock that a killed process left behind does not last.
func TestSQLiteForgottenLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), store.File)
	os.WriteFile(path, bytes.Repeat([]byte("no database\n"), 1000), 0o600)
	os.WriteFile(path+".moving", nil, 0o600)
	old := time.Now().Add(-time.Minute)
	os.Chtimes(path+".moving", old, old)
	db, moved, err := store.OpenSQLite(path)
	if err != nil || moved == "" {
		t.Fatalf("moved to %q, error %v", moved, err)
	}
	db.Close()
}

func TestOpenSQLiteErrors(t *testing.T) {
	t.Parallel()
	t.Run("the folder is a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		os.WriteFile(file, nil, 0o600)
		path := filepath.Join(file, store.File)
		if _, _, err := store.OpenSQLite(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v does not name the path", err)
		}
	})
	t.Run("the file is a folder", func(t *testing.T) {
		t.Parallel()
		if _, _, err := store.OpenSQLite(t.TempDir()); err == nil {
			t.Error("no error")
		}
	})
	t.Run("nothing may be written", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		if err := os.Chmod(folder, 0o500); err != nil {
			t.Fatal(err)
		}
		if f, err := os.Create(filepath.Join(folder, "x")); err == nil {
			f.Close()
			t.Skip("this user may write anywhere")
		}
		if _, _, err := store.OpenSQLite(filepath.Join(folder, store.File)); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("error %v, want ErrReadOnly", err)
		}
	})
}
