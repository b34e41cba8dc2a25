package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// Pair is a text and its translation: a sentence, a paragraph or a headline.
type Pair struct {
	Hindi, English string
}

func (p Pair) side(l language) string {
	if l == hindi {
		return p.Hindi
	}
	return p.English
}

// language is one of the two that the model knows.
type language uint8

const (
	hindi language = iota
	english
)

func (l language) other() language { return 1 - l }

func languageOf(code string) (language, bool) {
	switch code {
	case "hi":
		return hindi, true
	case "en":
		return english, true
	}
	return hindi, false
}

// longestMemoryLine bounds a line of a memory file, in bytes: an article of
// 200,000 code points in both languages fits several times over.
const longestMemoryLine = 8 << 20

// LoadMemory reads a translation memory: JSON objects, one a line, with "hi"
// and "en" either strings or arrays of equal length whose items belong together,
// and optionally "title" with a "hi" and an "en" of its own. Other members and
// empty lines are passed over. The order is kept: neighbours in the file are
// taken as neighbours in a document. An error names the line.
func LoadMemory(r io.Reader) ([]Pair, error) {
	var pairs []Pair
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestMemoryLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if line == "" {
			continue
		}
		more, err := memoryLine([]byte(line))
		if err != nil {
			return nil, fmt.Errorf("translation memory, line %d: %w", n, err)
		}
		pairs = append(pairs, more...)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("translation memory: %w", err)
	}
	return pairs, nil
}

func memoryLine(line []byte) ([]Pair, error) {
	var raw struct {
		Hi, En stringOrList
		Title  struct{ Hi, En string }
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, err
	}
	switch {
	case len(raw.Hi) == 0 || len(raw.En) == 0:
		return nil, errors.New(`want "hi" and "en", each a string or an array of strings`)
	case len(raw.Hi) != len(raw.En):
		return nil, fmt.Errorf(`"hi" has %d items and "en" %d`, len(raw.Hi), len(raw.En))
	}
	var pairs []Pair
	if t := raw.Title; t.Hi != "" && t.En != "" && t.Hi != raw.Hi[0] {
		pairs = append(pairs, Pair{t.Hi, t.En})
	}
	for i := range raw.Hi {
		pairs = append(pairs, Pair{raw.Hi[i], raw.En[i]})
	}
	return pairs, nil
}

type stringOrList []string

func (s *stringOrList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*s = stringOrList{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(s))
}

// memory finds the translation of a text, or of each run of its sentences, in
// either direction. Texts are compared by article.Fold.
type memory struct {
	pairs []Pair
	whole [2]map[uint64][]int32  // by the language asked from: hash of the folded side → pairs
	parts [2]map[uint64]sentence // sentences of longer pairs that stand one to one
	heads [2]map[uint64][]int32  // hash of a side's first two words → pairs
	seed  maphash.Seed
}

// sentence is the n-th sentence of a pair.
type sentence struct {
	pair int32
	n    int32
}

func newMemory(pairs []Pair) *memory {
	m := &memory{pairs: pairs, seed: maphash.MakeSeed()}
	for _, l := range []language{hindi, english} {
		m.whole[l] = make(map[uint64][]int32, len(pairs))
		m.parts[l] = make(map[uint64]sentence)
		m.heads[l] = make(map[uint64][]int32, len(pairs))
		for i, p := range pairs {
			if key := article.Fold(p.side(l)); key != "" {
				h := m.hash(key)
				m.whole[l][h] = append(m.whole[l][h], int32(i))
			}
			if head := firstWords(p.side(l)); head != "" {
				h := m.hash(head)
				m.heads[l][h] = append(m.heads[l][h], int32(i))
			}
		}
	}
	for i, p := range pairs {
		m.addSentences(int32(i), article.Sentences(p.Hindi), article.Sentences(p.English))
	}
	return m
}

func (m *memory) hash(folded string) uint64 { return maphash.String(m.seed, folded) }

// addSentences makes the sentences of a pair known on their own where they
// plainly stand one to one, so that a piece of a long paragraph, or a paragraph
// of which one sentence was edited, is still answered from memory.
func (m *memory) addSentences(pair int32, hi, en []string) {
	if len(hi) < 2 || len(hi) != len(en) {
		return
	}
	for i := range hi {
		// Human pairs of sentences keep about 0.4 to 2.5 times the length; one
		// outside means that the sentences were cut differently.
		if r := float64(utf8.RuneCountInString(hi[i])) / float64(utf8.RuneCountInString(en[i])); r < 0.4 || r > 2.5 {
			return
		}
	}
	for l, side := range [2][]string{hindi: hi, english: en} {
		for i, s := range side {
			h := m.hash(article.Fold(s))
			if _, taken := m.parts[l][h]; !taken {
				m.parts[l][h] = sentence{pair, int32(i)}
			}
		}
	}
}

// surroundings is what a call shows around a text. When one source has several
// translations, that of the pair with the most neighbours in common wins, and
// the first of the file among equals.
type surroundings struct {
	before, after string // the blocks before and after it, unfolded; "" = unknown
}

// all gives every translation of a whole text, in the order of the pairs.
func (m *memory) all(from language, text string) (out []string) {
	key := article.Fold(text)
	for _, i := range m.whole[from][m.hash(key)] {
		if article.Fold(m.pairs[i].side(from)) == key {
			out = append(out, m.pairs[i].side(from.other()))
		}
	}
	return out
}

