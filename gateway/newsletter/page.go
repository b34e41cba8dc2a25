package newsletter

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/fetch"
)

// reading is an article as it was read: its input for the gateway, what it says of
// itself, and its words.
type reading struct {
	input  string
	format article.Format
	base   string
	meta   pageMeta
	title  string
	plain  string // of all blocks but the title, as a reader sees them
}

// readText makes a reading of an input. HTML is sanitised; base is its address, if it
// has one.
func readText(input string, format article.Format, base string) (*reading, *fault) {
	t := &reading{input: input, format: format, base: base}
	var d *article.Document
	var err error
	if format == article.HTML {
		t.meta = readMeta(input, base)
		t.input, d, err = tidy(input, base)
	} else {
		if fixed, ok := article.RepairMojibake(input); ok {
			t.input = fixed
		}
		d, err = article.Parse(t.input, article.Options{Format: format, Base: base})
	}
	if err != nil || strings.TrimSpace(t.input) == "" {
		return nil, invalid("there is no text in it")
	}
	var words []string
	for i := range d.Blocks {
		if b := &d.Blocks[i]; b.Kind == article.Title {
			t.title = b.String()
		} else {
			words = append(words, b.String())
		}
	}
	t.plain = strings.Join(words, "\n")
	return t, nil
}

// article reads an article that the issue names.
func (m *Maker) article(ctx context.Context, a *api.IssueArticle) (*reading, *fault) {
	switch {
	case a.URL != "":
		return m.page(ctx, a.URL)
	case a.File != "":
		input, f := m.open(a.File)
		if f != nil {
			return nil, f
		}
		return readText(input, fileFormat(a.File), a.Link)
	case a.HTML != "":
		return readText(a.HTML, article.HTML, a.Link)
	case a.Markdown != "":
		return readText(a.Markdown, article.Markdown, a.Link)
	}
	return readText(a.Text, article.Text, "")
}

// page fetches the article at an address.
func (m *Maker) page(ctx context.Context, address string) (*reading, *fault) {
	p, f := m.get(ctx, address, fetch.Page{}, fetch.Article)
	if f != nil {
		return nil, f
	}
	format := article.Text
	switch {
	case strings.Contains(p.Type, "html"):
		format = article.HTML
	case strings.Contains(p.Type, "markdown"):
		format = article.Markdown
	default:
		format = fileFormat(strings.TrimRight(p.FinalURL, "/"))
		if format == article.HTML {
			format = article.Text // the server says that it is not
		}
	}
	t, f := readText(p.Body, format, p.FinalURL)
	if f != nil {
		return nil, &fault{string(gateway.URLUnreadable), "the page holds no text"}
	}
	return t, nil
}

// get fetches what may be one of some media types. Where it has not changed since it
// was known, the answer is that page. Of what broke off it gives what came beside the
// fault.
func (m *Maker) get(ctx context.Context, address string, known fetch.Page, accept []string) (fetch.Page, *fault) {
	if m.c.Fetch == nil {
		return fetch.Page{}, invalid("addresses are not fetched by this gateway; send the text itself")
	}
	p, err := m.c.Fetch.GetChanged(ctx, address, known, accept...)
	var e *fetch.Error
	switch {
	case errors.As(err, &e):
		return p, &fault{string(fetchCodes[e.Kind]), e.Message}
	case err != nil:
		return p, &fault{string(gateway.URLUnreachable), "the server could not be reached or broke the connection; check the URL, or ask again later"}
	}
	return p, nil
}

var fetchCodes = map[fetch.Kind]gateway.Code{
	fetch.Refused: gateway.URLRefused, fetch.Unreadable: gateway.URLUnreadable, fetch.Unreachable: gateway.URLUnreachable,
	fetch.Timeout: gateway.Timeout, fetch.TooLarge: gateway.TooLarge, fetch.Busy: gateway.Overloaded, fetch.Canceled: gateway.Canceled,
}

// fromArticle makes the story of an article that the issue names. What its editor
// wrote of it goes before what the page says.
func fromArticle(where string, a *api.IssueArticle, t *reading) *found {
	s := source{
		where: where, input: t.input, format: t.format, base: t.base,
		title: a.Title, summary: a.Summary, section: a.Section, show: a.Show,
		link:        cmp.Or(a.Link, t.meta.canonical, a.URL),
		publication: cmp.Or(a.Publication, t.meta.publication),
		published:   t.meta.published,
		image:       t.meta.image, alt: spoken(t.meta.alt),
	}
	if a.Date != "" {
		s.published = parseDate(a.Date)
	}
	switch a.Image {
	case "":
	case "none":
		s.image, s.alt = "", api.Bilingual{}
	default:
		s.image, s.alt = a.Image, api.Bilingual{}
	}
	if !a.Alt.IsZero() {
		s.alt = a.Alt
	}
	f := &found{source: s, full: true, text: t.plain, title: t.title}
	if a.Image != "none" {
		f.lead()
	}
	f.title = cmp.Or(a.Title.Text, a.Title.Hi, a.Title.En, t.title)
	// What leads to the page itself is its identity; a link that the editor gave
	// may lead to a home page.
	for _, u := range []string{a.URL, t.meta.canonical} {
		f.addLink(u)
	}
	f.given = a.Link
	f.addText(f.title, t.plain)
	return f
}

// spoken is a text that is in one language, whatever strokes are in it.
func spoken(s string) api.Bilingual {
	switch deva, latin := article.Share(s); {
	case s == "":
		return api.Bilingual{}
	case deva >= latin:
		return api.Bilingual{Hi: s}
	}
	return api.Bilingual{En: s}
}
