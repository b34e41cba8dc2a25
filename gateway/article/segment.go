package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Segment is what a model sees of a block: its words, with a mask for each mark. A
// block is one segment, or several when it is long.
type Segment struct {
	// Text has the words of the segment, with a pair of marks (emphasis, a link)
	// written <1>…</1> and an atom (a URL, code) <2/>, numbered from 1. Marks that
	// wrap the whole block stay outside, so that the same words give the same Text
	// however the article was written. No white space at its ends.
	Text string

	masks         []held // mask n stands for masks[n-1]
	before, after Inline // the frame: what stands around Text
	glued         bool   // no white space parts it from the segment before
}

// held is what one mask stands for.
type held struct {
	open, shut token // of a pair; of an atom open alone
	pair       bool
	empty      bool // a pair around nothing
	split      bool // one half of a pair whose other half is in another segment
}

// Segments gives the block as the segments that are translated and cached each by
// itself, at least one. limit bounds the code points of a segment's Text; 0 or less
// means no bound, and less than 8 is taken for 8.
//
// A longer block is cut from its start, each time at the last sentence end within
// the limit, so that an edit leaves the segments before it as they were. A sentence longer
// than it is cut at a clause mark, else at white space, else between grapheme
// clusters. A pair of marks that a cut parts stands as one atom on each side.
func (b Block) Segments(limit int) []Segment {
	in := lookAlikes(merge(b.Content))
	whole := newSegment(in)
	if limit <= 0 {
		return []Segment{whole}
	}
	limit = max(limit, 8)
	if utf8.RuneCountInString(whole.Text) <= limit {
		return []Segment{whole}
	}
	pieces := cut(in, limit)
	out := make([]Segment, len(pieces))
	for i, p := range pieces {
		out[i] = newSegment(p)
		out[i].glued = i > 0 && !endsInSpace(pieces[i-1]) && !startsWithSpace(p)
	}
	return out
}

// Masked reports whether the text has masks.
func (s Segment) Masked() bool { return len(s.masks) > 0 }

// Translatable reports whether the segment has a word outside its masks: a
// letter, and not one letter alone over and over ("xxxxxxxx"), of which a model
// makes no end.
func (s Segment) Translatable() bool {
	var first rune
	same := 0
	for _, r := range s.Plain() {
		switch {
		case !unicode.IsLetter(r):
		case first == 0 || r == first:
			first = r
			same++
		default:
			return true
		}
	}
	return same > 0 && same < oneLetter
}

// oneLetter is how many of one letter are no word any more.
const oneLetter = 8

// Plain is the text without its masks, as PlainOf gives it for an answer.
func (s Segment) Plain() string {
	if !s.Masked() {
		return s.Text
	}
	return PlainOf(s.Text)
}

// merge joins neighbouring words, so that a mask, or what looks like one, is never
// spread over two tokens.
func merge(in Inline) Inline {
	need := false
	for i, t := range in {
		if t.kind == words && (t.text == "" || i > 0 && in[i-1].kind == words) {
			need = true
			break
		}
	}
	if !need {
		return in
	}
	out := make(Inline, 0, len(in))
	for i := 0; i < len(in); {
		end, size := i, 0
		for ; end < len(in) && in[end].kind == words; end++ {
			size += len(in[end].text)
		}
		switch {
		case end == i:
			out, end = append(out, in[i]), i+1
		case end == i+1 && size > 0:
			out = append(out, in[i])
		case size > 0:
			var b strings.Builder
			b.Grow(size)
			for _, t := range in[i:end] {
				b.WriteString(t.text)
			}
			out = append(out, token{kind: words, text: b.String()})
		}
		i = end
	}
	return out
}

// lookAlikes makes atoms of what would be read as masks in the words.
func lookAlikes(in Inline) Inline {
	found := false
	for _, t := range in {
		if t.kind == words && strings.Contains(t.text, "<") {
			found = true
		}
	}
	if !found {
		return in
	}
	out := make(Inline, 0, len(in))
	for _, t := range in {
		if t.kind != words {
			out = append(out, t)
			continue
		}
		at := 0
		eachMask(t.text, func(w string, m *mask) {
			if m == nil {
				out = append(out, token{kind: words, text: w})
				at += len(w)
				return
			}
			out = append(out, token{kind: atom, text: t.text[at:m.end]})
			at = m.end
		})
	}
	return out
}

// unseen tells the tokens of which a reader sees nothing but a place.
func (t token) unseen() bool {
	return t.kind != words && strings.TrimSpace(t.text) == ""
}

