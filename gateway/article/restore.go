package article

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Restore puts the marks back into a model's answer for the segment. Whatever the
// answer is, the content it gives has every atom exactly once, its pairs balanced
// and well nested, and valid UTF-8: extra copies of a mask and unknown masks are
// dropped, a lost atom is put behind the words, a pair that did not come back around
// something is left out.
//
// lost names the masks, as they stand in Text, that did not come back exactly once
// and well nested; nil if all is well. A URL or another verbatim atom that the answer
// spells out in place of its mask counts as come back.
func (s Segment) Restore(answer string) (in Inline, lost []string) {
	answer = strings.TrimSpace(strings.ToValidUTF8(answer, "\uFFFD"))
	r := restorer{masks: s.masks, bad: make([]bool, len(s.masks))}
	if len(s.masks) == 0 && !strings.Contains(answer, "<") {
		if answer != "" {
			in = Inline{{kind: words, text: answer}}
		}
	} else {
		r.read(answer)
		in = r.build()
	}
	for i, bad := range r.bad {
		if bad {
			form := standing
			if s.masks[i].pair {
				form = opening
			}
			lost = append(lost, form.write(i+1))
		}
	}
	return merge(slices.Concat(s.before, s.gap(answer), in, s.after)), lost
}

// gap is a space where the source had none between two pieces (बोले।वे आए) but the
// answer is in a script that wants one.
func (s Segment) gap(answer string) Inline {
	if !s.glued || answer == s.Text || !latin(firstLetter(answer)) || latin(firstLetter(s.Text)) {
		return nil
	}
	return Inline{{kind: words, text: " "}}
}

func firstLetter(s string) rune {
	s = PlainOf(s)
	if i := strings.IndexFunc(s, unicode.IsLetter); i >= 0 {
		return firstRune(s[i:])
	}
	return 0
}

func latin(r rune) bool { return unicode.Is(unicode.Latin, r) }

// Join puts the restored contents of a block's segments together again, in order,
// with the white space that the source has between them.
func (b Block) Join(parts []Inline) Inline {
	if len(parts) == 1 {
		return parts[0]
	}
	return merge(slices.Concat(parts...))
}

// restorer turns an answer into tokens.
type restorer struct {
	masks []held
	bad   []bool
	items []item
}

// item is a stretch of words, or a mask that is kept.
type item struct {
	text string
	mask int // its index + 1; 0: words
	form maskForm
	drop bool
}

// read splits the answer and decides which of its masks to keep.
func (r *restorer) read(answer string) {
	seen := make([]bool, len(r.masks)) // atoms: placed; pairs: opened at some time
	var open []int                     // items that opened a pair, outermost first
	eachMask(answer, func(w string, m *mask) {
		if m == nil {
			r.items = append(r.items, item{text: w})
			return
		}
		if m.id < 1 || m.id > len(r.masks) {
			r.items = append(r.items, item{drop: true})
			return
		}
		it := item{mask: m.id, form: m.form}
		if r.masks[m.id-1].pair {
			open = r.readPair(&it, open, seen)
		} else {
			it.drop = seen[m.id-1]
			if it.drop && m.form != closing { // </2> behind <2> is a loose way to write one atom
				r.bad[m.id-1] = true
			}
			seen[m.id-1], it.form = true, standing
		}
		r.items = append(r.items, it)
	})
	for _, i := range open {
		r.leaveOut(i)
	}
	for i, h := range r.masks {
		r.bad[i] = r.bad[i] || h.pair && !seen[i]
	}
	for i, h := range r.masks {
		if !h.pair && !seen[i] {
			r.place(i)
		}
	}
}

// readPair decides about one half of a pair; open is the stack of opened pairs.
func (r *restorer) readPair(it *item, open []int, seen []bool) []int {
	id := it.mask - 1
	at := slices.IndexFunc(open, func(i int) bool { return r.items[i].mask == it.mask })
	if it.form == opening && at >= 0 && at == len(open)-1 {
		it.form, r.bad[id] = closing, true // <1>…<1>: the slash was forgotten
	}
	switch {
	case it.form == opening && !seen[id]:
		seen[id] = true
		return append(open, len(r.items))
	case it.form == closing && at >= 0:
		for _, i := range open[at+1:] { // pairs that cross this one
			r.leaveOut(i)
		}
		if !r.masks[id].empty && r.emptySince(open[at]) {
			r.leaveOut(open[at])
			it.drop = true
		}
		return open[:at]
	}
	it.drop, r.bad[id] = true, true
	return open
}

