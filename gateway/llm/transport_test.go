package llm_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/llm"
)

func hijack(w http.ResponseWriter) net.Conn {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return c
}

// Real connections, cut and stalled in every phase; each is tried again and the
// next answer is good.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		fail func(w http.ResponseWriter, r *http.Request)
		kind llm.Kind
	}{
		{"closed before the header", func(w http.ResponseWriter, r *http.Request) { hijack(w).Close() }, llm.Unavailable},
		{"reset", func(w http.ResponseWriter, r *http.Request) {
			c := hijack(w)
			_ = c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}, llm.Unavailable},
		{"no HTTP", func(w http.ResponseWriter, r *http.Request) {
			c := hijack(w)
			fmt.Fprint(c, "answer text\r\n\r\n")
			c.Close()
		}, llm.Unavailable},
		{"body shorter than it says", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, good("answer text")[:100])
		}, llm.Unavailable},
		{"cut in a chunk", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, good("answer text")[:100])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, llm.Unavailable},
		{"no header", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, llm.Timeout},
		{"header and silence", func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, llm.Timeout},
		{"silence in the middle", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, good("answer text")[:100])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, llm.Timeout},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, good("answer text"))
			for b := []byte(strings.Repeat(" ", 1<<20)); ; {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}, llm.Unavailable},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			var kinds []llm.Kind
			limit := 10 * time.Second
			if row.kind == llm.Timeout {
				limit = 400 * time.Millisecond // enough for the good answer on a busy machine
			}
			u := open(t, llm.Config{
				HeaderTimeout: limit, IdleTimeout: limit,
				Observe: func(e llm.Event) { kinds = append(kinds, e.Kind) },
				BaseURL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if calls.Add(1) == 1 {
						row.fail(w, r)
						return
					}
					io.WriteString(w, good("a"))
				})),
			})
			res, err := u.Complete(t.Context(), question())
			if err != nil || res.Text != "a" || res.Usage.Calls != 2 {
				t.Fatalf("got %+v, %v", res, err)
			}
			if len(kinds) != 2 || kinds[0] != row.kind || kinds[1] != "" {
				t.Errorf("kinds %q, want %q and none", kinds, row.kind)
			}
		})
	}
}

func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	// A TLS handshake that never goes on is part of connecting.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u := open(t, llm.Config{BaseURL: "https://" + l.Addr().String(), ConnectTimeout: 50 * time.Millisecond, MaxAttempts: 1})
	start := time.Now()
	_, err = u.Complete(t.Context(), question())
	e := failed(t, err, llm.Timeout)
	if !strings.Contains(e.Error(), "connect") || time.Since(start) > 2*time.Second || e.Usage.PromptTokens != 0 {
		t.Errorf("%v after %s, usage %+v", e, time.Since(start), e.Usage)
	}
}

func TestUnknownCertificateIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	u := open(t, llm.Config{BaseURL: s.URL})
	_, err := u.Complete(t.Context(), question())
	if e := failed(t, err, llm.Unavailable); e.Usage.Calls != 1 || !strings.Contains(e.Error(), "certificate") {
		t.Errorf("%v, usage %+v", e, e.Usage)
	}
}

// A redirect must not carry the key to another host.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var other atomic.Int32
	o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { other.Add(1) }))
	u := open(t, llm.Config{BaseURL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, o, http.StatusTemporaryRedirect)
	}))})
	_, err := u.Complete(t.Context(), question())
	failed(t, err, llm.BadRequest)
	if other.Load() != 0 {
		t.Error("the other host was called")
	}
}

// 1600 calls, 32 at a time, need about 32 connections, whether the
// body has a length or comes in chunks, and whether the status is good or not.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const parallel, calls = 32, 1600
	var conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		io.WriteString(w, good("a"))
		w.(http.Flusher).Flush()
		io.WriteString(w, "\n")
	}))
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	u := open(t, llm.Config{BaseURL: s.URL, Concurrency: parallel})
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for range calls / parallel {
				if _, err := u.Complete(t.Context(), question()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := conns.Load(); n > 2*parallel {
		t.Errorf("%d connections for %d calls, %d at a time", n, calls, parallel)
	} else {
		t.Logf("%d connections", n)
	}
}

// Cancelled and failed calls leave no goroutine and no connection behind, and
// the server sees the caller leave at once.
func TestNothingIsLeftBehind(t *testing.T) {
	// Not parallel: it counts the goroutines of the process.
	before := runtime.NumGoroutine()
	var sawGone atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		sawGone.Add(1)
	}))
	u := open(t, llm.Config{BaseURL: s.URL, Concurrency: 64, HedgeAfter: time.Millisecond})
	const calls = 400
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := u.Complete(ctx, question())
			failed(t, err, llm.Timeout)
		})
	}
	wg.Wait()
	u.Close()
	s.Close()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
		runtime.Gosched()
	}
	if sawGone.Load() == 0 {
		t.Error("the server never saw a caller leave")
	}
}
