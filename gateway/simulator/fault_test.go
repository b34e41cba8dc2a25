package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/simulator"
)

func TestParseFault(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in    string
		fault simulator.Fault
		share float64
		wrong string // part of the error
	}{
		{"drop-number=0.05", simulator.DropNumber, 0.05, ""},
		{"429=1", simulator.TooManyRequests, 1, ""},
		{" stall = 0 ", simulator.Stall, 0, ""},
		{"drop-number", "", 0, "KIND=SHARE"},
		{"flood=0.1", "", 0, "no such kind"},
		{"500=5%", "", 0, "0 to 1"},
		{"500=1.5", "", 0, "0 to 1"},
		{"500=NaN", "", 0, "0 to 1"},
	} {
		f, share, err := simulator.ParseFault(row.in)
		if row.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%q: %v", row.in, err)
			}
			continue
		}
		if err != nil || f != row.fault || share != row.share {
			t.Errorf("%q: %q %v %v", row.in, f, share, err)
		}
	}
}

func TestNewRefusesNonsense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]simulator.Config{
		"unknown fault":   {Faults: map[simulator.Fault]float64{"flood": 0.1}},
		"shares over 1":   {Faults: map[simulator.Fault]float64{simulator.Slow: 0.6, simulator.Stall: 0.6}},
		"negative share":  {Faults: map[simulator.Fault]float64{simulator.Slow: -0.1}},
		"negative time":   {Latency: -1},
		"negative tokens": {TokensPerSecond: -1},
	} {
		if _, err := simulator.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

var numbered = []simulator.Pair{
	{Hindi: "सोमवार को 14 जिलों में बारिश हुई।", English: "It rained in 14 districts on Monday."},
	{Hindi: "कुल 250 लोग शिविर में हैं।", English: "In all 250 people are at the camp."},
	{Hindi: "सड़क 3 दिन बाद खुलेगी।", English: "The road will open after 3 days."},
}

// always is a model that does one fault to every call.
func always(t testing.TB, f simulator.Fault, more ...func(*simulator.Config)) running {
	c := simulator.Config{Memory: numbered, Faults: map[simulator.Fault]float64{f: 1}, Seed: 7}
	for _, m := range more {
		m(&c)
	}
	return start(t, c)
}

func numberedCall(stream bool) translation {
	q := translation{Source: "hi", Target: "en", system: "You translate Hindi news. Answer in JSON.", extra: map[string]any{"stream": stream}}
	for _, p := range numbered {
		q.texts = append(q.texts, p.Hindi)
	}
	return q
}

// TestFaultsOfTheAnswer wants each fault that spoils an answer to be seen in it,
// whole and streamed, over enough calls to see every variant.
func TestFaultsOfTheAnswer(t *testing.T) {
	t.Parallel()
	good := make(map[string]string)
	for i, p := range numbered {
		good[string(rune('1'+i))] = p.English
	}
	for _, row := range []struct {
		fault simulator.Fault
		spoil func(r reply, segments map[string]string) bool // segments nil: not plain JSON
	}{
		{simulator.Truncate, func(r reply, s map[string]string) bool { return r.finish == "length" && s == nil }},
		{simulator.Garbage, func(r reply, s map[string]string) bool { return s == nil && !strings.Contains(r.content, "rained") }},
		{simulator.Prose, func(r reply, s map[string]string) bool {
			return s == nil && strings.Contains(r.content, `{"segments":{`) && strings.Contains(r.content, "Here is")
		}},
		{simulator.Fence, func(r reply, s map[string]string) bool { return strings.HasPrefix(r.content, "```json\n{") }},
		{simulator.Think, func(r reply, s map[string]string) bool {
			return strings.HasPrefix(r.content, "<think>") && strings.HasSuffix(r.content, "}}")
		}},
		{simulator.DropSegment, func(r reply, s map[string]string) bool { return len(s) == 2 && within(s, good) }},
		{simulator.SwapSegments, func(r reply, s map[string]string) bool { return len(s) == 3 && differ(s, good) == 2 }},
		{simulator.Untranslated, func(r reply, s map[string]string) bool {
			return len(s) == 3 && differ(s, good) == 1 && strings.Contains(r.content, "।")
		}},
		{simulator.DropNumber, func(r reply, s map[string]string) bool {
			return len(s) == 3 && differ(s, good) == 1 && len(digits(r.content)) < len(digits("1231425 03"))
		}},
		{simulator.Refusal, func(r reply, s map[string]string) bool { return strings.Contains(r.content+r.refusal, "I can't help") }},
		{simulator.Repeat, func(r reply, s map[string]string) bool {
			return len(s) == 3 && differ(s, good) == 1 && len(r.content) > 900
		}},
		{simulator.EchoInstructions, func(r reply, s map[string]string) bool {
			return strings.Contains(r.content, "You translate Hindi news")
		}},
	} {
		t.Run(string(row.fault), func(t *testing.T) {
			t.Parallel()
			m := always(t, row.fault)
			for n := range 24 {
				q := numberedCall(n%2 == 0)
				if n%3 == 0 {
					q.extra["response_format"] = map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "a", "schema": map[string]any{"type": "object"}}}
				}
				r := m.ask(t, q.body())
				var a struct{ Segments map[string]string }
				if json.Unmarshal([]byte(r.content), &a) != nil {
					a.Segments = nil
				}
				if r.status != 200 || !row.spoil(r, a.Segments) {
					t.Fatalf("call %d, %q: %s %s", n+1, r.finish, r.content, r.refusal)
				}
			}
			if got := m.Stats().Faults[row.fault]; got != 24 {
				t.Errorf("%d counted", got)
			}
		})
	}
}

