package prompts_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/prompts"
)

// rules are ways to count tokens without a tokenizer. A limit holds by each.
var rules = map[string]func(string) int{
	"Estimate": prompts.Estimate,
	"bytes/4":  func(s string) int { return (len(s) + 3) / 4 },
	"chars/4":  func(s string) int { return (utf8.RuneCountInString(s) + 3) / 4 },
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, text string
		low, high  int
	}{
		{"nothing", "", 0, 0},
		{"one letter", "a", 1, 1},
		{"English sentence", "The quick brown fox jumps over the lazy dog.", 8, 12},
		{"Hindi sentence", "नदी का पानी अब धीरे-धीरे उतर रहा है।", 10, 17},
		{"another script", "你好世界", 4, 4},
		{"no UTF-8", "\xff\xff", 1, 2},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if got := prompts.Estimate(r.text); got < r.low || got > r.high {
				t.Errorf("Estimate = %d, want %d to %d", got, r.low, r.high)
			}
		})
	}
}

// o200k_base took 56,329 tokens for the Hindi and 34,870 for the English of the
// 82 articles (counted once, outside this test).
func TestEstimateOnNews(t *testing.T) {
	t.Parallel()
	hi, en := 0, 0
	for _, a := range articles(t) {
		for i := range a.Hi {
			hi += prompts.Estimate(a.Hi[i])
			en += prompts.Estimate(a.En[i])
		}
	}
	for _, r := range []struct {
		name       string
		got, o200k int
	}{{"Hindi", hi, 56329}, {"English", en, 34870}} {
		if off := float64(r.got)/float64(r.o200k) - 1; math.Abs(off) > 0.06 {
			t.Errorf("%s: %d, o200k_base %d: %+.1f %%", r.name, r.got, r.o200k, 100*off)
		}
	}
}

type news struct{ Hi, En []string }

func articles(t testing.TB) []news {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		dir = "../../shared/data"
	}
	f, err := os.Open(filepath.Join(dir, "ntrex", "articles.jsonl"))
	if err != nil {
		t.Skipf("no shared data (SHARED_DATA): %v", err)
	}
	defer f.Close()
	var out []news
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		var a news
		if err := json.Unmarshal(s.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// No system message is longer than the wire allows, with every line in it.
func TestSystemMessageLimit(t *testing.T) {
	t.Parallel()
	longest := map[string]string{
		"translate hi-en": prompts.Translate(prompts.Translation{
			Source: "hi", Target: "en", Segments: []string{"लखनऊ, १७ नवंबर (भाषा)। ढाई करोड़, कल आप ने portal launch <1>यहां</1>", "aaj mausam accha hai"},
			Title: "T", Glossary: map[string]string{"a": "b"}, Register: "formal", Numerals: "keep", Fix: map[string]prompts.Fix{"1": {}},
			Instructions: []string{"I"}, Background: "B",
		}).Messages[0].Content,
		"translate en-hi": prompts.Translate(prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{"New Delhi, Nov 17 (PTI): 35 million at <1>it</1>"},
			Title: "T", Glossary: map[string]string{"a": "b"}, Register: "formal", Numerals: "devanagari", Fix: map[string]prompts.Fix{"1": {}},
			Address: "aap", Instructions: []string{"I"}, Background: "B",
		}).Messages[0].Content,
		"reword hi-en": prompts.Reword(prompts.Rewording{Translation: prompts.Translation{
			Source: "hi", Target: "en", Segments: []string{"ढाई करोड़ और १७, कल आप ने portal launch <1>यहां</1>"},
			Glossary: map[string]string{"a": "b"}, Register: "formal", Numerals: "keep", Instructions: []string{"I"},
		}, Count: 5}).Messages[0].Content,
		"reword en-hi": prompts.Reword(prompts.Rewording{Translation: prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{"35 million at <1>it</1>"},
			Glossary: map[string]string{"a": "b"}, Register: "formal", Numerals: "devanagari", Address: "aap", Instructions: []string{"I"},
		}, Count: 5}).Messages[0].Content,
	}
	for name, c := range cases {
		longest[name] = c().Messages[0].Content
	}
	for name, system := range longest {
		for rule, count := range rules {
			if n := count(system); n > 600 {
				t.Errorf("%s: %d tokens by %s, the limit is 600", name, n, rule)
			}
		}
	}
	for _, d := range [][2]string{{"hi", "en"}, {"en", "hi"}} {
		core := prompts.Translate(prompts.Translation{Source: d[0], Target: d[1], Segments: []string{"x"}}).Messages[0].Content
		for rule, count := range rules {
			if n := count(core); n > 230 {
				t.Errorf("core %s-%s: %d tokens by %s, it is to be 230 at most", d[0], d[1], n, rule)
			}
		}
	}
}

