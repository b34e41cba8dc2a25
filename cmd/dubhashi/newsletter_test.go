package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"dubhashi/gateway/api"
)

// issueFolder has an issue file with a story beside it, one above it and a feed.
func issueFolder(t *testing.T, more string) (issue string) {
	t.Helper()
	top := t.TempDir()
	folder := filepath.Join(top, "desk")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{"desk/story.txt": "metro.hi.txt", "above.txt": "rain-alert.en.txt"} {
		b, err := os.ReadFile(examples + from)
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(top, name), string(b))
	}
	put(t, filepath.Join(folder, "feed.xml"), `<?xml version="1.0"?><rss version="2.0"><channel><title>नगर</title><item><guid>library-1</guid><title>पुस्तकालय</title><link>https://news.example.org/library</link><description>`+
		strings.Repeat("शहर का पुस्तकालय अब रात आठ बजे तक खुला रहेगा और वहां बच्चों के लिए एक कमरा भी होगा। ", 6)+`</description></item></channel></rss>`)
	issue = filepath.Join(folder, "week.yaml")
	put(t, issue, "title: सप्ताह / The week\ndate: 2026-11-24\nshow: lead\narticles:\n  - file: story.txt\n  - file: ../above.txt\n"+more)
	return issue
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func fileText(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestNewsletterInit(t *testing.T) {
	t.Parallel()
	issue := filepath.Join(t.TempDir(), "issue.yaml")
	if code, _, errs := dubhashi(t, "", "newsletter", "init", issue); code != exitDone || !strings.Contains(errs, "wrote "+issue) {
		t.Fatalf("exit %d: %s", code, errs)
	}
	first := fileText(t, issue)
	if code, _, errs := dubhashi(t, "", "newsletter", "init", issue); code != exitUsage || !strings.Contains(errs, "is there already") || fileText(t, issue) != first {
		t.Errorf("again: exit %d: %s", code, errs)
	}
	if code, _, errs := dubhashi(t, "", "newsletter", "init", filepath.Join(t.TempDir(), "no", "such", "folder.yaml")); code != exitUsage || !strings.Contains(errs, "cannot be written") {
		t.Errorf("no folder: exit %d: %s", code, errs)
	}
	code, out, errs := dubhashi(t, "", "newsletter", issue, "-o", "-", "--format", "text")
	want := strings.Split(strings.TrimSpace(fileText(t, examples+"metro.en.txt")), "\n\n")
	if code != exitDone || !strings.Contains(out, want[0]) || !strings.Contains(out, want[2]) {
		t.Errorf("the issue that was written: exit %d\n%s\n%s", code, out, errs)
	}
	if strings.Contains(errs, "flag ") || strings.Contains(errs, "articles[") {
		t.Errorf("it has faults: %s", errs)
	}
}

// The forms stand in files named after the issue, and files that the issue names
// beside it.
func TestNewsletterFiles(t *testing.T) {
	t.Parallel()
	issue := issueFolder(t, "feeds:\n  - file: feed.xml\n")
	dir, store := filepath.Join(t.TempDir(), "a", "b"), t.TempDir()
	code, out, errs := in(t, store, "", "newsletter", "--format", "html,eml", "-o", dir, issue, "--format", "json")
	want := filepath.Join(dir, "week.html") + "\n" + filepath.Join(dir, "week.eml") + "\n" + filepath.Join(dir, "week.json") + "\n"
	if code != exitDone || out != want {
		t.Fatalf("exit %d\n%s\n%s", code, out, errs)
	}
	var n api.Newsletter
	if err := json.Unmarshal([]byte(fileText(t, filepath.Join(dir, "week.json"))), &n); err != nil || len(n.Sections[0].Stories) != 3 || n.Usage.LLMCalls == 0 {
		t.Errorf("%+v: %v", n, err)
	}
	if page := fileText(t, filepath.Join(dir, "week.html")); !strings.Contains(page, "मेट्रो") || !strings.Contains(page, "Yellow alert") || !strings.Contains(page, "पुस्तकालय") {
		t.Errorf("a story is missing in\n%s", page)
	}
	if _, err := mail.ReadMessage(strings.NewReader(fileText(t, filepath.Join(dir, "week.eml")))); err != nil {
		t.Error(err)
	}
	code, _, errs = in(t, store, "", "newsletter", issue, "-o", dir)
	if code != exitDone {
		t.Fatalf("again: exit %d: %s", code, errs)
	}
	if err := json.Unmarshal([]byte(fileText(t, filepath.Join(dir, "week.json"))), &n); err != nil || n.Usage.LLMCalls != 0 {
		t.Errorf("again: %+v: %v", n.Usage, err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 5 { // those of the usual forms, and the mail
		t.Errorf("%v in the folder (%v)", list, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "week.txt")); err != nil || info.Mode().Perm()&fs.FileMode(0o044) == 0 {
		t.Errorf("others may not read it: %v (%v)", info.Mode(), err)
	}
}

func TestNewsletterStdin(t *testing.T) {
	t.Parallel()
	issue := "title: The week\narticles:\n  - file: " + examples + "metro.hi.txt\n    show: lead\n"
	code, out, errs := dubhashi(t, issue, "newsletter", "-", "-o", "-", "--format", "markdown")
	if code != exitDone || !strings.Contains(out, "Metro to run till midnight") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
}

// What is wrong is told in a line, before a model is asked.
func TestNewsletterUsage(t *testing.T) {
	t.Parallel()
	issue := issueFolder(t, "")
	folder := t.TempDir()
	put(t, filepath.Join(folder, "footer.html"), "<p>{{ .Nothing }")
	bad := filepath.Join(folder, "bad.yaml")
	put(t, bad, "title: x\nlayuot: stacked\narticles:\n  - text: x\n")
	noSuch := filepath.Join(folder, "glossary.yaml")
	put(t, noSuch, "title: x\narticles:\n  - text: आज बारिश होगी।\nglossary_id: 0190d2d2-9f0e-7b4e-8a3c-2f4a5b6c7d8e\n")
	for _, row := range []struct {
		name string
		args []string
		says string
	}{
		{"no issue", nil, `expected "<issue>"`},
		{"no such file", []string{filepath.Join(folder, "none.yaml")}, "none.yaml: there is no such file"},
		{"a folder", []string{folder}, "it is no ordinary file"},
		{"a misspelt field", []string{bad}, "layuot is not known; allowed are"},
		{"a form", []string{issue, "--format", "pdf"}, "--format"},
		{"two forms to stdout", []string{issue, "-o", "-", "--format", "html", "--format", "text"}, "prints one form"},
		{"stdout opened", []string{issue, "-o", "-", "--open"}, "-o -: leaves no file"},
		{"nothing to open", []string{issue, "--format", "eml", "--open"}, "--open: shows html or review"},
		{"stdin watched", []string{"-", "--watch"}, "--watch: standard input"},
		{"a watch that sends", []string{issue, "--watch", "--test-to", "a@example.org"}, "--watch: is for looking"},
		{"send without draft", []string{issue, "--send"}, "--send: sends what --draft makes"},
		{"draft without list", []string{issue, "--draft"}, "--draft: needs the number of a list"},
		{"list without draft", []string{issue, "--list", "3"}, "are for --draft"},
		{"a list that is none", []string{issue, "--draft", "--list", "0"}, "take the numbers that listmonk shows"},
		{"no listmonk", []string{issue, "--draft", "--list", "3"}, "needs DUBHASHI_LISTMONK_URL"},
		{"no mail server", []string{issue, "--test-to", "a@example.org"}, "needs DUBHASHI_SMTP_URL"},
		{"no address", []string{issue, "--test-to", "desk"}, `--test-to: "desk" is no mail address`},
		{"templates that are no folder", []string{issue, "--template", issue}, "is no folder"},
		{"a template that is none", []string{issue, "--template", folder}, "footer.html"},
		{"a folder that cannot be made", []string{issue, "-o", filepath.Join(issue, "x")}, "the folder cannot be made"},
		{"a glossary of nobody's", []string{noSuch}, "glossary_id: there is no such glossary"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := dubhashi(t, "", append([]string{"newsletter"}, row.args...)...)
			if code != exitUsage || out != "" || !strings.Contains(errs, row.says) {
				t.Errorf("exit %d %q\n%s\nwant %q", code, out, errs, row.says)
			}
			for _, never := range []string{"open /", "stat /", "&{", "unmarshal", "panic"} {
				if strings.Contains(errs, never) {
					t.Errorf("%q in %s", never, errs)
				}
			}
		})
	}
}

// What came out only in part is written, told and exits with 3; what did not come
// out at all, with 1.
func TestNewsletterPartial(t *testing.T) {
	t.Parallel()
	issue, store, dir := issueFolder(t, ""), t.TempDir(), t.TempDir()
	if code, _, errs := in(t, store, "", "newsletter", issue, "-o", dir); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	put(t, filepath.Join(filepath.Dir(issue), "story.txt"), fileText(t, examples+"metro.hi.txt")+"\n\nआज एक नई बात हुई।\n")
	put(t, issue, fileText(t, issue)+"  - file: none.txt\n")
	code, out, errs := in(t, store, "", "newsletter", issue, "-o", dir, "--cache", "only", "--format", "text")
	if strings.Contains(fileText(t, issue), "show: full") {
		t.Fatal("the story is not shown whole")
	}
	if !strings.Contains(errs, "articles[2]") || !strings.Contains(out, "week.txt") {
		t.Errorf("a file that is missing: exit %d\n%s\n%s", code, out, errs)
	}
	put(t, issue, strings.Replace(fileText(t, issue), "show: lead", "show: full", 1))
	code, out, errs = in(t, store, "", "newsletter", issue, "-o", dir, "--cache", "only", "--format", "text")
	if code != exitPartial || !strings.Contains(errs, "dubhashi: articles[0]") || !strings.Contains(out, "week.txt") {
		t.Errorf("a paragraph that is missing: exit %d\n%s\n%s", code, out, errs)
	}
	put(t, issue, "title: x\narticles:\n  - file: none.txt\n")
	if code, _, errs := in(t, store, "", "newsletter", issue, "-o", dir); code != exitFailed || !strings.Contains(errs, "articles[0]") || !strings.Contains(errs, "there is no such file: none.txt") {
		t.Errorf("nothing at all: exit %d: %s", code, errs)
	}
}

// What an issue took from a feed counts as seen, unless it was a trial.
func TestNewsletterSeen(t *testing.T) {
	t.Parallel()
	issue, store := issueFolder(t, ""), t.TempDir()
	of := func(date string, args ...string) (int, string) {
		t.Helper()
		put(t, issue, "title: The week\ndate: "+date+"\nseen: weekly\nfeeds:\n  - file: feed.xml\n")
		code, out, errs := in(t, store, "", append([]string{"newsletter", issue, "-o", "-", "--format", "text"}, args...)...)
		return code, out + errs
	}
	for _, row := range []struct {
		name, date string
		args       []string
		code       int
	}{
		{"a trial", "2026-11-10", []string{"--no-remember"}, exitDone},
		{"one that is written nowhere", "2026-11-10", []string{"-o", issue}, exitUsage},
		{"the first", "2026-11-17", nil, exitDone},
		{"the same again", "2026-11-17", nil, exitDone},
		{"the next", "2026-11-24", nil, exitFailed},
	} {
		code, said := of(row.date, row.args...)
		if code != row.code || (code == exitDone) != strings.Contains(said, "पुस्तकालय") {
			t.Errorf("%s: exit %d\n%s", row.name, code, said)
		}
	}
}

// An own template stands in the place of the built-in one.
func TestNewsletterTemplate(t *testing.T) {
	t.Parallel()
	issue, folder := issueFolder(t, ""), t.TempDir()
	put(t, filepath.Join(folder, "footer.html"), "<tr><td><p>our own: {{ .Subject }}</p></td></tr>")
	code, out, errs := dubhashi(t, "", "newsletter", issue, "-o", "-", "--template", folder)
	if code != exitDone || !strings.Contains(out, "our own: सप्ताह") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
}

func TestNewsletterOpen(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("a shell stands in for a browser, and there is none")
	}
	issue, dir := issueFolder(t, ""), t.TempDir()
	browser, shown := filepath.Join(dir, "browser"), filepath.Join(dir, "shown")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\necho \"$1\" >"+shown+".part && mv "+shown+".part "+shown+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var out, errs output
	code := run(t.Context(), []string{"newsletter", issue, "-o", dir, "--open"}, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir(), "BROWSER", browser), nil, nil, &out, &errs)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	eventually(t, func() bool { _, err := os.Stat(shown); return err == nil })
	if got := strings.TrimSpace(fileText(t, shown)); got != filepath.Join(dir, "week.review.html") {
		t.Errorf("it was shown %q", got)
	}
	var more output
	code = run(t.Context(), []string{"newsletter", issue, "-o", dir, "--open"}, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir(), "BROWSER", filepath.Join(dir, "none")), nil, nil, &out, &more)
	if code != exitDone || !strings.Contains(more.String(), "no browser could be started") {
		t.Errorf("no browser: exit %d: %s", code, more.String())
	}
}

