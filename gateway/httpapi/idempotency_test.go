package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/store"
)

// records is a KV on disk.
func records(t testing.TB) httpapi.KV {
	t.Helper()
	db, _, err := store.OpenSQLite(filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	kv := store.NewKV(db)
	t.Cleanup(func() { _ = kv.Close(); _ = db.Close() })
	return kv
}

func with(kv httpapi.KV) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.KV = kv }
}

// keyedPost posts with an Idempotency-Key.
func (s *server) keyedPost(t testing.TB, key, path, body string, header ...string) reply {
	t.Helper()
	return s.do(t, "POST", path, body, append([]string{"Content-Type", "application/json", "Idempotency-Key", key}, header...)...)
}

func (r reply) problem(t testing.TB) api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || p.Status != r.status {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return p
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), with(records(t)))
	const path = "/v1/articles"
	body := `{"text":"आज शहर में बारिश हुई।\n\nकल धूप रहेगी।","cache":"off"}`
	first := s.keyedPost(t, "k1", path, body)
	article(t, first)
	calls := s.calls.Load()
	if calls == 0 || first.header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("%d calls, %v", calls, first.header)
	}
	for range 2 {
		again := s.keyedPost(t, "k1", path, body)
		if again.status != 200 || !bytes.Equal(again.body, first.body) || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%d %s %v", again.status, again.body, again.header)
		}
		for _, name := range []string{"Content-Type", "X-Dubhashi-Cache"} {
			if again.header.Get(name) != first.header.Get(name) {
				t.Errorf("%s is %q, was %q", name, again.header.Get(name), first.header.Get(name))
			}
		}
		if again.header.Get("X-Request-Id") == first.header.Get("X-Request-Id") {
			t.Error("a replay has the request id of another request")
		}
	}
	if n := s.calls.Load(); n != calls {
		t.Errorf("%d calls for a replay", n-calls)
	}
	for _, row := range []struct {
		name, key, path, body string
		header                []string
		status                int
		replayed              bool
	}{
		{"another body", "k1", path, strings.Replace(body, "कल", "परसों", 1), nil, 422, false},
		{"another option in the query", "k1", path + "?strict=true", body, nil, 422, false},
		{"another form", "k1", path, body, []string{"Accept", "text/plain"}, 422, false},
		{"another route", "k1", "/v1/detect", `{"text":"नमस्ते दुनिया"}`, nil, 200, false},
		{"another key", "k2", path, body, nil, 200, false},
		{"what is wrong", "k3", path, `{"text":""}`, nil, 422, false},
		{"stays wrong", "k3", path, `{"text":""}`, nil, 422, true},
		{"a key of 255", strings.Repeat("k", 255), "/v1/detect", `{"text":"नमस्ते दुनिया"}`, nil, 200, false},
		{"a key of 256", strings.Repeat("k", 256), "/v1/detect", `{"text":"नमस्ते दुनिया"}`, nil, 422, false},
		{"a key that is not ASCII", "कुंजी", "/v1/detect", `{"text":"नमस्ते दुनिया"}`, nil, 422, false},
		{"text", "k4", path, body, []string{"Accept", "text/plain"}, 200, false},
		{"text again", "k4", path, body, []string{"Accept", "text/plain"}, 200, true},
	} {
		r := s.keyedPost(t, row.key, row.path, row.body, row.header...)
		if r.status != row.status || (r.header.Get("Idempotent-Replayed") == "true") != row.replayed {
			t.Errorf("%s: %d %v %s", row.name, r.status, r.header, r.body)
		}
		if row.status == 422 && len(r.problem(t).Errors) != 1 {
			t.Errorf("%s: %s", row.name, r.body)
		}
	}
	if r := s.do(t, "GET", "/v1/languages", "", "Idempotency-Key", "k1"); r.status != 200 || r.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("a GET: %d", r.status)
	}
}

// gate lets a model's calls wait.
type gate struct {
	model http.Handler
	begun chan struct{}
	open  chan struct{}
}

