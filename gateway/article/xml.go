package article

import (
	"strings"
	"unicode/utf8"
)

// xmlScanner cuts XML into tokens and sees that it is well formed (XML 1.0, 2.1),
// but for what comments and a document type hold, and with any number of roots.
type xmlScanner struct {
	input  string
	pos    int
	tokens []tag
	open   []int // start tags without their end tag
}

func (s *xmlScanner) fail(at int, reason string) error {
	return &MarkupError{Position: utf8.RuneCountInString(s.input[:at]) + 1, Reason: reason}
}

func (s *xmlScanner) scan() error {
	if at := strings.IndexFunc(s.input, func(c rune) bool { return !xmlChar(c) }); at >= 0 {
		return s.fail(at, "a character stands that XML does not allow")
	}
	for s.pos < len(s.input) {
		var err error
		switch rest := s.input[s.pos:]; {
		case rest[0] != '<':
			err = s.text()
		case strings.HasPrefix(rest, "<!--"):
			err = s.until(aside, "<!--", "-->", "a comment")
		case strings.HasPrefix(rest, cdataOpen):
			err = s.until(cdata, cdataOpen, cdataClose, "a CDATA section")
		case strings.HasPrefix(rest, "<?"):
			err = s.until(aside, "<?", "?>", "a processing instruction")
		case strings.HasPrefix(rest, "<!"):
			err = s.declaration()
		case strings.HasPrefix(rest, "</"):
			err = s.end()
		default:
			err = s.start()
		}
		if err != nil {
			return err
		}
	}
	if n := len(s.open); n > 0 {
		t := s.tokens[s.open[n-1]]
		return s.fail(t.start, "the element "+shown(t.name)+" begins and is never closed")
	}
	return nil
}

// shown is the name of an element as an error tells it.
func shown(name string) string {
	if r := []rune(name); len(r) > 40 {
		name = string(r[:40]) + "…"
	}
	return "<" + name + ">"
}

// add makes a token of the input from the position up to end.
func (s *xmlScanner) add(kind tagKind, name string, end int) {
	s.tokens = append(s.tokens, tag{kind: kind, start: s.pos, end: end, name: name, mate: -1})
	s.pos = end
}

// text reads up to the next "<".
func (s *xmlScanner) text() error {
	end := len(s.input)
	if n := strings.IndexByte(s.input[s.pos:], '<'); n >= 0 {
		end = s.pos + n
	}
	if n := strings.Index(s.input[s.pos:end], cdataClose); n >= 0 {
		return s.fail(s.pos+n, "]]> stands outside of a CDATA section; write ]]&gt;")
	}
	if err := s.references(s.pos, end); err != nil {
		return err
	}
	s.add(charData, "", end)
	return nil
}

// references sees that each "&" begins a reference.
func (s *xmlScanner) references(from, end int) error {
	for i := from; i < end; i++ {
		if s.input[i] != '&' {
			continue
		}
		if !wholeRef(s.input[i:end]) {
			return s.fail(i, "an & stands that begins no reference; write &amp;")
		}
	}
	return nil
}

// wholeRef reports whether s begins with a reference: &name;, &#10; or &#xA;.
func wholeRef(s string) bool {
	semicolon := strings.IndexByte(s[:min(len(s), 128)], ';')
	if semicolon < 2 {
		return false
	}
	name := s[1:semicolon]
	if name[0] != '#' {
		return nameEnd(name, 0) == len(name)
	}
	digits, base := name[1:], "0123456789"
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], "0123456789abcdefABCDEF"
	}
	return digits != "" && len(digits) <= 8 && strings.Trim(digits, base) == ""
}

// until reads what ends with a mark of its own and is not looked into.
func (s *xmlScanner) until(kind tagKind, open, shut, what string) error {
	n := strings.Index(s.input[s.pos+len(open):], shut)
	if n < 0 {
		return s.fail(s.pos, what+" begins and does not end")
	}
	s.add(kind, "", s.pos+len(open)+n+len(shut))
	return nil
}

