package newsletter_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"dubhashi/gateway/newsletter"
)

// void are the elements without an end tag (HTML, section 13.1.2).
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// balance tells of each tag that is not closed where it should be.
func balance(page string) []string {
	var bad, open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		t := z.Token()
		switch {
		case kind == html.StartTagToken && !slices.Contains(void, t.Data):
			open = append(open, t.Data)
		case kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != t.Data):
			bad = append(bad, fmt.Sprintf("</%s> closes %q", t.Data, open))
			return bad
		case kind == html.EndTagToken:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		bad = append(bad, fmt.Sprintf("not closed: %q", open))
	}
	return bad
}

// each calls f with every element.
func each(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	s := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s += textOf(c)
	}
	return s
}

// langOf is the language that an element is marked with, itself or by what it
// stands in.
func langOf(n *html.Node) string {
	for ; n != nil; n = n.Parent {
		if l := attr(n, "lang"); l != "" {
			return l
		}
	}
	return ""
}

var (
	// Elements and properties that mail programs show; see docs/newsletter/email.md.
	mailElements = strings.Fields("html head meta title style body table tbody tr td div p h1 h2 h3 h4 h5 h6 span a b strong em del i u s sub sup code pre br img ul ol li blockquote")
	mailStyles   = regexp.MustCompile(`^(background-color|border(-left|-top)?|color|display|font-(family|size|style|weight)|height|line-height|margin(-left)?|max-(height|width)|overflow|padding|table-layout|text-(align|decoration)|vertical-align|white-space|width|word-break)$`)
	unsafeStyle  = regexp.MustCompile(`(?i)url\(|expression|position|float|flex|grid|@import|javascript|behavior`)
	pixelSize    = regexp.MustCompile(`(?:^|;)font-size:(\d+)px`)
)

// lint tells what mail programs would not show as it is meant: the rules of
// docs/newsletter/email.md, by their names there.
func lint(page string) []string {
	var bad []string
	add := func(rule, format string, args ...any) { bad = append(bad, rule+": "+fmt.Sprintf(format, args...)) }
	if !strings.HasPrefix(page, "<!DOCTYPE html>") {
		add("doctype", "%.40q", page)
	}
	if !utf8.ValidString(page) || strings.ContainsFunc(page, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		add("utf-8", "there are bytes that are no text")
	}
	for _, s := range balance(page) {
		add("balanced", "%s", s)
	}
	for line := range strings.Lines(page) {
		if len(line) > 60_000 {
			add("lines", "%d bytes", len(line))
		}
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		add("html5", "%v", err)
		return bad
	}
	seen := map[string]int{}
	each(doc, func(n *html.Node) {
		seen[n.Data]++
		lintElement(n, add)
	})
	for name, want := range map[string]int{"html": 1, "head": 1, "title": 1, "body": 1, "style": 1, "h1": 1} {
		if seen[name] < want || name == "style" && seen[name] > 1 {
			add("frame", "%d of %s", seen[name], name)
		}
	}
	for _, meta := range []string{`<meta charset="utf-8"`, `<meta name="viewport"`, `<meta name="color-scheme" content="light dark"`} {
		if !strings.Contains(page, meta) {
			add("meta", "no %s", meta)
		}
	}
	return bad
}

func lintElement(n *html.Node, add func(rule, format string, args ...any)) {
	if !slices.Contains(mailElements, n.Data) {
		add("elements", "<%s>", n.Data)
	}
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "srcset" || a.Key == "id" {
			add("attributes", "<%s %s>", n.Data, a.Key)
		}
	}
	style := attr(n, "style")
	if unsafeStyle.MatchString(style) {
		add("styles", "%s", style)
	}
	for _, rule := range strings.Split(style, ";") {
		name, _, _ := strings.Cut(rule, ":")
		if name = strings.TrimSpace(name); name != "" && !mailStyles.MatchString(name) {
			add("styles", "%s in <%s>", name, n.Data)
		}
	}
	if m := pixelSize.FindStringSubmatch(style); m != nil && len(m[1]) < 2 && attr(n, "class") != "pre" {
		add("size", "%s", style)
	}
	switch n.Data {
	case "table":
		if attr(n, "role") != "presentation" || attr(n, "cellpadding") != "0" || attr(n, "cellspacing") != "0" || attr(n, "border") != "0" {
			add("tables", "%v", n.Attr)
		}
	case "img":
		if src := attr(n, "src"); !strings.HasPrefix(src, "http://") && !strings.HasPrefix(src, "https://") {
			add("images", "src %q", src)
		}
		if !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
			add("images", "no alt")
		}
	case "a":
		if href := attr(n, "href"); !strings.HasPrefix(href, "http://") && !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "mailto:") {
			add("links", "href %q", href)
		}
		if strings.TrimSpace(textOf(n)) == "" && n.FirstChild == nil {
			add("links", "no words")
		}
	case "style":
		lintSheet(textOf(n), add)
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote":
		text, lang := textOf(n), langOf(n)
		deva := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) })
		latin := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		if lang == "" || deva && !latin && lang != "hi" && attr(n, "lang") != "" || latin && !deva && lang == "hi" && attr(n, "lang") != "" {
			add("lang", "%q: %s", lang, text)
		}
	}
}

