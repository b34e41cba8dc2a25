package check

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// parsed is one side of a pair, read once for all comparisons with other sides.
type parsed struct {
	hindi  bool
	size   int // of the text, in bytes
	length int // code points, without nuktas, joiners and accents

	native, foreign int // words in the script of the language, and in the other one

	words    []word // content words, each once
	latin    []string
	uses     []use // what the lexicon knows of the words
	concepts conceptSet
	numbers  []float64
	acronyms []string // in lower case: of capitals, or of spelled Devanagari letters

	question, exclaimed, quoted bool
}

// word is a content word.
type word struct {
	form     string // in lower case, normalized
	skeleton string
	sounds   uint32 // of the skeleton, as bits
	acronym  string // what a word of spelled letters says, as बीजेपी; else empty
	at       int    // its first byte in the text
	use      int    // index into uses; -1 if the lexicon has no concept of it
	capital  bool   // a name: written with a capital that does not come from the sentence
}

// use is that a text has a word of the lexicon.
type use struct {
	*lexeme
	primary bool // in one of its forms that are missed
}

// lookBack is the number of words among which a word is sought again, so that long
// texts take no more time for each word than short ones.
const lookBack = 128

// useOf notes a word of the lexicon and gives its place in uses; -1 without concepts.
func (p *parsed) useOf(meaning *lexeme) int {
	if meaning.concepts == nil {
		return -1
	}
	p.concepts.add(meaning.concepts)
	for i := range p.uses {
		if slices.Equal(p.uses[i].concepts, meaning.concepts) {
			p.uses[i].primary = p.uses[i].primary || meaning.primary
			return i
		}
	}
	p.uses = append(p.uses, use{meaning, meaning.primary})
	return len(p.uses) - 1
}

// addOnce adds a string that is not among the last ones.
func addOnce(list []string, s string) []string {
	if slices.Contains(list[max(0, len(list)-lookBack):], s) {
		return list
	}
	return append(list, s)
}

// token is a run of letters of one script, or of digits.
type token struct {
	kind     tokenKind
	from, to int     // its bytes
	value    float64 // of digits
	form     string  // of letters: in lower case, normalized
	exact    *lexeme
	meaning  *lexeme // the one whose concepts it has
}

type tokenKind uint8

const (
	digitToken tokenKind = iota
	latinToken
	hindiToken
)

func kindOf(r rune) (tokenKind, bool) {
	switch {
	case r >= 'a' && r <= 'z':
		return latinToken, true
	case r >= '0' && r <= '9' || r >= '०' && r <= '९':
		return digitToken, true
	case r < 'A':
		return 0, false
	case r >= 0x900 && r <= 0x97F && r != '।' && r != '॥' || r == '\u200c' || r == '\u200d':
		return hindiToken, true
	case latinLetter(r) != 0:
		return latinToken, true
	}
	return 0, false
}

// scan adds the tokens of a text. The letters of initials such as "U.S." are one.
func scan(tokens []token, text string) []token {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		kind, ok := kindOf(r)
		if !ok {
			i += size
			continue
		}
		t := token{kind: kind, from: i, exact: nothing, meaning: nothing}
		switch kind {
		case digitToken:
			t.value, i = scanNumber(text, i)
		case latinToken:
			if i = scanInitials(text, t.from); i == t.from {
				i = scanWord(text, i, latinToken)
			}
		default:
			i = scanWord(text, i, hindiToken)
		}
		t.to = i
		tokens = append(tokens, t)
	}
	return tokens
}

