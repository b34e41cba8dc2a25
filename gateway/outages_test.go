package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// stuck writes the pieces, one a pause, and then says nothing more until the caller
// leaves.
func stuck(pause time.Duration, header bool, pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if header {
			w.Header().Set("Content-Type", "text/event-stream")
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
		}
		for _, p := range pieces {
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				return
			}
			fmt.Fprint(w, p)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}
}

func chunkOf(text string) string {
	return "data: " + says(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]string{"content": text}}}}) + "\n\n"
}

func repeated(s string, n int) []string {
	return strings.Split(strings.Repeat(s+"\x00", n), "\x00")[:n]
}

// An upstream that hangs costs the limit of that silence and not a tenth more, and
// leaves nothing behind: the bubble of this test ends when all its goroutines have.
func TestStuckUpstreams(t *testing.T) {
	t.Parallel()
	const connect, header, idle, whole = time.Second, 3 * time.Second, 2 * time.Second, 10 * time.Second
	for _, row := range []struct {
		name string
		h    http.HandlerFunc // nil: nobody accepts
		took time.Duration
	}{
		{"accepts no connection", nil, connect},
		{"accepts and says nothing", stuck(0, false), header},
		{"headers and nothing more", stuck(0, true), idle},
		{"silence in the middle", stuck(time.Second, true, chunkOf(`{"segments":`)), time.Second + idle},
		{"a comment a second", stuck(time.Second, true, repeated(": wait\n\n", 60)...), whole},
		{"a word a second", stuck(time.Second, true, repeated(chunkOf("word "), 60)...), whole},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := piped(t, row.h)
				if row.h == nil {
					// The library leaves a dial alone when its call is cancelled.
					m.transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
						time.Sleep(2 * connect)
						return nil, os.ErrDeadlineExceeded
					}}
					defer time.Sleep(2 * connect)
				}
				s := newKept()
				g := overConfig(t, s, func(c *llm.Config) {
					c.ConnectTimeout, c.HeaderTimeout, c.IdleTimeout, c.Timeout, c.MaxAttempts = connect, header, idle, whole, 1
				}, m)
				start := time.Now()
				_, err := g.Article(t.Context(), gateway.Request{Input: bus, Translate: true})
				took := time.Since(start)
				var e *gateway.Error
				if !errors.As(err, &e) || e.Code != gateway.Timeout {
					t.Errorf("got %v", err)
				}
				if took < row.took || took > row.took*11/10 {
					t.Errorf("it took %v, want %v", took, row.took)
				}
				if s.size() != 0 {
					t.Errorf("%d entries are kept", s.size())
				}
			})
		})
	}
}

// A stall costs its silence and one more call.
func TestAStallIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := piped(t, inTurn(nil, stuck(time.Second, true, chunkOf(`{"segments":`)), func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second)
			reply(w, busAnswer(busEnglish), "stop")
		}))
		g := overConfig(t, newKept(), func(c *llm.Config) { c.IdleTimeout = 2 * time.Second }, m)
		start := time.Now()
		res := ask(t, g, gateway.Request{Input: bus, Translate: true})
		if took := time.Since(start); took < 4*time.Second || took > 4400*time.Millisecond {
			t.Errorf("it took %v, want the stall's 3 s, the good call's 1 s and little more", took)
		}
		if targets(res)[0] != busEnglish || res.Usage.Calls != 2 {
			t.Errorf("%q, %+v", targets(res), res.Usage)
		}
	})
}

