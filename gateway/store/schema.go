package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations take an empty file to today's schema, one step for each released
// change; the file's user_version counts the steps done. A step is never
// edited once it is released: add another.
//
// The cache is an ordinary table with a rowid, not WITHOUT ROWID: with values
// of 2 KB that reads four times and writes twice as fast, because the index
// over the keys stays small and the rows stand apart from it. expires is in
// Unix milliseconds, 0 = never; only what expires is indexed.
var migrations = []string{
	`CREATE TABLE cache (
		key     BLOB PRIMARY KEY NOT NULL,
		value   BLOB NOT NULL,
		expires INTEGER NOT NULL
	);
	CREATE INDEX cache_expires ON cache (expires) WHERE expires > 0;`,
	// The small columns stand before the value, which may be long and then
	// lies on pages of its own. created and version are in Unix microseconds.
	`CREATE TABLE kv (
		space   TEXT NOT NULL,
		id      TEXT NOT NULL,
		version INTEGER NOT NULL,
		created INTEGER NOT NULL,
		expires INTEGER NOT NULL,
		value   BLOB NOT NULL,
		PRIMARY KEY (space, id)
	);
	CREATE INDEX kv_newest ON kv (space, created);
	CREATE INDEX kv_expires ON kv (expires) WHERE expires > 0;`,
	// day is the number of days since 1970-01-01 UTC, bucket that of half seconds.
	`CREATE TABLE counts (
		who  TEXT NOT NULL,
		day  INTEGER NOT NULL,
		name TEXT NOT NULL,
		n    INTEGER NOT NULL,
		PRIMARY KEY (who, day, name)
	) WITHOUT ROWID;
	CREATE TABLE rates (
		who    TEXT NOT NULL,
		bucket INTEGER NOT NULL,
		n      INTEGER NOT NULL,
		PRIMARY KEY (who, bucket)
	) WITHOUT ROWID;`,
	// What maragu.dev/goqite 0.4 reads and writes: the queue of the jobs. Its
	// times are text.
	`CREATE TABLE goqite (
		id       TEXT PRIMARY KEY NOT NULL DEFAULT (lower(hex(randomblob(16)))),
		created  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
		queue    TEXT NOT NULL,
		body     BLOB NOT NULL,
		timeout  TEXT NOT NULL,
		received INTEGER NOT NULL DEFAULT 0,
		priority INTEGER NOT NULL DEFAULT 0
	);
	CREATE INDEX goqite_next ON goqite (queue, priority DESC, created);`,
	// How much each space of kv with a slash in its name holds, for Bounds. The triggers count in the
	// transaction that writes; INSERT OR REPLACE would get past them.
	`CREATE TABLE kv_sizes (
		space   TEXT PRIMARY KEY NOT NULL,
		bytes   INTEGER NOT NULL,
		records INTEGER NOT NULL
	) WITHOUT ROWID;
	INSERT INTO kv_sizes SELECT space, sum(length(value)), count(*) FROM kv WHERE instr(space, '/') GROUP BY space;
	CREATE TRIGGER kv_more AFTER INSERT ON kv WHEN instr(new.space, '/') BEGIN
		INSERT INTO kv_sizes (space, bytes, records) VALUES (new.space, length(new.value), 1)
			ON CONFLICT (space) DO UPDATE SET bytes = bytes + excluded.bytes, records = records + 1;
	END;
	CREATE TRIGGER kv_other AFTER UPDATE OF value ON kv BEGIN
		UPDATE kv_sizes SET bytes = bytes + length(new.value) - length(old.value) WHERE space = new.space;
	END;
	CREATE TRIGGER kv_less AFTER DELETE ON kv BEGIN
		UPDATE kv_sizes SET bytes = bytes - length(old.value), records = records - 1 WHERE space = old.space;
		DELETE FROM kv_sizes WHERE space = old.space AND records = 0;
	END;`,
}

// migrate brings the schema up to date. Each step is one transaction that
// begins by looking again, so that two processes may start at once.
func migrate(ctx context.Context, db *sql.DB) error {
	for {
		done, err := migrateOnce(ctx, db)
		if done || err != nil {
			return err
		}
	}
}

func migrateOnce(ctx context.Context, db *sql.DB) (done bool, err error) {
	version, err := userVersion(ctx, db)
	if err != nil || version == len(migrations) {
		return true, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	version, err = userVersion(ctx, tx)
	switch {
	case err != nil:
		return false, err
	case version > len(migrations):
		return false, fmt.Errorf("%w (schema %d; this one knows %d)", ErrNewer, version, len(migrations))
	case version == len(migrations):
		return true, nil
	}
	if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
		return false, fmt.Errorf("schema step %d: %w", version+1, err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1)); err != nil {
		return false, err
	}
	return false, tx.Commit()
}

func userVersion(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (version int, err error) {
	err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}
