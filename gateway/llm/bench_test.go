package llm_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"dubhashi/gateway/llm"
)

// One call over loopback HTTP to a handler that does nothing, and in parallel.
func BenchmarkComplete(b *testing.B) {
	body := good(`{"segments":{"1":"` + strings.Repeat("नमस्ते दुनिया। ", 60) + `"}}`)
	base := serve(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, body)
	}))
	r := structured()
	r.Messages[1].Content = strings.Repeat("नमस्ते दुनिया। ", 60)
	b.Run("one", func(b *testing.B) {
		u := open(b, llm.Config{BaseURL: base})
		for b.Loop() {
			if _, err := u.Complete(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		u := open(b, llm.Config{BaseURL: base, Concurrency: 64})
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := u.Complete(b.Context(), r); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// The same without the client, for comparison.
func BenchmarkBareHTTP(b *testing.B) {
	body := good(strings.Repeat("नमस्ते दुनिया। ", 60))
	base := serve(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, body)
	}))
	for b.Loop() {
		res, err := http.Post(base, "application/json", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

func BenchmarkJSON(b *testing.B) {
	text := "```json\n{\"segments\":{\"1\":\"" + strings.Repeat("नमस्ते दुनिया। ", 500) + "\"}}\n```"
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, ok := llm.JSON(text, "segments"); !ok {
			b.Fatal("no object")
		}
	}
}
