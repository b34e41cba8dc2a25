package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/jobs"
	"dubhashi/gateway/store/redistest"
)

// quick is a beat for those who wait for a process to be found dead. The living
// ones may miss it on a busy machine.
const quick = 50 * time.Millisecond

// The jobs of a process that is killed are done by another, once.
func TestKilled(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.beat = quick
		const n = 12
		h := newHang()
		victim := w.start(h.run, nil)
		var ids []string
		for range n {
			ids = append(ids, victim.submit(t, "x"))
		}
		for range 4 {
			wait(t, "begin", h.begun)
		}
		victim.kill()
		var runs sync.Map
		heir := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			v, _ := runs.LoadOrStore(task.Job, new(atomic.Int64))
			v.(*atomic.Int64).Add(1)
			if task.Run != 1 {
				t.Errorf("the kill counts as try: run %d", task.Run)
			}
			return jobs.Outcome{Body: []byte("done")}
		}, nil)
		for _, id := range ids {
			heir.until(t, id, jobs.Done)
			if v, _ := runs.Load(id); v.(*atomic.Int64).Load() != 1 {
				t.Errorf("a job was done %d times", v.(*atomic.Int64).Load())
			}
		}
		heir.observed(t, jobs.Done, n)
	})
}

// A process that is killed between taking a ticket and saying so leaves no job
// behind.
func TestKilledWithATicketInHand(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.beat = quick
		h := newHang()
		slow := &stuck{at: make(chan struct{}, 10), end: make(chan struct{})}
		victim := w.start(h.run, func(c *jobs.Config) {
			c.Concurrency = 2
			slow.KV, c.KV = c.KV, slow
		})
		first := victim.submit(t, "x")
		wait(t, "begin", h.begun)
		second := victim.take(t, jobs.Submission{ID: stuckID, Owner: "me", Kind: "test", Items: [][]byte{[]byte("x")}})
		wait(t, "look at the second job", slow.at)
		time.Sleep(4 * quick) // a beat has passed since it was taken in
		victim.kill()
		defer close(slow.end)
		heir := w.start(echo, nil)
		heir.until(t, first, jobs.Done)
		heir.until(t, second, jobs.Done)
	})
}

// A process that is killed is found dead though the list of them has many pages.
func TestKilledAmongMany(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.beat = quick
		h, others := newHang(), newHang()
		victim := w.start(h.run, func(c *jobs.Config) { c.Concurrency = 1 })
		id := victim.submit(t, "x") // the oldest of them, which the list has last
		wait(t, "begin", h.begun)
		for range 3 {
			w.start(others.run, func(c *jobs.Config) { c.Concurrency, c.KV = 1, &narrow{c.KV} }).submit(t, "x")
			wait(t, "begin", others.begun)
		}
		victim.kill()
		w.start(others.run, func(c *jobs.Config) { c.KV = &narrow{c.KV} })
		for wait(t, "begin", others.begun) != id { // on a busy machine a live one may be held for dead, too
		}
	})
}

// narrow is a KV with one record in a page.
type narrow struct{ jobs.KV }

func (n *narrow) List(ctx context.Context, space, cursor string, _ int) ([]string, [][]byte, string, error) {
	return n.KV.List(ctx, space, cursor, 1)
}

// stuck is a KV in which a look at one job never ends.
type stuck struct {
	jobs.KV
	at, end chan struct{}
}

const stuckID = "stuck"

func (s *stuck) Get(ctx context.Context, space, id string) ([]byte, int64, error) {
	if id == stuckID && space == "jobs/me/records" {
		s.at <- struct{}{}
		<-s.end
		return nil, 0, errSevered
	}
	return s.KV.Get(ctx, space, id)
}

