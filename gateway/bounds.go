package gateway

import (
	"strings"

	"dubhashi/gateway/article"
	"dubhashi/gateway/check"
	"dubhashi/prompts"
)

func (a *summaryAnswer) words() int {
	return check.Words(a.Summary + "\n" + strings.Join(a.Bullets, "\n"))
}

// cut holds a summary to the bounds of its style.
func cut(p prompts.Summary, a *summaryAnswer) {
	b := check.Bounds(p.Style, p.MaxWords)
	if p.Style == "bullets" {
		a.Bullets = fit(a.Bullets, b)
		return
	}
	if b.Sentences == 1 {
		a.Summary = strings.TrimSpace(article.Sentences(a.Summary)[0])
	}
	if check.Words(a.Summary) > b.Words {
		a.Summary = shorten(a.Summary, b.Words)
	}
	if p.Style == "headline" {
		a.Summary = strings.TrimRight(a.Summary, ".।")
	}
}

// shorten cuts a text to so many words: behind its last whole sentence; of a
// single sentence behind its last clause, if that leaves half the words; else
// behind a word, with an ellipsis.
func shorten(text string, words int) string {
	cut := article.FirstSentences(text, words)
	if !strings.HasSuffix(cut, "…") {
		return cut
	}
	fields := strings.Fields(cut)
	for i := len(fields) - 1; i >= (words+1)/2-1 && i > 0; i-- {
		f := fields[i]
		if bare := strings.TrimRight(f, ",;:–—"); bare != f {
			return strings.TrimSpace(strings.Join(append(fields[:i:i], bare), " "))
		}
	}
	return cut
}

// fit holds bullets to their bounds: their length, their number, and the words
// of all together. For that the last are left out, down to the fewest allowed,
// and then all are shortened alike.
func fit(bullets []string, b check.Limit) []string {
	out := make([]string, 0, b.MaxBullets)
	for _, text := range bullets[:min(len(bullets), b.MaxBullets)] {
		if check.Words(text) > b.BulletWords {
			text = shorten(text, b.BulletWords)
		}
		out = append(out, text)
	}
	all := func() int { return check.Words(strings.Join(out, "\n")) }
	for b.Words > 0 && all() > b.Words && len(out) > b.MinBullets {
		out = out[:len(out)-1]
	}
	if b.Words > 0 && all() > b.Words {
		for i, text := range out {
			if each := max(b.Words/len(out), 1); check.Words(text) > each {
				out[i] = shorten(text, each)
			}
		}
	}
	return out
}
