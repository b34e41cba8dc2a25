package prompts_test

import (
	"maps"
	"os"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"dubhashi/prompts"
)

var termRows = []struct {
	name, from, to, text string
	want                 map[string]string
}{
	{"acronyms", "hi", "en", "भाजपा और माकपा ने ईडी पर कहा", map[string]string{"भाजपा": "BJP", "माकपा": "CPI(M)", "ईडी": "ED"}},
	{"both names of one", "hi", "en", "शंघाई सहयोग संगठन (एससीओ)", map[string]string{"शंघाई सहयोग संगठन": "Shanghai Cooperation Organisation", "एससीओ": "SCO"}},
	{"longest wins", "hi", "en", "संयुक्त राष्ट्र सुरक्षा परिषद में", map[string]string{"संयुक्त राष्ट्र सुरक्षा परिषद": "UN Security Council"}},
	{"longest wins, short one elsewhere", "hi", "en", "संयुक्त राष्ट्र महासभा में संयुक्त राष्ट्र ने", map[string]string{"संयुक्त राष्ट्र महासभा": "UN General Assembly", "संयुक्त राष्ट्र": "United Nations"}},
	{"inflected", "hi", "en", "नक्सलियों और विधायकों ने", map[string]string{"नक्सली": "Naxalite", "विधायक": "MLA"}},
	{"older spelling", "hi", "en", "केन्द्रीय जांच ब्यूरो", map[string]string{"केंद्रीय जांच ब्यूरो": "Central Bureau of Investigation"}},
	{"a word that is also an acronym", "hi", "en", "आप कैसे हैं, वार्ता किस भाषा में हुई, हम और संघ", nil},
	{"the same word in company", "hi", "en", "आप प्रत्याशी जीतीं", map[string]string{"आप प्रत्याशी": "AAP candidate"}},
	{"no part of a word", "hi", "en", "भाजपाई, ईडीसी", nil},
	{"foreign ministry of any state", "hi", "en", "पाकिस्तान के विदेश मंत्रालय ने", nil},
	{"English acronyms", "en", "hi", "The BJP and CPI(M) moved the EC; the ED's raid", map[string]string{"BJP": "भाजपा", "CPI(M)": "माकपा", "ED": "ईडी"}},
	{"English name", "en", "hi", "the Bharatiya Janata Party", map[string]string{"Bharatiya Janata Party": "भारतीय जनता पार्टी"}},
	{"ambiguous form is written", "en", "hi", "AAP won", map[string]string{"AAP": "आप"}},
	{"ambiguous form is not looked up", "en", "hi", "SP Ravi of MP, at 5 PM, CPI at 4%", nil},
	{"capitals matter", "en", "hi", "a cabinet and a quad bike; who will sit", nil},
	{"plural", "en", "hi", "Three MLAs", map[string]string{"MLA": "विधायक"}},
	{"headline in capitals", "en", "hi", "WHO WILL SIT IN THE SUPREME COURT", map[string]string{"Supreme Court": "सुप्रीम कोर्ट"}},
	{"other direction", "hi", "hi", "भाजपा", nil},
	{"nothing", "hi", "en", "", nil},
}

func TestTerms(t *testing.T) {
	t.Parallel()
	for _, r := range termRows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if got := prompts.Terms(r.from, r.to, r.text); !maps.Equal(got, r.want) {
				t.Errorf("Terms(%q) = %v, want %v", r.text, got, r.want)
			}
		})
	}
}

// entry is one line of glossary.tsv, as a test reads it.
type entry struct {
	hi, en   []string
	category string
}

func glossary(t *testing.T) []entry {
	t.Helper()
	b, err := os.ReadFile("glossary.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if lines[0] != "hi\ten\tcategory" {
		t.Fatalf("header is %q", lines[0])
	}
	var out []entry
	for i, l := range lines[1:] {
		c := strings.Split(l, "\t")
		if len(c) != 3 {
			t.Fatalf("line %d: %d columns", i+2, len(c))
		}
		out = append(out, entry{strings.Split(c[0], "|"), strings.Split(c[1], "|"), c[2]})
	}
	return out
}

// Words that mean something else as well and must never be looked up alone.
var ambiguous = strings.Fields(`आप वार्ता भाषा हम संघ केंद्र कर पत्र सभा दल मत पक्ष जन जनता अपना माले रॉ ट्राई नैक साई कैट मंडी बंद
	अंक दर धारा पीठ आयोग विभाग मंत्रालय घोषणापत्र लाख करोड़ अरब हजार पीएम सीएम यूपी एमपी एसपी आईटी डीए
	AM PM IT US UP MP SP CPI SC ST NC CM DM AC Centre House Speaker landslide encounter union state`)

func TestGlossaryFile(t *testing.T) {
	t.Parallel()
	entries := glossary(t)
	if len(entries) < 360 {
		t.Errorf("%d entries, want 360 or more", len(entries))
	}
	categories := map[string]int{}
	seen := map[string]bool{}
	for _, e := range entries {
		categories[e.category]++
		lookups := 0
		for side, forms := range [][]string{e.hi, e.en} {
			for _, f := range forms {
				form, hidden := strings.CutPrefix(f, "~")
				if form == "" || form != strings.TrimSpace(form) || strings.Contains(form, "  ") || !norm.NFC.IsNormalString(form) {
					t.Errorf("%q: empty, space around or within, or not NFC", f)
				}
				hindi := strings.ContainsFunc(form, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) })
				if hindi != (side == 0) {
					t.Errorf("%q stands in the wrong column", form)
				}
				if seen[form] {
					t.Errorf("%q stands twice", form)
				}
				seen[form] = true
				if hidden {
					continue
				}
				lookups++
				for _, a := range ambiguous {
					if form == a {
						t.Errorf("%q has another meaning: mark it with ~ or give it company", form)
					}
				}
				// Every form that can be looked up is found, and gives the first
				// form of the other column.
				from, to, other := "hi", "en", e.en
				if side == 1 {
					from, to, other = "en", "hi", e.hi
				}
				want := strings.TrimPrefix(other[0], "~")
				if got := prompts.Terms(from, to, "1. "+form+", 2"); got[form] != want || len(got) != 1 {
					t.Errorf("Terms of %q = %v, want %q", form, got, want)
				}
			}
		}
		if lookups == 0 {
			t.Errorf("%v can never be found", e)
		}
	}
	for _, c := range strings.Fields("party agency court law body politics office force scheme ministry economy education science international unit organisation news_agency caste festival") {
		if categories[c] == 0 {
			t.Errorf("no entry of category %s", c)
		}
		delete(categories, c)
	}
	if len(categories) > 0 {
		t.Errorf("unknown categories %v", categories)
	}
}

func FuzzTerms(f *testing.F) {
	f.Add("भाजपा ने संयुक्त राष्ट्र सुरक्षा परिषद में")
	f.Add("The BJP's U.N. <1>MLAs</1>")
	f.Add("WHO WILL SIT")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range [][2]string{{"hi", "en"}, {"en", "hi"}} {
			got := prompts.Terms(d[0], d[1], text)
			if !maps.Equal(got, prompts.Terms(d[0], d[1], text)) {
				t.Errorf("two answers for %q", text)
			}
			for term, target := range got {
				if target == "" || !prompts.Match(text, term) {
					t.Errorf("%q → %q is no term of %q", term, target, text)
				}
			}
		}
	})
}

func BenchmarkTerms(b *testing.B) {
	text := strings.Repeat(hiLead+" ", 15)
	prompts.Terms("hi", "en", text)
	b.ReportAllocs()
	for b.Loop() {
		prompts.Terms("hi", "en", text)
	}
}
