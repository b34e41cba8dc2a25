package llm_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// delta is one chunk of a stream with a piece of the text.
func delta(text string) string { return choice(`"content":`+quote(text), "null") }

func choice(inDelta, finish string) string {
	return event(`{"id":"x","object":"chat.completion.chunk","model":"answered-by","choices":[{"index":0,"delta":{` + inDelta + `},"finish_reason":` + finish + `}]}`)
}

func event(data string) string { return "data: " + data + "\n\n" }

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

const (
	usageChunk = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7}}\n\n"
	endMark    = "data: [DONE]\n\n"
)

// streamed is a whole stream whose text comes in the given pieces.
func streamed(pieces ...string) string {
	var b strings.Builder
	b.WriteString(choice(`"role":"assistant","content":""`, "null"))
	for _, p := range pieces {
		b.WriteString(delta(p))
	}
	return b.String() + choice("", `"stop"`) + usageChunk + endMark
}

const object = `{"segments":{"1":"नमस्ते"}}`

// Rows: a body, and the text it holds, or the kind of failure; "again" is a
// failure that is tried again.
var streamRows = []struct {
	name string
	body string
	text string
	kind llm.Kind // when text is ""; again = tried again
	free bool
	none bool // no finish reason told
}{
	{name: "plain", body: streamed(`{"segments":`, `{"1":"नमस्`, `ते"}}`), text: object},
	{name: "CRLF", body: strings.ReplaceAll(streamed(object), "\n", "\r\n"), text: object},
	{name: "CR alone", body: strings.ReplaceAll(streamed(object), "\n", "\r"), text: object},
	{name: "byte order mark", body: "\ufeff" + streamed(object), text: object},
	{name: "space in front", body: " \r\n\n" + streamed(object), text: object},
	{name: "no space behind the colon", body: strings.ReplaceAll(streamed(object), "data: ", "data:"), text: object},
	{name: "comments, ids and retry times", body: ": keep-alive\n\n" + strings.ReplaceAll(streamed(object), "data: {", ": ping\n\nid: 7\nretry: 100\ndata: {"), text: object},
	{name: "400 comments", body: strings.Repeat(": wait\n\n", 400) + streamed(object), text: object},
	{name: "named events", body: strings.ReplaceAll(streamed(object), "data: {", "event: message\ndata: {"), text: object},
	{name: "data over several lines", body: strings.ReplaceAll(streamed(object), `,"choices"`, ",\ndata: \"choices\""), text: object},
	{name: "no empty lines", body: strings.ReplaceAll(streamed(object), "\n\n", "\n"), text: object},
	{name: "no end mark", body: strings.TrimSuffix(streamed(object), endMark), text: object},
	{name: "last line without an end", body: delta(object) + strings.TrimRight(choice("", `"stop"`), "\n"), text: object},
	{name: "finish with the last text", body: choice(`"content":`+quote(object), `"stop"`), text: object},
	{name: "finish reason empty until the end", body: strings.ReplaceAll(streamed(object), `"finish_reason":null`, `"finish_reason":""`), text: object},
	{name: "null choices and odd types", body: event(`{"choices":null,"usage":null}`) + strings.ReplaceAll(streamed(object), `"id":"x"`, `"id":5,"created":1.5`), text: object},
	{name: "parts", body: choice(`"content":[{"type":"text","text":"a"}]`, "null") + streamed("b"), free: true, text: "ab"},
	{name: "thoughts beside the answer", body: choice(`"reasoning_content":"answer text"`, "null") + choice(`"reasoning":"more"`, "null") + streamed("a"), free: true, text: "a"},
	{name: "thoughts before the answer", body: streamed("<think>answer ", "text</th", "ink>a"), free: true, text: "a"},
	{name: "a second choice", body: strings.Replace(delta("answer text"), `"index":0`, `"index":1`, 1) + streamed("a"), free: true, text: "a"},
	{name: "the whole message in a chunk", body: strings.ReplaceAll(choice(`"content":"a"`, `"stop"`), "delta", "message"), free: true, text: "a"},
	{name: "error behind the finish", body: delta("a") + choice("", `"stop"`) + event(`{"error":{"message":"late"}}`), free: true, text: "a"},
	{name: "text behind the end mark", body: streamed("a") + delta("answer text"), free: true, text: "a"},
	{name: "plain JSON", body: good(object), text: object},
	{name: "end mark, no finish reason", body: delta("a") + endMark, free: true, text: "a", none: true},
	{name: "whole object, no finish reason", body: delta(object), text: object, none: true},

	{name: "cut object", body: delta(object[:20]), kind: again},
	{name: "cut text", body: delta("answer text"), free: true, kind: again},
	{name: "cut chunk", body: streamed("answer text")[:200], free: true, kind: again},
	{name: "end mark alone", body: endMark, kind: again},
	{name: "nothing said", body: choice("", `"stop"`) + endMark, kind: again},
	{name: "comments alone", body: strings.Repeat(": wait\n\n", 9), kind: again},
	{name: "error in the middle", body: delta("answer text") + event(`{"error":{"message":"answer text"}}`), kind: again},
	{name: "error with a space", body: delta("answer text") + event(`{ "error" : "answer text" }`), kind: again},
	{name: "error event", body: delta("answer text") + "event: error\ndata: {\"message\":\"answer text\"}\n\n" + endMark, kind: again},
	{name: "error event of words", body: delta("answer text") + "event: error\ndata: answer text\n\n" + streamed("x"), kind: again},
	{name: "error event first", body: ": wait\n\nevent: error\ndata: {\"error\":{\"code\":502}}\n\n", kind: again},
	{name: "error field", body: delta("answer text") + "error: {\"code\":500}\n\n", kind: again},
	{name: "error without data:", body: delta("answer text") + "{\"error\":{\"message\":\"x\"}}", kind: again},
	{name: "error over lines", body: delta("answer text") + "data: {\ndata: \"error\": \"x\"}\n\n", kind: again},
	{name: "error beside an empty choice", body: event(`{"error":{"code":500},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`), kind: again},
	{name: "no error after all", body: strings.ReplaceAll(streamed(object), `"id":"x"`, `"id":"x","error":null`), text: object},
	{name: "no money in the middle", body: delta("a") + event(`{"error":{"code":402}}`), kind: llm.Quota},
	{name: "filter in the middle", body: delta("a") + event(`{"error":{"code":"content_filter"}}`), kind: llm.Refused},
	{name: "length", body: delta("answer text") + choice("", `"length"`) + endMark, kind: llm.Truncated},
	{name: "content filter", body: delta("answer text") + choice("", `"content_filter"`), kind: llm.Refused},
	{name: "refusal", body: choice(`"refusal":"answer "`, "null") + choice(`"refusal":"text"`, "null") + choice("", `"stop"`) + endMark, kind: llm.Refused},
}

