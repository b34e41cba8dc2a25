package article_test

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// textPair is a text in both languages, one entry a paragraph or sentence.
type textPair struct {
	ID string
	Hi stringList
	En stringList

	Hinglish          string
	Unicode, Krutidev string
}

// stringList reads a JSON string or an array of strings.
type stringList []string

func (l *stringList) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*l = stringList{s}
		return err
	}
	return json.Unmarshal(b, (*[]string)(l))
}

func readTextPairs(t *testing.T, name string) []textPair {
	t.Helper()
	f := sharedData(t, name)
	var pairs []textPair
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p textPair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pairs = append(pairs, p)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return pairs
}

// bothSides gives all segments of both languages of a file.
func bothSides(t *testing.T, name string) (hi, en []string) {
	t.Helper()
	for _, p := range readTextPairs(t, name) {
		hi, en = append(hi, p.Hi...), append(en, p.En...)
	}
	return hi, en
}

func TestDetectRows(t *testing.T) {
	t.Parallel()
	groups := []struct {
		name, language, script string
		texts                  []string
	}{
		{"hindi", "hi", "Deva", []string{
			"पाकिस्तान और रूस मिलकर काम करेंगे",
			"प्रधानमंत्री ने कहा",
			"शेयर बाज़ार धड़ाम",
			"मौसम विभाग की चेतावनी",
			"नमस्ते",
			"केरळ और तमिळ भाषा के नाम कई तरह से लिखे जाते हैं।",
			"छः लोग घायल, दो की हालत गंभीर",
			"क़िला फ़तह हुआ।",
			"Apple ने भारत में नया iPhone पेश किया है, जिसकी कीमत एक लाख रुपये से अधिक है।",
			"पुस्तक मेले में आए लोगों ने https://example.org/a/very/long/path?with=latin&letters=only पर पंजीकरण कराया।",
		}},
		{"hindi full of english", "hi", "mixed", []string{
			"NASA और ISRO का NISAR satellite launch हुआ",
			"सरकार ने नया startup portal launch किया",
			"aaj का match बहुत accha रहा yaar",
			"WHO ने COVID-19 vaccine approve की",
		}},
		{"romanised hindi", "hi", "Latn", []string{
			"aaj mausam bahut accha hai",
			"Pradhanmantri ne kaha ki desh ki arthvyavastha mazboot hai",
			"Sensex mein bhari giravat, niveshakon ke doobe 4 lakh crore",
			"Sarkar ne kisanon ke liye nayi yojana shuru ki hai",
			"Dilli mein barish se sadkon par pani bhar gaya",
			"Police ne aaropi ko giraftar kar liya, case darj",
			"Virat Kohli ne century lagakar team ko jeet dilayi",
			"PM Modi Ne Kaha Ki Desh Mein Vikas Ho Raha Hai",
			"MUMBAI MEIN BARISH KA ALERT, SCHOOL BAND RAHENGE",
			"Kya aapko pata hai ki petrol ke daam kyun badh rahe hain?",
			"Supreme Court ne is mamle par sunvai agle hafte tak taal di",
			"Film ki shooting Rajasthan ke Jaisalmer mein hogi",
			"Board exam ke result kal ghoshit honge",
			"Bharat aur Japan ke beech nayi train service par samjhauta hua",
			"Startup ne 20 crore rupaye ki funding uthayi hai aur ab hiring karega",
			"Mujhe nahi lagta ki yeh faisla sahi tha",
			"chunav aayog ne tareekhon ka elaan kiya",
			"Gaanv walon ne sadak na banne par dharna diya",
			"Yeh phone 12GB RAM aur 5000mAh battery ke saath aata hai",
			"Train accident mein teen log ghayal, jaanch ke aadesh diye gaye",
		}},
		{"english", "en", "Latn", []string{
			"Pakistan and Russia will work together",
			"Heavy rain hits Mumbai",
			"Sensex falls 400 points",
			"Y", "z", "x_y_z", "Y-Z",
			"Gold prices rise",
			"Naïve café owners in Zürich protest",
			"The word ‘जुगाड़’ has entered the dictionary of many English speakers in India.",
			"A banner that read ‘हम सब एक हैं’ was hung over the gate of the college on Monday morning, and students gathered beneath it.",
			"Aam Aadmi Party workers protest near Jantar Mantar",
			"The Lok Sabha passed the bill after a debate that ran past midnight.",
			"He sang ‘Yeh dosti hum nahi todenge’ to loud cheers from the crowd at the end of the evening.",
			"Rio de Janeiro carnival begins",
			"Ludwig van Beethoven festival opens in Pune",
			"Karen, Lena and Mila win gold",
			"Yogi, Nitish meet in Patna",
			"Kisan Samman Nidhi payout today",
			"Pradhan Mantri Awas Yojana gets Rs 80,000 crore",
			"WELSH AMS WORRIED",
			"Kim Jong Un and Ban Ki-moon to meet",
			"Hindustan Ki Kahani wins best documentary prize",
		}},
		{"marathi", "", "Deva", []string{
			"मुंबईत पावसाचा जोर वाढला असून अनेक ठिकाणी पाणी साचले आहे.",
			"राज्य सरकारने शेतकऱ्यांसाठी नवी योजना जाहीर केली.",
			"पोलिसांनी या प्रकरणी दोघांना अटक केली आहे.",
			"मुख्यमंत्री म्हणाले की, पुढील महिन्यात हे काम पूर्ण होणार आहे.",
			"शाळा सुरू होण्यास उशीर झाल्याने विद्यार्थ्यांचे नुकसान झाले.",
			"पाऊस सुरू आहे",
			"या स्पर्धेत भारतीय संघाने चांगली कामगिरी केली आणि सुवर्णपदक मिळवले.",
			"निवडणुकीच्या तारखा जाहीर करण्यात आल्या आहेत.",
		}},
		{"nepali", "", "Deva", []string{
			"काठमाडौंमा आज भारी वर्षा भएको छ।",
			"सरकारले किसानहरूका लागि नयाँ कार्यक्रम ल्याएको छ।",
			"प्रधानमन्त्रीले भने कि देशको अवस्था सुधार हुँदै गएको छ।",
			"प्रहरीले दुई जनालाई पक्राउ गरेको जनाएको छ।",
			"निर्वाचन आयोगले मिति घोषणा गर्ने तयारी गरिरहेको छ।",
			"उनले आफ्नो भाषणमा शिक्षाको महत्त्व पनि बताए।",
			"विद्यार्थीहरू विद्यालय जान थालेका छन्।",
		}},
		{"other latin", "", "Latn", []string{
			"Le président français est arrivé à New Delhi pour une visite de trois jours.",
			"La ministre a déclaré que les prix allaient baisser.",
			"Il faut bien le faire.",
			"El gobierno anunció nuevas medidas para los agricultores.",
			"La selección ganó el partido por dos goles a uno.",
			"Der Bundeskanzler reist nach Indien, um über den Handel zu sprechen.",
			"Die Regierung hat neue Regeln für die Einwanderung beschlossen.",
			"Presiden akan mengunjungi India pada bulan depan untuk membahas perdagangan.",
			"Harga beras di pasar tradisional naik dalam beberapa minggu terakhir.",
			"Il governo ha approvato una nuova legge sulla scuola.",
			"O presidente disse que não haverá aumento de impostos este ano.",
			"De regering heeft nieuwe maatregelen aangekondigd.",
			"Hükümet yeni bir ekonomik program için hazırlık yapıyor ve bunu yarın açıklayacak.",
			"Rząd ogłosił nowe przepisy, które wejdą w życie w styczniu.",
			"Chính phủ đã công bố các biện pháp mới để hỗ trợ nông dân.",
			"Regeringen har beslutat att höja skatten på bensin.",
			"Ang pangulo ay pupunta sa India sa susunod na buwan para sa mga pulong.",
			"Serikali imetangaza mpango mpya wa kusaidia wakulima katika mikoa ya kusini.",
		}},
		{"bengali", "", "Beng", []string{"প্রধানমন্ত্রী আজ কলকাতায় আসছেন।"}},
		{"gujarati", "", "Gujr", []string{"અમદાવાદમાં આજે ભારે વરસાદ"}},
		{"punjabi", "", "Guru", []string{"ਪੰਜਾਬ ਦੇ ਕਿਸਾਨਾਂ ਨੇ ਧਰਨਾ ਦਿੱਤਾ।"}},
		{"tamil", "", "Taml", []string{"சென்னையில் இன்று கனமழை IMD எச்சரிக்கை"}},
		{"telugu", "", "Telu", []string{"హైదరాబాద్\u200cలో భారీ వర్షం"}},
		{"kannada", "", "Knda", []string{"ಬೆಂಗಳೂರಿನಲ್ಲಿ ಮಳೆ"}},
		{"malayalam", "", "Mlym", []string{"കേരളത്തിൽ കനത്ത മഴ"}},
		{"odia", "", "Orya", []string{"ଓଡ଼ିଶାରେ ପ୍ରବଳ ବର୍ଷା"}},
		{"urdu", "", "Arab", []string{"وزیر اعظم نے کہا کہ ملک ترقی کر رہا ہے۔"}},
		{"russian", "", "Cyrl", []string{"Президент прибыл в Дели."}},
		{"chinese", "", "Hani", []string{"总理今天访问印度。"}},
		{"japanese", "", "Jpan", []string{"インドの首相がとうきょうをおとずれた。"}},
		{"nothing", "", "", []string{"", "  \n", "2024–25 । ॥", "१२३", "🙂 ₹ 500"}},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, text := range g.texts {
				d := article.Detect(text)
				if d.Language != g.language || d.Script != g.script {
					t.Errorf("Detect(%q) = %q/%q (%.2f), want %q/%q", text, d.Language, d.Script, d.Confidence, g.language, g.script)
				}
				if d.Supported() != (g.language != "") {
					t.Errorf("Detect(%q).Supported() = %v", text, d.Supported())
				}
				if g.script == "" && d.Confidence != 0 {
					t.Errorf("Detect(%q).Confidence = %v, want 0", text, d.Confidence)
				}
			}
		})
	}
}

