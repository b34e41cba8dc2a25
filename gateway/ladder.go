package gateway

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"dubhashi/gateway/check"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// The repair ladder: the answers of a call that are good are kept. For the rest
// the upstream is asked again with the problems named, first for all of them
// together, then for halves, then for each alone; then the next upstream has its
// turn. What is left has its best answer given with its warnings, if there is one
// that may be given, or fails.
const (
	rungHalves = 2
	rungSingle = 3
	rungs      = 4 // calls that a segment is part of, at one upstream
	softRungs  = 3 // of one whose answer could be given with a warning
)

// temperatureOf a rung: at 0 the same fault would come again, and far from 0 others
// come (0.1 to 0.3 is the range in use).
func temperatureOf(rung int) float32 {
	switch rung {
	case 0:
		return 0
	case 1:
		return 0.2
	}
	return 0.3
}

// asked is a segment on its way up the ladder.
type asked struct {
	*unit
	best     *value   // the best answer so far that could be given, with its warnings
	rejected string   // the last answer that was not good
	problems []string // what was wrong with it, for the model
	faults   []string // the same for the caller
	answered bool     // there was one, even an empty one
	tried    bool     // a call has brought an answer, with this segment or without
	stands   bool     // the model said the same again: asking it once more is no use
}

// translate settles the batch's flights, each as soon as its answer is good.
func (g *Gateway) translate(ctx context.Context, b *batch) {
	pending := make([]*asked, len(b.units))
	for i, u := range b.units {
		pending[i] = &asked{unit: u}
	}
	var last *Failure
	for _, turn := range g.turns(translates) {
		if ctx.Err() != nil && last != nil {
			break // nobody waits any more
		}
		for _, a := range pending {
			a.stands = false
		}
		t := &attempt{g: g, turn: turn, batch: b}
		var fail *Failure
		if pending, fail = t.run(ctx, pending); len(pending) == 0 {
			return
		}
		if last == nil || fail != nil && fail.Code != BudgetSpent {
			last = fail
		}
	}
	for _, a := range pending {
		switch {
		case a.best != nil:
			g.flights.settle(a.key, a.flight, a.best, nil)
		case a.rejected != "" || a.tried && last == nil:
			g.flights.settle(a.key, a.flight, nil, &Failure{Code: Rejected, Message: "the model's answers failed the checks: " + strings.Join(a.faults, "; ")})
		default:
			if last == nil {
				last = failureOf(ctx.Err())
			}
			g.flights.settle(a.key, a.flight, nil, last)
		}
	}
}

// turn is an upstream to ask, and whether there is another after it.
type turn struct {
	up    *llm.Upstream
	index int
	spare bool
}

// turns are the upstreams that can do a task, in order: those that are not known to
// fail, or the first when all are. The last is asked whatever is known of it.
func (g *Gateway) turns(can func(*llm.Upstream) bool) (list []turn) {
	first := -1
	for i, u := range g.upstreams {
		if !can(u) {
			continue
		}
		if first < 0 {
			first = i
		}
		if u.Ready() {
			list = append(list, turn{u, i, true})
		}
	}
	if len(list) == 0 && first >= 0 {
		list = []turn{{g.upstreams[first], first, true}}
	}
	if len(list) > 0 {
		list[len(list)-1].spare = false
	}
	return list
}

func translates(*llm.Upstream) bool { return true }

func summarizes(u *llm.Upstream) bool { return u.Style() == llm.Segments }

// attempt is one upstream's turn at a batch.
type attempt struct {
	g *Gateway
	turn
	batch *batch
}

// run gives what is still pending after the upstream's turn and, when the upstream
// itself failed, why.
func (t *attempt) run(ctx context.Context, pending []*asked) ([]*asked, *Failure) {
	if t.up.Style() == llm.Plain {
		return t.parts(ctx, single(pending), 0)
	}
	return t.climb(ctx, pending, 0)
}

// climb asks for the list from a rung on.
func (t *attempt) climb(ctx context.Context, list []*asked, rung int) ([]*asked, *Failure) {
	left, cut, fail := t.ask(ctx, list, rung)
	if len(left) == 0 || fail != nil && !cut {
		return left, fail
	}
	next := rung + 1
	switch { // the same again would be cut or refused again
	case cut && len(left) > 1:
		next = max(next, rungHalves)
	case cut && t.up.Style() != llm.Plain:
		next = max(next, rungSingle) // but for one more try of a single one
	}
	again, done := t.worthAsking(left, next)
	var parts [][]*asked
	switch {
	case len(again) == 0:
		return left, fail
	case next < rungHalves || len(again) == 1:
		parts = [][]*asked{again}
	case next < rungSingle:
		half := (len(again) + 1) / 2
		parts = [][]*asked{again[:half], again[half:]}
	default:
		parts = single(again)
	}
	left, fail = t.parts(ctx, parts, next)
	return append(done, left...), fail
}

// worthAsking tells those that another call at this upstream may mend from those
// that are done with here.
func (t *attempt) worthAsking(list []*asked, rung int) (again, done []*asked) {
	for _, a := range list {
		limit := rungs
		switch {
		case a.stands:
			limit = 0
		case t.up.Style() == llm.Plain: // is not told what was wrong
			limit = 2
		case a.best != nil && t.index > 0: // can be given: not worth paying for thrice
			limit = 1
		case a.best != nil:
			limit = softRungs
		}
		if rung < limit {
			again = append(again, a)
		} else {
			done = append(done, a)
		}
	}
	return again, done
}

