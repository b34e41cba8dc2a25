package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	const source = "राज्य सरकार ने सोमवार को बाढ़ राहत के लिए दो अरब रुपये जारी किए।\n\nबाकी रकम अगले महीने दी जाएगी।"
	words := func(n int) string {
		text := make([]string, n)
		for i := range text {
			text[i] = "the"
			if i%2 == 1 { // no two alike, lest it be a loop
				text[i] = "stat" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			}
		}
		return strings.Join(text, " ") + "."
	}
	three := []string{"The state released relief money.", "The rest will come next month.", "Families will get it directly."}
	for _, row := range []struct {
		name string
		in   check.SummaryInput
		want string
	}{
		{"paragraph", check.SummaryInput{Text: "The state released relief money on Monday. The rest will follow.", Language: "en", Style: "paragraph", MaxWords: 120}, ""},
		{"paragraph in Hindi", check.SummaryInput{Text: "राज्य ने सोमवार को राहत राशि दी। बाकी बाद में मिलेगी।", Language: "hi", Style: "paragraph", MaxWords: 120}, ""},
		{"at the bound", check.SummaryInput{Text: words(50), Language: "en", Style: "paragraph", MaxWords: 50}, ""},
		{"over the bound", check.SummaryInput{Text: words(51), Language: "en", Style: "paragraph", MaxWords: 50}, "summary_length"},
		{"no bound", check.SummaryInput{Text: words(400), Language: "en", Style: "paragraph"}, ""},
		{"nothing", check.SummaryInput{Text: " … ", Language: "en", Style: "paragraph", MaxWords: 120}, "!empty"},
		{"in Hindi, not English", check.SummaryInput{Text: "राज्य ने राहत राशि दी।", Language: "en", Style: "paragraph", MaxWords: 120}, "!script"},
		{"in English, not Hindi", check.SummaryInput{Text: "The state released relief money on Monday.", Language: "hi", Style: "paragraph", MaxWords: 120}, "!script"},
		{"spelled out", check.SummaryInput{Text: "Rajya ne somvar ko rahat rashi di aur baaki baad mein milegi", Language: "en", Style: "paragraph", MaxWords: 120}, "!script"},
		{"refusal", check.SummaryInput{Text: "I'm sorry, but I cannot summarize this article.", Language: "en", Style: "paragraph", MaxWords: 120}, "!refusal"},
		{"preamble", check.SummaryInput{Text: "Here is a summary of the article:\n\nThe state released relief money.", Language: "en", Style: "paragraph", MaxWords: 120}, "!chatter"},
		{"label", check.SummaryInput{Text: "सारांश: राज्य ने राहत राशि दी।", Language: "hi", Style: "paragraph", MaxWords: 120}, "!chatter"},

		{"headline", check.SummaryInput{Text: "State releases two billion rupees for flood relief", Language: "en", Style: "headline", MaxWords: 120}, ""},
		{"headline with a stop", check.SummaryInput{Text: "State releases relief money.", Language: "en", Style: "headline"}, "summary_length"},
		{"headline with a danda", check.SummaryInput{Text: "राज्य ने राहत राशि दी।", Language: "hi", Style: "headline"}, "summary_length"},
		{"headline that asks", check.SummaryInput{Text: "Will relief money reach them?", Language: "en", Style: "headline"}, ""},
		{"headline of two lines", check.SummaryInput{Text: "State releases money\nRest next month", Language: "en", Style: "headline"}, "summary_length"},
		{"headline of 13 words", check.SummaryInput{Text: "One two three four five six seven eight nine ten eleven twelve thirteen", Language: "en", Style: "headline", MaxWords: 120}, "summary_length"},
		{"headline under a smaller bound", check.SummaryInput{Text: "One two three four five six seven eight nine ten eleven", Language: "en", Style: "headline", MaxWords: 10}, "summary_length"},

		{"brief", check.SummaryInput{Text: "The state released relief money on Monday.", Language: "en", Style: "brief", MaxWords: 120}, ""},
		{"brief of two sentences", check.SummaryInput{Text: "राज्य ने राहत राशि दी। बाकी बाद में मिलेगी।", Language: "hi", Style: "brief", MaxWords: 120}, "summary_length"},
		{"brief with an initial", check.SummaryInput{Text: "डॉ. शर्मा ने 3.5 करोड़ रुपये की योजना बताई।", Language: "hi", Style: "brief", MaxWords: 120}, ""},
		{"brief of 31 words", check.SummaryInput{Text: words(31), Language: "en", Style: "brief", MaxWords: 120}, "summary_length"},

		{"bullets", check.SummaryInput{Bullets: three, Language: "en", Style: "bullets", MaxWords: 120}, ""},
		{"two bullets", check.SummaryInput{Bullets: three[:2], Language: "en", Style: "bullets", MaxWords: 120}, "summary_length"},
		{"seven bullets", check.SummaryInput{Bullets: append(three[:3:3], "Four.", "Camps opened.", "Roads are closed.", "Schools, too."), Language: "en", Style: "bullets", MaxWords: 120}, "summary_length"},
		{"a long bullet", check.SummaryInput{Bullets: append(three[:2:2], words(26)), Language: "en", Style: "bullets", MaxWords: 120}, "summary_length"},
		{"an empty bullet", check.SummaryInput{Bullets: append(three[:2:2], "–"), Language: "en", Style: "bullets", MaxWords: 120}, "summary_length"},
		{"bullets over the whole bound", check.SummaryInput{Bullets: three, Language: "en", Style: "bullets", MaxWords: 12}, "summary_length"},
		{"no bullets", check.SummaryInput{Text: "Text in the wrong place.", Language: "en", Style: "bullets", MaxWords: 120}, "!empty"},
		{"a bullet that talks", check.SummaryInput{Bullets: append([]string{"Here are the key points:"}, three...), Language: "en", Style: "bullets", MaxWords: 120}, "!chatter"},
	} {
		row.in.Source = source
		found := check.Summary(row.in)
		if got := codes(found); got != row.want {
			t.Errorf("%s: %q, want %q: %+v", row.name, got, row.want, found)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, " – — । ": 0, "एक दो": 2, "3.5 करोड़ – लोग ।": 3, "state-of-the-art U.S. ₹500": 3, "a\u00a0b\nc\td": 4,
	} {
		if got := check.Words(text); got != want {
			t.Errorf("Words(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		style    string
		maxWords int
		want     check.Limit
	}{
		{"headline", 120, check.Limit{Words: 12, Sentences: 1, Line: true}},
		{"headline", 10, check.Limit{Words: 10, Sentences: 1, Line: true}},
		{"brief", 0, check.Limit{Words: 30, Sentences: 1}},
		{"brief", 20, check.Limit{Words: 20, Sentences: 1}},
		{"bullets", 120, check.Limit{Words: 120, BulletWords: 25, MinBullets: 3, MaxBullets: 6}},
		{"bullets", 20, check.Limit{Words: 20, BulletWords: 20, MinBullets: 3, MaxBullets: 6}},
		{"paragraph", 120, check.Limit{Words: 120}},
		{"paragraph", 0, check.Limit{}},
	} {
		if got := check.Bounds(row.style, row.maxWords); got != row.want {
			t.Errorf("Bounds(%q, %d) = %+v, want %+v", row.style, row.maxWords, got, row.want)
		}
	}
}
