package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway/llm"
)

const testKey = "sk-test-not-a-key"

// secret stands in every prompt; no error may show it.
const secret = "गोपनीय-अनुच्छेद"

var schema = json.RawMessage(`{"type":"object","properties":{"segments":{"type":"object"}},"required":["segments"],"additionalProperties":false}`)

// asked is what a request carried on the wire.
type asked struct {
	Model     string
	Messages  []llm.Message
	Temp      *float64 `json:"temperature"`
	MaxTokens *int     `json:"max_tokens"`
	MaxNew    *int     `json:"max_completion_tokens"`
	Effort    *string  `json:"reasoning_effort"`
	Stream    bool
	Options   *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Format     *struct{ Type string } `json:"response_format"`
	authorized bool
}

func (a asked) format() string {
	if a.Format == nil {
		return ""
	}
	return a.Format.Type
}

func read(r *http.Request) asked {
	var a asked
	b, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(b, &a); err != nil {
		panic(err)
	}
	a.authorized = r.Header.Get("Authorization") == "Bearer "+testKey
	return a
}

// good is a whole answer with the given text.
func good(text string) string {
	b, _ := json.Marshal(text)
	return fmt.Sprintf(`{"id":"x","object":"chat.completion","created":1,"model":"answered-by","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}`, b)
}

func finished(text, reason string) string {
	return strings.Replace(good(text), `"finish_reason":"stop"`, `"finish_reason":`+reason, 1)
}

func refused(param, code, message string) string {
	b, _ := json.Marshal(map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "param": param, "code": code}})
	return string(b)
}

// script answers the nth request with the nth step, and the last step ever after.
type script struct {
	steps []step
	mu    sync.Mutex
	seen  []asked
	at    []time.Time
}

type step struct {
	status int
	body   string
	header map[string]string
}

func (s *script) take(a asked) step {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.seen), len(s.steps)-1)
	s.seen = append(s.seen, a)
	s.at = append(s.at, time.Now())
	return s.steps[n]
}

func (s *script) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	st := s.take(read(r))
	for k, v := range st.header {
		w.Header().Set(k, v)
	}
	if st.status == 0 {
		st.status = 200
	}
	w.WriteHeader(st.status)
	_, _ = io.WriteString(w, st.body)
}

// RoundTrip is the same in memory, for fake time.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

func open(t testing.TB, c llm.Config) *llm.Upstream {
	t.Helper()
	if c.Model == "" {
		c.Model = "test-model"
	}
	if c.BaseURL == "" {
		c.BaseURL = "http://upstream.test/v1"
	}
	c.Name, c.APIKey = "main", testKey
	u, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	return u
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

func question() llm.Request {
	return llm.Request{Messages: []llm.Message{{Role: "system", Content: "Answer in JSON."}, {Role: "user", Content: secret}}}
}

func structured() llm.Request {
	r := question()
	r.Schema, r.MaxTokens = schema, 500
	return r
}

// failed asks for an *llm.Error of the kind, whose texts show nothing private.
func failed(t *testing.T, err error, kind llm.Kind) *llm.Error {
	t.Helper()
	var e *llm.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want *llm.Error of kind %s", err, err, kind)
	}
	if e.Kind != kind {
		t.Fatalf("kind %s (%v), want %s", e.Kind, e, kind)
	}
	for cause := error(e); cause != nil; cause = errors.Unwrap(cause) {
		for _, private := range []string{testKey, secret, "answer text"} {
			if strings.Contains(cause.Error(), private) {
				t.Errorf("error %q shows %q", cause, private)
			}
		}
	}
	return e
}

