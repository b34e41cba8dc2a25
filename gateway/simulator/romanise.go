package simulator

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Romanise writes a Devanagari word in Latin letters as an Indian newspaper
// would print a name: no diacritics, the inherent vowel left out where Hindi
// does not speak it (शहबाज → shahbaz, नरेंद्र → narendra). A word that spells
// Latin letters comes back as those (एससीओ → SCO). Runes of other scripts stay.
//
// The inherent vowel goes at the end of a word, unless a cluster needs it to be
// spoken, and between VC and CV, from right to left (Ohala, Aspects of Hindi
// Phonology, 1983; the form in Narasimhan, Sproat and Kiraz, 2004).
func Romanise(word string) string {
	word = plainDevanagari(word)
	if letters, ok := spelledLetters(word); ok {
		return letters
	}
	if known, ok := namesAsSpelled[word]; ok {
		return known
	}
	// नगर at the end is a word of its own: the vowel before it is silent.
	if stem, ok := strings.CutSuffix(word, "नगर"); ok && utf8.RuneCountInString(stem) > 2 {
		return romaniseWord(stem) + "nagar"
	}
	return romaniseWord(word)
}

func romaniseWord(word string) string {
	sounds := readSounds(word)
	dropSchwas(sounds)
	var b strings.Builder
	for i, s := range sounds {
		if s.dropped {
			continue
		}
		if s.kind == nasal {
			b.WriteString(nasalBefore(sounds, i))
			continue
		}
		b.WriteString(s.latin)
	}
	return strings.ReplaceAll(b.String(), "chchh", "chh")
}

// namesAsSpelled are words whose usual spelling follows no rule.
var namesAsSpelled = map[string]string{
	"सिंह": "singh", "सिंघ": "singh", "गांव": "gaon", "राव": "rao", "सैयद": "syed", "हैदर": "haider",
	"मोहम्मद": "mohammed", "राय": "rai", "खां": "khan", "ॐ": "om", "कौर": "kaur", "दास": "das", "बोस": "bose",
	"घोष": "ghosh", "ठाकरे": "thackeray", "पांडे": "pandey", "पांडेय": "pandey", "दुबे": "dubey", "चौबे": "chaubey",
	"बनर्जी": "banerjee", "मुखर्जी": "mukherjee", "चटर्जी": "chatterjee", "चौधरी": "chaudhary", "फर्नांडिस": "fernandes",
	"जॉन": "john", "जॉर्ज": "george", "चार्ल्स": "charles", "माइकल": "michael", "रॉबर्ट": "robert", "सर्गेई": "sergei",
}

type soundKind uint8

const (
	consonant soundKind = iota
	vowel
	nasal // ं or ँ
	other // a rune of another script, a digit
)

type sound struct {
	kind     soundKind
	rune     rune
	latin    string
	inherent bool // the vowel that a consonant has when nothing is written
	dropped  bool
}

var consonantLatin = map[rune]string{
	'क': "k", 'ख': "kh", 'ग': "g", 'घ': "gh", 'ङ': "n", 'च': "ch", 'छ': "chh", 'ज': "j", 'झ': "jh", 'ञ': "n",
	'ट': "t", 'ठ': "th", 'ड': "d", 'ढ': "dh", 'ण': "n", 'त': "t", 'थ': "th", 'द': "d", 'ध': "dh", 'न': "n", 'ऩ': "n",
	'प': "p", 'फ': "f", 'ब': "b", 'भ': "bh", 'म': "m", 'य': "y", 'र': "r", 'ऱ': "r", 'ल': "l", 'ळ': "l", 'ऴ': "l",
	'व': "v", 'श': "sh", 'ष': "sh", 'स': "s", 'ह': "h",
	'ॻ': "g", 'ॼ': "j", 'ॾ': "d", 'ॿ': "b", 'ॹ': "zh", 'ॺ': "y",
}

var nuktaLatin = map[rune]string{
	'क': "q", 'ख': "kh", 'ग': "gh", 'ज': "z", 'ड': "r", 'ढ': "rh", 'फ': "f", 'य': "y", 'न': "n", 'र': "r", 'ल': "l", 'झ': "zh",
}

