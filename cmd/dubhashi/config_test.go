package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func environ(pairs ...string) (out []string) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pairs[i]+"="+pairs[i+1])
	}
	return out
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, bad := readConfig(env(), nil, "no-such-file")
	if len(bad) > 0 {
		t.Fatalf("the defaults are refused: %q", bad)
	}
	if c.Addr != "127.0.0.1:8090" || c.CacheTTL != 720*time.Hour || c.L1Bytes != 64<<20 || c.MaxBody != 2<<20 ||
		c.MaxArticleChars != 200_000 || c.RequestTimeout != 5*time.Minute || c.MaxRequests != 512 || !c.CancelOnDisconnect || len(c.Upstreams) != 0 {
		t.Errorf("defaults differ from the contract: %+v", c)
	}
}

func TestConfigTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, value, says string }{
		{"DUBHASHI_ADDR", "8090", "HOST:PORT"},
		{"DUBHASHI_MAX_REQUESTS", "0", "1 or more"},
		{"DUBHASHI_MAX_BODY", "2 lakh", "size such as"},
		{"CACHE_TTL", "30 days", "720h"},
		{"CACHE_L1_BYTES", "-1", "size such as"},
		{"LLM_PROMPT_STYLE", "json", "segments, plain"},
		{"LLM_PRICE_IN", "cheap", "dollars"},
		{"LLM_PRICE_OUT", "nan", "dollars"},
		{"LLM_CONTEXT_TOKENS", "20", "1000 or more"},
		{"DUBHASHI_LOG_LEVEL", "loud", "debug, info"},
		{"DUBHASHI_CANCEL_ON_DISCONNECT", "maybe", "true or false"},
		{"DUBHASHI_TRUSTED_PROXIES", "proxy.local", "IP"},
		{"DUBHASHI_UPSTREAM", "none", "auto, demo"},
		{"DUBHASHI_RATE_LIMIT", "many", "0 or more"},
		{"DUBHASHI_DAILY_COST", "-1", "dollars"},
		{"DUBHASHI_CORS_ORIGINS", "example.org/page", "origins"},
		{"DUBHASHI_FETCH_ALLOW", "http://intranet", "host names"},
		{"JOB_TTL", "1s", "720h"},
		{"JOB_CONCURRENCY", "0", "1 or more"},
	}
	var pairs []string
	for _, r := range rows {
		pairs = append(pairs, r.name, r.value)
	}
	_, bad := readConfig(env(pairs...), environ(pairs...), "no-such-file")
	for _, r := range rows {
		i := slices.IndexFunc(bad, func(line string) bool { return strings.HasPrefix(line, r.name+"=") })
		if i < 0 {
			t.Errorf("%s=%s is accepted", r.name, r.value)
			continue
		}
		if !strings.Contains(bad[i], r.says) || !strings.Contains(strings.ToLower(bad[i]), strings.ToLower(r.value)) {
			t.Errorf("%s: the line %q does not name the value and %q", r.name, bad[i], r.says)
		}
	}
}

func TestConfigOpenOnlyOnLoopback(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{
		"127.0.0.1:0": true, "localhost:80": true, "[::1]:80": true, "127.8.9.1:80": true,
		"localhost:1:80": false, "127.0.0.1:x:80": false, "[::1]:x:80": false,
		"0.0.0.0:80": false, ":80": false, "192.168.1.5:80": false, "[::]:80": false, "example.org:80": false,
	} {
		_, bad := readConfig(env("DUBHASHI_ADDR", addr), nil, "no-such-file")
		if (len(bad) == 0) != ok {
			t.Errorf("%s: accepted %v, want %v (%q)", addr, len(bad) == 0, ok, bad)
		}
		if !isAddress(addr) {
			continue
		}
		if _, bad := readConfig(env("DUBHASHI_ADDR", addr, "DUBHASHI_ALLOW_ANONYMOUS", "true"), nil, "no-such-file"); len(bad) > 0 {
			t.Errorf("%s is refused although anonymous callers are allowed: %q", addr, bad)
		}
	}
}

