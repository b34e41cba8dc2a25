package llm

import (
	"context"
	"math"
	"sync"
	"time"
)

// The pacer's figures. An upstream's limit of calls a second is told by nobody;
// it is found like a network finds its share: the rate doubles as long as nothing
// is known, falls back a little when a 429 comes, nears the rate that was too much
// ever more slowly, and behind that time looks for more, slowly at first. The
// shape is CUBIC's (RFC 9438). A limit that has risen is followed within a minute
// or so, and one that is gone is forgotten in two.
const (
	leastRate = 0.5   // calls a second
	firstRate = 2.0   // when nothing got through before the first 429
	mostRate  = 2000  // beyond it there is no pacing
	enough    = 5     // calls that got through and make an estimate
	under     = 0.985 // of a rate that was too much, to be on the safe side
	stepBack  = 0.97  // of it, at most, is where the rate goes

	// A busy machine wakes a call up to so long after its turn. The next one's turn
	// does not move with it, or the rate would be missed by a tenth.
	mostLate = 20 * time.Millisecond

	// Seconds until the rate is back at under: where the limit is known within a
	// tenth, and where it is not.
	holdFor, seekFor = 40.0, 8.0
)

// pacer spaces the starts of calls once a 429 was seen. Slots alone cannot hold
// a limit of calls a second when the calls are short.
type pacer struct {
	turn chan struct{} // held by the one call whose turn to start is next

	mu      sync.Mutex
	rate    float64   // starts a second; 0 = not paced
	last    time.Time // start
	waiting int

	cut      time.Time // the rate was set by a 429; what was sent before is of an old round
	doubling bool      // nothing is known yet: the rate doubles each round
	known    bool      // the limit is known within a tenth
	base     float64   // the rate after the cut
	top      float64   // the rate that is thought to be right
	age      float64   // seconds since the cut in which calls got through
	grown    time.Time
	guess    int     // calls that got through in the second before the first 429, and one
	through  int     // calls since the cut
	passed   float64 // the rate at which the last of them was sent
	took     float64 // seconds a call takes, on the average

	trial trial // without a pace

	seconds [10]struct { // calls that got through, by the tenth of a second of their start
		tenth int64
		n     int
	}
}

func newPacer() *pacer { return &pacer{turn: make(chan struct{}, 1)} }

// wait returns when the call may start. It says shut when the gate has been shut,
// which is waited for without a slot; and the time to wait and false, at once,
// when that is longer than ctx allows.
func (p *pacer) wait(ctx context.Context, g *gate) (shut bool, wait time.Duration, ok bool) {
	if g.remaining() > 0 {
		return true, 0, true
	}
	if p.current() == 0 {
		return false, 0, ctx.Err() == nil
	}
	p.mu.Lock()
	p.waiting++
	if p.rate > 0 {
		wait = seconds(float64(p.waiting-1) / p.rate)
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.waiting--
		p.mu.Unlock()
	}()
	if !fits(ctx, wait) {
		return false, wait, false
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return false, 0, false
	}
	defer func() { <-p.turn }()
	for late := time.Duration(0); ; late = mostLate {
		if g.remaining() > 0 {
			return true, 0, true
		}
		d := p.start(late)
		if d == 0 {
			return false, 0, true
		}
		if !fits(ctx, d) {
			return false, d, false
		}
		// In pieces, for the rate may change meanwhile.
		if !sleep(ctx, min(d, 50*time.Millisecond)) {
			return false, 0, false
		}
	}
}

// queue is about how long a call will wait that has so many before it in line for
// a slot; 0 = not paced.
func (p *pacer) queue(before int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate == 0 {
		return 0
	}
	return seconds(float64(before+p.waiting) / p.rate)
}

// try is wait without waiting.
func (p *pacer) try() bool {
	p.mu.Lock()
	waiting := p.waiting
	p.mu.Unlock()
	return waiting == 0 && p.start(0) == 0
}

// start starts a call, or says how long it is too early. A call that has waited
// for its turn may be late by so much without the next one's turn being later.
func (p *pacer) start(late time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.rate == 0 {
		p.last = now
		return 0
	}
	due := p.last.Add(seconds(1 / p.rate))
	if d := due.Sub(now); d > 0 {
		return d
	}
	if p.last = now; now.Sub(due) <= late {
		p.last = due
	}
	return 0
}

func (p *pacer) current() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rate
}

// needs is how many calls have to be in flight to keep the rate; 0 = not paced.
func (p *pacer) needs() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rate == 0 {
		return 0
	}
	return int(min(math.Ceil(1.5*p.rate*p.took), 1<<20)) + 1
}

