package httpapi

import (
	"cmp"

	"github.com/gofiber/fiber/v2"
)

func (s *Server) libreRoutes(a *fiber.App) {}

// libreError is LibreTranslate's form of an error.
func (s *Server) libreError(c *fiber.Ctx, p *problem, k kind) error {
	c.Status(k.status)
	return send(c, map[string]string{"error": cmp.Or(p.detail, k.title)})
}
