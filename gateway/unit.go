package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	Shared State = "shared" // another request was already asking for it, here or in another replica
	None   State = "none"   // carried over, never looked up
)

// unit is one distinct thing that a request wants: a segment's translation, or
// a summary.
type unit struct {
	key            cache.Key
	source, target string

	segment article.Segment   // of a translation
	terms   map[string]string // of the caller's glossaries that occur in it
	before  string            // its context: the block before, as plain text
	pos     int               // place among the request's segments: neighbours differ by one

	summary *summaryJob // of a summary; nil for a segment
	reword  *rewordJob  // of a segment's other translations; nil for anything else

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
	to        func(Spending) // told of each call
	unhurried bool

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
	if usd, ok := up.Cost(u); ok && b.usage.Cost != nil {
		sum := *b.usage.Cost + usd // the old number may be in an answer by now
		b.usage.Cost = &sum
	}
}

// Plus is what two requests cost together.
func (u Usage) Plus(v Usage) Usage {
	sum := Usage{
		Calls: u.Calls + v.Calls, SharedCalls: u.SharedCalls + v.SharedCalls,
		PromptTokens: u.PromptTokens + v.PromptTokens, CompletionTokens: u.CompletionTokens + v.CompletionTokens,
		Hits: u.Hits + v.Hits, Misses: u.Misses + v.Misses, Cost: u.Cost,
	}
	if v.Cost != nil {
		usd := *v.Cost
		if u.Cost != nil {
			usd += *u.Cost
		}
		sum.Cost = &usd
	}
	return sum
}

// newBill starts at nothing: 0 dollars where a price is set.
func (g *Gateway) newBill(ctx context.Context) *bill {
	b := &bill{to: billTo(ctx), unhurried: unhurried(ctx)}
	for _, u := range g.upstreams {
		if _, ok := u.Cost(llm.Usage{}); ok {
			b.usage.Cost = new(float64)
		}
	}
	return b
}

// tally is the bill with what the cache did, and whether a fallback answered.
func (o *order) tally() (u Usage, fallback bool) {
	u = o.bill.read()
	for _, unit := range o.units {
		if unit.state == Hit {
			u.Hits++
		} else {
			u.Misses++
		}
		fallback = fallback || unit.value != nil && unit.value.fallback
	}
	return u, fallback
}

// firstFailure is why something of the order is missing; through: something
// else is not.
func (o *order) firstFailure() (first *Failure, through bool) {
	for _, u := range o.units {
		through = through || u.value != nil
		if first == nil && u.fail != nil {
			first = u.fail
		}
	}
	return first, through
}

// lost is the error of a request of which nothing came through, and in the log
// the reason of one that is missing something.
func (g *Gateway) lost(ctx context.Context, o *order) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Code: Canceled, Message: "the caller has gone", cause: ctx.Err()}
	}
	first, through := o.firstFailure()
	if first == nil || o.opt.Cache == OnlyCache {
		return nil
	}
	if through {
		g.log.Warn("an answer is missing something", "code", string(first.Code), "cause", fmt.Sprint(first.cause))
		return nil
	}
	e := &Error{Code: first.Code, Message: first.Message, cause: first.cause}
	switch e.Code {
	case UpstreamAuth, Timeout, Canceled, Internal:
	default:
		e.Code = UpstreamFailed // why is for the text alone
	}
	return e
}

func (b *bill) read() Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.usage
}

// order is a request as the pipeline sees it: what is wanted, and how.
type order struct {
	opt    *Options
	title  string // goes to the model with context "document"
	units  []*unit
	bill   *bill
	budget *budget // of what was asked for last; nil: nothing was
	unread bool    // the store did not say what it has of the units

	progress func(done, total int) // nil: nobody
	follow   *following            // nil: nobody
	ready    int                   // how many units were told of

	background string // a TextsRequest's, cut to MaxBackground

	once   sync.Once
	inline *prompts.Matcher // of the request's own glossary
}

// budget is how many calls an article may still cost, retries, repairs and hedges
// included, and how many were planned: so many are kept for a fallback upstream.
type budget struct {
	*llm.Budget
	planned int
}

func budgetFor(planned int) *budget { return &budget{llm.NewBudget(2*planned + 4), planned} }

