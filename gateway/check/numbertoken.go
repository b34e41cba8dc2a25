package check

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// digitsToken is the class of a token in digits; the other classes are those of words.
const digitsToken wordClass = 255

// numberToken is a word or a row of digits that may be part of a number.
type numberToken struct {
	numberWord
	from, to int
	flags    numberFlags
	parts    [2]decimal
}

// numberTokens gives the tokens of text that may be parts of numbers; all other
// words are left out.
func numberTokens(text string, romanised bool) []numberToken {
	const bytesToToken = 24 // in news; more are rare
	out := make([]numberToken, 0, len(text)/bytesToToken+4)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			out, i = digitTokens(out, text, i)
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			j := latinEnd(text, i)
			w := englishNumber(text[i:j])
			if romanised {
				if hindi := romanisedNumber(text[i:j]); hindi.class != noNumber {
					w = hindi
				}
			}
			if w.class != noNumber {
				out = append(out, numberToken{numberWord: w, from: i, to: j})
			}
			i = j
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			switch {
			case r >= '०' && r <= '९':
				out, i = digitTokens(out, text, i)
			case devanagariLetter(r):
				j := devanagariEnd(text, i+n)
				if w := hindiNumber(text[i:j]); w.class != noNumber {
					out = append(out, numberToken{numberWord: w, from: i, to: j})
				}
				i = j
			case r >= 0xBC && r <= 0xBE:
				quarters := [...]string{"0.25", "0.5", "0.75"}
				out = append(out, numberToken{numberWord: numberWord{class: halfWord, value: parseDecimal(quarters[r-0xBC])}, from: i, to: i + n})
				i += n
			case unicode.IsLetter(r):
				i = latinEnd(text, i)
			default:
				i += n
			}
		}
	}
	return out
}

// latinEnd is the end of the word that starts at i: Latin letters, others than ASCII
// too.
func latinEnd(text string, i int) int {
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if c|0x20 < 'a' || c|0x20 > 'z' {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if r >= 0x900 && r <= 0x97F || !unicode.IsLetter(r) {
			break
		}
		i += n
	}
	return i
}

func devanagariEnd(text string, i int) int {
	for i < len(text) {
		if text[i] < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if !devanagariLetter(r) && r != '\u200C' && r != '\u200D' {
			break
		}
		i += n
	}
	return i
}

// englishNumber looks a Latin word up.
func englishNumber(word string) numberWord {
	const longest = 14
	if len(word) > longest {
		return numberWord{}
	}
	var b [longest]byte
	capitals := true
	for i := range len(word) {
		c := word[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		} else {
			capitals = false
		}
		b[i] = c
	}
	lower := b[:len(word)]
	if w, ok := englishNumbers[string(lower)]; ok {
		if w.class == romanWord {
			if !capitals {
				return numberWord{}
			}
			w.class = hintWord
		}
		return w
	}
	if base, ok := bytes.CutSuffix(lower, []byte("fold")); ok {
		if w := englishNumbers[string(base)]; w.class == unitWord {
			return w
		}
	}
	return numberWord{}
}

// romanisedNumber looks a Hindi word in Latin letters up.
func romanisedNumber(word string) numberWord {
	const longest = 14
	if len(word) > longest {
		return numberWord{}
	}
	return romanisedNumbers[strings.ToLower(word)]
}

// hindiSuffixes are what makes another word of a number: ordinals, "all five",
// "fivefold", as foldHindi leaves them.
var hindiSuffixes = []struct {
	suffix []byte
	class  wordClass
}{
	{[]byte("वां"), ordinal}, {[]byte("विं"), ordinal}, {[]byte("वें"), ordinal}, {[]byte("वा"), ordinal}, {[]byte("वि"), ordinal}, {[]byte("वे"), ordinal},
	{[]byte("ों"), hintWord}, {[]byte("गुना"), unitWord}, {[]byte("गुनि"), unitWord}, {[]byte("गुने"), unitWord},
}

