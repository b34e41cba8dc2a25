package llm

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// variant is one changed request to try, and what its passing would teach.
type variant struct {
	traits
	teaches [groups]bool
	hinted  bool
}

// variants lists what to try when a request with traits t was refused.
func (l *learner) variants(t traits, r *refusal) []variant {
	var out []variant
	single := func(g group, hinted bool) {
		for _, v := range lower(g, t.is[g]) {
			n := variant{traits: t, hinted: hinted}
			n.is[g], n.teaches[g] = v, true
			out = append(out, n)
		}
	}
	hinted := [groups]bool{}
	for _, g := range r.hints {
		hinted[g] = true
		single(g, true)
	}
	if r.foreign || r.named || r.once || !l.mayGuess() {
		return out
	}
	// No word of the cause. What has passed before is not to blame; of the rest
	// the format is the most likely, then all but the stream at once, then the
	// stream, whose loss would cost the most, and then all.
	suspect := func(g group) bool { return t.is[g] != "" && (!l.hasPassed(t, g) || hinted[g]) }
	bare := variant{traits: t}
	for g := range groups {
		if g == gStream || !suspect(g) {
			continue
		}
		if g == gFormat && !hinted[g] {
			single(g, false)
		}
		bare.is[g] = ""
		// The format alone was tried before this, so it is not known to be a cause.
		bare.teaches[g] = g != gFormat
	}
	if bare.traits != t {
		out = append(out, bare)
	}
	if suspect(gStream) {
		if !hinted[gStream] {
			single(gStream, false)
		}
		if bare.traits != t {
			bare.is[gStream], bare.teaches[gStream] = streamNone, true
			out = append(out, bare)
		}
	}
	return out
}

// learner keeps what is known of an upstream, and lets one call at a time find
// out more.
type learner struct {
	mu       sync.Mutex
	traits   traits
	passed   map[string]bool
	strikes  map[string]int
	lesson   chan struct{} // not nil while a call learns; closed when it has ended
	futile   int           // guesses in a row that found nothing
	noGuess  time.Time     // until when refusals without a hint are believed
	thinking bool
}

func newLearner(t traits) *learner {
	return &learner{traits: t, passed: map[string]bool{}, strikes: map[string]int{}}
}

func mark(t traits, g group) string { return fmt.Sprint(g, t.is[g]) }

// current gives what to send now, after a lesson that is going on.
func (l *learner) current(ctx context.Context) (traits, bool) {
	for {
		l.mu.Lock()
		t, lesson := l.traits, l.lesson
		t.thinks = l.thinking
		l.mu.Unlock()
		if lesson == nil {
			return t, true
		}
		select {
		case <-lesson:
		case <-ctx.Done():
			return t, false
		}
	}
}

// begin starts a lesson after a refusal of a request made with traits seen. It
// says false when another call has learnt something since, so that the request
// should be sent again as it is made now.
func (l *learner) begin(ctx context.Context, seen traits) (mine bool, ok bool) {
	for {
		l.mu.Lock()
		lesson := l.lesson
		switch {
		case l.traits.is != seen.is:
			l.mu.Unlock()
			return false, true
		case lesson == nil:
			l.lesson = make(chan struct{})
			l.mu.Unlock()
			return true, true
		}
		l.mu.Unlock()
		select {
		case <-lesson:
		case <-ctx.Done():
			return false, false
		}
	}
}

func (l *learner) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.lesson)
	l.lesson = nil
}

// pass notes what a request carried that the upstream has answered.
func (l *learner) pass(t traits, thought bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.futile = 0
	l.thinking = l.thinking || thought
	for g := range groups {
		if t.is[g] != "" {
			l.passed[mark(t, g)] = true
			delete(l.strikes, mark(t, g))
		}
	}
}

func (l *learner) hasPassed(t traits, g group) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed[mark(t, g)]
}

// teach retires what the refused request carried and the variant did not. What
// has passed before is retired at the second time in a row: the first may be
// about that one request.
func (l *learner) teach(refused traits, v variant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for g := range groups {
		if !v.teaches[g] || l.traits.is[g] != refused.is[g] || v.is[g] == refused.is[g] {
			continue
		}
		if m := mark(refused, g); l.passed[m] {
			if l.strikes[m]++; l.strikes[m] < 2 {
				continue
			}
		}
		l.traits.is[g] = v.is[g]
	}
}

// mayGuess is false for a while after three refusals in a row for which no change
// of parameters helped: an upstream that refuses everything, perhaps for a wrong
// model, is not asked four times for each call.
func (l *learner) mayGuess() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().After(l.noGuess)
}

func (l *learner) guessFailed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.futile++; l.futile >= 3 {
		l.futile, l.noGuess = 0, time.Now().Add(time.Minute)
	}
}

// canLearn tells a refusal that may be about what the upstream can from one that
// is about this request: whose parameters have all passed before.
func (l *learner) canLearn(t traits, r *refusal) bool {
	if r.once {
		return false
	}
	for g := range groups {
		if t.is[g] == "" || l.hasPassed(t, g) {
			continue
		}
		if !r.foreign && !r.named {
			return true
		}
		for _, h := range r.hints {
			if h == g {
				return true
			}
		}
	}
	return false
}
