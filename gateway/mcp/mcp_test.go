package mcp_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

const news = "झील पर पक्षी लौट आए\n\nइस साल झील में पानी अच्छा है और पक्षी समय पर आ गए हैं।\n\nवन विभाग ने 2024 में 350 पक्षी गिने थे।"

type note struct {
	Paragraph int    `json:"paragraph"`
	Language  string `json:"language"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

type translated struct {
	Translation string    `json:"translation"`
	Source      string    `json:"source"`
	Target      string    `json:"target"`
	Complete    bool      `json:"complete"`
	Missing     []note    `json:"missing"`
	Warnings    []note    `json:"warnings"`
	Usage       api.Usage `json:"usage"`
}

type summarised struct {
	Summaries []struct {
		Language string   `json:"language"`
		Style    string   `json:"style"`
		Text     string   `json:"text"`
		Bullets  []string `json:"bullets"`
	} `json:"summaries"`
	Source   string    `json:"source"`
	Complete bool      `json:"complete"`
	Missing  []note    `json:"missing"`
	Warnings []note    `json:"warnings"`
	Usage    api.Usage `json:"usage"`
}

func TestTools(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, client func(testing.TB, *made) *sdk.ClientSession) {
		m := server(t, nil)
		c := client(t, m)
		if info := c.InitializeResult(); info.ServerInfo.Name != "dubhashi" || info.ServerInfo.Version != "9.9" || info.Instructions == "" {
			t.Errorf("the server calls itself %+v", info)
		}
		list, err := c.ListTools(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
			if tool.Description == "" || tool.Title == "" || tool.OutputSchema == nil || !tool.Annotations.ReadOnlyHint {
				t.Errorf("%s: %+v", tool.Name, tool)
			}
		}
		if slices.Sort(names); strings.Join(names, " ") != "detect newsletter summarize translate" {
			t.Errorf("tools %v", names)
		}

		res := call(t, c, "translate", arguments{"text": news})
		a := structured[translated](t, res)
		if a.Source != "hi" || a.Target != "en" || !a.Complete || a.Usage.CacheMisses == 0 || !strings.Contains(a.Translation, "350") || texts(t, res)[0] != a.Translation {
			t.Errorf("translate: %+v", a)
		}
		calls := m.calls.Load()
		if b := structured[translated](t, call(t, c, "translate", arguments{"text": news})); b.Translation != a.Translation || b.Usage.CacheMisses != 0 || m.calls.Load() != calls {
			t.Errorf("again: %+v, %d calls", b, m.calls.Load())
		}

		res = call(t, c, "summarize", arguments{"text": news, "languages": []string{"en", "hi"}, "style": "bullets", "max_words": 60})
		s := structured[summarised](t, res)
		if len(s.Summaries) != 2 || s.Summaries[0].Language != "en" || s.Summaries[0].Style != "bullets" || len(s.Summaries[0].Bullets) == 0 || !strings.HasPrefix(texts(t, res)[0], "• ") {
			t.Errorf("summarize: %+v", s)
		}

		d := structured[api.Detection](t, call(t, c, "detect", arguments{"text": "aaj mausam bahut accha hai aur hum bahar ja rahe hain"}))
		if d.Language != "hi" || d.Script != "Latn" {
			t.Errorf("detect: %+v", d)
		}
	})
}

// What comes back is as the output schema says: clients hold a server to that.
func TestOutputSchemas(t *testing.T) {
	t.Parallel()
	c := overStdio(t, server(t, nil), nil)
	list, err := c.ListTools(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string][]arguments{
		"translate": {{"text": news}, {"text": "Rain is expected today.", "target": "hi"}, {"text": news, "cache": "only", "register": "formal"}},
		"summarize": {{"text": news}, {"text": news, "style": "headline"}},
		"newsletter": {
			{"title": "सप्ताह / The week", "articles": []arguments{{"text": news, "show": "lead"}}},
			{"title": "The week", "intro": "आज 3 बातें।", "articles": []arguments{{"text": "आज बारिश होगी।"}}, "format": "html", "layout": "side-by-side"},
		},
		"detect": {{"text": "नमस्ते"}, {"text": "இது தமிழ்"}, {"text": "123"}},
	}
	for _, tool := range list.Tools {
		b, _ := json.Marshal(tool.OutputSchema)
		var schema jsonschema.Schema
		if err := json.Unmarshal(b, &schema); err != nil {
			t.Fatalf("%s: %v", tool.Name, err)
		}
		r, err := schema.Resolve(nil)
		if err != nil {
			t.Fatalf("%s: %v", tool.Name, err)
		}
		for _, a := range given[tool.Name] {
			res := call(t, c, tool.Name, a)
			if err := r.Validate(res.StructuredContent); err != nil || res.IsError {
				t.Errorf("%s %v: %v, %s", tool.Name, a, err, texts(t, res))
			}
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><html><body><nav><a href=/>मुखपृष्ठ</a></nav><article><h1>मौसम का हाल</h1><p>आज <b>भारी</b> बारिश होगी, <a href="/x">विभाग</a> ने कहा।</p></article></body></html>`)
	}))
	t.Cleanup(site.Close)
	c := overStdio(t, server(t, nil), nil)
	for _, row := range []struct {
		name string
		a    arguments
		has  string
	}{
		{"Markdown", arguments{"format": "markdown", "text": "# मौसम\n\nआज **भारी** बारिश होगी।"}, "# "},
		{"HTML", arguments{"format": "html", "text": "<h1>मौसम</h1><p>आज <b>भारी</b> बारिश होगी।</p>"}, "<h1>"},
		{"text", arguments{"text": "आज बारिश होगी।"}, ""},
		{"page as Markdown", arguments{"url": site.URL}, "](" + site.URL + "/x)"},
		{"numerals", arguments{"text": "आज 25 लोग आए।", "numerals": "devanagari"}, "२५"},
		{"glossary", arguments{"text": "वन विभाग ने पक्षी गिने।", "glossary": map[string]string{"वन विभाग": "Forest Office"}}, "Forest Office"},
		{"title", arguments{"text": "आज बारिश होगी।", "title": "मौसम 7"}, "7"},
	} {
		if got := structured[translated](t, call(t, c, "translate", row.a)); !strings.Contains(got.Translation, row.has) || got.Translation == "" {
			t.Errorf("%s: %q", row.name, got.Translation)
		}
	}
}