// hindiNumber looks a Devanagari word up.
func hindiNumber(word string) numberWord {
	if len(word) > longestNumberWord {
		return numberWord{}
	}
	var b [longestNumberWord]byte
	folded := foldHindi(b[:0], word)
	if w, ok := hindiNumbers[string(folded)]; ok {
		return w
	}
	for _, s := range hindiSuffixes {
		base, ok := bytes.CutSuffix(folded, s.suffix)
		if !ok || len(base) < 6 {
			continue
		}
		if w := hindiNumbers[string(base)]; w.class == unitWord || w.class == hundred || w.class == scaleWord {
			return numberWord{class: s.class, value: w.value}
		}
	}
	return numberWord{}
}

// digitGroup is a row of digits, and the mark behind it that ties it to the next.
type digitGroup struct {
	from, to int
	mark     rune
}

// digitTokens reads the digits at i with the marks between them and gives one token
// for every number: "12,34,567.50" is one, "17:45", "2024–25" and "1.2.3" are several.
func digitTokens(out []numberToken, text string, i int) ([]numberToken, int) {
	var groups [16]digitGroup
	n, start := 0, i
	for n < len(groups) {
		g := digitGroup{from: i}
		for i < len(text) {
			if text[i] >= '0' && text[i] <= '9' {
				i++
			} else if _, ok := devanagariDigit(text, i); ok {
				i += 3
			} else {
				break
			}
		}
		g.to = i
		mark, size := utf8.DecodeRuneInString(text[i:])
		if next := i + size; digitMark(mark) && digitAt(text, next) {
			g.mark = mark
			i = next
		}
		groups[n] = g
		n++
		if g.mark == 0 {
			break
		}
	}
	flags := numberFlags(0)
	if start > 0 {
		prev := text[start-1]
		if prev == '-' && start > 1 {
			prev = text[start-2]
		}
		// Q1 and H2 are the first quarter and the second half, and no names
		if prev >= 'A' && prev <= 'Z' && !(text[start-1] == 'Q' || text[start-1] == 'H') {
			flags = behindCapital
		}
	}
	if n == 2 && groups[0].mark == '/' {
		if part, ok := fraction(text, groups[0], groups[1]); ok {
			return append(out, numberToken{numberWord: numberWord{class: halfWord, value: part}, from: start, to: i}), i
		}
	}
	dated := n == 2 && groups[0].mark == '/' || n == 3 && groups[0].mark == groups[1].mark && strings.ContainsRune("/-.", groups[0].mark) &&
		groups[0].size(text) <= 4 && groups[1].size(text) <= 2 && groups[2].size(text) <= 4
	for k := 0; k < n; {
		used := wholeNumber(text, groups[k:n], dated)
		t := numberToken{from: groups[k].from, to: groups[k+used-1].to, flags: flags}
		t.digits(text, groups[k:k+used])
		if dated {
			t.flags |= ofDate
		}
		if n == 2 && k == 0 && season(text, groups[0], groups[1]) {
			t.flags |= ofSeason
		}
		if n == 2 && k == 1 && groups[0].mark == '/' && t.value == whole(7) && out[len(out)-1].value == whole(24) {
			t.flags |= again // 24/7 is "round the clock"
		}
		mark := groups[k+used-1].mark
		if mark == ':' || k > 0 && groups[k-1].mark == ':' {
			t.flags |= ofClock
		}
		out = append(out, t)
		flags = 0
		k += used
	}
	return out, i
}

// size counts the digits.
func (g digitGroup) size(text string) int { return utf8.RuneCountInString(text[g.from:g.to]) }

