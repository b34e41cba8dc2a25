package gateway_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/simulator"
)

func terms(pairs map[string]string) *gateway.Terms { return gateway.CompileTerms(maps.All(pairs)) }

// A stored glossary has the dictionary of each text's direction looked through.
func TestStoredTermsReachTheModel(t *testing.T) {
	t.Parallel()
	stored := gateway.NewGlossary(
		terms(map[string]string{"नगर निगम": "the corporation", "नगर": "city", "योजना": "scheme", "बस": "coach"}),
		terms(map[string]string{"scheme": "योजना"}))
	m := simulated(t, simulator.Config{Demo: true})
	g := over(t, memory(), m)
	for _, r := range []struct {
		name, text string
		inline     map[string]string
		want       map[string]string
	}{
		{"as it stands", "नगर निगम ने पानी दिया।", nil, map[string]string{"नगर निगम": "the corporation"}},
		{"in another form", "योजनाओं पर नगर निगमों ने बात की।", nil, map[string]string{"नगर निगम": "the corporation", "योजना": "scheme"}},
		{"the other direction", "The schemes of the people are ready now.", nil, map[string]string{"scheme": "योजना"}},
		{"the request's own wins", "नगर निगम की बस आई।", map[string]string{"बस": "bus"}, map[string]string{"नगर निगम": "the corporation", "बस": "bus"}},
		{"and in another form, too", "योजनाओं पर लोगों ने बात की।", map[string]string{"योजनाओं": "plans"}, map[string]string{"योजनाओं": "plans"}},
		{"none of it occurs", "लोगों ने पानी पिया।", nil, nil},
	} {
		if _, err := g.Texts(t.Context(), gateway.TextsRequest{Texts: []string{r.text}, Options: gateway.Options{Glossary: r.inline, Stored: stored}}); err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		if got := m.last().Glossary; !maps.Equal(got, r.want) {
			t.Errorf("%s: the model was told %v, want %v", r.name, got, r.want)
		}
	}
}

// Only segments in which terms occur are keyed by them, and by no more of the
// glossary than those.
func TestStoredTermsInTheKey(t *testing.T) {
	t.Parallel()
	g := over(t, memory(), simulated(t, simulator.Config{Demo: true}))
	misses := func(stored *gateway.Glossary) int {
		t.Helper()
		return ask(t, g, gateway.Request{Input: city, Translate: true, Options: gateway.Options{Stored: stored}}).Usage.Misses
	}
	misses(nil)
	for _, r := range []struct {
		name   string
		stored *gateway.Glossary
		want   int
	}{
		{"nothing that occurs", gateway.NewGlossary(terms(map[string]string{"हाथी": "elephant"}), nil), 0},
		{"a term of one paragraph", gateway.NewGlossary(terms(map[string]string{"चौराहों": "crossings"}), nil), 1},
		{"the same beside others", gateway.NewGlossary(terms(map[string]string{"चौराहों": "crossings", "हाथी": "elephant"}), nil), 0},
		{"another translation", gateway.NewGlossary(terms(map[string]string{"चौराहों": "junctions"}), nil), 1},
		{"two glossaries, the first counts", gateway.NewGlossary(terms(map[string]string{"चौराहों": "crossings"}), nil).With(gateway.NewGlossary(terms(map[string]string{"चौराहों": "corners"}), nil)), 0},
	} {
		if got := misses(r.stored); got != r.want {
			t.Errorf("%s: %d misses, want %d", r.name, got, r.want)
		}
	}
}

