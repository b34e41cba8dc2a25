package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// RepairMojibake turns Devanagari whose UTF-8 bytes were read as Latin-1 or
// Windows-1252, once or several times over, back into Devanagari: "à¤°à¤¾à¤®"
// becomes "राम". It reports whether it changed anything.
//
// The whole text may be damaged or some lines of it. A line is repaired only if
// every broken Devanagari letter in it decodes and the line, or the repaired text,
// is then mostly Devanagari; quotation marks, dashes and accented letters that were
// broken with it are mended, too. Good Devanagari and good Latin text, with all its
// accents and typographic quotes, stay as they are. Text from which a program has
// dropped the bytes that Windows-1252 does not define (among them the ones of the
// virama) cannot be repaired.
//
// It must see the text as it came in: soft hyphens, no-break spaces and next-line
// characters are bytes of Devanagari letters here, and Normalize takes them away.
func RepairMojibake(s string) (string, bool) {
	if !strings.Contains(s, "Ã") && !hasBroken(s) {
		return s, false
	}
	const layers = 4 // misreadings on top of each other; each doubles the length
	fixed, text := false, s
	for range layers {
		next, ok := repairLayer(text)
		if !ok {
			break
		}
		text, fixed = next, true
	}
	if !fixed {
		return s, false
	}
	return text, true
}

// hasBroken reports whether s holds the beginning of a Devanagari letter (bytes E0
// A4, E0 A5) read in a wrong charset.
func hasBroken(s string) bool {
	return strings.Contains(s, "à¤") || strings.Contains(s, "à¥")
}

// repairLayer undoes one misreading, or, when the letters were misread several
// times, takes off all but the last of them first.
func repairLayer(s string) (string, bool) {
	if hasBroken(s) {
		return repairLines(s)
	}
	peeled := s
	for range 2 {
		peeled, _ = decodeAll(peeled)
		if hasBroken(peeled) {
			return repairLines(peeled)
		}
	}
	return s, false
}

// repairLines repairs the lines that need it, each on its own.
func repairLines(s string) (string, bool) {
	lines := strings.SplitAfter(s, "\n")
	fixed := make([]string, len(lines))
	good := make([]bool, len(lines)) // whole, but not yet known to be mostly Devanagari
	changed := false
	for i, line := range lines {
		fixed[i] = line
		if !hasBroken(line) {
			continue
		}
		decoded, whole := decodeAll(line)
		if !whole || decoded == line {
			continue
		}
		fixed[i], good[i] = decoded, true
		changed = true
	}
	if !changed {
		return s, false
	}
	textToo := devanagariLeads(strings.Join(fixed, ""))
	changed = false
	for i, line := range lines {
		switch {
		case good[i] && (textToo || devanagariLeads(fixed[i])):
			changed = true
		case good[i]:
			fixed[i] = line
		}
	}
	if !changed {
		return s, false
	}
	for i, line := range lines {
		if !good[i] && textToo && !hasBroken(line) { // a line of English or numbers in a text misread as a whole
			fixed[i], _ = decodeAll(line)
		}
	}
	return strings.Join(fixed, ""), true
}

// devanagariLeads reports whether at least half of the letters are Devanagari.
func devanagariLeads(s string) bool {
	deva, _ := Share(s)
	return deva >= 0.5
}

// decodeAll replaces every run of misread characters that forms a UTF-8 sequence
// by the character it encodes. whole is false if a Devanagari letter was begun and
// did not come out whole, other than at the very end of s, where it may be cut off.
func decodeAll(s string) (decoded string, whole bool) {
	var b strings.Builder
	b.Grow(len(s))
	whole = true
	for i := 0; i < len(s); {
		r, n, ok := decodeOne(s[i:])
		if !ok {
			r, n = utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b.WriteByte(s[i])
				i++
				continue
			}
			if r == 'à' && cutLetter(s[i:]) {
				whole = false
			}
		}
		b.WriteRune(r)
		i += n
	}
	return b.String(), whole
}

// cutLetter reports whether s starts with the first two bytes of a Devanagari
// letter, read in a wrong charset, and goes on after them.
func cutLetter(s string) bool {
	rest, found := strings.CutPrefix(s, "à¤")
	if !found {
		if rest, found = strings.CutPrefix(s, "à¥"); !found {
			return false
		}
	}
	return rest != "" && rest[0] != '\n' && rest[0] != '\r'
}

// decodeOne reads one misread UTF-8 sequence of two to four bytes from the start of
// s and gives the character it encodes and its length in s.
func decodeOne(s string) (r rune, size int, ok bool) {
	var buf [utf8.UTFMax]byte
	want := 0
	for k := 0; k < utf8.UTFMax; k++ {
		c, n := utf8.DecodeRuneInString(s[size:])
		b, single := misreadByte(c)
		if k > 0 && c == ' ' {
			b, single = 0xA0, true // a no-break space that became a plain one
		}
		if n == 0 || !single || c == utf8.RuneError && n == 1 {
			return 0, 0, false
		}
		if k == 0 {
			switch {
			case b >= 0xC2 && b <= 0xDF:
				want = 2
			case b >= 0xE0 && b <= 0xEF:
				want = 3
			case b >= 0xF0 && b <= 0xF4:
				want = 4
			default:
				return 0, 0, false
			}
		} else if b < 0x80 || b > 0xBF {
			return 0, 0, false
		}
		buf[k] = b
		size += n
		if k+1 == want {
			break
		}
	}
	r, n := utf8.DecodeRune(buf[:want])
	if r == utf8.RuneError || n != want || !sensible(r) {
		return 0, 0, false
	}
	return r, size, true
}

// sensible tells characters that articles hold from those that only chance makes.
func sensible(r rune) bool {
	return unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) || r >= 0x80 && r <= 0x9F
}

// misreadByte gives the byte that Latin-1 or Windows-1252 shows as r.
func misreadByte(r rune) (byte, bool) {
	if r <= 0xFF {
		return byte(r), true
	}
	b, ok := windows1252[r]
	return b, ok
}

// windows1252 holds what Windows-1252 shows for the bytes 80–9F; the five it leaves
// undefined come through as control characters (WHATWG Encoding Standard).
var windows1252 = map[rune]byte{
	'€': 0x80, '‚': 0x82, 'ƒ': 0x83, '„': 0x84, '…': 0x85, '†': 0x86, '‡': 0x87, 'ˆ': 0x88, '‰': 0x89, 'Š': 0x8A, '‹': 0x8B, 'Œ': 0x8C, 'Ž': 0x8E,
	'‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97, '˜': 0x98, '™': 0x99, 'š': 0x9A, '›': 0x9B, 'œ': 0x9C, 'ž': 0x9E, 'Ÿ': 0x9F,
}
