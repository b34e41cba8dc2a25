package newsletter

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// pageOf is a whole page around a story.
func pageOf(head, story string) string {
	return `<!doctype html><html lang="hi"><head><title>पुल की बैठक | नगर पत्र</title>` + head + `</head><body>
<nav><a href="/">मुखपृष्ठ</a><a href="/khel">खेल</a><a href="/desh">देश</a></nav>
<article class="story" onmouseover="alert(1)"><h1>पुल की बैठक</h1>` + story + `</article>
<aside><h2>ये भी पढ़ें</h2><ul><li><a href="/a">और ख़बर</a></li><li><a href="/b">एक और</a></li></ul></aside>
<footer>© नगर पत्र</footer><script>alert(2)</script></body></html>`
}

const metaHead = `<link rel="canonical" href="/khabar/pul"><meta property="og:site_name" content="नगर पत्र"><meta property="og:image" content="/pul.jpg"><meta property="og:image:alt" content="नदी पर &quot;पुल&quot;"><meta property="article:published_time" content="2026-11-23T09:30:00+05:30">`

// An article says of itself what its page says, unless its editor says it.
func TestArticle(t *testing.T) {
	t.Parallel()
	river := longStory("नदी का पुल")
	hi := func(s string) api.Bilingual { return api.Bilingual{Hi: s} }
	for _, row := range []struct {
		name    string
		page    string
		article api.IssueArticle // its url is the page's, if there is one
		want    source
		holds   string
		lacks   string
	}{
		{name: "a page", page: pageOf(metaHead, paragraphsOf(river)), holds: "नगर परिषद", lacks: "मुखपृष्ठ; © नगर; और ख़बर; alert",
			want: source{link: "SITE/khabar/pul", publication: "नगर पत्र", image: "SITE/pul.jpg", alt: hi(`नदी पर "पुल"`), published: time.Date(2026, 11, 23, 9, 30, 0, 0, india)}},
		{name: "what the editor says goes first", page: pageOf(metaHead, paragraphsOf(river)),
			article: api.IssueArticle{Title: hi("मेरा"), Summary: hi("सार"), Link: "https://own.example/x", Publication: "और पत्र", Date: "2026-11-20", Image: "https://own.example/i.png", Alt: hi("मेरी तस्वीर"), Section: hi("नगर"), Show: "full"},
			want:    source{title: hi("मेरा"), summary: hi("सार"), link: "https://own.example/x", publication: "और पत्र", published: time.Date(2026, 11, 20, 0, 0, 0, 0, india), image: "https://own.example/i.png", alt: hi("मेरी तस्वीर"), section: hi("नगर"), show: "full"}},
		{name: "no picture at all", page: pageOf(metaHead, paragraphsOf(river)), article: api.IssueArticle{Image: "none", Link: "https://own.example/x", Publication: "p", Date: "2026-11-20T10:00:00Z"},
			want: source{link: "https://own.example/x", publication: "p", published: time.Date(2026, 11, 20, 15, 30, 0, 0, india)}},
		{name: "a page that says nothing of itself", page: pageOf("", paragraphsOf(river)), want: source{link: "SITE/page"}},
		{name: "the date in JSON-LD", page: pageOf(`<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-11-22T00:00:00Z"}</script>`, paragraphsOf(river)),
			want: source{link: "SITE/page", published: time.Date(2026, 11, 22, 5, 30, 0, 0, india)}},
		{name: "the date in Hindi", page: pageOf("", `<time datetime="23 नवंबर 2026">कल</time>`+paragraphsOf(river)), want: source{link: "SITE/page", published: time.Date(2026, 11, 23, 0, 0, 0, 0, india)}},
		{name: "a canonical link that is the home page", page: pageOf(`<link rel=canonical href="/">`, paragraphsOf(river)), want: source{link: "SITE/page"}},
		{name: "addresses that are scripts", page: pageOf(`<link rel=canonical href="javascript:alert(1)"><meta property=og:image content="data:image/png;base64,AA"><base href="javascript:alert(3)">`, `<p><a href="javascript:alert(4)">कड़ी</a></p>`+paragraphsOf(river)), want: source{link: "SITE/page"}, lacks: "alert"},
		{name: "links are made whole", page: pageOf("", `<p><a href="../naksha">नक्शा</a> और <img src="/i.png" alt="पुल"></p>`+paragraphsOf(river)), want: source{link: "SITE/page"}, holds: `<a href="SITE/naksha">`},
		{name: "a text", article: api.IssueArticle{Text: "नदी पर पुल\n\n" + river}, holds: "नदी पर पुल\n"},
		{name: "Markdown", article: api.IssueArticle{Markdown: "# नदी पर पुल\n\n<script>alert(1)</script>\n\n[कड़ी](javascript:alert(2)) " + river, Link: "https://own.example/x"}, want: source{link: "https://own.example/x"}},
		{name: "HTML", article: api.IssueArticle{HTML: `<p onclick="alert(1)">` + river + `<a href="/x">कड़ी</a></p><script>alert(2)</script>`, Link: "https://own.example/a/b"}, want: source{link: "https://own.example/a/b"}, holds: `<a href="https://own.example/x">`, lacks: "alert"},
		{name: "Hindi in the wrong charset", page: pageOf("", paragraphsOf(mojibake(river))), want: source{link: "SITE/page"}, holds: "नगर परिषद"},
		{name: "deep nesting", page: pageOf("", strings.Repeat("<div>", 5000)+paragraphsOf(river)), want: source{link: "SITE/page"}, holds: "नगर परिषद"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			at := site{"/page": is("text/html; charset=utf-8", row.page)}.start(t)
			if row.page != "" {
				row.article.URL = at + "/page"
			}
			list, notices := newMaker(nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Articles: []api.IssueArticle{row.article}}})
			if len(list) != 1 || len(notices) > 0 {
				t.Fatalf("%d stories, %v", len(list), notices)
			}
			got := list[0]
			for _, bad := range strings.Split(row.lacks, "; ") {
				if bad != "" && strings.Contains(got.input, bad) {
					t.Errorf("%q is in %q", bad, got.input)
				}
			}
			if holds := strings.ReplaceAll(row.holds, "SITE", at); !strings.Contains(got.input, holds) {
				t.Errorf("%q is not in %q", holds, got.input)
			}
			mustBeSafe(t, list)
			row.want.link, row.want.image = strings.ReplaceAll(row.want.link, "SITE", at), strings.ReplaceAll(row.want.image, "SITE", at)
			if !got.published.Equal(row.want.published) {
				t.Errorf("published %v, want %v", got.published, row.want.published)
			}
			got.where, got.key, got.input, got.format, got.base, got.ids, got.published = "", "", "", "", "", nil, row.want.published
			if fmt.Sprint(got) != fmt.Sprint(row.want) {
				t.Errorf("%+v\nwant %+v", got, row.want)
			}
		})
	}
}

