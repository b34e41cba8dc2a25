package gateway

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dubhashi/gateway/article"
	"dubhashi/gateway/check"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// MaxAlternatives is how many other translations of a text can be asked for.
const MaxAlternatives = 5

// MaxReworded is the longest text, in code points, that other translations are
// given of: a paragraph. Of a longer one they would hardly be read.
const MaxReworded = 800

// MostReworded is how many different texts of a request other translations are
// given of: each is a call, and people read them.
const MostReworded = 32

// rewordTemperature is that of the call for other translations: a model that
// always says the likeliest says the same again.
const rewordTemperature = 0.7

// rewordJob is what other translations are asked for beside.
type rewordJob struct {
	known string // the translation that there is, masked
	count int
}

// alternatives gives each text's other translations; those of a text that has
// none, and those that could not be had, are missing. They are cached under a
// key of their own, also when a model had none to give.
func (g *Gateway) alternatives(ctx context.Context, o *order, list []*textPlan, count int) [][]string {
	if g.summarizer() < 0 || ctx.Err() != nil {
		return nil // no upstream can be told what there is
	}
	more := &order{opt: o.opt, bill: g.newBill(ctx), background: o.background} // a bill waits for its writes once
	units := make([]*unit, len(list))
	seen := map[*unit]*unit{} // of equal texts one is asked for
	for i, p := range list {
		if l := p.only(); l != nil {
			main := l.parts[0]
			if seen[main] == nil && len(seen) < MostReworded {
				known := main.value.string()
				seen[main] = &unit{
					state: None, key: rewordKey(main.key, known, count), source: main.source, target: main.target,
					segment: main.segment, terms: main.terms, reword: &rewordJob{known, count},
				}
				more.units = append(more.units, seen[main])
			}
			units[i] = seen[main]
		}
	}
	g.fill(ctx, more)
	o.bill.mu.Lock()
	o.bill.usage = o.bill.usage.Plus(more.bill.read())
	o.bill.mu.Unlock()
	o.units = append(o.units, more.units...) // for the hits and misses
	out := make([][]string, len(list))
	for i, p := range list {
		if u := units[i]; u != nil && u.value != nil {
			out[i] = p.reworded(u.value)
		}
	}
	return out
}

// only is the line that makes up the whole text, if it was translated as one
// segment that is not too long.
func (p *textPlan) only() (one *line) {
	for i := range p.lines {
		l := &p.lines[i]
		if l.block.String() == "" {
			continue
		}
		if one != nil || len(l.parts) != 1 || l.parts[0] == nil || l.parts[0].value == nil || utf8.RuneCountInString(l.segments[0].Text) > MaxReworded {
			return nil
		}
		one = l
	}
	return one
}

// reworded is the text with each of the other translations in the place of its
// line's; one in which a mark is lost is left out.
func (p *textPlan) reworded(v *value) (texts []string) {
	for _, masked := range v.bullets() {
		var b strings.Builder
		whole := true
		for i := range p.lines {
			l := &p.lines[i]
			b.WriteString(l.before)
			if len(l.parts) == 1 {
				other := &unit{value: &value{digits: digits(masked), text: quote(masked)}}
				t := newTarget(l.block, l.segments, []*unit{other}, p.numerals, p.target)
				b.WriteString(t.String())
				whole = whole && len(t.missing) == 0
			}
			b.WriteString(l.after)
		}
		if whole {
			texts = append(texts, b.String())
		}
	}
	return texts
}

// unlike gives those of the texts that differ from first, and from each other,
// in more than case, space and punctuation.
func unlike(first string, texts []string) (out []string) {
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, article.Fold(s))
	}
	seen := []string{bare(first)}
	for _, s := range texts {
		if b := bare(s); b != "" && !slices.Contains(seen, b) {
			seen, out = append(seen, b), append(out, s)
		}
	}
	return out
}

// reword settles the flight of a segment's other translations.
func (g *Gateway) reword(ctx context.Context, o *order, u *unit, spend *budget) {
	last := failureOf(ctx.Err())
	for i, turn := range g.turns(summarizes) {
		if ctx.Err() != nil && i > 0 {
			break // nobody waits any more
		}
		t := &attempt{g: g, turn: turn, batch: &batch{order: o, units: []*unit{u}, budget: spend}}
		v, err := t.reword(ctx, u)
		if err == nil {
			g.flights.settle(u.key, u.flight, v, nil)
			return
		}
		last = failureOf(err)
	}
	g.flights.settle(u.key, u.flight, nil, last)
}

// reword makes one call and takes what is good of its answer. What is not is
// not asked for again: nobody needs it.
func (t *attempt) reword(ctx context.Context, u *unit) (*value, error) {
	job := u.reword
	list := slices.Repeat([]*asked{{unit: u}}, job.count) // the answer is as long as that
	p := prompts.Reword(prompts.Rewording{Translation: t.prompt(list[:1]), Known: []string{job.known}, Count: job.count})
	text, model, err := t.complete(ctx, p, list, rewordTemperature)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Alternatives []string `json:"alternatives"`
	}
	if err := llm.Answer(text, &answer); err != nil {
		return nil, errUnreadable
	}
	good := []string{}
	for _, s := range unlike(job.known, answer.Alternatives) {
		pair := t.batch.order.pair(u)
		pair.Target = strings.TrimSpace(s)
		if len(good) < job.count && !check.Rejected(check.Call([]check.Pair{pair})[0]) {
			good = append(good, pair.Target)
		}
	}
	v := t.g.valueOf("", model, nil)
	v.text, v.fallback, v.doubtful = quote(good), t.index > 0, len(good) == 0
	return v, nil
}
