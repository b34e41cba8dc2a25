package check_test

import (
	"testing"

	"dubhashi/gateway/check"
)

// TestHumanTranslationsPass is the cost of the checks: what they say against people's work.
func TestHumanTranslationsPass(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		name      string
		hard, any float64 // allowed shares
	}{
		{"ntrex/articles.jsonl", 0, 0.005},
		{"tico19/articles.jsonl", 0, 0.02},
		{"tico19/sentences.jsonl", 0.002, 0.02},
	} {
		t.Run(set.name, func(t *testing.T) {
			t.Parallel()
			pairs := thin(humans(t, set.name))
			hard, any := 0, 0
			for _, h := range pairs {
				for _, p := range h.both() {
					found := check.Translation(p)
					if len(found) > 0 {
						any++
						t.Logf("%s %s→%s: %+v\n\t%s\n\t%s", h.id, p.From, p.To, found, p.Source, p.Target)
					}
					if check.Hard(found) {
						hard++
					}
				}
			}
			n := float64(2 * len(pairs))
			t.Logf("%d pairs: %d hard (%.3f %%), %d in all (%.3f %%)", int(n), hard, 100*float64(hard)/n, any, 100*float64(any)/n)
			if float64(hard) > set.hard*n || float64(any) > set.any*n {
				t.Errorf("%d hard and %d findings in all on %d human translations", hard, any, int(n))
			}
		})
	}
}

// TestLeftInSource is the worst of errors: the answer is the source over again.
func TestLeftInSource(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"hi", "en"} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			pairs := humans(t, "ntrex/articles.jsonl")
			missed := 0
			for _, h := range pairs {
				p := check.Pair{Source: h.hi, Target: h.hi, From: "hi", To: "en"}
				if from == "en" {
					p = check.Pair{Source: h.en, Target: h.en, From: "en", To: "hi"}
				}
				if !check.Hard(check.Translation(p)) {
					missed++
					t.Logf("missed: %s", p.Source)
				}
			}
			t.Logf("found %.4f of %d", 1-float64(missed)/float64(len(pairs)), len(pairs))
			if float64(missed) > 0.005*float64(len(pairs)) {
				t.Errorf("%d of %d segments left in %s passed", missed, len(pairs), from)
			}
		})
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
			pairs := humans(t, "ntrex/articles.jsonl")
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