func TestDetectConfidence(t *testing.T) {
	t.Parallel()
	rising := []struct {
		name  string
		texts []string // each is surer than the one before
	}{
		{"hindi", []string{"दिल्ली", "दिल्ली में बारिश", "दिल्ली में आज सुबह से बारिश हो रही है और सड़कों पर पानी भर गया है।"}},
		{"english", []string{"Delhi", "Rain in Delhi", "It has been raining in Delhi since the morning, and there is water on the roads."}},
		{"romanised", []string{"Dilli", "Dilli mein barish", "Dilli mein aaj subah se barish ho rahi hai aur sadkon par pani bhar gaya hai"}},
	}
	for _, row := range rising {
		last := 0.0
		for _, text := range row.texts {
			c := article.Detect(text).Confidence
			if c <= last || c > 1 {
				t.Errorf("%s: confidence of %q is %.3f, want more than %.3f and at most 1", row.name, text, c, last)
			}
			last = c
		}
		if last < 0.95 {
			t.Errorf("%s: confidence of a whole sentence is %.3f, want at least 0.95", row.name, last)
		}
	}
	if c := article.Detect("Zxqv Brrp").Confidence; c > 0.4 {
		t.Errorf("unknown words have confidence %.2f", c)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text        string
		deva, latin float64
	}{
		{"", 0, 0},
		{"१२ । ॥ ॰ 12", 0, 0},
		{"abc", 0, 1},
		{"कि", 1, 0},         // a vowel sign counts
		{"किab", 0.5, 0.5},   // two and two
		{"éa", 0, 1},         // a letter beyond ASCII
		{"aбкक", .25, .25},   // others take their share
		{"ꣲ᳐", 1, 0},         // Devanagari Extended, Vedic Extensions
		{"क। a 5 🙂", .5, .5}, // neither danda, digit nor symbol
	} {
		deva, latin := article.Share(row.text)
		if deva != row.deva || latin != row.latin {
			t.Errorf("Share(%q) = %v, %v, want %v, %v", row.text, deva, latin, row.deva, row.latin)
		}
	}
}

