package gateway

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/check"
	"dubhashi/gateway/llm"
)

// leastMending is what the repair of names gets of an article that was quick.
const leastMending = 2 * time.Second

// agree sees that the article spells a name in one way and says nothing twice. Its
// segments were translated apart, some of them long ago, so that no call could know
// what another wrote: what this request has asked for is mended, what others have asked for or was cached gets
// a warning, and an article that came from the cache whole is left alone. took is what
// the article has taken so far: its names may take as long again.
func (g *Gateway) agree(ctx context.Context, o *order, took time.Duration) {
	units, pairs := o.translated()
	if len(units) < 2 || !o.asked() {
		return
	}
	m := &mending{g: g, order: o, units: units, pairs: pairs, findings: check.Article(pairs)}
	var mend, changed []int
	for i, u := range units {
		switch {
		case len(m.findings[i]) == 0:
		case u.state == Miss && check.Rejected(m.findings[i]) && ctx.Err() == nil:
			mend = append(mend, i)
		default:
			u.warn(m.findings[i])
		}
		if len(m.findings[i]) > 0 && u.state == Miss {
			changed = append(changed, i)
		}
	}
	if len(changed) == 0 || !g.begin() {
		return
	}
	defer g.working.Done()
	if len(mend) > 0 {
		within, cancel := context.WithTimeout(ctx, max(took, leastMending))
		m.run(within, mend)
		cancel()
	}
	if o.opt.Cache != NoCache && g.store != nil {
		g.rewrite(o, changed, units)
	}
}

// rewrite stores the units again, behind the writes of the work that brought them.
// The answer waits for it as for these, a moment.
func (g *Gateway) rewrite(o *order, changed []int, units []*unit) {
	entries := make([]cache.Entry, len(changed))
	for k, i := range changed {
		entries[k] = g.entry(units[i].key, units[i].value)
	}
	done := make(chan struct{})
	g.working.Go(func() {
		defer close(done)
		o.bill.writes.Wait() // the works have ended: what they write is on its way
		for _, i := range changed {
			if wrote := units[i].flight.wrote; wrote != nil {
				<-wrote
			}
		}
		g.warnStore("the cache could not be written", g.keep(entries))
	})
	select {
	case <-done:
	case <-time.After(writeWait):
	}
}

// translated gives the segments that have a translation.
func (o *order) translated() (units []*unit, pairs []check.Pair) {
	for _, u := range o.units {
		if u.summary != nil || u.value == nil {
			continue
		}
		p := o.pair(u)
		p.Target = u.value.string()
		units, pairs = append(units, u), append(pairs, p)
	}
	return units, pairs
}

// asked reports whether a model was asked for something of the order, by this request
// or another at the same time.
func (o *order) asked() bool {
	for _, u := range o.units {
		if u.summary == nil && (u.state == Miss || u.state == Shared) && u.value != nil {
			return true
		}
	}
	return false
}

// warn adds findings to the unit's own copy of its value: others may hold the value.
func (u *unit) warn(found []check.Finding) {
	if len(found) == 0 || u.value.warns(found) {
		return
	}
	v := *u.value
	v.warnings = append([]Warning(nil), v.warnings...)
	v.warn(found)
	u.value = &v
}

// warns reports whether the value has warnings of these codes already.
func (v *value) warns(found []check.Finding) bool {
	for _, f := range found {
		has := false
		for _, w := range v.warnings {
			has = has || w.Code == f.Code
		}
		if !has {
			return false
		}
	}
	return true
}

// mending is one round of repairs for names.
type mending struct {
	g        *Gateway
	order    *order
	units    []*unit           // of all the article's segments that have a translation
	pairs    []check.Pair      // theirs
	findings [][]check.Finding // what is wrong with their names
}

// run asks once for some of the units, neighbours together, takes each answer that
// mends its names and does no harm, and warns of the names that stay.
func (m *mending) run(ctx context.Context, mend []int) {
	mended := make(map[int]*value)
	for u, v := range m.ask(ctx, mend) {
		mended[slices.Index(m.units, u)] = v
	}
	before := make(map[int]string)
	for i, v := range mended {
		before[i], m.pairs[i].Target = m.pairs[i].Target, v.string()
	}
	after := check.Article(m.pairs)
	for i, v := range mended {
		if len(after[i]) < len(m.findings[i]) {
			m.units[i].value = v
		} else {
			m.pairs[i].Target = before[i]
		}
	}
	left := check.Article(m.pairs)
	for _, i := range mend {
		m.units[i].warn(left[i])
	}
}

// ask makes one call for neighbours, all at the same time and each only once: the
// names are not worth an answer's delay. It ends with the gateway. What an answer has
// other faults than before is left out.
func (m *mending) ask(ctx context.Context, mend []int) map[*unit]*value {
	first := m.g.turns(translates)[0]
	first.spare = false // nor another upstream's tokens
	if first.up.Style() == llm.Plain {
		return nil // it cannot be told what to mend
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.g.root, cancel)()
	units := make([]*unit, len(mend))
	for k, i := range mend {
		units[k] = m.units[i]
	}
	var mu sync.Mutex
	out := make(map[*unit]*value)
	var wg sync.WaitGroup
	for _, b := range m.g.pack(m.order, units) {
		if !m.order.budget.Take() {
			break
		}
		b.budget = &budget{llm.NewBudget(1), 0}
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					m.g.log.Error("a repair of names panicked", "panic", r)
				}
			}()
			t := &attempt{g: m.g, turn: first, batch: b}
			answers, model, err := t.call(ctx, m.asked(b), temperatureOf(1))
			if err != nil {
				return // the names stay as they are
			}
			mu.Lock()
			defer mu.Unlock()
			for k, text := range answers {
				if v := m.weigh(t, b.units[k], text, model); v != nil {
					out[b.units[k]] = v
				}
			}
		})
	}
	wg.Wait()
	return out
}

// asked is the batch with what is wrong with its names.
func (m *mending) asked(b *batch) []*asked {
	list := make([]*asked, len(b.units))
	for k, u := range b.units {
		i := slices.Index(m.units, u)
		list[k] = &asked{unit: u, rejected: m.pairs[i].Target, problems: requests(m.findings[i])}
	}
	return list
}

// weigh gives the answer as a value, nil if the checks find more wrong with it than
// with the one before.
func (m *mending) weigh(t *attempt, u *unit, text *string, model string) *value {
	if text == nil {
		return nil
	}
	pair := m.order.pair(u)
	pair.Target = strings.TrimSpace(*text)
	found := check.Translation(pair)
	if check.Hard(found) || len(found) > len(u.value.warnings) {
		return nil
	}
	v := m.g.valueOf(pair.Target, model, found)
	v.fallback = t.index > 0
	return v
}
