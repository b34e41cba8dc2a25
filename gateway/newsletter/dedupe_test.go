package newsletter

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"dubhashi/gateway/api"
)

func TestPlainLink(t *testing.T) {
	t.Parallel()
	const plain = "paper.example/hi/news-1"
	for in, want := range map[string]string{
		"https://paper.example/hi/news-1":                             plain,
		"http://www.paper.example/hi/news-1/":                         plain,
		"https://m.paper.example:443/hi/news-1#top":                   plain,
		"https://amp.paper.example/hi/news-1?utm_source=rss&fbclid=x": plain,
		"https://paper.example/hi/news-1/amp/":                        plain,
		"https://paper.example/amp/hi/news-1":                         plain,
		"https://PAPER.example/hi/news-1?at_medium=RSS":               plain,
		"https://paper.example/hi/news-1?page=2":                      plain + "?page=2",
		"https://paper.example/?p=12&utm_medium=x":                    "paper.example?p=12",
		"https://paper.example/":                                      "",
		"https://m.example/x":                                         "m.example/x",
		"/hi/news-1":                                                  "",
		"":                                                            "",
		"https://paper.example/%E0%A4%A8%E0%A4%A6%E0%A5%80":           "paper.example/%E0%A4%A8%E0%A4%A6%E0%A5%80",
		"https://paper.example/नदी":                                   "paper.example/%E0%A4%A8%E0%A4%A6%E0%A5%80",
	} {
		if got := plainLink(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

// Each story is in the issue once, whatever it is known by.
func TestOnce(t *testing.T) {
	t.Parallel()
	river, school := longStory("नदी का पुल"), longStory("विद्यालय")
	item := func(id, link, title, text string) string {
		return fmt.Sprintf(`<item><guid isPermaLink="false">%s</guid><title>%s</title><link>%s</link><content:encoded><![CDATA[%s]]></content:encoded></item>`, id, title, link, paragraphsOf(text))
	}
	feed := func(items ...string) string { return rssHead + strings.Join(items, "") + rssFoot }
	named := func(site string, items ...string) string {
		return `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>पत्र</title><link>https://` + site + ".example/</link>" + strings.Join(items, "") + "</channel></rss>"
	}
	edited := strings.Replace(river, "12 लाख", "13 लाख", 1)
	short := strings.Join(strings.Fields(river)[:45], " ")
	for _, row := range []struct {
		name     string
		articles []api.IssueArticle
		feeds    []string
		want     string // where: title, of what stays
		notices  string
		holds    string
		files    bool // the feeds are files, which have no address
	}{
		{name: "by id", feeds: []string{feed(item("urn:a", "SITE/a", "पहली", river)), feed(item("urn:a", "SITE/b", "और नाम", school))}, want: "feeds[0]: पहली", notices: "duplicate"},
		{name: "an id that is its site's alone", feeds: []string{feed(item("12", "http://one.example/a", "पहली", river)), feed(item("12", "http://two.example/b", "दूसरी", school))}, want: "feeds[0]: पहली, feeds[1]: दूसरी"},
		{name: "an id of a site without links", feeds: []string{named("one", item("12", "", "पहली", river)), named("two", item("12", "", "दूसरी", school))}, files: true, want: "feeds[0]: पहली, feeds[1]: दूसरी"},
		{name: "an id of one site without links", feeds: []string{named("one", item("12", "", "पहली", river)), named("one", item("12", "", "दूसरी", school))}, files: true, want: "feeds[0]: पहली", notices: "duplicate"},
		{name: "by link", feeds: []string{feed(item("a", "http://www.paper.example/n/1/?utm_source=rss", "पहली", river)), feed(item("b", "https://paper.example/n/1#x", "दूसरी", school))}, want: "feeds[0]: पहली", notices: "duplicate"},
		{name: "by text", feeds: []string{feed(item("a", "http://one.example/a", "पहली", river)), feed(item("b", "http://two.example/b", "पहली!", strings.ReplaceAll(river, "। ", " । ")))}, want: "feeds[0]: पहली", notices: "duplicate"},
		{name: "a near copy", feeds: []string{feed(item("a", "http://one.example/a", "पहली", river)), feed(item("b", "http://two.example/b", "अलग शीर्षक", edited))}, want: "feeds[0]: पहली", notices: "duplicate"},
		{name: "another story", feeds: []string{feed(item("a", "http://one.example/a", "पहली", river)), feed(item("b", "http://two.example/b", "पहली", school))}, want: "feeds[0]: पहली, feeds[1]: पहली"},
		{name: "within one feed, without a notice", feeds: []string{feed(item("a", "http://one.example/a", "पहली", river), item("a", "http://one.example/a", "पहली", river))}, want: "feeds[0]: पहली"},
		{name: "the whole story for the teaser", feeds: []string{feed(item("a", "http://one.example/a", "पहली", short)), feed(item("b", "http://two.example/b", "दूसरी", river))}, want: "feeds[0]: पहली", notices: "duplicate", holds: "अगली बैठक"},
		{name: "the whole story for the teaser of the same link", feeds: []string{feed(item("a", "http://one.example/a", "पहली", short)), feed(item("b", "http://one.example/a", "दूसरी", river))}, want: "feeds[0]: पहली", notices: "duplicate", holds: "अगली बैठक"},
		{name: "what the editor named wins", articles: []api.IssueArticle{{Text: short, Title: api.Bilingual{Hi: "मेरी"}, Link: "https://one.example/a"}}, feeds: []string{feed(item("a", "http://one.example/a", "पहली", river))}, want: "articles[0]: मेरी", notices: "duplicate"},
		{name: "two of the editor's with one link", articles: []api.IssueArticle{{Text: river, Title: api.Bilingual{Hi: "क"}, Link: "https://one.example/news"}, {Text: school, Title: api.Bilingual{Hi: "ख"}, Link: "https://one.example/news"}}, want: "articles[0]: क, articles[1]: ख"},
		{name: "two of the editor's with one text", articles: []api.IssueArticle{{Text: river}, {Markdown: river}}, want: "articles[0]: ", notices: "duplicate"},
		{name: "two of the editor's that are nearly one", articles: []api.IssueArticle{{Text: river}, {Text: edited}}, want: "articles[0]: , articles[1]: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			pages := site{}
			var issue api.Issue
			for i, body := range row.feeds {
				pages[fmt.Sprintf("/%d", i)] = is("text/xml", body)
			}
			at := pages.start(t)
			for i := range row.feeds {
				f := api.IssueFeed{URL: fmt.Sprintf("%s/%d", at, i)}
				if row.files {
					f = api.IssueFeed{File: fmt.Sprint(i)}
				}
				issue.Feeds = append(issue.Feeds, f)
			}
			issue.Articles = row.articles
			m := newMaker(nil, func(name string) ([]byte, error) {
				i, err := strconv.Atoi(name)
				return []byte(row.feeds[i]), err
			})
			m.c.Fetch = loopbackOnly{m.c.Fetch}
			list, notices := m.gather(context.Background(), &Order{Issue: issue})
			var got []string
			keys := map[string]bool{}
			for _, s := range list {
				got = append(got, s.where+": "+titles([]source{s}))
				keys[s.key] = true
			}
			if strings.Join(got, ", ") != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
			if codes(notices) != row.notices {
				t.Errorf("notices %v, want %q", notices, row.notices)
			}
			if len(keys) != len(list) || keys[""] {
				t.Errorf("keys %v", keys)
			}
			if row.holds != "" && !strings.Contains(list[0].input, row.holds) {
				t.Errorf("%q is not in %q", row.holds, list[0].input)
			}
		})
	}
}
