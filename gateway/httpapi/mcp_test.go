package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
)

// mcpClient is the SDK's own client, with a header on each of its requests.
func mcpClient(t testing.TB, s *server, o *sdk.ClientOptions, header ...string) (*sdk.ClientSession, error) {
	t.Helper()
	base := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(base.CloseIdleConnections)
	c, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, o).Connect(context.Background(), &sdk.StreamableClientTransport{
		Endpoint: s.url + "/mcp", HTTPClient: &http.Client{Transport: withHeader{base, header}}, MaxRetries: -1}, nil)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

type withHeader struct {
	http.RoundTripper
	header []string
}

func (w withHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for i := 0; i < len(w.header); i += 2 {
		r.Header.Set(w.header[i], w.header[i+1])
	}
	return w.RoundTripper.RoundTrip(r)
}

// post sends one message as a client would.
func (s *server) message(t testing.TB, body string, header ...string) reply {
	t.Helper()
	return s.do(t, "POST", "/mcp", body, append([]string{"Content-Type", "application/json", "Accept", "application/json, text/event-stream"}, header...)...)
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	toolCall   = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":"p"},"name":"translate","arguments":{"text":"आज बारिश होगी।"}}}`
)

func TestMCP(t *testing.T) {
	t.Parallel()
	told := make(chan float64, 100)
	c, err := mcpClient(t, start(t, demo(t), nil), &sdk.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *sdk.ProgressNotificationClientRequest) {
		told <- r.Params.Total - r.Params.Progress
	}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.ListTools(context.Background(), nil)
	if err != nil || len(list.Tools) != 4 {
		t.Fatalf("%v, %v", list, err)
	}
	p := &sdk.CallToolParams{Name: "translate", Arguments: map[string]any{"text": news}}
	p.SetProgressToken("mine")
	res, err := c.CallTool(context.Background(), p)
	if err != nil || res.IsError || len(res.Content) == 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	for left := -1.0; left != 0; {
		select {
		case left = <-told:
		case <-time.After(10 * time.Second):
			t.Fatal("the end of the progress is not told")
		}
	}
	if res, err = c.CallTool(context.Background(), &sdk.CallToolParams{Name: "summarize", Arguments: map[string]any{"url": "http://10.0.0.1/"}}); err != nil || !res.IsError {
		t.Errorf("%+v, %v", res, err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

func TestMCPOnTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.MaxBody = 10_000 })
	r := s.message(t, initialize)
	if id := r.header.Get("Mcp-Session-Id"); r.status != 200 || r.header.Get("Content-Type") != "text/event-stream" || len(id) < 20 || !strings.Contains(string(r.body), `"serverInfo"`) {
		t.Errorf("initialize: %d %v %s", r.status, r.header, r.body)
	}
	if r = s.message(t, `{"jsonrpc":"2.0","method":"notifications/initialized"}`); r.status != 202 || len(r.body) != 0 || r.header.Get("Content-Type") != "" {
		t.Errorf("a notification: %d %v %q", r.status, r.header, r.body)
	}
	for _, row := range []struct {
		name, method, body string
		header             []string
		status             int
		has                string
	}{
		{"GET has no stream", "GET", "", nil, 405, ""},
		{"DELETE has no session", "DELETE", "", nil, 405, ""},
		{"no JSON", "POST", "hello", nil, 400, "-32700"},
		{"a batch", "POST", "[" + toolCall + "]", nil, 400, "-32600"},
		{"another type", "POST", toolCall, []string{"Content-Type", "text/plain"}, 415, "application/json"},
		{"JSON alone", "POST", toolCall, []string{"Accept", "application/json"}, 406, "text/event-stream"},
		{"accepting anything", "POST", toolCall, []string{"Accept", "*/*"}, 200, `"result"`},
		{"unknown version", "POST", toolCall, []string{"Mcp-Protocol-Version", "1999-01-01"}, 400, "Mcp-Protocol-Version"},
		{"unknown method", "POST", `{"jsonrpc":"2.0","id":1,"method":"poem/write"}`, nil, 400, "malformed"},
		{"the next protocol", "POST", `{"jsonrpc":"2.0","id":1,"method":"poem/write","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`,
			[]string{"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "poem/write"}, 404, "-32601"},
		{"too long", "POST", strings.Repeat("x", 10_001), nil, 413, "too_large"},
		{"a page from elsewhere", "POST", toolCall, []string{"Origin", "http://evil.example"}, 403, "forbidden"},
		{"a page whose name was turned to us", "POST", toolCall, []string{"Origin", "http://evil.example", "Host", "evil.example"}, 403, "forbidden"},
		{"a page without origin", "POST", toolCall, []string{"Origin", "null"}, 403, "forbidden"},
		{"a page on this machine", "POST", toolCall, []string{"Origin", "http://localhost:6274"}, 200, `"result"`},
	} {
		header := append([]string{"Content-Type", "application/json", "Accept", "application/json, text/event-stream"}, row.header...)
		if r := s.do(t, row.method, "/mcp", row.body, header...); r.status != row.status || !strings.Contains(string(r.body), row.has) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	known := start(t, demo(t), func(c *httpapi.Config) { c.CORSOrigins = []string{"https://app.example"} })
	if r := known.message(t, toolCall, "Origin", "https://app.example"); r.status != 200 {
		t.Errorf("a known origin: %d %s", r.status, r.body)
	}
	if r := start(t, demo(t), func(c *httpapi.Config) { c.MCP = nil }).message(t, toolCall); r.status != 404 {
		t.Errorf("without the tools: %d", r.status)
	}
}

// Events come when they are sent, the first before the model has answered.
func TestMCPStreams(t *testing.T) {
	t.Parallel()
	leave, model := make(chan struct{}), demo(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-leave
		model.ServeHTTP(w, r)
	}), func(c *httpapi.Config) { c.PingEvery = 20 * time.Millisecond })
	req, _ := http.NewRequest("POST", s.url+"/mcp", strings.NewReader(toolCall))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for comments := 0; comments < 3; { // the beginning, and pings
		line, err := lines.ReadString('\n')
		if err != nil || strings.Contains(line, "result") {
			t.Fatalf("%q, %v", line, err)
		}
		if line == ":\n" {
			comments++
		}
	}
	close(leave)
	rest, err := io.ReadAll(lines)
	if err != nil || !strings.Contains(string(rest), `"progressToken":"p"`) || !strings.Contains(string(rest), `"id":7,"result"`) {
		t.Errorf("%s, %v", rest, err)
	}
}

// A caller who leaves ends the call to the model, and nothing is left behind.
func TestMCPCallerLeaves(t *testing.T) {
	t.Parallel()
	entered, ended := make(chan struct{}, 50), make(chan struct{}, 50)
	s := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-r.Context().Done()
		ended <- struct{}{}
	}), nil)
	const callers = 20
	for i := range callers {
		ctx, cancel := context.WithCancel(context.Background())
		body := strings.Replace(toolCall, "बारिश", "बारिश "+strings.Repeat("बहुत ", i+1), 1)
		req, _ := http.NewRequestWithContext(ctx, "POST", s.url+"/mcp", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		<-entered
		cancel()
		_ = resp.Body.Close()
	}
	for range callers {
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Fatal("a model is still asked")
		}
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		b := make([]byte, 1<<20)
		stacks := string(b[:runtime.Stack(b, true)])
		if !strings.Contains(stacks, "httpapi.(*Server).mcp.func") && s.message(t, initialize).status == 200 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("goroutines stay:\n%s", stacks)
		}
	}
}

