package check

// SkeletonHi, SkeletonEn and SkeletonDistance are for the tests of the phonetic match.
var (
	SkeletonHi       = skeletonHi
	SkeletonEn       = skeletonEn
	SkeletonDistance = skeletonDistance
)

// Score is that of a Hindi and an English text.
func Score(hindi, english string) float64 {
	return score(parseHindi(plain(hindi)), parseEnglish(plain(english)))
}

// Numbers gives the numbers that the score compares.
func Numbers(text string, hindi bool) []float64 {
	if hindi {
		return parseHindi(plain(text)).numbers
	}
	return parseEnglish(plain(text)).numbers
}

// MisplacementIn tells of one pair whether it looks misaligned, alone.
func MisplacementIn(p Pair, read func(Pair) pairRead) bool {
	hindi, english := read(p).sides()
	_, found := misalignedFinding(hindi, english)
	return found
}

// Coverage tells how many content words of the last part of a source a target has.
func Coverage(p Pair, from float64) (matched, total int) {
	hindi, english := readPair(p).sides()
	if p.To == "en" {
		return coverage(hindi, english, from)
	}
	return coverage(english, hindi, from)
}

// Misplaced gives the answers of a call that belong to other segments, without the
// checks of each.
func Misplaced(pairs []Pair) []Finding { return MisplacedIn(pairs, readPair) }

// Reader gives a function that reads pairs and remembers their texts, for calls that
// are made of the same texts in other orders. It is for one goroutine.
func Reader() func(Pair) pairRead {
	type text struct{ text, language string }
	sides := map[text]*side{}
	get := func(t, language string) *side {
		s := sides[text{t, language}]
		if s == nil {
			s = read(plain(t), language)
			sides[text{t, language}] = s
		}
		return s
	}
	return func(p Pair) pairRead { return pairRead{p, get(p.Source, p.From), get(p.Target, p.To)} }
}

// MisplacedIn is Misplaced with a reader of pairs.
func MisplacedIn(pairs []Pair, read func(Pair) pairRead) []Finding {
	answers := make([]answer, len(pairs))
	for i, p := range pairs {
		answers[i] = newAnswer(read(p), false)
	}
	return misplaced(answers)
}

// ReadLexicon is for the tests of the format.
func ReadLexicon(text string) error {
	_, err := readLexicon(text)
	return err
}
