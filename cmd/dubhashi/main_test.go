package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway/api"
)

const examples = "../../gateway/simulator/examples/"

// output is a buffer that a running command and a test share.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// dubhashi runs the program with the demo model and a store of its own.
func dubhashi(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return in(t, t.TempDir(), stdin, args...)
}

func in(t *testing.T, dir, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs output
	code = run(context.Background(), args, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", dir), nil, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestTranslateExample(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(examples + "metro.en.txt")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := dubhashi(t, "", "translate", examples+"metro.hi.txt")
	if code != exitDone || out != string(want) {
		t.Errorf("exit %d\n%s\nwant\n%s", code, out, want)
	}
	if !strings.Contains(errs, "demo model") {
		t.Errorf("the demo model is not told: %s", errs)
	}
}

func TestTranslateForms(t *testing.T) {
	t.Parallel()
	const markdown = "# मौसम का हाल\n\nआज **भारी** बारिश होगी, देखें [विभाग](https://example.org/x)।\n\n- पहला\n- दूसरा\n"
	file := filepath.Join(t.TempDir(), "a.md")
	if err := os.WriteFile(file, []byte(markdown), 0o600); err != nil {
		t.Fatal(err)
	}
	page := "<!doctype html><html><body><nav><a href=/>मुखपृष्ठ</a></nav><article><h1>मौसम का हाल</h1><p>आज <b>भारी</b> बारिश होगी और कई जगह पानी भरेगा।</p></article><script>alert(1)</script></body></html>"
	for _, row := range []struct {
		name, stdin string
		args        []string
		has, not    []string
	}{
		{"markdown stays markdown", "", []string{file, "--format", "markdown"}, []string{"# ", "**", "](https://example.org/x)", "\n- "}, []string{"हाल"}},
		{"markdown as text", "", []string{file}, nil, []string{"**", "](", "हाल"}},
		{"html by flag from stdin", page, []string{"-", "--input-format", "html", "--format", "html"}, []string{"<h1>", "<p>", "<b>"}, []string{"alert", "मुखपृष्ठ", "मौसम"}},
		{"a page by a pipe is known", page, []string{"-"}, nil, []string{"<", "alert", "मुखपृष्ठ"}},
		{"bilingual", "", []string{file, "--format", "bilingual"}, []string{"मौसम का हाल"}, nil},
		{"into Hindi", "The bridge opens on Monday.\n\nTraffic police have closed two roads until 6 pm.", []string{"--to", "hi"}, []string{"6"}, []string{"bridge", "police"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := dubhashi(t, row.stdin, append([]string{"translate"}, row.args...)...)
			if code != exitDone {
				t.Fatalf("exit %d: %s", code, errs)
			}
			for _, want := range row.has {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			for _, not := range row.not {
				if strings.Contains(out, not) {
					t.Errorf("%q in\n%s", not, out)
				}
			}
		})
	}
}

func TestTranslateJSONAndTheSharedStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, state := range []string{"miss", "hit"} {
		code, out, errs := in(t, dir, "", "translate", examples+"metro.hi.txt", "--format", "json")
		var a api.Article
		if err := json.Unmarshal([]byte(out), &a); err != nil || code != exitDone {
			t.Fatalf("exit %d, %v: %s", code, err, errs)
		}
		for _, p := range a.Paragraphs {
			if p.Cache != state {
				t.Errorf("run %d: paragraph %d is a %s", i, p.Index, p.Cache)
			}
		}
	}
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	code, out, errs := dubhashi(t, "", "summarize", examples+"metro.hi.txt", "--style", "headline")
	if n := len(strings.Fields(out)); code != exitDone || n == 0 || n > 12 || strings.HasSuffix(strings.TrimSpace(out), ".") {
		t.Errorf("exit %d, %q, %s", code, out, errs)
	}
	code, out, _ = dubhashi(t, "", "summarize", examples+"metro.hi.txt", "--style", "bullets", "--to", "hi", "--format", "json")
	var s api.Summaries
	if err := json.Unmarshal([]byte(out), &s); err != nil || code != exitDone || len(s.Summary) != 1 || s.Summary[0].Language != "hi" || len(s.Summary[0].Bullets) < 3 {
		t.Errorf("exit %d, %s (%v)", code, out, err)
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, stdin string
		args        []string
		says        string
	}{
		{"unknown command", "", []string{"translat"}, "translat"},
		{"unknown flag", "", []string{"serve", "--colour"}, "--colour"},
		{"no such file", "", []string{"translate", "no-such-file.txt"}, "no such file"},
		{"bad format", "", []string{"translate", "--format", "pdf"}, "format"},
		{"bad fault", "", []string{"simulate", "--fault", "rain=1"}, "rain"},
		{"empty input", " \n", []string{"translate", "-"}, "must hold some text"},
		{"not UTF-8", "\xff\xfe", []string{"translate", "-"}, "UTF-8"},
		{"three bytes that are not UTF-8", "बस \xff\xfe\xfd चली।", []string{"translate", "-"}, "UTF-8"},
		{"UTF-16", "T\x00h\x00e\x00", []string{"translate", "-"}, "UTF-8"},
		{"Tamil", "இது ஒரு தமிழ் வாக்கியம் ஆகும்.", []string{"translate", "-"}, "neither Hindi nor English"},
		{"bad term", "बस", []string{"translate", "-", "--term", "निगम"}, "SOURCE=TARGET"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := dubhashi(t, row.stdin, row.args...)
			if code != exitUsage || !strings.Contains(errs, row.says) || out != "" {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
			}
		})
	}
	var out, errs output
	code := run(context.Background(), []string{"serve"}, env("DUBHASHI_ADDR", "here", "CACHE_TTL", "soon"), nil, strings.NewReader(""), &out, &errs)
	if code != exitUsage || !strings.Contains(errs.String(), "DUBHASHI_ADDR") || !strings.Contains(errs.String(), "CACHE_TTL") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

// A slip in the call is told before a model is looked for.
func TestWrongUsageComesFirst(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args []string
		says string
	}{
		{[]string{"translate", "-", "--to", "fr"}, "--to"},
		{[]string{"translate", "-", "--from", "ta"}, "--from"},
		{[]string{"summarize", "-", "--to", "fr"}, "--to"},
		{[]string{"summarize", "-", "--max-words", "5"}, "from 10 to 1000"},
		{[]string{"summarize", "-", "--max-words", "1001"}, "from 10 to 1000"},
	} {
		code, out, errs := dubhashi(t, "बस चली।", row.args...)
		if code != exitUsage || !strings.Contains(errs, row.says) || strings.Contains(errs, "WARNING") || out != "" {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", row.args, code, out, errs)
		}
	}
}

