package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store/redistest"
)

// TestMain lets the test binary stand in for the program, as a process that
// can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("DUBHASHI_TEST_AS_PROGRAM") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process runs the program as a process of its own and gives its address.
func process(t *testing.T, settings ...string) (url string, p *exec.Cmd) {
	t.Helper()
	p = exec.Command(os.Args[0], "serve")
	p.Dir = t.TempDir()
	p.Env = append(append(os.Environ(), "DUBHASHI_TEST_AS_PROGRAM=1", "DUBHASHI_ADDR=127.0.0.1:0", "DUBHASHI_LOG_LEVEL=error"), settings...)
	var errs output
	p.Stderr = &errs
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	listening := regexp.MustCompile(`(?m)^listening on (http://\S+)$`)
	for range 1000 {
		if m := listening.FindStringSubmatch(errs.String()); m != nil {
			return m[1], p
		}
		time.Sleep(10 * time.Millisecond) // another process: there is nothing to wait on
	}
	t.Fatalf("not listening: %s", errs.String())
	return "", nil
}

func post(t *testing.T, url, text string) api.Article {
	t.Helper()
	resp, err := http.Post(url+"/v1/articles", "text/plain", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a api.Article
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d: %v", resp.StatusCode, err)
	}
	return a
}

// counted is the demo model on a port, with its calls counted.
func counted(t *testing.T) (base string, calls *atomic.Int64) {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	calls = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/v1", calls
}

// What was paid for outlives a kill, in both stores.
func TestKilledAndRestartedPaysNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"embedded", "redis"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			base, calls := counted(t)
			settings := []string{"LLM_BASE_URL=" + base, "LLM_MODEL=m", "DUBHASHI_DATA=" + t.TempDir()}
			if kind == "redis" {
				settings = append(settings, "REDIS_URL="+redistest.Start(t).URL())
			}
			var first []api.Article
			url, p := process(t, settings...)
			for _, e := range simulator.Examples() {
				first = append(first, post(t, url, e.Hindi))
			}
			_ = p.Process.Kill() // at once after the last answer
			_ = p.Wait()
			if calls.Swap(0) == 0 {
				t.Fatal("no call was made")
			}
			url, _ = process(t, settings...)
			for i, e := range simulator.Examples() {
				a := post(t, url, e.Hindi)
				if *a.Translation != *first[i].Translation || *a.Summary[0].Text != *first[i].Summary[0].Text {
					t.Errorf("%s differs after the restart", e.Name)
				}
			}
			if n := calls.Load(); n != 0 {
				t.Errorf("%d calls after the restart", n)
			}
		})
	}
}

func TestThreeReplicasShareOneRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	base, calls := counted(t)
	text := simulator.Examples()[0].Hindi
	for i := range 3 {
		url, _ := process(t, "LLM_BASE_URL="+base, "LLM_MODEL=m", "REDIS_URL="+redis.URL())
		post(t, url, text)
		if n := calls.Swap(0); (n == 0) != (i > 0) {
			t.Errorf("replica %d: %d calls", i, n)
		}
	}
}

// Redis is never on the critical path: absent, stopped, paused and back again,
// no request fails.
func TestRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	base, _ := counted(t)
	text := simulator.Examples()[0].Hindi
	settings := []string{"LLM_BASE_URL=" + base, "LLM_MODEL=m", "REDIS_URL=" + redis.URL(), "CACHE_L1_BYTES=0"}
	redis.Stop()
	url, _ := process(t, settings...)
	ask := func(when string) {
		t.Helper()
		for range 5 {
			if a := post(t, url, text); a.Status != "complete" {
				t.Errorf("%s: %s", when, a.Status)
			}
		}
	}
	ask("absent at start")
	redis.Restart()
	ask("back")
	redis.Pause()
	ask("paused")
	redis.Resume()
	redis.Kill()
	ask("killed")
	redis.Restart()
	ask("restarted")
	var a api.Article
	for range 100 { // found again within seconds
		if a = post(t, url, text); a.Usage.CacheMisses == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond) // another process's breaker keeps its own time
	}
	t.Errorf("the cache is not used again: %+v", a.Usage)
}

// The first signal lets requests at work end; the second does not wait for them.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 16)
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		_, _ = io.Copy(io.Discard, r.Body) // so that the caller's leaving is seen
		<-r.Context().Done()
	}))
	t.Cleanup(hangs.Close)
	url, p := process(t, "LLM_BASE_URL="+hangs.URL+"/v1", "LLM_MODEL=m", "DUBHASHI_DATA="+t.TempDir())
	go func() {
		if resp, err := http.Post(url+"/v1/articles", "text/plain", strings.NewReader("आज शहर में बारिश होगी।")); err == nil {
			resp.Body.Close()
		}
	}()
	<-asked
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	late := time.After(drainTime / 2)
	for {
		_ = p.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			if err == nil {
				t.Error("the request was waited for")
			}
			return
		case <-late:
			t.Fatal("the second signal is swallowed")
		case <-time.After(50 * time.Millisecond): // a person's second press comes later still
		}
	}
}

func TestSignalEndsTheServer(t *testing.T) {
	t.Parallel()
	base, _ := counted(t)
	url, p := process(t, "LLM_BASE_URL="+base, "LLM_MODEL=m", "DUBHASHI_DATA="+t.TempDir())
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("exit %v", err)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
		c.Close()
		t.Error("still listening")
	}
}