func TestConfigNeverShowsASecret(t *testing.T) {
	t.Parallel()
	const key = "sk-test-not-a-key"
	pairs := []string{"REDIS_URL", "redis://user:" + key + "@host:port", "LLM_API_KEY", key, "OPENAI_API_KEY", key, "LLM_BASE_URL", "nowhere", "LLM_KEY", key}
	c, bad := readConfig(env(pairs...), environ(pairs...), "no-such-file")
	if text := strings.Join(append(bad, c.Warnings...), "\n"); strings.Contains(text, key) {
		t.Errorf("a key is shown:\n%s", text)
	} else if !strings.Contains(text, "REDIS_URL: ") {
		t.Errorf("a broken REDIS_URL is not told:\n%s", text)
	}
}

// What the client would refuse is refused at the start, and never shown.
func TestConfigUpstreamAddressAndKey(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, variable, value string }{
		{"no scheme", "LLM_BASE_URL", "api.example.com"},
		{"a key in the wrong place", "LLM_BASE_URL", "sk-test-not-a-key"},
		{"a password", "LLM_BASE_URL", "http://user:sk-test-not-a-key@host/v1"},
		{"a query", "LLM_BASE_URL", "https://host/v1?key=sk-test-not-a-key"},
		{"no host", "LLM_BASE_URL", "http:///v1"},
		{"not a URL", "LLM_BASE_URL", "http://[sk-test-not-a-key"},
		{"of a named one", "LLM_MAIN_BASE_URL", "http://user:sk-test-not-a-key@host/v1"},
		{"a key of two lines", "LLM_API_KEY", "sk-test\nnot-a-key"},
		{"OpenAI's key of two lines", "OPENAI_API_KEY", "sk-test\nnot-a-key"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			pairs := []string{row.variable, row.value}
			switch row.variable {
			case "LLM_MAIN_BASE_URL":
				pairs = append(pairs, "LLM_UPSTREAMS", "main")
			case "LLM_API_KEY":
				pairs = append(pairs, "LLM_BASE_URL", "http://host/v1")
			}
			_, bad := readConfig(env(pairs...), environ(pairs...), "no-such-file")
			if len(bad) != 1 || !strings.HasPrefix(bad[0], row.variable+": ") || strings.Contains(bad[0], row.value) || strings.Contains(bad[0], "not-a-key") {
				t.Errorf("refused with %q", bad)
			}
		})
	}
}

func TestConfigSizes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int64{"64MiB": 64 << 20, "64MIB": 64 << 20, "64 mib": 64 << 20, "1GB": 1 << 30, "1Kib": 1 << 10, "2097152": 2 << 20, "0": 0} {
		c, bad := readConfig(env("CACHE_L1_BYTES", value), nil, "no-such-file")
		if len(bad) > 0 || c.L1Bytes != want {
			t.Errorf("%s: %d, want %d (%q)", value, c.L1Bytes, want, bad)
		}
	}
}

func TestConfigDemoWhateverElseIsSet(t *testing.T) {
	t.Parallel()
	for _, pairs := range [][]string{{"LLM_API_KEY", "sk-test-not-a-key"}, {"LLM_UPSTREAMS", "main"}} {
		if _, bad := readConfig(env(pairs...), nil, "no-such-file"); len(bad) != 1 || !strings.Contains(bad[0], "BASE_URL: is missing") {
			t.Errorf("%s without an address: %q", pairs[0], bad)
		}
		if _, bad := readConfig(env(append(pairs, "DUBHASHI_UPSTREAM", "demo")...), nil, "no-such-file"); len(bad) > 0 {
			t.Errorf("demo with %s is refused: %q", pairs[0], bad)
		}
	}
}

func TestConfigTellsEachLineOnce(t *testing.T) {
	t.Parallel()
	_, bad := readConfig(env("LLM_RPM", "many", "LLM_TPM", "more", "LLM_UPSTREAMS", "main,backup",
		"LLM_MAIN_BASE_URL", "http://127.0.0.1:1/v1", "LLM_BACKUP_BASE_URL", "http://127.0.0.1:2/v1"), nil, "no-such-file")
	if len(bad) != 2 {
		t.Errorf("two bad values give %d lines: %q", len(bad), bad)
	}
}

