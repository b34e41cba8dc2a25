package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/httpapi"
)

// slow is a model that takes its time, and notes when a call was given up.
type slow struct {
	http.Handler
	takes time.Duration
	mu    sync.Mutex
	left  []time.Duration // since the call began
}

func (m *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // net/http tells of a client's leaving only then
	r.Body = io.NopCloser(bytes.NewReader(body))
	began, wait := time.Now(), time.NewTimer(m.takes)
	defer wait.Stop()
	select {
	case <-wait.C:
		m.Handler.ServeHTTP(w, r)
	case <-r.Context().Done():
		m.mu.Lock()
		defer m.mu.Unlock()
		m.left = append(m.left, time.Since(began))
	}
}

func (m *slow) givenUp() []time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.left)
}

var failing = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })

var ferryForm = fields("q", ferryHindi, "source", "hi", "target", "en")

func ask(client *http.Client, s *server) (*http.Response, error) {
	return client.Post(s.url+"/translate", formType, strings.NewReader(ferryForm))
}

// piece is what one read of an answer gave, and when.
type piece struct {
	at   time.Duration
	text string
}

// pieces reads an answer as it comes.
func pieces(began time.Time, body io.Reader) (list []piece, err error) {
	b := make([]byte, 4096)
	for {
		n, err := body.Read(b)
		if n > 0 {
			list = append(list, piece{time.Since(began), string(b[:n])})
		}
		if err != nil {
			return list, err
		}
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		takes  time.Duration
		model  http.Handler // nil: one that knows the text
		begins time.Duration
		status int
		beats  []time.Duration
		broken bool
	}{
		{name: "at once", begins: 0, status: 200},
		{name: "just in time", takes: 3499 * time.Millisecond, begins: 3499 * time.Millisecond, status: 200},
		{name: "fails in time", takes: 3 * time.Second, model: failing, begins: 3 * time.Second, status: 502},
		{name: "late", takes: 4 * time.Second, begins: 3500 * time.Millisecond, status: 200, beats: []time.Duration{3500 * time.Millisecond}},
		{name: "very late", takes: 14 * time.Second, begins: 3500 * time.Millisecond, status: 200,
			beats: []time.Duration{3500 * time.Millisecond, 5500 * time.Millisecond, 7500 * time.Millisecond, 9500 * time.Millisecond, 11500 * time.Millisecond, 13500 * time.Millisecond}},
		{name: "fails late", takes: 6 * time.Second, model: failing, begins: 3500 * time.Millisecond, status: 200,
			beats: []time.Duration{3500 * time.Millisecond, 5500 * time.Millisecond}, broken: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				m := &slow{Handler: row.model, takes: row.takes}
				if m.Handler == nil {
					m.Handler = translator(t)
				}
				s, client, stop := piped(t, m, nil)
				defer stop()
				began := time.Now()
				resp, err := ask(client, s)
				if err != nil {
					t.Fatal(err)
				}
				if at := time.Since(began); at != row.begins || resp.StatusCode != row.status {
					t.Errorf("%s after %v, want %d after %v", resp.Status, at, row.status, row.begins)
				}
				list, err := pieces(began, resp.Body)
				if row.broken != (err != io.EOF) || (resp.ContentLength >= 0) != (row.beats == nil) {
					t.Errorf("ends with %v, Content-Length %d", err, resp.ContentLength)
				}
				if h := resp.Header; !strings.HasPrefix(h.Get("Content-Type"), jsonBody) || row.beats != nil && (h.Get("Cache-Control") != "no-transform" || h.Get("X-Accel-Buffering") != "no") {
					t.Errorf("headers %v", h)
				}
				var beats []time.Duration
				for len(list) > 0 && strings.TrimSpace(list[0].text) == "" {
					beats, list = append(beats, list[0].at), list[1:]
				}
				if !slices.Equal(beats, row.beats) {
					t.Errorf("beats at %v, want %v", beats, row.beats)
				}
				switch {
				case row.broken && len(list) > 0:
					t.Errorf("a broken answer holds %v", list)
				case row.broken:
				case len(list) != 1 || list[0].at != row.takes || !json.Valid([]byte(list[0].text)) || (row.status == 200) != strings.Contains(list[0].text, ferryEnglish):
					t.Errorf("then %v", list)
				}
			})
		})
	}
}

