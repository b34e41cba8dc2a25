package prompts_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"dubhashi/prompts"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, text, term string
		want             bool
	}{
		{"a word", "भाजपा ने कहा", "भाजपा", true},
		{"at the end, before danda", "यह फैसला भाजपा।", "भाजपा", true},
		{"in brackets and quotes", "‘भाजपा’ (भाजपा)", "भाजपा", true},
		{"not within a word", "भाजपाई नेता", "भाजपा", false},
		{"a matra is no edge", "रामी आई", "राम", false},
		{"a virama is no edge", "राम्या आई", "राम", false},
		{"not behind a letter", "परराम", "राम", false},
		{"hyphen is an edge", "पाकिस्तान-रूस समूह", "रूस", true},
		{"hyphen for space", "शंघाई-सहयोग संगठन", "शंघाई सहयोग संगठन", true},
		{"line end for space", "शंघाई\nसहयोग  संगठन", "शंघाई सहयोग संगठन", true},
		{"a comma between is no space", "शंघाई, सहयोग संगठन", "शंघाई सहयोग संगठन", false},
		{"nukta left out in the text", "फैसला आया", "फ़ैसला", true},
		{"nukta left out in the term", "फ़ैसला आया", "फैसला", true},
		{"precomposed and decomposed nukta", "सड\u093Cक", "स\u095Cक", true},
		{"chandrabindu and anusvara", "हँसना", "हंसना", true},
		{"half na and anusvara", "हिन्दी में", "हिंदी", true},
		{"half ma and anusvara", "सम्पर्क किया", "संपर्क", true},
		{"na before na stays", "अन्न योजना", "अंन", false},
		{"joiner", "क्\u200Dषेत्र में", "क्षेत्र", true},
		{"zero width space within", "भाज\u200Bपा ने", "भाजपा", true},
		{"plural oblique of a consonant", "सांसदों ने", "सांसद", true},
		{"plural direct of a consonant", "अदालतें खुलीं", "अदालत", true},
		{"oblique of -ा", "अध्यादेश के मसौदे में", "मसौदा", true},
		{"plural of -ा", "योजनाओं का लाभ", "योजना", true},
		{"plural of -ा with chandrabindu", "योजनाएँ बनीं", "योजना", true},
		{"plural of -ी", "पार्टियाँ तैयार", "पार्टी", true},
		{"oblique plural of -ी", "नक्सलियों से", "नक्सली", true},
		{"plural of -ि", "नीतियों पर", "नीति", true},
		{"last word of many inflected", "न्यायिक मजिस्ट्रेटों के", "न्यायिक मजिस्ट्रेट", true},
		{"earlier word inflected", "पिछड़े वर्ग के लोग", "पिछड़ा वर्ग", true},
		{"का inflected within", "सूचना के अधिकार से", "सूचना का अधिकार", true},
		{"other ending", "सांसदीय", "सांसद", false},
		{"dotted acronym", "बी.जे.पी. ने", "बीजेपी", true},
		{"dotted term", "दस किमी दूर", "कि.मी.", true},
		{"digit before a unit", "10किमी दूर", "किमी", true},
		{"Devanagari digits", "जी-२० बैठक", "जी20", true},
		{"script changes", "BJPके नेता", "BJP", true},
		{"tags within", "भारतीय <1>जनता</1> पार्टी", "भारतीय जनता पार्टी", true},
		{"tag at the edge", "<1>भाजपा</1>", "भाजपा", true},
		{"a lone tag parts", "भारतीय <1/> जनता", "भारतीय जनता", false},
		{"English word, other case", "The Supreme court said", "supreme court", true},
		{"English word within", "Assamese", "Assam", false},
		{"possessive", "the BJP's plan", "BJP", true},
		{"curly possessive", "the BJP’s plan", "BJP", true},
		{"English plural", "new zila parishads", "zila parishad", true},
		{"English plural in -ies", "two ministries", "ministry", true},
		{"acronym's plural", "two MLAs", "MLA", true},
		{"acronym is not a word", "it is here", "IT", false},
		{"word is not an acronym's part", "ITBP", "IT", false},
		{"dotted English acronym", "the U.N. said", "UN", true},
		{"acronym in a firm's name", "ED&F Man said", "ED", false},
		{"acronym ends a firm's name", "F&ED said", "ED", false},
		{"acronyms joined by and", "the CBI & ED", "ED", true},
		{"acronym with & inside", "an R&AW officer", "R&AW", true},
		{"symbols in a term", "C++ और Go", "C++", true},
		{"symbols wanted", "C और Go", "C++", false},
		{"number is whole", "2,050 लोग", "2", false},
		{"empty term", "भाजपा", "", false},
		{"term of marks only", "भाजपा - ।", "।", false},
		{"empty text", "", "भाजपा", false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if got := prompts.Match(r.text, r.term); got != r.want {
				t.Errorf("Match(%q, %q) = %v, want %v", r.text, r.term, got, r.want)
			}
		})
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("भाजपा ने 3.5 करोड़", "भाजपा")
	f.Add("The U.N. said <1>so</1>", "UN")
	f.Add("हिन्\u200Dदी", "हिंदी")
	f.Add("<2/>", "2")
	f.Add("\xff\xfe", "ा")
	f.Fuzz(func(t *testing.T, text, term string) {
		if !utf8.ValidString(text) || !utf8.ValidString(term) {
			t.Skip("no caller's text is broken UTF-8")
		}
		found := prompts.Match(text, term)
		if !strings.ContainsFunc(term, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }) && found {
			t.Errorf("Match(%q, %q): a term without a word occurs", text, term)
		}
		// A term that occurs in itself occurs wherever it stands by itself; one that
		// begins with a mark never does.
		first, _ := utf8.DecodeRuneInString(term)
		if !unicode.IsMark(first) && prompts.Match(term, term) && !prompts.Match("देखो , "+term+" , बस", term) {
			t.Errorf("%q occurs in itself, but not among other words", term)
		}
		if one := prompts.Compile(maps.All(map[string]string{term: "x"})).Occurring(text); (one[term] != "") != found {
			t.Errorf("Occurring(%q) = %v, Match says %v of %q", text, one, found, term)
		}
		if found && !prompts.Match(text+" , बस", term) {
			t.Errorf("%q occurs in %q, but no more with words behind", term, text)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	text := strings.Repeat(hiLead+" ", 15)
	for b.Loop() {
		prompts.Match(text, "जननायक")
	}
}

func BenchmarkOccurring(b *testing.B) {
	text := strings.Repeat(hiLead+" ", 15)
	glossary := map[string]string{}
	for i := range 1000 {
		glossary["जननायक "+strconv.Itoa(i)] = "x"
	}
	for b.Loop() {
		prompts.Compile(maps.All(glossary)).Occurring(text)
	}
}
