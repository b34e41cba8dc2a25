package newsletter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

// odd are texts that must stay texts.
var odd = []string{
	`<script>alert(1)</script>`, `</title></style><script src=//example.org/x.js></script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`,
	`javascript:alert(1)`, `JaVaScRiPt:alert(1)`, `data:text/html,<script>alert(1)</script>`, `{{template "content"}} {{.Secret}} {% raw %}`, `{{< figure src="x" >}} {{% x %}}`,
	strings.Repeat("अनंतशब्द", 80), strings.Repeat("w", 700), "पाठ \u202Eelbisrever\u202C \u2066x", "नल\x00\x01\x1b\x7f\u0085\uFFFE", "टूटा \xff\xfe",
	"एक\nदो\r\nतीन\rचार", "---\nlayout: x\n---", "# शीर्षक #", "1. सूची\n- सूची", "[क](javascript:alert(1)) ![ख](data:x) <https://example.org/>", "`{{x}}` ``a`b``",
	"&lt;b&gt; &amp;amp; &#60;", "]]> <!-- --> <![CDATA[", "<!--[if mso]><p><![endif]-->", "\u200B\u200D\uFEFF", " ", "", "क्ष़िक़॑", "😀‍👩‍👧", "\\", "```\nx\n```", "% = + @SUM(1)",
}

// oddMarkdown becomes content with marks.
var oddMarkdown = []string{
	"[कड़ी](javascript:alert(1)) और **गाढ़ा**", "![चित्र](data:image/svg+xml,x) पाठ", "[x](https://example.org/?a=1&b=\"2\"'>)", "<b onclick=alert(1)>पाठ</b>", "`{{.X}}` <span style=x>पाठ</span>",
	"https://example.org/{{x}} पता", "पंक्ति\\\nपंक्ति", "![alt \"quoted\"](https://example.org/a.png) चित्र", "[{{x}}](https://example.org/%7B%7Bx)", "a*b_c~~d~~ [e]", "**[कड़ी](vbscript:x)**",
}

type maker struct {
	t testing.TB
	*rand.Rand
}

func (m maker) of(list []string) string { return list[m.IntN(len(list))] }

func (m maker) content() article.Inline {
	if m.IntN(3) == 0 {
		d, err := article.Parse(m.of(oddMarkdown), article.Options{Format: article.Markdown})
		if err == nil && len(d.Blocks) > 0 {
			return d.Blocks[0].Content
		}
	}
	return article.Plain(m.of(odd))
}

func (m maker) text() newsletter.Text {
	t := newsletter.Text{}
	for _, l := range []string{"hi", "en"} {
		if m.IntN(5) > 0 {
			t[l] = m.of(odd)
		}
	}
	return t
}

func (m maker) pair(kinds ...article.Kind) newsletter.Pair {
	p := newsletter.Pair{Kind: kinds[m.IntN(len(kinds))], Original: m.of([]string{"hi", "en", ""}), Once: m.IntN(6) == 0, By: map[string]article.Inline{}}
	for _, l := range []string{"hi", "en"} {
		if m.IntN(6) > 0 {
			p.By[l] = m.content()
		}
	}
	switch p.Kind {
	case article.ListItem:
		p.Depth, p.Number = m.IntN(7), max(0, m.IntN(20)-10)
	case article.Heading:
		p.Level = m.IntN(8)
	}
	if m.IntN(4) == 0 {
		p.Flags = []newsletter.Flag{{ID: m.of(odd), Code: m.of(odd), Message: m.of(odd), Accepted: m.IntN(3) == 0}}
	}
	return p
}

func (m maker) pairs(most int) []newsletter.Pair {
	var list []newsletter.Pair
	for range m.IntN(most) {
		list = append(list, m.pair(article.Paragraph, article.Heading, article.ListItem, article.ListItem, article.Quote, article.Code, article.Caption, article.Byline, article.Dateline))
	}
	return list
}

func (m maker) story(n int) *newsletter.Story {
	s := &newsletter.Story{
		ID: fmt.Sprintf("urn:x:%d", n/2), Language: m.of([]string{"hi", "en"}), Link: m.of(append(odd, "https://example.org/?a=1&b=2", "https://example.org/{{x}}")),
		Publication: m.of(odd), Headline: m.pair(article.Title), Summary: m.pairs(3), Body: m.pairs(9), Show: m.of([]string{"summary", "lead", "full"}),
		Short: m.IntN(3) == 0, More: m.IntN(2) == 0, Minutes: map[string]int{"hi": m.IntN(4)},
	}
	if m.IntN(2) == 0 {
		s.Published = time.Date(2026, 11, 20+m.IntN(9), 5, 0, 0, 0, india)
	}
	if m.IntN(2) == 0 {
		s.Image = &newsletter.Image{URL: m.of(append(odd, "https://example.org/a.png?x='\"<")), Alt: m.text()}
	}
	return s
}

