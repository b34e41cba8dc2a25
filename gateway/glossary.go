package gateway

import (
	"iter"

	"dubhashi/prompts"
)

// Terms are one direction of a stored glossary, ready to be looked for in a
// text. They may be used by many requests at once.
type Terms struct{ matcher *prompts.Matcher }

// CompileTerms makes terms ready: source terms, each with what to write for it.
func CompileTerms(entries iter.Seq2[string, string]) *Terms {
	return &Terms{prompts.Compile(entries)}
}

// Glossary is a stored glossary: the terms of each direction that it has. The
// nil Glossary has none.
type Glossary struct {
	toEnglish, toHindi []*Terms // of several glossaries, the first has the word
}

// NewGlossary joins the terms of the two directions; nil: it has not that one.
func NewGlossary(toEnglish, toHindi *Terms) *Glossary {
	g := &Glossary{}
	if toEnglish != nil {
		g.toEnglish = []*Terms{toEnglish}
	}
	if toHindi != nil {
		g.toHindi = []*Terms{toHindi}
	}
	return g
}

// With is g and more as one. Of a term that both have, g has the word.
func (g *Glossary) With(more *Glossary) *Glossary {
	if g == nil {
		return more
	}
	if more == nil {
		return g
	}
	return &Glossary{
		toEnglish: append(g.toEnglish[:len(g.toEnglish):len(g.toEnglish)], more.toEnglish...),
		toHindi:   append(g.toHindi[:len(g.toHindi):len(g.toHindi)], more.toHindi...),
	}
}

// Has reports whether there are terms from source into target.
func (g *Glossary) Has(source, target string) bool { return len(g.terms(source, target)) > 0 }

func (g *Glossary) terms(source, target string) []*Terms {
	switch {
	case g == nil:
		return nil
	case source == "hi" && target == "en":
		return g.toEnglish
	case source == "en" && target == "hi":
		return g.toHindi
	}
	return nil
}
