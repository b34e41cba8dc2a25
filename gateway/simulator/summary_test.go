package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"dubhashi/gateway/article"
	"dubhashi/gateway/simulator"
)

type summaryAnswer struct {
	Summary string
	Bullets []string
}

func (m running) summarize(t testing.TB, source, target, style string, words int, title string, paragraphs []string) summaryAnswer {
	t.Helper()
	ask, _ := json.Marshal(map[string]any{"task": "summarize", "source": source, "target": target, "style": style,
		"max_words": words, "title": title, "paragraphs": paragraphs})
	r := m.ask(t, chatBody("Summarise. Answer in JSON.", string(ask), nil))
	var a summaryAnswer
	if err := json.Unmarshal([]byte(r.content), &a); err != nil || r.status != 200 {
		t.Fatalf("%d %v: %s%s", r.status, err, r.content, r.body)
	}
	return a
}

// TestSummariesKeepTheirBounds sums every article up in every style and both
// languages, at three lengths.
func TestSummariesKeepTheirBounds(t *testing.T) {
	t.Parallel()
	articles := sharedArticles(t)
	m := start(t, simulator.Config{Memory: sharedMemory(t, articles), Demo: true})
	for n, a := range articles {
		if n%6 > 0 {
			continue
		}
		for _, lang := range [][2]string{{"hi", "en"}, {"en", "hi"}, {"hi", "hi"}} {
			for _, words := range []int{10, 40, 120} {
				p := a.side(lang[0])[1:]
				name := fmt.Sprintf("%s %v %d", a.ID, lang, words)
				if s := m.summarize(t, lang[0], lang[1], "paragraph", words, "", p).Summary; !bounded(s, min(words, 120)) || !sentenceEnd(s) {
					t.Errorf("%s: paragraph %q", name, s)
				}
				if s := m.summarize(t, lang[0], lang[1], "brief", words, "", p).Summary; !bounded(s, min(words, 30)) {
					t.Errorf("%s: brief %q", name, s)
				}
				if s := m.summarize(t, lang[0], lang[1], "headline", words, a.side(lang[0])[0], p).Summary; !bounded(s, min(words, 12)) || strings.ContainsAny(s, "\n।") || strings.HasSuffix(s, ".") {
					t.Errorf("%s: headline %q", name, s)
				}
				b := m.summarize(t, lang[0], lang[1], "bullets", words, "", p).Bullets
				if len(b) < 3 || len(b) > 6 || !bounded(strings.Join(b, " "), words) {
					t.Errorf("%s: %d bullets %q", name, len(b), b)
				}
				for _, s := range b {
					if !bounded(s, 25) {
						t.Errorf("%s: bullet %q", name, s)
					}
				}
			}
		}
	}
}

func bounded(s string, words int) bool {
	n := len(strings.Fields(s))
	return n > 0 && n <= words
}

func sentenceEnd(s string) bool {
	return article.EndsSentence(s) || strings.ContainsRune(`"'”’)`, []rune(s)[len([]rune(s))-1])
}

func TestSummaryIsTheLeadingSentences(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: append(tiny, numbered...)})
	p := []string{
		"जल संवाददाता",
		tiny[0].Hindi + " " + numbered[1].Hindi,
		numbered[0].Hindi + " " + numbered[2].Hindi,
		tiny[1].Hindi,
	}
	for _, row := range []struct{ style, want string }{
		{"paragraph", "The river has risen. It rained in 14 districts on Monday. Schools will stay shut for two days."},
		{"brief", "The river has risen."},
		{"headline", "The river has risen"},
	} {
		if got := m.summarize(t, "hi", "en", row.style, 40, "", p).Summary; got != row.want {
			t.Errorf("%s: %q", row.style, got)
		}
	}
	if got := m.summarize(t, "hi", "en", "paragraph", 12, "", p).Summary; got != "The river has risen. It rained in 14 districts on Monday." {
		t.Errorf("12 words: %q", got)
	}
	if got := m.summarize(t, "hi", "hi", "paragraph", 40, "", p[1:2]).Summary; got != p[1] {
		t.Errorf("same language: %q", got)
	}
	if got := m.summarize(t, "hi", "en", "headline", 40, "नमस्ते", p).Summary; got != "Hello" {
		t.Errorf("title: %q", got)
	}
}

