package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store/redistest"
)

// station is an article of n paragraphs that no other number shares, with its
// translation.
func station(article, n int) (text string, pairs []simulator.Pair) {
	for i := range n {
		platform, people := 50*article+i+11, 6000+50*article+i
		p := simulator.Pair{
			Hindi:   fmt.Sprintf("प्लेटफॉर्म %d पर सुबह %d यात्रियों ने नई ट्रेन का स्वागत किया।", platform, people),
			English: fmt.Sprintf("On platform %d, %d passengers welcomed the new train in the morning.", platform, people),
		}
		text, pairs = text+p.Hindi+"\n", append(pairs, p)
	}
	return text, pairs
}

// watched is the stand-in model on a port: it counts how often each segment is
// asked for, and holds calls back as long as hold is set.
type watched struct {
	base  string
	begun chan struct{} // one for each call that is held back

	mu    sync.Mutex
	held  bool
	seen  map[string]int
	calls int
}

func watch(t *testing.T, memory []simulator.Pair, latency time.Duration) *watched {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Memory: memory, Latency: latency})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{begun: make(chan struct{}, 100), seen: make(map[string]int)}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if w.note(body) {
			w.begun <- struct{}{}
			<-r.Context().Done() // its process is killed
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		sim.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.base = srv.URL + "/v1"
	return w
}

func (w *watched) note(body []byte) (hold bool) {
	var call struct{ Messages []struct{ Content string } }
	var asked struct{ Segments map[string]string }
	_ = json.Unmarshal(body, &call)
	for _, m := range call.Messages {
		_ = json.Unmarshal([]byte(m.Content), &asked) // the system message is no JSON
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	for _, text := range asked.Segments {
		w.seen[text]++
	}
	return w.held
}

// counts are the calls, and of the segments how many there were and how often all
// together were asked for.
func (w *watched) counts() (calls, distinct, asked int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.seen {
		asked += n
	}
	return w.calls, len(w.seen), asked
}

func (w *watched) hold(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = on
}

// each reports segments that were not asked for so many times.
func (w *watched) each(t *testing.T, segments, want int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for text, n := range w.seen {
		if n != want {
			t.Errorf("asked %d times, not %d: %q", n, want, text)
		}
	}
	if len(w.seen) != segments {
		t.Errorf("%d segments were asked for, want %d", len(w.seen), segments)
	}
}

// translated posts an article and says what is wrong with the answer.
func translated(url, text string, want []simulator.Pair) error {
	resp, err := http.Post(url+"/v1/articles", "text/plain", strings.NewReader(text))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var a api.Article
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || resp.StatusCode != 200 || a.Translation == nil {
		return fmt.Errorf("status %d: %v", resp.StatusCode, err)
	}
	for _, p := range want {
		if a.Status != "complete" || !strings.Contains(*a.Translation, p.English) {
			return fmt.Errorf("%s, and %q is not in it", a.Status, p.English)
		}
	}
	return nil
}

func TestThreeReplicasAtOnceAskOnce(t *testing.T) {
	t.Parallel()
	const articles, size = 20, 7
	texts, want := make([]string, articles), make([][]simulator.Pair, articles)
	var memory []simulator.Pair
	for i := range texts {
		texts[i], want[i] = station(i, size)
		memory = append(memory, want[i]...)
	}
	m := watch(t, memory, 100*time.Millisecond)
	redis := redistest.Start(t)
	var urls [3]string
	for i := range urls {
		urls[i], _ = process(t, "LLM_BASE_URL="+m.base, "LLM_MODEL=m", "REDIS_URL="+redis.URL())
	}
	var wg sync.WaitGroup
	for i, text := range texts {
		for r, url := range urls {
			wg.Go(func() {
				if err := translated(url, text, want[i]); err != nil {
					t.Errorf("replica %d, article %d: %v", r, i, err)
				}
			})
		}
	}
	wg.Wait()
	m.each(t, articles*size, 1)
}

// Kill -9 of the replica that asks delays the others by no more than the
// lease, 5 s.
func TestKilledReplicaDelaysTheOthersByItsLease(t *testing.T) {
	t.Parallel()
	const size = 7
	text, want := station(30, size)
	m := watch(t, want, 0)
	redis := redistest.Start(t)
	settings := []string{"LLM_BASE_URL=" + m.base, "LLM_MODEL=m", "REDIS_URL=" + redis.URL()}
	asks, p := process(t, settings...)
	m.hold(true)
	first := make(chan error, 1)
	go func() { first <- translated(asks, text, nil) }()
	for range 3 { // two of segments, one of the summary
		<-m.begun
	}
	m.hold(false)
	done := make(chan error, 2)
	for range 2 {
		url, _ := process(t, settings...)
		go func() { done <- translated(url, text, want) }()
	}
	time.Sleep(200 * time.Millisecond) // so that they have begun to wait
	_ = p.Process.Kill()
	killed := time.Now()
	if err := <-first; err == nil {
		t.Error("the killed replica answered")
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
		t.Logf("an answer %v after the kill", time.Since(killed))
	}
	if took := time.Since(killed); took > 7*time.Second { // the lease, and the calls on a busy machine
		t.Errorf("the others were delayed by %v", took)
	}
	m.each(t, size, 2) // by the one that was killed, and by one of the others
}
