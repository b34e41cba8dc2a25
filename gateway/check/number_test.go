package check_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/check"
)

// TestNumberPairs holds short pairs in which all numbers agree, or do not, read in
// both directions.
func TestNumberPairs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ hi, en string }{
		// digits and their marks
		{"कीमत ₹2,50,000 है", "The price is ₹250,000"},
		{"कीमत ₹2,50,000 है", "The price is Rs 2.5 lakh"},
		{"१७ नवंबर २०२५ को", "On 17 November 2025"},
		{"कुल १२,३४,५६७ वोट", "A total of 1,234,567 votes"},
		{"12,34,567.50 रुपये", "Rs 1,234,567.5"},
		{"दर 6.50% रही", "The rate was 6.5%"},
		{"एजेंट 007", "Agent 7"},
		{"लगभग 42,000 लोग", "About 42.000 people"},
		{"10,000 लोग", "10 000 people"},
		{"फ़ोन +91 98765 43210", "Phone +91 9876543210"},
		{"खाता 123456789012345678901234", "Account 123456789012345678901234"},
		{"धारा 370(ए) और 35ए", "Sections 370(A) and 35A"},
		{"कोविड-19 और 5जी", "COVID-19 and 5G"},
		{"जी-20 की बैठक", "The G20 meeting"},
		{"ए320 विमान", "An Airbus A320"},
		{"स्कोर 3-1 रहा", "The score was 3–1"},
		{"तापमान -5 डिग्री", "−5 degrees"},
		{"क्षेत्रफल 25 वर्ग मीटर", "An area of 25 m²"},

		// scales
		{"3.5 करोड़ लोग", "35 million people"},
		{"3.5 करोड़ लोग", "3.5 crore people"},
		{"2.5 लाख करोड़ रुपये", "Rs 2.5 trillion"},
		{"2.5 लाख करोड़ रुपये", "Rs 2.5 lakh crore"},
		{"2 अरब डॉलर", "$2 billion"},
		{"2 अरब डॉलर", "$2bn"},
		{"50 लाख लोग", "5m people"},
		{"10 हज़ार कदम", "10k steps"},
		{"दो लाख पचास हज़ार", "250,000"},
		{"तीन सौ पचास", "three hundred and fifty"},
		{"साढ़े तीन लाख", "three hundred and fifty thousand"},
		{"पच्चीस हज़ार करोड़", "250 billion"},
		{"एक हज़ार पांच सौ करोड़", "15 billion"},
		{"1 लाख 20 हज़ार करोड़", "1.2 trillion"},
		{"5 हज़ार 200 लोग", "5,200 people"},
		{"एक लाख 50 हज़ार", "150,000"},
		{"3 खरब रुपये", "300 billion rupees"},
		{"12.3 लाख लोग", "1.2 million people"},
		{"चार साल पहले 17 लाख", "1.7 million four years ago"},
		{"10 लाख लोग", "a million people"},
		{"15 लाख", "a million and a half"},
		{"पांच लाख लोग", "half a million people"},
		{"25 लाख", "two and a half million"},
		{"2 से 3 लाख लोग", "200,000 to 300,000 people"},

		// parts, years and measures that are said in another way
		{"लगभग 75 फीसदी घर", "Three-quarters of the homes"},
		{"तीन चौथाई घर", "75% of the homes"},
		{"33 प्रतिशत सीटें", "A third of the seats, one-third in all"},
		{"1/2 चम्मच नमक", "½ tsp salt"},
		{"आधा कप चावल", "1/2 cup rice"},
		{"2 1/2 कप पानी", "2.5 cups of water"},
		{"2½ कप पानी", "ढाई cups"},
		{"वित्त वर्ष 2023-24", "FY24"},
		{"वित्त वर्ष 2023-24", "FY2024"},
		{"पहली तिमाही में", "In Q1"},
		{"दूसरी छमाही", "H2"},
		{"दुकान 24 घंटे खुली", "The shop is open round the clock"},
		{"दर 0.5 प्रतिशत बढ़ी", "The rate rose by 50 basis points"},
		{"25 आधार अंक", "0.25%"},
		{"5 किमी और 5 किलो", "5 kg and 5 km"},
		{"12 महीने", "12 months"},
		{"24 घंटे में", "within a day"},
		{"दूसरे शहर में कार से", "by four-wheeler to another city"},
		{"20 से 30 लाख लोग", "two to three million people"},
		{"5-5 लाख रुपये दिए गए", "Rs 500,000 each was paid"},
		{"पचास-पचास हज़ार रुपये", "50,000 rupees each"},
		{"दस हज़ार से ज़्यादा", "tens of thousands"},
		{"सैकड़ों लोग, हज़ारों घर", "hundreds of people, thousands of homes"},
		{"एक सौ दो डिग्री", "a hundred and two degrees"},
		{"3.5 मिलियन डॉलर", "$3.5 million"},

		// fraction words
		{"डेढ़ लाख", "150,000"},
		{"ढाई करोड़", "25 million"},
		{"सवा लाख", "125,000"},
		{"साढ़े तीन करोड़", "35 million"},
		{"पौने दो लाख", "175,000"},
		{"सवा सौ लोग", "125 people"},
		{"आधा प्रतिशत", "0.5 percent"},
		{"दो-तिहाई बहुमत", "a 2/3 majority"},
		{"एक चौथाई", "1/4"},
		{"ढाई साल", "2½ years"},
		{"डेढ़ घंटे चली", "lasted 90 minutes"},
		{"दो दशक", "20 years"},

		// words
		{"इक्यावन लोग", "51 people"},
		{"उन्नीस सौ चौरासी", "1984"},
		{"1984 में", "in nineteen eighty-four"},
		{"2018 में", "in two thousand eighteen"},
		{"21वीं सदी", "the twenty-first century"},
		{"इक्कीसवीं सदी", "the 21st century"},
		{"दो दर्जन लोग", "24 people"},
		{"दोनों भाई", "the 2 brothers"},
		{"दोगुना हुआ", "grew 2 times"},
		{"1 किलोमीटर दूर", "a kilometre away"},
		{"द्वितीय विश्व युद्ध", "World War 2"},
		{"विश्व युद्ध 2", "World War II"},
		{"छियासठ और सड़सठ", "66 and 67"},
		{"पिछले 10 साल", "the past decade"},
		{"शत प्रतिशत", "100 percent"},

		// dates and times
		{"साढ़े दस बजे", "at 10:30"},
		{"पौने छह बजे शाम", "at 5:45 pm"},
		{"डेढ़ बजे", "at 1:30"},
		{"सवा छह बजे", "at 6:15"},
		{"शाम 5:45 बजे", "at 17:45"},
		{"रात 10.30 बजे", "at 10:30 pm"},
		{"साढ़े दस बजे", "at half past ten"},
		{"पौने छह बजे", "at quarter to six"},
		{"शाम 5 बजे", "at 17:00"},
		{"दोपहर 12 बजे", "at noon"},
		{"17 नवंबर 2025", "17/11/2025"},
		{"17 नवम्बर", "Nov 17"},
		{"17-11-2025", "2025-11-17"},
		{"17.11.2025", "November 17, 2025"},
		{"2024–25 में", "in 2024-2025"},
		{"90 के दशक में", "in the 1990s"},
		{"नब्बे के दशक में", "in the 1990s"},
		{"2008 में", "in '08"},
		{"2020 में, यानी 2020 के अंत में", "at the end of 2020"},

		{"चौबीसों घंटे", "24/7"},
		{"11 सितंबर के हमले", "the 9/11 attacks"},
		{"19वीं सदी में", "in the 1800s"},
		{"सुबह 5:30 बजे", "at 0530"},

		// names
		{"टी-20 विश्व कप", "the Twenty20 World Cup"},
		{"ट्वेंटी-ट्वेंटी विश्व कप", "the T20 World Cup"},
		{"फॉर्मूला वन", "Formula 1"},
		{"तीस हज़ारी अदालत", "the Tis Hazari court"},
		{"5,000 मीटर की दौड़", "the 5,000m race"},

		// marks of other countries
		{"12 लाख", "1\u00a0200\u00a0000"},
		{"1.5 प्रतिशत", "1,5 percent"},

		// measures
		{"40 किलोमीटर दूर", "25 miles away"},
		{"तापमान 38°C", "100.4°F"},
		{"178 सेमी", "70 inches"},
	} {
		for _, dir := range []check.Pair{{Source: row.hi, Target: row.en, From: "hi", To: "en"}, {Source: row.en, Target: row.hi, From: "en", To: "hi"}} {
			if found := check.NumberFindings(dir.Source, dir.Target, dir.From, dir.To); len(found) > 0 {
				t.Errorf("%q → %q: %+v", dir.Source, dir.Target, found)
			}
		}
	}
	for _, row := range []struct{ hi, en string }{
		{"3.5 करोड़ लोग", "3.5 million people"},
		{"3.5 करोड़ लोग", "350 million people"},
		{"ढाई करोड़ लोग", "2.5 million people"},
		{"12.3 लाख लोग", "1.3 million people"},
		{"2 अरब डॉलर", "$20 billion"},
		{"2.5 लाख करोड़ रुपये", "Rs 2.5 billion"},
		{"5 लाख करोड़", "5 lakh"},
		{"₹2,50,000", "₹25,000"},
		{"2.5 करोड़", "2.5"},
		{"तीन सौ पचास", "three hundred and fifteen"},
		{"इक्यावन लोग", "61 people"},
		{"2019 में", "in 2018"},
		{"2020 में", "in 0020"},
		{"2024–25", "2024-26"},
		{"17 नवंबर", "Nov 18"},
		{"17/11/2025", "17 अक्टूबर 2025"},
		{"साढ़े दस बजे", "at 10:15"},
		{"शाम 5:45 बजे", "at 16:45"},
		{"पौने छह बजे", "at 6:45"},
		{"स्कोर 3-1", "The score was 3-2"},
		{"15 लोग और 15 घर", "15 people and homes"},
		{"कोविड-19", "COVID-18"},
		{"40 किलोमीटर", "35 miles"},
		{"दर 6.5%", "The rate is 6.05%"},
		{"दो दर्जन लोग", "25 people"},
		{"25 दिन", "for days"},
		{"खाता 123456789012345678901234", "Account 123456789012345678901235"},
		{"सवा लाख", "1,250,000"},
		{"21वीं सदी", "the nineteenth century"},
		{"18वीं सदी में", "in the 1900s"},
		{"SARS-CoV-2 दोनों में", "SARS-CoV in both"},
		{"£120 मिलियन", "£123 million"},
		{"$300+ अरब", "$300+ million"},
		{"तीन चौथाई घर", "66% of the homes"},
		{"1/2 चम्मच", "1/4 tsp"},
		{"वित्त वर्ष 2023-24", "FY25"},
		{"2023-24 में", "in 2043-24"},
		{"50 आधार अंक", "0.25%"},
		// small numbers in words, one for another
		{"सात चरणों में", "in five phases"},
		{"ढाई साल बाद", "after two years"},
		// another unit
		{"पुल 15 किलोमीटर लंबा", "The bridge is 15 metres long"},
		{"25 किलो सोना", "25 grams of gold"},
		{"10 अरब डॉलर", "Rs 10 billion"},
		{"₹500", "$500"},
		{"दो हफ्ते में", "in two months"},
		{"30 मिनट", "30 seconds"},
	} {
		for _, dir := range []check.Pair{{Source: row.hi, Target: row.en, From: "hi", To: "en"}, {Source: row.en, Target: row.hi, From: "en", To: "hi"}} {
			found := check.NumberFindings(dir.Source, dir.Target, dir.From, dir.To)
			if len(found) == 0 {
				t.Errorf("%q → %q passed", dir.Source, dir.Target)
			}
			if check.Hard(found) || !check.Rejected(found) && len(found) > 0 {
				t.Errorf("%q → %q: hard or minor: %+v", dir.Source, dir.Target, found)
			}
		}
	}
}

