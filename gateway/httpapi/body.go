package httpapi

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
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

// refuseDeclared runs when a request's header is in and nothing of its body.
func (s *Server) refuseDeclared(h *fasthttp.RequestHeader) (c fasthttp.RequestConfig) {
	h.Del(declaredTooLarge)
	if h.ContentLength() > s.c.MaxBody {
		h.Set(declaredTooLarge, "1")
		h.Del(fiber.HeaderExpect)
		h.SetContentLength(0)
	}
	return c
}

type localsKey string

const bodyKey localsKey = "body"

// readBody is the only reader of a request's body: it stops at the limit.
func (s *Server) readBody(c *fiber.Ctx) error {
	if c.Get(declaredTooLarge) != "" {
		return s.tooLarge(c)
	}
	var body []byte
	if r := c.Context().RequestBodyStream(); r != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r, int64(s.c.MaxBody)+1))
		if len(body) > s.c.MaxBody {
			return s.tooLarge(c)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			c.Context().SetConnectionClose() // what follows on it can not be told from the body
			return &problem{code: malformed, detail: "the body ended before its declared length, or its chunks are broken"}
		}
	}
	c.Locals(bodyKey, body)
	return c.Next()
}

func body(c *fiber.Ctx) []byte {
	b, _ := c.Locals(bodyKey).([]byte)
	return b
}

// tooLarge answers 413 at once, then drains a bounded part of what the client
// goes on sending and closes.
func (s *Server) tooLarge(c *fiber.Ctx) error {
	p := &problem{code: tooLarge, detail: "the body is larger than the " + size(s.c.MaxBody) + " allowed; send a shorter article, or raise DUBHASHI_MAX_BODY"}
	if err := s.fail(c, p); err != nil {
		return err
	}
	c.Response().Header.SetConnectionClose()
	var answer bytes.Buffer
	w := bufio.NewWriter(&answer)
	if err := c.Response().Write(w); err != nil {
		return err
	}
	_ = w.Flush() // into memory
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		_ = conn.SetDeadline(time.Now().Add(drainTime))
		if _, err := conn.Write(answer.Bytes()); err != nil {
			return
		}
		if u, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
			if t, ok := u.UnsafeConn().(interface{ CloseWrite() error }); ok {
				_ = t.CloseWrite()
			}
		}
		_, _ = io.CopyN(io.Discard, conn, drainBytes)
	})
	return nil
}
