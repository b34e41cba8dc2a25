package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalize makes pasted text uniform without touching a word of it: line ends
// (CRLF, CR, NEL, form feed, vertical tab, U+2028, U+2029) become "\n"; byte
// order marks, soft hyphens, zero width spaces and word joiners go; white space
// at both ends goes; bytes that are no UTF-8 become U+FFFD. Joiners (ZWJ, ZWNJ),
// which spell Devanagari, and no-break spaces stay.
func Normalize(s string) string {
	return strings.TrimSpace(strings.Map(lineEnd, strings.ReplaceAll(clean(s), "\r\n", "\n")))
}

// Fold is the form of s in which texts are compared and keys are made: NFC
// (Unicode Annex 15), invisible characters out (joiners too), every run of white
// space one space, trimmed. Nothing more: case, digits, nuktas and punctuation
// all still differ.
func Fold(s string) string {
	if folded, ok := foldFast(s); ok {
		return folded
	}
	return foldAny(s)
}

func foldAny(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

const nukta = '\u093C'

// foldFast folds text in which NFC changes nothing but the letters that have a nukta
// built in, which it takes apart: Hindi and English as they are written, several
// times as fast. Other text is refused.
func foldFast(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s) + 8)
	space := false
	last := rune(0)
	for i := 0; i < len(s); {
		c := s[i]
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		i += n
		switch {
		case r == ' ' || r >= '\t' && r <= '\r' || r >= 0x80 && unicode.IsSpace(r):
			space = true
			continue
		case invisible(r):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
			last = ' '
		}
		space = false
		switch {
		case r < 0x80, r >= 0xA1 && r < 0x180, r >= 0x2010 && r <= 0x2027, r == '₹':
			b.WriteString(s[i-n : i])
		case r >= 0x958 && r <= 0x95F:
			b.WriteRune(withoutNukta[r-0x958])
			b.WriteRune(nukta)
			r = nukta
		case r == nukta && (last < 0x904 || last == '\u094D' || last == 'न' || last == 'र' || last == 'ळ'):
			return "", false // composes, or changes places
		case r >= 0x900 && r <= 0x97F && (r < 0x951 || r > 0x954):
			b.WriteString(s[i-n : i])
		default:
			return "", false
		}
		last = r
	}
	return b.String(), true
}

// withoutNukta are the letters U+0958 to U+095F without their nukta: NFC takes these
// letters apart (they are composition exclusions).
var withoutNukta = [...]rune{'क', 'ख', 'ग', 'ज', 'ड', 'ढ', 'फ', 'य'}

// clean removes the characters that carry nothing and mends broken UTF-8.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if dropped(r) {
			return -1
		}
		return r
	}, s)
}

// lineEnd maps every character that ends a line (Unicode Annex 14, class BK, CR,
// LF, NL) to "\n".
func lineEnd(r rune) rune {
	if isLineEnd(r) {
		return '\n'
	}
	return r
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// dropped tells the characters that are taken out of every text: they are seen by
// no reader and only split words for a model.
func dropped(r rune) bool {
	switch r {
	case '\u00AD', '\u200B', '\u2060', '\uFEFF':
		return true
	}
	return false
}

// invisible tells the characters that Fold takes out: the dropped ones, the
// joiners, and the marks that only steer direction.
func invisible(r rune) bool {
	switch {
	case dropped(r):
		return true
	case r >= '\u200C' && r <= '\u200F', r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// blank reports whether a reader sees nothing of s.
func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !invisible(r) {
			return false
		}
	}
	return true
}
