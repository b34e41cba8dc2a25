package article

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mdSkeleton is a Markdown document's source with the places of its blocks.
// Whatever stands between them (markers, fences, front matter, definitions of
// links) is given back byte for byte.
type mdSkeleton struct {
	source string
	spans  []mdSpan
}

// mdSpan is where a block's content stands in the source.
type mdSpan struct {
	start, end int
	place      mdPlace
}

func (s mdSkeleton) render(d *Document, contents []Inline) string {
	var b strings.Builder
	b.Grow(len(s.source) + len(s.source)/8)
	pos := 0
	for i, span := range s.spans {
		b.WriteString(s.source[pos:span.start])
		pos = span.end
		blk := d.Blocks[i]
		if i >= len(contents) || contents[i] == nil || blk.Kind == Code || sameInline(contents[i], blk.Content) {
			b.WriteString(s.source[span.start:span.end])
			continue
		}
		w := mdWriter{place: span.place, own: true}
		if span.place == mdCell {
			line := s.source[strings.LastIndexByte(s.source[:span.start], '\n')+1 : span.start]
			w.first = !strings.Contains(line, "|")
		}
		b.WriteString(w.write(contents[i]))
	}
	b.WriteString(s.source[pos:])
	return b.String()
}

// sameInline reports whether two contents are the same words and marks, however
// the words are cut into tokens.
func sameInline(a, b Inline) bool {
	a, b = joinWords(a), joinWords(b)
	return slices.EqualFunc(a, b, func(x, y token) bool {
		return x.kind == y.kind && x.text == y.text && x.mark == y.mark && (x.kind == words || x.src == y.src)
	})
}

// joinWords makes one token of neighbouring words.
func joinWords(in Inline) Inline {
	out := make(Inline, 0, len(in))
	for _, t := range in {
		if n := len(out); t.kind == words && n > 0 && out[n-1].kind == words {
			out[n-1].text += t.text
			continue
		}
		out = append(out, t)
	}
	return out
}

// markdownParser is CommonMark with GFM's tables, strikethrough, task lists and
// bare links, and footnotes. Every inline parser is wrapped in endMarker.
var markdownParser = sync.OnceValue(func() parser.Parser {
	inline := []util.PrioritizedValue{
		util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(extension.NewFootnoteParser(), 101),
		util.Prioritized(boundedLinks{parser.NewLinkParser()}, 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
		util.Prioritized(parser.NewEmphasisParser(), 500),
		util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(extension.NewLinkifyParser(), 999),
	}
	for i := range inline {
		p := inline[i].Value.(parser.InlineParser)
		inline[i].Value = endMarker{p}
		if links, ok := p.(boundedLinks); ok {
			inline[i].Value = closingEndMarker{endMarker{p}, links.InlineParser.(parser.CloseBlocker)}
		}
	}
	blocks := append(parser.DefaultBlockParsers(), util.Prioritized(extension.NewFootnoteBlockParser(), 999))
	p := parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(inline...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
	p.AddOptions(
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
	return p
})

// nodeEnds is where, by inline node, its syntax ends in the source. The tree
// tells where the texts stand, but not how far the syntax around them goes.
type nodeEnds map[ast.Node]int

var nodeEndsKey = parser.NewContextKey()

// endMarker notes where each node ends that an inline parser makes.
type endMarker struct{ parser.InlineParser }

func (m endMarker) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	n := m.InlineParser.Parse(parent, block, pc)
	if n != nil {
		if ends, ok := pc.Get(nodeEndsKey).(nodeEnds); ok {
			_, pos := block.Position()
			ends[n] = pos.Start
		}
	}
	return n
}

type closingEndMarker struct {
	endMarker
	parser.CloseBlocker
}

// maxBrackets is how many brackets of one block are looked at for links. The link
// parser looks ahead through the block for each, which many thousands of them,
// as no paragraph has them, would make minutes.
const maxBrackets = 2000

// boundedLinks is the link parser held to maxBrackets.
type boundedLinks struct{ parser.InlineParser }

type bracketCount struct {
	block ast.Node
	n     int
}

var bracketCountKey = parser.NewContextKey()

func (b boundedLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	count, ok := pc.Get(bracketCountKey).(*bracketCount)
	if !ok {
		count = &bracketCount{}
		pc.Set(bracketCountKey, count)
	}
	if count.block != parent {
		*count = bracketCount{block: parent}
	}
	if count.n++; count.n > maxBrackets {
		return nil
	}
	return b.InlineParser.Parse(parent, block, pc)
}

// parseMarkdown splits a Markdown article into its blocks.
func parseMarkdown(input string) *Document {
	source := markdownSource(input)
	front := frontMatter(source)
	src := []byte(source[front:])
	pc := parser.NewContext()
	ends := nodeEnds{}
	pc.Set(nodeEndsKey, ends)
	root := markdownParser().Parse(text.NewReader(src), parser.WithContext(pc))

	r := mdReader{src: src, str: source[front:], ends: ends}
	r.children(root, mdContext{})
	slices.SortStableFunc(r.found, func(a, b mdFound) int { return cmp.Compare(a.span.start, b.span.start) })

	d := &Document{Format: Markdown}
	skeleton := mdSkeleton{source: source}
	for _, f := range r.found {
		f.span.start += front
		f.span.end += front
		if n := len(skeleton.spans); n > 0 && f.span.start < skeleton.spans[n-1].end {
			continue // cannot be; a block must never be written over another
		}
		d.Blocks = append(d.Blocks, f.block)
		skeleton.spans = append(skeleton.spans, f.span)
	}
	if len(d.Blocks) > 0 && d.Blocks[0].Kind == Heading && d.Blocks[0].Level == 1 {
		d.Blocks[0].Kind, d.Blocks[0].Level = Title, 0
	}
	d.skeleton = skeleton
	return d
}

// parseSnippet reads one line or paragraph of Markdown; nil if it is more than
// that, or something else.
func parseSnippet(s string) Inline {
	d := parseMarkdown(s)
	if len(d.Blocks) != 1 || d.Blocks[0].Kind != Paragraph {
		return nil
	}
	return d.Blocks[0].Content
}

// markdownSource makes the input fit for the parser: valid UTF-8, "\n" at line
// ends, no byte order mark, no white space at the end.
func markdownSource(input string) string {
	s := strings.TrimPrefix(strings.ToValidUTF8(input, "\uFFFD"), "\uFEFF")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(s)
	return strings.TrimRight(s, " \t\n")
}

var frontMatterKey = regexp.MustCompile(`(?m)^[A-Za-z_][\w.-]*\s*[:=]`)

// frontMatter is the length of the YAML (---) or TOML (+++) block that leads the
// source, 0 if there is none.
func frontMatter(s string) int {
	first, rest, ok := strings.Cut(s, "\n")
	fence := strings.TrimRight(first, " \t")
	if !ok || fence != "---" && fence != "+++" || strings.HasPrefix(rest, "\n") {
		return 0
	}
	for pos := len(first) + 1; pos < len(s); {
		line, _, _ := strings.Cut(s[pos:], "\n")
		end := min(pos+len(line)+1, len(s))
		if l := strings.TrimRight(line, " \t"); l == fence || fence == "---" && l == "..." {
			if !frontMatterKey.MatchString(s[len(first)+1 : pos]) {
				return 0
			}
			return end
		}
		pos = end
	}
	return 0
}

// mdContext is what the containers around a block make of it.
type mdContext struct {
	kind   Kind // of a paragraph; "" means Paragraph
	depth  int  // of lists
	item   bool // right in a list item
	number int
}

type mdFound struct {
	block Block
	span  mdSpan
}

type mdReader struct {
	src   []byte
	str   string // the same
	ends  nodeEnds
	found []mdFound
	ahead []Mark // images ahead of the first block
}

func (r *mdReader) children(n ast.Node, c mdContext) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		r.block(child, c)
		if c.kind == ListItem { // the item's further paragraphs are plain ones
			c.kind = Paragraph
		}
	}
}

