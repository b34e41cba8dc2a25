package simulator

// The token estimate is a rule of thumb that is the same on every run: an ASCII
// character counts 1/4 of a token, a code point of the Devanagari block
// (U+0900–U+097F) 2/5, any other 1/2; the sum is rounded up. Each message of a
// prompt adds 4 tokens for its frame and the prompt 3 for the answer's start,
// as OpenAI's guide to counting chat tokens has it.
const (
	unitsPerToken = 20 // so that the shares above are whole: 5, 8 and 10

	tokensPerMessage = 4
	tokensPerPrompt  = 3
)

// EstimateTokens is the number of tokens that the model bills for s.
func EstimateTokens(s string) int {
	units := 0
	for _, r := range s {
		units += tokenUnits(r)
	}
	return (units + unitsPerToken - 1) / unitsPerToken
}

func tokenUnits(r rune) int {
	switch {
	case r < 0x80:
		return 5
	case r >= 0x0900 && r <= 0x097F:
		return 8
	default:
		return 10
	}
}

// firstTokens cuts s to at most n tokens, between code points.
func firstTokens(s string, n int) string {
	units := 0
	for i, r := range s {
		if units += tokenUnits(r); units > n*unitsPerToken {
			return s[:i]
		}
	}
	return s
}
