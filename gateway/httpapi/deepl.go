package httpapi

import (
	"cmp"

	"github.com/gofiber/fiber/v2"
)

func (s *Server) deeplRoutes(a *fiber.App) {}

// deeplError is DeepL's form of an error.
func (s *Server) deeplError(c *fiber.Ctx, p *problem, k kind) error {
	c.Status(k.status)
	return send(c, map[string]string{"message": cmp.Or(p.detail, k.title)})
}