// A process that is cut off for a while, and held for dead, does no harm when it
// comes back.
func TestHeldForDead(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.beat = quick
		begun, go_ := make(chan string, 10), make(chan struct{})
		cut := &severed{}
		paused := w.start(func(ctx context.Context, task jobs.Task) jobs.Outcome {
			begun <- task.Job
			<-go_ // deaf to its context, as a process that sleeps is
			return jobs.Outcome{Body: []byte("late")}
		}, func(c *jobs.Config) {
			c.Concurrency = 1
			cut.KV = c.KV
			c.KV = cut
		})
		id := paused.submit(t, "x")
		wait(t, "begin", begun)
		cut.off.Store(true)
		heir := w.start(func(context.Context, jobs.Task) jobs.Outcome { return jobs.Outcome{Body: []byte("in time")} }, nil)
		heir.until(t, id, jobs.Done)
		cut.off.Store(false)
		close(go_)
		next := paused.submit(t, "x") // either of them does it
		heir.until(t, next, jobs.Done)
		if body, _ := heir.result(t, id, 0); body != "in time" {
			t.Errorf("the result is %q", body)
		}
		for end := time.Now().Add(10 * time.Second); heir.count(jobs.Done)+paused.count(jobs.Done) != 2; time.Sleep(quick) {
			if time.Now().After(end) {
				t.Fatalf("%d and %d ends were told, want 2", heir.count(jobs.Done), paused.count(jobs.Done))
			}
		}
	})
}

// severed is a KV that can be out of reach.
type severed struct {
	jobs.KV
	off atomic.Bool
}

var errSevered = errors.New("cut off")

func (s *severed) Get(ctx context.Context, space, id string) ([]byte, int64, error) {
	if s.off.Load() {
		return nil, 0, errSevered
	}
	return s.KV.Get(ctx, space, id)
}

func (s *severed) Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	if s.off.Load() {
		return false, errSevered
	}
	return s.KV.Put(ctx, space, id, value, ttl, version)
}

func (s *severed) Delete(ctx context.Context, space, id string) (bool, error) {
	if s.off.Load() {
		return false, errSevered
	}
	return s.KV.Delete(ctx, space, id)
}

func (s *severed) List(ctx context.Context, space, cursor string, limit int) ([]string, [][]byte, string, error) {
	if s.off.Load() {
		return nil, nil, "", errSevered
	}
	return s.KV.List(ctx, space, cursor, limit)
}

// A job whose process dies over it again and again is given up.
func TestPoisonedJob(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.beat = quick
		h := newHang()
		id := w.start(nil, nil).submit(t, "x")
		for i := range 6 {
			p := w.start(h.run, func(c *jobs.Config) { c.Concurrency = 1 })
			wait(t, fmt.Sprintf("begin %d", i), h.begun)
			p.kill()
		}
		p := w.start(h.run, nil)
		if j := p.until(t, id, jobs.Failed); j.Error != nil || j.Finished.IsZero() {
			t.Errorf("%+v", j)
		}
	})
}

// A process that is told to end hands its jobs back: that is no try, and no
// item is begun with meanwhile.
func TestClose(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := newHang()
		p := w.start(h.run, func(c *jobs.Config) { c.Concurrency = 2 })
		one, many := p.submit(t, "x"), p.submit(t, "a", "b", "c", "d", "e", "f")
		for range 1 + 4 {
			wait(t, "begin", h.begun)
		}
		queued := p.submit(t, "x")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		p.Close(ctx)
		if len(h.begun) != 0 || len(h.ended) != 5 {
			t.Errorf("%d were begun with, %d of 5 ended", len(h.begun), len(h.ended))
		}
		for _, id := range []string{one, many, queued} {
			if j, err := w.start(nil, nil).Job(t.Context(), "me", id); err != nil || j.State != jobs.Queued || j.Runs != 0 {
				t.Errorf("%s after %d runs: %v", j.State, j.Runs, err)
			}
		}
		next := w.start(echo, nil)
		for _, id := range []string{one, many, queued} {
			if j := next.until(t, id, jobs.Done); j.Runs != 1 {
				t.Errorf("%d runs", j.Runs)
			}
		}
	})
}

// What ends in time is waited for.
func TestCloseWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		begun, go_ := make(chan string, 10), make(chan struct{})
		p := w.start(func(ctx context.Context, task jobs.Task) jobs.Outcome {
			begun <- task.Job
			<-go_
			return jobs.Outcome{Body: []byte("x")}
		}, nil)
		one, many := p.submit(t, "x"), p.submit(t, "a", "b", "c", "d", "e", "f")
		for range 1 + 4 {
			wait(t, "begin", begun)
		}
		closing, closed := make(chan struct{}), make(chan struct{})
		go func() { close(closing); p.Close(context.WithoutCancel(t.Context())); close(closed) }()
		<-closing
		time.Sleep(200 * time.Millisecond) // so that Close has begun
		close(go_)
		wait(t, "end of Close", closed)
		if p.job(t, one).State != jobs.Done {
			t.Error("the one that could end did not")
		}
		if j := p.job(t, many); j.State != jobs.Queued || j.Done != 4 {
			t.Errorf("the batch is %s, %d of %d", j.State, j.Done, j.Total)
		}
		var again atomic.Int64
		next := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			again.Add(1)
			return jobs.Outcome{Body: []byte("y")}
		}, nil)
		next.until(t, many, jobs.Done)
		if n := again.Load(); n != 2 {
			t.Errorf("%d of 6 items were done again; 4 had been done", n)
		}
	})
}

