package llm_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
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
				limit = 2 * time.Second // enough for the good answer on a busy machine
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
	if !strings.Contains(e.Error(), "connect") || time.Since(start) > 10*time.Second || e.Usage.PromptTokens != 0 {
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

// 2,000 calls that are cancelled in every phase of a stream leave no goroutine, no
// connection and no file behind, and the server sees the callers leave.
func TestNothingIsLeftBehind(t *testing.T) {
	// Not parallel: it counts the goroutines and files of the process.
	files := func() int {
		d, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			return 0 // not counted on this system
		}
		return len(d)
	}
	goroutines, open0 := runtime.NumGoroutine(), files()
	var sawGone, conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for i := 0; ; i++ {
			select {
			case <-r.Context().Done():
				sawGone.Add(1)
				return
			case <-time.After(10 * time.Millisecond):
			}
			if i == 4 {
				io.WriteString(w, choice("", `"stop"`)+endMark)
				return
			}
			if i > 0 {
				io.WriteString(w, delta(fmt.Sprintf("answer text %d ", i)))
			}
			w.(http.Flusher).Flush()
		}
	}))
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		switch st {
		case http.StateNew:
			conns.Add(1)
		case http.StateClosed:
			conns.Add(-1)
		}
	}
	s.Start()
	u := open(t, llm.Config{BaseURL: s.URL, Concurrency: 64, HedgeAfter: 20 * time.Millisecond})
	const calls = 2000
	var wg sync.WaitGroup
	var answered, left atomic.Int32
	for i := range calls {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := question()
			r.Expect = 30 * (i % 2)
			// While it waits for a slot, for the header, for words, at the end.
			time.AfterFunc(time.Duration(i)*time.Millisecond+time.Duration(i%60)*time.Millisecond, cancel)
			time.Sleep(time.Duration(i) * time.Millisecond)
			_, err := u.Complete(ctx, r)
			if err == nil {
				answered.Add(1)
				return
			}
			failed(t, err, llm.Canceled)
			left.Add(1)
		})
	}
	wg.Wait()
	u.Close()
	for end := time.Now().Add(25 * time.Second); conns.Load() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := conns.Load(); n > 0 {
		t.Errorf("%d connections are still open", n)
	}
	s.Close()
	for end := time.Now().Add(25 * time.Second); runtime.NumGoroutine() > goroutines || files() > open0; {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before; %d files, %d before:\n%s", runtime.NumGoroutine(), goroutines, files(), open0, buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
	if sawGone.Load() == 0 || answered.Load() == 0 || left.Load() < calls/2 {
		t.Errorf("%d answered, %d left, the server saw %d leave", answered.Load(), left.Load(), sawGone.Load())
	}
	t.Logf("%d answered, %d left, the server saw %d leave", answered.Load(), left.Load(), sawGone.Load())
}
