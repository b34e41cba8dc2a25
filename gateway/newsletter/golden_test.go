package newsletter_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"dubhashi/gateway/newsletter"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden holds every form to the file that was looked at.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		form   newsletter.Form
		layout string
	}{
		{"stacked.html", newsletter.HTML, newsletter.Stacked},
		{"side-by-side.html", newsletter.HTML, newsletter.SideBySide},
		{"summary-first.html", newsletter.HTML, newsletter.SummaryFirst},
		{"letter.txt", newsletter.PlainText, newsletter.Stacked},
		{"letter.md", newsletter.Markdown, newsletter.Stacked},
		{"letter.eml", newsletter.EML, newsletter.Stacked},
		{"letter.atom.xml", newsletter.Atom, newsletter.Stacked},
		{"letter.hi.atom.xml", newsletter.AtomHindi, newsletter.Stacked},
		{"letter.en.atom.xml", newsletter.AtomEng, newsletter.Stacked},
		{"letter.feed.json", newsletter.JSONFeed, newsletter.Stacked},
		{"letter.hi.feed.json", newsletter.FeedHindi, newsletter.Stacked},
		{"letter.en.feed.json", newsletter.FeedEng, newsletter.Stacked},
		{"letter.json", newsletter.JSON, newsletter.Stacked},
		{"letter.review.html", newsletter.ReviewPage, newsletter.Stacked},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := render(t, edition(t, row.layout, "https://example.org"), row.form)
			name := filepath.Join("testdata", "golden", row.name)
			if *update {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("it differs from %s: look at what changed and run with -update\n%s", name, got)
			}
		})
	}
}
