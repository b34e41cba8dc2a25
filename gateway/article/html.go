package article

import (
	"strings"

	"golang.org/x/net/html"
)

// htmlSkeleton is a cleaned tree with its blocks cut out: literal[i] stands
// before block i, the last one behind all.
type htmlSkeleton struct{ literal []string }

func (s htmlSkeleton) render(d *Document, contents []Inline) string {
	var b strings.Builder
	for i, lit := range s.literal {
		b.WriteString(lit)
		if i < len(d.Blocks) {
			in := d.Blocks[i].Content
			if d.Blocks[i].Kind != Code {
				in = d.content(i, contents)
			}
			b.WriteString(writeHTML(in, true))
		}
	}
	return b.String()
}

// parseHTML splits an HTML article into its blocks. Of a page, it finds the
// article and leaves the furniture around it; a fragment is taken whole.
func parseHTML(input, base string) (*Document, error) {
	doc, err := parseTree(input)
	if err != nil {
		return parseTextOf(input), nil
	}
	absolute(doc, base)
	p := newPage(doc, isPage(input))
	w := htmlWalker{page: p, space: true}
	if p.scope.Data == "td" { // of a layout
		w.children(p.scope)
	} else {
		w.node(p.scope)
	}
	w.flush()
	d := &Document{Format: HTML, Blocks: w.blocks}
	skeleton := htmlSkeleton{append(w.literal, w.lit.String())}
	if title := p.title(); title != "" {
		skeleton = setHTMLTitle(d, skeleton, title)
	}
	d.skeleton = skeleton
	return d, nil
}

// setHTMLTitle makes a title that does not stand among the blocks block 0, or
// one of the first blocks that says the same the title.
func setHTMLTitle(d *Document, s htmlSkeleton, title string) htmlSkeleton {
	for i := range d.Blocks {
		if d.Blocks[i].Kind == Title {
			return s
		}
	}
	for i := range min(3, len(d.Blocks)) {
		b := &d.Blocks[i]
		if (b.Kind == Heading || b.Kind == Paragraph) && Fold(b.String()) == Fold(title) {
			b.Kind, b.Level = Title, 0
			return s
		}
	}
	if len(d.Blocks) == 0 {
		return s
	}
	d.Blocks = append([]Block{{Kind: Title, Content: scanWords(title)}}, d.Blocks...)
	s.literal[0] = "</h1>\n" + s.literal[0]
	return htmlSkeleton{append([]string{"<h1>"}, s.literal...)}
}

// parseTextOf is the last resort for HTML that no parser reads: its text.
func parseTextOf(input string) *Document {
	d := &Document{Format: HTML}
	s := htmlSkeleton{}
	before := "<p>"
	for _, line := range strings.Split(visibleHTML(input), "\n") {
		if blank(line) {
			continue
		}
		d.Blocks = append(d.Blocks, Block{Kind: Paragraph, Content: scanWords(line)})
		s.literal = append(s.literal, before)
		before = "</p>\n<p>"
	}
	s.literal = append(s.literal, "</p>\n")
	d.skeleton = s
	return d
}

// parseTree parses HTML. The parser refuses trees of more than 512 levels; such
// input is made flat first.
func parseTree(input string) (*html.Node, error) {
	input = strings.TrimPrefix(strings.ToValidUTF8(input, "\uFFFD"), "\uFEFF")
	input = thin(input, maxDepth)
	return html.Parse(strings.NewReader(input))
}

// maxDepth is how deep elements may nest before inner ones are left out. Real
// pages stay under 60.
const maxDepth = 250

