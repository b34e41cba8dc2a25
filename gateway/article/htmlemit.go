package article

import (
	"strings"

	"golang.org/x/net/html"
)

// flush ends the block in the making. Pairs that are still open go on in the next.
func (w *htmlWalker) flush() {
	w.cut()
	for i := len(w.open) - 1; i >= 0; i-- {
		w.close(token{kind: closer, mark: w.open[i].mark, src: closeTag(w.open[i].src)})
	}
	content := w.cur
	seen := w.seen
	w.cur = append(Inline(nil), w.open...)
	w.space, w.seen = true, false
	if len(content) > 0 {
		w.emit(trimTail(content, true), seen)
	}
}

// closeTag is the end tag that belongs to a start tag.
func closeTag(open string) string {
	name, _, _ := strings.Cut(strings.Trim(open, "<>"), " ")
	return "</" + name + ">"
}

// emit writes a finished block. What shows only images is no block but part of
// the tree; what shows nothing is dropped.
func (w *htmlWalker) emit(in Inline, seen bool) {
	if !seen || blank(in.String()) {
		var images strings.Builder
		for _, t := range in {
			if t.kind == atom && t.mark.Kind == Image {
				images.WriteString(t.src)
				if n := len(w.blocks); n > 0 {
					w.blocks[n-1].Pictures = append(w.blocks[n-1].Pictures, t.mark)
				} else {
					w.ahead = append(w.ahead, t.mark)
				}
			}
		}
		if images.Len() > 0 {
			before, after := w.wrap(true)
			w.lit.WriteString(before + images.String() + after)
		}
		return
	}
	in = tidy(in)
	if w.page.advert(in) {
		return
	}
	b := Block{Kind: Paragraph, Content: in}
	for i := len(w.frames) - 1; i >= 0; i-- {
		f := &w.frames[i]
		if f.kind == "" {
			continue
		}
		if b.Kind, b.Level = f.kind, f.level; f.kind == ListItem {
			if b.Depth = f.depth; f.used {
				b.Kind = Paragraph
			} else {
				b.Number = f.number
			}
		}
		break
	}
	before, after := w.wrap(false)
	w.add(b, before, after)
}

// wrap gives the tags around a block, or around images, where they stand.
func (w *htmlWalker) wrap(image bool) (before, after string) {
	w.ensureOpen()
	bare := false
	if n := len(w.frames); n > 0 {
		f := &w.frames[n-1]
		bare = isHeadingTag(f.tag) || f.tight() && !w.para && !f.used || image && f.tag == "figure"
		f.used = f.used || !image
	}
	if !image {
		w.markUsed()
	}
	if bare {
		return "", ""
	}
	return "<p>", "</p>\n"
}

// markUsed notes that the innermost list item holds a block.
func (w *htmlWalker) markUsed() {
	for i := len(w.frames) - 1; i >= 0; i-- {
		if w.frames[i].tag == "li" {
			w.frames[i].used = true
			return
		}
	}
}

func (w *htmlWalker) add(b Block, before, after string) {
	b.Pictures, w.ahead = w.ahead, nil
	w.lit.WriteString(before)
	w.literal = append(w.literal, w.lit.String())
	w.blocks = append(w.blocks, b)
	w.lit.Reset()
	w.lit.WriteString(after)
}

func (w *htmlWalker) pre(n *html.Node) {
	code := strings.TrimRight(strings.Trim(textOf(n), "\n"), " \t\n")
	if blank(code) {
		return
	}
	w.ensureOpen()
	w.add(Block{Kind: Code, Content: Inline{{kind: atom, text: code}}}, "<pre>", "</pre>\n")
}
