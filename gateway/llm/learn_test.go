package llm_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dubhashi/gateway/llm"
)

// picky is a server that refuses what it does not know, like the ones it is
// modelled on, and remembers what it was asked.
type picky struct {
	judge func(a asked) (status int, body string) // 0 = a good answer
	slow  time.Duration                           // before a refusal
	takes time.Duration                           // for an answer

	mu   sync.Mutex
	seen []asked
	ok   int
}

func (p *picky) RoundTrip(r *http.Request) (*http.Response, error) {
	a := read(r)
	p.mu.Lock()
	p.seen = append(p.seen, a)
	p.mu.Unlock()
	if status, body := p.judge(a); status != 0 {
		time.Sleep(p.slow)
		return respond(status, body), nil
	}
	select {
	case <-time.After(p.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	p.mu.Lock()
	p.ok++
	p.mu.Unlock()
	return respond(200, good(`{"segments":{"1":"a"}}`)), nil
}

func (p *picky) calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// last is the request that passed last.
func (p *picky) last() asked { return p.seen[len(p.seen)-1] }

const vague = `{"error":{"message":"Bad Request"}}`

// Each row: how many calls the first question costs, and what the second, which
// costs one, looks like.
var learnRows = []struct {
	name   string
	base   string
	model  string
	judge  func(asked) (int, string)
	first  int
	format string
	temp   bool
	limit  string
	effort string
	stream string // "" = with stream_options, "bare" without, "none" = no stream
}{
	{name: "all is well", judge: func(asked) (int, string) { return 0, "" },
		first: 1, format: "json_schema", temp: true, limit: "max_tokens"},
	{name: "no json_schema, told", judge: func(a asked) (int, string) {
		if a.format() == "json_schema" {
			return 400, refused("response_format", "unsupported_value", "response_format json_schema is not available")
		}
		return 0, ""
	}, first: 2, format: "json_object", temp: true, limit: "max_tokens"},
	{name: "no json_schema, told as a bare string", judge: func(a asked) (int, string) {
		if a.format() == "json_schema" {
			return 400, `{"error":"'response_format.type' must be 'json_object' or 'text'"}`
		}
		return 0, ""
	}, first: 2, format: "json_object", temp: true, limit: "max_tokens"},
	{name: "no json_schema, vague", judge: func(a asked) (int, string) {
		if a.format() == "json_schema" {
			return 400, vague
		}
		return 0, ""
	}, first: 2, format: "json_object", temp: true, limit: "max_tokens"},
	{name: "no json_schema, 501", judge: func(a asked) (int, string) {
		if a.format() == "json_schema" {
			return 501, `{"error":"json_schema"}`
		}
		return 0, ""
	}, first: 2, format: "json_object", temp: true, limit: "max_tokens"},
	{name: "no such parameters, 404 by a router", judge: func(a asked) (int, string) {
		if a.format() != "" {
			return 404, `{"error":{"message":"No endpoint supports response_format","code":404}}`
		}
		return 0, ""
	}, first: 3, format: "", temp: true, limit: "max_tokens"},
	{name: "no response_format, 422 with places", judge: func(a asked) (int, string) {
		if a.format() != "" {
			return 422, `{"detail":[{"loc":["body","response_format"],"msg":"extra fields not permitted"}]}`
		}
		return 0, ""
	}, first: 3, format: "", temp: true, limit: "max_tokens"},
	{name: "no response_format, vague", judge: func(a asked) (int, string) {
		if a.format() != "" {
			return 400, vague
		}
		return 0, ""
	}, first: 3, format: "", temp: true, limit: "max_tokens"},
	{name: "rungs refused one after the other", judge: func(a asked) (int, string) {
		if f := a.format(); f != "" {
			return 400, refused("", "", "mode "+f+" is unknown: json_schema")
		}
		return 0, ""
	}, first: 3, format: "", temp: true, limit: "max_tokens"},
	{name: "no temperature, told", judge: func(a asked) (int, string) {
		if a.Temp != nil {
			return 400, refused("temperature", "unsupported_value", "temperature does not support this value, only 1")
		}
		return 0, ""
	}, first: 2, format: "json_schema", limit: "max_tokens"},
	{name: "no temperature, vague", judge: func(a asked) (int, string) {
		if a.Temp != nil {
			return 400, vague
		}
		return 0, ""
		// The format comes back; which of the other two was to blame is not known.
	}, first: 4, format: "json_schema", limit: ""},
	{name: "the newer name of the limit", judge: func(a asked) (int, string) {
		if a.MaxTokens != nil {
			return 400, refused("max_tokens", "unsupported_parameter", "'max_tokens' is not supported. Use 'max_completion_tokens' instead.")
		}
		return 0, ""
	}, first: 2, format: "json_schema", temp: true, limit: "max_completion_tokens"},
	{name: "no limit at all", judge: func(a asked) (int, string) {
		if a.MaxTokens != nil {
			return 400, refused("max_tokens", "", "not supported")
		}
		if a.MaxNew != nil {
			return 400, refused("max_completion_tokens", "", "not supported")
		}
		return 0, ""
	}, first: 3, format: "json_schema", temp: true},
	{name: "three at once, one after the other", judge: func(a asked) (int, string) {
		switch {
		case a.Temp != nil:
			return 400, refused("temperature", "", "temperature")
		case a.MaxTokens != nil:
			return 400, refused("max_tokens", "", "max_tokens")
		case a.format() == "json_schema":
			return 400, refused("response_format", "", "response_format")
		}
		return 0, ""
	}, first: 4, format: "json_object", limit: "max_completion_tokens"},
	{name: "o-series by name", model: "o3-mini", judge: func(a asked) (int, string) {
		if a.Temp != nil || a.MaxTokens != nil {
			return 400, vague
		}
		return 0, ""
	}, first: 1, format: "json_schema", limit: "max_completion_tokens"},
	{name: "o-series without a limit", model: "o3-mini", judge: func(a asked) (int, string) {
		if a.MaxNew != nil {
			return 400, refused("max_completion_tokens", "", "not supported")
		}
		return 0, ""
	}, first: 2, format: "json_schema"},
	{name: "gpt-5 behind a router", model: "openai/gpt-5-mini", judge: func(a asked) (int, string) {
		if a.Temp != nil {
			return 400, refused("temperature", "unsupported_value", "temperature")
		}
		return 0, ""
	}, first: 2, format: "json_schema", limit: "max_completion_tokens"},
	{name: "gpt-5 at its home", base: "https://api.openai.com/v1", model: "gpt-5-mini", judge: func(asked) (int, string) { return 0, "" },
		first: 1, format: "json_schema", limit: "max_completion_tokens", effort: "minimal"},
	{name: "gpt-6 at its home", base: "https://api.openai.com/v1", model: "gpt-6-luna", judge: func(a asked) (int, string) {
		if a.MaxTokens != nil {
			return 400, vague
		}
		return 0, ""
	}, first: 1, format: "json_schema", temp: true, limit: "max_completion_tokens", effort: "none"},
	{name: "gpt-5.1 that knows no none", base: "https://api.openai.com/v1", model: "gpt-5.1", judge: func(a asked) (int, string) {
		if a.Effort != nil && *a.Effort == "none" {
			return 400, refused("reasoning_effort", "unsupported_value", "'reasoning_effort' does not support 'none'")
		}
		return 0, ""
	}, first: 2, format: "json_schema", limit: "max_completion_tokens", effort: "minimal"},
	{name: "gpt-6 whose least effort is refused", base: "https://api.openai.com/v1", model: "gpt-6-astra", judge: func(a asked) (int, string) {
		if a.Effort != nil {
			return 400, refused("reasoning_effort", "unsupported_value", "not supported")
		}
		return 0, ""
	}, first: 2, format: "json_schema", limit: "max_completion_tokens"},
	{name: "effort refused altogether", base: "https://api.openai.com/v1", model: "o1-mini", judge: func(a asked) (int, string) {
		if a.Effort != nil {
			return 400, refused("reasoning_effort", "unknown_parameter", "Unrecognized request argument supplied: reasoning_effort")
		}
		return 0, ""
	}, first: 2, format: "json_schema", limit: "max_completion_tokens"},
	{name: "no stream_options, told", judge: func(a asked) (int, string) {
		if a.Options != nil {
			return 400, refused("stream_options", "unknown_parameter", "Unrecognized request argument supplied: stream_options")
		}
		return 0, ""
	}, first: 2, format: "json_schema", temp: true, limit: "max_tokens", stream: "bare"},
	{name: "no stream_options, 422 with places", judge: func(a asked) (int, string) {
		if a.Options != nil {
			return 422, `{"detail":[{"loc":["body","stream_options"],"msg":"extra fields not permitted"}]}`
		}
		return 0, ""
	}, first: 2, format: "json_schema", temp: true, limit: "max_tokens", stream: "bare"},
	{name: "no stream_options, vague", judge: func(a asked) (int, string) {
		if a.Options != nil {
			return 400, vague
		}
		return 0, ""
	}, first: 5, format: "json_schema", temp: true, limit: "max_tokens", stream: "bare"},
	{name: "no stream, told", judge: func(a asked) (int, string) {
		if a.Stream {
			return 400, `{"error":"streaming is not supported by this server"}`
		}
		return 0, ""
	}, first: 3, format: "json_schema", temp: true, limit: "max_tokens", stream: "none"},
	{name: "no stream, 501", judge: func(a asked) (int, string) {
		if a.Stream {
			return 501, `{"error":{"message":"stream"}}`
		}
		return 0, ""
	}, first: 3, format: "json_schema", temp: true, limit: "max_tokens", stream: "none"},
	{name: "no stream with a schema", judge: func(a asked) (int, string) {
		if a.Stream && a.format() == "json_schema" {
			return 400, refused("", "", "response_format json_schema does not go with stream")
		}
		return 0, ""
	}, first: 3, format: "json_schema", temp: true, limit: "max_tokens", stream: "none"},
	{name: "an upstream's word is not a stream's", judge: func(a asked) (int, string) {
		if a.format() == "json_schema" {
			return 400, refused("", "", "upstream: json_schema is unknown")
		}
		return 0, ""
	}, first: 2, format: "json_object", temp: true, limit: "max_tokens"},
	{name: "older model at OpenAI", base: "https://api.openai.com/v1", model: "gpt-4o-mini", judge: func(asked) (int, string) { return 0, "" },
		first: 1, format: "json_schema", temp: true, limit: "max_completion_tokens"},
}

func TestLearn(t *testing.T) {
	t.Parallel()
	for _, row := range learnRows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := &picky{judge: row.judge}
			u := open(t, llm.Config{BaseURL: row.base, Model: row.model, Transport: p})
			r := structured()
			r.Budget = llm.NewBudget(4)
			res, err := u.Complete(t.Context(), r)
			if err != nil {
				t.Fatalf("%v after %d calls", err, p.calls())
			}
			if p.calls() != row.first || res.Usage.Calls != row.first {
				t.Errorf("the first question took %d calls (usage %d), want %d", p.calls(), res.Usage.Calls, row.first)
			}
			if r.Budget.Left() != 3 {
				t.Errorf("budget left %d, want 3: what was refused passes its unit on", r.Budget.Left())
			}
			before := p.calls()
			if _, err := u.Complete(t.Context(), r); err != nil || p.calls() != before+1 {
				t.Errorf("the second question took %d calls (%v), want 1", p.calls()-before, err)
			}
			a := p.last()
			limit := ""
			switch {
			case a.MaxTokens != nil:
				limit = "max_tokens"
			case a.MaxNew != nil:
				limit = "max_completion_tokens"
			}
			effort := ""
			if a.Effort != nil {
				effort = *a.Effort
			}
			stream := "none"
			switch {
			case a.Options != nil:
				stream = ""
			case a.Stream:
				stream = "bare"
			}
			if stream != row.stream {
				t.Errorf("then streams %q, want %q", stream, row.stream)
			}
			if a.format() != row.format || (a.Temp != nil) != row.temp || limit != row.limit || effort != row.effort {
				t.Errorf("then sends format %q, temperature %v, limit %q, effort %q; want %q, %v, %q, %q",
					a.format(), a.Temp != nil, limit, effort, row.format, row.temp, row.limit, row.effort)
			}
		})
	}
}

