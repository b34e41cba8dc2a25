package httpapi

import (
	"context"
	"errors"
	"time"
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

// kept turns a KV's error into a problem: store_evicts, store_down, or that the
// caller has gone.
func kept(err error) error {
	var e interface{ Evicts() bool }
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &e) && e.Evicts():
		return &problem{code: storeEvicts, cause: err}
	}
	return &problem{code: storeDown, cause: err}
}