func TestComplete(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{{body: good("नमस्ते")}}}
	var events []llm.Event
	u := open(t, llm.Config{BaseURL: serve(t, s), Observe: func(e llm.Event) { events = append(events, e) }})
	b := llm.NewBudget(3)
	r := structured()
	r.Budget = b
	res, err := u.Complete(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := llm.Response{Text: "नमस्ते", Model: "answered-by", Finish: "stop", Usage: llm.Usage{Calls: 1, PromptTokens: 11, CompletionTokens: 7}}
	if res != want {
		t.Errorf("got %+v, want %+v", res, want)
	}
	if b.Left() != 2 {
		t.Errorf("budget left %d, want 2", b.Left())
	}
	a := s.seen[0]
	if !a.authorized || a.Model != "test-model" || !a.Stream || a.Options == nil || !a.Options.IncludeUsage || len(a.Messages) != 2 || a.format() != "json_schema" || a.MaxTokens == nil || *a.MaxTokens != 500 {
		t.Errorf("sent %+v", a)
	}
	if a.Temp == nil || *a.Temp <= 0 || *a.Temp > 1e-5 {
		t.Errorf("temperature 0 was sent as %v, want a number very near 0", a.Temp)
	}
	if len(events) != 1 || events[0].Upstream != "main" || events[0].Status != 200 || events[0].Kind != "" || events[0].Attempt != 1 || events[0].Usage != want.Usage {
		t.Errorf("events %+v", events)
	}
}

// again marks a row that is tried again, with a good answer.
const again = llm.Kind("")

