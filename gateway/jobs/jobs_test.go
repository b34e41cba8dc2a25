package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/jobs"
)

func TestOneItem(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			task.Progress(7, 7)
			if task.Kind != "shout" || task.Owner != "me" || string(task.Meta) != `{"loud":true}` || task.Run != 1 {
				t.Errorf("the task: %+v", task)
			}
			return jobs.Outcome{Body: bytes.ToUpper(task.Payload)}
		}, func(c *jobs.Config) { c.TTL = time.Hour })
		id := p.take(t, jobs.Submission{Owner: "me", Kind: "shout", Items: [][]byte{[]byte("hello")}, Meta: []byte(`{"loud":true}`)})
		j := p.until(t, id, jobs.Done)
		if body, bad := p.result(t, id, 0); body != "HELLO" || bad {
			t.Errorf("result %q, bad %v", body, bad)
		}
		if j.Done != 7 || j.Total != 7 || j.Runs != 1 || j.Started.IsZero() || j.Expires != j.Finished.Add(time.Hour) {
			t.Errorf("the job: %+v", j)
		}
		p.observed(t, jobs.Done, 1)
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) { // it goes behind the end
			_, version, err := p.kv.Get(t.Context(), "waiting/me/payloads", id)
			if version == 0 && err == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("the payload is kept: %v", err)
			}
		}
	})
}

func TestBatchKeepsItsOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var atOnce, most atomic.Int64
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			most.Store(max(most.Load(), atOnce.Add(1)))
			defer atOnce.Add(-1)
			time.Sleep(time.Duration(10-task.Item) * time.Millisecond) // the first is the last to end
			return jobs.Outcome{Body: fmt.Appendf(nil, "%d:%s", task.Item, task.Payload), Failed: task.Item == 2}
		}, nil)
		id := p.submit(t, "a", "", "c", "d", "e", "f", "g")
		j := p.until(t, id, jobs.Done)
		for i, want := range []string{"0:a", "1:", "2:c", "3:d", "4:e", "5:f", "6:g"} {
			if body, bad := p.result(t, id, i); body != want || bad != (i == 2) {
				t.Errorf("item %d: %q, bad %v", i, body, bad)
			}
		}
		if j.Done != 7 || j.Total != 7 || j.Bad != 1 {
			t.Errorf("progress %d of %d, %d bad", j.Done, j.Total, j.Bad)
		}
		if n := most.Load(); n < 2 || n > 4 {
			t.Errorf("%d items at once", n)
		}
		if _, _, err := p.Result(t.Context(), "me", id, 7); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("an item behind the last: %v", err)
		}
		id = p.submit(t, "x", "y")
		if j := p.until(t, id, jobs.Done, jobs.Failed); j.State != jobs.Done {
			t.Errorf("%s, %q", j.State, j.Error)
		}
	})
}

func TestBatchOfWhichNothingCameThroughFailed(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			return jobs.Outcome{Body: fmt.Appendf(nil, "no %s", task.Payload), Failed: true}
		}, nil)
		j := p.until(t, p.submit(t, "a", "b"), jobs.Done, jobs.Failed)
		if j.State != jobs.Failed || string(j.Error) != "no a" || j.Bad != 2 {
			t.Errorf("%s, %q, %d bad", j.State, j.Error, j.Bad)
		}
	})
}

