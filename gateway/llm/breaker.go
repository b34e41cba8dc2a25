package llm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// The breaker opens after failuresInRow failures in a row, or when failuresOfLast
// of the last lastCalls failed; either is past what a healthy provider shows in
// any hour, and reached within seconds of an outage. It stays open for coolFirst,
// and twice as long after each probe that fails, coolMost at most, each ± 10 % so
// that several processes do not ask in the same moment.
const (
	failuresInRow  = 5
	failuresOfLast = 10
	lastCalls      = 20
	coolFirst      = 5 * time.Second
	coolMost       = 40 * time.Second
)

// An upstream that limits the rate lets calls through all the same. One that has
// turned away failuresInRow calls, the last of them sent so long after the first was
// turned away, while not one answer began or went on, lets none through, and is left alone like
// one that fails.
const limitedFor = 2 * time.Second

// Where there is another upstream to ask, spareWait is the longest Retry-After, or
// wait for the upstream's pace, that is borne, and spareTries how often a call that
// gets a 429 is sent.
const (
	spareWait  = 2 * time.Second
	spareTries = 2
)

// verdict is what one HTTP call says of the upstream, whatever it says of the
// request.
type verdict int

const (
	silent  verdict = iota // nothing: the caller left, our own limits
	limited                // a 429, which says something only when nothing else comes
	alive                  // a 4xx: the server is there, if perhaps not well
	sound                  // the model answered
	failing                // 5xx, no connection, silence, a 2xx without an answer
	barred                 // the key or the money is missing
)

// verdictOf goes by the class of the status and by what happened on the wire,
// never by the words of an answer, which may be the caller's own.
func verdictOf(f failure) verdict {
	switch f.kind {
	case "", Truncated, PromptCut:
		return sound
	case RateLimited:
		return limited
	case Refused, BadRequest:
		return alive
	case Auth, Quota:
		return barred
	case Unavailable:
		switch s := f.status; {
		case f.refusal != nil, s >= 300 && s < 500:
			return alive
		}
		return failing
	case Timeout:
		// The whole time of a call is rather a matter of its length, if anything came.
		if (f.retry || f.mute) && f.status != http.StatusRequestTimeout {
			return failing
		}
	}
	return silent
}

// breaker remembers whether an upstream is worth asking. It is open from a row of
// failures until a call is answered. While it is open one call at a time may
// find out, and that only after the cool-down.
type breaker struct {
	mu      sync.Mutex
	row     int
	last    [lastCalls]bool // failed
	calls   int
	open    bool
	since   time.Time     // it opened
	until   time.Time     // the cool-down ends
	turned  time.Time     // it opened, or a probe failed; what was sent before says nothing new
	cool    time.Duration // of the present turn
	probing bool

	running int       // answers that have begun and not ended
	limited int       // 429s in a row
	first   time.Time // of them
	barring bool      // open because of them

	closed context.Context // ended while it is open
	end    context.CancelFunc
}

// errOpened ends the waits of the calls that have another upstream to go to.
var errOpened = errors.New("the upstream has begun to fail")

func newBreaker() *breaker {
	b := new(breaker)
	b.close()
	return b
}

func (b *breaker) close() {
	b.open, b.row, b.calls, b.last = false, 0, 0, [lastCalls]bool{}
	b.limited, b.barring = 0, false
	b.closed, b.end = context.WithCancel(context.Background())
}

// note takes down the verdict of a call that was sent at the given time.
func (b *breaker) note(v verdict, sent time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case v == silent:
	case b.barring && v == sound: // sent before it opened, too: some get through
		b.close()
	case b.open && sent.Before(b.turned):
	case b.open && (v == sound || v == alive):
		b.close()
	case b.open && v == limited && !b.barring: // there, but of no use yet
	case b.open:
		if !sent.Before(b.until) {
			b.turn(min(2*b.cool, coolMost))
		}
	case v == barred:
		b.trip()
	case v == limited:
		if b.limited++; b.limited == 1 {
			b.first = time.Now()
		}
		if b.limited >= failuresInRow && b.running == 0 && sent.Sub(b.first) >= limitedFor {
			b.barring = true
			b.trip()
		}
	case v == alive:
		b.limited = 0
	case v == sound || v == failing:
		b.last[b.calls%lastCalls] = v == failing
		b.calls++
		if v == sound {
			b.row, b.limited = 0, 0
			return
		}
		b.row++
		if b.row >= failuresInRow || b.calls >= lastCalls && b.failed() >= failuresOfLast {
			b.trip()
		}
	}
}

// letIn notes that the answer of a call has begun, and letOut that it has ended.
func (b *breaker) letIn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running++
	if b.limited = 0; b.barring {
		b.close()
	}
}

func (b *breaker) letOut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
}

func (b *breaker) failed() int {
	n := 0
	for _, f := range b.last {
		if f {
			n++
		}
	}
	return n
}

func (b *breaker) trip() {
	b.open, b.since = true, time.Now()
	b.end()
	b.turn(coolFirst)
}

func (b *breaker) turn(cool time.Duration) {
	b.cool, b.turned = cool, time.Now()
	b.chill()
}

// chill begins the cool-down, perhaps anew.
func (b *breaker) chill() { b.until = time.Now().Add(b.cool - b.cool/10 + rand.N(b.cool/5)) }

// scouted notes that a probe was sent whose caller has not left. One that has shown
// nothing, such as a rate limit, makes room for the next only after the same time
// as before: every call would probe otherwise, for as long as that goes on.
func (b *breaker) scouted(v verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open && (v == silent || v == limited && !b.barring) {
		b.chill()
	}
}

// ready says whether a call with a spare upstream would be sent now.
func (b *breaker) ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.open || !b.probing && !time.Now().Before(b.until)
}

// enter lets a call through, perhaps as the probe, which has to leave.
func (b *breaker) enter() (probe, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.open:
		return false, true
	case b.probing || time.Now().Before(b.until):
		return false, false
	}
	b.probing = true
	return true, true
}

// leave ends a probe, whether or not it came to a verdict.
func (b *breaker) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

func (b *breaker) isOpen() bool {
	open, _ := b.state()
	return open
}

func (b *breaker) state() (open bool, since time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open, b.since
}

// whileClosed is ctx, but ended with errOpened when the breaker opens, or is open.
func (b *breaker) whileClosed(ctx context.Context) (within context.Context, stop func()) {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	within, cancel := context.WithCancelCause(ctx)
	leave := context.AfterFunc(closed, func() { cancel(errOpened) })
	return within, func() {
		leave()
		cancel(nil)
	}
}

// refusal is what a call is told that is not sent.
func (b *breaker) refusal() failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := failure{kind: Unavailable}
	since := time.Since(b.since).Round(time.Second)
	if f.reason = fmt.Sprintf("not asked, for it has been failing for %s", since); b.barring {
		f.kind, f.reason = RateLimited, fmt.Sprintf("not asked, for it has let nothing through for %s", since)
	}
	return f
}

// Ready says whether a call with [Request].Spare would be sent: the upstream is
// not known to fail, or it is time to try whether it still does and nobody is
// trying. The answer may be another one by the time of the call.
func (u *Upstream) Ready() bool { return u.breaker.ready() }

// Down says whether the upstream is known to fail, and since when: after five
// failures in a row, ten of twenty calls, five 429s in a row over 2 s or more while
// not one answer began, or a refused key or spent quota, until a call is answered. Failures are
// 5xx, failed connections, the connect, header and idle limits, the whole time of a
// call without one character of an answer, and 2xx without an answer.
func (u *Upstream) Down() (bool, time.Time) { return u.breaker.state() }
