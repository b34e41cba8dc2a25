package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// answer sends one reply, whole or as server-sent events, at the model's pace.
type answer struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	q      *chatRequest
	number int64
	began  time.Time
	fault  Fault
	dice   *rand.Rand
	reply  reply
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

type choice struct {
	Index        int            `json:"index"`
	Message      *chatMessage   `json:"message,omitempty"`
	Delta        map[string]any `json:"delta,omitzero"`
	FinishReason *string        `json:"finish_reason"`
}

type chatMessage struct {
	Role    string  `json:"role"`
	Content *string `json:"content"`
	Refusal *string `json:"refusal"`
}

func (a *answer) frame(object string, choices ...choice) completion {
	return completion{
		ID:     fmt.Sprintf("chatcmpl-%016x-%d", a.server.config.Seed, a.number),
		Object: object, Created: a.began.Unix(), Model: a.q.Model, Choices: choices,
	}
}

func (a *answer) said() string { return a.reply.content + a.reply.refusal }

func (a *answer) usage() *usage {
	in, out := a.q.promptTokens(), EstimateTokens(a.said())
	return &usage{in, out, in + out}
}

// send sends the reply, or as much as the fault lets through.
func (a *answer) send() {
	if !a.wait(a.server.config.Latency - time.Since(a.began)) {
		return
	}
	if a.q.Stream {
		a.stream()
		return
	}
	if a.fault == Stall {
		a.w.Header().Set("Content-Type", "application/json")
		a.w.WriteHeader(http.StatusOK)
		a.hang()
		return
	}
	pause := a.pace(a.said())
	if a.fault == Slow {
		pause += a.server.config.Slow
	}
	if !a.wait(pause) {
		return
	}
	m := &chatMessage{Role: "assistant", Content: &a.reply.content}
	if a.reply.refusal != "" {
		m.Content, m.Refusal = nil, &a.reply.refusal
	}
	out := a.frame("chat.completion", choice{Message: m, FinishReason: &a.reply.finish})
	out.Usage = a.usage()
	a.server.completionTokens.Add(int64(out.Usage.CompletionTokens))
	writeJSON(a.w, http.StatusOK, out)
}

// stream sends the reply in chunks of a few tokens each.
func (a *answer) stream() {
	h := a.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	a.w.WriteHeader(http.StatusOK)
	field := "content"
	if a.reply.refusal != "" {
		field = "refusal"
	}
	chunks := chunk(a.said(), a.chunkRunes())
	stop := len(chunks) // where a stall or a reset ends the stream
	if a.fault == Stall || a.fault == Reset {
		stop = len(chunks) / 2
		if a.fault == Stall && a.dice.IntN(2) == 0 {
			stop = -1 // headers alone
		}
	}
	if stop >= 0 {
		a.event(choice{Delta: map[string]any{"role": "assistant", field: ""}})
	}
	for i, c := range chunks {
		if i >= stop {
			break
		}
		a.event(choice{Delta: map[string]any{field: c}})
		a.server.completionTokens.Add(int64(EstimateTokens(c)))
		pause := a.pace(c)
		if a.fault == Slow {
			pause += a.server.config.Slow / time.Duration(len(chunks))
		}
		if pause > 0 && (!a.flush() || !a.wait(pause)) {
			return
		}
	}
	switch a.fault {
	case Stall:
		a.flush()
		a.hang()
		return
	case Reset:
		a.flush()
		resetConnection(a.w)
		return
	}
	a.event(choice{Delta: map[string]any{}, FinishReason: &a.reply.finish})
	if a.q.includeUsage() {
		out := a.frame("chat.completion.chunk")
		out.Choices, out.Usage = []choice{}, a.usage()
		fmt.Fprintf(a.w, "data: %s\n\n", encode(out))
	}
	fmt.Fprint(a.w, "data: [DONE]\n\n")
	a.flush()
}

// chunkRunes is the length of a chunk: about four tokens when the stream is
// paced or slow, longer when nobody could see the difference.
func (a *answer) chunkRunes() int {
	if a.server.config.TokensPerSecond > 0 || a.fault == Slow || a.fault == Stall || a.fault == Reset {
		return 12
	}
	return 96
}

func (a *answer) event(c choice) {
	fmt.Fprintf(a.w, "data: %s\n\n", encode(a.frame("chat.completion.chunk", c)))
}

// flush sends what is written, and reports whether the client still takes it.
func (a *answer) flush() bool {
	if http.NewResponseController(a.w).Flush() != nil {
		a.server.cancelled.Add(1)
		return false
	}
	return true
}

// pace is how long the model takes to say s.
func (a *answer) pace(s string) time.Duration {
	if a.server.config.TokensPerSecond == 0 {
		return 0
	}
	return time.Duration(float64(EstimateTokens(s)) / a.server.config.TokensPerSecond * float64(time.Second))
}

// wait lets d pass; false means that the client has gone meanwhile.
func (a *answer) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-a.r.Context().Done():
		a.server.cancelled.Add(1)
		return false
	}
}

// hang is silence after the headers.
func (a *answer) hang() {
	if http.NewResponseController(a.w).Flush() == nil && a.wait(longestHang) {
		resetConnection(a.w)
	}
}

// chunk cuts s into pieces of n code points.
func chunk(s string, n int) []string {
	var out []string
	for s != "" {
		head := cutRunes(s, n)
		out, s = append(out, head), s[len(head):]
	}
	return out
}
