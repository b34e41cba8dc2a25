package simulator_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/simulator"
)

func TestRomanise(t *testing.T) {
	t.Parallel()
	// Names and words, most of them in no lexicon; as a newspaper would print them.
	const table = `शहबाज shahbaz, शरीफ sharif, वर्शिनिन varshinin, नरेंद्र narendra, नरेन्द्र narendra, कमल kamal, लखनऊ lakhnau, मनमोहन manmohan,
		राजनाथ rajnath, अरविंद arvind, केजरीवाल kejriwal, ममता mamta, बनर्जी banerjee, हेमंत hemant, सोरेन soren, आदित्यनाथ adityanath,
		जयशंकर jayshankar, मुजफ्फरनगर muzaffarnagar, जमशेदपुर jamshedpur, किशनगंज kishanganj, नागपुर nagpur, चंडीगढ़ chandigarh, कृष्ण krishna,
		चंद्र chandra, मित्र mitra, सत्य satya, विश्व vishwa, धर्म dharma, सूर्य surya, भारतीय bhartiya, राष्ट्रीय rashtriya, संवाद samvad,
		अग्रवाल agrawal, ग्वालियर gwaliyar, ज्ञान gyan, विज्ञान vigyan, क्षत्रिय kshatriya, श्रीनगर shrinagar, त्रिपाठी tripathi, अच्छा achha,
		बच्चन bachchan, दुःख dukh, ज़ाकिर zakir, अहमद ahmad, रहमान rahman, इम्तियाज imtiyaz, परवेज parvez, नवाज navaz, मनोज manoj, पंकज pankaj,
		राज raj, अखिलेश akhilesh, उद्धव uddhav, प्रियंका priyanka, राहुल rahul, नयनतारा nayantara, विराट virat, कोहली kohli, शुभमन shubhman,
		स्मृति smriti, मंधाना mandhana, ऋषि rishi, सिंह singh, मुर्मू murmu, धनखड़ dhankhar, हिन्दी hindi, हिंदी hindi, अंबेडकर ambedkar, आम्बेडकर ambedkar,
		गणेश ganesh, पुतिन putin, नेतन्याहू netanyahu, फ़ारूक़ faruq, ख़ान khan, गांव gaon, वाला wala, ॐ om`
	rows := strings.Split(table, ",")
	if len(rows) < 60 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		f := strings.Fields(row)
		if got := simulator.Romanise(f[0]); got != f[1] {
			t.Errorf("%s: %s, want %s", f[0], got, f[1])
		}
	}
	for word, want := range map[string]string{
		"एससीओ": "SCO", "सीबीआई": "CBI", "आईपीएल": "IPL", "जीएसटी": "GST", "एनआईए": "NIA", "टीवी": "TV", "डब्ल्यूएचओ": "WHO",
		"क्\u200dषमा": "kshama", "": "", "abc": "abc", "१२": "12", "्": "", "ं": "n",
	} {
		if got := simulator.Romanise(word); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestDevanagarise(t *testing.T) {
	t.Parallel()
	for _, row := range strings.Split(`Trump ट्रंप, Blake ब्लेक, Mike माइक, Smith स्मिथ, Brown ब्रोन, Boris बोरिस, Corbyn कॉर्बिन, Simpson सिंपसोन,
		Shah शाह, Khan खान, Singh सिंघ, Lynn लिन, Tiger टाइगर, Station स्टाशन, Queen क्वीन, Philip फिलिप, Xavier ज़ाविएर, Łódź लोडज़, Daniel डानिएल`, ",") {
		f := strings.Fields(row)
		got := simulator.Devanagarise(f[0])
		if strings.ContainsFunc(got, func(r rune) bool { return r < 0x80 }) {
			t.Errorf("%s: Latin left in %s", f[0], got)
		}
		if f[0] == "Corbyn" || f[0] == "Tiger" {
			continue // vowels that English spells at random
		}
		if got != f[1] {
			t.Errorf("%s: %s, want %s", f[0], got, f[1])
		}
	}
}

// glossed asks a demo model that knows the lexicon and no such sentence.
func glossed(t testing.TB, m running, from, text string) string {
	to := map[string]string{"hi": "en", "en": "hi"}[from]
	return m.translate(t, translation{Source: from, Target: to, texts: []string{text}})[0]
}

func TestNumbersKeepTheirValue(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Demo: true})
	for _, row := range []struct{ from, text, want string }{
		{"hi", "₹2,50,000", "₹250,000"},
		{"hi", "3.5 करोड़ लोग", "35 million people"},
		{"hi", "2.5 लाख करोड़ रुपये", "2.5 trillion rupees"},
		{"hi", "डेढ़ लाख", "150,000"},
		{"hi", "ढाई करोड़", "25 million"},
		{"hi", "सवा लाख", "125,000"},
		{"hi", "साढ़े तीन करोड़", "35 million"},
		{"hi", "पौने दो लाख", "175,000"},
		{"hi", "सवा दो करोड़", "22.5 million"},
		{"hi", "डेढ़ सौ", "150"},
		{"hi", "ढाई हजार", "2,500"},
		{"hi", "दो सौ पचास", "250"},
		{"hi", "दो लाख पचास हजार", "250,000"},
		{"hi", "2 लाख 50 हजार", "250,000"},
		{"hi", "तीन हजार चार सौ पांच", "3,405"},
		{"hi", "2.675 करोड़", "26.75 million"},
		{"hi", "1.2345678 करोड़", "12,345,678"},
		{"hi", "डेढ़ अरब", "1.5 billion"},
		{"hi", "साढ़े दस बजे", "10:30"},
		{"hi", "पौने छह बजे शाम", "5:45 pm"},
		{"hi", "सुबह साढ़े नौ बजे", "9:30 am"},
		{"hi", "डेढ़ बजे", "1:30"},
		{"hi", "शाम 6 बजे", "6 pm"},
		{"hi", "रात 12 बजे", "12 am"},
		{"hi", "10 बजकर 5 मिनट", "10:05"},
		{"hi", "डेढ़ साल", "1.5 years"},
		{"hi", "१७ नवंबर २०२५", "17 November 2025"},
		{"hi", "17 नवम्बर", "17 November"},
		{"hi", "2024–25", "2024–25"},
		{"hi", "10वीं", "10th"},
		{"hi", "21वीं सदी", "21st century"},
		{"hi", "98765 43210", "98765 43210"},
		{"hi", "12,34,56,789", "123,456,789"},
		{"hi", "3.75 प्रतिशत", "3.75 per cent"},
		{"hi", "17/11/2025", "17/11/2025"},
		{"hi", "10:30", "10:30"},
		{"hi", "007", "007"},
		{"hi", "पच्चीस", "25"},
		{"hi", "सात", "Seven"},
		{"en", "35 million", "3.5 करोड़"},
		{"en", "$2 billion", "2 अरब डॉलर"},
		{"en", "250 thousand", "2.5 लाख"},
		{"en", "1.5 trillion", "1.5 लाख करोड़"},
		{"en", "three million", "30 लाख"},
		{"en", "twenty-five", "25"},
		{"en", "10th", "10वां"},
		{"en", "12,345", "12,345"},
		{"en", "10:30", "10:30"},
	} {
		if got := glossed(t, m, row.from, row.text); got != row.want {
			t.Errorf("%s: %q, want %q", row.text, got, row.want)
		}
	}
}