func newGate(model http.Handler) *gate {
	return &gate{model, make(chan struct{}, 100), make(chan struct{})}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.begun <- struct{}{}
	select {
	case <-g.open:
		g.model.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

func TestIdempotencyKeyAtWork(t *testing.T) {
	t.Parallel()
	g := newGate(demo(t))
	kv := records(t)
	one, two := start(t, g, with(kv)), start(t, g, with(kv))
	body := `{"text":"आज शहर में बारिश हुई।","outputs":["translation"]}`
	first := make(chan reply, 1)
	go func() { first <- one.keyedPost(t, "k", "/v1/articles", body) }()
	<-g.begun
	for _, s := range []*server{one, two} { // here and in another replica
		r := s.keyedPost(t, "k", "/v1/articles", body)
		if p := r.problem(t); p.Code != "conflict" || r.status != 409 || r.header.Get("Retry-After") == "" {
			t.Errorf("%d %v %s", r.status, r.header, r.body)
		}
		if r := s.keyedPost(t, "k", "/v1/articles", `{"text":"और"}`); r.status != 422 {
			t.Errorf("another body meanwhile: %d", r.status)
		}
	}
	close(g.open)
	if r := <-first; r.status != 200 {
		t.Errorf("the first: %d %s", r.status, r.body)
	}
	if r := two.keyedPost(t, "k", "/v1/articles", body); r.status != 200 || r.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
	if one.calls.Load()+two.calls.Load() != 1 {
		t.Errorf("%d calls", one.calls.Load()+two.calls.Load())
	}
}

// Of many at once, over two replicas, one is done.
func TestIdempotencyKeyRaced(t *testing.T) {
	t.Parallel()
	kv := records(t)
	servers := []*server{start(t, demo(t), with(kv)), start(t, demo(t), with(kv))}
	var wg sync.WaitGroup
	var done, waits atomic.Int64
	for i := range 20 {
		wg.Go(func() {
			r := servers[i%2].keyedPost(t, "k", "/v1/articles", `{"text":"आज शहर में बारिश हुई।","outputs":["translation"]}`)
			switch {
			case r.status == 409:
				waits.Add(1)
			case r.status != 200:
				t.Errorf("%d %s", r.status, r.body)
			case r.header.Get("Idempotent-Replayed") == "":
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 {
		t.Errorf("done %d times; %d were told to wait", done.Load(), waits.Load())
	}
}

func TestIdempotencyKeyKeepsNoFailure(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	model := demo(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			w.WriteHeader(500)
			return
		}
		model.ServeHTTP(w, r)
	}), with(records(t)))
	down.Store(true)
	body := `{"text":"आज शहर में बारिश हुई।","outputs":["translation"]}`
	if r := s.keyedPost(t, "k", "/v1/articles", body); r.status != 502 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	down.Store(false)
	for i := range 100 { // the dropped claim ends within a millisecond
		r := s.keyedPost(t, "k", "/v1/articles", body)
		if r.status == 409 && i < 99 {
			continue
		}
		if r.status != 200 || r.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%d %s", r.status, r.body)
		}
		return
	}
}

// short makes claims live for a moment only, as if time went faster, and can be
// cut off as a process is that was killed.
type short struct {
	httpapi.KV
	off atomic.Bool
}

func (s *short) Get(ctx context.Context, space, id string) ([]byte, int64, error) {
	if s.off.Load() {
		return nil, 0, errors.New("cut off")
	}
	return s.KV.Get(ctx, space, id)
}

func (s *short) Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	if s.off.Load() {
		return false, errors.New("cut off")
	}
	if ttl < time.Minute {
		ttl = min(ttl, 200*time.Millisecond)
	}
	return s.KV.Put(ctx, space, id, value, ttl, version)
}

// The claim of a process that was killed ends by itself.
func TestIdempotencyKeyOfTheDead(t *testing.T) {
	t.Parallel()
	kv := records(t)
	g := newGate(demo(t))
	cut := &short{KV: kv}
	dead, alive := start(t, g, with(cut)), start(t, demo(t), with(kv))
	body := `{"text":"आज शहर में बारिश हुई।","outputs":["translation"]}`
	ended := make(chan struct{})
	go func() { defer close(ended); dead.keyedPost(t, "k", "/v1/articles", body) }()
	<-g.begun
	cut.off.Store(true)
	for {
		r := alive.keyedPost(t, "k", "/v1/articles", body)
		if r.status == 200 {
			if r.header.Get("Idempotent-Replayed") != "" {
				t.Error("there was nothing to replay")
			}
			break
		}
		if r.status != 409 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		time.Sleep(10 * time.Millisecond) // the store keeps the time
	}
	cut.off.Store(false)
	close(g.open) // it comes back, too late: the other's answer stays
	<-ended
	if r := alive.keyedPost(t, "k", "/v1/articles", body); r.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

// Answers are bounded, a caller's own to a quarter. What is kept is replayed though
// nothing more is.
func TestIdempotencyKeysWithoutRoom(t *testing.T) {
	t.Parallel()
	kv := records(t).(*store.KV)
	s := start(t, demo(t), func(c *httpapi.Config) {
		c.KV, c.Room = kv, kv.Within(store.Bounds{httpapi.AnswersFamily: {Bytes: 4 * 5000, Records: 1000}})
		withKeys(t)(c)
	})
	const mine, theirs = "my-secret-key", "their-secret-key"
	post := func(name, k string) reply {
		return s.keyedPost(t, k, "/v1/articles", `{"text":"आज शहर में बारिश हुई।","outputs":["translation"]}`, "X-API-Key", name)
	}
	last := 0
	for r := post(mine, "0"); r.status == 200; r = post(mine, fmt.Sprint(last)) {
		if last++; last > 50 {
			t.Fatal("a quarter has no end")
		}
	}
	if r := post(mine, fmt.Sprint(last)); r.status != 503 || r.problem(t).Code != "overloaded" || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", r.status, r.body, r.header)
	}
	for k := range last {
		if r := post(mine, fmt.Sprint(k)); r.status != 200 || r.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("of %d answers, the one of %d: %d %v", last, k, r.status, r.header)
		}
	}
	if r := s.do(t, "POST", "/v1/articles", `{"text":"आज"}`, "Content-Type", "application/json", "X-API-Key", mine); r.status != 200 {
		t.Errorf("without the header: %d %s", r.status, r.body)
	}
	if r := post(theirs, "0"); r.status != 200 {
		t.Errorf("another caller: %d %s", r.status, r.body)
	}
}

