package httpapi

import (
	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway/api"
)

// health: the process lives.
func (s *Server) health(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok"}) }

// ready: the gateway can do its job, perhaps slower and dearer.
func (s *Server) ready(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	status := s.c.Gateway.Status()
	out := api.Ready{Status: "ready", Down: status.Down}
	code := fiber.StatusOK
	switch {
	case s.draining.Load():
		out.Status, code = "draining", fiber.StatusServiceUnavailable
	case !status.Usable:
		out.Status, code = "unavailable", fiber.StatusServiceUnavailable
	case len(status.Down) > 0:
		out.Status = "degraded"
	}
	return c.Status(code).JSON(out)
}
