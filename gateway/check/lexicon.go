package check

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// lexiconText holds some hundred things that news speak of, with what either language
// calls them, written for this check. It is no dictionary for translating: a score is a
// sum over all words of two texts, so that a word may be wrong or missing.
//
//go:embed lexicon.txt
var lexiconText string

// words gives what is known of the words of both languages; it is read once, at the
// first use.
var words = sync.OnceValue(func() *lexicon {
	l, err := readLexicon(lexiconText)
	if err != nil {
		panic("check: the embedded lexicon: " + err.Error())
	}
	return l
})

// maxConcepts bounds the concepts of a lexicon, so that those of a text are a set of
// bits.
const maxConcepts = 1024

// lexicon is the word list, by form.
type lexicon struct {
	forms    map[string]*lexeme // of both scripts, as the parsers write them
	stems    map[string]*lexeme // of Hindi forms, without their ending
	concepts int
}

// lexeme is what the lexicon knows of a form.
type lexeme struct {
	concepts []uint16 // what it may stand for: one, mostly
	strong   bool     // one of them is
	primary  bool     // a text that has it without a counterpart says something else
	skip     bool     // a function word, which is no content
	leads    bool     // it is the first of two words that are one form, written with a hyphen
}

// conceptSet is a set of concepts.
type conceptSet [maxConcepts / 64]uint64

func (s *conceptSet) add(concepts []uint16) {
	for _, c := range concepts {
		s[c/64] |= 1 << (c % 64)
	}
}

func (s *conceptSet) hasAny(concepts []uint16) bool {
	for _, c := range concepts {
		if s[c/64]>>(c%64)&1 != 0 {
			return true
		}
	}
	return false
}

// readLexicon reads the format that the comments of lexicon.txt describe.
func readLexicon(text string) (*lexicon, error) {
	l := &lexicon{forms: map[string]*lexeme{}, stems: map[string]*lexeme{}}
	section, n := "", 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) == 1 {
			section = line
			continue
		}
		if err := l.line(section, fields); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return l, nil
}

// line takes in one line of a section.
func (l *lexicon) line(section string, fields []string) error {
	if len(fields) != 2 {
		return fmt.Errorf("%d languages", len(fields))
	}
	var hindi []string
	for word := range strings.FieldsSeq(fields[0]) {
		hindi = append(hindi, string(appendHindiForm(nil, word)))
	}
	english := strings.Fields(fields[1])
	switch section {
	case "strong", "weak":
		return l.concept(hindi, english, section == "strong")
	case "skip":
		for _, form := range slices.Concat(hindi, english) {
			entry(l.forms, form).skip = true
		}
		return nil
	}
	return fmt.Errorf("no section %q", section)
}

// concept takes in what stands for one thing. Of a weak concept only the first form of
// a language is missed when the other side has none.
func (l *lexicon) concept(hindi, english []string, strong bool) error {
	switch {
	case len(hindi) == 0 || len(english) == 0:
		return errors.New("a language has no form")
	case l.concepts == maxConcepts:
		return fmt.Errorf("more than %d concepts", maxConcepts)
	}
	id := uint16(l.concepts)
	l.concepts++
	note := func(table map[string]*lexeme, form string, first bool) {
		x := entry(table, form)
		if !slices.Contains(x.concepts, id) {
			x.concepts = append(x.concepts, id)
		}
		x.strong = x.strong || strong
		x.primary = x.primary || strong || first
	}
	for i, form := range hindi {
		note(l.forms, form, i == 0)
		l.lead(form)
		note(l.stems, string(hindiStem([]byte(form))), i == 0)
	}
	for i, form := range english {
		note(l.forms, form, i == 0)
		l.lead(form)
	}
	return nil
}

// lead notes the first word of a form of two.
func (l *lexicon) lead(form string) {
	if first, _, ok := strings.Cut(form, "-"); ok {
		entry(l.forms, first).leads = true
	}
}

// compound looks up two words as one form, "prime" and "minister"; nil if they are none.
func (l *lexicon) compound(first, second string) *lexeme {
	var buf [96]byte
	return l.forms[string(append(append(append(buf[:0], first...), '-'), second...))]
}

func entry(table map[string]*lexeme, form string) *lexeme {
	x := table[form]
	if x == nil {
		x = &lexeme{}
		table[form] = x
	}
	return x
}

// nothing is known of most words.
var nothing = &lexeme{}

// hindi looks up a word of Devanagari: what is known of the form itself, and the
// lexeme whose concepts it has, which may be that of its stem.
func (l *lexicon) hindi(form []byte) (exact, meaning *lexeme) {
	exact = l.forms[string(form)]
	if exact == nil {
		exact = nothing
	}
	if exact.concepts != nil {
		return exact, exact
	}
	if meaning = l.stems[string(hindiStem(form))]; meaning == nil {
		meaning = nothing
	}
	return exact, meaning
}

// english looks up a word in lower case, else what is left without its ending.
func (l *lexicon) english(form []byte) (exact, meaning *lexeme) {
	exact = l.forms[string(form)]
	if exact == nil {
		exact = nothing
	}
	if exact.concepts != nil {
		return exact, exact
	}
	has := func(stem []byte) bool {
		meaning = l.forms[string(stem)]
		return meaning != nil && meaning.concepts != nil
	}
	for _, ending := range [...]string{"ies", "es", "ed", "ing", "s", "d"} {
		stem, ok := bytes.CutSuffix(form, []byte(ending))
		n := len(stem)
		if !ok || n < 3 {
			continue
		}
		var buf [32]byte
		switch {
		case has(stem):
			return exact, meaning
		case ending == "ies" && has(append(append(buf[:0], stem...), 'y')):
			return exact, meaning
		case (ending == "ed" || ending == "ing") && has(append(append(buf[:0], stem...), 'e')):
			return exact, meaning
		case (ending == "ed" || ending == "ing") && n > 3 && stem[n-1] == stem[n-2] && has(stem[:n-1]):
			return exact, meaning
		}
	}
	return exact, nothing
}