// An article that cannot be had is one line, and the others stay.
func TestBrokenPages(t *testing.T) {
	t.Parallel()
	river := longStory("नदी का पुल")
	files := map[string]string{
		"a.txt": river, "a.md": "# नदी\n\n" + river, "a.html": `<meta charset="windows-1252"><p>` + latin(strings.Repeat("The café opens at 7. ", 30)),
		"u.txt": utf16(river), "b.txt": latin("café"), "b.pdf": "%PDF-1.7\x00\xFF", "c.pdf": "%PDF-1.4\n1 0 obj <<>> endobj", "n.txt": "नदी\x00 " + river, "e.txt": " \n", "l.html": `<meta charset=windows-1252><p>` + river,
		"big.txt": strings.Repeat("x", maxFile+1), "c.html": "<!-- -->",
	}
	open := func(name string) ([]byte, error) {
		if name == "secret.txt" {
			return nil, fs.ErrPermission
		}
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, fs.ErrNotExist
	}
	for _, row := range []struct {
		name    string
		answer  http.HandlerFunc
		article api.IssueArticle
		code    string // "" = it comes through
		says    string
		holds   string
	}{
		{name: "a text file", article: api.IssueArticle{File: "a.txt"}, holds: "नदी"},
		{name: "a Markdown file", article: api.IssueArticle{File: "a.md"}, holds: "# नदी"},
		{name: "an HTML file in windows-1252", article: api.IssueArticle{File: "a.html"}, holds: "café"},
		{name: "an HTML file that lies of its charset", article: api.IssueArticle{File: "l.html"}, holds: "नदी"},
		{name: "a file in UTF-16", article: api.IssueArticle{File: "u.txt"}, holds: "नदी"},
		{name: "no such file", article: api.IssueArticle{File: "x.txt"}, code: "invalid", says: "no such file: x.txt"},
		{name: "a file that may not be read", article: api.IssueArticle{File: "secret.txt"}, code: "invalid", says: "may not be read"},
		{name: "a file in no charset that is known", article: api.IssueArticle{File: "b.txt"}, code: "invalid", says: "save it as UTF-8"},
		{name: "a PDF file", article: api.IssueArticle{File: "b.pdf"}, code: "invalid", says: "this is a PDF; save its words as plain text"},
		{name: "a PDF file of letters alone", article: api.IssueArticle{File: "c.pdf"}, code: "invalid", says: "this is a PDF"},
		{name: "a file with a NUL", article: api.IssueArticle{File: "n.txt"}, holds: "नदी नदी"},
		{name: "a page with a NUL", answer: is("text/html", "<p>न\x00दी "+river), holds: "नदी "},
		{name: "a page that breaks off", answer: breaksOff("<p>" + river), code: "url_unreachable"},
		{name: "a file without text", article: api.IssueArticle{File: "e.txt"}, code: "invalid", says: "no text"},
		{name: "an HTML file without text", article: api.IssueArticle{File: "c.html"}, code: "invalid", says: "no text"},
		{name: "a file that is too large", article: api.IssueArticle{File: "big.txt"}, code: "too_large", says: "2 MiB"},
		{name: "plain text from a server", answer: is("text/plain; charset=utf-8", river), holds: "नदी"},
		{name: "a page in windows-1252 that says UTF-8", answer: is("text/html; charset=utf-8", latin("<p>"+strings.Repeat("The café opens at 7. ", 30))), holds: "café"},
		{name: "a page that scripts write", answer: is("text/html", `<!doctype html><div id=root></div><script src=app.js></script>`), code: "url_unreadable", says: "no text"},
		{name: "an empty page", answer: is("text/html", ""), code: "url_unreadable"},
		{name: "a PDF", answer: is("application/pdf", "%PDF-1.7"), code: "url_unreadable"},
		{name: "a page with NULs", answer: is("text/html", "<p>a\x00b"), code: "url_unreadable"},
		{name: "not found", answer: http.NotFound, code: "url_unreadable", says: "404"},
		{name: "gone", answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, code: "url_unreadable", says: "410"},
		{name: "a redirect loop", answer: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/page", http.StatusFound) }, code: "url_unreadable", says: "redirects"},
		{name: "the connection is closed", answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, code: "url_unreachable"},
		{name: "a private address", article: api.IssueArticle{URL: "http://192.168.0.1/"}, code: "url_refused", says: "not fetched"},
		{name: "a file by its address", article: api.IssueArticle{URL: "file:///etc/passwd"}, code: "url_refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			at := site{"/page": row.answer}.start(t)
			if row.answer != nil {
				row.article.URL = at + "/page"
			}
			issue := api.Issue{Articles: []api.IssueArticle{row.article, {Text: longStory("मेट्रो लाइन")}}}
			list, notices := newMaker(nil, open).gather(context.Background(), &Order{Issue: issue})
			if row.code == "" {
				if len(list) != 2 || len(notices) > 0 || !strings.Contains(list[0].input, row.holds) {
					t.Errorf("%v %+v", notices, list)
				}
				mustBeSafe(t, list)
				return
			}
			if len(list) != 1 || list[0].where != "articles[1]" {
				t.Errorf("stories %+v", list)
			}
			if len(notices) != 1 || notices[0].Code != row.code || notices[0].Where != "articles[0]" || !strings.Contains(notices[0].Message, row.says) {
				t.Errorf("%+v, want %s: %s", notices, row.code, row.says)
			}
		})
	}
	list, notices := newMaker(nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Articles: []api.IssueArticle{{File: "a.txt"}}, Feeds: []api.IssueFeed{{File: "f.xml"}}}})
	if len(list) != 0 || codes(notices) != "invalid invalid" {
		t.Errorf("without files: %v %v", list, notices)
	}
}

