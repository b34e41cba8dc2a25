package newsletter

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/fetch"
)

// noon is the time of all tests.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, india)

// site is a web server on loopback; what a path answers may name the server
// as SITE.
type site map[string]http.HandlerFunc

func (s site) start(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := s[r.URL.Path]
		if h == nil {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// is answers with a body of a type.
func is(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{kind}
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "SITE", "http://"+r.Host))
	}
}

func newMaker(mem Memory, open func(string) ([]byte, error)) *Maker {
	return makerWith(fetch.Config{}, mem, open)
}

func makerWith(c fetch.Config, mem Memory, open func(string) ([]byte, error)) *Maker {
	c.Allow = []string{"127.0.0.1/32"}
	f := fetch.New(c)
	return New(Config{Fetch: f, Memory: mem, Open: open, Now: func() time.Time { return noon }})
}

// story is a text of some sentences about a thing, long enough for a whole
// story.
func longStory(thing string) string {
	var b strings.Builder
	for i, s := range []string{
		"%s पर नगर परिषद की बैठक मंगलवार को हुई और उसमें कई बातें तय हुईं।", "सबसे पहले %s के लिए 12 लाख रुपये का बजट रखा गया।",
		"अधिकारियों ने बताया कि %s का काम मार्च तक पूरा हो जाएगा।", "लोगों ने पूछा कि %s से पहले रास्ते की मरम्मत कब होगी।",
		"जवाब में कहा गया कि %s के साथ ही सड़क भी बनेगी।", "पिछले साल भी %s पर ऐसी ही बैठक हुई थी, तब 8 सुझाव आए थे।",
		"इस बार %s के बारे में 23 सुझाव मिले हैं।", "अगली बैठक में %s का नक्शा दिखाया जाएगा।",
	} {
		fmt.Fprintf(&b, s+" ", thing)
		if i%3 == 2 {
			b.WriteString("\n\n")
		}
	}
	return strings.TrimSpace(b.String())
}

func paragraphsOf(text string) string {
	return "<p>" + strings.Join(strings.Split(text, "\n\n"), "</p><p>") + "</p>"
}

// rssItem is an item with its content.
func rssItem(id, title, content string) string {
	return fmt.Sprintf(`<item><guid isPermaLink="false">%s</guid><title>%s</title><link>SITE/%s</link><content:encoded><![CDATA[%s]]></content:encoded></item>`,
		id, title, id, content)
}

const rssHead = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>नगर पत्र</title><link>SITE/</link>`
const rssFoot = `</channel></rss>`

func titles(list []source) string {
	var out []string
	for _, s := range list {
		title := s.title.Text + s.title.Hi + s.title.En
		if d, err := article.Parse(s.input, article.Options{Format: s.format}); title == "" && err == nil && d.Blocks[0].Kind == article.Title {
			title = d.Blocks[0].String()
		}
		out = append(out, title)
	}
	return strings.Join(out, "; ")
}

func codes(list []Notice) string {
	var out []string
	for _, n := range list {
		out = append(out, n.Code)
	}
	return strings.Join(out, " ")
}

// mustBeSafe looks for what no output may hold, in all that a story's HTML
// becomes on its way.
func mustBeSafe(t *testing.T, list []source) {
	t.Helper()
	for _, s := range list {
		for _, u := range []string{s.link, s.image} {
			if u != "" && !webAddress.MatchString(u) {
				t.Errorf("%s: the address %q", s.where, u)
			}
		}
		for _, plain := range []string{titles([]source{s}), s.publication, s.alt.Hi + s.alt.En} {
			if hasTag.MatchString(plain) || strings.Contains(plain, "<script") {
				t.Errorf("%s: tags in %q", s.where, plain)
			}
		}
		d, err := article.Parse(s.input, article.Options{Format: s.format, Base: s.base})
		if err != nil {
			t.Errorf("%s: %v: %q", s.where, err, s.input)
			continue
		}
		texts := []string{d.Render(article.HTML, nil)}
		if s.format == article.HTML {
			texts = append(texts, s.input)
		}
		for _, b := range d.Blocks {
			texts = append(texts, b.Content.HTML(), sanitizeOut(b.Content.HTML()))
		}
		for _, text := range texts {
			if bad := unsafe(text); bad != "" {
				t.Errorf("%s: %s in %q", s.where, bad, text)
			}
		}
	}
}

// unsafe names what of HTML may not stand in an output; "" = nothing.
func unsafe(text string) string {
	z := html.NewTokenizer(strings.NewReader(text))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		t := z.Token()
		if tt == html.CommentToken {
			return "a comment"
		}
		if tt == html.TextToken || tt == html.DoctypeToken {
			continue
		}
		switch t.Data {
		case "script", "style", "iframe", "object", "embed", "form", "input", "svg", "math", "base", "link", "meta", "template", "noscript", "video", "audio":
			return t.Data
		}
		for _, a := range t.Attr {
			v := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "class", a.Key == "id", a.Key == "srcset", a.Key == "srcdoc":
				return a.Key
			case (a.Key == "href" || a.Key == "src") && (strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "data:") || strings.HasPrefix(v, "vbscript:")):
				return v
			}
		}
	}
	return ""
}

// sharedData is the folder of real articles; the test is skipped without it.
func sharedData(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("real articles are not here; set SHARED_DATA to their folder")
	}
	return dir
}

// The same six articles come as RSS and as Atom, and with one more by hand they
// are seven stories.
func TestGatherRealFeeds(t *testing.T) {
	t.Parallel()
	dir := sharedData(t)
	m := newMaker(nil, func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) })
	list, notices := m.gather(context.Background(), &Order{Issue: api.Issue{
		Articles: []api.IssueArticle{{File: "seed/article.hi.txt"}},
		Feeds:    []api.IssueFeed{{File: "feeds/tico-wikinews-hi.rss.xml", Limit: 10}, {File: "feeds/tico-wikinews-hi.atom.xml", Limit: 10}},
	}})
	if len(list) != 7 {
		t.Errorf("%d stories: %s", len(list), titles(list))
	}
	if got, want := codes(notices), strings.TrimSpace(strings.Repeat("duplicate ", 6)); got != want {
		t.Errorf("notices %q, want %q", got, want)
	}
	mustBeSafe(t, list)
	for _, s := range list[1:] {
		if s.where != "feeds[0]" || s.published.IsZero() || s.link == "" || s.publication == "" || s.key == "" {
			t.Errorf("%+v", s)
		}
	}
}
