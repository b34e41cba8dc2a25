package llm

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
)

// exchange makes one HTTP call and judges what it brings. The end of lost ends it
// at once; the end of ctx is the caller's leaving.
func (u *Upstream) exchange(ctx, lost context.Context, c *call, q openai.ChatCompletionRequest, charge int, a *assembly) outcome {
	attempt, start, rate := c.number(), time.Now(), u.pacer.current()
	ex := &exchange{answer: a}
	if ctx.Err() == nil {
		within, stop := u.detached(ctx, lost, c, a)
		u.call(context.WithValue(within, exchangeKey{}, ex), q)
		stop()
		if a.begun {
			u.breaker.letOut()
		}
	}

	out := outcome{model: u.cfg.Model, failure: exchangeFailure(ctx, ex)}
	switch {
	case !ex.sent:
		u.limits.giveBack(charge)
		return out
	case out.failure.kind == "":
		u.read(&out, c, ex)
	default:
		out.usage = Usage{Calls: 1}
		if ex.mayHaveCost() {
			out.usage.PromptTokens, out.usage.CompletionTokens = c.prompt, ex.answer.tokens()
		}
	}
	v := verdictOf(out.failure)
	if v == limited && !c.Spare {
		v = silent // there is nothing but to wait
	}
	u.breaker.note(v, start)
	if c.scout && !errors.Is(ctx.Err(), context.Canceled) {
		u.breaker.scouted(v)
	}
	u.learnPace(out.failure, v, start, rate)
	if f := out.failure; f.after > 0 && f.retry {
		u.gate.shut(f.after) // before the slot is free for the next call
	}
	u.limits.settle(charge, out.usage.PromptTokens+out.usage.CompletionTokens)
	if u.cfg.Observe != nil {
		u.cfg.Observe(Event{
			Upstream: u.cfg.Name, Status: ex.status, Kind: out.failure.kind,
			Duration: time.Since(start), Attempt: attempt, Usage: out.usage,
		})
	}
	return out
}

// learnPace takes from a call's end how many the upstream bears, at once and a
// second.
func (u *Upstream) learnPace(f failure, v verdict, start time.Time, rate float64) {
	switch {
	case f.kind == RateLimited:
		u.pacer.limited(start, rate, f.after > 0)
		u.slots.narrow(start, u.pacer.needs())
	case f.status == http.StatusServiceUnavailable:
		u.slots.narrow(start, 1)
	case v == sound || f.kind == Refused:
		u.pacer.got(start, rate)
		u.slots.widen()
	}
}

// call makes the HTTP call by the client library. What it brings stands in the
// exchange of ctx; what the library makes of that is of no use here, for it loses
// headers and errors of streams.
func (u *Upstream) call(ctx context.Context, q openai.ChatCompletionRequest) {
	if !q.Stream {
		_, _ = u.client.CreateChatCompletion(ctx, q)
		return
	}
	if s, err := u.client.CreateChatCompletionStream(ctx, q); err == nil {
		s.Close()
	}
}

// assembly is where a call's answer is put together, if it comes as a stream.
func (u *Upstream) assembly(c *call, ceiling int) *assembly {
	a := &assembly{limit: runawayFactor * u.cfg.ContextTokens, begins: u.breaker.letIn}
	if ceiling > 0 {
		a.limit = runawayFactor * ceiling
	}
	for _, m := range c.Messages {
		a.question = append(a.question, m.Content)
	}
	return a
}

// read judges a whole 2xx response.
func (u *Upstream) read(out *outcome, c *call, ex *exchange) {
	out.usage = Usage{Calls: 1, PromptTokens: c.prompt}
	var r reply
	var ok bool
	if ex.streamed {
		r, ok = ex.answer.reply()
	} else {
		r, ok = readReply(ex.body)
	}
	if !ok {
		out.usage.CompletionTokens = ex.answer.tokens()
		out.failure = noReplyFailure(ex)
		return
	}
	out.passed = true
	if r.model != "" {
		out.model = r.model
	}
	if r.prompt > 0 { // some servers send zeros, which say nothing
		out.usage.PromptTokens = r.prompt
	}
	if out.usage.CompletionTokens = r.completion; r.completion <= 0 {
		out.usage.CompletionTokens = max(tokens(utf8.RuneCountInString(r.text)), ex.answer.tokens())
	}
	if why := ex.answer.runaway; why != "" {
		out.failure = failure{kind: Truncated, status: ex.status, reason: why}
		return
	}
	if cutsPrompt(c.Messages, r) {
		out.failure = failure{
			kind: PromptCut, status: ex.status,
			reason: "the server has read only a part of the prompt: raise its context length, or lower LLM_CONTEXT_TOKENS",
		}
		return
	}
	out.text, out.finish, out.thought, out.failure = judge(r, len(c.Schema) > 0)
}

// No tokenizer in use puts more than six characters of a text in a token on the
// average, so that a prompt has at least a sixth of its characters in tokens. A
// count far below is one of a prompt that was cut; servers do so without a word
// when the prompt is longer than the context they were started with. Short
// prompts are never cut, and there a fixed part weighs too much.
const (
	mostPerToken = 6
	cutShare     = 0.35
	cutLeast     = 1000 // tokens, by the estimate
)

// cutsPrompt says that the upstream's count of prompt tokens is far below what the
// messages can have. By OpenAI's definition the cached tokens are among them; some
// servers count them apart, so that the sum is taken, which is at most twice too
// lenient. No count, or zero, says nothing.
func cutsPrompt(messages []Message, r reply) bool {
	chars := 0
	for _, m := range messages {
		chars += utf8.RuneCountInString(m.Content)
	}
	least := float64(chars) / mostPerToken
	return r.prompt > 0 && least > cutLeast && float64(r.prompt+r.cached) < cutShare*least
}

// tokens estimates the tokens of n characters. News English has about 4.5
// characters a token and Hindi 1.5 to 4, depending on the tokenizer; a third is
// on the dear side for both.
func tokens(n int) int { return (n + 2) / 3 }

func promptTokens(messages []Message) int {
	n := 0
	for _, m := range messages {
		n += utf8.RuneCountInString(m.Content)
	}
	return tokens(n)
}
