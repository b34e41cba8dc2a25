package article_test

import (
	"slices"
	"strings"
	"testing"

	"dubhashi/gateway/article"
)

func TestVerbatim(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, text string
		want       []string
	}{
		{"URL in a sentence", "देखें https://news.example/a?b=1&c=2#d। और", []string{"https://news.example/a?b=1&c=2#d"}},
		{"full stop and comma behind", "See http://a.example/x, or https://b.example.", []string{"http://a.example/x", "https://b.example"}},
		{"brackets", "(https://a.example/x_(y)) [https://b.example/z]", []string{"https://a.example/x_(y)", "https://b.example/z"}},
		{"quotes", "“https://a.example/x” \"https://b.example/\" 'https://c.example/'", []string{"https://a.example/x", "https://b.example/", "https://c.example/"}},
		{"Hindi glued to the host", "www.a.exampleपर और https://b.exampleकी", []string{"www.a.example", "https://b.example"}},
		{"Hindi in the path", "https://hi.a.example/wiki/भारत_गणराज्य देखें", []string{"https://hi.a.example/wiki/भारत_गणराज्य"}},
		{"Hindi host", "https://उदाहरण.भारत/पता पर", []string{"https://उदाहरण.भारत/पता"}},
		{"danda behind a Hindi path", "https://a.example/खबर।", []string{"https://a.example/खबर"}},
		{"capitals", "HTTPS://A.EXAMPLE/X WWW.A.EXAMPLE", []string{"HTTPS://A.EXAMPLE/X", "WWW.A.EXAMPLE"}},
		{"port and user", "ftp://u:p@a.example:21/f x", []string{"ftp://u:p@a.example:21/f"}},
		{"without scheme", "bit.ly/3abC और a.example.in/x-y", []string{"bit.ly/3abC", "a.example.in/x-y"}},
		{"mailto", "mailto:news@a.example पर", []string{"mailto:news@a.example"}},
		{"no URL", "http:// https:/x :// and/or 24/7 1.5/2 AM/PM U.S./UK", nil},
		{"plain host stays words", "Shop.com की रिपोर्ट", nil},
		{"e-mail", "लिखें: jo.b+x@mail.a-b.example.in, या", []string{"jo.b+x@mail.a-b.example.in"}},
		{"e-mail glued to Hindi", "ईमेलjo@a.exampleपर", []string{"jo@a.example"}},
		{"Hindi e-mail", "सूचना@डाक.भारत पर", []string{"सूचना@डाक.भारत"}},
		{"no e-mail", "a@b और 5 @ 10 रु. @", nil},
		{"handle", "@Some_One2 और (@other) ने", []string{"@Some_One2", "@other"}},
		{"handle at the end", "by @some.one.", []string{"@some.one"}},
		{"handle glued to Hindi", "@someoneने", []string{"@someone"}},
		{"federated handle", "@me@social.example से", []string{"@me@social.example"}},
		{"braces", "{name} {{ user.name }} ${TOTAL} {0} {count:d} {% if x %}", []string{"{name}", "{{ user.name }}", "${TOTAL}", "{0}", "{count:d}", "{% if x %}"}},
		{"no braces", "{} { } {नाम पता} {a, b} {", nil},
		{"printf", "%s, %d: %1$s %.2f %(name)s %{user} %@", []string{"%s", "%d", "%1$s", "%.2f", "%(name)s", "%{user}", "%@"}},
		{"per cent", "50% से 100%s 5 % d 10%d %sure 99%।", nil},
		{"look-alikes of masks", "a <1> b </२> c < 3 / > <4/>", []string{"<1>", "</२>", "< 3 / >", "<4/>"}},
		{"no look-alikes", "a < b > c <1 <> <x1> 1>2 <b> <1.5>", nil},
		{"ratio and time", "10:30 बजे, 3:1, कहा: हां", nil},
		{"next to each other", "{a}{b}%s@x", []string{"{a}", "{b}", "%s"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, whole := article.ScanWords(row.text)
			if whole != row.text {
				t.Errorf("tokens make %q", whole)
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
		})
	}
}

func FuzzVerbatim(f *testing.F) {
	for _, s := range []string{"", "@a@b.cd", "x@@y.zz", "http://http://a)", "{{{a}}", "%(%s)%", "<<1>2>", "www.", "mailto:@", "a.bc/d/@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		atoms, whole := article.ScanWords(s)
		if whole != s {
			t.Fatalf("tokens make %q of %q", whole, s)
		}
		for _, a := range atoms {
			if strings.TrimSpace(a) == "" {
				t.Fatalf("a blank atom in %q", s)
			}
		}
	})
}
