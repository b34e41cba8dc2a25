package article_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"dubhashi/gateway/article"
)

// Lines of about 70 columns that end no sentence.
const (
	wrap1 = "नगर परिषद की बैठक में इस साल के बजट पर लंबी चर्चा के बाद यह तय किया गया"
	wrap2 = "कि पुराने पुल की मरम्मत के लिए अलग से राशि रखी जाएगी और नए पुल का काम"
	wrap3 = "अगले महीने शुरू होगा।"
	para  = "नगर परिषद की बैठक में पुल पर चर्चा हुई। काम अगले महीने शुरू होगा।"
)

func TestTextLines(t *testing.T) {
	t.Parallel()
	// Enough of one width to test where the bounds lie.
	exactly := func(n int) string { return strings.Repeat("कल ", n/3) + strings.Repeat("x", n%3) }
	rows := []struct {
		name, input string
		want        []string
	}{
		{"single newlines", "एक\nदो\nतीन", []string{"एक", "दो", "तीन"}},
		{"empty lines", "एक\n\n\nदो\n \t \nतीन\n", []string{"एक", "दो", "तीन"}},
		{"CRLF, CR, NEL, separators", "एक\r\nदो\rतीन\u0085चार\u2028पांच\u2029छह\vसात\fआठ", []string{"एक", "दो", "तीन", "चार", "पांच", "छह", "सात", "आठ"}},
		{"BOM and white space", "\uFEFF  एक \u00A0\n\t\u3000दो\u2003", []string{"एक", "दो"}},
		{"inner white space stays", "एक  दो\u00A0तीन\tचार", []string{"एक  दो\u00A0तीन\tचार"}},
		{"soft hyphens and zero widths", "आतं\u00ADक\u200Bवा\u2060द\n\u200B\n\u200D\nक्\u200Dष", []string{"आतंकवाद", "क्\u200Dष"}},
		{"wrapped", wrap1 + "\n" + wrap2 + "\n" + wrap3, []string{wrap1 + " " + wrap2 + " " + wrap3}},
		{"wrapped, CRLF, indented, trailing space", "  " + wrap1 + " \r\n  " + wrap2 + " \r\n  " + wrap3, []string{wrap1 + " " + wrap2 + " " + wrap3}},
		{"two wrapped paragraphs", wrap1 + "\n" + wrap2 + "\n" + wrap3 + "\n\n" + wrap2 + "\n" + wrap1 + "\n" + wrap3,
			[]string{wrap1 + " " + wrap2 + " " + wrap3, wrap2 + " " + wrap1 + " " + wrap3}},
		{"two lines do not join", wrap1 + "\n" + wrap3, []string{wrap1, wrap3}},
		{"a line ends a sentence", wrap1 + "।\n" + wrap2 + "\n" + wrap3, []string{wrap1 + "।", wrap2, wrap3}},
		{"a line ends in an abbreviation", wrap1 + " डॉ.\n" + wrap2 + "\n" + wrap3, []string{wrap1 + " डॉ. " + wrap2 + " " + wrap3}},
		{"a line is short", wrap1 + "\nछोटी पंक्ति\n" + wrap3, []string{wrap1, "छोटी पंक्ति", wrap3}},
		{"a bullet leads a line", wrap1 + "\n– " + wrap2 + "\n" + wrap3, []string{wrap1, "– " + wrap2, wrap3}},
		{"a number leads a line", wrap1 + "\n२. " + wrap2 + "\n" + wrap3, []string{wrap1, "२. " + wrap2, wrap3}},
		{"a year leads a line", wrap1 + "\n2024 " + wrap2 + "\n" + wrap3, []string{wrap1 + " 2024 " + wrap2 + " " + wrap3}},
		{"50 code points are enough", exactly(50) + "\n" + exactly(50) + "\nअंत।", []string{exactly(50) + " " + exactly(50) + " अंत।"}},
		{"49 are not", exactly(50) + "\n" + exactly(49) + "\nअंत।", []string{exactly(50), exactly(49), "अंत।"}},
		{"101 columns are too wide", strings.Repeat("x", 100) + "\n" + strings.Repeat("x", 101) + "\nend.",
			[]string{strings.Repeat("x", 100), strings.Repeat("x", 101), "end."}},
		{"100 are not", strings.Repeat("x", 100) + "\n" + strings.Repeat("y", 100) + "\nend.",
			[]string{strings.Repeat("x", 100) + " " + strings.Repeat("y", 100) + " end."}},
		{"marks take no column", strings.Repeat("की", 90) + "\n" + strings.Repeat("की", 90) + "\nअंत।",
			[]string{strings.Repeat("की", 90) + " " + strings.Repeat("की", 90) + " अंत।"}},
		{"one word", "शीर्षक", []string{"शीर्षक"}},
		{"only a mark", "***\n•\n–", []string{"***", "•", "–"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, row.input, article.Options{})
			if got := blockTexts(d); !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
			if got, want := article.Fold(d.Render(article.Text, nil)), article.Fold(row.input); got != want {
				t.Errorf("rendered %q\nwant     %q", got, want)
			}
		})
	}
}

