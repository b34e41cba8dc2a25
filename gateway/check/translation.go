package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// The codes of findings. Empty is no warning of the API: an empty answer is never given.
const (
	Empty         = "empty"
	Script        = "script"
	Copy          = "copy"
	Refusal       = "refusal"
	Chatter       = "chatter"
	Truncated     = "truncated"
	Placeholder   = "placeholder"
	SummaryLength = "summary_length"
)

// Finding is one thing that is wrong.
type Finding struct {
	Code    string // see the constants
	Hard    bool   // the text must not be used or stored; otherwise a warning
	Minor   bool   // a warning that is not worth another call; never with Hard
	Message string // for an editor; holds no more of the text than one word

	// Ask is the same for the model that has to mend it, where an editor would
	// not understand that; else empty.
	Ask string
}

// Request is what the model is told of the finding.
func (f Finding) Request() string {
	if f.Ask != "" {
		return f.Ask
	}
	return f.Message
}

// Pair is a segment and the answer to it.
type Pair struct {
	Source, Target string // masked, as asked and as answered
	From, To       string // "hi", "en"

	// Segment is the one that was asked, for the check of its masks. The zero
	// value leaves that check out.
	Segment article.Segment

	// Glossary is what the caller wants of the terms in this segment: source
	// term → target term. nil leaves that check out.
	Glossary map[string]string
}

// Hard reports whether one of the findings is hard.
func Hard(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Hard })
}

// Rejected reports whether one of the findings is worth asking the model again.
func Rejected(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return !f.Minor })
}

// Translation gives what is wrong with the answer to a segment, hard findings
// first; nil if nothing is.
func Translation(p Pair) []Finding {
	source, target := plain(p.Source), plain(p.Target)
	if f, ok := empty(source, target); ok {
		return []Finding{f}
	}
	var found []Finding
	add := func(f Finding, ok bool) {
		if ok {
			found = append(found, f)
		}
	}
	add(refusal(source, target))
	if f, ok := chatter(source, target); ok {
		add(f, ok)
	} else {
		add(labelled(source, target))
	}
	add(wrongScript(source, target, p.From, p.To))
	add(copied(source, target, p.From))
	add(truncated(source, target))
	if p.Segment.Masked() {
		add(placeholder(p.Segment, p.Target))
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		switch {
		case a.Hard == b.Hard:
			return 0
		case a.Hard:
			return -1
		}
		return 1
	})
	return found
}

// plain is a masked text as the checks read it: without masks and characters that
// no one sees, quotes straight; line breaks stay.
func plain(masked string) string {
	return strings.TrimSpace(quotes.Replace(article.Normalize(article.PlainOf(masked))))
}

var quotes = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "\u200c", "", "\u200d", "")

