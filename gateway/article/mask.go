package article

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maskForm is how a mask is written: <1>, </1> or <1/>.
type maskForm uint8

const (
	opening maskForm = iota
	closing
	standing
)

// mask is one mask found in a text.
type mask struct {
	id   int
	form maskForm
	end  int // where it ends
}

// maskAt reads the mask at s[i], which is '<'. Models write masks loosely, so space
// inside and Devanagari digits are read too; what is read here is also what the
// words of a source must not hold, or it would be taken for a mask.
func maskAt(s string, i int) (mask, bool) {
	m := mask{form: opening}
	j := skipBlank(s, i+1)
	if j < len(s) && s[j] == '/' {
		m.form = closing
		j = skipBlank(s, j+1)
	}
	digits := 0
	for j < len(s) && digits < 6 {
		r, n := utf8.DecodeRuneInString(s[j:])
		d, ok := digit(r)
		if !ok {
			break
		}
		m.id = m.id*10 + d
		digits++
		j += n
	}
	if digits == 0 {
		return m, false
	}
	j = skipBlank(s, j)
	if m.form == opening && j < len(s) && s[j] == '/' {
		m.form = standing
		j = skipBlank(s, j+1)
	}
	if j >= len(s) || s[j] != '>' {
		return m, false
	}
	m.end = j + 1
	return m, true
}

// digit gives the value of an ASCII or Devanagari digit.
func digit(r rune) (int, bool) {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0'), true
	case r >= '०' && r <= '९':
		return int(r - '०'), true
	}
	return 0, false
}

// skipBlank passes at most a few blanks at i; no mask holds more.
func skipBlank(s string, i int) int {
	for range 3 {
		if i >= len(s) || s[i] != ' ' && !strings.HasPrefix(s[i:], "\u00A0") {
			break
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		i += n
	}
	return i
}

// write gives a mask as a Segment's text has it.
func (f maskForm) write(id int) string {
	switch f {
	case opening:
		return "<" + strconv.Itoa(id) + ">"
	case closing:
		return "</" + strconv.Itoa(id) + ">"
	}
	return "<" + strconv.Itoa(id) + "/>"
}

// eachMask calls f with every stretch of s: words (m is nil) or a mask.
func eachMask(s string, f func(words string, m *mask)) {
	from := 0
	for i := strings.IndexByte(s, '<'); i >= 0 && i < len(s); {
		if m, ok := maskAt(s, i); ok {
			if i > from {
				f(s[from:i], nil)
			}
			f("", &m)
			from, i = m.end, m.end
		} else {
			i++
		}
		n := strings.IndexByte(s[i:], '<')
		if n < 0 {
			break
		}
		i += n
	}
	if from < len(s) {
		f(s[from:], nil)
	}
}

// PlainOf is a model's answer without its masks, for checks of its words: pairs
// vanish around theirs, atoms leave a space where words would otherwise run together.
func PlainOf(answer string) string {
	if !strings.Contains(answer, "<") {
		return answer
	}
	var b strings.Builder
	atomBefore := false
	eachMask(answer, func(words string, m *mask) {
		if m != nil {
			atomBefore = atomBefore || m.form == standing
			return
		}
		words = dropMasks(words)
		if atomBefore && b.Len() > 0 {
			last, _ := utf8.DecodeLastRuneInString(b.String())
			first := firstRune(words)
			switch {
			case unicode.IsSpace(last):
				words = strings.TrimLeftFunc(words, unicode.IsSpace)
			case isWord(last) && isWord(first):
				b.WriteByte(' ')
			}
		}
		atomBefore = false
		b.WriteString(words)
	})
	return strings.TrimSpace(b.String())
}

// dropMasks takes the masks out of words until none is left, for taking one out can
// bring another together.
func dropMasks(s string) string {
	for strings.Contains(s, "<") {
		var b strings.Builder
		eachMask(s, func(words string, m *mask) { b.WriteString(words) })
		if b.Len() == len(s) {
			break
		}
		s = b.String()
	}
	return s
}
