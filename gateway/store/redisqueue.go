package store

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// The settings of a job queue's connections. What a queue asks must come
// through, and nobody waits for it: the times are long enough for a failover
// and for values of megabytes.
const (
	queueDial = 2 * time.Second
	queueIO   = 10 * time.Second // one read or write; a caller's earlier deadline wins
	queuePool = 5 * time.Second
	// queueCalm is how long a call that did not reach Redis takes at least. The
	// workers of a queue ask again at once when a call has failed, and would
	// keep a core busy as long as a server is down.
	queueCalm = 250 * time.Millisecond
)

// OpenQueueRedis is [OpenRedis] for a job queue: the same URLs, with patience
// where that client has none, and calm instead of haste when the server is
// away. Nothing is tried twice here either: a command that took a job off the
// queue and whose answer was lost would take a second one.
func OpenQueueRedis(url string) (redis.UniversalClient, error) {
	client, err := openRedis(url, patience{dial: queueDial, io: queueIO, pool: queuePool})
	if err != nil {
		return nil, err
	}
	client.AddHook(calm{})
	return client, nil
}

// calm slows calls down that fail for want of a server.
type calm struct{}

func (calm) DialHook(next redis.DialHook) redis.DialHook { return next }

func (calm) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmd)
		calmDown(ctx, start, err)
		return err
	}
}

func (calm) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmds)
		calmDown(ctx, start, err)
		return err
	}
}

func calmDown(ctx context.Context, start time.Time, err error) {
	var answer redis.Error
	if err == nil || errors.As(err, &answer) {
		return
	}
	timer := time.NewTimer(queueCalm - time.Since(start))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
