package glossary

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"dubhashi/gateway"
)

const (
	maxCompiled = 128 << 20 // bytes of compiled dictionaries that are kept in memory
	compilers   = 2         // dictionaries that are being compiled at once: it takes memory and a core
	compileTime = 30 * time.Second
)

// Compiled gives a glossary for gateway.Options.Stored. Each call looks at the
// glossary's head in the store, so that a change holds at once, everywhere; the
// entries are read and compiled once a change, and kept in memory as far as the
// bound allows, the least recently used going first.
func (s *Shelf) Compiled(ctx context.Context, owner, id string) (out *gateway.Glossary, err error) {
	err = s.whole(ctx, owner, id, func(g *Glossary) error {
		var terms [len(directions)]*gateway.Terms
		for i, way := range directions {
			d, ok := g.Of(way[0], way[1])
			if !ok {
				continue
			}
			var err error
			terms[i], err = s.compiled.get(ctx, d.body, func(ctx context.Context) (*gateway.Terms, error) {
				e, err := s.body(ctx, id, d.body)
				if err != nil {
					return nil, err
				}
				return gateway.CompileTerms(e.All()), nil
			})
			if err != nil {
				return err
			}
		}
		out = gateway.NewGlossary(terms[0], terms[1])
		return nil
	})
	return out, err
}

// compiled are dictionaries by the id of their entries, which never change.
type compiled struct {
	mu         sync.Mutex
	max, bytes int
	items      map[string]*list.Element // of *item
	recent     *list.List               // the most recently used in front
	slots      chan struct{}
}

type item struct {
	body  string
	ready chan struct{}
	terms *gateway.Terms
	err   error
	bytes int
}

func newCompiled(max int) *compiled {
	return &compiled{max: max, items: map[string]*list.Element{}, recent: list.New(), slots: make(chan struct{}, compilers)}
}

// get gives what load makes of a body, loading it once for all who ask for it at
// a time. The loading goes on when its caller has gone, for others may wait.
func (c *compiled) get(ctx context.Context, body string, load func(context.Context) (*gateway.Terms, error)) (*gateway.Terms, error) {
	c.mu.Lock()
	e, ok := c.items[body]
	if ok {
		c.recent.MoveToFront(e)
	} else {
		e = c.recent.PushFront(&item{body: body, ready: make(chan struct{})})
		c.items[body] = e
		go c.load(context.WithoutCancel(ctx), e, load)
	}
	c.mu.Unlock()
	it := e.Value.(*item)
	select {
	case <-it.ready:
		return it.terms, it.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *compiled) load(ctx context.Context, e *list.Element, load func(context.Context) (*gateway.Terms, error)) {
	it := e.Value.(*item)
	defer close(it.ready)
	defer func() {
		if r := recover(); r != nil {
			it.terms, it.err = nil, fmt.Errorf("glossary: compiling panicked: %v", r)
		}
		c.settle(e)
	}()
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(ctx, compileTime)
	defer cancel()
	it.terms, it.err = load(ctx)
}

// settle counts what was loaded and makes room for it.
func (c *compiled) settle(e *list.Element) {
	c.mu.Lock()
	defer c.mu.Unlock()
	it := e.Value.(*item)
	if it.err != nil {
		c.drop(e)
		return
	}
	const perItem = 1 << 10 // of a dictionary with hardly a term
	it.bytes = it.terms.Bytes() + perItem
	c.bytes += it.bytes
	for last := c.recent.Back(); last != nil && c.bytes > c.max; {
		older := last.Prev()
		if last.Value.(*item).bytes > 0 { // not one that is being loaded
			c.drop(last)
		}
		last = older
	}
}

func (c *compiled) drop(e *list.Element) {
	it := e.Value.(*item)
	c.recent.Remove(e)
	delete(c.items, it.body)
	c.bytes -= it.bytes
}
