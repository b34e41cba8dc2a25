package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Task is one item of a job, to be done.
type Task struct {
	Job, Owner, Kind string
	Item, Items      int // which of how many
	Run              int // 1 the first time
	Meta             json.RawMessage
	Payload          []byte
	Progress         func(done, total int) // of this item; may be called from any goroutine
}

// Outcome is what became of a task.
type Outcome struct {
	Body   []byte // the result; or what is wrong, which should be short
	Failed bool
	// Tries is how many runs the task is worth: with more of them to come it is
	// run again after a while, and the last run's outcome counts. 0 and 1: this
	// outcome is final.
	Tries int
}

// PanicTries is how many runs a task is worth that panics.
const PanicTries = 2

const (
	itemsAtOnce  = 4                // of one job
	mostTaken    = 5                // a job whose process died so often may be the reason
	lastWords    = 10 * time.Second // for writing down what became of a run
	pauseOnError = 5 * time.Second
)

// Why a run is cancelled.
var (
	errCancelled = errors.New("jobs: the job was cancelled")
	errTaken     = errors.New("jobs: another process took the job over")
	errSame      = errors.New("jobs: nothing to write")
)

// laterError says when a ticket should come again.
type laterError time.Duration

func (e laterError) Error() string { return "jobs: not now" }

// run is a job at work in this process.
type run struct {
	*record // as it was claimed
	cancel  context.CancelCauseFunc
	done    atomic.Int64
	total   atomic.Int64
}

// work is what a ticket of a job leads to.
func (m *Manager) work(ctx context.Context, t ticket) (again time.Duration, keep bool) {
	free, ok := m.take(t.ID)
	if !ok { // another ticket of the job is in hand here, perhaps not claimed yet
		return beatsToLive * 2 * m.c.timing.beat, true
	}
	defer free()
	r, fresh, err := m.claim(ctx, t)
	var later laterError
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, false // it was deleted, or never taken in
	case errors.Is(err, ErrEnded):
		err = m.wrapUp(ctx, r)
		return pauseOnError, err != nil
	case errors.As(err, &later):
		return time.Duration(later), true
	case err != nil:
		m.c.Log.Warn("a job waits for the store", "job", t.ID, "cause", err)
		return pauseOnError, true
	}
	again, keep = m.perform(ctx, r, fresh)
	if keep && ctx.Err() != nil { // the ticket is not ours any more
		last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer done()
		if m.jobs.send(last, t, again) == nil {
			return 0, false
		}
	}
	return again, keep
}

// take has a job to ourselves in this process until free is called.
func (m *Manager) take(id string) (free func(), ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.inHand[id] {
		return nil, false
	}
	m.inHand[id] = true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.inHand, id)
	}, true
}

// claim makes a job ours. fresh: nobody has begun with it before. The errors are
// ErrNotFound, ErrEnded (with the record), a laterError and the store's.
func (m *Manager) claim(ctx context.Context, t ticket) (r *record, fresh bool, err error) {
	r, _, err = m.get(ctx, t.Owner, t.ID)
	if err == nil {
		err = m.free(ctx, r)
	}
	if err != nil {
		return r, false, err
	}
	// First our name, then the claim: who dies in between harms nobody.
	token, err := m.enlist(ctx, t)
	if err != nil {
		return nil, false, err
	}
	r, err = m.change(ctx, t.Owner, t.ID, func(r *record) error {
		if err := m.free(ctx, r); err != nil {
			return err
		}
		now := time.Now().UTC()
		if r.State == Running {
			r.Taken++
		}
		if r.Taken > mostTaken || now.Sub(r.Created) > MaxAge {
			r.State, r.Finished, r.Runner, r.RetryAt = Failed, now, "", time.Time{}
			return nil
		}
		if fresh = r.Started.IsZero(); fresh {
			r.Started = now
		}
		r.State, r.Runner, r.RetryAt = Running, token, time.Time{}
		return nil
	})
	if err == nil && r.State == Failed {
		m.c.Log.Error("a job is given up", "job", r.ID, "kind", r.Kind, "taken_over", r.Taken, "created", r.Created)
		m.c.Observe(Failed)
		err = ErrEnded
	}
	if err != nil {
		m.delist(t)
	}
	return r, fresh, err
}

// free says why a job may not be begun with now.
func (m *Manager) free(ctx context.Context, r *record) error {
	switch {
	case r.State.Ended():
		return ErrEnded
	case r.State == Queued:
		if wait := time.Until(r.RetryAt); wait > m.c.timing.poll {
			return laterError(wait)
		}
		return nil
	}
	alive, err := m.alive(ctx, r.Runner, r.ID)
	if err != nil {
		return err
	}
	if alive {
		return laterError(beatsToLive * 2 * m.c.timing.beat)
	}
	return nil
}

