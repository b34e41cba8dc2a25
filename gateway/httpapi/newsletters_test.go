package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/mail"
	"os"
	"strings"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
	"dubhashi/gateway/newsletter"
)

// issue is a request for an issue of three stories, with some members more.
func issue(t testing.TB, more map[string]any) string {
	t.Helper()
	in := map[string]any{
		"title": "सप्ताह / The week", "date": "2026-11-24", "show": "lead",
		"articles": []map[string]any{
			{"text": storyText(t, "metro.hi.txt"), "link": "https://news.example.org/metro"},
			{"text": storyText(t, "rain-alert.en.txt"), "link": "https://news.example.org/rain"},
			{"text": "नगर निगम ने सोमवार को नई बस सेवा शुरू की।"},
		},
	}
	for k, v := range more {
		in[k] = v
	}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func storyText(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("../simulator/examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func newsletterOf(t testing.TB, body []byte) api.Newsletter {
	t.Helper()
	var n api.Newsletter
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		t.Fatalf("%v: %s", err, brief(body))
	}
	return n
}

func TestNewsletter(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	r := s.post(t, "/v1/newsletters", issue(t, nil))
	if r.status != 200 || r.header.Get("Content-Type") != "application/json; charset=utf-8" || r.header.Get("X-Dubhashi-Cache") != "miss" ||
		!strings.HasPrefix(r.header.Get("Server-Timing"), "total;dur=") || r.header.Get("X-Dubhashi-Notices") != "no_headline" || r.header.Get("X-Dubhashi-Flags") != "0" {
		t.Fatalf("%d %v %s", r.status, r.header, brief(r.body))
	}
	n := newsletterOf(t, r.body)
	if n.Title["en"] != "The week" || n.Date != "2026-11-24" || n.Status != "complete" || n.MailBytes == 0 || len(n.Sections) != 1 || len(n.Sections[0].Stories) != 3 || n.Usage.LLMCalls == 0 {
		t.Fatalf("%+v", n)
	}
	for i, story := range n.Sections[0].Stories {
		if story.Headline.Text["hi"] == "" || story.Headline.Text["en"] == "" || len(story.Body) == 0 {
			t.Errorf("story %d: %+v", i, story)
		}
	}
	s.calls.Store(0)
	if r := s.post(t, "/v1/newsletters", issue(t, nil)); s.calls.Load() != 0 || r.header.Get("X-Dubhashi-Cache") != "hit" || newsletterOf(t, r.body).ID != n.ID {
		t.Errorf("again: %d calls, %s", s.calls.Load(), brief(r.body))
	}
}

// Every form is had by its name, and the usual ones by Accept.
func TestNewsletterForms(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	isXML := func(b []byte) bool { return xml.Unmarshal(b, new(struct{ XMLName xml.Name })) == nil }
	isFeed := func(b []byte) bool { return bytes.Contains(b, []byte("https://jsonfeed.org/version/1.1")) }
	isPage := func(b []byte) bool { return bytes.HasPrefix(bytes.ToLower(b), []byte("<!doctype html")) }
	has := func(s string) func([]byte) bool {
		return func(b []byte) bool { return bytes.Contains(b, []byte(s)) && !isPage(b) }
	}
	isMail := func(b []byte) bool {
		m, err := mail.ReadMessage(bytes.NewReader(b))
		return err == nil && strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/alternative")
	}
	for _, row := range []struct {
		format, accept, kind string
		is                   func([]byte) bool
	}{
		{"json", "", "application/json; charset=utf-8", json.Valid},
		{"html", "", "text/html; charset=utf-8", isPage},
		{"text", "", "text/plain; charset=utf-8", has("The week")},
		{"markdown", "", "text/markdown; charset=utf-8", has("# ")},
		{"eml", "", "message/rfc822", isMail},
		{"atom", "", "application/atom+xml; charset=utf-8", isXML},
		{"atom-hi", "", "application/atom+xml; charset=utf-8", isXML},
		{"atom-en", "", "application/atom+xml; charset=utf-8", isXML},
		{"jsonfeed", "", "application/feed+json; charset=utf-8", isFeed},
		{"jsonfeed-hi", "", "application/feed+json; charset=utf-8", isFeed},
		{"jsonfeed-en", "", "application/feed+json; charset=utf-8", isFeed},
		{"review", "", "text/html; charset=utf-8", isPage},
		{"", "*/*", "application/json; charset=utf-8", json.Valid},
		{"", "text/html", "text/html; charset=utf-8", isPage},
		{"", "text/*;q=0.5, text/markdown", "text/markdown; charset=utf-8", has("# ")},
		{"", "message/rfc822", "message/rfc822", isMail},
		{"", "application/atom+xml", "application/atom+xml; charset=utf-8", isXML},
		{"", "application/feed+json", "application/feed+json; charset=utf-8", isFeed},
		{"text", "text/html", "text/plain; charset=utf-8", has("The week")}, // the name weighs more
	} {
		t.Run(row.format+" "+row.accept, func(t *testing.T) {
			t.Parallel()
			more := map[string]any{}
			if row.format != "" {
				more["format"] = row.format
			}
			header := []string{"Content-Type", "application/json"}
			if row.accept != "" {
				header = append(header, "Accept", row.accept)
			}
			r := s.do(t, "POST", "/v1/newsletters", issue(t, more), header...)
			if r.status != 200 || r.header.Get("Content-Type") != row.kind || !row.is(r.body) {
				t.Fatalf("%d %s\n%s", r.status, r.header.Get("Content-Type"), brief(r.body))
			}
			if csp := r.header.Get("Content-Security-Policy"); strings.HasPrefix(row.kind, "text/html") && (!strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "img-src https:")) {
				t.Errorf("CSP %q", csp)
			}
			if (row.kind == "message/rfc822") != strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("Content-Disposition %q", r.header.Get("Content-Disposition"))
			}
		})
	}
}

