package article

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mdPlace says where in a Markdown document content is written.
type mdPlace uint8

const (
	mdFlow    mdPlace = iota // a paragraph or the like, lines may follow
	mdHeading                // one line that starts with #
	mdCell                   // a table cell: one line, | parts cells
)

// mdWriter writes content as Markdown: words escaped where they would turn into
// markup, and only there.
type mdWriter struct {
	place  mdPlace
	first  bool   // of a cell: no bar stands before it, so it starts the line
	own    bool   // marks come from a Markdown document: their syntax is kept
	prefix string // what a line after a break starts with
}

// write gives the Markdown of in. Emphasis is written with * and _ if a parser
// reads it so, else with HTML tags: CommonMark's flanking rules (section 6.2)
// leave "**कहा।**तब" in literal asterisks.
func (w mdWriter) write(in Inline) string {
	in = tidy(in)
	if hasEmphasis(in) {
		read := parseSnippet(mdWriter{own: w.own}.compose(in, true, false))
		if shape(read) != shape(in) {
			return w.compose(in, false, true)
		}
	}
	return w.compose(in, false, false)
}

func hasEmphasis(in Inline) bool {
	for _, t := range in {
		if t.kind == opener && isEmphasis(t.mark) {
			return true
		}
	}
	return false
}

func isEmphasis(m Mark) bool {
	return m.Kind == Emphasis || m.Kind == Strong || m.Kind == Strike
}

