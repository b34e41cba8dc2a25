package newsletter_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/html"

	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

// shownForms are those that readers see, beside the feeds in one language.
var shownForms = []newsletter.Form{newsletter.HTML, newsletter.PlainText, newsletter.Markdown, newsletter.Atom, newsletter.JSONFeed, newsletter.ReviewPage}

// bare is a form without markup, so that its words can be looked for.
func bare(s string) string {
	s = html.UnescapeString(html.UnescapeString(s))
	s = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`).ReplaceAllString(s, "")
	return strings.NewReplacer(`\n`, " ", "\\", "", "*", "").Replace(s)
}

// TestEveryWord looks for every paragraph in every form.
func TestEveryWord(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{newsletter.Stacked, newsletter.SideBySide} {
		e := edition(t, layout, "https://example.org")
		for _, f := range shownForms {
			out := bare(render(t, e, f))
			last := 0
			for _, s := range e.Stories() {
				for _, p := range slices.Concat([]newsletter.Pair{s.Headline}, s.Summary, s.Body) {
					for _, l := range e.Languages {
						if p.Has(l) && p.Kind != article.Code && !strings.Contains(out, bare(p.Plain(l))) && !strings.Contains(out, bare(regexp.MustCompile(`[\p{L}\p{M}]+ [\p{L}\p{M}]+`).FindString(p.Plain(l)))) {
							t.Errorf("%s %s: %q is missing", layout, f, p.Plain(l))
						}
					}
				}
				at := strings.LastIndex(out, s.Headline.Plain("hi"))
				if at < last {
					t.Errorf("%s: %q is out of order", f, s.Headline.Plain("hi"))
				}
				last = at
			}
		}
	}
}

func TestTextHasNoTags(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	body := e.Sections[1].Stories[0].Body
	e.Sections[1].Stories[0].Body = slices.DeleteFunc(body, func(p newsletter.Pair) bool { return p.Kind == article.Code })
	text := render(t, e, newsletter.PlainText)
	for _, bad := range []string{"<", "&amp;", "&#", "**", "](", "\r", "\n\n\n", "  \n"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q in it", bad)
		}
	}
	for _, want := range []string{
		"\n* हर चार मिनट पर गाड़ी\n  A train every four minutes\n* सभी", "\n> “यात्रियों", "\nhttps://example.org/committee\n",
		"look after it. †\n† यह अंश जाँचा नहीं गया है।\n† This passage has not", "घोषित होगी।\nThis passage has no translation.\n", "[नदी पर बना नया पुल / The new bridge over the river]\nhttps://example.org/bridge.png\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it", want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	e.Title["en"], e.Preheader = `The "week": all - of it # 1`, "a\n---\nb: c"
	e.Sections[0].Stories[0].Body = []newsletter.Pair{
		item(t, 0, "एक", "one"), func() newsletter.Pair { p := item(t, 3, "दो", "two"); p.Depth = 2; return p }(), item(t, 0, "तीन", "three"),
		{Kind: article.ListItem, Depth: 1, Original: "hi", By: map[string]article.Inline{"hi": article.Plain("• चार"), "en": article.Plain("• four")}},
		{Kind: article.Code, By: map[string]article.Inline{"hi": article.Plain("```\n{{< x >}}\n```")}, Original: "hi"},
		{Kind: article.Heading, Level: 2, Original: "hi", By: map[string]article.Inline{"hi": article.Plain("सी #"), "en": article.Plain("C #")}},
	}
	e.Sections[0].Stories[0].Summary, e.Sections[0].Stories[0].Show, e.Sections[0].Stories[0].Short = nil, newsletter.ShowFull, true
	out := render(t, e, newsletter.Markdown)
	_, rest, _ := strings.Cut(out, "---\n")
	front, body, _ := strings.Cut(rest, "\n---\n")
	var head map[string]any
	if err := yaml.Unmarshal([]byte(front), &head); err != nil {
		t.Fatal(err)
	}
	if head["title"] != "सप्ताह की ख़बरें / "+e.Title["en"] || head["title_en"] != e.Title["en"] || head["description"] != "a --- b: c" || head["draft"] != nil || len(head["languages"].([]any)) != 2 {
		t.Errorf("%v", head)
	}
	for _, want := range []string{
		"- एक\\\n  one\n\n  3. दो\\\n     two\n\n- तीन\\\n  three\n- चार\\\n  four\n", "````\n```\n{\u2060{< x >}}\n```\n````", "### सी # / C \\#\n",
		"\n#### क्या बदलेगा / What will change\n", "[school committee](https://example.org/committee)", "![नदी पर बना नया पुल / The new bridge over the river](<https://example.org/bridge.png>)",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in it:\n%s", want, body)
		}
	}
	e.Notices = append(e.Notices, newsletter.Notice{Code: "demo_model"})
	if out := render(t, e, newsletter.Markdown); !strings.Contains(out, "\ndraft: true\n---\n\n**नमूना") {
		t.Errorf("%.600s", out)
	}
}

