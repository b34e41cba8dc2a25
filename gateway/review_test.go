package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// A block that is only a stray mark has no word to translate.
func TestLoneMark(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	res := ask(t, g, gateway.Request{Input: "नगर निगम ने बस सेवा शुरू की।\n\nं\n\nलोगों ने इसका स्वागत किया।", Translate: true})
	if got := targets(res); len(got) != 3 || got[1] != "ं" || res.Blocks[1].State != gateway.None {
		t.Errorf("%q %s", got, states(res))
	}
	if _, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: []string{"ा"}, Options: gateway.Options{Source: "hi", Target: "en"}}); err != nil {
		t.Error(err)
	}
}

func TestTextsKeepEveryLineEnd(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Memory: []simulator.Pair{{Hindi: "आज बारिश होगी।", English: "It will rain today."}, {Hindi: "कल धूप निकलेगी।", English: "Tomorrow will be sunny."}}})
	g := over(t, memory(), m)
	for _, end := range []string{"\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029", "\n\n\n", "\n \t\n", "\n\u200b\n"} {
		res, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: []string{"आज बारिश होगी।" + end + "कल धूप निकलेगी।"}, Options: gateway.Options{Target: "en"}})
		if err != nil {
			t.Fatal(err)
		}
		if want := "It will rain today." + end + "Tomorrow will be sunny."; res.Texts[0].Text != want {
			t.Errorf("%q: %q", end, res.Texts[0].Text)
		}
	}
}

// Of style plain every segment is a call of its own, and they go side by side.
func TestPlainStyleOfALongArticle(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := overConfig(t, memory(), func(c *llm.Config) { c.Style = llm.Plain }, m)
	if res := ask(t, g, gateway.Request{Input: paragraphs(40, 1), Translate: true}); res.Partial {
		t.Errorf("partial: %s", states(res))
	}
	if n := m.count(); n != 40 {
		t.Errorf("%d calls for 40 paragraphs", n)
	}
}

func TestNoCallHoldsMoreThanSix(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	long := strings.TrimSpace(strings.Repeat("नगर निगम ने सोमवार को नई बस सेवा शुरू की। ", 30))
	var text []string
	for i := range 20 {
		text = append(text, strings.Replace(long, "नई", strings.Repeat("क", i+1), 1))
	}
	ask(t, g, gateway.Request{Input: strings.Join(text, "\n") + "\n" + paragraphs(40, 1), Translate: true})
	for _, w := range m.all() {
		if len(w.Segments) > 6 {
			t.Errorf("a call of %d segments", len(w.Segments))
		}
	}
}

// When nobody waits for what is left of a batch, its repair is not made.
func TestLeavingCancelsTheRepair(t *testing.T) {
	t.Parallel()
	repairing, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	var calls atomic.Int64
	m := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			reply(w, `{"segments":{"1":"A bus service began in the city.","2":""}}`, "stop")
			return
		}
		repairing <- struct{}{}
		<-r.Context().Done()
		ended <- struct{}{}
	}))
	s := memory()
	g := over(t, s, m)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Article(ctx, gateway.Request{Input: "शहर में बस सेवा शुरू हुई है।\nलोगों ने इसका स्वागत किया है।", Translate: true})
	}()
	<-repairing
	cancel()
	<-done
	<-ended // hangs when the repair goes on
	res := ask(t, g, gateway.Request{Input: "शहर में बस सेवा शुरू हुई है।\nलोगों ने इसका स्वागत किया है।", Translate: true, Options: gateway.Options{Cache: gateway.OnlyCache}})
	if res.Blocks[0].State != gateway.Hit {
		t.Errorf("what had come through was not stored at once: %s", states(res))
	}
}

func TestLongTitleIsNoContext(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	ask(t, g, gateway.Request{Title: strings.Repeat("लंबा शीर्षक ", 500), Input: paragraphs(30, 1), Translate: true})
	for _, w := range m.all() {
		if n := len([]rune(w.Context["title"])); n > 300 {
			t.Errorf("a title of %d characters goes along", n)
		}
	}
	if _, err := g.Article(context.Background(), gateway.Request{Title: strings.Repeat("क", 200_000), Input: city, Translate: true}); err == nil {
		t.Error("a title beyond the limit is accepted")
	}
}