// wrongly counts the texts whose language is not told as want.
func wrongly(texts []string, want func(article.Detection) bool) (n int, first string) {
	for _, text := range texts {
		if !want(article.Detect(text)) {
			if n++; n == 1 {
				first = text
			}
		}
	}
	return n, first
}

func isHindi(d article.Detection) bool   { return d.Language == "hi" }
func isEnglish(d article.Detection) bool { return d.Language == "en" }

func TestDetectArticles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ntrex/articles.jsonl", "tico19/articles.jsonl"} {
		for _, p := range readTextPairs(t, name) {
			if d := article.Detect(strings.Join(p.Hi, "\n\n")); d.Language != "hi" || d.Script != "Deva" || d.Confidence < 0.9 {
				t.Errorf("%s: Hindi side is %+v", p.ID, d)
			}
			if d := article.Detect(strings.Join(p.En, "\n\n")); d.Language != "en" || d.Script != "Latn" || d.Confidence < 0.9 {
				t.Errorf("%s: English side is %+v", p.ID, d)
			}
		}
	}
}

func TestDetectSegments(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ntrex/articles.jsonl", "tico19/sentences.jsonl"} {
		hi, en := bothSides(t, name)
		for _, side := range []struct {
			name  string
			texts []string
			want  func(article.Detection) bool
		}{{"Hindi", hi, isHindi}, {"English", en, isEnglish}} {
			n, first := wrongly(side.texts, side.want)
			t.Logf("%s, %s: %d of %d wrong", name, side.name, n, len(side.texts))
			if float64(n) > 0.002*float64(len(side.texts)) {
				t.Errorf("%s, %s: %d of %d wrong, e.g. %q", name, side.name, n, len(side.texts), first)
			}
		}
	}
}