// A client that hangs up and asks again joins the work it left: one call.
func TestHeartbeatAskedAgain(t *testing.T) {
	t.Parallel()
	for _, patience := range []time.Duration{time.Second, 5 * time.Second} { // before, and after the answer has begun
		bubble(t, func(t *testing.T) {
			s, client, stop := piped(t, &slow{Handler: translator(t), takes: 14 * time.Second}, func(c *httpapi.Config) { c.MaxRequests = 64 })
			defer stop()
			client.Timeout = patience
			began := time.Now()
			for {
				resp, err := ask(client, s)
				if err != nil {
					continue
				}
				b, err := io.ReadAll(resp.Body)
				if err == nil {
					if !bytes.Contains(b, []byte(ferryEnglish)) {
						t.Errorf("%s %s", resp.Status, b)
					}
					break
				}
			}
			if n, took := s.calls.Load(), time.Since(began); n != 1 || took < 14*time.Second || took > 14*time.Second+patience {
				t.Errorf("patience %v: %d calls, %v", patience, n, took)
			}
		})
	}
}

// The work of a caller who has left goes on, but not for ever.
func TestHeartbeatCallerLeft(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		m := &slow{Handler: translator(t), takes: 4 * time.Minute}
		s, client, stop := piped(t, m, func(c *httpapi.Config) { c.ModelTimeout = 30 * time.Second })
		defer stop()
		client.Timeout = 5 * time.Second
		if resp, err := ask(client, s); err == nil {
			_, err = io.ReadAll(resp.Body)
			if err == nil {
				t.Fatal("it did not leave")
			}
		}
		time.Sleep(time.Minute)
		// It left at 5 s, which the beat at 5.5 s saw.
		if got := m.givenUp(); !slices.Equal(got, []time.Duration{35500 * time.Millisecond}) {
			t.Errorf("given up after %v", got)
		}
		m.takes = 20 * time.Second
		if resp, err := ask(client, s); err == nil {
			_, _ = io.ReadAll(resp.Body)
		}
		time.Sleep(time.Minute)
		before := s.calls.Load()
		resp, err := ask(client, s)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || resp.ContentLength < 0 || !bytes.Contains(b, []byte(ferryEnglish)) || s.calls.Load() != before || before != 2 {
			t.Errorf("%q, %v after %d and %d calls", b, err, before, s.calls.Load())
		}
	})
}

// A request keeps its place while its work goes on; those who left may have
// half of the places.
func TestHeartbeatPlaces(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		m := &slow{Handler: translator(t), takes: 20 * time.Second}
		s, client, stop := piped(t, m, func(c *httpapi.Config) { c.MaxRequests = 5 })
		defer stop()
		post := func(ctx context.Context, text string) (int, error) {
			req, _ := http.NewRequestWithContext(ctx, "POST", s.url+"/translate", strings.NewReader(fields("q", text, "source", "en", "target", "hi")))
			req.Header.Set("Content-Type", formType)
			resp, err := client.Do(req)
			if err != nil {
				return 0, err
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			return resp.StatusCode, err
		}
		var leaving sync.WaitGroup
		for i := range 4 {
			leaving.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				if _, err := post(ctx, fmt.Sprintf("The number %d bus is late.", i)); err == nil {
					t.Error("it did not leave")
				}
			})
		}
		var staying sync.WaitGroup
		staying.Go(func() {
			if status, err := post(context.Background(), "The road is open."); status != 200 || err != nil {
				t.Errorf("who stays: %d, %v", status, err)
			}
		})
		time.Sleep(time.Second)
		if status, _ := post(context.Background(), "The shop is shut."); status != 503 {
			t.Errorf("with all places taken: %d", status)
		}
		leaving.Wait()
		time.Sleep(time.Second) // it is 6 s: the beat at 5.5 s has met the closed connections
		if got := m.givenUp(); len(got) != 2 {
			t.Errorf("%d calls given up, want those of two of the four who left", len(got))
		}
		for range 2 { // so two places are free, and no more
			staying.Go(func() {
				if status, err := post(context.Background(), "The lake is full."); status != 200 || err != nil {
					t.Errorf("in a place given up: %d, %v", status, err)
				}
			})
		}
		time.Sleep(time.Second)
		if status, _ := post(context.Background(), "The lamp is lit."); status != 503 {
			t.Errorf("with those who left in their places: %d", status)
		}
		staying.Wait()
		if status, err := post(context.Background(), "The number 0 bus is late."); status != 200 || err != nil {
			t.Errorf("after it all: %d, %v", status, err)
		}
	})
}