// What a first answer leads to: the kind of failure, or another try that brings
// the second answer.
var answerRows = []struct {
	name     string
	first    step
	want     llm.Kind
	free     bool // ask for free text, not for a schema
	answer   string
	contains string // in the error
}{
	{name: "200 with an error object", first: step{body: `{"error":{"message":"answer text lost","code":502}}`}},
	{name: "200 with an error string", first: step{body: `{"error":"Network connection lost."}`}},
	{name: "200 with a status inside", first: step{body: `{"error":{"message":"no money","code":402}}`}, want: llm.Quota},
	{name: "no choice", first: step{body: `{"choices":[]}`}},
	{name: "HTML with 200", first: step{body: "<html>answer text</html>"}},
	{name: "empty body", first: step{}},
	{name: "cut JSON", first: step{body: good("answer text")[:60]}},
	{name: "event stream", first: step{body: "data: {}\n\n"}},
	{name: "empty content", first: step{body: good(" ")}},
	{name: "null content", first: step{body: strings.Replace(good("x"), `"content":"x"`, `"content":null`, 1)}},
	{name: "thinking alone", first: step{body: good("<think>answer text</think>")}},
	{name: "unknown finish reason", first: step{body: finished("answer text", `"error"`)}},
	{name: "tool call", first: step{body: finished("answer text", `"tool_calls"`)}},
	{name: "length", first: step{body: finished(`{"segments":{`, `"length"`)}, want: llm.Truncated},
	{name: "content filter", first: step{body: finished("answer text", `"content_filter"`)}, want: llm.Refused},
	{name: "refusal", first: step{body: strings.Replace(good("x"), `"content":"x"`, `"content":null,"refusal":"answer text"`, 1)}, want: llm.Refused},
	{name: "no finish reason, whole object", first: step{body: finished(`{"segments":{"1":"a"}}`, `null`)}, answer: `{"segments":{"1":"a"}}`},
	{name: "no finish reason, cut object", first: step{body: finished(`{"segments":{"1":"a`, `null`)}},
	{name: "no finish reason, free text", first: step{body: finished("a", `null`)}, free: true, answer: "a"},
	{name: "no finish reason, nothing", first: step{body: finished("", `null`)}, free: true},
	{name: "eos", first: step{body: finished("a", `"eos_token"`)}, answer: "a"},
	{name: "thinking before the answer", first: step{body: good("<think>answer text</think>\n a")}, free: true, answer: "a"},
	{name: "parts", first: step{body: strings.Replace(good("x"), `"content":"x"`, `"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]`, 1)}, answer: "ab"},
	{name: "created as a float, usage as text", first: step{body: strings.NewReplacer(`"created":1`, `"created":1.5e9`, `"prompt_tokens":11`, `"prompt_tokens":"11"`).Replace(good("a"))}, answer: "a"},
	{name: "created as a float, parts", first: step{body: strings.NewReplacer(`"created":1`, `"created":1.5e9`, `"content":"x"`, `"content":[{"text":"a"},{"text":"b"}]`).Replace(good("x"))}, answer: "ab"},
	{name: "byte order mark", first: step{body: "\ufeff" + good("a")}, answer: "a"},
	{name: "white space before the answer", first: step{body: "\n\n  \n" + good("a")}, answer: "a"},

	{name: "400", first: step{400, refused("messages", "bad", secret), nil}, want: llm.BadRequest},
	{name: "400 that quotes a credit balance", first: step{400, refused("messages", "", "credit balance "+secret), nil}, want: llm.BadRequest},
	{name: "400 context length", first: step{400, refused("", "context_length_exceeded", "maximum context length is 8192 tokens"), nil}, want: llm.BadRequest, contains: "context_length_exceeded"},
	{name: "400 content filter", first: step{400, refused("prompt", "content_filter", secret), nil}, want: llm.Refused},
	{name: "401", first: step{401, refused("", "invalid_api_key", "wrong key "+testKey), nil}, want: llm.Auth, contains: "invalid_api_key"},
	{name: "402", first: step{402, `{"error":"pay"}`, nil}, want: llm.Quota},
	{name: "403", first: step{403, "", nil}, want: llm.Auth},
	{name: "404", first: step{404, "<html>", nil}, want: llm.BadRequest},
	{name: "413", first: step{413, "", nil}, want: llm.BadRequest},
	{name: "422", first: step{422, `{"detail":[{"loc":["body","messages"],"msg":"bad","input":"` + secret + `"}]}`, nil}, want: llm.BadRequest},
	{name: "429 insufficient quota", first: step{429, `{"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}}`, nil}, want: llm.Quota},
	{name: "301", first: step{301, "", map[string]string{"Location": "https://elsewhere.test/"}}, want: llm.BadRequest, contains: "redirects"},
	{name: "501", first: step{501, "", nil}, want: llm.Unavailable},

	{name: "304", first: step{304, "", nil}},
	{name: "408", first: step{408, "", nil}},
	{name: "409", first: step{409, "", nil}},
	{name: "425", first: step{425, "", nil}},
	{name: "429 JSON", first: step{429, `{"error":{"message":"slow","code":"rate_limit_exceeded"}}`, map[string]string{"Retry-After-Ms": "1"}}},
	{name: "500 JSON", first: step{500, `{"error":{"message":"x"}}`, nil}},
	{name: "502 HTML", first: step{502, "<html>" + secret, nil}},
	{name: "503 empty", first: step{503, "", nil}},
	{name: "503 error string", first: step{503, `{"error":"overloaded"}`, nil}},
	{name: "529", first: step{529, "", nil}},
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, row := range answerRows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{row.first, {body: good("second")}}}
			r := structured()
			if row.free {
				r.Schema = nil
			}
			// Parameters that have passed are not under suspicion.
			warm := &script{steps: append([]step{{body: good("warm")}}, s.steps...)}
			u := open(t, llm.Config{BaseURL: serve(t, warm)})
			if _, err := u.Complete(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			res, err := u.Complete(t.Context(), r)
			sent := warm.calls() - 1
			switch {
			case row.answer != "":
				if err != nil || res.Text != row.answer || sent != 1 || res.Usage != (llm.Usage{Calls: 1, PromptTokens: 11, CompletionTokens: 7}) {
					t.Errorf("got %+v, %v after %d calls, want %q after 1", res, err, sent, row.answer)
				}
			case row.want == again:
				if err != nil || res.Text != "second" || sent != 2 || res.Usage.Calls != 2 {
					t.Errorf("got %+v, %v after %d calls, want the second answer", res, err, sent)
				}
			default:
				e := failed(t, err, row.want)
				if sent != 1 || e.Usage.Calls != 1 || !strings.Contains(e.Error(), row.contains) {
					t.Errorf("%v after %d calls, usage %+v, want 1 call and %q", e, sent, e.Usage, row.contains)
				}
				if row.first.status != 0 && e.Status != row.first.status {
					t.Errorf("status %d, want %d", e.Status, row.first.status)
				}
			}
		})
	}
}

