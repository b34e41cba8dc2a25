package gateway

import (
	"strings"

	"dubhashi/gateway/article"
	"dubhashi/gateway/check"
)

// prose is what leading sentences are taken from: no headings, credits or lists.
func prose(k article.Kind) bool { return k == article.Paragraph || k == article.Quote }

// extract stands in for a summary where no upstream can make one: the leading
// sentences of the translation (of the source, in the source's language).
func (p *plan) extract(res *Result) {
	opt := p.order.opt
	languages := p.req.Summary.Languages
	if len(languages) == 0 {
		languages = []string{opt.Target}
	}
	for _, lang := range languages {
		var text []string
		for i, b := range p.doc.Blocks {
			if !prose(b.Kind) || lang != opt.Source && i >= p.leading() {
				continue
			}
			if lang == opt.Source || p.parts[i] == nil {
				text = append(text, b.String())
			} else if _, _, _, fail := stateOf(p.parts[i]); fail == nil {
				text = append(text, newTarget(b, p.segments[i], p.parts[i], p.req.Numerals, lang).String())
			}
		}
		res.Summaries = append(res.Summaries, extracted(lang, p.req.Summary, text))
		if res.Summaries[len(res.Summaries)-1].Failure != nil {
			res.Partial = true
		}
	}
}

func extracted(lang string, req *SummaryRequest, text []string) Summary {
	s := Summary{Language: lang, Style: req.Style, State: None,
		Warnings: []Warning{{"summary_extractive", "no configured model can summarise; these are the leading sentences"}}}
	if len(text) == 0 {
		s.Warnings = nil
		s.Failure = &Failure{Code: UpstreamFailed, Message: "no configured model can summarise, and there is no text to take the leading sentences from"}
		return s
	}
	b := check.Bounds(req.Style, req.MaxWords)
	lead := strings.Join(text, " ")
	switch req.Style {
	case "bullets":
		s.Bullets = fit(trimmed(article.Sentences(lead)), b)
		s.Text = strings.Join(s.Bullets, "\n")
	case "brief", "headline":
		sentence := strings.TrimSpace(article.Sentences(lead)[0])
		s.Text = shorten(sentence, b.Words)
		if req.Style == "headline" {
			s.Text = strings.TrimRight(s.Text, ".।")
		}
	default:
		s.Text = article.FirstSentences(lead, b.Words)
	}
	return s
}

func trimmed(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.TrimSpace(s)
	}
	return out
}
