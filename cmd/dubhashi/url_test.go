package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestTranslateByURL(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(examples + "metro.hi.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(examples + "metro.en.txt")
	if err != nil {
		t.Fatal(err)
	}
	agent := make(chan string, 8)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent <- r.UserAgent()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(text)
	}))
	t.Cleanup(site.Close)
	for _, row := range []struct {
		name, allow string
		args        []string
		code        int
		out, err    string
	}{
		{"allowed", "127.0.0.1", []string{"translate", site.URL}, exitDone, string(want), ""},
		{"not allowed", "", []string{"translate", site.URL}, exitUsage, "", "is not fetched"},
		{"nobody there", "127.0.0.1", []string{"summarize", "http://127.0.0.1:1025/x"}, exitFailed, "", "could not be reached"},
		{"with a format", "127.0.0.1", []string{"translate", site.URL, "--input-format", "html"}, exitUsage, "", "--input-format"},
	} {
		var out, errs output
		code := run(context.Background(), row.args, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_FETCH_ALLOW", row.allow), nil, io.LimitReader(nil, 0), &out, &errs)
		if code != row.code || out.String() != row.out || !strings.Contains(errs.String(), row.err) {
			t.Errorf("%s: exit %d\n%s\n%s", row.name, code, out.String(), errs.String())
		}
	}
	if ua := <-agent; !strings.HasPrefix(ua, "Dubhashi/"+version) {
		t.Errorf("the site is asked by %q", ua)
	}
	if len(agent) != 0 {
		t.Error("the site was asked although it is not allowed")
	}
}
