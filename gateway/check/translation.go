package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// The codes of findings, as the package comment explains them. Empty is no warning of
// the API: an empty answer is never given.
const (
	Empty         = "empty"
	Refusal       = "refusal"
	Chatter       = "chatter"
	Copy          = "copy"
	Script        = "script"
	Loop          = "loop"
	Truncated     = "truncated"
	NumberMissing = "number_missing"
	NumberAdded   = "number_added"
	Misaligned    = "misaligned"
	Length        = "length"
	Placeholder   = "placeholder"
	Glossary      = "glossary"
	SentenceEnd   = "sentence_end"
	NameSpelling  = "name_spelling"
	Address       = "address"

	SummaryNumber     = "summary_number"
	SummaryName       = "summary_name"
	SummaryLength     = "summary_length"
	SummaryExtractive = "summary_extractive"
)

// Finding is one thing that is wrong.
type Finding struct {
	Code    string // see the constants
	Hard    bool   // the text must not be used or stored; otherwise a warning
	Minor   bool   // a warning that is not worth another call; never with Hard
	Message string // for an editor; holds no more of the text than one word

	// Ask is the same for the model that has to mend it, where an editor would
	// not understand that; else empty.
	Ask string
}

// Request is what the model is told of the finding.
func (f Finding) Request() string {
	if f.Ask != "" {
		return f.Ask
	}
	return f.Message
}

// Pair is a segment and the answer to it.
type Pair struct {
	Source, Target string // masked, as asked and as answered
	From, To       string // "hi", "en"

	// Segment is the one that was asked, for the check of its masks. The zero
	// value leaves that check out.
	Segment article.Segment

	// Glossary is what the caller wants of the terms in this segment: source
	// term → target term. nil leaves that check out.
	Glossary map[string]string

	// Address is how the caller wants "you" said in Hindi: "aap" or "tum". "" leaves
	// that check out.
	Address string
}

// Hard reports whether one of the findings is hard.
func Hard(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Hard })
}

// Rejected reports whether one of the findings is worth asking the model again.
func Rejected(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return !f.Minor })
}

// Translation gives what is wrong with the answer to a segment, hard findings
// first; nil if nothing is.
func Translation(p Pair) []Finding { return readPair(p).findings() }

// pairRead is a pair whose texts are read once for all checks.
type pairRead struct {
	Pair
	source, target *side
}

func readPair(p Pair) pairRead {
	return pairRead{p, read(plain(p.Source), p.From), read(plain(p.Target), p.To)}
}

// sides are the texts of the pair as they are compared.
func (p pairRead) sides() (hindi, english *parsed) {
	if p.To == "hi" {
		return p.target.parsed(), p.source.parsed()
	}
	return p.source.parsed(), p.target.parsed()
}

func (p pairRead) findings() []Finding {
	source, target := p.source, p.target
	if f, ok := empty(source, target); ok {
		return []Finding{f}
	}
	found := useless(source, target)
	add := func(f Finding, ok bool) {
		if ok {
			found = append(found, f)
		}
	}
	if !Hard(found) {
		add(loopFinding(source.text, target.text))
	}
	if !Hard(found) {
		add(truncated(p))
	}
	if Hard(found) { // of an answer that is none, the rest says nothing
		slices.SortStableFunc(found, byWeight)
		return found
	}
	found = append(found, numberFindings(source.parsed().figures, target.parsed().figures, p.To)...)
	add(calendarFinding(source.parsed(), target.parsed()))
	add(misalignedFinding(p.sides()))
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Code == Truncated }) {
		add(lengthFinding(p))
		add(endFinding(source, target))
	}
	if p.Segment.Masked() {
		add(placeholder(p.Segment, p.Target))
	}
	found = append(found, verbatimFindings(source.text, target.text)...)
	add(markup(source.text, target.text))
	found = append(found, glossaryFindings(p.Glossary, target.text)...)
	add(addressFinding(p))
	slices.SortStableFunc(found, byWeight)
	return found
}

