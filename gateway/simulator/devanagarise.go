package simulator

import (
	"strings"
	"unicode"
)

// Devanagarise writes a word in Latin letters in Devanagari, roughly as it is
// spoken in Indian English. A word of capitals alone (BJP, G20) is spelled or
// kept by the caller; here it is read as a word. Runes that are no Latin letters
// stay; accents fall.
func Devanagarise(word string) string {
	w := []rune(asciiFold(strings.ToLower(word)))
	d := devanagariser{runes: w}
	for d.i < len(d.runes) {
		d.step()
	}
	return d.out.String()
}

type devanagariser struct {
	runes []rune
	i     int
	out   strings.Builder
	// open: the last thing written is a consonant, so a vowel is a matra and a
	// consonant may need a virama.
	open bool
	last string // the last consonant's Devanagari
}

func (d *devanagariser) rest() string { return string(d.runes[d.i:]) }

func (d *devanagariser) has(prefix string) bool { return strings.HasPrefix(d.rest(), prefix) }

func (d *devanagariser) at(k int) rune {
	if k >= 0 && k < len(d.runes) {
		return d.runes[k]
	}
	return 0
}

func isVowelLetter(r rune) bool { return strings.ContainsRune("aeiou", r) && r != 0 }

func isLatinLetter(r rune) bool { return r >= 'a' && r <= 'z' }

// clusters of letters for one consonant, longest first.
var consonantGraphemes = []struct{ latin, devanagari string }{
	{"tion", "शन"}, {"sion", "शन"}, {"cian", "शियन"}, {"tch", "च"}, {"sch", "श"}, {"chr", "क्र"}, {"ksh", "क्ष"}, {"ght", "ट"},
	{"chh", "छ"}, {"ch", "च"}, {"sh", "श"}, {"th", "थ"}, {"ph", "फ"}, {"gh", "घ"}, {"kh", "ख"}, {"bh", "भ"}, {"dh", "ध"}, {"jh", "झ"},
	{"zh", "झ"}, {"wh", "व"}, {"ck", "क"}, {"qu", "क्व"}, {"kn", "न"}, {"wr", "र"}, {"dg", "ज"},
	{"b", "ब"}, {"c", "क"}, {"d", "ड"}, {"f", "फ"}, {"g", "ग"}, {"h", "ह"}, {"j", "ज"}, {"k", "क"}, {"l", "ल"}, {"m", "म"},
	{"n", "न"}, {"p", "प"}, {"q", "क"}, {"r", "र"}, {"s", "स"}, {"t", "ट"}, {"v", "व"}, {"w", "व"}, {"x", "क्स"}, {"y", "य"}, {"z", "ज़"},
}

// vowels as an independent letter and as a matra, longest first.
var vowelGraphemes = []struct{ latin, letter, matra string }{
	{"eau", "ओ", "ो"}, {"igh", "आइ", "ाइ"}, {"aa", "आ", "ा"}, {"ai", "ऐ", "ै"}, {"ay", "ए", "े"}, {"au", "ऑ", "ॉ"}, {"aw", "ऑ", "ॉ"},
	{"ee", "ई", "ी"}, {"ea", "ई", "ी"}, {"ei", "ई", "ी"}, {"ey", "ई", "ी"}, {"eu", "यू", "्यू"}, {"ew", "यू", "्यू"}, {"ie", "ई", "ी"},
	{"ia", "इया", "िया"}, {"io", "इओ", "ियो"}, {"oa", "ओ", "ो"}, {"oo", "ऊ", "ू"}, {"ou", "आउ", "ाउ"}, {"ow", "ओ", "ो"}, {"oi", "ऑय", "ॉय"},
	{"oy", "ऑय", "ॉय"}, {"ue", "यू", "ू"}, {"ui", "उइ", "ुइ"}, {"ua", "उआ", "ुआ"}, {"uo", "उओ", "ुओ"},
	{"a", "अ", "ा"}, {"e", "ए", "े"}, {"i", "इ", "ि"}, {"o", "ओ", "ो"}, {"u", "उ", "ु"},
}

func (d *devanagariser) step() {
	r := d.at(d.i)
	switch {
	case !isLatinLetter(r):
		d.out.WriteRune(r)
		d.i++
		d.open = false
	case isVowelLetter(r) || r == 'y' && d.open && !isVowelLetter(d.at(d.i+1)):
		d.vowel()
	default:
		d.consonant()
	}
}

