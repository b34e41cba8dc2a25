package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// city is an article of the project's own: title, two paragraphs that need
// each other, a list.
const city = `शहर में नई बस सेवा शुरू

नगर निगम ने सोमवार को नई बस सेवा शुरू की। पहले दिन 12 बसें चलीं और 3,400 यात्रियों ने सफर किया।
निगम आयुक्त ने कहा कि किराया 10 रुपये रहेगा। उन्होंने बताया कि अगले महीने बसों की संख्या 40 होगी।
यात्रियों ने सेवा का स्वागत किया। उनका कहना है कि सुबह की बसें समय पर आ रही हैं।
सड़क पर जाम भी कुछ कम हुआ है। पुलिस ने तीन चौराहों पर नई बत्तियां लगाई हैं।`

// cityEnglish are city's translations by a word that stands in one paragraph alone.
var cityEnglish = map[string]string{
	"शहर में": "New bus service begins in the city",
	"3,400":   "The municipal corporation started a new bus service on Monday. On the first day 12 buses ran and 3,400 passengers travelled.",
	"आयुक्त":  "The corporation's commissioner said the fare would stay at Rs 10. He said there would be 40 buses next month.",
	"स्वागत":  "Passengers have welcomed the service. They say that the morning buses come on time.",
	"चौराहों": "Jams on the road have become somewhat fewer as well. Police have put up new lights at three crossings.",
}

func inEnglish(source string) string {
	for word, english := range cityEnglish {
		if strings.Contains(source, word) {
			return english
		}
	}
	return ""
}

func ask(t testing.TB, g *gateway.Gateway, req gateway.Request) *gateway.Result {
	t.Helper()
	res, err := g.Article(context.Background(), req)
	if err != nil {
		t.Fatalf("the article failed: %v", err)
	}
	return res
}

func targets(res *gateway.Result) (out []string) {
	for _, b := range res.Blocks {
		if b.Target == nil {
			out = append(out, "<missing>")
			continue
		}
		out = append(out, b.Target.String())
	}
	return out
}

func states(res *gateway.Result) string {
	var out []string
	for _, b := range res.Blocks {
		out = append(out, string(b.State))
	}
	return strings.Join(out, " ")
}

