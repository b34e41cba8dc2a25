package gateway_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
	"dubhashi/prompts"
)

// paragraphs makes n paragraphs of about 100 characters that differ.
func paragraphs(n, from int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("वार्ड %d में नगर निगम ने सोमवार को नई बस सेवा शुरू की और पहले ही दिन लोगों ने उसका खूब स्वागत किया।", from+i))
	}
	return strings.Join(out, "\n")
}

// BenchmarkColdArticle: every call takes 300 ms. ideal/op is the time for the
// article's calls at the concurrency limit; x_ideal how many times that it
// took.
func BenchmarkColdArticle(b *testing.B) {
	const latency = 300 * time.Millisecond
	for _, row := range []struct{ n, concurrency int }{{6, 8}, {30, 8}, {90, 8}, {90, 2}} {
		b.Run(fmt.Sprintf("paragraphs=%d/concurrency=%d", row.n, row.concurrency), func(b *testing.B) {
			m := simulated(b, simulator.Config{Latency: latency})
			g := overConfig(b, memory(), func(c *llm.Config) { c.Concurrency = row.concurrency }, m)
			ask(b, g, gateway.Request{Input: paragraphs(6, 1e6), Translate: true}) // the first article finds out what the upstream can
			m.count()
			from := 0
			for b.Loop() {
				ask(b, g, gateway.Request{Input: paragraphs(row.n, from), Translate: true})
				from += row.n
			}
			calls := float64(m.count()) / float64(b.N)
			ideal := math.Ceil(calls/float64(row.concurrency)) * float64(latency)
			b.ReportMetric(calls, "calls/op")
			b.ReportMetric(ideal/1e6, "ideal_ms/op")
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/ideal, "x_ideal")
		})
	}
}

// BenchmarkPromptTokens: what 15 short paragraphs cost in prompt tokens as the
// gateway packs them, against the one call that would hold them all.
func BenchmarkPromptTokens(b *testing.B) {
	for _, row := range []struct{ name, target, text string }{{"hi-en", "en", paragraphs(15, 1)}, {"en-hi", "hi", englishParagraphs(15)}} {
		b.Run(row.name, func(b *testing.B) {
			var sent, whole float64
			for b.Loop() {
				m := simulated(b, simulator.Config{})
				g := over(b, memory(), m)
				res := ask(b, g, gateway.Request{Input: row.text, Translate: true})
				if res.Usage.Calls != 3 {
					b.Fatalf("%d calls", res.Usage.Calls)
				}
				sent = float64(res.Usage.PromptTokens)
				doc, err := article.Parse(row.text, article.Options{})
				if err != nil {
					b.Fatal(err)
				}
				q := prompts.Translation{Source: res.Source, Target: res.Target, Register: "news", Glossary: map[string]string{}}
				for _, block := range doc.Blocks {
					for _, s := range block.Segments(gateway.MaxSegment) {
						q.Segments = append(q.Segments, s.Text)
						for from, to := range prompts.Terms(res.Source, res.Target, s.Plain()) {
							q.Glossary[from] = to
						}
					}
				}
				whole = 0
				for _, msg := range prompts.Translate(q).Messages {
					whole += float64(simulator.EstimateTokens(msg.Content))
				}
			}
			b.ReportMetric(sent, "tokens_sent")
			b.ReportMetric(whole, "tokens_whole")
			b.ReportMetric(sent/whole, "ratio")
		})
	}
}

func englishParagraphs(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("In ward %d the municipal corporation began a new bus service on Monday and people welcomed it warmly.", i+1))
	}
	return strings.Join(out, "\n")
}

// BenchmarkCachedArticle is the pipeline of an article that is all in the
// first level, without HTTP.
func BenchmarkCachedArticle(b *testing.B) {
	m := simulated(b, simulator.Config{})
	g := over(b, memory(), m)
	req := gateway.Request{Input: paragraphs(20, 1), Translate: true}
	ask(b, g, req)
	b.ReportAllocs()
	for b.Loop() {
		ask(b, g, req)
	}
}

// BenchmarkCachedTexts is the pipeline of 20 texts that are all in the first level.
func BenchmarkCachedTexts(b *testing.B) {
	m := simulated(b, simulator.Config{})
	g := over(b, memory(), m)
	lines := strings.Split(paragraphs(20, 1), "\n")
	translate := func() {
		if _, err := g.Texts(b.Context(), gateway.TextsRequest{Texts: lines}); err != nil {
			b.Fatal(err)
		}
	}
	translate()
	b.ReportAllocs()
	for b.Loop() {
		translate()
	}
}
