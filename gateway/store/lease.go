package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// leaseTime is how long a lease outlives a holder that died. With the last
	// look of those who wait for it, others are delayed by less than 5 s.
	leaseTime = 4500 * time.Millisecond
	// leaseBudget bounds what one call may cost its caller.
	leaseBudget = 100 * time.Millisecond
	// leaseChunk is how many keys one script is given: it runs for about a
	// microsecond a key, and nothing else runs in Redis meanwhile.
	leaseChunk = 1000
)

// takeLeases takes each lease that is free or the caller's own and tells which
// (1 or 0). It renews too, and so brings back what a restart of Redis or its
// eviction has lost. ARGV: token, milliseconds.
var takeLeases = redis.NewScript(`
local held = {}
for i, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if not owner or owner == ARGV[1] then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    held[i] = 1
  else
    held[i] = 0
  end
end
return held`)

// endLeases lets the caller's own leases end in so many milliseconds; 0 ends
// them now. ARGV: token, milliseconds.
var endLeases = redis.NewScript(`
local ended = {}
for i, key in ipairs(KEYS) do
  ended[i] = 0
  if redis.call('GET', key) == ARGV[1] then
    ended[i] = redis.call('PEXPIRE', key, ARGV[2])
  end
end
return ended`)

// leaseKey is the key of a name's lease. The tag puts all leases into one slot
// of a cluster, so that one script can take those of a whole article or none:
// they are small, few and short-lived, for only what no cache holds needs one.
func leaseKey(name string) string { return "dubhashi:{lease}:" + name }

var errLeasesClosed = errors.New("the leases are closed")

// Lease hands out leases in Redis: of all processes, one at a time holds that
// of a key. What is held is renewed in the background until it is released; of
// a process that died it ends by itself. The holder is the process: whoever in
// it acquires a key again shares the lease, which ends with the last release.
//
// A lease keeps work from being done twice, no more: a process that slept for
// longer than the lease, or a Redis that lost its data, may make two holders.
// Nothing may rest on its being exclusive.
//
// Calls are bounded in time; when they have failed for a second, most fail at
// once until Redis answers again. Lease is safe for concurrent use.
type Lease[K LeaseName] struct {
	client redis.UniversalClient
	token  string // who holds it: this Lease
	o      LeaseOptions

	wire sync.RWMutex // a renewal must not overtake a release, which it would undo

	trouble breaker

	mu      sync.Mutex // guards the rest
	held    map[K]int  // how often each was acquired
	renewal *time.Timer
	closed  bool
}

// LeaseName is what a lease can be of; its String goes into Redis.
type LeaseName interface {
	comparable
	String() string
}

// LeaseOptions are times; 0 means the usual one.
type LeaseOptions struct {
	Lifetime time.Duration // how long a lease outlives its holder, at least 1 ms; 4.5 s. A third passes between renewals
	Budget   time.Duration // that one call may cost its caller; 100 ms
}

// NewLease hands out leases over a client that [OpenRedis] made, which stays
// the caller's to close.
func NewLease[K LeaseName](client redis.UniversalClient, o LeaseOptions) *Lease[K] {
	if o.Lifetime <= 0 {
		o.Lifetime = leaseTime
	}
	if o.Budget <= 0 {
		o.Budget = leaseBudget
	}
	o.Lifetime = max(o.Lifetime, time.Millisecond)
	return &Lease[K]{client: client, token: rand.Text(), o: o, held: make(map[K]int)}
}

// Acquire takes the leases of keys, which must be distinct, in one round trip
// and at one moment, so that of two processes that want the same keys one gets
// them all. It tells for each whether it is held now. With an error nothing is,
// except that what timed out (context.DeadlineExceeded) may yet be done; it is
// then not renewed.
func (l *Lease[K]) Acquire(ctx context.Context, keys []K) ([]bool, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if err := l.ready(); err != nil {
		return nil, err
	}
	answers, err := l.run(ctx, takeLeases, keys, l.o.Lifetime)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	held := make([]bool, len(keys))
	for i, answer := range answers {
		if held[i] = answer == 1; held[i] {
			l.held[keys[i]]++
		}
	}
	if l.renewal == nil && len(l.held) > 0 && !l.closed {
		l.renewal = time.AfterFunc(l.o.Lifetime/3, l.renew)
	}
	return held, nil
}

// Release ends leases: others can have them when linger has passed, at once if
// it is 0. Keys that are not held, or are also held by somebody else in this
// process, are left alone. After an error the leases end by themselves.
func (l *Lease[K]) Release(ctx context.Context, keys []K, linger time.Duration) error {
	l.wire.RLock()
	defer l.wire.RUnlock()
	l.mu.Lock()
	var free []K
	for _, k := range keys {
		switch n := l.held[k]; {
		case n > 1:
			l.held[k]--
		case n == 1:
			delete(l.held, k)
			free = append(free, k)
		}
	}
	l.mu.Unlock()
	if len(free) == 0 {
		return nil
	}
	if err := l.ready(); err != nil {
		return err
	}
	_, err := l.run(ctx, endLeases, free, linger)
	return err
}

// Close releases all that is held; every later Acquire fails. The client stays
// open.
func (l *Lease[K]) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	if l.renewal != nil {
		l.renewal.Stop()
	}
	l.mu.Unlock()
	l.wire.Lock() // a renewal on its way would undo it
	defer l.wire.Unlock()
	keys := l.forget()
	if len(keys) == 0 {
		return nil
	}
	_, err := l.run(context.Background(), endLeases, keys, 0)
	return err
}

// forget gives what is held and holds nothing from then on.
func (l *Lease[K]) forget() []K {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := l.names()
	clear(l.held)
	return keys
}

// names are the keys held; l.mu is held.
func (l *Lease[K]) names() []K {
	keys := make([]K, 0, len(l.held))
	for k := range l.held {
		keys = append(keys, k)
	}
	return keys
}

// renew prolongs all that is held, and comes again as long as there is any. A
// lease that somebody else has by now is not told of: its work goes on.
func (l *Lease[K]) renew() {
	l.wire.Lock()
	defer l.wire.Unlock()
	l.mu.Lock()
	keys := l.names()
	if l.closed || len(keys) == 0 {
		l.renewal = nil
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	_, _ = l.run(context.Background(), takeLeases, keys, l.o.Lifetime) // a failure is made good by the next
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewal.Reset(l.o.Lifetime / 3)
}

// ready says why no call may be made.
func (l *Lease[K]) ready() error {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	switch {
	case closed:
		return errLeasesClosed
	case !l.trouble.ready():
		return errDown
	}
	return nil
}

// run runs a script over keys and takes down how that ended.
func (l *Lease[K]) run(ctx context.Context, script *redis.Script, keys []K, d time.Duration) ([]int64, error) {
	return bounded(ctx, &l.trouble, l.o.Budget, func(ctx context.Context) ([]int64, error) {
		return l.script(ctx, script, keys, d)
	})
}

func (l *Lease[K]) script(ctx context.Context, script *redis.Script, keys []K, d time.Duration) ([]int64, error) {
	answers := make([]int64, 0, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), leaseChunk)
		names := make([]string, n)
		for i, k := range keys[:n] {
			names[i] = leaseKey(k.String())
		}
		some, err := script.Run(ctx, l.client, names, l.token, d.Milliseconds()).Int64Slice()
		if err != nil {
			return nil, err
		}
		if len(some) != n {
			return nil, fmt.Errorf("the script answers for %d of %d leases", len(some), n)
		}
		answers, keys = append(answers, some...), keys[n:]
	}
	return answers, nil
}
