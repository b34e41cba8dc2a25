package gateway

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// MaxSegmentsPerCall is how many neighbours one call holds at most. Quality falls with
// the length of what a model is given at once and with the place in it (arXiv
// 2412.17592), so that it is a few and not the article.
const MaxSegmentsPerCall = 6

// More bounds of one call.
const (
	maxCharsPerCall   = 6000 // code points of segments
	maxBefore         = 400  // code points of context that are sent; the key knows all of it
	maxTitle          = 300  // code points of the title that are sent as context
	promptOverhead    = 700  // tokens: system message at its longest, JSON around the segments
	secondTemperature = 0.2  // of a second try: at 0 the same fault would come again
)

// batch is the segments of one call: neighbours of one direction.
type batch struct {
	order  *order
	units  []*unit
	budget *budget
}

// pack groups the segments that have to be asked for into calls: neighbours
// only, at most six, evenly filled.
func (g *Gateway) pack(o *order, units []*unit) []*batch {
	var out []*batch
	if g.upstreams[0].Style() == llm.Plain { // one text a call
		for i := range units {
			out = append(out, &batch{order: o, units: units[i : i+1]})
		}
		return out
	}
	limit := g.charsPerCall(o)
	for len(units) > 0 {
		n := 1
		for n < len(units) && units[n].pos == units[n-1].pos+1 && units[n].source == units[n-1].source && units[n].target == units[n-1].target {
			n++
		}
		for _, part := range split(units[:n], limit) {
			out = append(out, &batch{order: o, units: part})
		}
		units = units[n:]
	}
	return out
}

// charsPerCall is the size limit of a call's segments under the smallest
// token budget of the upstreams: the prompt holds them once, the answer once
// more, with half as much again for a language that takes more tokens. Terms of a
// glossary may be as much text as the segments in which they occur.
func (g *Gateway) charsPerCall(o *order) int {
	limit, share := maxCharsPerCall, 2.5
	if o.opt.Stored != nil || len(o.opt.Glossary) > 0 {
		share = 3.5
	}
	for _, u := range g.upstreams {
		if t := u.ContextTokens(); t > 0 {
			told := min(o.wishes("", u.Style()).tokens(), t/2)
			limit = min(limit, int(float64(max(t-promptOverhead-told, 200))/share*charsPerToken))
		}
	}
	return limit
}

// answerTokens is how many tokens an answer may take for each that its source
// is estimated at: English takes a quarter of what the same Hindi takes with a
// tokenizer that knows little of it. It only stops a model that runs on.
const answerTokens = 6

// answerFrame is what JSON adds to each segment of an answer, in code points. A
// translation is about as long as its source.
const answerFrame = 8

// charsPerToken is the lowest plausible for Devanagari with today's
// tokenizers, so that a budget in tokens is never overrun.
const charsPerToken = 1.5

// split parts a run of neighbours into as few calls as the bounds allow, of
// about the same number of segments.
func split(run []*unit, limit int) [][]*unit {
	calls := (len(run) + MaxSegmentsPerCall - 1) / MaxSegmentsPerCall
	var out [][]*unit
	for ; len(run) > 0; calls = max(calls-1, (len(run)+MaxSegmentsPerCall-1)/MaxSegmentsPerCall) {
		want := (len(run) + calls - 1) / calls
		n, chars := 0, 0
		for n < min(want, len(run)) {
			chars += len([]rune(run[n].segment.Text))
			if n > 0 && chars > limit {
				break
			}
			n++
		}
		out = append(out, run[:n])
		run = run[n:]
	}
	return out
}

var errUnreadable = errors.New("gateway: the answer holds no JSON object of segments")

// call asks the upstream for the segments and gives the answers in their
// order, nil where the model left one out.
func (t *attempt) call(ctx context.Context, list []*asked, temperature float32) ([]*string, string, error) {
	if t.up.Style() == llm.Plain {
		return t.callPlain(ctx, list[0], temperature)
	}
	p := prompts.Translate(t.prompt(list))
	text, model, err := t.complete(ctx, p, list, temperature)
	if err != nil {
		return nil, "", err
	}
	var answer struct {
		Segments map[string]*string `json:"segments"`
	}
	if err := llm.Answer(text, &answer); err != nil || len(answer.Segments) == 0 {
		return nil, "", errUnreadable
	}
	out := make([]*string, len(list))
	for i := range list {
		out[i] = answer.Segments[strconv.Itoa(i+1)]
	}
	return out, model, nil
}