func (d *devanagariser) vowel() {
	r := d.at(d.i)
	atEnd := !isLatinLetter(d.at(d.i + 1))
	switch {
	case r == 'y': // Amy, Lynn
		if atEnd {
			d.write("ई", "ी", 1)
		} else {
			d.write("इ", "ि", 1)
		}
		return
	case r == 'e' && atEnd && d.open && d.i > 2: // silent: Mike, Blake
		d.i++
		return
	case r == 'e' && d.has("er") && d.open && !isLatinLetter(d.at(d.i+2)): // Tiger
		d.i++
		d.open = false
		return
	case r == 'u' && d.open && isLatinLetter(d.at(d.i+1)) && !isVowelLetter(d.at(d.i+1)) && !isVowelLetter(d.at(d.i+2)):
		d.i++ // Trump, Dublin: the short vowel that Devanagari does not write
		d.open = false
		return
	case d.i > 0 && d.magicE(): // Blake, Mike, Rome, Luke
		long := map[rune][2]string{'a': {"ए", "े"}, 'i': {"आइ", "ाइ"}, 'o': {"ओ", "ो"}, 'u': {"यू", "ू"}, 'e': {"ई", "ी"}}[r]
		d.write(long[0], long[1], 1)
		return
	case r == 'i' && atEnd && d.open:
		d.write("ई", "ी", 1)
		return
	case r == 'a' && !d.open && d.i == 0 && atEnd:
		d.write("ए", "", 1)
		return
	}
	if d.has("ie") && isLatinLetter(d.at(d.i+2)) && !isLatinLetter(d.at(d.i+3)) { // Daniel
		d.write("इए", "िए", 2)
		return
	}
	for _, g := range vowelGraphemes {
		if d.has(g.latin) {
			d.write(g.letter, g.matra, len(g.latin))
			return
		}
	}
}

// magicE tells a vowel, one consonant and a final e: the vowel is long.
func (d *devanagariser) magicE() bool {
	return isLatinLetter(d.at(d.i+1)) && !isVowelLetter(d.at(d.i+1)) && d.at(d.i+1) != 'r' &&
		d.at(d.i+2) == 'e' && !isLatinLetter(d.at(d.i+3))
}

func (d *devanagariser) write(letter, matra string, n int) {
	if d.open {
		d.out.WriteString(matra)
	} else {
		d.out.WriteString(letter)
	}
	d.open = false
	d.i += n
}

func (d *devanagariser) consonant() {
	r, next := d.at(d.i), d.at(d.i+1)
	if r == next { // Lloyd, Watson & Matt: once is enough
		d.i++
		next = d.at(d.i + 1)
	}
	nasal := (r == 'n' && strings.ContainsRune("kgtdcjsz", next) || r == 'm' && strings.ContainsRune("pb", next)) &&
		next != 0 && d.i > 0 && !d.open
	if nasal {
		d.out.WriteString("ं")
		d.i++
		return
	}
	devanagari, n := "", 1
	for _, g := range consonantGraphemes {
		if d.has(g.latin) {
			devanagari, n = g.devanagari, len(g.latin)
			break
		}
	}
	soft := strings.ContainsRune("eiy", next) && next != 0
	switch {
	case r == 'c' && n == 1 && soft:
		devanagari = "स"
	case r == 'g' && n == 1 && (next == 'e' || next == 'y'):
		devanagari = "ज"
	case r == 'h' && n == 1 && d.i > 0 && isLatinLetter(next) && !isVowelLetter(next): // John
		d.i++
		return
	case r == 'x' && d.i == 0:
		devanagari = "ज़"
	}
	if d.open && d.joins(r) {
		d.out.WriteString("्")
	}
	d.out.WriteString(devanagari)
	d.i += n
	d.open = true
	if strings.HasSuffix(devanagari, "शन") || strings.HasSuffix(devanagari, "शियन") {
		d.open = false
	}
	d.last = devanagari
}

// joins tells whether a consonant is written as a conjunct with the one before:
// at the word's start (Stalin, Brown), and r, l, y, w behind another (Andrew).
func (d *devanagariser) joins(r rune) bool {
	if d.last == "र" && r != 'y' {
		return true // Barnes: a reph
	}
	for k := range d.i {
		if isVowelLetter(d.at(k)) {
			return r == 'r' || r == 'y' || r == 'w' || d.last == "स" && r != 's'
		}
	}
	return true
}

// asciiFold takes the accents off Latin letters.
func asciiFold(s string) string {
	s = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ŋ", "ng").Replace(s)
	var b strings.Builder
	for _, r := range decompose(s) {
		if !unicode.Is(unicode.Mn, r) || r >= 0x0900 && r <= 0x097F {
			b.WriteRune(r)
		}
	}
	return b.String()
}
