package newsletter_test

import (
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

var india = time.FixedZone("IST", 5*3600+1800)

// inline is one paragraph of Markdown as content.
func inline(t testing.TB, markdown string) article.Inline {
	t.Helper()
	d, err := article.Parse(markdown, article.Options{Format: article.Markdown})
	if err != nil || len(d.Blocks) != 1 {
		t.Fatalf("%q: %v", markdown, err)
	}
	return d.Blocks[0].Content
}

// two is a paragraph in both languages, written in Hindi.
func two(t testing.TB, kind article.Kind, hi, en string) newsletter.Pair {
	p := newsletter.Pair{Kind: kind, Original: "hi", By: map[string]article.Inline{}}
	for lang, s := range map[string]string{"hi": hi, "en": en} {
		if s != "" {
			p.By[lang] = inline(t, s)
		}
	}
	return p
}

func item(t testing.TB, number int, hi, en string) newsletter.Pair {
	p := two(t, article.ListItem, hi, en)
	p.Depth, p.Number = 1, number
	return p
}

func flagged(p newsletter.Pair, f newsletter.Flag) newsletter.Pair {
	p.Flags = append(p.Flags, f)
	return p
}

// edition is an edition with one of everything that a form has to write; base is
// where its pictures are.
func edition(t testing.TB, layout, base string) *newsletter.Edition {
	t.Helper()
	day := func(d, h int) time.Time { return time.Date(2026, 11, d, h, 15, 0, 0, india) }
	river := &newsletter.Story{
		ID: "urn:uuid:11111111-1111-5111-8111-111111111111", Language: "hi", Link: "https://example.org/river?from=letter&lang=hi",
		Publication: "नदी समाचार", Published: day(23, 7), Show: newsletter.ShowSummary,
		Headline: two(t, article.Title, "नदी पर नया पुल खुला, शहर के दोनों छोर जुड़े", "New bridge opens over the river, joining both ends of the town"),
		Image:    &newsletter.Image{URL: base + "/bridge.png", Alt: newsletter.Text{"hi": "नदी पर बना नया पुल", "en": "The new bridge over the river"}},
		Summary: []newsletter.Pair{two(t, article.Paragraph,
			"शहर के उत्तरी और दक्षिणी हिस्सों को जोड़ने वाला 240 मीटर लंबा पुल सोमवार को आवाजाही के लिए खोल दिया गया। इससे रोज़ 18,000 यात्रियों का 40 मिनट का समय बचेगा।",
			"A 240-metre bridge that joins the north and the south of the town was opened to traffic on Monday. It saves 18,000 daily travellers 40 minutes.")},
		Minutes: map[string]int{"hi": 3, "en": 3},
	}
	school := &newsletter.Story{
		ID: "urn:uuid:22222222-2222-5222-8222-222222222222", Language: "hi", Link: "https://example.org/school",
		Publication: "शिक्षा डेस्क", Published: day(22, 18), Show: newsletter.ShowLead, More: true,
		Headline: two(t, article.Title, "सरकारी विद्यालय में छात्राओं ने बनाई वर्षा जल संचयन प्रणाली", "Girls at a government school build a system that harvests rainwater"),
		Summary:  []newsletter.Pair{two(t, article.Paragraph, "छात्राओं की बनाई प्रणाली हर साल पाँच लाख लीटर पानी बचाएगी।", "The system that the girls built saves 500,000 litres of water a year.")},
		Body: []newsletter.Pair{
			two(t, article.Paragraph, "कक्षा 9 की **छात्राओं** ने विद्यालय की छत से बहने वाले वर्षा जल को भूमिगत टंकी तक पहुँचाने की व्यवस्था की है।",
				"Girls of class 9 have led the rain that runs off the school's roof into a tank **under the ground**."),
			flagged(two(t, article.Paragraph, "प्रणाली पर ₹1.2 लाख की लागत आई और इसका रखरखाव [विद्यालय समिति](https://example.org/committee) करेगी।",
				"The system cost ₹1.2 million, and the [school committee](https://example.org/committee) will look after it."),
				newsletter.Flag{ID: "5f2c9a01be", Code: "number_mismatch", Message: "the numbers differ: 1.2 lakh in the original, 1.2 million in the translation"}),
		},
		Minutes: map[string]int{"hi": 2, "en": 2},
	}
	metro := &newsletter.Story{
		ID: "urn:uuid:33333333-3333-5333-8333-333333333333", Language: "hi", Link: "https://example.org/metro", Publication: "City Transport",
		Published: day(24, 9), Show: newsletter.ShowFull,
		Headline: two(t, article.Title, "मेट्रो की नई लाइन पर परीक्षण शुरू", "Trial runs begin on the new metro line"),
		Body: []newsletter.Pair{
			two(t, article.Paragraph, "नई लाइन पर छह महीने तक बिना यात्रियों के गाड़ियाँ चलेंगी। पहला चरण *मार्च* में खुलेगा।", "Trains will run on the new line without passengers for six months. The first part opens in *March*."),
			two(t, article.Heading, "क्या बदलेगा", "What will change"),
			item(t, 0, "हर चार मिनट पर गाड़ी", "A train every four minutes"),
			item(t, 0, "सभी 14 स्टेशनों पर लिफ़्ट और ब्रेल संकेत", "Lifts and signs in Braille at all 14 stations"),
			two(t, article.Quote, "“यात्रियों की सुरक्षा हमारी पहली प्राथमिकता है,” परियोजना प्रमुख ने कहा।", "“The safety of passengers comes first,” said the head of the project."),
			flagged(two(t, article.Paragraph, "अंतिम निरीक्षण की तारीख़ बाद में घोषित होगी।", ""),
				newsletter.Flag{ID: "77aa01c3d4", Code: "upstream_failed", Message: "the translation is missing: the model gave no answer"}),
			{Kind: article.Code, Original: "hi", Once: true, By: map[string]article.Inline{"hi": article.Plain("<line id=\"4\">\n  stops = 14\n</line>")}},
			{Kind: article.Caption, Original: "hi", Once: true, By: map[string]article.Inline{"hi": article.Plain("METRO 4")}},
		},
		Minutes: map[string]int{"hi": 4, "en": 4},
	}
	fair := &newsletter.Story{
		ID: "urn:uuid:44444444-4444-5444-8444-444444444444", Language: "en", Show: newsletter.ShowSummary,
		Headline: newsletter.Pair{Kind: article.Title, Original: "en", By: map[string]article.Inline{
			"en": article.Plain("Book fair: what to read this winter"), "hi": article.Plain("पुस्तक मेला: इस सर्दी में क्या पढ़ें")}},
		Summary: []newsletter.Pair{flagged(newsletter.Pair{Kind: article.Paragraph, Original: "en", By: map[string]article.Inline{
			"en": article.Plain("The fair runs until Sunday; entry is free for children under 12."),
			"hi": article.Plain("मेला रविवार तक चलेगा; 12 वर्ष से छोटे बच्चों के लिए प्रवेश निःशुल्क है।")}},
			newsletter.Flag{ID: "9b0e44d2aa", Code: "length_ratio", Message: "the translation is much longer than the original", Accepted: true})},
	}
	return &newsletter.Edition{
		ID: "urn:uuid:00000000-0000-5000-8000-000000000000", Languages: []string{"hi", "en"}, Layout: layout,
		Title:   newsletter.Text{"hi": "सप्ताह की ख़बरें", "en": "The week"},
		Subject: "सप्ताह की ख़बरें | The week", Preheader: "New bridge opens over the river · Girls at a school harvest rainwater",
		Date:  time.Date(2026, 11, 24, 0, 0, 0, 0, india),
		Intro: []newsletter.Pair{two(t, article.Paragraph, "नमस्ते! इस सप्ताह की चुनी हुई ख़बरें, दोनों भाषाओं में।", "Hello! The stories of this week, in both languages.")},
		Footer: []newsletter.Pair{two(t, article.Paragraph, "अपनी राय [हमें लिख भेजिए](https://example.org/write)।",
			"[Write to us](https://example.org/write) and tell us what you think.")},
		Contents: true,
		Sections: []newsletter.Section{
			{Stories: []*newsletter.Story{river, school}},
			{Title: newsletter.Text{"hi": "शहर", "en": "The town"}, Stories: []*newsletter.Story{metro, fair}},
		},
		Sender: api.IssueSender{Name: "नदी किनारे का पत्र", Email: "letter@example.org", ReplyTo: "desk@example.org",
			Address: "1, River Road\nThe Town", Unsubscribe: "https://example.org/leave?u=1&k=2", Website: "https://example.org/"},
		Notices: []newsletter.Notice{{Where: "articles[2]", URL: "https://example.org/metro", Code: "translation_missing",
			Message: "one paragraph has no translation; make the issue again: only what is missing is asked for"}},
		Partial: true,
	}
}

// render writes a form that must come out.
func render(t testing.TB, e *newsletter.Edition, f newsletter.Form) string {
	t.Helper()
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Render(e, f)
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return string(out)
}
