package gateway

import (
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// wishes are what a caller asks of a translation beyond the options that every
// request has. Each is part of a segment's key only when it is set and reaches the
// model, so that a request without any shares its translations with all others.
type wishes struct {
	address      string
	instructions []string
	background   string
}

// background is as much of a Background as goes to the model.
func background(s string) string {
	return head(article.Normalize(s), MaxBackground)
}

// wishes are those that a model of a prompt style is told for a target language.
func (o *order) wishes(target string, style llm.Style) (w wishes) {
	if target == "hi" {
		w.address = o.opt.Address
	}
	if style != llm.Plain {
		w.instructions, w.background = o.opt.Instructions, o.background
	}
	return w
}

// addTo makes the wishes part of a key.
func (w wishes) addTo(k keyer) {
	if w.address != "" {
		k.add("address", w.address)
	}
	for _, s := range w.instructions {
		k.add("instruction", s)
	}
	if w.background != "" {
		k.add("background", w.background)
	}
}

// tell makes the wishes part of a prompt for a model that takes so many tokens.
func (w wishes) tell(q *prompts.Translation, contextTokens int) {
	q.Address, q.Instructions, q.Background = w.address, w.instructions, w.background
	if contextTokens > 0 { // the texts need the room more
		q.Background = head(q.Background, max(int(float64(contextTokens)/4*charsPerToken), 1))
	}
}

// tokens is how many a prompt takes for the wishes at most.
func (w wishes) tokens() int {
	n := len([]rune(w.background))
	for _, s := range w.instructions {
		n += len([]rune(s))
	}
	return int(float64(n) / charsPerToken)
}

// unheard are the warnings about wishes that the first upstream cannot be told.
func (g *Gateway) unheard(o *order) []Warning {
	if len(o.opt.Instructions) == 0 || g.upstreams[0].Style() != llm.Plain {
		return nil
	}
	return []Warning{{"instructions_ignored", "the model is one that only translates (LLM_PROMPT_STYLE=plain) and was not told the instructions"}}
}
