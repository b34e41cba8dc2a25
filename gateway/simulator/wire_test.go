package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"dubhashi/gateway/simulator"
)

var tiny = []simulator.Pair{
	{Hindi: "नदी में पानी बढ़ गया।", English: "The river has risen."},
	{Hindi: "स्कूल दो दिन बंद रहेंगे।", English: "Schools will stay shut for two days."},
	{Hindi: "नमस्ते", English: "Hello"},
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Model: "stand-in"})
	for _, row := range []struct {
		name, method, path string
		status             int
		holds              string
	}{
		{"models", "GET", "/v1/models", 200, `"id":"stand-in"`},
		{"models by head", "HEAD", "/v1/models", 200, ""},
		{"one model", "GET", "/v1/models/stand-in", 200, `"object":"model"`},
		{"health", "GET", "/healthz", 200, `"ok"`},
		{"unknown path", "GET", "/v1/files", 404, `"code":"unknown_url"`},
		{"without v1", "POST", "/chat/completions", 404, `"error"`},
		{"get a completion", "GET", "/v1/chat/completions", 405, `"error"`},
		{"post models", "POST", "/v1/models", 405, `"error"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q, _ := http.NewRequest(row.method, m.url+row.path, strings.NewReader("{}"))
			resp, err := http.DefaultClient.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != row.status || !strings.Contains(string(body), row.holds) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			if row.status == 405 && resp.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestStrictRequests(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: tiny})
	user := `{"task":"translate","source":"hi","target":"en","segments":{"1":"नमस्ते"}}`
	messages := `"messages":[{"role":"system","content":"answer in json"},{"role":"user","content":` + quote(user) + `}]`
	plain := `"messages":[{"role":"user","content":"नमस्ते"}]`
	task := func(s string) string {
		return `{"model":"m","messages":[{"role":"user","content":` + quote(s) + `}]}`
	}
	schema := func(s string) string {
		return `{"model":"m",` + messages + `,"response_format":{"type":"json_schema","json_schema":` + s + `}}`
	}
	strict := `{"type":"object","properties":{"1":{"type":"string"}},"required":["1"],"additionalProperties":false}`
	for _, row := range []struct {
		name, body string
		status     int
	}{
		{"good", `{"model":"m",` + messages + `}`, 200},
		{"content in parts", `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"नमस्ते"}]}]}`, 200},
		{"known parameters are ignored", `{"model":"m",` + messages + `,"seed":1,"reasoning_effort":"none","temperature":0.2,"top_p":1,"n":1}`, 200},
		{"json_object", `{"model":"m",` + messages + `,"response_format":{"type":"json_object"}}`, 200},
		{"json_schema", schema(`{"name":"answer","strict":true,"schema":` + strict + `}`), 200},
		{"json_schema, not strict", schema(`{"name":"answer","schema":{"type":"object"}}`), 200},
		{"no JSON", `hello`, 400},
		{"an array", `[]`, 400},
		{"null", `null`, 400},
		{"two values", `{"model":"m",` + messages + `}{}`, 400},
		{"no model", `{` + messages + `}`, 400},
		{"no messages", `{"model":"m"}`, 400},
		{"empty messages", `{"model":"m","messages":[]}`, 400},
		{"unknown role", `{"model":"m","messages":[{"role":"clerk","content":"x"}]}`, 400},
		{"null content", `{"model":"m","messages":[{"role":"user","content":null}]}`, 400},
		{"image part", `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}`, 400},
		{"assistant last", `{"model":"m","messages":[{"role":"assistant","content":"x"}]}`, 400},
		{"misspelt argument", `{"model":"m",` + messages + `,"temprature":0}`, 400},
		{"two choices", `{"model":"m",` + messages + `,"n":2}`, 400},
		{"temperature too high", `{"model":"m",` + messages + `,"temperature":3}`, 400},
		{"temperature a string", `{"model":"m",` + messages + `,"temperature":"0"}`, 400},
		{"no tokens allowed", `{"model":"m",` + messages + `,"max_tokens":0}`, 400},
		{"both token limits", `{"model":"m",` + messages + `,"max_tokens":9,"max_completion_tokens":9}`, 400},
		{"stream options without stream", `{"model":"m",` + messages + `,"stream_options":{"include_usage":true}}`, 400},
		{"json_object without the word", `{"model":"m",` + plain + `,"response_format":{"type":"json_object"}}`, 400},
		{"unknown format", `{"model":"m",` + messages + `,"response_format":{"type":"xml"}}`, 400},
		{"schema without a name", schema(`{"strict":true,"schema":` + strict + `}`), 400},
		{"schema of a string", schema(`{"name":"a","schema":{"type":"string"}}`), 400},
		{"strict schema, open object", schema(`{"name":"a","strict":true,"schema":{"type":"object","properties":{}}}`), 400},
		{"strict schema, optional property", schema(`{"name":"a","strict":true,"schema":{"type":"object","properties":{"1":{"type":"string"}},"required":[],"additionalProperties":false}}`), 400},
		{"unknown task", task(`{"task":"rhyme","source":"hi","target":"en","segments":{"1":"x"}}`), 400},
		{"unknown language", task(`{"task":"translate","source":"mr","target":"en","segments":{"1":"x"}}`), 400},
		{"same language", task(`{"task":"translate","source":"hi","target":"hi","segments":{"1":"x"}}`), 400},
		{"no segments", task(`{"task":"translate","source":"hi","target":"en","segments":{}}`), 400},
		{"segments an array", task(`{"task":"translate","source":"hi","target":"en","segments":["x"]}`), 400},
		{"segment a number", task(`{"task":"translate","source":"hi","target":"en","segments":{"1":5}}`), 400},
		{"an id twice", task(`{"task":"translate","source":"hi","target":"en","segments":{"1":"x","1":"y"}}`), 400},
		{"fix of another id", task(`{"task":"translate","source":"hi","target":"en","segments":{"1":"x"},"fix":{"2":{}}}`), 400},
		{"summary of nothing", task(`{"task":"summarize","source":"hi","target":"en","paragraphs":[" "]}`), 400},
		{"unknown style", task(`{"task":"summarize","source":"hi","target":"en","style":"ode","paragraphs":["x"]}`), 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			resp, err := http.Post(m.url+"/v1/chat/completions", "application/json", strings.NewReader(row.body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != row.status {
				t.Fatalf("%d, want %d: %s", resp.StatusCode, row.status, body)
			}
			if row.status == 400 {
				var e struct {
					Error struct{ Message, Type string }
				}
				if json.Unmarshal(body, &e) != nil || e.Error.Message == "" || e.Error.Type != "invalid_request_error" {
					t.Errorf("not an OpenAI error: %s", body)
				}
			}
		})
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestWholeAndStreamedAnswersAgree(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: tiny})
	q := translation{Source: "hi", Target: "en", texts: []string{tiny[1].Hindi, tiny[0].Hindi + " " + tiny[1].Hindi, "नमस्ते"}}
	whole := m.ask(t, q.body())
	q.extra = map[string]any{"stream": true, "stream_options": map[string]any{"include_usage": true}}
	streamed := m.ask(t, q.body())
	want := `{"segments":{"1":"Schools will stay shut for two days.","2":"The river has risen. Schools will stay shut for two days.","3":"Hello"}}`
	for name, r := range map[string]reply{"whole": whole, "streamed": streamed} {
		if r.content != want || r.finish != "stop" {
			t.Errorf("%s: %q, %s", name, r.finish, r.content)
		}
		if r.prompt == 0 || r.output != simulator.EstimateTokens(want) {
			t.Errorf("%s: usage %d and %d", name, r.prompt, r.output)
		}
	}
	if !streamed.done || whole.prompt != streamed.prompt {
		t.Errorf("done %v, prompt %d and %d", streamed.done, whole.prompt, streamed.prompt)
	}
	q.extra = map[string]any{"stream": true}
	if r := m.ask(t, q.body()); r.prompt != 0 || r.content != want {
		t.Errorf("a stream told its usage unasked: %+v", r)
	}
	s := m.Stats()
	if m.Calls() != 3 || s.Segments != 9 || s.PromptTokens != int64(3*whole.prompt) || s.CompletionTokens < int64(3*whole.output) {
		t.Errorf("%+v", s)
	}
}

func TestUsageCountsEveryMessage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text string
		want int
	}{{"", 0}, {"abcd", 1}, {"abcde", 2}, {"नमस्ते", 3}, {"日本", 1}} {
		if got := simulator.EstimateTokens(row.text); got != row.want {
			t.Errorf("%q: %d, want %d", row.text, got, row.want)
		}
	}
	m := start(t, simulator.Config{Memory: tiny})
	body := map[string]any{"model": "m", "messages": []map[string]string{
		{"role": "system", "content": "Translate from Hindi to English."},
		{"role": "user", "content": "नमस्ते"}, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "नमस्ते"},
	}}
	// 8 + 3 + 2 + 3 for the texts, 4 for each message, 3 for the answer's start.
	if r := m.ask(t, body); r.prompt != 16+4*4+3 {
		t.Errorf("%d prompt tokens", r.prompt)
	}
}

func TestTokenLimits(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: tiny})
	for _, name := range []string{"max_tokens", "max_completion_tokens"} {
		for _, stream := range []bool{false, true} {
			q := translation{Source: "hi", Target: "en", texts: []string{tiny[1].Hindi}, extra: map[string]any{name: 5, "stream": stream}}
			r := m.ask(t, q.body())
			if r.finish != "length" || simulator.EstimateTokens(r.content) != 5 {
				t.Errorf("%s, stream %v: %q %q", name, stream, r.finish, r.content)
			}
			q.extra[name] = 500
			if r := m.ask(t, q.body()); r.finish != "stop" {
				t.Errorf("%s of 500: %q", name, r.finish)
			}
		}
	}
}

func TestPlainStyle(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: append(tiny, simulator.Pair{Hindi: "दुनिया", English: "world"})})
	for _, row := range []struct{ name, system, user, want string }{
		{"hindi to english", "Translate from Hindi to English. Answer with the translation alone.", tiny[0].Hindi, tiny[0].English},
		{"english to hindi", "Translate from English to Hindi.", "Hello", "नमस्ते"},
		{"into", "You translate into Hindi.", "Hello", "नमस्ते"},
		{"codes", "hi → en", "नमस्ते", "Hello"},
		{"by script", "Be careful.", "Schools will stay shut for two days.", tiny[1].Hindi},
		{"no system message", "", "दुनिया", "world"},
		{"JSON that is no task", "Translate from English to Hindi.", `{"a":1}`, `{"ए": 1}`},
		{"masks", "Translate from Hindi to English.", "<1>नमस्ते</1>", "<1>Hello</1>"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := m.ask(t, chatBody(row.system, row.user, nil))
			if row.name == "JSON that is no task" {
				if r.status != 200 || strings.Contains(r.content, "segments") {
					t.Errorf("%d %s", r.status, r.content)
				}
				return
			}
			if r.content != row.want {
				t.Errorf("%q, want %q", r.content, row.want)
			}
		})
	}
}

func TestRepairAsksForSomeIdsOnly(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: tiny})
	q := translation{Source: "hi", Target: "en", texts: []string{tiny[1].Hindi},
		fix: map[string]any{"1": map[string]any{"text": "Schools will stay shut.", "problems": []string{"number 2 missing"}}}}
	if got := m.translate(t, q); got[0] != tiny[1].English {
		t.Error(got)
	}
}
