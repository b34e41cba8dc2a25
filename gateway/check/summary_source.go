package check

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"dubhashi/gateway/article"
)

// material is what a summary may draw on.
type material struct {
	from, to string
	source   string // title and article
	parsed   *parsed
	figures  []number
	words    []heardName     // of the source, those that may be names
	common   map[string]bool // skeletons of the others: north is also in Uttar Pradesh
	joined   []heardName     // of each two of them in a row
	forms    map[string]bool // every word of the language of the summary that may be used
	stems    map[string]bool // in Hindi, the same without endings
	first    []string        // paragraphs
}

// mostMaterial bounds the words of an article that are compared by sound, so that the
// cost is bounded; news articles have some hundred.
const mostMaterial = 20_000

func readMaterial(s SummaryInput, source string) *material {
	m := &material{from: s.From, to: s.Language, forms: map[string]bool{}, stems: map[string]bool{}, common: map[string]bool{}}
	m.source = plain(s.Title) + "\n\n" + source
	for p := range strings.SplitSeq(source, "\n\n") {
		if strings.ContainsFunc(p, wordRune) {
			m.first = append(m.first, p)
		}
	}
	m.parsed = parse(m.source, s.From)
	m.figures = m.parsed.figures
	if s.Translation != "" {
		m.figures = append(m.figures, numbersOf(plain(s.Translation), s.Language)...)
	}
	seen := map[string]bool{}
	before, end := "", -1
	for _, w := range nameWords(m.source, s.From) {
		if len(seen) == mostMaterial {
			break
		}
		if !seen[w.key] {
			seen[w.key] = true
			if h := w.heard(); !ordinary(w) {
				m.words = append(m.words, h)
			} else if len(h.skeleton) >= 2 {
				m.common[h.skeleton] = true
			}
		}
		if w.start == end+1 && before != "" {
			both := w
			both.key = before + w.key
			m.joined = append(m.joined, both.heard())
		}
		before, end = w.key, w.end
	}
	// What stands in the source in the letters of the summary: in Hindi the Latin
	// words, in the same language all.
	m.allow(m.source)
	m.allow(plain(s.Translation))
	for _, term := range s.Terms {
		m.allow(plain(term))
	}
	return m
}

// allow notes the words of a text that a summary may use.
func (m *material) allow(text string) {
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' }) {
		if r := rune(w[0]); r < 0x80 || latinForm(w) != "" {
			m.forms[englishNameForm(w)] = true
			continue
		}
		form := hindiNameForm(w)
		m.forms[form] = true
		m.stems[looseHindi(string(hindiStem([]byte(form))))] = true
	}
}

// What share of a summary's content words its article has, in the other language: of
// three sentences in a row of human translations nearly two thirds, in one of 200 less
// than a quarter; of those of another article mostly a seventh.
const (
	foreignWords = 10  // content words below which a share says little
	foreignShare = 0.2 // less is doubtful
)

// foreign finds summaries of another text: of the instructions, of a story that the
// model made up. Summaries in the article's own language are not compared, for they
// may say it all in other words.
func (m *material) foreign(text string) (Finding, bool) {
	if m.from == m.to {
		return Finding{}, false
	}
	summary := parse(text, m.to)
	hindi, english := summary, m.parsed
	if m.to == "en" {
		hindi, english = english, hindi
	}
	if !comparable(hindi, english) {
		return Finding{}, false
	}
	matched, total := coverage(summary, m.parsed, 0)
	share := float64(matched) / float64(max(total, 1))
	if total < foreignWords || share >= foreignShare {
		return Finding{}, false
	}
	return Finding{
		Code: Misaligned, Message: "the summary does not look like one of this article",
		Ask: "the summary has hardly anything of the article: summarise this article, and nothing else",
	}, true
}

// numbers finds the numbers of a summary whose value the article does not have.
func (m *material) numbers(text string) (found []Finding) {
	figures := numbersOf(text, m.to)
	for i := range figures {
		n := &figures[i]
		if !asked(n) || n.kind == inWords && n.value.float() <= 12 || m.hasNumber(n, text) || hasValue(n, figures[:i]) {
			continue
		}
		found = append(found, Finding{
			Code: SummaryNumber, Message: fmt.Sprintf("the number %s is not in the article", n.short()),
			Ask: fmt.Sprintf("the number %s is not in the article: put what the article has in its place, or leave it out", n.short()),
		})
		if len(found) == mostNumberFindings {
			break
		}
	}
	return found
}