// Of an item that is a teaser the page is read, if it holds the same story.
func TestFullText(t *testing.T) {
	t.Parallel()
	river, other := longStory("नदी का पुल"), strings.Repeat("मेट्रो की तीसरी लाइन का पहला चरण अगले वर्ष शुरू होने की उम्मीद है और किराया वही रहेगा। ", 20)
	teaser := strings.Join(strings.Fields(river)[:25], " ") + " …"
	described := func(text string) string {
		return `<item><title>पुल की बैठक</title><link>SITE/page</link><description><![CDATA[` + text + `]]></description></item>`
	}
	whole := is("text/html", pageOf(metaHead, paragraphsOf(river)))
	no := false
	for _, row := range []struct {
		name    string
		item    string
		page    http.HandlerFunc
		feed    api.IssueFeed
		notices string
		says    string
		holds   string
		fetched int64
	}{
		{name: "the page is longer", item: described(teaser), page: whole, holds: "अगली बैठक", fetched: 1},
		{name: "the page is of another story", item: described(teaser), page: is("text/html", pageOf("", paragraphsOf(other))), notices: "teaser", says: "another text", holds: "…", fetched: 1},
		{name: "the page holds no more", item: described(teaser), page: is("text/html", pageOf("", "<p>"+teaser[:200])), notices: "teaser", says: "no more", holds: "…", fetched: 1},
		{name: "the page is not there", item: described(teaser), page: http.NotFound, notices: "teaser", says: "404", holds: "…", fetched: 1},
		{name: "the page is not wanted", item: described(teaser), page: whole, feed: api.IssueFeed{FullText: &no}, holds: "…"},
		{name: "a title alone", item: described(""), page: whole, holds: "अगली बैठक", fetched: 1},
		{name: "a title alone, and no page", item: described(""), page: http.NotFound, notices: "no_text", fetched: 1},
		{name: "a title alone, and none wanted", item: described(""), page: whole, feed: api.IssueFeed{FullText: &no}, notices: "no_text", says: "full_text"},
		{name: "a description of a whole story", item: described(strings.Repeat(river, 4)), page: whole, holds: "अगली बैठक"},
		{name: "content", item: rssItem("page", "पुल की बैठक", paragraphsOf(river)), page: whole, holds: "अगली बैठक"},
		{name: "content that goes on elsewhere", item: rssItem("page", "पुल की बैठक", paragraphsOf(strings.Replace(river, "अगली बैठक", "उसके बाद ", 1))+`<p><a href="SITE/page">और पढ़ें »</a></p>`), page: is("text/html", pageOf("", paragraphsOf(river+" "+river))), holds: "अगली बैठक", fetched: 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var fetched atomic.Int64
			at := site{"/feed": is("text/xml", rssHead+row.item+rssFoot), "/page": func(w http.ResponseWriter, r *http.Request) {
				fetched.Add(1)
				row.page(w, r)
			}}.start(t)
			row.feed.URL = at + "/feed"
			twice := []api.IssueFeed{row.feed, row.feed} // the page is fetched once all the same
			list, notices := newMaker(nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Feeds: twice}})
			notices = withoutCode(notices, "duplicate")
			if codes(notices) != row.notices || len(notices) > 0 && !strings.Contains(notices[0].Message, row.says) {
				t.Errorf("%+v, want %q: %s", notices, row.notices, row.says)
			}
			if got := fetched.Load(); got != row.fetched {
				t.Errorf("%d pages were fetched, want %d", got, row.fetched)
			}
			if row.holds == "" {
				if len(list) > 0 {
					t.Errorf("%+v", list)
				}
				return
			}
			if len(list) != 1 || !strings.Contains(list[0].input, row.holds) {
				t.Fatalf("%q is not in %+v", row.holds, list)
			}
			if strings.Contains(list[0].input, "मुखपृष्ठ") {
				t.Errorf("the page's furniture is in %q", list[0].input)
			}
			mustBeSafe(t, list)
		})
	}
}

