package article

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNested is how many pairs of tags may stand in each other in a piece; another one
// begins a new piece.
const maxNested = 100

// piecer makes pieces of tokens.
type piecer struct {
	input     string
	o         MarkupOptions
	tokens    []tag
	splitting func(name string) bool
	notation  *notation
	out       *Markup
	done      int // so much of the input stands in out

	cur   []bit          // of the piece in the making
	stack []int          // openers in cur whose closer has not come
	open  map[string]int // how many of a name there are on the stack
	space bool           // white space now would lead the piece, or stand beside other
	plain bool           // in a CDATA section
	last  string         // the last words of the piece
}

// bit is one token of a piece and where it stands in the input.
type bit struct {
	token
	name       string
	start, end int
	loose      bool  // a tag whose other half is not in the piece
	lo, hi     int   // of words: the same without the white space around them
	at         []int // of words that may hold atoms: where each byte of the text stands in the input
}

func (p *piecer) run() {
	for i := 0; i < len(p.tokens); {
		t := p.tokens[i]
		next := i + 1
		switch t.kind {
		case charData:
			p.text(t.start, t.end)
		case cdata:
			p.section(t)
		case aside:
			p.add(bit{token: token{kind: atom}, start: t.start, end: t.end})
		case endTag:
			if p.splitting(t.name) {
				p.flush()
			} else {
				p.close(t)
			}
		case startTag, emptyTag:
			if end := p.heldUntil(i); end > 0 {
				p.held(i, end)
				next = end
			} else {
				p.begin(t)
			}
		}
		i = next
	}
}

// heldUntil is the token behind an element that is not translated; 0: it is.
func (p *piecer) heldUntil(i int) int {
	t := p.tokens[i]
	if !t.held && !slices.Contains(p.o.Ignore, t.name) {
		return 0
	}
	if t.kind == emptyTag {
		return i + 1
	}
	return max(0, endOf(p.tokens, i, p.o.XML))
}

// held takes the tokens from i up to end as they are: as an atom, or between pieces.
func (p *piecer) held(i, end int) {
	t := p.tokens[i]
	if p.splitting(t.name) {
		p.flush()
		return
	}
	a := bit{token: token{kind: atom, mark: Mark{Kind: Verbatim}}, start: t.start, end: p.tokens[end-1].end}
	if p.o.XML || !heldElement[t.name] || shownElement[t.name] {
		a.text = p.seen(i+1, end)
	}
	p.add(a)
	p.space = p.space && unrendered[t.name]
}

// seen is the text among the tokens from i up to end.
func (p *piecer) seen(i, end int) string {
	var b strings.Builder
	for ; i < end; i++ {
		t := p.tokens[i]
		if t.kind != charData {
			continue
		}
		r := charReader{notation: &notation{xml: p.o.XML}, s: p.input[:t.end], pos: t.start}
		for r.pos < t.end {
			text, _, _ := r.next()
			b.WriteString(text)
		}
	}
	return strings.Join(strings.Fields(clean(b.String())), " ")
}

// begin takes the start tag of an element that is translated, or its only tag.
func (p *piecer) begin(t tag) {
	b := bit{token: token{kind: atom}, name: t.name, start: t.start, end: t.end}
	switch {
	case p.splitting(t.name):
		p.flush()
	case t.name == "br" && !p.o.XML:
		p.lineBreak(b)
	case t.kind == emptyTag:
		p.add(b)
		p.space = p.space && unrendered[t.name]
	default:
		if len(p.stack) == maxNested {
			p.flush()
		}
		b.kind = opener
		b.mark = Mark{Kind: Other, Tag: t.name}
		if t.name == "a" && !p.o.XML {
			b.mark.Kind = Link
		}
		p.push(b)
	}
}

func (p *piecer) push(b bit) {
	p.stack = append(p.stack, len(p.cur))
	p.open[b.name]++
	p.add(b)
}

func (p *piecer) add(b bit) { p.cur = append(p.cur, b) }

