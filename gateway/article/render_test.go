package article_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"dubhashi/gateway/article"
)

func TestRenderAcrossFormats(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		from, to article.Format
		want     string
	}{
		{"list in plain text keeps its own marks", "बाज़ार में आज के दाम\n\n• आलू 20 रुपये\n\n• प्याज़ 30 रुपये", article.Text, article.Text, "बाज़ार में आज के दाम\n\n• आलू 20 रुपये\n\n• प्याज़ 30 रुपये"},
		{"and loses them in Markdown", "बाज़ार में आज के दाम\n\n• आलू 20 रुपये\n\n• प्याज़ 30 रुपये", article.Text, article.Markdown, "# बाज़ार में आज के दाम\n\n- आलू 20 रुपये\n- प्याज़ 30 रुपये"},
		{"and in HTML", "बाज़ार में आज के दाम\n\n• आलू 20 रुपये\n\n• प्याज़ 30 रुपये", article.Text, article.HTML, "<h1>बाज़ार में आज के दाम</h1>\n<ul>\n<li>आलू 20 रुपये</li>\n<li>प्याज़ 30 रुपये</li>\n</ul>\n"},
		{"words of plain text are no markup", "1 < 2 & <b> है *यह* _नहीं_ # शीर्षक।", article.Text, article.HTML, "<p>1 &lt; 2 &amp; &lt;b&gt; है *यह* _नहीं_ # शीर्षक।</p>\n"},
		{"nor in Markdown", "- नहीं * यह\n\n1 < 2 & <b> है *यह* _नहीं_ # शीर्षक।", article.Text, article.Markdown, ""},
		{"bare URLs become links", "देखें https://a.example/x_y पर।", article.Text, article.HTML, "<p>देखें <a href=\"https://a.example/x_y\">https://a.example/x_y</a> पर।</p>\n"},
		{"an unsafe link of Markdown is not written", "[बुरा](javascript:x) पाठ यहाँ है।", article.Markdown, article.HTML, "<p>बुरा पाठ यहाँ है।</p>\n"},
		{"raw HTML of Markdown is not either", "पाठ <img src=x onerror=y> यहाँ <b>है</b>।", article.Markdown, article.HTML, "<p>पाठ  यहाँ है।</p>\n"},
		{"code with fences in it", "<p>क ख ग।</p><pre>```\na\n```</pre>", article.HTML, article.Markdown, "क ख ग।\n\n````\n```\na\n```\n````"},
		{"ordered lists nest", "<h1>क</h1><ol start=9><li>क<ol><li>ख</li></ol></li><li>ग<ul><li>घ<ul><li>च</li></ul></li></ul></li></ol>", article.HTML, article.Markdown,
			"# क\n\n9. क\n   1. ख\n10. ग\n    - घ\n      - च"},
		{"paragraph in an item", "<h1>क</h1><ul><li>क<p>ख ग घ।</p><ul><li>च</li></ul></li></ul>", article.HTML, article.Markdown, "# क\n\n- क\n\n  ख ग घ।\n\n  - च"},
		{"emphasis at a word's edge", "<p>“<b>क।</b>”<i>ख</i></p>", article.HTML, article.Markdown, "“**क।**”*ख*"},
		{"emphasis Markdown cannot say", "<p><b>क।</b>ख</p>", article.HTML, article.Markdown, "<strong>क।</strong>ख"},
		{"breaks", "<blockquote>क<br>ख</blockquote><h2>ग<br>घ</h2><p>च<br>छ।</p>", article.HTML, article.Markdown, "> क\\\n> ख\n\n## ग घ\n\nच\\\nछ।"},
		{"link with brackets and spaces", `<p><a href="/a b(c)" title='x "y"'>[क]</a> ख ग।</p>`, article.HTML, article.Markdown, `[\[क\]](</a b(c)> "x \"y\"") ख ग।`},
		{"sub and sup", "<p>H<sub>2</sub>O <u>क</u> ख।</p>", article.HTML, article.Markdown, "H<sub>2</sub>O क ख।"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d, err := article.Parse(tc.in, article.Options{Format: tc.from})
			if err != nil {
				t.Fatal(err)
			}
			got := d.Render(tc.to, nil)
			if tc.want != "" && got != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s\nblocks:\n%s", got, tc.want, dumpBlocks(d))
			}
			// What was written is read as the same words.
			back, err := article.Parse(got, article.Options{Format: tc.to})
			if err != nil {
				t.Fatal(err)
			}
			if a, b := article.Fold(back.Render(article.Text, nil)), article.Fold(d.Render(article.Text, nil)); tc.from != article.Text && a != b {
				t.Errorf("read back:\n%s\nwant:\n%s", a, b)
			}
		})
	}
}

func TestRenderWithFewerContents(t *testing.T) {
	t.Parallel()
	for _, f := range []article.Format{article.Text, article.Markdown, article.HTML} {
		d, err := article.Parse("<p>एक दो।</p><p>तीन चार।</p>", article.Options{Format: f, Title: "शीर्षक यहाँ"})
		if err != nil {
			t.Fatal(err)
		}
		want := d.Render(f, nil)
		for n := range len(d.Blocks) + 1 {
			if got := d.Render(f, make([]article.Inline, n)); got != want {
				t.Errorf("%s with %d nil contents: %q, want %q", f, n, got, want)
			}
		}
	}
}

