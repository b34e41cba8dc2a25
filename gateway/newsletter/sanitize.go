package newsletter

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"

	"dubhashi/gateway/article"
)

// sanitizeOut is the last gate before an e-mail or a feed: whatever HTML was
// made of a translation, what leaves has text, a few marks of emphasis and
// structure, links to http, https and mailto and images by http and https.
// There is no style, class, id or event in it.
func sanitizeOut(html string) string {
	out := imageTag.ReplaceAllStringFunc(outgoing.Sanitize(html), func(tag string) string {
		if strings.Contains(tag, ` src="`) {
			return tag
		}
		return "" // its address was none
	})
	return address.ReplaceAllStringFunc(out, func(attr string) string {
		if credentials.MatchString(attr) {
			return ""
		}
		return encode.Replace(attr)
	})
}

// A link shows the address that it leads to. HTML's rules for a URL forbid some
// characters that the sanitizer lets through, and names and passwords, by which an
// address looks like another one.
var (
	address     = regexp.MustCompile(` (?:href|src)="[^"]*"`)
	credentials = regexp.MustCompile(`(?i)="https?://[^/?#"]*@`)
	encode      = strings.NewReplacer("&lt;", "%3C", "&gt;", "%3E", "&#34;", "%22", "`", "%60", "{", "%7B", "}", "%7D", "|", "%7C", "^", "%5E", `\`, "%5C")
)

var (
	webAddress = regexp.MustCompile(`(?i)^https?://[^\s<>"]+$`)
	pixels     = regexp.MustCompile(`^[0-9]{1,4}$`)
	language   = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`) // BCP 47, without its rarer forms
	imageTag   = regexp.MustCompile(`<img [^>]*>`)                         // as the sanitizer writes it, where > in a value is &gt;

	outgoing = outgoingPolicy()
	incoming = incomingPolicy()
)

func outgoingPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "em", "strong", "b", "i", "u", "s", "del", "code", "sub", "sup",
		"ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	allowImages(p)
	p.AllowAttrs("lang").Matching(language).OnElements("span")
	return p
}

// incomingPolicy is what of a page's or a feed's HTML a model and the readers
// of it may see: its structure, links and images, and the language of its parts.
func incomingPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
		"em", "strong", "b", "i", "u", "s", "strike", "del", "ins", "sub", "sup", "code", "pre", "kbd", "samp", "var",
		"mark", "small", "abbr", "time", "q", "cite", "dfn", "bdi", "bdo", "span",
		"ul", "ol", "li", "dl", "dt", "dd", "blockquote", "figure", "figcaption",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th",
		"div", "section", "article", "main", "header", "footer", "address", "details", "summary", "center")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	p.AllowAttrs("href", "title").OnElements("a")
	p.AllowAttrs("start").Matching(pixels).OnElements("ol")
	allowImages(p)
	p.AllowAttrs("lang").Matching(language).Globally()
	return p
}

func allowImages(p *bluemonday.Policy) {
	p.AllowAttrs("src").Matching(webAddress).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(pixels).OnElements("img")
}

// tidy gives the article in a page or a fragment of HTML, sanitised, and its
// blocks. What hides text, or carries it off the page, has to be seen before
// the sanitizer drops the attributes that tell: so first go the pixels that
// count readers, then article.Parse finds the article and leaves out what is
// hidden, and last comes the policy. base is where the HTML stood; "" leaves
// its relative links without a target.
func tidy(input, base string) (string, *article.Document, error) {
	if fixed, ok := article.RepairMojibake(input); ok {
		input = fixed
	}
	d, err := article.Parse(withoutPixels(input), article.Options{Format: article.HTML, Base: base})
	if err != nil {
		return "", nil, err
	}
	return incoming.Sanitize(d.Render(article.HTML, nil)), d, nil
}

// counters are hosts and paths from which nothing but pixels comes.
var counters = regexp.MustCompile(`(?i)//(pixel|stats|b)\.wp\.com/|//(www\.)?google-analytics\.com/|/~r/|//feeds\.feedburner\.com/~|//pixel\.|//(www\.)?facebook\.com/tr\b|//sb\.scorecardresearch\.com/`)

// withoutPixels drops the images that a reader cannot see: of at most two
// pixels, or from a counter.
func withoutPixels(input string) string {
	if !strings.Contains(strings.ToLower(input), "<img") {
		return input
	}
	var b strings.Builder
	b.Grow(len(input))
	z := html.NewTokenizer(strings.NewReader(input))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw()) // before Token, which lowers names in place
			if t := z.Token(); t.Data == "img" && isPixel(t.Attr) {
				continue
			}
			b.WriteString(raw)
		default:
			b.Write(z.Raw())
		}
	}
}

func isPixel(attrs []html.Attribute) bool {
	for _, a := range attrs {
		v := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
		switch a.Key {
		case "width", "height":
			if v = strings.TrimSuffix(v, "px"); v == "0" || v == "1" || v == "2" {
				return true
			}
		case "style":
			if tinyStyle.MatchString(v) {
				return true
			}
		case "src":
			if counters.MatchString(v) {
				return true
			}
		}
	}
	return false
}

var tinyStyle = regexp.MustCompile(`(^|;)(width|height):[0-2](px)?(;|!|$)`)
