package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
	"dubhashi/gateway/store"
)

// desked is a server with jobs, kept on disk. Without work they wait for ever.
func desked(t testing.TB, model http.Handler, work bool, change func(*httpapi.Config, *jobs.Config)) *server {
	t.Helper()
	db, _, err := store.OpenSQLite(filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	kv := store.NewKV(db)
	t.Cleanup(func() { _ = kv.Close(); _ = db.Close() })
	var m *jobs.Manager
	s := start(t, model, func(c *httpapi.Config) {
		jc := jobs.Config{KV: kv, DB: db, Event: httpapi.JobEvent, Observe: c.Metrics.Job}
		c.KV = kv
		if change != nil {
			change(c, &jc)
		}
		m = jobs.New(jc)
		c.Jobs = m
	})
	m.OnDrop(s.http.DropJob)
	if work {
		if err := m.Start(s.http.RunJob); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { m.Close(t.Context()) })
	return s
}

func jobOf(t testing.TB, r reply, status int) api.Job {
	t.Helper()
	var j api.Job
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil || r.status != status {
		t.Fatalf("%d %s (%v), want %d", r.status, r.body, err, status)
	}
	return j
}

// ended waits for a job's end, by its events.
func (s *server) ended(t testing.TB, id string) api.Job {
	t.Helper()
	list := s.follow(t, id)
	if len(list) == 0 {
		t.Fatal("the job has no events")
	}
	switch last := list[len(list)-1]; last.name {
	case "done", "failed", "cancelled":
		return jobOf(t, s.do(t, "GET", "/v1/jobs/"+id, ""), 200)
	default:
		t.Fatalf("the last event is %s %+v", last.name, last.job)
		panic("unreachable")
	}
}

type jobEvent struct {
	name string
	job  api.Job
}

// follow reads a job's events to their end.
func (s *server) follow(t testing.TB, id string) (list []jobEvent) {
	t.Helper()
	resp, err := http.Get(s.url + "/v1/jobs/" + id + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	var e jobEvent
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			e.name = name
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			e.job = api.Job{}
			if err := json.Unmarshal([]byte(data), &e.job); err != nil {
				t.Fatal(err)
			}
			list = append(list, e)
		}
	}
	return list
}

const rain = `{"text":"आज शहर में बारिश हुई।\n\nकल धूप रहेगी।"}`

func TestAsync(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	for _, row := range []struct {
		name, path, body, kind string
		header                 []string
		applied                string
	}{
		{"by the header", "/v1/articles", rain, "article", []string{"Prefer", "respond-async"}, "respond-async"},
		{"among others", "/v1/articles", rain, "article", []string{"Prefer", "wait=10, Respond-Async; x=1"}, "respond-async"},
		{"by the member", "/v1/articles", strings.Replace(rain, "{", `{"async":true,`, 1), "article", nil, ""},
		{"by the query", "/v1/articles?async=true&target=en", rain, "article", nil, ""},
		{"a summary", "/v1/summarize", rain, "summary", []string{"Prefer", "respond-async"}, "respond-async"},
		{"texts", "/v1/translate", `{"texts":["आज बारिश हुई।","कल धूप रहेगी।"],"async":true}`, "translations", nil, ""},
	} {
		now := s.post(t, strings.Replace(row.path, "async=true&", "", 1), strings.Replace(row.body, `"async":true`, `"strict":false`, 1))
		r := s.do(t, "POST", row.path, row.body, append(row.header, "Content-Type", "application/json")...)
		j := jobOf(t, r, 202)
		if r.header.Get("Location") != "/v1/jobs/"+j.ID || r.header.Get("Preference-Applied") != row.applied {
			t.Errorf("%s: %v", row.name, r.header)
		}
		if j.Kind != row.kind || j.State != "queued" || j.Result != nil || j.ResultURL != "" || j.CreatedAt.IsZero() || j.FinishedAt != nil {
			t.Errorf("%s: %s", row.name, r.body)
		}
		j = s.ended(t, j.ID)
		if j.State != "done" || j.Progress.Done != j.Progress.Total || j.Attempts != 1 || j.ExpiresAt == nil || j.StartedAt == nil {
			t.Errorf("%s: %+v", row.name, j)
		}
		if alike(t, j.Result) != alike(t, now.body) {
			t.Errorf("%s: the job's result\n%s\nand the synchronous answer\n%s", row.name, j.Result, now.body)
		}
		if r := s.do(t, "GET", j.ResultURL, ""); r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") || alike(t, r.body) != alike(t, now.body) {
			t.Errorf("%s: by itself %d %s", row.name, r.status, r.body)
		}
	}
}