func withoutCode(list []Notice, code string) (out []Notice) {
	for _, n := range list {
		if n.Code != code {
			out = append(out, n)
		}
	}
	return out
}

// A feed's title is the headline: it stands over the text once, and no short
// line of the text is taken for it.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	river := longStory("नदी का पुल")
	for _, row := range []struct{ name, title, content, page, want string }{
		{name: "a short line comes first", title: "पुल की बैठक", content: "<p>मुख्य बिंदु</p>" + paragraphsOf(river), want: "title: पुल की बैठक; heading: मुख्य बिंदु"},
		{name: "a short line of plain text comes first", title: "पुल की बैठक", content: "मुख्य बिंदु\n\n" + river, want: "title: पुल की बैठक; heading: मुख्य बिंदु"},
		{name: "the text has it too", title: "पुल की बैठक", content: "<h2>पुल की बैठक</h2>" + paragraphsOf(river), want: "title: पुल की बैठक; paragraph: नदी का पुल"},
		{name: "the text has another", title: "पुल की बैठक", content: "<h2>पुल पर फ़ैसला</h2>" + paragraphsOf(river), want: "title: पुल की बैठक; heading: पुल पर फ़ैसला"},
		{name: "the page has another", title: "पुल पर हुई बैठक", page: pageOf("", paragraphsOf(river)), want: "title: पुल पर हुई बैठक; paragraph: नदी का पुल"},
		{name: "none, but the page has one", page: pageOf("", paragraphsOf(river)), want: "title: पुल की बैठक; paragraph: नदी का पुल"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			at := site{"/feed": is("text/xml", rssHead+rssItem("page", row.title, row.content)+rssFoot), "/page": is("text/html", row.page)}.start(t)
			list, notices := newMaker(nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Feeds: []api.IssueFeed{{URL: at + "/feed"}}}})
			if len(list) != 1 || len(notices) > 0 {
				t.Fatal(list, notices)
			}
			d, err := article.Parse(list[0].input, article.Options{Format: list[0].format, Base: list[0].base})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range d.Blocks[:2] {
				got = append(got, string(b.Kind)+": "+b.String())
			}
			if s := strings.Join(got, "; "); !strings.HasPrefix(s, row.want) {
				t.Errorf("%q, want %q", s, row.want)
			}
		})
	}
}

