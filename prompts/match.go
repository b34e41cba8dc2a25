package prompts

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Match reports whether a glossary term occurs in text. It begins and ends at
// the edge of a word (letters and their marks), its spelling may differ in
// nukta, chandrabindu or anusvara, joiners, hyphens and digits, its last word
// may have a Hindi plural or oblique ending (योजना: योजनाओं) or an English plural,
// and an earlier Hindi word in -ा may stand in -े or -ी (पिछड़ा वर्ग: पिछड़े वर्ग). Case is
// no matter, but for acronyms: "IT" does not occur in "it", nor "ED" in "ED&F".
// Tags in the text are not seen. A term without a letter or digit occurs nowhere.
func Match(text, term string) bool {
	p, ok := compile(term, false)
	return ok && p.possible(text) && p.occurs(tokenize(text))
}

// Matcher finds the terms of one glossary. It is made once for a request and may
// be used by many goroutines.
type Matcher struct{ entries []entry }

type entry struct {
	from, to string
	pattern  pattern
}

// Compile makes a glossary ready to be looked for. The nil Matcher, of an empty
// glossary, finds nothing.
func Compile(glossary map[string]string) *Matcher {
	if len(glossary) == 0 {
		return nil
	}
	m := &Matcher{}
	for from, to := range glossary {
		if p, ok := compile(from, false); ok {
			m.entries = append(m.entries, entry{from, to, p})
		}
	}
	return m
}

// Occurring gives the entries whose term occurs in text, as [Match] says; nil if
// none does.
func (m *Matcher) Occurring(text string) map[string]string {
	if m == nil {
		return nil
	}
	var out map[string]string
	var tokens []token
	for _, e := range m.entries {
		if !e.pattern.possible(text) {
			continue
		}
		if tokens == nil {
			tokens = tokenize(text)
		}
		if e.pattern.occurs(tokens) {
			if out == nil {
				out = map[string]string{}
			}
			out[e.from] = e.to
		}
	}
	return out
}

// pattern is a term ready to be looked for.
type pattern struct {
	words  []word
	length int // code points, to prefer the longer of two matches
}

// word is one token of a term and the forms in which a text may have it.
type word struct {
	forms   []string
	exact   bool // compare with case
	acronym bool
}

// compile makes the pattern of a term. A strict pattern wants the capital
// letters it has ("Cabinet" is not in "a cabinet"); the text may have more.
func compile(term string, strict bool) (pattern, bool) {
	tokens := tokenize(term)
	var p pattern
	wordy := false
	for i, t := range tokens {
		wordy = wordy || t.kind != mark
		last := i == len(tokens)-1
		w := word{forms: []string{t.text}}
		switch t.kind {
		case devanagari:
			w.forms = hindiForms(t.text, last)
		case latin:
			acronym := isAcronym(t.text)
			w.acronym = acronym
			w.exact = acronym || strict && t.text != t.lower
			if !w.exact {
				w.forms[0] = t.lower
			}
			if last {
				w.forms = append(w.forms, englishPlurals(w.forms[0])...)
			}
			if w.exact && !acronym {
				for _, f := range w.forms {
					w.forms = append(w.forms, strings.ToUpper(f))
				}
			}
		}
		p.words = append(p.words, w)
		p.length += utf8.RuneCountInString(t.text)
	}
	return p, wordy
}

func (p pattern) occurs(tokens []token) bool {
	for i := range tokens {
		if p.at(tokens, i) {
			return true
		}
	}
	return false
}

// at reports whether the pattern stands in tokens from i on.
func (p pattern) at(tokens []token, i int) bool {
	if i+len(p.words) > len(tokens) {
		return false
	}
	for j, w := range p.words {
		if !w.is(tokens[i+j]) {
			return false
		}
	}
	last := len(p.words) - 1
	return !(p.words[0].acronym && ampersand(tokens, i-1, i-2)) && !(p.words[last].acronym && ampersand(tokens, i+last+1, i+last+2))
}

// ampersand tells whether & and a word stand at the two places beside an
// acronym with no space between, so that it is a part of a name: ED&F.
func ampersand(tokens []token, and, beyond int) bool {
	if min(and, beyond) < 0 || max(and, beyond) >= len(tokens) {
		return false
	}
	return tokens[and].text == "&" && tokens[beyond].kind == latin && tokens[and].glued && tokens[and+1].glued
}

func (w word) is(t token) bool {
	have := t.lower
	if w.exact {
		have = t.text
	}
	for _, f := range w.forms {
		if f == have {
			return true
		}
	}
	return false
}

// possible is a quick no for most texts: a Devanagari term needs its first
// letter in the text. Letters that folding changes are not judged.
func (p pattern) possible(text string) bool {
	r, _ := utf8.DecodeRuneInString(p.words[0].forms[0])
	if r < 'अ' || r > 'ह' || strings.ContainsRune("नरळ", r) {
		return true
	}
	return strings.ContainsRune(text, r) || r >= 'क' && strings.ContainsFunc(text, precomposed)
}

// precomposed tells the nukta letters that stand for a letter and its nukta.
func precomposed(r rune) bool { return r >= 0x0958 && r <= 0x095F }

// isAcronym tells a word of two or more letters, all capitals.
func isAcronym(s string) bool {
	n := 0
	for _, r := range s {
		if !unicode.IsUpper(r) {
			return false
		}
		n++
	}
	return n >= 2
}

// hindiForms gives the forms of a folded Devanagari word that ends a term, or
// of one within it: the regular plural and oblique endings of Hindi nouns.
func hindiForms(w string, last bool) []string {
	forms := []string{w}
	add := func(stem string, endings ...string) {
		for _, e := range endings {
			forms = append(forms, stem+e)
		}
	}
	r, size := utf8.DecodeLastRuneInString(w)
	stem := w[:len(w)-size]
	if stem == "" {
		return forms
	}
	switch {
	case !last:
		if r == 'ा' {
			add(stem, "े", "ी")
		}
	case r == 'ा': // लड़का लड़के लड़कों, योजना योजनाएं योजनाओं
		add(stem, "े", "ों")
		add(w, "एं", "ओं")
	case r == 'ी': // पार्टी पार्टियां पार्टियों
		add(stem, "ियां", "ियों")
	case r == 'ि': // नीति नीतियां नीतियों
		add(w, "यां", "यों")
	case r == 'ू': // आलू आलुओं
		add(stem, "ुओं", "ुएं")
	case r == 'ु', r == 'ो', r == 'ौ': // वस्तु वस्तुएं वस्तुओं
		add(w, "ओं", "एं")
	case r == '्' || r == 'ं' || r == 'ः':
	case r >= 'क' && r <= 'ह': // बैंक बैंकों, अदालत अदालतें अदालतों
		add(w, "ों", "ें", "ो")
	}
	return forms
}

// englishPlurals gives the regular plurals of an English word.
func englishPlurals(w string) []string {
	out := []string{w + "s"}
	switch {
	case strings.HasSuffix(w, "y") && len(w) > 2 && !strings.ContainsRune("aeiou", rune(w[len(w)-2])):
		out = append(out, strings.TrimSuffix(w, "y")+"ies")
	case strings.HasSuffix(w, "s"), strings.HasSuffix(w, "x"), strings.HasSuffix(w, "ch"), strings.HasSuffix(w, "sh"):
		out = append(out, w+"es")
	}
	return out
}
