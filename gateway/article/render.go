package article

import (
	"strconv"
	"strings"
	"unicode"
)

// Render writes the document in format f. contents[i] takes the place of block
// i's content; where it is nil, or contents is shorter, the source stands.
//
// In the document's own format everything around the blocks is kept: the line
// structure of plain text, the bytes of Markdown, the cleaned tree of HTML. Any
// other format is built from the blocks: plain text with blank lines between
// them, Markdown in CommonMark with GFM's strikethrough, HTML as a fragment that
// holds no script, style, class or unsafe link.
func (d *Document) Render(f Format, contents []Inline) string {
	if f == "" {
		f = d.Format
	}
	if f == d.Format && d.skeleton != nil {
		return d.skeleton.render(d, contents)
	}
	switch f {
	case HTML:
		return d.renderHTML(contents)
	case Markdown:
		return d.renderMarkdown(contents)
	default:
		return d.renderText(contents)
	}
}

// content is what stands for block i: its replacement if there is one.
func (d *Document) content(i int, contents []Inline) Inline {
	if i < len(contents) && contents[i] != nil {
		return contents[i]
	}
	return d.Blocks[i].Content
}

// Bare is a content of the block, in either language, without the list mark that
// plain text carries in its words: for an output that writes marks of its own.
func (b Block) Bare(in Inline) Inline { return bareItem(b, in) }

// bare is the content of block i without the list mark that plain text, or a
// line led by a dash, carries in its words; Markdown and HTML write their own.
func (d *Document) bare(i int, in Inline) Inline {
	return bareItem(d.Blocks[i], in)
}

func bareItem(b Block, in Inline) Inline {
	if !marked(b, in) {
		return in
	}
	out := append(Inline(nil), in...)
	out[0].text = trimListMark(in[0].text)
	return out
}

// marked reports whether a list item's words start with a list mark.
func marked(b Block, in Inline) bool {
	return b.Kind == ListItem && len(in) > 0 && in[0].kind == words && trimListMark(in[0].text) != in[0].text
}

// trimListMark takes a leading bullet, dash or number off a line.
func trimListMark(s string) string {
	t := strings.TrimLeft(s, " \t")
	for _, m := range []string{"•", "●", "▪", "◦", "‣", "·", "–", "—", "-", "*", "+"} {
		if rest, ok := strings.CutPrefix(t, m); ok && rest != strings.TrimLeft(rest, " \t\u00A0") {
			return strings.TrimLeft(rest, " \t\u00A0")
		}
	}
	n := strings.IndexFunc(t, func(r rune) bool { return !unicode.IsDigit(r) })
	if n > 0 && n <= 3*utf8Digit {
		if rest := strings.TrimLeft(t[n:], ".)"); rest != t[n:] && rest != strings.TrimLeft(rest, " \t\u00A0") {
			return strings.TrimLeft(rest, " \t\u00A0")
		}
	}
	return s
}

const utf8Digit = 3 // bytes of a Devanagari digit

// --- plain text ---

func (d *Document) renderText(contents []Inline) string {
	var b strings.Builder
	for i, blk := range d.Blocks {
		if i > 0 {
			b.WriteString("\n\n")
		}
		in := d.content(i, contents)
		b.WriteString(d.textMark(blk, in))
		b.WriteString(in.String())
	}
	return b.String()
}

// textMark is what stands before a list item in plain text; an item that comes
// from plain text brings its own mark.
func (d *Document) textMark(b Block, in Inline) string {
	if b.Kind != ListItem || d.Format == Text || marked(b, in) {
		return ""
	}
	return strings.Repeat("  ", max(0, b.Depth-1)) + itemMark(b) + " "
}

func itemMark(b Block) string {
	if b.Number > 0 {
		return strconv.Itoa(b.Number) + "."
	}
	return "•"
}

// --- HTML ---

// headingLevel is the level a heading is written with: 1 is the title's alone.
func headingLevel(b Block) int { return min(max(b.Level, 2), 6) }

func (d *Document) renderHTML(contents []Inline) string {
	w := htmlWriter{}
	for i, blk := range d.Blocks {
		w.block(blk, writeHTML(d.bare(i, d.content(i, contents)), false))
	}
	w.closeLists(0)
	w.quote(false)
	return w.b.String()
}

// htmlWriter writes blocks one after the other, the lists and quotes around them
// as they need.
type htmlWriter struct {
	b      strings.Builder
	lists  []string // end tags of the lists that are open, outermost first
	quoted bool
}

