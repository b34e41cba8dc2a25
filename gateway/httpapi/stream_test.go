package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
)

// event is one event of a stream, and when it came.
type event struct {
	name, data string
	at         time.Duration
}

// events reads a stream to its end; its ids must run from 1 and each event must be
// whole. comments is when they came.
func events(t testing.TB, r io.Reader) (list []event, comments []time.Duration, err error) {
	t.Helper()
	start, lines := time.Now(), bufio.NewReader(r)
	var e event
	for n := 0; ; {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			if n > 0 {
				t.Errorf("ends within an event")
			}
			return list, comments, nil
		}
		if err != nil {
			return list, comments, err
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case line == "\n" && n == 3:
			e.at = time.Since(start)
			list, e, n = append(list, e), event{}, 0
		case line == "\n" && n == 0:
		case line == ":\n" && n == 0:
			comments = append(comments, time.Since(start))
		case field == "id" && n == 0:
			if value != strconv.Itoa(len(list)+1) {
				t.Errorf("event %d has the id %s", len(list)+1, value)
			}
			n++
		case field == "event" && n == 1:
			e.name = value
			n++
		case field == "data" && n == 2:
			e.data = value
			n++
		default:
			t.Fatalf("%q behind %+v", line, e)
		}
	}
}

// follow asks for a stream.
func follow(t testing.TB, ctx context.Context, client *http.Client, s *server, query, text string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/articles"+query, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	req.Header.Set("Accept", "text/event-stream")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// wards is an article of so many paragraphs, each other text.
func wards(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "वार्ड %d में नगर निगम ने सोमवार को नई बस सेवा शुरू की और 40 बसें चलाईं।\n\n", 11+i)
	}
	return b.String()
}

// plain is an answer without what is another's at each request.
func plain(t testing.TB, raw []byte) string {
	t.Helper()
	var a map[string]any
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	delete(a, "id")
	delete(a, "elapsed_ms")
	b, _ := json.Marshal(a)
	return string(b)
}

func TestStreamOfAnArticle(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	var first string
	for _, query := range []string{"?cache=refresh", "", "?outputs=summary", "?outputs=translation&target=hi"} {
		resp := follow(t, context.Background(), http.DefaultClient, s, query, news+"\n42\n")
		if h := resp.Header; resp.StatusCode != 200 || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-cache, no-transform" ||
			h.Get("X-Accel-Buffering") != "no" || h.Get("X-Request-Id") == "" {
			t.Errorf("%d %v", resp.StatusCode, h)
		}
		list, _, err := events(t, resp.Body)
		if err != nil || len(list) < 3 || list[0].name != "article" || list[len(list)-1].name != "done" {
			t.Fatalf("%s: %+v, %v", query, list, err)
		}
		done := list[len(list)-1].data
		a := article(t, reply{status: 200, body: []byte(done)})
		var split struct {
			ID, Source, Target string
			Paragraphs         []struct {
				Index        int
				Kind, Source string
			}
		}
		d := json.NewDecoder(strings.NewReader(list[0].data))
		d.DisallowUnknownFields()
		if err := d.Decode(&split); err != nil || split.ID != a.ID || split.ID != resp.Header.Get("X-Request-Id") ||
			split.Source != a.Source || split.Target != a.Target || len(split.Paragraphs) != len(a.Paragraphs) {
			t.Errorf("%s: the split %s: %v", query, list[0].data, err)
		}
		for i, p := range split.Paragraphs {
			if w := a.Paragraphs[i]; p.Index != i || p.Kind != w.Kind || p.Source != w.Source {
				t.Errorf("%s: split %+v, in the end %+v", query, p, w)
			}
		}
		paragraphs, summaries := map[int]string{}, map[string]string{}
		for _, e := range list[1 : len(list)-1] {
			var p struct {
				Index    int
				Language string
			}
			if err := json.Unmarshal([]byte(e.data), &p); err != nil {
				t.Fatalf("%s: %v", e.data, err)
			}
			switch e.name {
			case "paragraph":
				paragraphs[p.Index] = e.data
			case "summary":
				summaries[p.Language] = e.data
			default:
				t.Errorf("%s: an event %s", query, e.name)
			}
		}
		var raw struct{ Paragraphs, Summary []json.RawMessage }
		_ = json.Unmarshal([]byte(done), &raw)
		for i, p := range raw.Paragraphs {
			if paragraphs[i] != string(p) {
				t.Errorf("%s: paragraph %d was told as %s, in the end it is %s", query, i, paragraphs[i], p)
			}
		}
		for i, p := range raw.Summary {
			if summaries[a.Summary[i].Language] != string(p) {
				t.Errorf("%s: summary %d was told as %v, in the end it is %s", query, i, summaries, p)
			}
		}
		if len(paragraphs) != len(raw.Paragraphs) || len(summaries) != len(raw.Summary) {
			t.Errorf("%s: %d paragraphs, %d summaries told", query, len(paragraphs), len(summaries))
		}
		if query == "" {
			first = plain(t, []byte(done))
		}
	}
	if r := s.do(t, "POST", "/v1/articles", news+"\n42\n", "Content-Type", "text/plain"); plain(t, r.body) != first {
		t.Errorf("the stream ends with\n%s\nthe JSON answer is\n%s", first, r.body)
	}
}

