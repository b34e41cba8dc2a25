package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// A model that gives nothing at all has failed; an empty summary is none.
func TestBlankSummaryIsAFailure(t *testing.T) {
	t.Parallel()
	for style, says := range map[string]string{"paragraph": `{"summary":" "}`, "bullets": `{"bullets":[""]}`} {
		g := over(t, memory(), answering(t, func(int, wire) string { return says }))
		res, err := g.Article(context.Background(), gateway.Request{Input: cityInEnglish, Summary: &gateway.SummaryRequest{Style: style, Languages: []string{"en"}}})
		if err == nil && (len(res.Summaries) != 1 || res.Summaries[0].Failure == nil) {
			t.Errorf("%s: %+v", style, res.Summaries)
		}
	}
}

// words are n words that differ; wordsFrom skips the first few.
func words(n int) string { return wordsFrom(0, n) }

func wordsFrom(skip, n int) string {
	syllables := strings.Fields("ba ke li mo nu pa re si to vu da fe gi jo ku la me ni po ru")
	var out []string
	for i := skip; i < skip+n; i++ {
		out = append(out, syllables[i%20]+syllables[(i/20+7)%20]+syllables[(i*7+3)%20])
	}
	return strings.Join(out, " ")
}

func says(v any) string { b, _ := json.Marshal(v); return string(b) }

const cityInEnglish = `New bus service begins in the city

The municipal corporation started a new bus service on Monday, and Point Road has one, too. They welcomed it.`

// A summary outside its bounds is asked for once more, and cut at the last.
func TestSummaryBounds(t *testing.T) {
	t.Parallel()
	sentence := func(skip, n int) string { return "They " + wordsFrom(skip, n-1) + "." }
	many := make([]string, 9)
	for i := range many {
		many[i] = "Point " + wordsFrom(40*i, 4+30*(i%2))
	}
	for _, row := range []struct {
		name, style string
		max         int
		answers     []string // call by call; the last goes on
		calls       int64
		text        string // "" = not looked at
		warn        bool
	}{
		{"within is never revised", "paragraph", 50, []string{says(map[string]string{"summary": sentence(0, 50)})}, 1, sentence(0, 50), false},
		{"over, then within", "paragraph", 50, []string{says(map[string]string{"summary": sentence(0, 51)}), says(map[string]string{"summary": sentence(0, 20)})}, 2, sentence(0, 20), false},
		{"over twice is cut at a sentence end", "paragraph", 50, []string{says(map[string]string{"summary": sentence(0, 30) + " " + sentence(40, 15) + " " + sentence(80, 30)})}, 2, sentence(0, 30) + " " + sentence(40, 15), true},
		{"headline loses its full stop without a call", "headline", 120, []string{says(map[string]string{"summary": "New bus service begins in the city."})}, 1, "New bus service begins in the city", false},
		{"headline of 13 words", "headline", 120, []string{says(map[string]string{"summary": words(13)})}, 2, "", true},
		{"a worse second try is not taken", "headline", 120, []string{says(map[string]string{"summary": "Bus service begins, " + words(8) + ", fares stay and more"}), says(map[string]string{"summary": words(20)})}, 2, "Bus service begins, " + words(8), true},
		{"brief of two sentences", "brief", 120, []string{says(map[string]string{"summary": "One bus began. Two more follow."})}, 2, "One bus began.", true},
		{"nine bullets, some too long", "bullets", 200, []string{says(map[string]any{"bullets": many})}, 2, "", true},
		{"bullets of few words keep to three", "bullets", 20, []string{says(map[string]any{"bullets": many})}, 2, "", true},
		{"empty, then good", "paragraph", 50, []string{`{"summary":""}`, `{"summary":"A bus service began."}`}, 2, "A bus service began.", false},
		{"blank, then good", "paragraph", 50, []string{`{"summary":" "}`, `{"summary":"A bus service began."}`}, 2, "A bus service began.", false},
		{"a text for bullets, then bullets", "bullets", 120, []string{`{"summary":"A bus service began."}`, `{"bullets":["A bus service began.","Point Road has one.","They welcomed it."]}`}, 2, "A bus service began.\nPoint Road has one.\nThey welcomed it.", false},
		{"in a fence", "brief", 50, []string{"```json\n{\"summary\":\"A bus service began.\"}\n```"}, 1, "A bus service began.", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := answering(t, func(call int, _ wire) string { return row.answers[min(call, len(row.answers))-1] })
			g := over(t, memory(), m)
			req := gateway.Request{Input: cityInEnglish, Summary: &gateway.SummaryRequest{Style: row.style, MaxWords: row.max, Languages: []string{"en"}}}
			res := ask(t, g, req)
			s := res.Summaries[0]
			if s.Failure != nil {
				t.Fatalf("failed: %+v", s.Failure)
			}
			if n := m.count(); n != row.calls {
				t.Errorf("%d calls, want %d", n, row.calls)
			}
			if row.text != "" && s.Text != row.text {
				t.Errorf("%q, want %q", s.Text, row.text)
			}
			if (len(s.Warnings) > 0) != row.warn {
				t.Errorf("warnings %v", s.Warnings)
			}
			limit := map[string]int{"headline": 12, "brief": 30, "paragraph": row.max, "bullets": row.max}[row.style]
			if n := len(strings.Fields(s.Text)); n > limit {
				t.Errorf("%d words", n)
			}
			if row.style == "bullets" && (len(s.Bullets) < 3 || len(s.Bullets) > 6) {
				t.Errorf("%d bullets", len(s.Bullets))
			}
			if res := ask(t, g, req); res.Summaries[0].Text != s.Text || m.count() != 0 {
				t.Error("the summary was not kept")
			}
		})
	}
}

