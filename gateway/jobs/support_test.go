package jobs_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dubhashi/gateway/jobs"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// world is one store that any number of processes share.
type world struct {
	t    testing.TB
	beat time.Duration // of its processes
	open func() (c jobs.Config, kill, end func())
	// bounds are those of what is taken in; lasting, that what has ended makes no
	// room for it.
	bounds  store.Bounds
	lasting bool
}

// process is a Manager with connections of its own.
type process struct {
	*jobs.Manager
	kill func() // as kill -9 does: it reaches no store any more
	kv   jobs.KV

	mu   sync.Mutex
	ends []jobs.State // as observed
}

func embedded(t testing.TB) *world {
	path := filepath.Join(t.TempDir(), store.File)
	w := &world{t: t, beat: time.Second}
	w.open = func() (jobs.Config, func(), func()) {
		db, _, err := store.OpenSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		kv := store.NewKV(db)
		cut := &severed{KV: kv}
		return jobs.Config{KV: cut, Room: kv.Within(w.bounds), DB: db}, func() { cut.off.Store(true); _ = db.Close() }, func() { _ = kv.Close(); _ = db.Close() }
	}
	return w
}

func overRedis(t testing.TB) *world { return overURL(t, redistest.Start(t).URL()) }

func overURL(t testing.TB, url string) *world {
	w := &world{t: t, beat: time.Second}
	w.open = func() (jobs.Config, func(), func()) {
		queue, err := store.OpenQueueRedis(url)
		if err != nil {
			t.Fatal(err)
		}
		kv := store.NewRedisKV(queue)
		cut, scissors := &severed{KV: kv}, &scissors{}
		queue.AddHook(scissors)
		return jobs.Config{KV: cut, Room: kv.Within(w.bounds), Redis: queue}, func() { cut.off.Store(true); scissors.done.Store(true) },
			func() { _ = kv.Close(); _ = queue.Close() }
	}
	return w
}

// scissors cut a Redis client off its server.
type scissors struct{ done atomic.Bool }

// fail takes its time: asynq asks again at once.
func (s *scissors) fail() error {
	time.Sleep(100 * time.Millisecond)
	return errors.New("cut off")
}

func (s *scissors) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *scissors) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if s.done.Load() {
			return s.fail()
		}
		return next(ctx, cmd)
	}
}

func (s *scissors) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if s.done.Load() {
			return s.fail()
		}
		return next(ctx, cmds)
	}
}

// onBoth runs a test over both stores.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	t.Run("embedded", func(t *testing.T) { t.Parallel(); test(t, embedded(t)) })
	t.Run("redis", func(t *testing.T) { t.Parallel(); test(t, overRedis(t)) })
}

type runFunc func(ctx context.Context, t jobs.Task) jobs.Outcome

const retryWait = 30 * time.Millisecond

// start is a process that does jobs; with run nil it only takes them in.
func (w *world) start(run runFunc, change func(*jobs.Config)) *process {
	w.t.Helper()
	c, kill, end := w.open()
	p := &process{kv: c.KV, kill: kill}
	c.Concurrency = 4
	c.Observe = func(s jobs.State) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ends = append(p.ends, s)
	}
	if change != nil {
		change(&c)
	}
	p.Manager = jobs.NewFast(c, w.beat, retryWait)
	if w.lasting {
		p.Manager = jobs.NewLasting(c, w.beat, retryWait)
	}
	if run != nil {
		if err := p.Start(run); err != nil {
			w.t.Fatal(err)
		}
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // hand back what is at work
		p.Close(ctx)
		end()
	})
	return p
}

// observed waits until so many ends were told of, which comes after what the
// record says.
func (p *process) observed(t testing.TB, s jobs.State, want int) {
	t.Helper()
	for range 500 {
		if p.count(s) >= want {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := p.count(s); n != want {
		t.Errorf("%d jobs were told of as %s, want %d", n, s, want)
	}
}

func (p *process) count(s jobs.State) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.ends {
		if e == s {
			n++
		}
	}
	return n
}

func (p *process) submit(t testing.TB, items ...string) string {
	t.Helper()
	s := jobs.Submission{Owner: "me", Kind: "test"}
	for _, i := range items {
		s.Items = append(s.Items, []byte(i))
	}
	return p.take(t, s)
}

func (p *process) take(t testing.TB, s jobs.Submission) string {
	t.Helper()
	j, err := p.Submit(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return j.ID
}

func (p *process) job(t testing.TB, id string) jobs.Job {
	t.Helper()
	j, err := p.Job(t.Context(), "me", id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// until waits for a job to be in one of the states.
func (p *process) until(t testing.TB, id string, states ...jobs.State) jobs.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var last jobs.Job
	for j, err := range p.Watch(ctx, "me", id) {
		if err != nil {
			t.Fatal(err)
		}
		if last = j; slices.Contains(states, j.State) {
			return j
		}
	}
	t.Fatalf("the job is %s (runs %d, error %q), wanted %v", last.State, last.Runs, last.Error, states)
	return last
}

func (p *process) result(t testing.TB, id string, item int) (string, bool) {
	t.Helper()
	b, bad, err := p.Result(t.Context(), "me", id, item)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), bad
}

// echo is the work that gives back what it got.
func echo(_ context.Context, t jobs.Task) jobs.Outcome { return jobs.Outcome{Body: t.Payload} }

// hang works until it is cancelled, and tells when it begins and how it ended.
type hang struct{ begun, ended chan string }

func newHang() hang { return hang{make(chan string, 100), make(chan string, 100)} }

func (h hang) run(ctx context.Context, t jobs.Task) jobs.Outcome {
	h.begun <- t.Job
	<-ctx.Done()
	h.ended <- t.Job
	return jobs.Outcome{Failed: true, Body: []byte("cut off")}
}

func wait[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s within 30 s", what)
		panic("unreachable")
	}
}

// sent is a webhook as it was posted.
type sent struct {
	url    string
	header http.Header
	body   []byte
}

// post answers webhooks and tells of them.
type post struct {
	calls  chan sent
	answer func(n int) (int, error)

	mu sync.Mutex
	n  int
}

func newPost(answer func(n int) (int, error)) *post {
	return &post{calls: make(chan sent, 100), answer: answer}
}

func (p *post) Post(_ context.Context, url string, header http.Header, body []byte) (int, error) {
	p.mu.Lock()
	p.n++
	n := p.n
	p.mu.Unlock()
	status, err := p.answer(n)
	p.calls <- sent{url, header, body}
	return status, err
}
