package article

import (
	"strings"

	"golang.org/x/net/html"
)

// tag is one token of a text with markup: a stretch of input.
type tag struct {
	kind       tagKind
	start, end int
	name       string // of an element; of HTML in small letters
	mate       int    // of a start tag: the token of its end tag; -1: it has none
	held       bool   // of a start tag: HTML says that its element is not to be translated
}

type tagKind uint8

const (
	charData tagKind = iota // text, with its references
	startTag
	endTag
	emptyTag // an element in one tag
	cdata    // a CDATA section of XML
	aside    // a comment, a processing instruction, a document type, a tag that is cut off
)

var (
	// heldElement names the elements of HTML whose content is no text to translate.
	heldElement = names(`script style pre code kbd samp tt listing textarea svg math noscript iframe object
		canvas audio video template noembed noframes xmp plaintext`)
	// shownElement names those of them of which a reader sees text in the line.
	shownElement = names(`code kbd samp tt`)
	// unrendered names elements of which a reader sees nothing in the line.
	unrendered = names(`script style noscript template noembed noframes wbr meta link base area param source track`)
	// taglessElement names those in which HTML reads no tags.
	taglessElement = names(`script style textarea noscript iframe noembed noframes xmp plaintext`)
	// labelElement names elements that are no blocks but hold a text of their own.
	labelElement = names(`title button select option optgroup datalist`)
	// endlessElement names the elements whose end tag may be left out, and what then
	// ends them besides the end of the element around: a start tag of ends, while no
	// element of within is open in them (HTML standard, "Optional tags").
	endlessElement = map[string]struct{ ends, within map[string]bool }{
		"p":      {blockElement, names(``)},
		"li":     {names(`li`), names(`ul ol menu`)},
		"dt":     {names(`dt dd`), names(`dl`)},
		"dd":     {names(`dt dd`), names(`dl`)},
		"td":     {names(`td th tr tbody thead tfoot`), names(`table`)},
		"th":     {names(`td th tr tbody thead tfoot`), names(`table`)},
		"tr":     {names(`tr tbody thead tfoot`), names(`table`)},
		"option": {names(`option optgroup`), names(``)},
	}
)

// htmlTokens cuts HTML into its tags and the text between them, and changes nothing.
func htmlTokens(input string) []tag {
	var out []tag
	z := html.NewTokenizer(strings.NewReader(input))
	at := 0
	for {
		kind := z.Next()
		t := tag{start: at, end: at + len(z.Raw()), mate: -1}
		at = t.end
		switch kind {
		case html.ErrorToken: // a tag that does not end stays behind all else: words behind it would be in it
			matchTags(out)
			return out
		case html.TextToken:
			if n := len(out) - 1; n >= 0 && out[n].kind == charData {
				out[n].end = t.end
				continue
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			t.kind, t.name = startTag, string(name)
			t.held = heldElement[t.name] || more && notTranslated(z)
			if voidElement[t.name] || kind == html.SelfClosingTagToken && !heldElement[t.name] {
				t.kind = emptyTag
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			t.kind, t.name = endTag, string(name)
		default:
			t.kind = aside
		}
		out = append(out, t)
	}
}

// notTranslated reads the attributes that keep an element from being translated.
func notTranslated(z *html.Tokenizer) bool {
	held := false
	for {
		key, value, more := z.TagAttr()
		switch string(key) {
		case "translate":
			held = held || strings.EqualFold(string(value), "no")
		case "class":
			for class := range strings.FieldsSeq(string(value)) {
				held = held || class == "notranslate"
			}
		}
		if !more {
			return held
		}
	}
}

// matchTags gives each start tag the end tag of its name that belongs to it.
func matchTags(tokens []tag) {
	open := make(map[string][]int)
	for i := range tokens {
		t := &tokens[i]
		switch t.kind {
		case startTag:
			open[t.name] = append(open[t.name], i)
		case endTag:
			if n := len(open[t.name]); n > 0 {
				tokens[open[t.name][n-1]].mate = i
				open[t.name] = open[t.name][:n-1]
			}
		}
	}
}

// endOf is the token behind the element that the start tag at i begins, -1 if nothing
// ends it: a tag that was left open is not taken for the rest of the text, but where
// HTML reads no tags, it is the rest.
func endOf(tokens []tag, i int, xml bool) int {
	t := tokens[i]
	if rule, ok := endlessElement[t.name]; ok && !xml {
		return endless(tokens, i, rule.ends, rule.within)
	}
	switch {
	case t.mate >= 0:
		return t.mate + 1
	case taglessElement[t.name] && !xml:
		return len(tokens)
	}
	return -1
}

// endless finds the end of an element whose end tag may be missing.
func endless(tokens []tag, i int, ends, within map[string]bool) int {
	open := make(map[string]int)
	holders := 0 // open elements of within
	for j := i + 1; j < len(tokens); j++ {
		t := tokens[j]
		switch t.kind {
		case startTag, emptyTag:
			if ends[t.name] && holders == 0 {
				return j
			}
			if t.kind == startTag {
				open[t.name]++
				if within[t.name] {
					holders++
				}
			}
		case endTag:
			switch {
			case open[t.name] > 0:
				open[t.name]--
				if within[t.name] {
					holders--
				}
			case t.name == tokens[i].name:
				return j + 1
			case blockElement[t.name]: // of the element around
				return j
			}
		}
	}
	return len(tokens)
}

// splitting gives the rule by which elements part text.
func splitting(input string, tokens []tag, o MarkupOptions) func(name string) bool {
	always, never := setOf(o.Splitting), setOf(o.NonSplitting)
	others := func(string) bool { return false }
	switch {
	case !o.XML:
		others = func(name string) bool { return blockElement[name] || labelElement[name] }
	case o.Outline:
		inline := inText(input, tokens)
		others = func(name string) bool { return !inline[name] }
	}
	return func(name string) bool { return !never[name] && (always[name] || others(name)) }
}

// inText names the elements of XML that somewhere stand in text: beside words, or
// beside white space that is no line break.
func inText(input string, tokens []tag) map[string]bool {
	type element struct {
		children []string
		text     bool
	}
	inline := make(map[string]bool)
	stack := []*element{{}}
	end := func(e *element) {
		if e.text {
			for _, name := range e.children {
				inline[name] = true
			}
		}
	}
	for i, t := range tokens {
		top := stack[len(stack)-1]
		switch t.kind {
		case startTag:
			top.children = append(top.children, t.name)
			stack = append(stack, &element{})
		case emptyTag:
			top.children = append(top.children, t.name)
		case endTag:
			end(top)
			stack = stack[:len(stack)-1]
		case charData, cdata:
			text := input[t.start:t.end]
			top.text = top.text || !blank(text) || between(tokens, i) && !strings.ContainsAny(text, "\r\n")
		}
	}
	end(stack[0])
	return inline
}

// between reports whether token i stands between two elements.
func between(tokens []tag, i int) bool {
	if i == 0 || i+1 == len(tokens) {
		return false
	}
	before, after := tokens[i-1].kind, tokens[i+1].kind
	return (before == endTag || before == emptyTag) && (after == startTag || after == emptyTag)
}

func setOf(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out
}
