package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/api"
)

const newsPage = `<!doctype html><html><head><title>झील पर पक्षी लौट आए</title></head><body><nav><a href=/>मुखपृष्ठ</a></nav>
<article><h1>झील पर पक्षी लौट आए</h1><p>इस साल झील में पानी अच्छा है और <a href="../bird?id=1">पक्षी</a> समय पर आ गए हैं।</p></article></body></html>`

// pages is a web site on loopback, which the test's gateway may reach.
func pages(t testing.TB) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	asked := new(atomic.Int64)
	serve := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/news/story", serve("text/html; charset=utf-8", newsPage))
	mux.HandleFunc("/moved", http.RedirectHandler("/news/story", http.StatusMovedPermanently).ServeHTTP)
	mux.HandleFunc("/note.txt", serve("text/plain", "आज बारिश होगी।\n\nकल धूप निकलेगी।"))
	mux.HandleFunc("/note.md", serve("text/plain", "# मौसम\n\nआज **भारी** बारिश होगी।"))
	mux.HandleFunc("/empty", serve("text/html", "<p><img src=x></p>"))
	mux.HandleFunc("/picture", serve("image/png", "\x89PNG"))
	mux.HandleFunc("/long", serve("text/plain", strings.Repeat("आज बारिश होगी।\n", 5000)))
	mux.HandleFunc("/tamil", serve("text/plain", "இது ஒரு தமிழ் வாக்கியம் ஆகும்."))
	mux.HandleFunc("/inward", http.RedirectHandler("http://10.0.0.1/", http.StatusFound).ServeHTTP)
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site, asked
}

func TestArticleByURL(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	site, asked := pages(t)
	for _, row := range []struct {
		name, path string
		kinds      []string
	}{
		{"page", "/news/story", []string{"title", "paragraph"}},
		{"after a redirect", "/moved", []string{"title", "paragraph"}},
		{"plain text", "/note.txt", []string{"paragraph", "paragraph"}},
		{"Markdown called plain text", "/note.md", []string{"title", "paragraph"}},
	} {
		a := article(t, s.post(t, "/v1/articles", `{"outputs":["translation"],"url":"`+site.URL+row.path+`"}`))
		var kinds []string
		for _, p := range a.Paragraphs {
			kinds = append(kinds, p.Kind)
		}
		if strings.Join(kinds, " ") != strings.Join(row.kinds, " ") || a.Status != "complete" {
			t.Errorf("%s: %s %v", row.name, a.Status, kinds)
		}
	}
	a := article(t, s.do(t, "POST", "/v1/articles?outputs=translation&cache=only&url="+url.QueryEscape(site.URL+"/moved"), ""))
	if a.Usage.CacheMisses != 0 || a.Title == nil {
		t.Errorf("by the query, from the cache: %+v", a)
	}
	if n := asked.Load(); n != 5 {
		t.Errorf("%d fetches, want one a request", n)
	}
	r := s.post(t, "/v1/summarize", `{"url":"`+site.URL+`/news/story"}`)
	var sum api.Summaries
	if err := json.Unmarshal(r.body, &sum); err != nil || r.status != 200 || len(sum.Summary) != 1 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// A page's links lead where they led on it.
func TestLinksOfAPageByURL(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	site, _ := pages(t)
	r := s.do(t, "POST", "/v1/articles?outputs=translation&url="+url.QueryEscape(site.URL+"/moved"), "", "Accept", "text/html")
	if r.status != 200 || !strings.Contains(string(r.body), `href="`+site.URL+`/bird?id=1"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestURLProblems(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	site, _ := pages(t)
	refusal := ""
	for _, row := range []struct {
		name, url string
		status    int
		code      string
	}{
		{"no page", site.URL + "/nowhere", 422, "url_unreadable"},
		{"a picture", site.URL + "/picture", 422, "url_unreadable"},
		{"no text in it", site.URL + "/empty", 422, "url_unreadable"},
		{"too long", site.URL + "/long", 413, "too_large"},
		{"another language", site.URL + "/tamil", 422, "unsupported_language"},
		{"nobody there", "http://127.0.0.1:1025/", 502, "url_unreachable"},
		{"a private address", "http://10.0.0.1/", 422, "url_refused"},
		{"a private port", "http://10.0.0.1:9999/", 422, "url_refused"},
		{"a redirect to a private address", site.URL + "/inward", 422, "url_refused"},
		{"another scheme", "ftp://127.0.0.1/", 422, "url_refused"},
		{"a broken url", "http://[", 422, "url_refused"},
	} {
		body, _ := json.Marshal(map[string]string{"url": row.url})
		r := s.do(t, "POST", "/v1/articles", string(body), "Content-Type", "application/json", "X-Request-Id", "same")
		var p api.Problem
		if err := json.Unmarshal(r.body, &p); err != nil || r.status != row.status || p.Code != row.code || strings.Contains(string(r.body), "dial") {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
		if row.code == "url_refused" {
			if refusal == "" {
				refusal = string(r.body)
			}
			if string(r.body) != refusal {
				t.Errorf("%s: %s differs from %s", row.name, r.body, refusal)
			}
		}
	}
	if s.calls.Load() != 0 {
		t.Errorf("%d calls to the model", s.calls.Load())
	}
}

// A caller who leaves while the page is fetched ends the fetch.
func TestLeavingEndsTheFetch(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	entered, ended := make(chan struct{}), make(chan struct{})
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		close(ended)
	}))
	t.Cleanup(site.Close)
	ctx, leave := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/articles?url="+url.QueryEscape(site.URL), nil)
	go func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-entered
	leave()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the fetch goes on")
	}
}
