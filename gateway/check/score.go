package check

import (
	"math"
	"math/bits"
	"slices"
)

// The score of a pair is the sum of what speaks for the two sides being one text, less
// what speaks against it. The weights were fitted to half of the human translations of
// the shared data, against the same sources with other translations of their article,
// and rounded to quarters; on the other half they find as many.
const (
	scoreBase = 2.0

	scoreCovered     = 1.25 // × share of the content words with a counterpart, each side
	scoreLength      = 0.75 // × how unlikely the proportion of the lengths is, at most lengthMost
	scoreBigNumber   = 1.5  // a number above smallNumber on both sides
	scoreSmallNumber = 1.0
	lostBigNumber    = 1.75 // only in the Hindi
	addedBigNumber   = 1.25 // only in the English
	lostSmallNumber  = 1.25 // on one side only
	scoreConcept     = 1.25 // a concept of the lexicon on both sides
	lostStrongHindi  = 0.75 // only in the Hindi
	lostStrong       = 1.25 // only in the English
	lostWeak         = 0.5
	scoreSound       = 1.25 // words that sound alike
	scoreShortSound  = 0.5
	lostCapital      = 1.0 // an English name without a counterpart
	scoreLatin       = 0.5 // a Latin word of the Hindi, found in the English or not
	scoreAcronym     = 0.5
	lostQuestion     = 1.5
	lostQuotes       = 2.0
	scoreMark        = 0.5 // "?" or "!" on both sides
)

// The proportion of the lengths: the mean of the logarithm of Hindi to English, and
// its variance, which is larger for short texts.
const (
	lengthMean     = 0.057
	lengthPad      = 8 // code points added to each side
	lengthVariance = 0.135 * 0.135
	lengthMost     = 16
)

const smallNumber = 12 // up to which a number is often a word, or left out

// alignment is what a comparison of two sides found.
type alignment struct {
	score          float64
	hindi, english []bool // by content word: whether it has a counterpart
}

// score tells how likely the two texts say the same: below −3 for hardly any
// translation, above 5 for most of more than a line.
func score(h, e *parsed) float64 {
	var a alignment
	var buf [128]bool
	a.hindi, a.english = buf[:0:64], buf[64:64]
	a.align(h, e)
	return a.score
}

// coverage tells how many of the content words in the last part of source have a
// counterpart anywhere in target; from is where that part begins, as a share of the
// text, so that 0 asks for all of it.
func coverage(source, target *parsed, from float64) (matched, total int) {
	var a alignment
	found := &a.hindi
	if source.hindi {
		a.align(source, target)
	} else {
		a.align(target, source)
		found = &a.english
	}
	for i, w := range source.words {
		if float64(w.at) >= from*float64(source.size) {
			total++
			if (*found)[i] {
				matched++
			}
		}
	}
	return matched, total
}

// align compares the Hindi and the English side.
func (a *alignment) align(h, e *parsed) {
	a.hindi = cleared(a.hindi, len(h.words))
	a.english = cleared(a.english, len(e.words))
	s := scoreBase + a.matchWords(h, e) + compareNumbers(h, e) + compareLatin(h, e)
	s += scoreCovered * (share(a.hindi) + share(a.english))

	z, deviation := lengthDeviation(h, e)
	s -= scoreLength * min(lengthMost, z*z/(deviation*deviation))

	if h.question != e.question {
		s -= lostQuestion
	}
	if h.quoted != e.quoted {
		s -= lostQuotes
	}
	if h.question && e.question {
		s += scoreMark
	}
	if h.exclaimed && e.exclaimed {
		s += scoreMark
	}
	a.score = s
}

// lengthDeviation is how much longer the Hindi side is than it should be, and the
// standard deviation of that in human translations; both in logarithms.
func lengthDeviation(h, e *parsed) (z, deviation float64) {
	z = math.Log(float64(h.length+lengthPad)/float64(e.length+lengthPad)) - lengthMean
	return z, math.Sqrt(lengthVariance + 2/float64(min(h.length, e.length)+20))
}

