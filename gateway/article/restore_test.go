package article_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

func TestRestore(t *testing.T) {
	t.Parallel()
	const (
		pairAtom = "नगर **की** बैठक `x` में।"               // <1>की</1> … <2/>
		nested   = "यह *[पूरी खबर](/u) यहां* है।"           // <1><2>पूरी खबर</2> यहां</1>
		url      = "देखें https://a.example/x और @someone।" // <1/> … <2/>
		plain    = "नगर की बैठक।"
	)
	rows := []struct {
		name, source, answer, want string
		lost                       []string
	}{
		{"as asked", pairAtom, "A <1>city</1> meets at <2/>.", "A {Strong city} meets at [CodeSpan x].", nil},
		{"reordered", pairAtom, "At <2/> the <1>city</1>.", "At [CodeSpan x] the {Strong city}.", nil},
		{"loose masks", pairAtom, "A < 1 >city</ 1> at <२ />.", "A {Strong city} at [CodeSpan x].", nil},
		{"atom inside the pair", pairAtom, "A <1>city <2/></1>.", "A {Strong city [CodeSpan x]}.", nil},
		{"trimmed", plain, " \n The city met. \n", "The city met.", nil},
		{"white space inside stays", plain, "The  city\nmet.", "The  city\nmet.", nil},
		{"broken UTF-8", plain, "a\xFF", "a\uFFFD", nil},
		{"lost atom", pairAtom, "A <1>city</1>.", "A {Strong city}. [CodeSpan x]", []string{"<2/>"}},
		{"lost pair", pairAtom, "A city at <2/>.", "A city at [CodeSpan x].", []string{"<1>"}},
		{"all lost", pairAtom, "A city.", "A city. [CodeSpan x]", []string{"<1>", "<2/>"}},
		{"empty answer", pairAtom, "", "[CodeSpan x]", []string{"<1>", "<2/>"}},
		{"atom twice", pairAtom, "<1>a</1> <2/> <2/> b", "{Strong a} [CodeSpan x] b", []string{"<2/>"}},
		{"pair twice", pairAtom, "<1>a</1> <1>b</1> <2/>", "{Strong a} b [CodeSpan x]", []string{"<1>"}},
		{"unknown mask", pairAtom, "<1>a</1> <9/> <2/><0>", "{Strong a} [CodeSpan x]", nil},
		{"unknown mask without marks", plain, "a <3/> b </4>.", "a b .", nil},
		{"masks within masks", plain, "a <<9/>1/> b", "a  b", nil},
		{"no mask at all", plain, "a < b > c <x>", "a < b > c <x>", nil},
		{"never closed", pairAtom, "A <1>city at <2/>.", "A city at [CodeSpan x].", []string{"<1>"}},
		{"never opened", pairAtom, "A city</1> at <2/>.", "A city at [CodeSpan x].", []string{"<1>"}},
		{"closed before opened", pairAtom, "</1>A<1> <2/>", "A [CodeSpan x]", []string{"<1>"}},
		{"slash forgotten", pairAtom, "A <1>city<1> at <2/>.", "A {Strong city} at [CodeSpan x].", []string{"<1>"}},
		{"pair without words", pairAtom, "A <1></1>city at <2/>.", "A city at [CodeSpan x].", []string{"<1>"}},
		{"pair as atom", pairAtom, "A <1/>city at <2/>.", "A city at [CodeSpan x].", []string{"<1>"}},
		{"atom as opener", pairAtom, "A <1>city</1> at <2>.", "A {Strong city} at [CodeSpan x].", nil},
		{"atom as pair", pairAtom, "A <1>city</1> at <2></2>.", "A {Strong city} at [CodeSpan x].", nil},
		{"nested", nested, "It is <1><2>full news</2> here</1>.", "It is {Emphasis {Link full news} here}.", nil},
		{"nested the other way", nested, "It is <2>full <1>news</1></2>.", "It is {Link full {Emphasis news}}.", nil},
		{"crossing", nested, "It is <1>full <2>news</1> here</2>.", "It is {Emphasis full news} here.", []string{"<2>"}},
		{"spelled out", url, "See https://a.example/x and <2/>.", "See [Verbatim https://a.example/x] and [Verbatim @someone].", nil},
		{"both spelled out", url, "See @someone, https://a.example/x!", "See [Verbatim @someone], [Verbatim https://a.example/x]!", nil},
		{"spelled out in part", url, "See https://a.example/xyz and <2/>.", "See https://a.example/xyz and [Verbatim @someone]. [Verbatim https://a.example/x]", []string{"<1/>"}},
		{"spelled out beside its mask", url, "<1/> https://a.example/x <2/>", "[Verbatim https://a.example/x] https://a.example/x [Verbatim @someone]", nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			in, lost := block(t, row.source).Segments(0)[0].Restore(row.answer)
			if got := article.Shape(in); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
			if !slices.Equal(lost, row.lost) {
				t.Errorf("lost %q, want %q", lost, row.lost)
			}
		})
	}
}

func TestRestoreKeepsTheFrame(t *testing.T) {
	t.Parallel()
	rows := []struct{ source, answer, want string }{
		{"**[पूरा वाक्य।](/x)**", "A whole sentence.", "{Strong {Link A whole sentence.}}"},
		{"![क](a.png) नगर **की** बात ![ख](b.png)", "The <1>city</1>", "[Image ] The {Strong city} [Image ]"},
		{"**नगर** की **बैठक**", "<1>A</1> of <2>B</2>", "{Strong A} of {Strong B}"},
	}
	for _, row := range rows {
		in, lost := block(t, row.source).Segments(0)[0].Restore(row.answer)
		if got := article.Shape(in); got != row.want || lost != nil {
			t.Errorf("%s: got %s, want %s; lost %q", row.source, got, row.want, lost)
		}
	}
}