func TestSeedArticleInEveryFormat(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(sharedData(t), "seed")
	raw, err := os.ReadFile(filepath.Join(dir, "article.hi.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Blocks []struct{ Kind, Hi, En string }
	}
	b, err := os.ReadFile(filepath.Join(dir, "article.reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	var mem []simulator.Pair
	html, markdown := "<article>", ""
	for _, b := range ref.Blocks {
		mem = append(mem, simulator.Pair{Hindi: b.Hi, English: b.En})
		switch b.Kind {
		case "title":
			html += "<h1>" + b.Hi + "</h1>\n"
			markdown += "# " + b.Hi + "\n\n"
		case "heading":
			html += "<h2>" + b.Hi + "</h2>\n"
			markdown += "## " + b.Hi + "\n\n"
		default:
			html += "<p>" + b.Hi + "</p>\n"
			markdown += b.Hi + "\n\n"
		}
	}
	html += "</article>"
	m := simulated(t, simulator.Config{Memory: mem})
	g := over(t, memory(), m)
	for i, row := range []struct {
		name string
		req  gateway.Request
	}{
		{"text", gateway.Request{Input: string(raw)}},
		{"html", gateway.Request{Input: html, Format: article.HTML}},
		{"page", gateway.Request{Input: "<!doctype html><html><head><title>x</title></head><body>" + html + "</body></html>", Format: article.HTML}},
		{"markdown", gateway.Request{Input: markdown, Format: article.Markdown}},
	} {
		row.req.Translate = true
		res := ask(t, g, row.req)
		if len(res.Blocks) != len(ref.Blocks) {
			t.Fatalf("%s: %d blocks, want %d", row.name, len(res.Blocks), len(ref.Blocks))
		}
		for j, b := range res.Blocks {
			if string(b.Kind) != ref.Blocks[j].Kind || b.Source != ref.Blocks[j].Hi || b.Target == nil || b.Target.String() != ref.Blocks[j].En {
				t.Errorf("%s: block %d is a %s %q → %q, want a %s → %q", row.name, j, b.Kind, b.Source, targets(res)[j], ref.Blocks[j].Kind, ref.Blocks[j].En)
			}
		}
		calls := m.count()
		if i == 0 && calls != 2 || i > 0 && calls != 0 {
			t.Errorf("%s: %d calls", row.name, calls)
		}
	}
}

func TestRealArticlesBothDirections(t *testing.T) {
	t.Parallel()
	articles := realArticles(t)
	if testing.Short() {
		articles = articles[:10]
	}
	m := simulated(t, simulator.Config{Memory: memoryOf(articles)})
	dir := t.TempDir()
	s := onDisk(t, dir)
	g := over(t, s, m)
	accept := map[string][]string{} // a paragraph that stands twice may have two references
	for _, a := range articles {
		for i := range a.Hindi {
			accept[a.Hindi[i]] = append(accept[a.Hindi[i]], a.Englis[i])
			accept[a.Englis[i]] = append(accept[a.Englis[i]], a.Hindi[i])
		}
	}
	check := func(g *gateway.Gateway) {
		var wg sync.WaitGroup
		sem := make(chan struct{}, 8)
		for _, a := range articles {
			for _, side := range []struct {
				target   string
				from, to []string
			}{{"en", a.Hindi, a.Englis}, {"hi", a.Englis, a.Hindi}} {
				wg.Go(func() {
					sem <- struct{}{}
					defer func() { <-sem }()
					res, err := g.Article(context.Background(), gateway.Request{
						Input: strings.Join(side.from, "\n"), Translate: true, Options: gateway.Options{Target: side.target}})
					if err != nil {
						t.Errorf("%s to %s: %v", a.ID, side.target, err)
						return
					}
					if len(res.Blocks) != len(side.from) {
						t.Errorf("%s to %s: %d blocks, want %d", a.ID, side.target, len(res.Blocks), len(side.from))
						return
					}
					for i, got := range targets(res) {
						if res.Blocks[i].Source != side.from[i] || !slices.Contains(accept[side.from[i]], got) {
							t.Errorf("%s to %s, paragraph %d: %q → %q, want %q", a.ID, side.target, i, side.from[i], got, side.to[i])
						}
					}
				})
			}
		}
		wg.Wait()
	}
	check(g)
	if m.count() == 0 {
		t.Fatal("no call was made")
	}
	check(g)
	if n := m.count(); n != 0 {
		t.Errorf("posted again: %d calls", n)
	}
	restarted := over(t, onDisk(t, dir), m)
	check(restarted)
	if n := m.count(); n != 0 {
		t.Errorf("after a restart: %d calls", n)
	}
}

func TestAnEditCostsItsSegmentAndTheOneAfter(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	ask(t, g, gateway.Request{Input: city, Translate: true, Summary: &gateway.SummaryRequest{}})
	m.count()
	for _, row := range []struct {
		name, old, new, states string
		calls                  int64
	}{
		{"nothing", "", "", "hit hit hit hit hit", 0},
		{"one paragraph", "किराया 10 रुपये", "किराया 15 रुपये", "hit hit miss miss hit", 2}, // its call, and the summary
		{"the last paragraph", "तीन चौराहों", "चार चौराहों", "hit hit hit hit miss", 2},
		{"the headline", "नई बस सेवा शुरू\n", "नई बस सेवा आज से\n", "miss hit hit hit hit", 2},
		{"spacing only", "शहर में", "शहर  में\u200b", "hit hit hit hit hit", 0},
	} {
		res := ask(t, g, gateway.Request{Input: strings.Replace(city, row.old, row.new, 1), Translate: true, Summary: &gateway.SummaryRequest{}})
		if got, n := states(res), m.count(); got != row.states || n != row.calls {
			t.Errorf("%s: %s with %d calls, want %s with %d", row.name, got, n, row.states, row.calls)
		}
	}
}

func TestTwentyAtOnceCostOne(t *testing.T) {
	t.Parallel()
	alone := simulated(t, simulator.Config{Demo: true})
	ask(t, over(t, memory(), alone), gateway.Request{Input: city, Translate: true, Summary: &gateway.SummaryRequest{}})
	m := simulated(t, simulator.Config{Demo: true, Latency: 50 * time.Millisecond})
	g := over(t, memory(), m)
	var wg sync.WaitGroup
	results := make([]*gateway.Result, 20)
	for i := range results {
		wg.Go(func() {
			results[i] = ask(t, g, gateway.Request{Input: city, Translate: true, Summary: &gateway.SummaryRequest{}})
		})
	}
	wg.Wait()
	if m.count() != alone.count() {
		t.Errorf("twenty at once cost more calls than one")
	}
	billed := 0
	for _, r := range results {
		billed += r.Usage.Calls
		if !slices.Equal(targets(r), targets(results[0])) {
			t.Error("two callers got different answers")
		}
	}
	if int64(billed) != int64(len(alone.all())) {
		t.Errorf("%d calls were billed, %d made", billed, len(alone.all()))
	}
}

func TestTheLastToLeaveCancels(t *testing.T) {
	t.Parallel()
	started, cancelled := make(chan struct{}, 8), make(chan struct{}, 8)
	m := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started <- struct{}{}
		<-r.Context().Done()
		cancelled <- struct{}{}
	}))
	g := over(t, memory(), m)
	req := gateway.Request{Input: "नगर निगम ने आज नई बस सेवा शुरू की।", Translate: true}
	leave := make([]context.CancelFunc, 2)
	left := make([]chan error, 2)
	for i := range leave {
		var ctx context.Context
		ctx, leave[i] = context.WithCancel(context.Background())
		left[i] = make(chan error, 1)
		go func() { _, err := g.Article(ctx, req); left[i] <- err }()
		if i == 0 {
			<-started
		}
	}
	leave[0]()
	var e *gateway.Error
	if err := <-left[0]; !errors.As(err, &e) || e.Code != gateway.Canceled {
		t.Errorf("the first to leave got %v", err)
	}
	select {
	case <-cancelled:
		// The second may have come after the first had left; then the call was
		// rightly cancelled and another made.
		<-started
	case <-time.After(50 * time.Millisecond):
	}
	leave[1]()
	<-left[1]
	<-cancelled
}

