package article_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/article"
)

func TestMarkdownGolden(t *testing.T) {
	t.Parallel()
	golden(t, "markdown", "input.md", article.Markdown)
}

var mask = regexp.MustCompile(`<(/?)(\d+)(/?)>`)

// translate gives the contents that come of answering every segment with f
// applied to the words between its masks.
func translate(t testing.TB, d *article.Document, f func(string) string) []article.Inline {
	t.Helper()
	contents := make([]article.Inline, len(d.Blocks))
	for i, b := range d.Blocks {
		if b.Kind == article.Code {
			continue
		}
		segments := b.Segments(1500)
		parts := make([]article.Inline, len(segments))
		for k, s := range segments {
			var answer strings.Builder
			pos := 0
			for _, m := range mask.FindAllStringIndex(s.Text, -1) {
				answer.WriteString(f(s.Text[pos:m[0]]) + s.Text[m[0]:m[1]])
				pos = m[1]
			}
			answer.WriteString(f(s.Text[pos:]))
			in, lost := s.Restore(answer.String())
			if len(lost) > 0 {
				t.Fatalf("block %d %q: lost %v", i, s.Text, lost)
			}
			parts[k] = in
		}
		contents[i] = b.Join(parts)
	}
	return contents
}

func same(s string) string { return s }

func parseMD(t testing.TB, s string) *article.Document {
	t.Helper()
	d, err := article.Parse(s, article.Options{Format: article.Markdown})
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return d
}

// Each piece of Markdown comes back byte for byte: as it was read, and when the
// model answers with the segments as they were asked.
var markdownPieces = []string{
	"सादा पाठ",
	"# शीर्षक #\n\nपाठ",
	"शीर्षक जो\nदो पंक्तियों में है\n===\n\nपाठ",
	"**मोटा** और __मोटा__ और *तिरछा* और _तिरछा_ और ***दोनों*** और **एक *भीतर* दूसरा**",
	"~~कटा~~ और ~कटा~ और ~~**मोटा कटा**~~",
	"`कोड` और `` को`ड `` और ` ` और `दो\nपंक्ति`",
	"[लिंक](https://a.example \"शीर्षक\") और [](/खाली) और [**मोटा** लिंक](<a b> 'x') और [लंबा\nलिंक](\nhttps://a.example\n\"श\"\n)",
	"[एक][r] [r][] [r] [नहीं]\n\n[r]: /u \"t\"",
	"![चित्र](/a.png \"t\") पाठ ![*ब*](/b) और [![भीतर](/c)](/d)",
	"<https://a.example> और <a@b.example> और https://c.example/_x_?a=1&b=2 और www.d.example। a_b@c.example",
	"पाठ <b>कच्चा</b> HTML <!-- टि --> और <br> यहाँ<br/>",
	"\\* \\_ \\[ &amp; &#2325; &hearts; & &nope; \\ \\a",
	"पहली  \nदूसरी\\\nतीसरी\nचौथी",
	"> उद्धरण **मोटा\n> चलता** है  \n> टूटा\nआलसी\n>\n> > भीतर\n> 1. सूची",
	"- एक\n- दो\n\n  दूसरा अनुच्छेद\n  - भीतर\n    > उद्धरण\n\n      ```\n      कोड\n      ```\n* तीन\n  ===",
	"7. सात\n8) आठ\n9) नौ\n   - [ ] काम\n   - [X] हो गया",
	"| अ | ब |\n|---|:-:|\n| **म** \\| `क \\| ख` | [ल](/u) |\n| एक |\nब",
	"पाठ[^n] और ![^n]\n\n[^n]: टिप्पणी **मोटी**\n    और आगे\n\n    दूसरा अनुच्छेद\n\n[^अनाथ]: बिना संदर्भ",
	"```go\nx := 1\n```\n\n~~~\n~~~\n\n    इंडेंट\n\n    कोड\n\nपाठ",
	"<div>\nखंड\n</div>\n\n<!-- टिप्पणी -->\n\n<p>अनु</p>\n\nपाठ",
	"---\nkey: v\n---\n\nपाठ\n\n---\n\nऔर",
	"+++\nkey = 1\n+++\nपाठ",
	"---\n\nपाठ पहले रेखा\n\n---",
	"\tटैब कोड\n\nपाठ\n-\tटैब सूची\n\n\tआगे",
	"शब्द**बीच**में और **अंत।**फिर और *“उद्धरण”*बाद",
	"* *\n* a\n\n-\n\n1.\n\n>\n\n#\n\nपाठ",
	"अ\u00ADब \u200Bस \uFEFFद क्\u200Dष न\u00A0म",
	"*अधूरा **उलझा* यहाँ** और _ अकेला * तारा",
	"- पाठ\n\n      कोड सूची में\n- > उद्धरण\n  > आगे",
	"{name} और {{count}} और %s और ${x} और @handle_x और a@b.example",
	"<1>झूठा</1> मुखौटा <2/> और `<3>`",
}

