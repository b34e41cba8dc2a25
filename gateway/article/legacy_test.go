package article_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dubhashi/gateway/article"
)

func TestLegacyFontRows(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text string
		want       bool
	}{
		{"two sentences", "esjk uke usgy gSA eS ,d Nk= gw¡A", true},
		{"a news sentence", "iz/kkuea=h us dgk fd ljdkj fdlkuksa ds fy, ubZ ;kstuk 'kq: djsxh] ftlls vFkZO;oLFkk dks etcwrh feysxhA", true},
		{"headline", "fnYyh esa Hkkjh ckfj'k ls ;krk;kr Bi", true},
		{"under a Devanagari title", "दिल्ली की ख़बर\n\njktèkkuh esa lqcg ls ckfj'k gks jgh gS vkSj lM+dksa ij ikuh Hkj x;k gSA", true},
		{"with English names", "Hkkjr esa COVID-19 ds 500 u, ekeys lkeus vk, gSa] WHO us dgkA", true},
		{"Chanakya", "ÂýÏæÙ×´˜æè ÙÚÔ´UÎý ×æðÎè Ùð ·¤ãæ ç·¤ Îðàæ ×ð´ ¥õÚU ·¤æ× ãñÐ", true},

		{"nothing", "", false},
		{"english", "The minister told us that he would come back in May, if his health permits.", false},
		{"english with slashes", "He and/or she may use his/her card; the USA, the EU and/or the UK agree.", false},
		{"english with camel case", "McDonald’s and YouTube said iPhone and eBay users of WhatsApp were told about LinkedIn by PayPal.", false},
		{"english that quotes Kruti Dev", "In an old file the words esjk uke usgy gSA are what the reader sees when the font is not there, and no program that she has can make sense of them today.", false},
		{"hinglish", "mere timer ko roko aur mujhe batao ki kal subah mausam kaisa hoga", false},
		{"hindi", "प्रधानमंत्री ने कहा कि सरकार नई योजना शुरू करेगी।", false},
		{"mojibake", misread("प्रधानमंत्री ने कहा कि सरकार नई योजना शुरू करेगी।", true), false},
		{"french", "L’été dernier, le président était à l’étranger, où il s’était déjà rendu à Noël.", false},
		{"vietnamese", "Chính phủ đã công bố các biện pháp mới để hỗ trợ nông dân ở đồng bằng.", false},
		{"icelandic", "Það er ekki rétt að ráðherrann hafi verið á fundinum í gær.", false},
		{"turkish", "Çünkü bugün İstanbul’da yağmur yağıyor ve yollar çok kalabalık.", false},
		{"c", "for (i = 0; i < n; i++) { ds = dk[i]; ls->us += dh; if (x;k) break; }", false},
		{"shell", "ls -la ds/ | grep dk > /tmp/out; cd src && tr A-Z a-z", false},
		{"html", "<p>The <b>bold</b>&nbsp;word; see <a href=\"x?k=v;j=2\">this</a></p>", false},
		{"units", "5 ml, 10 km/h, 20 rd, 3 dj sets, bl mu rd tc", false},
		{"acronyms", "BJP TMC RJD JDU DMK CPI NCP BSP", false},
		{"abbreviations", "Pvt Ltd, St, Dr, Mr, Mrs, hrs, mins, pvt ltd, nth, kmph", false},
	} {
		if got := article.LegacyFont(row.text); got != row.want {
			t.Errorf("%s: LegacyFont(%q) = %v", row.name, row.text, got)
		}
	}
}

// TestLegacyFontMapping holds the tests' own typist to files that others typed.
func TestLegacyFontMapping(t *testing.T) {
	t.Parallel()
	pairs := readTextPairs(t, "krutidev/krutidev-unicode.jsonl")
	wrong := 0
	for _, p := range pairs {
		if got := toKruti(p.Unicode); got != p.Krutidev {
			wrong++
			t.Logf("%s: %s, typed by others as %s", p.Unicode, got, p.Krutidev)
		}
	}
	if wrong > 1 {
		t.Errorf("%d of %d words are typed differently", wrong, len(pairs))
	}
}

func TestLegacyFontRecall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ntrex/articles.jsonl", "tico19/sentences.jsonl"} {
		hi, _ := bothSides(t, name)
		seen, missed, first := 0, 0, ""
		for _, text := range hi {
			if deva, _ := article.Share(text); deva < 0.8 || len(strings.Fields(text)) < 6 {
				continue
			}
			seen++
			if typed := toKruti(text); !article.LegacyFont(typed) {
				if missed++; missed < 10 {
					first += "\n" + typed
				}
			}
		}
		t.Logf("%s: recall %.4f of %d", name, 1-float64(missed)/float64(seen), seen)
		if float64(missed) > 0.02*float64(seen) {
			t.Errorf("%s: %d of %d missed, e.g. %s", name, missed, seen, first)
		}
	}
	for _, p := range readTextPairs(t, "ntrex/articles.jsonl") {
		if !article.LegacyFont(toKruti(strings.Join(p.Hi, "\n\n"))) {
			t.Errorf("%s: missed as a whole", p.ID)
		}
	}
}

func TestLegacyFontFalseAlarms(t *testing.T) {
	t.Parallel()
	hi, en := bothSides(t, "ntrex/articles.jsonl")
	hi2, en2 := bothSides(t, "tico19/sentences.jsonl")
	texts := append(append(append(hi, hi2...), en...), en2...)
	for _, p := range readTextPairs(t, "hinglish/hinglish-top-validation.jsonl") {
		texts = append(append(texts, p.Hinglish), p.En...)
	}
	n := 0
	for _, text := range texts {
		if article.LegacyFont(text) {
			n++
			t.Logf("taken for legacy: %q", text)
		}
	}
	if n > 0 {
		t.Errorf("%d of %d texts taken for a legacy font", n, len(texts))
	}
}

// TestLegacyFontCode runs over program text, the hardest thing to tell from Kruti Dev: this package.
func TestLegacyFontCode(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if name == "legacy.go" || strings.HasSuffix(name, "_test.go") {
			continue // they hold examples of it
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(src), "\n") {
			if article.LegacyFont(line) {
				t.Errorf("%s:%d is taken for a legacy font: %s", name, i+1, line)
			}
		}
	}
}

func BenchmarkLegacyFont(b *testing.B) {
	text := strings.Repeat("The minister told reporters that the scheme would start next month. ", 2900)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		article.LegacyFont(text)
	}
}