func (w *htmlWriter) block(blk Block, in string) {
	switch {
	case blk.Kind == ListItem:
		w.quote(false)
		w.openItem(blk)
		w.b.WriteString(in)
		return
	case blk.Kind == Paragraph && blk.Depth > 0 && blk.Depth <= len(w.lists): // of that item
		w.closeLists(blk.Depth)
	default:
		w.closeLists(0)
		w.quote(blk.Kind == Quote)
	}
	before, after := htmlTags(blk)
	w.b.WriteString(before + in + after + "\n")
}

func (w *htmlWriter) closeLists(n int) {
	for len(w.lists) > n {
		last := len(w.lists) - 1
		w.b.WriteString("</li>\n" + w.lists[last] + "\n")
		w.lists = w.lists[:last]
	}
}

// quote opens or closes the quotation that neighbouring quotes share.
func (w *htmlWriter) quote(on bool) {
	if on == w.quoted {
		return
	}
	w.closeLists(0)
	w.quoted = on
	if on {
		w.b.WriteString("<blockquote>\n")
	} else {
		w.b.WriteString("</blockquote>\n")
	}
}

// openItem opens the <li> of a list item, and the lists it needs.
func (w *htmlWriter) openItem(blk Block) {
	depth := min(max(blk.Depth, 1), len(w.lists)+1)
	open, end := "<ul>", "</ul>"
	if blk.Number > 0 {
		open, end = "<ol>", "</ol>"
		if blk.Number > 1 {
			open = `<ol start="` + strconv.Itoa(blk.Number) + `">`
		}
	}
	w.closeLists(depth)
	if len(w.lists) == depth {
		if w.lists[depth-1] == end {
			w.b.WriteString("</li>\n<li>")
			return
		}
		w.closeLists(depth - 1)
	}
	if depth > 1 {
		w.b.WriteByte('\n')
	}
	w.b.WriteString(open + "\n<li>")
	w.lists = append(w.lists, end)
}

func htmlTags(b Block) (before, after string) {
	switch b.Kind {
	case Title:
		return "<h1>", "</h1>"
	case Heading:
		l := strconv.Itoa(headingLevel(b))
		return "<h" + l + ">", "</h" + l + ">"
	case Code:
		return "<pre><code>", "</code></pre>"
	default:
		return "<p>", "</p>"
	}
}

// writeHTML writes content as HTML. own says that its marks come from an HTML
// document, whose (already cleaned) syntax is kept.
func writeHTML(in Inline, own bool) string {
	var b strings.Builder
	inLink := 0
	for _, t := range in {
		if t.kind == opener && t.mark.Kind == Link {
			inLink++
		}
		if t.kind == closer && t.mark.Kind == Link {
			inLink--
		}
		switch {
		case t.kind == words:
			b.WriteString(escapeHTML(t.text))
		case own && t.src != "":
			b.WriteString(t.src)
		case t.kind == opener:
			b.WriteString(htmlOpen(t.mark))
		case t.kind == closer:
			b.WriteString(htmlClose(t.mark))
		case t.mark.Kind == Verbatim && !own && inLink == 0 && isWebURL(t.text):
			b.WriteString(htmlOpen(Mark{Kind: Link, URL: t.text}) + escapeHTML(t.text) + "</a>")
		default:
			b.WriteString(htmlAtom(t))
		}
	}
	return b.String()
}

func htmlAtom(t token) string {
	switch t.mark.Kind {
	case Break:
		return "<br>"
	case CodeSpan:
		return "<code>" + escapeHTML(t.text) + "</code>"
	case Link:
		return htmlOpen(t.mark) + escapeHTML(t.text) + htmlClose(t.mark)
	case Image:
		if src, ok := safeURL(t.mark.URL); ok {
			return `<img src="` + escapeHTML(src) + `" alt="` + escapeHTML(t.mark.Title) + `">`
		}
		return ""
	default:
		return escapeHTML(t.text)
	}
}

func htmlOpen(m Mark) string {
	switch m.Kind {
	case Emphasis:
		return "<em>"
	case Strong:
		return "<strong>"
	case Strike:
		return "<del>"
	case Link:
		href, ok := safeURL(m.URL)
		if !ok {
			return ""
		}
		s := `<a href="` + escapeHTML(href) + `"`
		if m.Title != "" {
			s += ` title="` + escapeHTML(m.Title) + `"`
		}
		return s + ">"
	case Other:
		if keptInline[m.Tag] {
			return "<" + m.Tag + ">"
		}
	}
	return ""
}

