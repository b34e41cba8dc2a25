package llm

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// Complete asks the model and returns its whole answer. The error is an [*Error].
// It waits for the upstream's limits as far as they are known: see the package's
// text.
//
// It tries again after 429, 5xx but 501, 408, 409, 425, a connection that fails
// or is reset, the connect, header and idle timeouts and a 2xx that is no answer:
// at most [Config].MaxAttempts times, as long as more than [Request].Keep calls of
// the budget are left, after an exponential wait with full jitter (250 ms doubling
// to 8 s) or when the upstream said, which then holds for all its callers. When a
// wait is longer than ctx allows, or the budget ends, it fails at once. It never
// tries again after another 4xx, a truncated or refused answer, or when ctx is
// done.
//
// When ctx is cancelled the call is cancelled too, unless more than half of
// [Request].Expect has come: then it runs on, within its Timeout and for 15 s at
// most, and its answer is returned as if the caller had stayed. A deadline of ctx
// always ends it.
func (u *Upstream) Complete(ctx context.Context, r Request) (Response, error) {
	c := &call{Request: r, prompt: promptTokens(r.Messages), tries: 1}
	if u.cfg.Model == "" || len(r.Messages) == 0 {
		return Response{}, u.fail(failure{kind: BadRequest, reason: "no model or no message"}, Usage{})
	}
	if r.Spare {
		var ok bool
		if c.scout, ok = u.breaker.enter(); !ok {
			return Response{}, u.fail(u.breaker.refusal(), Usage{})
		}
		if c.scout {
			defer u.breaker.leave()
		}
	}
	var last *Error
	for ; ; c.tries++ {
		if ctx.Err() != nil {
			return Response{}, u.fail(contextFailure(ctx), c.used)
		}
		if !r.Budget.takeAbove(r.Keep) {
			return Response{}, u.spent(c, last)
		}
		calls := c.used.Calls
		out := u.ask(ctx, c)
		f := out.failure
		if f.kind == "" {
			return Response{Text: out.text, Model: out.model, Finish: out.finish, Usage: c.used}, nil
		}
		if c.used.Calls == calls { // nothing was sent
			r.Budget.give()
		}
		if errors.Is(ctx.Err(), context.Canceled) { // whatever came of it, nobody waits
			return Response{}, u.fail(contextFailure(ctx), c.used)
		}
		last = u.fail(f, c.used)
		if f.thought && !c.raised && roomy(r.MaxTokens, c.prompt, u.cfg.ContextTokens) > out.ceiling && out.ceiling > 0 {
			c.raised = true // all of the limit went into thoughts; once more with room for both
			c.tries--
			continue
		}
		if !f.retry || c.tries >= u.cfg.MaxAttempts || u.tried(c, f) {
			return Response{}, last
		}
		if r.Budget.Left() <= max(r.Keep, 0) { // not after the wait for a try that cannot be
			return Response{}, u.spent(c, last)
		}
		if !u.rest(ctx, c, f) {
			if ctx.Err() != nil {
				return Response{}, u.fail(contextFailure(ctx), c.used)
			}
			return Response{}, last
		}
	}
}

// spent is the error of a call for which there is no budget; last is the failure
// before it, or nil.
func (u *Upstream) spent(c *call, last *Error) *Error {
	f := failure{kind: BudgetSpent, reason: "no more calls for this article"}
	if c.Keep > 0 {
		f.reason = "the calls left for this article are kept for another upstream"
	}
	if last != nil {
		f.status, f.cause = last.Status, last
	}
	return u.fail(f, c.used)
}

// tried says that the next upstream should be asked rather than this one again.
func (u *Upstream) tried(c *call, f failure) bool {
	return c.Spare && (c.scout || f.after > spareWait || u.breaker.isOpen() ||
		f.kind == RateLimited && c.tries >= spareTries)
}

// barred says that the breaker has opened since the call set out.
func (u *Upstream) barred(c *call) bool { return c.Spare && !c.scout && u.breaker.isOpen() }

