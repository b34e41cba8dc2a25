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

	idKey    localsKey = "id"
	startKey localsKey = "start"
)

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
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
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
	route, status, took := c.Route().Path, c.Response().StatusCode(), elapsed(c)
	if route == "/" {
		route = "other" // a path of the caller's making is no label
	}
	s.c.Metrics.request(route, status, took)
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/metrics" {
		level = slog.LevelDebug
	}
	s.c.Log.Log(c.Context(), level, "request", "request_id", requestID(c), "method", c.Method(), "route", route,
		"status", status, "ms", took.Milliseconds(), "ip", s.clientIP(c).String(), "cache", string(c.Response().Header.Peek(headerCache)))
	return nil
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

// admit runs a handler within the number of requests at work. The body is read
// after that, so that the number bounds the bodies in memory too.
func (s *Server) admit(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if s.draining.Load() {
			return s.refuse(c, &problem{code: draining})
		}
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			return s.refuse(c, &problem{code: overloaded, detail: fmt.Sprintf("%d requests are at work, the most that are allowed; ask again", s.c.MaxRequests)})
		}
		if err := s.readBody(c); err != nil {
			return err
		}
		return h(c)
	}
}

// work admits to a handler that may call a model: with the request's whole
// time, and cancelled when its caller has gone.
func (s *Server) work(h func(ctx context.Context, c *fiber.Ctx) error) fiber.Handler {
	return s.admit(func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
		defer cancel()
		if s.c.CancelOnDisconnect {
			stop := watch(c.Context().Conn(), cancel)
			defer stop()
		}
		err := h(ctx, c)
		if err != nil && s.root.Err() != nil && problemOf(err).code == gateway.Canceled {
			c.Context().SetConnectionClose()
			return &problem{code: draining, cause: err} // it is not the caller who has gone
		}
		return err
	})
}
