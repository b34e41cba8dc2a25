package httpapi

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// How much of a refused body is still read so that its sender can see the
// answer: closing on unread bytes would reset the connection under it.
const (
	drainBytes = 32 << 20
	drainTime  = 2 * time.Second
)

// declaredTooLarge marks a request whose declared length is over the limit.
// The header hook sets it, so that the answer goes out before any of the body
// has come, also to a client that waits for "100 Continue".
const declaredTooLarge = "X-Dubhashi-Declared-Too-Large"

// headerIn runs when a request's header is in and nothing of its body.
func (s *Server) headerIn(h *fasthttp.RequestHeader) (c fasthttp.RequestConfig) {
	if !slices.Contains(fiber.DefaultMethods, string(h.Method())) {
		// Fiber answers a method it does not know by itself, in plain text. No
		// route has TRACE, so that its answer is the one that is due: 404 or 405.
		h.SetMethod(fiber.MethodTrace)
	}
	h.Del(declaredTooLarge)
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	if h.ContentLength() > s.bodyLimit(path) {
		h.Set(declaredTooLarge, "1")
		h.Del(fiber.HeaderExpect)
		h.SetContentLength(0)
	}
	return c
}

type localsKey string

const bodyKey localsKey = "body"

// takeBody is the only reader of a request's body: it stops at the limit.
func (s *Server) takeBody(c *fiber.Ctx, to io.Writer) error {
	limit := s.bodyLimit(c.Path())
	tooLong := &problem{code: tooLarge, unread: true, detail: "the body is larger than the " + size(limit) + " allowed"}
	switch { // bodies in memory are many; a long one is for callers who are known
	case len(s.c.Keys) > 0 && tabOf(c) == nil && limit > s.c.MaxBody:
		limit = s.c.MaxBody
		tooLong.detail = "the body is larger than the " + size(limit) + " allowed without a key in the Authorization header"
	case limit == s.c.MaxBody:
		tooLong.detail += "; send a shorter article, or raise DUBHASHI_MAX_BODY"
	}
	if c.Get(declaredTooLarge) != "" {
		return tooLong
	}
	r := c.Context().RequestBodyStream()
	if r == nil {
		return nil
	}
	s.conns.set(c.Context().Conn(), sending)
	defer s.conns.set(c.Context().Conn(), working)
	n, err := io.Copy(to, io.LimitReader(r, int64(limit)+1))
	if n > int64(limit) {
		return tooLong
	}
	if err == nil {
		return nil
	}
	c.Context().SetConnectionClose() // what follows on it can not be told from the body
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		if s.draining.Load() {
			return &problem{code: draining} // Shutdown ended its time
		}
		return &problem{code: requestTimeout, detail: "the body did not come in time"}
	}
	return &problem{code: malformed, detail: "the body ended before its declared length, or its chunks are broken"}
}

// readBody keeps the body for the handler.
func (s *Server) readBody(c *fiber.Ctx) error {
	var b bytes.Buffer
	if err := s.takeBody(c, &b); err != nil {
		return err
	}
	c.Locals(bodyKey, b.Bytes())
	return nil
}

// skipBody is for the routes that have no use for a body.
func (s *Server) skipBody(c *fiber.Ctx) error {
	if err := s.takeBody(c, io.Discard); err != nil {
		return err
	}
	return c.Next()
}

func body(c *fiber.Ctx) []byte {
	b, _ := c.Locals(bodyKey).([]byte)
	return b
}

// smallBody is cheaper to read than a new connection is to make.
const smallBody = 8 << 10

// refuse is p for a request whose body has not been read: a small one is now,
// another one is drained behind the answer.
func (s *Server) refuse(c *fiber.Ctx, p *problem) error {
	const chunked = -1 // any other number below 0 is of a request without a body
	if n := c.Request().Header.ContentLength(); n != chunked && n <= smallBody && c.Get(declaredTooLarge) == "" {
		if err := s.takeBody(c, io.Discard); err != nil {
			return err
		}
		return p
	}
	p.unread = true
	return p
}

// sendAndDrain sends the answer at once, then drains a bounded part of what
// the client goes on sending and closes.
func sendAndDrain(c *fiber.Ctx) error {
	answer, err := lastAnswer(c)
	if err != nil {
		return err
	}
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		if u, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
			drain(conn, u.UnsafeConn(), answer)
			return
		}
		drain(conn, conn, answer)
	})
	return nil
}

// sendAndDrainUnread is sendAndDrain for a request whose header fasthttp gave up
// reading. There is no hijacking then: fasthttp writes the answer once more, to a
// connection that takes no more, and closes it.
func sendAndDrainUnread(c *fiber.Ctx) error {
	answer, err := lastAnswer(c)
	if err != nil {
		return err
	}
	drain(c.Context().Conn(), c.Context().Conn(), answer)
	return nil
}

// lastAnswer is the answer as it goes over the connection, its last one.
func lastAnswer(c *fiber.Ctx) ([]byte, error) {
	c.Response().Header.SetConnectionClose()
	c.Response().SkipBody = c.Method() == fiber.MethodHead
	var answer bytes.Buffer
	w := bufio.NewWriter(&answer)
	if err := c.Response().Write(w); err != nil {
		return nil, err
	}
	_ = w.Flush() // into memory
	return answer.Bytes(), nil
}

// drain writes the answer and reads on: to close a connection that has unread
// bytes resets it, and the client might never see the answer. raw is what is
// under conn.
func drain(conn, raw net.Conn, answer []byte) {
	_ = conn.SetDeadline(time.Now().Add(drainTime))
	if _, err := conn.Write(answer); err != nil {
		return
	}
	if t, ok := raw.(interface{ CloseWrite() error }); ok {
		_ = t.CloseWrite()
	}
	_, _ = io.CopyN(io.Discard, conn, drainBytes)
}