func (r *mdReader) block(n ast.Node, c mdContext) {
	switch n := n.(type) {
	case *ast.Heading:
		r.add(n, Block{Kind: Heading, Level: n.Level}, mdHeadingPlace(r.str, n))
	case *ast.Paragraph, *ast.TextBlock:
		b := Block{Kind: c.kind}
		if b.Kind == "" {
			b.Kind = Paragraph
		}
		if c.item {
			b.Depth = c.depth
		}
		if b.Kind == ListItem {
			b.Number = c.number
		}
		r.add(n, b, mdFlow)
	case *ast.Blockquote:
		r.children(n, mdContext{kind: Quote, depth: c.depth})
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			ic := mdContext{kind: ListItem, depth: c.depth + 1, item: true}
			if n.IsOrdered() {
				ic.number = number
				number++
			}
			r.children(item, ic)
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		r.raw(n.Lines())
	case *ast.HTMLBlock:
		lines := n.Lines()
		if n.HasClosure() {
			lines.Append(n.ClosureLine)
		}
		if lines.Len() > 0 && visibleHTML(r.str[lines.At(0).Start:lines.At(lines.Len()-1).Stop]) != "" {
			r.raw(lines)
		}
	case *extast.TableCell:
		r.add(n, Block{Kind: Paragraph}, mdCell)
	default: // tables, rows, footnotes
		if n.Type() == ast.TypeBlock {
			r.children(n, c)
		}
	}
}

// mdHeadingPlace tells a heading led by # from an underlined one, which may run
// over lines.
func mdHeadingPlace(src string, n *ast.Heading) mdPlace {
	if n.Lines().Len() == 1 {
		start := n.Lines().At(0).Start
		line := strings.LastIndexByte(src[:start], '\n') + 1
		if strings.Contains(src[line:start], "#") {
			return mdHeading
		}
	}
	return mdFlow
}

// raw adds a block that is carried over as it stands.
func (r *mdReader) raw(lines *text.Segments) {
	if lines.Len() == 0 {
		return
	}
	code := strings.TrimRight(string(lines.Value(r.src)), "\n")
	if blank(code) {
		return
	}
	start, end := lines.At(0).Start, lines.At(lines.Len()-1).Stop
	for end > start && r.src[end-1] == '\n' {
		end--
	}
	r.found = append(r.found, mdFound{
		Block{Kind: Code, Content: Inline{{kind: atom, text: code, src: code}}},
		mdSpan{start: start, end: end},
	})
}

// add adds a block of words; one in which a reader sees nothing (an image alone)
// stays part of the skeleton.
func (r *mdReader) add(n ast.Node, b Block, place mdPlace) {
	in := mdInline{mdReader: r, lines: n.Lines()}
	if in.lines.Len() == 0 {
		return
	}
	b.Content = in.read(n)
	if blank(b.Content.String()) {
		if n := len(r.found); n > 0 {
			r.found[n-1].block.Pictures = append(r.found[n-1].block.Pictures, b.Content.Images()...)
		} else {
			r.ahead = append(r.ahead, b.Content.Images()...)
		}
		return
	}
	b.Pictures, r.ahead = r.ahead, nil
	r.found = append(r.found, mdFound{b, mdSpan{start: in.start, end: in.pos, place: place}})
}