// perform runs a claimed job and writes down what became of it.
func (m *Manager) perform(ctx context.Context, r *record, fresh bool) (again time.Duration, keep bool) {
	defer m.delist(ticket{Owner: r.Owner, ID: r.ID})
	ctx, end := context.WithDeadlineCause(ctx, r.Created.Add(MaxAge), context.DeadlineExceeded)
	defer end()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(m.root, func() { cancel(context.Canceled) })()
	here := &run{record: r, cancel: cancel}
	here.done.Store(int64(r.Done))
	here.total.Store(int64(r.Total))
	m.mu.Lock()
	m.runs[r.ID] = here
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.runs, r.ID)
	}()

	var watching sync.WaitGroup
	watched, stop := context.WithCancel(ctx)
	watching.Go(func() { m.attend(watched, here) })
	sum, err := m.items(ctx, here, fresh)
	stop()
	watching.Wait()

	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer done()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errCancelled):
		return pauseOnError, m.wrapUp(last, r) != nil
	case errors.Is(cause, errTaken):
		return beatsToLive * 2 * m.c.timing.beat, true
	case errors.Is(cause, context.DeadlineExceeded):
		sum = summary{bad: r.Items, lost: true} // too old
	case cause != nil || err != nil || sum.unfinished:
		return m.handBack(last, here, err)
	case sum.again:
		return m.later(last, here)
	}
	return m.finish(last, here, sum)
}

// attend writes a run's progress down, and looks whether the job is still ours
// and wanted.
func (m *Manager) attend(ctx context.Context, here *run) {
	tick := time.NewTicker(m.c.timing.look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, err := m.change(ctx, here.Owner, here.ID, func(r *record) error {
			switch done, total := int(here.done.Load()), int(here.total.Load()); {
			case r.State.Ended():
				return errCancelled
			case r.Runner != here.Runner:
				return errTaken
			case r.Done == done && r.Total == total:
				return errSame
			default:
				r.Done, r.Total = done, total
				return nil
			}
		})
		if errors.Is(err, ErrNotFound) {
			err = errCancelled // it was deleted
		}
		if errors.Is(err, errCancelled) || errors.Is(err, errTaken) {
			here.cancel(err)
			return
		}
	}
}

// summary is what became of a job's items.
type summary struct {
	unfinished bool // some were not begun, or cut off
	again      bool // some are worth another run
	lost       bool // the job failed for a reason of ours
	bad        int  // that ended with an error
	first      []byte
}

// items runs all that has no outcome yet, some side by side.
func (m *Manager) items(ctx context.Context, r *run, fresh bool) (sum summary, err error) {
	payload, err := m.payload(ctx, r.record)
	if err != nil {
		return summary{}, err
	}
	if len(payload) != r.Items {
		m.c.Log.Error("a job's payload is gone", "job", r.ID, "kind", r.Kind)
		return summary{bad: r.Items, lost: true}, nil
	}
	if r.Items > 1 {
		r.done.Store(0)
	}
	outcomes := make([]*Outcome, r.Items)
	errs := make([]error, r.Items)
	free := make(chan struct{}, itemsAtOnce)
	var wg sync.WaitGroup
	for i := range payload {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		case <-m.quiet.Done():
		}
		if ctx.Err() != nil || m.quiet.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-free }()
			outcomes[i], errs[i] = m.item(ctx, r, i, payload[i], fresh)
			payload[i] = nil
			if o := outcomes[i]; o != nil && !o.Failed {
				o.Body = nil // a batch's results may be large together
			}
		})
	}
	wg.Wait()
	for i, o := range outcomes {
		switch {
		case errs[i] != nil:
			err = errs[i]
		case o == nil:
			sum.unfinished = true
		case o.Tries > r.Runs+1:
			sum.again = true
		case o.Failed:
			if sum.bad == 0 {
				sum.first = o.Body
			}
			sum.bad++
		}
	}
	return sum, err
}

// item gives an item's outcome, and keeps it when it is final. Nil: it was cut
// off.
func (m *Manager) item(ctx context.Context, r *run, i int, payload []byte, fresh bool) (o *Outcome, err error) {
	if !fresh {
		o, err = m.result(ctx, r.record, i)
	}
	if o == nil && err == nil {
		t := Task{
			Job: r.ID, Owner: r.Owner, Kind: r.Kind, Item: i, Items: r.Items, Run: r.Runs + 1,
			Meta: r.Meta, Payload: payload, Progress: func(int, int) {},
		}
		if r.Items == 1 {
			t.Progress = func(done, total int) {
				r.total.Store(int64(total))
				r.done.Store(int64(done))
			}
		}
		o = m.try(ctx, t)
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case o.Tries > t.Run, o.Failed && r.Items == 1: // not final, or kept in the record
			return o, nil
		}
		o, err = m.putResult(ctx, r.record, i, o)
	}
	if err == nil && r.Items > 1 {
		r.done.Add(1)
	}
	return o, err
}