func TestConfigFileValuesAreLiteral(t *testing.T) {
	t.Parallel()
	const key = "sk-a$BC9xyz"
	for name, text := range map[string]string{
		"bare":           "LLM_API_KEY=sk-a$BC9xyz\n",
		"with a comment": "# keys\nLLM_API_KEY=sk-a$BC9xyz # of the desk\n",
		"double quotes":  "LLM_API_KEY=\"sk-a$BC9xyz\"\n",
		"single quotes":  "LLM_API_KEY='sk-a$BC9xyz'\n",
		"export":         "export LLM_API_KEY=sk-a$BC9xyz\r\n",
		"escaped":        "LLM_API_KEY=\"sk-a\\$BC9xyz\"\n",
		"a name before":  "BC9=no\nLLM_API_KEY=sk-a$BC9xyz\n",
	} {
		c, bad := readConfig(env("LLM_BASE_URL", "http://host/v1"), nil, envFile(t, text))
		if len(bad) > 0 || len(c.Upstreams) != 1 || c.Upstreams[0].APIKey != key {
			t.Errorf("%s: not read as it stands (%q)", name, bad)
		}
	}
	c, bad := readConfig(env(), nil, envFile(t, "DUBHASHI_DATA=/a$$b${C}$(d)$\n"))
	if len(bad) > 0 || c.Data != "/a$$b${C}$(d)$" {
		t.Errorf("%q, refused %q", c.Data, bad)
	}
}

func envFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestConfigFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, bad := readConfig(env(), nil, folder); len(bad) != 1 || !strings.HasPrefix(bad[0], folder+": cannot be read: ") {
		t.Errorf("a folder: %q", bad)
	}
	for name, text := range map[string]string{"no name": "=1\n=\n-", "a byte 0": "LLM_API_KEY=a\x00b\n", "an open quote": "LLM_API_KEY=\"sk-test-not-a-key\n"} {
		if _, bad := readConfig(env(), nil, envFile(t, text)); len(bad) != 1 || strings.Contains(bad[0], "not-a-key") {
			t.Errorf("%s: %q", name, bad)
		}
	}
	if os.Getuid() == 0 {
		t.Log("root reads every file: the row without permission is left out")
		return
	}
	locked := envFile(t, "LLM_MODEL=m\n")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	if _, bad := readConfig(env(), nil, locked); len(bad) != 1 || !strings.Contains(bad[0], "permission") {
		t.Errorf("no permission: %q", bad)
	}
}

func TestConfigNamedUpstreams(t *testing.T) {
	t.Parallel()
	c, bad := readConfig(env("LLM_UPSTREAMS", "main, backup", "LLM_CONCURRENCY", "3",
		"LLM_MAIN_BASE_URL", "http://127.0.0.1:1/v1", "LLM_MAIN_MODEL", "m1", "LLM_MAIN_API_KEY", "sk-test-not-a-key",
		"LLM_BACKUP_BASE_URL", "http://127.0.0.1:2/v1", "LLM_BACKUP_MODEL", "m2", "LLM_BACKUP_PROMPT_STYLE", "plain", "LLM_BACKUP_CONCURRENCY", "5"), nil, "no-such-file")
	if len(bad) > 0 || len(c.Upstreams) != 2 {
		t.Fatalf("%d upstreams, refused %q", len(c.Upstreams), bad)
	}
	m, b := c.Upstreams[0], c.Upstreams[1]
	if m.Name != "main" || m.Concurrency != 3 || m.Style != "segments" || m.APIKey == "" {
		t.Errorf("main: %s", m)
	}
	if b.Name != "backup" || b.Concurrency != 5 || b.Style != "plain" || b.APIKey != "" {
		t.Errorf("backup: %s", b)
	}
	if _, bad := readConfig(env("LLM_UPSTREAMS", "main"), nil, "no-such-file"); len(bad) == 0 {
		t.Error("an upstream without an address is accepted")
	}
}

func TestConfigEnvironmentWinsOverFile(t *testing.T) {
	t.Parallel()
	file := envFile(t, "DUBHASHI_MAX_REQUESTS=7\nCACHE_TTL=1h\nLLM_TEMPRATURE=1\n")
	c, bad := readConfig(env("CACHE_TTL", "2h"), nil, file)
	if len(bad) > 0 || c.MaxRequests != 7 || c.CacheTTL != 2*time.Hour {
		t.Errorf("requests %d, ttl %s, refused %q", c.MaxRequests, c.CacheTTL, bad)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "LLM_TEMPRATURE") {
		t.Errorf("an unknown name is not told: %q", c.Warnings)
	}
}

