package simulator

import (
	"regexp"
	"strings"
	"unicode"

	"dubhashi/gateway/article"
)

// The gateway masks inline markup: a pair reads <1>…</1>, an atom (a URL, an
// image, code) <2/>. The model works on the plain words. An atom becomes one
// rune of a plane of private use, so that it stays in its place through memory
// and gloss; a pair is taken off and put back around the words that translate
// those it enclosed.

// firstAtom is the rune of a segment's first atom, from Supplementary Private Use Area-B.
const firstAtom, lastAtom = rune(0x100000), rune(0x10FFFD)

func isAtom(r rune) bool { return r >= firstAtom && r <= lastAtom }

var maskSyntax = regexp.MustCompile(`<\s*(/?)\s*([0-9]{1,4})\s*(/?)\s*>`)

// masked is a segment without its marks.
type masked struct {
	plain string   // the words, with a rune for each atom
	atoms []string // what stands for firstAtom+i in the answer: "<2/>"
	pairs []span   // in the order of their openers, so an outer one comes before its inner ones
}

// span is a pair, in bytes of the plain text.
type span struct {
	number     string
	start, end int
	parent     int // index in pairs; -1 = none
}

// unmask takes the marks off. An opener or closer without its partner is
// carried over as an atom: nothing of the wire is ever lost.
func unmask(text string) masked {
	text = strings.Map(func(r rune) rune {
		if isAtom(r) {
			return -1 // the plane is ours; no font shows it anyway
		}
		return r
	}, text)
	marks := maskSyntax.FindAllStringSubmatchIndex(text, -1)
	if marks == nil {
		return masked{plain: text}
	}
	partner := partners(text, marks)
	var m masked
	var b strings.Builder
	open := []int{-1} // indexes of the pairs that are open, innermost last
	at := 0
	for i, k := range marks {
		b.WriteString(text[at:k[0]])
		at = k[1]
		switch p := partner[i]; {
		case p > i:
			m.pairs = append(m.pairs, span{number: text[k[4]:k[5]], start: b.Len(), parent: open[len(open)-1]})
			open = append(open, len(m.pairs)-1)
		case p >= 0:
			m.pairs[open[len(open)-1]].end = b.Len()
			open = open[:len(open)-1]
		default:
			b.WriteRune(firstAtom + rune(len(m.atoms)))
			m.atoms = append(m.atoms, text[k[0]:k[1]])
		}
	}
	b.WriteString(text[at:])
	m.plain = b.String()
	return m
}

// partners finds the other end of each mark; -1 for atoms and for marks
// without one. Pairs that cross are no pairs.
func partners(text string, marks [][]int) []int {
	out := make([]int, len(marks))
	var open []int
	for i, k := range marks {
		out[i] = -1
		closes, number, alone := k[2] < k[3], text[k[4]:k[5]], k[6] < k[7]
		if !closes && !alone {
			open = append(open, i)
		}
		if !closes || alone {
			continue
		}
		for j := len(open) - 1; j >= 0; j-- {
			if o := marks[open[j]]; text[o[4]:o[5]] == number {
				out[i], out[open[j]] = open[j], i
				open = open[:j] // those inside it never close
				break
			}
		}
	}
	return out
}

// splitAtoms cuts a text at its atom runes.
func splitAtoms(text string) (pieces []string, atoms []rune) {
	start := 0
	for i, r := range text {
		if isAtom(r) {
			pieces, atoms = append(pieces, text[start:i]), append(atoms, r)
			start = i + len(string(r))
		}
	}
	return append(pieces, text[start:]), atoms
}

func withoutAtoms(text string) string {
	return strings.Map(func(r rune) rune {
		if isAtom(r) {
			return -1
		}
		return r
	}, text)
}

// word is a word of an answer, with the white space before it and the bytes of
// the plain source that it translates (from == to: unknown).
type word struct {
	space    string
	text     string
	from, to int
}

func join(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(w.space)
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// remask gives the answer with every mark back in it, each once and well nested.
func (m masked) remask(words []word) string {
	if len(m.atoms) == 0 && len(m.pairs) == 0 {
		return join(words)
	}
	words = m.placeAtoms(words)
	marks := m.placePairs(words)
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(w.space)
		}
		lead, core, tail := outerPunctuation(w.text)
		for _, part := range []string{lead, marks[i].open, core, marks[i].close, tail, marks[i].closeBehind} {
			b.WriteString(part)
		}
	}
	b.WriteString(marks[len(words)].open)
	out := b.String()
	for i, atom := range m.atoms {
		out = strings.Replace(out, string(firstAtom+rune(i)), atom, 1)
	}
	return out
}

