package simulator

import (
	"slices"
	"strings"

	"dubhashi/gateway/article"
)

// translator answers texts: from memory where it can, else by gloss.
type translator struct {
	memory *memory
	gloss  *glosser
	demo   bool // knows the example articles' summaries
}

// with is the translator under a call's glossary. A known translation stays as
// it is.
func (t *translator) with(terms map[string]string, from language) *translator {
	return &translator{memory: t.memory, gloss: t.gloss.with(terms, from), demo: t.demo}
}

// segment translates a masked segment.
func (t *translator) segment(text string, from language, around surroundings) string {
	if len(t.memory.pairs) > 0 && !strings.ContainsRune(text, '<') {
		if known, ok := t.memory.find(from, text, around); ok {
			return known
		}
	}
	m := unmask(text)
	words := t.words(m.plain, from, around, len(m.pairs) > 0)
	return m.remask(words)
}

// others gives the other translations of a task's one segment that memory has. A
// gloss has one wording.
func (t *translator) others(q *task) (out []segment) {
	known := slices.Clone(q.known)
	text := q.segments[0].source
	for _, s := range t.memory.all(q.from, text) {
		if s := strings.TrimSpace(s); !slices.Contains(known, s) && len(out) < q.count {
			known, out = append(known, s), append(out, segment{source: text, target: s})
		}
	}
	return out
}

// words translates plain text, atoms in it. With aligned, the words of texts
// from memory say which words of the source they translate; those of a gloss
// always do.
func (t *translator) words(plain string, from language, around surroundings, aligned bool) []word {
	if known, ok := t.known(from, plain, around); ok {
		return t.fromMemory(known, plain, 0, from, aligned)
	}
	sentences := article.Sentences(plain)
	starts := make([]int, len(sentences)+1)
	for i, s := range sentences {
		starts[i+1] = starts[i] + len(s)
	}
	var out []word
	for i := 0; i < len(sentences); {
		// The longest run of sentences that is known, from here.
		run := ""
		next := i + 1
		for j := min(len(sentences), i+longestRun); j > i; j-- {
			known, ok := t.known(from, plain[starts[i]:starts[j]], surroundings{})
			if ok {
				run, next = known, j
				break
			}
		}
		source := plain[starts[i]:starts[next]]
		var more []word
		if run != "" {
			more = t.fromMemory(run, source, starts[i], from, aligned)
		} else if known, n := t.memory.findPrefix(from, plain[starts[i]:]); n > 0 {
			end := starts[i] + n
			more = t.fromMemory(known, plain[starts[i]:end], starts[i], from, aligned)
			if rest := plain[end:]; strings.TrimSpace(rest) != "" {
				more = appendWords(more, shift(t.words(rest, from, surroundings{}, aligned), end))
			}
			return appendWords(out, more)
		} else if known, ok := t.memory.findSentence(from, source); ok {
			more = t.fromMemory(known, source, starts[i], from, aligned)
		} else {
			more = shift(t.gloss.sentence(source, from), starts[i])
		}
		out = appendWords(out, more)
		i = next
	}
	return out
}

// appendWords joins two texts with a space.
func appendWords(words, more []word) []word {
	if len(words) > 0 && len(more) > 0 {
		more[0].space = " "
	}
	return append(words, more...)
}

// longestRun bounds the sentences looked up together; a known paragraph of more
// is found whole.
const longestRun = 40

func (t *translator) known(from language, text string, around surroundings) (string, bool) {
	if len(t.memory.pairs) == 0 || strings.TrimSpace(text) == "" {
		return "", false
	}
	if known, ok := t.memory.find(from, withoutAtoms(text), around); ok {
		return known, true
	}
	return t.memory.findPattern(from, text)
}

// fromMemory gives a known translation as words. It is aligned with its source
// by way of the source's gloss: a word of the translation belongs to the source
// word whose gloss it most resembles, of several the one nearest in proportion.
func (t *translator) fromMemory(target, source string, offset int, from language, aligned bool) []word {
	words := splitWords(target)
	for i := range words {
		for _, r := range words[i].text {
			if isAtom(r) {
				if at := strings.IndexRune(source, r); at >= 0 {
					words[i].from, words[i].to = at, at+len(string(r))
				}
			}
		}
	}
	if aligned {
		align(words, t.gloss.sentence(source, from))
	}
	return shift(words, offset)
}

func shift(words []word, by int) []word {
	for i := range words {
		if words[i].from < words[i].to {
			words[i].from += by
			words[i].to += by
		}
	}
	return words
}

// splitWords cuts a text at white space, which is kept.
func splitWords(text string) []word {
	var words []word
	space := ""
	for text != "" {
		n := strings.IndexFunc(text, isSpace)
		if n != 0 {
			if n < 0 {
				n = len(text)
			}
			words = append(words, word{space: space, text: text[:n]})
			text = text[n:]
			continue
		}
		n = strings.IndexFunc(text, func(r rune) bool { return !isSpace(r) })
		if n < 0 {
			break
		}
		space, text = text[:n], text[n:]
	}
	return words
}

// align gives each word the source bytes of the gloss word most like it.
func align(words, gloss []word) {
	keys := make([]string, len(gloss))
	for i, g := range gloss {
		keys[i] = alignKey(g.text)
	}
	used := make([]bool, len(gloss))
	for i := range words {
		if words[i].from < words[i].to {
			continue
		}
		key := alignKey(words[i].text)
		best, most := -1, 0.0
		for j := range gloss {
			likeness := alike(key, keys[j])
			if likeness == 0 || gloss[j].from >= gloss[j].to {
				continue
			}
			far := float64(i)/float64(len(words)) - float64(j)/float64(len(gloss))
			score := likeness - max(far, -far)
			if used[j] {
				score -= 0.5
			}
			if best < 0 || score > most {
				best, most = j, score
			}
		}
		if best >= 0 {
			words[i].from, words[i].to = gloss[best].from, gloss[best].to
			used[best] = true
		}
	}
}

func alignKey(s string) string {
	_, core, _ := outerPunctuation(s)
	return strings.TrimSuffix(strings.ToLower(core), "'s")
}

// alike compares two words: 3 the same, 2 a long common beginning (inflection),
// 1 the same consonants (one name in two spellings), 0 different.
func alike(a, b string) float64 {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 3
	}
	ra, rb := []rune(a), []rune(b)
	n := 0
	for n < len(ra) && n < len(rb) && ra[n] == rb[n] {
		n++
	}
	if n >= 3 && 4*n >= 3*min(len(ra), len(rb)) && 2*n >= max(len(ra), len(rb)) {
		return 2
	}
	if ca, cb := consonants(a), consonants(b); len(ca) >= 2 && ca == cb {
		return 1
	}
	return 0
}

// consonants is a Latin word without vowels, h and y, doubled letters once, and
// letters of one sound made one.
func consonants(s string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range s {
		switch r {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'h':
			continue
		case 'w':
			r = 'v'
		case 'z':
			r = 'j'
		case 'q', 'c':
			r = 'k'
		}
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}
