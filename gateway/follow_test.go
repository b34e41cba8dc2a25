package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/llm"
)

// follower notes what it is told, in words.
type follower struct {
	split     []gateway.Block
	order     []string // "0", "1", … for blocks, "s0" for a summary
	blocks    map[int]string
	summaries map[int]string
	told      func(what string)
}

func (f *follower) Split(_, _ string, blocks []gateway.Block) {
	f.split = blocks
	f.note("split")
}

func (f *follower) Block(i int, b *gateway.Block) {
	f.blocks[i] = blockInWords(b)
	f.note(fmt.Sprint(i))
}

func (f *follower) Summary(i int, s *gateway.Summary) {
	f.summaries[i] = fmt.Sprintf("%+v", *s)
	f.note(fmt.Sprintf("s%d", i))
}

func (f *follower) note(what string) {
	f.order = append(f.order, what)
	if f.told != nil {
		f.told(what)
	}
}

func blockInWords(b *gateway.Block) string {
	target := "<none>"
	if b.Target != nil {
		target = b.Target.String()
	}
	return fmt.Sprintf("%s|%s|%s|%s|%s|%v|%v", b.Kind, b.Source, target, b.State, b.Model, b.Warnings, b.Failure)
}

// follow asks for an article and holds what was told to what came out.
func follow(t *testing.T, ctx context.Context, g *gateway.Gateway, req gateway.Request, told func(string)) (*follower, *gateway.Result) {
	t.Helper()
	f := &follower{blocks: map[int]string{}, summaries: map[int]string{}, told: told}
	req.Follow = f
	res, err := g.Article(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.order) == 0 || f.order[0] != "split" || slices.Contains(f.order[1:], "split") || len(f.split) != len(res.Blocks) {
		t.Errorf("the split: %v", f.order)
	}
	for i := range res.Blocks {
		if f.split[i].Kind != res.Blocks[i].Kind || f.split[i].Source != res.Blocks[i].Source {
			t.Errorf("block %d was split as %+v", i, f.split[i])
		}
		if want := blockInWords(&res.Blocks[i]); f.blocks[i] != want {
			t.Errorf("of block %d was told\n%s\nin the end it is\n%s", i, f.blocks[i], want)
		}
	}
	for i := range res.Summaries {
		if want := fmt.Sprintf("%+v", res.Summaries[i]); f.summaries[i] != want {
			t.Errorf("of summary %d was told %s, in the end it is %s", i, f.summaries[i], want)
		}
	}
	if len(f.blocks) != len(res.Blocks) || len(f.summaries) != len(res.Summaries) {
		t.Errorf("%d blocks and %d summaries were told of", len(f.blocks), len(f.summaries))
	}
	return f, res
}

// asked reads what a call asks.
func asked(r *http.Request) (w wire) {
	var body struct{ Messages []struct{ Content string } }
	_ = json.NewDecoder(r.Body).Decode(&body)
	if n := len(body.Messages); n > 0 {
		_ = json.Unmarshal([]byte(body.Messages[n-1].Content), &w)
	}
	return w
}

// TestBlocksAreToldWhenReady: not in their order, and long before the last one.
func TestBlocksAreToldWhenReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, english := wards(8)
		m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := asked(r)
			if q.Task == "summarize" {
				time.Sleep(2 * time.Second)
				reply(w, `{"summary":"The municipal corporation completed its work on Monday."}`, "stop")
				return
			}
			slow, first := time.Second, false
			say := segmentsAnswer(q, func(_, s string) (string, bool) {
				first = first || strings.Contains(s, "वार्ड 21 ")
				return english[s], true
			})
			if first {
				slow = 3 * time.Second
			}
			time.Sleep(slow)
			reply(w, say, "stop")
		}))
		g := made(t, gateway.Config{}, func(*llm.Config) {}, m)
		start := time.Now()
		at := map[string]time.Duration{}
		f, res := follow(t, t.Context(), g, gateway.Request{
			Input: text + "\n\n42 42", Translate: true, Summary: &gateway.SummaryRequest{Style: "brief"},
		}, func(what string) { at[what] = time.Since(start).Truncate(time.Second) })
		want := map[string]time.Duration{"split": 0, "8": 0, "s0": 2 * time.Second} // block 8 has no word
		for i := range 8 {
			want[fmt.Sprint(i)] = time.Second
			if i < 4 { // two calls of four
				want[fmt.Sprint(i)] = 3 * time.Second
			}
		}
		if !maps.Equal(at, want) || len(f.order) != len(want) || res.Partial {
			t.Errorf("told %v, want %v", at, want)
		}
	})
}

