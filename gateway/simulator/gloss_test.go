package simulator_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"dubhashi/gateway/article"
	"dubhashi/gateway/simulator"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGlossIsReadable holds the glosses of two texts that no memory knows, line
// by line, to the files that a reader has judged.
func TestGlossIsReadable(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Demo: true})
	for _, name := range []string{"council.hi", "festival.en"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for line := range strings.Lines(string(source)) {
				b.WriteString(glossed(t, m, strings.TrimPrefix(filepath.Ext(name), "."), strings.TrimSpace(line)) + "\n")
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("gave\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}

// Function words alone have no counterpart, and must be answered all the same: an
// option of a list, a cell of a table.
func TestGlossOfFunctionWords(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Demo: true})
	for from, texts := range map[string][]string{"en": {"a", "A", "The", "an", "the a", "do", "has", "did", "will", "(a)", "A."}, "hi": {"का", "ने", "को।", "का की"}} {
		for _, text := range texts {
			got := glossed(t, m, from, text)
			if !strings.ContainsFunc(got, unicode.IsLetter) || strings.ContainsFunc(got, func(r rune) bool {
				return unicode.IsLetter(r) && unicode.Is(unicode.Devanagari, r) != (from == "en")
			}) {
				t.Errorf("%s: %q", text, got)
			}
		}
	}
}

// TestGlossOfRealNews runs the engine over every paragraph of the shared articles
// without memory: the target's script alone, every number kept, the length sane.
func TestGlossOfRealNews(t *testing.T) {
	t.Parallel()
	articles := sharedArticles(t)
	m, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"hi", "en"} {
		to := map[string]string{"hi": "en", "en": "hi"}[from]
		words, unsure := 0, 0
		for n, a := range articles {
			if testing.Short() && n%8 > 0 {
				continue
			}
			for _, p := range a.side(from) {
				got := segmentsOf(t, direct(t, m, translation{Source: from, Target: to, texts: []string{p}}.body()), 1)[0]
				if from == "hi" {
					lawfulEnglish(t, p, got)
				} else {
					lawfulHindi(t, p, got)
				}
				words++
				if r := float64(len([]rune(got))) / float64(len([]rune(p))); len(p) > 120 && (r < 0.45 || r > 2.2) {
					unsure++
					t.Logf("length %.2f: %s\n%s", r, p, got)
				}
			}
		}
		if 200*unsure > words {
			t.Errorf("from %s: %d of %d paragraphs of odd length", from, unsure, words)
		}
	}
}

var nakedDigits = regexp.MustCompile(`\p{Nd}+`)

// lawfulEnglish: no Devanagari is left, and no digits are lost but those that a
// unit word, a clock or the Indian grouping rewrites.
func lawfulEnglish(t testing.TB, source, got string) {
	t.Helper()
	if strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) || r == '।' }) {
		t.Errorf("Devanagari left\n%s\n%s", source, got)
	}
	if scaled.MatchString(source) {
		return
	}
	have := strings.ReplaceAll(got, ",", "")
	for _, n := range nakedDigits.FindAllString(strings.ReplaceAll(source, ",", ""), -1) {
		if !strings.Contains(have, digitsOf(n)) {
			t.Errorf("%s is lost\n%s\n%s", n, source, got)
		}
	}
}

var scaled = regexp.MustCompile(`लाख|करोड|अरब|खरब|हज़ार|हजार|सौ|साढ|सवा|पौने`)

func lawfulHindi(t testing.TB, source, got string) {
	t.Helper()
	for _, w := range strings.Fields(got) {
		if strings.ContainsAny(w, "@/") {
			continue // an address is carried over
		}
		lower := strings.IndexFunc(w, func(r rune) bool { return r >= 'a' && r <= 'z' })
		if lower >= 0 && !regexp.MustCompile(`^[^A-Za-z]*[A-Z0-9]+s?[^A-Za-z]*$`).MatchString(w) {
			t.Errorf("Latin %q left\n%s\n%s", w, source, got)
			return
		}
	}
}

// digitsOf is the digits of a text in ASCII, those that follow a letter left out
// (COVID-19 may be written with either).
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '०' && r <= '९':
			return '0' + r - '०'
		}
		return -1
	}, s)
}

func sorted(s string) string {
	n := make([]int, 10)
	for _, r := range s {
		n[r-'0']++
	}
	var b strings.Builder
	for d, k := range n {
		b.WriteString(strings.Repeat(string(rune('0'+d)), k))
	}
	return b.String()
}

func FuzzGloss(f *testing.F) {
	for _, s := range []string{
		"राम ने सीता को किताब दी।", "साढ़े दस बजे ₹2,50,000", "सवा", "पौने के लिए", "एस. जयशंकर (एससीओ) \"कहा", "की की की", "का", "और", "१७ नवंबर २०२५ को",
		"करने वाला करने का करने", "डॉ.", "क्\u200dष ॐ ऽ ॰ ़ ्", "aaj mausam accha hai", "The cat sat.", "U.S.", "$2", "twenty-", "n't 's", "''", "a.m.", "2 million billion",
	} {
		f.Add(s)
	}
	m, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = article.Normalize(s)
		if mark.MatchString(s) {
			t.Skip()
		}
		en := segmentsOf(t, direct(t, m, translation{Source: "hi", Target: "en", texts: []string{s}}.body()), 1)[0]
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) }) {
			t.Errorf("Devanagari left of %q: %q", s, en)
		}
		if !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) && unicode.IsLetter(r) }) && !strings.ContainsFunc(s, unicode.IsLetter) {
			if sorted(digitsOf(s)) != sorted(digitsOf(en)) {
				t.Errorf("digits of %q: %q", s, en)
			}
		}
		direct(t, m, translation{Source: "en", Target: "hi", texts: []string{s}}.body())
	})
}