// An issue file is the same as JSON.
func TestNewsletterOfAnIssueFile(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	file := "title: सप्ताह / The week\ndate: 2026-11-24\narticles:\n  - text: |\n      " + strings.ReplaceAll(storyText(t, "metro.hi.txt"), "\n", "\n      ") + "\n"
	for _, kind := range []string{"application/yaml", "text/yaml; charset=utf-8", "application/x-yaml"} {
		r := s.do(t, "POST", "/v1/newsletters?format=text", file, "Content-Type", kind)
		if r.status != 200 || !bytes.Contains(r.body, []byte("The week")) {
			t.Errorf("%s: %d %s", kind, r.status, brief(r.body))
		}
	}
	r := s.do(t, "POST", "/v1/newsletters", file+"layuot: stacked\n", "Content-Type", "application/yaml")
	if p := r.problem(t); p.Code != "invalid" || len(p.Errors) != 1 || p.Errors[0].Field != "layuot" || !strings.Contains(p.Errors[0].Message, "line ") {
		t.Errorf("%+v", p)
	}
}

func TestNewsletterProblems(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	const j, y = "application/json", "application/yaml"
	for _, row := range []struct {
		name, kind, query, accept, body string
		status                          int
		code, field                     string
	}{
		{"wrong JSON", j, "", "", `{"title":`, 400, "malformed", ""},
		{"a list", j, "", "", `[]`, 400, "malformed", ""},
		{"not UTF-8", j, "", "", "{\"title\":\"\xff\"}", 400, "malformed", ""},
		{"plain text", "text/plain", "", "", "x", 415, "unsupported_media_type", ""},
		{"no type the gateway writes", j, "", "image/png", issue(t, nil), 406, "not_acceptable", ""},
		{"no such form", j, "", "", issue(t, map[string]any{"format": "pdf"}), 422, "invalid", "format"},
		{"the form twice", j, "?format=html", "", issue(t, map[string]any{"format": "html"}), 422, "invalid", "format"},
		{"an option of another endpoint", j, "?target=en", "", issue(t, nil), 422, "invalid", "target"},
		{"an unknown field", j, "", "", issue(t, map[string]any{"colour": "red"}), 422, "invalid", "colour"},
		{"an unknown field below", j, "", "", issue(t, map[string]any{"feeds": []any{map[string]any{"uri": "x"}}}), 422, "invalid", "uri"},
		{"a field in another case", j, "", "", issue(t, map[string]any{"Layout": "stacked"}), 422, "invalid", "Layout"},
		{"a title that is a number", j, "", "", `{"title":7}`, 422, "invalid", "title"},
		{"a headline with another language", j, "", "", `{"title":"x","articles":[{"text":"x","title":{"fr":"x"}}]}`, 422, "invalid", "articles.title"},
		{"a limit that is a text", j, "", "", `{"title":"x","feeds":[{"url":"x","limit":"5"}]}`, 422, "invalid", "feeds.limit"},
		{"no title", j, "", "", `{"articles":[{"text":"x"}]}`, 422, "invalid", "title"},
		{"no stories", j, "", "", `{"title":"x"}`, 422, "invalid", "articles"},
		{"a layout that there is not", j, "", "", issue(t, map[string]any{"layout": "columns"}), 422, "invalid", "layout"},
		{"a file", j, "", "", `{"title":"x","articles":[{"file":"/etc/passwd"}]}`, 422, "invalid", "articles[0].file"},
		{"a feed that is a file", y, "", "", "title: x\nfeeds:\n  - file: /etc/passwd\n", 422, "invalid", "feeds[0].file"},
		{"a private address", j, "", "", `{"title":"x","feeds":[{"url":"http://10.0.0.1/rss"}]}`, 422, "invalid", "feeds[0].url"},
		{"a glossary that is none", j, "", "", issue(t, map[string]any{"glossary_id": "mine"}), 422, "invalid", "glossary_id"},
		{"a webhook for no job", j, "", "", issue(t, map[string]any{"webhook": map[string]any{"url": "https://example.org"}}), 422, "invalid", "webhook"},
		{"no store for the glossary", j, "", "", issue(t, map[string]any{"glossary_id": "0190d2d2-9f0e-7b4e-8a3c-2f4a5b6c7d8e"}), 503, "store_down", ""},
		{"no store for jobs", j, "?async=true", "", issue(t, nil), 503, "store_down", ""},
		{"an empty file", y, "", "", "", 422, "invalid", "the file"},
		{"no YAML", y, "", "", "title: [", 422, "invalid", "the file"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			header := []string{"Content-Type", row.kind}
			if row.accept != "" {
				header = append(header, "Accept", row.accept)
			}
			r := s.do(t, "POST", "/v1/newsletters"+row.query, row.body, header...)
			p := r.problem(t)
			field := ""
			if len(p.Errors) > 0 {
				field = p.Errors[0].Field
			}
			if r.status != row.status || p.Code != row.code || field != row.field {
				t.Errorf("%d %s %q, want %d %s %q\n%s", r.status, p.Code, field, row.status, row.code, row.field, r.body)
			}
			for _, never := range []string{"Bilingual", "unmarshal", "json:", "yaml:", "goroutine"} {
				if bytes.Contains(r.body, []byte(never)) {
					t.Errorf("Go shows in %s", r.body)
				}
			}
		})
	}
	t.Cleanup(func() { // when all rows have run
		if n := s.calls.Load(); n != 0 {
			t.Errorf("%d calls of the model", n)
		}
	})
	for method, status := range map[string]int{"GET": 405, "DELETE": 405, "OPTIONS": 204} {
		if r := s.do(t, method, "/v1/newsletters", ""); r.status != status || !strings.Contains(r.header.Get("Allow"), "POST") {
			t.Errorf("%s: %d %v", method, r.status, r.header)
		}
	}
}

