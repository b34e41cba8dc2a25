package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/store/redistest"
)

func TestConfigKeys(t *testing.T) {
	t.Parallel()
	const good = "web:hidden-one, app:sha256=a6f1e9b0c2d3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d,"
	c, bad := readConfig(env("DUBHASHI_ADDR", "0.0.0.0:80", "DUBHASHI_API_KEYS", good), nil, "no-such-file")
	if len(bad) > 0 || len(c.APIKeys) != 2 || c.APIKeys[0].Name != "web" || c.APIKeys[1].Hash[0] != 0xa6 {
		t.Errorf("%q: %v", bad, c)
	}
	for _, row := range []struct{ keys, says string }{
		{"hidden-one", "entry 1 must be name:key"},
		{"web:hidden-one,app:short", "entry 2 must have a key of at least 8"},
		{"web:hidden-one,web:hidden-two", "name web stands twice"},
		{"web:hidden-one,app:hidden-one", "web and app have the same key"},
	} {
		_, bad := readConfig(env("DUBHASHI_API_KEYS", row.keys), nil, "no-such-file")
		if len(bad) != 1 || !strings.Contains(bad[0], row.says) || strings.Contains(bad[0], "hidden") {
			t.Errorf("%s: %q, want %q", row.keys, bad, row.says)
		}
	}
}

// A cost limit without prices would never be reached: it is told at the start.
func TestConfigCostNeedsPrices(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		pairs []string
		says  []string
	}{
		{"none", nil, []string{"needs LLM_PRICE_IN and LLM_PRICE_OUT"}},
		{"one of two", []string{"LLM_PRICE_IN", "0.1"}, []string{"needs LLM_PRICE_IN and LLM_PRICE_OUT"}},
		{"both", []string{"LLM_PRICE_IN", "0.1", "LLM_PRICE_OUT", "0"}, nil},
		{"the demo", []string{"DUBHASHI_UPSTREAM", "demo"}, nil},
		{"of one upstream", []string{"LLM_UPSTREAMS", "main,backup", "LLM_MAIN_BASE_URL", "http://a/v1", "LLM_BACKUP_BASE_URL", "http://b/v1",
			"LLM_MAIN_PRICE_IN", "1", "LLM_MAIN_PRICE_OUT", "2"}, []string{"needs LLM_BACKUP_PRICE_IN and LLM_BACKUP_PRICE_OUT"}},
		{"shared", []string{"LLM_UPSTREAMS", "main,backup", "LLM_MAIN_BASE_URL", "http://a/v1", "LLM_BACKUP_BASE_URL", "http://b/v1",
			"LLM_PRICE_IN", "1", "LLM_BACKUP_PRICE_IN", "3", "LLM_PRICE_OUT", "2"}, nil},
	} {
		c, bad := readConfig(env(append(row.pairs, "DUBHASHI_DAILY_COST", "2.5")...), nil, "no-such-file")
		if len(bad) != len(row.says) || len(bad) > 0 && !strings.Contains(bad[0], row.says[0]) {
			t.Errorf("%s: %q, want %q", row.name, bad, row.says)
		}
		if row.name == "shared" {
			if p := dearest(c.Upstreams); p == nil || p.In != 3 || p.Out != 2 {
				t.Errorf("the dearest prices are %+v", p)
			}
		}
	}
}

// A Redis that may drop what it holds is told of, and the translation works.
func TestServeOverARedisThatEvicts(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
	getenv := env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_ADDR", "127.0.0.1:0", "DUBHASHI_LOG_LEVEL", "error", "REDIS_URL", redis.URL(),
		"DUBHASHI_API_KEYS", "web:a-key-of-the-web")
	var out, errs output
	if code := run(context.Background(), []string{"doctor"}, getenv, nil, strings.NewReader(""), &out, &errs); code != exitDone || !strings.Contains(out.String(), "note  redis: Redis has maxmemory-policy allkeys-lru") {
		t.Errorf("doctor exits %d\n%s%s", code, out.String(), errs.String())
	}
	for end := time.Now().Add(20 * time.Second); ; { // on a busy machine the question at the start may come to nothing
		errs = output{}
		ctx, stop := context.WithCancel(context.Background())
		stop()
		run(ctx, []string{"serve"}, getenv, nil, strings.NewReader(""), io.Discard, &errs)
		if strings.Contains(errs.String(), "WARNING: Redis has maxmemory-policy allkeys-lru") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("serve says\n%s", errs.String())
		}
	}
	url, stop := serving(t, getenv, "serve")
	defer stop()
	for path, want := range map[string]int{"/v1/languages": 200, "/v1/usage": 503} {
		req, err := http.NewRequest("GET", url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-API-Key", "a-key-of-the-web")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

// The numbers of a day are those of the store, and survive the process.
func TestUsageSurvivesTheProcess(t *testing.T) {
	t.Parallel()
	getenv := env("DUBHASHI_UPSTREAM", "demo", "DUBHASHI_ADDR", "127.0.0.1:0", "DUBHASHI_DATA", t.TempDir(), "DUBHASHI_LOG_LEVEL", "error", "DUBHASHI_DAILY_CHARS", "20")
	for i, want := range []int{200, 429} {
		url, stop := serving(t, getenv, "serve")
		resp, err := http.Post(url+"/v1/translate", "application/json", strings.NewReader(`{"text":"नदी का पानी उतरा"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("run %d: %d", i, resp.StatusCode)
		}
		if code := stop(); code != exitDone {
			t.Errorf("exit %d", code)
		}
	}
}