func TestTries(t *testing.T) {
	rows := []struct {
		name  string
		tries int // that a failure says it is worth
		fails int // runs that fail
		runs  int
		state jobs.State
		says  string
	}{
		{"a fault of the caller's is not tried again", 0, 99, 1, jobs.Failed, "bad 1"},
		{"trouble passes", 5, 2, 3, jobs.Done, "good 3"},
		{"trouble stays", 3, 99, 3, jobs.Failed, "bad 3"},
	}
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			var row int
			fmt.Sscan(string(task.Payload), &row)
			if r := rows[row]; task.Run <= r.fails {
				return jobs.Outcome{Body: fmt.Appendf(nil, "bad %d", task.Run), Failed: true, Tries: r.tries}
			}
			return jobs.Outcome{Body: fmt.Appendf(nil, "good %d", task.Run)}
		}, nil)
		ids := make([]string, len(rows))
		for i := range rows {
			ids[i] = p.submit(t, fmt.Sprint(i))
		}
		for i, row := range rows {
			j := p.until(t, ids[i], jobs.Done, jobs.Failed)
			says := string(j.Error)
			if j.State == jobs.Done {
				says, _ = p.result(t, ids[i], 0)
			}
			if j.State != row.state || j.Runs != row.runs || says != row.says {
				t.Errorf("%s: %s after %d runs, %q", row.name, j.State, j.Runs, says)
			}
		}
	})
}

// A partial answer is worth more tries, and when they are over it is the result.
func TestPartialAnswerInTheEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		runs := map[int]int{}
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			mu.Lock()
			defer mu.Unlock()
			runs[task.Item]++
			o := jobs.Outcome{Body: fmt.Appendf(nil, "half %d", task.Run)}
			if task.Item == 1 {
				o.Tries = 3
			}
			return o
		}, nil)
		id := p.submit(t, "whole", "partial", "whole")
		p.until(t, id, jobs.Done)
		for i, want := range []string{"half 1", "half 3", "half 1"} {
			if body, _ := p.result(t, id, i); body != want {
				t.Errorf("item %d: %q", i, body)
			}
		}
		if runs[0] != 1 || runs[1] != 3 || runs[2] != 1 {
			t.Errorf("runs of the items: %v", runs)
		}
	})
}

func TestPanic(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			if string(task.Payload) == "once" && task.Run > 1 {
				return jobs.Outcome{Body: []byte("fine")}
			}
			panic("with a secret in it")
		}, nil)
		if j := p.until(t, p.submit(t, "once"), jobs.Done, jobs.Failed); j.State != jobs.Done {
			t.Errorf("once: %s", j.State)
		}
		if j := p.until(t, p.submit(t, "always"), jobs.Done, jobs.Failed); j.State != jobs.Failed || j.Error != nil || j.Runs != 2 {
			t.Errorf("always: %s after %d runs, %q", j.State, j.Runs, j.Error)
		}
	})
}

func TestCancel(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := newHang()
		worker := w.start(h.run, func(c *jobs.Config) { c.Concurrency = 2 })
		taker := w.start(nil, nil) // another process
		here, there := worker.submit(t, "x"), worker.submit(t, "x")
		wait(t, "begin", h.begun)
		wait(t, "begin", h.begun)
		queued := worker.submit(t, "x")
		for _, row := range []struct {
			name string
			id   string
			by   *process
			runs bool
		}{{"queued", queued, worker, false}, {"running here", here, worker, true}, {"running there", there, taker, true}} {
			j, err := row.by.Cancel(t.Context(), "me", row.id)
			if err != nil || j.State != jobs.Cancelled || j.Finished.IsZero() {
				t.Errorf("%s: %s, %v", row.name, j.State, err)
			}
			if row.runs && wait(t, "end of a cancelled run", h.ended) != row.id {
				t.Errorf("%s: another job ended", row.name)
			}
			if j, err := taker.Cancel(t.Context(), "me", row.id); !errors.Is(err, jobs.ErrEnded) || j.State != jobs.Cancelled {
				t.Errorf("%s, again: %s, %v", row.name, j.State, err)
			}
			if _, _, err := worker.Result(t.Context(), "me", row.id, 0); !errors.Is(err, jobs.ErrNotFound) {
				t.Errorf("%s: a result: %v", row.name, err)
			}
		}
		for i := range 2 { // the slots are free again
			if len(h.begun) > 0 {
				t.Error("a cancelled job was begun with")
			}
			id := worker.submit(t, "x")
			wait(t, "begin", h.begun)
			if _, err := taker.Cancel(t.Context(), "me", id); err != nil {
				t.Error(i, err)
			}
			wait(t, "end", h.ended)
		}
	})
}