// compose writes the tokens. probe leaves out what only the document knows:
// reference links and the prefixes of lines. tags writes emphasis as HTML.
func (w mdWriter) compose(in Inline, probe, tags bool) string {
	var b strings.Builder
	lineStart := w.place == mdFlow || w.first
	for i, t := range in {
		if t.kind == atom && t.mark.Kind == Break {
			s := w.lineBreak(t, probe)
			if strings.HasSuffix(b.String(), `\`) && strings.HasPrefix(s, `\`) {
				s = "  " + s[1:] // parsers differ in how they read three backslashes
			}
			b.WriteString(s)
			lineStart = w.place == mdFlow
			continue
		}
		s := ""
		switch t.kind {
		case words:
			s = w.escape(t.text, lineStart, i+1 < len(in) && in[i+1].kind == opener && in[i+1].mark.Kind == Link)
		case opener, closer:
			s = w.pair(t, in, i, probe, tags)
		case atom:
			s = w.atom(t, probe, spaceEnd(b.String()))
		}
		if s != "" {
			lineStart = false
		}
		b.WriteString(s)
	}
	s := b.String()
	if w.place == mdHeading && strings.HasSuffix(s, "#") && !strings.HasSuffix(s, `\#`) {
		s = s[:len(s)-1] + `\#` // else it would be read as the closing sequence
	}
	return s
}

func (w mdWriter) lineBreak(t token, probe bool) string {
	switch {
	case w.place == mdCell:
		return "<br>"
	case w.place == mdHeading && !(w.own && t.src != ""):
		return " "
	case w.own && t.src != "" && !probe:
		return t.src
	}
	return "\\\n" + w.prefix
}

// pair writes an opener or closer.
func (w mdWriter) pair(t token, in Inline, i int, probe, tags bool) string {
	switch {
	case isEmphasis(t.mark) && tags:
		if t.kind == opener {
			return htmlOpen(t.mark)
		}
		return htmlClose(t.mark)
	case isEmphasis(t.mark):
		if w.own && t.src != "" {
			return t.src
		}
		return map[MarkKind]string{Emphasis: "*", Strong: "**", Strike: "~~"}[t.mark.Kind]
	case t.mark.Kind == Link && t.kind == opener:
		return "["
	case t.mark.Kind == Link:
		// "]" and "][]" take the words for the name of the link: other words, no link.
		named := strings.HasPrefix(t.src, "](") || strings.HasPrefix(t.src, "][") && t.src != "][]"
		if w.own && !probe && named {
			return t.src
		}
		return "](" + mdDestination(t.mark) + ")"
	case w.own && t.src != "":
		return t.src
	case t.mark.Kind == Other && (t.mark.Tag == "sub" || t.mark.Tag == "sup"):
		if t.kind == opener {
			return htmlOpen(t.mark)
		}
		return htmlClose(t.mark)
	}
	return ""
}

// atom writes a unit; spaced says that white space, or nothing, stands before it.
func (w mdWriter) atom(t token, probe, spaced bool) string {
	switch {
	case !w.own || t.src == "", probe && t.mark.Kind == Image:
	case t.mark.Kind != Verbatim, spaced || !strings.ContainsAny(t.src, mdDelimiters):
		return t.src
	}
	switch t.mark.Kind {
	case CodeSpan:
		return w.codeSpan(t.text)
	case Image:
		if _, ok := safeURL(t.mark.URL); !ok {
			return ""
		}
		m := Mark{URL: t.mark.URL}
		return "![" + w.escape(t.mark.Title, false, false) + "](" + mdDestination(m) + ")"
	case Link:
		if t.text == t.mark.URL && isWebURL(t.text) {
			return w.verbatim(t.text)
		}
		return "[" + w.escape(t.text, false, false) + "](" + mdDestination(t.mark) + ")"
	case Verbatim:
		return w.verbatim(t.text)
	}
	return w.escape(t.text, false, false)
}

// verbatim writes a URL so that it stays one, anything else as words.
func (w mdWriter) verbatim(s string) string {
	if !isWebURL(s) || strings.ContainsAny(s, "<> \n|") {
		return w.escape(s, false, false)
	}
	if strings.ContainsAny(s, mdDelimiters) {
		return "<" + s + ">"
	}
	return s
}

// mdDelimiters are the characters in a bare URL that can be read as markup where
// the URL does not stand apart.
const mdDelimiters = "*_~[]()`\\&"

// spaceEnd reports whether s is empty or ends with white space.
func spaceEnd(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s == "" || unicode.IsSpace(r)
}

func (w mdWriter) codeSpan(code string) string {
	code = strings.ReplaceAll(code, "\n", " ")
	if w.place == mdCell {
		code = strings.ReplaceAll(code, "|", `\|`)
	}
	fence := strings.Repeat("`", longestRun(code, '`')+1)
	pad := ""
	if strings.HasPrefix(code, "`") || strings.HasSuffix(code, "`") ||
		strings.HasPrefix(code, " ") && strings.HasSuffix(code, " ") && strings.TrimSpace(code) != "" {
		pad = " "
	}
	return fence + pad + code + pad + fence
}

// mdDestination is what stands between the brackets of a link.
func mdDestination(m Mark) string {
	u, ok := safeURL(m.URL)
	if !ok {
		u = ""
	}
	u = strings.NewReplacer("<", "%3C", ">", "%3E", `\`, `%5C`, "|", "%7C").Replace(u)
	if u == "" || strings.ContainsAny(u, " ()*_`[]&") || strings.ContainsFunc(u, unicode.IsSpace) {
		u = "<" + strings.ReplaceAll(u, "&", "&amp;") + ">"
	}
	if m.Title != "" {
		title := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "&", "&amp;", "|", "&#124;").Replace(m.Title)
		u += ` "` + title + `"`
	}
	return u
}

var (
	mdHash       = regexp.MustCompile(`^#+(?:[ \t]|$)`)
	mdRuleLine   = regexp.MustCompile(`^(?:[-*_=+|: \t]+)$`)
	mdOrdered    = regexp.MustCompile(`^[0-9]{1,9}[.)](?:\s|$)`)
	mdEntityTail = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
)

// escape writes words so that a Markdown parser reads these words. beforeLink
// says that a link follows, which a "!" would make an image.
func (w mdWriter) escape(s string, lineStart, beforeLink bool) string {
	s = strings.Map(func(r rune) rune {
		if isLineEnd(r) {
			return ' '
		}
		return r
	}, s)
	if lineStart {
		s = strings.TrimLeft(s, " \t")
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	if lineStart {
		n := leadEscape(s)
		if n >= 0 && !(w.place == mdCell && s[n] == '|') { // a cell escapes its bars anyway
			b.WriteString(s[:n])
			b.WriteByte('\\')
			_, size := utf8.DecodeRuneInString(s[n:])
			b.WriteString(s[n : n+size])
			w.escapeFrom(&b, s, n+size, beforeLink)
			return b.String()
		}
	}
	w.escapeFrom(&b, s, 0, beforeLink)
	return b.String()
}

// leadEscape is where a backslash keeps the line s from being a heading, list
// item, quote, rule or table row; -1 if it is none.
func leadEscape(s string) int {
	switch {
	case s == "":
	case mdOrdered.MatchString(s):
		return strings.IndexAny(s, ".)")
	case s[0] == '>' || s[0] == '*':
		return 0
	case mdHash.MatchString(s):
		return 0
	case (s[0] == '-' || s[0] == '+') && (len(s) == 1 || s[1] == ' ' || s[1] == '\t'):
		return 0
	case mdRuleLine.MatchString(s):
		return 0
	}
	return -1
}

func (w mdWriter) escapeFrom(b *strings.Builder, s string, i int, beforeLink bool) {
	for i < len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			_, size := utf8.DecodeRuneInString(s[i:])
			b.WriteString(s[i : i+size])
			i += size
			continue
		}
		if c == '|' && w.place == mdCell && i+1 == len(s) {
			b.WriteString("&#124;") // parsers take a last bar for the row's end, escaped or not
			i++
			continue
		}
		if w.special(s, i, beforeLink) {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		i++
	}
}

// special reports whether the ASCII character at s[i] must be escaped.
func (w mdWriter) special(s string, i int, beforeLink bool) bool {
	prev, _ := utf8.DecodeLastRuneInString(s[:i])
	next, _ := utf8.DecodeRuneInString(s[i+1:])
	edge := i == 0 || i+1 == len(s)
	alone := !edge && unicode.IsSpace(prev) && unicode.IsSpace(next)
	switch s[i] {
	case '\\', '`', '[', ']':
		return true
	case '*', '~':
		return !alone
	case '_':
		return !alone && (edge || !wordRune(prev) || !wordRune(next))
	case '<':
		return i+1 == len(s) || next == '/' || next == '!' || next == '?' || next < utf8.RuneSelf && unicode.IsLetter(next)
	case '&':
		return mdEntityTail.MatchString(s[i:])
	case '!':
		return beforeLink && i+1 == len(s)
	case '|':
		return w.place == mdCell
	}
	return false
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// tidy makes content fit for Markdown: white space at the inner edge of a pair
// moves outside, empty pairs go, neighbouring words join, the ends are trimmed.
func tidy(in Inline) Inline {
	out := make(Inline, 0, len(in))
	for _, t := range in {
		switch t.kind {
		case words:
			out = tidyWords(out, t.text)
		case closer:
			trail := ""
			if n := len(out); n > 0 && out[n-1].kind == words {
				keep := strings.TrimRight(out[n-1].text, " \t\n")
				trail = out[n-1].text[len(keep):]
				if out[n-1].text = keep; keep == "" {
					out = out[:n-1]
				}
			}
			if n := len(out); n > 0 && out[n-1].kind == opener {
				out = out[:n-1]
			} else {
				out = append(out, t)
			}
			if trail != "" {
				out = tidyWords(out, trail)
			}
		default:
			out = append(out, t)
		}
	}
	if len(out) > 0 && out[0].kind == words {
		if out[0].text = strings.TrimLeft(out[0].text, " \t\n"); out[0].text == "" {
			out = out[1:]
		}
	}
	if n := len(out); n > 0 && out[n-1].kind == words {
		if out[n-1].text = strings.TrimRight(out[n-1].text, " \t\n"); out[n-1].text == "" {
			out = out[:n-1]
		}
	}
	return out
}

// tidyWords appends words, their leading white space in front of the openers
// that stand before them.
func tidyWords(out Inline, s string) Inline {
	k := len(out)
	for k > 0 && out[k-1].kind == opener {
		k--
	}
	if k < len(out) {
		rest := strings.TrimLeft(s, " \t\n")
		if lead := s[:len(s)-len(rest)]; lead != "" {
			if k > 0 && out[k-1].kind == words {
				out[k-1].text += lead
			} else {
				out = append(out[:k], append(Inline{{kind: words, text: lead}}, out[k:]...)...)
			}
		}
		s = rest
	}
	if s == "" {
		return out
	}
	if n := len(out); n > 0 && out[n-1].kind == words {
		out[n-1].text += s
		return out
	}
	return append(out, token{kind: words, text: s})
}

// shape is content as a string in which two spellings of the same markup are
// equal, to see whether what was written is read back.
func shape(in Inline) string {
	var b strings.Builder
	for _, t := range in {
		switch {
		case t.mark.Kind == Other && t.kind != words:
		case t.kind == words, t.kind == atom && t.mark.Kind == Verbatim:
			b.WriteString(t.text)
		case t.kind == opener:
			b.WriteString("\x01" + string('a'+rune(t.mark.Kind)))
		case t.kind == closer:
			b.WriteString("\x02" + string('a'+rune(t.mark.Kind)))
		case t.mark.Kind == Image, t.mark.Kind == Break:
			b.WriteString("\x03" + string('a'+rune(t.mark.Kind)))
		default:
			b.WriteString(t.text)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
