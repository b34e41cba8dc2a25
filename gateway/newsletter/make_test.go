package newsletter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

func text(s string) api.Bilingual { return api.Bilingual{Text: s} }

// week is an issue of some articles.
func week(articles ...api.IssueArticle) api.Issue {
	return api.Issue{Title: text("सप्ताह की ख़बरें / The week"), Date: "2026-11-24", Articles: articles}
}

// outline is what an edition shows, a line a pair: its place, kind and whether
// both languages are there.
func outline(e *newsletter.Edition) []string {
	var lines []string
	add := func(place string, pairs ...newsletter.Pair) {
		for _, p := range pairs {
			lines = append(lines, fmt.Sprintf("%s %s %s%s", place, p.Kind, strings.Repeat("h", min(1, len(p.Plain("hi")))), strings.Repeat("e", min(1, len(p.Plain("en"))))))
		}
	}
	add("intro", e.Intro...)
	for _, s := range e.Stories() {
		add("headline", s.Headline)
		add("summary", s.Summary...)
		add("body", s.Body...)
	}
	add("footer", e.Footer...)
	return lines
}

func TestWhatIsShown(t *testing.T) {
	t.Parallel()
	hindi := "पुल पर आवाजाही शुरू\n\nजिले का पुराना पुल 40 दिन बाद खुल गया है।\n\n" + strings.Repeat("मरम्मत पर 12 लाख रुपये खर्च हुए और काम समय पर पूरा हुआ। ", 8) + "\n\nपुल 1962 में बना था।"
	for _, row := range []struct {
		name  string
		issue func(i *api.Issue)
		story api.IssueArticle
		want  string
		tasks int // of the model; its first summary copies sentences and is asked for again
	}{
		{"a summary", nil, api.IssueArticle{Text: hindi}, "headline title he; summary paragraph he", 4},
		{"the lead", nil, api.IssueArticle{Text: hindi, Show: "lead"}, "headline title he; body paragraph he; body paragraph he", 1},
		{"all of it", nil, api.IssueArticle{Text: hindi, Show: "full"}, "headline title he; body paragraph he; body paragraph he; body paragraph he", 1},
		{"as the issue says", func(i *api.Issue) { i.Show = "full" }, api.IssueArticle{Text: hindi}, "headline title he; body paragraph he; body paragraph he; body paragraph he", 1},
		{"summary first", func(i *api.Issue) { i.Layout = "summary-first" }, api.IssueArticle{Text: hindi, Show: "lead"}, "headline title he; summary paragraph he; body paragraph he; body paragraph he", 4},
		{"the editor's own words in both", nil, api.IssueArticle{Text: hindi, Title: api.Bilingual{Hi: "पुल खुला", En: "Bridge opens"}, Summary: api.Bilingual{Hi: "पुल खुल गया।", En: "The bridge is open."}},
			"headline title he; summary paragraph he", 0},
		{"the editor's own words in one", nil, api.IssueArticle{Text: hindi, Title: text("Bridge opens"), Summary: text("The bridge is open.\n\nIt was shut for 40 days.")},
			"headline title he; summary paragraph he; summary paragraph he", 2},
		{"in English alone", func(i *api.Issue) { i.Languages = []string{"en"} }, api.IssueArticle{Text: hindi}, "headline title he; summary paragraph e", 2},
		{"in Hindi alone", func(i *api.Issue) { i.Languages = []string{"hi"} }, api.IssueArticle{Text: hindi, Show: "full"}, "headline title h; body paragraph h; body paragraph h; body paragraph h", 0},
		{"without a headline", nil, api.IssueArticle{Markdown: "पुल आज खुल गया है। भीड़ रही।", Show: "full"}, "headline title he; body paragraph he", 2},
		{"an opening that is too long", nil, api.IssueArticle{Markdown: "# पुल\n\n" + strings.Repeat("मरम्मत का काम समय पर पूरा हुआ और पुल खुल गया। ", 20), Show: "lead"}, "headline title he; body paragraph he", 1},
		{"intro and footer", func(i *api.Issue) {
			i.Intro, i.Footer = text("नमस्ते।\n\nपढ़िए [यहाँ](https://example.org)।"), api.Bilingual{Hi: "फिर मिलेंगे।", En: "See you."}
		},
			api.IssueArticle{Text: hindi, Show: "lead"}, "intro paragraph he; intro paragraph he; headline title he; body paragraph he; body paragraph he; footer paragraph he", 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := simulated(t, simulator.Config{Demo: true})
			issue := week(row.story)
			if row.issue != nil {
				row.issue(&issue)
			}
			e := made(t, newsletter.New(newsletter.Config{Gateway: core(t, m)}), issue)
			if got := strings.Join(outline(e), "; "); got != row.want {
				t.Errorf("%s\nwant %s", got, row.want)
			}
			if n := len(m.calls()); n != row.tasks {
				t.Errorf("%d calls, want %d", n, row.tasks)
			}
			if e.Partial {
				t.Errorf("partial: %+v", e.Notices)
			}
		})
	}
}

