package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

const (
	kvSweepEvery = 5 * time.Minute
	kvSweepBatch = 20                     // records deleted in one transaction: some may be of 10 MiB
	kvSweepPause = 100 * time.Millisecond // so that writers get their turn
	kvPage       = 1 << 20                // bytes: a page of a list ends with the record that reaches it
)

// KV keeps records in the database of [OpenSQLite]: glossaries, idempotent
// answers and the like, some bytes to some megabytes each. A space is a list
// of its own, an id stands in it once. What has expired is not found any more
// and is deleted in the background within minutes. [RedisKV] is the same in
// Redis. Both are safe for concurrent use, also by several processes.
//
// Errors are those that [Explain] knows, the driver's, or ctx's.
type KV struct {
	db     *sql.DB
	now    func() time.Time
	stop   func()
	bounds Bounds
}

// NewKV keeps records in db, which stays the caller's to close, after the KV.
func NewKV(db *sql.DB) *KV { return newKV(db, time.Now, kvSweepEvery) }

func newKV(db *sql.DB, now func() time.Time, every time.Duration) *KV {
	k := &KV{db: db, now: now}
	k.stop = background(every, k.sweep)
	return k
}

// Within is the same records with bounds: a Put that would pass one is refused
// with a [*NoRoomError]. What is put without them counts too. Only k is closed.
func (k *KV) Within(b Bounds) *KV {
	within := *k
	within.bounds, within.stop = b, func() {}
	return &within
}

// Close ends the sweeper; the database stays open.
func (k *KV) Close() error {
	k.stop()
	return nil
}

// Get gives a record and its version, which is 1 or more; nil and 0 when there
// is none.
func (k *KV) Get(ctx context.Context, space, id string) (value []byte, version int64, err error) {
	err = k.db.QueryRowContext(ctx, `SELECT value, version FROM kv WHERE space = ? AND id = ? AND (expires = 0 OR expires > ?)`,
		space, id, k.now().UnixMilli()).Scan(&value, &version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, 0, nil
	case err != nil:
		return nil, 0, explainCtx(ctx, err)
	case value == nil:
		value = []byte{}
	}
	return value, version, nil
}

// Put stores a record for ttl (0: for ever) if its version is still the one
// given: 0 that there is none, -1 any. false: it is another one. A record's
// versions grow and never come again, not even when it is deleted and made
// anew. What is stored again keeps its place in the list.
func (k *KV) Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	tx, err := k.db.BeginTx(ctx, nil)
	if err != nil {
		return false, explainCtx(ctx, err)
	}
	defer tx.Rollback()
	done, err := k.put(ctx, tx, space, id, value, ttl, version)
	if err != nil || !done {
		return false, explainCtx(ctx, err)
	}
	if err := tx.Commit(); err != nil {
		return false, explainCtx(ctx, err)
	}
	return true, nil
}

func (k *KV) put(ctx context.Context, tx *sql.Tx, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	now := k.now()
	var old, created, newest int64
	err := tx.QueryRowContext(ctx, `SELECT version, created FROM kv WHERE space = ? AND id = ? AND (expires = 0 OR expires > ?)`,
		space, id, now.UnixMilli()).Scan(&old, &created)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if version >= 0 && version != old {
		return false, nil
	}
	if old == 0 {
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(created), 0) FROM kv WHERE space = ?`, space).Scan(&newest); err != nil {
			return false, err
		}
		created = max(now.UnixMicro(), newest+1)
	}
	var expires int64
	if ttl > 0 {
		expires = now.Add(max(ttl, time.Millisecond)).UnixMilli()
	}
	if value == nil {
		value = []byte{}
	}
	if err := k.room(ctx, tx, space, id, len(value), old != 0); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO kv (space, id, version, created, expires, value) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (space, id) DO UPDATE SET version = excluded.version, created = excluded.created, expires = excluded.expires, value = excluded.value`,
		space, id, max(now.UnixMicro(), old+1), created, expires, value)
	return err == nil, err
}