// A mistake is told as a tool's error, in words that help.
func TestToolErrors(t *testing.T) {
	t.Parallel()
	m := server(t, nil)
	c := overStdio(t, m, nil)
	for _, row := range []struct {
		name, tool string
		a          arguments
		has        string
	}{
		{"nothing", "translate", arguments{}, "text is missing"},
		{"no arguments", "translate", nil, "text is missing"},
		{"both", "translate", arguments{"text": "अब", "url": "http://news.example"}, "url is a second article"},
		{"blank", "translate", arguments{"text": " \n"}, "text must hold some text"},
		{"blank url", "summarize", arguments{"url": ""}, "url must be"},
		{"invisible", "translate", arguments{"text": "<p><img src=x></p>", "format": "html"}, "text must hold some text"},
		{"NUL", "translate", arguments{"text": "अब\x00"}, "NUL"},
		{"misspelt", "translate", arguments{"text": "अब", "langauge": "en"}, "langauge is not an argument"},
		{"number", "translate", arguments{"text": 7}, "text must be a string, not number"},
		{"list", "summarize", arguments{"text": "अब", "languages": "en"}, "languages must be an array of strings"},
		{"words", "summarize", arguments{"text": "अब", "max_words": "many"}, "max_words must be a whole number"},
		{"too few words", "summarize", arguments{"text": "अब", "max_words": 0}, "max_words must be from 10 to 1000"},
		{"style", "summarize", arguments{"text": "अब", "style": "haiku"}, "style must be one of paragraph"},
		{"glossary", "translate", arguments{"text": "अब", "glossary": []string{"x"}}, "glossary must be an object of strings"},
		{"nobody's stored glossary", "translate", arguments{"text": "अब", "glossary_id": "x"}, "glossary_id names a glossary of a caller over HTTP"},
		{"target", "translate", arguments{"text": "अब", "target": "fr"}, "target must be one of hi, en"},
		{"format", "translate", arguments{"text": "अब", "format": "pdf"}, "format must be one of text, html, markdown"},
		{"format of a url", "translate", arguments{"url": "http://news.example", "format": "html"}, "format has no meaning"},
		{"another language", "translate", arguments{"text": "இது ஒரு தமிழ் வாக்கியம் ஆகும்."}, "unsupported_language: "},
		{"private url", "translate", arguments{"url": "http://10.0.0.1/"}, "url_refused: this URL is not fetched"},
		{"nobody there", "summarize", arguments{"url": "http://127.0.0.1:1025/"}, "url_unreachable: "},
		{"too long", "translate", arguments{"text": strings.Repeat("अब ", 100_000)}, "too_large: "},
		{"detect nothing", "detect", arguments{}, "text must hold some text"},
	} {
		res := call(t, c, row.tool, row.a)
		if got := texts(t, res)[0]; !res.IsError || !strings.Contains(got, row.has) || strings.Contains(got, "json:") || strings.Contains(got, "dial") {
			t.Errorf("%s: %v %q, want %q", row.name, res.IsError, got, row.has)
		}
	}
	if m.calls.Load() != 0 {
		t.Errorf("%d calls to the model", m.calls.Load())
	}
	if _, err := c.CallTool(context.Background(), &sdk.CallToolParams{Name: "poem"}); err == nil {
		t.Error("a tool that is not there answers")
	}
}