// byWeight orders findings: hard ones, those worth another call, warnings.
func byWeight(a, b Finding) int { return a.weight() - b.weight() }

// useless finds answers of which nothing is a translation: talk, the wrong language,
// the source over again. It also gives what makes a warning of that kind.
func useless(source, target *side) (found []Finding) {
	add := func(f Finding, ok bool) {
		if ok {
			found = append(found, f)
		}
	}
	t := heard(source.text, target.text)
	add(t.refusal())
	if f, ok := t.chatter(); ok {
		add(f, ok)
	} else {
		add(labelled(source.text, target.text))
	}
	add(wrongScript(source, target))
	add(copied(source, target))
	return found
}

// weight orders findings: hard ones, those worth another call, warnings.
func (f Finding) weight() int {
	switch {
	case f.Hard:
		return 0
	case f.Minor:
		return 2
	}
	return 1
}

// side is one text of a pair, read once for all checks.
type side struct {
	text        string // plain
	language    string
	runes       int     // code points
	letters     int     // letters and marks
	deva, latin float64 // shares of the letters
	ends        bool    // as a sentence does
	words       *parsed // by parsed; few answers never need it
}

func read(text, language string) *side {
	s := &side{text: text, language: language, ends: article.EndsSentence(text)}
	deva, latin, marks := 0, 0, 0
	for _, r := range text {
		s.runes++
		switch {
		case r < utf8.RuneSelf:
			if asciiLetter(byte(r)) {
				latin++
			}
		case devanagariLetter(r):
			deva++
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			s.letters++
		case unicode.IsMark(r):
			marks++
		}
	}
	s.letters += deva + latin
	if s.letters > 0 {
		s.deva, s.latin = float64(deva)/float64(s.letters), float64(latin)/float64(s.letters)
	}
	s.letters += marks
	return s
}

// parsed is the text as pairs are compared.
func (s *side) parsed() *parsed {
	if s.words == nil {
		s.words = parse(s.text, s.language)
	}
	return s.words
}

// plain is a masked text as the checks read it: without masks and characters that
// no one sees, quotes straight; line breaks stay.
func plain(masked string) string {
	text := article.PlainOf(masked)
	if strings.ContainsFunc(text, unusual) || !utf8.ValidString(text) {
		text = quotes.Replace(article.Normalize(text))
	}
	return strings.TrimSpace(text)
}

// unusual tells what [article.Normalize] or quotes may change.
func unusual(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == '\r' || r == '\v' || r == '\f'
	case r >= 0x0900 && r <= 0x097F:
		return false
	}
	return r <= 0xAD || r >= 0x200B && r <= 0x2060 && r != '–' && r != '—' && r != '…' || r >= 0xFEFF
}

var quotes = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "\u200c", "", "\u200d", "")

// empty finds answers without a word. A source that has none, such as "2024–25",
// may be answered by figures alone; so may a number in words.
func empty(source, target *side) (Finding, bool) {
	if source.text == "" || strings.ContainsFunc(target.text, wordRune) || target.text != "" && !strings.ContainsFunc(source.text, wordRune) {
		return Finding{}, false
	}
	return Finding{Code: Empty, Hard: true, Message: "the model gave no text", Ask: "there is no text in your answer: translate the source"}, true
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiLetter(byte(r)) || r >= '0' && r <= '9'
	}
	return r >= 'अ' && r <= 'ह' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// placeholder finds masks (links, emphasis, code) that did not come back exactly once.
func placeholder(s article.Segment, target string) (Finding, bool) {
	_, lost := s.Restore(target)
	if len(lost) == 0 {
		return Finding{}, false
	}
	for i, tag := range lost {
		if end := strings.Replace(tag, "<", "</", 1); strings.Contains(s.Text, end) {
			lost[i] = tag + "…" + end
		}
	}
	return Finding{
		Code: Placeholder, Message: "a link, address, emphasis or code is missing or out of place",
		Ask: "each of these tags must stand exactly once, around or beside the same words as in the source: " + strings.Join(lost, " "),
	}, true
}
