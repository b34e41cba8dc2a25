package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

func TestGlossary(t *testing.T) {
	t.Parallel()
	const source, quelle = "गाँव के लोगों ने योजना पर बात की और पानी माँगा।", "The people of the village spoke about the scheme and asked for water."
	for _, r := range []struct {
		name, term, target, to string
		found                  bool
	}{
		{"as it is", "scheme", "The villagers spoke of the scheme and asked for water.", "en", true},
		{"plural", "scheme", "The villagers spoke of the schemes and asked for water.", "en", true},
		{"possessive", "Jal Board", "The villagers spoke of the Jal Board’s plan and asked for water.", "en", true},
		{"plural in -ies", "ministry", "The villagers spoke of the ministries and asked for water.", "en", true},
		{"plural of -ee", "village committee", "The villagers spoke in village committees and asked for water.", "en", true},
		{"past", "plan", "The villagers planned it together and asked for water.", "en", true},
		{"participle", "manage", "The villagers spoke of managing it and asked for water.", "en", true},
		{"acronym as a word", "UNESCO", "The villagers spoke of Unesco and asked for water.", "en", true},
		{"case", "Water Mission", "The villagers spoke of the WATER MISSION and asked for more.", "en", true},
		{"hyphen for space", "self help group", "The villagers of the self-help groups asked for water.", "en", true},
		{"none for hyphen", "COVID-19", "The villagers spoke of Covid 19 and asked for water.", "en", true},
		{"joined", "COVID-19", "The villagers spoke of Covid19 and asked for water.", "en", true},
		{"parted", "healthcare", "The villagers spoke of health care and asked for water.", "en", true},
		{"one word between", "Chief Minister", "The villagers spoke to the Chief (acting) Minister and asked for water.", "en", true},
		{"acronym", "IT", "The villagers spoke of IT and asked for water.", "en", true},
		{"masked", "water scheme", "The villagers spoke of the <1>water</1> <2>schemes</2> in the meeting.", "en", true},

		{"another word", "scheme", "The villagers spoke of the plan and asked for water.", "en", false},
		{"another spelling", "Ganga", "The villagers spoke of the Ganges and asked for water.", "en", false},
		{"part of a word", "port", "The villagers spoke of the report and asked for water.", "en", false},
		{"wrong order", "Water Mission", "The villagers spoke of the mission and asked for water.", "en", false},
		{"too far apart", "Water Mission", "The villagers asked for water on a long mission there.", "en", false},
		{"no acronym", "IT", "The villagers spoke of it and asked for water.", "en", false},
		{"half of a term", "Jal Shakti Ministry", "The villagers spoke of the Jal Ministry of theirs.", "en", false},
		{"left in Devanagari letters only", "योजना", "The villagers spoke of the scheme and asked for water.", "en", false},

		{"Hindi plural", "योजना", "गाँव के लोगों ने योजनाओं पर बात की और पानी माँगा।", "hi", true},
		{"Hindi oblique", "लड़का", "गाँव के लड़के ने इस पर बात की और पानी माँगा।", "hi", true},
		{"of a party", "पार्टी", "गाँव की पार्टियों ने इस पर बात की और पानी माँगा।", "hi", true},
		{"nukta", "फैसला", "गाँव के लोगों ने फ़ैसले पर बात की और पानी माँगा।", "hi", true},
		{"nukta built in", "ज़मीन", "गाँव के लोगों ने \u095bमीन पर बात की और पानी माँगा।", "hi", true},
		{"anusvara", "हिन्दी संगठन", "गाँव के लोगों ने हिंदी सङ्गठन से बात की और पानी माँगा।", "hi", true},
		{"chandrabindu", "गांव", "गाँवों के लोगों ने इस पर बात की और पानी माँगा।", "hi", true},
		{"joiner", "पक्ष", "गाँव के लोगों ने पक्\u200dष पर बात की और पानी माँगा।", "hi", true},
		{"Hindi hyphen", "जन धन", "गाँव के लोगों ने जन-धन पर बात की और पानी माँगा।", "hi", true},
		{"Hindi joined", "जन-धन", "गाँव के लोगों ने जनधन पर बात की और पानी माँगा।", "hi", true},
		{"digits", "धारा 144", "गाँव के लोगों ने धारा १४४ पर बात की और पानी माँगा।", "hi", true},
		{"Latin in Hindi", "GST", "गाँव के लोगों ने GST पर बात की और पानी माँगा।", "hi", true},

		{"another Hindi word", "योजना", "गाँव के लोगों ने स्कीम पर बात की और पानी माँगा।", "hi", false},
		{"part of a Hindi word", "जन", "गाँव के लोगों ने भोजन पर बात की और पानी माँगा।", "hi", false},

		{"no term", "", "The villagers spoke of the plan and asked for water.", "en", true},
		{"no word in the term", " – ", "The villagers spoke of the plan and asked for water.", "en", true},
	} {
		p := check.Pair{Source: source, Target: r.target, From: "hi", To: r.to, Glossary: map[string]string{"बात": r.term}}
		if r.to == "hi" {
			p.Source, p.From = quelle, "en"
		}
		found := check.Translation(p)
		if has(found, check.Glossary) == r.found {
			t.Errorf("%s: %q in %q: %+v", r.name, r.term, r.target, found)
		}
		for _, f := range found {
			if f.Code == check.Glossary && (f.Hard || f.Minor || !strings.Contains(f.Request(), r.term) || !strings.Contains(f.Request(), "बात")) {
				t.Errorf("%s: %+v", r.name, f)
			}
		}
	}
}

