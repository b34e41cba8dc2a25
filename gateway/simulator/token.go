package simulator

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

type tokenKind uint8

const (
	wordToken   tokenKind = iota // Devanagari
	latinToken                   // any other script
	numberToken                  // digits of either script, with what groups them
	atomToken
	verbatimToken // a URL, an e-mail address, a @handle
	markToken     // one rune of punctuation or a symbol
)

// token is a piece of a sentence, in bytes of it.
type token struct {
	kind     tokenKind
	text     string
	from, to int
	spaced   bool // white space stands before it
}

func isSpace(r rune) bool { return unicode.IsSpace(r) }

func decompose(s string) string { return norm.NFD.String(s) }

// devanagariWord tells the runes of a Devanagari word: letters, marks and the
// joiners; not dandas, digits or the abbreviation sign.
func devanagariWord(r rune) bool {
	return r >= 0x0900 && r <= 0x097F && !(r >= 0x0964 && r <= 0x0970) || r == '\u200C' || r == '\u200D' || r >= 0xA8E0 && r <= 0xA8FF
}

func digit(r rune) bool { return r >= '0' && r <= '9' || r >= '०' && r <= '९' }

// tokenise cuts a sentence into tokens; white space between them is noted, invisible
// characters vanish.
func tokenise(s string) []token {
	var out []token
	spaced := true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		end := i + n
		kind := markToken
		switch {
		case isSpace(r):
			spaced, i = true, end
			continue
		case r == '\u00AD' || r == '\u200B' || r == '\u2060' || r == '\uFEFF' || unicode.Is(unicode.Cf, r) && !devanagariWord(r):
			i = end
			continue
		case isAtom(r):
			kind = atomToken
		case verbatimEnd(s, i) > i:
			kind, end = verbatimToken, verbatimEnd(s, i)
		case digit(r):
			kind, end = numberToken, numberEnd(s, i)
		case devanagariWord(r):
			kind, end = wordToken, runEnd(s, i, devanagariWord)
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			kind, end = latinToken, runEnd(s, i, func(r rune) bool {
				return (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) && !(r >= '०' && r <= '९') || r == '\u2019' || r == '\'') && !devanagariWord(r)
			})
			for strings.HasSuffix(s[i:end], "'") || strings.HasSuffix(s[i:end], "\u2019") {
				_, n := utf8.DecodeLastRuneInString(s[i:end])
				end -= n
			}
		}
		out = append(out, token{kind, s[i:end], i, end, spaced})
		spaced, i = false, end
	}
	return out
}

// verbatimEnd is the end of a URL, an e-mail address or a @handle that begins at
// i, and i where none does. The gateway masks them in segments, but not in what
// is to be summarised.
func verbatimEnd(s string, i int) int {
	if c := s[i]; !(c == '@' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
		return i
	}
	end := runEnd(s, i, func(r rune) bool { return r > ' ' && r < 0x7F && !strings.ContainsRune(`"<>(){}[]|\^`, r) })
	text := strings.TrimRight(s[i:end], ".,;:!?'")
	at := strings.IndexByte(text, '@')
	switch {
	case strings.Contains(text, "://") || strings.HasPrefix(text, "www."):
	case at >= 0 && at < len(text)-1 && (at == 0 || strings.IndexByte(text[at:], '.') > 0):
	default:
		return i
	}
	return i + len(text)
}

func runEnd(s string, i int, in func(rune) bool) int {
	for j, r := range s[i:] {
		if !in(r) {
			return i + j
		}
	}
	return len(s)
}

// numberEnd is the end of a number that begins at i: marks between digits belong
// to it (2,50,000; 3.5; 10:30; 17/11/2025).
func numberEnd(s string, i int) int {
	end := i
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case digit(r):
			end = i + n
		case !strings.ContainsRune(".,:/", r):
			return end
		default:
			if next, _ := utf8.DecodeRuneInString(s[i+n:]); !digit(next) {
				return end
			}
		}
		i += n
	}
	return end
}