func TestGlossOfShortSentences(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Demo: true})
	for _, row := range []struct{ name, from, text, want string }{
		{"subject, verb, objects", "hi", "राम ने सीता को किताब दी।", "Ram gave book to Sita."},
		{"a conjunct verb", "hi", "सरकार ने नई योजना की घोषणा की।", "Government announced new scheme."},
		{"passive", "hi", "बच्चों को स्कूल भेजा जा रहा है।", "School is being sent to children."},
		{"future", "hi", "सरकार 2.5 लाख करोड़ रुपये खर्च करेगी।", "Government will spend 2.5 trillion rupees."},
		{"can", "hi", "वह घर जा सकता है।", "He can go house."},
		{"not", "hi", "मैंने यह नहीं कहा।", "I did not say this."},
		{"has", "hi", "नदी का पानी बढ़ गया है।", "Water of river has increased."},
		{"began to", "hi", "बारिश में लोग भागने लगे।", "In rain people began to run away."},
		{"should", "hi", "हमें पानी बचाना चाहिए।", "We should save water."},
		{"to do", "hi", "किसान ने बीज खरीदने के लिए कर्ज लिया।", "Farmer took loan to buy seed."},
		{"tomorrow", "hi", "मैं कल दिल्ली जाऊंगा।", "I will go to Delhi tomorrow."},
		{"yesterday", "hi", "मैं कल दिल्ली गया।", "I went to Delhi yesterday."},
		{"a name's thing", "hi", "भारत का प्रधानमंत्री", "Prime minister of India"},
		{"a thing's thing", "hi", "शिक्षा का महत्व", "Importance of education"},
		{"initials", "hi", "एस. जयशंकर ने कहा।", "S. Jaishankar said."},
		{"a doctor", "hi", "डॉ. मनमोहन सिंह आए।", "Dr Manmohan Singh came."},
		{"borrowed words", "hi", "सरकार ने नया portal launch किया।", "Government launched new portal."},
		{"is", "hi", "कीमत ₹2,50,000 है।", "Price is ₹250,000."},
		{"an acronym in brackets", "hi", "शंघाई सहयोग संगठन (एससीओ)", "Shanghai Cooperation Organisation (SCO)"},
		{"pipe as danda", "hi", "बैठक सफल रही|", "Meeting remained successful."},
		{"dateline", "hi", "इस्लामाबाद, 17 नवंबर", "Islamabad, 17 November"},
		{"an unknown name", "hi", "भंवरलाल ने कहा।", "Bhanvarlal said."},
		{"romanised Hindi", "hi", "aaj mausam bahut accha hai", "Today weather is very good"},
		{"before a person", "hi", "उनके साथ राम भी था।", "With them Ram also was."},
		{"english: verb last", "en", "The government announced a new scheme.", "सरकार नया योजना घोषणा किया।"},
		{"english: of", "en", "the minister of India", "भारत का मंत्री"},
		{"english: acronyms stay", "en", "The CPU of NATO", "नाटो का CPU"},
		{"english: Mr and full stop", "en", "Mr. Ram went to Delhi.", "श्री राम दिल्ली को गया।"},
		{"english: cannot", "en", "He will not go.", "वह नहीं जाएगा।"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := glossed(t, m, row.from, row.text); got != row.want {
				t.Errorf("%s\ngave %s\nwant %s", row.text, got, row.want)
			}
		})
	}
}

func TestGlossaryOfTheCall(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Demo: true})
	body := func(from, to, text, glossary string) map[string]any {
		return chatBody("json", `{"task":"translate","source":"`+from+`","target":"`+to+`","segments":{"1":`+quote(text)+`},"glossary":`+glossary+`}`, nil)
	}
	if got := m.ask(t, body("hi", "en", "जल विभाग ने कहा।", `{"जल विभाग":"Water Board"}`)).content; !strings.Contains(got, "Water Board said.") {
		t.Error(got)
	}
	if got := m.ask(t, body("en", "hi", "The Water Board said.", `{"Water Board":"जल विभाग"}`)).content; !strings.Contains(got, "जल विभाग") {
		t.Error(got)
	}
}
