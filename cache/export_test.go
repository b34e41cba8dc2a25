package cache

import (
	"context"
	"database/sql"
	"time"
)

// NewSQLiteAt is NewSQLite with a clock, and a sweeper that rests for a day.
func NewSQLiteAt(db *sql.DB, now func() time.Time) *SQLite { return newSQLite(db, now, 48*time.Hour) }

// NewSQLiteSweeping is NewSQLite with a clock and a time between sweeps.
func NewSQLiteSweeping(db *sql.DB, now func() time.Time, every time.Duration) *SQLite {
	return newSQLite(db, now, every)
}

// Sweep makes one step of the sweeper.
func (s *SQLite) Sweep(ctx context.Context) (int, error) { return s.sweep(ctx) }

// Bytes is what m counts itself to hold.
func (m *Memory) Bytes() uint64 {
	m.entries.CleanUp()
	return m.entries.WeightedSize()
}

const (
	SweepBatch = sweepBatch
	Grace      = grace
	MaxHung    = maxHung
)
