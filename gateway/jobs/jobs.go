package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// State is where a job stands.
type State string

// The states. A job that waits to be tried again is queued.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Ended reports whether nothing more will happen to the job.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// What a caller may have done wrong, or has to wait for.
var (
	ErrNotFound = errors.New("jobs: there is no such job of this owner")
	ErrEnded    = errors.New("jobs: the job has ended")
	ErrFull     = errors.New("jobs: there is no room for another job, or none for another of this owner")
	ErrExists   = errors.New("jobs: there is a job of that id")
)

// KV keeps the records. Put stores a value if the record's version is still the
// one given (0: there is none, -1: any) and tells whether it was; List gives the
// newest first.
type KV interface {
	Get(ctx context.Context, space, id string) (value []byte, version int64, err error)
	Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error)
	Delete(ctx context.Context, space, id string) (bool, error)
	List(ctx context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error)
}

// Sender posts a webhook: to an address that may be reached, without following
// redirects, within a time of its own.
type Sender interface {
	Post(ctx context.Context, url string, header http.Header, body []byte) (status int, err error)
}

// Config is what a Manager is made of. One of Redis and DB is given.
type Config struct {
	KV          KV                    // keeps the records
	Redis       redis.UniversalClient // a queue shared with other processes; opened by store.OpenQueueRedis
	DB          *sql.DB               // a queue in a file; opened by store.OpenSQLite
	Concurrency int                   // jobs at work in this process; 0: 4
	TTL         time.Duration         // how long a job is kept when it has ended; 0: a week
	Room        KV                    // the same records within bounds, for what is taken in; nil: KV, without any
	Send        Sender                // nil: no webhook is taken
	Event       func(Job) []byte      // the data of a webhook, JSON; nil: the id and the state
	Observe     func(State)           // told of every job that this process ended
	Log         *slog.Logger          // nil: silent
	timing      timing
}

// timing is what tests make shorter.
type timing struct {
	beat    time.Duration   // between two signs of life of a process
	look    time.Duration   // between two looks at a job: for progress to write, and whether it was cancelled
	poll    time.Duration   // between two looks into an empty queue
	hold    time.Duration   // how long a ticket in SQLite outlives its holder
	fresh   time.Duration   // for how long a job that has ended makes no room for others
	retries []time.Duration // before the second run of a job, the third, …
	webhook []time.Duration // before the second try of a webhook, the third, …
}

var usualTiming = timing{
	beat: 5 * time.Second,
	look: time.Second,
	poll: 300 * time.Millisecond,
	hold: 15 * time.Second,
	// Time enough for who waits for a job to fetch its result.
	fresh: time.Hour,
	// Some 100 minutes in all: longer than most troubles of an upstream.
	retries: []time.Duration{
		5 * time.Second, 15 * time.Second, 45 * time.Second, 2 * time.Minute, 5 * time.Minute,
		10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute,
	},
	// As Standard Webhooks recommends to begin, and a day in all.
	webhook: []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 8 * time.Hour, 9 * time.Hour,
	},
}

// MaxAge is how long a job may wait and run; an older one fails.
const MaxAge = 48 * time.Hour

// Webhook is where to tell of a job's end, and the secret that signs it.
type Webhook struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// Submission is a new job.
type Submission struct {
	ID      string   // "": one that cannot be guessed; must be unlike those of all owners
	Owner   string   // whose it is; nobody else finds it. Owners alike up to a slash share the room of one
	Kind    string   // what Run has to do
	Items   [][]byte // at least one; each is a Task
	Meta    []byte   // JSON that is kept with the job as it is
	Webhook *Webhook
}

// Job is what is known of a job.
type Job struct {
	ID, Owner, Kind string
	State           State
	Items           int
	Done, Total     int // progress: of the items, or of what Run reports of the only one
	Bad             int // items that ended with an error
	Runs            int // that were tried and came to an end, good or bad
	Meta            json.RawMessage
	WebhookURL      string // "" = none
	Error           []byte // of a job that failed: what Run said, nil when it said nothing
	Created         time.Time
	Started         time.Time // zero: not yet
	RetryAt         time.Time // zero: it does not wait to be tried again
	Finished        time.Time // zero: not yet
	Expires         time.Time // when it is forgotten; zero before its end
}