func TestStreams(t *testing.T) {
	t.Parallel()
	readers := map[string]func(string) io.Reader{
		"whole":     func(s string) io.Reader { return strings.NewReader(s) },
		"by byte":   func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) },
		"with EOF":  func(s string) io.Reader { return iotest.DataErrReader(strings.NewReader(s)) },
		"in halves": func(s string) io.Reader { return iotest.HalfReader(strings.NewReader(s)) },
	}
	for _, row := range streamRows {
		for how, reader := range readers {
			t.Run(row.name+" "+how, func(t *testing.T) {
				t.Parallel()
				calls := 0
				u := open(t, llm.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					if calls++; calls > 1 {
						return respond(200, streamed("second")), nil
					}
					res := respond(200, "")
					res.Body = io.NopCloser(reader(row.body))
					return res, nil
				})})
				r := structured()
				if row.free {
					r.Schema = nil
				}
				res, err := u.Complete(t.Context(), r)
				switch {
				case row.text != "":
					finish := "stop"
					if row.none {
						finish = ""
					}
					if err != nil || res.Text != row.text || res.Finish != finish || calls != 1 || res.Model != "answered-by" {
						t.Errorf("got %+v, %v after %d calls, want %q", res, err, calls, row.text)
					}
					if strings.Contains(row.body, "usage") && strings.Contains(row.body, "11") && res.Usage != (llm.Usage{Calls: 1, PromptTokens: 11, CompletionTokens: 7}) {
						t.Errorf("usage %+v", res.Usage)
					}
				case row.kind == again:
					if err != nil || res.Text != "second" || calls != 2 {
						t.Errorf("got %+v, %v after %d calls, want the second answer", res, err, calls)
					}
				default:
					if failed(t, err, row.kind); calls != 1 {
						t.Errorf("%d calls", calls)
					}
				}
			})
		}
	}
}

