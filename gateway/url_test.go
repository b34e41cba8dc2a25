package gateway_test

import (
	"context"
	"errors"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/fetch"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// shelf fetches what stands on it, or fails as it says.
type shelf struct {
	page fetch.Page
	err  error
}

func (s shelf) Get(context.Context, string, ...string) (fetch.Page, error) { return s.page, s.err }

func (s shelf) Check(string) error { return nil }

func TestURLErrors(t *testing.T) {
	t.Parallel()
	u, err := llm.New(llm.Config{BaseURL: simulated(t, simulator.Config{Demo: true}).url, Model: "test-model"})
	if err != nil {
		t.Fatal(err)
	}
	page := fetch.Page{Body: "आज बारिश होगी।", Type: "text/plain", FinalURL: "http://news.example/a"}
	for _, row := range []struct {
		name  string
		fetch gateway.Fetcher
		req   gateway.Request
		code  gateway.Code
	}{
		{"fine", shelf{page: page}, gateway.Request{}, ""},
		{"no fetcher", nil, gateway.Request{}, gateway.Invalid},
		{"two articles", shelf{page: page}, gateway.Request{Input: "आज"}, gateway.Invalid},
		{"refused", shelf{err: &fetch.Error{Kind: fetch.Refused}}, gateway.Request{}, gateway.URLRefused},
		{"unreadable", shelf{err: &fetch.Error{Kind: fetch.Unreadable}}, gateway.Request{}, gateway.URLUnreadable},
		{"unreachable", shelf{err: &fetch.Error{Kind: fetch.Unreachable}}, gateway.Request{}, gateway.URLUnreachable},
		{"slow", shelf{err: &fetch.Error{Kind: fetch.Timeout}}, gateway.Request{}, gateway.Timeout},
		{"too large", shelf{err: &fetch.Error{Kind: fetch.TooLarge}}, gateway.Request{}, gateway.TooLarge},
		{"too many", shelf{err: &fetch.Error{Kind: fetch.Busy}}, gateway.Request{}, gateway.Overloaded},
		{"left", shelf{err: &fetch.Error{Kind: fetch.Canceled}}, gateway.Request{}, gateway.Canceled},
		{"unknown", shelf{err: errors.New("?")}, gateway.Request{}, gateway.Internal},
		{"nothing to see", shelf{page: fetch.Page{Body: "<p><img src=x>", Type: "text/html", FinalURL: "http://news.example/a"}}, gateway.Request{}, gateway.URLUnreadable},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Fetch: row.fetch})
			row.req.URL, row.req.Translate = "http://news.example/a", true
			_, err := g.Article(t.Context(), row.req)
			var e *gateway.Error
			if errors.As(err, &e) != (row.code != "") || e != nil && e.Code != row.code {
				t.Errorf("%v, want %q", err, row.code)
			}
		})
	}
}
