package gateway_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"dubhashi/cache"
)

// piped is serve without a network: HTTP over net.Pipe, whose waiting lets the fake
// time of testing/synctest pass. A goroutine or connection that is left behind ends
// the test, for its bubble then never ends.
func piped(t testing.TB, h http.Handler) *model {
	t.Helper()
	m := &model{url: "http://model.test/v1"}
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: m.noting(h), ErrorLog: log.New(io.Discard, "", 0)}
	go srv.Serve(l)
	client := &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 64}
	m.transport = client
	t.Cleanup(func() {
		client.CloseIdleConnections()
		srv.Close()
	})
	return m
}

// pipes is a listener whose connections are pipes.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

// kept is a store that says what it holds and for how long. It needs no time.
type kept struct {
	mu      sync.Mutex
	entries map[cache.Key]cache.Entry
}

func newKept() *kept { return &kept{entries: make(map[cache.Key]cache.Entry)} }

func (k *kept) GetMany(_ context.Context, keys []cache.Key) ([][]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([][]byte, len(keys))
	for i, key := range keys {
		if e, ok := k.entries[key]; ok {
			out[i] = e.Value
		}
	}
	return out, nil
}

func (k *kept) SetMany(_ context.Context, entries []cache.Entry) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range entries {
		k.entries[e.Key] = e
	}
	return nil
}

func (k *kept) Close() error { return nil }

func (k *kept) size() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.entries)
}

// lives are how long the entries live whose text holds the given one.
func (k *kept) lives(text string) (out []time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.entries {
		if bytes.Contains(e.Value, []byte(text)) {
			out = append(out, e.TTL)
		}
	}
	return out
}
