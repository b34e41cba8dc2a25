package article

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// htmlWalker turns a tree into blocks and the cleaned HTML between them. Nodes
// come in document order; text gathers until an element that parts blocks.
type htmlWalker struct {
	page    *page
	blocks  []Block
	literal []string        // what stands before each block
	ahead   []Mark          // images ahead of the first block
	lit     strings.Builder // what has been written since the last block
	frames  []frame         // the containers that are open, outermost first

	cur   Inline          // content of the block in the making
	text  strings.Builder // its words since the last token
	open  Inline          // its openers that are not closed
	space bool            // white space now would lead a line, or double
	seen  bool            // the block holds something a reader sees
	para  bool            // inside <p>
}

// frame is a container that the cleaned tree keeps.
type frame struct {
	tag, attr string
	kind      Kind // of the text in it; "" leaves it to the containers around
	level     int
	depth     int // of lists
	number    int // of a list: of its next item; of an item: its own
	ordered   bool
	written   bool // its start tag has been written: it holds something
	used      bool // it holds a block already
}

// tight containers hold text without a <p> around it.
func (f frame) tight() bool {
	switch f.tag {
	case "li", "td", "th", "dt", "dd", "figcaption", "caption", "summary", "h1", "h2", "h3", "h4", "h5", "h6":
		return true
	}
	return false
}

func (w *htmlWalker) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
}

func (w *htmlWalker) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if !w.page.outside(n) {
			w.addText(n.Data)
		}
		return
	case html.ElementNode:
	case html.DocumentNode:
		w.children(n)
		return
	default:
		return
	}
	if w.page.leaveOut(n) {
		if blockElement[n.Data] {
			w.flush()
		}
		return
	}
	defer w.page.left(n)
	if w.inHeading() && blockElement[n.Data] {
		w.addText(" ")
		w.children(n)
		w.addText(" ")
		return
	}
	switch n.Data {
	case "br":
		w.lineBreak()
	case "wbr":
	case "img":
		w.image(n)
	case "hr":
		w.flush()
		if len(w.blocks) > 0 {
			w.ensureOpen()
			w.lit.WriteString("<hr>\n")
		}
	case "pre", "listing", "xmp", "plaintext":
		w.flush()
		w.pre(n)
	case "code", "kbd", "samp", "tt":
		w.codeSpan(n)
	case "p":
		w.flush()
		w.para = true
		w.children(n)
		w.flush()
		w.para = false
	default:
		if f, ok := w.frameOf(n); ok {
			w.container(n, f)
		} else if blockElement[n.Data] {
			w.flush()
			w.children(n)
			w.flush()
		} else {
			w.inline(n)
		}
	}
}

// frameOf gives the container that an element is in the cleaned tree.
func (w *htmlWalker) frameOf(n *html.Node) (frame, bool) {
	f := frame{tag: n.Data}
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		f.kind, f.level = Heading, int(n.Data[1]-'0')
		if n == w.page.h1 {
			f.kind, f.level = Title, 0
		}
	case "ul", "ol", "menu", "dir":
		f.depth = w.listDepth() + 1
		if f.tag != "ol" {
			f.tag = "ul"
			break
		}
		f.ordered, f.number = true, 1
		if start, err := strconv.Atoi(attr(n, "start")); err == nil && start >= 0 && start < 1e6 {
			f.number = start
			f.attr = ` start="` + strconv.Itoa(start) + `"`
		}
	case "li":
		f.kind, f.depth = ListItem, max(1, w.listDepth())
		for i := len(w.frames) - 1; i >= 0; i-- {
			if list := &w.frames[i]; list.tag == "ol" || list.tag == "ul" {
				if list.ordered {
					if v, err := strconv.Atoi(attr(n, "value")); err == nil && v >= 0 && v < 1e6 {
						list.number = v
						f.attr = ` value="` + strconv.Itoa(v) + `"`
					}
					f.number = list.number
					list.number++
				}
				break
			}
		}
	case "blockquote":
		f.kind = Quote
	case "figcaption", "caption":
		f.kind = Caption
	case "td", "th":
		f.kind = Paragraph
		for _, k := range []string{"colspan", "rowspan"} {
			if v, err := strconv.Atoi(attr(n, k)); err == nil && v > 1 && v <= 1000 {
				f.attr += " " + k + `="` + strconv.Itoa(v) + `"`
			}
		}
	case "dt", "dd", "summary":
		f.kind = Paragraph
	case "figure", "table", "thead", "tbody", "tfoot", "tr", "dl", "details":
	default:
		return frame{}, false
	}
	return f, true
}

func (w *htmlWalker) listDepth() int {
	for i := len(w.frames) - 1; i >= 0; i-- {
		if w.frames[i].depth > 0 {
			return w.frames[i].depth
		}
	}
	return 0
}

// container walks an element that the cleaned tree keeps. Its tags are written
// only if it turns out to hold something.
func (w *htmlWalker) container(n *html.Node, f frame) {
	w.flush()
	w.frames = append(w.frames, f)
	if f.tag == "td" || f.tag == "th" {
		w.ensureOpen() // an empty cell keeps the columns in their places
	}
	w.children(n)
	w.flush()
	last := len(w.frames) - 1
	if w.frames[last].written {
		w.lit.WriteString("</" + f.tag + ">\n")
	}
	w.frames = w.frames[:last]
}

// ensureOpen writes the start tags of the containers that are open.
func (w *htmlWalker) ensureOpen() {
	for i := range w.frames {
		f := &w.frames[i]
		if f.written {
			continue
		}
		f.written = true
		w.lit.WriteString("<" + f.tag + f.attr + ">")
		if !f.tight() {
			w.lit.WriteByte('\n')
		}
	}
}

