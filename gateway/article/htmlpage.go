package article

import (
	"net/url"
	"strconv"
	"unicode"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
)

// page knows what of a tree is the article.
type page struct {
	scope *html.Node // the lowest node that holds all of it
	root  *html.Node // what holds its text; a headline may stand outside
	h1    *html.Node // the headline; nil if there is none
	whole bool       // a fragment, or a page without furniture: nothing around it

	stats     map[*html.Node]nodeStat
	path      map[*html.Node]bool // the ancestors of root and h1, and these
	kept      map[*html.Node]int  // text that readability kept; nil if it was not asked
	meta      pageMeta
	titleFold string // what the head calls the title, if there is no h1
	ranged    bool   // the headline stands outside root: from it on, the article runs to root's end
	begun     bool
	ended     bool
}

// nodeStat counts what a reader sees of an element, in code points without
// white space.
type nodeStat struct{ text, linked, links int }

func newPage(doc *html.Node, isPage bool) *page {
	p := &page{stats: map[*html.Node]nodeStat{}, path: map[*html.Node]bool{}}
	body := doc
	if b := find(doc, func(n *html.Node) bool { return n.Data == "body" }); b != nil {
		body = b
	}
	if isPage {
		p.meta.read(doc)
	}
	p.count(body, false)
	p.whole = !isPage || !furnished(body)
	p.scope, p.root = body, body
	if !p.whole {
		p.root = p.contentRoot(doc, body)
	}
	p.h1 = p.headline(body)
	p.limit(body)
	p.titleFold = Fold(p.title())
	return p
}

// limit sets scope and path.
func (p *page) limit(body *html.Node) {
	p.scope = p.root
	if p.h1 != nil && !contains(p.root, p.h1) {
		if before(p.h1, p.root) {
			p.ranged = true
			p.scope = commonAncestor(p.h1, p.root)
		} else {
			p.h1 = nil
		}
	}
	for _, n := range []*html.Node{p.root, p.h1} {
		for ; n != nil; n = n.Parent {
			p.path[n] = true
		}
	}
}

// count gathers the statistics of the elements in n.
func (p *page) count(n *html.Node, inLink bool) nodeStat {
	var st nodeStat
	if n.Type == html.TextNode {
		st.text = visibleRunes(n.Data)
		if inLink {
			st.linked = st.text
		}
		return st
	}
	if n.Type == html.ElementNode && (unseenElement[n.Data] || hidden(n)) {
		return st
	}
	link := n.Type == html.ElementNode && n.Data == "a"
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s := p.count(c, inLink || link)
		st.text, st.linked, st.links = st.text+s.text, st.linked+s.linked, st.links+s.links
	}
	if link {
		st.links++
	}
	if n.Type == html.ElementNode {
		p.stats[n] = st
	}
	return st
}

func visibleRunes(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) && !dropped(r) {
			n++
		}
	}
	return n
}

const markAttr = "data-node"

// contentRoot finds the element that holds the article's text: the lowest one
// that holds what readability keeps of the page, or the <article> around it.
// Readability's own text is not used, for it drops headline, byline, captions
// and short lines.
func (p *page) contentRoot(doc, body *html.Node) *html.Node {
	p.kept = p.readable(doc)
	root := body
	if all := p.kept[body]; all >= 80 && 5*all >= p.stats[body].text {
		for child := root; child != nil; {
			root, child = child, nil
			for c := root.FirstChild; c != nil; c = c.NextSibling {
				if c.Type == html.ElementNode && 20*p.kept[c] >= 19*all {
					child = c
				}
			}
		}
		for root != body && !container(root) {
			root = root.Parent
		}
		if a := ancestor(root, "article"); a != nil && 2*p.stats[a].text <= 5*p.stats[root].text {
			root = a
		}
		return root
	}
	for _, tag := range []string{"article", "main"} {
		if only := single(body, tag); only != nil && 3*p.stats[only].text >= p.stats[body].text {
			return only
		}
	}
	return body
}

// container reports whether an element may hold a whole article.
func container(n *html.Node) bool {
	switch n.Data {
	case "div", "article", "section", "main", "body", "td", "center", "form":
		return true
	}
	return false
}

// readable counts by element how much of its text readability keeps.
func (p *page) readable(doc *html.Node) map[*html.Node]int {
	var byNumber []*html.Node
	each(doc, func(n *html.Node) {
		n.Attr = append(n.Attr, html.Attribute{Key: markAttr, Val: strconv.Itoa(len(byNumber))})
		byNumber = append(byNumber, n)
	})
	defer func() {
		for _, n := range byNumber {
			n.Attr = n.Attr[:len(n.Attr)-1]
		}
	}()
	kept := map[*html.Node]int{}
	ps := readability.NewParser()
	ps.MaxElemsToParse = 20000 // beyond that its work is no longer worth its time
	ps.DisableJSONLD = true
	a, err := ps.ParseDocument(doc, &url.URL{Scheme: "http", Host: "localhost"})
	if err != nil || a.Node == nil {
		return kept
	}
	var walk func(n, origin *html.Node)
	walk = func(n, origin *html.Node) {
		if n.Type == html.TextNode && origin != nil {
			kept[origin] += visibleRunes(n.Data)
			return
		}
		if i, err := strconv.Atoi(attr(n, markAttr)); err == nil && i < len(byNumber) {
			origin = byNumber[i]
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, origin)
		}
	}
	walk(a.Node, nil)
	for i := len(byNumber) - 1; i > 0; i-- { // children come after their parents
		if n := byNumber[i]; n.Parent != nil {
			kept[n.Parent] += kept[n]
		}
	}
	return kept
}