// TestTrust looks for what a reader or editor must see.
func TestTrust(t *testing.T) {
	t.Parallel()
	demo := edition(t, newsletter.Stacked, "https://example.org")
	demo.Notices = append(demo.Notices, newsletter.Notice{Code: "demo_model", Message: "the answer is the demo model's"})
	for _, f := range []newsletter.Form{newsletter.HTML, newsletter.PlainText, newsletter.Markdown, newsletter.Atom, newsletter.AtomEng, newsletter.AtomHindi, newsletter.JSONFeed, newsletter.FeedEng, newsletter.FeedHindi} {
		for _, layout := range []string{newsletter.Stacked, newsletter.SideBySide, newsletter.SummaryFirst} {
			e := edition(t, layout, "https://example.org")
			out := bare(render(t, e, f))
			english := !strings.HasSuffix(string(f), "-hi")
			// With summary-first the mail has this body in its first language alone.
			doubtful := english && !(layout == newsletter.SummaryFirst && (f == newsletter.HTML || f == newsletter.PlainText))
			if doubtful != strings.Contains(out, "look after it. †") || doubtful != strings.Contains(out, "† This passage has not been checked") {
				t.Errorf("%s %s: the doubtful translation is not marked", f, layout)
			}
			if english != strings.Contains(out, "This passage has no translation.") || !strings.Contains(out, "अंतिम निरीक्षण") {
				t.Errorf("%s %s: the missing translation is not told", f, layout)
			}
			if strings.Contains(out, "children under 12. †") || strings.Contains(out, "Sample: made by") {
				t.Errorf("%s %s: marked what an editor accepted, or what no demo model made", f, layout)
			}
		}
		out := bare(render(t, demo, f))
		if !strings.Contains(out, "Sample: made by the demo model, not for publication.") && !strings.Contains(out, "नमूना: यह अंक डेमो मॉडल") {
			t.Errorf("%s: nothing tells of the demo model", f)
		}
	}
}

func TestReview(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	e.Sections[1].Stories[0].Short = true
	e.Sections[1].Stories[0].Summary = []newsletter.Pair{two(t, article.Paragraph, "परीक्षण शुरू।", "Trials begin.")}
	e.Languages = []string{"en"}
	page := render(t, e, newsletter.ReviewPage)
	words := bare(page)
	for _, want := range []string{
		"2 open flags", "of 80,000 bytes", "Partial:", "articles[2] translation_missing one paragraph has no translation", "the numbers differ: 1.2 lakh", `- "5f2c9a01be"`, "To accept it: - \"77aa01c3d4\"",
		"(accepted)", "No translation.", "Shortened in the e-mail", "in the e-mail: summary", "Not in the e-mail, which would be too long", "प्रणाली पर ₹1.2 लाख",
		"accept:\n  - \"5f2c9a01be\"  # Story 2, number_mismatch\n  - \"77aa01c3d4\"  # Story 3, upstream_failed\n",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	if n := strings.Count(page, `class="pair open"`); n != 2 {
		t.Errorf("%d are marked", n)
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, refs := map[string]int{}, []string{}
	each(doc, func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		if ref, ok := strings.CutPrefix(attr(n, "href"), "#"); ok {
			refs = append(refs, ref)
		}
		if n.Data == "script" || n.Data == "link" || n.Data == "iframe" {
			t.Errorf("<%s>", n.Data)
		}
	})
	for _, ref := range refs {
		if ids[ref] != 1 {
			t.Errorf("#%s leads to %d places", ref, ids[ref])
		}
	}
	if len(refs) != 2 {
		t.Errorf("%d links to flags", len(refs))
	}
	if strings.Index(words, "articles[2]") > strings.Index(words, "Story 1") {
		t.Error("the notices do not come first")
	}
	e.Notices, e.Partial = nil, false
	for _, s := range e.Stories() {
		s.Body, s.Summary, s.Short = nil, nil, false
	}
	if words := bare(render(t, e, newsletter.ReviewPage)); !strings.Contains(words, "0 open flags") || !strings.Contains(words, "Complete") || strings.Contains(words, "Notices") {
		t.Error("of an edition that is well")
	}
}

// TestLanguages looks for which languages are shown where.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, layout   string
		languages      []string
		hindi, english bool // of a body
	}{
		{"both", newsletter.Stacked, []string{"hi", "en"}, true, true},
		{"Hindi", newsletter.Stacked, []string{"hi"}, true, false},
		{"English", newsletter.SideBySide, []string{"en"}, false, true},
		{"summary first", newsletter.SummaryFirst, []string{"en", "hi"}, false, true},
		{"summary first, Hindi below", newsletter.SummaryFirst, []string{"hi", "en"}, true, false},
	} {
		e := edition(t, row.layout, "https://example.org")
		e.Languages = row.languages
		for _, f := range []newsletter.Form{newsletter.HTML, newsletter.PlainText} {
			out := bare(render(t, e, f))
			if strings.Contains(out, "वर्षा जल को भूमिगत") != row.hindi || strings.Contains(out, "under the ground") != row.english {
				t.Errorf("%s, %s: hindi %t, english %t", row.name, f, !row.hindi, !row.english)
			}
			if n := strings.Count(out, "METRO 4"); n != 1 {
				t.Errorf("%s, %s: what is the same in both stands %d times", row.name, f, n)
			}
		}
	}
	e := edition(t, newsletter.Stacked, "https://example.org")
	e.Title["en"] = e.Title["hi"]
	if n := strings.Count(render(t, e, newsletter.HTML), "<h1"); n != 1 {
		t.Errorf("%d titles of the same words", n)
	}
}

// TestShort looks for what is short in the mail and whole elsewhere.
func TestShort(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.Stacked, "https://example.org")
	school := e.Sections[0].Stories[1]
	school.Short = true
	for f, whole := range map[newsletter.Form]bool{newsletter.HTML: false, newsletter.PlainText: false, newsletter.Markdown: true, newsletter.Atom: true,
		newsletter.JSONFeed: true, newsletter.JSON: true, newsletter.ReviewPage: true} {
		if out := bare(render(t, e, f)); strings.Contains(out, "under the ground") != whole || !strings.Contains(out, "500,000 litres") {
			t.Errorf("%s: whole %t", f, !whole)
		}
	}
	if text := render(t, e, newsletter.PlainText); strings.Count(text, "Read the whole story:") != 2 {
		t.Error("a short story has no way to the whole one")
	}
}