// A picture that leads an item is the story's; others stay in the text.
func TestPictures(t *testing.T) {
	t.Parallel()
	river := longStory("नदी का पुल")
	for _, row := range []struct {
		name, item, image, alt string
		inText                 int
	}{
		{"before the text", rssItem("1", "पहली", `<figure><a href="SITE/x"><img src="/a.jpg" alt="पुल"></a></figure>`+paragraphsOf(river)), "SITE/a.jpg", "पुल", 0},
		{"with a caption, which stays", rssItem("1", "पहली", `<figure><img src="/a.jpg" alt="पुल"><figcaption>नदी पर पुल</figcaption></figure>`+paragraphsOf(river)), "SITE/a.jpg", "पुल", 0},
		{"in the text", rssItem("1", "पहली", paragraphsOf(river)+`<p><img src="/a.jpg" alt="पुल"></p>`), "", "", 1},
		{"told, and again before the text", strings.Replace(rssItem("1", "पहली", `<p><img src="/a.jpg?w=800" alt="पुल"></p>`+paragraphsOf(river)), "<guid", `<media:content url="SITE/a.jpg?w=200" medium="image"/><guid`, 1), "SITE/a.jpg?w=200", "पुल", 0},
		{"told, and another before the text", strings.Replace(rssItem("1", "पहली", `<p><img src="/b.jpg" alt="नाव"></p>`+paragraphsOf(river)), "<guid", `<media:thumbnail url="SITE/a.jpg"/><guid`, 1), "SITE/a.jpg", "", 1},
		{"in a group, with words", strings.Replace(rssItem("1", "पहली", paragraphsOf(river)), "<guid", `<media:group><media:content url="SITE/a.jpg" type="image/jpeg"><media:description>पुल</media:description></media:content></media:group><guid`, 1), "SITE/a.jpg", "पुल", 0},
		{"an enclosure", strings.Replace(rssItem("1", "पहली", paragraphsOf(river)), "<guid", `<enclosure url="SITE/a.jpg" type="image/jpeg" length="1"/><guid`, 1), "SITE/a.jpg", "", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			at := site{"/feed": is("text/xml", rssHead+row.item+rssFoot)}.start(t)
			list, _ := newMaker(nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Feeds: []api.IssueFeed{{URL: at + "/feed"}}}})
			if len(list) != 1 {
				t.Fatal(list)
			}
			s := list[0]
			if want := strings.ReplaceAll(row.image, "SITE", at); s.image != want || s.alt.Hi != row.alt {
				t.Errorf("%q %q, want %q %q", s.image, s.alt.Hi, want, row.alt)
			}
			if got := strings.Count(s.input, "<img"); got != row.inText {
				t.Errorf("%d pictures in %q", got, s.input)
			}
			if d, err := article.Parse(s.input, article.Options{Format: s.format}); err != nil || strings.Contains(row.name, "caption") && !strings.Contains(d.Render(article.Text, nil), "नदी पर पुल") {
				t.Errorf("%v %q", err, s.input)
			}
		})
	}
}