// fraction is the value of a half and of quarters as recipes write them: 1/2.
func fraction(text string, above, below digitGroup) (decimal, bool) {
	if above.to-above.from != 1 && above.to-above.from != 3 || below.to-below.from != 1 && below.to-below.from != 3 {
		return decimal{}, false // more than a digit
	}
	var room [8]byte
	switch string(asciiDigits(asciiDigits(room[:0], text[above.from:above.to]), text[below.from:below.to])) {
	case "12":
		return parseDecimal("0.5"), true
	case "14":
		return parseDecimal("0.25"), true
	case "34":
		return parseDecimal("0.75"), true
	}
	return decimal{}, false
}

// season reports whether two rows of digits are a year and the next one: 2023-24.
func season(text string, first, second digitGroup) bool {
	if first.mark != '-' && first.mark != '–' && first.mark != '/' || first.size(text) != 4 || second.size(text) != 2 {
		return false
	}
	var room [8]byte
	b := asciiDigits(asciiDigits(room[:0], text[first.from:first.to]), text[second.from:second.to])
	return (b[0] == '1' || b[0] == '2') && (10*int(b[2]-'0')+int(b[3]-'0')+1)%100 == 10*int(b[4]-'0')+int(b[5]-'0')
}

// digits sets the value that the groups have together.
func (t *numberToken) digits(text string, groups []digitGroup) {
	var room [40]byte
	b := room[:0]
	for k, g := range groups {
		b = asciiDigits(b, text[g.from:g.to])
		if k+1 < len(groups) && g.mark == '.' {
			b = append(b, '.')
		}
	}
	t.class, t.value = digitsToken, parseDecimal(string(b))
	switch {
	case len(groups) == 1 && len(b) == 2:
		t.flags |= twoDigits
	case len(groups) == 1 && len(b) == 4:
		t.flags |= yearLike
	case len(groups) == 2 && groups[0].mark == '.':
		if h, m := groups[0].size(text), groups[1].size(text); h <= 2 && m == 2 && b[h+1] < '6' {
			t.flags |= hasParts
			t.parts = [2]decimal{parseDecimal(string(b[:h])), parseDecimal(string(b[h+1:]))}
		} else if h <= 3 && m == 3 && b[0] != '0' { // a point between thousands
			t.more = []decimal{t.value.shifted(3)}
		}
	}
}

// wholeNumber tells how many of the groups are one number.
func wholeNumber(text string, groups []digitGroup, dated bool) int {
	if dated {
		return 1
	}
	n := 1
	if size := groups[0].size(text); size <= 3 {
		for n < len(groups) && groupMark(groups[n-1].mark) {
			if size := groups[n].size(text); size != 3 && (size != 2 || !groupMark(groups[n].mark)) {
				return 1
			}
			n++
		}
		if n > 1 && groups[n-1].size(text) != 3 {
			return 1
		}
	}
	if n < len(groups) && groups[n-1].mark == '.' && groups[n].mark != '.' && (n < 2 || groups[n-2].mark != '.') {
		return n + 1
	}
	return n
}

func digitMark(r rune) bool {
	switch r {
	case '.', ':', '/', '-', '–':
		return true
	}
	return groupMark(r)
}

// groupMark tells what parts thousands or lakhs: the comma and the spaces at which no
// line breaks.
func groupMark(r rune) bool { return r == ',' || r == '\u00A0' || r == '\u202F' || r == '\u2009' }

func digitAt(text string, i int) bool {
	if i < len(text) && text[i] >= '0' && text[i] <= '9' {
		return true
	}
	_, ok := devanagariDigit(text, i)
	return ok
}

// devanagariDigit reads the digit at i: U+0966 to U+096F.
func devanagariDigit(text string, i int) (byte, bool) {
	if i+3 > len(text) || text[i] != 0xE0 || text[i+1] != 0xA5 || text[i+2] < 0xA6 || text[i+2] > 0xAF {
		return 0, false
	}
	return '0' + text[i+2] - 0xA6, true
}

func asciiDigits(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		if d, ok := devanagariDigit(s, i); ok {
			b = append(b, d)
			i += 3
			continue
		}
		b = append(b, s[i])
		i++
	}
	return b
}
