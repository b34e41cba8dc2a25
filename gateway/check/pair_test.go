package check_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/check"
)

func TestScore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, hi, en string
		low, high    float64
	}{
		{"a translation", "मुख्यमंत्री ने सोमवार को जयपुर में 25 नए स्कूलों का उद्घाटन किया।", "The chief minister opened 25 new schools in Jaipur on Monday.", 10, 30},
		{"of another text", "मुख्यमंत्री ने सोमवार को जयपुर में 25 नए स्कूलों का उद्घाटन किया।", "The team lost its captain to an injury two days before the final.", -30, -4},
		{"names alone", "रविशंकर प्रसाद और मीनाक्षी लेखी", "Ravi Shankar Prasad and Meenakshi Lekhi", 4, 15},
		{"two words for the office", "प्रधान मंत्री कल लौटेंगे।", "The prime minister returns tomorrow.", 4, 12},
		{"a country of two words", "अमेरिका में बारिश हुई", "It rained in the United States", 3, 12},
		{"a short heading", "फोटो:", "Photo:", 1, 6},
		{"an acronym spelled out", "सी बी आई ने जांच शुरू की", "The CBI began an investigation", 3, 12},
		{"nothing", "", "", 1, 3},
		{"no words", "—", "…", 0, 3},
	} {
		if s := check.Score(row.hi, row.en); s < row.low || s > row.high {
			t.Errorf("%s: %.2f, want %v to %v", row.name, s, row.low, row.high)
		}
	}
}

// TestScoreForms holds that ways of writing do not change what a pair scores.
func TestScoreForms(t *testing.T) {
	t.Parallel()
	hi, en := "ज़िला अस्पताल में ३५ मरीज़ हैं, 'हालत गंभीर'।", "The district hospital has 35 patients, 'in serious condition'."
	want := check.Score(hi, en)
	if got := check.Score(strings.ReplaceAll(hi, "गंभीर", "गम्भीर"), en); math.Abs(got-want) > 0.3 { // one character longer
		t.Errorf("the conjunct nasal: %.3f, want %.3f", got, want)
	}
	for _, row := range []struct{ name, hi, en string }{
		{"nukta in one character", strings.ReplaceAll(hi, "ज़", "\u095b"), en},
		{"without nukta", strings.ReplaceAll(hi, "़", ""), en},
		{"joiners", strings.ReplaceAll(hi, "स्प", "स्\u200dप"), en},
		{"Western digits", strings.ReplaceAll(hi, "३५", "35"), en},
		{"round quotes", strings.ReplaceAll(hi, "'हालत गंभीर'", "‘हालत गंभीर’"), strings.ReplaceAll(en, "'in serious condition'", "‘in serious condition’")},
		{"hard spaces", strings.ReplaceAll(hi, " ", "\u00a0"), strings.ReplaceAll(en, " ", "\u00a0")},
	} {
		if got := check.Score(row.hi, row.en); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %.3f, want %.3f", row.name, got, want)
		}
	}
}

