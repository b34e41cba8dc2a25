package article_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dubhashi/gateway/article"
)

func TestFold(t *testing.T) {
	t.Parallel()
	same := []struct{ name, a, b string }{
		{"nukta, composed or not", "ज़मीन क़लम", "ज\u093Cमीन क\u093Cलम"},
		{"precomposed ऩ", "\u0929", "\u0928\u093C"},
		{"joiners", "क्\u200Dष र्\u200Cय", "क्ष र्य"},
		{"soft hyphen, BOM, ZWSP, word joiner", "\uFEFFभा\u00ADर\u200Bत\u2060", "भारत"},
		{"white space", " क\u00A0\u00A0ख\r\n\tग\u2028घ\u3000 ", "क ख ग घ"},
		{"direction marks", "\u200Eक\u202Aख\u202C\u2069", "कख"},
		{"joiner between base and nukta", "ज\u200D\u093C", "ज़"},
		{"ASCII", " a  b\tc ", "a b c"},
		{"accents", "é", "e\u0301"},
	}
	for _, row := range same {
		if a, b := article.Fold(row.a), article.Fold(row.b); a != b {
			t.Errorf("%s: %+q and %+q", row.name, a, b)
		}
	}
	differ := []struct{ name, a, b string }{
		{"anusvara spelling", "हिन्दी", "हिंदी"},
		{"digits", "17", "१७"},
		{"case", "Ram", "ram"},
		{"ellipsis", "…", "..."},
		{"half", "½", "1⁄2"},
		{"nukta", "फैसला", "फ़ैसला"},
		{"inner space", "a b", "ab"},
		{"punctuation", "है।", "है"},
		{"om", "ॐ", "ओम"},
	}
	for _, row := range differ {
		if a, b := article.Fold(row.a), article.Fold(row.b); a == b {
			t.Errorf("%s: both %+q", row.name, a)
		}
	}
	if got := article.Fold("a b"); got != "a b" {
		t.Errorf("got %q", got)
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, in, want string }{
		{"line ends", "a\r\nb\rc\u2028d\u2029e\u0085f\vg\fh", "a\nb\nc\nd\ne\nf\ng\nh"},
		{"nothing that is seen goes", "क्\u200Dष\u00A0र्\u200Cय  १७", "क्\u200Dष\u00A0र्\u200Cय  १७"},
		{"invisible", "\uFEFFआ\u00ADतं\u200Bक\u2060वाद", "आतंकवाद"},
		{"ends", " \n\u00A0a b\t\r\n", "a b"},
		{"no composing", "ज\u093C", "ज\u093C"},
		{"broken UTF-8", "a\xFFb", "a\uFFFDb"},
	}
	for _, row := range rows {
		if got := article.Normalize(row.in); got != row.want {
			t.Errorf("%s: got %+q, want %+q", row.name, got, row.want)
		}
	}
}

func TestVisibleLen(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, in string
		format   article.Format
		want     int
	}{
		{"text", "\r\n कक\r\nख \n", article.Text, 4},
		{"default format", "कि", "", 2},
		{"Markdown counts its marks", "**क**", article.Markdown, 5},
		{"HTML counts what is seen", "<p title=\"xxxxxxxx\">कक &amp; ख</p><script>var x = 1</script><!-- y -->", article.HTML, 6},
		{"nothing", " \n", article.Text, 0},
	}
	for _, row := range rows {
		if got := article.VisibleLen(row.in, row.format); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", " a  b", "ज\u200D\u093C\uFEFF", "\xFF\u00AD\xFF", "e\u00AD\u0301", "\u2000x\u0085", "न\u200D\u093Cक़़\u094D\u093C ख़\u0951 ऩ₹…É\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := article.Fold(s)
		if plain := article.FoldAny(s); plain != folded {
			t.Fatalf("the short cut makes %+q of %+q, not %+q", folded, s, plain)
		}
		if again := article.Fold(folded); again != folded {
			t.Fatalf("folding %+q again gives %+q", folded, again)
		}
		if !utf8.ValidString(folded) || !norm.NFC.IsNormalString(folded) {
			t.Fatalf("%+q is not NFC", folded)
		}
		if strings.ContainsFunc(folded, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' }) || strings.Contains(folded, "  ") {
			t.Fatalf("white space left in %+q", folded)
		}
		if got := article.Fold(article.Normalize(s)); got != folded {
			t.Fatalf("Normalize changed %+q to %+q", folded, got)
		}
	})
}
