package llm_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

func TestHedge(t *testing.T) {
	t.Parallel()
	type reply struct {
		after  time.Duration
		status int
	}
	rows := []struct {
		name    string
		replies []reply
		budget  int
		keep    int
		slots   int
		rpm     int
		took    time.Duration
		calls   int
		left    int
		kind    llm.Kind
		prompts int // usage in estimated prompts beside the answer's own
	}{
		{name: "fast enough", replies: []reply{{1 * time.Second, 200}}, budget: 5, slots: 4, took: time.Second, calls: 1, left: 4},
		{name: "second wins", replies: []reply{{20 * time.Second, 200}, {time.Second, 200}}, budget: 5, slots: 4, took: 3 * time.Second, calls: 2, left: 3, prompts: 1},
		{name: "first wins", replies: []reply{{5 * time.Second, 200}, {20 * time.Second, 200}}, budget: 5, slots: 4, took: 5 * time.Second, calls: 2, left: 3, prompts: 1},
		{name: "first fails, second is waited for", replies: []reply{{3 * time.Second, 500}, {4 * time.Second, 200}}, budget: 5, slots: 4, took: 6 * time.Second, calls: 2, left: 3},
		{name: "a refusal of the key ends both", replies: []reply{{3 * time.Second, 401}, {4 * time.Second, 200}}, budget: 5, slots: 4, took: 3 * time.Second, calls: 2, left: 3, kind: llm.Auth},
		{name: "no budget", replies: []reply{{5 * time.Second, 200}, {time.Second, 200}}, budget: 1, slots: 4, took: 5 * time.Second, calls: 1, left: 0},
		{name: "budget kept for another", replies: []reply{{5 * time.Second, 200}, {time.Second, 200}}, budget: 3, keep: 2, slots: 4, took: 5 * time.Second, calls: 1, left: 2},
		{name: "one above what is kept", replies: []reply{{5 * time.Second, 200}, {time.Second, 200}}, budget: 4, keep: 2, slots: 4, took: 3 * time.Second, calls: 2, left: 2, prompts: 1},
		{name: "no request left this minute", replies: []reply{{5 * time.Second, 200}, {time.Second, 200}}, budget: 5, slots: 4, rpm: 1, took: 5 * time.Second, calls: 1, left: 4},
		{name: "no slot", replies: []reply{{5 * time.Second, 200}, {time.Second, 200}}, budget: 5, slots: 1, took: 5 * time.Second, calls: 1, left: 4},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				calls, cancelled := 0, 0
				u := open(t, llm.Config{Concurrency: row.slots, RPM: row.rpm, HedgeAfter: 2 * time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					mu.Lock()
					rep := row.replies[calls]
					calls++
					mu.Unlock()
					select {
					case <-time.After(rep.after):
						return respond(rep.status, good("a")), nil
					case <-r.Context().Done():
						mu.Lock()
						cancelled++
						mu.Unlock()
						return nil, r.Context().Err()
					}
				})})
				start := time.Now()
				r := question()
				r.Budget, r.Keep = llm.NewBudget(row.budget), row.keep
				res, err := u.Complete(t.Context(), r)
				took := time.Since(start)
				synctest.Wait()
				used := res.Usage
				if row.kind != "" {
					used = failed(t, err, row.kind).Usage
				} else if err != nil {
					t.Fatal(err)
				} else {
					prompt := (len([]rune("Answer in JSON."+secret)) + 2) / 3
					if want := 11 + row.prompts*prompt; used.PromptTokens != want {
						t.Errorf("prompt tokens %d, want %d", used.PromptTokens, want)
					}
				}
				if took != row.took || calls != row.calls || used.Calls != row.calls || r.Budget.Left() != row.left {
					t.Errorf("%s, %d calls (usage %+v), budget left %d, want %s, %d, %d", took, calls, used, r.Budget.Left(), row.took, row.calls, row.left)
				}
				if lost := row.prompts; cancelled < lost {
					t.Errorf("%d cancelled, want %d", cancelled, lost)
				}
			})
		})
	}
}

// Hedges and retries together stay within the attempts of one call.
func TestHedgesCountAsAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		var mu sync.Mutex
		u := open(t, llm.Config{HedgeAfter: time.Second, MaxAttempts: 3, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			calls++
			mu.Unlock()
			time.Sleep(5 * time.Second)
			return respond(500, ""), nil
		})})
		_, err := u.Complete(t.Context(), question())
		failed(t, err, llm.Unavailable)
		if calls != 3 {
			t.Errorf("%d calls, want 3", calls)
		}
	})
}

// Streams: what the first words of a slow answer say is not waited for, the loser
// is cancelled at once and counted with what it had said.
func TestHedgeOfStreams(t *testing.T) {
	t.Parallel()
	quick := []piece{{time.Second, streamed("second")}}
	rows := []struct {
		name   string
		first  []piece
		took   time.Duration
		text   string
		tokens int // of both
	}{
		{"silent", nil, 3*time.Second + 50*time.Millisecond, "second", 7},
		{"dripping", []piece{{time.Second, delta("answer text ")}, {time.Minute, "x"}}, 3*time.Second + 50*time.Millisecond, "second", 7 + 4},
		{"sooner after all", []piece{{time.Second, delta("first")}, {1500 * time.Millisecond, choice("", `"stop"`) + usageChunk + endMark}}, 2550 * time.Millisecond, "first", 7},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var calls, gone int
				u := open(t, llm.Config{HedgeAfter: 2 * time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					calls++
					context.AfterFunc(r.Context(), func() {
						mu.Lock()
						defer mu.Unlock()
						gone++
					})
					if calls == 1 {
						return streaming(false, row.first...)(r)
					}
					return streaming(false, quick...)(r)
				})})
				start := time.Now()
				r := question()
				r.Budget = llm.NewBudget(5)
				res, err := u.Complete(t.Context(), r)
				took := time.Since(start)
				synctest.Wait()
				if err != nil || res.Text != row.text || took != row.took || calls != 2 || r.Budget.Left() != 3 || res.Usage.Calls != 2 {
					t.Errorf("%q, %v after %s and %d calls, budget left %d", res.Text, err, took, calls, r.Budget.Left())
				}
				if gone != 2 || res.Usage.CompletionTokens != row.tokens {
					t.Errorf("%d of 2 calls ended, usage %+v, want %d tokens", gone, res.Usage, row.tokens)
				}
				// No slot is lost.
				for range 8 {
					go u.Complete(t.Context(), question())
				}
				synctest.Wait()
				mu.Lock()
				defer mu.Unlock()
				if calls != 10 {
					t.Errorf("%d calls at once, want 8", calls-2)
				}
			})
		})
	}
}