// empty finds answers without a word. A source that has none, such as "2024–25",
// may be answered by figures alone; so may a number in words.
func empty(source, target string) (Finding, bool) {
	if source == "" || strings.ContainsFunc(target, wordRune) || target != "" && !strings.ContainsFunc(source, wordRune) {
		return Finding{}, false
	}
	return Finding{Code: Empty, Hard: true, Message: "there is no text in the answer"}, true
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Thresholds of the script check. Into English: of 14,976 human translations not one
// holds a letter of Devanagari. Into Hindi, where names and acronyms stay in Latin
// letters, 0.07 % of the news sentences and 0.65 % of the medical ones are above 0.3,
// nearly all for names and acronyms: those make a warning at most.
const (
	devaHard  = 0.05 // share of letters, hi→en
	latinSoft = 0.3  // en→hi
	latinHard = 0.5
	longText  = 20 // letters below which a share says little
)

// wrongScript finds answers in the wrong script or language.
func wrongScript(source, target, from, to string) (Finding, bool) {
	if f, ok := foreignScript(source, target); ok {
		return f, true
	}
	deva, latin := article.Share(target)
	switch to {
	case "en":
		switch {
		case deva > devaHard:
			return Finding{Code: Script, Hard: true, Message: "the answer is not in English: it has words in Devanagari"}, true
		case deva > 0:
			return Finding{Code: Script, Message: fmt.Sprintf("%q is left in Devanagari", devanagariWord(target))}, true
		}
		return wrongLatin(source, target)
	case "hi":
		switch {
		case latin > latinSoft && from == "en" && !english(source), letters(target) < longText:
		case latin > latinHard && (deva == 0 || leftover(target) > latinSoft):
			return Finding{Code: Script, Hard: true, Message: "the answer is not in Hindi: most of it is in Latin letters"}, true
		case latin > latinHard || latin > latinSoft && leftover(target) > latinSoft:
			return Finding{Code: Script, Message: "much of the answer is left in Latin letters"}, true
		}
		return neighbour(source, target)
	}
	return Finding{}, false
}

// leftover is the share of Latin letters without the words that may stay as they are
// in Hindi: names, acronyms, hashtags, addresses.
func leftover(target string) float64 {
	var kept strings.Builder
	for field := range strings.FieldsSeq(target) {
		inner := strings.TrimLeftFunc(field, func(r rune) bool { return !wordRune(r) })
		if strings.ContainsAny(field, "#@/0123456789") || strings.ContainsFunc(inner, unicode.IsUpper) {
			continue
		}
		kept.WriteString(field)
		kept.WriteByte(' ')
	}
	_, latin := article.Share(kept.String())
	return latin
}

// wrongLatin finds answers in Latin letters that are no English: Hindi spelled out,
// or another language. A passage that the source has in Latin letters, too, such as
// a French motto, is right as it is.
func wrongLatin(source, target string) (Finding, bool) {
	if article.Detect(source).Language != "hi" {
		return Finding{}, false
	}
	d := article.Detect(target)
	switch {
	case Words(target) < 4 || d.Language == "en":
	case d.Language == "hi" && d.Confidence >= 0.6:
		return Finding{Code: Script, Hard: true, Message: "the answer is Hindi in Latin letters, not English"}, true
	case d.Language == "" && d.Script == "Latn" && d.Confidence >= 0.7 && Words(target) >= 8:
		return Finding{Code: Script, Hard: true, Message: "the answer is in another language, not English"}, true
	}
	return Finding{}, false
}

// neighbour finds answers in another language of Devanagari.
func neighbour(source, target string) (Finding, bool) {
	if Words(target) < 8 {
		return Finding{}, false
	}
	if d := article.Detect(target); d.Language == "" && d.Script == "Deva" && d.Confidence >= 0.85 && article.Detect(source).Language == "en" {
		return Finding{Code: Script, Hard: true, Message: "the answer is in another language of Devanagari, not Hindi"}, true
	}
	return Finding{}, false
}

// strayScripts are scripts into which models slip; Greek is not among them, for
// science writes with it.
var strayScripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Thai, unicode.Bengali,
	unicode.Gujarati, unicode.Gurmukhi, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Oriya,
}

// foreignScript finds letters of a third script that the source does not have.
func foreignScript(source, target string) (Finding, bool) {
	stray, first := 0, ""
	for i, r := range target {
		if r < 0x370 || !unicode.IsLetter(r) || r >= 0x0900 && r <= 0x097F {
			continue
		}
		if t := stray1(r); t != nil && !strings.ContainsFunc(source, func(r rune) bool { return unicode.Is(t, r) }) {
			if stray++; stray == 1 {
				first = wordAt(target[i:])
			}
		}
	}
	if stray == 0 {
		return Finding{}, false
	}
	return Finding{Code: Script, Hard: float64(stray) > devaHard*float64(letters(target)), Message: fmt.Sprintf("%q is in a script of neither language", first)}, true
}

func stray1(r rune) *unicode.RangeTable {
	for _, t := range strayScripts {
		if unicode.Is(t, r) {
			return t
		}
	}
	return nil
}