// thin leaves out the tags of elements nested deeper than depth (a break stands
// in for those that part text) and end tags that close nothing. Both cost the
// tree builder time or depth without end, and carry nothing.
func thin(input string, depth int) string {
	var b strings.Builder
	b.Grow(len(input))
	z := html.NewTokenizer(strings.NewReader(input))
	var open []string
	counts := map[string]int{}
	for {
		switch tt := z.Next(); tt {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken:
			raw := string(z.Raw()) // before TagName, which lowers it in place
			name, _ := z.TagName()
			tag := string(name)
			if voidElement[tag] {
				b.WriteString(raw)
				continue
			}
			if len(open) >= depth && !rawElement[tag] {
				if blockElement[tag] {
					b.WriteString("<br><br>")
				}
				continue
			}
			open = append(open, tag)
			counts[tag]++
			b.WriteString(raw)
		case html.EndTagToken:
			raw := string(z.Raw()) // before TagName, which lowers it in place
			name, _ := z.TagName()
			tag := string(name)
			if counts[tag] == 0 && tag != "p" && tag != "br" {
				if len(open) >= depth && blockElement[tag] {
					b.WriteString("<br><br>")
				}
				continue
			}
			for i := len(open) - 1; i >= 0; i-- {
				if open[i] != tag {
					continue
				}
				for _, t := range open[i:] {
					counts[t]--
				}
				open = open[:i]
				break
			}
			b.WriteString(raw)
		default:
			b.Write(z.Raw())
		}
	}
}

func names(s string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(s) {
		m[n] = true
	}
	return m
}

var (
	voidElement = names("area base br col embed hr img input link meta param source track wbr")
	// rawElement hold no markup but text that no reader sees.
	rawElement = names("script style noscript template textarea title iframe noembed noframes xmp")
	// unseenElement are never part of an article.
	unseenElement = names(`script style noscript template nav aside iframe frame frameset noframes noembed
		object embed applet canvas svg audio video map head title meta link base dialog menu
		button input select textarea option optgroup datalist output progress meter rp`)
	blockElement = names(`address article aside blockquote body caption center dd details dialog dir div dl dt
		fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav
		ol p pre search section summary table tbody td tfoot th thead tr ul`)
)

// isPage reports whether the input is a whole page rather than a fragment: it
// has a page's own tags, or the furniture that only pages have.
func isPage(input string) bool {
	z := html.NewTokenizer(strings.NewReader(input))
	article := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.DoctypeToken:
			return true
		case html.StartTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "html", "head", "body", "nav", "aside":
				return true
			case "article":
				article++
			case "header", "footer":
				if article == 0 {
					return true
				}
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "article" {
				article--
			}
		}
	}
}

// visibleHTML is the text of HTML that a reader could see, blocks on lines of
// their own and other white space collapsed.
func visibleHTML(input string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(input))
	hidden := ""
	nested := 0
	gap := byte(0) // white space to come before the next text
	for {
		tt := z.Next()
		switch tt {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag := string(name)
			switch {
			case hidden != "":
				if tag == hidden && tt == html.StartTagToken {
					nested++
				}
				if tag == hidden && tt == html.EndTagToken {
					if nested--; nested == 0 {
						hidden = ""
					}
				}
			case tt == html.StartTagToken && rawElement[tag]:
				hidden, nested = tag, 1
			}
			if blockElement[tag] || tag == "br" {
				gap = '\n'
			}
		case html.TextToken:
			if hidden == "" {
				gap = appendCollapsed(&b, string(z.Text()), gap)
			}
		}
	}
}

// appendCollapsed writes text with each run of white space as one, and gives the
// white space that is due before what follows.
func appendCollapsed(b *strings.Builder, s string, gap byte) byte {
	for _, r := range s {
		if isHTMLSpace(r) {
			if gap == 0 {
				gap = ' '
			}
			continue
		}
		if dropped(r) {
			continue
		}
		if gap != 0 && b.Len() > 0 {
			b.WriteByte(gap)
		}
		gap = 0
		b.WriteRune(r)
	}
	return gap
}

// isHTMLSpace tells the white space that a browser collapses (HTML standard,
// "ASCII whitespace"); the no-break space is none of it.
func isHTMLSpace(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f'
}