// eventually waits for what another process or the file system does.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

// A change of the issue, of a file that it names or of a template makes it again;
// what is wrong in between is told and does not end the watch.
func TestNewsletterWatch(t *testing.T) {
	t.Parallel()
	issue, dir, templates := issueFolder(t, ""), t.TempDir(), t.TempDir()
	put(t, filepath.Join(templates, "footer.html"), "<tr><td>at first</td></tr>")
	ctx, stop := context.WithCancel(t.Context())
	var out, errs output
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"newsletter", issue, "-o", dir, "--watch", "--template", templates, "--format", "html"}, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir()), nil, nil, &out, &errs)
	}()
	page := filepath.Join(dir, "week.html")
	shows := func(what string) func() bool {
		return func() bool { b, err := os.ReadFile(page); return err == nil && strings.Contains(string(b), what) }
	}
	told := func(what string) func() bool { return func() bool { return strings.Contains(errs.String(), what) } }
	eventually(t, told("watching "))
	if !shows("मेट्रो")() {
		t.Fatalf("the first one: %s", errs.String())
	}
	story := filepath.Join(filepath.Dir(issue), "story.txt")
	put(t, story, "झील पर पक्षी लौट आए\n\nइस साल झील में पानी अच्छा है।\n")
	eventually(t, shows("झील"))
	text := fileText(t, issue)
	put(t, issue, "title: [\n")
	eventually(t, told("is not YAML"))
	put(t, issue+".new", strings.Replace(text, "The week", "The month", 1)) // as many programs save
	if err := os.Rename(issue+".new", issue); err != nil {
		t.Fatal(err)
	}
	eventually(t, shows("The month"))
	put(t, filepath.Join(templates, "footer.html"), "<tr><td>{{ .Nothing }")
	eventually(t, told("footer.html"))
	put(t, filepath.Join(templates, "footer.html"), "<tr><td>our own</td></tr>")
	eventually(t, shows("our own"))
	stop()
	if c := <-code; c != exitDone {
		t.Errorf("exit %d: %s", c, errs.String())
	}
}

