package store

import (
	"database/sql"
	"time"

	"github.com/redis/go-redis/v9"
)

// NewKVAt is NewKV with a clock and a pace of sweeping of the test's.
func NewKVAt(db *sql.DB, now func() time.Time, every time.Duration) *KV { return newKV(db, now, every) }

// NewRedisKVAt is NewRedisKV likewise.
func NewRedisKVAt(client redis.UniversalClient, now func() time.Time, every time.Duration) *RedisKV {
	return newRedisKV(client, now, every)
}

// NewCounterAt is NewCounter likewise.
func NewCounterAt(db *sql.DB, days int, now func() time.Time, every time.Duration) *Counter {
	return newCounter(db, days, now, every, every)
}

// NewRedisCounterAt is NewRedisCounter likewise.
func NewRedisCounterAt(client redis.UniversalClient, days int, now func() time.Time, every time.Duration) *RedisCounter {
	return newRedisCounter(client, days, now, every)
}