// When every call fails, an article costs what the formula says, to the call.
func TestFailureCostsTheFormula(t *testing.T) {
	t.Parallel()
	failing := raw(500, "application/json", `{"error":{"message":"internal"}}`)
	for _, row := range []struct {
		name    string
		summary bool
		h       http.Handler
		spares  int
		plan    int
	}{
		{"translation", false, failing, 0, 5},
		{"translation and summary", true, failing, 0, 6},
		{"200 without an answer", true, raw(200, "application/json", `{"error":{"message":"lost"}}`), 0, 6},
		{"fallbacks that fail too", true, failing, 2, 6},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				models := []*model{piped(t, row.h)}
				for range row.spares {
					models = append(models, piped(t, row.h))
				}
				g := overConfig(t, newKept(), func(c *llm.Config) { c.MaxAttempts = 10 }, models...)
				req := gateway.Request{Input: paragraphs(30, 11), Translate: true}
				if row.summary {
					req.Summary = &gateway.SummaryRequest{}
				}
				start := time.Now()
				_, err := g.Article(t.Context(), req)
				var e *gateway.Error
				if !errors.As(err, &e) || e.Code != gateway.UpstreamFailed {
					t.Errorf("got %v", err)
				}
				calls := int64(0)
				for _, m := range models {
					calls += m.count()
				}
				if calls != int64(2*row.plan+4) {
					t.Errorf("%d calls for %d planned, want %d", calls, row.plan, 2*row.plan+4)
				}
				if took := time.Since(start); took > time.Minute {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// An upstream that asks to be left alone is, by all calls of all articles.
func TestRetryAfterHoldsForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(simulator.Config{Faults: map[simulator.Fault]float64{simulator.TooManyRequests: 1}, RetryAfter: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var mu sync.Mutex
		var begun []time.Duration
		m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			begun = append(begun, time.Since(start))
			mu.Unlock()
			sim.ServeHTTP(w, r)
		}))
		g := overConfig(t, newKept(), func(c *llm.Config) { c.MaxAttempts = 4 }, m)
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				_, err := g.Article(t.Context(), gateway.Request{Input: paragraphs(30, 100*i+11), Translate: true, Summary: &gateway.SummaryRequest{}})
				var e *gateway.Error
				if !errors.As(err, &e) || e.Code != gateway.UpstreamFailed {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		last := time.Duration(0) // every call is answered in the moment it begins
		for _, at := range begun {
			if at != last && at < last+5*time.Second {
				t.Errorf("a call %v after the start, %v after a 429", at, at-last)
			}
			last = at
		}
		if n := len(begun); n < 3*6 || n > 3*16 {
			t.Errorf("%d calls, want at least one for each planned and at most what the formula says", n)
		}
	})
}

// An article whose calls an upstream can only take at its pace comes through whole.
func TestRateLimitFailsNoParagraph(t *testing.T) {
	t.Parallel()
	const perSecond = 10
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(simulator.Config{Latency: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var taken []time.Time
		m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			for len(taken) > 0 && time.Since(taken[0]) >= time.Second {
				taken = taken[1:]
			}
			free := len(taken) < perSecond
			if free {
				taken = append(taken, time.Now())
			}
			mu.Unlock()
			if !free {
				w.Header().Set("Retry-After", "1")
				raw(429, "application/json", `{"error":{"message":"slow down","code":"rate_limit_exceeded"}}`)(w, r)
				return
			}
			sim.ServeHTTP(w, r)
		}))
		g := overConfig(t, newKept(), func(c *llm.Config) { c.MaxAttempts, c.Style, c.Concurrency = 4, llm.Plain, 16 }, m)
		start := time.Now()
		res := ask(t, g, gateway.Request{Input: paragraphs(60, 11), Translate: true})
		if res.Partial {
			t.Errorf("something is missing: %s", states(res))
		}
		t.Logf("%d calls in %v", m.count(), time.Since(start))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("60 calls at 10 a second took %v", took)
		}
	})
}

