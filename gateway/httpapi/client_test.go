package httpapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
)

func TestClient(t *testing.T) {
	t.Parallel()
	key, err := httpapi.ParseKey("desk:a-key-for-tests")
	if err != nil {
		t.Fatal(err)
	}
	s := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) { c.Keys = []httpapi.Key{key} })
	ctx, text := t.Context(), news
	c := &api.Client{Base: s.url + "/", Key: "a-key-for-tests"}

	a, err := c.Article(ctx, api.ArticleRequest{Text: &text})
	if err != nil || a.Status != "complete" || len(a.Summary) != 1 {
		t.Fatalf("article: %+v, %v", a, err)
	}
	if r, err := c.Summarize(ctx, api.ArticleRequest{Text: &text}); err != nil || len(r.Summary) != 1 {
		t.Errorf("summary: %+v, %v", r, err)
	}
	if r, err := c.Translate(ctx, api.TranslateRequest{Texts: []string{"नगर", "The bridge opens on Monday."}}); err != nil || len(r.Translations) != 2 {
		t.Errorf("texts: %+v, %v", r, err)
	}
	if d, err := c.Detect(ctx, "aaj mausam accha hai"); err != nil || d.Language != "hi" || d.Script != "Latn" {
		t.Errorf("detect: %+v, %v", d, err)
	}

	var names []string
	var whole api.Article
	for e, err := range c.Stream(ctx, api.ArticleRequest{Text: &text}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Name)
		if e.Name == "done" {
			if err := json.Unmarshal(e.Data, &whole); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(names) < 4 || names[0] != "article" || whole.Translation == nil || *whole.Translation != *a.Translation {
		t.Errorf("stream: %v", names)
	}
	for range c.Stream(ctx, api.ArticleRequest{Text: &text}) {
		break // no reader is left behind
	}

	j, err := c.Submit(ctx, api.ArticleRequest{Text: &text})
	if err != nil {
		t.Fatal(err)
	}
	if j, err = c.Wait(ctx, j.ID); err != nil || j.State != "done" {
		t.Fatalf("job: %+v, %v", j, err)
	}
	var result api.Article
	if err := json.Unmarshal(j.Result, &result); err != nil || *result.Translation != *a.Translation {
		t.Errorf("result: %s, %v", j.Result, err)
	}
	var p *api.Problem
	if _, err := c.Cancel(ctx, j.ID); !errors.As(err, &p) || p.Code != "conflict" {
		t.Errorf("cancelling a job that is done: %v", err)
	}

	g, err := c.CreateGlossary(ctx, api.GlossaryRequest{Name: "city", Source: "hi", Target: "en", Entries: map[string]string{"नगर निगम": "the corporation"}})
	if err != nil || g.EntryCount != 1 {
		t.Fatalf("glossary: %+v, %v", g, err)
	}
	if _, err := c.Article(ctx, api.ArticleRequest{Text: &text, Options: api.Options{GlossaryID: g.ID}}); err != nil {
		t.Errorf("with a glossary: %v", err)
	}
	if err := c.DeleteGlossary(ctx, g.ID); err != nil {
		t.Error(err)
	}

	if _, err := (&api.Client{Base: s.url, Key: "another-key"}).Article(ctx, api.ArticleRequest{Text: &text}); !errors.As(err, &p) || p.Code != "unauthorized" {
		t.Errorf("another key: %v", err)
	}
	if _, err := c.Article(ctx, api.ArticleRequest{}); !errors.As(err, &p) || p.Code != "invalid" || len(p.Errors) != 1 || p.Errors[0].Field != "text" {
		t.Errorf("nothing to do: %v", err)
	}
	for _, err := range c.Stream(ctx, api.ArticleRequest{}) {
		if !errors.As(err, &p) || p.Code != "invalid" {
			t.Errorf("nothing to stream: %v", err)
		}
	}
}

// A server that is full is asked again when it said so, and not more often than
// was allowed.
func TestClientAsksAgain(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name          string
		full, retries int
		after         string
		calls         int
		ok            bool
	}{
		{"told to come again", 2, 2, "0", 3, true},
		{"too often", 3, 2, "0", 3, false},
		{"not allowed", 1, 0, "0", 1, false},
		{"much later", 1, 5, "86400", 1, false},
		{"not told when", 1, 5, "", 1, false},
	} {
		var calls atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) > int64(row.full) {
				_, _ = w.Write([]byte(`{"language":"hi","script":"Deva","confidence":1}`))
				return
			}
			if row.after != "" {
				w.Header().Set("Retry-After", row.after)
			}
			http.Error(w, "<h1>full</h1>", http.StatusServiceUnavailable)
		}))
		d, err := (&api.Client{Base: s.URL, Retries: row.retries}).Detect(t.Context(), "नमस्ते")
		s.Close()
		var p *api.Problem
		if row.ok != (err == nil) || row.ok && d.Language != "hi" || !row.ok && (!errors.As(err, &p) || p.Status != 503) {
			t.Errorf("%s: %+v, %v", row.name, d, err)
		}
		if n := calls.Load(); n != int64(row.calls) {
			t.Errorf("%s: %d calls, want %d", row.name, n, row.calls)
		}
	}
}
