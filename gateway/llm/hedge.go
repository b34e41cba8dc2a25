package llm

import (
	"context"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// hedged makes the call, and the same a second time if it is still going on after
// HedgeAfter and the budget, a slot and the limits allow it at once. The first
// answer wins; the other call is cancelled and counted by estimate. The caller's
// slot is released.
func (u *Upstream) hedged(ctx context.Context, c *call, q openai.ChatCompletionRequest, charge, ceiling int) outcome {
	lost, lose := context.WithCancelCause(context.WithoutCancel(ctx))
	defer lose(errLost)
	results := make(chan outcome, 2) // never blocks a call that nobody waits for
	var answers []*assembly
	start := func() {
		a := u.assembly(c, ceiling)
		answers = append(answers, a)
		go func() {
			out := u.exchange(ctx, lost, c, q, charge, a)
			out.of = a
			u.slots.release()
			results <- out
		}()
	}
	start()
	timer := time.NewTimer(u.cfg.HedgeAfter)
	defer timer.Stop()
	running := 1
	for {
		select {
		case <-timer.C:
			if c.tries < u.cfg.MaxAttempts && !u.tried(c, failure{}) && ctx.Err() == nil && u.mayHedge(c, charge) {
				c.tries++
				running++
				start()
			}
		case out := <-results:
			c.spend(out.usage)
			running--
			if f := out.failure; running > 0 && f.kind != "" && (f.retry || ctx.Err() != nil) {
				continue // the other one may still bring it
			}
			for _, a := range answers {
				if running > 0 && a != out.of {
					c.spend(Usage{Calls: 1, PromptTokens: c.prompt, CompletionTokens: a.tokens()})
				}
			}
			return out
		}
	}
}

// mayHedge takes what a second call needs, or nothing.
func (u *Upstream) mayHedge(c *call, charge int) bool {
	if u.gate.remaining() > 0 {
		return false
	}
	if !u.slots.try() {
		return false
	}
	if !c.Budget.takeAbove(c.Keep) {
		u.slots.release()
		return false
	}
	if !u.pacer.try() || !u.limits.tryPace(charge) {
		u.slots.release()
		c.Budget.give()
		return false
	}
	return true
}
