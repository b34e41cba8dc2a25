package article

import "fmt"

// FoldAny is Fold without its short cut.
func FoldAny(s string) string { return foldAny(s) }

// ScanWords gives the atoms that the scanner finds in running text.
func ScanWords(s string) (atoms []string, whole string) {
	in := scanWords(s)
	for _, t := range in {
		if t.kind == atom {
			atoms = append(atoms, t.text)
		}
	}
	return atoms, in.String()
}

// Shape writes an Inline with its marks visible, for comparison: {Strong …}, [atom].
func Shape(in Inline) string {
	names := map[MarkKind]string{Verbatim: "Verbatim", Emphasis: "Emphasis", Strong: "Strong", Strike: "Strike",
		CodeSpan: "CodeSpan", Link: "Link", Image: "Image", Break: "Break", Other: "Other"}
	s := ""
	for _, t := range in {
		switch t.kind {
		case words:
			s += t.text
		case opener:
			s += "{" + names[t.mark.Kind] + " "
		case closer:
			s += "}"
		default:
			s += "[" + names[t.mark.Kind] + " " + t.text + "]"
		}
	}
	return s
}

// MarksOf names each opener, closer and atom of an Inline.
func MarksOf(in Inline) []string {
	var out []string
	for _, t := range in {
		if t.kind != words {
			out = append(out, fmt.Sprint(t.kind, t.text, t.mark, t.src))
		}
	}
	return out
}

// Nesting says what is wrong with the nesting of in; "" if nothing is.
func Nesting(in Inline) string {
	var stack []Mark
	for _, t := range in {
		switch t.kind {
		case opener:
			stack = append(stack, t.mark)
		case closer:
			if len(stack) == 0 || stack[len(stack)-1].Kind != t.mark.Kind {
				return fmt.Sprintf("%v closes %v", t.mark, stack)
			}
			stack = stack[:len(stack)-1]
		}
	}
	if len(stack) > 0 {
		return fmt.Sprintf("%v never close", stack)
	}
	return ""
}

// XMLTags gives the tags, comments and such of XML as they are written; of a CDATA
// section its ends.
func XMLTags(text string) (out []string) {
	s := &xmlScanner{input: text}
	if err := s.scan(); err != nil {
		return nil
	}
	for _, t := range s.tokens {
		switch t.kind {
		case charData:
		case cdata:
			out = append(out, cdataOpen, cdataClose)
		default:
			out = append(out, text[t.start:t.end])
		}
	}
	return out
}
