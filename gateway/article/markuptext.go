package article

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// notation is how a text with markup writes its characters. What a translation brings
// is written in the same way.
type notation struct {
	xml  bool
	refs map[rune]string // characters that the text writes as references
	bare bool            // ">" stands in it as it is
}

// What a CDATA section stands between.
const (
	cdataOpen  = "<![CDATA["
	cdataClose = "]]>"
)

// charReader reads character data, one reference or character a step.
type charReader struct {
	notation *notation
	s        string
	pos      int
	plain    bool // in a CDATA section
}

// next gives what the next bytes stand for; ref: they are a reference. known is false
// for an entity that XML does not declare itself.
func (r *charReader) next() (text string, ref, known bool) {
	c := r.s[r.pos]
	if c != '&' || r.plain {
		n := 1
		switch {
		case c >= utf8.RuneSelf:
			_, n = utf8.DecodeRuneInString(r.s[r.pos:])
		case c == '>' && !r.plain:
			r.notation.bare = true
		}
		text = r.s[r.pos : r.pos+n]
		r.pos += n
		if !utf8.ValidString(text) {
			text = "\uFFFD"
		}
		return text, false, true
	}
	raw := r.s[r.pos:refEnd(r.s, r.pos)]
	if r.notation.xml {
		text, known = xmlReference(raw)
	} else if text, known = html.UnescapeString(raw), true; text == raw {
		raw, text = "&", "&" // stands for itself
	}
	r.pos += len(raw)
	if known && len(raw) > 1 {
		r.notation.learn(raw, text)
	}
	return text, len(raw) > 1, known
}

// xmlReference gives the character that a reference stands for, if XML knows it.
func xmlReference(raw string) (string, bool) {
	if number, ok := strings.CutPrefix(raw, "&#"); ok {
		number = strings.TrimSuffix(number, ";")
		base := 10
		if strings.HasPrefix(number, "x") {
			number, base = number[1:], 16
		}
		c, err := strconv.ParseInt(number, base, 32)
		if err != nil || !xmlChar(rune(c)) {
			return raw, false
		}
		return string(rune(c)), true
	}
	switch raw {
	case "&lt;", "&gt;", "&amp;", "&quot;", "&apos;":
		return html.UnescapeString(raw), true
	}
	return raw, false
}

// refEnd is the end of what may be a reference at s[i], which is '&'.
func refEnd(s string, i int) int {
	const longest = 40
	j := i + 1
	if j < len(s) && s[j] == '#' {
		j++
	}
	for j < len(s) && j-i < longest && asciiAlnum(s[j]) {
		j++
	}
	if j < len(s) && s[j] == ';' {
		j++
	}
	return j
}

// learn notes that the text writes a mark or a special space as a reference. Letters
// are written as they are.
func (w *notation) learn(raw, text string) {
	c, n := utf8.DecodeRuneInString(text)
	if n != len(text) || raw[len(raw)-1] != ';' || c == ' ' || c < ' ' || unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || dropped(c) {
		return
	}
	if w.refs == nil {
		w.refs = make(map[rune]string)
	}
	if w.refs[c] == "" {
		w.refs[c] = raw
	}
}

// write gives content as it stands in the text; plain: in a CDATA section.
func (w *notation) write(in Inline, plain bool) string {
	var b strings.Builder
	for _, t := range in {
		switch {
		case t.src != "" && t.kind != words:
			b.WriteString(t.src)
		case plain:
			b.WriteString(strings.ReplaceAll(w.allowed(t.text), cdataClose, "]]"+cdataClose+cdataOpen+">"))
		default:
			w.escape(&b, t.text)
		}
	}
	return b.String()
}

// escape writes characters so that none is taken for markup.
func (w *notation) escape(b *strings.Builder, s string) {
	s = w.allowed(s)
	from := 0
	for i, c := range s {
		ref := ""
		if w.refs != nil {
			ref = w.refs[c]
		}
		if ref == "" {
			switch {
			case c == '&':
				ref = "&amp;"
			case c == '<':
				ref = "&lt;"
			case c == '>' && (!w.bare || strings.HasSuffix(s[:i], "]")):
				ref = "&gt;"
			default:
				continue
			}
		}
		b.WriteString(s[from:i])
		b.WriteString(ref)
		from = i + utf8.RuneLen(c)
	}
	b.WriteString(s[from:])
}

// allowed is s without the characters that may not stand in the text (XML 1.0,
// production 2; of HTML, NUL).
func (w *notation) allowed(s string) string {
	bad := func(c rune) bool { return c == 0 || w.xml && !xmlChar(c) }
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Map(func(c rune) rune {
		if bad(c) {
			return -1
		}
		return c
	}, s)
}

// xmlChar tells the characters that XML 1.0 allows.
func xmlChar(c rune) bool {
	return c >= ' ' && c <= 0xD7FF || c == '\t' || c == '\n' || c == '\r' || c >= 0xE000 && c <= 0xFFFD || c > 0xFFFF && c <= unicode.MaxRune
}