func TestMarkdownIdentity(t *testing.T) {
	t.Parallel()
	for _, src := range append(markdownPieces, strings.Join(markdownPieces, "\n\n")) {
		d := parseMD(t, src)
		if got := d.Render(article.Markdown, nil); got != src {
			t.Errorf("identity\ngot:  %q\nwant: %q", got, src)
		}
		if got := d.Render(article.Markdown, translate(t, d, same)); got != src {
			t.Errorf("mask round trip\ngot:  %q\nwant: %q", got, src)
		}
	}
}

// Words that look like markup stay words, whatever stands around them.
func TestMarkdownEscapesWords(t *testing.T) {
	t.Parallel()
	words := []string{
		"*star* and _under_ and **two** __two__", "a*b_c*d_e", "[x](y) ![x](y) [x] [^1]", "<b>bold</b> <!-- c --> <https://a.example>",
		"# heading", "###### six", "#hashtag", "1. item", "12) item", "- item", "+ item", "* item", "> quote", "---", "===", "- - -", "***",
		"`code` ``", "```", "~~~", "~~gone~~ ~5", "&amp; &#65; &copy; & AT&T", "\\ \\* back\\", "a | b", "|", "a|", "--|--", "|:-:|", "wow!", "C #", "#", "!",
		"5 * 3 * 2", "snake_case _x", "a < b > c", "hello!  ", "    indented", "line\nbreak", "[ref]: /url", "x\ty", "https://a.example/_b_", "a@b.example",
	}
	for _, src := range markdownPieces {
		d := parseMD(t, src)
		for _, w := range words {
			contents := translate(t, d, func(s string) string {
				if strings.TrimSpace(s) == "" {
					return s
				}
				return w
			})
			wantBack(t, d, contents)
		}
	}
}

// wantBack renders contents and reads them back: the same blocks with the same words.
func wantBack(t testing.TB, d *article.Document, contents []article.Inline) {
	t.Helper()
	out := d.Render(article.Markdown, contents)
	back, err := article.Parse(out, article.Options{Format: article.Markdown})
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if len(back.Blocks) != len(d.Blocks) {
		t.Fatalf("%d blocks became %d\nsource:\n%s\noutput:\n%s", len(d.Blocks), len(back.Blocks), d.Render(article.Markdown, nil), out)
	}
	for i, b := range back.Blocks {
		want := d.Blocks[i].Content
		if contents[i] != nil {
			want = contents[i]
		}
		if got := b.String(); article.Fold(got) != article.Fold(want.String()) {
			t.Fatalf("block %d\ngot:  %q\nwant: %q\nsource:\n%s\noutput:\n%s", i, got, want.String(), d.Render(article.Markdown, nil), out)
		}
	}
}

func TestMarkdownTranslated(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, src string
		answers   []string // by block; "" = as it is
		want      string
	}{
		{"emphasis and link", "यह **बहुत** ज़रूरी [रिपोर्ट](/r \"t\") है।", []string{"This [is] a <1>very</1> important <2>report</2>."}, "This \\[is\\] a **very** important [report](/r \"t\")."},
		{"order changes", "_पहला_ और `code`", []string{"<2/> and <1>first</1>"}, "`code` and _first_"},
		{"shortcut reference keeps its target", "देखें [नियम] यहाँ\n\n[नियम]: /n \"शीर्षक\"", []string{"See <1>the rules</1> here"}, "See [the rules](/n \"शीर्षक\") here\n\n[नियम]: /n \"शीर्षक\""},
		{"full reference", "देखें [नियम][n] यहाँ\n\n[n]: /n", []string{"See <1>the rules</1> here"}, "See [the rules][n] here\n\n[n]: /n"},
		{"flanking by punctuation", "**कहा** तब", []string{"<1>\"Go.\"</1>then"}, "<strong>\"Go.\"</strong>then"},
		{"underscore inside a word", "_यह_ शब्द", []string{"<1>un</1>word"}, "<em>un</em>word"},
		{"space inside a pair", "**यह** शब्द", []string{"<1> this </1>word"}, "**this** word"},
		{"bang before a link", "[यह](/u) देखो", []string{"Wow!<1>this</1>"}, "Wow\\![this](/u)"},
		{"heading", "## नियम\n\nपाठ यहाँ है।", []string{"Rule #", "Text\nhere."}, "## Rule \\#\n\nText here."},
		{"underlined heading", "नियम\n----\n\nपाठ यहाँ है।", []string{"1. Rule", "- Text"}, "1\\. Rule\n----\n\n\\- Text"},
		{"cell", "| अ | ब |\n|---|---|\n| क | ख |", []string{"A|B", "", "", "x"}, "| A\\|B | ब |\n|---|---|\n| क | x |"},
		{"hard break in a quote", "> एक  \n> दो", []string{"one<1/>two"}, "> one  \n> two"},
		{"lazy quote joins its lines", "> एक\nदो", []string{"one two three"}, "> one two three"},
		{"task", "- [ ] काम करो", []string{"[x] do it"}, "- [ ] \\[x\\] do it"},
		{"code and front matter stay", "---\nt: 1\n---\nएक\n\n```\nकोड\n```", []string{"one"}, "---\nt: 1\n---\none\n\n```\nकोड\n```"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := parseMD(t, tc.src)
			contents := make([]article.Inline, len(d.Blocks))
			for i, a := range tc.answers {
				if a != "" {
					contents[i], _ = d.Blocks[i].Segments(1500)[0].Restore(a)
				}
			}
			if got := d.Render(article.Markdown, contents); got != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tc.want)
			}
		})
	}
}

