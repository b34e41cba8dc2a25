package check

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lengthClass bounds the length of a translation by that of its source, both in code
// points: between low and high it is as long as a translation is, and beyond them it
// is worth another call if again is set, else a warning. Within the warning bounds,
// lowWarn to highWarn, not even that.
type lengthClass struct {
	below             int // source
	low, high         float64
	lowWarn, highWarn float64
	again             bool
}

// Of 5,582 human translations of news, 0.09 % to 0.15 % of those over 100 code points
// lie outside 0.6 to 1.7 times their source, 0.1 % to 0.24 % of those from 40 on
// outside 0.5 to 2. Shorter ones vary so much that they only make a warning.
var lengthClasses = [...]lengthClass{
	{below: 40, low: 0.4, high: 2.5, lowWarn: 0.4, highWarn: 2.5},
	{below: 100, low: 0.5, high: 2.0, lowWarn: 0.5, highWarn: 2.0, again: true},
	{below: math.MaxInt, low: 0.6, high: 1.7, lowWarn: 0.65, highWarn: 1.6, again: true},
}

// tooShortToMeasure is the length of a source, in code points, under which any length
// is right: "हाँ" is "Yes, of course".
const tooShortToMeasure = 12

// lengthFinding finds answers that are much longer or shorter than a translation is.
func lengthFinding(p pairRead) (Finding, bool) {
	source, target := p.source, p.target
	if source.runes < tooShortToMeasure {
		return Finding{}, false
	}
	class := lengthClasses[0]
	for _, class = range lengthClasses {
		if source.runes < class.below {
			break
		}
	}
	ratio := float64(target.runes) / float64(source.runes)
	f := Finding{Code: Length}
	switch {
	case ratio < class.lowWarn:
		f.Message = fmt.Sprintf("the translation is unusually short: %.1f times the length of the source", ratio)
		f.Ask = "this is much shorter than the source: translate all of it"
	case ratio > class.highWarn:
		f.Message = fmt.Sprintf("the translation is unusually long: %.1f times the length of the source", ratio)
		f.Ask = "this is much longer than the source: translate what is there and add nothing"
	default:
		return Finding{}, false
	}
	within := ratio >= class.low && ratio <= class.high
	f.Minor = !class.again || within || math.Abs(shortness(source, target)) < farOff && score(p.sides()) >= alike
	return f, true
}

// A length beyond its bounds is a warning only where the words of both sides match
// and it is not as far off as 3 of 1,000 human translations.
const (
	farOff = 3.0 // in the units of shortness
	alike  = 0.0 // score
)

// shortness is how long a target is for its source, in standard deviations of human
// translations: 0 for as long, -2 for about two thirds. Short texts vary more.
func shortness(source, target *side) float64 {
	s, t := float64(source.runes), float64(target.runes)
	return math.Log((t+8)/(s+8)) / math.Sqrt(0.15*0.15+2/(min(s, t)+20))
}

// Bounds of the truncation check; those of shortness are in its units.
const (
	wholeRunes  = 40   // code points of a source from which a cut is told from a short way to say it
	cutShort    = -2.0 // for shorter sources
	cutHard     = -1.6 // an open end, and shorter than all but one in twenty translations
	cutShorter  = -0.7 // the same for an end that wants more behind it
	cutHangs    = 0.5  // an open end that wants more behind it
	cutSoft     = -0.4
	cutHeadline = -0.5 // of a source without a mark at its end, for an end that wants more
	cutVerb     = -1.3 // for an open end that is a Hindi verb, where only the danda is missing
	cutSentence = -1.3 // for an answer of fewer sentences
)

// truncated finds answers that break off: the source ends a sentence and the answer
// does not, and it is short; or it has fewer sentences than a source that it is too
// short for. How much must be missing depends on how the answer ends.
func truncated(source, target *side) (Finding, bool) {
	if source.runes < tooShortToMeasure {
		return Finding{}, false
	}
	f := Finding{Code: Truncated, Message: "the translation breaks off", Ask: "this breaks off before the end of the source: translate it to the end"}
	z := shortness(source, target)
	open := source.ends && (!closed(target.text) || dots(target.text) && !dots(source.text))
	last := lastWord(target.text)
	hangs := hanging(last, target.language)
	switch {
	case source.runes < wholeRunes:
		return f, open && z < cutShort
	case open && target.language == "hi" && finalVerbs[last] && z > cutVerb:
		return Finding{}, false
	case open && (z < cutHard || hangs && z < cutShorter):
		f.Hard = true
		return f, true
	}
	if open && (z < cutSoft || hangs && z < cutHangs) || !source.ends && hangs && z < cutHeadline {
		return f, true
	}
	f.Message, f.Ask = "a part of the text seems to be missing", "a part of the source seems to be missing here: translate every sentence"
	return f, z < cutSentence && sentences(target.text) < sentences(source.text)
}

// dots reports whether a text ends in an ellipsis, the end of sentences and of
// answers that were cut.
func dots(text string) bool {
	text = strings.TrimRight(text, closers)
	return strings.HasSuffix(text, "…") || strings.HasSuffix(text, "...")
}

// lastWord is what stands behind the last white space of a text, without quotes.
func lastWord(text string) string {
	text = strings.TrimRight(text, ` "'`)
	return text[strings.LastIndexFunc(text, unicode.IsSpace)+1:]
}

// hanging reports whether the last word of a text wants more behind it: it ends in a
// comma or an opening bracket, or is an article, a preposition, a conjunction.
func hanging(last, language string) bool {
	if r, _ := utf8.DecodeLastRuneInString(last); strings.ContainsRune(",-–—([{/&", r) {
		return true
	}
	if language == "en" {
		return hangingEnglish[strings.ToLower(last)]
	}
	return hangingHindi[last]
}

var (
	// Words that end no sentence and hardly any headline.
	hangingEnglish = wordSet(`a an the of and or but nor with from into than that which whose who because although if while their his its our my your
by as is was are were has have had be been being will would could should can may might must very more most such between among during upon against at`)
	hangingHindi = wordSet(`और या तथा एवं कि के ने लेकिन परंतु मगर जो जिस जिसे जिसके जिसकी जिनके जिन्हें क्योंकि ताकि यदि अगर बल्कि इस उस इन उन एक अपने अपनी अपना की का`)

	// Verbs that end most Hindi sentences.
	finalVerbs = wordSet(`है हैं था थे थी थीं हूं हूँ हो गया गये गए गई गयी गईं किया दिया लिया रहा रहे रही होगा होगी होंगे करेगा करेगी करेंगे जाएगा जाएगी जाएंगे
आएगा आएगी आएंगे सका सके सकी चाहिए करें दें लें कहा बताया`)
)
