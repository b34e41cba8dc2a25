package article_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

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
	f.Add("&lt;1\x00\x00t; <1> &#38;#38; &amp;lt; &notit; &#0; \x00 \xff {x} %s <textarea>a</textarea><code>b <td translate='no'>c<t", "उत्तर <1>है</1> & <b>", uint8(9), false)
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
		"a<d>b<p>c<b>e</b>f</p><c><![CDATA[g]]></c>h</d>",
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
	ofXML := 0
	for range 1500 {
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
			ofXML++
			if _, err := article.ParseMarkup(got, o); err != nil {
				t.Fatalf("%v in %q, which was\n%q", err, got, text)
			}
		}
		if !maps.Equal(count(got), count(text)) {
			t.Fatalf("the tags of %q are not those of\n%q", text, got)
		}
	}
	if ofXML < 20 {
		t.Errorf("only %d texts of XML", ofXML)
	}
}

// Markup made to be slow must not be.
func TestNoSlowMarkup(t *testing.T) {
	t.Parallel()
	const bound = 30 * time.Second
	if testing.Short() {
		t.Skip("short")
	}
	for _, piece := range []string{
		"<b>", "</b>", "<b></b>", "<b>x", "x<b>", "<b><i>x</b>", "<b> ", "<code>", "<code>x</code>", "<p translate=no>", "<li translate=no><ul>", "<td translate=no>x</b>",
		"<x>", "<x>y</x>", "<br>", "<br>x ", "x.<br>", "<x/>", "<x/>y", "<!-- -->", "<!--", "<![CDATA[x]]>", "<![CDATA[", "<script>", "<title>", "<", "</", "&", "&amp", "&amp;", "&#", "&x;",
		"{x} ", "https://a/ ", "<b>https://a/</b>", "\u00ad", "&nbsp;", "<b>&nbsp;</b>", "<a href=x>क</a>", "<p>क", "<p>", "<a b='c' b='c'>", "<a " + strings.Repeat("b=c ", 1000),
	} {
		for _, xml := range []bool{false, true} {
			size := 5_000
			if strings.Contains(piece, "</a>") { // many pairs in one piece
				size = 100_000
			}
			text := strings.Repeat(piece, max(1, size/len(piece)))
			if xml && strings.HasPrefix(piece, "<b>") {
				text += strings.Repeat("</b>", strings.Count(text, "<b>")-strings.Count(text, "</b>"))
			}
			start := time.Now()
			m, err := article.ParseMarkup(text, article.MarkupOptions{XML: xml, Outline: true, Ignore: []string{"x"}})
			if err == nil && again(m, 1500, echo) != text {
				t.Errorf("%q does not come back", piece)
			}
			if err == nil {
				again(m, 1500, func(string) string { return "x" })
			}
			if took := time.Since(start); took > bound {
				t.Errorf("%q takes %v", piece, took)
			}
		}
	}
}

// What is well formed, the standard library's reader says, too.
func TestXMLWellFormed(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(7, 7))
	parts := strings.Split("a|क|&amp;|&#65;|&#x41;|&#;|&x|&|<b>|<b>|</b>|</b>|<c>|</c>|<c />|<b x='1'>|<b x=\"'&lt;\" y='2'>|<b x='<'>|<b x=1>|<b x>|</b >|< b>|</ b>|<é>|</é>|<1>|<!-- c -->|<![CDATA[<b>]]>|]]>|<?p q?>|<", "|")
	good := 0
	for range 6000 {
		var b strings.Builder
		for range 1 + dice.IntN(6) {
			b.WriteString(parts[dice.IntN(len(parts))])
		}
		text := b.String()
		_, err := article.ParseMarkup(text, article.MarkupOptions{XML: true})
		var other error
		for d := xml.NewDecoder(strings.NewReader("<r>" + text + "</r>")); other == nil; _, other = d.Token() {
		}
		if (err == nil) != (other == io.EOF) {
			t.Errorf("%q: %v, encoding/xml: %v", text, err, other)
		}
		if err == nil {
			good++
		}
	}
	if good < 300 {
		t.Errorf("only %d good ones", good)
	}
}