func TestCacheModes(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	req := func(mode gateway.CacheMode) gateway.Request {
		return gateway.Request{Input: city, Translate: true, Options: gateway.Options{Cache: mode}}
	}
	res := ask(t, g, req(gateway.OnlyCache))
	if m.count() != 0 || !res.Partial || res.Blocks[1].Failure == nil || res.Blocks[1].Failure.Code != gateway.CacheMiss {
		t.Errorf("only, on an empty cache: %+v", res.Blocks[1])
	}
	ask(t, g, req(gateway.NoCache))
	if ask(t, g, req(gateway.OnlyCache)); m.count() != 1 {
		t.Error("off stored something, or did not ask")
	}
	ask(t, g, req(gateway.UseCache))
	m.count()
	if ask(t, g, req(gateway.RefreshCache)); m.count() != 1 {
		t.Error("refresh did not ask anew")
	}
	if res := ask(t, g, req(gateway.OnlyCache)); m.count() != 0 || res.Partial {
		t.Error("refresh did not store")
	}
}

func TestOptionsThatChangeTheAnswerChangeTheKey(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	base := gateway.Request{Input: city, Translate: true}
	ask(t, g, base)
	for _, row := range []struct {
		name   string
		change func(*gateway.Request)
		misses int
	}{
		{"same", func(*gateway.Request) {}, 0},
		{"numerals are mapped after the cache", func(r *gateway.Request) { r.Numerals = "devanagari" }, 0},
		{"register", func(r *gateway.Request) { r.Register = "formal" }, 5},
		{"no context", func(r *gateway.Request) { r.Context = "none" }, 3}, // title and first paragraph have none anyway
		{"glossary of one paragraph", func(r *gateway.Request) { r.Glossary = map[string]string{"चौराहों": "crossings"} }, 1},
		{"glossary that does not occur", func(r *gateway.Request) { r.Glossary = map[string]string{"हाथी": "elephant"} }, 0},
	} {
		req := base
		row.change(&req)
		if res := ask(t, g, req); res.Usage.Misses != row.misses {
			t.Errorf("%s: %d misses, want %d (%s)", row.name, res.Usage.Misses, row.misses, states(res))
		}
	}
}

