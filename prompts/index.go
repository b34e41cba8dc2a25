package prompts

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of the terms that one text is given. They go to the model with it, so
// that they share its budget of tokens.
const (
	MaxTerms      = 50   // terms of one text
	minTermsChars = 300  // code points of terms and translations: as many as the text has,
	maxTermsChars = 1500 // but at least and at most so many
)

const (
	maxSpellings = 8    // terms of a glossary that differ in capital letters alone
	maxPaths     = 1024 // ways of reading the words of a text from one place on
)

// Matcher finds the terms of one glossary in a text, in a time that depends on
// the text and not on the glossary. It is made once and may be used by many
// goroutines.
type Matcher struct {
	terms []entry
	next  []int32             // by term: the next one with the same words, -1: none
	whole map[uint64]int32    // by the words of a term: the first such term
	begun map[uint64]struct{} // by the first words of a term that has more
	bytes int
}

type entry struct{ from, to string }

// Compile makes a glossary ready to be looked for. Of terms that differ only in
// what [Match] does not see, the first counts. The nil Matcher, of a glossary
// without a word, finds nothing.
func Compile(entries iter.Seq2[string, string]) *Matcher {
	m := &Matcher{whole: map[uint64]int32{}, begun: map[uint64]struct{}{}}
	for from, to := range entries {
		m.add(entry{from, to})
	}
	if len(m.terms) == 0 {
		return nil
	}
	m.terms, m.next = slices.Clip(m.terms), slices.Clip(m.next)
	return m
}

func (m *Matcher) add(e entry) {
	tokens := tokenize(e.from)
	if !slices.ContainsFunc(tokens, func(t token) bool { return t.kind != mark }) {
		return
	}
	var key uint64
	for i, t := range tokens {
		if i > 0 {
			m.begun[key] = struct{}{}
		}
		key = extend(key, maphash.String(seed, t.lower))
	}
	first, ok := m.whole[key]
	if !ok {
		first = -1
	}
	last, n := int32(-1), 1
	for i := first; i >= 0; i = m.next[i] {
		if n++; n > maxSpellings || sameWords(tokens, tokenize(m.terms[i].from)) {
			return
		}
		last = i
	}
	if last >= 0 {
		m.next[last] = int32(len(m.terms))
	} else {
		m.whole[key] = int32(len(m.terms))
	}
	m.terms, m.next = append(m.terms, e), append(m.next, -1)
	m.bytes += len(e.from) + len(e.to)
}

func sameWords(a, b []token) bool {
	return slices.EqualFunc(a, b, func(a, b token) bool { return a.text == b.text })
}

// Bytes is about how much memory the Matcher takes, its terms included.
func (m *Matcher) Bytes() int {
	if m == nil {
		return 0
	}
	const perTerm, perKey = 36, 24 // two strings and next; a map's slot at its usual load
	return m.bytes + perTerm*len(m.terms) + perKey*(len(m.whole)+len(m.begun))
}

// Occurring gives the terms of some glossaries that occur in text, as [Match]
// says, each with its translation; nil if none does.
//
// Of terms that overlap, the one of more words has the place: where "UN Security
// Council" stands, "UN" does not. Of terms with the same number of words, that
// of the earlier glossary has it, then the one that stands there letter by
// letter, the longer one, the first by its letters.
//
// At most [MaxTerms] are given, and not more text than text has itself (300 to
// 1,500 code points): the longest, for they are the most specific.
func Occurring(text string, glossaries ...*Matcher) map[string]string {
	glossaries = slices.DeleteFunc(slices.Clone(glossaries), func(m *Matcher) bool { return m == nil })
	if len(glossaries) == 0 {
		return nil
	}
	r := reading{tokens: tokenize(text)}
	r.learn()
	for layer, m := range glossaries {
		for i := range r.tokens {
			r.from(m, layer, i)
		}
	}
	return choose(r.hits, len(r.tokens), utf8.RuneCountInString(text))
}

// Occurring is the same of one glossary.
func (m *Matcher) Occurring(text string) map[string]string { return Occurring(text, m) }

// hit is a term that stands in a text.
type hit struct {
	entry
	at, words, length int
	layer             int
	exact             bool
}

