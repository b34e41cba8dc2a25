package httpapi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/httpapi"
)

// What is refused for now says when to come back, in whole seconds.
func TestRefusalsSayWhenToComeBack(t *testing.T) {
	t.Parallel()
	full := start(t, demo(t), func(c *httpapi.Config) { c.MaxRequests = 0 })
	drained := start(t, demo(t), nil)
	drained.http.Drain()
	for _, row := range []struct {
		code string
		s    *server
	}{{"overloaded", full}, {"draining", drained}} {
		for _, path := range []string{"/v1/articles", "/v1/translate", "/v1/summarize", "/v1/detect"} {
			r := row.s.post(t, path, `{"text":"आज बारिश होगी।"}`)
			if wait, err := strconv.Atoi(r.header.Get("Retry-After")); r.status != 503 || err != nil || wait < 1 || !bytes.Contains(r.body, []byte(`"`+row.code+`"`)) {
				t.Errorf("%s: %d, Retry-After %q, %s", path, r.status, r.header.Get("Retry-After"), r.body)
			}
		}
	}
}

// A caller of a plain request that hangs up is seen to, and ends its model call, but
// not one that another caller waits for or that goes on by the configuration.
func TestPlainCallerHangsUp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name          string
		another, goOn bool
	}{{"alone", false, false}, {"one of two", true, false}, {"calls go on", false, true}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			begun, left, answer := make(chan struct{}, 9), make(chan struct{}, 9), make(chan struct{})
			model := demo(t)
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				begun <- struct{}{}
				select {
				case <-r.Context().Done():
					left <- struct{}{}
				case <-answer:
					model.ServeHTTP(w, r)
				}
			}), func(c *httpapi.Config) { c.CancelOnDisconnect = !row.goOn })
			path := "/v1/articles?outputs=translation"
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", path, len(news), news)
			<-begun
			stays := make(chan reply, 1)
			if row.another {
				go func() { stays <- s.do(t, "POST", path, news, "Content-Type", "text/plain") }()
				time.Sleep(time.Second) // so that it has begun to wait
			}
			conn.Close()
			if !row.another && !row.goOn {
				select {
				case <-left:
				case <-time.After(3 * time.Second): // 1 s, and what a busy machine adds
					t.Error("the call goes on although nobody waits")
				}
				return
			}
			select {
			case <-left:
				t.Error("the call was cancelled")
			case <-time.After(700 * time.Millisecond): // a leaving is seen every 250 ms
			}
			close(answer)
			if row.another {
				if a := article(t, <-stays); a.Status != "complete" || a.Usage.SharedCalls != 1 {
					t.Errorf("who stayed: %s, %+v", a.Status, a.Usage)
				}
			}
			if a := article(t, s.do(t, "POST", path, news, "Content-Type", "text/plain")); s.calls.Load() != 1 || a.Status != "complete" {
				t.Errorf("%d calls, then %s", s.calls.Load(), a.Status)
			}
		})
	}
}

// Whatever callers make up, the metrics are as many as before.
func TestCallersAddNoSeries(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	series := func() (n int) {
		for line := range bytes.Lines(s.do(t, "GET", "/metrics", "").body) {
			if !bytes.HasPrefix(line, []byte("#")) {
				n++
			}
		}
		return n
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	do := func(method, path, body string, header ...string) {
		t.Helper()
		req, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	round := func(i int) {
		do("GET", fmt.Sprintf("/v1/models/m%d", i), "")
		do("POST", fmt.Sprintf("/v1/articles/%d", i), "x")
		do("GET", fmt.Sprintf("/problems/code-%d", i), "")
		do(fmt.Sprintf("M%d", i), "/v1/articles", "")
		do("GET", "/healthz", "", "X-Request-Id", fmt.Sprint("id-", i), "User-Agent", fmt.Sprint("agent/", i), "X-API-Key", fmt.Sprint("key-", i), "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i%250))
		do("POST", "/v1/detect", fmt.Sprintf(`{"text":"%d","model":"m%d"}`, i, i), "Content-Type", "application/json")
		do("POST", fmt.Sprintf("/v1/articles?target=t%d", i), news, "Content-Type", "text/plain")
		do("POST", fmt.Sprintf("/v1/translate?register=r%d", i), `{"text":"नमस्ते"}`, "Content-Type", fmt.Sprintf("text/x-%d", i))
		if i < 20 {
			do("POST", "/v1/articles?outputs=translation", fmt.Sprintf("वार्ड %d में नई बस सेवा शुरू हुई।", i), "Content-Type", "text/plain")
		}
	}
	round(0)
	series() // counts itself from the next on
	before := series()
	for i := range 100 {
		round(i + 1)
	}
	if after := series(); before < 20 || after != before {
		t.Errorf("%d series after the first round, %d after 100 others", before, after)
	}
}
