package gateway

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/llm"
)

// MaxSegment is the most characters (code points, masks counted) that are
// translated as one segment; a longer block is cut at sentence ends.
const MaxSegment = 1500

const (
	softTTL       = 24 * time.Hour         // of what has warnings or comes from a fallback
	writeTimeout  = 5 * time.Second        // of one write behind the answer
	writePatience = 4 * time.Second        // how long a write is tried again while the store is down
	writeAgain    = 200 * time.Millisecond // between these tries
	writeWait     = 25 * time.Millisecond  // how long an answer waits for its last write
	joinWindow    = 150 * time.Millisecond // how long a slow write keeps its flight joined
)

// Config is what a Gateway is made of.
type Config struct {
	Upstreams []*llm.Upstream // in order of preference; at least one
	Demo      bool            // the first upstream is the built-in demo model
	Cache     cache.Store     // nil: nothing is kept
	Fetch     Fetcher         // gets the pages of a request's URL; nil: none is fetched
	Leases    Leases          // shared by the replicas of one Cache; nil: they know nothing of each other
	StoreName string          // what Status calls the store, e.g. "redis"; "" = "store"
	CacheTTL  time.Duration   // of good text; 0 = for ever
	MaxChars  int             // longest article in code points; 0 = 200,000
	Log       *slog.Logger    // nil: silent
	Observe   func(Event)     // told once a request; nil: nobody
	Spend     func(Spending)  // told of every call, also when its request has been answered; nil: nobody
}

// Event is what one request did, for metrics.
type Event struct {
	Usage    Usage
	Code     Code // "" when the request came through
	Partial  bool
	Duration time.Duration
}

// Gateway translates and summarises. It is safe for concurrent use.
type Gateway struct {
	upstreams []*llm.Upstream
	demo      bool
	store     cache.Store
	fetch     Fetcher
	leases    Leases
	alone     atomic.Bool // the leases were out of reach at the last call
	storeName string
	ttl       time.Duration
	maxChars  int
	log       *slog.Logger
	observe   func(Event)
	spend     func(Spending)
	flights   flights
	works     chan struct{}   // those at their calls
	unhurried chan struct{}   // of these, those of unhurried requests
	root      context.Context // of work that outlives its request
	stop      context.CancelFunc
	working   sync.WaitGroup
	mu        sync.Mutex // guards closed, so that no work begins behind Close's back
	closed    bool
}

// New makes a Gateway. It panics when there is no upstream.
func New(c Config) *Gateway {
	if len(c.Upstreams) == 0 {
		panic("gateway: no upstream")
	}
	g := &Gateway{
		upstreams: c.Upstreams,
		demo:      c.Demo,
		store:     c.Cache,
		fetch:     c.Fetch,
		leases:    c.Leases,
		storeName: cmp.Or(c.StoreName, "store"),
		ttl:       c.CacheTTL,
		maxChars:  c.MaxChars,
		log:       c.Log,
		observe:   c.Observe,
		spend:     c.Spend,
		flights:   flights{open: make(map[cache.Key]*flight)},
	}
	calls := 0
	for _, u := range c.Upstreams {
		calls += u.Concurrency()
	}
	g.works = make(chan struct{}, max(mostWorks, 2*calls))
	g.unhurried = make(chan struct{}, max(c.Upstreams[0].Concurrency()*3/4, 1))
	if g.maxChars == 0 {
		g.maxChars = 200_000
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.observe == nil {
		g.observe = func(Event) {}
	}
	if g.spend == nil {
		g.spend = func(Spending) {}
	}
	g.root, g.stop = context.WithCancel(context.Background())
	return g
}

// Close cancels what is still being asked, waits for it and for the writes
// behind the answers, at most until ctx ends.
func (g *Gateway) Close(ctx context.Context) error {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.stop()
	done := make(chan struct{})
	go func() { g.working.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin counts a piece of work in, unless the gateway is closed.
func (g *Gateway) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.working.Add(1)
	}
	return !g.closed
}

// Status says whether the gateway can do its job.
type Status struct {
	Usable bool     // at least one upstream is worth asking
	Down   []string // what is missing: "redis", "store", an upstream's name
}

// Status tells from what the last calls met; it asks nobody.
func (g *Gateway) Status() Status {
	var s Status
	for _, u := range g.upstreams {
		if down, _ := u.Down(); down {
			s.Down = append(s.Down, strings.TrimSpace("upstream "+u.Name()))
		}
		s.Usable = s.Usable || u.Ready() // one that is down, too, when it is time to try it
	}
	if g.storeDown() {
		s.Down = append(s.Down, g.storeName)
	}
	return s
}

// MaxChars is how many characters (code points) an article, or the texts of one
// call, may have.
func (g *Gateway) MaxChars() int { return g.maxChars }

func (g *Gateway) storeDown() bool {
	d, ok := g.store.(interface{ Down() bool })
	return ok && d.Down()
}

// route is the first upstream's: see key.go.
func (g *Gateway) route() route {
	u := g.upstreams[0]
	return route{u.Model(), string(u.Style())}
}
