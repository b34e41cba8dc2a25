package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
)

// trial is one segment that is translated for its score.
type trial struct {
	line, segment     int // segment 0: the line is a lone pair
	direction         direction
	source, reference string

	done       bool // translated, or given up by the gateway
	hypothesis string
	model      string
	warnings   []string     // codes
	failure    gateway.Code // "" unless given up; the hypothesis is then empty
}

// trialsOf are the segments of the lines, in order.
func trialsOf(lines []*pairLine, d direction) (trials []*trial) {
	for _, l := range lines {
		source, target := l.sides(d)
		for i := range source {
			t := &trial{line: l.number, direction: d, source: source[i], reference: target[i]}
			if l.article {
				t.segment = i + 1
			}
			trials = append(trials, t)
		}
	}
	return trials
}

// textsPerGroup is how many lone segments are one request: some full calls, so
// that none goes out half empty, and few enough for an even progress.
const textsPerGroup = 4 * gateway.MaxSegmentsPerCall

// group is one request: the segments of one article, or lone ones.
type group struct {
	index  int // in the order of their begin
	trials []*trial
}

// groups parts the trials, in order; chars bounds the code points of each but
// for a single segment's.
func groups(trials []*trial, chars int) (out []*group) {
	for len(trials) > 0 {
		first, n, size := trials[0], 0, 0
		for _, t := range trials {
			size += utf8.RuneCountInString(t.source) + 2 // with the blank line between two
			other := first.segment == 0 && (t.segment > 0 || n == textsPerGroup) || first.segment > 0 && t.line != first.line
			if n > 0 && (other || size > chars) {
				break
			}
			n++
		}
		out = append(out, &group{len(out), trials[:n]})
		trials = trials[n:]
	}
	return out
}

// directionRun is the translation of one direction.
type directionRun struct {
	*evaluation
	direction direction
	trials    []*trial
	done      func(n int) // told of segments that are ready

	mu      sync.Mutex
	usage   gateway.Usage
	notices map[string]string // warnings about the gateway: code → message
	lost    []*group          // those of which nothing came back, begun behind the last that came through
	stopped error             // why no more is asked
	cancel  context.CancelFunc
}

