package article

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// leaveOut reports whether an element and all in it is no part of the article.
func (p *page) leaveOut(n *html.Node) bool {
	if unseenElement[n.Data] || hidden(n) {
		return true
	}
	if n == p.root {
		p.begun = true
	}
	if n == p.h1 {
		p.begun = true
		return false
	}
	if p.path[n] {
		return p.ranged && p.ended
	}
	if role := attr(n, "role"); role != "" && furnitureRole[role] {
		return true
	}
	if p.ranged && (!p.begun || p.ended) {
		return true
	}
	if n.Data == "label" && attr(n, "for") != "" {
		return true
	}
	if p.related(n) {
		return true
	}
	if p.whole {
		return p.junk(n) && !p.isPlainText(n)
	}
	if (n.Data == "header" || n.Data == "footer") && !inArticle(n) {
		return true
	}
	return p.junk(n) || p.linkList(n)
}

// left is told when an element has been walked.
func (p *page) left(n *html.Node) {
	if n == p.root {
		p.ended = true
	}
}

// outside reports whether a text stands outside the range of the article,
// between elements that lie inside it.
func (p *page) outside(n *html.Node) bool {
	return p.ranged && (!p.begun || p.ended)
}

func hidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			if a.Val == "true" {
				return true
			}
		case "style":
			s := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			if strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
				return true
			}
		case "class":
			for _, c := range strings.Fields(a.Val) {
				if hiddenClass[c] {
					return true
				}
			}
		}
	}
	return false
}

var (
	furnitureRole = names("navigation banner contentinfo complementary search menu menubar toolbar dialog alertdialog")
	hiddenClass   = names("sr-only visually-hidden screen-reader-text visuallyhidden")
	// junkWord are the parts of class names and ids that mark furniture.
	junkWord = names(`ad ads advert adverts advertisement advertising adsbygoogle adslot sponsored sponsor promo promotion
		share sharing sharebar social addthis addtoany sharethis sharedaddy related alsoread readmore recommended recommendation
		recommendations trending popular newsletter subscribe subscription breadcrumb breadcrumbs comment comments disqus
		sidebar menu navbar nav footer masthead cookie cookies popup modal tags taglist outbrain taboola follow print paywall
		toolbar pagination pager cat catlinks categories tagged`)
	// articleWord are the parts that mark what must stay, whatever else is said.
	articleWord = names(`author byline date dateline time title headline caption content article story body text lead intro
		summary main post entry highlights`)
	adWord = names(`ad ads advert adverts advertisement advertising adsbygoogle adslot sponsored`)
)

// classWords are the parts of an element's class names and id, in lower case.
func classWords(n *html.Node) []string {
	return strings.FieldsFunc(strings.ToLower(attr(n, "class")+" "+attr(n, "id")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// junk reports whether an element is furniture by its class and by what it
// holds: few words, or mostly links.
func (p *page) junk(n *html.Node) bool {
	isJunk, isAd := false, false
	for _, w := range classWords(n) {
		if articleWord[w] {
			return false
		}
		isJunk = isJunk || junkWord[w]
		isAd = isAd || adWord[w]
	}
	if !isJunk || n.Data == "p" && !isAd {
		return false
	}
	st := p.stats[n]
	return st.text < 150 || 2*st.linked >= st.text || isAd && st.text < 600
}

// isPlainText reports whether an element has text that is no link: in a
// fragment, which somebody has cut out on purpose, that stays unless it is short.
func (p *page) isPlainText(n *html.Node) bool {
	st := p.stats[n]
	return st.text-st.linked > 60
}

// linkList reports whether an element is little more than a list of links that
// readability did not keep.
func (p *page) linkList(n *html.Node) bool {
	st := p.stats[n]
	if 2*p.kept[n] >= st.text {
		return false
	}
	switch n.Data {
	case "ul", "ol", "dl", "table":
		return st.links >= 2 && 4*st.linked >= 3*st.text
	case "div", "section":
		return st.links >= 3 && 6*st.linked >= 5*st.text
	}
	return false
}

// relatedPhrase are the words over and before links to other articles.
var relatedPhrase = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range []string{
		"ये भी पढ़ें", "यह भी पढ़ें", "इसे भी पढ़ें", "इन्हें भी पढ़ें", "और पढ़ें", "ये भी देखें", "यह भी देखें", "इसे भी देखें", "और भी पढ़ें",
		"संबंधित खबरें", "संबंधित ख़बरें", "संबंधित समाचार", "अन्य खबरें", "अन्य ख़बरें", "बड़ी खबरें", "ट्रेंडिंग", "यहां पढ़ें", "विस्तार से पढ़ें",
		"also read", "also see", "also watch", "read also", "read more", "read next", "see also", "related", "related news",
		"related stories", "related articles", "more stories", "trending", "trending now", "you may also like", "recommended", "must read",
	} {
		m[relatedKey(s)] = true
	}
	return m
}()

// relatedKey is a phrase in the form the list is kept in: letters only.
func relatedKey(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		if r == ' ' || r == '\u00A0' {
			return ' '
		}
		return -1
	}, Fold(s))
	return strings.Join(strings.Fields(s), " ")
}

