package check

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// glossaryFindings finds the terms that the caller wants and the answer does not
// have, in the order of the source terms. Any form of a term will do: another case,
// number or ending, a hyphen or none, another spelling of a Devanagari letter; one
// word may stand between two of a term.
func glossaryFindings(glossary map[string]string, target string) []Finding {
	if len(glossary) == 0 {
		return nil
	}
	var out []Finding
	var words []termWord
	for _, source := range slices.Sorted(maps.Keys(glossary)) {
		wanted := plain(glossary[source])
		if standsIn(target, wanted) {
			continue
		}
		want := termWords(wanted)
		if len(want) == 0 {
			continue
		}
		for i := range want {
			want[i].stem = stem(want[i].text)
		}
		if words == nil {
			words = termWords(target)
		}
		if !holdsTerm(words, want) {
			out = append(out, Finding{
				Code: Glossary, Message: quoted(wanted) + ", the glossary's wording for " + quoted(source) + ", is missing",
				Ask: "translate " + quoted(source) + " as " + quoted(wanted) + ", in the form that the sentence needs",
			})
		}
	}
	return out
}

// standsIn reports whether a term stands in text letter by letter, as it mostly does.
func standsIn(text, term string) bool {
	i := strings.Index(text, term)
	if i < 0 || term == "" {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+len(term):])
	return !wordRune(before) && !unicode.IsMark(before) && !wordRune(after) && !unicode.IsMark(after)
}

// quoted is a term of the caller's in quotes, on one line, cut where it is too long
// to be a term.
func quoted(term string) string {
	const most = 60
	term = strings.Join(strings.Fields(term), " ")
	if r := []rune(term); len(r) > most {
		term = string(r[:most]) + "…"
	}
	return `"` + term + `"`
}

// termWord is a word of a term or of the text in which it is looked for.
type termWord struct {
	text  string // folded: small letters, one spelling of Devanagari
	stem  string // of a word of a term: without its ending; never empty
	upper bool   // an acronym: written in capitals
	small bool   // begins with a small letter
}

// termWords splits plain text at everything that is no letter, mark or digit.
func termWords(text string) []termWord {
	out := make([]termWord, 0, len(text)/6+1)
	for raw := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !wordRune(r) && !devanagari(r) && r != '\'' && !unicode.IsMark(r)
	}) {
		cut, _, _ := strings.Cut(strings.Trim(raw, "'"), "'") // Cabinet's
		if cut == "" {
			continue
		}
		first, _ := utf8.DecodeRuneInString(cut)
		w := termWord{text: foldWord(cut), upper: acronym(cut), small: unicode.IsLower(first)}
		if w.text == "" {
			continue
		}
		out = append(out, w)
	}
	return out
}

// acronym tells a word of two to six letters, all capitals but for a plural s.
func acronym(word string) bool {
	word = strings.TrimSuffix(word, "s")
	if len(word) < 2 || len(word) > 6 {
		return false
	}
	for i := range len(word) {
		if word[i] < 'A' || word[i] > 'Z' {
			return false
		}
	}
	return true
}

// mostParts is into how many parts a word may be written apart.
const mostParts = 3

// holdsTerm reports whether the words of a term stand in text in their order, with at
// most one other between two of them.
func holdsTerm(text, term []termWord) bool {
	// reach[j*width+i]: the first j words of the term stand before text[i]
	width := len(text) + 2
	reach := make([]bool, (len(term)+1)*width)
	for j := range term {
		for i := range text {
			if j > 0 && !reach[j*width+i] {
				continue
			}
			if term[j].is(text[i]) {
				step(reach, width, j+1, i+1, len(term))
			}
			if a, _ := utf8.DecodeRuneInString(term[j].text); strings.HasPrefix(text[i].text, string(a)) {
				joinedForms(text[i:], term[j:], func(words, parts int) { step(reach, width, j+parts, i+words, len(term)) })
			}
		}
	}
	for _, end := range reach[len(term)*width:] {
		if end {
			return true
		}
	}
	return false
}

// step notes that j words of the term are found before text[i]; one more may follow
// before the next of them.
func step(reach []bool, width, j, i, last int) {
	reach[j*width+i] = true
	if j < last {
		reach[j*width+i+1] = true
	}
}

// joinedForms calls found with the numbers of words of the text and of the term that are
// the same letters, joined or parted otherwise: COVID-19, Covid19; जन-धन, जनधन.
func joinedForms(text, term []termWord, found func(words, parts int)) {
	have := ""
	for n := 1; n <= mostParts && n <= len(text); n++ {
		have += text[n-1].text
		want := ""
		for m := 1; m <= mostParts && m <= len(term); m++ {
			want += term[m-1].text
			if n != m && (want == have || stem(want) == stem(have)) {
				found(n, m)
			}
		}
	}
}

// is reports whether a word of the text is a form of w.
func (w termWord) is(have termWord) bool {
	const short = 3 // letters of an acronym that is also written as a word: Unesco, but not It
	if w.upper && (have.small || !have.upper && len(w.text) <= short) {
		return false
	}
	if w.text == have.text {
		return true
	}
	first, _ := utf8.DecodeRuneInString(w.text)
	return strings.HasPrefix(have.text, string(first)) && w.stem == stem(have.text)
}

// foldWord gives a word in small letters and one spelling of Devanagari, with Western
// digits.
func foldWord(word string) string {
	if !strings.ContainsFunc(word, unfolded) {
		return word
	}
	word = loose(word)
	out := appendHindiForm(make([]byte, 0, len(word)), word)
	return string(asciiDigits(out[:0], string(out)))
}

// unfolded tells the characters that foldWord may change.
func unfolded(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return false
	case r >= 'अ' && r <= 'ौ':
		return withNukta(r) || r == nukta
	}
	return r != anusvara && r != '।'
}

// stem takes the ending of an English or a Hindi word off, so that forms of one word
// meet: party, parties; plan, planned, planning; योजना, योजनाओं; लड़का, लड़के. A word of
// one or two letters stays as it is.
func stem(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	if devanagari(r) {
		return string(hindiNounStem([]byte(word)))
	}
	return stemEnglish(word)
}

func stemEnglish(word string) string {
	const fewest = 3
	base := word
	for _, ending := range [...]string{"ies", "ied"} {
		if b, ok := strings.CutSuffix(word, ending); ok && len(b) >= 2 {
			return b + "y"
		}
	}
	for _, ending := range [...]string{"ing", "ed", "es", "s"} {
		if b, ok := strings.CutSuffix(word, ending); ok && len(b) >= fewest && (ending != "s" || !strings.HasSuffix(b, "s")) {
			base = b
			break
		}
	}
	if n := len(base); base != word && n > fewest && base[n-1] == base[n-2] && strings.IndexByte("bdgmnprt", base[n-1]) >= 0 {
		base = base[:n-1] // planned
	}
	for len(base) > fewest && base[len(base)-1] == 'e' { // manage; committee
		base = base[:len(base)-1]
	}
	return base
}
