package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const mostNameFindings = 3

// names finds the names of a summary that the article does not have.
func (m *material) names(text string) (found []Finding) {
	var strange []string
	if m.to == "en" {
		strange = m.englishNames(text)
	} else {
		strange = m.hindiNames(text)
	}
	for _, name := range strange[:min(len(strange), mostNameFindings)] {
		found = append(found, Finding{
			Code: SummaryName, Minor: !m.surelyStrange(name), Message: fmt.Sprintf("%q is not in the article", name),
			Ask: fmt.Sprintf("the name %q is not in the article: take it out, or write it as the article has it", name),
		})
	}
	return found
}

// englishNames gives the names of an English text that the source does not have.
func (m *material) englishNames(text string) (strange []string) {
	words := nameWords(text, "en")
	large := 0
	for _, w := range words {
		if w.large {
			large++
		}
	}
	if 2*large > len(words) && len(words) > 3 {
		return m.acronyms(text) // a headline with capitals
	}
	for i, w := range words {
		if !w.cap && !opensAsName(w, text) || m.titled(words, i, text) || m.knowsEnglish(w) {
			continue
		}
		if !slices.Contains(strange, w.text) {
			strange = append(strange, w.text)
		}
	}
	return append(strange, m.acronyms(text)...)
}

// opensAsName reports whether a large word that begins a sentence does what a name
// does there: it has a possessive, or speaks.
func opensAsName(w nameWord, text string) bool {
	if !w.large || strings.HasSuffix(w.key, "s") {
		return false
	}
	next := text[w.end:min(len(text), w.end+12)]
	if strings.HasSuffix(text[w.start:w.end], "'s") {
		return true
	}
	verb, _, _ := strings.Cut(strings.TrimLeft(next, " "), " ")
	return strings.HasPrefix(next, " ") && (speaks[verb] || verb != "" && verb[0] >= 'A' && verb[0] <= 'Z' && len(verb) > 2)
}

var speaks = wordSet(`said told added says has had was is will would says asked can could may might would should did does wrote tweeted called insisted denied admitted claimed then also`)

// titled reports whether a word stands beside a common word that is large, too, as in
// the name of an institution or a work, which is translated as a whole.
func (m *material) titled(words []nameWord, i int, text string) bool {
	beside := func(j, k int) bool {
		gap := strings.TrimSpace(text[words[j].end:words[k].start])
		return words[j].large && words[k].large && (gap == "" || gap == "-" || gap == "of" || gap == "and" || gap == "for" || gap == "the" || gap == "of the" || gap == "&")
	}
	excuses := func(j int) bool { return institution(words[j].key) && !personTitles[words[j].key] }
	return i > 0 && beside(i-1, i) && excuses(i-1) || i+1 < len(words) && beside(i, i+1) && excuses(i+1)
}

func (m *material) knowsEnglish(w nameWord) bool {
	if institution(w.key) || strings.Contains(w.text, "'") || m.forms[w.key] || commonEnglish[w.key] || len(w.key) < 4 && !m.proper(w.key) {
		return true
	}
	if _, meaning := words().english([]byte(w.key)); meaning.concepts != nil {
		if m.parsed.concepts.hasAny(meaning.concepts) {
			return true
		}
		if !m.proper(w.key) {
			return true
		}
	} else if englishEnding(w.key) {
		return true
	}
	if m.from == "en" {
		for form := range m.forms {
			if inflectedEnglish(form, w.key) {
				return true
			}
		}
		return false
	}
	return len(skeletonEn(w.key)) < 3 && !properEnglish[w.key] || m.spoken(w.key, false)
}

// proper reports whether a word of the lexicon is a name all the same: a country,
// a people, a month or a day.
func (m *material) proper(key string) bool { return properEnglish[key] }

// spoken reports whether the source has a word that may be this one, by its sound.
func (m *material) spoken(key string, hindi bool) bool {
	w := nameWord{key: key, hindi: hindi}
	heard := w.heard()
	if m.common[heard.skeleton] {
		return true
	}
	forms := []heardName{heard}
	if !hindi {
		for _, ending := range peopleEndings {
			stem, ok := strings.CutSuffix(key, ending)
			if ok && len(stem) >= 3 && (ending[0] != 'n' || strings.HasSuffix(stem, "a") || strings.HasSuffix(stem, "o")) {
				w.key = stem
				forms = append(forms, w.heard())
			}
		}
	}
	for _, k := range m.words {
		if within(k.sound, heard.sound) || slices.ContainsFunc(forms, k.alike) {
			return true
		}
	}
	// New York is one word in Hindi, and some names are two
	return slices.ContainsFunc(m.joined, func(k heardName) bool {
		return len(k.skeleton) >= 4 && k.skeleton == heard.skeleton
	})
}

