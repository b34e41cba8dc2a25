package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
)

// Ways in which gateways before models have failed their users, by what their users
// told of it. This file holds those of wrong answers and of the cache, outages_test.go
// those of upstreams and stores that fail, leavers_test.go those of callers that leave.

const (
	bus        = "नगर निगम ने सोमवार को नई बस सेवा शुरू की और 40 बसें चलाईं।"
	busEnglish = "The municipal corporation started a new bus service on Monday and ran 40 buses."
)

// busAnswer is what a model says of bus.
func busAnswer(text string) string {
	return says(map[string]any{"segments": map[string]string{"1": text}})
}

// inTurn answers the calls one after the other; the last goes on. Before each it calls
// look, if that is not nil, with the number of the call.
func inTurn(look func(call int), answers ...http.HandlerFunc) http.Handler {
	var mu sync.Mutex
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		call := n
		mu.Unlock()
		if look != nil {
			look(call)
		}
		answers[min(call, len(answers))-1](w, r)
	})
}

func raw(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func answers(text, finish string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, text, finish) }
}

// An answer that is none, with whatever status, is not kept, nor is the failure: who
// asks next asks the upstream.
func TestErrorsAreNotCached(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		first http.HandlerFunc
	}{
		{"200 with an error", raw(200, "application/json", `{"error":{"message":"Network connection lost."}}`)},
		{"200 with a page", raw(200, "text/html", "<html><title>Sign in</title></html>")},
		{"200 without choices", raw(200, "application/json", `{"id":"1","object":"chat.completion","model":"m","choices":[]}`)},
		{"200 with nothing", raw(200, "application/json", "")},
		{"200 with an empty text", answers("", "stop")},
		{"200 with an unknown end", answers(busAnswer(busEnglish), "error")},
		{"a stream that an error ends", raw(200, "text/event-stream", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"{\"}}]}\n\ndata: {\"error\":{\"message\":\"lost\"}}\n\n")},
		{"500", raw(500, "application/json", `{"error":{"message":"internal"}}`)},
		{"404", raw(404, "application/json", `{"error":{"message":"no such model"}}`)},
		{"refused by a filter", answers("", "content_filter")},
		{"an answer in Hindi", answers(busAnswer(bus), "stop")},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newKept()
			var healed atomic.Bool
			m := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if healed.Load() {
					reply(w, busAnswer(busEnglish), "stop")
					return
				}
				row.first(w, r)
			}))
			g := overConfig(t, s, func(c *llm.Config) { c.MaxAttempts = 1 }, m)
			req := gateway.Request{Input: bus, Translate: true}
			_, err := g.Article(context.Background(), req)
			var e *gateway.Error
			if !errors.As(err, &e) || e.Code != gateway.UpstreamFailed {
				t.Errorf("the first request: %v", err)
			}
			if m.count() == 0 || s.size() != 0 {
				t.Errorf("%d entries are kept of a failure", s.size())
			}
			healed.Store(true)
			res := ask(t, g, req)
			if n := m.count(); n != 1 || targets(res)[0] != busEnglish || len(s.lives(busEnglish)) != 1 {
				t.Errorf("then: %d calls, %q, %d entries", n, targets(res), s.size())
			}
		})
	}
}

// An answer cut at the token limit is asked for again, and not kept meanwhile, even
// where its JSON is whole.
func TestACutAnswerIsNotCached(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, first string }{
		{"cut in the middle", busAnswer(busEnglish)[:60]},
		{"closed by the server", busAnswer(strings.TrimSuffix(busEnglish, " buses."))}, // which the checks alone would take
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newKept()
			m := serve(t, inTurn(func(call int) {
				if n := s.size(); n != 0 {
					t.Errorf("%d entries are kept before call %d", n, call)
				}
			}, answers(row.first, "length"), answers(busAnswer(busEnglish), "stop")))
			res := ask(t, over(t, s, m), gateway.Request{Input: bus, Translate: true})
			if n := m.count(); n != 2 || targets(res)[0] != busEnglish || res.Partial {
				t.Errorf("%d calls, %q", n, targets(res))
			}
			if s.size() != 1 || len(s.lives(busEnglish)) != 1 {
				t.Errorf("%d entries are kept", s.size())
			}
		})
	}
}