func TestHelpShowsAnExample(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"translate", "--help"}, {"summarize", "--help"}, {"simulate", "--help"}, {"check", "--help"}, {"eval", "--help"}, {"doctor", "--help"}, {"version", "--help"}} {
		code, out, _ := dubhashi(t, "", args...)
		if code != exitDone || !strings.Contains(out, "Example:\n  dubhashi ") {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, out, _ := dubhashi(t, "", "version")
	if code != exitDone || !strings.Contains(out, "dubhashi "+version) || !strings.Contains(out, "commit ") || !strings.Contains(out, "go1.") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// serving runs a command that serves until the test ends and gives its address.
func serving(t *testing.T, getenv func(string) string, args ...string) (url string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var errs output
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, getenv, nil, strings.NewReader(""), io.Discard, &errs) }()
	var once sync.Once
	code := exitDone
	stop = func() int { once.Do(func() { cancel(); code = <-done }); return code }
	t.Cleanup(func() { stop() })
	listening := regexp.MustCompile(`(?m)^listening on (http://\S+)$`)
	for range 500 {
		if m := listening.FindStringSubmatch(errs.String()); m != nil {
			return m[1], stop
		}
		select {
		case c := <-done:
			done <- c // for stop
			t.Fatalf("exit %d: %s", c, errs.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("not listening: %s", errs.String())
	return "", nil
}

func TestServeOverSimulateAndDoctor(t *testing.T) {
	t.Parallel()
	memory := filepath.Join(t.TempDir(), "pairs.jsonl")
	if err := os.WriteFile(memory, []byte(`{"hi":"आज शहर में बारिश होगी।","en":"It will rain in the city today."}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	model, _ := serving(t, env(), "simulate", "--addr", "127.0.0.1:0", "--memory", memory, "--latency", "1ms")
	dir := t.TempDir()
	getenv := env("LLM_BASE_URL", model+"/v1", "LLM_MODEL", "m", "DUBHASHI_ADDR", "127.0.0.1:0", "DUBHASHI_DATA", dir, "DUBHASHI_LOG_LEVEL", "error", "LLM_PRICE_IN", "1", "LLM_PRICE_OUT", "2")
	for i, state := range []string{"miss", "hit"} { // the second is a new process on the same store
		url, stop := serving(t, getenv, "serve")
		resp, err := http.Post(url+"/v1/articles?outputs=translation", "text/plain", strings.NewReader("आज शहर में बारिश होगी।"))
		if err != nil {
			t.Fatal(err)
		}
		var a api.Article
		err = json.NewDecoder(resp.Body).Decode(&a)
		resp.Body.Close()
		if err != nil || len(a.Paragraphs) != 1 || a.Paragraphs[0].Cache != state || *a.Paragraphs[0].Target != "It will rain in the city today." {
			t.Errorf("run %d: %v %+v", i, err, a)
		}
		if i == 0 && (a.Usage.CostUSD == nil || *a.Usage.CostUSD <= 0) {
			t.Errorf("no cost: %+v", a.Usage)
		}
		if len(a.Warnings) != 0 {
			t.Errorf("warnings: %v", a.Warnings)
		}
		if code := stop(); code != exitDone {
			t.Errorf("exit %d", code)
		}
	}
	var out, errs output
	if code := run(context.Background(), []string{"doctor"}, getenv, nil, strings.NewReader(""), &out, &errs); code != exitDone || strings.Count(out.String(), "ok  ") != 3 {
		t.Errorf("doctor exits %d\n%s%s", code, out.String(), errs.String())
	}
	out = output{}
	bad := env("LLM_BASE_URL", "http://127.0.0.1:1/v1", "LLM_MODEL", "m", "REDIS_URL", "redis://127.0.0.1:1/0")
	if code := run(context.Background(), []string{"doctor"}, bad, nil, strings.NewReader(""), &out, &errs); code != exitFailed || strings.Count(out.String(), "BAD ") != 2 || strings.Count(out.String(), "→") != 2 {
		t.Errorf("doctor on a broken set-up exits %d\n%s", code, out.String())
	}
}

func TestServeNeedsItsPort(t *testing.T) {
	t.Parallel()
	getenv := env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_ADDR", "127.0.0.1:0", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_LOG_LEVEL", "error")
	url, _ := serving(t, getenv, "serve")
	var out, errs output
	code := run(context.Background(), []string{"serve", "--addr", strings.TrimPrefix(url, "http://")}, getenv, nil, strings.NewReader(""), &out, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "in use") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

func TestServeTellsItsStoreToDebuggersOnly(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // it starts, and stops at once
	for level, told := range map[string]bool{"debug": true, "info": false} {
		var errs output
		getenv := env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_ADDR", "127.0.0.1:0", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_LOG_LEVEL", level)
		code := run(ctx, []string{"serve"}, getenv, nil, strings.NewReader(""), io.Discard, &errs)
		if code != exitDone || strings.Contains(errs.String(), `"store":"embedded"`) != told {
			t.Errorf("%s: exit %d\n%s", level, code, errs.String())
		}
	}
}

func TestPartialExitsThree(t *testing.T) {
	t.Parallel()
	model, _ := serving(t, env(), "simulate", "--addr", "127.0.0.1:0", "--fault", "untranslated=1")
	var out, errs output
	text := "# शीर्षक यहाँ\n\nआज शहर में बारिश होगी और कई जगह पानी भरेगा।\n\nThe rain will stop by the evening, officials said.\n"
	code := run(context.Background(), []string{"translate", "-", "--input-format", "markdown"},
		env("LLM_BASE_URL", model+"/v1", "DUBHASHI_DATA", t.TempDir()), nil, strings.NewReader(text), &out, &errs)
	missing := regexp.MustCompile(`paragraph (\d) is missing`).FindStringSubmatch(errs.String())
	if code != exitPartial || missing == nil || !strings.Contains(out.String(), "[paragraph "+missing[1]+" was not translated]") {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), errs.String())
	}
}

// A paragraph that is missing is marked: its source would pass for a part of
// the translation.
func TestMissingParagraphsAreMarked(t *testing.T) {
	t.Parallel()
	text := "# शीर्षक यहाँ\n\nआज शहर में **बारिश** होगी।\n\n- पानी भरेगा\n\nThe rain will stop by the evening.\n"
	for _, row := range []struct{ format, out string }{
		{"text", "[paragraph 1 was not translated]\n\n[paragraph 2 was not translated]\n\n• [paragraph 3 was not translated]\n\nThe rain will stop by the evening.\n"},
		{"markdown", "# \\[paragraph 1 was not translated\\]\n\n\\[paragraph 2 was not translated\\]\n\n- \\[paragraph 3 was not translated\\]\n\nThe rain will stop by the evening.\n"},
		{"html", "<h1>[paragraph 1 was not translated]</h1>\n<p>[paragraph 2 was not translated]</p>\n<ul>\n<li>[paragraph 3 was not translated]</li>\n</ul>\n<p>The rain will stop by the evening.</p>\n"},
	} {
		t.Run(row.format, func(t *testing.T) {
			t.Parallel()
			code, out, errs := dubhashi(t, text, "translate", "-", "--cache", "only", "--input-format", "markdown", "--to", "en", "--format", row.format)
			if code != exitPartial || out != row.out {
				t.Errorf("exit %d\n%s\nwant\n%s\n%s", code, out, row.out, errs)
			}
		})
	}
}
