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

// gaps are the times between the calls of a script.
func (s *script) gaps(start time.Time) []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]time.Duration, len(s.at))
	for i, at := range s.at {
		out[i] = at.Sub(start)
		start = at
	}
	return out
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 500}}}
		u := open(t, llm.Config{Transport: s, MaxAttempts: 9})
		start := time.Now()
		r := question()
		r.Budget = llm.NewBudget(20)
		_, err := u.Complete(t.Context(), r)
		e := failed(t, err, llm.Unavailable)
		if s.calls() != 9 || e.Usage.Calls != 9 || e.Usage.PromptTokens != 0 || r.Budget.Left() != 11 {
			t.Fatalf("%d calls, usage %+v, budget left %d", s.calls(), e.Usage, r.Budget.Left())
		}
		ceiling := 250 * time.Millisecond
		for i, gap := range s.gaps(start)[1:] {
			if gap > ceiling {
				t.Errorf("wait %d is %s, want at most %s", i+1, gap, ceiling)
			}
			ceiling = min(2*ceiling, 8*time.Second)
		}
		if total := s.at[8].Sub(start); total < time.Second {
			t.Errorf("8 waits in %s: they do not grow", total)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	rows := []struct {
		name   string
		header func() map[string]string
		want   time.Duration // before which nothing is sent
		most   time.Duration
	}{
		{"seconds", func() map[string]string { return map[string]string{"Retry-After": "5"} }, 5 * time.Second, 6 * time.Second},
		{"broken seconds", func() map[string]string { return map[string]string{"Retry-After": "1.5"} }, 1500 * time.Millisecond, 1700 * time.Millisecond},
		{"milliseconds first", func() map[string]string {
			return map[string]string{"Retry-After-Ms": "700", "Retry-After": "5"}
		}, 700 * time.Millisecond, 800 * time.Millisecond},
		{"date", func() map[string]string { return map[string]string{"Retry-After": at(10 * time.Second)} }, 10 * time.Second, 11 * time.Second},
		{"date by the server's clock", func() map[string]string {
			return map[string]string{"Retry-After": at(time.Hour + 10*time.Second), "Date": at(time.Hour)}
		}, 10 * time.Second, 11 * time.Second},
		{"date that has passed", func() map[string]string { return map[string]string{"Retry-After": at(-time.Hour)} }, 0, 250 * time.Millisecond},
		{"negative", func() map[string]string { return map[string]string{"Retry-After": "-3"} }, 0, 250 * time.Millisecond},
		{"not a number", func() map[string]string { return map[string]string{"Retry-After": "NaN"} }, 0, 250 * time.Millisecond},
		{"words", func() map[string]string { return map[string]string{"Retry-After": "soon"} }, 0, 250 * time.Millisecond},
	}
	for _, status := range []int{429, 503} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := &script{steps: []step{{status: status, header: row.header()}, {body: good("a")}}}
					u := open(t, llm.Config{Transport: s})
					start := time.Now()
					res, err := u.Complete(t.Context(), question())
					if err != nil || res.Usage.Calls != 2 {
						t.Fatalf("got %+v, %v", res, err)
					}
					if waited := s.gaps(start)[1]; waited < row.want || waited > row.most {
						t.Errorf("sent again after %s, want %s to %s", waited, row.want, row.most)
					}
				})
			})
		}
	}
}

// One Retry-After keeps every caller out, and they do not wake in one moment.
func TestRetryAfterGatesTheUpstream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429, header: map[string]string{"Retry-After": "5"}}, {body: good("a")}}}
		u := open(t, llm.Config{Transport: s, Concurrency: 4})
		start := time.Now()
		ask := func() {
			if _, err := u.Complete(t.Context(), question()); err != nil {
				t.Error(err)
			}
		}
		go ask()
		synctest.Wait()
		for range 20 {
			go ask()
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if s.calls() != 22 {
			t.Fatalf("%d calls, want 22", s.calls())
		}
		moments := map[time.Duration]bool{}
		for _, at := range s.at[1:] {
			if d := at.Sub(start); d < 5*time.Second || d > 6*time.Second {
				t.Errorf("a call after %s, want 5 to 6 s", d)
			}
			moments[at.Sub(start)] = true
		}
		if len(moments) < 3 {
			t.Errorf("all calls came in %d moments: no jitter", len(moments))
		}
	})
}

func TestAlwaysRateLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429, header: map[string]string{"Retry-After": "5"}}}}
		u := open(t, llm.Config{Transport: s})
		start := time.Now()
		_, err := u.Complete(t.Context(), question())
		e := failed(t, err, llm.RateLimited)
		if s.calls() != 4 || e.RetryAfter != 5*time.Second || time.Since(start) < 15*time.Second {
			t.Errorf("%d calls in %s, retry after %s", s.calls(), time.Since(start), e.RetryAfter)
		}
	})
}

// A wait that is longer than the caller's deadline fails at once, also for the
// next caller, who makes no call at all.
func TestWaitLongerThanTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429, header: map[string]string{"Retry-After": "60"}}}}
		u := open(t, llm.Config{Transport: s})
		for i := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			r := question()
			r.Budget = llm.NewBudget(5)
			start := time.Now()
			_, err := u.Complete(ctx, r)
			e := failed(t, err, llm.RateLimited)
			if time.Since(start) != 0 || e.RetryAfter != 60*time.Second || s.calls() != 1 {
				t.Errorf("round %d: %v after %s, %d calls", i, e, time.Since(start), s.calls())
			}
			if left := r.Budget.Left(); left != []int{4, 5, 5}[i] {
				t.Errorf("round %d: budget left %d", i, left)
			}
			cancel()
		}
	})
}

