package newsletter_test

import (
	"bytes"
	"testing"

	"golang.org/x/net/html"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// What it takes to write ten stories with their leads. The ceiling of the mail is
// reading its own HTML once, which putting the styles into the elements cannot do
// without.
func BenchmarkForms(b *testing.B) {
	e := tenLeads(b, newsletter.SideBySide)
	page := render(b, e, newsletter.HTML)
	b.Run("ceiling", func(b *testing.B) {
		for b.Loop() {
			if _, err := html.Parse(bytes.NewReader([]byte(page))); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, f := range []newsletter.Form{newsletter.HTML, newsletter.PlainText, newsletter.EML, newsletter.Atom, newsletter.JSON, newsletter.ReviewPage} {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				render(b, e, f)
			}
		})
	}
}

// An issue whose nine stories are all in the cache. The ceiling is the same stories
// as articles, one after another.
func BenchmarkIssueAgain(b *testing.B) {
	g := core(b, simulated(b, simulator.Config{Demo: true}))
	issue := week()
	for _, name := range []string{"dengue-care", "folk-archive", "glacial-lakes", "hockey-final", "library-bill", "loan-fund", "metro", "rain-alert", "stepwell"} {
		issue.Articles = append(issue.Articles, api.IssueArticle{Text: example(b, name+".hi.txt"), Show: "full"})
	}
	maker := newsletter.New(newsletter.Config{Gateway: g})
	made(b, maker, issue)
	b.Run("ceiling", func(b *testing.B) {
		for b.Loop() {
			for _, a := range issue.Articles {
				if _, err := g.Article(b.Context(), gateway.Request{Input: a.Text, Format: article.Text, Translate: true, Options: gateway.Options{Source: "hi", Target: "en"}}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("issue", func(b *testing.B) {
		for b.Loop() {
			made(b, maker, issue)
		}
	})
}
