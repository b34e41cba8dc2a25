package newsletter_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

const atomNS = "http://www.w3.org/2005/Atom"

// node is any element of XML.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n node) all(name string) []node {
	var list []node
	for _, c := range n.Children {
		if c.XMLName == (xml.Name{Space: atomNS, Local: name}) {
			list = append(list, c)
		}
	}
	return list
}

func (n node) first(name string) node { return append(n.all(name), node{})[0] }

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// checkAtom tells what RFC 4287 does not allow in a feed.
func checkAtom(feed string) []string {
	var bad []string
	add := func(s string) { bad = append(bad, s) }
	var root node
	if err := xml.Unmarshal([]byte(feed), &root); err != nil {
		return []string{err.Error()}
	}
	if root.XMLName != (xml.Name{Space: atomNS, Local: "feed"}) {
		add("not a feed")
	}
	if root.attr("lang") == "" {
		add("no xml:lang")
	}
	one := func(n node, where string, names ...string) {
		for _, name := range names {
			if got := n.all(name); len(got) != 1 || strings.TrimSpace(got[0].Text) == "" && len(got[0].Children) == 0 {
				add(where + ": section 4.1 wants one " + name)
			}
		}
	}
	date := func(n node, where string) {
		if _, err := time.Parse(time.RFC3339, n.Text); err != nil {
			add(where + ": section 3.3, " + n.Text)
		}
	}
	common := func(n node, where string) {
		one(n, where, "id", "title", "updated")
		if u, err := url.Parse(n.first("id").Text); err != nil || !u.IsAbs() {
			add(where + ": section 4.2.6, the id is no IRI")
		}
		for _, c := range append(n.all("updated"), n.all("published")...) {
			date(c, where)
		}
		for _, c := range slices.Concat(n.all("title"), n.all("summary"), n.all("content"), n.all("subtitle")) {
			if t := c.attr("type"); t != "text" && t != "html" {
				add(where + ": section 3.1.1, type " + t)
			}
		}
		alternates := map[string]bool{}
		for _, l := range n.all("link") {
			if u, err := url.Parse(l.attr("href")); err != nil || !u.IsAbs() {
				add(where + ": section 4.2.7.1, " + l.attr("href"))
			}
			if key := l.attr("type") + l.attr("hreflang"); l.attr("rel") == "alternate" && alternates[key] {
				add(where + ": section 4.1.1, two alternates of a type and language")
			} else {
				alternates[key] = true
			}
		}
		for _, a := range n.all("author") {
			one(a, where+" author", "name")
		}
	}
	common(root, "feed")
	one(root, "feed", "author")
	ids := map[string]bool{}
	for _, entry := range root.all("entry") {
		common(entry, "entry")
		one(entry, "entry", "content")
		if id := entry.first("id").Text; ids[id] {
			add("section 4.1.1: an id twice: " + id)
		} else {
			ids[id] = true
		}
		if content := entry.first("content").Text; len(balance(content)) > 0 {
			add("content: " + strings.Join(balance(content), "; "))
		}
		if updated, published := entry.first("updated").Text, entry.all("published"); len(published) > 0 {
			u, _ := time.Parse(time.RFC3339, updated)
			if p, _ := time.Parse(time.RFC3339, published[0].Text); p.After(u) {
				add("updated before it was published")
			}
		}
	}
	return bad
}

// checkJSONFeed tells what JSON Feed 1.1 does not allow.
func checkJSONFeed(feed string) []string {
	var bad []string
	add := func(s string) { bad = append(bad, s) }
	var top map[string]any
	if err := json.Unmarshal([]byte(feed), &top); err != nil {
		return []string{err.Error()}
	}
	if top["version"] != "https://jsonfeed.org/version/1.1" {
		add("version")
	}
	known := func(m map[string]any, where string, names string) {
		for name, v := range m {
			if !slices.Contains(strings.Fields(names), name) {
				add(where + " has " + name)
			}
			if v == "" {
				add(where + ": " + name + " is empty")
			}
			if s, ok := v.(string); ok && (strings.HasSuffix(name, "url") || name == "image") {
				if u, err := url.Parse(s); err != nil || !u.IsAbs() {
					add(where + ": " + name)
				}
			}
			if s, ok := v.(string); ok && strings.HasPrefix(name, "date_") {
				if _, err := time.Parse(time.RFC3339, s); err != nil {
					add(where + ": " + name)
				}
			}
			if name == "authors" {
				for _, a := range v.([]any) {
					if a.(map[string]any)["name"] == "" {
						add(where + ": an author without a name")
					}
				}
			}
		}
	}
	known(top, "feed", "version title home_page_url feed_url description user_comment next_url icon favicon authors language expired hubs items")
	if _, ok := top["title"].(string); !ok {
		add("title")
	}
	items, ok := top["items"].([]any)
	if !ok {
		add("items")
	}
	ids := map[any]bool{}
	for _, i := range items {
		item := i.(map[string]any)
		known(item, "item", "id url external_url title content_html content_text summary image banner_image date_published date_modified authors tags language attachments")
		if id, ok := item["id"].(string); !ok || ids[id] {
			add("id")
		} else {
			ids[id] = true
		}
		if content, ok := item["content_html"].(string); !ok || len(balance(content)) > 0 {
			add("content_html")
		}
	}
	return bad
}