func TestMCPKeys(t *testing.T) {
	t.Parallel()
	key, err := httpapi.ParseKey("news:correct-horse")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, demo(t), func(c *httpapi.Config) { c.Keys = []httpapi.Key{key} })
	for _, header := range [][]string{nil, {"Authorization", "Bearer wrong-horse"}} {
		r := s.message(t, initialize, header...)
		var p api.Problem
		if json.Unmarshal(r.body, &p) != nil || r.status != 401 || p.Code != "unauthorized" || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%v: %d %v %s", header, r.status, r.header, r.body)
		}
	}
	c, err := mcpClient(t, s, nil, "Authorization", "Bearer correct-horse")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ListTools(context.Background(), nil); err != nil {
		t.Error(err)
	}
}

// A tool's work goes on its caller's account like any other; one that fails
// gives its characters back.
func TestMCPLimits(t *testing.T) {
	t.Parallel()
	model := demo(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if strings.Contains(string(b), "बर्फ़") {
			w.WriteHeader(400)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(b)))
		model.ServeHTTP(w, r)
	}), func(c *httpapi.Config) { c.Limits = httpapi.Limits{DailyChars: 40, Requests: 20} })
	call := func(text string) string {
		t.Helper()
		return string(s.message(t, strings.Replace(toolCall, "आज बारिश होगी।", text, 1)).body)
	}
	const short, fails = "आज बारिश होगी।", "आज बर्फ़ गिरेगी और गिरेगी।" // 14 and 26 characters
	for _, row := range []struct{ text, has string }{
		{short, `"complete":true`},
		{fails, "upstream_failed"},
		{fails, "upstream_failed"}, // what the first took is there again
		{short + " " + short, "rate_limited: the request has 29 characters, and 14 of the 40"},
		{short, `"complete":true`},
	} {
		if got := call(row.text); !strings.Contains(got, row.has) || strings.Contains(got, `"isError":true`) == strings.Contains(row.has, "complete") {
			t.Errorf("%s: %s", row.text, got)
		}
	}
	if r := s.do(t, "GET", "/v1/usage", ""); r.status != 200 || !strings.Contains(string(r.body), `"characters":28`) {
		t.Errorf("usage: %d %s", r.status, r.body)
	}
	for range 15 {
		s.message(t, initialize)
	}
	if r := s.message(t, initialize); r.status != 429 || r.header.Get("Retry-After") == "" {
		t.Errorf("the 21st request: %d %s", r.status, r.body)
	}
}