// alike is an answer without what differs from call to call.
func alike(t testing.TB, b []byte) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	for _, name := range []string{"id", "usage", "elapsed_ms"} {
		delete(v, name)
	}
	for _, list := range []string{"paragraphs", "summary", "translations"} {
		items, _ := v[list].([]any)
		for _, i := range items {
			delete(i.(map[string]any), "cache")
		}
	}
	out, _ := json.Marshal(v)
	return string(out)
}

func TestNotAsync(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	no := strings.Replace(rain, "{", `{"async":false,`, 1)
	if r := s.do(t, "POST", "/v1/articles", no, "Content-Type", "application/json", "Prefer", "respond-async"); r.status != 200 || r.header.Get("Preference-Applied") != "" {
		t.Errorf("the body's word weighs more: %d %v", r.status, r.header)
	}
	plain := start(t, demo(t), nil)
	if r := plain.do(t, "POST", "/v1/articles", rain, "Content-Type", "application/json", "Prefer", "respond-async"); r.status != 200 {
		t.Errorf("a preference that cannot be met: %d", r.status)
	}
	if r := plain.post(t, "/v1/articles?async=true", rain); r.status != 503 || r.problem(t).Code != "store_down" {
		t.Errorf("a demand that cannot be met: %d %s", r.status, r.body)
	}
	for _, path := range []string{"/v1/jobs", "/v1/jobs/x", "/v1/jobs/x/result", "/v1/jobs/x/events"} {
		if r := plain.do(t, "GET", path, ""); r.status != 503 {
			t.Errorf("%s without jobs: %d", path, r.status)
		}
	}
}

