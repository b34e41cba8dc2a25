package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Spellings gives, in the order of the pairs, what is wrong with the names of an
// article whose segments were translated apart: those that most of the article
// spells otherwise. The segments are given in the order of the article. nil for each
// segment in which nothing is wrong.
//
// A name is found by its source: one word of the source (in whatever accepted
// spelling) that stands in two segments, and whose counterparts, found by their
// sound, are two spellings of one word. Inflected forms, plurals, possessives and
// what derives from a name (India, Indian) are other words, not other spellings.
func Spellings(pairs []Pair) [][]Finding {
	out := make([][]Finding, len(pairs))
	if len(pairs) < 2 {
		return out
	}
	a := readNames(pairs)
	for _, group := range a.groups() {
		a.report(group, out)
	}
	return out
}

// spelledName is one spelling of the target side, all over the article.
type spelledName struct {
	text  string // as it is written first
	key   string // folded
	sound sound
	at    []int // segments, in order, once for each place
	cap   bool  // written large within a sentence, somewhere
	terms bool  // in a glossary entry of the caller
	next  []int // per place: the name behind it, an index of names; -1: none
	last  []int // the name before it
}

// sourceName is one word of the source side, all over the article.
type sourceName struct {
	key   string
	sound sound
	at    []int // segments, in order, once for each place
	cap   bool
}

// articleNames are the words of an article that may be names.
type articleNames struct {
	toHindi bool
	sources []sourceName
	names   []spelledName
	inSeg   [][]int // per segment: the sources that stand in it
	nameSeg [][]int // per segment: the names that stand in it
}

func readNames(pairs []Pair) *articleNames {
	a := &articleNames{inSeg: make([][]int, len(pairs)), nameSeg: make([][]int, len(pairs))}
	sources, names := map[string]int{}, map[string]int{}
	for i, p := range pairs {
		if p.From == p.To || p.From != "hi" && p.From != "en" || p.To != "hi" && p.To != "en" {
			continue
		}
		a.toHindi = p.To == "hi"
		words := nameWords(plain(p.Source), p.From)
		if p.From == "hi" && strings.ContainsFunc(p.Source, func(r rune) bool { return r >= 'A' && r <= 'z' }) { // brands and such that Hindi leaves in Latin letters
			words = append(words, nameWords(plain(p.Source), "en")...)
		}
		for _, w := range words {
			key := w.key
			if w.hindi {
				key = looseHindi(key)
			}
			at, ok := sources[key]
			if !ok {
				s := w.sound()
				at = -1
				if s.hard > 0 && len(s.letters) > 1 {
					at = len(a.sources)
					a.sources = append(a.sources, sourceName{key: key, sound: s})
				}
				sources[key] = at
			}
			if at < 0 {
				continue
			}
			s := &a.sources[at]
			s.at, s.cap = append(s.at, i), s.cap || w.cap
			a.inSeg[i] = appendNew(a.inSeg[i], at)
		}
		a.readTargets(p, i, names)
	}
	return a
}

func (a *articleNames) readTargets(p Pair, i int, names map[string]int) {
	before, end := -1, -1 // the name before, and where it ended
	for _, w := range nameWords(plain(p.Target), p.To) {
		if p.To == "en" && !w.large {
			continue
		}
		at, ok := names[w.key]
		if !ok {
			at = -1
			if s := w.sound(); s.hard > 0 && len(s.letters) > 1 {
				at = len(a.names)
				a.names = append(a.names, spelledName{text: w.text, key: w.key, sound: s})
			}
			names[w.key] = at
		}
		if at < 0 {
			continue
		}
		n := &a.names[at]
		n.at, n.cap = append(n.at, i), n.cap || w.cap
		n.next, n.last = append(n.next, -1), append(n.last, -1)
		if before >= 0 && end+1 == w.start && p.To == "en" && w.cap {
			n.last[len(n.last)-1] = before
			b := &a.names[before]
			b.next[len(b.next)-1] = at
		}
		before, end = -1, -1
		if w.cap {
			before, end = at, w.end
		}
		a.nameSeg[i] = appendNew(a.nameSeg[i], at)
	}
	for _, term := range p.Glossary {
		for _, w := range nameWords(plain(term), p.To) {
			if at, ok := names[w.key]; ok && at >= 0 {
				a.names[at].terms = true
			}
		}
	}
}

func appendNew(list []int, n int) []int {
	if slices.Contains(list, n) {
		return list
	}
	return append(list, n)
}

