package llm_test

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// An upstream that answers nothing but 429, with another one beside it: no call
// is held up by it for long, it is soon left alone but for one call at a time, and
// it is used again by itself.
func TestNothingButRateLimits(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"", "1", "5", "60"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				var back atomic.Bool
				u := open(t, llm.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					asked.Add(1)
					if back.Load() {
						return respond(200, good("a")), nil
					}
					res := respond(429, "")
					if after != "" {
						res.Header.Set("Retry-After", after)
					}
					return res, nil
				})})
				ask := func() error {
					start := time.Now()
					_, err := u.Complete(t.Context(), spare())
					if took := time.Since(start); took > 4200*time.Millisecond { // in line for a slot, and for the pace
						t.Errorf("%v after %s", err, took)
					}
					return err
				}
				var wg sync.WaitGroup
				for range 8 {
					wg.Go(func() { failed(t, ask(), llm.RateLimited) })
				}
				wg.Wait()
				if n := asked.Load(); n > 16 {
					t.Errorf("%d calls for eight questions", n)
				}
				const gap = 50 * time.Millisecond
				for range int(20 * time.Second / gap) {
					wg.Go(func() { failed(t, ask(), llm.RateLimited) })
					time.Sleep(gap)
				}
				wg.Wait()
				before := asked.Load()
				for range int(2 * time.Minute / gap) {
					wg.Go(func() { failed(t, ask(), llm.RateLimited) })
					time.Sleep(gap)
				}
				wg.Wait()
				if n := asked.Load() - before; n < 2 || n > 24 {
					t.Errorf("%d of 2400 later calls", n)
				}
				t.Logf("%d calls at first, %d of 2400 later", before, asked.Load()-before)
				back.Store(true)
				for start := time.Now(); ask() != nil; time.Sleep(gap) {
					if time.Since(start) > 65*time.Second {
						t.Fatal("it does not come back")
					}
				}
				if down, _ := u.Down(); down || !u.Ready() {
					t.Error("down after a good answer")
				}
			})
		})
	}
}

// Without another upstream nobody is turned away.
func TestRateLimitsOfTheOnlyUpstream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429}}}
		u := open(t, llm.Config{Transport: s})
		for range 10 {
			_, err := u.Complete(t.Context(), question())
			failed(t, err, llm.RateLimited)
		}
		if down, _ := u.Down(); down || !u.Ready() || s.calls() != 40 {
			t.Errorf("down %v, ready %v, %d calls", down, u.Ready(), s.calls())
		}
	})
}

// An upstream that turns calls away while it answers others for long is not given
// up.
func TestLongAnswersBesideRateLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		slow := streaming(true, slices.Repeat([]piece{{time.Second, delta("ab ")}}, 30)...)
		u := open(t, llm.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if n.Add(1)%8 == 1 {
				return slow(r)
			}
			return respond(429, ""), nil
		})})
		var wg sync.WaitGroup
		for range 20 * 20 {
			wg.Go(func() { _, _ = u.Complete(t.Context(), spare()) })
			time.Sleep(50 * time.Millisecond)
			if down, _ := u.Down(); down {
				t.Fatalf("down after %d calls", n.Load())
			}
		}
		if n.Load() < 4 {
			t.Errorf("%d calls", n.Load())
		}
		wg.Wait()
	})
}

// A rate limit that lets some through diverts no more than what it cannot bear: the
// upstream is never given up.
func TestRateLimitIsNoOutage(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]limiter{
		"bucket": &bucket{rate: 10, burst: 10}, "bucket of 1": &bucket{rate: 2, burst: 1}, "window": &window{rate: 10}, "sliding": &sliding{rate: 10},
	} {
		for _, after := range []string{"", "seconds", "ms"} {
			t.Run(name+", Retry-After "+after, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					l := limit
					switch v := l.(type) { // each row has its own
					case *bucket:
						l = &bucket{rate: v.rate, burst: v.burst}
					case *window:
						l = &window{rate: v.rate}
					case *sliding:
						l = &sliding{rate: v.rate}
					}
					p := &provider{limit: l, after: after, latency: 300 * time.Millisecond}
					u := open(t, llm.Config{Transport: p, Concurrency: 64})
					var wg sync.WaitGroup
					down := 0
					for range 50 * 30 {
						wg.Go(func() { _, _ = u.Complete(t.Context(), spare()) })
						time.Sleep(20 * time.Millisecond)
						if d, _ := u.Down(); d {
							down++
						}
					}
					wg.Wait()
					good, bad := p.counts()
					t.Logf("%d good, %d 429, down %d of 1500 times", good, bad, down)
					if down > 0 {
						t.Errorf("down %d times, %d good, %d 429", down, good, bad)
					}
				})
			})
		}
	}
}