// --- inline content ---

func (w *htmlWalker) addText(s string) {
	from := 0
	for i, r := range s {
		switch {
		case isHTMLSpace(r), r == '\u0085', r == '\u2028', r == '\u2029':
			w.text.WriteString(s[from:i])
			if !w.space {
				w.text.WriteByte(' ')
				w.space = true
			}
		case dropped(r), r == 0:
			w.text.WriteString(s[from:i])
		default:
			w.space, w.seen = false, true
			continue
		}
		from = i + utf8.RuneLen(r)
	}
	w.text.WriteString(s[from:])
}

// cut makes tokens of the words so far.
func (w *htmlWalker) cut() {
	if w.text.Len() > 0 {
		w.cur = append(w.cur, scanWords(w.text.String())...)
		w.text.Reset()
	}
}

// inline walks an element within a line. Those without a meaning of their own
// (span, font) vanish.
func (w *htmlWalker) inline(n *html.Node) {
	m, src, ok := inlineMark(n)
	if !ok {
		w.children(n)
		return
	}
	w.cut()
	t := token{kind: opener, mark: m, src: src}
	w.cur, w.open = append(w.cur, t), append(w.open, t)
	w.children(n)
	w.cut()
	w.open = w.open[:len(w.open)-1]
	w.close(token{kind: closer, mark: m, src: "</" + n.Data + ">"})
}

// close ends the innermost pair; one that holds nothing goes.
func (w *htmlWalker) close(t token) {
	last := len(w.cur) - 1
	if w.cur[last].kind == opener {
		w.cur = w.cur[:last]
		return
	}
	if last > 0 && w.cur[last].kind == words && w.cur[last-1].kind == opener && blank(w.cur[last].text) {
		w.cur = append(w.cur[:last-1], w.cur[last])
		return
	}
	w.cur = append(w.cur, t)
	if t.mark.Kind == Link {
		open := len(w.cur) - 3
		if open >= 0 && w.cur[open].kind == opener {
			src := w.cur[open].src + escapeHTML(w.cur[open+1].text) + "</a>"
			w.cur = collapseLink(w.cur, open, src)
		}
	}
}

// inlineMark gives the mark of an inline element and its cleaned start tag.
func inlineMark(n *html.Node) (m Mark, src string, ok bool) {
	switch n.Data {
	case "em", "i":
		m.Kind = Emphasis
	case "strong", "b":
		m.Kind = Strong
	case "s", "del", "strike":
		m.Kind = Strike
	case "a":
		href, safe := safeURL(attr(n, "href"))
		if !safe {
			return m, "", false
		}
		m = Mark{Kind: Link, URL: href, Title: attr(n, "title")}
		return m, htmlOpen(m), true
	default:
		if !keptInline[n.Data] {
			return m, "", false
		}
		m.Kind, m.Tag = Other, n.Data
	}
	return m, "<" + n.Data + ">", true
}

func (w *htmlWalker) image(n *html.Node) {
	src, ok := imageURL(n)
	if !ok {
		return
	}
	w.cut()
	m := Mark{Kind: Image, URL: src, Title: attr(n, "alt")}
	s := `<img src="` + escapeHTML(src) + `" alt="` + escapeHTML(m.Title) + `"`
	for _, k := range []string{"width", "height"} {
		if v, err := strconv.Atoi(attr(n, k)); err == nil && v > 0 {
			s += " " + k + `="` + strconv.Itoa(v) + `"`
		}
	}
	w.cur = append(w.cur, token{kind: atom, mark: m, src: s + ">"})
	w.space = false
}

func (w *htmlWalker) codeSpan(n *html.Node) {
	code := strings.Join(strings.Fields(textOf(n)), " ")
	if code == "" {
		w.children(n) // an image, perhaps
		return
	}
	w.cut()
	w.cur = append(w.cur, token{kind: atom, text: code, mark: Mark{Kind: CodeSpan},
		src: "<" + n.Data + ">" + escapeHTML(code) + "</" + n.Data + ">"})
	w.space, w.seen = false, true
}

// lineBreak adds a <br>. Two of them part paragraphs.
func (w *htmlWalker) lineBreak() {
	w.cut()
	w.cur = trimTail(w.cur, false)
	if n := len(w.cur); n > 0 && w.cur[n-1].kind == atom && w.cur[n-1].mark.Kind == Break {
		if w.inHeading() {
			return
		}
		w.cur = w.cur[:n-1]
		w.flush()
		return
	}
	switch {
	case !w.seen:
	case w.page.isTitle(w.cur): // a headline that only a break parts from what follows
		w.flush()
	default:
		w.cur = append(w.cur, token{kind: atom, text: "\n", mark: Mark{Kind: Break}, src: "<br>"})
	}
	w.space = true
}

// inHeading reports whether a heading is open, which is one block whatever
// stands in it.
func (w *htmlWalker) inHeading() bool {
	n := len(w.frames)
	return n > 0 && isHeadingTag(w.frames[n-1].tag)
}

func isHeadingTag(tag string) bool {
	return len(tag) == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6'
}

// trimTail takes white space, and breaks if asked, off the end of content.
func trimTail(in Inline, breaks bool) Inline {
	for i := len(in) - 1; i >= 0; i-- {
		switch t := &in[i]; {
		case t.kind == closer:
		case t.kind == words:
			if t.text = strings.TrimRight(t.text, " "); t.text != "" {
				return in
			}
			in = append(in[:i], in[i+1:]...)
		case breaks && t.kind == atom && t.mark.Kind == Break:
			in = append(in[:i], in[i+1:]...)
		default:
			return in
		}
	}
	return in
}

// --- blocks ---
