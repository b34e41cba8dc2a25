package article_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/article"
)

func TestHTMLGolden(t *testing.T) {
	t.Parallel()
	golden(t, "html", "input.html", article.HTML)
}

func parseHTML(t testing.TB, s string) *article.Document {
	t.Helper()
	d, err := article.Parse(s, article.Options{Format: article.HTML})
	if err != nil {
		t.Fatalf("%.200q: %v", s, err)
	}
	return d
}

const htmlBody = "वन विभाग ने बताया कि इस साल झील पर चार हज़ार से ज़्यादा पक्षी आए हैं और उनकी गणना पूरी हो चुकी है।"

func TestHTMLKinds(t *testing.T) {
	t.Parallel()
	p := "<p>" + htmlBody + "</p>"
	for _, tc := range []struct{ name, in, want string }{
		{"h1 is the title wherever it stands", "<p>" + htmlBody + "</p><h1>झील</h1>" + p, "paragraph title paragraph"},
		{"a second h1 is a heading", "<h1>झील</h1>" + p + "<h1>पहाड़</h1>" + p, "title paragraph heading paragraph"},
		{"blocks in a heading are one", "<h1><div>झील</div><div>पर</div> पक्षी</h1>" + p, "title paragraph"},
		{"list in quote, quote in list", "<h1>झील</h1><blockquote><ul><li>क ख ग</li></ul>घ</blockquote><ul><li><blockquote>च</blockquote>छ</li></ul>", "title list_item quote quote paragraph"},
		{"nested list without own words", "<h1>झील</h1><ul><li><ul><li>क</li></ul></li><li>ख</li></ul>", "title list_item list_item"},
		{"definitions", "<h1>झील</h1><dl><dt>सारस</dt><dd>" + htmlBody + "</dd></dl>", "title paragraph paragraph"},
		{"table", "<h1>झील</h1><table><caption>क</caption><tr><th>ख</th><td>ग</td></tr></table>", "title caption paragraph paragraph"},
		{"pre is code", "<h1>झील</h1><pre>a\n b</pre>" + p, "title code paragraph"},
		{"three breaks part once", "<h1>झील</h1><div>" + htmlBody + "<br> <br><br>" + htmlBody + "</div>", "title paragraph paragraph"},
		{"controls, scripts, comments", "<h1>झील</h1><form>" + p + "<input value=x><select><option>क</option></select><textarea>ख</textarea><button>ग</button></form><script>घ</script><!-- च --><template><p>छ</p></template><iframe>ज</iframe>", "title paragraph"},
		{"hidden", "<h1>झील</h1>" + p + `<p hidden>क</p><div aria-hidden="true">ख</div><p style="Display : NONE">ग</p><span class="sr-only">घ</span>`, "title paragraph"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := parseHTML(t, tc.in)
			var kinds []string
			for _, b := range d.Blocks {
				kinds = append(kinds, string(b.Kind))
			}
			if got := strings.Join(kinds, " "); got != tc.want {
				t.Errorf("got %s\nwant %s\n%s", got, tc.want, dumpBlocks(d))
			}
		})
	}
}

func TestHTMLTitle(t *testing.T) {
	t.Parallel()
	p := "<p>" + htmlBody + "</p><p>" + htmlBody + "</p>"
	head := func(s string) string { return "<!doctype html><html><head>" + s + "</head><body>" }
	const site = `<meta property="og:site_name" content="नगर वाणी">`
	for _, tc := range []struct{ name, in, want string }{
		{"h1 first", head("<title>दूसरा</title>") + "<h1>झील पर पक्षी</h1>" + p, "झील पर पक्षी"},
		{"og:title", head(`<title>दूसरा</title><meta property="og:title" content="झील पर पक्षी">`) + p, "झील पर पक्षी"},
		{"title without the site", head("<title>झील पर पक्षी – नगर वाणी</title>"+site) + p, "झील पर पक्षी"},
		{"title with a dash of its own", head("<title>झील – पक्षियों का घर</title>") + p, "झील – पक्षियों का घर"},
		{"title before a bar", head("<title>झील पर पक्षी लौटे हैं | वाणी</title>") + p, "झील पर पक्षी लौटे हैं"},
		{"the same as a heading in the body", head("<title>झील पर पक्षी</title>") + "<h2>झील पर पक्षी</h2>" + p, "झील पर पक्षी"},
		{"a meaningless title", head("<title>Untitled</title>") + p, ""},
		{"a logo is none", head(site+"<title>झील पर पक्षी | नगर वाणी</title>") + "<header><h1>नगर वाणी</h1><nav>क</nav></header><main>" + p + p + "</main>", "झील पर पक्षी"},
		{"headline in the page's header", head("") + "<header><h1>झील पर पक्षी लौट आए</h1></header><main>" + p + p + "</main><footer>क</footer>", "झील पर पक्षी लौट आए"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := parseHTML(t, tc.in)
			got, n := "", 0
			for _, b := range d.Blocks {
				if b.Kind == article.Title {
					got = b.String()
					n++
				}
			}
			if got != tc.want || n > 1 {
				t.Errorf("%d titles, got %q, want %q\n%s", n, got, tc.want, dumpBlocks(d))
			}
		})
	}
}

