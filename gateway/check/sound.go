package check

import (
	"math/bits"
	"strings"
)

// sound is how a word of either language is spoken, in one small alphabet of
// consonants (j for j and z, k for k and q, v for v and w, aspirates as their plain
// letters) and the vowels a e i o u of any length. It is finer than a skeleton, which
// has no vowels: skeletons find who may be who in two languages, sounds tell which of
// several is nearest.
type sound struct {
	letters    string
	consonants uint32 // a bit for each consonant in it, a..z
	hard       int    // how many of letters are consonants other than h and y
}

func makeSound(letters []byte) sound {
	out := letters[:0]
	var s sound
	for i, c := range letters {
		if i > 0 && letters[i-1] == c && len(out) > 0 {
			continue
		}
		out = append(out, c)
		if !vowel(c) && c != 'h' && c != 'y' {
			s.hard++
			s.consonants |= 1 << (c - 'a')
		}
	}
	s.letters = string(out)
	return s
}

// skeleton is the sound without h, y, and any vowel but one at its start, which is
// an a.
func (s sound) skeleton() string {
	out := make([]byte, 0, len(s.letters))
	for i := range len(s.letters) {
		switch c := s.letters[i]; {
		case vowel(c) && i == 0:
			out = append(out, 'a')
		case !vowel(c) && c != 'h' && c != 'y':
			out = append(out, c)
		}
	}
	return string(out)
}

// far is a quick no: the two have too many consonants that the other has not. Each
// of those costs half a point of distance at least.
func (s sound) far(t sound, bound float64) bool {
	return float64(bits.OnesCount32(s.consonants^t.consonants))*0.25 > bound
}

// Costs of soundDistance. A vowel is less sure than a consonant: English spells the
// same one in many ways, and Hindi does not write the short a at all.
const (
	vowelChange = 0.4
	vowelGap    = 0.5
	shortA      = 0.3 // an a that the other does not have
	breathGap   = 0.3 // an h or y that the other does not have
	nearChange  = 0.5 // consonants that one language writes for the other's
)

// soundDistance is the cost of turning one sound into the other. It is never more
// than longest characters of each that are compared.
func soundDistance(a, b sound) float64 {
	const longest = 24
	x, y := a.letters, b.letters
	x, y = x[:min(len(x), longest)], y[:min(len(y), longest)]
	var rows [2][longest + 1]float64
	prev, cur := &rows[0], &rows[1]
	for j := range len(y) {
		prev[j+1] = prev[j] + gap(y[j])
	}
	for i := range len(x) {
		cur[0] = prev[0] + gap(x[i])
		for j := range len(y) {
			cur[j+1] = min(prev[j]+change(x[i], y[j]), prev[j+1]+gap(x[i]), cur[j]+gap(y[j]))
		}
		prev, cur = cur, prev
	}
	return prev[len(y)]
}

func gap(c byte) float64 {
	switch {
	case c == 'a':
		return shortA
	case vowel(c):
		return vowelGap
	case c == 'h' || c == 'y':
		return breathGap
	}
	return 1
}

func change(a, b byte) float64 {
	switch {
	case a == b:
		return 0
	case vowel(a) && vowel(b):
		return vowelChange
	case nearSounds[a-'a'][b-'a'], (a == 'y' || b == 'y') && (a == 'i' || b == 'i'), (a == 'v' || b == 'v') && (a == 'u' || b == 'u' || a == 'o' || b == 'o'):
		return nearChange
	}
	return 1
}

var hindiVowels = map[rune]byte{
	'अ': 'a', 'आ': 'a', 'इ': 'i', 'ई': 'i', 'उ': 'u', 'ऊ': 'u', 'ए': 'e', 'ऐ': 'e', 'ऍ': 'e', 'ओ': 'o', 'औ': 'o', 'ऑ': 'o',
	'ा': 'a', 'ि': 'i', 'ी': 'i', 'ु': 'u', 'ू': 'u', 'े': 'e', 'ै': 'e', 'ॅ': 'e', 'ो': 'o', 'ौ': 'o', 'ॉ': 'o',
}

