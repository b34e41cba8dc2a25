package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

func TestSummaryKeepsToTheArticle(t *testing.T) {
	t.Parallel()
	const (
		hi = "लखनऊ में सोमवार को मंत्री रमेश कुलकर्णी ने बताया कि बाढ़ राहत के लिए 1,98,000 परिवारों को 3.5 करोड़ रुपये दिए गए।\n\n" +
			"भाजपा के प्रवक्ता ने कहा कि एससीओ की बैठक 17 नवंबर को न्यूयॉर्क में होगी और भारत उसमें शामिल होगा।\n\n" +
			"बाकी रकम अगले महीने दी जाएगी, और ढाई लाख लोगों को राशन मिलेगा।"
		en = "Minister Ramesh Kulkarni said in Lucknow on Monday that 198,000 families had been given 35 million rupees for flood relief.\n\n" +
			"A spokesman of the BJP said that the SCO would meet in New York on 17 November and that India would take part.\n\n" +
			"The rest would be paid next month, and 250,000 people would get rations."
	)
	for _, row := range []struct {
		name, to, from, text string
		terms                map[string]string
		want                 string
	}{
		{"all from the article", "en", "hi", "The minister Ramesh Kulkarni said in Lucknow that 198,000 families got 35 million rupees.", nil, ""},
		{"rounded, and said so", "en", "hi", "The state paid about 200,000 families, and nearly 2 lakh of them at once.", nil, ""},
		{"rounded, and not said so", "en", "hi", "The state paid exactly 200,000 families.", nil, "summary_number"},
		{"another number", "en", "hi", "The state paid 45 million rupees.", nil, "summary_number"},
		{"in words", "en", "hi", "The state will feed a quarter of a million people, two hundred and fifty thousand.", nil, ""},
		{"counted", "en", "hi", "The state took three steps for those hit by floods.", nil, ""},
		{"one word for two", "en", "hi", "The SCO meets in New York, and India takes part.", nil, ""},
		{"an acronym that is translated", "en", "hi", "The BJP spoke of a meeting.", nil, ""},
		{"another acronym", "en", "hi", "The meeting of the BIMSTEC was announced.", nil, "summary_name"},
		{"another name", "en", "hi", "The minister Gurpreet Kulkarni spoke of the floods.", nil, "summary_name"},
		{"another country", "en", "hi", "The meeting takes place in Germany next week.", nil, "summary_name"},
		{"another day", "en", "hi", "The minister spoke on Friday about the floods.", nil, "summary_name"},
		{"a name of the glossary", "en", "hi", "The minister spoke for the Gurpreet scheme.", map[string]string{"राहत": "Gurpreet"}, ""},
		{"back", "hi", "en", "मंत्री रमेश कुलकर्णी ने लखनऊ में बताया कि 1.98 लाख परिवारों को 3.5 करोड़ रुपये मिले।", nil, ""},
		{"about a near number", "en", "hi", "The state paid about 197,000 families.", nil, "summary_number"},
		{"a refusal", "en", "hi", "I can't help with that.", nil, "!refusal"},
		{"a refusal with regrets", "en", "hi", "I'm sorry, but I cannot assist with that request.", nil, "!refusal"},
		{"another story", "en", "hi", "Fishermen along the coast pulled their boats ashore before the cyclone, and schools near the harbour closed early while volunteers carried blankets to shelters.", nil, "misaligned"},
		{"a refusal, back", "hi", "en", "मैं इस अनुरोध में सहायता नहीं कर सकता।", nil, "!refusal"},
		{"another number, back", "hi", "en", "सरकार ने 47 परिवारों को रकम दी।", nil, "summary_number"},
		{"rounded, back", "hi", "en", "सरकार ने करीब दो लाख परिवारों को रकम दी।", nil, ""},
		{"more than, back", "hi", "en", "सरकार ने 1.95 लाख से अधिक परिवारों को रकम दी।", nil, ""},
		{"another name, back", "hi", "en", "मंत्री गुरप्रीत ने बाढ़ राहत की बात बताई।", nil, "summary_name"},
		{"same language", "en", "en", "Kulkarni spoke of relief for families hit by floods; the BJP of a meeting in New York.", nil, ""},
		{"same language, another name", "en", "en", "In Lucknow spoke the leader Gurpreet about relief.", nil, "summary_name"},
		{"same language, a copy", "en", "en", "Minister Ramesh Kulkarni said in Lucknow on Monday that 198,000 families had been given 35 million rupees for flood relief.", nil, "summary_extractive"},
	} {
		source := hi
		if row.from == "en" {
			source = en
		}
		found := check.Summary(check.SummaryInput{Text: row.text, Language: row.to, Style: "paragraph", MaxWords: 120, Source: source, From: row.from, Terms: row.terms})
		if got := codes(found); got != row.want {
			t.Errorf("%s: %q, want %q: %+v", row.name, got, row.want, found)
		}
	}
}

// TestSummaryCopy is when a copy is no fault.
func TestSummaryCopy(t *testing.T) {
	t.Parallel()
	const one = "बाढ़ राहत की रकम सीधे परिवारों के खातों में अगले महीने भेजी जाएगी और राशन भी मिलेगा।"
	for _, row := range []struct {
		name, source, text, style, want string
	}{
		{"an article of one paragraph", one, one, "paragraph", ""},
		{"the first of four", one + strings.Repeat("\n\nमंत्री ने कहा कि नई योजना पर काम चल रहा है और जल्द घोषणा होगी।", 3), one, "paragraph", "summary_extractive"},
		{"as a headline", one + strings.Repeat("\n\nमंत्री ने कहा कि नई योजना पर काम चल रहा है और जल्द घोषणा होगी।", 3), "बाढ़ राहत की रकम सीधे परिवारों के खातों में", "headline", ""},
	} {
		found := check.Summary(check.SummaryInput{Text: row.text, Language: "hi", Style: row.style, Source: row.source, From: "hi"})
		if got := codes(found); got != row.want {
			t.Errorf("%s: %q, want %q: %+v", row.name, got, row.want, found)
		}
	}
}

func FuzzSummary(f *testing.F) {
	f.Add("सोमवार को 5 लोग आए।\n\nवे गए।", "On Monday 5 people came to Ruritania.", true)
	f.Add("A\n\nB", "ने ने ने", false)
	f.Add("\xff1,2", "'१", true)
	f.Fuzz(func(t *testing.T, source, text string, toEnglish bool) {
		in := check.SummaryInput{Text: text, Language: "hi", From: "en", Style: "paragraph", Source: source, Title: source, Terms: map[string]string{text: source}}
		if toEnglish {
			in.Language, in.From = "en", "hi"
		}
		soft := false
		for _, f := range check.Summary(in) {
			if f.Code == "" || f.Message == "" || f.Hard && f.Minor || f.Hard && soft {
				t.Fatalf("%+v", f)
			}
			soft = soft || !f.Hard
		}
		// a text has all its own numbers
		in = check.SummaryInput{Text: text, Language: "en", From: "en", Style: "paragraph", Source: text}
		if got := withCode(check.Summary(in), check.SummaryNumber); got != nil {
			t.Fatalf("%v of the text itself", got)
		}
	})
}