// Those who can wait do not keep one who cannot from hearing it.
func TestWaitersHoldNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429, header: map[string]string{"Retry-After": "60"}}, {body: good("a")}}}
		u := open(t, llm.Config{Transport: s, Concurrency: 1})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := u.Complete(t.Context(), question()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		_, err := u.Complete(ctx, question())
		if e := failed(t, err, llm.RateLimited); time.Since(start) != 0 || e.RetryAfter != time.Minute {
			t.Errorf("%v after %s", e, time.Since(start))
		}
		if s.calls() != 1 {
			t.Errorf("%d calls while the upstream asked for silence", s.calls())
		}
		wg.Wait()
	})
}

// A provider that says "tomorrow" is tried again within minutes.
func TestAbsurdRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 429, header: map[string]string{"Retry-After": "9e99"}}, {body: good("a")}}}
		u := open(t, llm.Config{Transport: s})
		start := time.Now()
		if _, err := u.Complete(t.Context(), question()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d > 6*time.Minute {
			t.Errorf("waited %s", d)
		}
	})
}

// A model that spends the whole limit on its thoughts gets more room once, and
// from then on.
func TestThinkingModelGetsRoom(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		steps []step
		kind  llm.Kind
		calls int
	}{
		{"empty, then whole", []step{{body: finished("", `"length"`)}, {body: good("a")}}, "", 2},
		{"open thoughts, then whole", []step{{body: finished("<think>answer text", `"length"`)}, {body: good("<think>x</think>a")}}, "", 2},
		{"empty stream, then whole", []step{{body: choice(`"reasoning_content":"answer text"`, `"length"`) + endMark}, {body: streamed("a")}}, "", 2},
		{"open thoughts in a stream", []step{{body: delta("<think>answer ") + choice(`"content":"text"`, `"length"`) + endMark}, {body: streamed("<think>x</think>a")}}, "", 2},
		{"empty again", []step{{body: finished("", `"length"`)}}, llm.Truncated, 2},
		{"cut text is not raised", []step{{body: finished("answer text", `"length"`)}}, llm.Truncated, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: row.steps}
			u := open(t, llm.Config{Transport: s, MaxAttempts: 1})
			r := question()
			r.MaxTokens, r.Budget = 100, llm.NewBudget(9)
			_, err := u.Complete(t.Context(), r)
			if row.kind != "" {
				failed(t, err, row.kind)
			} else if err != nil {
				t.Fatal(err)
			}
			if s.calls() != row.calls || r.Budget.Left() != 9-row.calls {
				t.Fatalf("%d calls, budget left %d, want %d calls", s.calls(), r.Budget.Left(), row.calls)
			}
			if row.calls == 2 && *s.seen[1].MaxTokens < 400 {
				t.Errorf("second limit %d", *s.seen[1].MaxTokens)
			}
			if row.kind == "" {
				if _, err := u.Complete(t.Context(), r); err != nil || *s.seen[2].MaxTokens < 400 {
					t.Errorf("later limit %d (%v): not remembered", *s.seen[2].MaxTokens, err)
				}
			}
		})
	}
}

// However a model's thoughts are told, in whatever form the answer comes, the calls
// after it have room for them.
func TestThoughtsAreNoticed(t *testing.T) {
	t.Parallel()
	message := func(members string) string {
		return strings.Replace(good("a"), `"content":"a"`, `"content":"a",`+members, 1)
	}
	counted := func(n string) string {
		return strings.Replace(good("a"), `"total_tokens":18`, `"completion_tokens_details":{"reasoning_tokens":`+n+`}`, 1)
	}
	sloppy := func(body string) string { return strings.Replace(body, `"created":1`, `"created":1.5`, 1) }
	rows := []struct {
		name, body string
		thinks     bool
	}{
		{"none", good("a"), false},
		{"tags", good("<think>answer text</think>a"), true},
		{"reasoning_content", message(`"reasoning_content":"answer text"`), true},
		{"reasoning", message(`"reasoning":"answer text"`), true},
		{"empty reasoning", message(`"reasoning":"","reasoning_content":null`), false},
		{"tokens", counted("5"), true},
		{"no tokens", counted("0"), false},
		{"tokens in an object with an odd time", sloppy(counted("5")), true},
		{"tokens as text", counted(`"5"`), true},
		{"tokens in a stream", delta("a") + choice("", `"stop"`) + event(`{"choices":[],"usage":{"completion_tokens_details":{"reasoning_tokens":5}}}`), true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{{body: row.body}}}
			u := open(t, llm.Config{Transport: s})
			r := question()
			r.MaxTokens = 100
			for range 2 {
				if res, err := u.Complete(t.Context(), r); err != nil || res.Text != "a" {
					t.Fatal(res, err)
				}
			}
			if n := *s.seen[1].MaxTokens; n > 100 != row.thinks {
				t.Errorf("then asked for %d tokens, thinks %v", n, row.thinks)
			}
		})
	}
}

func TestErrorTextNamesWhatToMend(t *testing.T) {
	t.Parallel()
	u := open(t, llm.Config{Transport: &script{steps: []step{{status: 401, body: refused("", "invalid_api_key", "x")}}}})
	_, err := u.Complete(t.Context(), question())
	for _, want := range []string{"main", "auth", "401", "invalid_api_key", "key"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}