// lineBreak ends the piece behind a sentence or another break, else it is a mark.
func (p *piecer) lineBreak(b bit) {
	if n := len(p.cur); n > 0 && p.cur[n-1].name == "br" || EndsSentence(p.last) {
		p.flush()
		return
	}
	b.mark.Kind = Break
	p.add(b)
	p.space = true
}

// close takes an end tag. Of tags that cross, the inner ones stand alone.
func (p *piecer) close(t tag) {
	b := bit{token: token{kind: atom}, name: t.name, start: t.start, end: t.end}
	if p.open[t.name] == 0 {
		b.loose = true
		p.add(b)
		return
	}
	for {
		at := p.stack[len(p.stack)-1]
		p.pop()
		if p.cur[at].name != t.name {
			p.cur[at].kind, p.cur[at].loose = atom, true
			continue
		}
		b.kind, b.mark = closer, p.cur[at].mark
		p.add(b)
		p.closeUp(at)
		return
	}
}

func (p *piecer) pop() {
	last := len(p.stack) - 1
	p.open[p.cur[p.stack[last]].name]--
	p.stack = p.stack[:last]
}

// closeUp makes one mark of a pair, from bit at to the last, that holds nothing seen.
func (p *piecer) closeUp(at int) {
	var text strings.Builder
	for _, b := range p.cur[at:] {
		if strings.TrimSpace(b.text) != "" {
			return
		}
		text.WriteString(b.text)
	}
	a := bit{token: token{kind: atom, text: text.String()}, start: p.cur[at].start, end: p.cur[len(p.cur)-1].end}
	p.cur = append(p.cur[:at], a)
	p.space = false // it may be an icon
}

// section takes a CDATA section: its text is a piece of its own, for no tag can stand
// in it. One that holds markup, of whatever language, stays as it is.
func (p *piecer) section(t tag) {
	from, to := t.start+len(cdataOpen), t.end-len(cdataClose)
	if strings.ContainsAny(p.input[from:to], "<&") {
		p.add(bit{token: token{kind: atom}, start: t.start, end: t.end})
		return
	}
	p.flush()
	p.plain = true
	p.text(from, to)
	p.flush()
	p.plain = false
}

// text takes character data.
func (p *piecer) text(start, end int) {
	raw := p.input[start:end]
	t := textReader{piecer: p, bit: bit{start: start, lo: -1}, mapped: strings.ContainsAny(raw, "@{%<:/&") || hasWWW(raw)}
	r := charReader{notation: p.notation, s: p.input[:end], pos: start, plain: p.plain}
	for r.pos < end {
		from := r.pos
		text, ref, known := r.next()
		if !known {
			t.finish(from)
			p.add(bit{token: token{kind: atom, text: text}, start: from, end: r.pos})
			p.space, t.bit.start = false, r.pos
			continue
		}
		for _, c := range text {
			t.take(c, ref, from, r.pos)
		}
	}
	t.finish(end)
}

// textReader makes words of characters.
type textReader struct {
	*piecer
	bit    bit
	words  []byte
	mapped bool // note where each byte stands
}

// take takes the character that stands in the input from from to to. White space is
// collapsed; that behind a tag which would double becomes part of the tag.
func (t *textReader) take(c rune, ref bool, from, to int) {
	switch {
	case t.o.Lines && !ref && (c == '\n' || c == '\r'):
		t.finish(from)
		t.flush()
		t.bit.start = to
	case isHTMLSpace(c), isLineEnd(c):
		if !t.space {
			t.write(' ', from)
			t.space = true
		} else if len(t.words) == 0 {
			if n := len(t.cur); n > 0 && t.cur[n-1].kind != words {
				t.cur[n-1].end = to
			}
			t.bit.start = to
		}
	case c == 0, dropped(c):
	default:
		t.write(c, from)
		t.space = false
		if !unicode.IsSpace(c) {
			if t.bit.lo < 0 {
				t.bit.lo = from
			}
			t.bit.hi = to
		}
	}
}

