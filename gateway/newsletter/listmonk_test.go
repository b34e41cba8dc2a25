package newsletter_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

// listmonk answers as listmonk does: it keeps campaigns, and writes what it sends
// by templates.
type listmonk struct {
	url  string
	fail func(w http.ResponseWriter, r *http.Request) bool

	blind     bool // to the tag that is asked for
	mu        sync.Mutex
	campaigns []map[string]any
	calls     []string
}

const listmonkToken = "secret-token"

func (l *listmonk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, r.Method+" "+r.URL.Path)
	if l.fail != nil && l.fail(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if r.Header.Get("Authorization") != "token desk:"+listmonkToken {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"invalid API credentials"}`)
		return
	}
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	path := strings.TrimPrefix(r.URL.Path, "/api/campaigns")
	switch {
	case r.Method == http.MethodGet && path == "":
		l.list(w, r)
	case r.Method == http.MethodPost && path == "":
		in["id"], in["status"] = len(l.campaigns)+1, "draft"
		l.campaigns = append(l.campaigns, in)
		answer(w, in)
	case r.Method == http.MethodPut:
		id, status, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		n, err := strconv.Atoi(id)
		if err != nil || n < 1 || n > len(l.campaigns) || status != "" && status != "status" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		for k, v := range in {
			l.campaigns[n-1][k] = v
		}
		answer(w, l.campaigns[n-1])
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// list gives pages of two, whatever is asked for.
func (l *listmonk) list(w http.ResponseWriter, r *http.Request) {
	tag, page := r.URL.Query().Get("tag"), 1
	page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	var found []map[string]any
	for _, c := range slices.Backward(l.campaigns) {
		tags, _ := c["tags"].([]any)
		if tag == "" || l.blind || slices.Contains(tags, any(tag)) {
			found = append(found, map[string]any{"id": c["id"], "name": c["name"], "status": c["status"], "tags": c["tags"]})
		}
	}
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	from := min((page-1)*size, len(found))
	answer(w, map[string]any{"results": found[from:min(from+size, len(found))], "total": len(found), "page": page, "per_page": size})
}

func answer(w http.ResponseWriter, data any) {
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (l *listmonk) drafts() []map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]map[string]any(nil), l.campaigns...)
}

func listmonkServing(t *testing.T) (*listmonk, *newsletter.Listmonk) {
	t.Helper()
	l := &listmonk{}
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	l.url = s.URL
	client, err := newsletter.NewListmonk(newsletter.ListmonkConfig{URL: s.URL + "/", User: "desk", Token: listmonkToken, Template: 7})
	if err != nil {
		t.Fatal(err)
	}
	return l, client
}

// compiled is what a reader gets of a text that listmonk takes for a template.
func compiled(t *testing.T, text string) string {
	t.Helper()
	text = regexp.MustCompile(`(https?://.+?)@TrackLink`).ReplaceAllString(text, `{{ TrackLink "$1" . }}`)
	text = regexp.MustCompile(`{{(\s+)?(UnsubscribeURL)(\s+)?}}`).ReplaceAllString(text, `{{ $2 . }}`)
	var out strings.Builder
	tpl, err := template.New("").Funcs(template.FuncMap{
		"Safe":           func(s string) template.HTML { return template.HTML(s) },
		"UnsubscribeURL": func(any) string { return readersOwn },
		"TrackLink":      func(string, any) string { return "TRACKED" },
	}).Parse(text)
	if err == nil {
		err = tpl.Execute(&out, nil)
	}
	if err != nil {
		t.Fatalf("listmonk cannot read it: %v\n%s", err, text)
	}
	return out.String()
}

const readersOwn = "https://lists.example.org/subscription/1/2"

// bracesToSend is an edition whose words would mean something to listmonk.
func bracesToSend(title string) *newsletter.Edition {
	pair := func(s string) newsletter.Pair {
		return newsletter.Pair{Kind: article.Paragraph, Original: "hi", By: map[string]article.Inline{"hi": article.Plain(s), "en": article.Plain("In English: " + s)}}
	}
	return &newsletter.Edition{
		ID: "urn:example:" + title, Languages: []string{"hi", "en"}, Layout: newsletter.Stacked, Date: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		Title: newsletter.Text{"hi": title, "en": "The week"}, Subject: title + " {{ .Secret }} | <The week>",
		Intro:  []newsletter.Pair{pair(`{{ Env "HOME" }} {{{ और }} <b title=" 5 < 6 </style><!-- x`), pair("https://a.example.org/b@TrackLink और <script>{{x}}</script>")},
		Sender: api.IssueSender{Name: "डेस्क", Email: "desk@example.org", ReplyTo: "editor@example.org", Unsubscribe: "https://example.org/{{leave}}"},
		Sections: []newsletter.Section{{Stories: []*newsletter.Story{{
			ID: "urn:example:1", Language: "hi", Link: "https://news.example.org/{{path}}@TrackLink", Headline: pair("शीर्षक {{ }}"), Summary: []newsletter.Pair{pair("सार")}, Show: newsletter.ShowSummary,
		}}}},
	}
}

// The draft comes out of listmonk's templates as the edition's own forms, with the
// reader's own link.
func TestDraft(t *testing.T) {
	t.Parallel()
	l, client := listmonkServing(t)
	e := bracesToSend("सप्ताह")
	c, updated, err := client.Draft(t.Context(), e, []int{3, 4})
	if err != nil || updated || c.ID != 1 || client.Page(c) != l.url+"/admin/campaigns/1" {
		t.Fatalf("%+v %v: %v", c, updated, err)
	}
	d := l.drafts()[0]
	for name, want := range map[string]string{
		"name": "2026-11-24 सप्ताह", "type": "regular", "content_type": "html", "messenger": "email", "status": "draft",
		"lists": "[3 4]", "template_id": "7", "headers": "[map[Reply-To:editor@example.org]]",
	} {
		if got := fmt.Sprint(d[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if from := fmt.Sprint(d["from_email"]); !strings.Contains(from, "<desk@example.org>") {
		t.Errorf("from %s", from)
	}
	own := *e
	own.Sender.Unsubscribe = readersOwn
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	for field, form := range map[string]newsletter.Form{"body": newsletter.HTML, "altbody": newsletter.PlainText} {
		want, err := r.Render(&own, form)
		if err != nil {
			t.Fatal(err)
		}
		got := compiled(t, fmt.Sprint(d[field]))
		if form == newsletter.HTML { // a reader sees no difference
			got = strings.NewReplacer("&#123;", "{", "&#64;", "@").Replace(got)
		}
		if got != string(want) {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%s comes out as another one, from byte %d:\n%s\nwant\n%s", field, at, got[max(0, at-50):min(len(got), at+200)], want[max(0, at-50):min(len(want), at+200)])
		}
		if strings.Count(got, readersOwn) == 0 || strings.Contains(got, "listmonk.invalid") || strings.Contains(got, "TRACKED") {
			t.Errorf("%s has not the reader's own link, or one that is counted:\n%s", field, got)
		}
	}
	if got := compiled(t, fmt.Sprint(d["subject"])); got != e.Subject {
		t.Errorf("subject %q", got)
	}
}

// An edition has one campaign, which is renewed as long as it is a draft.
func TestDraftAgain(t *testing.T) {
	t.Parallel()
	l, client := listmonkServing(t)
	draft := func(e *newsletter.Edition) (newsletter.Campaign, bool) {
		t.Helper()
		c, updated, err := client.Draft(t.Context(), e, []int{3})
		if err != nil {
			t.Fatal(err)
		}
		return c, updated
	}
	e := bracesToSend("पहला")
	draft(e)
	for range 60 { // others, on more than one page
		l.campaigns = append(l.campaigns, map[string]any{"id": len(l.campaigns) + 1, "status": "finished", "tags": []any{"other"}})
	}
	l.blind = true // as versions were that do not look at the tag
	e.Subject = "नया विषय"
	c, updated := draft(e)
	if list := l.drafts(); c.ID != 1 || !updated || len(list) != 61 || list[0]["subject"] != "नया विषय" {
		t.Fatalf("%+v %v, %d campaigns, subject %v", c, updated, len(list), list[0]["subject"])
	}
	if err := client.Send(t.Context(), c); err != nil || l.drafts()[0]["status"] != "running" {
		t.Fatalf("%v: %v", l.drafts()[0]["status"], err)
	}
	_, _, err := client.Draft(t.Context(), e, []int{3})
	if err == nil || !strings.Contains(err.Error(), "campaign 1 of listmonk already, which is running") || len(l.drafts()) != 61 {
		t.Errorf("a campaign that runs is drafted again: %v", err)
	}
}

func TestDraftRefused(t *testing.T) {
	t.Parallel()
	status := func(code int, body string, header ...string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, body)
			return true
		}
	}
	for _, row := range []struct {
		name string
		fail func(http.ResponseWriter, *http.Request) bool
		says string
	}{
		{"wrong token", func(_ http.ResponseWriter, r *http.Request) bool { r.Header.Del("Authorization"); return false }, "refuses the user and the token (403): invalid API credentials"},
		{"listmonk's words", status(400, `{"message":"bad `+listmonkToken+` list\n<b>"}`), "does not take it (400): bad … list <b>"},
		{"a proxy's page", status(502, "<html>"), "does not take it (502)"},
		{"not there", status(404, "404"), "does its address end before /api?"},
		{"elsewhere", status(302, "", "Location", "/other"), "sends us elsewhere (302)"},
		{"no listmonk", status(200, "<html>"), "is no listmonk"},
		{"no end", func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(make([]byte, 9<<20))
			return true
		}, "longer than the 8 MiB"},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"data"`)
			return true
		}, "did not come whole"},
		{"no campaign in the answer", func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				answer(w, map[string]any{})
			}
			return r.Method == http.MethodPost
		}, "names no campaign"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			l, client := listmonkServing(t)
			l.fail = row.fail
			_, _, err := client.Draft(t.Context(), bracesToSend("सप्ताह"), []int{3})
			var h *newsletter.HandoverError
			if !errors.As(err, &h) || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), listmonkToken) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q", err, row.says)
			}
			if len(l.drafts()) > 0 || slices.Contains(l.calls, "GET /other") {
				t.Errorf("calls %v", l.calls)
			}
		})
	}
	l, client := listmonkServing(t)
	e := bracesToSend("सप्ताह")
	e.Sender.Email = ""
	if _, _, err := client.Draft(t.Context(), e, []int{3}); err == nil || len(l.calls) > 0 {
		t.Errorf("no sender: %v, %v", err, l.calls)
	}
	if _, _, err := client.Draft(t.Context(), bracesToSend("सप्ताह"), nil); err == nil || len(l.calls) > 0 {
		t.Errorf("no list: %v, %v", err, l.calls)
	}
}

func TestListmonkAddress(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"https://lists.example.org": true, "http://127.0.0.1:9000/": true, "https://example.org/lists": true,
		"": false, "lists.example.org": false, "ftp://lists.example.org": false, "https://": false,
		"https://desk:secret@lists.example.org": false, "https://lists.example.org?secret=1": false, "https://lists.example.org#secret": false,
	} {
		_, err := newsletter.NewListmonk(newsletter.ListmonkConfig{URL: url})
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// What holds an edition back from a list.
func TestHindrances(t *testing.T) {
	t.Parallel()
	flag := newsletter.Flag{ID: "1", Code: "number_missing"}
	for _, row := range []struct {
		name   string
		change func(e *newsletter.Edition)
		want   string
	}{
		{"nothing", func(*newsletter.Edition) {}, ""},
		{"a flag", func(e *newsletter.Edition) { e.Intro[0].Flags = []newsletter.Flag{flag} }, "1 flag is open"},
		{"an accepted flag", func(e *newsletter.Edition) { e.Intro[0].Flags = []newsletter.Flag{{Accepted: true}} }, ""},
		{"all", func(e *newsletter.Edition) {
			e.Intro[0].Flags, e.Stories()[0].Headline.Flags = []newsletter.Flag{flag}, []newsletter.Flag{flag}
			e.Partial, e.Notices = true, []newsletter.Notice{{Code: "demo_model"}}
		}, "the demo model had a hand in it, which does not translate; something that was ordered is missing; 2 flags are open"},
	} {
		e := bracesToSend("सप्ताह")
		row.change(e)
		if got := strings.Join(newsletter.Hindrances(e), "; "); got != row.want {
			t.Errorf("%s: %q", row.name, got)
		}
	}
}
