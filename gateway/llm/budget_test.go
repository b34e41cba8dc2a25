package llm_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

func TestBudget(t *testing.T) {
	t.Parallel()
	b := llm.NewBudget(100)
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 8 {
		wg.Go(func() {
			for b.Take() {
				mu.Lock()
				taken++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if taken != 100 || b.Left() != 0 {
		t.Errorf("%d taken, %d left, want 100 and 0", taken, b.Left())
	}
	var none *llm.Budget
	if !none.Take() || none.Left() < 1<<30 || llm.NewBudget(-1).Take() {
		t.Error("nil is unlimited and a negative budget empty")
	}
}

func TestBudgetBoundsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 500}}}
		u := open(t, llm.Config{Transport: s})
		b := llm.NewBudget(30)
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				r := question()
				r.Budget = b
				_, err := u.Complete(t.Context(), r)
				var e *llm.Error
				if !errors.As(err, &e) || e.Kind != llm.BudgetSpent && e.Kind != llm.Unavailable {
					t.Errorf("error %v", err)
				}
				if e.Kind == llm.BudgetSpent && e.Status != 0 {
					var cause *llm.Error
					if !errors.As(e.Unwrap(), &cause) || cause.Kind != llm.Unavailable {
						t.Errorf("the cause of %v is %v", e, e.Unwrap())
					}
				}
			})
		}
		wg.Wait()
		if s.calls() != 30 || b.Left() != 0 {
			t.Errorf("%d calls, %d left, want 30 and 0", s.calls(), b.Left())
		}
	})
}

// What is kept for another upstream is not drawn, whoever draws at the same time,
// and the error says what called for more.
func TestKeptBudget(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name               string
		budget, keep, asks int
		calls              int
		why                llm.Kind // the cause of the last error; "" = none
	}{
		{"nothing kept", 4, 0, 1, 4, ""}, // ended by the attempts
		{"retries stop", 6, 4, 1, 2, llm.Unavailable},
		{"not even a first try", 4, 4, 1, 0, ""},
		{"more kept than left", 4, 9, 1, 0, ""},
		{"less than none kept", 2, -3, 1, 2, llm.Unavailable},
		{"many at once", 20, 7, 30, 13, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{{status: 500}}}
				u := open(t, llm.Config{Transport: s})
				r := question()
				r.Budget, r.Keep = llm.NewBudget(row.budget), row.keep
				errs := make([]error, row.asks)
				var wg sync.WaitGroup
				for i := range errs {
					wg.Go(func() { _, errs[i] = u.Complete(t.Context(), r) })
				}
				wg.Wait()
				if n := len(s.at); n > 0 && row.asks == 1 && time.Now().After(s.at[n-1]) {
					t.Errorf("told %s after the last call", time.Since(s.at[n-1]))
				}
				if s.calls() != row.calls || r.Budget.Left() != row.budget-row.calls {
					t.Errorf("%d calls, %d left, want %d calls", s.calls(), r.Budget.Left(), row.calls)
				}
				if row.asks > 1 {
					return
				}
				if row.why == "" && row.calls > 0 {
					failed(t, errs[0], llm.Unavailable)
					return
				}
				e := failed(t, errs[0], llm.BudgetSpent)
				if e.Usage.Calls != row.calls {
					t.Errorf("usage %+v, want %d calls", e.Usage, row.calls)
				}
				var cause *llm.Error
				if errors.As(e.Unwrap(), &cause); (cause != nil) != (row.why != "") || cause != nil && (cause.Kind != row.why || e.Status != cause.Status) {
					t.Errorf("the cause of %v is %v, want kind %q", e, cause, row.why)
				}
			})
		})
	}
}

// A refused call whose replacement is not sent has cost its unit all the same; only
// what was never sent costs nothing.
func TestBudgetOfALesson(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		spent  bool          // the minute's one call was made before
		within time.Duration // the caller's deadline
		calls  int           // of this question
		left   int           // of three
	}{
		{"the deadline is before the replacement", false, 10 * time.Second, 1, 2},
		{"and before the second", false, 70 * time.Second, 2, 2},
		{"not even the first is sent", true, 10 * time.Second, 0, 3},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &picky{judge: func(a asked) (int, string) {
					if a.format() != "" {
						return 400, vague
					}
					return 0, ""
				}}
				u := open(t, llm.Config{Transport: p, RPM: 1})
				if row.spent {
					_, _ = u.Complete(t.Context(), question())
				}
				before := p.calls()
				ctx, cancel := context.WithTimeout(t.Context(), row.within)
				defer cancel()
				r := structured()
				r.Budget = llm.NewBudget(3)
				_, err := u.Complete(ctx, r)
				if e := failed(t, err, llm.RateLimited); e.Usage.Calls != row.calls || p.calls()-before != row.calls || r.Budget.Left() != row.left {
					t.Errorf("%v after %d calls, budget left %d, want %d calls and %d", e, p.calls()-before, r.Budget.Left(), row.calls, row.left)
				}
			})
		})
	}
}
