package article

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// absolute makes the links and images of a page lead where they led at its
// address, or at the one that its own <base> gives (HTML, "document base URL").
// A link within the page stays one.
func absolute(doc *html.Node, address string) {
	base, err := url.Parse(address)
	if address == "" || err != nil {
		return
	}
	if b := find(doc, func(n *html.Node) bool { return n.Data == "base" && attr(n, "href") != "" }); b != nil {
		if own, err := base.Parse(strings.TrimSpace(attr(b, "href"))); err == nil && isWebURL(own.String()) {
			base = own
		}
	}
	each(doc, func(n *html.Node) {
		for i, a := range n.Attr {
			if !(n.Data == "a" && a.Key == "href" || n.Data == "img" && strings.HasSuffix(a.Key, "src")) || strings.HasPrefix(a.Val, "#") {
				continue
			}
			if safe, ok := safeURL(a.Val); ok {
				if u, err := base.Parse(safe); err == nil {
					n.Attr[i].Val = u.String()
				}
			}
		}
	})
}
