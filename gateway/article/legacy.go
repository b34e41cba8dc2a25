package article

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// LegacyFont reports whether text, or the part of it in Latin letters, is Hindi
// typed for a font that draws Devanagari in place of Latin letters: Kruti Dev 010
// and its kin with the same layout (DevLys 010), or the Chanakya family. Such text
// looks like "esjk uke usgy gSA" in any other font.
//
// It needs running text: about four words with a function word or two among them.
// It is not deceived by English, romanised Hindi, other languages or program code,
// nor by a line of Kruti Dev quoted in an English article.
func LegacyFont(text string) bool {
	var kruti, chanakya legacyScore
	for chunk := range strings.FieldsSeq(text) {
		if opaque(chunk) || !hasLatin(chunk) {
			continue
		}
		kruti.add(krutiWeight(chunk))
		chanakya.add(chanakyaWeight(chunk))
	}
	return kruti.enough(0.3) || chanakya.enough(0.4)
}

// legacyScore sums what the words say.
type legacyScore struct {
	words, sum float64
	sure       int
}

func (s *legacyScore) add(weight float64) {
	s.words++
	s.sum += weight
	if weight == 1 {
		s.sure++
	}
}

func (s legacyScore) enough(share float64) bool {
	return s.sure > 0 && s.sum >= 1.5 && s.sum >= share*s.words
}

// Frequent Hindi words as Kruti Dev spells them.
const (
	krutiWords = `esa gS gSa vkSj ;g Fkk Fkh Fks ugha Hkh x;k xbZ x;h x;s fy, fy;s fd;k dhft, mUgksaus bUgksaus mUgsa bUgsa lkFk ckn vius viuh
viuk }kjk ysfdu gq, gqbZ gqvk fn;k djrs djrk djrh djuk djus blds bldh bldk blesa blls bls muds mudh mudk muls mlds mldh mldk mls mlus blus ftlds
ftldh ftldk ftlesa ftlls ftls ftu eSa vki gwa gw¡ gks gksrk gksrh gksus gksuk gksxk gksxh gksaxs jgk jgh jgs ldrk ldrh ldrs pkfg, okys okyh okyk D;k
D;ksa dSls dgka dgk¡ dkSu ;gka ;gk¡ ogka ogk¡ ,d rks dksbZ dqN lHkh vxj ;fn D;ksafd rkfd cfYd esjk esjh esjs gekjk gekjh gekjs vkidk vkidh vkids rqe
eq>s gesa vkidks mudks bldks mldks dgk tkrk tkrh tkrs tk,xk tk,xh yxk yxh xbZa Fkha jgha ;s os tSls cgqr ckjs igys f[kykQ nkSjku vuqlkj dks
ljdkj iz/kkuea=h eq[;ea=h ea=h ns'k Hkkjr yksx yksxksa fnYyh iqfyl fnu lky`
	// Two letters only, which stand for other things as well.
	krutiShort = `dh ds dk ls us og fd bl mu ml rd gh tc rc vc dc ge ij dj nh tks ;k fn, x,`
)

var krutiLexicon = sync.OnceValue(func() map[string]float64 {
	words := map[string]float64{}
	for word := range strings.FieldsSeq(krutiWords) {
		words[word] = 1
	}
	for word := range strings.FieldsSeq(krutiShort) {
		words[word] = 0.7
	}
	words["us"] = 0.2 // English, too
	return words
})

// krutiWeight tells how surely a chunk between spaces is Kruti Dev: 1 a known word, less by shape.
func krutiWeight(chunk string) float64 {
	// Kruti Dev's danda, comma, stop, brackets and quotes
	word := strings.TrimLeft(chunk, "¼^ß(‘“\"")
	word = strings.TrimRight(word, "]-½*Þ)’”\"")
	stop := false
	if w, ok := strings.CutSuffix(word, "A"); ok && w != "" {
		last := w[len(w)-1]
		if stop = last >= 'a' && last <= 'z' || last == 'S'; stop {
			word = w
		}
	}
	if weight, ok := krutiLexicon()[word]; ok {
		if stop && weight > 0.5 {
			return 1
		}
		return weight
	}
	return krutiShape(word, stop)
}

// krutiShape weighs a word by what Latin spelling never has: marks within it,
// capitals behind small letters, no vowel, q without u.
func krutiShape(word string, stop bool) float64 {
	var weight float64
	if stop {
		weight = 0.5
	}
	var before byte
	letters, vowels, marks, humps, lonelyQ := 0, 0, 0, 0, 0
	for i := range len(word) {
		c := word[i]
		small, capital := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z'
		beforeLetter := before|0x20 >= 'a' && before|0x20 <= 'z'
		switch {
		case small || capital:
			letters++
			if strings.IndexByte("aeiouyAEIOUY", c) >= 0 {
				vowels++
			}
			if capital && before >= 'a' && before <= 'z' {
				humps++
			}
			if before == 'q' && strings.IndexByte("bcdfghjklmnprstvwxzNVMBH", c) >= 0 {
				lonelyQ++
			}
			if before != 0 && !beforeLetter && strings.IndexByte(";[{<>+~`|}=,", before) >= 0 && i > 1 || before == '/' && c == 'k' && i == 1 {
				marks++
			}
		}
		before = c
	}
	switch {
	case letters < 2 || strings.ContainsAny(word, "()&@$") || strings.Contains(word, "//") || strings.Contains(word, "</"):
		return 0
	case marks > 0:
		weight += 0.6
	}
	if vowels == 0 && letters >= 3 && word == strings.ToLower(word) {
		weight += 0.6
	}
	if humps > 0 {
		weight += 0.3
	}
	if lonelyQ > 0 {
		weight += 0.6
	}
	return min(weight, 0.9)
}

// chanakyaWeight tells words of the Chanakya fonts, whose letters are the upper
// half of Windows-1252: marks such as · × ´ stand within their words as no language
// of the Latin script has them.
func chanakyaWeight(chunk string) float64 {
	if isASCII(chunk) {
		return 0
	}
	var high, marks, letters int
	for _, r := range chunk {
		switch {
		case strings.ContainsRune("·×¤´¥§¢¹²³¿«»¸˜¦ˆ™†‡‚Ð÷", r):
			marks++
			high++
		case r >= 0xC0 && r <= 0xFF || r >= 0x80 && (r == 'š' || r == 'Ÿ' || r == 'œ' || r == 'Œ' || r == 'ƒ'):
			high++
		case r < utf8.RuneSelf && unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case strings.Contains(chunk, "à¤") || strings.Contains(chunk, "à¥"): // UTF-8 in a wrong charset
		return 0
	case strings.Contains(chunk, "ãñ") || strings.Contains(chunk, "·ð¤") || strings.Contains(chunk, "·Ô¤") || strings.Contains(chunk, "·¤") ||
		strings.Contains(chunk, "×ð´") || strings.Contains(chunk, "×ð¢"):
		return 1
	case high >= 2 && marks > 0 && high > letters:
		return 0.7
	case high >= 2 && high > 2*letters:
		return 0.5
	}
	return 0
}

func hasLatin(s string) bool {
	for _, r := range s {
		if r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z') || r >= 0xC0 && unicode.Is(unicode.Latin, r) {
			return true
		}
	}
	return false
}
