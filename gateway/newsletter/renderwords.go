package newsletter

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Words are what a newsletter says itself, in a language.
type Words struct {
	Name       string // of the language
	Contents   string
	More       string
	Minutes    string // with %d
	Unchecked  string
	Missing    string
	Demo       string
	Why        string // with %s, who sends
	WhyUnnamed string
	Leave      string
	Website    string
	Months     []string
}

var hindi = Words{
	Name:       "हिन्दी",
	Contents:   "इस अंक में",
	More:       "पूरी ख़बर पढ़ें",
	Minutes:    "पढ़ने में %d मिनट",
	Unchecked:  "† यह अंश जाँचा नहीं गया है।",
	Missing:    "इस अंश का अनुवाद उपलब्ध नहीं है।",
	Demo:       "नमूना: यह अंक डेमो मॉडल ने बनाया है, प्रकाशित करने के लिए नहीं है।",
	Why:        "यह पत्र आपको इसलिए मिला है कि आप “%s” के पाठक हैं।",
	WhyUnnamed: "यह पत्र आपको इसलिए मिला है कि आप इसके पाठक हैं।",
	Leave:      "सदस्यता छोड़ें",
	Website:    "वेबसाइट",
	Months: []string{"जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर",
		"नवंबर", "दिसंबर"},
}

var english = Words{
	Name:       "English",
	Contents:   "In this issue",
	More:       "Read the whole story",
	Minutes:    "%d min read",
	Unchecked:  "† This passage has not been checked.",
	Missing:    "This passage has no translation.",
	Demo:       "Sample: made by the demo model, not for publication.",
	Why:        "You get this letter because you are a reader of “%s”.",
	WhyUnnamed: "You get this letter because you are one of its readers.",
	Leave:      "Unsubscribe",
	Website:    "Website",
	Months: []string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
		"October", "November", "December"},
}

func wordsIn(lang string) *Words {
	if lang == "hi" {
		return &hindi
	}
	return &english
}

// dateIn is a day in words: 24 नवंबर 2026, 24 November 2026; "" for no time.
func dateIn(lang string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(india)
	return fmt.Sprintf("%d %s %d", t.Day(), wordsIn(lang).Months[t.Month()-1], t.Year())
}

// oneLine is a text without line breaks and control characters, for headers,
// titles and front matter.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, printable(s))
	return strings.Join(strings.Fields(s), " ")
}

// printable is a text without what no form can hold or show: control characters
// (XML 1.0 section 2.2 and HTML forbid them), non-characters, and marks that turn
// the direction of what follows (Unicode Annex 9, sections 2.1 to 2.4), with which
// a text could disguise what stands behind it. Neither language needs them.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r&0xFFFE == 0xFFFE:
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
}

// shown are the languages that the text is shown in: the same text once, and
// where it is in none of those wanted, the one that it is in.
func (t Text) shown(languages []string) []string {
	var list []string
	for _, l := range languages {
		if t[l] != "" && (len(list) == 0 || t[list[0]] != t[l]) {
			list = append(list, l)
		}
	}
	for _, l := range []string{"hi", "en"} {
		if len(list) == 0 && t[l] != "" {
			list = []string{l}
		}
	}
	return list
}

// both joins the texts of the languages, in their order; the same text once.
func (t Text) both(languages []string, between string) string {
	var list []string
	for _, l := range t.shown(languages) {
		list = append(list, oneLine(t[l]))
	}
	return strings.Join(list, between)
}