// What the model sees of a text: its segments, one a piece.
func TestMarkupPieces(t *testing.T) {
	t.Parallel()
	html, outline := article.MarkupOptions{}, article.MarkupOptions{XML: true, Outline: true}
	rows := []struct {
		name, text string
		o          article.MarkupOptions
		want       string // parted by " / "
	}{
		{"blocks", "<h1>A</h1>b<ul><li>c<li>d</ul><table><tr><td>e<td>f</table>", html, "A / b / c / d / e / f"},
		{"a wrapped line", "<p>\n  a\n  b<b>\n c</b>\t d </p>", html, "a b<1> c</1> d"},
		{"references", "&#2309; &lt; &copy; &amp;lt; &notit; AT&T", html, "अ < © &lt; ¬it; AT&T"},
		{"what looks like a mask", "a &lt;1&gt; b", html, "a <1/> b"},
		{"verbatim text", "see https://a.b/?c=1&amp;d=2 or {name}", html, "see <1/> or <2/>"},
		{"an image, an icon", "a <img src=x> b <i class=x></i> c", html, "a <1/> b <2/> c"},
		{"pairs around all", "<p><b><i>a</i></b></p>", html, "a"},
		{"empty pairs", "a <b></b><i> </i>c", html, "a <1/><2/>c"},
		{"crossing", "a <b>b <i>c</b> d</i> e", html, "a <1>b <2/>c</1> d<3/> e"},
		{"a pair across blocks", "a <b>b<p>c</b> d", html, "a <1/>b / c<1/> d"},
		{"code", "run <code>go <b>x</b></code> now<pre>no</pre>", html, "run <1/> now"},
		{"an open code tag", "run <code>go now", html, "run <1/>go now"},
		{"script, style, drawing", "a <script>b</script><style>c</style> <svg><text>d</text></svg>e <math><mi>f</mi></math> g", html, "a <1/><2/><3/>e <4/> g"},
		{"an open script", "a<script>b <p>c", html, "a"},
		{"comments", "a <!-- b --> c<!-- d -->", html, "a <1/>c"},
		{"attributes", `<img alt="a"><input placeholder="b" title="c">d`, html, "d"},
		{"no translation of a block", `a<div translate="NO">b<div>c</div>d</div>e`, html, "a / e"},
		{"nor of a paragraph without end", `<p class=notranslate>a<p>b`, html, "b"},
		{"nor of an item without end", `<ul><li translate=no>a<ul><li>b</ul><li>c</ul>d`, html, "c / d"},
		{"nor of a cell", `<table><tr><td translate=no>a<table><tr><td>b</table><td>c</table>`, html, "c"},
		{"no translation in a sentence", `a <i class="x notranslate y">b <i>c</i></i> d`, html, "a <1/> d"},
		{"break in a sentence", "a<br>b", html, "a<1/>b"},
		{"break behind a sentence", "वे आए।<br>b<BR/>c", html, "वे आए। / b<1/>c"},
		{"two breaks", "a<br> <br>b", html, "a / b"},
		{"buttons and choices", "<button>a</button><button>b</button><select><option>c<option>d</select>", html, "a / b / c / d"},
		{"a cut tag", "a <b", html, "a"},
		{"signs that are no tags", "3 < x > 2 </ >", html, "3 < x > 2"},
		{"lines of HTML", "a\n b <b>c\nd</b>", article.MarkupOptions{Lines: true}, "a / b <1/>c / d"},
		{"a reference is no line", "a&#10;b", article.MarkupOptions{Lines: true}, "a b"},

		{"XML by structure", "<d><t>a</t><p>b <i>c</i> d</p><p><i>e</i></p></d>", outline, "a / b <1>c</1> d / e"},
		{"white space between elements is text", "<d><t>a</t> <t>b</t></d>", outline, "<1>a</1> <2>b</2>"},
		{"but not a line break", "<d><t>a</t>\n<t>b</t></d>", outline, "a / b"},
		{"a list in a sentence", "<p>a <l><i>b</i><i>c</i></l> d</p>", outline, "a / b / c / d"},
		{"a pair parted by another element", "<p>a <b>b <l>c</l> d</b> e</p><l><i>f</i></l>", article.MarkupOptions{XML: true, Splitting: []string{"l"}}, "a / b / c / d / e / f"},
		{"a pair parted by a line", "<p>a <b>b\nc</b> <b>d</b></p>", article.MarkupOptions{XML: true, Outline: true, Lines: true}, "a / b / c / d"},
		{"empty elements", "<p>a <x/> b</p><x/>", outline, "a <1/> b"},
		{"entities", "<p>a &foo; b &lt;</p>", outline, "a <1/> b <"},
		{"the names of XML have case", "<p>a <b>c</b></p><B>d</B>", outline, "a <1>c</1> / d"},
		{"no outline", "<d><t>a</t>\n<t>b</t></d>", article.MarkupOptions{XML: true}, "<1>a</1> <2>b</2>"},
		{"splitting alone", "<d><t>a</t><u>b</u>c</d>", article.MarkupOptions{XML: true, Splitting: []string{"t"}}, "a / <1>b</1>c"},
		{"not splitting", "<d><t>a</t>\n<t>b</t></d>", article.MarkupOptions{XML: true, Outline: true, NonSplitting: []string{"t"}}, "<1>a</1> <2>b</2>"},
		{"ignored in text and out of it", "<d><p>a <x>b <b>c</b></x> d</p><y>e</y></d>", article.MarkupOptions{XML: true, Outline: true, Ignore: []string{"x", "y"}}, "a <1/> d"},
		{"CDATA", "<d>a <![CDATA[b > c]]> d<e><![CDATA[<p>f</p>]]></e></d>", outline, "a / b > c / d"},
	}
	for _, row := range rows {
		m, err := article.ParseMarkup(row.text, row.o)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		var got []string
		for _, p := range m.Pieces {
			for _, s := range p.Block.Segments(1500) {
				got = append(got, s.Text)
			}
		}
		if s := strings.Join(got, " / "); s != row.want {
			t.Errorf("%s: %q, want %q", row.name, s, row.want)
		}
	}
}

