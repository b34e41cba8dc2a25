package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

// row is one pair and the codes of what must be found in it.
type row struct{ name, source, target, to, want string }

func (r row) check(t *testing.T, glossary map[string]string) {
	t.Helper()
	p := check.Pair{Source: r.source, Target: r.target, From: "hi", To: r.to, Glossary: glossary}
	if r.to == "hi" {
		p.From = "en"
	}
	found := check.Translation(p)
	if got := codes(found); got != r.want {
		t.Errorf("%s: %q, want %q: %+v", r.name, got, r.want, found)
	}
}

const (
	floodHi = "नदी का पानी उतरने के बाद गाँव के लोग घर लौटने लगे हैं, लेकिन स्कूल और अस्पताल अब भी बंद हैं।"
	floodEn = "After the river went down, people of the village have begun to return home, but the school and hospital are still closed."
)

func TestLength(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		{"as long", floodHi, floodEn, "en", ""},
		{"far too long", floodHi, floodEn + " The minister spoke of bridges, roads and farms. He will visit the district again, and bring money for seeds.", "en", "misaligned length"},
		{"a word for a sentence", "Of course!", "हाँ!", "hi", ""},
		{"a short line grown", "बारिश थम गई है", "The rain has stopped in all of the district", "en", "misaligned ~length"},
	} {
		r.check(t, nil)
	}
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	const half = "The school and the hospital of the village"
	for _, r := range []row{
		{"in a word", floodHi, "After the river went down, people of the village have beg", "en", "!truncated"},
		{"behind a preposition", floodHi, "After the river went down, people of", "en", "!truncated"},
		{"behind a comma", floodEn, "नदी का पानी उतरने के बाद गाँव के लोग घर लौटने लगे हैं,", "hi", "!truncated"},
		{"behind a postposition", floodEn, "नदी का पानी उतरने के बाद गाँव के", "hi", "!truncated"},
		{"at dots", floodHi, "After the river went down, people of the village...", "en", "!truncated"},
		{"in quotes", floodHi, `"After the river went down, people of the village"`, "en", "!truncated"},
		{"at a sentence", floodHi + " बिजली कल तक आएगी। शहर जाने वाली सड़क भी खुल गई है और बसें चलने लगी हैं।", floodEn, "en", "truncated"},
		{"between sentences", floodHi + " बिजली विभाग के इंजीनियर दिन-रात टूटे खंभों की मरम्मत कर रहे हैं। शहर जाने वाली सड़क भी खुल गई है और बसें चलने लगी हैं।", floodEn + " The road to the city is open again and the buses have begun to run.", "en", "truncated"},
		{"sentences in one", floodHi + " बिजली कल तक आएगी। शहर जाने वाली सड़क भी खुल गई है और बसें चलने लगी हैं।", strings.TrimSuffix(floodEn, ".") + "; power will come back by tomorrow, the road to the city is open and buses have begun to run.", "en", ""},
		{"no space between sentences", floodHi + " शहर जाने वाली सड़क खुल गई है।", floodEn + "The road to the city is open.", "en", ""},
		{"dots of the source", "नदी का पानी उतरने के बाद गाँव के लोग घर लौटने लगे हैं...", "After the river went down, people began to return home to the village...", "en", ""},
		{"danda forgotten", "After the flood, people of the village have begun to return home, but the school and hospital are closed.", strings.TrimSuffix(floodHi, "।"), "hi", "~sentence_end"},
		{"headline", "गाँव के स्कूल और अस्पताल में पानी भरा, लोग घर लौटने लगे", "Water fills village school and hospital, people begin to return home", "en", ""},
		{"headline cut", "गाँव के स्कूल और अस्पताल में पानी भरा, लोग घर लौटने लगे", half + " and", "en", "truncated"},
		{"an initial at the end", "नदी का पानी उतरने के बाद स्कूल ने अपना पुराना ग्रेड A पा लिया।", "After the river went down, the school got back its old grade A.", "en", ""},
		{"a label in brackets", "नदी का पानी उतरने के बाद गाँव का स्कूल खुल गया है (चित्र 4)।", "The village school has opened after the river went down (Figure 4)", "en", ""},
	} {
		r.check(t, nil)
	}
}

func TestSentenceEnd(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		{"danda behind English", floodHi, strings.TrimSuffix(floodEn, ".") + "।", "en", "~sentence_end"},
		{"danda in quotes", "उसने कहा, \"गाँव का स्कूल खुल गया है।\"", `She said, "The village school has opened।"`, "en", "~sentence_end"},
		{"full stop behind Hindi", floodEn, strings.TrimSuffix(floodHi, "।") + ".", "hi", ""},
		{"none", "गाँव का स्कूल कल से खुल जाएगा।", "The village school will open from tomorrow", "en", "~sentence_end"},
		{"none on both sides", "गाँव का स्कूल कल से खुलेगा", "The village school will open tomorrow", "en", ""},
		{"a label", "स्कूल।", "School", "en", ""},
	} {
		r.check(t, nil)
	}
}
