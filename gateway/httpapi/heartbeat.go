package httpapi

import (
	"context"

	"github.com/gofiber/fiber/v2"
)

// patient admits a handler of a surface whose clients hang up after 5 to 10 s
// and ask again: the work goes on without them, and once it has taken a while
// the answer begins with white space. See API.md, "Caller gone" and "Heartbeat".
//
// h decodes the request and gives the work; the work gives the status and the
// JSON of the answer, and touches nothing of c, which may be gone by then.
func (s *Server) patient(h func(c *fiber.Ctx) (work func(ctx context.Context) (body []byte, err error), err error)) fiber.Handler {
	return s.admit(func(c *fiber.Ctx) error {
		work, err := h(c)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
		defer cancel()
		b, err := work(ctx)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
		return c.Send(b)
	})
}
