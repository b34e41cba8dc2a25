package llm_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// spare is a question for which there is another upstream to ask.
func spare() llm.Request {
	r := question()
	r.Spare = true
	return r
}

// What opens the breaker, and after how many calls of one attempt each.
func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	status := func(n int, body string) roundTrip {
		return func(*http.Request) (*http.Response, error) { return respond(n, body), nil }
	}
	rows := []struct {
		name  string
		serve roundTrip
		after int // calls; 0 = never
	}{
		{"500", status(500, ""), 5},
		{"503 with words", status(503, "<html>"), 5},
		{"529", status(529, ""), 5},
		{"connection", func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, 5},
		{"no header", func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }, 5},
		{"silence", streaming(false), 5},
		{"comments alone", streaming(false, slices.Repeat([]piece{{time.Second, ": wait\n\n"}}, 200)...), 5},
		{"an answer without end", streaming(false, slices.Repeat([]piece{{time.Second, delta("a")}}, 200)...), 0},
		{"error in a stream", status(200, delta("a")+event(`{"error":"x"}`)), 5},
		{"HTML with 200", status(200, "<html>"), 5},
		{"no choice", status(200, `{"choices":[]}`), 5},
		{"401", status(401, ""), 1},
		{"403", status(403, ""), 1},
		{"402", status(402, ""), 1},
		{"quota", status(429, `{"error":{"code":"insufficient_quota"}}`), 1},
		{"400", status(400, refused("messages", "bad", "x")), 0},
		{"400 of a credit balance", status(400, refused("messages", "bad", "your credit balance is too low, insufficient_quota")), 0},
		{"404", status(404, ""), 0},
		{"413", status(413, ""), 0},
		{"422", status(422, refused("messages", "bad", "x")), 0},
		{"408", status(408, ""), 0},
		{"429", status(429, ""), 0},
		{"length", status(200, finished("a", `"length"`)), 0},
		{"refusal", status(200, finished("a", `"content_filter"`)), 0},
		{"good", status(200, good("a")), 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				u := open(t, llm.Config{MaxAttempts: 1, Transport: row.serve})
				for i := 1; i <= 25; i++ {
					_, _ = u.Complete(t.Context(), question())
					down, since := u.Down()
					if want := row.after > 0 && i >= row.after; down != want || u.Ready() == want && i <= row.after {
						t.Fatalf("after %d calls: down %v, ready %v, want down %v", i, down, u.Ready(), want)
					}
					if down && since.IsZero() {
						t.Error("down since never")
					}
				}
			})
		})
	}
}

// Failures between good answers open it when they are half of the last twenty.
func TestBreakerOfHalf(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		pattern string // of calls, again and again; x fails
		opens   bool
	}{
		{"every second", ".x", true},
		{"four of seven", "..xx.xx", true},
		{"every third", "..x", false},
		{"four in a row of ten", "xxxx......", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				u := open(t, llm.Config{MaxAttempts: 1, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					n++
					if row.pattern[n%len(row.pattern)] == 'x' {
						return respond(500, ""), nil
					}
					return respond(200, good("a")), nil
				})})
				opened := false
				for range 100 {
					_, _ = u.Complete(t.Context(), question())
					down, _ := u.Down()
					opened = opened || down
				}
				if opened != row.opens {
					t.Errorf("opened %v, want %v", opened, row.opens)
				}
			})
		})
	}
}

// The caller's leaving and the caller's deadline say nothing of the upstream.
func TestBreakerIgnoresTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := open(t, llm.Config{Transport: streaming(false)})
		for i := range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if i%2 == 0 {
				ctx, cancel = cancelAfter(t, time.Second)
			}
			_, _ = u.Complete(ctx, question())
			cancel()
		}
		if down, _ := u.Down(); down {
			t.Error("down")
		}
	})
}

// An upstream that fails for ten minutes and comes back, with another one beside
// it: one call at a time tries it, once, ever more seldom, and it is used again by
// itself.
func TestBreakerWithASpare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		dead := true
		var at []time.Duration
		u := open(t, llm.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(start))
			time.Sleep(100 * time.Millisecond)
			if dead {
				return respond(500, ""), nil
			}
			return respond(200, good("a")), nil
		})})
		budget := llm.NewBudget(1000)
		ask := func() error {
			r := spare()
			r.Budget = budget
			_, err := u.Complete(t.Context(), r)
			return err
		}
		var e *llm.Error
		for range 2 { // four attempts, then one
			if err := ask(); !errors.As(err, &e) || e.Status != 500 {
				t.Fatal(err)
			}
		}
		if len(at) != 5 {
			t.Fatalf("%d calls until it opened, want 5", len(at))
		}
		refused := 0
		for time.Since(start) < 10*time.Minute {
			before, now, ready := len(at), time.Now(), u.Ready()
			e := failed(t, ask(), llm.Unavailable)
			switch sent := len(at) - before; {
			case sent != 0 && (!ready || sent != 1):
				t.Fatalf("%d calls, ready %v", sent, ready)
			case sent == 0:
				if refused++; ready || time.Since(now) != 0 || e.Usage.Calls != 0 || e.Status != 0 {
					t.Fatalf("not sent, ready %v, after %s: %v", ready, time.Since(now), e)
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		if used := 1000 - budget.Left(); used != len(at) {
			t.Errorf("%d of the budget for %d calls", used, len(at))
		}
		cool := 5.0
		for i := 5; i < len(at); i++ {
			gap := (at[i] - at[i-1]).Seconds()
			if gap < 0.9*cool || gap > 1.1*cool+0.4 {
				t.Errorf("probe %d after %.1f s, want %.0f s", i, gap, cool)
			}
			cool = min(2*cool, 40)
		}
		if share := float64(len(at)-5) / float64(refused); share > 0.01 {
			t.Errorf("%d of %d calls tried it", len(at)-5, refused)
		} else {
			t.Logf("%d of %d calls tried it", len(at)-5, refused)
		}
		dead = false
		time.Sleep(45 * time.Second)
		if err := ask(); err != nil {
			t.Errorf("it is back, but %v", err)
		}
		if down, _ := u.Down(); down || !u.Ready() {
			t.Error("still down")
		}
	})
}

