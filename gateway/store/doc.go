// Package store opens what Dubhashi keeps its work in: one SQLite file beside
// the program, or a Redis server, cluster or Sentinel group. It alone knows
// the two drivers' settings, the schema and the drivers' errors; what is kept
// there is the business of the packages that use it. For them it has leases
// ([Lease]), records ([KV], [RedisKV]) and counts ([Counter], [RedisCounter]).
//
// Opening Redis never dials: a server that is absent at the start is an
// ordinary state. Opening SQLite makes the folder and the file, brings the
// schema up to date and puts a damaged file aside. Nothing here retries a
// command, logs by itself (the Redis client's own lines go to [log/slog] at
// debug level) or closes what it has handed out: who opens, closes.
//
//	db, moved, err := store.OpenSQLite(filepath.Join(folder, store.File))
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//	if moved != "" {
//		log.Warn("the store was damaged and begins anew", "old", moved)
//	}
package store