func TestGlossaryAndContextReachTheModel(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	o := gateway.Options{Glossary: map[string]string{"नगर निगम": "the corporation"}}
	ask(t, g, gateway.Request{Input: city, Translate: true, Options: o})
	w := m.last()
	if w.Glossary["नगर निगम"] != "the corporation" {
		t.Errorf("the caller's glossary did not reach the model: %v", w.Glossary)
	}
	ask(t, g, gateway.Request{Input: strings.Replace(city, "सड़क पर", "सड़कों पर", 1), Translate: true, Options: o})
	w = m.last()
	if w.Context["title"] != "शहर में नई बस सेवा शुरू" || !strings.HasSuffix(w.Context["before"], "समय पर आ रही हैं।") {
		t.Errorf("title and the block before did not go along: %v", w.Context)
	}
	for id, s := range w.Segments {
		if strings.Contains(w.system, s) {
			t.Errorf("segment %s stands in the system message", id)
		}
	}
}

func TestNumerals(t *testing.T) {
	t.Parallel()
	const source = "बैठक में 25 लोग आए।"
	m := simulated(t, simulator.Config{Memory: []simulator.Pair{{Hindi: source, English: "२5 people came to the meeting."}, {Hindi: "बैठक में २५ लोग आए।", English: "25 people came to the meeting."}}})
	g := over(t, memory(), m)
	for _, row := range []struct{ name, input, numerals, want string }{
		{"latin is the default into English", source, "", "25 people came to the meeting."},
		{"devanagari", source, "devanagari", "२५ people came to the meeting."},
		{"keep: the source's", source, "keep", "25 people came to the meeting."},
		{"keep: the source's own Devanagari", "बैठक में २५ लोग आए।", "keep", "२५ people came to the meeting."},
	} {
		res := ask(t, g, gateway.Request{Input: row.input, Translate: true, Options: gateway.Options{Numerals: row.numerals}})
		if got := targets(res)[0]; got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestLongParagraphComesBackAsOne(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	sentence := "नगर निगम ने सोमवार को %d नई बसें चलाईं और यात्रियों ने उनका स्वागत किया। "
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, sentence, i+1000)
	}
	input := strings.TrimSpace(b.String())
	if n := len([]rune(input)); n < 20_000 {
		t.Fatalf("only %d characters", n)
	}
	res := ask(t, g, gateway.Request{Input: input, Translate: true})
	if len(res.Blocks) != 1 || res.Blocks[0].Failure != nil {
		t.Fatalf("%d blocks, %+v", len(res.Blocks), res.Blocks[0].Failure)
	}
	got := res.Blocks[0].Target.String()
	last := -1
	for i := range 300 {
		at := strings.Index(got, fmt.Sprint(i+1000))
		if at <= last {
			t.Fatalf("sentence %d is missing or out of order", i)
		}
		last = at
	}
	for _, w := range m.all() {
		if len(w.Segments) > 6 {
			t.Errorf("%d segments in a call", len(w.Segments))
		}
		for _, s := range w.Segments {
			if len([]rune(s)) > gateway.MaxSegment {
				t.Errorf("a segment of %d characters", len([]rune(s)))
			}
		}
	}
}

