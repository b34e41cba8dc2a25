package check

import (
	"strings"
	"unicode/utf8"
)

// variants reports whether two names of the target are two spellings of one word.
func (a *articleNames) variants(n, m *spelledName) bool {
	x, y := n.key, m.key
	if x == y || a.toHindi && inflectedHindi(x, y) || !a.toHindi && inflectedEnglish(x, y) {
		return false
	}
	if n.sound.far(m.sound, 1) {
		return false
	}
	short := min(utf8.RuneCountInString(x), utf8.RuneCountInString(y))
	edits := editDistance(x, y, 2)
	heard := soundDistance(n.sound, m.sound)
	switch {
	case a.toHindi && lastMatra(x) != lastMatra(y) && lastMatra(looseHindi(x)) != lastMatra(looseHindi(y)):
		return false // another form, even if the stem is also spelled otherwise
	case edits == 1 && (short >= 4 || short == 3 && (!a.toHindi || heard <= vowelChange)), edits == 2 && short >= 8:
		return true
	case n.sound.letters == m.sound.letters:
		return short >= 3
	}
	return short >= 4 && heard <= 1 && n.sound.hard >= 2 && n.sound.skeleton() == m.sound.skeleton()
}

// lastMatra is the vowel sign at the end of a word; 0 for none.
func lastMatra(word string) rune {
	if r, _ := utf8.DecodeLastRuneInString(word); r >= 'ा' && r <= 'ौ' {
		return r
	}
	return 0
}

// editDistance is the number of letters put in, left out, changed or swapped with
// their neighbour; limit+1 when it is more than limit.
func editDistance(x, y string, limit int) int {
	a, b := []rune(x), []rune(y)
	if d := len(a) - len(b); d > limit || -d > limit || len(a) > 40 || len(b) > 40 {
		return limit + 1
	}
	var rows [3][41]int
	before2, before, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		before[j] = j
	}
	for i := range len(a) {
		now[0] = i + 1
		least := now[0]
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(before[j]+cost, before[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before2[j-1]+1)
			}
			least = min(least, now[j+1])
		}
		if least > limit {
			return limit + 1
		}
		before2, before, now = before, now, before2
	}
	return min(before[len(b)], limit+1)
}

// inflectedEnglish reports whether one word is a form of the other or derives from it.
func inflectedEnglish(x, y string) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	if rest, ok := strings.CutPrefix(y, x); ok && derived[rest] && rest[0] != x[len(x)-1] {
		switch rest {
		case "n", "ns":
			return strings.HasSuffix(x, "a") || strings.HasSuffix(x, "o") || strings.HasSuffix(x, "e")
		case "d", "r", "rs":
			return strings.HasSuffix(x, "e")
		}
		return true
	}
	// Italy, Italian; Mexico, Mexican; Chile, Chilean
	stem := 0
	for stem < len(x) && x[stem] == y[stem] {
		stem++
	}
	ends := func(p, q string) bool { return stem >= 3 && lastVowels[p] && people[q] }
	return ends(x[stem:], y[stem:]) || ends(y[stem:], x[stem:])
}

// lastVowels fall away before the endings of people.
var (
	lastVowels = wordSet(`a o e y ia ey`)
	people     = wordSet(`an ans ian ians ean eans ese ish ies ic ism ist ists i ine ites ite ers ad ans`)
)

// derived are the endings of plurals, of people and languages, and of other words
// from names.
var derived = wordSet(`s es n ns an ans ian ians ean eans ese i is ish ic ics ical al er ers ed d ing y ies ly ism ist ists ite ites ia ine ity tic ns ya ry ation d r rs`)

// inflectedHindi reports whether one word is a form of the other or derives from it.
// The two vowels that are written short and long are no endings.
func inflectedHindi(x, y string) bool {
	a, b := []rune(x), []rune(y)
	stem := 0
	for stem < len(a) && stem < len(b) && a[stem] == b[stem] {
		stem++
	}
	p, q := string(a[stem:]), string(b[stem:])
	if p > q {
		p, q = q, p
	}
	if p+q == "िी" || p+q == "ुू" || p+q == "ेै" || p+q == "ोौ" || p+q == "ोॉ" || p+q == "ाॉ" {
		return false
	}
	return stem >= 2 && nounEndings[p] && nounEndings[q]
}

var nounEndings = func() map[string]bool {
	set := wordSet(`ा े ी ो ों ें ीं ां ाओं ाएं ियों ियां ियाँ ुओं ुएं िया ि ु िक ीय ाई ाइयों ाइयां ्स ज न नी ियन ियाई याई वाद वादी ता ई इयों ए एं ओं इयां ने ना िस्ट ीज ेस ेज स ्न यन ीकरण`)
	set[""] = true
	return set
}()