// The words of a rate limit inside a stream are read like the status.
func TestRateLimitInAStream(t *testing.T) {
	t.Parallel()
	for _, e := range []string{`{"error":{"code":429}}`, `{"error":{"message":"x","code":"rate_limit_exceeded"}}`, `{"error":{"type":"rate_limit_error"}}`, `{"error":{"message":"x","status":429}}`} {
		u := open(t, llm.Config{MaxAttempts: 1, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return respond(200, delta("answer text")+event(e)), nil
		})})
		_, err := u.Complete(t.Context(), question())
		if f := failed(t, err, llm.RateLimited); f.Usage.CompletionTokens != 4 {
			t.Errorf("usage %+v: what came before the error costs too", f.Usage)
		}
	}
}

// Over HTTP, compressed, and answered without an end of the body.
func TestStreamOverHTTP(t *testing.T) {
	t.Parallel()
	var words strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&words, "नमस्ते %d ", i*i)
	}
	text := words.String()
	u := open(t, llm.Config{BaseURL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := read(r)
		w.Header().Set("Content-Type", "text/event-stream")
		var out io.Writer = w
		flush := w.(http.Flusher).Flush
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			out, flush = z, func() { z.Flush(); w.(http.Flusher).Flush() }
		}
		if !a.Stream {
			t.Error("no stream was asked for")
		}
		for p := text; p != ""; {
			k := min(len(p), 700)
			for k < len(p) && p[k]&0xc0 == 0x80 {
				k++
			}
			io.WriteString(out, delta(p[:k]))
			p = p[k:]
			flush()
		}
		io.WriteString(out, choice("", `"stop"`)+usageChunk+endMark)
		flush()
		<-r.Context().Done() // never ends the body by itself
	}))})
	start := time.Now()
	res, err := u.Complete(t.Context(), question())
	if err != nil || res.Text != strings.TrimSpace(text) || res.Usage.PromptTokens != 11 {
		t.Fatalf("%d bytes, usage %+v, %v", len(res.Text), res.Usage, err)
	}
	// The silence behind it is borne for 20 s; the exact time is a matter of fake time, below.
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %s: the end mark is the end", d)
	}
}

// live is a body whose pieces come at their times; after them it is silent.
type live struct {
	ctx    context.Context
	pieces []piece
	rest   string
	end    bool // EOF behind the last piece
}

type piece struct {
	after time.Duration
	text  string
}

func (l *live) Read(p []byte) (int, error) {
	if l.rest == "" && len(l.pieces) == 0 && l.end {
		return 0, io.EOF
	}
	var wait <-chan time.Time
	if l.rest == "" && len(l.pieces) > 0 {
		wait = time.After(l.pieces[0].after)
	}
	if l.rest == "" {
		select {
		case <-wait:
		case <-l.ctx.Done():
			return 0, l.ctx.Err()
		}
		l.rest, l.pieces = l.pieces[0].text, l.pieces[1:]
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func (*live) Close() error { return nil }

func streaming(end bool, pieces ...piece) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		res := respond(200, "")
		res.Body = &live{ctx: r.Context(), pieces: pieces, end: end}
		return res, nil
	}
}

