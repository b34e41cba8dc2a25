package article_test

import (
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/article"
)

// Text made to be slow must not be: the longest article takes as long as any other of
// its length. The bound is far above what linear work takes, and far below what
// quadratic work does.
func TestNoSlowText(t *testing.T) {
	t.Parallel()
	const size, bound = 10_000, 30 * time.Second
	if testing.Short() {
		t.Skip("short")
	}
	for _, piece := range []string{
		"?(", "a.", "क.", "|", "क|", " | ", ")", "\"", "?”", "<", "<1", "<1>", "<<1>", "@", "a@", "@a", "{", "{{", "%(", "$", "://", "http://", "http://-", "https://a/)", "www.",
		"/", "a.bb/", "\n", " \n", "\r\n", "– क\n", "– ", "•\n", "1. \n", "क\n", "क, 17 नवंबर\n", "\u200D", "\u0301", "क\u0301", "।", "॥१", "...", "…", "डॉ. ", "A. ", "''", "mailto:", "क़", "न\u093C", "\u00AD", "\xFF",
	} {
		text := strings.Repeat(piece, size/len([]rune(piece)))
		start := time.Now()
		if d, err := article.Parse(text, article.Options{}); err == nil {
			for _, b := range d.Blocks {
				for _, s := range b.Segments(1500) {
					s.Restore(s.Text)
					s.Plain()
				}
			}
			d.Render(article.Text, nil)
		}
		article.Sentences(text)
		article.FirstSentences(text, 100)
		article.EndsSentence(text)
		article.Fold(text)
		article.PlainOf(text[:min(len(text), 20_000)])
		if took := time.Since(start); took > bound {
			t.Errorf("%q takes %v", piece, took)
		}
	}
}
