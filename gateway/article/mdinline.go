package article

import (
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mdInline reads the content of one block. It follows the source byte by byte
// beside the tree, so that each token knows its own syntax.
type mdInline struct {
	*mdReader
	lines      *text.Segments
	start, pos int  // what has been read: src[start:pos]
	broken     bool // a line has ended at pos; the next one starts behind its prefix
	lost       bool // tree and source do not fit together

	out  Inline
	text []byte // words since the last token
	at   []int  // by byte of text: where its character starts in the source
}

// read gives the content of n and leaves its place in start and pos. Should the
// source ever not fit the tree, the block is taken as plain words.
func (in *mdInline) read(n ast.Node) Inline {
	first, last := in.lines.At(0), in.lines.At(in.lines.Len()-1)
	in.start = in.skipSpaces(first.Start)
	in.pos = in.start
	in.children(n)
	in.trimEnd()
	in.flush()
	if in.lost {
		in.pos = last.Stop
		for in.pos > in.start && isMDSpace(in.src[in.pos-1]) {
			in.pos--
		}
		in.out = in.plain()
	}
	return in.out
}

// plain is the block's lines as words, syntax and all.
func (in *mdInline) plain() Inline {
	var lines []string
	for i := range in.lines.Len() {
		line := in.lines.At(i)
		lines = append(lines, strings.TrimSpace(string(line.Value(in.src))))
	}
	return Inline{{kind: words, text: strings.Join(lines, " ")}}
}

func (in *mdInline) children(n ast.Node) {
	for c := n.FirstChild(); c != nil && !in.lost; c = c.NextSibling() {
		in.node(c)
	}
}

func (in *mdInline) node(n ast.Node) {
	if t, ok := n.(*ast.Text); ok {
		in.textNode(t)
		return
	}
	in.nextLine()
	switch n := n.(type) {
	case *ast.Emphasis:
		kind := Emphasis
		if n.Level == 2 {
			kind = Strong
		}
		in.delimited(n, Mark{Kind: kind}, n.Level)
	case *extast.Strikethrough:
		size := 1
		if strings.HasPrefix(in.str[in.pos:], "~~") {
			size = 2
		}
		in.delimited(n, Mark{Kind: Strike}, size)
	case *ast.Link:
		in.link(n)
	case *ast.CodeSpan:
		in.atom(n, codeText(n, in.src), Mark{Kind: CodeSpan})
	case *ast.Image:
		in.atom(n, "", Mark{Kind: Image, URL: mdUnescape(string(n.Destination)), Title: altText(n, in.src)})
	case *ast.AutoLink:
		in.autoLink(n)
	case *ast.RawHTML:
		in.rawHTML(n)
	case *extast.FootnoteLink:
		in.atom(n, "", Mark{Kind: Other})
	case *extast.TaskCheckBox:
		if end, ok := in.end(n); ok {
			in.start, in.pos = end, end
		}
	default:
		in.lost = true
	}
}

// textNode adds the words of a text, and the line end behind it.
func (in *mdInline) textNode(t *ast.Text) {
	seg := t.Segment
	if seg.Len() == 0 && !t.SoftLineBreak() && !t.HardLineBreak() {
		return
	}
	in.nextLine()
	if seg.Len() > 0 {
		if seg.Start < in.pos || strings.Trim(in.str[in.pos:seg.Start], " \t") != "" {
			in.lost = true
			return
		}
		in.words(seg.Start, seg.Stop)
	}
	switch {
	case t.HardLineBreak():
		in.hardBreak()
	case t.SoftLineBreak():
		in.put(" ", in.pos)
		in.broken = true
	}
}

// words adds src[from:to], escapes and entities resolved.
func (in *mdInline) words(from, to int) {
	for i := from; i < to; {
		s := in.str[i:to]
		switch {
		case s[0] == '\\' && len(s) > 1 && util.IsPunct(s[1]):
			in.put(s[1:2], i)
			i += 2
		case s[0] == '&' && mdEntityTail.MatchString(s):
			entity := s[:strings.IndexByte(s, ';')+1]
			in.put(html.UnescapeString(entity), i)
			i += len(entity)
		default:
			n := 1 + strings.IndexAny(s[1:], `\&`)
			if n == 0 {
				n = len(s)
			}
			for k, r := range s[:n] {
				switch {
				case dropped(r):
				case isLineEnd(r):
					in.put(" ", i+k)
				default:
					in.put(string(r), i+k)
				}
			}
			i += n
		}
	}
	in.pos = to
}

func (in *mdInline) put(s string, at int) {
	in.text = append(in.text, s...)
	for range len(s) {
		in.at = append(in.at, at)
	}
}

// flush turns the words so far into tokens.
func (in *mdInline) flush() {
	if len(in.text) == 0 {
		return
	}
	in.at = append(in.at, in.pos)
	n := 0
	for _, t := range scanWords(string(in.text)) {
		end := n + len(t.text)
		if t.kind == atom {
			t.src = in.str[in.at[n]:in.at[end]]
		}
		n = end
		in.out = append(in.out, t)
	}
	in.text, in.at = in.text[:0], in.at[:0]
}

// trimEnd takes off the space of a line end that ends the block.
func (in *mdInline) trimEnd() {
	for n := len(in.text); n > 0 && in.text[n-1] == ' '; n-- {
		in.pos = in.at[n-1]
		in.text, in.at = in.text[:n-1], in.at[:n-1]
	}
	in.broken = false
}

// nextLine goes on to the content of the next line if one has ended.
func (in *mdInline) nextLine() {
	if !in.broken {
		return
	}
	in.broken = false
	if next, ok := in.lineAfter(); ok {
		in.pos = next
	}
}

// lineAfter is where the content of the line after pos starts.
func (in *mdInline) lineAfter() (int, bool) {
	lo, hi := 0, in.lines.Len()
	for lo < hi {
		mid := (lo + hi) / 2
		if in.lines.At(mid).Start > in.pos {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if lo == in.lines.Len() {
		return 0, false
	}
	return in.skipSpaces(in.lines.At(lo).Start), true
}

func (in *mdInline) skipSpaces(i int) int {
	for i < len(in.src) && (in.src[i] == ' ' || in.src[i] == '\t') {
		i++
	}
	return i
}

func (in *mdInline) hardBreak() {
	next, ok := in.lineAfter()
	if !ok {
		return
	}
	in.flush()
	in.out = append(in.out, token{kind: atom, text: "\n", mark: Mark{Kind: Break}, src: in.str[in.pos:next]})
	in.pos = next
}

// delimited reads a pair whose opener and closer are size delimiters each.
func (in *mdInline) delimited(n ast.Node, m Mark, size int) {
	in.flush()
	if in.pos+size > len(in.str) {
		in.lost = true
		return
	}
	src := in.str[in.pos : in.pos+size]
	if strings.Trim(src, src[:1]) != "" || !strings.Contains("*_~", src[:1]) {
		in.lost = true
		return
	}
	in.out = append(in.out, token{kind: opener, mark: m, src: src})
	in.pos += size
	in.children(n)
	in.nextLine()
	in.flush()
	if in.lost || !strings.HasPrefix(in.str[in.pos:], src) {
		in.lost = true
		return
	}
	in.out = append(in.out, token{kind: closer, mark: m, src: src})
	in.pos += size
}

func (in *mdInline) link(n *ast.Link) {
	in.flush()
	if !strings.HasPrefix(in.str[in.pos:], "[") {
		in.lost = true
		return
	}
	m := Mark{Kind: Link, URL: mdUnescape(string(n.Destination)), Title: mdUnescape(string(n.Title))}
	open := len(in.out)
	in.out = append(in.out, token{kind: opener, mark: m, src: "["})
	from := in.pos
	in.pos++
	in.children(n)
	in.nextLine()
	in.flush()
	end, ok := in.end(n)
	if !ok || in.lost || !strings.HasPrefix(in.str[in.pos:], "]") {
		in.lost = true
		return
	}
	in.out = append(in.out, token{kind: closer, mark: m, src: in.str[in.pos:end]})
	in.pos = end
	in.out = collapseLink(in.out, open, in.str[from:end])
}

// collapseLink makes one atom of a link that shows nothing but its own address,
// as the address alone is in plain text.
func collapseLink(in Inline, open int, src string) Inline {
	if len(in) != open+3 {
		return in
	}
	shown, m := in[open+1], in[open].mark
	if shown.kind == closer || shown.kind == opener || shown.kind == atom && shown.mark.Kind != Verbatim {
		return in
	}
	address := strings.TrimPrefix(m.URL, "mailto:")
	bareURL := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
	if shown.text != address && strings.TrimSuffix(shown.text, "/") != bareURL {
		return in
	}
	return append(in[:open], token{kind: atom, text: shown.text, mark: m, src: src})
}

// atom reads a unit that is carried over.
func (in *mdInline) atom(n ast.Node, shown string, m Mark) {
	in.flush()
	end, ok := in.end(n)
	if !ok {
		in.lost = true
		return
	}
	in.out = append(in.out, token{kind: atom, text: shown, mark: m, src: in.str[in.pos:end]})
	in.pos = end
}

// end is where the syntax of n ends.
func (in *mdInline) end(n ast.Node) (int, bool) {
	end, ok := in.ends[n]
	return end, ok && end >= in.pos && end <= len(in.str)
}

// autoLink reads <https://…>; a bare address is words, which the scanner that all
// formats share looks through.
func (in *mdInline) autoLink(n *ast.AutoLink) {
	label := string(n.Label(in.src))
	if !strings.HasPrefix(in.str[in.pos:], "<") {
		in.words(in.pos, min(in.pos+len(label), len(in.str)))
		return
	}
	url := string(n.URL(in.src))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(url), "mailto:") {
		url = "mailto:" + url
	}
	in.atom(n, label, Mark{Kind: Link, URL: url})
}

func (in *mdInline) rawHTML(n *ast.RawHTML) {
	tag := strings.ToLower(string(n.Segments.Value(in.src)))
	switch strings.Trim(tag, "</> \t\n") {
	case "br":
		in.atom(n, "\n", Mark{Kind: Break})
	default:
		in.atom(n, "", Mark{Kind: Other})
	}
}

func codeText(n ast.Node, src []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(src))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

func altText(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.WriteString(mdUnescape(string(t.Segment.Value(src))))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// mdUnescape resolves the escapes and entities of a link's address or title.
func mdUnescape(s string) string {
	return html.UnescapeString(string(util.UnescapePunctuations([]byte(s))))
}

func isMDSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