// surelyStrange reports whether a name that the source does not have is not even near
// to a word of it: not a name that its writer spells after another sound.
func (m *material) surelyStrange(name string) bool {
	w := nameWord{key: englishNameForm(name), hindi: m.to == "hi"}
	if w.hindi {
		w.key = hindiNameForm(name)
	}
	skeleton := w.heard().skeleton
	if properEnglish[w.key] || properHindi[w.key] {
		return true // the lexicon knows all its forms
	}
	if len(skeleton) < 3 || !w.hindi && strings.HasSuffix(w.key, "s") { // perhaps a plural that a heading writes large
		return false
	}
	bound := max(1, 0.36*float64(len(skeleton)))
	for _, list := range [][]heardName{m.words, m.joined} {
		for _, k := range list {
			if len(k.skeleton) >= 2 && (skeletonDistance(k.skeleton, skeleton) <= bound || len(k.skeleton) >= 3 && strings.HasPrefix(k.skeleton, skeleton[:3])) {
				return false
			}
		}
	}
	return true
}

// peopleEndings make a people, a language or a plural of a name.
var peopleEndings = strings.Fields("s es an ans ian ians ean eans n ns ese ish i is ic ers er")

// heardName is a word as it sounds.
type heardName struct {
	sound    sound
	skeleton string
}

func (w nameWord) heard() heardName {
	if w.hindi {
		return heardName{soundHi(w.key), skeletonHi(w.key)}
	}
	return heardName{soundEn(w.key), skeletonEn(w.key)}
}

// alike reports whether two words may be one name. Equal skeletons of three sounds
// are enough, whatever the vowels; shorter or less equal ones need alike vowels.
func (k heardName) alike(f heardName) bool {
	short := min(len(k.skeleton), len(f.skeleton))
	if short >= 3 && k.skeleton == f.skeleton {
		return true
	}
	bound := 0.5 + 0.2*float64(min(k.sound.hard, f.sound.hard))
	if !k.sound.far(f.sound, bound) && soundDistance(k.sound, f.sound) <= bound {
		return true
	}
	if short == 3 && !k.sound.far(f.sound, 2) && skeletonDistance(k.skeleton, f.skeleton) <= 0.5 {
		return soundDistance(k.sound, f.sound) <= 1.3
	}
	if short < 4 || k.sound.far(f.sound, 2) {
		return false
	}
	if skeletonDistance(k.skeleton, f.skeleton) <= 0.5 {
		return true
	}
	return short >= 5 && (skeletonDistance(k.skeleton, f.skeleton) <= 1 || strings.HasPrefix(k.skeleton, f.skeleton) || strings.HasPrefix(f.skeleton, k.skeleton))
}

// ordinary reports whether a word of the source is known to be no name, whatever it
// sounds like.
func ordinary(w nameWord) bool {
	if !w.hindi {
		_, meaning := words().english([]byte(w.key))
		return !w.large && meaning.concepts != nil
	}
	if properHindi[w.key] {
		return false
	}
	_, meaning := words().hindi([]byte(w.key))
	return meaning.concepts != nil || hindiTitles[w.key]
}

// within reports whether a long word of the source begins or ends like s: न्यूयॉर्क
// has York.
func within(k, s sound) bool {
	if s.hard < 3 || k.hard < s.hard+1 || len(k.letters) < len(s.letters)+2 {
		return false
	}
	n := len(s.letters)
	head, tail := makeSound([]byte(k.letters[:n])), makeSound([]byte(k.letters[len(k.letters)-n:]))
	return soundDistance(head, s) <= vowelGap || soundDistance(tail, s) <= vowelGap
}

// acronyms gives the acronyms of an English text that the source does not have.
func (m *material) acronyms(text string) (strange []string) {
	for _, a := range parseEnglish(text).acronyms {
		if len(a) < 3 || m.forms[a] || slices.Contains(m.parsed.acronyms, a) || commonAcronym[a] || m.from == "hi" {
			continue
		}
		strange = append(strange, strings.ToUpper(a))
	}
	return strange
}

// hindiNames gives the names of a Hindi text that the source does not have. Hindi does
// not write names large: a word is taken for one if it is spelled as only words from
// other languages are, or stands where names do, and is no common word.
func (m *material) hindiNames(text string) (strange []string) {
	words := nameWords(text, "hi")
	for i, w := range words {
		if utf8.RuneCountInString(w.key) < 3 || m.knowsHindi(w.key) {
			continue
		}
		next := strings.TrimSpace(text[w.end:min(len(text), w.end+8)])
		agent := strings.HasPrefix(next, "ने ")
		title := i > 0 && words[i-1].end+1 == w.start && hindiTitles[words[i-1].key]
		if !foreignSpelling(w.key) && !agent && !title {
			continue
		}
		if len(skeletonHi(w.key)) < 4 || m.spoken(w.key, true) || slices.Contains(strange, w.text) {
			continue
		}
		strange = append(strange, w.text)
	}
	return strange
}

func (m *material) knowsHindi(key string) bool {
	if m.forms[key] || commonHindi[key] {
		return true
	}
	stem := string(hindiStem([]byte(key)))
	if m.stems[looseHindi(stem)] || commonHindiStems[stem] {
		return true
	}
	if _, meaning := words().hindi([]byte(key)); meaning.concepts != nil {
		return !properHindi[key] || m.parsed.concepts.hasAny(meaning.concepts)
	}
	return hindiEnding(key) || spelledLetters(key) != ""
}