// fill sees that every unit has its value or its failure: one look-up for all,
// one flight for each that is missing, calls for those nobody is asking for
// yet. It returns early, with the rest failed, when ctx ends.
func (g *Gateway) fill(ctx context.Context, o *order) {
	missing := g.lookUp(ctx, o)
	found := without(o.units, missing)
	if o.opt.Cache == OnlyCache {
		for _, u := range missing {
			u.fail = &Failure{Code: CacheMiss, Message: "not in the cache, and the request forbids asking the model"}
		}
		found, missing = o.units, nil
	}
	if len(missing) > 0 && ctx.Err() == nil {
		g.launch(o, missing)
	}
	o.tell(found) // the calls are out: who is told may take his time
	if len(missing) == 0 {
		return
	}
	g.await(ctx, o, missing)
	var again []*unit
	for _, u := range missing {
		if u.starved() {
			again = append(again, u)
		}
	}
	if ctx.Err() != nil || len(again) == 0 {
		return
	}
	for _, u := range again {
		u.flight, u.fail = nil, nil
	}
	g.launch(o, again)
	g.await(ctx, o, again)
}

// without gives the units that are not among the others, which stand in the same order.
func without(units, others []*unit) (rest []*unit) {
	for _, u := range units {
		if len(others) > 0 && others[0] == u {
			others = others[1:]
			continue
		}
		rest = append(rest, u)
	}
	return rest
}

// starved reports whether the unit's flight was led by another request that could
// not pay for it to its end: then it is asked for once more, on this request's own
// budget.
func (u *unit) starved() bool {
	return u.state == Shared && u.fail != nil && (u.fail.Code == BudgetSpent || u.fail.Code == Canceled)
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
	if ctx.Err() == nil { // a caller's leaving is not the store's fault
		g.warnStore("the cache could not be read; its entries count as misses", err)
	}
	o.unread = err != nil
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

// launch joins the flights of what others are asking for, in this process or
// another, and starts the work for the rest.
func (g *Gateway) launch(o *order, missing []*unit) {
	var led []*unit
	if o.opt.Cache == NoCache {
		for _, u := range missing {
			u.flight, u.state = newFlight(), Miss
		}
		led = missing
	} else {
		led = g.flights.join(missing, o.opt.Cache == RefreshCache)
	}
	if len(led) == 0 {
		return
	}
	segments, alone := bySort(led)
	planned := len(g.pack(o, segments))
	for _, u := range alone {
		planned += u.calls()
	}
	spend := budgetFor(planned)
	o.budget = spend
	ours, theirs := g.lease(o, led)
	g.send(o, ours, spend)
	if len(theirs) > 0 {
		g.start(o, theirs, func(ctx context.Context) { g.follow(ctx, o, theirs, spend) })
	}
}

// bySort parts units into segments and those that are asked for each by
// itself, which stand behind them.
func bySort(units []*unit) (segments, alone []*unit) {
	for i, u := range units {
		if u.summary != nil || u.reword != nil {
			return units[:i], units[i:]
		}
	}
	return units, nil
}

// calls is how many calls one that is asked for by itself plans.
func (u *unit) calls() int {
	if u.summary != nil {
		return u.summary.calls()
	}
	return 1
}

// send starts the calls for units.
func (g *Gateway) send(o *order, units []*unit, spend *budget) {
	segments, alone := bySort(units)
	for _, b := range g.pack(o, segments) {
		b.budget = spend
		g.start(o, b.units, g.inside(o, func(ctx context.Context) { g.translate(ctx, b) }))
	}
	for _, u := range alone {
		ask := g.summarize
		if u.reword != nil {
			ask = g.reword
		}
		g.start(o, []*unit{u}, g.inside(o, func(ctx context.Context) { ask(ctx, o, u, spend) }))
	}
}

// mostWorks is how many works are at their calls at the same time, or more if the
// upstreams can take more. One that waits in line for an upstream holds its prompt and
// a deep stack; behind a burst of articles the lines would hold most of the memory.
const mostWorks = 1024

// inside is do once there is room for it, or ctx has ended.
func (g *Gateway) inside(o *order, do func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		if o.bill.unhurried { // before it takes the room of others
			select {
			case g.unhurried <- struct{}{}:
				defer func() { <-g.unhurried }()
			case <-ctx.Done():
			}
		}
		select {
		case g.works <- struct{}{}:
			defer func() { <-g.works }()
		case <-ctx.Done():
		}
		do(ctx)
	}
}

