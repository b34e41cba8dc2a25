package check

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// copied finds answers that are the source over again. Text that is right in either
// language may be: acronyms, a quotation in a third language; names with a warning.
func copied(source, target *side) (Finding, bool) {
	const fewLetters = 10
	// The shares of a text and of its fold differ by far less than 0.2.
	if math.Abs(source.deva-target.deva) > 0.2 || article.Fold(source.text) != article.Fold(target.text) {
		return Finding{}, false
	}
	d := article.Detect(source.text)
	share := source.latin
	if d.Language == "hi" && d.Script != "Latn" {
		share = source.deva
	}
	few := share*float64(source.letters) <= fewLetters
	f := Finding{Code: Copy, Hard: true, Message: "the text is not translated", Ask: "this is the source again: translate it"}
	switch {
	case source.language == "en" && names(source.text):
		// A name may stay, but "Minister Resigns" looks like one: it is asked again.
		return f.softened(), Words(source.text) >= 2 && !few && source.latin > 0.9 && strings.ContainsFunc(source.text, unicode.IsLower)
	case source.language == "en" && few && Words(source.text) >= 2 && source.latin > 0.9: // "Oh, no." is short, but no name
	case d.Language != source.language || few:
		return Finding{}, false
	}
	return f, true
}

// softened is a finding of what may be given with a warning.
func (f Finding) softened() Finding {
	f.Hard = false
	return f
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