// An article longer than the model's budget is summarised over parts, each
// kept for itself, so that an edit costs its part and the join.
func TestSummaryOverParts(t *testing.T) {
	t.Parallel()
	var most atomic.Int64
	m := answering(t, func(_ int, w wire) string {
		most.Store(max(most.Load(), int64(w.chars)))
		return `{"summary":"The corporation began a new bus service."}`
	})
	g := overConfig(t, memory(), func(c *llm.Config) { c.ContextTokens = 2000 }, m)
	text := paragraphs(60, 1)
	req := gateway.Request{Input: text, Summary: &gateway.SummaryRequest{}}
	res := ask(t, g, req)
	first := m.count()
	if first < 4 || res.Summaries[0].Text != "The corporation began a new bus service." {
		t.Fatalf("%d calls, %+v", first, res.Summaries[0])
	}
	if most.Load() > 2000*3 {
		t.Errorf("a call of %d characters for a budget of 2000 tokens", most.Load())
	}
	req.Input = strings.Replace(text, "वार्ड 40 ", "वार्ड 940 ", 1)
	ask(t, g, req)
	if n := m.count(); n != 2 {
		t.Errorf("an edit cost %d calls, want its part and the join", n)
	}
}

// counting counts how often a store is read.
type counting struct {
	cache.Store
	reads atomic.Int64
}

func (c *counting) GetMany(ctx context.Context, keys []cache.Key) ([][]byte, error) {
	c.reads.Add(1)
	return c.Store.GetMany(ctx, keys)
}

func TestOneLookUpAnArticle(t *testing.T) {
	t.Parallel()
	m := answering(t, func(_ int, w wire) string {
		if w.Task == "summarize" {
			return `{"summary":"A bus service began."}`
		}
		return segmentsAnswer(w, func(id, s string) (string, bool) { return "Segment " + id + " in English.", true })
	})
	s := &counting{Store: memory()}
	g := over(t, s, m)
	req := gateway.Request{Input: paragraphs(40, 1), Translate: true, Summary: &gateway.SummaryRequest{Languages: []string{"en", "hi"}}}
	ask(t, g, req)
	s.reads.Store(0)
	if res := ask(t, g, req); s.reads.Load() != 1 || res.Usage.Misses != 1 { // the Hindi summary is in English here: never kept
		t.Errorf("%d look-ups, %+v", s.reads.Load(), res.Usage)
	}
}

// broken gives back what was never written.
type broken struct{ cache.Store }

func (b broken) GetMany(ctx context.Context, keys []cache.Key) ([][]byte, error) {
	out := make([][]byte, len(keys))
	for i := range out {
		out[i] = [][]byte{{}, {1}, {1, 0, 200}, []byte("\x01\x00\x01\x05abc"), []byte(`{"text":"x"}`)}[i%5]
	}
	return out, nil
}

func TestUnreadableValuesAreMisses(t *testing.T) {
	t.Parallel()
	m := answering(t, func(_ int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) { return inEnglish(s), true })
	})
	res := ask(t, over(t, broken{memory()}, m), gateway.Request{Input: city, Translate: true})
	if res.Usage.Misses != 5 || res.Partial {
		t.Errorf("%+v", res.Usage)
	}
}

// A title above nothing that has a word is no article.
func TestNothingToSummarise(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	_, err := g.Article(t.Context(), gateway.Request{Input: "©", Format: article.HTML, Title: "The bridge", Summary: &gateway.SummaryRequest{Style: "bullets"}})
	var e *gateway.Error
	if !errors.As(err, &e) || e.Code != gateway.UnsupportedLanguage || len(m.asked) > 0 {
		t.Errorf("%v after %d calls", err, len(m.asked))
	}
	res, err := g.Article(t.Context(), gateway.Request{Input: "a", Format: article.HTML, Summary: &gateway.SummaryRequest{}})
	if err != nil || res.Summaries[0].Failure != nil || res.Summaries[0].Text == "" {
		t.Errorf("one letter: %v %+v", err, res)
	}
}