// A prompt that the server has cut without a word gives an answer to another
// question, which is neither given nor kept.
func TestASilentlyCutPromptIsNoAnswer(t *testing.T) {
	t.Parallel()
	counting := func(tokens int) http.HandlerFunc {
		return raw(200, "application/json", fmt.Sprintf(`{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":%s}}],"usage":{"prompt_tokens":%d,"completion_tokens":20,"total_tokens":%d}}`,
			says(says(map[string]string{"summary": "The corporation began a new bus service in its wards on Monday."})), tokens, tokens+20))
	}
	req := gateway.Request{Input: paragraphs(120, 11), Summary: &gateway.SummaryRequest{}}
	cut, whole := serve(t, counting(400)), serve(t, counting(9000))
	s := newKept()
	_, err := over(t, s, cut).Article(context.Background(), req)
	var e *gateway.Error
	if !errors.As(err, &e) || e.Code != gateway.UpstreamFailed || s.size() != 0 {
		t.Errorf("alone: %v, %d entries", err, s.size())
	}
	if res := ask(t, over(t, s, cut, whole), req); res.Partial || whole.count() == 0 || !warned(res.Warnings, "fallback_model") {
		t.Errorf("with a fallback: %+v, %+v", res.Summaries, res.Warnings)
	}
}

func warned(list []gateway.Warning, code string) bool {
	return slices.ContainsFunc(list, func(w gateway.Warning) bool { return w.Code == code })
}

// month is longer than what is doubtful may live.
const month = 720 * time.Hour

// How long an answer is kept: what is good for CACHE_TTL ± 10 %, as is what has a
// small flaw; what is doubtful, or another model's, for a day; what is bad, never.
func TestHowLongAnswersAreKept(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, row := range []struct {
		name, source, target string
		warning              string
		fallback             bool
		least, most          time.Duration // 0: fails, and is not kept
		calls                int64
	}{
		{"good", bus, busEnglish, "", false, month * 9 / 10, month * 11 / 10, 1},
		{"a fallback's", bus, busEnglish, "", true, day, day, 1},
		{"a number missing", bus, "The municipal corporation started a new bus service on Monday and ran buses.", "number_missing", false, day, day, 2},
		{"a fallback's, a number missing", bus, "The municipal corporation started a new bus service on Monday and ran buses.", "number_missing", true, day, day, 1},
		{"a number added", bus, "The municipal corporation started a new bus service on Monday and ran 40 buses on 17 roads.", "number_added", false, day, day, 2},
		{"a small flaw", bus, strings.TrimSuffix(busEnglish, "."), "sentence_end", false, month * 9 / 10, month * 11 / 10, 1},
		{"left in Hindi", bus, bus, "", false, 0, 0, 2},
		{"a refusal", bus, "I'm sorry, but I can't help with that request.", "", false, 0, 0, 2},
		{"chatter", bus, "Sure, here is the translation:\n" + busEnglish, "", false, 0, 0, 2},
		{"nothing", bus, "", "", false, 0, 0, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newKept()
			m := answering(t, func(int, wire) string { return busAnswer(row.target) })
			models := []*model{m}
			if row.fallback {
				models = []*model{serve(t, raw(500, "application/json", "{}")), m}
			}
			g := made(t, gateway.Config{Cache: s, CacheTTL: month}, func(c *llm.Config) { c.MaxAttempts = 1 }, models...)
			res, err := g.Article(context.Background(), gateway.Request{Input: row.source, Translate: true})
			if n := m.count(); n != row.calls {
				t.Errorf("%d calls, want %d", n, row.calls)
			}
			if row.most == 0 {
				if err == nil || s.size() != 0 {
					t.Errorf("error %v, %d entries", err, s.size())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			b := res.Blocks[0]
			if b.Target.String() != row.target || (row.warning == "") != (len(b.Warnings) == 0) || row.warning != "" && !warned(b.Warnings, row.warning) {
				t.Errorf("%q with %v", b.Target, b.Warnings)
			}
			if ttl := s.lives(row.target); s.size() != 1 || len(ttl) != 1 || ttl[0] < row.least || ttl[0] > row.most {
				t.Errorf("kept for %v, want %v to %v", ttl, row.least, row.most)
			}
			again := ask(t, g, gateway.Request{Input: row.source, Translate: true})
			if m.count() != 0 || len(again.Blocks[0].Warnings) != len(b.Warnings) {
				t.Errorf("from the cache: %v, at first %v", again.Blocks[0].Warnings, b.Warnings)
			}
		})
	}
}

// The key is the text itself, as it reads: whatever changes its sense, however
// little, is another text. Only what nobody can see is no difference.
func TestNearTextsAreOtherTexts(t *testing.T) {
	t.Parallel()
	const base = "ज़िला अदालत ने सोमवार को मोहन वर्मा को 25 मार्च तक जमानत दी।"
	m := answering(t, func(_ int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) {
			return "The district court granted Mohan Verma bail until March 25 on Monday.", true
		})
	})
	g := over(t, newKept(), m)
	known := ask(t, g, gateway.Request{Input: base, Translate: true, Options: gateway.Options{Target: "en"}})
	if len(known.Blocks[0].Warnings) != 0 {
		t.Fatalf("%v", known.Blocks[0].Warnings)
	}
	for _, row := range []struct {
		name, old, new string
		hit            bool
	}{
		{"the same", "", "", true},
		{"negation", "जमानत दी", "जमानत नहीं दी", false},
		{"the opposite", "जमानत दी", "जमानत रद्द की", false},
		{"digits swapped", "25", "52", false},
		{"digits of another script", "25", "२५", false},
		{"names swapped", "मोहन वर्मा", "सोहन वर्मा", false},
		{"one vowel sign", "दी।", "दे।", false},
		{"one nukta less", "ज़िला", "जिला", false},
		{"anusvara for a half letter", "सोमवार", "सोंमवार", false},
		{"punctuation", "दी।", "दी?", false},
		{"a comma", "सोमवार को", "सोमवार को,", false},
		{"a quotation", "जमानत", "“जमानत”", false},
		{"nukta composed (NFC undoes it)", "ज\u093c", "\u095b", true},
		{"an invisible joiner", "अदालत", "अदा\u200dलत", true},
		{"an invisible space", "अदालत", "अदालत\u200b", true},
		{"two spaces", "सोमवार को", "सोमवार  को", true},
	} {
		text := strings.Replace(base, row.old, row.new, 1)
		if row.old != "" && text == base {
			t.Fatalf("%s changes nothing", row.name)
		}
		res := ask(t, g, gateway.Request{Input: text, Translate: true, Options: gateway.Options{Target: "en", Cache: gateway.OnlyCache}})
		if got := res.Blocks[0].State == gateway.Hit; got != row.hit || got != (res.Blocks[0].Target != nil) {
			t.Errorf("%s: %s, target %v", row.name, res.Blocks[0].State, res.Blocks[0].Target)
		}
	}
	const both = "COVID-19 वैक्सीन Pfizer और AstraZeneca"
	mixed := func(from, to string, mode gateway.CacheMode) *gateway.Result {
		return ask(t, g, gateway.Request{Input: both, Translate: true, Options: gateway.Options{Source: from, Target: to, Cache: mode}})
	}
	if res := mixed("hi", "en", gateway.UseCache); res.Usage.Misses != 1 {
		t.Fatalf("%+v", res.Blocks[0])
	}
	if a, b := mixed("hi", "en", gateway.OnlyCache), mixed("en", "hi", gateway.OnlyCache); a.Usage.Hits != 1 || b.Usage.Hits != 0 {
		t.Errorf("the other direction: %d and %d hits, want 1 and 0", a.Usage.Hits, b.Usage.Hits)
	}
}

