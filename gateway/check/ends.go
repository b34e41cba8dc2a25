package check

import (
	"strings"
	"unicode/utf8"
)

// endFinding finds answers whose last mark is not that of their language: no mark
// where the source ends a sentence, or a danda behind English. A Hindi text may end
// in a full stop; in some newspapers two of three sentences do.
func endFinding(source, target *side) (Finding, bool) {
	const fewRunes = 20 // a label or a name with a dot
	f := Finding{Code: SentenceEnd, Minor: true}
	switch {
	case target.language == "en" && strings.HasSuffix(strings.TrimRight(target.text, closers), "।"):
		f.Message = "the English text ends in a danda (।)"
		f.Ask = "end English sentences with a full stop, not a danda"
	case source.ends && source.runes >= fewRunes && !closed(target.text):
		f.Message = "the last sentence has no mark at its end"
		f.Ask = "end the last sentence with its mark, as the source does"
	default:
		return Finding{}, false
	}
	return f, true
}

// closers may stand behind the last mark of a text.
const closers = ` "'»)]*_`

// closed reports whether a text ends in a mark that can be the end of one: of a
// sentence, a list, a bracket. The dot of an initial ("an A.") is among them.
func closed(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, ` "'»*_`))
	return strings.ContainsRune(".?!।॥|…:;)]}", r)
}