// partners gives for every opener and closer the index of its other half, or -1
// where that half is not in the Inline.
func partners(in Inline) []int {
	out := make([]int, len(in))
	var stack []int
	for i, t := range in {
		out[i] = -1
		switch t.kind {
		case opener:
			stack = append(stack, i)
		case closer:
			if n := len(stack); n > 0 {
				out[i], out[stack[n-1]] = stack[n-1], i
				stack = stack[:n-1]
			}
		}
	}
	return out
}

// newSegment masks one piece.
func newSegment(in Inline) Segment {
	var s Segment
	other := partners(in)
	lo, hi := s.frame(in, other)
	number := make(map[int]int) // index of an opener → its mask
	var text strings.Builder
	for i := lo; i < hi; i++ {
		t := in[i]
		switch {
		case t.kind == words:
			w := t.text
			if i == lo {
				w = strings.TrimLeftFunc(w, unicode.IsSpace)
			}
			if i == hi-1 {
				w = strings.TrimRightFunc(w, unicode.IsSpace)
			}
			text.WriteString(w)
		case t.kind == closer && other[i] >= 0:
			text.WriteString(closing.write(number[other[i]]))
		case t.kind == opener && other[i] >= 0:
			s.masks = append(s.masks, held{open: t, shut: in[other[i]], pair: true, empty: other[i] == i+1})
			number[i] = len(s.masks)
			text.WriteString(opening.write(len(s.masks)))
		default:
			s.masks = append(s.masks, held{open: t, split: t.kind != atom})
			text.WriteString(standing.write(len(s.masks)))
		}
	}
	s.Text = text.String()
	return s
}

// frame takes from both ends of in what the model need not see: white space, unseen
// atoms, halves of split pairs, and pairs that wrap all the rest or nothing. It gives
// the range that is left; the white space of its first and last words is in the frame.
func (s *Segment) frame(in Inline, other []int) (lo, hi int) {
	hi = len(in)
	var after Inline // from the end to the start
	trim := true
	for trim && lo < hi {
		trim = false
		switch t := in[lo]; {
		case t.kind == words && strings.TrimSpace(t.text) == "":
			s.before, lo, trim = append(s.before, t), lo+1, true
		case t.kind == atom && t.unseen(), t.kind != words && t.kind != atom && other[lo] < 0:
			s.before, lo, trim = append(s.before, t), lo+1, true
		case t.kind == opener && nothingIn(in[lo:other[lo]+1]):
			s.before = append(s.before, in[lo:other[lo]+1]...)
			lo, trim = other[lo]+1, true
		}
		if trim || lo >= hi {
			continue
		}
		switch t := in[hi-1]; {
		case t.kind == words && strings.TrimSpace(t.text) == "":
			after, hi, trim = append(after, t), hi-1, true
		case t.kind == atom && t.unseen(), t.kind != words && t.kind != atom && other[hi-1] < 0:
			after, hi, trim = append(after, t), hi-1, true
		case t.kind == closer && nothingIn(in[other[hi-1]:hi]):
			for i := hi - 1; i >= other[hi-1]; i-- {
				after = append(after, in[i])
			}
			hi, trim = other[hi-1], true
		case t.kind == closer && other[hi-1] == lo:
			s.before, after = append(s.before, in[lo]), append(after, t)
			lo, hi, trim = lo+1, hi-1, true
		}
	}
	if lo < hi {
		if t := in[lo]; t.kind == words {
			if n := len(t.text) - len(strings.TrimLeftFunc(t.text, unicode.IsSpace)); n > 0 {
				s.before = append(s.before, token{kind: words, text: t.text[:n]})
			}
		}
		if t := in[hi-1]; t.kind == words {
			if n := len(strings.TrimRightFunc(t.text, unicode.IsSpace)); n < len(t.text) {
				after = append(after, token{kind: words, text: t.text[n:]})
			}
		}
	}
	for i := len(after) - 1; i >= 0; i-- {
		s.after = append(s.after, after[i])
	}
	return lo, hi
}

// nothingIn reports whether a reader sees nothing of in.
func nothingIn(in Inline) bool {
	for _, t := range in {
		if strings.TrimSpace(t.text) != "" {
			return false
		}
	}
	return true
}

// cost is how many code points a token takes in a segment with at most n masks.
func (t token) cost(n int) int {
	if t.kind == words {
		return utf8.RuneCountInString(t.text)
	}
	c := len("</1>")
	for ; n > 9; n /= 10 {
		c++
	}
	return c
}

func startsWithSpace(in Inline) bool {
	for _, t := range in {
		if t.text != "" {
			return unicode.IsSpace(firstRune(t.text))
		}
	}
	return false
}

func endsInSpace(in Inline) bool {
	for i := len(in) - 1; i >= 0; i-- {
		if t := in[i].text; t != "" {
			r, _ := utf8.DecodeLastRuneInString(t)
			return unicode.IsSpace(r)
		}
	}
	return false
}