// rest waits before the next try. It says false when ctx ends before the wait
// does: at once if that can be known.
func (u *Upstream) rest(ctx context.Context, c *call, f failure) bool {
	if f.after > 0 {
		_, ok := u.waitGate(ctx, c)
		return ok
	}
	d := backoff(c.tries)
	return fits(ctx, d) && sleep(ctx, d)
}

// call is one Complete at work.
type call struct {
	Request
	prompt int           // tokens, estimated
	tries  int           // with hedges, without what was refused or raised
	raised bool          // the token limit was raised
	scout  bool          // the one call that asks an upstream known to fail
	used   Usage         // touched by the goroutine of Complete alone
	waited time.Duration // for the gate and the pace; the same

	mu   sync.Mutex
	sent int // HTTP calls
}

// number counts a call that is about to be sent.
func (c *call) number() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	return c.sent
}

// patience is ctx for a wait for the gate or the pace. A call that has another
// upstream to go to waits for spareWait in all, and is told at once when it would be
// longer; what it has left never ends quite, so that it passes where nothing waits.
func (c *call) patience(ctx context.Context) (brief context.Context, stop func()) {
	if !c.Spare {
		return ctx, func() {}
	}
	start := time.Now()
	brief, cancel := context.WithTimeout(ctx, max(spareWait-c.waited, spareWait/20))
	return brief, func() {
		cancel()
		c.waited += time.Since(start)
	}
}

func (c *call) spend(v Usage) { c.used = c.used.Add(v) }

// outcome is what one HTTP call brought.
type outcome struct {
	text, model, finish string
	usage               Usage
	failure             failure
	passed              bool // the upstream took all parameters and the model ran
	thought             bool
	ceiling             int // the token limit sent, 0 = none
	of                  *assembly
}

// Learning is bounded, whatever an upstream says: steps of one lesson, and how
// often a call is sent again because another one has learnt something.
const (
	lessonSteps = 10
	lessonsOf   = 4
)

// ask sends the request as the upstream is known to like it, and when that is
// refused because of a parameter finds out which one, or waits until another
// call has.
func (u *Upstream) ask(ctx context.Context, c *call) outcome {
	for n := 0; ; n++ {
		seen, ok := u.learner.current(ctx)
		if !ok {
			return outcome{failure: contextFailure(ctx)}
		}
		t, out := u.send(ctx, c, seen)
		refused := out.failure.refusal
		if refused == nil || n >= lessonsOf || len(u.learner.variants(t, refused)) == 0 {
			return out
		}
		if !u.learner.canLearn(t, refused) {
			return u.probe(ctx, c, t, out)
		}
		mine, ok := u.learner.begin(ctx, seen)
		if !ok {
			out.failure = contextFailure(ctx)
			return out
		}
		if mine {
			defer u.learner.end()
			return u.probe(ctx, c, t, out)
		}
	}
}

// probe sends changed requests until one passes, and teaches the learner why. The
// first refused call's unit of the budget is passed on to each of them.
func (u *Upstream) probe(ctx context.Context, c *call, refused traits, out outcome) outcome {
	type step struct {
		from traits
		to   variant
	}
	var guesses []step // believed when a request passes
	tried := map[traits]bool{refused: true}
	why := out.failure.refusal
	guessed := false
	for steps := 0; ; {
		moved := false
		for _, v := range u.learner.variants(refused, why) {
			_, v.traits = u.build(c.Request, v.traits, u.ceiling(c, v.traits))
			if tried[v.traits] {
				continue
			}
			if steps++; steps > lessonSteps {
				return out
			}
			tried[v.traits], guessed = true, guessed || !v.hinted
			_, next := u.send(ctx, c, v.traits)
			switch {
			case next.passed:
				for _, g := range append(guesses, step{refused, v}) {
					if !why.once {
						u.learner.teach(g.from, g.to)
					}
				}
				return next
			case next.failure.refusal == nil:
				return next // no word on the parameters
			case next.failure.refusal.signature == why.signature:
				continue // not the cause, or not all of it
			}
			// Another reason: the first one is gone with what was left out.
			if v.hinted && !why.once {
				u.learner.teach(refused, v)
			} else {
				guesses = append(guesses, step{refused, v})
			}
			refused, why, out, moved = v.traits, next.failure.refusal, next, true
			break
		}
		if !moved {
			if guessed && ctx.Err() == nil {
				u.learner.guessFailed()
			}
			return out
		}
	}
}

