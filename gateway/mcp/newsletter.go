package mcp

import (
	"cmp"
	"context"
	"strings"
	"unicode/utf8"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
)

// Newsletters makes issues and writes them: a newsletter.Maker and its Renderer.
type Newsletters interface {
	Check(issue *api.Issue) error
	Make(ctx context.Context, o newsletter.Order) (*newsletter.Edition, error)
	Render(e *newsletter.Edition, f newsletter.Form) ([]byte, error)
}

const newsletterDescription = `Make a bilingual newsletter, Hindi and English side by side in one issue, from articles (text or url) and RSS, Atom or JSON feeds. ` +
	`Each story comes with its headline and a short summary in both languages, and a link. ` +
	`A story that fails is left out and told in notices; paragraphs that an editor should check are told in flags. Nothing is sent to anybody.`

const newsletterInput = `{"type": "object", "additionalProperties": false, "required": ["title"], "properties": {
	"title": {"type": "string", "description": "Title of the issue: in either language or in both, parted by ' / '. What is missing is translated."},
	"intro": {"type": "string", "description": "One or more paragraphs before the stories, in either language or both."},
	"articles": {"type": "array", "maxItems": 50, "description": "Stories. Each has one of text, markdown, html and url.", "items": {"type": "object", "additionalProperties": false, "properties": {
		"text": {"type": "string"}, "markdown": {"type": "string"}, "html": {"type": "string"},
		"url": {"type": "string", "description": "Public http:// or https:// address of the story's page."},
		"title": {"type": "string", "description": "A headline of your own."},
		"summary": {"type": "string", "description": "A summary of your own, kept as it is."},
		"link": {"type": "string", "description": "Where the whole story stands; default: the url."},
		"publication": {"type": "string"}, "date": {"type": "string"},
		"section": {"type": "string", "description": "Heading under which the story stands."},
		"show": {"type": "string", "enum": ["summary", "lead", "full"]}}}},
	"feeds": {"type": "array", "maxItems": 20, "items": {"type": "object", "additionalProperties": false, "required": ["url"], "properties": {
		"url": {"type": "string"}, "limit": {"type": "integer", "minimum": 1, "maximum": 50, "default": 5},
		"since": {"type": "string", "description": "An age (36h, 7d) or a date (YYYY-MM-DD)."},
		"publication": {"type": "string"}, "section": {"type": "string", "description": "Heading under which its stories stand."},
		"show": {"type": "string", "enum": ["summary", "lead", "full"]}}}},
	"languages": {"type": "array", "items": {"type": "string", "enum": ["hi", "en"]}, "description": "Those shown, in their order; default hi, en."},
	"layout": {"type": "string", "enum": ["stacked", "side-by-side", "summary-first"], "default": "stacked"},
	"glossary": {"type": "object", "additionalProperties": {"type": "string"}, "description": "How terms must be translated, in either direction: term to translation."},
	"glossary_id": {"type": "string", "description": "Id of a glossary that you keep at this gateway; over HTTP alone. glossary wins over its entries."},
	"show": {"type": "string", "enum": ["summary", "lead", "full"], "default": "summary", "description": "How much of each story: two or three sentences, its first paragraphs, or all."},
	"format": {"type": "string", "enum": ["markdown", "text", "html"], "default": "markdown", "description": "How the issue is written."}
}}`

const newsletterOutput = `{"type": "object", "required": ["newsletter", "stories", "complete", "notices", "flags", "usage"], "properties": {
	"newsletter": {"type": "string", "description": "The issue, in the format that was asked for."},
	"stories": {"type": "integer", "minimum": 1},
	"complete": {"type": "boolean", "description": "false: something is missing, see notices."},
	"notices": {"type": "array", "items": {"type": "object", "required": ["code", "message"], "properties": {
		"where": {"type": "string", "description": "e.g. feeds[1]"}, "url": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}}},
	"flags": {"type": "array", "description": "Paragraphs to be checked before the issue goes out.", "items": {"type": "object", "required": ["code", "message", "text"], "properties": {
		"code": {"type": "string"}, "message": {"type": "string"}, "text": {"type": "string", "description": "The paragraph's original."}}}},
	` + usageProperty + `}}`