func TestNumbersOfTheScore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text  string
		hindi bool
		want  []float64
	}{
		{"दो लाख पचास हजार रुपये", true, []float64{250000}},
		{"साढ़े तीन करोड़ और ढाई सौ", true, []float64{3.5e7, 250}},
		{"सवा लाख", true, []float64{125000}},
		{"१,२५,००० में से 12.5", true, []float64{125000, 12.5}},
		{"सैंतालीस और तीन", true, []float64{47, 3}},
		{"एक आदमी, एक लाख लोग", true, []float64{1e5}},
		{"twenty-five of two hundred and fifty", false, []float64{25, 250}},
		{"$5m, 3bn and 1.2 million", false, []float64{5e6, 3e9, 1.2e6}},
		{"one man, one million people", false, []float64{1e6}},
		{"2,50,000 on 5, 6 and 7", false, []float64{250000, 5, 6, 7}},
		{"3.", false, []float64{3}},
		{"1.2.3", false, []float64{1, 2, 3}},
		{"two and three", false, []float64{2, 3}},
	} {
		if got := check.Numbers(row.text, row.hindi); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.text, got, row.want)
		}
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	const (
		hi   = "सरकार ने सोमवार को नया बजट पेश किया। विपक्ष के नेता राहुल शर्मा ने दिल्ली में इसकी आलोचना की।"
		en   = "The government presented a new budget on Monday. The opposition leader Rahul Sharma criticised it in Delhi."
		half = "The government presented a new budget on Monday."
	)
	whole := check.Pair{Source: hi, Target: en, From: "hi", To: "en"}
	cut := check.Pair{Source: hi, Target: half, From: "hi", To: "en"}
	back := check.Pair{Source: en, Target: "सरकार ने सोमवार को नया बजट पेश किया।", From: "en", To: "hi"}
	for _, row := range []struct {
		name      string
		pair      check.Pair
		from      float64
		low, high float64 // share
	}{
		{"all of it", whole, 0, 0.7, 1}, {"its end", whole, 0.6, 0.7, 1},
		{"all of a cut one", cut, 0, 0.2, 0.6}, {"the end of a cut one", cut, 0.6, 0, 0.2}, {"the end, back", back, 0.6, 0, 0.2},
	} {
		matched, total := check.Coverage(row.pair, row.from)
		if share := float64(matched) / float64(max(total, 1)); total < 3 || share < row.low || share > row.high {
			t.Errorf("%s: %d of %d", row.name, matched, total)
		}
	}
	if matched, total := check.Coverage(check.Pair{To: "en"}, 0); matched != 0 || total != 0 {
		t.Errorf("nothing: %d of %d", matched, total)
	}
}

func TestLexiconFormat(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"good", "# words\nstrong\nनदी|river\nskip\n|the of", ""},
		{"no section", "नदी|river", `line 1: no section ""`},
		{"a side without words", "weak\nनदी|", "line 2: a language has no form"},
		{"three languages", "weak\nनदी|river|fleuve", "line 2: 3 languages"},
		{"too many", "weak\n" + strings.Repeat("नदी|river\n", 1025), "line 1026: more than 1024 concepts"},
	} {
		got := ""
		if err := check.ReadLexicon(row.text); err != nil {
			got = err.Error()
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// TestScoreOfLongTexts holds that the time grows with the text, not with its square:
// eight times the words may take thirty times as long on a busy machine, not sixty-four.
func TestScoreOfLongTexts(t *testing.T) {
	took := func(words int) time.Duration {
		var hi, en strings.Builder
		for i := range words { // all different
			hi.WriteString(" क" + string(rune('क'+i%37)) + string(rune('क'+i/37%37)) + string(rune('क'+i/37/37%37)))
			en.WriteString(" K" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/26/26%26)))
		}
		best := time.Hour
		for range 3 {
			began := time.Now()
			if s := check.Score(hi.String(), en.String()); math.IsNaN(s) || math.IsInf(s, 0) {
				t.Error(s)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	if short, long := took(1500), took(12_000); long > 30*short {
		t.Errorf("1,500 words took %v, 12,000 took %v", short, long)
	}
}

func FuzzScore(f *testing.F) {
	f.Add("मुख्यमंत्री ने 25 स्कूल खोले", "The chief minister opened 25 schools")
	f.Add("साढ़े ढाई सौ हजार लाख 1,2,3.4.5 १२", "hundred and two hundred U.S.A. 5m 5bnx")
	f.Add("'अ' \"", "it's 'a' '\xff")
	f.Add("के सी बी\u200d आई ज्ञ\u094d", "MAY US us \u0301")
	f.Fuzz(func(t *testing.T, hi, en string) {
		for _, p := range [...]check.Pair{{Source: hi, Target: en, From: "hi", To: "en"}, {Source: en, Target: hi, From: "en", To: "hi"}} {
			matched, total := check.Coverage(p, 0)
			tail, end := check.Coverage(p, 0.5)
			if matched > total || tail > end || end > total || tail > matched {
				t.Fatalf("%d of %d, %d of %d", matched, total, tail, end)
			}
			if got := check.Misplaced([]check.Pair{p, p}); got[0].Code != "" || got[1].Code != "" {
				t.Fatalf("twice the same: %+v", got)
			}
		}
		if s := check.Score(hi, en); math.IsNaN(s) || math.IsInf(s, 0) {
			t.Fatal(s)
		}
	})
}
