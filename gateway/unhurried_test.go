package gateway_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// Who waits never stands in line behind work that nobody waits for.
func TestUnhurriedLeavesRoom(t *testing.T) {
	t.Parallel()
	const segments = 60 // ten calls
	slow, pairs := rides(3, segments)
	quick, more := rides(5, 2)
	for _, row := range []struct {
		concurrency, atOnce int
		took                time.Duration // by who waits; a call takes a second
	}{
		{8, 6, time.Second},
		{4, 3, time.Second},
		{1, 1, 2 * time.Second}, // the one that is out
	} {
		synctest.Test(t, func(t *testing.T) {
			sim, err := simulator.New(simulator.Config{Memory: append(pairs, more...), Latency: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			calls := make(chan struct{}, 100)
			m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls <- struct{}{}
				sim.ServeHTTP(w, r)
			}))
			g := made(t, gateway.Config{}, func(c *llm.Config) { c.Concurrency = row.concurrency }, m)
			ask := func(ctx context.Context, text string) {
				res, err := g.Article(ctx, gateway.Request{Input: text, Translate: true})
				if err != nil || res.Partial {
					t.Errorf("concurrency %d: %v", row.concurrency, err)
				}
			}
			done := make(chan struct{})
			go func() { defer close(done); ask(gateway.Unhurried(t.Context()), slow) }()
			time.Sleep(500 * time.Millisecond)
			if n := len(calls); n != row.atOnce {
				t.Errorf("concurrency %d: %d calls at once", row.concurrency, n)
			}
			start := time.Now()
			ask(t.Context(), quick)
			if took := time.Since(start); took > row.took {
				t.Errorf("concurrency %d: who waits was answered after %v", row.concurrency, took)
			}
			<-done
		})
	}
}
