package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/article"
	"dubhashi/gateway/check"
)

func TestTranslation(t *testing.T) {
	t.Parallel()
	const (
		hi = "राज्य सरकार ने सोमवार को बाढ़ राहत के लिए दो अरब रुपये जारी किए, और कहा कि बाकी रकम अगले महीने सीधे परिवारों के खातों में भेजी जाएगी।"
		en = "The state government released two billion rupees for flood relief on Monday, and said that the rest would go straight to the families’ accounts next month."
	)
	for _, row := range []struct {
		name, source, target, to string
		want                     string // codes, "!" before a hard one
	}{
		{"good", hi, en, "en", ""},
		{"good, back", en, hi, "hi", ""},
		{"nothing", hi, " \n", "en", "!empty"},
		{"a dash", hi, "—", "en", "!empty"},
		{"only a mask", "<1>" + hi + "</1>", "<1></1>", "en", "!empty"},
		{"figures alone", "पाँच", "5", "en", ""},
		{"figures stay", "2024–25", "2024–25", "en", ""},
		{"nothing to translate", "", "", "en", ""},

		{"left in Hindi", hi, hi, "en", "!script !copy"},
		{"half in Hindi", hi, "The state government " + hi, "en", "!script"},
		{"one word in Hindi", "उन्होंने जुगाड़ शब्द का प्रयोग किया, जो अब हर जगह सुनाई देता है।", "She used the word जुगाड़, which is now heard everywhere in the country, from villages to boardrooms, she said in a long talk that was broadcast later that evening.", "en", "script misaligned length"},
		{"spelled out", hi, "Rajya sarkar ne somvar ko baadh rahat ke liye do arab rupaye jaari kiye hain", "en", "!script"},
		{"in French", hi, "Le gouvernement a débloqué deux milliards de roupies pour les victimes des inondations lundi", "en", "!script"},
		{"a Chinese word", hi, "The state government released two billion 卢比 for flood relief on Monday.", "en", "script ~length"},
		{"in Chinese", hi, "邦政府周一拨款二十亿卢比", "en", "!script"},
		{"a Chinese word of the source", "उसने 卢比 लिखा और चला गया।", "He wrote 卢比 and left.", "en", ""},
		{"Greek of science", "अल्फा कण", "The α particle", "en", ""},
		{"left in English", en, en, "hi", "!script !copy"},
		{"mostly English", en, "राज्य सरकार ने कहा that the rest would go straight to the families’ accounts next month.", "hi", "!script"},
		{"a third English", "The government said it would release the remaining amount next month", "सरकार ने कहा कि वह शेष राशि जारी करेगी remaining amount next month तक", "hi", "script"},
		{"in Marathi", en, "राज्य सरकारने सोमवारी पूरग्रस्तांच्या मदतीसाठी दोन अब्ज रुपये दिले आहेत आणि उर्वरित रक्कम पुढील महिन्यात थेट कुटुंबांच्या खात्यात जमा होणार आहे असे सांगितले आहे.", "hi", "!script"},
		{"short copy", "Oh, no.", "Oh, no.", "hi", "!copy"},
		{"romanised source left", "Sarkar ne kaha ki barish kal tak jaari rahegi", "Sarkar ne kaha ki barish kal tak jaari rahegi", "en", "!script !copy"},
		{"romanised source", "Sarkar ne kaha ki barish kal tak jaari rahegi", "The government said that the rain would last until tomorrow.", "en", ""},
		{"folded copy", "Rain stopped  play in the\u00a0afternoon", "Rain stopped play in the afternoon", "hi", "!script !copy"},

		{"French quotation stays", "Il faut bien le faire.", "Il faut bien le faire.", "hi", ""},
		{"names may stay", "Sony, Samsung, LG and Xiaomi", "Sony, Samsung, LG and Xiaomi", "hi", "copy"},
		{"acronyms stay", "BJP TMC RJD NCP DMK AIADMK", "BJP TMC RJD NCP DMK AIADMK", "hi", ""},
		{"a name of several words", "Bank of Maharashtra", "Bank of Maharashtra", "hi", "copy"},
		{"a headline like a name", "Delhi Police Arrest Three Men", "Delhi Police Arrest Three Men", "hi", "copy"},
		{"headline in capitals", "Sensex Falls For The Third Day As Banks Slide", "Sensex Falls For The Third Day As Banks Slide", "hi", "!script !copy"},
		{"names within Hindi", "Google Drive, Microsoft Outlook and Slack are here", "Google Drive, Microsoft Outlook और Slack यहाँ हैं", "hi", "~script"},
		{"acronyms within Hindi", "SARS-CoV-2, MERS-CoV and HCoV-NL63 are related", "SARS-CoV-2, MERS-CoV और HCoV-NL63 संबंधित हैं", "hi", "~script"},

		{"another day", hi, strings.Replace(en, "Monday", "Friday", 1), "en", "number_missing"},
		{"another month", "पुल 12 मई को खुलेगा।", "The bridge opens on 12 June.", "en", "number_missing"},
		{"a verb, no month", "पुल मार्च में खुलेगा और जून में बंद हो सकता है।", "The bridge opens in March and may close in June.", "en", ""},
		{"an address within Hindi", "Check the results on www.example.org.", "परिणाम www.example.org पर देखें।", "hi", ""},
		{"an acronym written out", "सीबीआई ने बुधवार को दो जगह छापा मारा।", "The Central Bureau of Investigation raided two places on Wednesday.", "en", ""},
		{"a name written short", "CSK won by five wickets.", "चेन्नई सुपर किंग्स की टीम पांच विकेट से जीती।", "hi", ""},
		{"a phrase of the clock", "बैठक रात सवा नौ बजे तक चली।", "The meeting went on until a quarter past nine at night.", "en", ""},

		{"refusal", hi, "I’m sorry, but I can’t help with that.", "en", "!refusal"},
		{"refusal in Hindi", en, "क्षमा करें, मैं इस अनुरोध में सहायता नहीं कर सकता।", "hi", "!refusal"},
		{"an article that cannot", "“मैं उनकी मदद नहीं कर सकता,” मंत्री ने कहा।", "“I cannot help them,” the minister said.", "en", ""},
		{"an article that is sorry", "“मुझे खेद है, लेकिन हम इस अनुरोध को पूरा नहीं कर सकते,” कंपनी ने कहा।", "“I’m sorry, but we cannot complete this request,” the company said.", "en", ""},
		{"an article about AI", "चैटबॉट ने लिखा, “एक एआई भाषा मॉडल के रूप में मेरी कोई राय नहीं है।”", "The chatbot wrote, “As an AI language model, I have no opinion.”", "en", ""},
		{"an article that cannot, back", "“I cannot translate this letter,” she told the court.", "“मैं इस पत्र का अनुवाद नहीं कर सकती,” उसने अदालत से कहा।", "hi", ""},

		{"preamble", hi, "Sure, here is the translation:\n" + en, "en", "!chatter"},
		{"preamble in Hindi", en, "यहाँ अनुवाद है: " + hi, "hi", "!chatter"},
		{"fence", hi, "```\n" + en + "\n```", "en", "!chatter"},
		{"thoughts", hi, "<think>Flood relief.</think>" + en, "en", "!chatter"},
		{"JSON", hi, `{"translation": "` + en + `"}`, "en", "!chatter"},
		{"note", hi, en + "\n\nNote: One arab is a billion.", "en", "!chatter"},
		{"note in brackets", en, hi + " (नोट: रकम अनुमानित है।)", "hi", "!chatter"},
		{"an article that notes", "नोट: कार्यक्रम का समय बदल सकता है।", "Note: The timing of the programme may change.", "en", ""},
		{"an article that is sure", "ज़रूर, हम साथ चलेंगे।", "Sure, we will go together.", "en", ""},
		{"an article on translation", "अनुवाद: राधा शर्मा", "Translation: Radha Sharma", "en", ""},
		{"an article that ends in tell me", "उसने कहा, “कोई दिक़्क़त हो तो मुझे बताना।”", "He said, “Let me know if there is any trouble.”", "en", ""},
		{"an article with code", "`go run` चलाएँ और ``` से कोड घेरें।", "Run `go run` and put the code between ```.", "en", ""},

		{"cut", hi, "The state government released two bil", "en", "!truncated"},
		{"cut with dots", hi, "The state government released…", "en", "!truncated"},
		{"short but whole", hi, "Two billion rupees were released.", "en", "misaligned length"},
		{"a short source cut", "बैठक सोमवार को होगी।", "The mee", "en", "truncated"},
	} {
		from := "hi"
		if row.to == "hi" {
			from = "en"
		}
		found := check.Translation(check.Pair{Source: row.source, Target: row.target, From: from, To: row.to})
		if got := codes(found); got != row.want {
			t.Errorf("%s: %q, want %q: %+v", row.name, got, row.want, found)
		}
		for _, f := range found {
			if f.Message == "" || len(f.Message) > 160 || strings.Contains(f.Message, "\n") {
				t.Errorf("%s: message %q", row.name, f.Message)
			}
		}
	}
}

