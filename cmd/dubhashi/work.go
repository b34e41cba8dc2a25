package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
	"dubhashi/gateway/store"
)

// openJobs makes what does long work, over the store that build opened. It
// begins with its Start.
func (p *parts) openJobs(c *config, log *slog.Logger) (*jobs.Manager, error) {
	work := jobs.Config{
		KV: p.kv, Room: p.room, DB: p.db, Concurrency: c.JobConcurrency, TTL: c.JobTTL,
		Send: p.fetch, Event: httpapi.JobEvent, Observe: p.metrics.Job, Log: log,
	}
	if c.RedisURL != "" {
		client, err := store.OpenQueueRedis(c.RedisURL)
		if err != nil {
			return nil, fmt.Errorf("REDIS_URL: %w", err)
		}
		kv := store.NewRedisKV(client)
		p.closers = append(p.closers, func() { _ = kv.Close(); _ = client.Close() })
		work.KV, work.Room, work.Redis = kv, kv.Within(bounds), client
	}
	m := jobs.New(work)
	p.metrics.Waiting(func() (int, error) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return m.Depth(ctx)
	})
	return m, nil
}

// endJobs hands back what is still at work. A Manager may be closed twice.
func endJobs(m *jobs.Manager) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m.Close(ctx)
}
