package newsletter

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// A feed gives as many of its items as are wanted, the newest first.
func TestFeedWishes(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(rssHead)
	for i, date := range []string{"20 Nov 2026 08:00 IST", "24 Nov 2026 08:00 IST", "", "22 नवंबर 2026", "10 Nov 2026", "23 Nov 2026 23:00 IST", "1 Nov 2026"} {
		item := rssItem(fmt.Sprint(i), fmt.Sprint("ख़बर ", i), paragraphsOf(longStory(things[i+1])))
		if date != "" {
			item = strings.Replace(item, "<guid", "<pubDate>"+date+"</pubDate><guid", 1)
		}
		body.WriteString(item)
	}
	body.WriteString(rssFoot)
	at := site{"/feed": is("text/xml", body.String())}.start(t)
	for _, row := range []struct {
		name    string
		feed    api.IssueFeed
		want    string
		notices string
	}{
		{"five if nothing is said", api.IssueFeed{}, "1 2 5 3 0", ""},
		{"two", api.IssueFeed{Limit: 2}, "1 2", ""},
		{"all", api.IssueFeed{Limit: 50}, "1 2 5 3 0 4 6", ""},
		{"of the last hours", api.IssueFeed{Since: "36h", Limit: 50}, "1 2 5", "no_date"},
		{"of the last days", api.IssueFeed{Since: "4d", Limit: 50}, "1 2 5 3", "no_date"},
		{"of the last weeks", api.IssueFeed{Since: "3w", Limit: 50}, "1 2 5 3 0 4", "no_date"},
		{"from a day on", api.IssueFeed{Since: "2026-11-22", Limit: 50}, "1 2 5 3", "no_date"},
		{"of no age that can be read", api.IssueFeed{Since: "gestern", Limit: 1}, "1", "invalid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.feed.URL, row.feed.Section, row.feed.Show = at+"/feed", api.Bilingual{Hi: "नगर"}, "lead"
			list, notices := newMaker(nil, nil).gather(context.Background(), &Order{Issue: api.Issue{Feeds: []api.IssueFeed{row.feed}}})
			if got := strings.ReplaceAll(strings.ReplaceAll(titles(list), "ख़बर ", ""), ";", ""); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
			if codes(notices) != row.notices {
				t.Errorf("%v, want %q", notices, row.notices)
			}
			for _, s := range list {
				if s.publication != "नगर पत्र" || s.section.Hi != "नगर" || s.show != "lead" {
					t.Errorf("%+v", s)
				}
			}
		})
	}
}

// A caller that has gone is waited for by no fetch.
func TestGatherCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, notices := newMaker(nil, nil).gather(ctx, &Order{Issue: api.Issue{Articles: []api.IssueArticle{{URL: "http://127.0.0.1:8080/"}}, Feeds: []api.IssueFeed{{URL: "http://127.0.0.1:8080/"}}}})
	if codes(notices) != "canceled canceled" {
		t.Error(notices)
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                 "",
		"चाय &amp; नाश्ता": "चाय & नाश्ता",
		"चाय &amp;amp;amp; नाश्ता":             "चाय & नाश्ता",
		"&lt;b&gt;चाय&lt;/b&gt;":               "चाय",
		"5 < 6 > 4":                            "5 < 6 > 4",
		"AT&T और R&D;":                         "AT&T और R&D;",
		"<script>alert(1)</script>चाय":         "चाय",
		"<scr<script>ipt>alert(1)</script>चाय": "ipt>alert(1) चाय",
		"चाय<br>नाश्ता":                        "चाय नाश्ता",
		"<b>चा</b>य":                           "चाय",
		" चाय\n\t नाश्ता&nbsp;":                "चाय नाश्ता",
		"&#2330;&#x93E;य":                      "चाय",
	} {
		if got := plainText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzFeed(f *testing.F) {
	for _, s := range []string{
		rssHead + rssItem("1", "पहली", "<p>नदी</p>") + rssFoot, rssHead + "<item><title>x", "{\"items\":[{\"id\":1}]}", `{"items":[7,{"id":"a","content_html":"<b>"}`,
		`<rdf:RDF xmlns:rdf="x"><item><a:b xmlns:a="c"/></item></rdf:RDF>`, anAtomFeed(`<content type="xhtml"><div><p>x</div></content>`),
		`<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><title>&a;&#8;</title></item>`, "<rss><item></rss></item>", "<feed><entry/><entry></feed>",
		"<rss><![CDATA[<item>", "<rss a='<item'><item b=\">\"></item>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parts, ok := splitFeed(legal(s))
		if !ok {
			return
		}
		p := newFeedParser()
		parsePiece(p, parts.head)
		for _, piece := range parts.items[:min(len(parts.items), 20)] {
			it := itemOf(parsePiece(p, piece), "https://paper.example/")
			if it == nil {
				continue
			}
			if it.link != "" && !webAddress.MatchString(it.link) {
				t.Errorf("link %q", it.link)
			}
			body, format := it.body()
			if r, fault := readText(body, format, it.link); fault == nil && format == article.HTML {
				if bad := unsafe(r.input); bad != "" {
					t.Errorf("%s in %q", bad, r.input)
				}
			}
		}
	})
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{`<p onclick=a>क<script>b</script>`, `<a href="java&#10;script:x">y</a>`, `<img src=x onerror=y>`, `<svg><style><img src="</style><img src=x onerror=alert(1)>">`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, `<noscript><p title="</noscript><img src=x onerror=y>">`, `<p>a<pre><code>&lt;script&gt;`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if bad := unsafe(sanitizeOut(s)); bad != "" {
			t.Errorf("out: %s in %q", bad, sanitizeOut(s))
		}
		input, d, err := tidy(s, "https://paper.example/")
		if err != nil {
			return
		}
		if bad := unsafe(input); bad != "" {
			t.Errorf("in: %s in %q", bad, input)
		}
		for _, b := range d.Blocks {
			if bad := unsafe(b.Content.HTML()); bad != "" {
				t.Errorf("block: %s in %q", bad, b.Content.HTML())
			}
		}
		readMeta(s, "https://paper.example/")
	})
}
