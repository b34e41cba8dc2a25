package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/fetch"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/mcp"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// press makes newsletters.
type press struct {
	*newsletter.Maker
	*newsletter.Renderer
}

// memory is the server's store, which a test may choose after it is named.
type memory struct{ kv httpapi.KV }

func (m *memory) Get(ctx context.Context, space, id string) ([]byte, int64, error) {
	if m.kv == nil {
		return nil, 0, errors.New("no store")
	}
	return m.kv.Get(ctx, space, id)
}

func (m *memory) Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	if m.kv == nil {
		return false, errors.New("no store")
	}
	return m.kv.Put(ctx, space, id, value, ttl, version)
}

// server is a gateway on a real listener over a model.
type server struct {
	url   string
	calls *atomic.Int64
	http  *httpapi.Server
	pipes *pipes // what it listens on, of a piped one
}

func start(t testing.TB, model http.Handler, change func(*httpapi.Config)) *server {
	t.Helper()
	s := &server{calls: new(atomic.Int64)}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		b, _ := io.ReadAll(r.Body) // net/http tells of a client's leaving only then
		r.Body = io.NopCloser(bytes.NewReader(b))
		model.ServeHTTP(w, r)
	}))
	t.Cleanup(upstream.Close)
	u, err := llm.New(llm.Config{BaseURL: upstream.URL + "/v1", Model: "test-model", MaxAttempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	metrics := httpapi.NewMetrics()
	reach := fetch.New(fetch.Config{Allow: []string{"127.0.0.1"}, MaxBody: 100_000})
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Cache: cache.NewMemory(64<<20, time.Minute), CacheTTL: time.Hour, Observe: metrics.Gateway,
		Fetch: reach})
	c := httpapi.Config{Gateway: g, MaxBody: 2 << 20, RequestTimeout: time.Minute, MaxRequests: 512, CancelOnDisconnect: true, Metrics: metrics}
	print, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	memory := &memory{}
	c.Newsletters = &press{newsletter.New(newsletter.Config{Gateway: g, Fetch: reach, Memory: memory}), print}
	c.MCP = mcp.New(mcp.Config{Gateway: g, Newsletters: c.Newsletters, Version: "9.9"}).Handle
	if change != nil {
		change(&c)
	}
	memory.kv = c.KV
	s.http = httpapi.New(c)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.http.Serve(l)
	s.url = "http://" + l.Addr().String()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.http.Shutdown(ctx)
		g.Close(ctx)
	})
	return s
}

func demo(t testing.TB) http.Handler {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (s *server) do(t testing.TB, method, path, body string, header ...string) reply {
	t.Helper()
	req, r := s.exchange(t, method, path, body, header...)
	keeps(t, req, r)
	return r
}

// send is do without a look at the contract, which takes its time: for many
// requests of one sort.
func (s *server) send(t testing.TB, method, path, body string, header ...string) reply {
	t.Helper()
	_, r := s.exchange(t, method, path, body, header...)
	return r
}

func (s *server) exchange(t testing.TB, method, path, body string, header ...string) (*http.Request, reply) {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req, reply{resp.StatusCode, resp.Header, b}
}

func (s *server) post(t testing.TB, path, body string) reply {
	t.Helper()
	return s.do(t, "POST", path, body, "Content-Type", "application/json")
}

func article(t testing.TB, r reply) api.Article {
	t.Helper()
	var a api.Article
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || r.status != 200 {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return a
}

// readLines are the lines of a stream as they come.
func readLines(r io.Reader) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if !yield(lines.Text()) {
				return
			}
		}
	}
}
