package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what went wrong in terms of what can be done about it.
type Kind string

// The kinds of failure. Only [RateLimited], [Unavailable] and [Timeout] are
// ever tried again, and by [Upstream.Complete] alone.
const (
	// Auth: the key is missing, wrong or not allowed (401, 403).
	Auth Kind = "auth"
	// Quota: no credit or quota left (402, or 429 with code insufficient_quota).
	Quota Kind = "quota"
	// RateLimited: too many requests (429), or our own limit or the upstream's
	// Retry-After reaches past the caller's deadline. RetryAfter says how long.
	RateLimited Kind = "rate_limited"
	// BadRequest: the upstream refuses this request and would again (400, 404,
	// 413, 422, a redirect, no model set).
	BadRequest Kind = "bad_request"
	// Unavailable: 5xx, connection refused or reset, or a 2xx that is no answer.
	Unavailable Kind = "unavailable"
	// Timeout: one of the four limits of [Config], or the caller's deadline.
	Timeout Kind = "timeout"
	// Truncated: the answer was cut at the token limit. Ask for less at once.
	Truncated Kind = "truncated"
	// Refused: the model or a content filter in front of it declined.
	Refused Kind = "refused"
	// PromptCut: by its own count of tokens the server has read only a part of
	// the prompt, so that the answer is one to another question. Raise the
	// server's context length, or lower LLM_CONTEXT_TOKENS to it.
	PromptCut Kind = "prompt_cut"
	// BudgetSpent: the article may cost no more calls, or none but those kept for
	// another upstream. Unwrap gives the failure that called for one more, if there
	// was one.
	BudgetSpent Kind = "budget_spent"
	// Canceled: the caller's context was cancelled.
	Canceled Kind = "canceled"
)

// Error is the one type of error [Upstream.Complete] and [Upstream.Models]
// return. Its text is made for logs: it names the upstream, the kind, the
// status and the upstream's error code, and never holds a key, a prompt, an
// answer or the upstream's own message, which may quote any of them.
type Error struct {
	Kind Kind
	// Upstream is the name in [Config].
	Upstream string
	// Status is the HTTP status of the last attempt, 0 when there was none.
	Status int
	// RetryAfter is how long the upstream asked to be left alone, counted from
	// the moment the error is returned; 0 when it did not say.
	RetryAfter time.Duration
	// Usage is what all attempts cost together, estimated where the upstream did
	// not tell.
	Usage Usage

	reason string // in our own words, plus the upstream's code if it is a plain token
	cause  error
}

// Error describes the failure in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("llm: ")
	if e.Upstream != "" {
		b.WriteString(e.Upstream)
		b.WriteString(": ")
	}
	b.WriteString(string(e.Kind))
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.reason != "" {
		b.WriteString(": ")
		b.WriteString(e.reason)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %s)", e.RetryAfter.Round(time.Millisecond))
	}
	return b.String()
}

// Unwrap gives the cause: a context or network error, or for [BudgetSpent] the
// failure before it. It may be nil.
func (e *Error) Unwrap() error { return e.cause }

// The causes by which our own limits end an attempt.
var (
	errConnect = errors.New("no connection within the connect timeout")
	errHeader  = errors.New("no answer within the header timeout")
	errIdle    = errors.New("silence in the answer longer than the idle timeout")
	errWhole   = errors.New("no whole answer within the call's timeout")
	errTooLong = errors.New("the answer is larger than the limit")
)

// contextFailure tells the caller's deadline from the caller's leaving.
func contextFailure(ctx context.Context) failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failure{kind: Timeout, reason: "the caller's deadline passed", cause: ctx.Err()}
	}
	return failure{kind: Canceled, reason: "the caller left", cause: ctx.Err()}
}

// failure is one attempt's failure before it becomes an [Error].
type failure struct {
	kind    Kind
	status  int
	reason  string
	retry   bool
	after   time.Duration // Retry-After, 0 = not said
	cause   error
	refusal *refusal // set when a parameter may be to blame
	mute    bool     // the call's whole time went by without one character of an answer
	thought bool     // cut at the token limit with nothing but thinking
}

// fail makes f the caller's error.
func (u *Upstream) fail(f failure, used Usage) *Error {
	e := &Error{
		Kind: f.kind, Upstream: u.cfg.Name, Status: f.status, RetryAfter: f.after,
		Usage: used, reason: f.reason, cause: f.cause,
	}
	if f.after == 0 && f.kind == RateLimited {
		e.RetryAfter = u.gate.remaining()
	}
	return e
}

// plainToken gives s when it is a short token such as "model_not_found", which
// can be shown, and "" for all else, which might quote the prompt.
func plainToken(s string) string {
	if s == "" || len(s) > 48 {
		return ""
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.') {
			return ""
		}
	}
	return s
}