// What is wrong is told at once and begins nothing.
func TestAsyncOfWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, func(_ *httpapi.Config, c *jobs.Config) { c.Send = &posts{} })
	hook := func(url, secret string) string {
		return fmt.Sprintf(`{"text":"आज बारिश हुई।","async":true,"webhook":{"url":%q,"secret":%q}}`, url, secret)
	}
	for _, row := range []struct{ name, path, body, field string }{
		{"a bad option", "/v1/articles?async=true", `{"text":"आज बारिश हुई।","register":"royal"}`, "register"},
		{"a bad style", "/v1/articles?async=true", `{"text":"आज बारिश हुई।","summary":{"style":"epic"}}`, "summary.style"},
		{"no text", "/v1/articles?async=true", `{}`, "text"},
		{"another language", "/v1/articles?async=true", `{"text":"Это русский текст, а не хинди."}`, ""},
		{"an unknown glossary", "/v1/articles?async=true", `{"text":"आज बारिश हुई।","glossary_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7"}`, "glossary_id"},
		{"async twice", "/v1/articles?async=true", `{"text":"आज बारिश हुई।","async":true}`, "async"},
		{"async that is no bool", "/v1/articles", `{"text":"आज बारिश हुई।","async":"yes"}`, "async"},
		{"a webhook of no job", "/v1/articles", `{"text":"आज बारिश हुई।","webhook":{"url":"https://example.org","secret":"sixteen letters!"}}`, "webhook"},
		{"a webhook without a url", "/v1/articles", hook("", "sixteen letters!"), "webhook.url"},
		{"a webhook to nowhere", "/v1/articles", hook("example.org", "sixteen letters!"), "webhook.url"},
		{"a webhook without a secret", "/v1/articles", hook("https://example.org", ""), "webhook.secret"},
		{"a short secret", "/v1/articles", hook("https://example.org", "short"), "webhook.secret"},
		{"a webhook's unknown member", "/v1/articles", `{"text":"आज बारिश हुई।","async":true,"webhook":{"href":"x"}}`, "href"},
		{"a webhook's member in capitals", "/v1/articles", `{"text":"आज बारिश हुई।","async":true,"webhook":{"URL":"x"}}`, "webhook.URL"},
		{"outputs of a summary", "/v1/summarize?async=true", `{"text":"आज बारिश हुई।","outputs":["summary"]}`, "outputs"},
		{"no texts", "/v1/translate?async=true", `{"texts":[]}`, "text"},
		{"texts in another language", "/v1/translate?async=true", `{"texts":["Это русский текст, а не хинди."]}`, ""},
	} {
		r := s.post(t, row.path, row.body)
		p := r.problem(t)
		if r.status != 422 || row.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != row.field) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
		if bytes.Contains(r.body, []byte("sixteen letters!")) {
			t.Errorf("%s: the answer shows the secret: %s", row.name, r.body)
		}
	}
	var list api.Jobs
	if r := s.do(t, "GET", "/v1/jobs", ""); json.Unmarshal(r.body, &list) != nil || len(list.Jobs) != 0 {
		t.Errorf("%s", r.body)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	lines := []string{`{"text":"पहला लेख: बारिश हुई।"}`, `{"markdown":"# दूसरा\n\nधूप *रहेगी*।","outputs":["translation"]}`, `{"html":"<h1>तीसरा</h1><p>हवा चली।</p>"}`}
	for _, row := range []struct{ name, kind, body string }{
		{"an array", "application/json", `{"articles":[` + strings.Join(lines, ",") + `]}`},
		{"lines", "application/x-ndjson", strings.Join(lines, "\n") + "\n"},
		{"lines of another name", "application/jsonl; charset=utf-8", "\ufeff" + strings.Join(lines, "\r\n\r\n")},
	} {
		r := s.do(t, "POST", "/v1/jobs?numerals=latin", row.body, "Content-Type", row.kind)
		j := jobOf(t, r, 202)
		if j.Kind != "articles" || j.Progress.Total != 3 || r.header.Get("Location") != "/v1/jobs/"+j.ID {
			t.Errorf("%s: %s", row.name, r.body)
		}
		j = s.ended(t, j.ID)
		if j.State != "done" || j.Progress != (api.Progress{Done: 3, Total: 3}) || j.Result != nil || j.ResultURL != "/v1/jobs/"+j.ID+"/result" {
			t.Errorf("%s: %+v", row.name, j)
		}
		got := s.do(t, "GET", j.ResultURL, "")
		if !strings.HasPrefix(got.header.Get("Content-Type"), "application/x-ndjson") {
			t.Errorf("%s: %v", row.name, got.header)
		}
		out := bytes.Split(bytes.TrimSuffix(got.body, []byte("\n")), []byte("\n"))
		if len(out) != 3 {
			t.Fatalf("%s: %d lines", row.name, len(out))
		}
		for i, line := range out {
			now := s.post(t, "/v1/articles?numerals=latin", lines[i])
			if alike(t, line) != alike(t, now.body) {
				t.Errorf("%s, line %d:\n%s\nand by itself\n%s", row.name, i+1, line, now.body)
			}
			var a api.Article
			if err := json.Unmarshal(line, &a); err != nil || a.ID != fmt.Sprintf("%s-%d", j.ID, i) {
				t.Errorf("%s, line %d has the id %q, %v", row.name, i+1, a.ID, err)
			}
		}
		if r := s.do(t, "GET", j.ResultURL, "", "Accept", "text/html"); r.status != 406 {
			t.Errorf("%s as HTML: %d", row.name, r.status)
		}
	}
}

