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
	if kindOfPath(route) == "" {
		route = "other" // a path of the caller's making is no label
	}
	s.c.Metrics.request(route, status, took)
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/metrics" {
		level = slog.LevelDebug
	}
	s.c.Log.Log(c.Context(), level, "request", "request_id", requestID(c), "method", c.Method(), "route", route,
		"status", status, "ms", took.Milliseconds(), "ip", c.IP(), "cache", string(c.Response().Header.Peek(headerCache)))
	return nil
}

// kindOfPath is a route's path when it is one of ours that names an endpoint.
func kindOfPath(path string) string {
	if path == "/" || path == "" {
		return ""
	}
	return path
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

// work runs a handler that may call a model: within the number of requests at
// work, with the request's whole time, and cancelled when its caller has gone.
func (s *Server) work(h func(ctx context.Context, c *fiber.Ctx) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if s.draining.Load() {
			return &problem{code: draining}
		}
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			return &problem{code: overloaded, detail: fmt.Sprintf("%d requests are at work, the most that are allowed; ask again", s.c.MaxRequests)}
		}
		ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
		defer cancel()
		if s.c.CancelOnDisconnect {
			stop := watch(c.Context().Conn(), cancel)
			defer stop()
		}
		return h(ctx, c)
	}
}
