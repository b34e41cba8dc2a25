package score

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The orders and the weight of chrF++ (Popović 2017).
const (
	charOrder = 6
	wordOrder = 2
	beta      = 2 // recall counts so many times as much as precision
)

// ChrF is the chrF++ of a corpus. The zero value is an empty corpus.
type ChrF struct {
	orders [charOrder + wordOrder]counts

	grams    ngrams
	known    symbols
	hyp, ref []int32
	words    []string
}

// Add counts a segment in: a hypothesis and the reference for it. Missing is
// the empty hypothesis.
func (c *ChrF) Add(hyp, ref string) {
	c.hyp, c.ref = visible(c.hyp, hyp), visible(c.ref, ref)
	c.grams.each(c.hyp, c.ref, charOrder, c.add)
	c.known.reset()
	c.words = edgeSplit(c.words, hyp)
	c.hyp = c.known.of(c.hyp, c.words)
	c.words = edgeSplit(c.words, ref)
	c.ref = c.known.of(c.ref, c.words)
	c.grams.each(c.hyp, c.ref, wordOrder, func(n int, k counts) { c.add(charOrder+n, k) })
}

func (c *ChrF) add(n int, k counts) {
	o := &c.orders[n-1]
	if k.ref > 0 { // a reference too short for the order says nothing of the hypothesis
		o.hyp += k.hyp
	}
	o.ref += k.ref
	o.match += k.match
}

// Score is from 0 to 100: the F-score of the mean precision and the mean recall
// over the orders that both sides have n-grams of. Of an empty corpus it is 0.
func (c *ChrF) Score() float64 {
	var precision, recall, orders float64
	for _, o := range c.orders {
		if o.hyp > 0 && o.ref > 0 {
			precision += float64(o.match) / float64(o.hyp)
			recall += float64(o.match) / float64(o.ref)
			orders++
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/orders, recall/orders
	return 100 * (1 + beta*beta) * precision * recall / (beta*beta*precision + recall)
}

// visible gives the characters of s without its white space.
func visible(out []int32, s string) []int32 {
	out = out[:0]
	for _, r := range s {
		if !space(r) {
			out = append(out, r)
		}
	}
	return out
}

// edgeSplit gives the words of s, with one mark taken off a word's end, or else
// off its start. Marks are those of ASCII: neither a danda nor a curly quote.
func edgeSplit(out []string, s string) []string {
	out = out[:0]
	for w := range strings.FieldsFuncSeq(s, space) {
		_, size := utf8.DecodeRuneInString(w)
		end := len(w) - 1
		switch {
		case size == len(w): // one character stands for itself
			out = append(out, w)
		case mark(w[end]):
			out = append(out, w[:end], w[end:])
		case mark(w[0]):
			out = append(out, w[:1], w[1:])
		default:
			out = append(out, w)
		}
	}
	return out
}

// mark reports whether a byte is punctuation or a symbol of ASCII.
func mark(b byte) bool {
	return b > ' ' && b < 0x7f && (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z')
}

// space reports what Python's str.split takes for white space: to Unicode's it
// adds the four separators of ASCII.
func space(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }
