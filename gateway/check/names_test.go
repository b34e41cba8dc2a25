package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

// spelled is an article of Hindi and English sentences by turns.
func spelled(to string, texts ...string) (pairs []check.Pair) {
	for i := 0; i+1 < len(texts); i += 2 {
		p := check.Pair{Source: texts[i], Target: texts[i+1], From: "hi", To: "en"}
		if to == "hi" {
			p = check.Pair{Source: texts[i+1], Target: texts[i], From: "en", To: "hi"}
		}
		pairs = append(pairs, p)
	}
	return pairs
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, to string
		texts    []string
		want     string // per segment: the name to write, or "-"
	}{
		{"one minority", "en", []string{
			"शहबाज शरीफ ने बैठक बुलाई।", "The meeting was called by Shahbaz Sharif.",
			"बाद में शहबाज ने पत्र लिखा।", "Later a letter was written by Shahbaz.",
			"सभा में शहबाज भी थे।", "In the hall was also Shehbaz.",
		}, "- - Shahbaz"},
		{"one spelling", "en", []string{
			"शहबाज शरीफ ने बैठक बुलाई।", "The meeting was called by Shahbaz Sharif.",
			"शहबाज शरीफ का पत्र आया।", "A letter of Shahbaz Sharif's came.",
		}, "- -"},
		{"a tie: nearer to the source", "en", []string{
			"नेता शरीफ ने भाषण दिया।", "A speech was given by Shurif.",
			"फिर शरीफ घर गए।", "Then the leader Sharif went home.",
		}, "Sharif -"},
		{"a tie: the earlier", "en", []string{
			"सभा में चौधरी बोले।", "In the hall spoke Chowdhury.",
			"फिर चौधरी घर गए।", "Then the leader Choudhury went home.",
		}, "- Chowdhury"},
		{"plural and possessive", "en", []string{
			"सभा में शरीफ बोले।", "In the hall spoke Sharif.",
			"सारे शरीफ घर गए।", "Then all the Sharifs went home.",
			"यह शरीफ का घर है।", "This is SHARIF'S house.",
		}, "- - -"},
		{"what derives from a name", "en", []string{
			"वे कोरिया गए।", "They went to Korea.",
			"वे कोरिया की टीम से मिले।", "They met the Korean team.",
			"वे क्यूबा गए।", "They went to Cuba.",
			"वे क्यूबा के लोगों से मिले।", "They met many Cubans.",
		}, "- - - -"},
		{"other people", "en", []string{
			"वहाँ मीना थी और मान भी था।", "There was Mina and also Man.",
			"वहाँ मान अकेला था।", "There was only Man.",
			"सारा खान आई।", "There came Sara Khan.",
			"सारा जोन्स गई।", "There left Sarah Jones.",
		}, "- - - -"},
		{"nukta and nasals of the source", "en", []string{
			"फिर हिन्दवी ने गाया।", "Then there sang Hindavi.",
			"कल हिंदवी ने गाया।", "On that day sang Hindwi.",
			"आज हिंदवी ने गाया।", "On this day sang Hindavi.",
		}, "- Hindavi -"},
		{"a name by its meaning", "en", []string{
			"बैठक गुरुवार को हुई।", "The meeting was on Thursday.",
			"मेला गुरुवार को लगा।", "The fair was on Thursdey.",
			"नाटक गुरुवार को था।", "The play was on Thursday.",
		}, "- Thursday -"},
		{"back, on a thin majority", "hi", []string{
			"वाजपेयी ने भाषण दिया।", "The speech was given by Vajpayee.",
			"बाद में वाजपेयी घर गए।", "Later the leader Vajpayee went home.",
			"सभा में बाजपेयी भी थे।", "In the hall was also Vajpayee.",
		}, "- - ~वाजपेयी"},
		{"back", "hi", []string{
			"वाजपेयी ने भाषण दिया।", "The speech was given by Vajpayee.",
			"शाम को वाजपेयी लौटे।", "In the evening the leader Vajpayee was back.",
			"बाद में वाजपेयी घर गए।", "Later the leader Vajpayee went home.",
			"सभा में बाजपेयी भी थे।", "In the hall was also Vajpayee.",
		}, "- - - वाजपेयी"},
		{"nukta and nasals, back", "hi", []string{
			"ट्रंप ने भाषण दिया।", "The speech was given by Trump.",
			"ट्रम्प घर गए।", "The leader Trump went home.",
			"फ़रीदा आई।", "There came Farida.",
			"फरीदा गई।", "There left Farida.",
		}, "- - - -"},
		{"inflected, back", "hi", []string{
			"वे पटना गए।", "They went to Patna.",
			"वे पटने से आए।", "They came from Patna.",
			"बिहारी नेता आए।", "Leaders came from Bihar.",
			"वे बिहार में हैं।", "They are in Bihar.",
		}, "- - - -"},
		{"a single segment", "en", []string{"शरीफ शरीफ", "Sharif and then Sarif"}, "-"},
		{"nothing", "en", []string{"", "", "।", "."}, "- -"},
	} {
		var got []string
		for _, found := range check.Spellings(spelled(row.to, row.texts...)) {
			word := "-"
			for _, f := range found {
				if f.Code != check.NameSpelling || f.Hard || f.Ask == "" {
					t.Errorf("%s: %+v", row.name, f)
				}
				if word = strings.Split(f.Ask, `"`)[1]; f.Minor {
					word = "~" + word
				}
			}
			got = append(got, word)
		}
		if s := strings.Join(got, " "); s != row.want {
			t.Errorf("%s: %s, want %s", row.name, s, row.want)
		}
	}
}

