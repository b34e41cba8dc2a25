package check

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A skeleton is what two languages keep of one name: the consonants, in classes that
// the spelling of either language does not tell apart safely (ट and त are both t), and
// an a where it begins with a vowel or y. "Bhopal" and भोपाल are both "bpl".
//
// The classes are few on purpose. What they blur, such as g and j, is made up for by
// [skeletonDistance], in which a substitution of sounds that lie near costs half.

// maxSkeleton is the number of sounds kept of a word, so that the comparison of two
// is bounded. The longest name of the shared data has 14.
const maxSkeleton = 24

// skeletonHi is the skeleton of a word in Devanagari; empty if it has none.
func skeletonHi(word string) string {
	var buf [maxSkeleton]byte
	return string(appendSkeletonHi(buf[:0], word))
}

// skeletonEn is the same of a word in Latin letters, with or without accents.
func skeletonEn(word string) string {
	var buf [maxSkeleton]byte
	return string(appendSkeletonEn(buf[:0], word))
}

// appendSound adds a sound, unless it is the one before again.
func appendSound(out []byte, sound byte) []byte {
	if len(out) == maxSkeleton || len(out) > 0 && out[len(out)-1] == sound {
		return out
	}
	return append(out, sound)
}

// hindiSounds gives the sound of the letters and signs from U+0900 on that have one:
// 'a' for a vowel letter, which counts only at the start of a word.
var hindiSounds = func() (table [0x80]byte) {
	for sound, letters := range map[byte]string{
		'a': "अआइईउऊएऐऑओऔऍऎऒऄ", 'k': "कख", 'g': "गघ", 'c': "चछ", 'j': "जझॹ", 't': "टठतथ", 'd': "डढदध", 'n': "नणञङऩ",
		'm': "म", 'p': "प", 'f': "फ", 'b': "बभ", 'v': "व", 'r': "रऱऋॠृॄ", 'l': "लळऴऌ", 's': "शषस", 'h': "ह", 'y': "य",
	} {
		for _, letter := range letters {
			table[letter-0x900] = sound
		}
	}
	// letters with the nukta in one character
	for letter, sound := range map[rune]byte{'\u0958': 'k', '\u0959': 'k', '\u095a': 'g', '\u095b': 'j', '\u095c': 'r', '\u095d': 'r', '\u095e': 'f', '\u095f': 'y'} {
		table[letter-0x900] = sound
	}
	return table
}()

func hindiSound(r rune) byte {
	if r < 0x900 || r > 0x97F {
		return 0
	}
	return hindiSounds[r-0x900]
}

func appendSkeletonHi(out []byte, word string) []byte {
	var before, before2 rune // letters, without the nukta
	for i, r := range word {
		sound := hindiSound(r)
		switch {
		case r == nukta || r == '\u200c' || r == '\u200d':
			if r == nukta && (before == 'ड' || before == 'ढ') && len(out) > 0 && out[len(out)-1] == 'd' {
				out[len(out)-1] = 'r' // गढ़ is "garh"
			}
			continue
		case r == anusvara || r == 'ँ':
			sound = 'n'
			if r == anusvara {
				sound = nasal(word[i+utf8.RuneLen(r):])
			}
		case sound == 'a' && before != 0:
			sound = 0
		case sound == 'y' && before == 0:
			sound = 'a'
		case sound == 'y' || sound == 'h' && before != 0:
			sound = 0
		case r == 'ञ' && before == virama && before2 == 'ज':
			sound = 0 // ज्ञ is "gy"
		case sound == 'n':
			if after := word[i+utf8.RuneLen(r):]; len(after) >= 3 && after[:3] == string(virama) {
				sound = nasal(after[3:]) // the same sound as the sign
			}
		}
		if sound != 0 {
			out = appendSound(out, sound)
		}
		before2, before = before, r
	}
	return out
}

// nasal is the sound of a nasal without a vowel before the letters that follow.
func nasal(after string) byte {
	r, _ := utf8.DecodeRuneInString(after)
	switch hindiSound(r) {
	case 'p', 'b', 'f', 'm':
		return 'm'
	}
	return 'n'
}

// latinBase gives the letter without its accent of the letters from U+00C0 to U+024F,
// in lower case.
var latinBase = func() (table [0x250 - 0xC0]byte) {
	for i := range table {
		r := rune(i + 0xC0)
		if b := unicode.ToLower(rune(norm.NFD.String(string(r))[0])); b < utf8.RuneSelf {
			table[i] = byte(b)
		}
	}
	for letter, base := range map[rune]byte{
		'ß': 's', 'æ': 'a', 'Æ': 'a', 'œ': 'o', 'Œ': 'o', 'ø': 'o', 'Ø': 'o', 'ł': 'l', 'Ł': 'l', 'đ': 'd', 'Đ': 'd', 'ð': 'd', 'Ð': 'd', 'þ': 't', 'Þ': 't', 'ı': 'i', 'ə': 'a',
	} {
		if letter < 0x250 {
			table[letter-0xC0] = base
		}
	}
	return table
}()

// latinLetter is a letter of English in lower case and without its accent; 0 for all
// else.
func latinLetter(r rune) byte {
	switch {
	case r >= 'a' && r <= 'z':
		return byte(r)
	case r >= 'A' && r <= 'Z':
		return byte(r - 'A' + 'a')
	case r >= 0xC0 && r < 0x250:
		return latinBase[r-0xC0]
	}
	return 0
}