func TestFailuresAreNoted(t *testing.T) {
	t.Parallel()
	c := overStdio(t, server(t, nil), nil)
	structured[translated](t, call(t, c, "translate", arguments{"text": "आज बारिश होगी।"}))
	res := call(t, c, "translate", arguments{"text": "आज बारिश होगी।\n\nकल धूप निकलेगी।", "cache": "only", "title": ""})
	a := structured[translated](t, res)
	if a.Complete || len(a.Missing) != 1 || a.Missing[0].Paragraph != 2 || a.Missing[0].Code != "cache_miss" || !strings.Contains(a.Translation, "[paragraph 2 was not translated]") {
		t.Errorf("%+v", a)
	}
	if list := texts(t, res); len(list) != 2 || !strings.Contains(list[1], "paragraph 2: missing: ") {
		t.Errorf("%q", list)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for _, word := range strings.Fields("एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह") {
		long.WriteString("आज " + word + " पक्षी झील पर आए और सब लोग देखने गए।\n\n")
	}
	for name, over := range map[string]func(testing.TB, *made, *sdk.ClientOptions) *sdk.ClientSession{
		"stdio": overStdio,
		"HTTP": func(t testing.TB, m *made, o *sdk.ClientOptions) *sdk.ClientSession {
			return overHTTP(t, m, o, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			told := map[any][]sdk.ProgressNotificationParams{}
			some, whole := make(chan struct{}), make(chan struct{})
			o := &sdk.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *sdk.ProgressNotificationClientRequest) {
				mu.Lock()
				defer mu.Unlock()
				p, list := r.Params, told[r.Params.ProgressToken]
				switch before := len(list) > 0 && list[len(list)-1].Progress > 0; {
				case p.Progress == p.Total:
					close(whole)
				case p.Progress > 0 && !before:
					close(some)
				}
				told[p.ProgressToken] = append(list, *p)
			}}
			var calls atomic.Int64
			m := server(t, func(r *http.Request) {
				if calls.Add(1) == 1 {
					return
				}
				select { // the others when the first one's paragraphs are told
				case <-some:
				case <-r.Context().Done():
				}
			})
			c := over(t, m, o)
			p := &sdk.CallToolParams{Name: "translate", Arguments: arguments{"text": long.String()}}
			p.SetProgressToken("bar")
			res, err := c.CallTool(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			structured[translated](t, res)
			select {
			case <-whole: // the client hears it beside the answer
			case <-time.After(10 * time.Second):
				t.Fatal("the end of the progress is not told")
			}
			mu.Lock()
			list := slices.Clone(told["bar"])
			mu.Unlock()
			for i := 1; i < len(list); i++ {
				if list[i].Progress <= list[i-1].Progress || list[i].Total != list[0].Total {
					t.Errorf("progress %v of %v after %v of %v", list[i].Progress, list[i].Total, list[i-1].Progress, list[i-1].Total)
				}
			}
			if last := list[len(list)-1]; last.Progress != last.Total || last.Message == "" {
				t.Errorf("the last one: %+v", last)
			}
			call(t, c, "translate", arguments{"text": "आज बारिश होगी।"})
			mu.Lock()
			defer mu.Unlock()
			if told[nil] != nil {
				t.Error("progress is told to who did not ask")
			}
		})
	}
}