// Manager takes jobs in, does them and tells of them. It is safe for concurrent
// use, and one of many over the same store.
type Manager struct {
	c        Config
	jobs     queue // of jobs that want work
	webhooks queue
	run      func(context.Context, Task) Outcome
	dropped  func(Task)

	quiet context.Context // ends when Close begins: no new item is started
	hush  context.CancelFunc
	root  context.Context // of runs; ends when Close gives up on them
	stop  context.CancelFunc
	life  context.Context // ends when no run is left
	die   context.CancelFunc

	member  member // this process among its like
	beating sync.WaitGroup
	started bool

	making sync.Mutex // room: one at a time

	mu     sync.Mutex // guards the rest
	runs   map[string]*run
	inHand map[string]bool // jobs whose ticket a handler of this process has
	depth  int
	looked time.Time // when depth was
}

// New makes a Manager that takes jobs in; Start begins to do them. It panics
// without a KV or without a queue.
func New(c Config) *Manager {
	if c.KV == nil || (c.Redis == nil) == (c.DB == nil) {
		panic("jobs: a KV and one of Redis and DB are needed")
	}
	c.Concurrency = cmp.Or(c.Concurrency, 4)
	c.TTL = cmp.Or(c.TTL, 7*24*time.Hour)
	if c.Room == nil {
		c.Room = c.KV
	}
	if c.timing.beat == 0 {
		c.timing = usualTiming
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(State) {}
	}
	if c.Event == nil {
		c.Event = func(j Job) []byte { return fmt.Appendf(nil, `{"id":%q,"state":%q}`, j.ID, j.State) }
	}
	m := &Manager{c: c, runs: make(map[string]*run), inHand: make(map[string]bool), dropped: func(Task) {}}
	m.root, m.stop = context.WithCancel(context.Background())
	m.quiet, m.hush = context.WithCancel(context.Background())
	m.life, m.die = context.WithCancel(context.Background())
	m.member.token = newID()
	if c.Redis != nil {
		m.jobs, m.webhooks = newAsynqQueue(c, "dubhashi-jobs"), newAsynqQueue(c, "dubhashi-webhooks")
	} else {
		m.jobs, m.webhooks = newGoqiteQueue(c, "jobs"), newGoqiteQueue(c, "webhooks")
	}
	return m
}

// OnDrop says who is told of each item that will never be done, because its job
// was cancelled or given up. It is called once, before Start.
func (m *Manager) OnDrop(f func(Task)) { m.dropped = f }

// webhooksAtOnce bounds the webhooks that this process sends at once.
const webhooksAtOnce = 8

// Start begins to do jobs: run is called for each item, as often as it takes.
// It must return soon after its context has ended.
func (m *Manager) Start(run func(ctx context.Context, t Task) Outcome) error {
	m.run, m.started = run, true
	m.beating.Go(m.beats)
	if err := m.jobs.start(m.c.Concurrency, m.work); err != nil {
		return err
	}
	return m.webhooks.start(webhooksAtOnce, m.deliver)
}

// Close takes no more work, waits for what is at work until ctx ends and then
// hands it back: others go on with it, or this process when it starts again. A
// batch starts no new item meanwhile.
func (m *Manager) Close(ctx context.Context) {
	m.hush()
	if !m.started {
		return
	}
	defer context.AfterFunc(ctx, m.stop)()
	var both sync.WaitGroup
	both.Go(m.jobs.stop)
	both.Go(m.webhooks.stop)
	both.Wait()
	m.stop()
	m.die()
	m.beating.Wait()
}

// depthAge is how long the count of the waiting jobs is believed.
const depthAge = time.Second

// Depth is about how many jobs have not ended, those of other processes too.
func (m *Manager) Depth(ctx context.Context) (int, error) {
	m.mu.Lock()
	if !m.looked.IsZero() && time.Since(m.looked) < depthAge {
		defer m.mu.Unlock()
		return m.depth, nil
	}
	m.mu.Unlock()
	n, err := m.jobs.size(ctx)
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.depth, m.looked = n, time.Now()
	return n, nil
}