func TestDetectHinglish(t *testing.T) {
	t.Parallel()
	pairs := readTextPairs(t, "hinglish/hinglish-top-validation.jsonl")
	var hinglish []string
	_, english := bothSides(t, "ntrex/articles.jsonl")
	_, more := bothSides(t, "tico19/sentences.jsonl")
	english = append(english, more...)
	for _, p := range pairs {
		hinglish, english = append(hinglish, p.Hinglish), append(english, p.En...)
	}
	missed, first := wrongly(hinglish, func(d article.Detection) bool { return d.Language == "hi" && d.Script == "Latn" })
	t.Logf("recall %.4f of %d", 1-float64(missed)/float64(len(hinglish)), len(hinglish))
	if float64(missed) > 0.05*float64(len(hinglish)) {
		t.Errorf("%d of %d romanised sentences missed, e.g. %q", missed, len(hinglish), first)
	}
	taken, first := wrongly(english, func(d article.Detection) bool { return d.Language != "hi" })
	t.Logf("%d of %d English sentences taken for romanised Hindi", taken, len(english))
	if float64(taken) > 0.001*float64(len(english)) {
		t.Errorf("%d of %d English sentences taken for romanised Hindi, e.g. %q", taken, len(english), first)
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"", "क", "aaj mausam accha hai", "à¤\u00ad", "a’- -’", "\xff\x80", "बेटी-’", "Привет", "x @y https://z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := article.Detect(s)
		if d.Confidence < 0 || d.Confidence > 1 || d.Confidence != d.Confidence {
			t.Fatalf("confidence %v of %q", d.Confidence, s)
		}
		if d.Script == "" && (d.Language != "" || d.Confidence != 0) {
			t.Fatalf("Detect(%q) = %+v", s, d)
		}
		if deva, latin := article.Share(s); deva < 0 || latin < 0 || deva+latin > 1.0000001 {
			t.Fatalf("Share(%q) = %v, %v", s, deva, latin)
		}
		article.LegacyFont(s)
		if fixed, ok := article.RepairMojibake(s); !ok && fixed != s || ok && utf8.ValidString(s) && !utf8.ValidString(fixed) {
			t.Fatalf("RepairMojibake(%q) = %q, %v", s, fixed, ok)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	text := strings.Repeat("सरकार ने कहा कि startup portal अगले महीने शुरू होगा। ", 3800)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		article.Detect(text)
	}
}