// run translates all groups, some at once. The error is why it gave up; it is
// nil when ctx ended.
func (r *directionRun) run(ctx context.Context) error {
	ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	r.parts.observe = r.count
	work := make(chan *group)
	var wg sync.WaitGroup
	for range r.workers {
		wg.Go(func() {
			for g := range work {
				if ctx.Err() == nil {
					r.translate(ctx, g)
				}
			}
		})
	}
	for _, g := range groups(r.trials, r.chars) {
		select {
		case work <- g:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
	return r.stopped
}

// count adds up what the requests cost, also those of which nothing came.
func (r *directionRun) count(e gateway.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := &r.usage
	u.Calls += e.Usage.Calls
	u.SharedCalls += e.Usage.SharedCalls
	u.PromptTokens += e.Usage.PromptTokens
	u.CompletionTokens += e.Usage.CompletionTokens
	u.Hits += e.Usage.Hits
	u.Misses += e.Usage.Misses
	if e.Usage.Cost != nil {
		sum := *e.Usage.Cost
		if u.Cost != nil {
			sum += *u.Cost
		}
		u.Cost = &sum
	}
}

func (r *directionRun) options() gateway.Options {
	return gateway.Options{Source: r.direction.from, Target: r.direction.to, Cache: gateway.CacheMode(r.command.Cache)}
}

// translate translates a group: an article as one, so that its segments have
// their context, if its blocks are the segments one to one.
func (r *directionRun) translate(ctx context.Context, g *group) {
	var err error
	if text, kept, ok := asArticle(g.trials); ok {
		err = r.article(ctx, text, kept)
	} else {
		err = r.texts(ctx, g.trials)
	}
	r.settle(ctx, g, err)
}

// asArticle writes segments as an article with one paragraph for each; those
// with nothing in them are left out. It is false unless the article parses
// back into the segments.
func asArticle(trials []*trial) (text string, kept []*trial, ok bool) {
	if trials[0].segment == 0 {
		return "", nil, false
	}
	var paragraphs []string
	for _, t := range trials {
		if p := strings.TrimSpace(strings.Join(strings.FieldsFunc(t.source, lineEnd), " ")); p != "" {
			paragraphs, kept = append(paragraphs, p), append(kept, t)
		}
	}
	text = strings.Join(paragraphs, "\n\n")
	doc, err := article.Parse(text, article.Options{Format: article.Text})
	if err != nil || len(doc.Blocks) != len(kept) {
		return "", nil, false
	}
	for i, b := range doc.Blocks {
		if _, ok := lead(paragraphs[i], b.String()); !ok {
			return "", nil, false
		}
	}
	return text, kept, true
}

func lineEnd(r rune) bool { return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) }

// lead is what stands before a block in its paragraph, such as a bullet; false
// if the paragraph is not the block's.
func lead(paragraph, block string) (string, bool) {
	paragraph = article.Normalize(paragraph)
	return strings.CutSuffix(paragraph, article.Normalize(block))
}

// article translates the segments kept, which are the blocks of the text.
func (r *directionRun) article(ctx context.Context, text string, kept []*trial) error {
	res, err := r.parts.gateway.Article(ctx, gateway.Request{Input: text, Format: article.Text, Translate: true, Options: r.options()})
	if err != nil {
		return err
	}
	if len(res.Blocks) != len(kept) { // cannot be: it parsed so before
		return r.texts(ctx, kept)
	}
	r.warn(res.Warnings)
	for i, t := range kept {
		b := &res.Blocks[i]
		t.model = b.Model
		t.take(b.Warnings, b.Failure)
		if b.Failure == nil {
			before, _ := lead(t.source, b.Source)
			t.hypothesis = before + b.Target.String()
		}
	}
	return nil
}

// texts translates segments that know nothing of each other.
func (r *directionRun) texts(ctx context.Context, trials []*trial) error {
	for len(trials) > 0 {
		part := trials[:min(len(trials), gateway.MaxTexts)]
		trials = trials[len(part):]
		list := make([]string, len(part))
		for i, t := range part {
			list[i] = t.source
		}
		res, err := r.parts.gateway.Texts(ctx, gateway.TextsRequest{Texts: list, Options: r.options()})
		if err != nil {
			return err
		}
		r.warn(res.Warnings)
		for i, t := range part {
			got := &res.Texts[i]
			t.model, t.hypothesis = got.Model, got.Text
			t.take(got.Warnings, got.Failure)
		}
	}
	return nil
}

// take settles a trial, but for its hypothesis.
func (t *trial) take(warnings []gateway.Warning, failure *gateway.Failure) {
	t.done = true
	for _, w := range warnings {
		t.warnings = append(t.warnings, w.Code)
	}
	if failure != nil {
		t.failure = failure.Code
	}
}

func (r *directionRun) warn(warnings []gateway.Warning) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range warnings {
		r.notices[w.Code] = w.Message
	}
}

// lostInARow is after how many groups of which nothing came back, and none that
// was begun behind the first of them came through, the model is taken for dead.
const lostInARow = 12

// settle settles what is left of a group: segments without text stand as they
// are, and when the whole request failed, so have the others. What was not
// asked to its end, because it was cut short, is left for another run.
func (r *directionRun) settle(ctx context.Context, g *group, err error) {
	if ctx.Err() != nil {
		for _, t := range g.trials { // what came in time counts
			if t.failure != "" {
				t.done, t.failure = false, ""
			}
		}
		return
	}
	if err == nil {
		r.mu.Lock()
		r.lost = slices.DeleteFunc(r.lost, func(l *group) bool { return l.index < g.index })
		r.mu.Unlock()
	}
	var ge *gateway.Error
	if errors.As(err, &ge) && r.dead(g, ge) {
		return
	}
	r.mu.Lock() // another group's end may take this one back: see dead
	for _, t := range g.trials {
		switch {
		case t.done:
		case strings.TrimSpace(t.source) == "":
			t.done, t.hypothesis = true, t.source
		case ge != nil:
			t.done, t.failure = true, ge.Code
		}
	}
	r.mu.Unlock()
	r.done(len(g.trials))
}

// dead takes down how a whole request ended, and reports whether the model is
// given up: its key is refused, or nothing comes back any more. The groups that
// were lost to that are left for another run.
func (r *directionRun) dead(g *group, err *gateway.Error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch err.Code {
	case gateway.UpstreamAuth, gateway.UpstreamFailed, gateway.Timeout:
	default:
		return false // of the text's own fault
	}
	r.lost = append(r.lost, g)
	if err.Code != gateway.UpstreamAuth && len(r.lost) < lostInARow {
		return false
	}
	for _, l := range r.lost {
		for _, t := range l.trials {
			t.done, t.failure = false, ""
		}
	}
	if r.stopped == nil {
		r.stopped = err
	}
	r.cancel()
	return true
}
