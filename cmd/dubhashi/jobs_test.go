package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"dubhashi/gateway/api"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store/redistest"
)

const hookSecret = "whsec_c2V2ZW50ZWVuIHRyYWlucyBhbmQgYSBicmlkZ2U="

// hooks takes webhooks and counts what it is told of each job.
type hooks struct {
	url string

	mu   sync.Mutex
	told map[string][]string // types of events by job
	bad  []error
}

func takeHooks(t *testing.T) *hooks {
	t.Helper()
	check, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		t.Fatal(err)
	}
	h := &hooks{told: make(map[string][]string)}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e api.Event
		err := check.Verify(body, r.Header)
		if err == nil {
			err = json.Unmarshal(body, &e)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if err != nil {
			h.bad = append(h.bad, err)
			return
		}
		h.told[e.Data.ID] = append(h.told[e.Data.ID], e.Type)
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL + "/hook"
	return h
}

// desk is some jobs of one article each, and where they are done.
type desk struct {
	model    *watched
	hooks    *hooks
	settings []string
	texts    []string
	want     [][]simulator.Pair
	ids      []string
}

const (
	deskParagraphs = 7
	deskCalls      = 2 // that seven paragraphs are packed into
)

func newDesk(t *testing.T, n int, settings ...string) *desk {
	t.Helper()
	d := &desk{hooks: takeHooks(t), texts: make([]string, n), want: make([][]simulator.Pair, n), ids: make([]string, n)}
	var memory []simulator.Pair
	for i := range d.texts {
		d.texts[i], d.want[i] = station(100+i, deskParagraphs)
		memory = append(memory, d.want[i]...)
	}
	d.model = watch(t, memory, 200*time.Millisecond)
	d.settings = append([]string{"LLM_BASE_URL=" + d.model.base, "LLM_MODEL=m", "DUBHASHI_FETCH_ALLOW=127.0.0.1"}, settings...)
	return d
}

// submit makes the jobs, by all addresses in turn.
func (d *desk) submit(t *testing.T, urls ...string) {
	t.Helper()
	var wg sync.WaitGroup
	turns := make(chan struct{}, 8)
	for i, text := range d.texts {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			body, _ := json.Marshal(api.ArticleRequest{
				Text: &text, Outputs: []string{"translation"}, Webhook: &api.Webhook{URL: d.hooks.url, Secret: hookSecret},
			})
			req, _ := http.NewRequest("POST", urls[i%len(urls)]+"/v1/articles", strings.NewReader(string(body)))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Prefer", "respond-async")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			var j api.Job
			if err := json.NewDecoder(resp.Body).Decode(&j); err != nil || resp.StatusCode != 202 {
				t.Errorf("status %d: %v", resp.StatusCode, err)
			}
			d.ids[i] = j.ID
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// done waits until at least so many jobs are done, and gives the whole list.
func (d *desk) done(t *testing.T, url string, n int, within time.Duration) map[string]api.Job {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get(url + "/v1/jobs?limit=1000")
		if err != nil {
			t.Fatal(err)
		}
		var page api.Jobs
		err = json.NewDecoder(resp.Body).Decode(&page)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("status %d: %v", resp.StatusCode, err)
		}
		list, count := map[string]api.Job{}, 0
		for _, j := range page.Jobs {
			if list[j.ID] = j; j.State == "done" {
				count++
			}
		}
		if count >= n {
			return list
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d jobs are done within %v", count, n, within)
		}
	}
}

// check looks at all that was done.
func (d *desk) check(t *testing.T, url string, list map[string]api.Job, mostCalls int) {
	t.Helper()
	if len(list) != len(d.ids) {
		t.Errorf("%d jobs, want %d", len(list), len(d.ids))
	}
	for i, id := range d.ids {
		if j := list[id]; j.State != "done" || j.Attempts != 1 {
			t.Errorf("job %d is %s after %d attempts: %+v", i, j.State, j.Attempts, j.Error)
		}
		resp, err := http.Get(url + "/v1/jobs/" + id + "/result")
		if err != nil {
			t.Fatal(err)
		}
		var a api.Article
		err = json.NewDecoder(resp.Body).Decode(&a)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || a.Status != "complete" || a.Translation == nil {
			t.Errorf("job %d: status %d, %s, %v", i, resp.StatusCode, a.Status, err)
			continue
		}
		for _, p := range d.want[i] {
			if !strings.Contains(*a.Translation, p.English) {
				t.Errorf("job %d: %q is not in its result", i, p.English)
			}
		}
	}
	calls, distinct, asked := d.model.counts()
	t.Logf("%d calls for %d packs (%.3f), %d segments asked for %d distinct (%.3f)", calls, deskCalls*len(d.ids),
		float64(calls)/float64(deskCalls*len(d.ids)), asked, distinct, float64(asked)/float64(distinct))
	if distinct != deskParagraphs*len(d.ids) || calls > mostCalls {
		t.Errorf("%d calls of at most %d, %d distinct segments of %d", calls, mostCalls, distinct, deskParagraphs*len(d.ids))
	}
	d.checkHooks(t)
}

