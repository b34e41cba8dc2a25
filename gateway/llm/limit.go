package llm

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// longestGate bounds how long one Retry-After keeps the whole upstream shut. A
// provider whose daily quota is spent may say "10 hours"; after this time one
// call is let through to see whether that still holds.
const longestGate = 5 * time.Minute

// gate is the time before which nothing may be sent to an upstream.
type gate struct {
	mu        sync.Mutex
	notBefore time.Time
	spread    time.Duration // those who waited wake up spread over this time
}

// shut keeps everyone out for d, or longer if the gate was shut for longer.
func (g *gate) shut(d time.Duration) {
	d = min(d, longestGate)
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.notBefore) {
		g.notBefore = until
		// A tenth of the wait, so that those who waited long do not all come
		// in the same millisecond, and at most a second of added delay.
		g.spread = min(d/10, time.Second)
	}
}

func (g *gate) state() (wait, spread time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.notBefore), g.spread
}

// remaining is how long the gate stays shut, 0 when it is open.
func (g *gate) remaining() time.Duration {
	d, _ := g.state()
	return max(d, 0)
}

// wait returns when the gate is open, or the time still to wait and false when
// that is longer than ctx allows, at once.
func (g *gate) wait(ctx context.Context) (time.Duration, bool) {
	for {
		d, spread := g.state()
		if d <= 0 {
			return 0, true
		}
		if !fits(ctx, d) {
			return d, false
		}
		if spread > 0 {
			d += rand.N(spread)
		}
		if !sleep(ctx, d) {
			return 0, false
		}
	}
}

// limits are our own limits a minute.
type limits struct {
	requests *rate.Limiter // nil = none
	tokens   *rate.Limiter // nil = none

	mu     sync.Mutex
	credit int // tokens estimated but not used, given to the next calls
}

func newLimits(concurrency, rpm, tpm int) *limits {
	l := new(limits)
	if rpm > 0 {
		// A burst of b and then rpm-b+1 a minute, less a hair: the one too many
		// comes just behind the end of the minute.
		burst := max(1, min(concurrency, rpm/10))
		l.requests = rate.NewLimiter(rate.Limit(float64(rpm-burst+1)/60*(1-1e-6)), burst)
	}
	if tpm > 0 {
		// Ten seconds' worth at once and the rest evenly: together one minute's.
		burst := max(1, tpm/6)
		l.tokens = rate.NewLimiter(rate.Limit(float64(max(tpm-burst, 1))/60), burst)
	}
	return l
}

// charge is what a call of about n tokens takes from the limit a minute. A
// limiter gives no more than its burst at once; settle collects the rest.
func (l *limits) charge(n int) int {
	if l.tokens == nil {
		return 0
	}
	return min(n, l.tokens.Burst())
}

// pace waits for the limits a minute, of which the call takes one request and
// n tokens (a charge). When ctx ends before that it returns the wait and false,
// at once and without having taken anything.
func (l *limits) pace(ctx context.Context, n int) (time.Duration, bool) {
	var held []*rate.Reservation
	var d time.Duration
	now := time.Now()
	if l.requests != nil {
		held = append(held, l.requests.ReserveN(now, 1))
	}
	paid := 0
	if l.tokens != nil {
		paid = l.spendCredit(n)
		held = append(held, l.tokens.ReserveN(now, n-paid))
	}
	for _, r := range held {
		d = max(d, r.DelayFrom(now))
	}
	if d == 0 {
		return 0, true
	}
	if fits(ctx, d) && sleep(ctx, d) {
		return 0, true
	}
	for _, r := range held {
		r.Cancel()
	}
	l.addCredit(paid)
	if ctx.Err() != nil {
		d = 0
	}
	return d, false
}

// tryPace is pace without waiting.
func (l *limits) tryPace(n int) bool {
	now := time.Now()
	var held []*rate.Reservation
	if l.requests != nil {
		held = append(held, l.requests.ReserveN(now, 1))
	}
	if l.tokens != nil {
		held = append(held, l.tokens.ReserveN(now, n))
	}
	for _, r := range held {
		if r.DelayFrom(now) > 0 {
			for _, r := range held {
				r.CancelAt(now)
			}
			return false
		}
	}
	return true
}

// settle corrects a charge of n tokens to the used ones.
func (l *limits) settle(n, used int) {
	if l.tokens == nil {
		return
	}
	if used <= n {
		l.addCredit(n - used)
		return
	}
	now := time.Now()
	// A debt is paid by those who come next; a limiter takes at most its burst at
	// a time, and no more than a minute of debt is kept.
	over := min(used-n-l.spendCredit(used-n), 6*l.tokens.Burst())
	for over > 0 {
		k := min(over, l.tokens.Burst())
		l.tokens.ReserveN(now, k)
		over -= k
	}
}

func (l *limits) spendCredit(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := min(n, l.credit)
	l.credit -= k
	return k
}

func (l *limits) addCredit(n int) {
	if l.tokens == nil || n <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.credit = min(l.credit+n, l.tokens.Burst())
}

// fits reports whether ctx outlives a wait of d.
func fits(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > d
}

// sleep waits for d and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