// short is an article of 15 paragraphs of about 100 characters, with its title.
var short = strings.Split(strings.TrimSpace(`
पहाड़ी जिलों में बारिश थमी, पांच दिन बाद खुली मुख्य सड़क
पहाड़ी जिलों में पांच दिन से हो रही बारिश गुरुवार को थम गई और मुख्य सड़क पर आवाजाही फिर शुरू हो गई।
प्रशासन ने बताया कि सड़क से मलबा हटाने के लिए चौदह मशीनें लगाई गई थीं और काम रात में भी चलता रहा।
जिले के बड़े अधिकारी ने कहा कि अभी केवल छोटे वाहनों को निकलने दिया जा रहा है, बसें शनिवार से चलेंगी।
रास्ते में फंसे यात्रियों को पास के स्कूलों में ठहराया गया था, जहां गांव वालों ने भोजन का इंतजाम किया।
इनमें से अधिकतर यात्री अब अपने घर लौट रहे हैं, जबकि कुछ लोग मौसम साफ होने की राह देख रहे हैं।
एक यात्री ने कहा कि गांव की महिलाओं ने उन्हें अपने परिवार की तरह रखा और बच्चों को दूध भी दिया।
बारिश से खेतों को भारी नुकसान हुआ है और सेब की तैयार फसल बाजार तक नहीं पहुंच सकी, किसान चिंतित हैं।
बागवानों के संगठन ने मांग की है कि सरकार फसल का सर्वे कराए और नुकसान की भरपाई जल्दी से करे।
मंत्री ने भरोसा दिया कि सर्वे सोमवार से शुरू होगा और हर किसान की बात सुनी जाएगी, कोई छूटेगा नहीं।
नदी का पानी अब खतरे के निशान से नीचे है, फिर भी किनारे के गांवों को सतर्क रहने को कहा गया है।
मौसम के जानकारों का कहना है कि अगले तीन दिन धूप रहेगी, उसके बाद हल्की बारिश के आसार बन सकते हैं।
बिजली की लाइन दो जगह टूट गई थी, जिसे जोड़ दिया गया है और शाम तक सब गांवों में रोशनी लौट आएगी।
पीने के पानी की पाइप भी बह गई थी, इसलिए फिलहाल टैंकर से पानी पहुंचाया जा रहा है, मरम्मत जारी है।
स्कूल सोमवार से खुलेंगे, पर शिक्षकों से कहा गया है कि वे पहले भवन की दीवारों और छत की जांच करें।
पर्यटन से जुड़े लोगों को उम्मीद है कि सड़क खुलने से त्योहार के दिनों में सैलानी फिर आने लगेंगे।`), "\n")

// sent counts what translating paragraphs in calls of n sends.
func sent(source, target, title string, paragraphs []string, n int, count func(string) int) int {
	total := 0
	for from := 0; from < len(paragraphs); from += n {
		t := prompts.Translation{
			Source: source, Target: target, Title: title, Segments: paragraphs[from:min(from+n, len(paragraphs))],
			Register: "news", Glossary: map[string]string{},
		}
		if from > 0 {
			t.Before = paragraphs[from-1]
		}
		for _, s := range t.Segments {
			for k, v := range prompts.Terms(source, target, s) {
				t.Glossary[k] = v
			}
		}
		for _, m := range prompts.Translate(t).Messages {
			total += count(m.Content)
		}
	}
	return total
}

// Three calls of five paragraphs, with title and context, cost at most twice
// the one call that would hold the whole article.
func TestTokensOfThreeCalls(t *testing.T) {
	t.Parallel()
	title, paragraphs := short[0], short[1:]
	if len(paragraphs) != 15 {
		t.Fatalf("%d paragraphs", len(paragraphs))
	}
	for rule, count := range rules {
		for _, n := range []int{5, 6} {
			three, one := sent("hi", "en", title, paragraphs, n, count), sent("hi", "en", title, paragraphs, 15, count)
			ratio := float64(three) / float64(one)
			t.Logf("%s, calls of %d: %d tokens, one call %d: %.2f", rule, n, three, one, ratio)
			if ratio > 2 {
				t.Errorf("%s, calls of %d: %.2f times the one call, the limit is 2", rule, n, ratio)
			}
		}
	}
}

func BenchmarkTokensOfThreeCalls(b *testing.B) {
	three, one := 0, 0
	for b.Loop() {
		three = sent("hi", "en", short[0], short[1:], 6, prompts.Estimate)
		one = sent("hi", "en", short[0], short[1:], 15, prompts.Estimate)
	}
	b.ReportMetric(float64(three), "tokens/3calls")
	b.ReportMetric(float64(one), "tokens/1call")
	b.ReportMetric(float64(three)/float64(one), "ratio")
}