func TestSpellingsKeepToTheGlossary(t *testing.T) {
	t.Parallel()
	pairs := spelled("en",
		"फिर शरीफ आए।", "Then there came Sharif.",
		"फिर शरीफ गए।", "Then there left Sharif.",
		"फिर शरीफ बोले।", "Then there spoke Shareef.")
	for i := range pairs {
		pairs[i].Glossary = map[string]string{"शरीफ": "Shareef"}
	}
	got := check.Spellings(pairs)
	if len(got[0]) != 1 || len(got[1]) != 1 || got[2] != nil {
		t.Errorf("%+v", got)
	}
}

func FuzzSpellings(f *testing.F) {
	f.Add("शरीफ आए।\nशरीफ गए।", "Sharif came.\nSarif left.", true)
	f.Add("\xff\n्\nी", "'s\n''\nÀ", false)
	f.Fuzz(func(t *testing.T, source, target string, toEnglish bool) {
		sources, targets := strings.Split(source, "\n"), strings.Split(target, "\n")
		var pairs []check.Pair
		for i := range min(len(sources), len(targets)) {
			p := check.Pair{Source: sources[i], Target: targets[i], From: "en", To: "hi"}
			if toEnglish {
				p.From, p.To = "hi", "en"
			}
			pairs = append(pairs, p)
		}
		got := check.Spellings(pairs)
		if len(got) != len(pairs) {
			t.Fatalf("%d for %d pairs", len(got), len(pairs))
		}
		for _, found := range got {
			for _, f := range found {
				if f.Code != check.NameSpelling || f.Message == "" || f.Ask == "" || f.Hard {
					t.Fatalf("%+v", f)
				}
			}
		}
		// the same segment twice is spelled alike
		if len(pairs) > 0 {
			for _, found := range check.Spellings([]check.Pair{pairs[0], pairs[0], pairs[0]}) {
				if found != nil {
					t.Fatalf("%+v in one text three times", found)
				}
			}
		}
	})
}

func BenchmarkSpellings(b *testing.B) {
	var pairs []check.Pair
	names := []string{"Ramesh", "Suresh", "Mahesh", "Dinesh", "Ganesh", "Mukesh"}
	hindi := []string{"रमेश", "सुरेश", "महेश", "दिनेश", "गणेश", "मुकेश"}
	for i := range 30 {
		pairs = append(pairs, check.Pair{
			Source: "राज्य सरकार के मंत्री " + hindi[i%6] + " शर्मा ने सोमवार को लखनऊ में कहा कि बाढ़ राहत के लिए नई योजना अगले महीने शुरू होगी, और " + hindi[(i+1)%6] + " गुप्ता इसके प्रभारी होंगे।",
			Target: "The state minister, " + names[i%6] + " Sharma, said in Lucknow on Monday that the new scheme for flood relief would start next month, and that " + names[(i+1)%6] + " Gupta would be in charge of it.",
			From:   "hi", To: "en",
		})
	}
	for b.Loop() {
		for _, found := range check.Spellings(pairs) {
			if found != nil {
				b.Fatal(found)
			}
		}
	}
}