// What a translation brings is written as the text writes it, and is never markup.
func TestMarkupNotation(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, text string
		xml        bool
		answer     string
		want       string
	}{
		{"nothing special", "<p>x</p>", false, `1 < 2 & "3" > '4'`, `<p>1 &lt; 2 &amp; "3" &gt; '4'</p>`},
		{"as the text has it", "<p>x &gt; &quot;y&quot; &#38; &nbsp;&mdash;z</p>", false, "1 > \"2\" &\u00a0— <3>", "<p>1 &gt; &quot;2&quot; &#38;&nbsp;&mdash; </p>"},
		{"bare >", "<p>x > y</p>", false, "1 > 2", "<p>1 > 2</p>"},
		{"a reference without its end", "<p>x &lt y</p>", false, "1 < 2", "<p>1 &lt; 2</p>"},
		{"letters stay letters", "<p>caf&eacute; &#x915;</p>", false, "café ख", "<p>café ख</p>"},
		{"same words stay as they were", "<p>caf&eacute;\n a&amp;b</p>", false, "café a&b", "<p>caf&eacute;\n a&amp;b</p>"},
		{"markup of the model's", "<p>x</p>", false, "<script>y</script>", "<p>&lt;script&gt;y&lt;/script&gt;</p>"},
		{"in XML", "<p>x &apos; &#x2014;</p>", true, "1 < & ' — >", "<p>1 &lt; &amp; &apos; &#x2014; &gt;</p>"},
		{"end of CDATA in text", "<p>x > y</p>", true, "1 ]]> 2", "<p>1 ]]&gt; 2</p>"},
		{"in CDATA", "<p><![CDATA[ x ]]></p>", true, "1 < & ]]> 2", "<p><![CDATA[ 1 < & ]]]]><![CDATA[> 2 ]]></p>"},
		{"characters XML does not allow", "<p>x</p>", true, "1\x00\x0b2\ufffe", "<p>12</p>"},
		{"NUL in HTML", "<p>x</p>", false, "1\x002", "<p>12</p>"},
	}
	for _, row := range rows {
		m, err := article.ParseMarkup(row.text, article.MarkupOptions{XML: row.xml, Outline: true})
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got := again(m, 1500, func(string) string { return row.answer }); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	const text = " See {x}\r\n  at home.\u2028 \n\nOr\tnot. "
	for _, row := range []struct {
		breaks     bool
		text, segs string
	}{
		{false, "See {x} at home. Or\tnot.", "See <1/> at home. Or\tnot."},
		{true, "See {x}\r\n  at home.\u2028 \n\nOr\tnot.", "See <1/><2/>at home.<3/>Or\tnot."},
	} {
		b := article.OneLine(text, row.breaks)
		if got := b.String(); got != row.text {
			t.Errorf("breaks %v: %q, want %q", row.breaks, got, row.text)
		}
		if got := b.Segments(0)[0].Text; got != row.segs {
			t.Errorf("breaks %v: the segment is %q, want %q", row.breaks, got, row.segs)
		}
	}
	if b := article.OneLine(" \ufeff\n", true); b.String() != "" {
		t.Errorf("%q of nothing", b.String())
	}
}