// placeAtoms adds the atoms that the words lack, each where it stood in
// proportion, and takes out second copies.
func (m masked) placeAtoms(words []word) []word {
	seen := make([]bool, len(m.atoms))
	for i := range words {
		words[i].text = strings.Map(func(r rune) rune {
			if !isAtom(r) {
				return r
			}
			n := int(r - firstAtom)
			if n >= len(seen) || seen[n] {
				return -1
			}
			seen[n] = true
			return r
		}, words[i].text)
	}
	for n, ok := range seen {
		if ok {
			continue
		}
		atom := string(firstAtom + rune(n))
		at := strings.Index(m.plain, atom)
		k := len(words) * at / max(len(m.plain), 1)
		if letters(m.plain[at:]) == 0 {
			k = len(words)
		}
		words = append(words, word{})
		copy(words[k+1:], words[k:])
		words[k] = word{space: " ", text: atom, from: at, to: at + len(atom)}
		if k == 0 && len(words) > 1 && words[1].space == "" {
			words[1].space = " "
		}
	}
	return words
}

// marksAt are the marks around one word: inside the punctuation that clings to
// it, or behind that.
type marksAt struct{ open, close, closeBehind string }

// placePairs chooses the words that each pair encloses, outer pairs first. One
// entry more than there are words holds the pairs for which no word was left.
func (m masked) placePairs(words []word) []marksAt {
	out := make([]marksAt, len(words)+1)
	behind := make([]bool, len(m.pairs)) // the pair encloses a sentence's end
	at := make([][2]int, len(m.pairs))   // the words that pair i encloses, [from, to)
	taken := make([]int, len(words))     // the innermost pair that holds a word, +1
	for i, p := range m.pairs {
		low, high, owner := 0, len(words), 0
		if p.parent >= 0 {
			low, high, owner = at[p.parent][0], at[p.parent][1], p.parent+1
		}
		from, to := m.chooseWords(p, words, low, high, func(k int) bool { return taken[k] == owner })
		at[i] = [2]int{from, to}
		for k := from; k < to; k++ {
			taken[k] = i + 1
		}
	}
	for i := len(m.pairs) - 1; i >= 0; i-- {
		p := m.pairs[i]
		behind[i] = behind[i] || article.EndsSentence(strings.TrimSpace(m.plain[p.start:p.end]))
		if p.parent >= 0 && behind[i] && at[p.parent][1] == at[i][1] {
			behind[p.parent] = true // an outer pair closes behind its inner ones
		}
	}
	for i, p := range m.pairs {
		from, to := at[i][0], at[i][1]
		switch end := "</" + p.number + ">"; {
		case from == to:
			out[from].open += "<" + p.number + ">" + end
			continue
		case behind[i]:
			out[to-1].closeBehind = end + out[to-1].closeBehind
		default:
			out[to-1].close = end + out[to-1].close
		}
		out[from].open += "<" + p.number + ">"
	}
	return out
}

// chooseWords finds the run of free words in [low, high) that best translates
// the words of a pair: words made from the pair's count for it, others against
// it (Kadane's largest sum). Without any, it is the free word nearest to the
// pair's place in proportion; from == to if all words are taken.
func (m masked) chooseWords(p span, words []word, low, high int, free func(int) bool) (from, to int) {
	if letters(m.plain[:p.start])+letters(m.plain[p.end:]) == 0 && p.parent < 0 {
		k := low
		for k < high && free(k) {
			k++
		}
		if k == high {
			return low, high // all of the text
		}
	}
	best, sum, start := 0.0, 0.0, low
	for k := low; k < high; k++ {
		w := words[k]
		switch {
		case !free(k):
			sum, start = 0, k+1
			continue
		case w.from < w.to && w.from < p.end && w.to > p.start:
			sum++
		case w.from < w.to:
			sum -= 0.8
		default: // a word of unknown origin, often an article or a preposition
			sum -= 0.3
		}
		if sum <= 0 {
			sum, start = 0, k+1
			continue
		}
		if sum > best {
			best, from, to = sum, start, k+1
		}
	}
	unaligned := func(k int) bool { return k >= low && k < high && free(k) && words[k].from == words[k].to }
	if best > 0 {
		want := len(strings.Fields(m.plain[p.start:p.end]))
		for to-from < want && unaligned(from-1) {
			from--
		}
		for to-from < want && unaligned(to) {
			to++
		}
		return from, to
	}
	centre := len(words) * (p.start + p.end) / 2 / max(len(m.plain), 1)
	nearest := -1
	for k := low; k < high; k++ {
		if free(k) && (nearest < 0 || distance(k, centre) < distance(nearest, centre)) {
			nearest = k
		}
	}
	if nearest < 0 {
		return high, high
	}
	return nearest, nearest + 1
}

func distance(a, b int) int { return max(a-b, b-a) }

// outerPunctuation splits a word into the punctuation before it, its core and
// the punctuation behind it. A word of nothing else is all core.
func outerPunctuation(w string) (lead, core, tail string) {
	outer := func(r rune) bool { return unicode.IsPunct(r) && r != '%' }
	core = strings.TrimLeftFunc(w, outer)
	if core == "" {
		return "", w, ""
	}
	lead = w[:len(w)-len(core)]
	trimmed := strings.TrimRightFunc(core, outer)
	return lead, trimmed, core[len(trimmed):]
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// wordRune tells the runes that a word is made of: \b of Go's regexp knows ASCII only.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}