// A gateway that makes none has no such path.
func TestNoNewsletters(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.Newsletters = nil })
	if r := s.send(t, "POST", "/v1/newsletters", issue(t, nil)); r.status != 404 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// A job's result has the form that was asked for.
func TestNewsletterJob(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	for _, row := range []struct {
		name, query, kind string
		header            []string
		inline            bool
	}{
		{"data", "?async=true", "application/json; charset=utf-8", nil, true},
		{"data by Prefer", "", "application/json; charset=utf-8", []string{"Prefer", "respond-async"}, true},
		{"HTML by its name", "?format=html&async=true", "text/html; charset=utf-8", nil, false},
		{"a mail by Accept", "?async=true", "message/rfc822", []string{"Accept", "message/rfc822"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := s.do(t, "POST", "/v1/newsletters"+row.query, issue(t, nil), append([]string{"Content-Type", "application/json"}, row.header...)...)
			j := jobOf(t, r, 202)
			if j.Kind != "newsletter" || r.header.Get("Location") != "/v1/jobs/"+j.ID {
				t.Fatalf("%+v", j)
			}
			done := s.ended(t, j.ID)
			if done.State != "done" || (done.Result != nil) != row.inline || done.Progress.Done != 3 || done.Progress.Total != 3 {
				t.Fatalf("%+v", done)
			}
			result := s.do(t, "GET", done.ResultURL, "")
			if result.status != 200 || result.header.Get("Content-Type") != row.kind || len(result.body) == 0 {
				t.Errorf("%d %s", result.status, result.header.Get("Content-Type"))
			}
			if row.inline && newsletterOf(t, result.body).Title["en"] != "The week" {
				t.Errorf("%s", brief(result.body))
			}
			if r := s.do(t, "GET", done.ResultURL, "", "Accept", "image/png"); r.status != 406 {
				t.Errorf("as a picture: %d", r.status)
			}
		})
	}
}

