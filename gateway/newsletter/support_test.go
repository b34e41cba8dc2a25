package newsletter_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// model is a stand-in model that keeps what it was asked.
type model struct {
	url string

	mu    sync.Mutex
	tasks []map[string]any
}

// calls are the user messages that it was sent so far.
func (m *model) calls() []map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]map[string]any{}, m.tasks...)
}

// serve puts a model behind HTTP and notes what it is asked.
func serve(t testing.TB, h http.Handler) *model {
	t.Helper()
	m := &model{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Messages []struct{ Content string } `json:"messages"`
		}
		raw := new(strings.Builder)
		r.Body = http.MaxBytesReader(w, r.Body, 8<<20)
		buf := make([]byte, 32<<10)
		for {
			n, err := r.Body.Read(buf)
			raw.Write(buf[:n])
			if err != nil {
				break
			}
		}
		if json.Unmarshal([]byte(raw.String()), &body) == nil && len(body.Messages) > 0 {
			var task map[string]any
			_ = json.Unmarshal([]byte(body.Messages[len(body.Messages)-1].Content), &task)
			m.mu.Lock()
			m.tasks = append(m.tasks, task)
			m.mu.Unlock()
		}
		r2 := r.Clone(r.Context())
		r2.Body = readCloser{strings.NewReader(raw.String())}
		h.ServeHTTP(w, r2)
	}))
	t.Cleanup(s.Close)
	m.url = s.URL + "/v1"
	return m
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func simulated(t testing.TB, c simulator.Config) *model {
	t.Helper()
	sim, err := simulator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, sim)
}

// core is a gateway over a model, with a cache in memory.
func core(t testing.TB, m *model) *gateway.Gateway {
	t.Helper()
	u, err := llm.New(llm.Config{BaseURL: m.url, Model: "test-model"})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Cache: cache.NewMemory(64<<20, time.Hour)})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = g.Close(ctx)
		u.Close()
	})
	return g
}

func example(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "simulator", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// made makes an edition that must come through.
func made(t testing.TB, m *newsletter.Maker, issue api.Issue) *newsletter.Edition {
	t.Helper()
	e, err := m.Make(t.Context(), newsletter.Order{Issue: issue})
	if err != nil {
		t.Fatalf("%v %+v", err, fieldsOf(err))
	}
	return e
}

func fieldsOf(err error) []gateway.FieldError {
	if e, ok := err.(*gateway.Error); ok {
		return e.Fields
	}
	return nil
}