// Each of the limits ends a stream within itself and not a tenth later, and what
// is complete needs no more of the server.
func TestStreamLimits(t *testing.T) {
	t.Parallel()
	comments := make([]piece, 100)
	trickle := make([]piece, 100)
	for i := range comments {
		comments[i] = piece{5 * time.Second, ": wait\n\n"}
		trickle[i] = piece{5 * time.Second, delta("answer text ")}
	}
	rows := []struct {
		name   string
		pieces []piece
		took   time.Duration
		calls  int // "" kind: an answer
		kind   llm.Kind
		tokens int // of a call, at least
	}{
		{"header, then silence", nil, 40 * time.Second, 2, llm.Timeout, 0},
		{"silence in the middle", []piece{{time.Second, delta("answer text")}}, 42 * time.Second, 2, llm.Timeout, 4},
		{"comments for ever", comments, 60 * time.Second, 1, llm.Timeout, 0},
		{"words for ever", trickle, 60 * time.Second, 1, llm.Timeout, 40},
		{"comments, then an answer", []piece{{15 * time.Second, ": wait\n\n"}, {15 * time.Second, ": wait\n\n"}, {15 * time.Second, streamed("a")}}, 45*time.Second + 50*time.Millisecond, 1, "", 0},
		{"no end behind the end mark", []piece{{time.Second, streamed("a")}}, time.Second + 50*time.Millisecond, 1, "", 0},
		{"no end behind the end mark, no finish reason", []piece{{time.Second, delta("a") + endMark}}, time.Second + 50*time.Millisecond, 1, "", 0},
		{"nothing but the end mark", []piece{{time.Second, endMark}}, 2 * (time.Second + 50*time.Millisecond), 2, llm.Unavailable, 0},
		{"no end behind the finish reason", []piece{{time.Second, delta("a") + choice("", `"stop"`)}}, 3 * time.Second, 1, "", 0},
		{"usage late", []piece{{time.Second, delta("a") + choice("", `"stop"`)}, {time.Second, usageChunk}, {time.Second, endMark}}, 3*time.Second + 50*time.Millisecond, 1, "", 0},
		{"complete at the last moment", []piece{{15 * time.Second, delta("a")}, {15 * time.Second, delta("a")}, {15 * time.Second, delta("a")}, {14 * time.Second, choice("", `"stop"`)}}, 60 * time.Second, 1, "", 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				u := open(t, llm.Config{MaxAttempts: 2, Transport: streaming(false, row.pieces...)})
				start := time.Now()
				res, err := u.Complete(t.Context(), question())
				took := time.Since(start)
				used := res.Usage
				if row.kind != "" {
					used = failed(t, err, row.kind).Usage
				} else if err != nil {
					t.Fatal(err)
				}
				if used.Calls != row.calls || took < row.took || took > row.took+250*time.Millisecond {
					t.Errorf("%d calls in %s, want %d in %s", used.Calls, took, row.calls, row.took)
				}
				if used.CompletionTokens < row.calls*row.tokens {
					t.Errorf("usage %+v, want at least %d tokens a call", used, row.tokens)
				}
			})
		})
	}
}