func TestCarriedOver(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	res := ask(t, g, gateway.Request{Format: article.Markdown, Translate: true, Input: "# मौसम का हाल\n\nआज बारिश होगी और तापमान 25 डिग्री रहेगा। विभाग ने लोगों से घरों में रहने को कहा है और स्कूल बंद रहेंगे।\n\n```\nprint(१)\n```\n\n***\n\nThe rain will stop by the evening, officials said.\n\n२०२५\n"})
	var rows []string
	for _, b := range res.Blocks {
		rows = append(rows, fmt.Sprintf("%s %s %s", b.Kind, b.State, b.Target))
	}
	for i, want := range map[int]string{2: "code none print(१)", 3: "paragraph none The rain will stop by the evening, officials said.", 4: "paragraph none 2025"} {
		if i >= len(rows) || rows[i] != want {
			t.Errorf("block %d is not %q; all: %q", i, want, rows)
		}
	}
}

func TestAlreadyInTheTargetLanguage(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	res := ask(t, g, gateway.Request{Input: "Bus service begins\n\nThe corporation started a bus service on Monday.", Translate: true, Options: gateway.Options{Target: "en"}})
	if m.count() != 0 || res.Partial || !slices.ContainsFunc(res.Warnings, func(w gateway.Warning) bool { return w.Code == "already_target" }) {
		t.Errorf("warnings %v", res.Warnings)
	}
	if got := targets(res)[1]; got != "The corporation started a bus service on Monday." {
		t.Errorf("got %q", got)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	for _, row := range []struct {
		name string
		req  gateway.Request
		code gateway.Code
	}{
		{"no text", gateway.Request{Input: " \n\u200b", Translate: true}, gateway.Invalid},
		{"bad register", gateway.Request{Input: city, Translate: true, Options: gateway.Options{Register: "rude"}}, gateway.Invalid},
		{"same language", gateway.Request{Input: city, Translate: true, Options: gateway.Options{Source: "hi", Target: "hi"}}, gateway.Invalid},
		{"Tamil", gateway.Request{Input: "இது ஒரு தமிழ் வாக்கியம் ஆகும்.", Translate: true}, gateway.UnsupportedLanguage},
		{"Kruti Dev", gateway.Request{Input: "izèkkuea=h us dgk fd ljdkj fdlkuksa ds fy, u;h ;kstuk ykxw djsxhA bl ;kstuk ls yk[kksa fdlkuksa dks ykHk gksxkA", Translate: true}, gateway.LegacyFont},
		{"too long", gateway.Request{Input: strings.Repeat("अ", 200_001), Translate: true}, gateway.TooLarge},
		{"empty glossary term", gateway.Request{Input: city, Translate: true, Options: gateway.Options{Glossary: map[string]string{" ": "x"}}}, gateway.Invalid},
		{"max_words", gateway.Request{Input: city, Summary: &gateway.SummaryRequest{MaxWords: 5}}, gateway.Invalid},
	} {
		_, err := g.Article(context.Background(), row.req)
		var e *gateway.Error
		if !errors.As(err, &e) || e.Code != row.code {
			t.Errorf("%s: %v, want %s", row.name, err, row.code)
		}
	}
	if m.count() != 0 {
		t.Error("a refused request cost a call")
	}
}

func segmentsAnswer(w wire, say func(id, source string) (string, bool)) string {
	out := map[string]string{}
	for id, s := range w.Segments {
		if text, ok := say(id, s); ok {
			out[id] = text
		}
	}
	b, _ := json.Marshal(map[string]any{"segments": out})
	return string(b)
}

func TestBadAnswersAreAskedOnceMoreAndNeverStored(t *testing.T) {
	t.Parallel()
	good := func(string, string) (string, bool) { return "The corporation started a new bus service.", true }
	for _, row := range []struct {
		name   string
		answer func(call int, w wire) string
		calls  int64
		code   gateway.Code // "" = comes out well
	}{
		{"left in Hindi, then good", func(n int, w wire) string {
			if n == 1 {
				return segmentsAnswer(w, func(_, s string) (string, bool) { return s, true })
			}
			if len(w.Fix) != 1 || w.Fix["1"].Text == "" || len(w.Fix["1"].Problems) == 0 {
				return `{"segments":{}}`
			}
			return segmentsAnswer(w, good)
		}, 2, ""},
		{"always Hindi", func(_ int, w wire) string {
			return segmentsAnswer(w, func(_, s string) (string, bool) { return s, true })
		}, 2, gateway.UpstreamFailed},
		{"empty", func(_ int, w wire) string {
			return segmentsAnswer(w, func(_, s string) (string, bool) { return " ", true })
		}, 2, gateway.UpstreamFailed},
		{"id missing, then there", func(n int, w wire) string {
			if n == 1 {
				return `{"segments":{"7":"x"}}`
			}
			return segmentsAnswer(w, good)
		}, 2, ""},
		{"refusal", func(_ int, w wire) string {
			return segmentsAnswer(w, func(_, s string) (string, bool) { return "I'm sorry, but I can't help with that request.", true })
		}, 2, gateway.UpstreamFailed},
		{"no JSON, then good", func(n int, w wire) string {
			if n == 1 {
				return "The corporation started a new bus service."
			}
			return segmentsAnswer(w, good)
		}, 2, ""},
		{"in a fence", func(_ int, w wire) string { return "```json\n" + segmentsAnswer(w, good) + "\n```" }, 1, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := answering(t, row.answer)
			s := memory()
			g := over(t, s, m)
			res, err := g.Article(context.Background(), gateway.Request{Input: "नगर निगम ने सोमवार को नई बस सेवा शुरू की।", Translate: true})
			var e *gateway.Error
			if row.code == "" && err != nil || row.code != "" && (!errors.As(err, &e) || e.Code != row.code) {
				t.Fatalf("got %v", err)
			}
			if n := m.count(); n != row.calls {
				t.Errorf("%d calls, want %d", n, row.calls)
			}
			if row.code == "" && targets(res)[0] != "The corporation started a new bus service." {
				t.Errorf("got %q", targets(res))
			}
			if row.code != "" {
				g.Article(context.Background(), gateway.Request{Input: "नगर निगम ने सोमवार को नई बस सेवा शुरू की।", Translate: true})
				if m.count() == 0 {
					t.Error("the bad answer was stored")
				}
			}
		})
	}
}