// box takes mails.
type box struct {
	mu    sync.Mutex
	mails []string
}

func (b *box) NewSession(*smtp.Conn) (smtp.Session, error) { return &boxSession{b}, nil }

type boxSession struct{ box *box }

func (*boxSession) Reset()                               {}
func (*boxSession) Logout() error                        { return nil }
func (*boxSession) Mail(string, *smtp.MailOptions) error { return nil }
func (*boxSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s *boxSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mails = append(s.box.mails, string(b))
	return err
}

const senderLines = "sender:\n  name: नगर डेस्क\n  email: desk@example.org\n"

func TestNewsletterTestTo(t *testing.T) {
	t.Parallel()
	mails := &box{}
	server := smtp.NewServer(mails)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var end sync.WaitGroup
	end.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); end.Wait() })
	settings := env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_SMTP_URL", "smtp://"+l.Addr().String()+"?tls=off")
	made := ""
	send := func(issue string) (int, string) {
		var out, errs output
		made = filepath.Join(t.TempDir(), "out")
		code := run(t.Context(), []string{"newsletter", issue, "-o", made, "--test-to", "a@example.org,b@example.org"}, settings, nil, nil, &out, &errs)
		return code, errs.String()
	}
	if code, errs := send(issueFolder(t, senderLines)); code != exitDone || !strings.Contains(errs, "sent as a test to a@example.org, b@example.org") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	mails.mu.Lock()
	defer mails.mu.Unlock()
	if len(mails.mails) != 1 || !strings.Contains(mails.mails[0], "desk@example.org") {
		t.Errorf("%d mails", len(mails.mails))
	}
	if code, errs := send(issueFolder(t, "")); code != exitUsage || !strings.Contains(errs, "sender.email is missing") {
		t.Errorf("without a sender: exit %d: %s", code, errs)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("without a sender the issue was made before that was told")
	}
}

