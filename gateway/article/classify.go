package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the kinds that are told by their length.
const (
	titleWords    = 30  // of a title, at most
	titleChars    = 250 // the same, in code points
	questionWords = 20  // of a title that is a question or an outcry
	dashWords     = 20  // of a sub-heading that a dash leads
	headingWords  = 12  // of a sub-heading that stands alone
	headingBody   = 120 // code points of the paragraph under it, at least, or two sentences
)

// classify finds the titles, bylines, datelines and headings among the paragraphs of
// a document of any format. What a block is depends on its own words, on its place
// and on the shape of its neighbours, never on text far away: a change in one
// paragraph leaves the others what they were.
func classify(blocks []Block) {
	text := make([]string, len(blocks))
	for i, b := range blocks {
		if b.Kind != Code {
			text[i] = strings.TrimSpace(b.String())
		}
	}
	title := findTitle(blocks, text)
	hindi := title >= 0 && devanagariText(text[title])
	where := func(i int) (p place) {
		if title >= 0 && i > title && i <= title+3 {
			p = underTitle
			if hindi {
				p |= underHindiTitle
			}
		}
		if i >= max(2, len(blocks)-2) {
			p |= atEnd
		}
		return p
	}
	for i := range blocks {
		b := &blocks[i]
		if b.Kind != Paragraph || len(blocks) < 2 {
			continue
		}
		if i < 4 || i >= len(blocks)-2 {
			switch {
			case isDateline(text[i]):
				b.Kind = Dateline
				continue
			case isCredit(text[i], where(i)):
				b.Kind = Byline
				continue
			}
		}
		switch leadOf(text[i]).kind {
		case dashLead:
			dashed := func(j int) bool {
				return j >= 0 && j < len(blocks) && (blocks[j].Kind == Paragraph || blocks[j].Kind == ListItem) &&
					leadOf(text[j]).kind == dashLead
			}
			switch {
			case dashed(i-1) || dashed(i+1):
				b.Kind, b.Depth = ListItem, 1
			case i > 0 && strings.HasSuffix(strings.TrimRight(text[i-1], "।.?! "), "”") || i > 0 && strings.HasSuffix(text[i-1], `"`):
				// who said what is quoted above
			case i+1 < len(blocks) && !longer(text[i], dashWords) && !EndsSentence(text[i]):
				b.Kind, b.Level = Heading, 2
			}
		case noLead:
			if isHeading(blocks, text, i) {
				b.Kind, b.Level = Heading, 2
			}
		}
	}
}

// findTitle gives the index of the title, -1 if there is none. A title that the
// format marks stands; a heading that leads the article, or one of the first level
// near its start, is made the title; else the first block, if it looks like one.
func findTitle(blocks []Block, text []string) int {
	for i, b := range blocks {
		if b.Kind == Title {
			return i
		}
	}
	at := -1
	for i := range min(4, len(blocks)) {
		if b := blocks[i]; b.Kind == Heading && (i == 0 || b.Level == 1) {
			at = i
			break
		}
		if EndsSentence(text[i]) {
			break
		}
	}
	if at < 0 && len(blocks) > 1 && blocks[0].Kind == Paragraph && isTitle(text[0]) {
		at = 0
	}
	if at >= 0 {
		blocks[at].Kind, blocks[at].Level = Title, 0
	}
	return at
}

// isTitle: short, no sentence, no list item, no credit, no dateline.
func isTitle(s string) bool {
	if longer(s, titleWords) || runes(s, titleChars+1) > titleChars || leadOf(s).kind != noLead || strings.HasSuffix(s, ",") {
		return false
	}
	if !strings.ContainsFunc(s, unicode.IsLetter) || isDateline(s) || isCredit(s, 0) {
		return false
	}
	if EndsSentence(s) {
		r, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s, func(r rune) bool { return closes(r) || r == '"' || r == '\'' }))
		if r != '?' && r != '!' && r != '…' || longer(s, questionWords) {
			return false
		}
	}
	sc := sentenceScanner{text: s}
	if sc.next() == 0 {
		return true
	}
	return sc.next() == 0 // at most two sentences
}

// isHeading: a short line without sentence end, between a block that ends (or the
// lines at the top) and a paragraph that is clearly one.
func isHeading(blocks []Block, text []string, i int) bool {
	s := text[i]
	if i == 0 || i+1 >= len(blocks) || longer(s, headingWords) || EndsSentence(s) || strings.HasSuffix(s, ",") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) || unicode.IsLower(first) || !strings.ContainsFunc(s, unicode.IsLetter) {
		return false
	}
	switch blocks[i-1].Kind {
	case Paragraph, Quote, ListItem:
		if !EndsSentence(text[i-1]) {
			return false
		}
	}
	if blocks[i+1].Kind != Paragraph || leadOf(text[i+1]).kind != noLead {
		return false
	}
	next := text[i+1]
	sc := sentenceScanner{text: head4(next)}
	return runes(next, headingBody) >= headingBody || EndsSentence(next) && sc.next() > 0
}

// head4 is enough of a paragraph to see whether it has a second sentence.
func head4(s string) string {
	if len(s) > 4*reach {
		return s[:4*reach]
	}
	return s
}

// longer reports whether s has more than n words.
func longer(s string, n int) bool {
	for range strings.FieldsSeq(s) {
		if n--; n < 0 {
			return true
		}
	}
	return false
}

// devanagariText reports whether most letters of s are Devanagari.
func devanagariText(s string) bool {
	deva, other := 0, 0
	for _, r := range s {
		switch {
		case devanagari(r):
			deva++
		case unicode.IsLetter(r):
			other++
		}
	}
	return deva > other
}
