package newsletter

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"dubhashi/gateway/api"
	"dubhashi/gateway/fetch"
)

func utf16(s string) string {
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func latin(s string) string {
	out, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func gzipped(s string) http.HandlerFunc {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = w.Write(b.Bytes())
	}
}

// feedRow is a feed as a server gives it, and what comes out of it.
type feedRow struct {
	name    string
	answer  http.HandlerFunc
	titles  string // of the stories that come out
	notices string // their codes
	says    string // a part of the first notice
	holds   string // a part of the first story
	lacks   string // what it must not hold
}

const feedType = "application/rss+xml; charset=utf-8"

var (
	river, school, metro = longStory("नदी का पुल"), longStory("नया विद्यालय"), longStory("मेट्रो लाइन")

	one   = rssItem("1", "पहली", paragraphsOf(river))
	two   = rssItem("2", "दूसरी", paragraphsOf(school))
	three = rssItem("3", "तीसरी", paragraphsOf(metro))
)

func rssOf(items string) string { return rssHead + items + rssFoot }

func brokenCharsets() []feedRow {
	english := strings.Repeat("The café by the river opens at 7. “Tea first,” says the board. ", 12)
	return []feedRow{
		{name: "declared windows-1252, is UTF-8", answer: is("text/xml; charset=windows-1252", strings.Replace(rssOf(one), "UTF-8", "windows-1252", 1)), titles: "पहली", holds: "नदी"},
		{name: "declared UTF-8, is windows-1252", answer: is(feedType, latin(rssHeadEnglish+rssItem("1", "Café", "<p>"+english+"</p>")+rssFoot)), titles: "Café", holds: "café"},
		{name: "no charset at all", answer: is("application/rss+xml", strings.Replace(rssOf(one), `encoding="UTF-8"`, "", 1)), titles: "पहली", holds: "नदी"},
		{name: "UTF-16 with a mark", answer: is("application/rss+xml", utf16(strings.ReplaceAll(strings.Replace(rssOf(one), "UTF-8", "UTF-16", 1), "SITE", "http://paper.example"))), titles: "पहली", holds: "नदी"},
		{name: "declared UTF-16, is UTF-8", answer: is("text/xml", strings.Replace(rssOf(one), "UTF-8", "UTF-16", 1)), titles: "पहली", holds: "नदी"},
		{name: "UTF-8 mark, then space", answer: is(feedType, "\uFEFF \n"+rssOf(one)), titles: "पहली"},
		{name: "mojibake", answer: is(feedType, rssOf(rssItem("1", mojibake("नदी का पुल"), paragraphsOf(mojibake(river))))), titles: "नदी का पुल", holds: "नगर परिषद"},
	}
}

func brokenXML() []feedRow {
	return []feedRow{
		{name: "cut off in the middle", answer: is(feedType, rssHead+one+two+three[:len(three)/2]), titles: "पहली; दूसरी", notices: "feed_damaged", says: "2 items before the end"},
		{name: "cut off between items", answer: is(feedType, rssHead+one), titles: "पहली", notices: "feed_damaged", says: "; 1 item before the end could"},
		{name: "one item broken", answer: is(feedType, rssOf(one+`<item><title>टूटी</title><link>SITE/x</link><description><<< "</description =></item>`+two)), titles: "पहली; दूसरी", notices: "feed_damaged", says: "1 item of the feed"},
		{name: "an end tag is missing", answer: is(feedType, rssOf(strings.Replace(one, "</item>", "", 1)+two)), titles: "पहली; दूसरी"},
		{name: "control characters", answer: is(feedType, rssOf(rssItem("1", "पह\x08ली\x1b", paragraphsOf(river)+"&#8;\x01"))), titles: "पहली", holds: "नदी", lacks: "\x01"},
		{name: "a NUL", answer: is(feedType, rssOf(rssItem("1", "पह\x00ली", paragraphsOf(river+"\x00")))), titles: "पहली", holds: "नदी", lacks: "\x00"},
		{name: "references to control characters", answer: is(feedType, rssOf(rssItem("1", "पह&#8;ली&#x1F;", paragraphsOf(river)))), titles: "पहली"},
		{name: "invalid UTF-8", answer: is(feedType, rssOf(rssItem("1", "पह\xE0\xA4ली", paragraphsOf(river+"\xFF\xFE")))), titles: "पहली", holds: "नदी"},
		{name: "junk before the declaration", answer: is(feedType, "\n\n<b>Warning</b>: something in line 3\n"+rssOf(one)), titles: "पहली"},
		{name: "bare ampersands and HTML's entities", answer: is(feedType, rssOf(strings.Replace(one, "पहली", "चाय & नाश्ता&nbsp;5 &lt; 6 &rsquo;", 1))), titles: "चाय & नाश्ता 5 < 6 ’"},
		{name: "a bare less-than sign", answer: is(feedType, rssOf(strings.Replace(one, "पहली", "5 < 6", 1))), titles: "5 < 6"},
		{name: "tags in capitals", answer: is(feedType, strings.NewReplacer("<item>", "<ITEM>", "</item>", "</ITEM>", "<title>", "<Title>", "</title>", "</Title>").Replace(rssOf(one))), titles: "पहली"},
		{name: "entities that grow without end", answer: is(feedType, `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "हाहाहाहाहाहाहाहा"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>`+strings.TrimPrefix(rssOf(strings.Replace(one, "पहली", "पहली &d;", 1)), `<?xml version="1.0" encoding="UTF-8"?>`)), titles: "पहली &d;"},
		{name: "an external entity", answer: is(feedType, `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>`+strings.TrimPrefix(rssOf(strings.Replace(one, "पहली", "पहली &x;", 1)), `<?xml version="1.0" encoding="UTF-8"?>`)), titles: "पहली &x;", lacks: "root:"},
		{name: "deep nesting of XML", answer: is(feedType, rssOf("<item><title>गहरी</title>"+strings.Repeat("<x>", 50000)+strings.Repeat("</x>", 50000)+"</item>"+one)), titles: "पहली", notices: "feed_damaged", says: "1 item of the feed"},
		{name: "deep nesting of HTML", answer: is(feedType, rssOf(rssItem("1", "पहली", strings.Repeat("<div>", 20000)+paragraphsOf(river)))), titles: "पहली", holds: "नदी"},
	}
}

func brokenContent() []feedRow {
	return []feedRow{
		{name: "HTML in the title", answer: is(feedType, rssOf(strings.Replace(one, "पहली", "<b>पहली</b> <i>ख़बर</i><br/>आज", 1))), titles: "पहली ख़बर आज"},
		{name: "escaped twice", answer: is(feedType, rssOf(strings.Replace(one, "पहली", "चाय &amp;amp; &amp;lt;b&amp;gt;नाश्ता&amp;lt;/b&amp;gt; &amp;quot;आज&amp;quot;", 1))), titles: `चाय & नाश्ता "आज"`},
		{name: "CDATA in the title", answer: is(feedType, rssOf(strings.Replace(one, "पहली", "<![CDATA[चाय & <em>नाश्ता</em> &amp; पानी]]>", 1))), titles: "चाय & नाश्ता & पानी"},
		{name: "no title", answer: is(feedType, rssOf(strings.Replace(one, "<title>पहली</title>", "", 1))), titles: "", holds: "नदी"},
		{name: "scripts everywhere", answer: is(feedType, rssOf(`<item><title><![CDATA[<script>alert(1)</script>पहली<img src=x onerror=alert(1)>]]></title><link>javascript:alert(1)</link><author><![CDATA["><script>alert(2)</script>]]></author><media:thumbnail url="javascript:alert(3)"/><enclosure url="data:text/html,x" type="image/png" length="1"/><content:encoded><![CDATA[`+
			`<script>alert(4)</script><style>p{background:url(javascript:alert(5))}</style><iframe src="https://evil.example"></iframe><a href="java&#10;script:alert(6)">कड़ी</a><a href="data:text/html,x">और</a><svg onload="alert(7)"><script>alert(8)</script></svg><p onclick="alert(9)" style="width:expression(alert(10))" class="x" id="y">`+river+`</p><form action="https://evil.example"><input name="p"></form><img src="data:image/png;base64,AAAA"><object data="x"></object><math><mtext><img src=x onerror=alert(11)></mtext></math>]]></content:encoded></item>`)),
			titles: "पहली", holds: "नदी", lacks: "alert("},
		{name: "scripts, escaped twice", answer: is(feedType, rssOf(`<item><title>&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;पहली</title><description>&amp;lt;p onclick="alert(2)"&amp;gt;`+strings.Repeat(river, 4)+`&amp;lt;script&amp;gt;alert(3)&amp;lt;/script&amp;gt;&amp;lt;/p&amp;gt;</description></item>`)), titles: "पहली", holds: "नदी", lacks: "alert("},
		{name: "hidden text and a tracking pixel", answer: is(feedType, rssOf(rssItem("1", "पहली", `<img src="https://count.example/p.gif" width="1" height="1"><p style="display:none">छिपा हुआ</p>`+paragraphsOf(river)+`<img src="https://feeds.feedburner.com/~r/x/~4/y">`))), titles: "पहली", holds: "नदी", lacks: "छिपा; count.example; feedburner"},
		{name: "an item of two mebibytes", answer: is(feedType, rssOf(rssItem("0", "बड़ी", strings.Repeat("<p>बहुत बड़ा पाठ है।</p>", 1<<20/38+9000))+one)), titles: "पहली", notices: "feed_damaged", says: "1 item of the feed"},
		{name: "enclosures alone", answer: is(feedType, rssOf(`<item><title>कड़ी 1</title><enclosure url="SITE/a.mp3" type="audio/mpeg" length="9"/></item>`)), notices: "no_text", says: "no text of “कड़ी 1”"},
	}
}

func brokenFields() []feedRow {
	return []feedRow{
		{name: "no dates", answer: is(feedType, rssOf(one+two)), titles: "पहली; दूसरी"},
		{name: "Hindi dates", answer: is(feedType, rssOf(strings.Replace(one, "<guid", "<pubDate>सोमवार, २३ नवंबर २०२६</pubDate><guid", 1)+strings.Replace(two, "<guid", "<pubDate>मंगलवार, 24 नवम्बर 2026 09:30</pubDate><guid", 1))), titles: "दूसरी; पहली"},
		{name: "a date in the future", answer: is(feedType, rssOf(strings.Replace(one, "<guid", "<pubDate>Mon, 23 Nov 2026 09:30:00 IST</pubDate><guid", 1)+strings.Replace(two, "<guid", "<pubDate>Wed, 24 Nov 2066 09:30:00 IST</pubDate><guid", 1))), titles: "पहली; दूसरी"},
		{name: "no ids", answer: is(feedType, rssOf(noGUID(one)+noGUID(two))), titles: "पहली; दूसरी"},
		{name: "the same id for all", answer: is(feedType, rssOf(strings.Replace(one, ">1<", ">x<", 1)+strings.Replace(two, ">2<", ">x<", 1))), titles: "पहली; दूसरी"},
		{name: "the same link for all", answer: is(feedType, rssOf(strings.Replace(one, "SITE/1", "SITE/news", 1)+strings.Replace(two, "SITE/2", "SITE/news", 1))), titles: "पहली; दूसरी"},
		{name: "no links", answer: is(feedType, rssOf(noLink(one)+noLink(two))), titles: "पहली; दूसरी"},
		{name: "relative links", answer: is(feedType, rssOf(strings.ReplaceAll(rssItem("1", "पहली", `<p><a href="/map">नक्शा</a></p>`+paragraphsOf(river)), "<link>SITE", "<link>"))), titles: "पहली", holds: `href="http://127.0.0.1`},
	}
}

func noFeeds() []feedRow {
	return []feedRow{
		{name: "an empty feed", answer: is(feedType, rssOf("")), notices: "feed_empty", says: "holds no items"},
		{name: "a page without a feed", answer: is("text/html", "<!doctype html><title>x</title><p>नमस्ते"), notices: "url_unreadable", says: "no feed"},
		{name: "a page that names its feed", answer: is("text/html", `<!doctype html><link rel="alternate" type="application/rss+xml" href="/real"><p>नमस्ते`), titles: "असली", notices: "feed_found", says: "/real"},
		{name: "a page that names itself", answer: is("text/html", `<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed"><p>नमस्ते`), notices: "feed_found url_unreadable"},
		{name: "JSON without items", answer: is("application/json", `{"a":1}`), notices: "url_unreadable", says: "no feed"},
		{name: "a list in JSON", answer: is("application/json", `[1,2]`), notices: "url_unreadable"},
		{name: "a PDF", answer: is("application/rss+xml", "%PDF-1.7\n\x00\x01"), notices: "url_unreadable"},
		{name: "an image", answer: is("image/png", "\x89PNG\r\n\x1a\n"), notices: "url_unreadable", says: "one of RSS, Atom, RDF and JSON Feed"},
		{name: "plain text", answer: is("text/plain", "नमस्ते"), notices: "url_unreadable"},
		{name: "an empty body", answer: is(feedType, ""), notices: "url_unreadable"},
	}
}

func brokenServers() []feedRow {
	return []feedRow{
		{name: "ten mebibytes", answer: is(feedType, rssOf(strings.Repeat(one, 10<<20/len(one)))), notices: "too_large"},
		{name: "a gzip bomb", answer: gzipped(strings.Repeat(" ", 20<<20)), notices: "too_large"},
		{name: "a redirect loop", answer: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/feed", http.StatusFound) }, notices: "url_unreadable", says: "redirects"},
		{name: "a redirect to a private address", answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.0.0.1/feed", http.StatusFound)
		}, notices: "url_refused"},
		{name: "not found", answer: http.NotFound, notices: "url_unreadable", says: "404"},
		{name: "an error of the server", answer: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "x", 500) }, notices: "url_unreadable", says: "500"},
		{name: "the connection is closed", answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, notices: "url_unreachable"},
		{name: "the connection breaks in the middle", answer: breaksOff(rssHead + one + two + three[:len(three)/2]), titles: "पहली; दूसरी", notices: "url_unreachable", says: "2 items before the end", holds: "नदी"},
		{name: "the connection breaks behind the end", answer: breaksOff(rssOf(one + two)), titles: "पहली; दूसरी"},
		{name: "the connection breaks within a letter", answer: breaksOff(rssHead + one + "<item><title>न"[:len("<item><title>न")-1]), titles: "पहली", notices: "url_unreachable", holds: "नदी"},
		{name: "the connection breaks before an item", answer: breaksOff(rssHead), notices: "url_unreachable"},
		{name: "no answer", answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, notices: "timeout"},
	}
}

