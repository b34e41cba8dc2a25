package gateway

import (
	"context"
	"errors"
	"time"

	"dubhashi/cache"
)

// Leases parts the work among replicas: who holds a key's lease asks for it,
// the others wait for what comes of that. [store.Lease] is one.
type Leases interface {
	// Acquire takes the leases of keys that no other replica holds and tells
	// which are held now; they stay so until Release. With an error none are
	// and nothing is known of the others; context.DeadlineExceeded means that
	// it is worth asking again.
	Acquire(ctx context.Context, keys []cache.Key) (held []bool, err error)
	// Release gives leases back; another replica can have them when linger
	// has passed.
	Release(ctx context.Context, keys []cache.Key, linger time.Duration) error
}

const (
	// How often is looked for another replica's result: soon at first, then as
	// often as a reader hardly notices.
	firstPoll = 50 * time.Millisecond
	lastPoll  = 250 * time.Millisecond
	// patience is how long the leases may be out of reach before the wait is
	// given up: a hiccup of Redis makes nobody pay twice.
	patience = 2 * time.Second
	// leaseLinger is how long a lease is held after its value was written. It
	// covers another replica's request that missed the value just before, and
	// is longer than that may take on a busy machine to ask for the lease.
	leaseLinger = time.Second
)

// lease parts the units that this process has to see done into those it asks
// for itself and those that are to be followed, because another replica is
// asking for them or because it is not known: Redis was late, as it may be in
// a burst of requests, with the leases or before with the values. When Redis
// does not work at all, this process asks for everything.
//
// A request to refresh takes the leases that are free, so that others wait for
// its result, but waits for nobody: it could not tell another replica's new
// value from the old one it has been told not to use.
func (g *Gateway) lease(o *order, units []*unit) (ours, theirs []*unit) {
	if g.leases == nil || g.store == nil || o.opt.Cache == NoCache || len(units) == 0 {
		return units, nil
	}
	switch err := g.acquire(g.root, units); {
	case o.opt.Cache == RefreshCache:
		return units, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, units
	case err != nil:
		return units, nil
	case o.unread: // who has its lease may have its value too
		return nil, units
	}
	for _, u := range units {
		if u.flight.leased {
			ours = append(ours, u)
		} else {
			theirs = append(theirs, u)
		}
	}
	return ours, theirs
}

// acquire takes what leases of the units' keys it can get and notes them with
// the flights.
func (g *Gateway) acquire(ctx context.Context, units []*unit) error {
	keys := make([]cache.Key, len(units))
	for i, u := range units {
		keys[i] = u.key
	}
	held, err := g.leases.Acquire(ctx, keys)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) && !g.alone.Swap(true) {
			g.log.Warn("the replicas' leases cannot be reached; what two replicas are asked for at once is paid for twice", "error", err)
		}
		return err
	}
	g.alone.Store(false)
	for i, u := range units {
		u.flight.leased = held[i]
	}
	return nil
}

// leased takes the leases that the flights hold off them and gives their keys.
// Only the flights' work may call it.
func leased(keys []cache.Key, list []*flight) (held []cache.Key) {
	for i, f := range list {
		if f.leased {
			f.leased = false
			held = append(held, keys[i])
		}
	}
	return held
}

// release gives leases back. After a write they linger as a settled flight
// does: who missed the value just before is refused the lease and finds the
// value. Without a value they end at once, for somebody else to try.
func (g *Gateway) release(keys []cache.Key, written bool) {
	if len(keys) == 0 {
		return
	}
	after := time.Duration(0)
	if written {
		after = leaseLinger
	}
	if err := g.leases.Release(context.WithoutCancel(g.root), keys, after); err != nil {
		g.log.Debug("leases were not released; they end by themselves", "error", err)
	}
}

// follow waits for what other replicas are asking for and settles it when it
// is found in the store. What they have let go of without a result (a failure,
// a death) it sends off itself. It ends when nobody
// waits for any of it.
func (g *Gateway) follow(ctx context.Context, o *order, units []*unit, spend *budget) {
	g.flights.divide(g.calls(o, units))
	var failing time.Time // since when the leases are out of reach
	for wait := firstPoll; ; wait = min(2*wait, lastPoll) {
		// The leases were asked for before the values: a lease that is held now
		// with no value behind it was given up by others.
		left, taken := g.look(ctx, units)
		if !failing.IsZero() && time.Since(failing) > patience {
			left, taken = nil, append(taken, left...)
		}
		if len(taken) > 0 && ctx.Err() == nil {
			g.send(o, taken, spend)
			taken = nil
		}
		if units = append(left, taken...); len(units) == 0 {
			return
		}
		timer := time.NewTimer(cache.Jitter(wait))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			for _, u := range units {
				g.flights.settle(u.key, u.flight, nil, failureOf(ctx.Err()))
			}
			return
		}
		switch err := g.acquire(ctx, units); {
		case err == nil:
			failing = time.Time{}
		case failing.IsZero():
			failing = time.Now()
		}
	}
}

// look settles the units whose values are in the store, and parts the others
// into those whose leases are held here and the rest.
func (g *Gateway) look(ctx context.Context, units []*unit) (left, taken []*unit) {
	keys := make([]cache.Key, len(units))
	for i, u := range units {
		keys[i] = u.key
	}
	found, _ := g.store.GetMany(ctx, keys) // an error is a miss, and the store's breaker tells of it
	for i, u := range units {
		if i < len(found) && found[i] != nil {
			if v, err := decodeValue(found[i]); err == nil {
				u.flight.remote, u.flight.written = true, true
				g.flights.settle(u.key, u.flight, v, nil)
				continue
			}
		}
		if u.flight.leased {
			taken = append(taken, u)
		} else {
			left = append(left, u)
		}
	}
	return left, taken
}

// calls are the units as they would be asked for: so many calls are shared
// with another replica that was given the same article.
func (g *Gateway) calls(o *order, units []*unit) (calls [][]*flight) {
	segments, summaries := bySort(units)
	for _, b := range g.pack(o, segments) {
		list, _ := flightsOf(b.units)
		calls = append(calls, list)
	}
	for _, u := range summaries {
		calls = append(calls, []*flight{u.flight})
	}
	return calls
}
