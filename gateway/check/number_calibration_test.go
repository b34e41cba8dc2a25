package check_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/check"
)

var digitRow = regexp.MustCompile(`[0-9०-९]+(?:[.,:][0-9०-९]+)*`)

// TestNumbersOfHumans is the cost of the check on people's work, and what it finds in
// the same work after one number of the target was damaged. The human texts have five
// true faults between them: 299,200 as 299 and 200, 123 million as 120, B814 left out,
// five months as years, 30 seconds as minutes.
func TestNumbersOfHumans(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		name     string
		rejected float64 // allowed share
		dropped  float64 // share to find, at least
	}{
		{"ntrex/articles.jsonl", 0.0025, 0.975},
		{"tico19/articles.jsonl", 0.002, 0.93},
		{"tico19/sentences.jsonl", 0.001, 0.975},
	} {
		for dir, from := range []string{"hi", "en"} {
			t.Run(set.name+" "+from, func(t *testing.T) {
				t.Parallel()
				pairs := humans(t, set.name)
				rejected := 0
				made, found := make([]int, len(numberDamages)), make([]int, len(numberDamages))
				random := rand.New(rand.NewPCG(7, uint64(dir)))
				for _, h := range pairs {
					p := h.both()[dir]
					if f := check.NumberFindings(p.Source, p.Target, p.From, p.To); len(f) > 0 {
						rejected++
						t.Logf("%s: %v\n\t%s\n\t%s", h.id, f, p.Source, p.Target)
						continue
					}
					spans := digitRow.FindAllStringIndex(p.Target, -1)
					if len(spans) == 0 || utf8.RuneCountInString(p.Source) < 40 {
						continue
					}
					for k, d := range numberDamages {
						target := d.do(p.Target, spans[random.IntN(len(spans))], random)
						if target == p.Target {
							continue
						}
						made[k]++
						if len(check.NumberFindings(p.Source, target, p.From, p.To)) > 0 {
							found[k]++
						}
					}
				}
				n := float64(len(pairs))
				t.Logf("rejected %d of %d (%.3f %%)", rejected, len(pairs), 100*float64(rejected)/n)
				if float64(rejected) > set.rejected*n {
					t.Errorf("%d of %d human translations rejected", rejected, len(pairs))
				}
				for k, d := range numberDamages {
					if made[k] == 0 {
						continue
					}
					share := float64(found[k]) / float64(made[k])
					t.Logf("%s: found %d of %d (%.2f %%)", d.name, found[k], made[k], 100*share)
					if share < max(d.find, set.dropped*d.dropped) {
						t.Errorf("%s: only %d of %d found", d.name, found[k], made[k])
					}
				}
			})
		}
	}
}

// numberDamages are errors made to the number at a span of the target.
var numberDamages = []struct {
	name    string
	find    float64 // share to find, at least
	dropped float64 // 1 if the set says how many
	do      func(target string, span []int, random *rand.Rand) string
}{
	{"changed", 0.99, 0, func(target string, span []int, random *rand.Rand) string {
		digits := []rune(target[span[0]:span[1]])
		i := random.IntN(len(digits))
		for strings.ContainsRune(".,:", digits[i]) {
			i = random.IntN(len(digits))
		}
		zero := '0'
		if digits[i] >= '०' {
			zero = '०'
		}
		digits[i] = zero + (digits[i]-zero+1+random.Int32N(9))%10
		return target[:span[0]] + string(digits) + target[span[1]:]
	}},
	{"tenfold", 0.99, 0, func(target string, span []int, _ *rand.Rand) string {
		if number := target[span[0]:span[1]]; strings.ContainsAny(number, ".,:") || number == "0" {
			return target
		}
		return target[:span[1]] + "0" + target[span[1]:]
	}},
	{"dropped", 0, 1, func(target string, span []int, _ *rand.Rand) string {
		return target[:span[0]] + target[span[1]:]
	}},
	{"scale", 0.95, 0, func(target string, _ []int, _ *rand.Rand) string {
		for _, swap := range [][2]string{{"लाख", "करोड़"}, {"करोड़", "लाख"}, {"million", "billion"}, {"billion", "million"}, {"lakh", "crore"}, {"मिलियन", "बिलियन"}, {"बिलियन", "मिलियन"}} {
			if strings.Contains(target, " "+swap[0]) {
				return strings.Replace(target, " "+swap[0], " "+swap[1], 1)
			}
		}
		return target
	}},
}

// TestNumbersInDevanagari holds that the digits of the Hindi text do not matter.
func TestNumbersInDevanagari(t *testing.T) {
	t.Parallel()
	toDevanagari := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r - '0' + '०'
			}
			return r
		}, s)
	}
	for _, h := range humans(t, "ntrex/articles.jsonl") {
		latin := check.NumberFindings(h.hi, h.en, "hi", "en")
		deva := check.NumberFindings(toDevanagari(h.hi), h.en, "hi", "en")
		if len(latin) != len(deva) {
			t.Errorf("%s: %v with Latin, %v with Devanagari digits", h.hi, latin, deva)
		}
	}
}
