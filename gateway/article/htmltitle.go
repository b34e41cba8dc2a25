package article

import (
	"strings"

	"golang.org/x/net/html"
)

// pageMeta is what a page's head says of it.
type pageMeta struct{ title, ogTitle, site string }

// headline finds the h1 that is the article's: the first in it, else the nearest
// before it that is no logo.
func (p *page) headline(body *html.Node) *html.Node {
	var in, out *html.Node
	each(body, func(n *html.Node) {
		if n.Data != "h1" || in != nil || p.stats[n].text == 0 || buried(n) {
			return
		}
		switch {
		case contains(p.root, n):
			in = n
		case !p.logo(n):
			out = n
		}
	})
	if in != nil {
		return in
	}
	return out
}

// buried reports whether an element stands in something that is left out.
func buried(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && (unseenElement[n.Data] || hidden(n)) {
			return true
		}
	}
	return false
}

// logo reports whether a heading outside the article names the site.
func (p *page) logo(n *html.Node) bool {
	text := Fold(textOf(n))
	if text == Fold(p.meta.site) {
		return true
	}
	titled := strings.Contains(Fold(p.meta.ogTitle), text) || strings.HasPrefix(Fold(p.meta.title), text)
	inHeader := ancestor(n, "header") != nil && !inArticle(n)
	told := p.meta.ogTitle+p.meta.title != ""
	return !titled && (told && inHeader || len(strings.Fields(text)) <= 2)
}

// title is the headline of a page that has no h1.
func (p *page) title() string {
	if p.h1 != nil {
		return ""
	}
	if t := strings.Join(strings.Fields(p.meta.ogTitle), " "); t != "" {
		return cutSite(t, p.meta.site)
	}
	t := cutSite(strings.Join(strings.Fields(p.meta.title), " "), p.meta.site)
	switch strings.ToLower(t) {
	case "document", "untitled", "untitled document", "index", "home", "page", "article", "new page", "title":
		return ""
	}
	return t
}

// isTitle reports whether content says what the head of a page without h1 calls
// its title.
func (p *page) isTitle(in Inline) bool {
	return p.h1 == nil && p.titleFold != "" && Fold(in.String()) == p.titleFold
}

// cutSite takes the site's name off the end of a title. Without knowing the name,
// only what stands behind a bar is taken for it, if it is the shorter part.
func cutSite(title, site string) string {
	for _, sep := range []string{" | ", " – ", " — ", " - ", " :: ", " » "} {
		i := strings.LastIndex(title, sep)
		if i <= 0 {
			continue
		}
		rest := title[i+len(sep):]
		known := site != "" && strings.EqualFold(Fold(rest), Fold(site))
		if known || sep == " | " && site == "" && 2*len(rest) < i {
			return strings.TrimSpace(title[:i])
		}
	}
	return title
}

func (m *pageMeta) read(doc *html.Node) {
	each(doc, func(n *html.Node) {
		switch n.Data {
		case "title":
			if m.title == "" && ancestor(n, "svg") == nil {
				m.title = textOf(n)
			}
		case "meta":
			key := attr(n, "property")
			if key == "" {
				key = attr(n, "name")
			}
			switch {
			case key == "og:title" && m.ogTitle == "":
				m.ogTitle = attr(n, "content")
			case key == "og:site_name" && m.site == "":
				m.site = attr(n, "content")
			}
		}
	})
}
