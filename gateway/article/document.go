package article

// Format names how an article is written.
type Format string

// The formats an article can come in and be rendered to.
const (
	Text     Format = "text"
	HTML     Format = "html"
	Markdown Format = "markdown"
)

// Kind says what a block is to a reader.
type Kind string

// The kinds of block.
const (
	Title     Kind = "title"
	Byline    Kind = "byline"
	Dateline  Kind = "dateline"
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	ListItem  Kind = "list_item"
	Quote     Kind = "quote"
	Caption   Kind = "caption"
	Code      Kind = "code"
)

// Context reports whether a block of this kind can be the context of a later
// one. A title, byline, dateline, caption or code block never is.
func (k Kind) Context() bool {
	switch k {
	case Heading, Paragraph, ListItem, Quote:
		return true
	}
	return false
}

// Document is an article as blocks, in reading order. Parse makes it; it is
// not changed afterwards.
type Document struct {
	Format Format
	Blocks []Block

	skeleton skeleton // how the blocks stand in the input; nil: parted by blank lines
}

// A skeleton puts the blocks' contents back where the input had them.
type skeleton interface {
	// render gives the input with block i's content replaced by contents[i].
	render(d *Document, contents []Inline) string
}

// Block is one unit of an article: a title, a paragraph, a list item.
type Block struct {
	Kind    Kind
	Level   int // of a heading, 1–6; 0 elsewhere
	Depth   int // of a list item, or of a later paragraph in one: 1 is the outermost list
	Number  int // of an item of an ordered list, from the list's start; 0: unordered
	Content Inline

	// Pictures are images that stand alone behind the block, or ahead of it if it
	// is the first: no reader sees words in them, so they are no block.
	Pictures []Mark
}

// String is the block as a reader sees it, without any markup.
func (b Block) String() string { return b.Content.String() }