// matchWords finds the counterparts of the content words and gives what they, and the
// concepts of the lexicon, add to the score.
func (a *alignment) matchWords(h, e *parsed) (s float64) {
	var buf [192]bool
	heard := cleared(buf[:0:64], len(h.uses))        // concepts of the Hindi that have a counterpart by sound
	found := cleared(buf[64:64:128], len(e.uses))    // concepts of the English whose word has a counterpart
	taken := cleared(buf[128:128:192], len(e.words)) // English words that a Hindi one sounds like
	s = scoreSound * float64(a.expand(h, e, taken))
	for i := range h.words {
		w := &h.words[i]
		if a.hindi[i] || w.acronym != "" && slices.Contains(e.acronyms, w.acronym) || w.use >= 0 && e.concepts.hasAny(h.uses[w.use].concepts) {
			a.hindi[i] = true
			continue
		}
		j, gain := soundsLike(w, i, len(h.words), e)
		if j < 0 {
			continue
		}
		a.hindi[i] = true
		if w.use >= 0 {
			heard[w.use] = true
		}
		if !taken[j] {
			taken[j] = true
			s += gain
		}
	}
	lost := 0
	for j := range e.words {
		w := &e.words[j]
		a.english[j] = taken[j] || w.use >= 0 && h.concepts.hasAny(e.uses[w.use].concepts) ||
			slices.Contains(h.latin, w.form) || slices.Contains(e.acronyms, w.form) && slices.Contains(h.acronyms, w.form)
		switch {
		case !a.english[j] && w.capital:
			lost++
		case a.english[j] && w.use >= 0:
			found[w.use] = true
		}
	}
	return s - lostCapital*saturated(lost) + compareConcepts(h, e, heard, found)
}

// expand finds the acronyms of either side that the other one writes out, CBI for
// Central Bureau of Investigation, marks their words, and tells how many there are.
func (a *alignment) expand(h, e *parsed, taken []bool) (n int) {
	for i := range h.words {
		w := &h.words[i]
		if len(w.acronym) < 2 || slices.Contains(e.acronyms, w.acronym) {
			continue
		}
		if at := initialsIn(e.words, w.acronym, func(w *word, c byte) bool { return w.capital && w.form[0] == c }); at >= 0 {
			n++
			a.hindi[i] = true
			for j := range w.acronym {
				taken[at+j] = true
			}
		}
	}
	for j := range e.words {
		w := &e.words[j]
		if len(w.form) < 2 || taken[j] || !slices.Contains(e.acronyms, w.form) || slices.Contains(h.acronyms, w.form) || slices.Contains(h.latin, w.form) {
			continue
		}
		if at := initialsIn(h.words, w.form, spokenFrom); at >= 0 {
			n++
			taken[j] = true
			for i := range w.form {
				a.hindi[at+i] = true
			}
		}
	}
	return n
}

// initialsIn gives the first of the words in a row that begin like the letters of an
// acronym; −1 if there are none.
func initialsIn(words []word, acronym string, begins func(w *word, letter byte) bool) int {
next:
	for at := range words[:max(0, min(len(words), lookBack)-len(acronym)+1)] {
		for k := range len(acronym) {
			if !begins(&words[at+k], acronym[k]) {
				continue next
			}
		}
		return at
	}
	return -1
}

// spokenFrom reports whether a Hindi word begins with what a Latin letter stands for.
func spokenFrom(w *word, letter byte) bool {
	sound := w.skeleton[0]
	switch letter {
	case 'c':
		return sound == 'k' || sound == 'c' || sound == 's'
	case 'g':
		return sound == 'g' || sound == 'j'
	case 'q':
		return sound == 'k'
	case 'w':
		return sound == 'v'
	case 'x', 'z':
		return sound == 'j'
	case 'e', 'i', 'o', 'u', 'y':
		return sound == 'a'
	}
	return sound == letter
}

// compareConcepts gives what the concepts of both sides add to the score.
func compareConcepts(h, e *parsed, heard, found []bool) (s float64) {
	for i := range h.uses {
		u := &h.uses[i]
		switch {
		case e.concepts.hasAny(u.concepts):
			s += scoreConcept
		case !u.primary || heard[i]:
		case u.strong:
			s -= lostStrongHindi
		default:
			s -= lostWeak
		}
	}
	for j := range e.uses {
		u := &e.uses[j]
		switch {
		case !u.primary || found[j] || h.concepts.hasAny(u.concepts):
		case u.strong:
			s -= lostStrong
		default:
			s -= lostWeak
		}
	}
	return s
}