func TestBatchOfWhichSomeIsWrong(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, nil)
	many := make([]string, 1001)
	for i := range many {
		many[i] = `{"text":"x"}`
	}
	for _, row := range []struct {
		name, kind, body string
		status           int
		fields           []string
	}{
		{"each is told", "application/json", `{"articles":[{"text":"बारिश"},{"text":""},{"text":"धूप","target":"fr","register":"x"},{"page":1},{"text":"Это русский текст, а не хинди."}]}`, 422,
			[]string{"articles[1].text", "articles[2].register", "articles[2].target", "articles[3].page", "articles[4]"}},
		{"by their lines", "application/x-ndjson", "{\"text\":\"बारिश\"}\n\n{\"text\":\"\"}\n{\"text\":\nnot json\n[]\n", 422,
			[]string{"line 3.text", "line 4", "line 5", "line 6"}},
		{"a bad query is told of each", "application/x-ndjson", "{\"text\":\"बारिश\"}\n{\"text\":\"धूप\",\"cache\":\"use\"}", 422, []string{"line 1.cache", "line 2.cache"}},
		{"async inside", "application/json", `{"articles":[{"text":"बारिश","async":true}]}`, 422, []string{"articles[0].async"}},
		{"a private url", "application/x-ndjson", "{\"text\":\"बारिश\"}\n{\"url\":\"http://10.0.0.1/\"}", 422, []string{"line 2"}},
		{"webhook inside", "application/json", `{"articles":[{"text":"बारिश","webhook":{"url":"https://example.org","secret":"sixteen letters!"}}]}`, 422, []string{"articles[0].async"}},
		{"none", "application/json", `{"articles":[]}`, 422, []string{"articles"}},
		{"none at all", "application/json", `{}`, 422, []string{"articles"}},
		{"no lines", "application/x-ndjson", "\n\n", 422, []string{"articles"}},
		{"too many", "application/x-ndjson", strings.Join(many, "\n"), 422, []string{"articles"}},
		{"not an array", "application/json", `{"articles":{"text":"बारिश"}}`, 422, []string{"articles"}},
		{"an unknown member", "application/json", `{"articles":[{"text":"बारिश"}],"target":"en"}`, 422, []string{"target"}},
		{"not JSON", "application/json", `articles`, 400, nil},
		{"another type", "text/csv", `a,b`, 415, nil},
	} {
		path := "/v1/jobs"
		if strings.Contains(row.name, "query") {
			path += "?cache=royal"
		}
		r := s.do(t, "POST", path, row.body, "Content-Type", row.kind)
		p := r.problem(t)
		var fields []string
		for _, e := range p.Errors {
			fields = append(fields, e.Field)
		}
		slices.Sort(fields)
		if r.status != row.status || !slices.Equal(fields, row.fields) {
			t.Errorf("%s: %d %v, want %d %v\n%s", row.name, r.status, fields, row.status, row.fields, r.body)
		}
	}
	r := s.do(t, "POST", "/v1/jobs", strings.Repeat("{\"text\":\"\"}\n", 300), "Content-Type", "application/x-ndjson")
	if p := r.problem(t); len(p.Errors) != 100 || !strings.Contains(p.Detail, "300") {
		t.Errorf("300 errors: %d are told, %q", len(p.Errors), p.Detail)
	}
}

// missingPage is the address of a page that is not there.
func missingPage(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.URL
}

// One article that fails leaves the others as they are.
func TestBatchWithOneThatFails(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, nil)
	missing := missingPage(t)
	r := s.do(t, "POST", "/v1/jobs", `{"text":"बारिश हुई।"}
{"url":"`+missing+`"}
{"text":"धूप रहेगी।","cache":"only","outputs":["translation"]}
`, "Content-Type", "application/x-ndjson")
	j := s.ended(t, jobOf(t, r, 202).ID)
	if j.State != "done" || j.Progress != (api.Progress{Done: 3, Total: 3, Failed: 1}) {
		t.Errorf("%+v", j)
	}
	lines := bytes.Split(bytes.TrimSpace(s.do(t, "GET", j.ResultURL, "").body), []byte("\n"))
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, want := range []string{"complete", "url_unreadable", "partial"} {
		var l api.JobLine
		if err := json.Unmarshal(lines[i], &l); err != nil || l.Error == nil && l.Status != want || l.Error != nil && l.Error.Code != want {
			t.Errorf("line %d: %s, %v", i+1, lines[i], err)
		}
	}
	r = s.do(t, "POST", "/v1/jobs", `{"url":"`+missing+`"}`, "Content-Type", "application/x-ndjson")
	if j := s.ended(t, jobOf(t, r, 202).ID); j.State != "failed" || j.Error == nil || j.Error.Code != "url_unreadable" || j.Error.Status != 422 {
		t.Errorf("all failed: %+v", j)
	}
}

