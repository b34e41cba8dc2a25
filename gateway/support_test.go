package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store"
)

// memory is a cache of its own for one test.
func memory() cache.Store { return cache.NewMemory(64<<20, time.Minute) }

// onDisk opens the embedded store in a folder.
func onDisk(t testing.TB, dir string) cache.Store {
	t.Helper()
	db, _, err := store.OpenSQLite(filepath.Join(dir, "dubhashi.db"))
	if err != nil {
		t.Fatal(err)
	}
	s := cache.NewSQLite(db)
	t.Cleanup(func() { _ = s.Close(); _ = db.Close() })
	return s
}

// model is an upstream made of a handler, with what a test wants to know of it.
type model struct {
	url       string
	transport http.RoundTripper // nil: over the network
	calls     atomic.Int64
	mu        sync.Mutex
	asked     []wire // every call's last user message
	forgets   bool   // keeps the last one only
}

// wire is what the gateway asks, as far as tests look at it.
type wire struct {
	Task       string            `json:"task"`
	Source     string            `json:"source"`
	Target     string            `json:"target"`
	Segments   map[string]string `json:"segments"`
	Context    map[string]string `json:"context"`
	Glossary   map[string]string `json:"glossary"`
	Paragraphs []string          `json:"paragraphs"`
	Title      string            `json:"title"`
	Style      string            `json:"style"`
	Address    string            `json:"address"`

	Instructions []string `json:"instructions"`
	Fix          map[string]struct {
		Text     string   `json:"text"`
		Problems []string `json:"problems"`
	} `json:"fix"`
	Others *struct {
		Known []string `json:"known"`
		Count int      `json:"count"`
	} `json:"alternatives"`
	system string
	chars  int // of all messages
}

// simulated is the stand-in model with a translation memory.
func simulated(t testing.TB, c simulator.Config) *model {
	t.Helper()
	sim, err := simulator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, sim)
}

// answering is a model that answers with what say returns.
func answering(t testing.TB, say func(call int, w wire) string) *model {
	t.Helper()
	var m *model
	m = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		q := m.asked[len(m.asked)-1]
		n := len(m.asked)
		m.mu.Unlock()
		reply(w, say(n, q), "stop")
	}))
	return m
}

func reply(w http.ResponseWriter, text, finish string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"id": "1", "object": "chat.completion", "model": "test-model",
		"choices": []any{map[string]any{"index": 0, "finish_reason": finish, "message": map[string]any{"role": "assistant", "content": text}}},
		"usage":   map[string]any{"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
	})
}

// serve counts and notes the calls in front of a handler.
func serve(t testing.TB, h http.Handler) *model {
	t.Helper()
	m := &model{}
	srv := httptest.NewServer(m.noting(h))
	t.Cleanup(srv.Close)
	m.url = srv.URL + "/v1"
	return m
}

func (m *model) noting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			r = m.note(r)
		}
		h.ServeHTTP(w, r)
	})
}

func (m *model) note(r *http.Request) *http.Request {
	var body struct {
		Messages []struct{ Role, Content string }
	}
	raw := new(strings.Builder)
	_, _ = bufio.NewReader(r.Body).WriteTo(raw)
	_ = json.Unmarshal([]byte(raw.String()), &body)
	var w wire
	for _, msg := range body.Messages {
		w.chars += len([]rune(msg.Content))
		if msg.Role == "system" {
			w.system = msg.Content
		} else {
			_ = json.Unmarshal([]byte(msg.Content), &w)
		}
	}
	m.mu.Lock()
	if m.forgets {
		m.asked = m.asked[:0]
	}
	m.asked = append(m.asked, w)
	m.mu.Unlock()
	m.calls.Add(1)
	r2 := r.Clone(r.Context())
	r2.Body = http.NoBody
	r2.Body = readCloser{strings.NewReader(raw.String())}
	return r2
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// count gives the calls since the last count.
func (m *model) count() int64 { return m.calls.Swap(0) }

// last gives what was asked last.
func (m *model) last() wire {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked[len(m.asked)-1]
}

func (m *model) all() []wire {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]wire(nil), m.asked...)
}

// over makes a gateway over models, with quick retries.
func over(t testing.TB, s cache.Store, models ...*model) *gateway.Gateway {
	t.Helper()
	return overConfig(t, s, func(*llm.Config) {}, models...)
}

func overConfig(t testing.TB, s cache.Store, change func(*llm.Config), models ...*model) *gateway.Gateway {
	t.Helper()
	return made(t, gateway.Config{Cache: s, CacheTTL: time.Hour}, change, models...)
}

// made makes the gateway that the first configuration says, over models.
func made(t testing.TB, gc gateway.Config, change func(*llm.Config), models ...*model) *gateway.Gateway {
	t.Helper()
	for _, m := range models {
		c := llm.Config{BaseURL: m.url, Model: "test-model", APIKey: "sk-test-not-a-key", MaxAttempts: 2, Transport: m.transport}
		change(&c)
		u, err := llm.New(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(u.Close)
		gc.Upstreams = append(gc.Upstreams, u)
	}
	g := gateway.New(gc)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := g.Close(ctx); err != nil {
			t.Errorf("the gateway's work did not end: %v", err)
		}
	})
	return g
}

// sharedData is the folder of real articles; the test is skipped without it.
func sharedData(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("real articles are not here; set SHARED_DATA to their folder")
	}
	return dir
}

// real is an article in both languages, paragraph by paragraph.
type real struct {
	ID     string   `json:"id"`
	Hindi  []string `json:"hi"`
	Englis []string `json:"en"`
}

func realArticles(t testing.TB) []real {
	t.Helper()
	var out []real
	for _, set := range []string{"ntrex", "tico19"} {
		f, err := os.Open(filepath.Join(sharedData(t), set, "articles.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		s := bufio.NewScanner(f)
		s.Buffer(nil, 8<<20)
		for s.Scan() {
			var a real
			if err := json.Unmarshal(s.Bytes(), &a); err != nil {
				t.Fatal(err)
			}
			out = append(out, a)
		}
		_ = f.Close()
	}
	return out
}

func memoryOf(articles []real) []simulator.Pair {
	var out []simulator.Pair
	for _, a := range articles {
		for i := range a.Hindi {
			out = append(out, simulator.Pair{Hindi: a.Hindi[i], English: a.Englis[i]})
		}
	}
	return out
}
