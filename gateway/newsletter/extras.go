package newsletter

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// summary asks for the other language of a summary.
func (w *work) summary(l *lines, sum []gateway.Summary) []*asked {
	var list []*asked
	for _, s := range sum {
		if s.Failure != nil {
			continue // a story without a summary is told
		}
		for i, text := range strings.Split(s.Text, "\n") {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			a := l.line(bilingual(s.Language, text))
			if i == 0 {
				a.flags = flags(s.Warnings, text, "")
			}
			list = append(list, a)
		}
	}
	return list
}

// settle puts what was asked for into the story.
func (s *Story) settle(summary []*asked, alts map[string]*asked, languages []string) {
	for _, a := range summary {
		s.Summary = append(s.Summary, a.pair(article.Paragraph))
	}
	for i := range s.Body {
		p := &s.Body[i]
		for lang, in := range p.By {
			if len(in.Images()) > 0 {
				p.By[lang] = in.MapImages(func(alt string) string {
					a := alts[alt]
					switch {
					case a == nil:
					case p.picture(): // it is shown once, to the readers of both
						return Text(a.by).both(languages, " / ")
					case a.by[lang] != "":
						return a.by[lang]
					}
					return alt
				})
			}
		}
	}
	if s.Image != nil {
		for lang := range s.Headline.By {
			if s.Image.Alt[lang] == "" { // of a picture of which nothing is known
				s.Image.Alt[lang] = s.Headline.Plain(lang)
			}
		}
	}
}

// image is the picture of a story. What it shows is told in both languages.
func (w *work) image(l *lines, s *Story, src *source) *asked {
	a := &asked{by: map[string]string{}}
	if src.image == "" || src.image == "none" {
		return a
	}
	if !src.alt.IsZero() {
		a = l.line(src.alt)
	}
	s.Image = &Image{URL: src.image, Alt: a.by}
	return a
}

// alts asks for the alternative texts of the pictures in the body.
func (w *work) alts(l *lines, s *Story) map[string]*asked {
	out := map[string]*asked{}
	for i := range s.Body {
		for _, in := range s.Body[i].By {
			for _, image := range in.Images() {
				if alt := strings.TrimSpace(image.Title); alt != "" && out[image.Title] == nil {
					out[image.Title] = l.line(bilingual(languageOf(alt), alt))
				}
			}
		}
	}
	return out
}

// prose is an editor's text of paragraphs, in Markdown, in the edition's
// languages.
func (w *work) prose(ctx context.Context, b api.Bilingual) ([]Pair, error) {
	by := split(b)
	if len(by) == 2 {
		return together(paragraphs(by["hi"]), paragraphs(by["en"]), w.e.Languages[0]), nil
	}
	for lang, text := range by {
		if !slices.Contains(w.e.Languages, other(lang)) {
			return alone(paragraphs(text), lang), nil
		}
		res, err := w.m.c.Gateway.Article(ctx, gateway.Request{
			Input: text, Format: article.Markdown, Translate: true, Options: w.options(lang, other(lang)),
		})
		if refused(err) {
			return nil, err
		}
		if err != nil {
			list := alone(paragraphs(text), lang)
			for i := range list {
				if list[i].picture() {
					continue
				}
				code, message := codeOf(err)
				list[i].Flags = append(list[i].Flags, flag(string(code), "the translation is missing: "+message, list[i].Plain(lang), ""))
			}
			return list, nil
		}
		w.used(res.Usage, res.Warnings)
		var list []Pair
		for i := range res.Document.Blocks {
			list = append(list, pairAt(res.Document, res, i))
			list = append(list, picturesBeside(res.Document.Blocks[i], lang, "")...)
		}
		return list, nil
	}
	return nil, nil
}

// together pairs the paragraphs of two texts of one editor.
func together(hi, en []article.Block, first string) []Pair {
	var list []Pair
	for i, b := range hi {
		p := Pair{Kind: b.Kind, Level: b.Level, Depth: b.Depth, Number: b.Number, Original: first, By: map[string]article.Inline{"hi": b.Content}}
		if i < len(en) {
			p.By["en"] = en[i].Content
		}
		list = append(list, p)
		list = append(list, picturesBeside(b, "hi", "")...)
	}
	return list
}

