package check_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/check"
)

var callHindi = []string{
	"मौसम विभाग ने मंगलवार को केरल के आठ जिलों में भारी बारिश की चेतावनी दी।",
	"रिजर्व बैंक ने ब्याज दर 6.5 प्रतिशत पर ही रखी, महंगाई अब भी ऊंची है।",
	"हॉकी टीम के कप्तान ने कहा कि फाइनल में जर्मनी को हराना आसान नहीं होगा।",
	"पुलिस ने तीन लोगों को चोरी के आरोप में गिरफ्तार किया और एक कार बरामद की।",
}

var callEnglish = []string{
	"The weather department warned of heavy rain in eight districts of Kerala on Tuesday.",
	"The Reserve Bank kept its interest rate at 6.5 per cent, as inflation is still high.",
	"The captain of the hockey team said that beating Germany in the final would not be easy.",
	"Police arrested three people on charges of theft and recovered a car.",
}

func TestCall(t *testing.T) {
	t.Parallel()
	at := func(places ...int) (out []string) { // −1: nothing came
		for _, i := range places {
			if i < 0 {
				out = append(out, "")
			} else {
				out = append(out, callEnglish[i])
			}
		}
		return out
	}
	merged := at(0, 1, 3, -1)
	merged[1] += " " + callEnglish[2]
	for _, row := range []struct {
		name    string
		sources []string
		answers []string
		want    []int // the misaligned ones
	}{
		{"in order", callHindi, callEnglish, nil},
		{"two neighbours swapped", callHindi, at(0, 2, 1, 3), []int{1, 2}},
		{"two others swapped", callHindi, at(3, 1, 2, 0), []int{0, 3}},
		{"two swaps", callHindi, at(1, 0, 3, 2), []int{0, 1, 2, 3}},
		{"all moved up", callHindi, at(1, 2, 3, 0), []int{0, 1, 2, 3}},
		{"moved up, the last lost", callHindi, at(1, 2, 3, -1), []int{0, 1, 2}},
		{"moved up, the last twice", callHindi, at(1, 2, 3, 3), []int{0, 1, 2}},
		{"moved down, the first twice", callHindi, at(0, 0, 1, 2), []int{1, 2, 3}},
		{"two of three moved, one lost", callHindi, at(0, 2, 3, -1), []int{1, 2}},
		{"one given twice", callHindi, at(0, 1, 2, 1), []int{3}},
		{"one lost", callHindi, at(0, -1, 2, 3), nil},
		{"all but one lost", callHindi, at(-1, 1, -1, -1), nil},
		{"two in one", callHindi, merged, []int{1, 2}},
		{"two calls of one", callHindi[:1], at(0), nil},
		{"one source twice", []string{callHindi[0], callHindi[0]}, at(0, 0), nil},
		{"a source in two spellings", []string{callHindi[0], strings.ReplaceAll(callHindi[0], "ज़", "ज") + " "}, at(0, 0), nil},
		{"two labels for one", []string{"फोटो:", "चित्र:"}, []string{"Photo:", "Photo:"}, nil},
		{"two near headings", []string{"और खबरें", "अन्य समाचार"}, []string{"More news", "More news"}, nil},
		{"a day changed", []string{"परीक्षा सोमवार को दस बजे शुरू होगी और तीन घंटे चलेगी।", "परीक्षा शुक्रवार को दो बजे शुरू होगी और तीन घंटे चलेगी।"},
			[]string{"The examination will begin at ten on Monday and last three hours.", "The examination will begin at ten on Monday and last three hours."}, []int{1}},
		{"romanised", []string{"Mausam vibhag ne barish ki chetavani di hai, sab log ghar par rahein", "Bank ne byaj dar nahin badli, mehngai ab bhi bahut zyada hai"},
			[]string{callEnglish[0], callEnglish[1]}, nil},
		{"nothing", nil, nil, nil},
	} {
		for _, back := range []bool{false, true} {
			if back && (row.name == "romanised" || len(row.want) == 0 && len(row.sources) == 2 || row.name == "a day changed") {
				continue
			}
			pairs := make([]check.Pair, len(row.sources))
			for i := range pairs {
				pairs[i] = check.Pair{Source: row.sources[i], Target: row.answers[i], From: "hi", To: "en"}
				if back {
					pairs[i] = check.Pair{Source: callEnglish[i], Target: backTranslated(row.answers[i]), From: "en", To: "hi"}
				}
			}
			var got []int
			for i, found := range check.Call(pairs) {
				if j := slices.IndexFunc(found, func(f check.Finding) bool { return f.Code == check.Misaligned && f.Hard }); j >= 0 {
					got = append(got, i)
				}
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("%s (back %v): %v, want %v", row.name, back, got, row.want)
			}
		}
	}
}

