package mcp_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

type issueMade struct {
	Newsletter string                 `json:"newsletter"`
	Stories    int                    `json:"stories"`
	Complete   bool                   `json:"complete"`
	Notices    []api.NewsletterNotice `json:"notices"`
	Flags      []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Text    string `json:"text"`
	} `json:"flags"`
	Usage api.Usage `json:"usage"`
}

func TestNewsletterTool(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, client func(testing.TB, *made) *sdk.ClientSession) {
		m := server(t, nil)
		c := client(t, m)
		a := arguments{"title": "सप्ताह / The week", "show": "lead", "articles": []arguments{
			{"text": news, "link": "https://news.example.org/lake"}, {"text": "आज बारिश होगी।"},
		}}
		for format, has := range map[string]string{"": "# ", "markdown": "# ", "text": "====", "html": "<table"} {
			delete(a, "format")
			if format != "" {
				a["format"] = format
			}
			res := call(t, c, "newsletter", a)
			n := structured[issueMade](t, res)
			if n.Stories != 2 || !n.Complete || !strings.Contains(n.Newsletter, has) || !strings.Contains(n.Newsletter, "https://news.example.org/lake") || texts(t, res)[0] != n.Newsletter {
				t.Errorf("%q: %+v", format, n)
			}
			if len(n.Notices) != 1 || n.Notices[0].Where != "articles[1]" || !strings.Contains(texts(t, res)[1], "articles[1]") {
				t.Errorf("%q: notices %+v, told as %q", format, n.Notices, texts(t, res))
			}
		}
		calls := m.calls.Load()
		if n := structured[issueMade](t, call(t, c, "newsletter", a)); n.Usage.CacheMisses != 0 || m.calls.Load() != calls {
			t.Errorf("again: %+v", n.Usage)
		}
	})
}

func TestNewsletterToolErrors(t *testing.T) {
	t.Parallel()
	m := server(t, nil)
	c := overStdio(t, m, nil)
	one := []arguments{{"text": news}}
	for _, row := range []struct {
		name string
		a    arguments
		has  string
	}{
		{"nothing", arguments{}, "title is missing"},
		{"no stories", arguments{"title": "x"}, "articles is missing"},
		{"no title", arguments{"articles": one}, "title is missing"},
		{"a form for mail programs", arguments{"title": "x", "articles": one, "format": "eml"}, "format must be one of markdown, text, html"},
		{"a layout", arguments{"title": "x", "articles": one, "layout": "columns"}, "layout must be one of"},
		{"a file", arguments{"title": "x", "articles": []arguments{{"file": "/etc/passwd"}}}, "articles[0].file is read by the command alone"},
		{"a private feed", arguments{"title": "x", "feeds": []arguments{{"url": "http://10.0.0.1/rss"}}}, "feeds[0].url"},
		{"misspelt below", arguments{"title": "x", "feeds": []arguments{{"uri": "x"}}}, "uri is not an argument"},
		{"a title that is a number", arguments{"title": 7, "articles": one}, "title must be a text"},
		{"articles that are texts", arguments{"title": "x", "articles": "y"}, "articles must be an array of objects"},
		{"somebody's memory", arguments{"title": "x", "articles": one, "seen": "weekly"}, "seen is not an argument"},
		{"a glossary of a caller over HTTP", arguments{"title": "x", "articles": one, "glossary_id": "x"}, "glossary_id names"},
	} {
		res := call(t, c, "newsletter", row.a)
		if got := texts(t, res)[0]; !res.IsError || !strings.Contains(got, row.has) || strings.Contains(got, "json:") {
			t.Errorf("%s: %v %q, want %q", row.name, res.IsError, got, row.has)
		}
	}
	if n := m.calls.Load(); n != 0 {
		t.Errorf("%d calls to the model", n)
	}
}

// The caller pays for the stories and for what the editor wrote, before a model
// is asked.
func TestNewsletterToolIsPaid(t *testing.T) {
	t.Parallel()
	m, p := server(t, nil), &purse{left: 20}
	c := overHTTP(t, m, nil, p)
	a := arguments{"title": "सप्ताह / The week", "articles": []arguments{{"text": "आज बारिश होगी।"}}}
	res := call(t, c, "newsletter", a) // a title of 17 characters, a story of 14
	if got := texts(t, res)[0]; !res.IsError || !strings.HasPrefix(got, "rate_limited: the day's") || m.calls.Load() != 0 {
		t.Errorf("%q after %d calls", got, m.calls.Load())
	}
	p.mu.Lock()
	if p.left != 20-17-14 || !slices.Equal(p.failed, []gateway.Code{"rate_limited"}) {
		t.Errorf("left %d, told of %v", p.left, p.failed)
	}
	p.left = 17 + 14
	p.mu.Unlock()
	structured[issueMade](t, call(t, c, "newsletter", a))
}

func TestNewsletterToolProgress(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []float64
	o := &sdk.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *sdk.ProgressNotificationClientRequest) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, r.Params.Progress, r.Params.Total)
	}}
	c := overStdio(t, server(t, nil), o)
	params := &sdk.CallToolParams{Name: "newsletter", Arguments: arguments{"title": "सप्ताह", "articles": []arguments{{"text": news}, {"text": "आज बारिश होगी।"}}}}
	params.SetProgressToken("p")
	if res, err := c.CallTool(context.Background(), params); err != nil || res.IsError {
		t.Fatalf("%+v, %v", res, err)
	}
	if err := c.Ping(context.Background(), nil); err != nil { // what was told before has come
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) == 0 || told[len(told)-1] != 2 {
		t.Errorf("told %v", told)
	}
}
