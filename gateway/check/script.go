package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// Thresholds of the script check. Into English: of 14,976 human translations not one
// holds a letter of Devanagari. Into Hindi, where names and acronyms stay in Latin
// letters, 0.07 % of the news sentences and 0.65 % of the medical ones are above 0.3,
// nearly all for names and acronyms: those make a warning at most.
const (
	devaHard  = 0.05 // share of letters, hi→en
	latinSoft = 0.3  // en→hi
	latinHard = 0.5
	longText  = 20 // letters below which a share says little
	runSoft   = 4  // small English words in a row that no name or term has; else it is a warning
)

// wrongScript finds answers in the wrong script or language.
func wrongScript(source, target *side) (Finding, bool) {
	deva, latin := target.deva, target.latin
	if deva+latin < 1 {
		if f, ok := foreignScript(source.text, target.text); ok {
			return f, true
		}
	}
	switch target.language {
	case "en":
		switch {
		case deva > devaHard:
			return Finding{Code: Script, Hard: true, Message: "some of the text is left in Devanagari",
				Ask: "some of this is left in Devanagari: translate all of it into English"}, true
		case deva > 0:
			return Finding{Code: Script, Message: fmt.Sprintf("%q is left in Devanagari", devanagariWord(target.text)),
				Ask: fmt.Sprintf("%q is left in Devanagari: translate it, or a name write in Latin letters", devanagariWord(target.text))}, true
		}
		return wrongLatin(source.text, target.text)
	case "hi":
		if latin > latinSoft && keepsAny(target.text) {
			_, latin = article.Share(withoutAddresses(target.text))
		}
		switch {
		case latin > latinSoft && source.language == "en" && !english(source.text), target.letters < longText:
		case latin > latinHard && (deva == 0 || leftover(target.text) > latinSoft && plainRun(target.text) >= runSoft):
			return Finding{Code: Script, Hard: true, Message: "most of the text is in Latin letters, not in Hindi",
				Ask: "most of this is in Latin letters: write it in Hindi, in Devanagari"}, true
		case latin > latinHard || latin > latinSoft && leftover(target.text) > latinSoft:
			return Finding{Code: Script, Minor: plainRun(target.text) < runSoft, Message: "much of the text is left in Latin letters",
				Ask: "much of this is left in English: write it in Hindi, in Devanagari"}, true
		}
		return neighbour(source.text, target.text)
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

// withoutAddresses is a text without its URLs, e-mail addresses and @handles.
func withoutAddresses(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(field string) bool { return address(field) != "" }), " ")
}

// plainRun is the length of the longest run of words in small Latin letters.
func plainRun(target string) (longest int) {
	run := 0
	for field := range strings.FieldsSeq(target) {
		if r, _ := utf8.DecodeRuneInString(field); unicode.Is(unicode.Latin, r) && unicode.IsLower(r) {
			run++
			longest = max(longest, run)
			continue
		}
		run = 0
	}
	return longest
}

// wrongLatin finds answers in Latin letters that are no English: Hindi spelled out,
// or another language. A passage that the source has in Latin letters, too, such as
// a French motto, is right as it is.
func wrongLatin(source, target string) (Finding, bool) {
	if Words(target) < 4 {
		return Finding{}, false
	}
	d := article.Detect(target)
	switch {
	case d.Language == "en" || article.Detect(source).Language != "hi":
	case d.Language == "hi" && d.Confidence >= 0.6:
		return Finding{Code: Script, Hard: true, Message: "the text is Hindi in Latin letters, not English",
			Ask: "this is Hindi in Latin letters: translate it into English"}, true
	case d.Language == "" && d.Script == "Latn" && d.Confidence >= 0.7 && Words(target) >= 8:
		return Finding{Code: Script, Hard: true, Message: "the text is in another language, not English",
			Ask: "this is in another language: translate it into English"}, true
	}
	return Finding{}, false
}

// neighbour finds answers in another language of Devanagari.
func neighbour(source, target string) (Finding, bool) {
	if plainlyHindi(target) || Words(target) < 8 {
		return Finding{}, false
	}
	if d := article.Detect(target); d.Language == "" && d.Script == "Deva" && d.Confidence >= 0.85 && article.Detect(source).Language == "en" {
		return Finding{Code: Script, Hard: true, Message: "the text is in another language of Devanagari, not Hindi",
			Ask: "this is in another language: translate it into Hindi"}, true
	}
	return Finding{}, false
}

// plainlyHindi reports whether a text has two of the commonest words of Hindi that
// its neighbours do not have, which spares most texts a closer look.
func plainlyHindi(text string) bool {
	n := 0
	for _, word := range [...]string{" में ", " है", " और ", " से "} {
		if strings.Contains(text, word) {
			n++
		}
	}
	return n >= 2
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
		if t := strayScript(r); t != nil && !strings.ContainsFunc(source, func(r rune) bool { return unicode.Is(t, r) }) {
			if stray++; stray == 1 {
				first = wordAt(target[i:])
			}
		}
	}
	if stray == 0 {
		return Finding{}, false
	}
	return Finding{Code: Script, Hard: float64(stray) > devaHard*float64(letters(target)), Message: fmt.Sprintf("%q is in a script of neither language", first),
		Ask: fmt.Sprintf("%q is in a script of neither language: write it in the letters of the rest", first)}, true
}

func strayScript(r rune) *unicode.RangeTable {
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
		if devanagariLetter(r) {
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
