package article

import (
	"strings"

	"golang.org/x/net/html"
)

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// textOf is the text of a tree as it stands; a break is a line end.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && n.Data == "br":
			b.WriteByte('\n')
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style"):
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r\n", "\n"), "\r", "\n")
}

// each calls f for every element in n, in document order.
func each(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

// find is the first element in n, in document order, for which is holds.
func find(n *html.Node, is func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && is(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, is); found != nil {
			return found
		}
	}
	return nil
}

// single is the only element of its kind in n; nil if there are none or several.
func single(n *html.Node, tag string) *html.Node {
	var found *html.Node
	count := 0
	each(n, func(e *html.Node) {
		if e.Data == tag {
			found = e
			count++
		}
	})
	if count != 1 {
		return nil
	}
	return found
}

// ancestor is the nearest element of that kind around n, or n itself.
func ancestor(n *html.Node, tag string) *html.Node {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == tag {
			return n
		}
	}
	return nil
}

func inArticle(n *html.Node) bool { return ancestor(n, "article") != nil }

func contains(outer, n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

func commonAncestor(a, b *html.Node) *html.Node {
	for n := a; n != nil; n = n.Parent {
		if contains(n, b) {
			return n
		}
	}
	return b
}

// before reports whether a comes before b in the document; neither holds the other.
func before(a, b *html.Node) bool {
	top := commonAncestor(a, b)
	for a.Parent != nil && a.Parent != top {
		a = a.Parent
	}
	for b.Parent != nil && b.Parent != top {
		b = b.Parent
	}
	for n := a; n != nil; n = n.NextSibling {
		if n == b {
			return true
		}
	}
	return false
}

// imageURL is where an image comes from; pages that load images late keep the
// address in an attribute of their own.
func imageURL(n *html.Node) (string, bool) {
	for _, k := range []string{"src", "data-src", "data-lazy-src", "data-original"} {
		if u, ok := safeURL(attr(n, k)); ok && !strings.HasPrefix(u, "#") {
			return u, true
		}
	}
	return "", false
}