// TestExamples holds the example articles to what the README promises of them.
func TestExamples(t *testing.T) {
	t.Parallel()
	examples := simulator.Examples()
	if len(examples) < 6 {
		t.Fatalf("%d examples", len(examples))
	}
	m := start(t, simulator.Config{Demo: true})
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			hi, en := blocksOf(t, e.Hindi), blocksOf(t, e.English)
			if len(hi) != len(en) {
				t.Fatalf("%d blocks in Hindi, %d in English", len(hi), len(en))
			}
			var prose [2][]string
			for i := range hi {
				for code, s := range map[string]string{"hi": hi[i].String(), "en": en[i].String()} {
					want := en[i].String()
					if code == "en" {
						want = hi[i].String()
					}
					if got := glossed(t, m, code, s); got != want {
						t.Errorf("%q\ngave %q\nwant %q", s, got, want)
					}
				}
				if hi[i].Kind == article.Paragraph {
					prose[0], prose[1] = append(prose[0], hi[i].String()), append(prose[1], en[i].String())
				}
			}
			for i, source := range []string{"hi", "en"} {
				if got := m.summarize(t, source, "en", "paragraph", 120, "", prose[i]).Summary; got != e.Summaries.English || got == "" {
					t.Errorf("from %s: %q", source, got)
				}
				if got := m.summarize(t, source, "hi", "paragraph", 120, "", prose[i]).Summary; got != e.Summaries.Hindi || got == "" {
					t.Errorf("from %s: %q", source, got)
				}
			}
			changed := append([]string{"शहर में आज कुछ और ही हुआ।"}, prose[0][1:]...)
			if got := m.summarize(t, "hi", "en", "paragraph", 120, "", changed).Summary; got == e.Summaries.English {
				t.Error("a changed article has the old summary")
			}
		})
	}
}

func blocksOf(t testing.TB, text string) []article.Block {
	t.Helper()
	d, err := article.Parse(text, article.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d.Blocks
}

// TestEditedParagraph changes one sentence of a known paragraph: the others are
// still answered from memory.
func TestEditedParagraph(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Demo: true, Memory: []simulator.Pair{{
		Hindi:   "नदी में पानी बढ़ गया। स्कूल दो दिन बंद रहेंगे। लोग ऊंची जगहों पर चले गए।",
		English: "The river has risen. Schools will stay shut for two days. People have moved to higher ground.",
	}}})
	got := glossed(t, m, "hi", "नदी में पानी बढ़ गया। स्कूल तीन दिन बंद रहेंगे। लोग ऊंची जगहों पर चले गए।")
	if !strings.HasPrefix(got, "The river has risen. School") || !strings.HasSuffix(got, "People have moved to higher ground.") || !strings.Contains(got, "three") {
		t.Error(got)
	}
}

// TestNeighboursChoose: one headline, two translations.
func TestNeighboursChoose(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: []simulator.Pair{
		{"पहला लेख।", "The first article."}, {"यह भयानक है।", "It is terrible."}, {"अंत।", "The end."},
		{"दूसरा लेख।", "The second article."}, {"यह भयानक है।", "It Is Terrible."}, {"समाप्त।", "Finis."},
	}})
	for _, row := range []struct {
		name string
		q    translation
		at   int
		want string
	}{
		{"alone: the first", translation{texts: []string{"यह भयानक है।"}}, 0, "It is terrible."},
		{"by the block before", translation{texts: []string{"यह भयानक है।"}, before: "दूसरा लेख।"}, 0, "It Is Terrible."},
		{"by the segment before", translation{texts: []string{"दूसरा लेख।", "यह भयानक है।"}}, 1, "It Is Terrible."},
		{"by the segment behind", translation{texts: []string{"यह भयानक है।", "समाप्त।"}}, 0, "It Is Terrible."},
	} {
		row.q.Source, row.q.Target = "hi", "en"
		if got := m.translate(t, row.q)[row.at]; got != row.want {
			t.Errorf("%s: %q", row.name, got)
		}
	}
}

