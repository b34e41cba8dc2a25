package simulator

import (
	"strings"
	"sync"
	"unicode"
)

// romanised tells a Hindi sentence that is written in Latin letters.
func romanised(tokens []token) bool {
	latin := 0
	for _, t := range tokens {
		switch t.kind {
		case wordToken:
			return false
		case latinToken:
			latin++
		}
	}
	return latin > 1
}

// restore turns the words that the lexicon knows back into Devanagari. A word
// that it does not know is taken for a name or an English word and stays.
func (l *lexicon) restore(tokens []token) {
	l.bySound.Do(func() {
		l.sounds = make(map[string]string, len(l.hindi)+len(l.verbs))
		add := func(form string) {
			if strings.ContainsAny(form, " -") {
				return
			}
			latin := Romanise(form)
			for _, key := range []string{latin, soundKey(latin)} {
				if old, taken := l.sounds[key]; !taken || l.rank(form) < l.rank(old) || l.rank(form) == l.rank(old) && form < old {
					l.sounds[key] = form
				}
			}
		}
		for form := range l.hindi {
			add(form)
		}
		for form := range l.verbs {
			add(form)
		}
		for form := range numberWords {
			add(form)
		}
	})
	for i := range tokens {
		t := &tokens[i]
		if t.kind != latinToken || allCapitals(t.text) {
			continue
		}
		for _, key := range []string{strings.ToLower(t.text), soundKey(t.text)} {
			if form, ok := l.sounds[key]; ok {
				t.kind, t.text = wordToken, form
				break
			}
		}
	}
}

// rank orders forms that sound alike: function words, verbs, other words.
func (l *lexicon) rank(form string) int {
	e, known := l.hindi[form]
	switch {
	case known && e.class >= post && e.class <= demonstrative:
		return 0
	case len(l.verbs[form]) > 0:
		return 1
	}
	return 2
}

// soundKey makes the usual spellings of one word the same: accha and achha, mein
// and men, nahi and nahin, kaam and kam.
func soundKey(word string) string {
	s := soundSpellings.Replace(strings.ToLower(word))
	var b strings.Builder
	last := rune(0)
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	s = b.String()
	if len(s) > 2 {
		s = strings.TrimSuffix(s, "n")
	}
	return "~" + s // apart from the exact spellings in the same map
}

var soundSpellings = strings.NewReplacer("chchh", "ch", "chh", "ch", "cch", "ch", "aa", "a", "ee", "i", "oo", "u", "ei", "e", "ai", "e", "au", "o", "ou", "o", "w", "v", "ph", "f", "z", "j", "y", "i", "sh", "s", "kh", "k", "gh", "g", "th", "t", "dh", "d", "bh", "b", "q", "k")

func allCapitals(s string) bool {
	return len(s) > 1 && !strings.ContainsFunc(s, unicode.IsLower)
}

// soundIndex is made on the first romanised sentence.
type soundIndex struct {
	bySound sync.Once
	sounds  map[string]string
}
