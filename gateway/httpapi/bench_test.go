package httpapi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// BenchmarkCachedArticle answers an article of 20 paragraphs that is all in
// the cache, through HTTP, beside bare Fiber that sends the same bytes and,
// with Redis alone, a raw pipeline of the same number of GETs.
func BenchmarkCachedArticle(b *testing.B) {
	var text []string
	for i := range 20 {
		text = append(text, fmt.Sprintf("वार्ड %d में नगर निगम ने सोमवार को नई बस सेवा शुरू की और पहले ही दिन लोगों ने उसका खूब स्वागत किया।", i))
	}
	article := strings.Join(text, "\n")
	model := httptest.NewServer(demo(b))
	b.Cleanup(model.Close)
	redis := redistest.Start(b)
	client, err := store.OpenRedis(redis.URL())
	if err != nil {
		b.Fatal(err)
	}
	var answer []byte
	for _, row := range []struct {
		name string
		kept cache.Store
	}{
		{"first-level", cache.NewTiered(cache.NewMemory(64<<20, time.Hour), cache.Guard(cache.NewRedis(client), cache.GuardOptions{}))},
		{"redis-alone", cache.Guard(cache.NewRedis(client), cache.GuardOptions{})},
	} {
		u, err := llm.New(llm.Config{BaseURL: model.URL + "/v1", Model: "m"})
		if err != nil {
			b.Fatal(err)
		}
		g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Cache: row.kept})
		s := httpapi.New(httpapi.Config{Gateway: g, MaxBody: 2 << 20, RequestTimeout: time.Minute, MaxRequests: 512, CancelOnDisconnect: true})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		go s.Serve(l)
		b.Cleanup(func() { s.Shutdown(context.Background()) })
		url := "http://" + l.Addr().String() + "/v1/articles?outputs=translation"
		answer = send(b, url, article)
		b.Run(row.name, func(b *testing.B) { times(b, func() { send(b, url, article) }) })
		if row.name == "first-level" {
			for _, coding := range []string{"gzip", "br"} {
				b.Run(row.name+"/"+coding, func(b *testing.B) { times(b, func() { send(b, url, article, "Accept-Encoding", coding) }) })
			}
			b.Run(row.name+"/events", func(b *testing.B) { times(b, func() { send(b, url, article, "Accept", "text/event-stream") }) })
		}
	}
	b.Run("ceiling=raw-pipeline", func(b *testing.B) {
		times(b, func() {
			p := client.Pipeline()
			for i := range 20 {
				p.Get(context.Background(), fmt.Sprint("none", i))
			}
			p.Exec(context.Background())
		})
	})
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/", func(c *fiber.Ctx) error { return c.Send(answer) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go app.Listener(l)
	b.Cleanup(func() { app.Shutdown() })
	b.Run("ceiling=bare-fiber", func(b *testing.B) { times(b, func() { send(b, "http://"+l.Addr().String(), article) }) })
}

// asks does not ask for compression of its own accord.
var asks = &http.Client{Transport: &http.Transport{DisableCompression: true}}

func send(b *testing.B, url, body string, header ...string) []byte {
	req, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := asks.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Encoding") == "" && !bytes.Contains(out, []byte(`"complete"`)) {
		b.Fatalf("%d %.200s %v", resp.StatusCode, out, err)
	}
	return out
}

// times reports the median beside the mean.
func times(b *testing.B, do func()) {
	var all []time.Duration
	for b.Loop() {
		start := time.Now()
		do()
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "median_µs")
}