func (m *material) hasNumber(n *number, text string) bool {
	if hasValue(n, m.figures) {
		return true
	}
	about := approximate(text, n)
	for i := range m.figures {
		f := &m.figures[i]
		for _, alike := range likenesses {
			if alike(n, f) || alike(f, n) {
				return true
			}
		}
		if x, y := n.value.float(), f.value.float(); about && f.kind != hinted && math.Abs(x-y) <= 0.05*y && rounder(x, y) {
			return true
		}
	}
	return m.joinedNumber(n)
}

// rounder reports whether x is y with fewer digits that say something, or to the next
// five: 200,000 or 195,000 for 198,000, but not 389 for 384.
func rounder(x, y float64) bool {
	digits := func(v float64) string {
		mantissa, _, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
		return mantissa
	}
	short, long := digits(x), digits(y)
	return len(short) < len(long) || len(short) == len(long) && strings.HasSuffix(short, "5")
}

// joinedNumber reports whether two numbers that follow each other in the article make
// up n, or n is one part of a number with a fraction or a time.
func (m *material) joinedNumber(n *number) bool {
	for i := 1; i < len(m.figures); i++ {
		if joins(n, &m.figures[i-1], &m.figures[i]) {
			return true
		}
	}
	return false
}

// approximate reports whether the words beside a number say that it is rounded.
func approximate(text string, n *number) bool {
	const beside = 40 // bytes: two or three words
	before, after := strings.ToValidUTF8(text[max(0, n.from-beside):n.from], ""), strings.ToValidUTF8(text[n.to:min(len(text), n.to+beside)], "")
	for f := range strings.FieldsFuncSeq(before, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if roundingBefore[strings.ToLower(f)] {
			return true
		}
	}
	for f := range strings.FieldsFuncSeq(after, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if roundingAfter[strings.ToLower(f)] {
			return true
		}
	}
	return false
}

var (
	roundingBefore = wordSet(`about around nearly almost approximately roughly over some than least most up under below above close करीब क़रीब लगभग तकरीबन तक़रीबन करीबन क़रीबन कम`)
	roundingAfter  = wordSet(`plus odd so अधिक ज्यादा ज़्यादा कम आसपास तक करीब`)
)

// copied finds summaries that are the beginning of the article over again.
func (m *material) copied(text, style string) (Finding, bool) {
	const least = 8 // words; a headline or a short sentence may well be the article's
	if m.from != m.to || style == "headline" || len(m.first) < 2 {
		return Finding{}, false
	}
	summary := wordsOf(text)
	lead := wordsOf(strings.Join(m.first[:min(len(m.first), 3)], "\n"))
	all := 0
	for _, p := range m.first {
		all += len(wordsOf(p))
	}
	// an article hardly longer than its summary leaves nothing to leave out
	if len(summary) < least || all < 2*len(summary) {
		return Finding{}, false
	}
	if overlap := common(summary, lead); float64(overlap) < 0.9*float64(len(summary)) {
		return Finding{}, false
	}
	return Finding{Code: SummaryExtractive, Message: "the summary is a copy of the beginning of the article",
		Ask: "write a summary of the whole article in your own words; do not copy its first sentences"}, true
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(article.Fold(text)), func(r rune) bool { return !wordRune(r) && !unicode.IsMark(r) })
}

// common is how many words of a text stand in the other in runs of four or more.
func common(text, other []string) (n int) {
	const run = 4
	grams := map[string]bool{}
	for i := 0; i+run <= len(other); i++ {
		grams[strings.Join(other[i:i+run], " ")] = true
	}
	covered := make([]bool, len(text))
	for i := 0; i+run <= len(text); i++ {
		if grams[strings.Join(text[i:i+run], " ")] {
			for k := i; k < i+run; k++ {
				covered[k] = true
			}
		}
	}
	for _, c := range covered {
		if c {
			n++
		}
	}
	return n
}