// Answers without an end are stopped, and the server sees it.
func TestRunaway(t *testing.T) {
	t.Parallel()
	word := func(i int) string { return fmt.Sprintf("शब्द%dab ", i*7919) }
	rows := []struct {
		name    string
		say     func(i int) string
		think   bool
		ceiling int
		asked   string
		least   int // chunks
		most    int
		kind    llm.Kind
	}{
		{name: "past the ceiling", say: word, ceiling: 200, least: 100, most: 200, kind: llm.Truncated},
		{name: "past the context, no ceiling", say: word, least: 8000, most: 18000, kind: llm.Truncated},
		{name: "a loop of a sentence", say: func(int) string { return "वह घर गया और फिर सो गया। " }, least: 15, most: 40, kind: llm.Truncated},
		{name: "a loop of white space", say: func(int) string { return "\n" }, least: 300, most: 600, kind: llm.Truncated},
		{name: "a loop after good text", say: func(i int) string {
			if i < 100 {
				return word(i)
			}
			return "x and so on; "
		}, least: 120, most: 180, kind: llm.Truncated},
		{name: "a loop in the thoughts", say: func(int) string { return "Wait, let me think again about it. " }, think: true, least: 15, most: 40, kind: llm.Truncated},
		{name: "a loop that was asked for", say: func(i int) string {
			if i < 50 {
				return "----------"
			}
			return ""
		}, asked: strings.Repeat("-", 500), least: 61, most: 61},
		{name: "a chant that was asked for", say: func(i int) string {
			if i < 54 {
				return "ॐ नमः शिवाय। "
			}
			return ""
		}, asked: strings.Repeat("Om Namah Shivaya. ", 54), least: 61, most: 61},
		{name: "a chant that does not end", say: func(int) string { return "ॐ नमः शिवाय। " }, asked: strings.Repeat("Om Namah Shivaya. ", 54), least: 54, most: 200, kind: llm.Truncated},
		{name: "another loop beside a line of dashes", say: func(int) string { return "वह घर गया और फिर सो गया। " }, asked: strings.Repeat("-", 30), least: 15, most: 40, kind: llm.Truncated},
		{name: "a sentence ten times", say: func(i int) string {
			if i < 10 {
				return "वह घर गया और फिर सो गया। "
			}
			return word(i)
		}, least: 61, most: 61},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var chunks atomic.Int32
			u := open(t, llm.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				res := respond(200, "")
				pr, pw := io.Pipe()
				go func() {
					for i := 0; i < 20000; i++ {
						if row.kind == "" && i == 60 {
							io.WriteString(pw, streamed())
							pw.Close()
							chunks.Add(1)
							return
						}
						s := delta(row.say(i))
						if row.think {
							s = choice(`"reasoning_content":`+quote(row.say(i)), "null")
						}
						if _, err := io.WriteString(pw, s); err != nil {
							return
						}
						chunks.Add(1)
					}
					pw.Close()
				}()
				res.Body = pr
				return res, nil
			})})
			r := question()
			r.MaxTokens = row.ceiling
			if row.asked != "" {
				r.Messages[1].Content = "Translate: " + row.asked
			}
			_, err := u.Complete(t.Context(), r)
			if row.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else if e := failed(t, err, row.kind); e.Usage.Calls != 1 || e.Usage.CompletionTokens == 0 {
				t.Errorf("usage %+v", e.Usage)
			}
			if n := int(chunks.Load()); n < row.least || n > row.most {
				t.Errorf("stopped after %d chunks, want %d to %d", n, row.least, row.most)
			}
		})
	}
}

// No stream, however it is cut and damaged, makes a panic or an answer out of
// nothing, and how the bytes are cut does not change what is read.
func FuzzStream(f *testing.F) {
	for _, row := range streamRows {
		f.Add([]byte(row.body), 7)
	}
	f.Fuzz(func(t *testing.T, body []byte, size int) {
		ask := func(r io.Reader) (string, llm.Kind) {
			u := open(t, llm.Config{MaxAttempts: 1, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				res := respond(200, "")
				res.Body = io.NopCloser(r)
				return res, nil
			})})
			res, err := u.Complete(t.Context(), question())
			if err == nil && res.Text == "" {
				t.Error("an empty answer")
			}
			if e, ok := err.(*llm.Error); ok {
				return "", e.Kind
			}
			return res.Text, ""
		}
		text, kind := ask(bytes.NewReader(body))
		text2, kind2 := ask(&sized{bytes.NewReader(body), 1 + (size%13+13)%13})
		if text != text2 || kind != kind2 {
			t.Errorf("%q, %q when whole, %q, %q in pieces", text, kind, text2, kind2)
		}
	})
}

// sized gives at most n bytes at a time.
type sized struct {
	r io.Reader
	n int
}

func (s *sized) Read(p []byte) (int, error) { return s.r.Read(p[:min(s.n, len(p))]) }