// ceiling is the token limit for c: with room for thoughts when the model is
// known to think.
func (u *Upstream) ceiling(c *call, t traits) int {
	if c.MaxTokens > 0 && (t.thinks || c.raised) {
		return roomy(c.MaxTokens, c.prompt, u.cfg.ContextTokens)
	}
	return max(c.MaxTokens, 0)
}

// send waits for a slot and the limits, makes the call, and a second one when
// that is slow. It gives back the traits as they were sent.
func (u *Upstream) send(ctx context.Context, c *call, t traits) (traits, outcome) {
	limit := u.ceiling(c, t)
	q, t := u.build(c.Request, t, limit)
	ceiling := limit
	if t.is[gTokens] == tokensNone {
		ceiling = 0
	}
	// The answer is about as long as the question; a limit far above says little.
	charge := u.limits.charge(c.prompt + min(max(c.MaxTokens, c.prompt), 2*c.prompt))
	if f := u.admit(ctx, c, charge); f.kind != "" {
		return t, outcome{failure: f}
	}
	var out outcome
	if u.cfg.HedgeAfter > 0 {
		out = u.hedged(ctx, c, q, charge, limit)
	} else {
		out = u.exchange(ctx, context.WithoutCancel(ctx), c, q, charge, u.assembly(c, limit))
		u.slots.release()
		c.spend(out.usage)
	}
	out.ceiling = ceiling
	if out.passed {
		u.learner.pass(t, out.thought || c.raised && out.failure.kind == "")
	}
	return t, out
}

// admit waits for a slot, the gate and the limits a minute. Without a failure the
// caller has a slot to release.
func (u *Upstream) admit(ctx context.Context, c *call, charge int) failure {
	within, most := ctx, time.Duration(math.MaxInt64)
	if c.Spare {
		most = spareWait
	}
	if c.Spare && !c.scout {
		var stop func()
		within, stop = u.breaker.whileClosed(ctx)
		defer stop()
	}
	paid, admitted := false, false
	defer func() {
		if paid && !admitted {
			u.limits.giveBack(charge)
		}
	}()
	// The gate first, without a slot, so that who cannot wait that long is told at
	// once and not when a slot is free.
	wait, ok := u.waitGate(within, c)
	for ok {
		if d := u.pacer.queue(u.slots.waiting()); !paid && d > 0 && (d > most || !fits(within, d)) {
			wait = d
			break
		}
		if !u.slots.acquire(within) {
			break
		}
		if !paid {
			wait, ok = u.limits.pace(within, charge)
			paid = ok
		}
		shut := false
		if ok {
			brief, stop := c.patience(within)
			shut, wait, ok = u.pacer.wait(brief, &u.gate)
			stop()
		}
		if admitted = ok && !shut && !u.barred(c); admitted {
			return failure{}
		}
		u.slots.release()
		if !shut {
			break
		}
		wait, ok = u.waitGate(within, c) // it was shut while we stood in line
	}
	switch {
	case u.barred(c), context.Cause(within) == errOpened:
		return u.breaker.refusal()
	case ctx.Err() != nil:
		return contextFailure(ctx)
	}
	return failure{kind: RateLimited, after: wait, reason: "the wait for the upstream's or our own limit is longer than this call can take"}
}

// waitGate is the gate's wait, as long as the call has patience.
func (u *Upstream) waitGate(ctx context.Context, c *call) (time.Duration, bool) {
	brief, stop := c.patience(ctx)
	defer stop()
	return u.gate.wait(brief)
}
