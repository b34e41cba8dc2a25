package check

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// Call gives what is wrong with the answers of one call, in the order of the
// pairs: of each what [Translation] finds, and what only its neighbours show, an
// answer that belongs to another segment of the call. The pairs go one way.
func Call(pairs []Pair) [][]Finding {
	out := make([][]Finding, len(pairs))
	answers := make([]answer, len(pairs))
	for i, p := range pairs {
		read := readPair(p)
		out[i] = read.findings()
		answers[i] = newAnswer(read, Hard(out[i]))
	}
	for i, f := range misplaced(answers) {
		if f.Code != "" {
			out[i] = append([]Finding{f}, without(out[i], Misaligned)...)
		}
	}
	return out
}

// Article gives, in the order of the pairs, what only an article as a whole shows whose
// segments were translated apart: what [Spellings] finds, and answers that hold, or are,
// the answer to another segment, wherever that stands.
func Article(pairs []Pair) [][]Finding {
	out := Spellings(pairs)
	targets := make([]string, len(pairs))
	for i, p := range pairs {
		targets[i] = article.Fold(plain(p.Target))
	}
	for i := range pairs {
		for j := range pairs {
			if i != j && saysTwice(pairs, targets, i, j) {
				out[i] = append(out[i], holdsAnother)
				break
			}
		}
	}
	return out
}

// saysTwice reports whether answer i has the whole of answer j, whose source it has
// little in common with. Of two that are equal it is the one that fits worse.
func saysTwice(pairs []Pair, targets []string, i, j int) bool {
	if !foundIn(targets[j], targets[i]) {
		return false
	}
	a, b := newAnswer(readPair(pairs[i]), false), newAnswer(readPair(pairs[j]), false)
	if a.state != usable || b.state != usable || b.likeness(&a) >= alikeSources {
		return false
	}
	if targets[i] == targets[j] {
		x, y := a.score(&a), b.score(&b)
		return x < y || x == y && i > j
	}
	return true
}

// alikeSources is the share of content words from which two sources may well have one
// answer in the other, as a headline and its first paragraph.
const alikeSources = 0.4

// foundIn reports whether a folded answer stands word for word in another, or is it.
func foundIn(text, other string) bool {
	const least = 25 // code points; a shorter one may well stand in another
	return len(text) <= len(other) && utf8.RuneCountInString(text) >= least && strings.Contains(other, text)
}

// without gives the findings of all other codes.
func without(found []Finding, code string) (out []Finding) {
	for _, f := range found {
		if f.Code != code {
			out = append(out, f)
		}
	}
	return out
}

// loneMisaligned is the score below which an answer is taken for one to another text.
// Of 4,500 human translations only a broken one lies below; of those of the next
// paragraph, nine in ten of at least 40 characters do.
//
// Short texts share little with the freest of their translations, and a word lost is
// much of them: for less than shortPair they must score less.
const (
	loneMisaligned  = -4.0
	shortMisaligned = -6.0
	shortPair       = 40 // code points, of the longer side
)

// misalignedFinding tells whether one answer, without others to compare it with, is
// to another text. It is no proof: the text may be a loose translation.
func misalignedFinding(hindi, english *parsed) (Finding, bool) {
	least := loneMisaligned
	if max(hindi.length, english.length) < shortPair {
		least = shortMisaligned
	}
	if !comparable(hindi, english) || score(hindi, english) >= least {
		return Finding{}, false
	}
	return Finding{
		Code: Misaligned, Message: "this does not look like a translation of the paragraph",
		Ask: "this is hardly a translation of the source: drop it and translate the source anew, all of it and nothing else",
	}, true
}

// comparable reports whether both sides are in the scripts that the score reads:
// Hindi in Latin letters is not.
func comparable(hindi, english *parsed) bool {
	return hindi.native > hindi.foreign && english.native > english.foreign
}

// answer is a pair of a call, for the comparison with the others.
type answer struct {
	source, target string // plain
	hindi, english *parsed
	toEnglish      bool
	state          answerState
}

type answerState uint8

const (
	usable  answerState = iota
	missing             // without an answer: that to another segment may be its own
	unread              // left out: it has no words to compare, or is wrong as a whole
)

// newAnswer reads a pair; useless says that its answer is no translation at all.
func newAnswer(p pairRead, useless bool) answer {
	a := answer{source: p.source.text, target: p.target.text, toEnglish: p.To != "hi"}
	a.hindi, a.english = p.sides()
	switch {
	case a.source == "":
		a.state = unread
	case a.target == "":
		a.state = missing
	case useless || !comparable(a.hindi, a.english):
		a.state = unread
	}
	return a
}