// Of many calls that come at once behind the cool-down one is sent, and those in
// line when it opens do not wait for their turn.
func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		u := open(t, llm.Config{Concurrency: 5, MaxAttempts: 1, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		all := func(n int) time.Duration {
			start := time.Now()
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					_, err := u.Complete(t.Context(), spare())
					var e *llm.Error
					if !errors.As(err, &e) || e.Kind != llm.Unavailable && e.Kind != llm.Timeout {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			return time.Since(start)
		}
		// Four slots may be taken anew before the fifth failure is in.
		took := all(100)
		first := sent.Load()
		if first > 9 || took > time.Minute {
			t.Errorf("%d calls in %s until it opened, want 5 to 9 in a minute", first, took)
		}
		time.Sleep(6 * time.Second)
		if all(100); sent.Load() != first+1 {
			t.Errorf("%d probes, want 1", sent.Load()-first)
		}
		// A probe whose caller leaves makes room for the next.
		time.Sleep(12 * time.Second)
		ctx, cancel := cancelAfter(t, time.Second)
		defer cancel()
		_, err := u.Complete(ctx, spare())
		failed(t, err, llm.Canceled)
		if all(1); sent.Load() != first+3 {
			t.Errorf("%d probes, want 3", sent.Load()-first)
		}
	})
}

// Whatever a call stands in line for, it is told when the upstream begins to fail,
// and has taken nothing that the probe would wait for.
func TestBarredInLine(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		c    llm.Config
	}{
		{"slots", llm.Config{Concurrency: 1}},
		{"our own limit of tokens", llm.Config{TPM: 3000}},
		{"our own limit of requests", llm.Config{RPM: 40}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				status := 500
				row.c.MaxAttempts = 1
				row.c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
					time.Sleep(time.Second)
					return respond(status, good("a")), nil
				})
				u := open(t, row.c)
				long := func() llm.Request {
					r := spare()
					r.Messages[0].Content, r.MaxTokens = strings.Repeat("a", 900), 5000
					return r
				}
				for range 4 {
					_, _ = u.Complete(t.Context(), long())
				}
				time.Sleep(time.Minute)
				var wg sync.WaitGroup
				var barred atomic.Int32
				for range 9 {
					wg.Go(func() {
						_, err := u.Complete(t.Context(), long())
						if e := failed(t, err, llm.Unavailable); e.Usage.Calls > 0 {
							return
						}
						barred.Add(1)
						if down, since := u.Down(); !down || time.Since(since) != 0 {
							t.Errorf("told %s after it opened: %v", time.Since(since), err)
						}
					})
				}
				wg.Wait()
				if barred.Load() < 5 {
					t.Errorf("%d were in line", barred.Load())
				}
				status = 200
				time.Sleep(20 * time.Second)
				start := time.Now()
				if _, err := u.Complete(t.Context(), long()); err != nil || time.Since(start) != time.Second {
					t.Errorf("the probe: %v after %s", err, time.Since(start))
				}
			})
		})
	}
}

// A probe that shows nothing is not followed by the next one at once.
func TestProbeThatShowsNothing(t *testing.T) {
	t.Parallel()
	status := func(n int) roundTrip {
		return func(*http.Request) (*http.Response, error) { return respond(n, ""), nil }
	}
	const patient = time.Minute
	rows := []struct {
		name   string
		within time.Duration // the caller's deadline
		serve  roundTrip
	}{
		{"429", patient, status(429)},
		{"408", patient, status(408)},
		{"no end within the call's time", patient, func(r *http.Request) (*http.Response, error) {
			return streaming(false, slices.Repeat([]piece{{time.Second, delta("a")}}, 200)...)(r)
		}},
		{"silence past the caller's deadline", 10 * time.Second, streaming(false)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var at []time.Time
				serve := status(500)
				u := open(t, llm.Config{MaxAttempts: 1, Timeout: 15 * time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					at = append(at, time.Now())
					return serve(r)
				})})
				ask := func() error {
					ctx, cancel := context.WithTimeout(t.Context(), row.within)
					defer cancel()
					_, err := u.Complete(ctx, spare())
					return err
				}
				for range 5 {
					failed(t, ask(), llm.Unavailable)
				}
				serve, at = row.serve, nil
				for start := time.Now(); time.Since(start) < 5*time.Minute; time.Sleep(100 * time.Millisecond) {
					_ = ask()
				}
				for i := 1; i < len(at); i++ {
					if gap := at[i].Sub(at[i-1]); gap < 4500*time.Millisecond || gap > 22*time.Second {
						t.Errorf("probe %d is %s behind the one before", i, gap)
					}
				}
				if down, _ := u.Down(); !down || len(at) < 5 {
					t.Errorf("down %v, %d probes", down, len(at))
				}
				serve = func(*http.Request) (*http.Response, error) { return respond(200, good("a")), nil }
				time.Sleep(6 * time.Second)
				if err := ask(); err != nil {
					t.Errorf("it is back, but %v", err)
				}
			})
		})
	}
}

