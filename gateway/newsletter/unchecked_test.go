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
// such an issue is held back until the editor gives both languages.
func TestUncheckedTitle(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Demo: true, Faults: map[simulator.Fault]float64{"drop-number": 1}})
	maker := newsletter.New(newsletter.Config{Gateway: core(t, m)})
	issue := week(api.IssueArticle{Text: "पुल खुला\n\nपुल का काम पूरा हुआ और लोग आए।", Show: "lead"})
	for _, row := range []struct{ title, section, want string }{
		{"इस सप्ताह के 40 समाचार", "", "yourself: title"},
		{"पत्र / Letter", "शहर के 25 समाचार", "yourself: articles[0].section"},
		{"इस सप्ताह के 40 समाचार / 40 stories of the week", "शहर के 25 समाचार / 25 stories of the town", ""},
	} {
		issue.Title, issue.Articles[0].Section = text(row.title), text(row.section)
		why := strings.Join(newsletter.Hindrances(made(t, maker, issue)), "\n")
		if strings.Contains(why, "yourself") != (row.want != "") || !strings.Contains(why, row.want) {
			t.Errorf("%s, %s: %q", row.title, row.section, why)
		}
	}
}