// score is that of the source with the target of another answer.
func (a *answer) score(other *answer) float64 {
	if a.toEnglish {
		return score(a.hindi, other.english)
	}
	return score(other.hindi, a.english)
}

const (
	// gainMisplaced is what another order of the answers must score more than theirs.
	// Of 38,000 calls of two to six neighbouring human translations none reaches it;
	// at 1.0, some do.
	gainMisplaced = 1.5

	// unmatched is what every pair scores at least: how badly two texts do not match
	// says nothing, and a source without its answer is no worse.
	unmatched = -5.0

	// reach is how far apart, in segments, a source and an answer are compared.
	reach = 8
)

// misplaced finds, by answer, those that belong to another segment of the call.
// The order of the answers is compared with every swap of two, and with every run of
// them moved by one; the best is taken, and the rest compared again.
func misplaced(answers []answer) []Finding {
	found := make([]Finding, len(answers))
	var live []int
	for i := range answers {
		if answers[i].state != unread {
			live = append(live, i)
		}
	}
	if len(live) < 2 {
		return found
	}
	o := newOrder(answers, live)
	for range live {
		move, gain := o.best()
		if gain <= gainMisplaced {
			break
		}
		o.apply(move)
	}
	for i := range o.n() {
		if o.wrong[i] && answers[live[i]].state == usable {
			found[live[i]] = Finding{Code: Misaligned, Hard: true, Message: "the translation belongs to another paragraph",
				Ask: "this is the translation of another id: drop it and translate the text of this id"}
		}
	}
	o.merged(answers, live, found)
	holding(answers, live, found)
	repeated(answers, o, live, found)
	return found
}

// order is which answer each source has, and what all the pairs score.
type order struct {
	scores  [][]float64 // source, answer; −∞ where there is no answer
	answers []int       // by source, as moved so far
	wrong   []bool      // by answer
}

func (o *order) n() int { return len(o.answers) }

func newOrder(answers []answer, live []int) *order {
	o := &order{scores: make([][]float64, len(live)), answers: make([]int, len(live)), wrong: make([]bool, len(live))}
	cells := make([]float64, len(live)*len(live))
	for i := range live {
		o.answers[i] = i
		o.scores[i] = cells[i*len(live):][:len(live)]
		for j := range live {
			a, b := &answers[live[i]], &answers[live[j]]
			switch {
			case b.state == missing:
				o.scores[i][j] = math.Inf(-1)
			case i-j > reach || j-i > reach:
				o.scores[i][j] = unmatched
			default:
				o.scores[i][j] = max(unmatched, a.score(b))
			}
		}
	}
	return o
}

// with is what source i scores with the answer that source j has now; 0 if it has none.
func (o *order) with(i, j int) float64 {
	if s := o.scores[i][o.answers[j]]; !math.IsInf(s, -1) {
		return s
	}
	return 0
}

// move is a run of sources whose answers move by one place, the last one to the other
// end; or, if swap is set, the two at its ends.
type move struct {
	from, to int // sources, both included
	down     bool
	swap     bool
}

// each calls f for every source of the move and the source whose answer it gets.
func (m move) each(f func(source, giver int)) {
	switch {
	case m.swap:
		f(m.from, m.to)
		f(m.to, m.from)
	case m.down:
		for i := m.from + 1; i <= m.to; i++ {
			f(i, i-1)
		}
		f(m.from, m.to)
	default:
		for i := m.from; i < m.to; i++ {
			f(i, i+1)
		}
		f(m.to, m.from)
	}
}

// gain is what a move adds to the score of all.
func (o *order) gain(m move) float64 {
	gain := 0.0
	m.each(func(source, giver int) { gain += o.with(source, giver) - o.with(source, source) })
	return gain
}

// best is the move that gains most.
func (o *order) best() (best move, gain float64) {
	for i := range o.n() {
		for j := i + 1; j < min(o.n(), i+reach+1); j++ {
			for _, m := range [...]move{{from: i, to: j, swap: true}, {from: i, to: j}, {from: i, to: j, down: true}} {
				if g := o.gain(m); g > gain {
					best, gain = m, g
				}
			}
		}
	}
	return best, gain
}

