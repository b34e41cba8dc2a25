package check_test

import (
	"strings"
	"testing"
)

func TestLoop(t *testing.T) {
	t.Parallel()
	again := func(s string, n int) string { return strings.Repeat(" "+s, n) }
	for _, r := range []row{
		{"the last words", floodHi, floodEn + again("the school and hospital are still closed.", 24), "en", "!loop"},
		{"the last words, in Hindi", floodEn, floodHi + again("और अस्पताल अब भी बंद हैं।", 24), "hi", "!loop"},
		{"a sentence twice", floodHi, floodEn + " " + floodEn, "en", "!loop"},
		{"a sentence three times", floodEn, floodHi + again(floodHi, 2), "hi", "!loop"},
		{"a phrase three times", floodHi, floodEn + again("are still closed.", 2), "en", "!loop"},
		{"one word", floodHi, strings.TrimSuffix(floodEn, "closed.") + again("closed", 6), "en", "!loop"},
		{"one letter", floodEn, floodHi + strings.Repeat("ा", 30), "hi", "!loop"},
		{"one syllable", floodEn, floodHi + strings.Repeat("हा", 15), "hi", "!loop"},
		{"dots", floodHi, floodEn + strings.Repeat(".", 40), "en", "!loop"},
		{"lines", floodHi, floodEn + strings.Repeat("\nThe school is closed.", 4), "en", "!loop"},
		{"a sentence that comes back", floodHi, floodEn + " Rain fell. " + floodEn, "en", "!loop"},

		{"a chant of the source", "भीड़ चिल्लाई: न्याय दो! न्याय दो! न्याय दो! न्याय दो!", "The crowd shouted: Give justice! Give justice! Give justice! Give justice!", "en", ""},
		{"a refrain of the source", floodHi + " " + floodHi, floodEn + " " + floodEn, "en", ""},
		{"reduplication", "धीरे-धीरे, बहुत बहुत धीरे, नाव किनारे आई।", "Slowly, very very slowly, the boat came ashore.", "en", ""},
		{"no, no, no", "नहीं, नहीं, नहीं, ऐसा नहीं होगा!", "No, no, no, that will not happen!", "en", ""},
		{"a row of dots in the source", "अध्याय दो" + strings.Repeat(".", 40) + "17", "Chapter two" + strings.Repeat(".", 40) + "17", "en", ""},
		{"a scream", "वह चिल्लाया, नहींईईईईई!", "He shouted, Nooooooo!", "en", ""},
	} {
		r.check(t, nil)
	}
}