func otherFormats() []feedRow {
	return []feedRow{
		{name: "RSS 0.91 with a document type", answer: is("text/xml", `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>x</title><item><title>पहली</title><link>SITE/1</link><description>`+strings.Repeat(river, 4)+`</description></item></channel></rss>`), titles: "पहली", holds: "नदी"},
		{name: "RDF", answer: is("application/rdf+xml", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel rdf:about="SITE/"><title>x</title></channel><item rdf:about="SITE/1"><title>पहली</title><link>SITE/1</link><dc:date>2026-11-23</dc:date><content:encoded><![CDATA[`+paragraphsOf(river)+`]]></content:encoded></item></rdf:RDF>`), titles: "पहली", holds: "नदी"},
		{name: "Atom with XHTML", answer: is("application/atom+xml", anAtomFeed(`<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">`+paragraphsOf(river)+`<script>alert(1)</script></div></content>`)), titles: "पहली", holds: "नदी", lacks: "alert("},
		{name: "Atom, escaped twice", answer: is("application/atom+xml", anAtomFeed(`<content type="html">`+twice(paragraphsOf(river))+`</content>`)), titles: "पहली", holds: "<p>नदी", lacks: "&lt;p"},
		{name: "Atom, escaped four times", answer: is("application/atom+xml", anAtomFeed(`<content type="html">`+twice(twice(paragraphsOf(river)))+`</content>`)), titles: "पहली", holds: "<p>नदी", lacks: "lt;p"},
		{name: "escaped in CDATA", answer: is(feedType, rssOf(rssItem("1", "पहली", twice(paragraphsOf(river))))), titles: "पहली", holds: "<p>नदी", lacks: "lt;p"},
		{name: "Atom, plain text", answer: is("application/atom+xml", anAtomFeed(`<content type="text">5 &lt; 6: `+river+`</content>`)), titles: "पहली", holds: "5 &lt; 6"},
		{name: "JSON Feed 1.0", answer: is("application/json", jsonFeedOf("1", river)), titles: "पहली", holds: "नदी"},
		{name: "JSON Feed 1.1", answer: is("application/feed+json", jsonFeedOf("1.1", river)), titles: "पहली", holds: "नदी"},
		{name: "JSON Feed, cut off", answer: is("application/feed+json", strings.TrimSuffix(jsonFeedOf("1.1", river), "]}")+`,{"id":"2","title":"दूस`), titles: "पहली", notices: "feed_damaged", holds: "नदी"},
		{name: "JSON Feed with one item of another kind", answer: is("application/feed+json", strings.TrimSuffix(jsonFeedOf("1.1", river), "]}")+`,7]}`), titles: "पहली", notices: "feed_damaged", says: "1 item of the feed"},
	}
}

// Each broken feed gives what can be had of it and one clear line, and nothing
// that could harm a reader.
func TestBrokenFeeds(t *testing.T) {
	t.Parallel()
	for _, row := range slices.Concat(brokenCharsets(), brokenXML(), brokenContent(), brokenFields(), noFeeds(), brokenServers(), otherFormats()) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var limits fetch.Config
			if row.notices == "timeout" {
				limits.HeaderTimeout = 20 * time.Millisecond
			}
			at := site{"/feed": row.answer, "/real": is(feedType, rssOf(strings.Replace(one, "पहली", "असली", 1)))}.start(t)
			list, notices := makerWith(limits, nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Feeds: []api.IssueFeed{{URL: at + "/feed"}}}})
			if got := titles(list); got != row.titles {
				t.Errorf("stories %q, want %q", got, row.titles)
			}
			if got := codes(notices); got != row.notices {
				t.Errorf("notices %q, want %q: %v", got, row.notices, notices)
			}
			if row.notices != "" && !strings.Contains(notices[0].Message, row.says) {
				t.Errorf("says %q, want %q in it", notices[0].Message, row.says)
			}
			for _, n := range notices {
				if n.Where != "feeds[0]" || strings.Contains(n.Message, "\n") || n.Message == "" {
					t.Errorf("%+v", n)
				}
			}
			if row.holds != "" && (len(list) == 0 || !strings.Contains(list[0].input, row.holds)) {
				t.Errorf("%q is not in %+v", row.holds, list)
			}
			for _, s := range list {
				for _, bad := range strings.Split(row.lacks, "; ") {
					if bad != "" && strings.Contains(s.input+titles(list), bad) {
						t.Errorf("%q is in %q", bad, s.input)
					}
				}
			}
			mustBeSafe(t, list)
		})
	}
}

