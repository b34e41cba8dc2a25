package article

import (
	"regexp"
	"strings"
	"unicode"
)

// isDateline reports whether a line is a place and a date, or a date alone:
// "इस्लामाबाद, 17 नवंबर (भाषा)", "NEW DELHI, Nov 17", "Published: 17 November 2025, 10:30 IST".
func isDateline(s string) bool {
	fields := strings.Fields(s)
	if len(fields) == 0 || len(fields) > creditWords || endsClause(s) {
		return false
	}
	s = publishedLabel.ReplaceAllString(s, "")
	at := dateSpan.FindStringIndex(" " + s + " ")
	if at == nil {
		return false
	}
	padded := " " + s + " "
	before, after := strings.TrimSpace(padded[:at[0]+1]), strings.TrimSpace(padded[at[1]-1:])
	return isPlace(before) && afterDate(after, before != "")
}

// isPlace: at most four words of a name, in front of a date. Nothing is a place too:
// the date stands alone.
func isPlace(s string) bool {
	s = dateFiller.ReplaceAllString(s, " ")
	words := creditTokens(s)
	if len(words) > 4 || hasFunctionWord(words) {
		return false
	}
	for _, r := range s {
		if unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// afterDate: a time, a weekday, an agency, or, if none came before, a place.
func afterDate(s string, placed bool) bool {
	s = dateFiller.ReplaceAllString(s, " ")
	rest := strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) || r == '|'
	})
	if rest == "" {
		return true
	}
	words := creditTokens(rest)
	if allIn(words, agencyWord) {
		return true
	}
	if bracketed.MatchString(s) && len(words) <= 4 {
		return true // any agency, in brackets
	}
	return !placed && strings.IndexAny(s, ",|:–—-") == 0 && len(words) <= 3 && isPlace(rest)
}

const (
	hindiMonth = `जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|सितंबऱ|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर`
	latinMonth = `jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?`
	dayNumber  = `(?:[0-3]?[0-9]|[०-३]?[०-९])(?:st|nd|rd|th)?`
	yearTail   = `(?:[\s,.]+(?:['’]?[0-9]{2}|[0-9]{4}|[०-९]{4}))?`
)

var (
	dateSpan = regexp.MustCompile(`(?i)[\s,(:|–—-](?:` +
		dayNumber + `[\s,.-]+(?:` + hindiMonth + `|` + latinMonth + `)\.?` + yearTail + `|` +
		`(?:` + hindiMonth + `|` + latinMonth + `)\.?\s+` + dayNumber + yearTail + `|` +
		`[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2}|[०-९]{1,2}[./-][०-९]{1,2}[./-][०-९]{2,4}` +
		`)[\s,):|।.–—-]`)

	// bracketed is a name in brackets, or behind a slash or bar, and nothing else.
	bracketed = regexp.MustCompile(`^[\s,.:–—-]*(?:\([^()]+\)|\[[^\[\]]+\]|[/|][^/|()]+)[\s,.:–—-]*$`)

	publishedLabel = regexp.MustCompile(`(?i)^(?:published|updated|last updated|posted|first published|modified|date|प्रकाशित|अपडेट|अपडेटेड|अद्यतन|दिनांक|तिथि|प्रकाशन तिथि|पब्लिश)(?:\s+(?:on|at|तिथि))?\s*[:：-]?\s*`)

	// dateFiller is what may stand beside a date: the time and the weekday.
	dateFiller = regexp.MustCompile(`(?i)[0-9०-९]{1,2}[:.][0-9०-९]{2}(?::[0-9०-९]{2})?\s*(?:बजे|hrs|hours)?\s*(?:[ap]\.?m\.?)?\s*(?:ist|gmt|utc)?` +
		`|(?:सोम|मंगल|बुध|गुरु|शुक्र|शनि|रवि|इत)वार|बृहस्पतिवार|वीरवार` +
		`|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:ist|gmt|utc)\b`)
)
