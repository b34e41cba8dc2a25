package check_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/check"
)

// directions of a translation: from, to.
var directions = [2][2]string{{"hi", "en"}, {"en", "hi"}}

// sets are the human translations by which the checks are measured: news, and what was
// written on COVID-19 for the public and for doctors.
var sets = []struct {
	name  string
	files []string
}{
	{"ntrex", []string{"ntrex/articles.jsonl"}},
	{"tico19", []string{"tico19/articles.jsonl", "tico19/sentences.jsonl"}},
}

// TestHumanTranslationsPass is the cost of the checks: what they say against people's work.
func TestHumanTranslationsPass(t *testing.T) {
	t.Parallel()
	for _, set := range sets {
		for d, way := range directions {
			t.Run(set.name+" "+way[0]+"→"+way[1], func(t *testing.T) {
				t.Parallel()
				const hard, rejected, any = 0.001, 0.005, 0.015 // allowed shares
				var pairs []human
				for _, file := range set.files {
					pairs = append(pairs, thin(humans(t, file))...)
				}
				n, nHard, nRejected, nAny := float64(len(pairs)), 0, 0, 0
				by := map[string]int{}
				for _, h := range pairs {
					p := h.both()[d]
					found := check.Translation(p)
					if len(found) == 0 {
						continue
					}
					nAny++
					if check.Rejected(found) {
						nRejected++
					}
					if check.Hard(found) {
						nHard++
					}
					by[codes(found[:1])]++
					t.Logf("%s: %s\n\t%s\n\t%s", h.id, codes(found), p.Source, p.Target)
				}
				t.Logf("%d pairs: %d hard, %d rejected (%.2f %%), %d with a finding (%.2f %%): %v",
					len(pairs), nHard, nRejected, 100*float64(nRejected)/n, nAny, 100*float64(nAny)/n, by)
				if float64(nHard) > hard*n+1 || float64(nRejected) > rejected*n+1 || float64(nAny) > any*n+1 {
					t.Errorf("%d hard, %d rejected and %d with a finding of %d human translations", nHard, nRejected, nAny, len(pairs))
				}
			})
		}
	}
}

// damage makes an error of a translation; false if this pair has nothing to damage.
type damage func(p check.Pair, i int) (target string, ok bool)

// damages are the errors that models make, and what share of each must be found.
var damages = []struct {
	name  string
	least float64
	hard  bool // only hard findings count
	make  damage
}{
	{"left in the source language", 0.995, true, func(p check.Pair, _ int) (string, bool) { return p.Source, true }},
	{"a digit changed", 0.98, false, func(p check.Pair, i int) (string, bool) {
		at, end, ok := figure(p, i)
		if !ok {
			return "", false
		}
		digit := []byte(p.Target)[at:end]
		k := i % len(digit)
		for digit[k] < '0' || digit[k] > '9' {
			k = (k + 1) % len(digit)
		}
		digit[k] = '1' + (digit[k]-'0'+byte(i%7)+1)%9 // no leading zero
		return p.Target[:at] + string(digit) + p.Target[end:], string(digit) != p.Target[at:end]
	}},
	{"a number dropped", 0.93, false, func(p check.Pair, i int) (string, bool) {
		at, end, ok := figure(p, i)
		if !ok {
			return "", false
		}
		return strings.Join(strings.Fields(p.Target[:at]+" "+p.Target[end:]), " "), true
	}},
	{"cut to two thirds", 0.85, false, func(p check.Pair, _ int) (string, bool) { return twoThirds(p.Target), true }},
	{"cut at a word", 0.85, false, func(p check.Pair, _ int) (string, bool) {
		cut := twoThirds(p.Target)
		if i := strings.LastIndexByte(cut, ' '); i > 0 {
			cut = cut[:i]
		}
		return cut, true
	}},
	{"last words over and over", 0.99, true, func(p check.Pair, i int) (string, bool) {
		words := strings.Fields(p.Target)
		last := strings.Join(words[max(0, len(words)-3-i%6):], " ")
		return p.Target + strings.Repeat(" "+last, 2+i%23), len(words) > 3
	}},
	{"said twice", 0.99, true, func(p check.Pair, _ int) (string, bool) {
		return p.Target + " " + p.Target, utf8.RuneCountInString(p.Target) >= 40
	}},
	{"a word over and over", 0.99, true, func(p check.Pair, i int) (string, bool) {
		words := strings.Fields(p.Target)
		k := i % len(words)
		return strings.Join(words[:k], " ") + strings.Repeat(" "+words[k], 6) + " " + strings.Join(words[k:], " "), true
	}},
	{"a letter over and over", 0.99, true, func(p check.Pair, _ int) (string, bool) {
		r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(p.Target, ` .।"'?!”’`))
		return p.Target + strings.Repeat(string(r), 30), true
	}},
}

// figure gives the place of the i-th number in figures of a target, if the source has
// it, too, so that it is no mistake of the translator's. It is the only one with its
// figures.
func figure(p check.Pair, i int) (at, end int, ok bool) {
	places := figures.FindAllStringIndex(p.Target, -1)
	for k := range places {
		place := places[(i+k)%len(places)]
		text := p.Target[place[0]:place[1]]
		if slices.Contains(figures.FindAllString(p.Source, -1), text) && strings.Count(p.Target, text) == 1 && !glued(p.Target, place) {
			return place[0], place[1], true
		}
	}
	return 0, 0, false
}

