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
