package gateway

import (
	"context"
	"log/slog"
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
	softTTL      = 24 * time.Hour         // of what has warnings or comes from a fallback
	writeTimeout = 5 * time.Second        // of one write behind the answer
	writeWait    = 25 * time.Millisecond  // how long an answer waits for its last write
	joinWindow   = 150 * time.Millisecond // how long a slow write keeps its flight joined
)

// Config is what a Gateway is made of.
type Config struct {
	Upstreams []*llm.Upstream // in order of preference; at least one
	Demo      bool            // the first upstream is the built-in demo model
	Cache     cache.Store     // nil: nothing is kept
	CacheTTL  time.Duration   // of good text; 0 = for ever
	MaxChars  int             // longest article in code points; 0 = 200,000
	Log       *slog.Logger    // nil: silent
	Observe   func(Event)     // told once a request; nil: nobody
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
	refused   []atomic.Int64 // by upstream: Unix nanoseconds of a refused key; 0 = it works
	demo      bool
	store     cache.Store
	ttl       time.Duration
	maxChars  int
	log       *slog.Logger
	observe   func(Event)
	flights   flights
	root      context.Context // of work that outlives its request
	stop      context.CancelFunc
	working   sync.WaitGroup
}

// New makes a Gateway. It panics when there is no upstream.
func New(c Config) *Gateway {
	if len(c.Upstreams) == 0 {
		panic("gateway: no upstream")
	}
	g := &Gateway{
		upstreams: c.Upstreams,
		refused:   make([]atomic.Int64, len(c.Upstreams)),
		demo:      c.Demo,
		store:     c.Cache,
		ttl:       c.CacheTTL,
		maxChars:  c.MaxChars,
		log:       c.Log,
		observe:   c.Observe,
		flights:   flights{open: make(map[cache.Key]*flight)},
	}
	if g.maxChars == 0 {
		g.maxChars = 200_000
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.observe == nil {
		g.observe = func(Event) {}
	}
	g.root, g.stop = context.WithCancel(context.Background())
	return g
}

// Close cancels what is still being asked, waits for it and for the writes
// behind the answers, at most until ctx ends.
func (g *Gateway) Close(ctx context.Context) error {
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

// Status says whether the gateway can do its job.
type Status struct {
	Usable bool     // at least one upstream is not known to refuse us
	Down   []string // what is missing: "redis", "store", an upstream's name
}

// Status tells from what the last calls met; it asks nobody.
func (g *Gateway) Status() Status {
	var s Status
	for i, u := range g.upstreams {
		if g.isRefused(i) {
			s.Down = append(s.Down, "upstream "+u.Name())
		} else {
			s.Usable = true
		}
	}
	if d, ok := g.store.(interface{ Down() bool }); ok && d.Down() {
		s.Down = append(s.Down, "store")
	}
	return s
}

// refusedFor is how long an upstream that refused our key counts as unusable
// without a new try.
const refusedFor = 30 * time.Second

func (g *Gateway) isRefused(i int) bool {
	at := g.refused[i].Load()
	return at != 0 && time.Since(time.Unix(0, at)) < refusedFor
}

func (g *Gateway) storeDown() bool {
	d, ok := g.store.(interface{ Down() bool })
	return ok && d.Down()
}

// route is the first upstream's: see key.go.
func (g *Gateway) route() route {
	u := g.upstreams[0]
	return route{u.Model(), string(u.Style())}
}
