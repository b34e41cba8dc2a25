package simulator

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reply is what the model says: content, or a refusal in its own field.
type reply struct {
	content string
	refusal string // message.refusal; content is null then
	finish  string // "stop" or "length"
}

const (
	refusalEnglish = "I'm sorry, but I can't help with translating this content."
	refusalHindi   = "क्षमा करें, मैं इस सामग्री के अनुवाद में मदद नहीं कर सकता।"
)

// damageParts does the faults that act on one part of an answer, and reports
// whether it could.
func (r *result) damageParts(f Fault, tr *translator, dice *rand.Rand) bool {
	notEmpty := func(s string) bool { return s != "" }
	switch f {
	case DropSegment:
		if len(r.segments) > 0 {
			i := dice.IntN(len(r.segments))
			r.segments = append(r.segments[:i:i], r.segments[i+1:]...)
			return true
		}
		r.text, r.bullets = "", r.bullets[:0]
		return true
	case SwapSegments:
		return r.swap(dice)
	case Untranslated:
		return r.untranslate(tr, dice)
	case DropNumber:
		text := r.chosen(dice, func(s string) bool { return numberPlaces(s) != nil })
		if text == nil {
			return false
		}
		places := numberPlaces(*text)
		at := places[dice.IntN(len(places))]
		*text = strings.TrimSpace((*text)[:at[0]] + strings.TrimPrefix((*text)[at[1]:], " "))
		return true
	case Repeat:
		text := r.chosen(dice, notEmpty)
		if text == nil {
			return false
		}
		words := strings.Fields(*text)
		loop := strings.Join(words[max(0, len(words)-loopWords):], " ")
		*text += strings.Repeat(" "+loop, loopTimes)
		return true
	}
	return false
}

// A loop says the last seven words twenty-four times more.
const loopWords, loopTimes = 7, 24

// swap exchanges the texts of two ids that differ.
func (r *result) swap(dice *rand.Rand) bool {
	for _, i := range dice.Perm(len(r.segments)) {
		for _, j := range dice.Perm(len(r.segments)) {
			if a, b := &r.segments[i], &r.segments[j]; a.target != b.target {
				a.target, b.target = b.target, a.target
				return true
			}
		}
	}
	return false
}

// untranslate gives one text in the language of its source.
func (r *result) untranslate(tr *translator, dice *rand.Rand) bool {
	if r.task.kind == summarizeTask {
		if r.task.from == r.task.to {
			return false
		}
		r.text, r.bullets = tr.summarize(r.task.summary, r.task.from, r.task.from)
		return true
	}
	for _, i := range dice.Perm(len(r.segments)) {
		if s := &r.segments[i]; letters(s.source) > 0 && s.target != s.source {
			s.target = s.source
			return true
		}
	}
	return false
}

var digitRun = regexp.MustCompile(`\p{Nd}(?:[\p{Nd}.,:/]*\p{Nd})?`)

// numberPlaces finds the numbers in digits. Those of masks are left out, and
// those that are part of a name (COVID-19, 4G).
func numberPlaces(s string) (places [][]int) {
	masks := maskSyntax.FindAllStringIndex(s, -1)
next:
	for _, at := range digitRun.FindAllStringIndex(s, -1) {
		before := strings.TrimSuffix(s[:at[0]], "-")
		last, _ := utf8.DecodeLastRuneInString(before)
		first, _ := utf8.DecodeRuneInString(strings.TrimPrefix(s[at[1]:], "-"))
		if unicode.IsLetter(last) || unicode.IsMark(last) || unicode.IsLetter(first) {
			continue
		}
		for _, m := range masks {
			if at[0] >= m[0] && at[1] <= m[1] {
				continue next
			}
		}
		places = append(places, at)
	}
	return places
}

// damageWhole does the faults that act on the answer as it is written.
func damageWhole(f Fault, r *result, q *chatRequest, dice *rand.Rand) reply {
	done := func(s string) reply { return reply{content: s, finish: "stop"} }
	content := r.content()
	switch f {
	case Truncate:
		return reply{content: cutRunes(content, utf8.RuneCountInString(content)*6/10), finish: "length"}
	case Garbage:
		return done(garbage(dice))
	case Prose:
		if r.task.to == hindi {
			return done("यहाँ अनुवाद प्रस्तुत है:\n\n" + content + "\n\nआशा है, यह उपयोगी होगा।")
		}
		return done("Sure! Here is the translation you asked for:\n\n" + content + "\n\nLet me know if you would like any changes.")
	case Fence:
		if r.task.kind == plainTask {
			return done("```\n" + content + "\n```")
		}
		return done("```json\n" + content + "\n```")
	case Think:
		return done("<think>\nThe user wants this in another language. I keep the names and the {\"numbers\": 1} as they are.\n</think>\n\n" + content)
	case Refusal:
		return refuse(r, q, dice)
	case EchoInstructions:
		return echo(r, q.system(), dice)
	}
	return done(content)
}

func refuse(r *result, q *chatRequest, dice *rand.Rand) reply {
	words := refusalEnglish
	if r.task.to == hindi && dice.IntN(2) == 0 {
		words = refusalHindi
	}
	whole := reply{content: words, finish: "stop"}
	switch dice.IntN(3) {
	case 0:
		if q.ResponseFormat != nil && q.ResponseFormat.Type == "json_schema" {
			return reply{refusal: words, finish: "stop"}
		}
	case 1:
		if text := r.chosen(dice, func(string) bool { return true }); text != nil {
			*text = words
			return reply{content: r.content(), finish: "stop"}
		}
	}
	return whole
}

func echo(r *result, system string, dice *rand.Rand) reply {
	if system == "" {
		system = "You are a careful translator of news. Answer with the translation alone."
	}
	switch dice.IntN(3) {
	case 0:
		return reply{content: system + "\n\n" + r.content(), finish: "stop"}
	case 1:
		if text := r.chosen(dice, func(string) bool { return true }); text != nil {
			*text = system
		}
	default:
		if text := r.chosen(dice, func(string) bool { return true }); text != nil {
			*text = system + " " + *text
		}
	}
	return reply{content: r.content(), finish: "stop"}
}

// garbage is the noise of a model that has lost its thread: pieces of several
// scripts, braces, the marks of its own template.
func garbage(dice *rand.Rand) string {
	noise := []string{"<|im_end|>", "}}]{", "ლონე", "зжыф", "■■■", "\uFFFD\uFFFD", "ああのの", "[[[\"", "ทททม", "::::", "ሰላሰ", "\\x1f", "갉갉"}
	var b strings.Builder
	for range 8 + dice.IntN(32) {
		b.WriteString(noise[dice.IntN(len(noise))])
		if dice.IntN(2) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
