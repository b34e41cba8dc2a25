package prompts_test

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/prompts"
)

// entries gives pairs in their order.
func entries(pairs ...string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if !yield(pairs[i], pairs[i+1]) {
				return
			}
		}
	}
}

func TestOccurring(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name, text   string
		first, later []string // glossaries
		want         map[string]string
	}{
		{"none", "कुछ और", []string{"भाजपा", "BJP"}, nil, nil},
		{"no glossary", "भाजपा", nil, nil, nil},
		{"more words have the place", "विश्व बैंक ने कहा", []string{"बैंक", "bank", "विश्व बैंक", "World Bank"}, nil, map[string]string{"विश्व बैंक": "World Bank"}},
		{"and the short one elsewhere", "विश्व बैंक और बैंकों ने", []string{"बैंक", "bank", "विश्व बैंक", "World Bank"}, nil, map[string]string{"विश्व बैंक": "World Bank", "बैंक": "bank"}},
		{"the words as they stand", "लड़के आए", []string{"लड़का", "boy", "लड़के", "boys"}, nil, map[string]string{"लड़के": "boys"}},
		{"a form, when the words do not stand there", "लड़कों ने", []string{"लड़का", "boy", "लड़के", "boys"}, nil, map[string]string{"लड़का": "boy"}},
		{"capitals as they stand", "The Polish team", []string{"polish", "चमकाना", "Polish", "पोलिश"}, nil, map[string]string{"Polish": "पोलिश"}},
		{"small letters as they stand", "to polish shoes", []string{"polish", "चमकाना", "Polish", "पोलिश"}, nil, map[string]string{"polish": "चमकाना"}},
		{"one spelling, the first counts", "फ़ैसला आया", []string{"फैसला", "verdict", "फ़ैसला", "ruling"}, nil, map[string]string{"फैसला": "verdict"}},
		{"the earlier glossary", "फ़ैसला आया", []string{"फैसला", "verdict"}, []string{"फ़ैसला", "ruling"}, map[string]string{"फैसला": "verdict"}},
		{"the earlier glossary, in another form", "बैंकों ने", []string{"बैंक", "lender"}, []string{"बैंकों", "banks"}, map[string]string{"बैंक": "lender"}},
		{"more words, though of the later one", "विश्व बैंक ने", []string{"बैंक", "lender"}, []string{"विश्व बैंक", "World Bank"}, map[string]string{"विश्व बैंक": "World Bank"}},
		{"both glossaries", "विश्व बैंक, भाजपा", []string{"भाजपा", "BJP"}, []string{"विश्व बैंक", "World Bank"}, map[string]string{"भाजपा": "BJP", "विश्व बैंक": "World Bank"}},
		{"marks alone are no term", "🪨 – ।", []string{"🪨", "🪵", "–", "-"}, nil, nil},
		{"a term that goes on in another", "नगर निगम चुनाव", []string{"नगर निगम आयुक्त", "commissioner", "नगर", "city"}, nil, map[string]string{"नगर": "city"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			first, later := prompts.Compile(entries(r.first...)), prompts.Compile(entries(r.later...))
			for range 3 {
				if got := prompts.Occurring(r.text, first, later); !maps.Equal(got, r.want) {
					t.Errorf("Occurring(%q) = %v, want %v", r.text, got, r.want)
				}
			}
		})
	}
}

// Verbs that are spelled as a form of a noun.
func TestVerbsAreNoNouns(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		text, term string
		want       bool
	}{
		{"ऐसा करें", "कर", false},
		{"ऐसा करो", "कर", false},
		{"करों का बोझ", "कर", true},
		{"कर का बोझ", "कर", true},
		{"मैदान में खेलें", "खेल", false},
		{"खेलों में", "खेल", true},
		{"व्यवस्था सुधारें", "सुधार", false},
		{"आर्थिक सुधारों पर", "आर्थिक सुधार", true},
		{"सड़क से जोड़ें", "जोड़", false},
		{"किसानों की मांगें", "मांग", true},
		{"किसानों की माँगें", "मांग", true},
		{"मुझसे मत मांगो", "मांग", false},
		{"चीनी मिलें बंद", "चीनी मिल", true},
		{"अदालतें खुलीं", "अदालत", true},
		{"कर दें", "कर", true}, // the root alone can not be told apart
	} {
		if got := prompts.Match(r.text, r.term); got != r.want {
			t.Errorf("Match(%q, %q) = %v", r.text, r.term, got)
		}
	}
}

