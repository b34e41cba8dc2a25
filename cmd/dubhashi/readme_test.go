package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The answers that the README shows are what the gateway answers.
func TestReadmeAnswersAreTrue(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) string {
		_, after, ok := strings.Cut(string(readme), "```"+kind+"\n")
		shown, _, ok2 := strings.Cut(after, "\n```")
		if !ok || !ok2 {
			t.Fatalf("the README has no block of %s", kind)
		}
		return shown
	}
	url, _ := serving(t, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_ADDR", "127.0.0.1:0", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_LOG_LEVEL", "error"), "serve")
	send := func(path, kind, accept, body string) string {
		req, _ := http.NewRequest("POST", url+path, strings.NewReader(body))
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Accept", accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	article, err := os.ReadFile(examples + "metro.hi.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := send("/v1/articles", "text/plain", "text/plain", string(article)); !strings.HasPrefix(got, block("text")) {
		t.Errorf("the article's answer is not the README's:\n%s", got)
	}
	var got, want any
	_ = json.Unmarshal([]byte(send("/v1/translate", "application/json", "", `{"text":"अब आखिरी ट्रेन रात 10 बजे के बजाय 12 बजे चलेगी।","cache":"refresh"}`)), &got)
	if err := json.Unmarshal([]byte(block("json")), &want); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the text's answer is not the README's (%v):\n%v\n%v", err, got, want)
	}
}