// choose gives the terms that have a place of their own, within the bounds.
func choose(hits []hit, tokens, chars int) map[string]string {
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, func(a, b hit) int {
		switch {
		case a.words != b.words:
			return b.words - a.words
		case a.layer != b.layer:
			return a.layer - b.layer
		case a.exact != b.exact && a.exact:
			return -1
		case a.exact != b.exact:
			return 1
		case a.length != b.length:
			return b.length - a.length
		}
		return cmp.Or(strings.Compare(a.from, b.from), a.at-b.at)
	})
	taken := make([]bool, tokens)
	given := map[string]bool{}
	chosen := hits[:0]
	for _, h := range hits {
		span := taken[h.at : h.at+h.words]
		if slices.Contains(span, true) {
			continue
		}
		for i := range span {
			span[i] = true
		}
		if !given[h.from] {
			given[h.from] = true
			chosen = append(chosen, h)
		}
	}
	slices.SortStableFunc(chosen, func(a, b hit) int { return cmp.Or(b.words-a.words, b.length-a.length) })
	out := map[string]string{}
	room := min(max(chars, minTermsChars), maxTermsChars)
	for _, h := range chosen[:min(len(chosen), MaxTerms)] {
		room -= h.length + utf8.RuneCountInString(h.to)
		if room < 0 && len(out) > 0 {
			break
		}
		out[h.from] = h.to
	}
	return out
}

// reading looks for terms in one text. For each of its words it knows the words
// that a term may have in that place: those of which it is a form.
type reading struct {
	tokens []token
	within [][]uint64 // by token: the words of which it may be a form, inside a term
	ending [][]uint64 // the same at the end of a term
	hits   []hit
	open   []uint64 // beginnings of terms that stand before the token at hand
	longer []uint64
}

func (r *reading) learn() {
	r.within, r.ending = make([][]uint64, len(r.tokens)), make([][]uint64, len(r.tokens))
	var word []byte
	for i, t := range r.tokens {
		for base := range bases(t, false) {
			word = append(append(word[:0], base.stem...), base.ending...)
			r.within[i] = append(r.within[i], maphash.Bytes(seed, word))
		}
		for base := range bases(t, true) {
			word = append(append(word[:0], base.stem...), base.ending...)
			r.ending[i] = append(r.ending[i], maphash.Bytes(seed, word))
		}
	}
}

// from notes the terms of m that begin at token i.
func (r *reading) from(m *Matcher, layer, i int) {
	r.open = append(r.open[:0], 0)
	for j := i; j < len(r.tokens) && len(r.open) > 0; j++ {
		r.longer = r.longer[:0]
		for _, key := range r.open {
			for _, word := range r.ending[j] {
				if n, ok := m.whole[extend(key, word)]; ok {
					r.verify(m, layer, i, n)
				}
			}
			for _, word := range r.within[j] {
				k := extend(key, word)
				if _, ok := m.begun[k]; ok && len(r.longer) < maxPaths {
					r.longer = append(r.longer, k)
				}
			}
		}
		r.open, r.longer = r.longer, r.open
	}
}

// verify notes those of the terms with one key, the first of which is n, that
// stand at token i: the key does not know everything that counts.
func (r *reading) verify(m *Matcher, layer, i int, n int32) {
	for ; n >= 0; n = m.next[n] {
		if p, ok := compile(m.terms[n].from, false); ok && p.at(r.tokens, i) {
			r.hits = append(r.hits, hit{m.terms[n], i, len(p.words), p.length, layer, p.exact(r.tokens, i)})
		}
	}
}

// seed is another one in each process, so that nobody can make terms that share
// a key.
var seed = maphash.MakeSeed()

// extend is the key of some words and one more.
func extend(key, word uint64) uint64 {
	key = (key + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9
	key = (key ^ key>>29 ^ word) * 0x94D049BB133111EB
	return key ^ key>>32
}

// base is a word of a term of which a word of a text may be a form.
type base struct{ stem, ending string }

// bases gives them; the forms that [compile] knows are the rule, and these may be
// a few more than it has.
func bases(t token, last bool) iter.Seq[base] {
	return func(yield func(base) bool) {
		if !yield(base{stem: t.lower}) {
			return
		}
		var list []inflection
		switch {
		case t.kind == devanagari && last:
			list = hindiBases
		case t.kind == devanagari:
			list = hindiBasesWithin
		case t.kind == latin && last:
			list = englishBases
		}
		for _, b := range list {
			if stem, ok := strings.CutSuffix(t.lower, b.form); ok && stem != "" && !yield(base{stem, b.base}) {
				return
			}
		}
	}
}

// inflection is an ending of a form and the ending of the word it is a form of.
type inflection struct{ form, base string }

// See hindiForms and englishPlurals.
var (
	hindiBasesWithin = []inflection{{"े", "ा"}, {"ी", "ा"}}
	hindiBases       = []inflection{
		{"े", "ा"}, {"ों", "ा"}, {"एं", ""}, {"ओं", ""},
		{"ियां", "ी"}, {"ियों", "ी"},
		{"यां", ""}, {"यों", ""},
		{"ुओं", "ू"}, {"ुएं", "ू"},
		{"ों", ""}, {"ें", ""}, {"ो", ""},
	}
	englishBases = []inflection{{"s", ""}, {"es", ""}, {"ies", "y"}}
)
