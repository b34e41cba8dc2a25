package httpapi_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
)

// pipes is a listener whose connections are pipes: waiting on one lets the fake
// time of testing/synctest pass.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- local{far}:
		return near, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// local is a connection from this machine. As a socket it takes a deadline also
// when the other side has closed, over which fasthttp would panic.
type local struct{ net.Conn }

func (c local) SetDeadline(t time.Time) error      { _ = c.Conn.SetDeadline(t); return nil }
func (c local) SetReadDeadline(t time.Time) error  { _ = c.Conn.SetReadDeadline(t); return nil }
func (c local) SetWriteDeadline(t time.Time) error { _ = c.Conn.SetWriteDeadline(t); return nil }

func (local) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, io.EOF // as fasthttp likes it
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// bubble runs f in fake time.
func bubble(t *testing.T, f func(t *testing.T)) {
	start(t, demo(t), nil).do(t, "GET", "/healthz", "") // fasthttp starts its clock with the first request and never stops it
	synctest.Test(t, f)
}

// piped is start without a network: in a bubble of testing/synctest a goroutine
// that it leaves behind ends the test. stop ends it all.
func piped(t testing.TB, model http.Handler, change func(*httpapi.Config), core ...func(*gateway.Config)) (s *server, client *http.Client, stop func()) {
	t.Helper()
	s = &server{calls: new(atomic.Int64), url: "http://gateway.test"}
	far := newPipes()
	upstream := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		model.ServeHTTP(w, r)
	})}
	go upstream.Serve(far)
	transport := &http.Transport{DialContext: far.dial}
	u, err := llm.New(llm.Config{BaseURL: "http://model.test/v1", Model: "m", MaxAttempts: 1, Transport: transport, HeaderTimeout: time.Hour, IdleTimeout: time.Hour, Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	kept := cache.NewMemory(1<<20, time.Hour)
	gc := gateway.Config{Upstreams: []*llm.Upstream{u}, Cache: kept, CacheTTL: time.Hour}
	for _, f := range core {
		f(&gc)
	}
	g := gateway.New(gc)
	c := httpapi.Config{Gateway: g, MaxBody: 2 << 20, RequestTimeout: 5 * time.Minute, MaxRequests: 8, CancelOnDisconnect: true}
	if change != nil {
		change(&c)
	}
	s.http = httpapi.New(c)
	near := newPipes()
	s.pipes = near
	served := make(chan struct{})
	go func() { s.http.Serve(near); close(served) }()
	client = &http.Client{Transport: &http.Transport{DialContext: near.dial}}
	return s, client, func() {
		client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		<-served
		if err := g.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		kept.Close()
		u.Close()
		transport.CloseIdleConnections()
		upstream.Close()
		time.Sleep(5 * time.Second) // fasthttp's workers sleep that long before they see the end
	}
}
