package gateway

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// State is where a text came from.
type State string

// The states.
const (
	Hit    State = "hit"
	Miss   State = "miss"
	Shared State = "shared" // another request was already asking for it
	None   State = "none"   // carried over, never looked up
)

// unit is one distinct thing that a request wants: a segment's translation, or
// a summary.
type unit struct {
	key            cache.Key
	source, target string

	segment article.Segment // of a translation
	before  string          // its context: the block before, as plain text
	pos     int             // place among the request's segments: neighbours differ by one

	summary *summaryJob // of a summary; nil for a segment

	state  State
	value  *value
	fail   *Failure
	flight *flight
}

// Usage is what a request cost.
type Usage struct {
	Calls, SharedCalls             int
	PromptTokens, CompletionTokens int
	Cost                           *float64 // US dollars; nil: no price is set
	Hits, Misses                   int
}

// bill gathers what the calls of one request cost; calls may still add to it
// when the request has been answered.
type bill struct {
	mu     sync.Mutex
	usage  Usage
	writes sync.WaitGroup
}

func (b *bill) add(up *llm.Upstream, u llm.Usage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.usage.Calls += u.Calls
	b.usage.PromptTokens += u.PromptTokens
	b.usage.CompletionTokens += u.CompletionTokens
	if usd, ok := up.Cost(u); ok {
		if b.usage.Cost != nil {
			usd += *b.usage.Cost
		}
		b.usage.Cost = &usd
	}
}

func (b *bill) read() Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.usage
}

// order is a request as the pipeline sees it: what is wanted, and how.
type order struct {
	opt      *Options
	title    string // goes to the model with context "document"
	units    []*unit
	bill     *bill
	progress func(done, total int)
}

// budgetFor is how many calls an article may cost, retries, repairs and hedges
// included (API.md: ceil(2 × planned) + 4).
func budgetFor(planned int) *llm.Budget {
	return llm.NewBudget(int(math.Ceil(2*float64(planned))) + 4)
}

// fill sees that every unit has its value or its failure: one look-up for all,
// one flight for each that is missing, calls for those nobody is asking for
// yet. It returns early, with the rest failed, when ctx ends.
func (g *Gateway) fill(ctx context.Context, o *order) {
	missing := g.lookUp(ctx, o)
	if len(missing) == 0 {
		o.report(len(o.units))
		return
	}
	if o.opt.Cache == OnlyCache {
		for _, u := range missing {
			u.fail = &Failure{Code: CacheMiss, Message: "not in the cache, and the request forbids asking the model"}
		}
		return
	}
	if ctx.Err() == nil {
		g.launch(o, missing)
	}
	g.await(ctx, o, missing)
}

// lookUp reads all units' keys in one round trip and gives those not found.
func (g *Gateway) lookUp(ctx context.Context, o *order) (missing []*unit) {
	if g.store == nil || o.opt.Cache == RefreshCache || o.opt.Cache == NoCache || len(o.units) == 0 {
		return o.units
	}
	keys := make([]cache.Key, len(o.units))
	for i, u := range o.units {
		keys[i] = u.key
	}
	found, err := g.store.GetMany(ctx, keys)
	g.warnStore("the cache could not be read; its entries count as misses", err)
	for i, u := range o.units {
		if i < len(found) && found[i] != nil {
			if v, err := decodeValue(found[i]); err == nil {
				u.value, u.state = v, Hit
				continue
			}
		}
		missing = append(missing, u)
	}
	return missing
}

// launch joins the flights of what others are asking for and starts the work
// for the rest.
func (g *Gateway) launch(o *order, missing []*unit) {
	fresh := o.opt.Cache == RefreshCache
	var led []*unit
	for _, u := range missing {
		lead := true
		if o.opt.Cache == NoCache {
			u.flight = newFlight()
		} else {
			u.flight, lead = g.flights.join(u.key, fresh)
		}
		if lead {
			u.state = Miss
			led = append(led, u)
		} else {
			u.state = Shared
		}
	}
	segments, summaries := led, []*unit(nil)
	for i, u := range led {
		if u.summary != nil {
			segments, summaries = led[:i], led[i:] // summaries stand behind the segments
			break
		}
	}
	batches := g.pack(o, segments)
	planned := len(batches)
	for _, u := range summaries {
		planned += g.plannedCalls(u.summary)
	}
	budget := budgetFor(planned)
	for _, b := range batches {
		b.budget = budget
		g.start(o, b.units, func(ctx context.Context) { g.translate(ctx, b) })
	}
	for _, u := range summaries {
		g.start(o, []*unit{u}, func(ctx context.Context) { g.summarize(ctx, o, u, budget) })
	}
}

