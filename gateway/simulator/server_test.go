package simulator_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dubhashi/gateway/simulator"
)

// running is a model behind a real listener.
type running struct {
	*simulator.Server
	url string
}

func start(t testing.TB, c simulator.Config) running {
	t.Helper()
	s, err := simulator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return running{s, h.URL}
}

// translation is a call of the wire's task translate.
type translation struct {
	Source, Target string
	texts          []string
	before         string
	system         string
	extra          map[string]any // more members of the request
	fix            map[string]any
}

func (q translation) user() string {
	segments := make([]string, len(q.texts))
	for i, s := range q.texts {
		v, _ := json.Marshal(s)
		segments[i] = fmt.Sprintf("%q:%s", fmt.Sprint(i+1), v)
	}
	before, _ := json.Marshal(q.before)
	fix := ""
	if q.fix != nil {
		b, _ := json.Marshal(q.fix)
		fix = `,"fix":` + string(b)
	}
	return fmt.Sprintf(`{"task":"translate","source":%q,"target":%q,"segments":{%s},"context":{"before":%s}%s}`,
		q.Source, q.Target, strings.Join(segments, ","), before, fix)
}

func (q translation) body() map[string]any {
	system := q.system
	if system == "" {
		system = "You translate news. Answer in JSON."
	}
	return chatBody(system, q.user(), q.extra)
}

func chatBody(system, user string, extra map[string]any) map[string]any {
	body := map[string]any{"model": "any", "messages": []map[string]string{{"role": "system", "content": system}, {"role": "user", "content": user}}}
	for k, v := range extra {
		body[k] = v
	}
	return body
}

// reply is a completion as a client reads it.
type reply struct {
	status  int
	header  http.Header
	body    string
	content string
	refusal string
	finish  string
	prompt  int
	output  int
	done    bool // a stream's [DONE]
}

// ask sends a call; a stream's chunks are put together.
func (m running) ask(t testing.TB, body map[string]any) reply {
	t.Helper()
	r, err := m.try(body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (m running) try(body map[string]any) (reply, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	resp, err := http.Post(m.url+"/v1/chat/completions", "application/json", bytes.NewReader(b))
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode, header: resp.Header}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return r, r.readStream(resp.Body)
	}
	raw, err := io.ReadAll(resp.Body)
	r.body = string(raw)
	if err != nil || resp.StatusCode != http.StatusOK {
		return r, err
	}
	return r, r.readWhole(raw)
}

type wireUsage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

func (r *reply) readWhole(raw []byte) error {
	var c struct {
		Object  string
		Choices []struct {
			Message struct {
				Role    string
				Content *string
				Refusal *string
			}
			FinishReason string `json:"finish_reason"`
		}
		Usage wireUsage
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	if c.Object != "chat.completion" || len(c.Choices) != 1 || c.Choices[0].Message.Role != "assistant" {
		return fmt.Errorf("not a completion: %s", raw)
	}
	if p := c.Choices[0].Message.Content; p != nil {
		r.content = *p
	}
	if p := c.Choices[0].Message.Refusal; p != nil {
		r.refusal = *p
	}
	r.finish, r.prompt, r.output = c.Choices[0].FinishReason, c.Usage.PromptTokens, c.Usage.CompletionTokens
	if c.Usage.TotalTokens != r.prompt+r.output {
		return fmt.Errorf("usage does not add up: %+v", c.Usage)
	}
	return nil
}

func (r *reply) readStream(body io.Reader) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		line := lines.Text()
		data, ok := strings.CutPrefix(line, "data: ")
		switch {
		case line == "":
			continue
		case !ok:
			return fmt.Errorf("not an event: %q", line)
		case data == "[DONE]":
			r.done = true
			continue
		}
		var c struct {
			Object  string
			Choices []struct {
				Delta        struct{ Role, Content, Refusal string }
				FinishReason *string `json:"finish_reason"`
			}
			Usage *wireUsage
		}
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return err
		}
		if c.Object != "chat.completion.chunk" {
			return fmt.Errorf("not a chunk: %s", data)
		}
		if c.Usage != nil {
			r.prompt, r.output = c.Usage.PromptTokens, c.Usage.CompletionTokens
		}
		for _, choice := range c.Choices {
			r.content += choice.Delta.Content
			r.refusal += choice.Delta.Refusal
			if choice.FinishReason != nil {
				r.finish = *choice.FinishReason
			}
		}
	}
	return lines.Err()
}

// translate sends a call and gives the texts in order.
func (m running) translate(t testing.TB, q translation) []string {
	t.Helper()
	r := m.ask(t, q.body())
	if r.status != http.StatusOK {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	return segmentsOf(t, r.content, len(q.texts))
}

func segmentsOf(t testing.TB, content string, n int) []string {
	t.Helper()
	var a struct{ Segments map[string]string }
	if err := json.Unmarshal([]byte(content), &a); err != nil {
		t.Fatalf("%v: %s", err, content)
	}
	if len(a.Segments) != n {
		t.Fatalf("%d segments, want %d: %s", len(a.Segments), n, content)
	}
	out := make([]string, n)
	for i := range out {
		s, ok := a.Segments[fmt.Sprint(i+1)]
		if !ok {
			t.Fatalf("id %d is missing: %s", i+1, content)
		}
		out[i] = s
	}
	return out
}

// direct asks without a network, for fuzzing.
func direct(t testing.TB, s *simulator.Server, body map[string]any) string {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/chat/completions", bytes.NewReader(b)))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	var r reply
	if err := r.readWhole(w.Body.Bytes()); err != nil {
		t.Fatal(err)
	}
	return r.content
}