// A client that cancels its call ends the call to the model.
func TestCancel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, client func(testing.TB, *made) *sdk.ClientSession) {
		entered, ended := make(chan struct{}, 2), make(chan struct{}, 2)
		c := client(t, server(t, func(r *http.Request) {
			entered <- struct{}{}
			<-r.Context().Done()
			ended <- struct{}{}
		}))
		ctx, cancel := context.WithCancel(context.Background())
		failed := make(chan error, 1)
		go func() {
			_, err := c.CallTool(ctx, &sdk.CallToolParams{Name: "translate", Arguments: arguments{"text": news}})
			failed <- err
		}()
		<-entered
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("the model is still asked")
		}
	})
}

// post sends a message as a client that keeps its stream open.
func post(t testing.TB, url, session, body string) *http.Response {
	t.Helper()
	req, _ := http.NewRequest("POST", url, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Mcp-Protocol-Version", "2025-06-18")
	if session != "" {
		req.Header.Set("Mcp-Session-Id", session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// Many clients cancel by a notification alone, in another request.
func TestCancelByNotification(t *testing.T) {
	t.Parallel()
	entered, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	m := server(t, func(r *http.Request) {
		entered <- struct{}{}
		<-r.Context().Done()
		ended <- struct{}{}
	})
	url := listen(t, m, nil)
	resp := post(t, url, "", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
	session := resp.Header.Get("Mcp-Session-Id")
	if session == "" {
		t.Fatal("no session id")
	}
	work := post(t, url, session, `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"translate","arguments":{"text":"आज बारिश होगी।"}}}`)
	<-entered
	for _, wrong := range []struct{ session, id string }{{session, "8"}, {session, `"7"`}, {"another", "7"}, {"", "7"}} {
		if r := post(t, url, wrong.session, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`+wrong.id+`}}`); r.StatusCode != 202 {
			t.Errorf("a notification: status %d", r.StatusCode)
		}
	}
	select {
	case <-ended:
		t.Fatal("somebody else's call was cancelled")
	default:
	}
	post(t, url, session, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`)
	<-ended
	if b, _ := io.ReadAll(work.Body); bytes.Contains(b, []byte(`"result"`)) {
		t.Errorf("an answer to a cancelled call: %s", b)
	}
}

func TestBadMessages(t *testing.T) {
	t.Parallel()
	m := server(t, nil)
	url := listen(t, m, nil)
	for _, row := range []struct {
		name, body string
		status     int
		has        string
	}{
		{"no JSON", "hello", 400, "-32700"},
		{"cut JSON", `{"jsonrpc":"2.0",`, 400, "-32700"},
		{"empty", "", 400, "-32700"},
		{"batch", ` [{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"detect","arguments":{"text":"a"}}}]`, 400, "-32600"},
		{"version", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, 400, ""},
		{"an answer to nothing", `{"jsonrpc":"2.0","id":1,"result":{}}`, 202, ""},
		{"odd params", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":7}`, 202, ""},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"poem/write"}`, 400, ""},
	} {
		r := post(t, url, "", row.body)
		if b, _ := io.ReadAll(r.Body); r.StatusCode != row.status || !bytes.Contains(b, []byte(row.has)) {
			t.Errorf("%s: %d %s", row.name, r.StatusCode, b)
		}
	}
}

// A call that was started is told to be so at once, before the model answers.
func TestAnswerBeginsWithTheWork(t *testing.T) {
	t.Parallel()
	leave := make(chan struct{})
	m := server(t, func(*http.Request) { <-leave })
	resp := post(t, listen(t, m, nil), "", `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"translate","arguments":{"text":"आज बारिश होगी।"}}}`)
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || kind != "text/event-stream" {
		t.Errorf("%d %s", resp.StatusCode, kind)
	}
	close(leave)
	if b, _ := io.ReadAll(resp.Body); !bytes.Contains(b, []byte(`"result"`)) {
		t.Errorf("got %s", b)
	}
}

// purse is a caller who may have so many characters translated.
type purse struct {
	mu     sync.Mutex
	left   int
	failed []gateway.Code
}

func (p *purse) Admit(context.Context, *gateway.Request) func(int) error {
	return func(chars int) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.left -= chars; p.left < 0 {
			return &gateway.Error{Code: "rate_limited", Message: "the day's characters are used up"}
		}
		return nil
	}
}

func (p *purse) Glossary(context.Context, string, string, string) (*gateway.Glossary, error) {
	return nil, &gateway.Error{Code: "store_down", Message: "the store is away"}
}

func (p *purse) Failed(code gateway.Code) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = append(p.failed, code)
}

func TestCallerPays(t *testing.T) {
	t.Parallel()
	m, p := server(t, nil), &purse{left: 40}
	c := overHTTP(t, m, nil, p)
	structured[translated](t, call(t, c, "translate", arguments{"text": "आज बारिश होगी।"})) // 14 characters
	structured[api.Detection](t, call(t, c, "detect", arguments{"text": news}))
	calls := m.calls.Load()
	if got := texts(t, call(t, c, "translate", arguments{"text": "आज", "glossary_id": "x"}))[0]; got != "store_down: the store is away" || m.calls.Load() != calls {
		t.Errorf("a glossary that cannot be had: %q after %d calls", got, m.calls.Load()-calls)
	}
	res := call(t, c, "summarize", arguments{"text": news})
	if got := texts(t, res)[0]; !res.IsError || !strings.HasPrefix(got, "rate_limited: the day's") || m.calls.Load() != calls {
		t.Errorf("%q after %d calls", got, m.calls.Load()-calls)
	}
	call(t, c, "translate", arguments{})
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.failed, []gateway.Code{"store_down", "rate_limited", "invalid"}) {
		t.Errorf("told of %v", p.failed)
	}
}

// Lines piped in are answered before the end, and nothing else stands in the
// output.
func TestPipedInput(t *testing.T) {
	t.Parallel()
	in := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"translate","arguments":{"text":"आज बारिश होगी।"}}}
`
	var out bytes.Buffer
	if err := server(t, nil).Serve(context.Background(), strings.NewReader(in), &out); err != nil {
		t.Error(err)
	}
	answered := 0
	lines := bufio.NewScanner(&out)
	for lines.Scan() {
		var m struct {
			JSONRPC string          `json:"jsonrpc"`
			Result  json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.JSONRPC != "2.0" {
			t.Errorf("%q is no message", lines.Text())
		}
		if m.Result != nil {
			answered++
		}
	}
	if answered != 2 {
		t.Errorf("%d answers: %s", answered, out.String())
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	in, _ := io.Pipe()
	ended := make(chan error)
	m := server(t, nil)
	go func() { ended <- m.Serve(ctx, in, io.Discard) }()
	cancel()
	<-ended
	_ = in.Close()
}

// FuzzHandle holds that whatever a client sends is answered, and never with an
// error of ours.
func FuzzHandle(f *testing.F) {
	for _, a := range []string{
		`{"text":"आज बारिश होगी।"}`, `{"url":"http://10.0.0.1"}`, `{}`, `null`, `7`, `{"text":null,"glossary":{"a":1}}`, `{"text":"a","languages":["hi","xx"],"max_words":1e9}`,
		`{"text":"\ud800","format":"html"}`, `{"text":"<p>अब","format":"html","cache":"only"}`, `{"TEXT":"अब"}`,
	} {
		for _, tool := range []string{"translate", "summarize", "detect", "poem"} {
			f.Add(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + a + `}}`)
		}
	}
	f.Add(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	f.Add(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}`)
	f.Add(`{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"x"}}`)
	m := server(f, nil)
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/mcp", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Mcp-Session-Id", "s")
		w := httptest.NewRecorder()
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		m.Handle(w, r.WithContext(ctx), nil)
		if w.Code >= 500 || strings.Contains(w.Body.String(), "internal: ") || w.Code == 200 && w.Body.Len() == 0 {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	})
}