// Words of which terms and texts are made: they are forms, spellings and parts of
// each other.
var vocabulary = strings.Fields(`योजना योजनाओं योजनाएँ लड़का लड़के लड़की लड़कों पार्टी पार्टियां पार्टियों नीति नीतियों आलू आलुओं आलुएं वस्तु वस्तुओं वस्तुएं कोदो कोदोओं
	जौ जौओं बैंक बैंकों बैंकें बैंको अदालत अदालतें कर करें करो करों पिछड़ा पिछड़े पिछड़ी वर्ग का के की फैसला फ़ैसला फ़ैसले हिन्दी हिंदी प्रिय प्रियों प्रियो ये ए में
	भाजपा बी.जे.पी. बीजेपी भाजपाई 10 १० 2,050 जी-20 BJP bjp BJPs UN U.N. Un party parties Party bus buses box boxes boxe class classes ministry ministries
	IT it its ED ED&F & C++ <1>भाजपा</1> <2/> राज्य-सरकार राज्य सरकार के/की Σίγμα Σίγμας संघ॰ डॉ. s es ies y`)

// TestIndexIsTheRule: an index finds what is found by looking for each term at
// each word, whatever the glossaries and the text.
func TestIndexIsTheRule(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(4, 19))
	phrase := func(most int) string {
		words := make([]string, 1+dice.IntN(most))
		for i := range words {
			words[i] = vocabulary[dice.IntN(len(vocabulary))]
		}
		return strings.Join(words, " ")
	}
	glossary := func() *prompts.Matcher {
		var pairs []string
		for i := range dice.IntN(120) {
			pairs = append(pairs, phrase(1+dice.IntN(4)), fmt.Sprint("target ", i))
		}
		return prompts.Compile(entries(pairs...))
	}
	found := 0
	for range 120 {
		a, b, text := glossary(), glossary(), phrase(40)
		got, want := prompts.Occurring(text, a, b), prompts.OccurringSlowly(text, a, b)
		if !maps.Equal(got, want) {
			t.Fatalf("in %q\nfound  %v\nshould %v", text, got, want)
		}
		found += len(got)
	}
	if found < 300 {
		t.Errorf("only %d terms found: the test shows little", found)
	}
}

// Each form that Match knows of a term is found through the index too.
func FuzzOccurring(f *testing.F) {
	f.Add("पिछड़े वर्गों की योजनाएँ", "पिछड़ा वर्ग", "योजना")
	f.Add("The U.N. said two ministries", "ministry", "UN")
	f.Add("<1>भाज\u200Dपा</1> ED&F", "भाजपा", "ED")
	f.Add("ियों", "ी", "ि")
	f.Fuzz(func(t *testing.T, text, one, other string) {
		if !utf8.ValidString(text) || !utf8.ValidString(one) || !utf8.ValidString(other) {
			t.Skip("no caller's text is broken UTF-8")
		}
		m := prompts.Compile(entries(one, "1", other, "2"))
		if got, want := prompts.Occurring(text, m), prompts.OccurringSlowly(text, m); !maps.Equal(got, want) {
			t.Errorf("in %q: %v, want %v", text, got, want)
		}
	})
}