func TestTextKeepsItsLines(t *testing.T) {
	t.Parallel()
	const input = "\n शीर्षक \r\n\r\n\r\nएक\n  दो\n\n" + wrap1 + "\n" + wrap2 + "\n" + wrap3 + "\n\n"
	d := parse(t, input, article.Options{})
	if got := d.Render(article.Text, nil); got != input {
		t.Errorf("identity gives\n%q, want\n%q", got, input)
	}
	contents := make([]article.Inline, len(d.Blocks))
	for i, b := range d.Blocks {
		s := b.Segments(0)[0]
		contents[i], _ = s.Restore(fmt.Sprintf("T%d", i))
	}
	if got, want := d.Render(article.Text, contents), "\n T0 \r\n\r\n\r\nT1\n  T2\n\nT3\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	contents[1] = nil
	if got, want := d.Render(article.Text, contents), "\n T0 \r\n\r\n\r\nएक\n  T2\n\nT3\n\n"; got != want {
		t.Errorf("one missing: got %q, want %q", got, want)
	}
}

func TestKeepLines(t *testing.T) {
	t.Parallel()
	const input = wrap1 + "\n" + wrap2 + "\n" + wrap3
	d := parse(t, input, article.Options{KeepLines: true})
	if got := blockTexts(d); !slices.Equal(got, []string{wrap1, wrap2, wrap3}) {
		t.Errorf("got %q", got)
	}
	if got := d.Render(article.Text, nil); got != input {
		t.Errorf("rendered %q", got)
	}
}

func TestParseEmpty(t *testing.T) {
	t.Parallel()
	for _, f := range []article.Format{article.Text, article.Markdown, article.HTML, ""} {
		for _, in := range []string{"", " \n\t\r\n", "\uFEFF", "\u200B\u200D\u00AD", "\u00A0\u3000"} {
			if d, err := article.Parse(in, article.Options{Format: f, Title: "शीर्षक"}); err != article.ErrEmpty {
				t.Errorf("%s %q: %v, %v", f, in, d, err)
			}
		}
	}
}

func TestTitleOption(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, title, input string
		format             article.Format
		want, rendered     string
	}{
		{"in front", "नया शीर्षक", para + "\n\n" + para, article.Text,
			"title नया शीर्षक|paragraph " + para + "|paragraph " + para, "नया शीर्षक\n\n" + para + "\n\n" + para},
		{"says the same", " पुल का\u00A0काम ", "पुल का  काम\n" + para, article.Text,
			"title पुल का  काम|paragraph " + para, "पुल का  काम\n" + para},
		{"one paragraph", "शीर्षक", para, article.Text, "title शीर्षक|paragraph " + para, "शीर्षक\n\n" + para},
		{"says the same as a sentence", "पुल बना।", "पुल बना।\n" + para, article.Text, "title पुल बना।|paragraph " + para, "पुल बना।\n" + para},
		{"blank", " \u200B ", "पुल का काम\n" + para, article.Text, "title पुल का काम|paragraph " + para, "पुल का काम\n" + para},
		{"Markdown", "शीर्षक", "# पुराना\n\n" + para, article.Markdown,
			"title शीर्षक|heading पुराना|paragraph " + para, "# शीर्षक\n\n# पुराना\n\n" + para},
		{"Markdown front matter", "शीर्षक", "---\na: b\n---\n" + para, article.Markdown,
			"title शीर्षक|paragraph " + para, "---\na: b\n---\n# शीर्षक\n\n" + para},
		{"HTML", "शीर्षक", "<p>" + para + "</p>", article.HTML,
			"title शीर्षक|paragraph " + para, "<h1>शीर्षक</h1>\n\n<p>" + para + "</p>"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, row.input, article.Options{Format: row.format, Title: row.title})
			if got := kindsAndTexts(d); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if got := strings.TrimSpace(d.Render(row.format, nil)); got != row.rendered {
				t.Errorf("rendered %q\nwant     %q", got, row.rendered)
			}
		})
	}
}