// What is wrong with a job's issue is told when it is sent.
func TestNewsletterJobRefused(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	r := s.post(t, "/v1/newsletters?async=true", issue(t, map[string]any{"layout": "columns"}))
	if p := r.problem(t); r.status != 422 || p.Errors[0].Field != "layout" {
		t.Errorf("%d %s", r.status, r.body)
	}
	r = s.post(t, "/v1/newsletters?async=true", issue(t, map[string]any{"webhook": map[string]any{"url": "ftp://example.org"}}))
	if r.status != 422 || !bytes.Contains(r.body, []byte("webhook")) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// The same key makes one issue, and its answer comes again with all that it said.
func TestNewsletterIdempotent(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), with(records(t)))
	body := issue(t, map[string]any{"format": "eml", "cache": "off"})
	first := s.keyedPost(t, "issue-1", "/v1/newsletters", body)
	calls := s.calls.Load()
	again := s.keyedPost(t, "issue-1", "/v1/newsletters", body)
	if first.status != 200 || !bytes.Equal(first.body, again.body) || again.header.Get("Idempotent-Replayed") != "true" || s.calls.Load() != calls {
		t.Fatalf("%d, %d: %d calls more", first.status, again.status, s.calls.Load()-calls)
	}
	for _, name := range []string{"Content-Type", "Content-Disposition", "X-Dubhashi-Flags", "X-Dubhashi-Notices"} {
		if first.header.Get(name) == "" || first.header.Get(name) != again.header.Get(name) {
			t.Errorf("%s: %q, then %q", name, first.header.Get(name), again.header.Get(name))
		}
	}
}

// Each story and the editor's own words are characters of the day.
func TestNewsletterIsCharged(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("नगर निगम ने सोमवार को नई बस सेवा शुरू की। ", 10)
	in := func(intro string) string {
		b, _ := json.Marshal(map[string]any{"title": map[string]string{"hi": "सप्ताह", "en": "The week"}, "intro": intro, "articles": []any{map[string]any{"text": long, "title": map[string]string{"hi": "बस", "en": "Bus"}}}})
		return string(b)
	}
	s := start(t, demo(t), func(c *httpapi.Config) { c.Limits.DailyChars = 1000 })
	day := func() int64 {
		t.Helper()
		var a api.Account
		if err := json.Unmarshal(s.do(t, "GET", "/v1/usage", "").body, &a); err != nil {
			t.Fatal(err)
		}
		return a.Today.Characters
	}
	if r := s.post(t, "/v1/newsletters", in("")); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	story := day()
	if story < 400 || story > 450 {
		t.Errorf("a story of some 420 characters is charged as %d", story)
	}
	intro := strings.Repeat("आज ", 50)
	if r := s.post(t, "/v1/newsletters", in(intro)); r.status != 200 || day() != 2*story+150 {
		t.Errorf("with an intro: %d, %d characters", r.status, day())
	}
	if r := s.post(t, "/v1/newsletters", in("")); r.status != 429 || r.header.Get("Retry-After") == "" || day() != 2*story+150 {
		t.Errorf("above the day's: %d %s, %d characters", r.status, r.body, day())
	}
	job := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) { c.Limits.DailyChars = 1000 })
	j := jobOf(t, job.post(t, "/v1/newsletters?async=true", in(intro)), 202)
	s = job
	if done := job.ended(t, j.ID); done.State != "done" || day() != story+150 {
		t.Errorf("a job: %s, %d characters", done.State, day())
	}
}

// halves makes editions that lack something.
type halves struct {
	newsletter.Renderer
	notice newsletter.Notice
	owners chan string
}