// codes gives the findings as one string, in order: "!" before a hard one, "~" before
// one that is not worth a call.
func codes(found []check.Finding) string {
	var out []string
	for _, f := range found {
		switch {
		case f.Hard:
			out = append(out, "!"+f.Code)
		case f.Minor:
			out = append(out, "~"+f.Code)
		default:
			out = append(out, f.Code)
		}
	}
	return strings.Join(out, " ")
}

func TestTranslationMasks(t *testing.T) {
	t.Parallel()
	d, err := article.Parse("सरकार ने **बाढ़ राहत** के लिए [नई योजना](https://example.org/yojana) शुरू की, देखें https://example.org", article.Options{Format: article.Markdown})
	if err != nil {
		t.Fatal(err)
	}
	segment := d.Blocks[0].Segments(1500)[0]
	if !segment.Masked() {
		t.Fatalf("no masks in %q", segment.Text)
	}
	for _, row := range []struct{ name, target, want string }{
		{"all there", "The government began a <2>new scheme</2> for <1>flood relief</1>, see <3/>", ""},
		{"spaced", "The government began a < 2 >new scheme</ 2 > for <1>flood relief</1>, see <3 />", ""},
		{"lost", "The government began a new scheme for <1>flood relief</1>, see <3/>", "placeholder"},
		{"doubled", "The government <3/> began a <2>new scheme</2> for <1>flood relief</1>, see <3/>", "placeholder"},
		{"unbalanced", "The government began a <2>new scheme for <1>flood relief</1>, see <3/>", "placeholder"},
	} {
		found := check.Translation(check.Pair{Source: segment.Text, Target: row.target, From: "hi", To: "en", Segment: segment})
		if got := codes(found); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func FuzzTranslation(f *testing.F) {
	f.Add("बैठक सोमवार को होगी।", "Sure! The meeting is on Monday.", true)
	f.Add("Oh, no.", "<1>नहीं</1>\n\n(नोट: x)", false)
	f.Add("\xff", "\n:", true)
	f.Fuzz(func(t *testing.T, source, target string, toEnglish bool) {
		p := check.Pair{Source: source, Target: target, From: "en", To: "hi", Glossary: map[string]string{"rain": source, "train": target}}
		if toEnglish {
			p.From, p.To = "hi", "en"
		}
		if has(check.Translation(check.Pair{Source: source, Target: source, From: p.From, To: p.To}), check.Loop) {
			t.Fatal("a text loops beside itself")
		}
		weight := 0
		for _, found := range check.Translation(p) {
			if found.Code == "" || found.Message == "" {
				t.Fatalf("%+v", found)
			}
			if found.Hard && found.Minor {
				t.Fatalf("hard and minor: %+v", found)
			}
			w := 1
			if found.Hard {
				w = 0
			} else if found.Minor {
				w = 2
			}
			if w < weight {
				t.Fatal("a weightier finding behind a lighter one")
			}
			weight = w
		}
		check.Summary(check.SummaryInput{Text: target, Bullets: strings.Split(target, "\n"), Language: p.To, Style: "bullets", MaxWords: 20, Source: source})
	})
}
