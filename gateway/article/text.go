package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Bounds of hard-wrapped lines: at least so many code points, at most so many
// columns. Mail and terminals wrap at 72 to 80.
const (
	wrapMin = 50
	wrapMax = 100
)

// textSkeleton is the white space of a plain text: between[i] stands before block i,
// the last one behind all.
type textSkeleton struct {
	between []string
	wrapped map[int]string // the lines of a block that was joined, for identity
}

func (s textSkeleton) render(d *Document, contents []Inline) string {
	var b strings.Builder
	for i := range d.Blocks {
		b.WriteString(s.between[i])
		lines, joined := s.wrapped[i]
		if joined && (i >= len(contents) || contents[i] == nil) {
			b.WriteString(lines)
			continue
		}
		b.WriteString(d.content(i, contents).String())
	}
	b.WriteString(s.between[len(d.Blocks)])
	return b.String()
}

// line is one line of a plain text in which a reader sees something.
type line struct {
	text   string // trimmed
	before string // the white space between it and the line before
	parted bool   // an empty line, or a paragraph separator, stands before it
	lead   lead
}

// parseText splits plain text as people paste it: each line is a block, but
// hard-wrapped lines are joined.
func parseText(input string, keepLines bool) *Document {
	d := &Document{Format: Text}
	s := textSkeleton{wrapped: map[int]string{}}
	lines, end := textLines(clean(input))
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && !lines[to].parted {
			to++
		}
		if group := lines[from:to]; !keepLines && wrapped(group) {
			var joined, raw strings.Builder
			for i, l := range group {
				if i > 0 {
					joined.WriteByte(' ')
					raw.WriteString(l.before)
				}
				joined.WriteString(l.text)
				raw.WriteString(l.text)
			}
			s.wrapped[len(d.Blocks)] = raw.String()
			s.between = append(s.between, group[0].before)
			d.Blocks = append(d.Blocks, textBlock(joined.String(), group[0].lead))
		} else {
			for _, l := range group {
				s.between = append(s.between, l.before)
				d.Blocks = append(d.Blocks, textBlock(l.text, l.lead))
			}
		}
		from = to
	}
	s.between = append(s.between, end)
	d.skeleton = s
	return d
}

// textLines splits s at its line ends and gives the white space behind the last line
// as well.
func textLines(s string) (lines []line, end string) {
	gap, breaks := 0, 0 // where the white space before the next line starts; its line ends
	for pos := 0; pos < len(s); {
		n := strings.IndexFunc(s[pos:], isLineEnd)
		stop := pos + n
		if n < 0 {
			stop = len(s)
		}
		if text := s[pos:stop]; !blank(text) {
			start := pos + len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
			text = strings.TrimSpace(text)
			lines = append(lines, line{
				text:   text,
				before: s[gap:start],
				parted: len(lines) > 0 && breaks > 1,
				lead:   leadOf(text),
			})
			gap, breaks = start+len(text), 0
		}
		if stop == len(s) {
			break
		}
		r, n := utf8.DecodeRuneInString(s[stop:])
		breaks++
		switch {
		case r == '\u2029':
			breaks++
		case strings.HasPrefix(s[stop:], "\r\n"):
			n = 2
		}
		pos = stop + n
	}
	return lines, s[gap:]
}

// wrapped reports whether the lines between two empty lines are one paragraph: at
// least three, all but the last of a wrapped line's width and not ending a sentence.
// A line that a bullet or a number leads never joins.
func wrapped(lines []line) bool {
	if len(lines) < 3 {
		return false
	}
	for i, l := range lines {
		if l.lead.kind != noLead {
			return false
		}
		if i == len(lines)-1 {
			break
		}
		if runes(l.text, wrapMin) < wrapMin || EndsSentence(l.text) || displaywidth.String(l.text) > wrapMax {
			return false
		}
	}
	return true
}

func textBlock(text string, l lead) Block {
	b := Block{Kind: Paragraph, Content: scanWords(text)}
	switch l.kind {
	case bulletLead:
		b.Kind, b.Depth = ListItem, 1
	case numberLead:
		b.Kind, b.Depth, b.Number = ListItem, 1, l.number
	case quoteLead:
		b.Kind = Quote
	}
	return b
}

// lead is the mark that a line of plain text starts with.
type lead struct {
	kind   leadKind
	number int // of a number
	size   int // bytes of the mark and the white space behind it
}

type leadKind uint8

const (
	noLead leadKind = iota
	dashLead
	bulletLead
	numberLead
	quoteLead
)

// leadOf reads the mark that leads a line: "– ", "• ", "1. ", "(क) ", "> ". A dash is
// told from a bullet, for in newspapers it leads sub-headings too.
func leadOf(s string) lead {
	r, n := utf8.DecodeRuneInString(s)
	rest := s[n:]
	spaced := rest != strings.TrimLeftFunc(rest, unicode.IsSpace)
	size := len(s) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	switch r {
	case '–', '—', '―', '-', '‐', '‑', '−':
		if spaced || unicode.IsLetter(firstRune(rest)) || strings.ContainsRune("“‘\"'", firstRune(rest)) {
			return lead{kind: dashLead, size: size}
		}
	case '•', '●', '○', '◦', '▪', '▫', '■', '□', '◆', '◇', '‣', '⁃', '∙', '➤', '►', '▶', '➢', '✓', '✔', '☛', '→', '»':
		if blank(rest) {
			return lead{}
		}
		return lead{kind: bulletLead, size: size}
	case '*', '+', '·':
		if spaced {
			return lead{kind: bulletLead, size: size}
		}
	case '>':
		return lead{kind: quoteLead, size: size}
	}
	return numberOf(s)
}

// numberOf reads "1. ", "१) ", "(3) ", "(क) ", "a) ".
func numberOf(s string) lead {
	open := strings.HasPrefix(s, "(")
	i := 0
	if open {
		i = 1
	}
	from, number, digits := i, 0, 0
	for i < len(s) && digits < 4 {
		r, n := utf8.DecodeRuneInString(s[i:])
		d, ok := digit(r)
		if !ok {
			break
		}
		number, digits, i = number*10+d, digits+1, i+n
	}
	if digits > 3 {
		return lead{}
	}
	if digits == 0 { // a letter counts only with a bracket behind it
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) {
			return lead{}
		}
		i += n
	}
	if i == from || i >= len(s) {
		return lead{}
	}
	switch end := s[i]; {
	case end == ')':
	case end == '.' && !open && digits > 0:
	default:
		return lead{}
	}
	rest := s[i+1:]
	trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
	switch {
	case blank(rest):
		return lead{}
	case trimmed != rest:
	case digits == 0 || !devanagari(firstRune(rest)) || unicode.IsDigit(firstRune(rest)):
		return lead{} // "1.पहला" is an item, "1.5" and "a)b" are none
	}
	return lead{kind: numberLead, number: number, size: len(s) - len(trimmed)}
}
