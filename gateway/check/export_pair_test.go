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

// Misplacement tells of one pair whether it looks misaligned, alone.
func Misplacement(p Pair) bool {
	hindi, english := readPair(p).sides()
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
func Misplaced(pairs []Pair) []Finding {
	answers := make([]answer, len(pairs))
	for i, p := range pairs {
		answers[i] = newAnswer(readPair(p), false)
	}
	return misplaced(answers)
}

// ReadLexicon is for the tests of the format.
func ReadLexicon(text string) error {
	_, err := readLexicon(text)
	return err
}
