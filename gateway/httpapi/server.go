package httpapi

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// Config is what the face is made of. Durations and sizes must be set.
type Config struct {
	Gateway            *gateway.Gateway
	MaxBody            int           // bytes of an article's body
	MaxChars           int           // of an article, named in the error of one over it
	RequestTimeout     time.Duration // whole time of a plain request
	MaxRequests        int           // requests at work at once; more are 503
	CancelOnDisconnect bool          // a caller's leaving cancels its model calls
	TrustedProxies     []string      // addresses whose X-Forwarded-For is believed
	Metrics            *Metrics
	Log                *slog.Logger
}

// Server is the HTTP server.
type Server struct {
	c        Config
	app      *fiber.App
	slots    chan struct{} // of requests at work
	draining atomic.Bool
	root     context.Context // ends when the server has to stop
	stop     context.CancelFunc
}

// New makes the server with all its routes.
func New(c Config) *Server {
	if c.Metrics == nil {
		c.Metrics = NewMetrics()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{c: c, slots: make(chan struct{}, c.MaxRequests)}
	s.root, s.stop = context.WithCancel(context.Background())
	s.app = fiber.New(fiber.Config{
		DisableStartupMessage:        true,
		Immutable:                    true, // strings outlive the handler
		StreamRequestBody:            true, // we read it, through a limit: see body.go
		DisablePreParseMultipartForm: true,
		ReadTimeout:                  time.Minute,
		IdleTimeout:                  2 * time.Minute,
		ReadBufferSize:               16 << 10, // the longest request line and headers
		ErrorHandler:                 s.fail,
		EnableTrustedProxyCheck:      true,
		TrustedProxies:               c.TrustedProxies,
		ProxyHeader:                  fiber.HeaderXForwardedFor,
		EnableIPValidation:           true,
	})
	s.app.Server().HeaderReceived = s.refuseDeclared
	s.routes()
	return s
}

// Serve answers on the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error { return s.app.Listener(l) }

// Drain makes the server refuse new work and tell so in /readyz, while what is
// at work goes on.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown ends the server: no new connections, then it waits for the requests
// at work until ctx ends, when they are cancelled.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	err := s.app.ShutdownWithContext(ctx)
	s.stop()
	return err
}