// wordAt is the word at the start of s, at most 20 characters of it.
func wordAt(s string) string {
	n := 0
	for i, r := range s {
		if n++; !unicode.IsLetter(r) && !unicode.IsMark(r) || n > 20 {
			return s[:i]
		}
	}
	return s
}

func devanagariWord(s string) string {
	for i, r := range s {
		if r >= 0x0900 && r <= 0x097F && r != '।' && r != '॥' {
			return wordAt(s[i:])
		}
	}
	return ""
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			n++
		}
	}
	return n
}

// copied finds answers that are the source over again. Text that is right in either
// language may be: names, acronyms, a quotation in a third language.
func copied(source, target, from string) (Finding, bool) {
	const fewLetters = 10
	if article.Fold(source) != article.Fold(target) {
		return Finding{}, false
	}
	d := article.Detect(source)
	deva, latin := article.Share(source)
	share := latin
	if d.Language == "hi" && d.Script != "Latn" {
		share = deva
	}
	few := share*float64(letters(source)) <= fewLetters
	switch {
	case from == "en" && names(source):
		return Finding{}, false
	case from == "en" && few && Words(source) >= 2 && latin > 0.9: // "Oh, no." is short, but no name
	case d.Language != from || few:
		return Finding{}, false
	}
	return Finding{Code: Copy, Hard: true, Message: "the answer is the source text, not translated"}, true
}

// english reports whether source is English that wants translating.
func english(source string) bool {
	return article.Detect(source).Language == "en" && !names(source)
}

// names reports whether a line holds nothing but names, acronyms and figures, so
// that it may stay in Latin letters. "Bank of Baroda" is a name; "Banks Rise After
// Budget" is a headline, told by the small words that a headline writes large.
func names(source string) bool {
	const mostInOneName = 6
	run, n := 0, 0
	for field := range strings.FieldsSeq(source) {
		word := strings.TrimFunc(field, func(r rune) bool { return !wordRune(r) })
		if word == "" {
			run = 0
			continue
		}
		first, _ := utf8.DecodeRuneInString(word)
		low := strings.ToLower(word)
		switch {
		case unicode.IsLower(first) && !nameParticles[low] && !strings.ContainsFunc(word, unicode.IsUpper):
			return false
		case unicode.IsUpper(first) && n > 0 && headlineWords[low] && word != strings.ToUpper(word):
			return false
		}
		n++
		if run++; run > mostInOneName {
			return false
		}
		if last, _ := utf8.DecodeLastRuneInString(field); strings.ContainsRune(",;/|•·:)–—", last) {
			run = 0
		}
	}
	return n > 0
}

var (
	nameParticles = wordSet(`of the and for de la le du des da dos di del della van von der den al el bin ibn y e v vs to`)
	headlineWords = wordSet(`a an in on at by to as is are was were be with from after before over under for not no new will has have had can may its his
her their he she they it up down out off who what why how when that this but or if than more says said than amid against into about during above below between while until`)
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// truncated finds answers that break off: far too short for a whole sentence and
// without an end. A human translation of news is never shorter than 0.44 of its source.
func truncated(source, target string) (Finding, bool) {
	const whole = 100 // code points
	n := utf8.RuneCountInString(source)
	if n < whole || utf8.RuneCountInString(target)*3 >= n || !article.EndsSentence(source) {
		return Finding{}, false
	}
	cut := strings.HasSuffix(target, "…") || strings.HasSuffix(target, "...") || strings.HasSuffix(target, "-")
	if !cut && article.EndsSentence(target) {
		return Finding{}, false
	}
	return Finding{Code: Truncated, Hard: true, Message: "the answer breaks off"}, true
}

// placeholder finds masks (links, emphasis, code) that did not come back exactly once.
func placeholder(s article.Segment, target string) (Finding, bool) {
	_, lost := s.Restore(target)
	if len(lost) == 0 {
		return Finding{}, false
	}
	return Finding{
		Code: Placeholder, Message: "a link, address, emphasis or code did not come back in its place",
		Ask: "each of these must stand exactly once, around or beside the same words: " + strings.Join(lost, " "),
	}, true
}