// Calls that start together are refused once each; one of them learns for all.
func TestLearnTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const together = 8
		p := &picky{slow: 100 * time.Millisecond, takes: 3 * time.Second, judge: func(a asked) (int, string) {
			switch {
			case a.format() == "json_schema":
				return 400, refused("response_format", "", "json_schema is not known")
			case a.Temp != nil:
				return 400, refused("temperature", "", "temperature is fixed")
			}
			return 0, ""
		}}
		u := open(t, llm.Config{Transport: p, Concurrency: together})
		b := llm.NewBudget(together)
		ask := func() {
			r := structured()
			r.Budget = b
			if _, err := u.Complete(t.Context(), r); err != nil {
				t.Error(err)
			}
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range together {
			wg.Go(ask)
		}
		time.Sleep(time.Second)
		// A call that comes while the lesson is going on waits for it.
		wg.Go(func() {
			r := structured()
			if _, err := u.Complete(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		// 8 refused, 2 of the lesson, 7 sent again, 1 late.
		if p.calls() != together+2+together-1+1 || p.ok != together+1 || b.Left() != 0 {
			t.Errorf("%d calls, %d answered, budget left %d", p.calls(), p.ok, b.Left())
		}
		if took := time.Since(start); took != 6200*time.Millisecond {
			t.Errorf("took %s, want two refusals, one lesson and one round", took)
		}
	})
}

// A learner whose caller leaves hands the lesson on.
func TestLearnerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &picky{takes: 10 * time.Second, judge: func(a asked) (int, string) {
			if a.format() == "json_schema" {
				return 400, vague
			}
			return 0, ""
		}}
		u := open(t, llm.Config{Transport: p})
		ctx, cancel := cancelAfter(t, 2*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := u.Complete(ctx, structured())
			failed(t, err, llm.Canceled)
		})
		synctest.Wait()
		start := time.Now()
		if _, err := u.Complete(t.Context(), structured()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 12*time.Second {
			t.Errorf("took %s, want 2 s until the learner leaves and 10 s of its own", took)
		}
		wg.Wait()
	})
}

