// Package cache keeps translated paragraphs and summaries: many keys in one
// round trip, each with its own time to live. It is a cache of what was paid
// for, so nothing in it may be missed at the price of a wrong answer: any
// error is a miss, and an entry is either there whole or not at all.
//
// The backends are [Redis], [SQLite] (a file on disk) and [Memory] (in this
// process); [Tiered] puts memory in front of another, [Guarded] bounds the
// time of every call and stops asking a store that does not answer. All pass
// one suite. What a value holds is the caller's business; keys are hashes, so
// no text can be read from them.
//
// Nothing here decides how long an entry lives, builds keys, retries, or
// closes a client or database that it was given: who opened it closes it.
//
//	client, err := store.OpenRedis(url)
//	…
//	guarded := cache.Guard(cache.NewRedis(client), cache.GuardOptions{})
//	c := cache.NewTiered(cache.NewMemory(64<<20, time.Minute), guarded)
//	values, err := c.GetMany(ctx, keys) // values[i] is nil where keys[i] is not there
package cache