func alone(blocks []article.Block, lang string) []Pair {
	var list []Pair
	for _, b := range blocks {
		list = append(list, Pair{Kind: b.Kind, Level: b.Level, Depth: b.Depth, Number: b.Number, Original: lang, By: map[string]article.Inline{lang: b.Content}})
		list = append(list, picturesBeside(b, lang, "")...)
	}
	return list
}

// options are the issue's wishes for one direction.
func (w *work) options(source, target string) gateway.Options {
	o := gateway.Options{
		Source: source, Target: target, Stored: w.o.Stored, Register: w.issue.Register,
		Numerals: w.issue.Numerals, Cache: gateway.CacheMode(w.issue.CacheMode),
	}
	for term, target := range w.issue.Glossary {
		if deva, _ := article.Share(term); (deva > 0) == (source == "hi") {
			if o.Glossary == nil {
				o.Glossary = map[string]string{}
			}
			o.Glossary[term] = target
		}
	}
	return o
}

// used adds up what an answer cost, and tells once what it says of the gateway.
func (w *work) used(u gateway.Usage, warnings []gateway.Warning) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := &w.e.Usage
	sum.Calls += u.Calls
	sum.SharedCalls += u.SharedCalls
	sum.PromptTokens += u.PromptTokens
	sum.CompletionTokens += u.CompletionTokens
	sum.Hits += u.Hits
	sum.Misses += u.Misses
	if u.Cost != nil {
		cost := *u.Cost
		if sum.Cost != nil {
			cost += *sum.Cost
		}
		sum.Cost = &cost
	}
	for _, n := range warnings {
		if n.Code != "already_target" && !w.said[n.Code] {
			w.said[n.Code] = true
			w.e.Notices = append(w.e.Notices, Notice{Code: n.Code, Message: n.Message})
		}
	}
}

func (w *work) notice(n Notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.e.Notices = append(w.e.Notices, n)
}

// maxSubject is about what a phone shows of a subject, in code points.
const maxSubject = 60

// subject is the editor's, or the title: in both languages where they fit.
func (w *work) subject(own Text) string {
	t := own
	if len(t) == 0 {
		t = w.e.Title
	}
	first, second := t[w.e.Languages[0]], ""
	if len(w.e.Languages) == 2 && t["hi"] != t["en"] {
		second = t[w.e.Languages[1]]
	}
	both := first + " | " + second
	switch {
	case first == "":
		return second
	case second == "", len(own) == 0 && utf8.RuneCountInString(both) > maxSubject:
		return first
	}
	return both
}

// maxPreheader is what mail programs show behind the subject, in code points.
const maxPreheader = 120

// preheader is the editor's, or the first headlines: in the language that the
// subject begins without.
func (w *work) preheader(own Text) string {
	lang := w.e.Languages[len(w.e.Languages)-1]
	if s := own[lang]; s != "" {
		return s
	}
	var heads []string
	for _, s := range w.e.Stories() {
		h := s.Headline
		words := h.Plain(lang)
		if lang != h.Original && w.open(h) { // there is no room for the mark of what nobody has checked
			words = h.Plain(h.Original)
		}
		if words != "" {
			heads = append(heads, words)
		}
	}
	return shorten(strings.Join(heads, " · "), maxPreheader)
}

// open reports whether the pair has a flag that the issue does not accept.
func (w *work) open(p Pair) bool {
	return slices.ContainsFunc(p.Flags, func(f Flag) bool { return !slices.Contains(w.issue.Accept, f.ID) })
}

// shorten cuts a text between grapheme clusters (Unicode Annex 29), at a space
// if there is one: half a syllable of Devanagari is another one.
func shorten(s string, most int) string {
	n, end, space := 0, 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		n += len([]rune(g.Value()))
		if n > most-1 {
			if space > 0 {
				end = space
			}
			return strings.TrimSpace(s[:end]) + "…"
		}
		if g.Value() == " " {
			space = end
		}
		end += len(g.Value())
	}
	return s
}
