package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// After breakerFailures failures in a row, over breakerDoubt at least, only one
// call in breakerPause is made. Of calls that fail side by side one counts: a
// burst of requests on a busy machine is no outage.
const (
	breakerFailures = 3
	breakerDoubt    = time.Second
	breakerPause    = 3 * time.Second
)

// breaker keeps calls away from a Redis that does not answer. Its zero value
// lets all through.
type breaker struct {
	mu       sync.Mutex
	failures int       // in a row
	doubt    time.Time // when the first of them began
	failed   time.Time // when the last of them was counted
	down     bool
	until    time.Time // of a pause, when down
}

// ready says whether a call may be made. During a pause one is let through at
// its end, and the next pause begins.
func (b *breaker) ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.down && now.Before(b.until) {
		return false
	}
	if b.down {
		b.until = now.Add(breakerPause)
	}
	return true
}

// succeeded takes down that a call got through.
func (b *breaker) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.down = 0, false
}

// fail takes down that a call which began then failed, and tells whether
// failures were already the rule.
func (b *breaker) fail(started time.Time) (wasDown bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return true
	}
	if !started.After(b.failed) {
		return false
	}
	b.failed = time.Now()
	if b.failures == 0 {
		b.doubt = started
	}
	b.failures++
	if b.failures >= breakerFailures && b.failed.Sub(b.doubt) >= breakerDoubt {
		b.down, b.until = true, b.failed.Add(breakerPause)
	}
	return false
}

// errDown stands for calls that are not made, or are no news when they fail.
var errDown = errors.New("the Redis server has not answered lately")

// bounded calls do, which must not outlive the context for long, and comes back
// within the budget. How that ended goes to the breaker. do has a goroutine of
// its own, because a cluster client that looks for its nodes does not go by the
// context. Of a timeout the error is a context.DeadlineExceeded.
func bounded[T any](ctx context.Context, b *breaker, budget time.Duration, do func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		answer T
		err    error
	}
	var none T
	done := make(chan outcome, 1)
	started := time.Now()
	inner, cancel := context.WithTimeout(ctx, budget)
	go func() {
		defer cancel()
		var o outcome
		defer func() {
			if p := recover(); p != nil { // a driver's panic must not end the program
				o = outcome{err: fmt.Errorf("the Redis client panicked: %v", p)}
			}
			done <- o
		}()
		o.answer, o.err = do(inner)
	}()
	late := fmt.Errorf("the Redis server did not answer within %v: %w", budget, context.DeadlineExceeded)
	var o outcome
	select {
	case o = <-done:
	case <-inner.Done():
		select {
		case o = <-done: // it ended in time, and its end cancelled inner
		default:
			o.err = late
		}
	}
	switch {
	case o.err == nil:
		b.succeeded()
		return o.answer, nil
	case ctx.Err() != nil:
		return none, ctx.Err() // the caller's leaving is not Redis's fault
	case b.fail(started):
		return none, fmt.Errorf("%w: %v", errDown, o.err) // no timeout any more: asking again is no use
	}
	var network net.Error
	switch {
	case errors.Is(o.err, context.DeadlineExceeded):
		return none, late
	case errors.As(o.err, &network) && network.Timeout(): // of a dial, or of the deadline a moment early
		return none, errors.Join(context.DeadlineExceeded, o.err)
	}
	return none, Explain(o.err)
}
