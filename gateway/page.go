package gateway

import (
	"fmt"
	"strings"

	"dubhashi/gateway/article"
)

// Contents are the blocks' translations with their links and emphasis, for
// Document.Render; a block that has none keeps its source (nil).
func (r *Result) Contents() []article.Inline {
	out := make([]article.Inline, len(r.Blocks))
	for i := range r.Blocks {
		if t := r.Blocks[i].Target; t != nil {
			out[i] = t.Content()
		}
	}
	return out
}

// Translation is the translated article as the format writes it. A mark stands
// where a block is missing: the source would look like a part of the translation.
func (r *Result) Translation(f article.Format) string {
	contents := r.Contents()
	for i := range r.Blocks {
		if r.Blocks[i].Failure == nil {
			continue
		}
		mark, err := article.Parse(fmt.Sprintf("[paragraph %d was not translated]", i+1), article.Options{})
		if err == nil {
			contents[i] = mark.Blocks[0].Content
		}
	}
	return r.Document.Render(f, contents)
}

// Page is the bilingual article with its summaries. What an editor should know
// of a block stands beside it.
func (r *Result) Page() article.Page {
	p := article.Page{
		Document: r.Document, SourceLang: r.Source, TargetLang: r.Target,
		Targets: r.Contents(), Notes: make([]string, len(r.Blocks)),
	}
	if !r.Translated { // the summaries alone
		p.Document, p.Targets, p.Notes = &article.Document{}, nil, nil
	}
	for i := range p.Notes {
		b := &r.Blocks[i]
		if b.Failure != nil {
			p.Notes[i] = "not translated: " + b.Failure.Message
			continue
		}
		var notes []string
		for _, w := range b.Warnings {
			notes = append(notes, w.Message)
		}
		p.Notes[i] = strings.Join(notes, "; ")
	}
	for _, s := range r.Summaries {
		if s.Failure == nil {
			p.Summaries = append(p.Summaries, article.Summary{Language: s.Language, Text: s.Text, Bullets: s.Bullets})
		}
	}
	for _, w := range r.Warnings {
		if p.Footer != "" {
			p.Footer += "; "
		}
		p.Footer += w.Message
	}
	return p
}