// TestStreamInTime: the split at once, each paragraph when its call is done, a
// comment each 10 s, and no end before the last.
func TestStreamInTime(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		sim := demo(t)
		s, client, stop := piped(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(b))
			switch {
			case bytes.Contains(b, []byte("summarize")):
				time.Sleep(34 * time.Second)
			case bytes.Contains(b, []byte("वार्ड 11 ")):
				time.Sleep(25 * time.Second)
			default:
				time.Sleep(5 * time.Second)
			}
			sim.ServeHTTP(w, r)
		}), func(c *httpapi.Config) { c.WriteTimeout = 12 * time.Second }) // far less than the whole takes
		defer stop()
		resp := follow(t, context.Background(), client, s, "?summary.style=brief", wards(8))
		list, comments, err := events(t, resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		seconds := map[string]int{}
		for _, e := range list {
			seconds[fmt.Sprint(e.name, "@", e.at.Truncate(time.Second))]++
		}
		if want := map[string]int{"article@0s": 1, "paragraph@5s": 4, "paragraph@25s": 4, "summary@34s": 1, "done@34s": 1}; !maps.Equal(seconds, want) {
			t.Errorf("%v, want %v", seconds, want)
		}
		if want := []time.Duration{10 * time.Second, 20 * time.Second, 30 * time.Second}; !slices.Equal(comments, want) {
			t.Errorf("comments at %v", comments)
		}
	})
}

// TestStreamThatCannotBegin: then it is an ordinary problem.
func TestStreamThatCannotBegin(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	for _, row := range []struct {
		name, query, body, kind string
		status                  int
		code                    string
	}{
		{"an unknown option", "?colour=red", news, "text/plain", 422, "invalid"},
		{"no text", "", "\u200b \n", "text/plain", 422, "invalid"},
		{"neither language", "", "Ceci n’est pas une pipe, et la rivière coule vers la mer depuis longtemps.", "text/plain", 422, "unsupported_language"},
		{"a type", "", news, "application/pdf", 415, "unsupported_media_type"},
		{"no UTF-8", "", "\xff\xfe", "text/plain", 400, "malformed"},
		{"another form", "", news, "text/plain", 406, "not_acceptable"},
	} {
		accept := "text/event-stream"
		if row.status == 406 {
			accept = "text/event-stream;q=0"
		}
		r := s.do(t, "POST", "/v1/articles"+row.query, row.body, "Content-Type", row.kind, "Accept", accept)
		var p api.Problem
		if err := json.Unmarshal(r.body, &p); err != nil || r.status != row.status || p.Code != row.code ||
			r.header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	s.http.Drain()
	if r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain", "Accept", "text/event-stream"); r.status != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf("draining: %d %s", r.status, r.body)
	}
}