// Many processes share the work; every job is done once.
func TestShared(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		const n = 15
		var done sync.Map
		var by [3]atomic.Int64
		var list [3]*process
		for i := range list {
			list[i] = w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
				by[i].Add(1)
				if _, twice := done.LoadOrStore(task.Job, true); twice {
					t.Error("a job was done twice")
				}
				time.Sleep(5 * time.Millisecond)
				return jobs.Outcome{Body: task.Payload}
			}, nil)
		}
		var ids [n]string
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() { ids[i] = list[i%3].submit(t, fmt.Sprint(i)) })
		}
		wg.Wait()
		for i, id := range ids {
			list[0].until(t, id, jobs.Done)
			if body, _ := list[1].result(t, id, 0); body != fmt.Sprint(i) {
				t.Errorf("job %d: %q", i, body)
			}
		}
		t.Log("done by each:", by[0].Load(), by[1].Load(), by[2].Load())
	})
}

// The store may go away and come back while jobs wait and work.
func TestRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	w := overURL(t, s.URL())
	begun, go_ := make(chan string, 10), make(chan struct{})
	p := w.start(func(ctx context.Context, task jobs.Task) jobs.Outcome {
		if string(task.Payload) == "slow" {
			begun <- task.Job
			select {
			case <-go_:
			case <-ctx.Done():
			}
		}
		return jobs.Outcome{Body: task.Payload}
	}, nil)
	slow := p.submit(t, "slow")
	wait(t, "begin", begun)
	s.Pause()
	if _, err := p.Submit(t.Context(), jobs.Submission{Owner: "me", Kind: "test", Items: [][]byte{[]byte("x")}}); err == nil {
		t.Error("a job is taken in without a store")
	}
	close(go_) // it cannot be written down now
	s.Resume()
	p.until(t, slow, jobs.Done)
	s.Restart()
	deadline := time.Now().Add(20 * time.Second)
	for {
		j, err := p.Submit(t.Context(), jobs.Submission{Owner: "me", Kind: "test", Items: [][]byte{[]byte("x")}})
		if err == nil {
			p.until(t, j.ID, jobs.Done)
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if body, _ := p.result(t, slow, 0); body != "slow" {
		t.Errorf("the result is %q", body)
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	w := overURL(t, redistest.StartCluster(t, 3).URL())
	p := w.start(echo, nil)
	for i := range 20 {
		id := p.submit(t, fmt.Sprint(i))
		p.until(t, id, jobs.Done)
		if body, _ := p.result(t, id, 0); body != fmt.Sprint(i) {
			t.Errorf("job %d: %q", i, body)
		}
	}
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	w := overURL(t, "redis+sentinel://"+redistest.StartSentinel(t, master, "main").Addr()+"/main")
	p := w.start(echo, nil)
	p.until(t, p.submit(t, "x"), jobs.Done)
}

// slowKV lets time pass between what a store has done and what its caller does
// next.
type slowKV struct{ jobs.KV }

func (s slowKV) Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	ok, err := s.KV.Put(ctx, space, id, value, ttl, version)
	if version > 0 {
		time.Sleep(30 * time.Millisecond)
	}
	return ok, err
}

// Of several tickets of a job that one process holds at once, one leads to work.
func TestTicketsSideBySide(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var runs atomic.Int64
		run := func(context.Context, jobs.Task) jobs.Outcome {
			runs.Add(1)
			time.Sleep(200 * time.Millisecond)
			return jobs.Outcome{Body: []byte("done")}
		}
		taker := w.start(nil, nil)
		id := taker.submit(t, "x")
		for range 3 {
			if err := taker.SendTicket(t.Context(), "me", id); err != nil {
				t.Fatal(err)
			}
		}
		p := w.start(run, func(c *jobs.Config) { c.KV = slowKV{c.KV} })
		p.until(t, id, jobs.Done)
		if n := runs.Load(); n != 1 {
			t.Errorf("the job was run %d times", n)
		}
	})
}