func htmlClose(m Mark) string {
	switch m.Kind {
	case Emphasis:
		return "</em>"
	case Strong:
		return "</strong>"
	case Strike:
		return "</del>"
	case Link:
		if _, ok := safeURL(m.URL); ok {
			return "</a>"
		}
	case Other:
		if keptInline[m.Tag] {
			return "</" + m.Tag + ">"
		}
	}
	return ""
}

// keptInline are the inline elements without a kind of their own that are kept,
// as pairs with Kind Other.
var keptInline = map[string]bool{
	"sub": true, "sup": true, "u": true, "mark": true, "small": true, "abbr": true, "time": true,
	"q": true, "cite": true, "ins": true, "dfn": true, "var": true, "bdi": true, "bdo": true,
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\x00", "\uFFFD")

func escapeHTML(s string) string { return htmlEscaper.Replace(s) }

// safeURL is a link's target when it may stand in a cleaned page: relative, or
// http, https, mailto or tel. White space and control characters, by which a
// browser can be led to see another scheme, are taken out first.
func safeURL(u string) (string, bool) {
	u = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, strings.TrimSpace(u))
	if u == "" {
		return "", false
	}
	end := strings.IndexAny(u, ":/?#")
	if end < 0 || u[end] != ':' {
		return u, true
	}
	switch strings.ToLower(u[:end]) {
	case "http", "https", "mailto", "tel":
		return u, true
	}
	return "", false
}

func isWebURL(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// --- Markdown ---

func (d *Document) renderMarkdown(contents []Inline) string {
	var w markdownWriter
	for i, blk := range d.Blocks {
		w.block(blk, d.bare(i, d.content(i, contents)))
	}
	return w.b.String()
}

// markdownWriter writes blocks one after the other, parted and indented as their
// lists need.
type markdownWriter struct {
	b      strings.Builder
	widths []int // of the marks of the list items that are open
	last   Block
}

// block writes a block with its content, in two languages if there are two.
func (w *markdownWriter) block(blk Block, contents ...Inline) {
	item := blk.Kind == ListItem
	depth := 0
	switch {
	case item:
		depth = min(max(blk.Depth, 1), len(w.widths)+1)
		w.widths = w.widths[:depth-1]
	case blk.Kind == Paragraph:
		depth = min(blk.Depth, len(w.widths))
		w.widths = w.widths[:depth]
	default:
		w.widths = w.widths[:0]
	}
	switch {
	case w.b.Len() == 0:
	case item && w.last.Kind == ListItem && (blk.Number < 2 || depth <= w.last.Depth):
		w.b.WriteByte('\n')
	default: // a list that starts with 3 only starts behind a blank line
		w.b.WriteString("\n\n")
	}
	w.last = blk
	indent := ""
	for _, n := range w.widths {
		indent += strings.Repeat(" ", n)
	}
	w.b.WriteString(indent)
	if !item {
		w.b.WriteString(markdownBlock(blk, indent, contents))
		return
	}
	mark := "- "
	if blk.Number > 0 {
		mark = strconv.Itoa(blk.Number) + ". "
	}
	w.widths = append(w.widths, len(mark))
	prefix := indent + strings.Repeat(" ", len(mark))
	w.b.WriteString(mark + joinMarkdown(mdWriter{prefix: prefix}, "\\\n"+prefix, contents))
}

func joinMarkdown(w mdWriter, sep string, contents []Inline) string {
	out := make([]string, len(contents))
	for i, in := range contents {
		out[i] = w.write(in)
	}
	return strings.Join(out, sep)
}

// markdownBlock writes a block that is no list item.
func markdownBlock(b Block, indent string, contents []Inline) string {
	switch b.Kind {
	case Title:
		return "# " + joinMarkdown(mdWriter{place: mdHeading}, " / ", contents)
	case Heading:
		return strings.Repeat("#", headingLevel(b)) + " " + joinMarkdown(mdWriter{place: mdHeading}, " / ", contents)
	case Quote:
		return "> " + joinMarkdown(mdWriter{prefix: "> "}, "\n>\n> ", contents)
	case Code:
		code := contents[0].String()
		fence := strings.Repeat("`", max(3, longestRun(code, '`')+1))
		return fence + "\n" + code + "\n" + fence
	default:
		return joinMarkdown(mdWriter{prefix: indent}, "\n\n"+indent, contents)
	}
}

// longestRun is the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}
