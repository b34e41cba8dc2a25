package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences cuts text after each sentence. The pieces put together are text again:
// closing quotes and brackets and the white space behind a sentence stay with it.
//
// A sentence ends at a danda, a double danda, "?", "!", a full stop, or a pipe that
// stands for a danda. A full stop does not end one after an abbreviation (डॉ., रु.,
// Mr.), an initial (एस., A.) or inside a number or a URL. Where Unicode Annex 29
// decides by lower case, which Devanagari has not, the words around the stop decide.
// No cut falls inside a grapheme cluster.
func Sentences(text string) []string {
	var out []string
	sc := sentenceScanner{text: text}
	from := 0
	for end := sc.next(); end > 0; end = sc.next() {
		out = append(out, text[from:end])
		from = end
	}
	if from < len(text) {
		out = append(out, text[from:])
	}
	return out
}

// EndsSentence reports whether s ends where a sentence does; closing quotes and
// brackets may stand behind its last mark. The dot of an abbreviation or an initial
// is no end.
func EndsSentence(s string) bool {
	s = strings.TrimRightFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || invisible(r) || closes(r) || r == '"' || r == '\''
	})
	r, n := utf8.DecodeLastRuneInString(s)
	before := s[:len(s)-n]
	switch {
	case hardEnd(r), r == '…':
		return true
	case r == '|':
		return devanagariBefore(before)
	case r != '.':
		return false
	}
	if strings.HasSuffix(before, ".") {
		return true // dots of an ellipsis
	}
	return stopAfter(lastToken(before)) != stopNever
}

// FirstSentences gives as many whole leading sentences of text as have at most
// maxWords words together. If the first sentence alone is longer, it is cut after
// maxWords words and ends in "…".
func FirstSentences(text string, maxWords int) string {
	text = strings.TrimSpace(text)
	if maxWords <= 0 {
		return ""
	}
	sc := sentenceScanner{text: text}
	end, n := 0, 0
	for {
		next := sc.next()
		if next <= 0 {
			next = len(text)
		}
		n += len(strings.Fields(text[end:next]))
		if n > maxWords {
			break
		}
		end = next
		if end == len(text) {
			return text
		}
	}
	if end > 0 {
		return strings.TrimSpace(text[:end])
	}
	rest := text
	for range maxWords {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		i := strings.IndexFunc(rest, unicode.IsSpace)
		if i < 0 {
			return text
		}
		rest = rest[i:]
	}
	cut := strings.TrimRightFunc(text[:len(text)-len(rest)], func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == ';' || r == ':' || r == '-' || r == '–' || r == '—'
	})
	return cut + "…"
}

// sentenceScanner finds the sentence ends of text one after the other.
type sentenceScanner struct {
	text   string
	pos    int // where to go on
	from   int // where the present sentence starts
	quotes int // straight double quotes passed
	danda  int8
}