// Two answers of one call that stand in each other's place are found, and those two
// alone are asked for again.
func TestSwappedAnswersAreMended(t *testing.T) {
	t.Parallel()
	hindi := []string{
		"मौसम विभाग ने मंगलवार को केरल के आठ जिलों में भारी बारिश की चेतावनी दी।",
		"रिजर्व बैंक ने ब्याज दर 6.5 प्रतिशत पर ही रखी, महंगाई अब भी ऊंची है।",
		"हॉकी टीम के कप्तान ने कहा कि फाइनल में जर्मनी को हराना आसान नहीं होगा।",
		"पुलिस ने तीन लोगों को चोरी के आरोप में गिरफ्तार किया और एक कार बरामद की।",
	}
	english := []string{
		"The weather department warned of heavy rain in eight districts of Kerala on Tuesday.",
		"The Reserve Bank kept its interest rate at 6.5 per cent, as inflation is still high.",
		"The captain of the hockey team said that beating Germany in the final would not be easy.",
		"Police arrested three people on charges of theft and recovered a car.",
	}
	swapped := []int{0, 2, 1, 3}
	s := newKept()
	m := answering(t, func(call int, w wire) string {
		return segmentsAnswer(w, func(_, text string) (string, bool) {
			i := slices.Index(hindi, text)
			if call == 1 {
				i = swapped[i]
			} else {
				for k := range hindi {
					if (swapped[k] != k) == (len(s.lives(english[k])) > 0) {
						t.Errorf("before the repair, entries of text %d: %d", k, len(s.lives(english[k])))
					}
				}
			}
			return english[i], true
		})
	})
	res := ask(t, over(t, s, m), gateway.Request{Input: strings.Join(hindi, "\n"), Translate: true})
	if got := targets(res); !slices.Equal(got, english) || len(res.Warnings) > 0 {
		t.Errorf("%q, %v", got, res.Warnings)
	}
	if got := sizes(m.all()); !slices.Equal(got, []int{4, 2}) {
		t.Errorf("calls of %v segments, want 4 and 2", got)
	}
	if s.size() != 4 {
		t.Errorf("%d entries", s.size())
	}
}

