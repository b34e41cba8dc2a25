package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// SummaryInput is a summary and what was asked for.
type SummaryInput struct {
	Text     string   // of every style but bullets
	Bullets  []string // of style bullets
	Language string   // "hi", "en"
	Style    string   // "paragraph", "bullets", "headline", "brief"
	MaxWords int      // 0: only the style's own bounds
	Source   string   // the article, to tell what it says itself from what the model adds

	// From is the language of Source, "hi" or "en". Empty leaves the checks of
	// numbers, names and copying out.
	From        string
	Title       string            // of the article, in From; a source of names and numbers, too
	Translation string            // of the article into Language, if known: one more such source
	Terms       map[string]string // the caller's glossary, source term → target term: its targets may be used
}

// Limit is how long a summary of a style may be. A zero means no such bound.
type Limit struct {
	Words                  int // of the whole summary
	BulletWords            int // of one bullet
	MinBullets, MaxBullets int
	Sentences              int
	Line                   bool // one line without a full stop
}

// Bounds gives the bounds of a style (the API's: headline at most 12 words on one
// line without a full stop, brief one sentence of at most 30, bullets 3 to 6 of at
// most 25). maxWords, if more than 0, bounds the whole summary; the smaller of two
// bounds holds.
func Bounds(style string, maxWords int) Limit {
	smaller := func(n int) int {
		if maxWords > 0 {
			return min(n, maxWords)
		}
		return n
	}
	switch style {
	case "headline":
		return Limit{Words: smaller(12), Sentences: 1, Line: true}
	case "brief":
		return Limit{Words: smaller(30), Sentences: 1}
	case "bullets":
		return Limit{Words: max(maxWords, 0), BulletWords: smaller(25), MinBullets: 3, MaxBullets: 6}
	}
	return Limit{Words: max(maxWords, 0)}
}

// Words counts words as the bounds do: runs without white space that hold a letter
// or a digit.
func Words(text string) (n int) {
	for field := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(field, wordRune) {
			n++
		}
	}
	return n
}

// Summary gives what is wrong with a summary, hard findings first; nil if nothing is.
func Summary(s SummaryInput) []Finding {
	text := plain(s.Text)
	bullets := s.Style == "bullets"
	if bullets {
		text = plain(strings.Join(s.Bullets, "\n"))
	}
	if !strings.ContainsFunc(text, wordRune) {
		return []Finding{{Code: Empty, Hard: true, Message: "the model gave no summary", Ask: "there is no summary in your answer: write it"}}
	}
	var found []Finding
	add := func(f Finding, ok bool) {
		if ok {
			found = append(found, f)
		}
	}
	source := plain(s.Source)
	t := heard(source, text)
	add(t.refusesAsSummary())
	add(t.chatter())
	add(summaryScript(source, text, s.Language))
	if f, ok := loopFinding(source, text); ok {
		f.Hard = repetitionOf(text).endless() // a phrase that comes twice is no loop yet
		add(f, ok)
	}
	if !Hard(found) {
		add(markup(source, text))
	}
	limit := Bounds(s.Style, s.MaxWords)
	if bullets {
		add(bulletLength(s.Bullets, limit))
	} else {
		add(textLength(text, limit))
	}
	if Hard(found) || s.From != "hi" && s.From != "en" || s.Language != "hi" && s.Language != "en" || strings.TrimSpace(source) == "" {
		return found
	}
	m := readMaterial(s, source)
	if f, ok := m.foreign(text); ok {
		return append([]Finding{f}, found...) // its numbers and names are then no news
	}
	found = append(found, m.numbers(text)...)
	found = append(found, m.names(text)...)
	add(m.copied(text, s.Style))
	return found
}

// summaryScript finds summaries in the wrong script or language.
func summaryScript(source, text, language string) (Finding, bool) {
	if f, ok := foreignScript(source, text); ok {
		return f, true
	}
	deva, latin := article.Share(text)
	switch {
	case language == "en" && deva > devaHard:
		return Finding{Code: Script, Hard: true, Message: "the summary is not in English", Ask: "write it in English"}, true
	case language == "en" && deva > 0:
		return Finding{Code: Script, Message: fmt.Sprintf("%q is left in Devanagari", devanagariWord(text)),
			Ask: fmt.Sprintf("%q is left in Devanagari: translate it, or a name write in Latin letters", devanagariWord(text))}, true
	case language == "en":
		if d := article.Detect(text); d.Language != "en" && d.Confidence >= 0.6 && Words(text) >= 4 {
			return Finding{Code: Script, Hard: true, Message: "the summary is not in English", Ask: "write it in English"}, true
		}
	case language == "hi" && (letters(text) >= longText && latin > latinHard || deva == 0 && lowerWords(text) >= 2):
		return Finding{Code: Script, Hard: true, Message: "the summary is not in Hindi", Ask: "write it in Hindi, in Devanagari"}, true
	case language == "hi" && letters(text) >= longText && latin > latinSoft:
		return Finding{Code: Script, Message: "much of the summary is in Latin letters",
			Ask: "much of this is in Latin letters: write it in Hindi, in Devanagari"}, true
	}
	return Finding{}, false
}

// lowerWords counts the words that begin with a small letter: neither names nor
// acronyms.
func lowerWords(text string) (n int) {
	for f := range strings.FieldsSeq(text) {
		if r, _ := utf8.DecodeRuneInString(f); unicode.IsLower(r) {
			n++
		}
	}
	return n
}

func bulletLength(bullets []string, limit Limit) (Finding, bool) {
	total := 0
	for i, b := range bullets {
		n := Words(b)
		total += n
		if n == 0 {
			return soft("point %d of the summary is empty", i+1)
		}
		if n > limit.BulletWords {
			return soft("point %d of the summary has %d words, more than %d", i+1, n, limit.BulletWords)
		}
	}
	switch {
	case len(bullets) < limit.MinBullets || len(bullets) > limit.MaxBullets:
		return soft("the summary has %d points, not %d to %d", len(bullets), limit.MinBullets, limit.MaxBullets)
	case limit.Words > 0 && total > limit.Words:
		return soft("the summary has %d words, more than %d", total, limit.Words)
	}
	return Finding{}, false
}

func textLength(text string, limit Limit) (Finding, bool) {
	n := Words(text)
	switch {
	case limit.Words > 0 && n > limit.Words:
		return soft("the summary has %d words, more than %d", n, limit.Words)
	case limit.Line && strings.Contains(text, "\n"):
		return soft("the headline has more than one line")
	case limit.Line && fullStop(text):
		return soft("the headline ends in a full stop")
	case limit.Sentences > 0 && sentences(text) > limit.Sentences:
		return soft("the summary has more than one sentence")
	}
	return Finding{}, false
}

func soft(format string, args ...any) (Finding, bool) {
	return Finding{Code: SummaryLength, Message: fmt.Sprintf(format, args...)}, true
}

// fullStop reports whether text ends in the stop of a sentence, not of an
// abbreviation; a question or an exclamation mark is none.
func fullStop(text string) bool {
	return strings.HasSuffix(text, "।") || strings.HasSuffix(text, "॥") ||
		(strings.HasSuffix(text, ".") || strings.HasSuffix(text, "|")) && !strings.HasSuffix(text, "...") && article.EndsSentence(text)
}

func sentences(text string) int {
	pieces := article.Sentences(text)
	return len(slices.DeleteFunc(pieces, func(s string) bool { return !strings.ContainsFunc(s, wordRune) }))
}
