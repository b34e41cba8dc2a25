package prompts

import (
	_ "embed" // the glossary
	"slices"
	"strings"
	"sync"
)

// glossary.tsv has a header line and three columns: the Hindi forms, the
// English forms (each parted by |, the first is the one to write) and a
// category. A form behind ~ is written but never looked up, because it is
// ambiguous in a text: आप is AAP or "you", MP is a member or Madhya Pradesh.
// An acronym and the name it is short for have a row each, for a text that gives
// both would else be told one wording for the two.
//
//go:embed glossary.tsv
var glossaryFile string

// dictionary is one direction of the built-in glossary, by the forms that the
// first word of a term can take.
type dictionary struct {
	terms []term
	first map[string][]int
}

type term struct {
	pattern
	from, to string
}

var (
	toEnglish = sync.OnceValue(func() *dictionary { return newDictionary(0, 1) })
	toHindi   = sync.OnceValue(func() *dictionary { return newDictionary(1, 0) })
)

// newDictionary reads the glossary from one column to the other.
func newDictionary(from, to int) *dictionary {
	d := &dictionary{first: map[string][]int{}}
	_, rows, _ := strings.Cut(glossaryFile, "\n")
	for row := range strings.Lines(rows) {
		columns := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		if len(columns) != 3 {
			panic("prompts: glossary.tsv: not three columns: " + row)
		}
		target, _, _ := strings.Cut(columns[to], "|")
		target = strings.TrimPrefix(target, "~")
		for form := range strings.SplitSeq(columns[from], "|") {
			if strings.HasPrefix(form, "~") {
				continue
			}
			p, ok := compile(form, true)
			if !ok {
				panic("prompts: glossary.tsv: no word: " + form)
			}
			for _, f := range p.words[0].forms {
				if have := d.first[f]; len(have) == 0 || have[len(have)-1] != len(d.terms) {
					d.first[f] = append(have, len(d.terms))
				}
			}
			d.terms = append(d.terms, term{p, form, target})
		}
	}
	return d
}

// Terms gives the entries of the built-in glossary that occur in text, as the
// glossary spells them, each with what to write for it. Of overlapping entries
// the longest wins: where "UN Security Council" stands, "UN" does not. Words
// that have another meaning are in the glossary only where their company makes
// them clear. No entries, or a direction other than hi→en and en→hi: nil.
func Terms(source, target, text string) map[string]string {
	switch {
	case source == "hi" && target == "en":
		return toEnglish().in(text)
	case source == "en" && target == "hi":
		return toHindi().in(text)
	}
	return nil
}

func (d *dictionary) in(text string) map[string]string {
	type hit struct{ at, term int }
	tokens := tokenize(text)
	shouts := allCapitals(tokens)
	var hits []hit
	for i, t := range tokens {
		keys := []string{t.text, t.lower}
		if t.text == t.lower {
			keys = keys[:1]
		}
		for _, k := range keys {
			for _, n := range d.first[k] {
				if d.terms[n].at(tokens, i) && !(shouts && d.terms[n].short()) {
					hits = append(hits, hit{i, n})
				}
			}
		}
	}
	if len(hits) == 0 {
		return nil
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		x, y := d.terms[a.term], d.terms[b.term]
		if n := len(y.words) - len(x.words); n != 0 {
			return n
		}
		return y.length - x.length
	})
	taken := make([]bool, len(tokens))
	out := map[string]string{}
	for _, h := range hits {
		t := d.terms[h.term]
		span := taken[h.at : h.at+len(t.words)]
		if slices.Contains(span, true) {
			continue
		}
		for i := range span {
			span[i] = true
		}
		out[t.from] = t.to
	}
	return out
}

// short tells an acronym that may be an English word in a headline that is all
// in capitals: WHO, SIT, ED.
func (t term) short() bool {
	return len(t.words) == 1 && t.length <= 3 && isAcronym(t.from)
}

// allCapitals tells English text written in capitals throughout: no word in
// lower case among three or more.
func allCapitals(tokens []token) bool {
	n := 0
	for _, t := range tokens {
		if t.kind != latin {
			continue
		}
		if t.text != strings.ToUpper(t.text) {
			return false
		}
		n++
	}
	return n >= 3
}