// A headline of the editor's own over a plain text is shown in the place of the
// text's first line, and the editor is told which line that is.
func TestHeadlineReplaced(t *testing.T) {
	t.Parallel()
	const body = "\n\nजिले का पुराना पुल 40 दिन बाद खुल गया है।"
	for _, row := range []struct {
		name  string
		story api.IssueArticle
		told  string
	}{
		{"another line", api.IssueArticle{Text: "नई दिल्ली में बैठक" + body, Title: text("पुल खुला")}, "“नई दिल्ली में बैठक”"},
		{"in the other language", api.IssueArticle{Text: "पुल पर आवाजाही शुरू" + body, Title: text("Bridge opens")}, "“पुल पर आवाजाही शुरू”"},
		{"the same line", api.IssueArticle{Text: "पुल पर आवाजाही शुरू" + body, Title: api.Bilingual{Hi: "पुल पर आवाजाही शुरू", En: "Bridge opens"}}, ""},
		{"a sentence", api.IssueArticle{Text: "बैठक नई दिल्ली में हुई।" + body, Title: text("पुल खुला")}, ""},
		{"marked as a headline", api.IssueArticle{Markdown: "# पुल पर आवाजाही शुरू" + body, Title: text("पुल खुला")}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.story.Show = "full"
			e := made(t, newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))}), week(row.story))
			told := ""
			for _, n := range e.Notices {
				if n.Code == "headline_replaced" {
					told += n.Where + ": " + n.Message
				}
			}
			if row.told == "" && told != "" || row.told != "" && (!strings.HasPrefix(told, "articles[0]: ") || !strings.Contains(told, row.told)) || e.Partial {
				t.Errorf("told %q", told)
			}
		})
	}
}

// forgetful is a memory that keeps nothing.
type forgetful struct{}

func (forgetful) Get(context.Context, string, string) ([]byte, int64, error) { return nil, 0, nil }

func (forgetful) Put(context.Context, string, string, []byte, time.Duration, int64) (bool, error) {
	return true, nil
}

// A slip mended in the title makes the same edition, and so the same draft, of an
// issue that has a name; of one that has none the title is the name.
func TestSameEdition(t *testing.T) {
	t.Parallel()
	maker := newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true})), Memory: forgetful{}})
	for _, row := range []struct {
		name   string
		change func(*api.Issue)
		same   bool
	}{
		{"nothing", func(*api.Issue) {}, true},
		{"the title, with a name", func(i *api.Issue) { i.Title = text("सप्ताह / Our week") }, true},
		{"the day, with a name", func(i *api.Issue) { i.Date = "2026-11-25" }, false},
		{"the name", func(i *api.Issue) { i.Seen = "daily" }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			issue := week(api.IssueArticle{Text: "पुल खुला\n\nपुल आज खुल गया।", Show: "full"})
			issue.Seen = "weekly"
			first := made(t, maker, issue)
			row.change(&issue)
			if second := made(t, maker, issue); (second.ID == first.ID) != row.same {
				t.Errorf("%s and %s", first.ID, second.ID)
			}
		})
	}
}

// An opening so long that it would be cut is shown whole when it holds a link.
func TestLeadKeepsLinks(t *testing.T) {
	t.Parallel()
	long := "# पुल\n\n" + strings.Repeat("मरम्मत का काम समय पर पूरा हुआ और पुल खुल गया। ", 20) + "पढ़िए [योजना](https://example.org/plan)।\n\nपुल 1962 में बना था।"
	e := made(t, newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))}), week(api.IssueArticle{Markdown: long, Show: "lead"}))
	s := e.Stories()[0]
	if len(s.Body) != 1 || len(s.Body[0].By["hi"].Links()) != 1 || len(s.Body[0].By["en"].Links()) != 1 || !s.More {
		t.Errorf("%d paragraphs, more %v: %+v", len(s.Body), s.More, s.Body)
	}
}

// What was paid for once is not paid for again: the same issue costs nothing, and
// an issue of which a paragraph has changed costs that paragraph and the one after.
func TestMadeAgain(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true})
	maker := newsletter.New(newsletter.Config{Gateway: core(t, m)})
	metro, lakes := example(t, "metro.hi.txt"), example(t, "glacial-lakes.hi.txt")
	issue := week(api.IssueArticle{Text: metro, Show: "full"}, api.IssueArticle{Text: lakes, Show: "full"}, api.IssueArticle{Text: example(t, "stepwell.en.txt")})
	made(t, maker, issue)
	before := len(m.calls())
	if e := made(t, maker, issue); len(m.calls()) != before || e.Usage.Misses != 0 {
		t.Errorf("again: %d calls, %+v", len(m.calls())-before, e.Usage)
	}
	lines := strings.Split(strings.TrimSpace(lakes), "\n\n")
	lines[len(lines)-1] = "झीलों की निगरानी अब 7 केंद्रों से होगी।"
	issue.Articles[1].Text = strings.Join(lines, "\n\n")
	made(t, maker, issue)
	changed := m.calls()[before:]
	if len(changed) != 1 {
		t.Fatalf("%d calls", len(changed))
	}
	if segments := changed[0]["segments"].(map[string]any); len(segments) != 1 {
		t.Errorf("asked for %v", segments)
	}
}