// declaration reads a document type with its internal subset.
func (s *xmlScanner) declaration() error {
	if !strings.HasPrefix(s.input[s.pos:], "<!DOCTYPE") {
		return s.fail(s.pos, "a declaration stands that is none of a document type")
	}
	depth := 0
	for i := s.pos; i < len(s.input); i++ {
		switch c := s.input[i]; c {
		case '"', '\'':
			n := strings.IndexByte(s.input[i+1:], c)
			if n < 0 {
				return s.fail(s.pos, "a document type begins and does not end")
			}
			i += 1 + n
		case '<':
			if strings.HasPrefix(s.input[i:], "<!--") {
				n := strings.Index(s.input[i:], "-->")
				if n < 0 {
					return s.fail(i, "a comment begins and does not end")
				}
				i += n + 2
				continue
			}
			depth++
		case '>':
			if depth--; depth == 0 {
				s.add(aside, "", i+1)
				return nil
			}
		}
	}
	return s.fail(s.pos, "a document type begins and does not end")
}

// end reads an end tag.
func (s *xmlScanner) end() error {
	from := s.pos + len("</")
	to := nameEnd(s.input, from)
	name, i := s.input[from:to], skipXMLSpace(s.input, to)
	if name == "" || i >= len(s.input) || s.input[i] != '>' {
		return s.fail(s.pos, "an end tag is not written as </name>")
	}
	n := len(s.open) - 1
	if n < 0 {
		return s.fail(s.pos, "an end tag closes "+shown(name)+", which was not opened")
	}
	if opened := &s.tokens[s.open[n]]; opened.name != name {
		return s.fail(s.pos, "an end tag closes "+shown(name)+", but "+shown(opened.name)+" is to be closed first")
	} else {
		opened.mate = len(s.tokens)
	}
	s.open = s.open[:n]
	s.add(endTag, name, i+1)
	return nil
}

// start reads a start tag or an element in one tag.
func (s *xmlScanner) start() error {
	to := nameEnd(s.input, s.pos+1)
	name := s.input[s.pos+1 : to]
	if name == "" {
		return s.fail(s.pos, "a < stands that begins no tag; write &lt;")
	}
	i, err := s.attributes(to, shown(name))
	if err != nil {
		return err
	}
	if strings.HasPrefix(s.input[i:], "/>") {
		s.add(emptyTag, name, i+2)
		return nil
	}
	s.open = append(s.open, len(s.tokens))
	s.add(startTag, name, i+1)
	return nil
}

// attributes reads those of a tag from i on and gives where they end: at ">" or "/>".
func (s *xmlScanner) attributes(i int, element string) (int, error) {
	var seen map[string]bool
	for {
		at := skipXMLSpace(s.input, i)
		rest := s.input[at:]
		if strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "/>") {
			return at, nil
		}
		to := nameEnd(s.input, at)
		switch {
		case rest == "":
			return 0, s.fail(s.pos, "the tag of "+element+" does not end")
		case at == i || to == at:
			return 0, s.fail(at, "the tag of "+element+" holds something that is no attribute")
		case seen[s.input[at:to]]:
			return 0, s.fail(at, "an attribute of "+element+" stands twice")
		}
		if seen == nil {
			seen = make(map[string]bool)
		}
		seen[s.input[at:to]] = true
		end, err := s.value(skipXMLSpace(s.input, to), element)
		if err != nil {
			return 0, err
		}
		i = end
	}
}

// value reads ="…" at i and gives its end.
func (s *xmlScanner) value(i int, element string) (int, error) {
	if i < len(s.input) && s.input[i] == '=' {
		i = skipXMLSpace(s.input, i+1)
		if i < len(s.input) && (s.input[i] == '"' || s.input[i] == '\'') {
			if n := strings.IndexByte(s.input[i+1:], s.input[i]); n >= 0 {
				end := i + 1 + n
				if strings.IndexByte(s.input[i:end], '<') >= 0 {
					return 0, s.fail(i, "a < stands in an attribute of "+element+"; write &lt;")
				}
				return end + 1, s.references(i+1, end)
			}
		}
	}
	return 0, s.fail(i, "an attribute of "+element+" has no value in quotes")
}

// skipXMLSpace passes white space (XML 1.0, production 3).
func skipXMLSpace(s string, i int) int {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	return i
}
