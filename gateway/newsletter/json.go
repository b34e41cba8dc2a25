package newsletter

import (
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// Data is the edition as the API's data.
func (e *Edition) Data() *api.Newsletter {
	out := &api.Newsletter{
		ID: e.ID, Title: text(e.Title), Subject: e.Subject, Preheader: e.Preheader, Date: e.Date.Format(time.DateOnly),
		Languages: e.Languages, Layout: e.Layout, Status: "complete", Intro: wirePairs(e.Intro), Footer: wirePairs(e.Footer),
		Sections: []api.NewsletterSection{}, Notices: []api.NewsletterNotice{}, Flags: e.Open(), MailBytes: e.mailBytes,
		Usage: api.Usage{
			LLMCalls: e.Usage.Calls, SharedCalls: e.Usage.SharedCalls, PromptTokens: e.Usage.PromptTokens, CompletionTokens: e.Usage.CompletionTokens,
			CostUSD: e.Usage.Cost, CacheHits: e.Usage.Hits, CacheMisses: e.Usage.Misses,
		},
	}
	if e.Partial {
		out.Status = "partial"
	}
	for _, s := range e.Sections {
		section := api.NewsletterSection{Title: s.Title, Stories: []api.NewsletterStory{}}
		for _, story := range s.Stories {
			section.Stories = append(section.Stories, story.data())
		}
		out.Sections = append(out.Sections, section)
	}
	for _, n := range e.Notices {
		out.Notices = append(out.Notices, api.NewsletterNotice{Where: n.Where, URL: n.URL, Code: n.Code, Message: n.Message, Flag: n.Flag, Accepted: n.Accepted})
	}
	return out
}

func (s *Story) data() api.NewsletterStory {
	out := api.NewsletterStory{
		ID: s.ID, Language: s.Language, Link: s.Link, Publication: s.Publication, Headline: wirePair(s.Headline),
		Summary: wirePairs(s.Summary), Show: s.Show, InMail: s.InMail(), Body: wirePairs(s.Body), Minutes: s.Minutes,
	}
	if !s.Published.IsZero() {
		out.Published = &s.Published
	}
	if s.Image != nil {
		out.Image = &api.NewsletterImage{URL: s.Image.URL, Alt: text(s.Image.Alt)}
	}
	return out
}

// text is never null.
func text(t Text) map[string]string {
	if t == nil {
		return map[string]string{}
	}
	return t
}

func wirePairs(list []Pair) []api.NewsletterPair {
	out := make([]api.NewsletterPair, 0, len(list))
	for _, p := range list {
		out = append(out, wirePair(p))
	}
	return out
}

func wirePair(p Pair) api.NewsletterPair {
	out := api.NewsletterPair{Kind: string(p.Kind), Level: p.Level, Original: p.Original, Text: map[string]string{}}
	for lang, in := range p.By {
		out.Text[lang] = in.String()
		if h := in.HTML(); h != article.Plain(in.String()).HTML() {
			if out.HTML == nil {
				out.HTML = map[string]string{}
			}
			out.HTML[lang] = sanitizeOut(h)
		}
	}
	for _, f := range p.Flags {
		out.Flags = append(out.Flags, api.NewsletterFlag{ID: f.ID, Code: f.Code, Message: f.Message, Accepted: f.Accepted})
	}
	return out
}
