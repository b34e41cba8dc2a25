package httpapi

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/glossary"
	"dubhashi/gateway/jobs"
)

// Config is what the face is made of. Durations and sizes must be set.
type Config struct {
	Gateway            *gateway.Gateway
	MaxBody            int           // bytes of an article's body
	RequestTimeout     time.Duration // whole time of a plain request
	ReadTimeout        time.Duration // for a request's header and body; 0: a minute
	WriteTimeout       time.Duration // for an answer; 0: a minute
	MaxRequests        int           // requests at work at once; more are 503
	CancelOnDisconnect bool          // a caller's leaving cancels its model calls
	ModelTimeout       time.Duration // how long work goes on whose caller has left, on the surfaces whose clients ask again; 0: a minute
	HeartbeatAfter     time.Duration // when their answers begin with white space; 0: 3.5 s
	HeartbeatEvery     time.Duration // between one white space and the next; 0: 2 s
	PingEvery          time.Duration // between the comments of a stream; 0: 10 s
	TrustedProxies     []string      // IP addresses and IP/bits whose X-Forwarded-For is believed
	Keys               []Key         // of callers; none: no key is asked for
	Limits             Limits        // of one key, or of one address without keys
	CORSOrigins        []string      // that may call the native API; * = all
	Prices             *Prices       // what DailyCost is reckoned with; nil: no prices are set
	KV                 KV            // keeps glossaries and idempotent answers; nil: those endpoints are 503
	Room               KV            // the same records within bounds, for idempotent answers; nil: KV, without any
	Counter            Counter       // counts what callers do; nil: this process does, for itself
	Jobs               *jobs.Manager // does long work; Start it with RunJob; nil: its endpoints are 503
	Newsletters        Newsletters   // makes issues; nil: there is no such path
	MCP                MCP           // the tools at /mcp; nil: there is no such path
	Metrics            *Metrics
	Log                *slog.Logger
}

// Server is the HTTP server.
type Server struct {
	c          Config
	app        *fiber.App
	slots      chan struct{} // of requests at work
	deserted   atomic.Int64  // of these, those whose caller has left
	conns      conns
	proxies    proxies
	cors       origins
	packing    chan struct{} // answers being compressed
	local      *localCounter // stands in for Config.Counter
	ledger     *ledger
	warned     atomic.Int64 // when it was last logged that counting fails, in Unix seconds
	draining   atomic.Bool
	glossaries *glossary.Shelf // nil: none are kept
	root       context.Context // ends when the server has to stop
	stop       context.CancelFunc
	serving    context.Context // ends when the server drains: for what watches and does no work
	drain      context.CancelFunc
}

// New makes the server with all its routes.
func New(c Config) *Server {
	if c.Metrics == nil {
		c.Metrics = NewMetrics()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.ReadTimeout = cmp.Or(c.ReadTimeout, time.Minute)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, time.Minute)
	c.ModelTimeout = cmp.Or(c.ModelTimeout, time.Minute)
	c.HeartbeatAfter = cmp.Or(c.HeartbeatAfter, heartbeatAfter)
	c.HeartbeatEvery = cmp.Or(c.HeartbeatEvery, heartbeatEvery)
	c.PingEvery = cmp.Or(c.PingEvery, pingEvery)
	if c.Room == nil {
		c.Room = c.KV
	}
	s := &Server{c: c, slots: make(chan struct{}, c.MaxRequests), proxies: parseProxies(c.TrustedProxies),
		cors: newOrigins(c.CORSOrigins), packing: make(chan struct{}, runtime.GOMAXPROCS(0)), local: newLocalCounter()}
	if c.Counter == nil {
		s.c.Counter = s.local
	}
	s.ledger = newLedger(s.c.Counter, s.uncounted)
	if c.KV != nil {
		s.glossaries = glossary.NewShelf(c.KV)
	}
	s.root, s.stop = context.WithCancel(context.Background())
	s.serving, s.drain = context.WithCancel(s.root)
	s.app = fiber.New(fiber.Config{
		DisableStartupMessage:        true,
		CaseSensitive:                true, // as paths are; limits and forms of error go by them
		Immutable:                    true, // strings outlive the handler
		StreamRequestBody:            true, // we read it, through a limit: see body.go
		DisablePreParseMultipartForm: true,
		ReadTimeout:                  c.ReadTimeout,
		WriteTimeout:                 c.WriteTimeout,
		IdleTimeout:                  2 * time.Minute,
		ReadBufferSize:               16 << 10,                   // the longest request line and headers
		Concurrency:                  max(4*c.MaxRequests, 1024), // connections
		ErrorHandler:                 s.fail,
		EnableTrustedProxyCheck:      true, // Fiber believes no proxy; clientIP does
	})
	s.app.Server().HeaderReceived = s.headerIn
	s.app.Server().MaxIdleWorkerDuration = idleWorker
	s.app.Server().ConnState = s.conns.state
	s.routes()
	return s
}

// Serve answers on the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error { return s.app.Listener(l) }

// Drain makes the server refuse new work and tell so in /readyz, while what is
// at work goes on.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.drain()
}

// lastWords is how long the cancelled requests have for saying so.
const lastWords = time.Second

// Shutdown ends the server: no new connections, then it waits for the requests
// at work until ctx ends, when they are cancelled; also for those whose caller
// has left and will ask again. A connection whose request does not come is not
// waited for.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				s.conns.endStalled()
			}
		}
	})
	err := s.app.ShutdownWithContext(ctx)
	for len(s.slots) > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	if len(s.slots) > 0 && err == nil {
		err = ctx.Err()
	}
	s.stop()
	for end := time.Now().Add(lastWords); (s.conns.working() || len(s.slots) > 0) && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	s.ledger.close()
	close(ended)
	wg.Wait()
	return err
}
