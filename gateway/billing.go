package gateway

import (
	"context"

	"dubhashi/gateway/llm"
)

// Spending is what one call to an upstream cost, with its retries and hedges.
type Spending struct {
	Calls                          int // HTTP calls
	PromptTokens, CompletionTokens int
	Cost                           float64 // US dollars; 0 when no price is set
}

type billedKey struct{}

// Billed gives a context for requests whose payer wants to know: to is told of
// each call that such a request starts, when the call has ended, which may be
// after the request's answer or its caller's leaving. It is called from several
// goroutines and must not take long.
func Billed(ctx context.Context, to func(Spending)) context.Context {
	return context.WithValue(ctx, billedKey{}, to)
}

// billTo is whom a request's calls are told to.
func billTo(ctx context.Context) func(Spending) {
	if to, ok := ctx.Value(billedKey{}).(func(Spending)); ok {
		return to
	}
	return func(Spending) {}
}

type unhurriedKey struct{}

// Unhurried gives a context for requests that nobody sits and waits for. Their
// calls take at most three quarters of the first upstream's places, so that
// another request never stands in line behind them.
func Unhurried(ctx context.Context) context.Context {
	return context.WithValue(ctx, unhurriedKey{}, true)
}

func unhurried(ctx context.Context) bool { return ctx.Value(unhurriedKey{}) != nil }

// spent puts a call on its request's bill and tells of it.
func (g *Gateway) spent(b *bill, up *llm.Upstream, u llm.Usage) {
	b.add(up, u)
	usd, _ := up.Cost(u)
	s := Spending{u.Calls, u.PromptTokens, u.CompletionTokens, usd}
	g.spend(s)
	b.to(s)
}