func TestConfigEmptyInTheEnvironmentWinsToo(t *testing.T) {
	t.Parallel()
	file := envFile(t, "REDIS_URL=redis://127.0.0.1:1/0\nDUBHASHI_MAX_REQUESTS=7\nCACHE_TTL=1h\n")
	pairs := []string{"REDIS_URL", "", "DUBHASHI_MAX_REQUESTS", ""}
	c, bad := readConfig(env(pairs...), environ(pairs...), file)
	if len(bad) > 0 || c.RedisURL != "" || c.MaxRequests != 512 || c.CacheTTL != time.Hour {
		t.Errorf("redis %q, requests %d, ttl %s, refused %q", c.RedisURL, c.MaxRequests, c.CacheTTL, bad)
	}
}

// .env.example and the configuration hold each other: every variable that is
// read stands in it with its default, and nothing else does.
func TestEnvExampleIsComplete(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_0-9]+)=`).FindAllStringSubmatch(string(b), -1) {
		listed[m[1]] = true
	}
	read := map[string]bool{}
	record := func(name string) string { read[name] = true; return "" }
	want, _ := readConfig(record, nil, "no-such-file")
	for name := range read {
		if !listed[name] {
			t.Errorf("%s is read but not in .env.example", name)
		}
	}
	for name := range listed {
		if !read[name] {
			t.Errorf("%s is in .env.example but never read", name)
		}
	}
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	got, bad := readConfig(env(), nil, file)
	if len(bad) > 0 {
		t.Fatalf(".env.example is refused: %q", bad)
	}
	got.Warnings = nil
	if g, w := *got, *want; g.Addr != w.Addr || g.CacheTTL != w.CacheTTL || g.L1Bytes != w.L1Bytes || g.MaxBody != w.MaxBody || g.Data != w.Data ||
		g.RequestTimeout != w.RequestTimeout || g.MaxArticleChars != w.MaxArticleChars || g.Plain.Timeout != w.Plain.Timeout || g.Plain.MaxAttempts != w.Plain.MaxAttempts {
		t.Errorf(".env.example does not hold the defaults:\n%+v\n%+v", g, w)
	}
}

// Where newsletters are handed over: what cannot be used is told at the start,
// without what may be a password.
func TestConfigHandOver(t *testing.T) {
	t.Parallel()
	const smtp, lists, user, token = "DUBHASHI_SMTP_URL", "DUBHASHI_LISTMONK_URL", "DUBHASHI_LISTMONK_USER", "DUBHASHI_LISTMONK_TOKEN"
	for _, row := range []struct {
		name  string
		pairs []string
		says  string // "" = accepted
	}{
		{"mail and lists", []string{smtp, "smtps://desk:not-a-key@mail.example.org", lists, "https://lists.example.org", user, "desk", token, "not-a-key"}, ""},
		{"lists without a user", []string{lists, "http://127.0.0.1:9000"}, ""},
		{"mail without a scheme", []string{smtp, "desk:not-a-key@mail.example.org:587"}, smtp + ": must "},
		{"mail in the clear elsewhere", []string{smtp, "smtp://desk:not-a-key@mail.example.org?tls=off"}, smtp + ": may have tls=off for this machine alone"},
		{"lists with a password in the address", []string{lists, "https://desk:not-a-key@lists.example.org"}, lists + ": must be"},
		{"a token for nothing", []string{user, "desk", token, "not-a-key"}, lists + ": is missing"},
		{"a user alone", []string{lists, "https://lists.example.org", user, "desk"}, token + ": is missing"},
		{"a token alone", []string{lists, "https://lists.example.org", token, "not-a-key"}, user + ": is missing"},
		{"a user with a colon", []string{lists, "https://lists.example.org", user, "a:b", token, "not-a-key"}, user + ": may not hold a colon"},
		{"a token of two lines", []string{lists, "https://lists.example.org", user, "desk", token, "not-\na-key"}, token + ": holds a line break"},
	} {
		_, bad := readConfig(env(row.pairs...), environ(row.pairs...), "no-such-file")
		text := strings.Join(bad, "\n")
		if (row.says == "") != (len(bad) == 0) || !strings.Contains(text, row.says) || strings.Contains(text, "a-key") {
			t.Errorf("%s: %q", row.name, bad)
		}
	}
}