// Furniture goes, the article stays, whatever the page calls them.
func TestHTMLFurniture(t *testing.T) {
	t.Parallel()
	p := "<p>" + htmlBody + " दूसरा वाक्य भी यहीं है, ताकि अनुच्छेद लंबा हो।</p>"
	page := func(before, in, after string) string {
		return "<!doctype html><html><body><nav><a href=/>होम</a></nav>" + before + "<div class=wrap><h1>झील पर पक्षी लौट आए</h1>" + p + p + in + p + p + "</div>" + after + "</body></html>"
	}
	for _, tc := range []struct{ name, in string }{
		{"related list", page("", "<h3>ये भी पढ़ें</h3><ul><li><a href=/1>GONE एक</a></li></ul>", "")},
		{"related paragraph", page("", "<p><b>यह भी पढ़ें -</b> <a href=/1>GONE</a></p>", "")},
		{"related in English", page("", "<div><p>Also Read: <a href=/1>GONE</a></p></div>", "")},
		{"advertisement", page("", "<div class='ad-container'><p>GONE</p></div><p>विज्ञापन</p>", "")},
		{"share buttons", page("", "<div><a href=/f>Facebook</a> <a href=/w>WhatsApp</a> <a href=/x>X</a></div>", "")},
		{"newsletter box", page("", "<div class=newsletter-box><p>GONE लिखें</p></div>", "")},
		{"sidebar div", page("", "", "<div class=sidebar><h3>GONE</h3><p><a href=/1>GONE एक</a></p><p><a href=/2>GONE दो</a></p></div>")},
		{"link farm without a class", page("<div><a href=/1>GONE</a> <a href=/2>GONE</a> <a href=/3>GONE</a></div>", "", "<ul><li><a href=/1>GONE 1</a></li><li><a href=/2>GONE 2</a></li></ul>")},
		{"comments", page("", "", "<div id=comments><p>GONE</p></div>")},
		{"footer", page("", "", "<footer>GONE</footer>")},
		{"roles", page("<div role=banner>GONE</div>", "", "<div role=contentinfo>GONE</div>")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := parseHTML(t, tc.in)
			text := d.Render(article.Text, nil)
			if strings.Contains(text, "GONE") || strings.Contains(text, "विज्ञापन") || strings.Contains(text, "Facebook") || strings.Contains(text, "होम") {
				t.Errorf("furniture was kept:\n%s", dumpBlocks(d))
			}
			if len(d.Blocks) != 5 || d.Blocks[0].Kind != article.Title {
				t.Errorf("the article is not whole:\n%s", dumpBlocks(d))
			}
		})
	}
}