// scanWord gives the end of the word that begins at i. Accents that stand alone
// belong to the word.
func scanWord(text string, i int, kind tokenKind) int {
	for i < len(text) {
		switch b := text[i]; { // most letters, without decoding
		case kind == latinToken && (b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'):
			i++
			continue
		case kind == hindiToken && i+3 <= len(text) && text[i:i+2] == "\xe0\xa4" && text[i+2] >= 0x80 && text[i+2] < 0xC0: // up to U+093F
			i += 3
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if k, ok := kindOf(r); (!ok || k != kind) && (r < 0x300 || r > 0x36F) {
			return i
		}
		i += size
	}
	return i
}

// scanInitials gives the end of two or more capitals with a full stop behind each;
// i if there are none.
func scanInitials(text string, i int) int {
	j := i
	for j+1 < len(text) && text[j] >= 'A' && text[j] <= 'Z' && text[j+1] == '.' {
		j += 2
	}
	if j-i < 4 {
		return i
	}
	return j
}

// scanNumber reads digits of either script with their commas and a decimal point.
func scanNumber(text string, i int) (value float64, end int) {
	end, scale := i, 0.0
	for j, r := range text[i:] {
		kind, ok := kindOf(r)
		switch {
		case ok && kind == digitToken:
			d := float64(r - '0')
			if r >= '०' {
				d = float64(r - '०')
			}
			if scale == 0 {
				value = value*10 + d
			} else {
				value += d * scale
				scale /= 10
			}
			end = i + j + utf8.RuneLen(r)
		case r == ',' && scale == 0 && i+j == end, r == '.' && scale == 0 && i+j == end:
			if r == '.' {
				scale = 0.1
			}
			next, _ := utf8.DecodeRuneInString(text[i+j+1:])
			if k, ok := kindOf(next); !ok || k != digitToken {
				return value, end
			}
		default:
			return value, end
		}
	}
	return value, end
}

// compounds gives two words that are one form of the lexicon the meaning of that.
func (l *lexicon) compounds(tokens []token, text string) {
	for i := range tokens[:max(0, len(tokens)-1)] {
		t, next := &tokens[i], &tokens[i+1]
		if !t.exact.leads || t.kind != next.kind || !adjacent(text, t, next) {
			continue
		}
		if both := l.compound(t.form, next.form); both != nil {
			t.meaning, next.meaning = both, both
		}
	}
}

// adjacent reports whether nothing but a space or hyphen parts two tokens.
func adjacent(text string, t, next *token) bool {
	between := text[t.to:next.from]
	return between == " " || between == "-" || between == "\u00a0"
}

// numbersIn adds the numbers of tokens by value, in digits or in words. A lone "one"
// says nothing, as it is also an article.
func numbersIn(numbers []float64, tokens []token, text string) []float64 {
	for i := 0; i < len(tokens); {
		value, n := readNumber(tokens[i:], text)
		if n == 0 {
			i++
			continue
		}
		word := tokens[i].kind != digitToken
		i += n
		if word && (value == 0 || value == 1) {
			continue
		}
		if value = math.Round(value*1e4) / 1e4; !slices.Contains(numbers[max(0, len(numbers)-lookBack):], value) {
			numbers = append(numbers, value)
		}
	}
	return numbers
}

// readNumber reads the number that tokens begin with, such as दो लाख पचास हजार, and
// how many of them it is; 0 if they begin with none.
func readNumber(tokens []token, text string) (total float64, n int) {
	plus, i := 0.0, 0
	if tokens[0].exact.plus != 0 && len(tokens) > 1 {
		plus, i = tokens[0].exact.plus, 1
	}
	last := math.Inf(1)
	for i < len(tokens) {
		if n > 0 && tokens[i].form == "and" && last <= 1000 {
			i++
		}
		value, length := readUnits(tokens[i:], text)
		alone := n == 0 && length == 0 && i < len(tokens) && tokens[i].exact.times == 100
		if alone {
			value = 1
		}
		if length == 0 && !alone || n > 0 && !adjacent(text, &tokens[i-1], &tokens[i]) {
			break
		}
		times := 1.0
		for i += length; i < len(tokens); i++ {
			factor := timesOf(tokens, i, text)
			if factor == 0 {
				break
			}
			times *= factor
		}
		if value = (value + plus) * times; n > 0 && (value >= last || times == 1 && last > 1000) {
			break
		}
		total, last, n, plus = total+value, times, i, 0
		if times == 1 {
			break
		}
	}
	return total, n
}

// readUnits reads digits, or a number in words below a hundred.
func readUnits(tokens []token, text string) (value float64, n int) {
	if len(tokens) == 0 {
		return 0, 0
	}
	t := &tokens[0]
	switch value = t.exact.number; {
	case t.kind == digitToken:
		return t.value, 1
	case value == 0:
		return 0, 0
	case value >= 20 && len(tokens) > 1 && tokens[1].exact.number > 0 && tokens[1].exact.number < 10 && adjacent(text, t, &tokens[1]):
		return value + tokens[1].exact.number, 2
	}
	return value, 1
}

// timesOf is what the i-th token multiplies the number before it by; 0 if nothing.
func timesOf(tokens []token, i int, text string) float64 {
	if i == 0 {
		return tokens[i].exact.times
	}
	if t, before := &tokens[i], &tokens[i-1]; before.kind == digitToken && t.kind == latinToken && before.to == t.from {
		switch t.form { // "$5m"
		case "m", "mn":
			return 1e6
		case "bn":
			return 1e9
		case "k":
			return 1e3
		}
	}
	return tokens[i].exact.times
}

// quotedSpan reports whether something stands between single quotes. An apostrophe is
// none: before the first quote is no letter, behind the last one neither.
func quotedSpan(text string) bool {
	opened := false
	for i := range len(text) {
		if text[i] != '\'' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+1:])
		_, left := kindOf(before)
		_, right := kindOf(after)
		switch {
		case opened && !right:
			return true
		case !left && right:
			opened = true
		}
	}
	return false
}

// signs notes the signs that stand for words.
func (p *parsed) signs(text string) {
	for _, sign := range [...]string{"%", "$", "₹"} {
		if strings.Contains(text, sign) {
			if meaning := words().forms[sign]; meaning != nil {
				p.useOf(meaning)
			}
		}
	}
}

// marks reads the punctuation that both languages keep.
func (p *parsed) marks(text string) {
	p.question = strings.Contains(text, "?")
	p.exclaimed = strings.Contains(text, "!")
	p.quoted = quotedSpan(text)
	for _, quote := range [...]string{`"`, "“", "”", "„", "«", "»"} {
		p.quoted = p.quoted || strings.Contains(text, quote)
	}
}
