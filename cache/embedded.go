package cache

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dubhashi/gateway/store"
)

const (
	sweepEvery = 10 * time.Minute
	sweepBatch = 100                    // rows deleted in one transaction, some 10 ms
	sweepPause = 100 * time.Millisecond // between two transactions, so that writers get their turn
)

// chunks are the numbers of keys that one SELECT asks for. A statement is
// prepared for each; the last places of one that is not full repeat a key.
var chunks = [...]int{1, 4, 8, 16, 24, 32, 48, 64, 96, 128}

// SQLite is a [Store] in the database of [store.OpenSQLite], which survives
// kill -9 and is shared with other processes. What has expired is not read,
// and is deleted bit by bit in the background.
//
// Values are stored as they are: zstd would make 2 KB of Hindi 2.7 times
// smaller, and decoding 20 of them would take half as long again as reading
// them.
type SQLite struct {
	db    *sql.DB
	now   func() time.Time
	write chan struct{} // one writer at a time in this process: waiting here is fairer and cheaper than SQLite's busy loop

	mu      sync.Mutex // guards the statements
	selects [len(chunks)]*sql.Stmt
	upsert  *sql.Stmt

	marked atomic.Bool // damage was met and noted
	closed atomic.Bool
	stop   context.CancelFunc
	swept  chan struct{}
}

// NewSQLite returns a store over a database that [store.OpenSQLite] opened,
// and starts its sweeper. The database stays the caller's to close, after the
// store.
func NewSQLite(db *sql.DB) *SQLite { return newSQLite(db, time.Now, sweepEvery) }

func newSQLite(db *sql.DB, now func() time.Time, every time.Duration) *SQLite {
	s := &SQLite{db: db, now: now, write: make(chan struct{}, 1), swept: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go s.sweepAlways(ctx, every)
	return s
}

// GetMany implements [Store] with one statement for up to 128 keys.
func (s *SQLite) GetMany(ctx context.Context, keys []Key) ([][]byte, error) {
	values := make([][]byte, len(keys))
	if err := s.ready(ctx); err != nil || len(keys) == 0 {
		return values, err
	}
	found := make(map[Key][]byte, len(keys))
	var failed error
	for rest := keys; len(rest) > 0 && failed == nil; {
		n := min(len(rest), chunks[len(chunks)-1])
		failed = s.selectSome(ctx, rest[:n], found)
		rest = rest[n:]
	}
	for i, k := range keys {
		values[i] = found[k]
	}
	return values, s.explain(ctx, failed)
}

func (s *SQLite) selectSome(ctx context.Context, keys []Key, found map[Key][]byte) error {
	size := 0
	for chunks[size] < len(keys) {
		size++
	}
	query, err := s.prepared(ctx, &s.selects[size], func() string {
		return "SELECT key, value FROM cache WHERE key IN (?" + strings.Repeat(",?", chunks[size]-1) +
			") AND (expires = 0 OR expires > ?)"
	})
	if err != nil {
		return err
	}
	args := make([]any, 0, chunks[size]+1)
	for i := range chunks[size] {
		args = append(args, keys[min(i, len(keys)-1)][:])
	}
	rows, err := query.QueryContext(ctx, append(args, s.now().UnixMilli())...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key sql.RawBytes
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return err
		}
		if len(key) != len(Key{}) {
			continue
		}
		if value == nil {
			value = []byte{}
		}
		found[Key(key)] = value
	}
	return rows.Err()
}

// SetMany implements [Store] with one transaction. When the disk is full,
// read-only or locked for longer than ctx allows, the error is
// [store.ErrFull], [store.ErrReadOnly] or [store.ErrBusy] and nothing is
// stored.
func (s *SQLite) SetMany(ctx context.Context, entries []Entry) error {
	if err := s.ready(ctx); err != nil || len(entries) == 0 {
		return err
	}
	free, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer free()
	return s.explain(ctx, s.insert(ctx, entries))
}

func (s *SQLite) insert(ctx context.Context, entries []Entry) error {
	upsert, err := s.prepared(ctx, &s.upsert, func() string {
		return `INSERT INTO cache (key, value, expires) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires`
	})
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	upsert = tx.StmtContext(ctx, upsert)
	now := s.now()
	for _, e := range entries {
		if e.TTL < 0 {
			continue
		}
		var expires int64
		if e.TTL > 0 {
			expires = now.Add(e.TTL).UnixMilli()
		}
		value := e.Value
		if value == nil {
			value = []byte{}
		}
		if _, err := upsert.ExecContext(ctx, e.Key[:], value, expires); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Close implements [Store]; the database stays open.
func (s *SQLite) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.stop()
	<-s.swept
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for _, stmt := range append(s.selects[:], s.upsert) {
		if stmt != nil {
			failed = errors.Join(failed, stmt.Close())
		}
	}
	return failed
}

// budget implements patient: a cold disk may need a while to find what would
// cost seconds and money to make anew, and a write waits for the writers of
// other processes.
func (s *SQLite) budget() (read, write time.Duration) { return 500 * time.Millisecond, 2 * time.Second }

// prepared returns *stmt and prepares it first when nobody has.
func (s *SQLite) prepared(ctx context.Context, stmt **sql.Stmt, query func() string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *stmt == nil && !s.closed.Load() {
		made, err := s.db.PrepareContext(ctx, query())
		if err != nil {
			return nil, err
		}
		*stmt = made
	}
	if s.closed.Load() {
		return nil, ErrClosed
	}
	return *stmt, nil
}

// lock waits for the turn to write.
func (s *SQLite) lock(ctx context.Context) (free func(), err error) {
	select {
	case s.write <- struct{}{}:
		return func() { <-s.write }, nil
	case <-ctx.Done():
		return nil, errors.Join(store.ErrBusy, ctx.Err())
	}
}

func (s *SQLite) ready(ctx context.Context) error {
	if s.closed.Load() {
		return ErrClosed
	}
	return ctx.Err()
}

func (s *SQLite) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if s.closed.Load() || err.Error() == "sql: database is closed" { // database/sql exports no value for it
		return errors.Join(ErrClosed, err)
	}
	err = store.Explain(err)
	if errors.Is(err, store.ErrCorrupt) && !s.marked.Swap(true) {
		// Best effort: without the mark the next start checks small files only.
		_ = store.MarkDamaged(context.WithoutCancel(ctx), s.db)
	}
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

// sweepAlways deletes what has expired, at times that differ from process to
// process, until ctx ends.
func (s *SQLite) sweepAlways(ctx context.Context, every time.Duration) {
	defer close(s.swept)
	for {
		select {
		case <-time.After(every/2 + rand.N(every)):
		case <-ctx.Done():
			return
		}
		for {
			n, err := s.sweep(ctx)
			if n < sweepBatch || err != nil {
				break // an error is met again in the next round; reads do not suffer
			}
			select {
			case <-time.After(sweepPause):
			case <-ctx.Done():
				return
			}
		}
	}
}

// sweep deletes at most sweepBatch expired rows and says how many.
func (s *SQLite) sweep(ctx context.Context) (int, error) {
	free, err := s.lock(ctx)
	if err != nil {
		return 0, err
	}
	defer free()
	result, err := s.db.ExecContext(ctx, `DELETE FROM cache WHERE rowid IN
		(SELECT rowid FROM cache WHERE expires > 0 AND expires <= ? LIMIT ?)`, s.now().UnixMilli(), sweepBatch)
	if err != nil {
		return 0, s.explain(ctx, err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}
