package newsletter_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// A headline that nobody has checked is marked wherever a mail shows it, and does not
// stand in the preheader, which has no room for the mark.
func TestUncheckedHeadlines(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true, Faults: map[simulator.Fault]float64{"drop-number": 1}})
	maker := newsletter.New(newsletter.Config{Gateway: core(t, m)})
	always, headline := true, "पुल पर 40 करोड़ रुपये खर्च हुए"
	issue := week(api.IssueArticle{Text: headline + "\n\nपुल का काम पूरा हुआ और लोग आए।", Show: "lead"})
	issue.Contents = &always
	e := made(t, maker, issue)
	h := e.Stories()[0].Headline
	if !h.Doubtful() || e.Preheader != headline {
		t.Fatalf("preheader %q of %+v", e.Preheader, h)
	}
	english := h.Plain("en")
	for _, f := range []newsletter.Form{newsletter.HTML, newsletter.PlainText, newsletter.Markdown} {
		out := bare(render(t, e, f))
		if all, marked := strings.Count(out, english), strings.Count(out, english+" †"); all < 2 || marked != all {
			t.Errorf("%s has it %d times, %d of them marked\n%s", f, all, marked, out)
		}
	}
	for _, f := range h.Flags {
		issue.Accept = append(issue.Accept, f.ID)
	}
	if e = made(t, maker, issue); e.Preheader != english {
		t.Errorf("accepted: preheader %q", e.Preheader)
	}
}

// A doubtful translation of the title or of a section's name stands where no mark can:
// such an issue is held back until the editor gives both languages, or accepts it.
func TestUncheckedTitle(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true, Faults: map[simulator.Fault]float64{"drop-number": 1}})
	maker := newsletter.New(newsletter.Config{Gateway: core(t, m)})
	for _, row := range []struct{ title, section, where string }{
		{"इस सप्ताह के 40 समाचार", "", "title"},
		{"पत्र / Letter", "शहर के 25 समाचार", "articles[0].section"},
		{"इस सप्ताह के 40 समाचार / 40 stories of the week", "शहर के 25 समाचार / 25 stories of the town", ""},
	} {
		t.Run(row.title+row.section, func(t *testing.T) {
			t.Parallel()
			issue := week(api.IssueArticle{Text: "पुल खुला\n\nपुल का काम पूरा हुआ और लोग आए।", Show: "lead"})
			issue.Title, issue.Articles[0].Section = text(row.title), text(row.section)
			e := made(t, maker, issue)
			where := ""
			for _, n := range e.Notices {
				if n.Flag != "" {
					where = n.Where
					issue.Accept = append(issue.Accept, n.Flag)
					if page := string(render(t, e, newsletter.ReviewPage)); !strings.Contains(page, `- "`+n.Flag+`"`) || !strings.Contains(page, "<b>1</b> open flag") {
						t.Error("the review page does not tell of it")
					}
				}
			}
			held := strings.Contains(strings.Join(newsletter.Hindrances(e), "\n"), "flag is open")
			if where != row.where || held != (row.where != "") || held != (e.Open() == 1) || held != (e.Data().Flags == 1) {
				t.Errorf("flag of %q; held back %v, %d open", where, held, e.Open())
			}
			if e := made(t, maker, issue); e.Open() != 0 || strings.Contains(strings.Join(newsletter.Hindrances(e), "\n"), "flag") {
				t.Errorf("accepted: %d open", e.Open())
			}
		})
	}
}
