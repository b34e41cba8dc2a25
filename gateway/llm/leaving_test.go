package llm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// The caller of an answer that comes at ten words a second, 100 in all, leaves.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	const every = 100 * time.Millisecond
	words := func(n int) []piece {
		var out []piece
		for i := range n {
			out = append(out, piece{every, delta(fmt.Sprintf("answer %03d ", i*i%997))})
		}
		return append(out, piece{0, choice("", `"stop"`) + endMark})
	}
	whole := 100 * len("answer 000 ")
	rows := []struct {
		name   string
		expect int
		leaves time.Duration
		pieces []piece
		ends   time.Duration
		kind   llm.Kind
		tokens int // of the answer
	}{
		{"before anything came", whole, 50 * time.Millisecond, words(100), 50 * time.Millisecond, llm.Canceled, 0},
		{"before the half", whole, 4950 * time.Millisecond, words(100), 4950 * time.Millisecond, llm.Canceled, (49*11 + 2) / 3},
		{"behind the half", whole, 5150 * time.Millisecond, words(100), 10 * time.Second, "", (1100 + 2) / 3},
		{"length unknown", 0, 9 * time.Second, words(100), 9 * time.Second, llm.Canceled, (90*11 - 11 + 2) / 3},
		{"longer than expected", 100, 2 * time.Second, words(400), 17 * time.Second, llm.Canceled, (170*11 + 2) / 3},
		{"behind the half, then silence", 100, 2 * time.Second, words(100)[:30], 17 * time.Second, llm.Canceled, (30*11 + 2) / 3},
		{"behind the half, then cut", 100, 2 * time.Second, append(words(100)[:30:30], piece{every, event(`{"error":"x"}`)}), 3100 * time.Millisecond, llm.Canceled, (30*11 + 2) / 3},
		{"at the end of its time", 100, 50 * time.Second, words(900), 60 * time.Second, llm.Canceled, 0},
	}
	for _, hedge := range []time.Duration{0, time.Hour} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					u := open(t, llm.Config{Transport: streaming(false, row.pieces...), HedgeAfter: hedge})
					ctx, cancel := cancelAfter(t, row.leaves)
					defer cancel()
					r := question()
					r.Expect = row.expect
					start := time.Now()
					res, err := u.Complete(ctx, r)
					took := time.Since(start)
					used := res.Usage
					if row.kind != "" {
						e := failed(t, err, row.kind)
						used = e.Usage
						if !errors.Is(err, context.Canceled) {
							t.Errorf("%v is not the caller's leaving", err)
						}
					} else if err != nil || len(res.Text) != whole-1 {
						t.Errorf("%d bytes, %v", len(res.Text), err)
					}
					if took < row.ends || took > row.ends+100*time.Millisecond {
						t.Errorf("ended after %s, want %s", took, row.ends)
					}
					prompt := (len([]rune("Answer in JSON."+secret)) + 2) / 3
					slack := 8 // who is first in the same moment
					if d := used.CompletionTokens - row.tokens; used.Calls != 1 || used.PromptTokens != prompt || row.tokens > 0 && (d < -slack || d > slack) {
						t.Errorf("usage %+v, want 1 call, %d and %d tokens", used, prompt, row.tokens)
					}
				})
			})
		}
	}
}

// A deadline is no leaving: it ends the call, however much is in.
func TestDeadlineIsNoLeaving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := open(t, llm.Config{Transport: streaming(false, piece{time.Second, delta("answer text")})})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		r := question()
		r.Expect = 3
		start := time.Now()
		_, err := u.Complete(ctx, r)
		failed(t, err, llm.Timeout)
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("ended after %s", d)
		}
	})
}

// The slower of two calls is cancelled at once, also when the caller has left
// and both were allowed to end.
func TestLoserDoesNotLinger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		var lost time.Duration
		start := time.Now()
		u := open(t, llm.Config{HedgeAfter: time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			n++
			rest := 20 * time.Second
			if n == 2 {
				rest = 5 * time.Second
			} else {
				context.AfterFunc(r.Context(), func() { lost = time.Since(start) })
			}
			return streaming(false, piece{time.Second, delta("answer text")}, piece{rest, choice("", `"stop"`) + endMark})(r)
		})})
		ctx, cancel := cancelAfter(t, 3*time.Second)
		defer cancel()
		r := question()
		r.Expect = 10
		res, err := u.Complete(ctx, r)
		synctest.Wait()
		if err != nil || !strings.HasPrefix(res.Text, "answer") || res.Usage.Calls != 2 {
			t.Errorf("%+v, %v", res, err)
		}
		if lost < 7*time.Second || lost > 7100*time.Millisecond {
			t.Errorf("the slower call ended after %s, want the faster one's 7 s", lost)
		}
	})
}
