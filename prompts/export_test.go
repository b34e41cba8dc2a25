package prompts

import "unicode/utf8"

// OccurringSlowly is Occurring without an index: every term is looked for at
// every word.
func OccurringSlowly(text string, glossaries ...*Matcher) map[string]string {
	tokens := tokenize(text)
	var hits []hit
	for layer, m := range glossaries {
		if m == nil {
			continue
		}
		for _, e := range m.terms {
			p, ok := compile(e.from, false)
			for i := 0; ok && i < len(tokens); i++ {
				if p.at(tokens, i) {
					hits = append(hits, hit{e, i, len(p.words), p.length, layer, p.exact(tokens, i)})
				}
			}
		}
	}
	return choose(hits, len(tokens), utf8.RuneCountInString(text))
}