// brokenKV is a KV that cannot be used.
type brokenKV struct {
	httpapi.KV
	err error
}

func (f brokenKV) Put(context.Context, string, string, []byte, time.Duration, int64) (bool, error) {
	return false, f.err
}

type evicting struct{}

func (evicting) Error() string { return "maxmemory-policy is allkeys-lru" }
func (evicting) Evicts() bool  { return true }

func TestIdempotencyKeyWithoutAStore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, code string
		kv         httpapi.KV
	}{
		{"none", "store_down", nil},
		{"down", "store_down", brokenKV{err: errors.New("dial tcp 10.0.0.1:6379: connection refused")}},
		{"evicts", "store_evicts", brokenKV{err: fmt.Errorf("put: %w", evicting{})}},
	} {
		s := start(t, demo(t), with(row.kv))
		r := s.keyedPost(t, "k", "/v1/detect", `{"text":"नमस्ते दुनिया"}`)
		if p := r.problem(t); r.status != 503 || p.Code != row.code || r.header.Get("Retry-After") == "" || strings.Contains(p.Detail, "10.0.0.1") {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
		if r := s.post(t, "/v1/detect", `{"text":"नमस्ते दुनिया"}`); r.status != 200 {
			t.Errorf("%s, without a key: %d", row.name, r.status)
		}
	}
}

// Long answers are replayed as well, byte for byte.
func TestIdempotencyKeyOfALongAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), with(records(t)))
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "%d\\n\\n", i)
	}
	body := `{"source":"hi","outputs":["translation"],"text":"आज बारिश हुई।\n\n` + text.String() + `"}`
	first := s.keyedPost(t, "k", "/v1/articles", body)
	again := s.keyedPost(t, "k", "/v1/articles", body)
	if first.status != 200 || len(first.body) < 300_000 || !bytes.Equal(again.body, first.body) || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%d, %d bytes; again %d, %d bytes", first.status, len(first.body), again.status, len(again.body))
	}
}

func FuzzIdempotencyKey(f *testing.F) {
	s := start(f, demo(f), with(records(f)))
	for _, key := range []string{"a", "", "8e03978e-40d5-43dd-bc93-6894a57f9324", `"quoted"`, "a b", "\x7f", "क", strings.Repeat("k", 256)} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		req, err := http.NewRequest("POST", s.url+"/v1/detect", strings.NewReader(`{"text":"नमस्ते दुनिया"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header["Idempotency-Key"] = []string{key}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return // no header that a client sends
		}
		resp.Body.Close()
		if resp.StatusCode != 200 && resp.StatusCode != 422 && resp.StatusCode != 409 {
			t.Errorf("%q: %d", key, resp.StatusCode)
		}
	})
}