func TestFeedsKeepTheirRules(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	first := e.Sections[0].Stories[0]
	same := *first // the same story in two sections
	e.Sections[1].Stories = append(e.Sections[1].Stories, &same, &newsletter.Story{ID: "urn:x", Language: "hi", Show: newsletter.ShowSummary,
		Headline: two(t, article.Title, "मेला", "Fair")})
	first.Short = true // in the mail alone
	for _, f := range []newsletter.Form{newsletter.Atom, newsletter.AtomHindi, newsletter.AtomEng} {
		for _, s := range checkAtom(render(t, e, f)) {
			t.Errorf("%s: %s", f, s)
		}
	}
	for _, f := range []newsletter.Form{newsletter.JSONFeed, newsletter.FeedHindi, newsletter.FeedEng} {
		for _, s := range checkJSONFeed(render(t, e, f)) {
			t.Errorf("%s: %s", f, s)
		}
	}
	e.Sender.Name, e.Sender.Website, e.Title = "", "", newsletter.Text{"hi": "सप्ताह"}
	if bad := checkAtom(render(t, e, newsletter.AtomEng)); len(bad) > 0 {
		t.Errorf("of nobody: %q", bad)
	}
}

// TestCheckers breaks the rules that feeds are held to.
func TestCheckers(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	feed := render(t, e, newsletter.Atom)
	for _, row := range []struct{ pattern, to string }{
		{`<feed`, `<fed`}, {` xml:lang="hi"`, ``}, {`<updated>.*?</updated>`, ``}, {`<updated>.*?</updated>`, `<updated>today</updated>`},
		{`<id>urn:.*?</id>`, `<id>5</id>`}, {`type="html"`, `type="markdown"`}, {`<name>.*?</name>`, ``}, {`&lt;/p&gt;`, ``},
		{`22222222-2222-5222-8222-222222222222`, `11111111-1111-5111-8111-111111111111`}, {`href="https:`, `href="`},
	} {
		if broken := regexp.MustCompile(row.pattern).ReplaceAllString(feed, row.to); broken == feed || len(checkAtom(broken)) == 0 {
			t.Errorf("atom: %q for %s is not found", row.to, row.pattern)
		}
	}
	feed = render(t, e, newsletter.JSONFeed)
	for _, row := range []struct{ pattern, to string }{
		{`version/1.1`, `version/1`}, {`"title": "स`, `"titel": "स`}, {`"id": "[^"]*"`, `"id": ""`}, {`</p>`, ``}, {`"date_published": "2026`, `"date_published": "26`},
		{`"url": "https:`, `"url": "`}, {`{`, ``},
	} {
		if broken := regexp.MustCompile(row.pattern).ReplaceAllString(feed, row.to); broken == feed || len(checkJSONFeed(broken)) == 0 {
			t.Errorf("json: %q for %s is not found", row.to, row.pattern)
		}
	}
}

// TestFeedsAreRead reads the feeds as a feed reader does.
func TestFeedsAreRead(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	all := map[string]bool{}
	for _, row := range []struct {
		form            newsletter.Form
		language, title string
		hindi, english  bool
	}{
		{newsletter.Atom, "hi", "नदी पर नया पुल खुला, शहर के दोनों छोर जुड़े / New bridge opens over the river, joining both ends of the town", true, true},
		{newsletter.AtomHindi, "hi", "नदी पर नया पुल खुला, शहर के दोनों छोर जुड़े", true, false},
		{newsletter.AtomEng, "en", "New bridge opens over the river, joining both ends of the town", false, true},
		{newsletter.JSONFeed, "hi", "नदी पर नया पुल खुला, शहर के दोनों छोर जुड़े / New bridge opens over the river, joining both ends of the town", true, true},
		{newsletter.FeedHindi, "hi", "नदी पर नया पुल खुला, शहर के दोनों छोर जुड़े", true, false},
		{newsletter.FeedEng, "en", "New bridge opens over the river, joining both ends of the town", false, true},
	} {
		feed, err := gofeed.NewParser().ParseString(render(t, e, row.form))
		if err != nil || len(feed.Items) != 4 || feed.Language != row.language {
			t.Errorf("%s: %v %+v", row.form, err, feed)
			continue
		}
		i := feed.Items[0]
		if i.Title != row.title || i.Link != "https://example.org/river?from=letter&lang=hi" || i.PublishedParsed == nil {
			t.Errorf("%s: %+v", row.form, i)
		}
		if strings.Contains(i.Content, "240 मीटर") != row.hindi || strings.Contains(i.Content, "240-metre") != row.english {
			t.Errorf("%s: %s", row.form, i.Content)
		}
		if all[i.GUID] && strings.Contains(string(row.form), "atom-") {
			t.Errorf("%s: the id of another feed: %s", row.form, i.GUID)
		}
		all[i.GUID] = true
		if doubtful := feed.Items[1].Content; row.english != strings.Contains(doubtful, "look after it. †</p>") || strings.Contains(doubtful, "करेगी। †") {
			t.Errorf("%s: %s", row.form, doubtful)
		}
	}
	if len(all) != 3 { // both forms of feed have the same
		t.Errorf("%d ids: %v", len(all), all)
	}

	e.Languages = []string{"hi"}
	r, _ := newsletter.NewRenderer(nil)
	for _, f := range []newsletter.Form{newsletter.AtomEng, newsletter.FeedEng} {
		_, err := r.Render(e, f)
		var wrong *gateway.Error
		if !errors.As(err, &wrong) || wrong.Code != gateway.Invalid || !strings.Contains(wrong.Message, "add it to languages") {
			t.Errorf("%s: %v", f, err)
		}
	}
}