// rivals are two spellings of one source name.
type rivals struct {
	source, a, b int
	silent       bool // by meaning, not by sound
}

// groups gives the sets of names that spell one source name.
func (a *articleNames) groups() [][]rivals {
	var found []rivals
	near := map[[2]int]bool{}
	gathered := make([]int, len(a.names)) // by which source, plus one
	for k := range a.sources {
		s := &a.sources[k]
		if distinct(s.at) < 2 || a.toHindi && !s.cap {
			continue
		}
		var anchors, all []int
		for _, i := range s.at {
			for _, n := range a.nameSeg[i] {
				if gathered[n] != k+1 {
					gathered[n] = k + 1
					all = append(all, n)
				}
			}
		}
		for _, n := range all {
			if counterpart(s.sound, a.names[n].sound) {
				anchors = append(anchors, n)
			}
		}
		for _, n := range anchors {
			for _, m := range all {
				if m == n || slices.Contains(anchors, m) && m < n {
					continue
				}
				pair := [2]int{min(n, m), max(n, m)}
				same, known := near[pair]
				if !known {
					same = a.variants(&a.names[n], &a.names[m])
					near[pair] = same
				}
				if r := (rivals{source: k, a: pair[0], b: pair[1]}); same && a.contest(r) {
					found = append(found, r)
				}
			}
		}
	}
	const most = 5000 // names that are compared each with each; an article has some hundred
	if !a.toHindi && len(a.names) <= most {
		found = append(found, a.translated()...)
	}
	return joined(found)
}

// translated gives the rivals among names that do not sound like their source
// (Monday, Egypt, Supreme Court): two words one letter apart of which neither has a
// word that sounds like it in its source, and a word of the source that stands
// where they stand and hardly anywhere else.
func (a *articleNames) translated() (found []rivals) {
	for n := range a.names {
		x := &a.names[n]
		if len(x.key) < 4 {
			continue
		}
		for m := range n {
			y := &a.names[m]
			if len(y.key) < 4 || x.sound.far(y.sound, 1) || editDistance(x.key, y.key, 1) != 1 || !a.variants(x, y) || slices.Contains(y.at, x.at[0]) || slices.Contains(x.at, y.at[0]) {
				continue
			}
			if a.heard(n) || a.heard(m) || otherPeople(a, x, y) {
				continue
			}
			few, many := x, y
			if distinct(few.at) > distinct(many.at) {
				few, many = many, few
			}
			if k := a.companion(few, many); k >= 0 {
				found = append(found, rivals{source: k, a: m, b: n, silent: true})
			}
		}
	}
	return found
}

// heard reports whether the source of some segment of a name has a word that sounds
// quite like it.
func (a *articleNames) heard(name int) bool {
	const quite = 0.8
	n := &a.names[name]
	for _, i := range n.at {
		for _, k := range a.inSeg[i] {
			if s := a.sources[k].sound; !s.far(n.sound, quite) && soundDistance(s, n.sound) <= quite {
				return true
			}
		}
	}
	return false
}

// companion is a source word that stands in every segment of the rarer name, in half
// of those of the other, and in no more than two beside; -1: there is none.
func (a *articleNames) companion(few, many *spelledName) int {
	all := distinct(few.at) + distinct(many.at)
	for _, k := range a.inSeg[few.at[0]] {
		s := &a.sources[k]
		if distinct(s.at) <= all+2 && shared(few.at, s.at) == distinct(few.at) && 2*shared(many.at, s.at) >= distinct(many.at) {
			return k
		}
	}
	return -1
}

// shared counts the segments of one list that stand in the other.
func shared(at, other []int) (n int) {
	for i, v := range at {
		if (i == 0 || v != at[i-1]) && slices.Contains(other, v) {
			n++
		}
	}
	return n
}

// joined puts the rivals that share a spelling into one group.
func joined(found []rivals) [][]rivals {
	var groups [][]rivals
	for _, r := range found {
		group := []rivals{r}
		groups = slices.DeleteFunc(groups, func(g []rivals) bool {
			if slices.ContainsFunc(g, func(x rivals) bool { return x.a == r.a || x.a == r.b || x.b == r.a || x.b == r.b }) {
				group = append(group, g...)
				return true
			}
			return false
		})
		groups = append(groups, group)
	}
	return groups
}

func distinct(sorted []int) (n int) {
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			n++
		}
	}
	return n
}

// contest reports whether each of the two spellings stands for the source name in a
// segment of its own.
func (a *articleNames) contest(r rivals) bool {
	n, m := &a.names[r.a], &a.names[r.b]
	return len(a.alone(r, r.a, r.b)) > 0 && len(a.alone(r, r.b, r.a)) > 0 && !otherPeople(a, n, m) && !a.together(r)
}

