package gateway

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"dubhashi/gateway/check"
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

// Bytes is about how much memory the terms take.
func (t *Terms) Bytes() int {
	if t == nil {
		return 0
	}
	return t.matcher.Bytes()
}

// directions names what the glossary has, e.g. "hi→en".
func (g *Glossary) directions() string {
	var list []string
	for _, d := range [][2]string{{"hi", "en"}, {"en", "hi"}} {
		if g.Has(d[0], d[1]) {
			list = append(list, d[0]+"→"+d[1])
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, " and ")
}

// Lacks says what a glossary misses for a request with these languages, which may
// be "" or "auto"; "": it has what is wanted, or that is known only when the
// language of the text is.
func (g *Glossary) Lacks(source, target string) string {
	source, target = strings.TrimPrefix(source, "auto"), strings.TrimPrefix(target, "auto")
	switch {
	case source == "" && target == "":
		return ""
	case source == "":
		source = other(target)
	case target == "":
		target = other(source)
	}
	if g == nil || source == target || g.Has(source, target) {
		return ""
	}
	return fmt.Sprintf("is a glossary that has no terms %s→%s; it has %s", source, target, g.directions())
}

func (o *Options) checkStored() []FieldError {
	if why := o.Stored.Lacks(o.Source, o.Target); why != "" {
		return []FieldError{{"glossary_id", why}}
	}
	return nil
}

// unused is the warning about a glossary that has nothing for a direction which
// was known only when the language of the text was.
func (g *Glossary) unused(source, target string) []Warning {
	if g == nil || g.Has(source, target) {
		return nil
	}
	return []Warning{{check.Glossary, fmt.Sprintf("the stored glossary was not used: it has no terms %s→%s, only %s", source, target, g.directions())}}
}

// terms are the caller's that occur in a text: of the request's own glossary,
// which is compiled once, and of the stored one.
func (o *order) terms(source, target, text string) map[string]string {
	o.once.Do(func() {
		o.inline = prompts.Compile(func(yield func(string, string) bool) {
			for _, term := range slices.Sorted(maps.Keys(o.opt.Glossary)) { // in one order, for the first counts
				if !yield(term, o.opt.Glossary[term]) {
					return
				}
			}
		})
	})
	glossaries := []*prompts.Matcher{o.inline}
	for _, t := range o.opt.Stored.terms(source, target) {
		glossaries = append(glossaries, t.matcher)
	}
	return prompts.Occurring(text, glossaries...)
}