// try runs a task. A panic is an outcome too, worth one more try.
func (m *Manager) try(ctx context.Context, t Task) (o *Outcome) {
	defer func() {
		if p := recover(); p != nil {
			m.c.Log.Error("a job panicked", "job", t.Job, "kind", t.Kind, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			o = &Outcome{Failed: true, Tries: PanicTries}
		}
	}()
	out := m.run(ctx, t)
	return &out
}

// ours changes the record of a job that is still claimed as it was.
func (m *Manager) ours(ctx context.Context, here *run, do func(*record)) (*record, error) {
	return m.change(ctx, here.Owner, here.ID, func(r *record) error {
		switch {
		case r.State.Ended():
			return ErrEnded
		case r.Runner != here.Runner:
			return errTaken
		}
		r.Runner, r.Done, r.Total = "", int(here.done.Load()), int(here.total.Load())
		do(r)
		return nil
	})
}

// settled is the answer to a ticket after the last change of a run: when it has
// not come through, the ticket comes again and finds out why.
func (m *Manager) settled(ctx context.Context, r *record, err error, again time.Duration) (time.Duration, bool) {
	switch {
	case errors.Is(err, ErrEnded):
		return pauseOnError, m.wrapUp(ctx, r) != nil
	case errors.Is(err, ErrNotFound):
		return 0, false
	case errors.Is(err, errTaken):
		return beatsToLive * 2 * m.c.timing.beat, true
	case err != nil:
		m.c.Log.Warn("a job waits for the store", "cause", err)
		return pauseOnError, true
	}
	return again, true
}

// handBack leaves a job to whoever takes it next: this process is going down,
// or lost the store. That is no try.
func (m *Manager) handBack(ctx context.Context, here *run, cause error) (time.Duration, bool) {
	if cause != nil {
		m.c.Log.Warn("a job is handed back", "job", here.ID, "cause", cause)
	}
	r, err := m.ours(ctx, here, func(r *record) { r.State = Queued })
	wait := time.Duration(0)
	if cause != nil {
		wait = pauseOnError
	}
	return m.settled(ctx, r, err, wait)
}

// later puts a job off.
func (m *Manager) later(ctx context.Context, here *run) (time.Duration, bool) {
	list := m.c.timing.retries
	wait := list[min(here.Runs, len(list)-1)]
	r, err := m.ours(ctx, here, func(r *record) {
		r.State, r.Runs, r.RetryAt = Queued, r.Runs+1, time.Now().UTC().Add(wait)
	})
	return m.settled(ctx, r, err, wait)
}

// finish ends a job. It failed when nothing of it came through.
func (m *Manager) finish(ctx context.Context, here *run, sum summary) (time.Duration, bool) {
	state := Done
	if sum.bad == here.Items {
		state = Failed
	}
	r, err := m.ours(ctx, here, func(r *record) {
		r.State, r.Runs, r.Bad, r.Finished = state, r.Runs+1, sum.bad, time.Now().UTC()
		switch {
		case state == Failed:
			r.Error = sum.first
		case r.Items > 1:
			r.Done, r.Total = r.Items, r.Items
		default:
			r.Done = r.Total // what was not reported is done all the same
		}
	})
	if err != nil {
		return m.settled(ctx, r, err, 0)
	}
	if sum.lost {
		m.c.Log.Error("a job failed", "job", r.ID, "kind", r.Kind, "created", r.Created)
	}
	m.c.Observe(state)
	err = m.wrapUp(ctx, r)
	return pauseOnError, err != nil
}

// wrapUp is what is left to do when a job has ended. It may be done again.
func (m *Manager) wrapUp(ctx context.Context, r *record) error {
	if r.Webhook != nil {
		if err := m.tellEnd(ctx, r.Owner, r.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	var payload [][]byte
	if r.State != Done {
		var err error
		if payload, err = m.payload(ctx, r); err != nil {
			return err
		}
	}
	last, err := m.c.KV.Delete(ctx, payloadSpace(r.Owner), r.ID)
	if err == nil && last { // of several who wrap up, one
		m.drop(ctx, r, payload)
	}
	return err
}

// drop tells of the items of an ended job that have no outcome.
func (m *Manager) drop(ctx context.Context, r *record, payload [][]byte) {
	r, _, err := m.get(ctx, r.Owner, r.ID)
	if err != nil || r.State == Done || r.State == Failed && r.Error != nil {
		return
	}
	for i, p := range payload {
		if o, err := m.result(ctx, r, i); o == nil && err == nil {
			m.dropped(Task{Job: r.ID, Owner: r.Owner, Kind: r.Kind, Item: i, Items: r.Items, Run: r.Runs + 1, Meta: r.Meta, Payload: p})
		}
	}
}

// tellEnd sends the webhook of a job on its way, once.
func (m *Manager) tellEnd(ctx context.Context, owner, id string) error {
	r, _, err := m.get(ctx, owner, id)
	if err != nil || !r.State.Ended() || r.Notified {
		return err
	}
	if err := m.notify(ctx, r); err != nil {
		return err
	}
	_, err = m.change(ctx, owner, id, func(r *record) error {
		r.Notified, r.Webhook.Secret = true, ""
		return nil
	})
	return err
}