// A refused key closes again when it is accepted.
func TestBreakerOfAKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 401}, {status: 401}, {body: good("a")}}}
		u := open(t, llm.Config{Transport: s})
		_, err := u.Complete(t.Context(), spare())
		failed(t, err, llm.Auth)
		_, err = u.Complete(t.Context(), spare())
		failed(t, err, llm.Unavailable)
		time.Sleep(6 * time.Second)
		_, err = u.Complete(t.Context(), spare())
		failed(t, err, llm.Auth)
		time.Sleep(11 * time.Second)
		if _, err = u.Complete(t.Context(), spare()); err != nil || s.calls() != 3 {
			t.Errorf("%v after %d calls", err, s.calls())
		}
	})
}

// The only upstream is always asked: the budget alone bounds the cost.
func TestTheOnlyUpstreamIsAsked(t *testing.T) {
	t.Parallel()
	rows := []struct{ calls, attempts, budget, want int }{
		{30, 4, 64, 64}, {10, 4, 1000, 40}, {1, 4, 6, 4}, {5, 1, 100, 5},
	}
	for _, row := range rows {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{status: 500}}}
			u := open(t, llm.Config{Transport: s, MaxAttempts: row.attempts})
			r := question()
			r.Budget = llm.NewBudget(row.budget)
			var wg sync.WaitGroup
			for range row.calls {
				wg.Go(func() { _, _ = u.Complete(t.Context(), r) })
			}
			wg.Wait()
			if s.calls() != row.want {
				t.Errorf("%d calls, want %d", s.calls(), row.want)
			}
			// And the first good answer closes the breaker.
			s.steps = []step{{body: good("a")}}
			if _, err := u.Complete(t.Context(), question()); err != nil {
				t.Error(err)
			}
			if down, _ := u.Down(); down {
				t.Error("down after a good answer")
			}
		})
	}
}

// Nor is a long wait for the upstream's pace: what it cannot bear is for the other.
func TestSpareDoesNotQueueLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &provider{limit: &bucket{rate: 2, burst: 1}, latency: 50 * time.Millisecond}
		u := open(t, llm.Config{Transport: p, Concurrency: 100})
		stop := load(t, u, 1)
		time.Sleep(20 * time.Second)
		var wg sync.WaitGroup
		var answered, turned atomic.Int32
		for range 60 {
			wg.Go(func() {
				start := time.Now()
				r := spare()
				r.Budget = llm.NewBudget(9)
				_, err := u.Complete(t.Context(), r)
				if err == nil {
					answered.Add(1)
					return
				}
				if e := failed(t, err, llm.RateLimited); e.Usage.Calls == 0 {
					turned.Add(1)
					if time.Since(start) > 0 || r.Budget.Left() != 9 || e.RetryAfter < 2*time.Second {
						t.Errorf("%v after %s, budget left %d", e, time.Since(start), r.Budget.Left())
					}
				}
			})
		}
		wg.Wait()
		stop()
		if turned.Load() < 40 || answered.Load() == 0 {
			t.Errorf("%d sent on, %d answered", turned.Load(), answered.Load())
		}
	})
}

// A Retry-After longer than 2 s is not waited for where there is another upstream.
func TestSpareDoesNotWaitLong(t *testing.T) {
	t.Parallel()
	for after, waits := range map[string]bool{"1": true, "3": false} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{status: 429, header: map[string]string{"Retry-After": after}}, {body: good("a")}}}
			u := open(t, llm.Config{Transport: s})
			for i := range 2 {
				start := time.Now()
				_, err := u.Complete(t.Context(), spare())
				if waits {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				e := failed(t, err, llm.RateLimited)
				if time.Since(start) != 0 || s.calls() != 1 || e.RetryAfter != 3*time.Second || i == 1 && e.Usage.Calls != 0 {
					t.Errorf("%v after %s and %d calls", e, time.Since(start), s.calls())
				}
			}
			if down, _ := u.Down(); down {
				t.Error("a rate limit is no failure")
			}
			if !waits {
				if _, err := u.Complete(t.Context(), question()); err != nil || !strings.HasPrefix(after, "3") {
					t.Errorf("without another upstream it is waited for: %v", err)
				}
			}
		})
	}
}