// A name that calls side by side have spelled in two ways is mended by one more call,
// and what is kept is the mended text.
func TestANameOfTwoSpellingsIsMended(t *testing.T) {
	t.Parallel()
	text, english := wards(6)
	lines := strings.Split(text, "\n\n")
	for i, pair := range [][2]string{
		{"शहबाज शरीफ ने नई सड़क के लिए बैठक बुलाई।", "Shahbaz Sharif called a meeting for the new road."},
		{"बाद में शहबाज ने विभाग को एक पत्र लिखा।", "Later Shahbaz wrote a letter to the department."},
		{"शाम की सभा में शहबाज भी मौजूद थे।", "Shahbaz was also present at the evening meeting."},
	} {
		at := []int{0, 2, 5}[i]
		lines[at] = pair[0]
		english[pair[0]] = pair[1]
	}
	for _, row := range []struct {
		name  string
		mends bool
		life  time.Duration // of the text in question, at least
	}{{"the model mends it", true, month * 9 / 10}, {"the model stands by it", false, 0}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newKept()
			m := answering(t, func(_ int, w wire) string {
				return segmentsAnswer(w, func(_, text string) (string, bool) {
					if strings.Contains(text, "शाम") && (len(w.Fix) == 0 || !row.mends) {
						return strings.Replace(english[text], "Shahbaz", "Shehbaz", 1), true
					}
					return english[text], true
				})
			})
			g := made(t, gateway.Config{Cache: s, CacheTTL: month}, func(*llm.Config) {}, m)
			res := ask(t, g, gateway.Request{Input: strings.Join(lines, "\n"), Translate: true})
			if got := sizes(m.all()); !slices.Equal(got, []int{6, 1}) {
				t.Fatalf("calls of %v segments, want 6 and 1", got)
			}
			if fix := m.last().Fix["1"]; !strings.Contains(fix.Text, "Shehbaz") || len(fix.Problems) != 1 || !strings.Contains(fix.Problems[0], "Shahbaz") {
				t.Errorf("the repair said %+v", fix)
			}
			want := english[lines[5]]
			if !row.mends {
				want = strings.Replace(want, "Shahbaz", "Shehbaz", 1)
			}
			b := res.Blocks[5]
			if b.Target.String() != want || warned(b.Warnings, "name_spelling") == row.mends {
				t.Errorf("%q with %v", b.Target, b.Warnings)
			}
			life := s.lives("at the evening meeting")
			if len(life) != 1 || len(s.lives(want)) != 1 || life[0] < row.life || !row.mends && life[0] > 24*time.Hour {
				t.Errorf("kept for %v", life)
			}
			m.count()
			if again := ask(t, g, gateway.Request{Input: strings.Join(lines, "\n"), Translate: true}); m.count() != 0 || again.Blocks[5].Target.String() != want {
				t.Errorf("from the cache: %q", again.Blocks[5].Target)
			}
		})
	}
}

// However much is translated, the heap holds no more than the cache may: nothing of a
// request stays behind. Most of each article is code, which costs no call and little
// time.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const bound, slack = 256 << 10, 1 << 20 // bytes
	m := answering(t, func(_ int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) {
			number, _, _ := strings.Cut(s, " ")
			return number + " people travelled by the new bus service of the city on Monday.", true
		})
	})
	m.forgets = true
	g := over(t, cache.NewMemory(bound, time.Minute), m)
	translate := func(from, to int) {
		var wg sync.WaitGroup
		slots := make(chan struct{}, 8)
		for i := from; i < to; i++ {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				text := fmt.Sprintf("%d लोगों ने सोमवार को शहर की नई बस सेवा से सफर किया।\n\n```\n%s\n```\n", 10_000+i, strings.Repeat(fmt.Sprintf("row %d ", i), 4000))
				res := ask(t, g, gateway.Request{Input: text, Format: article.Markdown, Translate: true})
				if res.Partial || res.Usage.Misses != 1 {
					t.Errorf("article %d: partial %v, %d misses", i, res.Partial, res.Usage.Misses)
				}
			})
		}
		wg.Wait()
	}
	heap := func() int {
		var s runtime.MemStats
		runtime.GC()
		runtime.GC() // what pools hold goes with the second
		runtime.ReadMemStats(&s)
		return int(s.HeapAlloc)
	}
	translate(0, 100)
	before := heap()
	translate(100, 400)
	after := heap()
	t.Logf("heap %d KiB after 100 articles, %d KiB after 400", before>>10, after>>10)
	if after-before > slack {
		t.Errorf("the heap is %d KiB larger after 300 more articles of 36 KB", (after-before)>>10)
	}
}
