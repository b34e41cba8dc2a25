package check_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/check"
)

// articles groups the segments of a file by article.
func articles(t *testing.T, name string) (out [][]human) {
	t.Helper()
	for _, h := range humans(t, name) {
		if n := len(out); n > 0 && out[n-1][0].id == h.id {
			out[n-1] = append(out[n-1], h)
			continue
		}
		out = append(out, []human{h})
	}
	return out
}

func pairsOf(segments []human, to string) (pairs []check.Pair) {
	for _, h := range segments {
		both := h.both()
		if to == "en" {
			pairs = append(pairs, both[0])
		} else {
			pairs = append(pairs, both[1])
		}
	}
	return pairs
}

// TestHumanSpellingsPass is what the check of spellings says against people's work. Into
// English it names two articles of 88: one that does spell a woman's name in two ways,
// and one with two people of one Hindi name. Into Hindi it names 31: those people spelled
// names in two ways in nearly all of them, read one by one.
func TestHumanSpellingsPass(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"en", "hi"} {
		all, flagged := 0, 0
		for _, name := range []string{"ntrex/articles.jsonl", "tico19/articles.jsonl"} {
			for _, segments := range articles(t, name) {
				all++
				pairs := pairsOf(segments, to)
				any := false
				for i, found := range check.Spellings(pairs) {
					for _, f := range found {
						any = true
						t.Logf("→%s %s segment %d: %s (%s)", to, segments[0].id, i, f.Message, f.Ask)
					}
				}
				if any {
					flagged++
				}
			}
		}
		t.Logf("→%s: %d of %d articles flagged", to, flagged, all)
		if most := map[string]int{"en": 2, "hi": 32}[to]; flagged > most {
			t.Errorf("→%s: %d articles flagged, more than %d", to, flagged, most)
		}
	}
}

var (
	latinWord = regexp.MustCompile(`\pL[\pL\pM]*`)
	devaWord  = regexp.MustCompile(`[\x{900}-\x{963}\x{971}-\x{97f}]+`)
)

// misspell changes one thing in a name, as models do.
func misspell(name string, pick *rand.Rand) string {
	swaps := [][2]string{
		{"sh", "s"}, {"s", "sh"}, {"v", "w"}, {"w", "v"}, {"ee", "i"}, {"i", "ee"}, {"aa", "a"}, {"a", "aa"}, {"a", "e"}, {"e", "a"}, {"i", "e"}, {"o", "u"}, {"u", "o"}, {"e", "i"},
		{"ि", "ी"}, {"ी", "ि"}, {"ु", "ू"}, {"ू", "ु"}, {"ट", "त"}, {"त", "ट"}, {"श", "स"}, {"स", "श"},
	}
	hindi := name[0] >= 0x80 && devaWord.MatchString(name)
	for range 100 {
		_, first := utf8.DecodeRuneInString(name)
		s := swaps[pick.IntN(len(swaps))]
		switch k := pick.IntN(4); {
		case !hindi && k == 0: // doubled
			at := 1 + pick.IntN(len(name)-1)
			if !strings.ContainsRune("bcdfgklmnprst", rune(name[at])) {
				continue
			}
			return name[:at] + name[at:at+1] + name[at:]
		case !hindi && k == 1: // dropped
			at := 1 + pick.IntN(len(name)-1)
			return name[:at] + name[at+1:]
		}
		if at := strings.Index(name[first:], s[0]); at >= 0 {
			return name[:first+at] + s[1] + name[first+at+len(s[0]):]
		}
	}
	return ""
}

// TestMisspelledNames respells one name in one segment of an article.
func TestMisspelledNames(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"en", "hi"} {
		pick := rand.New(rand.NewPCG(7, 7))
		all, found, right := 0, 0, 0
		for _, segments := range articles(t, "ntrex/articles.jsonl") {
			base := pairsOf(segments, to)
			before := check.Spellings(base)
			names := sharedNames(segments, to)
			for range 6 {
				if len(names) == 0 {
					break
				}
				name := names[pick.IntN(len(names))]
				word := latinWord
				if to == "hi" {
					word = devaWord
				}
				var at []int
				for i, p := range base {
					for _, w := range word.FindAllString(p.Target, -1) {
						if w == name && (len(at) == 0 || at[len(at)-1] != i) {
							at = append(at, i)
						}
					}
				}
				wrong := misspell(name, pick)
				if wrong == "" || wrong == name {
					continue
				}
				pairs := slices.Clone(base)
				i := at[pick.IntN(len(at))]
				pairs[i].Target = word.ReplaceAllStringFunc(pairs[i].Target, func(w string) string {
					if w == name {
						return wrong
					}
					return w
				})
				all++
				hit, there := false, false
				for j, f := range check.Spellings(pairs) {
					if len(f) > len(before[j]) {
						hit = true
						there = there || j == i
					}
				}
				if hit {
					found++
				} else {
					t.Logf("→%s %s missed in %d of %v: %s → %s: %s", to, segments[0].id, i, at, name, wrong, base[i].Source)
				}
				if there {
					right++
				}
			}
		}
		t.Logf("→%s: found %d of %d, the right segment %d", to, found, all, right)
		if float64(found) < 0.8*float64(all) {
			t.Errorf("→%s: %d of %d names in another spelling found", to, found, all)
		}
	}
}

// sharedNames are the names of an article that stand in two segments: English words
// that are large within a sentence, or Hindi words that sound like one of those.
func sharedNames(segments []human, to string) (names []string) {
	where := map[string]map[int]bool{}
	inner := map[string]bool{}
	for i, h := range segments {
		for _, at := range latinWord.FindAllStringIndex(h.en, -1) {
			w := h.en[at[0]:at[1]]
			if len(w) < 4 || w[0] < 'A' || w[0] > 'Z' || w == strings.ToUpper(w) {
				continue
			}
			if at[0] > 1 && h.en[at[0]-1] == ' ' && h.en[at[0]-2] >= 'a' && h.en[at[0]-2] <= 'z' {
				inner[w] = true
			}
			if where[w] == nil {
				where[w] = map[int]bool{}
			}
			where[w][i] = true
		}
	}
	var en []string
	for w, at := range where {
		if len(at) >= 2 && inner[w] {
			en = append(en, w)
		}
	}
	slices.Sort(en)
	for _, w := range en {
		hits := map[string]int{}
		for i := range where[w] {
			seen := map[string]bool{}
			for _, h := range devaWord.FindAllString(segments[i].hi, -1) {
				if !seen[h] && check.SoundAlike(h, w) {
					hits[h]++
				}
				seen[h] = true
			}
		}
		best := ""
		for h, n := range hits {
			if n >= 2 && (best == "" || n > hits[best] || n == hits[best] && h < best) {
				best = h
			}
		}
		if best != "" && to == "hi" {
			names = append(names, best)
		} else if best != "" {
			names = append(names, w)
		}
	}
	return names
}
