package newsletter

import (
	"html"
	"regexp"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	atomfeed "github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
	nethtml "golang.org/x/net/html"

	"dubhashi/gateway/article"
)

// feedItem is an item of a feed as it stands there.
type feedItem struct {
	id, link, title string
	content         string // the story; "" if there is a description alone
	description     string
	plain           bool // content is no HTML (Atom's type "text")
	published       time.Time
	image, alt      string
}

// parsePiece reads a piece of a feed; nil: no parser can.
func parsePiece(p *gofeed.Parser, piece string) (f *gofeed.Feed) {
	defer func() {
		if recover() != nil {
			f = nil // a parser's mistake must not end the issue
		}
	}()
	f, err := p.ParseString(piece)
	if err != nil {
		return nil
	}
	return f
}

func newFeedParser() *gofeed.Parser {
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	return p
}

// itemOf is the one item of a piece; nil: it holds none. base is the feed's
// address.
func itemOf(f *gofeed.Feed, base string) *feedItem {
	if f == nil || len(f.Items) == 0 {
		return nil
	}
	from := f.Items[0]
	it := &feedItem{
		id: strings.TrimSpace(from.GUID), title: plainText(from.Title),
		content: strings.TrimSpace(from.Content), description: strings.TrimSpace(from.Description),
	}
	links := append([]string{extValue(from.Extensions, "feedburner", "origLink"), from.Link}, from.Links...)
	switch o := f.OriginalFeed().(type) {
	case *rss.Feed:
		if g := o.Items[0].GUID; g != nil && !strings.EqualFold(g.IsPermalink, "false") {
			links = append(links, whole(g.Value))
		}
	case *atomfeed.Feed:
		if c := o.Entries[0].Content; c != nil {
			it.plain = c.Type == "" || c.Type == "text"
		}
		links = append(links, whole(from.GUID))
	default:
		links = append(links, whole(from.GUID))
	}
	for _, l := range links {
		if it.link = linkFrom(base, l); it.link != "" {
			break
		}
	}
	it.dated(from)
	it.pictured(from, base)
	return it
}

// whole is an id that is an address, not one relative to anything.
func whole(id string) string {
	if strings.HasPrefix(id, "http://") || strings.HasPrefix(id, "https://") {
		return id
	}
	return ""
}

// dated finds the item's date. gofeed does not know Hindi, and takes a zone
// that it does not know, as IST, for UTC.
func (it *feedItem) dated(from *gofeed.Item) {
	for _, s := range []string{from.Published, from.Updated} {
		if it.published = parseDate(s); !it.published.IsZero() {
			return
		}
	}
	for _, t := range []*time.Time{from.PublishedParsed, from.UpdatedParsed} {
		if t != nil {
			it.published = *t
			return
		}
	}
}

func (it *feedItem) pictured(from *gofeed.Item, base string) {
	if from.Image != nil {
		it.image, it.alt = linkFrom(base, from.Image.URL), plainText(from.Image.Title)
	}
	for _, name := range []string{"content", "thumbnail", "group"} {
		for _, e := range from.Extensions["media"][name] {
			it.media(e, base)
		}
	}
	for _, e := range from.Enclosures {
		if it.image == "" && strings.HasPrefix(e.Type, "image/") {
			it.image = linkFrom(base, e.URL)
		}
	}
}

// media takes a picture from an element of Media RSS.
func (it *feedItem) media(e ext.Extension, base string) {
	kind := e.Attrs["medium"] + e.Attrs["type"]
	if url := linkFrom(base, e.Attrs["url"]); url != "" && (it.image == "" || it.image == url) &&
		(e.Name == "thumbnail" || strings.HasPrefix(kind, "image")) {
		it.image = url
		for _, name := range []string{"description", "title"} {
			if c := e.Children[name]; len(c) > 0 && it.alt == "" {
				it.alt = plainText(c[0].Value)
			}
		}
	}
	for _, name := range []string{"content", "thumbnail"} {
		for _, child := range e.Children[name] {
			it.media(child, base)
		}
	}
}

func extValue(e ext.Extensions, prefix, name string) string {
	if list := e[prefix][name]; len(list) > 0 {
		return strings.TrimSpace(list[0].Value)
	}
	return ""
}

// body is the item's text and how it is written: the content, or the
// description where that says more.
func (it *feedItem) body() (string, article.Format) {
	text, plain := it.content, it.plain
	if len(plainText(text)) < len(plainText(it.description)) {
		text, plain = it.description, false
	}
	// Many feeds escape their HTML twice or more, and many call it text.
	for range 3 {
		if hasTag.MatchString(text) || !escapedTag.MatchString(text) {
			break
		}
		text, plain = html.UnescapeString(text), false
	}
	switch {
	case hasTag.MatchString(text):
		return text, article.HTML
	case plain:
		return text, article.Text
	}
	return html.UnescapeString(text), article.Text // its line ends are the only ones it has
}

var (
	hasTag     = regexp.MustCompile(`(?i)<(p|br|div|span|a|b|i|em|strong|img|ul|ol|li|h[1-6]|table|blockquote|figure|article|section|font|u|script|style|iframe|svg|object|form|input|video|audio|center|pre|code|hr)[\s/>]`)
	escapedTag = regexp.MustCompile(`(?i)&(?:amp;){0,2}lt;/?(p|br|div|span|a|b|i|em|strong|img|ul|ol|li|h[1-6]|table|blockquote|figure|script)(\s|/|&(?:amp;){0,2}gt;|>)`)
	entity     = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});`)
)

// plainText is a line of text without tags and entities, however often it was
// escaped: what titles of feeds are.
func plainText(s string) string {
	if fixed, ok := article.RepairMojibake(s); ok {
		s = fixed
	}
	for range 4 {
		if strings.ContainsRune(s, '<') {
			s = withoutTags(s)
		}
		if !entity.MatchString(s) {
			break
		}
		s = html.UnescapeString(s)
	}
	if strings.ContainsRune(s, '<') {
		s = withoutTags(s)
	}
	return article.Normalize(strings.Join(strings.Fields(legal(s)), " "))
}

// withoutTags is the text of HTML, entities and all, without what only scripts
// and styles hold.
func withoutTags(s string) string {
	var b strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(s))
	unseen := ""
	for {
		switch tt := z.Next(); tt {
		case nethtml.ErrorToken:
			return b.String()
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			name, _ := z.TagName()
			switch tag := string(name); {
			case tt == nethtml.StartTagToken && (tag == "script" || tag == "style"):
				unseen = tag
			case tag == unseen:
				unseen = ""
			case inlineTag[tag]:
			default:
				b.WriteByte(' ')
			}
		case nethtml.TextToken:
			if unseen == "" {
				b.Write(z.Raw())
			}
		}
	}
}

// inlineTag part no words.
var inlineTag = map[string]bool{"b": true, "i": true, "em": true, "strong": true, "span": true, "a": true, "u": true, "font": true,
	"sub": true, "sup": true, "small": true, "mark": true, "wbr": true}