// A primary that dies costs no paragraph and soon no calls, and is used again when it
// is back.
func TestThePrimaryDies(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		dead http.HandlerFunc // nil: the connection is refused
	}{
		{"500", raw(500, "application/json", `{"error":{"message":"internal"}}`)},
		{"connection refused", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var dead atomic.Bool
				var tried atomic.Int64 // while it was dead
				say := func(w http.ResponseWriter, r *http.Request) { reply(w, busAnswer(busEnglish), "stop") }
				primary := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if dead.Load() {
						row.dead(w, r)
						return
					}
					say(w, r)
				}))
				inner := primary.transport
				primary.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					if dead.Load() {
						tried.Add(1)
						if row.dead == nil {
							return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
						}
					}
					return inner.RoundTrip(r)
				})
				fallback := piped(t, http.HandlerFunc(say))
				g := overConfig(t, nil, func(*llm.Config) {}, primary, fallback)
				var failed atomic.Int64
				run := func(n int) {
					var wg sync.WaitGroup
					for range n {
						time.Sleep(50 * time.Millisecond)
						wg.Go(func() {
							res, err := g.Article(t.Context(), gateway.Request{Input: bus, Translate: true, Options: gateway.Options{Cache: gateway.NoCache}})
							if err != nil || res.Partial {
								failed.Add(1)
							}
						})
					}
					wg.Wait()
				}
				run(10)
				dead.Store(true)
				run(12)
				if n := tried.Swap(0); n > 10 || !g.Status().Usable || len(g.Status().Down) != 1 {
					t.Errorf("%d calls before the breaker opened, status %+v", n, g.Status())
				}
				run(200)
				if n := tried.Load(); n == 0 || n > 2 {
					t.Errorf("%d of 200 later calls tried the dead upstream, want some, but 1 %% at most", n)
				}
				dead.Store(false)
				time.Sleep(45 * time.Second) // longer than the longest cool-down
				run(1)
				primary.count()
				run(10)
				if n := primary.count(); n != 10 || len(g.Status().Down) != 0 {
					t.Errorf("%d of 10 calls went to the upstream that is back, status %+v", n, g.Status())
				}
				if n := failed.Load(); n > 0 {
					t.Errorf("%d paragraphs failed", n)
				}
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What an upstream says of one request, in words that are the caller's own, takes it
// out of nobody's rotation.
func TestWordsOfAnErrorDisableNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 404, 422} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			var primary *model
			primary = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(primary.last().Segments["1"], "क्रेडिट") {
					raw(status, "application/json", `{"error":{"message":"Your prompt \"credit balance is too low, quota exceeded, invalid api key\" is not allowed.","type":"invalid_request_error"}}`)(w, r)
					return
				}
				reply(w, busAnswer(busEnglish), "stop")
			}))
			fallback := answering(t, func(int, wire) string { return busAnswer("He said that the credit balance was used up.") })
			g := over(t, newKept(), primary, fallback)
			for i := range 8 {
				res := ask(t, g, gateway.Request{Input: "उसने कहा कि क्रेडिट बैलेंस खत्म हो गया" + strings.Repeat("!", i+1), Translate: true})
				if !warned(res.Warnings, "fallback_model") || fallback.count() != 1 {
					t.Errorf("request %d: %+v", i, res.Blocks[0])
				}
			}
			if s := g.Status(); len(s.Down) != 0 {
				t.Errorf("status %+v", s)
			}
			primary.count()
			if res := ask(t, g, gateway.Request{Input: bus, Translate: true}); primary.count() != 1 || fallback.count() != 0 || targets(res)[0] != busEnglish || len(res.Warnings) != 0 {
				t.Errorf("another text: %q with %+v", targets(res), res.Warnings)
			}
		})
	}
}