// TestNumberValues reads numbers out of texts.
func TestNumberValues(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text, lang string
		want       []float64
	}{
		{"दो सौ तीन सौ लोग", "hi", []float64{200, 300}},
		{"दो लाख तीन लाख", "hi", []float64{200000, 300000}},
		{"between two hundred and three hundred", "en", []float64{200, 300}},
		{"two million and three million", "en", []float64{2e6, 3e6}},
		{"one two three", "en", []float64{1, 2, 3}},
		{"twenty-two thirty", "en", []float64{22, 30}},
		{"nine hundred ninety-nine quadrillion", "en", []float64{999e15}},
		{"1,2,3 and 1,23,4567", "en", []float64{1, 2, 3, 1, 23, 4567}},
		{"v1.2.3", "en", []float64{1, 2, 3}},
		{"निन्यानवे", "hi", []float64{99}},
		{"पन्द्रह, पंद्रह", "hi", []float64{15, 15}},
		{"छह छः छे", "hi", []float64{6, 6, 6}},
		{"साढ़े, साढ़े तीन", "hi", []float64{1.5, 3.5}}, // the nukta built in and apart
		{"do lakh pachas hazar log", "hi", []float64{250000}},
		{"dhai crore rupaye", "hi", []float64{2.5e7}},
		{"Do so with care", "en", nil},
		{"दो\u00a0लाख", "hi", []float64{2e5}},
		{"5करोड़", "hi", []float64{5e7}},
		{"", "hi", nil},
	} {
		written, got := check.NumberValues(row.text, row.lang)
		if len(got) != len(row.want) {
			t.Errorf("%q: %q %v, want %v", row.text, written, got, row.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-row.want[i]) > 1e-9*row.want[i] {
				t.Errorf("%q: %q is %v, want %v", row.text, written[i], got[i], row.want[i])
			}
		}
	}
}

