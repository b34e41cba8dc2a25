package llm_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

func TestLimitsPerMinute(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name     string
		content  string // of the question; "" = the usual one
		rpm, tpm int
		calls    int
		per60s   int // most calls in any minute
		within   time.Duration
	}{
		{"3 requests", "", 3, 0, 7, 3, 2*time.Minute + time.Second},
		{"120 requests", "", 120, 0, 300, 120, 3 * time.Minute},
		// 18 tokens a call by the upstream's count, whatever the estimate
		{"1800 tokens", "", 0, 1800, 250, 100, 4 * time.Minute},
		// Here the estimate is 2, so that all but the first are paid as a debt; what
		// was sent before the first debt was known is over the limit.
		{"1800 tokens, more than estimated", "a", 0, 1800, 250, 110, 4 * time.Minute},
		{"1800 tokens, fewer than estimated", strings.Repeat("a", 600), 0, 1800, 250, 100, 5 * time.Minute},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{{body: good("a")}}}
				u := open(t, llm.Config{Transport: s, RPM: row.rpm, TPM: row.tpm})
				start := time.Now()
				r := question()
				if row.content != "" {
					r.Messages = []llm.Message{{Role: "user", Content: row.content}}
				}
				var wg sync.WaitGroup
				for range row.calls {
					wg.Go(func() {
						if _, err := u.Complete(t.Context(), r); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(start); took > row.within {
					t.Errorf("%d calls took %s, want at most %s", row.calls, took, row.within)
				}
				most := 0
				for i := range s.at {
					n := 0
					for _, at := range s.at[i:] {
						if at.Sub(s.at[i]) < time.Minute {
							n++
						}
					}
					most = max(most, n)
				}
				if most > row.per60s || most < row.per60s*3/4 {
					t.Errorf("up to %d calls in a minute, want nearly %d and no more", most, row.per60s)
				}
			})
		})
	}
}

func TestOwnLimitPastTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{body: good("a")}}}
		u := open(t, llm.Config{Transport: s, RPM: 1})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := u.Complete(ctx, question()); err != nil {
			t.Fatal(err)
		}
		_, err := u.Complete(ctx, question())
		if e := failed(t, err, llm.RateLimited); e.RetryAfter <= 50*time.Second || s.calls() != 1 {
			t.Errorf("%v after %d calls", e, s.calls())
		}
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		u := open(t, llm.Config{Concurrency: 5, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return respond(200, good("a")), nil
		})})
		start := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { u.Complete(t.Context(), question()) })
		}
		wg.Wait()
		if most != 5 || time.Since(start) != 10*time.Second {
			t.Errorf("%d at once, %s, want 5 and 10 s", most, time.Since(start))
		}
	})
}
