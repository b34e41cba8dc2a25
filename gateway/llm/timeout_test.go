package llm_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// The limits of one call, in fake time: who is silent where, what it is called,
// and how long it took.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	drip := func(n int, every time.Duration, rest string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			res := respond(200, "")
			res.Body = &drips{ctx: r.Context(), left: n, every: every, rest: rest, closed: make(chan struct{})}
			return res, nil
		}
	}
	rows := []struct {
		name  string
		serve func(*http.Request) (*http.Response, error)
		one   time.Duration // one attempt
		tries int
		kind  llm.Kind
	}{
		{"accepts and is silent", silent, 30 * time.Second, 2, llm.Timeout},
		{"header, then silence", drip(0, 0, ""), 20 * time.Second, 2, llm.Timeout},
		{"stalls in the middle", drip(3, time.Second, ""), 22 * time.Second, 2, llm.Timeout},
		{"a byte now and then", drip(1000, 5*time.Second, ""), 60 * time.Second, 1, llm.Timeout},
		{"slow but alive", drip(10, 5*time.Second, good("a")), 45 * time.Second, 1, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				u := open(t, llm.Config{MaxAttempts: 2, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					calls++
					return row.serve(r)
				})})
				start := time.Now()
				_, err := u.Complete(t.Context(), question())
				took := time.Since(start)
				if row.kind == "" {
					if err != nil {
						t.Fatal(err)
					}
				} else {
					e := failed(t, err, row.kind)
					if e.Usage.Calls != row.tries || e.Usage.PromptTokens == 0 {
						t.Errorf("usage %+v: a call that may have been at work costs its prompt", e.Usage)
					}
				}
				least := time.Duration(row.tries) * row.one
				if calls != row.tries || took < least || took > least+250*time.Millisecond {
					t.Errorf("%d calls in %s, want %d in %s", calls, took, row.tries, least)
				}
			})
		})
	}
}

// drips is a body of white space that comes byte by byte, then rest, then the end;
// without rest it is silent until it is closed.
type drips struct {
	ctx    context.Context
	left   int
	every  time.Duration
	rest   string
	begun  bool
	once   sync.Once
	closed chan struct{}
}

func (d *drips) Read(p []byte) (int, error) {
	if d.left == 0 {
		if d.rest == "" && !d.begun {
			<-d.closed // the context alone does not end it
			return 0, errors.New("closed")
		}
		if d.rest == "" {
			return 0, io.EOF
		}
		n := copy(p, d.rest)
		d.rest, d.begun = d.rest[n:], true
		return n, nil
	}
	if d.begun {
		select {
		case <-time.After(d.every):
		case <-d.closed:
			return 0, errors.New("closed")
		}
	}
	d.begun = d.left > 1
	d.left--
	p[0] = ' '
	return 1, nil
}

func (d *drips) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func TestCancel(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		end   func(context.Context) (context.Context, context.CancelFunc)
		kind  llm.Kind
		is    error
		after time.Duration
	}{
		{"caller leaves", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(3*time.Second, cancel)
			return ctx, cancel
		}, llm.Canceled, context.Canceled, 3 * time.Second},
		{"caller's deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 4*time.Second)
		}, llm.Timeout, context.DeadlineExceeded, 4 * time.Second},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var gone time.Time
				u := open(t, llm.Config{Concurrency: 1, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					<-r.Context().Done()
					gone = time.Now()
					return nil, r.Context().Err()
				})})
				start := time.Now()
				ctx, cancel := row.end(t.Context())
				defer cancel()
				_, err := u.Complete(ctx, question())
				e := failed(t, err, row.kind)
				if !errors.Is(err, row.is) || gone.Sub(start) != row.after {
					t.Errorf("error %v after %s, want %v after %s", err, gone.Sub(start), row.is, row.after)
				}
				prompt := (len([]rune("Answer in JSON."+secret)) + 2) / 3
				if want := (llm.Usage{Calls: 1, PromptTokens: prompt}); e.Usage != want {
					t.Errorf("usage %+v, want %+v", e.Usage, want)
				}
				// The slot is free again, and a context that is done makes no call.
				gone = time.Time{}
				_, err = u.Complete(ctx, question())
				if e := failed(t, err, row.kind); e.Usage.Calls != 0 || !gone.IsZero() {
					t.Errorf("a call with a context that was done: %v", e)
				}
			})
		})
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := open(t, llm.Config{Concurrency: 1, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return respond(200, good("a")), nil
		})})
		go u.Complete(t.Context(), question())
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		r := question()
		r.Budget = llm.NewBudget(1)
		_, err := u.Complete(ctx, r)
		if e := failed(t, err, llm.Canceled); e.Usage.Calls != 0 || r.Budget.Left() != 1 {
			t.Errorf("usage %+v, budget left %d: waiting for a slot costs nothing", e.Usage, r.Budget.Left())
		}
		time.Sleep(10 * time.Second)
	})
}

// cancelAfter is a context that is cancelled, not past its deadline.
func cancelAfter(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(d, cancel)
	return ctx, cancel
}