func TestLoadMemory(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, in string
		pairs    int
		wrong    string
	}{
		{"strings", `{"hi":"एक","en":"one"}`, 1, ""},
		{"arrays and a title", `{"hi":["एक","दो"],"en":["one","two"],"title":{"hi":"शीर्षक","en":"Title"}}`, 3, ""},
		{"the title is the first line", `{"hi":["एक","दो"],"en":["one","two"],"title":{"hi":"एक","en":"one"}}`, 2, ""},
		{"other members, empty lines, BOM", "\uFEFF" + `{"id":7,"hi":"एक","en":"one","url":"x"}` + "\n\n  \n" + `{"hi":"दो","en":"two"}`, 2, ""},
		{"nothing", "", 0, ""},
		{"no JSON", "{\"hi\":\"एक\",\"en\":\"one\"}\nएक\tone", 0, "line 2"},
		{"one side", `{"hi":"एक"}`, 0, `want "hi" and "en"`},
		{"unequal", `{"hi":["एक","दो"],"en":["one"]}`, 0, `"hi" has 2 items and "en" 1`},
		{"numbers", `{"hi":1,"en":2}`, 0, "line 1"},
	} {
		pairs, err := simulator.LoadMemory(strings.NewReader(row.in))
		if row.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%s: %v", row.name, err)
			}
		} else if err != nil || len(pairs) != row.pairs {
			t.Errorf("%s: %d pairs, %v", row.name, len(pairs), err)
		}
	}
}

func FuzzLoadMemory(f *testing.F) {
	f.Add(`{"hi":["एक","दो"],"en":["one","two"]}`, "एक दो।")
	f.Add(`{"hi":"<1/> @x","en":"@x"}`, "<1/> <2/>")
	f.Fuzz(func(t *testing.T, file, text string) {
		pairs, err := simulator.LoadMemory(strings.NewReader(file))
		if err != nil {
			return
		}
		m, err := simulator.New(simulator.Config{Memory: pairs})
		if err != nil {
			t.Fatal(err)
		}
		text = strings.ToValidUTF8(text, "")
		for _, q := range []translation{{Source: "hi", Target: "en", texts: []string{text}}, {Source: "en", Target: "hi", texts: []string{text}}} {
			direct(t, m, q.body())
		}
		for _, p := range pairs {
			s := strings.ToValidUTF8(p.Hindi, "\uFFFD")
			if mark.MatchString(s) || strings.ContainsFunc(s, unicode.IsControl) || article.Fold(s) == "" {
				continue
			}
			segmentsOf(t, direct(t, m, translation{Source: "hi", Target: "en", texts: []string{s}}.body()), 1)
		}
	})
}

func BenchmarkCallFromMemory(b *testing.B) {
	articles := sharedArticles(b)
	m, err := simulator.New(simulator.Config{Memory: sharedMemory(b, articles)})
	if err != nil {
		b.Fatal(err)
	}
	q := translation{Source: "hi", Target: "en", texts: articles[0].Hi[1:7]}
	body := q.body()
	for b.Loop() {
		direct(b, m, body)
	}
}

func BenchmarkGlossOfAParagraph(b *testing.B) {
	m, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		b.Fatal(err)
	}
	body := translation{Source: "hi", Target: "en", texts: []string{"नगर परिषद ने मंगलवार को 12 नए पार्कों के निर्माण को मंजूरी दी। पिछले साल शहर में 1,25,000 पौधे लगाए गए थे, जिनमें से कई सूख गए।"}}.body()
	for b.Loop() {
		direct(b, m, body)
	}
}

// BenchmarkNew is what the demo model costs a server at its start.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := simulator.New(simulator.Config{Demo: true}); err != nil {
			b.Fatal(err)
		}
	}
}