// related reports whether an element is the heading of a list of other articles,
// or that list.
func (p *page) related(n *html.Node) bool {
	if !blockElement[n.Data] {
		return false
	}
	if p.isRelatedHead(n) {
		next := sibling(n, 1)
		return next != nil && p.mostlyLinks(next) || next == nil && !p.whole
	}
	if prev := sibling(n, -1); prev != nil && p.isRelatedHead(prev) {
		return p.mostlyLinks(n)
	}
	return false
}

func (p *page) isRelatedHead(n *html.Node) bool {
	st := p.stats[n]
	return st.text > 0 && st.text <= 40 && relatedPhrase[relatedKey(textOf(n))]
}

func (p *page) mostlyLinks(n *html.Node) bool {
	st := p.stats[n]
	return st.links > 0 && 4*st.linked >= 3*st.text
}

// sibling is the next (1) or previous (-1) element beside n.
func sibling(n *html.Node, step int) *html.Node {
	for {
		if step > 0 {
			n = n.NextSibling
		} else {
			n = n.PrevSibling
		}
		if n == nil || n.Type == html.ElementNode && n.Data != "br" {
			return n
		}
		if n.Type == html.TextNode && !blank(n.Data) {
			return nil
		}
	}
}

var (
	adLabel   = map[string]bool{"विज्ञापन": true, "advertisement": true, "sponsored": true, "advertorial": true}
	shareWord = func() map[string]bool {
		m := names("share facebook twitter x whatsapp telegram linkedin instagram pinterest reddit koo email mail print copy link follow us on via")
		for _, s := range strings.Fields("शेयर साझा करें फेसबुक ट्विटर व्हाट्सएप व्हाट्सऐप वॉट्सऐप टेलीग्राम लिंक कॉपी फॉलो पर हमें") {
			m[s] = true
		}
		return m
	}()
)

// advert reports whether a block only leads elsewhere: "read this too" with its
// link, share buttons, and in a page the label of an advertisement.
func (p *page) advert(in Inline) bool {
	var plain, linked strings.Builder
	depth := 0
	for _, t := range in {
		switch {
		case t.mark.Kind == Link && t.kind == opener:
			depth++
		case t.mark.Kind == Link && t.kind == closer:
			depth--
		case depth > 0:
			linked.WriteString(t.text + " ")
		default:
			plain.WriteString(t.text + " ")
		}
	}
	if plain.Len()+linked.Len() > 1000 {
		return false
	}
	words := relatedKey(plain.String())
	if !p.whole && adLabel[words] {
		return true
	}
	if linked.Len() == 0 {
		return false
	}
	if relatedPhrase[words] {
		return true
	}
	for _, w := range strings.Fields(relatedKey(plain.String() + linked.String())) {
		if !shareWord[w] {
			return false
		}
	}
	return true
}

// furnished reports whether a page has anything beside its article.
func furnished(body *html.Node) bool {
	return find(body, func(n *html.Node) bool {
		switch n.Data {
		case "nav", "aside", "form", "button", "menu":
			return true
		case "header", "footer":
			return !inArticle(n)
		}
		if furnitureRole[attr(n, "role")] {
			return true
		}
		if n.Data == "p" || n.Data == "body" {
			return false
		}
		for _, w := range classWords(n) {
			if junkWord[w] {
				return true
			}
		}
		return false
	}) != nil
}