// page builds a bilingual page from an archive of a source, targets and notes.
func page(t *testing.T, ar *txtar.Archive) article.Page {
	t.Helper()
	parts := map[string]string{}
	for _, f := range ar.Files {
		parts[f.Name] = string(f.Data)
	}
	d, err := article.Parse(parts["input.md"], article.Options{Format: article.Markdown})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(parts["targets"], "\n"), "\n")
	if len(lines) != len(d.Blocks) {
		t.Fatalf("%d targets for %d blocks:\n%s", len(lines), len(d.Blocks), dumpBlocks(d))
	}
	p := article.Page{Document: d, SourceLang: "hi", TargetLang: "en", Targets: make([]article.Inline, len(lines)), Notes: make([]string, len(lines))}
	for i, l := range lines {
		switch l {
		case "-":
		case "=":
			p.Targets[i] = d.Blocks[i].Content
		default:
			var lost []string
			if p.Targets[i], lost = d.Blocks[i].Segments(1500)[0].Restore(l); len(lost) > 0 {
				t.Fatalf("target %d lost %v", i, lost)
			}
		}
	}
	for _, l := range strings.Split(strings.TrimRight(parts["notes"], "\n"), "\n") {
		n, note, _ := strings.Cut(l, " ")
		i, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		p.Notes[i] = note
	}
	p.Summaries = []article.Summary{
		{Language: "en", Text: "All 212 bridges in the district have been inspected before the rains, and 14 are closed to heavy vehicles until repairs end."},
		{Language: "hi", Bullets: []string{"ज़िले के सभी 212 पुलों की जाँच पूरी", "14 पुल भारी वाहनों के लिए बंद", "मरम्मत 20 जून तक"}},
	}
	p.Footer = "Translated by a machine & checked by rules <not by people>."
	return p
}

func TestBilingualGolden(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "bilingual", "report.txtar")
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := page(t, ar)
	got := []txtar.File{
		{Name: "text", Data: []byte(p.Text())},
		{Name: "markdown", Data: []byte(p.Markdown())},
		{Name: "html", Data: []byte(withoutStyle(p.HTML()))},
	}
	if dir := os.Getenv("ARTICLE_PAGES"); dir != "" { // to look at it in a browser
		if err := os.WriteFile(filepath.Join(dir, "report.html"), []byte(p.HTML()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if *updateGolden {
		out := &txtar.Archive{Comment: ar.Comment, Files: append(ar.Files[:3:3], got...)}
		if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(ar.Files) != 6 {
		t.Fatalf("%d parts in %s, want 6", len(ar.Files), file)
	}
	for i, part := range got {
		if want := ar.Files[3+i]; want.Name != part.Name || string(want.Data) != string(part.Data) {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", part.Name, part.Data, want.Data)
		}
	}
}

func withoutStyle(page string) string {
	return regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(page, "<style></style>")
}

// A page is safe and complete whatever the article and the notes say.
func TestPageIsSelfContained(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert("क")</script> javascript:x " onload="y`
	d, err := article.Parse(evil+"\n\nदूसरा अनुच्छेद यहाँ है। <img src=x onerror=y>", article.Options{Title: "शीर्षक " + evil})
	if err != nil {
		t.Fatal(err)
	}
	p := article.Page{Document: d, SourceLang: `hi"><script>`, TargetLang: "en", Notes: []string{evil, evil, evil},
		Summaries: []article.Summary{{Language: "en", Text: evil}, {Language: "hi", Bullets: []string{evil}}}, Footer: evil}
	html := p.HTML()
	if m := regexp.MustCompile(`(?i)<(script|iframe|object|link|img|base)|<[^>]*\son\w+\s*=|(src|href)="(javascript|data)|@import|url\(`).FindString(html); m != "" {
		t.Errorf("%q in the page", m)
	}
	if got := strings.Count(html, "[not translated]"); got != len(d.Blocks) {
		t.Errorf("%d of %d missing targets are marked", got, len(d.Blocks))
	}
	for _, out := range []string{p.Text(), p.Markdown()} {
		if got := strings.Count(strings.ReplaceAll(out, `\`, ""), "[not translated]"); got != len(d.Blocks) {
			t.Errorf("%d of %d missing targets are marked in\n%s", got, len(d.Blocks), out)
		}
	}
}

func TestPageShowsTheSameWordsOnce(t *testing.T) {
	t.Parallel()
	d := parseMD(t, "# शीर्षक\n\nNAGAR NEWS SERVICE\n\n```\nकोड एक\n```\n\nपाठ यहाँ है।")
	targets := make([]article.Inline, len(d.Blocks))
	targets[1] = d.Blocks[1].Content
	p := article.Page{Document: d, SourceLang: "hi", TargetLang: "en", Targets: targets}
	for _, out := range []string{p.Text(), p.Markdown(), p.HTML()} {
		for _, once := range []string{"NAGAR NEWS SERVICE", "कोड एक"} {
			if n := strings.Count(out, once); n != 1 {
				t.Errorf("%q stands %d times in\n%s", once, n, out)
			}
		}
	}
	if !strings.Contains(p.HTML(), `lang="en"><p>NAGAR`) {
		t.Errorf("the byline is not marked as English:\n%s", withoutStyle(p.HTML()))
	}
}