// lines is a log that can be looked at.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// requests gives the statuses of the requests that have ended.
func (l *lines) requests(t testing.TB) (statuses []int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		var r struct {
			Msg    string
			Status int
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Msg == "request" {
			statuses = append(statuses, r.Status)
		}
	}
	return statuses
}

func logging(l *lines) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.Log = slog.New(slog.NewJSONHandler(l, nil)) }
}

// TestStreamThatFails: what went wrong is its last event, and the log has the
// status that it would have been.
func TestStreamThatFails(t *testing.T) {
	t.Parallel()
	sim := demo(t)
	half := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if bytes.Contains(b, []byte("summarize")) {
			w.WriteHeader(400)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		sim.ServeHTTP(w, r)
	})
	for _, row := range []struct {
		name, query string
		model       http.Handler
		last        string
		status      int // as it would have been
		code        string
		partial     bool
	}{
		{"nothing comes through", "", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }), "error", 502, "upstream_failed", false},
		{"a part", "", half, "done", 200, "", true},
		{"a part, strictly", "?strict=true", half, "error", 502, "upstream_failed", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			log := &lines{}
			s := start(t, row.model, logging(log))
			list, _, err := events(t, follow(t, context.Background(), http.DefaultClient, s, row.query, news).Body)
			if err != nil || list[0].name != "article" || list[len(list)-1].name != row.last {
				t.Fatalf("%+v, %v", list, err)
			}
			var end struct {
				Status  any
				Code    string
				Partial *api.Article
			}
			_ = json.Unmarshal([]byte(list[len(list)-1].data), &end)
			if row.last == "error" && (end.Status != float64(row.status) || end.Code != row.code || (end.Partial != nil) != row.partial) {
				t.Errorf("%s", list[len(list)-1].data)
			}
			if row.last == "done" && (end.Status == "partial") != row.partial {
				t.Errorf("%s", list[len(list)-1].data)
			}
			for len(log.requests(t)) == 0 {
				time.Sleep(5 * time.Millisecond)
			}
			if got := log.requests(t); len(got) == 0 || got[0] != row.status {
				t.Errorf("the log has %v", got)
			}
		})
	}
}

// TestStreamReaderLeaves: the calls are cancelled, or not, and the place among the
// requests at work is free again.
func TestStreamReaderLeaves(t *testing.T) {
	t.Parallel()
	for _, cancels := range []bool{true, false} {
		t.Run(fmt.Sprint(cancels), func(t *testing.T) {
			t.Parallel()
			asked, ended, hold := make(chan struct{}, 9), make(chan bool, 9), make(chan struct{})
			sim := demo(t)
			log := &lines{}
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- struct{}{}
				select {
				case <-r.Context().Done():
					ended <- true
				case <-hold:
					sim.ServeHTTP(w, r)
					ended <- false
				}
			}), func(c *httpapi.Config) {
				c.CancelOnDisconnect, c.MaxRequests = cancels, 1
				logging(log)(c)
			})
			ctx, leave := context.WithCancel(context.Background())
			resp := follow(t, ctx, http.DefaultClient, s, "?outputs=translation", news)
			if line, _ := bufio.NewReader(resp.Body).ReadString('\n'); line != "id: 1\n" {
				t.Errorf("%q", line)
			}
			<-asked
			if r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain"); r.status != 503 {
				t.Errorf("beside a stream: %d", r.status)
			}
			leave()
			if !cancels {
				close(hold)
			}
			if got := <-ended; got != cancels {
				t.Errorf("the call was cancelled: %v", got)
			}
			for len(log.requests(t)) < 2 {
				time.Sleep(5 * time.Millisecond)
			}
			if got := log.requests(t); cancels && got[1] != 499 { // else the answer may be written before the leaving is noticed
				t.Errorf("the log has %v", got)
			}
			if cancels {
				close(hold)
			}
			a := article(t, s.do(t, "POST", "/v1/articles?outputs=translation", news, "Content-Type", "text/plain"))
			if cancels == (a.Usage.CacheHits > 0) {
				t.Errorf("%+v", a.Usage)
			}
		})
	}
}