// start runs do, which settles the flights of the units, and writes what came
// of it into the cache. It outlives the request as long as somebody waits.
func (g *Gateway) start(o *order, units []*unit, do func(context.Context)) {
	ctx, cancel := context.WithCancel(g.root)
	list, keys := flightsOf(units)
	w := g.flights.begin(cancel, list)
	if !g.begin() {
		cancel()
		for i, f := range list {
			g.flights.settle(keys[i], f, nil, &Failure{Code: Canceled, Message: "the gateway is stopping"})
		}
		return
	}
	o.bill.writes.Add(1)
	go func() {
		defer g.working.Done()
		defer o.bill.writes.Done()
		defer cancel()
		func() {
			defer func() { // whatever happens, nobody waits for ever
				if r := recover(); r != nil {
					g.log.Error("a call's work panicked", "panic", r)
				}
				keys, list = g.flights.of(w, keys, list) // what it has not handed on
				for i, f := range list {
					g.flights.settle(keys[i], f, nil, &Failure{Code: Internal, Message: "internal error"})
				}
			}()
			do(ctx)
		}()
		if o.opt.Cache != NoCache {
			g.write(list, keys)
		}
		g.release(leased(keys, list), false) // of what has no value
		g.flights.forget(keys, list)
	}()
}

// write stores what the flights have brought by now and is not stored yet: one
// pipeline, its own deadline. Their leases are released when it has ended. Only
// the flights' work may call it.
func (g *Gateway) write(list []*flight, keys []cache.Key) {
	if g.store == nil {
		return
	}
	wrote := make(chan struct{})
	entries, held := g.flights.unwritten(list, keys, g.entry, wrote)
	if len(entries) == 0 {
		return
	}
	g.working.Go(func() {
		err := g.keep(entries)
		close(wrote)
		g.warnStore("the cache could not be written", err)
		g.release(held, err == nil)
	})
	select {
	case <-wrote:
	case <-time.After(joinWindow):
	}
}

// keep writes entries into the store. A store that is late or down gets a
// little time to come back: what was paid for is not lost to a hiccup, and no
// other replica asks for it again.
func (g *Gateway) keep(entries []cache.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(g.root), writeTimeout)
	defer cancel()
	for began := time.Now(); ; {
		err := g.store.SetMany(ctx, entries)
		if !errors.Is(err, cache.ErrDown) && !errors.Is(err, cache.ErrTimeout) || time.Since(began) > writePatience {
			return err
		}
		select {
		case <-time.After(writeAgain):
		case <-g.root.Done():
			return err
		}
	}
}

// entry is a value as it is stored: what is doubtful or comes from a fallback
// for a day at most.
func (g *Gateway) entry(key cache.Key, v *value) cache.Entry {
	ttl := cache.Jitter(g.ttl)
	if (v.fallback || v.doubtful) && (ttl == 0 || ttl > softTTL) {
		ttl = softTTL
	}
	return cache.Entry{Key: key, Value: v.encode(), TTL: ttl}
}

// warnStore logs a store's error, but not at every request that the store is
// down: its breaker tells that once.
func (g *Gateway) warnStore(what string, err error) {
	if err != nil && !errors.Is(err, cache.ErrDown) {
		g.log.Warn(what, "error", err)
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
// for a piece without a word in it, and for a block without any. context is the block before, as plain text.
func (p *planner) block(source, target string, b article.Block, context string) ([]article.Segment, []*unit) {
	o, route := p.order, p.g.route()
	segments := b.Segments(MaxSegment)
	if !slices.ContainsFunc(segments, article.Segment.Translatable) {
		return nil, nil
	}
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
		terms := o.terms(source, target, plain)
		key := route.segmentKey(source, target, o, terms, known, s.Text)
		u := p.seen[key]
		if u == nil {
			u = &unit{state: None, key: key, source: source, target: target, segment: s, terms: terms, before: context, pos: len(o.units)}
			p.seen[key] = u
			o.units = append(o.units, u)
		}
		parts[i] = u
		context = plain
	}
	return segments, parts
}