func within(a, b map[string]string) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func differ(a, b map[string]string) (n int) {
	for k, v := range a {
		if b[k] != v {
			n++
		}
	}
	return n
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func TestFaultsOfPlainStyleAndSummaries(t *testing.T) {
	t.Parallel()
	summary := `{"task":"summarize","source":"hi","target":"en","style":"bullets","max_words":60,"paragraphs":["सोमवार को 14 जिलों में बारिश हुई।","कुल 250 लोग शिविर में हैं।"]}`
	for _, f := range []simulator.Fault{
		simulator.Truncate, simulator.Garbage, simulator.Prose, simulator.Fence, simulator.Think, simulator.DropSegment,
		simulator.Untranslated, simulator.DropNumber, simulator.Refusal, simulator.Repeat, simulator.EchoInstructions,
	} {
		m, sane := always(t, f), start(t, simulator.Config{Memory: numbered})
		for name, body := range map[string]map[string]any{
			"plain":   chatBody("Translate from Hindi to English.", numbered[0].Hindi, nil),
			"summary": chatBody("Summarise. Answer in JSON.", summary, nil),
		} {
			if good, bad := sane.ask(t, body), m.ask(t, body); good.content == bad.content && bad.refusal == "" {
				t.Errorf("%s, %s: nothing to see: %s", f, name, bad.content)
			}
		}
	}
}

func TestFaultWithoutAnythingToSpoil(t *testing.T) {
	t.Parallel()
	memory := func(c *simulator.Config) { c.Memory = tiny }
	for _, f := range []simulator.Fault{simulator.SwapSegments, simulator.DropNumber} {
		m := always(t, f, memory)
		q := translation{Source: "hi", Target: "en", texts: []string{"नमस्ते"}}
		if got := m.translate(t, q)[0]; got != "Hello" || m.Stats().Faults[f] != 0 {
			t.Errorf("%s: %q, counted %d", f, got, m.Stats().Faults[f])
		}
	}
}

func TestStatusFaults(t *testing.T) {
	t.Parallel()
	for f, status := range map[simulator.Fault]int{simulator.TooManyRequests: 429, simulator.ServerError: 500, simulator.Unavailable: 503} {
		m := always(t, f)
		hints := map[string]bool{}
		for n := range 12 {
			r := m.ask(t, numberedCall(n%2 == 0).body())
			if r.status != status {
				t.Fatalf("%s: %d", f, r.status)
			}
			hints[r.header.Get("Retry-After")+"/"+r.header.Get("retry-after-ms")] = true
		}
		want := map[string]bool{"/": true}
		if f == simulator.TooManyRequests {
			want = map[string]bool{"0/0": true, "1/1000": true}
		}
		if !reflect.DeepEqual(hints, want) {
			t.Errorf("%s: %v", f, hints)
		}
	}
	m := always(t, simulator.TooManyRequests, func(c *simulator.Config) { c.RetryAfter = 4500 * time.Millisecond })
	if h := m.ask(t, numberedCall(false).body()).header; h.Get("Retry-After") != "5" || h.Get("retry-after-ms") != "4500" {
		t.Errorf("%v", h)
	}
}

func TestResetAndStall(t *testing.T) {
	t.Parallel()
	m := always(t, simulator.Reset)
	for n := range 12 {
		r, err := m.try(numberedCall(n%2 == 0).body())
		if err == nil && (r.done || r.status != 200 || n%2 == 1) {
			t.Errorf("call %d ended well: %+v", n+1, r)
		}
	}
	if got := m.Stats().Faults[simulator.Reset]; got != 12 {
		t.Errorf("%d resets counted", got)
	}

	m = always(t, simulator.Stall)
	for _, stream := range []bool{true, false} {
		ctx, cancel := context.WithTimeout(context.Background(), 80*time.Millisecond)
		body, _ := json.Marshal(numberedCall(stream).body())
		q, _ := http.NewRequestWithContext(ctx, http.MethodPost, m.url+"/v1/chat/completions", bytes.NewReader(body))
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatalf("no headers: %v", err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		cancel()
		if err == nil || strings.Contains(string(text), "[DONE]") {
			t.Errorf("stream %v went on: %s", stream, text)
		}
	}
	wait(t, "two cancelled calls", func() bool { s := m.Stats(); return s.Cancelled == 2 && s.InFlight == 0 })
}

func TestSlowIsRightAndLate(t *testing.T) {
	t.Parallel()
	m := always(t, simulator.Slow, func(c *simulator.Config) { c.Slow = 150 * time.Millisecond })
	for _, stream := range []bool{true, false} {
		began := time.Now()
		r := m.ask(t, numberedCall(stream).body())
		if took := time.Since(began); took < 120*time.Millisecond {
			t.Errorf("stream %v took %v", stream, took)
		}
		if segmentsOf(t, r.content, 3)[2] != numbered[2].English {
			t.Error(r.content)
		}
	}
}

// wait polls for something that another goroutine brings about.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("no %s", what)
}

func TestLatencyAndPace(t *testing.T) {
	t.Parallel()
	m := start(t, simulator.Config{Memory: numbered, Latency: 60 * time.Millisecond, TokensPerSecond: 500})
	for _, stream := range []bool{true, false} {
		began := time.Now()
		r := m.ask(t, numberedCall(stream).body())
		want := 60*time.Millisecond + time.Duration(float64(simulator.EstimateTokens(r.content))/500*float64(time.Second))
		if took := time.Since(began); took < want*8/10 || took > want+2*time.Second {
			t.Errorf("stream %v took %v, want about %v", stream, took, want)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	body, _ := json.Marshal(numberedCall(true).body())
	q, _ := http.NewRequestWithContext(ctx, http.MethodPost, m.url+"/v1/chat/completions", bytes.NewReader(body))
	if _, err := http.DefaultClient.Do(q); err == nil {
		t.Error("the client stayed")
	}
	wait(t, "cancelled call", func() bool { return m.Stats().Cancelled == 1 })
	if s := m.Stats(); s.PeakInFlight < 1 || s.InFlight != 0 {
		t.Errorf("%+v", s)
	}
}

// TestSeedFixesTheRun asks two models of one seed the same calls, and one of
// another seed.
func TestSeedFixesTheRun(t *testing.T) {
	t.Parallel()
	shares := make(map[simulator.Fault]float64)
	for _, f := range simulator.Faults() {
		if f != simulator.Stall && f != simulator.Slow && f != simulator.Reset {
			shares[f] = 0.05
		}
	}
	run := func(seed uint64) (out []string, stats simulator.Stats) {
		m := start(t, simulator.Config{Memory: numbered, Faults: shares, Seed: seed})
		for range 60 {
			r := m.ask(t, numberedCall(false).body())
			out = append(out, r.content+r.refusal+r.finish+r.header.Get("Retry-After"))
		}
		return out, m.Stats()
	}
	a, stats := run(1)
	b, again := run(1)
	c, _ := run(2)
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(stats, again) {
		t.Errorf("one seed, two runs\n%v\n%v", stats, again)
	}
	if reflect.DeepEqual(a, c) {
		t.Error("two seeds, one run")
	}
	if len(stats.Faults) < 8 {
		t.Errorf("few kinds of fault: %v", stats.Faults)
	}
}

func TestSharesAreKept(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(simulator.Config{Memory: numbered, Seed: 3,
		Faults: map[simulator.Fault]float64{simulator.Fence: 0.3, simulator.Truncate: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	body := numberedCall(false).body()
	for range 2000 {
		direct(t, s, body)
	}
	f := s.Stats().Faults
	if n := f[simulator.Fence]; n < 540 || n > 660 {
		t.Errorf("fence: %d of 2000, want about 600", n)
	}
	if n := f[simulator.Truncate]; n < 150 || n > 250 {
		t.Errorf("truncate: %d of 2000, want about 200", n)
	}
}