// TestStreamReaderDoesNotRead: it is cut after a while, and what was paid for stays.
func TestStreamReaderDoesNotRead(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		log := &lines{}
		s, client, stop := piped(t, demo(t), func(c *httpapi.Config) {
			c.WriteTimeout, c.RequestTimeout = 10*time.Second, time.Minute
			logging(log)(c)
		})
		defer stop()
		text := wards(300) // far more than may wait for a reader
		began := time.Now()
		conn, err := s.pipes.dial(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /v1/articles?outputs=translation HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
		for len(log.requests(t)) == 0 {
			time.Sleep(time.Second)
		}
		if took := time.Since(began); log.requests(t)[0] != 499 || took > 12*time.Second {
			t.Errorf("cut after %v: %v", took, log.requests(t))
		}
		time.Sleep(time.Minute)
		calls := s.calls.Load()
		resp := follow(t, context.Background(), client, s, "?outputs=translation", text)
		list, _, err := events(t, resp.Body)
		if err != nil || list[len(list)-1].name != "done" || s.calls.Load() != calls || calls == 0 {
			t.Errorf("asked again: %d events, %d calls before and %d after, %v", len(list), calls, s.calls.Load(), err)
		}

		// One who takes a little at a time has until the request's time is up.
		conn, err = s.pipes.dial(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began = time.Now()
		fmt.Fprintf(conn, "POST /v1/articles?outputs=translation HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
		one := make([]byte, 1024)
		for err == nil {
			_, err = conn.Read(one)
			time.Sleep(time.Second)
		}
		if took := time.Since(began); took < time.Minute || took > 80*time.Second {
			t.Errorf("a slow one was cut after %v", took)
		}
	})
}

// TestStreamAtShutdown: one that ends in time is whole; one that does not is told why.
func TestStreamAtShutdown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		takes time.Duration
		last  string
	}{{5 * time.Second, "done"}, {2 * time.Minute, "error"}} {
		bubble(t, func(t *testing.T) {
			m := &slow{Handler: demo(t), takes: row.takes}
			s, client, stop := piped(t, m, nil)
			defer stop()
			resp := follow(t, context.Background(), client, s, "", news)
			end := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				end <- s.http.Shutdown(ctx)
			}()
			list, _, err := events(t, resp.Body)
			last := list[len(list)-1]
			if err != nil || last.name != row.last || row.last == "error" && !strings.Contains(last.data, `"draining"`) {
				t.Errorf("%+v, %v", last, err)
			}
			if err := <-end; (err == nil) != (row.last == "done") {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
}

// TestManyStreams: some leave in the middle, the others have all, and no goroutine
// stays: the bubble would not end.
func TestManyStreams(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const streams = 36
		m := &slow{Handler: demo(t), takes: 15 * time.Second}
		log := &lines{}
		s, client, stop := piped(t, m, func(c *httpapi.Config) {
			c.MaxRequests = streams
			logging(log)(c)
		}, func(c *gateway.Config) { c.Cache = nil })
		defer stop()
		var wg sync.WaitGroup
		for i := range streams {
			wg.Go(func() {
				ctx, leave := context.WithCancel(context.Background())
				defer leave()
				if i%3 == 0 {
					time.AfterFunc(3*time.Second, leave)
				}
				resp := follow(t, ctx, client, s, "?outputs=translation", strings.ReplaceAll(wards(2), "40", strconv.Itoa(100+i)))
				list, _, err := events(t, resp.Body)
				if i%3 == 0 {
					if err == nil || len(list) != 1 {
						t.Errorf("who left got %d events, %v", len(list), err)
					}
				} else if err != nil || list[len(list)-1].name != "done" {
					t.Errorf("who stayed got %+v, %v", list, err)
				}
			})
		}
		wg.Wait()
		time.Sleep(time.Minute)
		statuses := log.requests(t)
		slices.Sort(statuses)
		if len(statuses) != streams || statuses[streams*2/3-1] != 200 || statuses[streams*2/3] != 499 {
			t.Errorf("%v", statuses)
		}
	})
}
