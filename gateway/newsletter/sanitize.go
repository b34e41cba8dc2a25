package newsletter

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// sanitizeOut is the last gate before an e-mail or a feed: whatever HTML was
// made of a translation, what leaves has text, a few marks of emphasis and
// structure, links to http, https and mailto and images by http and https.
// There is no style, class, id or event in it.
func sanitizeOut(html string) string {
	return image.ReplaceAllStringFunc(outgoing.Sanitize(html), func(tag string) string {
		if strings.Contains(tag, ` src="`) {
			return tag
		}
		return "" // its address was none
	})
}

var (
	webAddress = regexp.MustCompile(`(?i)^https?://[^\s<>"]+$`)
	pixels     = regexp.MustCompile(`^[0-9]{1,4}$`)
	language   = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`) // BCP 47, without its rarer forms

	image = regexp.MustCompile(`<img [^>]*>`) // as the sanitizer writes it, where > in a value is &gt;

	outgoing = outgoingPolicy()
)

func outgoingPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "em", "strong", "b", "i", "u", "s", "del", "code", "sub", "sup",
		"ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(webAddress).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(pixels).OnElements("img")
	p.AllowAttrs("lang").Matching(language).OnElements("span")
	return p
}