// oddEdition is an edition of texts that nobody would wish for, in every field.
func oddEdition(t testing.TB, seed uint64) *newsletter.Edition {
	m := maker{t, rand.New(rand.NewPCG(seed, 7))}
	e := &newsletter.Edition{
		ID: "urn:uuid:00000000-0000-5000-8000-000000000000", Layout: m.of([]string{newsletter.Stacked, newsletter.SideBySide, newsletter.SummaryFirst}),
		Languages: [][]string{{"hi", "en"}, {"en", "hi"}, {"hi"}, {"en"}}[m.IntN(4)], Title: newsletter.Text{m.of([]string{"hi", "en"}): "पत्र " + m.of(odd)}, Subject: m.of(odd), Preheader: m.of(odd),
		Date: time.Date(2026, 11, 24, 0, 0, 0, 0, india), Intro: m.pairs(4), Footer: m.pairs(4), Contents: m.IntN(2) == 0,
		Sender:  api.IssueSender{Name: m.of(odd), Address: m.of(odd), Website: m.of(odd), Unsubscribe: m.of(append(odd, "mailto:"+m.of(odd)))},
		Notices: []newsletter.Notice{{Where: m.of(odd), URL: m.of(odd), Code: m.of(append(odd, "demo_model")), Message: m.of(odd)}}, Partial: m.IntN(2) == 0,
	}
	for n := range 1 + m.IntN(3) {
		s := newsletter.Section{}
		if m.IntN(3) > 0 {
			s.Title = m.text()
		}
		for i := range m.IntN(3) {
			s.Stories = append(s.Stories, m.story(n*3+i))
		}
		e.Sections = append(e.Sections, s)
	}
	return e
}

// unsafeMarkup tells of markup in a page that no form of ours writes.
func unsafeMarkup(page string, elements string) []string {
	var bad []string
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	each(doc, func(n *html.Node) {
		if !slices.Contains(strings.Fields(elements), n.Data) {
			bad = append(bad, "<"+n.Data+">")
		}
		for _, a := range n.Attr {
			v := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src") && !strings.HasPrefix(v, "http://") && !strings.HasPrefix(v, "https://") &&
				!strings.HasPrefix(v, "mailto:") && !strings.HasPrefix(v, "#flag-") && v != "" {
				bad = append(bad, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
			}
		}
	})
	return bad
}

const (
	reviewElements = "html head meta title style body main header section article h1 h2 h3 h4 h5 h6 p span ul ol li b a code pre div blockquote img br em strong del sub sup u s i"
	feedElements   = "html head body p a img h1 h2 h3 h4 h5 h6 blockquote pre code ul ol li small strong em del u s i b br sub sup span"
)

// tryForm looks for what is wrong with a form of an edition.
func tryForm(t *testing.T, e *newsletter.Edition, f newsletter.Form) {
	t.Helper()
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.Render(e, f)
	if err != nil {
		lang := string(f)[max(0, len(f)-2):]
		if (lang == "hi" || lang == "en") && !slices.Contains(e.Languages, lang) {
			return // a feed in a language that the edition does not have
		}
		t.Fatal(err)
	}
	out := string(raw)
	if !utf8.ValidString(out) {
		t.Error("not UTF-8")
	}
	if f != newsletter.JSON && strings.ContainsFunc(out, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' && !(r == '\r' && f == newsletter.EML) || r >= 0x202A && r <= 0x202E || r == 0xFFFE
	}) {
		t.Error("control characters")
	}
	for _, s := range checkForm(t, f, out) {
		t.Error(s)
	}
}

// checkForm tells what is wrong with what was written, by the form's own rules.
func checkForm(t *testing.T, f newsletter.Form, out string) []string {
	switch f {
	case newsletter.HTML:
		return slices.DeleteFunc(lint(out), func(s string) bool { return strings.HasPrefix(s, "lang: ") }) // odd texts are in no language
	case newsletter.ReviewPage:
		return append(balance(out), unsafeMarkup(out, reviewElements)...)
	case newsletter.EML:
		parts(t, out)
	case newsletter.Atom, newsletter.AtomHindi, newsletter.AtomEng:
		return checkAtom(out)
	case newsletter.JSONFeed, newsletter.FeedHindi, newsletter.FeedEng:
		return append(checkJSONFeed(out), checkContents(out)...)
	case newsletter.JSON:
		if !json.Valid([]byte(out)) {
			return []string{"no JSON"}
		}
	case newsletter.Markdown:
		return checkMarkdown(out)
	}
	return nil
}

func checkContents(feed string) []string {
	var top struct {
		Items []struct {
			Content string `json:"content_html"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(feed), &top); err != nil {
		return []string{err.Error()}
	}
	var bad []string
	for _, i := range top.Items {
		bad = append(bad, unsafeMarkup(i.Content, feedElements)...)
	}
	return bad
}

// checkMarkdown reads Markdown as a site generator does that trusts it.
func checkMarkdown(out string) []string {
	_, rest, _ := strings.Cut(out, "---\n")
	front, body, ok := strings.Cut(rest, "---\n\n")
	if !ok || strings.Count(front, "\n") > 9 || !strings.HasPrefix(front, "title: ") {
		return []string{"front matter: " + front}
	}
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithRendererOptions(goldhtml.WithUnsafe())).Convert([]byte(body), &page); err != nil {
		return []string{err.Error()}
	}
	bad := unsafeMarkup(page.String(), feedElements+" hr")
	for _, s := range []string{"{{<", "{{%", "{{template", "{{.Secret", "{% raw"} {
		if strings.Contains(body, s) {
			bad = append(bad, "a template's "+s)
		}
	}
	return bad
}

// FuzzForms writes an edition of odd texts in one of the forms.
func FuzzForms(f *testing.F) {
	for seed := range uint64(16) {
		for form := range newsletter.Forms {
			f.Add(seed, byte(form))
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, form byte) {
		t.Parallel()
		form %= byte(len(newsletter.Forms))
		tryForm(t, oddEdition(t, seed), newsletter.Forms[form].Form)
	})
}