const rssHeadEnglish = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The paper</title>`

// breaksOff answers with the beginning of something longer, and no more.
func breaksOff(begin string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(begin)+1000))
		_, _ = io.WriteString(w, begin)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// mojibake is Hindi whose bytes somebody read as Windows-1252, where that can be
// undone.
func mojibake(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		r := charmap.Windows1252.DecodeByte(c)
		if r == '\uFFFD' {
			r = rune(c)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func noGUID(item string) string {
	_, rest, _ := strings.Cut(item, "</guid>")
	return "<item>" + rest
}

func noLink(item string) string {
	a, rest, _ := strings.Cut(item, "<link>")
	_, b, _ := strings.Cut(rest, "</link>")
	return a + b
}

func anAtomFeed(content string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>urn:x</id><updated>2026-11-23T00:00:00Z</updated><entry><id>urn:1</id><title type="html">&lt;b&gt;पहली&lt;/b&gt;</title><link href="SITE/1"/><updated>2026-11-23T00:00:00Z</updated>` + content + `</entry></feed>`
}

// twice escapes twice.
func twice(s string) string {
	for range 2 {
		s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	}
	return s
}

func jsonFeedOf(version, text string) string {
	return fmt.Sprintf(`{"version":"https://jsonfeed.org/version/%s","title":"x","items":[{"id":1,"url":"SITE/1","title":"पहली","date_published":"2026-11-23T00:00:00Z","content_html":%q}]}`, version, paragraphsOf(text))
}
