package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the loop check. Of 20,000 human translations none says more over and over
// than its source does.
const (
	wordAgain    = 5  // times one word in a row ("no, no, no" is said by people)
	phraseAgain  = 3  // times a run of two words or more
	passageWords = 6  // words of a passage that counts when it is said twice
	besideWords  = 4  // if the second stands right behind the first
	passageRunes = 36 // its code points
	gramWords    = 5  // words of a run that is said now here, now there
	gramAgain    = 4
	letterAgain  = 16 // times one letter or digit in a row ("Nooooo!")
	markAgain    = 24 // times one mark: dot leaders and rules are drawn with them
	chunkRunes   = 8  // longest part of a word that is said over and over without a space
	chunkAgain   = 6
	manyWords    = 80 // words from which few different ones are a loop
	fewOf        = 4  // times as many words as different ones
	lagMost      = 400
)

// loopFinding finds answers that say the same over and over: a word, a phrase or a
// passage in a row, one phrase all over the text, a letter, a part of a word. What
// the source says as often, a chant or a table, is excused.
func loopFinding(source, target string) (Finding, bool) {
	t := repetitionOf(target)
	if !t.loops() {
		return Finding{}, false
	}
	if t.excusedBy(repetitionOf(source)) {
		return Finding{}, false
	}
	return Finding{Code: Loop, Hard: true, Message: "the text says the same over and over",
		Ask: "say each thing once, as the source does; do not repeat words or sentences"}, true
}

// repetition is how much a text says again.
type repetition struct {
	row     int  // code points of the longest stretch that is one run of words over and over
	passage int  // code points of the longest passage of three words or more that stands twice
	long    bool // it is one that counts
	grams   int  // times the commonest run of words stands
	letters int  // length of the longest row of one letter
	marks   int  // of one mark
	chunk   int  // code points of the longest row of one part of a word
	poor    bool
}

func (r repetition) loops() bool {
	return r.row > 0 || r.long || r.grams >= gramAgain || r.letters >= letterAgain || r.marks >= markAgain || r.chunk > 0 || r.poor
}

// endless is loops without passages that only come back.
func (r repetition) endless() bool {
	r.long = false
	return r.loops()
}

// excusedBy reports whether the source says again what the answer does: at least half
// as much, since a translation is rarely more than twice as long.
func (r repetition) excusedBy(s repetition) bool {
	half := func(have, of int) bool { return 2*have >= of }
	return (r.row == 0 || half(s.row, r.row)) &&
		(!r.long || half(max(s.passage, s.row), r.passage)) &&
		(r.grams < gramAgain || s.grams >= r.grams-1 || s.row > 0) &&
		(r.letters < letterAgain || half(s.letters, r.letters)) &&
		(r.marks < markAgain || half(s.marks, r.marks)) &&
		(r.chunk == 0 || half(max(s.chunk, s.letters), r.chunk)) &&
		(!r.poor || s.poor || s.row > 0)
}

func repetitionOf(text string) repetition {
	var r repetition
	words := loopWords(text)
	r.rows(words)
	r.spread(words)
	r.runs(text)
	return r
}

// loopWord is a word of a text as a loop repeats it.
type loopWord struct {
	hash  uint32 // of its letters and digits in small letters; of its marks if it has no other
	runes int
}

func loopWords(text string) []loopWord {
	out := make([]loopWord, 0, len(text)/5+1)
	for field := range strings.FieldsSeq(text) {
		const offset, prime = 2166136261, 16777619 // FNV-1a
		word, marks := uint32(offset), uint32(offset)
		n, wordy := 0, false
		for _, r := range field {
			n++
			switch {
			case r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z'):
				r |= 0x20
			case r >= '0' && r <= '9', devanagari(r):
			case r < utf8.RuneSelf || !wordRune(r) && !unicode.IsMark(r):
				marks = (marks ^ uint32(r)) * prime
				continue
			}
			wordy = true
			word = (word ^ uint32(r)) * prime
		}
		if !wordy {
			word = marks
		}
		out = append(out, loopWord{word, n})
	}
	return out
}

