package mcp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/fetch"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/mcp"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// made is a server over the simulator, with its model's calls counted. gate, when
// set, is called before each of them.
type made struct {
	*mcp.Server
	calls atomic.Int64
}

func server(t testing.TB, gate func(r *http.Request)) *made {
	t.Helper()
	m := &made{}
	sim, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.calls.Add(1)
		b, _ := io.ReadAll(r.Body) // net/http tells of a client's leaving only then
		r.Body = io.NopCloser(bytes.NewReader(b))
		if gate != nil {
			gate(r)
		}
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(upstream.Close)
	u, err := llm.New(llm.Config{BaseURL: upstream.URL + "/v1", Model: "test-model", MaxAttempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	reach := fetch.New(fetch.Config{Allow: []string{"127.0.0.1"}})
	g := gateway.New(gateway.Config{
		Upstreams: []*llm.Upstream{u}, Cache: cache.NewMemory(64<<20, time.Minute), CacheTTL: time.Hour,
		Fetch: reach,
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = g.Close(ctx)
	})
	print, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	press := struct {
		*newsletter.Maker
		*newsletter.Renderer
	}{newsletter.New(newsletter.Config{Gateway: g, Fetch: reach}), print}
	m.Server = mcp.New(mcp.Config{Gateway: g, Newsletters: press, Version: "9.9"})
	return m
}

// overStdio is a client of the SDK on the other end of a pair of pipes.
func overStdio(t testing.TB, m *made, o *sdk.ClientOptions) *sdk.ClientSession {
	t.Helper()
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := m.Serve(context.Background(), serverIn, serverOut); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, o).Connect(context.Background(), &sdk.IOTransport{Reader: clientIn, Writer: clientOut}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close(); _ = clientOut.Close(); wg.Wait() })
	return session
}

// overHTTP is a client of the SDK over streamable HTTP.
func overHTTP(t testing.TB, m *made, o *sdk.ClientOptions, caller mcp.Caller) *sdk.ClientSession {
	t.Helper()
	return connect(t, listen(t, m, caller), o)
}

func listen(t testing.TB, m *made, caller mcp.Caller) (url string) {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		m.Handle(w, r, caller)
	}))
	t.Cleanup(web.Close)
	return web.URL
}

func connect(t testing.TB, url string, o *sdk.ClientOptions) *sdk.ClientSession {
	t.Helper()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, o).Connect(context.Background(), &sdk.StreamableClientTransport{Endpoint: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// both runs a test over both transports.
func both(t *testing.T, test func(t *testing.T, client func(testing.TB, *made) *sdk.ClientSession)) {
	t.Helper()
	t.Run("stdio", func(t *testing.T) {
		t.Parallel()
		test(t, func(t testing.TB, m *made) *sdk.ClientSession { return overStdio(t, m, nil) })
	})
	t.Run("HTTP", func(t *testing.T) {
		t.Parallel()
		test(t, func(t testing.TB, m *made) *sdk.ClientSession { return overHTTP(t, m, nil, nil) })
	})
}

type arguments = map[string]any

func call(t testing.TB, c *sdk.ClientSession, tool string, a arguments) *sdk.CallToolResult {
	t.Helper()
	res, err := c.CallTool(context.Background(), &sdk.CallToolParams{Name: tool, Arguments: a})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return res
}

// texts are the texts of a result.
func texts(t testing.TB, res *sdk.CallToolResult) []string {
	t.Helper()
	var out []string
	for _, c := range res.Content {
		text, ok := c.(*sdk.TextContent)
		if !ok {
			t.Fatalf("%T is no text", c)
		}
		out = append(out, text.Text)
	}
	return out
}

func structured[T any](t testing.TB, res *sdk.CallToolResult) (out T) {
	t.Helper()
	if res.IsError {
		t.Fatalf("an error: %s", texts(t, res))
	}
	b, err := json.Marshal(res.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return out
}