// checkHooks: every job's end was told of, and nothing else. One that a killed
// process was about to send is found by a look that each live one has once a
// minute, when its lease of half a minute is over.
func (d *desk) checkHooks(t *testing.T) {
	t.Helper()
	h := d.hooks
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		h.mu.Lock()
		n := len(h.told)
		h.mu.Unlock()
		if n == len(d.ids) {
			break
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	twice := 0
	for i, id := range d.ids {
		for n, event := range h.told[id] {
			if event != "job.done" {
				t.Errorf("job %d was told of as %s", i, event)
			}
			if n > 0 {
				twice++
			}
		}
	}
	if len(h.told) != len(d.ids) || len(h.bad) > 0 || twice > 8 { // what the killed one was about to note is sent again
		t.Errorf("%d of %d jobs were told of, %d more than once, errors %v", len(h.told), len(d.ids), twice, h.bad)
	}
}

// took is how long after a moment the last job ended.
func took(list map[string]api.Job, since time.Time) (last time.Duration) {
	for _, j := range list {
		if j.FinishedAt != nil {
			last = max(last, j.FinishedAt.Sub(since))
		}
	}
	return last.Round(time.Millisecond)
}

// One of three replicas is killed in the middle and another one started: every
// job is done once.
func testKilledReplica(t *testing.T, n, mostCalls int) {
	d := newDesk(t, n, "REDIS_URL="+redistest.Start(t).URL())
	var urls [3]string
	var victim *exec.Cmd
	for i := range urls {
		url, p := process(t, d.settings...)
		if urls[i] = url; i == 0 {
			victim = p
		}
	}
	began := time.Now()
	d.submit(t, urls[:]...)
	t.Logf("%d jobs submitted in %v", n, time.Since(began).Round(time.Millisecond))
	d.done(t, urls[1], n/3, time.Minute)
	_ = victim.Process.Kill()
	killed := time.Now()
	process(t, d.settings...)
	list := d.done(t, urls[1], n, 2*time.Minute)
	t.Logf("all done %v after the submission began, %v after the kill", took(list, began), took(list, killed))
	d.check(t, urls[2], list, mostCalls)
}

func TestJobsOfAKilledReplica(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a process is held for dead after 15 s")
	}
	const n = 60
	testKilledReplica(t, n, deskCalls*(n+4)) // what the killed one had asked and not been told
}

// The same at length: minutes of two cores. DUBHASHI_LONG=1 runs it.
func TestJobsOfAKilledReplicaAtLength(t *testing.T) {
	if os.Getenv("DUBHASHI_LONG") != "1" {
		t.Skip("DUBHASHI_LONG=1 is not set")
	}
	const n = 500
	testKilledReplica(t, n, deskCalls*n*105/100)
}

// The embedded store: a kill in the middle, and a start anew.
func TestJobsOfAKilledProcess(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a process is held for dead after 15 s")
	}
	n := 40
	if os.Getenv("DUBHASHI_LONG") == "1" {
		n = 500
	}
	d := newDesk(t, n, "DUBHASHI_DATA="+t.TempDir())
	url, p := process(t, d.settings...)
	d.submit(t, url)
	d.done(t, url, n/3, time.Minute)
	_ = p.Process.Kill()
	_ = p.Wait()
	killed := time.Now()
	url, _ = process(t, d.settings...)
	list := d.done(t, url, n, 2*time.Minute)
	t.Logf("all done %v after the kill", took(list, killed))
	d.check(t, url, list, deskCalls*(n+4))
}

// A process that is told to stop hands its jobs back at once, and the next one
// goes on with them.
func TestJobsOfAStoppedProcess(t *testing.T) {
	t.Parallel()
	const n = 20
	d := newDesk(t, n, "DUBHASHI_DATA="+t.TempDir())
	url, p := process(t, d.settings...)
	d.submit(t, url)
	d.done(t, url, 1, time.Minute)
	_ = p.Process.Signal(os.Interrupt)
	if err := p.Wait(); err != nil {
		t.Errorf("exit %v", err)
	}
	stopped := time.Now()
	url, _ = process(t, d.settings...)
	list := d.done(t, url, n, time.Minute)
	if late := took(list, stopped); late > 15*time.Second {
		t.Errorf("the jobs went on %v after the stop", late)
	}
	d.check(t, url, list, deskCalls*n) // what was at work ended first
}