func TestStoredGlossaryDirection(t *testing.T) {
	t.Parallel()
	g := over(t, memory(), simulated(t, simulator.Config{Demo: true}))
	stored := gateway.NewGlossary(terms(map[string]string{"पानी": "water"}), nil)
	const hindi, english = "लोगों ने पानी पिया।", "The people are in the house and they are happy."
	for _, r := range []struct {
		name, text, source, target string
		fails, warns               bool
	}{
		{"detected and there", hindi, "", "", false, false},
		{"given and there", hindi, "hi", "en", false, false},
		{"detected and not there", english, "auto", "", false, true},
		{"source given and not there", english, "en", "", true, false},
		{"target given and not there", english, "", "hi", true, false},
		{"nothing to translate", english, "", "en", false, false},
		{"no words", "12", "", "", false, false},
	} {
		o := gateway.Options{Source: r.source, Target: r.target, Stored: stored}
		res, err := g.Texts(t.Context(), gateway.TextsRequest{Texts: []string{r.text}, Options: o})
		var e *gateway.Error
		if errors.As(err, &e) != r.fails || r.fails && (e.Code != gateway.Invalid || e.Fields[0].Field != "glossary_id" || !strings.Contains(e.Fields[0].Message, "it has hi→en")) {
			t.Errorf("%s: %v", r.name, err)
		}
		if err == nil && warned(res.Texts[0].Warnings, "glossary") != r.warns {
			t.Errorf("%s: %v", r.name, res.Texts[0].Warnings)
		}
		whole, err := g.Article(t.Context(), gateway.Request{Input: r.text, Translate: true, Options: o})
		if errors.As(err, &e) != (r.fails || r.text == "12") {
			t.Errorf("%s, as an article: %v", r.name, err)
		}
		if err == nil && warned(whole.Warnings, "glossary") != r.warns {
			t.Errorf("%s, as an article: %v", r.name, whole.Warnings)
		}
	}
}

// An answer may have a term in the form that its sentence needs, in both
// languages; one that has it in none is asked for again, and warned of.
func TestStoredTermsInflected(t *testing.T) {
	t.Parallel()
	stored := gateway.NewGlossary(
		terms(map[string]string{"मतदाता सूची": "electoral roll", "पंचायत": "village council"}),
		terms(map[string]string{"scheme": "योजना", "village council": "ग्राम सभा", "boy": "लड़का"}))
	for _, r := range []struct {
		name, text, answer string
		warns              bool
	}{
		{"plural", "गाँव की पंचायतों ने आज पानी के लिए नई मतदाता सूचियां जारी कीं।", "The village councils issued new electoral rolls for water today.", false},
		{"capital and possessive", "गाँव की पंचायत की नई मतदाता सूची आज आई।", "The Village Council's new electoral roll came today.", false},
		{"oblique plural", "Officials of the schemes met the boys of the village councils.", "योजनाओं के अधिकारी ग्राम सभाओं के लड़कों से मिले।", false},
		{"oblique singular", "The boy spoke about the scheme in public.", "लड़के ने योजना पर खुलकर बात की।", false},
		{"not there", "गाँव की पंचायत की नई मतदाता सूची आज आई।", "The panchayat's new list of voters of the village came today.", true},
	} {
		m := answering(t, func(_ int, w wire) string {
			b, _ := json.Marshal(map[string]any{"segments": map[string]string{"1": r.answer}})
			return string(b)
		})
		res, err := over(t, memory(), m).Texts(t.Context(), gateway.TextsRequest{Texts: []string{r.text}, Options: gateway.Options{Stored: stored}})
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Texts[0]; got.Failure != nil || warned(got.Warnings, "glossary") != r.warns || m.calls.Load() > 1 != r.warns {
			t.Errorf("%s: %d calls, %+v", r.name, m.calls.Load(), got)
		}
	}
}

// A glossary that is all of the language costs a call no more than its bound.
func TestStoredTermsLeaveRoom(t *testing.T) {
	t.Parallel()
	all := map[string]string{}
	for _, w := range strings.Fields(city) {
		all[strings.Trim(w, "।,.")] = strings.Repeat("long translation ", 12)
	}
	delete(all, "")
	m := simulated(t, simulator.Config{Demo: true})
	// What the model makes of such a glossary is no translation, and fails.
	_, _ = over(t, memory(), m).Article(t.Context(), gateway.Request{Input: city, Translate: true, Options: gateway.Options{Stored: gateway.NewGlossary(terms(all), nil)}})
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.asked {
		told, text := 0, 0
		for from, to := range w.Glossary {
			told += len([]rune(from + to))
		}
		for _, s := range w.Segments {
			text += max(300, len([]rune(s)))
		}
		if told == 0 || told > text+1000 { // a little more: the built-in glossary
			t.Errorf("%d code points of terms for %d of text", told, text)
		}
	}
}