func (t *textReader) write(c rune, from int) {
	n := len(t.words)
	t.words = utf8.AppendRune(t.words, c)
	for ; t.mapped && n < len(t.words); n++ {
		t.bit.at = append(t.bit.at, from)
	}
}

// finish makes a token of the words so far, which end at to in the input.
func (t *textReader) finish(to int) {
	if len(t.words) > 0 {
		t.bit.token, t.bit.end = token{kind: words, text: string(t.words)}, to
		if t.bit.lo >= 0 {
			t.last = t.bit.text
		}
		t.add(t.bit)
		t.words = t.words[:0]
	}
	t.bit = bit{start: to, lo: -1}
}

// flush ends the piece. In XML, loose tags part it: an answer must not move them.
func (p *piecer) flush() {
	bits := p.cur
	for _, at := range p.stack {
		p.open[bits[at].name]--
		bits[at].kind, bits[at].loose = atom, true
	}
	p.cur, p.stack, p.space, p.last = nil, p.stack[:0], true, ""
	from := 0
	for i := range bits {
		if p.o.XML && bits[i].loose {
			p.emit(bits[from:i])
			from = i + 1
		}
	}
	p.emit(bits[from:])
}

// emit makes a piece of bits: what a reader does not see at its ends, and pairs of
// tags around all of it, stand before and behind it.
func (p *piecer) emit(bits []bit) {
	bits = bare(bits)
	if len(bits) == 0 {
		return
	}
	first, last := &bits[0], &bits[len(bits)-1]
	if first.kind == words {
		text := strings.TrimLeftFunc(first.text, unicode.IsSpace)
		if first.at != nil {
			first.at = first.at[len(first.text)-len(text):]
		}
		first.start, first.text = first.lo, text
	}
	if last.kind == words {
		last.end, last.text = last.hi, strings.TrimRightFunc(last.text, unicode.IsSpace)
	}
	piece := Piece{Before: p.input[p.done:first.start], source: p.input[first.start:last.end], plain: p.plain, notation: p.notation}
	piece.Block = Block{Kind: Paragraph, Content: p.content(bits)}
	p.out.Pieces = append(p.out.Pieces, piece)
	p.done = last.end
}

// bare takes from both ends of a piece what a reader does not see there.
func bare(bits []bit) []bit {
	mate := make([]int, len(bits))
	var stack []int
	for i, b := range bits {
		switch b.kind {
		case opener:
			stack = append(stack, i)
		case closer:
			n := len(stack) - 1
			mate[i], mate[stack[n]] = stack[n], i
			stack = stack[:n]
		}
	}
	hidden := func(b bit) bool { return (b.kind == words || b.kind == atom) && strings.TrimSpace(b.text) == "" }
	lo, hi := 0, len(bits)
	for lo < hi {
		switch {
		case hidden(bits[lo]):
			lo++
		case hidden(bits[hi-1]):
			hi--
		case bits[lo].kind == opener && mate[lo] == hi-1:
			lo, hi = lo+1, hi-1
		default:
			return bits[lo:hi]
		}
	}
	return nil
}

// content is a piece's bits as an Inline.
func (p *piecer) content(bits []bit) Inline {
	var in Inline
	for _, b := range bits {
		if b.kind == words {
			in = append(in, p.verbatim(b)...)
			continue
		}
		b.src = p.input[b.start:b.end]
		in = append(in, b.token)
	}
	return in
}

// verbatim finds the atoms in words and gives each the source that it was written in.
func (p *piecer) verbatim(b bit) Inline {
	in := scanWords(b.text)
	if b.at == nil {
		return in
	}
	from := 0
	for i := range in {
		to := from + len(in[i].text)
		if in[i].kind == atom {
			end := b.end
			if to < len(b.at) {
				end = b.at[to]
			}
			in[i].src = p.input[b.at[from]:end]
		}
		from = to
	}
	return in
}