func TestEstimateWhereUsageIsMissing(t *testing.T) {
	t.Parallel()
	body := strings.Replace(good("abcdef"), `"prompt_tokens":11,"completion_tokens":7`, `"prompt_tokens":0,"completion_tokens":0`, 1)
	u := open(t, llm.Config{Transport: &script{steps: []step{{body: body}}}})
	r := llm.Request{Messages: []llm.Message{{Role: "user", Content: strings.Repeat("क", 300)}}}
	res, err := u.Complete(t.Context(), r)
	if want := (llm.Usage{Calls: 1, PromptTokens: 100, CompletionTokens: 2}); err != nil || res.Usage != want {
		t.Errorf("usage %+v, %v, want %+v", res.Usage, err, want)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, body string
		status     int
		want       string
		kind       llm.Kind
	}{
		{name: "openai", body: `{"object":"list","data":[{"id":"a","created":1},{"id":"b"}]}`, want: "a b"},
		{name: "float time", body: `{"data":[{"id":"a","created":1.5}]}`, want: "a"},
		{name: "bare array", body: `[{"id":"a"},{"id":"b"}]`, want: "a b"},
		{name: "names", body: `{"models":[{"name":"a"}]}`, want: "a"},
		{name: "none", body: `{"data":[]}`, want: ""},
		{name: "unauthorized", status: 401, body: `{}`, kind: llm.Auth},
		{name: "html", body: `<html>`, kind: llm.Unavailable},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			u := open(t, llm.Config{BaseURL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/models" || r.Method != http.MethodGet {
					w.WriteHeader(404)
					return
				}
				if row.status != 0 {
					w.WriteHeader(row.status)
				}
				_, _ = io.WriteString(w, row.body)
			}))})
			ids, err := u.Models(t.Context())
			if row.kind != "" {
				failed(t, err, row.kind)
				return
			}
			if err != nil || strings.Join(ids, " ") != row.want {
				t.Errorf("got %v, %v, want %s", ids, err, row.want)
			}
		})
	}
}

func TestModelsNobodyThere(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	base := s.URL + "/v1"
	s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := open(t, llm.Config{BaseURL: base}).Models(ctx)
	if e := failed(t, err, llm.Unavailable); !strings.Contains(e.Error(), "refused") {
		t.Errorf("error %q does not say that nobody listens", e)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	price := -1.0
	rows := []struct {
		name string
		c    llm.Config
		want []string
	}{
		{"no URL", llm.Config{}, []string{"base URL"}},
		{"no scheme", llm.Config{BaseURL: "localhost:8080/v1"}, []string{"base URL"}},
		{"password in the URL", llm.Config{BaseURL: "http://me:" + testKey + "@host/v1"}, []string{"base URL"}},
		{"query", llm.Config{BaseURL: "http://host/v1?key=" + testKey}, []string{"base URL"}},
		{"line break in the key", llm.Config{BaseURL: "http://host/v1", APIKey: testKey + "\nX: y"}, []string{"API key"}},
		{"many at once", llm.Config{BaseURL: "ftp://host", Style: "verse", Concurrency: -1, IdleTimeout: -1, PriceIn: &price},
			[]string{"base URL", "style", "concurrency", "idle timeout", "price"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := llm.New(row.c)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range row.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not name %s", err, w)
				}
			}
			if strings.Contains(err.Error(), testKey) {
				t.Errorf("error %q shows the key", err)
			}
		})
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	in, out := 0.1, 0.5
	c := llm.Config{Name: "a", BaseURL: "http://host/v1/chat/completions/", APIKey: testKey, Model: "m", PriceIn: &in, PriceOut: &out}
	u, err := llm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if u.Name() != "a" || u.Model() != "m" || u.Style() != llm.Segments || u.ContextTokens() != 16000 {
		t.Errorf("got %q %q %q %d", u.Name(), u.Model(), u.Style(), u.ContextTokens())
	}
	if usd, ok := u.Cost(llm.Usage{PromptTokens: 2_000_000, CompletionTokens: 1_000_000}); !ok || usd != 0.7 {
		t.Errorf("cost %v %v, want 0.7", usd, ok)
	}
	c.PriceOut = nil
	u, _ = llm.New(c)
	if _, ok := u.Cost(llm.Usage{}); ok {
		t.Error("a cost without a price")
	}
	j, _ := json.Marshal(c)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), string(j)} {
		if strings.Contains(s, testKey) {
			t.Errorf("%s shows the key", s)
		}
	}
}

func TestNoModel(t *testing.T) {
	t.Parallel()
	u, err := llm.New(llm.Config{BaseURL: "http://host/v1"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Complete(t.Context(), question())
	failed(t, err, llm.BadRequest)
}
