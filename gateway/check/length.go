package check

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
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
	few := min(source.runes, target.runes) < fewWords
	f.Minor = !class.again || within || math.Abs(shortness(source, target)) < farOff && (few || score(p.sides()) >= alike)
	return f, true
}

// A length beyond its bounds is a warning only where it is not as far off as 3 of
// 1,000 human translations, and the words of both sides match or are too few for that.
const (
	farOff   = 3.0 // in the units of shortness
	alike    = 0.0 // score
	fewWords = 30  // code points of the shorter side
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

	// For an answer of fewer sentences, and what share it has, at most, of the content
	// words of some sentence of the source.
	sentenceShort                         = -1.3 // whatever it has
	sentenceShorter, sentenceShorterShare = -0.7, 0.3
	sentenceGone, sentenceGoneShare       = 0.0, 0.1
)

// truncated finds answers that break off: the source ends a sentence and the answer
// does not, and it is short; or it has fewer sentences than a source that it is too
// short for. How much must be missing depends on how the answer ends.
func truncated(p pairRead) (Finding, bool) {
	source, target := p.source, p.target
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
	return f, z < sentenceGone && sentences(target.text)+glued(target.text) < sentences(source.text) && lostSentence(p, z)
}

// glued counts the full stops within a text without the space that ends a sentence:
// "it ended.The next".
func glued(text string) (n int) {
	for i := 1; i+1 < len(text); i++ {
		if text[i] == '.' && text[i-1] >= 'a' && text[i-1] <= 'z' && text[i+1] >= 'A' && text[i+1] <= 'Z' {
			n++
		}
	}
	return n
}

// lostSentence reports whether an answer of length z, in the units of shortness, has
// hardly anything of some sentence of its source. Of 3,600 paragraphs of two to six
// sentences that people translated it says so of none into English, and of one into Hindi.
func lostSentence(p pairRead, z float64) bool {
	if z < sentenceShort {
		return true
	}
	least := leastCovered(p)
	return z < sentenceShorter && least <= sentenceShorterShare || least <= sentenceGoneShare
}

// leastCovered is the smallest share of the content words of a sentence of the source
// that the answer has; 0 if the two cannot be compared, 1 if no sentence has enough.
func leastCovered(p pairRead) float64 {
	const fewest = 3 // content words below which a share says nothing
	hindi, english := p.sides()
	if !comparable(hindi, english) {
		return 0
	}
	var a alignment
	a.align(hindi, english)
	found := a.hindi
	if p.To == "hi" {
		found = a.english
	}
	words := p.source.parsed().words
	least, end, i := 1.0, 0, 0
	for _, s := range article.Sentences(p.source.text) {
		end += len(s)
		matched, all := 0, 0
		for ; i < len(words) && words[i].at < end; i++ {
			all++
			if found[i] {
				matched++
			}
		}
		if all >= fewest {
			least = min(least, float64(matched)/float64(all))
		}
	}
	return least
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