func TestOrderAndSections(t *testing.T) {
	t.Parallel()
	a := func(name, date, section string) api.IssueArticle {
		return api.IssueArticle{Text: name + "\n\nनदी का पानी उतर गया है और रास्ता खुल गया है।", Title: api.Bilingual{Hi: name, En: "x" + name}, Show: "lead", Date: date, Section: text(section)}
	}
	for _, row := range []struct {
		name, order string
		sections    []api.Bilingual
		want        string
	}{
		{"as given", "", nil, ": क घ | खेल: ख | राज्य: ग"},
		{"sections in the issue's order", "given", []api.Bilingual{text("राज्य / State"), {Hi: "खेल", En: "Sport"}, text("कोई नहीं / Nobody")}, ": क घ | राज्य: ग | खेल: ख"},
		{"newest", "newest", nil, ": घ क | खेल: ख | राज्य: ग"},
		{"oldest", "oldest", nil, ": क घ | खेल: ख | राज्य: ग"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			issue := week(a("क", "2026-11-20", ""), a("ख", "2026-11-21", "खेल / Sport"), a("ग", "2026-11-22", "राज्य / State"), a("घ", "2026-11-23T10:00:00+05:30", ""))
			issue.Order, issue.Sections = row.order, row.sections
			e := made(t, newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))}), issue)
			var got []string
			for _, s := range e.Sections {
				line := s.Title["hi"] + ":"
				for _, story := range s.Stories {
					line += " " + story.Headline.Plain("hi")
				}
				got = append(got, line)
			}
			if s := strings.Join(got, " | "); s != row.want {
				t.Errorf("%s\nwant %s", s, row.want)
			}
		})
	}
}

// A paragraph that the checks doubt is marked for the editor until the editor
// accepts it, and the mark is of those very words.
func TestFlags(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true, Faults: map[simulator.Fault]float64{"drop-number": 1}})
	maker := newsletter.New(newsletter.Config{Gateway: core(t, m)})
	issue := week(api.IssueArticle{Text: example(t, "metro.hi.txt"), Show: "full"})
	e := made(t, maker, issue)
	var ids []string
	for _, p := range e.Stories()[0].Body {
		for _, f := range p.Flags {
			ids = append(ids, f.ID)
			if !p.Doubtful() || f.Code == "" || f.Message == "" {
				t.Errorf("%+v", f)
			}
		}
	}
	if len(ids) == 0 || e.Open() < len(ids) {
		t.Fatalf("%d flags in the body, %d open", len(ids), e.Open())
	}
	issue.Accept = append(ids, "0000000000")
	again := made(t, maker, issue)
	if again.Open() != e.Open()-len(ids) {
		t.Errorf("%d flags are open, of %d", again.Open(), e.Open())
	}
	if !slices.ContainsFunc(again.Notices, func(n newsletter.Notice) bool {
		return n.Code == "unknown_flag" && n.Where == fmt.Sprintf("accept[%d]", len(ids))
	}) {
		t.Errorf("%+v", again.Notices)
	}
}

// One story that cannot be had does not stop the others; when none can be had,
// there is no issue.
func TestStoriesThatFail(t *testing.T) {
	t.Parallel()
	maker := newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))})
	french := api.IssueArticle{Text: "Le pont est ouvert\n\nLe vieux pont du district est ouvert de nouveau après quarante jours de travaux."}
	e := made(t, maker, week(french, api.IssueArticle{Text: example(t, "metro.hi.txt")}))
	if len(e.Stories()) != 1 || !e.Partial {
		t.Errorf("%d stories, partial %v", len(e.Stories()), e.Partial)
	}
	if n := e.Notices; len(n) == 0 || n[0].Where != "articles[0]" || n[0].Code != "unsupported_language" {
		t.Errorf("%+v", n)
	}
	_, err := maker.Make(t.Context(), newsletter.Order{Issue: week(french)})
	var ge *gateway.Error
	if !errors.As(err, &ge) || ge.Code != gateway.UnsupportedLanguage {
		t.Errorf("none: %v", err)
	}
}

// What Admit refuses ends the issue with its own error.
func TestAdmit(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough for today")
	chars := 0
	maker := newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))})
	order := newsletter.Order{
		Issue: week(api.IssueArticle{Text: example(t, "metro.hi.txt")}),
		Admit: func(*gateway.Request) func(int) error {
			return func(n int) error {
				if chars += n; chars > 2000 {
					return enough
				}
				return nil
			}
		},
	}
	if _, err := maker.Make(t.Context(), order); err != nil || chars == 0 {
		t.Fatalf("%d characters: %v", chars, err)
	}
	chars = 2000
	if _, err := maker.Make(t.Context(), order); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}