// TestHindiUnits holds the list of words against their order: each stands for its
// place, and the numbers of two different places are never spelled alike.
func TestHindiUnits(t *testing.T) {
	t.Parallel()
	for n, row := range strings.Fields(check.HindiUnits) {
		for word := range strings.SplitSeq(row, "/") {
			if _, got := check.NumberValues(word, "hi"); len(got) != 1 || got[0] != float64(n) {
				t.Errorf("%s is %v, not %d", word, got, n)
			}
			if _, got := check.NumberValues(word+" लाख", "hi"); len(got) != 1 || math.Abs(got[0]-float64(n)*1e5) > 1e-3 {
				t.Errorf("%s लाख is %v", word, got)
			}
		}
	}
}

func TestNumberMessages(t *testing.T) {
	t.Parallel()
	found := check.NumberFindings("2,024 लोग और 3.5 करोड़ रुपये", "2,042 people and 3.5 million rupees", "hi", "en")
	var got []string
	for _, f := range found {
		got = append(got, f.Code+": "+f.Message)
	}
	want := "number_missing: the number 2,024 is missing|number_missing: the number 3.5 करोड़ is missing|" +
		"number_added: the number 2,042 is not in the source|number_added: the number 3.5 million is not in the source"
	if strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
	if added := found[3].Request(); !strings.Contains(added, "3.5 million is") {
		t.Errorf("the model is told %q", added)
	}
	if found := check.NumberFindings(strings.Repeat("9", 5000), "nine", "en", "hi"); len(found) != 1 || len(found[0].Message) > 200 || len(found[0].Request()) > 300 {
		t.Errorf("a row of 5,000 digits: %+v", found)
	}
	if found := check.NumberFindings("", "1234 2345 3456 4567 5678", "hi", "en"); len(found) != 3 {
		t.Errorf("%d findings of one kind, want at most 3", len(found))
	}
}