// start runs do, which settles the flights of the units, and writes what came
// of it into the cache. It outlives the request as long as somebody waits.
func (g *Gateway) start(o *order, units []*unit, do func(context.Context)) {
	ctx, cancel := context.WithCancel(g.root)
	list, keys := make([]*flight, len(units)), make([]cache.Key, len(units))
	for i, u := range units {
		list[i], keys[i] = u.flight, u.key
	}
	g.flights.begin(cancel, list)
	o.bill.writes.Add(1)
	g.working.Go(func() {
		defer o.bill.writes.Done()
		defer cancel()
		func() {
			defer func() { // whatever happens, nobody waits for ever
				if r := recover(); r != nil {
					g.log.Error("a call's work panicked", "panic", r)
				}
				for i, f := range list {
					g.flights.settle(keys[i], f, nil, &Failure{Code: Internal, Message: "internal error"})
				}
			}()
			do(ctx)
		}()
		if o.opt.Cache != NoCache {
			g.write(list, keys)
		}
		g.flights.forget(keys, list)
	})
}

// write stores what the flights brought: one pipeline, its own deadline.
func (g *Gateway) write(list []*flight, keys []cache.Key) {
	if g.store == nil {
		return
	}
	var entries []cache.Entry
	for i, f := range list {
		if f.value == nil {
			continue
		}
		ttl := g.ttl
		if (f.value.fallback || len(f.value.warnings) > 0) && (ttl == 0 || ttl > softTTL) {
			ttl = softTTL
		}
		entries = append(entries, cache.Entry{Key: keys[i], Value: f.value.encode(), TTL: cache.Jitter(ttl)})
	}
	if len(entries) == 0 {
		return
	}
	done := make(chan struct{})
	g.working.Go(func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(g.root), writeTimeout)
		defer cancel()
		g.warnStore("the cache could not be written", g.store.SetMany(ctx, entries))
	})
	select {
	case <-done:
	case <-time.After(joinWindow):
	}
}

// warnStore logs a store's error, but not at every request that the store is
// down: its breaker tells that once.
func (g *Gateway) warnStore(what string, err error) {
	if err != nil && !errors.Is(err, cache.ErrDown) {
		g.log.Warn(what, "error", err)
	}
}

// await waits for the flights. What is not there when ctx ends fails, and its
// work is cancelled unless somebody else waits for it.
func (g *Gateway) await(ctx context.Context, o *order, missing []*unit) {
	ready := len(o.units) - len(missing)
	o.report(ready)
	gone := ctx.Done()
	shared := make(map[uint64]bool)
	for _, u := range missing {
		if u.flight == nil { // never launched
			u.fail = failureOf(ctx.Err())
			continue
		}
		if u.state == Shared {
			g.flights.mu.Lock()
			if w := u.flight.work; w != nil {
				shared[w.id] = true
			}
			g.flights.mu.Unlock()
		}
		select {
		case <-u.flight.done:
		default:
			select {
			case <-u.flight.done:
			case <-gone:
				g.flights.leave(u.key, u.flight)
				u.fail = failureOf(ctx.Err())
				continue
			}
		}
		u.value, u.fail = u.flight.value, u.flight.fail
		ready++
		o.report(ready)
	}
	o.bill.mu.Lock()
	o.bill.usage.SharedCalls += len(shared)
	o.bill.mu.Unlock()
	if ctx.Err() == nil {
		o.bill.settle()
	}
}

// settle gives the writes behind an answer a moment, so that work just paid
// for outlives even a kill; a slow store does not hold the answer longer.
func (b *bill) settle() {
	done := make(chan struct{})
	go func() { b.writes.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(writeWait):
	}
}

func (o *order) report(done int) {
	if o.progress != nil {
		o.progress(done, len(o.units))
	}
}

// planner makes the units of an order's segments, one for each distinct key.
type planner struct {
	g     *Gateway
	order *order
	seen  map[cache.Key]*unit
}

func (g *Gateway) planner(o *order) *planner {
	return &planner{g: g, order: o, seen: make(map[cache.Key]*unit)}
}

// block cuts a block into its segments and gives each one's unit; nil stands
// for a piece without a word in it. context is the block before, as plain text.
func (p *planner) block(source, target string, b article.Block, context string) ([]article.Segment, []*unit) {
	o, route := p.order, p.g.route()
	segments := b.Segments(MaxSegment)
	parts := make([]*unit, len(segments))
	for i, s := range segments {
		if !s.Translatable() {
			continue
		}
		known := ""
		if o.opt.Context == "document" && route.style == string(llm.Segments) {
			known = article.Fold(context)
		}
		plain := s.Plain()
		key := route.segmentKey(source, target, o.opt, prompts.Occurring(plain, o.opt.Glossary), known, s.Text)
		u := p.seen[key]
		if u == nil {
			u = &unit{key: key, source: source, target: target, segment: s, before: context, pos: len(o.units)}
			p.seen[key] = u
			o.units = append(o.units, u)
		}
		parts[i] = u
		context = plain
	}
	return segments, parts
}