func TestRestoreOfPartedPairs(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, source   string
		limit          int
		texts, answers []string
		want           string
	}{
		{"closer inside a pair", "**एक दो। तीन** चार *पांच* छह।", 28,
			[]string{"एक दो।", "तीन<1/> चार <2>पांच</2> छह।"}, []string{"One.", "Four <2>five<1/> x</2> six."},
			"{Strong One. Four {Emphasis five x}} six."},
		{"opener inside a pair", "एक *दो* तीन **चार। पांच** छह सात।", 28,
			[]string{"एक <1>दो</1> तीन <2/>चार।", "पांच<1/> छह सात।"}, []string{"A <1>b <2/>c</1> d.", "E<1/> f."},
			"A {Strong {Emphasis b c} d. E} f."},
		{"halves swapped", "**एक दो। तीन** चार [पांच। छह सात](/x)।", 24,
			[]string{"एक दो।", "तीन<1/> चार <2/>पांच।", "छह सात<1/>।"}, []string{"A.", "B<2/> c <1/>d.", "E."},
			"{Strong A. B} c {Link d. E.}"},
		{"halves lost", "**एक दो। तीन** चार [पांच। छह सात](/x)।", 24,
			[]string{"एक दो।", "तीन<1/> चार <2/>पांच।", "छह सात<1/>।"}, []string{"A.", "B c d.", "E."},
			"{Strong A. B c d.}{Link  E.}"},
	}
	for _, row := range rows {
		b := block(t, row.source)
		segments := b.Segments(row.limit)
		if got := texts(segments); !slices.Equal(got, row.texts) {
			t.Errorf("%s: got %q, want %q", row.name, got, row.texts)
			continue
		}
		var parts []article.Inline
		for i, answer := range row.answers {
			in, _ := segments[i].Restore(answer)
			parts = append(parts, in)
		}
		got := b.Join(parts)
		if wrong := article.Nesting(got); wrong != "" {
			t.Errorf("%s: %s", row.name, wrong)
		}
		if s := article.Shape(got); s != row.want {
			t.Errorf("%s: got %s\nwant %s", row.name, s, row.want)
		}
	}
}

func TestPlainOf(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		"A <1>city</1> met.":  "A city met.",
		"A<1/>b":              "A b",
		"A <1/> b <2/>.":      "A b .",
		"<1/>A":               "A",
		"no < mask > <x> <1.": "no < mask > <x> <1.",
		"<1><2/></1>":         "",
		"a<b <<1/>2/> c":      "a<b <2/> c",
	}
	for in, want := range rows {
		if got := article.PlainOf(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMapText(t *testing.T) {
	t.Parallel()
	in := block(t, "साल 2024 **में 10** लोग `25` https://a.example/30").Content
	got := in.MapText(func(s string) string {
		return strings.NewReplacer("0", "०", "1", "१", "2", "२", "4", "४", "5", "५").Replace(s)
	})
	if s, want := got.String(), "साल २०२४ में १० लोग 25 https://a.example/30"; s != want {
		t.Errorf("got %q, want %q", s, want)
	}
	if s := in.String(); !strings.Contains(s, "2024") {
		t.Errorf("the source changed to %q", s)
	}
}

func FuzzRestore(f *testing.F) {
	sources := []string{
		"नगर **की** बैठक `x` में ![i](a.png) है।",
		"**एक *दो। तीन* चार।** [पांच](/x) {name} \\<3> छह।",
		"*एक **दो। तीन** चार* सात। `y` https://a.example/x *`z`* आठ।",
		"~~एक।~~ दो। <b>तीन। चार</b> पांच।  \nछह। ***सात। आठ*** नौ",
	}
	for i := range sources {
		f.Add(uint8(i), uint8(0), "<1>a</1> <2/><3/> <4>b</4>")
		f.Add(uint8(i), uint8(12), "</2><1><1><3></1>< ४ /><2/><2/>x</3>")
		f.Add(uint8(i), uint8(20), "<<1/>2/> <1/><2></1></2> \xFF https://a.example/x {name}")
	}
	f.Fuzz(func(t *testing.T, source, limit uint8, answer string) {
		b := block(t, sources[int(source)%len(sources)])
		identity(t, b, int(limit))
		var parts []article.Inline
		for _, s := range b.Segments(int(limit)) {
			in, lost := s.Restore(answer)
			if !utf8.ValidString(in.String()) {
				t.Fatalf("broken UTF-8 in %q", in)
			}
			if got, _ := s.Restore(s.Text); lost == nil && !sameMarks(atoms(got), atoms(in)) {
				t.Fatalf("%q restores %q to %s", s.Text, answer, article.Shape(in))
			}
			parts = append(parts, in)
		}
		in := b.Join(parts)
		if wrong := article.Nesting(in); wrong != "" {
			t.Fatalf("%s in %s, from %q", wrong, article.Shape(in), answer)
		}
		if got, want := atoms(in), atoms(b.Content); !sameMarks(got, want) {
			t.Fatalf("atoms %q, want %q, from %q", got, want, answer)
		}
	})
}

// atoms are the marks of in that carry something over: no halves of pairs.
func atoms(in article.Inline) []string {
	return slices.DeleteFunc(article.MarksOf(in), func(m string) bool { return !strings.HasPrefix(m, "3") })
}

func sameMarks(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
