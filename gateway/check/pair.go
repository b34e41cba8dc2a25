package check

import (
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
	figures  []number
	numbers  []float64 // the values of figures that are compared, each once
	acronyms []string  // in lower case: of capitals, or of spelled Devanagari letters

	question, exclaimed, quoted bool
}

// parse reads a text, as [plain] gives it, in "hi" or English.
func parse(text, language string) *parsed {
	if language == "hi" {
		return parseHindi(text)
	}
	return parseEnglish(text)
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
	from, to int    // its bytes
	form     string // of letters: in lower case, normalized
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
			i = scanWord(text, i, digitToken)
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

// count notes the numbers of the text by value. A lone "one" in words says nothing, as
// it is also an article; neither does nought.
func (p *parsed) count(text, language string) {
	p.figures = numbersOf(text, language)
	for i := range p.figures {
		n := &p.figures[i]
		value := n.value.float()
		if n.kind == hinted || n.is(again) || n.kind == inWords && value <= 1 {
			continue
		}
		if n.is(ofClock) && n.is(hasParts) { // 5.45 pm, as 5:45
			p.addNumber(n.parts[0].float())
			value = n.parts[1].float()
		}
		p.addNumber(value)
	}
}

func (p *parsed) addNumber(value float64) {
	if !slices.Contains(p.numbers[max(0, len(p.numbers)-lookBack):], value) {
		p.numbers = append(p.numbers, value)
	}
}

// figureWalk tells which tokens, asked for in their order, are part of a number.
type figureWalk []number

func (w *figureWalk) has(t *token) bool {
	for len(*w) > 0 && (*w)[0].to <= t.from {
		*w = (*w)[1:]
	}
	return len(*w) > 0 && (*w)[0].from < t.to
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
