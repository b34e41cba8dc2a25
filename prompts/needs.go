package prompts

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// needs tells a template which lines this call must have, and their words.
type needs struct {
	Source, Target         string // codes
	SourceName, TargetName string
	Register, Numerals     string
	Glossary               map[string]string
	Context, Fix           bool
	Address                string // "aap", "tum" or ""
	Instructions           bool   // there are some of the caller's

	Scale       bool // lakh, crore, million, or digits that are grouped otherwise
	Fraction    bool // डेढ़, ढाई, साढ़े …
	Digits      bool // Devanagari digits
	Dateline    bool // a segment that begins with place and date
	Credit      bool // an agency's or a desk's credit
	Day         bool // कल, परसों: before or after today
	Party       bool // आप where it may be the party
	Tags        bool // <1>…</1>, <2/>
	Mixed       bool // Latin words inside Hindi
	Romanised   bool // Hindi in Latin letters
	Bullets     bool
	Headline    bool
	Shape       string
	Part, Parts int
	Count       int // of other translations
}

var (
	tag = regexp.MustCompile(`</?\d+\s*/?>`)
	// Digits that the other language groups otherwise: 2,50,000 and 250,000.
	// Smaller numbers look the same in both.
	indian  = regexp.MustCompile(`\d,\d\d,\d\d\d`)
	western = regexp.MustCompile(`\d\d\d,\d\d\d|\d,\d\d\d,\d\d\d`)
	// A number with a unit letter, as headlines write it: $2bn, 35m, 2.5 tn.
	shortScale = regexp.MustCompile(`(?i)\d\s?(?:m|mn|bn|tn|cr)\b`)
	address    = regexp.MustCompile(`\S*(?:://|@|www\.)\S*`)

	dateHi = regexp.MustCompile(`^[^।.!?,:0-9०-९]{2,25}[,:]\s*[0-9०-९]{1,2}\s+(?:जन|फ़?र|मार्च|अप्रैल|मई|जून|जुल|अगस्त|सित|अक्|नव|दिस)`)
	dateEn = regexp.MustCompile(`(?i)^[^.!?,:0-9]{2,25},\s*(?:\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\b)`)
	// Credits stand in brackets, agency beside agency and nothing else, or make up
	// a short block of their own.
	creditHi = regexp.MustCompile(`[(（]\s*(?:` + agencyHi + `)(?:[\s,:;/–-]+(?:` + agencyHi + `|के साथ|से))*\s*[)）]`)
	creditEn = regexp.MustCompile(`\((?:(?:PTI|UNI|ANI|IANS|AFP|AP|Reuters|Agencies|[Ww]ith|[Ff]rom|[Ii]nputs?|[Aa]gency|agencies|Bhasha)[\s,:;/–-]*)+\)`)
	shortEn  = regexp.MustCompile(`(?i)^(?:[^,|:]*\b(?:correspondent|bureau|news desk|news service|staff reporter)|(?:with )?(?:inputs from )?agencies)(?:\s*[,|:–-].*)?$|[,|]\s*agencies$|\b(?:with .{0,12}inputs|inputs from)\b`)
)

// agencyHi is what may stand in the brackets of a Hindi credit.
const agencyHi = `पीटीआई|यूएनआई|एएनआई|आईएएनएस|एपी|एएफपी|रॉयटर्स?|रायटर|हि\.?\s?स\.?|यूनीवार्ता|वार्ता|भाषा|एजेंसियां|एजेंसी|इनपुट`

// creditWords is how many words a byline or dateline block has at most.
const creditWords = 12

// slugWords is how many the agency's slug behind a story has: भाषा and the
// names of its editors.
const slugWords = 5

// creditNouns make a short block without grammarWords a credit.
var creditNouns = set("संवाददाता रिपोर्टर नेटवर्क ब्यूरो डेस्क एजेंसी एजेंसियां इनपुट")

