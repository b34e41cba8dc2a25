package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// The window of Allow is a minute in buckets of half a second. An event counts
// until the whole of its bucket is a minute old: half a second too long at
// worst, which is 0.8 % of the rate, and never too short.
const (
	rateBucket = 500 * time.Millisecond
	rateSpan   = 120 // buckets a minute; the one that is filling comes on top
)

const (
	daySeconds    = 24 * 60 * 60
	rateSweep     = time.Minute
	countSweep    = time.Hour
	countPatience = 2 * time.Second // waiting for other writers
	countBatch    = 1000            // rows deleted in one transaction
)

// Counter counts what callers do, in the database of [OpenSQLite]: events in
// the last minute, and named numbers a day. Each call is one transaction, so
// that a limit holds over all processes that share the file. [RedisCounter] is
// the same in Redis. Both are safe for concurrent use and hold, for one caller,
// some 120 numbers for the minute and the named ones for each day kept,
// whatever the limits are.
type Counter struct {
	db    *sql.DB
	days  int
	now   func() time.Time
	write chan struct{} // one writer at a time in this process: fairer and cheaper than SQLite's busy loop
	stop  func()

	allow, window, numbers, add statement
}

// NewCounter counts in db, which stays the caller's to close, after the Counter.
// A day's numbers are kept for so many days, today included.
func NewCounter(db *sql.DB, days int) *Counter {
	return newCounter(db, days, time.Now, rateSweep, countSweep)
}

func newCounter(db *sql.DB, days int, now func() time.Time, rates, counts time.Duration) *Counter {
	c := &Counter{
		db: db, days: days, now: now, write: make(chan struct{}, 1),
		allow: statement{query: `INSERT INTO rates (who, bucket, n) SELECT ?1, ?2, 1
			WHERE (SELECT coalesce(sum(n), 0) FROM rates WHERE who = ?1 AND bucket BETWEEN ?3 AND ?4) < ?5
			ON CONFLICT (who, bucket) DO UPDATE SET n = n + 1`},
		window:  statement{query: `SELECT bucket, n FROM rates WHERE who = ? AND bucket BETWEEN ? AND ? ORDER BY bucket`},
		numbers: statement{query: `SELECT day, name, n FROM counts WHERE who = ? AND day BETWEEN ? AND ?`},
		add: statement{query: `INSERT INTO counts (who, day, name, n) VALUES (?1, ?2, ?3, max(?4, 0))
			ON CONFLICT (who, day, name) DO UPDATE SET n = max(n + ?4, 0)`},
	}
	stopRates, stopCounts := background(rates, c.sweepRates), background(counts, c.sweepCounts)
	c.stop = func() { stopRates(); stopCounts() }
	return c
}

// Close ends the sweepers; the database stays open.
func (c *Counter) Close() error {
	c.stop()
	return errors.Join(c.allow.close(), c.window.close(), c.numbers.close(), c.add.close())
}

// Allow counts an event of who unless there are limit of them in the last
// minute: never are more than limit allowed in any minute. left is how many
// more would be allowed now, -1 when this one is not. reset is when left grows,
// or when the next event is allowed.
func (c *Counter) Allow(ctx context.Context, who string, limit int) (left int, reset time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, countPatience)
	defer cancel()
	free, err := c.lock(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer free()
	now := c.now()
	bucket := now.UnixMilli() / rateBucket.Milliseconds()
	// What lies further ahead than a minute is of a clock that has gone back.
	from, to := bucket-rateSpan, bucket+rateSpan
	insert, err := c.allow.prepared(ctx, c.db)
	if err != nil {
		return 0, 0, explainCtx(ctx, err)
	}
	result, err := insert.ExecContext(ctx, who, bucket, from, to, limit)
	if err != nil {
		return 0, 0, explainCtx(ctx, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, 0, err
	}
	w, err := c.lastMinute(ctx, who, from, to)
	if err != nil {
		return 0, 0, explainCtx(ctx, err)
	}
	if n == 0 {
		return -1, w.free(limit, now), nil
	}
	return max(limit-w.total, 0), w.free(w.total, now), nil
}

// minute is what counts of one caller.
type minute struct {
	buckets []bucketCount
	total   int
}

type bucketCount struct {
	bucket int64
	n      int
}

func (c *Counter) lastMinute(ctx context.Context, who string, from, to int64) (m minute, err error) {
	query, err := c.window.prepared(ctx, c.db)
	if err != nil {
		return m, err
	}
	rows, err := query.QueryContext(ctx, who, from, to)
	if err != nil {
		return m, err
	}
	defer rows.Close()
	for rows.Next() {
		var b bucketCount
		if err := rows.Scan(&b.bucket, &b.n); err != nil {
			return m, err
		}
		m.buckets = append(m.buckets, b)
		m.total += b.n
	}
	return m, rows.Err()
}

// free is how long it takes until fewer than limit events count.
func (m minute) free(limit int, now time.Time) time.Duration {
	left := m.total
	for _, b := range m.buckets {
		if left -= b.n; left < limit {
			return time.UnixMilli((b.bucket + rateSpan + 1) * rateBucket.Milliseconds()).Sub(now)
		}
	}
	return 0 // a limit of nothing
}

// Add adds to the named numbers of who's day: all of them, or none when one
// would come over its limit; over then names it, the first by the alphabet. A
// limit may also be set for a number that nothing is added to, and, by their
// names with + between, for a sum of numbers. day counts from 1970-01-01 UTC; 0
// is today, and the one given back the one that was added to. now holds the
// numbers of the day that were named, after the addition. None falls below 0.
func (c *Counter) Add(ctx context.Context, who string, day int64, add, limits map[string]int64) (at int64, now map[string]int64, over string, err error) {
	ctx, cancel := context.WithTimeout(ctx, countPatience)
	defer cancel()
	free, err := c.lock(ctx)
	if err != nil {
		return 0, nil, "", err
	}
	defer free()
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, "", explainCtx(ctx, err)
	}
	defer tx.Rollback()
	if at = day; at == 0 {
		at = dayOf(c.now())
	}
	now, over, err = c.addTo(ctx, tx, who, at, add, limits)
	if err == nil {
		err = tx.Commit()
	}
	return at, now, over, explainCtx(ctx, err)
}