// TestWhatIsTold: whatever becomes of an article, what was told last is what
// stands in the result.
func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	text, english := wards(7)
	works := func(w http.ResponseWriter, r *http.Request) {
		q := asked(r)
		if q.Task == "summarize" {
			reply(w, `{"summary":"The municipal corporation completed its work on Monday."}`, "stop")
			return
		}
		reply(w, segmentsAnswer(q, func(_, s string) (string, bool) { return english[s], true }), "stop")
	}
	both := gateway.Request{Input: text, Translate: true, Summary: &gateway.SummaryRequest{}}
	for _, row := range []struct {
		name    string
		model   http.HandlerFunc
		style   llm.Style
		warm    bool // asked once before
		request func(*gateway.Request)
		order   string // "": any
		partial bool
	}{
		{"cached", works, llm.Segments, true, nil, "split 0 1 2 3 4 5 6 s0", false},
		{"an edit", works, llm.Segments, true, func(r *gateway.Request) { r.Input += "\n\n" + bus; r.Summary = nil }, "", true},
		{"not cached, and only that", works, llm.Segments, false, func(r *gateway.Request) { r.Cache = gateway.OnlyCache }, "split 0 1 2 3 4 5 6 s0", true},
		{"the target's language", works, llm.Segments, false, func(r *gateway.Request) { r.Target, r.Summary = "hi", nil }, "split 0 1 2 3 4 5 6", false},
		{"the summary alone", works, llm.Segments, false, func(r *gateway.Request) { r.Translate = false }, "split 0 1 2 3 4 5 6 s0", false},
		{"a block twice", works, llm.Segments, false, func(r *gateway.Request) {
			r.Input, r.Summary, r.Context = strings.Repeat(strings.Split(text, "\n")[0]+"\n\n", 3), nil, "none"
		}, "split 0 1 2", false},
		{"no model for summaries", func(w http.ResponseWriter, r *http.Request) {
			var body struct{ Messages []struct{ Content string } }
			_ = json.NewDecoder(r.Body).Decode(&body)
			reply(w, english[body.Messages[len(body.Messages)-1].Content], "stop")
		}, llm.Plain, false, nil, "", false},
		{"the translation fails", func(w http.ResponseWriter, r *http.Request) {
			if q := asked(r); q.Task == "translate" {
				http.Error(w, `{"error":{"message":"no"}}`, 400)
				return
			}
			reply(w, `{"summary":"The municipal corporation completed its work on Monday."}`, "stop")
		}, llm.Segments, false, nil, "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			g := overConfig(t, memory(), func(c *llm.Config) { c.Style = row.style }, serve(t, row.model))
			req := both
			if row.warm {
				ask(t, g, req)
			}
			if row.request != nil {
				row.request(&req)
			}
			f, res := follow(t, t.Context(), g, req, nil)
			if got := strings.Join(f.order, " "); row.order != "" && got != row.order {
				t.Errorf("told %s, want %s", got, row.order)
			}
			if res.Partial != row.partial {
				t.Errorf("partial: %v", res.Partial)
			}
		})
	}
}

// TestAMendedNameIsToldAgain: the block of the mended name, and no other.
func TestAMendedNameIsToldAgain(t *testing.T) {
	t.Parallel()
	text, english := twoSpellings()
	g := over(t, memory(), answering(t, speller(english)))
	seen := map[string]int{}
	f, _ := follow(t, t.Context(), g, gateway.Request{Input: text, Translate: true}, func(what string) { seen[what]++ })
	if seen["4"] != 2 || len(f.order) != 7 || !strings.Contains(f.blocks[4], "Sharif") {
		t.Errorf("told %v, in the end %s", f.order, f.blocks[4])
	}
}

// TestTheTimeIsUp: what is missing then is told as failed.
func TestTheTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text, english := wards(8)
		m := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := asked(r)
			say := segmentsAnswer(q, func(_, s string) (string, bool) {
				if strings.Contains(s, "वार्ड 21 ") {
					<-r.Context().Done()
				}
				return english[s], true
			})
			reply(w, say, "stop")
		}))
		g := made(t, gateway.Config{}, func(*llm.Config) {}, m)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f, res := follow(t, ctx, g, gateway.Request{Input: text, Translate: true}, nil)
		if !res.Partial || !strings.Contains(f.blocks[0], "time was up") || strings.Contains(f.blocks[7], "time was up") {
			t.Errorf("%s\n%s", f.blocks[0], f.blocks[7])
		}
	})
}
