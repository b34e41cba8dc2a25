package llm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// limiter is one of the ways in which providers count calls. take says how long
// a call has to wait, 0 when it is let in.
type limiter interface {
	take(now time.Time) time.Duration
	set(rate float64)
}

// bucket holds a number of tokens and is filled evenly.
type bucket struct {
	rate, burst float64
	tokens      float64
	at          time.Time
}

func (b *bucket) set(rate float64) { b.rate = rate }

func (b *bucket) take(now time.Time) time.Duration {
	if b.at.IsZero() {
		b.tokens, b.at = b.burst, now
	}
	b.tokens = min(b.burst, b.tokens+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if b.tokens < 1-1e-9 {
		return time.Duration((1 - b.tokens) / b.rate * float64(time.Second))
	}
	b.tokens--
	return 0
}

// window counts the calls of each second by the clock.
type window struct {
	rate float64
	from time.Time
	n    int
}

func (w *window) set(rate float64) { w.rate = rate }

func (w *window) take(now time.Time) time.Duration {
	if s := now.Truncate(time.Second); !s.Equal(w.from) {
		w.from, w.n = s, 0
	}
	if w.n >= int(w.rate) {
		return w.from.Add(time.Second).Sub(now)
	}
	w.n++
	return 0
}

// sliding counts the calls of the second that has just passed.
type sliding struct {
	rate float64
	at   []time.Time
}

func (s *sliding) set(rate float64) { s.rate = rate }

func (s *sliding) take(now time.Time) time.Duration {
	for len(s.at) > 0 && now.Sub(s.at[0]) >= time.Second {
		s.at = s.at[1:]
	}
	if len(s.at) >= int(s.rate) {
		return s.at[0].Add(time.Second).Sub(now)
	}
	s.at = append(s.at, now)
	return 0
}

// provider limits calls and counts what came of them.
type provider struct {
	limit   limiter
	after   string // "", "seconds" or "ms": what it says with a 429
	latency time.Duration
	random  float64       // share of calls that are turned away for no reason
	jitter  time.Duration // on the way to it, on the average

	mu        sync.Mutex
	good, bad int
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.jitter > 0 {
		time.Sleep(min(time.Duration(rand.ExpFloat64()*float64(p.jitter)), 8*p.jitter))
	}
	p.mu.Lock()
	wait := time.Duration(0)
	if p.random > 0 {
		if rand.Float64() < p.random {
			wait = time.Second
		}
	} else {
		wait = p.limit.take(time.Now())
	}
	p.mu.Unlock()
	select {
	case <-time.After(p.latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait == 0 {
		p.good++
		return respond(200, good("a")), nil
	}
	p.bad++
	res := respond(429, "")
	switch p.after {
	case "seconds":
		res.Header.Set("Retry-After", "1")
	case "ms":
		res.Header.Set("Retry-After-Ms", strconv.Itoa(int(math.Ceil(wait.Seconds()*1000))))
	}
	return res, nil
}

func (p *provider) counts() (good, bad int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.good, p.bad
}

// load keeps callers asking until stop is called.
func load(t *testing.T, u *llm.Upstream, callers int) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					_, _ = u.Complete(t.Context(), question())
				}
			}
		})
	}
	return func() { close(done); wg.Wait() }
}

// An upstream that allows ten calls a second and is offered fifty gives nearly
// ten good answers a second and, once it is known, hardly a 429, however it
// counts and whatever it says.
func TestPaceIsFound(t *testing.T) {
	t.Parallel()
	limits := []struct {
		name string
		make func() limiter
	}{
		{"bucket of 1", func() limiter { return &bucket{rate: 10, burst: 1} }},
		{"bucket of 10", func() limiter { return &bucket{rate: 10, burst: 10} }},
		{"window", func() limiter { return &window{rate: 10} }},
		{"sliding", func() limiter { return &sliding{rate: 10} }},
	}
	for _, l := range limits {
		for _, after := range []string{"", "seconds", "ms"} {
			for _, latency := range []time.Duration{20 * time.Millisecond, 300 * time.Millisecond} {
				for _, slots := range []int{50, 8} {
					if slots == 8 && testing.Short() {
						continue
					}
					name := fmt.Sprintf("%s, Retry-After %q, %s, %d slots", l.name, after, latency, slots)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							p := &provider{limit: l.make(), after: after, latency: latency}
							u := open(t, llm.Config{Transport: p, Concurrency: slots})
							stop := load(t, u, 50)
							time.Sleep(5 * time.Second)
							good0, bad0 := p.counts()
							time.Sleep(5 * time.Second)
							steady, _ := p.counts()
							const measured = 60
							time.Sleep(measured * time.Second)
							good, bad := p.counts()
							stop()
							rate, share := float64(good-steady)/measured, float64(bad-bad0)/float64(good-good0+bad-bad0)
							t.Logf("%.2f good answers a second, %.1f %% 429 (in the first 5 s %d and %d)", rate, 100*share, good0, bad0)
							if rate < 9.4 || share >= 0.05 { // 9.5 on the average; one run differs by a hundredth
								t.Errorf("%.2f good answers a second, %.1f %% 429", rate, 100*share)
							}
						})
					})
				}
			}
		}
	}
}