// next gives the end of the next sentence, or 0 when only the last one is left.
func (sc *sentenceScanner) next() int {
	for sc.pos < len(sc.text) {
		c := sc.text[sc.pos]
		if c < utf8.RuneSelf {
			switch c {
			case '"':
				sc.quotes++
			case '\n':
				if sc.blankLine() {
					return sc.pos
				}
				continue
			}
			if c != '.' && c != '?' && c != '!' && c != '|' {
				sc.pos++
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(sc.text[sc.pos:])
		if !endMark(r) {
			sc.pos += n
			continue
		}
		at := sc.pos
		after := sc.behindMarks(at)
		end := sc.behindClosers(after)
		sc.pos = end
		full := skipSpace(sc.text, end)
		if full < len(sc.text) && sc.ends(at, after, end, full) {
			sc.pos, sc.from = full, full
			return full
		}
	}
	return 0
}

// blankLine passes the white space at pos and reports whether it holds an empty
// line, which parts sentences whatever stands before it.
func (sc *sentenceScanner) blankLine() bool {
	start := sc.pos
	sc.pos = skipSpace(sc.text, start)
	if sc.pos == len(sc.text) || strings.Count(sc.text[start:sc.pos], "\n") < 2 {
		return false
	}
	sc.from = sc.pos
	return true
}

// behindMarks passes the run of end marks at i: "?!", "...", "॥१॥".
func (sc *sentenceScanner) behindMarks(i int) int {
	for i < len(sc.text) {
		r, n := utf8.DecodeRuneInString(sc.text[i:])
		switch {
		case endMark(r):
		case extends(r):
		default:
			return i
		}
		i += n
		if r == '॥' { // the number of a verse stands between double dandas
			if j := skipDigits(sc.text, i); j > i && strings.HasPrefix(sc.text[j:], "॥") {
				i = j
			}
		}
	}
	return i
}

// behindClosers passes the closing quotes and brackets at i.
func (sc *sentenceScanner) behindClosers(i int) int {
	for i < len(sc.text) {
		r, n := utf8.DecodeRuneInString(sc.text[i:])
		next, _ := utf8.DecodeRuneInString(sc.text[i+n:])
		switch {
		case closes(r), extends(r):
		case r == '"' && (sc.quotes%2 == 1 || !isWord(next)):
			sc.quotes++
		case r == '\'' && !isWord(next):
		case unicode.IsSpace(r) && closes(next): // "…है। ”": set apart by mistake
		default:
			return i
		}
		i += n
	}
	return i
}

// ends decides whether the end marks in text[at:after] end a sentence; closers run
// to end, white space to full.
func (sc *sentenceScanner) ends(at, after, end, full int) bool {
	rest := sc.text[full:]
	next, _ := utf8.DecodeRuneInString(rest)
	if next == ',' || next == ';' || !sc.marksEnd(sc.text[at:after], at, next, full > end, rest) {
		return false
	}
	return end == after || !speechTag(rest)
}

func (sc *sentenceScanner) marksEnd(marks string, at int, next rune, spaced bool, rest string) bool {
	before := sc.text[sc.from:at]
	first, n := utf8.DecodeRuneInString(marks)
	switch {
	case strings.ContainsAny(marks, "।॥۔。"):
		return true
	case first == '|':
		return (spaced || devanagari(next)) && sc.pipeIsDanda(before)
	case hardEnd(first):
		if !spaced {
			return devanagari(next)
		}
		return !unicode.IsLower(next) && !postposition(rest)
	case first == '…' || len(marks) > n && strings.HasSuffix(marks, "."):
		return spaced && sc.ellipsisEnds(before, next)
	}
	return sc.stopEnds(before, next, spaced, rest)
}

// pipeIsDanda tells "कहा|" and "उन्होंने यह कहा |" from the edges of a table.
func (sc *sentenceScanner) pipeIsDanda(before string) bool {
	if !devanagariBefore(before) || strings.HasPrefix(strings.TrimSpace(before), "|") {
		return false
	}
	if r, _ := utf8.DecodeLastRuneInString(before); unicode.IsSpace(r) {
		return len(strings.Fields(before)) > 2
	}
	return true
}

// ellipsisEnds: dots in mid-sentence are common, so in Hindi only a verb that ends
// sentences counts, elsewhere a capital behind them.
func (sc *sentenceScanner) ellipsisEnds(before string, next rune) bool {
	if devanagariBefore(before) || devanagari(next) {
		return finalVerb.has(lastWord(before))
	}
	return !unicode.IsLower(next)
}

// stopEnds decides about a single full stop.
func (sc *sentenceScanner) stopEnds(before string, next rune, spaced bool, rest string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	hindi := devanagari(r) && !unicode.IsDigit(r)
	if !spaced && !(hindi && devanagari(next)) || unicode.IsLower(next) {
		return false
	}
	if hindi {
		return sc.hindiStopEnds(before, spaced, rest)
	}
	token := lastToken(before)
	if unicode.IsDigit(r) && strings.TrimSpace(before) == token {
		return false // "1. " leads a list item
	}
	switch stopAfter(token) {
	case stopNever:
		return token == "No" && !unicode.IsDigit(next)
	case stopSometimes:
		return sentenceStarter.has(firstWord(rest))
	}
	return !postposition(rest)
}

func (sc *sentenceScanner) hindiStopEnds(before string, spaced bool, rest string) bool {
	word := lastWord(before)
	if finalVerb.has(word) {
		return true
	}
	if sc.hasDanda() {
		return false
	}
	if !spaced { // "बैठक.उन्होंने": only between two whole words
		return aksharas(word) > 2 && aksharas(firstWord(rest)) > 1 && !abbreviated(rest) && stopAfter(lastToken(before)) != stopNever
	}
	return stopAfter(lastToken(before)) != stopNever && !postposition(rest)
}

// hasDanda: a writer who sets dandas means something else by a full stop.
func (sc *sentenceScanner) hasDanda() bool {
	if sc.danda == 0 {
		sc.danda = 1
		if strings.ContainsAny(sc.text, "।॥") {
			sc.danda = 2
		}
	}
	return sc.danda == 2
}

type stopClass uint8

const (
	stopPlain     stopClass = iota // an ordinary word
	stopSometimes                  // an abbreviation that may end a sentence: Inc., p.m.
	stopNever                      // one that leads to what follows: Dr., रु., an initial
)

// stopAfter classes the token in front of a full stop. The token holds no white
// space; dots inside it part the letters of an abbreviation.
func stopAfter(token string) stopClass {
	if token == "" {
		return stopPlain
	}
	if r, _ := utf8.DecodeLastRuneInString(token); devanagari(r) {
		if unicode.IsDigit(r) {
			return stopPlain
		}
		last := token[strings.LastIndexByte(token, '.')+1:]
		switch {
		case hindiAbbreviation.has(token), hindiAbbreviation.has(last), letterName.has(last):
			return stopNever
		case last != token: // उ.प्र, बी.ए
			return classIf(aksharas(last) <= 2, stopNever)
		}
		return classIf(aksharas(token) <= 1 && !finalVerb.has(token), stopNever)
	}
	if englishTitle.has(token) {
		return stopNever
	}
	if initials(token) {
		return classIf(utf8.RuneCountInString(token) == 1, stopNever) | classIf(len(token) > 1, stopSometimes)
	}
	return classIf(englishAbbreviation.has(strings.ToLower(token)), stopSometimes)
}

func classIf(is bool, c stopClass) stopClass {
	if is {
		return c
	}
	return stopPlain
}

// initials reports whether a Latin token is one letter, or letters parted by dots:
// "A", "U.S", "a.m", "Ph.D".
func initials(token string) bool {
	for part := range strings.SplitSeq(token, ".") {
		if part == "Ph" {
			continue
		}
		r, n := utf8.DecodeRuneInString(part)
		if n != len(part) || !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return true
}

// speechTag reports whether text, which stands behind a closed quotation, is the
// short clause that names its speaker: "उसने कहा।", "he said."
func speechTag(text string) bool {
	if r, _ := utf8.DecodeRuneInString(text); unicode.IsUpper(r) {
		return false
	}
	for i, w := range firstWords(text, 6) {
		if i > 0 && speechVerb.has(strings.TrimFunc(w, unicode.IsPunct)) {
			return true
		}
		if r, _ := utf8.DecodeLastRuneInString(w); endMark(r) {
			return false
		}
	}
	return false
}