// got notes a call that got through: sent at that time, when the rate was that.
func (p *pacer) got(sent time.Time, rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	tenth := sent.UnixMilli() / 100
	if s := &p.seconds[tenth%10]; s.tenth == tenth {
		s.n++
	} else if s.tenth < tenth {
		s.tenth, s.n = tenth, 1
	}
	d := now.Sub(sent).Seconds()
	if p.took == 0 {
		p.took = d
	}
	p.took += 0.1 * (d - p.took)
	switch {
	case p.rate == 0:
		p.judge(false)
		return
	case !sent.After(p.cut):
		if p.guess > 0 && p.cut.Sub(sent) < time.Second { // of the second before the first 429
			p.guess++
			p.estimate()
		}
		return
	}
	p.guess = 0
	p.through++
	if rate > 0 {
		p.passed = rate
	}
	p.grow(now, sent)
}

func (p *pacer) grow(now, sent time.Time) {
	switch d := now.Sub(p.grown); {
	case p.doubling:
		if !sent.Before(p.grown) {
			p.rate, p.grown = 2*p.rate, now
		}
	case d > 5*time.Second: // nobody called; what was known grows old
		p.age += d.Seconds()
	default: // a gate's time shows nothing
		p.age += min(d.Seconds(), 2/p.rate)
	}
	if !p.doubling {
		p.grown = now
		span, a := seekFor, 0.0
		if p.known {
			span = holdFor
		}
		if a = p.age - span; a < 0 {
			p.rate = p.top - (p.top-p.base)*math.Pow(1-p.age/span, 3)
		} else if p.known {
			p.rate = p.top * math.Exp(min(a*a*a/30000, 20))
		} else {
			p.rate = p.top * math.Exp(min((a+a*a/4)/20, 20))
		}
	}
	if p.rate > mostRate {
		p.rate, p.trial.cuts = 0, 0
	}
}

// estimate sets the first rate from how many got through before the first 429.
func (p *pacer) estimate() {
	p.doubling = p.guess <= enough
	p.rate = max(p.rate, firstRate, under*float64(p.guess-1))
	p.base, p.top = p.rate, p.rate
}

// limited notes a 429 of a call sent at that time, when the rate was that; asked
// says that the upstream named a time to wait, which costs more than one call.
func (p *pacer) limited(sent time.Time, rate float64, asked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case p.trial.on(now):
		p.judge(true)
	case p.rate == 0:
		p.begin(now, asked)
	case !sent.After(p.cut):
	case p.through == 0 && p.guess > 0 && now.Sub(p.cut) < time.Second:
		// the second whose calls are spent, if that is how it counts; how many they
		// are shows when those in flight have got through
	case p.through > 33 && p.rate > 50 && !asked:
		p.through = 0 // under 3 %: no more than what it takes to know the limit
	case p.doubling && p.lately(now) > enough:
		p.begin(now, asked) // now it can be told
	case rate == 0:
		p.back(now, p.rate, asked)
	default:
		p.back(now, rate, asked)
	}
}

// begin sets a pace at the first 429, or the first one that comes when enough got
// through before it.
func (p *pacer) begin(now time.Time, asked bool) {
	p.rate, p.guess = 0, 1+p.lately(now)
	// A wrong guess upwards is cheap where nobody has to wait for it.
	p.known, p.age = asked, 0
	if !asked {
		p.age = seekFor
	}
	p.trial.left = 0
	p.round(now)
	p.estimate()
}

// lately is how many calls got through that were sent in the last second.
func (p *pacer) lately(now time.Time) (n int) {
	for _, s := range p.seconds {
		if s.tenth > now.UnixMilli()/100-10 {
			n += s.n
		}
	}
	return n
}

// back cuts the rate, which was too much.
func (p *pacer) back(now time.Time, rate float64, asked bool) {
	n := float64(p.through + 1)
	share := 1 - 0.6/n
	if p.known {
		share = max(share, 0.9) // it was believed to be right
	}
	step := stepBack
	if asked {
		// What a bucket saves while it has to be left alone hides how far the rate
		// is off, so that the steps grow.
		step = 1 - (1-stepBack)*float64(max(1, min(p.trial.row(now), 10)))
	}
	searching := p.doubling // such a cut is no evidence that cuts do not help
	next := rate * max(0.5, min(share, step))
	switch {
	case p.doubling:
		next, n = rate/2, 1
	case p.passed > 0 && p.passed < 0.95*rate:
		next = under * p.passed // the rate was growing fast
	}
	p.known, p.guess = next >= 0.85*rate && n > 2, 0
	p.doubling = p.doubling && p.passed == 0
	p.base, p.top, p.age = max(next, leastRate), max(under*rate, leastRate), 0
	p.rate = p.base
	p.round(now)
	if !searching && p.trial.cut(now, asked) {
		p.rate = 0
	}
}

// judge counts a call of the trial without a pace, if one is going on.
func (p *pacer) judge(turned bool) {
	if now := time.Now(); p.trial.count(now, turned) {
		p.rate, p.known, p.age, p.doubling = p.base, true, 0, false
		p.round(now)
	}
}

// round begins a new round, with a rate that was set.
func (p *pacer) round(now time.Time) {
	p.cut, p.grown = now, now
	p.through, p.passed = 0, 0
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