// Of a cancel and an end at the same moment one counts, and both know which.
func TestCancelAgainstDone(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		const n = 12
		begun, gates := make(chan string, n), sync.Map{}
		p := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			begun <- task.Job
			gate, _ := gates.LoadOrStore(task.Job, make(chan struct{}))
			<-gate.(chan struct{})
			return jobs.Outcome{Body: []byte("x")}
		}, nil)
		for range n {
			p.submit(t, "x")
		}
		var wg sync.WaitGroup
		var cancelled atomic.Int64
		for i := range n {
			id := wait(t, "begin", begun)
			wg.Go(func() {
				gate, _ := gates.LoadOrStore(id, make(chan struct{}))
				close(gate.(chan struct{}))
				time.Sleep(time.Duration(i%5) * time.Millisecond) // about as long as the end takes
				j, err := p.Cancel(t.Context(), "me", id)
				if err == nil {
					cancelled.Add(1)
				} else if !errors.Is(err, jobs.ErrEnded) {
					t.Error(err)
				}
				if now := p.until(t, id, jobs.Done, jobs.Cancelled); now.State != j.State {
					t.Errorf("the cancel said %s, the job is %s", j.State, now.State)
				}
			})
		}
		wg.Wait()
		p.observed(t, jobs.Cancelled, int(cancelled.Load()))
		p.observed(t, jobs.Done, n-int(cancelled.Load()))
		t.Logf("%d of %d were cancelled", cancelled.Load(), n)
	})
}

func TestOwners(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(echo, nil)
		mine := p.submit(t, "x")
		p.until(t, mine, jobs.Done)
		const other = "me/too"
		theirs := p.take(t, jobs.Submission{Owner: other, Kind: "test", Items: [][]byte{[]byte("y")}})
		if _, err := p.Job(t.Context(), other, mine); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("their look at mine: %v", err)
		}
		if _, err := p.Cancel(t.Context(), other, mine); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("their cancel of mine: %v", err)
		}
		if _, _, err := p.Result(t.Context(), other, mine, 0); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("their look at my result: %v", err)
		}
		if err := p.Delete(t.Context(), other, mine); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("their delete of mine: %v", err)
		}
		for _, err := range p.Watch(t.Context(), other, mine) {
			if !errors.Is(err, jobs.ErrNotFound) {
				t.Errorf("their watch over mine: %v", err)
			}
			break
		}
		if list, _, err := p.List(t.Context(), other, "", 10); err != nil || len(list) != 1 || list[0].ID != theirs {
			t.Errorf("their list: %v, %v", list, err)
		}
	})
}

func TestList(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(nil, nil)
		var want []string
		for range 7 {
			want = append(want, p.submit(t, "x"))
		}
		slices.Reverse(want)
		var got []string
		for cursor, pages := "", 0; ; pages++ {
			list, next, err := p.List(t.Context(), "me", cursor, 3)
			if err != nil || len(list) > 3 || pages > 3 {
				t.Fatal(len(list), pages, err)
			}
			for _, j := range list {
				got = append(got, j.ID)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the list:\n%v\nwant\n%v", got, want)
		}
	})
}

func TestDelete(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		h := newHang()
		p := w.start(func(ctx context.Context, task jobs.Task) jobs.Outcome {
			if string(task.Payload) == "hang" {
				return h.run(ctx, task)
			}
			return jobs.Outcome{Body: task.Payload}
		}, nil)
		done, runs := p.submit(t, "x", "y"), p.submit(t, "hang")
		p.until(t, done, jobs.Done)
		wait(t, "begin", h.begun)
		for _, id := range []string{done, runs} {
			if err := p.Delete(t.Context(), "me", id); err != nil {
				t.Error(err)
			}
			if _, err := p.Job(t.Context(), "me", id); !errors.Is(err, jobs.ErrNotFound) {
				t.Errorf("after the delete: %v", err)
			}
			for i := range 2 {
				if _, version, err := p.kv.Get(t.Context(), "jobs/me/results", fmt.Sprint(id, "/", i)); version != 0 || err != nil {
					t.Errorf("the result is kept: %v", err)
				}
			}
		}
		wait(t, "end", h.ended)

		again := p.submit(t, "x")
		p.until(t, again, jobs.Done)
		var deleted atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := p.Delete(t.Context(), "me", again); err == nil {
					deleted.Add(1)
				} else if !errors.Is(err, jobs.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if deleted.Load() != 1 {
			t.Errorf("%d callers deleted the one job", deleted.Load())
		}
	})
}