func TestJobsOfACaller(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, nil)
	var ids []string
	for range 5 {
		ids = append(ids, jobOf(t, s.post(t, "/v1/articles?async=true", rain), 202).ID)
	}
	slices.Reverse(ids)
	var got []string
	path := "/v1/jobs?limit=2"
	for range 3 {
		r := s.do(t, "GET", path, "")
		var page api.Jobs
		if err := json.Unmarshal(r.body, &page); err != nil || r.status != 200 || len(page.Jobs) > 2 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		for _, j := range page.Jobs {
			got = append(got, j.ID)
		}
		if page.NextCursor == "" {
			break
		}
		path = "/v1/jobs?limit=2&cursor=" + page.NextCursor
	}
	if !slices.Equal(got, ids) {
		t.Errorf("the list:\n%v\nwant\n%v", got, ids)
	}
	for _, bad := range []string{"limit=0", "limit=1001", "limit=x", "state=done"} {
		if r := s.do(t, "GET", "/v1/jobs?"+bad, ""); r.status != 422 {
			t.Errorf("%s: %d", bad, r.status)
		}
	}
	for _, row := range []struct{ method, path string }{
		{"GET", "/v1/jobs/nothing"}, {"DELETE", "/v1/jobs/nothing"}, {"GET", "/v1/jobs/nothing/result"}, {"GET", "/v1/jobs/nothing/events"}, {"GET", "/v1/jobs/%00"},
	} {
		if r := s.do(t, row.method, row.path, ""); r.status != 404 || r.problem(t).Code != "not_found" {
			t.Errorf("%s %s: %d %s", row.method, row.path, r.status, r.body)
		}
	}
	if r := s.do(t, "GET", "/v1/jobs/"+ids[0]+"/result", ""); r.status != 409 {
		t.Errorf("the result of a job that waits: %d %s", r.status, r.body)
	}
	j := jobOf(t, s.do(t, "DELETE", "/v1/jobs/"+ids[0], ""), 202)
	if j.State != "cancelled" || j.FinishedAt == nil || j.ExpiresAt == nil {
		t.Errorf("%+v", j)
	}
	if r := s.do(t, "DELETE", "/v1/jobs/"+ids[0], ""); r.status != 409 || r.problem(t).Code != "conflict" || !strings.Contains(r.problem(t).Detail, "cancelled") {
		t.Errorf("a second cancel: %d %s", r.status, r.body)
	}
	if r := s.do(t, "GET", "/v1/jobs/"+ids[0]+"/result", ""); r.status != 409 {
		t.Errorf("the result of a cancelled job: %d", r.status)
	}
	if list := s.follow(t, ids[0]); len(list) != 1 || list[0].name != "cancelled" {
		t.Errorf("the events of a cancelled job: %+v", list)
	}
}

func TestJobEvents(t *testing.T) {
	t.Parallel()
	g := newGate(demo(t))
	s := desked(t, g, true, nil)
	id := jobOf(t, s.post(t, "/v1/articles?async=true", rain), 202).ID
	events := make(chan []jobEvent)
	go func() { events <- s.follow(t, id) }()
	<-g.begun
	if j := jobOf(t, s.do(t, "GET", "/v1/jobs/"+id, ""), 200); j.State != "running" || j.StartedAt == nil {
		t.Errorf("at work: %+v", j)
	}
	close(g.open)
	list := <-events
	for i, e := range list {
		if i < len(list)-1 && e.name != "state" && e.name != "progress" || e.job.ID != id || e.job.Result != nil {
			t.Errorf("event %d: %s %+v", i, e.name, e.job)
		}
	}
	if last := list[len(list)-1]; last.name != "done" || last.job.State != "done" || last.job.ResultURL == "" {
		t.Errorf("the last: %+v", last)
	}
}