// TestNumbersAreToldInTheScaleOfTheTarget: a model that missed a value is given it as
// it has to write it, not as a row of zeros.
func TestNumbersAreToldInTheScaleOfTheTarget(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ source, from, told string }{
		{"3.5 करोड़ लोग", "hi", "3.5 करोड़ (35 million)"},
		{"पौने नौ सौ करोड़ रुपये", "hi", "पौने नौ सौ करोड़ (8.75 billion)"},
		{"2.5 लाख करोड़ रुपये", "hi", "2.5 लाख करोड़ (2.5 trillion)"},
		{"45 हजार वाहन", "hi", "45 हजार (45000)"},
		{"3.14159 करोड़ लोग", "hi", "3.14159 करोड़ (31415900)"},
		{"2,024 लोग", "hi", "2,024 is"},
		{"135 million tonnes", "en", "135 million (13.5 करोड़)"},
		{"150 thousand people", "en", "150 thousand (1.5 लाख)"},
		{"$2.4 billion", "en", "2.4 billion (2.4 अरब)"},
		{"$3 trillion", "en", "3 trillion (3 लाख करोड़)"},
		{"1,600 people", "en", "1,600 is"},
	} {
		to := map[string]string{"hi": "en", "en": "hi"}[row.from]
		found := check.NumberFindings(row.source, "", row.from, to)
		if len(found) != 1 || !strings.Contains(found[0].Request(), "the number "+row.told) {
			t.Errorf("%q: %+v, want it told as %q", row.source, found, row.told)
		}
	}
}

