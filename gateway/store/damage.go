package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// moveWait is how long one process waits for another that is putting the same
// damaged file aside, and the age from which a forgotten lock is ignored.
const moveWait = 10 * time.Second

func markOf(path string) string { return path + ".damaged" }

// MarkDamaged notes beside the file of db that a reader met [ErrCorrupt], so
// that the next [OpenSQLite] checks the whole file, whatever its size, and
// puts it aside if it is damaged.
func MarkDamaged(ctx context.Context, db *sql.DB) error {
	var path string
	err := db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	if err != nil {
		return Explain(err)
	}
	if path == "" {
		return errors.New("store: the database has no file")
	}
	return os.WriteFile(markOf(path), nil, 0o600)
}

// moveAside renames a damaged database with its companions and returns its new
// name. A lock file keeps two processes from renaming each other's new file:
// who gets the lock second finds the file sound (or gone) and moves nothing.
func moveAside(path string) (moved string, err error) {
	lock := path + ".moving"
	free, err := takeLock(lock)
	if err != nil {
		return "", fmt.Errorf("putting the damaged file aside: %w", err)
	}
	defer free()

	if err := prepareFile(path); err != nil {
		return "", err
	}
	if db, err := openChecked(path); err == nil {
		db.Close()
		return "", nil
	} else if !errors.Is(err, ErrCorrupt) {
		return "", err
	}
	moved = path + ".corrupt-" + time.Now().UTC().Format("20060102T150405.000Z")
	// The log and its index go first: a new database must not find them.
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+suffix, moved+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("putting the damaged file aside: %w", readOnly(err))
		}
	}
	if err := os.Remove(markOf(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	// The new file is made under the lock, so that the next holder finds it sound.
	if err := prepareFile(path); err != nil {
		return "", err
	}
	db, err := openChecked(path)
	if err != nil {
		return "", err
	}
	return moved, db.Close()
}

// takeLock makes the file name, which exists only while the lock is held.
func takeLock(name string) (free func(), err error) {
	for started := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			f.Close()
			return func() { os.Remove(name) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, readOnly(err)
		}
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > moveWait {
			os.Remove(name) // its holder was killed
			continue
		}
		if time.Since(started) > moveWait {
			return nil, ErrBusy
		}
	}
}