// find gives the translation of a whole text.
func (m *memory) find(from language, text string, around surroundings) (string, bool) {
	key := article.Fold(text)
	best, most := int32(-1), -1
	candidates := m.whole[from][m.hash(key)]
	for _, i := range candidates {
		if side := m.pairs[i].side(from); side != text && article.Fold(side) != key {
			continue
		}
		n := 0
		if len(candidates) > 1 {
			n = m.neighbours(i, from, around)
		}
		if n > most {
			best, most = i, n
		}
	}
	if best < 0 {
		return "", false
	}
	return m.pairs[best].side(from.other()), true
}

func (m *memory) neighbours(i int32, from language, around surroundings) (n int) {
	is := func(j int, text string) bool {
		return text != "" && j >= 0 && j < len(m.pairs) && article.Fold(m.pairs[j].side(from)) == article.Fold(text)
	}
	if is(int(i)-1, around.before) {
		n += 2
	}
	if is(int(i)+1, around.after) {
		n++
	}
	return n
}

// findPrefix gives the translation of the longest pair that a text begins with,
// and its length in bytes. It is for pairs that join in a way in which no reader
// would part them by sentences ("…!' उसने कहा"); white space must be the same.
func (m *memory) findPrefix(from language, text string) (target string, length int) {
	for _, i := range m.heads[from][m.hash(firstWords(text))] {
		side := strings.TrimSpace(m.pairs[i].side(from))
		rest, ok := strings.CutPrefix(text, side)
		if next, _ := utf8.DecodeRuneInString(rest); ok && len(side) > length && (rest == "" || isSpace(next)) {
			target, length = m.pairs[i].side(from.other()), len(side)
		}
	}
	return target, length
}

// firstWords is the beginning of a text up to its second space; "" if it has
// only one word.
func firstWords(text string) string {
	text = strings.TrimLeftFunc(text, isSpace)
	n := strings.IndexFunc(text, isSpace)
	if n < 0 {
		return ""
	}
	if k := strings.IndexFunc(text[n+1:], isSpace); k >= 0 {
		return text[:n+1+k]
	}
	return text
}

// findSentence gives the translation of one sentence that is known from inside
// a longer pair.
func (m *memory) findSentence(from language, text string) (string, bool) {
	key := article.Fold(text)
	at, ok := m.parts[from][m.hash(key)]
	if !ok {
		return "", false
	}
	p := m.pairs[at.pair]
	source, target := article.Sentences(p.side(from)), article.Sentences(p.side(from.other()))
	if int(at.n) >= len(source) || int(at.n) >= len(target) || article.Fold(source[at.n]) != key {
		return "", false
	}
	return strings.TrimSpace(target[at.n]), true
}

// findPattern gives the translation of a text whose atoms the memory knows as
// words: "… <1/> …" is answered by the pair that holds "… @handle …", with <1/>
// in the place of @handle. The text holds the atoms as runes (see mask.go), and
// so does the answer, as far as the other side repeats the atom's words.
func (m *memory) findPattern(from language, text string) (string, bool) {
	pieces, atoms := splitAtoms(article.Fold(text))
	if len(atoms) == 0 || letters(strings.Join(pieces, "")) < fewestPatternLetters {
		return "", false
	}
	for _, p := range m.pairs {
		source := p.side(from)
		// Folding is dear, and a first word is nearly always spelled as it folds.
		if first, _, _ := strings.Cut(pieces[0], " "); !strings.Contains(source, first) {
			continue
		}
		captured, ok := capture(pieces, article.Fold(source))
		if !ok {
			continue
		}
		target := p.side(from.other())
		for i, words := range captured {
			if at := indexWords(target, words); at >= 0 {
				target = target[:at] + string(atoms[i]) + target[at+len(words):]
			}
		}
		return target, true
	}
	return "", false
}

// fewestPatternLetters keeps a text of little but atoms from matching at random.
const fewestPatternLetters = 6

// capture matches text against pieces with a gap between each two, and gives
// what stands in the gaps. A gap holds one word, or a short phrase (a span of
// code, a name of a file); else nearly anything would match nearly anything.
func capture(pieces []string, text string) (gaps []string, ok bool) {
	rest, ok := strings.CutPrefix(text, pieces[0])
	if !ok {
		return nil, false
	}
	last := len(pieces) - 1
	for i, piece := range pieces[1:] {
		at := strings.Index(rest, piece)
		if i+1 == last { // the last piece ends the text
			at = len(rest) - len(piece)
			if !strings.HasSuffix(rest, piece) {
				return nil, false
			}
		}
		if at < 0 {
			return nil, false
		}
		gap := rest[:at]
		if strings.ContainsAny(gap, " ।") && (len(gap) > longestPhraseGap || 2*len(gap) > len(text)) {
			return nil, false
		}
		gaps, rest = append(gaps, gap), rest[at+len(piece):]
	}
	return gaps, true
}

// longestPhraseGap is the longest gap of several words, in bytes.
const longestPhraseGap = 120

// indexWords finds words in text where neither end cuts another word; -1 = nowhere.
func indexWords(text, words string) int {
	if words == "" {
		return -1
	}
	for from := 0; ; {
		at := strings.Index(text[from:], words)
		if at < 0 {
			return -1
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(words):])
		if !wordRune(before) && !wordRune(after) {
			return at
		}
		from = at + len(words)
	}
}
