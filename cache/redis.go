package cache

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"dubhashi/gateway/store"
)

// Redis is a [Store] in a Redis server, cluster or Sentinel group. It reads
// with a pipeline of GETs, never with MGET, which a cluster refuses for keys
// of more than one slot; on a cluster the pipeline goes to all nodes at once.
type Redis struct {
	client redis.UniversalClient
	closed atomic.Bool
}

// NewRedis returns a store over a client that [store.OpenRedis] made. The
// client stays the caller's to close.
func NewRedis(client redis.UniversalClient) *Redis { return &Redis{client: client} }

// GetMany implements [Store]. Redis's answers are looked at one by one: a key
// that fails (a value of another type, a node of the cluster that is gone)
// does not take the others with it.
func (r *Redis) GetMany(ctx context.Context, keys []Key) ([][]byte, error) {
	values := make([][]byte, len(keys))
	if err := r.ready(ctx); err != nil || len(keys) == 0 {
		return values, err
	}
	pipe := r.client.Pipeline()
	replies := make([]*redis.StringCmd, len(keys))
	for i, k := range keys {
		replies[i] = pipe.Get(ctx, k.String())
	}
	_, execErr := pipe.Exec(ctx) // the first command's error; all are seen below
	var failed error
	for i, reply := range replies {
		value, err := reply.Bytes()
		switch {
		case len(value) > 0: // it came whole; a cluster whose other nodes run late marks all its replies as failed
			values[i] = value
		case err == nil:
			values[i] = []byte{}
		case !errors.Is(err, redis.Nil) && failed == nil:
			failed = err
		}
	}
	if failed == nil && execErr != nil && !errors.Is(execErr, redis.Nil) {
		failed = execErr
	}
	return values, r.explain(ctx, failed)
}

// SetMany implements [Store]. A server that has no room left answers
// [store.ErrFull], a replica [store.ErrReadOnly]; reads work on.
func (r *Redis) SetMany(ctx context.Context, entries []Entry) error {
	if err := r.ready(ctx); err != nil || len(entries) == 0 {
		return err
	}
	pipe := r.client.Pipeline()
	for _, e := range entries {
		if e.TTL < 0 {
			continue
		}
		ttl := e.TTL
		if ttl > 0 {
			ttl = max(ttl, time.Millisecond) // the shortest that PX knows
		}
		pipe.Set(ctx, e.Key.String(), e.Value, ttl)
	}
	if pipe.Len() == 0 {
		return nil
	}
	replies, failed := pipe.Exec(ctx)
	for _, reply := range replies {
		if err := reply.Err(); err != nil {
			failed = err
			break
		}
	}
	return r.explain(ctx, failed)
}

// Close implements [Store]; the client stays open.
func (r *Redis) Close() error {
	r.closed.Store(true)
	return nil
}

func (r *Redis) ready(ctx context.Context) error {
	if r.closed.Load() {
		return ErrClosed
	}
	return ctx.Err()
}

// explain says why a command failed: a deadline that the client met inside a
// read comes back as a plain network timeout.
func (r *Redis) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.ErrClosed):
		return errors.Join(ErrClosed, err)
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return errors.Join(ctx.Err(), err)
	}
	return store.Explain(err)
}