func TestNumberRecall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		source, target string
		found, total   int
	}{
		{"2,024 लोग, 3.5 करोड़ रुपये, 2,024 घर", "2,024 people, 3.5 million rupees", 1, 2},
		{"साढ़े दस बजे 25 लोग", "25 people at 10:30", 1, 1},
		{"कोई नहीं", "nobody", 0, 0},
	} {
		if found, total := check.NumberRecall(row.source, row.target, "hi", "en"); found != row.found || total != row.total {
			t.Errorf("%q → %q: %d of %d, want %d of %d", row.source, row.target, found, total, row.found, row.total)
		}
	}
}

// FuzzNumbers holds that the reader comes back with numbers that stand in the text, in
// order, and that a text has all numbers of its own.
func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"₹2,50,000 और 2.5 लाख करोड़", "two and a half million, 17/11/2025, half past ten", "साढ़े\u200dदस 1.2.3:4-5", "0.0000000001 99999999999999999999 5m", "दो से पौने तीन लाख पाँच-पाँच सौ"} {
		f.Add(s, "hi")
		f.Add(s, "en")
	}
	f.Fuzz(func(t *testing.T, text, lang string) {
		if lang != "hi" {
			lang = "en"
		}
		at := 0
		written, _ := check.NumberValues(text, lang)
		for _, w := range written {
			i := strings.Index(check.Plain(text)[at:], w)
			if i < 0 || w == "" {
				t.Fatalf("%q: %q is not in the text, or not in order", text, w)
			}
			at += i
		}
		if found := check.NumberFindings(text, text, lang, lang); len(found) > 0 {
			t.Fatalf("%q lacks %+v of itself", text, found)
		}
	})
}

// TestNumbersAreLinear reads long rows of numbers, equal and different. The bound is far
// above what linear work takes, and far below what quadratic work does.
func TestNumbersAreLinear(t *testing.T) {
	t.Parallel()
	const bytes, bound = 100_000, 10 * time.Second
	if testing.Short() {
		t.Skip("short")
	}
	for _, piece := range []string{"12,34,", "दो लाख ", "and a half of a ", "1-", "9", "साढ़े ", "17:45 पौने छह ", "hundred and two ", "2025 half ", "million ", "दिन "} {
		long := strings.Repeat(piece, bytes/len(piece))
		start := time.Now()
		check.NumberFindings(long, long+"7", "hi", "en")
		check.NumberFindings(long, strings.Repeat("77,88,", bytes/6), "hi", "en")
		if took := time.Since(start); took > bound {
			t.Errorf("%q takes %v", piece, took)
		}
	}
}

func BenchmarkNumbers(b *testing.B) {
	const (
		hi = "सरकार ने 17 नवंबर 2025 को कहा कि ढाई करोड़ परिवारों को 2,50,000 रुपये की मदद दी जाएगी और इस योजना पर हर साल 3.5 लाख करोड़ रुपये का खर्च आने की उम्मीद है।"
		en = "The government said on 17 November 2025 that 25 million families would receive aid of Rs 250,000 and that the scheme was expected to cost Rs 3.5 trillion a year."
	)
	b.ReportAllocs()
	for b.Loop() {
		if found := check.NumberFindingsPlain(hi, en, "hi", "en"); found != nil {
			b.Fatal(found)
		}
	}
}