func TestPartial(t *testing.T) {
	t.Parallel()
	m := answering(t, func(_ int, w wire) string {
		if w.Task == "summarize" {
			return `{"summary":"A new bus service has begun."}`
		}
		return segmentsAnswer(w, func(_, s string) (string, bool) {
			if strings.Contains(s, "यात्रियों ने सेवा") {
				return s, true // never translated
			}
			return inEnglish(s), true
		})
	})
	g := over(t, memory(), m)
	res := ask(t, g, gateway.Request{Input: city, Translate: true, Summary: &gateway.SummaryRequest{}})
	if !res.Partial || res.Blocks[3].Failure == nil || res.Blocks[3].Failure.Code != gateway.Rejected || res.Blocks[3].Target != nil {
		t.Errorf("block 3: %+v", res.Blocks[3])
	}
	for _, i := range []int{0, 1, 2, 4} {
		if res.Blocks[i].Target == nil {
			t.Errorf("block %d is missing", i)
		}
	}
	if len(res.Summaries) != 1 || res.Summaries[0].Text != "A new bus service has begun." {
		t.Errorf("summary: %+v", res.Summaries)
	}
}

func TestBudgetBoundsTheCallsOfAnArticle(t *testing.T) {
	t.Parallel()
	m := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "{}", http.StatusInternalServerError) }))
	g := overConfig(t, memory(), func(c *llm.Config) { c.MaxAttempts = 50 }, m)
	var text []string
	for i := range 30 {
		text = append(text, fmt.Sprintf("नगर निगम ने वार्ड %d में नई बस सेवा शुरू की और लोगों ने उसका स्वागत किया।", i))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := g.Article(ctx, gateway.Request{Input: strings.Join(text, "\n"), Translate: true})
	var e *gateway.Error
	if !errors.As(err, &e) || e.Code != gateway.BudgetSpent && e.Code != gateway.UpstreamFailed {
		t.Errorf("got %v", err)
	}
	if n := m.count(); n > 2*5+4 {
		t.Errorf("%d calls for 5 planned, at most 14 are allowed", n)
	}
}