// backTranslated is an answer of sentences of callEnglish in Hindi.
func backTranslated(english string) string {
	for i, s := range callEnglish {
		english = strings.ReplaceAll(english, s, callHindi[i])
	}
	return english
}

// made is a call of human translations with an error made on purpose.
type made struct {
	name  string
	wrong func(n int) []int
	make  func(pairs []check.Pair, texts []string)
}

var madeErrors = []made{
	{"swap of two", func(n int) []int { return []int{0, n - 1} }, func(p []check.Pair, s []string) {
		n := len(p)
		p[0].Target, p[n-1].Target = s[n-1], s[0]
	}},
	{"moved up", all, func(p []check.Pair, s []string) {
		for i := range p {
			p[i].Target = s[(i+1)%len(s)]
		}
	}},
	{"moved up, last lost", butLast, func(p []check.Pair, s []string) {
		for i := range p {
			p[i].Target = append(s[1:len(s):len(s)], "")[i]
		}
	}},
	{"moved up, last twice", butLast, func(p []check.Pair, s []string) {
		for i := range p {
			p[i].Target = s[min(i+1, len(s)-1)]
		}
	}},
	{"one twice", func(int) []int { return []int{1} }, func(p []check.Pair, s []string) { p[1].Target = s[0] }},
}

func all(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func butLast(n int) []int { return all(n - 1) }

// TestMisplacedIsFound moves human translations about in calls of neighbours.
func TestMisplacedIsFound(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ntrex/articles.jsonl", "tico19/articles.jsonl"} {
		for _, direction := range []int{0, 1} {
			pairs, read := humans(t, name), check.Reader()
			for n := 2; n <= 6; n += 2 {
				calls, flagged, tried := 0, 0, 0
				found, exact := map[string]int{}, map[string]int{}
				for at := 0; at+n <= len(pairs); at += 1 + at%2 + n/4 {
					if pairs[at].id != pairs[at+n-1].id {
						continue
					}
					call, texts, long := callOf(pairs[at:at+n], direction)
					calls++
					if got := misplacedOf(check.MisplacedIn(call, read)); got != nil {
						flagged++
						t.Logf("flagged: %v of %v", got, call)
						continue
					}
					if !long {
						continue
					}
					tried++
					for _, m := range madeErrors {
						changed := slices.Clone(call)
						m.make(changed, texts)
						if got := misplacedOf(check.MisplacedIn(changed, read)); got != nil {
							found[m.name]++
							if slices.Equal(got, m.wrong(n)) {
								exact[m.name]++
							}
						}
					}
				}
				t.Logf("%s %s→%s: %d of %d calls of %d falsely flagged", name, pairs[0].both()[direction].From, pairs[0].both()[direction].To, flagged, calls, n)
				if float64(flagged) > 0.001*float64(calls) {
					t.Errorf("%s: %d of %d calls of %d falsely flagged", name, flagged, calls, n)
				}
				for _, m := range madeErrors {
					f, e := float64(found[m.name])/float64(tried), float64(exact[m.name])/float64(tried)
					t.Logf("  %s: found %.3f of %d, the right ones marked %.3f", m.name, f, tried, e)
					if f < 0.99 || e < 0.98 {
						t.Errorf("%s, calls of %d, %s: found %.3f, right %.3f", name, n, m.name, f, e)
					}
				}
			}
		}
	}
}