// glued reports whether letters stand beside a figure, as in COVID-19 or 4th.
func glued(text string, place []int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:place[0]])
	after, _ := utf8.DecodeRuneInString(text[place[1]:])
	return strings.ContainsRune("-–/:.,", before) || unicode.IsLetter(before) || unicode.IsLetter(after) || unicode.IsMark(before) ||
		strings.ContainsRune("-–/:", after)
}

var figures = regexp.MustCompile(`[0-9]+(?:[,.][0-9]+)*`)

func twoThirds(text string) string {
	r := []rune(text)
	return strings.TrimSpace(string(r[:len(r)*2/3]))
}

// TestDamageIsFound is the use of the checks: the errors they find in each set and
// direction, in segments of 40 code points and more.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	const fewest = 40
	for _, damage := range damages {
		t.Run(damage.name, func(t *testing.T) {
			t.Parallel()
			for _, set := range sets {
				for d, way := range directions {
					n, missed := 0, 0
					var pairs []human
					for _, file := range set.files {
						pairs = append(pairs, everyThird(thin(humans(t, file)))...)
					}
					for i, h := range pairs {
						p := h.both()[d]
						var ok bool
						if utf8.RuneCountInString(p.Source) < fewest {
							continue
						}
						if p.Target, ok = damage.make(p, i); !ok {
							continue
						}
						n++
						found := check.Translation(p)
						if damage.hard && !check.Hard(found) || !check.Rejected(found) {
							if missed++; missed <= 3 {
								t.Logf("missed: %s\n\t%s", p.Source, p.Target)
							}
						}
					}
					t.Logf("%s %s→%s: found %.4f of %d", set.name, way[0], way[1], 1-float64(missed)/float64(n), n)
					if n == 0 || float64(missed) > (1-damage.least)*float64(n)+1 {
						t.Errorf("%s %s→%s: %d of %d missed", set.name, way[0], way[1], missed, n)
					}
				}
			}
		})
	}
}

// TestParagraphsOfSentences joins neighbours of an article to paragraphs of three
// sentences, which pass, and leaves the last one untranslated, which does not.
func TestParagraphsOfSentences(t *testing.T) {
	t.Parallel()
	pairs := humans(t, "ntrex/articles.jsonl")
	for d, way := range directions {
		n, rejected, cut, missed := 0, 0, 0, 0
		for i := 0; i+3 <= len(pairs); i += 3 {
			group := pairs[i : i+3]
			if group[0].id != group[2].id || testing.Short() && i%7 > 0 {
				continue
			}
			var source, target []string
			for _, h := range group {
				p := h.both()[d]
				source, target = append(source, p.Source), append(target, p.Target)
			}
			p := check.Pair{Source: strings.Join(source, " "), Target: strings.Join(target, " "), From: way[0], To: way[1]}
			n++
			if found := check.Translation(p); check.Rejected(found) {
				rejected++
				t.Logf("%s\n\t%s\n\t%s", codes(found), p.Source, p.Target)
			}
			whole := utf8.RuneCountInString(p.Target)
			p.Target = strings.Join(target[:2], " ")
			if left := utf8.RuneCountInString(p.Target); left*4 > whole*3 {
				continue // the last sentence is a short one
			}
			if cut++; !check.Rejected(check.Translation(p)) {
				missed++
			}
		}
		t.Logf("%s→%s: %d of %d rejected; without the last sentence found %.4f of %d", way[0], way[1], rejected, n, 1-float64(missed)/float64(cut), cut)
		if cut == 0 || float64(rejected) > 3*0.005*float64(n)+1 || float64(missed) > 0.15*float64(cut)+1 {
			t.Errorf("%s→%s: %d of %d paragraphs rejected, %d of %d cut ones passed", way[0], way[1], rejected, n, missed, cut)
		}
	}
}

// TestTalkIsFound puts each form of refusal, preamble and note in place of, before and behind real
// translations, in turn.
func TestTalkIsFound(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name, code string
		forms      map[string][]string
		wrap       func(form, translation string) string
	}{
		{"refusal", check.Refusal, refusalForms, func(form, _ string) string { return form }},
		{"preamble", check.Chatter, preambleForms, func(form, text string) string { return form + text }},
		{"tail", check.Chatter, tailForms, func(form, text string) string { return text + form }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			pairs := thin(humans(t, "ntrex/articles.jsonl"))
			for to, forms := range kind.forms {
				n, missed := 0, map[string]int{}
				for i, h := range pairs {
					p := h.both()[0]
					if to == "hi" {
						p = h.both()[1]
					}
					form := forms[i%len(forms)]
					p.Target = kind.wrap(form, p.Target)
					if n++; !has(check.Translation(p), kind.code) {
						missed[form]++
						if missed[form] == 1 {
							t.Logf("→%s missed: %q over %s", to, form, p.Source)
						}
					}
				}
				lost := 0
				for _, m := range missed {
					lost += m
				}
				t.Logf("→%s: found %.4f of %d, %d forms", to, 1-float64(lost)/float64(n), n, len(forms))
				if float64(lost) > 0.01*float64(n) {
					t.Errorf("→%s: %d of %d missed: %v", to, lost, n, missed)
				}
			}
		})
	}
}

// everyThird keeps every third of many pairs: shares are told by a thousand of them.
func everyThird(pairs []human) []human {
	if len(pairs) < 3000 {
		return pairs
	}
	var out []human
	for i := 0; i < len(pairs); i += 3 {
		out = append(out, pairs[i])
	}
	return out
}

// thin keeps every seventh pair under -short.
func thin(pairs []human) []human {
	if !testing.Short() {
		return pairs
	}
	var out []human
	for i := 0; i < len(pairs); i += 7 {
		out = append(out, pairs[i])
	}
	return out
}