// TestGlossaryOrder: the same findings in the same order each time, one for each term.
func TestGlossaryOrder(t *testing.T) {
	t.Parallel()
	p := check.Pair{
		Source: "बाढ़, सूखा और आग", Target: "Water everywhere, no rain at all and smoke", From: "hi", To: "en",
		Glossary: map[string]string{"सूखा": "drought", "बाढ़": "flood", "आग": "fire"},
	}
	for range 20 {
		var terms []string
		for _, f := range check.Translation(p) {
			if f.Code == check.Glossary {
				terms = append(terms, f.Message)
			}
		}
		if len(terms) != 3 || !strings.Contains(terms[0], "आग") || !strings.Contains(terms[1], "बाढ़") || !strings.Contains(terms[2], "सूखा") {
			t.Fatalf("%q", terms)
		}
	}
}

// TestGlossaryManyWords: a term of many like words takes no time to speak of.
func TestGlossaryManyWords(t *testing.T) {
	t.Parallel()
	term := strings.Repeat("water ", 60) + "fire"
	p := check.Pair{Source: "पानी", Target: strings.Repeat("water ", 400), From: "hi", To: "en", Glossary: map[string]string{"पानी": term}}
	if found := check.Translation(p); !has(found, check.Loop) {
		t.Errorf("%+v", found)
	}
	p.Source = strings.Repeat("पानी ", 400)
	if found := check.Translation(p); !has(found, check.Glossary) {
		t.Errorf("%+v", found)
	}
}

// FuzzGlossary: a term that stands in the answer is found there, in any case and
// whatever stands around it.
func FuzzGlossary(f *testing.F) {
	f.Add("Jal Shakti Ministry", "the")
	f.Add("हिन्दी-भाषा", "में")
	f.Add("COVID-19's", "’")
	f.Add("\u095bमीन\u200d १४४", "<1>")
	f.Fuzz(func(t *testing.T, term, other string) {
		p := check.Pair{Source: "नदी", Target: other + " " + term + " " + other, From: "hi", To: "en", Glossary: map[string]string{"नदी": term}}
		if strings.ContainsAny(term, "<>") || strings.ContainsAny(other, "<>") {
			return // may be a mask, of which the text around it is a part
		}
		if found := check.Translation(p); has(found, check.Glossary) {
			t.Errorf("%q not found in %q: %+v", term, p.Target, found)
		}
	})
}
