package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// asynqQueue is a queue in Redis for any number of processes.
//
// What asynq would count as failures and give up after is not used: how often a
// job is tried is in its record. A handler's "again" is a retry that counts for
// nothing. asynq gives a dead process's tickets to others too, after one to two
// minutes; they are then found to be done with.
type asynqQueue struct {
	name   string
	c      Config
	client *asynq.Client
	look   *asynq.Inspector
	server *asynq.Server
}

func newAsynqQueue(c Config, name string) *asynqQueue {
	return &asynqQueue{
		name: name, c: c,
		client: asynq.NewClientFromRedisClient(c.Redis), look: asynq.NewInspectorFromRedisClient(c.Redis),
	}
}

func (q *asynqQueue) send(ctx context.Context, t ticket, delay time.Duration) error {
	_, err := q.client.EnqueueContext(ctx, asynq.NewTask("ticket", t.encode()),
		asynq.Queue(q.name), asynq.MaxRetry(math.MaxInt32), asynq.Timeout(2*MaxAge), asynq.ProcessIn(delay))
	return err
}

// againError is a handler's wish to see the ticket again.
type againError time.Duration

func (e againError) Error() string { return "again in " + time.Duration(e).String() }

func (q *asynqQueue) start(atOnce int, handle handler) error {
	q.server = asynq.NewServerFromRedisClient(q.c.Redis, asynq.Config{
		Concurrency:              atOnce,
		Queues:                   map[string]int{q.name: 1},
		TaskCheckInterval:        q.c.timing.poll,
		DelayedTaskCheckInterval: min(time.Second, 2*q.c.timing.poll),
		// A ticket whose handler goes on must not be given to others: the Manager
		// ends the handlers.
		ShutdownTimeout: MaxAge,
		IsFailure:       func(error) bool { return false },
		RetryDelayFunc: func(_ int, err error, _ *asynq.Task) time.Duration {
			var again againError
			if errors.As(err, &again) {
				return time.Duration(again)
			}
			return 0 // its process died, or its lease ended: at once
		},
		Logger:   asynqLog{q.c.Log},
		LogLevel: asynq.WarnLevel,
	})
	return q.server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		t, err := decodeTicket(task.Payload())
		if err != nil {
			return fmt.Errorf("not a ticket of ours: %w", asynq.RevokeTask)
		}
		if again, keep := handle(ctx, t); keep {
			return againError(again)
		}
		return nil
	}))
}

func (q *asynqQueue) stop() {
	if q.server != nil {
		q.server.Shutdown()
	}
}

// mostHeld is more than all processes together work on.
const mostHeld = 10_000

func (q *asynqQueue) held(context.Context) (list []ticket, err error) {
	tasks, err := q.look.ListActiveTasks(q.name, asynq.PageSize(mostHeld))
	for _, task := range tasks {
		if t, err := decodeTicket(task.Payload); err == nil {
			list = append(list, t)
		}
	}
	return list, err
}

// size counts in asynq's own lists, because its Inspector knows no context and
// measures the memory of all tasks besides.
func (q *asynqQueue) size(ctx context.Context) (int, error) {
	list := func(state string) string { return "asynq:{" + q.name + "}:" + state }
	counts := make([]*redis.IntCmd, 0, 4)
	_, err := q.c.Redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		counts = append(counts, p.LLen(ctx, list("pending")), p.LLen(ctx, list("active")),
			p.ZCard(ctx, list("scheduled")), p.ZCard(ctx, list("retry")))
		return nil
	})
	n := 0
	for _, c := range counts {
		n += int(c.Val())
	}
	return n, err
}

// asynqLog takes asynq's lines to the debug level of the log: what they tell of
// trouble with Redis is told by those who meet it.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) line(args []any) { l.log.Debug("job queue", "line", fmt.Sprint(args...)) }

func (l asynqLog) Debug(args ...any) { l.line(args) }
func (l asynqLog) Info(args ...any)  { l.line(args) }
func (l asynqLog) Warn(args ...any)  { l.line(args) }
func (l asynqLog) Error(args ...any) { l.line(args) }
func (l asynqLog) Fatal(args ...any) { l.line(args) }
