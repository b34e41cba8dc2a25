package newsletter_test

import (
	"fmt"
	"strings"
	"testing"

	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// long is a story of 800 words that differs from the others.
func long(n int, show string) api.IssueArticle {
	var b strings.Builder
	fmt.Fprintf(&b, "# बाँध संख्या %d का जलस्तर बढ़ा\n\n", n)
	for p := range 20 {
		for s := range 4 {
			fmt.Fprintf(&b, "बाँध %d के जलाशय में %d दिन में %d मीटर पानी बढ़ा। ", n, p+2, 4*p+s+10)
		}
		b.WriteString("\n\n")
	}
	return api.IssueArticle{Markdown: b.String(), Show: show, Link: fmt.Sprintf("https://example.org/%d", n)}
}

func TestMailLimit(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"stacked", "side-by-side", "summary-first"} {
		t.Run(layout, func(t *testing.T) {
			t.Parallel()
			m := simulated(t, simulator.Config{Demo: true})
			maker := newsletter.New(newsletter.Config{Gateway: core(t, m)})
			issue := week()
			issue.Layout = layout
			for n := range 10 {
				issue.Articles = append(issue.Articles, long(n+1, "lead"))
			}
			e := made(t, maker, issue)
			if size := mailSize(t, e); size > newsletter.MailLimit || len(e.Notices) > 0 {
				t.Errorf("ten leads: %d bytes, %+v", size, e.Notices)
			} else {
				t.Logf("ten leads: %d bytes", size)
			}

			for n := range issue.Articles {
				issue.Articles[n].Show = "full"
			}
			e = made(t, maker, issue)
			before := len(m.calls())
			short := 0
			for _, s := range e.Stories() {
				if s.Short {
					short++
				}
				if len(s.Body) != 20 || s.Short && len(s.Summary) == 0 {
					t.Errorf("%d paragraphs, %d of the summary", len(s.Body), len(s.Summary))
				}
			}
			told := 0
			for _, n := range e.Notices {
				if n.Code == "shortened" && strings.HasPrefix(n.Where, "articles[") && n.URL != "" {
					told++
				}
			}
			size := mailSize(t, e)
			if size > newsletter.MailLimit || short == 0 || short == 10 || told != short {
				t.Errorf("ten whole stories: %d bytes, %d short, %d told", size, short, told)
			}
			if d := e.Data(); d.MailBytes != size {
				t.Errorf("%d bytes are told, of %d", d.MailBytes, size)
			}
			if made(t, maker, issue); len(m.calls()) != before {
				t.Errorf("again: %d calls", len(m.calls())-before)
			}
		})
	}
}

func mailSize(t *testing.T, e *newsletter.Edition) int {
	t.Helper()
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := r.Render(e, newsletter.HTML)
	if err != nil {
		t.Fatal(err)
	}
	return len(mail)
}
