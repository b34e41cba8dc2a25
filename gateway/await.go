package gateway

import (
	"context"
	"errors"
	"time"
)

// await waits for the flights and tells of the units as they become ready. What is
// not there when ctx ends fails, and its work is cancelled unless somebody else waits
// for it.
func (g *Gateway) await(ctx context.Context, o *order, missing []*unit) {
	bell := g.flights.listen(missing)
	shared := make(map[uint64]bool)
	for open := o.land(missing, shared); len(open) > 0; open = o.land(open, shared) {
		select {
		case <-bell:
			continue
		case <-ctx.Done():
		}
		for _, u := range o.land(open, shared) { // what has come by now counts
			if u.flight != nil {
				g.flights.leave(u.key, u.flight)
			}
			u.fail = failureOf(ctx.Err())
		}
		break
	}
	o.bill.mu.Lock()
	o.bill.usage.SharedCalls += len(shared)
	o.bill.mu.Unlock()
	if !errors.Is(ctx.Err(), context.Canceled) {
		o.bill.settle()
	}
}

// land takes over what the units' flights have brought, notes the calls of others
// among them, and gives the units that are still to come. It tells of all but the
// starved, which are asked for again.
func (o *order) land(units []*unit, shared map[uint64]bool) (open []*unit) {
	var ready []*unit
	for _, u := range units {
		if !u.land() {
			open = append(open, u)
			continue
		}
		if u.state == Shared && u.flight.work != nil {
			shared[u.flight.call] = true
		}
		if !u.starved() {
			ready = append(ready, u)
		}
	}
	if len(ready) > 0 {
		o.tell(ready)
	}
	return open
}

// land takes over what the unit's flight has brought; false: nothing yet, or it was
// never launched.
func (u *unit) land() bool {
	if u.flight == nil {
		return false
	}
	select {
	case <-u.flight.done:
	default:
		return false
	}
	u.value, u.fail = u.flight.value, u.flight.fail
	if u.flight.remote {
		u.state = Shared
	}
	return true
}

// tell says that units are ready.
func (o *order) tell(units []*unit) {
	o.ready += len(units)
	if o.progress != nil {
		o.progress(o.ready, len(o.units))
	}
	if o.follow != nil {
		o.follow.ready(units)
	}
}

// settle gives the writes behind an answer a moment, so that work just paid
// for outlives even a kill; a slow store does not hold the answer longer.
func (b *bill) settle() {
	done := make(chan struct{})
	go func() { b.writes.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(writeWait):
	}
}