// together reports whether a segment has both spellings, each for a word of its own:
// then they are two names that the source writes alike.
func (a *articleNames) together(r rivals) bool {
	return !r.silent && slices.ContainsFunc(a.names[r.a].at, func(i int) bool {
		return slices.Contains(a.names[r.b].at, i) && count(a.sources[r.source].at, i) >= 2
	})
}

// alone gives the segments in which one of the rivals stands for their source, and
// the other does not.
func (a *articleNames) alone(r rivals, name, rival int) (at []int) {
	s := &a.sources[r.source]
	for _, i := range a.names[name].at {
		have := count(s.at, i)
		if have == 0 || have <= count(a.names[rival].at, i) || len(at) > 0 && at[len(at)-1] == i {
			continue
		}
		if r.silent || !a.better(i, r.source, name) {
			at = append(at, i)
		}
	}
	return at
}

// better reports whether another word of the segment's source is clearly nearer to
// the name, so that the name is not this source's.
func (a *articleNames) better(segment, source, name int) bool {
	const clearly = 0.3
	t := a.names[name].sound
	bound := soundDistance(a.sources[source].sound, t) - clearly
	if bound < 0 {
		return false
	}
	for _, k := range a.inSeg[segment] {
		if s := a.sources[k].sound; k != source && !s.far(t, bound) && soundDistance(s, t) <= bound {
			return true
		}
	}
	return false
}

func count(at []int, i int) (n int) {
	for _, v := range at {
		if v == i {
			n++
		}
	}
	return n
}

// otherPeople reports whether the two names never stand without a neighbour, and
// never with the same: Sara Khan and Sarah Jones may be written alike in the source.
func otherPeople(a *articleNames, n, m *spelledName) bool {
	differ := func(x, y []int) bool {
		for _, v := range x {
			for _, w := range y {
				if v < 0 || w < 0 || v == w || a.variants(&a.names[v], &a.names[w]) {
					return false
				}
			}
		}
		return true
	}
	return differ(n.next, m.next) || differ(n.last, m.last)
}

// report adds a finding to each segment with another than the leading spelling.
func (a *articleNames) report(group []rivals, out [][]Finding) {
	segments := map[int][]int{}
	near := map[int]float64{}
	var all []int
	for _, r := range group {
		for _, pair := range [][2]int{{r.a, r.b}, {r.b, r.a}} {
			n := pair[0]
			all = appendNew(all, n)
			for _, i := range a.alone(r, n, pair[1]) {
				segments[n] = appendNew(segments[n], i)
			}
			near[n] = soundDistance(a.sources[r.source].sound, a.names[n].sound)
		}
	}
	slices.SortStableFunc(all, func(n, m int) int {
		if x, y := a.names[n].terms, a.names[m].terms; x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(len(segments[m]), len(segments[n])), a.nearer(near[n], near[m]), cmp.Compare(a.names[n].at[0], a.names[m].at[0]))
	})
	lead := &a.names[all[0]]
	for _, n := range all[1:] {
		for _, i := range segments[n] {
			out[i] = append(out[i], Finding{
				Code: NameSpelling, Minor: a.unclear(len(segments[all[0]]), len(segments[n])),
				Message: fmt.Sprintf("%q is spelled differently in the rest of the article", a.names[n].text),
				Ask:     fmt.Sprintf("write %q, as in the rest of the article, not %q", lead.text, a.names[n].text),
			})
		}
	}
}

// unclear reports whether a spelling in so many segments against another in so many is
// no reason to ask again. Into Hindi, where most foreign names can be written in several
// ways, one human article in three has such a name: there the majority has to be clear.
func (a *articleNames) unclear(lead, other int) bool {
	return a.toHindi && lead < 3*other
}

// nearer orders two distances from the source, if they differ clearly.
func (a *articleNames) nearer(x, y float64) int {
	const clearly = 0.2
	if x-y > clearly || y-x > clearly {
		return cmp.Compare(x, y)
	}
	return 0
}

// counterpart reports whether a word of the source and one of the target may be one
// name, by their sound.
func counterpart(s, t sound) bool {
	bound := 0.35 * float64(min(s.hard, t.hard))
	if min(s.hard, t.hard) == 1 {
		bound = 0.5
	} else {
		bound += 0.4
	}
	return !s.far(t, bound) && soundDistance(s, t) <= bound
}