// offer asks fifty times a second, as long as no more than fifty wait, until stop is
// called.
func offer(t *testing.T, u *llm.Upstream) (stop func()) {
	done, places := make(chan struct{}), make(chan struct{}, 50)
	var wg sync.WaitGroup
	wg.Go(func() {
		for tick := time.Tick(20 * time.Millisecond); ; {
			select {
			case <-done:
				return
			case <-tick:
			}
			select {
			case places <- struct{}{}:
				wg.Go(func() { _, _ = u.Complete(t.Context(), question()); <-places })
			default:
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// The same when the calls come one after the other, and when their way to the
// upstream is now shorter and now longer, so that those sent a tenth of a second
// apart come nearer than that. Where a single 429 costs a whole second, no rate holds
// against much of it.
func TestPaceIsFoundInJitter(t *testing.T) {
	t.Parallel()
	limits := []struct {
		name string
		make func() limiter
	}{
		{"bucket of 10", func() limiter { return &bucket{rate: 10, burst: 10} }},
		{"sliding", func() limiter { return &sliding{rate: 10} }},
	}
	for _, l := range limits {
		for _, after := range []string{"", "seconds", "ms"} {
			for _, jitter := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond} {
				if after == "seconds" && jitter > time.Millisecond {
					continue
				}
				t.Run(fmt.Sprintf("%s, Retry-After %q, %s", l.name, after, jitter), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						const runs, measured = 6, 30
						good, bad := 0, 0
						for i := range runs {
							p := &provider{limit: l.make(), after: after, latency: time.Duration(i%3+1) * 100 * time.Millisecond, jitter: jitter}
							u := open(t, llm.Config{Transport: p, Concurrency: 64})
							stop := offer(t, u)
							time.Sleep(5 * time.Second)
							good0, bad0 := p.counts()
							time.Sleep(measured * time.Second)
							good1, bad1 := p.counts()
							stop()
							good, bad = good+good1-good0, bad+bad1-bad0
						}
						rate, share := float64(good)/runs/measured, float64(bad)/float64(good+bad)
						t.Logf("%.2f good answers a second, %.1f %% 429", rate, 100*share)
						if rate < 9.4 || share >= 0.05 { // 9.5 on the average; one run differs by a hundredth
							t.Errorf("%.2f good answers a second, %.1f %% 429", rate, 100*share)
						}
					})
				})
			}
		}
	}
}

// When the limit rises the rate follows by itself, and when it falls too.
func TestPaceFollows(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"", "seconds", "ms"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{limit: &bucket{rate: 10, burst: 10}, after: after, latency: 200 * time.Millisecond}
				u := open(t, llm.Config{Transport: p, Concurrency: 50})
				stop := load(t, u, 50)
				over := func(d time.Duration) (rate, share float64) {
					good0, bad0 := p.counts()
					time.Sleep(d)
					good, bad := p.counts()
					good, bad = good-good0, bad-bad0
					return float64(good) / d.Seconds(), float64(bad) / float64(good+bad)
				}
				set := func(rate float64) {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.limit.set(rate)
				}
				time.Sleep(time.Minute)
				set(40)
				time.Sleep(75 * time.Second)
				if rate, _ := over(30 * time.Second); rate < 30 {
					t.Errorf("%.1f a second when 40 are allowed", rate)
				} else {
					t.Logf("%.1f a second of 40", rate)
				}
				set(5)
				time.Sleep(20 * time.Second)
				rate, share := over(60 * time.Second)
				if rate < 4.5 || share > 0.08 {
					t.Errorf("%.2f a second, %.1f %% 429, when 5 are allowed", rate, 100*share)
				} else {
					t.Logf("%.2f a second of 5, %.1f %% 429", rate, 100*share)
				}
				stop()
			})
		})
	}
}

// Without a 429 nothing is paced, and 429s that have nothing to do with the rate
// do not slow it down much.
func TestPaceOfNoLimit(t *testing.T) {
	t.Parallel()
	for share, least := range map[float64]float64{0: 39.8, 0.02: 16, 0.04: 16} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const runs = 6 // one alone may meet its first 429 at once
				good, bad := 0, 0
				for range runs {
					p := &provider{random: share, limit: &bucket{rate: 1e9, burst: 1e9}, latency: 200 * time.Millisecond}
					u := open(t, llm.Config{Transport: p, Concurrency: 8})
					stop := load(t, u, 50)
					time.Sleep(time.Minute)
					g, b := p.counts()
					stop()
					good, bad = good+g, bad+b
				}
				rate := float64(good) / 60 / runs
				t.Logf("%.1f good answers a second, %.1f %% 429", rate, 100*float64(bad)/float64(good+bad))
				if rate < least {
					t.Errorf("%.1f good answers a second, want %.1f", rate, least)
				}
			})
		})
	}
}

// An upstream that bears four calls at once and says 503 to the rest is not asked
// for more than a little over four, and is used as soon as it bears more.
func TestSlotsAdapt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		bears, now, good, bad := 4, 0, 0, 0
		u := open(t, llm.Config{Concurrency: 16, MaxAttempts: 50, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			now++
			over := now > bears
			mu.Unlock()
			if !over {
				time.Sleep(time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			now--
			if over {
				bad++
				return respond(503, ""), nil
			}
			good++
			return respond(200, good1), nil
		})})
		stop := load(t, u, 40)
		read := func(d time.Duration) (float64, float64) {
			mu.Lock()
			g, b := good, bad
			mu.Unlock()
			time.Sleep(d)
			mu.Lock()
			defer mu.Unlock()
			return float64(good-g) / d.Seconds(), float64(bad-b) / float64(good-g+bad-b)
		}
		time.Sleep(5 * time.Second)
		rate, share := read(time.Minute)
		t.Logf("%.1f a second of 4, %.0f %% 503", rate, 100*share)
		if rate < 2.8 || share > 0.2 {
			t.Errorf("%.1f a second of 4, %.0f %% 503", rate, 100*share)
		}
		mu.Lock()
		bears = 100
		mu.Unlock()
		time.Sleep(30 * time.Second)
		if rate, share = read(10 * time.Second); rate < 14 || share > 0 {
			t.Errorf("%.1f a second of 16, %.0f %% 503", rate, 100*share)
		}
		stop()
	})
}

var good1 = good("a")
