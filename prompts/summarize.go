package prompts

import (
	"fmt"
	"strings"
)

// Summary is a call that summarises an article from its source text.
type Summary struct {
	Source, Target string            // languages of the article and of the summary; they may be equal
	Style          string            // "paragraph" (also ""), "bullets", "headline" or "brief"
	MaxWords       int               // most words in all; the style's own bound holds if it is smaller
	Title          string            // of the article; "" for none
	Paragraphs     []string          // the article, or in a join the summaries of its parts, in order
	Names          map[string]string // how names and terms are to be written: source form → target form
	Part, Parts    int               // part Part (from 1) of Parts of a long article; Part 0 with Parts > 1 joins the parts' summaries
	Fix            *Fix              // what was wrong with the last summary, e.g. "140 words, the limit is 120", and its text, if it may be shown
}

// Bounds of the styles, as the API promises them: words of a headline, of a
// brief and of one bullet, and how many bullets there are.
const (
	headlineWords = 12
	briefWords    = 30
	bulletWords   = 25
	fewestBullets = 3
	mostBullets   = 6
	defaultWords  = 120
)

// sentenceWords is how many words a sentence of a news summary takes, measured
// generously: models keep to a number of sentences better than to a number of
// words, so a limit in words is asked for as sentences that fit in it.
const sentenceWords = 30

// Summarize gives the call for a summary. The answer is {"summary":"…"}, or
// {"bullets":["…"]} for style bullets, as the schema says. A repair (Fix) is
// the same call with what was wrong and, for every style, a lower aim.
func Summarize(s Summary) Prompt {
	if s.Style == "" {
		s.Style = "paragraph"
	}
	if s.MaxWords <= 0 {
		s.MaxWords = defaultWords
	}
	n := look(s.Source, strings.Join(s.Paragraphs, "\n"))
	n.SourceName, n.TargetName = languageName(s.Source), languageName(s.Target)
	n.Source, n.Target = s.Source, s.Target
	n.Bullets, n.Headline = s.Style == "bullets", s.Style == "headline"
	n.Shape = s.shape()
	n.Part, n.Parts = s.Part, s.Parts
	n.Glossary = s.Names
	n.Fix = s.Fix != nil
	p := Prompt{
		Messages: []Message{
			{Role: "system", Content: render("summarize.txt", n)},
			{Role: "user", Content: s.wire()},
		},
		Schema: summarySchema(), SchemaName: "summary",
	}
	if n.Bullets {
		p.Schema, p.SchemaName = bulletsSchema(), "bullets"
	}
	return p
}

// words is the bound in words that the style and MaxWords leave.
func (s Summary) words() int {
	switch s.Style {
	case "headline":
		return min(headlineWords, s.MaxWords)
	case "brief":
		return min(briefWords, s.MaxWords)
	}
	return s.MaxWords
}

// shape is the sentence of the system message that says how long and in what
// form the summary is. Bullets have one bound each, under which the largest
// number of them stays within MaxWords; where that is less than a bullet's own
// bound, the bound of all together is told too.
func (s Summary) shape() string {
	words := s.words()
	switch s.Style {
	case "headline":
		return fmt.Sprintf("Write one headline of at most %d words%s: one line, in the present tense, no full stop or danda at its end.", words, s.aim(words))
	case "brief":
		return fmt.Sprintf("Write exactly one sentence of at most %d words%s: who did what, and the fact that matters most.", words, s.aim(words))
	case "bullets":
		most := max(fewestBullets, min(mostBullets, words/18))
		each := min(bulletWords, words/most)
		all := ""
		if each < bulletWords {
			all = fmt.Sprintf(", %d in all", words)
		}
		return fmt.Sprintf("Write %s bullet points, the most important first, one fact in each, in at most %d words each%s%s; no bullet marks or numbers before them.", span(fewestBullets, most), each, s.aim(each), all)
	}
	sentences := max(1, words/sentenceWords)
	if s.tooLong() {
		sentences = max(1, sentences-1)
	}
	if sentences == 1 {
		return fmt.Sprintf("Write one sentence of at most %d words%s.", words, s.aim(words))
	}
	return fmt.Sprintf("Write one paragraph of %s sentences, at most %d words in all%s; fewer for a short article.", span(max(1, sentences*3/4), sentences), words, s.aim(words))
}

func (s Summary) tooLong() bool { return s.Fix != nil && s.Fix.TooLong }

// aim is what a repair asks for below the bound that the answer before was over, so
// that there is more room.
func (s Summary) aim(words int) string {
	if !s.tooLong() {
		return ""
	}
	return fmt.Sprintf(" (aim for %d)", max(1, words*3/4))
}

// span is "3–4", or "4" where both ends are the same.
func span(low, high int) string {
	if low >= high {
		return fmt.Sprint(high)
	}
	return fmt.Sprintf("%d–%d", low, high)
}

// wire is the user message: one JSON object on one line.
func (s Summary) wire() string {
	var o object
	o.text("task", "summarize")
	o.text("source", s.Source)
	o.text("target", s.Target)
	o.text("style", s.Style)
	o.number("max_words", s.words())
	if s.Parts > 1 {
		if s.Part > 0 {
			o.number("part", s.Part)
		}
		o.number("parts", s.Parts)
	}
	o.some("title", s.Title)
	o.texts("paragraphs", s.Paragraphs)
	o.glossary(s.Names)
	if s.Fix != nil {
		o.fix("fix", *s.Fix)
	}
	return string(o.end())
}
