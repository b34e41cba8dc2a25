package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/llm"
)

// twoSpellings is an article that spells a name in two ways until it is asked to mend
// the last paragraph; english gives a paragraph's translation.
func twoSpellings() (text string, english func(source string, mended bool) string) {
	text, plain := wards(5)
	text = strings.ReplaceAll(text, "नगर निगम", "नेता शरीफ")
	return text, func(source string, mended bool) string {
		s := plain[strings.ReplaceAll(source, "नेता शरीफ", "नगर निगम")]
		name := "The leader Sharif"
		if strings.Contains(source, "25") && !mended {
			name = "The leader Shurif"
		}
		return strings.Replace(s, "The municipal corporation", name, 1)
	}
}

func speller(english func(string, bool) string) func(int, wire) string {
	return func(_ int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) { return english(s, len(w.Fix) > 0), true })
	}
}

// slowAtFirst is a store whose first write takes a while.
type slowAtFirst struct {
	cache.Store
	writes atomic.Int64
	delay  time.Duration
}

func (s *slowAtFirst) SetMany(ctx context.Context, e []cache.Entry) error {
	if s.writes.Add(1) == 1 {
		time.Sleep(s.delay)
	}
	return s.Store.SetMany(ctx, e)
}

// TestAMendedNameIsWrittenLast: a late write of what it was before does not undo it.
func TestAMendedNameIsWrittenLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, english := twoSpellings()
		var m *model
		say := speller(english)
		m = piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reply(w, say(0, m.last()), "stop") }))
		s := newKept()
		g := made(t, gateway.Config{Cache: &slowAtFirst{Store: s, delay: 400 * time.Millisecond}, CacheTTL: time.Hour}, func(*llm.Config) {}, m)
		res := ask(t, g, gateway.Request{Input: text, Translate: true})
		if got := targets(res)[4]; !strings.Contains(got, "Sharif") {
			t.Fatalf("not mended: %q", got)
		}
		time.Sleep(5 * time.Second)
		if len(s.lives("Shurif")) != 0 || len(s.lives("Sharif")) != 5 {
			t.Errorf("the cache holds %d texts of the old spelling, %d of the new", len(s.lives("Shurif")), len(s.lives("Sharif")))
		}
	})
}

// TestWhoJoinedIsWarnedOfAName: requests at the same time share the calls, and those
// that do not mend the name say so.
func TestWhoJoinedIsWarnedOfAName(t *testing.T) {
	t.Parallel()
	text, english := twoSpellings()
	all := make(chan struct{})
	var once sync.Once
	say := speller(english)
	m := answering(t, func(n int, w wire) string {
		once.Do(func() { <-all })
		return say(n, w)
	})
	g := over(t, memory(), m)
	var wg sync.WaitGroup
	out := make([]*gateway.Result, 5)
	joined := make(chan struct{}, len(out))
	for i := range out {
		wg.Go(func() {
			out[i], _ = g.Article(context.Background(), gateway.Request{Input: text, Translate: true, Progress: func(done, _ int) {
				if done == 0 {
					joined <- struct{}{}
				}
			}})
		})
	}
	for range out {
		<-joined
	}
	close(all)
	wg.Wait()
	for i, r := range out {
		if r == nil {
			t.Fatalf("request %d failed", i)
		}
		if strings.Contains(targets(r)[4], "Shurif") && !warned(r.Blocks[4].Warnings, "name_spelling") {
			t.Errorf("request %d has two spellings and no warning", i)
		}
	}
}

// TestANameHoldsNobodyUp: a stalled repair is tried once, and ends with the gateway.
func TestANameHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, english := twoSpellings()
		mending := make(chan struct{}, 8)
		var m *model
		say := speller(english)
		m = piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if q := m.last(); len(q.Fix) == 0 {
				reply(w, say(0, q), "stop")
				return
			}
			mending <- struct{}{}
			<-r.Context().Done()
		}))
		g := made(t, gateway.Config{}, func(c *llm.Config) { c.MaxAttempts, c.HeaderTimeout = 4, time.Second }, m)
		start := time.Now()
		res := ask(t, g, gateway.Request{Input: text, Translate: true})
		if d := time.Since(start); d > 1500*time.Millisecond || len(mending) != 1 || !warned(res.Blocks[4].Warnings, "name_spelling") {
			t.Errorf("took %v, %d repairs, %v", d, len(mending), res.Blocks[4].Warnings)
		}
		<-mending

		g = made(t, gateway.Config{}, func(c *llm.Config) { c.HeaderTimeout = time.Minute }, m)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_, _ = g.Article(t.Context(), gateway.Request{Input: text, Translate: true})
		}()
		<-mending
		start = time.Now()
		if err := g.Close(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("closed after %v: %v", time.Since(start), err)
		}
		<-answered
	})
}
