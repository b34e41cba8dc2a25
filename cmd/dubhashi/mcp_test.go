package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

const mcpLines = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"translate","arguments":{"text":"आज बारिश होगी।"}}}
{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"translate","arguments":{"url":"http://127.0.0.1:1/"}}}
`

// Nothing but the protocol goes to stdout: a client reads it to the letter.
func TestMCPOverStdio(t *testing.T) {
	t.Parallel()
	code, out, errs := dubhashi(t, mcpLines, "mcp")
	if code != exitDone || !strings.Contains(errs, "demo model") {
		t.Errorf("exit %d: %s", code, errs)
	}
	answers := map[float64]string{}
	lines := bufio.NewScanner(strings.NewReader(out))
	for lines.Scan() {
		var m struct {
			ID     float64         `json:"id"`
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Errorf("%q is no message: %v", lines.Text(), err)
		}
		answers[m.ID] = string(m.Result)
	}
	for id, has := range map[float64]string{1: `"version":"` + version, 2: `"summarize"`, 3: `"complete":true`, 4: "url_refused"} {
		if !strings.Contains(answers[id], has) {
			t.Errorf("answer %v: %s", id, answers[id])
		}
	}
	if code, _, errs := dubhashi(t, "hello\n", "mcp"); code != exitFailed || !strings.Contains(errs, "messages could not be read") {
		t.Errorf("no protocol: exit %d, %s", code, errs)
	}
}

func TestMCPOverServe(t *testing.T) {
	t.Parallel()
	url, stop := serving(t, env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_ADDR", "127.0.0.1:0"), "serve")
	defer stop()
	req, _ := http.NewRequest("POST", url+"/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"detect","arguments":{"text":"नमस्ते"}}}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(b), `"language":"hi"`) {
		t.Errorf("%d %s", resp.StatusCode, b)
	}
}
