package article

import (
	"slices"
	"strings"
)

// Inline is the content of a block: words, and the marks that stand among them.
type Inline []token

type tokenKind uint8

const (
	words  tokenKind = iota // text to translate
	opener                  // start of a pair: emphasis, a link
	closer                  // end of a pair
	atom                    // one unit that is carried over: a URL, inline code, an image, a break
)

// token is one piece of an Inline. Openers and closers are balanced and well nested.
type token struct {
	kind tokenKind
	text string // words, or what a reader sees of an atom ("" of an image, "\n" of a break)
	mark Mark   // of opener, closer, atom
	src  string // its syntax in the document's own format, so that identity is exact; "" in plain text = text
}

// MarkKind says what a mark does.
type MarkKind uint8

// The kinds of mark.
const (
	Verbatim MarkKind = iota // URL, e-mail, @handle, {placeholder} in running text
	Emphasis
	Strong
	Strike
	CodeSpan
	Link
	Image
	Break
	Other // any other inline element, by its HTML tag
)

// Mark is inline markup in a form that every output format can write.
type Mark struct {
	Kind  MarkKind
	URL   string // of Link and Image
	Title string // of Link; of Image its alt text
	Tag   string // of Other: the HTML element's name, e.g. "sub"
}

// String is the content as a reader sees it: markup vanishes, atoms show their text.
func (in Inline) String() string {
	if len(in) == 1 && in[0].kind == words {
		return in[0].text
	}
	var b strings.Builder
	for _, t := range in {
		if t.kind == words || t.kind == atom {
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// HTML is the content as HTML: no script, class or unsafe link, a web address
// as a link.
func (in Inline) HTML() string { return writeHTML(in, false) }

// Markdown is the content as a paragraph of Markdown.
func (in Inline) Markdown() string { return mdWriter{}.write(in) }

// Plain is a text without marks as content; addresses in it are atoms.
func Plain(s string) Inline { return scanWords(s) }

// Picture is an image alone as content.
func Picture(m Mark) Inline {
	m.Kind = Image
	return Inline{{kind: atom, mark: m}}
}

// Images are the images in the content, in order.
func (in Inline) Images() []Mark {
	var list []Mark
	for _, t := range in {
		if t.mark.Kind == Image {
			list = append(list, t.mark)
		}
	}
	return list
}

// Links are the links in the content, in order; an address that stands for itself
// among the words is none.
func (in Inline) Links() []Mark {
	var list []Mark
	for _, t := range in {
		if t.mark.Kind == Link && t.kind != closer {
			list = append(list, t.mark)
		}
	}
	return list
}

// MapImages gives every image the alternative text that f makes of its own.
func (in Inline) MapImages(f func(alt string) string) Inline {
	out := slices.Clone(in)
	for i, t := range out {
		if t.mark.Kind == Image {
			out[i].mark.Title, out[i].src = f(t.mark.Title), ""
		}
	}
	return out
}

// MapText applies f to the words, never to an atom.
func (in Inline) MapText(f func(string) string) Inline {
	out := make(Inline, len(in))
	for i, t := range in {
		if t.kind == words {
			if mapped := f(t.text); mapped != t.text {
				t.text, t.src = mapped, ""
			}
		}
		out[i] = t
	}
	return out
}