// lintSheet looks at the rules that stay in <style>: media queries alone, for
// all else is in the elements.
func lintSheet(sheet string, add func(rule, format string, args ...any)) {
	if unsafeStyle.MatchString(sheet) {
		add("sheet", "%s", unsafeStyle.FindString(sheet))
	}
	if len(sheet) > 16_000 {
		add("sheet", "%d bytes, of which Gmail drops all beyond 16,384", len(sheet))
	}
	depth := 0
	for part := range strings.SplitSeq(sheet, "{") {
		closed := strings.Count(part, "}")
		depth -= closed
		if i := strings.LastIndex(part, "}"); i >= 0 {
			part = part[i+1:]
		}
		if depth == 0 && strings.TrimSpace(part) != "" && !strings.HasPrefix(strings.TrimSpace(part), "@media") {
			add("sheet", "%q is in no media query", strings.TrimSpace(part))
		}
		depth++
	}
}

func TestMailKeepsTheRules(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{newsletter.Stacked, newsletter.SideBySide, newsletter.SummaryFirst} {
		for _, languages := range [][]string{{"hi", "en"}, {"en", "hi"}, {"hi"}, {"en"}} {
			t.Run(layout+" "+strings.Join(languages, "+"), func(t *testing.T) {
				t.Parallel()
				e := edition(t, layout, "https://example.org")
				e.Languages = languages
				page := render(t, e, newsletter.HTML)
				for _, s := range lint(page) {
					t.Error(s)
				}
				if !strings.Contains(page, `<html lang="`+languages[0]+`"`) || !strings.Contains(page, "Unsubscribe") && slices.Contains(languages, "en") {
					t.Error("no language, or no way to leave")
				}
			})
		}
	}
}

// TestLint breaks each rule once.
func TestLint(t *testing.T) {
	t.Parallel()
	good := render(t, edition(t, newsletter.Stacked, "https://example.org"), newsletter.HTML)
	for _, row := range []struct{ rule, from, to string }{
		{"doctype", "<!DOCTYPE html>", ""},
		{"utf-8", "The week", "The \x01week"},
		{"balanced", "</h1>", ""},
		{"elements", "</body>", "<script></script></body>"},
		{"elements", "</body>", "<form></form></body>"},
		{"attributes", "<img ", `<img onerror="x()" `},
		{"styles", `style="margin:0;`, `style="position:absolute;`},
		{"styles", `style="margin:0;`, `style="letter-spacing:2px;`},
		{"size", "font-size:14px", "font-size:9px"},
		{"tables", ` role="presentation"`, ""},
		{"images", ` alt="`, ` title="`},
		{"images", `src="https:`, `src="cid:`},
		{"links", `href="https:`, `href="javascript:`},
		{"sheet", "@media", "p { color: red } @media"},
		{"sheet", "@media", "@import url(x); @media"},
		{"lang", `<p lang="hi"`, `<p lang="en"`},
		{"frame", "<title>", "<b>"},
		{"meta", `<meta charset="utf-8"`, "<meta "},
	} {
		bad := strings.Replace(good, row.from, row.to, 1)
		if bad == good || !slices.ContainsFunc(lint(bad), func(s string) bool { return strings.HasPrefix(s, row.rule+": ") }) {
			t.Errorf("%s: %q for %q is not found: %q", row.rule, row.to, row.from, lint(bad))
		}
	}
}
