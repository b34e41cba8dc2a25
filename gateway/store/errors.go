package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/redis/go-redis/v9"
)

// What a store that is alive may still refuse. [Explain] finds them behind the
// drivers' errors; test for them with [errors.Is].
var (
	// ErrFull means that nothing more can be written until room is made: the
	// disk is full, or Redis has reached maxmemory with policy noeviction.
	ErrFull = errors.New("the store is full")
	// ErrReadOnly means that reads work and writes do not: a file system or
	// file without write permission, a Redis replica, or a Redis that takes no
	// writes because its own snapshots fail (MISCONF).
	ErrReadOnly = errors.New("the store is read-only")
	// ErrBusy means that another process held the SQLite file locked for
	// longer than the caller would wait.
	ErrBusy = errors.New("the store is locked by another process")
	// ErrCorrupt means that the SQLite file is damaged or is no database.
	// [OpenSQLite] puts such a file aside.
	ErrCorrupt = errors.New("the store's file is damaged")
	// ErrDenied means that Redis wants other credentials, or that the user it
	// knows may not run the command.
	ErrDenied = errors.New("the store refuses the credentials")
	// ErrNewer means that the SQLite file was written by a newer version of
	// the program, whose schema this one does not know.
	ErrNewer = errors.New("the store was made by a newer version of dubhashi")
)

// Explain puts the sentinel that fits in front of a driver's error; an error
// that none fits, one that is explained already and nil come back as they are.
func Explain(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{ErrFull, ErrReadOnly, ErrBusy, ErrCorrupt, ErrDenied, ErrNewer} {
		if errors.Is(err, known) {
			return err
		}
	}
	kind := explainRedis(err)
	if kind == nil {
		kind = explainSQLite(err)
	}
	if kind == nil {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// explainRedis goes by the first word of the server's answer, the part of an
// error that Redis keeps stable.
func explainRedis(err error) error {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return nil
	}
	switch {
	case redis.IsOOMError(err):
		return ErrFull
	case redis.IsReadOnlyError(err), strings.HasPrefix(answer.Error(), "MISCONF"):
		return ErrReadOnly
	case redis.IsAuthError(err), redis.IsPermissionError(err):
		return ErrDenied
	}
	return nil
}

// explainSQLite follows https://sqlite.org/rescode.html.
func explainSQLite(err error) error {
	switch {
	case errors.Is(err, sqlite3.FULL):
		return ErrFull
	case errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.PERM), errors.Is(err, sqlite3.AUTH):
		return ErrReadOnly
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return ErrBusy
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB):
		return ErrCorrupt
	}
	return nil
}
