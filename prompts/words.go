package prompts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word, a number or one punctuation mark of a text, in the spelling
// in which terms are looked up.
type token struct {
	text  string // folded, case kept
	lower string // folded, in lower case
	kind  tokenKind
	glued bool // nothing stands between it and the token before
}

type tokenKind uint8

const (
	mark       tokenKind = iota // punctuation, a symbol, a tag's place
	number                      // digits, with the points and commas inside
	latin                       // a word of any script but Devanagari
	devanagari                  // a word in Devanagari
)

// barrier stands where a tag held something other than words.
const barrier = "\x00"

// tokenize cuts text into tokens. White space and hyphens only part them, so
// that "शंघाई-सहयोग" and "शंघाई सहयोग" are the same two words; a word ends where
// letters and marks end, or where the script changes ("BJPके", "10किमी").
func tokenize(text string) []token {
	runes := spelling(text)
	out := make([]token, 0, len(runes)/4+1)
	glued := false
	for i := 0; i < len(runes); {
		r := runes[i]
		kind := kindOf(r)
		if kind == mark && (unicode.IsSpace(r) || isHyphen(r)) {
			glued = false
			i++
			continue
		}
		end := i + 1
		switch kind {
		case number:
			for end < len(runes) && (isDigit(runes[end]) || strings.ContainsRune(".,:", runes[end]) && end+1 < len(runes) && isDigit(runes[end+1])) {
				end++
			}
		case latin, devanagari:
			for end < len(runes) && kindOf(runes[end]) == kind {
				end++
			}
		}
		t := token{text: string(runes[i:end]), kind: kind, glued: glued}
		t.lower = t.text
		if kind == latin {
			t.lower = strings.ToLower(t.text)
		}
		out = append(out, t)
		glued = true
		i = end
	}
	return joinDotted(out)
}

func kindOf(r rune) tokenKind {
	switch {
	case isDigit(r):
		return number
	case r >= 0x0900 && r <= 0x097F && r != '।' && r != '॥' && r != '॰':
		return devanagari
	case r < utf8.RuneSelf:
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			return latin
		}
		return mark
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return latin
	}
	return mark
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isHyphen tells the hyphens and dashes, which stand between words as space does.
func isHyphen(r rune) bool { return r == '-' || r >= '\u2010' && r <= '\u2015' }

// joinDotted makes one word of a spelled acronym: बी.जे.पी., कि.मी., U.N. Its pieces
// are at most three characters long in Devanagari, one letter elsewhere, parted
// by a dot alone; डब्ल्यू and एक्स are the two letters with long names.
func joinDotted(tokens []token) []token {
	out := tokens[:0]
	for i := 0; i < len(tokens); {
		t := tokens[i]
		i++
		joined := false
		for piece(t, joined) && i+1 < len(tokens) && isDot(tokens[i]) && tokens[i+1].glued && tokens[i+1].kind == t.kind && piece(tokens[i+1], false) {
			t.text += tokens[i+1].text
			t.lower += tokens[i+1].lower
			joined = true
			i += 2
		}
		if joined && i < len(tokens) && isDot(tokens[i]) {
			i++
		}
		out = append(out, t)
	}
	return out
}

func isDot(t token) bool { return t.glued && (t.text == "." || t.text == "॰") }

func piece(t token, joined bool) bool {
	switch t.kind {
	case latin:
		return joined || len(t.text) == 1
	case devanagari:
		return joined || utf8.RuneCountInString(t.text) <= 3 || t.text == "डब्ल्यू" || t.text == "एक्स"
	}
	return false
}

// spelling folds the differences in spelling that mean nothing: Unicode's two
// forms of a nukta letter (NFC, Unicode Annex 15), then the nukta itself
// (फ़ैसला, फैसला), chandrabindu and anusvara (हँसना, हंसना), a nasal letter before a
// consonant and anusvara (हिन्दी, हिंदी), joiners and other invisible characters,
// Devanagari and Latin digits, curly and straight quotes. A pair of tags
// vanishes, a lone tag becomes a barrier. The result is for looking up only; no
// reader and no model sees it.
func spelling(text string) []rune {
	text = untag(text)
	if !norm.NFC.IsNormalString(text) {
		text = norm.NFC.String(text)
	}
	in := []rune(text)
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		r := in[i]
		switch {
		case r < utf8.RuneSelf:
		case r == nukta || invisible(r):
			continue
		case r == 'ँ':
			r = 'ं'
		case r == 'ऩ' && !stopAfter(in, i):
			r = 'न'
		case r == 'ऱ':
			r = 'र'
		case r == 'ऴ':
			r = 'ळ'
		case r >= '०' && r <= '९':
			r += '0' - '०'
		case r == '‘' || r == '’':
			r = '\''
		case r == '“' || r == '”':
			r = '"'
		case isNasal(r) && stopAfter(in, i):
			r = 'ं'
			i++ // its virama
		}
		out = append(out, r)
	}
	return out
}

// stopAfter tells whether the letter at i is joined by a virama to a consonant
// before which Hindi writes a nasal as anusvara: the stops क to भ but for the
// nasals, and the sibilants.
func stopAfter(in []rune, i int) bool {
	if i+2 >= len(in) || in[i+1] != '्' {
		return false
	}
	c := in[i+2]
	if c == 0x200C || c == 0x200D { // a joiner after the virama
		if i+3 >= len(in) {
			return false
		}
		c = in[i+3]
	}
	if c == 'श' || c == 'ष' || c == 'स' {
		return true
	}
	return c >= 'क' && c <= 'भ' && !isNasal(c)
}

// isNasal tells the consonants for which anusvara can stand.
func isNasal(r rune) bool {
	switch r {
	case 'ङ', 'ञ', 'ण', 'न', 'ऩ', 'म':
		return true
	}
	return false
}

const nukta = 0x093C

// invisible tells the characters that a reader does not see: soft hyphen, zero
// width space and joiners, word joiner, direction marks, byte order mark.
func invisible(r rune) bool {
	return r == 0x00AD || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E ||
		r == 0x2060 || r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}

// untag takes pairs of tags (<1>, </1>) out and puts a barrier for each lone
// one (<2/>).
func untag(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	return tag.ReplaceAllStringFunc(s, func(t string) string {
		if strings.HasSuffix(t, "/>") {
			return barrier
		}
		return ""
	})
}
