package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

const (
	headerRequestID    = "X-Request-Id"
	headerCache        = "X-Dubhashi-Cache"
	headerServerTiming = "Server-Timing"

	idKey     localsKey = "id"
	startKey  localsKey = "start"
	streamKey localsKey = "stream"
)

// streamed is a body that is still being made when its handler has returned.
// Whoever makes one puts it into c.Locals(streamKey), and tells at the end how
// it went: a status as the answer would have had, had it not begun.
type streamed interface{ onEnd(record func(status int)) }

// identify gives the request its id: the caller's own when it is a plain
// token, else a new one.
func (s *Server) identify(c *fiber.Ctx) error {
	id := c.Get(headerRequestID)
	if !plainToken(id) {
		id = newID()
	}
	c.Locals(idKey, id)
	c.Locals(startKey, time.Now())
	s.conns.set(c.Context().Conn(), working)
	c.Set(headerRequestID, id)
	guarded(c)
	return c.Next()
}

func plainToken(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return true
}

func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(idKey).(string); ok {
		return id
	}
	return newID()
}

func elapsed(c *fiber.Ctx) time.Duration {
	start, ok := c.Locals(startKey).(time.Time)
	if !ok {
		return 0
	}
	return time.Since(start)
}

// observe writes the answer's metrics and its line in the log.
func (s *Server) observe(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	record, t := s.record(c), tabOf(c)
	atEnd(c, func(status int) {
		t.answered(status)
		record(status)
	})
	return nil
}

// atEnd runs f when the request's answer has ended: with its stream, else now. f
// must touch nothing of c.
func atEnd(c *fiber.Ctx, f func(status int)) {
	if b, ok := c.Locals(streamKey).(streamed); ok {
		b.onEnd(f)
		return
	}
	f(c.Response().StatusCode())
}

// record gives what writes a request's metrics and its line in the log. It
// keeps nothing of c.
func (s *Server) record(c *fiber.Ctx) func(status int) {
	id, method, route, ip, start := requestID(c), c.Method(), c.Route().Path, s.clientIP(c).String(), time.Now().Add(-elapsed(c))
	cached := string(c.Response().Header.Peek(headerCache))
	if route == "/" {
		route = "other" // a path of the caller's making is no label
	}
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/metrics" {
		level = slog.LevelDebug
	}
	return func(status int) {
		took := time.Since(start)
		s.c.Metrics.request(route, status, took)
		s.c.Log.Log(context.Background(), level, "request", "request_id", id, "method", method, "route", route,
			"status", status, "ms", took.Milliseconds(), "ip", ip, "cache", cached)
	}
}

// guard turns a panic into a 500 and a line in the log.
func (s *Server) guard(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.c.Log.Error("a handler panicked", "request_id", requestID(c), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = &problem{code: "internal", cause: fmt.Errorf("panic: %v", r)}
		}
	}()
	return c.Next()
}

// enter takes a place among the requests at work; leave gives it up.
func (s *Server) enter(c *fiber.Ctx) (leave func(), err error) {
	if s.draining.Load() {
		return nil, s.refuse(c, &problem{code: draining})
	}
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	default:
		return nil, s.refuse(c, &problem{code: overloaded, detail: fmt.Sprintf("%d requests are at work, the most that are allowed; ask again", s.c.MaxRequests)})
	}
}

// admit runs a handler within the number of requests at work. The body is read
// after that, so that the number bounds the bodies in memory too.
func (s *Server) admit(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		leave, err := s.enter(c)
		if err != nil {
			return err
		}
		defer atEnd(c, func(int) { leave() })
		if err := s.readBody(c); err != nil {
			return err
		}
		return s.idempotent(c, h)
	}
}

// work admits to a handler that may call a model: with the request's whole
// time, and cancelled when its caller has gone.
func (s *Server) work(h func(ctx context.Context, c *fiber.Ctx) error) fiber.Handler {
	return s.admit(func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
		defer atEnd(c, func(int) { cancel() })
		if s.c.CancelOnDisconnect { // a stream looks after its own reader
			stop := watch(c.Context().Conn(), cancel)
			defer stop()
		}
		err := s.stopped(h(tabOf(c).billed(ctx), c))
		if err != nil && problemOf(err).code == draining {
			c.Context().SetConnectionClose()
		}
		return err
	})
}

// stopped tells a work that ended with the server from one whose caller has
// gone.
func (s *Server) stopped(err error) error {
	if err != nil && s.root.Err() != nil && problemOf(err).code == gateway.Canceled {
		return &problem{code: draining, cause: err}
	}
	return err
}
