package article_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dubhashi/gateway/article"
)

// again puts a text together with answers for its pieces' segments.
func again(m *article.Markup, limit int, answer func(segment string) string) string {
	var b strings.Builder
	for _, p := range m.Pieces {
		var parts []article.Inline
		for _, s := range p.Block.Segments(limit) {
			in, _ := s.Restore(answer(s.Text))
			parts = append(parts, in)
		}
		b.WriteString(p.Before + p.Render(p.Block.Join(parts)))
	}
	return b.String() + m.After
}

func echo(s string) string { return s }

// tagsOf counts the tags of HTML, as they are written, and what else is no text.
func tagsOf(text string) map[string]int {
	count := map[string]int{}
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return count
		case html.TextToken:
		default:
			count[string(z.Raw())]++
		}
	}
}

func FuzzMarkup(f *testing.F) {
	for _, s := range []string{
		`<p>Hello <b>world</b>, see <a href="x?a=1&b=2">our&nbsp;site</a> at https://a.b/c?x=1&amp;y=2 now.</p><ul><li>One<li>Two <i></i> &copy; 2024</ul>`,
		"<!DOCTYPE html><HTML><head><title>A &amp; B</title><script>if (a<b) x</script></head>\n<body class='x'>\n<!-- c --><p>First\n  line.<br>Second<br/>third. <b><i>x</b></i>",
		"run <code>npm i</code> and <span class=\"a notranslate\">Keep <b>me</b></span> ok <div translate=no>no <p>no</div> tail < 5 <b",
		"&lt;1&gt; <1> &#38;#38; &amp;lt; &notit; &#0; \x00 \xff {x} %s <textarea>a</textarea><code>b <td translate='no'>c<td>d",
		"<b> <i> </i></b>x<b>\u00ad</b> \u00a0&nbsp;<u>&nbsp;y</u>  ", "<a><a><a>x</b></a></a>", "<p translate=no>a<p>b</p></p>c</li>", "<title>a <b>", "<script/>x</script>y",
	} {
		f.Add(s, "उत्तर <1>है</1> & <b>", uint8(20), false)
		f.Add(s, "</2> <3/> <1/> ]]>", uint8(200), true)
	}
	f.Fuzz(func(t *testing.T, text, answer string, limit uint8, lines bool) {
		m, err := article.ParseMarkup(text, article.MarkupOptions{Lines: lines, Ignore: []string{"x"}, Splitting: []string{"i"}, NonSplitting: []string{"td"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := again(m, int(limit), echo); got != text {
			t.Fatalf("with its own words %q is\n%q", text, got)
		}
		if got := again(m, int(limit), func(string) string { return answer }); !maps.Equal(tagsOf(got), tagsOf(text)) {
			t.Fatalf("the tags of %q are not those of\n%q", text, got)
		}
	})
}

func FuzzMarkupXML(f *testing.F) {
	for _, s := range []string{
		"<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY x \"<y>\"> <!-- > -->]>\n<document>\n <title a='&lt;'>A document's title</title>\n <par>The <b>first</b> one. &foo; More.</par>\n <c><![CDATA[Text > here]]></c><c><![CDATA[<p>x</p>]]></c>\n</document>",
		"Press <i>Continue</i> to <x>Settings</x> go.", "<doc><par>A b </par> <par>C d</par></doc>", "&#x915; &#0; &#150; a ]]&gt; b", "<a:b xmlns:a='u'/> <é>x</é>", "a & b", "<a", "<a></b>", "<a b=c>", "<a b='<'>", "]]>", "</a>", "<!x>",
	} {
		f.Add(s, "उत्तर <1>है</1> ]]> & <b>", uint8(20), false)
		f.Add(s, "</2> <3/> <1/> \x01", uint8(200), true)
	}
	f.Fuzz(func(t *testing.T, text, answer string, limit uint8, outline bool) {
		o := article.MarkupOptions{XML: true, Outline: outline, Ignore: []string{"x"}, Splitting: []string{"i"}}
		m, err := article.ParseMarkup(text, o)
		if err != nil {
			return
		}
		if got := again(m, int(limit), echo); got != text {
			t.Fatalf("with its own words %q is\n%q", text, got)
		}
		got := again(m, int(limit), func(string) string { return answer })
		if _, err := article.ParseMarkup(got, o); err != nil {
			t.Fatalf("%v in %q, which was\n%q", err, got, text)
		}
		if strings.Contains(answer, "]]>") { // parts a CDATA section
			return
		}
		if !maps.Equal(xmlTags(got), xmlTags(text)) {
			t.Fatalf("the tags of %q are not those of\n%q", text, got)
		}
	})
}

// xmlTags counts what stands between "<" and ">" and is no text.
func xmlTags(text string) map[string]int {
	count := map[string]int{}
	for _, s := range article.XMLTags(text) {
		count[s]++
	}
	return count
}

// fragments of which texts with all kinds of markup, and faults in it, are made.
var fragments = strings.Split("Hello| |world. |\n|  |नमस्ते|।|a@b.in |{name}|%s|https://x.y/?a=1&b=2 |&amp;|&nbsp;|&lt;1&gt;|<1>|<|>|&|\u00ad|"+
	"<b>|</b>|<b >|</B>|<i class='x'>|</i>|<a href=\"u\">|</a>|<br>|<br/>|<img src=x>|<p>|</p>|<div>|</div>|<li>|<ul>|</ul>|<td>|</td>|<code>|</code>|<pre>|</pre>|"+
	"<!-- c -->|<script>s</script>|<svg><path/></svg>|<span translate=no>|</span>|<p class=notranslate>|<x>|</x>|<x/>|<title>|</title>|<textarea>|</textarea>|<![CDATA[c]]>", "|")

// mangle does to an answer what models do.
func mangle(dice *rand.Rand, segment string) string {
	masks := regexp.MustCompile(`</?\d+/?>`)
	return masks.ReplaceAllStringFunc(segment, func(m string) string {
		switch dice.IntN(8) {
		case 0:
			return ""
		case 1:
			return m + m
		case 2:
			return fmt.Sprintf("<%d>", dice.IntN(4))
		case 3:
			return "</" + strings.Trim(m, "</>") + ">"
		}
		return m
	}) + []string{"", "।", "<b>", "&", "<2/>"}[dice.IntN(5)]
}

func TestMarkupKeepsAll(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(4, 2))
	xml := 0
	for range 4000 {
		var b strings.Builder
		for range dice.IntN(25) {
			b.WriteString(fragments[dice.IntN(len(fragments))])
		}
		text := b.String()
		o := article.MarkupOptions{Lines: dice.IntN(2) == 0, Ignore: []string{"x"}, XML: dice.IntN(2) == 0, Outline: dice.IntN(2) == 0}
		limit := 12 + dice.IntN(40)
		m, err := article.ParseMarkup(text, o)
		if err != nil {
			continue
		}
		if got := again(m, limit, echo); got != text {
			t.Fatalf("with its own words %q is\n%q", text, got)
		}
		got := again(m, limit, func(s string) string { return mangle(dice, s) })
		count := tagsOf
		if o.XML {
			count = xmlTags
			xml++
		}
		if !maps.Equal(count(got), count(text)) {
			t.Fatalf("the tags of %q are not those of\n%q", text, got)
		}
	}
	if xml < 50 {
		t.Errorf("only %d texts of XML", xml)
	}
}
