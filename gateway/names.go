package gateway

import (
	"context"
	"strings"
	"sync"

	"dubhashi/cache"
	"dubhashi/gateway/check"
	"dubhashi/gateway/llm"
)

// agree sees that the article spells a name in one way. Its segments were translated
// apart, some of them long ago, so that no call could know what another wrote: what
// this request has asked for is mended, what others have asked for or was cached gets
// a warning, and an article that came from the cache whole is left alone.
func (g *Gateway) agree(ctx context.Context, o *order) {
	units, pairs := o.translated()
	if len(units) < 2 || !o.asked() {
		return
	}
	findings := check.Spellings(pairs)
	var mend []*unit
	for i, u := range units {
		if u.state == Miss && check.Rejected(findings[i]) && o.budget.Load().Left() > 0 && ctx.Err() == nil {
			mend = append(mend, u)
		} else {
			u.warn(findings[i])
		}
	}
	if len(mend) == 0 || !g.begin() {
		return
	}
	defer g.working.Done()
	m := &mending{g: g, order: o, pairs: pairs, findings: findings, at: make(map[*unit]int, len(units))}
	for i, u := range units {
		m.at[u] = i
	}
	m.run(ctx, mend)
	left := check.Spellings(pairs)
	entries := make([]cache.Entry, len(mend))
	for i, u := range mend {
		u.warn(left[m.at[u]])
		entries[i] = g.entry(u.key, u.value)
	}
	if o.opt.Cache != NoCache && g.store != nil {
		g.put(entries, nil)
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

// asked reports whether a model was asked for something of the order.
func (o *order) asked() bool {
	for _, u := range o.units {
		if u.summary == nil && u.state == Miss && u.value != nil {
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
	pairs    []check.Pair      // of all the article's segments, mended in place
	findings [][]check.Finding // what was wrong with their names before
	at       map[*unit]int
}

// run asks once for the units, neighbours together, and takes each answer that mends
// its names and does no harm.
func (m *mending) run(ctx context.Context, units []*unit) {
	first := m.g.turns(translates)[0]
	first.spare = false // a name is not worth another upstream's tokens
	if first.up.Style() == llm.Plain {
		return // it cannot be told what to mend
	}
	batches := m.g.pack(m.order, units)
	answers := make([][]*string, len(batches))
	models := make([]string, len(batches))
	var wg sync.WaitGroup
	for i, b := range batches {
		b.budget = m.order.budget.Load()
		t := &attempt{g: m.g, turn: first, batch: b}
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					m.g.log.Error("a repair of names panicked", "panic", r)
					answers[i] = nil
				}
			}()
			answers[i], models[i], _ = t.call(ctx, m.asked(b), temperatureOf(1)) // on an error the names stay as they are
		})
	}
	wg.Wait()
	for i, b := range batches {
		for k, text := range answers[i] {
			if text != nil {
				m.take(b.units[k], strings.TrimSpace(*text), models[i], first.index > 0)
			}
		}
	}
}

// asked is the batch with what is wrong with its names.
func (m *mending) asked(b *batch) []*asked {
	list := make([]*asked, len(b.units))
	for i, u := range b.units {
		k := m.at[u]
		list[i] = &asked{unit: u, rejected: m.pairs[k].Target, problems: requests(m.findings[k])}
	}
	return list
}

// take puts an answer in the place of the unit's text unless the checks find more
// wrong with it than before.
func (m *mending) take(u *unit, text, model string, fallback bool) {
	k := m.at[u]
	before := m.pairs[k].Target
	m.pairs[k].Target = text
	found := check.Translation(m.pairs[k])
	names := check.Spellings(m.pairs)[k]
	if len(found) > len(u.value.warnings) || check.Hard(found) || len(names) >= len(m.findings[k]) {
		m.pairs[k].Target = before
		return
	}
	v := m.g.valueOf(text, model, found)
	v.fallback = fallback
	u.value = v
}
