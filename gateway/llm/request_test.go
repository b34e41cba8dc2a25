package llm_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"dubhashi/gateway/llm"
)

// Free text carries no response_format, and a negative temperature none.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	p := &picky{judge: func(asked) (int, string) { return 0, "" }}
	u := open(t, llm.Config{Transport: p})
	r := question()
	r.Temperature = -1
	if _, err := u.Complete(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if a := p.last(); a.Format != nil || a.Temp != nil || a.MaxTokens != nil || a.MaxNew != nil || a.Effort != nil {
		t.Errorf("sent %+v", a)
	}
}

// The library's own refusals of a model name never reach a caller.
func TestModelNames(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"o1", "o1-preview", "o3", "o4-mini", "gpt-5", "gpt-5-chat-latest", "gpt-5.6-luna", "gpt-6-luna", "gpt-6-sol", "gpt-6-astra", "gpt-6.1-sol", "openai/o3", "gemma3:12b"} {
		for _, base := range []string{"https://api.openai.com/v1", "http://router.test/v1"} {
			p := &picky{judge: func(asked) (int, string) { return 0, "" }}
			u := open(t, llm.Config{BaseURL: base, Model: model, Transport: p})
			r := structured()
			r.Temperature = 0.3
			res, err := u.Complete(t.Context(), r)
			if err != nil || res.Usage.Calls != 1 {
				t.Errorf("%s at %s: %d calls, %v", model, base, res.Usage.Calls, err)
			}
			if a := p.last(); a.MaxTokens == nil && a.MaxNew == nil {
				t.Errorf("%s at %s: no limit was sent", model, base)
			}
		}
	}
}

func TestSchemaGoesOutAsItCame(t *testing.T) {
	t.Parallel()
	var body string
	u := open(t, llm.Config{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(r.Body)
		body = string(b)
		return respond(200, good("{}")), err
	})})
	r := structured()
	r.SchemaName = "translation"
	if _, err := u.Complete(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"name":"translation"`, `"strict":true`, `"schema":` + string(schema)} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

func TestErrorsAreErrors(t *testing.T) {
	t.Parallel()
	u := open(t, llm.Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }), MaxAttempts: 1})
	_, err := u.Complete(t.Context(), question())
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v does not wrap its cause", err)
	}
}