func TestFallbackUpstream(t *testing.T) {
	t.Parallel()
	bad := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, `{"error":{"message":"bad key"}}`, http.StatusUnauthorized)
	}))
	good := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), bad, good)
	res := ask(t, g, gateway.Request{Input: city, Translate: true})
	if res.Partial || !slices.ContainsFunc(res.Warnings, func(w gateway.Warning) bool { return w.Code == "fallback_model" }) {
		t.Errorf("partial %v, warnings %v", res.Partial, res.Warnings)
	}
	if s := g.Status(); !s.Usable || len(s.Down) != 1 {
		t.Errorf("status %+v", s)
	}
	if res = ask(t, g, gateway.Request{Input: city, Translate: true}); res.Usage.Misses != 0 {
		t.Error("the fallback's answer was not stored")
	}
}

func TestPlainStyle(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	g := overConfig(t, memory(), func(c *llm.Config) { c.Style = llm.Plain }, m)
	res := ask(t, g, gateway.Request{Input: city, Translate: true, Summary: &gateway.SummaryRequest{MaxWords: 40}})
	if n := m.count(); n != 5 || res.Partial {
		t.Errorf("%d calls, partial %v", n, res.Partial)
	}
	s := res.Summaries[0]
	if len(s.Warnings) != 1 || s.Warnings[0].Code != "summary_extractive" || !strings.HasPrefix(targets(res)[1], strings.TrimSuffix(strings.Fields(s.Text)[0], ".")) {
		t.Errorf("summary %+v of %q", s, targets(res))
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Memory: []simulator.Pair{{Hindi: "आज बारिश होगी।", English: "It will rain today."}, {Hindi: "कल धूप निकलेगी।", English: "Tomorrow will be sunny."}}})
	g := over(t, memory(), m)
	res, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: []string{
		"आज बारिश होगी।", "आज बारिश होगी।\r\n\r\n  कल धूप निकलेगी।\n", "", "12.5 %", "யாழ்ப்பாணம் நகரம்",
	}, Options: gateway.Options{Target: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"It will rain today.", "It will rain today.\r\n\r\n  Tomorrow will be sunny.\n", "", "12.5 %"} {
		if got := res.Texts[i]; got.Text != want || got.Failure != nil {
			t.Errorf("text %d: %q, want %q (%+v)", i, got.Text, want, got.Failure)
		}
	}
	if f := res.Texts[4].Failure; f == nil || f.Code != gateway.UnsupportedLanguage {
		t.Errorf("Tamil: %+v", res.Texts[4])
	}
	if n := m.count(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// A cell of a table often holds an address alone: it has no language, and the
// texts beside it need none of it.
func TestTextsAddressAlone(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{})
	g := over(t, memory(), m)
	for _, text := range []string{"https://example.org/news/2024?page=3", "desk@example.org", "www.example.org", "@newsdesk", " https://example.org  desk@example.org, 42\n"} {
		for target, source := range map[string]string{"hi": "en", "en": "hi"} {
			res, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: []string{text}, Options: gateway.Options{Target: target}})
			if err != nil {
				t.Errorf("%q into %s: %v", text, target, err)
				continue
			}
			if got := res.Texts[0]; got.Text != text || got.Source != source || got.Failure != nil || got.Confidence != 0 || len(got.Warnings) > 0 {
				t.Errorf("%q into %s: %+v", text, target, got)
			}
		}
	}
	res, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: []string{"https://example.org/2024"}, Options: gateway.Options{Target: "hi", Numerals: "devanagari"}})
	if err != nil || res.Texts[0].Text != "https://example.org/2024" {
		t.Errorf("digits of an address: %+v, %v", res, err)
	}
	if n := m.count(); n != 0 {
		t.Errorf("%d calls", n)
	}
}

var _ cache.Store = cache.NewMemory(1, time.Second)
