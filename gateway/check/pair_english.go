package check

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseEnglish reads an English text, as [plain] gives it.
func parseEnglish(text string) *parsed {
	p := &parsed{size: len(text), length: utf8.RuneCountInString(text)}
	for i := range len(text) - 1 {
		if text[i] == 0xCC || text[i] == 0xCD && text[i+1] < 0xB0 { // accents that stand alone, U+0300 to U+036F
			p.length--
		}
	}
	var tokenBuf [64]token
	tokens := scan(tokenBuf[:0], text)
	shout := headline(tokens, text)
	known := words()
	for i := range tokens {
		if t := &tokens[i]; t.kind == latinToken {
			t.form = latinForm(text[t.from:t.to])
			t.exact, t.meaning = known.englishIn(t.form, text[t.from:t.to], i > 0, shout)
		}
	}
	known.compounds(tokens, text)
	p.count(text, "en")
	counted := figureWalk(p.figures)
	p.words, p.uses = make([]word, 0, len(tokens)*3/4), make([]use, 0, len(tokens)/2)
	var skeletonBuf [maxSkeleton]byte
	for i := range tokens {
		t := &tokens[i]
		if t.kind != latinToken {
			if t.kind == hindiToken {
				p.foreign++
			}
			continue
		}
		p.native++
		raw := text[t.from:t.to]
		use := p.useOf(t.meaning)
		if len(t.form) < 2 {
			continue
		}
		p.latin = addOnce(p.latin, t.form)
		capitals := upper(raw)
		acronym := capitals && len(t.form) <= 6 && !shout
		if acronym {
			p.acronyms = addOnce(p.acronyms, t.form)
		}
		if t.exact.skip || use < 0 && counted.has(t) {
			continue
		}
		skeleton := appendSkeletonEn(skeletonBuf[:0], t.form)
		if len(skeleton) < 2 && !acronym {
			continue
		}
		capital := capitals || i > 0 && raw[0] < 'a' && raw[0] >= 'A' && !opens(text[:t.from])
		p.addEnglish(word{form: t.form, at: t.from, use: use, capital: capital && !shout}, skeleton)
	}
	p.signs(text)
	p.marks(text)
	return p
}

// addEnglish adds a word, unless one sounds the same; then it is only noted whether
// that is a name.
func (p *parsed) addEnglish(w word, skeleton []byte) {
	if len(skeleton) >= 2 {
		for i := len(p.words) - 1; i >= max(0, len(p.words)-lookBack); i-- {
			if p.words[i].skeleton == string(skeleton) {
				p.words[i].capital = p.words[i].capital || w.capital
				return
			}
		}
	}
	w.skeleton = string(skeleton)
	w.sounds = soundMask(w.skeleton)
	p.words = append(p.words, w)
}

// englishIn looks up a word in its sentence: "May" is a month where it has a capital
// of its own, "US" is the country.
func (l *lexicon) englishIn(form, raw string, inside, shout bool) (exact, meaning *lexeme) {
	exact, meaning = l.english([]byte(form))
	switch {
	case form == "may" && (raw != "May" || !inside):
		return exact, nothing
	case form == "us" && raw != "us" && !shout:
		if america := l.forms["america"]; america != nil {
			return america, america
		}
	}
	return exact, meaning
}

// headline reports whether most words are written with a capital, which then tells
// nothing.
func headline(tokens []token, text string) bool {
	long, high := 0, 0
	for _, t := range tokens {
		if t.kind == latinToken && t.to-t.from > 3 {
			if long++; text[t.from] >= 'A' && text[t.from] <= 'Z' {
				high++
			}
		}
	}
	return long > 3 && float64(high) > 0.6*float64(long)
}

// upper reports whether a word has no small letter.
func upper(word string) bool {
	for _, r := range word {
		if r >= 'a' && r <= 'z' || r >= utf8.RuneSelf && !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

// opens reports whether a sentence or quotation begins behind a text.
func opens(before string) bool {
	for _, end := range [...]string{". ", `" `, "? ", "! ", `"`, "“"} {
		if strings.HasSuffix(before, end) {
			return true
		}
	}
	return false
}