func TestHTMLKeepsShortThings(t *testing.T) {
	t.Parallel()
	p := "<p>" + htmlBody + " दूसरा वाक्य भी यहीं है, ताकि अनुच्छेद लंबा हो।</p>"
	d := parseHTML(t, "<html><body><header>क<nav>ख</nav></header><article><header><h1>झील पर पक्षी लौट आए</h1><p class=author>नगर संवाददाता</p></header>"+
		"<figure><img src=/a.jpg><figcaption>चित्र का विवरण</figcaption></figure>"+p+"<p>हाँ।</p>"+p+"<h3>छोटा</h3>"+p+
		"<p>स्रोत: <a href=https://van.example>वन विभाग</a></p><footer>(एजेंसी)</footer></article><aside>ग</aside><footer>घ</footer></body></html>")
	want := []string{"झील पर पक्षी लौट आए", "नगर संवाददाता", "चित्र का विवरण", "हाँ।", "छोटा", "स्रोत: वन विभाग", "(एजेंसी)"}
	text := "\n" + d.Render(article.Text, nil) + "\n"
	for _, w := range want {
		if !strings.Contains(text, "\n"+w+"\n") {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
	if len(d.Blocks) != 10 {
		t.Errorf("%d blocks, want 10:\n%s", len(d.Blocks), dumpBlocks(d))
	}
}

// With translated contents, the tree is the same and the words are others.
func TestHTMLTranslated(t *testing.T) {
	t.Parallel()
	d := parseHTML(t, `<h1 class=x>झील</h1><figure><img src="/a.png" alt="क"><figcaption>चित्र</figcaption></figure>`+
		`<ul><li>यह <b>बहुत</b> <a href="/r?a=1&b=2" onclick=x>ज़रूरी</a> है</li></ul><table><tr><td colspan=2>क</td><td></td></tr></table><pre>if a &lt; b</pre>`)
	answers := []string{"Lake <&>", "Picture", "<2>Needed</2>, <1>very</1>", "A"}
	contents := make([]article.Inline, len(d.Blocks))
	for i, a := range answers {
		contents[i], _ = d.Blocks[i].Segments(1500)[0].Restore(a)
	}
	want := `<h1>Lake &lt;&amp;&gt;</h1>
<figure>
<img src="/a.png" alt="क"><figcaption>Picture</figcaption>
</figure>
<ul>
<li><a href="/r?a=1&amp;b=2">Needed</a>, <b>very</b></li>
</ul>
<table>
<tbody>
<tr>
<td colspan="2">A</td>
<td></td>
</tr>
</tbody>
</table>
<pre>if a &lt; b</pre>
`
	if got := d.Render(article.HTML, contents); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got, want := d.Render(article.HTML, translate(t, d, same)), d.Render(article.HTML, nil); got != want {
		t.Errorf("mask round trip\ngot:\n%s\nwant:\n%s", got, want)
	}
}

func TestHTMLLinks(t *testing.T) {
	t.Parallel()
	for href, kept := range map[string]bool{
		"https://a.example/x": true, "http://a.example": true, "//a.example": true, "/a?b:c": true, "#a": true, "mailto:a@b.example": true, "tel:+911": true, "a/b:c": true,
		"javascript:x": false, " JavaScript:x": false, "java\tscript:x": false, "\x01javascript:x": false, "data:text/html,x": false, "vbscript:x": false, "file:///etc": false, "": false,
	} {
		d := parseHTML(t, `<p>पाठ <a href="`+href+`">लिंक</a> यहाँ</p>`)
		if got := strings.Contains(d.Render(article.HTML, nil), "<a "); got != kept {
			t.Errorf("%q: kept %v, want %v", href, got, kept)
		}
		if got := d.Render(article.Text, nil); got != "पाठ लिंक यहाँ" {
			t.Errorf("%q: text %q", href, got)
		}
	}
}

// The same article gives the same segments whatever format it comes in.
func TestFormatsGiveTheSameSegments(t *testing.T) {
	t.Parallel()
	text := "झील पर पक्षी लौट आए\n\nनगर संवाददाता, उदयपुर\n\nउदयपुर, 12 मार्च\n\n" + htmlBody + "\n\nदूसरी बात https://van.example/a पर है और {name} भी।"
	html := "<h1>झील पर पक्षी लौट आए</h1><p>नगर संवाददाता, उदयपुर</p><p>उदयपुर, 12 मार्च</p><p><b>" + htmlBody + "</b></p><p>दूसरी  बात <a href=\"https://van.example/a\">https://van.example/a</a> पर\nहै और {name} भी।</p>"
	markdown := "# झील पर पक्षी लौट आए\n\nनगर संवाददाता, उदयपुर\n\nउदयपुर, 12 मार्च\n\n**" + htmlBody + "**\n\nदूसरी बात <https://van.example/a> पर\nहै और {name} भी।"
	page := "<!doctype html><html><head><title>क</title></head><body><nav>होम</nav><main>" + html + "<p>" + htmlBody + "</p></main><footer>ग</footer></body></html>"
	d, err := article.Parse(text, article.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := dumpBlocks(d)
	if got := dumpBlocks(parseHTML(t, html)); got != want {
		t.Errorf("HTML\ngot:\n%s\nwant:\n%s", got, want)
	}
	if got := dumpBlocks(parseMD(t, markdown)); got != want {
		t.Errorf("Markdown\ngot:\n%s\nwant:\n%s", got, want)
	}
	if got := dumpBlocks(parseHTML(t, page)); got != want+"paragraph | "+htmlBody+"\n" {
		t.Errorf("page\ngot:\n%s\nwant:\n%s", got, want)
	}
}

// Size, depth and broken nesting cost time in proportion and no stack.
func TestHTMLHostileInput(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long inputs")
	}
	many := func(s string, size int) string { return strings.Repeat(s, size/5/len(s)) }
	for _, tc := range []struct{ name, in string }{
		{"10,000 nested divs", strings.Repeat("<div>", 10000) + "भीतर" + strings.Repeat("</div>", 10000) + "बाहर"},
		{"nested spans", many("<span>", 500_000) + "भीतर"},
		{"nested lists", many("<ul><li>क", 500_000)},
		{"nested tables", many("<table><tr><td>क", 300_000)},
		{"open bold", many("<b>क", 500_000)},
		{"open fonts", many("<font color=a>क<p>", 300_000)},
		{"open links", many("<a href=/a>क", 500_000)},
		{"stray end tags", "<p>क" + many("क</x>", 500_000)},
		{"stray end tags that have a start", "<b><i><u>" + many("क</b>", 500_000)},
		{"text in a table", "<table>" + many("क<tr>", 300_000)},
		{"one paragraph of 2 MB", "<p>" + many("क ख। ", 2_000_000)},
		{"a page of 2 MB", "<!doctype html><body><nav>a</nav><article>" + many("<p>"+htmlBody+"</p>", 2_000_000) + "</article>"},
		{"many links in a page", "<!doctype html><body><nav>a</nav><article>" + many("<p>क <a href=/x>ख</a>", 500_000) + "</article>"},
		{"comments", "क" + many("<!-- a -->", 500_000)},
		{"breaks", "क" + many("<br>", 500_000) + "ख"},
		{"attributes", "<p " + many("a=b ", 300_000) + ">क"},
		{"open brackets", "क" + many("<", 500_000)},
		{"entities", "क" + many("&amp", 500_000)},
		{"unclosed script", "क<script>" + many("<p>", 500_000)},
		{"h1 everywhere", "<body><nav>a</nav>" + many("<h1>क</h1>", 300_000)},
		{"related heads", "<body><nav>a</nav>" + many("<div>ये भी पढ़ें</div>", 300_000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			d := parseHTML(t, tc.in)
			d.Render(article.HTML, nil)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%v for %d bytes", took, len(tc.in))
			} else {
				t.Logf("%v for %d bytes, %d blocks", took, len(tc.in), len(d.Blocks))
			}
		})
	}
	d := parseHTML(t, strings.Repeat("<div>", 10000)+"भीतर"+strings.Repeat("</div>", 10000)+"बाहर")
	if len(d.Blocks) != 2 || d.Blocks[0].String() != "भीतर" || d.Blocks[1].String() != "बाहर" {
		t.Errorf("deep nesting: %s", dumpBlocks(d))
	}
}

var unsafeHTML = regexp.MustCompile(`(?i)<(script|style|iframe|object|form|input|link|meta|svg)|<[^>]*\s(on\w+|style|class|id)\s*=|="\s*(javascript|data|vbscript):`)

func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"<p>क <b>ख</b><br><br>ग</p>", "<h1>क</h1><ul><li>ख<ol><li>ग</ol></ul>", "<table><tr><td>क<td><b>ख</table>", "<blockquote>क<p>ख</blockquote>",
		"<a href=javascript:x>क</a><a href='/b'><p>ख</p></a>", "<pre>\n a</pre><code>b</code>", "<html><title>क</title><body><nav>ग</nav><p>" + htmlBody + "</body>",
		"<b>क<p>ख</b>ग</p>", "<img src=x alt='\"><script>'>क", "<dl><dt>क<dd>ख</dl><figure><img src=a><figcaption>ग</figure>", "<p>&lt;script&gt; &amp;amp; &nbsp; &#x200b; क</p>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		d, err := article.Parse(src, article.Options{Format: article.HTML})
		if err != nil {
			return
		}
		out := d.Render(article.HTML, nil)
		if m := unsafeHTML.FindString(out); m != "" {
			t.Fatalf("unsafe %q in %q", m, out)
		}
		if got := d.Render(article.HTML, translate(t, d, same)); got != out {
			t.Fatalf("mask round trip\ngot:  %q\nwant: %q", got, out)
		}
		// What was kept is kept again: the same blocks, once, in order.
		back, err := article.Parse(out, article.Options{Format: article.HTML})
		if err != nil {
			t.Fatalf("%v: %q", err, out)
		}
		if got, want := article.Fold(back.Render(article.Text, nil)), article.Fold(d.Render(article.Text, nil)); got != want {
			t.Fatalf("text of kept nodes\ngot:  %q\nwant: %q\nhtml: %q", got, want, out)
		}
		if n := article.VisibleLen(src, article.HTML); n == 0 {
			t.Fatalf("no visible text, but blocks: %s", dumpBlocks(d))
		}
		d.Render(article.Markdown, nil)
	})
}