// A glossary in the target language changes the summary in that language.
func TestSummaryKeyKnowsTheGlossaryItUses(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	req := gateway.Request{Input: city, Summary: &gateway.SummaryRequest{Languages: []string{"hi", "en"}}}
	ask(t, g, req)
	m.count()
	req.Glossary = map[string]string{"नगर निगम": "the corporation"}
	res := ask(t, g, req)
	if n := m.count(); n != 1 || res.Summaries[0].State != gateway.Hit || res.Summaries[1].State != gateway.Miss {
		t.Errorf("%d calls; hi %s, en %s", n, res.Summaries[0].State, res.Summaries[1].State)
	}
}

// Every call is told to Spend, also when its request has left.
func TestSpendingIsToldOfEveryCall(t *testing.T) {
	t.Parallel()
	var spent atomic.Int64
	m := simulated(t, simulator.Config{Demo: true})
	u, err := llm.New(llm.Config{BaseURL: m.url, Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Spend: func(s gateway.Spending) { spent.Add(int64(s.PromptTokens)) }})
	res := ask(t, g, gateway.Request{Input: city, Translate: true, Summary: &gateway.SummaryRequest{}})
	if res.Usage.PromptTokens == 0 || spent.Load() != int64(res.Usage.PromptTokens) {
		t.Errorf("told %d tokens, billed %d", spent.Load(), res.Usage.PromptTokens)
	}
}

func TestAnUpstreamThatFailsIsTold(t *testing.T) {
	t.Parallel()
	m := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	g := over(t, memory(), m)
	if !g.Status().Usable {
		t.Error("unusable before any call")
	}
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		g.Article(ctx, gateway.Request{Input: city, Translate: true})
		cancel()
	}
	if s := g.Status(); s.Usable || len(s.Down) != 1 || s.Down[0] != "upstream" {
		t.Errorf("%+v", s)
	}
}

func TestSmallContextSummaryStaysInItsBudget(t *testing.T) {
	t.Parallel()
	var most atomic.Int64
	m := answering(t, func(_ int, w wire) string {
		most.Store(max(most.Load(), int64(w.chars)))
		return says(map[string]string{"summary": "The municipal corporation has started a new bus service, and people have welcomed it."})
	})
	g := overConfig(t, memory(), func(c *llm.Config) { c.ContextTokens = 2000 }, m)
	res := ask(t, g, gateway.Request{Input: paragraphs(600, 1), Summary: &gateway.SummaryRequest{}})
	if res.Partial {
		t.Errorf("%+v", res.Summaries[0].Failure)
	}
	if most.Load() > 2000*3 {
		t.Errorf("a call of %d characters for a budget of 2000 tokens", most.Load())
	}
}

func TestOnlyHitsCostNothing(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	price := 1.0
	g := overConfig(t, memory(), func(c *llm.Config) { c.PriceIn, c.PriceOut = &price, &price }, m)
	ask(t, g, gateway.Request{Input: city, Translate: true})
	if res := ask(t, g, gateway.Request{Input: city, Translate: true}); res.Usage.Cost == nil || *res.Usage.Cost != 0 {
		t.Errorf("cost %v", res.Usage.Cost)
	}
}

// A caller that leaves gets its error whatever the flights it had joined do.
func TestLeavingAsAJoinerIsClean(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true, Latency: 30 * time.Millisecond})
	g := over(t, memory(), m)
	for i := range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 4)
		for range 4 {
			go func() {
				_, err := g.Article(ctx, gateway.Request{Input: paragraphs(9, 100*i), Translate: true})
				done <- err
			}()
		}
		time.AfterFunc(time.Duration(i)*2*time.Millisecond, cancel)
		for range 4 {
			<-done // a panic would end the test
		}
		cancel()
	}
}