func (c *Counter) addTo(ctx context.Context, tx *sql.Tx, who string, day int64, add, limits map[string]int64) (map[string]int64, string, error) {
	now := map[string]int64{}
	if err := c.read(ctx, tx, who, day, day, func(_ int64, name string, n int64) { now[name] = n }); err != nil {
		return nil, "", err
	}
	for _, name := range names(limits) {
		if sum(now, name)+sum(add, name) > limits[name] {
			return now, name, nil
		}
	}
	insert, err := c.add.prepared(ctx, c.db)
	if err != nil {
		return nil, "", err
	}
	insert = tx.StmtContext(ctx, insert)
	for name, n := range add {
		if _, err := insert.ExecContext(ctx, who, day, name, n); err != nil {
			return nil, "", err
		}
		now[name] = max(now[name]+n, 0)
	}
	return now, "", nil
}

// Days gives today, as Add counts it, and the numbers of the last n days,
// today's first. A day without any is empty.
func (c *Counter) Days(ctx context.Context, who string, n int) (today int64, days []map[string]int64, err error) {
	today, days = dayOf(c.now()), make([]map[string]int64, n)
	for i := range days {
		days[i] = map[string]int64{}
	}
	err = c.read(ctx, nil, who, today-int64(n)+1, today, func(day int64, name string, n int64) { days[today-day][name] = n })
	return today, days, explainCtx(ctx, err)
}

// read gives the numbers of some days, within tx unless that is nil.
func (c *Counter) read(ctx context.Context, tx *sql.Tx, who string, first, last int64, yield func(day int64, name string, n int64)) error {
	query, err := c.numbers.prepared(ctx, c.db)
	if err != nil {
		return err
	}
	if tx != nil {
		query = tx.StmtContext(ctx, query)
	}
	rows, err := query.QueryContext(ctx, who, first, last)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var day, n int64
		var name string
		if err := rows.Scan(&day, &name, &n); err != nil {
			return err
		}
		yield(day, name, n)
	}
	return rows.Err()
}

// Keeps says why the counts may be lost; the file's are not.
func (c *Counter) Keeps(context.Context) error { return nil }

// dayOf is a time's day since 1970-01-01 UTC.
func dayOf(t time.Time) int64 { return t.Unix() / daySeconds }

// names are those that stand in any of the maps, each once.
func names(of ...map[string]int64) (list []string) {
	for _, m := range of {
		list = slices.AppendSeq(list, maps.Keys(m))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// sum is a number, or of names with + between that of all.
func sum(numbers map[string]int64, name string) (n int64) {
	for part := range strings.SplitSeq(name, "+") {
		n += numbers[part]
	}
	return n
}

// lock waits for the turn to write.
func (c *Counter) lock(ctx context.Context) (free func(), err error) {
	select {
	case c.write <- struct{}{}:
		return func() { <-c.write }, nil
	case <-ctx.Done():
		return nil, errors.Join(ErrBusy, ctx.Err())
	}
}

// sweepRates deletes minutes that have passed.
func (c *Counter) sweepRates(ctx context.Context) {
	bucket := c.now().UnixMilli() / rateBucket.Milliseconds()
	c.sweep(ctx, `DELETE FROM rates WHERE (who, bucket) IN
		(SELECT who, bucket FROM rates WHERE bucket NOT BETWEEN ? AND ? LIMIT ?)`, bucket-rateSpan, bucket+rateSpan, countBatch)
}

// sweepCounts deletes days that are not kept.
func (c *Counter) sweepCounts(ctx context.Context) {
	c.sweep(ctx, `DELETE FROM counts WHERE (who, day, name) IN
		(SELECT who, day, name FROM counts WHERE day <= ? LIMIT ?)`, dayOf(c.now())-int64(c.days), countBatch)
}

func (c *Counter) sweep(ctx context.Context, query string, args ...any) {
	for n := int64(countBatch); n == countBatch; {
		free, err := c.lock(ctx)
		if err != nil {
			return
		}
		result, err := c.db.ExecContext(ctx, query, args...)
		free()
		if err != nil {
			return // it is met again in the next round
		}
		if n, err = result.RowsAffected(); err != nil {
			return
		}
	}
}

// statement is prepared when it is needed first.
type statement struct {
	query string

	mu   sync.Mutex
	made *sql.Stmt
}

func (s *statement) prepared(ctx context.Context, db *sql.DB) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		made, err := db.PrepareContext(ctx, s.query)
		if err != nil {
			return nil, err
		}
		s.made = made
	}
	return s.made, nil
}

func (s *statement) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		return nil
	}
	return s.made.Close()
}
