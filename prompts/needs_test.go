package prompts_test

import (
	"strings"
	"testing"

	"dubhashi/prompts"
)

// Marks of the lines that a system message has only when the text needs them.
var lineMarks = map[string]string{
	"scale": "million", "fraction": "सवा = 1¼", "digits": "Write ०–९ as 0–9", "dateline": "A dateline", "credit": "Credits stay",
	"mixed": "English words stay", "roman": "in Latin letters", "tags": "Tags stand for", "glossary": `"glossary"`, "register": "Register:", "fix": `"fix"`,
	"numerals": "Write digits as", "day": "कल or परसों", "party": "आप as a party",
}

var lineRows = []struct {
	name, source, text string
	want               string // names of lines
}{
	{"plain", "hi", "नदी का पानी उतर रहा है।", ""},
	{"lakh", "hi", "2 लाख लोग", "scale"},
	{"crore, oblique plural", "hi", "करोड़ों लोगों ने", "scale"},
	{"crore, decomposed nukta", "hi", "3 करोड\u093C", "scale"},
	{"arab the number", "hi", "2 अरब डॉलर", "scale"},
	{"Arab the country", "hi", "सऊदी अरब ने", ""},
	{"within a word", "hi", "लाखामंडल मंदिर", ""},
	{"Indian grouping", "hi", "₹2,50,000 दिए", "scale"},
	{"grouping that both have", "hi", "1,000 और 300,000 लोग", ""},
	{"agency slug at the end", "hi", "भाषा वैभव मनीषा", "credit"},
	{"talks in a headline", "hi", "गंभीर वार्ता के बाद सहमति", ""},
	{"a year and a date", "hi", "2004: 26 दिसंबर को सुनामी आई।", ""},
	{"Devanagari grouping", "hi", "₹२,५०,००० दिए", "scale digits"},
	{"fraction of a lakh", "hi", "ढाई लाख", "scale fraction"},
	{"fraction with nukta apart", "hi", "साढे तीन बजे", "fraction"},
	{"Devanagari digits", "hi", "२५ गांव", "digits"},
	{"dateline", "hi", "इस्लामाबाद, 17 नवंबर", "dateline"},
	{"dateline and agency", "hi", "नई दिल्ली, १७ नवम्बर (भाषा)। सरकार ने कहा।", "dateline credit digits"},
	{"a date in a sentence", "hi", "बैठक 17 नवंबर को होगी।", ""},
	{"desk credit", "hi", "जागृति संवाददाता, लखनऊ", "credit"},
	{"agency's talks in a headline", "hi", "वार्ता विफल, फिर होगी बैठक", ""},
	{"language in a headline", "hi", "भाषा विवाद पर सरकार झुकी", ""},
	{"agency alone", "hi", "एजेंसी, नई दिल्ली", "credit"},
	{"agency's input", "hi", "एजेंसी इनपुट के साथ", "credit"},
	{"two agencies in brackets", "hi", "(पीटीआई-भाषा)", "credit"},
	{"desk alone", "hi", "लाइव न्यूज डेस्क", "credit"},
	{"(हि.स.)", "hi", "लखनऊ में सोमवार को बारिश हुई। (हि.स.)", "credit"},
	{"according to an agency", "hi", "एजेंसी के मुताबिक 20 घर डूबे", ""},
	{"according to an agency, in brackets", "hi", "पानी उतर रहा है (एजेंसी के मुताबिक)", ""},
	{"an investigating bureau", "hi", "केंद्रीय जांच ब्यूरो की छापेमारी", ""},
	{"a press conference", "hi", "संवाददाता सम्मेलन आज", ""},
	{"bureaucracy", "hi", "ब्यूरोक्रेसी बदलेगी", ""},
	{"three quarters", "hi", "पौन घंटा", "fraction"},
	{"language is no credit", "hi", "यह भाषा बहुत पुरानी है और इसे बोलने वाले लोग अब कम रह गए हैं।", ""},
	{"yesterday or tomorrow", "hi", "कल बैठक हुई", "day"},
	{"part of a word", "hi", "आजकल गर्मी है", ""},
	{"the party", "hi", "आप ने दिल्ली में रैली की", "party"},
	{"the pronoun", "hi", "आप कैसे हैं", ""},
	{"mixed", "hi", "नया portal launch किया", "mixed"},
	{"an address is not mixed", "hi", "देखें https://example.org/abc और info@example.org", ""},
	{"one Latin letter is not mixed", "hi", "विटामिन D की कमी", ""},
	{"romanised", "hi", "aaj mausam bahut accha hai", "roman"},
	{"a tag", "hi", "<1>पंजीकरण</1> करें", "tags"},
	{"comparison is no tag", "hi", "3 < 5 और a<b", ""},
	{"English plain", "en", "The river is falling.", ""},
	{"English million", "en", "35 million people", "scale"},
	{"English bn", "en", "a $2bn deal", "scale"},
	{"English grouping", "en", "250,000 people", "scale"},
	{"English thousands", "en", "77,000 people", ""},
	{"English dozen millions", "en", "12,345,678 people", "scale"},
	{"a list is no grouping", "en", "in 2019, 2020 and 1, 2, 3", ""},
	{"metres are no millions", "en", "it is 35 metres tall", ""},
	{"English dateline", "en", "New Delhi, Nov 17 (PTI): The minister said so.", "dateline credit"},
	{"English credit", "en", "By our Staff Reporter", "credit"},
	{"English agencies alone", "en", "Agencies", "credit"},
	{"English inputs", "en", "(With inputs from PTI)", "credit"},
	{"English bureau", "en", "Express News Service, Lucknow", "credit"},
	{"English headline with agencies", "en", "Central agencies raid five homes", ""},
	{"English headline with a bureau", "en", "Intelligence Bureau chief resigns", ""},
	{"an acronym that begins as an agency's", "en", "The market board (APMC) met.", ""},
	{"English sentence with agencies", "en", "He said that several agencies had been asked to look into the matter by the state.", ""},
}

// systemFor is the system message of a call that translates text.
func systemFor(source, text string) string {
	target := map[string]string{"hi": "en", "en": "hi"}[source]
	return prompts.Translate(prompts.Translation{Source: source, Target: target, Segments: []string{"x", text}}).Messages[0].Content
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, r := range lineRows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			system := systemFor(r.source, r.text)
			want := strings.Fields(r.want)
			for name, mark := range lineMarks {
				has := strings.Contains(system, mark)
				needed := false
				for _, w := range want {
					needed = needed || w == name
				}
				if has != needed {
					t.Errorf("line %s: %v, want %v, in\n%s", name, has, needed, system)
				}
			}
		})
	}
}

// The core is the start of every system message of its direction, so that a
// provider's prefix cache finds it.
func TestCoreFirst(t *testing.T) {
	t.Parallel()
	for _, d := range [][2]string{{"hi", "en"}, {"en", "hi"}} {
		core := prompts.Translate(prompts.Translation{Source: d[0], Target: d[1], Segments: []string{"x"}}).Messages[0].Content
		for name, c := range cases {
			if strings.HasPrefix(name, "translate_"+d[0]+"-"+d[1]) {
				if system := c().Messages[0].Content; !strings.HasPrefix(system, core) {
					t.Errorf("%s does not begin with the core:\n%s", name, system)
				}
			}
		}
	}
}
