package simulator

import (
	"slices"
	"strings"

	"dubhashi/gateway/article"
)

// summaryTask is the summary part of the wire.
type summaryTask struct {
	style      string
	maxWords   int
	title      string
	paragraphs []string
}

// The bounds of a summary by its style, in words; max_words bounds each further.
const (
	headlineWords  = 12
	briefWords     = 30
	bulletWords    = 25
	fewestBullets  = 3
	mostBullets    = 6
	paragraphWords = 120 // when max_words is not given
)

func (s *summaryTask) check() *apiError {
	switch {
	case !slices.Contains([]string{"", "paragraph", "bullets", "headline", "brief"}, s.style):
		return invalid("messages", `There is no summary style %q.`, s.style)
	case s.maxWords < 0:
		return invalid("messages", `The task's "max_words" is negative.`)
	case !slices.ContainsFunc(s.paragraphs, func(p string) bool { return strings.TrimSpace(p) != "" }):
		return invalid("messages", `The task's "paragraphs" must be a list of texts, with one at least.`)
	}
	if s.maxWords == 0 {
		s.maxWords = paragraphWords
	}
	return nil
}

// summarize gives the leading sentences of the paragraphs in the target
// language, within the bounds of the style; of an example article in one
// paragraph, its prepared summary. bullets is nil for the other styles.
func (t *translator) summarize(s summaryTask, from, to language) (text string, bullets []string) {
	switch s.style {
	case "headline":
		return t.headline(s, from, to), nil
	case "brief":
		first := t.leading(s, from, to, 1)
		return cutWords(first[0], min(briefWords, s.maxWords), to), nil
	case "bullets":
		return "", t.bullets(s, from, to)
	}
	if t.demo {
		if known, ok := preparedSummary(s.paragraphs, to); ok {
			return firstSentences(article.Sentences(known), s.maxWords, to), nil
		}
	}
	return firstSentences(t.leading(s, from, to, fewestBullets), s.maxWords, to), nil
}

func (t *translator) headline(s summaryTask, from, to language) string {
	line := s.title
	if strings.TrimSpace(line) == "" {
		line = t.leading(s, from, to, 1)[0]
	} else {
		line = t.plain(line, from, to)
	}
	line = cutWords(strings.Join(strings.Fields(line), " "), min(headlineWords, s.maxWords), to)
	return strings.TrimRight(line, " .।…,;:")
}

func (t *translator) bullets(s summaryTask, from, to language) []string {
	lines := t.leading(s, from, to, fewestBullets)
	lines = lines[:min(len(lines), mostBullets)]
	out := []string{}
	left := s.maxWords
	for i, line := range lines {
		// What is left is shared out, so that three bullets fit into any max_words.
		share := min(bulletWords, max(left/(len(lines)-i), 1))
		line = cutWords(line, share, to)
		left -= len(strings.Fields(line))
		out = append(out, line)
	}
	return out
}

// leading gives the first sentence of each paragraph in the target language;
// when those are fewer than want, the second ones too, and so on. They stand in
// the order of the article. What ends no sentence (a byline, a heading) counts
// only when there is nothing else.
func (t *translator) leading(s summaryTask, from, to language, want int) []string {
	type place struct{ paragraph, sentence int }
	var all [][]string
	prose := slices.ContainsFunc(s.paragraphs, article.EndsSentence)
	for _, p := range s.paragraphs {
		p = strings.TrimSpace(withoutMasks(p))
		if p == "" || prose && !article.EndsSentence(p) && len(strings.Fields(p)) < headlineWords {
			continue
		}
		var sentences []string
		said := t.plain(p, from, to)
		if strings.TrimSpace(said) == "" { // words that the other language has none for, as a lone "a"
			said = p
		}
		for _, x := range article.Sentences(said) {
			if x = strings.TrimSpace(x); x != "" {
				sentences = append(sentences, x)
			}
		}
		all = append(all, sentences)
	}
	var places []place
	for round := 0; len(places) < want; round++ {
		more := false
		for i, sentences := range all {
			if round < len(sentences) {
				places, more = append(places, place{i, round}), true
			}
			if round > 0 && len(places) >= want {
				break
			}
		}
		if !more {
			break
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.paragraph != b.paragraph {
			return a.paragraph - b.paragraph
		}
		return a.sentence - b.sentence
	})
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = all[p.paragraph][p.sentence]
	}
	if len(out) == 0 { // paragraphs of marks alone
		return []string{s.title}
	}
	return out
}

// plain translates text without marks; text that is in the target language
// already comes back as it is.
func (t *translator) plain(text string, from, to language) string {
	text = withoutMasks(text)
	if from == to {
		return text
	}
	return join(t.words(text, from, surroundings{}, false))
}

func withoutMasks(text string) string { return maskSyntax.ReplaceAllString(text, "") }

// firstSentences joins as many whole leading sentences as fit; the first is cut
// if it is too long by itself.
func firstSentences(sentences []string, words int, l language) string {
	var out []string
	left := words
	for _, s := range sentences {
		s = strings.TrimSpace(s)
		n := len(strings.Fields(s))
		if n > left {
			break
		}
		out, left = append(out, s), left-n
	}
	if len(out) == 0 && len(sentences) > 0 {
		return cutWords(sentences[0], words, l)
	}
	return strings.Join(out, " ")
}

// cutWords cuts a sentence to at most n words, at the last clause mark of the
// second half if there is one, and ends it as a sentence of its language.
func cutWords(s string, n int, l language) string {
	words := strings.Fields(s)
	if len(words) <= n {
		return strings.Join(words, " ")
	}
	words = words[:n]
	for i := n - 1; i >= n/2 && i > 0; i-- {
		if strings.HasSuffix(words[i], ",") || strings.HasSuffix(words[i], ";") {
			words = words[:i+1]
			break
		}
	}
	end := "."
	if l == hindi {
		end = "।"
	}
	return strings.TrimRight(strings.Join(words, " "), " ,;:–—-") + end
}
