package prompts_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
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
	{"statehood of any kind", "en", "hi", "the cost of statehood", nil},
	{"full statehood", "en", "hi", "It wants full statehood", map[string]string{"full statehood": "पूर्ण राज्य का दर्जा"}},
	{"statehood is written", "hi", "en", "पूर्ण राज्य का दर्जा मिले", map[string]string{"पूर्ण राज्य का दर्जा": "statehood"}},
	{"a party named Mahasabha", "hi", "en", "हिंदू महासभा ने", nil},
	{"General Assembly is no Assembly", "en", "hi", "the General Assembly voted", map[string]string{"General Assembly": "महासभा"}},
	{"National Assembly is no Assembly", "en", "hi", "Pakistan's National Assembly", map[string]string{"National Assembly": "नेशनल असेंबली"}},
	{"Constituent Assembly is no Assembly", "en", "hi", "the Constituent Assembly of 1946", map[string]string{"Constituent Assembly": "संविधान सभा"}},
	{"Constituent Assembly", "hi", "en", "संविधान सभा ने", map[string]string{"संविधान सभा": "Constituent Assembly"}},
	{"Britain's secretaries are ministers", "en", "hi", "the Home Secretary and the Foreign Secretary", nil},
	{"India's secretaries", "hi", "en", "गृह सचिव और विदेश सचिव", map[string]string{"गृह सचिव": "Home Secretary", "विदेश सचिव": "Foreign Secretary"}},
	{"a code of conduct", "hi", "en", "कर्मचारियों की आचार संहिता", nil},
	{"the model code", "hi", "en", "चुनाव आचार संहिता लागू", map[string]string{"चुनाव आचार संहिता": "model code of conduct"}},
	{"executive committee of a company", "en", "hi", "the executive committee met", nil},
	{"national executive", "hi", "en", "राष्ट्रीय कार्यकारिणी में", map[string]string{"राष्ट्रीय कार्यकारिणी": "national executive"}},
	{"an injunction", "hi", "en", "अदालत ने निषेधाज्ञा दी", nil},
	{"acronym in a firm's name", "en", "hi", "sugar trader ED&F Man", nil},
	{"home ministry of any state", "hi", "en", "पाकिस्तान के गृह मंत्रालय ने", nil},
	{"an international court", "hi", "en", "अंतरराष्ट्रीय अदालत में", nil},
	{"International Criminal Court", "hi", "en", "अंतरराष्ट्रीय आपराधिक न्यायालय ने", map[string]string{"अंतरराष्ट्रीय आपराधिक न्यायालय": "International Criminal Court"}},
	{"the academy and its award", "hi", "en", "साहित्य अकादमी ने साहित्य अकादमी पुरस्कार दिए", map[string]string{"साहित्य अकादमी": "Sahitya Akademi", "साहित्य अकादमी पुरस्कार": "Sahitya Akademi award"}},
	{"revision is not review", "hi", "en", "पुनरीक्षण याचिका", map[string]string{"पुनरीक्षण याचिका": "revision petition"}},
	{"PAC personnel", "hi", "en", "पीएसी के जवानों ने", map[string]string{"पीएसी के जवान": "PAC personnel"}},
	{"a panchayat is no parishad", "en", "hi", "the zila panchayat", map[string]string{"zila panchayat": "जिला पंचायत"}},
	{"CPI the index", "en", "hi", "CPI inflation eased", map[string]string{"CPI inflation": "सीपीआई महंगाई"}},
	{"a bad loan", "en", "hi", "bad loans fell", map[string]string{"bad loans": "फंसा कर्ज"}},
	{"name and acronym at first mention", "hi", "en", "जननायक जनता पार्टी (जजपा)", map[string]string{"जननायक जनता पार्टी": "Jannayak Janta Party", "जजपा": "JJP"}},
	{"name and acronym, English", "en", "hi", "Research and Analysis Wing (R&AW)", map[string]string{"Research and Analysis Wing": "अनुसंधान एवं विश्लेषण विंग", "R&AW": "रॉ"}},
	{"the full name first", "en", "hi", "Shiromani Akali Dal and the Army chief", map[string]string{"Shiromani Akali Dal": "शिरोमणि अकाली दल", "Army chief": "सेना प्रमुख"}},
	{"on the Richter scale", "hi", "en", "रिक्टर पैमाने पर", map[string]string{"रिक्टर पैमाना": "Richter scale"}},
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

// clipped are acronyms made of syllables, as Hindi papers write them.
const clipped = `भाजपा|माकपा|भाकपा|सपा|बसपा|राजद|जदयू|जद|बीजद|लोजपा|राकांपा|मनसे|झामुमो|द्रमुक|अन्नाद्रमुक|तेदेपा|शिअद|रालोद|इनेलो|जजपा|नेकां|सुभासपा|रालोमो|राजग|संप्रग|विहिप|अभाविप|भाकियू|रासुका|अफस्पा|फेमा|भादंसं|भादंवि|मनरेगा|सेबी|कैग|दक्षेस|सार्क|उबाठा|यूनीवार्ता|यूनिवार्ता|इसरो|एम्स`

// An acronym: capitals, the English names of letters in Devanagari, or clipped.
var acronym = regexp.MustCompile(`^(?:\P{L}*(?:[A-Z]{2,}|R&AW|IISc|MeitY|CrPC|LoC|PoK)\P{L}*|` +
	`(?:ए|बी|सी|डी|ई|एफ|जी|एच|आई|जे|के|एल|एम|एन|ओ|पी|क्यू|आर|एस|टी|यू|वी|डब्ल्यू|एक्स|वाई|जेड){2,}|` + clipped + `)$`)

func hasAcronym(form string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(form, func(r rune) bool { return strings.ContainsRune(" -/()", r) }), acronym.MatchString)
}

// Where a text gives a name and its acronym behind it, both are terms; in one
// row they would have the same wording: "JJP (JJP)".
func TestAcronymsApart(t *testing.T) {
	t.Parallel()
	for _, e := range glossary(t) {
		// FIR has no name that papers write; संरा and UN are written as the name.
		if e.category == "unit" || slices.Contains(e.hi, "एफआईआर") || slices.Contains(e.hi, "जीरो एफआईआर") || strings.Contains(strings.Join(e.hi, "|"), "संरा") {
			continue
		}
		for _, forms := range [][]string{e.hi, e.en} {
			short := 0
			for _, f := range forms {
				if hasAcronym(strings.TrimPrefix(f, "~")) {
					short++
				}
			}
			if short != 0 && short != len(forms) {
				t.Errorf("%v mixes an acronym and a name: give each a row", forms)
			}
		}
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
