package llm

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lingerFor bounds how long a call whose caller has left may still take. What was
// half done in a minute at most is done in a quarter of one, or was slow.
const lingerFor = 15 * time.Second

// errLost ends a call whose twin was faster.
var errLost = errors.New("the second call was faster")

// detached is the context of one HTTP call: ended with lost and by the call's whole
// time, and when the caller's deadline passes or the caller leaves, but for an
// answer of which more than half has come. stop has to be called.
func (u *Upstream) detached(ctx, lost context.Context, c *call, a *assembly) (within context.Context, stop func()) {
	timed, end := context.WithTimeoutCause(lost, u.cfg.Timeout, errWhole)
	within, cancel := context.WithCancelCause(timed)
	var (
		mu     sync.Mutex
		linger *time.Timer
		over   bool
	)
	leave := context.AfterFunc(ctx, func() {
		if !lingers(ctx, c.Expect, int(a.visible.Load())) {
			cancel(ctx.Err())
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !over {
			linger = time.AfterFunc(lingerFor, func() { cancel(ctx.Err()) })
		}
	})
	return within, func() {
		leave()
		mu.Lock()
		over = true
		if linger != nil {
			linger.Stop()
		}
		mu.Unlock()
		cancel(nil)
		end()
	}
}

// lingers says whether a call goes on behind its caller's back.
func lingers(ctx context.Context, expected, received int) bool {
	return errors.Is(ctx.Err(), context.Canceled) && expected > 0 && 2*received > expected
}