// What goes to the model has a bound, and what stays is the longest.
func TestOccurringIsBounded(t *testing.T) {
	t.Parallel()
	var pairs, words []string
	for i := range 400 {
		w := fmt.Sprintf("शब्द%c%c", 'क'+rune(i%30), 'क'+rune(i/30))
		words = append(words, w)
		pairs = append(pairs, w, "word")
	}
	pairs = append(pairs, words[100]+" "+words[101], "two words")
	m := prompts.Compile(entries(pairs...))
	text := strings.Join(words, " ")
	got := m.Occurring(text)
	if len(got) != prompts.MaxTerms || got[words[100]+" "+words[101]] == "" {
		t.Errorf("%d terms: %v", len(got), got)
	}
	for range 5 {
		if again := m.Occurring(text); !maps.Equal(got, again) {
			t.Fatal("another choice for the same text")
		}
	}
	chars := 0
	long := prompts.Compile(entries(func() (pairs []string) {
		for _, w := range words {
			pairs = append(pairs, w, strings.Repeat("long ", 40))
		}
		return pairs
	}()...))
	for from, to := range long.Occurring(text) {
		chars += utf8.RuneCountInString(from + to)
	}
	if chars == 0 || chars > 1500 {
		t.Errorf("%d code points of terms", chars)
	}
	one := prompts.Compile(entries("निगम", strings.Repeat("the corporation ", 100)))
	if len(one.Occurring("निगम")) != 1 {
		t.Error("one long term is left out, though there is no other")
	}
}

// Glossaries made to be slow: terms that differ in what is not seen, or in capital
// letters. The work is counted in allocations, so the test may not run beside
// others.
func TestHostileGlossary(t *testing.T) {
	var same, capitals []string
	for i := range 4_000 {
		var joiners, cased strings.Builder
		for j, r := range "भाजपाभाजपाभाजपा" {
			joiners.WriteRune(r)
			if i>>(j/3)&1 == 1 {
				joiners.WriteRune(0x200D)
			}
		}
		for j, r := range "abcdefghijklmno" {
			cased.WriteRune(r - 32*rune(i>>j&1))
		}
		same, capitals = append(same, joiners.String(), "x"), append(capitals, cased.String(), "x")
	}
	text := strings.Repeat("भाजपाभाजपाभाजपा abcdefghijklmno ", 20)
	for name, pairs := range map[string][]string{"same": same, "capitals": capitals} {
		m := prompts.Compile(entries(pairs...))
		if n := testing.AllocsPerRun(1, func() { m.Occurring(text) }); n > 5_000 {
			t.Errorf("%s: %.0f allocations for %d words", name, n, len(strings.Fields(text)))
		}
	}
}

// large is a glossary of n terms as a publisher's might be.
func large(n int) iter.Seq2[string, string] {
	syllables := strings.Fields("क का कि की कु के को ग गा गी च चा ज जा जी ट टा त ता ती द दा न ना नी प पा पी ब बा म मा मी य या र रा री ल ला व वा स सा सी ह हा")
	return func(yield func(string, string) bool) {
		dice := rand.New(rand.NewPCG(1, 2))
		for i := range n {
			words := make([]string, 1+dice.IntN(3))
			for j := range words {
				for range 2 + dice.IntN(3) {
					words[j] += syllables[dice.IntN(len(syllables))]
				}
			}
			if !yield(strings.Join(words, " "), fmt.Sprint("term number ", i)) {
				return
			}
		}
	}
}

func BenchmarkCompileLarge(b *testing.B) {
	pairs := map[string]string{}
	for from, to := range large(300_000) {
		pairs[from] = to
	}
	keys := slices.Sorted(maps.Keys(pairs))
	list := func(yield func(string, string) bool) {
		for _, k := range keys {
			if !yield(k, pairs[k]) {
				return
			}
		}
	}
	var before, after runtime.MemStats
	var m *prompts.Matcher
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		m = prompts.Compile(list)
		runtime.GC()
		runtime.ReadMemStats(&after)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	b.ReportMetric(float64(m.Bytes())/1e6, "MB-told")
}

func BenchmarkOccurringLarge(b *testing.B) {
	m := prompts.Compile(large(300_000))
	text := string([]rune(strings.Repeat(hiLead+" ", 15))[:1000])
	for b.Loop() {
		m.Occurring(text)
	}
}

func BenchmarkOccurringLargeSlowly(b *testing.B) {
	m := prompts.Compile(large(300_000))
	text := string([]rune(strings.Repeat(hiLead+" ", 15))[:1000])
	for b.Loop() {
		prompts.OccurringSlowly(text, m)
	}
}