// The events of a job that goes on end with the server.
func TestJobEventsEndWithTheServer(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, nil)
	id := jobOf(t, s.post(t, "/v1/articles?async=true", rain), 202).ID
	resp, err := http.Get(s.url + "/v1/jobs/" + id + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	s.http.Drain()
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
}

func TestCancelStopsTheModelsCalls(t *testing.T) {
	t.Parallel()
	g := newGate(demo(t))
	left := make(chan struct{}, 10)
	s := desked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.ServeHTTP(w, r)
		if r.Context().Err() != nil {
			left <- struct{}{}
		}
	}), true, nil)
	id := jobOf(t, s.post(t, "/v1/articles?async=true&outputs=translation", rain), 202).ID
	<-g.begun
	if j := jobOf(t, s.do(t, "DELETE", "/v1/jobs/"+id, ""), 202); j.State != "cancelled" {
		t.Errorf("%+v", j)
	}
	select {
	case <-left:
	case <-time.After(20 * time.Second):
		t.Error("the model's call goes on")
	}
}

// posts takes webhooks.
type posts struct{ got chan []byte }

func (p *posts) Post(_ context.Context, _ string, _ http.Header, body []byte) (int, error) {
	p.got <- body
	return 200, nil
}

func TestJobWebhook(t *testing.T) {
	t.Parallel()
	hooks := &posts{make(chan []byte, 10)}
	s := desked(t, demo(t), true, func(_ *httpapi.Config, c *jobs.Config) { c.Send = hooks })
	const secret = "a secret that nobody sees"
	body := strings.Replace(rain, "{", `{"async":true,"webhook":{"url":"https://example.org/hook","secret":"`+secret+`"},`, 1)
	r := s.post(t, "/v1/articles", body)
	j := jobOf(t, r, 202)
	var e api.Event
	b := <-hooks.got
	if err := json.Unmarshal(b, &e); err != nil || e.Type != "job.done" || e.Data.ID != j.ID || e.Data.State != "done" || e.Data.Result != nil || e.Data.ResultURL == "" {
		t.Errorf("%s, %v", b, err)
	}
	for what, b := range map[string][]byte{
		"the answer": r.body, "the job": s.do(t, "GET", "/v1/jobs/"+j.ID, "").body, "the list": s.do(t, "GET", "/v1/jobs", "").body, "the webhook": b,
	} {
		if bytes.Contains(b, []byte(secret)) || !bytes.Contains(b, []byte("https://example.org/hook")) {
			t.Errorf("%s: %s", what, b)
		}
	}
}

func TestTooManyJobs(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, func(_ *httpapi.Config, c *jobs.Config) {
		c.Room = c.KV.(*store.KV).Within(store.Bounds{jobs.WaitingFamily: {Bytes: 1 << 20, Records: 8}})
	})
	for range 2 {
		jobOf(t, s.post(t, "/v1/articles?async=true", rain), 202)
	}
	if r := s.post(t, "/v1/articles?async=true", rain); r.status != 503 || r.problem(t).Code != "overloaded" || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
}

// An async request with an Idempotency-Key makes one job.
func TestIdempotentJob(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, nil)
	first := s.keyedPost(t, "k", "/v1/articles", rain, "Prefer", "respond-async")
	again := s.keyedPost(t, "k", "/v1/articles", rain, "Prefer", "respond-async")
	if jobOf(t, first, 202).ID != jobOf(t, again, 202).ID || again.header.Get("Location") != first.header.Get("Location") ||
		again.header.Get("Preference-Applied") != "respond-async" || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s %v, again %s %v", first.body, first.header, again.body, again.header)
	}
}