// callOf gives segments as a call, its answers, and whether all sources have 40
// characters and no two answers are the same.
func callOf(segments []human, direction int) (call []check.Pair, texts []string, long bool) {
	long = true
	for _, h := range segments {
		p := h.both()[direction]
		long = long && utf8.RuneCountInString(p.Source) >= 40 && !slices.Contains(texts, p.Target)
		call, texts = append(call, p), append(texts, p.Target)
	}
	return call, texts, long
}

func misplacedOf(found []check.Finding) (out []int) {
	for i, f := range found {
		if f.Code != "" {
			out = append(out, i)
		}
	}
	return out
}

// TestNextParagraphIsFound gives each source the translation of the next, alone.
func TestNextParagraphIsFound(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		name  string
		least float64 // share found
	}{{"ntrex/articles.jsonl", 0.88}, {"tico19/articles.jsonl", 0.9}, {"tico19/sentences.jsonl", 0.84}} {
		for direction := range 2 {
			pairs, read := humans(t, set.name), check.Reader()
			n, tried, flagged, found := 0, 0, 0, 0
			for i, h := range pairs {
				p := h.both()[direction]
				n++
				if check.MisplacementIn(p, read) {
					flagged++
					t.Logf("flagged: %s\n\t%s", p.Source, p.Target)
				}
				if i+1 == len(pairs) || utf8.RuneCountInString(p.Source) < 40 || pairs[i+1].hi == h.hi || pairs[i+1].en == h.en {
					continue
				}
				tried++
				p.Target = pairs[i+1].both()[direction].Target
				if check.MisplacementIn(p, read) {
					found++
				}
			}
			t.Logf("%s →%s: %d of %d flagged, %.3f of %d found", set.name, pairs[0].both()[direction].To, flagged, n, float64(found)/float64(tried), tried)
			if float64(flagged) > 0.001*float64(n) || float64(found) < set.least*float64(tried) {
				t.Errorf("%s →%s: %d of %d flagged, %d of %d found", set.name, pairs[0].both()[direction].To, flagged, n, found, tried)
			}
		}
	}
}

func BenchmarkMisplaced(b *testing.B) {
	var pairs []check.Pair
	for i := range 6 { // about 150 characters a side
		j := (i + 1) % 4
		pairs = append(pairs, check.Pair{Source: callHindi[i%4] + " " + callHindi[j], Target: callEnglish[i%4] + " " + callEnglish[j], From: "hi", To: "en"})
	}
	b.Run("pair", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if p := pairs[i%4]; check.Score(p.Source, p.Target) < 0 {
				b.Fatal("no match")
			}
		}
	})
	b.Run("call of six", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			check.Misplaced(pairs)
		}
	})
}

// TestArticle: what stands twice in an article although its source says it once.
func TestArticle(t *testing.T) {
	t.Parallel()
	pair := func(hi, en string) check.Pair { return check.Pair{Source: hi, Target: en, From: "hi", To: "en"} }
	const bridge, rain = "The new bridge over the river opens on Monday.", "Heavy rain fell in the hills all night."
	plain := []check.Pair{
		pair("नदी पर नया पुल सोमवार को खुलेगा।", bridge),
		pair("किसानों को बीज बांटे गए।", "Seeds were given to farmers."),
		pair("पहाड़ों में रात भर तेज बारिश हुई।", rain),
	}
	for _, row := range []struct {
		name   string
		change func(p []check.Pair)
		at     int // where something is found; -1: nowhere
	}{
		{"as it should be", func([]check.Pair) {}, -1},
		{"one holds another", func(p []check.Pair) { p[0].Target += " " + rain }, 0},
		{"one is another", func(p []check.Pair) { p[0].Target = rain }, 0},
		{"a headline and its first paragraph", func(p []check.Pair) {
			p[1] = pair("नदी पर नया पुल सोमवार को खुलेगा, मंत्री ने बताया।", strings.TrimSuffix(bridge, ".")+", the minister said.")
		}, -1},
	} {
		pairs := slices.Clone(plain)
		row.change(pairs)
		for i, found := range check.Article(pairs) {
			if has(found, check.Misaligned) != (i == row.at) {
				t.Errorf("%s: segment %d: %+v", row.name, i, found)
			}
		}
	}
}