// soundHi is the sound of a word of [hindiNameForm].
func soundHi(word string) sound {
	out := make([]byte, 0, len(word))
	runes := []rune(word)
	for i, r := range runes {
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if v, ok := hindiVowels[r]; ok {
			out = append(out, v)
			continue
		}
		if c := hindiSound(r); c != 0 {
			out = append(out, c)
			_, matra := hindiVowels[next]
			if next != 0 && next != virama && next != 'ृ' && !(matra && next >= 'ा') {
				out = append(out, 'a')
			}
			continue
		}
		switch r {
		case 'ऋ', 'ृ':
			out = append(out, 'r', 'i')
		case anusvara:
			out = append(out, nasal(string(next)))
		}
	}
	return makeSound(out)
}

// englishSounds are letters that are spoken otherwise than one by one; the first
// that fits holds.
var englishSounds = [...][2]string{
	{"tch", "c"}, {"sch", "s"}, {"tion", "san"}, {"sion", "san"}, {"cian", "san"}, {"cial", "sal"}, {"tial", "sal"}, {"augh", "o"}, {"ough", "o"}, {"igh", "ai"}, {"eigh", "e"},
	{"ph", "f"}, {"sh", "s"}, {"ch", "c"}, {"th", "t"}, {"ck", "k"}, {"cq", "k"}, {"qu", "kv"}, {"dg", "j"}, {"gh", "g"}, {"kh", "k"}, {"bh", "b"}, {"dh", "d"}, {"jh", "j"}, {"wh", "v"}, {"wr", "r"},
	{"rh", "r"}, {"zh", "j"}, {"ee", "i"}, {"ea", "i"}, {"ie", "i"}, {"oo", "u"}, {"ou", "u"}, {"aa", "a"}, {"ai", "e"}, {"ay", "e"}, {"ei", "e"}, {"ey", "e"}, {"au", "o"}, {"aw", "o"},
	{"ow", "o"}, {"oa", "o"}, {"ew", "yu"}, {"x", "ks"},
}

// soundEn is the sound of a word of [englishNameForm].
func soundEn(word string) sound {
	out := make([]byte, 0, len(word)+2)
letters:
	for i := 0; i < len(word); {
		for _, rule := range englishSounds {
			if strings.HasPrefix(word[i:], rule[0]) {
				out = append(out, rule[1]...)
				i += len(rule[0])
				continue letters
			}
		}
		c, next := word[i], byte(0)
		if i+1 < len(word) {
			next = word[i+1]
		}
		soft := next == 'e' || next == 'i' || next == 'y'
		i++
		switch {
		case c < 'a' || c > 'z':
		case c == 'c' && soft:
			out = append(out, 's')
		case c == 'c' || c == 'q':
			out = append(out, 'k')
		case c == 'g' && soft && i > 1:
			out = append(out, 'j')
		case c == 'z':
			out = append(out, 'j')
		case c == 'w':
			out = append(out, 'v')
		case c == 'y' && (i == len(word) || !vowel(next)):
			out = append(out, 'i')
		case c == 'h' && i > 1 && !vowel(next): // Shah, Johnson
		case c == 'e' && i == len(word) && i > 3: // Blake
		default:
			out = append(out, c)
		}
	}
	return makeSound(out)
}

// hindiNameForm is the form in which Devanagari words are compared: without nuktas,
// a chandrabindu or a nasal before a consonant an anusvara. Folded like that, the
// accepted spellings of one word are one.
func hindiNameForm(word string) string { return string(appendHindiForm(nil, word)) }

// englishNameForm is the form in which Latin words are compared: small letters without
// accents, no possessive.
func englishNameForm(word string) string {
	return latinForm(strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(word, "'"), "'s"), "'S"))
}