// A request whose process was killed after it took the job in, and before it kept
// the answer, makes no second job when it is sent again.
func TestIdempotentJobOfTheDead(t *testing.T) {
	t.Parallel()
	var kv httpapi.KV
	s := desked(t, demo(t), false, func(c *httpapi.Config, _ *jobs.Config) { kv = c.KV })
	for _, row := range []struct{ path, body string }{
		{"/v1/articles?async=true", rain},
		{"/v1/jobs", `{"articles":[` + rain + `]}`},
	} {
		first := jobOf(t, s.keyedPost(t, "k", row.path, row.body), 202)
		ids, _, _, err := kv.List(t.Context(), "idempotency/anonymous", "", 10)
		if err != nil || len(ids) != 1 {
			t.Fatalf("%s: %d answers kept, %v", row.path, len(ids), err)
		}
		if _, err := kv.Delete(t.Context(), "idempotency/anonymous", ids[0]); err != nil { // as if it had not come to that
			t.Fatal(err)
		}
		again := s.keyedPost(t, "k", row.path, row.body)
		if j := jobOf(t, again, 202); j.ID != first.ID || again.header.Get("Location") != "/v1/jobs/"+first.ID {
			t.Errorf("%s: %s, again %s", row.path, first.ID, again.body)
		}
		if _, err := kv.Delete(t.Context(), "idempotency/anonymous", ids[0]); err != nil {
			t.Fatal(err)
		}
		if j := jobOf(t, s.keyedPost(t, "k2", row.path, row.body), 202); j.ID == first.ID {
			t.Errorf("%s: another key gives the same job", row.path)
		}
		ids, _, _, _ = kv.List(t.Context(), "idempotency/anonymous", "", 10)
		for _, id := range ids {
			_, _ = kv.Delete(t.Context(), "idempotency/anonymous", id)
		}
	}
	var list api.Jobs
	if err := json.Unmarshal(s.do(t, "GET", "/v1/jobs", "").body, &list); err != nil || len(list.Jobs) != 4 {
		t.Errorf("%d jobs, %v", len(list.Jobs), err)
	}
}

func TestJobMetrics(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) {
		c.Metrics.Waiting(func() (int, error) { return 7, nil })
	})
	s.ended(t, jobOf(t, s.post(t, "/v1/articles?async=true", rain), 202).ID)
	for _, want := range []string{`dubhashi_jobs_total{state="done"} 1`, "dubhashi_jobs_waiting 7"} {
		for i := 0; ; i++ {
			if r := s.do(t, "GET", "/metrics", ""); strings.Contains(string(r.body), want) {
				break
			}
			if i == 100 {
				t.Errorf("no %s", want)
				break
			}
			time.Sleep(10 * time.Millisecond) // counted behind the record of the end
		}
	}
}

