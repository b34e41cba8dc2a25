package score

import (
	"math"
	"strings"
)

const bleuOrder = 4 // Papineni et al. 2002

// BLEU is the BLEU of a corpus. The zero value is an empty corpus.
type BLEU struct {
	orders   [bleuOrder]counts
	hypWords int64
	refWords int64

	grams    ngrams
	known    symbols
	hyp, ref []int32
	buffers  [2][]byte
	words    []string
}

// Add counts a segment in: a hypothesis and the reference for it. Missing is
// the empty hypothesis.
func (b *BLEU) Add(hyp, ref string) {
	b.known.reset()
	b.hyp = b.known.of(b.hyp, b.tokens(hyp))
	b.ref = b.known.of(b.ref, b.tokens(ref))
	b.hypWords += int64(len(b.hyp))
	b.refWords += int64(len(b.ref))
	b.grams.each(b.hyp, b.ref, bleuOrder, func(n int, k counts) {
		o := &b.orders[n-1]
		o.hyp += k.hyp
		o.match += k.match
	})
}

// Score is from 0 to 100: the geometric mean of the precisions, times a penalty
// when the hypotheses are shorter than the references. An order without a match
// counts as half a match, the next such order as a quarter, and so on (the
// smoothing of NIST's mteval-v13a, method 3 of Boxing Chen and Colin Cherry, WMT
// 2014). It is 0 when no word matches, or no hypothesis has four words.
func (b *BLEU) Score() float64 {
	var logs float64
	smooth, matched := 1.0, false
	for _, o := range b.orders {
		if o.hyp == 0 {
			return 0
		}
		matched = matched || o.match > 0
		match := float64(o.match)
		if o.match == 0 {
			smooth /= 2
			match = smooth
		}
		logs += math.Log(match / float64(o.hyp))
	}
	if !matched {
		return 0
	}
	penalty := 1.0
	if b.hypWords < b.refWords {
		penalty = math.Exp(1 - float64(b.refWords)/float64(b.hypWords))
	}
	return 100 * penalty * math.Exp(logs/bleuOrder)
}

// unescape undoes, one after the other, what old test sets escape.
var unescape = []struct{ from, to string }{
	{"<skipped>", ""}, {"-\n", ""}, {"\n", " "},
	{"&quot;", `"`}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"},
}

// tokens cuts a line as mteval-v13a does: every mark of ASCII stands for itself,
// but for an apostrophe; a point or comma unless it stands between digits; a
// hyphen only behind a digit. Digits are those of ASCII: "१,५००" is cut.
func (b *BLEU) tokens(s string) []string {
	s = strings.TrimRightFunc(s, space)
	for _, u := range unescape {
		s = strings.ReplaceAll(s, u.from, u.to)
	}
	from := append(append(append(b.buffers[0][:0], ' '), s...), ' ')
	to := b.buffers[1][:0]
	for _, pass := range [...]func(to, from []byte) []byte{apart, afterNonDigit, beforeNonDigit, afterDigit} {
		to = pass(to[:0], from)
		from, to = to, from
	}
	b.buffers = [2][]byte{from, to}
	b.words = b.words[:0]
	for w := range strings.FieldsFuncSeq(string(from), space) {
		b.words = append(b.words, w)
	}
	return b.words
}

// apart sets a space on either side of each mark that is always a token.
func apart(to, from []byte) []byte {
	for _, c := range from {
		if mark(c) && c != '\'' && c != '.' && c != ',' && c != '-' {
			to = append(to, ' ', c, ' ')
		} else {
			to = append(to, c)
		}
	}
	return to
}

// afterNonDigit parts a point or comma from what is around it when no digit
// stands before it. The character before is used up by the match, as in the
// original's regular expressions; in the next two as well.
func afterNonDigit(to, from []byte) []byte {
	for i := 0; i < len(from); i++ {
		to = append(to, from[i])
		if !digit(from[i]) && i+1 < len(from) && stop(from[i+1]) {
			i++
			to = append(to, ' ', from[i], ' ')
		}
	}
	return to
}

// beforeNonDigit is the same where no digit follows.
func beforeNonDigit(to, from []byte) []byte {
	for i := 0; i < len(from); i++ {
		if stop(from[i]) && i+1 < len(from) && !digit(from[i+1]) {
			to = append(to, ' ', from[i], ' ')
			i++
		}
		to = append(to, from[i])
	}
	return to
}

// afterDigit parts a hyphen from the digit before it.
func afterDigit(to, from []byte) []byte {
	for i := 0; i < len(from); i++ {
		to = append(to, from[i])
		if digit(from[i]) && i+1 < len(from) && from[i+1] == '-' {
			i++
			to = append(to, ' ', '-', ' ')
		}
	}
	return to
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
func stop(b byte) bool  { return b == '.' || b == ',' }