func TestChosenID(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(nil, nil)
		s := jobs.Submission{ID: "0A1B", Owner: "me", Kind: "test", Items: [][]byte{[]byte("x")}}
		if id := p.take(t, s); id != "0A1B" {
			t.Errorf("the job is %s", id)
		}
		s.Items = [][]byte{[]byte("other")}
		if _, err := p.Submit(t.Context(), s); !errors.Is(err, jobs.ErrExists) {
			t.Errorf("a second of the id: %v", err)
		}
		if err := p.Start(echo); err != nil {
			t.Fatal(err)
		}
		p.until(t, "0A1B", jobs.Done)
		if body, _ := p.result(t, "0A1B", 0); body != "x" {
			t.Errorf("the result is %q", body)
		}
	})
}

// A process was killed when it had written a job's payload and no more: the id
// is still free.
func TestChosenIDOfTheDead(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(echo, nil)
		if _, err := p.kv.Put(t.Context(), "waiting/me/payloads", "0A1B", []byte("half"), time.Hour, 0); err != nil {
			t.Fatal(err)
		}
		s := jobs.Submission{ID: "0A1B", Owner: "me", Kind: "test", Items: [][]byte{[]byte("x")}}
		p.until(t, p.take(t, s), jobs.Done)
		if body, _ := p.result(t, "0A1B", 0); body != "x" {
			t.Errorf("the result is %q", body)
		}
	})
}

func TestForgottenAfterItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(echo, func(c *jobs.Config) { c.TTL = 100 * time.Millisecond })
		id := p.submit(t, "x")
		for {
			_, err := p.Job(t.Context(), "me", id)
			if errors.Is(err, jobs.ErrNotFound) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond) // the store keeps the time
		}
		p.observed(t, jobs.Done, 1)
	})
}

func TestLargePayload(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		p := w.start(echo, nil)
		var items []string
		for i := range 2 { // some half a megabyte each
			items = append(items, strings.Repeat(fmt.Sprintf("शहर %d में बारिश। ", i), 12_000))
		}
		id := p.submit(t, items...)
		p.until(t, id, jobs.Done)
		for i, want := range items {
			if body, _ := p.result(t, id, i); body != want {
				t.Errorf("item %d came back with %d bytes of %d", i, len(body), len(want))
			}
		}
	})
}

func TestWatch(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		steps := make(chan int)
		worker := w.start(func(_ context.Context, task jobs.Task) jobs.Outcome {
			for n := range steps {
				task.Progress(n, 3)
			}
			return jobs.Outcome{Body: []byte("x")}
		}, nil)
		other := w.start(nil, nil)
		id := worker.submit(t, "x")
		want := []string{"running 1/3", "running 2/3", "running 3/3", "done 3/3"}
		go func() { steps <- 1 }()
		for j, err := range other.Watch(t.Context(), "me", id) {
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %d/%d", j.State, j.Done, j.Total); len(want) > 0 && got == want[0] {
				if want = want[1:]; j.Done < 3 {
					steps <- j.Done + 1
				} else if j.State == jobs.Running {
					close(steps)
				}
			}
		}
		if len(want) > 0 {
			t.Errorf("never told: %v", want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range w.start(nil, nil).Watch(ctx, "me", other.submit(t, "x")) {
			cancel() // the watcher has gone: the loop ends
		}
	})
}