// Nothing goes to a list without --send, and nothing that is doubtful without
// --accept-flags.
func TestNewsletterDraft(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []string
	drafts := 0
	lists := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b, _ := io.ReadAll(r.Body)
		calls = append(calls, r.Method+" "+r.URL.Path)
		switch {
		case r.Header.Get("Authorization") != "token desk:secret-token":
			w.WriteHeader(http.StatusForbidden)
		case r.Method == http.MethodGet && drafts == 0:
			_, _ = io.WriteString(w, `{"data":{"results":[],"total":0}}`)
		case r.Method == http.MethodGet:
			var page struct {
				Data struct {
					Results []map[string]any `json:"results"`
					Total   int              `json:"total"`
				} `json:"data"`
			}
			page.Data.Results, page.Data.Total = []map[string]any{{"id": 9, "status": "draft", "tags": r.URL.Query()["tag"]}}, 1
			_ = json.NewEncoder(w).Encode(page)
		case bytes.Contains(b, []byte(`"lists":[3,4]`)) || bytes.Contains(b, []byte(`"running"`)):
			drafts++
			_, _ = io.WriteString(w, `{"data":{"id":9,"status":"draft"}}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(lists.Close)
	issue, store := issueFolder(t, senderLines), t.TempDir()
	draft := func(args ...string) (code int, said, called string) {
		t.Helper()
		mu.Lock()
		calls = nil
		mu.Unlock()
		var out, errs output
		code = run(t.Context(), append([]string{"newsletter", issue, "-o", t.TempDir(), "--draft", "--list", "3,4"}, args...),
			env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", store, "DUBHASHI_LISTMONK_URL", lists.URL, "DUBHASHI_LISTMONK_USER", "desk", "DUBHASHI_LISTMONK_TOKEN", "secret-token"), nil, nil, &out, &errs)
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(errs.String(), "secret-token") {
			t.Errorf("the token is shown: %s", errs.String())
		}
		return code, errs.String(), strings.Join(calls, ", ")
	}
	for _, row := range []struct {
		args         []string
		code         int
		says, called string
	}{
		{nil, exitFailed, "nothing was handed to listmonk: the demo model had a hand in it", ""},
		{[]string{"--send"}, exitFailed, "nothing was handed to listmonk", ""},
		{[]string{"--accept-flags"}, exitDone, "draft 9 made at listmonk: " + lists.URL + "/admin/campaigns/9", "GET /api/campaigns, POST /api/campaigns"},
		{[]string{"--accept-flags"}, exitDone, "draft 9 renewed", "GET /api/campaigns, PUT /api/campaigns/9"},
		{[]string{"--accept-flags", "--send"}, exitDone, "listmonk is sending campaign 9", "GET /api/campaigns, PUT /api/campaigns/9, PUT /api/campaigns/9/status"},
	} {
		code, said, called := draft(row.args...)
		if code != row.code || !strings.Contains(said, row.says) || called != row.called {
			t.Errorf("%v: exit %d, calls %q\n%s", row.args, code, called, said)
		}
		if row.code == exitDone && !strings.Contains(said, "--accept-flags lets through: the demo model had a hand in it") {
			t.Errorf("%v: what is let through is not told: %s", row.args, said)
		}
	}
}

func TestNewsletterOverServe(t *testing.T) {
	t.Parallel()
	url, stop := serving(t, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_ADDR", "127.0.0.1:0"), "serve")
	defer stop()
	c := &api.Client{Base: url}
	in := api.NewsletterRequest{Issue: api.Issue{Title: api.Bilingual{Text: "सप्ताह / The week"}, Show: "lead", Articles: []api.IssueArticle{{Text: fileText(t, examples+"metro.hi.txt")}}}}
	n, err := c.Newsletter(t.Context(), in)
	if err != nil || n.Sections[0].Stories[0].Headline.Text["en"] == "" {
		t.Fatalf("%+v, %v", n, err)
	}
	in.Articles[0] = api.IssueArticle{File: "/etc/passwd"}
	if _, err := c.Newsletter(t.Context(), in); err == nil || !strings.Contains(err.Error(), "invalid") {
		t.Errorf("a file of the server's: %v", err)
	}
}
