package article

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// level says how good a place for a cut is.
type level uint8

const (
	noCut level = iota
	atGrapheme
	atSpace
	atClause
	atSentence
)

// part is a token, or a stretch of a words token, and how good a cut behind it is.
type part struct {
	token
	level level
}

// cut parts in so that the masked text of each piece has at most limit code points.
// The pieces put together are in.
func cut(in Inline, limit int) []Inline {
	rest := sentenceParts(in)
	slices.Reverse(rest.parts)
	var out []Inline
	for rest.len() > 0 {
		n := rest.fit(limit, atSentence, 0)
		if n == 0 {
			rest.refine(limit)
			n = rest.fit(limit, atClause, limit/2)
		}
		if n == 0 {
			n = rest.fit(limit, atSpace, limit/4)
		}
		if n == 0 {
			n = max(1, rest.fit(limit, atGrapheme, 0))
		}
		if rest.unseenFrom(n) {
			n = rest.len()
		}
		piece := make(Inline, n)
		for i := range piece {
			piece[i] = rest.pop().token
		}
		out = append(out, merge(piece))
	}
	return out
}

// remainder is what is still to be cut, its last part first, so that parts are taken
// and replaced at no cost for those behind them.
type remainder struct{ parts []part }

func (r *remainder) len() int { return len(r.parts) }

func (r *remainder) at(i int) *part { return &r.parts[len(r.parts)-1-i] }

func (r *remainder) pop() part {
	p := *r.at(0)
	r.parts = r.parts[:len(r.parts)-1]
	return p
}

// fit gives the most parts that are within limit and end at a cut of at least the
// given level behind at least atLeast code points; all of them if they fit; else 0.
// Closers right behind a cut are counted in: they stay with their words.
func (r *remainder) fit(limit int, lv level, atLeast int) int {
	best, total, masks := 0, 0, 0
	for i := 0; i < r.len(); i++ {
		p := r.at(i)
		if p.kind == words {
			text := p.text
			if total == 0 {
				text = strings.TrimLeftFunc(text, unicode.IsSpace)
			}
			total += runes(text, limit+1)
		} else {
			masks++
			total += p.cost(masks)
		}
		for p.level > noCut && i+1 < r.len() && r.at(i+1).kind == closer {
			i++
			masks++
			total += r.at(i).cost(masks)
		}
		if total > limit {
			return best
		}
		if p.level >= lv && total >= max(atLeast, 1) {
			best = i + 1
		}
	}
	return r.len()
}

// unseenFrom reports whether a reader sees nothing from part i on.
func (r *remainder) unseenFrom(i int) bool {
	for ; i < r.len(); i++ {
		if strings.TrimSpace(r.at(i).text) != "" {
			return false
		}
	}
	return true
}

// runes counts the code points of s, no further than limit.
func runes(s string, limit int) int {
	if len(s) <= limit {
		return utf8.RuneCountInString(s)
	}
	n := 0
	for range s {
		if n++; n >= limit {
			break
		}
	}
	return n
}

// sentenceParts splits the words of in at sentence ends, in front of the white space
// that follows. A sentence runs on through marks: only the words and atoms a reader
// sees count.
func sentenceParts(in Inline) *remainder {
	seen := in.String()
	sc := sentenceScanner{text: seen}
	end := sentenceEnd(&sc)
	var out []part
	at := 0 // in seen
	for _, t := range in {
		if t.kind != words {
			if t.kind == atom {
				at += len(t.text)
			}
			for end > 0 && end < at { // inside an atom: no cut
				end = sentenceEnd(&sc)
			}
			out = append(out, part{token: t})
			if end > 0 && end == at {
				out[len(out)-1].level = atSentence
			}
			continue
		}
		from := 0
		for end > 0 && end < at+len(t.text) {
			if end-at > from {
				out = append(out, part{token{kind: words, text: t.text[from : end-at]}, atSentence})
				from = end - at
			}
			end = sentenceEnd(&sc)
		}
		at += len(t.text)
		lv := noCut
		if end == at {
			lv = atSentence
		}
		out = append(out, part{token{kind: words, text: t.text[from:]}, lv})
	}
	return &remainder{out}
}

// sentenceEnd is where the next sentence ends without its white space; 0: no more.
func sentenceEnd(sc *sentenceScanner) int {
	end := sc.next()
	if end == 0 {
		return 0
	}
	return len(strings.TrimRightFunc(sc.text[:end], unicode.IsSpace))
}

// refine splits the words among the first parts, as far as limit reaches, at clause
// marks, white space and grapheme clusters.
func (r *remainder) refine(limit int) {
	var fine []part
	for total := 0; r.len() > 0 && total <= limit; {
		p := r.pop()
		if p.kind != words {
			total += p.cost(1)
			if !r.extended() {
				p.level = max(p.level, atGrapheme)
			}
			fine = append(fine, p)
			continue
		}
		from := 0
		for g := graphemes.FromString(p.text); total <= limit && g.Next(); from = g.End() {
			n := utf8.RuneCountInString(g.Value())
			total += n
			if n > limit { // no writing has such a cluster
				for _, c := range g.Value() {
					fine = append(fine, part{token{kind: words, text: string(c)}, atGrapheme})
				}
				continue
			}
			fine = append(fine, part{token{kind: words, text: g.Value()}, levelBehind(g.Value(), p.text[g.End():])})
		}
		if from < len(p.text) {
			fine = append(fine, part{token{kind: words, text: p.text[from:]}, p.level})
		} else if p.level > noCut || r.extended() {
			fine[len(fine)-1].level = p.level
		}
	}
	slices.Reverse(fine)
	r.parts = append(r.parts, fine...)
}

// extended reports whether a grapheme cluster goes on at the start of what remains.
func (r *remainder) extended() bool {
	for i := range r.len() {
		if text := r.at(i).text; text != "" {
			return extends(firstRune(text))
		}
	}
	return false
}

// levelBehind says how good a cut is between a grapheme cluster and what follows it.
// White space behind a full stop is no better than any place: the stop, which ended
// no sentence, belongs to an abbreviation.
func levelBehind(cluster, rest string) level {
	last, _ := utf8.DecodeLastRuneInString(cluster)
	next := firstRune(rest)
	switch {
	case rest == "" || !unicode.IsSpace(next) || unicode.IsSpace(last) || last == '.':
		return atGrapheme
	case clauseMark(last) || next == '\n':
		return atClause
	}
	return atSpace
}

// clauseMark tells the marks between the clauses of a sentence.
func clauseMark(r rune) bool {
	switch r {
	case ',', ';', ':', '–', '—', '،', '؛', '…':
		return true
	}
	return false
}
