package article

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrEmpty is the error of Parse for input in which a reader sees nothing.
var ErrEmpty = errors.New("article: no text")

// Options say how Parse reads its input.
type Options struct {
	Format Format // how the input is written; "" means Text
	Title  string // the article's title, when it is known apart from the input
	Base   string // the page's address: its relative links and images are made absolute; "" leaves them

	// KeepLines makes each line of plain text a block, however long its lines are:
	// for texts whose line breaks must all come back. Otherwise hard-wrapped lines
	// are joined.
	KeepLines bool
}

// Parse splits an article into its blocks. Every piece of text that a reader sees
// is in one block, once, in order; Document.Render puts them back.
//
// A title given in o becomes block 0 of kind Title, unless the first block already
// says the same (by Fold), which then is the title. The only error is ErrEmpty.
func Parse(input string, o Options) (*Document, error) {
	var d *Document
	var err error
	switch o.Format {
	case HTML:
		d, err = parseHTML(input, o.Base)
	case Markdown:
		d = parseMarkdown(input)
	default:
		d = parseText(input, o.KeepLines)
	}
	if err != nil {
		return nil, err
	}
	if len(d.Blocks) == 0 {
		return nil, ErrEmpty
	}
	setTitle(d, o.Title)
	classify(d.Blocks)
	return d, nil
}

// setTitle makes title block 0, in front of the input's own blocks.
func setTitle(d *Document, title string) {
	title = Normalize(title)
	if Fold(title) == "" {
		return
	}
	same := Fold(d.Blocks[0].String()) == Fold(title)
	for i := range d.Blocks {
		if d.Blocks[i].Kind == Title {
			d.Blocks[i].Kind, d.Blocks[i].Level = Heading, 1
		}
	}
	if same {
		b := &d.Blocks[0]
		b.Kind, b.Level, b.Depth, b.Number = Title, 0, 0, 0
		return
	}
	d.Blocks = slices.Insert(d.Blocks, 0, Block{Kind: Title, Content: scanWords(title)})
	if d.skeleton != nil {
		d.skeleton = titled{d.skeleton}
	}
}

// titled is the skeleton of a document whose title was given apart from its input.
type titled struct{ body skeleton }

func (t titled) render(d *Document, contents []Inline) string {
	n := min(1, len(contents))
	head := Document{Format: d.Format, Blocks: d.Blocks[:1]}
	body := Document{Format: d.Format, Blocks: d.Blocks[1:], skeleton: t.body}
	title := strings.TrimRight(head.Render(d.Format, contents[:n]), "\n")
	text := t.body.render(&body, contents[n:])
	front := 0
	if d.Format == Markdown { // front matter stays in front
		front = frontMatter(text)
	}
	return text[:front] + title + "\n\n" + text[front:]
}

// VisibleLen is the length of an article in code points, after line ends are made
// uniform and the ends trimmed; of HTML, the length of the text that a reader sees.
func VisibleLen(input string, f Format) int {
	if f == HTML {
		return utf8.RuneCountInString(Normalize(visibleHTML(input)))
	}
	return utf8.RuneCountInString(Normalize(input))
}