// What a run's outcome is worth: trouble that passes is tried again, a caller's
// fault is not.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	var answer atomic.Value // func(http.ResponseWriter, *http.Request)
	model := demo(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer.Load().(func(http.ResponseWriter, *http.Request))(w, r)
	}), nil)
	works := model.ServeHTTP
	fails := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }
	refuses := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }
	halves := func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(b))
		if bytes.Contains(b, []byte("summarize")) {
			w.WriteHeader(500)
			return
		}
		model.ServeHTTP(w, r)
	}
	for _, row := range []struct {
		name, kind, payload string
		model               func(http.ResponseWriter, *http.Request)
		failed              bool
		tries               int
		code                string
	}{
		{"done", "article", rain, works, false, 1, ""},
		{"a summary", "summary", rain, works, false, 1, ""},
		{"texts", "translations", `{"texts":["आज बारिश हुई।"]}`, works, false, 1, ""},
		{"the upstream fails", "article", `{"text":"विफल लेख है।"}`, fails, true, 10, "upstream_failed"},
		{"the upstream refuses", "article", `{"text":"मना लेख है।"}`, refuses, true, 10, "upstream_auth"},
		{"texts fail", "translations", `{"texts":["विफल पाठ है।"]}`, fails, true, 10, "upstream_failed"},
		{"partial", "article", `{"text":"आधा लेख है।"}`, halves, false, 4, ""},
		{"partial and strict", "article", `{"text":"कड़ा लेख है।","strict":true}`, halves, true, 4, "upstream_failed"},
		{"only what is there", "article", `{"text":"केवल लेख है।","cache":"only"}`, fails, false, 1, ""},
		{"another language", "article", `{"text":"Это русский текст, а не хинди."}`, works, true, 0, "unsupported_language"},
		{"a glossary that is gone", "article", `{"text":"आज","glossary_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7"}`, works, true, 10, "store_down"},
		{"a kind of another version", "poem", `{}`, works, true, 2, "internal"},
		{"not JSON", "article", `x`, works, true, 2, "internal"},
	} {
		answer.Store(row.model)
		o := s.http.RunJob(t.Context(), jobs.Task{Job: "j", Owner: "anonymous", Kind: row.kind, Items: 1, Run: 1,
			Meta: []byte(`{"request_id":"r1"}`), Payload: []byte(`{"request":` + row.payload + `}`), Progress: func(int, int) {}})
		if o.Failed != row.failed || o.Tries != row.tries {
			t.Errorf("%s: failed %v, worth %d tries; %s", row.name, o.Failed, o.Tries, o.Body)
		}
		var p api.Problem
		if row.failed && (json.Unmarshal(o.Body, &p) != nil || p.Code != row.code || p.RequestID != "r1" || p.Partial != nil) {
			t.Errorf("%s: %s", row.name, o.Body)
		}
	}
}

// FuzzJobs: no body of a job is answered with a 5xx.
func FuzzJobs(f *testing.F) {
	s := desked(f, demo(f), false, nil)
	for _, body := range []string{`{"articles":[` + rain + `]}`, rain, rain + "\n" + rain, "", "\n", "[]", `{"articles":[1]}`, `{"articles":null}`, `{"articles":[{"text":"\ud800"}]}`, "\xff", `{"webhook":{}}`} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, lines bool) {
		kind := "application/json"
		if lines {
			kind = "application/x-ndjson"
		}
		if r := s.do(t, "POST", "/v1/jobs", body, "Content-Type", kind); r.status >= 500 || r.status < 400 && r.status != 202 {
			t.Errorf("%d %s", r.status, r.body)
		}
	})
}

// What a page turns out to be long is charged once, in whichever run it came.
func TestCharactersOfAURL(t *testing.T) {
	t.Parallel()
	var fetches atomic.Int64
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if fetches.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, ferryHindi)
	}))
	t.Cleanup(page.Close)
	page.Config.ErrorLog = log.New(io.Discard, "", 0)
	var down atomic.Bool
	model := translator(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			w.WriteHeader(500)
			return
		}
		model.ServeHTTP(w, r)
	}), func(c *httpapi.Config) { c.Keys, c.Limits.DailyChars, c.Counter = keys(t), 100, onDisk(t) })
	run := func(n int) jobs.Outcome {
		return s.http.RunJob(t.Context(), jobs.Task{Job: "j", Owner: "key:first", Kind: "article", Items: 1, Run: n, Progress: func(int, int) {},
			Payload: []byte(`{"promise":"p 0 0 key:first","chars":0,"request":{"url":"` + page.URL + `","outputs":["translation"]}}`)})
	}
	n := int64(len([]rune(ferryHindi)))
	for i, row := range []struct {
		down  bool // the model
		tries int
		used  int64
	}{{false, 10, 0}, {true, 10, 0}, {false, 1, n}} { // the page does not come, the model fails, all is well
		down.Store(row.down)
		o := run(i + 1)
		if used := account(t, s, first...).Today.Characters; o.Tries != row.tries || used != row.used {
			t.Errorf("run %d: worth %d tries, %d characters used, want %d and %d; %s", i+1, o.Tries, used, row.tries, row.used, o.Body)
		}
	}
}