// A 400 about this request teaches nothing and costs little.
func TestRefusalsAboutOneRequest(t *testing.T) {
	t.Parallel()
	long := func(a asked) bool { return len(a.Messages[1].Content) > 200 }
	big := structured()
	big.Messages = slices.Clone(big.Messages)
	big.Messages[1].Content = strings.Repeat("x", 300)
	rows := []struct {
		name  string
		judge func(asked) (int, string)
		kind  llm.Kind // "" = an answer
		calls int
	}{
		{"vague, all has passed before", func(a asked) (int, string) {
			if long(a) {
				return 400, vague
			}
			return 0, ""
		}, llm.BadRequest, 1},
		{"quotes a word we look for", func(a asked) (int, string) {
			if long(a) {
				return 400, refused("", "", "no: the temperature rose in the text")
			}
			return 0, ""
		}, llm.BadRequest, 3}, // without temperature, and without it once more in vain
		{"this schema alone", func(a asked) (int, string) {
			if long(a) && a.format() == "json_schema" {
				return 400, refused("response_format", "", "Invalid schema for response_format")
			}
			return 0, ""
		}, "", 2},
		{"limit over what the model has", func(a asked) (int, string) {
			if long(a) && a.MaxTokens != nil {
				return 400, refused("", "", "max_tokens is too large: 500. This model's maximum context length is 400 tokens")
			}
			return 0, ""
		}, "", 3},
		{"the model failed the schema", func(a asked) (int, string) {
			if long(a) && a.format() == "json_schema" {
				return 400, refused("", "json_validate_failed", "Failed to generate JSON")
			}
			return 0, ""
		}, "", 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := &picky{judge: row.judge}
			u := open(t, llm.Config{Transport: p})
			if _, err := u.Complete(t.Context(), structured()); err != nil {
				t.Fatal(err)
			}
			_, err := u.Complete(t.Context(), big)
			if row.kind != "" {
				failed(t, err, row.kind)
			} else if err != nil {
				t.Fatal(err)
			}
			if n := p.calls() - 1; n > row.calls {
				t.Errorf("%d calls, want at most %d", n, row.calls)
			}
			if _, err := u.Complete(t.Context(), structured()); err != nil {
				t.Fatal(err)
			}
			if a := p.last(); a.format() != "json_schema" || a.Temp == nil || a.MaxTokens == nil {
				t.Errorf("later sends %+v: learnt from one request", a)
			}
		})
	}
}