// Stopping waits for the work of callers who left as for that of others, and
// breaks off what has not ended by then.
func TestHeartbeatShutdown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		wait, took  time.Duration
		cut, leaves bool
	}{
		{"in time", 20 * time.Second, 8 * time.Second, false, false},
		{"in time, its caller left", 20 * time.Second, 8 * time.Second, false, true},
		{"too late", 3 * time.Second, 3 * time.Second, true, false},
		{"too late, its caller left", 3 * time.Second, 3 * time.Second, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				m := &slow{Handler: translator(t), takes: 14 * time.Second}
				s, client, stop := piped(t, m, nil)
				if row.leaves {
					client.Timeout = 4 * time.Second
				}
				var wg sync.WaitGroup
				wg.Go(func() {
					resp, err := ask(client, s)
					if err != nil {
						t.Error(err)
						return
					}
					if b, err := io.ReadAll(resp.Body); (err != nil) != (row.cut || row.leaves) {
						t.Errorf("%q, %v", b, err)
					}
				})
				time.Sleep(6 * time.Second)
				ctx, cancel := context.WithTimeout(context.Background(), row.wait)
				defer cancel()
				began := time.Now()
				if err := s.http.Shutdown(ctx); (err != nil) != row.cut {
					t.Errorf("Shutdown: %v", err)
				}
				if took := time.Since(began).Round(time.Second / 2); took != row.took {
					t.Errorf("it took %v, want %v", took, row.took)
				}
				synctest.Wait()
				if n := len(m.givenUp()); (n == 1) != row.cut {
					t.Errorf("%d calls given up", n)
				}
				wg.Wait()
				stop()
			})
		})
	}
}

// The time for writing is each write's, not the whole answer's; and a client
// that does not read has left.
func TestHeartbeatWriteTimeout(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		m := &slow{Handler: translator(t), takes: 2 * time.Minute}
		s, client, stop := piped(t, m, func(c *httpapi.Config) { c.WriteTimeout, c.ModelTimeout = 10*time.Second, 30*time.Second })
		defer stop()
		resp, err := ask(client, s)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || !bytes.Contains(b, []byte(ferryEnglish)) {
			t.Errorf("%q, %v", b, err)
		}
		conn, err := s.pipes.dial(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		body := fields("q", marketHindi, "source", "hi", "target", "en")
		fmt.Fprintf(conn, "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", formType, len(body), body)
		time.Sleep(time.Minute)
		if got := m.givenUp(); len(got) != 1 || got[0] != 43500*time.Millisecond { // 3.5 s, 10 s for the first write, 30 s
			t.Errorf("given up after %v", got)
		}
	})
}