// rows finds what is said again at a fixed distance: next to itself as in a loop, or
// further on as a passage that comes back.
func (r *repetition) rows(words []loopWord) {
	for lag := 1; lag < len(words) && lag <= lagMost; lag++ {
		same, runes := 0, 0
		for i := lag; i <= len(words); i++ {
			if i < len(words) && words[i].hash == words[i-lag].hash {
				same++
				runes += words[i].runes + 1
				continue
			}
			if same > 0 {
				r.addRow(words[i-same-lag:i], lag, same, runes)
			}
			same, runes = 0, 0
		}
	}
}

// addRow takes in a stretch whose last same words are those that stand lag words before.
func (r *repetition) addRow(stretch []loopWord, lag, same, runes int) {
	times := same/lag + 1
	again := times >= phraseAgain
	if lag == 1 || uniform(stretch[:lag]) {
		again = same+1 >= wordAgain
	}
	if again {
		for _, w := range stretch[:lag] {
			runes += w.runes + 1
		}
		r.row = max(r.row, runes)
		return
	}
	if same >= 3 {
		r.passage = max(r.passage, runes)
		fewest := passageWords
		if same >= lag { // next to each other
			fewest = besideWords
		}
		r.long = r.long || same >= fewest && runes >= passageRunes
	}
}

func uniform(words []loopWord) bool {
	for _, w := range words {
		if w.hash != words[0].hash {
			return false
		}
	}
	return true
}

// spread counts the runs of words that stand again and again in different places, and
// the different words of a long text.
func (r *repetition) spread(words []loopWord) {
	if len(words) < gramWords*gramAgain {
		return
	}
	different, often := census(words)
	r.poor = len(words) >= manyWords && different*fewOf <= len(words)
	if often < gramWords*gramAgain {
		return // too few for a run that stands so often
	}
	type seen struct{ times, end int }
	grams := make(map[uint64]seen, len(words))
	for i := range len(words) - gramWords + 1 {
		h := uint64(14695981039346656037) // FNV-1a
		for _, g := range words[i : i+gramWords] {
			h = (h ^ uint64(g.hash)) * 1099511628211
		}
		if s := grams[h]; s.times == 0 || i >= s.end {
			grams[h] = seen{s.times + 1, i + gramWords}
			r.grams = max(r.grams, s.times+1)
		}
	}
}

// census gives the number of different words, and of words that stand as often as a
// run of words must.
func census(words []loopWord) (different, often int) {
	sorted := make([]uint32, len(words))
	for i, w := range words {
		sorted[i] = w.hash
	}
	slices.Sort(sorted)
	for from := 0; from < len(sorted); different++ {
		to := from + 1
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		if to-from >= gramAgain {
			often += to - from
		}
		from = to
	}
	return different, often
}

// runs finds letters and marks in a row, and parts of a word.
func (r *repetition) runs(text string) {
	const window = chunkRunes
	var last [window]rune // the runes before, by position
	var same [window + 1]int
	row, n := 0, 0
	for _, c := range text {
		if n > 0 && c == last[(n-1)%window] {
			row++
		} else {
			row = 1
		}
		wordy := latin(c|0x20) || devanagari(c) || c >= utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsMark(c))
		switch {
		case row < letterAgain:
		case wordy || unicode.IsDigit(c):
			r.letters = max(r.letters, row)
		case !unicode.IsSpace(c):
			r.marks = max(r.marks, row)
		}
		for p := 2; p <= window; p++ {
			if !wordy || n < p || c != last[(n-p)%window] {
				same[p] = 0
				continue
			}
			if same[p]++; same[p] >= p*(chunkAgain-1) {
				r.chunk = max(r.chunk, same[p]+p)
			}
		}
		last[n%window] = c
		n++
	}
}
