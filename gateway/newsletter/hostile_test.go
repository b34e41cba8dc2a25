package newsletter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dubhashi/gateway/api"
	"dubhashi/gateway/fetch"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

const hostileItem = `<item><title>पुल की बैठक &lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;</title><link>javascript:alert(3)</link>
<media:thumbnail url="data:text/html,alert(4)"/><pubDate>"&gt;&lt;script&gt;alert(5)&lt;/script&gt;</pubDate>
<content:encoded><![CDATA[<p onclick="alert(6)" style="width:expression(alert(7))">नदी के पुल पर बैठक हुई और बजट तय हुआ।</p><svg onload="alert(8)"></svg>
<p><a href="java&#9;script:alert(9)">कड़ी</a> और <a href="https://paper.example/&quot;onmouseover=&quot;alert(10)">दूसरी कड़ी</a> यहाँ हैं।</p>
<p>चित्र <img src="https://paper.example/a.png" alt='"&gt;&lt;script&gt;alert(11)&lt;/script&gt;' onerror="alert(12)"> यहाँ है।</p>
<iframe srcdoc="<script>alert(13)</script>"></iframe><style>@import "https://evil.example"</style><math><a xlink:href="javascript:alert(14)">x</a></math>]]></content:encoded></item>`

// Nothing that a feed brings is run in any form of the edition.
func TestHostileFeed(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = io.WriteString(w, `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>&lt;script&gt;alert(0)&lt;/script&gt;नगर पत्र</title>`+hostileItem+`</channel></rss>`)
	}))
	t.Cleanup(s.Close)
	m := newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{})), Fetch: fetch.New(fetch.Config{Allow: []string{"127.0.0.1/32"}})})
	e := made(t, m, api.Issue{Title: api.Bilingual{Hi: "सप्ताह"}, Show: "full", Feeds: []api.IssueFeed{{URL: s.URL}}})
	story := e.Stories()[0]
	if story.Headline.Plain("hi") != "पुल की बैठक" || story.Link != "" || story.Publication != "नगर पत्र" || story.Image != nil || !story.Published.IsZero() {
		t.Errorf("%+v", story)
	}
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := r.Render(e, newsletter.HTML)
	if err != nil {
		t.Fatal(err)
	}
	if bad := active(string(mail)); bad != "" {
		t.Errorf("the mail holds %s", bad)
	}
	if !strings.Contains(string(mail), "https://paper.example/a.png") {
		t.Error("the picture is lost")
	}
	for _, p := range append(story.Body, story.Summary...) {
		for _, in := range p.By {
			if bad := active(in.HTML()); bad != "" {
				t.Errorf("%s in %q", bad, in.HTML())
			}
		}
	}
}

// active names what of HTML would run; "" = nothing does.
func active(text string) string {
	z := html.NewTokenizer(strings.NewReader(text))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		t := z.Token()
		if tt != html.StartTagToken && tt != html.SelfClosingTagToken {
			continue
		}
		switch t.Data {
		case "script", "iframe", "object", "embed", "form", "svg", "math", "base":
			return "<" + t.Data + ">"
		}
		for _, a := range t.Attr {
			v := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "data:") || a.Key == "style" && strings.Contains(v, "expression") {
				return a.Key + "=" + a.Val
			}
		}
	}
	return ""
}