func (t *attempt) callPlain(ctx context.Context, a *asked, temperature float32) ([]*string, string, error) {
	q := t.prompt([]*asked{a})
	q.Title, q.Before, q.Fix = "", "", nil
	text, model, err := t.complete(ctx, prompts.TranslatePlain(q), []*asked{a}, temperature)
	if err != nil {
		return nil, "", err
	}
	return []*string{&text}, model, nil
}

// prompt is what the model is told of the segments. Those that were rejected
// before go with what was wrong.
func (t *attempt) prompt(list []*asked) prompts.Translation {
	o := t.batch.order
	q := prompts.Translation{
		Source: list[0].source, Target: list[0].target,
		Register: o.opt.Register,
		Segments: make([]string, len(list)), Glossary: map[string]string{},
	}
	o.wishes(q.Target, t.up.Style()).tell(&q, t.up.ContextTokens())
	if o.opt.Context == "document" {
		q.Title, q.Before = head(o.title, maxTitle), tail(list[0].before, maxBefore)
	}
	for i, a := range list {
		q.Segments[i] = a.segment.Text
		plain := a.segment.Plain()
		if plain == o.title {
			q.Title = "" // it is among the segments
		}
		for from, to := range prompts.Terms(a.source, a.target, plain) {
			q.Glossary[from] = to
		}
	}
	for i, a := range list {
		for from, to := range a.terms {
			q.Glossary[from] = to // the caller's wins
		}
		if a.rejected != "" || len(a.problems) > 0 {
			if q.Fix == nil {
				q.Fix = map[string]prompts.Fix{}
			}
			q.Fix[strconv.Itoa(i+1)] = prompts.Fix{Text: a.rejected, Problems: a.problems}
		}
	}
	return q
}

// complete makes the call and puts it on the request's bill, whatever comes of
// it.
func (t *attempt) complete(ctx context.Context, p prompts.Prompt, list []*asked, temperature float32) (text, model string, err error) {
	room, asked, expect := 512, 0, 0
	for _, m := range p.Messages {
		asked += prompts.Estimate(m.Content)
	}
	for _, a := range list {
		room += answerTokens * prompts.Estimate(a.segment.Text)
		expect += utf8.RuneCountInString(a.segment.Text) + answerFrame
	}
	room = min(room, max(t.up.ContextTokens()-asked, 512))
	return t.g.complete(ctx, t.turn, t.batch.order.bill, p, llm.Request{
		MaxTokens: room, Temperature: temperature, Expect: expect, Budget: t.batch.budget.Budget, Keep: t.batch.budget.planned,
	})
}

// complete asks one upstream for what the prompt says, as r says, and bills the
// request.
func (g *Gateway) complete(ctx context.Context, to turn, bill *bill, p prompts.Prompt, r llm.Request) (text, model string, err error) {
	for _, m := range p.Messages {
		r.Messages = append(r.Messages, llm.Message{Role: m.Role, Content: m.Content})
	}
	r.Schema, r.SchemaName, r.Spare = p.Schema, p.SchemaName, to.spare
	if !to.spare {
		r.Keep = 0
	}
	answer, err := to.up.Complete(ctx, r)
	var e *llm.Error
	if errors.As(err, &e) {
		answer.Usage = e.Usage
	}
	g.spent(bill, to.up, answer.Usage)
	if err != nil {
		return "", "", err
	}
	return answer.Text, to.up.Model(), nil
}

// tail is the end of a text, at most n code points, from a sentence's start
// where one is near.
func tail(text string, n int) string {
	if len([]rune(text)) <= n {
		return text
	}
	sentences := article.Sentences(text)
	size, from := 0, len(sentences)
	for from > 0 {
		if size += len([]rune(sentences[from-1])); size > n {
			break
		}
		from--
	}
	if from < len(sentences) {
		return strings.Join(sentences[from:], "")
	}
	r := []rune(text)
	cut := string(r[len(r)-n:])
	if _, after, ok := strings.Cut(cut, " "); ok {
		return after
	}
	return cut
}

// head is the start of a text, at most n code points.
func head(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}
