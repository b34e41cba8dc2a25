package score

// ngrams counts the n-grams of a hypothesis and its reference, order by order.
// It is exact and takes linear time: an n-gram is known by the number of the
// (n-1)-gram that it begins with and the symbol it ends with, and gets a number
// of its own from a table of such pairs. The buffers are used again for the
// next segment.
type ngrams struct {
	slots []slot
	round uint32 // the slots of other rounds are empty
	tally []pair // by the number of an n-gram
	hyp   []int32
	ref   []int32
}

type slot struct {
	key    uint64
	round  uint32
	number int32
}

// pair is how often an n-gram stands on either side.
type pair struct{ hyp, ref int32 }

// counts are those of one order, added up over a corpus.
type counts struct{ hyp, ref, match int64 }

// each calls add with the counts of every order from 1 to orders. A symbol is
// any number that is the same for equal symbols of the two sides.
func (g *ngrams) each(hyp, ref []int32, orders int, add func(order int, c counts)) {
	g.hyp = append(g.hyp[:0], make([]int32, len(hyp))...) // numbers of the 0-grams
	g.ref = append(g.ref[:0], make([]int32, len(ref))...)
	g.grow(len(hyp) + len(ref))
	for n := 1; n <= orders; n++ {
		g.begin()
		c := counts{hyp: int64(max(0, len(hyp)-n+1)), ref: int64(max(0, len(ref)-n+1))}
		for i := range int(c.ref) {
			g.ref[i] = g.number(g.ref[i], ref[i+n-1])
			g.tally[g.ref[i]].ref++
		}
		for i := range int(c.hyp) {
			g.hyp[i] = g.number(g.hyp[i], hyp[i+n-1])
			g.tally[g.hyp[i]].hyp++
		}
		for _, t := range g.tally {
			c.match += int64(min(t.hyp, t.ref))
		}
		add(n, c)
	}
}

// grow makes room for n different n-grams, with half of the slots left empty.
func (g *ngrams) grow(n int) {
	size := max(len(g.slots), 64)
	for size < 2*n {
		size *= 2
	}
	if size != len(g.slots) {
		g.slots, g.round = make([]slot, size), 0
	}
}

// begin empties the table.
func (g *ngrams) begin() {
	g.tally = g.tally[:0]
	g.round++
	if g.round == 0 { // it has wrapped around
		clear(g.slots)
		g.round = 1
	}
}

// number gives the n-gram's number, a new one if it was not seen in this round.
func (g *ngrams) number(prefix, last int32) int32 {
	key := uint64(uint32(prefix))<<32 | uint64(uint32(last))
	mask := uint64(len(g.slots) - 1)
	for i := scatter(key) & mask; ; i = (i + 1) & mask {
		s := &g.slots[i]
		switch {
		case s.round != g.round:
			*s = slot{key, g.round, int32(len(g.tally))}
			g.tally = append(g.tally, pair{})
			return s.number
		case s.key == key:
			return s.number
		}
	}
}

// scatter spreads keys over the slots: the finalizer of Sebastiano Vigna's
// splitmix64.
func scatter(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// symbols numbers words, so that equal ones have the same number.
type symbols struct {
	numbers map[string]int32
}

// of gives the numbers of the words, in a slice that is out's if it is large
// enough.
func (s *symbols) of(out []int32, words []string) []int32 {
	out = out[:0]
	for _, w := range words {
		n, ok := s.numbers[w]
		if !ok {
			n = int32(len(s.numbers))
			s.numbers[w] = n
		}
		out = append(out, n)
	}
	return out
}

// reset forgets all words.
func (s *symbols) reset() {
	if s.numbers == nil {
		s.numbers = make(map[string]int32)
	}
	clear(s.numbers)
}