func TestMarkdownFrontMatterIsNoBlock(t *testing.T) {
	t.Parallel()
	d := parseMD(t, "---\ntitle: क\n---\n\nपहला\n\nदूसरा अनुच्छेद है।")
	if len(d.Blocks) != 2 || d.Blocks[0].String() != "पहला" {
		t.Errorf("blocks: %s", dumpBlocks(d))
	}
	if d := parseMD(t, "---\n\nपहला\n\n---"); len(d.Blocks) != 1 {
		t.Errorf("a rule was read as front matter: %s", dumpBlocks(d))
	}
}

// Markdown that drives parsers to quadratic work stays within the time of a request.
func TestMarkdownHostileInput(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long inputs")
	}
	const size = 20_000
	for _, unit := range []string{"[", "]", "![", "[a](", "*a ", "**a *b ", "`", "``a`", "> ", "- ", "<", "<a ", "&", "\\", "_a_*b*", "[a][", "|a|\n", "[^a]: ", "~~a ", "1. a\n   ", "a  \n", "$", "http://a "} {
		start := time.Now()
		d, err := article.Parse("क "+strings.Repeat(unit, size/len(unit)), article.Options{Format: article.Markdown})
		if err != nil {
			t.Errorf("%q: %v", unit, err)
			continue
		}
		d.Render(article.Markdown, nil)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%q: %v", unit, took)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range markdownPieces {
		f.Add(s)
	}
	f.Add(strings.Join(markdownPieces, "\n\n"))
	f.Fuzz(func(t *testing.T, src string) {
		if strings.ContainsRune(src, 0) {
			return // refused before it is parsed
		}
		d, err := article.Parse(src, article.Options{Format: article.Markdown})
		if err != nil {
			return
		}
		identity := d.Render(article.Markdown, nil)
		if article.Fold(identity) != article.Fold(src) {
			t.Fatalf("identity\ngot:  %q\nwant: %q", identity, src)
		}
		if got := d.Render(article.Markdown, translate(t, d, same)); got != identity {
			t.Fatalf("mask round trip\ngot:  %q\nwant: %q", got, identity)
		}
		for _, b := range d.Blocks {
			if article.Fold(b.String()) == "" {
				t.Fatalf("empty block in %q", src)
			}
		}
		d.Render(article.HTML, nil)
		d.Render(article.Text, nil)
	})
}

var maskLike = regexp.MustCompile(`<\s*/?\s*\p{Nd}`)

// Whatever a model answers, its words are read back as words.
func FuzzMarkdownWords(f *testing.F) {
	for _, w := range []string{"*star* _u_ **t**", "[x](y)", "# h", "1. i", "- i", "> q", "---", "`c`", "a | b", "&amp;", "<b>", "x!", "\\", "क।"} {
		f.Add(w, 3)
	}
	f.Fuzz(func(t *testing.T, word string, piece int) {
		if article.Fold(word) == "" || strings.ContainsRune(word, 0) || maskLike.MatchString(word) {
			return
		}
		d := parseMD(t, markdownPieces[max(0, piece)%len(markdownPieces)])
		contents := translate(t, d, func(s string) string {
			if strings.TrimSpace(s) == "" {
				return s
			}
			// White space at an edge is the author's and stays; without it a word
			// runs into a bare address, which nobody could tell apart again.
			body := strings.TrimSpace(s)
			lead, trail, _ := strings.Cut(s, body)
			return lead + strings.TrimSpace(word) + trail
		})
		wantBack(t, d, contents)
	})
}
