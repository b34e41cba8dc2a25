package article_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"dubhashi/gateway/article"
)

// misread gives s as a program shows it that takes its UTF-8 bytes for Latin-1, or for Windows-1252
// with its undefined bytes kept as control characters.
func misread(s string, windows bool) string {
	var b strings.Builder
	for i := range len(s) {
		r := rune(s[i])
		if windows {
			if w := charmap.Windows1252.DecodeByte(s[i]); w != 0xFFFD {
				r = w
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestRepairMojibake(t *testing.T) {
	t.Parallel()
	const good = "“भारत” ने कहा – 2024 में आर्थिक वृद्धि ठीक रही… झारखंड, ऊँट, ए ऐ ऑ"
	for _, row := range []struct{ name, in, want string }{
		{"one word", "à¤\u00adà¤¾à¤°à¤¤", "भारत"},
		{"latin-1", misread(good, false), good},
		{"windows-1252", misread(good, true), good},
		{"twice", misread(misread(good, true), true), good},
		{"twice, latin-1", misread(misread(good, false), false), good},
		{"latin-1 on windows-1252", misread(misread(good, true), false), good},
		{"three times", misread(misread(misread(good, true), true), true), good},
		{"a line among good ones", "पहली पंक्ति\n" + misread("दूसरी पंक्ति", true) + "\nतीसरी “पंक्ति” café", "पहली पंक्ति\nदूसरी पंक्ति\nतीसरी “पंक्ति” café"},
		{"good and bad in one line", "अच्छा " + misread("बुरा “शब्द”", true) + " ठीक", "अच्छा बुरा “शब्द” ठीक"},
		{"an English line of the same text", misread(good+"\nDon’t ask – it’s a “café”\n"+good, true), good + "\nDon’t ask – it’s a “café”\n" + good},
		{"no-break space turned plain", strings.ReplaceAll(misread("ठीक ठाक", true), "\u00a0", " "), "ठीक ठाक"},
		{"English names", misread("WHO ने COVID-19 को महामारी कहा है", true), "WHO ने COVID-19 को महामारी कहा है"},
		{"cut off at the end", misread("भारत सरकार ने", true) + "à¤", "भारत सरकार ने" + "à¤"},
		{"line ends kept", misread("राम\r\nश्याम\r\n", false), "राम\r\nश्याम\r\n"},
	} {
		got, ok := article.RepairMojibake(row.in)
		if got != row.want || !ok {
			t.Errorf("%s: got %q, %v; want %q", row.name, got, ok, row.want)
		}
	}
}

func TestRepairMojibakeLeavesAlone(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"",
		"café, naïve, “quotes”, ‘so’ – and a price of £5 or ¥500…",
		"Il est allé à Paris; ça coûte 5 € à l’entrée.",
		"À la carte, vis-à-vis, São Paulo, Ångström, Übermut",
		"भारत “ने” कहा – ठीक है… café",
		"The letters à¤\u00ad are how हिन्दी looks when it is read in a wrong charset, as every reader of old mail knows.",
		"à¤® is what you get, said the engineer.",
		"Donâ€™t ask: a broken quote in an English text is not ours to mend.",
		"Ã and Â are letters.",
		// the undefined bytes were dropped on the way: what stood there cannot be known
		strings.Map(func(r rune) rune {
			if r == 0x81 || r == 0x8D || r == 0x8F {
				return -1
			}
			return r
		}, misread("प्रधानमंत्री ने कहा", true)),
	} {
		if got, ok := article.RepairMojibake(in); ok || got != in {
			t.Errorf("RepairMojibake(%q) = %q, %v; want it untouched", in, got, ok)
		}
	}
}

func TestRepairMojibakeOnArticles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ntrex/articles.jsonl", "tico19/articles.jsonl"} {
		for _, p := range readTextPairs(t, name) {
			hi, en := strings.Join(p.Hi, "\n"), strings.Join(p.En, "\n")
			for _, text := range []string{hi, en} {
				if got, ok := article.RepairMojibake(text); ok || got != text {
					t.Errorf("%s: clean text was changed", p.ID)
				}
			}
			for layer, bad := 1, hi; layer <= 2; layer++ {
				for _, windows := range []bool{true, false} {
					if got, ok := article.RepairMojibake(misread(bad, windows)); !ok || got != hi {
						t.Errorf("%s: misread %d times (Windows-1252: %v), not restored", p.ID, layer, windows)
					}
				}
				bad = misread(bad, true)
			}
			mixed := strings.Join(append([]string{misread(p.Hi[0], true)}, p.Hi[1:]...), "\n")
			deva, latin := article.Share(p.Hi[0])
			if got, _ := article.RepairMojibake(mixed); got != hi && deva > latin {
				t.Errorf("%s: one misread line not restored", p.ID)
			}
		}
	}
}

func FuzzRepairMojibake(f *testing.F) {
	f.Add("भारत “ने”", true)
	f.Add("café à la carte", false)
	f.Fuzz(func(t *testing.T, s string, windows bool) {
		fixed, ok := article.RepairMojibake(s)
		if !ok && fixed != s {
			t.Fatalf("changed %q to %q and said it did not", s, fixed)
		}
		if again, ok := article.RepairMojibake(fixed); ok {
			t.Fatalf("not done at once: %q, %q, %q", s, fixed, again)
		}
	})
}