// leaveOut drops the pair that items[i] opened.
func (r *restorer) leaveOut(i int) {
	r.items[i].drop = true
	r.bad[r.items[i].mask-1] = true
}

// emptySince reports whether nothing is kept behind items[i].
func (r *restorer) emptySince(i int) bool {
	for _, it := range r.items[i+1:] {
		if !it.drop && (it.mask > 0 && it.form == standing || strings.TrimSpace(it.text) != "") {
			return false
		}
	}
	return true
}

// place puts a lost atom where the words spell it out, or else at the end.
func (r *restorer) place(id int) {
	h := r.masks[id]
	if h.open.mark.Kind == Verbatim || h.open.mark.Kind == CodeSpan {
		for i, it := range r.items {
			if it.mask > 0 || it.drop {
				continue
			}
			at := spelledOut(it.text, h.open.text)
			if at < 0 {
				continue
			}
			r.items = slices.Replace(r.items, i, i+1, item{text: it.text[:at]},
				item{mask: id + 1, form: standing}, item{text: it.text[at+len(h.open.text):]})
			return
		}
	}
	r.bad[id] = true
	if h.open.text != "" && len(r.items) > 0 {
		r.items = append(r.items, item{text: " "})
	}
	r.items = append(r.items, item{mask: id + 1, form: standing})
}

// spelledOut gives where text holds what, standing alone, or -1.
func spelledOut(text, what string) int {
	if len(what) < 3 {
		return -1
	}
	for from := 0; ; {
		i := strings.Index(text[from:], what)
		if i < 0 {
			return -1
		}
		i += from
		if !wordBefore(text, i) && !isWord(firstRune(text[i+len(what):])) {
			return i
		}
		_, n := utf8.DecodeRuneInString(text[i:])
		from = i + n
	}
}

// build makes the content. Halves of split pairs are moved out of the pairs around
// them and stand in the order of the source, so that the pieces of a block nest well
// when they are joined.
func (r *restorer) build() Inline {
	var out, late Inline
	var halves []int // positions of split halves in out
	var split []token
	for _, h := range r.masks {
		if h.split {
			split = append(split, h.open)
		}
	}
	depth, outermost := 0, 0
	for i, it := range r.items {
		switch {
		case it.drop:
			r.closeUp(i)
		case it.mask == 0:
			out = append(out, token{kind: words, text: it.text})
		case it.form == opening:
			if depth == 0 {
				outermost = len(out)
			}
			depth++
			out = append(out, r.masks[it.mask-1].open)
		case it.form == closing:
			out = append(out, r.masks[it.mask-1].shut)
			if depth--; depth == 0 {
				for range late {
					halves = append(halves, len(out))
					out = append(out, token{})
				}
				late = nil
			}
		case !r.masks[it.mask-1].split:
			out = append(out, r.masks[it.mask-1].open)
		case depth == 0:
			halves = append(halves, len(out))
			out = append(out, token{})
		case r.masks[it.mask-1].open.kind == closer:
			late = append(late, token{})
		default:
			out = slices.Insert(out, outermost, token{})
			halves = append(halves, outermost)
			outermost++
		}
	}
	for i, at := range halves {
		out[at] = split[i]
	}
	return settle(out)
}

// closeUp takes one of the two spaces around a dropped mask.
func (r *restorer) closeUp(i int) {
	if i+1 >= len(r.items) || r.items[i+1].mask > 0 || !strings.HasPrefix(r.items[i+1].text, " ") {
		return
	}
	for j := i - 1; j >= 0; j-- {
		switch it := r.items[j]; {
		case it.drop || it.mask == 0 && it.text == "":
			continue
		case it.mask > 0 || !strings.HasSuffix(it.text, " "):
			return
		}
		r.items[i+1].text = r.items[i+1].text[1:]
		return
	}
	r.items[i+1].text = r.items[i+1].text[1:]
}

// settle merges words and takes out what dropping one mask made of the words around it.
func settle(in Inline) Inline {
	in = merge(in)
	for i := range in {
		if in[i].kind == words {
			in[i].text = dropMasks(in[i].text)
		}
	}
	return merge(in)
}
