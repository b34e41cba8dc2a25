package jobs

import (
	"context"
	"database/sql"
	"math"
	"sync"
	"time"

	"maragu.dev/goqite"
)

// goqiteQueue is a queue in SQLite, for the processes that share the file. A
// ticket that is being worked on is hidden for a while and hidden anew as long
// as it takes; one whose process died comes back when that while is over.
type goqiteQueue struct {
	name string
	c    Config
	db   *sql.DB
	q    *goqite.Queue

	wake    chan struct{} // something was sent in this process
	root    context.Context
	end     context.CancelFunc
	working sync.WaitGroup
}

func newGoqiteQueue(c Config, name string) *goqiteQueue {
	q := &goqiteQueue{
		name: name, c: c, db: c.DB, wake: make(chan struct{}, 1),
		// How often a ticket may come is not the queue's business.
		q: goqite.New(goqite.NewOpts{DB: c.DB, Name: name, MaxReceive: math.MaxInt32, Timeout: c.timing.hold}),
	}
	q.root, q.end = context.WithCancel(context.Background())
	return q
}

func (q *goqiteQueue) send(ctx context.Context, t ticket, delay time.Duration) error {
	if err := q.q.Send(ctx, goqite.Message{Body: t.encode(), Delay: delay}); err != nil {
		return err
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

func (q *goqiteQueue) start(atOnce int, handle handler) error {
	q.working.Go(func() {
		free := make(chan struct{}, atOnce)
		for {
			select {
			case free <- struct{}{}:
			case <-q.root.Done():
				return
			}
			m := q.next()
			if m == nil {
				return
			}
			q.working.Go(func() {
				defer func() { <-free }()
				q.handle(m, handle)
			})
		}
	})
	return nil
}

// next waits for a ticket; nil: the queue was stopped.
func (q *goqiteQueue) next() *goqite.Message {
	for q.root.Err() == nil {
		// Not cut off in the middle, where the ticket might be taken and lost for a while.
		m, err := q.q.Receive(context.WithoutCancel(q.root))
		if m != nil && err == nil {
			return m
		}
		if err != nil {
			q.c.Log.Debug("job queue", "queue", q.name, "error", err)
		}
		select {
		case <-q.wake:
		case <-time.After(3 * q.c.timing.poll): // what this process sends, it knows at once
		case <-q.root.Done():
		}
	}
	return nil
}

func (q *goqiteQueue) handle(m *goqite.Message, handle handler) {
	t, err := decodeTicket(m.Body)
	if err != nil {
		_ = q.q.Delete(context.Background(), m.ID) // not a ticket of ours; it comes again otherwise
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var hidden sync.WaitGroup
	hidden.Go(func() { q.hide(ctx, cancel, m.ID) })
	again, keep := handle(ctx, t)
	cancel()
	hidden.Wait()
	last, done := context.WithTimeout(context.Background(), q.c.timing.hold)
	defer done()
	if keep {
		err = q.q.Extend(last, m.ID, max(again, 0))
	} else {
		err = q.q.Delete(last, m.ID)
	}
	if err != nil { // it comes back by itself
		q.c.Log.Debug("job queue", "queue", q.name, "error", err)
	}
}

// hide keeps the ticket hidden until ctx ends, and ends it when that did not
// succeed for so long that the ticket has come back.
func (q *goqiteQueue) hide(ctx context.Context, lost context.CancelFunc, id goqite.ID) {
	tick := time.NewTicker(q.c.timing.hold / 3)
	defer tick.Stop()
	until := time.Now().Add(q.c.timing.hold)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		if err := q.q.Extend(ctx, id, q.c.timing.hold); err == nil {
			until = asked.Add(q.c.timing.hold)
		} else if time.Now().After(until) {
			lost()
			return
		}
	}
}

func (q *goqiteQueue) stop() {
	q.end()
	q.working.Wait()
}

// held: all of them come back soon.
func (q *goqiteQueue) held(context.Context) ([]ticket, error) { return nil, nil }

func (q *goqiteQueue) size(ctx context.Context) (n int, err error) {
	err = q.db.QueryRowContext(ctx, `SELECT count(*) FROM goqite WHERE queue = ?`, q.name).Scan(&n)
	return n, err
}
