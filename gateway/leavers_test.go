package gateway_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// A caller that leaves ends its calls at once unless somebody else waits for them or
// most of the answer is in, and what was spent is told all the same.
func TestTheCallerLeaves(t *testing.T) {
	t.Parallel()
	text, pairs := rides(3, 4)
	for _, row := range []struct {
		name     string
		sim      simulator.Config
		leaves   time.Duration
		another  bool // waits too, and stays
		finished bool // the call
	}{
		{"at 300 ms of 4 s", simulator.Config{Latency: 4 * time.Second}, 300 * time.Millisecond, false, false},
		{"early in a stream", simulator.Config{TokensPerSecond: 20}, time.Second, false, false},
		{"past the half of a stream", simulator.Config{TokensPerSecond: 20}, 3 * time.Second, false, true},
		{"one of two", simulator.Config{Latency: 4 * time.Second}, 300 * time.Millisecond, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				row.sim.Memory = pairs
				sim, err := simulator.New(row.sim)
				if err != nil {
					t.Fatal(err)
				}
				var ended atomic.Int64 // the time of the call's end
				start := time.Now()
				m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					sim.ServeHTTP(w, r)
					ended.Store(int64(time.Since(start)))
				}))
				var prompt, completion, billed, others atomic.Int64
				s := newKept()
				g := made(t, gateway.Config{Cache: s, Spend: func(v gateway.Spending) {
					prompt.Add(int64(v.PromptTokens))
					completion.Add(int64(v.CompletionTokens))
				}}, func(*llm.Config) {}, m)
				payer := func(to *atomic.Int64) context.Context {
					return gateway.Billed(t.Context(), func(v gateway.Spending) { to.Add(int64(v.PromptTokens)) })
				}
				ctx, leave := context.WithCancel(payer(&billed))
				defer leave()
				time.AfterFunc(row.leaves, leave)
				stays := make(chan answer, 1)
				if row.another {
					time.AfterFunc(row.leaves/2, func() {
						res, err := g.Article(payer(&others), gateway.Request{Input: text, Translate: true})
						stays <- answer{Result: res, err: err}
					})
				}
				_, err = g.Article(ctx, gateway.Request{Input: text, Translate: true})
				var e *gateway.Error
				if took := time.Since(start); !errors.As(err, &e) || e.Code != gateway.Canceled || took > row.leaves+50*time.Millisecond {
					t.Errorf("%v after %v", err, took)
				}
				if row.another {
					a := <-stays
					good(t, "who stayed", a, pairs)
					if a.err == nil && (a.Usage.Calls != 0 || a.Usage.SharedCalls != 1) {
						t.Errorf("who stayed: %+v", a.Usage)
					}
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				stats, cancelled := sim.Stats(), int64(1)
				if row.finished {
					cancelled = 0
				}
				if stats.Calls != 1 || stats.Cancelled != cancelled || stats.InFlight != 0 {
					t.Errorf("the upstream saw %+v", stats)
				}
				if at := time.Duration(ended.Load()); !row.finished && at > row.leaves+time.Second {
					t.Errorf("the call ended %v after the caller had left", at-row.leaves)
				}
				if prompt.Load() == 0 || row.finished && (prompt.Load() != stats.PromptTokens || completion.Load() != stats.CompletionTokens) {
					t.Errorf("told %d and %d tokens of %d and %d", prompt.Load(), completion.Load(), stats.PromptTokens, stats.CompletionTokens)
				}
				if billed.Load() != prompt.Load() || others.Load() != 0 {
					t.Errorf("of %d tokens, %d are told to who began the call and %d to who joined it", prompt.Load(), billed.Load(), others.Load())
				}
				if want := len(pairs); row.finished && s.size() != want || !row.finished && s.size() != 0 {
					t.Errorf("%d entries are kept", s.size())
				}
			})
		})
	}
}

// Many callers that leave in the middle of streams leave nothing behind.
func TestLeaversLeaveNothing(t *testing.T) {
	// Not parallel: it counts the goroutines of the process.
	before := runtime.NumGoroutine()
	sim, err := simulator.New(simulator.Config{TokensPerSecond: 300})
	if err != nil {
		t.Fatal(err)
	}
	var open atomic.Int64
	srv := httptest.NewUnstartedServer(sim)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	srv.Start()
	up, err := llm.New(llm.Config{BaseURL: srv.URL + "/v1", Model: "test-model", Concurrency: 32})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{up}, Cache: newKept()})
	var wg sync.WaitGroup
	slots := make(chan struct{}, 32)
	for i := range 300 {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			time.AfterFunc(time.Duration(1+i%40)*time.Millisecond, cancel)
			_, _ = g.Article(ctx, gateway.Request{Input: paragraphs(3, 100*i), Translate: true})
		})
	}
	wg.Wait()
	within(t, "calls are still under way", func() bool { return sim.Stats().InFlight == 0 })
	// Of each call that was dropped while it dialled one waits for the next.
	within(t, "connections pile up", func() bool { return open.Load() < 100 })
	if sim.Stats().Cancelled == 0 {
		t.Error("no call was cancelled")
	}
	if err := g.Close(context.Background()); err != nil {
		t.Error(err)
	}
	up.Close()
	within(t, "connections are left", func() bool { return open.Load() == 0 })
	srv.Close()
	within(t, "goroutines are left", func() bool { return runtime.NumGoroutine() <= before })
}

// within waits until something is so, for 5 s at most.
func within(t testing.TB, otherwise string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(otherwise)
		}
	}
}

// TestMoreWorksThanAtOnce: behind a great many articles the others wait before they
// have a prompt; they leave as they like, and whoever stays is answered.
func TestMoreWorksThanAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const atOnce, more = 1024, 20
		_, pairs := rides(1, atOnce+more)
		sim, err := simulator.New(simulator.Config{Memory: pairs, Latency: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		m := piped(t, sim)
		g := made(t, gateway.Config{}, func(*llm.Config) {}, m)
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		ask := func(i int, leaves bool) {
			wg.Go(func() {
				ctx, code := ctx, gateway.Canceled
				if !leaves {
					ctx, code = t.Context(), ""
				}
				res, err := g.Article(ctx, gateway.Request{Input: pairs[i].Hindi, Translate: true})
				var e *gateway.Error
				if code == "" && (err != nil || targets(res)[0] != pairs[i].English) || code != "" && (!errors.As(err, &e) || e.Code != code) {
					t.Errorf("article %d: %v", i, err)
				}
			})
		}
		for i := range atOnce {
			ask(i, i >= 4)
		}
		synctest.Wait()
		for i := range more { // there is no room for these
			ask(atOnce+i, i%2 == 0)
		}
		synctest.Wait()
		leave()
		wg.Wait()
		for _, w := range m.all() {
			for i := 0; i < more; i += 2 {
				if w.Segments["1"] == pairs[atOnce+i].Hindi {
					t.Errorf("article %d was asked for, whose caller had left", atOnce+i)
				}
			}
		}
	})
}
