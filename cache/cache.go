package cache

import (
	"context"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"time"
)

// Key names an entry: a SHA-256 over all that decides the value.
type Key [32]byte

// keyPrefix parts this cache from all else in a Redis. The number changes when
// the form of key or value changes so that old entries must not be read.
const keyPrefix = "dubhashi:c1:"

// String is the key as Redis knows it and as it may be logged: a versioned
// prefix and the hash in base64url (RFC 4648, section 5) without padding, 55
// bytes in all.
func (k Key) String() string {
	var b [len(keyPrefix) + 43]byte
	copy(b[:], keyPrefix)
	base64.RawURLEncoding.Encode(b[len(keyPrefix):], k[:])
	return string(b[:])
}

// Entry is what [Store.SetMany] stores.
type Entry struct {
	Key   Key
	Value []byte
	TTL   time.Duration // 0 = for ever; a negative one stores nothing
}

// Store is a cache of many entries. Implementations are safe for concurrent
// use. A value must not be changed once it was given to SetMany or came from
// GetMany: stores and callers share it.
type Store interface {
	// GetMany returns the values of keys in their order, nil where there is
	// none, in one round trip. The slice always has len(keys) elements; with an
	// error it holds what was found all the same.
	GetMany(ctx context.Context, keys []Key) ([][]byte, error)
	// SetMany stores the entries in one round trip and overwrites what is
	// there. The entries are independent of each other: with an error some may
	// be stored. Of two with one key the later wins. A nil value is stored as
	// an empty one.
	SetMany(ctx context.Context, entries []Entry) error
	// Close ends the use of the store; every later call fails with ErrClosed.
	// It does not close what the store was made of (client, database), but it
	// does close the stores it wraps.
	Close() error
}

var (
	// ErrClosed is the error of every call after Close.
	ErrClosed = errors.New("the cache is closed")
	// ErrDown is the error of a call that [Guarded] did not make because the
	// store has not answered lately.
	ErrDown = errors.New("the store is down")
	// ErrTimeout is the error of a call that took longer than [Guarded] allows.
	ErrTimeout = errors.New("the store did not answer in time")
)

// Jitter returns ttl changed at random by at most a tenth either way, so that
// what was stored together does not expire together. 0 stays 0, and what is
// positive stays so.
func Jitter(ttl time.Duration) time.Duration {
	tenth := int64(ttl) / 10
	if tenth <= 0 {
		return ttl
	}
	return ttl - time.Duration(tenth) + time.Duration(rand.Int64N(2*tenth+1))
}