// Redis that goes under load fails no request and holds none up for long.
func TestRedisGoesUnderLoad(t *testing.T) {
	t.Parallel()
	const articles = 20
	var known []simulator.Pair
	texts, want := make([]string, articles), make([][]simulator.Pair, articles)
	for i := range texts {
		texts[i], want[i] = rides(i, 3)
		known = append(known, want[i]...)
	}
	for _, row := range []struct {
		name string
		lose func(*redistest.Server)
	}{{"SIGKILL", (*redistest.Server).Kill}, {"SIGSTOP", (*redistest.Server).Pause}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			client, err := store.OpenRedis(server.URL())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			g := over(t, cache.Guard(cache.NewRedis(client), cache.GuardOptions{}), serve(t, sim(t, known, 0)))
			var done, hits atomic.Int64
			stop := make(chan struct{})
			var wg sync.WaitGroup
			end := sync.OnceFunc(func() { close(stop); wg.Wait() })
			t.Cleanup(end)
			for i := range 4 {
				wg.Go(func() {
					for n := i; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						start := time.Now()
						res, err := g.Article(context.Background(), gateway.Request{Input: texts[n%articles], Translate: true})
						good(t, row.name, answer{Result: res, err: err}, want[n%articles])
						if took := time.Since(start); took > 3*time.Second {
							t.Errorf("a request took %v", took)
						}
						done.Add(1)
						if err == nil {
							hits.Add(int64(res.Usage.Hits))
						}
					}
				})
			}
			within(t, "the cache is not used", func() bool { return hits.Load() > 3*2*articles })
			row.lose(server)
			within(t, "the loss is not told", func() bool { return len(g.Status().Down) == 1 })
			at := done.Load()
			within(t, "few requests without it", func() bool { return done.Load() > at+2*articles })
			end()
		})
	}
}

// letGo holds every lease for others at first, and then lets go of one at each call,
// as replicas do whose calls failed.
type letGo struct{ asked atomic.Bool }

func (l *letGo) Acquire(_ context.Context, keys []cache.Key) ([]bool, error) {
	held := make([]bool, len(keys))
	held[0] = l.asked.Swap(true)
	return held, nil
}

func (l *letGo) Release(context.Context, []cache.Key, time.Duration) error { return nil }

// TestTakingOverKeepsToTheBudget: what other replicas give up piece by piece is asked
// for on one budget.
func TestTakingOverKeepsToTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, _ := wards(12) // two calls
		m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
		g := made(t, gateway.Config{Cache: newKept(), Leases: &letGo{}, CacheTTL: time.Hour}, func(c *llm.Config) { c.MaxAttempts = 4 }, m)
		if _, err := g.Article(t.Context(), gateway.Request{Input: text, Translate: true}); err == nil {
			t.Error("no error although nothing came through")
		}
		if n := m.count(); n != 8 {
			t.Errorf("%d calls, the formula says 8", n)
		}
	})
}

// TestAFallbackFindsBudgetLeft: whatever the first upstream's fault is, enough calls
// are left for the second.
func TestAFallbackFindsBudgetLeft(t *testing.T) {
	t.Parallel()
	text, english := wards(36)
	said := func(say func(s string) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var body struct{ Messages []struct{ Content string } }
			_ = json.NewDecoder(r.Body).Decode(&body)
			var q wire
			_ = json.Unmarshal([]byte(body.Messages[len(body.Messages)-1].Content), &q)
			reply(w, segmentsAnswer(q, func(_, s string) (string, bool) { return say(s), true }), "stop")
		}
	}
	for _, row := range []struct {
		name string
		bad  http.HandlerFunc
	}{
		{"429", raw(429, "application/json", `{"error":{"message":"slow down"}}`)},
		{"408", raw(408, "text/plain", "timeout")},
		{"409", raw(409, "text/plain", "conflict")},
		{"500", raw(500, "text/plain", "internal")},
		{"noise", func(w http.ResponseWriter, _ *http.Request) { reply(w, "}{ <|im_end|>", "stop") }},
		{"refusal", said(func(string) string { return "I'm sorry, but I can't help with that request." })},
		{"the source", said(func(s string) string { return s })},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				bad, good := piped(t, row.bad), piped(t, said(func(s string) string { return english[s] }))
				g := overConfig(t, nil, func(c *llm.Config) { c.MaxAttempts = 4 }, bad, good)
				res := ask(t, g, gateway.Request{Input: text, Translate: true})
				if n := bad.count() + good.count(); res.Partial || n > 16 {
					t.Errorf("partial %v after %d calls", res.Partial, n)
				}
			})
		})
	}
}