// room gives a [*NoRoomError] unless a record of so many bytes may take its place.
func (k *KV) room(ctx context.Context, tx *sql.Tx, space, id string, bytes int, grows bool) error {
	all, each, bounded := k.bounds.of(space)
	if !bounded {
		return nil
	}
	if grows {
		all, each = all.grown(), each.grown()
	}
	var was int64
	more := Bound{int64(bytes), 1}
	switch err := tx.QueryRowContext(ctx, `SELECT length(value) FROM kv WHERE space = ? AND id = ?`, space, id).Scan(&was); {
	case err == nil:
		more = Bound{int64(bytes) - was, 0}
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	for _, part := range []struct {
		name string
		most Bound
	}{{family(space), all}, {holder(space), each}} {
		var there Bound
		// The sign after the slash is 0.
		err := tx.QueryRowContext(ctx, `SELECT coalesce(sum(bytes), 0), coalesce(sum(records), 0) FROM kv_sizes
			WHERE space = ?1 OR space > ?1 || '/' AND space < ?1 || '0'`, part.name).Scan(&there.Bytes, &there.Records)
		if err != nil {
			return err
		}
		if !part.most.takes(there, more) {
			return &NoRoomError{space}
		}
	}
	return nil
}

// Delete removes a record and tells whether there was one.
func (k *KV) Delete(ctx context.Context, space, id string) (bool, error) {
	result, err := k.db.ExecContext(ctx, `DELETE FROM kv WHERE space = ? AND id = ? AND (expires = 0 OR expires > ?)`, space, id, k.now().UnixMilli())
	if err != nil {
		return false, explainCtx(ctx, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// List gives at most limit ids and records of a space, the newest first, from
// behind the cursor ("" = the start); next is "" at the end. A page ends early
// when it holds a mebibyte. A cursor holds its place while records come and
// go; one that is none of List's begins at the start.
func (k *KV) List(ctx context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error) {
	rows, err := k.db.QueryContext(ctx, `SELECT id, created, value FROM kv WHERE space = ? AND created < ? AND (expires = 0 OR expires > ?)
		ORDER BY created DESC LIMIT ?`, space, before(cursor), k.now().UnixMilli(), limit+1)
	if err != nil {
		return nil, nil, "", explainCtx(ctx, err)
	}
	defer rows.Close()
	var last int64
	for size := 0; rows.Next(); {
		var id string
		var created int64
		var value sql.RawBytes
		if err := rows.Scan(&id, &created, &value); err != nil {
			return nil, nil, "", explainCtx(ctx, err)
		}
		if len(ids) == limit || size >= kvPage {
			next = strconv.FormatInt(last, 36)
			break
		}
		ids, values, last = append(ids, id), append(values, append([]byte{}, value...)), created
		size += len(value)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, "", explainCtx(ctx, err)
	}
	return ids, values, next, nil
}

// before is the time of creation that a cursor stands for.
func before(cursor string) int64 {
	n, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || n <= 0 {
		return 1 << 53 // later than any, and exact as a sorted set's score
	}
	return n
}

// sweep deletes what has expired.
func (k *KV) sweep(ctx context.Context) {
	for {
		result, err := k.db.ExecContext(ctx, `DELETE FROM kv WHERE rowid IN
			(SELECT rowid FROM kv WHERE expires > 0 AND expires <= ? LIMIT ?)`, k.now().UnixMilli(), kvSweepBatch)
		if err != nil {
			return // it is met again in the next round
		}
		if n, err := result.RowsAffected(); n < kvSweepBatch || err != nil {
			return
		}
		select {
		case <-time.After(kvSweepPause):
		case <-ctx.Done():
			return
		}
	}
}

// explainCtx is Explain for an error that may be ctx's end in the driver's
// words: a socket's timeout comes a moment before the deadline it was made of.
func explainCtx(ctx context.Context, err error) error {
	var network net.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return errors.Join(ctx.Err(), err)
	case errors.As(err, &network) && network.Timeout() && !errors.Is(err, context.DeadlineExceeded):
		return errors.Join(context.DeadlineExceeded, err)
	}
	return Explain(err)
}

// background runs work about every so often, at times that differ from process
// to process, until stop is called, which waits for the one at work.
func background(every time.Duration, work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-time.After(every/2 + rand.N(every)):
				work(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-ended }
}
