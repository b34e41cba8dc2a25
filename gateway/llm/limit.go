package llm

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
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

// bucket fills by rate units a second up to full. What is drawn beyond that is
// waited for: each caller until all that was drawn before it has come too. A nil
// bucket never ends.
type bucket struct {
	rate, full float64

	mu   sync.Mutex
	left float64 // below 0: drawn by those who wait
	at   time.Time
}

// draw takes n units, and says how long they are still to be waited for. Less
// than 0 gives units back, to those who draw after that.
func (b *bucket) draw(n int) time.Duration {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.left = min(b.left+now.Sub(b.at).Seconds()*b.rate, b.full) // full at first, for at is zero
	b.left, b.at = min(b.left-float64(n), b.full), now
	return max(seconds(-b.left/b.rate), 0)
}

// limits are our own limits a minute.
type limits struct{ requests, tokens *bucket } // nil = none

func newLimits(concurrency, rpm, tpm int) *limits {
	l := new(limits)
	if rpm > 0 {
		// A burst of b and then rpm-b+1 a minute, less a hair: the one too many
		// comes just behind the end of the minute.
		burst := max(1, min(concurrency, rpm/10))
		l.requests = &bucket{rate: float64(rpm-burst+1) / 60 * (1 - 1e-6), full: float64(burst)}
	}
	if tpm > 0 {
		// Ten seconds' worth at once and the rest evenly: together one minute's.
		burst := max(1, tpm/6)
		l.tokens = &bucket{rate: float64(max(tpm-burst, 1)) / 60, full: float64(burst)}
	}
	return l
}

// charge is what a call of about n tokens takes from the limit a minute: no more
// than may be sent at once, for settle collects the rest.
func (l *limits) charge(n int) int {
	if l.tokens == nil {
		return 0
	}
	return min(n, int(l.tokens.full))
}

// pace waits for the limits a minute, of which the call takes one request and
// n tokens (a charge). When ctx ends before that it returns the wait and false,
// at once and without having taken anything.
func (l *limits) pace(ctx context.Context, n int) (time.Duration, bool) {
	d := l.draw(n)
	if d == 0 || fits(ctx, d) && sleep(ctx, d) {
		return 0, true
	}
	l.giveBack(n)
	if ctx.Err() != nil {
		d = 0
	}
	return d, false
}

// tryPace is pace without waiting.
func (l *limits) tryPace(n int) bool {
	if l.draw(n) == 0 {
		return true
	}
	l.giveBack(n)
	return false
}

func (l *limits) draw(n int) time.Duration { return max(l.requests.draw(1), l.tokens.draw(n)) }

// giveBack undoes the pace of a call of n tokens that was not sent.
func (l *limits) giveBack(n int) {
	l.requests.draw(-1)
	l.tokens.draw(-n)
}

// settle corrects a charge of n tokens to the used ones. A debt is paid by those
// who come next; no more than a minute of it is made by one call.
func (l *limits) settle(n, used int) {
	if l.tokens != nil {
		l.tokens.draw(min(used-n, 6*int(l.tokens.full)))
	}
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
