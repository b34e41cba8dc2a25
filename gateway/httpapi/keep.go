package httpapi

import (
	"context"
	"errors"
	"time"

	"dubhashi/gateway"
)

// KV keeps small records for longer than a request: glossaries, idempotent
// answers. A space is a list of its own; an id stands in it once.
//
// An error whose Evicts method reports true says that the store may drop what
// it is given (store_evicts); any other that it cannot be reached (store_down).
type KV interface {
	// Get gives a record and its version, which is 1 or more; nil and 0 when
	// there is none.
	Get(ctx context.Context, space, id string) (value []byte, version int64, err error)
	// Put stores a record for ttl (0: for ever) if its version is still the one
	// given: 0 that there is none, -1 any. false: it is another one. Versions
	// grow and never come again; what is stored again keeps its place in List.
	Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error)
	// Delete removes a record and tells whether there was one.
	Delete(ctx context.Context, space, id string) (bool, error)
	// List gives at most limit ids and records of a space, the newest first,
	// from behind the cursor ("" = the start); next is "" at the end. A page
	// may be shorter than limit when its records are long.
	List(ctx context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error)
}

// Counter counts what callers do, for all replicas that share it.
type Counter interface {
	// Allow counts an event of who unless there are limit of them in the last
	// minute. left is how many more would be allowed now, -1 when this one is
	// not; reset is when left grows, or when the next one is allowed.
	Allow(ctx context.Context, who string, limit int) (left int, reset time.Duration, err error)
	// Add adds to the named numbers of who's day (of days since 1970, UTC; 0:
	// today): to all, or to none when one would come over its limit, which over
	// then names. A limit named a+b is that of their sum. None falls below 0. now
	// holds these numbers, at the day that was added to.
	Add(ctx context.Context, who string, day int64, add, limits map[string]int64) (at int64, now map[string]int64, over string, err error)
	// Days gives today and the numbers of the last n days, today's first.
	Days(ctx context.Context, who string, n int) (today int64, days []map[string]int64, err error)
	// Keeps says why the numbers may be lost: by an error as of KV's.
	Keeps(ctx context.Context) error
}

// kept turns an error of a KV or a Counter into a problem: store_evicts, store_down, or that the
// caller has gone.
func kept(err error) error {
	var e interface{ Evicts() bool }
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return &problem{code: gateway.Canceled, cause: err}
	case errors.As(err, &e) && e.Evicts():
		return &problem{code: storeEvicts, cause: err}
	}
	return &problem{code: storeDown, cause: err}
}