type newsletterArguments struct {
	Title      api.Bilingual      `json:"title"`
	Intro      api.Bilingual      `json:"intro"`
	Articles   []api.IssueArticle `json:"articles"`
	Feeds      []api.IssueFeed    `json:"feeds"`
	Languages  []string           `json:"languages"`
	Layout     string             `json:"layout"`
	Show       string             `json:"show"`
	Glossary   map[string]string  `json:"glossary"`
	GlossaryID string             `json:"glossary_id"`
	Format     string             `json:"format"`
}

// words are the editor's own, which are translated beside the stories.
func (a *newsletterArguments) words() string {
	var own strings.Builder
	add := func(list ...api.Bilingual) {
		for _, b := range list {
			if b.Hi == "" || b.En == "" {
				own.WriteString(b.Text + b.Hi + b.En)
			}
		}
	}
	add(a.Title, a.Intro)
	for _, s := range a.Articles {
		add(s.Title, s.Summary, s.Section)
	}
	for _, f := range a.Feeds {
		add(f.Section)
	}
	return own.String()
}

type flagged struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Text    string `json:"text"`
}

type newsletterResult struct {
	Newsletter string                 `json:"newsletter"`
	Stories    int                    `json:"stories"`
	Complete   bool                   `json:"complete"`
	Notices    []api.NewsletterNotice `json:"notices"`
	Flags      []flagged              `json:"flags"`
	Usage      api.Usage              `json:"usage"`
}

func (s *Server) newsletter(ctx context.Context, c call) (*sdk.CallToolResult, error) {
	var in newsletterArguments
	if err := decode(c.arguments, &in); err != nil {
		return nil, err
	}
	form := newsletter.Form(cmp.Or(in.Format, string(newsletter.Markdown)))
	switch form {
	case newsletter.Markdown, newsletter.PlainText, newsletter.HTML:
	default:
		return nil, invalid("format", "must be one of markdown, text, html")
	}
	order := newsletter.Order{Progress: c.progress, Issue: api.Issue{
		Title: in.Title, Intro: in.Intro, Articles: in.Articles, Feeds: in.Feeds, Languages: in.Languages, Layout: in.Layout, Show: in.Show, Glossary: in.Glossary,
	}}
	if err := s.c.Newsletters.Check(&order.Issue); err != nil {
		return nil, err
	}
	var err error
	if order.Stored, err = c.glossary(ctx, in.GlossaryID, "", ""); err != nil {
		return nil, err
	}
	if c.caller != nil {
		own := in.words()
		if err := c.caller.Admit(ctx, &gateway.Request{Input: own})(utf8.RuneCountInString(own)); err != nil {
			return nil, err
		}
		order.Admit = func(req *gateway.Request) func(int) error { return c.caller.Admit(ctx, req) }
	}
	e, err := s.c.Newsletters.Make(ctx, order)
	if err != nil {
		return nil, err
	}
	text, err := s.c.Newsletters.Render(e, form)
	if err != nil {
		return nil, err
	}
	data := e.Data()
	out := newsletterResult{
		Newsletter: strings.TrimSpace(string(text)), Stories: len(e.Stories()), Complete: !e.Partial,
		Notices: data.Notices, Flags: flags(data), Usage: data.Usage,
	}
	var notes []string
	for _, n := range out.Notices {
		notes = append(notes, strings.TrimPrefix(strings.TrimSpace(n.Where+" "+n.URL)+": ", ": ")+n.Message)
	}
	for _, f := range out.Flags {
		notes = append(notes, "to be checked, "+f.Message+": "+f.Text)
	}
	return answer(out.Newsletter, out, notes)
}

// flags are those that are open, with the words that they are of.
func flags(n *api.Newsletter) []flagged {
	out := []flagged{}
	add := func(pairs ...api.NewsletterPair) {
		for _, p := range pairs {
			for _, f := range p.Flags {
				if !f.Accepted {
					out = append(out, flagged{f.Code, f.Message, p.Text[p.Original]})
				}
			}
		}
	}
	add(n.Intro...)
	for _, section := range n.Sections {
		for _, s := range section.Stories {
			add(s.Headline)
			add(s.Summary...)
			add(s.Body...)
		}
	}
	add(n.Footer...)
	return out
}