func single(list []*asked) [][]*asked {
	parts := make([][]*asked, len(list))
	for i := range list {
		parts[i] = list[i : i+1 : i+1]
	}
	return parts
}

// parts climbs on with each part at the same time.
func (t *attempt) parts(ctx context.Context, parts [][]*asked, rung int) (left []*asked, fail *Failure) {
	if len(parts) == 1 {
		return t.climb(ctx, parts[0], rung)
	}
	rest, fails := make([][]*asked, len(parts)), make([]*Failure, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() {
			defer func() { // the segments fail, not the program
				if r := recover(); r != nil {
					t.g.log.Error("a repair panicked", "panic", r)
					rest[i], fails[i] = part, &Failure{Code: Internal, Message: "internal error"}
				}
			}()
			rest[i], fails[i] = t.climb(ctx, part, rung)
		})
	}
	wg.Wait()
	for i := range parts {
		left, fail = append(left, rest[i]...), cmp.Or(fail, fails[i])
	}
	return left, fail
}

// ask makes one call and settles what is good of it. cut: the answer was cut short
// or refused as a whole, so that smaller calls may fare better.
func (t *attempt) ask(ctx context.Context, list []*asked, rung int) (left []*asked, cut bool, fail *Failure) {
	answers, model, err := t.call(ctx, list, temperatureOf(rung))
	switch {
	case errors.Is(err, errUnreadable):
		for _, a := range list {
			a.tried = true
			if a.rejected == "" {
				a.problems = []string{"your answer was not the JSON object that is asked for"}
				a.faults = []string{"the answer was not in the form that was asked for"}
			}
		}
		return list, false, nil
	case err != nil:
		return list, isCut(err), failureOf(err)
	}
	left = t.judge(list, answers, model)
	if len(left) > 0 && len(left) < len(list) {
		t.batch.write(t.g) // what the rest takes may be minutes
	}
	return left, false, nil
}

func isCut(err error) bool {
	var e *llm.Error
	return errors.As(err, &e) && (e.Kind == llm.Truncated || e.Kind == llm.Refused)
}

// write stores what is settled so far.
func (b *batch) write(g *Gateway) {
	if b.order.opt.Cache == NoCache {
		return
	}
	g.write(flightsOf(b.units))
}

// judge settles each segment whose answer needs no mending and gives the others.
func (t *attempt) judge(list []*asked, answers []*string, model string) (left []*asked) {
	pairs := make([]check.Pair, len(list))
	for i, a := range list {
		pairs[i] = t.batch.order.pair(a.unit)
		if answers[i] != nil {
			pairs[i].Target = strings.TrimSpace(*answers[i])
		}
	}
	for i, found := range check.Call(pairs) {
		a := list[i]
		a.tried = true
		if answers[i] == nil {
			a.rejected, a.answered = "", false
			a.problems, a.faults = []string{"your answer left this id out: translate its text"}, []string{"the model left this text out"}
			left = append(left, a)
		} else if v := t.weigh(a, pairs[i].Target, found, model); v != nil {
			t.g.flights.settle(a.key, a.flight, v, nil)
		} else {
			left = append(left, a)
		}
	}
	return left
}

// pair is what the checks look at of a segment, without its answer.
func (o *order) pair(u *unit) check.Pair {
	return check.Pair{
		Source: u.segment.Text, From: u.source, To: u.target, Segment: u.segment,
		Glossary: u.terms, Address: o.opt.Address,
	}
}

// weigh gives the answer as a value when it is to be taken: it needs no mending, or
// the model stands by it and it may be given. Else it keeps it as a candidate, and
// what is wrong with it for the next call.
func (t *attempt) weigh(a *asked, text string, found []check.Finding, model string) *value {
	v := t.g.valueOf(text, model, found)
	v.fallback = t.index > 0
	if !check.Rejected(found) {
		return v
	}
	a.problems, a.faults = requests(found), messages(found)
	if !check.Hard(found) && (a.best == nil || better(v, a.best)) {
		a.best = v
	}
	a.stands = a.answered && text == a.rejected
	a.rejected, a.answered = text, true
	if a.stands {
		return a.best
	}
	return nil
}

// better tells whether of two answers with warnings a is the one to give.
func better(a, b *value) bool {
	if len(a.warnings) != len(b.warnings) {
		return len(a.warnings) < len(b.warnings)
	}
	return b.fallback && !a.fallback
}

// valueOf is an answer as it is cached, with its warnings.
func (g *Gateway) valueOf(text, model string, found []check.Finding) *value {
	v := &value{made: time.Now(), model: model, version: prompts.Version, digits: digits(text), text: quote(text)}
	v.warn(found)
	return v
}

// warn adds findings to the warnings; those that were worth another call make the
// value doubtful.
func (v *value) warn(found []check.Finding) {
	for _, f := range found {
		v.warnings = append(v.warnings, Warning{f.Code, f.Message})
		v.doubtful = v.doubtful || !f.Minor
	}
}