// What worked and is then refused twice in a row is given up: routers change the
// server behind them.
func TestGivenUpAfterTwo(t *testing.T) {
	t.Parallel()
	moved := false
	p := &picky{judge: func(a asked) (int, string) {
		if moved && a.format() == "json_schema" {
			return 400, refused("response_format", "", "no json_schema here")
		}
		return 0, ""
	}}
	u := open(t, llm.Config{Transport: p})
	for i, want := range []int{1, 2, 2, 1, 1} {
		before := p.calls()
		if _, err := u.Complete(t.Context(), structured()); err != nil {
			t.Fatal(err)
		}
		if n := p.calls() - before; n != want {
			t.Errorf("question %d took %d calls, want %d", i, n, want)
		}
		moved = true
	}
}

// An upstream that refuses everything, say for a wrong model, is not asked seven
// times for each call for ever.
func TestFutileGuesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &picky{judge: func(asked) (int, string) { return 400, vague }}
		u := open(t, llm.Config{Transport: p})
		for range 20 {
			_, err := u.Complete(t.Context(), structured())
			failed(t, err, llm.BadRequest)
		}
		if p.calls() > 20+3*6 {
			t.Errorf("%d calls for 20 questions", p.calls())
		}
		// It is mended, but for the format.
		p.judge = func(a asked) (int, string) {
			if a.format() == "json_schema" {
				return 400, vague
			}
			return 0, ""
		}
		time.Sleep(2 * time.Minute)
		if _, err := u.Complete(t.Context(), structured()); err != nil {
			t.Error(err)
		}
	})
}

// A fault in the middle of a lesson teaches nothing; the retry goes on with it.
func TestFaultInTheLesson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		p := &picky{judge: func(a asked) (int, string) {
			if n++; n == 2 {
				return 500, ""
			}
			if a.format() == "json_schema" {
				return 400, vague
			}
			return 0, ""
		}}
		u := open(t, llm.Config{Transport: p})
		if _, err := u.Complete(t.Context(), structured()); err != nil {
			t.Fatal(err)
		}
		if p.calls() != 4 || p.last().format() != "json_object" {
			t.Errorf("%d calls, the last with %q", p.calls(), p.last().format())
		}
	})
}