// englishRule says how some letters sound together.
type englishRule struct {
	letters, sounds string
	when            func(word []byte, at int) bool // nil: always
}

// englishRules gives the rules by their first letter; the first that holds is taken.
var englishRules = func() (table [256][]englishRule) {
	soft := func(length int) func([]byte, int) bool {
		return func(word []byte, at int) bool { return at+length < len(word) && softens(word[at+length]) }
	}
	initial := func(_ []byte, at int) bool { return at == 0 }
	for _, rule := range []englishRule{
		{"tch", "c", nil}, {"sch", "s", nil}, {"tion", "sn", nil}, {"sion", "sn", nil}, {"cian", "sn", nil}, {"cial", "sl", nil}, {"tial", "sl", nil},
		{"ght", "t", nil}, {"ph", "f", nil}, {"sh", "s", nil}, {"ch", "c", nil}, {"th", "t", nil}, {"ck", "k", nil}, {"cq", "k", nil}, {"qu", "k", nil},
		{"kn", "n", initial}, {"wr", "r", initial},
		{"gn", "n", func(word []byte, at int) bool { return at == 0 || at+2 == len(word) }},
		{"dg", "j", soft(2)}, {"gh", "", silentGh}, {"gh", "g", nil}, {"wh", "v", nil},
		{"x", "j", initial}, {"x", "ks", nil},
		{"c", "s", soft(1)}, {"c", "k", nil}, {"g", "j", soft(1)}, {"z", "j", nil}, {"q", "k", nil},
		{"w", "v", func(word []byte, at int) bool { return at+1 < len(word) && vowel(word[at+1]) }}, {"w", "", nil},
		{"h", "h", initial}, {"h", "", nil}, {"y", "a", initial}, {"y", "", nil},
		{"a", "a", initial}, {"e", "a", initial}, {"i", "a", initial}, {"o", "a", initial}, {"u", "a", initial},
		{"a", "", nil}, {"e", "", nil}, {"i", "", nil}, {"o", "", nil}, {"u", "", nil},
	} {
		table[rule.letters[0]] = append(table[rule.letters[0]], rule)
	}
	return table
}()

func softens(letter byte) bool { return letter == 'e' || letter == 'i' || letter == 'y' }

func vowel(letter byte) bool {
	return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u'
}

// silentGh holds for "high" and "Vaughan", and for "Singh", but not for "Raghav" or
// "Sangh".
func silentGh(word []byte, at int) bool {
	return at > 0 && (word[at-1] == 'i' || word[at-1] == 'u' || at > 1 && at+2 == len(word) && string(word[at-2:at]) == "in")
}

func appendSkeletonEn(out []byte, word string) []byte {
	var buf [48]byte
	letters := buf[:0]
	for _, r := range word {
		if b := latinLetter(r); b != 0 && len(letters) < len(buf) {
			letters = append(letters, b)
		}
	}
	for i := 0; i < len(letters); {
		length, sounds := 1, string(letters[i:i+1])
		for _, rule := range englishRules[letters[i]] {
			if hasPrefix(letters[i:], rule.letters) && (rule.when == nil || rule.when(letters, i)) {
				length, sounds = len(rule.letters), rule.sounds
				break
			}
		}
		for k := range len(sounds) {
			out = appendSound(out, sounds[k])
		}
		i += length
	}
	return out
}

func hasPrefix(word []byte, prefix string) bool {
	return len(word) >= len(prefix) && string(word[:len(prefix)]) == prefix
}

// nearSounds are those that the two languages, or two writers of one, mix up.
var nearSounds = func() (table [26][26]bool) {
	for _, pair := range []string{"kc", "gj", "sj", "sc", "jc", "fp", "bv", "td", "nm", "kg", "as", "fv", "rd", "ks", "kv"} {
		a, b := pair[0]-'a', pair[1]-'a'
		table[a][b], table[b][a] = true, true
	}
	return table
}()

// skeletonDistance is the edit distance of two skeletons, in sounds: a substitution
// by a near sound counts half.
func skeletonDistance(a, b string) float64 {
	return float64(distanceHalves(a, b, 2*maxSkeleton)) / 2
}

// distanceHalves is the distance in halves of a sound; when it is above limit, some
// number above limit.
func distanceHalves(a, b string, limit int) int {
	a, b = a[:min(len(a), maxSkeleton)], b[:min(len(b), maxSkeleton)]
	if d := 2 * (len(a) - len(b)); d > limit || -d > limit {
		return limit + 1
	}
	var rows [2][maxSkeleton + 1]int
	before, now := &rows[0], &rows[1]
	for j := range len(b) + 1 {
		before[j] = 2 * j
	}
	for i := range len(a) {
		now[0] = 2 * (i + 1)
		least := now[0]
		for j := range len(b) {
			cost := 2
			switch {
			case a[i] == b[j]:
				cost = 0
			case a[i]-'a' < 26 && b[j]-'a' < 26 && nearSounds[a[i]-'a'][b[j]-'a']:
				cost = 1
			}
			now[j+1] = min(before[j]+cost, before[j+1]+2, now[j]+2)
			least = min(least, now[j+1])
		}
		if least > limit {
			return limit + 1
		}
		before, now = now, before
	}
	return before[len(b)]
}