// Submit takes a job in. It is done although the process dies the moment after.
// Its error is ErrFull, ErrExists, one of CheckWebhook, or the store's.
func (m *Manager) Submit(ctx context.Context, s Submission) (Job, error) {
	if len(s.Items) == 0 {
		return Job{}, errors.New("jobs: a job needs an item")
	}
	if s.Webhook != nil {
		if err := m.CheckWebhook(*s.Webhook); err != nil {
			return Job{}, err
		}
	}
	r := &record{
		ID: cmp.Or(s.ID, newID()), Owner: s.Owner, Kind: s.Kind, State: Queued, Items: len(s.Items), Total: len(s.Items),
		Meta: s.Meta, Webhook: s.Webhook, Created: time.Now().UTC(),
	}
	// A record without a ticket would wait for ever. While there is one, others
	// know of it: if this process dies now, they send the ticket.
	t := ticket{Owner: r.Owner, ID: r.ID}
	if _, err := m.enlist(ctx, t); err != nil {
		return Job{}, err
	}
	defer m.delist(t)
	if err := m.keep(ctx, r, s.Items); err != nil {
		return Job{}, err
	}
	if err := m.jobs.send(ctx, t, 0); err != nil {
		last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer done()
		_, _ = m.c.KV.Delete(last, jobSpace(r.Owner), r.ID) // else it is forgotten later
		return Job{}, err
	}
	return r.job(m.c.TTL), nil
}

// Job is a job of an owner, or ErrNotFound.
func (m *Manager) Job(ctx context.Context, owner, id string) (Job, error) {
	r, _, err := m.get(ctx, owner, id)
	if err != nil {
		return Job{}, err
	}
	return r.job(m.c.TTL), nil
}

// List gives at most limit of an owner's jobs, the newest first, from behind the
// cursor ("" = the start); next is "" at the end.
func (m *Manager) List(ctx context.Context, owner, cursor string, limit int) (list []Job, next string, err error) {
	_, values, next, err := m.c.KV.List(ctx, jobSpace(owner), cursor, limit)
	if err != nil {
		return nil, "", err
	}
	for _, v := range values {
		r, err := decodeRecord(v)
		if err != nil {
			return nil, "", err
		}
		list = append(list, r.job(m.c.TTL))
	}
	return list, next, nil
}

// Cancel ends a job that has not ended; its work stops soon after. The error is
// ErrEnded (with the job), ErrNotFound or the store's.
func (m *Manager) Cancel(ctx context.Context, owner, id string) (Job, error) {
	r, err := m.change(ctx, owner, id, func(r *record) error {
		if r.State.Ended() {
			return ErrEnded
		}
		r.State, r.Finished, r.Runner, r.RetryAt = Cancelled, time.Now().UTC(), "", time.Time{}
		return nil
	})
	if errors.Is(err, ErrEnded) {
		return r.job(m.c.TTL), err
	}
	if err != nil {
		return Job{}, err
	}
	m.mu.Lock()
	if here := m.runs[id]; here != nil {
		here.cancel(errCancelled)
	}
	m.mu.Unlock()
	m.c.Observe(Cancelled)
	m.wrapUp(ctx, r)
	return r.job(m.c.TTL), nil
}

// Result is what became of an item of a job that is done; bad says that it is
// an error. ErrNotFound also means that the job is not done.
func (m *Manager) Result(ctx context.Context, owner, id string, item int) (body []byte, bad bool, err error) {
	r, _, err := m.get(ctx, owner, id)
	if err != nil {
		return nil, false, err
	}
	if r.State != Done || item < 0 || item >= r.Items {
		return nil, false, ErrNotFound
	}
	out, err := m.result(ctx, r, item)
	if err != nil {
		return nil, false, err
	}
	if out == nil {
		return nil, false, ErrNotFound
	}
	return out.Body, out.Failed, nil
}

// Delete forgets a job with its result, and cancels it first if it has not
// ended. Of several callers one succeeds, the others get ErrNotFound.
func (m *Manager) Delete(ctx context.Context, owner, id string) error {
	if _, err := m.Cancel(ctx, owner, id); err != nil && !errors.Is(err, ErrEnded) {
		return err
	}
	r, _, err := m.get(ctx, owner, id)
	if err != nil {
		return err
	}
	if ok, err := m.c.KV.Delete(ctx, jobSpace(owner), id); err != nil {
		return err
	} else if !ok {
		return ErrNotFound
	}
	for i := range r.Items { // what is left of them ends by itself
		if _, err := m.c.KV.Delete(ctx, resultSpace(owner), resultID(id, i)); err != nil {
			return err
		}
	}
	return nil
}

func newID() string { return strings.ToLower(rand.Text()) }