func (h *halves) Check(*api.Issue) error { return nil }

func (h *halves) Make(_ context.Context, o newsletter.Order) (*newsletter.Edition, error) {
	h.owners <- o.Owner
	if h.notice.Code == "" {
		return nil, errors.New("a secret")
	}
	return &newsletter.Edition{ID: "urn:example:1", Languages: []string{"hi", "en"}, Layout: newsletter.Stacked, Partial: true, Notices: []newsletter.Notice{h.notice}}, nil
}

func (h *halves) Render(e *newsletter.Edition, _ newsletter.Form) ([]byte, error) {
	return json.Marshal(e.Data())
}

// An issue that lacks something is given as it is; as a job it is tried again
// when time may mend it.
func TestNewsletterPartial(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		code     string
		attempts int
	}{{"feed_broken", 1}, {string(gateway.UpstreamFailed), 0}} {
		h := &halves{notice: newsletter.Notice{Where: "feeds[0]", Code: row.code, Message: "m"}, owners: make(chan string, 9)}
		s := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) { c.Newsletters = h })
		r := s.post(t, "/v1/newsletters", issue(t, nil))
		if n := newsletterOf(t, r.body); n.Status != "partial" || r.header.Get("X-Dubhashi-Notices") != row.code || <-h.owners != "anonymous" {
			t.Errorf("%s: %+v", row.code, n)
		}
		j := jobOf(t, s.post(t, "/v1/newsletters?async=true", issue(t, nil)), 202)
		<-h.owners
		if row.attempts == 1 {
			if done := s.ended(t, j.ID); done.State != "done" || done.Attempts != 1 {
				t.Errorf("%s: %+v", row.code, done)
			}
			continue
		}
		for e := range eventsOf(t, s, j.ID) {
			if e.RetryAt != nil {
				break
			}
			if e.FinishedAt != nil {
				t.Errorf("%s: it is given up: %+v", row.code, e)
			}
		}
	}
	h := &halves{owners: make(chan string, 9)}
	s := start(t, demo(t), func(c *httpapi.Config) { c.Newsletters = h })
	if r := s.post(t, "/v1/newsletters", issue(t, nil)); r.status != 500 || bytes.Contains(r.body, []byte("secret")) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// eventsOf are a job's states as they come.
func eventsOf(t *testing.T, s *server, id string) func(yield func(api.Job) bool) {
	return func(yield func(api.Job) bool) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", s.url+"/v1/jobs/"+id+"/events", nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		for line := range readLines(resp.Body) {
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			var j api.Job
			if err := json.Unmarshal([]byte(data), &j); err != nil {
				t.Fatal(err)
			}
			if !yield(j) {
				return
			}
		}
	}
}

// The client has an issue as data, in any form, and as a job.
func TestClientNewsletter(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	c := &api.Client{Base: s.url}
	in := api.NewsletterRequest{Issue: api.Issue{
		Title: api.Bilingual{Hi: "सप्ताह", En: "The week"}, Date: "2026-11-24", Show: "lead",
		Articles: []api.IssueArticle{{Text: storyText(t, "metro.hi.txt"), Title: api.Bilingual{Text: "मेट्रो"}}},
	}}
	n, err := c.Newsletter(t.Context(), in)
	if err != nil || n.Title["en"] != "The week" || n.Sections[0].Stories[0].Headline.Text["hi"] != "मेट्रो" {
		t.Fatalf("%+v, %v", n, err)
	}
	in.Format = "text"
	b, err := c.NewsletterForm(t.Context(), in)
	if err != nil || !bytes.Contains(b, []byte("The week")) {
		t.Fatalf("%s, %v", b, err)
	}
	j, err := c.SubmitNewsletter(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if j, err = c.Wait(t.Context(), j.ID); err != nil || j.State != "done" {
		t.Fatalf("%+v, %v", j, err)
	}
	if again, err := c.Result(t.Context(), j.ID); err != nil || !bytes.Equal(again, b) {
		t.Errorf("%s, %v", again, err)
	}
	in.Layout = "columns"
	var p *api.Problem
	if _, err := c.NewsletterForm(t.Context(), in); !errors.As(err, &p) || p.Errors[0].Field != "layout" {
		t.Errorf("%v", err)
	}
}