var vowelLatin = map[rune]string{
	'अ': "a", 'आ': "a", 'इ': "i", 'ई': "i", 'उ': "u", 'ऊ': "u", 'ऋ': "ri", 'ॠ': "ri", 'ऌ': "li", 'ॡ': "li",
	'ए': "e", 'ऐ': "ai", 'ओ': "o", 'औ': "au", 'ऑ': "o", 'ऍ': "e", 'ऎ': "e", 'ऒ': "o", 'ॲ': "a", 'ऄ': "a",
	'ॳ': "o", 'ॴ': "o", 'ॵ': "au", 'ॶ': "u", 'ॷ': "u",
	'ा': "a", 'ि': "i", 'ी': "i", 'ु': "u", 'ू': "u", 'ृ': "ri", 'ॄ': "ri", 'ॢ': "li", 'ॣ': "li",
	'े': "e", 'ै': "ai", 'ो': "o", 'ौ': "au", 'ॉ': "o", 'ॅ': "e", 'ॆ': "e", 'ॊ': "o", 'ॏ': "au", 'ऺ': "o", 'ऻ': "o", 'ॖ': "u", 'ॗ': "u", 'ॎ': "e", 'ॕ': "e",
}

const (
	nukta       = '\u093C'
	virama      = '\u094D'
	anusvara    = '\u0902'
	chandrabind = '\u0901'
	visarga     = '\u0903'
)

// plainDevanagari is the form that rules are written for: letters and nuktas
// apart (NFD does that for the Devanagari block), joiners out, a chandrabindu as
// anusvara.
func plainDevanagari(word string) string {
	word = norm.NFD.String(word)
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u200C', '\u200D', '\u0900', 'ऽ', '\u0951', '\u0952', '\u0953', '\u0954':
			return -1
		case chandrabind:
			return anusvara
		}
		return r
	}, word)
}

func matra(r rune) bool {
	return r >= 'ा' && r <= 'ौ' || r == 'ॎ' || r == 'ॏ' || r >= '\u0955' && r <= '\u0957' || r == 'ॢ' || r == 'ॣ' || r == 'ऺ' || r == 'ऻ'
}

// readSounds reads a word, letters and nuktas apart, as sounds.
func readSounds(word string) []sound {
	runes := []rune(word)
	at := func(i int) rune {
		if i < len(runes) {
			return runes[i]
		}
		return 0
	}
	var out []sound
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		latin, isConsonant := consonantLatin[r]
		switch {
		case isConsonant:
			if at(i+1) == nukta {
				if n, ok := nuktaLatin[r]; ok {
					latin = n
				}
				i++
			} else {
				latin = loanSound(runes, i, latin)
			}
			s := sound{kind: consonant, rune: r, latin: latin}
			switch {
			case at(i+1) == virama:
				i++
				if len(out) > 0 && r == 'ञ' && out[len(out)-1].rune == 'ज' && out[len(out)-1].kind == consonant {
					s.latin = "y"
				}
				out = append(out, s)
			case matra(at(i + 1)):
				out = append(out, gya(out, s), sound{kind: vowel, rune: at(i + 1), latin: vowelLatin[at(i+1)]})
				i++
			default:
				out = append(out, gya(out, s), sound{kind: vowel, latin: "a", inherent: true})
			}
		case r == anusvara:
			out = append(out, sound{kind: nasal, rune: r})
		case r == visarga:
			if i == len(runes)-1 {
				out = append(out, sound{kind: other, latin: "h"})
			}
		case r == nukta || r == virama:
			// one without its letter says nothing
		case vowelLatin[r] != "":
			out = append(out, sound{kind: vowel, rune: r, latin: vowelLatin[r]})
		case r == 'ॐ':
			out = append(out, sound{kind: other, latin: "om"})
		case r >= '०' && r <= '९':
			out = append(out, sound{kind: other, latin: string('0' + r - '०')})
		case r >= 0x0900 && r <= 0x097F:
			// an accent or a sign that is not spoken
		default:
			out = append(out, sound{kind: other, latin: string(r)})
		}
	}
	return out
}

// gya turns the ज् before a ञ into g: ज्ञ is spoken gy in Hindi.
func gya(out []sound, s sound) sound {
	if s.rune == 'ञ' && len(out) > 0 && out[len(out)-1].kind == consonant && out[len(out)-1].rune == 'ज' {
		out[len(out)-1].latin = "g"
		s.latin = "y"
	}
	return s
}

// loanSound is the sound of a consonant without nukta where custom leaves the
// nukta out, and of व, which is w behind a consonant and in -वाला, -वाल.
func loanSound(runes []rune, i int, latin string) string {
	rest := string(runes[i:])
	clustered := i > 0 && runes[i-1] == virama
	switch runes[i] {
	case 'व':
		if clustered && i > 1 && runes[i-2] != 'र' || i > 0 && (rest == "वाल" || rest == "वाड़ा") || slices.Contains([]string{"वाला", "वाले", "वाली"}, rest) {
			return "w"
		}
	case 'फ':
		for _, native := range []string{"फल", "फूल", "फग", "फणी", "फाल्ग"} {
			if strings.HasPrefix(rest, native) {
				return "ph"
			}
		}
	case 'ज':
		// Persian and Arabic names: Shahbaz, Nawaz, Fayyaz, Aziz, Hafiz, Parvez.
		if rest == "ज" && i > 1 {
			before := runes[i-1]
			if before == 'ी' || before == 'ि' || before == 'े' && i > 2 {
				return "z"
			}
			if before == 'ा' && strings.ContainsRune("बवय", runes[i-2]) {
				return "z"
			}
		}
		if i == 0 {
			for _, name := range []string{"जफर", "जाकिर", "जरदारी", "जेलेंस", "जैद", "जहीर", "जुबैर", "जोया", "जीनत", "जाहिद"} {
				if strings.HasPrefix(rest, name) {
					return "z"
				}
			}
		}
		if strings.HasPrefix(rest, "जफ्फर") {
			return "z"
		}
	}
	return latin
}

