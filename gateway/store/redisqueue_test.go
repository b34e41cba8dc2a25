package store_test

import (
	"context"
	"testing"
	"time"

	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// A call that finds no server takes its time, so that who asks again at once
// keeps no core busy; one that is answered does not, whatever the answer.
func TestQueueRedisIsCalm(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	client, err := store.OpenQueueRedis(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for range 100 {
		client.Get(t.Context(), "nothing")        // redis.Nil
		client.Do(t.Context(), "no such command") // an error of the server's
	}
	if took := time.Since(start); took > 20*time.Second { // 50 s if they were slowed down
		t.Errorf("200 calls took %v", took)
	}
	s.Stop()
	for _, row := range []struct {
		name string
		call func(ctx context.Context) error
	}{
		{"command", func(ctx context.Context) error { return client.Ping(ctx).Err() }},
		{"pipeline", func(ctx context.Context) error {
			p := client.Pipeline()
			p.Ping(ctx)
			p.Ping(ctx)
			_, err := p.Exec(ctx)
			return err
		}},
	} {
		start := time.Now()
		if err := row.call(t.Context()); err == nil || time.Since(start) < 200*time.Millisecond {
			t.Errorf("%s: %v after %v", row.name, err, time.Since(start))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := row.call(gone); err == nil {
			t.Errorf("%s: no error", row.name)
		}
	}
	s.Restart()
	for range 50 {
		if err = client.Ping(t.Context()).Err(); err == nil {
			return
		}
	}
	t.Errorf("not found again: %v", err)
}

func TestQueueRedisNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := store.OpenQueueRedis("http://example.org"); err == nil {
		t.Error("no error")
	}
}