// grammarWords tell prose from a credit: "एजेंसी के मुताबिक", "संवाददाता सम्मेलन आज".
var grammarWords = set("ने में पर के को का की से और है हैं था थी थे हुआ हुई हुए होगा होगी नहीं तक सम्मेलन जांच विवाद बैठक आज कल")

var scaleHi = set("लाख लाखों करोड करोडों अरबों खरब खरबों मिलियन बिलियन ट्रिलियन")
var scaleEn = set("million millions billion billions trillion trillions lakh lakhs crore crores")
var fractions = set("सवा डेढ ढाई साढे साढें पौने पौन")

// partyCompany are words that follow आप when it is the party. As a pronoun it is
// written in one word with ने and के.
var partyCompany = set("ने के का की को से नेता नेताओं विधायक विधायकों सांसद सांसदों पार्षद पार्षदों सरकार कार्यकर्ता कार्यकर्ताओं प्रवक्ता उम्मीदवार उम्मीदवारों संयोजक")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[string(spelling(w))] = true
	}
	return out
}

// look finds in the words to translate what a model must be told about.
func look(source, text string) needs {
	n := needs{Tags: tag.MatchString(text)}
	n.Digits = source == "hi" && strings.ContainsFunc(text, func(r rune) bool { return r >= '०' && r <= '९' })
	tokens := tokenize(address.ReplaceAllString(text, " "))
	if source == "en" {
		n.Scale = western.MatchString(text) || shortScale.MatchString(text)
		for _, t := range tokens {
			n.Scale = n.Scale || scaleEn[t.lower]
		}
		return n
	}
	n.Scale = indian.MatchString(string(spelling(text)))
	foreign, own := 0, 0
	for i, t := range tokens {
		switch {
		case t.kind == latin && utf8.RuneCountInString(t.text) >= 2:
			foreign++
		case t.kind == devanagari:
			own++
			// अरब is also Arab: a number goes before the unit.
			n.Scale = n.Scale || scaleHi[t.text] || t.text == "अरब" && i > 0 && tokens[i-1].kind == number
			n.Fraction = n.Fraction || fractions[t.text]
			n.Day = n.Day || t.text == "कल" || t.text == "परसों"
			n.Party = n.Party || t.text == "आप" && i+1 < len(tokens) && partyCompany[tokens[i+1].text]
		}
	}
	if n.Fraction {
		n.Scale = n.Scale || strings.Contains(text, "अरब")
	}
	n.Romanised = foreign >= 4 && own == 0
	n.Mixed = foreign > 0 && own > 0
	return n
}

// dateline tells a segment that begins with place and date.
func dateline(source, text string) bool {
	if source == "en" {
		return dateEn.MatchString(text)
	}
	return dateHi.MatchString(text)
}

// credit tells a segment that holds an agency's or a desk's credit.
func credit(source, text string) bool {
	short := len(strings.Fields(text)) <= creditWords && !strings.ContainsAny(text, "।?!")
	if source == "en" {
		return creditEn.MatchString(text) || short && shortEn.MatchString(strings.TrimSpace(text))
	}
	return creditHi.MatchString(text) || short && creditLine(text)
}

// creditLine tells a block that is a desk's, a reporter's or an agency's credit
// and no prose: "जागृति संवाददाता, लखनऊ", "एजेंसी इनपुट के साथ", "भाषा वैभव मनीषा".
func creditLine(text string) bool {
	text = strings.TrimSpace(text)
	text = strings.TrimSuffix(strings.TrimSuffix(text, " के साथ"), " से")
	tokens := tokenize(text)
	noun, words := false, 0
	for _, t := range tokens {
		if grammarWords[t.text] {
			return false
		}
		noun = noun || creditNouns[t.text]
		if t.kind != mark {
			words++
		}
	}
	slug := words > 1 && words <= slugWords && (tokens[0].text == "भाषा" || tokens[0].text == "वार्ता")
	return noun || slug
}
