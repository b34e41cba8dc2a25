package gateway

// Follower is told of an article while it is at work, from one goroutine at a
// time. The article waits for it, but the calls that are out do not.
//
// A block or a summary may be told again (the names of an article are made one
// at its end); what was told last is what stands in the Result. What it is given
// must not be kept.
type Follower interface {
	// Split comes first, before anything is looked up or asked. Of the blocks, Kind
	// and Source are there.
	Split(source, target string, blocks []Block)
	// Block i is ready: carried over, translated or failed.
	Block(i int, b *Block)
	// Summary i is ready or has failed.
	Summary(i int, s *Summary)
}

// following tells a Follower what becomes of a plan's units.
type following struct {
	plan   *plan
	to     Follower
	open   []int            // of each block, how many of its units are not ready; -1: it was told
	blocks map[*unit][]int  // in which a unit stands
	told   map[*unit]*value // what was told of a unit; nil: its failure
}

// follow tells of the split. No Follower: nil.
func (p *plan) follow(to Follower) *following {
	if to == nil {
		return nil
	}
	f := &following{plan: p, to: to, open: make([]int, len(p.doc.Blocks)), blocks: make(map[*unit][]int), told: make(map[*unit]*value)}
	split := make([]Block, len(p.doc.Blocks))
	for i, b := range p.doc.Blocks {
		split[i] = Block{Kind: b.Kind, Source: b.String()}
		for u := range p.unitsOf(i) {
			f.open[i]++
			f.blocks[u] = append(f.blocks[u], i)
		}
	}
	to.Split(p.order.opt.Source, p.order.opt.Target, split)
	return f
}

// unitsOf is the set of units that the answer's block i is made of.
func (p *plan) unitsOf(i int) map[*unit]bool {
	if !p.req.Translate || p.parts[i] == nil {
		return nil
	}
	set := make(map[*unit]bool, len(p.parts[i]))
	for _, u := range p.parts[i] {
		if u != nil {
			set[u] = true
		}
	}
	return set
}

// ready tells of the blocks and summaries that wait for nothing more.
func (f *following) ready(units []*unit) {
	for _, u := range units {
		f.told[u] = u.value
		for _, i := range f.blocks[u] {
			f.open[i]--
		}
	}
	for i, n := range f.open {
		if n == 0 {
			f.open[i] = -1
			b := f.plan.block(i, f.plan.doc.Blocks[i])
			f.to.Block(i, &b)
		}
	}
	for _, u := range units {
		for k, s := range f.plan.summaries {
			if s == u {
				s := f.plan.summary(u)
				f.to.Summary(k, &s)
			}
		}
	}
}

// finish tells of what stands in the result and was not told yet, or otherwise.
func (f *following) finish(res *Result) {
	for i := range res.Blocks {
		for u := range f.plan.unitsOf(i) {
			if f.news(u) {
				f.to.Block(i, &res.Blocks[i])
				break
			}
		}
	}
	for k := range res.Summaries {
		if f.plan.extractive || f.news(f.plan.summaries[k]) {
			f.to.Summary(k, &res.Summaries[k])
		}
	}
}

func (f *following) news(u *unit) bool {
	v, ok := f.told[u]
	return !ok || v != u.value
}