// soundsLike finds the English word that sounds like w, the i-th of n Hindi words, and
// gives what that is worth; −1 if there is none. In texts of very many words only
// those at about the same place are compared, so that the time stays linear.
func soundsLike(w *word, i, n int, e *parsed) (place int, gain float64) {
	const around = 100 // words
	k := w.skeleton
	at := i * len(e.words) / n
	first, end := max(0, at-around), min(len(e.words), at+around)
	best, bestHalves := -1, 3
	for j := first; j < end; j++ {
		other := &e.words[j]
		if other.skeleton == k {
			switch {
			case len(k) >= 3:
				return j, scoreSound
			case other.capital && w.use < 0:
				return j, scoreShortSound
			}
			return -1, 0
		}
		if w.use >= 0 || len(k) < 3 || len(other.skeleton) < 3 || bits.OnesCount32(w.sounds^other.sounds) > 4 {
			continue
		}
		shorter := min(len(k), len(other.skeleton))
		limit := 2
		if shorter < 4 {
			limit = 1
		}
		halves := oneStep(k, other.skeleton)
		if halves <= limit && halves < bestHalves && (shorter >= 5 || k[0] == other.skeleton[0] || halves <= 1) {
			best, bestHalves = j, halves
		}
	}
	switch {
	case best < 0:
		return -1, 0
	case min(len(k), len(e.words[best].skeleton)) >= 5, min(len(k), len(e.words[best].skeleton)) == 4 && bestHalves <= 1:
		return best, scoreSound
	}
	return best, scoreShortSound
}

// soundMask is the sounds of a skeleton as bits.
func soundMask(skeleton string) (mask uint32) {
	for i := range len(skeleton) {
		mask |= 1 << (skeleton[i] - 'a')
	}
	return mask
}

// oneStep is the distance of two different skeletons in halves of a sound, if it is no
// more than one sound; else 3. It is distanceHalves for the score, which asks often.
func oneStep(a, b string) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return 3
	}
	halves := 0
	for i := range len(a) {
		switch {
		case a[i] == b[i]:
		case len(a) < len(b): // the longer has one sound more, here
			if a[i:] == b[i+1:] {
				return 2
			}
			return 3
		case nearSounds[a[i]-'a'][b[i]-'a']:
			halves++
		default:
			halves += 2
		}
		if halves > 2 {
			return 3
		}
	}
	return halves + 2*(len(b)-len(a))
}

// compareNumbers gives what the numbers add to the score.
func compareNumbers(h, e *parsed) (s float64) {
	lost, added, small := 0, 0, 0
	for _, v := range h.numbers {
		big := v > smallNumber
		switch same := hasNumber(e.numbers, v); {
		case same && big:
			s += scoreBigNumber
		case same:
			s += scoreSmallNumber
		case big:
			lost++
		default:
			small++
		}
	}
	for _, v := range e.numbers {
		switch {
		case hasNumber(h.numbers, v):
		case v > smallNumber:
			added++
		default:
			small++
		}
	}
	return s - lostBigNumber*saturated(lost) - addedBigNumber*saturated(added) - lostSmallNumber*saturated(small)
}

// hasNumber looks for a number, or for the year that it is short for.
func hasNumber(numbers []float64, v float64) bool {
	for _, u := range numbers[:min(len(numbers), lookBack)] {
		if u == v || v > 1900 && v < 2100 && math.Mod(v, 100) == u || v < 100 && u > 1900 && u < 2100 && math.Mod(u, 100) == v {
			return true
		}
	}
	return false
}

// compareLatin gives what words and acronyms in Latin letters of the Hindi side add.
func compareLatin(h, e *parsed) (s float64) {
	lost := 0
	for _, form := range h.latin[:min(len(h.latin), lookBack)] {
		if slices.Contains(e.latin, form) {
			s += scoreLatin
		} else {
			lost++
		}
	}
	for _, acronym := range h.acronyms[:min(len(h.acronyms), lookBack)] {
		if slices.Contains(e.acronyms, acronym) {
			s += scoreAcronym
		}
	}
	return s - scoreLatin*saturated(lost)
}

// saturated lets many misses of one kind count less than each alone.
func saturated(n int) float64 {
	if n <= 2 {
		return float64(n)
	}
	return 2 + 0.7*math.Sqrt(float64(n-2))
}

// share is the part of the words that have a counterpart; one is added to their
// number, so that few words prove little.
func share(found []bool) float64 {
	n := 0
	for _, ok := range found {
		if ok {
			n++
		}
	}
	return float64(n) / float64(len(found)+1)
}

// cleared gives n times false, in the memory of buf if it is large enough.
func cleared(buf []bool, n int) []bool {
	if cap(buf) < n {
		return make([]bool, n)
	}
	buf = buf[:n]
	clear(buf)
	return buf
}