// apply makes a move and notes the answers that were wrong: all that it moves, but for
// a right answer that has to give way to its copy or to that of a lost one, and fits
// its own source clearly better than its new one.
func (o *order) apply(m move) {
	const better = 0.5
	after := append([]int(nil), o.answers...)
	m.each(func(source, giver int) {
		given := o.answers[giver]
		after[source] = given
		own, now := o.scores[giver][given], o.scores[source][given]
		if own <= now+better || o.scores[given][given] < 0 {
			o.wrong[given] = true
		}
	})
	o.answers = after
}

// merged marks answers that say two segments in one, theirs and one beside it that has
// none, or the answer to a third: from there on the answers moved up.
func (o *order) merged(answers []answer, live []int, found []Finding) {
	for i := range o.n() {
		a := &answers[live[i]]
		if !o.wrong[i] && a.state != missing {
			continue
		}
		own := 0.0
		if a.state == usable {
			own = a.heldBy(a)
		}
		for _, j := range [...]int{i - 1, i + 1} {
			if j < 0 || j >= o.n() || o.wrong[j] {
				continue
			}
			if b := &answers[live[j]]; b.state == usable && b.long() && a.heldBy(b) > max(0.5, own+0.25, a.likeness(b)+0.25) {
				found[live[j]] = holdsAnother
			}
		}
	}
}

var holdsAnother = Finding{
	Code: Misaligned, Message: "the translation also holds the paragraph before or after it",
	Ask: "this also holds the text of another id: translate the text of this id alone",
}

// holding marks answers in which another one stands although their sources have little
// in common. Equal ones are looked at by repeated.
func holding(answers []answer, live []int, found []Finding) {
	for _, i := range live {
		a := &answers[i]
		for _, j := range live {
			b := &answers[j]
			if i == j || a.state != usable || b.state != usable || found[i].Code != "" {
				continue
			}
			held, whole := article.Fold(b.target), article.Fold(a.target)
			if held != whole && foundIn(held, whole) && b.likeness(a) < alikeSources {
				found[i] = holdsAnother
			}
		}
	}
}

// heldBy is the share of the content words of a source that another answer has.
func (a *answer) heldBy(other *answer) float64 {
	source, target := a.hindi, other.english
	if !a.toEnglish {
		source, target = a.english, other.hindi
	}
	matched, total := coverage(source, target, 0)
	return float64(matched) / float64(max(total, 4)) // few words prove little
}

// likeness is the share of the content words of a source that another source has: the
// paragraphs of some articles differ in a name and a number.
func (a *answer) likeness(other *answer) float64 {
	mine, theirs := a.english, other.english
	if a.toEnglish {
		mine, theirs = a.hindi, other.hindi
	}
	same := 0
	for _, w := range mine.words {
		if slices.ContainsFunc(theirs.words, func(v word) bool { return v.form == w.form }) {
			same++
		}
	}
	return float64(same) / float64(max(len(mine.words), 4))
}

// long reports whether an answer is longer than three in four are.
func (a *answer) long() bool {
	z, deviation := lengthDeviation(a.hindi, a.english)
	if a.toEnglish {
		z = -z
	}
	return z > 0.7*deviation
}

// repeated marks answers given to two different sources: that which fits worse, or
// both where neither fits. Sources that say the same in other words may have the same
// answer, and fit it alike; so may short ones, such as labels, whatever they score.
func repeated(answers []answer, o *order, live []int, found []Finding) {
	const (
		worse = 1.0
		short = 40 // code points
	)
	f := Finding{Code: Misaligned, Hard: true, Message: "the translation is the same as that of another paragraph",
		Ask: "another id got the same answer, and this text says something else: translate it anew"}
	targets := make([]string, len(live))
	for i := range live {
		a := &answers[live[i]]
		targets[i] = article.Fold(a.target)
		for j := range i {
			b := &answers[live[j]]
			if a.state != usable || b.state != usable || !strings.EqualFold(targets[i], targets[j]) || strings.EqualFold(article.Fold(a.source), article.Fold(b.source)) {
				continue
			}
			first, second := o.scores[j][j], o.scores[i][i]
			unclear := max(first, second) < 0 && math.Abs(first-second) <= worse
			label := utf8.RuneCountInString(a.source) < short && utf8.RuneCountInString(b.source) < short
			if unclear || second < first-worse && (second < 0 || !label) {
				found[live[i]] = f
			}
			if unclear || first < second-worse && (first < 0 || !label) {
				found[live[j]] = f
			}
		}
	}
}
