package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// File is the usual name of the SQLite file in the data folder.
const File = "dubhashi.db"

// pragmas hold for each connection, in this order: what waits for locks comes
// first, because switching to WAL takes one. Sources: https://sqlite.org/wal.html
// and https://sqlite.org/pragma.html.
var pragmas = []string{
	"busy_timeout(5000)",           // ms; a caller's context ends the wait earlier
	"journal_mode(WAL)",            // readers and one writer at once, across processes
	"synchronous(NORMAL)",          // survives kill -9; a power cut may cost the last commits, never the file
	"cache_size(-4000)",            // KiB a connection
	"journal_size_limit(16777216)", // bytes the WAL keeps after a checkpoint
	"temp_store(MEMORY)",
	"foreign_keys(ON)",
}

const (
	// openPatience bounds opening: the lock for the schema, and the wait for
	// another process that is making the file.
	openPatience = 10 * time.Second
	// fullCheck is the size in bytes up to which the whole file is checked when
	// it is opened (about 5 ms). A larger one is checked when a reader has met
	// damage and said so with [MarkDamaged].
	fullCheck = 1 << 20
)

// OpenSQLite opens the database at path, and makes it when there is none: the
// folder with mode 0700, the file with 0600. Several processes may have it
// open. A file that is damaged, or is no database, is renamed (with its -wal
// and -shm) to path.corrupt-TIME and a new one is made; moved is then the new
// name of the old file, which is worth a warning, and "" otherwise.
//
// The errors are [ErrNewer], [ErrReadOnly], [ErrFull] and [ErrBusy], or the
// operating system's, and name the path.
func OpenSQLite(path string) (db *sql.DB, moved string, err error) {
	path, err = filepath.Abs(path)
	if err == nil {
		err = prepareFile(path)
	}
	if err == nil {
		db, err = openChecked(path)
	}
	if errors.Is(err, ErrCorrupt) {
		if moved, err = moveAside(path); err == nil {
			db, err = openChecked(path)
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("store %s: %w", path, err)
	}
	return db, moved, nil
}

// prepareFile makes the folder and an empty file, so that neither is readable
// by others: what the cache holds may not be published yet.
func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return readOnly(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return readOnly(err)
	}
	return f.Close()
}

// readOnly names the errors of the operating system that mean ErrReadOnly.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnlyFS(err) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

func openChecked(path string) (*sql.DB, error) {
	db, err := driver.Open(dsn(path))
	if err != nil {
		return nil, Explain(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), openPatience)
	defer cancel()
	if err = settle(ctx, db, path); err != nil {
		db.Close()
		return nil, Explain(err)
	}
	// Each connection is a SQLite of its own with its own page cache; reads
	// take turns beyond this number, which is as fast and takes less memory.
	db.SetMaxOpenConns(min(max(4, 2*runtime.GOMAXPROCS(0)), 16))
	db.SetMaxIdleConns(4)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

func dsn(path string) string {
	slashed := filepath.ToSlash(path)
	if slashed[0] != '/' { // a drive letter
		slashed = "/" + slashed
	}
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": pragmas,
		"modeof":  {path}, // -wal and -shm are as private as the file
	}
	query := strings.ReplaceAll(q.Encode(), "+", "%20") // SQLite knows + as itself only
	return (&url.URL{Scheme: "file", Path: slashed, OmitHost: true, RawQuery: query}).String()
}

// settle waits for the first connection, checks the file and brings the schema
// up to date.
func settle(ctx context.Context, db *sql.DB, path string) error {
	for {
		// Two processes that make the same file at once: one of them is told
		// BUSY at once, without the busy timeout, by the switch to WAL.
		err := db.PingContext(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, sqlite3.BUSY) || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if err := check(ctx, db, path); err != nil {
		return err
	}
	return migrate(ctx, db)
}

// check reads the whole file when it is small or marked as damaged.
func check(ctx context.Context, db *sql.DB, path string) error {
	_, err := os.Stat(markOf(path))
	marked := err == nil
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !marked && info.Size() > fullCheck {
		return nil
	}
	if marked {
		ctx = context.WithoutCancel(ctx) // takes a second for each few hundred MB
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, verdict)
	}
	if marked {
		return os.Remove(markOf(path))
	}
	return nil
}
