package check

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Signs of Devanagari.
const (
	nukta    = '़'
	virama   = '्'
	anusvara = 'ं'
)

// devanagari reports whether a character of text stands in Devanagari: letters, signs,
// digits, not the danda that other scripts have, too.
func devanagari(r rune) bool { return r >= 0x0900 && r <= 0x097F && r != '।' }

// devanagariLetter reports whether a character is part of a word in Devanagari.
func devanagariLetter(r rune) bool {
	return r >= 0x900 && r <= 0x97F && (r < 0x964 || r > 0x970)
}

func hindiConsonant(r rune) bool { return r >= 'क' && r <= 'ह' }

// withNukta reports whether a letter has its nukta in one character.
func withNukta(r rune) bool {
	return r >= 0x0958 && r <= 0x095F || r == 0x0929 || r == 0x0931 || r == 0x0934
}

// baseLetter is the letter without its nukta of one withNukta.
func baseLetter(r rune) rune {
	if r < 0x0958 {
		return r - 1 // ऩ ऱ ऴ
	}
	return [...]rune{'क', 'ख', 'ग', 'ज', 'ड', 'ढ', 'फ', 'य'}[r-0x0958]
}

// appendHindiForm adds a word of Devanagari as the lexicon has it: without nuktas and
// joiners, and with the sign for a nasal before a consonant, as in हिंदी for हिन्दी.
func appendHindiForm(out []byte, word string) []byte {
	for i, r := range word {
		switch {
		case r == nukta || r == '\u200c' || r == '\u200d':
			continue
		case withNukta(r):
			r = baseLetter(r)
		case r == 'ँ':
			r = anusvara
		case r == virama && len(out) >= 3:
			last, size := utf8.DecodeLastRune(out)
			next, _ := utf8.DecodeRuneInString(word[i+utf8.RuneLen(virama):])
			if strings.ContainsRune("ङञणनम", last) && next >= 'क' && next <= 'म' {
				out = out[:len(out)-size]
				r = anusvara
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// hindiEndings are taken off in this order, one of them: of plurals and oblique cases,
// of verbs, and the vowels of gender and number.
var hindiEndings = [...][]string{
	strings.Fields("ियों ियां ाओं ाएं ुओं ुएं ओं एं ों ें ां ीं"),
	strings.Fields("ना ने नी ता ते ती"),
	strings.Fields("ा ी े ो ि ु ू"),
}

// hindiStem is a word without its ending, if two characters stay. Some nouns lose a
// part of their own, such as योजना.
func hindiStem(form []byte) []byte {
	return withoutEnding(form, hindiEndings[:])
}

// hindiNounStem is the same of a word that is no verb.
func hindiNounStem(form []byte) []byte {
	return withoutEnding(form, [][]string{hindiEndings[0], hindiEndings[2]})
}

func withoutEnding(form []byte, lists [][]string) []byte {
	for _, list := range lists {
		for _, ending := range list {
			if stem, ok := bytes.CutSuffix(form, []byte(ending)); ok && utf8.RuneCount(stem) >= 2 {
				return stem
			}
		}
	}
	return form
}
