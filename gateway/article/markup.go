package article

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MarkupOptions say how ParseMarkup reads a text.
type MarkupOptions struct {
	XML bool // else HTML

	Ignore       []string // elements whose content is not translated; of HTML in small letters, as below
	Splitting    []string // elements that part the text around and in them
	NonSplitting []string // elements that never do

	// Outline finds the splitting elements of XML by its structure: all but those
	// that somewhere stand in text. Without it only those in Splitting part its text.
	Outline bool

	Lines bool // a line break parts text, too
}

// Markup is a text in HTML or XML as the pieces that are translated each by itself.
// What stands before the pieces, the pieces and After, put together, are the text.
type Markup struct {
	Pieces []Piece
	After  string // what stands behind the last piece
}

// Piece is a stretch of text with the inline markup in it.
type Piece struct {
	Before string // what stands between the piece and the one before it
	Block  Block

	source   string // the piece as it was written
	plain    bool   // in a CDATA section
	notation *notation
}

// MarkupError says why a text is not well-formed XML.
type MarkupError struct {
	Position int    // in code points, from 1
	Reason   string // holds no more of the text than the name of an element
}

// Error is the reason with its place.
func (e *MarkupError) Error() string {
	return fmt.Sprintf("at character %d, %s", e.Position, e.Reason)
}

// ParseMarkup parts a text in HTML or XML into pieces. Every byte of it is kept:
// where nothing is translated, it comes back as it was.
//
// HTML is read tag by tag, never mended: an unclosed tag stays one. Its block elements,
// and what stands in them, part pieces; so do two line breaks (br), or one behind a
// sentence. Inside a piece, pairs of tags are pairs of marks. Script, code, drawings
// and the like, comments, and elements with translate="no" or the class notranslate
// stay as they are, with all that is in them; attributes are not translated.
//
// XML must be well formed, but for comments and a document type, which are not looked
// into, and for the root: a fragment may have many. Undeclared entities stay as they
// are. A CDATA section without markup in it is text. The only error is a *MarkupError.
func ParseMarkup(text string, o MarkupOptions) (*Markup, error) {
	p := &piecer{input: text, o: o, notation: &notation{xml: o.XML}, open: map[string]int{}, space: true, out: &Markup{}}
	if o.XML {
		s := &xmlScanner{input: text}
		if err := s.scan(); err != nil {
			return nil, err
		}
		p.tokens = s.tokens
	} else {
		p.tokens = htmlTokens(text)
	}
	p.splitting = splitting(text, p.tokens, o)
	p.run()
	p.flush()
	p.out.After = text[p.done:]
	return p.out, nil
}

// String is the text as a reader sees it, a piece a line.
func (m *Markup) String() string {
	var b strings.Builder
	for _, p := range m.Pieces {
		b.WriteString(p.Block.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Render gives the piece with its content replaced by in; nil stands for its own, and
// what says the same is given as it was written. All its tags stand in the result as
// often as in the source: a pair that in does not have is put around all of it, or, a
// link where there is another, empty behind it.
func (p Piece) Render(in Inline) string {
	if in == nil {
		return p.source
	}
	written := p.notation.write(p.withPairs(in), p.plain)
	if written == p.notation.write(p.Block.Content, p.plain) {
		return p.source
	}
	return written
}

// withPairs is in with the pairs of the piece that it has not.
func (p Piece) withPairs(in Inline) Inline {
	have := make(map[string]int)
	linked := false
	for _, t := range in {
		if t.kind == opener {
			have[t.src]++
			linked = linked || t.mark.Kind == Link
		}
	}
	var before, behind, after Inline // of in
	other := partners(p.Block.Content)
	for i, t := range p.Block.Content {
		if t.kind != opener {
			continue
		}
		if have[t.src]--; have[t.src] >= 0 {
			continue
		}
		shut := p.Block.Content[other[i]]
		if link := t.mark.Kind == Link; link && linked {
			behind = append(behind, t, shut)
		} else {
			before, after = append(before, t), append(after, shut)
			linked = linked || link
		}
	}
	slices.Reverse(after)
	return slices.Concat(before, in, behind, after)
}

// OneLine is running text of several lines as one block. If breaks is set, its line
// breaks are marks that come back in their places, else they are white space.
func OneLine(text string, breaks bool) Block {
	var in Inline
	for text = strings.TrimSpace(clean(text)); text != ""; {
		at := strings.IndexFunc(text, isLineEnd)
		if at < 0 {
			in = append(in, scanWords(text)...)
			break
		}
		line, rest := strings.TrimRightFunc(text[:at], unicode.IsSpace), strings.TrimLeftFunc(text[at:], unicode.IsSpace)
		in = append(in, scanWords(line)...)
		if breaks {
			in = append(in, token{kind: atom, text: text[len(line) : len(text)-len(rest)], mark: Mark{Kind: Break}})
		} else {
			in = append(in, token{kind: words, text: " "})
		}
		text = rest
	}
	return Block{Kind: Paragraph, Content: merge(in)}
}

// ElementName reports whether s can be the name of an element of HTML or XML
// (XML 1.0, production 5, somewhat widened), at most 100 code points.
func ElementName(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 100 && nameEnd(s, 0) == len(s)
}

// nameEnd is where the name at s[i] ends; i if there is none.
func nameEnd(s string, i int) int {
	for j := i; j < len(s); {
		r, n := utf8.DecodeRuneInString(s[j:])
		letter := r == '_' || r == ':' || unicode.IsLetter(r)
		inside := j > i && (r == '-' || r == '.' || r == '·' || unicode.IsDigit(r) || unicode.IsMark(r))
		if !letter && !inside {
			return j
		}
		j += n
	}
	return len(s)
}