// HTTP/1.0 has no chunks: a cut answer would pass for a whole one.
func TestHeartbeatNotInHTTP10(t *testing.T) {
	t.Parallel()
	for _, model := range []http.Handler{nil, failing} {
		bubble(t, func(t *testing.T) {
			status := 502
			if model == nil {
				model, status = translator(t), 200
			}
			s, _, stop := piped(t, &slow{Handler: model, takes: 14 * time.Second}, nil)
			conn, err := s.pipes.dial(context.Background(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			fmt.Fprintf(conn, "POST /translate HTTP/1.0\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", formType, len(ferryForm), ferryForm)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || resp.StatusCode != status || resp.ContentLength < 0 || time.Since(began) != 14*time.Second {
				t.Errorf("%+v after %v: %v", resp, time.Since(began), err)
			}
			_ = conn.Close()
			stop()
		})
	}
}

// A streamed answer's line in the log and its metrics come at its end, with the
// status it should have had. A panic in the work is no end of the program.
func TestHeartbeatIsObserved(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		model    http.Handler
		patience time.Duration
		panics   bool
		status   int
		ms       int
	}{
		{name: "well", status: 200, ms: 14000},
		{name: "broken", model: failing, status: 502, ms: 14000},
		{name: "left", patience: 5 * time.Second, status: 499, ms: 5500},
		{name: "left, and the work failed", model: failing, patience: 5 * time.Second, status: 499, ms: 5500},
		{name: "panics", panics: true, status: 500, ms: 14000},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				if row.model == nil {
					row.model = translator(t)
				}
				var log bytes.Buffer
				s, client, stop := piped(t, &slow{Handler: row.model, takes: 14 * time.Second}, func(c *httpapi.Config) {
					c.Log = slog.New(slog.NewTextHandler(&log, nil))
				}, func(c *gateway.Config) {
					if row.panics {
						c.Observe = func(gateway.Event) { panic("a fault") }
					}
				})
				client.Timeout = row.patience
				resp, err := ask(client, s)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				time.Sleep(time.Minute)
				series := fmt.Sprintf(`dubhashi_http_requests_total{route="/translate",status="%d"} 1`, row.status)
				client.Timeout = 0
				if resp, err = client.Get(s.url + "/metrics"); err != nil {
					t.Fatal(err)
				}
				b, _ := io.ReadAll(resp.Body)
				if metrics := string(b); !strings.Contains(metrics, series) || strings.Count(metrics, `route="/translate",status=`) != 1 {
					t.Errorf("the metrics have no %s alone", series)
				}
				stop()
				line := fmt.Sprintf("method=POST route=/translate status=%d ms=%d", row.status, row.ms)
				if !strings.Contains(log.String(), line) || strings.Count(log.String(), "route=/translate") != 1 {
					t.Errorf("the log has no line %q alone:\n%s", line, log.String())
				}
				failed := strings.Count(log.String(), `msg="request failed" request_id=`)
				if want := row.panics || row.status == 502 || strings.HasSuffix(row.name, "failed"); (failed == 1) != want {
					t.Errorf("%d lines of failure:\n%s", failed, log.String())
				}
			})
		})
	}
}

// The same over real sockets, where a leaving is seen by itself.
func TestHeartbeatOverSockets(t *testing.T) {
	t.Parallel()
	begun, answer := make(chan struct{}, 9), make(chan struct{})
	m := translator(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-answer
		m.ServeHTTP(w, r)
	}), func(c *httpapi.Config) {
		c.HeartbeatAfter, c.HeartbeatEvery = 20*time.Millisecond, 10*time.Millisecond
	})
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		req, _ := http.NewRequestWithContext(ctx, "POST", s.url+"/translate", strings.NewReader(ferryForm))
		req.Header.Set("Content-Type", formType)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		if _, err := io.ReadFull(resp.Body, make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		cancel()
		resp.Body.Close()
	}
	<-begun
	last := make(chan reply)
	go func() { last <- s.do(t, "POST", "/translate", ferryForm, "Content-Type", formType) }()
	close(answer)
	if r := <-last; r.status != 200 || !bytes.Contains(r.body, []byte(ferryEnglish)) || s.calls.Load() != 1 {
		t.Errorf("%d %q after %d calls", r.status, r.body, s.calls.Load())
	}
}

// A caller that closes its own side after the request still gets its answer.
func TestHeartbeatHalfClosed(t *testing.T) {
	t.Parallel()
	m := translator(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(600 * time.Millisecond) // a leaving is seen every 250 ms
		m.ServeHTTP(w, r)
	}), func(c *httpapi.Config) {
		c.HeartbeatAfter, c.HeartbeatEvery = 10*time.Millisecond, 50*time.Millisecond
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /translate HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", formType, len(ferryForm), ferryForm)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); err != nil || !bytes.Contains(b, []byte(ferryEnglish)) {
		t.Errorf("%q, %v", b, err)
	}
}