// dropSchwas marks the inherent vowels that are not spoken.
func dropSchwas(s []sound) {
	spoken := func(i int) bool { return i >= 0 && i < len(s) && s[i].kind == vowel && !s[i].dropped }
	is := func(i int, k soundKind) bool { return i >= 0 && i < len(s) && s[i].kind == k }
	first := slices.IndexFunc(s, func(x sound) bool { return x.kind == vowel })
	for i := len(s) - 1; i > first; i-- {
		if !s[i].inherent || !is(i-1, consonant) {
			continue
		}
		if i == len(s)-1 || is(i+1, other) {
			s[i].dropped = !keepsFinal(s[:i])
			continue
		}
		if spoken(i-2) && is(i+1, consonant) && spoken(i+2) {
			s[i].dropped = true
		}
	}
}

// keepsFinal tells whether the last consonant's vowel is spoken: behind a
// cluster that ends in a sonorant (Chandra, Krishna, Satya, Vishwa), and in the
// ending -ीय (Bharatiya).
func keepsFinal(s []sound) bool {
	n := len(s)
	last, before := s[n-1], sound{}
	if n > 1 {
		before = s[n-2]
	}
	if before.kind == vowel {
		return last.rune == 'य' && (before.rune == 'ी' || before.rune == 'ि')
	}
	if before.kind != consonant {
		return false
	}
	switch last.rune {
	case 'य', 'र', 'व', 'ण':
		return true
	case 'न':
		return before.rune != 'र' && before.rune != 'ल' && before.rune != 'न'
	case 'म':
		return strings.ContainsRune("रषसतदधहक", before.rune)
	case 'ल':
		return strings.ContainsRune("कगतदपब", before.rune)
	}
	return false
}

// nasalBefore is the nasal of the place where the next sound is made: m before
// a lip sound, n before any other.
func nasalBefore(s []sound, i int) string {
	if i+1 < len(s) && s[i+1].kind == consonant {
		switch s[i+1].rune {
		case 'प', 'फ', 'ब', 'भ', 'म':
			return "m"
		case 'व':
			if i > 1 && s[i-1].inherent && s[i-2].rune == 'स' { // samvad, but Bhanvarlal
				return "m"
			}
		}
	}
	return "n"
}

// letterNames are the Hindi names of the Latin letters, longest first where one
// begins another.
var letterNames = []struct{ name, letter string }{
	{"डब्ल्यू", "W"}, {"डबल्यू", "W"}, {"एक्स", "X"}, {"जेड", "Z"}, {"क्यू", "Q"}, {"एच", "H"}, {"एफ", "F"}, {"एल", "L"},
	{"एम", "M"}, {"एन", "N"}, {"एस", "S"}, {"आई", "I"}, {"आइ", "I"}, {"आर", "R"}, {"वाई", "Y"}, {"बी", "B"}, {"सी", "C"}, {"डी", "D"},
	{"ई", "E"}, {"जी", "G"}, {"जे", "J"}, {"के", "K"}, {"ओ", "O"}, {"पी", "P"}, {"टी", "T"}, {"यू", "U"}, {"वी", "V"}, {"ए", "A"},
}

// spelledLetters reads a word made of two or more names of Latin letters.
func spelledLetters(word string) (string, bool) {
	word = strings.NewReplacer("क"+string(nukta), "क", "ज"+string(nukta), "ज", "फ"+string(nukta), "फ").Replace(word)
	letters := ""
next:
	for word != "" {
		for _, l := range letterNames {
			if rest, ok := strings.CutPrefix(word, l.name); ok {
				letters, word = letters+l.letter, rest
				continue next
			}
		}
		return "", false
	}
	return letters, len(letters) > 1
}

// letterName is the Latin letter that a word names, for initials (एस. → S.).
func letterName(word string) (string, bool) {
	for _, l := range letterNames {
		if l.name == word {
			return l.letter, true
		}
	}
	return "", false
}