func kindsAndTexts(d *article.Document) string {
	var out []string
	for _, b := range d.Blocks {
		out = append(out, string(b.Kind)+" "+b.String())
	}
	return strings.Join(out, "|")
}

func FuzzParseText(f *testing.F) {
	f.Add("शीर्षक\n\n" + wrap1 + "\n" + wrap2 + "\n" + wrap3)
	f.Add("\uFEFFa\r\n\r\n– b\u2029c <1> {d} http://e.f/g। \u200D\n\u0301x")
	f.Add("> q\n1. a\n2) b\n• c\n(क) d\n\x00\xFF\u00AD\xFF")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := article.Parse(s, article.Options{})
		if err != nil {
			if article.Fold(s) != "" {
				t.Fatalf("no blocks in %q", s)
			}
			return
		}
		if got, want := article.Fold(d.Render(article.Text, nil)), article.Fold(s); got != want {
			t.Fatalf("identity gives\n%q, want\n%q", got, want)
		}
		contents := make([]article.Inline, len(d.Blocks))
		for i, b := range d.Blocks {
			contents[i] = identity(t, b, 8+len(s)%64)
		}
		if got, want := article.Fold(d.Render(article.Text, contents)), article.Fold(s); got != want {
			t.Fatalf("restored segments give\n%q, want\n%q", got, want)
		}
	})
}

// identity cuts a block into segments, restores each from its own text and joins
// them, and checks that nothing was changed on the way.
func identity(t *testing.T, b article.Block, limit int) article.Inline {
	t.Helper()
	var parts []article.Inline
	for _, s := range b.Segments(limit) {
		if n := len([]rune(s.Text)); limit > 0 && n > max(limit, 8) {
			t.Fatalf("a segment of %d, limit %d: %q", n, limit, s.Text)
		}
		in, lost := s.Restore(s.Text)
		if lost != nil {
			t.Fatalf("%q lost %q of itself", s.Text, lost)
		}
		parts = append(parts, in)
	}
	in := b.Join(parts)
	if limit > 0 {
		wholeClusters(t, b.String(), parts, limit)
	}
	if in.String() != b.String() {
		t.Fatalf("segments of at most %d make\n%q of\n%q", limit, in, b)
	}
	if got, want := article.MarksOf(in), article.MarksOf(b.Content); len(got) < len(want) {
		t.Fatalf("marks %q of %q", got, want)
	}
	if wrong := article.Nesting(in); wrong != "" {
		t.Fatalf("%s in %s", wrong, article.Shape(in))
	}
	return in
}

// wholeClusters fails if a part ends inside a grapheme cluster of at most limit code
// points.
func wholeClusters(t *testing.T, whole string, parts []article.Inline, limit int) {
	t.Helper()
	inside := map[int]string{}
	for g := graphemes.FromString(whole); g.Next(); {
		if utf8.RuneCountInString(g.Value()) > max(limit, 8) {
			continue
		}
		for i := g.Start() + 1; i < g.End(); i++ {
			inside[i] = g.Value()
		}
	}
	at := 0
	for _, p := range parts {
		at += len(p.String())
		if cluster, ok := inside[at]; ok {
			t.Fatalf("%q ends inside %q (limit %d)", p, cluster, limit)
		}
	}
}
