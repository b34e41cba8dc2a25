package check

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// parseHindi reads a Hindi text, as [plain] gives it.
func parseHindi(text string) *parsed {
	p := &parsed{hindi: true, size: len(text), length: utf8.RuneCountInString(text)}
	for _, unseen := range [...]string{string(nukta), "\u200c", "\u200d"} {
		p.length -= strings.Count(text, unseen)
	}
	var tokenBuf [64]token
	tokens := scan(tokenBuf[:0], text)
	known := words()
	var formBuf, skeletonBuf [64]byte
	for i := range tokens {
		switch t := &tokens[i]; t.kind {
		case hindiToken:
			form := appendHindiForm(formBuf[:0], text[t.from:t.to])
			t.form = sameOr(text[t.from:t.to], form)
			t.exact, t.meaning = known.hindi(form)
		case latinToken:
			t.form = latinForm(text[t.from:t.to])
		}
	}
	known.compounds(tokens, text)
	p.count(text, "hi")
	counted := figureWalk(p.figures)
	p.words, p.uses = make([]word, 0, len(tokens)*3/4), make([]use, 0, len(tokens)/2)
	var spelled acronymRun
	for i := range tokens {
		t := &tokens[i]
		if t.kind != hindiToken {
			spelled.end(p)
			if t.kind == latinToken {
				p.foreign++
				if len(t.form) > 1 {
					p.latin = addOnce(p.latin, t.form)
				}
			}
			continue
		}
		p.native++
		raw := text[t.from:t.to]
		acronym := spelled.add(p, raw)
		use := p.useOf(t.meaning)
		if t.exact.skip || use < 0 && counted.has(t) || p.has(t.form) {
			continue
		}
		if skeleton := string(appendSkeletonHi(skeletonBuf[:0], raw)); len(skeleton) >= 2 {
			p.words = append(p.words, word{form: t.form, skeleton: skeleton, sounds: soundMask(skeleton), acronym: acronym, at: t.from, use: use})
		}
	}
	spelled.end(p)
	p.signs(text)
	p.marks(text)
	return p
}

// has reports whether a form is among the last words.
func (p *parsed) has(form string) bool {
	for i := len(p.words) - 1; i >= max(0, len(p.words)-lookBack); i-- {
		if p.words[i].form == form {
			return true
		}
	}
	return false
}

// sameOr is form as a string: a part of the text, if it is written so there.
func sameOr(raw string, form []byte) string {
	if raw == string(form) {
		return raw
	}
	return string(form)
}

// letterNames gives the names of the Latin letters in Devanagari, longer ones first
// where one begins like another.
var letterNames = [...]struct{ name, letter string }{
	{"डब्ल्यू", "w"}, {"डबल्यू", "w"}, {"एक्स", "x"}, {"क्यू", "q"}, {"जेड", "z"}, {"ज़ेड", "z"}, {"वाई", "y"}, {"आई", "i"},
	{"एफ", "f"}, {"एफ़", "f"}, {"एच", "h"}, {"एल", "l"}, {"एम", "m"}, {"एन", "n"}, {"एस", "s"}, {"आर", "r"}, {"जे", "j"}, {"जी", "g"}, {"बी", "b"},
	{"सी", "c"}, {"डी", "d"}, {"के", "k"}, {"पी", "p"}, {"टी", "t"}, {"यू", "u"}, {"वी", "v"}, {"ए", "a"}, {"ई", "e"}, {"ओ", "o"},
}

// spelledLetters is what a word says that is nothing but names of letters, as "bjp"
// for बीजेपी; empty for all others.
func spelledLetters(word string) string {
	const most = 8
	var letters [most]byte
	n := 0
	if r, _ := utf8.DecodeRuneInString(word); !strings.ContainsRune("डएकजवआबसपटयईओ", r) {
		return "" // most words
	}
next:
	for word != "" {
		for i := range letterNames {
			if rest, ok := strings.CutPrefix(word, letterNames[i].name); ok && n < most {
				letters[n] = letterNames[i].letter[0]
				n++
				word = strings.TrimPrefix(rest, string(nukta))
				continue next
			}
		}
		return ""
	}
	return string(letters[:n])
}

// acronymRun gathers letters that are spelled as words of their own, as in सी बी आई.
type acronymRun struct{ letters string }

// add takes a word in and gives what it spells, if that is more than a letter.
func (run *acronymRun) add(p *parsed, word string) string {
	acronym := spelledLetters(word)
	if len(acronym) == 1 {
		run.letters += acronym
		return ""
	}
	run.end(p)
	if acronym != "" {
		p.acronyms = addOnce(p.acronyms, acronym)
	}
	return acronym
}

// end notes the letters so far, and their first and last ones, since a word such as
// के beside them may be none of them.
func (run *acronymRun) end(p *parsed) {
	s := run.letters
	run.letters = ""
	if len(s) < 2 || len(s) > 12 {
		return
	}
	p.acronyms = addOnce(p.acronyms, s)
	for _, n := range [...]int{2, 3} {
		if len(s) > n {
			p.acronyms = addOnce(addOnce(p.acronyms, s[:n]), s[len(s)-n:])
		}
	}
}

// latinForm is a Latin word in lower case, without accents and full stops.
func latinForm(word string) string {
	if !slices.ContainsFunc([]byte(word), func(b byte) bool { return b < 'a' || b > 'z' }) {
		return word
	}
	var buf [48]byte
	out := buf[:0]
	for _, r := range word {
		if b := latinLetter(r); b != 0 {
			out = append(out, b)
		}
	}
	return string(out)
}
