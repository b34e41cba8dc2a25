package prompts

// Estimate is about how many tokens text takes, for budgets and for calls whose
// usage was never told. It is a fixed rule, not a tokenizer: hundredths of a
// token by code point, summed and rounded up.
//
//	Devanagari               0.38   (2.6 code points a token)
//	ASCII letters            0.22   (4.5 letters)
//	space                    0.08   (most words carry theirs)
//	ASCII digits             0.40
//	other ASCII              0.60   (JSON's quotes and brackets merge in part)
//	anything else            1
//
// Weighed on news text of both languages against o200k_base, the tokenizer of
// the larger current models, it is a little high, as a budget should be. Older
// tokenizers take up to three times as much for Hindi: an operator who runs
// such a model lowers LLM_CONTEXT_TOKENS.
func Estimate(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r >= 0x0900 && r <= 0x097F:
			n += 38
		case r|0x20 >= 'a' && r|0x20 <= 'z':
			n += 22
		case r == ' ' || r == '\n':
			n += 8
		case isDigit(r):
			n += 40
		case r < 0x80:
			n += 60
		default:
			n += 100
		}
	}
	return (n + 99) / 100
}
