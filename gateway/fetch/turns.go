package fetch

import (
	"context"
	"sync"
)

// turns bounds how many fetches are at work, and how many of one host, so that
// the gateway is no hammer in a caller's hand.
type turns struct {
	most       int // at work or waiting
	mostOfHost int // of one host, at work or waiting
	perHost    int // of one host, at work

	mu    sync.Mutex
	all   int
	hosts map[string]*queue
}

type queue struct {
	in    int           // at work or waiting
	slots chan struct{} // one for each at work
}

// take waits for a turn at a host. A full queue is an error at once.
func (t *turns) take(ctx context.Context, host string) (leave func(), err *Error) {
	t.mu.Lock()
	if t.hosts == nil {
		t.hosts = map[string]*queue{}
	}
	q := t.hosts[host]
	if q == nil {
		q = &queue{slots: make(chan struct{}, t.perHost)}
	}
	if t.all >= t.most || q.in >= t.mostOfHost {
		t.mu.Unlock()
		return nil, &Error{Kind: Busy, Message: "too many pages are being fetched; ask again"}
	}
	t.all++
	q.in++
	t.hosts[host] = q
	t.mu.Unlock()
	out := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all--
		if q.in--; q.in == 0 {
			delete(t.hosts, host)
		}
	}
	select {
	case q.slots <- struct{}{}:
		return func() { <-q.slots; out() }, nil
	case <-ctx.Done():
		out()
		return nil, failed(ctx, ctx.Err())
	}
}
