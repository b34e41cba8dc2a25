package article_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/article"
)

func TestBase(t *testing.T) {
	t.Parallel()
	const page = "https://news.example/a/story.html?x=1"
	for _, row := range []struct{ name, head, base, in, want string }{
		{"relative", "", page, `<a href="b.html">`, `href="https://news.example/a/b.html"`},
		{"from the root", "", page, `<a href="/b">`, `href="https://news.example/b"`},
		{"up", "", page, `<a href="../c?d=1#e">`, `href="https://news.example/c?d=1#e"`},
		{"without scheme", "", page, `<a href="//other.example/x">`, `href="https://other.example/x"`},
		{"absolute stays", "", page, `<a href="http://other.example/x">`, `href="http://other.example/x"`},
		{"mail stays", "", page, `<a href="mailto:a@b.example">`, `href="mailto:a@b.example"`},
		{"within the page stays", "", page, `<a href="#note">`, `href="#note"`},
		{"its own base", `<base href="/deep/er/">`, page, `<a href="b">`, `href="https://news.example/deep/er/b"`},
		{"a base that is none", `<base href="javascript:x">`, page, `<a href="b">`, `href="https://news.example/a/b"`},
		{"without an address", "", "", `<a href="b">`, `href="b"`},
		{"an address that is none", "", "http://[", `<a href="b">`, `href="b"`},
		{"picture", "", page, `<img src="p.png" alt="x"><a href=#>`, `src="https://news.example/a/p.png"`},
		{"late picture", "", page, `<img data-src="p.png" alt="x"><a href=#>`, `src="https://news.example/a/p.png"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d, err := article.Parse("<html><head>"+row.head+"</head><body><p>यहाँ "+row.in+"एक कड़ी</a> है।</p></body></html>",
				article.Options{Format: article.HTML, Base: row.base})
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Render(article.HTML, nil); !strings.Contains(got, row.want) {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}
